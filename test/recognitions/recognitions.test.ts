import { v7 } from 'uuid';
import { toGlobalId } from '../../src/platform/ids';
import { TestApi } from '../support/api';
import type { Person, TestNetwork, TestOrganization } from '../support/world';

/** Recognitions: who nominates whom, on what evidence, and how the public notice runs. */

let api: TestApi;
let network: TestNetwork;
let hub: TestOrganization;
let school: TestOrganization;
let committee: Person;
let staff: Person;
let volunteer: Person;
let resident: Person;
let subject: string;

// A Wednesday before the National Day of 2026: holidays from 1 to 7 October, the Saturday after it is a working day.
const NOMINATED = '2026-09-23T02:00:00Z';

beforeAll(async () => {
  api = await TestApi.start();
  ({ network, hub, committee } = await api.world.found());
  school = await api.world.organization(network, { name: 'School' });
  staff = await api.world.person(school, 'STAFF');
  resident = await api.world.person(hub, 'RESIDENT');
});
beforeEach(async () => {
  api.clock.set(NOMINATED);
  volunteer = await api.world.person(school, 'VOLUNTEER');
  subject = await inService(volunteer);
});
afterAll(() => api.stop());

let number = 0;
/** A volunteer of the school's, with or without an account. */
async function inService(person: Person | null, { listed = false, status = 'ACTIVE' } = {}): Promise<string> {
  const id = v7();
  await api.database.sql(
    `INSERT INTO volunteers (network_id, id, number, display_name, status, occupation, organization_id, user_id, adult_on, channel, is_listed, created_at)
     VALUES ($1, $2, $3, 'Volunteer', $4, 'STUDENT', $5, $6, '2020-01-01', 'ONLINE', $7, now())`,
    [network.id, id, `V-${String((number += 1)).padStart(6, '0')}`, status, school.id, person?.userId ?? null, listed],
  );
  return id;
}

/** A record of service, as another system gave it. */
async function served(volunteerId: string, hours: number, on: string, { evaluation = null as number | null, corrects = null as string | null, points = 0 } = {}): Promise<string> {
  const id = v7();
  await api.database.sql(
    `INSERT INTO service_records (network_id, id, volunteer_id, organizer_id, activity_title, duty, service_date, seconds, evaluation, confirmed_by,
       confirmed_by_name, confirmed_at, corrects_id, points, origin, origin_id) VALUES ($1, $2, $3, $4, 'Service', 'Publicist', $5, $6, $7, $8, 'Staff', now(), $9, $10, 'elsewhere', $11)`,
    [network.id, id, volunteerId, school.id, on, hours * 3600, evaluation, staff.userId, corrects, points, id],
  );
  return id;
}

const RECOGNITION = 'recognition { id status version noticeEndsOn publicizedOn objections citation evidence { serviceHours activities averageEvaluation stars } viewerCan }';
const nomination = (changes: Record<string, unknown> = {}) => ({ volunteer: toGlobalId('Volunteer', subject), kind: 'LEAGUE_DELEGATE', citation: 'Two years at the station', ...changes });
const nominate = async (changes: Record<string, unknown> = {}, as = staff) => (await api.done('nominate', nomination(changes), as, RECOGNITION)).recognition;
const step = async (name: string, { id, version }: { id: string; version: number }, more: Record<string, unknown> = {}, as = committee) =>
  (await api.done(name, { id, version, ...more }, as, RECOGNITION)).recognition;
const codes = async (name: string, input: Record<string, unknown>, as: Person) =>
  (await api.mutate(name, input, as)).userErrors.map(({ code }: { code: string }) => code);
const read = async (id: string, as: Person | null) => (await api.must(`query ($id: ID!) { node(id: $id) { ... on Recognition { status viewerCan volunteer { displayName } } } }`, { id }, as)).node;
const onNotice = async () => step('publicizeRecognition', await step('reviewRecognition', await nominate()));

test('the evidence is what the records say at the nomination, and stays so', async () => {
  await api.database.sql('UPDATE volunteers SET service_seconds = $2 WHERE id = $1', [subject, 310 * 3600]);
  await served(subject, 10, '2026-08-01', { evaluation: 5 });
  const wrong = await served(subject, 4, '2026-08-02', { evaluation: 1 });
  await served(subject, 3, '2026-08-02', { evaluation: 4, corrects: wrong });
  const { id, evidence } = await nominate();
  expect(evidence).toEqual({ serviceHours: 310, activities: 0, averageEvaluation: 4.5, stars: 2 });
  await served(subject, 10, '2026-09-01', { evaluation: 1 });
  const { node } = await api.must('query ($id: ID!) { node(id: $id) { ... on Recognition { evidence { averageEvaluation } } } }', { id }, committee);
  expect(node.evidence.averageEvaluation).toBe(4.5);
});

test('it is nominated, reviewed, put on notice for five working days, and awarded after them', async () => {
  const nominated = await nominate();
  expect(nominated).toMatchObject({ status: 'NOMINATED', noticeEndsOn: null });
  const reviewed = await step('reviewRecognition', nominated);
  const publicized = await step('publicizeRecognition', reviewed);
  // 24, 28, 29 and 30 September and 8 October: the 25th is the Mid-Autumn holiday.
  expect(publicized).toMatchObject({ status: 'PUBLICIZED', publicizedOn: '2026-09-23', noticeEndsOn: '2026-10-08' });
  expect(await codes('awardRecognition', { id: publicized.id, version: publicized.version }, committee)).toEqual(['TOO_EARLY']);
  api.clock.set('2026-10-08T15:59:00Z');
  expect(await codes('awardRecognition', { id: publicized.id, version: publicized.version }, committee)).toEqual(['TOO_EARLY']);
  api.clock.set('2026-10-08T16:00:00Z');
  const awarded = await step('awardRecognition', publicized);
  expect(awarded.status).toBe('AWARDED');
  expect(awarded.viewerCan).toEqual(['REVOKE']);
  const revoked = await step('revokeRecognition', awarded, { reason: 'The records were wrong' });
  expect(revoked.status).toBe('REVOKED');
  const { node } = await api.must('query ($id: ID!) { node(id: $id) { ... on Recognition { history { to note } } } }', { id: revoked.id }, volunteer);
  expect(node.history.map(({ to }: { to: string }) => to)).toEqual(['NOMINATED', 'UNDER_REVIEW', 'PUBLICIZED', 'AWARDED', 'REVOKED']);
});

test('holidays and the working days that are moved count as China has them', async () => {
  api.clock.set('2026-09-30T02:00:00Z');
  // 8, 9 and 10 (a Saturday that is worked), 12 and 13 October.
  expect(await onNotice()).toMatchObject({ publicizedOn: '2026-09-30', noticeEndsOn: '2026-10-13' });
});

test('an objection leads back to review, is counted, and is read by the committee and by who made it', async () => {
  const { id } = await onNotice();
  expect(await codes('objectToRecognition', { id, reason: 'It was somebody else' }, volunteer)).toEqual(['NOT_ALLOWED']);
  await api.done('objectToRecognition', { id, reason: 'It was somebody else' }, resident);
  const OBJECTIONS = 'query ($id: ID!) { node(id: $id) { ... on Recognition { status objections objectionsMade { reason by { displayName } } history { by { displayName } to } } } }';
  const { node } = await api.must(OBJECTIONS, { id }, committee);
  expect(node).toMatchObject({ status: 'UNDER_REVIEW', objections: 1, objectionsMade: [{ reason: 'It was somebody else' }] });
  const { node: own } = await api.must(OBJECTIONS, { id }, volunteer);
  expect(own).toMatchObject({ objections: 1, objectionsMade: [] });
  expect(own.history.at(-1)).toEqual({ to: 'UNDER_REVIEW', by: null });
  expect(await read(id, resident)).toBeNull();
  expect(await codes('objectToRecognition', { id, reason: 'Once more' }, resident)).toEqual(['NOT_FOUND']);
});

test('an objection after the notice has ended is too late', async () => {
  const { id } = await onNotice();
  api.clock.set('2026-10-08T16:00:00Z');
  expect(await codes('objectToRecognition', { id, reason: 'Too late' }, resident)).toEqual(['TOO_LATE']);
});

test('everybody sees it on notice and awarded, and the volunteer’s name with it; else only those whom it concerns', async () => {
  const nominated = await nominate();
  for (const person of [committee, staff, volunteer]) expect(await read(nominated.id, person)).toMatchObject({ status: 'NOMINATED' });
  for (const person of [resident, null]) expect(await read(nominated.id, person)).toBeNull();
  const publicized = await step('publicizeRecognition', await step('reviewRecognition', nominated));
  for (const person of [resident, null]) expect(await read(nominated.id, person)).toMatchObject({ status: 'PUBLICIZED', volunteer: { displayName: 'Volunteer' } });
  await step('rejectRecognition', publicized, { reason: 'Not now' });
  for (const person of [resident, null]) {
    expect(await read(nominated.id, person)).toBeNull();
    const { node } = await api.must('query ($id: ID!) { node(id: $id) { id } }', { id: toGlobalId('Volunteer', subject) }, person);
    expect(node).toBeNull();
  }
});

test('nobody nominates or reviews oneself, nor twice, nor who is not in service', async () => {
  const colleague = await api.world.person(school, 'STAFF');
  subject = await inService(colleague);
  expect(await codes('nominate', nomination(), colleague)).toEqual(['NOT_ALLOWED']);
  await nominate();
  expect(await codes('nominate', nomination(), staff)).toEqual(['DUPLICATE']);
  subject = await inService(null, { status: 'PAUSED' });
  expect(await codes('nominate', nomination(), staff)).toEqual(['CONFLICT']);
  const chair = await api.world.person(hub, 'COMMITTEE');
  subject = await inService(chair);
  const { id, version } = await nominate();
  expect(await codes('reviewRecognition', { id, version }, chair)).toEqual(['NOT_ALLOWED']);
});

test('who may not is refused, and what may not be seen is not there', async () => {
  const other = await api.world.organization(network);
  const elsewhere = await api.world.person(other, 'STAFF');
  expect(await codes('nominate', nomination(), elsewhere)).toEqual(['NOT_FOUND']);
  const { id, version } = await nominate();
  for (const name of ['reviewRecognition', 'publicizeRecognition', 'awardRecognition']) {
    for (const person of [staff, volunteer, resident]) {
      const { errors } = await api.ask(`mutation ($input: ${name === 'publicizeRecognition' ? 'PublicizeRecognitionInput' : 'RecognitionNoteInput'}!) { ${name}(input: $input) { userErrors { code } } }`, { input: { id, version } }, person);
      expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    }
  }
  expect(await codes('publicizeRecognition', { id, version }, committee)).toEqual(['WRONG_STATE']);
  expect(await codes('reviewRecognition', { id, version: version + 1 }, committee)).toEqual(['STALE_VERSION']);
  expect(await codes('publicizeRecognition', { id, version, workingDays: 4 }, committee)).toEqual(['INVALID']);
});

test('the same nomination at the same instant is made once', async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, () => api.mutate('nominate', nomination(), staff, RECOGNITION)));
  expect(answers.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1);
  expect(answers.flatMap(({ userErrors }) => userErrors.map(({ code }: { code: string }) => code))).toEqual(Array(7).fill('DUPLICATE'));
});

test('the leaderboard has those who agreed, by the hours of the period as they were corrected', async () => {
  const [first, second, shy] = [await inService(null, { listed: true }), await inService(null, { listed: true }), await inService(null)];
  const wrong = await served(first, 9, '2026-07-10', { points: 90 });
  await served(first, 5, '2026-07-10', { corrects: wrong, points: 50 });
  await served(second, 6, '2026-07-31', { points: 60 });
  await served(second, 50, '2026-08-01');
  await served(shy, 40, '2026-07-02');
  const board = (as: Person | null) => api.must('{ leaderboard(period: { from: "2026-07-01", to: "2026-07-31" }) { rank hours points volunteer { id } } }', {}, as);
  expect((await board(volunteer)).leaderboard).toEqual([
    { rank: 1, hours: 6, points: 60, volunteer: { id: toGlobalId('Volunteer', second) } },
    { rank: 2, hours: 5, points: 50, volunteer: { id: toGlobalId('Volunteer', first) } },
  ]);
  expect((await board(null)).leaderboard).toEqual([]);
  const { errors } = await api.ask('{ leaderboard(period: { from: "2026-07-02", to: "2026-07-01" }) { rank } }', {}, volunteer);
  expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
});
