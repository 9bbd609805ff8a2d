import { selectList } from '../../platform/database/columns';
import type { Transaction } from '../../platform/database/session';
import type { Reaction } from '../../platform/events/reactions';
import { secondsOf } from '../../platform/graphql/edge';
import { recordChange } from '../network/history';
import { Booking } from './model';
import { stepOf } from './rows';

/** How many bookings are flagged in one transaction. */
const BATCH = 200;

/**
 * Writes down, in one network, which coming bookings were made by what is not in force: both sides are told, and a term
 * begins after which the place is given up; where it is in force again, the flag is taken off. What clients see is exact
 * without it. Through the door of bookings. @returns how many were changed
 */
export async function flagBookings(tx: Transaction): Promise<number> {
  let changed = 0;
  for (;;) {
    const due = await tx.query<{ id: string; inForce: boolean; release: string }>('SELECT id, in_force AS "inForce", release FROM app.bookings_to_flag($1)', [BATCH]);
    for (const { id, inForce, release } of due) await flag(tx, id, inForce ? null : new Date(tx.actor.now.getTime() + secondsOf(release)! * 1000));
    changed += due.length;
    if (due.length < BATCH) return changed;
  }
}

/** Does so as soon as a contract or an organization has changed. */
export const flagging: Reaction = {
  name: 'bookings.flag',
  door: 'bookings',
  isAbout: ({ subjectType }) => subjectType === 'Contract' || subjectType === 'Organization',
  async react(tx) {
    await flagBookings(tx);
  },
};

async function flag(tx: Transaction, id: string, releaseAt: Date | null): Promise<void> {
  const [booking] = await tx.query<Booking>(
    `UPDATE bookings t SET flagged_at = CASE WHEN $2::timestamptz IS NOT NULL THEN app.now() END, release_at = $2
     WHERE t.network_id = app.network_id() AND t.id = $1 AND (t.flagged_at IS NULL) = ($2::timestamptz IS NOT NULL) RETURNING ${selectList(Booking, 't')}`,
    [id, releaseAt],
  );
  // Another process was first.
  if (!booking) return;
  const { from: _from, to: _to, ...change } = stepOf(booking, booking.recordedStatus, booking.recordedStatus);
  recordChange(tx, releaseAt ? 'booking.flag' : 'booking.unflag', change, { releaseAt });
}
