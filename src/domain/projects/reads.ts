import { selectList } from '../../platform/database/columns';
import { narrow, nestedPage, page, READABLE, type ForwardArgs, type ListQuery, type Page, type PageArgs } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { filterId } from '../../platform/graphql/edge';
import { byId, grouped, type LoaderDefinition } from '../../platform/graphql/loaders';
import { Activity } from '../activities/model';
import type { ProjectFilter } from './inputs';
import { Exchange, Milestone, Project } from './model';

export const projectById = byId(Project);
export const milestoneById = byId(Milestone);
export const exchangeById = byId(Exchange);

/** Rows that belong to projects and that the actor may read, in an order. */
const ofProject = <Row extends { projectId: string }>(name: string, select: string, table: string, order: string): LoaderDefinition<string, Row[]> => ({
  batch: async (session, projectIds) => {
    const rows = await session.read<Row>({
      name,
      text: `SELECT ${select} FROM ${table} t WHERE ${READABLE} AND t.project_id = ANY($1::uuid[]) ORDER BY ${order}`,
      values: [projectIds],
    });
    return grouped(projectIds, rows, (row) => row.projectId);
  },
});

/** The milestones of a project, the first due first. */
export const milestonesOf = ofProject<Milestone>('milestones-of-project', selectList(Milestone, 't'), 'project_milestones', 't.due, t.id');
/** The exchanges about a project, the earliest first. */
export const exchangesOf = ofProject<Exchange>('exchanges-of-project', selectList(Exchange, 't'), 'exchanges', 't.starts_at, t.id');

/** The projects that the actor may read, the latest first. */
export function listProjects(context: RequestContext, args: PageArgs, filter: ProjectFilter): Promise<Page<Project>> {
  const query: ListQuery<Project> = {
    list: 'projects', select: selectList(Project, 't'), from: 'projects t', where: [READABLE], values: [],
    order: [{ sql: 't.id', type: 'uuid', of: (row) => row.id }], descending: true,
  };
  narrow(query, (value) => `t.status = ANY(${value}::text[])`, filter.statuses);
  narrow(query, (value) => `t.category = ${value}`, filter.category);
  narrow(query, (value) => `t.lead_id = ${value}`, filterId('Organization', filter.lead));
  narrow(query, (value) => `(t.lead_id = ${value} OR ${value} = ANY (t.partner_ids))`, filterId('Organization', filter.organization));
  narrow(query, (value) => `(t.below_since IS NOT NULL) = ${value}`, filter.belowThreshold);
  return page(context.session, context.platform.cursors, query, args);
}

/** The activities of a project that the actor may read, the latest start first. */
export function activitiesOfProject(context: RequestContext, projectId: string, args: ForwardArgs): Promise<Page<Activity>> {
  const query: ListQuery<Activity> = {
    list: 'activities of project', select: selectList(Activity, 't'), from: 'activities t', where: [READABLE], values: [],
    order: [
      { sql: 't.starts_at', type: 'timestamptz', of: (row) => row.startsAt },
      { sql: 't.id', type: 'uuid', of: (row) => row.id },
    ],
    descending: true,
  };
  return nestedPage(context, query, 't.project_id', projectId, args);
}
