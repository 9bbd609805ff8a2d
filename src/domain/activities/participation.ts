import { permit } from '../../access/viewer-can';
import { once } from '../../platform/database/idempotency';
import type { Transaction } from '../../platform/database/session';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import { nextState } from '../../platform/lifecycle';
import { actingBooker, bookForActivity, cancelBookingsOf } from '../bookings/service';
import { openHistory, recordChange, recordMove } from '../network/history';
import { Organization } from '../network/model';
import { settle } from './calendar';
import type * as inputs from './inputs';
import { activityLifecycle, concernOf, obstacleTo, participationLifecycle, type ActivityAction, type ParticipationAction } from './lifecycle';
import { Activity, type ActivityParticipation } from './model';
import { activityForChange, audienceOf, changeOf, insertParticipation, participationsIn, readableActivity, refreshAudience } from './rows';

type Input<Name extends keyof typeof inputs> = InputOf<typeof inputs, Name>;

/** Asks an organization to take part in an activity. The host's staff and administrators, and the committee. */
export async function inviteOrganization(tx: Transaction, input: Input<'inviteOrganization'>): Promise<{ activity: Activity }> {
  const activity = await tx.lock(Activity, 'Activity', input.activity, ['activity']);
  permit(activityLifecycle, 'INVITE', tx.actor, activity.status, concernOf(activity));
  const organization = await invitable(tx, activity, input.organization);
  const { role } = input;
  await settle(tx, activity);
  const participantIds = [...activity.participantIds, organization.id];
  const status = activity.status === 'DRAFT' ? 'INVITING' : activity.status;
  await tx.query('UPDATE activities SET participant_ids = $2, status = $3 WHERE network_id = app.network_id() AND id = $1', [activity.id, participantIds, status]);

  const before = (await participationsIn(tx, activity.id)).find(({ organizationId }) => organizationId === organization.id);
  if (before) {
    const to = nextState(participationLifecycle, 'INVITE', before.status);
    await tx.query(
      'UPDATE activity_participations SET status = $3, role = $4 WHERE network_id = app.network_id() AND activity_id = $1 AND organization_id = $2',
      [activity.id, organization.id, to, role],
    );
  } else await insertParticipation(tx, activity.id, organization.id, role, 'INVITED');

  await openHistory(tx, activity.id, [activity.hostId, ...participantIds]);
  const concerned = { ...changeOf({ ...activity, participantIds }), notice: 'activity.invite' };
  const changes = { organization: [null, organization.id], role: [before?.role ?? null, role] };
  if (status !== activity.status) await recordMove(tx, 'activity.invite', { ...concerned, from: activity.status, to: status }, changes);
  else recordChange(tx, 'activity.invite', { ...concerned, audience: [activity.hostId, organization.id] }, changes);
  await tx.through('activities', () => refreshAudience(tx, activity.id));
  return { activity: (await tx.find(Activity, activity.id))! };
}

/** An organization that may be asked. @throws Refusal NOT_FOUND, CONFLICT, DUPLICATE */
async function invitable(tx: Transaction, { hostId, participantIds }: Activity, globalId: string): Promise<Organization> {
  const path = ['organization'];
  const organization = await tx.find(Organization, tx.idOf('Organization', globalId, path));
  if (!organization) throw new Refusal('NOT_FOUND', 'notFound', {}, path);
  if (organization.id === hostId || participantIds.includes(organization.id)) throw new Refusal('DUPLICATE', 'activity.invite.already', {}, path);
  if (organization.status !== 'ACTIVE') throw new Refusal('CONFLICT', 'activity.organization.inactive', {}, path);
  return organization;
}

/** What the own organization does about an activity: the activity locked, its own part in it, and the action permitted. Through the door of activities. */
async function takingPart(tx: Transaction, action: ActivityAction, activityId: string): Promise<{ activity: Activity; own: ActivityParticipation | undefined }> {
  const activity = await activityForChange(tx, activityId);
  const own = (await participationsIn(tx, activityId)).find(({ organizationId }) => organizationId === tx.actor.organizationId);
  permit(activityLifecycle, action, tx.actor, activity.status, concernOf(activity));
  const obstacle = obstacleTo(action, { activity, own: own?.status ?? null, now: tx.actor.now }, tx.actor);
  if (obstacle) throw obstacle;
  return { activity, own };
}

const VERBS = { ACCEPT: 'activity.accept', DECLINE: 'activity.decline', WITHDRAW: 'activity.withdraw' } as const satisfies Partial<Record<ParticipationAction, string>>;

/** Answers an invitation for the own organization, or takes an acceptance back. Its staff and administrators. */
export async function answerInvitation(tx: Transaction, input: Input<'answerInvitation'>): Promise<{ activity: Activity | null }> {
  const { id } = await readableActivity(tx, input.activity);
  const action = await tx.through('activities', async () => {
    const { activity, own } = await takingPart(tx, 'ANSWER_INVITATION', id);
    const { organizationId, role, status } = own!;
    const answered = input.accept ? 'ACCEPT' : status === 'ACCEPTED' ? 'WITHDRAW' : 'DECLINE';
    const to = nextState(participationLifecycle, answered, status);
    await answer(tx, activity, own!, to);
    // Whoever declines or withdraws is told as before, though not part of it any more.
    recordChange(tx, VERBS[answered], { ...changeOf(activity), audience: [activity.hostId, organizationId] }, { organization: [organizationId, organizationId], role: [role, role], status: [status, to] });
    return answered;
  });
  if (action === 'WITHDRAW') await cancelBookingsOf(tx, id, null, tx.actor.organizationId);
  return { activity: await tx.find(Activity, id) };
}

/** Writes an answer down, with who reads the activity, and who its registrations, from now on. Through the door of activities. */
async function answer(tx: Transaction, { id, participantIds, coHostIds }: Activity, { organizationId, role }: ActivityParticipation, to: ActivityParticipation['status']): Promise<void> {
  await tx.query(
    `UPDATE activity_participations SET status = $3, pledged_volunteers = CASE WHEN $3 = 'ACCEPTED' THEN pledged_volunteers ELSE 0 END
     WHERE network_id = app.network_id() AND activity_id = $1 AND organization_id = $2`,
    [id, organizationId, to],
  );
  const accepted = to === 'ACCEPTED';
  const others = coHostIds.filter((other) => other !== organizationId);
  const coHosts = accepted && role === 'CO_HOST' ? [...others, organizationId] : others;
  const participants = accepted ? participantIds : participantIds.filter((other) => other !== organizationId);
  await tx.query('UPDATE activities SET participant_ids = $2, co_host_ids = $3 WHERE network_id = app.network_id() AND id = $1', [id, participants, coHosts]);
  await tx.query('UPDATE registrations SET co_host_ids = $2 WHERE network_id = app.network_id() AND activity_id = $1 AND co_host_ids <> $2', [id, coHosts]);
  await refreshAudience(tx, id);
}

/** Pledges volunteers and resources of the own organization; a resource is booked by its own rights. Its staff and administrators. */
export async function pledge(tx: Transaction, input: Input<'pledge'>): Promise<{ activity: Activity }> {
  const { id } = await readableActivity(tx, input.activity);
  const booker = actingBooker(tx, null);
  await once(tx, 'pledge', input, async () => {
    const { activity, own } = await tx.through('activities', () => takingPart(tx, 'PLEDGE', id));
    const { volunteers } = input;
    if (volunteers != null) {
      await tx.query(
        'UPDATE activity_participations SET pledged_volunteers = $3 WHERE network_id = app.network_id() AND activity_id = $1 AND organization_id = $2',
        [id, own!.organizationId, volunteers],
      );
    }
    const range = input.range ?? { start: activity.startsAt, end: activity.endsAt };
    const booked = input.resources.length ? await bookForActivity(tx, input.resources, range, { ...booker, purpose: activity.title, activityId: id }) : [];
    await writePledges(tx, id, booked);
    recordChange(tx, 'activity.pledge', { ...changeOf(activity), audience: [...new Set([activity.hostId, own!.organizationId])] }, {
      ...(volunteers != null && { volunteers: [own!.pledgedVolunteers, volunteers] }),
      ...(booked.length > 0 && { resources: [null, booked.map(({ resourceId }) => resourceId)] }),
    });
    return { id };
  });
  return { activity: (await tx.find(Activity, id))! };
}

async function writePledges(tx: Transaction, activityId: string, booked: readonly { id: string; resourceId: string }[]): Promise<void> {
  if (booked.length === 0) return;
  await tx.query(
    `INSERT INTO activity_pledges (network_id, activity_id, booking_id, resource_id, organization_id, audience)
     SELECT app.network_id(), $1, b.id, b.resource_id, $4, $5 FROM unnest($2::uuid[], $3::uuid[]) AS b(id, resource_id)`,
    [activityId, booked.map(({ id }) => id), booked.map(({ resourceId }) => resourceId), tx.actor.organizationId, await audienceOf(tx, activityId)],
  );
}
