import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Client, Pool } from 'pg';

/** Where the run's cluster is told of. */
export const CLUSTER_VARIABLE = 'YOUTH_NETWORK_TEST_CLUSTER';

/** The run's cluster, by the roles that tests need. */
export interface Cluster {
  superuserUrl: string;
  ownerUrl: string;
  applicationUrl: string;
}

export const cluster = (): Cluster => JSON.parse(readFileSync(process.env[CLUSTER_VARIABLE]!, 'utf8')) as Cluster;

/** A database of one's own, copied from the migrated one. */
export interface TestDatabase extends Cluster {
  /** Runs SQL as the superuser, whom no policy binds: for setting up and for looking behind the API. */
  sql: <Row extends object = Record<string, unknown>>(text: string, values?: unknown[]) => Promise<Row[]>;
  drop: () => Promise<void>;
}

const onDatabase = (url: string, name: string): string => Object.assign(new URL(url), { pathname: `/${name}` }).toString();

export async function createDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const roles = cluster();
  const administer = async (statement: string) => {
    const admin = new Client(onDatabase(roles.superuserUrl, 'postgres'));
    await admin.connect();
    await admin.query(statement).finally(() => admin.end());
  };
  const template = new URL(roles.superuserUrl).pathname.slice(1);
  await administer(`CREATE DATABASE ${name} TEMPLATE ${template} OWNER ${new URL(roles.ownerUrl).username}`);
  const pool = new Pool({ connectionString: onDatabase(roles.superuserUrl, name), max: 4 });
  pool.on('error', () => undefined);
  return {
    superuserUrl: onDatabase(roles.superuserUrl, name),
    ownerUrl: onDatabase(roles.ownerUrl, name),
    applicationUrl: onDatabase(roles.applicationUrl, name),
    sql: async <Row extends object>(text: string, values: unknown[] = []) => (await pool.query<Row & Record<string, unknown>>(text, values)).rows as Row[],
    drop: async () => {
      await pool.end();
      await administer(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}
