import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/platform/database/embedded';
import { connected } from '../../src/platform/database/installation';
import { cleanUp, command, freePort, refusal, Server, temporaryFolder } from './server';

jest.setTimeout(60_000);

let postgres: EmbeddedPostgres;
let both: Record<string, string>;
let application: Record<string, string>;
const newKeys = async () => JSON.stringify({ keys: [await (await import('../../src/platform/identity/tokens')).newTokenKey()] });
const keys = { DATA_DIR: temporaryFolder() };

beforeAll(async () => {
  // A server as an operator would have one: a database, its owner, and a role for the application without rights.
  postgres = await startEmbeddedPostgres({ directory: temporaryFolder(), settings: { fsync: 'off' } });
  application = { ...keys, DATABASE_URL: postgres.applicationUrl };
  both = { ...application, MIGRATION_DATABASE_URL: postgres.ownerUrl };
});

afterAll(async () => {
  await cleanUp();
  await postgres.stop();
});

test('with the application role alone it says what is to be run, and does not touch the database', async () => {
  expect(await refusal(application)).toBe('The database is not at this version of the code (it lacks all migrations): run npm run migrate.');
});

test('migrated and founded by commands, it serves, also in production', async () => {
  expect(await command('cli/migrate', application)).toMatchObject({
    code: 1,
    errors: 'This needs the owner of the database: set MIGRATION_DATABASE_URL beside DATABASE_URL.\n',
  });
  expect(await command('cli/migrate', both)).toMatchObject({ code: 0, output: expect.stringMatching(/^Ran Gate1764000000001, /) });
  expect(await command('cli/migrate', both)).toMatchObject({ code: 0, output: 'The database is at this version already.\n' });

  const network = ['--code', 'yongchang', '--name', '永昌镇青年阵地网络', '--division', '510726', '--default', '--hub', '永昌镇团委', '--home', '永昌镇青年之家', '--committee-name', '王书记'];
  const wrong = await command('cli/network-create', both, ...network, '--committee-email', 'nobody');
  expect(wrong).toMatchObject({ code: 1, errors: expect.stringMatching(/^The network cannot be made: member\.email: .*\n$/) });
  const email = 'wang@example.org';
  const made = await command('cli/network-create', { ...both, COMMITTEE_PASSWORD: 'long enough a secret' }, ...network, '--committee-email', email);
  expect(made).toMatchObject({ code: 0, output: `Made the network yongchang.\n王书记 can sign in as ${email}.\n` });
  expect(await command('cli/network-create', both, ...network, '--committee-email', 'li@example.org')).toMatchObject({
    code: 1,
    errors: 'A network has this code already: choose another one.\n',
  });

  const server = await Server.start({
    ...application,
    NODE_ENV: 'production',
    SECRET: 'a secret of thirty-two characters and more',
    TOKEN_KEYS: await newKeys(),
    CERTIFICATE_KEYS: await newKeys(),
    PERSONAL_DATA_KEYS: JSON.stringify((await import('../../src/platform/identity/sealing')).newSealingKeys()),
  });
  const token = await server.signIn(email, 'long enough a secret');
  const { viewer, network: seen } = await server.ask('{ viewer { membership { role } } network { code hub { name organization { name } } } }', token);
  expect(viewer).toEqual({ membership: { role: 'COMMITTEE' } });
  expect(seen).toEqual({ code: 'yongchang', hub: { name: '永昌镇青年之家', organization: { name: '永昌镇团委' } } });
  expect(await server.end('SIGTERM')).toBe(0);
});

test('sample networks go only into an empty database', async () => {
  expect(await command('cli/seed', both)).toMatchObject({
    code: 1,
    errors: 'The database holds other networks: the sample networks go only into an empty one.\n',
  });
});

test('an invitation is printed for a committee member who chooses the password', async () => {
  const { code, output } = await command(
    'cli/network-create', both, '--code', 'leigu', '--name', '擂鼓镇青年阵地网络', '--division', '510726', '--hub', '擂鼓镇团委', '--home', '擂鼓镇青年之家',
    '--committee-name', '李书记', '--committee-phone', '+8613800138000',
  );
  expect(code).toBe(0);
  const invitation = /within 14 days: (\S+)\n$/.exec(output)![1]!;
  const server = await Server.start(application);
  const accepted = await server.ask(
    `mutation { acceptInvitation(input: { code: "${invitation}", password: "long enough a secret" }) { userErrors { message } } }`,
  );
  expect(accepted.acceptInvitation.userErrors).toEqual([]);
  await server.signIn('+8613800138000', 'long enough a secret');
  expect(await server.end('SIGTERM')).toBe(0);
});

test('the audit log is verified by a command, which names the place where it is broken', async () => {
  expect(await command('cli/audit-verify', both)).toMatchObject({
    code: 0,
    output: expect.stringMatching(/^leigu: \d+ entries, .*: whole\nyongchang: \d+ entries, .*: whole\n$/),
  });
  const client = new Client(postgres.superuserUrl);
  await client.connect();
  await client.query(`UPDATE audit_entries SET changes = '{}' WHERE seq = 2 AND network_id = (SELECT id FROM networks WHERE code = 'leigu')`);
  await client.end();
  expect(await command('cli/audit-verify', both)).toMatchObject({ code: 1, output: expect.stringMatching(/BROKEN\n {2}2 CHANGED: .*\nyongchang: .*: whole\n$/) });
});

describe('what cannot be used is said in one line', () => {
  test('a role that stands above the policies', async () => {
    expect(await refusal({ ...keys, DATABASE_URL: postgres.superuserUrl })).toMatch(/is a superuser or bypasses row security, so nothing would hold the networks apart/);
    expect(await refusal({ ...keys, DATABASE_URL: postgres.ownerUrl })).toMatch(/owns the tables, so nothing would hold the networks apart/);
  });

  test('a PostgreSQL that is too old', async () => {
    const old = { query: async () => [{ number: 140_012 }], destroy: async () => undefined } as unknown as DataSource;
    await expect(connected(Promise.resolve(old), 'postgres://app@db.example/youth')).rejects.toThrow(
      'The PostgreSQL server at db.example:5432/youth is version 14: version 15 or later is needed.',
    );
  });

  test('a server that does not answer, a wrong password, a database that is not there', async () => {
    const url = (change: (target: URL) => void) => {
      const target = new URL(postgres.applicationUrl);
      change(target);
      return { ...keys, DATABASE_URL: target.href };
    };
    const port = String(await freePort());
    expect(await refusal(url((target) => (target.port = port)))).toMatch(/does not answer \(ECONNREFUSED\): start it, or check the URL\.$/);
    expect(await refusal(url((target) => (target.password = 'wrong')))).toMatch(/refuses the role youth_app: check the user and password in its URL\.$/);
    expect(await refusal(url((target) => (target.pathname = '/elsewhere')))).toMatch(/has no such database: create it, or check the URL\.$/);
  });
});
