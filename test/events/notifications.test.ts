import { Agreements } from '../contracts/agreements';
import { TestApi } from '../support/api';
import { PASSWORD, type Person } from '../support/world';

let api: TestApi;
let world: Agreements;
let anna: Person;
let carl: Person;
const names = new Map<string, string>();

/** What people were told since the last time: the notice, and the names of whom. */
async function heard(): Promise<Record<string, string[]>> {
  await api.settled();
  const rows = await api.database.sql<{ notice: string; userId: string }>(
    `WITH told AS (SELECT id FROM notifications WHERE NOT id = ANY (SELECT id FROM seen)), noted AS (INSERT INTO seen SELECT id FROM told)
     SELECT n.notice, n.user_id AS "userId" FROM notifications n JOIN told USING (id)`,
  );
  const told: Record<string, string[]> = {};
  for (const { notice, userId } of rows) (told[notice] ??= []).push(names.get(userId) ?? 'somebody');
  return Object.fromEntries(Object.entries(told).map(([notice, who]) => [notice, who.sort()]));
}

const NOTIFICATIONS = `query ($unreadOnly: Boolean, $first: Int, $after: String) { viewer { notifications(first: $first, after: $after, unreadOnly: $unreadOnly) { totalCount
  pageInfo { hasNextPage endCursor } nodes { id kind title body subject { __typename id } createdAt readAt } } } }`;
const read = async (as: Person | null, variables: Record<string, unknown> = {}, language = 'en') =>
  (await api.must(NOTIFICATIONS, variables, as, { 'accept-language': language })).viewer.notifications;
const latest = async (as: Person, language = 'en') => (await read(as, { first: 1 }, language)).nodes[0];

beforeAll(async () => {
  api = await TestApi.start();
  world = await Agreements.begin(api);
  anna = await api.world.person(world.a, 'STAFF');
  carl = await api.world.person(world.hub, 'STAFF');
  const vera = await api.world.person(world.a, 'VOLUNTEER');
  const people = { ada: world.ada, anna, ben: world.ben, bea: world.bea, otto: world.otto, carl, committee: world.committee, vera };
  for (const [name, { userId }] of Object.entries(people)) names.set(userId, name);
  await api.database.sql('CREATE TABLE seen (id uuid)');
  api.clock.set('2026-03-10T02:00:00Z');
  api.work();
});
afterAll(() => api.stop());

describe('of a contract', () => {
  test('tell the parties of each step, but not who took it', async () => {
    const draft = await world.draft();
    expect(await heard()).toEqual({ 'contract.draft': ['anna'] });
    const edited = await world.done('updateContract', { id: draft.id, version: draft.version, title: 'A better agreement' }, world.ada);
    expect(await heard()).toEqual({ 'contract.update': ['anna'] });
    const proposed = await world.done('proposeContract', { id: edited.id, version: edited.version }, world.ada);
    expect(await heard()).toEqual({ 'contract.propose': ['anna', 'bea', 'ben'] });
    expect(await latest(world.ben)).toEqual({
      id: expect.any(String), kind: 'CONTRACT', title: 'A contract waits for your signature',
      body: `Alpha proposed the contract “A better agreement” (${draft.number}). Read it, then sign or reject it.`,
      subject: { __typename: 'Contract', id: draft.id }, createdAt: '2026-03-10T02:00:00.000Z', readAt: null,
    });
    expect(await latest(world.ben, 'zh-CN')).toMatchObject({ title: '契约待签署', body: `Alpha提出了契约“A better agreement”（${draft.number}）。请阅读，然后签署或拒绝。` });

    await world.sign(proposed, world.ada);
    expect(await heard()).toEqual({ 'contract.sign': ['anna', 'bea', 'ben'] });
    const reopened = await world.done('updateContract', { id: draft.id, version: proposed.version + 1, title: 'The best agreement' }, world.ben);
    expect(await heard()).toEqual({ 'contract.reopen': ['ada', 'anna', 'bea'] });
    await world.sign(reopened, world.ada);
    const signed = await world.sign(reopened, world.ben);
    expect(signed.status).toBe('ACTIVE');
    expect(await heard()).toEqual({
      'contract.sign': ['anna', 'bea', 'ben'], 'contract.conclude': ['ada', 'anna', 'bea'], 'contract.activate': ['ada', 'anna', 'bea'],
    });
    const suspended = await world.done('suspendContract', { id: signed.id, version: signed.version, note: 'Zhang San fell ill' }, world.committee);
    expect(await heard()).toEqual({ 'contract.suspend': ['ada', 'anna', 'bea', 'ben'] });
    // A note may name people: it stays in the history.
    expect(JSON.stringify(await api.database.sql('SELECT * FROM events')) + JSON.stringify(await api.database.sql('SELECT * FROM notifications'))).not.toContain('Zhang');
    expect((await latest(world.ben)).body).toContain(world.hub.name);
    const resumed = await world.done('resumeContract', { id: signed.id, version: suspended.version }, world.committee);
    expect(await heard()).toEqual({ 'contract.resume': ['ada', 'anna', 'bea', 'ben'] });
    const amendment = await world.done('amendContract', { id: signed.id, version: resumed.version, term: { from: '2026-06-01', to: '2026-12-31' } }, world.ben);
    expect(await heard()).toEqual({ 'contract.amend': ['bea'] });
    const offered = await world.done('proposeContract', { id: amendment.id, version: amendment.version }, world.ben);
    await world.sign(offered, world.ben);
    const concluded = await world.sign(offered, world.ada);
    expect(await heard()).toMatchObject({ 'contract.supersede': ['anna', 'bea', 'ben'], 'contract.conclude': ['anna', 'bea', 'ben'] });
    await world.done('terminateContract', { id: amendment.id, version: concluded.version }, world.ben);
    expect(await heard()).toEqual({ 'contract.terminate': ['ada', 'anna', 'bea'], 'contract.restore': ['ada', 'anna', 'bea'] });
  });

  test('tell of what came to nothing', async () => {
    const rejected = await world.proposed();
    await heard();
    await world.done('rejectContract', { id: rejected.id, version: rejected.version }, world.ben);
    expect(await heard()).toEqual({ 'contract.reject': ['ada', 'anna', 'bea'] });
    const withdrawn = await world.proposed();
    await heard();
    await world.done('withdrawContract', { id: withdrawn.id, version: withdrawn.version }, world.ada);
    expect(await heard()).toEqual({ 'contract.withdraw': ['anna', 'bea', 'ben'] });
  });

  test('tell everybody of what the calendar did, and the hub of its own', async () => {
    const { recordDueContracts } = await import('../../src/domain/contracts/service');
    const hubs = await world.proposed({ parties: [world.a.globalId, world.hub.globalId], term: { from: '2026-03-20', to: '2026-03-25' } });
    expect(await heard()).toMatchObject({ 'contract.propose': ['anna', 'carl', 'committee'] });
    await world.sign(hubs, world.committee);
    await world.sign(hubs, world.ada);
    await heard();
    api.clock.set('2026-03-21T02:00:00Z');
    await recordDueContracts(api.app.platform);
    expect(await heard()).toEqual({ 'contract.activate': ['ada', 'anna', 'carl', 'committee'] });
    api.clock.set('2026-03-26T02:00:00Z');
    await recordDueContracts(api.app.platform);
    expect(await heard()).toEqual({ 'contract.expire': ['ada', 'anna', 'carl', 'committee'] });
    expect((await latest(carl)).createdAt).toBe('2026-03-26T02:00:00.000Z');
  });
});

describe('of a resource', () => {
  test('tell its owner, and those to whom contracts grant it when it is to be had no longer', async () => {
    const { resource } = await api.done('createResource', { name: 'Hall', kind: 'VENUE', sharing: 'CONTRACT' }, world.ada, 'resource { id version }');
    expect(await heard()).toEqual({ 'resource.create': ['anna'] });
    await world.concluded({ clauses: [world.grant(world.a, [resource.id], [world.b])] });
    await heard();
    const version = async () => (await api.must('query ($id: ID!) { node(id: $id) { ... on Resource { version } } }', { id: resource.id }, world.ada)).node.version;
    await api.done('updateResource', { id: resource.id, version: await version(), description: 'Large' }, anna);
    expect(await heard()).toEqual({ 'resource.update': ['ada'] });
    await api.done('updateResource', { id: resource.id, version: await version(), status: 'OUT_OF_SERVICE' }, anna);
    expect(await heard()).toEqual({ 'resource.withdraw': ['ada', 'bea', 'ben'] });
    expect((await latest(world.bea)).subject).toEqual({ __typename: 'Resource', id: resource.id });
    await api.done('updateResource', { id: resource.id, version: await version(), status: 'AVAILABLE' }, anna);
    expect(await heard()).toEqual({ 'resource.return': ['ada', 'bea', 'ben'] });
    await api.done('shareResource', { id: resource.id, version: await version(), sharing: 'NETWORK' }, world.ada);
    expect(await heard()).toEqual({ 'resource.share': ['anna'] });
    expect((await latest(anna)).body).toBe('Alpha now shares the resource “Hall” with: the network. Look whether that is right.');
    expect((await latest(anna, 'zh-CN')).body).toBe('Alpha将资源“Hall”的共享范围改为：全网络。请核对是否正确。');
    const other = await api.done('createResource', { name: 'DRAFT $t(RETIRED) {{by}}', kind: 'VENUE' }, world.ada, 'resource { id version }');
    await api.done('retireResource', { id: other.resource.id, version: other.resource.version }, world.ada);
    expect(await heard()).toEqual({ 'resource.create': ['anna'], 'resource.retire': ['anna'] });
    // A name is what somebody gave, whatever it looks like.
    expect((await latest(anna)).body).toContain('“DRAFT $t(RETIRED) {{by}}”');
  });
});

describe('of the network', () => {
  test('tell the committee and whom it concerns of organizations', async () => {
    const applied = await api.done(
      'applyToJoin',
      { organization: { name: 'Flower Shop', kind: 'BUSINESS' }, applicant: { displayName: 'Flora', email: 'flora@example.org', password: PASSWORD } },
      null,
      'organization { id version }',
    );
    const flora: Person = { ...world.ada, identifier: 'flora@example.org', password: PASSWORD };
    const [{ id: floraId }] = (await api.database.sql(`SELECT id FROM users WHERE email = 'flora@example.org'`)) as [{ id: string }];
    names.set(floraId, 'flora');
    expect(await heard()).toEqual({ 'organization.apply': ['carl', 'committee'] });
    const { organization } = await api.done('approveOrganization', applied.organization, world.committee, 'organization { id version }');
    expect(await heard()).toEqual({ 'organization.approve': ['carl', 'flora'] });
    const suspended = await api.done('suspendOrganization', organization, world.committee, 'organization { id version }');
    expect(await heard()).toEqual({ 'organization.suspend': ['carl', 'flora'] });
    // A suspended organization's people read theirs, and may say that they have.
    expect(await latest(flora)).toMatchObject({ kind: 'SYSTEM', title: 'An organization was suspended', subject: { __typename: 'Organization' } });
    expect((await api.mutate('markNotificationsRead', {}, flora)).userErrors).toEqual([]);
    const reinstated = await api.done('reinstateOrganization', suspended.organization, world.committee, 'organization { id version }');
    expect(await heard()).toEqual({ 'organization.reinstate': ['carl', 'flora'] });
    const updated = await api.done('updateOrganization', { ...reinstated.organization, introduction: 'Flowers' }, world.committee, 'organization { id version }');
    expect(await heard()).toEqual({ 'organization.update': ['flora'] });

    const { invitationCode } = await api.done('inviteMember', { organization: organization.id, displayName: 'Finn', role: 'STAFF', email: 'finn@example.org' }, flora, 'invitationCode');
    await api.done('acceptInvitation', { code: invitationCode, password: PASSWORD }, null);
    const [{ id: finnId }] = (await api.database.sql(`SELECT id FROM users WHERE email = 'finn@example.org'`)) as [{ id: string }];
    names.set(finnId, 'finn');
    expect(await heard()).toMatchObject({ 'member.accept': ['flora'] });
    await api.done('leaveNetwork', updated.organization, flora);
    expect(await heard()).toEqual({ 'organization.leave': ['carl', 'committee', 'finn'] });
    const rejected = await api.done(
      'applyToJoin',
      { organization: { name: 'Tree Shop', kind: 'BUSINESS' }, applicant: { displayName: 'Tom', email: 'tom@example.org', password: PASSWORD } },
      null,
      'organization { id version }',
    );
    await api.done('rejectOrganization', rejected.organization, world.committee);
    expect(await heard()).toEqual({ 'organization.apply': ['carl', 'committee'], 'organization.reject': ['carl', 'somebody'] });
  });

  test('tell partners by contract when an organization is suspended', async () => {
    await world.concluded();
    await heard();
    const { organizations } = await api.must('{ organizations(filter: { text: "Beta" }) { nodes { id version } } }', {}, world.committee);
    const { organization } = await api.done('suspendOrganization', organizations.nodes[0], world.committee, 'organization { id version }');
    expect(await heard()).toEqual({ 'organization.suspend': ['ada', 'anna', 'bea', 'ben', 'carl'] });
    await api.done('reinstateOrganization', organization, world.committee);
    await heard();
  });

  test('tell members of each other, by the names of now', async () => {
    const { invitationCode, membership } = await api.done(
      'inviteMember', { organization: world.a.globalId, displayName: 'Newcomer', role: 'STAFF', email: 'nora@example.org' }, world.ada, 'invitationCode membership { id }',
    );
    expect(await heard()).toEqual({ 'member.invite': ['anna'] });
    expect((await latest(anna)).body).toContain('Newcomer to “Alpha” (staff)');
    await api.done('acceptInvitation', { code: invitationCode, password: PASSWORD, displayName: 'Nora' }, null);
    const [{ id }] = (await api.database.sql(`SELECT id FROM users WHERE email = 'nora@example.org'`)) as [{ id: string }];
    names.set(id, 'nora');
    expect(await heard()).toEqual({ 'member.accept': ['ada', 'anna'] });
    expect(await latest(anna)).toMatchObject({ body: 'Nora accepted the invitation and is now a member of “Alpha”. Show them what there is to do.', subject: { __typename: 'Membership', id: membership.id } });
    const { membership: promoted } = await api.done('changeMemberRole', { id: membership.id, version: 2, role: 'ADMIN' }, world.ada, 'membership { id version }');
    expect(await heard()).toEqual({ 'member.role': ['anna', 'nora'] });
    expect((await latest(anna, 'zh-CN')).body).toContain('角色改为：管理员');
    const { membership: paused } = await api.done('suspendMembership', promoted, world.ada, 'membership { id version }');
    expect(await heard()).toEqual({ 'member.suspend': ['anna', 'nora'] });
    const { membership: back } = await api.done('reinstateMembership', paused, world.ada, 'membership { id version }');
    expect(await heard()).toEqual({ 'member.reinstate': ['anna', 'nora'] });
    await api.done('endMembership', back, world.ada);
    expect(await heard()).toEqual({ 'member.end': ['anna', 'nora'] });
    // Who is gone from the organization is not named to it any more; nor is any name in what was written.
    expect((await latest(anna)).body).toContain('(not shown)');
    expect(JSON.stringify(await api.database.sql('SELECT data, refs FROM events')) + JSON.stringify(await api.database.sql('SELECT data, refs FROM notifications'))).not.toMatch(/Nora|Newcomer/);
  });

  test('tell of positions', async () => {
    const { position } = await api.done('createPosition', { organization: world.a.globalId, name: 'Corner' }, world.ada, 'position { id version }');
    expect(await heard()).toEqual({ 'position.create': ['anna', 'carl', 'committee'] });
    await api.done('updatePosition', { ...position, address: 'Somewhere' }, world.committee);
    expect(await heard()).toEqual({ 'position.update': ['ada', 'anna'] });
  });
});

describe('in the list', () => {
  test('are read and unread, paged, newest first, and one’s own alone', async () => {
    await heard();
    const all = await read(anna, { first: 100 });
    expect(all.totalCount).toBe(all.nodes.length);
    expect(all.totalCount).toBeGreaterThan(10);
    const paged: string[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const page: Record<string, any> = await read(anna, { first: 3, after });
      paged.push(...page.nodes.map(({ id }: { id: string }) => id));
      ({ endCursor: after, hasNextPage: more } = page.pageInfo);
    }
    expect(paged).toEqual(all.nodes.map(({ id }: { id: string }) => id));
    const [first, second] = all.nodes;
    const marked = await api.done('markNotificationsRead', { notifications: [first.id, second.id] }, anna, 'notifications { id readAt } viewer { notifications(unreadOnly: true) { totalCount } }');
    expect(marked.notifications.map(({ id }: { id: string }) => id)).toEqual([first.id, second.id]);
    expect(marked.notifications[0].readAt).toBe('2026-03-26T02:00:00.000Z');
    expect(marked.viewer.notifications.totalCount).toBe(all.totalCount - 2);
    // Once more changes nothing.
    api.clock.set('2026-03-27T02:00:00Z');
    expect((await api.done('markNotificationsRead', { notifications: [first.id] }, anna, 'notifications { readAt }')).notifications[0].readAt).toBe('2026-03-26T02:00:00.000Z');

    const others = await latest(world.ben);
    expect(await api.must('query ($id: ID!) { node(id: $id) { id } }', { id: others.id }, anna)).toEqual({ node: null });
    expect((await api.mutate('markNotificationsRead', { notifications: [first.id, others.id] }, anna)).userErrors).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'notifications', '1'] }]);
    expect((await api.mutate('markNotificationsRead', { notifications: ['nonsense'] }, anna)).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    expect((await latest(world.ben)).readAt).toBeNull();
    expect(await api.must('query ($id: ID!) { node(id: $id) { ... on Notification { readAt } } }', { id: first.id }, anna)).toEqual({ node: { readAt: '2026-03-26T02:00:00.000Z' } });
    await api.done('markNotificationsRead', {}, anna);
    expect(await read(anna, { unreadOnly: true })).toMatchObject({ totalCount: 0, nodes: [] });
    expect((await read(world.ben, { unreadOnly: true })).totalCount).toBeGreaterThan(0);
  });

  test('are none for nobody known, and none of another network', async () => {
    expect(await read(null)).toMatchObject({ totalCount: 0, nodes: [] });
    expect((await api.ask('mutation { markNotificationsRead(input: {}) { userErrors { code } } }', {}, null)).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    const other = await api.world.found();
    const also = await api.world.join(anna, await api.world.organization(other.network), 'STAFF');
    const token = (await api.must(
      'mutation ($input: ActAsInput!) { actAs(input: $input) { session { accessToken } } }', { input: { membership: also.membershipGlobalId } }, (await api.signIn(anna)).accessToken,
    )).actAs.session.accessToken;
    expect((await api.must(NOTIFICATIONS, {}, token)).viewer.notifications.totalCount).toBe(0);
    expect((await read(anna)).totalCount).toBeGreaterThan(0);
  });
});
