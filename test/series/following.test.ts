import { v7 } from 'uuid';
import { TestApi } from '../support/api';
import type { Person } from '../support/world';
import { at, Desk, NOW, overruns, range, type BookingView } from '../bookings/desk';
import { Calendar, startsOf, type SeriesView } from './calendar';

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
const MONDAY = range(15, '10:00', '12:00');
const WEEKLY = 'FREQ=WEEKLY;COUNT=5';
const ONWARDS = { scope: 'THIS_AND_FOLLOWING' };
const statuses = ({ bookings }: SeriesView) => bookings.map(({ status }) => status);
const cancel = (booking: BookingView, more: object = ONWARDS, as: Person = desk.bea) => desk.move('cancelBooking', booking, as, { ...more });
const reschedule = (booking: BookingView, to: { start: string; end: string }, more: object = ONWARDS) => desk.move('rescheduleBooking', booking, desk.bea, { range: to, ...more });
const refused = (verb: string, { id, version }: BookingView, more: object, as: Person = desk.bea) => desk.refused(verb, { id, version, ...more }, as);

describe('cancelling', () => {
  test('one leaves the others; one and those that follow leaves those before', async () => {
    const hall = await resource();
    const series = await calendar.book(hall, MONDAY, WEEKLY);
    await cancel(series.bookings[1]!, {});
    expect(statuses((await calendar.read(series.id, desk.bea))!)).toEqual(['CONFIRMED', 'CANCELLED', 'CONFIRMED', 'CONFIRMED', 'CONFIRMED']);
    await cancel(series.bookings[2]!, { ...ONWARDS, note: 'The choir is on holiday' });
    const after = (await calendar.read(series.id, desk.bea))!;
    expect(statuses(after)).toEqual(['CONFIRMED', 'CANCELLED', 'CANCELLED', 'CANCELLED', 'CANCELLED']);
    expect(after.recurrenceRule).toBe(WEEKLY);
    expect(after.bookings.map(({ history }) => history.at(-1)!.note)).toEqual([null, null, ...Array<string>(3).fill('The choir is on holiday')]);
    expect(await desk.codes(hall, range(29, '10:00', '12:00'), desk.otto)).toEqual([]);
    expect(await desk.codes(hall, MONDAY, desk.otto)).toEqual(['CONFLICT']);
  });

  test('gives back the quota of every month, and the places to who waits for them, once each', async () => {
    const hall = await resource({ sharing: 'CONTRACT' });
    const { clauses: [clause] } = await desk.grant([hall], [{ quotaPerMonth: 'PT10H' }]);
    await desk.grant([hall], [{}], [desk.agreements.outsider]);
    const { bookings } = await calendar.book(hall, MONDAY, WEEKLY);
    const waiting = [
      await desk.wait(hall, MONDAY, desk.otto), await desk.wait(hall, range(22, '11:00', '13:00'), desk.otto), await desk.wait(hall, range(29, '09:00', '11:00'), desk.otto),
      await desk.wait(hall, range(36, '10:00', '11:00'), desk.otto),
    ];
    await cancel(bookings[1]!);
    const read = await Promise.all(waiting.map(({ id }) => desk.read(id, desk.otto)));
    expect(read.map((one) => one!.status)).toEqual(['WAITLISTED', 'CONFIRMED', 'CONFIRMED', 'CONFIRMED']);
    expect(await desk.used(clause)).toEqual({ '2026-06-01': 2 });
  });

  test('each has its own deadline; the owner has none, but says why', async () => {
    const hall = await resource({ cancellationDeadline: 'P2D' });
    const { bookings } = await calendar.book(hall, range(11, '12:00', '13:00'), 'FREQ=DAILY;COUNT=4');
    expect(await refused('cancelBooking', bookings[0]!, ONWARDS)).toMatchObject([{ code: 'TOO_LATE' }]);
    await cancel(bookings[2]!);
    expect(await refused('cancelBooking', bookings[0]!, ONWARDS, desk.ada)).toMatchObject([{ code: 'INVALID', path: ['input', 'note'] }]);
    await cancel(bookings[0]!, { ...ONWARDS, note: 'Repairs' }, desk.ada);
    expect(statuses(await calendar.of(bookings[0]!.id))).toEqual(Array(4).fill('CANCELLED'));
  });

  test('is refused for what it cannot be, and then nothing is cancelled', async () => {
    const hall = await resource();
    const single = await desk.book(hall, range(20, '10:00', '11:00'));
    expect(await refused('cancelBooking', single, ONWARDS)).toMatchObject([{ code: 'INVALID', path: ['input', 'scope'] }]);
    const { bookings } = await calendar.book(hall, MONDAY, WEEKLY);
    expect(await refused('cancelBooking', { ...bookings[1]!, version: 7 }, ONWARDS)).toMatchObject([{ code: 'STALE_VERSION' }]);
    expect(await refused('cancelBooking', bookings[1]!, ONWARDS, desk.otto)).toMatchObject([{ code: 'NOT_FOUND' }]);
    expect(await refused('cancelBooking', { ...bookings[1]!, id: 'nonsense' }, ONWARDS)).toMatchObject([{ code: 'NOT_FOUND' }]);
    await cancel(bookings[1]!, {});
    expect(await refused('cancelBooking', { ...bookings[1]!, version: 2 }, ONWARDS)).toMatchObject([{ code: 'WRONG_STATE' }]);
    expect(statuses(await calendar.of(bookings[0]!.id))).toEqual(['CONFIRMED', 'CANCELLED', 'CONFIRMED', 'CONFIRMED', 'CONFIRMED']);
  });

  test('takes what is booked along with each', async () => {
    const projector = await resource();
    const hall = await resource({ requires: [projector] });
    const { bookings } = await calendar.book(hall, MONDAY, WEEKLY);
    await cancel(bookings[2]!);
    expect((await calendar.of(bookings[0]!.id)).bookings.map(({ bookedAlong }) => bookedAlong[0]!.status)).toEqual(['CONFIRMED', 'CONFIRMED', ...Array<string>(3).fill('CANCELLED')]);
    expect(await desk.codes(projector, range(29, '10:00', '12:00'), desk.otto)).toEqual([]);
  });
});

describe('rescheduling', () => {
  test('one leaves its series as it is', async () => {
    const series = await calendar.book(await resource(), MONDAY, WEEKLY);
    await reschedule(series.bookings[1]!, range(23, '15:00', '17:00'), {});
    const after = (await calendar.read(series.id, desk.bea))!;
    expect(after.recurrenceRule).toBe(WEEKLY);
    expect(startsOf(after.bookings)).toEqual(['06-15 10:00', '06-23 15:00', '06-29 10:00', '07-06 10:00', '07-13 10:00']);
  });

  test('one and those that follow makes a series of its own of them, and ends the old one before', async () => {
    const hall = await resource();
    const series = await calendar.book(hall, MONDAY, 'FREQ=WEEKLY;BYDAY=MO,TH;COUNT=6');
    // To the next day, later and longer: over what the others of the series held, too.
    const moved = await reschedule(series.bookings[2]!, range(23, '09:00', '12:30'));
    expect(moved).toMatchObject({ status: 'CONFIRMED', version: 2, range: range(23, '09:00', '12:30') });
    const [old, next] = [(await calendar.read(series.id, desk.bea))!, await calendar.of(moved.id)];
    expect(startsOf(old.bookings)).toEqual(['06-15 10:00', '06-18 10:00']);
    expect(old.recurrenceRule).toBe('FREQ=WEEKLY;BYDAY=MO,TH;UNTIL=20260622T015959Z');
    expect(next.id).not.toBe(series.id);
    expect(startsOf(next.bookings)).toEqual(['06-23 09:00', '06-26 09:00', '06-30 09:00', '07-03 09:00']);
    expect(next).toMatchObject({ range: range(23, '09:00', '12:30'), recurrenceRule: 'FREQ=WEEKLY;BYDAY=TU,FR;WKST=TU;UNTIL=20260703T010000Z', skipped: [] });
    // Its rule is one: booked elsewhere it gives the same times.
    expect(startsOf((await calendar.book(await resource(), next.range, next.recurrenceRule)).bookings)).toEqual(startsOf(next.bookings));
    expect(await desk.codes(hall, range(22, '10:00', '12:00'), desk.otto)).toEqual([]);
    expect(await desk.codes(hall, range(23, '12:00', '13:00'), desk.otto)).toEqual(['CONFLICT']);
  });

  test('from the first on is the same series, moved', async () => {
    const series = await calendar.book(await resource(), MONDAY, WEEKLY);
    await reschedule(series.bookings[0]!, range(15, '11:00', '12:00'));
    const after = (await calendar.read(series.id, desk.bea))!;
    expect(startsOf(after.bookings)).toEqual(['06-15 11:00', '06-22 11:00', '06-29 11:00', '07-06 11:00', '07-13 11:00']);
    expect(after).toMatchObject({ id: series.id, range: range(15, '11:00', '12:00'), recurrenceRule: 'FREQ=WEEKLY;UNTIL=20260713T030000Z' });
    // And again, and from its middle on.
    await reschedule(after.bookings[0]!, range(16, '11:00', '12:00'));
    const again = (await calendar.read(series.id, desk.bea))!;
    await reschedule(again.bookings[3]!, range(38, '08:00', '09:00'));
    expect(startsOf((await calendar.of(again.bookings[4]!.id)).bookings)).toEqual(['07-08 08:00', '07-15 08:00']);
  });

  test('what was moved by itself before is moved as far again; what was cancelled stays behind', async () => {
    const series = await calendar.book(await resource(), MONDAY, WEEKLY);
    await reschedule(series.bookings[2]!, range(30, '14:00', '16:00'), {});
    await cancel(series.bookings[3]!, {});
    const moved = await reschedule(series.bookings[1]!, range(22, '11:00', '13:00'));
    const next = await calendar.of(moved.id);
    expect(startsOf(next.bookings)).toEqual(['06-22 11:00', '06-30 15:00', '07-13 11:00']);
    expect(next.recurrenceRule).toBe('FREQ=WEEKLY;UNTIL=20260713T030000Z');
    expect(statuses((await calendar.read(series.id, desk.bea))!)).toEqual(['CONFIRMED', 'CANCELLED']);
    // The one that had been moved by itself is still the third time.
    await reschedule(next.bookings[1]!, range(30, '16:00', '18:00'));
    expect(startsOf((await calendar.of(next.bookings[1]!.id)).bookings)).toEqual(['06-30 16:00', '07-13 12:00']);
    expect((await calendar.of(next.bookings[1]!.id)).range).toEqual(range(29, '12:00', '14:00'));
  });

  test('times that were left out stay left out', async () => {
    const hall = await resource();
    await desk.book(hall, range(29, '10:00', '12:00'), desk.otto);
    await desk.book(hall, range(22, '10:00', '12:00'), desk.otto);
    const series = await calendar.book(hall, MONDAY, WEEKLY, { skipUnavailable: true });
    const moved = await reschedule(series.bookings[1]!, range(36, '11:00', '13:00'));
    expect(await calendar.of(moved.id)).toMatchObject({ skipped: [] });
    expect((await calendar.read(series.id, desk.bea))!.skipped.map((one) => one.range)).toEqual([range(22, '10:00', '12:00'), range(29, '10:00', '12:00')]);
    await reschedule((await calendar.read(series.id, desk.bea))!.bookings[0]!, range(15, '08:00', '09:00'));
    expect((await calendar.read(series.id, desk.bea))!.skipped.map((one) => one.range)).toEqual([range(22, '08:00', '09:00'), range(29, '08:00', '09:00')]);
  });

  test('is all or nothing', async () => {
    const hall = await resource({ sharing: 'CONTRACT' });
    await desk.grant([hall], [{ quotaPerMonth: 'PT9H' }]);
    await desk.grant([hall], [{}], [desk.agreements.outsider]);
    const series = await calendar.book(hall, MONDAY, WEEKLY);
    await desk.book(hall, range(36, '14:00', '16:00'), desk.otto);
    const before = [await desk.rows(), await calendar.read(series.id, desk.bea)];
    expect(await refused('rescheduleBooking', series.bookings[1]!, { range: range(22, '15:00', '17:00'), ...ONWARDS })).toMatchObject([{ code: 'CONFLICT', path: ['input', 'range'] }]);
    expect(await refused('rescheduleBooking', series.bookings[1]!, { range: range(22, '08:00', '12:00'), ...ONWARDS })).toMatchObject([{ code: 'QUOTA_EXCEEDED', path: ['input', 'quantity'] }]);
    expect(await refused('rescheduleBooking', series.bookings[1]!, { range: { start: at(22, '10:00'), end: at(30, '10:00') }, ...ONWARDS })).toMatchObject([{ code: 'INVALID', path: ['input', 'range'] }]);
    expect(await refused('rescheduleBooking', series.bookings[1]!, { range: range(9, '10:00', '12:00'), ...ONWARDS })).toMatchObject([{ code: 'TOO_LATE', path: ['input', 'range'] }]);
    expect(await refused('rescheduleBooking', series.bookings[1]!, { range: range(23, '10:00', '12:00'), ...ONWARDS }, desk.ada)).toMatchObject([{ code: 'NOT_ALLOWED' }]);
    expect([await desk.rows(), await calendar.read(series.id, desk.bea)]).toEqual(before);
  });

  test('a rule by days of the month is moved as far as one like it can say', async () => {
    const monthly = (day: number, rule: string) => resource().then((hall) => calendar.book(hall, range(day, '10:00', '12:00'), rule));
    const fifteenth = await monthly(15, 'FREQ=MONTHLY;BYMONTHDAY=15,20;COUNT=6');
    expect((await calendar.of((await reschedule(fifteenth.bookings[2]!, range(48, '10:00', '12:00'))).id)).recurrenceRule).toBe('FREQ=MONTHLY;BYMONTHDAY=18,23;UNTIL=20260823T020000Z');
    const plain = await monthly(15, 'FREQ=MONTHLY;COUNT=3');
    expect((await calendar.of((await reschedule(plain.bookings[0]!, range(17, '10:00', '12:00'))).id)).recurrenceRule).toBe('FREQ=MONTHLY;UNTIL=20260817T020000Z');
    for (const [day, rule] of [[30, 'FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3'], [15, 'FREQ=MONTHLY;BYDAY=3MO;COUNT=6'], [30, 'FREQ=MONTHLY;COUNT=3']] as const) {
      const { bookings, id } = await monthly(day, rule);
      expect(await refused('rescheduleBooking', bookings[0]!, { range: range(day + 1, '10:00', '12:00'), ...ONWARDS })).toMatchObject([{ code: 'INVALID', path: ['input', 'range'] }]);
      await reschedule(bookings[0]!, range(day, '12:00', '14:00'));
      expect(startsOf((await calendar.read(id, desk.bea))!.bookings)[0]).toBe(`06-${day} 12:00`);
    }
  });

  test('asks for approval anew, and each has its own deadline', async () => {
    const hall = await resource({ requiresApproval: true, cancellationDeadline: 'P2D' });
    const { bookings } = await calendar.book(hall, range(11, '12:00', '13:00'), 'FREQ=DAILY;COUNT=4');
    await desk.move('approveBooking', bookings[3]!, desk.ada);
    expect(await refused('rescheduleBooking', bookings[0]!, { range: range(11, '13:00', '14:00'), ...ONWARDS })).toMatchObject([{ code: 'TOO_LATE' }]);
    const moved = await reschedule(bookings[2]!, range(13, '13:00', '14:00'), { ...ONWARDS, quantity: 1 });
    expect(statuses(await calendar.of(moved.id))).toEqual(['REQUESTED', 'REQUESTED']);
  });

  test('is done once for a key', async () => {
    const { bookings: [first, second] } = await calendar.book(await resource(), MONDAY, WEEKLY);
    const key = { ...ONWARDS, idempotencyKey: v7() };
    const twice = await Promise.all([1, 2].map(() => reschedule(second!, range(22, '12:00', '14:00'), key)));
    expect(twice[0]!.id).toBe(twice[1]!.id);
    expect(startsOf((await calendar.of(second!.id)).bookings)).toEqual(['06-22 12:00', '06-29 12:00', '07-06 12:00', '07-13 12:00']);
    expect(await refused('rescheduleBooking', first!, { range: range(22, '12:00', '14:00'), ...key })).toMatchObject([{ code: 'IDEMPOTENCY_MISMATCH' }]);
    expect(await refused('rescheduleBooking', second!, { range: range(22, '12:00', '14:00'), idempotencyKey: key.idempotencyKey })).toMatchObject([{ code: 'IDEMPOTENCY_MISMATCH' }]);
  });

  test('promotes who waits for the times left behind, and races with others for the new ones', async () => {
    const hall = await resource();
    const { bookings } = await calendar.book(hall, MONDAY, 'FREQ=DAILY;COUNT=20');
    const waiting = await desk.wait(hall, range(20, '10:00', '11:00'), desk.otto);
    const [, other] = await Promise.all([
      api.mutate('rescheduleBooking', { id: bookings[3]!.id, version: 1, range: range(18, '13:00', '15:00'), ...ONWARDS }, desk.bea),
      api.mutate('bookSeries', { resource: hall, range: range(16, '14:00', '16:00'), recurrenceRule: 'FREQ=DAILY;COUNT=30', skipUnavailable: true }, desk.otto, 'series { skipped { reason } }'),
    ]);
    const moved = startsOf((await calendar.of(bookings[3]!.id)).bookings).every((start) => start.endsWith('13:00'));
    expect([moved, other.series.skipped.length]).toEqual(moved ? [true, 17] : [false, 0]);
    expect((await desk.read(waiting.id, desk.otto))!.status).toBe(moved ? 'CONFIRMED' : 'WAITLISTED');
  });

  test('goes by the clock of the network where that is set back', async () => {
    await api.database.sql(`UPDATE networks SET time_zone = 'Europe/Berlin' WHERE id = $1`, [desk.a.network.id]);
    try {
      const [first, later] = [{ start: '2026-10-18T08:00:00.000Z', end: '2026-10-18T10:00:00.000Z' }, { start: '2026-10-18T07:00:00.000Z', end: '2026-10-18T09:30:00.000Z' }];
      const { bookings } = await calendar.book(await resource(), first, 'FREQ=WEEKLY;COUNT=3');
      const moved = await reschedule(bookings[0]!, later);
      expect((await calendar.of(moved.id)).bookings.map((one) => one.range)).toEqual([
        later, { start: '2026-10-25T08:00:00.000Z', end: '2026-10-25T10:30:00.000Z' }, { start: '2026-11-01T08:00:00.000Z', end: '2026-11-01T10:30:00.000Z' },
      ]);
    } finally {
      await api.database.sql(`UPDATE networks SET time_zone = 'Asia/Shanghai' WHERE id = $1`, [desk.a.network.id]);
    }
  });
});
