import type { DataSource } from 'typeorm';
import { prepareJobs } from '../events/jobs-schema';
import { OperatorError } from '../operator-error';
import { createDataSource } from './data-source';

/** The advisory lock that lets one process migrate or seed at a time; the number is arbitrary but fixed. */
const SETUP_LOCK = 7_266_171;

/** The database was migrated by a newer version of the code. */
export class DatabaseTooNew extends OperatorError {}

/** The name of the role in a database URL. */
export const roleOf = (url: string): string => decodeURIComponent(new URL(url).username);

/** A data source of the owner, for migrations and seeds; the application role's name reaches them as a setting. */
export const ownerDataSource = (ownerUrl: string, applicationRole: string, entities: Function[] = []): Promise<DataSource> => // eslint-disable-line @typescript-eslint/no-unsafe-function-type -- the type TypeORM takes
  createDataSource({
    url: ownerUrl,
    poolSize: 4,
    waitMs: 5_000,
    name: 'youth-network-setup',
    entities,
    settings: { 'youth.application_role': applicationRole },
  }).initialize();

/** Does something to the database as a whole, such as migrating it, one process at a time. */
export async function alone<Result>(owner: DataSource, work: () => Promise<Result>): Promise<Result> {
  const lock = owner.createQueryRunner();
  try {
    await lock.query('SELECT pg_advisory_lock($1)', [SETUP_LOCK]);
    return await work();
  } finally {
    await lock.query('SELECT pg_advisory_unlock($1)', [SETUP_LOCK]).catch(() => undefined);
    await lock.release();
  }
}

/**
 * Brings the database to this version of the code.
 * @returns the names of the migrations that were run
 * @throws DatabaseTooNew when the database knows migrations that the code does not
 */
export const migrate = (owner: DataSource): Promise<string[]> =>
  alone(owner, async () => {
    refuseNewer(owner, await appliedMigrations(owner));
    await prepareJobs(owner);
    const done = await owner.runMigrations();
    return done.map((migration) => migration.name);
  });

/** Takes the last migration back. @returns its name, or null when there was none */
export const migrateDown = (owner: DataSource): Promise<string | null> =>
  alone(owner, async () => {
    const applied = await appliedMigrations(owner);
    refuseNewer(owner, applied);
    if (applied.length) await owner.undoLastMigration();
    return applied.at(-1) ?? null;
  });

async function appliedMigrations(owner: DataSource): Promise<string[]> {
  const [{ exists }] = await owner.query<[{ exists: boolean }]>(`SELECT to_regclass('migrations') IS NOT NULL AS exists`);
  if (!exists) return [];
  const rows = await owner.query<{ name: string }[]>('SELECT name FROM migrations ORDER BY id');
  return rows.map(({ name }) => name);
}

/** The migrations of the code, oldest first. */
export const knownMigrations = (source: DataSource): string[] => source.migrations.map((migration) => migration.constructor.name);

/** @throws DatabaseTooNew naming the migrations that the code does not know */
export function refuseNewer(source: DataSource, applied: readonly string[]): void {
  const known = new Set(knownMigrations(source));
  const unknown = applied.filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new DatabaseTooNew(
      `The database is newer than this version of the code (it has ${unknown.join(', ')}): install the newer version, or use another DATA_DIR or DATABASE_URL.`,
    );
  }
}
