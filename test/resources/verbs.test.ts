import { v7 } from 'uuid';
import { toGlobalId } from '../../src/platform/ids';
import { Agreements, uuidOf } from '../contracts/agreements';
import { TestApi } from '../support/api';
import type { Person } from '../support/world';
import { RESOURCE, Sharers, type Refused } from './shared';

let api: TestApi;
let world: Sharers;
let elsewhere: Sharers;
let position: string;
let foreignPosition: string;

beforeAll(async () => {
  api = await TestApi.start();
  world = await Sharers.begin(api);
  elsewhere = await Sharers.begin(api);
  const place = async (owner: string, as: Person) => (await api.done('createPosition', { organization: owner, name: 'Place' }, as, 'position { id }')).position.id as string;
  position = await place(world.owner.globalId, world.admin);
  foreignPosition = await place(world.other.globalId, world.outsider);
}, 60_000);
afterAll(() => api.stop());

/** What the audit log says of a resource, oldest first. */
const audited = (id: string) =>
  api.database
    .sql<{ action: string; changes: string; actor: string; role: string; concerned: string[] }>(
      'SELECT action, changes, actor_user_id AS actor, actor_role AS role, organization_ids AS concerned FROM audit_entries WHERE subject_id = $1 ORDER BY seq',
      [uuidOf(id)],
    )
    .then((rows) => rows.map(({ changes, ...row }) => ({ ...row, changes: JSON.parse(changes) as Record<string, unknown> })));

/** Everything there is of resources; to tell that nothing was changed. */
const everything = () =>
  api.database.sql(`SELECT md5(string_agg(t::text, ',' ORDER BY t.id)) AS resources, (SELECT count(*) FROM audit_entries) AS audit, (SELECT count(*) FROM state_changes) AS steps FROM resources t`);

describe('createResource', () => {
  test('takes what is said and fills in the rest, tells it, keeps its history and audits it', async () => {
    const bare = await world.create({ name: '  Cafe\u0301 ' });
    expect(bare).toMatchObject({
      name: 'Caf\u00e9', kind: 'VENUE', description: null, sharing: 'PRIVATE', status: 'AVAILABLE', capacity: null, quantity: 1, skills: [], version: 1,
      owner: { id: world.owner.globalId }, position: null, requires: [], openingHours: [],
      bookingPolicy: { minimum: 'PT30M', maximum: 'PT4H', leadTime: 'PT0S', horizon: 'P90D', buffer: 'PT0S', requiresApproval: false, cancellationDeadline: 'PT0S' },
      viewerCan: ['EDIT', 'TAKE_OUT_OF_SERVICE', 'SHARE', 'RETIRE', 'BOOK', 'APPROVE_BOOKINGS', 'BLOCK_TIME'],
      history: [{ from: null, to: 'AVAILABLE', note: null, by: { displayName: 'The staff' } }],
    });
    const full = await world.create({
      owner: world.owner.globalId, name: '投影仪', kind: 'EQUIPMENT', description: 'With cable', position, sharing: 'NETWORK', capacity: 30, quantity: 4, skills: ['投影'], requires: [bare.id],
      openingHours: [{ weekday: 6, opens: '09:00', closes: '24:00' }],
      bookingPolicy: { minimum: 'PT1H', maximum: 'P1DT12H', leadTime: 'PT90M', horizon: 'P2W', buffer: 'PT15M', requiresApproval: true, cancellationDeadline: 'P1D' },
    }, world.admin);
    expect(full).toMatchObject({
      capacity: 30, quantity: 4, position: { id: position }, requires: [{ id: bare.id }], openingHours: [{ weekday: 6, opens: '09:00', closes: '24:00' }],
      bookingPolicy: { minimum: 'PT1H', maximum: 'P1DT12H', leadTime: 'PT1H30M', horizon: 'P14D', buffer: 'PT15M', requiresApproval: true, cancellationDeadline: 'P1D' },
    });
    const [entry] = await audited(full.id);
    expect(entry).toMatchObject({ action: 'resource.create', actor: world.admin.userId, role: 'ADMIN', concerned: [world.owner.id] });
    expect(entry!.changes).toMatchObject({ status: [null, 'AVAILABLE'], name: [null, '投影仪'], sharing: [null, 'NETWORK'], quantity: [null, 4], bookingMinimum: [null, 'PT1H'] });
  });

  test('the committee adds resources of the hub, and no others', async () => {
    expect((await world.create({}, world.committee)).owner.id).toBe(world.founded.hub.globalId);
    expect(await world.code('createResource', { owner: world.owner.globalId, name: 'x', kind: 'VENUE' }, world.committee)).toEqual(['NOT_ALLOWED', '']);
  });

  test.each<[string, () => Record<string, unknown>, string, string]>([
    ["another's", () => ({ owner: world.other.globalId }), 'NOT_ALLOWED', ''],
    ['of another network', () => ({ owner: elsewhere.owner.globalId }), 'NOT_FOUND', 'owner'],
    ['of an owner of another type', () => ({ owner: position }), 'NOT_FOUND', 'owner'],
    ['without a name', () => ({ name: ' \u3000 ' }), 'INVALID', 'name'],
    ['with a name too long', () => ({ name: '厅'.repeat(201) }), 'INVALID', 'name'],
    ['with a name that turns its direction', () => ({ name: 'a\u202eb' }), 'INVALID', 'name'],
    ['with a control character', () => ({ description: 'a\0b' }), 'INVALID', 'description'],
    ['with half a character', () => ({ name: 'a\ud800' }), 'INVALID', 'name'],
    ['of a foreign position', () => ({ position: foreignPosition }), 'INVALID', 'position'],
    ['of a position that never was', () => ({ position: toGlobalId('Position', v7()) }), 'NOT_FOUND', 'position'],
    ['of a position of another type', () => ({ position: world.owner.globalId }), 'NOT_FOUND', 'position'],
    ['for nobody', () => ({ capacity: 0 }), 'INVALID', 'capacity'],
    ['of minus one unit', () => ({ quantity: -1 }), 'INVALID', 'quantity'],
    ['of too many units', () => ({ quantity: 2147483647 }), 'INVALID', 'quantity'],
    ['with a skill twice', () => ({ skills: ['急救', '急救 '] }), 'INVALID', 'skills.1'],
    ['with too many skills', () => ({ skills: Array.from({ length: 51 }, (_, i) => `skill ${i}`) }), 'INVALID', 'skills'],
    ['open on an eighth day', () => ({ openingHours: [{ weekday: 8, opens: '08:00', closes: '09:00' }] }), 'INVALID', 'openingHours.0'],
    ['closed before it opens', () => ({ openingHours: [{ weekday: 1, opens: '10:00', closes: '09:00' }] }), 'INVALID', 'openingHours.0'],
    ['with a minimum of nothing', () => ({ bookingPolicy: { minimum: 'PT0S' } }), 'INVALID', 'bookingPolicy.minimum'],
    ['with a minimum above the maximum', () => ({ bookingPolicy: { minimum: 'PT5H' } }), 'INVALID', 'bookingPolicy.minimum'],
    ['with a horizon of a hundred years', () => ({ bookingPolicy: { horizon: 'P36500D' } }), 'INVALID', 'bookingPolicy.horizon'],
    ['with months, which are of no length', () => ({ bookingPolicy: { horizon: 'P1M' } }), 'INVALID', 'bookingPolicy.horizon'],
    ['that requires what never was', () => ({ requires: [toGlobalId('Resource', v7())] }), 'NOT_FOUND', 'requires.0'],
    ['that requires an organization', () => ({ requires: [world.owner.globalId] }), 'NOT_FOUND', 'requires.0'],
    ['with a key of spaces', () => ({ idempotencyKey: 'a b' }), 'INVALID', 'idempotencyKey'],
  ])('%s is refused', async (_, input, code, path) => {
    const before = await everything();
    const given = { name: 'x', kind: 'VENUE', ...input() };
    expect(await world.code('createResource', given)).toEqual([code, path]);
    expect(await everything()).toEqual(before);
    const [[en], [zh]] = [await world.refused('createResource', given), await world.refused('createResource', given, world.staff, 'zh-CN')] as [Refused[], Refused[]];
    expect([en!.message, zh!.message]).toEqual([expect.stringMatching(/^[\x20-\x7e’“”]+$/), expect.stringMatching(/[\u4e00-\u9fff]/)]);
  });

  test('all faults of a form are told at once', async () => {
    const faults = await world.refused('createResource', { name: '', kind: 'VENUE', quantity: 0, capacity: -3 });
    expect(faults.map(({ path }) => path.join('.')).sort()).toEqual(['input.capacity', 'input.name', 'input.quantity']);
  });

  test.each(['1.5', '1e99', '9007199254740993', '"1"', 'NaN'])('a quantity of %s is no number of units', async (quantity) => {
    const { data, errors } = await api.ask(`mutation { createResource(input: { name: "x", kind: VENUE, quantity: ${quantity} }) { resource { id } } }`, {}, world.staff);
    expect([data?.createResource ?? null, errors!.length]).toEqual([null, 1]);
  });

  test.each(['volunteer', 'resident'] as const)('a %s may not', async (who) => {
    const { errors } = await api.ask('mutation { createResource(input: { name: "x", kind: VENUE }) { resource { id } } }', {}, world[who]);
    expect(errors![0]!.extensions.code).toBe('FORBIDDEN');
  });

  test('nobody known may not', async () => {
    const { errors } = await api.ask('mutation { createResource(input: { name: "x", kind: VENUE }) { resource { id } } }');
    expect(errors![0]!.extensions.code).toBe('UNAUTHENTICATED');
  });
});

describe('an idempotency key', () => {
  test('makes a request that comes again one and the same, also at the same instant', async () => {
    const input = { name: 'Once', kind: 'VENUE', idempotencyKey: 'once-1' };
    const answers = await Promise.all(Array.from({ length: 8 }, () => api.done('createResource', input, world.staff, 'resource { id }')));
    answers.push(await api.done('createResource', input, world.staff, 'resource { id }'));
    expect(new Set(answers.map(({ resource }) => resource.id)).size).toBe(1);
    expect(await api.database.sql(`SELECT count(*)::int FROM resources WHERE name = 'Once'`)).toEqual([{ count: 1 }]);
    expect(await audited(answers[0]!.resource.id)).toHaveLength(1);
  });

  test('is refused with another input, and is nobody else’s', async () => {
    const input = { name: 'Mine', kind: 'VENUE', idempotencyKey: 'key' };
    const mine = await api.done('createResource', input, world.staff, 'resource { id }');
    expect(await world.code('createResource', { ...input, name: 'Other' })).toEqual(['IDEMPOTENCY_MISMATCH', 'idempotencyKey']);
    const other = await api.done('createResource', input, world.admin, 'resource { id }');
    expect(other.resource.id).not.toBe(mine.resource.id);
  });

  test('of a refused request is free again', async () => {
    expect(await world.code('createResource', { name: 'Later', kind: 'VENUE', position: foreignPosition, idempotencyKey: 'free' })).toEqual(['INVALID', 'position']);
    await api.done('createResource', { name: 'Later', kind: 'VENUE', idempotencyKey: 'free' }, world.staff);
  });
});

describe('updateResource', () => {
  test('changes what is named, and nothing else', async () => {
    const made = await world.create({ description: 'Old', capacity: 5, skills: ['a'], position, bookingPolicy: { buffer: 'PT10M' } });
    const update = async (input: Record<string, unknown>, version: number) =>
      (await api.done('updateResource', { id: made.id, version, ...input }, world.staff, RESOURCE)).resource as Record<string, any>;
    const { viewerCan: _, history: __, version: ___, ...told } = made;
    expect(await update({ name: 'New' }, 1)).toMatchObject({ ...told, name: 'New', version: 2 });
    expect(await update({ description: null, position: null, capacity: null }, 2)).toMatchObject({ name: 'New', description: null, position: null, capacity: null, skills: ['a'] });
    expect(await update({ bookingPolicy: { maximum: 'PT10H' } }, 3)).toMatchObject({ bookingPolicy: { ...told.bookingPolicy, maximum: 'PT10H', buffer: 'PT10M' } });
    expect(await update({ skills: [], quantity: 3, kind: 'MATERIAL' }, 4)).toMatchObject({ skills: [], quantity: 3, kind: 'MATERIAL', version: 5 });
    const entries = await audited(made.id);
    expect(entries.slice(1).map(({ action, changes }) => [action, changes])).toEqual([
      ['resource.update', { name: ['Hall', 'New'] }],
      ['resource.update', { description: ['Old', null], capacity: [5, null], positionId: [uuidOf(position), null] }],
      ['resource.update', { bookingMaximum: ['PT4H', 'PT10H'] }],
      ['resource.update', { kind: ['VENUE', 'MATERIAL'], quantity: [1, 3], skills: [['a'], []] }],
    ]);
  });

  test('takes it out of service and brings it back', async () => {
    const { id } = await world.create();
    const out = (await api.done('updateResource', { id, version: 1, status: 'OUT_OF_SERVICE', name: 'Broken' }, world.staff, RESOURCE)).resource;
    expect(out).toMatchObject({ status: 'OUT_OF_SERVICE', name: 'Broken', viewerCan: ['EDIT', 'RETURN_TO_SERVICE', 'SHARE', 'RETIRE', 'APPROVE_BOOKINGS', 'BLOCK_TIME'] });
    const back = (await api.done('updateResource', { id, version: 2, status: 'AVAILABLE' }, world.staff, RESOURCE)).resource;
    expect(back).toMatchObject({ status: 'AVAILABLE', history: [{ to: 'AVAILABLE' }, { from: 'AVAILABLE', to: 'OUT_OF_SERVICE' }, { from: 'OUT_OF_SERVICE', to: 'AVAILABLE' }] });
    expect((await audited(id)).map(({ changes }) => changes.status)).toEqual([[null, 'AVAILABLE'], ['AVAILABLE', 'OUT_OF_SERVICE'], ['OUT_OF_SERVICE', 'AVAILABLE']]);
    expect(await world.code('updateResource', { id, version: 3, status: 'RETIRED' })).toEqual(['INVALID', 'status']);
  });

  test('refuses a stale version with the fresh object, whoever of two comes second', async () => {
    const { id } = await world.create();
    const both = await Promise.all(['One', 'Two'].map((name) => api.mutate('updateResource', { id, version: 1, name }, world.staff, 'resource { name version }')));
    const [won] = both.filter(({ userErrors }) => !userErrors.length);
    const [lost] = both.filter(({ userErrors }) => userErrors.length);
    expect(lost).toMatchObject({ resource: won!.resource, userErrors: [{ code: 'STALE_VERSION', path: ['input', 'version'] }] });
    for (const version of [0, -1]) expect(await world.code('updateResource', { id, version, name: 'x' })).toEqual(['INVALID', 'version']);
    expect(await world.code('updateResource', { id, version: 3, name: 'x' })).toEqual(['STALE_VERSION', 'version']);
  });

  test('knows no way to another owner', async () => {
    const { id } = await world.create();
    const { errors } = await api.ask('mutation ($input: UpdateResourceInput!) { updateResource(input: $input) { resource { id } } }', { input: { id, version: 1, owner: world.other.globalId } }, world.staff);
    expect(errors![0]!.extensions.code).toBe('BAD_USER_INPUT');
    const [row] = await api.database.sql<{ owner_id: string }>('SELECT owner_id FROM resources WHERE id = $1', [uuidOf(id)]);
    expect(row!.owner_id).toBe(world.owner.id);
  });

  test.each(['updateResource', 'shareResource', 'retireResource'])('%s of what one may see but not change is NOT_ALLOWED, of what one may not see NOT_FOUND like what never was', async (verb) => {
    const shared = await world.create({ sharing: 'PUBLIC' });
    const hidden = await world.create();
    const more = verb === 'shareResource' ? { sharing: 'PUBLIC' } : {};
    const before = await everything();
    const answer = async (id: string, as: Person) => api.mutate(verb, { id, version: 1, ...more }, as, 'resource { id }');
    const never = await answer(toGlobalId('Resource', v7()), world.outsider);
    expect(never).toMatchObject({ resource: null, userErrors: [{ code: 'NOT_FOUND', path: ['input', 'id'] }] });
    expect((await answer(shared.id, world.outsider)).userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
    expect((await answer(shared.id, world.committee)).userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
    for (const as of [world.outsider, world.committee]) expect(await answer(hidden.id, as)).toEqual(never);
    for (const id of [shared.id, hidden.id, world.owner.globalId, 'x', '', `${hidden.id}=`]) expect(await answer(id, elsewhere.admin)).toEqual(never);
    expect(await everything()).toEqual(before);
  });
});

describe('what a resource requires', () => {
  test('is others of the owner, without a circle', async () => {
    const [a, b, c] = [await world.create({ name: 'A' }), await world.create({ name: 'B' }), await world.create({ name: 'C' })];
    const require = (of: Record<string, any>, ids: string[], version = 1) => ({ id: of.id, version, requires: ids });
    await api.done('updateResource', require(a, [b.id]), world.staff);
    await api.done('updateResource', require(b, [c.id]), world.staff);
    expect(await world.code('updateResource', require(c, [a.id]))).toEqual(['INVALID', 'requires.0']);
    expect(await world.code('updateResource', require(c, [c.id]))).toEqual(['INVALID', 'requires.0']);
    expect(await world.code('updateResource', require(c, [b.id, a.id]))).toEqual(['INVALID', 'requires.0']);
    expect(await world.code('updateResource', require(a, [b.id, b.id], 2))).toEqual(['INVALID', 'requires.1']);
    const foreign = await world.create({ sharing: 'PUBLIC' }, world.outsider);
    expect(await world.code('updateResource', require(c, [foreign.id]))).toEqual(['INVALID', 'requires.0']);
    const hidden = await world.create({}, world.outsider);
    expect(await world.code('updateResource', require(c, [hidden.id]))).toEqual(['NOT_FOUND', 'requires.0']);
    await api.done('retireResource', { id: c.id, version: 1 }, world.staff);
    expect(await world.code('updateResource', require(a, [c.id], 2))).toEqual(['INVALID', 'requires.0']);
    expect((await api.done('updateResource', require(a, [], 2), world.staff, 'resource { requires { id } }')).resource.requires).toEqual([]);
  });

  test('closes no circle either when both halves come at the same instant', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [a, b, c, d] = await Promise.all(['A', 'B', 'C', 'D'].map((name) => world.create({ name })));
      await api.done('updateResource', { id: b!.id, version: 1, requires: [c!.id] }, world.staff);
      await api.done('updateResource', { id: d!.id, version: 1, requires: [a!.id] }, world.staff);
      const halves = await Promise.all([
        api.mutate('updateResource', { id: a!.id, version: 1, requires: [b!.id] }, world.staff),
        api.mutate('updateResource', { id: c!.id, version: 1, requires: [d!.id] }, world.admin),
      ]);
      expect(halves.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1);
      expect(halves.flatMap(({ userErrors }) => userErrors as Refused[]).map(({ code }) => code)).toEqual(['INVALID']);
    }
  });

  test('is shown as far as the viewer may see it', async () => {
    const [open, closed] = [await world.create({ name: 'Open', sharing: 'NETWORK' }), await world.create({ name: 'Closed' })];
    const { id } = await world.create({ sharing: 'NETWORK', requires: [closed.id, open.id] });
    const QUERY = 'query ($id: ID!) { node(id: $id) { ... on Resource { requires { name } } } }';
    expect((await api.must(QUERY, { id }, world.staff)).node.requires).toEqual([{ name: 'Closed' }, { name: 'Open' }]);
    expect((await api.must(QUERY, { id }, world.outsider)).node.requires).toEqual([{ name: 'Open' }]);
  });
});

describe('retired', () => {
  test('it stays so, leaves the lists, and can be read by its id', async () => {
    const { id } = await world.create({ name: 'Old' });
    const retired = (await api.done('retireResource', { id, version: 1, note: 'Worn out' }, world.admin, RESOURCE)).resource;
    expect(retired).toMatchObject({ status: 'RETIRED', viewerCan: ['APPROVE_BOOKINGS'], version: 2, history: [{ to: 'AVAILABLE' }, { from: 'AVAILABLE', to: 'RETIRED', note: 'Worn out', by: { displayName: 'The admin' } }] });
    const before = await everything();
    expect(await world.code('retireResource', { id, version: 2 })).toEqual(['WRONG_STATE', '']);
    expect(await world.code('updateResource', { id, version: 2, name: 'x' })).toEqual(['WRONG_STATE', '']);
    expect(await world.code('updateResource', { id, version: 2, status: 'AVAILABLE' })).toEqual(['WRONG_STATE', '']);
    expect(await world.code('shareResource', { id, version: 2, sharing: 'PUBLIC' })).toEqual(['WRONG_STATE', '']);
    expect(await everything()).toEqual(before);
    const { resources, node } = await api.must('query ($id: ID!) { resources(first: 100) { nodes { id } } node(id: $id) { id } }', { id }, world.staff);
    expect([resources.nodes.some((one: { id: string }) => one.id === id), node.id]).toEqual([false, id]);
  });
});

describe('a resource that a contract grants', () => {
  let agreements: Agreements;
  const QUERY = { version: 1 };
  beforeAll(async () => {
    agreements = await Agreements.begin(api);
    api.clock.set('2026-06-10T02:00:00Z');
  });
  afterAll(() => api.clock.set(null));

  const granted = async () => {
    const hall = await agreements.resource(agreements.a, 'Hall');
    const draft = await agreements.draft({ clauses: [agreements.grant(agreements.a, [hall], [agreements.b])] });
    return { hall, draft };
  };
  const version = async (id: string) => (await api.database.sql<{ version: number }>('SELECT version FROM resources WHERE id = $1', [uuidOf(id)]))[0]!.version;
  const tries = async (hall: string) => {
    const codes: string[] = [];
    for (const [verb, more] of [['shareResource', { sharing: 'PRIVATE' }], ['retireResource', {}]] as const) {
      const { userErrors } = await api.mutate(verb, { id: hall, version: await version(hall), ...more }, agreements.ada);
      codes.push(...(userErrors as Refused[]).map(({ code, message }) => `${code} ${/\d{4}/.exec(message) ? 'with the number' : ''}`.trim()));
    }
    return codes;
  };
  const KEPT = ['CONFLICT with the number', 'CONFLICT with the number'];

  test('is neither made private nor retired while it is proposed, signed, in force or suspended', async () => {
    const { hall, draft } = await granted();
    const proposed = await agreements.done('proposeContract', { id: draft.id, version: draft.version }, agreements.ada);
    expect(await tries(hall)).toEqual(KEPT);
    await agreements.sign(proposed, agreements.ada);
    expect(await tries(hall)).toEqual(KEPT);
    const active = await agreements.sign(proposed, agreements.ben);
    expect(active.status).toBe('ACTIVE');
    expect(await tries(hall)).toEqual(KEPT);
    await api.done('shareResource', { id: hall, version: await version(hall), sharing: 'NETWORK' }, agreements.ada);
    await api.done('shareResource', { id: hall, version: await version(hall), sharing: 'CONTRACT' }, agreements.ada);
    const suspended = await agreements.done('suspendContract', { id: active.id, version: active.version }, agreements.committee);
    expect(await tries(hall)).toEqual(KEPT);
    await agreements.done('terminateContract', { id: active.id, version: suspended.version }, agreements.ada);
    await api.done('shareResource', { id: hall, version: await version(hall), sharing: 'PRIVATE' }, agreements.ada);
    await api.done('retireResource', { id: hall, version: await version(hall) }, agreements.ada);
  });

  test('is free while the contract is a draft, and when it was rejected', async () => {
    const first = await granted();
    await api.done('shareResource', { id: first.hall, sharing: 'PRIVATE', ...QUERY }, agreements.ada);
    const second = await granted();
    const proposed = await agreements.done('proposeContract', { id: second.draft.id, version: second.draft.version }, agreements.ada);
    await agreements.done('rejectContract', { id: proposed.id, version: proposed.version }, agreements.ben);
    await api.done('retireResource', { id: second.hall, ...QUERY }, agreements.ada);
  });
});

test('every verb is audited once, as who did it', async () => {
  const { id } = await world.create({}, world.staff);
  await api.done('shareResource', { id, version: 1, sharing: 'PUBLIC' }, world.admin);
  await api.done('updateResource', { id, version: 2, name: 'Other' }, world.staff);
  await api.done('retireResource', { id, version: 3 }, world.admin);
  expect((await audited(id)).map(({ action, actor, role, concerned, changes }) => [action, actor, role, concerned, changes.sharing ?? changes.name ?? changes.status])).toEqual([
    ['resource.create', world.staff.userId, 'STAFF', [world.owner.id], [null, 'PRIVATE']],
    ['resource.share', world.admin.userId, 'ADMIN', [world.owner.id], ['PRIVATE', 'PUBLIC']],
    ['resource.update', world.staff.userId, 'STAFF', [world.owner.id], ['Hall', 'Other']],
    ['resource.retire', world.admin.userId, 'ADMIN', [world.owner.id], ['AVAILABLE', 'RETIRED']],
  ]);
});
