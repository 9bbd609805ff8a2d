import { v7 } from 'uuid';
import { TestApi } from '../support/api';
import { at, Desk, NOW, overruns, range } from '../bookings/desk';
import { Calendar, shanghai, startsOf } from './calendar';

let api: TestApi;
let desk: Desk;
let calendar: Calendar;
let count = 0;

beforeAll(async () => {
  api = await TestApi.start();
  desk = await Desk.begin(api);
  calendar = new Calendar(desk);
});
beforeEach(() => api.clock.set(NOW));
afterEach(async () => expect(await overruns(api)).toEqual([]));
afterAll(() => api.stop());

const resource = (terms = {}, owner = desk.a) => desk.resource(`Thing ${(count += 1)}`, { horizon: 'P1000D', ...terms }, owner);
/** A Monday and the time of most of these series. */
const MONDAY = range(15, '10:00', '12:00');
const codes = ({ userErrors }: { userErrors: { code: string }[] }) => userErrors.map(({ code }) => code);
const seriesCount = async () => (await api.database.sql<{ count: number }>('SELECT count(*)::integer AS count FROM booking_series'))[0]!.count;

describe('a series', () => {
  test('is booked at every time of its rule, each a booking that names it', async () => {
    const hall = await resource();
    const series = await calendar.book(hall, MONDAY, 'RRULE:freq=weekly;byday=MO,WE;count=5', { purpose: 'Choir', quantity: 1 });
    expect(series).toMatchObject({ recurrenceRule: 'FREQ=WEEKLY;BYDAY=MO,WE;COUNT=5', range: MONDAY, skipped: [] });
    expect(startsOf(series.bookings)).toEqual(['06-15 10:00', '06-17 10:00', '06-22 10:00', '06-24 10:00', '06-29 10:00']);
    expect(series.bookings.map(({ status, purpose, range: { start, end } }) => [status, purpose, Date.parse(end) - Date.parse(start)])).toEqual(Array(5).fill(['CONFIRMED', 'Choir', 7_200_000]));
    expect((await calendar.of(series.bookings[3]!.id)).id).toBe(series.id);
    expect(await calendar.read(series.id, desk.bea)).toEqual(series);
    const single = await desk.book(await resource(), MONDAY);
    expect((await api.must('query ($id: ID!) { node(id: $id) { ... on Booking { series { id } } } }', { id: single.id }, desk.bea)).node.series).toBeNull();
  });

  test('goes by the clock of the network where that is set forward and back', async () => {
    await api.database.sql(`UPDATE networks SET time_zone = 'Europe/Berlin' WHERE id = $1`, [desk.a.network.id]);
    try {
      const berlin = (iso: string) => new Date(iso).toISOString();
      const first = { start: berlin('2026-10-18T10:00:00+02:00'), end: berlin('2026-10-18T12:00:00+02:00') };
      const { bookings } = await calendar.book(await resource(), first, 'FREQ=WEEKLY;COUNT=3');
      expect(bookings.map((one) => one.range.start)).toEqual(['2026-10-18T08:00:00.000Z', '2026-10-25T09:00:00.000Z', '2026-11-01T09:00:00.000Z']);
      expect(bookings.map((one) => Date.parse(one.range.end) - Date.parse(one.range.start))).toEqual(Array(3).fill(7_200_000));
    } finally {
      await api.database.sql(`UPDATE networks SET time_zone = 'Asia/Shanghai' WHERE id = $1`, [desk.a.network.id]);
    }
  });

  test('is booked with what the resource requires, each time', async () => {
    const projector = await resource();
    const hall = await resource({ requires: [projector] });
    await desk.book(projector, range(22, '11:00', '13:00'), desk.otto);
    expect(await calendar.tried(hall, MONDAY, 'FREQ=WEEKLY;COUNT=3')).toMatchObject({ userErrors: [{ code: 'CONFLICT', path: ['input', 'range'] }] });
    const series = await calendar.book(hall, MONDAY, 'FREQ=WEEKLY;COUNT=3', { skipUnavailable: true });
    expect(series.skipped).toEqual([{ range: range(22, '10:00', '12:00'), reason: 'CONFLICT' }]);
    expect(series.bookings.map(({ bookedAlong }) => bookedAlong.map(({ status }) => status))).toEqual([['CONFIRMED'], ['CONFIRMED']]);
    // What the time that was left out would have taken of the hall is free.
    expect(await desk.codes(hall, range(22, '14:00', '15:00'), desk.otto)).toEqual([]);
    expect(await desk.codes(projector, range(29, '10:00', '11:00'), desk.otto)).toEqual(['CONFLICT']);
  });

  test('asks for approval each time where the owner approves', async () => {
    const { bookings } = await calendar.book(await resource({ requiresApproval: true }), MONDAY, 'FREQ=DAILY;COUNT=3');
    expect(bookings.map(({ status }) => status)).toEqual(['REQUESTED', 'REQUESTED', 'REQUESTED']);
    await desk.move('approveBooking', bookings[1]!, desk.ada);
    expect((await calendar.of(bookings[0]!.id)).bookings.map(({ status }) => status)).toEqual(['REQUESTED', 'CONFIRMED', 'REQUESTED']);
  });

  test('takes several units at once, and follows itself without a gap', async () => {
    const chairs = await resource({ quantity: 40 });
    const days = await calendar.book(chairs, { start: at(15, '00:00'), end: at(16, '00:00') }, 'FREQ=DAILY;COUNT=10', { quantity: 40 });
    expect(days.bookings).toHaveLength(10);
    expect(await desk.codes(chairs, range(20, '10:00', '11:00'))).toEqual(['CONFLICT']);
  });
});

describe('all or nothing, or as many as fit', () => {
  test('what stands against each time is named, and nothing is changed', async () => {
    const hall = await resource({ openingHours: [1, 2, 3, 4, 5].map((weekday) => ({ weekday, opens: '08:00', closes: '22:00' })), horizon: 'P20D' });
    await desk.book(hall, range(16, '09:00', '11:00'), desk.otto);
    const before = [await desk.rows(), await seriesCount()];
    const refused = await calendar.tried(hall, MONDAY, 'FREQ=DAILY;COUNT=17');
    expect(refused.series).toBeNull();
    expect(refused.userErrors).toMatchObject([
      { code: 'CONFLICT', path: ['input', 'range'] }, { code: 'OUTSIDE_OPENING_HOURS', path: ['input', 'range'] }, { code: 'TOO_EARLY', path: ['input', 'range'] },
    ]);
    expect(refused.unavailable!.map((one) => [shanghai(one.range.start), one.reason])).toEqual([
      ['06-16 10:00', 'CONFLICT'], ['06-20 10:00', 'OUTSIDE_OPENING_HOURS'], ['06-21 10:00', 'OUTSIDE_OPENING_HOURS'], ['06-27 10:00', 'OUTSIDE_OPENING_HOURS'],
      ['06-28 10:00', 'OUTSIDE_OPENING_HOURS'], ['07-01 10:00', 'TOO_EARLY'],
    ]);
    expect([await desk.rows(), await seriesCount()]).toEqual(before);
    const series = await calendar.book(hall, MONDAY, 'FREQ=DAILY;COUNT=17', { skipUnavailable: true });
    expect(series.skipped).toEqual(refused.unavailable);
    expect(series.bookings).toHaveLength(11);
  });

  test('nothing that fits is refused', async () => {
    const hall = await resource({ quantity: 2 });
    const before = await seriesCount();
    expect(await calendar.tried(hall, MONDAY, 'FREQ=DAILY;COUNT=3', { quantity: 3, skipUnavailable: true })).toMatchObject({
      series: null, userErrors: [{ code: 'CAPACITY_EXCEEDED', path: ['input', 'quantity'] }], unavailable: [{}, {}, {}],
    });
    expect(await seriesCount()).toBe(before);
  });

  test('a quota bounds each month by itself, and what is left out of it is not counted', async () => {
    const hall = await resource({ sharing: 'CONTRACT' });
    const { clauses: [clause] } = await desk.grant([hall], [{ quotaPerMonth: 'PT6H' }]);
    expect(codes(await calendar.tried(hall, MONDAY, 'FREQ=WEEKLY;COUNT=8'))).toEqual(['QUOTA_EXCEEDED']);
    expect(await desk.used(clause)).toEqual({});
    const series = await calendar.book(hall, MONDAY, 'FREQ=DAILY;INTERVAL=4;COUNT=10', { skipUnavailable: true });
    expect(startsOf(series.bookings)).toEqual(['06-15 10:00', '06-19 10:00', '06-23 10:00', '07-01 10:00', '07-05 10:00', '07-09 10:00']);
    expect(series.skipped.map(({ reason }) => reason)).toEqual(Array(4).fill('QUOTA_EXCEEDED'));
    expect(await desk.used(clause)).toEqual({ '2026-06-01': 6, '2026-07-01': 6 });
    // Over the end of a month each month counts its own part.
    const tower = await resource({ sharing: 'CONTRACT' });
    const { clauses: [other] } = await desk.grant([tower], [{ quotaPerMonth: 'PT6H' }]);
    await calendar.book(tower, { start: at(29, '23:00'), end: at(30, '01:00') }, 'FREQ=DAILY;COUNT=3');
    expect(await desk.used(other)).toEqual({ '2026-06-01': 3, '2026-07-01': 3 });
  });

  test('access: what may not be seen is not there, what may not be booked says so', async () => {
    const hidden = await resource({ sharing: 'PRIVATE' });
    const granted = await resource({ sharing: 'CONTRACT' });
    await desk.grant([granted], [{}], undefined, { term: { from: '2026-06-01', to: '2026-06-30' } });
    expect(codes(await calendar.tried(hidden, MONDAY, 'FREQ=DAILY;COUNT=2'))).toEqual(['NOT_FOUND']);
    expect(await calendar.tried('nonsense', MONDAY, 'FREQ=DAILY;COUNT=2')).toMatchObject({ userErrors: [{ code: 'NOT_FOUND', path: ['input', 'resource'] }], unavailable: null });
    const series = await calendar.book(granted, MONDAY, 'FREQ=WEEKLY;COUNT=5', { skipUnavailable: true });
    expect(series.skipped.map((one) => [shanghai(one.range.start), one.reason])).toEqual([['07-06 10:00', 'NOT_ALLOWED'], ['07-13 10:00', 'NOT_ALLOWED']]);
    expect(codes(await calendar.tried(await resource({ status: 'OUT_OF_SERVICE' }), MONDAY, 'FREQ=DAILY;COUNT=2'))).toEqual(['WRONG_STATE']);
  });
});

describe('under concurrency', () => {
  test('two series race for the same times: nothing overlaps, and who comes late is told which', async () => {
    for (let round = 0; round < 5; round += 1) {
      const hall = await resource();
      const [one, other] = await Promise.all([
        calendar.book(hall, MONDAY, 'FREQ=WEEKLY;BYDAY=MO,WE,FR;COUNT=30', { skipUnavailable: true }, desk.bea).catch((error: Error) => error.message),
        calendar.book(hall, { start: at(16, '11:00'), end: at(16, '13:00') }, 'FREQ=DAILY;COUNT=30', { skipUnavailable: true }, desk.otto).catch((error: Error) => error.message),
      ]);
      if (typeof one === 'string' || typeof other === 'string') throw new Error(`${one as string} ${other as string}`);
      const late = one.skipped.length ? one : other;
      expect([one.skipped.length, other.skipped.length].sort((a, b) => a - b)[0]).toBe(0);
      expect(late.skipped.length).toBeGreaterThan(5);
      expect(new Set(late.skipped.map(({ reason }) => reason))).toEqual(new Set(['CONFLICT']));
      expect(one.bookings.length + one.skipped.length + other.bookings.length + other.skipped.length).toBe(60);
    }
  });

  test('all or nothing: of those that race for one time of many, one gets everything', async () => {
    const hall = await resource();
    const people = [desk.ada, desk.bea, desk.ben, desk.otto];
    const tries = await Promise.all(people.flatMap((person, index) => [
      calendar.tried(hall, range(15 + index, '10:00', '12:00'), 'FREQ=DAILY;COUNT=40', {}, person), calendar.tried(hall, MONDAY, 'FREQ=WEEKLY;COUNT=20', {}, person),
    ]));
    expect(tries.filter(({ series }) => series !== null)).toHaveLength(1);
    expect(new Set(tries.flatMap(codes))).toEqual(new Set(['CONFLICT']));
  });
});

describe('idempotency', () => {
  test('the same key books once, also at the same instant; for something else it is refused', async () => {
    const hall = await resource();
    const key = { idempotencyKey: v7() };
    const before = await seriesCount();
    const [one, two, three] = await Promise.all([1, 2, 3].map(() => calendar.book(hall, MONDAY, 'FREQ=DAILY;COUNT=5', key)));
    expect([two!.id, three!.id]).toEqual([one!.id, one!.id]);
    expect((await calendar.book(hall, MONDAY, 'FREQ=DAILY;COUNT=5', key)).bookings.map(({ id }) => id)).toEqual(one!.bookings.map(({ id }) => id));
    expect(codes(await calendar.tried(hall, MONDAY, 'FREQ=DAILY;COUNT=6', key))).toEqual(['IDEMPOTENCY_MISMATCH']);
    expect(await seriesCount()).toBe(before + 1);
  });
});

test('200 times are booked in one request, with what the resource requires, over the months of a quota', async () => {
  const projector = await resource();
  const hall = await resource({ sharing: 'CONTRACT', requires: [projector], openingHours: [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, opens: '08:00', closes: '22:00' })) });
  await desk.grant([hall], [{ quotaPerMonth: 'PT100H' }]);
  for (const time of ['08:00', '12:00', '16:00']) {
    const { series } = await api.done('bookSeries', { resource: hall, range: range(15, time, `${String(Number(time.slice(0, 2)) + 1).padStart(2, '0')}:00`), recurrenceRule: 'FREQ=DAILY;COUNT=200' }, desk.bea, 'series { bookings { id } }');
    expect(series.bookings).toHaveLength(200);
  }
});
