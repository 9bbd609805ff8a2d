import { selectList } from '../../platform/database/columns';
import type { Transaction } from '../../platform/database/session';
import { publish } from '../../platform/events/publish';
import type { Reaction } from '../../platform/events/reactions';
import { READABLE } from '../../platform/graphql/connection';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import { newId } from '../../platform/ids';
import type * as inputs from './inputs';
import { Notification } from './model';
import { isNotice, kinds } from './templates';

/** Tells everybody whom an event concerns, but for who did it, and lets their clients know. */
export const notify: Reaction = {
  name: 'notify',
  door: 'events',
  isAbout: () => true,
  async react(tx, event) {
    if (event.notice === null || !isNotice(event.notice)) return;
    const recipients = await tx.query<{ userId: string }>('SELECT app.recipients_of($1) AS "userId"', [event.id]);
    if (recipients.length === 0) return;
    const told = await tx.query<{ id: string; userId: string }>(
      `INSERT INTO notifications (network_id, id, event_id, user_id, kind, notice, data, refs, subject_type, subject_id, actor_organization_id, created_at)
       SELECT app.network_id(), (r->>'id')::uuid, $1, (r->>'userId')::uuid, $2, $3, $4, $5, $6, $7, $8, $9 FROM jsonb_array_elements($10) AS r
       ON CONFLICT (network_id, event_id, user_id) DO NOTHING RETURNING id, user_id AS "userId"`,
      [
        event.id, kinds[event.kind] ?? 'SYSTEM', event.notice, event.data, event.refs, event.subjectType, event.subjectId,
        event.actorOrganizationId, event.at, JSON.stringify(recipients.map(({ userId }) => ({ id: newId(event.at), userId }))),
      ],
    );
    await publish(tx, told.map(({ id, userId }) => ({ type: 'notification', id, networkId: event.networkId, userId })));
  },
};

/** Notes that the actor has read notifications; those read before keep their time. It is nobody else's business, so the audit log has none of it. */
export async function markNotificationsRead(tx: Transaction, input: InputOf<typeof inputs, 'markNotificationsRead'>): Promise<{ notifications: Notification[] }> {
  const ids = input.notifications?.map((globalId, index) => tx.idOf('Notification', globalId, ['notifications', String(index)]));
  const { now } = tx.actor;
  const read = `UPDATE notifications SET read_at = $1 WHERE network_id = app.network_id() AND user_id = app.user_id() AND read_at IS NULL`;
  if (!ids) {
    await tx.query(read, [now]);
    return { notifications: [] };
  }
  await tx.query(`${read} AND id = ANY ($2::uuid[])`, [now, ids]);
  const rows = await tx.query<Notification>(
    `SELECT ${selectList(Notification, 't')} FROM notifications t WHERE ${READABLE} AND t.user_id = app.user_id() AND t.id = ANY ($1::uuid[])`,
    [ids],
  );
  const found = new Map(rows.map((row) => [row.id, row]));
  const notifications = ids.map((id, index) => {
    const row = found.get(id);
    if (!row) throw new Refusal('NOT_FOUND', 'notFound', {}, ['notifications', String(index)]);
    return row;
  });
  return { notifications };
}
