import type { Transaction } from '../../platform/database/session';
import { toGlobalId } from '../../platform/ids';
import { Refusal } from '../../platform/graphql/refusal';
import type { Change } from '../network/history';
import { Activity, ActivityParticipation, type ParticipationRole, type ParticipationStatus } from './model';
import { selectList } from '../../platform/database/columns';

/** What an activity is called where people are told of it. */
export const named = ({ title, startsAt, endsAt }: Pick<Activity, 'title' | 'startsAt' | 'endsAt'>) => ({
  activity: title, start: startsAt.toISOString(), end: endsAt.toISOString(),
});

/** What of an activity's change is the same whatever was done: it concerns the host and whoever takes part, or is asked to. */
export const changeOf = (activity: Activity): Pick<Change, 'subjectType' | 'subjectId' | 'audience' | 'refs' | 'data'> => ({
  subjectType: 'Activity', subjectId: activity.id, audience: [activity.hostId, ...activity.participantIds], refs: { activity: activity.id, host: activity.hostId }, data: named(activity),
});

/**
 * An activity by its uuid, locked for the rest of the transaction.
 * @throws Refusal NOT_FOUND when it may not be read, NOT_ALLOWED when it may not be written
 */
export const activityForChange = (tx: Transaction, activityId: string, path: readonly string[] = ['activity']): Promise<Activity> =>
  tx.lock(Activity, 'Activity', toGlobalId('Activity', activityId), path);

/** An activity that the actor may read, not locked. @throws Refusal NOT_FOUND */
export async function readableActivity(tx: Transaction, globalId: string, path: readonly string[] = ['activity']): Promise<Activity> {
  const activity = await tx.find(Activity, tx.idOf('Activity', globalId, path));
  if (!activity) throw new Refusal('NOT_FOUND', 'notFound', {}, path);
  return activity;
}

/** Who reads an activity: the audience of what belongs to it. */
export async function audienceOf(tx: Transaction, activityId: string): Promise<string[]> {
  const [row] = await tx.query<{ readers: string[] }>('SELECT readers FROM activities WHERE network_id = app.network_id() AND id = $1', [activityId]);
  return row?.readers ?? [];
}

/** Who reads that an organization takes part: whoever reads the activity; what it has not accepted, the two of them and the committee. */
const AUDIENCE = (status: string) => `CASE WHEN ${status} = 'ACCEPTED' THEN a.readers
  ELSE ARRAY[a.host_id, app.principal('committee', a.network_id), app.door('activities')] END`;

/** Writes an organization's part in an activity down. */
export async function insertParticipation(tx: Transaction, activityId: string, organizationId: string, role: ParticipationRole, status: ParticipationStatus): Promise<void> {
  await tx.query(
    `INSERT INTO activity_participations (network_id, activity_id, organization_id, host_id, role, status, audience)
     SELECT a.network_id, a.id, $2, a.host_id, $3, $4, ${AUDIENCE('$4')} FROM activities a WHERE a.network_id = app.network_id() AND a.id = $1`,
    [activityId, organizationId, role, status],
  );
}

/** The parts of organizations in an activity that the actor may read, the host first. */
export const participationsIn = (tx: Transaction, activityId: string): Promise<ActivityParticipation[]> =>
  tx.query<ActivityParticipation>(
    `SELECT ${selectList(ActivityParticipation, 't')} FROM activity_participations t WHERE t.network_id = app.network_id() AND t.activity_id = $1`,
    [activityId],
  );

/** Says who reads what belongs to an activity, after its own readers have changed. Through the door of activities. */
export async function refreshAudience(tx: Transaction, activityId: string): Promise<void> {
  const follow = (table: string, audience = 'a.readers') =>
    `UPDATE ${table} t SET audience = ${audience} FROM a
     WHERE t.network_id = a.network_id AND t.activity_id = a.id AND t.audience IS DISTINCT FROM ${audience} RETURNING 1`;
  await tx.query(
    `WITH a AS (SELECT network_id, id, host_id, readers FROM activities WHERE network_id = app.network_id() AND id = $1),
       participations AS (${follow('activity_participations', AUDIENCE('t.status'))}), pledges AS (${follow('activity_pledges')}),
       reports AS (${follow('activity_reports')}), duties AS (${follow('shifts')}), places AS (${follow('shift_reservations')})
     SELECT 1`,
    [activityId],
  );
}

/** The people who are registered for an activity and whom a change of it concerns. */
export async function registeredFor(tx: Transaction, activityId: string): Promise<string[]> {
  const rows = await tx.query<{ userId: string }>(
    `SELECT DISTINCT user_id AS "userId" FROM registrations
     WHERE network_id = app.network_id() AND activity_id = $1 AND status IN ('WAITLISTED','CONFIRMED','CHECKED_IN') AND user_id IS NOT NULL`,
    [activityId],
  );
  return rows.map(({ userId }) => userId);
}
