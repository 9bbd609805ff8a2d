import { TestApi } from '../support/api';
import type { Founded, Person } from '../support/world';

describe('an operator', () => {
  let api: TestApi;
  let founded: Founded;
  let admin: Person;
  beforeAll(async () => {
    api = await TestApi.start({ CORS_ORIGINS: 'https://app.example.org', STATEMENT_TIMEOUT_MS: '300' });
    founded = await api.world.found();
    admin = await api.world.person(await api.world.organization(founded.network), 'ADMIN', '示例·管理员');
  });
  afterAll(() => api.stop());

  test('sees that the process lives, that it is ready, and what it does', async () => {
    await api.ask('{ __typename }');
    await api.ask('{ nonsense }');
    expect(await (await fetch(`${api.url}/healthz`)).json()).toEqual({ status: 'ok' });
    expect(await (await fetch(`${api.url}/readyz`)).json()).toEqual({ status: 'ready' });
    const metrics = await (await fetch(`${api.url}/metrics`)).text();
    expect(metrics).toMatch(/http_request_duration_seconds_count\{route="\/graphql",status="2xx"\} \d+/);
    expect(metrics).toMatch(/graphql_errors_total\{code="GRAPHQL_VALIDATION_FAILED"\} \d+/);
    expect(metrics).toMatch(/process_resident_memory_bytes \d+/);
  });

  test('names the origins whose pages may ask', async () => {
    const preflight = (origin: string) =>
      fetch(`${api.url}/graphql`, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type' } });
    expect((await preflight('https://app.example.org')).headers.get('access-control-allow-origin')).toBe('https://app.example.org');
    expect((await preflight('https://evil.example.org')).headers.get('access-control-allow-origin')).toBeNull();
  });

  test('finds nothing personal and no token in the log', async () => {
    const { accessToken, refreshToken } = await api.signIn(admin);
    await api.mutate('inviteMember', { organization: admin.organization.globalId, displayName: '示例·新人', email: 'newcomer@example.org', role: 'STAFF' }, admin);
    await api.ask('{ viewer { user { displayName contact { email phone } } } }', {}, admin);
    await api.ask('mutation ($input: SignInInput!) { signIn(input: $input) { nothing } }', { input: { identifier: admin.identifier, password: admin.password } });
    await api.ask('mutation ($input: SignInInput!) { signIn(input: $input) { userErrors { code } } }', { input: { identifier: 'someone@example.org', password: ['not a', 'text'] } });
    const logged = api.log.join('\n');
    expect(logged).toContain('answered');
    for (const secret of [accessToken, refreshToken, admin.identifier, admin.password, 'newcomer@example.org', 'someone@example.org', '示例', 'Bearer']) {
      expect(logged).not.toContain(secret);
    }
    // One event, one line: nothing from outside breaks it.
    await api.ask('{ __typename }', {}, null, { 'x-correlation-id': 'forged-line-0001' });
    expect(api.log.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true);
  });

  test('is told of an internal error by its number, and clients are told nothing else', async () => {
    await api.database.sql('ALTER TABLE positions RENAME TO positions_gone');
    try {
      const { errors } = await api.ask('{ network { positions { nodes { id } } } }');
      expect(errors![0]!.extensions.code).toBe('INTERNAL_SERVER_ERROR');
      expect(JSON.stringify(errors)).not.toMatch(/positions_gone|relation "|stack|node_modules|SELECT/i);
      expect(api.log.some((line) => line.includes(errors![0]!.extensions.correlationId!) && line.includes('"level":50'))).toBe(true);
    } finally {
      await api.database.sql('ALTER TABLE positions_gone RENAME TO positions');
    }
  });
});

describe('a request that takes too long', () => {
  let api: TestApi;
  let founded: Founded;
  beforeAll(async () => {
    api = await TestApi.start({ STATEMENT_TIMEOUT_MS: '300', LOCK_TIMEOUT_MS: '150' });
    founded = await api.world.found();
  });
  afterAll(() => api.stop());

  test('is ended and says so, whether it waits for a row or works on it', async () => {
    await api.token(founded.committee);
    const create = (name: string) =>
      api.ask('mutation ($input: CreatePositionInput!) { createPosition(input: $input) { userErrors { code } } }', { input: { organization: founded.hub.globalId, name } }, founded.committee);
    await api.database.sql(`CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(2); RETURN NEW; END $$`);
    await api.database.sql('CREATE TRIGGER slow BEFORE INSERT ON positions FOR EACH ROW EXECUTE FUNCTION slow()');
    expect((await create('Slow')).errors![0]!.extensions.code).toBe('REQUEST_TIMEOUT');
    await api.database.sql('DROP TRIGGER slow ON positions');
    const holding = api.database.sql(`DO $$ BEGIN LOCK TABLE positions IN ACCESS EXCLUSIVE MODE; PERFORM pg_sleep(1); END $$`);
    await new Promise((done) => setTimeout(done, 100));
    expect((await create('Waiting')).errors![0]!.extensions.code).toBe('SERVICE_BUSY');
    await holding;
    expect((await create('Done')).errors).toBeUndefined();
    expect((await api.must('{ network { positions { nodes { name } } } }')).network.positions.nodes).toEqual([{ name: 'Done' }, { name: `Youth Home of ${founded.network.code}` }]);
  });
});

describe('in production', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await TestApi.start({ NODE_ENV: 'production' });
    await api.world.found();
  });
  afterAll(() => api.stop());

  test('the schema is not told, not even by suggestions', async () => {
    expect((await api.ask('{ __schema { types { name } } }')).errors).toHaveLength(1);
    const { errors } = await api.ask('{ viewr { id } }');
    expect(errors![0]!.message).not.toMatch(/viewer|Did you mean/);
  });

  test('there is no explorer', async () => {
    const response = await fetch(`${api.url}/`, { headers: { accept: 'text/html' } });
    expect(response.status).toBe(404);
  });
});

describe('compiled and interpreted execution', () => {
  let compiled: TestApi;
  let interpreted: TestApi;
  const founded: Founded[] = [];
  beforeAll(async () => {
    compiled = await TestApi.start({ EXECUTION: 'compiled', COMPILE_AFTER: '0' });
    interpreted = await TestApi.start({ EXECUTION: 'interpreted' });
    for (const api of [compiled, interpreted]) founded.push(await api.world.found());
  });
  afterAll(() => Promise.all([compiled.stop(), interpreted.stop()]));

  test.each<[string, string, Record<string, unknown>?]>([
    ['plain fields, aliases and fragments', '{ a: network { ...n } b: network { code } } fragment n on Network { name code timeZone }'],
    ['skip and include', 'query ($yes: Boolean!) { network { name @skip(if: $yes) code @include(if: $yes) } }', { yes: true }],
    ['interfaces and typenames', '{ nodes(ids: ["nonsense"]) { __typename id } }'],
    ['connections', '{ organizations(first: 1) { edges { cursor node { name kind status } } pageInfo { hasNextPage hasPreviousPage } totalCount } }'],
    ['an error in a nullable field', '{ network { name } auditLog { nodes { id } } }'],
    ['an error in a list field with its path', '{ organizations(first: 101) { nodes { id } } network { code } }'],
    ['variables of a wrong type', 'query ($first: Int) { organizations(first: $first) { totalCount } }', { first: 'x' }],
    ['variables that are missing', 'query ($id: ID!) { node(id: $id) { id } }'],
    ['an enum that is none', 'query ($kind: OrganizationKind) { network { organizations(kind: $kind) { totalCount } } }', { kind: 'NONE' }],
    ['a date that is none', 'query ($period: DateRangeInput) { network { statistics(period: $period) { organizations } } }', { period: { from: '2026-02-30', to: '2026-03-01' } }],
    ['a date range', 'query ($period: DateRangeInput) { network { statistics(period: $period) { organizations contractsInForce } } }', { period: { from: '2026-02-01', to: '2026-03-01' } }],
    ['a refused mutation', 'mutation ($input: SignInInput!) { signIn(input: $input) { session { accessToken } userErrors { code path message } } }', { input: { identifier: 'x', password: 'y' } }],
    ['introspection', '{ __type(name: "Organization") { name fields { name type { kind name } } } }'],
  ])('answer alike: %s', async (_what, query, variables = {}) => {
    const answers = await Promise.all([compiled, interpreted].map((api) => api.ask(query, variables)));
    const [one, other] = answers.map(({ data, errors, status }) => ({ data, errors: errors?.map(({ extensions, ...error }) => ({ ...error, code: extensions.code })), status }));
    const alike = (value: unknown) => JSON.parse(JSON.stringify(value).replaceAll(/"cursor":"[^"]*"/g, '"cursor":"…"')) as unknown;
    expect(alike(one)).toEqual(alike(other));
  });
});
