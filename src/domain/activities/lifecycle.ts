import type { Capability } from '../../access/matrix';
import { viewerCan, type Standing } from '../../access/viewer-can';
import { enumOf } from '../../platform/graphql/enum';
import { Refusal } from '../../platform/graphql/refusal';
import type { Lifecycle } from '../../platform/lifecycle';
import type { Activity, ActivityStatus, ParticipationStatus } from './model';

export const ActivityAction = enumOf('ActivityAction', 'What can be done to an activity.', {
  EDIT: 'updateActivity, addShift, updateShift.',
  INVITE: 'inviteOrganization.',
  ANSWER_INVITATION: 'answerInvitation.',
  PLEDGE: 'pledge.',
  OPEN_REGISTRATION: 'openRegistration.',
  REGISTER: 'registerForShift.',
  START: 'startActivity.',
  CHECK_IN: 'issueCheckInCode, checkIn and checkOut for others.',
  COMPLETE: 'completeActivity.',
  REPORT: 'submitActivityReport.',
  CANCEL: 'cancelActivity.',
});
export type ActivityAction = keyof typeof ActivityAction;

/** DRAFT → INVITING → OPEN → IN_PROGRESS → COMPLETED → CLOSED; any before COMPLETED → CANCELLED. */
export const activityLifecycle: Lifecycle<ActivityStatus, ActivityAction, Capability> = {
  subject: 'activity',
  actions: {
    EDIT: { from: ['DRAFT', 'INVITING', 'OPEN', 'IN_PROGRESS'], to: null, capability: 'activity.host' },
    // From DRAFT to INVITING; stays else.
    INVITE: { from: ['DRAFT', 'INVITING', 'OPEN', 'IN_PROGRESS'], to: null, capability: 'activity.host' },
    ANSWER_INVITATION: { from: ['INVITING', 'OPEN', 'IN_PROGRESS'], to: null, capability: 'activity.takePart' },
    PLEDGE: { from: ['DRAFT', 'INVITING', 'OPEN', 'IN_PROGRESS'], to: null, capability: 'activity.takePart' },
    OPEN_REGISTRATION: { from: ['DRAFT', 'INVITING'], to: 'OPEN', capability: 'activity.host' },
    REGISTER: { from: ['OPEN', 'IN_PROGRESS'], to: null, capability: 'activity.register' },
    START: { from: ['OPEN'], to: 'IN_PROGRESS', capability: 'activity.host' },
    CHECK_IN: { from: ['OPEN', 'IN_PROGRESS', 'COMPLETED'], to: null, capability: 'activity.host' },
    COMPLETE: { from: ['IN_PROGRESS'], to: 'COMPLETED', capability: 'activity.host' },
    REPORT: { from: ['COMPLETED'], to: 'CLOSED', capability: 'activity.host' },
    CANCEL: { from: ['DRAFT', 'INVITING', 'OPEN', 'IN_PROGRESS'], to: 'CANCELLED', capability: 'activity.host' },
  },
  byCalendar: [{ from: 'OPEN', to: 'IN_PROGRESS', when: 'its start comes' }],
};

export type ParticipationAction = 'INVITE' | 'ACCEPT' | 'DECLINE' | 'WITHDRAW';

/** INVITED → ACCEPTED or DECLINED; ACCEPTED → WITHDRAWN; who has declined or withdrawn may be invited again. */
export const participationLifecycle: Lifecycle<ParticipationStatus, ParticipationAction, Capability> = {
  subject: 'participation',
  actions: {
    INVITE: { from: ['DECLINED', 'WITHDRAWN'], to: 'INVITED', capability: 'activity.host' },
    ACCEPT: { from: ['INVITED'], to: 'ACCEPTED', capability: 'activity.takePart' },
    DECLINE: { from: ['INVITED'], to: 'DECLINED', capability: 'activity.takePart' },
    WITHDRAW: { from: ['ACCEPTED'], to: 'WITHDRAWN', capability: 'activity.takePart' },
  },
  byCalendar: [],
};

/** How long before its start an activity may be started. */
export const START_MINUTES = 120;
const MINUTE_MS = 60_000;

/** What the answer to "may this be done to it now" depends on besides role and status. */
export interface ActivitySituation {
  activity: Pick<Activity, 'startsAt' | 'endsAt' | 'hostId'>;
  /** What the actor's organization has answered; null when it was not invited. */
  own: ParticipationStatus | null;
  now: Date;
}

type Obstacle = (situation: ActivitySituation, actor: Standing) => Refusal | null;

const over: Obstacle = ({ activity, now }) => (activity.endsAt <= now ? new Refusal('TOO_LATE', 'range.past') : null);

const beforeStarting: Obstacle = ({ activity, now }) =>
  activity.startsAt.getTime() - now.getTime() > START_MINUTES * MINUTE_MS ? new Refusal('TOO_EARLY', 'activity.start.early', { minutes: START_MINUTES }) : null;

const host: Obstacle = ({ activity }, actor) => (activity.hostId === actor.organizationId ? new Refusal('CONFLICT', 'activity.answer.host') : null);

const notInvited: Obstacle = ({ own }) => (own === 'INVITED' || own === 'ACCEPTED' ? null : new Refusal('CONFLICT', 'activity.answer.not'));

const notTakingPart: Obstacle = ({ own }) => (own === 'ACCEPTED' ? null : new Refusal('CONFLICT', 'activity.pledge.accept'));

const obstacles: Partial<Record<ActivityAction, readonly Obstacle[]>> = {
  ANSWER_INVITATION: [host, notInvited],
  PLEDGE: [notTakingPart],
  OPEN_REGISTRATION: [over],
  START: [beforeStarting],
};

/** What stands in the way of an action that role and status allow; null when nothing does. */
export function obstacleTo(action: ActivityAction, situation: ActivitySituation, actor: Standing): Refusal | null {
  for (const obstacle of obstacles[action] ?? []) {
    const refusal = obstacle(situation, actor);
    if (refusal) return refusal;
  }
  return null;
}

/** Who holds it and who takes part, or is asked to, for the matrix. */
export const concernOf = ({ hostId, participantIds }: Pick<Activity, 'hostId' | 'participantIds'>) => ({ owner: hostId, parties: [hostId, ...participantIds] });

/** What role and status allow the actor; a situation may still stand against some of it. */
export const allowedActions = (actor: Standing, activity: Activity): ActivityAction[] => viewerCan(activityLifecycle, actor, activity.status, concernOf(activity));

/** Whether the own organization's answer has to be known to tell what of these can be done. */
export const dependsOnAnswer = (actions: readonly ActivityAction[]): boolean => actions.includes('ANSWER_INVITATION') || actions.includes('PLEDGE');
