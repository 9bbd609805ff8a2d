import { escape, ICalCalendar, ICalEvent, ICalEventStatus, ICalEventTransparency } from 'ical-generator';
import { terms } from '../../platform/i18n/messages';
import { locales, textsOf, type Locale } from '../../platform/i18n/translate';
import type { BookingStatus } from '../bookings/model';
import type { FeedKind } from './model';
import type { ActivityEntry, BookingEntry } from './reads';
import { inZone, timeZoneBlock } from './zone';

const wordIn = textsOf('calendars', {
  RESOURCE: ['{{name}}', '{{name}}'],
  ORGANIZATION: ['{{name}} · 日程', '{{name}} · calendar'],
  PERSON: ['我的日程 · {{name}}', 'My calendar · {{name}}'],
  booked: ['已预约', 'Booked'],
  not: ['［{{status}}］{{title}}', '[{{status}}] {{title}}'],
  status: ['状态：{{status}}', 'Status: {{status}}'],
  organization: ['预约单位：{{organization}}', 'Organization: {{organization}}'],
  booker: ['预约人：{{booker}}', 'Booked by: {{booker}}'],
  quantity: ['数量：{{quantity}}', 'Quantity: {{quantity}}'],
  host: ['主办单位：{{host}}', 'Host: {{host}}'],
  along: ['一并预约：{{along}}', 'Booked along: {{along}}'],
});

/** How a status is told to programs. What takes its time is busy; what only waits, or was called off, is not. */
const STANDING: Readonly<Record<BookingStatus, readonly [ICalEventStatus, ICalEventTransparency]>> = {
  WAITLISTED: [ICalEventStatus.TENTATIVE, ICalEventTransparency.TRANSPARENT],
  REQUESTED: [ICalEventStatus.TENTATIVE, ICalEventTransparency.OPAQUE],
  CONFIRMED: [ICalEventStatus.CONFIRMED, ICalEventTransparency.OPAQUE],
  IN_USE: [ICalEventStatus.CONFIRMED, ICalEventTransparency.OPAQUE],
  COMPLETED: [ICalEventStatus.CONFIRMED, ICalEventTransparency.OPAQUE],
  NO_SHOW: [ICalEventStatus.CONFIRMED, ICalEventTransparency.OPAQUE],
  REJECTED: [ICalEventStatus.CANCELLED, ICalEventTransparency.TRANSPARENT],
  CANCELLED: [ICalEventStatus.CANCELLED, ICalEventTransparency.TRANSPARENT],
  LAPSED: [ICalEventStatus.CANCELLED, ICalEventTransparency.TRANSPARENT],
};

/** The same of an activity, and of a person's registration for a shift of one. */
function standingOf(status: string): Told['standing'] {
  if (status === 'CANCELLED') return [ICalEventStatus.CANCELLED, ICalEventTransparency.TRANSPARENT];
  const isOpen = !['DRAFT', 'INVITING', 'WAITLISTED'].includes(status);
  return isOpen ? [ICalEventStatus.CONFIRMED, ICalEventTransparency.OPAQUE] : [ICalEventStatus.TENTATIVE, ICalEventTransparency.TRANSPARENT];
}

/** How often programs are asked to read a calendar anew, ISO 8601. */
const REFRESH = 'PT15M';
const FOLD_BYTES = 75;

/** What a calendar is made of. */
export interface CalendarParts {
  kind: FeedKind;
  name: string;
  /** The organization whose staff reads it. */
  organizationId: string | null;
  timeZone: string;
  locale: Locale;
  entries: readonly BookingEntry[];
  activities: readonly ActivityEntry[];
  /** The instant it is read at. */
  now: Date;
}

// The library folds by a text encoder for each character, which takes a quarter of a second for a full calendar.
/** Lines as RFC 5545 has them: of at most 75 bytes, none of them within a character. */
function folded(line: string): string {
  let [text, bytes] = ['', 0];
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (bytes + size > FOLD_BYTES) [text, bytes] = [`${text}\r\n `, 1];
    text += character;
    bytes += size;
  }
  return text;
}

/** A text on one line. */
const onLine = (text: string): string => text.replaceAll(/\s+/g, ' ');
/** A text of several lines, however they are parted: readers take the separators of Unicode for the end of a line of the calendar. */
const onLines = (texts: readonly (string | false)[]): string => texts.filter(Boolean).join('\n').replaceAll(/[\u2028\u2029]/g, '\n');

/** What is booked, by whom, what for: what the calendar's own name does not say already. */
function titleOf({ resourceName, organizationId, organization, purpose }: BookingEntry, { kind, locale, ...parts }: CalendarParts): string {
  const isOwn = kind === 'PERSON' || organizationId === parts.organizationId;
  return onLine([kind === 'RESOURCE' ? null : resourceName, isOwn ? null : organization, purpose ?? wordIn(locale, 'booked')].filter(Boolean).join(' · '));
}

/** A whole second, as iCalendar knows no parts of one. */
const second = (at: Date, round: (value: number) => number): Date => new Date(round(at.getTime() / 1000) * 1000);

/** What an event of a calendar is made of, be it of a booking or of an activity. */
interface Told extends Pick<BookingEntry, 'id' | 'startsAt' | 'endsAt' | 'createdAt' | 'revisedAt' | 'version'> {
  status: string;
  recordedStatus: string;
  standing: readonly [ICalEventStatus, ICalEventTransparency];
  title: string;
  /** What follows the status in its description. */
  lines: readonly (string | false)[];
  place: readonly (string | null)[];
}

/** A booking, the same in every calendar and after every change. */
function toldOfBooking(entry: BookingEntry, parts: CalendarParts): Told {
  const { status, organization, booker, quantity, position, address, along } = entry;
  const { locale } = parts;
  const lines = [
    organization !== null && wordIn(locale, 'organization', { organization }),
    booker !== null && wordIn(locale, 'booker', { booker }),
    quantity > 1 && wordIn(locale, 'quantity', { quantity }),
    along.length > 0 && wordIn(locale, 'along', { along: along.join(locale === 'en' ? ', ' : '、') }),
  ];
  return { ...entry, standing: STANDING[status], title: titleOf(entry, parts), lines, place: [position, address] };
}

/** An activity, or a shift of one. */
function toldOfActivity(entry: ActivityEntry, { locale, organizationId, kind }: CalendarParts): Told {
  const { status, title, duty, host, hostId, position, address } = entry;
  const isOwn = kind === 'ORGANIZATION' && hostId === organizationId;
  return {
    ...entry,
    standing: standingOf(status),
    title: onLine([isOwn ? null : host, title, duty].filter(Boolean).join(' · ')),
    lines: [host !== null && wordIn(locale, 'host', { host })],
    place: [position, address],
  };
}

/** An event as text. */
function eventOf(told: Told, { locale, timeZone }: CalendarParts, calendar: ICalCalendar): string {
  const { id, startsAt, endsAt, status, recordedStatus, version, createdAt, revisedAt, title, lines, place } = told;
  const [standing, transparency] = told.standing;
  const [start, end] = [second(startsAt, Math.floor), second(endsAt, Math.ceil)];
  const [zonedStart, zonedEnd] = [inZone(timeZone, start), inZone(timeZone, end)];
  const isZoned = zonedStart !== null && zonedEnd !== null;
  const word = terms[status]![locales.indexOf(locale) as 0 | 1];
  return new ICalEvent(
    {
      id,
      // Goes up with the version, and by itself when the clock has moved what nobody has written down yet.
      sequence: version - (status === recordedStatus ? 1 : 0),
      created: createdAt,
      stamp: revisedAt,
      lastModified: revisedAt,
      timezone: isZoned ? timeZone : null,
      start: isZoned ? zonedStart : start,
      end: isZoned ? zonedEnd : end,
      summary: standing === ICalEventStatus.CONFIRMED ? title : wordIn(locale, 'not', { status: word, title }),
      description: onLines([wordIn(locale, 'status', { status: word }), ...lines]),
      location: onLine(place.filter(Boolean).join(' · ')) || null,
      status: standing,
      transparency,
    },
    calendar,
  ).toString();
}

/** A calendar as text, RFC 5545 and, for its name and refresh, RFC 7986. The same for the same bookings and activities, to the byte. */
export function calendarText(parts: CalendarParts): string {
  const { kind, name, timeZone, locale, now } = parts;
  const title = escape(onLine(wordIn(locale, kind, { name })), false);
  const events = [...parts.entries.map((entry) => toldOfBooking(entry, parts)), ...parts.activities.map((entry) => toldOfActivity(entry, parts))];
  const times = events.flatMap(({ startsAt, endsAt }) => [startsAt.getTime(), endsAt.getTime()]);
  const [from, to] = times.length ? [Math.min(...times), Math.max(...times)] : [now.getTime(), now.getTime()];
  // It gets no time zone of its own: the library would write the stamps of its events by that, which have to be in UTC.
  const calendar = new ICalCalendar();
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    `PRODID:-//Youth Network//Bookings//${locale === 'en' ? 'EN' : 'ZH'}`,
    'CALSCALE:GREGORIAN',
    `NAME:${title}`,
    `X-WR-CALNAME:${title}`,
    `X-WR-TIMEZONE:${timeZone}`,
    `REFRESH-INTERVAL;VALUE=DURATION:${REFRESH}`,
    `X-PUBLISHED-TTL:${REFRESH}`,
    ...timeZoneBlock(timeZone, new Date(from), new Date(to)),
    ...events.flatMap((told) => eventOf(told, parts, calendar).trimEnd().split('\r\n')),
    'END:VCALENDAR',
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join('');
}
