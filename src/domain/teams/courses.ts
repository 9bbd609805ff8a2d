import { may } from '../../access/matrix';
import { once } from '../../platform/database/idempotency';
import { selectList } from '../../platform/database/columns';
import type { Transaction } from '../../platform/database/session';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import { newId } from '../../platform/ids';
import { recordChange, type Change } from '../network/history';
import type { Volunteer } from '../volunteers/model';
import { showNames } from '../volunteers/names';
import { volunteerOfUser } from '../volunteers/reads';
import { ownerIn, peopleOf, volunteersIn } from './acting';
import type * as inputs from './inputs';
import { Course, CourseSession, TrainingCompletion } from './model';

type Input<Name extends keyof typeof inputs> = InputOf<typeof inputs, Name>;

const changeOf = ({ id, organizationId, title }: Pick<Course, 'id' | 'organizationId' | 'title'>): Omit<Change, 'people'> => ({
  subjectType: 'Course', subjectId: id, audience: [organizationId], refs: { organization: organizationId }, data: { course: title },
});

/** Sets a course up. Staff and administrators for their own organization, the committee for any. */
export async function createCourse(tx: Transaction, input: Input<'createCourse'>): Promise<{ course: Course }> {
  const { networkId, now } = tx.actor;
  const { id: organizationId } = await ownerIn(tx, input.organization);
  const { title, description, validFor } = input;
  const { id } = await once(tx, 'createCourse', input, async () => {
    const created = newId(now);
    await tx.manager.insert(Course, { networkId, id: created, organizationId, title, description, validFor, createdAt: now });
    recordChange(tx, 'course.create', changeOf({ id: created, organizationId, title }), { title: [null, title], validFor: [null, validFor] });
    return { id: created };
  });
  return { course: (await tx.find(Course, id))! };
}

/** A course that the actor's organization holds. @throws Refusal NOT_FOUND, NOT_ALLOWED */
async function heldCourse(tx: Transaction, globalId: string): Promise<Course> {
  const course = await tx.find(Course, tx.idOf('Course', globalId, ['course']));
  if (!course) throw new Refusal('NOT_FOUND', 'notFound', {}, ['course']);
  if (!may(tx.actor, 'team.manage', { owner: course.organizationId })) throw new Refusal('NOT_ALLOWED', 'notAllowed', {}, ['course']);
  return course;
}

/** Schedules a date of a course. Staff and administrators of its organization, and the committee. */
export async function scheduleCourseSession(tx: Transaction, input: Input<'scheduleCourseSession'>): Promise<{ session: CourseSession }> {
  const { networkId, now } = tx.actor;
  const course = await heldCourse(tx, input.course);
  const { range, capacity, place } = input;
  if (range.start <= now) throw new Refusal('INVALID', 'range.past', {}, ['range', 'start']);
  const { id } = await once(tx, 'scheduleCourseSession', input, async () => {
    const created = newId(now);
    await tx.manager.insert(CourseSession, {
      networkId, id: created, courseId: course.id, organizationId: course.organizationId, startsAt: range.start, endsAt: range.end, place, capacity, enrolled: 0, createdAt: now,
    });
    const times = { start: range.start.toISOString(), end: range.end.toISOString() };
    recordChange(tx, 'course.schedule', { ...changeOf(course), data: { course: course.title, ...times } }, { start: [null, times.start], end: [null, times.end], capacity: [null, capacity] });
    return { id: created };
  });
  return { session: (await tx.find(CourseSession, id))! };
}

/** Who is to be enrolled: the actor in person, or a volunteer of the own organization. @throws Refusal */
async function enrolling(tx: Transaction, globalId: string | null | undefined): Promise<Volunteer> {
  const volunteer = globalId == null ? await volunteerOfUser(tx) : (await volunteersIn(tx, [globalId], () => ['volunteer']))[0]!;
  if (!volunteer) throw new Refusal('NOT_FOUND', 'course.volunteer', {}, ['volunteer']);
  const inPerson = volunteer.userId === tx.actor.userId;
  if (!inPerson && (tx.actor.role === 'VOLUNTEER' || !may(tx.actor, 'course.enroll', { owner: volunteer.organizationId }))) throw new Refusal('NOT_ALLOWED', 'notAllowed', {}, ['volunteer']);
  if (volunteer.status !== 'ACTIVE') throw new Refusal('WRONG_STATE', 'state.wrong', { action: 'ENROLL', state: volunteer.status, subject: 'volunteer' }, ['volunteer']);
  return volunteer;
}

/** Takes a place on a date of a course: in person, or for a volunteer of the own organization. */
export async function enroll(tx: Transaction, input: Input<'enroll'>): Promise<{ session: CourseSession }> {
  const session = await tx.find(CourseSession, tx.idOf('CourseSession', input.session, ['session']));
  if (!session) throw new Refusal('NOT_FOUND', 'notFound', {}, ['session']);
  const volunteer = await enrolling(tx, input.volunteer);
  const course = (await tx.find(Course, session.courseId))!;
  await once(tx, 'enroll', input, async () => {
    if (session.startsAt <= tx.actor.now) throw new Refusal('TOO_LATE', 'course.begun', {}, ['session']);
    await tx.through('activities', () => takePlace(tx, session, volunteer));
    await tx.through('volunteers', () => showNames(tx, [volunteer.id], [session.organizationId]));
    const times = { start: session.startsAt.toISOString(), end: session.endsAt.toISOString() };
    recordChange(tx, 'course.enroll', {
      ...changeOf(course), audience: volunteer.organizationId === null ? [] : [volunteer.organizationId], people: peopleOf([volunteer]), data: { course: course.title, ...times },
    }, { volunteer: [null, volunteer.id], session: [null, session.id] });
    return { id: session.id };
  });
  return { session: (await tx.find(CourseSession, session.id))! };
}

/** Counts a place first, so that the row of the date is held and nobody comes in between. Through the door of activities. */
async function takePlace(tx: Transaction, { id, courseId, organizationId }: CourseSession, volunteer: Volunteer): Promise<void> {
  const [counted] = await tx.query<object>(
    'UPDATE course_sessions SET enrolled = enrolled + 1 WHERE network_id = app.network_id() AND id = $1 AND enrolled < capacity RETURNING id',
    [id],
  );
  const [there] = await tx.query<object>('SELECT session_id FROM course_enrolments WHERE network_id = app.network_id() AND session_id = $1 AND volunteer_id = $2', [id, volunteer.id]);
  if (there) throw new Refusal('DUPLICATE', 'course.enrolled', {}, ['volunteer']);
  if (!counted) throw new Refusal('CAPACITY_EXCEEDED', 'course.full', {}, ['session']);
  await tx.query(
    `INSERT INTO course_enrolments (network_id, session_id, volunteer_id, course_id, organization_id, user_id, enrolled_at)
     VALUES (app.network_id(), $1, $2, $3, $4, $5, $6)`,
    [id, volunteer.id, courseId, organizationId, volunteer.userId, tx.actor.now],
  );
}

/** Puts on record who has completed a course. Staff and administrators of its organization, and the committee. */
export async function recordTraining(tx: Transaction, input: Input<'recordTraining'>): Promise<{ course: Course; completions: TrainingCompletion[] }> {
  const { userId, now } = tx.actor;
  const course = await heldCourse(tx, input.course);
  const path = (index: number) => ['completed', String(index), 'volunteer'];
  const volunteers = await volunteersIn(tx, input.completed.map(({ volunteer }) => volunteer), path);
  const at = input.completedAt ?? now;
  if (at > now) throw new Refusal('INVALID', 'course.future', {}, ['completedAt']);
  const { completedAt } = await once(tx, 'recordTraining', input, async () => {
    const [known] = await tx.query<{ volunteerId: string }>(
      `SELECT volunteer_id AS "volunteerId" FROM training_completions
       WHERE network_id = app.network_id() AND course_id = $1 AND completed_at = $2 AND volunteer_id = ANY($3::uuid[])`,
      [course.id, at, volunteers.map(({ id }) => id)],
    );
    if (known) throw new Refusal('DUPLICATE', 'course.recorded', {}, path(volunteers.findIndex(({ id }) => id === known.volunteerId)));
    const rows = volunteers.map((volunteer, index) => ({
      volunteerId: volunteer.id, userId: volunteer.userId, volunteerOrganizationId: volunteer.organizationId, score: input.completed[index]!.score ?? null,
    }));
    await tx.query(
      `INSERT INTO training_completions (network_id, volunteer_id, course_id, organization_id, user_id, volunteer_organization_id, completed_at, expires_at, score, recorded_by, recorded_at)
       SELECT app.network_id(), r."volunteerId", $1, $2, r."userId", r."volunteerOrganizationId", $3::timestamptz, $3::timestamptz + c.valid_for, r.score, $4, $5
       FROM jsonb_to_recordset($6::jsonb) AS r("volunteerId" uuid, "userId" uuid, "volunteerOrganizationId" uuid, score double precision)
         JOIN courses c ON c.network_id = app.network_id() AND c.id = $1`,
      [course.id, course.organizationId, at, userId, now, JSON.stringify(rows)],
    );
    recordChange(tx, 'course.complete', { ...changeOf(course), people: peopleOf(volunteers) }, { volunteers: [null, volunteers.map(({ id }) => id)] });
    return { completedAt: at.toISOString() };
  });
  const completions = await tx.query<TrainingCompletion>(
    `SELECT ${selectList(TrainingCompletion, 't')} FROM training_completions t
     WHERE t.network_id = app.network_id() AND t.course_id = $1 AND t.completed_at = $2 AND t.volunteer_id = ANY($3::uuid[])`,
    [course.id, completedAt, volunteers.map(({ id }) => id)],
  );
  const found = new Map(completions.map((row) => [row.volunteerId, row]));
  return { course, completions: volunteers.flatMap(({ id }) => found.get(id) ?? []) };
}
