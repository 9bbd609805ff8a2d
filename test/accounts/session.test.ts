import { TestApi } from '../support/api';
import { PASSWORD, type Founded, type Person } from '../support/world';

let api: TestApi;
let founded: Founded;
let admin: Person;

beforeAll(async () => {
  api = await TestApi.start();
  founded = await api.world.found();
  admin = await api.world.person(await api.world.organization(founded.network, { name: 'University' }), 'ADMIN', 'Ada');
});
afterAll(() => api.stop());

const VIEWER = '{ viewer { user { displayName } membership { role organization { name } } network { code } permissions } }';

test('a person signs in and is known by name, membership, network and permissions', async () => {
  const data = await api.must(VIEWER, {}, admin);
  expect(data.viewer).toEqual({
    user: { displayName: 'Ada' },
    membership: { role: 'ADMIN', organization: { name: 'University' } },
    network: { code: founded.network.code },
    permissions: ['MANAGE_ORGANIZATION', 'SIGN_CONTRACTS', 'MANAGE_RESOURCES', 'BOOK_RESOURCES', 'MANAGE_REWARDS', 'COORDINATE_ACTIVITIES', 'MANAGE_VOLUNTEERS', 'MANAGE_PROJECTS', 'READ_AUDIT_LOG'],
  });
});

test('nobody known has a network and nothing else', async () => {
  const data = await api.must(VIEWER);
  expect(data.viewer).toEqual({ user: null, membership: null, network: { code: founded.network.code }, permissions: [] });
});

test('a wrong password and an unknown account are answered alike', async () => {
  const wrong = await api.mutate('signIn', { identifier: admin.identifier, password: 'not the password' }, null, 'session { accessToken }');
  const unknown = await api.mutate('signIn', { identifier: 'nobody@example.org', password: PASSWORD }, null, 'session { accessToken }');
  expect(wrong).toEqual(unknown);
  expect(wrong.session).toBeNull();
  expect(wrong.userErrors[0]).toMatchObject({ code: 'NOT_ALLOWED' });
});
