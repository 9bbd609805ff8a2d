import type { GraphQLObjectType } from 'graphql';
import { v7 } from 'uuid';
import { toGlobalId } from '../../src/platform/ids';
import { Agreements } from '../contracts/agreements';
import { TestApi } from '../support/api';
import type { Person } from '../support/world';
import { Sharers } from './shared';

let api: TestApi;
let world: Sharers;
let elsewhere: Sharers;
const SHARINGS = ['PRIVATE', 'CONTRACT', 'NETWORK', 'PUBLIC'] as const;
const ids = new Map<string, string>();

beforeAll(async () => {
  api = await TestApi.start();
  world = await Sharers.begin(api);
  elsewhere = await Sharers.begin(api);
  for (const sharing of SHARINGS) ids.set(sharing, (await world.create({ name: sharing, sharing })).id);
}, 60_000);
afterAll(() => api.stop());

const NODE = 'query ($id: ID!) { node(id: $id) { ... on Resource { name accessibleThrough { reason contract { id } clause { id } } } } }';

/** For which reasons each sees each sharing; what is not named is not seen. */
const SEEN: [who: string, person: () => Person | null, seen: Partial<Record<(typeof SHARINGS)[number], string[]>>][] = [
  ['staff of the owner', () => world.staff, { PRIVATE: ['OWNER'], CONTRACT: ['OWNER'], NETWORK: ['OWNER', 'NETWORK'], PUBLIC: ['OWNER', 'NETWORK', 'PUBLIC'] }],
  ['an administrator of the owner', () => world.admin, { PRIVATE: ['OWNER'], CONTRACT: ['OWNER'], NETWORK: ['OWNER', 'NETWORK'], PUBLIC: ['OWNER', 'NETWORK', 'PUBLIC'] }],
  ['a volunteer of the owner', () => world.volunteer, { NETWORK: ['NETWORK'], PUBLIC: ['NETWORK', 'PUBLIC'] }],
  ['a resident', () => world.resident, { PUBLIC: ['PUBLIC'] }],
  ['the committee', () => world.committee, { CONTRACT: ['COMMITTEE'], NETWORK: ['COMMITTEE', 'NETWORK'], PUBLIC: ['COMMITTEE', 'NETWORK', 'PUBLIC'] }],
  ['another organization', () => world.outsider, { NETWORK: ['NETWORK'], PUBLIC: ['NETWORK', 'PUBLIC'] }],
  ['nobody known', () => null, { PUBLIC: ['PUBLIC'] }],
  ['another network', () => elsewhere.committee, {}],
];

test.each(SEEN)('%s sees what is shared so far, and why', async (_, person, seen) => {
  for (const sharing of SHARINGS) {
    const reasons = seen[sharing];
    const { node } = await api.must(NODE, { id: ids.get(sharing) }, person());
    const expected = reasons && { name: sharing, accessibleThrough: reasons.map((reason) => ({ reason, contract: null, clause: null })) };
    expect([sharing, node]).toEqual([sharing, expected ?? null]);
  }
  const { resources } = await api.must('{ resources { totalCount nodes { name accessibleThrough { reason } } } }', {}, person());
  const listed = SHARINGS.filter((sharing) => seen[sharing]);
  expect(resources.totalCount).toBe(listed.length);
  expect(resources.nodes).toEqual([...listed].sort().map((name) => ({ name, accessibleThrough: seen[name]!.map((reason) => ({ reason })) })));
});

test.each(SEEN)('%s narrows the list by the reason', async (_, person, seen) => {
  for (const through of ['OWNER', 'COMMITTEE', 'CONTRACT', 'NETWORK', 'PUBLIC']) {
    const { resources } = await api.must('query ($through: AccessReason) { resources(filter: { through: $through }) { nodes { name } } }', { through }, person());
    const expected = SHARINGS.filter((sharing) => seen[sharing]?.includes(through)).sort();
    expect([through, resources.nodes.map(({ name }: { name: string }) => name)]).toEqual([through, expected]);
  }
});

test('a contract in force opens a resource, says which and by which clause, and closes it with the next request', async () => {
  const agreements = await Agreements.begin(api);
  api.clock.set('2026-06-10T02:00:00Z');
  try {
    const hall = await agreements.resource(agreements.a, 'Granted hall');
    const contract = await agreements.concluded({ clauses: [agreements.grant(agreements.a, [hall], [agreements.b])] });
    const clause = contract.clauses[0]!.id;
    const opened = { name: 'Granted hall', accessibleThrough: [{ reason: 'CONTRACT', contract: { id: contract.id }, clause: { id: clause } }] };
    for (const partner of [agreements.ben, agreements.bea]) expect((await api.must(NODE, { id: hall }, partner)).node).toEqual(opened);
    expect((await api.must(NODE, { id: hall }, agreements.otto)).node).toBeNull();
    const listed = await api.must(
      '{ resources(filter: { through: CONTRACT }) { nodes { name accessibleThrough { reason contract { number } clause { resources { id } } } } } }', {}, agreements.bea,
    );
    expect(listed.resources.nodes).toEqual([
      { name: 'Granted hall', accessibleThrough: [{ reason: 'CONTRACT', contract: { number: contract.number }, clause: { resources: [{ id: hall }] } }] },
    ]);
    await agreements.done('suspendContract', { id: contract.id, version: contract.version }, agreements.committee);
    expect((await api.must(NODE, { id: hall }, agreements.bea)).node).toBeNull();
    expect((await api.must('{ resources { totalCount } }', {}, agreements.bea)).resources.totalCount).toBe(0);
    // The owner's own reason is not the contract.
    expect((await api.must(NODE, { id: hall }, agreements.ada)).node.accessibleThrough).toEqual([{ reason: 'OWNER', contract: null, clause: null }]);
  } finally {
    api.clock.set(null);
  }
});

test('what a suspended organization shares vanishes for others and stays for its own', async () => {
  const owner = await api.world.organization(world.founded.network, { name: 'Soon suspended' });
  const staff = await api.world.person(owner, 'STAFF');
  const { id } = await world.create({ sharing: 'PUBLIC' }, staff);
  const { node } = await api.must('query ($id: ID!) { node(id: $id) { ... on Organization { version } } }', { id: owner.globalId }, world.committee);
  await api.done('suspendOrganization', { id: owner.globalId, version: node.version }, world.committee);
  for (const person of [world.outsider, world.volunteer, world.resident, null]) expect((await api.must(NODE, { id }, person)).node).toBeNull();
  expect((await api.must(NODE, { id }, staff)).node.accessibleThrough).toEqual([{ reason: 'OWNER', contract: null, clause: null }]);
  expect((await api.must(NODE, { id }, world.committee)).node.accessibleThrough).toEqual([{ reason: 'COMMITTEE', contract: null, clause: null }]);
  const { resource, userErrors } = await api.mutate('updateResource', { id, version: 1, name: 'Other' }, staff, 'resource { id }');
  expect([resource, userErrors[0].code]).toEqual([null, 'NOT_ALLOWED']);
});

describe('filters', () => {
  const NAMES = 'query ($filter: ResourceFilter) { resources(filter: $filter) { totalCount nodes { name } } }';
  const listed = async (filter: Record<string, unknown>, as: Person | null = world.staff) => {
    const { resources } = await api.must(NAMES, { filter }, as);
    expect(resources.totalCount).toBe(resources.nodes.length);
    return resources.nodes.map(({ name }: { name: string }) => name) as string[];
  };
  let position: string;

  beforeAll(async () => {
    position = (await api.done('createPosition', { organization: world.owner.globalId, name: 'Corner' }, world.admin, 'position { id }')).position.id;
    await world.create({ name: '多功能厅', kind: 'VENUE', position, description: '可容纳八十人，适合100%的演出_与联欢。', sharing: 'NETWORK' });
    await world.create({ name: 'Projector ＡＢＣ', kind: 'EQUIPMENT', skills: ['投影', 'HDMI'] });
    const gone = await world.create({ name: 'Gone', kind: 'MATERIAL' });
    await api.done('retireResource', { id: gone.id, version: 1 }, world.staff);
    const out = await world.create({ name: 'Broken', kind: 'MATERIAL' });
    await api.done('updateResource', { id: out.id, version: 1, status: 'OUT_OF_SERVICE' }, world.staff);
  });

  test('by kind, status, sharing, owner, position, skill, and all of it together', async () => {
    expect(await listed({ kind: 'EQUIPMENT' })).toEqual(['Projector ＡＢＣ']);
    expect(await listed({ status: 'OUT_OF_SERVICE' })).toEqual(['Broken']);
    expect(await listed({ kind: 'MATERIAL' })).toEqual(['Broken']);
    expect(await listed({ status: 'RETIRED' })).toEqual(['Gone']);
    expect(await listed({ sharing: 'NETWORK', owner: world.owner.globalId })).toEqual(['多功能厅', 'NETWORK']);
    expect(await listed({ owner: world.other.globalId })).toEqual([]);
    expect(await listed({ position })).toEqual(['多功能厅']);
    expect(await listed({ skill: '投影' })).toEqual(['Projector ＡＢＣ']);
    expect(await listed({ skill: '投' })).toEqual([]);
    expect(await listed({ kind: 'VENUE', position, text: '联欢', sharing: 'NETWORK', status: 'AVAILABLE', through: 'OWNER' })).toEqual(['多功能厅']);
    expect(await listed({ kind: 'EQUIPMENT', position })).toEqual([]);
  });

  test.each([
    ['a part of a Chinese name', '功能', ['多功能厅']],
    ['one character of a name', '厅', ['多功能厅']],
    ['a part of a description', '八十人', ['多功能厅']],
    ['another case and width', 'abc', ['Projector ＡＢＣ']],
    ['the end of a word', 'jector', ['Projector ＡＢＣ']],
    ['a skill', 'hdmi', ['Projector ＡＢＣ']],
    ['what is nowhere', '电影院', []],
    ['a wildcard of LIKE', '%', []],
    ['another wildcard', '_', []],
    ['a wildcard in a word', '多%厅', []],
    ['a regular expression', '.*', []],
    ['SQL', `'; DROP TABLE resources; --`, []],
    ['nothing but spaces', '   ', ['多功能厅', 'Broken', 'CONTRACT', 'NETWORK', 'PRIVATE', 'Projector ＡＢＣ', 'PUBLIC']],
  ])('by %s', async (_, text, names) => {
    expect((await listed({ text })).sort()).toEqual([...names].sort());
  });

  test('text does not reach what the viewer may not see', async () => {
    expect(await listed({ text: 'projector' }, world.outsider)).toEqual([]);
    expect(await listed({ text: '功能' }, world.outsider)).toEqual(['多功能厅']);
    expect(await listed({ text: '功能' }, null)).toEqual([]);
  });

  test('a text that very much contains is found in the order of the list', async () => {
    await api.database.sql(
      `INSERT INTO resources (network_id, id, owner_id, owner_status, name, kind, sharing, status, quantity, booking_minimum, booking_maximum,
         booking_lead_time, booking_horizon, booking_buffer, booking_requires_approval, booking_cancellation_deadline, created_at)
       SELECT $1, gen_random_uuid(), $2, 'ACTIVE', 'Tent ' || i, 'MATERIAL', 'PRIVATE', 'AVAILABLE', 1, 'PT30M', 'PT4H', 'PT0S', 'P60D', 'PT0S', false, 'PT0S', now()
       FROM generate_series(1, 1200) i`,
      [world.owner.network.id, world.owner.id],
    );
    const { resources } = await api.must('query ($filter: ResourceFilter) { resources(first: 3, filter: $filter) { totalCount nodes { name } } }', { filter: { text: 'tent' } }, world.staff);
    expect(resources).toEqual({ totalCount: 1200, nodes: [{ name: 'Tent 1' }, { name: 'Tent 10' }, { name: 'Tent 100' }] });
    await api.database.sql(`DELETE FROM resources WHERE name LIKE 'Tent %'`);
  });

  const refusedWith = async (filter: Record<string, unknown>) => {
    const { data, errors } = await api.ask(NAMES, { filter }, world.staff);
    return [data, errors?.map(({ extensions }) => extensions.code)];
  };

  test('an id of another type or none at all is refused; one that is not there finds nothing', async () => {
    for (const filter of [{ owner: position }, { position: world.owner.globalId }, { owner: 'x' }, { owner: '' }, { position: `' OR 1=1` }, { owner: ids.get('PUBLIC') }]) {
      expect(await refusedWith(filter)).toEqual([null, ['BAD_USER_INPUT']]);
    }
    expect(await listed({ owner: elsewhere.owner.globalId })).toEqual([]);
    expect(await listed({ owner: toGlobalId('Organization', v7()) })).toEqual([]);
    expect(await listed({ position: toGlobalId('Position', v7()) })).toEqual([]);
  });

  test('a text that is too long, or with a NUL, is refused', async () => {
    expect(await refusedWith({ text: '厅'.repeat(101) })).toEqual([null, ['BAD_USER_INPUT']]);
    expect(await refusedWith({ skill: 'a\0b' })).toEqual([null, ['BAD_USER_INPUT']]);
  });
});

test('each field alone tells in a list what it tells of the node', async () => {
  const DAY = '{ start: "2099-01-01T00:00:00Z", end: "2099-01-02T00:00:00Z" }';
  const FIELDS = [
    'id', 'name', 'kind', 'description', 'sharing', 'status', 'capacity', 'quantity', 'skills', 'version', 'viewerCan', 'owner { name }', 'position { name }', 'requires { name }',
    'openingHours { opens }', 'bookingPolicy { minimum buffer requiresApproval }', 'accessibleThrough { reason }', 'history { to }', 'bookings { totalCount }', 'blocks { id }', 'calendarFeed',
    `availability(range: ${DAY}) { quantityFree }`, `blockedTimes(range: ${DAY}) { block { id } }`, '__typename',
  ];
  const known = Object.keys((api.app.schema.getType('Resource') as GraphQLObjectType).getFields());
  expect(FIELDS.map((field) => /^\w+/.exec(field)![0]).filter((field) => field !== '__typename').sort()).toEqual(known.sort());
  const hall = await world.create({ name: 'Hall', kind: 'SERVICE', skills: ['a'], openingHours: [{ weekday: 1, opens: '08:00', closes: '10:00' }] });
  const full = await world.create({
    name: 'Full', kind: 'EXPERT', description: 'd', capacity: 3, quantity: 2, skills: ['x', 'y'], requires: [hall.id], openingHours: [{ weekday: 7, opens: '08:00', closes: '24:00' }], bookingPolicy: { buffer: 'PT10M' },
  });
  for (const field of FIELDS) {
    const { node } = await api.must(`query ($id: ID!) { node(id: $id) { ... on Resource { ${field} } } }`, { id: full.id }, world.staff);
    for (const list of [
      `nodes { ${field} }`,
      `edges { node { ${field} } }`,
      `edges { ... on ResourceEdge { node { ...part } } }`,
    ]) {
      const data = await api.must(`{ resources(filter: { kind: EXPERT }) { ${list} } } ${list.includes('...part') ? `fragment part on Resource { ${field} }` : ''}`, {}, world.staff);
      const [first] = data.resources.nodes ?? data.resources.edges.map((edge: { node: unknown }) => edge.node);
      expect([field, first]).toEqual([field, node]);
    }
  }
});

test('the resources of organizations and positions, as the viewer may see them', async () => {
  const data = await api.must(
    '{ organizations { nodes { name resources(first: 2) { totalCount nodes { name } pageInfo { hasNextPage } } } } }', {}, world.outsider,
  );
  const byName = Object.fromEntries(data.organizations.nodes.map((node: { name: string; resources: unknown }) => [node.name, node.resources]));
  expect(byName.Owner).toEqual({ totalCount: 3, nodes: [{ name: '多功能厅' }, { name: 'NETWORK' }], pageInfo: { hasNextPage: true } });
  expect(byName.Other).toEqual({ totalCount: 0, nodes: [], pageInfo: { hasNextPage: false } });
  const { network } = await api.must('{ network { positions { nodes { name resources { nodes { name } } } } } }', {}, world.outsider);
  expect(network.positions.nodes).toEqual(
    expect.arrayContaining([{ name: 'Corner', resources: { nodes: [{ name: '多功能厅' }] } }]),
  );
});
