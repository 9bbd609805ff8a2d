import { permit } from '../../access/viewer-can';
import { once } from '../../platform/database/idempotency';
import type { Transaction } from '../../platform/database/session';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import type { TimeRange } from '../../platform/graphql/time-range';
import { newId } from '../../platform/ids';
import { recordChange, type Change } from '../network/history';
import { resourceLifecycle } from '../resources/lifecycle';
import { Resource } from '../resources/model';
import type * as inputs from './inputs';
import { MOST_BLOCKED } from './inputs';
import { ResourceBlock } from './model';
import { occurrencesOf } from './recurrence';
import { holdResources } from './units';
import { lapseOverdue, promote } from './waitlist';

type Input<Name extends keyof typeof inputs> = InputOf<typeof inputs, Name>;

const changeOf = ({ id, name, ownerId }: Resource, { start, end }: TimeRange): Change => ({
  subjectType: 'Resource', subjectId: id, audience: [ownerId], refs: { resource: id, organization: ownerId },
  data: { resource: name, start: start.toISOString(), end: end.toISOString() },
});

/** The resource whose time is blocked or not any more. @throws Refusal NOT_FOUND, NOT_ALLOWED, WRONG_STATE */
async function blockable(tx: Transaction, id: string): Promise<Resource> {
  const resource = await tx.find(Resource, id);
  if (!resource) throw new Refusal('NOT_FOUND', 'notFound', {}, ['resource']);
  permit(resourceLifecycle, 'BLOCK_TIME', tx.actor, resource.status, { owner: resource.ownerId });
  return resource;
}

/** Keeps a resource from being booked for a time, or for each time of a rule. Its owner's staff and administrators. */
export async function blockTime(tx: Transaction, input: Input<'blockTime'>): Promise<{ block: ResourceBlock }> {
  const resource = await blockable(tx, tx.idOf('Resource', input.resource, ['resource']));
  const { id } = await once(tx, 'blockTime', input, async () => {
    const { networkId, now, userId, userName, timeZone } = tx.actor;
    const { range, recurrenceRule: rule, reason } = input;
    const { start, end } = range;
    const times = rule === null ? [range] : occurrencesOf({ first: range, rule, timeZone, most: MOST_BLOCKED });
    if (times.at(-1)!.end <= now) throw new Refusal('INVALID', 'range.past', {}, ['range', 'end']);
    await holdResources(tx, [resource.id]);
    const created = newId(now);
    await tx.query(
      `INSERT INTO resource_blocks (network_id, id, resource_id, owner_id, starts_at, ends_at, recurrence_rule, times, reason, created_by, created_by_name, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, ARRAY(SELECT tstzrange(f, t) FROM unnest($8::timestamptz[], $9::timestamptz[]) AS time(f, t)), $10, $11, $12, $13)`,
      [
        networkId, created, resource.id, resource.ownerId, start, end, rule, times.map((time) => time.start), times.map((time) => time.end),
        reason, userId, userName ?? '', now,
      ],
    );
    await tx.through('bookings', async () => {
      await lapseOverdue(tx, [resource.id]);
      await endPauses(tx, created);
      await refuseBookedIn(tx, created);
      await renewBlocked(tx, resource.id);
    });
    recordChange(tx, 'resource.block', changeOf(resource, { start, end }), {
      start: [null, start], end: [null, end], ...(rule !== null && { recurrenceRule: [null, rule] }),
    });
    return { id: created };
  });
  return { block: (await tx.find(ResourceBlock, id))! };
}

/** What of blocked time is not past: what was booked before then stands. */
const COMING = `* tstzmultirange(tstzrange(app.now(), NULL))`;

/** @throws Refusal CONFLICT when something is booked in a blocked time */
async function refuseBookedIn(tx: Transaction, blockId: string): Promise<void> {
  const [booked] = await tx.query<{ count: number }>(
    `SELECT count(DISTINCT o.booking_id) AS count FROM resource_blocks b JOIN occupations o ON o.network_id = b.network_id AND o.resource_id = b.resource_id
     WHERE b.network_id = app.network_id() AND b.id = $1 AND o.period && (b.periods ${COMING}) AND o.booking_id IS NOT NULL`,
    [blockId],
  );
  if (booked!.count > 0) throw new Refusal('CONFLICT', 'block.booked', { count: booked!.count }, ['range']);
}

/** What is over gives way to blocked time: the pause after it is for whoever would come next. Through the door of bookings. */
async function endPauses(tx: Transaction, blockId: string): Promise<void> {
  await tx.query(
    `DELETE FROM occupations o USING resource_blocks b, bookings k
     WHERE b.network_id = app.network_id() AND b.id = $1 AND o.network_id = b.network_id AND o.resource_id = b.resource_id AND o.period && (b.periods ${COMING})
       AND k.network_id = o.network_id AND k.id = o.booking_id AND app.booking_status(k.status, k.starts_at, k.ends_at, app.now()) IN ('COMPLETED','NO_SHOW')`,
    [blockId],
  );
}

/** Writes down what all blocks of a resource have together. Through the door of bookings, the resource held. */
async function renewBlocked(tx: Transaction, resourceId: string): Promise<void> {
  await tx.query('DELETE FROM occupations WHERE network_id = app.network_id() AND resource_id = $1 AND booking_id IS NULL AND upper(period) > app.now()', [resourceId]);
  await tx.query(
    `INSERT INTO occupations (network_id, resource_id, units, period, is_request)
     SELECT app.network_id(), $1, int4range(1, NULL), blocked.period, false FROM (
       SELECT unnest(range_agg(periods) ${COMING}) AS period FROM resource_blocks WHERE network_id = app.network_id() AND resource_id = $1) AS blocked`,
    [resourceId],
  );
}

/** Gives blocked time back: one of its times, or all that is left of it. @throws Refusal NOT_FOUND when it has no such time */
async function free(tx: Transaction, id: string, occurrence: Date | null): Promise<TimeRange> {
  const OWN = 'b.network_id = app.network_id() AND b.id = $1';
  if (occurrence === null) {
    const [all] = await tx.query<TimeRange>(`DELETE FROM resource_blocks b WHERE ${OWN} RETURNING lower(b.periods) AS start, upper(b.periods) AS "end"`, [id]);
    return all!;
  }
  const [one] = await tx.query<TimeRange>(
    `UPDATE resource_blocks b SET times = array_remove(b.times, given.time)
     FROM (SELECT time FROM resource_blocks b, unnest(b.times) AS time WHERE ${OWN} AND lower(time) = $2) AS given
     WHERE ${OWN} RETURNING lower(given.time) AS start, upper(given.time) AS "end"`,
    [id, occurrence],
  );
  if (!one) throw new Refusal('NOT_FOUND', 'block.time', {}, ['occurrence']);
  await tx.query(`DELETE FROM resource_blocks b WHERE ${OWN} AND b.times = '{}'`, [id]);
  return one;
}

/** Lets blocked time be booked again, or one time of it. The owner's staff and administrators. */
export async function unblockTime(tx: Transaction, input: Input<'unblockTime'>): Promise<{ resource: Resource }> {
  const id = tx.idOf('ResourceBlock', input.id, ['id']);
  const known = await tx.find(ResourceBlock, id);
  if (known) await holdResources(tx, [known.resourceId]);
  const { resourceId } = await tx.lock(ResourceBlock, 'ResourceBlock', input.id);
  const resource = await blockable(tx, resourceId);
  const freed = await free(tx, id, input.occurrence);
  await tx.through('bookings', async () => {
    await renewBlocked(tx, resourceId);
    await promote(tx, { resourceIds: [resourceId], ...freed });
  });
  recordChange(tx, 'resource.unblock', changeOf(resource, freed), { start: [freed.start, null], end: [freed.end, null] });
  return { resource };
}
