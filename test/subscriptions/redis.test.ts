import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import Redis from 'ioredis';
import { Agreements } from '../contracts/agreements';
import { freePort } from '../start/server';
import { TestApi } from '../support/api';
import { subscribe, until, type Reached, type Told } from './clients';
import { startBeside } from './second';

/** Redis comes with no package of npm: the tests run where the machine has it. */
const installed = spawnSync('redis-server', ['--version']).status === 0;
const QUERY = 'subscription { contractChanged { id version } }';

let port: number;
let redis: ChildProcess;
let api: TestApi;
let beside: Reached & { stop: () => Promise<void> };
let world: Agreements;

async function startRedis(): Promise<void> {
  redis = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], { stdio: 'ignore' });
  const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 20 }).on('error', () => undefined);
  await client.ping();
  client.disconnect();
}
async function killRedis(): Promise<void> {
  redis.kill('SIGKILL');
  await once(redis, 'close');
}
/** The connections that listen to PostgreSQL. */
const listeners = async () => (await api.database.sql(`SELECT pid FROM pg_stat_activity WHERE application_name = 'youth-network-listener' AND datname = current_database()`)).length;

(installed ? describe : describe.skip)('with Redis', () => {
  beforeAll(async () => {
    port = await freePort();
    await startRedis();
    api = await TestApi.start({ EVENTS_URL: `redis://127.0.0.1:${port}` });
    beside = await startBeside(api);
    world = await Agreements.begin(api);
    await until(async () => (await listeners()) === 1);
  }, 60_000);
  afterAll(async () => {
    await beside.stop();
    await api.stop();
    await killRedis();
  });

  /** Changes some contracts. @returns what is to be told of them */
  async function change(count: number): Promise<string[]> {
    const changes: string[] = [];
    for (let index = 0; index < count; index += 1) {
      const { id, version } = await world.draft();
      changes.push(`${id} ${version}`);
    }
    return changes;
  }
  const seen = (told: Told) => told.results.map(({ data }) => `${data!.contractChanged.id} ${data!.contractChanged.version}`);

  test('one process listens for all, and nobody misses or sees twice what is told, also while Redis is killed and comes back', async () => {
    const told = [await subscribe(api, QUERY, {}, world.committee), await subscribe(api, QUERY, {}, world.committee, beside)];
    const changes = await change(3);
    for (const one of told) await one.count(3);
    expect(await listeners()).toBe(1);
    for (let round = 0; round < 3; round += 1) {
      await killRedis();
      changes.push(...(await change(3)));
      const coming = startRedis();
      changes.push(...(await change(3)));
      await coming;
      changes.push(...(await change(3)));
      for (const one of told) await one.until(({ results }) => results.length >= changes.length, 20_000);
    }
    await pause(500);
    for (const one of told) {
      expect(seen(one).sort()).toEqual([...changes].sort());
      one.stop();
    }
  }, 120_000);

  test('another process listens when the one that did has ended', async () => {
    const first = await startBeside(api);
    const told = await subscribe(api, QUERY, {}, world.committee);
    // Whoever leads, two of the three end; the one that is left is told all the same.
    await first.stop();
    await beside.stop();
    const changes = await change(5);
    await told.until(({ results }) => results.length >= changes.length, 20_000);
    await pause(500);
    expect(seen(told).sort()).toEqual([...changes].sort());
    expect(await listeners()).toBe(1);
    told.stop();
    beside = await startBeside(api);
  }, 60_000);
});

test('a Redis that is not there keeps nobody from asking, and subscriptions are told to come again', async () => {
  const alone = await TestApi.start({ EVENTS_URL: `redis://127.0.0.1:${await freePort()}` });
  const { committee } = await alone.world.found();
  expect((await alone.ask('{ viewer { user { id } } }', {}, committee)).errors).toBeUndefined();
  const told = await subscribe(alone, QUERY, {}, committee);
  await told.until(({ end }) => end !== null, 10_000);
  expect(told.end!.with).toEqual([expect.objectContaining({ extensions: { code: 'SERVICE_BUSY' } })]);
  await alone.stop();
}, 60_000);
