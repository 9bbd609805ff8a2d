import 'reflect-metadata';
import { setImmediate as turn } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { SignIn } from '../seeds/data';
import type { App } from './app';
import { readConfig, type Config } from './config';
import type { Installation } from './platform/database/installation';
import { openServer } from './platform/database/server';
import { createLog } from './platform/log';
import { OperatorError } from './platform/operator-error';
import { periodically } from './platform/periodic';
import { Running, Stopped } from './platform/running';

/** How long requests under way may take to end once the process is told to stop. */
const GRACE_MS = 8_000;
const CALENDAR_MS = 60_000;

/** Starts what the configuration asks for: the database, its migrations and sample data, then the API. */
async function start(config: Config, log: Logger, running: Running): Promise<void> {
  // The modules and the sample's files are read while the embedded server starts.
  const opening = openServer(config, (line) => log.info(line));
  const [server, { createApp }, { applicationDataSource, setUp }] = await Promise.all([
    opening.then((opened) => {
      running.add('PostgreSQL', () => opened.stop());
      return opened;
    }),
    turn().then(() => import('./app')),
    turn().then(() => import('./setup')),
    config.sampleSeed && turn().then(async () => (await import('../seeds/data')).sampleNetworks()),
  ]);

  if (server.ownerUrl === null && config.sampleSeed) log.warn('SEED=sample is for the owner of the database: set MIGRATION_DATABASE_URL, or run npm run seed');
  // The API is put together while the database is set up; who can be signed in as is known after that.
  const samples: SignIn[] = [];
  const [{ dataSource, app }] = await Promise.all([
    applicationDataSource(config, server).then(async (dataSource) => {
      running.add('the connections', () => dataSource.destroy());
      return { dataSource, app: await createApp({ config, dataSource, log, sampleSignIns: samples }) };
    }),
    server.ownerUrl !== null && setUp(config, server, log),
  ]);
  running.check();
  const { inspect } = await import('./platform/database/installation');
  const { sample } = await inspect(dataSource);
  refuseSample(config, sample);
  if (sample !== null) samples.push(...(await import('../seeds/data')).sampleSignIns());

  const { recordDue } = await import('./domain/calendar');
  const calendar = periodically('calendar', CALENDAR_MS, () => recordDue(app.platform), log);
  running.add('the calendar', () => calendar.stop());
  running.add('the API', () => drain(app));
  await listen(app.server, config);
  running.check();

  const endpoint = endpointOf(config, app.server);
  log.info({ endpoint }, 'ready');
  if (!config.production) console.log((await import('./banner')).banner(endpoint, config.explorer, samples));

  if (!config.worker.inside) return;
  // Read only now, since nobody's request waits for it.
  const { startReacting } = await import('./worker');
  const worker = startReacting(config, server, dataSource, log);
  running.add('the worker', () => worker.stop());
}

/** @throws OperatorError when the database holds what this configuration may not serve */
function refuseSample({ production }: Config, sample: Installation['sample']): void {
  if (production && sample !== null) {
    throw new OperatorError(
      'The database holds the sample networks, and everybody knows the passwords of their accounts: in production use another DATA_DIR or DATABASE_URL.',
    );
  }
  if (sample === 'STARTED') throw new OperatorError('The sample networks in the database are unfinished: run npm run seed.');
}

async function listen(server: FastifyInstance, { host, port }: Config): Promise<void> {
  try {
    await server.listen({ host, port });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw new OperatorError(`Port ${port} is taken by another program: end that one, or set PORT to another port.`);
    if (code === 'EACCES') throw new OperatorError(`Port ${port} needs rights that this user has not: set PORT to one above 1023.`);
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') throw new OperatorError(`This machine has no address ${host}: set HOST to one of its own, or to 0.0.0.0 for all.`);
    throw error;
  }
}

/** Ends the API once the requests under way are answered; what takes longer than the grace is cut off. */
async function drain({ server: { server }, close }: App): Promise<void> {
  const closing = close();
  // A connection whose request was under way stays open, idle, when it is answered.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  const cut = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await closing.finally(() => {
    clearInterval(sweep);
    clearTimeout(cut);
  });
}

/** Where clients find the API. */
function endpointOf({ publicUrl, host }: Config, server: FastifyInstance): string {
  if (publicUrl) return new URL('graphql', `${publicUrl.replace(/\/$/, '')}/`).href;
  const address = server.server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return `http://${host === '0.0.0.0' || host === '::' ? 'localhost' : host}:${port}/graphql`;
}

async function main(): Promise<void> {
  const running = new Running();
  let log: Logger | undefined;
  const end = async (code: number) => {
    await running.stop(log);
    process.exit(code);
  };
  try {
    const config = readConfig();
    log = await createLog(config.log);
    const starting = start(config, log, running);
    running.listen(() => {
      log?.info('stopping');
      starting.then(
        () => end(0),
        () => undefined,
      );
    });
    await starting;
  } catch (error) {
    if (error instanceof Stopped) return end(0);
    if (error instanceof OperatorError) console.error(error.message);
    else console.error(error);
    return end(1);
  }
}

void main();
