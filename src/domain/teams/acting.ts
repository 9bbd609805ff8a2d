import { may } from '../../access/matrix';
import { selectList } from '../../platform/database/columns';
import type { Transaction } from '../../platform/database/session';
import { Refusal } from '../../platform/graphql/refusal';
import { Organization } from '../network/model';
import { Volunteer } from '../volunteers/model';

/** The organization that something is made for. @throws Refusal NOT_FOUND, NOT_ALLOWED, CONFLICT */
export async function ownerIn(tx: Transaction, globalId: string | null | undefined): Promise<Organization> {
  const path = globalId == null ? [] : ['organization'];
  const organization = await tx.find(Organization, globalId == null ? tx.actor.organizationId! : tx.idOf('Organization', globalId, path));
  if (!organization) throw new Refusal('NOT_FOUND', 'notFound', {}, path);
  if (!may(tx.actor, 'team.manage', { owner: organization.id })) throw new Refusal('NOT_ALLOWED', 'notAllowed', {}, path);
  if (organization.status !== 'ACTIVE') throw new Refusal('CONFLICT', 'activity.organization.inactive', {}, path);
  return organization;
}

/** Volunteers that the actor may see, in the order of their ids in the input. @throws Refusal NOT_FOUND */
export async function volunteersIn(tx: Transaction, globalIds: readonly string[], path: (index: number) => readonly string[]): Promise<Volunteer[]> {
  const ids = globalIds.map((globalId, index) => tx.idOf('Volunteer', globalId, path(index)));
  const rows = await tx.query<Volunteer>(`SELECT ${selectList(Volunteer, 't')} FROM volunteers t WHERE t.network_id = app.network_id() AND t.id = ANY($1::uuid[])`, [ids]);
  const found = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id, index) => {
    const volunteer = found.get(id);
    if (!volunteer) throw new Refusal('NOT_FOUND', 'notFound', {}, path(index));
    return volunteer;
  });
}

/** The accounts of volunteers, for whom they are told. */
export const peopleOf = (volunteers: readonly Volunteer[]): string[] => volunteers.flatMap(({ userId }) => userId ?? []);
