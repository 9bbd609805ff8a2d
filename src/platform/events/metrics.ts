import { Gauge, type Registry } from 'prom-client';
import type { DataSource } from 'typeorm';
import { countJobs, type JobCounts } from './jobs';

/** How long counted jobs are shown before they are counted again: the gauges of one scrape share a count. */
const FRESH_MS = 1_000;

/** Shows an operator how far behind the worker is, and what waits for the operator. */
export function watchJobs(registry: Registry, source: DataSource): void {
  let counted: { at: number; counts: Promise<JobCounts | null> } | null = null;
  const counts = () => {
    if (!counted || Date.now() - counted.at > FRESH_MS) counted = { at: Date.now(), counts: countJobs(source).catch(() => null) };
    return counted.counts;
  };
  const gauge = (name: string, help: string, of: (counts: JobCounts) => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        const known = await counts();
        // Without an answer of the database there is nothing to show.
        this.set(known === null ? Number.NaN : of(known));
      },
    });
  gauge('event_jobs_waiting', 'Events that wait to be acted on, or for their next try.', ({ waiting }) => waiting);
  gauge('event_jobs_parked', 'Events that were tried for the last time in vain: npm run jobs -- list.', ({ parked }) => parked);
  gauge('event_lag_seconds', 'For how long the event that waits longest has waited, of those that are due.', ({ lagSeconds }) => lagSeconds);
}
