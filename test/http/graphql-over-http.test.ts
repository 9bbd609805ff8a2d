import { auditServer } from 'graphql-http';
import { TestApi } from '../support/api';

let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start();
  await api.world.found();
});
afterAll(() => api.stop());

test('every audit of GraphQL over HTTP passes, MUST and SHOULD alike', async () => {
  const results = await auditServer({ url: `${api.url}/graphql` });
  expect(results.length).toBeGreaterThanOrEqual(61);
  expect(results.filter(({ status }) => status !== 'ok').map((result) => `${result.id} ${result.name}: ${'reason' in result ? result.reason : ''}`)).toEqual([]);
});
