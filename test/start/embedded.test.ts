import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server as TcpServer } from 'node:net';
import { join } from 'node:path';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { SAMPLE_PASSWORD, sampleSignIns } from '../../seeds/data';
import { startEmbeddedPostgres } from '../../src/platform/database/embedded';
import { newSealingKeys } from '../../src/platform/identity/sealing';
import { Tokens, type TokenKeys } from '../../src/platform/identity/tokens';
import { cleanUp, command, nobody, refusal, Running, Server, temporaryFolder } from './server';

jest.setTimeout(60_000);
afterAll(cleanUp);

/** The processes whose command line names a folder. */
const processesOf = (folder: string): string[] =>
  execFileSync('ps', ['-ewwo', 'pid=,args='], { encoding: 'utf8' }).split('\n').filter((line) => line.includes(folder));

/** Does something to the stopped database of a folder, as its owner. */
async function asOwner(folder: string, ...statements: string[]): Promise<void> {
  const postgres = await startEmbeddedPostgres({ directory: folder });
  const client = new Client(postgres.ownerUrl);
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
  await postgres.stop();
}

describe('a data folder from its first start on', () => {
  const folder = temporaryFolder();
  const env = { DATA_DIR: join(folder, 'data') };
  const password = SAMPLE_PASSWORD;

  test('the first start seeds, says where it is found, and lets every sample person in', async () => {
    const server = await Server.start({ ...env, SIGN_IN_TRIES_PER_ADDRESS: '1000' });
    expect(server.output).toContain(`http://127.0.0.1:${server.port}/graphql`);
    expect(server.output).toContain(`explorer  http://127.0.0.1:${server.port}/`);
    for (const { identifier, role, organization } of sampleSignIns()) {
      const line = server.output.split('\n').find((text) => text.includes(identifier));
      for (const part of [password, role, organization]) expect(line).toContain(part);
      const token = await server.signIn(identifier, password);
      const { viewer } = await server.ask('{ viewer { membership { role organization { name } } } }', token);
      expect(viewer.membership).toEqual({ role, organization: { name: organization } });
    }
    expect(await server.end('SIGINT')).toBe(0);
    expect(processesOf(folder)).toEqual([]);
  });

  test('a later start finds what was changed; killed, it leaves nothing that the next one could not take up', async () => {
    const first = await Server.start(env);
    expect(first.output).not.toContain('seeded');
    const token = await first.signIn('liu@hub.erma.example', password);
    const { network } = await first.ask('{ network { hub { organization { id version } } } }', token);
    const { id, version } = network.hub.organization;
    const edit = `mutation { updateOrganization(input: { id: "${id}", version: ${version}, introduction: "写在停机之前。" }) { userErrors { message } } }`;
    expect(await first.ask(edit, token)).toEqual({ updateOrganization: { userErrors: [] } });
    await first.end('SIGKILL');
    expect(processesOf(folder)).not.toEqual([]);

    const second = await Server.start(env);
    expect(second.output).toMatch(/adopted the PostgreSQL that a killed process left running/);
    // A command works beside the server that runs.
    expect(await command('cli/audit-verify', env)).toMatchObject({ code: 0, output: expect.stringMatching(/^erma: .*: whole\nsecond: .*: whole\n$/) });
    const query = `{ node(id: "${id}") { ... on Organization { introduction } } }`;
    expect(await second.ask(query)).toEqual({ node: { introduction: '写在停机之前。' } });
    // The keys of access tokens are kept too.
    expect(await second.ask('{ viewer { membership { role } } }', token)).toMatchObject({ viewer: { membership: { role: 'COMMITTEE' } } });
    expect(await refusal(env)).toMatch(/is in use by process \d+: stop it, or set DATA_DIR to another folder\.$/);
    // npm passes a Ctrl-C on that the terminal has sent to every process already.
    process.kill(second.pid, 'SIGINT');
    expect(await second.end('SIGINT')).toBe(0);
    expect(processesOf(folder)).toEqual([]);
  });

  /** Sends a request but for its last byte, which a call of the answer sends; answers with the status line. */
  async function halfSent(port: number): Promise<{ finish: () => Promise<string> }> {
    const body = '{"query":"{__typename}"}';
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(`POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body.slice(0, -1)}`);
    await pause(300);
    return {
      finish: async () => {
        const answer = once(socket, 'data') as Promise<[Buffer]>;
        socket.write(body.slice(-1));
        const [text] = await answer;
        return text.toString().split('\r\n')[0]!;
      },
    };
  }

  test('a request under way is answered before the end; new ones are not taken', async () => {
    const server = await Server.start(env);
    const request = await halfSent(server.port);
    const exit = server.end('SIGTERM');
    await pause(300);
    await expect(server.ask('{ __typename }')).rejects.toThrow('fetch failed');
    expect(await request.finish()).toBe('HTTP/1.1 200 OK');
    expect(await exit).toBe(0);
    expect(processesOf(folder)).toEqual([]);
  });

  test('a second Ctrl-C waits for nothing', async () => {
    const server = await Server.start(env);
    await halfSent(server.port);
    process.kill(server.pid, 'SIGINT');
    await pause(1_100);
    expect(await server.end('SIGINT')).toBe(130);
    for (const until = Date.now() + 5_000; processesOf(folder).length > 0 && Date.now() < until; ) await pause(50);
    expect(processesOf(folder)).toEqual([]);
  });

  test('keys are rotated without ending anybody’s session', async () => {
    const before = await Server.start(env);
    const token = await before.signIn('liu@hub.erma.example', password);
    await before.end('SIGTERM');
    expect(await command('cli/keys-rotate', env)).toMatchObject({ code: 0 });
    const after = await Server.start(env);
    expect(await after.ask('{ viewer { membership { role } } }', token)).toMatchObject({ viewer: { membership: { role: 'COMMITTEE' } } });
    const kid = (jwt: string) => (JSON.parse(Buffer.from(jwt.split('.')[0]!, 'base64url').toString()) as { kid: string }).kid;
    expect(kid(await after.signIn('liu@hub.erma.example', password))).not.toBe(kid(token));
    expect(await after.end('SIGTERM')).toBe(0);
  });

  test('the first key is made where there is none', async () => {
    const none = { DATA_DIR: join(temporaryFolder(), 'data') };
    const file = join(none.DATA_DIR, 'token-keys.json');
    const kids = () => (JSON.parse(readFileSync(file, 'utf8')) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
    const made = await command('cli/keys-rotate', none);
    expect(made).toEqual({ code: 0, output: `Made the first key ${kids()[0]} in ${file}.\n`, errors: '' });
    const [first] = kids();
    expect(await command('cli/keys-rotate', none)).toMatchObject({ code: 0 });
    expect(kids()).toEqual([expect.not.stringMatching(`^${first}$`), first]);

    // Given by the operator, they are printed: one that can be used as it is.
    const production = {
      NODE_ENV: 'production', DATABASE_URL: 'postgres://app@db.example/youth', SECRET: 'a secret of thirty-two characters and more', PERSONAL_DATA_KEYS: JSON.stringify(newSealingKeys()),
    };
    const { code, output } = await command('cli/keys-rotate', production);
    expect(code).toBe(0);
    await Tokens.create(JSON.parse(output) as TokenKeys, { access: 60, refresh: 60 });
    const next = JSON.parse((await command('cli/keys-rotate', { ...production, TOKEN_KEYS: output.trim(), CERTIFICATE_KEYS: output.trim() })).output) as TokenKeys;
    expect(next.keys.map(({ kid }) => kid)).toEqual([expect.any(String), (JSON.parse(output) as TokenKeys).keys[0]!.kid]);
  });

  test('a port that is taken', async () => {
    const other: TcpServer = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    expect(await refusal({ ...env, PORT: String(port) })).toBe(`Port ${port} is taken by another program: end that one, or set PORT to another port.`);
    expect(processesOf(folder)).toEqual([]);
    other.close();
  });

  test('production refuses the sample accounts', async () => {
    expect(await refusal({ ...env, NODE_ENV: 'production' })).toMatch(/holds the sample networks.*in production use another DATA_DIR or DATABASE_URL\.$/);
  });

  test('an interrupted seed is made anew', async () => {
    await asOwner(env.DATA_DIR, `UPDATE networks SET sample = 'STARTED'`);
    const server = await Server.start(env);
    expect(server.output).toContain('seeded the sample networks');
    await server.signIn('liu@hub.erma.example', password);
    expect(await server.end('SIGINT')).toBe(0);
  });

  test('a database that is newer than the code', async () => {
    await asOwner(env.DATA_DIR, `INSERT INTO migrations (timestamp, name) VALUES (9999999999999, 'Future9999999999999')`);
    expect(await refusal(env)).toBe(
      'The database is newer than this version of the code (it has Future9999999999999): install the newer version, or use another DATA_DIR or DATABASE_URL.',
    );
    expect(processesOf(folder)).toEqual([]);
  });
});

test('told to end while it starts, it leaves nothing running, and the next start takes up what is there', async () => {
  const folder = temporaryFolder();
  for (const after of [400, 800, 1_600]) {
    const running = new Running('main', { DATA_DIR: join(folder, 'data'), PORT: '0', HOST: '127.0.0.1' });
    await pause(after);
    expect([0, null]).toContain(await running.end('SIGINT'));
    expect(processesOf(folder)).toEqual([]);
  }
  const server = await Server.start({ DATA_DIR: join(folder, 'data') });
  await server.signIn('liu@hub.erma.example', SAMPLE_PASSWORD);
  expect(await server.end('SIGINT')).toBe(0);
});

test('a data folder that cannot be written', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'file'), '');
  expect(await refusal({ DATA_DIR: join(folder, 'file', 'data') })).toMatch(/^The data folder .* cannot be used .*: make it a folder that this user can write, or set DATA_DIR to another one\.$/);
});

test('a configuration with several faults names all of them', async () => {
  const { code, errors } = await command('main', { PORT: 'http', DATABASE_POOL_SIZE: '0', TOKEN_KEYS: '{}', MIGRATION_DATABASE_URL: 'postgres://o@localhost/x' });
  expect(code).toBe(1);
  expect(errors.split('\n')[0]).toBe('The configuration has 4 faults:');
  for (const name of ['PORT', 'DATABASE_POOL_SIZE', 'TOKEN_KEYS', 'DATABASE_URL']) expect(errors).toMatch(new RegExp(`^ {2}${name}: `, 'm'));
});

test('in a folder under a private home', async () => {
  const folder = temporaryFolder();
  const home = join(folder, 'home');
  mkdirSync(home, { mode: 0o700 });
  const server = await Server.start({ DATA_DIR: join(home, 'data'), SEED: 'none' });
  expect(await server.end('SIGINT')).toBe(0);
  expect(processesOf(folder)).toEqual([]);
});

(nobody ? test : test.skip)('as an unprivileged user, with a private home', async () => {
  const folder = temporaryFolder();
  const home = join(folder, 'home');
  mkdirSync(home, { mode: 0o700 });
  chownSync(home, nobody!.uid, nobody!.gid);
  const server = await Server.start({ DATA_DIR: join(home, 'data'), SEED: 'none' }, nobody);
  expect(await server.end('SIGINT')).toBe(0);
  expect(processesOf(folder)).toEqual([]);
  const locked = join(folder, 'locked');
  mkdirSync(locked);
  chmodSync(locked, 0o555);
  expect(await refusal({ DATA_DIR: join(locked, 'data') }, nobody)).toMatch(/cannot be used .*EACCES/);
});
