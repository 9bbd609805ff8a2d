import { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver';

/** The schema that the worker's library keeps jobs in. */
export const JOBS_SCHEMA = 'graphile_worker';
/** The last of the library's own migrations that this version of it has; a test compares them. */
export const JOBS_SCHEMA_VERSION = 19;

/** The tables that the application role works on, as the worker; each row carries ids alone. */
const TABLES = ['_private_jobs', '_private_job_queues', '_private_tasks', '_private_known_crontabs'];

/**
 * Makes the schema of the jobs, or brings it to this version, and lets the application role work in it.
 * @param owner connected as the owner, who holds the lock of the set-up
 */
export async function prepareJobs(owner: DataSource): Promise<void> {
  const [{ exists }] = await owner.query<[{ exists: boolean }]>(`SELECT to_regclass('${JOBS_SCHEMA}.migrations') IS NOT NULL AS exists`);
  if (exists) {
    const [{ ready }] = await owner.query<[{ ready: boolean }]>(
      `SELECT max(id) >= $1 AND has_schema_privilege(current_setting('youth.application_role'), '${JOBS_SCHEMA}', 'USAGE') AS ready FROM ${JOBS_SCHEMA}.migrations`,
      [JOBS_SCHEMA_VERSION],
    );
    if (ready) return;
  }
  const { runMigrations, Logger } = await import('graphile-worker');
  const pgPool = new Pool({ connectionString: (owner.driver as PostgresDriver).options.url, max: 1 });
  pgPool.on('error', () => undefined).on('connect', (client) => client.on('error', () => undefined));
  try {
    await runMigrations({ pgPool, schema: JOBS_SCHEMA, logger: new Logger(() => () => undefined) });
  } finally {
    await pgPool.end();
  }
  await owner.query(`DO $$
    DECLARE t text; role text := current_setting('youth.application_role');
    BEGIN
      FOREACH t IN ARRAY ARRAY['${TABLES.join("', '")}'] LOOP
        EXECUTE format('DROP POLICY IF EXISTS working ON ${JOBS_SCHEMA}.%I', t);
        EXECUTE format('CREATE POLICY working ON ${JOBS_SCHEMA}.%I TO %I USING (true) WITH CHECK (true)', t, role);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ${JOBS_SCHEMA}.%I TO %I', t, role);
      END LOOP;
      EXECUTE format('GRANT SELECT ON ${JOBS_SCHEMA}.migrations, ${JOBS_SCHEMA}.jobs TO %I', role);
      EXECUTE format('GRANT USAGE ON SCHEMA ${JOBS_SCHEMA} TO %I', role);
    END $$`);
}
