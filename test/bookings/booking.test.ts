import { v7 } from 'uuid';
import { toGlobalId } from '../../src/platform/ids';
import { uuidOf } from '../contracts/agreements';
import { TestApi } from '../support/api';
import { at, Desk, NOW, overruns, range } from './desk';

let api: TestApi;
let desk: Desk;

beforeAll(async () => {
  api = await TestApi.start();
  desk = await Desk.begin(api);
});
beforeEach(() => api.clock.set(NOW));
afterEach(async () => expect(await overruns(api)).toEqual([]));
afterAll(() => api.stop());

const WEEKDAYS = [1, 2, 3, 4, 5].map((weekday) => ({ weekday, opens: '09:00', closes: '18:00' }));

test('a booking is confirmed at once, and says what it is to both parties', async () => {
  const hall = await desk.resource('Hall', { cancellationDeadline: 'P1D' });
  const booked = await desk.book(hall, range(12, '14:00', '16:00'), desk.bea, { purpose: 'Choir practice' });
  expect(booked).toMatchObject({
    status: 'CONFIRMED', version: 1, quantity: 1, priority: 0, flagged: false, releaseAt: null, purpose: 'Choir practice', waitlistPlace: null,
    cancelUntil: at(11, '14:00'), range: range(12, '14:00', '16:00'), resource: { id: hall, name: 'Hall' }, organization: { id: desk.b.globalId },
    bookedBy: { organization: { id: desk.b.globalId } }, contract: null, clause: null, bookedAlong: [], bookedWith: null,
    history: [{ from: null, to: 'CONFIRMED', note: null }], viewerCan: ['RESCHEDULE', 'CANCEL'],
  });
  expect(await desk.read(booked.id, desk.ada)).toMatchObject({ purpose: 'Choir practice', viewerCan: ['CANCEL'] });
  expect(await desk.codes(hall, range(12, '15:00', '17:00'))).toEqual(['CONFLICT']);
  expect(await desk.codes(hall, range(12, '15:00', '17:00'), desk.ada)).toEqual(['CONFLICT']);
  expect(await desk.codes(hall, range(12, '16:00', '17:00'))).toEqual([]);
});

test('where the owner approves each booking it is requested, and holds its place; the owner needs no approval of its own', async () => {
  const hall = await desk.resource('Approved hall', { requiresApproval: true });
  const requested = await desk.book(hall, range(12, '14:00', '16:00'));
  expect(requested).toMatchObject({ status: 'REQUESTED', history: [{ from: null, to: 'REQUESTED' }] });
  expect(await desk.codes(hall, range(12, '14:00', '15:00'))).toEqual(['CONFLICT']);
  expect(await desk.move('approveBooking', requested, desk.ada)).toMatchObject({ status: 'CONFIRMED', version: 2 });
  expect(await desk.book(hall, range(12, '16:00', '17:00'), desk.ada)).toMatchObject({ status: 'CONFIRMED' });
});

describe('the terms of a resource', () => {
  const terms = { minimum: 'PT1H', maximum: 'PT3H', leadTime: 'PT2H', horizon: 'P30D', quantity: 3, openingHours: WEEKDAYS };
  let hall: string;
  beforeAll(async () => {
    hall = await desk.resource('Hall with terms', terms);
  });

  const cases: [what: string, when: { start: string; end: string }, more: Record<string, unknown>, code: string, path: string[], message: RegExp, zh: RegExp][] = [
    ['shorter than the minimum', range(12, '10:00', '10:59'), {}, 'INVALID', ['input', 'range'], /at least 60 minutes/, /至少 60 分钟/],
    ['longer than the maximum', range(12, '10:00', '13:01'), {}, 'INVALID', ['input', 'range'], /at most 180 minutes/, /最多 180 分钟/],
    ['past', range(9, '10:00', '11:00'), {}, 'TOO_LATE', ['input', 'range'], /past, or within the 120 minutes/, /120 分钟/],
    ['within the lead time', range(10, '11:59', '13:00'), {}, 'TOO_LATE', ['input', 'range'], /past, or within/, /提前量/],
    ['beyond the horizon', { start: '2026-07-10T02:01:00Z', end: '2026-07-10T03:01:00Z' }, {}, 'TOO_EARLY', ['input', 'range'], /up to 30 days ahead/, /30 天/],
    ['before it opens', range(12, '08:59', '10:00'), {}, 'OUTSIDE_OPENING_HOURS', ['input', 'range'], /not open/, /开放时间/],
    ['after it closes', range(12, '17:00', '18:01'), {}, 'OUTSIDE_OPENING_HOURS', ['input', 'range'], /not open/, /开放时间/],
    ['on a day on which it is closed', range(13, '10:00', '11:00'), {}, 'OUTSIDE_OPENING_HOURS', ['input', 'range'], /not open/, /开放时间/],
    ['more of it than there is', range(12, '10:00', '11:00'), { quantity: 4 }, 'CAPACITY_EXCEEDED', ['input', 'quantity'], /There are 3 of it/, /3 个单位/],
  ];
  test.each(cases)('%s', async (_what, when, more, code, path, message, zh) => {
    const before = await desk.rows();
    for (const as of [desk.bea, desk.ada]) {
      expect(await desk.refused('bookResource', { resource: hall, range: when, ...more }, as)).toEqual([{ code, path, message: expect.stringMatching(message) }]);
      expect((await desk.refused('joinWaitlist', { resource: hall, range: when, ...more }, as))[0]).toMatchObject({ code, path });
    }
    expect((await desk.refused('bookResource', { resource: hall, range: when, ...more }, desk.bea, 'zh-CN'))[0]!.message).toMatch(zh);
    expect(await desk.rows()).toEqual(before);
  });

  test('to the minute', async () => {
    await desk.book(hall, range(12, '09:00', '10:00'));
    await desk.book(hall, range(12, '15:00', '18:00'));
    await desk.book(hall, range(10, '12:00', '13:00'));
    await desk.book(hall, { start: '2026-07-10T02:00:00Z', end: '2026-07-10T03:00:00Z' });
  });
});

test('opening hours: those of the position where there are none of its own; over midnight; without any it is always open', async () => {
  const position = v7();
  await api.database.sql(
    `INSERT INTO positions (network_id, id, organization_id, organization_is_hub, organization_status, name, kind, opening_hours, created_at)
     VALUES ($1, $2, $3, false, 'ACTIVE', 'Corner', 'MICRO', $4, now())`,
    [desk.a.network.id, position, desk.a.id, JSON.stringify([{ weekday: 5, opens: '20:00', closes: '24:00' }, { weekday: 6, opens: '00:00', closes: '02:00' }])],
  );
  const night = await desk.resource('Night room', { position });
  expect(await desk.codes(night, { start: at(12, '22:00'), end: at(13, '02:00') })).toEqual([]);
  expect(await desk.codes(night, { start: at(12, '19:59'), end: at(12, '21:00') })).toEqual(['OUTSIDE_OPENING_HOURS']);
  expect(await desk.codes(night, { start: at(13, '01:00'), end: at(13, '02:01') })).toEqual(['OUTSIDE_OPENING_HOURS']);
  const own = await desk.resource('Day room', { position, openingHours: WEEKDAYS });
  expect(await desk.codes(own, range(12, '10:00', '11:00'))).toEqual([]);
  expect(await desk.codes(own, range(12, '21:00', '22:00'))).toEqual(['OUTSIDE_OPENING_HOURS']);
  const always = await desk.resource('Square');
  expect(await desk.codes(always, { start: at(12, '22:00'), end: at(14, '07:00') })).toEqual([]);
});

test('the buffer is kept after each booking, and before the next', async () => {
  const hall = await desk.resource('Hall with a pause', { buffer: 'PT30M' });
  await desk.book(hall, range(12, '10:00', '11:00'));
  expect(await desk.codes(hall, range(12, '11:00', '12:00'))).toEqual(['CONFLICT']);
  expect(await desk.codes(hall, range(12, '11:29', '12:00'))).toEqual(['CONFLICT']);
  expect(await desk.codes(hall, range(12, '08:00', '09:31'))).toEqual(['CONFLICT']);
  expect(await desk.codes(hall, range(12, '11:30', '12:00'))).toEqual([]);
  expect(await desk.codes(hall, range(12, '08:00', '09:30'))).toEqual([]);
});

test('a resource that is not in service is not booked, by nobody', async () => {
  for (const status of ['OUT_OF_SERVICE', 'RETIRED']) {
    const hall = await desk.resource(`Hall ${status}`, { status });
    for (const as of [desk.bea, desk.ada]) {
      const [refused] = await desk.refused('bookResource', { resource: hall, range: range(12, '10:00', '11:00') }, as);
      expect(refused).toMatchObject({ code: 'WRONG_STATE', path: ['input', 'resource'] });
    }
  }
});

test('what is not readable is answered like what never was', async () => {
  const hidden = await desk.resource('Hidden', { sharing: 'CONTRACT' });
  const secret = await desk.resource('Secret', { sharing: 'PRIVATE' });
  const other = await Desk.begin(api);
  const foreign = await other.resource('Foreign', { sharing: 'PUBLIC' });
  const ids = [hidden, secret, foreign, toGlobalId('Resource', v7()), desk.b.globalId, 'nonsense'];
  const answers = await Promise.all(ids.map(async (resource) => desk.refused('bookResource', { resource, range: range(12, '10:00', '11:00') }, desk.bea)));
  for (const answer of answers) expect(answer).toEqual([{ code: 'NOT_FOUND', path: ['input', 'resource'], message: 'There is no such object, or none that you may see.' }]);
  // The committee sees what is shared by contract, but books nothing without one.
  expect(await desk.codes(hidden, range(12, '10:00', '11:00'), desk.committee)).toEqual(['NOT_ALLOWED']);
  expect(await desk.codes(secret, range(12, '10:00', '11:00'), desk.committee)).toEqual(['NOT_FOUND']);
  expect(await desk.codes(secret, range(12, '10:00', '11:00'), desk.ada)).toEqual([]);
});

test('a volunteer, a resident and nobody cannot book', async () => {
  const hall = await desk.resource('Public hall', { sharing: 'PUBLIC' });
  const mutation = 'mutation ($input: BookResourceInput!) { bookResource(input: $input) { userErrors { code } } }';
  const input = { resource: hall, range: range(12, '10:00', '11:00') };
  for (const role of ['VOLUNTEER', 'RESIDENT'] as const) {
    const person = await api.world.person(desk.b, role);
    expect((await api.ask(mutation, { input }, person)).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  }
  expect((await api.ask(mutation, { input })).errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
});

test('of several units as many are booked at once as there are, and each booking has its own', async () => {
  const chairs = await desk.resource('Chairs', { quantity: 10 });
  await desk.book(chairs, range(12, '10:00', '12:00'), desk.bea, { quantity: 6 });
  expect(await desk.codes(chairs, range(12, '11:00', '13:00'), desk.bea, { quantity: 5 })).toEqual(['CONFLICT']);
  await desk.book(chairs, range(12, '11:00', '13:00'), desk.otto, { quantity: 4 });
  expect(await desk.codes(chairs, range(12, '11:30', '11:31'))).toEqual(['CONFLICT']);
  expect(await desk.codes(chairs, range(12, '12:00', '13:00'), desk.bea, { quantity: 6 })).toEqual([]);
});

test('scattered units do not stand in the way', async () => {
  const rooms = await desk.resource('Rooms', { quantity: 2 });
  await desk.book(rooms, range(12, '09:00', '11:00'));
  const between = await desk.book(rooms, range(12, '11:00', '12:00'));
  await desk.book(rooms, range(12, '11:00', '14:00'));
  await desk.move('cancelBooking', between, desk.bea);
  // Now the first unit is taken until 11, and the second from 11 on.
  expect(await unitsOf(rooms)).toEqual(['[1,2)', '[2,3)']);
  await desk.book(rooms, range(12, '10:00', '12:00'));
  expect(await desk.codes(rooms, range(12, '10:30', '11:30'))).toEqual(['CONFLICT']);
  expect(await desk.codes(rooms, range(12, '12:00', '14:00'))).toEqual([]);
});

const unitsOf = async (resource: string) =>
  (await api.database.sql<{ units: string }>('SELECT units::text FROM occupations WHERE resource_id = $1 ORDER BY lower(period)', [uuidOf(resource)])).map(({ units }) => units);

test('the same key and input books once, also at the same instant; the same key with another input is refused', async () => {
  const hall = await desk.resource('Hall once', { quantity: 50 });
  const input = { resource: hall, range: range(12, '10:00', '11:00'), idempotencyKey: 'once' };
  const answers = await Promise.all(Array.from({ length: 10 }, () => desk.done('bookResource', input, desk.bea)));
  expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
  expect(await api.database.sql('SELECT id FROM bookings WHERE resource_id = $1', [uuidOf(hall)])).toHaveLength(1);
  for (const changed of [{ ...input, quantity: 2 }, { ...input, range: range(12, '10:00', '12:00') }]) {
    expect(await desk.refused('bookResource', changed, desk.bea)).toMatchObject([{ code: 'IDEMPOTENCY_MISMATCH', path: ['input', 'idempotencyKey'] }]);
  }
  expect(await desk.refused('joinWaitlist', input, desk.bea)).toMatchObject([{ code: 'IDEMPOTENCY_MISMATCH' }]);
  // Another person's key is another one.
  expect((await desk.done('bookResource', input, desk.ben)).id).not.toBe(answers[0]!.id);
  // What was refused was not done, and may be tried again.
  const taken = await desk.resource('Hall taken');
  const first = await desk.book(taken, range(12, '10:00', '11:00'));
  const again = { resource: taken, range: range(12, '10:00', '11:00'), idempotencyKey: 'again' };
  expect(await desk.refused('bookResource', again, desk.ben)).toMatchObject([{ code: 'CONFLICT' }]);
  await desk.move('cancelBooking', first, desk.bea);
  expect(await desk.done('bookResource', again, desk.ben)).toMatchObject({ status: 'CONFIRMED' });
});

test('a suspended organization books nothing, and what it shares is not there for others', async () => {
  const theirs = await desk.resource('Hall of B', {}, desk.b);
  const hall = await desk.resource('Hall of A');
  await api.database.sql("UPDATE organizations SET status = 'SUSPENDED' WHERE id = $1", [desk.b.id]);
  await api.database.sql("UPDATE resources SET owner_status = 'SUSPENDED' WHERE owner_id = $1", [desk.b.id]);
  expect(await desk.codes(hall, range(12, '10:00', '11:00'))).toEqual(['NOT_ALLOWED']);
  expect(await desk.codes(theirs, range(12, '10:00', '11:00'), desk.ada)).toEqual(['NOT_FOUND']);
  await api.database.sql("UPDATE organizations SET status = 'ACTIVE' WHERE id = $1", [desk.b.id]);
  await api.database.sql("UPDATE resources SET owner_status = 'ACTIVE' WHERE owner_id = $1", [desk.b.id]);
});

describe('bad input', () => {
  let hall: string;
  beforeAll(async () => {
    hall = await desk.resource('Hall of bad input');
  });

  test.each<[string, Record<string, unknown>, string[]]>([
    ['a reversed range', { range: range(12, '11:00', '10:00') }, ['input', 'range', 'end']],
    ['a range of no length', { range: range(12, '10:00', '10:00') }, ['input', 'range', 'end']],
    ['ten years', { range: { start: at(12, '10:00'), end: '2036-06-12T02:00:00Z' } }, ['input', 'range', 'end']],
    ['all of time', { range: { start: '0001-01-01T00:00:00Z', end: '9999-12-31T23:59:59Z' } }, ['input', 'range', 'end']],
    ['a quantity of 0', { quantity: 0 }, ['input', 'quantity']],
    ['a negative quantity', { quantity: -1 }, ['input', 'quantity']],
    ['a quantity of a billion', { quantity: 1_000_000_000 }, ['input', 'quantity']],
    ['a purpose without end', { purpose: 'x'.repeat(501) }, ['input', 'purpose']],
    ['a purpose that turns the text round', { purpose: 'a\u202eb' }, ['input', 'purpose']],
    ['a purpose with a NUL', { purpose: 'a\u0000b' }, ['input', 'purpose']],
    ['an empty key', { idempotencyKey: '' }, ['input', 'idempotencyKey']],
  ])('%s', async (_what, bad, path) => {
    const before = await desk.rows();
    for (const verb of ['bookResource', 'joinWaitlist']) {
      expect(await desk.refused(verb, { resource: hall, range: range(12, '10:00', '11:00'), ...bad }, desk.bea)).toMatchObject([{ code: 'INVALID', path }]);
    }
    expect(await desk.rows()).toEqual(before);
  });

  test.each<[string, { start: string; end: string }, string]>([
    ['before 1970', { start: '1960-01-01T00:00:00Z', end: '1960-01-01T01:00:00Z' }, 'TOO_LATE'],
    ['the year 9999', { start: '9999-12-31T00:00:00Z', end: '9999-12-31T01:00:00Z' }, 'TOO_EARLY'],
  ])('%s', async (_what, when, code) => expect(await desk.codes(hall, when)).toEqual([code]));

  test.each(['2026-06-31T10:00:00Z', '10000-01-01T00:00:00Z', 'tomorrow', '2026-06-12', 1])('%s is no instant', async (start) => {
    const answer = await api.ask(
      'mutation ($input: BookResourceInput!) { bookResource(input: $input) { userErrors { code } } }',
      { input: { resource: hall, range: { start, end: at(12, '11:00') } } },
      desk.bea,
    );
    expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });
});
