import { Desk, NOW, at, range } from '../bookings/desk';
import { uuidOf } from '../contracts/agreements';
import { volunteer } from '../records/people';
import { Reader, PUBLIC_URL } from '../calendars/reader';
import { subscribe } from '../subscriptions/clients';
import { TestApi } from '../support/api';
import type { Person } from '../support/world';
import { Agenda, type ActivityView } from './agenda';

jest.setTimeout(60_000);

let api: TestApi;
let desk: Desk;
let agenda: Agenda;
let ari: Person;
let vera: Person;

beforeAll(async () => {
  api = await TestApi.start({ PUBLIC_URL });
  api.clock.set(NOW);
  desk = await Desk.begin(api);
  agenda = new Agenda(api);
  [ari, vera] = [await api.world.person(desk.a, 'STAFF', 'Ari'), await api.world.person(desk.a, 'VOLUNTEER', 'Vera')];
}, 120_000);
beforeEach(() => api.clock.set(NOW));
afterAll(() => api.stop());

const tomorrow = range(11, '09:00', '12:00');
/** An activity of A's, tomorrow morning. */
const create = (more: Record<string, unknown> = {}): Promise<ActivityView> => agenda.create(ari, { range: tomorrow, ...more });
const open = (activity: ActivityView): Promise<ActivityView> => agenda.step('openRegistration', activity, ari);
const seen = async (activity: ActivityView, by: (Person | null)[]): Promise<boolean[]> => {
  const all = [];
  for (const person of by) all.push((await agenda.read(activity.id, person)) !== null);
  return all;
};

describe('who sees an activity', () => {
  test('before it is open its host, whoever is invited and the committee; then those whom it is for', async () => {
    const askers = [ari, desk.bea, desk.otto, vera, desk.committee, null];
    const activity = await create();
    expect(await seen(activity, askers)).toEqual([true, false, false, false, true, false]);
    await agenda.invite(activity, desk.b, ari);
    expect(await seen(activity, askers)).toEqual([true, true, false, false, true, false]);
    await open(activity);
    expect(await seen(activity, askers)).toEqual([true, true, true, true, true, false]);
    await agenda.step('updateActivity', activity, ari, { visibility: 'PUBLIC' });
    expect(await seen(activity, askers)).toEqual([true, true, true, true, true, true]);
    // Who has not answered, and what was done by whom, is not for everybody.
    expect((await agenda.read(activity.id, desk.otto))!).toMatchObject({ participations: [{ role: 'HOST' }], history: [], viewerCan: ['REGISTER'] });
    expect((await agenda.read(activity.id, null))!.participations).toHaveLength(1);
    expect((await agenda.read(activity.id, desk.bea))!.participations).toHaveLength(2);
    await agenda.answer(activity, desk.bea);
    expect((await agenda.read(activity.id, null))!.participations).toMatchObject([{ role: 'HOST' }, { role: 'CO_HOST', status: 'ACCEPTED' }]);
  });

  test('a filter by an organization tells nothing of an invitation that was not accepted', async () => {
    const activity = await create({ title: 'Kept quiet' });
    await agenda.invite(activity, desk.b, ari);
    await open(activity);
    const filter = { organization: desk.b.globalId, text: 'kept quiet' };
    expect([await agenda.list(desk.otto, filter), await agenda.list(desk.bea, filter), await agenda.list(ari, filter)]).toEqual([[], ['Kept quiet'], ['Kept quiet']]);
    await agenda.answer(activity, desk.bea);
    expect(await agenda.list(desk.otto, filter)).toEqual(['Kept quiet']);
  });

  test('who has declined sees it no more before it is open, and may be asked again', async () => {
    const activity = await create();
    await agenda.invite(activity, desk.b, ari);
    expect(await agenda.refused('inviteOrganization', { activity: activity.id, organization: desk.b.globalId, role: 'SUPPORTER' }, ari)).toBe('DUPLICATE');
    expect(await agenda.answer(activity, desk.bea, false)).toBeNull();
    expect(await seen(activity, [desk.bea])).toEqual([false]);
    expect((await agenda.invite(activity, desk.b, ari, 'SUPPORTER')).participations).toMatchObject([{}, { role: 'SUPPORTER', status: 'INVITED' }]);
    expect(await seen(activity, [desk.bea])).toEqual([true]);
  });
});

describe('lists', () => {
  test('go as a calendar does, narrowed by organization, position, category, range, status and text', async () => {
    const { position } = await api.done('createPosition', { organization: desk.a.globalId, name: 'Corner' }, desk.ada, 'position { id }');
    const late = await create({ title: 'Lantern riddles', category: 'CULTURE', range: range(20, '18:00', '20:00'), position: position.id, description: 'On the square' });
    await create({ title: 'Lantern making', category: 'CULTURE', range: range(19, '18:00', '20:00') });
    await open(late);
    const titles = (filter: Record<string, unknown>) => agenda.list(ari, { text: 'lantern', ...filter });
    expect(await titles({})).toEqual(['Lantern making', 'Lantern riddles']);
    expect(await titles({ status: 'OPEN' })).toEqual(['Lantern riddles']);
    expect(await titles({ position: position.id })).toEqual(['Lantern riddles']);
    expect(await titles({ category: 'OUTREACH' })).toEqual([]);
    expect(await titles({ range: range(19, '00:00', '19:00') })).toEqual(['Lantern making']);
    expect(await titles({ organization: desk.a.globalId })).toHaveLength(2);
    expect(await agenda.list(ari, { text: 'the square' })).toEqual(['Lantern riddles']);
    expect(await agenda.list(desk.otto, { text: 'lantern' })).toEqual(['Lantern riddles']);
    const ofA = await api.must('query ($id: ID!) { node(id: $id) { ... on Organization { activities(first: 1) { totalCount nodes { title } } } } }', { id: desk.a.globalId }, desk.otto);
    expect(ofA.node.activities.nodes).toEqual([{ title: 'Lantern riddles' }]);
    const { search } = await api.must('{ search(query: "lantern ridles") { nodes { ... on Activity { title } } } }', {}, desk.otto);
    expect(search.nodes).toContainEqual({ title: 'Lantern riddles' });
    for (const filter of [{ position: desk.a.globalId }, { range: { start: tomorrow.end, end: tomorrow.start } }]) {
      expect((await api.ask('query ($filter: ActivityFilter) { activities(filter: $filter) { totalCount } }', { filter }, ari)).errors![0]!.extensions.code).toBe('BAD_USER_INPUT');
    }
  });
});

describe('pledges', () => {
  test('a resource is booked by the rights of who pledges it, shown with the activity, and free again when they withdraw', async () => {
    const [hall, secret] = [await desk.resource('Hall', {}, desk.b), await desk.resource('Secret', { sharing: 'PRIVATE' })];
    const activity = await create();
    await agenda.invite(activity, desk.b, ari);
    const pledge = (resource: string, more: Record<string, unknown> = {}) => ({ activity: activity.id, resources: [{ resource }], ...more });
    expect(await agenda.refused('pledge', pledge(hall), desk.bea)).toBe('CONFLICT');
    await agenda.answer(activity, desk.bea);
    expect(await agenda.refused('pledge', { activity: activity.id }, desk.bea)).toBe('INVALID');
    expect(await agenda.refused('pledge', pledge(secret), desk.bea)).toBe('NOT_FOUND');
    expect(await agenda.refused('pledge', pledge(hall), desk.otto)).toBe('NOT_FOUND');
    const input = pledge(hall, { volunteers: 12, idempotencyKey: 'pledged-once' });
    for (let turn = 0; turn < 2; turn++) await api.done('pledge', input, desk.bea, 'activity { id }');
    const now = (await agenda.read(activity.id, desk.bea))!;
    expect(now.participations[1]).toMatchObject({ pledgedVolunteers: 12, pledgedResources: [{ id: hall }] });
    expect(now.bookings).toMatchObject([{ status: 'CONFIRMED', purpose: 'Clean the river', resource: { id: hall }, organization: { id: desk.b.globalId } }]);
    const { node } = await api.must('query ($id: ID!) { node(id: $id) { ... on Booking { activity { id } } } }', { id: now.bookings[0]!.id }, desk.bea);
    expect(node.activity).toEqual({ id: activity.id });
    // It takes the place that it says.
    expect(await desk.codes(hall, tomorrow, desk.ada)).toEqual(['CONFLICT']);
    expect(await agenda.refused('pledge', pledge(hall), ari)).toBe('CONFLICT');
    await agenda.answer(activity, desk.bea, false);
    expect((await agenda.read(activity.id, ari))!.participations[1]).toMatchObject({ status: 'WITHDRAWN', pledgedVolunteers: 0, pledgedResources: [] });
    expect(await desk.codes(hall, tomorrow, desk.ada)).toEqual([]);
  });

  test('all of them or none', async () => {
    const [free, taken] = [await desk.resource('Free'), await desk.resource('Taken')];
    await desk.book(taken, tomorrow);
    const activity = await create();
    const payload = await api.mutate('pledge', { activity: activity.id, resources: [{ resource: free }, { resource: taken }] }, ari);
    expect(payload.userErrors).toMatchObject([{ code: 'CONFLICT', path: ['input', 'resources', '1', 'resource'] }]);
    expect(await desk.codes(free, tomorrow, ari)).toEqual([]);
  });

  test('end with the booking', async () => {
    const hall = await desk.resource('Lent');
    const activity = await create();
    await api.done('pledge', { activity: activity.id, resources: [{ resource: hall }] }, ari);
    const [booking] = (await agenda.read(activity.id, ari))!.bookings;
    await desk.move('cancelBooking', { id: booking!.id, version: 1 }, ari);
    expect((await agenda.read(activity.id, ari))!.participations[0]!.pledgedResources).toEqual([]);
  });
});

describe('calling off', () => {
  test('frees what is booked for it, and tells everybody concerned', async () => {
    const worker = api.work();
    const [hall, hers] = [await desk.resource('Big hall'), await desk.resource('Her room', {}, desk.b)];
    const activity = await create({ title: 'Rained off' });
    await agenda.invite(activity, desk.b, ari);
    await agenda.answer(activity, desk.bea);
    await api.done('pledge', { activity: activity.id, resources: [{ resource: hall }] }, ari);
    await api.done('pledge', { activity: activity.id, resources: [{ resource: hers }] }, desk.bea);
    await open(activity);
    expect(await agenda.refused('cancelActivity', { id: activity.id, version: 2, note: ' ' }, ari)).toBe('INVALID');
    expect(await agenda.refused('cancelActivity', { id: activity.id, version: 2, note: 'x' }, desk.bea)).toBe('NOT_ALLOWED');
    const cancelled = await agenda.step('cancelActivity', activity, desk.committee, { note: 'Rain' });
    expect(cancelled).toMatchObject({ status: 'CANCELLED', viewerCan: [] });
    expect(cancelled.history.at(-1)).toMatchObject({ to: 'CANCELLED', note: 'Rain' });
    expect(cancelled.bookings.map(({ status }) => status)).toEqual(['CANCELLED', 'CANCELLED']);
    expect([await desk.codes(hall, tomorrow, desk.otto), await desk.codes(hers, tomorrow, desk.otto)]).toEqual([[], []]);
    await api.settled();
    for (const person of [ari, desk.bea]) {
      const { viewer } = await api.must('{ viewer { notifications(first: 20) { nodes { kind title body } } } }', {}, person);
      expect(viewer.notifications.nodes).toContainEqual({ kind: 'ACTIVITY', title: 'An activity was called off', body: expect.stringContaining('Rained off') });
    }
    for (const verb of ['startActivity', 'completeActivity', 'openRegistration']) expect(await agenda.refused(verb, { id: activity.id, version: 3 }, ari)).toBe('WRONG_STATE');
    await worker.stop();
  });

  test('and pledging at the same instant leave no booking behind', async () => {
    for (let turn = 0; turn < 6; turn++) {
      const hall = await desk.resource(`Hall ${turn}`);
      const activity = await create();
      await Promise.all([
        api.mutate('pledge', { activity: activity.id, resources: [{ resource: hall }] }, ari),
        api.mutate('cancelActivity', { id: activity.id, version: 1, note: 'Never mind' }, desk.ada),
      ]);
      expect(await desk.codes(hall, tomorrow, desk.otto)).toEqual([]);
    }
  });
});

describe('bad input and wrong states', () => {
  test('of a new activity', async () => {
    const refused = (more: Record<string, unknown>, by = ari) => agenda.refused('createActivity', { title: 'A', category: 'OTHER', range: tomorrow, ...more }, by);
    expect(await refused({ title: ' ' })).toBe('INVALID');
    expect(await refused({ range: range(9, '09:00', '12:00') })).toBe('INVALID');
    expect(await refused({ range: { start: tomorrow.end, end: tomorrow.start } })).toBe('INVALID');
    expect(await refused({ range: { start: tomorrow.start, end: at(11 + 367, '09:00') } })).toBe('INVALID');
    expect(await refused({ host: desk.b.globalId })).toBe('NOT_ALLOWED');
    expect(await refused({ position: desk.b.globalId })).toBe('NOT_FOUND');
    expect(await refused({ host: desk.b.globalId }, desk.committee)).toBe('');
    const first = await create({ idempotencyKey: 'same' });
    expect((await create({ idempotencyKey: 'same' })).id).toBe(first.id);
    expect(await refused({ idempotencyKey: 'same' })).toBe('IDEMPOTENCY_MISMATCH');
  });

  test('of its times', async () => {
    const activity = await open(await create());
    expect(await agenda.refused('startActivity', { id: activity.id, version: 2 }, ari)).toBe('TOO_EARLY');
    expect(await agenda.refused('updateActivity', { id: activity.id, version: 1, title: 'B' }, ari)).toBe('STALE_VERSION');
    const shift = { activity: activity.id, duty: 'Guide', range: range(11, '09:00', '10:00'), capacity: 3 };
    await api.done('addShift', shift, ari);
    const { version } = (await agenda.read(activity.id, ari))!;
    expect(await agenda.refused('updateActivity', { id: activity.id, version, range: range(11, '09:30', '12:00') }, ari)).toBe('CONFLICT');
    api.clock.set(at(11, '09:30'));
    expect(await agenda.refused('updateActivity', { id: activity.id, version, range: range(11, '11:00', '13:00') }, ari)).toBe('TOO_LATE');
    expect(await agenda.refused('startActivity', { id: activity.id, version }, ari)).toBe('WRONG_STATE');
    expect((await agenda.step('updateActivity', activity, ari, { range: range(11, '09:00', '13:00') })).status).toBe('IN_PROGRESS');
    const late = await create({ range: range(12, '09:00', '10:00') });
    api.clock.set(at(12, '10:00'));
    expect(await agenda.refused('openRegistration', { id: late.id, version: 1 }, ari)).toBe('TOO_LATE');
  });

  test('its host neither answers nor is asked, and nobody answers for others', async () => {
    const activity = await create();
    expect(await agenda.refused('inviteOrganization', { activity: activity.id, organization: desk.a.globalId, role: 'CO_HOST' }, ari)).toBe('DUPLICATE');
    expect(await agenda.refused('inviteOrganization', { activity: activity.id, organization: desk.b.globalId, role: 'HOST' }, ari)).toBe('INVALID');
    await agenda.invite(activity, desk.b, ari);
    expect(await agenda.refused('answerInvitation', { activity: activity.id, accept: true }, ari)).toBe('CONFLICT');
    await open(activity);
    expect(await agenda.refused('answerInvitation', { activity: activity.id, accept: true }, desk.otto)).toBe('NOT_ALLOWED');
    await agenda.answer(activity, desk.bea);
    expect(await agenda.refused('answerInvitation', { activity: activity.id, accept: true }, desk.bea)).toBe('WRONG_STATE');
    expect(await agenda.refused('updateActivity', { id: activity.id, version: 2, title: 'Mine' }, desk.bea)).toBe('NOT_ALLOWED');
  });
});

test('what each clause promised is measured: activities, service and duties by quarter', async () => {
  const concluded = async (clauses: object[]) => {
    const proposed = await desk.agreements.proposed({ parties: [desk.a.globalId, desk.b.globalId], term: { from: '2026-04-01', to: '2026-12-31' }, clauses });
    await desk.agreements.sign(proposed, desk.ada);
    await desk.agreements.sign(proposed, desk.ben);
    return proposed.id;
  };
  const duty = { obligor: desk.b.globalId, text: 'Promised' };
  const id = await concluded([
    { activityCommitment: { ...duty, category: 'PUBLIC_SAFETY', activitiesPerQuarter: 4 } },
    { volunteerCommitment: { ...duty, serviceHoursPerQuarter: 91 } },
    { governanceDuty: { ...duty, category: 'OUTREACH' } },
  ]);
  const hold = async (category: string, by: Person, coHost = false): Promise<string> => {
    const activity = await agenda.create(by, { category, range: tomorrow });
    if (coHost) {
      await agenda.invite(activity, desk.b, by);
      await agenda.answer(activity, desk.bea);
    }
    await agenda.step('openRegistration', activity, by);
    api.clock.set(at(11, '13:00'));
    await agenda.step('completeActivity', activity, by);
    api.clock.set(NOW);
    return activity.id;
  };
  const held = await hold('PUBLIC_SAFETY', desk.bea);
  await hold('PUBLIC_SAFETY', ari, true);
  await hold('PUBLIC_SAFETY', ari);
  await hold('OUTREACH', desk.bea);
  await agenda.create(desk.bea, { category: 'OUTREACH', range: tomorrow });
  const bob = await volunteer(api, desk.b);
  await serve(held, bob.id, 13);

  const fulfilment = async (as: Person, period?: object) =>
    (await api.must('query ($id: ID!, $period: DateRangeInput) { node(id: $id) { ... on Contract { fulfilment(period: $period) { clause { __typename } period { from to } promised delivered ratio unit } } } }', { id, period }, as)).node.fulfilment;
  const quarter = { from: '2026-04-01', to: '2026-06-30' };
  expect(await fulfilment(desk.ben, quarter)).toEqual([
    { clause: { __typename: 'ActivityCommitmentClause' }, period: quarter, promised: 4, delivered: 2, ratio: 0.5, unit: 'activities' },
    { clause: { __typename: 'VolunteerCommitmentClause' }, period: quarter, promised: 91, delivered: 13, ratio: 13 / 91, unit: 'hours' },
    { clause: { __typename: 'GovernanceDutyClause' }, period: quarter, promised: null, delivered: 1, ratio: null, unit: 'activities' },
  ]);
  expect(await fulfilment(desk.ada, quarter)).toEqual(await fulfilment(desk.committee, quarter));
  // A month of the quarter is promised by its share of the days; two quarters are told apart.
  expect((await fulfilment(desk.ben))[1]).toMatchObject({ period: { from: '2026-06-01', to: '2026-06-30' }, promised: 30, delivered: 13 });
  expect(await fulfilment(desk.ben, { from: '2026-04-01', to: '2026-07-15' })).toHaveLength(6);
  expect((await agenda.read(held, desk.otto))!.participations).toMatchObject([{ organization: { id: desk.b.globalId }, deliveredHours: 13 }]);
});

/** Hours on record for a shift of an activity, put in behind the API's back. */
async function serve(activity: string, volunteerId: string, hours: number): Promise<void> {
  await api.database.sql(
    `WITH shift AS (
       INSERT INTO shifts (network_id, id, activity_id, host_id, duty, starts_at, ends_at, capacity, taken, created_at, audience)
       SELECT network_id, gen_random_uuid(), id, host_id, 'Guard', starts_at, starts_at + $3 * interval '1 hour', 1, 1, now(), readers FROM activities WHERE id = $1 RETURNING *
     ), registration AS (
       INSERT INTO registrations (network_id, id, shift_id, activity_id, host_id, volunteer_id, organization_id, status, starts_at, ends_at, arrival, adult_on, service_date,
         checked_in_at, checked_out_at, registered_at)
       SELECT s.network_id, gen_random_uuid(), s.id, s.activity_id, s.host_id, v.id, v.organization_id, 'ATTENDED', s.starts_at, s.ends_at, 1, v.adult_on, s.starts_at::date,
         s.starts_at, s.ends_at, now() FROM shift s, volunteers v WHERE v.id = $2 RETURNING *)
     INSERT INTO service_records (network_id, id, volunteer_id, organization_id, registration_id, activity_id, shift_id, organizer_id, activity_title, duty, service_date, seconds,
       checked_in_at, checked_out_at, confirmed_by, confirmed_by_name, confirmed_at)
     SELECT network_id, gen_random_uuid(), volunteer_id, organization_id, id, activity_id, shift_id, host_id, 'Title', 'Guard', service_date, $3 * 3600, checked_in_at, checked_out_at,
       gen_random_uuid(), '', now() FROM registration`,
    [uuidOf(activity), volunteerId, hours],
  );
}

test('an organization follows its activities by calendar', async () => {
  const programs = new Reader(api);
  const activity = await create({ title: 'In the calendar', address: 'By the gate' });
  const url = await programs.of(desk.a.globalId, ari);
  expect(await programs.event(url, activity.id)).toMatchObject({ status: 'TENTATIVE', location: 'By the gate' });
  await agenda.invite(activity, desk.b, ari);
  const hers = await programs.of(desk.b.globalId, desk.bea);
  expect((await programs.event(hers, activity.id))!.summary).toContain('In the calendar');
  await open(activity);
  expect(await programs.event(url, activity.id)).toMatchObject({ status: 'CONFIRMED', summary: 'In the calendar' });
  expect(await programs.event(await programs.of(desk.agreements.outsider.globalId, desk.otto), activity.id)).toBeNull();
});

test('a subscriber is told of each change of an activity that they may see', async () => {
  const activity = await create();
  const FOLLOW = 'subscription ($id: ID) { activityChanged(id: $id) { id status } }';
  const mine = await subscribe(api, FOLLOW, { id: activity.id }, ari);
  const any = await subscribe(api, FOLLOW, {}, desk.otto);
  await agenda.invite(activity, desk.b, ari);
  await open(activity);
  await mine.count(2);
  await any.count(1);
  expect(mine.results.map(({ data }) => (data as { activityChanged: { status: string } }).activityChanged.status)).toEqual(expect.arrayContaining(['OPEN']));
  expect(any.results).toEqual([{ data: { activityChanged: { id: activity.id, status: 'OPEN' } } }]);
  mine.stop();
  any.stop();
});
