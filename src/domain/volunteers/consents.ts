import type { Transaction } from '../../platform/database/session';
import { newId } from '../../platform/ids';
import type { ConsentPurpose, Volunteer } from './model';

/** Writes down what a volunteer agrees to; what stands already stays as it is. @returns what was new */
export async function grantConsents(
  tx: Transaction, { id, userId, organizationId }: Pick<Volunteer, 'id' | 'userId' | 'organizationId'>, purposes: readonly ConsentPurpose[],
): Promise<ConsentPurpose[]> {
  if (purposes.length === 0) return [];
  const { now } = tx.actor;
  const granted = await tx.query<{ purpose: ConsentPurpose }>(
    `INSERT INTO volunteer_consents (network_id, id, volunteer_id, user_id, organization_id, purpose, granted_at, recorded_by)
     SELECT app.network_id(), c.id, $1, $2, $3, c.purpose, $4, $5 FROM unnest($6::uuid[], $7::text[]) AS c(id, purpose)
     ON CONFLICT (network_id, volunteer_id, purpose) WHERE withdrawn_at IS NULL DO NOTHING RETURNING purpose`,
    [id, userId, organizationId, now, tx.actor.userId ?? userId ?? id, purposes.map(() => newId(now)), purposes],
  );
  return granted.map(({ purpose }) => purpose);
}
