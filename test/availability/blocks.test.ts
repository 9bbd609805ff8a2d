import type { Person } from '../support/world';
import { at, Desk, NOW, overruns, range } from '../bookings/desk';
import { uuidOf } from '../contracts/agreements';
import { TestApi } from '../support/api';

let api: TestApi;
let desk: Desk;
let count = 0;

beforeAll(async () => {
  api = await TestApi.start();
  desk = await Desk.begin(api);
});
beforeEach(() => api.clock.set(NOW));
afterEach(async () => {
  expect(await overruns(api)).toEqual([]);
  await api.database.sql(`UPDATE networks SET time_zone = 'Asia/Shanghai'`);
});
afterAll(() => api.stop());

const hall = (terms = {}) => desk.resource(`Hall ${(count += 1)}`, terms);
/** Blocks a time, which must succeed. @returns the id of the block */
const block = async (resource: string, when: { start: string; end: string }, recurrenceRule?: string): Promise<string> =>
  (await api.done('blockTime', { resource, range: when, recurrenceRule }, desk.ada, 'block { id }')).block.id as string;
const unblock = (id: string, occurrence?: string, as: Person = desk.ada) => api.mutate('unblockTime', { id, occurrence }, as, 'resource { id }');
/** A week of June in 2026; the 12th is a Friday. */
const WEEK = { start: at(12, '00:00'), end: at(19, '00:00') };
const blockedTimes = async (resource: string, when = WEEK, as: Person | null = desk.ada): Promise<{ range: { start: string; end: string }; block: { id: string } }[] | null> =>
  (await api.must('query ($id: ID!, $range: TimeRangeInput!) { node(id: $id) { ... on Resource { blockedTimes(range: $range) { range { start end } block { id recurrenceRule reason } } } } }', { id: resource, range: when }, as))
    .node.blockedTimes;
const rangesIn = async (resource: string, when = WEEK) => (await blockedTimes(resource, when))!.map((time) => time.range);
const free = async (resource: string, when: { start: string; end: string }) =>
  (await api.must('query ($id: ID!, $range: TimeRangeInput!) { node(id: $id) { ... on Resource { availability(range: $range) { range { start end } } } } }', { id: resource, range: when }, desk.bea))
    .node.availability.map((slot: { range: object }) => slot.range);

describe('blocked time that recurs', () => {
  test('is blocked each time, and free in between', async () => {
    const resource = await hall();
    await block(resource, range(12, '10:00', '12:00'), 'FREQ=DAILY;BYDAY=FR,SA,MO;COUNT=6');
    expect(await rangesIn(resource)).toEqual([range(12, '10:00', '12:00'), range(13, '10:00', '12:00'), range(15, '10:00', '12:00')]);
    expect(await desk.codes(resource, range(15, '11:00', '13:00'))).toEqual(['CONFLICT']);
    expect(await desk.codes(resource, range(14, '10:00', '12:00'))).toEqual([]);
    expect(await free(resource, { start: at(13, '00:00'), end: at(14, '00:00') })).toEqual([range(13, '00:00', '10:00'), { start: at(13, '12:00'), end: at(14, '00:00') }]);
  });

  test('is freed one time by itself, also where times touch, or as a whole', async () => {
    const resource = await hall();
    const day = (nr: number) => ({ start: at(nr, '00:00'), end: at(nr + 1, '00:00') });
    const id = await block(resource, day(12), 'RRULE:freq=daily;until=20260616');
    expect(await rangesIn(resource)).toEqual([12, 13, 14, 15, 16].map(day));
    expect((await unblock(id, day(14).start)).userErrors).toEqual([]);
    expect(await rangesIn(resource)).toEqual([12, 13, 15, 16].map(day));
    expect(await free(resource, WEEK)).toEqual([day(14), { start: at(17, '00:00'), end: at(19, '00:00') }]);
    // Not one of its times, or not any more.
    for (const start of [day(14).start, at(15, '10:00'), day(17).start]) {
      expect((await unblock(id, start)).userErrors).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'occurrence'] }]);
    }
    await unblock(id);
    expect(await blockedTimes(resource)).toEqual([]);
    expect(await free(resource, WEEK)).toEqual([WEEK]);
    expect((await unblock(id)).userErrors).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'id'] }]);
  });

  test('is gone with its last time', async () => {
    const resource = await hall();
    const id = await block(resource, range(12, '10:00', '12:00'), 'FREQ=DAILY;COUNT=2');
    await unblock(id, at(12, '10:00'));
    await unblock(id, at(13, '10:00'));
    expect(await api.database.sql('SELECT id FROM resource_blocks WHERE resource_id = $1', [uuidOf(resource)])).toEqual([]);
    expect(await api.database.sql('SELECT id FROM occupations WHERE resource_id = $1', [uuidOf(resource)])).toEqual([]);
  });

  test('gives each time that is freed to who waits for it', async () => {
    const resource = await hall();
    const id = await block(resource, range(12, '10:00', '12:00'), 'FREQ=DAILY;COUNT=5');
    const [waiting, other] = [await desk.wait(resource, range(14, '10:00', '11:00')), await desk.wait(resource, range(15, '10:00', '11:00'), desk.otto)];
    await unblock(id, at(14, '10:00'));
    expect((await desk.read(waiting.id, desk.bea))!.status).toBe('CONFIRMED');
    expect((await desk.read(other.id, desk.otto))!.status).toBe('WAITLISTED');
    await unblock(id);
    expect((await desk.read(other.id, desk.otto))!.status).toBe('CONFIRMED');
  });

  test('is refused as a whole when something is booked at one of its times, and says how much', async () => {
    const resource = await hall({ quantity: 3 });
    await desk.book(resource, range(14, '09:00', '11:00'));
    await desk.book(resource, range(14, '09:00', '11:00'), desk.otto);
    await desk.book(resource, range(16, '11:00', '13:00'));
    expect(await desk.refused('blockTime', { resource, range: range(12, '10:00', '12:00'), recurrenceRule: 'FREQ=DAILY;COUNT=5' }, desk.ada)).toEqual([
      { code: 'CONFLICT', path: ['input', 'range'], message: expect.stringMatching(/^3 bookings/) },
    ]);
    expect(await blockedTimes(resource)).toEqual([]);
  });

  test('keeps the time of the clock when the clocks change', async () => {
    await api.database.sql(`UPDATE networks SET time_zone = 'Europe/Berlin' WHERE id = $1`, [desk.a.network.id]);
    const resource = await hall();
    const midnights = { start: '2026-10-23T22:00:00.000Z', end: '2026-10-24T22:00:00.000Z' };
    await block(resource, midnights, 'FREQ=DAILY;COUNT=3');
    const span = { start: '2026-10-20T00:00:00Z', end: '2026-10-30T00:00:00Z' };
    expect(await rangesIn(resource, span)).toEqual([
      midnights,
      { start: '2026-10-24T22:00:00.000Z', end: '2026-10-25T23:00:00.000Z' },
      { start: '2026-10-25T23:00:00.000Z', end: '2026-10-26T23:00:00.000Z' },
    ]);
  });

  const refused: [what: string, rule: string][] = [
    ['never ends', 'FREQ=DAILY'],
    ['never ends at any place', 'FREQ=WEEKLY;BYDAY=FR'],
    ['explodes', 'FREQ=SECONDLY;COUNT=10'],
    ['explodes by the minute', 'FREQ=MINUTELY;UNTIL=20260613'],
    ['explodes within the day', 'FREQ=DAILY;COUNT=3;BYHOUR=0,1,2,3;BYMINUTE=0,1,2,3;BYSECOND=0,1,2,3'],
    ['has too many times', 'FREQ=DAILY;COUNT=401'],
    ['has too many times by its end', 'FREQ=DAILY;UNTIL=20280101'],
    ['goes on too long', 'FREQ=MONTHLY;COUNT=26'],
    ['goes on to another age', 'FREQ=YEARLY;UNTIL=99991231T000000Z'],
    ['has no second time', 'FREQ=YEARLY;COUNT=2;BYMONTH=6;BYMONTHDAY=12;INTERVAL=999'],
    ['gives no time at all', 'FREQ=YEARLY;COUNT=2;BYMONTH=2;BYMONTHDAY=30'],
    ['gives no time of a day', 'FREQ=DAILY;COUNT=2;BYMONTH=2;BYMONTHDAY=30'],
    ['does not give the first time', 'FREQ=WEEKLY;BYDAY=MO;COUNT=3'],
    ['ends before it begins', 'FREQ=DAILY;UNTIL=20260601'],
    ['has both ends', 'FREQ=DAILY;COUNT=3;UNTIL=20260630'],
    ['is of no frequency', 'COUNT=3'],
    ['stands still', 'FREQ=DAILY;COUNT=3;INTERVAL=0'],
    ['goes back', 'FREQ=DAILY;COUNT=-3'],
    ['says a part twice', 'FREQ=DAILY;COUNT=3;COUNT=4'],
    ['says what there is not', 'FREQ=DAILY;COUNT=3;X-SQL=1'],
    ['says things about itself', 'FREQ=DAILY;COUNT=3;__PROTO__=1'],
    ['is a day that is not', 'FREQ=WEEKLY;BYDAY=XX;COUNT=3'],
    ['is a date that is not', 'FREQ=DAILY;UNTIL=20260231'],
    ['is nothing', ''],
    ['is several lines', 'FREQ=DAILY;COUNT=3\nEXDATE:20260613T020000Z'],
    ['is very long', `FREQ=DAILY;COUNT=3;BYMONTHDAY=${'1,'.repeat(10_000)}1`],
  ];
  test.each(refused)('is refused at once when the rule %s', async (_what, recurrenceRule) => {
    const resource = await hall();
    const begun = Date.now();
    const errors = await desk.refused('blockTime', { resource, range: range(12, '10:00', '12:00'), recurrenceRule }, desk.ada);
    expect(errors).toMatchObject([{ code: 'INVALID', path: ['input', 'recurrenceRule'] }]);
    expect(errors[0]!.message).not.toMatch(/undefined|\{\{/);
    expect(Date.now() - begun).toBeLessThan(3_000);
    expect(await blockedTimes(resource)).toEqual([]);
  });

  test('is refused when its times overlap each other', async () => {
    const input = { resource: await hall(), range: { start: at(12, '10:00'), end: at(13, '10:01') }, recurrenceRule: 'FREQ=DAILY;COUNT=3' };
    expect(await desk.refused('blockTime', input, desk.ada)).toMatchObject([{ code: 'INVALID', path: ['input', 'range'] }]);
  });

  test('may recur 400 times', async () => {
    const resource = await hall();
    await block(resource, range(12, '10:00', '12:00'), 'FREQ=DAILY;COUNT=400');
    expect(await rangesIn(resource, { start: at(1, '00:00'), end: '2027-06-01T00:00:00Z' })).toHaveLength(354);
    expect(await rangesIn(resource, { start: '2027-06-01T00:00:00Z', end: '2028-05-31T00:00:00Z' })).toHaveLength(46);
  });
});

describe('what stands in the way of blocked time', () => {
  test('is not what has been', async () => {
    const resource = await hall({ buffer: 'PT1H' });
    const used = await desk.book(resource, range(10, '10:00', '12:00'));
    const out = await desk.move('checkOutBooking', used, desk.ada);
    api.clock.set(at(10, '12:00'));
    const early = { resource, range: range(10, '09:00', '18:00') };
    expect(await desk.refused('blockTime', early, desk.ada)).toMatchObject([{ code: 'CONFLICT' }]);
    await desk.move('checkInBooking', out, desk.ada);
    // In the pause after it.
    api.clock.set(at(10, '12:30'));
    await api.done('blockTime', early, desk.ada);
    expect(await free(resource, range(10, '10:00', '20:00'))).toEqual([range(10, '18:00', '20:00')]);
  });

  test('is what waits for an answer, but not after its start', async () => {
    const resource = await hall({ requiresApproval: true });
    await desk.book(resource, range(12, '10:00', '14:00'));
    const later = { resource, range: range(12, '13:00', '15:00') };
    expect(await desk.refused('blockTime', later, desk.ada)).toMatchObject([{ code: 'CONFLICT' }]);
    api.clock.set(at(12, '10:00'));
    await api.done('blockTime', later, desk.ada);
  });
});

test('the blocked times are read by the staff of the owner alone', async () => {
  const resource = await hall({ sharing: 'PUBLIC' });
  const id = await block(resource, range(12, '10:00', '12:00'));
  expect(await blockedTimes(resource)).toEqual([{ range: range(12, '10:00', '12:00'), block: { id, recurrenceRule: null, reason: null } }]);
  for (const as of [desk.bea, desk.otto, desk.committee, null]) expect(await blockedTimes(resource, WEEK, as)).toBeNull();
  const asked = await api.ask('query ($id: ID!, $range: TimeRangeInput!) { node(id: $id) { ... on Resource { blockedTimes(range: $range) { range { start } } } } }', { id: resource, range: { start: at(12, '10:00'), end: at(11, '10:00') } }, desk.ada);
  expect(asked.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
});
