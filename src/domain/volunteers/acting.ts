import type { Transaction } from '../../platform/database/session';
import { Refusal } from '../../platform/graphql/refusal';
import { requireVersion } from '../network/service';
import { permitOn, type VolunteerAction } from './lifecycle';
import { Volunteer, type VolunteerStatus } from './model';

/** The constraint that an error says was broken. */
const brokenConstraint = (error: unknown): string | undefined =>
  ((error as { driverError?: { constraint?: string } }).driverError ?? (error as { constraint?: string })).constraint;

const REFUSED: Readonly<Record<string, () => Refusal>> = {
  volunteer_personal_identity: () => new Refusal('DUPLICATE', 'volunteer.identity.taken', {}, ['personal', 'identityNumber']),
  volunteers_once_a_user: () => new Refusal('DUPLICATE', 'volunteer.twice'),
  registrations_of_age: () => new Refusal('CONSENT_REQUIRED', 'volunteer.registered.minor', {}, ['personal', 'birthDate']),
};

/** Puts a broken invariant of volunteers into words. */
export function refuseBroken(error: unknown): never {
  const refusal = REFUSED[brokenConstraint(error) ?? ''];
  throw refusal ? refusal() : error;
}

/** What of a volunteer's change is the same whatever was done. */
export const changeOf = ({ id, number, organizationId, userId }: Pick<Volunteer, 'id' | 'number' | 'organizationId' | 'userId'>) => ({
  subjectType: 'Volunteer',
  subjectId: id,
  audience: organizationId === null ? [] : [organizationId],
  people: userId === null ? [] : [userId],
  refs: { volunteer: id, ...(organizationId !== null && { organization: organizationId }) },
  data: { number },
});

/**
 * Does something about a volunteer after the verb's own checks: as the own person, the staff of the own organization or the
 * committee. @param work is given the locked row and the status that the verb leads to
 * @param asked the action, where it depends on the volunteer as the actor sees them
 * @param before what has to be held before the volunteer is, such as shifts
 */
export async function acting(
  tx: Transaction, asked: VolunteerAction | ((seen: Volunteer) => VolunteerAction), input: { id: string; version: number }, work: (volunteer: Volunteer, to: VolunteerStatus) => Promise<void>,
  before: (seen: Volunteer) => Promise<void> = () => Promise.resolve(),
): Promise<{ volunteer: Volunteer }> {
  const seen = await tx.find(Volunteer, tx.idOf('Volunteer', input.id, ['id']));
  if (!seen) throw new Refusal('NOT_FOUND', 'notFound', {}, ['id']);
  const action = typeof asked === 'function' ? asked(seen) : asked;
  permitOn(action, tx.actor, seen);
  await before(seen);
  return tx.through('volunteers', async () => {
    const volunteer = await tx.lock(Volunteer, 'Volunteer', input.id);
    const to = permitOn(action, tx.actor, volunteer);
    requireVersion(volunteer, input.version, 'volunteer');
    await work(volunteer, to);
    return { volunteer: (await tx.find(Volunteer, volunteer.id))! };
  });
}

/** Writes what changes of a volunteer. */
export async function change(tx: Transaction, { networkId, id, version }: Volunteer, after: Partial<Volunteer>): Promise<void> {
  await tx.manager.update(Volunteer, { networkId, id }, { ...after, version: version + 1 }).catch(refuseBroken);
}
