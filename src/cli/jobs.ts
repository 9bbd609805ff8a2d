import 'reflect-metadata';
import { InvalidArgumentError } from 'commander';
import type { DataSource } from 'typeorm';
import type { Job, JobState } from '../platform/events/jobs';
import { isUuid } from '../platform/ids';
import { applicationDataSource } from '../setup';
import { command, run, withServer } from './command';

/** Works as the application role, which is the worker's too. */
const onJobs = (work: (source: DataSource, jobs: typeof import('../platform/events/jobs')) => Promise<void>): Promise<void> =>
  withServer(async (server, config) => {
    const source = await applicationDataSource(config, server);
    try {
      await work(source, await import('../platform/events/jobs'));
    } finally {
      await source.destroy();
    }
  });

const tell = ({ eventId, action, subjectType, subjectId, attempts, most, since, nextAt, error }: Job, state: JobState): void => {
  const next = state === 'parked' ? 'parked' : `next ${nextAt.toISOString()}`;
  console.log(`${eventId}  ${action}  ${subjectType} ${subjectId}  since ${since.toISOString()}  tried ${attempts} of ${most}, ${next}`);
  if (error !== null) console.log(`  ${error.split('\n')[0]}`);
};

function eventId(text: string, before: string[] = []): string[] {
  if (!isUuid(text)) throw new InvalidArgumentError('It has to be the id of an event, as list shows it.');
  return [...before, text.toLowerCase()];
}

const program = command('jobs', 'Shows the events that wait to be acted on, and sends parked ones again.');

program
  .command('list')
  .description('lists the parked ones: tried for the last time in vain')
  .option('--waiting', 'lists those that wait for their turn or their next try instead')
  .action(({ waiting }: { waiting?: boolean }) =>
    onJobs(async (source, { listJobs }) => {
      const state: JobState = waiting ? 'waiting' : 'parked';
      const jobs = await listJobs(source, state);
      for (const job of jobs) tell(job, state);
      if (jobs.length === 0) console.log(waiting ? 'No event waits.' : 'No event is parked.');
    }),
  );

program
  .command('retry')
  .description('has events tried again at once, with all their tries before them')
  .argument('[ids...]', 'ids of events, as list shows them; all parked ones when not given', eventId)
  .action((ids: string[]) =>
    onJobs(async (source, { retryJobs }) => {
      const again = await retryJobs(source, ids.length ? ids : null);
      for (const id of again) console.log(id);
      console.log(again.length === 1 ? '1 event is tried again.' : `${again.length} events are tried again.`);
      if (again.length < ids.length) process.exitCode = 1;
    }),
  );

void run(program);
