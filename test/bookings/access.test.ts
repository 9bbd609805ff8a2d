import { toGlobalId } from '../../src/platform/ids';
import { uuidOf } from '../contracts/agreements';
import { TestApi } from '../support/api';
import { at, Desk, NOW, overruns, range } from './desk';

let api: TestApi;
let desk: Desk;
let count = 0;

beforeAll(async () => {
  api = await TestApi.start({ DATABASE_POOL_SIZE: '20' });
  desk = await Desk.begin(api);
});
beforeEach(() => api.clock.set(NOW));
afterEach(async () => expect(await overruns(api)).toEqual([]));
afterAll(() => api.stop());

/** A resource that only contracts open. */
const hall = (terms = {}) => desk.resource(`Hall ${(count += 1)}`, { sharing: 'CONTRACT', ...terms });
const WHEN = range(12, '10:00', '12:00');

describe('which grant a booking uses', () => {
  test('is recorded on it; the own resource needs none', async () => {
    const resource = await hall();
    const { contract, clauses } = await desk.grant([resource], [{ priority: 7 }]);
    expect(await desk.book(resource, WHEN)).toMatchObject({ contract: { id: contract }, clause: { id: clauses[0] }, priority: 7 });
    expect(await desk.book(resource, range(13, '10:00', '12:00'), desk.ada)).toMatchObject({ contract: null, clause: null, priority: 0 });
  });

  test('the highest priority, then the most that is left, then the next when it is used up', async () => {
    const resource = await hall({ quantity: 100 });
    const { clauses } = await desk.grant([resource], [
      { priority: 1, quotaPerMonth: 'PT100H' }, { priority: 5, quotaPerMonth: 'PT4H' }, { priority: 5, quotaPerMonth: 'PT6H' }, { priority: 5, hours: [{ weekday: 1, opens: '00:00', closes: '24:00' }] },
    ]);
    const used: (string | undefined)[] = [];
    for (let round = 0; round < 6; round += 1) used.push((await desk.book(resource, WHEN)).clause?.id);
    // 6 hours left beside 4, then 4 beside 4 (the one whose id comes first), and so on; then the lower priority.
    expect(used[0]).toBe(clauses[2]);
    expect(used.filter((id) => id === clauses[1])).toHaveLength(2);
    expect(used.filter((id) => id === clauses[2])).toHaveLength(3);
    expect(used[5]).toBe(clauses[0]);
    // On a Monday there is one without a limit.
    expect((await desk.book(resource, range(15, '10:00', '12:00'))).clause?.id).toBe(clauses[3]);
  });

  test('as the network shares it when no grant has room', async () => {
    const resource = await hall({ sharing: 'NETWORK', quantity: 9 });
    const { clauses } = await desk.grant([resource], [{ quotaPerMonth: 'PT3H', requiresApproval: true }]);
    expect(await desk.book(resource, WHEN)).toMatchObject({ clause: { id: clauses[0] }, status: 'REQUESTED' });
    expect(await desk.book(resource, WHEN)).toMatchObject({ clause: null, status: 'CONFIRMED' });
  });

  test('a clause may want an approval where the resource wants none, and the resource where the clause wants none', async () => {
    const open = await hall();
    await desk.grant([open], [{ requiresApproval: true }]);
    expect(await desk.book(open, WHEN)).toMatchObject({ status: 'REQUESTED' });
    const strict = await hall({ requiresApproval: true });
    await desk.grant([strict]);
    expect(await desk.book(strict, WHEN)).toMatchObject({ status: 'REQUESTED' });
  });
});

describe('what no grant allows', () => {
  test('outside the hours of the clause', async () => {
    const resource = await hall({ openingHours: [{ weekday: 5, opens: '08:00', closes: '22:00' }] });
    await desk.grant([resource], [{ hours: [{ weekday: 5, opens: '09:00', closes: '12:00' }, { weekday: 6, opens: '09:00', closes: '12:00' }] }]);
    expect(await desk.codes(resource, range(12, '09:00', '12:00'))).toEqual([]);
    const late = { resource, range: range(12, '12:00', '12:30') };
    expect(await desk.refused('bookResource', late, desk.bea)).toEqual([
      { code: 'OUTSIDE_OPENING_HOURS', path: ['input', 'range'], message: expect.stringContaining('Your contract does not let you') },
    ]);
    expect((await desk.refused('bookResource', late, desk.bea, 'zh-CN'))[0]!.message).toContain('契约条款');
    expect(await desk.codes(resource, range(13, '09:00', '12:00'))).toEqual(['OUTSIDE_OPENING_HOURS']);
    // The owner is not bound by it.
    expect(await desk.codes(resource, range(12, '12:00', '12:30'), desk.ada)).toEqual([]);
  });

  test('beyond the term of the contract, to the midnight', async () => {
    const resource = await hall();
    await desk.grant([resource], [{}], [desk.b], { term: { from: '2026-06-01', to: '2026-06-20' } });
    expect(await desk.codes(resource, { start: at(20, '22:00'), end: at(21, '00:00') })).toEqual([]);
    const beyond = { resource, range: { start: at(20, '21:00'), end: at(21, '00:01') } };
    expect(await desk.refused('bookResource', beyond, desk.bea)).toEqual([{ code: 'NOT_ALLOWED', path: ['input', 'range'], message: expect.stringContaining('term of your contract') }]);
    expect(await desk.codes(resource, range(25, '10:00', '11:00'))).toEqual(['NOT_ALLOWED']);
  });

  test('a contract that is suspended, ended or not yet in force opens nothing', async () => {
    const resource = await hall();
    const { contract } = await desk.grant([resource]);
    const as = desk.agreements;
    const { version } = (await as.read(contract, desk.committee))!;
    await as.done('suspendContract', { id: contract, version }, desk.committee);
    expect(await desk.codes(resource, WHEN)).toEqual(['NOT_FOUND']);
    await as.done('resumeContract', { id: contract, version: version + 1 }, desk.committee);
    expect(await desk.codes(resource, WHEN)).toEqual([]);
    await as.done('terminateContract', { id: contract, version: version + 2 }, desk.committee);
    expect(await desk.codes(resource, range(13, '10:00', '11:00'))).toEqual(['NOT_FOUND']);
    const later = await hall();
    await desk.grant([later], [{}], [desk.b], { term: { from: '2026-07-01', to: '2026-12-31' } });
    expect(await desk.codes(later, { start: '2026-07-02T02:00:00Z', end: '2026-07-02T03:00:00Z' })).toEqual(['NOT_FOUND']);
  });

  test('a grant to another opens nothing, and the committee books by grants to the hub alone', async () => {
    const resource = await hall();
    await desk.grant([resource]);
    expect(await desk.codes(resource, WHEN, desk.otto)).toEqual(['NOT_FOUND']);
    expect(await desk.refused('bookResource', { resource, range: WHEN }, desk.committee)).toMatchObject([{ code: 'NOT_ALLOWED', path: ['input', 'resource'] }]);
    const forHub = await hall();
    const { clauses } = await desk.grant([forHub], [{}], [desk.agreements.hub]);
    expect(await desk.book(forHub, WHEN, desk.committee)).toMatchObject({ clause: { id: clauses[0] }, organization: { id: desk.agreements.hub.globalId } });
  });
});

describe('the quota', () => {
  test('counts hours times quantity in the month of use, over all beneficiaries', async () => {
    const resource = await hall({ quantity: 50 });
    const { clauses: [clause] } = await desk.grant([resource], [{ quotaPerMonth: 'PT10H' }], [desk.b, desk.agreements.outsider]);
    await desk.book(resource, range(12, '10:00', '11:30'), desk.bea, { quantity: 4 });
    expect(await desk.used(clause)).toEqual({ '2026-06-01': 6 });
    const more = { resource, range: range(13, '10:00', '12:01'), quantity: 2 };
    expect(await desk.refused('bookResource', more, desk.otto)).toEqual([{ code: 'QUOTA_EXCEEDED', path: ['input', 'quantity'], message: expect.stringContaining('What is left of the clause') }]);
    expect((await desk.refused('bookResource', more, desk.otto, 'zh-CN'))[0]!.message).toContain('额度');
    expect((await desk.refused('joinWaitlist', more, desk.otto))[0]!.code).toBe('QUOTA_EXCEEDED');
    await desk.book(resource, range(13, '10:00', '12:00'), desk.otto, { quantity: 2 });
    expect(await desk.codes(resource, range(13, '10:00', '10:01'))).toEqual(['QUOTA_EXCEEDED']);
    // July is another month.
    expect(await desk.codes(resource, { start: '2026-07-02T02:00:00Z', end: '2026-07-02T12:00:00Z' })).toEqual([]);
    expect(await desk.used(clause)).toEqual({ '2026-06-01': 10, '2026-07-01': 10 });
    const left = async (as: typeof desk.bea) =>
      (await api.must('query ($id: ID!) { node(id: $id) { ... on Resource { accessibleThrough { reason quotaLeftThisMonth } } } }', { id: resource }, as)).node.accessibleThrough;
    expect(await left(desk.bea)).toEqual([{ reason: 'CONTRACT', quotaLeftThisMonth: 'PT0S' }]);
    expect(await left(desk.ada)).toEqual([{ reason: 'OWNER', quotaLeftThisMonth: null }]);
  });

  test('a booking over the end of a month, by the days of Shanghai, counts in both, and needs room in both', async () => {
    const resource = await hall({ quantity: 9 });
    const { clauses: [clause] } = await desk.grant([resource], [{ quotaPerMonth: 'PT5H' }]);
    const over = { start: at(30, '22:00'), end: at(31, '03:00') };
    const booking = await desk.book(resource, over);
    expect(await desk.used(clause)).toEqual({ '2026-06-01': 2, '2026-07-01': 3 });
    expect(await desk.codes(resource, over)).toEqual(['QUOTA_EXCEEDED']);
    await desk.book(resource, range(29, '10:00', '13:00'));
    expect(await desk.used(clause)).toEqual({ '2026-06-01': 5, '2026-07-01': 3 });
    // July has room, June has not: nothing is counted.
    expect(await desk.codes(resource, { start: at(30, '23:00'), end: at(31, '01:00') })).toEqual(['QUOTA_EXCEEDED']);
    expect(await desk.used(clause)).toEqual({ '2026-06-01': 5, '2026-07-01': 3 });
    await desk.move('cancelBooking', booking, desk.bea);
    expect(await desk.used(clause)).toEqual({ '2026-06-01': 3 });
  });

  test('is given back by cancelling, rejecting and rescheduling, not by handing back or not coming', async () => {
    const resource = await hall({ quantity: 9, requiresApproval: true });
    const { clauses: [clause] } = await desk.grant([resource], [{ quotaPerMonth: 'PT10H' }]);
    const used = async () => (await desk.used(clause))['2026-06-01'] ?? 0;
    const [cancelled, rejected, moved, kept, missed] = [
      await desk.book(resource, WHEN), await desk.book(resource, WHEN), await desk.book(resource, WHEN), await desk.book(resource, WHEN), await desk.book(resource, WHEN),
    ];
    expect(await used()).toBe(10);
    await desk.move('cancelBooking', cancelled, desk.bea);
    await desk.move('rejectBooking', rejected, desk.ada);
    expect(await used()).toBe(6);
    const after = await desk.done('rescheduleBooking', { id: moved.id, version: 1, range: range(12, '10:00', '11:00') }, desk.bea);
    expect(await used()).toBe(5);
    // To use more than all is not possible, and then it is as it was.
    expect(await desk.refused('rescheduleBooking', { id: moved.id, version: after.version, range: range(12, '10:00', '17:00') }, desk.bea)).toMatchObject([{ code: 'QUOTA_EXCEEDED' }]);
    expect(await used()).toBe(5);
    const approved = await desk.move('approveBooking', kept, desk.ada);
    await desk.move('approveBooking', missed, desk.ada);
    api.clock.set(at(12, '10:00'));
    const out = await desk.move('checkOutBooking', approved, desk.bea);
    api.clock.set(at(12, '10:30'));
    await desk.move('checkInBooking', out, desk.bea);
    expect(await used()).toBe(5);
  });

  test('is never exceeded by 30 bookings at once', async () => {
    for (let round = 0; round < 3; round += 1) {
      const resource = await hall({ quantity: 100 });
      const { clauses: [clause] } = await desk.grant([resource], [{ quotaPerMonth: 'PT10H' }]);
      const halls = await Promise.all(Array.from({ length: 5 }, () => hall({ quantity: 100 })));
      // The same grant over several resources, so that they do not wait for each other.
      await api.database.sql(
        `INSERT INTO contract_clause_resources (network_id, clause_id, contract_id, obligor_id, resource_id, ordinal, name, audience)
         SELECT g.network_id, g.clause_id, g.contract_id, g.obligor_id, r.id, 9, r.name, g.audience FROM contract_clause_resources g, resources r
         WHERE g.clause_id = $1 AND r.id = ANY($2)`,
        [uuidOf(clause), halls.map(uuidOf)],
      );
      await api.database.sql('UPDATE resources SET granted_by = ARRAY[$1::uuid] WHERE id = ANY($2)', [uuidOf(clause), halls.map(uuidOf)]);
      const all = [resource, ...halls];
      const attempts = await Promise.all(Array.from({ length: 30 }, (_, index) => desk.codes(all[index % all.length]!, range(12 + (index % 5), '10:00', '11:00'))));
      expect(attempts.filter((codes) => codes.length === 0)).toHaveLength(10);
      expect(attempts.flat()).toEqual(Array(20).fill('QUOTA_EXCEEDED'));
      expect(await desk.used(clause)).toEqual({ '2026-06-01': 10 });
    }
  }, 60_000);
});

test('what one may do to a resource: book what one may, decide on and block the own', async () => {
  const resource = await hall();
  await desk.grant([resource]);
  const vera = await api.world.person(desk.b, 'VOLUNTEER');
  const can = async (as: typeof desk.bea | null) =>
    (await api.must('query ($id: ID!) { node(id: $id) { ... on Resource { viewerCan } } }', { id: resource }, as)).node?.viewerCan;
  expect(await can(desk.bea)).toEqual(['BOOK']);
  expect(await can(desk.ada)).toEqual(['EDIT', 'TAKE_OUT_OF_SERVICE', 'SHARE', 'RETIRE', 'BOOK', 'APPROVE_BOOKINGS', 'BLOCK_TIME']);
  expect(await can(desk.committee)).toEqual([]);
  const shared = await hall({ sharing: 'PUBLIC' });
  const listed = await api.must('{ resources(first: 100, filter: { sharing: PUBLIC }) { nodes { id viewerCan } } }', {}, desk.otto);
  expect(listed.resources.nodes).toContainEqual({ id: shared, viewerCan: ['BOOK'] });
  expect((await api.must('{ resources(first: 100, filter: { sharing: PUBLIC }) { nodes { viewerCan } } }', {}, vera)).resources.nodes).toEqual([{ viewerCan: [] }]);
  expect((await api.must('{ resources(first: 100) { nodes { viewerCan } } }', {}, null)).resources.nodes).toEqual([{ viewerCan: [] }]);
});

test('a request that is approved after its contract was suspended is not', async () => {
  const resource = await hall({ requiresApproval: true });
  const { contract } = await desk.grant([resource]);
  const booking = await desk.book(resource, WHEN);
  const { version } = (await desk.agreements.read(contract, desk.committee))!;
  await desk.agreements.done('suspendContract', { id: contract, version }, desk.committee);
  expect((await desk.read(booking.id, desk.ada))!).toMatchObject({ flagged: true, viewerCan: ['CANCEL', 'REJECT'] });
  expect(await desk.refused('approveBooking', { id: booking.id, version: 1 }, desk.ada)).toMatchObject([{ code: 'CONFLICT', message: expect.stringContaining('not in force') }]);
  // Who booked it sees what it was, though the resource itself is not there any more.
  expect(await desk.read(booking.id, desk.bea)).toMatchObject({ flagged: true, resource: { id: resource, name: expect.stringContaining('Hall') } });
  expect((await api.must('query ($id: ID!) { node(id: $id) { id } }', { id: resource }, desk.bea)).node).toBeNull();
  expect(toGlobalId('Resource', uuidOf(resource))).toBe(resource);
});
