import { newTokenKey } from '../../src/platform/identity/tokens';
import { recordDuePoints } from '../../src/domain/points/expiry';
import { recordDueRedemptions } from '../../src/domain/rewards/service';
import { cleanUp, Server, temporaryFolder } from '../start/server';
import { TestApi } from '../support/api';
import type { Founded, Person, TestOrganization } from '../support/world';
import { audit, volunteerOf, type TestVolunteer } from './people';

/** The bank test: points are moved every way there is at the same time, by processes that are killed, and are all there at every instant. */

const OPERATIONS = Number(process.env.BANK_OPERATIONS ?? 150);
const CLIENTS = Number(process.env.BANK_CLIENTS ?? 12);
const KILLS = Number(process.env.BANK_KILLS ?? 1);

let api: TestApi;
let founded: Founded;
let shop: TestOrganization;
let staff: Person;
let granters: Person[];
let volunteers: (TestVolunteer & { person: Person })[];
const rewards: string[] = [];

beforeAll(async () => {
  api = await TestApi.start();
  founded = await api.world.found();
  shop = await api.world.organization(founded.network);
  staff = await api.world.person(shop, 'STAFF');
  granters = [founded.committee, await api.world.person(founded.hub, 'COMMITTEE'), await api.world.person(founded.hub, 'COMMITTEE')];
  volunteers = (await Promise.all(Array.from({ length: 8 }, () => volunteerOf(api, shop)))) as typeof volunteers;
  await api.done('updatePointsPolicy', { version: 1, expiresAfter: 'P30D', bonusLimit: null }, founded.committee);
  for (const price of [3, 5, 8]) {
    const { reward } = await api.done('offerReward', { title: `For ${price}`, kind: 'GOODS', price, stock: 100_000, pickupWithin: 'P1D' }, staff, 'reward { id }');
    rewards.push(reward.id as string);
  }
  // What came in long ago is there to expire.
  api.clock.set('2026-01-10T02:00:00Z');
  for (const { globalId } of volunteers) await api.done('grantBonus', { volunteer: globalId, amount: 40, reason: 'Long ago' }, founded.committee);
  api.clock.set(null);
});
afterAll(async () => {
  await api.stop();
  await cleanUp();
});

const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(Math.random() * items.length)]!;
const whole = { sum: 0, differing: 0, unbalanced: 0 };

/** Reads every balance in one statement, as the API does. */
async function sumThroughApi(): Promise<number> {
  const ids = [...volunteers.map(({ id }) => id), shop.id].map((id) => Buffer.from(`PointsAccount:${id}`).toString('base64url'));
  const { network, nodes } = await api.must(`query ($ids: [ID!]!) { network { pointsAccounts { balance } } nodes(ids: $ids) { ... on PointsAccount { balance available } } }`, { ids }, founded.committee);
  expect(nodes.filter(({ available }: { available: number }) => available < 0)).toEqual([]);
  return [...network.pointsAccounts, ...nodes].reduce((sum: number, { balance }: { balance: number }) => sum + balance, 0);
}

test(`${OPERATIONS} random operations of ${CLIENTS} clients leave every balance what its entries come to, and nothing is seen in between`, async () => {
  const granted: string[] = [];
  const reserved: { id: string; pickupCode: string; by: Person }[] = [];
  const outcomes: Record<string, number> = {};
  const count = (what: string, payload: Record<string, any>) => {
    const key = `${what} ${payload.userErrors[0]?.code ?? 'done'}`;
    outcomes[key] = (outcomes[key] ?? 0) + 1;
  };
  const operations: (() => Promise<void>)[] = [
    async () => {
      const payload = await api.mutate('grantBonus', { volunteer: pick(volunteers).globalId, amount: 1 + Math.floor(Math.random() * 9), reason: 'x' }, pick(granters), 'transfer { id }');
      count('grant', payload);
      if (payload.transfer) granted.push(payload.transfer.id as string);
    },
    async () => {
      const who = pick(volunteers);
      const nth = Math.floor(Math.random() * rewards.length);
      const payload = await api.mutate('redeem', { reward: rewards[nth], price: [3, 5, 8][nth] }, who.person, 'redemption { id pickupCode }');
      count('redeem', payload);
      if (payload.redemption) reserved.push({ ...payload.redemption, by: who.person });
    },
    async () => {
      const taken = pick(reserved);
      if (taken) count('fulfil', await api.mutate('fulfilRedemption', { id: taken.id, pickupCode: taken.pickupCode }, staff));
    },
    async () => {
      const taken = pick(reserved);
      if (taken) count('cancel', await api.mutate('cancelRedemption', { id: taken.id }, taken.by));
    },
    async () => {
      const transfer = pick(granted);
      if (transfer) count('reverse', await api.mutate('reverseTransfer', { transfer }, pick(granters)));
    },
    async () => void (await recordDuePoints(api.app.platform)),
    async () => void (await recordDueRedemptions(api.app.platform)),
    async () => expect(await sumThroughApi()).toBe(0),
    async () => expect(await audit(api, founded.network)).toMatchObject(whole),
  ];
  let done = 0;
  await Promise.all(Array.from({ length: CLIENTS }, async () => {
    while (done++ < OPERATIONS) await pick(operations)();
  }));
  const after = await audit(api, founded.network);
  expect(after).toMatchObject(whole);
  expect(after.lowest).toBeGreaterThanOrEqual(0);
  if (process.env.BANK_OPERATIONS) process.stdout.write(`${JSON.stringify(outcomes, null, 1)}\n`);
  for (const outcome of ['grant done', 'redeem done']) expect(outcomes[outcome]).toBeGreaterThan(0);
}, 60_000 + OPERATIONS * 200);

test(`an API that is killed ${KILLS} times under that load moves what it acknowledged, and nothing twice`, async () => {
  const env = { DATABASE_URL: api.database.applicationUrl, DATA_DIR: temporaryFolder(), SECRET: api.config.secret!, TOKEN_KEYS: JSON.stringify({ keys: [await newTokenKey()] }), LOG_LEVEL: 'silent' };
  const acknowledged = new Map<string, number>();
  const receiver = pick(volunteers);
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const server = await Server.start(env);
    const token = await server.signIn(founded.committee.identifier, founded.committee.password);
    const client = async (name: string): Promise<void> => {
      for (let nth = 1; ; nth += 1) {
        const key = `${name}-${nth}`;
        const input = `{ volunteer: "${receiver.globalId}", amount: 2, reason: "${key}", idempotencyKey: "${key}" }`;
        // The same twice at once: one transfer.
        const answers = await Promise.all([1, 2].map(() => server.ask(`mutation { grantBonus(input: ${input}) { transfer { id } userErrors { code } } }`, token).catch(() => null)));
        for (const answer of answers) if (answer?.grantBonus.transfer) acknowledged.set(key, 2);
        if (answers.includes(null)) return;
      }
    };
    const clients = Array.from({ length: 4 }, (_, nth) => client(`kill-${kill}-client-${nth}`));
    for (const before = acknowledged.size; acknowledged.size < before + 3; ) await new Promise((resolve) => setTimeout(resolve, 20));
    await server.end('SIGKILL');
    await Promise.all(clients);
  }
  const made = await api.database.sql<{ memo: string; times: string }>(`SELECT memo, count(*) AS times FROM points_transfers WHERE memo LIKE 'kill-%' GROUP BY memo`);
  const times = new Map(made.map(({ memo, times: count }) => [memo, Number(count)]));
  expect([...acknowledged.keys()].filter((key) => !times.has(key))).toEqual([]);
  expect([...times].filter(([, count]) => count !== 1)).toEqual([]);
  expect(await audit(api, founded.network)).toMatchObject(whole);
}, 60_000 + KILLS * 30_000);
