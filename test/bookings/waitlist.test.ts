import { TestApi } from '../support/api';
import { uuidOf } from '../contracts/agreements';
import { at, Desk, NOW, overruns, range, type BookingView } from './desk';

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

const hall = (terms = {}) => desk.resource(`Hall ${(count += 1)}`, terms);
const WHEN = range(12, '10:00', '12:00');
const statuses = async (bookings: readonly BookingView[], as = desk.ada) => Promise.all(bookings.map(async ({ id }) => (await desk.read(id, as))!.status));

test('who waits has a place in the queue that counts also those whom one does not see', async () => {
  const resource = await hall();
  await desk.book(resource, WHEN, desk.ada);
  const first = await desk.wait(resource, WHEN, desk.otto);
  const second = await desk.wait(resource, range(12, '11:00', '13:00'), desk.bea);
  const elsewhere = await desk.wait(resource, range(12, '11:30', '12:30'), desk.ada);
  const besides = await desk.wait(resource, range(12, '10:00', '10:30'), desk.ada);
  expect([first.status, first.waitlistPlace]).toEqual(['WAITLISTED', 1]);
  expect([second.waitlistPlace, elsewhere.waitlistPlace, besides.waitlistPlace]).toEqual([2, 3, 2]);
  expect(second).toMatchObject({ history: [{ from: null, to: 'WAITLISTED' }], viewerCan: ['CANCEL'] });
  await desk.move('cancelBooking', first, desk.otto);
  expect((await desk.read(second.id, desk.bea))!.waitlistPlace).toBe(1);
});

test('what is free already is had at once, and an organization waits once for a time', async () => {
  const resource = await hall();
  expect(await desk.wait(resource, WHEN)).toMatchObject({ status: 'CONFIRMED', version: 2, waitlistPlace: null, history: [{ to: 'WAITLISTED' }, { from: 'WAITLISTED', to: 'CONFIRMED', by: null }] });
  await desk.wait(resource, WHEN);
  expect(await desk.refused('joinWaitlist', { resource, range: range(12, '11:00', '13:00') }, desk.ben)).toMatchObject([{ code: 'DUPLICATE', path: ['input', 'range'] }]);
  expect((await desk.refused('joinWaitlist', { resource, range: WHEN }, desk.ben, 'zh-CN'))[0]!.message).toContain('候补');
  await desk.wait(resource, range(12, '12:00', '13:00'));
});

test('the oldest comes first, and the next when that one is given up: in the very transaction', async () => {
  const resource = await hall();
  const holder = await desk.book(resource, WHEN, desk.ada);
  const [otto, bea] = [await desk.wait(resource, WHEN, desk.otto), await desk.wait(resource, WHEN, desk.bea)];
  await desk.move('cancelBooking', holder, desk.ada);
  expect(await statuses([otto, bea])).toEqual(['CONFIRMED', 'WAITLISTED']);
  expect(await desk.codes(resource, WHEN, desk.ada)).toEqual(['CONFLICT']);
  await desk.move('cancelBooking', { ...otto, version: 2 }, desk.otto);
  expect(await statuses([otto, bea])).toEqual(['CANCELLED', 'CONFIRMED']);
  const [row] = await api.database.sql<{ same: boolean }>(
    `SELECT (SELECT xmin FROM bookings WHERE id = $1) = (SELECT xmin FROM bookings WHERE id = $2) AS same`,
    [uuidOf(otto.id), uuidOf(bea.id)],
  );
  expect(row!.same).toBe(true);
});

test('the priority of the clause comes before the time', async () => {
  const resource = await hall({ sharing: 'CONTRACT' });
  await desk.grant([resource], [{ priority: 1 }]);
  await desk.grant([resource], [{ priority: 9 }], [desk.agreements.outsider]);
  const holder = await desk.book(resource, WHEN, desk.ada);
  const low = await desk.wait(resource, WHEN, desk.bea);
  const high = await desk.wait(resource, WHEN, desk.otto);
  expect((await desk.read(low.id, desk.bea))!.waitlistPlace).toBe(2);
  expect(high.waitlistPlace).toBe(1);
  await desk.move('cancelBooking', holder, desk.ada);
  expect(await statuses([low, high])).toEqual(['WAITLISTED', 'CONFIRMED']);
});

test('whoever does not fit is passed over and keeps its place', async () => {
  const resource = await hall({ quantity: 4 });
  const [one, three] = [await desk.book(resource, WHEN, desk.ada), await desk.book(resource, WHEN, desk.ada, { quantity: 3 })];
  const [big, small] = [await desk.wait(resource, WHEN, desk.otto, { quantity: 4 }), await desk.wait(resource, WHEN, desk.bea)];
  await desk.move('cancelBooking', one, desk.ada);
  expect(await statuses([big, small])).toEqual(['WAITLISTED', 'CONFIRMED']);
  await desk.move('cancelBooking', three, desk.ada);
  expect(await statuses([big])).toEqual(['WAITLISTED']);
  await desk.move('cancelBooking', { ...small, version: 2 }, desk.bea);
  expect(await statuses([big])).toEqual(['CONFIRMED']);
});

describe('a place frees', () => {
  const freeing: [what: string, terms: object, free: (holder: BookingView, resource: string) => Promise<unknown>][] = [
    ['when a booking is cancelled', {}, (holder) => desk.move('cancelBooking', holder, desk.otto)],
    ['when a request is rejected', { requiresApproval: true }, (holder) => desk.move('rejectBooking', holder, desk.ada)],
    ['when a booking is rescheduled', {}, (holder) => desk.done('rescheduleBooking', { id: holder.id, version: 1, range: range(14, '10:00', '12:00') }, desk.otto)],
    ['when a booking becomes smaller', {}, (holder) => desk.done('rescheduleBooking', { id: holder.id, version: 1, range: range(12, '08:00', '11:00') }, desk.otto)],
    ['when there is more of it', {}, (_holder, resource) => api.done('updateResource', { id: resource, version: 1, quantity: 2 }, desk.ada)],
    [
      'when it is handed back',
      {},
      async (holder) => {
        api.clock.set(at(12, '10:00'));
        const out = await desk.move('checkOutBooking', holder, desk.otto);
        api.clock.set(at(12, '10:30'));
        await desk.move('checkInBooking', out, desk.otto);
      },
    ],
  ];
  test.each(freeing)('%s', async (_what, terms, free) => {
    const resource = await hall(terms);
    const holder = await desk.book(resource, range(12, '10:00', '12:00'), desk.otto);
    const waiting = await desk.wait(resource, range(12, '11:00', '12:00'));
    await free(holder, resource);
    const promoted = (await desk.read(waiting.id, desk.bea))!;
    expect(promoted.status).toBe(terms === freeing[1]![1] ? 'REQUESTED' : 'CONFIRMED');
    expect(promoted.history.at(-1)).toMatchObject({ from: 'WAITLISTED', by: null });
  });

  test('when a time is no longer blocked', async () => {
    const resource = await hall();
    const { block } = await api.done('blockTime', { resource, range: WHEN }, desk.ada, 'block { id }');
    const waiting = await desk.wait(resource, WHEN);
    await api.done('unblockTime', { id: block.id }, desk.ada);
    expect(await statuses([waiting])).toEqual(['CONFIRMED']);
  });
});

test('whether one still may is asked anew: the contract, the quota, the state of the resource', async () => {
  const resource = await hall({ sharing: 'CONTRACT' });
  const { contract } = await desk.grant([resource], [{}], [desk.agreements.outsider]);
  const { clauses: [clause] } = await desk.grant([resource], [{ quotaPerMonth: 'PT3H' }]);
  const holder = await desk.book(resource, WHEN, desk.ada);
  const [otto, bea] = [await desk.wait(resource, WHEN, desk.otto), await desk.wait(resource, WHEN, desk.bea)];
  expect(await desk.used(clause)).toEqual({});
  // The first loses its contract, the second uses its quota for something else.
  const { version } = (await desk.agreements.read(contract, desk.committee))!;
  await desk.agreements.done('suspendContract', { id: contract, version }, desk.committee);
  const other = await desk.book(resource, range(13, '10:00', '12:00'), desk.bea);
  await desk.move('cancelBooking', holder, desk.ada);
  expect(await statuses([otto, bea])).toEqual(['WAITLISTED', 'WAITLISTED']);
  expect(await desk.used(clause)).toEqual({ '2026-06-01': 2 });
  await desk.move('cancelBooking', other, desk.bea);
  // The next place that frees: now the second has room again.
  const again = await desk.book(resource, WHEN, desk.ada);
  await desk.move('cancelBooking', again, desk.ada);
  expect(await statuses([otto, bea])).toEqual(['WAITLISTED', 'CONFIRMED']);
  expect(await desk.used(clause)).toEqual({ '2026-06-01': 2 });
});

test('a promotion is audited as nobody\'s doing, for the parties of the promoted booking alone', async () => {
  const resource = await hall();
  const holder = await desk.book(resource, WHEN, desk.otto);
  const waiting = await desk.wait(resource, WHEN, desk.bea);
  await desk.move('cancelBooking', holder, desk.otto);
  const entries = await api.database.sql<{ action: string; actor: string | null; organizations: string[] }>(
    'SELECT action, actor_user_id AS actor, organization_ids AS organizations FROM audit_entries WHERE subject_id = $1 ORDER BY seq',
    [uuidOf(waiting.id)],
  );
  expect(entries).toEqual([
    { action: 'booking.wait', actor: desk.bea.userId, organizations: [desk.a.id, desk.b.id].sort() },
    { action: 'booking.promote', actor: null, organizations: [desk.a.id, desk.b.id].sort() },
  ]);
});

test('what waits is not rescheduled, holds nothing, and lapses at its start', async () => {
  const resource = await hall();
  await desk.book(resource, WHEN, desk.ada);
  const waiting = await desk.wait(resource, WHEN);
  expect(await desk.refused('rescheduleBooking', { id: waiting.id, version: 1, range: WHEN }, desk.bea)).toMatchObject([{ code: 'WRONG_STATE' }]);
  api.clock.set(at(12, '10:00'));
  expect((await desk.read(waiting.id, desk.bea))!).toMatchObject({ status: 'LAPSED', waitlistPlace: null, viewerCan: [] });
});
