import type { DataSource } from 'typeorm';
import { createDataSource } from './data-source';

/** The advisory lock that lets one process migrate at a time; the number is arbitrary but fixed. */
const MIGRATION_LOCK = 7_266_171;

/** The database was migrated by a newer version of the code. */
export class DatabaseTooNew extends Error {}

/** A data source of the owner, for migrations; the application role's name reaches them as a setting. */
export async function ownerDataSource(ownerUrl: string, applicationRole: string): Promise<DataSource> {
  const source = createDataSource({
    url: ownerUrl,
    poolSize: 2,
    waitMs: 5_000,
    name: 'youth-network-migrate',
    settings: { 'youth.application_role': applicationRole },
  });
  return source.initialize();
}

/** The name of the role in a database URL. */
export const roleOf = (url: string): string => decodeURIComponent(new URL(url).username);

/**
 * Brings the database to this version of the code, one process at a time.
 * @returns the names of the migrations that were run
 * @throws DatabaseTooNew when the database knows migrations that the code does not
 */
export async function migrate(owner: DataSource): Promise<string[]> {
  const lock = owner.createQueryRunner();
  try {
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await refuseNewer(owner, lock.query.bind(lock));
    const done = await owner.runMigrations();
    return done.map((migration) => migration.name);
  } finally {
    await lock.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    await lock.release();
  }
}

async function refuseNewer(owner: DataSource, query: (sql: string) => Promise<unknown>): Promise<void> {
  const [{ exists }] = (await query(`SELECT to_regclass('migrations') IS NOT NULL AS exists`)) as [{ exists: boolean }];
  if (!exists) return;
  const known = new Set(owner.migrations.map((migration) => migration.constructor.name));
  const applied = (await query('SELECT name FROM migrations ORDER BY id')) as { name: string }[];
  const unknown = applied.filter(({ name }) => !known.has(name));
  if (unknown.length > 0) {
    throw new DatabaseTooNew(
      `The database is newer than this version of the code (it has ${unknown.map(({ name }) => name).join(', ')}): install the newer version, or use another DATA_DIR or DATABASE_URL.`,
    );
  }
}
