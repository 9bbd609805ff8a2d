import type { DataSource } from 'typeorm';

/** One event that waits to be acted on. */
export interface Job {
  /** The id of its event. */
  eventId: string;
  action: string;
  subjectType: string;
  subjectId: string;
  networkId: string;
  /** Tried so often; parked once that is `most`. */
  attempts: number;
  most: number;
  /** When it was announced. */
  since: Date;
  /** When it is tried next. */
  nextAt: Date;
  error: string | null;
}

/** waiting: for its turn or its next try; parked: after its last one, for an operator to look at and send again. */
export type JobState = 'waiting' | 'parked';

/** How many jobs are listed or counted one by one. */
const MOST = 1_000;

/** Conditions of the states on `j`. A job without its key was replaced by a later one while it was worked on. */
const STATES: Readonly<Record<JobState, string>> = {
  waiting: 'j.key IS NOT NULL AND (j.attempts < j.max_attempts OR j.locked_at IS NOT NULL)',
  parked: 'j.key IS NOT NULL AND j.attempts >= j.max_attempts AND j.locked_at IS NULL',
};

/** The jobs of a state, oldest first. */
export async function listJobs(source: DataSource, state: JobState): Promise<Job[]> {
  return source.query<Job[]>(
    `SELECT j.key AS "eventId", j.payload->>'action' AS action, j.payload->>'subjectType' AS "subjectType", j.payload->>'subjectId' AS "subjectId",
       j.payload->>'networkId' AS "networkId", j.attempts, j.max_attempts AS most, j.created_at AS since, j.run_at AS "nextAt", j.last_error AS error
     FROM graphile_worker._private_jobs j WHERE ${STATES[state]} ORDER BY j.id LIMIT ${MOST}`,
  );
}

/**
 * Has jobs tried again now, with all their tries before them: parked ones, and ones that wait for their next try.
 * @param eventIds all parked ones when not given
 * @returns the ids of those that are
 */
export async function retryJobs(source: DataSource, eventIds: readonly string[] | null): Promise<string[]> {
  const chosen = eventIds === null ? STATES.parked : 'j.key = ANY ($1::text[]) AND j.locked_at IS NULL';
  const rows = await source.query<{ key: string }[]>(
    `SELECT again.key FROM graphile_worker.reschedule_jobs(
       ARRAY(SELECT j.id FROM graphile_worker._private_jobs j WHERE ${chosen}), run_at => now(), attempts => 0) again ORDER BY again.id`,
    eventIds === null ? [] : [eventIds],
  );
  return rows.map(({ key }) => key);
}

/** How the jobs stand. */
export interface JobCounts {
  waiting: number;
  parked: number;
  /** For how long the event that waits longest has waited, of those that are due, in seconds. */
  lagSeconds: number;
}

export async function countJobs(source: DataSource): Promise<JobCounts> {
  const [counts] = await source.query<[JobCounts]>(
    `SELECT count(*) FILTER (WHERE ${STATES.waiting}) AS waiting, count(*) FILTER (WHERE ${STATES.parked}) AS parked,
       coalesce(extract(epoch FROM now() - min(j.created_at) FILTER (WHERE ${STATES.waiting} AND j.run_at <= now())), 0)::float8 AS "lagSeconds"
     FROM graphile_worker._private_jobs j`,
  );
  return counts;
}

/** Advisory locks that say which worker pools live are taken in a space of their own; the number is arbitrary but fixed. */
const POOLS = 7_266_172;

/** Says that a worker pool lives, for as long as the connection does. */
export const livesOn = (poolId: string) => ({ text: 'SELECT pg_advisory_lock($1, hashtext($2))', values: [POOLS, poolId] });

/** The pool that asks, which lives, and the jobs that it works on now. */
export interface LivingPool {
  id: string;
  working: readonly string[];
}

/**
 * Frees the jobs of pools whose process died at work, those of the own pool that it never heard of since the connection
 * was lost with the answer, and the queues that nobody works in, so that somebody goes on with them; forgets jobs that such
 * a pool had replaced by later ones.
 */
export async function freeAbandoned(source: DataSource, { id: own, working }: LivingPool): Promise<void> {
  await source.query(
    `SELECT graphile_worker.force_unlock_workers(array_agg(pool)) FROM (
       SELECT locked_by AS pool FROM graphile_worker._private_jobs WHERE locked_by <> $2
       UNION SELECT locked_by FROM graphile_worker._private_job_queues WHERE locked_by <> $2) locked
     WHERE pg_try_advisory_xact_lock($1, hashtext(pool)) HAVING count(*) > 0`,
    [POOLS, own],
  );
  // Should the answer come yet, the job is done by two: what it does is done once all the same.
  await source.query(
    `UPDATE graphile_worker._private_jobs SET locked_at = NULL, locked_by = NULL, run_at = greatest(run_at, now())
     WHERE locked_by = $1 AND locked_at < now() - interval '10 seconds' AND id <> ALL ($2::bigint[])`,
    [own, working],
  );
  await source.query(
    `UPDATE graphile_worker._private_job_queues q SET locked_at = NULL, locked_by = NULL
     WHERE q.locked_at < now() - interval '10 seconds'
       AND NOT EXISTS (SELECT FROM graphile_worker._private_jobs j WHERE j.job_queue_id = q.id AND j.locked_at IS NOT NULL)`,
  );
  await source.query('DELETE FROM graphile_worker._private_jobs WHERE key IS NULL AND attempts >= max_attempts AND locked_at IS NULL');
}
