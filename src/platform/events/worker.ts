import { EventEmitter } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Logger as JobLogger, runTaskList, type JobHelpers, type WorkerEvents, type WorkerPool } from 'graphile-worker';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { Clock } from '../clock';
import { anonymous, Session } from '../database/session';
import { periodically } from '../periodic';
import { freeAbandoned, livesOn } from './jobs';
import { JOBS_SCHEMA } from './jobs-schema';
import { LastingPool } from './lasting-pool';
import type { EventRecord } from './outbox';
import { take, type Reaction } from './reactions';

/** How often it is looked for jobs that nobody told of, such as those whose next try has come. */
const LOOK_MS = 1_000;
/** How soon after a job the next one of its queue is looked for: the library looks before the queue is free again. */
const NEXT_MS = 10;
/** How often jobs of dead processes are looked for. */
const ABANDONED_MS = 5_000;
/** How long until the worker begins again after something that it could not go on from. */
const BEGIN_AGAIN_MS = 1_000;
/** How long jobs under way may take to end once the worker is told to stop. */
const GRACE_MS = 5_000;

/** What a worker is made of. */
export interface WorkerParts {
  /** Connected as the application role. */
  dataSource: DataSource;
  /** The same database, for connections that wait for jobs. */
  databaseUrl: string;
  clock: Clock;
  log: Logger;
  reactions: readonly Reaction[];
  /** How many jobs at a time. */
  concurrency: number;
}

/** Acts on events, in the order of each subject, until it is stopped. */
export interface Worker {
  /** Takes no further job; resolves when those under way have ended. */
  stop(): Promise<void>;
}

/** What a job carries. */
interface JobPayload extends Pick<EventRecord, 'kind' | 'action' | 'subjectType' | 'subjectId'> {
  networkId: string;
  eventId: string;
  previousId: string | null;
}

/** Does what there is to do about one event: each reaction once, whatever becomes of the others. @throws what the first of them threw */
async function deliver(parts: WorkerParts, job: JobPayload): Promise<void> {
  const session = new Session(parts.dataSource, anonymous, parts.clock);
  const faults: unknown[] = [];
  for (const reaction of parts.reactions.filter((one) => one.isAbout(job))) {
    try {
      await session.through(reaction.door, job.networkId, async (tx) => {
        const event = await take(tx, job.eventId, reaction.name);
        if (event) await reaction.react(tx, event);
      });
    } catch (error) {
      parts.log.error({ err: error, reaction: reaction.name, event: job.eventId, action: job.action }, 'a reaction to an event failed');
      faults.push(error);
    }
  }
  if (faults.length > 0) throw faults[0];
}

/**
 * Puts a job off while the one before it of the same subject still waits, so that a failing one is not overtaken before
 * it is parked. @returns whether it was
 */
async function putOff(job: JobPayload, helpers: JobHelpers): Promise<boolean> {
  if (job.previousId === null) return false;
  const { rows } = await helpers.query(
    `SELECT ${JOBS_SCHEMA}.add_job('event', $2::json, $3,
       greatest(before.run_at + interval '1 millisecond', clock_timestamp() + interval '100 milliseconds'), $4, $5)
     FROM ${JOBS_SCHEMA}.jobs before WHERE before.key = $1 AND (before.attempts < before.max_attempts OR before.locked_at IS NOT NULL)`,
    [job.previousId, JSON.stringify(job), await helpers.getQueueName(), helpers.job.max_attempts, job.eventId],
  );
  return rows.length > 0;
}

const levels: Readonly<Record<string, 'error' | 'warn'>> = { error: 'error', warning: 'warn' };

/** What the library has to say; that a job failed is told by deliver, with its reaction. */
const jobLogger = (log: Logger) =>
  new JobLogger(() => (level, message, meta: { failure?: boolean; error?: unknown } = {}) => {
    const severity = levels[level];
    if (severity && !meta.failure) log[severity]({ err: meta.error }, message);
  });

const workedOn = ({ _workers: workers }: WorkerPool): string[] => workers.flatMap((worker) => worker.getActiveJob()?.id ?? []);

/** Starts to act on events. */
export function startWorker(parts: WorkerParts): Worker {
  const { databaseUrl, concurrency, log, dataSource } = parts;
  const connections = new LastingPool({
    connectionString: databaseUrl,
    // One of them listens.
    max: concurrency + 1,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    pipeline: true,
    application_name: 'youth-network-worker',
  });
  connections.on('error', () => undefined).on('connect', (client) => client.on('error', () => undefined));

  const events: WorkerEvents = new EventEmitter();
  let stopped = false;
  events.on('pool:listen:success', ({ workerPool, client }) => void client.query(livesOn(workerPool.id)).catch(() => undefined));
  events.on('job:complete', ({ worker: { workerPool } }) => {
    setTimeout(() => {
      if (!stopped && running === workerPool && workerPool._active) workerPool.nudge(1);
    }, NEXT_MS).unref();
  });

  const tasks = {
    event: async (payload: unknown, helpers: JobHelpers) => {
      const job = payload as JobPayload;
      if (!(await putOff(job, helpers))) await deliver(parts, job);
    },
  };
  const begin = (): WorkerPool =>
    runTaskList({ schema: JOBS_SCHEMA, logger: jobLogger(log), events, concurrency, gracefulShutdownAbortTimeout: GRACE_MS, pollInterval: LOOK_MS, noHandleSignals: true }, tasks, connections);

  let running = begin();
  const ended = (async () => {
    while (!stopped) {
      await running.promise.catch((error: unknown) => log.error({ err: error }, 'the worker could not go on'));
      if (stopped) return;
      await pause(BEGIN_AGAIN_MS);
      if (!stopped) running = begin();
    }
  })();
  const freeing = periodically('abandoned jobs', ABANDONED_MS, () => freeAbandoned(dataSource, { id: running.id, working: workedOn(running) }), log);

  return {
    async stop() {
      stopped = true;
      const stopping = Promise.all([freeing.stop(), Promise.resolve(running.gracefulShutdown('stopping')).catch(() => undefined), ended]);
      await Promise.race([stopping, pause(GRACE_MS, undefined, { ref: false })]);
      await connections.close(GRACE_MS);
    },
  };
}
