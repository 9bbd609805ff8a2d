import { selectList } from '../../platform/database/columns';
import type { Transaction } from '../../platform/database/session';
import { recordMove } from '../network/history';
import { promotionFault } from './access';
import { Booking } from './model';
import { place, placeEach, type Asked, type Occasion, type Outcome, type Outcomes, type Overdue, type Placement, type Time } from './placing';
import { holdQuotas } from './quota';
import { bookerOf, changeRows, giveBackQuota, groupOf, heldBy, insertBookings, moveAll, recordNew, rowsOf, stepOf, type NewBooking } from './rows';
import { holdResources, vacate } from './units';

/**
 * Places everything that is asked for in one range, or nothing, after whoever comes before. Called through the door of
 * bookings, after what the actor may do was checked.
 */
export const placeInTurn = (tx: Transaction, asked: readonly Asked[], occasion: Occasion): Promise<Outcome> =>
  inTurn<Outcome>(tx, asked.map(({ resourceId }) => resourceId), occasion.organizationId, () => place(tx, asked, occasion));

/** Places a resource at each of several times, as far as it can be, after whoever comes before. Called like placeInTurn. */
export const placeEachInTurn = (tx: Transaction, resourceId: string, organizationId: string, times: readonly Time[]): Promise<Outcomes> =>
  inTurn<Outcomes>(tx, [resourceId], organizationId, () => placeEach(tx, resourceId, organizationId, times));

async function inTurn<Result extends Outcome | Outcomes>(tx: Transaction, resourceIds: readonly string[], organizationId: string, placing: () => Promise<Result | Overdue>): Promise<Result> {
  for (;;) {
    const outcome = await placing();
    if (!('lapsed' in outcome)) return outcome;
    await holdQuotas(tx, resourceIds, { organizationIds: [organizationId] });
    await lapse(tx, outcome.lapsed);
  }
}

/** Writes down that requests have lapsed: their places go to who waits, their part of the quota is free. Through the door of bookings, quotas held. */
export async function lapse(tx: Transaction, bookingIds: readonly string[]): Promise<void> {
  for (const id of bookingIds) {
    const group = (await groupOf(tx, id)).filter(({ recordedStatus, status }) => recordedStatus === 'REQUESTED' && status === 'LAPSED');
    if (!group.length) continue;
    await tx.consequently(() => moveAll(tx, 'booking.lapse', group, 'LAPSED', { since: group[0]!.startsAt }));
    await vacate(tx, group.map((booking) => booking.id));
    await giveBackQuota(tx, group);
    await promote(tx, heldBy(group));
  }
}

/** Does the same for all that is overdue of held resources. */
export async function lapseOverdue(tx: Transaction, resourceIds: readonly string[]): Promise<void> {
  const overdue = await tx.query<{ id: string }>(
    `SELECT id FROM bookings WHERE network_id = app.network_id() AND status = 'REQUESTED' AND starts_at <= app.now() AND resource_id = ANY($1::uuid[])`,
    [resourceIds],
  );
  if (!overdue.length) return;
  await holdQuotas(tx, resourceIds);
  await lapse(tx, overdue.map(({ id }) => id));
}

/** A time in which resources have got room. */
export interface Freed {
  resourceIds: readonly string[];
  start: Date;
  end: Date;
}

/**
 * Gives what has become free to whoever waits for it, in the order of the queue: priority, then who came first. Whether
 * each still may, by its own contracts and what is left of its quota, is asked anew. Through the door of bookings.
 */
export async function promote(tx: Transaction, { resourceIds, start, end }: Freed): Promise<void> {
  const waiting = await tx.query<Pick<Booking, 'id' | 'awaits'>>(
    `SELECT t.id, t.awaits FROM bookings t
     WHERE t.network_id = app.network_id() AND t.status = 'WAITLISTED' AND t.awaits && $1::uuid[]
       AND t.starts_at > app.now() AND t.starts_at < $3 AND t.ends_at + t.buffer > $2
     ORDER BY t.priority DESC, t.created_at, t.id`,
    [resourceIds, start, end],
  );
  if (!waiting.length) return;
  await holdResources(tx, [...new Set(waiting.flatMap(({ awaits }) => awaits))]);
  await holdQuotas(tx, resourceIds);
  for (const { id } of waiting) {
    const [booking] = await tx.query<Booking>(
      `SELECT ${selectList(Booking, 't')} FROM bookings t WHERE t.network_id = app.network_id() AND t.id = $1 AND t.status = 'WAITLISTED' FOR UPDATE`,
      [id],
    );
    if (booking) await tryOne(tx, booking);
  }
}

async function tryOne(tx: Transaction, booking: Booking): Promise<void> {
  const { id, resourceId, quantity, organizationId, startsAt: start, endsAt: end } = booking;
  const outcome = await placeInTurn(tx, [{ bookingId: id, resourceId, quantity }], { organizationId, start, end, fault: promotionFault });
  if (outcome.refused) return;
  const [placement] = outcome.placements as [Placement];
  const rows = rowsOf(placement, { ...booking, start, end });
  const [own, ...along] = rows as [NewBooking, ...NewBooking[]];
  // Its priority in the queue stays what it was.
  await changeRows(tx, [{ ...own, priority: booking.priority }]);
  const booker = await bookerOf(tx, booking);
  if (along.length) await insertBookings(tx, along, booker);
  await outcome.occupy();
  await tx.consequently(async () => {
    await recordMove(tx, 'booking.promote', stepOf(booking, 'WAITLISTED', own.status, { since: tx.actor.now }), { clause: [booking.clauseId, own.clauseId] });
    await recordNew(tx, 'booking.along', along, booker);
  });
}
