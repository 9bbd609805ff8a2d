import { randomUUID } from 'node:crypto';
import { BUSY_DAYS, BUSY_FROM_DAYS, type BusyName } from './booked.ts';
import { BOOK, inputOf, type Wish } from './booking.ts';
import { toGlobalId, type Tokens } from './built.ts';
import type { Asker, Booked } from './database.ts';
import { load, type Measurement, type Shot, type Shots } from './load.ts';
import { startServer, type Server } from './servers.ts';

/** What was measured of bookings, one a round. */
export interface BookingFindings {
  book: Record<'floor' | 'api', Measurement[]>;
  availability: Record<BusyName, { bookings: number; measured: Measurement[] }>;
  /** Free in a range, by how many bookings there are. */
  free: { bookings: number; measured: Measurement[] }[];
}

interface Run {
  rounds: number;
  seconds: number;
  tokens: Tokens;
  tokenKeys: string;
  log: (line: string) => void;
}

const DAY_MS = 86_400_000;
const SLOT_MS = 15 * 60_000;
const daysAhead = (days: number): Date => new Date(Math.floor(Date.now() / DAY_MS + days) * DAY_MS);

const AVAILABILITY = `query Availability($id: ID!, $range: TimeRangeInput!) {
  node(id: $id) { ... on Resource { availability(range: $range) { range { start end } quantityFree } } }
}`;
const FREE = `query Free($range: TimeRangeInput!) {
  resources(first: 20, filter: { freeDuring: $range }) { nodes { id name kind } pageInfo { hasNextPage } }
}`;

const monthAhead = { start: daysAhead(BUSY_FROM_DAYS), end: daysAhead(BUSY_FROM_DAYS + BUSY_DAYS) };
/** A morning and a half of a working day, in the network's time zone. */
const wanted = { start: new Date(daysAhead(30).getTime() + 2 * 3_600_000), end: new Date(daysAhead(30).getTime() + 4 * 3_600_000) };

const asJson = (headers: Record<string, string>, body: object): Shot => ({ headers, body: JSON.stringify(body) });

/** Wishes for one time after the other of one resource after the other. */
function* wishes({ bookable, free }: Booked): Generator<Wish, never> {
  for (let nth = 0; ; nth += 1) {
    const start = free.getTime() + Math.floor(nth / bookable.length) * SLOT_MS;
    yield { resource: bookable[nth % bookable.length]!, start: new Date(start).toISOString(), end: new Date(start + SLOT_MS).toISOString(), key: randomUUID() };
  }
}

async function checked(server: Server, shot: Shot, has: RegExp): Promise<void> {
  const text = await (await fetch(server.url, { method: 'POST', ...shot })).text();
  if (!has.test(text) || text.includes('"errors"')) throw new Error(`${server.name} answers ${text}`);
}

/** Measures what bookings cost, on databases with few and many of them. Nothing that is told of them afterwards is counted: no worker runs. */
export async function measureBookings(sites: readonly Booked[], { rounds, seconds, tokens, tokenKeys, log }: Run): Promise<BookingFindings> {
  const headersOf = async (asker: Asker) => ({ authorization: `Bearer ${(await tokens.issue(asker)).token}`, 'content-type': 'application/json', accept: 'application/json' });
  const found: BookingFindings = {
    book: { floor: [], api: [] },
    availability: { few: { bookings: sites[0]!.busy.few.bookings, measured: [] }, many: { bookings: sites[0]!.busy.many.bookings, measured: [] } },
    free: sites.map(({ bookings }) => ({ bookings, measured: [] })),
  };
  const servers: Server[] = [];
  const start = async (name: 'floor' | 'api', site: Booked): Promise<Server> => {
    const server = await startServer(name, site, tokenKeys, [], { WORKER: 'none' });
    servers.push(server);
    return server;
  };
  const measured = async (what: string, server: Server, shots: Shots): Promise<Measurement> => {
    await load(server.url, shots, { seconds: Math.max(1, seconds / 4) });
    const measurement = await load(server.url, shots, { seconds });
    log(`${what}, ${server.name}: ${measurement.perSecond.toFixed(0)} requests/s, p50 ${measurement.p50.toFixed(1)} ms`);
    return measurement;
  };
  try {
    const [first] = sites as [Booked];
    const floor = await start('floor', first);
    const apis: Server[] = [];
    for (const site of sites) apis.push(await start('api', site));
    const [api] = apis as [Server];
    const partner = await headersOf(first.partner);
    const next = wishes(first);
    const { userId, networkId, organizationId } = first.partner;
    const book: Record<'floor' | 'api', () => Shot> = {
      floor: () => asJson(partner, { question: 'book', wish: next.next().value, asker: { userId, networkId, organizationId } }),
      api: () => asJson(partner, { query: BOOK, variables: { input: inputOf(next.next().value) } }),
    };
    const availability = (name: BusyName) => asJson(partner, { query: AVAILABILITY, variables: { id: toGlobalId('Resource', first.busy[name].id), range: monthAhead } });
    const free = await Promise.all(sites.map(async ({ committee }) => asJson(await headersOf(committee), { query: FREE, variables: { range: wanted } })));
    for (const server of [floor, api]) await checked(server, book[server.name as 'floor' | 'api'](), /"userErrors":\[\]/);
    for (const name of ['few', 'many'] as const) await checked(api, availability(name), /"quantityFree":1/);
    for (const [index, server] of apis.entries()) await checked(server, free[index]!, /"hasNextPage":true/);

    for (let round = 1; round <= rounds; round += 1) {
      for (const server of round % 2 ? [floor, api] : [api, floor]) {
        const name = server.name as 'floor' | 'api';
        found.book[name].push(await measured(`round ${round}, bookResource`, server, book[name]));
      }
      for (const name of round % 2 ? (['few', 'many'] as const) : (['many', 'few'] as const)) {
        found.availability[name].measured.push(await measured(`round ${round}, availability with ${found.availability[name].bookings} bookings`, api, [availability(name)]));
      }
      for (const [index, server] of apis.entries()) {
        const of = found.free[index]!;
        of.measured.push(await measured(`round ${round}, free among ${of.bookings} bookings`, server, [free[index]!]));
      }
    }
    return found;
  } finally {
    for (const server of servers) await server.stop();
  }
}
