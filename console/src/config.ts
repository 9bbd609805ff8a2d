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
  label: string;
  labelZh: string;
  identifier: string;
  password: string;
}

/** An operation to start from. */
export interface Example {
  name: string;
  title: string;
  query: string;
  /** JSON text. */
  variables: string | null;
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
