import type { Transaction } from '../../platform/database/session';
import { Refusal } from '../../platform/graphql/refusal';
import { holdResources, mostTaken, placesOf, writePlaces } from './units';
import { lapseOverdue, promote } from './waitlist';

/** Later than anything is booked. */
const FOREVER = new Date('9999-12-31T00:00:00Z');

/** Holds the bookings of a resource that is to be changed: to be called before its row is locked, as every verb of bookings does. */
export const holdBookings = (tx: Transaction, resourceId: string): Promise<void> => holdResources(tx, [resourceId]);

/**
 * Lets the bookings of a held resource follow its quantity: more of it goes to who waits, less of it must do for what is
 * booked. @throws Refusal CONFLICT when more is booked at some instant
 */
export async function fitQuantity(tx: Transaction, resourceId: string, before: number, quantity: number): Promise<void> {
  if (quantity === before) return;
  const { now } = tx.actor;
  await tx.through('bookings', async () => {
    if (quantity > before) return promote(tx, { resourceIds: [resourceId], start: now, end: FOREVER });
    await lapseOverdue(tx, [resourceId]);
    const places = (await placesOf(tx, [{ id: resourceId, quantity }], { start: now, end: FOREVER })).get(resourceId)!;
    if (mostTaken(places.booked()) > quantity || !(await places.rearrange())) throw new Refusal('CONFLICT', 'resource.booked.more', {}, ['quantity']);
    await writePlaces(tx, [places]);
  });
}

/** @throws Refusal CONFLICT while something of a held resource is booked that is not over, or waited for */
export async function refuseBooked(tx: Transaction, resourceId: string): Promise<void> {
  const booked = await tx.through('bookings', () =>
    tx.query<{ count: number }>(
      `SELECT count(*) AS count FROM bookings t WHERE t.network_id = app.network_id() AND t.resource_id = $1 AND t.ends_at > app.now()
         AND app.booking_status(t.status, t.starts_at, t.ends_at, app.now()) IN ('WAITLISTED','REQUESTED','CONFIRMED','IN_USE')`,
      [resourceId],
    ),
  );
  const { count } = booked[0]!;
  if (count > 0) throw new Refusal('CONFLICT', 'resource.booked', { count }, ['id']);
}
