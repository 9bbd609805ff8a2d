import { selectList } from '../../platform/database/columns';
import type { Transaction } from '../../platform/database/session';
import type { Reaction } from '../../platform/events/reactions';
import { secondsOf } from '../../platform/graphql/edge';
import { recordChange } from '../network/history';
import { groundsOf, termsOf } from './access';
import { holdsPlace } from './lifecycle';
import { Booking } from './model';
import { countOnFirst } from './quota';
import { giveBackQuota, groupOf, stepOf } from './rows';

/** How many bookings are flagged in one transaction. */
const BATCH = 200;

/**
 * Writes down, in one network, which coming bookings were made by what is not in force: they go on by another grant where
 * there is one, such as that of an amendment; else both sides are told, and a term begins after which the place is given
 * up. Where it is in force again, the flag is taken off. Through the door of bookings. @returns how many were changed
 */
export async function flagBookings(tx: Transaction): Promise<number> {
  let changed = 0;
  for (;;) {
    const due = await tx.query<{ id: string; inForce: boolean; release: string }>('SELECT id, in_force AS "inForce", release FROM app.bookings_to_flag($1)', [BATCH]);
    const seen = new Set<string>();
    for (const { id, inForce, release } of due) {
      const group = await groupOf(tx, id);
      if (!group.length || seen.has(group[0]!.id)) continue;
      seen.add(group[0]!.id);
      if (!inForce && (await carryOn(tx, group))) continue;
      const releaseAt = inForce ? null : new Date(tx.actor.now.getTime() + secondsOf(release)! * 1000);
      for (const booking of group) await flag(tx, booking.id, releaseAt);
    }
    changed += due.length;
    if (due.length < BATCH) return changed;
  }
}

/**
 * Lets a booking, with what is booked along with it, go on by another grant in force, or as the resource is shared.
 * Through the door of bookings. @returns whether there is one
 */
export async function carryOn(tx: Transaction, group: readonly Booking[]): Promise<boolean> {
  const booking = group[0]!;
  const { id, resourceId, organizationId, ownerId, quantity, startsAt: start, endsAt: end } = booking;
  const outOfStanding = await tx.query<object>(
    `SELECT id FROM organizations WHERE network_id = app.network_id() AND id IN ($1, $2) AND status <> 'ACTIVE'`,
    [organizationId, ownerId],
  );
  if (outOfStanding.length) return false;
  const terms = await termsOf(tx, [{ resourceId, quantity }], organizationId, { start, end });
  const own = terms.find((row) => row.id === resourceId);
  const verdict = own && groundsOf(own);
  if (!verdict || 'fault' in verdict) return false;
  const { grounds } = verdict;
  // What waits has used nothing yet, and uses nothing until its turn comes.
  const ground = holdsPlace(booking.status) ? await countOnFirst(tx, grounds, { start, end, quantity }) : grounds[0];
  if (ground === undefined) return false;
  await giveBackQuota(tx, group);
  await tx.query(
    `UPDATE bookings SET clause_id = $2, contract_id = $3, is_counted = id = $4 AND $5 AND $2::uuid IS NOT NULL, flagged_at = NULL, release_at = NULL, version = version + 1
     WHERE network_id = app.network_id() AND id = ANY($1::uuid[])`,
    [group.map((one) => one.id), ground?.clauseId ?? null, ground?.contractId ?? null, id, holdsPlace(booking.status)],
  );
  const { from: _from, to: _to, ...change } = stepOf(booking, booking.recordedStatus, booking.recordedStatus);
  recordChange(tx, 'booking.carry', { ...change, notice: null }, { clause: [booking.clauseId, ground?.clauseId ?? null] });
  return true;
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
