import { recordDueContracts } from '../../src/domain/contracts/service';
import { TestApi } from '../support/api';
import { Agreements, type ContractView } from './agreements';

/** A contract in force is what opens a door, and nothing else is. */

let api: TestApi;
let world: Agreements;
let hall: string;

beforeAll(async () => {
  api = await TestApi.start();
});
beforeEach(async () => {
  api.clock.set('2026-06-10T02:00:00Z');
  world = await Agreements.begin(api);
  hall = await world.resource(world.a, 'Hall');
  await world.resource(world.a, 'Attic');
});
afterAll(() => api.stop());

const granting = (changes: Record<string, unknown> = {}) => ({ clauses: [world.grant(world.a, [hall], [world.b])], ...changes });
const seen = () => world.resourcesOf(world.ben);
const current = async ({ id }: ContractView) => (await world.read(id, world.committee))!;
const contactOfA = async () =>
  (await api.must('query ($id: ID!) { node(id: $id) { ... on Organization { contact { person } } } }', { id: world.a.globalId }, world.ben)).node.contact;

test('the door opens with the last signature, closes while suspended, opens again, and closes for good', async () => {
  const proposed = await world.proposed(granting());
  expect(await seen()).toEqual([]);
  await world.sign(proposed, world.ada);
  expect(await seen()).toEqual([]);
  expect(await contactOfA()).toBeNull();
  await world.sign(proposed, world.ben);
  expect(await seen()).toEqual(['Hall']);
  expect(await world.resourcesOf(world.bea)).toEqual(['Hall']);
  expect(await world.resourcesOf(world.otto)).toEqual([]);
  expect(await contactOfA()).not.toBeNull();

  const suspended = await world.done('suspendContract', { id: proposed.id, version: (await current(proposed)).version }, world.committee);
  expect(await seen()).toEqual([]);
  expect(await contactOfA()).toBeNull();
  const resumed = await world.done('resumeContract', { id: proposed.id, version: suspended.version }, world.committee);
  expect(await seen()).toEqual(['Hall']);
  await world.done('terminateContract', { id: proposed.id, version: resumed.version }, world.ben);
  expect(await seen()).toEqual([]);
});

test('the door opens whoever signs last', async () => {
  const proposed = await world.proposed(granting());
  await world.sign(proposed, world.ben);
  expect(await seen()).toEqual([]);
  await world.sign(proposed, world.ada);
  expect(await seen()).toEqual(['Hall']);
});

test('the door opens and closes at midnight, with nothing written', async () => {
  await world.concluded(granting({ term: { from: '2026-07-01', to: '2026-07-31' } }));
  for (const [at, names] of [
    ['2026-06-30T15:59:59.999Z', []],
    ['2026-06-30T16:00:00Z', ['Hall']],
    ['2026-07-31T15:59:59.999Z', ['Hall']],
    ['2026-07-31T16:00:00Z', []],
  ] as const) {
    api.clock.set(at);
    expect(await seen()).toEqual(names);
  }
  await recordDueContracts(api.app.platform);
  expect(await seen()).toEqual([]);
});

test('keys of what was signed before an edit open nothing', async () => {
  const attic = await world.resource(world.a, 'Cellar');
  const first = await world.proposed({ clauses: [world.grant(world.a, [hall, attic], [world.b])] });
  await world.sign(first, world.ada);
  const edited = await world.done('updateContract', { id: first.id, version: first.version + 1, clauses: [world.grant(world.a, [attic], [world.b])] }, world.ada);
  await world.sign(edited, world.ben);
  expect(await seen()).toEqual([]);
  await world.sign(edited, world.ada);
  expect(await seen()).toEqual(['Cellar']);
});

test('a grant is to its beneficiaries, not to every party', async () => {
  const proposed = await world.proposed(granting({ parties: [world.a.globalId, world.b.globalId, world.outsider.globalId] }));
  for (const signer of [world.ada, world.ben, world.otto]) await world.sign(proposed, signer);
  expect(await seen()).toEqual(['Hall']);
  expect(await world.resourcesOf(world.otto)).toEqual([]);
  // By name they have all signed it; the thing itself only some of them see.
  const clause = async (as: typeof world.otto) =>
    (await api.must('query ($id: ID!) { node(id: $id) { ... on Contract { clauses { ... on ResourceGrantClause { granted { name } resources { name } } } } } }', { id: proposed.id }, as)).node.clauses[0];
  expect(await clause(world.ben)).toEqual({ granted: [{ name: 'Hall' }], resources: [{ name: 'Hall' }] });
  expect(await clause(world.otto)).toEqual({ granted: [{ name: 'Hall' }], resources: [] });
});

test('nobody but the owner can open its door', async () => {
  // Everything a party may write, signed by all but the owner.
  const proposed = await world.proposed(granting());
  await world.sign(proposed, world.ben);
  await api.database.sql(`UPDATE contracts SET status = 'ACTIVE' WHERE title = $1 AND status = 'PROPOSED' AND network_id = $2`, [proposed.title, world.founded.network.id]);
  expect(await seen()).toEqual([]);
});

test('an amendment hands the door over on its first day', async () => {
  const before = await world.concluded(granting());
  const loft = await world.resource(world.a, 'Loft');
  const draft = await world.done(
    'amendContract',
    { id: before.id, version: before.version, term: { from: '2026-07-01' }, clauses: [world.grant(world.a, [loft], [world.b])] },
    world.ada,
  );
  const proposed = await world.done('proposeContract', { id: draft.id, version: draft.version }, world.ada);
  await world.sign(proposed, world.ada);
  await world.sign(proposed, world.ben);
  expect(await seen()).toEqual(['Hall']);
  api.clock.set('2026-06-30T15:59:59.999Z');
  expect(await seen()).toEqual(['Hall']);
  api.clock.set('2026-06-30T16:00:00Z');
  expect(await seen()).toEqual(['Loft']);
});

test('a suspended beneficiary has no keys, and a suspended owner shows nothing', async () => {
  await world.concluded(granting());
  const suspend = async (id: string, status: string) => {
    await api.database.sql('UPDATE organizations SET status = $2 WHERE id = $1', [id, status]);
    await api.database.sql('UPDATE resources SET owner_status = $2 WHERE owner_id = $1', [id, status]);
  };
  await suspend(world.b.id, 'SUSPENDED');
  expect(await seen()).toEqual([]);
  await suspend(world.b.id, 'ACTIVE');
  await suspend(world.a.id, 'SUSPENDED');
  expect(await seen()).toEqual([]);
  await suspend(world.a.id, 'ACTIVE');
  expect(await seen()).toEqual(['Hall']);
});

test('keys of contracts that have ended are taken off with the next signature', async () => {
  const ended = await world.concluded(granting());
  await world.done('terminateContract', { id: ended.id, version: ended.version }, world.ada);
  const next = await world.concluded(granting());
  const [row] = await api.database.sql<{ keys: number; contracts: string[] }>(
    `SELECT cardinality(r.granted_by) AS keys, o.contract_ids AS contracts FROM resources r JOIN organization_contacts o ON o.organization_id = r.owner_id
     WHERE r.owner_id = $1 AND r.name = 'Hall'`,
    [world.a.id],
  );
  expect(row!.keys).toBe(1);
  expect(row!.contracts).toHaveLength(1);
  expect(await seen()).toEqual(['Hall']);
  expect(next.status).toBe('ACTIVE');
});
