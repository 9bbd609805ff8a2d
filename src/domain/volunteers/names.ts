import type { Transaction } from '../../platform/database/session';

/** Lets an organization see the name of a volunteer who comes to it, such as to a course that it holds. */
export async function showName(tx: Transaction, volunteerId: string, organizationId: string): Promise<void> {
  await tx.through('volunteers', () =>
    tx.query(
      `UPDATE volunteers SET seen_by = seen_by || $2::uuid WHERE network_id = app.network_id() AND id = $1 AND NOT seen_by @> ARRAY[$2::uuid]
         AND organization_id IS DISTINCT FROM $2`,
      [volunteerId, organizationId],
    ),
  );
}
