import { may } from '../../access/matrix';
import { permit } from '../../access/viewer-can';
import { once } from '../../platform/database/idempotency';
import type { Transaction } from '../../platform/database/session';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import type { AuditAction } from '../../platform/i18n/messages';
import { newId } from '../../platform/ids';
import type { Need } from '../needs/model';
import type * as needInputs from '../needs/inputs';
import { planInto, planOne, releaseFrom } from '../needs/service';
import { recordChange, recordMove } from '../network/history';
import type { Organization } from '../network/model';
import { difference, requireVersion } from '../network/service';
import type * as inputs from './inputs';
import { concernOf, projectLifecycle, takesNeeds, type ProjectAction } from './lifecycle';
import { Milestone, Project } from './model';

type Input<Name extends keyof typeof inputs> = InputOf<typeof inputs, Name>;
type Changed = Promise<{ project: Project }>;

/** The door that what belongs to a project is written through: by its partners too, and by whoever gives feedback. */
export const DOOR = 'projects';

/** What of a project's change is the same whatever was done. */
export const changeOf = ({ id, title, leadId, partnerIds }: Pick<Project, 'id' | 'title' | 'leadId' | 'partnerIds'>) => ({
  subjectType: 'Project', subjectId: id, audience: [leadId, ...partnerIds], committee: true, refs: { project: id, organization: leadId }, data: { project: title },
});

const fresh = async (tx: Transaction, id: string): Changed => ({ project: (await tx.find(Project, id))! });

/** The uuids of organizations in good standing. @throws Refusal NOT_FOUND, INVALID with the place of one that is not */
export async function organizationsIn(tx: Transaction, globalIds: readonly string[], pathOf: (index: number) => string[]): Promise<string[]> {
  const ids = globalIds.map((globalId, index) => tx.idOf('Organization', globalId, pathOf(index)));
  const known = await tx.query<Pick<Organization, 'id' | 'status'>>('SELECT id, status FROM organizations WHERE network_id = app.network_id() AND id = ANY($1::uuid[])', [ids]);
  ids.forEach((id, index) => {
    const organization = known.find((row) => row.id === id);
    if (!organization) throw new Refusal('NOT_FOUND', 'notFound', {}, pathOf(index));
    if (organization.status !== 'ACTIVE') throw new Refusal('INVALID', 'project.organization.inactive', {}, pathOf(index));
  });
  return ids;
}

const inList = (field: string) => (index: number) => [field, String(index)];

/** The uuids of a project's partners: others than its lead. */
async function partnersIn(tx: Transaction, globalIds: readonly string[], leadId: string): Promise<string[]> {
  const ids = await organizationsIn(tx, globalIds, inList('partners'));
  const lead = ids.indexOf(leadId);
  if (lead >= 0) throw new Refusal('INVALID', 'project.partner.lead', {}, inList('partners')(lead));
  return ids;
}

/** The uuids of needs that a project may be about: accepted, and not planned yet. */
async function needsIn(tx: Transaction, globalIds: readonly string[]): Promise<string[]> {
  const ids = globalIds.map((globalId, index) => tx.idOf('Need', globalId, inList('needs')(index)));
  const known = await tx.query<Pick<Need, 'id' | 'status'>>('SELECT id, status FROM needs WHERE network_id = app.network_id() AND id = ANY($1::uuid[])', [ids]);
  ids.forEach((id, index) => {
    const need = known.find((row) => row.id === id);
    if (!need) throw new Refusal('NOT_FOUND', 'notFound', {}, inList('needs')(index));
    if (need.status !== 'ACCEPTED') throw new Refusal('WRONG_STATE', 'state.wrong', { action: 'PLAN', state: need.status, subject: 'need' }, inList('needs')(index));
  });
  return ids;
}

/** Proposes a project from needs. Administrators for their own organization as lead, the committee for any. */
export async function proposeProject(tx: Transaction, input: Input<'proposeProject'>): Changed {
  const { networkId, organizationId, userId, now } = tx.actor;
  const [leadId] = input.lead == null ? [organizationId!] : await organizationsIn(tx, [input.lead], () => ['lead']);
  if (!may(tx.actor, 'project.propose', { owner: leadId })) throw new Refusal('NOT_ALLOWED', 'notAllowed', {}, input.lead == null ? [] : ['lead']);
  const { id } = await once(tx, 'proposeProject', input, async () => {
    const { title, category, goal, period, ratingThreshold = null } = input;
    const described = {
      title, category, goal, leadId: leadId!, partnerIds: await partnersIn(tx, input.partners, leadId!), needIds: await needsIn(tx, input.needs),
      startsOn: period.from, endsOn: period.to ?? null, ratingThreshold,
    };
    const project = { id: newId(now), ...described };
    await tx.manager.insert(Project, { ...project, networkId, status: 'PROPOSED', createdBy: userId!, createdAt: now });
    await recordMove(tx, 'project.propose', { ...changeOf(project), from: null, to: 'PROPOSED' }, difference<Partial<Project>>({}, described));
    return { id: project.id };
  });
  return fresh(tx, id);
}

/** A project about to be changed by its lead or the committee: locked, of the version read, and the verb permitted. */
async function changing(tx: Transaction, action: ProjectAction, input: { id: string; version: number }): Promise<{ project: Project; to: Project['status'] }> {
  const project = await tx.lock(Project, 'Project', input.id);
  const to = permit(projectLifecycle, action, tx.actor, project.status, concernOf(project));
  requireVersion(project, input.version, 'project');
  return { project, to };
}

/** Writes what changes of a project. */
const change = (tx: Transaction, { networkId, id, version }: Project, after: Partial<Project>): Promise<unknown> =>
  tx.manager.update(Project, { networkId, id }, { ...after, version: version + 1 });

/** Lets whoever reads a project now read its milestones. */
const shareMilestones = (tx: Transaction, projectId: string): Promise<unknown> =>
  tx.through(DOOR, () =>
    tx.query(
      `UPDATE project_milestones m SET audience = p.readers FROM projects p
       WHERE p.network_id = app.network_id() AND p.id = $1 AND m.network_id = p.network_id AND m.project_id = p.id`,
      [projectId],
    ),
  );

/** Edits a project. Its lead's administrators, and the committee. */
export async function updateProject(tx: Transaction, input: Input<'updateProject'>): Changed {
  const { project } = await changing(tx, 'EDIT', input);
  const { title, category, goal, period, ratingThreshold } = input;
  const named = Object.entries({ title, category, goal, ratingThreshold }).filter(([, value]) => value !== undefined);
  const after: Partial<Project> = {
    ...Object.fromEntries(named),
    ...(period && { startsOn: period.from, endsOn: period.to ?? null }),
    ...(input.partners && { partnerIds: await partnersIn(tx, input.partners, project.leadId) }),
  };
  await change(tx, project, after);
  if (after.partnerIds) await shareMilestones(tx, project.id);
  const left = project.partnerIds.filter((partner) => !(after.partnerIds ?? project.partnerIds).includes(partner));
  recordChange(tx, 'project.update', { ...changeOf({ ...project, ...after }), concerned: left }, difference(project, after));
  if (ratingThreshold !== undefined) await tx.through(DOOR, () => watchRating(tx, project.id));
  return fresh(tx, project.id);
}

/** Moves a project along its lifecycle. */
async function move(tx: Transaction, action: ProjectAction, verb: AuditAction, input: Input<'withNote'>, follow?: (project: Project) => Promise<Partial<Project>>): Changed {
  const { project, to } = await changing(tx, action, input);
  await change(tx, project, { status: to, ...(await follow?.(project)) });
  await recordMove(tx, verb, { ...changeOf(project), from: project.status, to, note: input.note });
  return fresh(tx, project.id);
}

/** Approves a project: it is public, and its needs are planned. The committee. */
export async function approveProject(tx: Transaction, input: Input<'withNote'>): Changed {
  const approved = await move(tx, 'APPROVE', 'project.approve', input, async (project) => ({ needIds: await planInto(tx, project, project.needIds) }));
  await shareMilestones(tx, approved.project.id);
  return approved;
}

/** Starts a project, or goes on with one that rests. Its lead's administrators, and the committee; so the following. */
export const startProject = (tx: Transaction, input: Input<'withNote'>): Changed => move(tx, 'START', 'project.start', input);
export const pauseProject = (tx: Transaction, input: Input<'withNote'>): Changed => move(tx, 'PAUSE', 'project.pause', input);
export const completeProject = (tx: Transaction, input: Input<'withNote'>): Changed => move(tx, 'COMPLETE', 'project.complete', input);

/** Gives a project up: what it was to meet waits again. */
export async function stopProject(tx: Transaction, input: Input<'withNote'>): Changed {
  const stopped = await move(tx, 'STOP', 'project.stop', input);
  await releaseFrom(tx, stopped.project.id);
  return stopped;
}

/** Plans a need into a project that was approved. The committee. */
export async function planNeed(tx: Transaction, input: InputOf<typeof needInputs, 'planNeed'>): Promise<{ need: Need }> {
  const project = await tx.lock(Project, 'Project', input.project, ['project']);
  if (!takesNeeds(project.status)) throw new Refusal('WRONG_STATE', 'state.wrong', { action: 'PLAN', state: project.status, subject: 'project' }, ['project']);
  const planned = await planOne(tx, project, input);
  await change(tx, project, { needIds: [...project.needIds, planned.need.id] });
  return planned;
}

/** A project that somebody works on, its lead's or a partner's staff: locked for the rest of the transaction, and the action permitted. */
export async function workingOn(tx: Transaction, action: ProjectAction, globalId: string, path: readonly string[] = ['project']): Promise<Project> {
  const id = tx.idOf('Project', globalId, path);
  if (!(await tx.find(Project, id))) throw new Refusal('NOT_FOUND', 'notFound', {}, path);
  const project = await tx.through(DOOR, () => tx.lock(Project, 'Project', globalId, path));
  permit(projectLifecycle, action, tx.actor, project.status, concernOf(project));
  return project;
}

/** Adds a milestone. Staff of the organizations that work on the project, and the committee. */
export async function addMilestone(tx: Transaction, input: Input<'addMilestone'>): Promise<{ milestone: Milestone; project: Project }> {
  const project = await workingOn(tx, 'ADD_MILESTONE', input.project);
  const { id } = await once(tx, 'addMilestone', input, async () => {
    const { networkId, now } = tx.actor;
    const milestone = { id: newId(now), title: input.title, due: input.due };
    await tx.through(DOOR, () =>
      tx.query(
        `INSERT INTO project_milestones (network_id, id, project_id, title, due, audience)
         SELECT $1, $2, p.id, $4, $5, p.readers FROM projects p WHERE p.network_id = $1 AND p.id = $3`,
        [networkId, milestone.id, project.id, milestone.title, milestone.due],
      ),
    );
    recordChange(tx, 'project.milestone', { ...changeOf(project), data: { project: project.title, milestone: milestone.title } }, { milestone: [null, milestone] });
    return { id: milestone.id };
  });
  return { milestone: (await tx.find(Milestone, id))!, project };
}

/** Says that a milestone was reached. Staff of the organizations that work on the project, and the committee. */
export async function completeMilestone(tx: Transaction, input: Input<'completeMilestone'>): Promise<{ milestone: Milestone; project: Project }> {
  const id = tx.idOf('Milestone', input.id, ['id']);
  const milestone = await tx.find(Milestone, id);
  if (!milestone) throw new Refusal('NOT_FOUND', 'notFound', {}, ['id']);
  const { networkId, now } = tx.actor;
  const parent = await parentOf(tx, milestone.projectId);
  permit(projectLifecycle, 'ADD_MILESTONE', tx.actor, parent.status, concernOf(parent));
  await tx.through(DOOR, async () => {
    const done = await tx.query<object>('UPDATE project_milestones SET done_at = $3 WHERE network_id = $1 AND id = $2 AND done_at IS NULL RETURNING id', [networkId, id, now]);
    if (!done.length) throw new Refusal('WRONG_STATE', 'project.milestone.done', {}, ['id']);
  });
  recordChange(tx, 'project.reach', { ...changeOf(parent), data: { project: parent.title, milestone: milestone.title } }, { milestone: id, doneAt: [null, now] });
  return { milestone: (await tx.find(Milestone, id))!, project: parent };
}

/** The project that something readable belongs to, held for the rest of the transaction. */
export async function parentOf(tx: Transaction, projectId: string): Promise<Project> {
  await tx.through(DOOR, () => tx.query('SELECT 1 FROM projects WHERE network_id = app.network_id() AND id = $1 FOR UPDATE', [projectId]));
  return tx.through(DOOR, async () => (await tx.find(Project, projectId))!);
}

/**
 * Tells lead and committee when the rating of a project has fallen below its threshold, once until it is above again.
 * Through the door of projects, the project held.
 */
export async function watchRating(tx: Transaction, projectId: string): Promise<void> {
  const [crossed] = await tx.query<{ isBelow: boolean }>(
    `UPDATE projects p SET below_since = CASE WHEN rated.below THEN app.now() END FROM (
       SELECT coalesce(sum(m.ones + 2 * m.twos + 3 * m.threes + 4 * m.fours + 5 * m.fives) < t.rating_threshold * sum(m.ones + m.twos + m.threes + m.fours + m.fives), false) AS below
       FROM projects t LEFT JOIN feedback_months m ON m.network_id = t.network_id AND m.subject_id = t.id
       WHERE t.network_id = app.network_id() AND t.id = $1 GROUP BY t.rating_threshold) rated
     WHERE p.network_id = app.network_id() AND p.id = $1 AND rated.below <> (p.below_since IS NOT NULL) RETURNING rated.below AS "isBelow"`,
    [projectId],
  );
  if (!crossed) return;
  const project = (await tx.find(Project, projectId))!;
  await tx.consequently(async () =>
    recordChange(tx, crossed.isBelow ? 'project.fall' : 'project.recover', changeOf({ ...project, partnerIds: [] }), { isBelow: [!crossed.isBelow, crossed.isBelow] }),
  );
}
