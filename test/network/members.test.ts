import { TestApi } from '../support/api';
import { PASSWORD, type Founded, type Person, type TestOrganization } from '../support/world';

let api: TestApi;
let founded: Founded;
let university: TestOrganization;
let admin: Person;

beforeAll(async () => {
  api = await TestApi.start();
  founded = await api.world.found();
  university = await api.world.organization(founded.network, { name: 'University' });
  admin = await api.world.person(university, 'ADMIN', 'Ada');
});
afterAll(() => api.stop());

const invite = (input: Record<string, unknown>, as: Person = admin) =>
  api.mutate('inviteMember', { organization: university.globalId, displayName: 'Newcomer', role: 'STAFF', ...input }, as, 'invitationCode membership { id status role version user { displayName contact { email phone } } }');
const accept = (input: Record<string, unknown>, as: Person | null = null) => api.mutate('acceptInvitation', input, as, 'membership { id status }');

describe('an invitation', () => {
  test('makes a new person a member, once, by its code', async () => {
    const { invitationCode, membership, userErrors } = await invite({ email: 'New@Example.org' });
    expect(userErrors).toEqual([]);
    expect(membership).toMatchObject({ status: 'INVITED', role: 'STAFF', user: { displayName: 'Newcomer', contact: { email: null, phone: null } } });
    expect((await accept({ code: invitationCode })).userErrors).toMatchObject([{ code: 'INVALID', path: ['input', 'password'] }]);
    expect((await accept({ code: invitationCode, password: PASSWORD, displayName: 'Nora' })).userErrors).toEqual([]);
    expect((await accept({ code: invitationCode, password: PASSWORD })).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    const nora: Person = { ...admin, identifier: 'new@example.org', password: PASSWORD };
    expect((await api.must('{ viewer { user { displayName contact { email } } membership { id role status } } }', {}, nora)).viewer).toEqual({
      user: { displayName: 'Nora', contact: { email: 'new@example.org' } },
      membership: { id: membership.id, role: 'STAFF', status: 'ACTIVE' },
    });
  });

  test('adds a membership to a person who has an account, once signed in', async () => {
    const member = await api.world.person(founded.hub, 'STAFF');
    const { invitationCode } = await invite({ email: member.identifier });
    expect((await accept({ code: invitationCode, password: PASSWORD })).userErrors).toMatchObject([{ code: 'DUPLICATE' }]);
    expect((await accept({ code: invitationCode }, member)).userErrors).toEqual([]);
    expect((await api.must('{ viewer { memberships { organization { name } role } } }', {}, member)).viewer.memberships).toHaveLength(2);
    expect((await invite({ email: member.identifier })).userErrors).toMatchObject([{ code: 'DUPLICATE' }]);
  });

  test('tells nothing of whether the address has an account elsewhere', async () => {
    const stranger = await api.world.person(await api.world.organization(founded.network), 'STAFF', 'Stranger');
    const { membership } = await invite({ email: stranger.identifier });
    expect(membership.user).toEqual({ displayName: 'Newcomer', contact: { email: null, phone: null } });
  });

  test('of COMMITTEE is given by the committee in the hub alone', async () => {
    expect((await invite({ email: 'c1@example.org', role: 'COMMITTEE' })).userErrors).toMatchObject([{ code: 'NOT_ALLOWED', path: ['input', 'role'] }]);
    expect((await invite({ email: 'c2@example.org', role: 'COMMITTEE' }, founded.committee)).userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
    expect((await invite({ organization: founded.hub.globalId, email: 'c3@example.org', role: 'COMMITTEE' }, founded.committee)).userErrors).toEqual([]);
    expect((await invite({ organization: founded.hub.globalId, email: 'c4@example.org' })).userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
  });

  test('expires, and needs an address', async () => {
    const { invitationCode } = await invite({ phone: '+8613800001234' });
    await api.database.sql(`UPDATE invitations SET expires_at = now() - interval '1 second'`);
    expect((await accept({ code: invitationCode, password: PASSWORD })).userErrors).toMatchObject([{ code: 'TOO_LATE' }]);
    expect((await invite({})).userErrors).toMatchObject([{ code: 'INVALID', path: ['input', 'email'] }]);
  });

  test('repeated with its key invites once, also at the same instant; with another input it is refused', async () => {
    const input = { email: 'once@example.org', idempotencyKey: 'invite-once' };
    const answers = await Promise.all(Array.from({ length: 4 }, () => invite(input)));
    expect(answers.map(({ userErrors }) => userErrors)).toEqual([[], [], [], []]);
    expect(new Set(answers.map(({ invitationCode, membership }) => `${invitationCode} ${membership.id}`)).size).toBe(1);
    expect((await invite({ ...input, email: 'other@example.org' })).userErrors).toMatchObject([{ code: 'IDEMPOTENCY_MISMATCH', path: ['input', 'idempotencyKey'] }]);
    expect((await invite({ ...input, email: 'committee-key@example.org' }, founded.committee)).userErrors).toEqual([]);
  });
});

describe('a member', () => {
  const version = async (person: Person) => (await api.database.sql<{ version: number }>('SELECT version FROM memberships WHERE id = $1', [person.membershipId]))[0]!.version;
  const change = async (verb: string, person: Person, more: Record<string, unknown> = {}, as: Person = admin) =>
    api.mutate(verb, { id: person.membershipGlobalId, version: await version(person), ...more }, as, 'membership { role status organization { name } }');

  test('is seen with contact by own staff and the committee, not by others', async () => {
    const [staff, volunteer, outsider] = await Promise.all([
      api.world.person(university, 'STAFF'),
      api.world.person(university, 'VOLUNTEER'),
      api.world.person(await api.world.organization(founded.network), 'ADMIN'),
    ]);
    const MEMBERS = 'query ($id: ID!) { node(id: $id) { ... on Organization { members(first: 100) { totalCount nodes { user { displayName contact { email } } } } } } }';
    const members = async (as: Person | null) => (await api.must(MEMBERS, { id: university.globalId }, as)).node.members;
    for (const as of [admin, staff, founded.committee]) {
      const { totalCount, nodes } = await members(as);
      expect(nodes).toHaveLength(totalCount);
      expect(nodes.map((node: { user: { contact: { email: string } } }) => node.user.contact.email)).toContain(admin.identifier);
    }
    for (const as of [volunteer, outsider, null]) expect(await members(as)).toBeNull();
    expect((await api.must('query ($id: ID!) { node(id: $id) { id } }', { id: admin.membershipGlobalId }, outsider)).node).toBeNull();
  });

  test('who is the last in charge stays in charge, also when two go at the same instant', async () => {
    const organization = await api.world.organization(founded.network);
    const [first, second] = [await api.world.person(organization, 'ADMIN'), await api.world.person(organization, 'ADMIN')];
    const results = await Promise.all([change('endMembership', first, {}, second), change('endMembership', second, {}, first)].map((result) => result.catch(() => ({ userErrors: [{ code: 'UNAUTHENTICATED' }] }))));
    expect(results.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1);
    const [left] = await api.database.sql<{ count: number }>(`SELECT count(*)::int AS count FROM memberships WHERE organization_id = $1 AND status = 'ACTIVE'`, [organization.id]);
    expect(left!.count).toBe(1);
  });

  test('who ends the own membership still gets an answer', async () => {
    const colleague = await api.world.person(university, 'ADMIN');
    expect(await change('endMembership', colleague, {}, colleague)).toMatchObject({ membership: { status: 'ENDED', organization: { name: 'University' } }, userErrors: [] });
  });

  test('changes role within what the changer may give', async () => {
    const staff = await api.world.person(university, 'STAFF');
    expect(await change('changeMemberRole', staff, { role: 'ADMIN' })).toMatchObject({ membership: { role: 'ADMIN' } });
    expect((await change('changeMemberRole', staff, { role: 'COMMITTEE' })).userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
    expect((await change('suspendMembership', founded.committee, {})).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    expect((await change('reinstateMembership', staff, {})).userErrors).toMatchObject([{ code: 'WRONG_STATE' }]);
  });
});

describe('the network', () => {
  test('has one hub position and many micro-positions, seen by everybody', async () => {
    const second = await api.mutate('createPosition', { organization: founded.hub.globalId, name: 'Second', kind: 'HUB' }, founded.committee);
    expect(second.userErrors).toMatchObject([{ code: 'CONFLICT', path: ['input', 'kind'] }]);
    expect((await api.mutate('createPosition', { organization: university.globalId, name: 'Mine', kind: 'HUB' }, admin)).userErrors).toMatchObject([{ code: 'CONFLICT' }]);
    const { position } = await api.done(
      'createPosition',
      { organization: university.globalId, name: '微阵地', address: 'Road 1', location: { latitude: 31.8, longitude: 104.4 }, openingHours: [{ weekday: 1, opens: '08:00', closes: '24:00' }] },
      admin, 'position { id version kind location { latitude } openingHours { weekday opens closes } organization { name } }',
    );
    expect(position).toMatchObject({ version: 1, kind: 'MICRO', location: { latitude: 31.8 }, openingHours: [{ weekday: 1, opens: '08:00', closes: '24:00' }], organization: { name: 'University' } });
    for (const bad of [[{ weekday: 8, opens: '08:00', closes: '09:00' }], [{ weekday: 1, opens: '09:00', closes: '08:00' }], [{ weekday: 1, opens: '08:00', closes: '10:00' }, { weekday: 1, opens: '09:00', closes: '11:00' }]]) {
      expect((await api.mutate('updatePosition', { id: position.id, version: 1, openingHours: bad }, admin)).userErrors[0]).toMatchObject({ code: 'INVALID' });
    }
    expect((await api.mutate('updatePosition', { id: position.id, version: 1, location: { latitude: 91, longitude: 0 } }, admin)).userErrors).toMatchObject([{ code: 'INVALID', path: ['input', 'location'] }]);
    expect((await api.done('updatePosition', { id: position.id, version: 1, location: null }, admin, 'position { version location { latitude } }')).position).toEqual({ version: 2, location: null });
    const { network } = await api.must('{ network { hub { name organization { name } } positions(kind: MICRO) { totalCount nodes { name } } } }');
    expect(network).toEqual({ hub: { name: `Youth Home of ${founded.network.code}`, organization: { name: founded.hub.name } }, positions: { totalCount: 1, nodes: [{ name: '微阵地' }] } });
  });

  test('is another one by the X-Network header; an unknown one is said to be so', async () => {
    const other = await api.world.found('other');
    expect((await api.must('{ network { code } organizations { totalCount } }', {}, null, { 'x-network': 'other' }))).toEqual({ network: { code: 'other' }, organizations: { totalCount: 1 } });
    const unknown = await api.ask('{ network { code } }', {}, null, { 'x-network': 'nowhere' });
    expect(unknown.errors![0]!.extensions.code).toBe('BAD_USER_INPUT');
    // What is of one network is not there in another, for whoever asks.
    const NODE = 'query ($id: ID!) { node(id: $id) { id } }';
    for (const as of [admin, founded.committee, null]) expect((await api.must(NODE, { id: other.hub.globalId }, as)).node).toBeNull();
    expect((await api.must('{ network { code } }', {}, admin, { 'x-network': 'other' })).network.code).toBe(founded.network.code);
  });

  test('shows a page of each organization at once, limited for each', async () => {
    for (let i = 0; i < 3; i += 1) await api.world.person(university, 'VOLUNTEER');
    const { organizations } = await api.must('{ organizations { nodes { name members(first: 2) { nodes { id } pageInfo { hasNextPage endCursor } totalCount } } } }', {}, founded.committee);
    const shown = organizations.nodes.find(({ name }: { name: string }) => name === 'University').members;
    expect(shown.nodes).toHaveLength(2);
    expect(shown.totalCount).toBeGreaterThan(4);
    const NEXT = 'query ($id: ID!, $after: String) { node(id: $id) { ... on Organization { members(first: 2, after: $after) { nodes { id } pageInfo { hasPreviousPage } } } } }';
    const next = (await api.must(NEXT, { id: university.globalId, after: shown.pageInfo.endCursor }, founded.committee)).node.members;
    expect(next.pageInfo.hasPreviousPage).toBe(true);
    expect(next.nodes.map(({ id }: { id: string }) => id)).not.toEqual(expect.arrayContaining([shown.nodes[0].id]));
  });
});
