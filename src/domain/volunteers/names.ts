import type { Transaction } from '../../platform/database/session';

/**
 * Lets organizations see the names of volunteers who come to them: on a shift, to a course, with a request. Through a door that
 * writes volunteers.
 */
export async function showNames(tx: Transaction, volunteerIds: readonly string[], organizationIds: readonly string[]): Promise<void> {
  await tx.query(
    `UPDATE volunteers v SET seen_by = ARRAY(SELECT DISTINCT unnest(v.seen_by || $2::uuid[]))
     WHERE v.network_id = app.network_id() AND v.id = ANY($1::uuid[]) AND NOT (v.seen_by || coalesce(v.organization_id, v.id)) @> $2::uuid[]`,
    [volunteerIds, organizationIds],
  );
}
