import type { Transaction } from '../../platform/database/session';
import { secondsOf } from '../../platform/graphql/edge';
import type { RefusalReason } from '../../platform/graphql/refusal';
import type { MessageKey, MessageParameters } from '../../platform/i18n/messages';
import type { Sharing } from '../resources/model';

/** A grant in force to the organization that books. */
export interface Grant {
  clauseId: string;
  contractId: string;
  priority: number;
  requiresApproval: boolean;
  inTerm: boolean;
  inHours: boolean;
  quotaSeconds: number | null;
  /** What would be left of the quota in the month where least is; null: there is no limit. */
  left: number | null;
}

/** On what terms an organization may book a resource in a range. */
export interface Terms {
  /** The resource asked for; another one's is booked along with it. */
  rootId: string;
  id: string;
  name: string;
  ownerId: string;
  status: string;
  sharing: Sharing;
  quantity: number;
  minimum: string;
  maximum: string;
  leadTime: string;
  horizon: string;
  buffer: string;
  requiresApproval: boolean;
  cancellationDeadline: string;
  isShort: boolean;
  isLong: boolean;
  isLate: boolean;
  isEarly: boolean;
  isOpen: boolean;
  isOwn: boolean;
  isShared: boolean;
  grants: Grant[];
}

/** What somebody wants to have. */
export interface Wish {
  resourceId: string;
  quantity: number;
}

const TERMS = `root_id AS "rootId", id, name, owner_id AS "ownerId", status, sharing, quantity, minimum, maximum, lead_time AS "leadTime", horizon, buffer,
  requires_approval AS "requiresApproval", cancellation_deadline AS "cancellationDeadline", is_short AS "isShort", is_long AS "isLong",
  is_late AS "isLate", is_early AS "isEarly", is_open AS "isOpen", is_own AS "isOwn", is_shared AS "isShared", grants`;

/** The terms of each resource and of all that it requires, as they are now. Through the door of bookings, the resources held. */
export const termsOf = (tx: Transaction, wishes: readonly Wish[], organizationId: string, { start, end }: { start: Date; end: Date }): Promise<Terms[]> =>
  tx.query<Terms>(
    `SELECT ${TERMS} FROM app.bookable($1, $2, $3, tstzrange($4, $5), $6) ORDER BY id`,
    [wishes.map(({ resourceId }) => resourceId), wishes.map(({ quantity }) => quantity), organizationId, start, end, tx.actor.timeZone],
  );

/** The same for one resource at each of several times, in that order. */
export async function termsAt(
  tx: Transaction,
  resourceId: string,
  organizationId: string,
  times: readonly { quantity: number; start: Date; end: Date }[],
): Promise<Terms[][]> {
  const rows = await tx.query<Terms & { index: number }>(
    `SELECT t.index::integer, ${TERMS} FROM unnest($2::integer[], $3::timestamptz[], $4::timestamptz[]) WITH ORDINALITY AS t(asked, starts, ends, index),
       app.bookable(ARRAY[$1::uuid], ARRAY[t.asked], $5, tstzrange(t.starts, t.ends), $6) ORDER BY t.index, id`,
    [resourceId, times.map(({ quantity }) => quantity), times.map(({ start }) => start), times.map(({ end }) => end), organizationId, tx.actor.timeZone],
  );
  return times.map((_, index) => rows.filter((row) => row.index === index + 1));
}

/** A reason, but for its place in the input. */
export interface Fault extends Pick<RefusalReason, 'code' | 'message' | 'parameters'> {
  about: 'resource' | 'quantity' | 'range';
}

const fault = (about: Fault['about'], code: Fault['code'], message: MessageKey, parameters: MessageParameters = {}): Fault => ({ about, code, message, parameters });

const minutes = (duration: string): number => Math.ceil(secondsOf(duration)! / 60);

/** What the resource's own terms say against booking it; null: nothing. */
export function termsFault(terms: Terms, quantity: number): Fault | null {
  const { status, isShort, isLong, isLate, isEarly, isOpen, minimum, maximum, leadTime, horizon } = terms;
  if (status !== 'AVAILABLE') return fault('resource', 'WRONG_STATE', 'state.wrong', { action: 'BOOK', state: status, subject: 'resource' });
  if (isShort) return fault('range', 'INVALID', 'booking.short', { minutes: minutes(minimum) });
  if (isLong) return fault('range', 'INVALID', 'booking.long', { minutes: minutes(maximum) });
  if (isLate) return fault('range', 'TOO_LATE', 'booking.late', { minutes: minutes(leadTime) });
  if (isEarly) return fault('range', 'TOO_EARLY', 'booking.early', { days: Math.floor(secondsOf(horizon)! / 86_400) });
  if (!isOpen) return fault('range', 'OUTSIDE_OPENING_HOURS', 'booking.hours');
  if (quantity > terms.quantity) return fault('quantity', 'CAPACITY_EXCEEDED', 'booking.capacity', { quantity: terms.quantity });
  return null;
}

/** The same for one whose turn on the waitlist has come: it was asked for in time. */
export const promotionFault = (terms: Terms, quantity: number): Fault | null => termsFault({ ...terms, isLate: false, isEarly: false }, quantity);

/** The same for what is booked along with another, whose terms count; it may be one that the booker does not see. */
export function alongFault({ status, isOpen }: Terms): Fault | null {
  if (status !== 'AVAILABLE') return fault('resource', 'WRONG_STATE', 'booking.required.state');
  if (!isOpen) return fault('range', 'OUTSIDE_OPENING_HOURS', 'booking.required.hours');
  return null;
}

/** By what it is booked: a grant, or null by ownership or as it is shared. */
export type Ground = Grant | null;

const byPreference = (a: Grant, b: Grant): number =>
  b.priority - a.priority || (b.left ?? Number.POSITIVE_INFINITY) - (a.left ?? Number.POSITIVE_INFINITY) || (a.clauseId < b.clauseId ? -1 : 1);

/** By what it may be booked, the best first, or why not: the highest priority, then the most that is left of a quota; then as it is shared. */
export function groundsOf({ isOwn, isShared, grants }: Terms): { grounds: Ground[] } | { fault: Fault } {
  if (isOwn) return { grounds: [null] };
  const inTerm = grants.filter((grant) => grant.inTerm);
  const inHours = inTerm.filter((grant) => grant.inHours);
  const usable = inHours.filter(({ left }) => left === null || left >= 0).sort(byPreference);
  if (isShared) return { grounds: [...usable, null] };
  if (usable.length) return { grounds: usable };
  if (inHours.length) return { fault: fault('quantity', 'QUOTA_EXCEEDED', 'booking.quota') };
  if (inTerm.length) return { fault: fault('range', 'OUTSIDE_OPENING_HOURS', 'booking.clause.hours') };
  return { fault: grants.length ? fault('range', 'NOT_ALLOWED', 'booking.term') : fault('resource', 'NOT_ALLOWED', 'booking.access') };
}
