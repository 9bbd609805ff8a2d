import fc from 'fast-check';
import { uuidOf } from '../contracts/agreements';
import { TestApi } from '../support/api';
import { Sharers } from './shared';

let api: TestApi;
let world: Sharers;

const COUNT = 60;
beforeAll(async () => {
  api = await TestApi.start();
  world = await Sharers.begin(api);
  // Names that are alike, of several scripts, and some that others may not see.
  await api.database.sql(
    `INSERT INTO resources (network_id, id, owner_id, owner_status, name, kind, sharing, status, quantity, booking_minimum, booking_maximum,
       booking_lead_time, booking_horizon, booking_buffer, booking_requires_approval, booking_cancellation_deadline, created_at)
     SELECT $1, uuidv7(make_interval(secs => i - 1000)), $2, 'ACTIVE', (ARRAY['会议室','Hall','hall','活动室','阿姨','Äther',E'quote\\'"\\\\'])[1 + i % 7] || CASE WHEN i % 2 = 0 THEN '' ELSE ' ' || i END,
       'VENUE', CASE WHEN i % 3 = 0 THEN 'PRIVATE' ELSE 'NETWORK' END, 'AVAILABLE', 1, 'PT30M', 'PT4H', 'PT0S', 'P60D', 'PT0S', false, 'PT0S', now()
     FROM generate_series(1, $3::int) i`,
    [world.owner.network.id, world.owner.id, COUNT],
  );
}, 60_000);
afterAll(() => api.stop());

interface Page {
  edges: { cursor: string; node: { id: string; name: string } }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
}
const QUERY = `query ($first: Int, $after: String, $last: Int, $before: String, $orderBy: ResourceOrder, $filter: ResourceFilter) {
  resources(first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy, filter: $filter) {
    edges { cursor node { id name } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;
const pageOf = async (args: Record<string, unknown>, as = world.outsider): Promise<Page> => (await api.must(QUERY, args, as)).resources as Page;

/** Every order there is; none: by name. */
const ORDERS = [undefined, ...['NAME', 'CREATED_AT'].flatMap((field) => ['ASC', 'DESC'].map((direction) => ({ field, direction })))];

/** The whole list, as one page. */
const whole = async (orderBy?: object): Promise<string[]> => (await pageOf({ first: 100, orderBy })).edges.map(({ node }) => node.id);

test.each(ORDERS)('the order %j is total, and its reverse the reverse', async (orderBy) => {
  const ids = await whole(orderBy);
  expect(ids).toHaveLength(COUNT - COUNT / 3);
  expect(new Set(ids).size).toBe(ids.length);
  if (!orderBy) return;
  const { field, direction } = orderBy;
  expect(await whole({ field, direction: direction === 'ASC' ? 'DESC' : 'ASC' })).toEqual([...ids].reverse());
});

test('names are ordered by pinyin, then Latin ones by letter', async () => {
  const names = (await pageOf({ first: 100 })).edges.map(({ node }) => node.name.replace(/ \d+$/, ''));
  const firsts = names.filter((name, index) => names.indexOf(name) === index);
  expect(firsts.filter((name) => /[\u4e00-\u9fff]/.test(name))).toEqual(['阿姨', '会议室', '活动室']);
});

test('the list is cut alike whatever the size of its pages, both ways, with the right page info', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 1, maxLength: 4 }), fc.boolean(), fc.constantFrom(...ORDERS), async (sizes, forward, orderBy) => {
      const all = await whole(orderBy);
      const got: string[] = [];
      let cursor: string | null = null;
      for (let turn = 0; ; turn += 1) {
        const size = sizes[turn % sizes.length]!;
        const page: Page = await pageOf(forward ? { first: size, after: cursor, orderBy } : { last: size, before: cursor, orderBy });
        const ids = page.edges.map(({ node }) => node.id);
        if (forward) got.push(...ids);
        else got.unshift(...ids);
        expect(page.pageInfo.startCursor).toBe(page.edges[0]!.cursor);
        expect(page.pageInfo.endCursor).toBe(page.edges[page.edges.length - 1]!.cursor);
        const [ahead, behind] = forward ? [page.pageInfo.hasNextPage, page.pageInfo.hasPreviousPage] : [page.pageInfo.hasPreviousPage, page.pageInfo.hasNextPage];
        expect([ahead, behind]).toEqual([got.length < all.length, turn > 0]);
        if (!ahead) break;
        cursor = forward ? page.pageInfo.endCursor : page.pageInfo.startCursor;
      }
      expect(got).toEqual(all);
    }),
    { numRuns: 30 },
  );
}, 60_000);

const share = (id: string, sharing: string) => api.database.sql('UPDATE resources SET sharing = $2 WHERE id = $1', [uuidOf(id), sharing]);

test.each(ORDERS)('no row is skipped or repeated in the order %j while others come, go and change', async (orderBy) => {
  for (const forward of [true, false]) {
    const before = await whole(orderBy);
    const added: string[] = [];
    const got: string[] = [];
    let cursor: string | null = null;
    for (let turn = 0; ; turn += 1) {
      const page: Page = await pageOf(forward ? { first: 7, after: cursor, orderBy } : { last: 7, before: cursor, orderBy });
      got.push(...page.edges.map(({ node }) => node.id));
      if (!(forward ? page.pageInfo.hasNextPage : page.pageInfo.hasPreviousPage)) break;
      cursor = forward ? page.pageInfo.endCursor : page.pageInfo.startCursor;
      for (const name of ['AAA', '会议室', 'zzz']) added.push((await world.create({ name, sharing: 'NETWORK' })).id);
      // The row that the cursor stands on goes.
      if (turn === 1) await share(got[got.length - 1]!, 'PRIVATE');
    }
    expect(new Set(got).size).toBe(got.length);
    expect(got.filter((id) => !added.includes(id)).sort()).toEqual([...before].sort());
    for (const id of before) await share(id, 'NETWORK');
    // No verb deletes a resource, and so nothing follows by itself.
    for (const [table, column] of [['resource_listings', 'resource_id'], ['resources', 'id']]) {
      await api.database.sql(`DELETE FROM ${table} WHERE ${column} = ANY($1::uuid[])`, [added.map(uuidOf)]);
    }
  }
}, 60_000);

describe('a cursor that is not one of this list is refused', () => {
  const codes = async (args: Record<string, unknown>) => {
    const { data, errors } = await api.ask(QUERY, args, world.outsider);
    return [data, errors?.map(({ extensions }) => extensions.code)];
  };
  const REFUSED = [null, ['BAD_USER_INPUT']];
  let cursor: string;
  beforeAll(async () => {
    cursor = (await pageOf({ first: 3 })).pageInfo.endCursor!;
  });

  test.each<[string, () => string]>([
    ['forged', () => `${Buffer.from(JSON.stringify(['a', '00000000-0000-7000-8000-000000000000'])).toString('base64url')}.${cursor.split('.')[1]}`],
    ['with SQL', () => `${Buffer.from(`["' OR 1=1 --", "x"]`).toString('base64url')}.AAAAAAAAAAAA`],
    ['without its signature', () => cursor.split('.')[0]!],
    ['truncated', () => cursor.slice(0, -1)],
    ['cut in the middle', () => cursor.slice(5)],
    ['with something added', () => `x${cursor}`],
    ['empty', () => ''],
    ['of 5,000 characters', () => 'A'.repeat(5000)],
    ['with a NUL', () => `${cursor}\0`],
  ])('%s', async (_, forged) => {
    for (const args of [{ first: 3, after: forged() }, { last: 3, before: forged() }]) expect([args, await codes(args)]).toEqual([args, REFUSED]);
  });

  test('of another order, or of another list', async () => {
    expect(await codes({ first: 3, after: cursor, orderBy: { field: 'CREATED_AT' } })).toEqual(REFUSED);
    const { organizations, search } = await api.must('{ organizations { pageInfo { endCursor } } search(query: "hall") { pageInfo { endCursor } } }', {}, world.outsider);
    for (const after of [organizations.pageInfo.endCursor, search.pageInfo.endCursor]) {
      expect(after).toEqual(expect.any(String));
      expect(await codes({ first: 3, after })).toEqual(REFUSED);
    }
  });

  test('but of another viewer it is a place in the list as one sees it oneself', async () => {
    const theirs = (await pageOf({ first: 30 }, world.staff)).pageInfo.endCursor;
    const rest = (await pageOf({ first: 100, after: theirs })).edges.map(({ node }) => node.id);
    expect(rest.length).toBeGreaterThan(0);
    const all = await whole();
    expect(all.slice(-rest.length)).toEqual(rest);
  });

  test.each([{ first: -1 }, { first: 101 }, { last: -1 }, { last: 101 }, { first: 1, last: 1 }, { before: 'x' }, { first: 1, before: 'x' }, { last: 1, after: 'x' }])('and so are the arguments %j', async (args) => {
    expect(await codes(args)).toEqual(REFUSED);
  });

  test('a size beyond 32 bits is no number', async () => {
    const { errors } = await api.ask('{ resources(first: 2147483648) { nodes { id } } }', {}, world.outsider);
    expect(errors!.length).toBe(1);
  });

  test('a page of nothing is one', async () => {
    expect(await pageOf({ first: 0 })).toEqual({ edges: [], pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: null, endCursor: null } });
  });
});
