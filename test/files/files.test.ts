import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { safeName } from '../../src/platform/files/content';
import { sweepFiles } from '../../src/domain/files/service';
import { TestApi } from '../support/api';
import type { Founded, Person, TestOrganization } from '../support/world';
import { announce, FILE, here, PDF, PNG, send, uploaded } from './uploads';

let api: TestApi;
let home: Founded;
let alpha: TestOrganization;
let ada: Person;
let bea: Person;
const NOW = '2026-06-10T02:00:00.000Z';

beforeAll(async () => {
  api = await TestApi.start();
  home = await api.world.found();
  alpha = await api.world.organization(home.network, { name: 'Alpha' });
  ada = await api.world.person(alpha, 'STAFF', 'Ada');
  bea = await api.world.person(alpha, 'ADMIN', 'Bea');
});
beforeEach(() => api.clock.set(NOW));
afterAll(() => api.stop());

const read = async (id: string, as: Person | null) => (await api.must(`query ($id: ID!) { node(id: $id) { ... on File { ${FILE} } } }`, { id }, as)).node;
const folder = () => join(api.config.dataDirectory, 'files');
/** The content that is kept, and what is left of uploads. */
const kept = () => readdirSync(folder(), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map(({ name }) => name);

describe('an upload', () => {
  test('goes to its address, and is read at another by who uploaded it', async () => {
    const { file, upload } = await announce(api, ada, { size: PNG.length, mediaType: 'image/png', name: '义工 合影.png' });
    expect(file).toMatchObject({ status: 'AWAITED', name: '义工 合影.png', size: PNG.length, url: null, uploadedBy: { displayName: 'Ada', organization: { id: alpha.globalId } } });
    expect(upload).toMatchObject({ method: 'PUT', expiresAt: '2026-06-10T02:15:00.000Z' });
    expect((await send(api, upload.url, PNG)).status).toBe(204);
    const stored = await read(file.id, ada);
    expect(stored).toMatchObject({ status: 'STORED', mediaType: 'image/png', expiresAt: '2026-06-11T02:00:00.000Z' });

    const response = await fetch(here(api, stored.url));
    expect(Buffer.from(await response.arrayBuffer())).toEqual(PNG);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'image/png', 'content-length': String(PNG.length), 'x-content-type-options': 'nosniff', 'content-security-policy': "default-src 'none'; sandbox",
      'content-disposition': `inline; filename*=UTF-8''${encodeURIComponent('义工 合影.png')}`, 'cross-origin-resource-policy': 'cross-origin', 'cache-control': 'private, max-age=600',
    });
    const again = await fetch(here(api, stored.url), { headers: { 'if-none-match': response.headers.get('etag')! } });
    expect(again.status).toBe(304);
    // Before it belongs to something, nobody else sees it.
    expect([await read(file.id, bea), await read(file.id, home.committee), await read(file.id, null)]).toEqual([null, null, null]);
  });

  test('is sent once', async () => {
    const { file, upload } = await announce(api, ada, { size: PNG.length, mediaType: 'image/png' });
    const statuses = await Promise.all(Array.from({ length: 6 }, async () => (await send(api, upload.url, PNG)).status));
    expect(statuses.filter((status) => status === 204)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(5);
    expect((await read(file.id, ada)).status).toBe('STORED');
    expect((await send(api, upload.url, PNG)).status).toBe(409);
  });

  test('that is refused may be sent again', async () => {
    const { upload } = await announce(api, ada, { size: PNG.length, mediaType: 'image/png' });
    const page = Buffer.alloc(PNG.length, ' ');
    page.write('<html>');
    const refused = await send(api, upload.url, page);
    expect([refused.status, await refused.json()]).toMatchObject([415, { errors: [{ extensions: { code: 'UPLOAD_REFUSED' } }] }]);
    expect((await send(api, upload.url, PNG)).status).toBe(204);
  });

  test('is of the announced length', async () => {
    const before = kept().length;
    const { file, upload } = await announce(api, ada, { size: PNG.length, mediaType: 'image/png' });
    for (const content of [PNG.subarray(1), Buffer.concat([PNG, PNG]), Buffer.alloc(0)]) expect((await send(api, upload.url, content)).status).toBe(400);
    // Without a length it could go on for ever.
    const endless = await fetch(here(api, upload.url), { method: 'PUT', body: new Blob([PNG]).stream(), duplex: 'half' });
    expect(endless.status).toBe(400);
    expect(kept()).toHaveLength(before);
    expect((await read(file.id, ada)).status).toBe('AWAITED');
  });

  test('of 300 MB is not announced, nor sent', async () => {
    const { userErrors } = await api.mutate('createUpload', { purpose: 'VOLUNTEER_ROSTER', name: 'roster.csv', size: 300_000_000, mediaType: 'text/csv' }, ada);
    expect(userErrors).toMatchObject([{ code: 'INVALID', path: ['input', 'size'] }]);
    const { upload } = await announce(api, ada, { purpose: 'VOLUNTEER_ROSTER', name: 'roster.csv', size: 20_000_000, mediaType: 'text/csv' });
    const response = await send(api, upload.url, Buffer.alloc(25_000_000, 'a')).catch(() => null);
    expect([400, 413, undefined]).toContain(response?.status);
    expect(kept()).not.toContain(expect.stringMatching(/roster/));
  });

  test('is announced by staff alone, for what its purpose takes', async () => {
    const volunteer = await api.world.person(alpha, 'VOLUNTEER');
    const input = { purpose: 'ACTIVITY_PHOTO', name: 'photo.png', size: 10, mediaType: 'image/png' };
    const ask = (as: Person | null) => api.ask('mutation ($input: CreateUploadInput!) { createUpload(input: $input) { userErrors { code } } }', { input }, as);
    expect((await ask(volunteer)).errors![0]!.extensions.code).toBe('FORBIDDEN');
    expect((await ask(null)).errors![0]!.extensions.code).toBe('UNAUTHENTICATED');
    for (const wrong of [
      { mediaType: 'image/svg+xml' }, { mediaType: 'text/html' }, { mediaType: 'image/gif' }, { purpose: 'EXPORT' }, { size: 0 }, { size: -1 }, { size: 10_000_001 }, { name: '' }, { name: 'a\u0000b.png' },
      { name: 'photo\u202egnp.exe' }, { name: 'a\nb' + 'c'.repeat(300) }, { name: 'x'.repeat(201) },
    ]) {
      const { userErrors } = await api.mutate('createUpload', { ...input, ...wrong }, ada);
      expect([wrong, userErrors.length > 0 && userErrors[0].code]).toEqual([wrong, 'INVALID']);
    }
  });

  test('of somebody who puts none to use ends at a bound', async () => {
    const hoarder = await api.world.person(alpha, 'STAFF');
    const input = { purpose: 'ACTIVITY_PHOTO', name: 'photo.png', size: 10, mediaType: 'image/png' };
    for (let count = 0; count < 50; count++) await api.done('createUpload', input, hoarder);
    expect((await api.mutate('createUpload', input, hoarder)).userErrors).toMatchObject([{ code: 'CAPACITY_EXCEEDED' }]);
    api.clock.set('2026-06-10T02:16:00Z');
    await api.done('createUpload', input, hoarder);
  });
});

describe('the content decides', () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
  const cases: [string, string, string, Buffer | string, number][] = [
    ['a page called a picture', 'ACTIVITY_PHOTO', 'image/png', '<!doctype html><script>alert(1)</script>', 415],
    ['a drawing with a script', 'ACTIVITY_PHOTO', 'image/png', svg, 415],
    ['the same behind an XML declaration', 'ACTIVITY_PHOTO', 'image/jpeg', `<?xml version="1.0"?>${svg}`, 415],
    ['a script', 'ACTIVITY_PHOTO', 'image/webp', 'alert(document.cookie)', 415],
    ['a program', 'ACTIVITY_PHOTO', 'image/png', Buffer.from('4d5a90000300000004000000ffff0000', 'hex'), 415],
    ['an archive', 'CONTRACT_DOCUMENT', 'application/pdf', Buffer.from('504b0304140000000000', 'hex'), 415],
    ['a scan', 'CONTRACT_DOCUMENT', 'application/pdf', PDF, 204],
    ['a picture announced as another', 'ACTIVITY_PHOTO', 'image/jpeg', PNG, 204],
    ['a page called a table', 'VOLUNTEER_ROSTER', 'text/csv', '\ufeff <html><body>name,phone</body></html>', 415],
    ['bytes called a table', 'VOLUNTEER_ROSTER', 'text/csv', Buffer.from([0, 1, 2, 3]), 415],
    ['a table', 'VOLUNTEER_ROSTER', 'text/csv', '\ufeff姓名,电话\n王小明,13800138000\n', 204],
    ['a table in GB18030', 'VOLUNTEER_ROSTER', 'text/csv', Buffer.from('d0d5c3fb2cb5e7bbb00acdf5d0a1c3f72c310a', 'hex'), 204],
    ['records', 'SERVICE_RECORDS', 'application/json', '[{"id": 1}]', 204],
    ['a picture called records', 'SERVICE_RECORDS', 'application/json', PNG, 415],
  ];
  test.each(cases)('%s', async (_what, purpose, mediaType, content, status) => {
    const bytes = Buffer.from(content as string);
    const { file, upload } = await announce(api, bea, { purpose, mediaType, name: 'file', size: bytes.length });
    expect((await send(api, upload.url, bytes)).status).toBe(status);
    expect((await read(file.id, bea)).status).toBe(status === 204 ? 'STORED' : 'AWAITED');
  });

  test('what it is called, and how it is served', async () => {
    const id = await uploaded(api, ada, PNG, { name: '../../etc/page.html', mediaType: 'image/jpeg' });
    const picture = await read(id, ada);
    expect(picture).toMatchObject({ name: 'page.html.png', mediaType: 'image/png' });
    const table = await read(await uploaded(api, ada, 'a,b\n', { purpose: 'VOLUNTEER_ROSTER', name: 'list.csv', mediaType: 'text/csv' }), ada);
    expect((await fetch(here(api, table.url))).headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''list.csv");
  });

  test('names are free of paths whatever they are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }), (name) => {
        const safe = safeName(name, 'application/pdf');
        expect(safe).toMatch(/^[^/\\<>:"|?*]+\.pdf$/i);
        expect(safe.startsWith('.')).toBe(false);
        expect([...safe].length).toBeLessThanOrEqual(200);
      }),
    );
  });
});

describe('an address', () => {
  test('is good for what it was given out for, until then, and to the letter', async () => {
    const { upload } = await announce(api, ada, { size: PNG.length, mediaType: 'image/png' });
    const id = await uploaded(api, ada, PNG, { mediaType: 'image/png' });
    const { url } = await read(id, ada);
    // Neither may do what the other may.
    expect((await fetch(here(api, upload.url))).status).toBe(404);
    expect((await send(api, url, PNG)).status).toBe(404);
    const token = new URL(url).pathname.split('/').at(-1)!;
    const bytes = Buffer.from(token, 'base64url');
    for (let at = 0; at < bytes.length; at++) {
      const forged = Buffer.from(bytes);
      forged[at]! ^= 1;
      expect((await fetch(`${api.url}/files/${forged.toString('base64url')}`)).status).toBe(404);
    }
    for (const wrong of [`${token}A`, token.slice(0, -1), `${token}=`, '..%2f..%2fsecret', 'x', `${token}%00`]) expect((await fetch(`${api.url}/files/${wrong}`)).status).toBe(404);
    api.clock.set('2026-06-10T02:09:59Z');
    expect((await fetch(here(api, url))).status).toBe(200);
    api.clock.set('2026-06-10T02:10:00Z');
    expect((await fetch(here(api, url))).status).toBe(404);
    api.clock.set('2026-06-10T02:15:00Z');
    expect((await send(api, upload.url, PNG)).status).toBe(404);
  });
});

describe('what nobody puts to use', () => {
  test('is swept with its content, and nothing else is', async () => {
    const id = await uploaded(api, ada, PNG, { mediaType: 'image/png' });
    const uuid = Buffer.from(id, 'base64url').toString().split(':')[1]!;
    const { file: never } = await announce(api, ada, { size: 5, mediaType: 'image/png' });
    const path = join(folder(), home.network.id, uuid);
    expect(existsSync(path)).toBe(true);
    api.clock.set('2026-06-11T01:59:59Z');
    await sweepFiles(api.app.platform);
    expect([existsSync(path), (await read(id, ada))?.status, await read(never.id, ada)]).toEqual([true, 'STORED', null]);
    api.clock.set('2026-06-11T02:00:00Z');
    expect(await sweepFiles(api.app.platform)).toBeGreaterThan(0);
    expect([existsSync(path), await read(id, ada)]).toEqual([false, null]);
    expect(await sweepFiles(api.app.platform)).toBe(0);
    expect(kept()).toEqual([]);
  });
});
