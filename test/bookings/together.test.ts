import { TestApi } from '../support/api';
import { uuidOf } from '../contracts/agreements';
import { BOOKING, Desk, NOW, overruns, range, type BookingView } from './desk';

let api: TestApi;
let desk: Desk;
let count = 0;

beforeAll(async () => {
  api = await TestApi.start();
  desk = await Desk.begin(api);
});
beforeEach(() => api.clock.set(NOW));
afterEach(async () => expect(await overruns(api)).toEqual([]));
afterAll(() => api.stop());

const resource = (terms = {}, owner = desk.a) => desk.resource(`Thing ${(count += 1)}`, terms, owner);
const WHEN = range(12, '10:00', '12:00');

describe('several at once', () => {
  const basket = async (items: object[], as = desk.bea, more = {}) =>
    (await api.done('bookResources', { range: WHEN, items, purpose: 'Fair', ...more }, as, `bookings { ${BOOKING} }`)).bookings as BookingView[];
  const refused = async (items: object[], more = {}) => desk.refused('bookResources', { range: WHEN, items, ...more }, desk.bea);

  test('of several owners, in the order asked for, by one request', async () => {
    const [hall, chairs, tent] = [await resource({ requiresApproval: true }), await resource({ quantity: 40 }), await resource({}, desk.agreements.outsider)];
    const booked = await basket([{ resource: hall }, { resource: chairs, quantity: 30 }, { resource: tent }]);
    expect(booked.map((one) => [one.resource.id, one.quantity, one.status, one.purpose])).toEqual([
      [hall, 1, 'REQUESTED', 'Fair'], [chairs, 30, 'CONFIRMED', 'Fair'], [tent, 1, 'CONFIRMED', 'Fair'],
    ]);
    const requests = await api.database.sql('SELECT DISTINCT request_id FROM bookings WHERE id = ANY($1)', [booked.map(({ id }) => uuidOf(id))]);
    expect(requests).toHaveLength(1);
    // Each goes its own way from then on.
    await desk.move('cancelBooking', booked[1]!, desk.bea);
    expect((await desk.read(booked[2]!.id, desk.bea))!.status).toBe('CONFIRMED');
  });

  test('all or nothing: each fault names its item, and nothing is changed', async () => {
    const [free, taken, away, few, closed] = [
      await resource(), await resource(), await resource({ status: 'OUT_OF_SERVICE' }), await resource({ quantity: 2 }), await resource({ openingHours: [{ weekday: 1, opens: '10:00', closes: '12:00' }] }),
    ];
    await desk.book(taken, WHEN, desk.otto);
    const before = await desk.rows();
    expect(await refused([{ resource: free }, { resource: away }, { resource: few, quantity: 3 }, { resource: closed }])).toMatchObject([
      { code: 'WRONG_STATE', path: ['input', 'items', '1', 'resource'] },
      { code: 'CAPACITY_EXCEEDED', path: ['input', 'items', '2', 'quantity'] },
      { code: 'OUTSIDE_OPENING_HOURS', path: ['input', 'items', '3', 'resource'] },
    ]);
    expect(await refused([{ resource: free }, { resource: taken }])).toMatchObject([{ code: 'CONFLICT', path: ['input', 'items', '1', 'resource'] }]);
    const hidden = await resource({ sharing: 'PRIVATE' });
    expect(await refused([{ resource: free }, { resource: hidden }, { resource: 'nonsense' }])).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'items', '2', 'resource'] }]);
    expect(await refused([{ resource: free }, { resource: hidden }])).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'items', '1', 'resource'] }]);
    await api.database.sql('DELETE FROM resources WHERE id = $1', [uuidOf(hidden)]);
    expect(await desk.rows()).toEqual(before);
    expect(await desk.codes(free, WHEN)).toEqual([]);
  });

  test('together they may not use more of a quota than there is', async () => {
    const [one, two] = [await resource({ sharing: 'CONTRACT' }), await resource({ sharing: 'CONTRACT' })];
    const { clauses: [clause] } = await desk.grant([one, two], [{ quotaPerMonth: 'PT3H' }]);
    expect(await refused([{ resource: one }, { resource: two }])).toMatchObject([{ code: 'QUOTA_EXCEEDED', path: ['input', 'items', '1', 'quantity'] }]);
    expect(await desk.used(clause)).toEqual({});
    await basket([{ resource: one }], desk.bea);
    expect(await desk.used(clause)).toEqual({ '2026-06-01': 2 });
  });

  test('none, too many, or one twice is not asked for', async () => {
    const one = await resource();
    expect(await refused([])).toMatchObject([{ code: 'INVALID', path: ['input', 'items'] }]);
    expect(await refused([{ resource: one }, { resource: one }])).toMatchObject([{ code: 'INVALID', path: ['input', 'items', '1', 'resource'] }]);
    expect(await refused(Array.from({ length: 21 }, (_, index) => ({ resource: `${one}${index}` })))).toMatchObject([{ code: 'INVALID', path: ['input', 'items'] }]);
    expect(await refused([{ resource: one, quantity: 0 }])).toMatchObject([{ code: 'INVALID', path: ['input', 'items', '0', 'quantity'] }]);
  });

  test('the same key and input books once', async () => {
    const [one, two] = [await resource(), await resource()];
    const items = [{ resource: one }, { resource: two }];
    const answers = await Promise.all(Array.from({ length: 6 }, () => basket(items, desk.bea, { idempotencyKey: 'fair' })));
    expect(new Set(answers.map((booked) => booked.map(({ id }) => id).join())).size).toBe(1);
    expect(await refused(items.slice(1), { idempotencyKey: 'fair' })).toMatchObject([{ code: 'IDEMPOTENCY_MISMATCH' }]);
  });

  test('baskets that meet in any order all end, and never hold a thing twice', async () => {
    const things = await Promise.all(Array.from({ length: 4 }, () => resource()));
    const shuffled = (by: number) => things.map((_, index) => ({ resource: things[(index * (by % 2 ? 1 : 3) + by) % 4]! }));
    const attempts = await Promise.all(Array.from({ length: 12 }, (_, index) => api.mutate('bookResources', { range: WHEN, items: shuffled(index) }, desk.bea)));
    expect(attempts.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1);
  });
});

describe('what a resource requires', () => {
  /** A hall that requires a projector, which requires a screen. */
  const hallWithAll = async (terms: { hall?: object; projector?: object } = {}) => {
    const screen = await resource({ sharing: 'PRIVATE' });
    const projector = await resource({ sharing: 'PRIVATE', requires: [screen], ...terms.projector });
    const hall = await resource({ requires: [projector], ...terms.hall });
    return { hall, projector, screen };
  };

  test('is booked along with it, also what one does not see by itself, and moves with it', async () => {
    const { hall, projector, screen } = await hallWithAll();
    const booked = await desk.book(hall, WHEN);
    expect(booked.bookedAlong.map(({ status, quantity }) => [status, quantity])).toEqual([['CONFIRMED', 1], ['CONFIRMED', 1]]);
    for (const needed of [projector, screen]) {
      expect(await desk.codes(needed, WHEN, desk.bea)).toEqual(['NOT_FOUND']);
      expect(await desk.codes(needed, WHEN, desk.ada)).toEqual(['CONFLICT']);
    }
    const along = (await desk.read(booked.bookedAlong[0]!.id, desk.bea))!;
    expect(along).toMatchObject({ bookedWith: { id: booked.id }, viewerCan: [], purpose: null });
    const verbs = ['cancelBooking', 'checkOutBooking'];
    for (const verb of verbs) expect(await desk.refused(verb, { id: along.id, version: 1 }, desk.bea)).toMatchObject([{ code: 'CONFLICT', message: expect.stringContaining('along with another') }]);
    expect(await desk.refused('rescheduleBooking', { id: along.id, version: 1, range: WHEN }, desk.bea)).toMatchObject([{ code: 'CONFLICT' }]);

    const moved = await desk.done('rescheduleBooking', { id: booked.id, version: 1, range: range(13, '10:00', '12:00') }, desk.bea);
    expect(moved.bookedAlong.map(({ id }) => id)).toEqual(booked.bookedAlong.map(({ id }) => id));
    expect(await desk.codes(projector, WHEN, desk.ada)).toEqual([]);
    expect(await desk.codes(projector, range(13, '10:00', '12:00'), desk.ada)).toEqual(['CONFLICT']);
    await desk.move('cancelBooking', moved, desk.bea);
    expect((await desk.read(along.id, desk.bea))!.status).toBe('CANCELLED');
    expect(await desk.codes(projector, range(13, '10:00', '12:00'), desk.ada)).toEqual([]);
  });

  test('stands against it when it is taken, closed or not in service', async () => {
    const { hall, projector } = await hallWithAll({ projector: { openingHours: [{ weekday: 5, opens: '10:00', closes: '12:00' }] } });
    expect(await desk.refused('bookResource', { resource: hall, range: range(12, '11:00', '13:00') }, desk.bea)).toMatchObject([{ code: 'OUTSIDE_OPENING_HOURS', message: expect.stringContaining('booked along') }]);
    const own = await desk.book(projector, WHEN, desk.ada);
    expect(await desk.refused('bookResource', { resource: hall, range: WHEN }, desk.bea)).toMatchObject([{ code: 'CONFLICT', path: ['input', 'range'], message: expect.stringContaining('booked along') }]);
    // Who waits for the hall gets it when the projector comes free.
    const waiting = await desk.wait(hall, WHEN);
    expect(waiting.status).toBe('WAITLISTED');
    await desk.move('cancelBooking', own, desk.ada);
    const promoted = (await desk.read(waiting.id, desk.bea))!;
    expect(promoted.status).toBe('CONFIRMED');
    expect(promoted.bookedAlong).toHaveLength(2);
    await api.done('updateResource', { id: projector, version: 1, status: 'OUT_OF_SERVICE' }, desk.ada);
    expect(await desk.codes(hall, range(19, '10:00', '12:00'))).toEqual(['WRONG_STATE']);
  });

  test('with an approval of its own makes the whole a request', async () => {
    const { hall } = await hallWithAll({ projector: { requiresApproval: true } });
    const requested = await desk.book(hall, WHEN);
    expect([requested.status, ...requested.bookedAlong.map(({ status }) => status)]).toEqual(['REQUESTED', 'REQUESTED', 'REQUESTED']);
    const approved = await desk.move('approveBooking', requested, desk.ada);
    expect(approved.bookedAlong.map(({ status }) => status)).toEqual(['CONFIRMED', 'CONFIRMED']);
  });

  test('does not count against the quota of the clause that opens it', async () => {
    const { hall } = await hallWithAll({ hall: { sharing: 'CONTRACT' } });
    const { clauses: [clause] } = await desk.grant([hall], [{ quotaPerMonth: 'PT2H' }]);
    const booked = await desk.book(hall, WHEN);
    expect(await desk.used(clause)).toEqual({ '2026-06-01': 2 });
    await desk.move('cancelBooking', booked, desk.bea);
    expect(await desk.used(clause)).toEqual({});
  });

  test('is booked once when it is in the basket itself, and once for each that requires it', async () => {
    const projector = await resource({ quantity: 2 });
    const [east, west] = [await resource({ requires: [projector] }), await resource({ requires: [projector] })];
    const items = [{ resource: east }, { resource: west }];
    const pair = (await api.done('bookResources', { range: WHEN, items }, desk.bea, `bookings { ${BOOKING} }`)).bookings as BookingView[];
    expect(pair.map(({ bookedAlong }) => bookedAlong.length)).toEqual([1, 1]);
    expect(await desk.codes(projector, WHEN)).toEqual(['CONFLICT']);
    const later = range(13, '10:00', '12:00');
    const named = (await api.done('bookResources', { range: later, items: [{ resource: east }, { resource: projector }] }, desk.bea, `bookings { ${BOOKING} }`)).bookings as BookingView[];
    expect(named.map(({ bookedAlong }) => bookedAlong.length)).toEqual([0, 0]);
  });

  test('is handed out and back with it', async () => {
    const { hall } = await hallWithAll();
    const booked = await desk.book(hall, WHEN);
    api.clock.set(WHEN.start);
    const out = await desk.move('checkOutBooking', booked, desk.bea);
    expect(out.bookedAlong.map(({ status }) => status)).toEqual(['IN_USE', 'IN_USE']);
    const back = await desk.move('checkInBooking', out, desk.ada);
    expect(back.bookedAlong.map(({ status }) => status)).toEqual(['COMPLETED', 'COMPLETED']);
  });
});
