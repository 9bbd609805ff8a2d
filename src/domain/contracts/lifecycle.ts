import type { Capability } from '../../access/matrix';
import { viewerCan, type Standing } from '../../access/viewer-can';
import { enumOf } from '../../platform/graphql/enum';
import { Refusal } from '../../platform/graphql/refusal';
import type { Lifecycle } from '../../platform/lifecycle';
import type { Contract, ContractParty, ContractStatus } from './model';

export const ContractAction = enumOf('ContractAction', 'What can be done to a contract.', {
  EDIT: 'updateContract; clears all signatures.',
  PROPOSE: 'proposeContract.',
  WITHDRAW: 'withdrawContract.',
  SIGN: 'signContract.',
  REJECT: 'rejectContract.',
  SUSPEND: 'suspendContract.',
  RESUME: 'resumeContract.',
  TERMINATE: 'terminateContract.',
  AMEND: 'amendContract.',
});
export type ContractAction = keyof typeof ContractAction;

/** DRAFT → PROPOSED → SIGNED → ACTIVE → EXPIRED; PROPOSED → REJECTED or WITHDRAWN; ACTIVE ⇄ SUSPENDED; → TERMINATED. */
export const contractLifecycle: Lifecycle<ContractStatus, ContractAction, Capability> = {
  subject: 'contract',
  actions: {
    EDIT: { from: ['DRAFT', 'PROPOSED'], to: null, capability: 'contract.draft' },
    PROPOSE: { from: ['DRAFT'], to: 'PROPOSED', capability: 'contract.draft' },
    WITHDRAW: { from: ['PROPOSED'], to: 'WITHDRAWN', capability: 'contract.draft' },
    // Stays until the last party signs; then on at once to ACTIVE when the first day has come.
    SIGN: { from: ['PROPOSED'], to: 'SIGNED', capability: 'contract.sign' },
    REJECT: { from: ['PROPOSED'], to: 'REJECTED', capability: 'contract.sign' },
    SUSPEND: { from: ['ACTIVE'], to: 'SUSPENDED', capability: 'contract.suspend' },
    RESUME: { from: ['SUSPENDED'], to: 'ACTIVE', capability: 'contract.suspend' },
    TERMINATE: { from: ['SIGNED', 'ACTIVE', 'SUSPENDED'], to: 'TERMINATED', capability: 'contract.terminate' },
    AMEND: { from: ['ACTIVE'], to: null, capability: 'contract.draft' },
  },
  byCalendar: [
    { from: 'SIGNED', to: 'ACTIVE', when: 'the first day of its term begins' },
    { from: 'ACTIVE', to: 'EXPIRED', when: 'the last day of its term, or the one before its amendment begins, is over' },
    { from: 'SUSPENDED', to: 'EXPIRED', when: 'the last day of its term, or the one before its amendment begins, is over' },
  ],
};

/** What the answer to "may this be done to it now" depends on besides role and status. */
export interface ContractSituation {
  contract: Contract;
  parties: readonly ContractParty[];
  /** The contract that this one amends. */
  amended: Contract | null;
  /** Amendments under way or in force: of this contract, or of the one that this amends. */
  amendments: readonly Contract[];
  today: string;
}

type Obstacle = (situation: ContractSituation, actor: Standing) => Refusal | null;

const notDrafter: Obstacle = ({ contract }, actor) =>
  actor.role === 'COMMITTEE' || contract.draftedBy === actor.organizationId ? null : new Refusal('NOT_ALLOWED', 'contract.withdraw.drafter');

const notParty: Obstacle = ({ parties }, actor) =>
  parties.some(({ organizationId }) => organizationId === actor.organizationId) ? null : new Refusal('NOT_ALLOWED', 'contract.party.not');

const signedAlready: Obstacle = ({ parties }, actor) =>
  parties.some(({ organizationId, signedAt }) => organizationId === actor.organizationId && signedAt !== null)
    ? new Refusal('DUPLICATE', 'contract.signed.already')
    : null;

const termPast: Obstacle = ({ contract, today }) =>
  contract.termTo !== null && contract.termTo < today ? new Refusal('TOO_LATE', 'contract.term.past') : null;

const partyInactive: Obstacle = ({ parties }) =>
  parties.every(({ organization }) => organization.status === 'ACTIVE') ? null : new Refusal('CONFLICT', 'contract.parties.inactive');

// Else the parties could lift a suspension of the committee among themselves, or revive what has ended.
const amendedClosed: Obstacle = ({ amended }) =>
  amended && !['ACTIVE', 'EXPIRED'].includes(amended.status) ? new Refusal('CONFLICT', 'contract.amended.closed', { number: amended.number }) : null;

const superseded: Obstacle = ({ contract }) => (contract.supersededFrom === null ? null : new Refusal('CONFLICT', 'contract.superseded'));

const amendmentOpen: Obstacle = ({ amendments }) =>
  amendments.length ? new Refusal('CONFLICT', 'contract.amendment.open', { number: amendments[0]!.number }) : null;

const amendmentProposed: Obstacle = (situation, actor) =>
  amendmentOpen({ ...situation, amendments: situation.amendments.filter(({ id, status }) => id !== situation.contract.id && status !== 'DRAFT') }, actor);

const obstacles: Partial<Record<ContractAction, readonly Obstacle[]>> = {
  PROPOSE: [termPast, partyInactive, amendedClosed, amendmentProposed],
  WITHDRAW: [notDrafter],
  SIGN: [notParty, signedAlready, termPast, partyInactive, amendedClosed],
  REJECT: [notParty],
  AMEND: [superseded, amendmentOpen],
};

/** What stands in the way of an action that role and status allow; null when nothing does. */
export function obstacleTo(action: ContractAction, situation: ContractSituation, actor: Standing): Refusal | null {
  for (const obstacle of obstacles[action] ?? []) {
    const refusal = obstacle(situation, actor);
    if (refusal) return refusal;
  }
  return null;
}

/** Who is party to it, for the matrix: until it is proposed, only who drafts it. */
export const concernOf = (contract: Contract) => ({ owner: contract.draftedBy, parties: contract.audience });

/** What role and status allow the actor; a situation may still stand against some of it. */
export const allowedActions = (actor: Standing, contract: Contract): ContractAction[] =>
  viewerCan(contractLifecycle, actor, contract.status, concernOf(contract));

/** Whether the situation has to be known to tell what of these can be done. */
export const dependsOnSituation = (actions: readonly ContractAction[]): boolean => actions.some((action) => obstacles[action] !== undefined);
