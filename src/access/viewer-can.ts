import type { Lifecycle } from '../platform/lifecycle';
import { Refusal } from '../platform/graphql/refusal';
import { nextState } from '../platform/lifecycle';
import { may, type Asking, type Capability, type Concern } from './matrix';

/** Who asks, and whether the organization acted for is in good standing. */
export interface Standing extends Asking {
  organizationStatus: string | null;
}

const inGoodStanding = (actor: Standing) => actor.organizationStatus === 'ACTIVE';

/** What the actor may do to a thing now: the actions that the matrix allows and the state admits. */
export function viewerCan<State extends string, Action extends string>(
  lifecycle: Lifecycle<State, Action, Capability>,
  actor: Standing,
  state: State,
  concern: Concern,
): Action[] {
  if (!inGoodStanding(actor)) return [];
  return (Object.keys(lifecycle.actions) as Action[]).filter((action) => {
    const { from, capability } = lifecycle.actions[action];
    return from.includes(state) && may(actor, capability, concern);
  });
}

/**
 * The check before a verb: the same two questions as viewerCan.
 * @throws Refusal NOT_ALLOWED or WRONG_STATE @returns the state that it leads to
 */
export function permit<State extends string, Action extends string>(
  lifecycle: Lifecycle<State, Action, Capability>,
  action: Action,
  actor: Standing,
  state: State,
  concern: Concern,
): State {
  if (!inGoodStanding(actor) || !may(actor, lifecycle.actions[action].capability, concern)) {
    throw new Refusal('NOT_ALLOWED', 'notAllowed');
  }
  return nextState(lifecycle, action, state);
}
