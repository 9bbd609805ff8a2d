import type { Person } from '../support/world';
import { BOOKING, type BookingView, type Desk } from '../bookings/desk';

/** What tests read of a series. */
export const SERIES = `id recurrenceRule range { start end } bookings { ${BOOKING} } skipped { range { start end } reason }`;

export interface SeriesView {
  id: string;
  recurrenceRule: string;
  range: { start: string; end: string };
  bookings: BookingView[];
  skipped: { range: { start: string; end: string }; reason: string }[];
}

export interface Refused {
  series: null;
  unavailable: SeriesView['skipped'] | null;
  userErrors: { code: string; message: string; path: string[] }[];
}

/** Series of bookings, as members of a network make them. */
export class Calendar {
  constructor(readonly desk: Desk) {}

  /** Books a series that must be possible. */
  async book(resource: string, range: { start: string; end: string }, recurrenceRule: string, more: Record<string, unknown> = {}, as: Person = this.desk.bea): Promise<SeriesView> {
    return (await this.desk.api.done('bookSeries', { resource, range, recurrenceRule, ...more }, as, `series { ${SERIES} }`)).series as SeriesView;
  }

  /** Tries to book one. */
  async tried(resource: string, range: { start: string; end: string }, recurrenceRule: string, more: Record<string, unknown> = {}, as: Person = this.desk.bea): Promise<Refused> {
    const selection = 'series { id } unavailable { range { start end } reason }';
    return (await this.desk.api.mutate('bookSeries', { resource, range, recurrenceRule, ...more }, as, selection)) as Refused;
  }

  /** A series as somebody sees it; null when not at all. */
  async read(id: string, as: Person | null): Promise<SeriesView | null> {
    return (await this.desk.api.must(`query ($id: ID!) { node(id: $id) { ... on BookingSeries { ${SERIES} } } }`, { id }, as)).node as SeriesView | null;
  }

  /** The series of a booking. */
  async of(booking: string, as: Person = this.desk.bea): Promise<SeriesView> {
    const data = await this.desk.api.must(`query ($id: ID!) { node(id: $id) { ... on Booking { series { ${SERIES} } } } }`, { id: booking }, as);
    return data.node.series as SeriesView;
  }
}

/** When bookings begin, by the clock of Shanghai: MM-DD HH:MM. */
export const startsOf = (bookings: readonly { range: { start: string } }[]): string[] => bookings.map(({ range }) => shanghai(range.start));
export const shanghai = (instant: string): string => new Date(Date.parse(instant) + 8 * 3_600_000).toISOString().slice(5, 16).replace('T', ' ');
