import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { Client } from 'pg';
import { migrate, ownerDataSource, roleOf, seedScale, startEmbeddedPostgres } from './built.ts';
import { BOOKED_RESOURCES, bookedIn, fillBookings, type BusyName } from './booked.ts';
import { postgraphileObjects } from './postgraphile-objects.ts';

/** For measuring: everything stays in memory, and nothing is written while requests are timed. */
const SETTINGS = { shared_buffers: '1GB', random_page_cost: '1.1', max_wal_size: '4GB', fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' };

/** What the data of a measured database follow from: it is made anew when any of it was changed. */
function fingerprint(): string {
  const hash = createHash('sha256').update(readFileSync(new URL('./booked.ts', import.meta.url)));
  const seeds = new URL('../seeds/', import.meta.url);
  for (const file of readdirSync(seeds).sort()) if (/\.(ts|yaml)$/.test(file)) hash.update(readFileSync(new URL(file, seeds)));
  return hash.digest('hex');
}

/** Members of the staff of partner organizations: of any one, and of the one to which the hub grants 0.2 % of all resources. */
export type AskerName = 'partner' | 'grantee';
const ASKERS: Readonly<Record<AskerName, string>> = { partner: 'zheng-university-a.2', grantee: 'zheng-university-a.1' };
/** Reads every resource that is not private. */
const COMMITTEE = 'committee';

/** Who asks, and how much they may read. */
export interface Asker {
  userId: string;
  membershipId: string;
  networkId: string;
  organizationId: string;
  role: string;
  sessionId: string;
  readable: number;
  /** Names that they answer to: the own organization, contracts and grants in force, and the like. */
  names: number;
}

/** A database with so many resources in one network. */
export interface Measured {
  rows: number;
  applicationUrl: string;
  askers: Readonly<Record<AskerName, Asker>>;
}

/** A database with so many bookings of the resources of one network. */
export interface Booked {
  bookings: number;
  applicationUrl: string;
  partner: Asker;
  committee: Asker;
  /** Resources that the partner may book at any time. */
  bookable: string[];
  /** From when on nothing of them is booked. */
  free: Date;
  /** Resources with so many bookings in the month that availability is asked for. */
  busy: Readonly<Record<BusyName, { id: string; bookings: number }>>;
}

export interface Cluster {
  version: string;
  settings: Record<string, string>;
  stop: () => Promise<void>;
  database: (rows: number) => Promise<Measured>;
  bookings: (bookings: number) => Promise<Booked>;
}

const on = (url: string, database: string): string => Object.assign(new URL(url), { pathname: `/${database}` }).toString();

async function using<Result>(url: string, work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The embedded server of the bench's own folder, and a database for each size, made where it is missing. */
export async function openCluster(directory: string, log: (line: string) => void): Promise<Cluster> {
  const server = await startEmbeddedPostgres({ directory, settings: SETTINGS, log });
  const urlsOf = (database: string): Urls => ({
    superuserUrl: on(server.superuserUrl, database), ownerUrl: on(server.ownerUrl, database), applicationUrl: on(server.applicationUrl, database),
  });
  const shown = await using(server.superuserUrl, (client) => client.query<{ server_version: string }>('SHOW server_version'));
  return {
    version: shown.rows[0]!.server_version,
    settings: SETTINGS,
    stop: () => server.stop(),
    database: async (rows) => {
      const urls = urlsOf(`resources_${rows}`);
      await makeDatabase(server.superuserUrl, urls, rows, log);
      const asker = (name: AskerName) => askerIn(urls.superuserUrl, `${ASKERS[name]}@resources-${rows}.example`);
      return { rows, applicationUrl: urls.applicationUrl, askers: { partner: await asker('partner'), grantee: await asker('grantee') } };
    },
    bookings: async (bookings) => {
      const urls = urlsOf(`bookings_${bookings}`);
      await makeDatabase(server.superuserUrl, urls, BOOKED_RESOURCES, log, (client) => fillBookings(client, bookings, log));
      const asker = (name: string) => askerIn(urls.superuserUrl, `${name}@resources-${BOOKED_RESOURCES}.example`);
      return {
        bookings, applicationUrl: urls.applicationUrl, partner: await asker(ASKERS.partner), committee: await asker(COMMITTEE),
        ...(await using(urls.superuserUrl, bookedIn)),
      };
    },
  };
}

interface Urls {
  superuserUrl: string;
  ownerUrl: string;
  applicationUrl: string;
}

async function makeDatabase(maintenanceUrl: string, urls: Urls, rows: number, log: (line: string) => void, more?: (superuser: Client) => Promise<void>): Promise<void> {
  const name = new URL(urls.ownerUrl).pathname.slice(1);
  const role = roleOf(urls.applicationUrl);
  const made = fingerprint();
  const current = await using(maintenanceUrl, async (client) => {
    const { rows: [found] } = await client.query<{ mark: string | null }>(`SELECT shobj_description(oid, 'pg_database') AS mark FROM pg_database WHERE datname = $1`, [name]);
    if (found?.mark === made) return true;
    if (found) await client.query(`DROP DATABASE ${name}`);
    await client.query(`CREATE DATABASE ${name} OWNER ${new URL(urls.ownerUrl).username}`);
    return false;
  });
  await bringUpToDate(urls.ownerUrl, role);
  if (!current) {
    await fill(urls, rows, log);
    if (more) await using(urls.superuserUrl, more);
  }
  await using(urls.ownerUrl, (client) => client.query(postgraphileObjects(role)));
  await using(maintenanceUrl, (client) => client.query(`COMMENT ON DATABASE ${name} IS '${made}'`));
}

/** Runs the migrations that have come since. */
async function bringUpToDate(ownerUrl: string, role: string): Promise<void> {
  const owner = await ownerDataSource(ownerUrl, role, []);
  try {
    await migrate(owner);
  } finally {
    await owner.destroy();
  }
}

async function fill(urls: Urls, rows: number, log: (line: string) => void): Promise<void> {
  await seedScale({ ownerUrl: urls.ownerUrl, amount: { resources: rows }, log });
  await using(urls.superuserUrl, async (client) => {
    // A server in production refuses a database that holds sample accounts; nobody but the bench can reach this one.
    await client.query('UPDATE networks SET sample = NULL');
  });
}

/** Signs somebody in, by e-mail. */
async function askerIn(superuserUrl: string, email: string): Promise<Asker> {
  return using(superuserUrl, async (client) => {
    const { rows } = await client.query<Omit<Asker, 'readable' | 'names'>>(
      `SELECT u.id AS "userId", m.id AS "membershipId", m.network_id AS "networkId", m.organization_id AS "organizationId", m.role, gen_random_uuid() AS "sessionId"
       FROM users u JOIN memberships m ON m.user_id = u.id WHERE u.email = $1 AND m.status = 'ACTIVE'`,
      [email],
    );
    const asker = rows[0];
    if (!asker) throw new Error(`the scale seed has nobody called ${email}`);
    await client.query('INSERT INTO sessions (id, user_id, network_id, membership_id) VALUES ($1, $2, $3, $4)', [asker.sessionId, asker.userId, asker.networkId, asker.membershipId]);
    await client.query('BEGIN');
    await client.query('SELECT app.begin_session($1, $2, NULL, $3, $4, NULL)', [asker.sessionId, asker.userId, asker.membershipId, asker.role]);
    const counted = await client.query<{ readable: number; names: number }>(
      `SELECT count(*)::int AS readable, cardinality(app.principals()) AS names FROM resources t WHERE t.network_id = app.network_id() AND t.readers && app.principals()`,
    );
    await client.query('COMMIT');
    return { ...asker, ...counted.rows[0]! };
  });
}
