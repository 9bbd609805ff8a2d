import { setTimeout as pause } from 'node:timers/promises';
import { TestApi } from '../support/api';
import type { Founded } from '../support/world';

/** How many connections are out of the pool, as /metrics says. */
async function borrowed(api: TestApi): Promise<number> {
  const metrics = await (await fetch(`${api.url}/metrics`)).text();
  const of = (state: string) => Number(new RegExp(`database_pool_connections\\{state="${state}"\\} (\\d+)`).exec(metrics)![1]);
  return of('total') - of('idle');
}

/** Nothing is left open once all is answered. */
async function expectNothingOpen(api: TestApi): Promise<void> {
  for (const until = Date.now() + 5_000; (await borrowed(api)) > 0 && Date.now() < until; ) await pause(20);
  expect(await borrowed(api)).toBe(0);
}

const LIST = '{ organizations { nodes { id name } } }';

describe('with two connections for 200 clients', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await TestApi.start({ DATABASE_POOL_SIZE: '2', DATABASE_WAIT_MS: '300' });
    await api.world.found();
  });
  afterAll(() => api.stop());

  test('every request is answered in bounded time, those that wait too long by SERVICE_BUSY', async () => {
    const began = Date.now();
    const answers = await Promise.all(Array.from({ length: 200 }, () => api.ask(LIST)));
    expect(Date.now() - began).toBeLessThan(20_000);
    const codes = new Set(answers.map(({ errors }) => errors?.[0]?.extensions.code ?? 'OK'));
    expect(codes).toContain('OK');
    expect([...codes].filter((code) => code !== 'OK' && code !== 'SERVICE_BUSY')).toEqual([]);
    await expectNothingOpen(api);
    expect((await api.ask(LIST)).errors).toBeUndefined();
  });
});

describe('with connections that are cut', () => {
  let api: TestApi;
  let founded: Founded;
  beforeAll(async () => {
    api = await TestApi.start();
    founded = await api.world.found();
  });
  afterAll(() => api.stop());

  /** Ends some of the API's connections on the server's side. */
  const cut = (most: number) =>
    api.database.sql(
      `SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'youth-network' ORDER BY random() LIMIT $1) s`,
      [most],
    );

  test('requests fail with an error that says to try again, or work, and the API goes on', async () => {
    const codes = new Set<string>();
    const clients = Array.from({ length: 20 }, async () => {
      for (let i = 0; i < 30; i += 1) {
        const { errors } = await api.ask(LIST);
        codes.add(errors?.[0]?.extensions.code ?? 'OK');
      }
    });
    const cutting = (async () => {
      for (let i = 0; i < 10; i += 1) {
        await cut(10);
        await pause(40);
      }
    })();
    await Promise.all([...clients, cutting]);
    expect([...codes].filter((code) => code !== 'OK' && code !== 'SERVICE_BUSY')).toEqual([]);
    expect((await api.ask(LIST)).errors).toBeUndefined();
    expect((await fetch(`${api.url}/readyz`)).status).toBe(200);
    await expectNothingOpen(api);
  });

  test('a change is acknowledged only when it is there, and is there once when it is repeated with its key', async () => {
    await api.token(founded.committee);
    const acknowledged = new Map<string, string>();
    const clients = Array.from({ length: 8 }, async (_, client) => {
      for (let i = 0; i < 8; i += 1) {
        const key = `position-${client}-${i}`;
        for (;;) {
          const answer = await api.ask(
            'mutation ($input: CreatePositionInput!) { createPosition(input: $input) { position { id } userErrors { code } } }',
            { input: { organization: founded.hub.globalId, name: key, idempotencyKey: key } },
            founded.committee,
          );
          if (answer.errors) {
            if (answer.errors[0]!.extensions.code !== 'SERVICE_BUSY') throw new Error(api.explain(answer));
            continue;
          }
          acknowledged.set(key, answer.data.createPosition.position.id as string);
          break;
        }
      }
    });
    let going = true;
    const cutting = (async () => {
      while (going) {
        await pause(50);
        await cut(1);
      }
    })();
    await Promise.all(clients);
    going = false;
    await cutting;
    const rows = await api.database.sql<{ name: string; count: number }>(`SELECT name, count(*)::int AS count FROM positions WHERE name LIKE 'position-%' GROUP BY name`);
    expect(rows).toHaveLength(64);
    expect(rows.every(({ count }) => count === 1)).toBe(true);
    expect(acknowledged.size).toBe(64);
    await expectNothingOpen(api);
  });
});
