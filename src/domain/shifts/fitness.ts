import type { Transaction } from '../../platform/database/session';
import type { RefusalReason } from '../../platform/graphql/refusal';
import type { MessageKey, MessageParameters } from '../../platform/i18n/messages';
import { HOLDING } from './lifecycle';
import type { Shift } from './model';

/** What there is to know of a volunteer who would serve on a shift. */
export interface Fitness {
  volunteerId: string;
  userId: string | null;
  organizationId: string | null;
  displayName: string;
  status: string;
  /** The day of the eighteenth birthday. */
  adultOn: string | null;
  /** The day of the service by the clock of the network. */
  serviceDate: string;
  isMinor: boolean;
  /** The guardian's consent in force. */
  consentId: string | null;
  missingSkills: string[];
  /** The titles of the courses of which no completion is good then. */
  missingCourses: string[];
  /** Another shift at that time on which the volunteer has a place. */
  clash: string | null;
  /** Whether the volunteer is on the shift, or waits for it, already. */
  isRegistered: boolean;
}

/** Why somebody cannot be on a shift. */
export type Unfit = Pick<RefusalReason, 'code' | 'message' | 'parameters'>;

/** Which shift, or at what other time. */
type Wanted = Pick<Shift, 'id' | 'startsAt' | 'endsAt' | 'requiredSkills' | 'requiredCourseIds'>;

/**
 * Holds volunteers for the rest of the transaction, in one order everywhere: of two shifts at one time a volunteer gets a
 * place on one, and a consent that is withdrawn meanwhile is seen. Through the door of shifts.
 */
export async function holdVolunteers(tx: Transaction, ids: readonly string[]): Promise<void> {
  await tx.query('SELECT id FROM volunteers WHERE network_id = app.network_id() AND id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE', [ids]);
}

/** What there is to know of volunteers who are held. Through the door of shifts. */
export async function fitnessOf(tx: Transaction, { id, startsAt, endsAt, requiredSkills, requiredCourseIds }: Wanted, volunteerIds: readonly string[]): Promise<Map<string, Fitness>> {
  const rows = await tx.query<Fitness>(
    `WITH shift AS (SELECT (lower(during) AT TIME ZONE $6)::date AS day, during FROM (SELECT tstzrange($3, $4) AS during) s)
     SELECT v.id AS "volunteerId", v.user_id AS "userId", v.organization_id AS "organizationId", v.display_name AS "displayName", v.status,
       v.adult_on AS "adultOn", shift.day AS "serviceDate", v.adult_on IS NULL OR v.adult_on > shift.day AS "isMinor", c.id AS "consentId",
       ARRAY(SELECT unnest($5::text[]) EXCEPT SELECT unnest(v.skills)) AS "missingSkills",
       ARRAY(SELECT k.title FROM courses k WHERE k.network_id = v.network_id AND k.id = ANY($8::uuid[]) AND NOT EXISTS (
         SELECT FROM training_completions t WHERE t.network_id = k.network_id AND t.volunteer_id = v.id AND t.course_id = k.id
           AND t.completed_at <= lower(shift.during) AND (t.expires_at IS NULL OR t.expires_at > lower(shift.during))) ORDER BY k.title) AS "missingCourses",
       (SELECT r.shift_id FROM registrations r WHERE r.network_id = v.network_id AND r.volunteer_id = v.id AND r.shift_id <> $2
          AND r.status = ANY($7) AND r.during && shift.during LIMIT 1) AS clash,
       EXISTS (SELECT FROM registrations r WHERE r.network_id = v.network_id AND r.shift_id = $2 AND r.volunteer_id = v.id AND r.status <> 'CANCELLED') AS "isRegistered"
     FROM volunteers v CROSS JOIN shift
       LEFT JOIN volunteer_consents c ON c.network_id = v.network_id AND c.volunteer_id = v.id AND c.purpose = 'GUARDIAN' AND c.withdrawn_at IS NULL
     WHERE v.network_id = app.network_id() AND v.id = ANY($1::uuid[])`,
    [volunteerIds, id, startsAt, endsAt, requiredSkills, tx.actor.timeZone, HOLDING, requiredCourseIds],
  );
  return new Map(rows.map((row) => [row.volunteerId, row]));
}

const unfit = (code: Unfit['code'], message: MessageKey, parameters: MessageParameters = {}): Unfit => ({ code, message, parameters });

/** Why a volunteer cannot be on the shift; null: nothing stands against it. */
export function unfitness({ status, missingSkills, missingCourses, isMinor, consentId, clash }: Fitness): Unfit | null {
  if (status !== 'ACTIVE') return unfit('WRONG_STATE', 'registration.volunteer.state');
  if (missingSkills.length) return unfit('NOT_ALLOWED', 'registration.skills', { skills: missingSkills.join(', ') });
  if (missingCourses.length) return unfit('TRAINING_REQUIRED', 'registration.training', { courses: missingCourses.join(', ') });
  if (isMinor && consentId === null) return unfit('CONSENT_REQUIRED', 'registration.consent');
  if (clash !== null) return unfit('CONFLICT', 'registration.clash');
  return null;
}
