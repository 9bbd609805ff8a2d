import type { EntityTarget } from 'typeorm';
import type { Transaction } from '../../platform/database/session';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import { Organization } from '../network/model';
import { Resource } from '../resources/model';
import { mayFollow } from './access';
import type * as inputs from './inputs';
import type { Feed, FeedKind } from './model';

/** What a calendar is of: as a node, and where the input names it. */
interface Subject {
  kind: FeedKind;
  type: string;
  id: string;
  path: readonly string[];
}

/** @throws Refusal NOT_FOUND when the actor may not read it or it never was */
async function readable<Row extends object>(tx: Transaction, kind: FeedKind, type: string, entity: EntityTarget<Row>, globalId: string): Promise<Subject> {
  const path = [type.toLowerCase()];
  const id = tx.idOf(type, globalId, path);
  if (!(await tx.find(entity, id))) throw new Refusal('NOT_FOUND', 'notFound', {}, path);
  return { kind, type, id, path };
}

/** Gives a calendar of the actor's another URL; the one until now finds nothing from then on. @throws Refusal NOT_FOUND, NOT_ALLOWED */
export async function revokeCalendarFeed(tx: Transaction, { resource, organization }: InputOf<typeof inputs, 'revokeCalendarFeed'>): Promise<Feed> {
  const { networkId, membershipId, userId, now } = tx.actor;
  let subject: Subject = { kind: 'PERSON', type: 'User', id: userId!, path: [] };
  if (resource != null) subject = await readable(tx, 'RESOURCE', 'Resource', Resource, resource);
  if (organization != null) subject = await readable(tx, 'ORGANIZATION', 'Organization', Organization, organization);
  const { kind, type, id, path } = subject;
  if (!mayFollow(tx.actor, kind, id)) throw new Refusal('NOT_ALLOWED', 'notAllowed', {}, path);
  const [row] = await tx.query<{ generation: number }>(
    `INSERT INTO calendar_feeds AS f (network_id, membership_id, kind, subject_id, user_id, generation, revoked_at)
     VALUES (app.network_id(), $1, $2, $3, app.user_id(), 1, $4)
     ON CONFLICT (network_id, membership_id, kind, subject_id) DO UPDATE SET generation = f.generation + 1, revoked_at = excluded.revoked_at
     RETURNING generation`,
    [membershipId, kind, id, now],
  );
  tx.audit({ action: 'calendar.revoke', subjectType: type, subjectId: id });
  return { networkId, membershipId: membershipId!, kind, subjectId: id, generation: row!.generation };
}
