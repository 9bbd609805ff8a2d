import { AsyncLocalStorage } from 'node:async_hooks';
import type { DataSource } from 'typeorm';
import { createDataSource } from '../src/platform/database/data-source';
import { alone } from '../src/platform/database/migrate';
import { OperatorError } from '../src/platform/operator-error';
import { Passwords } from '../src/platform/identity/passwords';
import { entities } from '../src/domain';
import { Calendar } from './calendar';
import { SAMPLE_PASSWORD, sampleNetworks } from './data';
import { Story, type Stage, type Step } from './story';

/** What to seed, and the day that the files count from. */
export interface Seeding {
  owner: DataSource;
  applicationUrl: string;
  secret: string;
  now?: Date;
}

/** Made now; there already; or left alone, since the database holds networks of other origin. */
export type Outcome = 'SEEDED' | 'THERE' | 'OTHERS';

/**
 * Makes the sample networks in a database without any, one process at a time. Their mark says STARTED until all is there;
 * what an interrupted process left is taken away and made anew.
 */
export const seedSample = (seeding: Seeding): Promise<Outcome> =>
  alone(seeding.owner, async () => {
    const { owner } = seeding;
    const networks = await owner.query<{ code: string; sample: string | null }[]>('SELECT code, sample FROM networks ORDER BY code');
    const unfinished = networks.filter(({ sample }) => sample === 'STARTED');
    if (networks.length > unfinished.length) {
      if (!unfinished.length) return networks.some(({ sample }) => sample !== null) ? 'THERE' : 'OTHERS';
      const codes = networks.map(({ code }) => code).join(', ');
      throw new OperatorError(`The sample networks are unfinished, and the database holds others (${codes}): use another database for samples.`);
    }
    // Nothing but what the interrupted seed made is there.
    if (unfinished.length) await owner.query('TRUNCATE networks, users CASCADE');
    await play(seeding);
    await owner.query(`UPDATE networks SET sample = 'COMPLETE' WHERE sample = 'STARTED'`);
    return 'SEEDED';
  });

/** How many steps are played at once where their order does not matter. */
const AT_ONCE = 4;

async function play({ owner, applicationUrl, secret, now = new Date() }: Seeding): Promise<void> {
  const application = await createDataSource({
    url: applicationUrl,
    poolSize: AT_ONCE + 1,
    waitMs: 30_000,
    name: 'youth-network-seed',
    entities,
    // What a crash takes is made anew anyway.
    settings: { synchronous_commit: 'off' },
  }).initialize();
  try {
    const time = new AsyncLocalStorage<Date>();
    // Everybody has the same password, so its hash is made once.
    const hash = await (await Passwords.create()).hash(SAMPLE_PASSWORD);
    const stage: Omit<Stage, 'date' | 'instant'> = { owner, application, secret, hasher: { hash: async () => hash }, clock: { now: () => time.getStore()! } };
    const stories = sampleNetworks().map((data) => {
      const calendar = new Calendar(now, data.network.timeZone);
      const story = new Story(data, { ...stage, date: (day) => calendar.date(day), instant: (step) => calendar.instant(step) });
      return { story, calendar };
    });
    const steps = stories.flatMap(({ story, calendar }) => [...story.steps()].map((step) => ({ ...step, at: calendar.instant(step) })));
    for (const together of inTurns(steps.sort((a, b) => a.at.getTime() - b.at.getTime()))) {
      await Promise.all(together.map(({ at, act }) => time.run(at, act)));
    }
    const sessionIds = (await Promise.all(stories.map(({ story }) => story.sessionIds()))).flat();
    await owner.query('DELETE FROM sessions WHERE id = ANY($1)', [sessionIds]);
  } finally {
    await application.destroy();
  }
}

/** Parts steps in their order into turns: some that may be done at once, or one. */
function* inTurns<Dated extends Step>(steps: readonly Dated[]): Generator<Dated[]> {
  let turn: Dated[] = [];
  for (const step of steps) {
    const [first] = turn;
    if (first && (turn.length === AT_ONCE || !first.free || !step.free || first.day !== step.day)) {
      yield turn;
      turn = [];
    }
    turn.push(step);
  }
  if (turn.length) yield turn;
}
