import type { Transaction } from '../../platform/database/session';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import { eraseCertificates } from '../certificates/service';
import { forgetAuthor } from '../feedback/service';
import { forgetRaiser } from '../needs/service';
import { recordMove } from '../network/history';
import { followVolunteers } from '../points/ledger';
import { forgetObjector, forgetRecognized } from '../recognitions/service';
import { eraseCorrections } from '../records/corrections';
import { cancelComingRegistrationsOf } from '../shifts/service';
import { acting, change, changeOf } from './acting';
import { endConsents } from './consents';
import type * as inputs from './inputs';
import { ConsentPurpose, type Volunteer } from './model';
import { dismiss } from './service';

/** What is left in the place of a name. */
const NAMELESS = '—';

/** @throws Refusal CONFLICT while the volunteer is on duty, or hours wait to be confirmed */
async function refuseOnDuty(tx: Transaction, { id }: Volunteer): Promise<void> {
  const [open] = await tx.query<object>(
    `SELECT id FROM registrations WHERE network_id = app.network_id() AND volunteer_id = $1 AND status IN ('CONFIRMED','CHECKED_IN') LIMIT 1`,
    [id],
  );
  if (open) throw new Refusal('CONFLICT', 'volunteer.onDuty');
}

/** What an erasure ends beside, known once it is committed: a membership, and the account of a person. */
interface Ended {
  membership: string | null;
  account: string | null;
}

/** Takes the account out of the rows that only carry it along. */
const UNLINKED: readonly string[] = ['volunteer_consents', 'registrations'];

/**
 * Erases a volunteer: the personal data is gone, and with it the names in the history of what they did; hours of service, points
 * and certificates' numbers stay without a name, so that totals and ledger are whole. The account goes too, unless it is good for
 * something else. The person, the organization's staff or the committee.
 */
export async function eraseVolunteer(tx: Transaction, input: InputOf<typeof inputs, 'withNote'>): Promise<{ volunteer: Volunteer; ended: Ended }> {
  const ended: Ended = { membership: null, account: null };
  const changed = await acting(
    tx,
    'ERASE',
    input,
    async (volunteer, to) => {
      const { id, userId, status } = volunteer;
      await refuseOnDuty(tx, volunteer);
      ended.membership = await dismiss(volunteer, tx);
      await endConsents(tx, volunteer, Object.keys(ConsentPurpose) as ConsentPurpose[]);
      await tx.query('DELETE FROM volunteer_personal WHERE network_id = app.network_id() AND volunteer_id = $1', [id]);
      await eraseCertificates(tx, id);
      await eraseCorrections(tx, id);
      await forgetRecognized(tx, id);
      if (userId !== null) {
        await forgetRaiser(tx, userId);
        await forgetAuthor(tx, userId);
        await forgetObjector(tx, userId);
      }
      for (const table of UNLINKED) await tx.query(`UPDATE ${table} SET user_id = NULL WHERE network_id = app.network_id() AND volunteer_id = $1`, [id]);
      await change(tx, volunteer, {
        status: to, displayName: NAMELESS, occupation: 'OTHER', skills: [], availability: [], adultOn: null, userId: null, isListed: false,
      });
      await followVolunteers(tx, [id]);
      // Who is told is told without the person, and without a reason that may name one.
      await recordMove(tx, 'volunteer.erase', { ...changeOf({ ...volunteer, userId: null }), from: status, to });
      tx.atLast('volunteers', async () => {
        const [gone] = await tx.query<{ account: boolean }>('SELECT app.forget_person($1, $2) AS account', [id, userId]);
        ended.account = gone!.account ? userId : null;
      });
    },
    ({ id }) => cancelComingRegistrationsOf(tx, id, null),
  );
  return { ...changed, ended };
}
