import 'reflect-metadata';
import pino from 'pino';
import { readConfig } from '../../src/config';
import { reactions } from '../../src/domain/tasks';
import { databaseClock } from '../../src/platform/clock';
import type { Reaction } from '../../src/platform/events/reactions';
import { startWorker } from '../../src/platform/events/worker';
import { applicationDataSource } from '../../src/setup';

/**
 * A worker that is killed while it acts on an event: `before` anything is written, `within` the transaction that has
 * written it, or `after` its commit, before the job is over.
 */
const die = (): Promise<never> => {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
};
const dying: Reaction = { name: 'test.dying', door: 'events', isAbout: () => true, react: die };
const [notify] = reactions as [Reaction];

const fates: Record<string, readonly Reaction[]> = {
  before: [dying, notify],
  within: [{ ...notify, react: async (tx, event) => (await notify.react(tx, event), die()) }],
  after: [notify, dying],
};

async function main(): Promise<void> {
  const config = readConfig();
  const server = { applicationUrl: config.database.url!, ownerUrl: null, stop: async () => undefined };
  const dataSource = await applicationDataSource(config, server);
  startWorker({
    dataSource, databaseUrl: server.applicationUrl, clock: databaseClock, log: pino({ level: 'silent' }), reactions: fates[process.argv[2]!]!, concurrency: 4,
  });
}

void main();
