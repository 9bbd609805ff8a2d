import { Agreements } from '../contracts/agreements';
import { TestApi } from '../support/api';
import type { Person } from '../support/world';
import { messages } from '../../src/platform/i18n/messages';

let api: TestApi;
let world: Agreements;
let elsewhere: Agreements;
let hall: string;
let secret: string;
let contract: string;

beforeAll(async () => {
  api = await TestApi.start();
  world = await Agreements.begin(api);
  elsewhere = await Agreements.begin(api);
  api.clock.set('2026-06-10T02:00:00Z');
  const create = async (name: string, as: Person) => (await api.done('createResource', { name, kind: 'VENUE', sharing: 'CONTRACT' }, as, 'resource { id }')).resource.id as string;
  hall = await create('Hall', world.ada);
  api.clock.set('2026-06-10T02:01:00Z');
  await api.done('shareResource', { id: hall, version: 1, sharing: 'NETWORK' }, world.ada);
  api.clock.set('2026-06-10T02:02:00Z');
  secret = (await api.done('createResource', { name: 'Secret', kind: 'VENUE' }, world.bea, 'resource { id }')).resource.id;
  api.clock.set('2026-06-10T02:03:00Z');
  contract = (await world.concluded({ clauses: [world.grant(world.a, [hall], [world.b])] })).id;
  await api.done('createResource', { name: 'Far away', kind: 'VENUE' }, elsewhere.ada);
  api.clock.set(null);
}, 60_000);
afterAll(() => api.stop());

const LOG = `query ($first: Int, $after: String, $filter: AuditFilter) { auditLog(first: $first, after: $after, filter: $filter) { totalCount pageInfo { hasNextPage endCursor }
  nodes { id at action summary hash previousHash actor { displayName organization { name } } subject { __typename id } changes { field before after } } } }`;
interface Entry {
  id: string;
  at: string;
  action: string;
  summary: string;
  hash: string;
  previousHash: string | null;
  actor: { displayName: string; organization: { name: string } | null };
  subject: { __typename: string; id: string } | null;
  changes: { field: string; before: string | null; after: string | null }[];
}
const log = async (as: Person, filter: Record<string, unknown> = {}, headers = {}): Promise<Entry[]> => {
  const { auditLog } = await api.must(LOG, { first: 100, filter }, as, headers);
  expect(auditLog.totalCount).toBe(auditLog.nodes.length);
  return auditLog.nodes as Entry[];
};
const actions = async (as: Person, filter: Record<string, unknown> = {}) => (await log(as, filter)).map(({ action }) => action);

test('the committee reads all of the network, newest first, each entry chained to the one before', async () => {
  const entries = await log(world.committee);
  expect(entries.map(({ action }) => action)).toEqual([
    ...['contract.activate', 'contract.sign', 'contract.sign', 'contract.propose', 'contract.draft'].filter((action) => entries.some((entry) => entry.action === action)),
    'resource.create', 'resource.share', 'resource.create',
  ]);
  entries.forEach(({ hash, previousHash }, index) => {
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(previousHash).toBe(entries[index + 1]?.hash ?? null);
  });
  expect(entries.find(({ action }) => action === 'resource.share')).toMatchObject({
    at: '2026-06-10T02:01:00.000Z',
    summary: 'Changed how far a resource is shared',
    actor: { organization: { name: 'Alpha' } },
    subject: { __typename: 'Resource', id: hall },
    changes: [{ field: 'sharing', before: '"CONTRACT"', after: '"NETWORK"' }],
  });
});

test('administrators read what concerns their organization, nobody else may ask', async () => {
  expect(await actions(world.ada)).toEqual((await actions(world.committee)).filter((_, index, all) => index !== all.length - 3));
  expect((await log(world.ben)).map(({ subject }) => subject?.id)).toEqual(expect.arrayContaining([secret, contract]));
  expect(await actions(world.ben)).not.toContain('resource.share');
  expect(await actions(world.otto)).toEqual([]);
  for (const [as, code] of [[world.bea, 'FORBIDDEN'], [null, 'UNAUTHENTICATED']] as const) {
    const { data, errors } = await api.ask(LOG, {}, as);
    expect([data ?? null, errors!.map(({ extensions }) => extensions.code)]).toEqual([null, [code]]);
  }
  expect(await actions(elsewhere.committee)).toEqual(['resource.create']);
});

test('a subject or an actor whom the reader may not see is not shown', async () => {
  const [entry] = await log(world.committee, { subject: secret });
  expect(entry).toMatchObject({ action: 'resource.create', subject: null, actor: { organization: { name: 'Beta' } } });
  expect(entry!.actor.displayName).toMatch(/^Person \d+$/);
  const signed = await log(world.ada, { subject: contract, action: 'contract.sign' });
  expect(signed.map(({ actor }) => [actor.displayName, actor.organization!.name])).toEqual(
    expect.arrayContaining([['(not shown)', 'Beta'], [expect.stringMatching(/^Person \d+$/), 'Alpha']]),
  );
});

test('an entry is a node for those who may read it', async () => {
  const [entry] = await log(world.committee, { subject: secret });
  const QUERY = 'query ($id: ID!) { node(id: $id) { __typename ... on AuditEntry { action hash } } }';
  expect((await api.must(QUERY, { id: entry!.id }, world.ben)).node).toEqual({ __typename: 'AuditEntry', action: 'resource.create', hash: entry!.hash });
  for (const as of [world.ada, world.bea, world.otto, elsewhere.committee, null]) expect((await api.must(QUERY, { id: entry!.id }, as)).node).toBeNull();
});

test('filters', async () => {
  const { committee } = world;
  expect(await actions(committee, { subject: hall })).toEqual(['resource.share', 'resource.create']);
  expect(await actions(committee, { action: 'resource.create' })).toEqual(['resource.create', 'resource.create']);
  expect(await actions(committee, { action: `' OR 1=1` })).toEqual([]);
  expect((await log(committee, { organization: world.b.globalId })).map(({ subject }) => subject?.id)).toEqual(expect.arrayContaining([contract]));
  expect(await actions(committee, { organization: world.b.globalId, action: 'resource.share' })).toEqual([]);
  expect(await actions(committee, { from: '2026-06-10T02:01:00Z', to: '2026-06-10T02:02:00Z' })).toEqual(['resource.share']);
  expect(await actions(committee, { from: '2026-06-10T02:01:00Z', to: '2026-06-10T02:01:00Z' })).toEqual([]);
  expect(await actions(committee, { to: '1969-12-31T00:00:00Z' })).toEqual([]);
  expect(await actions(committee, { from: '9999-12-31T00:00:00Z' })).toEqual([]);
  expect(await actions(world.ada, { subject: secret })).toEqual([]);
  expect(await actions(committee, { subject: hall.replace(/^./, (c) => c) , organization: elsewhere.a.globalId })).toEqual([]);
  for (const filter of [{ subject: 'x' }, { organization: hall }, { organization: '' }]) {
    expect((await api.ask(LOG, { filter }, committee)).errors!.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
  }
});

test('pages', async () => {
  const all = (await log(world.committee)).map(({ id }) => id);
  const got: string[] = [];
  let after: string | null = null;
  for (;;) {
    const { auditLog }: Record<string, any> = await api.must(LOG, { first: 3, after }, world.committee);
    got.push(...auditLog.nodes.map(({ id }: { id: string }) => id));
    if (!auditLog.pageInfo.hasNextPage) break;
    after = auditLog.pageInfo.endCursor as string;
  }
  expect(got).toEqual(all);
});

test('summaries are in the language of the reader', async () => {
  expect((await log(world.committee, { subject: hall }, { 'accept-language': 'zh-CN' })).map(({ summary }) => summary)).toEqual(['变更资源共享范围', '添加资源']);
});

test('every action that was logged has words', async () => {
  const logged = await api.database.sql<{ action: string }>('SELECT DISTINCT action FROM audit_entries');
  for (const { action } of logged) expect(Object.keys(messages)).toContain(`audit.${action}`);
});
