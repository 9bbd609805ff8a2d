import { newTokenKey } from '../../src/platform/identity/tokens';
import { v7 } from 'uuid';
import { Agreements } from '../contracts/agreements';
import { cleanUp, Server, temporaryFolder } from '../start/server';
import { TestApi } from '../support/api';
import type { TestOrganization } from '../support/world';
import { listen, openOn, socketClient, until, type Told } from './clients';

/** How many subscribers, each a person of their own, and how many changes they are told of. `SUBSCRIBERS=500 CHANGES=40` is the full size. */
const SUBSCRIBERS = Number(process.env.SUBSCRIBERS ?? 40);
const CHANGES = Number(process.env.CHANGES ?? 10);
/** How long it may take from the commit to the subscriber, for 99 of 100; null: not judged. */
const P99_MS = process.env.P99_MS ? Number(process.env.P99_MS) : null;

let api: TestApi;
let world: Agreements;
let servers: Server[];

beforeAll(async () => {
  const keys = JSON.stringify({ keys: [await newTokenKey()] });
  api = await TestApi.start({ TOKEN_KEYS: keys });
  world = await Agreements.begin(api);
  const env = {
    NODE_ENV: 'production', DATABASE_URL: api.database.applicationUrl, SECRET: 'a secret of the tests, of thirty-two characters and more', TOKEN_KEYS: keys,
    CERTIFICATE_KEYS: keys, PERSONAL_DATA_KEYS: api.config.personalDataKeys!, SEED: 'none', WORKER: 'none', DATA_DIR: temporaryFolder(), LOG_LEVEL: 'warn',
  };
  servers = await Promise.all([Server.start(env), Server.start(env)]);
}, 60_000);
afterAll(async () => {
  await cleanUp();
  await api.stop();
});

/** The access tokens of so many members of an organization, put in behind the API's back. */
async function staff(organization: TestOrganization, count: number): Promise<string[]> {
  const people = Array.from({ length: count }, () => ({ user: v7(), membership: v7(), session: v7() }));
  const list = JSON.stringify(people);
  const each = `FROM jsonb_to_recordset($1) AS p("user" uuid, membership uuid, session uuid)`;
  await api.database.sql(`INSERT INTO users (id, display_name, readers) SELECT p.user, 'Staff', ARRAY[p.user] ${each}`, [list]);
  await api.database.sql(
    `INSERT INTO memberships (network_id, id, user_id, organization_id, organization_is_hub, role, status, created_at) SELECT $2, p.membership, p.user, $3, false, 'STAFF', 'ACTIVE', now() ${each}`,
    [list, organization.network.id, organization.id],
  );
  await api.database.sql(`INSERT INTO sessions (id, user_id, network_id, membership_id) SELECT p.session, p.user, $2, p.membership ${each}`, [list, organization.network.id]);
  return Promise.all(
    people.map(async ({ user, membership, session }) => (await api.app.platform.tokens.issue({ userId: user, sessionId: session, membershipId: membership, role: 'STAFF' })).token),
  );
}

interface Seen {
  contractChanged: { version: number };
}

const percentile = (sorted: readonly number[], share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;

test(`${SUBSCRIBERS} subscribers of two processes are told of each of ${CHANGES} changes, once and soon`, async () => {
  const { id, version: first } = await world.concluded({ term: { from: '2020-01-01', to: null } });
  const tokens = [...(await staff(world.a, Math.ceil(SUBSCRIBERS / 2))), ...(await staff(world.b, Math.floor(SUBSCRIBERS / 2)))];
  const addresses = servers.map(({ port }) => ({ url: `http://127.0.0.1:${port}` }));
  const arrivals: number[][] = [];
  const subscribers = tokens.map((token, index): Told<Seen> => {
    const at: number[] = [];
    arrivals.push(at);
    const client = socketClient(addresses[index % 2]!, { authorization: `Bearer ${token}` });
    const told = listen<Seen>(client, 'subscription ($id: ID) { contractChanged(id: $id) { version } }', { id });
    const note = told.note.bind(told);
    told.note = (change) => {
      at.push(performance.now());
      note(change);
    };
    return told;
  });
  const open = async () => (await Promise.all(addresses.map(openOn))).reduce((sum, count) => sum + count, 0);
  await until(async () => (await open()) === SUBSCRIBERS, 60_000);

  const committed: number[] = [];
  for (let change = 1; change <= CHANGES; change += 1) {
    const verb = change % 2 === 1 ? 'suspendContract' : 'resumeContract';
    await api.done(verb, { id, version: first + change - 1, note: 'why' }, world.committee);
    // Answered right after the commit.
    committed.push(performance.now());
    await Promise.all(subscribers.map((told) => told.count(change)));
  }
  for (const told of subscribers) {
    expect(told.results.map(({ data }) => data?.contractChanged.version)).toEqual(committed.map((_, index) => first + index + 1));
    told.stop();
  }
  const waits = arrivals.flatMap((at) => at.slice(0, CHANGES).map((when, index) => when - committed[index]!)).sort((a, b) => a - b);
  const [p50, p99] = [percentile(waits, 0.5), percentile(waits, 0.99)];
  process.stderr.write(`commit to subscriber, ${SUBSCRIBERS} subscribers: p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms\n`);
  if (P99_MS !== null) expect(p99).toBeLessThan(P99_MS);
}, 300_000);
