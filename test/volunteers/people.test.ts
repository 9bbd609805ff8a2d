import { TestApi } from '../support/api';
import type { Person } from '../support/world';
import { codes, Desk, identityNumber, VOLUNTEER, type VolunteerView } from './desk';

/** What becomes of volunteers once they are there, and who may see and change what of them. */

let api: TestApi;
let desk: Desk;
beforeAll(async () => {
  api = await TestApi.start();
  desk = await Desk.open(api);
});
afterAll(() => api.stop());
afterEach(() => api.clock.set(null));

type As = Person | string | null;
const change = (verb: string, input: Record<string, unknown>, as: As) => api.mutate(verb, input, as, `volunteer { ${VOLUNTEER} }`);
const statuses = ({ history }: VolunteerView) => history.map(({ to }) => to);

describe('who sees what', () => {
  test('personal data: the person, the own staff and the committee; a name with consent: the network', async () => {
    const { volunteer, token } = await desk.activePerson({ personal: { legalName: '周八' } });
    const staff = [desk.people.committee, desk.people.schoolAdmin, desk.people.schoolStaff, token];
    for (const who of staff) expect((await desk.seen(volunteer.id, who))!.personal!.legalName).toBe('周八');
    const others = [desk.people.shopStaff, desk.people.schoolVolunteer, desk.people.schoolResident, (await desk.stranger()).token, null];
    for (const who of others) expect(await desk.seen(volunteer.id, who)).toBeNull();
    const listed = await change('updateVolunteer', { id: volunteer.id, version: volunteer.version, consents: ['LEADERBOARD'] }, token);
    expect(codes(listed)).toEqual([]);
    const [shop] = [await desk.seen(volunteer.id, desk.people.shopStaff)];
    expect(shop).toMatchObject({ displayName: '周八', personal: null, history: [], viewerCan: [] });
    expect(await desk.seen(volunteer.id, desk.people.schoolVolunteer)).toMatchObject({ personal: null });
    expect(await desk.seen(volunteer.id, null)).toBeNull();
    const list = async (who: As) => (await api.must('{ volunteers { nodes { id } } }', {}, who)).volunteers.nodes.map(({ id }: { id: string }) => id);
    expect(await list(desk.people.shopStaff)).not.toContain(volunteer.id);
    expect(await list(desk.people.schoolStaff)).toContain(volunteer.id);
    await change('withdrawConsent', { id: volunteer.id, version: listed.volunteer.version, purpose: 'LEADERBOARD' }, token);
    expect(await desk.seen(volunteer.id, desk.people.shopStaff)).toBeNull();
  });

  test('the list narrows by what its filter names, and refuses what is none', async () => {
    const teacher = await desk.active({ occupation: 'TEACHER', skills: ['piano', 'English'], displayName: '吴老师' });
    await desk.active({ occupation: 'TEACHER', skills: ['piano'], personal: { birthDate: '2012-01-01' } });
    const list = async (filter: object) => (await api.must('query ($filter: VolunteerFilter) { volunteers(filter: $filter) { totalCount nodes { id } } }', { filter }, desk.people.schoolStaff)).volunteers;
    expect(await list({ occupation: 'TEACHER' })).toMatchObject({ totalCount: 2 });
    for (const filter of [{ skills: ['English', 'piano'] }, { text: '吴老' }, { text: teacher.number }, { occupation: 'TEACHER', minor: false }]) {
      expect([filter, await list(filter)]).toEqual([filter, { totalCount: 1, nodes: [{ id: teacher.id }] }]);
    }
    expect(await list({ status: 'PAUSED' })).toMatchObject({ totalCount: 0 });
    expect(await list({ organization: desk.shop.globalId })).toMatchObject({ totalCount: 0 });
    for (const filter of [{ organization: teacher.id }, { text: 'x'.repeat(200) }, { skills: ['a\u0000'] }]) {
      const { errors } = await api.ask('query ($filter: VolunteerFilter) { volunteers(filter: $filter) { totalCount } }', { filter }, desk.people.schoolStaff);
      expect(errors![0]!.extensions.code).toBe('BAD_USER_INPUT');
    }
  });
});

describe('updateVolunteer', () => {
  test('of oneself: what is said, phone and e-mail; not what a document proves', async () => {
    const { volunteer, token } = await desk.activePerson();
    const edited = await change('updateVolunteer', { id: volunteer.id, version: volunteer.version, displayName: '阿周', occupation: 'ENGINEER', skills: [], personal: { email: 'Zhou@Example.org', phone: null } }, token);
    expect(edited.volunteer).toMatchObject({ displayName: '阿周', occupation: 'ENGINEER', skills: [], personal: { email: 'zhou@example.org', phone: null, legalName: '张三' } });
    const { version } = edited.volunteer;
    for (const personal of [{ legalName: 'Another' }, { birthDate: '1980-01-01' }, { identityNumber: identityNumber('1980-01-01', 3) }]) {
      expect([personal, codes(await change('updateVolunteer', { id: volunteer.id, version, personal }, token))]).toEqual([personal, ['NOT_ALLOWED']]);
    }
    expect(codes(await change('updateVolunteer', { id: volunteer.id, version, personal: { email: null } }, token))).toEqual(['INVALID']);
    expect(codes(await change('updateVolunteer', { id: volunteer.id, version: version - 1, skills: ['late'] }, token))).toEqual(['STALE_VERSION']);
    const proven = await change('updateVolunteer', { id: volunteer.id, version, personal: { legalName: '周一', identityNumber: identityNumber('1980-01-01', 3) } }, desk.people.schoolStaff);
    expect(proven.volunteer.personal).toMatchObject({ legalName: '周一', birthDate: '1980-01-01', gender: 'MALE', identityDocument: 'RESIDENT_IDENTITY_CARD' });
    expect(codes(await change('updateVolunteer', { id: volunteer.id, version, skills: [] }, desk.people.shopStaff))).toEqual(['NOT_FOUND']);
  });

  test('pauses, resumes, leaves and comes back; the membership goes and comes with it', async () => {
    const { volunteer, token, userId } = await desk.activePerson();
    const memberships = () => api.database.sql<{ status: string }>('SELECT status FROM memberships WHERE user_id = $1 ORDER BY id', [userId]);
    let { version } = volunteer;
    const to = async (status: string, as: As, note?: string) => {
      const answer = await change('updateVolunteer', { id: volunteer.id, version, status, note }, as);
      version = answer.volunteer?.version ?? version;
      return codes(answer)[0] ?? answer.volunteer.status;
    };
    expect(await to('ACTIVE', token)).toBe('WRONG_STATE');
    expect(await to('PAUSED', token, 'Exams')).toBe('PAUSED');
    expect(await to('PAUSED', token)).toBe('WRONG_STATE');
    expect(await to('ACTIVE', token)).toBe('ACTIVE');
    expect(await to('ERASED', token)).toBe('INVALID');
    expect(await to('LEFT', token)).toBe('LEFT');
    expect(await memberships()).toEqual([{ status: 'ENDED' }]);
    expect(await to('ACTIVE', token)).toBe('NOT_ALLOWED');
    expect(codes(await change('updateVolunteer', { id: volunteer.id, version, skills: ['late'] }, desk.people.schoolStaff))).toEqual(['WRONG_STATE']);
    expect(await to('ACTIVE', desk.people.schoolStaff)).toBe('ACTIVE');
    expect(await memberships()).toEqual([{ status: 'ENDED' }, { status: 'ACTIVE' }]);
    expect(statuses((await desk.seen(volunteer.id, token))!)).toEqual(['APPLIED', 'ACTIVE', 'PAUSED', 'ACTIVE', 'LEFT', 'ACTIVE']);
  });

  test('who leaves frees the identity number, and does not come back beside another who has it', async () => {
    const number = identityNumber('1985-06-01', 31);
    const first = await desk.active({ personal: { identityNumber: number, birthDate: undefined } });
    const left = await api.done('updateVolunteer', { id: first.id, version: first.version, status: 'LEFT' }, desk.people.schoolStaff, 'volunteer { version }');
    await desk.active({ personal: { identityNumber: number, birthDate: undefined } });
    expect(codes(await change('updateVolunteer', { id: first.id, version: left.volunteer.version, status: 'ACTIVE' }, desk.people.schoolStaff))).toEqual(['DUPLICATE']);
  });

  test('who leaves by the membership that ends with it is answered all the same', async () => {
    const person = await api.world.person(desk.school, 'VOLUNTEER');
    const { volunteer } = await desk.apply({ organization: desk.school.globalId }, person);
    await api.done('approveVolunteer', { id: volunteer.id, version: 1 }, desk.people.schoolStaff);
    const left = await api.done('updateVolunteer', { id: volunteer.id, version: 2, status: 'LEFT' }, person, 'volunteer { status organization { name } personal { legalName } viewerCan }');
    expect(left.volunteer).toMatchObject({ status: 'LEFT', organization: { name: 'School' }, personal: { legalName: '张三' } });
  });
});

describe('consents', () => {
  test('of a guardian: for minors, by staff, once, and withdrawable', async () => {
    api.clock.set('2026-11-24T04:00:00Z');
    const minor = await desk.active({ personal: { birthDate: '2011-11-24' } });
    const guardian = { name: '张爸爸', phone: '+8613900139000' };
    const record = (version: number, as: As = desk.people.schoolStaff) => change('recordGuardianConsent', { id: minor.id, version, ...guardian }, as);
    expect(codes(await record(minor.version, desk.people.shopStaff))).toEqual(['NOT_FOUND']);
    const recorded = await record(minor.version);
    expect(recorded.volunteer.personal).toMatchObject({ guardian: { ...guardian, consentedAt: '2026-11-24T04:00:00.000Z' }, consents: [{ purpose: 'PERSONAL_DATA' }, { purpose: 'GUARDIAN', withdrawnAt: null }] });
    expect(codes(await record(recorded.volunteer.version))).toEqual(['DUPLICATE']);
    const withdraw = (version: number) => change('withdrawConsent', { id: minor.id, version, purpose: 'GUARDIAN' }, desk.people.committee);
    const withdrawn = await withdraw(recorded.volunteer.version);
    expect(withdrawn.volunteer.personal).toMatchObject({ guardian: { name: '张爸爸', consentedAt: null } });
    expect(codes(await withdraw(withdrawn.volunteer.version))).toEqual(['CONFLICT']);
    expect(codes(await record(withdrawn.volunteer.version))).toEqual([]);
    const adult = await desk.active({ personal: { birthDate: '2008-11-24' } });
    expect(codes(await change('recordGuardianConsent', { id: adult.id, version: adult.version, ...guardian }, desk.people.schoolStaff))).toEqual(['CONFLICT']);
  });

  test('to the use of personal data: without it the volunteer pauses, and goes on only with it', async () => {
    const { volunteer, token } = await desk.activePerson();
    const withdrawn = await change('withdrawConsent', { id: volunteer.id, version: volunteer.version, purpose: 'PERSONAL_DATA' }, token);
    expect(withdrawn.volunteer).toMatchObject({ status: 'PAUSED', personal: { consents: [{ purpose: 'PERSONAL_DATA', withdrawnAt: expect.any(String) }] } });
    const resume = (given: object) => change('updateVolunteer', { id: volunteer.id, version: withdrawn.volunteer.version, status: 'ACTIVE', ...given }, token);
    expect(codes(await resume({}))).toEqual(['CONSENT_REQUIRED']);
    expect((await resume({ consents: ['PERSONAL_DATA'] })).volunteer).toMatchObject({ status: 'ACTIVE', personal: { consents: [{}, { withdrawnAt: null }] } });
    expect(codes(await change('updateVolunteer', { id: volunteer.id, version: 4, consents: ['GUARDIAN'] }, token))).toEqual(['INVALID']);
  });
});

describe('an export', () => {
  const fetched = async (url: string) => {
    const response = await fetch(new URL(new URL(url).pathname, api.url));
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const exported = async (id: string, as: As): Promise<string> => (await api.done('exportPersonalData', { id }, as, 'url expiresAt')).url as string;

  test('has all of one’s own, the identity number too, and nothing of others', async () => {
    const [mine, theirs] = [identityNumber('1992-02-02', 21), identityNumber('1993-03-03', 22)];
    await desk.activePerson({ personal: { legalName: '郑别人', identityNumber: theirs, birthDate: undefined, phone: '+8613700137000' } });
    const { volunteer, token, userId } = await desk.activePerson({ personal: { legalName: '郑九', identityNumber: mine, birthDate: undefined, email: 'nine@example.org' } });
    api.work();
    await api.settled();
    const { status, headers, text } = await fetched(await exported(volunteer.id, token));
    expect([status, headers.get('cache-control'), headers.get('content-disposition'), headers.get('content-type')]).toEqual([200, 'no-store', 'attachment; filename="personal-data.json"', 'application/json; charset=utf-8']);
    const data = JSON.parse(text);
    expect(data).toMatchObject({
      personal: { legal_name: '郑九', identity_number: mine, birth_date: '1992-02-02', email: 'nine@example.org', phone: '+8613800138000' },
      volunteer: [{ number: volunteer.number, status: 'ACTIVE', organization: 'School' }], consents: [{ purpose: 'PERSONAL_DATA' }],
      history: [{ to_status: 'APPLIED' }, { to_status: 'ACTIVE' }], registrations: [], serviceRecords: [],
      account: [{ email: `${userId}@example.org` }], memberships: [{ organization: 'School', role: 'VOLUNTEER' }], notifications: [{ notice: 'volunteer.approve' }],
    });
    for (const foreign of ['郑别人', theirs, '+8613700137000']) expect(text).not.toContain(foreign);
    // The staff takes it along for the person, without what is the account's alone.
    const byStaff = JSON.parse((await fetched(await exported(volunteer.id, desk.people.schoolStaff))).text);
    expect(byStaff).toMatchObject({ personal: { identity_number: mine }, account: [], notifications: [] });
  });

  test('is refused to others, and its address is good for its time and session alone', async () => {
    const { volunteer, token } = await desk.activePerson();
    expect(codes(await api.mutate('exportPersonalData', { id: volunteer.id }, desk.people.shopStaff))).toEqual(['NOT_FOUND']);
    const person = await api.world.person(desk.school, 'STAFF');
    const url = await exported(volunteer.id, person);
    for (const broken of [`${url}x`, url.slice(0, -1), url.replace('/personal-data/', '/personal-data/e30.')]) expect([broken, (await fetched(broken)).status]).toEqual([broken, 404]);
    expect((await fetched(url)).status).toBe(200);
    api.clock.set(new Date(Date.now() + 5 * 60_000 + 1_000));
    expect((await fetched(url)).status).toBe(404);
    api.clock.set(null);
    await api.database.sql(`UPDATE memberships SET role = 'VOLUNTEER' WHERE id = $1`, [person.membershipId]);
    expect((await fetched(url)).status).toBe(404);
    const own = await exported(volunteer.id, token);
    for (let times = 0; times < 10; times++) expect((await fetched(own)).status).toBe(200);
    expect((await fetched(own)).status).toBe(429);
  });
});

describe('an erasure', () => {
  /** Every table and column in which a text stands. */
  async function found(text: string): Promise<string[]> {
    const tables = await api.database.sql<{ name: string }>(`SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1`);
    const places: string[] = [];
    for (const { name } of tables) {
      const [row] = await api.database.sql<{ count: number }>(`SELECT count(*)::int AS count FROM ${name} t WHERE position($1 IN t::text) > 0`, [text]);
      if (row!.count > 0) places.push(name);
    }
    return places;
  }

  /** Two hours of a volunteer, as another system had them on record. */
  const serve = (number: string) =>
    api.database.sql(
      `INSERT INTO service_records (network_id, id, volunteer_id, organizer_id, organization_id, activity_title, duty, service_date, seconds, confirmed_by, confirmed_by_name, confirmed_at, origin, origin_id)
       SELECT v.network_id, gen_random_uuid(), v.id, v.organization_id, v.organization_id, 'Service', 'Publicist', '2026-03-01', 7200, $2, 'Staff', now(), 'elsewhere', v.number FROM volunteers v WHERE v.number = $1`,
      [number, desk.people.schoolStaff.userId],
    );

  test('leaves nothing of the person in any table, and the hours without a name', async () => {
    const number = identityNumber('1994-04-04', 41);
    const applicant = { displayName: '冯十一', email: 'eleven@example.org', password: 'correct horse battery' };
    const { volunteer } = await desk.apply({ applicant, organization: desk.school.globalId, displayName: '小冯十一', personal: { legalName: '冯十一', identityNumber: number, birthDate: undefined, phone: '+8613600136000' } }, null);
    await api.done('approveVolunteer', { id: volunteer.id, version: 1, note: 'Knows 冯十一 from school' }, desk.people.schoolStaff);
    await api.database.sql('UPDATE volunteers SET service_seconds = 7200 WHERE number = $1', [volunteer.number]);
    const { accessToken } = await api.signIn({ identifier: applicant.email, password: applicant.password } as never);
    // What the person did under that name, and what others did for it.
    await api.done('requestCorrection', { organizer: desk.school.globalId, reason: '冯十一: a service is missing' }, accessToken);
    await api.done('submitNeed', { title: 'A bench', description: 'To rest on', category: 'CULTURE' }, accessToken);
    await api.done('nominate', { volunteer: volunteer.id, kind: 'LEAGUE_DELEGATE', citation: '冯十一 has served for years' }, desk.people.schoolStaff);
    await serve(volunteer.number);
    await api.done('issueCertificate', { volunteer: volunteer.id, period: { from: '2026-01-01', to: '2026-03-31' }, responsiblePerson: 'Head', handledBy: 'Staff', contact: '0816-1234567' }, desk.people.schoolStaff);
    expect((await found('冯十一')).sort()).toEqual([
      'correction_requests', 'need_raisers', 'recognitions', 'service_certificates', 'state_changes', 'users', 'volunteer_personal', 'volunteers',
    ]);

    const erased = await change('eraseVolunteer', { id: volunteer.id, version: 2 }, accessToken);
    expect(codes(erased)).toEqual([]);
    expect(erased.volunteer).toMatchObject({ status: 'ERASED', displayName: '(erased)', personal: null, skills: [] });
    for (const text of ['冯十一', number, '+8613600136000', 'eleven@example.org', Buffer.from(number).toString('hex')]) expect([text, await found(text)]).toEqual([text, []]);
    expect((await api.ask('{ viewer { user { id } } }', {}, accessToken)).errors![0]!.extensions.code).toBe('UNAUTHENTICATED');
    const [kept] = await api.database.sql('SELECT service_seconds::int AS seconds, status, user_id, adult_on FROM volunteers WHERE number = $1', [volunteer.number]);
    expect(kept).toEqual({ seconds: 7200, status: 'ERASED', user_id: null, adult_on: null });
    const seen = await desk.seen(volunteer.id, desk.people.schoolStaff);
    expect(seen).toMatchObject({ viewerCan: [], personal: null });
    expect(seen!.history.map(({ to, note, by }) => [to, note, by?.displayName || null])).toEqual([['APPLIED', null, null], ['ACTIVE', null, expect.any(String)], ['ERASED', null, null]]);
    expect(codes(await change('eraseVolunteer', { id: volunteer.id, version: 3 }, desk.people.schoolStaff))).toEqual(['WRONG_STATE']);
    // The number is free for who applies anew.
    expect(codes(await api.mutate('applyAsVolunteer', { ...Desk.application({ personal: { identityNumber: number, birthDate: undefined } }), channel: 'VISIT' }, desk.people.schoolStaff))).toEqual([]);
  });

  test('keeps an account that is good for something else', async () => {
    const person = await api.world.person(desk.shop, 'STAFF', '陈十二');
    const { volunteer } = await desk.apply({ organization: desk.school.globalId, personal: { legalName: '陈十二' } }, person);
    expect(codes(await change('eraseVolunteer', { id: volunteer.id, version: 1 }, desk.people.committee))).toEqual([]);
    const { viewer } = await api.must('{ viewer { user { displayName } volunteer { id } } }', {}, person);
    expect(viewer).toEqual({ user: { displayName: '陈十二' }, volunteer: null });
  });

  test('is refused to others, and by a stale version', async () => {
    const { volunteer } = await desk.activePerson();
    expect(codes(await change('eraseVolunteer', { id: volunteer.id, version: volunteer.version }, desk.people.shopStaff))).toEqual(['NOT_FOUND']);
    expect(codes(await change('eraseVolunteer', { id: volunteer.id, version: 1 }, desk.people.schoolStaff))).toEqual(['STALE_VERSION']);
  });
});

describe('no personal data', () => {
  const TOLD = ['褚十三', '褚小十三', '13500135000', 'thirteen@example.org', '褚爸爸', '13400134000'];

  test('stands in logs, events, audit entries, jobs or notifications', async () => {
    api.clock.set('2026-11-24T04:00:00Z');
    const number = identityNumber('2010-05-05', 51);
    const personal = { legalName: '褚十三', identityNumber: number, birthDate: undefined, phone: '+8613500135000', email: 'thirteen@example.org' };
    const { token } = await desk.stranger('Thirteen');
    const { volunteer } = await desk.apply({ organization: desk.school.globalId, displayName: '褚小十三', personal }, token);
    const act = async (verb: string, input: object, as: As) => {
      const [row] = await api.database.sql<{ version: number }>('SELECT version FROM volunteers WHERE number = $1', [volunteer.number]);
      return change(verb, { id: volunteer.id, version: row!.version, ...input }, as);
    };
    await act('approveVolunteer', {}, desk.people.schoolStaff);
    await act('recordGuardianConsent', { name: '褚爸爸', phone: '+8613400134000' }, desk.people.schoolStaff);
    await act('updateVolunteer', { displayName: '褚小十三', skills: ['褚十三'], personal: { email: 'thirteen@example.org' } }, token);
    await act('updateVolunteer', { personal: { identityNumber: `${number.slice(0, 17)}${number[17] === '1' ? '2' : '1'}` } }, desk.people.schoolStaff);
    await act('withdrawConsent', { purpose: 'GUARDIAN' }, token);
    await api.done('exportPersonalData', { id: volunteer.id }, token);
    await act('eraseVolunteer', { note: 'Asked by 褚十三' }, desk.people.schoolStaff);
    api.work();
    await api.settled();
    for (const text of [...TOLD, number, number.slice(6, 14)]) {
      for (const table of ['events', 'audit_entries', 'notifications', 'idempotency_keys', 'state_changes', 'graphile_worker._private_jobs']) {
        const [row] = await api.database.sql<{ count: number }>(`SELECT count(*)::int AS count FROM ${table} t WHERE position($1 IN t::text) > 0`, [text]);
        expect([text, table, row!.count]).toEqual([text, table, 0]);
      }
      expect(api.log.filter((line) => line.includes(text))).toEqual([]);
    }
  });
});
