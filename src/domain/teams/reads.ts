import { selectList } from '../../platform/database/columns';
import type { Reader } from '../../platform/database/session';
import { nestedPage, page, READABLE, type ForwardArgs, type ListQuery, type Page, type PageArgs } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { byId, grouped, type LoaderDefinition } from '../../platform/graphql/loaders';
import { Volunteer } from '../volunteers/model';
import { Course, CourseSession, Team, TrainingCompletion } from './model';

export const teamById = byId(Team);
export const courseById = byId(Course);
export const courseSessionById = byId(CourseSession);

/** The teams that the actor may read, by name. */
export const listTeams = (context: RequestContext, args: PageArgs): Promise<Page<Team>> =>
  page(context.session, context.platform.cursors, {
    list: 'teams', select: selectList(Team, 't'), from: 'teams t', where: [READABLE], values: [],
    order: [{ sql: 't.name COLLATE "zh-Hans-x-icu"', type: 'text', of: ({ name }) => name }, { sql: 't.id', type: 'uuid', of: ({ id }) => id }],
    descending: false,
  }, args);

/** The courses of the network, the newest first. */
export const listCourses = (context: RequestContext, args: PageArgs): Promise<Page<Course>> =>
  page(context.session, context.platform.cursors, {
    list: 'courses', select: selectList(Course, 't'), from: 'courses t', where: [READABLE], values: [],
    order: [{ sql: 't.id', type: 'uuid', of: ({ id }) => id }], descending: true,
  }, args);

const volunteersBy = (list: string, joined: string): ListQuery<Volunteer> => ({
  list, select: selectList(Volunteer, 't'), from: `volunteers t JOIN ${joined} m ON m.network_id = t.network_id AND m.volunteer_id = t.id`, where: [READABLE], values: [],
  order: [{ sql: 't.id', type: 'uuid', of: ({ id }) => id }], descending: false,
});

/** The members of a team that the actor may see. */
export const membersOf = (context: RequestContext, teamId: string, args: ForwardArgs): Promise<Page<Volunteer>> =>
  nestedPage(context, volunteersBy('members of team', 'team_members'), 'm.team_id', teamId, args);

/** Whoever is enrolled for a date of a course, as far as the actor may see it. */
export const enrolledIn = (context: RequestContext, sessionId: string, args: ForwardArgs): Promise<Page<Volunteer>> =>
  nestedPage(context, volunteersBy('volunteers of session', 'course_enrolments'), 'm.session_id', sessionId, args);

/** The dates of a course, the earliest first. */
export const sessionsOf: LoaderDefinition<string, CourseSession[]> = {
  batch: async (session, courseIds) => {
    const rows = await session.read<CourseSession>({
      name: 'course-sessions',
      text: `SELECT ${selectList(CourseSession, 't')} FROM course_sessions t WHERE ${READABLE} AND t.course_id = ANY($1::uuid[]) ORDER BY t.starts_at, t.id`,
      values: [courseIds],
    });
    return grouped(courseIds, rows, ({ courseId }) => courseId);
  },
};

/** The teams that a volunteer is in, by name. */
export const teamsOf: LoaderDefinition<string, Team[]> = {
  batch: async (session, volunteerIds) => {
    const rows = await session.read<Team & { memberId: string }>({
      name: 'teams-of-volunteers',
      text: `SELECT ${selectList(Team, 't')}, m.volunteer_id AS "memberId" FROM teams t JOIN team_members m ON m.network_id = t.network_id AND m.team_id = t.id
        WHERE ${READABLE} AND m.volunteer_id = ANY($1::uuid[]) ORDER BY t.name, t.id`,
      values: [volunteerIds],
    });
    return grouped(volunteerIds, rows, ({ memberId }) => memberId);
  },
};

/** The courses that a volunteer has completed, the newest first, also those that are not good any more. */
export const trainingsOf: LoaderDefinition<string, TrainingCompletion[]> = {
  batch: async (session, volunteerIds) => {
    const rows = await session.read<TrainingCompletion>({
      name: 'trainings-of-volunteers',
      text: `SELECT ${selectList(TrainingCompletion, 't')} FROM training_completions t
        WHERE ${READABLE} AND t.volunteer_id = ANY($1::uuid[]) ORDER BY t.completed_at DESC, t.course_id`,
      values: [volunteerIds],
    });
    return grouped(volunteerIds, rows, ({ volunteerId }) => volunteerId);
  },
};

/** The courses of which each of these volunteers has a completion that is good at an instant. */
export async function validCoursesOf(reader: Reader, volunteerIds: readonly string[], at: Date): Promise<Map<string, Set<string>>> {
  const rows = await reader.read<{ volunteerId: string; courseIds: string[] }>({
    text: `SELECT t.volunteer_id AS "volunteerId", array_agg(DISTINCT t.course_id) AS "courseIds" FROM training_completions t
      WHERE ${READABLE} AND t.volunteer_id = ANY($1::uuid[]) AND t.completed_at <= $2 AND (t.expires_at IS NULL OR t.expires_at > $2) GROUP BY t.volunteer_id`,
    values: [volunteerIds, at],
  });
  const found = new Map(rows.map(({ volunteerId, courseIds }) => [volunteerId, new Set(courseIds)]));
  return new Map(volunteerIds.map((id) => [id, found.get(id) ?? new Set<string>()]));
}
