import { askerOf, may, mayEver, type Capability } from '../../access/matrix';
import type { Actor } from '../../platform/database/session';
import type { FeedKind } from './model';

/** What somebody needs who asks for a calendar at all. */
export const FOLLOWING: Capability = 'booking.read';

/**
 * Whether somebody may follow bookings by a calendar: those of a resource, the own ones, or those of the organization
 * that one books for. That a resource is there to be read is for its row to say.
 */
export function mayFollow(actor: Actor, kind: FeedKind, subjectId: string): boolean {
  if (actor.membershipId === null || actor.organizationStatus !== 'ACTIVE' || !mayEver(askerOf(actor), FOLLOWING)) return false;
  switch (kind) {
    case 'RESOURCE':
      return true;
    case 'ORGANIZATION':
      return may(actor, 'booking.book', { owner: subjectId });
    case 'PERSON':
      return subjectId === actor.userId;
  }
}
