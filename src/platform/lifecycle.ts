import { Refusal } from './graphql/refusal';

/** One verb of a lifecycle: from which states it may be done, and where it leads. */
export interface Transition<State extends string, Capability extends string> {
  from: readonly State[];
  /** null: the state stays. */
  to: State | null;
  /** What of the access matrix allows it. */
  capability: Capability;
}

/** A state machine as a table; services, viewerCan and the documentation read the same one. */
export interface Lifecycle<State extends string, Action extends string, Capability extends string> {
  readonly subject: string;
  readonly actions: Readonly<Record<Action, Transition<State, Capability>>>;
  /** Moves that nobody's verb makes: the calendar does. */
  readonly byCalendar: readonly { from: State; to: State; when: string }[];
}

/** @throws Refusal WRONG_STATE when the action may not be done in the state. @returns the state it leads to */
export function nextState<State extends string, Action extends string>(
  lifecycle: Lifecycle<State, Action, string>,
  action: Action,
  state: State,
): State {
  const { from, to } = lifecycle.actions[action];
  if (!from.includes(state)) {
    throw new Refusal('WRONG_STATE', 'state.wrong', { action, state, subject: lifecycle.subject });
  }
  return to ?? state;
}
