import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { reactions } from '../../src/domain/tasks';
import { countJobs } from '../../src/platform/events/jobs';
import type { Reaction } from '../../src/platform/events/reactions';
import { startWorker } from '../../src/platform/events/worker';
import { newTokenKey } from '../../src/platform/identity/tokens';
import { Agreements } from '../contracts/agreements';
import { cleanUp, Server as ApiServer, temporaryFolder } from '../start/server';
import { TestApi } from '../support/api';
import { Proxy } from '../support/proxy';
import { faults } from './faults';

const KILLS = Number(process.env.EVENT_KILLS ?? 4);
const CLIENTS = 6;

let api: TestApi;
let world: Agreements;

beforeAll(async () => {
  api = await TestApi.start();
  world = await Agreements.begin(api);
  await api.world.person(world.a, 'STAFF');
});
afterAll(async () => {
  await cleanUp();
  await api.stop();
});

const count = async (table: string): Promise<number> => Number(((await api.database.sql(`SELECT count(*) AS count FROM ${table}`)) as [{ count: string }])[0].count);

describe('a worker killed', () => {
  test.each([
    ['before it has written anything', 'before', 0],
    ['within the transaction that has written it', 'within', 0],
    ['after the commit, before the job is over', 'after', 1],
  ])('%s loses nothing and doubles nothing', async (_when, fate, events) => {
    await world.concluded({ term: { from: '2020-01-01', to: null } });
    const before = await count('event_reactions');
    // As many jobs die at once as it works on; one of them is enough.
    const child = spawn(process.execPath, ['-r', '@swc-node/register', join(__dirname, 'dying-worker.ts'), fate], {
      cwd: join(__dirname, '../..'),
      env: { ...process.env, DATABASE_URL: api.database.applicationUrl, SEED: 'none', LOG_LEVEL: 'silent' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
    expect(signal).toBe('SIGKILL');
    expect(await count('event_reactions')).toBe(before + events);
    const [{ held }] = (await api.database.sql('SELECT count(*)::int AS held FROM graphile_worker.jobs WHERE locked_at IS NOT NULL')) as [{ held: number }];
    expect(held).toBeGreaterThan(0);

    const worker = api.work();
    await api.settled();
    await worker.stop();
    expect(await faults(api)).toEqual([]);
    expect(await count('event_reactions')).toBeGreaterThan(before + events);
  });

});

test('a worker that is stopped leaves nothing held, and others go on', async () => {
  const [first, second] = [api.work(), api.work()];
  await world.concluded();
  await first.stop();
  await world.concluded();
  await api.settled();
  await second.stop();
  expect(await faults(api)).toEqual([]);
  expect(await api.database.sql('SELECT 1 FROM graphile_worker._private_job_queues WHERE locked_at IS NOT NULL')).toEqual([]);
});

test('a job whose handing out was lost with its connection is taken up again by the worker that does not know of it', async () => {
  let release!: () => void;
  const held = new Promise<void>((resolve) => (release = resolve));
  let holding = true;
  const hold: Reaction = { name: 'test.hold', door: 'events', isAbout: () => holding, react: () => ((holding = false), held) };
  const { dataSource, clock } = api;
  const parts = { dataSource, databaseUrl: api.database.applicationUrl, clock, log: api.app.platform.log, reactions: [...reactions, hold] };
  const worker = startWorker({ ...parts, concurrency: 1 });
  await world.draft();
  await api.until(() => !holding);
  await world.draft();
  const [handed] = await api.database.sql<{ at: Date }>(
    `UPDATE graphile_worker._private_jobs SET locked_at = now() - interval '11 seconds', attempts = attempts + 1,
       locked_by = (SELECT locked_by FROM graphile_worker._private_jobs WHERE locked_by IS NOT NULL)
     WHERE id = (SELECT max(id) FROM graphile_worker._private_jobs) RETURNING locked_at AS at`,
  );
  expect(handed).toBeDefined();
  release();
  await api.settled();
  await worker.stop();
  expect(await faults(api)).toEqual([]);
}, 60_000);

test('connections that are cut at random lose nothing and double nothing', async () => {
  const workers = [api.work(), api.work()];
  const over = Date.now() + 4_000;
  const cutting = (async () => {
    while (Date.now() < over) {
      await pause(50 + Math.random() * 250);
      await api.database.sql(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'youth-network%' AND random() < 0.5`,
      );
    }
  })();
  let created = 0;
  while (Date.now() < over) {
    const answer = await api.ask(`mutation { createResource(input: { name: "Cut ${created}", kind: VENUE }) { userErrors { message } } }`, {}, world.ada);
    if (!answer.errors) created += 1;
  }
  await cutting;
  await api.settled();
  for (const worker of workers) await worker.stop();
  expect(created).toBeGreaterThan(0);
  expect(await faults(api)).toEqual([]);
}, 60_000);

describe('a database that is away for a while', () => {
  let proxy: Proxy;

  const work = () =>
    startWorker({
      dataSource: api.dataSource, databaseUrl: proxy.url, clock: api.clock, log: api.app.platform.log, reactions, concurrency: 4,
    });

  beforeAll(async () => {
    proxy = await Proxy.before(api.database.applicationUrl);
  });
  afterAll(() => proxy.vanish());

  test('is waited for, whatever the worker was about to do', async () => {
    const worker = work();
    for (let round = 0; round < 3; round += 1) {
      const changes = Promise.all([world.concluded(), world.proposed(), world.draft()]);
      await pause(Math.random() * 150);
      await proxy.vanish();
      await changes;
      await pause(500);
      expect((await countJobs(api.dataSource)).waiting).toBeGreaterThan(0);
      await proxy.appear();
      await api.settled();
    }
    await worker.stop();
    expect(await faults(api)).toEqual([]);
  }, 60_000);

  test('does not keep the worker from stopping', async () => {
    const worker = work();
    await world.draft();
    await proxy.vanish();
    await pause(300);
    const began = Date.now();
    await worker.stop();
    expect(Date.now() - began).toBeLessThan(16_000);
    await proxy.appear();
    const other = work();
    await api.settled();
    await other.stop();
    expect(await faults(api)).toEqual([]);
  }, 60_000);
});

describe('API processes killed', () => {
  let env: Record<string, string>;
  let acknowledged: string[];

  beforeAll(async () => {
    env = {
      DATABASE_URL: api.database.applicationUrl,
      DATA_DIR: temporaryFolder(),
      SECRET: 'a secret of the tests, of thirty-two characters and more',
      TOKEN_KEYS: JSON.stringify({ keys: [await newTokenKey()] }),
      LOG_LEVEL: 'silent',
    };
  });
  beforeEach(() => (acknowledged = []));

  /** Adds resources until the server is gone; notes what it said it did. */
  async function client(server: ApiServer, token: string, name: string): Promise<void> {
    for (let nth = 1; ; nth += 1) {
      const created = await server
        .ask(`mutation { createResource(input: { name: "${name} ${nth}", kind: VENUE }) { resource { name } userErrors { message } } }`, token)
        .catch(() => null);
      if (created === null) return;
      acknowledged.push(created.createResource.resource.name);
    }
  }

  /** Every change that was acknowledged is there, once, with its event. */
  const lost = () =>
    api.database.sql(
      `SELECT name FROM unnest($1::text[]) AS name WHERE 1 <> (SELECT count(*) FROM resources r JOIN events e ON e.subject_id = r.id AND e.action = 'resource.create' WHERE r.name = name.name)`,
      [acknowledged],
    );

  test('between commit and delivery lose nothing', async () => {
    const server = await ApiServer.start({ ...env, WORKER: 'none' });
    const token = await server.signIn(world.ada.identifier, world.ada.password);
    const under = client(server, token, 'Unheard');
    while (acknowledged.length < 20) await pause(10);
    await server.end('SIGKILL');
    await under;
    const before = await count('notifications');
    const next = await ApiServer.start(env);
    await api.settled();
    expect(await lost()).toEqual([]);
    expect(await faults(api)).toEqual([]);
    expect(await count('notifications')).toBeGreaterThanOrEqual(before + 20);
    expect(await next.end('SIGTERM')).toBe(0);
  }, 60_000);

  test(`at random, ${KILLS} times under load, lose nothing and double nothing`, async () => {
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const server = await ApiServer.start(env);
      const token = await server.signIn(world.ada.identifier, world.ada.password);
      const clients = Array.from({ length: CLIENTS }, (_, nth) => client(server, token, `Kill ${kill}, client ${nth}`));
      await pause(200 + Math.random() * 1_500);
      await server.end('SIGKILL');
      await Promise.all(clients);
    }
    expect(acknowledged.length).toBeGreaterThan(KILLS * 5);
    const last = await ApiServer.start(env);
    await api.settled();
    expect(await lost()).toEqual([]);
    expect(await faults(api)).toEqual([]);
    expect(await last.end('SIGTERM')).toBe(0);
  }, 60_000 + KILLS * 15_000);
});
