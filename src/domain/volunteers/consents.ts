import type { Transaction } from '../../platform/database/session';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import { newId } from '../../platform/ids';
import { recordChange, recordMove } from '../network/history';
import { cancelComingRegistrationsOf } from '../shifts/service';
import { acting, change, changeOf } from './acting';
import type * as inputs from './inputs';
import { VolunteerPersonal, type ConsentPurpose, type Volunteer } from './model';

type Input<Name extends keyof typeof inputs> = InputOf<typeof inputs, Name>;

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

/** Ends consents that stand. @returns what was ended */
export async function endConsents(tx: Transaction, { id }: Pick<Volunteer, 'id'>, purposes: readonly ConsentPurpose[]): Promise<ConsentPurpose[]> {
  const ended = await tx.query<{ purpose: ConsentPurpose }>(
    `UPDATE volunteer_consents SET withdrawn_at = $2 WHERE network_id = app.network_id() AND volunteer_id = $1 AND withdrawn_at IS NULL AND purpose = ANY($3::text[])
     RETURNING purpose`,
    [id, tx.actor.now, purposes],
  );
  return ended.map(({ purpose }) => purpose);
}

/** Whether a volunteer is under age today. */
export const isMinor = ({ adultOn }: Pick<Volunteer, 'adultOn'>, today: string): boolean => adultOn !== null && adultOn > today;

/** Records that the guardian of a minor agrees. The organization's staff or the committee may. */
export const recordGuardianConsent = (tx: Transaction, input: Input<'recordGuardianConsent'>) =>
  acting(tx, 'RECORD_CONSENT', input, async (volunteer) => {
    if (!isMinor(volunteer, tx.actor.today)) throw new Refusal('CONFLICT', 'guardian.adult');
    const [granted] = await grantConsents(tx, volunteer, ['GUARDIAN']);
    if (!granted) throw new Refusal('DUPLICATE', 'guardian.recorded');
    const { networkId, id } = volunteer;
    await tx.manager.update(VolunteerPersonal, { networkId, volunteerId: id }, { guardianName: input.name, guardianPhone: input.phone });
    await change(tx, volunteer, {});
    recordChange(tx, 'volunteer.consent', changeOf(volunteer), { consent: [null, 'GUARDIAN'] });
  });

/** @throws Refusal CONSENT_REQUIRED unless the volunteer agrees that the personal data is used */
export async function requireConsent(tx: Transaction, { id }: Pick<Volunteer, 'id'>, path: readonly string[] = []): Promise<void> {
  const [standing] = await tx.query<object>(
    `SELECT id FROM volunteer_consents WHERE network_id = app.network_id() AND volunteer_id = $1 AND purpose = 'PERSONAL_DATA' AND withdrawn_at IS NULL`,
    [id],
  );
  if (!standing) throw new Refusal('CONSENT_REQUIRED', 'volunteer.consent', {}, path);
}

/** Without these nobody goes on duty. */
const NEEDED: readonly ConsentPurpose[] = ['PERSONAL_DATA', 'GUARDIAN'];

/**
 * Takes a consent back: the person, the organization's staff or the committee. Without the guardian's, or without the one to
 * the use of personal data, the volunteer is on no coming shift; without the latter the volunteer pauses.
 */
export const withdrawConsent = (tx: Transaction, input: Input<'withdrawConsent'>) =>
  acting(
    tx,
    'WITHDRAW_CONSENT',
    input,
    async (volunteer) => {
      const { purpose } = input;
      const [ended] = await endConsents(tx, volunteer, [purpose]);
      if (!ended) throw new Refusal('CONFLICT', 'consent.none', {}, ['purpose']);
      const pauses = purpose === 'PERSONAL_DATA' && volunteer.status === 'ACTIVE';
      await change(tx, volunteer, { ...(purpose === 'LEADERBOARD' && { isListed: false }), ...(pauses && { status: 'PAUSED' }) });
      if (pauses) await recordMove(tx, 'volunteer.pause', { ...changeOf(volunteer), from: 'ACTIVE', to: 'PAUSED' });
      recordChange(tx, 'volunteer.withdraw', changeOf(volunteer), { consent: [purpose, null] });
    },
    ({ id, adultOn }) =>
      NEEDED.includes(input.purpose) && (input.purpose !== 'GUARDIAN' || isMinor({ adultOn }, tx.actor.today)) ? cancelComingRegistrationsOf(tx, id, null) : Promise.resolve(),
  );
