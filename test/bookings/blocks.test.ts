import { TestApi } from '../support/api';
import { uuidOf } from '../contracts/agreements';
import { at, Desk, NOW, overruns, range } from './desk';

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
const BLOCK = 'block { id reason range { start end } resource { id } blockedBy { displayName organization { id } } recurrenceRule }';

describe('blocked time', () => {
  test('cannot be booked, and its owner reads why', async () => {
    const resource = await hall({ quantity: 5 });
    const { block } = await api.done('blockTime', { resource, range: WHEN, reason: 'Painting' }, desk.ada, BLOCK);
    expect(block).toMatchObject({ reason: 'Painting', range: WHEN, resource: { id: resource }, blockedBy: { organization: { id: desk.a.globalId } }, recurrenceRule: null });
    expect(await desk.refused('bookResource', { resource, range: range(12, '11:59', '13:00') }, desk.bea)).toMatchObject([{ code: 'CONFLICT', message: expect.stringContaining('blocked') }]);
    expect(await desk.codes(resource, range(12, '12:00', '13:00'))).toEqual([]);
    const blocks = async (as: typeof desk.bea) =>
      (await api.must('query ($id: ID!) { node(id: $id) { ... on Resource { blocks { id } } } }', { id: resource }, as)).node.blocks;
    expect(await blocks(desk.ada)).toEqual([{ id: block.id }]);
    for (const as of [desk.bea, desk.committee]) {
      expect(await blocks(as)).toEqual([]);
      expect((await api.must('query ($id: ID!) { node(id: $id) { id } }', { id: block.id }, as)).node).toBeNull();
    }
    api.clock.set(at(12, '12:00'));
    expect(await blocks(desk.ada)).toEqual([]);
  });

  test('may overlap other blocked time; what one leaves the other still blocks', async () => {
    const resource = await hall();
    const { block } = await api.done('blockTime', { resource, range: WHEN }, desk.ada, BLOCK);
    await api.done('blockTime', { resource, range: range(12, '11:00', '13:00') }, desk.ada, BLOCK);
    await api.done('unblockTime', { id: block.id }, desk.ada, 'resource { id }');
    expect(await desk.codes(resource, range(12, '10:00', '11:00'))).toEqual([]);
    expect(await desk.codes(resource, range(12, '11:00', '12:00'))).toEqual(['CONFLICT']);
  });

  test('is refused while something is booked then, its pause included', async () => {
    const resource = await hall({ buffer: 'PT30M', quantity: 2 });
    await desk.book(resource, WHEN);
    await desk.book(resource, WHEN);
    const taken = { resource, range: range(12, '12:15', '13:00') };
    expect(await desk.refused('blockTime', taken, desk.ada)).toEqual([{ code: 'CONFLICT', path: ['input', 'range'], message: expect.stringMatching(/^2 bookings lie/) }]);
    expect((await desk.refused('blockTime', taken, desk.ada, 'zh-CN'))[0]!.message).toContain('2 个预约');
    await api.done('blockTime', { resource, range: range(12, '12:30', '13:00') }, desk.ada);
  });

  test('does not mind a request that nobody answered', async () => {
    const resource = await hall({ requiresApproval: true });
    await desk.book(resource, range(12, '10:00', '14:00'));
    api.clock.set(at(12, '10:00'));
    await api.done('blockTime', { resource, range: range(12, '11:00', '13:00') }, desk.ada);
  });

  test('is blocked by the owner alone; what is not readable is not there', async () => {
    const resource = await hall();
    const { block } = await api.done('blockTime', { resource, range: WHEN }, desk.ada, BLOCK);
    const secret = await hall({ sharing: 'PRIVATE' });
    for (const as of [desk.bea, desk.committee]) {
      expect(await desk.refused('blockTime', { resource, range: WHEN }, as)).toMatchObject([{ code: 'NOT_ALLOWED' }]);
      expect(await desk.refused('blockTime', { resource: secret, range: WHEN }, as)).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'resource'] }]);
      expect(await desk.refused('unblockTime', { id: block.id }, as)).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'id'] }]);
    }
    expect(await desk.refused('unblockTime', { id: resource }, desk.ada)).toMatchObject([{ code: 'NOT_FOUND' }]);
    const retired = await hall({ status: 'RETIRED' });
    expect(await desk.refused('blockTime', { resource: retired, range: WHEN }, desk.ada)).toMatchObject([{ code: 'WRONG_STATE' }]);
  });

  test.each([
    ['past', range(9, '10:00', '12:00'), ['input', 'range', 'end']],
    ['reversed', range(12, '12:00', '10:00'), ['input', 'range', 'end']],
    ['longer than two years', { start: at(12, '10:00'), end: '2028-07-01T00:00:00Z' }, ['input', 'range', 'end']],
  ])('%s is refused', async (_what, when, path) => {
    expect(await desk.refused('blockTime', { resource: await hall(), range: when }, desk.ada)).toMatchObject([{ code: 'INVALID', path }]);
  });

  test('the same key and input blocks once', async () => {
    const resource = await hall();
    const input = { resource, range: WHEN, idempotencyKey: 'block' };
    const answers = await Promise.all(Array.from({ length: 5 }, () => api.done('blockTime', input, desk.ada, BLOCK)));
    expect(new Set(answers.map(({ block }) => block.id)).size).toBe(1);
  });
});

describe('the quantity', () => {
  const change = (resource: string, quantity: number, version = 1) => api.mutate('updateResource', { id: resource, version, quantity }, desk.ada, 'resource { quantity version }');

  test('is not made less than what is booked at one instant, counting no request that lapsed', async () => {
    const resource = await hall({ quantity: 5, requiresApproval: true });
    await desk.book(resource, WHEN, desk.ada, { quantity: 2 });
    await desk.book(resource, range(12, '11:00', '13:00'), desk.bea, { quantity: 2 });
    await desk.book(resource, range(13, '11:00', '13:00'), desk.ada, { quantity: 3 });
    expect(await change(resource, 3)).toMatchObject({ userErrors: [{ code: 'CONFLICT', path: ['input', 'quantity'] }] });
    expect(await change(resource, 4)).toMatchObject({ resource: { quantity: 4 }, userErrors: [] });
    api.clock.set(at(12, '11:00'));
    expect(await change(resource, 3, 2)).toMatchObject({ resource: { quantity: 3 }, userErrors: [] });
  });

  test('is followed by the units of what is booked', async () => {
    const resource = await hall({ quantity: 3 });
    const [first] = [await desk.book(resource, WHEN), await desk.book(resource, WHEN), await desk.book(resource, WHEN)];
    await desk.move('cancelBooking', first, desk.bea);
    expect(await change(resource, 2)).toMatchObject({ resource: { quantity: 2 } });
    expect(await desk.codes(resource, WHEN)).toEqual(['CONFLICT']);
  });
});

test('a resource is not retired while something of it is booked or waited for', async () => {
  const resource = await hall();
  const [booked, waiting] = [await desk.book(resource, WHEN), await desk.wait(resource, WHEN, desk.otto)];
  const retire = (version: number) => api.mutate('retireResource', { id: resource, version }, desk.ada, 'resource { status }');
  expect(await retire(1)).toMatchObject({ userErrors: [{ code: 'CONFLICT', message: expect.stringMatching(/^2 bookings/) }] });
  await desk.move('cancelBooking', waiting, desk.otto);
  await desk.move('cancelBooking', booked, desk.bea);
  expect(await retire(1)).toMatchObject({ resource: { status: 'RETIRED' } });
  expect(await api.database.sql('SELECT id FROM occupations WHERE resource_id = $1', [uuidOf(resource)])).toEqual([]);
});
