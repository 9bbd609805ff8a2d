import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { fromGlobalId, newTokenKey, toGlobalId, Tokens } from './built.ts';
import { measureBookings } from './booking-run.ts';
import { openCluster, type AskerName, type Booked, type Measured } from './database.ts';
import { load, type Measurement, type Shot } from './load.ts';
import { questions, type Question } from './questions.ts';
import { writeReport } from './report.ts';
import { serverNames, startServer, type Server, type ServerName } from './servers.ts';

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '10000,1000000' },
    bookings: { type: 'string', default: '10000,1000000' },

    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    quick: { type: 'boolean', default: false },
  },
});
const sizes = (options.quick ? '10000' : options.rows).split(',').map(Number);
const bookingSizes = (options.quick ? '10000' : options.bookings).split(',').map(Number);
const rounds = options.quick ? 1 : Number(options.rounds);
const seconds = options.quick ? 2 : Number(options.seconds);
const memoryRequests = options.quick ? [500, 5_000] : [5_000, 50_000];
if (![...sizes, ...bookingSizes, rounds, seconds].every((number) => Number.isInteger(number) && number > 0)) throw new Error('--rows, --bookings, --rounds and --seconds take whole numbers above 0');

const log = (line: string): void => console.error(line);

/** The measurements of one question on one database, by server, one a round. */
export interface Series {
  question: Question;
  rows: number;
  measured: Record<ServerName, Measurement[]>;
}

interface Site {
  database: Measured;
  headers: Readonly<Record<AskerName, Record<string, string>>>;
  servers: Server[];
  /** Resources that the asker may read, to be asked for by id. */
  ids: string[];
}

/** The request that puts a question to a server, in its own words. @param id the resource asked for, where one is */
function shot({ database, headers }: Site, server: ServerName, question: Question, id?: string): Shot {
  const bodies: Record<ServerName, () => object> = {
    floor: () => ({ question: question.name, id }),
    postgraphile: () => ({ query: question.postgraphile, variables: id === undefined ? {} : { id, networkId: database.askers[question.asker].networkId } }),
    api: () => ({ query: question.graphql, variables: id === undefined ? {} : { id: toGlobalId('Resource', id) } }),
  };
  return { headers: headers[question.asker], body: JSON.stringify(bodies[server]()) };
}

const shots = (site: Site, server: ServerName, question: Question): Shot[] =>
  (question.name === 'resource' ? site.ids : [undefined]).map((id) => shot(site, server, question, id));

async function ask(server: Server, { headers, body }: Shot): Promise<unknown> {
  const response = await fetch(server.url, { method: 'POST', headers, body });
  const answer = (await response.json()) as { data?: unknown; errors?: unknown };
  if (!answer.data || answer.errors) throw new Error(`${server.name} answers ${response.status}: ${JSON.stringify(answer.errors ?? answer)}`);
  return plain(answer.data);
}

/** An answer without what is each server's own: global ids become uuids, a connection without page information its nodes, a contract told in parts one. */
function plain(value: unknown, key?: string): unknown {
  if (Array.isArray(value)) return value.map((item) => plain(item));
  if (typeof value === 'string') {
    if (key === 'id') return fromGlobalId(value)?.id ?? value;
    return key === 'kind' ? value.replace(/Clause$/, '').replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase() : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]![0] === 'nodes') return plain(entries[0]![1]);
  if ('contractId' in value) {
    const { reason, contractId: id, contractNumber: number, contractTitle: title } = value as Record<string, string | null>;
    return { reason, contract: id === null ? null : { id, number, title } };
  }
  return Object.fromEntries(entries.map(([name, part]) => [name, plain(part, name)]));
}

/** @throws when the servers do not answer alike */
async function checkAlike(site: Site): Promise<void> {
  for (const question of questions) {
    const count = shots(site, 'floor', question).length;
    for (let at = 0; at < count; at += 1) {
      const answers = await Promise.all(site.servers.map((server) => ask(server, shots(site, server.name, question)[at]!)));
      for (const [index, answer] of answers.entries()) {
        if (isDeepStrictEqual(answer, answers[0])) continue;
        throw new Error(`${question.name}: ${site.servers[index]!.name} answers\n${JSON.stringify(answer)}\nbut ${site.servers[0]!.name}\n${JSON.stringify(answers[0])}`);
      }
    }
  }
}

async function openSite(database: Measured, tokens: Tokens, tokenKeys: string): Promise<Site> {
  const headersOf = async (name: AskerName) => {
    const { token } = await tokens.issue(database.askers[name]);
    return { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/json' };
  };
  const headers = { partner: await headersOf('partner'), grantee: await headersOf('grantee') };
  const servers: Server[] = [];
  for (const name of serverNames) servers.push(await startServer(name, database, tokenKeys));
  const site: Site = { database, headers, servers, ids: [] };
  const [list] = questions;
  const { resources } = (await ask(servers[0]!, shot(site, 'floor', list!))) as { resources: { nodes: { id: string }[] } };
  site.ids = resources.nodes.map(({ id }) => id);
  await checkAlike(site);
  return site;
}

async function measure(sites: readonly Site[]): Promise<Series[]> {
  const series = questions.flatMap((question) =>
    sites.map(({ database: { rows } }): Series => ({ question, rows, measured: { floor: [], postgraphile: [], api: [] } })),
  );
  for (let round = 1; round <= rounds; round += 1) {
    for (const { question, rows, measured } of series) {
      const site = sites.find(({ database }) => database.rows === rows)!;
      // Each round begins with another server, so that none always follows the same one.
      const turn = site.servers.map((_, index) => site.servers[(index + round) % site.servers.length]!);
      for (const server of turn) {
        const requests = shots(site, server.name, question);
        await load(server.url, requests, { seconds: Math.max(1, seconds / 4) });
        const measurement = await load(server.url, requests, { seconds });
        measured[server.name].push(measurement);
        log(`round ${round}, ${question.name}, ${rows} rows, ${server.name}: ${measurement.perSecond.toFixed(0)} requests/s, p50 ${measurement.p50.toFixed(1)} ms`);
      }
    }
  }
  return series;
}

/** Memory of the API process after each number of requests, a collection made. */
async function measureMemory(site: Site, tokenKeys: string): Promise<{ requests: number; rss: number; heap: number }[]> {
  const server = await startServer('api', site.database, tokenKeys, ['--expose-gc', '--require', fileURLToPath(new URL('./memory.cjs', import.meta.url))]);
  const requests = questions.flatMap((question) => shots(site, 'api', question));
  const found: { requests: number; rss: number; heap: number }[] = [];
  let done = 0;
  for (const until of memoryRequests) {
    await load(server.url, requests, { requests: until - done });
    done = until;
    const { memory } = await new Promise<{ memory: NodeJS.MemoryUsage }>((resolve) => {
      server.child.once('message', resolve);
      server.child.send('memory');
    });
    found.push({ requests: until, rss: memory.rss, heap: memory.heapUsed });
    log(`after ${until} requests: ${(memory.rss / 2 ** 20).toFixed(0)} MB resident, ${(memory.heapUsed / 2 ** 20).toFixed(0)} MB of it heap`);
  }
  await server.stop();
  return found;
}

const tokenKeys = JSON.stringify({ keys: [await newTokenKey()] });
const tokens = await Tokens.create(JSON.parse(tokenKeys), { access: 86_400, refresh: 86_400 });
const cluster = await openCluster(fileURLToPath(new URL('./.data', import.meta.url)), log);
const sites: Site[] = [];
try {
  for (const rows of sizes) sites.push(await openSite(await cluster.database(rows), tokens, tokenKeys));
  log('all servers answer alike');
  const series = await measure(sites);
  const memory = await measureMemory(sites[0]!, tokenKeys);
  for (const { servers } of sites) for (const server of servers) await server.stop();
  const booked: Booked[] = [];
  for (const bookings of bookingSizes) booked.push(await cluster.bookings(bookings));
  const bookings = await measureBookings(booked, { rounds, seconds, tokens, tokenKeys, log });
  await writeReport({
    bookings, sites: sites.map(({ database }) => database), series, memory, rounds, seconds, postgres: cluster.version, settings: cluster.settings, quick: options.quick });
} finally {
  for (const { servers } of sites) for (const server of servers) await server.stop();
  await cluster.stop();
}
