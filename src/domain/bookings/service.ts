import { may } from '../../access/matrix';
import { permit } from '../../access/viewer-can';
import { once } from '../../platform/database/idempotency';
import type { Transaction } from '../../platform/database/session';
import { secondsOf, type InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import { newId } from '../../platform/ids';
import { recordMoves, type MoveWithChanges } from '../network/history';
import { requireVersion } from '../network/service';
import { groundsOf, termsFault, termsOf, type Fault } from './access';
import type * as inputs from './inputs';
import { bookingLifecycle, concernOf, holdsPlace, obstacleTo, type BookingAction } from './lifecycle';
import { Booking } from './model';
import type { Asked, Placement } from './placing';
import { holdQuotas } from './quota';
import {
  bookerOf,
  changeRows,
  giveBackQuota,
  groupOf,
  groupsOf,
  heldBy,
  insertBookings,
  moveAll,
  recordNew,
  rowsOf,
  SINGLE,
  stepOf,
  type Booker,
  type NewBooking,
  type Telling,
} from './rows';
import { holdResources, placesOf, vacate, writePlaces } from './units';
import { lapseOverdue, placeEachInTurn, placeInTurn, promote } from './waitlist';

export { recordDueBookings } from './calendar';
export { blockTime, unblockTime } from './blocks';

type Input<Name extends keyof typeof inputs> = InputOf<typeof inputs, Name>;
type Changed = Promise<{ booking: Booking }>;

/** Where in the input something about one of the things asked for stands. */
type Where = (about: Fault['about'], index: number) => string[];
export const inOne: Where = (about) => [about];
const inMany: Where = (about, index) => ['items', String(index), about === 'range' ? 'resource' : about];

const fresh = async (tx: Transaction, id: string): Changed => ({ booking: (await tx.find(Booking, id))! });

/** What stands against something of what was asked for, by its place in the list. */
export type Against = readonly { index: number; fault: Fault }[];

export const refusalOf = (refused: Against, where: Where, payload?: Record<string, unknown>): Refusal =>
  Refusal.of(refused.map(({ index, fault: { about, ...reason } }) => ({ ...reason, path: ['input', ...where(about, index)] })), payload);

/** Who books: the actor, for the own organization. @throws Refusal NOT_ALLOWED */
export function actingBooker({ actor }: Transaction, purpose: string | null): Booker {
  if (!may(actor, 'booking.book', { owner: actor.organizationId })) throw new Refusal('NOT_ALLOWED', 'notAllowed');
  return { organizationId: actor.organizationId!, userId: actor.userId!, userName: actor.userName ?? '', purpose };
}

/** The uuids of resources that the actor may read. @throws Refusal NOT_FOUND, as for one that never was */
export async function readableIn(tx: Transaction, globalIds: readonly string[], where: Where): Promise<string[]> {
  const ids = globalIds.map((globalId, index) => tx.idOf('Resource', globalId, where('resource', index)));
  const known = await tx.query<{ id: string }>('SELECT id FROM resources WHERE network_id = app.network_id() AND id = ANY($1::uuid[])', [ids]);
  const refused = ids.flatMap((id, index) => (known.some((row) => row.id === id) ? [] : [{ index, fault: NOT_FOUND }]));
  if (refused.length) throw refusalOf(refused, where);
  return ids;
}

const NOT_FOUND: Fault = { about: 'resource', code: 'NOT_FOUND', message: 'notFound', parameters: {} };

/** Books resources together, all of them or none. @returns the bookings' ids, in that order */
async function book(tx: Transaction, wishes: readonly { resource: string; quantity: number }[], { start, end }: { start: Date; end: Date }, booker: Booker, where: Where): Promise<string[]> {
  const resourceIds = await readableIn(tx, wishes.map(({ resource }) => resource), where);
  const asked = wishes.map(({ quantity }, index): Asked => ({ bookingId: newId(tx.actor.now), resourceId: resourceIds[index]!, quantity }));
  return tx.through('bookings', async () => {
    const outcome = await placeInTurn(tx, asked, { organizationId: booker.organizationId, start, end });
    if (outcome.refused) throw refusalOf(outcome.refused, where);
    const requestId = newId(tx.actor.now);
    const rows = outcome.placements.flatMap((placement) => rowsOf(placement, { ...SINGLE, requestId, start, end }));
    // Sent together.
    await Promise.all([insertBookings(tx, rows, booker), outcome.occupy(), recordNew(tx, 'booking.book', rows, booker)]);
    return asked.map(({ bookingId }) => bookingId);
  });
}

/** Books a resource for the own organization. Staff, administrators and the committee may. */
export async function bookResource(tx: Transaction, input: Input<'bookResource'>): Changed {
  const booker = actingBooker(tx, input.purpose);
  const { id } = await once(tx, 'bookResource', input, async () => ({ id: (await book(tx, [input], input.range, booker, inOne))[0]! }));
  return fresh(tx, id);
}

const inPledge: Where = (about, index) => ['resources', String(index), about === 'range' ? 'resource' : about];

/** Books resources for an activity by the rights of the own organization, all or none. @returns the bookings, in the order of what was asked for */
export async function bookForActivity(
  tx: Transaction,
  wishes: readonly { resource: string; quantity: number }[],
  range: { start: Date; end: Date },
  booker: Booker & { activityId: string },
): Promise<{ id: string; resourceId: string }[]> {
  const ids = await book(tx, wishes, range, booker, inPledge);
  return wishes.map(({ resource }, index) => ({ id: ids[index]!, resourceId: tx.idOf('Resource', resource, inPledge('resource', index)) }));
}

/** Calls off what is booked for an activity and has not been taken into use: by all organizations, or by one. After the checks of the activity. */
export const cancelBookingsOf = (tx: Transaction, activityId: string, note: string | null, organizationId: string | null = null): Promise<void> =>
  tx.through('bookings', async () => {
    const standing = () =>
      tx.query<{ id: string; resourceId: string }>(
        `SELECT id, resource_id AS "resourceId" FROM bookings
         WHERE network_id = app.network_id() AND activity_id = $1 AND organization_id = coalesce($2, organization_id) AND parent_id IS NULL
           AND app.booking_status(status, starts_at, ends_at, app.now()) = ANY($3)`,
        [activityId, organizationId, bookingLifecycle.actions.CANCEL.from],
      );
    await holdResources(tx, (await standing()).map(({ resourceId }) => resourceId));
    const held = await standing();
    if (held.length) await giveUp(tx, held.map(({ id }) => id), 'CANCELLED', 'booking.cancel', { note });
  });

/** Books several resources for the own organization in one range, all or none. Staff, administrators and the committee may. */
export async function bookResources(tx: Transaction, input: Input<'bookResources'>): Promise<{ bookings: Booking[] }> {
  const booker = actingBooker(tx, input.purpose);
  const { ids } = await once(tx, 'bookResources', input, async () => ({ ids: await book(tx, input.items, input.range, booker, inMany) }));
  return { bookings: await Promise.all(ids.map(async (id) => (await tx.find(Booking, id))!)) };
}

/**
 * Waits for a place, which is taken the moment it frees; at once, when it is free already and nobody comes before. Staff,
 * administrators and the committee may.
 */
export async function joinWaitlist(tx: Transaction, input: Input<'joinWaitlist'>): Changed {
  const booker = actingBooker(tx, input.purpose);
  const { id } = await once(tx, 'joinWaitlist', input, async () => {
    const [resourceId] = (await readableIn(tx, [input.resource], inOne)) as [string];
    return tx.through('bookings', async () => ({ id: await wait(tx, resourceId, input, booker) }));
  });
  return fresh(tx, id);
}

async function wait(tx: Transaction, resourceId: string, { quantity, range: { start, end } }: Input<'joinWaitlist'>, booker: Booker): Promise<string> {
  const { organizationId } = booker;
  await holdResources(tx, [resourceId]);
  const terms = await termsOf(tx, [{ resourceId, quantity }], organizationId, { start, end });
  const own = terms.find(({ id }) => id === resourceId)!;
  const verdict = groundsOf(own);
  const fault = termsFault(own, quantity) ?? ('fault' in verdict ? verdict.fault : null);
  if (fault) throw refusalOf([{ index: 0, fault }], inOne);
  await refuseWaitingTwice(tx, resourceId, organizationId, start, end);

  const [ground] = (verdict as Exclude<typeof verdict, { fault: Fault }>).grounds;
  const placement: Placement = { bookingId: newId(tx.actor.now), resourceId, quantity, terms: own, ground: ground!, along: [], status: 'CONFIRMED' };
  const rows = rowsOf(placement, { ...SINGLE, requestId: newId(tx.actor.now), start, end }).map(
    (row): NewBooking => ({ ...row, status: 'WAITLISTED', isCounted: false, awaits: terms.map(({ id }) => id) }),
  );
  await insertBookings(tx, rows, booker);
  await recordNew(tx, 'booking.wait', rows, booker);
  await promote(tx, { resourceIds: [resourceId], start, end });
  return placement.bookingId;
}

async function refuseWaitingTwice(tx: Transaction, resourceId: string, organizationId: string, start: Date, end: Date): Promise<void> {
  const waiting = await tx.query<object>(
    `SELECT id FROM bookings WHERE network_id = app.network_id() AND status = 'WAITLISTED' AND awaits && ARRAY[$1::uuid] AND resource_id = $1
       AND organization_id = $2 AND starts_at > app.now() AND during && tstzrange($3, $4)`,
    [resourceId, organizationId, start, end],
  );
  if (waiting.length) throw new Refusal('DUPLICATE', 'booking.waiting', {}, ['range']);
}

/** A booking about to be changed: its resources held, itself locked, the action permitted by role, status and time. */
export async function changing(tx: Transaction, action: BookingAction, input: { id: string; version: number }): Promise<{ booking: Booking; to: Booking['status'] }> {
  const id = tx.idOf('Booking', input.id, ['id']);
  const resources = await tx.query<{ id: string }>(
    'SELECT resource_id AS id FROM bookings WHERE network_id = app.network_id() AND (id = $1 OR parent_id = $1)',
    [id],
  );
  await holdResources(tx, resources.map((resource) => resource.id));
  const booking = await tx.lock(Booking, 'Booking', input.id);
  const to = permit(bookingLifecycle, action, tx.actor, booking.status, concernOf(booking));
  requireVersion(booking, input.version, 'booking');
  const obstacle = obstacleTo(action, booking, tx.actor, tx.actor.now);
  if (obstacle) throw obstacle;
  return { booking, to };
}

/** Gives up bookings with their places and their part of the quota, for whoever waits. */
export async function giveUp(
  tx: Transaction,
  ids: readonly string[],
  to: 'CANCELLED' | 'REJECTED',
  action: 'booking.cancel' | 'booking.reject',
  more: { note: string | null; tell?: Telling },
): Promise<void> {
  await tx.through('bookings', async () => {
    const groups = await groupsOf(tx, ids);
    await moveAll(tx, action, groups.flat(), to, more);
    const holding = groups.filter(([own]) => holdsPlace(own.status));
    if (!holding.length) return;
    await holdQuotas(tx, holding.map(([{ resourceId }]) => resourceId), { clauseIds: holding.map(([{ clauseId }]) => clauseId) });
    await vacate(tx, holding.flat().map(({ id }) => id));
    await giveBackQuota(tx, holding.flat());
    for (const group of holding) await promote(tx, heldBy(group));
  });
}

/** @throws Refusal INVALID when another organization's booking is called off without saying why */
export function requireReason(tx: Transaction, { organizationId }: Booking, note: string | null): void {
  if (organizationId !== tx.actor.organizationId && note === null) throw new Refusal('INVALID', 'booking.note', {}, ['note']);
}

/** Calls a booking off. Staff of who booked it, until the deadline; staff of the resource's owner, until its end and with a reason. */
export async function cancelBooking(tx: Transaction, input: Input<'withNote'>): Changed {
  const { booking } = await changing(tx, 'CANCEL', input);
  requireReason(tx, booking, input.note);
  await giveUp(tx, [booking.id], 'CANCELLED', 'booking.cancel', input);
  return fresh(tx, booking.id);
}

/** Grants a request. Staff of the resource's owner. */
export async function approveBooking(tx: Transaction, input: Input<'withNote'>): Changed {
  const { booking, to } = await changing(tx, 'APPROVE', input);
  await tx.through('bookings', async () => {
    const group = await groupOf(tx, booking.id);
    await tx.query('UPDATE occupations SET is_request = false WHERE network_id = app.network_id() AND booking_id = ANY($1::uuid[])', [group.map(({ id }) => id)]);
    await moveAll(tx, 'booking.approve', group, to, { note: input.note });
  });
  return fresh(tx, booking.id);
}

/** Turns a request down. Staff of the resource's owner. */
export async function rejectBooking(tx: Transaction, input: Input<'withNote'>): Changed {
  const { booking } = await changing(tx, 'REJECT', input);
  await giveUp(tx, [booking.id], 'REJECTED', 'booking.reject', input);
  return fresh(tx, booking.id);
}

/** Moves a booking to another time or quantity, under the checks of a new one. Staff of who booked it, until the deadline. */
export async function rescheduleBooking(tx: Transaction, input: Input<'rescheduleBooking'>): Changed {
  const { id } = await once(tx, 'rescheduleBooking', input, async () => {
    const { booking } = await changing(tx, 'RESCHEDULE', input);
    const { id, quantity } = booking;
    const refuse = (refused: Against) => refusalOf(refused, inReschedule);
    await tx.through('bookings', () => moveTo(tx, [{ id, quantity: input.quantity ?? quantity, ...input.range }], refuse));
    return { id };
  });
  return fresh(tx, id);
}

export const inReschedule: Where = (about) => [about === 'resource' ? 'id' : about];

/** What a booking is moved to. */
export interface NewTime {
  id: string;
  quantity: number;
  start: Date;
  end: Date;
}

/**
 * Places bookings of one resource and one booker anew, all or none, each with what is booked along with it; what they held
 * before is free for whoever waits. Through the door of bookings.
 */
export async function moveTo(tx: Transaction, times: readonly NewTime[], refuse: (refused: Against) => Refusal, tell?: Telling): Promise<void> {
  const found = new Map((await groupsOf(tx, times.map(({ id }) => id))).map((group) => [group[0].id, group]));
  const groups = times.map(({ id }) => found.get(id)!);
  const [{ resourceId, organizationId }] = groups[0]!;
  await holdQuotas(tx, [resourceId], { organizationIds: [organizationId], clauseIds: groups.map(([{ clauseId }]) => clauseId) });
  await vacate(tx, groups.flat().map(({ id }) => id));
  await giveBackQuota(tx, groups.flat());

  const wanted = times.map(({ id, ...time }, index) => ({ ...time, bookingId: id, alongIds: new Map(groups[index]!.slice(1).map((booking) => [booking.resourceId, booking.id])) }));
  const { outcomes, occupy } = await placeEachInTurn(tx, resourceId, organizationId, wanted);
  const refused = outcomes.flatMap((outcome, index) => ('fault' in outcome ? [{ index, fault: outcome.fault }] : []));
  if (refused.length) throw refuse(refused);

  const rows = outcomes.flatMap((placement, index) => rowsOf(placement as Placement, { ...groups[index]![0], ...times[index]! }));
  const before = new Map(groups.flat().map((booking) => [booking.id, booking]));
  const [added, kept] = [rows.filter(({ id }) => !before.has(id)), rows.filter(({ id }) => before.has(id))];
  const booker = await bookerOf(tx, groups[0]![0]);
  if (added.length) await insertBookings(tx, added, booker);
  await changeRows(tx, kept);
  await occupy();

  const steps = kept.map((row, index): MoveWithChanges => {
    const booking = before.get(row.id)!;
    const { startsAt, endsAt, quantity, status } = row;
    const step = { ...stepOf({ ...booking, startsAt, endsAt }, booking.recordedStatus, status), ...tell?.(index) };
    return [step, { start: [booking.startsAt, startsAt], end: [booking.endsAt, endsAt], quantity: [booking.quantity, quantity] }];
  });
  await recordMoves(tx, 'booking.reschedule', steps);
  await recordNew(tx, 'booking.along', added, booker);
  const placed = new Set(rows.map(({ id }) => id));
  const dropped = groups.flat().filter(({ id }) => !placed.has(id));
  if (dropped.length) await moveAll(tx, 'booking.cancel', dropped, 'CANCELLED');
  for (const group of groups) await promote(tx, heldBy(group));
}

/** Hands a booking out, from half an hour before its start when its units are free by then. Staff of either party. */
export async function checkOutBooking(tx: Transaction, input: Input<'withNote'>): Changed {
  const { booking, to } = await changing(tx, 'CHECK_OUT', input);
  const { now } = tx.actor;
  await tx.through('bookings', async () => {
    const group = await groupOf(tx, booking.id);
    if (booking.startsAt > now) await takeEarly(tx, group);
    await moveAll(tx, 'booking.checkOut', group, to, { note: input.note, row: { checkedOutAt: now } });
  });
  return fresh(tx, booking.id);
}

/** Lets bookings hold their units from now on rather than from their start. @throws Refusal CONFLICT while others hold them */
async function takeEarly(tx: Transaction, group: readonly Booking[]): Promise<void> {
  const { now } = tx.actor;
  await lapseOverdue(tx, group.map(({ resourceId }) => resourceId));
  const quantities = await tx.query<{ id: string; quantity: number }>(
    'SELECT DISTINCT id, quantity FROM app.bookable($1, $2, $3, tstzrange($4, $5), $6)',
    [group.map(({ resourceId }) => resourceId), group.map(({ quantity }) => quantity), group[0]!.ownerId, now, group[0]!.endsAt, tx.actor.timeZone],
  );
  const places = await placesOf(tx, quantities, { start: now, end: heldBy(group).end });
  for (const booking of group) {
    const place = places.get(booking.resourceId);
    if (!place) throw new Refusal('CONFLICT', 'booking.flagged');
    place.give(booking.id);
    const party = { bookingId: booking.id, quantity: booking.quantity, start: now, end: heldBy([booking]).end, isRequest: false };
    if (await place.take(party)) throw new Refusal('CONFLICT', 'booking.checkOut.taken');
  }
  await writePlaces(tx, places.values());
}

/** Takes a booking back: what is left of its time is free from the pause after it on. Staff of either party. */
export async function checkInBooking(tx: Transaction, input: Input<'withNote'>): Changed {
  const { booking, to } = await changing(tx, 'CHECK_IN', input);
  const { now } = tx.actor;
  await tx.through('bookings', async () => {
    const group = await groupOf(tx, booking.id);
    await moveAll(tx, 'booking.checkIn', group, to, { note: input.note, row: { checkedInAt: now } });
    for (const { id, buffer } of group) await holdUntil(tx, id, new Date(now.getTime() + secondsOf(buffer)! * 1000));
    await promote(tx, { ...heldBy(group), start: now });
  });
  return fresh(tx, booking.id);
}

/** Shortens what a booking takes; what would be left of nothing is gone. */
async function holdUntil(tx: Transaction, id: string, end: Date): Promise<void> {
  const OWN = 'network_id = app.network_id() AND booking_id = $1';
  await tx.query(`DELETE FROM occupations WHERE ${OWN} AND lower(period) >= $2`, [id, end]);
  await tx.query(`UPDATE occupations SET period = tstzrange(lower(period), $2) WHERE ${OWN} AND upper(period) > $2`, [id, end]);
}
