import ICAL from 'ical.js';
import * as nodeIcal from 'node-ical';

/** An event as both parsers understand it. */
export interface Told {
  uid: string;
  start: string;
  end: string;
  stamp: string;
  sequence: number;
  status: string;
  transparency: string;
  summary: string;
  description: string;
  location: string | null;
}

export interface ToldCalendar {
  name: string;
  refresh: string;
  events: Told[];
}

const byUid = (a: Told, b: Told): number => (a.uid < b.uid ? -1 : 1);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : String((value as { val: unknown }).val));

/** By ical.js, whose instants go by the VTIMEZONE that is sent along. */
export function byIcalJs(text: string): ToldCalendar {
  const calendar = new ICAL.Component(ICAL.parse(text) as unknown[]);
  const events = calendar.getAllSubcomponents('vevent').map((component): Told => {
    const value = (name: string): any => component.getFirstPropertyValue(name);
    const iso = (name: string) => (value(name) as { toJSDate(): Date }).toJSDate().toISOString();
    return {
      uid: value('uid'), start: iso('dtstart'), end: iso('dtend'), stamp: iso('dtstamp'), sequence: value('sequence'), status: value('status'),
      transparency: value('transp'), summary: value('summary'), description: value('description'), location: value('location'),
    };
  });
  // What the parser does not know the type of is given as it stands.
  const name = String(calendar.getFirstPropertyValue('x-wr-calname')).replaceAll(/\\([\\,;])/g, '$1');
  return { name, refresh: String(calendar.getFirstPropertyValue('x-published-ttl')), events: events.sort(byUid) };
}

/** By node-ical, whose instants go by the name of the time zone. */
function byNodeIcal(text: string): ToldCalendar {
  const parsed = Object.values(nodeIcal.sync.parseICS(text)) as any[];
  const events = parsed.filter(({ type }) => type === 'VEVENT').map((event): Told => ({
    uid: event.uid, start: event.start.toISOString(), end: event.end.toISOString(), stamp: event.dtstamp.toISOString(), sequence: Number(event.sequence),
    status: event.status, transparency: event.transparency, summary: textOf(event.summary), description: textOf(event.description),
    location: event.location === undefined ? null : textOf(event.location),
  }));
  const calendar = parsed.find(({ type }) => type === 'VCALENDAR');
  return { name: textOf(calendar['WR-CALNAME']), refresh: textOf(calendar['PUBLISHED-TTL']), events: events.sort(byUid) };
}

/** A calendar as independent parsers read it. Fails when they do not agree, or when a line is not as RFC 5545 has it. */
export function parsed(text: string): ToldCalendar {
  expect(text.endsWith('\r\nEND:VCALENDAR\r\n')).toBe(true);
  expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  expect(text.split('\r\n').filter((line) => Buffer.byteLength(line) > 75)).toEqual([]);
  expect(text).not.toContain('\ufffd');
  const [one, other] = [byIcalJs(text), byNodeIcal(text)];
  expect(one).toEqual(other);
  return one;
}
