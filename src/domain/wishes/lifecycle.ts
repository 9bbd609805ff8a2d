import type { Capability } from '../../access/matrix';
import { viewerCan, type Standing } from '../../access/viewer-can';
import { enumOf } from '../../platform/graphql/enum';
import { Refusal } from '../../platform/graphql/refusal';
import type { Lifecycle } from '../../platform/lifecycle';
import type { Wish, WishStatus } from './model';

export const WishAction = enumOf('WishAction', 'What can be done to a micro-wish.', {
  PUBLISH: 'publishWish.',
  DECLINE: 'declineWish.',
  CLAIM: 'claimWish.',
  RELEASE: 'releaseWish.',
  FULFIL: 'fulfilWish.',
  CONFIRM: 'confirmWish.',
  WITHDRAW: 'withdrawWish.',
});
export type WishAction = keyof typeof WishAction;

/** SUBMITTED → PUBLISHED ⇄ CLAIMED → FULFILLED → CONFIRMED; SUBMITTED → DECLINED, PUBLISHED → WITHDRAWN. */
export const wishLifecycle: Lifecycle<WishStatus, WishAction, Capability> = {
  subject: 'wish',
  actions: {
    PUBLISH: { from: ['SUBMITTED'], to: 'PUBLISHED', capability: 'wish.moderate' },
    DECLINE: { from: ['SUBMITTED'], to: 'DECLINED', capability: 'wish.moderate' },
    CLAIM: { from: ['PUBLISHED'], to: 'CLAIMED', capability: 'wish.claim' },
    RELEASE: { from: ['CLAIMED'], to: 'PUBLISHED', capability: 'wish.release' },
    FULFIL: { from: ['CLAIMED'], to: 'FULFILLED', capability: 'wish.claim' },
    CONFIRM: { from: ['FULFILLED'], to: 'CONFIRMED', capability: 'wish.submit' },
    WITHDRAW: { from: ['PUBLISHED'], to: 'WITHDRAWN', capability: 'wish.submit' },
  },
  byCalendar: [],
};

type Obstacle = (wish: Wish, actor: Standing) => boolean;

const isOwn: Obstacle = ({ submittedBy }, { userId }) => submittedBy === userId;
const isForeign: Obstacle = (wish, actor) => !isOwn(wish, actor);
const isClaimedByAnother: Obstacle = ({ claimedBy }, { userId }) => claimedBy !== userId;

/** To whom an action is closed though role and status allow it. */
const obstacles: Partial<Record<WishAction, Obstacle>> = {
  CLAIM: isOwn,
  RELEASE: (wish, actor) => actor.role !== 'COMMITTEE' && isClaimedByAnother(wish, actor),
  FULFIL: isClaimedByAnother,
  CONFIRM: isForeign,
  WITHDRAW: isForeign,
};

/** @throws Refusal NOT_ALLOWED when the action is for somebody else */
export function refuseOthers(action: WishAction, wish: Wish, actor: Standing): void {
  if (obstacles[action]?.(wish, actor)) throw new Refusal('NOT_ALLOWED', action === 'CLAIM' ? 'wish.own' : 'notAllowed');
}

/** What the actor may do to a wish now. */
export const wishActions = (actor: Standing, wish: Wish): WishAction[] =>
  viewerCan(wishLifecycle, actor, wish.status, {}).filter((action) => !obstacles[action]?.(wish, actor));
