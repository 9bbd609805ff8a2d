import { selectList } from '../../platform/database/columns';
import type { Transaction } from '../../platform/database/session';
import { recordMove } from '../network/history';
import { promotionFault } from './access';
import { Booking } from './model';
import { place, type Placement } from './placing';
import { bookerOf, changeRows, insertBookings, recordNew, rowsOf, stepOf, type NewBooking } from './rows';
import { holdResources } from './units';

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
  for (const { id, awaits } of waiting) {
    // The resource before the row, as everywhere.
    await holdResources(tx, awaits);
    const [booking] = await tx.query<Booking>(
      `SELECT ${selectList(Booking, 't')} FROM bookings t WHERE t.network_id = app.network_id() AND t.id = $1 AND t.status = 'WAITLISTED' FOR UPDATE`,
      [id],
    );
    if (booking) await tryOne(tx, booking);
  }
}

async function tryOne(tx: Transaction, booking: Booking): Promise<void> {
  const { id, resourceId, quantity, organizationId, startsAt: start, endsAt: end } = booking;
  const outcome = await place(tx, [{ bookingId: id, resourceId, quantity }], { organizationId, start, end, fault: promotionFault });
  if (outcome.refused) return;
  const [placement] = outcome.placements as [Placement];
  const rows = rowsOf(placement, { requestId: booking.requestId, seriesId: booking.seriesId, start, end });
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
