import fc from 'fast-check';
import { uuidOf } from '../contracts/agreements';
import type { Desk } from '../bookings/desk';
import { TICK_MS, type PlainHours, type PlainResource, type PlainTaken, type PlainWorld } from './plain';

/** How many ticks generated things lie in: six days. */
export const TICKS = 6 * 96;

/** Instants around which something happens to the clocks of a time zone, and some at which nothing does. */
const PLACES: readonly [timeZone: string, origin: string][] = [
  ['Asia/Shanghai', '2026-06-10T00:00:00Z'],
  ['Asia/Shanghai', '2026-12-29T16:00:00Z'],
  ['Asia/Kathmandu', '2026-02-27T00:00:00Z'],
  ['America/New_York', '2026-03-06T12:00:00Z'],
  ['America/New_York', '2026-10-30T12:00:00Z'],
  ['Europe/Berlin', '2026-03-27T00:00:00Z'],
  ['Europe/Berlin', '2026-10-23T00:00:00Z'],
  ['Europe/Dublin', '2026-10-23T00:00:00Z'],
  ['Australia/Lord_Howe', '2026-04-03T00:00:00Z'],
  ['Australia/Lord_Howe', '2026-10-01T00:00:00Z'],
  // Clocks change at midnight.
  ['Africa/Cairo', '2026-04-22T00:00:00Z'],
  ['America/Santiago', '2026-04-02T00:00:00Z'],
  ['America/Santiago', '2026-09-03T00:00:00Z'],
  // A day that was not there.
  ['Pacific/Apia', '2011-12-28T00:00:00Z'],
];

const hours: fc.Arbitrary<PlainHours[]> = fc
  .array(fc.record({ weekday: fc.integer({ min: 1, max: 7 }), opens: fc.integer({ min: 0, max: 95 }), length: fc.integer({ min: 1, max: 60 }) }), { maxLength: 16 })
  .map((spans) => {
    const kept: PlainHours[] = [];
    for (const { weekday, opens, length } of spans) {
      const span = { weekday, opens, closes: Math.min(opens + length, 96) };
      if (kept.every((other) => other.weekday !== weekday || other.closes <= span.opens || span.closes <= other.opens)) kept.push(span);
    }
    return kept;
  });
/** Open day and night, and from one midnight to the next. */
const always: PlainHours[] = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, opens: 0, closes: 96 }));
const nights: PlainHours[] = [1, 2, 3, 4, 5, 6, 7].flatMap((weekday) => [{ weekday, opens: 0, closes: 24 }, { weekday, opens: 72, closes: 96 }]);

const resource: fc.Arbitrary<PlainResource> = fc
  .record({
    quantity: fc.integer({ min: 1, max: 4 }),
    buffer: fc.constantFrom(0, 0, 1, 2, 7),
    hours: fc.oneof(fc.constant<PlainHours[]>([]), fc.constant(always), fc.constant(nights), hours),
    taken: fc.array(
      fc.record({ from: fc.integer({ min: -20, max: TICKS }), length: fc.integer({ min: 1, max: 40 }), units: fc.oneof(fc.constant('all' as const), fc.integer({ min: 1, max: 4 })) }),
      { maxLength: 25 },
    ),
    inService: fc.integer({ min: 0, max: 15 }).map((one) => one > 0),
  })
  .map(({ taken, ...rest }) => {
    const kept: PlainTaken[] = [];
    for (const { from, length, units } of taken) {
      const to = from + length;
      const meeting = kept.filter((other) => other.from < to && from < other.to);
      const used = meeting.reduce((sum, other) => sum + (other.units === 'all' ? rest.quantity : other.units), 0);
      if (used + (units === 'all' ? rest.quantity : units) <= rest.quantity) kept.push({ from, to, units });
    }
    return { ...rest, taken: kept };
  });

export const world: fc.Arbitrary<PlainWorld> = fc.record({
  place: fc.constantFrom(...PLACES),
  now: fc.integer({ min: -10, max: 150 }),
  resource,
  required: fc.oneof(fc.constant<PlainResource[]>([]), fc.array(resource, { minLength: 1, maxLength: 2 })),
}).map(({ place: [timeZone, origin], ...rest }) => ({ timeZone, origin: Date.parse(origin), ...rest }));

export const instant = ({ origin }: PlainWorld, tick: number): string => new Date(origin + tick * TICK_MS).toISOString();
const clock = (quarter: number): string => `${String(Math.floor(quarter / 4)).padStart(2, '0')}:${String((quarter % 4) * 15).padStart(2, '0')}`;
const openingHours = (spans: readonly PlainHours[]) => spans.map(({ weekday, opens, closes }) => ({ weekday, opens: clock(opens), closes: clock(closes) }));

/** Puts one resource of a world in; by turns its hours are its own or those of its position. @returns its global id */
async function putOne(desk: Desk, of: PlainWorld, { quantity, buffer, hours: spans, taken, inService }: PlainResource, requires: string[], name: string): Promise<string> {
  const { sql } = desk.api.database;
  const atPosition = spans.length % 2 === 1;
  const [position] = atPosition
    ? await sql<{ id: string }>(
        `INSERT INTO positions (network_id, id, organization_id, organization_is_hub, organization_status, name, kind, opening_hours, created_at)
         VALUES ($1, gen_random_uuid(), $2, false, 'ACTIVE', $3, 'MICRO', $4, now()) RETURNING id`,
        [desk.a.network.id, desk.a.id, name, JSON.stringify(openingHours(spans))],
      )
    : [];
  const id = await desk.resource(name, {
    sharing: 'PUBLIC', quantity, buffer: `PT${buffer * 15}M`, requires, position: position?.id, openingHours: atPosition ? [] : openingHours(spans), status: inService ? 'AVAILABLE' : 'OUT_OF_SERVICE',
  });
  // Units by the first that are free all along: the spans never want more together than there are, but maybe scattered ones.
  const given: { unit: number; from: number; to: number }[] = [];
  const insert = (units: string, { from, to }: PlainTaken) =>
    sql('INSERT INTO occupations (network_id, resource_id, units, period, is_request) VALUES ($1, $2, $3::int4range, tstzrange($4, $5), false)', [
      desk.a.network.id, uuidOf(id), units, instant(of, from), instant(of, to),
    ]);
  for (const span of taken) {
    if (span.units === 'all') {
      await insert('[1,)', span);
      continue;
    }
    const free = Array.from({ length: 40 }, (_, index) => index + 1).filter(
      (unit) => !given.some((other) => other.unit === unit && other.from < span.to && span.from < other.to),
    );
    for (const unit of free.slice(0, span.units)) {
      given.push({ unit, ...span });
      await insert(`[${unit},${unit + 1})`, span);
    }
  }
  return id;
}

/** Puts a world into the network of the desk, and sets its clock. @returns the global id of its resource */
export async function put(desk: Desk, of: PlainWorld, name: string): Promise<string> {
  await desk.api.database.sql('UPDATE networks SET time_zone = $2 WHERE id = $1', [desk.a.network.id, of.timeZone]);
  const required: string[] = [];
  // Each requires the one before it, so that the last leads to all.
  for (const [index, one] of of.required.entries()) required.push(await putOne(desk, of, one, required.slice(-1), `${name} needs ${index}`));
  desk.api.clock.set(instant(of, of.now));
  return putOne(desk, of, of.resource, required.slice(-1), name);
}
