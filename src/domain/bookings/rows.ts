import type { Transaction } from '../../platform/database/session';
import { selectList } from '../../platform/database/columns';
import { secondsOf } from '../../platform/graphql/edge';
import type { AuditAction } from '../../platform/i18n/messages';
import { recordMoves, type Move, type MoveWithChanges } from '../network/history';
import type { Placement } from './placing';
import { Booking, type BookingStatus } from './model';
import { giveBack } from './quota';

/** Who books, and what for. */
export interface Booker {
  organizationId: string;
  userId: string;
  userName: string;
  purpose: string | null;
  /** The activity that it is booked for. */
  activityId?: string;
}

/** A booking that is to be written down. */
export interface NewBooking {
  id: string;
  resourceId: string;
  resourceName: string;
  ownerId: string;
  clauseId: string | null;
  contractId: string | null;
  isCounted: boolean;
  requestId: string;
  parentId: string | null;
  seriesId: string | null;
  /** When its series has it, wherever it is moved to by itself. */
  occursAt: Date | null;
  quantity: number;
  startsAt: Date;
  endsAt: Date;
  buffer: string;
  cancelUntil: Date;
  status: BookingStatus;
  priority: number;
  awaits: string[];
  isPrivate: boolean;
}

interface Framing {
  requestId: string;
  seriesId: string | null;
  occursAt: Date | null;
  start: Date;
  end: Date;
}

/** What belongs to no series. */
export const SINGLE = { seriesId: null, occursAt: null };

/** The rows of what has been placed: the booking itself, then what is booked along with it, on the same ground. */
export function rowsOf({ bookingId, quantity, terms, ground, along, status }: Placement, { requestId, seriesId, occursAt, start, end }: Framing): NewBooking[] {
  const cancelUntil = new Date(start.getTime() - secondsOf(terms.cancellationDeadline)! * 1000);
  const shared = {
    clauseId: ground?.clauseId ?? null, contractId: ground?.contractId ?? null, requestId, seriesId, occursAt, startsAt: start, endsAt: end, cancelUntil, status,
    priority: ground?.priority ?? 0, awaits: [],
  };
  const row = (id: string, { id: resourceId, name, ownerId, buffer, sharing }: Placement['terms']) => ({
    ...shared, id, resourceId, resourceName: name, ownerId, buffer, isPrivate: sharing === 'PRIVATE',
  });
  return [
    { ...row(bookingId, terms), quantity, parentId: null, isCounted: ground !== null },
    ...along.map((needed) => ({ ...row(needed.bookingId, needed.terms), quantity: 1, parentId: bookingId, isCounted: false })),
  ];
}

/** Writes bookings down, with what only the parties see. Through the door of bookings. */
export async function insertBookings(tx: Transaction, rows: readonly NewBooking[], { organizationId, userId, userName, purpose, activityId }: Booker): Promise<void> {
  await tx.query(
    `WITH row AS (
       SELECT * FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, "resourceId" uuid, "resourceName" text, "ownerId" uuid, "clauseId" uuid, "contractId" uuid,
         "isCounted" boolean, "requestId" uuid, "parentId" uuid, "seriesId" uuid, "occursAt" timestamptz, quantity integer, "startsAt" timestamptz, "endsAt" timestamptz,
         buffer interval, "cancelUntil" timestamptz, status text, priority integer, awaits uuid[], "isPrivate" boolean)
     ), booked AS (
       INSERT INTO bookings (network_id, id, resource_id, resource_name, owner_id, organization_id, booker_id, clause_id, contract_id, is_counted, request_id,
         parent_id, series_id, occurs_at, activity_id, quantity, starts_at, ends_at, buffer, cancel_until, status, priority, awaits, is_private, created_at)
       SELECT app.network_id(), id, "resourceId", "resourceName", "ownerId", $2, $3, "clauseId", "contractId", "isCounted", "requestId",
         "parentId", "seriesId", "occursAt", $7, quantity, "startsAt", "endsAt", buffer, "cancelUntil", status, priority, awaits, "isPrivate", $6 FROM row
     )
     INSERT INTO booking_details (network_id, booking_id, owner_id, organization_id, booker_id, booker_name, purpose)
     SELECT app.network_id(), id, "ownerId", $2, $3, $4, $5 FROM row`,
    [JSON.stringify(rows), organizationId, userId, userName, purpose, tx.actor.now, activityId ?? null],
  );
}

/** Writes down what has been placed anew. Through the door of bookings. */
export async function changeRows(tx: Transaction, rows: readonly NewBooking[]): Promise<void> {
  await tx.query(
    `UPDATE bookings b SET clause_id = r."clauseId", contract_id = r."contractId", is_counted = r."isCounted", quantity = r.quantity, starts_at = r."startsAt",
       ends_at = r."endsAt", buffer = r.buffer, cancel_until = r."cancelUntil", status = r.status, priority = r.priority, awaits = r.awaits,
       flagged_at = NULL, release_at = NULL, version = b.version + 1
     FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, "clauseId" uuid, "contractId" uuid, "isCounted" boolean, quantity integer, "startsAt" timestamptz,
       "endsAt" timestamptz, buffer interval, "cancelUntil" timestamptz, status text, priority integer, awaits uuid[])
     WHERE b.network_id = app.network_id() AND b.id = r.id`,
    [JSON.stringify(rows)],
  );
}

/** A booking's step, as history, audit log and events take it; people are told of a booking, not of what is booked along with it. */
export function stepOf(
  booking: Pick<Booking, 'id' | 'resourceId' | 'resourceName' | 'ownerId' | 'organizationId' | 'bookerId' | 'parentId' | 'startsAt' | 'endsAt'>,
  from: BookingStatus | null,
  to: BookingStatus,
  more: Pick<Move, 'note' | 'since'> = {},
): Move {
  const { id, resourceId, resourceName, ownerId, organizationId, bookerId, parentId, startsAt, endsAt } = booking;
  return {
    subjectType: 'Booking', subjectId: id, from, to, audience: [...new Set([organizationId, ownerId])], told: [bookerId],
    refs: { resource: resourceId, organization: organizationId, owner: ownerId },
    data: { resource: resourceName, start: startsAt.toISOString(), end: endsAt.toISOString() },
    ...(parentId !== null && { notice: null }), ...more,
  };
}

/** Notes that bookings were made, each with its first step. Through the door of bookings. */
export async function recordNew(tx: Transaction, action: AuditAction, rows: readonly NewBooking[], { organizationId, userId }: Booker, tell?: Telling): Promise<void> {
  await recordMoves(
    tx,
    action,
    rows.map((row, index): MoveWithChanges => {
      const { startsAt, endsAt, quantity, status, clauseId } = row;
      const step = { ...(status === 'REQUESTED' && { notice: 'booking.request' }), ...stepOf({ ...row, organizationId, bookerId: userId }, null, status), ...tell?.(index) };
      return [step, { start: [null, startsAt], end: [null, endsAt], quantity: [null, quantity], ...(clauseId !== null && { clause: [null, clauseId] }) }];
    }),
  );
}

/** What people are told of one of many steps, by its place among them, instead of what they would be told of it alone. */
export type Telling = (index: number) => Pick<Move, 'notice' | 'data'>;

/** A booking, and what is booked along with it. */
export type BookedTogether = [Booking, ...Booking[]];

/** Bookings with what is booked along with each, all locked, whichever of them are named. Through the door of bookings. */
export async function groupsOf(tx: Transaction, bookingIds: readonly string[]): Promise<BookedTogether[]> {
  const rows = await tx.query<Booking>(
    `WITH root AS (SELECT DISTINCT coalesce(parent_id, id) AS id FROM bookings WHERE network_id = app.network_id() AND id = ANY($1::uuid[]))
     SELECT ${selectList(Booking, 't')} FROM bookings t
     WHERE t.network_id = app.network_id() AND (t.id = ANY(ARRAY(SELECT id FROM root)) OR t.parent_id = ANY(ARRAY(SELECT id FROM root)))
     ORDER BY t.parent_id NULLS FIRST, t.starts_at, t.id FOR UPDATE`,
    [bookingIds],
  );
  return rows.filter(({ parentId }) => parentId === null).map((own) => [own, ...rows.filter(({ parentId }) => parentId === own.id)]);
}

/** The same for one. */
export const groupOf = async (tx: Transaction, bookingId: string): Promise<Booking[]> => (await groupsOf(tx, [bookingId]))[0] ?? [];

/** What else of a row changes with a move. */
export type RowChange = Partial<Pick<Booking, 'checkedOutAt' | 'checkedInAt' | 'awaits'>>;

/** Moves bookings on, which all go the same way. Through the door of bookings. */
export async function moveAll(
  tx: Transaction,
  action: AuditAction,
  bookings: readonly Booking[],
  to: BookingStatus,
  more: Pick<Move, 'note' | 'since'> & { row?: RowChange; tell?: Telling } = {},
): Promise<void> {
  const { row = {}, tell, ...step } = more;
  await tx.query(
    `UPDATE bookings SET status = $2, version = version + 1, checked_out_at = coalesce($3, checked_out_at), checked_in_at = coalesce($4, checked_in_at),
       awaits = coalesce($5, awaits), flagged_at = CASE WHEN $6 THEN flagged_at END, release_at = CASE WHEN $6 THEN release_at END
     WHERE network_id = app.network_id() AND id = ANY($1::uuid[])`,
    [bookings.map(({ id }) => id), to, row.checkedOutAt ?? null, row.checkedInAt ?? null, row.awaits ?? null, ['WAITLISTED', 'REQUESTED', 'CONFIRMED'].includes(to)],
  );
  await recordMoves(tx, action, bookings.map((booking, index) => [{ ...stepOf(booking, booking.recordedStatus, to, step), ...tell?.(index) }]));
}

/** The time that bookings hold, buffers included. */
export const heldBy = (group: readonly Booking[]) => ({
  resourceIds: group.map(({ resourceId }) => resourceId),
  start: new Date(Math.min(...group.map(({ startsAt }) => startsAt.getTime()))),
  end: new Date(Math.max(...group.map(({ endsAt, buffer }) => endsAt.getTime() + secondsOf(buffer)! * 1000))),
});

/** Who made a booking, as it was written down. Through the door of bookings. */
export async function bookerOf(tx: Transaction, { id, organizationId, bookerId, activityId }: Booking): Promise<Booker> {
  const [details] = await tx.query<Pick<Booker, 'userName' | 'purpose'>>(
    'SELECT booker_name AS "userName", purpose FROM booking_details WHERE network_id = app.network_id() AND booking_id = $1',
    [id],
  );
  return { organizationId, userId: bookerId, ...details!, ...(activityId !== null && { activityId }) };
}

/** Gives back what bookings have used of their quotas. Through the door of bookings. */
export async function giveBackQuota(tx: Transaction, bookings: readonly Booking[]): Promise<void> {
  for (const { clauseId, isCounted, startsAt, endsAt, quantity } of bookings) {
    if (clauseId !== null && isCounted) await giveBack(tx, { clauseId, start: startsAt, end: endsAt, quantity });
  }
}
