import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  chownSync,
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, escapeLiteral } from 'pg';
import { type Binaries, prepareBinaries, type SystemUser } from './embedded-binaries';
import {
  codeOf,
  existingCluster,
  explained,
  FRESH,
  isPostmasterOf,
  placeOfCluster,
  readPidFile,
  readSecrets,
  SECRETS,
  type Secrets,
  sweep,
  writableFolder,
} from './embedded-folder';
import { commandLine, EmbeddedPostgresError, type FolderLock, isHeld, lockFolder, processStart } from './embedded-lock';

export { EmbeddedPostgresError } from './embedded-lock';

/** What can be said about an embedded server before it starts. */
export interface EmbeddedPostgresOptions {
  /**
   * Folder that keeps everything of the embedded server: the cluster in `postgres/`, its generated passwords in
   * `postgres-secrets.json`, its log in `postgres.log`.
   */
  directory: string;
  /** Extra settings, as of postgresql.conf, e.g. { fsync: 'off' } for tests. An adopted server keeps its own. */
  settings?: Record<string, string>;
  /** Told in one line about what was done out of the ordinary. */
  log?: (line: string) => void;
}

/** A running embedded server. */
export interface EmbeddedPostgres {
  readonly port: number;
  readonly clusterDirectory: string;
  /** Whether the server was running already, left behind by a killed process. */
  readonly adopted: boolean;
  /** postgres:// URLs of the database youth_network, for PostgreSQL's superuser, the owner and the application's role. */
  readonly superuserUrl: string;
  readonly ownerUrl: string;
  readonly applicationUrl: string;
  /** Shuts the server down without waiting for its clients; resolves when it ended. */
  stop(): Promise<void>;
}

const DATABASE = 'youth_network';
const OWNER = 'youth_owner';
const APPLICATION = 'youth_app';
const SUPERUSER = 'postgres';

/** For a small machine; `settings` can change them. */
const USUAL_SETTINGS = {
  shared_buffers: '128MB',
  max_connections: '100',
  jit: 'off',
  log_checkpoints: 'off',
  // Statements and details carry what people entered; that has no place in a log.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
};

const POLL_MS = 20;
const READY_MS = 30_000;
/** A fast shutdown that takes longer is made an immediate one, of which PostgreSQL recovers at its next start. */
const STOP_MS = 60_000;
/** How long the backends of a killed postmaster may hold its shared memory. */
const LEFTOVERS_MS = 15_000;
const RESTART_LONGEST_MS = 5_000;
/** A server that lived so long was well: when it dies, the next start is tried at once. */
const WELL_MS = 60_000;
const LOG_MOST_BYTES = 10_000_000;

/**
 * Starts the embedded PostgreSQL server of a folder, or adopts the one that a killed process left running there; the
 * first time, makes its cluster, roles and database. A server that dies is started again on the same port until stop().
 * @throws EmbeddedPostgresError saying what the operator should do
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const directory = writableFolder(options.directory);
  const lock = await lockFolder(directory).catch((error: unknown) => {
    throw explained(error, directory);
  });
  try {
    const server = new EmbeddedServer(directory, lock, options.settings ?? {}, options.log ?? (() => undefined));
    await server.start();
    return server;
  } catch (error) {
    lock.release();
    throw explained(error, directory);
  }
}

/**
 * The server of a folder that another living process runs, for a command beside it.
 * @returns null when there is none: then startEmbeddedPostgres may
 */
export function findEmbeddedPostgres(requested: string): Pick<EmbeddedPostgres, 'ownerUrl' | 'applicationUrl'> | null {
  const directory = existsSync(requested) ? realpathSync(requested) : requested;
  const cluster = isHeld(directory) ? existingCluster(directory) : null;
  const file = cluster === null ? null : readPidFile(cluster);
  if (cluster === null || !file?.ready || !isPostmasterOf(file.pid, cluster)) return null;
  const { owner, application } = readSecrets(directory);
  return { ownerUrl: urlOf(file.port, OWNER, owner), applicationUrl: urlOf(file.port, APPLICATION, application) };
}

const urlOf = (port: number, role: string, password: string): string => `postgres://${role}:${password}@127.0.0.1:${port}/${DATABASE}`;

class EmbeddedServer implements EmbeddedPostgres {
  port = 0;
  clusterDirectory = '';
  adopted = false;

  private readonly secrets: Secrets;
  private readonly binaries: Binaries;
  private readonly user: SystemUser | null;
  private pid = 0;
  private startedAt = 0;
  /** What the last start after an unexpected end waited for. */
  private lastWait = 0;
  private child: ChildProcess | null = null;
  private watch: NodeJS.Timeout | null = null;
  private restarting: Promise<void> | null = null;
  private stopping: Promise<void> | null = null;
  private readonly stopped = new AbortController();

  constructor(
    private readonly directory: string,
    private readonly lock: FolderLock,
    private readonly settings: Record<string, string>,
    private readonly log: (line: string) => void,
  ) {
    const place = placeOfCluster(directory, log);
    this.clusterDirectory = join(place.folder, 'postgres');
    this.user = place.user;
    this.binaries = prepareBinaries(this.user, directory, log);
    this.secrets = readSecrets(directory);
    sweep(place.folder);
  }

  get superuserUrl(): string {
    return urlOf(this.port, SUPERUSER, this.secrets.superuser);
  }

  get ownerUrl(): string {
    return urlOf(this.port, OWNER, this.secrets.owner);
  }

  get applicationUrl(): string {
    return urlOf(this.port, APPLICATION, this.secrets.application);
  }

  async start(): Promise<void> {
    try {
      if (existsSync(this.clusterDirectory) && readdirSync(this.clusterDirectory).length > 0) {
        this.refuseOtherVersion();
        await this.adopt();
        if (!this.adopted && this.secrets.generated) await this.resetPassword();
      } else {
        await this.initialize();
      }
      if (!this.adopted) await this.launchOnFreePort();
      await this.provision();
    } catch (error) {
      await this.end().catch(() => undefined);
      throw error;
    }
    this.supervise();
    process.once('exit', this.onProcessExit);
  }

  stop(): Promise<void> {
    return (this.stopping ??= this.stopOnce());
  }

  private async stopOnce(): Promise<void> {
    this.stopped.abort();
    if (this.watch) clearInterval(this.watch);
    process.off('exit', this.onProcessExit);
    await this.restarting;
    await this.end();
    this.lock.release();
  }

  /** The last resort of a process that ends without stop(): nobody is left to wait for the server. */
  private readonly onProcessExit = (): void => {
    this.signal('SIGINT');
    this.lock.release();
  };

  // --- the cluster -----------------------------------------------------------------------------------------------

  private refuseOtherVersion(): void {
    const file = join(this.clusterDirectory, 'PG_VERSION');
    if (!existsSync(file)) {
      throw new EmbeddedPostgresError(
        `${this.clusterDirectory} is not a PostgreSQL cluster (it has no PG_VERSION): move it away, or set DATA_DIR to another folder.`,
      );
    }
    const version = readFileSync(file, 'utf8').trim();
    if (version === this.binaries.major) return;
    throw new EmbeddedPostgresError(
      `The cluster in ${this.clusterDirectory} was made by PostgreSQL ${version}, but this version brings ${this.binaries.major}; it was left as it is: move its data by dump and restore, or set DATA_DIR to another folder.`,
    );
  }

  /** Makes the cluster beside its place and moves it there when it is whole: a killed initdb leaves nothing half done. */
  private async initialize(): Promise<void> {
    this.secrets.keep();
    const fresh = `${this.clusterDirectory}${FRESH}${randomUUID()}`;
    const passwordFile = `${fresh}.password`;
    try {
      writeFileSync(passwordFile, this.secrets.superuser, { mode: 0o600 });
      mkdirSync(fresh, { mode: 0o700 });
      if (this.user) for (const path of [fresh, passwordFile]) this.give(path, this.user);
      // pg_trgm and regular expressions ask LC_CTYPE, not the builtin provider, what a letter is: under C, Chinese has none.
      for (const ctype of ['C.UTF-8', 'en_US.UTF-8', 'UTF-8', 'C']) {
        const said = await this.run(this.binaries.initdb, [
          `--pgdata=${fresh}`,
          `--username=${SUPERUSER}`,
          `--pwfile=${passwordFile}`,
          '--auth=scram-sha-256',
          '--encoding=UTF8',
          '--locale=C',
          `--lc-ctype=${ctype}`,
          ...(Number(this.binaries.major) >= 17 ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : []),
          '--no-instructions',
          ...(this.settings.fsync === 'off' ? ['--no-sync'] : []),
        ]);
        if (said === null) {
          renameSync(fresh, this.clusterDirectory);
          return;
        }
        if (!said.includes('invalid locale name') || ctype === 'C') throw this.failed('could not be initialised', said);
      }
    } finally {
      rmSync(passwordFile, { force: true });
      rmSync(fresh, { recursive: true, force: true });
    }
  }

  private give(path: string, user: SystemUser): void {
    try {
      chownSync(path, user.uid, user.gid);
    } catch (error) {
      throw new EmbeddedPostgresError(
        `${path} cannot be given to the user ${user.name}, whom PostgreSQL runs as (${codeOf(error)}): start as an ordinary user, or set DATABASE_URL.`,
      );
    }
  }

  /** Where the file of passwords was lost, PostgreSQL's single-user mode, which asks for none, sets a new one. */
  private async resetPassword(): Promise<void> {
    const sql = `ALTER ROLE ${SUPERUSER} PASSWORD ${escapeLiteral(this.secrets.superuser)}\n`;
    const said = await this.run(
      this.binaries.postgres,
      ['--single', '-D', this.clusterDirectory, '-c', 'log_min_error_statement=panic', 'postgres'],
      sql,
    );
    if (said !== null) throw this.failed('could not be given a new password', said);
    this.log(`gave the roles of ${this.clusterDirectory} new passwords: their file was missing`);
  }

  /** Creates what is missing of roles and database; a process killed in between leaves the rest to the next start. */
  private async provision(): Promise<void> {
    const client = await this.connect();
    try {
      await client.query('SET log_min_error_statement = panic');
      const { rows } = await client.query<{ rolname: string }>('SELECT rolname FROM pg_roles');
      const attributes = 'LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS';
      for (const [role, password, extra] of [
        [OWNER, this.secrets.owner, ''],
        [APPLICATION, this.secrets.application, 'NOINHERIT'],
      ] as const) {
        const exists = rows.some(({ rolname }) => rolname === role);
        if (exists && !this.secrets.generated) continue;
        const verb = exists ? 'ALTER' : 'CREATE';
        await client.query(`${verb} ROLE ${role} ${attributes} ${extra} PASSWORD ${escapeLiteral(password)}`);
      }
      const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE]);
      if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE} OWNER ${OWNER}`);
      const { rows: access } = await client.query<{ settled: boolean }>(
        `SELECT NOT has_database_privilege('public', $1, 'CONNECT, TEMP') AND has_database_privilege($2, $1, 'CONNECT') AS settled`,
        [DATABASE, APPLICATION],
      );
      if (!access[0]?.settled) {
        await client.query(
          `REVOKE ALL ON DATABASE ${DATABASE} FROM PUBLIC; GRANT CONNECT ON DATABASE ${DATABASE} TO ${APPLICATION}`,
        );
      }
      this.secrets.keep();
    } finally {
      await client.end();
    }
  }

  // --- the process -----------------------------------------------------------------------------------------------

  private async launchOnFreePort(): Promise<void> {
    for (let tries = 1; ; tries++) {
      const port = await freePort();
      try {
        await this.launch(port);
        return;
      } catch (error) {
        // Between being found free and being used, a port can be taken.
        if (!(error instanceof PortTaken) || tries === 5) throw error;
      }
    }
  }

  /** Starts the postmaster and waits until it takes connections. */
  private async launch(port: number): Promise<void> {
    const until = Date.now() + LEFTOVERS_MS;
    for (;;) {
      const said = await this.launchOnce(port);
      if (said === null) return;
      if (/could not bind|Address already in use/.test(said)) throw new PortTaken(`port ${port} is taken`);
      const leftovers = /is still in use|lock file "postmaster.pid" already exists/.test(said);
      if (!leftovers || Date.now() > until || this.stopped.signal.aborted) throw this.failed('did not start', said);
      await sleep(100);
    }
  }

  /** @returns null when it serves, else what it said before it ended */
  private async launchOnce(port: number): Promise<string | null> {
    const log = this.openLog();
    try {
      const settings = {
        ...USUAL_SETTINGS,
        ...this.settings,
        listen_addresses: '127.0.0.1',
        port: String(port),
        unix_socket_directories: '',
      };
      const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
      // A group of its own: Ctrl-C in the terminal is for this process, which then shuts the server down in order.
      const child = this.spawn(this.binaries.postgres, ['-D', this.clusterDirectory, ...flags], log.file, true);
      const failure = failureOf(child);
      this.child = child;
      this.pid = child.pid ?? 0;
      this.port = port;
      this.startedAt = Date.now();
      child.unref();
      for (const until = Date.now() + READY_MS; ;) {
        await Promise.race([sleep(POLL_MS), failure]);
        if (this.isGone()) {
          const error = child.pid === undefined ? await failure : null;
          return error ? this.explainSpawn(error) : log.tail();
        }
        const file = readPidFile(this.clusterDirectory);
        if (file?.pid === this.pid && file.ready && (await this.answers())) return null;
        if (this.stopped.signal.aborted) throw new EmbeddedPostgresError('The embedded PostgreSQL is being stopped.');
        if (Date.now() > until) {
          await this.end();
          throw this.failed(`was not ready after ${READY_MS / 1000} s`, log.tail());
        }
      }
    } finally {
      closeSync(log.file);
    }
  }

  private async answers(): Promise<boolean> {
    try {
      await (await this.connect()).end();
      return true;
    } catch (error) {
      if (error instanceof EmbeddedPostgresError) throw error;
      return false;
    }
  }

  /**
   * Takes over the postmaster that a killed process left running. One whose programs were replaced since (an update) is
   * shut down instead: it could not load extensions any more.
   */
  private async adopt(): Promise<void> {
    for (const until = Date.now() + READY_MS; ; await sleep(POLL_MS)) {
      const file = readPidFile(this.clusterDirectory);
      if (!file || processStart(file.pid) === null) return;
      if (!isPostmasterOf(file.pid, this.clusterDirectory)) return this.dropPidFile(file.pid);
      [this.pid, this.port] = [file.pid, file.port];
      if (this.secrets.generated) return this.end();
      const state = file.ready ? await this.examine() : null;
      if (state === 'outdated') {
        this.log(
          `shut down the PostgreSQL that process ${file.pid} still ran: its programs were replaced since it started`,
        );
        return this.end();
      }
      if (state === 'ours') {
        this.adopted = true;
        this.log(
          `adopted the PostgreSQL that a killed process left running as process ${file.pid} on port ${file.port}`,
        );
        return;
      }
      if (Date.now() > until) {
        this.pid = 0;
        throw new EmbeddedPostgresError(
          `PostgreSQL process ${file.pid}, left behind by a killed process, uses ${this.clusterDirectory} but does not answer: end it with kill -INT ${file.pid}.`,
        );
      }
    }
  }

  /** null: it does not answer, or another server does. */
  private async examine(): Promise<'ours' | 'outdated' | null> {
    let client: Client | undefined;
    try {
      client = await this.connect();
      const { rows } = await client.query<{ directory: string; version: string; start: Date }>(
        `SELECT current_setting('data_directory') AS directory, current_setting('server_version') AS version, pg_postmaster_start_time() AS start`,
      );
      const [told] = rows;
      if (!told || realpathSync(told.directory) !== this.clusterDirectory) return null;
      const replaced = statSync(this.binaries.postgres).ctimeMs > told.start.getTime();
      const same = told.version === this.binaries.version && commandLine(this.pid).startsWith(this.binaries.postgres);
      return same && !replaced ? 'ours' : 'outdated';
    } catch (error) {
      if (error instanceof EmbeddedPostgresError) throw error;
      return null;
    } finally {
      await client?.end().catch(() => undefined);
    }
  }

  /** After a reboot the number in postmaster.pid can be that of any other program; PostgreSQL might then not start. */
  private dropPidFile(pid: number): void {
    rmSync(join(this.clusterDirectory, 'postmaster.pid'), { force: true });
    this.log(`removed a stale postmaster.pid: process ${pid} is another program now`);
  }

  /** Watches over the postmaster; a child tells its end, an adopted process has to be asked. */
  private supervise(): void {
    const ended = () => {
      if (this.watch) clearInterval(this.watch);
      if (!this.stopped.signal.aborted) this.restarting = this.restart();
    };
    if (this.child && !this.isGone()) {
      this.child.once('exit', ended);
    } else {
      this.watch = setInterval(() => this.isGone() && ended(), 10 * POLL_MS);
      this.watch.unref();
    }
  }

  private async restart(): Promise<void> {
    this.log(`PostgreSQL process ${this.pid} ended unexpectedly: starting it again on port ${this.port}`);
    let wait = Date.now() - this.startedAt > WELL_MS ? 0 : this.lastWait;
    for (let told = ''; !this.stopped.signal.aborted;) {
      await sleep(wait, undefined, { signal: this.stopped.signal, ref: false }).catch(() => undefined);
      wait = Math.min(Math.max(2 * wait, 50), RESTART_LONGEST_MS);
      this.lastWait = wait;
      if (this.stopped.signal.aborted) return;
      try {
        await this.launch(this.port);
        this.log(`PostgreSQL serves again on port ${this.port} as process ${this.pid}`);
        return this.supervise();
      } catch (error) {
        await this.end();
        const line = explained(error, this.directory).message;
        if (!this.stopped.signal.aborted && line !== told) this.log((told = line));
      }
    }
  }

  private async end(): Promise<void> {
    if (this.pid === 0) return;
    this.signal('SIGINT');
    for (const until = Date.now() + STOP_MS; !this.isGone(); await sleep(POLL_MS)) {
      if (Date.now() > until) this.signal('SIGQUIT');
    }
    this.pid = 0;
  }

  private signal(name: 'SIGINT' | 'SIGQUIT'): void {
    if (this.pid === 0 || this.isGone()) return;
    try {
      // Windows has no signals of its own; PostgreSQL brings something alike.
      if (process.platform === 'win32')
        spawn(this.binaries.pgCtl, ['kill', name.slice(3), String(this.pid)]).once('error', () => undefined);
      else process.kill(this.pid, name);
    } catch {
      // It ended this moment.
    }
  }

  private isGone(): boolean {
    if (this.child && (this.child.pid === undefined || this.child.pid === this.pid)) {
      return this.child.pid === undefined || this.child.exitCode !== null || this.child.signalCode !== null;
    }
    return processStart(this.pid) === null;
  }

  // --- small things ----------------------------------------------------------------------------------------------

  private async connect(): Promise<Client> {
    const client = new Client({
      host: '127.0.0.1',
      port: this.port,
      user: SUPERUSER,
      password: this.secrets.superuser,
      database: 'postgres',
      ssl: false,
      connectionTimeoutMillis: 5_000,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
    } catch (error) {
      await client.end().catch(() => undefined);
      if (codeOf(error) !== '28P01') throw error;
      throw new EmbeddedPostgresError(
        `The passwords in ${join(this.directory, SECRETS)} are not those of ${this.clusterDirectory}: put the right file back, or delete it to have new ones set.`,
      );
    }
    return client;
  }

  private spawn(program: string, args: string[], output: number | 'pipe', detached: boolean): ChildProcess {
    const keep = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'LD_LIBRARY_PATH'];
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => keep.includes(name)));
    return spawn(program, args, {
      // What else stands in the environment is not for PostgreSQL: secrets, and PG… variables meant for clients.
      env: { ...env, TZ: 'UTC' },
      cwd: '/',
      stdio: [output === 'pipe' ? 'pipe' : 'ignore', output, output],
      detached,
      windowsHide: true,
      ...(this.user ? { uid: this.user.uid, gid: this.user.gid } : {}),
    });
  }

  /** Runs a program to its end. @returns null when it did its work, else what it said */
  private async run(program: string, args: string[], input = ''): Promise<string | null> {
    const child = this.spawn(program, args, 'pipe', false);
    const failure = failureOf(child);
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (said += text));
    child.stdin?.on('error', () => undefined).end(input);
    const closed = new Promise<number | null>((done) => child.once('close', (code) => done(code)));
    const result = await Promise.race([closed, failure]);
    if (result instanceof Error) return this.explainSpawn(result);
    // In single-user mode PostgreSQL ends well whatever became of the statements.
    return result === 0 && !/\b(ERROR|FATAL|PANIC):/.test(said) ? null : said;
  }

  private explainSpawn(error: Error): never {
    const advice = {
      EPERM: `PostgreSQL cannot be run as the user ${this.user?.name}: start as an ordinary user, or set DATABASE_URL.`,
      // The file is there, so what is missing is the loader it was linked for: a system with another C library.
      ENOENT: "The embedded PostgreSQL's programs do not run on this system (they need glibc): set DATABASE_URL.",
    }[codeOf(error)];
    throw new EmbeddedPostgresError(
      advice ?? `The embedded PostgreSQL cannot be run (${error.message}): set DATABASE_URL.`,
    );
  }

  private failed(what: string, said: string): EmbeddedPostgresError {
    if (/No space left on device|Disk quota exceeded/.test(said)) {
      return new EmbeddedPostgresError(
        `The embedded PostgreSQL ${what}: the disk of ${this.clusterDirectory} is full: make room, or set DATA_DIR to another folder.`,
      );
    }
    return new EmbeddedPostgresError(`The embedded PostgreSQL ${what}: ${lastLines(said) || 'it said nothing'}`);
  }

  private openLog(): { file: number; tail: () => string } {
    const path = join(this.directory, 'postgres.log');
    if (existsSync(path) && statSync(path).size > LOG_MOST_BYTES) renameSync(path, `${path}.old`);
    const file = openSync(path, 'a+', 0o600);
    const from = fstatSync(file).size;
    const tail = () => {
      const length = Math.min(fstatSync(file).size - from, 100_000);
      const buffer = Buffer.alloc(Math.max(length, 0));
      readSync(file, buffer, 0, buffer.length, from);
      return buffer.toString();
    };
    return { file, tail };
  }
}

/** Another program listens where the server was to listen. */
class PortTaken extends EmbeddedPostgresError {}

/** The lines that tell the fault, as one. */
function lastLines(said: string): string {
  const lines = said
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const faults = lines.filter((line) => /\b(error|ERROR|FATAL|PANIC):/.test(line));
  return (faults.length > 0 ? faults : lines).slice(-3).join(' | ').slice(-500);
}

/** Resolves when a program could not even be started. */
const failureOf = (child: ChildProcess): Promise<Error> => new Promise((done) => child.once('error', done));

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address && typeof address === 'object' ? done(address.port) : failed(new Error('no port'))));
    });
  });
}
