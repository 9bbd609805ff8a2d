import type { Capability } from '../../access/matrix';
import { viewerCan, type Standing } from '../../access/viewer-can';
import { enumOf } from '../../platform/graphql/enum';
import type { Lifecycle } from '../../platform/lifecycle';
import type { Organization, OrganizationStatus } from './model';

export const OrganizationAction = enumOf('OrganizationAction', 'What can be done to an organization.', {
  EDIT: 'updateOrganization, createPosition.',
  INVITE_MEMBER: 'inviteMember.',
  APPROVE: 'approveOrganization.',
  REJECT: 'rejectOrganization.',
  SUSPEND: 'suspendOrganization.',
  REINSTATE: 'reinstateOrganization.',
  LEAVE: 'leaveNetwork.',
  ADD_RESOURCE: 'createResource with it as owner.',
  PROPOSE_CONTRACT: 'draftContract with it as party.',
});
export type OrganizationAction = keyof typeof OrganizationAction;

/** APPLIED → ACTIVE ⇄ SUSPENDED → LEFT; APPLIED → REJECTED. */
export const organizationLifecycle: Lifecycle<OrganizationStatus, OrganizationAction, Capability> = {
  subject: 'organization',
  actions: {
    EDIT: { from: ['ACTIVE'], to: null, capability: 'organization.edit' },
    INVITE_MEMBER: { from: ['ACTIVE'], to: null, capability: 'member.manage' },
    APPROVE: { from: ['APPLIED'], to: 'ACTIVE', capability: 'organization.review' },
    REJECT: { from: ['APPLIED'], to: 'REJECTED', capability: 'organization.review' },
    SUSPEND: { from: ['ACTIVE'], to: 'SUSPENDED', capability: 'organization.review' },
    REINSTATE: { from: ['SUSPENDED'], to: 'ACTIVE', capability: 'organization.review' },
    LEAVE: { from: ['ACTIVE', 'SUSPENDED'], to: 'LEFT', capability: 'organization.leave' },
    ADD_RESOURCE: { from: ['ACTIVE'], to: null, capability: 'resource.manage' },
    PROPOSE_CONTRACT: { from: ['ACTIVE'], to: null, capability: 'contract.draft' },
  },
  byCalendar: [],
};

/** What the actor may do to an organization now. A contract is proposed to it as a party beside the own organization; the hub stays. */
export function organizationActions(actor: Standing, { id, status, isHub }: Organization): OrganizationAction[] {
  const concern = { owner: id, parties: actor.organizationId === null ? [id] : [id, actor.organizationId] };
  const actions = viewerCan(organizationLifecycle, actor, status, concern);
  return isHub ? actions.filter((action) => action !== 'SUSPEND' && action !== 'LEAVE') : actions;
}
