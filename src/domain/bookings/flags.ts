import { selectList } from '../../platform/database/columns';
import type { Transaction } from '../../platform/database/session';
import type { Reaction } from '../../platform/events/reactions';
import { secondsOf } from '../../platform/graphql/edge';
import { recordChange } from '../network/history';
import { groundsOf, termsOf } from './access';
import { holdsPlace } from './lifecycle';
import { Booking } from './model';
import { countOnFirst, holdQuotas } from './quota';
import { giveBackQuota, groupOf, stepOf } from './rows';
import { holdResources } from './units';

/** A booking on which something is due, as far as it says what is to be held for it. */
export type DueRow = Pick<Booking, 'id' | 'resourceId' | 'organizationId' | 'clauseId'>;

/** Holds the resources of bookings, and the quotas that whatever becomes of them may use. Through the door of bookings. */
export async function holdAll(tx: Transaction, due: readonly DueRow[]): Promise<void> {
  const resourceIds = due.map(({ resourceId }) => resourceId);
  await holdResources(tx, resourceIds);
  await holdQuotas(tx, resourceIds, { organizationIds: due.map(({ organizationId }) => organizationId), clauseIds: due.map(({ clauseId }) => clauseId) });
}

/** Which bookings are looked at: those that a contract or an organization concerns, and only so many. */
interface Looking {
  subjectId?: string;
  most?: number;
}

interface ToFlag extends DueRow {
  inForce: boolean;
  release: string;
}

const toFlag = (tx: Transaction, { subjectId, most }: Looking): Promise<ToFlag[]> =>
  tx.query<ToFlag>(
    `SELECT id, resource_id AS "resourceId", organization_id AS "organizationId", clause_id AS "clauseId", in_force AS "inForce", release FROM app.bookings_to_flag($1, $2)`,
    [most ?? null, subjectId ?? null],
  );

/**
 * Writes down, in one network, which coming bookings were made by what is not in force: they go on by another grant where
 * there is one, such as that of an amendment; else both sides are told, and a term begins after which the place is given
 * up. Where it is in force again, the flag is taken off. Through the door of bookings. @returns how many were changed
 */
export async function flagBookings(tx: Transaction, looking: Looking = {}): Promise<number> {
  const found = await toFlag(tx, looking);
  if (!found.length) return 0;
  await holdAll(tx, found);
  const held = new Set(found.map(({ id }) => id));
  const due = (await toFlag(tx, looking)).filter(({ id }) => held.has(id));
  const seen = new Set<string>();
  for (const { id, inForce, release } of due) {
    const group = await groupOf(tx, id);
    if (!group.length || seen.has(group[0]!.id)) continue;
    seen.add(group[0]!.id);
    if (!inForce && (await carryOn(tx, group))) continue;
    const releaseAt = inForce ? null : new Date(tx.actor.now.getTime() + secondsOf(release)! * 1000);
    for (const booking of group) await flag(tx, booking.id, releaseAt);
  }
  return due.length;
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
  async react(tx, { subjectId }) {
    await flagBookings(tx, { subjectId });
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
