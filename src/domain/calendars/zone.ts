import { Temporal } from 'temporal-polyfill';

const pad = (value: number): string => String(value).padStart(2, '0');

/** A wall clock as iCalendar writes it. */
const wallClock = ({ year, month, day, hour, minute, second }: Temporal.PlainDateTime): string =>
  `${String(year).padStart(4, '0')}${pad(month)}${pad(day)}T${pad(hour)}${pad(minute)}${pad(second)}`;

/** An offset as iCalendar writes it. */
function offsetText(nanoseconds: number): string {
  const seconds = Math.abs(nanoseconds) / 1e9;
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return `${nanoseconds < 0 ? '-' : '+'}${pad(hours)}${pad(minutes)}${rest ? pad(rest) : ''}`;
}

/** From when on, by the clock until then, which offset counts after which. */
function observance(start: Temporal.PlainDateTime, from: number, to: number): string[] {
  const kind = to > from ? 'DAYLIGHT' : 'STANDARD';
  return [`BEGIN:${kind}`, `DTSTART:${wallClock(start)}`, `TZOFFSETFROM:${offsetText(from)}`, `TZOFFSETTO:${offsetText(to)}`, `END:${kind}`];
}

function change(at: Temporal.ZonedDateTime): string[] {
  const before = at.subtract({ nanoseconds: 1 });
  return observance(before.toPlainDateTime().add({ nanoseconds: 1 }), before.offsetNanoseconds, at.offsetNanoseconds);
}

const EPOCH = Temporal.PlainDateTime.from('1970-01-01T00:00');

/**
 * The VTIMEZONE of a time zone, with every change of its clock that counts from one instant to another: by the very rules
 * that the wall clocks of the calendar are made by, so that the two cannot disagree.
 */
export function timeZoneBlock(timeZone: string, from: Date, to: Date): string[] {
  const first = Temporal.Instant.fromEpochMilliseconds(from.getTime() - 1).toZonedDateTimeISO(timeZone);
  const last = first.getTimeZoneTransition('previous');
  const changes = last ? change(last) : observance(EPOCH, first.offsetNanoseconds, first.offsetNanoseconds);
  for (let next = first.getTimeZoneTransition('next'); next && next.epochMilliseconds <= to.getTime(); next = next.getTimeZoneTransition('next')) {
    changes.push(...change(next));
  }
  return ['BEGIN:VTIMEZONE', `TZID:${timeZone}`, `X-LIC-LOCATION:${timeZone}`, ...changes, 'END:VTIMEZONE'];
}

/**
 * An instant by the clock of a time zone; null where that clock shows the same time twice, so that it would not say which
 * of the two is meant.
 */
export function inZone(timeZone: string, at: Date): Temporal.ZonedDateTime | null {
  const zoned = Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone);
  const shown = zoned.toPlainDateTime();
  const isOnce = (['earlier', 'later'] as const).every((disambiguation) => shown.toZonedDateTime(timeZone, { disambiguation }).epochMilliseconds === at.getTime());
  return isOnce ? zoned : null;
}
