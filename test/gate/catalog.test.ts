import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, type PoolClient } from 'pg';
import type { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver';
import { readConfig } from '../../src/config';
import { applicationDataSource } from '../../src/setup';
import { TestApi } from '../support/api';
import { cluster, createDatabase, type TestDatabase } from '../support/cluster';
import type { Person, TestNetwork } from '../support/world';
import { faultsOf, readDoors, type Catalog } from './catalog';

jest.setTimeout(120_000);

const REQUESTS = Number(process.env.GATE_REQUESTS ?? 2_000);

const doors = readDoors(readFileSync(join(__dirname, '../../docs/doors.md'), 'utf8'));
const roleIn = (url: string) => decodeURIComponent(new URL(url).username);

let database: TestDatabase;
let catalog: Catalog;

beforeAll(async () => {
  database = await createDatabase();
  catalog = { sql: database.sql, owner: roleIn(database.ownerUrl), application: roleIn(database.applicationUrl), doors };
});
afterAll(() => database.drop());

test('the gate has no gap', async () => {
  expect(doors.functions.length).toBeGreaterThan(10);
  expect(await faultsOf(catalog)).toEqual([]);
});

describe('a gap is found', () => {
  const gaps: [what: string, breaking: string, named: RegExp][] = [
    ['a table without network_id', 'CREATE TABLE loose (id uuid PRIMARY KEY)', /^loose: without a network_id/],
    ['a network_id that may be null', 'CREATE TABLE loose (network_id uuid, id uuid PRIMARY KEY)', /^loose: without a network_id/],
    ['a table in another schema', 'CREATE SCHEMA side; CREATE TABLE side.loose (network_id uuid)', /^side\.loose: a table outside/],
    ['row security switched off', 'ALTER TABLE positions DISABLE ROW LEVEL SECURITY', /^positions: row security is not enabled/],
    ['row security not forced', 'ALTER TABLE contracts NO FORCE ROW LEVEL SECURITY', /^contracts: row security is not forced/],
    ['the same on a reference table', 'ALTER TABLE credentials NO FORCE ROW LEVEL SECURITY', /^credentials: row security is not forced/],
    ['a policy that is gone', 'DROP POLICY updating ON resources', /^resources\.updating: the policy is missing/],
    ['a policy that lets all through', 'ALTER POLICY reading ON resources USING (true)', /^resources\.reading: the policy is SELECT TO PUBLIC USING true/],
    ['a policy that forgets the network', 'ALTER POLICY inserting ON invitations WITH CHECK (writers && app.principals())', /^invitations\.inserting: the policy is/],
    ['a policy that takes readers for writers', 'ALTER POLICY deleting ON contract_clauses USING (network_id = app.network_id() AND readers && app.principals())', /^contract_clauses\.deleting: the policy is/],
    ['a second policy beside the right one', 'CREATE POLICY more ON resources FOR SELECT USING (true)', /^resources\.more: a policy that is not listed/],
    ['a policy of the application role', 'CREATE POLICY mine ON resources TO youth_app USING (true)', /^resources\.mine: a policy for others/],
    ['another policy of the owner', 'CREATE POLICY mending ON contracts FOR UPDATE TO CURRENT_USER USING (true)', /^contracts\.mending: a policy/],
    ['a policy of the owner on the log', 'CREATE POLICY mending ON audit_entries FOR DELETE TO youth_owner USING (true)', /^audit_entries\.mending: a policy of the owner that is not listed/],
    ['a policy with a subquery', 'ALTER POLICY reading ON contracts USING (EXISTS (SELECT FROM networks))', /^contracts\.reading: a policy with a subquery/],
    ['a reference table opened', 'CREATE POLICY opened ON users FOR SELECT USING (true)', /^users\.opened: a policy that is not listed/],
    ['a primary key without network_id', 'CREATE TABLE loose (network_id uuid NOT NULL, id uuid PRIMARY KEY)', /^loose: the primary key does not begin/],
    ['a primary key with it in the wrong place', 'CREATE TABLE loose (network_id uuid, id uuid, PRIMARY KEY (id, network_id))', /^loose: the primary key does not begin/],
    ['a unique index without it', 'CREATE UNIQUE INDEX contracts_numbered ON contracts (number)', /^contracts_numbered: a unique index/],
    ['a unique index that only includes it', 'CREATE UNIQUE INDEX contracts_numbered ON contracts (number) INCLUDE (network_id)', /^contracts_numbered: a unique index/],
    ['an exclusion constraint without it', 'ALTER TABLE contracts ADD CONSTRAINT apart EXCLUDE USING gist (number WITH =)', /^apart: an exclusion constraint/],
    ['an exclusion constraint that turns it round', 'ALTER TABLE contracts ADD CONSTRAINT apart EXCLUDE USING gist (network_id WITH <>, number WITH =)', /^apart: an exclusion constraint/],
    ['a foreign key without it', 'ALTER TABLE memberships ADD UNIQUE (id); ALTER TABLE invitations ADD CONSTRAINT pointing FOREIGN KEY (membership_id) REFERENCES memberships (id)', /^invitations\.pointing: a foreign key/],
    ['a foreign key across networks', 'ALTER TABLE contracts ADD COLUMN other uuid, ADD CONSTRAINT pointing FOREIGN KEY (other, drafted_by) REFERENCES organizations (network_id, id)', /^contracts\.pointing: a foreign key/],
    ['a foreign key into a network', 'ALTER TABLE sessions ADD CONSTRAINT pointing FOREIGN KEY (network_id, membership_id) REFERENCES memberships (network_id, id)', /^sessions\.pointing: a reference table refers/],
    ['a trigger', 'CREATE TRIGGER touching BEFORE UPDATE ON contracts FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()', /^contracts\.touching: a trigger/],
    ['a rewriting rule', 'CREATE RULE away AS ON DELETE TO contract_clauses DO INSTEAD NOTHING', /^contract_clauses\.away: a rule/],
    ['a view that reads as its owner', 'CREATE VIEW seen_through AS SELECT * FROM resources', /^seen_through: a view that reads as its owner/],
    ['a materialized view', 'CREATE MATERIALIZED VIEW copied AS SELECT * FROM resources', /^copied: a view that reads as its owner/],
    ['a list without its index', 'DROP INDEX resources_readers, resources_search', /^resources: no index serves/],
    ['a key without its index', 'DROP INDEX contract_clauses_by_contract', /^contract_clauses: no index serves/],
    ['readers that are written by hand', 'ALTER TABLE positions ALTER COLUMN readers DROP EXPRESSION', /^positions\.readers: not a uuid\[\]/],
    ['a table without writers', 'ALTER TABLE positions DROP COLUMN writers CASCADE', /^positions\.writers: not a uuid\[\]/],
    ['readers that change by themselves', 'ALTER FUNCTION app.resource_readers STABLE', /^resources\.readers: made by app\.resource_readers/],
    ['the same one call further', 'ALTER FUNCTION app.principal STABLE', /^resources\.readers: made by app\.principal,/],
    ['a wider privilege', 'GRANT DELETE ON resources TO youth_app', /^resources: youth_app may DELETE, INSERT, SELECT, UPDATE/],
    ['a privilege on a column', 'GRANT UPDATE (note) ON state_changes TO youth_app', /^state_changes: youth_app may .*UPDATE \(note\)/],
    ['a privilege on a reference table', 'GRANT SELECT ON credentials TO youth_app', /^credentials: youth_app may SELECT/],
    ['emptying a table', 'GRANT TRUNCATE ON contracts TO youth_app', /^contracts: youth_app may .*TRUNCATE/],
    ['passing privileges on', 'GRANT SELECT ON contracts TO youth_app WITH GRANT OPTION', /^contracts: youth_app may .*WITH GRANT OPTION/],
    ['a privilege of everybody', 'GRANT SELECT ON contracts TO PUBLIC', /^contracts: PUBLIC may SELECT/],
    ['a privilege that is lacking', 'REVOKE SELECT ON audit_entries FROM youth_app', /^audit_entries: the application role may nothing/],
    ['the migrations’ own table', 'GRANT SELECT ON migrations TO youth_app', /^migrations: youth_app may SELECT/],
    ['privileges on what is made later', 'ALTER DEFAULT PRIVILEGES FOR ROLE youth_owner IN SCHEMA public GRANT ALL ON TABLES TO youth_app', /^public: privileges given by default/],
    ['a schema to create in', 'GRANT CREATE ON SCHEMA app TO youth_app', /^app: youth_app has CREATE/],
    ['the public schema to create in', 'GRANT CREATE ON SCHEMA public TO PUBLIC', /^public: PUBLIC has CREATE/],
    ['a new door', `CREATE FUNCTION app.hatch() RETURNS integer LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS 'SELECT 1'`, /^app\.hatch: a function that works as the owner that is not listed/],
    ['a door in another schema', `CREATE FUNCTION public.hatch() RETURNS integer LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'`, /^public\.hatch: a function that works as the owner that is not listed/],
    ['a second door under the same name', `CREATE FUNCTION app.search() RETURNS integer LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS 'SELECT 1'`, /^app\.search: a door under a name/],
    ['a door that is documented and gone', 'DROP FUNCTION app.list_networks', /^app\.list_networks: a function that works as the owner that is listed but not there/],
    ['a door that works as the caller', 'ALTER FUNCTION app.find_network SECURITY INVOKER', /^app\.find_network: .* listed but not there/],
    ['a door without search_path', 'ALTER FUNCTION app.find_credential RESET search_path', /^app\.find_credential: without search_path/],
    ['a door that looks in temporary tables first', 'ALTER FUNCTION app.find_credential SET search_path = pg_temp, public', /^app\.find_credential: without search_path/],
    ['a door for everybody', 'GRANT EXECUTE ON FUNCTION app.find_credential TO PUBLIC', /^app\.find_credential: PUBLIC may call it/],
    ['a door for nobody', 'REVOKE EXECUTE ON FUNCTION app.find_credential FROM youth_app', /^app\.find_credential: the application role may not/],
    ['a door of a superuser', 'ALTER FUNCTION app.find_credential OWNER TO CURRENT_USER', /^app\.find_credential: owned by/],
    ['a new named door', `ALTER TABLE positions DROP COLUMN writers CASCADE, ADD COLUMN writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.door('hatch')]) STORED`, /^hatch: a named door that is not listed/],
    ['an application role without row security', 'ALTER ROLE youth_app BYPASSRLS', /^youth_app: the role has BYPASSRLS/],
    ['an application role that may be the owner', 'GRANT youth_owner TO youth_app', /^youth_app: the role is a member of youth_owner/],
    ['an owner without row security', 'ALTER ROLE youth_owner BYPASSRLS', /^youth_owner: the role has BYPASSRLS/],
    ['a table of somebody else', 'ALTER TABLE contracts OWNER TO CURRENT_USER', /^contracts: not owned by the owner/],
  ];

  beforeEach(() => database.sql('BEGIN'));
  afterEach(() => database.sql('ROLLBACK'));

  test.each(gaps)('%s', async (_what, breaking, named) => {
    await database.sql(breaking.replaceAll('youth_owner', catalog.owner).replaceAll('youth_app', catalog.application));
    const pattern = new RegExp(named.source.replaceAll('youth_owner', catalog.owner).replaceAll('youth_app', catalog.application));
    expect(await faultsOf(catalog)).toContainEqual(expect.stringMatching(pattern));
  });

  test('a door that the page does not name', async () => {
    const [first, ...others] = doors.functions;
    expect(await faultsOf({ ...catalog, doors: { ...doors, functions: others } })).toEqual([`${first}: a function that works as the owner that is not listed`]);
  });
});

describe('the application role', () => {
  let client: Client;

  beforeAll(async () => {
    await database.sql('CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.secrets (what text); CREATE TABLE public.plain (what text)');
    client = new Client(database.applicationUrl);
    await client.connect();
  });
  afterAll(() => client.end());

  const forbidden: [what: string, statement: string, code: string][] = [
    ['reads no passwords of roles', 'SELECT rolpassword FROM pg_authid', '42501'],
    ['reads no other schema', 'SELECT * FROM elsewhere.secrets', '42501'],
    ['reads no table that it was not given', 'SELECT * FROM plain', '42501'],
    ['reads no credentials', 'SELECT * FROM credentials', '42501'],
    ['reads no sessions', 'SELECT * FROM sessions', '42501'],
    ['reads no refresh tokens', 'SELECT * FROM refresh_tokens', '42501'],
    ['reads no list of migrations', 'SELECT * FROM migrations', '42501'],
    ['reads no head of the log', 'SELECT * FROM audit_heads', '42501'],
    ['writes no networks', `UPDATE networks SET name = 'x'`, '42501'],
    ['writes no users', `UPDATE users SET display_name = 'x'`, '42501'],
    ['adds nothing to the log by itself', `INSERT INTO audit_entries DEFAULT VALUES`, '42501'],
    ['changes nothing in the log', `UPDATE audit_entries SET action = 'x'`, '42501'],
    ['removes nothing from the log', 'DELETE FROM audit_entries', '42501'],
    ['removes no contracts', 'DELETE FROM contracts', '42501'],
    ['changes no history', `UPDATE state_changes SET to_status = 'x'`, '42501'],
    ['empties no table', 'TRUNCATE resources', '42501'],
    ['creates no table', 'CREATE TABLE public.mine (a integer)', '42501'],
    ['creates no table in the schema of the gate', 'CREATE TABLE app.mine (a integer)', '42501'],
    ['creates no schema', 'CREATE SCHEMA mine', '42501'],
    ['creates no function', `CREATE FUNCTION app.mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'`, '42501'],
    ['creates no extension', 'CREATE EXTENSION pg_stat_statements', '42501'],
    ['creates no role', 'CREATE ROLE mine SUPERUSER', '42501'],
    ['creates no database', 'CREATE DATABASE mine', '42501'],
    ['alters no table', 'ALTER TABLE contracts ADD COLUMN mine integer', '42501'],
    ['drops no table', 'DROP TABLE contracts', '42501'],
    ['switches row security off on no table', 'ALTER TABLE contracts DISABLE ROW LEVEL SECURITY', '42501'],
    ['takes force from no table', 'ALTER TABLE contracts NO FORCE ROW LEVEL SECURITY', '42501'],
    ['alters no policy', 'ALTER POLICY reading ON contracts USING (true)', '42501'],
    ['drops no policy', 'DROP POLICY reading ON contracts', '42501'],
    ['adds no policy', 'CREATE POLICY mine ON contracts USING (true)', '42501'],
    ['replaces no function of the gate', `CREATE OR REPLACE FUNCTION app.principals() RETURNS uuid[] LANGUAGE sql AS 'SELECT NULL::uuid[]'`, '42501'],
    ['alters no function of the gate', 'ALTER FUNCTION app.find_credential SECURITY INVOKER', '42501'],
    ['gives itself no attribute', 'ALTER ROLE CURRENT_USER BYPASSRLS', '42501'],
    ['does not become the owner', 'SET ROLE %OWNER%', '42501'],
    ['does not become another session', 'SET SESSION AUTHORIZATION %OWNER%', '42501'],
    ['reads with row security off nothing at all', 'SET LOCAL row_security = off; SELECT * FROM contracts', '42501'],
    ['replays nothing without triggers', 'SET LOCAL session_replication_role = replica', '42501'],
    ['reads no files', `SELECT pg_read_file('/etc/passwd')`, '42501'],
    ['copies from no file', `COPY throttles FROM '/etc/passwd'`, '42501'],
    ['runs no program', `COPY (SELECT 1) TO PROGRAM 'true'`, '42501'],
    ['ends no connection of the owner', `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename <> current_user AND datname = current_database()`, '42501'],
    ['reloads no configuration', 'SELECT pg_reload_conf()', '42501'],
    ['changes no setting of the server', `ALTER SYSTEM SET statement_timeout = 0`, '42501'],
  ];
  test.each(forbidden)('%s', async (_what, statement, code) => {
    const refused = await client.query(statement.replace('%OWNER%', catalog.owner)).then(
      () => 'done',
      (error: { code: string }) => error.code,
    );
    expect(refused).toBe(code);
  });

  test('sees nothing before a session has begun', async () => {
    for (const table of ['networks', 'users', 'organizations', 'memberships', 'resources', 'contracts', 'audit_entries', 'state_changes']) {
      expect((await client.query(`SELECT * FROM ${table}`)).rows).toEqual([]);
    }
  });

  test('of the embedded server reaches its own database, and makes nothing there', async () => {
    const { superuserUrl } = cluster();
    const admin = new Client(superuserUrl);
    await admin.connect();
    const { rows } = await admin.query<{ privilege: string; has: boolean }>(
      `SELECT privilege, has_database_privilege($1, current_database(), privilege) AS has FROM unnest(ARRAY['CONNECT', 'CREATE', 'TEMPORARY']) AS privilege`,
      [catalog.application],
    );
    await admin.end();
    expect(rows.filter(({ has }) => has).map(({ privilege }) => privilege)).toEqual(['CONNECT']);
  });
});

describe('the settings of a transaction', () => {
  let api: TestApi;
  let networks: TestNetwork[];
  const people: Person[] = [];

  beforeAll(async () => {
    api = await TestApi.start({ DATABASE_POOL_SIZE: '3', LOG_LEVEL: 'silent' });
    const founded = [await api.world.found(), await api.world.found(), await api.world.found()];
    networks = founded.map(({ network }) => network);
    for (const { network, committee } of founded) {
      const organization = await api.world.organization(network);
      people.push(committee);
      for (const role of ['ADMIN', 'STAFF', 'VOLUNTEER', 'RESIDENT'] as const) people.push(await api.world.person(organization, role));
    }
    for (const person of people) await api.token(person);
  });
  afterAll(() => api.stop());

  const WHO = '{ viewer { user { id } membership { id organization { id } } network { code } } organizations(first: 100) { nodes { id contact { person } } } }';

  test(`are never seen by the next, in ${REQUESTS} requests through 3 connections`, async () => {
    // What each sees when nobody else asks.
    const asked: { who: Person | null; headers: Record<string, string>; alone: string }[] = [];
    for (const who of [...people, ...networks.map(() => null)]) {
      const headers: Record<string, string> = who === null ? { 'x-network': networks[asked.length - people.length]!.code } : {};
      asked.push({ who, headers, alone: JSON.stringify(await api.must(WHO, {}, who, headers)) });
    }
    expect(new Set(asked.map(({ alone }) => alone)).size).toBe(asked.length);
    expect(asked[0]!.alone).toContain(people[0]!.membershipGlobalId);

    let next = 0;
    let different = 0;
    const ask = async () => {
      while (next < REQUESTS) {
        const turn = next++;
        const { who, headers, alone } = asked[(turn * 7919) % asked.length]!;
        // Some end in an error at the begin or in the middle, some are given up by the client.
        if (turn % 17 === 0) await api.ask(WHO, {}, who, { 'x-network': 'nowhere', 'x-membership': people[(turn + 1) % people.length]!.membershipGlobalId });
        if (turn % 19 === 0) await api.ask('{ viewer { user { id } } organizations(after: "forged") { totalCount } }', {}, who, headers);
        if (turn % 23 === 0) await given(api, WHO, who === null ? null : await api.token(who));
        if (JSON.stringify(await api.must(WHO, {}, who, headers)) !== alone) different++;
      }
    };
    await Promise.all(Array.from({ length: 24 }, ask));
    expect(different).toBe(0);
  }, 300_000);

  test('are gone from each connection', async () => {
    const driver = api.dataSource.driver as PostgresDriver;
    const held = await Promise.all([1, 2, 3].map(() => driver.obtainMasterConnection() as Promise<[PoolClient, () => void]>));
    for (const [client, release] of held) {
      const { rows } = await client.query<{ setting: string | null }>(
        `SELECT current_setting('app.' || name, true) AS setting FROM unnest(ARRAY['network_id', 'user_id', 'organization_id', 'role', 'principals', 'today', 'now']) AS name`,
      );
      expect(rows.filter(({ setting }) => setting)).toEqual([]);
      expect((await client.query('SELECT * FROM organizations')).rows).toEqual([]);
      release();
    }
  });
});

/** Sends a request and hangs up at once. */
async function given(api: TestApi, query: string, token: string | null): Promise<void> {
  const hangUp = new AbortController();
  const request = fetch(`${api.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query }),
    signal: hangUp.signal,
  }).catch(() => undefined);
  setTimeout(() => hangUp.abort(), 2);
  await request;
}

describe('the timeouts of an API process', () => {
  let source: DataSource;
  beforeAll(async () => {
    const config = readConfig({
      DATABASE_URL: database.applicationUrl, DATABASE_POOL_SIZE: '2', STATEMENT_TIMEOUT_MS: '300', LOCK_TIMEOUT_MS: '150', REQUEST_TIMEOUT_MS: '400',
    });
    source = await applicationDataSource(config, { applicationUrl: database.applicationUrl, ownerUrl: null, stop: async () => undefined });
  });
  afterAll(() => source.destroy());

  const codeOf = (work: Promise<unknown>) => work.then(() => 'done', (error: { driverError?: { code?: string }; code?: string }) => error.driverError?.code ?? error.code);

  test('end a statement that takes too long', async () => {
    const started = Date.now();
    expect(await codeOf(source.query('SELECT pg_sleep(5)'))).toBe('57014');
    expect(Date.now() - started).toBeLessThan(2_000);
  });

  test('end the wait for a lock', async () => {
    await database.sql(`INSERT INTO throttles (key, points) VALUES ('held', 1)`);
    await database.sql('BEGIN');
    await database.sql(`UPDATE throttles SET points = 2 WHERE key = 'held'`);
    const started = Date.now();
    expect(await codeOf(source.query(`UPDATE throttles SET points = 3 WHERE key = 'held'`))).toBe('55P03');
    expect(Date.now() - started).toBeLessThan(290);
    await database.sql('ROLLBACK');
  });

  test('end a transaction that stands idle, and the pool goes on', async () => {
    const runner = source.createQueryRunner();
    await runner.startTransaction();
    await runner.query(`UPDATE throttles SET points = 4 WHERE key = 'held'`);
    await new Promise((resolve) => setTimeout(resolve, 900));
    expect(await codeOf(runner.query('SELECT 1'))).not.toBe('done');
    await runner.release().catch(() => undefined);
    expect(await database.sql(`SELECT points FROM throttles WHERE key = 'held'`)).toEqual([{ points: 1 }]);
    expect(await codeOf(source.query('SELECT 1'))).toBe('done');
  });
});
