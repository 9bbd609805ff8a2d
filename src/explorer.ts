import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import type { Config } from './config';
import type { ConsoleParts } from './platform/http/console';

/** The folder of package.json, from the sources and from dist alike. */
const root = [join(__dirname, '..'), join(__dirname, '../..')].find((folder) => existsSync(join(folder, 'package.json')))!;

/** The documents that README, tests and clients use, and examples.json, which lists them for the explorer. */
export const operationsFolder = join(root, 'schema/operations');

/** An account of the sample networks that the explorer signs in at a click. */
export interface SampleSignIn {
  identifier: string;
  password: string;
  displayName: string;
  role: string;
  organization: string;
  /** What it is a sample of. */
  note: string;
}

const listed = z.array(
  z.strictObject({
    /** The document's file, and the operation in it. */
    operation: z.string(),
    title: z.string(),
    titleZh: z.string(),
    /** Whether it is among the tabs that the page opens with. */
    tab: z.boolean().default(false),
    variables: z.record(z.string(), z.unknown()).default({}),
    /** A query asked by whoever opens the example, and where in the variables to put what of its answer. */
    lookup: z.string().nullable().default(null),
    take: z.record(z.string(), z.string()).default({}),
  }),
);

/** An operation to start from. */
export type Example = z.infer<typeof listed>[number] & { query: string };

/** The examples in their order. @throws Error when the list is not of its form or names a document that is not there */
export const readExamples = (): Example[] =>
  listed
    .parse(JSON.parse(readFileSync(join(operationsFolder, 'examples.json'), 'utf8')))
    .map((example) => ({ ...example, query: readFileSync(join(operationsFolder, `${example.operation}.graphql`), 'utf8') }));

/** The explorer page of an API, and what it starts from. */
export function explorer(config: Config, dataSource: DataSource, sampleSignIns: readonly SampleSignIn[]): ConsoleParts {
  const path = config.publicUrl ? new URL(config.publicUrl).pathname.replace(/\/$/, '') : '';
  const fixed = { endpoint: `${path}/graphql`, sampleSignIns: config.production ? [] : sampleSignIns, examples: readExamples() };
  return {
    directory: join(root, 'dist/console'),
    config: async () => ({
      ...fixed,
      networks: await dataSource.query<{ code: string; name: string }[]>('SELECT code, name FROM app.list_networks()'),
    }),
  };
}
