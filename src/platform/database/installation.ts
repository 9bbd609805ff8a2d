import type { DataSource } from 'typeorm';
import { OperatorError } from '../operator-error';
import { knownMigrations, refuseNewer, roleOf } from './migrate';

/** The oldest PostgreSQL that has what the migrations use. */
const OLDEST_POSTGRES = 15;

/** Connects a data source. @throws OperatorError when the server cannot be reached or is too old */
export async function connected(opening: Promise<DataSource>, url: string): Promise<DataSource> {
  const source = await opening.catch((error: unknown) => {
    throw explained(error, url) ?? error;
  });
  const [{ number }] = await source.query<[{ number: number }]>(`SELECT current_setting('server_version_num')::int AS number`);
  if (number >= OLDEST_POSTGRES * 10_000) return source;
  await source.destroy();
  throw new OperatorError(`The PostgreSQL server at ${placeOf(url)} is version ${Math.floor(number / 10_000)}: version ${OLDEST_POSTGRES} or later is needed.`);
}

const placeOf = (url: string): string => {
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}:${port || 5432}${pathname}`;
};

function explained(error: unknown, url: string): OperatorError | null {
  const { code, message } = error as { code?: string; message?: string };
  if (code === undefined) return null;
  const place = placeOf(url);
  if (code === '28P01' || code === '28000') return new OperatorError(`PostgreSQL at ${place} refuses the role ${roleOf(url)}: check the user and password in its URL.`);
  if (code === '3D000') return new OperatorError(`PostgreSQL at ${place} has no such database: create it, or check the URL.`);
  if (/^E[A-Z_]+$|^57P0|^53/.test(code)) return new OperatorError(`PostgreSQL at ${place} does not answer (${code}): start it, or check the URL.`);
  return new OperatorError(`PostgreSQL at ${place} cannot be used: ${message}`);
}

/** What a database says of itself. */
export interface Installation {
  /** Whether it holds the sample networks, whose passwords everybody knows; STARTED: their making was interrupted. */
  sample: 'STARTED' | 'COMPLETE' | null;
}

/**
 * Looks whether a process of this version may serve from a database.
 * @param application connected as the application role
 * @throws OperatorError when it is of another version, or the role could step around the policies
 */
export async function inspect(application: DataSource): Promise<Installation> {
  const [role] = await application.query<[{ name: string; free: boolean; owner: boolean }]>(
    `SELECT rolname AS name, rolsuper OR rolbypassrls AS free,
       EXISTS (SELECT FROM pg_namespace WHERE nspname = 'app' AND pg_has_role(current_user, nspowner, 'MEMBER')) AS owner
     FROM pg_roles WHERE rolname = current_user`,
  );
  if (role.free || role.owner) {
    const why = role.free ? 'is a superuser or bypasses row security' : 'owns the tables';
    throw new OperatorError(`The role ${role.name} of DATABASE_URL ${why}, so nothing would hold the networks apart: use a role without rights of its own.`);
  }
  const [found] = await application
    .query<[{ migrations: string[]; sample: Installation['sample'] }]>('SELECT migrations, sample FROM app.installation()')
    .catch((error: { driverError?: { code?: string } }) => {
      const { code = '' } = error.driverError ?? {};
      if (code === '42501') {
        throw new OperatorError(`The role ${role.name} of DATABASE_URL is not the one that the database was migrated for: use that one.`);
      }
      // No such schema, no such function.
      if (code === '3F000' || code === '42883') return [null];
      throw error;
    });
  if (found) refuseNewer(application, found.migrations);
  const missing = knownMigrations(application).filter((name) => !found?.migrations.includes(name));
  if (!found || missing.length > 0) {
    throw new OperatorError(`The database is not at this version of the code (it lacks ${found ? missing.join(', ') : 'all migrations'}): run npm run migrate.`);
  }
  return { sample: found.sample };
}
