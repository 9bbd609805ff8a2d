import { v7 } from 'uuid';
import { issueServiceRecords, type NewServiceRecord } from '../../src/domain/records/service';
import { starsOf } from '../../src/domain/records/model';
import { Session, type Transaction } from '../../src/platform/database/session';
import { toGlobalId } from '../../src/platform/ids';
import { TestApi } from '../support/api';
import type { Founded, Person, TestOrganization } from '../support/world';
import { record, volunteer, type TestVolunteer } from './people';

let api: TestApi;
let home: Founded;
let alpha: TestOrganization;
let beta: TestOrganization;
let ada: Person;
let bea: Person;
let vera: Person;
const NOW = '2026-06-10T02:00:00.000Z';

beforeAll(async () => {
  api = await TestApi.start();
  home = await api.world.found('erma', true);
  alpha = await api.world.organization(home.network, { name: 'Alpha' });
  beta = await api.world.organization(home.network, { name: 'Beta' });
  ada = await api.world.person(alpha, 'STAFF', 'Ada');
  bea = await api.world.person(beta, 'ADMIN', 'Bea');
  vera = await api.world.person(alpha, 'VOLUNTEER', 'Vera');
});
beforeEach(() => api.clock.set(NOW));
afterAll(() => api.stop());

const uuidOf = (globalId: string) => Buffer.from(globalId, 'base64url').toString().split(':')[1]!;

/** An activity of an organization with a shift of four hours, put in behind the API's back. */
async function activity(host: TestOrganization, title = '社区清洁'): Promise<{ activityId: string; shiftId: string }> {
  const [activityId, shiftId] = [v7(), v7()];
  await api.database.sql(
    `INSERT INTO activities (network_id, id, title, category, status, visibility, starts_at, ends_at, host_id, opened_at, created_by, created_at)
     VALUES ($1, $2, $3, 'OTHER', 'IN_PROGRESS', 'NETWORK', '2026-06-01T00:00Z', '2026-06-01T12:00Z', $4, now(), $5, now())`,
    [host.network.id, activityId, title, host.id, v7()],
  );
  await api.database.sql(
    `INSERT INTO shifts (network_id, id, activity_id, host_id, duty, starts_at, ends_at, capacity, created_at, audience) VALUES ($1, $2, $3, $4, '维护员', '2026-06-01T01:00Z', '2026-06-01T05:00Z', 100000, now(), '{}')`,
    [host.network.id, shiftId, activityId, host.id],
  );
  return { activityId, shiftId };
}

let arrivals = 0;
/** Services that wait for their hours to be confirmed. */
async function served(of: readonly TestVolunteer[], host: TestOrganization, { activityId, shiftId }: { activityId: string; shiftId: string }, person: Person | null = null): Promise<NewServiceRecord[]> {
  const [checkedInAt, checkedOutAt] = [new Date('2026-06-01T01:00Z'), new Date('2026-06-01T05:00Z')];
  const registrations = of.map(() => v7());
  await api.database.sql(
    `INSERT INTO registrations (network_id, id, shift_id, activity_id, host_id, volunteer_id, user_id, organization_id, status, starts_at, ends_at, arrival, adult_on, service_date, checked_in_at,
       checked_out_at, registered_at)
     SELECT $1, r.id, $2, $3, $4, r.volunteer, $5, $6, 'ATTENDED', $7, $8, $9 + r.nth, '2010-01-01', '2026-06-01', $7, $8, now()
     FROM unnest($10::uuid[], $11::uuid[]) WITH ORDINALITY AS r(id, volunteer, nth)`,
    [host.network.id, shiftId, activityId, host.id, person?.userId ?? null, alpha.id, checkedInAt, checkedOutAt, (arrivals += of.length), registrations, of.map(({ id }) => id)],
  );
  return of.map(({ id }, index) => ({
    registrationId: registrations[index]!, volunteerId: id, userId: person?.userId ?? null, organizationId: alpha.id, activityId, shiftId, organizerId: host.id, coHostIds: [],
    activityTitle: '社区清洁', duty: '维护员', serviceDate: '2026-06-01', place: '尔玛社区', seconds: 3 * 3600, checkedInAt, checkedOutAt, evaluation: null,
  }));
}

/** Works in a transaction of somebody, as a verb does. */
async function as<Result>(person: Person, work: (tx: Transaction) => Promise<Result>): Promise<Result> {
  const token = await api.token(person);
  const { sub, sid, mid, role } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { sub: string; sid: string; mid: string; role: string };
  return new Session(api.dataSource, { sessionId: sid, userId: sub, membershipId: mid, role, networkCode: null, fault: null }, api.clock).write(work);
}

const RECORD = `id hours points evaluation duty place serviceDate activityTitle origin organizer { name } confirmedBy { displayName organization { name } } confirmedAt volunteer { id serviceHours stars }
  activity { title } corrects { id } correctedBy { id } history { to note }`;
const read = async (id: string, who: Person | null = ada) => (await api.must(`query ($id: ID!) { node(id: $id) { ... on ServiceRecord { ${RECORD} } } }`, { id }, who)).node;
const hoursOf = async (of: TestVolunteer) => Number((await api.database.sql<{ seconds: string }>('SELECT service_seconds AS seconds FROM volunteers WHERE id = $1', [of.id]))[0]!.seconds) / 3600;
/** The total that follows from the records alone. */
const totalOf = async (of: TestVolunteer) => Number((await api.database.sql<{ seconds: string }>(
  'SELECT coalesce(sum(seconds), 0) AS seconds FROM service_records r WHERE volunteer_id = $1 AND NOT EXISTS (SELECT FROM service_records c WHERE c.corrects_id = r.id)', [of.id],
))[0]!.seconds) / 3600;

describe('confirmed services', () => {
  test('are put on record with their hours, and the volunteers are told', async () => {
    const of = await volunteer(api, alpha, { person: vera, seenBy: [beta] });
    const [issued] = await as(bea, async (tx) => issueServiceRecords(tx, await served([of], beta, await activity(beta), vera)));
    expect(await read(toGlobalId('ServiceRecord', issued!.id), vera)).toMatchObject({
      hours: 3, duty: '维护员', place: '尔玛社区', serviceDate: '2026-06-01', activityTitle: '社区清洁', organizer: { name: 'Beta' }, confirmedAt: NOW,
      confirmedBy: { displayName: 'Bea', organization: { name: 'Beta' } }, volunteer: { id: of.globalId, serviceHours: 3, stars: 0 }, activity: { title: '社区清洁' }, corrects: null, correctedBy: null,
    });
    api.work();
    await api.settled();
    const told = await api.database.sql<{ user: string }>(`SELECT user_id AS "user" FROM notifications WHERE notice = 'record.issue'`);
    expect(told.map(({ user }) => user)).toEqual([vera.userId]);
  });

  test('are put on record once, all of them or none', async () => {
    const [one, other] = [await volunteer(api, alpha), await volunteer(api, alpha)];
    const entries = await served([one, other], beta, await activity(beta));
    await as(bea, (tx) => issueServiceRecords(tx, entries.slice(0, 1)));
    await expect(as(bea, (tx) => issueServiceRecords(tx, entries))).rejects.toThrow(/service_records_once/);
    expect([await hoursOf(one), await hoursOf(other)]).toEqual([3, 0]);
    // The same at the same instant: one of them.
    const races = await Promise.allSettled(Array.from({ length: 8 }, () => as(bea, (tx) => issueServiceRecords(tx, entries.slice(1)))));
    expect(races.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await hoursOf(other)).toBe(3);
  });

  test('lie within the time from check-in to check-out, and are of others than who evaluates them', async () => {
    const of = await volunteer(api, alpha, { person: await api.world.person(alpha, 'VOLUNTEER') });
    const [entry] = await served([of], beta, await activity(beta));
    await expect(as(bea, (tx) => issueServiceRecords(tx, [{ ...entry!, seconds: 4 * 3600 + 1 }]))).rejects.toThrow(/check/);
    await expect(as(bea, (tx) => issueServiceRecords(tx, [{ ...entry!, userId: bea.userId, evaluation: 5 }]))).rejects.toMatchObject({ reasons: [{ code: 'INVALID', message: 'record.evaluation.own' }] });
    expect(await hoursOf(of)).toBe(0);
  });

  test('2,000 at once take a moment', async () => {
    const many = await Promise.all(Array.from({ length: 2000 }, () => volunteer(api, alpha, { isKnown: false })));
    const entries = await served(many, beta, await activity(beta));
    const started = performance.now();
    expect(await as(bea, (tx) => issueServiceRecords(tx, entries))).toHaveLength(2000);
    const took = performance.now() - started;
    expect(took).toBeLessThan(5000);
    const [{ wrong }] = (await api.database.sql(
      `SELECT count(*)::int AS wrong FROM volunteers v WHERE v.id = ANY($1::uuid[]) AND v.service_seconds <> (SELECT sum(seconds) FROM service_records r WHERE r.volunteer_id = v.id)`, [many.map(({ id }) => id)],
    )) as [{ wrong: number }];
    expect(wrong).toBe(0);
  });

  test('are never changed or removed, not even by the server', async () => {
    const of = await volunteer(api, alpha);
    await record(api, of, alpha, { day: '2026-06-01', hours: 1 });
    for (const statement of ['UPDATE service_records SET seconds = 99', 'DELETE FROM service_records', 'TRUNCATE service_records']) {
      await expect(as(home.committee, (tx) => tx.through('records', () => tx.query(statement)))).rejects.toThrow(/permission denied/);
    }
  });

  test.each([[99.99, 0], [100, 1], [299, 1], [300, 2], [600, 3], [1000, 4], [1499.9, 4], [1500, 5], [20000, 5]])('%d hours have %d stars', (hours, stars) => expect(starsOf(hours)).toBe(stars));
});

describe('who reads them', () => {
  test("the volunteer, the own organization, the organizer and the committee; nobody else's", async () => {
    const own = await volunteer(api, alpha, { person: await api.world.person(alpha, 'VOLUNTEER') });
    const id = await record(api, own, alpha, { day: '2026-06-02', hours: 1, organizer: beta });
    const gamma = await api.world.organization(home.network);
    const [carl, hubStaff] = [await api.world.person(gamma, 'ADMIN'), await api.world.person(home.hub, 'STAFF')];
    for (const who of [ada, bea, home.committee]) expect([who.identifier, (await read(id, who))?.hours]).toEqual([who.identifier, 1]);
    for (const who of [carl, hubStaff, vera, null]) expect(await read(id, who)).toBeNull();
    const listed = async (who: Person, filter: object = {}) => (await api.must('query ($filter: ServiceRecordFilter) { serviceRecords(first: 100, filter: $filter) { totalCount nodes { id } } }', { filter }, who)).serviceRecords;
    expect((await listed(carl)).totalCount).toBe(0);
    expect((await listed(ada, { volunteer: own.globalId })).nodes).toEqual([{ id }]);
    expect((await listed(ada, { volunteer: own.globalId, period: { from: '2026-06-03', to: '2026-06-30' } })).totalCount).toBe(0);
    expect((await listed(bea, { volunteer: own.globalId, organizer: beta.globalId, organization: alpha.globalId, standing: true })).totalCount).toBe(1);
    expect((await api.ask('{ serviceRecords { totalCount } }')).errors![0]!.extensions.code).toBe('UNAUTHENTICATED');
  });

  test('page by page, latest service first', async () => {
    const own = await volunteer(api, alpha);
    for (const day of ['2026-01-03', '2026-01-01', '2026-01-02', '2026-01-02', '2026-01-05']) await record(api, own, alpha, { day, hours: 1 });
    const seen: string[] = [];
    for (let after: string | null = null; ; ) {
      const { serviceRecords }: Record<string, any> = (await api.must(
        'query ($id: ID!, $after: String) { node(id: $id) { ... on Volunteer { serviceRecords(first: 2, after: $after) { totalCount nodes { serviceDate } pageInfo { hasNextPage endCursor } } } } }', { id: own.globalId, after }, ada,
      )).node;
      expect(serviceRecords.totalCount).toBe(5);
      seen.push(...serviceRecords.nodes.map(({ serviceDate }: { serviceDate: string }) => serviceDate));
      if (!serviceRecords.pageInfo.hasNextPage) break;
      after = serviceRecords.pageInfo.endCursor;
    }
    expect(seen).toEqual(['2026-01-05', '2026-01-03', '2026-01-02', '2026-01-02', '2026-01-01']);
  });
});

describe('a correction', () => {
  const REQUEST = 'request { id status answer reason version requestedBy { displayName } organizer { name } record { id } volunteer { id } }';

  test('is asked for by the volunteer, answered by the organizer, and a further record', async () => {
    const person = await api.world.person(alpha, 'VOLUNTEER', 'Vito');
    const of = await volunteer(api, alpha, { person });
    const id = await record(api, of, alpha, { day: '2026-06-03', hours: 2, organizer: beta, person });
    const { request } = await api.done('requestCorrection', { record: id, reason: '少记一小时' }, person, REQUEST);
    expect(request).toMatchObject({ status: 'OPEN', answer: null, requestedBy: { displayName: 'Vito' }, organizer: { name: 'Beta' }, record: { id }, volunteer: { id: of.globalId } });
    expect((await api.mutate('requestCorrection', { record: id, reason: 'again' }, person)).userErrors).toMatchObject([{ code: 'DUPLICATE' }]);
    expect((await api.mutate('answerCorrection', { id: request.id, version: 1, corrected: true, answer: 'done' }, bea)).userErrors).toMatchObject([{ code: 'WRONG_STATE' }]);
    expect((await api.mutate('answerCorrection', { id: request.id, version: 1, corrected: false, answer: 'no' }, ada)).userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);

    const { record: correction } = await api.done('correctServiceRecord', { record: id, hours: 3, evaluation: 5, reason: '核对签到表后更正', request: request.id }, bea, `record { ${RECORD} }`);
    expect(correction).toMatchObject({ hours: 3, evaluation: 5, duty: '维护员', corrects: { id }, correctedBy: null, volunteer: { serviceHours: 3 } });
    expect(await read(id, person)).toMatchObject({ hours: 2, correctedBy: { id: correction.id }, history: [{ to: 'CORRECTED', note: '核对签到表后更正' }] });
    const list = await api.must('{ correctionRequests { nodes { id status answer } } }', {}, person);
    expect(list.correctionRequests.nodes).toEqual([{ id: request.id, status: 'CORRECTED', answer: '核对签到表后更正' }]);
    expect([await hoursOf(of), await totalOf(of)]).toEqual([3, 3]);

    expect((await api.mutate('correctServiceRecord', { record: id, hours: 1, reason: 'once more' }, bea)).userErrors).toMatchObject([{ code: 'CONFLICT' }]);
    await api.done('correctServiceRecord', { record: correction.id, hours: 0, reason: '未到岗' }, bea);
    expect([await hoursOf(of), await totalOf(of)]).toEqual([0, 0]);
  });

  test('is declined, or asked for a service that is missing', async () => {
    const person = await api.world.person(alpha, 'VOLUNTEER');
    await volunteer(api, alpha, { person });
    const { request } = await api.done('requestCorrection', { organizer: beta.globalId, reason: '六月四日的服务没有记录' }, person, REQUEST);
    expect(request).toMatchObject({ status: 'OPEN', record: null, organizer: { name: 'Beta' } });
    const { request: answered } = await api.done('answerCorrection', { id: request.id, version: 1, corrected: false, answer: '当日没有活动' }, bea, REQUEST);
    expect(answered).toMatchObject({ status: 'DECLINED', answer: '当日没有活动', version: 2 });
    expect((await api.mutate('answerCorrection', { id: request.id, version: 2, corrected: true, answer: 'yes' }, bea)).userErrors).toMatchObject([{ code: 'WRONG_STATE' }]);
    expect((await api.mutate('requestCorrection', { reason: 'neither' }, person)).userErrors).toMatchObject([{ code: 'INVALID' }]);
    expect((await api.mutate('requestCorrection', { organizer: beta.globalId, reason: 'x' }, ada)).userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
  });

  test("is not asked for by who is neither the volunteer nor of the volunteer's organization", async () => {
    const person = await api.world.person(alpha, 'VOLUNTEER');
    const of = await volunteer(api, alpha, { person });
    const id = await record(api, of, alpha, { day: '2026-06-03', hours: 2, organizer: beta, person });
    expect((await api.mutate('requestCorrection', { record: id, reason: 'x' }, vera)).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    expect((await api.mutate('requestCorrection', { record: id, reason: 'x' }, bea)).userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
    await api.done('requestCorrection', { record: id, reason: 'x' }, ada);
  });

  test('is not made by the volunteer, beyond the time that was served, or by who has not organized it', async () => {
    const both = await api.world.person(beta, 'STAFF');
    const of = await volunteer(api, alpha, { person: both });
    const [entry] = await served([of], beta, await activity(beta), both);
    const [issued] = await as(bea, (tx) => issueServiceRecords(tx, [entry!]));
    const id = toGlobalId('ServiceRecord', issued!.id);
    const correct = async (more: object, who: Person) => (await api.mutate('correctServiceRecord', { record: id, reason: 'x', ...more }, who)).userErrors;
    expect(await correct({ hours: 4 }, both)).toMatchObject([{ code: 'NOT_ALLOWED' }]);
    expect(await correct({ hours: 4 }, ada)).toMatchObject([{ code: 'NOT_ALLOWED' }]);
    expect(await correct({ hours: 4.01 }, bea)).toMatchObject([{ code: 'INVALID', path: ['input', 'hours'] }]);
    for (const hours of [-1, 24.5, 1e9]) expect(await correct({ hours }, bea)).toMatchObject([{ code: 'INVALID' }]);
    for (const evaluation of [0, 6]) expect(await correct({ evaluation }, bea)).toMatchObject([{ code: 'INVALID' }]);
    expect(await correct({ hours: 4, reason: '' }, bea)).toMatchObject([{ code: 'INVALID' }]);
    expect(await correct({ hours: 4 }, bea)).toEqual([]);
    expect(await hoursOf(of)).toBe(4);
  });

  test('of several at the same instant one counts', async () => {
    const of = await volunteer(api, alpha);
    const id = await record(api, of, alpha, { day: '2026-06-03', hours: 2 });
    const answers = await Promise.all(Array.from({ length: 8 }, (_, at) => api.mutate('correctServiceRecord', { record: id, hours: at + 1, reason: 'x' }, ada)));
    const codes = answers.map(({ userErrors }) => userErrors[0]?.code ?? 'DONE').sort();
    expect(codes).toEqual([...Array(7).fill('CONFLICT'), 'DONE']);
    expect(await hoursOf(of)).toBe(await totalOf(of));
  });

  test('earns the points of more hours, whole ones by the sum', async () => {
    await api.done('updatePointsPolicy', { pointsPerHour: 1 }, home.committee).catch(() => undefined);
    const of = await volunteer(api, alpha);
    const [entry] = await served([of], beta, await activity(beta));
    const [issued] = await as(bea, (tx) => issueServiceRecords(tx, [{ ...entry!, seconds: 5400 }]));
    const rate = issued!.points;
    const { record: correction } = await api.done('correctServiceRecord', { record: toGlobalId('ServiceRecord', issued!.id), hours: 3, reason: 'x' }, bea, 'record { points }');
    const [{ earned }] = (await api.database.sql(`SELECT coalesce(sum(amount), 0)::int AS earned FROM points_transfers WHERE credit_id = $1 AND reason = 'SERVICE'`, [of.id])) as [{ earned: number }];
    expect(rate + correction.points).toBe(earned);
    const perHour = (await api.must('{ network { pointsPolicy { pointsPerHour } } }', {}, ada)).network.pointsPolicy.pointsPerHour;
    expect(earned).toBe(3 * perHour);
  });
});

test('nothing of what was said in a correction is in the audit log or events', async () => {
  const person = await api.world.person(alpha, 'VOLUNTEER');
  const of = await volunteer(api, alpha, { person });
  const id = await record(api, of, alpha, { day: '2026-06-03', hours: 2, person });
  const { request } = await api.done('requestCorrection', { record: id, reason: '身份证51010119900101SECRET' }, person, 'request { id }');
  await api.done('correctServiceRecord', { record: id, hours: 1, reason: '身份证51010119900101SECRET', request: request.id }, ada);
  for (const table of ['audit_entries', 'events', 'notifications']) expect([table, await api.database.sql(`SELECT FROM ${table} t WHERE t::text LIKE '%SECRET%'`)]).toEqual([table, []]);
  expect(uuidOf(id)).toHaveLength(36);
});
