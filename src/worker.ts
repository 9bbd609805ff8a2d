import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { Config } from './config';
import { reactions } from './domain/tasks';
import { databaseClock } from './platform/clock';
import type { DatabaseServer } from './platform/database/server';
import { startWorker, type Worker } from './platform/events/worker';

/** Starts to act on events as every capability has it, in this process. */
export const startReacting = (config: Config, server: DatabaseServer, dataSource: DataSource, log: Logger): Worker =>
  startWorker({ dataSource, databaseUrl: server.applicationUrl, clock: databaseClock, log, reactions, concurrency: config.worker.concurrency });
