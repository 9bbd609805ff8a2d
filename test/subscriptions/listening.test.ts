import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { Heard, Listener } from '../../src/platform/events/listen';
import type { Message } from '../../src/platform/events/publish';
import { Agreements } from '../contracts/agreements';
import { TestApi } from '../support/api';
import { subscribe, until, type Told } from './clients';

let api: TestApi;
let world: Agreements;

beforeAll(async () => {
  api = await TestApi.start();
  world = await Agreements.begin(api);
  api.work();
});
afterAll(() => api.stop());

const ofListeners = `FROM pg_stat_activity WHERE application_name = 'youth-network-listener' AND datname = current_database()`;
/** Cuts the connection that listens. */
const cut = () => api.database.sql(`SELECT pg_terminate_backend(pid) ${ofListeners}`);
const listeners = async () => (await api.database.sql(`SELECT pid ${ofListeners}`)).length;

test('nobody misses or sees twice what happens while the connection that listens is cut again and again', async () => {
  const told = await subscribe<{ contractChanged: { id: string; version: number } }>(api, 'subscription { contractChanged { id version } }', {}, world.committee);
  const notified = await subscribe<{ notificationReceived: { id: string } }>(api, 'subscription { notificationReceived { id } }', {}, world.ben);
  let cutting = true;
  const cutter = (async () => {
    for (; cutting; await pause(20)) await cut();
  })();
  const changes: string[] = [];
  for (let count = 0; count < 15; count += 1) {
    const draft = await world.draft();
    changes.push(`${draft.id} ${draft.version}`);
    const proposed = await world.done('proposeContract', { id: draft.id, version: draft.version }, world.ada);
    changes.push(`${proposed.id} ${proposed.version}`);
  }
  cutting = false;
  await cutter;
  await api.settled();
  const notifications = await api.database.sql<{ count: number }>('SELECT count(*)::int AS count FROM notifications WHERE user_id = $1', [world.ben.userId]);
  await told.count(changes.length);
  await notified.count(notifications[0]!.count);
  await pause(200);
  // A draft may have been proposed before it was told of: it comes as it was then.
  expect(told.results).toHaveLength(changes.length);
  const seen = told.results.map(({ data }) => `${data!.contractChanged.id} ${data!.contractChanged.version}`);
  for (const change of changes.filter((_, index) => index % 2 === 1)) expect(seen).toContain(change);
  const ids = notified.results.map(({ data }) => data!.notificationReceived.id);
  expect(new Set(ids).size).toBe(notifications[0]!.count);
  expect(ids).toHaveLength(notifications[0]!.count);
  for (const one of [told, notified] as Told[]) one.stop();
}, 60_000);

test('a process listens by one connection, however many subscribe', async () => {
  const told = await Promise.all(Array.from({ length: 20 }, () => subscribe(api, 'subscription { contractChanged { id } }', {}, world.committee)));
  await until(async () => (await listeners()) === 1);
  for (const one of told) one.stop();
});

test('what was written before and committed after what was heard last is not missed', async () => {
  const heard: Message[] = [];
  const { databaseUrl, log } = { databaseUrl: api.database.applicationUrl, log: api.app.platform.log };
  const listener = new Listener({ databaseUrl, log });
  await listener.start((message) => heard.push(message));
  // The place of an event is taken when it is written: this one's is the lower one, and it is committed last.
  const late = new Client(api.database.superuserUrl);
  await late.connect();
  await late.query('BEGIN');
  const write = `INSERT INTO events (network_id, id, kind, action, subject_type, subject_id, at, audience, people, refs, data)
    VALUES ($1, gen_random_uuid(), 'SYSTEM', 'x', 'X', gen_random_uuid(), now(), '{}', '{}', '{}', '{}') RETURNING id`;
  const { rows: [slow] } = await late.query<{ id: string }>(write, [world.founded.network.id]);
  const { id } = await world.draft();
  await until(() => heard.length > 0);
  expect(heard).toHaveLength(1);
  await cut();
  await late.query('COMMIT');
  await late.end();
  await until(() => heard.length > 1);
  await pause(100);
  expect(heard.map((message) => message.id)).toEqual([heard[0]!.id, slow!.id]);
  expect(id).toBeTruthy();
  await listener.stop();
});

test('a listener stops also while it cannot connect', async () => {
  const listener = new Listener({ databaseUrl: 'postgres://nobody:x@127.0.0.1:1/nothing', log: api.app.platform.log });
  void listener.start(() => undefined);
  await pause(50);
  await listener.stop();
});

describe('what was heard', () => {
  const message = (id: string) => ({ type: 'notification', id, networkId: '', userId: '' }) as const;
  const at = (minutes: number, place = 0) => ({ place, at: new Date(0), asked: performance.now() + minutes * 60_000 });

  test('is new once', () => {
    const heard = new Heard();
    expect([heard.isNew(message('a')), heard.isNew(message('a')), heard.isNew(message('b'))]).toEqual([true, false, true]);
  });

  test('is looked for from a moment that is old enough, and known from there on', () => {
    const heard = new Heard();
    expect(heard.since).toBeNull();
    heard.note(at(-10, 1));
    heard.isNew(message('a'));
    heard.note(at(0.2, 2));
    expect(heard.since!.place).toBe(1);
    expect(heard.isNew(message('a'))).toBe(false);
    heard.note(at(2, 3));
    // The second is older than the overlap now; what was heard before it is not read again, and forgotten.
    expect(heard.since!.place).toBe(2);
    expect(heard.isNew(message('a'))).toBe(true);
  });
});
