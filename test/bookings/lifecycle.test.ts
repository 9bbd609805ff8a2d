import { bookingLifecycle, type BookingAction } from '../../src/domain/bookings/lifecycle';
import type { BookingStatus } from '../../src/domain/bookings/model';
import { TestApi } from '../support/api';
import type { Person } from '../support/world';
import { at, Desk, NOW, overruns, range, type BookingView } from './desk';

let api: TestApi;
let desk: Desk;
let aron: Person;
let vera: Person;
let count = 0;

beforeAll(async () => {
  api = await TestApi.start();
  desk = await Desk.begin(api);
  aron = await api.world.person(desk.a, 'STAFF', 'Aron');
  vera = await api.world.person(desk.b, 'VOLUNTEER', 'Vera');
});
beforeEach(() => api.clock.set(NOW));
afterEach(async () => expect(await overruns(api)).toEqual([]));
afterAll(() => api.stop());

const resource = (terms = {}) => desk.resource(`Hall ${(count += 1)}`, terms);
const WHEN = range(12, '10:00', '12:00');

const VERBS: Record<BookingAction, string> = {
  RESCHEDULE: 'rescheduleBooking', CANCEL: 'cancelBooking', APPROVE: 'approveBooking', REJECT: 'rejectBooking', CHECK_OUT: 'checkOutBooking', CHECK_IN: 'checkInBooking',
};
const inputOf = (action: BookingAction, { id, version }: BookingView): Record<string, unknown> =>
  action === 'RESCHEDULE' ? { id, version, range: range(14, '10:00', '12:00') } : { id, version, note: 'Because' };

/** Brings a booking of B, of a resource of A, into a status; the clock stands where it may be acted on. */
const reach: Record<BookingStatus, () => Promise<BookingView>> = {
  WAITLISTED: async () => {
    const hall = await resource();
    await desk.book(hall, WHEN, desk.ada);
    return desk.wait(hall, WHEN);
  },
  REQUESTED: async () => desk.book(await resource({ requiresApproval: true }), WHEN),
  CONFIRMED: async () => desk.book(await resource(), WHEN),
  REJECTED: async () => desk.move('rejectBooking', await reach.REQUESTED(), desk.ada),
  CANCELLED: async () => desk.move('cancelBooking', await reach.CONFIRMED(), desk.bea),
  IN_USE: async () => {
    const booked = await reach.CONFIRMED();
    api.clock.set(at(12, '09:45'));
    return desk.move('checkOutBooking', booked, desk.bea);
  },
  COMPLETED: async () => desk.move('checkInBooking', await reach.IN_USE(), aron),
  NO_SHOW: async () => {
    const { id } = await reach.CONFIRMED();
    api.clock.set(at(12, '12:00'));
    return (await desk.read(id, desk.bea))!;
  },
  LAPSED: async () => {
    const { id } = await reach.REQUESTED();
    api.clock.set(at(12, '10:00'));
    return (await desk.read(id, desk.bea))!;
  },
};
const states = Object.keys(reach) as BookingStatus[];
const actions = Object.keys(VERBS) as BookingAction[];

/** Who may, besides what role and status say. */
const BOOKER_ONLY: BookingAction[] = ['RESCHEDULE'];
const OWNER_ONLY: BookingAction[] = ['APPROVE', 'REJECT'];

describe.each(['booker', 'owner'] as const)('every action from every state, by the %s', (side) => {
  test.each(states)('%s', async (state) => {
    for (const action of actions) {
      api.clock.set(NOW);
      const booking = await reach[state]();
      // Handing out is tried half an hour before the start, anything else as early as it was reached.
      if (action === 'CHECK_OUT' && new Date(api.clock.now()!) < new Date(at(12, '09:30'))) api.clock.set(at(12, '09:30'));
      const as = side === 'booker' ? desk.bea : aron;
      const seen = (await desk.read(booking.id, as))!;
      expect(seen.status).toBe(state);
      const { from, to } = bookingLifecycle.actions[action];
      const mine = side === 'booker' ? !OWNER_ONLY.includes(action) : !BOOKER_ONLY.includes(action);
      const before = await desk.rows();
      if (mine && from.includes(state)) {
        expect(seen.viewerCan).toContain(action);
        const after = await desk.done(VERBS[action], inputOf(action, booking), as);
        expect(after).toMatchObject({ status: to ?? state, version: booking.version + 1 });
        if (action !== 'RESCHEDULE') expect(after.history.at(-1)).toMatchObject({ from: state, to, note: 'Because' });
        else expect(after).toMatchObject({ range: range(14, '10:00', '12:00') });
      } else {
        expect(seen.viewerCan).not.toContain(action);
        const [refused] = await desk.refused(VERBS[action], inputOf(action, booking), as);
        const code = mine || (action === 'RESCHEDULE' && !from.includes(state)) ? 'WRONG_STATE' : 'NOT_ALLOWED';
        expect([action, refused!.code]).toEqual([action, code]);
        if (code === 'WRONG_STATE') expect(refused!.message).toMatch(/^The booking is .+, so it cannot be done: /);
        expect(await desk.rows()).toEqual(before);
      }
    }
  }, 60_000);
});

test('an outsider finds nothing, the committee and a volunteer may not, and nothing changes', async () => {
  for (const state of states) {
    api.clock.set(NOW);
    const booking = await reach[state]();
    const before = await desk.rows();
    for (const action of actions) {
      const input = inputOf(action, booking);
      expect(await desk.refused(VERBS[action], input, desk.otto)).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'id'] }]);
      expect((await desk.refused(VERBS[action], input, desk.committee))[0]!.code).toBe('NOT_ALLOWED');
      const type = String(api.app.schema.getMutationType()!.getFields()[VERBS[action]]!.args[0]!.type);
      const document = `mutation ($input: ${type}) { ${VERBS[action]}(input: $input) { userErrors { code } } }`;
      expect((await api.ask(document, { input }, vera)).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    }
    expect((await desk.read(booking.id, desk.committee))!.viewerCan).toEqual([]);
    expect(await desk.read(booking.id, desk.otto)).toBeNull();
    expect(await desk.rows()).toEqual(before);
  }
}, 60_000);

test('a stale version is refused with the fresh booking', async () => {
  const booking = await desk.book(await resource(), WHEN);
  await desk.done('rescheduleBooking', { id: booking.id, version: 1, range: range(13, '10:00', '12:00') }, desk.bea);
  for (const verb of ['cancelBooking', 'checkOutBooking']) {
    if (verb === 'checkOutBooking') api.clock.set(at(13, '10:00'));
    const payload = await api.mutate(verb, { id: booking.id, version: 1 }, desk.bea, 'booking { id version }');
    expect(payload).toMatchObject({ booking: { id: booking.id, version: 2 }, userErrors: [{ code: 'STALE_VERSION', path: ['input', 'version'] }] });
  }
});

test('who booked it cancels until the deadline; its owner until the end, and says why', async () => {
  const hall = await resource({ cancellationDeadline: 'P1D' });
  const [early, late, owners] = [await desk.book(hall, WHEN), await desk.book(hall, range(12, '12:00', '13:00')), await desk.book(hall, range(12, '13:00', '14:00'), desk.ada)];
  api.clock.set(at(11, '10:00'));
  expect(await desk.move('cancelBooking', early, desk.bea)).toMatchObject({ status: 'CANCELLED' });
  api.clock.set(at(11, '12:01'));
  expect((await desk.read(late.id, desk.bea))!.viewerCan).toEqual([]);
  expect(await desk.refused('cancelBooking', { id: late.id, version: 1 }, desk.bea)).toMatchObject([{ code: 'TOO_LATE', message: expect.stringContaining('ask its owner') }]);
  expect(await desk.refused('cancelBooking', { id: late.id, version: 1 }, desk.bea, 'zh-CN')).toMatchObject([{ message: expect.stringContaining('截止时间') }]);
  expect(await desk.refused('rescheduleBooking', { id: late.id, version: 1, range: range(13, '12:00', '13:00') }, desk.bea)).toMatchObject([{ code: 'TOO_LATE' }]);
  expect(await desk.refused('cancelBooking', { id: late.id, version: 1 }, desk.ada)).toMatchObject([{ code: 'INVALID', path: ['input', 'note'] }]);
  api.clock.set(at(12, '12:30'));
  expect(await desk.move('cancelBooking', late, aron, { note: 'The roof leaks' })).toMatchObject({ status: 'CANCELLED', history: [{ to: 'CONFIRMED' }, { to: 'CANCELLED', note: 'The roof leaks' }] });
  // The owner's own booking needs no reason.
  expect(await desk.move('cancelBooking', owners, desk.ada)).toMatchObject({ status: 'CANCELLED' });
});

test('the deadline that counts is the one of when it was booked', async () => {
  const hall = await resource();
  const booking = await desk.book(hall, WHEN);
  await api.done('updateResource', { id: hall, version: 1, bookingPolicy: { cancellationDeadline: 'P7D' } }, desk.ada);
  expect(await desk.move('cancelBooking', booking, desk.bea)).toMatchObject({ status: 'CANCELLED' });
});

test('handing out begins half an hour before the start, and holds from then on', async () => {
  const hall = await resource({ quantity: 2 });
  const booking = await desk.book(hall, WHEN);
  api.clock.set(at(12, '09:29'));
  expect(await desk.refused('checkOutBooking', { id: booking.id, version: 1 }, desk.bea)).toMatchObject([{ code: 'TOO_EARLY', message: expect.stringContaining('30 minutes') }]);
  expect((await desk.read(booking.id, desk.bea))!.viewerCan).not.toContain('CHECK_OUT');
  api.clock.set(at(12, '09:30'));
  expect(await desk.move('checkOutBooking', booking, aron)).toMatchObject({ status: 'IN_USE', checkedOutAt: at(12, '09:30') });
  expect(await desk.codes(hall, range(12, '09:30', '10:00'), desk.otto, { quantity: 2 })).toEqual(['CONFLICT']);
  expect(await desk.codes(hall, range(12, '09:30', '10:00'), desk.otto)).toEqual([]);
});

test('nothing is handed out early that others still have; by another unit it is', async () => {
  const one = await resource();
  await desk.book(one, range(12, '09:00', '10:00'), desk.otto);
  const next = await desk.book(one, WHEN);
  api.clock.set(at(12, '09:45'));
  expect(await desk.refused('checkOutBooking', { id: next.id, version: 1 }, desk.bea)).toMatchObject([{ code: 'CONFLICT', message: 'Others still have it.' }]);
  api.clock.set(at(12, '10:00'));
  expect(await desk.move('checkOutBooking', next, desk.bea)).toMatchObject({ status: 'IN_USE' });

  api.clock.set(NOW);
  const two = await resource({ quantity: 2 });
  const first = await desk.book(two, range(12, '09:00', '10:00'), desk.otto);
  const second = await desk.book(two, WHEN);
  api.clock.set(at(12, '09:00'));
  await desk.move('checkOutBooking', first, desk.otto);
  api.clock.set(at(12, '09:45'));
  expect(await desk.move('checkOutBooking', second, desk.bea)).toMatchObject({ status: 'IN_USE' });
});

test('what is handed back early is free for others from the pause on', async () => {
  const hall = await resource({ buffer: 'PT15M' });
  const booking = await desk.book(hall, WHEN);
  api.clock.set(at(12, '10:00'));
  const out = await desk.move('checkOutBooking', booking, desk.bea);
  api.clock.set(at(12, '10:30'));
  expect(await desk.move('checkInBooking', out, aron)).toMatchObject({ status: 'COMPLETED', checkedOutAt: at(12, '10:00'), checkedInAt: at(12, '10:30') });
  expect(await desk.codes(hall, range(12, '10:44', '12:00'), desk.otto)).toEqual(['CONFLICT']);
  expect(await desk.codes(hall, range(12, '10:45', '12:00'), desk.otto)).toEqual([]);
});

describe('rescheduling', () => {
  test('is refused like a new booking, and then nothing has changed', async () => {
    const hall = await resource({ maximum: 'PT3H', horizon: 'P20D', quantity: 2 });
    await desk.book(hall, range(13, '10:00', '12:00'), desk.otto, { quantity: 2 });
    const booking = await desk.book(hall, WHEN);
    const before = await desk.rows();
    const attempts: [Record<string, unknown>, string, string[]][] = [
      [{ range: range(13, '11:00', '13:00') }, 'CONFLICT', ['input', 'range']],
      [{ range: range(12, '10:00', '14:00') }, 'INVALID', ['input', 'range']],
      [{ range: range(12, '12:00', '10:00') }, 'INVALID', ['input', 'range', 'end']],
      [{ range: range(9, '10:00', '11:00') }, 'TOO_LATE', ['input', 'range']],
      [{ range: { start: '2026-07-12T02:00:00Z', end: '2026-07-12T03:00:00Z' } }, 'TOO_EARLY', ['input', 'range']],
      [{ range: WHEN, quantity: 3 }, 'CAPACITY_EXCEEDED', ['input', 'quantity']],
      [{ range: WHEN, quantity: 0 }, 'INVALID', ['input', 'quantity']],
    ];
    for (const [changes, code, path] of attempts) {
      expect(await desk.refused('rescheduleBooking', { id: booking.id, version: 1, ...changes }, desk.bea)).toMatchObject([{ code, path }]);
      expect(await desk.rows()).toEqual(before);
    }
  });

  test('its own time does not stand in its way, and what it leaves is free', async () => {
    const hall = await resource();
    const booking = await desk.book(hall, WHEN);
    const moved = await desk.done('rescheduleBooking', { id: booking.id, version: 1, range: range(12, '11:00', '13:00') }, desk.bea);
    expect(moved).toMatchObject({ id: booking.id, status: 'CONFIRMED', range: range(12, '11:00', '13:00'), cancelUntil: at(12, '11:00') });
    expect(await desk.codes(hall, range(12, '10:00', '11:00'), desk.otto)).toEqual([]);
  });

  test('is requested anew where the owner approves each booking', async () => {
    const hall = await resource({ requiresApproval: true });
    const approved = await desk.move('approveBooking', await desk.book(hall, WHEN), desk.ada);
    const moved = await desk.done('rescheduleBooking', { id: approved.id, version: 2, range: range(13, '10:00', '12:00') }, desk.bea);
    expect(moved).toMatchObject({ status: 'REQUESTED', history: [{ to: 'REQUESTED' }, { to: 'CONFIRMED' }, { from: 'CONFIRMED', to: 'REQUESTED' }] });
  });

  test('the same key and input does it once', async () => {
    const booking = await desk.book(await resource(), WHEN);
    const input = { id: booking.id, version: 1, range: range(13, '10:00', '12:00'), idempotencyKey: `move ${booking.id}`.replaceAll(' ', '-') };
    const answers = await Promise.all(Array.from({ length: 5 }, () => desk.done('rescheduleBooking', input, desk.bea)));
    expect(new Set(answers.map(({ version }) => version))).toEqual(new Set([2]));
    expect(await desk.refused('rescheduleBooking', { ...input, range: WHEN }, desk.bea)).toMatchObject([{ code: 'IDEMPOTENCY_MISMATCH' }]);
  });
});

test.each(['nonsense', 'Qm9va2luZzp4', ''])('%p is no booking', async (id) => {
  for (const action of actions) expect(await desk.refused(VERBS[action], inputOf(action, { id, version: 1 } as BookingView), desk.bea)).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'id'] }]);
});
