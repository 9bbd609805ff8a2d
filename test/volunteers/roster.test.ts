import { TestApi } from '../support/api';
import { codes, Desk, identityNumber } from './desk';
import { textCell, workbookOf, zipOf } from './workbook';

/** Rosters that are imported: what is read, what is refused and where, and that nobody is added twice. */

let api: TestApi;
let desk: Desk;
beforeAll(async () => {
  api = await TestApi.start();
  desk = await Desk.open(api);
});
afterAll(() => api.stop());

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const JOB = 'id status dryRun encoding rows added known refused faults(first: 100) { totalCount nodes { line column columnName reason } }';

/** Uploads a roster. @returns the id of the file */
async function upload(content: Buffer, mediaType = 'text/csv', by = desk.people.schoolStaff): Promise<string> {
  const { file, upload: to } = await api.done('createUpload', { purpose: 'VOLUNTEER_ROSTER', name: 'roster', size: content.length, mediaType }, by, 'file { id } upload { url }');
  const response = await fetch(new URL(new URL(to.url).pathname, api.url), { method: 'PUT', body: new Uint8Array(content) });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return file.id as string;
}

const jobOf = async (id: string) => (await api.must(`query ($id: ID!) { node(id: $id) { ... on ImportJob { ${JOB} } } }`, { id }, desk.people.schoolStaff)).node as Record<string, any>;

/** Imports a roster and waits for its end. */
async function imported(content: Buffer, given: { mediaType?: string; dryRun?: boolean } = {}): Promise<Record<string, any>> {
  const file = await upload(content, given.mediaType);
  const { job } = await api.done('importVolunteers', { file, consentsHeld: true, dryRun: given.dryRun ?? false }, desk.people.schoolStaff, 'job { id }');
  let read = await jobOf(job.id);
  await api.until(async () => ['DONE', 'REFUSED'].includes((read = await jobOf(job.id)).status as string));
  return read;
}

const csv = (...lines: string[]): Buffer => Buffer.from(`${lines.join('\r\n')}\r\n`);
const HEAD = '姓名,身份证号,手机,职业,特长';
let sequence = 100;
const line = (name: string, number = identityNumber('1995-05-05', sequence++)) => `${name},${number},13800138000,学生,急救；摄影`;
const countOf = async (name: string): Promise<number> => (await api.database.sql<{ count: number }>('SELECT count(*)::int AS count FROM volunteer_personal WHERE legal_name = $1', [name]))[0]!.count;
/** In the encoding that Node only reads: letters by their two bytes. */
const GB: Readonly<Record<string, number>> = { 姓: 0xd0d5, 名: 0xc3fb, 出: 0xb3f6, 生: 0xc9fa, 日: 0xc8d5, 期: 0xc6da, 手: 0xcad6, 机: 0xbbfa, 王: 0xcdf5, 伟: 0xceb0, 李: 0xc0ee, 娜: 0xc4c8 };
const gb18030 = (text: string): Buffer => Buffer.concat([...text].map((letter) => (GB[letter] ? Buffer.of(GB[letter] >> 8, GB[letter] & 255) : Buffer.from(letter, 'ascii'))));

test('a CSV file in UTF-8 is imported, tried before by a dry run, and adds nobody twice', async () => {
  const roster = csv(HEAD, line('名单甲'), line('名单乙'), '', line('名单丙'));
  expect(await imported(roster, { dryRun: true })).toMatchObject({ status: 'DONE', dryRun: true, encoding: 'UTF-8', rows: 3, added: 3, known: 0, refused: 0 });
  expect(await countOf('名单甲')).toBe(0);
  expect(await imported(roster)).toMatchObject({ status: 'DONE', rows: 3, added: 3, known: 0, refused: 0, faults: { totalCount: 0 } });
  expect(await imported(roster)).toMatchObject({ status: 'DONE', rows: 3, added: 0, known: 3, refused: 0 });
  expect(await countOf('名单甲')).toBe(1);
  const { volunteers } = await api.must('{ volunteers(filter: { text: "名单甲" }) { nodes { number status channel occupation skills personal { legalName birthDate gender phone identityNumberMasked consents { purpose } } history { to } } } }', {}, desk.people.schoolStaff);
  expect(volunteers.nodes).toEqual([{
    number: expect.stringMatching(/^510726\d{8}$/), status: 'ACTIVE', channel: 'VISIT', occupation: 'STUDENT', skills: ['急救', '摄影'], history: [{ to: 'ACTIVE' }],
    personal: { legalName: '名单甲', birthDate: '1995-05-05', gender: expect.any(String), phone: '+8613800138000', identityNumberMasked: expect.stringMatching(/^5\*{16}/), consents: [{ purpose: 'PERSONAL_DATA' }] },
  }]);
});

test('one in GB 18030 is read as such, who has no number is known by name and phone, and another encoding in it is told', async () => {
  const head = gb18030('姓名,出生日期,手机\n');
  const roster = Buffer.concat([head, gb18030('王伟,1990/1/2,13811138111\n'), gb18030('李娜,1991-02-03,13811138112\n'), gb18030('王伟,1990/1/2,13811138111\n'), Buffer.from('李伟,1992-02-03,13811138113\n')]);
  expect(await imported(roster)).toMatchObject({
    status: 'DONE', encoding: 'GB18030', rows: 4, added: 2, known: 1, refused: 1, faults: { nodes: [{ line: 5, column: 1, columnName: '姓名', reason: expect.stringContaining('encoding') }] },
  });
  expect(await imported(roster)).toMatchObject({ added: 0, known: 3 });
  const mixed = Buffer.concat([csv('姓名,出生日期,手机', '王芳,1990-01-02,13811138114'), gb18030('王伟,1990/1/2,13811138115\n')]);
  expect(await imported(mixed)).toMatchObject({ encoding: 'UTF-8', rows: 2, added: 1, refused: 1, faults: { nodes: [{ line: 3, column: 1 }] } });
});

test('what is wrong is told by line and column, and never repeated', async () => {
  const good = identityNumber('1996-06-06', 1);
  const wrong = `${good.slice(0, 17)}${good[17] === '1' ? '2' : '1'}`;
  const read = await imported(csv(
    HEAD, line('好人'), line('错号', wrong), line('=HYPERLINK("x")'), line('无日', identityNumber('1996-02-30', 1)), line('幼年', identityNumber('2020-02-02', 1)),
    `电话,${identityNumber('1996-06-06', 7)},12345,学生,`, `职业,${identityNumber('1996-06-06', 8)},13800138000,宇航员,`, `${line('多余')},又一格`, `,${identityNumber('1996-06-06', 9)},13800138000,学生,`,
  ));
  expect(read).toMatchObject({ status: 'DONE', rows: 9, added: 1, refused: 8 });
  expect(read.faults.nodes.map(({ line: at, column }: { line: number; column: number }) => [at, column])).toEqual([[3, 2], [4, 1], [5, 2], [6, 2], [7, 3], [8, 4], [9, 0], [10, 1]]);
  const [told] = await api.database.sql<{ text: string }>('SELECT string_agg(t::text, chr(10)) AS text FROM roster_import_faults t');
  for (const text of [wrong, '错号', '12345', '宇航员', 'HYPERLINK']) expect(told!.text).not.toContain(text);
});

test.each([
  ['other columns', csv('姓名,工号,手机', '甲,1,13800138000'), [[1, 2], [1, 0]]],
  ['no header', csv(line('无头')), [[1, 1]]],
  ['a column twice', csv('姓名,姓名,出生日期,手机', 'x'), [[1, 2]]],
  ['nothing', csv(''), [[1, 0]]],
  ['a quote that is never closed', csv(HEAD, `"${'x'.repeat(100)}`), [[2, 0]]],
])('a file with %s is refused as a whole', async (_, content, places) => {
  const read = await imported(content);
  expect(read).toMatchObject({ status: 'REFUSED', added: 0 });
  const told = read.faults.nodes.map(({ line: at, column }: { line: number; column: number }) => [at, column]);
  for (const place of places) expect(told).toContainEqual(place);
});

describe('a workbook', () => {
  test('is imported, with shared strings and days as numbers; formulas and numbers that lost digits are told', async () => {
    const head = ['姓名', '出生日期', '手机', '身份证号'].map(textCell).join('');
    const rows = [
      head,
      `<c r="A2" t="s"><v>0</v></c><c r="B2"><v>33000</v></c><c r="C2"><v>13822138221</v></c>`,
      `<c r="A3" t="s"><v>1</v></c><c r="B3"><v>33001</v></c><c r="C3"><f>1+1</f><v>13822138222</v></c>`,
      `<c r="A4" t="s"><v>1</v></c><c r="C4"><v>13822138223</v></c><c r="D4"><v>510726199505050000</v></c>`,
    ];
    const read = await imported(workbookOf(rows, { strings: ['表格甲', '表格乙'] }), { mediaType: XLSX });
    expect(read).toMatchObject({ status: 'DONE', encoding: null, rows: 3, added: 1, refused: 2, faults: { nodes: [{ line: 3, column: 3 }, { line: 4, column: 4 }] } });
    const [kept] = await api.database.sql(`SELECT birth_date::text AS day, phone FROM volunteer_personal WHERE legal_name = '表格甲'`);
    expect(kept).toEqual({ day: '1990-05-07', phone: '+8613822138221' });
  });

  test.each([
    ['declares entities', workbookOf([textCell('&a;')], { head: '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' })],
    ['is broken XML', workbookOf(['<c><v>1</c>'])],
    ['unpacks without end', workbookOf([`<c t="inlineStr"><is><t>${' '.repeat(10_000_000)}</t></is></c>`.repeat(15)])],
    ['has no sheet', zipOf({ '[Content_Types].xml': '<Types><Override ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml" PartName="/xl/workbook.xml"/></Types>', 'xl/workbook.xml': '<workbook/>', 'xl/_rels/workbook.xml.rels': '<Relationships/>' })],
  ])('that %s is refused', async (_, content) => {
    const before = process.memoryUsage().rss;
    expect(await imported(content, { mediaType: XLSX })).toMatchObject({ status: 'REFUSED', added: 0, faults: { totalCount: 1 } });
    expect(process.memoryUsage().rss - before).toBeLessThan(500_000_000);
  });
});

test('is refused to others, without consents, and with a file that is not there; 300 MB are not even taken', async () => {
  const file = await upload(csv(HEAD));
  const attempt = (given: object, by = desk.people.schoolStaff) => api.mutate('importVolunteers', { file, consentsHeld: true, ...given }, by);
  expect(codes(await attempt({ consentsHeld: false }))).toEqual(['CONSENT_REQUIRED']);
  expect(codes(await attempt({}, desk.people.shopStaff))).toEqual(['NOT_FOUND']);
  expect(codes(await attempt({ organization: desk.shop.globalId }))).toEqual(['NOT_ALLOWED']);
  expect(codes(await attempt({ file: desk.school.globalId }))).toEqual(['NOT_FOUND']);
  const large = await api.mutate('createUpload', { purpose: 'VOLUNTEER_ROSTER', name: 'roster.csv', size: 300_000_000, mediaType: 'text/csv' }, desk.people.schoolStaff);
  expect(codes(large)).toEqual(['INVALID']);
  const job = await imported(csv(HEAD, line('他人不见')));
  expect((await api.must('query ($id: ID!) { node(id: $id) { id } }', { id: job.id }, desk.people.shopStaff)).node).toBeNull();
});
