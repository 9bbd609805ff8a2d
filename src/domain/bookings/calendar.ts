import { selectList } from '../../platform/database/columns';
import { anonymous, Session, type Transaction } from '../../platform/database/session';
import type { Platform } from '../../platform/graphql/context';
import { carryOn, flagBookings, holdAll, type DueRow } from './flags';
import { holdsPlace } from './lifecycle';
import { Booking } from './model';
import { giveBackQuota, groupOf, heldBy, moveAll } from './rows';
import { vacate } from './units';
import { lapse, promote } from './waitlist';

/** How many bookings are written down in one transaction. */
const BATCH = 100;

/** In the history of a booking that was given up for it; people of both languages read that. */
const RELEASED = '契约或单位不再有效，预约在保留期满后释放。 What it was made by was not in force any more; the term of release is over.';

/**
 * Writes down, in every network, what the clock has moved since it was last written down; flags bookings made by what is
 * not in force, and gives up those whose term of release is over. Statuses and flags are exact for clients without it.
 * Any number of processes may do it at once. @returns how many bookings were changed
 */
export async function recordDueBookings({ dataSource, clock }: Pick<Platform, 'dataSource' | 'clock'>): Promise<number> {
  const session = new Session(dataSource, anonymous, clock);
  const networks = await session.door<{ networkId: string }>({
    text: 'SELECT due AS "networkId" FROM app.networks_with_due_bookings($1) AS due',
    values: [clock.now()],
  });
  let moved = 0;
  for (const { networkId } of networks) {
    for (const work of [recordBatch, releaseBatch, flagBatch]) {
      let batch: number;
      do {
        batch = await session.through('bookings', networkId, work);
        moved += batch;
      } while (batch === BATCH);
    }
  }
  return moved;
}

/** Bookings on which something is due, their resources and quotas held and themselves locked. */
async function dueBookings(tx: Transaction, condition: string): Promise<Booking[]> {
  const DUE = `t.network_id = app.network_id() AND t.status IN ('WAITLISTED','REQUESTED','CONFIRMED') AND ${condition}`;
  const due = await tx.query<DueRow>(
    `SELECT t.id, t.resource_id AS "resourceId", t.organization_id AS "organizationId", t.clause_id AS "clauseId" FROM bookings t WHERE ${DUE} ORDER BY t.starts_at LIMIT $1`,
    [BATCH],
  );
  if (!due.length) return [];
  await holdAll(tx, due);
  return tx.query<Booking>(`SELECT ${selectList(Booking, 't')} FROM bookings t WHERE ${DUE} AND t.id = ANY($1::uuid[]) ORDER BY t.starts_at, t.id FOR UPDATE`, [due.map(({ id }) => id)]);
}

const BY_CLOCK = 't.starts_at <= app.now() AND t.status <> app.booking_status(t.status, t.starts_at, t.ends_at, app.now())';

async function recordBatch(tx: Transaction): Promise<number> {
  const due = await dueBookings(tx, BY_CLOCK);
  for (const booking of due) {
    if (booking.recordedStatus === 'REQUESTED') await lapse(tx, [booking.id]);
    else if (booking.status === 'LAPSED') await moveAll(tx, 'booking.lapse', [booking], 'LAPSED', { since: booking.startsAt });
    else await moveAll(tx, 'booking.noShow', [booking], 'NO_SHOW', { since: booking.endsAt });
  }
  return due.length;
}

const flagBatch = (tx: Transaction): Promise<number> => flagBookings(tx, { most: BATCH });

async function releaseBatch(tx: Transaction): Promise<number> {
  // What is booked along with another goes with it.
  const due = await dueBookings(tx, 't.release_at <= app.now() AND t.starts_at > app.now() AND t.parent_id IS NULL');
  for (const { id, recordedStatus, releaseAt } of due) {
    const group = await groupOf(tx, id);
    if (await carryOn(tx, group)) continue;
    await moveAll(tx, 'booking.release', group, 'CANCELLED', { note: RELEASED, since: releaseAt! });
    if (!holdsPlace(recordedStatus)) continue;
    await vacate(tx, group.map((booking) => booking.id));
    await giveBackQuota(tx, group);
    await promote(tx, heldBy(group));
  }
  return due.length;
}
