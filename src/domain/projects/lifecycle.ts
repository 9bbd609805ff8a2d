import type { Capability } from '../../access/matrix';
import { viewerCan, type Standing } from '../../access/viewer-can';
import { enumOf } from '../../platform/graphql/enum';
import type { Lifecycle } from '../../platform/lifecycle';
import type { Project, ProjectStatus } from './model';

export const ProjectAction = enumOf('ProjectAction', 'What can be done to a project.', {
  EDIT: 'updateProject.',
  APPROVE: 'approveProject.',
  START: 'startProject.',
  PAUSE: 'pauseProject.',
  COMPLETE: 'completeProject.',
  STOP: 'stopProject.',
  ADD_MILESTONE: 'addMilestone, completeMilestone.',
  ADD_ACTIVITY: 'assignActivity, for activities of your organization.',
  SCHEDULE_EXCHANGE: 'scheduleExchange, recordExchange.',
  ADJUST: 'adjustService.',
});
export type ProjectAction = keyof typeof ProjectAction;

/** PROPOSED → APPROVED → RUNNING ⇄ PAUSED → COMPLETED; RUNNING, PAUSED → STOPPED. */
export const projectLifecycle: Lifecycle<ProjectStatus, ProjectAction, Capability> = {
  subject: 'project',
  actions: {
    EDIT: { from: ['PROPOSED', 'APPROVED', 'RUNNING', 'PAUSED'], to: null, capability: 'project.lead' },
    APPROVE: { from: ['PROPOSED'], to: 'APPROVED', capability: 'project.approve' },
    // To go on after a pause too.
    START: { from: ['APPROVED', 'PAUSED'], to: 'RUNNING', capability: 'project.lead' },
    PAUSE: { from: ['RUNNING'], to: 'PAUSED', capability: 'project.lead' },
    COMPLETE: { from: ['RUNNING', 'PAUSED'], to: 'COMPLETED', capability: 'project.lead' },
    STOP: { from: ['RUNNING', 'PAUSED'], to: 'STOPPED', capability: 'project.lead' },
    ADD_MILESTONE: { from: ['PROPOSED', 'APPROVED', 'RUNNING', 'PAUSED'], to: null, capability: 'project.work' },
    ADD_ACTIVITY: { from: ['APPROVED', 'RUNNING', 'PAUSED'], to: null, capability: 'project.work' },
    SCHEDULE_EXCHANGE: { from: ['APPROVED', 'RUNNING', 'PAUSED'], to: null, capability: 'project.work' },
    ADJUST: { from: ['RUNNING', 'PAUSED'], to: null, capability: 'project.lead' },
  },
  byCalendar: [],
};

/** A project that needs can be planned into. */
export const takesNeeds = (status: ProjectStatus): boolean => projectLifecycle.actions.ADD_ACTIVITY.from.includes(status);

/** Whose a project is, and who works on it, for the matrix. */
export const concernOf = ({ leadId, partnerIds }: Pick<Project, 'leadId' | 'partnerIds'>) => ({ owner: leadId, parties: [leadId, ...partnerIds] });

/** What the actor may do to a project now. */
export const projectActions = (actor: Standing, project: Project): ProjectAction[] => viewerCan(projectLifecycle, actor, project.status, concernOf(project));
