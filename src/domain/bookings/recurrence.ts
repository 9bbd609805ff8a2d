import { RRuleTemporal } from 'rrule-temporal';
import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import { fault } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import type { TimeRange } from '../../platform/graphql/time-range';
import type { MessageKey, MessageParameters } from '../../platform/i18n/messages';

/** How long something may recur, from its first time on. */
export const MOST_YEARS = 2;
/** No rule that people mean is longer. */
const LONGEST_RULE = 500;
const MOST_INTERVAL = 1000;

const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
const FREQUENCIES = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'] as const;
type Frequency = (typeof FREQUENCIES)[number];

/** The parts of a rule by their names, as they are written. */
type Parts = ReadonlyMap<string, string>;

const numberOf = (text: string): number | null => (/^[+-]?\d{1,4}$/.test(text) ? Number(text) : null);
const listOf = (text: string): string[] => text.split(',');
const numbersOf = (text: string | undefined): number[] | undefined => (text === undefined ? undefined : listOf(text).map(Number));

type Check = (value: string, frequency: Frequency) => boolean;
const between = (least: number, most: number) => (value: string): boolean => {
  const number = numberOf(value);
  return number !== null && number >= least && number <= most;
};
const each = (check: (item: string) => boolean): Check => (value) => listOf(value).every(check);
/** Counted from the beginning, or with a minus from the end. */
const ordinals = (most: number): Check => each((item) => between(-most, most)(item) && Number(item) !== 0);
const within = (frequencies: readonly Frequency[], check: Check): Check => (value, frequency) => frequencies.includes(frequency) && check(value, frequency);

const BY_DAY = /^([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)$/;
const byDay: Check = (value, frequency) =>
  listOf(value).every((item) => {
    const match = BY_DAY.exec(item);
    if (!match) return false;
    return match[1] === undefined || (['MONTHLY', 'YEARLY'].includes(frequency) && ordinals(53)(match[1], frequency));
  });

/** What each part may be; whatever else RFC 5545 has, such as times of the day, is not taken. */
const parts: Readonly<Record<string, Check>> = {
  FREQ: (value) => FREQUENCIES.includes(value as Frequency),
  INTERVAL: between(1, MOST_INTERVAL),
  COUNT: between(1, 9999),
  UNTIL: (value) => lastInstant(value, 'UTC') !== null,
  WKST: (value) => WEEKDAYS.includes(value),
  BYDAY: byDay,
  BYMONTH: each(between(1, 12)),
  BYMONTHDAY: within(['DAILY', 'MONTHLY', 'YEARLY'], ordinals(31)),
  BYYEARDAY: within(['YEARLY'], ordinals(366)),
  BYWEEKNO: within(['YEARLY'], ordinals(53)),
  BYSETPOS: within(['WEEKLY', 'MONTHLY', 'YEARLY'], ordinals(366)),
};

const partsOf = (rule: string): Parts => new Map(rule.split(';').map((part) => part.split('=', 2) as [string, string]));
const ruleOf = (from: Parts): string => [...from].map(([name, value]) => `${name}=${value}`).join(';');

/** The instant of UNTIL: an instant in UTC, or the end of a day. Null for anything else. */
function lastInstant(value: string, timeZone: string): Temporal.Instant | null {
  const match = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)Z)?$/.exec(value);
  if (!match) return null;
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [number, number, number, number, number, number];
  try {
    if (match[4] === undefined) {
      const next = Temporal.PlainDate.from({ year, month, day }, { overflow: 'reject' }).add({ days: 1 });
      return next.toZonedDateTime(timeZone).toInstant().subtract({ milliseconds: 1 });
    }
    return Temporal.PlainDateTime.from({ year, month, day, hour, minute, second }, { overflow: 'reject' }).toZonedDateTime('UTC').toInstant();
  } catch {
    return null;
  }
}

/** What is wrong with a rule by itself; null: nothing. */
function faultOf(rule: string): { message: MessageKey; parameters: MessageParameters } | null {
  const wrong = (part: string) => ({ message: 'recurrence.part', parameters: { part } }) as const;
  const written = rule.split(';').map((part) => part.split('='));
  const names = written.map(([name]) => name!);
  const strange = written.find(([name, value, more], index) => !Object.hasOwn(parts, name!) || !value || more !== undefined || names.indexOf(name!) < index);
  if (strange) return wrong(/^[A-Z-]{1,12}$/.test(strange[0]!) ? strange[0]! : '…');
  const given = partsOf(rule);
  const frequency = given.get('FREQ') as Frequency | undefined;
  if (frequency === undefined || !FREQUENCIES.includes(frequency)) return { message: 'recurrence.frequency', parameters: {} };
  for (const [name, value] of given) if (!parts[name]!(value, frequency)) return wrong(name);
  if (given.has('BYSETPOS') && ![...given.keys()].some((name) => name.startsWith('BY') && name !== 'BYSETPOS')) return wrong('BYSETPOS');
  if (given.has('COUNT') && given.has('UNTIL')) return wrong('COUNT');
  return given.has('COUNT') || given.has('UNTIL') ? null : { message: 'recurrence.endless', parameters: {} };
}

/** A rule of RFC 5545 by days, which ends: in capitals, without the name of the property. */
export const recurrenceRule = z
  .string()
  .transform((value) => value.trim().toUpperCase().replace(/^RRULE:/, ''))
  .superRefine((value, check) => {
    if (value.length > LONGEST_RULE) return fault(check, 'invalid.length', { least: 1, most: LONGEST_RULE });
    const wrong = faultOf(value);
    if (wrong) fault(check, wrong.message, wrong.parameters);
  });

/** What recurs: its first time, the rule, and how often it may. */
export interface Recurring {
  first: TimeRange;
  rule: string;
  timeZone: string;
  most: number;
}

const zoned = (at: Date, timeZone: string): Temporal.ZonedDateTime => Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone);
const dated = ({ epochMilliseconds }: { epochMilliseconds: number }): Date => new Date(epochMilliseconds);

const refusal = (message: MessageKey, parameters: MessageParameters = {}, path = 'recurrenceRule') => new Refusal('INVALID', message, parameters, [path]);

/** The beginnings that a rule gives from a first one on, one more than there may be at most. */
function beginnings(start: Temporal.ZonedDateTime, rule: string, end: Temporal.Instant, most: number): Temporal.ZonedDateTime[] {
  const given = partsOf(rule);
  const recurrence = new RRuleTemporal({
    freq: given.get('FREQ') as Frequency,
    interval: Number(given.get('INTERVAL') ?? 1),
    byDay: given.get('BYDAY')?.split(','),
    byMonth: numbersOf(given.get('BYMONTH')),
    byMonthDay: numbersOf(given.get('BYMONTHDAY')),
    byYearDay: numbersOf(given.get('BYYEARDAY')),
    byWeekNo: numbersOf(given.get('BYWEEKNO')),
    bySetPos: numbersOf(given.get('BYSETPOS')),
    wkst: given.get('WKST'),
    until: end.toZonedDateTimeISO(start.timeZoneId),
    dtstart: start,
    cache: false,
    temporal: Temporal,
  });
  return recurrence.all((_, index) => index <= most);
}

/**
 * Every time at which something recurs, earliest first, by the clock of the time zone: each begins and ends at the time of
 * day of the first, so many days later. @throws Refusal INVALID when there are none, too many, or some overlap
 */
export function occurrencesOf({ first, rule, timeZone, most }: Recurring): TimeRange[] {
  const given = partsOf(rule);
  const start = zoned(first.start, timeZone);
  const farthest = start.add({ years: MOST_YEARS }).toInstant();
  const count = given.has('COUNT') ? Number(given.get('COUNT')) : Number.POSITIVE_INFINITY;
  const until = given.has('UNTIL') ? lastInstant(given.get('UNTIL')!, timeZone)! : farthest;
  if (Temporal.Instant.compare(until, start.toInstant()) < 0) throw refusal('recurrence.until');
  if (Temporal.Instant.compare(until, farthest) > 0) throw refusal('recurrence.far', { years: MOST_YEARS });

  if (given.has('COUNT') && count > most) throw refusal('recurrence.most', { most });

  const starts = beginnings(start, rule, until, most).slice(0, count);
  if (!starts[0]?.equals(start)) throw refusal('recurrence.first');
  if (starts.length > most) throw refusal('recurrence.most', { most });
  if (given.has('COUNT') && starts.length < count) throw refusal('recurrence.far', { years: MOST_YEARS });

  const lasting = start.toPlainDateTime().until(zoned(first.end, timeZone).toPlainDateTime(), { largestUnit: 'day' });
  const times = starts.map((at): TimeRange => ({ start: dated(at), end: dated(at.toPlainDateTime().add(lasting).toZonedDateTime(timeZone)) }));
  if (times.some(({ start: next }, index) => index > 0 && times[index - 1]!.end > next)) throw refusal('recurrence.overlap', {}, 'range');
  return times;
}

/** By how much a time is moved, by the clock of the time zone. */
export interface Shift {
  start: Temporal.Duration;
  end: Temporal.Duration;
  timeZone: string;
}

const local = (at: Date, timeZone: string): Temporal.PlainDateTime => zoned(at, timeZone).toPlainDateTime();
const moved = (at: Date, by: Temporal.Duration, timeZone: string): Date => dated(local(at, timeZone).add(by).toZonedDateTime(timeZone));

export function shiftBetween(before: TimeRange, after: TimeRange, timeZone: string): Shift {
  const of = (end: keyof TimeRange) => local(before[end], timeZone).until(local(after[end], timeZone), { largestUnit: 'day' });
  return { start: of('start'), end: of('end'), timeZone };
}

export const shifted = ({ start, end }: TimeRange, { start: byStart, end: byEnd, timeZone }: Shift): TimeRange => ({
  start: moved(start, byStart, timeZone), end: moved(end, byEnd, timeZone),
});

/** The same for a beginning alone. */
export const shiftedStart = (start: Date, { start: by, timeZone }: Shift): Date => moved(start, by, timeZone);

const stamp = (at: Date): string => at.toISOString().replaceAll(/[-:]|\.\d+/g, '');

/** The same rule, ending with another last time. */
const endingAt = (rule: string, last: Date): string =>
  ruleOf(new Map([...[...partsOf(rule)].filter(([name]) => name !== 'COUNT' && name !== 'UNTIL'), ['UNTIL', stamp(last)]]));

/** The same rule for what takes place some days later; null where no rule of its shape says that. */
function daysLater(rule: string, days: number): string | null {
  const later = new Map(partsOf(rule));
  const weekday = (name: string) => WEEKDAYS[(((WEEKDAYS.indexOf(name) + days) % 7) + 7) % 7]!;
  const weekdays = later.get('BYDAY');
  const monthDays = numbersOf(later.get('BYMONTHDAY'));
  if (later.get('FREQ') === 'WEEKLY') later.set('WKST', weekday(later.get('WKST') ?? 'MO'));
  if (weekdays !== undefined) later.set('BYDAY', listOf(weekdays).map((item) => item.slice(0, -2) + weekday(item.slice(-2))).join(','));
  if (monthDays !== undefined) {
    const moved = monthDays.map((day) => day + days);
    if (moved.some((day, index) => Math.sign(day) !== Math.sign(monthDays[index]!) || Math.abs(day) > 31)) return null;
    later.set('BYMONTHDAY', moved.join(','));
  }
  return ruleOf(later);
}

/** A rule up to, but not including, one of its times. */
export const endedBefore = (rule: string, at: Date): string => endingAt(rule, new Date(at.getTime() - 1000));

/**
 * The rule for the times of another from one of them on, each moved alike. @throws Refusal INVALID when no rule of its
 * shape gives them: another day may be one that it cannot name
 */
export function movedRule(rule: string, times: readonly TimeRange[], by: Shift, most: number): string {
  const after = times.map((time) => shifted(time, by));
  const { timeZone } = by;
  const days = local(times[0]!.start, timeZone).toPlainDate().until(local(after[0]!.start, timeZone).toPlainDate()).days;
  const later = days === 0 ? rule : daysLater(rule, days);
  if (later !== null) {
    const ended = endingAt(later, after.at(-1)!.start);
    const given = beginnings(zoned(after[0]!.start, timeZone), ended, Temporal.Instant.fromEpochMilliseconds(after.at(-1)!.start.getTime()), most);
    if (given.length === after.length && given.every(({ epochMilliseconds }, index) => epochMilliseconds === after[index]!.start.getTime())) return ended;
  }
  throw refusal('recurrence.move', {}, 'range');
}
