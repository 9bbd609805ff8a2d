import { permit } from '../../access/viewer-can';
import { once } from '../../platform/database/idempotency';
import type { Transaction } from '../../platform/database/session';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import { newId } from '../../platform/ids';
import { recordChange, type Change } from '../network/history';
import { resourceLifecycle } from '../resources/lifecycle';
import { Resource } from '../resources/model';
import type * as inputs from './inputs';
import { ResourceBlock } from './model';
import { holdResources } from './units';
import { lapseOverdue, promote } from './waitlist';

type Input<Name extends keyof typeof inputs> = InputOf<typeof inputs, Name>;

const changeOf = ({ id, name, ownerId }: Resource, { start, end }: { start: Date; end: Date }): Change => ({
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

/** Keeps a resource from being booked for a time. Its owner's staff and administrators. */
export async function blockTime(tx: Transaction, input: Input<'blockTime'>): Promise<{ block: ResourceBlock }> {
  const resource = await blockable(tx, tx.idOf('Resource', input.resource, ['resource']));
  const { id } = await once(tx, 'blockTime', input, async () => {
    const { networkId, now, userId, userName } = tx.actor;
    const { range: { start, end }, reason } = input;
    if (end <= now) throw new Refusal('INVALID', 'range.past', {}, ['range', 'end']);
    await holdResources(tx, [resource.id]);
    const created = newId(now);
    await tx.query(
      `INSERT INTO resource_blocks (network_id, id, resource_id, owner_id, starts_at, ends_at, periods, reason, created_by, created_by_name, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, tstzmultirange(tstzrange($5, $6)), $7, $8, $9, $10)`,
      [networkId, created, resource.id, resource.ownerId, start, end, reason, userId, userName ?? '', now],
    );
    await tx.through('bookings', async () => {
      await lapseOverdue(tx, [resource.id]);
      await refuseBookedIn(tx, created);
      await renewBlocked(tx, resource.id);
    });
    recordChange(tx, 'resource.block', changeOf(resource, { start, end }), { start: [null, start], end: [null, end] });
    return { id: created };
  });
  return { block: (await tx.find(ResourceBlock, id))! };
}

/** @throws Refusal CONFLICT when something is booked in a blocked time */
async function refuseBookedIn(tx: Transaction, blockId: string): Promise<void> {
  const [booked] = await tx.query<{ count: number }>(
    `SELECT count(DISTINCT o.booking_id) AS count FROM resource_blocks b JOIN occupations o ON o.network_id = b.network_id AND o.resource_id = b.resource_id
     WHERE b.network_id = app.network_id() AND b.id = $1 AND o.period && b.periods AND o.booking_id IS NOT NULL`,
    [blockId],
  );
  if (booked!.count > 0) throw new Refusal('CONFLICT', 'block.booked', { count: booked!.count }, ['range']);
}

/** Writes down what all blocks of a resource have together. Through the door of bookings, the resource held. */
async function renewBlocked(tx: Transaction, resourceId: string): Promise<void> {
  await tx.query('DELETE FROM occupations WHERE network_id = app.network_id() AND resource_id = $1 AND booking_id IS NULL', [resourceId]);
  await tx.query(
    `INSERT INTO occupations (network_id, resource_id, units, period, is_request)
     SELECT app.network_id(), $1, int4range(1, NULL), blocked.period, false FROM (
       SELECT unnest(range_agg(periods)) AS period FROM resource_blocks WHERE network_id = app.network_id() AND resource_id = $1) AS blocked`,
    [resourceId],
  );
}

/** Lets a blocked time be booked again. The owner's staff and administrators. */
export async function unblockTime(tx: Transaction, input: Input<'unblockTime'>): Promise<{ resource: Resource }> {
  const id = tx.idOf('ResourceBlock', input.id, ['id']);
  const known = await tx.find(ResourceBlock, id);
  if (known) await holdResources(tx, [known.resourceId]);
  const { resourceId } = await tx.lock(ResourceBlock, 'ResourceBlock', input.id);
  const resource = await blockable(tx, resourceId);
  const [freed] = await tx.query<{ start: Date; end: Date }>(
    'DELETE FROM resource_blocks WHERE network_id = app.network_id() AND id = $1 RETURNING lower(periods) AS start, upper(periods) AS "end"',
    [id],
  );
  await tx.through('bookings', async () => {
    await renewBlocked(tx, resourceId);
    await promote(tx, { resourceIds: [resourceId], ...freed! });
  });
  recordChange(tx, 'resource.unblock', changeOf(resource, freed!), { start: [freed!.start, null], end: [freed!.end, null] });
  return { resource };
}
