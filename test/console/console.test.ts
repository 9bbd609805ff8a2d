import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify from 'fastify';
import { explorer, operationsFolder, type Example } from '../../src/explorer';
import { serveConsole } from '../../src/platform/http/console';
import { TestApi } from '../support/api';

const root = join(__dirname, '../..');
let api: TestApi;

beforeAll(async () => {
  if (!existsSync(join(root, 'dist/console/index.html'))) execFileSync(process.execPath, [join(root, 'console/build.mjs')]);
  api = await TestApi.start();
  await api.world.found('net-b', false);
  await api.world.found('net-a', true);
});
afterAll(() => api.stop());

const get = (path: string, headers: Record<string, string> = {}) => fetch(`${api.url}${path}`, { headers });

test('the page is served at the root, may run only what is served here, and asks each time for its newest state', async () => {
  const answer = await get('/');
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(answer.headers.get('cache-control')).toBe('no-cache');
  const policy = answer.headers.get('content-security-policy')!;
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("connect-src 'self';");
  expect(policy).not.toMatch(/https?:|unsafe-eval|script-src[^;]*unsafe-inline/);
  expect(await answer.text()).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
});

test('what answers with data may run nothing at all', async () => {
  const answer = await get('/healthz');
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
});

test.each([
  ['main.js', 'application/javascript; charset=utf-8'],
  ['main.css', 'text/css; charset=utf-8'],
  ['editor.worker.js', 'application/javascript; charset=utf-8'],
  ['json.worker.js', 'application/javascript; charset=utf-8'],
  ['graphql.worker.js', 'application/javascript; charset=utf-8'],
])('%s is served packed, as %s, and not again while it is unchanged', async (name, type) => {
  const answer = await get(`/console/${name}`, { 'accept-encoding': 'gzip' });
  expect(answer.status).toBe(200);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': type,
    'content-encoding': 'gzip',
    'cache-control': 'no-cache',
    vary: 'accept-encoding',
    'x-content-type-options': 'nosniff',
  });
  await answer.arrayBuffer();
  // fetch by itself would ask with no-cache, which is to be answered in full.
  const again = await get(`/console/${name}`, { 'accept-encoding': 'gzip', 'if-none-match': answer.headers.get('etag')!, 'cache-control': 'max-age=0' });
  expect(again.status).toBe(304);
});

test('nothing outside its folder is served', async () => {
  for (const path of ['/console/nothing.js', '/console/..%2fmanifest.json', '/console/%2e%2e/manifest.json', '/console//etc/passwd', '/console/']) {
    const answer = await get(path);
    expect([path, answer.status >= 400 && answer.status < 500]).toEqual([path, true]);
    expect(await answer.text()).not.toContain(root);
  }
});

test('its configuration names the endpoint, the networks, and the examples in their order with their documents', async () => {
  const answer = await get('/console/config.json');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const config = (await answer.json()) as { examples: Example[] };
  expect(config).toMatchObject({
    endpoint: '/graphql',
    sampleSignIns: [],
    networks: [
      { code: 'net-a', name: 'Network net-a' },
      { code: 'net-b', name: 'Network net-b' },
    ],
  });
  const listed = JSON.parse(readFileSync(join(operationsFolder, 'examples.json'), 'utf8')) as { operation: string }[];
  expect(config.examples.map(({ operation }) => operation)).toEqual(listed.map(({ operation }) => operation));
  expect(config.examples[0]!.query).toBe(readFileSync(join(operationsFolder, `${listed[0]!.operation}.graphql`), 'utf8'));
});

test('sample sign-ins are told where there are any, and never in production', async () => {
  const sample = { identifier: 'a@example.org', password: 'secret', displayName: 'A', role: 'ADMIN', organization: 'O', note: 'a sample' };
  const told = async (production: boolean) => ({ ...(await explorer({ ...api.config, production }, api.dataSource, [sample]).config()) });
  expect(await told(false)).toMatchObject({ sampleSignIns: [sample] });
  expect(await told(true)).toMatchObject({ sampleSignIns: [] });
});

test('behind a proxy the endpoint lies under the path of the public address', async () => {
  const config = await explorer({ ...api.config, publicUrl: 'https://example.org/youth/' }, api.dataSource, []).config();
  expect(config).toMatchObject({ endpoint: '/youth/graphql' });
});

test('a page that is not built is told of in one line', async () => {
  const server = Fastify();
  await serveConsole(server, { directory: join(tmpdir(), 'no-such-console'), config: async () => ({}) });
  const answer = await fetch(await server.listen({ host: '127.0.0.1', port: 0 }));
  expect(answer.status).toBe(503);
  expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect(await answer.text()).toBe('The explorer page is not built: run npm run build, then start again.\n');
  await server.close();
});

test('without the explorer there is nothing at the root, and nothing of the server shows', async () => {
  const bare = await TestApi.start({ EXPLORER: 'false' });
  try {
    for (const path of ['/', '/console/main.js', '/console/config.json']) {
      const answer = await fetch(`${bare.url}${path}`, { headers: { 'accept-language': 'en' } });
      expect(answer.status).toBe(404);
      expect(await answer.json()).toEqual({
        errors: [{ message: 'There is nothing at this address.', extensions: { code: 'NOT_FOUND', correlationId: answer.headers.get('x-correlation-id') } }],
      });
    }
  } finally {
    await bare.stop();
  }
});
