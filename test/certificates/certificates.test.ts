import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { codeOf, newCode } from '../../src/domain/certificates/content';
import { certificatePage, noticePage, PAGE_POLICY } from '../../src/domain/certificates/page';
import { eraseCertificates } from '../../src/domain/certificates/service';
import { anonymous, Session } from '../../src/platform/database/session';
import { record, volunteer, type TestVolunteer } from '../records/people';
import { TestApi } from '../support/api';
import type { Founded, Person, TestOrganization } from '../support/world';

let api: TestApi;
let home: Founded;
let alpha: TestOrganization;
let beta: TestOrganization;
let ada: Person;
let bea: Person;
let vera: Person;
let of: TestVolunteer;
const NOW = '2026-06-10T02:00:00.000Z';

beforeAll(async () => {
  api = await TestApi.start({ CERTIFICATE_LOOKS_PER_ADDRESS: '10000' });
  home = await api.world.found('erma', true);
  alpha = await api.world.organization(home.network, { name: 'Alpha' });
  beta = await api.world.organization(home.network, { name: 'Beta' });
  ada = await api.world.person(alpha, 'STAFF', 'Ada');
  bea = await api.world.person(beta, 'ADMIN', 'Bea');
  vera = await api.world.person(alpha, 'VOLUNTEER', 'Vera');
  of = await volunteer(api, alpha, { person: vera, name: '王小明', seenBy: [beta] });
  await record(api, of, alpha, { day: '2026-03-01', hours: 2.5, person: vera });
  await record(api, of, alpha, { day: '2026-04-01', hours: 3, title: '<script>alert(1)</script>', duty: '"宣传员" & more', organizer: beta, person: vera });
  await record(api, of, alpha, { day: '2026-05-31', hours: 1, person: vera });
});
beforeEach(() => api.clock.set(NOW));
afterAll(() => api.stop());

const CERTIFICATE = `id number status period { from to } hours holder { legalName volunteerNumber identityDocument identityNumberMasked } services { content duty serviceDate hours }
  issuedBy { name } responsiblePerson handledBy contact issuedAt contentHash verificationCode verificationUrl document version history { to note }`;
const input = (more: object = {}) => ({ volunteer: of.globalId, period: { from: '2026-03-01', to: '2026-04-30' }, responsiblePerson: '李主任', contact: '0816-1234567', ...more });
const issue = async (more: object = {}, as = ada) => (await api.done('issueCertificate', input(more), as, `certificate { ${CERTIFICATE} }`)).certificate;
const verify = async (code: string, as: Person | null = null, headers: Record<string, string> = {}) =>
  (await api.must(`query ($code: String!) { verifyCertificate(code: $code) { ${CERTIFICATE} } }`, { code }, as, headers)).verifyCertificate;
const look = (url: string, language = 'en') => fetch(api.url + new URL(url).pathname, { headers: { 'accept-language': language } });

describe('a certificate', () => {
  test('has the four groups of the guideline', async () => {
    const certificate = await issue();
    expect(certificate).toMatchObject({
      number: 'ERMA-ZM-2026-00001', status: 'VALID', period: { from: '2026-03-01', to: '2026-04-30' }, hours: 5.5,
      holder: { legalName: '王小明', volunteerNumber: of.number, identityDocument: 'RESIDENT_IDENTITY_CARD', identityNumberMasked: '510***********123X' },
      services: [
        { content: '社区清洁', duty: '维护员', serviceDate: '2026-03-01', hours: 2.5 },
        { content: '<script>alert(1)</script>', duty: '"宣传员" & more', serviceDate: '2026-04-01', hours: 3 },
      ],
      issuedBy: { name: 'Alpha' }, responsiblePerson: '李主任', handledBy: 'Ada', contact: '0816-1234567', issuedAt: NOW, history: [{ to: 'VALID', note: null }],
    });
    expect(certificate.verificationCode).toMatch(/^([0-9A-HJKMNP-TV-Z]{5}-){3}[0-9A-HJKMNP-TV-Z]{5}$/);
    const [row] = await api.database.sql<{ content: string }>('SELECT content FROM service_certificates WHERE number = $1', [certificate.number]);
    expect(certificate.contentHash).toBe(createHash('sha256').update(row!.content).digest('hex'));
    expect((await issue()).number).toBe('ERMA-ZM-2026-00002');
  });

  test('is issued once for a key', async () => {
    const [one, other] = await Promise.all([issue({ idempotencyKey: 'once' }), issue({ idempotencyKey: 'once' })]);
    expect(one.id).toBe(other.id);
    expect((await api.mutate('issueCertificate', input({ idempotencyKey: 'once', contact: 'elsewhere' }), ada)).userErrors).toMatchObject([{ code: 'IDEMPOTENCY_MISMATCH' }]);
  });

  test.each([
    ['of days to come', { period: { from: '2026-06-01', to: '2026-06-11' } }, 'INVALID', ['input', 'period', 'to']],
    ['of days without a service', { period: { from: '2025-01-01', to: '2025-12-31' } }, 'INVALID', ['input', 'period']],
    ['of days the wrong way round', { period: { from: '2026-04-30', to: '2026-03-01' } }, 'INVALID', ['input', 'period', 'to']],
    ['without who answers for it', { responsiblePerson: ' ' }, 'INVALID', ['input', 'responsiblePerson']],
    ['with a hidden direction', { contact: 'x\u202ey' }, 'INVALID', ['input', 'contact']],
  ])('%s is refused', async (_what, more, code, path) => {
    expect((await api.mutate('issueCertificate', input(more), ada)).userErrors).toMatchObject([{ code, path }]);
  });

  test('needs an identity document', async () => {
    const unknown = await volunteer(api, alpha, { isKnown: false });
    expect((await api.mutate('issueCertificate', input({ volunteer: unknown.globalId }), ada)).userErrors).toMatchObject([{ code: 'INVALID', path: ['input', 'volunteer'] }]);
  });

  test("is issued and revoked by the volunteer's own organization and the committee", async () => {
    expect((await api.mutate('issueCertificate', input(), bea)).userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
    const ours = await volunteer(api, alpha);
    expect((await api.mutate('issueCertificate', input({ volunteer: ours.globalId }), bea)).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    const { errors } = await api.ask('mutation ($input: IssueCertificateInput!) { issueCertificate(input: $input) { userErrors { code } } }', { input: input() }, vera);
    expect(errors![0]!.extensions.code).toBe('FORBIDDEN');
    const byCommittee = await issue({}, home.committee);
    expect(byCommittee.issuedBy.name).toBe('Hub of erma');
    expect((await api.mutate('revokeCertificate', { id: byCommittee.id, version: 1, reason: 'no' }, bea)).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    expect((await api.mutate('revokeCertificate', { id: byCommittee.id, version: 2, reason: 'no' }, ada)).userErrors).toMatchObject([{ code: 'STALE_VERSION' }]);
  });

  test('is read by the volunteer, the own organization and the committee alone', async () => {
    const { id } = await issue();
    const read = async (as: Person | null) => (await api.must(`query ($id: ID!) { node(id: $id) { ... on ServiceCertificate { holder { legalName } } } }`, { id }, as)).node;
    for (const who of [ada, vera, home.committee]) expect(await read(who)).toEqual({ holder: { legalName: '王小明' } });
    const hubStaff = await api.world.person(home.hub, 'STAFF');
    for (const who of [bea, hubStaff, null]) expect(await read(who)).toBeNull();
  });
});

describe('verified by its code', () => {
  test('it shows what it says to anybody, the name and numbers masked', async () => {
    const certificate = await issue();
    const elsewhere = await api.world.found('other');
    const there = await api.world.person(await api.world.organization(elsewhere.network), 'ADMIN');
    for (const [who, headers] of [[null, {}], [bea, {}], [there, {}], [null, { 'x-network': 'other' }]] as const) {
      const shown = await verify(certificate.verificationCode, who, headers);
      expect(shown).toEqual({
        ...certificate, holder: { ...certificate.holder, legalName: '王**', volunteerNumber: `*****${of.number.slice(-3)}` }, document: certificate.verificationUrl, history: [],
        version: shown.version,
      });
    }
    for (const typed of [certificate.verificationCode.toLowerCase(), certificate.verificationCode.replaceAll('-', ''), ` ${certificate.verificationCode} `]) {
      expect((await verify(typed)).id).toBe(certificate.id);
    }
  });

  test('a forged one is not there', async () => {
    const { verificationCode } = await issue();
    const last = verificationCode.endsWith('0') ? '1' : '0';
    for (const code of [verificationCode.slice(0, -1) + last, verificationCode.slice(0, -1), '', '0'.repeat(20), 'x'.repeat(5000), "' OR true --", '%', '_'.repeat(20), newCode()]) expect(await verify(code)).toBeNull();
  });

  test('a revoked one is told apart', async () => {
    const { id, verificationCode, verificationUrl } = await issue();
    await api.done('revokeCertificate', { id, version: 1, reason: '记录有误' }, ada);
    expect((await verify(verificationCode)).status).toBe('REVOKED');
    const text = await (await look(verificationUrl)).text();
    expect([text.includes('class="status REVOKED"'), text.includes('记录有误')]).toEqual([true, false]);
    expect((await api.mutate('revokeCertificate', { id, version: 2, reason: 'again' }, ada)).userErrors).toMatchObject([{ code: 'WRONG_STATE' }]);
  });

  test.each([
    ['its hours', `content = replace(content, '"hours":5.5', '"hours":55.5')`],
    ['its text and the hash of it', `content = replace(content, '"hours":5.5', '"hours":55.5'), content_hash = encode(sha256(convert_to(replace(content, '"hours":5.5', '"hours":55.5'), 'UTF8')), 'hex')`],
    ['its code', `code = '${newCode()}'`],
    ['its signature', `signature = decode(repeat('00', 64), 'hex')`],
    ['its key', `key_id = 'another'`],
  ])('one with %s altered in the database is told apart', async (_what, change) => {
    const { id } = await issue();
    const uuid = Buffer.from(id, 'base64url').toString().split(':')[1]!;
    const [row] = await api.database.sql<{ code: string }>(`UPDATE service_certificates SET ${change} WHERE id = $1 RETURNING code`, [uuid]);
    expect((await verify(row!.code)).status).toBe('ALTERED');
    expect(await (await look(`http://x/certificates/${row!.code}`)).text()).toContain('class="status ALTERED"');
  });

  test('the text of one cannot be taken over by another', async () => {
    const [small, large] = [await issue({ period: { from: '2026-03-01', to: '2026-03-31' } }), await issue()];
    await api.database.sql(`UPDATE service_certificates s SET content = l.content, content_hash = l.content_hash, key_id = l.key_id, signature = l.signature
      FROM service_certificates l WHERE s.number = $1 AND l.number = $2`, [small.number, large.number]);
    expect((await verify(small.verificationCode)).status).toBe('ALTERED');
  });

  test('of somebody who was erased nothing of the person is left', async () => {
    const gone = await volunteer(api, alpha, { name: '赵六' });
    await record(api, gone, alpha, { day: '2026-03-02', hours: 1 });
    const { verificationCode } = await issue({ volunteer: gone.globalId });
    await new Session(api.dataSource, anonymous, api.clock).through('volunteers', home.network.id, (tx) => eraseCertificates(tx, gone.id));
    expect(await verify(verificationCode)).toMatchObject({ status: 'REVOKED', hours: 1 });
    const found = await api.database.sql(`SELECT FROM service_certificates c WHERE c::text LIKE '%赵六%' OR c::text LIKE '%' || $1 || '%'`, [gone.number]);
    expect(found).toEqual([]);
  });
});

describe('the page', () => {
  test('shows the same to anybody, as text, and runs nothing', async () => {
    const certificate = await issue();
    const response = await look(certificate.verificationUrl);
    const text = await response.text();
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8', 'content-security-policy': PAGE_POLICY, 'x-content-type-options': 'nosniff', 'cache-control': 'no-store', 'referrer-policy': 'no-referrer',
    });
    expect(PAGE_POLICY).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/);
    const style = /<style>([^]*)<\/style>/.exec(text)![1]!;
    expect(PAGE_POLICY).toContain(createHash('sha256').update(style).digest('base64'));
    expect(text).not.toMatch(/<script|style="|javascript:|\son\w+=/i);
    for (const shown of [certificate.number, certificate.verificationCode, certificate.contentHash, '王**', '&lt;script&gt;alert(1)&lt;/script&gt;', '&quot;宣传员&quot; &amp; more', '李主任', 'class="status VALID"', '<svg']) {
      expect([shown, text.includes(shown)]).toEqual([shown, true]);
    }
    for (const hidden of ['王小明', of.number]) expect([hidden, text.includes(hidden)]).toEqual([hidden, false]);
    expect(await (await look(certificate.verificationUrl, 'zh-CN')).text()).toContain('志愿服务记录证明');
  });

  test('of the holder has the name, and is open for a while', async () => {
    const { document } = await issue();
    const text = await (await look(document)).text();
    expect([text.includes('王小明'), text.includes(of.number), text.includes('class="status')]).toEqual([true, true, false]);
    expect((await look(`${document}A`)).status).toBe(404);
    api.clock.set('2026-06-10T02:10:00.000Z');
    expect((await look(document)).status).toBe(404);
  });

  test('of a code that there is not says so', async () => {
    const response = await look(`http://x/certificates/${newCode()}`);
    expect([response.status, (await response.text()).includes('No such certificate')]).toEqual([404, true]);
  });

  test('has whatever it is filled in with as text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (nasty) => {
        const content = {
          holder: { legalName: nasty, volunteerNumber: nasty, identityDocument: 'OTHER', identityNumberMasked: nasty }, period: { from: nasty, to: nasty },
          services: [{ content: nasty, duty: nasty, serviceDate: nasty, hours: 1 }], hours: 1, issuedBy: nasty, responsiblePerson: nasty, handledBy: nasty, contact: nasty, number: nasty, issuedOn: nasty,
        };
        const text = certificatePage('en', { content, contentHash: nasty, code: '0'.repeat(20), url: 'https://example.org', status: 'VALID' });
        const plain = certificatePage('en', { content: JSON.parse(JSON.stringify(content).replaceAll(JSON.stringify(nasty), '"x"')), contentHash: 'x', code: '0'.repeat(20), url: 'https://example.org', status: 'VALID' });
        // The marks of the page are its own.
        expect(text.match(/[<>]/g)!.length).toBe(plain.match(/[<>]/g)!.length);
      }),
    );
    expect(noticePage('en', 'unknown')).toContain('<h1>');
  });
});

test('codes are of 100 random bits, and read as people type them', () => {
  const codes = Array.from({ length: 2000 }, newCode);
  expect(new Set(codes).size).toBe(codes.length);
  const counts = new Map<string, number>();
  for (const sign of codes.join('')) counts.set(sign, (counts.get(sign) ?? 0) + 1);
  expect(counts.size).toBe(32);
  for (const count of counts.values()) expect(Math.abs(count - 1250)).toBeLessThan(250);
  expect(codeOf('o1l0i-00000-00000-00000')).toBe(`01101${'0'.repeat(15)}`);
  expect(codeOf('U'.repeat(20))).toBeNull();
});

test('codes cannot be guessed by the million', async () => {
  const strict = await TestApi.start({ CERTIFICATE_LOOKS_PER_ADDRESS: '20' });
  try {
    await strict.world.found('erma', true);
    const aliases = Array.from({ length: 15 }, (_, at) => `c${at}: verifyCertificate(code: "${newCode()}") { id }`).join(' ');
    await strict.must(`{ ${aliases} }`);
    const { errors } = await strict.ask(`{ ${aliases} }`);
    expect(errors!.map(({ extensions }) => extensions.code)).toContain('RATE_LIMITED');
    const page = await fetch(`${strict.url}/certificates/${newCode()}`, { headers: { 'accept-language': 'en' } });
    expect([page.status, Number(page.headers.get('retry-after')) > 0, (await page.text()).includes('Too many looks')]).toEqual([429, true, true]);
  } finally {
    await strict.stop();
  }
});

test('nothing of the person is in the audit log, events or the log', async () => {
  await issue();
  for (const table of ['audit_entries', 'events', 'notifications', 'state_changes']) {
    const found = await api.database.sql(`SELECT t::text FROM ${table} t WHERE t::text ~ '王小明|123X'`);
    expect([table, found]).toEqual([table, []]);
  }
  const codes = (await api.database.sql<{ code: string }>('SELECT code FROM service_certificates')).map(({ code }) => code);
  expect(api.log.filter((line) => /王小明|123X/.test(line) || codes.some((code) => line.includes(code) || line.includes(code.match(/.{5}/g)!.join('-'))))).toEqual([]);
});
