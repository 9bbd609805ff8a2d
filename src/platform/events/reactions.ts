import type { Transaction } from '../database/session';
import type { EventRecord, StoredEvent } from './outbox';

/** What is done about events once their changes are committed. */
export interface Reaction {
  /** Under which it is noted that it has been done about an event: once given it stays. */
  name: string;
  /** The named door of the event's network that it works through. */
  door: string;
  /** Whether it has something to do about an event. */
  isAbout(event: Pick<EventRecord, 'kind' | 'action' | 'subjectType' | 'subjectId'>): boolean;
  /**
   * Does it, in one transaction with the note that it was done: what it writes is written once, whatever crashes. It is
   * tried again when it throws.
   */
  react(tx: Transaction, event: StoredEvent): Promise<void>;
}

/** Hands an event to a reaction and notes that it has been done; null when it had been. */
export async function take(tx: Transaction, eventId: string, reaction: string): Promise<StoredEvent | null> {
  const [event] = await tx.query<StoredEvent>(
    `SELECT network_id AS "networkId", id, kind, action, subject_type AS "subjectType", subject_id AS "subjectId", at,
       actor_user_id AS "actorUserId", actor_organization_id AS "actorOrganizationId", audience, people, refs, notice, data
     FROM app.react_to($1, $2)`,
    [eventId, reaction],
  );
  return event ?? null;
}
