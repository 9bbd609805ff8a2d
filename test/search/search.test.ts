import { TestApi } from '../support/api';
import type { Person } from '../support/world';
import { Sharers } from '../resources/shared';

let api: TestApi;
let world: Sharers;
let elsewhere: Sharers;

const THINGS: [name: string, more: Record<string, unknown>][] = [
  ['多功能厅', { sharing: 'PUBLIC', description: '适合宣讲、演出和节庆联欢' }],
  ['多功能厅（二楼）', { sharing: 'NETWORK', description: '小一些' }],
  ['四点半课堂教室', { sharing: 'PUBLIC' }],
  ['投影设备', { kind: 'EQUIPMENT', sharing: 'PUBLIC', skills: ['投影仪', '音响'], description: '多功能厅里用' }],
  ['Projector and screen', { kind: 'EQUIPMENT', sharing: 'PUBLIC' }],
  ['Sports hall', { sharing: 'NETWORK' }],
  ['Ｂａｎｄ Room', { sharing: 'PUBLIC' }],
  ['Secret hall', { sharing: 'PRIVATE', description: '密室' }],
  ['Partner hall', { sharing: 'CONTRACT' }],
];

beforeAll(async () => {
  api = await TestApi.start();
  world = await Sharers.begin(api);
  elsewhere = await Sharers.begin(api);
  for (const [name, more] of THINGS) await world.create({ name, ...more });
  await world.create({ name: '多功能厅', sharing: 'PUBLIC' }, world.outsider).then(({ id }) => api.done('retireResource', { id, version: 1 }, world.outsider));
  await api.done('createPosition', { organization: world.owner.globalId, name: '羌小青志愿服务站', address: '永昌镇示例路3号' }, world.admin);
  await api.world.organization(world.founded.network, { name: '北川羌族自治县青年志愿者协会' });
  await api.world.organization(world.founded.network, { name: '北川申请中协会', status: 'APPLIED' });
}, 60_000);
afterAll(() => api.stop());

const QUERY = `query ($query: String!, $first: Int, $after: String) { search(query: $query, first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor }
  edges { cursor } nodes { __typename ... on Organization { id name } ... on Position { id name } ... on Resource { id name accessibleThrough { reason } } } } }`;

/** The names found by somebody, best first. */
async function found(query: string, as: Person | null = world.outsider, headers = {}): Promise<string[]> {
  const { search } = await api.must(QUERY, { query, first: 100 }, as, headers);
  expect(search.totalCount).toBe(search.nodes.length);
  return search.nodes.map(({ name }: { name: string }) => name) as string[];
}

test.each<[what: string, query: string, names: string[]]>([
  ['a Chinese name', '四点半课堂', ['四点半课堂教室']],
  ['a part of one', '点半', ['四点半课堂教室']],
  ['one character of a name', '厅', ['多功能厅（二楼）', '多功能厅']],
  ['a part of a description', '节庆', ['多功能厅']],
  ['a skill', '音响', ['投影设备']],
  ['an English word', 'projector', ['Projector and screen']],
  ['the end of one', 'creen', ['Projector and screen']],
  ['another case', 'SPORTS HALL', ['Sports hall']],
  ['the usual width for a wide name', 'band room', ['Ｂａｎｄ Room']],
  ['a wide word', 'Ｐｒｏｊｅｃｔｏｒ', ['Projector and screen']],
  ['an organization', '志愿者协会', ['北川羌族自治县青年志愿者协会']],
  ['a position by its address', '示例路', ['羌小青志愿服务站']],
  ['what is nowhere', '电影放映', []],
])('finds by %s', async (_, query, names) => {
  expect((await found(query)).sort()).toEqual([...names].sort());
});

test.each([
  ['a wrong Chinese character', '多功能亭', '多功能厅'],
  ['a missing one', '四点课堂教室', '四点半课堂教室'],
  ['one too many', '羌小青的志愿服务站', '羌小青志愿服务站'],
  ['a wrong letter', 'projectur', 'Projector and screen'],
  ['two letters swapped', 'porjector', 'Projector and screen'],
  ['a missing letter', 'proector', 'Projector and screen'],
  ['a letter too many', 'projjector', 'Projector and screen'],
  ['words in another order', 'screen projector', 'Projector and screen'],
  ['a word that is not there', 'projector screen rental', 'Projector and screen'],
])('forgives %s', async (_, query, name) => {
  expect((await found(query)).slice(0, 2)).toContain(name);
});

test('the name as it is comes first, then what begins with it, then what has it, then what mentions it, then what is like it', async () => {
  expect(await found('多功能厅', world.staff)).toEqual(['多功能厅', '多功能厅（二楼）', '投影设备']);
  expect((await found('hall', world.staff)).sort()).toEqual(['Partner hall', 'Secret hall', 'Sports hall']);
});

test('only what the viewer may see is found and counted', async () => {
  const halls = (as: Person | null, headers = {}) => found('hall', as, headers).then((names) => names.sort());
  expect(await halls(world.staff)).toEqual(['Partner hall', 'Secret hall', 'Sports hall']);
  expect(await halls(world.committee)).toEqual(['Partner hall', 'Sports hall']);
  expect(await halls(world.outsider)).toEqual(['Sports hall']);
  expect(await halls(world.volunteer)).toEqual(['Sports hall']);
  expect(await halls(world.resident)).toEqual([]);
  expect(await halls(null)).toEqual([]);
  expect(await halls(elsewhere.committee)).toEqual([]);
  expect(await found('密室')).toEqual([]);
  expect(await found('申请中')).toEqual([]);
  expect(await found('申请中', world.committee)).toEqual(['北川申请中协会']);
  const { search } = await api.must(QUERY, { query: '投影设备' }, null);
  expect(search.nodes).toEqual([{ __typename: 'Resource', id: expect.any(String), name: '投影设备', accessibleThrough: [{ reason: 'PUBLIC' }] }]);
});

test('a search for what is hidden is answered like one for what never was', async () => {
  const answer = async (query: string) => {
    const { status, data, errors } = await api.ask(QUERY, { query }, world.outsider);
    return JSON.stringify([status, data, errors]);
  };
  expect(await answer('Secret')).toEqual(await answer('Xyzzyq'));
  expect(await answer('密室')).toEqual(await answer('迷宫'));
  expect(await answer('Partner hall')).not.toContain('Partner');
});

test.each(['%', '_', '%%%', '\\', '.*', '(a+)+$', '[', `'; DROP TABLE resources; --`, '" OR 1=1', '&|!()<->', '。、《》', '\u202e', '\uffff', '😀'])('%j is plain text', async (query) => {
  expect(await found(query)).toEqual([]);
});

test.each(['', ' ', '\u3000\n\t', 'x'.repeat(101)])('%j is refused', async (query) => {
  const { data, errors } = await api.ask(QUERY, { query }, world.outsider);
  expect([data ?? null, errors!.map(({ extensions }) => extensions.code)]).toEqual([null, ['BAD_USER_INPUT']]);
});

test('a NUL is refused, half a character finds nothing', async () => {
  expect((await api.ask(QUERY, { query: 'a\0b' }, world.outsider)).errors![0]!.extensions.code).toBe('BAD_USER_INPUT');
  expect(await found('\ud83d')).toEqual([]);
});

test('a hundred characters are few enough', async () => {
  expect(await found('功能'.repeat(50))).toEqual([]);
});

describe('among many', () => {
  beforeAll(async () => {
    await api.database.sql(
      `INSERT INTO resources (network_id, id, owner_id, owner_status, name, kind, sharing, status, quantity, booking_minimum, booking_maximum,
         booking_lead_time, booking_horizon, booking_buffer, booking_requires_approval, booking_cancellation_deadline, created_at)
       SELECT $1, gen_random_uuid(), $2, 'ACTIVE', 'Tent ' || i, 'MATERIAL', CASE WHEN i % 4 = 0 THEN 'PRIVATE' ELSE 'NETWORK' END, 'AVAILABLE', 1, 'PT30M', 'PT4H', 'PT0S', 'P60D', 'PT0S', false, 'PT0S', now()
       FROM generate_series(1, 800) i`,
      [world.owner.network.id, world.owner.id],
    );
  });

  test('pages go through all that is found, once, while others are added', async () => {
    const got: string[] = [];
    let after: string | null = null;
    for (;;) {
      const { search }: Record<string, any> = await api.must(QUERY, { query: 'tent', first: 100, after }, world.outsider);
      got.push(...search.nodes.map(({ id }: { id: string }) => id));
      if (!search.pageInfo.hasNextPage) break;
      after = search.pageInfo.endCursor as string;
    }
    expect(got).toHaveLength(500);
    expect(new Set(got).size).toBe(500);
  });

  test('at most 500 of a type are found and counted', async () => {
    const count = async (as: Person) => (await api.must('{ search(query: "tent") { totalCount } }', {}, as)).search.totalCount as number;
    expect([await count(world.outsider), await count(world.staff)]).toEqual([500, 500]);
    expect((await api.must('{ search(query: "Tent 777") { nodes { ... on Resource { name } } } }', {}, world.outsider)).search.nodes[0]).toEqual({ name: 'Tent 777' });
  });

  test('a cursor of another list, or a forged one, is refused', async () => {
    const { resources } = await api.must('{ resources { pageInfo { endCursor } } }', {}, world.outsider);
    for (const after of [resources.pageInfo.endCursor, 'x', '']) {
      expect((await api.ask(QUERY, { query: 'tent', after }, world.outsider)).errors![0]!.extensions.code).toBe('BAD_USER_INPUT');
    }
  });
});
