import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const root = join(__dirname, '../..');
const READY_MS = 40_000;

/** Whom a process runs as; null: whoever runs the tests. */
export type RunAs = { uid: number; gid: number } | null;

/** An unprivileged user of the system, where the tests may become one. */
export const nobody: RunAs =
  process.getuid?.() === 0
    ? (() => {
        const [, , uid, gid] = readFileSync('/etc/passwd', 'utf8').split('\n').find((line) => line.startsWith('nobody:'))!.split(':');
        return { uid: Number(uid), gid: Number(gid) };
      })()
    : null;

const folders = new Set<string>();
const processes = new Set<Running>();

/** A folder that is gone after the tests; removing it waits for nothing. */
export function temporaryFolder(mode = 0o755): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'youth-network-start-')));
  chmodSync(folder, mode);
  folders.add(folder);
  return folder;
}

/** Ends what the tests left running, and removes what they left lying about. */
export async function cleanUp(): Promise<void> {
  for (const running of processes) await running.end('SIGTERM');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** A command of the project as a process of its own, as npm would run it. */
export class Running {
  output = '';
  errors = '';
  private readonly child: ChildProcess;
  private readonly ended: Promise<number | null>;

  constructor(script: string, env: Record<string, string>, { as = null, args = [] }: { as?: RunAs; args?: string[] } = {}) {
    const { PATH = '' } = process.env;
    this.child = spawn(process.execPath, ['-r', './.ci/build.cjs', `dist/src/${script}.js`, ...args], {
      cwd: root,
      env: { PATH, HOME: '/nonexistent', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(as ?? {}),
    });
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.errors += text));
    this.ended = once(this.child, 'close').then(([code]: (number | null)[]) => code ?? null);
    processes.add(this);
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** The exit code once it has ended by itself; null: by a signal. */
  async exit(): Promise<number | null> {
    const code = await this.ended;
    processes.delete(this);
    return code;
  }

  /** Sends a signal and waits for the end. @returns the exit code; null: it died of the signal */
  end(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal);
    return this.exit();
  }
}

/** An API as a process of its own. */
export class Server extends Running {
  private constructor(
    readonly port: number,
    env: Record<string, string>,
    as: RunAs,
  ) {
    super('main', { PORT: String(port), HOST: '127.0.0.1', ...env }, { as });
  }

  /** Starts one and waits until it is ready. */
  static async start(env: Record<string, string>, as: RunAs = null): Promise<Server> {
    const server = new Server(await freePort(), env, as);
    let over = false;
    void server.exit().then(() => (over = true));
    for (const until = Date.now() + READY_MS; !(await server.ready()); await pause(30)) {
      if (over || Date.now() > until) throw new Error(`The server did not become ready:\n${server.output}${server.errors}`);
    }
    processes.add(server);
    return server;
  }

  private ready(): Promise<boolean> {
    return fetch(`http://127.0.0.1:${this.port}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  /** Asks the API. @returns the data, or the code of the first error */
  async ask(query: string, token?: string): Promise<Record<string, any>> {
    const response = await fetch(`http://127.0.0.1:${this.port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query }),
    });
    const { data, errors } = (await response.json()) as { data: Record<string, unknown>; errors?: { message: string }[] };
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  }

  /** The access token of somebody who signs in. */
  async signIn(identifier: string, password: string): Promise<string> {
    const { signIn } = await this.ask(
      `mutation { signIn(input: { identifier: "${identifier}", password: "${password}" }) { session { accessToken } userErrors { message } } }`,
    );
    if (!signIn.session) throw new Error(JSON.stringify(signIn.userErrors));
    return signIn.session.accessToken;
  }
}

/** Runs a command to its end. */
export async function command(script: string, env: Record<string, string>, ...args: string[]): Promise<{ code: number | null; output: string; errors: string }> {
  const running = new Running(script, env, { args });
  const code = await running.exit();
  return { code, output: running.output, errors: running.errors };
}

/** Starts a server that is to give up. @returns what it said, which has to be one line */
export async function refusal(env: Record<string, string>, as: RunAs = null): Promise<string> {
  const running = new Running('main', { PORT: '0', HOST: '127.0.0.1', LOG_LEVEL: 'silent', ...env }, { as });
  const code = await running.exit();
  expect({ code, output: running.output }).toEqual({ code: 1, output: '' });
  expect(running.errors.trimEnd().split('\n')).toHaveLength(1);
  return running.errors.trimEnd();
}
