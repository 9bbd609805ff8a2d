import { selectList } from '../../platform/database/columns';
import { narrow, nestedPage, page, READABLE, type ForwardArgs, type ListQuery, type Page, type PageArgs } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { filterId } from '../../platform/graphql/edge';
import { byId, grouped, type LoaderDefinition } from '../../platform/graphql/loaders';
import { LONGEST_RANGE_DAYS, type TimeRange } from '../../platform/graphql/time-range';
import { Resource } from '../resources/model';
import type { BookingFilter } from './inputs';
import { Booking, BookingDetails, BookingSeries, FLAGGED, ResourceBlock } from './model';

export const bookingById = byId(Booking);
export const resourceBlockById = byId(ResourceBlock);

/** What only the parties see of a booking; null for anybody else. */
export const detailsOf: LoaderDefinition<string, BookingDetails | null> = {
  batch: async (session, bookingIds) => {
    const rows = await session.read<BookingDetails>({
      name: 'booking-details',
      text: `SELECT ${selectList(BookingDetails, 't')} FROM booking_details t WHERE t.network_id = app.network_id() AND t.booking_id = ANY($1::uuid[])`,
      values: [bookingIds],
    });
    const found = new Map(rows.map((row) => [row.bookingId, row]));
    return bookingIds.map((id) => found.get(id) ?? null);
  },
};

/** A resource of which the actor reads a booking, also when the contract that opened it is not in force any more. */
export const bookedResourceById: LoaderDefinition<string, Resource | null> = {
  batch: async (session, ids) => {
    const rows = await session.read<Resource>({
      name: 'booked-resources',
      text: `SELECT ${selectList(Resource, 't')} FROM app.booked_resources($1) AS t`,
      values: [ids],
    });
    const found = new Map(rows.map((row) => [row.id, row]));
    return ids.map((id) => found.get(id) ?? null);
  },
};

/** The place of a waiting booking in the queue; null for one that does not wait. */
export const waitlistPlaceOf: LoaderDefinition<string, number | null> = {
  batch: async (session, ids) => {
    const rows = await session.read<{ id: string; place: number }>({
      name: 'waitlist-places',
      text: 'SELECT id, place FROM app.waitlist_places($1)',
      values: [ids],
    });
    const found = new Map(rows.map((row) => [row.id, row.place]));
    return ids.map((id) => found.get(id) ?? null);
  },
};

/** What is booked along with a booking. */
export const bookedAlong: LoaderDefinition<string, Booking[]> = {
  batch: async (session, bookingIds) => {
    const rows = await session.read<Booking>({
      name: 'bookings-along',
      text: `SELECT ${selectList(Booking, 't')} FROM bookings t WHERE ${READABLE} AND t.parent_id = ANY($1::uuid[]) ORDER BY t.id`,
      values: [bookingIds],
    });
    return grouped(bookingIds, rows, (row) => row.parentId!);
  },
};

export const bookingSeriesById = byId(BookingSeries);

/** The bookings of a series, by their start, without what is booked along with them. */
export const bookingsOfSeries: LoaderDefinition<string, Booking[]> = {
  batch: async (session, seriesIds) => {
    const rows = await session.read<Booking>({
      name: 'bookings-of-series',
      text: `SELECT ${selectList(Booking, 't')} FROM bookings t WHERE ${READABLE} AND t.series_id = ANY($1::uuid[]) AND t.parent_id IS NULL ORDER BY t.starts_at, t.id`,
      values: [seriesIds],
    });
    return grouped(seriesIds, rows, (row) => row.seriesId!);
  },
};

/** The blocked times of a resource that are not over, for its owner's staff. */
export const blocksOf: LoaderDefinition<string, ResourceBlock[]> = {
  batch: async (session, resourceIds) => {
    const rows = await session.read<ResourceBlock>({
      name: 'resource-blocks',
      text: `SELECT ${selectList(ResourceBlock, 't')} FROM resource_blocks t
        WHERE ${READABLE} AND t.resource_id = ANY($1::uuid[]) AND upper(t.periods) > app.now() ORDER BY t.resource_id, t.starts_at, t.id`,
      values: [resourceIds],
    });
    return grouped(resourceIds, rows, (row) => row.resourceId);
  },
};

/** What is left of a clause's quota this month, ISO 8601; null without a quota. */
export const quotaLeftOf: LoaderDefinition<string, string | null> = {
  batch: async (session, clauseIds) => {
    const rows = await session.read<{ id: string; left: string | null }>({
      name: 'quota-left',
      text: `SELECT t.id, t.quota_per_month - make_interval(secs => coalesce(u.used_seconds, 0)) AS "left" FROM contract_clauses t
        LEFT JOIN clause_usage u ON u.network_id = t.network_id AND u.clause_id = t.id AND u.month = date_trunc('month', app.today())::date
        WHERE ${READABLE} AND t.id = ANY($1::uuid[])`,
      values: [clauseIds],
    });
    const found = new Map(rows.map((row) => [row.id, row.left]));
    return clauseIds.map((id) => found.get(id) ?? null);
  },
};

const byStart = (list: string, descending: boolean): ListQuery<Booking> => ({
  list,
  select: selectList(Booking, 't'),
  from: 'bookings t',
  where: [READABLE],
  values: [],
  order: [
    { sql: 't.starts_at', type: 'timestamptz', of: (row) => row.startsAt },
    { sql: 't.id', type: 'uuid', of: (row) => row.id },
  ],
  descending,
});

/** Not over at an instant; what began so long before it that it has to be is passed by. */
const NOT_OVER_AT = (instant: string) => `t.ends_at > ${instant} AND t.starts_at > ${instant} - interval '${LONGEST_RANGE_DAYS} days'`;

function narrowToRange(query: ListQuery<Booking>, range: TimeRange | null | undefined): void {
  narrow(query, (value) => `t.starts_at < ${value}`, range?.end);
  narrow(query, (value) => NOT_OVER_AT(`${value}::timestamptz`), range?.start);
}

const STANDS = (value: string) => `app.booking_status(t.status, t.starts_at, t.ends_at, app.now()) = ${value}`;

/** The bookings that the actor may read, the latest start first. */
export async function listBookings(context: RequestContext, args: PageArgs, filter: BookingFilter): Promise<Page<Booking>> {
  const query = byStart('bookings', true);
  narrow(query, (value) => `t.resource_id = ${value}`, filterId('Resource', filter.resource));
  narrow(query, (value) => `t.organization_id = ${value}`, filterId('Organization', filter.organization));
  narrow(query, (value) => `t.owner_id = ${value}`, filterId('Organization', filter.owner));
  narrow(query, STANDS, filter.status);
  narrow(query, (value) => `(t.booker_id = app.user_id()) = ${value}`, filter.mine);
  narrow(query, (value) => `${FLAGGED('t')} = ${value}`, filter.flagged);
  narrowToRange(query, filter.range);
  return page(context.session, context.platform.cursors, query, args);
}

/** The bookings of a resource that the actor may read, the earliest start first: those in a range, else those that are not over. */
export function bookingsOfResource(context: RequestContext, resourceId: string, args: ForwardArgs, range: TimeRange | null): Promise<Page<Booking>> {
  const query = byStart('bookings of resource', false);
  if (range) narrowToRange(query, range);
  else query.where.push(NOT_OVER_AT('app.now()'));
  return nestedPage(context, query, 't.resource_id', resourceId, args);
}
