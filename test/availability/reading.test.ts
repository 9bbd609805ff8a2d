import { v7 } from 'uuid';
import { toGlobalId } from '../../src/platform/ids';
import { at, Desk, NOW, range } from '../bookings/desk';
import { TestApi } from '../support/api';
import type { Person } from '../support/world';

let api: TestApi;
let desk: Desk;
let count = 0;

beforeAll(async () => {
  api = await TestApi.start();
  desk = await Desk.begin(api);
});
beforeEach(() => api.clock.set(NOW));
afterAll(() => api.stop());

const hall = (terms = {}) => desk.resource(`Hall ${(count += 1)}`, terms);
const QUERY = `query ($id: ID!, $range: TimeRangeInput!, $quantity: Int) {
  node(id: $id) { ... on Resource { availability(range: $range, quantity: $quantity) { range { start end } quantityFree } } } }`;
type When = { start: string; end: string };
const slots = async (id: string, when: When, quantity?: number, as: Person | null = desk.bea): Promise<[start: string, end: string, quantityFree: number][] | null> => {
  const { node } = await api.must(QUERY, { id, range: when, quantity }, as);
  return node && node.availability.map((slot: { range: When; quantityFree: number }) => [slot.range.start, slot.range.end, slot.quantityFree]);
};
const day = (nr: number, from = '00:00', to?: string): When => ({ start: at(nr, from), end: to ? at(nr, to) : at(nr + 1, '00:00') });
const listed = async (filter: object, as: Person | null = desk.bea, more = ''): Promise<{ totalCount: number; nodes: { id: string; name: string }[] }> =>
  (await api.must(`query ($filter: ResourceFilter) { resources(filter: $filter ${more}) { totalCount nodes { id name } } }`, { filter }, as)).resources;

describe('when a resource is free', () => {
  test('is all the time from now on when nothing bounds it', async () => {
    const id = await hall();
    expect(await slots(id, { start: at(9, '00:00'), end: at(11, '00:00') })).toEqual([[NOW, at(11, '00:00'), 1]]);
    expect(await slots(id, day(9))).toEqual([]);
  });

  test('goes on over midnight where one day closes at 24:00 and the next opens at 00:00', async () => {
    const openingHours = [{ weekday: 4, opens: '18:00', closes: '24:00' }, { weekday: 5, opens: '00:00', closes: '02:00' }, { weekday: 5, opens: '18:00', closes: '24:00' }];
    // Thursday the 11th.
    expect(await slots(await hall({ openingHours }), { start: at(11, '00:00'), end: at(14, '00:00') })).toEqual([
      [at(11, '18:00'), at(12, '02:00'), 1],
      [at(12, '18:00'), at(13, '00:00'), 1],
    ]);
  });

  test('follows the hours of its position unless it has its own', async () => {
    const position = v7();
    await api.database.sql(
      `INSERT INTO positions (network_id, id, organization_id, organization_is_hub, organization_status, name, kind, opening_hours, created_at)
       VALUES ($1, $2, $3, false, 'ACTIVE', 'House', 'MICRO', $4, now())`,
      [desk.a.network.id, position, desk.a.id, JSON.stringify([{ weekday: 5, opens: '09:00', closes: '17:00' }])],
    );
    expect(await slots(await hall({ position }), day(12))).toEqual([[at(12, '09:00'), at(12, '17:00'), 1]]);
    expect(await slots(await hall({ position, openingHours: [{ weekday: 5, opens: '20:00', closes: '22:00' }] }), day(12))).toEqual([[at(12, '20:00'), at(12, '22:00'), 1]]);
  });

  test('counts units, and keeps the pause before and after what is taken', async () => {
    const id = await hall({ quantity: 3, buffer: 'PT30M' });
    await desk.book(id, range(12, '10:00', '12:00'), desk.bea, { quantity: 2 });
    await desk.book(id, range(12, '11:00', '13:00'), desk.otto);
    const expected: [string, string, number][] = [
      [at(12, '00:00'), at(12, '09:30'), 3], [at(12, '09:30'), at(12, '10:30'), 1], [at(12, '12:30'), at(12, '13:30'), 2], [at(12, '13:30'), at(13, '00:00'), 3],
    ];
    expect(await slots(id, day(12))).toEqual(expected);
    expect(await slots(id, day(12), 2)).toEqual(expected.filter(([, , free]) => free >= 2));
    expect(await slots(id, day(12), 4)).toEqual([]);
  });

  test('needs what it requires', async () => {
    const projector = await hall({ sharing: 'PRIVATE', quantity: 2 });
    const screen = await hall({ requires: [projector] });
    const id = await hall({ requires: [screen], quantity: 5 });
    await desk.book(projector, range(12, '10:00', '12:00'), desk.ada, { quantity: 2 });
    expect(await slots(id, day(12), 3)).toEqual([[at(12, '00:00'), at(12, '10:00'), 5], [at(12, '12:00'), at(13, '00:00'), 5]]);
    await api.database.sql(`UPDATE resources SET status = 'OUT_OF_SERVICE' WHERE name LIKE 'Hall%' AND sharing = 'PRIVATE'`);
    expect(await slots(id, day(12))).toEqual([]);
  });

  test('is never while it is out of service', async () => {
    expect(await slots(await hall({ status: 'OUT_OF_SERVICE' }), day(12))).toEqual([]);
  });

  test('comes back where a request lapsed, a booking was cancelled or handed back', async () => {
    const id = await hall();
    const whole: [string, string, number][] = [[at(12, '00:00'), at(13, '00:00'), 1]];
    const booked = await desk.book(id, range(12, '10:00', '12:00'));
    expect(await slots(id, day(12))).toHaveLength(2);
    await desk.move('cancelBooking', booked, desk.bea);
    expect(await slots(id, day(12))).toEqual(whole);
    const asked = await hall({ requiresApproval: true });
    await desk.book(asked, range(12, '10:00', '12:00'));
    api.clock.set(at(12, '11:00'));
    expect(await slots(asked, day(12))).toEqual([[at(12, '11:00'), at(13, '00:00'), 1]]);
  });
});

describe('who may ask', () => {
  test('is whoever sees it, and learns the times alone', async () => {
    const [open, network, contract, secret] = [await hall({ sharing: 'PUBLIC' }), await hall(), await hall({ sharing: 'CONTRACT' }), await hall({ sharing: 'PRIVATE' })];
    for (const id of [open, network, contract, secret]) await desk.book(id, range(12, '10:00', '12:00'), desk.ada, { purpose: 'A secret gathering' });
    const free = [[at(12, '00:00'), at(12, '10:00'), 1], [at(12, '12:00'), at(13, '00:00'), 1]];
    for (const as of [null, desk.bea, desk.committee, desk.ada]) expect(await slots(open, day(12), 1, as)).toEqual(free);
    expect(await slots(network, day(12), 1, null)).toBeNull();
    expect(await slots(network, day(12))).toEqual(free);
    expect(await slots(contract, day(12))).toBeNull();
    await desk.grant([contract]);
    expect(await slots(contract, day(12))).toEqual(free);
    for (const as of [null, desk.bea, desk.committee]) expect(await slots(secret, day(12), 1, as)).toBeNull();
    expect(await slots(secret, day(12), 1, desk.ada)).toEqual(free);
  });

  test('is never somebody of another network', async () => {
    const id = await hall({ sharing: 'PUBLIC' });
    const { committee } = await api.world.found();
    expect(await slots(id, day(12), 1, committee)).toBeNull();
  });
});

describe('resources that are free in a time', () => {
  test('are listed, paged and counted, in the order asked for', async () => {
    const names = ['甲', '乙', '丙', '丁', '戊', '己'].map((name) => `闲${name}${(count += 1)}`);
    const ids = await Promise.all(names.map((name) => desk.resource(name, { quantity: 2 })));
    await desk.book(ids[1]!, range(12, '10:00', '12:00'), desk.bea, { quantity: 2 });
    await desk.book(ids[3]!, range(12, '11:59', '12:30'));
    const when = { text: '闲', freeDuring: range(12, '10:00', '12:00') };
    const all = await listed({ text: '闲' });
    const free = all.nodes.filter(({ id }) => id !== ids[1]);
    expect(await listed(when)).toEqual({ totalCount: 5, nodes: free });
    expect(await listed({ ...when, quantity: 1 })).toEqual({ totalCount: 5, nodes: free });
    const two = free.filter(({ id }) => id !== ids[3]);
    expect(await listed({ ...when, quantity: 2 })).toEqual({ totalCount: 4, nodes: two });
    expect((await listed({ ...when, quantity: 3 })).nodes).toEqual([]);
    expect((await listed(when, desk.bea, 'orderBy: { field: NAME, direction: DESC }')).nodes).toEqual([...free].reverse());

    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page: { nodes: { id: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } } = (
        await api.must('query ($filter: ResourceFilter, $after: String) { resources(first: 2, after: $after, filter: $filter) { nodes { id } pageInfo { hasNextPage endCursor } } }', { filter: when, after }, desk.bea)
      ).resources;
      seen.push(...page.nodes.map(({ id }) => id));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after);
    expect(seen).toEqual(free.map(({ id }) => id));
    const back = (await api.must('query ($filter: ResourceFilter) { resources(last: 2, filter: $filter) { nodes { id } } }', { filter: when }, desk.bea)).resources;
    expect(back.nodes.map(({ id }: { id: string }) => id)).toEqual(free.slice(-2).map(({ id }) => id));
  });

  test('tell nothing of what is not readable', async () => {
    const name = `Quiet ${(count += 1)}`;
    const id = await desk.resource(name, { sharing: 'PRIVATE' });
    const filter = { text: name, freeDuring: range(12, '10:00', '12:00') };
    expect((await listed(filter)).totalCount).toBe(0);
    expect((await listed(filter, desk.ada)).nodes).toEqual([{ id, name }]);
  });

  test('are those of which there are so many, when no time is given', async () => {
    const name = `Many ${(count += 1)}`;
    await desk.resource(name, { quantity: 4 });
    expect((await listed({ text: name, quantity: 4 })).totalCount).toBe(1);
    expect((await listed({ text: name, quantity: 5 })).totalCount).toBe(0);
  });

  test('are none in the past', async () => {
    const name = `Past ${(count += 1)}`;
    await desk.resource(name);
    expect((await listed({ text: name, freeDuring: { start: at(10, '09:59'), end: at(10, '12:00') } })).totalCount).toBe(0);
    expect((await listed({ text: name, freeDuring: { start: at(10, '10:00'), end: at(10, '12:00') } })).totalCount).toBe(1);
  });
});

describe('bad input', () => {
  const faults: [what: string, when: When, quantity: number | undefined][] = [
    ['a reversed range', range(12, '12:00', '10:00'), 1],
    ['an empty range', range(12, '12:00', '12:00'), 1],
    ['63 days', { start: at(1, '00:00'), end: '2026-08-03T00:00:00Z' }, 1],
    ['ten years', { start: at(1, '00:00'), end: '2036-06-01T00:00:00Z' }, 1],
    ['no unit', day(12), 0],
    ['less than that', day(12), -1],
    ['a billion units', day(12), 1_000_000_000],
  ];
  test.each(faults)('%s', async (_what, when, quantity) => {
    const id = await hall();
    for (const answer of [await api.ask(QUERY, { id, range: when, quantity }, desk.bea), await api.ask('query ($filter: ResourceFilter) { resources(filter: $filter) { totalCount } }', { filter: { freeDuring: when, quantity } }, desk.bea)]) {
      expect(answer.status).toBe(200);
      expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' }, message: expect.not.stringMatching(/\{\{|undefined/) }]);
    }
  });

  test.each([
    ['long ago', '0001-01-01T00:00:00Z', '0001-02-01T00:00:00Z', []],
    ['before 1970', '1969-12-01T00:00:00Z', '1970-01-02T00:00:00Z', []],
    ['the last year that has four digits', '9999-12-01T00:00:00.000Z', '9999-12-31T00:00:00.000Z', [['9999-12-01T00:00:00.000Z', '9999-12-31T00:00:00.000Z', 1]]],
    ['a leap day', '2028-02-28T16:00:00.000Z', '2028-02-29T16:00:00.000Z', [['2028-02-28T16:00:00.000Z', '2028-02-29T16:00:00.000Z', 1]]],
  ])('%s', async (_what, start, end, expected) => {
    const id = await hall();
    expect(await slots(id, { start, end })).toEqual(expected);
    expect((await listed({ text: `Hall ${count}`, freeDuring: { start, end } })).nodes.map((node) => node.id)).toEqual(expected.length ? [id] : []);
  });

  test('ids of nothing and of something else', async () => {
    for (const id of [toGlobalId('Resource', v7()), 'nonsense']) expect(await slots(id, day(12))).toBeNull();
  });
});

test('many resources at once, each for several quantities', async () => {
  const name = `Batch ${(count += 1)}`;
  for (let nr = 0; nr < 5; nr += 1) await desk.resource(`${name} ${nr}`);
  const { resources } = await api.must('query ($text: String, $range: TimeRangeInput!) { resources(filter: { text: $text }) { nodes { one: availability(range: $range) { quantityFree } two: availability(range: $range, quantity: 2) { quantityFree } } } }', {
    text: name, range: day(12),
  });
  expect(resources.nodes).toEqual([]);
  const seen = await api.must('query ($text: String, $range: TimeRangeInput!) { resources(filter: { text: $text }) { nodes { one: availability(range: $range) { quantityFree } two: availability(range: $range, quantity: 2) { quantityFree } } } }', {
    text: name, range: day(12),
  }, desk.bea);
  expect(seen.resources.nodes).toEqual(Array.from({ length: 5 }, () => ({ one: [{ quantityFree: 1 }], two: [] })));
});
