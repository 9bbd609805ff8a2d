import type { TestApi } from '../support/api';

/** What of the events and the notifications is not as the rows of organizations and members say it has to be; a statement of its own, that knows nothing of the server's. */
export async function faults(api: TestApi): Promise<unknown[]> {
  return api.database.sql(
    `WITH due AS (
       SELECT e.id AS event_id, m.user_id FROM events e JOIN memberships m ON m.network_id = e.network_id AND m.organization_id = ANY (e.audience)
         WHERE m.role IN ('ADMIN', 'STAFF', 'COMMITTEE') AND m.status = 'ACTIVE' AND e.notice IS NOT NULL
       UNION SELECT e.id, p.user_id FROM events e CROSS JOIN unnest(e.people) AS p(user_id) WHERE e.notice IS NOT NULL
     ), expected AS (SELECT d.* FROM due d JOIN events e ON e.id = d.event_id WHERE d.user_id IS DISTINCT FROM e.actor_user_id)
     SELECT 'missing' AS fault, x.event_id FROM expected x WHERE NOT EXISTS (SELECT FROM notifications n WHERE n.event_id = x.event_id AND n.user_id = x.user_id)
     UNION ALL SELECT 'for nobody', n.event_id FROM notifications n WHERE NOT EXISTS (SELECT FROM expected x WHERE x.event_id = n.event_id AND x.user_id = n.user_id)
     UNION ALL SELECT 'doubled', n.event_id FROM notifications n GROUP BY n.event_id, n.user_id HAVING count(*) > 1
     UNION ALL SELECT 'not acted on', e.id FROM events e WHERE NOT EXISTS (SELECT FROM event_reactions r WHERE r.event_id = e.id AND r.reaction = 'notify')
     UNION ALL SELECT 'a change without an event', a.id FROM audit_entries a WHERE NOT EXISTS (
       SELECT FROM events e WHERE e.subject_id = a.subject_id AND e.action = a.action AND e.at = a.at)
     UNION ALL SELECT 'an event without a change', e.id FROM events e WHERE NOT EXISTS (
       SELECT FROM audit_entries a WHERE e.subject_id = a.subject_id AND e.action = a.action AND e.at = a.at)`,
  );
}
