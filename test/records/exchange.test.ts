import { FORM } from '../../src/domain/records/format';
import { TestApi } from '../support/api';
import type { Founded, Person, TestOrganization } from '../support/world';
import { here, uploaded } from '../files/uploads';
import { record, volunteer, type TestVolunteer } from './people';

let api: TestApi;
let home: Founded;
let alpha: TestOrganization;
let beta: TestOrganization;
let ada: Person;
let of: TestVolunteer;
let foreign: TestVolunteer;
const NOW = '2026-06-10T02:00:00.000Z';

beforeAll(async () => {
  api = await TestApi.start();
  home = await api.world.found('erma', true);
  alpha = await api.world.organization(home.network, { name: 'Alpha' });
  beta = await api.world.organization(home.network, { name: 'Beta' });
  ada = await api.world.person(alpha, 'ADMIN', 'Ada');
  of = await volunteer(api, alpha, { name: '王小明' });
  foreign = await volunteer(api, beta);
});
beforeEach(() => api.clock.set(NOW));
afterAll(() => api.stop());

const REPORT = 'report { rows taken known refused problems { line element reason } }';
const valid = (more: object = {}) => ({ recordId: 'r1', volunteerNumber: of.number, activityTitle: '植树', duty: '宣传员', serviceDate: '2026-05-01', hours: 2.5, ...more });
const json = (records: object[], form = FORM) => JSON.stringify({ form, records });
const upload = (content: string | Buffer, mediaType = 'application/json') => uploaded(api, ada, content, { purpose: 'SERVICE_RECORDS', name: 'records', mediaType });
const take = async (content: string | Buffer, { origin = 'zyz.example.org', dryRun = false, mediaType = 'application/json', who = ada } = {}) =>
  (await api.done('importServiceRecords', { file: await upload(content, mediaType), origin, dryRun }, who, REPORT)).report;
const hours = async ({ globalId }: TestVolunteer) => (await api.must('query ($id: ID!) { node(id: $id) { ... on Volunteer { serviceHours } } }', { id: globalId }, home.committee)).node.serviceHours;

describe('records of another system', () => {
  test('are taken once, however often they are sent', async () => {
    const records = [valid(), valid({ recordId: 'r2', hours: 1, evaluation: 5, place: '尔玛社区' })];
    expect(await take(json(records), { dryRun: true })).toEqual({ rows: 2, taken: 2, known: 0, refused: 0, problems: [] });
    expect(await hours(of)).toBe(0);
    expect(await take(json(records))).toEqual({ rows: 2, taken: 2, known: 0, refused: 0, problems: [] });
    expect(await take(json([...records, valid({ recordId: 'r3', hours: 0.5 }), valid({ recordId: 'r3', hours: 0.5 })]))).toMatchObject({ rows: 4, taken: 1, known: 3 });
    expect(await take(json(records), { dryRun: true })).toMatchObject({ taken: 0, known: 2 });
    expect(await hours(of)).toBe(4);
    // From elsewhere it is another one.
    expect(await take(json([valid()]), { origin: 'other.example.org' })).toMatchObject({ taken: 1 });
    const { serviceRecords } = await api.must('query ($of: ID!) { serviceRecords(filter: { volunteer: $of }) { nodes { origin originId activity { id } activityTitle points organizer { name } } } }', { of: of.globalId }, ada);
    expect(serviceRecords.nodes).toContainEqual({ origin: 'zyz.example.org', originId: 'r2', activity: null, activityTitle: '植树', points: 0, organizer: { name: 'Alpha' } });
  });

  test('sent by several at the same instant count once', async () => {
    const content = json(Array.from({ length: 20 }, (_, at) => valid({ recordId: `race ${at}`, hours: 1 })));
    const before = await hours(of);
    const reports = await Promise.all(Array.from({ length: 4 }, () => take(content)));
    expect(reports.reduce((sum, { taken }) => sum + taken, 0)).toBe(20);
    expect(await hours(of)).toBe(before + 20);
  });

  test('are told of row by row where something stands against them', async () => {
    const report = await take(json([
      valid({ recordId: 'ok' }), valid({ recordId: 'a', volunteerNumber: 'V-999999' }), valid({ recordId: 'b', hours: 0 }), valid({ recordId: 'c', hours: 24.1 }), valid({ recordId: 'd', hours: 'many' }),
      valid({ recordId: 'e', serviceDate: '2026-06-11' }), valid({ recordId: 'f', serviceDate: '2026-02-30' }), valid({ recordId: 'g', evaluation: 6 }), valid({ recordId: 'h', duty: '' }),
      valid({ recordId: '' }), valid({ recordId: 'i', activityTitle: 'x\u202ey' }), valid({ recordId: 'j', volunteerNumber: foreign.number }), { nothing: true }, null as unknown as object, valid({ recordId: ['k'] }),
    ]));
    expect(report).toMatchObject({ rows: 15, taken: 1, known: 0, refused: 14 });
    expect(report.problems.map(({ line, element }: { line: number; element: string | null }) => [line, element])).toEqual([
      [2, 'volunteerNumber'], [3, 'hours'], [4, 'hours'], [5, 'hours'], [6, 'serviceDate'], [7, 'serviceDate'], [8, 'evaluation'], [9, 'duty'], [10, 'recordId'], [11, 'activityTitle'],
      [12, 'volunteerNumber'], [13, 'recordId'], [14, null], [15, 'recordId'],
    ]);
    for (const { reason } of report.problems) expect(reason).toMatch(/^[A-Z].*\.$/);
  });

  test('come as tables too, in UTF-8 or GB18030, by the Chinese heads or the names', async () => {
    const table = `服务记录编号,志愿者编号,志愿服务活动名称,服务岗位,服务日期,服务时长,备注\r\ncsv1,${of.number},"植树, 浇水",维护员,2026-05-02,1.5,\r\ncsv2,${of.number},'=1+1,维护员,2026-05-02,x,\r\n`;
    expect(await take(table, { mediaType: 'text/csv' })).toMatchObject({ rows: 2, taken: 1, refused: 1, problems: [{ line: 3, element: 'hours' }] });
    const named = `\ufeffrecordId,volunteerNumber,activityTitle,duty,serviceDate,hours\ncsv3,${of.number},tree,duty,2026-05-02,1\n`;
    expect(await take(named, { mediaType: 'text/csv' })).toMatchObject({ taken: 1 });
    // 服务记录编号,志愿者编号,志愿服务活动名称,服务岗位,服务日期,服务时长
    const head = Buffer.from('b7fecef1bcc7c2bcb1e0bac52cd6bed4b8d5dfb1e0bac52cd6bed4b8b7fecef1bbeeb6afc3fbb3c62cb7fecef1b8dacebb2cb7fecef1c8d5c6da2cb7fecef1cab1b3a40a', 'hex');
    expect(await take(Buffer.concat([head, Buffer.from(`csv4,${of.number},tree,duty,2026-05-03,1\n`)]), { mediaType: 'text/csv' })).toMatchObject({ taken: 1 });
  });

  test.each([
    ['of no form', '{"records": 1}', 'application/json'], ['of another form', json([], 'other/1'), 'application/json'], ['that is no JSON', '{', 'application/json'], ['a list alone', '[]', 'application/json'],
    ['with wrong columns', 'a,b,c\n1,2,3\n', 'text/csv'], ['with an open quote', 'recordId,"volunteerNumber\n', 'text/csv'],
  ])('in a file %s are refused as a whole', async (_what, content, mediaType) => {
    const { userErrors } = await api.mutate('importServiceRecords', { file: await upload(content, mediaType), origin: 'x' }, ada);
    expect(userErrors).toMatchObject([{ code: 'INVALID', path: ['input', 'file'] }]);
  });

  test("are of the own organization's volunteers, and for administrators and the committee to take", async () => {
    const staff = await api.world.person(alpha, 'STAFF');
    const file = await upload(json([valid()]));
    const ask = (who: Person, input: object) => api.ask('mutation ($input: ImportServiceRecordsInput!) { importServiceRecords(input: $input) { report { taken } userErrors { code path } } }', { input }, who);
    expect((await ask(staff, { file, origin: 'x' })).errors![0]!.extensions.code).toBe('FORBIDDEN');
    // A file is for who has uploaded it.
    expect((await ask(home.committee, { file, origin: 'x' })).data.importServiceRecords.userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    for (const origin of ['', 'UPPER', 'a b', '../x', 'x'.repeat(65)]) expect((await ask(ada, { file, origin })).data.importServiceRecords.userErrors).toMatchObject([{ code: 'INVALID' }]);
    const photo = await uploaded(api, ada, Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64'), { mediaType: 'image/png' });
    expect((await ask(ada, { file: photo, origin: 'x' })).data.importServiceRecords.userErrors).toMatchObject([{ code: 'INVALID' }]);
  });
});

describe('records for another system', () => {
  const consent = ({ id }: TestVolunteer, organization: TestOrganization) => api.database.sql(
    `INSERT INTO volunteer_consents (network_id, id, volunteer_id, organization_id, purpose, granted_at, recorded_by) VALUES ($1, gen_random_uuid(), $2, $3, 'EXCHANGE', now(), gen_random_uuid())`,
    [home.network.id, id, organization.id],
  );
  const period = { from: '2026-04-01', to: '2026-04-30' };
  const exported = async (format: string, who = ada) => {
    const { file } = await api.done('exportServiceRecords', { period, format }, who, 'file { id name purpose mediaType status url }');
    return { file, text: await (await fetch(here(api, file.url))).text() };
  };

  test('are those that stand, of volunteers who agreed, and are taken elsewhere once', async () => {
    const [willing, unwilling] = [await volunteer(api, alpha), await volunteer(api, alpha, { name: '李四' })];
    const first = await record(api, willing, alpha, { day: '2026-04-01', hours: 2, title: '=HYPERLINK("http://x")' });
    await record(api, unwilling, alpha, { day: '2026-04-02', hours: 2 });
    expect((await api.mutate('exportServiceRecords', { period, format: 'JSON' }, ada)).userErrors).toMatchObject([{ code: 'INVALID' }]);
    await consent(willing, alpha);
    const rootId = Buffer.from(first, 'base64url').toString().split(':')[1];
    const before = JSON.parse((await exported('JSON')).text);
    expect(before).toEqual({
      form: FORM, network: 'erma', exportedAt: NOW,
      records: [{
        recordId: rootId, volunteerNumber: willing.number, activityTitle: '=HYPERLINK("http://x")', duty: '维护员', organizer: 'Alpha', organizerCode: null, serviceDate: '2026-04-01', place: null, hours: 2,
        evaluation: null, confirmedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      }],
    });
    await api.done('correctServiceRecord', { record: first, hours: 1.25, reason: 'x' }, ada);
    const { text, file } = await exported('JSON');
    expect(JSON.parse(text).records).toMatchObject([{ recordId: rootId, hours: 1.25 }]);
    expect(file).toMatchObject({ name: 'service-records-erma-2026-04-01-2026-04-30.json', purpose: 'EXPORT', status: 'STORED' });
    // What was written is what is read.
    expect(await take(text, { origin: 'this.example.org', dryRun: true })).toMatchObject({ rows: 1, taken: 1, refused: 0 });
    const csv = (await exported('CSV')).text;
    expect(csv).toContain(`'=HYPERLINK`);
    expect(csv.startsWith('\ufeff服务记录编号,') || csv.startsWith('服务记录编号,')).toBe(true);
    expect(await take(csv, { origin: 'this.example.org', mediaType: 'text/csv' })).toMatchObject({ rows: 1, taken: 1, refused: 0 });
    expect(text + csv).not.toMatch(/李四|志愿者\d/);
  });

  test('of the own organization for its administrators, and of all for the committee', async () => {
    await consent(foreign, beta);
    await record(api, foreign, beta, { day: '2026-04-03', hours: 1 });
    const numbers = async (who: Person) => JSON.parse((await exported('JSON', who)).text).records.map(({ volunteerNumber }: { volunteerNumber: string }) => volunteerNumber);
    expect(await numbers(ada)).not.toContain(foreign.number);
    expect(await numbers(home.committee)).toContain(foreign.number);
    const { file } = await exported('JSON');
    expect((await api.must('query ($id: ID!) { node(id: $id) { id } }', { id: file.id }, home.committee)).node).toBeNull();
  });
});
