import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import {
  type EmbeddedPostgres,
  EmbeddedPostgresError,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from '../../src/platform/database/embedded';
import { lockFolder } from '../../src/platform/database/embedded-lock';

const isRoot = process.getuid?.() === 0;
const launcher = require.resolve('../../src/platform/database/embedded');
// Deletes with its name what a test leaves running, however the test ends.
const running = new Set<EmbeddedPostgres>();
const children = new Set<ChildProcess>();
const litter = new Set<string>();
const log: string[] = [];
let root: string;

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'embedded-postgres-test-')));
  chmodSync(root, 0o755);
});

beforeEach(() => {
  log.length = 0;
});

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all([...running].map((server) => server.stop()));
  running.clear();
  children.clear();
});

afterAll(() => {
  for (const path of [root, ...litter]) rmSync(path, { recursive: true, force: true });
});

const folder = (name: string): string => join(root, name);

async function start(directory: string, options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> {
  const settings = { fsync: 'off', ...options.settings };
  const server = await startEmbeddedPostgres({ directory, log: (line) => log.push(line), ...options, settings });
  running.add(server);
  return server;
}

const refusal = (directory: string): Promise<unknown> =>
  start(directory).then(
    () => 'started',
    (error: unknown) => error,
  );

async function query<Row extends object>(url: string, sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Starts the server of a folder in another process; resolves with that process and its server's superuser URL. */
function startElsewhere(directory: string): Promise<{ process: ChildProcess; url: string }> {
  const script = `
    const { startEmbeddedPostgres } = require(${JSON.stringify(launcher)});
    startEmbeddedPostgres({ directory: ${JSON.stringify(directory)}, settings: { fsync: 'off' } }).then(
      (server) => { console.log('URL ' + server.superuserUrl); setInterval(() => undefined, 1000); },
      (error) => { console.error(error); process.exit(1); },
    );`;
  const child = spawn(process.execPath, ['-r', '@swc-node/register', '-e', script], {
    cwd: join(__dirname, '../..'),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  return new Promise((done, failed) => {
    let said = '';
    child.stderr.on('data', (text) => (said += text));
    child.stdout.on('data', (text) => {
      said += text;
      const url = /^URL (.+)$/m.exec(said)?.[1];
      if (url) done({ process: child, url });
    });
    child.once('exit', () => failed(new Error(said)));
  });
}

async function killHard(child: ChildProcess): Promise<void> {
  const gone = new Promise((done) => child.once('exit', done));
  child.kill('SIGKILL');
  await gone;
}

const postmasterOf = (server: { clusterDirectory: string }): number =>
  Number(readFileSync(join(server.clusterDirectory, 'postmaster.pid'), 'utf8').split('\n')[0]);

async function until<T>(what: () => Promise<T>, seconds = 30): Promise<T> {
  for (const end = Date.now() + seconds * 1000; ; await sleep(25)) {
    try {
      return await what();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

test('a first start makes roles and database, a second finds the data again', async () => {
  const directory = folder('twice');
  const first = await start(directory);
  expect(first).toMatchObject({ adopted: false, clusterDirectory: join(directory, 'postgres') });
  expect(statSync(join(directory, 'postgres-secrets.json')).mode & 0o777).toBe(0o600);

  const roles = await query(
    first.superuserUrl,
    `SELECT rolname, rolcanlogin, rolinherit, rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls AS more
       FROM pg_roles WHERE rolname LIKE 'youth%' ORDER BY rolname`,
  );
  expect(roles).toEqual([
    { rolname: 'youth_app', rolcanlogin: true, rolinherit: false, more: false },
    { rolname: 'youth_owner', rolcanlogin: true, rolinherit: true, more: false },
  ]);
  const [database] = await query(
    first.superuserUrl,
    `SELECT pg_get_userbyid(datdba) AS owner, pg_encoding_to_char(encoding) AS encoding, datlocprovider AS provider,
            has_database_privilege('public', oid, 'CONNECT') OR has_database_privilege('public', oid, 'TEMP') AS open,
            has_database_privilege('youth_app', oid, 'TEMP') OR has_database_privilege('youth_app', oid, 'CREATE') AS more
       FROM pg_database WHERE datname = 'youth_network'`,
  );
  expect(database).toEqual({ owner: 'youth_owner', encoding: 'UTF8', provider: 'b', open: false, more: false });

  await query(
    first.ownerUrl,
    'CREATE EXTENSION pg_trgm; CREATE TABLE kept AS SELECT 1 AS one; GRANT SELECT ON kept TO youth_app',
  );
  // Where LC_CTYPE is C, as on a system without any UTF-8 locale, there are none.
  expect(
    await query(first.ownerUrl, `SELECT cardinality(show_trgm('青年网络')) > 0 AS letters, lower('ÀÉ') AS lower`),
  ).toEqual([{ letters: true, lower: 'àé' }]);
  await expect(query(first.applicationUrl, 'CREATE TABLE public.mine ()')).rejects.toThrow('permission denied');
  await expect(query(first.applicationUrl.replace(/:[^:]+@/, ':wrong@'), 'SELECT')).rejects.toThrow('authentication');
  await first.stop();
  await first.stop();
  expect(existsSync(join(directory, 'server.lock'))).toBe(false);
  await expect(query(first.ownerUrl, 'SELECT')).rejects.toThrow('ECONNREFUSED');

  const second = await start(directory, { settings: { work_mem: '7MB' } });
  expect(second.adopted).toBe(false);
  expect(await query(second.applicationUrl, 'SELECT one, current_setting($$work_mem$$) AS memory FROM kept')).toEqual([
    { one: 1, memory: '7MB' },
  ]);
  expect(log).toEqual([]);

  // The postmaster is killed, with a client at work: the same URL serves again.
  const client = new Client(second.ownerUrl);
  client.on('error', () => undefined);
  await client.connect();
  const before = postmasterOf(second);
  const work = client.query('SELECT pg_sleep(0.3)').catch(() => undefined);
  process.kill(before, 'SIGKILL');
  expect(await until(() => query(second.ownerUrl, 'SELECT one FROM kept'))).toEqual([{ one: 1 }]);
  await work;
  const again = await until(async () => (expect(postmasterOf(second)).not.toBe(before), postmasterOf(second)));
  // One that is killed while it still starts is started again without having served.
  await until(async () => expect(log.filter((line) => line.includes('serves again'))).toHaveLength(1));
  process.kill(again, 'SIGKILL');
  await until(async () => expect(log.filter((line) => line.includes('serves again'))).toHaveLength(2));
  expect(await query(second.applicationUrl, 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
  await second.stop();
  await expect(query(second.ownerUrl, 'SELECT')).rejects.toThrow('ECONNREFUSED');
});

test('what a killed process left running is adopted; what it left half done is finished', async () => {
  const directory = folder('orphan');
  const elsewhere = await startElsewhere(directory);
  await query(elsewhere.url, 'CREATE TABLE kept AS SELECT 2 AS two');

  // While the other process lives, nobody else gets the folder.
  const refused = await refusal(directory);
  expect(refused).toBeInstanceOf(EmbeddedPostgresError);
  expect(String(refused)).toContain(`is in use by process ${elsewhere.process.pid}: stop it, or set DATA_DIR`);

  // Killed before it came to the grants, and by a first start that never ended.
  await query(elsewhere.url, 'GRANT ALL ON DATABASE youth_network TO PUBLIC');
  mkdirSync(join(directory, 'postgres.new-1'));
  await killHard(elsewhere.process);
  const orphan = postmasterOf({ clusterDirectory: join(directory, 'postgres') });

  const adopter = await start(directory);
  expect(adopter.adopted).toBe(true);
  expect(postmasterOf(adopter)).toBe(orphan);
  expect(existsSync(join(directory, 'postgres.new-1'))).toBe(false);
  expect(await query(adopter.superuserUrl, 'SELECT two FROM kept')).toEqual([{ two: 2 }]);
  expect(
    await query(adopter.superuserUrl, `SELECT has_database_privilege('public', 'youth_network', 'CONNECT') AS open`),
  ).toEqual([{ open: false }]);

  // An adopted server is no child, but is watched over alike.
  process.kill(orphan, 'SIGKILL');
  expect(await until(() => query(adopter.superuserUrl, 'SELECT two FROM kept'))).toEqual([{ two: 2 }]);
  await adopter.stop();

  // A number in postmaster.pid that is another program's by now, and passwords that were lost.
  const { uid, gid } = statSync(adopter.clusterDirectory);
  const other = spawn('sleep', ['60'], { stdio: 'ignore', ...(isRoot ? { uid, gid } : {}) });
  children.add(other);
  const stale = [other.pid, adopter.clusterDirectory, 1, adopter.port, '', '127.0.0.1', '1 1', 'ready'].join('\n');
  writeFileSync(join(directory, 'postgres/postmaster.pid'), stale);
  rmSync(join(directory, 'postgres-secrets.json'));
  const last = await start(directory);
  expect(await query(last.superuserUrl, 'SELECT two FROM kept')).toEqual([{ two: 2 }]);
  expect(await query(last.applicationUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  expect(last.applicationUrl).not.toBe(adopter.applicationUrl);
  expect(log.join('\n')).toMatch(/adopted .*process \d+[^]*stale postmaster.pid[^]*new passwords/);
});

test('stop() ends an adopted server, and a process without stop() takes its server along', async () => {
  const directory = folder('stopped');
  const script = (end: string) => `
    const { startEmbeddedPostgres } = require(${JSON.stringify(launcher)});
    startEmbeddedPostgres({ directory: ${JSON.stringify(directory)}, settings: { fsync: 'off' } })
      .then((server) => { console.log(server.adopted, server.port); return server; }).then((server) => { ${end} });`;
  const run = (end: string) =>
    spawnSync(process.execPath, ['-r', '@swc-node/register', '-e', script(end)], {
      cwd: join(__dirname, '../..'),
      encoding: 'utf8',
    });
  expect(run('process.kill(process.pid, "SIGKILL")').stdout).toMatch(/^false/);
  // Ends by itself: nothing of a stopped server keeps the process.
  const adopter = run('return server.stop()');
  expect(adopter).toMatchObject({ status: 0, stdout: expect.stringMatching(/^true/) });
  expect(existsSync(join(directory, 'postgres/postmaster.pid'))).toBe(false);

  expect(run('process.exit(3)')).toMatchObject({ status: 3, stdout: expect.stringMatching(/^false/) });
  await until(async () => expect(existsSync(join(directory, 'postgres/postmaster.pid'))).toBe(false));
  expect(existsSync(join(directory, 'server.lock'))).toBe(false);
});

test('one holder of a folder at a time, also when many take over from a dead one', async () => {
  const directory = folder('lock');
  mkdirSync(directory);
  // A number that is taken, but by a process that started at another time.
  writeFileSync(
    join(directory, 'server.lock'),
    JSON.stringify({ pid: process.pid, startedAt: 'earlier', token: 'dead' }),
  );
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(directory)));
  const held = results.filter((result) => result.status === 'fulfilled');
  expect(held).toHaveLength(1);
  held[0]?.value.release();
  (await lockFolder(directory)).release();
  expect(existsSync(join(directory, 'server.lock'))).toBe(false);
});

describe('what the operator has to mend is said in one line', () => {
  const line = async (directory: string) => {
    const error = await refusal(directory);
    expect(error).toBeInstanceOf(EmbeddedPostgresError);
    const { message } = error as Error;
    expect(message).not.toContain('\n');
    return message;
  };

  test('a folder that cannot be made or written', async () => {
    writeFileSync(folder('file'), '');
    expect(await line(folder('file/data'))).toContain(`The data folder ${folder('file/data')} cannot be used`);
    if (isRoot) return;
    mkdirSync(folder('sealed'), { mode: 0o555 });
    expect(await line(folder('sealed'))).toContain('set DATA_DIR to another one');
    expect(await line(folder('sealed/data'))).toContain('set DATA_DIR to another one');
  });

  test('a cluster of another version, or none at all, which is left alone', async () => {
    const cluster = folder('old/postgres');
    mkdirSync(cluster, { recursive: true });
    writeFileSync(join(cluster, 'PG_VERSION'), '15\n');
    expect(await line(folder('old'))).toMatch(/made by PostgreSQL 15, .* brings \d+; it was left as it is/);
    rmSync(join(cluster, 'PG_VERSION'));
    writeFileSync(join(cluster, 'holiday.jpg'), '');
    expect(await line(folder('old'))).toContain('is not a PostgreSQL cluster');
    expect(existsSync(join(cluster, 'holiday.jpg'))).toBe(true);
    expect(existsSync(folder('old/server.lock'))).toBe(false);
  });

  test('passwords that are not the cluster’s, settings that PostgreSQL does not know', async () => {
    mkdirSync(folder('damaged'));
    writeFileSync(folder('damaged/postgres-secrets.json'), '{"superuser":');
    expect(await line(folder('damaged'))).toContain('is damaged: put the right file back');

    const failure = start(folder('setting'), { settings: { shared_bufers: '1MB' } });
    await expect(failure).rejects.toThrow(/did not start: .*unrecognized configuration parameter "shared_bufers"/);
    await expect(failure).rejects.toBeInstanceOf(EmbeddedPostgresError);
    const wrong = Object.fromEntries(['superuser', 'owner', 'application'].map((role) => [role, 'x'.repeat(20)]));
    writeFileSync(folder('setting/postgres-secrets.json'), JSON.stringify(wrong));
    expect(await line(folder('setting'))).toContain('are not those of');
    expect(existsSync(folder('setting/postgres/postmaster.pid'))).toBe(false);
  });
});

// Only root runs PostgreSQL as another user, so only for root can a folder be out of that user's reach.
(isRoot ? test : test.skip)('a folder that PostgreSQL’s user cannot reach gets its cluster elsewhere', async () => {
  const home = folder('home');
  mkdirSync(home, { mode: 0o700 });
  const directory = join(home, 'project/.data');
  const first = await start(directory);
  litter.add(dirname(first.clusterDirectory));
  expect(first.clusterDirectory.startsWith(home)).toBe(false);
  expect(statSync(first.clusterDirectory).uid).not.toBe(0);
  expect(log).toEqual([
    expect.stringContaining(`put the cluster in ${dirname(first.clusterDirectory)}: ${directory} is not reachable`),
  ]);
  await query(first.ownerUrl, 'CREATE TABLE kept AS SELECT 3 AS three');
  await first.stop();

  // Also when the folder could be reached meanwhile: that is where the data are.
  chmodSync(home, 0o755);
  const second = await start(directory);
  expect(second.clusterDirectory).toBe(first.clusterDirectory);
  expect(await query(second.ownerUrl, 'SELECT three FROM kept')).toEqual([{ three: 3 }]);
});
