import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { viewerCan } from '../../access/viewer-can';
import type { Actor } from '../../platform/database/session';
import { resourceLifecycle, type ResourceAction } from './lifecycle';
import type { AccessReason, Resource, ResourceAccess } from './model';

const principals = new LRUCache<string, string>({ max: 1_000 });

/** The name of a capacity, as app.principal of the database makes it. */
function principal(kind: string, id: string): string {
  const text = `${kind}:${id}`;
  let name = principals.get(text);
  if (name === undefined) {
    name = createHash('md5').update(text).digest('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    principals.set(text, name);
  }
  return name;
}

const doors = new WeakMap<Actor, ReadonlyMap<string, ResourceAccess>>();

/** What each name in the actor's hand opens a resource as. */
function doorsOf(actor: Actor): ReadonlyMap<string, ResourceAccess> {
  let known = doors.get(actor);
  if (!known) {
    const { networkId, organizationId, names, keys } = actor;
    const byRole: [name: string | null, reason: AccessReason][] = [
      [organizationId, 'OWNER'],
      [principal('committee', networkId), 'COMMITTEE'],
      [networkId, 'NETWORK'],
      [principal('everybody', networkId), 'PUBLIC'],
    ];
    known = new Map([
      ...byRole.flatMap(([name, reason]): [string, ResourceAccess][] => (name !== null && names.has(name) ? [[name, { reason }]] : [])),
      ...[...keys].map(([clauseId, contractId]): [string, ResourceAccess] => [clauseId, { reason: 'CONTRACT', clauseId, contractId }]),
    ]);
    doors.set(actor, known);
  }
  return known;
}

/** Why the actor reads a row: the same array that the policy compares with the actor's names, read backwards. */
export function accessThrough(actor: Actor, { readers }: Pick<Resource, 'readers'>): ResourceAccess[] {
  const known = doorsOf(actor);
  const through: ResourceAccess[] = [];
  for (const name of readers) {
    const access = known.get(name);
    if (access) through.push(access);
  }
  return through;
}

/** What the actor may do to a resource now. It books for its own organization, whatever opens the resource to that. */
export function resourceActions(actor: Actor, resource: Pick<Resource, 'readers' | 'ownerId' | 'status'>): ResourceAction[] {
  const actions = viewerCan(resourceLifecycle, actor, resource.status, { owner: resource.ownerId });
  const mayBook = actions.includes('BOOK') || accessThrough(actor, resource).some(({ reason }) => reason !== 'COMMITTEE');
  const asBooker = mayBook ? viewerCan(resourceLifecycle, actor, resource.status, { owner: actor.organizationId }) : [];
  return (Object.keys(resourceLifecycle.actions) as ResourceAction[]).filter((action) => (action === 'BOOK' ? asBooker : actions).includes(action));
}

/** The names by which the actor reads rows for one reason. */
export const namesOf = (actor: Actor, reason: AccessReason): string[] =>
  [...doorsOf(actor)].filter(([, access]) => access.reason === reason).map(([name]) => name);
