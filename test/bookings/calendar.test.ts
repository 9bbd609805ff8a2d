import { recordDueBookings } from '../../src/domain/bookings/service';
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
beforeEach(async () => {
  api.clock.set(NOW);
});
afterEach(async () => {
  expect(await overruns(api)).toEqual([]);
  // Nothing of one test is due in the next.
  await api.database.sql("UPDATE bookings SET status = 'CANCELLED', flagged_at = NULL, release_at = NULL WHERE status IN ('WAITLISTED','REQUESTED','CONFIRMED','IN_USE')");
  await api.database.sql('DELETE FROM occupations');
  await api.database.sql('UPDATE clause_usage SET used_seconds = 0');
});
afterAll(() => api.stop());

const hall = (terms = {}) => desk.resource(`Hall ${(count += 1)}`, terms);
const WHEN = range(12, '10:00', '12:00');
const record = () => recordDueBookings({ dataSource: api.dataSource, clock: api.clock });
const written = async ({ id }: BookingView) => (await api.database.sql<{ status: string }>('SELECT status FROM bookings WHERE id = $1', [uuidOf(id)]))[0]!.status;
const status = async ({ id }: BookingView, as = desk.ada) => (await desk.read(id, as))!.status;

describe('what the clock moves', () => {
  test('an unanswered request lapses at its very start, seen at once and written down later', async () => {
    const resource = await hall({ requiresApproval: true });
    const requested = await desk.book(resource, WHEN);
    api.clock.set(new Date(Date.parse(WHEN.start) - 1));
    expect(await status(requested)).toBe('REQUESTED');
    expect(await record()).toBe(0);
    api.clock.set(WHEN.start);
    expect(await status(requested)).toBe('LAPSED');
    expect(await written(requested)).toBe('REQUESTED');
    expect(await desk.refused('approveBooking', { id: requested.id, version: 1 }, desk.ada)).toMatchObject([{ code: 'WRONG_STATE' }]);
    api.clock.set(at(12, '10:20'));
    expect(await record()).toBe(1);
    expect(await written(requested)).toBe('LAPSED');
    expect((await desk.read(requested.id, desk.bea))!.history.at(-1)).toMatchObject({ from: 'REQUESTED', to: 'LAPSED', by: null });
    const [step] = await api.database.sql<{ at: Date }>("SELECT at FROM state_changes WHERE subject_id = $1 AND to_status = 'LAPSED'", [uuidOf(requested.id)]);
    expect(step!.at.toISOString()).toBe(WHEN.start);
    expect(await record()).toBe(0);
  });

  test('the place of a lapsed request is free from that instant on, for who waits first, and it is written down with that', async () => {
    const resource = await hall({ requiresApproval: true });
    const requested = await desk.book(resource, WHEN);
    const waiting = await desk.wait(resource, range(12, '11:30', '12:00'), desk.otto);
    api.clock.set(WHEN.start);
    expect(await desk.codes(resource, range(12, '11:00', '12:00'), desk.ada)).toEqual(['CONFLICT']);
    expect(await written(requested)).toBe('REQUESTED');
    expect(await desk.codes(resource, range(12, '10:30', '11:30'), desk.ada)).toEqual([]);
    expect([await written(requested), await written(waiting)]).toEqual(['LAPSED', 'REQUESTED']);
    const [entry] = await api.database.sql("SELECT actor_user_id FROM audit_entries WHERE subject_id = $1 AND action = 'booking.lapse'", [uuidOf(requested.id)]);
    expect(entry).toEqual({ actor_user_id: null });
    expect(await record()).toBe(0);
  });

  test('a booking that nobody fetched is a no-show at its very end', async () => {
    const resource = await hall();
    const booking = await desk.book(resource, WHEN);
    api.clock.set(new Date(Date.parse(WHEN.end) - 1));
    expect(await status(booking)).toBe('CONFIRMED');
    expect((await desk.read(booking.id, desk.bea))!.viewerCan).toEqual(['CHECK_OUT']);
    api.clock.set(WHEN.end);
    expect(await status(booking)).toBe('NO_SHOW');
    expect(await desk.refused('checkOutBooking', { id: booking.id, version: 1 }, desk.bea)).toMatchObject([{ code: 'WRONG_STATE' }]);
    expect(await record()).toBe(1);
    expect((await desk.read(booking.id, desk.bea))!.history.at(-1)).toMatchObject({ from: 'CONFIRMED', to: 'NO_SHOW' });
  });

  test('who waits lapses at the start, and what is in use stays', async () => {
    const resource = await hall();
    const held = await desk.book(resource, WHEN, desk.otto);
    const waiting = await desk.wait(resource, WHEN);
    api.clock.set(WHEN.start);
    await desk.move('checkOutBooking', held, desk.otto);
    api.clock.set(at(12, '13:00'));
    expect([await status(held), await status(waiting)]).toEqual(['IN_USE', 'LAPSED']);
    expect(await record()).toBe(1);
    expect([await written(held), await written(waiting)]).toEqual(['IN_USE', 'LAPSED']);
  });

  test('a request that lapses gives back its quota and makes room for who waits', async () => {
    const resource = await hall({ sharing: 'CONTRACT', requiresApproval: true });
    const { clauses: [clause] } = await desk.grant([resource], [{ quotaPerMonth: 'PT9H' }]);
    const requested = await desk.book(resource, WHEN);
    const waiting = await desk.wait(resource, range(12, '11:00', '12:00'), desk.ada);
    api.clock.set(WHEN.start);
    expect(await desk.used(clause)).toEqual({ '2026-06-01': 2 });
    await record();
    expect(await desk.used(clause)).toEqual({});
    expect([await status(requested), await status(waiting)]).toEqual(['LAPSED', 'CONFIRMED']);
  });

  test('filters go by the clock too', async () => {
    const resource = await hall({ requiresApproval: true });
    const requested = await desk.book(resource, WHEN);
    api.clock.set(WHEN.start);
    const ids = async (filter: object) =>
      (await api.must('query ($filter: BookingFilter) { bookings(filter: $filter) { nodes { id } totalCount } }', { filter: { resource, ...filter } }, desk.bea)).bookings;
    expect(await ids({ status: 'LAPSED' })).toEqual({ nodes: [{ id: requested.id }], totalCount: 1 });
    expect(await ids({ status: 'REQUESTED' })).toEqual({ nodes: [], totalCount: 0 });
  });

  test('any number of processes write it down once', async () => {
    const bookings: BookingView[] = [];
    for (let index = 0; index < 6; index += 1) bookings.push(await desk.book(await hall({ requiresApproval: index % 2 === 0 }), WHEN));
    api.clock.set(WHEN.end);
    const moved = await Promise.all([record(), record(), record()]);
    expect(moved.reduce((total, some) => total + some, 0)).toBe(6);
    for (const booking of bookings) expect((await desk.read(booking.id, desk.bea))!.history).toHaveLength(2);
  });
});

describe('what is not in force', () => {
  const suspended = async (contract: string, verb = 'suspendContract') => {
    const { version } = (await desk.agreements.read(contract, desk.committee))!;
    await desk.agreements.done(verb, { id: contract, version }, desk.committee);
  };

  test('flags the coming bookings to both sides at once, and frees them after the term of release', async () => {
    const resource = await hall({ sharing: 'CONTRACT' });
    const { contract, clauses: [clause] } = await desk.grant([resource], [{ quotaPerMonth: 'PT9H' }]);
    const booking = await desk.book(resource, range(25, '10:00', '12:00'));
    const waiting = await desk.wait(resource, range(25, '10:00', '12:00'), desk.ada);
    expect(booking.flagged).toBe(false);
    await suspended(contract);
    for (const as of [desk.bea, desk.ada, desk.committee]) expect(await desk.read(booking.id, as)).toMatchObject({ flagged: true, status: 'CONFIRMED' });
    expect(await record()).toBe(1);
    const flagged = (await desk.read(booking.id, desk.bea))!;
    expect(flagged).toMatchObject({ flagged: true, releaseAt: '2026-06-17T02:00:00.000Z', viewerCan: ['RESCHEDULE', 'CANCEL'] });
    expect(await record()).toBe(0);
    const listed = await api.must('query ($filter: BookingFilter) { bookings(filter: $filter) { nodes { id } } }', { filter: { flagged: true } }, desk.ada);
    expect(listed.bookings.nodes).toEqual([{ id: booking.id }]);
    // It holds its place until then, but is not moved by what is not in force.
    expect(await desk.refused('rescheduleBooking', { id: booking.id, version: flagged.version, range: range(26, '10:00', '12:00') }, desk.bea)).toMatchObject([{ code: 'NOT_ALLOWED' }]);
    api.clock.set('2026-06-17T01:59:59.999Z');
    expect(await record()).toBe(0);
    api.clock.set('2026-06-17T02:00:00Z');
    expect(await record()).toBe(1);
    expect((await desk.read(booking.id, desk.bea))!).toMatchObject({ status: 'CANCELLED', flagged: false, releaseAt: null, history: [{ to: 'CONFIRMED' }, { to: 'CANCELLED', by: null, note: expect.stringContaining('not in force') }] });
    expect(await status(waiting)).toBe('CONFIRMED');
    expect(await desk.used(clause)).toEqual({});
  });

  test('is unflagged when it is in force again', async () => {
    const resource = await hall({ sharing: 'CONTRACT' });
    const { contract } = await desk.grant([resource]);
    const booking = await desk.book(resource, range(25, '10:00', '12:00'));
    await suspended(contract);
    await record();
    await suspended(contract, 'resumeContract');
    expect(await desk.read(booking.id, desk.bea)).toMatchObject({ flagged: false });
    expect(await record()).toBe(1);
    expect(await desk.read(booking.id, desk.bea)).toMatchObject({ flagged: false, releaseAt: null, status: 'CONFIRMED' });
    api.clock.set('2026-06-20T02:00:00Z');
    expect(await record()).toBe(0);
  });

  test('a contract that is terminated or expires does the same; what has begun or is over is left alone', async () => {
    const resource = await hall({ sharing: 'CONTRACT', quantity: 9 });
    const { contract } = await desk.grant([resource]);
    const [inUse, coming] = [await desk.book(resource, WHEN), await desk.book(resource, range(14, '10:00', '12:00'))];
    api.clock.set(WHEN.start);
    await desk.move('checkOutBooking', inUse, desk.bea);
    await suspended(contract, 'terminateContract');
    expect(await record()).toBe(1);
    expect([(await desk.read(inUse.id, desk.bea))!.flagged, (await desk.read(coming.id, desk.bea))!.flagged]).toEqual([false, true]);
  });

  test('an organization that is suspended flags what it booked, and what is booked of it', async () => {
    const [theirs, ours] = [await desk.resource('Hall of B', {}, desk.b), await hall()];
    const [booked, taken] = [await desk.book(ours, WHEN), await desk.book(theirs, WHEN, desk.ada)];
    await api.database.sql("UPDATE organizations SET status = 'SUSPENDED' WHERE id = $1", [desk.b.id]);
    for (const { id } of [booked, taken]) expect(await desk.read(id, desk.ada)).toMatchObject({ flagged: true });
    expect(await desk.read(booked.id, desk.bea)).toMatchObject({ flagged: true, viewerCan: [] });
    expect(await record()).toBe(2);
    await api.database.sql("UPDATE organizations SET status = 'ACTIVE' WHERE id = $1", [desk.b.id]);
    expect(await record()).toBe(2);
    expect(await desk.read(booked.id, desk.bea)).toMatchObject({ flagged: false, releaseAt: null });
  });

  test('a booking goes on without a gap by the amendment that takes its contract over, and counts against the quota there', async () => {
    const resource = await hall({ sharing: 'CONTRACT' });
    const { contract, clauses: [old] } = await desk.grant([resource], [{ quotaPerMonth: 'PT9H' }]);
    const booking = await desk.book(resource, range(25, '10:00', '12:00'));
    const { version } = (await desk.agreements.read(contract, desk.ada))!;
    const draft = await desk.agreements.done('amendContract', { id: contract, version, term: { from: '2026-06-20' } }, desk.ada);
    const proposed = await desk.agreements.done('proposeContract', { id: draft.id, version: draft.version }, desk.ada);
    for (const signer of [desk.ada, desk.ben]) await desk.agreements.sign(proposed, signer);
    api.clock.set('2026-06-19T16:00:00Z');
    expect(await record()).toBe(1);
    const after = (await desk.read(booking.id, desk.bea))!;
    expect(after).toMatchObject({ status: 'CONFIRMED', flagged: false, releaseAt: null, contract: { id: draft.id } });
    expect([await desk.used(old), await desk.used(after.clause!.id)]).toEqual([{}, { '2026-06-01': 2 }]);
    expect(await record()).toBe(0);
  });

  test('and by whatever else opens the resource to who booked it; what is booked along goes with it', async () => {
    const projector = await hall({ sharing: 'PRIVATE' });
    const resource = await hall({ sharing: 'NETWORK', requires: [projector] });
    const { contract } = await desk.grant([resource]);
    const booking = await desk.book(resource, range(25, '10:00', '12:00'));
    await suspended(contract);
    expect(await record()).toBe(2);
    expect(await desk.read(booking.id, desk.bea)).toMatchObject({ flagged: false, contract: null, bookedAlong: [{ status: 'CONFIRMED' }] });
    expect(await record()).toBe(0);
  });

  test('when another contract is concluded before the release, it goes on by that', async () => {
    const resource = await hall({ sharing: 'CONTRACT' });
    const { contract } = await desk.grant([resource]);
    const booking = await desk.book(resource, range(25, '10:00', '12:00'));
    await suspended(contract, 'terminateContract');
    await record();
    const { contract: next } = await desk.grant([resource]);
    api.clock.set('2026-06-17T02:00:00Z');
    expect(await record()).toBe(1);
    expect(await desk.read(booking.id, desk.bea)).toMatchObject({ status: 'CONFIRMED', flagged: false, contract: { id: next } });
  });

  test('the contract may name another term of release', async () => {
    const resource = await hall({ sharing: 'CONTRACT' });
    const { contract } = await desk.grant([resource]);
    await api.database.sql("UPDATE contracts SET booking_release = 'PT12H' WHERE id = $1", [uuidOf(contract)]);
    const booking = await desk.book(resource, range(25, '10:00', '12:00'));
    await suspended(contract);
    await record();
    expect((await desk.read(booking.id, desk.bea))!.releaseAt).toBe('2026-06-10T14:00:00.000Z');
  });
});

test('the term of release is part of what the parties sign', async () => {
  const { agreements } = desk;
  const plain = await agreements.draft();
  const named = await agreements.draft({ bookingRelease: 'PT36H' });
  const again = await agreements.draft({ bookingRelease: 'P1DT12H' });
  expect(named.contentHash).not.toBe(plain.contentHash);
  expect(again.contentHash).toBe(named.contentHash);
  const release = async (id: string) => (await api.must('query ($id: ID!) { node(id: $id) { ... on Contract { bookingRelease } } }', { id }, desk.ada)).node.bookingRelease;
  expect([await release(plain.id), await release(named.id)]).toEqual([null, 'PT36H']);
  const kept = await agreements.done('updateContract', { id: named.id, version: 1, title: 'Renamed' }, desk.ada);
  expect(await release(named.id)).toBe('PT36H');
  const emptied = await agreements.done('updateContract', { id: named.id, version: kept.version, title: 'Agreement', bookingRelease: null }, desk.ada);
  expect(await release(named.id)).toBeNull();
  expect(emptied.contentHash).toBe(plain.contentHash);
  expect(await agreements.refused('draftContract', agreements.input({ bookingRelease: 'P367D' }), desk.ada)).toMatchObject([{ code: 'INVALID', path: ['input', 'bookingRelease'] }]);
  const concluded = await agreements.concluded({ bookingRelease: 'P3D' });
  const amendment = await agreements.done('amendContract', { id: concluded.id, version: concluded.version, term: { from: '2026-09-01' } }, desk.ada);
  expect(await release(amendment.id)).toBe('P3D');
});
