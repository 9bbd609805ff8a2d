import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import WebSocket from 'ws';
import { Agreements } from '../contracts/agreements';
import { TestApi } from '../support/api';
import type { Person } from '../support/world';
import { listen, openOn, params, socketClient, subscribe, until, type Told } from './clients';

const MOST = 5;
const QUERY = 'subscription { contractChanged { version } }';
const FLOOD = Number(process.env.SUBSCRIPTION_FLOOD ?? 10_000);

let api: TestApi;
let world: Agreements;

beforeAll(async () => {
  api = await TestApi.start({ MAX_SUBSCRIPTIONS_PER_VIEWER: String(MOST), MAX_SUBSCRIPTIONS: String(MOST * 2), SUBSCRIPTION_PING_MS: '300' });
  world = await Agreements.begin(api);
});
afterAll(() => api.stop());

/** Everything under way has ended. */
const quiet = () => until(async () => (await openOn(api)) === 0);
afterEach(quiet);

/** A WebSocket by hand, which has said who it is. */
async function socketOf(person: Person): Promise<WebSocket> {
  const socket = await rawSocket();
  socket.send(JSON.stringify({ type: 'connection_init', payload: await params(api, person) }));
  expect(JSON.parse(String((await once(socket, 'message'))[0]))).toEqual({ type: 'connection_ack' });
  return socket;
}
async function rawSocket(protocol = 'graphql-transport-ws', path = '/graphql'): Promise<WebSocket> {
  const socket = new WebSocket(`${api.url.replace('http', 'ws')}${path}`, protocol);
  await once(socket, 'open');
  return socket;
}
/** Subscribes beside those by hand. */
async function beside(person: Person, query = QUERY): Promise<Told> {
  const before = await openOn(api);
  const told = listen(socketClient(api, await params(api, person)), query);
  await until(async () => (await openOn(api)) === before + 1);
  return told;
}
const asking = (id: string, query = QUERY) => JSON.stringify({ id, type: 'subscribe', payload: { query } });
const closing = async (socket: WebSocket) => {
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
  return [code, String(reason)];
};

test(`of ${FLOOD} subscriptions of one client all but ${MOST} are refused`, async () => {
  const socket = await socketOf(world.ben);
  const refused = new Map<string, number>();
  socket.on('message', (data: Buffer) => {
    const { type, payload } = JSON.parse(data.toString());
    if (type === 'error') refused.set(payload[0].extensions.code, (refused.get(payload[0].extensions.code) ?? 0) + 1);
  });
  for (let count = 0; count < FLOOD; count += 1) {
    socket.send(asking(String(count)));
    if (count % 500 === 0) await pause(1);
  }
  await until(() => (refused.get('RATE_LIMITED') ?? 0) >= FLOOD - MOST, 30_000);
  expect([...refused]).toEqual([['RATE_LIMITED', FLOOD - MOST]]);
  expect(await openOn(api)).toBe(MOST);
  // Others are served meanwhile, and the places are free again when the client has gone.
  const other = await beside(world.ada);
  await world.proposed();
  await other.count(1);
  other.stop();
  socket.close();
  await quiet();
  const again = await subscribe(api, QUERY, {}, world.ben);
  expect(again.end).toBeNull();
  again.stop();
}, 60_000);

test('a process has room for so many subscriptions', async () => {
  const told = await Promise.all(Array.from({ length: MOST * 2 }, (_, count) => subscribe(api, QUERY, {}, [world.ben, world.ada][count % 2]!)));
  const one = listen(socketClient(api, await params(api, world.committee)), QUERY);
  expect(await one.ended()).toEqual([expect.objectContaining({ extensions: { code: 'SERVICE_BUSY' } })]);
  for (const each of told) each.stop();
});

test('one person has so many connections', async () => {
  const sockets = await Promise.all(Array.from({ length: MOST }, () => socketOf(world.ben)));
  const one = await rawSocket();
  one.send(JSON.stringify({ type: 'connection_init', payload: await params(api, world.ben) }));
  expect(await closing(one)).toEqual([4429, 'Too many connections']);
  for (const socket of sockets) socket.close();
  await Promise.all(sockets.map((socket) => once(socket, 'close')));
  (await socketOf(world.ben)).close();
});

test('who subscribes alike is told by one look, each once', async () => {
  const socket = await socketOf(world.ben);
  const told: string[] = [];
  socket.on('message', (data: Buffer) => {
    const { id, type } = JSON.parse(data.toString());
    if (type === 'next') told.push(id);
  });
  for (let id = 1; id <= MOST; id += 1) socket.send(asking(String(id)));
  await until(async () => (await openOn(api)) >= MOST);
  socket.send(JSON.stringify({ id: '3', type: 'complete' }));
  await until(async () => (await openOn(api)) <= MOST - 1);
  await world.proposed();
  await until(() => told.length >= MOST - 1);
  await pause(50);
  expect(told.sort()).toEqual(['1', '2', '4', '5']);
  socket.close();
});

test('a client that has died without a word is found out', async () => {
  const socket = await socketOf(world.ben);
  socket.send(asking('1'));
  await until(async () => (await openOn(api)) >= 1);
  socket.pause();
  await quiet();
  socket.terminate();
});

describe('a WebSocket is closed', () => {
  test('when it subscribes before it has said who it is', async () => {
    const socket = await rawSocket();
    socket.send(asking('1'));
    expect(await closing(socket)).toEqual([4401, 'Unauthorized']);
  });

  test('when it says it twice', async () => {
    const socket = await socketOf(world.ben);
    socket.send(JSON.stringify({ type: 'connection_init' }));
    expect((await closing(socket))[0]).toBe(4429);
  });

  test('when it never says it', async () => {
    expect(await closing(await rawSocket())).toEqual([4408, 'Connection initialisation timeout']);
  });

  test('when it takes an id twice', async () => {
    const socket = await socketOf(world.ben);
    socket.send(asking('1'));
    socket.send(asking('1'));
    expect((await closing(socket))[0]).toBe(4409);
  });

  test.each(['{', 'null', '[]', '{"type":"nonsense"}', '{"type":"subscribe","id":"1","payload":{"query":1}}'])('when it says %s', async (nonsense) => {
    const socket = await socketOf(world.ben);
    socket.send(nonsense);
    expect((await closing(socket))[0]).toBe(4400);
  });

  test('when it says too much', async () => {
    const socket = await socketOf(world.ben);
    socket.send('x'.repeat(300_000));
    expect((await closing(socket))[0]).toBe(1009);
  });

  test('when it speaks another protocol', async () => {
    const socket = new WebSocket(`${api.url.replace('http', 'ws')}/graphql`, 'graphql-ws');
    await expect(once(socket, 'open')).rejects.toThrow();
  });

  test('when it is anywhere else', async () => {
    const socket = new WebSocket(`${api.url.replace('http', 'ws')}/healthz`, 'graphql-transport-ws');
    await expect(once(socket, 'open')).rejects.toThrow('404');
  });
});

test('what is no WebSocket at all harms nobody', async () => {
  const { port } = new URL(api.url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write('GET /graphql HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 1\r\n\r\n');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(String(answer)).toMatch(/^HTTP\/1\.1 4\d\d/);
  socket.destroy();
  expect((await api.ask('{ network { code } }')).status).toBe(200);
});
