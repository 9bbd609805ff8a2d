import { permit } from '../../access/viewer-can';
import { once } from '../../platform/database/idempotency';
import type { Transaction } from '../../platform/database/session';
import { secondsOf, type InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import { newId } from '../../platform/ids';
import { fitQuantity, holdBookings, refuseBooked } from '../bookings/capacity';
import { recordChange, recordMove } from '../network/history';
import { organizationLifecycle } from '../network/lifecycle';
import { Organization, Position } from '../network/model';
import { difference, requireVersion } from '../network/service';
import type * as inputs from './inputs';
import { resourceLifecycle, type ResourceAction } from './lifecycle';
import { Resource } from './model';

type Input<Name extends keyof typeof inputs> = InputOf<typeof inputs, Name>;
type Terms = NonNullable<Input<'createResource'>['bookingPolicy']>;
type PolicyColumns = Pick<
  Resource,
  'bookingMinimum' | 'bookingMaximum' | 'bookingLeadTime' | 'bookingHorizon' | 'bookingBuffer' | 'bookingRequiresApproval' | 'bookingCancellationDeadline'
>;

const USUAL_POLICY: PolicyColumns = {
  bookingMinimum: 'PT30M', bookingMaximum: 'PT4H', bookingLeadTime: 'PT0S', bookingHorizon: 'P90D', bookingBuffer: 'PT0S',
  bookingRequiresApproval: false, bookingCancellationDeadline: 'PT0S',
};

/** The booking policy with what changes of it. @throws Refusal INVALID when its parts contradict each other */
function policyOf(before: PolicyColumns, changes: Terms): PolicyColumns {
  const after: PolicyColumns = {
    bookingMinimum: changes.minimum ?? before.bookingMinimum,
    bookingMaximum: changes.maximum ?? before.bookingMaximum,
    bookingLeadTime: changes.leadTime ?? before.bookingLeadTime,
    bookingHorizon: changes.horizon ?? before.bookingHorizon,
    bookingBuffer: changes.buffer ?? before.bookingBuffer,
    bookingRequiresApproval: changes.requiresApproval ?? before.bookingRequiresApproval,
    bookingCancellationDeadline: changes.cancellationDeadline ?? before.bookingCancellationDeadline,
  };
  if (secondsOf(after.bookingMinimum)! > secondsOf(after.bookingMaximum)!) throw new Refusal('INVALID', 'resource.policy', {}, ['bookingPolicy', 'minimum']);
  return after;
}

/** The uuid of a position of the owner's. @throws Refusal NOT_FOUND, INVALID for another's */
async function positionIn(tx: Transaction, globalId: string | null | undefined, ownerId: string): Promise<string | null> {
  if (globalId == null) return null;
  const position = await tx.find(Position, tx.idOf('Position', globalId, ['position']));
  if (!position) throw new Refusal('NOT_FOUND', 'notFound', {}, ['position']);
  if (position.organizationId !== ownerId) throw new Refusal('INVALID', 'position.foreign', {}, ['position']);
  return position.id;
}

/**
 * The uuids of what a resource requires: others of its owner that are not retired and do not, over whatever steps,
 * require it in turn. The owner's requirements are held until the commit, so that two changes cannot close a circle.
 * @throws Refusal NOT_FOUND, INVALID with the place in the list
 */
async function requiredBy(tx: Transaction, id: string, ownerId: string, globalIds: readonly string[]): Promise<string[]> {
  if (globalIds.length === 0) return [];
  const ids = globalIds.map((globalId, index) => tx.idOf('Resource', globalId, ['requires', String(index)]));
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`resources.requires:${ownerId}`]);
  const rows = await tx.query<{ id: string; fit: boolean }>(
    `WITH RECURSIVE needed (root, id) AS (
       SELECT asked, asked FROM unnest($1::uuid[]) AS asked
       UNION SELECT n.root, further FROM needed n
         JOIN resources r ON r.network_id = app.network_id() AND r.id = n.id, unnest(r.requires_ids) AS further
     )
     SELECT t.id, t.owner_id = $2 AND t.status <> 'RETIRED' AND NOT EXISTS (SELECT FROM needed n WHERE n.root = t.id AND n.id = $3) AS fit
     FROM resources t WHERE t.network_id = app.network_id() AND t.id = ANY($1::uuid[])`,
    [ids, ownerId, id],
  );
  const fits = new Map(rows.map((row) => [row.id, row.fit]));
  ids.forEach((required, index) => {
    const path = ['requires', String(index)];
    if (!fits.has(required)) throw new Refusal('NOT_FOUND', 'notFound', {}, path);
    if (!fits.get(required)) throw new Refusal('INVALID', 'resource.requires', {}, path);
  });
  return ids;
}

/** @throws Refusal CONFLICT while a contract that stands, or waits for signatures, grants it */
async function refuseGranted(tx: Transaction, { id }: Resource, path: readonly string[]): Promise<void> {
  const granting = await tx.query<{ number: string }>(
    `SELECT DISTINCT c.number FROM contract_clause_resources g
       JOIN contracts c ON c.network_id = g.network_id AND c.id = g.contract_id
     WHERE g.network_id = app.network_id() AND g.resource_id = $1
       AND app.contract_status(c.status, c.term_from, c.ends_on, app.today()) IN ('PROPOSED','SIGNED','ACTIVE','SUSPENDED') ORDER BY c.number`,
    [id],
  );
  if (granting.length) throw new Refusal('CONFLICT', 'resource.granted', { numbers: granting.map(({ number }) => number).join(', ') }, path);
}

/** The organizations to which contracts in force grant a resource. */
async function grantedTo(tx: Transaction, { id }: Resource): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `SELECT DISTINCT b.organization_id AS id FROM contract_clause_resources g
       JOIN contracts c ON c.network_id = g.network_id AND c.id = g.contract_id
       JOIN contract_clause_beneficiaries b ON b.network_id = g.network_id AND b.clause_id = g.clause_id
     WHERE g.network_id = app.network_id() AND g.resource_id = $1
       AND app.contract_status(c.status, c.term_from, c.ends_on, app.today()) = 'ACTIVE'`,
    [id],
  );
  return rows.map((row) => row.id);
}

/** What of a resource's change is the same whatever was done. */
const changeOf = ({ id, name, ownerId }: Pick<Resource, 'id' | 'name' | 'ownerId'>) => ({
  subjectType: 'Resource', subjectId: id, audience: [ownerId], refs: { resource: id, organization: ownerId }, data: { resource: name },
});

/** Adds a resource to the own organization. Its staff and administrators may. */
export async function createResource(tx: Transaction, input: Input<'createResource'>): Promise<{ resource: Resource }> {
  const { networkId, organizationId, now } = tx.actor;
  const ownerId = input.owner == null ? organizationId! : tx.idOf('Organization', input.owner, ['owner']);
  const owner = await tx.find(Organization, ownerId);
  if (!owner) throw new Refusal('NOT_FOUND', 'notFound', {}, ['owner']);
  permit(organizationLifecycle, 'ADD_RESOURCE', tx.actor, owner.status, { owner: ownerId });
  const { id } = await once(tx, 'createResource', input, async () => {
    const created = newId(now);
    const { name, kind, description, sharing, capacity = null, quantity, skills, openingHours } = input;
    const described = { name, kind, description, sharing, capacity, quantity, skills, openingHours };
    const placed = {
      positionId: await positionIn(tx, input.position, ownerId),
      requiresIds: await requiredBy(tx, created, ownerId, input.requires),
      ...policyOf(USUAL_POLICY, input.bookingPolicy ?? {}),
    };
    await tx.manager.insert(Resource, {
      networkId, id: created, ownerId, ownerStatus: owner.status, status: 'AVAILABLE', createdAt: now, ...described, ...placed,
    });
    await recordMove(
      tx,
      'resource.create',
      { ...changeOf({ id: created, name, ownerId }), from: null, to: 'AVAILABLE' },
      difference<Partial<Resource>>({}, { ...described, ...placed }),
    );
    return { id: created };
  });
  return { resource: (await tx.find(Resource, id))! };
}

/** A resource about to be changed: locked, of the version read, and the verb permitted. */
async function changing(tx: Transaction, action: ResourceAction, input: { id: string; version: number }) {
  const resource = await tx.lock(Resource, 'Resource', input.id);
  const to = permit(resourceLifecycle, action, tx.actor, resource.status, { owner: resource.ownerId });
  requireVersion(resource, input.version, 'resource');
  return { resource, to };
}

/** Writes what changes and returns the row as it is then. */
async function change(tx: Transaction, { networkId, id, version }: Resource, after: Partial<Resource>): Promise<Resource> {
  await tx.manager.update(Resource, { networkId, id }, { ...after, version: version + 1 });
  return (await tx.find(Resource, id))!;
}

const picked = <Row extends object>(row: Row, keys: readonly (keyof Row)[]): Partial<Row> =>
  Object.fromEntries(keys.map((key) => [key, row[key]])) as Partial<Row>;

/** Edits a resource, and takes it out of service or brings it back. The owner's staff and administrators may. */
export async function updateResource(tx: Transaction, input: Input<'updateResource'>): Promise<{ resource: Resource }> {
  if (input.quantity !== undefined) await holdBookings(tx, tx.idOf('Resource', input.id, ['id']));
  const { resource } = await changing(tx, 'EDIT', input);
  const { ownerId, id } = resource;
  const { name, kind, description, capacity, quantity, skills, openingHours, status = resource.status } = input;
  const named = Object.entries({ name, kind, description, capacity, quantity, skills, openingHours }).filter(([, value]) => value !== undefined);
  const after: Partial<Resource> = {
    ...Object.fromEntries(named),
    ...(input.position !== undefined && { positionId: await positionIn(tx, input.position, ownerId) }),
    ...(input.requires && { requiresIds: await requiredBy(tx, id, ownerId, input.requires) }),
    ...(input.bookingPolicy && policyOf(resource, input.bookingPolicy)),
  };
  if (status !== resource.status) {
    permit(resourceLifecycle, status === 'AVAILABLE' ? 'RETURN_TO_SERVICE' : 'TAKE_OUT_OF_SERVICE', tx.actor, resource.status, { owner: ownerId });
  }
  const updated = await change(tx, resource, { ...after, status });
  await fitQuantity(tx, id, resource.quantity, updated.quantity);
  const changes = difference(resource, picked(updated, Object.keys(after) as (keyof Resource)[]));
  if (status === resource.status) recordChange(tx, 'resource.update', changeOf(updated), changes);
  else {
    const notice = status === 'AVAILABLE' ? 'resource.return' : 'resource.withdraw';
    const concerned = await grantedTo(tx, resource);
    await recordMove(tx, 'resource.update', { ...changeOf(updated), concerned, notice, from: resource.status, to: status }, changes);
  }
  return { resource: updated };
}

/** Shares a resource further or less far; what a contract grants stays shared. The owner's staff and administrators may. */
export async function shareResource(tx: Transaction, input: Input<'shareResource'>): Promise<{ resource: Resource }> {
  const { resource } = await changing(tx, 'SHARE', input);
  const { sharing } = input;
  if (sharing === 'PRIVATE') await refuseGranted(tx, resource, ['sharing']);
  const shared = await change(tx, resource, { sharing });
  recordChange(tx, 'resource.share', { ...changeOf(shared), data: { resource: shared.name, sharing } }, difference(resource, { sharing }));
  return { resource: shared };
}

/** Gives a resource up for good, unless a contract grants it. The owner's staff and administrators may. */
export async function retireResource(tx: Transaction, input: Input<'retireResource'>): Promise<{ resource: Resource }> {
  await holdBookings(tx, tx.idOf('Resource', input.id, ['id']));
  const { resource, to } = await changing(tx, 'RETIRE', input);
  await refuseGranted(tx, resource, ['id']);
  await refuseBooked(tx, resource.id);
  const retired = await change(tx, resource, { status: to });
  await recordMove(tx, 'resource.retire', { ...changeOf(retired), from: resource.status, to, note: input.note });
  return { resource: retired };
}
