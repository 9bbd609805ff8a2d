import type { RequestContext } from '../../platform/graphql/context';
import type { MessageKey, MessageParameters } from '../../platform/i18n/messages';
import type { ActivityCategory } from '../contracts/model';
import type { Occupation } from '../volunteers/model';
import type { Shift, VolunteerMatch } from './model';

/** How many are proposed when nobody says, and at most. */
export const MATCHES = 10;
export const MOST_MATCHES = 50;

/** The occupations that suit a field. */
const SUITED: Readonly<Record<ActivityCategory, readonly Occupation[]>> = {
  OUTREACH: ['STUDENT', 'SOCIAL_WORKER', 'CIVIL_SERVANT', 'RETIRED'],
  PROPERTY_SERVICE: ['ENGINEER', 'BUSINESS', 'LEGAL', 'RETIRED'],
  BUILDING_MANAGEMENT: ['ENGINEER', 'CIVIL_SERVANT', 'RETIRED'],
  PUBLIC_SAFETY: ['POLICE', 'MILITARY_VETERAN', 'LEGAL'],
  EPIDEMIC_PREVENTION: ['MEDICAL', 'SOCIAL_WORKER', 'CIVIL_SERVANT'],
  AFTER_SCHOOL_CLASS: ['TEACHER', 'STUDENT', 'RETIRED'],
  SMART_ELDER_CARE: ['MEDICAL', 'SOCIAL_WORKER', 'ENGINEER'],
  YOUTH_SUPPORT: ['SOCIAL_WORKER', 'TEACHER', 'LEGAL', 'STUDENT'],
  GREEN_LIVING: ['STUDENT', 'ENGINEER', 'RETIRED'],
  CULTURE: ['TEACHER', 'FREELANCE', 'STUDENT'],
  TRAINING: ['TEACHER', 'ENGINEER', 'LEGAL'],
  OTHER: [],
};

interface Found {
  volunteerId: string;
  isSuited: boolean;
  occupation: string;
  kilometres: number | null;
  availability: 'FREE' | 'OTHERWISE' | 'NOTHING';
  loadSeconds: number;
  score: number;
}

interface Wanted extends Pick<Shift, 'requiredSkills'> {
  category: ActivityCategory;
  courses: string[];
}

const SECONDS_PER_HOUR = 3600;

/** What speaks for a volunteer, each of it so. */
function* reasonsFor(found: Found, { requiredSkills, courses }: Wanted): Generator<[MessageKey, MessageParameters]> {
  if (requiredSkills.length) yield ['match.skills', { skills: requiredSkills.join(', ') }];
  if (courses.length) yield ['match.training', { courses: courses.join(', ') }];
  if (found.isSuited) yield ['match.occupation', { occupation: `OCCUPATION_${found.occupation}` }];
  yield found.availability === 'FREE' ? ['match.free', {}] : ['match.unbooked', {}];
  yield ['match.load', { hours: Number((found.loadSeconds / SECONDS_PER_HOUR).toFixed(1)) }];
  if (found.kilometres !== null) yield ['match.near', { kilometres: Number(found.kilometres.toFixed(1)) }];
}

/** The volunteers that the actor may see who fit a shift, the best first; none for one that the actor may not see. */
export async function matchVolunteers(context: RequestContext, shiftId: string, most: number): Promise<VolunteerMatch[]> {
  const { session } = context;
  const [wanted] = await session.read<Wanted>({
    text: `SELECT s.required_skills AS "requiredSkills", a.category,
        ARRAY(SELECT c.title FROM courses c WHERE c.network_id = s.network_id AND c.id = ANY(s.required_course_ids) ORDER BY c.title) AS courses
      FROM shifts s JOIN activities a ON a.network_id = s.network_id AND a.id = s.activity_id WHERE s.network_id = app.network_id() AND s.id = $1`,
    values: [shiftId],
  });
  if (!wanted) return [];
  const found = await session.read<Found>({
    text: `SELECT m.volunteer_id AS "volunteerId", m.is_suited AS "isSuited", v.occupation, m.kilometres, m.availability, m.load_seconds AS "loadSeconds", m.score
      FROM app.match_volunteers($1, $2, $3) m JOIN volunteers v ON v.network_id = app.network_id() AND v.id = m.volunteer_id ORDER BY m.score DESC, m.volunteer_id`,
    values: [shiftId, SUITED[wanted.category], most],
  });
  return found.map((one) => ({ volunteerId: one.volunteerId, score: one.score, reasons: [...reasonsFor(one, wanted)].map(([key, parameters]) => context.t(key, parameters)) }));
}
