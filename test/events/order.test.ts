import type { Reaction } from '../../src/platform/events/reactions';
import { reactions } from '../../src/domain/tasks';
import { countJobs, listJobs, retryJobs } from '../../src/platform/events/jobs';
import { Agreements, uuidOf, type ContractView } from '../contracts/agreements';
import { command } from '../start/server';
import { TestApi } from '../support/api';

let api: TestApi;
let world: Agreements;
/** What was done, in the order of its being done. */
let done: { subject: string; action: string }[] = [];
/** Which events cannot be acted on yet. */
let broken: (subject: string, action: string) => boolean = () => false;

/** Does what it does once per event, and fails as long as it is told to. */
const fragile: Reaction = {
  name: 'test.fragile',
  door: 'events',
  isAbout: () => true,
  async react(_tx, { subjectId, action }) {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 8));
    if (broken(subjectId, action)) throw new Error(`cannot ${action} yet`);
    done.push({ subject: subjectId, action });
  },
};
/** Works beside the fragile one. */
let beside = 0;
const steady: Reaction = { name: 'test.steady', door: 'events', isAbout: () => true, react: async () => void (beside += 1) };

beforeAll(async () => {
  api = await TestApi.start({ WORKER_CONCURRENCY: '8' });
  world = await Agreements.begin(api);
});
afterAll(() => api.stop());
beforeEach(async () => {
  await api.settled().catch(() => undefined);
  [done, broken, beside] = [[], () => false, 0];
});

const doneTo = ({ id }: ContractView) => done.filter(({ subject }) => subject === uuidOf(id)).map(({ action }) => action);
const STEPS = ['contract.draft', 'contract.propose', 'contract.sign', 'contract.sign', 'contract.activate', 'contract.suspend', 'contract.resume', 'contract.terminate'];

/** Takes a contract through its life. */
async function live(): Promise<ContractView> {
  let contract = await world.concluded({ term: { from: '2020-01-01', to: null } });
  for (const verb of ['suspendContract', 'resumeContract', 'terminateContract']) {
    contract = await world.done(verb, { id: contract.id, version: contract.version }, world.committee);
  }
  return contract;
}

/** Brings every next try forward to now. */
async function hurry(): Promise<void> {
  await api.database.sql(`UPDATE graphile_worker._private_jobs SET run_at = now() + (id % 1000) * interval '1 microsecond' WHERE locked_at IS NULL AND attempts < max_attempts`);
}

/** Waits until something is so, without waiting out what is between the tries. */
const hurried = (what: () => boolean | Promise<boolean>): Promise<void> =>
  api.until(async () => {
    await hurry();
    return what();
  });

test('what happens to a subject is acted on in its order, though many are at work', async () => {
  const workers = [api.work([fragile]), api.work([fragile])];
  const contracts = await Promise.all(Array.from({ length: 6 }, live));
  await api.settled();
  for (const contract of contracts) expect(doneTo(contract)).toEqual(STEPS);
  for (const worker of workers) await worker.stop();
});

test('one that fails is tried again, holds up its own subject alone, and is not overtaken', async () => {
  const [unlucky, lucky] = await Promise.all([live(), live()]);
  let tries = 0;
  let mended = false;
  broken = (subject, action) => subject === uuidOf(unlucky.id) && action === 'contract.propose' && !mended && (tries += 1) > 0;
  const worker = api.work([fragile, steady]);
  await api.until(() => doneTo(lucky).length === STEPS.length && tries > 0);
  expect(doneTo(unlucky)).toEqual(['contract.draft']);
  await hurried(() => tries >= 4);
  mended = true;
  await hurried(async () => (await countJobs(api.dataSource)).waiting === 0);
  expect(doneTo(unlucky)).toEqual(STEPS);
  // What another reaction did at the first try is not done again.
  expect(beside).toBe(2 * STEPS.length);
  await worker.stop();
});

test('the next try comes later and later', async () => {
  const contract = await world.draft();
  broken = (subject) => subject === uuidOf(contract.id);
  const worker = api.work([fragile]);
  const waits: number[] = [];
  for (let tried = 1; tried <= 4; tried += 1) {
    let job;
    do {
      [job] = (await listJobs(api.dataSource, 'waiting')).filter(({ subjectId }) => subjectId === uuidOf(contract.id));
    } while (!job || job.attempts < tried || job.error === null || job.nextAt.getTime() < Date.now());
    waits.push(job.nextAt.getTime() - Date.now());
    expect(job).toMatchObject({ attempts: tried, most: 12, error: 'cannot contract.draft yet', action: 'contract.draft', subjectType: 'Contract' });
    await hurry();
  }
  for (const [index, wait] of waits.entries()) expect(wait).toBeGreaterThan(Math.exp(index + 1) * 1_000 - 1_500);
  broken = () => false;
  await hurried(() => doneTo(contract).length === 1);
  await worker.stop();
});

test('after the last try it is parked, the rest goes on, and an operator sees it and sends it again', async () => {
  const contract = await live();
  broken = (subject, action) => subject === uuidOf(contract.id) && action === 'contract.propose';
  const worker = api.work([fragile, ...reactions]);
  await hurried(() => doneTo(contract).length === STEPS.length - 1);
  expect(doneTo(contract)).toEqual(STEPS.filter((action) => action !== 'contract.propose'));
  await api.settled();
  expect(await countJobs(api.dataSource)).toMatchObject({ waiting: 0, parked: 1 });
  // People were told all the same.
  expect(await api.database.sql(`SELECT count(*)::int AS told FROM notifications WHERE subject_id = $1 AND notice = 'contract.propose'`, [uuidOf(contract.id)])).toEqual([{ told: 2 }]);
  const scraped = await (await fetch(`${api.url}/metrics`)).text();
  expect(scraped).toMatch(/^event_jobs_parked 1$/m);
  expect(scraped).toMatch(/^event_lag_seconds 0$/m);

  const env = { DATABASE_URL: api.database.applicationUrl, LOG_LEVEL: 'silent' };
  const listed = await command('cli/jobs', env, 'list');
  const [parked] = await listJobs(api.dataSource, 'parked');
  expect(listed).toMatchObject({ code: 0, errors: '' });
  expect(listed.output.split('\n')).toEqual([
    expect.stringContaining(`${parked!.eventId}  contract.propose  Contract ${uuidOf(contract.id)}`), '  cannot contract.propose yet', '',
  ]);
  expect(listed.output).toContain('tried 12 of 12, parked');

  // Sent again before it is mended, it is parked again.
  expect(await command('cli/jobs', env, 'retry', parked!.eventId)).toMatchObject({ code: 0, output: `${parked!.eventId}\n1 event is tried again.\n` });
  await hurried(async () => (await countJobs(api.dataSource)).parked === 1);
  broken = () => false;
  expect(await command('cli/jobs', env, 'retry')).toMatchObject({ code: 0, output: `${parked!.eventId}\n1 event is tried again.\n` });
  await api.settled();
  expect(doneTo(contract)).toEqual([...STEPS.filter((action) => action !== 'contract.propose'), 'contract.propose']);
  expect(await command('cli/jobs', env, 'list')).toMatchObject({ code: 0, output: 'No event is parked.\n' });
  expect(await command('cli/jobs', env, 'list', '--waiting')).toMatchObject({ code: 0, output: 'No event waits.\n' });
  expect((await command('cli/jobs', env, 'retry', parked!.eventId)).code).toBe(1);
  expect((await command('cli/jobs', env, 'retry', 'x; DROP TABLE events')).errors).toContain('id of an event');
  expect(await retryJobs(api.dataSource, null)).toEqual([]);
  await worker.stop();
}, 120_000);
