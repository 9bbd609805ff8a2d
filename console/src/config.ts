/** What the server tells the page in config.json. */
export interface ConsoleConfig {
  endpoint: string;
  /** Empty in production. */
  sampleSignIns: SampleSignIn[];
  networks: { code: string; name: string }[];
  examples: Example[];
}

/** An account of the sample data that may be used by choosing it. */
export interface SampleSignIn {
  identifier: string;
  password: string;
  displayName: string;
  role: string;
  organization: string;
  /** What it is a sample of, in English. */
  note: string;
}

/** An operation to start from. */
export interface Example {
  /** The document's name, and the operation's in it. */
  operation: string;
  title: string;
  titleZh: string;
  /** Whether it is among the tabs that the page opens with. */
  tab: boolean;
  query: string;
  variables: Record<string, unknown>;
  /** A query that finds what the example is about, and where in the variables to put what of its answer. */
  lookup: string | null;
  take: Record<string, string>;
}

/** Reads config.json. @throws when there is none to be had */
export async function readConfig(): Promise<ConsoleConfig> {
  const response = await fetch(new URL('./config.json', import.meta.url), { headers: { accept: 'application/json' } });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  const { endpoint, sampleSignIns, networks, examples } = (await response.json()) as Partial<ConsoleConfig>;
  return {
    endpoint: endpoint ?? '/graphql',
    sampleSignIns: sampleSignIns ?? [],
    networks: networks ?? [],
    examples: examples ?? [],
  };
}
