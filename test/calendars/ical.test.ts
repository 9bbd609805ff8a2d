import fc from 'fast-check';
import { v7 } from 'uuid';
import { BookingStatus } from '../../src/domain/bookings/model';
import { calendarText, type CalendarParts } from '../../src/domain/calendars/ical';
import type { BookingEntry } from '../../src/domain/calendars/reads';
import { byIcalJs, parsed } from './parsers';

const NOW = new Date('2026-06-10T02:00:00Z');
const OURS = v7();

/** Texts as the platform takes them, but for what node-ical is mistaken about: a backslash before an n, a text in quotes. */
const texts = fc
  .array(fc.oneof(fc.constantFrom(...'青年阵地网络,;:\'😀👨‍👩‍👧é\n \tAbc-=%{{}}[]BEGIN:VEVENT\u2028\u2029\u3000\u00a0'), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 })), { minLength: 1, maxLength: 120 })
  .map((characters) => characters.join('').replaceAll(/[\\"\ufffd-\uffff\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '').trim())
  .filter((text) => text.length > 0);
const wholeSeconds = (from: string, to: string) => fc.integer({ min: Date.parse(from) / 1000, max: Date.parse(to) / 1000 }).map((seconds) => new Date(seconds * 1000));
/** But for two that node-ical is hours out in around Ramadan. */
const zones = ['UTC', ...Intl.supportedValuesOf('timeZone')].filter((zone) => !['Africa/Casablanca', 'Africa/El_Aaiun'].includes(zone));
const statuses = fc.constantFrom(...(Object.keys(BookingStatus) as BookingStatus[]));

const entries: fc.Arbitrary<BookingEntry> = fc
  .record({
    resourceName: texts, organizationId: fc.constantFrom(OURS, v7()), quantity: fc.integer({ min: 1, max: 100_000 }),
    startsAt: wholeSeconds('2026-05-01T00:00:00Z', '2032-01-01T00:00:00Z'), seconds: fc.integer({ min: 60, max: 40 * 86_400 }),
    status: statuses, recordedStatus: statuses, version: fc.integer({ min: 1, max: 1000 }),
    createdAt: wholeSeconds('2026-01-01T00:00:00Z', '2026-06-01T00:00:00Z'), revisedAt: wholeSeconds('2026-01-01T00:00:00Z', '2026-06-01T00:00:00Z'),
    organization: fc.option(texts), booker: fc.option(texts), purpose: fc.option(texts), position: fc.option(texts), address: fc.option(texts), along: fc.array(texts, { maxLength: 3 }),
  })
  .map(({ seconds, ...entry }) => ({ ...entry, id: v7(), endsAt: new Date(entry.startsAt.getTime() + seconds * 1000) }));

const calendars: fc.Arbitrary<CalendarParts> = fc.record({
  kind: fc.constantFrom('RESOURCE', 'ORGANIZATION', 'PERSON'), name: texts, organizationId: fc.constant(OURS), locale: fc.constantFrom('zh-CN', 'en'),
  timeZone: fc.oneof(fc.constant('Asia/Shanghai'), fc.constantFrom(...zones)), entries: fc.array(entries, { maxLength: 8 }), activities: fc.constant([]), now: fc.constant(NOW),
});

/** A text on one line, as a title has it. */
const online = (text: string) => text.replaceAll(/\s+/g, ' ');
const entryOf = (more: Partial<BookingEntry>): BookingEntry => ({
  id: v7(), resourceName: 'Hall', organizationId: OURS, quantity: 1, startsAt: new Date('2026-06-11T02:00:00Z'), endsAt: new Date('2026-06-11T04:00:00Z'), status: 'CONFIRMED',
  recordedStatus: 'CONFIRMED', version: 1, createdAt: NOW, revisedAt: NOW, organization: 'Ours', booker: null, purpose: null, position: null, address: null, along: [], ...more,
});
const calendarOf = (more: Partial<CalendarParts>): CalendarParts => ({
  kind: 'PERSON', name: 'Network', organizationId: OURS, timeZone: 'Asia/Shanghai', locale: 'en', entries: [], activities: [], now: NOW, ...more,
});

test('whatever is booked in whatever time zone, independent parsers read the same of it, at the same instants', () => {
  fc.assert(
    fc.property(calendars, (parts) => {
      const { events, name, refresh } = parsed(calendarText(parts));
      expect(online(name)).toContain(online(parts.name));
      expect(refresh).toBe('PT15M');
      expect(events.map(({ uid }) => uid)).toEqual(parts.entries.map(({ id }) => id).sort());
      for (const event of events) {
        const entry = parts.entries.find(({ id }) => id === event.uid)!;
        expect([event.start, event.end, event.stamp]).toEqual([entry.startsAt, entry.endsAt, entry.revisedAt].map((at) => at.toISOString()));
        expect(event.sequence).toBe(entry.version - (entry.status === entry.recordedStatus ? 1 : 0));
        if (entry.purpose !== null) expect(event.summary).toContain(online(entry.purpose));
        else expect(event.summary).toContain(parts.locale === 'en' ? 'Booked' : '已预约');
        if (parts.kind !== 'RESOURCE') expect(event.summary).toContain(online(entry.resourceName));
        for (const told of [entry.organization, entry.booker, ...entry.along]) if (told !== null) expect(event.description).toContain(told.replaceAll(/[\u2028\u2029]/g, '\n'));
        expect(event.location).toBe(online([entry.position, entry.address].filter((text) => text !== null).join(' · ')) || null);
      }
    }),
    { numRuns: Number(process.env.CALENDAR_RUNS ?? 150) },
  );
}, 120_000);

test('a backslash is a backslash, and what looks like a line of the calendar is text', () => {
  const purpose = 'C:\\new\\Folder, x; y\r\nEND:VEVENT\r\nATTENDEE:mailto:somebody@example.org';
  const calendar = byIcalJs(calendarText(calendarOf({ name: 'a\\n,;b', entries: [entryOf({ purpose, booker: 'A\\,B\r\nX:1' })] })));
  expect(calendar.name).toBe('My calendar · a\\n,;b');
  expect(calendar.events).toMatchObject([{ summary: 'Hall · C:\\new\\Folder, x; y END:VEVENT ATTENDEE:mailto:somebody@example.org', description: 'Status: confirmed\nOrganization: Ours\nBooked by: A\\,B\nX:1' }]);
});

test('long Chinese lines fold between characters, at 75 bytes', () => {
  const purpose = '青年之家多功能厅联合排练'.repeat(40);
  const text = calendarText(calendarOf({ locale: 'zh-CN', entries: [entryOf({ resourceName: '多功能厅', purpose })] }));
  expect(Math.max(...text.split('\r\n').map((line) => Buffer.byteLength(line)))).toBeGreaterThan(72);
  expect(parsed(text).events).toMatchObject([{ summary: `多功能厅 · ${purpose}` }]);
});

test.each([
  ['CONFIRMED', 'CONFIRMED', 'OPAQUE', 'Hall · Booked'], ['IN_USE', 'CONFIRMED', 'OPAQUE', 'Hall · Booked'], ['COMPLETED', 'CONFIRMED', 'OPAQUE', 'Hall · Booked'],
  ['NO_SHOW', 'CONFIRMED', 'OPAQUE', 'Hall · Booked'], ['REQUESTED', 'TENTATIVE', 'OPAQUE', '[requested] Hall · Booked'],
  ['WAITLISTED', 'TENTATIVE', 'TRANSPARENT', '[on the waitlist] Hall · Booked'], ['CANCELLED', 'CANCELLED', 'TRANSPARENT', '[cancelled] Hall · Booked'],
  ['REJECTED', 'CANCELLED', 'TRANSPARENT', '[rejected] Hall · Booked'], ['LAPSED', 'CANCELLED', 'TRANSPARENT', '[lapsed] Hall · Booked'],
] as const)('a booking that is %s is %s and %s', (status, standing, transparency, summary) => {
  expect(parsed(calendarText(calendarOf({ entries: [entryOf({ status, recordedStatus: status })] }))).events).toMatchObject([{ status: standing, transparency, summary }]);
});

test('what is taken by whom is told where the name of the calendar does not', () => {
  const [own, lent] = [entryOf({ purpose: 'Choir' }), entryOf({ organizationId: v7(), organization: 'Theirs' })];
  const summaries = (kind: CalendarParts['kind']) => calendarText(calendarOf({ kind, entries: [own, lent] })).split('\r\n').filter((line) => line.startsWith('SUMMARY')).map((line) => line.slice(8));
  expect(summaries('PERSON')).toEqual(['Hall · Choir', 'Hall · Booked']);
  expect(summaries('ORGANIZATION')).toEqual(['Hall · Choir', 'Hall · Theirs · Booked']);
  expect(summaries('RESOURCE')).toEqual(['Choir', 'Theirs · Booked']);
});

describe('time zones', () => {
  const lines = (timeZone: string, ...times: [start: string, end: string][]) =>
    calendarText(calendarOf({ timeZone, entries: times.map(([start, end]) => entryOf({ startsAt: new Date(start), endsAt: new Date(end) })) })).split('\r\n');
  const times = (from: readonly string[]) => from.slice(from.indexOf('BEGIN:VEVENT')).filter((line) => /^DT(START|END)/.test(line));

  test('Shanghai has one offset, and its own clock stands in the calendar', () => {
    const text = lines('Asia/Shanghai', ['2026-06-11T02:00:00Z', '2026-06-11T16:30:00Z']);
    expect(text).toEqual(expect.arrayContaining(['TZID:Asia/Shanghai', 'TZOFFSETTO:+0800', 'X-WR-TIMEZONE:Asia/Shanghai']));
    expect(text.filter((line) => line === 'BEGIN:STANDARD' || line === 'BEGIN:DAYLIGHT')).toHaveLength(1);
    expect(times(text)).toEqual(['DTSTART;TZID=Asia/Shanghai:20260611T100000', 'DTEND;TZID=Asia/Shanghai:20260612T003000']);
  });

  test('also where the clock goes by the moon', () => {
    const startsAt = new Date('2030-12-22T02:30:00Z');
    const entries = [0, 1, 2, 24].map((hours) => entryOf({ startsAt: new Date(startsAt.getTime() + hours * 3_600_000), endsAt: new Date(startsAt.getTime() + (hours + 1) * 3_600_000) }));
    const { events } = byIcalJs(calendarText(calendarOf({ timeZone: 'Africa/Casablanca', entries })));
    expect(events.map(({ start, end }) => [start, end]).sort()).toEqual(entries.map((entry) => [entry.startsAt.toISOString(), entry.endsAt.toISOString()]));
  });

  test('a time that the clock shows twice is told in UTC', () => {
    expect(times(lines('Europe/Berlin', ['2026-10-25T00:30:00Z', '2026-10-25T05:00:00Z']))).toEqual(['DTSTART:20261025T003000Z', 'DTEND:20261025T050000Z']);
    expect(times(lines('Europe/Berlin', ['2026-10-25T02:30:00Z', '2026-10-25T05:00:00Z']))).toEqual(['DTSTART;TZID=Europe/Berlin:20261025T033000', 'DTEND;TZID=Europe/Berlin:20261025T060000']);
  });

  test('every change of the clock on the way is there, and one that falls on the first start', () => {
    const changes = (text: string[]) => text.slice(0, text.indexOf('END:VTIMEZONE')).filter((line) => line.startsWith('DTSTART'));
    expect(changes(lines('Europe/Berlin', ['2026-01-10T10:00:00Z', '2026-01-10T11:00:00Z'], ['2027-04-01T10:00:00Z', '2027-04-01T11:00:00Z'])))
      .toEqual(['DTSTART:20251026T030000', 'DTSTART:20260329T020000', 'DTSTART:20261025T030000', 'DTSTART:20270328T020000']);
    expect(changes(lines('Europe/Berlin', ['2026-03-29T01:00:00Z', '2026-03-29T02:00:00Z']))).toEqual(['DTSTART:20251026T030000', 'DTSTART:20260329T020000']);
  });

  test('parts of a second are no more of the time than they have to be', () => {
    expect(times(lines('Asia/Shanghai', ['2026-06-11T02:00:00.900Z', '2026-06-11T02:30:00.100Z']))).toEqual(['DTSTART;TZID=Asia/Shanghai:20260611T100000', 'DTEND;TZID=Asia/Shanghai:20260611T103001']);
  });
});

test('an empty calendar is one, and the same bookings make the same text', () => {
  expect(parsed(calendarText(calendarOf({})))).toEqual({ name: 'My calendar · Network', refresh: 'PT15M', events: [] });
  const parts = calendarOf({ entries: [entryOf({})] });
  expect(calendarText(parts)).toBe(calendarText({ ...parts, now: new Date('2026-07-01T00:00:00Z') }));
});
