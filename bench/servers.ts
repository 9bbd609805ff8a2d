import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Measured } from './database.ts';

export type ServerName = 'floor' | 'postgraphile' | 'api';
export const serverNames: readonly ServerName[] = ['floor', 'postgraphile', 'api'];

/** A process that answers on a port of the loopback interface. */
export interface Server {
  name: ServerName;
  url: string;
  child: ChildProcess;
  stop: () => Promise<void>;
}

/** Options of Node that `npm start` gives the API: a small young generation, collected by its own thread, so that memory stays level. */
const API_OPTIONS = ['--single-threaded-gc', '--max-semi-space-size=8'];
const READY_MS = 60_000;
const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

/** Starts one of the servers on a database. @param execArgv further options of Node @param env further settings */
export async function startServer(
  name: ServerName,
  database: Pick<Measured, 'applicationUrl'>,
  tokenKeys: string,
  execArgv: string[] = [],
  env: Record<string, string> = {},
): Promise<Server> {
  const port = await freePort();
  const script = { floor: './floor.ts', postgraphile: './postgraphile.ts', api: '../dist/src/main.js' }[name];
  // What a server says is kept beside the data: PostGraphile tells at length of types that nobody asks for.
  const said = openSync(path(`./.data/${name}.log`), 'a');
  const child = fork(path(script), {
    execArgv: name === 'api' ? [...API_OPTIONS, ...execArgv] : execArgv,
    cwd: path('.'),
    stdio: ['ignore', said, said, 'ipc'],
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      GRAPHILE_ENV: 'production',
      DATABASE_URL: database.applicationUrl,
      SECRET: 'of the bench alone, known to everybody',
      DATA_DIR: path('./.data/api'),
      TOKEN_KEYS: tokenKeys,
      CERTIFICATE_KEYS: tokenKeys,
      // Of the bench alone: nothing is encrypted by them.
      PERSONAL_DATA_KEYS: JSON.stringify({ keys: ['A256GCM', 'HS256'].map((alg) => ({ kty: 'oct', kid: alg, alg, k: Buffer.alloc(32, alg).toString('base64url') })) }),
      HOST: '127.0.0.1',
      PORT: String(port),
      EXPLORER: 'false',
      EXECUTION: 'compiled',
      LOG_LEVEL: 'warn',
      ...env,
    },
  });
  const url = `http://127.0.0.1:${port}${name === 'floor' ? '/' : '/graphql'}`;
  closeSync(said);
  await ready(child, name, port);
  return {
    name,
    url,
    child,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await once(child, 'exit');
      clearTimeout(force);
    },
  };
}

/** Waits until a process takes connections; it does so only once it can answer. */
async function ready(child: ChildProcess, name: string, port: number): Promise<void> {
  const until = Date.now() + READY_MS;
  while (Date.now() < until) {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode} before it was ready: see bench/.data/${name}.log`);
    const socket = connect(port, '127.0.0.1');
    const taken = await once(socket, 'connect').then(() => true, () => false);
    socket.destroy();
    if (taken) return;
    await pause(50);
  }
  throw new Error(`${name} was not ready after ${READY_MS / 1000} s`);
}
