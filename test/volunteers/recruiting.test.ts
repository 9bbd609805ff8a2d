import { TestApi } from '../support/api';
import { codes, Desk, identityNumber, type VolunteerView } from './desk';

/** Recruitment calls, who answers them, and what becomes of the applications. */

let api: TestApi;
let desk: Desk;
beforeAll(async () => {
  api = await TestApi.start();
  desk = await Desk.open(api);
});
afterAll(() => api.stop());
afterEach(() => api.clock.set(null));

const PERIOD = { from: '2020-01-01', to: '2199-12-31' };
const CALL = { title: '青春志愿，等你来', call: 'Come and keep order on market days.', channel: 'ONLINE', period: PERIOD, target: 30 };
const CAMPAIGN = 'id title call channel status target applications applicationsByChannel { channel applications } organization { id } period { from to } version viewerCan history { from to }';

const open = async (given: object = {}) => (await api.done('openCampaign', { ...CALL, ...given }, desk.people.schoolStaff, `campaign { ${CAMPAIGN} }`)).campaign;

describe('recruitment calls', () => {
  test('are drafted, opened and closed by the staff of the organization; the draft is its own and the committee’s', async () => {
    const { campaign: draft } = await api.done('draftCampaign', CALL, desk.people.schoolStaff, `campaign { ${CAMPAIGN} }`);
    expect(draft).toMatchObject({ status: 'DRAFT', target: 30, applications: 0, period: PERIOD, viewerCan: ['OPEN', 'CLOSE'], organization: { id: desk.school.globalId } });
    const seenBy = async (who: Parameters<TestApi['ask']>[2]) => (await api.must('query ($id: ID!) { node(id: $id) { id } }', { id: draft.id }, who)).node !== null;
    expect([await seenBy(desk.people.committee), await seenBy(desk.people.schoolAdmin), await seenBy(desk.people.shopStaff), await seenBy(null)]).toEqual([true, true, false, false]);
    const opened = await open({ draft: draft.id, version: draft.version, title: '春季招募令' });
    expect(opened).toMatchObject({ id: draft.id, title: '春季招募令', status: 'OPEN', viewerCan: ['CLOSE'], history: [{ from: null, to: 'DRAFT' }, { from: 'DRAFT', to: 'OPEN' }] });
    expect(await seenBy(null)).toBe(true);
    const { campaign: closed } = await api.done('closeCampaign', { id: opened.id, version: opened.version }, desk.people.committee, `campaign { ${CAMPAIGN} }`);
    expect(closed).toMatchObject({ status: 'CLOSED', viewerCan: [] });
    expect(codes(await api.mutate('closeCampaign', { id: opened.id, version: closed.version }, desk.people.schoolStaff))).toEqual(['WRONG_STATE']);
    const listed = await api.must(`query { campaigns(status: CLOSED) { nodes { id } totalCount } }`, {}, null);
    expect(listed.campaigns.nodes).toContainEqual({ id: opened.id });
  });

  test('are refused to others, backwards, in the past, and twice by one key', async () => {
    const attempt = (given: object, by = desk.people.schoolStaff) => api.mutate('openCampaign', { ...CALL, ...given }, by, 'campaign { id }');
    expect(codes(await attempt({ organization: desk.school.globalId }, desk.people.shopStaff))).toEqual(['NOT_ALLOWED']);
    expect(codes(await attempt({ period: { from: '2199-02-01', to: '2199-01-01' } }))).toEqual(['INVALID']);
    expect(codes(await attempt({ period: { from: '2020-01-01', to: '2020-02-01' } }))).toEqual(['TOO_LATE']);
    expect(codes(await attempt({ target: 0 }))).toEqual(['INVALID']);
    const [one, other] = [await attempt({ idempotencyKey: 'call' }), await attempt({ idempotencyKey: 'call' })];
    expect(one).toEqual(other);
    expect(codes(await attempt({ idempotencyKey: 'call', title: 'Another' }))).toEqual(['IDEMPOTENCY_MISMATCH']);
    expect((await api.ask('mutation ($input: OpenCampaignInput!) { openCampaign(input: $input) { userErrors { code } } }', { input: CALL }, desk.people.schoolVolunteer)).errors![0]!.extensions.code).toBe('FORBIDDEN');
  });

  test('count how many came through which channel, and take nobody before, after or beside their period', async () => {
    const campaign = await open();
    for (let number = 1; number <= 3; number++) expect(codes(await desk.apply({ campaign: campaign.id }, (await desk.stranger()).token))).toEqual([]);
    await desk.visit({ campaign: campaign.id });
    const { node } = await api.must(`query ($id: ID!) { node(id: $id) { ... on RecruitmentCampaign { ${CAMPAIGN} } } }`, { id: campaign.id }, null);
    expect(node).toMatchObject({ applications: 4, applicationsByChannel: [{ channel: 'ONLINE', applications: 3 }, { channel: 'VISIT', applications: 1 }] });
    const answered = await api.must('query ($filter: VolunteerFilter) { volunteers(filter: $filter) { totalCount nodes { campaign { id } } } }', { filter: { campaign: campaign.id, channel: 'ONLINE' } }, desk.people.schoolStaff);
    expect(answered.volunteers).toMatchObject({ totalCount: 3, nodes: [{ campaign: { id: campaign.id } }, {}, {}] });
    expect(codes(await desk.apply({ campaign: campaign.id, organization: desk.shop.globalId }, null))).toEqual(['INVALID']);
    const early = await open({ period: { from: '2198-01-01', to: '2199-01-01' } });
    expect(codes(await desk.apply({ campaign: early.id }, null))).toEqual(['TOO_EARLY']);
    api.clock.set('2199-12-31T16:00:00Z');
    expect(codes(await desk.apply({ campaign: campaign.id }, null))).toEqual(['WRONG_STATE']);
    expect((await api.must('query { campaigns(status: OPEN) { totalCount } }')).campaigns.totalCount).toBe(0);
  });
});

describe('applying to volunteer', () => {
  test('a signed-in person without a membership applies, is approved and acts as a volunteer of the organization', async () => {
    const { userId, token } = await desk.stranger('李四');
    const written = identityNumber('2000-02-29', 2);
    const applied = await desk.apply({ organization: desk.school.globalId, personal: { legalName: '李四', birthDate: undefined, identityNumber: ` ${written.toLowerCase()} ` } }, token);
    expect(codes(applied)).toEqual([]);
    const volunteer = applied.volunteer as VolunteerView;
    expect(volunteer).toMatchObject({
      status: 'APPLIED', channel: 'ONLINE', displayName: '李四', organization: { id: desk.school.globalId }, viewerCan: expect.arrayContaining(['EDIT']),
      personal: { legalName: '李四', gender: 'FEMALE', birthDate: '2000-02-29', identityDocument: 'RESIDENT_IDENTITY_CARD', guardian: null, consents: [{ purpose: 'PERSONAL_DATA', withdrawnAt: null }] },
      history: [{ from: null, to: 'APPLIED', by: { displayName: '李四' } }],
    });
    expect(volunteer.personal!.identityNumberMasked).toBe(`5${'*'.repeat(16)}${written[17]}`);
    expect(volunteer.number).toMatch(/^510726\d{8}$/);
    expect(await api.must('{ viewer { volunteer { id } } volunteers { nodes { id } } }', {}, token)).toEqual({ viewer: { volunteer: { id: volunteer.id } }, volunteers: { nodes: [{ id: volunteer.id }] } });
    expect(codes(await desk.apply({ organization: desk.shop.globalId }, token))).toEqual(['DUPLICATE']);

    expect((await desk.seen(volunteer.id, desk.people.schoolStaff))!.viewerCan).toEqual(expect.arrayContaining(['APPROVE', 'REJECT']));
    expect(await desk.seen(volunteer.id, desk.people.shopStaff)).toBeNull();
    expect(codes(await api.mutate('approveVolunteer', { id: volunteer.id, version: 1 }, desk.people.shopStaff))).toEqual(['NOT_FOUND']);
    expect(codes(await api.mutate('approveVolunteer', { id: volunteer.id, version: 7 }, desk.people.schoolStaff))).toEqual(['STALE_VERSION']);
    const approved = await api.done('approveVolunteer', { id: volunteer.id, version: 1 }, desk.people.schoolStaff, 'volunteer { status version }');
    expect(approved.volunteer).toEqual({ status: 'ACTIVE', version: 2 });
    const memberships = await api.database.sql('SELECT organization_id, role, status FROM memberships WHERE user_id = $1', [userId]);
    expect(memberships).toEqual([{ organization_id: desk.school.id, role: 'VOLUNTEER', status: 'ACTIVE' }]);
    expect(codes(await api.mutate('approveVolunteer', { id: volunteer.id, version: 2 }, desk.people.schoolStaff))).toEqual(['WRONG_STATE']);
  });

  test('somebody unknown applies with a new account, to the hub when nobody is named, and signs in with it', async () => {
    const applicant = { displayName: '王五', email: 'wang@example.org', password: 'correct horse battery' };
    const applied = await desk.apply({ applicant, personal: { legalName: '王五' } }, null);
    expect(applied).toMatchObject({ userErrors: [], volunteer: { organization: { id: desk.founded.hub.globalId }, personal: null, viewerCan: [] } });
    const { accessToken } = await api.signIn({ identifier: applicant.email, password: applicant.password } as never);
    expect((await api.must('{ viewer { volunteer { number personal { legalName } } } }', {}, accessToken)).viewer.volunteer).toEqual({ number: applied.volunteer.number, personal: { legalName: '王五' } });
    expect(codes(await desk.apply({ applicant }, null))).toEqual(['DUPLICATE']);
    expect(codes(await desk.apply({ applicant: { ...applicant, email: 'other@example.org' } }, accessToken))).toEqual(['INVALID']);
  });

  test('without an account too; only the organization and the committee read of it then', async () => {
    const { volunteer } = await desk.apply({ organization: desk.school.globalId, personal: { legalName: '赵六' } }, null);
    expect((await desk.seen(volunteer.id, desk.people.committee))!.personal!.legalName).toBe('赵六');
    expect(await desk.seen(volunteer.id, null)).toBeNull();
  });

  test('at the door staff takes somebody down, and nobody else does', async () => {
    const volunteer = await desk.visit({ personal: { legalName: '钱七' }, displayName: '小钱' });
    expect(volunteer).toMatchObject({ status: 'APPLIED', channel: 'VISIT', displayName: '小钱', organization: { id: desk.school.globalId } });
    const attempt = (by: Parameters<TestApi['mutate']>[2], given: object = {}) => api.mutate('applyAsVolunteer', { ...Desk.application(), channel: 'VISIT', ...given }, by);
    expect(codes(await attempt(desk.people.schoolVolunteer))).toEqual(['NOT_ALLOWED']);
    expect(codes(await attempt(null))).toEqual(['NOT_ALLOWED']);
    expect(codes(await attempt((await desk.stranger()).token))).toEqual(['NOT_ALLOWED']);
    expect(codes(await attempt(desk.people.shopStaff, { organization: desk.school.globalId }))).toEqual(['NOT_ALLOWED']);
    expect(codes(await attempt(desk.people.committee, { organization: desk.school.globalId }))).toEqual([]);
    expect(codes(await attempt(desk.people.schoolStaff, { applicant: { displayName: 'X', email: 'x@example.org', password: 'correct horse battery' } }))).toEqual(['INVALID']);
  });

  test('is rejected with a reason, which the person reads, and is then free to apply again', async () => {
    const { token } = await desk.stranger();
    const { volunteer } = await desk.apply({ organization: desk.school.globalId }, token);
    expect(codes(await api.mutate('rejectVolunteer', { id: volunteer.id, version: 1, note: ' ' }, desk.people.schoolStaff))).toEqual(['INVALID']);
    await api.done('rejectVolunteer', { id: volunteer.id, version: 1, note: 'No places this term' }, desk.people.schoolStaff);
    expect((await desk.seen(volunteer.id, token))!.history).toMatchObject([{ to: 'APPLIED' }, { from: 'APPLIED', to: 'REJECTED', note: 'No places this term' }]);
    expect(codes(await desk.apply({ organization: desk.school.globalId }, token))).toEqual([]);
  });

  test('by one key is done once, and thirty at the same time get thirty numbers', async () => {
    const { token } = await desk.stranger();
    const twice = await Promise.all([1, 2].map(() => desk.apply({ idempotencyKey: 'once' }, token)));
    expect(twice.map(codes)).toEqual([[], []]);
    expect(twice[0]!.volunteer.id).toBe(twice[1]!.volunteer.id);
    const many = await Promise.all(Array.from({ length: 30 }, () => desk.visit()));
    expect(new Set(many.map(({ number }) => number)).size).toBe(30);
  });

  test('of one account at the same time is one', async () => {
    const { token } = await desk.stranger();
    const answers = await Promise.all(Array.from({ length: 8 }, () => desk.apply({}, token)));
    expect(answers.flatMap(codes)).toEqual(Array.from({ length: 7 }, () => 'DUPLICATE'));
  });
});

describe('an identity number', () => {
  const taken = identityNumber('1990-01-01', 11);

  test('of a volunteer is refused at the door, tells nothing online, and stops the approval', async () => {
    await desk.active({ personal: { identityNumber: taken, birthDate: undefined } });
    const again = await api.mutate('applyAsVolunteer', { ...Desk.application({ personal: { identityNumber: taken, birthDate: '1990-01-01' } }), channel: 'VISIT' }, desk.people.shopStaff);
    expect(again.userErrors).toMatchObject([{ code: 'DUPLICATE', path: ['input', 'personal', 'identityNumber'] }]);
    const { token } = await desk.stranger();
    const applied = await desk.apply({ organization: desk.shop.globalId, personal: { identityNumber: taken, birthDate: undefined } }, token);
    expect(codes(applied)).toEqual([]);
    expect(codes(await api.mutate('approveVolunteer', { id: applied.volunteer.id, version: 1 }, desk.people.shopStaff))).toEqual(['DUPLICATE']);
    await api.done('rejectVolunteer', { id: applied.volunteer.id, version: 1, note: 'Registered already' }, desk.people.shopStaff);
  });

  test('is free in another network', async () => {
    const elsewhere = await api.world.found();
    const answer = await api.mutate('applyAsVolunteer', { ...Desk.application({ personal: { identityNumber: taken, birthDate: undefined } }), channel: 'VISIT' }, elsewhere.committee);
    expect(codes(answer)).toEqual([]);
  });

  test('of ten applications at the door at the same time is one volunteer’s', async () => {
    const number = identityNumber('1991-03-05', 77);
    const attempt = () => api.mutate('applyAsVolunteer', { ...Desk.application({ personal: { identityNumber: number, birthDate: undefined } }), channel: 'VISIT' }, desk.people.schoolStaff);
    const answers = await Promise.all(Array.from({ length: 10 }, attempt));
    expect(answers.flatMap(codes)).toEqual(Array.from({ length: 9 }, () => 'DUPLICATE'));
  });

  const wrong = (place: number, digit: string) => `${taken.slice(0, place)}${digit}${taken.slice(place + 1)}`;
  test.each([
    ['a wrong check character', wrong(17, taken[17] === '1' ? '2' : '1'), 'check character'],
    ['a digit changed', wrong(3, taken[3] === '1' ? '2' : '1'), 'check character'],
    ['the 30 February', identityNumber('1990-02-30', 11), 'birth date in'],
    ['the 29 February of 1900', identityNumber('1900-02-29', 11), 'birth date in'],
    ['a month 13', identityNumber('1990-13-01', 11), 'birth date in'],
    ['a day of the century before', identityNumber('1890-01-01', 11), 'birth date in'],
    ['no division', identityNumber('1990-01-01', 11, '990000'), 'administrative division'],
    ['fifteen digits', taken.slice(0, 15), '18 characters'],
    ['letters', 'ABCDEFGHIJKLMNOPQR', '18 characters'],
    ['an X in the middle', `${taken.slice(0, 8)}X${taken.slice(9)}`, '18 characters'],
  ])('with %s is refused and says why', async (_, number, says) => {
    const { userErrors } = await desk.apply({ personal: { identityNumber: number, birthDate: undefined } }, null);
    expect(userErrors).toEqual([{ code: 'INVALID', path: ['input', 'personal', 'identityNumber'], message: expect.stringContaining(says) }]);
  });

  test('goes before a birth date and gender that say otherwise', async () => {
    const { userErrors } = await desk.apply({ personal: { identityNumber: identityNumber('1990-01-01', 12), birthDate: '1990-01-02', gender: 'MALE' } }, null);
    expect(userErrors).toMatchObject([{ code: 'INVALID', path: ['input', 'personal', 'birthDate'] }, { code: 'INVALID', path: ['input', 'personal', 'gender'] }]);
  });

  test('of another document is taken as it is, with the birth date beside it', async () => {
    const personal = { identityDocument: 'PASSPORT', identityNumber: 'e-1234 5678', birthDate: '1990-01-01' };
    expect((await desk.visit({ personal })).personal).toMatchObject({ identityDocument: 'PASSPORT', identityNumberMasked: 'E*******8' });
    expect(codes(await desk.apply({ personal: { ...personal, birthDate: undefined } }, null))).toEqual(['INVALID']);
  });
});

describe('what is refused', () => {
  test.each([
    ['under fourteen', { personal: { birthDate: '2013-01-01' } }, 'INVALID'],
    ['without consent', { consents: [] }, 'CONSENT_REQUIRED'],
    ["with a guardian's consent of one's own", { consents: ['PERSONAL_DATA', 'GUARDIAN'] }, 'INVALID'],
    ['without a phone or e-mail', { personal: { phone: undefined } }, 'INVALID'],
    ['with a phone that is none', { personal: { phone: '13800138000' } }, 'INVALID'],
    ['without a birth date', { personal: { birthDate: undefined } }, 'INVALID'],
    ['with hours that overlap', { availability: [{ weekday: 1, opens: '08:00', closes: '12:00' }, { weekday: 1, opens: '11:00', closes: '13:00' }] }, 'INVALID'],
    ['with an override of direction in the name', { displayName: 'a\u202eb' }, 'INVALID'],
    ['through an organization that is not there', { organization: 'nowhere' }, 'NOT_FOUND'],
  ])('%s', async (_, given, code) => {
    api.clock.set('2026-12-31T04:00:00Z');
    const answered = codes(await desk.apply(given, null));
    expect(new Set(answered)).toEqual(new Set([code]));
  });

  test('from the fourteenth birthday on, in the time zone of the network', async () => {
    const attempt = async (now: string) => {
      api.clock.set(now);
      return codes(await desk.apply({ personal: { birthDate: '2012-02-29' } }, null));
    };
    expect(await attempt('2026-02-28T15:59:59Z')).toEqual(['INVALID']);
    expect(await attempt('2026-02-28T16:00:00Z')).toEqual([]);
  });
});
