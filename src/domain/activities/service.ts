import { may } from '../../access/matrix';
import { permit } from '../../access/viewer-can';
import { once } from '../../platform/database/idempotency';
import type { Transaction } from '../../platform/database/session';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import { newId } from '../../platform/ids';
import { cancelBookingsOf } from '../bookings/service';
import { attachFiles } from '../files/service';
import { cancelRegistrationsOf } from '../shifts/service';
import { recordChange, recordMove, type Move } from '../network/history';
import { Organization, Position } from '../network/model';
import { difference, requireVersion } from '../network/service';
import { settle } from './calendar';
import type * as inputs from './inputs';
import { activityLifecycle, concernOf, obstacleTo, type ActivityAction } from './lifecycle';
import { Activity, type ActivityReport } from './model';
import { audienceOf, changeOf, insertParticipation, refreshAudience, registeredFor } from './rows';

export { recordDueActivities } from './calendar';
export { answerInvitation, inviteOrganization, pledge } from './participation';
export { activityForChange, audienceOf } from './rows';

type Input<Name extends keyof typeof inputs> = InputOf<typeof inputs, Name>;
type Changed = Promise<{ activity: Activity }>;
/** What the audit log calls a verb. */
type Verb = Parameters<typeof recordMove>[1];

const fresh = async (tx: Transaction, id: string): Changed => ({ activity: (await tx.find(Activity, id))! });

/** The uuid of a position that the actor may read. @throws Refusal NOT_FOUND */
async function positionIn(tx: Transaction, globalId: string | null | undefined): Promise<string | null> {
  if (globalId == null) return null;
  const position = await tx.find(Position, tx.idOf('Position', globalId, ['position']));
  if (!position) throw new Refusal('NOT_FOUND', 'notFound', {}, ['position']);
  return position.id;
}

function refusePast(tx: Transaction, { end }: { end: Date }): void {
  if (end <= tx.actor.now) throw new Refusal('INVALID', 'range.past', {}, ['range', 'end']);
}

/** Makes an activity that its host prepares. Staff and administrators for their own organization, the committee for any. */
export async function createActivity(tx: Transaction, input: Input<'createActivity'>): Changed {
  const { networkId, organizationId, userId, now } = tx.actor;
  const hostId = input.host == null ? organizationId! : tx.idOf('Organization', input.host, ['host']);
  const host = await tx.find(Organization, hostId);
  if (!host) throw new Refusal('NOT_FOUND', 'notFound', {}, ['host']);
  if (!may(tx.actor, 'activity.host', { owner: hostId })) throw new Refusal('NOT_ALLOWED', 'notAllowed', {}, input.host == null ? [] : ['host']);
  if (host.status !== 'ACTIVE') throw new Refusal('CONFLICT', 'activity.organization.inactive', {}, ['host']);
  const { id } = await once(tx, 'createActivity', input, async () => {
    refusePast(tx, input.range);
    const created = newId(now);
    const { title, category, description, visibility, range, address } = input;
    const described = { title, category, description: description ?? '', visibility, startsAt: range.start, endsAt: range.end, positionId: await positionIn(tx, input.position), address };
    const row = {
      networkId, id: created, hostId, participantIds: [], coHostIds: [], status: 'DRAFT' as const, openedAt: null, projectId: null, campaignId: null,
      createdBy: userId!, createdAt: now, version: 1, ...described,
    };
    await tx.manager.insert(Activity, row);
    await insertParticipation(tx, created, hostId, 'HOST', 'ACCEPTED');
    await recordMove(tx, 'activity.create', { ...changeOf({ ...row, recordedStatus: 'DRAFT' }), from: null, to: 'DRAFT' }, difference<Partial<Activity>>({}, described));
    return { id: created };
  });
  return fresh(tx, id);
}

/** An activity about to be changed: locked, of the version read, and the action permitted by role, status and time. */
async function changing(tx: Transaction, action: ActivityAction, input: { id: string; version: number }): Promise<{ activity: Activity; to: Activity['status'] }> {
  const activity = await tx.lock(Activity, 'Activity', input.id);
  const to = permit(activityLifecycle, action, tx.actor, activity.status, concernOf(activity));
  requireVersion(activity, input.version, 'activity');
  const obstacle = obstacleTo(action, { activity, own: null, now: tx.actor.now }, tx.actor);
  if (obstacle) throw obstacle;
  return { activity, to };
}

/** Writes what changes of a row, of which the clock's moves are written down first. */
async function change(tx: Transaction, activity: Activity, after: Partial<Activity>): Promise<void> {
  await settle(tx, activity);
  const { networkId, id, version } = activity;
  await tx.manager.update(Activity, { networkId, id }, { ...after, version: version + 1 });
}

/** Moves an activity along its lifecycle. */
async function move(tx: Transaction, activity: Activity, verb: Verb, to: Activity['status'], more: Partial<Activity> = {}, step: Pick<Move, 'note' | 'people'> = {}): Changed {
  await change(tx, activity, { ...more, status: to });
  await recordMove(tx, verb, { ...changeOf(activity), from: activity.status, to, ...step });
  return fresh(tx, activity.id);
}

/** @throws Refusal when a time lies in the past, moves what has begun, or leaves shifts outside */
async function refuseTime(tx: Transaction, { id, status, startsAt }: Activity, range: { start: Date; end: Date }): Promise<void> {
  refusePast(tx, range);
  if (status === 'IN_PROGRESS' && range.start.getTime() !== startsAt.getTime()) throw new Refusal('TOO_LATE', 'activity.started', {}, ['range', 'start']);
  const [outside] = await tx.query<{ count: number }>(
    'SELECT count(*)::integer AS count FROM shifts WHERE network_id = app.network_id() AND activity_id = $1 AND (starts_at < $2 OR ends_at > $3)',
    [id, range.start, range.end],
  );
  if (outside!.count > 0) throw new Refusal('CONFLICT', 'activity.shifts.outside', { count: outside!.count }, ['range']);
}

/** Edits an activity that is not over. The host's staff and administrators, and the committee; whoever is registered is told. */
export async function updateActivity(tx: Transaction, input: Input<'updateActivity'>): Changed {
  const { activity } = await changing(tx, 'EDIT', input);
  const { title, category, visibility, range, description, address } = input;
  if (range) await refuseTime(tx, activity, range);
  const after: Partial<Activity> = {
    ...(title != null && { title }),
    ...(category != null && { category }),
    ...(visibility != null && { visibility }),
    ...(range && { startsAt: range.start, endsAt: range.end }),
    ...(description !== undefined && { description: description ?? '' }),
    ...(address !== undefined && { address }),
    ...(input.position !== undefined && { positionId: await positionIn(tx, input.position) }),
  };
  await change(tx, activity, after);
  const people = await registeredFor(tx, activity.id);
  recordChange(tx, 'activity.update', { ...changeOf({ ...activity, ...after }), people }, difference(activity, after));
  if (visibility != null && visibility !== activity.visibility) await tx.through('activities', () => refreshAudience(tx, activity.id));
  return fresh(tx, activity.id);
}

/** Makes an activity part of a project, or of none. What the project says to it, its own verb has asked. */
export async function placeInProject(tx: Transaction, activity: Activity, projectId: string | null): Promise<void> {
  await change(tx, activity, { projectId });
  recordChange(tx, 'activity.project', { ...changeOf(activity), notice: projectId === null ? null : undefined }, { project: [activity.projectId, projectId] });
}

/** Opens an activity to those whom it is for. The host's staff and administrators, and the committee. */
export async function openRegistration(tx: Transaction, input: Input<'step'>): Changed {
  const { activity, to } = await changing(tx, 'OPEN_REGISTRATION', input);
  const opened = await move(tx, activity, 'activity.open', to, { openedAt: tx.actor.now });
  await tx.through('activities', () => refreshAudience(tx, activity.id));
  return opened;
}

/** Begins an activity before its start; by itself it begins then. The host's staff and administrators, and the committee. */
export async function startActivity(tx: Transaction, input: Input<'step'>): Changed {
  const { activity, to } = await changing(tx, 'START', input);
  return move(tx, activity, 'activity.start', to);
}

/** Ends an activity. The host's staff and administrators, and the committee. */
export async function completeActivity(tx: Transaction, input: Input<'step'>): Changed {
  const { activity, to } = await changing(tx, 'COMPLETE', input);
  return move(tx, activity, 'activity.complete', to);
}

/** Reports what came of an activity, which closes it. The host's staff and administrators, and the committee. */
export async function submitActivityReport(tx: Transaction, input: Input<'submitActivityReport'>): Changed {
  const { activity, to } = await changing(tx, 'REPORT', input);
  const { userId, userName, organizationId, now } = tx.actor;
  const { summary, beneficiaries, photos } = input;
  const audience = await audienceOf(tx, activity.id);
  const belonging = { purpose: 'ACTIVITY_PHOTO', subjectType: 'Activity', subjectId: activity.id, audience } as const;
  const photoIds = await attachFiles(tx, photos, belonging, (index) => ['photos', String(index)]);
  const report: Omit<ActivityReport, 'networkId'> = {
    activityId: activity.id, hostId: activity.hostId, summary, beneficiaries, photoIds, submittedAt: now, submittedBy: userId!, submittedByName: userName ?? '', submittedByOrganizationId: organizationId,
  };
  await tx.query(
    `INSERT INTO activity_reports (network_id, activity_id, host_id, summary, beneficiaries, photo_ids, submitted_at, submitted_by, submitted_by_name,
       submitted_by_organization_id, audience)
     VALUES (app.network_id(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [...Object.values(report), audience],
  );
  return move(tx, activity, 'activity.report', to);
}

/** Calls an activity off: what was booked for it is free, and everybody concerned is told. The host's staff and administrators, and the committee. */
export async function cancelActivity(tx: Transaction, input: Input<'cancelActivity'>): Changed {
  const { activity, to } = await changing(tx, 'CANCEL', input);
  const { note } = input;
  const people = await registeredFor(tx, activity.id);
  const cancelled = await move(tx, activity, 'activity.cancel', to, {}, { note, people });
  await cancelBookingsOf(tx, activity.id, note);
  await cancelRegistrationsOf(tx, activity.id, note);
  return cancelled;
}
