import { Temporal } from 'temporal-polyfill';

/** When things are free, reckoned quarter by quarter of an hour, by rules that share no code with the server. */

export const TICK_MS = 15 * 60_000;
const TICKS_A_DAY = 96;

/** A span of opening hours, in quarters of an hour from midnight. */
export interface PlainHours {
  weekday: number;
  opens: number;
  closes: number;
}

/** What takes units from a tick up to, but not including, another. */
export interface PlainTaken {
  from: number;
  to: number;
  /** 'all': blocked. */
  units: number | 'all';
}

export interface PlainResource {
  quantity: number;
  /** The pause after a booking, in ticks. */
  buffer: number;
  /** Empty: always open. */
  hours: PlainHours[];
  taken: PlainTaken[];
  inService: boolean;
}

/** A world of one network: ticks are counted from an instant. */
export interface PlainWorld {
  timeZone: string;
  /** Tick 0. */
  origin: number;
  /** The tick that it is now. */
  now: number;
  resource: PlainResource;
  required: PlainResource[];
}

/** The ticks at which something is open, between two of them. */
function openTicks({ timeZone, origin }: PlainWorld, hours: readonly PlainHours[], from: number, to: number): Set<number> {
  const open = new Set<number>();
  const tickOf = (day: Temporal.PlainDate, quarter: number): number => {
    const midnight = day.add({ days: Math.floor(quarter / TICKS_A_DAY) }).toPlainDateTime();
    const local = midnight.add({ minutes: (quarter % TICKS_A_DAY) * 15 });
    return (local.toZonedDateTime(timeZone, { disambiguation: 'later' }).epochMilliseconds - origin) / TICK_MS;
  };
  const first = Temporal.Instant.fromEpochMilliseconds(origin + from * TICK_MS).toZonedDateTimeISO(timeZone).toPlainDate();
  for (let day = first.subtract({ days: 1 }); tickOf(day, 0) <= to; day = day.add({ days: 1 })) {
    // A day that the zone has skipped: nothing is open on it.
    if (!day.toZonedDateTime(timeZone).toPlainDate().equals(day)) continue;
    for (const { weekday, opens, closes } of hours) {
      if (weekday !== day.dayOfWeek) continue;
      for (let tick = tickOf(day, opens); tick < tickOf(day, closes); tick += 1) open.add(tick);
    }
  }
  return open;
}

/** How many units of one resource are free in each tick. */
function freeAlone(world: PlainWorld, { quantity, buffer, hours, taken, inService }: PlainResource, from: number, to: number): number[] {
  const open = hours.length ? openTicks(world, hours, from, to) : null;
  const used = (tick: number): number =>
    taken.reduce((sum, span) => sum + (span.from <= tick && tick < span.to ? (span.units === 'all' ? quantity : span.units) : 0), 0);
  return Array.from({ length: to - from }, (_, index) => {
    const tick = from + index;
    if (!inService || tick < world.now || (open && !open.has(tick))) return 0;
    let most = 0;
    for (let ahead = 0; ahead <= buffer; ahead += 1) most = Math.max(most, used(tick + ahead));
    return Math.max(quantity - most, 0);
  });
}

/** How many units can be booked in each tick from one up to another: with one of each that is required. */
export function freeByTick(world: PlainWorld, from: number, to: number): number[] {
  const required = world.required.map((resource) => freeAlone(world, resource, from, to));
  return freeAlone(world, world.resource, from, to).map((free, index) => (required.every((one) => one[index]! >= 1) ? free : 0));
}

export interface PlainSlot {
  from: number;
  to: number;
  quantityFree: number;
}

/** The slots of at least so many units. */
export function slotsOf(world: PlainWorld, from: number, to: number, quantity: number): PlainSlot[] {
  const slots: PlainSlot[] = [];
  freeByTick(world, from, to).forEach((free, index) => {
    if (free < quantity) return;
    const tick = from + index;
    const last = slots.at(-1);
    if (last?.to === tick && last.quantityFree === free) last.to = tick + 1;
    else slots.push({ from: tick, to: tick + 1, quantityFree: free });
  });
  return slots;
}

/** Whether so many units can be booked from one tick up to another. */
export const isFree = (world: PlainWorld, from: number, to: number, quantity: number): boolean =>
  from >= world.now && freeByTick(world, from, to).every((free) => free >= quantity);
