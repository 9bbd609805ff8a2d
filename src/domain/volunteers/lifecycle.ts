import type { Capability } from '../../access/matrix';
import { permit, viewerCan, type Standing } from '../../access/viewer-can';
import { enumOf } from '../../platform/graphql/enum';
import { nextState, type Lifecycle } from '../../platform/lifecycle';
import type { CampaignStatus, RecruitmentCampaign, Volunteer, VolunteerStatus } from './model';

export const VolunteerAction = enumOf('VolunteerAction', 'What can be done about a volunteer.', {
  EDIT: 'updateVolunteer.',
  APPROVE: 'approveVolunteer.',
  REJECT: 'rejectVolunteer.',
  PAUSE: 'updateVolunteer with the status PAUSED.',
  RESUME: 'updateVolunteer with the status ACTIVE, after a pause.',
  LEAVE: 'updateVolunteer with the status LEFT.',
  REJOIN: 'updateVolunteer with the status ACTIVE, after leaving.',
  ASSIGN_TEAM: 'assignToTeam.',
  RECORD_CONSENT: 'recordGuardianConsent.',
  WITHDRAW_CONSENT: 'withdrawConsent.',
  EXPORT_PERSONAL_DATA: 'exportPersonalData.',
  ERASE: 'eraseVolunteer.',
});
export type VolunteerAction = keyof typeof VolunteerAction;

const STANDING: readonly VolunteerStatus[] = ['APPLIED', 'ACTIVE', 'PAUSED'];
const NOT_ERASED: readonly VolunteerStatus[] = [...STANDING, 'REJECTED', 'LEFT'];

/** APPLIED → ACTIVE ⇄ PAUSED → LEFT; APPLIED → REJECTED; any → ERASED; LEFT → ACTIVE for who comes back. */
export const volunteerLifecycle: Lifecycle<VolunteerStatus, VolunteerAction, Capability> = {
  subject: 'volunteer',
  actions: {
    EDIT: { from: STANDING, to: null, capability: 'volunteer.manage' },
    APPROVE: { from: ['APPLIED'], to: 'ACTIVE', capability: 'volunteer.manage' },
    REJECT: { from: ['APPLIED'], to: 'REJECTED', capability: 'volunteer.manage' },
    PAUSE: { from: ['ACTIVE'], to: 'PAUSED', capability: 'volunteer.manage' },
    RESUME: { from: ['PAUSED'], to: 'ACTIVE', capability: 'volunteer.manage' },
    LEAVE: { from: STANDING, to: 'LEFT', capability: 'volunteer.manage' },
    REJOIN: { from: ['LEFT'], to: 'ACTIVE', capability: 'volunteer.manage' },
    ASSIGN_TEAM: { from: ['ACTIVE'], to: null, capability: 'volunteer.manage' },
    RECORD_CONSENT: { from: STANDING, to: null, capability: 'volunteer.manage' },
    WITHDRAW_CONSENT: { from: NOT_ERASED, to: null, capability: 'volunteer.manage' },
    EXPORT_PERSONAL_DATA: { from: NOT_ERASED, to: null, capability: 'volunteer.manage' },
    ERASE: { from: NOT_ERASED, to: 'ERASED', capability: 'volunteer.manage' },
  },
  byCalendar: [],
};

/** What people do about themselves, whatever the standing of an organization. */
const BY_SELF: readonly VolunteerAction[] = ['EDIT', 'PAUSE', 'RESUME', 'LEAVE', 'WITHDRAW_CONSENT', 'EXPORT_PERSONAL_DATA', 'ERASE'];

/** Whether a volunteer is the actor. */
export const isSelf = ({ userId }: Pick<Standing, 'userId'>, volunteer: Pick<Volunteer, 'userId'>): boolean => userId !== null && volunteer.userId === userId;

const concernOf = ({ organizationId }: Pick<Volunteer, 'organizationId'>) => ({ owner: organizationId });

/** What the actor may do about a volunteer now. */
export function volunteerActions(actor: Standing, volunteer: Volunteer): VolunteerAction[] {
  const own = isSelf(actor, volunteer) ? BY_SELF.filter((action) => volunteerLifecycle.actions[action].from.includes(volunteer.status)) : [];
  const acting = viewerCan(volunteerLifecycle, actor, volunteer.status, concernOf(volunteer));
  return (Object.keys(volunteerLifecycle.actions) as VolunteerAction[]).filter((action) => own.includes(action) || acting.includes(action));
}

/** The check before a verb. @throws Refusal NOT_ALLOWED or WRONG_STATE @returns the state that it leads to */
export const permitOn = (action: VolunteerAction, actor: Standing, volunteer: Volunteer): VolunteerStatus =>
  isSelf(actor, volunteer) && BY_SELF.includes(action)
    ? nextState(volunteerLifecycle, action, volunteer.status)
    : permit(volunteerLifecycle, action, actor, volunteer.status, concernOf(volunteer));

export const CampaignAction = enumOf('CampaignAction', 'What can be done about a recruitment call.', {
  OPEN: 'openCampaign with it as its draft.',
  CLOSE: 'closeCampaign.',
});
export type CampaignAction = keyof typeof CampaignAction;

/** DRAFT → OPEN → CLOSED. */
export const campaignLifecycle: Lifecycle<CampaignStatus, CampaignAction, Capability> = {
  subject: 'campaign',
  actions: {
    OPEN: { from: ['DRAFT'], to: 'OPEN', capability: 'campaign.manage' },
    CLOSE: { from: ['DRAFT', 'OPEN'], to: 'CLOSED', capability: 'campaign.manage' },
  },
  byCalendar: [{ from: 'OPEN', to: 'CLOSED', when: 'the last day of its period is over' }],
};

/** What the actor may do about a recruitment call now. */
export const campaignActions = (actor: Standing, { status, organizationId }: RecruitmentCampaign): CampaignAction[] =>
  viewerCan(campaignLifecycle, actor, status, { owner: organizationId });
