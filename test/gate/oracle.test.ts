import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { TestApi } from '../support/api';
import type { TestDatabase } from '../support/cluster';
import { Facts, readBase, View } from './plain';
import { questionsFor, walkFor, type Draw, type Question, type Walk } from './questions';
import { LivingNetwork, worldPlan } from './worlds';

jest.setTimeout(120_000);

/**
 * The oracle: random worlds, random actors, random documents, and every answer compared with a plain reading of the base
 * tables. ORACLE_ANSWERS says how many answers at least, ORACLE_SEED from which seed.
 */
const ANSWERS = Number(process.env.ORACLE_ANSWERS ?? 8_000);
const SEED = Number(process.env.ORACLE_SEED ?? 20_210_504);

/** The limits of documents are tested elsewhere; here they would only make them small. */
const LIMITS = { MAX_COST: '10000000', MAX_ALIASES: '1000', MAX_TOKENS: '100000', LOG_LEVEL: 'error' };

interface Difference {
  seed: number;
  asker: string;
  question: string;
  expected: unknown;
  actual: unknown;
}

/** What was asked so far. */
class Tally {
  answers = 0;
  readonly differences: Difference[] = [];
  /** How often something was there to be seen, so that an empty world proves nothing. */
  readonly seen = new Map<string, number>();
  see(what: string): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1);
  }
}

type Asking = Awaited<ReturnType<LivingNetwork['askers']>>[number];

/** Asks as everybody who can ask, and compares. */
async function round(api: TestApi, networks: LivingNetwork[], draw: Draw, tally: Tally, seed: number): Promise<void> {
  // Everybody has been told of everything so far.
  await api.settled();
  const facts = new Facts(await readBase(api.database.sql, api.clock.now()!));
  for (const contract of facts.base.contracts) tally.see(facts.status(contract));
  for (const { status } of facts.base.organizations) tally.see(`organization ${status}`);
  for (const booking of facts.base.bookings) tally.see(`booking ${facts.bookingStatus(booking)}`);
  for (const { contract, parent, flagged, private: isPrivate } of facts.base.bookings) {
    for (const [what, is] of Object.entries({ contract: contract !== null, along: parent !== null, flagged, private: isPrivate })) if (is) tally.see(`booking ${what}`);
  }
  for (const { kind, read } of facts.base.notifications) tally.see(`notification ${kind} ${read ? 'read' : 'unread'}`);
  for (const { status } of facts.base.memberships) tally.see(`membership ${status}`);
  const askers = (await Promise.all(networks.map((network) => network.askers()))).flat();
  const asked = askers.map((asker) => {
    const view = View.of(facts, asker);
    tally.see(view === null ? 'TURNED_AWAY' : (view.role ?? 'NO_ROLE'));
    for (const { reason } of view?.resources().flatMap((row) => view.reasons(row)) ?? []) tally.see(reason);
    return { asker, view, questions: view === null ? [] : questionsFor(view, draw), walk: view !== null && draw(fc.nat(3)) === 0 ? walkFor(view, draw) : null };
  });
  const queue = asked.slice();
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      await compare(api, next.asker, next.view, next.questions, tally, seed);
      if (next.walk) await walkThrough(api, next.asker, next.walk, tally, seed);
    }
  };
  await Promise.all([work(), work(), work(), work()]);
}

async function compare(api: TestApi, asker: Asking, view: View | null, questions: Question[], tally: Tally, seed: number): Promise<void> {
  const who = view === null ? `membership ${asker.membership}` : `${view.role} of ${view.organization?.name} (${view.organization?.status}), user ${view.user}`;
  const differ = (question: string, expected: unknown, actual: unknown) => tally.differences.push({ seed, asker: who, question, expected, actual });
  const refusalOf = async (field: string) => {
    const { errors, data } = await api.ask(`{ ${field} }`, {}, asker.token, asker.headers);
    return errors && !data ? errors[0]!.extensions.code : `answered ${JSON.stringify(data)}`;
  };
  if (view === null) {
    tally.answers++;
    const code = await refusalOf('resources { totalCount }');
    if (code !== 'UNAUTHENTICATED') differ('resources { totalCount }', 'UNAUTHENTICATED', code);
    return;
  }
  for (const { field, refused } of questions.filter((question) => question.refused)) {
    tally.answers++;
    const code = await refusalOf(field);
    if (code !== refused) differ(field, refused, code);
  }
  const open = questions.filter((question) => !question.refused);
  const { data, errors } = await api.ask(`{ ${open.map(({ field }, place) => `q${place}: ${field}`).join('\n')} }`, {}, asker.token, asker.headers);
  if (errors) return void differ(open.map(({ field }) => field).join('\n'), 'no error', errors);
  for (const [at, { field, expected, normal, answers }] of open.entries()) {
    tally.answers += answers;
    const answer = data?.[`q${at}`] as unknown;
    const actual = answer === undefined || answer === null ? answer : normal!(answer as never);
    if (isDeepStrictEqual(actual, expected)) continue;
    if (!Array.isArray(expected) || !Array.isArray(actual)) differ(field, expected, actual);
    else expected.forEach((item, nth) => isDeepStrictEqual(actual[nth], item) || differ(`nodes, the one at ${nth}`, item, actual[nth]));
  }
}

/** Pages through a list to its end: nothing is skipped, repeated, or there that should not be. */
async function walkThrough(api: TestApi, { token, headers }: Asking, { list, size, backward, ids }: Walk, tally: Tally, seed: number): Promise<void> {
  const found: string[] = [];
  const pageOf = (cursor: string | null) => (backward ? `last: ${size}${cursor ? `, before: "${cursor}"` : ''}` : `first: ${size}${cursor ? `, after: "${cursor}"` : ''}`);
  for (let cursor: string | null = null, more = true; more && found.length <= ids.length; tally.answers++) {
    const { [list]: page } = await api.must(`{ ${list}(${pageOf(cursor)}) { nodes { id } pageInfo { startCursor endCursor hasNextPage hasPreviousPage } } }`, {}, token, headers);
    const here = page.nodes.map(({ id }: { id: string }) => id) as string[];
    if (backward) found.unshift(...here);
    else found.push(...here);
    cursor = (backward ? page.pageInfo.startCursor : page.pageInfo.endCursor) as string | null;
    more = (backward ? page.pageInfo.hasPreviousPage : page.pageInfo.hasNextPage) as boolean;
  }
  if (!isDeepStrictEqual(found, ids)) tally.differences.push({ seed, asker: 'somebody who pages', question: `${list} by ${size}${backward ? ' from the end' : ''}`, expected: ids, actual: found });
}

/** Draws one value after the other from a seed. */
function drawing(seed: number): Draw {
  let drawn = 0;
  return (arbitrary) => fc.sample(arbitrary, { seed: seed * 1_000_003 + drawn++, numRuns: 1 })[0]!;
}

/** Builds one world of a seed, and asks at once and after whatever happens later. */
async function world(api: TestApi, seed: number, tally: Tally): Promise<void> {
  const draw = drawing(seed);
  const plans = draw(worldPlan);
  api.clock.set('2026-03-10T04:00:00Z');
  const networks: LivingNetwork[] = [];
  for (const plan of plans) networks.push(await LivingNetwork.build(api, plan));
  await round(api, networks, draw, tally, seed);
  for (const later of plans[0].later.keys()) {
    const { days } = plans[0].later[later]!;
    api.clock.set(new Date(api.clock.now()!.getTime() + days * 86_400_000));
    for (const [place, plan] of plans.entries()) for (const happening of plan.later[later]!.events) await networks[place]!.happen(happening);
    if (tally.differences.length) return;
    await round(api, networks, draw, tally, seed);
  }
}

/** The first place at which two values differ. */
function place(expected: unknown, actual: unknown, path: string): string {
  const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
  if (isObject(expected) && isObject(actual)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      if (!isDeepStrictEqual(expected[key], actual[key])) return place(expected[key], actual[key], `${path}.${key}`);
    }
  }
  return `${path} should be ${JSON.stringify(expected)?.slice(0, 600)} and is ${JSON.stringify(actual)?.slice(0, 600)}`;
}

const told = (differences: readonly Difference[]) =>
  differences.slice(0, 5).map(({ seed, asker, question, expected, actual }) => `seed ${seed}, as ${asker}: ${place(expected, actual, '')} in ${question.slice(0, 300)}`);

describe('what everybody sees is what the base tables say', () => {
  let api: TestApi;
  const tally = new Tally();
  beforeAll(async () => {
    api = await TestApi.start(LIMITS);
    api.work();
  });
  afterAll(() => api.stop());

  test(`in ${ANSWERS} answers or more, from seed ${SEED} on`, async () => {
    for (let seed = SEED; tally.answers < ANSWERS; seed++) {
      await world(api, seed, tally);
      expect(told(tally.differences)).toEqual([]);
    }
  }, Math.max(300_000, ANSWERS * 30));

  test('and there was something of everything to be seen', () => {
    const all = [
      'DRAFT', 'PROPOSED', 'SIGNED', 'ACTIVE', 'SUSPENDED', 'EXPIRED', 'TERMINATED', 'REJECTED', 'WITHDRAWN', 'COMMITTEE', 'ADMIN', 'STAFF', 'VOLUNTEER', 'RESIDENT',
      'NO_ROLE', 'TURNED_AWAY', 'OWNER', 'CONTRACT', 'NETWORK', 'PUBLIC', ...['APPLIED', 'ACTIVE', 'SUSPENDED', 'LEFT', 'REJECTED'].map((status) => `organization ${status}`),
      ...['ACTIVE', 'SUSPENDED', 'ENDED'].map((status) => `membership ${status}`),
      ...['WAITLISTED', 'REQUESTED', 'CONFIRMED', 'REJECTED', 'CANCELLED', 'NO_SHOW', 'LAPSED', 'contract', 'along', 'flagged', 'private'].map((what) => `booking ${what}`),
      ...['CONTRACT unread', 'BOOKING unread', 'SYSTEM unread', 'CONTRACT read'].map((what) => `notification ${what}`),
    ];
    expect(all.filter((what) => !tally.seen.get(what))).toEqual([]);
  });
});

describe('the oracle sees a broken gate', () => {
  /** Puts another text into a function of the gate. */
  const rewrite = (name: string, from: RegExp, to: string) => async (sql: TestDatabase['sql']) => {
    const [row] = await sql<{ text: string }>('SELECT pg_get_functiondef($1::regproc) AS text', [name]);
    const other = row!.text.replace(from, to);
    if (other === row!.text) throw new Error(`${name} does not say ${from.source}`);
    await sql(other);
  };
  const run = (statement: string) => async (sql: TestDatabase['sql']) => void (await sql(statement));

  const breakages: [what: string, breaking: (sql: TestDatabase['sql']) => Promise<void>][] = [
    ['a suspended contract that opens doors', rewrite('app.contract_status', /ELSE status END/, `ELSE replace(status, 'SUSPENDED', 'ACTIVE') END`)],
    ['an expired contract that opens doors', rewrite('app.contract_status', /THEN 'EXPIRED'/, `THEN 'ACTIVE'`)],
    ['a policy that lets all through', run('ALTER POLICY reading ON resources USING (true)')],
    ['an actor who answers to the name of the network, member or not', rewrite('app.principals', /''\)::uuid\[\]/, `'')::uuid[] || app.network_id()`)],
    ['private resources that the committee sees', rewrite('app.resource_readers', /\(sharing <> 'PRIVATE'::text\) THEN ARRAY\[app\.principal/, 'true THEN ARRAY[app.principal')],
    ['a suspended owner whose resources stay shared', rewrite('app.resource_readers', /\(owner_status = 'ACTIVE'::text\)/g, 'true')],
    ['a grant that opens to every party', rewrite('app.begin_session', /AND b\.organization_id = p\.organization_id/, '')],
    ['a suspended membership that goes on', rewrite('app.begin_session', /m\.status = 'ACTIVE'/, `m.status <> 'ENDED'`)],
    ['bookings that the whole network sees', run('ALTER POLICY reading ON bookings USING (network_id = app.network_id())')],
    ['what a booking is for, seen by more than its parties', run('ALTER POLICY reading ON booking_details USING (network_id = app.network_id())')],
    ['private bookings that the committee sees', run(`ALTER POLICY reading ON bookings USING (network_id = app.network_id() AND (readers || app.principal('committee', network_id)) && app.principals())`)],
    ['notifications that others see', run('ALTER POLICY reading ON notifications USING (network_id = app.network_id())')],
    ['signatures that outlive an edit', run('CREATE RULE kept AS ON DELETE TO contract_signatures DO INSTEAD NOTHING')],
  ];

  test.each(breakages)('%s', async (_what, breaking) => {
    const api = await TestApi.start({ ...LIMITS, LOG_LEVEL: 'silent' });
    try {
      await breaking(api.database.sql);
      api.work();
      const tally = new Tally();
      for (let seed = SEED; seed < SEED + 6 && tally.differences.length === 0; seed++) await world(api, seed, tally);
      expect(tally.differences.length).toBeGreaterThan(0);
    } finally {
      await api.stop();
    }
  }, 180_000);
});
