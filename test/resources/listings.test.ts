import { Agreements } from '../contracts/agreements';
import { TestApi } from '../support/api';
import type { Person } from '../support/world';

let api: TestApi;
let world: Agreements;
let everybody: Person[];

beforeAll(async () => {
  api = await TestApi.start();
  world = await Agreements.begin(api);
  const resident = await api.world.person(world.outsider, 'RESIDENT');
  everybody = [world.committee, world.ada, world.ben, world.bea, world.otto, resident];
}, 60_000);
afterAll(() => api.stop());

const QUERY = `query ($orderBy: ResourceOrder, $filter: ResourceFilter) { resources(first: 100, orderBy: $orderBy, filter: $filter) { totalCount nodes { id name accessibleThrough { reason } } } }`;
interface Listed {
  totalCount: number;
  nodes: { id: string; name: string; accessibleThrough: object[] }[];
}
const list = async (as: Person, variables: object = {}): Promise<Listed> => (await api.must(QUERY, variables as Record<string, unknown>, as)).resources as Listed;

/** What is entered, and what the rows themselves say should be. */
const ENTERED = 'SELECT network_id, reader, name, resource_id FROM resource_listings';
const DUE = `SELECT DISTINCT network_id, reader, name, id FROM resources, unnest(array_remove(readers, app.principal('committee', network_id))) AS reader WHERE status <> 'RETIRED'`;

/** The list by its own index is the list that a filter which leaves nothing out is searched for; nothing is entered that should not be. */
async function expectListed(): Promise<void> {
  for (const as of everybody) {
    const whole = await list(as);
    const searched = await list(as, { filter: { quantity: 1 } });
    expect(whole).toEqual(searched);
    expect(whole.totalCount).toBe(whole.nodes.length);
    expect((await list(as, { orderBy: { field: 'NAME', direction: 'DESC' } })).nodes).toEqual([...whole.nodes].reverse());
    for (const { accessibleThrough } of whole.nodes) expect(accessibleThrough).not.toEqual([]);
  }
  expect(await api.database.sql(`(${ENTERED} EXCEPT ALL ${DUE}) UNION ALL (${DUE} EXCEPT ALL ${ENTERED})`)).toEqual([]);
}

const namesOf = async (as: Person): Promise<string[]> => (await list(as)).nodes.map(({ name }) => name);

test('the list follows every verb that changes who reads a resource, or its name', async () => {
  for (const sharing of ['PRIVATE', 'CONTRACT', 'NETWORK', 'PUBLIC']) await world.resource(world.a, `${sharing.toLowerCase()} room`, sharing);
  await expectListed();
  expect(await namesOf(world.ben)).toEqual(['network room', 'public room']);

  const hall = (await api.done('createResource', { name: 'Hall', kind: 'VENUE', sharing: 'CONTRACT' }, world.ada, 'resource { id version }')).resource as { id: string; version: number };
  await expectListed();
  const contract = await world.concluded({ clauses: [world.grant(world.a, [hall.id], [world.b]), world.grant(world.a, [hall.id], [world.b])] });
  await expectListed();
  expect(await namesOf(world.bea)).toEqual(['Hall', 'network room', 'public room']);

  const change = async (verb: string, input: object) => {
    const [{ version }] = (await api.database.sql<{ version: number }>(`SELECT version FROM resources WHERE name IN ('Hall', '大厅')`)) as [{ version: number }];
    await api.done(verb, { id: hall.id, version, ...input }, world.ada, 'resource { id }');
    await expectListed();
  };
  await change('updateResource', { name: '大厅' });
  expect(await namesOf(world.bea)).toEqual(['大厅', 'network room', 'public room']);
  await change('shareResource', { sharing: 'PUBLIC' });
  expect(await namesOf(world.otto)).toEqual(['大厅', 'network room', 'public room']);
  await change('shareResource', { sharing: 'CONTRACT' });

  const suspended = await world.done('suspendContract', { id: contract.id, version: contract.version }, world.committee);
  await expectListed();
  expect(await namesOf(world.bea)).toEqual(['network room', 'public room']);
  await world.done('terminateContract', { id: suspended.id, version: suspended.version }, world.committee);
  await change('retireResource', {});
  expect(await namesOf(world.ada)).toEqual(['contract room', 'network room', 'private room', 'public room']);
});

test('an organization that is suspended takes what it shares out of the lists of others, and brings it back', async () => {
  const move = async (verb: string) => {
    const [{ version }] = (await api.database.sql<{ version: number }>('SELECT version FROM organizations WHERE id = $1', [world.a.id])) as [{ version: number }];
    await api.done(verb, { id: world.a.globalId, version, note: 'Papers' }, world.committee, 'organization { id }');
    await expectListed();
  };
  await move('suspendOrganization');
  expect(await namesOf(world.otto)).toEqual([]);
  await move('reinstateOrganization');
  expect(await namesOf(world.otto)).toEqual(['network room', 'public room']);
});

test('a change that concerns no list enters nothing anew', async () => {
  const before = await api.database.sql(`SELECT xmin::text, ctid::text FROM resource_listings ORDER BY 2`);
  await api.database.sql(`UPDATE resources SET version = version + 1`);
  expect(await api.database.sql(`SELECT xmin::text, ctid::text FROM resource_listings ORDER BY 2`)).toEqual(before);
});
