import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { listJobs, retryJobs } from '../../src/platform/events/jobs';
import { newTokenKey } from '../../src/platform/identity/tokens';
import { faults } from '../events/faults';
import { cleanUp, Server, temporaryFolder } from '../start/server';
import { TestApi } from '../support/api';
import { Proxy } from '../support/proxy';
import { serveCluster, type ServedCluster } from '../support/serve-cluster';
import type { Person } from '../support/world';
import { deadlocks, Desk, lost, overruns } from './desk';

const KILLS = Number(process.env.OUTAGE_KILLS ?? 1);
const CUT_SECONDS = Number(process.env.OUTAGE_CUT_SECONDS ?? 3);
const CLIENTS = 8;

/** How soon it has to be as fast again as it was; among other tests there is more time. */
const BACK_WITHIN_MS = process.env.OUTAGE_KILLS ? 5_000 : 15_000;
/** Over which time it is counted how fast it is. */
const COUNTED_MS = 1_500;
/** As fast, since no two spans are alike. */
const AS_FAST = 0.7;
/** No request may take longer, whatever becomes of the database. */
const LONGEST_MS = 20_000;

let cluster: ServedCluster;
let api: TestApi;
let desk: Desk;
let resources: string[];
let proxy: Proxy;

beforeAll(async () => {
  // One of its own, since it is killed: as safe against that as any that is in use.
  cluster = await serveCluster({ fsync: 'on', full_page_writes: 'on' });
  api = await TestApi.start();
  desk = await Desk.begin(api);
  const [hall, chairs, rooms, projector] = [
    await desk.resource('Hall', { buffer: 'PT15M' }),
    await desk.resource('Chairs', { sharing: 'CONTRACT', quantity: 50 }),
    await desk.resource('Rooms', { sharing: 'CONTRACT', quantity: 30, requiresApproval: true }),
    await desk.resource('Projector', { quantity: 20 }),
  ];
  proxy = await Proxy.before(api.database.applicationUrl);
  resources = [hall, chairs, rooms, projector, await desk.resource('Cinema', { quantity: 20, requires: [projector] })];
  // The term contains the days that are booked, whenever this is run.
  await desk.grant([chairs, rooms], [{ quotaPerMonth: 'PT400H', priority: 1 }, { priority: 0 }], [desk.b], { term: { from: '2026-01-01', to: null } });
});
afterAll(async () => {
  await cleanUp();
  await proxy.vanish();
  await api.stop();
  await cluster.stop();
});

const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(Math.random() * items.length)]!;

/** An hour of the coming months, from a whole minute on: quotas count whole seconds, also where a month's end divides an hour. */
function when(): string {
  const start = Math.floor(Date.now() / 60_000) * 60_000 + (1 + Math.floor(Math.random() * 300)) * 86_400_000 + Math.floor(Math.random() * 24) * 3_600_000;
  return `{ start: "${new Date(start).toISOString()}", end: "${new Date(start + 3_600_000).toISOString()}" }`;
}

const loads: Load[] = [];
afterEach(async () => {
  for (const load of loads.splice(0)) await load.end();
});

/** Clients who book without a pause, each request with a key and again until it has an answer. */
class Load {
  readonly acknowledged: string[] = [];
  /** The codes of the errors that came instead of an answer. */
  readonly codes = new Map<string, number>();
  longestMs = 0;
  private readonly answeredAt: number[] = [];
  private over = false;
  private readonly clients: Promise<void>[];

  constructor(
    private readonly server: Server,
    private readonly token: string,
    name: string,
  ) {
    loads.push(this);
    this.clients = Array.from({ length: CLIENTS }, (_, nth) => this.client(`${name} ${nth}`));
  }

  private async client(name: string): Promise<void> {
    for (let nth = 1; !this.over; nth += 1) {
      const purpose = `${name} ${nth}`;
      const input = `{ resource: "${pick(resources)}", range: ${when()}, quantity: 1, purpose: "${purpose}", idempotencyKey: "${purpose.replaceAll(' ', '-')}" }`;
      while (!(await this.ask(`mutation { bookResource(input: ${input}) { booking { purpose } userErrors { code } } }`))) await pause(20);
    }
  }

  /** @returns whether there was an answer */
  private async ask(mutation: string): Promise<boolean> {
    const began = Date.now();
    try {
      const { bookResource } = await this.server.ask(mutation, this.token);
      this.answeredAt.push(Date.now());
      if (bookResource.booking) this.acknowledged.push(bookResource.booking.purpose as string);
      return true;
    } catch (error) {
      const code = /"code":"(\w+)"/.exec((error as Error).message)?.[1] ?? String(error);
      this.codes.set(code, (this.codes.get(code) ?? 0) + 1);
      return false;
    } finally {
      this.longestMs = Math.max(this.longestMs, Date.now() - began);
    }
  }

  /** How many were answered lately, of those after an instant. */
  private lately(after: number): number {
    const since = Math.max(after, Date.now() - COUNTED_MS);
    return this.answeredAt.filter((at) => at > since).length;
  }

  /** How many are answered when nothing is in the way. */
  async usual(): Promise<number> {
    const began = Date.now();
    do await pause(COUNTED_MS);
    while (this.lately(began) === 0);
    return this.lately(began);
  }

  /** How long it takes until as many are answered as usual. */
  async back(usual: number): Promise<number> {
    const began = Date.now();
    while (this.lately(began) < usual * AS_FAST && Date.now() - began < 2 * BACK_WITHIN_MS) await pause(50);
    return Date.now() - began;
  }

  async end(): Promise<void> {
    this.over = true;
    await Promise.all(this.clients);
  }
}

const environment = async (databaseUrl: string): Promise<Record<string, string>> => ({
  DATABASE_URL: databaseUrl,
  DATA_DIR: temporaryFolder(),
  SECRET: api.config.secret!,
  TOKEN_KEYS: JSON.stringify({ keys: [await newTokenKey()] }),
  LOG_LEVEL: 'silent',
});

/** Everything that was acknowledged is there once, nothing is there that must not be, and everybody was told once. */
async function expectWhole(load: Load): Promise<void> {
  // As an operator would after that: what has failed often enough to wait for long is sent again.
  const waiting = await listJobs(api.dataSource, 'waiting');
  await retryJobs(api.dataSource, waiting.map(({ eventId }) => eventId));
  await api.settled();
  expect(await lost(api, load.acknowledged)).toEqual([]);
  expect(await overruns(api)).toEqual([]);
  expect(await faults(api)).toEqual([]);
  expect(load.acknowledged.length).toBeGreaterThan(CLIENTS);
  // Who was turned away was told to try again, and soon.
  expect([...load.codes.keys()].filter((code) => code !== 'SERVICE_BUSY')).toEqual([]);
  expect(load.longestMs).toBeLessThan(LONGEST_MS);
}

/** Prints the figures of a drill at full size. */
const say = (figures: object): void => void (process.env.OUTAGE_KILLS && process.stdout.write(`${JSON.stringify(figures)}\n`));

/** Waits until the database answers. */
async function answers(): Promise<void> {
  for (;;) {
    const client = new Client(api.database.superuserUrl);
    client.on('error', () => undefined);
    const isThere = await client.connect().then(() => client.query('SELECT 1')).then(() => true, () => false);
    await client.end().catch(() => undefined);
    if (isThere) return;
    await pause(10);
  }
}

test(`PostgreSQL killed ${KILLS} times under load: nothing that was acknowledged is lost, and the API goes on by itself`, async () => {
  const server = await Server.start(await environment(api.database.applicationUrl));
  const load = new Load(server, await server.signIn(desk.bea.identifier, desk.bea.password), 'killed');
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const usual = await load.usual();
    const [postmaster] = readFileSync(join(cluster.postgres.clusterDirectory, 'postmaster.pid'), 'utf8').split('\n');
    const killedAt = Date.now();
    process.kill(Number(postmaster), 'SIGKILL');
    await answers();
    const awayMs = Date.now() - killedAt;
    const backMs = await load.back(usual);
    say({ kill, usual, awayMs, backMs });
    expect(backMs).toBeLessThan(BACK_WITHIN_MS);
  }
  await load.end();
  say({ acknowledged: load.acknowledged.length, turnedAway: Object.fromEntries(load.codes), longestMs: load.longestMs });
  expect(load.codes.get('SERVICE_BUSY')).toBeGreaterThan(0);
  await expectWhole(load);
  expect(await server.end('SIGTERM')).toBe(0);
}, 60_000 + KILLS * 30_000);

test(`connections to PostgreSQL cut at random for ${CUT_SECONDS} s under load: the same`, async () => {
  const server = await Server.start(await environment(proxy.url));
  const load = new Load(server, await server.signIn(desk.bea.identifier, desk.bea.password), 'cut');
  const usual = await load.usual();
  let cut = 0;
  for (const until = Date.now() + CUT_SECONDS * 1_000; Date.now() < until; await pause(50 + Math.random() * 250)) cut += proxy.cut(0.1);
  const backMs = await load.back(usual);
  await load.end();
  say({ cut, usual, backMs, acknowledged: load.acknowledged.length, turnedAway: Object.fromEntries(load.codes), longestMs: load.longestMs });
  expect(cut).toBeGreaterThan(CUT_SECONDS);
  expect(backMs).toBeLessThan(BACK_WITHIN_MS);
  await expectWhole(load);
  expect(await server.end('SIGTERM')).toBe(0);
}, 60_000 + CUT_SECONDS * 2_000);

test('200 clients who book by two connections: each has an answer in bounded time, or is told to try again', async () => {
  const narrow = await TestApi.start({ DATABASE_POOL_SIZE: '2', DATABASE_WAIT_MS: '500' });
  try {
    const small = await Desk.begin(narrow);
    const people: Person[] = [small.ada, small.bea, small.ben, small.otto];
    for (const person of people) await narrow.token(person);
    const chairs = await small.resource('Chairs', { quantity: 20 });
    const range = { start: new Date(Date.now() + 86_400_000).toISOString(), end: new Date(Date.now() + 90_000_000).toISOString() };
    const began = Date.now();
    const codes = await Promise.all(
      Array.from({ length: 200 }, async (_, nth) => {
        const { data, errors } = await narrow.ask(
          'mutation ($input: BookResourceInput!) { bookResource(input: $input) { userErrors { code } } }',
          { input: { resource: chairs, range, quantity: 1, idempotencyKey: `client-${nth}` } },
          pick(people),
        );
        return errors?.[0]?.extensions.code ?? (data.bookResource.userErrors[0]?.code as string | undefined) ?? 'booked';
      }),
    );
    const tookMs = Date.now() - began;
    const counted = Object.fromEntries([...new Set(codes)].map((code) => [code, codes.filter((one) => one === code).length]));
    say({ tookMs, ...counted });
    expect(tookMs).toBeLessThan(LONGEST_MS);
    expect(Object.keys(counted).filter((code) => !['booked', 'CONFLICT', 'SERVICE_BUSY'].includes(code))).toEqual([]);
    const [{ held }] = (await narrow.database.sql('SELECT coalesce(sum(quantity), 0)::int AS held FROM bookings')) as [{ held: number }];
    expect(counted.booked).toBe(held);
    expect(held).toBeLessThanOrEqual(20);
    expect(await overruns(narrow)).toEqual([]);
    expect(await deadlocks(narrow)).toBe(0);
    expect((await narrow.ask('{ viewer { membership { role } } }', {}, small.ada)).errors).toBeUndefined();
  } finally {
    await narrow.stop();
  }
});
