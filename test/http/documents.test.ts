import { connect } from 'node:net';
import { TestApi } from '../support/api';
import type { Founded, Person } from '../support/world';

let api: TestApi;
let founded: Founded;
let admin: Person;

beforeAll(async () => {
  api = await TestApi.start({ MAX_BODY_BYTES: '256000', REQUEST_TIMEOUT_MS: '3000' });
  founded = await api.world.found();
  admin = await api.world.person(await api.world.organization(founded.network), 'ADMIN');
});
afterAll(() => api.stop());

const code = async (query: string, variables: Record<string, unknown> = {}): Promise<string | undefined> =>
  (await api.ask(query, variables)).errors?.[0]?.extensions.code;
const nested = (depth: number, open: string, inner: string) => `${open.repeat(depth)}${inner}${'}'.repeat(depth)}`;

describe('documents that would cost too much are refused before they run', () => {
  test.each<[string, () => string]>([
    ['a depth of 1,000', () => `{ network { hub { ${nested(499, 'organization { positions { ', 'id')}${'}'.repeat(499)} } } }`],
    ['a depth of 20', () => `{ network { hub { ${nested(9, 'organization { positions { ', 'id')}${'}'.repeat(9)} } } }`],
    ['1,000 aliases', () => `{ ${Array.from({ length: 1_000 }, (_, i) => `a${i}: __typename`).join(' ')} }`],
    ['10,000 aliases', () => `{ ${Array.from({ length: 10_000 }, (_, i) => `a${i}: __typename`).join(' ')} }`],
    ['1,000 directives on one field', () => `{ __typename ${'@include(if: true) '.repeat(1_000)} }`],
    ['50,000 tokens', () => `{ ${'id '.repeat(50_000)} }`],
    ['a page of pages of pages', () => '{ organizations(first: 100) { nodes { members(first: 100) { nodes { organization { members(first: 100) { nodes { id } } } } } } } }'],
  ])('%s', async (_what, document) => {
    expect(await code(document())).toBe('COMPLEXITY_LIMIT');
  });

  test('circular fragments are refused', async () => {
    expect(await code('{ viewer { ...a } } fragment a on Viewer { ...b } fragment b on Viewer { ...a }')).toMatch(/VALIDATION|COMPLEXITY/);
  });

  test('one mutation under 50 aliases does not get past the limit', async () => {
    const document = `mutation { ${Array.from({ length: 50 }, (_, i) => `a${i}: signIn(input: { identifier: "x", password: "y" }) { userErrors { code } }`).join(' ')} }`;
    expect(await code(document)).toBe('COMPLEXITY_LIMIT');
  });
});

describe('what is no request is refused and says so', () => {
  test('a body of 5 MB', async () => {
    const answer = await api.post(JSON.stringify({ query: `{ __typename } # ${'x'.repeat(5_000_000)}` }));
    expect(answer.status).toBe(413);
    expect(answer.errors![0]!.extensions.code).toBe('PAYLOAD_TOO_LARGE');
  });

  test('a body that comes too slowly is cut off', async () => {
    const { hostname, port } = new URL(api.url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.write('POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"query"');
    const began = Date.now();
    await new Promise((done) => socket.once('close', done));
    expect(Date.now() - began).toBeLessThan(20_000);
  });

  test('a batch', async () => {
    const answer = await api.post(JSON.stringify(Array.from({ length: 1_000 }, () => ({ query: '{ __typename }' }))));
    expect(answer.status).toBe(400);
  });

  test('a mutation by GET, a form and plain text', async () => {
    const mutation = encodeURIComponent('mutation { signOut { userErrors { code } } }');
    expect((await fetch(`${api.url}/graphql?query=${mutation}`)).status).toBe(405);
    expect((await api.post('query=%7B__typename%7D', { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415);
    expect((await api.post('{"query":"{ __typename }"}', { 'content-type': 'text/plain' })).status).toBe(415);
  });

  test('a GET that another site makes a browser send', async () => {
    const response = await fetch(`${api.url}/graphql?query=%7B__typename%7D`, { headers: { 'sec-fetch-site': 'cross-site' } });
    expect(response.status).toBe(400);
  });

  test('an unknown operation name, and several operations without one', async () => {
    const query = 'query a { __typename } query b { __typename }';
    expect((await api.post(JSON.stringify({ query, operationName: 'c' }))).errors).toHaveLength(1);
    expect((await api.post(JSON.stringify({ query }))).errors).toHaveLength(1);
    expect((await api.post(JSON.stringify({ query, operationName: 'b' }))).data).toEqual({ __typename: 'Query' });
  });

  test.each([
    ['nested 10,000 deep', `{"query":"query ($v: String) { __typename }","variables":{"v":${'['.repeat(10_000)}${']'.repeat(10_000)}}}`],
    ['with __proto__', '{"query":"query ($id: ID!) { node(id: $id) { id } }","variables":{"__proto__":{"id":"x"},"constructor":{"prototype":{}}}}'],
    ['with a number beyond 2^53', '{"query":"query ($n: Int) { organizations(first: $n) { nodes { id } } }","variables":{"n":9007199254740993}}'],
    ['with NaN', '{"query":"query ($n: Int) { organizations(first: $n) { nodes { id } } }","variables":{"n":NaN}}'],
  ])('variables %s', async (_what, body) => {
    const answer = await api.post(body);
    expect(answer.status).toBeLessThan(500);
    expect(answer.errors!.every(({ extensions }) => extensions.code !== 'INTERNAL_SERVER_ERROR')).toBe(true);
    expect(({} as { id?: string }).id).toBeUndefined();
  });

  test('NUL and lone surrogates in text reach no row', async () => {
    for (const name of ['a\u0000b', 'a\ud800b', 'a\u202eb']) {
      const payload = await api.mutate('createPosition', { organization: admin.organization.globalId, name }, admin, 'position { id }');
      expect(payload).toMatchObject({ position: null, userErrors: [{ code: 'INVALID', path: ['input', 'name'] }] });
    }
    for (const id of ['\u0000', '\ud800', "'; DROP TABLE users; --", '../../etc/passwd']) {
      expect(await api.must('query ($id: ID!) { node(id: $id) { id } }', { id })).toEqual({ node: null });
    }
  });

  test.each([
    ['first: -1', 'BAD_USER_INPUT'],
    ['first: 101', 'BAD_USER_INPUT'],
    ['first: 2147483648', 'GRAPHQL_VALIDATION_FAILED'],
    ['first: 1, last: 1', 'BAD_USER_INPUT'],
    ['last: 1, after: "x"', 'BAD_USER_INPUT'],
    ['first: 1, after: "forged"', 'BAD_USER_INPUT'],
    ['first: 1, after: "W10.AAAAAAAAAAAA"', 'BAD_USER_INPUT'],
    ['first: 1, after: ""', 'BAD_USER_INPUT'],
  ])('paging by %s', async (args, expected) => {
    expect(await code(`{ organizations(${args}) { nodes { id } } }`)).toBe(expected);
  });

  test('paging by 0 is an empty page that knows of more', async () => {
    const { organizations } = await api.must('{ organizations(first: 0) { nodes { id } pageInfo { hasNextPage startCursor } } }');
    expect(organizations).toEqual({ nodes: [], pageInfo: { hasNextPage: true, startCursor: null } });
  });
});

describe('errors', () => {
  test('of the request are in the language of Accept-Language, Chinese when it says nothing', async () => {
    const query = '{ organizations(first: 101) { nodes { id } } }';
    const message = async (language: string) => (await api.ask(query, {}, null, { 'accept-language': language })).errors![0]!.message;
    expect(await message('en-GB,en;q=0.9,zh;q=0.5')).toMatch(/must lie between/);
    expect(await message('zh-CN')).toMatch(/须在/);
    expect(await message('fr')).toMatch(/须在/);
    expect(await message('x'.repeat(1_000))).toMatch(/须在/);
  });

  test('carry the correlation id of the answer, a given one when it is fit', async () => {
    expect((await api.ask('{ __typename }')).headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
    const given = await api.ask('{ __typename }', {}, null, { 'x-correlation-id': 'my-request.0001' });
    expect(given.headers.get('x-correlation-id')).toBe('my-request.0001');
    const unfit = await api.ask('{ __typename }', {}, null, { 'x-correlation-id': 'a b<script>' });
    expect(unfit.headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});
