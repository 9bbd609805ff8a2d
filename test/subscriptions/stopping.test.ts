import { Agreements } from '../contracts/agreements';
import { cleanUp, Server } from '../start/server';
import { newTokenKey } from '../../src/platform/identity/tokens';
import { TestApi } from '../support/api';
import { subscribe, subscribeByEvents } from './clients';

const QUERY = 'subscription { contractChanged { id } }';
let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start({ TOKEN_KEYS: JSON.stringify({ keys: [await newTokenKey()] }) });
});
afterAll(async () => {
  await cleanUp();
  await api.stop();
});

test('a process that is told to end says so to who subscribes, and ends soon', async () => {
  const { ben } = await Agreements.begin(api);
  const { config, database } = api;
  const server = await Server.start({
    NODE_ENV: 'production', DATABASE_URL: database.applicationUrl, SECRET: config.secret!, TOKEN_KEYS: config.tokens.keys!,
    CERTIFICATE_KEYS: config.tokens.keys!, PERSONAL_DATA_KEYS: config.personalDataKeys!, SEED: 'none', WORKER: 'none', LOG_LEVEL: 'warn',
  });
  const at = { url: `http://127.0.0.1:${server.port}` };
  const [socket, stream] = [await subscribe(api, QUERY, {}, ben, at), await subscribeByEvents(api, QUERY, {}, ben, at)];
  const began = Date.now();
  expect(await server.end('SIGTERM')).toBe(0);
  expect(Date.now() - began).toBeLessThan(5_000);
  expect(await socket.ended()).toMatchObject({ code: 1001, reason: 'Going away' });
  await stream.ended();
  expect(stream.results).toEqual([{ errors: [{ message: 'The server is stopping: subscribe again.', extensions: { code: 'SERVICE_BUSY' } }] }]);
  expect(server.errors).toBe('');
}, 60_000);
