import { TestApi } from '../support/api';
import { PASSWORD, type Founded, type Person, type TestOrganization } from '../support/world';

let api: TestApi;
let founded: Founded;
let committee: Person;
let university: TestOrganization;
let admin: Person;

beforeAll(async () => {
  api = await TestApi.start();
  founded = await api.world.found();
  committee = founded.committee;
  university = await api.world.organization(founded.network, { name: 'University' });
  admin = await api.world.person(university, 'ADMIN');
});
afterAll(() => api.stop());

const CODES = ['91350100M000100Y43', '11510726EXAMPL0124', '12510726EXAMPL020U'];
const ORGANIZATION = 'organization { id status version viewerCan history { from to note by { displayName organization { name } } } }';
const apply = (name: string, more: Record<string, unknown> = {}, email = `${name.replaceAll(' ', '-').toLowerCase()}@example.org`) =>
  api.mutate(
    'applyToJoin',
    { organization: { name, kind: 'BUSINESS', ...more }, applicant: { displayName: 'Applicant', email, password: PASSWORD } },
    null,
    'organization { id }',
  );
const asApplicant = (name: string): Person => ({ ...admin, identifier: `${name.replaceAll(' ', '-').toLowerCase()}@example.org`, password: PASSWORD });
const read = async (id: string, as: Person | null = committee) =>
  (await api.must(`query ($id: ID!) { node(id: $id) { ... on Organization { id name status version viewerCan contact { email } members { totalCount } positions { name } history { to } } } }`, { id }, as)).node;
const find = async (name: string): Promise<{ id: string; version: number; status: string }> => {
  const { organizations } = await api.must('query ($text: String) { organizations(filter: { text: $text }) { nodes { id name version status } } }', { text: name }, committee);
  return organizations.nodes.find((node: { name: string }) => node.name === name);
};
const move = (verb: string, { id, version }: { id: string; version: number }, as: Person, note?: string) => api.mutate(verb, { id, version, note }, as, ORGANIZATION);

describe('an application', () => {
  test('is seen by the committee and the applicant alone until it is approved', async () => {
    await apply('Flower Shop', { unifiedSocialCreditCode: CODES[0], introduction: 'Flowers.', contact: { person: 'Flora', email: 'flora@example.org' } });
    const applied = await find('Flower Shop');
    expect(applied.status).toBe('APPLIED');
    expect(await read(applied.id, admin)).toBeNull();
    expect(await read(applied.id, null)).toBeNull();
    const applicant = asApplicant('Flower Shop');
    expect(await read(applied.id, applicant)).toMatchObject({ status: 'APPLIED', viewerCan: [], contact: { email: 'flora@example.org' } });
    // Until then it changes nothing.
    expect((await api.mutate('createPosition', { organization: applied.id, name: 'Stall' }, applicant)).userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);

    expect((await api.ask('mutation ($input: OrganizationNoteInput!) { approveOrganization(input: $input) { userErrors { code } } }', { input: applied }, admin)).errors).toBeDefined();
    const approved = await move('approveOrganization', applied, committee, 'Welcome');
    expect(approved.userErrors).toEqual([]);
    expect(approved.organization.history).toEqual([
      { from: null, to: 'APPLIED', note: null, by: { displayName: 'Applicant', organization: null } },
      { from: 'APPLIED', to: 'ACTIVE', note: 'Welcome', by: { displayName: expect.any(String), organization: { name: founded.hub.name } } },
    ]);
    expect(await read(applied.id, admin)).toMatchObject({ name: 'Flower Shop', status: 'ACTIVE', contact: null, members: null, history: [] });
    expect((await read(applied.id, applicant)).viewerCan).toEqual(['EDIT', 'INVITE_MEMBER', 'LEAVE', 'ADD_RESOURCE', 'PROPOSE_CONTRACT']);
    expect((await api.mutate('createPosition', { organization: applied.id, name: 'Stall' }, applicant)).userErrors).toEqual([]);
  });

  test('with a wrong code is refused in both languages, and nothing is kept of it', async () => {
    const before = await api.database.sql('SELECT count(*) FROM users');
    const wrong = { organization: { name: 'Wrong', kind: 'BUSINESS', unifiedSocialCreditCode: '91350100M000100Y44' }, applicant: { displayName: 'A', email: 'wrong@example.org', password: PASSWORD } };
    for (const [language, words] of [['en', /GB 32100-2015/], ['zh-CN', /统一社会信用代码不正确/]] as const) {
      const { userErrors } = await api.mutate('applyToJoin', wrong, null, '', { 'accept-language': language });
      expect(userErrors).toMatchObject([{ code: 'INVALID', path: ['input', 'organization', 'unifiedSocialCreditCode'], message: expect.stringMatching(words) }]);
    }
    expect(await api.database.sql('SELECT count(*) FROM users')).toEqual(before);
    expect(await find('Wrong')).toBeUndefined();
  });

  test('names every fault of the form at once', async () => {
    const { userErrors } = await api.mutate('applyToJoin', { organization: { name: ' ', kind: 'SCHOOL' }, applicant: { displayName: '', phone: '123', password: 'short' } }, null);
    expect(userErrors.map(({ path }: { path: string[] }) => path.slice(1).join('.')).sort()).toEqual(['applicant.displayName', 'applicant.password', 'applicant.phone', 'organization.name']);
  });

  test('of a code that is in the network is refused, of one that only waits is not told of', async () => {
    expect((await apply('Copy', { unifiedSocialCreditCode: CODES[0] })).userErrors).toMatchObject([{ code: 'DUPLICATE' }]);
    expect((await apply('First', { unifiedSocialCreditCode: CODES[1] })).userErrors).toEqual([]);
    expect((await apply('Second', { unifiedSocialCreditCode: CODES[1] })).userErrors).toEqual([]);
    const [first, second] = [await find('First'), await find('Second')];
    const results = await Promise.all([move('approveOrganization', first, committee), move('approveOrganization', second, committee)]);
    expect(results.map(({ userErrors }) => userErrors[0]?.code).sort()).toEqual(['DUPLICATE', undefined]);
  });

  test('by an account that exists is refused without saying more', async () => {
    expect((await apply('Taken', {}, admin.identifier)).userErrors).toMatchObject([{ code: 'DUPLICATE', path: ['input', 'applicant', 'email'] }]);
  });

  test('can be made by a signed-in person, and be rejected', async () => {
    const payload = await api.mutate('applyToJoin', { organization: { name: 'Side Business', kind: 'BUSINESS' } }, admin, 'organization { id }');
    expect(payload.userErrors).toEqual([]);
    const rejected = await move('rejectOrganization', await find('Side Business'), committee, 'Not now');
    expect(rejected.organization).toMatchObject({ status: 'REJECTED', viewerCan: [] });
    expect((await move('approveOrganization', rejected.organization, committee)).userErrors).toMatchObject([{ code: 'WRONG_STATE' }]);
  });
});

describe('an organization', () => {
  test('that is suspended reads its own and changes nothing, and comes back', async () => {
    const school = await api.world.organization(founded.network, { name: 'School', kind: 'SCHOOL' });
    const head = await api.world.person(school, 'ADMIN');
    const suspended = await move('suspendOrganization', { id: school.globalId, version: 1 }, committee, 'Papers missing');
    expect(suspended.organization.status).toBe('SUSPENDED');
    expect(await read(school.globalId, head)).toMatchObject({ viewerCan: [], contact: { email: 'contact@example.org' } });
    expect((await api.mutate('updateOrganization', { id: school.globalId, version: 2, name: 'Other' }, head)).userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
    expect((await move('reinstateOrganization', suspended.organization, committee)).organization.status).toBe('ACTIVE');
    expect((await api.mutate('updateOrganization', { id: school.globalId, version: 3, name: 'Other' }, head)).userErrors).toEqual([]);
  });

  test('cannot be the hub when it is suspended or leaves', async () => {
    const hub = await read(founded.hub.globalId);
    expect(hub.viewerCan).not.toContain('SUSPEND');
    expect((await move('suspendOrganization', hub, committee)).userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
  });

  test('is edited by its administrators and the committee, from the version that was read', async () => {
    const { version } = await read(university.globalId);
    const edited = await api.done('updateOrganization', { id: university.globalId, version, introduction: 'Teaches.', contact: { person: 'Uma', phone: '+8613800000000' } }, admin, 'organization { introduction version contact { person phone email } }');
    expect(edited.organization).toEqual({ introduction: 'Teaches.', version: version + 1, contact: { person: 'Uma', phone: '+8613800000000', email: null } });
    const stale = await api.mutate('updateOrganization', { id: university.globalId, version, name: 'Late' }, committee, 'organization { name version }');
    expect(stale).toMatchObject({ organization: { name: 'University', version: version + 1 }, userErrors: [{ code: 'STALE_VERSION', path: ['input', 'version'] }] });
    const staff = await api.world.person(university, 'STAFF');
    const answer = await api.ask('mutation ($input: UpdateOrganizationInput!) { updateOrganization(input: $input) { userErrors { code } } }', { input: { id: university.globalId, version: version + 1, name: 'x' } }, staff);
    expect(answer.errors![0]!.extensions.code).toBe('FORBIDDEN');
    const other = await api.world.person(await api.world.organization(founded.network), 'ADMIN');
    expect((await api.mutate('updateOrganization', { id: university.globalId, version: version + 1, name: 'x' }, other)).userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
  });

  test('leaves for good, and its members with it', async () => {
    const leaver = await api.world.organization(founded.network, { name: 'Leaver' });
    const head = await api.world.person(leaver, 'ADMIN');
    const token = await api.token(head);
    const LEAVE = 'mutation ($input: OrganizationNoteInput!) { leaveNetwork(input: $input) { userErrors { code } } }';
    expect((await api.ask(LEAVE, { input: { id: leaver.globalId, version: 1 } }, committee)).errors![0]!.extensions.code).toBe('FORBIDDEN');
    expect((await move('leaveNetwork', { id: university.globalId, version: 1 }, head)).userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
    expect((await move('leaveNetwork', { id: leaver.globalId, version: 1 }, head)).organization.status).toBe('LEFT');
    expect((await api.ask('{ viewer { organization { id } } }', {}, token)).errors![0]!.extensions.code).toBe('UNAUTHENTICATED');
    expect(await read(leaver.globalId)).toMatchObject({ status: 'LEFT', viewerCan: [], members: { totalCount: 0 } });
  });

  test('audits what was done to it, without personal data', async () => {
    const entries = await api.database.sql<{ action: string; changes: string }>('SELECT action, changes FROM audit_entries ORDER BY seq');
    expect(entries.map(({ action }) => action)).toEqual(expect.arrayContaining(['organization.apply', 'organization.approve', 'organization.reject', 'organization.suspend', 'organization.reinstate', 'organization.update', 'position.create']));
    expect(JSON.stringify(entries)).not.toMatch(/Uma|\+86138|flora|@example/);
  });
});
