import type { Transaction } from '../database/session';
import type { EventRecord } from './outbox';

/** The channel of PostgreSQL that every process listens to. */
export const CHANNEL = 'youth_events';

/** Something was changed; app.append_events tells it by itself. Ids alone: whoever listens looks for itself what its viewers may see. */
export interface EventMessage {
  type: 'event';
  id: string;
  /** Where it stands among all events; who missed some reads on from the last one with app.events_after. */
  place: number;
  networkId: string;
  kind: EventRecord['kind'];
  action: string;
  subjectType: string;
  subjectId: string;
  refs: Record<string, string>;
}

/** Somebody has a new notification. */
export interface NotificationMessage {
  type: 'notification';
  id: string;
  networkId: string;
  userId: string;
}

export type Message = EventMessage | NotificationMessage;

/** Tells every process that listens, once the transaction is committed. */
export async function publish(tx: Transaction, messages: readonly Message[]): Promise<void> {
  await tx.query(`SELECT pg_notify('${CHANNEL}', message::text) FROM jsonb_array_elements($1::jsonb) AS message`, [JSON.stringify(messages)]);
}
