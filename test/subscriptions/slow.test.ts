import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import WebSocket from 'ws';
import { Agreements, type ContractView } from '../contracts/agreements';
import { TestApi } from '../support/api';
import { listen, openOn, params, socketClient, until } from './clients';

/** More than the system's own buffers of a connection hold. */
const CHANGES = 200;
// Some 150 kB a result.
const LONG = `subscription { contractChanged { version ${Array.from({ length: 25 }, (_, i) => `a${i}: clauses { text }`).join(' ')} } }`;

let api: TestApi;
let world: Agreements;
let contract: ContractView;

beforeAll(async () => {
  api = await TestApi.start();
  world = await Agreements.begin(api);
  contract = await world.concluded({ term: { from: '2020-01-01', to: null }, clauses: [world.duty(world.a, '长'.repeat(2_000))] });
});
afterAll(() => api.stop());

/** Changes the contract until only one subscription is under way, and waits until that one has heard of the last change. */
async function changeUntilCut(): Promise<void> {
  const swift = listen(socketClient(api, await params(api, world.ada)), LONG);
  await until(async () => (await openOn(api)) === 2);
  const before = process.memoryUsage().rss;
  const first = contract.version;
  for (let change = 0; change < CHANGES && (await openOn(api)) === 2; change += 1) {
    const verb = contract.status === 'ACTIVE' ? 'suspendContract' : 'resumeContract';
    contract = await world.done(verb, { id: contract.id, version: contract.version, note: 'why' }, world.committee);
  }
  await swift.until(({ results }) => results.at(-1)?.data?.contractChanged.version === contract.version);
  // It heard of each, in order.
  expect(swift.results.map(({ data }) => data!.contractChanged.version)).toEqual(swift.results.map((_, index) => first + 1 + index));
  expect(swift.results).toHaveLength(contract.version - first);
  expect(await openOn(api)).toBe(1);
  expect(process.memoryUsage().rss - before).toBeLessThan(500_000_000);
  swift.stop();
  await until(async () => (await openOn(api)) === 0);
}

test('a WebSocket that takes too slowly what it is told is closed, and holds nobody up', async () => {
  const slow = new WebSocket(`${api.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(slow, 'open');
  slow.send(JSON.stringify({ type: 'connection_init', payload: await params(api, world.ben) }));
  await once(slow, 'message');
  slow.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: LONG } }));
  await until(async () => (await openOn(api)) === 1);
  slow.pause();
  await changeUntilCut();
  slow.resume();
  const [code, reason] = (await once(slow, 'close')) as [number, Buffer];
  expect([code, String(reason)]).toEqual([1013, 'Too slow']);
}, 60_000);

test('an event stream that is read too slowly is ended, and holds nobody up', async () => {
  const headers = { authorization: `Bearer ${await api.token(world.ben)}`, accept: 'text/event-stream', 'accept-language': 'en' };
  const request = get(`${api.url}/graphql/stream?query=${encodeURIComponent(LONG)}`, { headers });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.pause();
  await until(async () => (await openOn(api)) === 1);
  await changeUntilCut();
  let end = '';
  response.on('data', (part: Buffer) => (end = (end + part.toString()).slice(-1_000)));
  response.resume();
  await once(response, 'end');
  expect(end).toContain('"You take what you are told too slowly, so the subscription has ended: subscribe again."');
}, 60_000);
