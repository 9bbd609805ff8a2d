import type { Capability } from '../../access/matrix';
import { viewerCan, type Standing } from '../../access/viewer-can';
import { enumOf } from '../../platform/graphql/enum';
import { Refusal } from '../../platform/graphql/refusal';
import type { Lifecycle } from '../../platform/lifecycle';
import type { Redemption, RedemptionStatus, Reward, RewardStatus } from './model';

export const RewardAction = enumOf('RewardAction', 'What can be done to a reward.', {
  EDIT: 'updateReward.',
  OFFER: 'updateReward with the status OFFERED, of a draft.',
  PAUSE: 'updateReward with the status PAUSED.',
  RESUME: 'updateReward with the status OFFERED, of one that is paused.',
  END: 'updateReward with the status ENDED.',
  REDEEM: 'redeem.',
});
export type RewardAction = keyof typeof RewardAction;

/** DRAFT → OFFERED ⇄ PAUSED → ENDED. */
export const rewardLifecycle: Lifecycle<RewardStatus, RewardAction, Capability> = {
  subject: 'reward',
  actions: {
    EDIT: { from: ['DRAFT', 'OFFERED', 'PAUSED'], to: null, capability: 'reward.manage' },
    OFFER: { from: ['DRAFT'], to: 'OFFERED', capability: 'reward.manage' },
    PAUSE: { from: ['OFFERED'], to: 'PAUSED', capability: 'reward.manage' },
    RESUME: { from: ['PAUSED'], to: 'OFFERED', capability: 'reward.manage' },
    END: { from: ['DRAFT', 'OFFERED', 'PAUSED'], to: 'ENDED', capability: 'reward.manage' },
    REDEEM: { from: ['OFFERED'], to: null, capability: 'reward.redeem' },
  },
  byCalendar: [{ from: 'OFFERED', to: 'ENDED', when: 'the last day of its validity has passed; the same of PAUSED' }],
};

/** Which action leads a reward to a status. */
export const actionTo = (status: RewardStatus, from: RewardStatus): RewardAction =>
  status === 'PAUSED' ? 'PAUSE' : status === 'ENDED' ? 'END' : from === 'PAUSED' ? 'RESUME' : 'OFFER';

export const rewardActions = (actor: Standing, { status, organizationId }: Reward): RewardAction[] =>
  viewerCan(rewardLifecycle, actor, status, { owner: organizationId });

export const RedemptionAction = enumOf('RedemptionAction', 'What can be done to a redemption.', {
  FULFIL: 'fulfilRedemption.',
  CANCEL: 'cancelRedemption.',
});
export type RedemptionAction = keyof typeof RedemptionAction;

/** RESERVED → FULFILLED, CANCELLED or LAPSED. */
export const redemptionLifecycle: Lifecycle<RedemptionStatus, RedemptionAction, Capability> = {
  subject: 'redemption',
  actions: {
    FULFIL: { from: ['RESERVED'], to: 'FULFILLED', capability: 'redemption.fulfil' },
    CANCEL: { from: ['RESERVED'], to: 'CANCELLED', capability: 'redemption.cancel' },
  },
  byCalendar: [{ from: 'RESERVED', to: 'LAPSED', when: 'it was not fetched as long as it was kept' }],
};

/** @throws Refusal NOT_ALLOWED when a volunteer means another's redemption */
export function refuseForeign(actor: Standing, { userId }: Redemption): void {
  if (actor.role === 'VOLUNTEER' && actor.userId !== userId) throw new Refusal('NOT_ALLOWED', 'notAllowed');
}

/** What the actor may do to a redemption; its row is read by nobody else but who reserved it. */
export const redemptionActions = (actor: Standing, { status, organizationId }: Redemption): RedemptionAction[] =>
  viewerCan(redemptionLifecycle, actor, status, { owner: organizationId });
