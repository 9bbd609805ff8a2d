import type { Capability } from '../../access/matrix';
import { viewerCan, type Standing } from '../../access/viewer-can';
import { enumOf } from '../../platform/graphql/enum';
import { Refusal } from '../../platform/graphql/refusal';
import type { Lifecycle } from '../../platform/lifecycle';
import type { Need, NeedStatus } from './model';

export const NeedAction = enumOf('NeedAction', 'What can be done to a need.', {
  EDIT: 'updateNeed.',
  SUPPORT: 'supportNeed.',
  ACCEPT: 'acceptNeed.',
  ASSIGN: 'assignNeed.',
  MERGE: 'mergeNeeds with it as a duplicate.',
  DECLINE: 'declineNeed.',
  PLAN: 'planNeed; proposeProject from it.',
  RESOLVE: 'resolveNeed.',
  REOPEN: 'reopenNeed.',
});
export type NeedAction = keyof typeof NeedAction;

/** SUBMITTED → ACCEPTED → PLANNED → RESOLVED ⇄ REOPENED; SUBMITTED → DECLINED, DUPLICATE. */
export const needLifecycle: Lifecycle<NeedStatus, NeedAction, Capability> = {
  subject: 'need',
  actions: {
    EDIT: { from: ['SUBMITTED', 'ACCEPTED', 'PLANNED', 'REOPENED'], to: null, capability: 'need.raise' },
    SUPPORT: { from: ['SUBMITTED', 'ACCEPTED', 'PLANNED', 'REOPENED'], to: null, capability: 'need.raise' },
    ACCEPT: { from: ['SUBMITTED'], to: 'ACCEPTED', capability: 'need.triage' },
    ASSIGN: { from: ['ACCEPTED', 'PLANNED', 'REOPENED'], to: null, capability: 'need.takeOn' },
    MERGE: { from: ['SUBMITTED'], to: 'DUPLICATE', capability: 'need.triage' },
    DECLINE: { from: ['SUBMITTED'], to: 'DECLINED', capability: 'need.triage' },
    PLAN: { from: ['ACCEPTED'], to: 'PLANNED', capability: 'need.triage' },
    RESOLVE: { from: ['PLANNED', 'REOPENED'], to: 'RESOLVED', capability: 'need.takeOn' },
    REOPEN: { from: ['RESOLVED'], to: 'REOPENED', capability: 'need.raise' },
  },
  byCalendar: [{ from: 'PLANNED', to: 'ACCEPTED', when: 'the project that it was planned into is stopped' }],
};

/** Needs that may still come to something, and so may take in a duplicate. */
export const isOpen = (status: NeedStatus): boolean => needLifecycle.actions.SUPPORT.from.includes(status);

type Obstacle = (need: Need, actor: Standing) => Refusal | null;

const ownNeed: Obstacle = ({ raisedBy }, { userId }) => (raisedBy === userId ? new Refusal('NOT_ALLOWED', 'need.support.own') : null);
const notRaiser: Obstacle = ({ raisedBy }, { userId }) => (raisedBy === userId ? null : new Refusal('NOT_ALLOWED', 'need.raiser'));

/** As long as nobody has looked at it, who raised it edits it; the committee does at any time. */
const notEditor: Obstacle = (need, actor) => {
  if (actor.role === 'COMMITTEE') return null;
  return notRaiser(need, actor) ?? (need.status === 'SUBMITTED' ? null : new Refusal('NOT_ALLOWED', 'need.edit.accepted'));
};

/** Who is not of the committee takes on, and gives back, for the own organization. */
const takenOn: Obstacle = ({ assigneeId }, { role, organizationId }) =>
  role === 'COMMITTEE' || assigneeId === null || assigneeId === organizationId ? null : new Refusal('NOT_ALLOWED', 'need.assigned');

const obstacles: Partial<Record<NeedAction, readonly Obstacle[]>> = {
  EDIT: [notEditor],
  SUPPORT: [ownNeed],
  ASSIGN: [takenOn],
  REOPEN: [notRaiser],
};

/** What stands in the way of an action that role and status allow; null when nothing does. */
export function obstacleTo(action: NeedAction, need: Need, actor: Standing): Refusal | null {
  for (const obstacle of obstacles[action] ?? []) {
    const refusal = obstacle(need, actor);
    if (refusal) return refusal;
  }
  return null;
}

/** Whose a need is for the matrix: the organization that has taken it on, or that would by an assignment. */
export const concernOf = (action: NeedAction, { assigneeId }: Need, { organizationId }: Pick<Standing, 'organizationId'>) => ({
  owner: action === 'ASSIGN' ? (assigneeId ?? organizationId) : assigneeId,
});

/** What the actor may do to a need now: by the very checks that guard the verbs. */
export function needActions(actor: Standing, need: Need): NeedAction[] {
  const allowed = (action: NeedAction) => viewerCan(needLifecycle, actor, need.status, concernOf(action, need, actor));
  const [usual, assigning] = [allowed('EDIT'), allowed('ASSIGN')];
  return (Object.keys(needLifecycle.actions) as NeedAction[]).filter(
    (action) => (action === 'ASSIGN' ? assigning : usual).includes(action) && obstacleTo(action, need, actor) === null,
  );
}
