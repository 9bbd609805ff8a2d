import { once } from '../../platform/database/idempotency';
import { selectList } from '../../platform/database/columns';
import type { Transaction } from '../../platform/database/session';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal, UserErrorCode } from '../../platform/graphql/refusal';
import type { TimeRange } from '../../platform/graphql/time-range';
import { newId } from '../../platform/ids';
import { MOST_OCCURRENCES } from './inputs';
import type * as inputs from './inputs';
import { bookingLifecycle, obstacleTo } from './lifecycle';
import { Booking, BookingSeries, type SkippedOccurrence } from './model';
import type { Placement } from './placing';
import { endedBefore, movedRule, occurrencesOf, shiftBetween, shifted, shiftedStart, type Shift } from './recurrence';
import { insertBookings, recordNew, rowsOf, type Booker, type NewBooking, type Telling } from './rows';
import { actingBooker, changing, giveUp, inOne, inReschedule, moveTo, readableIn, refusalOf, requireReason, type Against, type NewTime } from './service';
import { holdResources } from './units';
import { placeEachInTurn } from './waitlist';

type Input<Name extends keyof typeof inputs> = InputOf<typeof inputs, Name>;

/**
 * Books every time of a rule for the own organization: all of them, or as many as there is a place for. Staff,
 * administrators and the committee may.
 */
export async function bookSeries(tx: Transaction, input: Input<'bookSeries'>): Promise<{ series: BookingSeries }> {
  const booker = actingBooker(tx, input.purpose);
  const { id } = await once(tx, 'bookSeries', input, async () => {
    const [resourceId] = (await readableIn(tx, [input.resource], inOne)) as [string];
    const { range: first, recurrenceRule: rule } = input;
    const times = occurrencesOf({ first, rule, timeZone: tx.actor.timeZone, most: MOST_OCCURRENCES });
    return { id: await tx.through('bookings', () => bookAt(tx, resourceId, times, input, booker)) };
  });
  return { series: (await tx.find(BookingSeries, id))! };
}

/** Books a resource at several times, and writes down the series. @returns its id */
async function bookAt(tx: Transaction, resourceId: string, times: readonly TimeRange[], input: Input<'bookSeries'>, booker: Booker): Promise<string> {
  const { now } = tx.actor;
  const { quantity, skipUnavailable, recurrenceRule } = input;
  const wanted = times.map((time) => ({ ...time, bookingId: newId(now), quantity }));
  const { outcomes, occupy } = await placeEachInTurn(tx, resourceId, booker.organizationId, wanted);
  const refused = outcomes.flatMap((outcome, index) => ('fault' in outcome ? [{ index, fault: outcome.fault }] : []));
  const skipped = refused.map(({ index, fault }): SkippedOccurrence => ({ range: times[index]!, reason: UserErrorCode[fault.code] }));
  const placed = outcomes.flatMap((outcome, index): [Placement, TimeRange][] => ('fault' in outcome ? [] : [[outcome, times[index]!]]));
  const [[of] = []] = placed;
  if (!of || (refused.length && !skipUnavailable)) throw refusalOf(distinct(refused), inOne, { unavailable: skipped });

  const [first] = times as [TimeRange];
  const { id: resource, ownerId, sharing } = of.terms;
  const [series, requestId] = [newId(now), newId(now)];
  await insertSeries(tx, {
    id: series, resourceId: resource, ownerId, organizationId: booker.organizationId, bookerId: booker.userId, recurrenceRule, startsAt: first.start, endsAt: first.end,
    skipped: skipped.map(({ range, reason }) => ({ ...range, reason })), isPrivate: sharing === 'PRIVATE',
  });
  const rows = placed.flatMap(([placement, time]) => rowsOf(placement, { ...time, requestId, seriesId: series, occursAt: time.start }));
  await insertBookings(tx, rows, booker);
  await occupy();
  const notice = rows.some(({ status }) => status === 'REQUESTED') ? 'booking.series.request' : 'booking.series';
  await recordNew(tx, 'booking.book', rows, booker, toldOnce(notice, rows));
  return series;
}

/** One of each reason: what stands against many times would be said as often. */
const distinct = (refused: Against): Against => refused.filter(({ fault }, index) => refused.findIndex((other) => other.fault.message === fault.message) === index);

/** People are told of many bookings once. */
function toldOnce(notice: string, bookings: readonly Pick<NewBooking, 'resourceName' | 'parentId' | 'startsAt' | 'endsAt'>[]): Telling {
  const own = bookings.filter(({ parentId }) => parentId === null);
  const [first, last] = [own[0]!, own.at(-1)!];
  const data = { resource: first.resourceName, count: own.length, start: first.startsAt.toISOString(), end: last.endsAt.toISOString() };
  return (index) => (index === 0 ? { notice, data } : { notice: null });
}

type NewSeries = Pick<BookingSeries, 'id' | 'resourceId' | 'ownerId' | 'organizationId' | 'bookerId' | 'recurrenceRule' | 'startsAt' | 'endsAt' | 'isPrivate'> & {
  skipped: readonly object[];
};

async function insertSeries(tx: Transaction, series: NewSeries): Promise<void> {
  await tx.query(
    `INSERT INTO booking_series (network_id, id, resource_id, owner_id, organization_id, booker_id, recurrence_rule, starts_at, ends_at, skipped, is_private, created_at)
     VALUES (app.network_id(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      series.id, series.resourceId, series.ownerId, series.organizationId, series.bookerId, series.recurrenceRule, series.startsAt, series.endsAt,
      JSON.stringify(series.skipped), series.isPrivate, tx.actor.now,
    ],
  );
}

async function changeSeries(tx: Transaction, { id, recurrenceRule, startsAt, endsAt, skipped }: Pick<NewSeries, 'id' | 'recurrenceRule' | 'startsAt' | 'endsAt' | 'skipped'>): Promise<void> {
  await tx.query(
    `UPDATE booking_series SET recurrence_rule = $2, starts_at = $3, ends_at = $4, skipped = $5, version = version + 1
     WHERE network_id = app.network_id() AND id = $1`,
    [id, recurrenceRule, startsAt, endsAt, JSON.stringify(skipped)],
  );
}

/**
 * A booking of a series about to be changed together with those after it, of which only those that stand where they still
 * can be are changed: their resources held, themselves locked, each permitted by its own deadline.
 */
async function changingOnwards(tx: Transaction, action: 'CANCEL' | 'RESCHEDULE', input: { id: string; version: number }): Promise<{ booking: Booking; onwards: Booking[] }> {
  const id = tx.idOf('Booking', input.id, ['id']);
  const resources = await tx.query<{ id: string }>(
    `SELECT DISTINCT f.resource_id AS id FROM bookings b JOIN bookings f ON f.network_id = b.network_id AND f.series_id = b.series_id AND f.occurs_at >= b.occurs_at
     WHERE b.network_id = app.network_id() AND b.id = $1`,
    [id],
  );
  await holdResources(tx, resources.map((resource) => resource.id));
  const { booking } = await changing(tx, action, input);
  if (booking.seriesId === null) throw new Refusal('INVALID', 'series.none', {}, ['scope']);
  const { from } = bookingLifecycle.actions[action];
  const all = await tx.query<Booking>(
    `SELECT ${selectList(Booking, 't')} FROM bookings t WHERE t.network_id = app.network_id() AND t.series_id = $1 AND t.parent_id IS NULL AND t.occurs_at >= $2
     ORDER BY t.occurs_at, t.id FOR UPDATE`,
    [booking.seriesId, booking.occursAt],
  );
  const onwards = all.filter(({ status }) => from.includes(status));
  for (const one of onwards) {
    const obstacle = obstacleTo(action, one, tx.actor, tx.actor.now);
    if (obstacle) throw obstacle;
  }
  return { booking, onwards };
}

const fresh = async (tx: Transaction, id: string): Promise<{ booking: Booking }> => ({ booking: (await tx.find(Booking, id))! });

/** Calls a booking of a series off, and all after it. Who may, and until when, as for one. */
export async function cancelOnwards(tx: Transaction, input: Input<'cancelBooking'>): Promise<{ booking: Booking }> {
  const { booking, onwards } = await changingOnwards(tx, 'CANCEL', input);
  requireReason(tx, booking, input.note);
  const tell = toldOnce('booking.series.cancel', onwards);
  await giveUp(tx, onwards.map(({ id }) => id), 'CANCELLED', 'booking.cancel', { note: input.note, tell });
  return fresh(tx, booking.id);
}

const rangeOf = ({ startsAt, endsAt }: Pick<Booking, 'startsAt' | 'endsAt'>): TimeRange => ({ start: startsAt, end: endsAt });

/**
 * Moves a booking of a series, and all after it alike by the clock of the network; or none. From there on they are a
 * series of their own, and the one that they were of ends before. Who may, and until when, as for one.
 */
export async function rescheduleOnwards(tx: Transaction, input: Input<'rescheduleBooking'>): Promise<{ booking: Booking }> {
  const { id } = await once(tx, 'rescheduleBooking', input, async () => {
    const { booking, onwards } = await changingOnwards(tx, 'RESCHEDULE', input);
    const by = shiftBetween(rangeOf(booking), input.range, tx.actor.timeZone);
    const times = onwards.map((one): NewTime => ({ id: one.id, quantity: input.quantity ?? one.quantity, ...shifted(rangeOf(one), by) }));
    refuseOverlap(times);
    const tell = toldOnce('booking.series.reschedule', onwards.map((one, index) => ({ ...one, startsAt: times[index]!.start, endsAt: times[index]!.end })));
    await tx.through('bookings', async () => {
      await moveTo(tx, times, (refused) => refusalOf(distinct(refused), inReschedule), tell);
      await continueSeries(tx, booking, onwards, by);
    });
    return { id: booking.id };
  });
  return fresh(tx, id);
}

/** @throws Refusal INVALID when bookings of one series would overlap each other */
function refuseOverlap(times: readonly NewTime[]): void {
  const inOrder = [...times].sort((a, b) => a.start.getTime() - b.start.getTime());
  if (inOrder.some(({ start, end }, index) => end <= start || (index > 0 && inOrder[index - 1]!.end > start))) {
    throw new Refusal('INVALID', 'recurrence.overlap', {}, ['range']);
  }
}

/** Makes a series of what was moved from a booking on, and ends the old one before; the first booking's move is that of the series. */
async function continueSeries(tx: Transaction, { seriesId, occursAt, bookerId }: Booking, onwards: readonly Booking[], by: Shift): Promise<void> {
  const [series] = (await tx.query<BookingSeries>(
    `SELECT ${selectList(BookingSeries, 't')} FROM booking_series t WHERE t.network_id = app.network_id() AND t.id = $1 FOR UPDATE`,
    [seriesId],
  )) as [BookingSeries];
  const { id, recurrenceRule: rule, skipped } = series;
  const times = occurrencesOf({ first: rangeOf(series), rule, timeZone: tx.actor.timeZone, most: MOST_OCCURRENCES });
  const isMoved = (start: Date | string) => new Date(start) >= occursAt!;
  const rest = times.filter(({ start }) => isMoved(start));
  const { start: startsAt, end: endsAt } = shifted(rest[0]!, by);
  const later = skipped.flatMap(({ start, end, reason }) => (isMoved(start) ? [{ ...shifted({ start: new Date(start), end: new Date(end) }, by), reason }] : []));
  const moved = { recurrenceRule: movedRule(rule, rest, by, MOST_OCCURRENCES), startsAt, endsAt, skipped: later };

  let movedId = id;
  if (rest.length === times.length) await changeSeries(tx, { ...moved, id });
  else {
    movedId = newId(tx.actor.now);
    await changeSeries(tx, { ...series, recurrenceRule: endedBefore(rule, occursAt!), skipped: skipped.filter(({ start }) => !isMoved(start)) });
    await insertSeries(tx, { ...series, ...moved, id: movedId, bookerId });
  }
  await tx.query(
    `UPDATE bookings b SET series_id = $1, occurs_at = m.at FROM unnest($2::uuid[], $3::timestamptz[]) AS m(id, at)
     WHERE b.network_id = app.network_id() AND (b.id = m.id OR b.parent_id = m.id)`,
    [movedId, onwards.map((one) => one.id), onwards.map((one) => shiftedStart(one.occursAt!, by))],
  );
}
