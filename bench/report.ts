import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import type { BookingFindings } from './booking-run.ts';
import type { AskerName, Measured } from './database.ts';
import { CONNECTIONS, type Measurement } from './load.ts';
import type { Series } from './run.ts';
import { POOL_SIZE } from './pool.ts';
import { serverNames, type ServerName } from './servers.ts';

/** What else the machine did as this began: the average number of processes that were running or waiting to. */
export const loadBefore = loadavg()[1]!;

export interface Findings {
  sites: readonly Measured[];
  series: readonly Series[];
  bookings: BookingFindings;
  memory: readonly { requests: number; rss: number; heap: number }[];
  rounds: number;
  seconds: number;
  postgres: string;
  settings: Record<string, string>;
  quick: boolean;
}

const titles: Record<ServerName, string> = { floor: 'floor', postgraphile: 'PostGraphile', api: 'this server' };

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};
const number = (value: number): string => Math.round(value).toLocaleString('en');
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const perSecond = ({ measured }: Series, server: ServerName): number => median(measured[server].map((one) => one.perSecond));
const p50 = ({ measured }: Series, server: ServerName): number => median(measured[server].map((one) => one.p50));
/** The median over the rounds of what this server did against another in the same round. */
const against = ({ measured }: Series, other: ServerName): number => median(measured.api.map((one, round) => one.perSecond / measured[other][round]!.perSecond));

/** The version of an installed package, of the bench or of the project. */
function version(name: string): string {
  for (const folder of ['./node_modules', '../node_modules']) {
    try {
      return (JSON.parse(readFileSync(new URL(`${folder}/${name}/package.json`, import.meta.url), 'utf8')) as { version: string }).version;
    } catch {
      continue;
    }
  }
  return 'not installed';
}

/** The median over the rounds of the ratio of two measurements made in the same round. */
const ratio = (of: readonly Measurement[], to: readonly Measurement[], what: 'perSecond' | 'p50'): number => median(of.map((one, round) => one[what] / to[round]![what]));

function targets({ series, memory, bookings: { book, availability, free } }: Findings): string {
  const lists = series.filter(({ question }) => question.name === 'list');
  const rows: string[][] = [];
  const judged = (what: string, value: number, least: number, aim: number | null, more: boolean) => {
    const reached = (bound: number) => (more ? value >= bound : value <= bound);
    rows.push([what, value.toFixed(2), String(least), aim === null ? '' : String(aim), aim !== null && reached(aim) ? 'aim reached' : reached(least) ? 'reached' : '**missed**']);
  };
  for (const one of lists) {
    judged(`throughput of the list against PostGraphile 5, ${number(one.rows)} rows`, against(one, 'postgraphile'), 1.2, 1.6, true);
    judged(`the same against the floor, ${number(one.rows)} rows`, against(one, 'floor'), 0.6, 0.85, true);
  }
  const [smallest, largest] = [lists[0]!, lists.at(-1)!];
  if (smallest !== largest) {
    const ratios = largest.measured.api.map((one, round) => one.p50 / smallest.measured.api[round]!.p50);
    judged(`p50 of the list at ${number(largest.rows)} rows against ${number(smallest.rows)}`, median(ratios), 1.5, 1.1, false);
  }
  const [before, after] = [memory[0]!, memory.at(-1)!];
  judged(`memory of the API process after ${number(after.requests)} requests against after ${number(before.requests)}`, after.rss / before.rss, 1.1, 1.0, false);
  judged('throughput of bookResource against the same statements by hand', ratio(book.api, book.floor, 'perSecond'), 0.5, 0.7, true);
  judged(
    `p50 of availability in a month with ${number(availability.many.bookings)} bookings against ${number(availability.few.bookings)}`,
    ratio(availability.many.measured, availability.few.measured, 'p50'), 3, null, false,
  );
  const [fewest, most] = [free[0]!, free.at(-1)!];
  if (fewest !== most) {
    judged(`p50 of free in a range at ${number(most.bookings)} bookings against ${number(fewest.bookings)}`, ratio(most.measured, fewest.measured, 'p50'), 2, null, false);
  }
  return table(['what', 'measured', 'at least', 'aim', ''], rows);
}

/** Writes what was found to RESULTS.md. */
export async function writeReport(findings: Findings): Promise<void> {
  const { sites, series, memory, rounds, seconds, postgres, settings, quick } = findings;
  const reads = (name: AskerName) => sites.map(({ rows, askers: { [name]: asker } }) => `${number(asker.readable)} of ${number(rows)} resources by ${asker.names} names`).join(' and ');
  const text = `# Measurements

Made by \`npm run bench\`${quick ? ' with `--quick`: too short to rely on' : ''} on ${new Date().toISOString().slice(0, 10)}. The three servers answer the same questions over the same data, as
the same role behind the same row security, to the same member of the staff of a partner organization; that they answer alike is checked before anything is timed.

## Against the targets

${targets(findings)}

## Throughput and latency

Medians of ${rounds} rounds; in brackets what this server does against the other one, the median of the rounds' ratios.

${table(
  ['question', 'rows', ...serverNames.map((name) => `${titles[name]}, requests/s`), ...serverNames.map((name) => `${titles[name]}, p50 ms`)],
  series.map((one) => [
    one.question.title,
    number(one.rows),
    ...serverNames.map((name) => `${number(perSecond(one, name))}${name === 'api' ? '' : ` (${against(one, name).toFixed(2)})`}`),
    ...serverNames.map((name) => p50(one, name).toFixed(1)),
  ]),
)}

Each round:

${table(
  ['question', 'rows', 'server', ...Array.from({ length: rounds }, (_, round) => `round ${round + 1}, requests/s`), 'p99 ms'],
  series.flatMap((one) =>
    serverNames.map((name) => [
      one.question.name,
      number(one.rows),
      titles[name],
      ...one.measured[name].map((measurement) => number(measurement.perSecond)),
      median(one.measured[name].map(({ p99 }) => p99)).toFixed(1),
    ]),
  ),
)}

## Bookings

${table(
  ['what', 'server', 'requests/s', 'p50 ms', 'p99 ms'],
  [
    ['bookResource', 'floor', findings.bookings.book.floor] as const,
    ['bookResource', 'this server', findings.bookings.book.api] as const,
    ...Object.values(findings.bookings.availability).map(({ bookings, measured }) => [`availability of a month with ${number(bookings)} bookings`, 'this server', measured] as const),
    ...findings.bookings.free.map(({ bookings, measured }) => [`20 of 10,000 resources free in a range, ${number(bookings)} bookings`, 'this server', measured] as const),
  ].map(([what, server, measured]) => [
    what, server, number(median(measured.map((one) => one.perSecond))), ...(['p50', 'p99'] as const).map((part) => median(measured.map((one) => one[part])).toFixed(1)),
  ]),
)}

## Memory of the API process

All questions in turn; after a garbage collection.

${table(
  ['requests', 'resident MB', 'heap MB'],
  memory.map(({ requests, rss, heap }) => [number(requests), (rss / 2 ** 20).toFixed(1), (heap / 2 ** 20).toFixed(1)]),
)}

## Method

- Load: autocannon, ${CONNECTIONS} connections on the loopback interface, ${seconds} s each after a warm-up of a quarter of that. Each round asks every question of every server on
  every database; each begins with another server.
- Floor: \`node:http\` and pg, one statement written by hand for each question that answers as JSON, sent in one go with BEGIN, the opening of the session and COMMIT.
- PostGraphile: its Amber preset in production mode, pg without changes, its caches on; the session is opened where its own adaptor would set its settings. SQL functions
  give it the lists in their order with the policy's predicate repeated, and why a resource is seen (\`postgraphile-objects.ts\`).
- This server: as built, in production mode, compiled execution, without the explorer page; its limits, metrics and security headers are on.
- All: the same verification of the access token (Ed25519, with its cache), ${POOL_SIZE} connections to PostgreSQL, each request in a read-only transaction that
  \`app.begin_session\` opens, and Node ${process.versions.node}.
- Bookings: each request books a time of its own, 50 resources in turn, with an idempotency key; all write one after the other to the audit chain of one network.
  The floor checks, books, audits and announces by the same statements in two round trips (\`booking.ts\`). No worker runs beside it. Free in a range is asked by the
  committee, which reads every resource; availability by a partner of two resources alike but for their bookings.
- Data: \`npm run seed -- --resources N\`, a database for each size. The member of a partner
  organization who asks reads ${reads('partner')}; the one of the organization to which the hub grants most, ${reads('grantee')}.

## Machine

${table(
  ['', ''],
  [
    ['processor', `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} cores, shared by load, server and database`],
    ['load before', `${loadBefore.toFixed(1)} processes on average over five minutes`],
    ['memory', `${Math.round(totalmem() / 2 ** 30)} GB`],
    ['system', `${process.platform} ${process.arch}`],
    ['Node', process.versions.node],
    ['PostgreSQL', `${postgres}, embedded; ${Object.entries(settings).map(([name, value]) => `${name} ${value}`).join(', ')}`],
    ...['postgraphile', 'grafast', 'pg', 'autocannon', '@apollo/server', 'graphql', 'graphql-jit', 'type-graphql', 'fastify'].map((name) => [name, version(name)]),
  ],
)}
`;
  writeFileSync(new URL('./RESULTS.md', import.meta.url), text);
}
