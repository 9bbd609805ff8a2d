import { Agreements } from '../contracts/agreements';
import { TestApi } from '../support/api';
import { listen, params, socketClient, subscribe } from './clients';

let api: TestApi;
let world: Agreements;

beforeAll(async () => {
  api = await TestApi.start({ INTROSPECTION: 'false', MAX_COST: '2000' });
  world = await Agreements.begin(api);
});
afterAll(() => api.stop());

/** The errors that a document is refused with. */
async function refused(query: string, variables: Record<string, unknown> = {}): Promise<{ message: string; extensions: { code: string } }[]> {
  const told = listen(socketClient(api, await params(api, world.ben)), query, variables);
  const errors = (await told.ended()) as { message: string; extensions: { code: string } }[];
  if (!Array.isArray(errors)) throw new Error(`${JSON.stringify(told.results)} ${JSON.stringify(errors)}`);
  return errors;
}

const nested = (depth: number): string => (depth === 0 ? 'id' : `id supersedes { ${nested(depth - 1)} }`);

test.each<[what: string, query: string, code: string, message: RegExp]>([
  ['too deep', `subscription { contractChanged { ${nested(1_000)} } }`, 'COMPLEXITY_LIMIT', /depth|tokens/],
  ['a little too deep', `subscription { contractChanged { ${nested(20)} } }`, 'COMPLEXITY_LIMIT', /depth/],
  ['with too many aliases', `subscription { contractChanged { ${Array.from({ length: 100 }, (_, i) => `a${i}: id`).join(' ')} } }`, 'COMPLEXITY_LIMIT', /aliases/],
  ['with too many tokens', `subscription { contractChanged { ${'id '.repeat(10_000)} } }`, 'COMPLEXITY_LIMIT', /tokens/],
  ['with too many directives', `subscription { contractChanged { id ${'@include(if: true) '.repeat(100)} } }`, 'COMPLEXITY_LIMIT', /directives/],
  ['that asks for the schema', 'subscription { contractChanged { id } __schema { types { name } } }', 'GRAPHQL_VALIDATION_FAILED', /introspection|one top level field/i],
  ['with two root fields', 'subscription { contractChanged { id } notificationReceived { id } }', 'GRAPHQL_VALIDATION_FAILED', /one top level field/],
  ['with a misspelt field', 'subscription { contractChanged { idd } }', 'GRAPHQL_VALIDATION_FAILED', /^Cannot query field "idd" on type "Contract"\.$/],
  ['that is none', 'subscription {', 'GRAPHQL_PARSE_FAILED', /Syntax Error/],
  ['that is a query', '{ viewer { user { id } } }', 'BAD_USER_INPUT', /Only subscriptions/],
  ['that is a mutation', 'mutation { signOut { userErrors { code } } }', 'BAD_USER_INPUT', /Only subscriptions/],
  ['with two operations and no name', 'subscription A { contractChanged { id } } subscription B { contractChanged { id } }', 'BAD_USER_INPUT', /no such operation/],
  ['without its variable', 'subscription ($id: ID!) { contractChanged(id: $id) { id } }', 'BAD_USER_INPUT', /Variable "\$id"/],
  ['of __proto__', 'subscription { __proto__ { id } }', 'GRAPHQL_VALIDATION_FAILED', /top level field/],
])('a document %s is refused', async (_what, query, code, message) => {
  const [error] = await refused(query);
  expect(error!.extensions.code).toBe(code);
  expect(error!.message).toMatch(message);
});

test('a document that costs too much is refused before it is ever executed', async () => {
  const connection = (inner: string) => `resources(first: 100) { nodes { owner { ${inner} } } }`;
  const query = `subscription { contractChanged { parties { organization { ${connection(connection('id'))} } } } }`;
  const [error] = await refused(query);
  expect(error!.extensions.code).toBe('COMPLEXITY_LIMIT');
});

test('the endpoint for queries says where to subscribe', async () => {
  const { errors } = await api.ask('subscription { contractChanged { id } }', {}, world.ben);
  expect(errors).toEqual([expect.objectContaining({ message: expect.stringContaining('/graphql/stream'), extensions: expect.objectContaining({ code: 'BAD_USER_INPUT' }) })]);
});

test('nested fields are answered by the rights and in the language of whoever subscribes', async () => {
  const query = 'subscription { contractChanged { viewerCan parties { organization { name contact { email } } } history { to } clauses { text } } }';
  const [party, committee] = [await subscribe(api, query, {}, world.ben), await subscribe(api, query, {}, world.committee)];
  await world.proposed();
  await Promise.all([party.count(1), committee.count(2)]);
  const seen = party.results[0]!.data!.contractChanged;
  expect(seen.viewerCan.sort()).toEqual(['EDIT', 'REJECT', 'SIGN']);
  expect(seen.parties.map(({ organization }: { organization: { name: string } }) => organization.name)).toEqual(['Alpha', 'Beta']);
  expect(committee.results.at(-1)!.data!.contractChanged.viewerCan.sort()).toEqual(['EDIT', 'WITHDRAW']);
  for (const told of [party, committee]) told.stop();
});

describe('an event stream', () => {
  const ask = async (init: RequestInit & { search?: string }) =>
    fetch(`${api.url}/graphql/stream${init.search ?? ''}`, { ...init, headers: { 'accept-language': 'en', authorization: `Bearer ${await api.token(world.ben)}`, ...(init.headers as object) } });
  const json = { 'content-type': 'application/json' };

  test.each<[what: string, init: Parameters<typeof ask>[0], status: number]>([
    ['that is no JSON', { method: 'POST', body: '{', headers: json }, 400],
    ['without a query', { method: 'POST', body: '{}', headers: json }, 400],
    ['with variables that are a list', { method: 'POST', body: '{"query":"{ __typename }","variables":[]}', headers: json }, 400],
    ['that accepts JSON alone', { method: 'POST', body: '{"query":"{ __typename }"}', headers: { ...json, accept: 'application/json' } }, 406],
    ['of a form', { method: 'POST', body: 'query=x', headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 415],
    ['of plain text', { method: 'POST', body: '{"query":"x"}', headers: { 'content-type': 'text/plain' } }, 415],
    ['with variables that are no JSON', { method: 'GET', search: '?query=x&variables={' }, 400],
    ['that is to be prepared', { method: 'PUT' }, 404],
  ])('asked for by a request %s is refused', async (_what, init, status) => {
    const response = await ask(init);
    expect(response.status).toBe(status);
    await response.body?.cancel();
  });

  test('is asked for by GET too, is not kept, and says why it is refused', async () => {
    const response = await ask({ search: `?query=${encodeURIComponent('{ viewer { user { id } } }')}` });
    expect(Object.fromEntries(response.headers)).toMatchObject({ 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-correlation-id': expect.any(String) });
    const text = await response.text();
    expect(text).toMatch(/^:\n\nevent: next\ndata: \{"errors":\[\{"message":"Only subscriptions/);
    expect(text.endsWith('event: complete\ndata:\n\n')).toBe(true);
  });
});
