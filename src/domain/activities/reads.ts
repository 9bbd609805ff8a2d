import { selectList } from '../../platform/database/columns';
import { narrow, nestedPage, page, READABLE, type ForwardArgs, type ListQuery, type Page, type PageArgs } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { asked, filterId, filterText } from '../../platform/graphql/edge';
import { byId, grouped, type LoaderDefinition } from '../../platform/graphql/loaders';
import { timeRange } from '../../platform/graphql/time-range';
import { Booking } from '../bookings/model';
import type { ActivityFilter } from './inputs';
import { allowedActions, dependsOnAnswer, obstacleTo, type ActivityAction } from './lifecycle';
import { Activity, ActivityParticipation, ActivityReport, type Delivery, type Pledge } from './model';

export const activityById = byId(Activity);

/** The parts of organizations in an activity that the actor may read, the host first, then by their names. */
export const participationsOf: LoaderDefinition<string, ActivityParticipation[]> = {
  batch: async (session, activityIds) => {
    const rows = await session.read<ActivityParticipation>({
      name: 'activity-participations',
      text: `SELECT ${selectList(ActivityParticipation, 't')} FROM activity_participations t
          JOIN organizations o ON o.network_id = t.network_id AND o.id = t.organization_id
        WHERE ${READABLE} AND t.activity_id = ANY($1::uuid[]) ORDER BY t.role <> 'HOST', o.name, t.organization_id`,
      values: [activityIds],
    });
    return grouped(activityIds, rows, (row) => row.activityId);
  },
};

/** What came of an activity; null while it has not been reported. */
export const reportOf: LoaderDefinition<string, ActivityReport | null> = {
  batch: async (session, activityIds) => {
    const rows = await session.read<ActivityReport>({
      name: 'activity-reports',
      text: `SELECT ${selectList(ActivityReport, 't')} FROM activity_reports t WHERE ${READABLE} AND t.activity_id = ANY($1::uuid[])`,
      values: [activityIds],
    });
    const found = new Map(rows.map((row) => [row.activityId, row]));
    return activityIds.map((id) => found.get(id) ?? null);
  },
};

/** The pledges of resources for an activity that stand. */
export const pledgesOf: LoaderDefinition<string, Pledge[]> = {
  batch: async (session, activityIds) => {
    const rows = await session.read<Pledge>({
      name: 'activity-pledges',
      text: 'SELECT activity_id AS "activityId", organization_id AS "organizationId", resource_id AS "resourceId" FROM app.standing_pledges($1) ORDER BY resource_id',
      values: [activityIds],
    });
    return grouped(activityIds, rows, (row) => row.activityId);
  },
};

/** How long the volunteers of each organization served at an activity. */
export const deliveriesTo: LoaderDefinition<string, Delivery[]> = {
  batch: async (session, activityIds) => {
    const rows = await session.read<Delivery>({
      name: 'activity-deliveries',
      text: 'SELECT activity_id AS "activityId", organization_id AS "organizationId", seconds FROM app.delivered_to($1)',
      values: [activityIds],
    });
    return grouped(activityIds, rows, (row) => row.activityId);
  },
};

/** The bookings for an activity that the actor may read, by their start, without what is booked along with them. */
export const bookingsFor: LoaderDefinition<string, Booking[]> = {
  batch: async (session, activityIds) => {
    const rows = await session.read<Booking>({
      name: 'bookings-of-activity',
      text: `SELECT ${selectList(Booking, 't')} FROM bookings t WHERE ${READABLE} AND t.activity_id = ANY($1::uuid[]) AND t.parent_id IS NULL ORDER BY t.starts_at, t.id`,
      values: [activityIds],
    });
    return grouped(activityIds, rows, (row) => row.activityId!);
  },
};

/** What the actor may do to an activity now: by the very checks that guard the verbs. */
export async function activityActions(context: RequestContext, activity: Activity): Promise<ActivityAction[]> {
  const actor = await context.actor();
  const allowed = allowedActions(actor, activity);
  const parts = dependsOnAnswer(allowed) ? await context.load(participationsOf, activity.id) : [];
  const own = parts.find(({ organizationId }) => organizationId === actor.organizationId)?.status ?? null;
  return allowed.filter((action) => obstacleTo(action, { activity, own, now: actor.now }, actor) === null);
}

const byStart = (list: string, descending: boolean): ListQuery<Activity> => ({
  list,
  select: selectList(Activity, 't'),
  from: 'activities t',
  where: [READABLE],
  values: [],
  order: [
    { sql: 't.starts_at', type: 'timestamptz', of: (row) => row.startsAt },
    { sql: 't.id', type: 'uuid', of: (row) => row.id },
  ],
  descending,
});

const STANDS = (value: string) => `app.activity_status(t.status, t.starts_at, app.now()) = ${value}`;
/** By the parts that the actor may read, so that a filter tells nothing of those not answered. */
const TAKES_PART = (value: string) =>
  `EXISTS (SELECT FROM activity_participations p WHERE p.network_id = t.network_id AND p.activity_id = t.id AND p.organization_id = ${value}
    AND p.status IN ('ACCEPTED','INVITED'))`;

/** How many ids a text may lead to before the list is searched in its own order instead. */
const MOST_BY_TEXT = 1000;

/** Only activities that contain a text: by their ids where they are few, so common that the list meets them soon otherwise. */
async function narrowByText(context: RequestContext, query: ListQuery<Activity>, text: string | null): Promise<void> {
  if (text === null) return;
  const [found] = await context.session.read<{ ids: string[] | null }>({ text: 'SELECT app.activities_with($1, $2) AS ids', values: [text, MOST_BY_TEXT] });
  if (found!.ids) narrow(query, (value) => `t.id = ANY(${value}::uuid[])`, found!.ids);
  else narrow(query, (value) => `t.search_grams @> app.sought(app.folded(${value})) AND position(app.folded(${value}) IN t.search_text) > 0`, text);
}

/** The activities that the actor may read, as a calendar has them: the earliest start first. */
export async function listActivities(context: RequestContext, args: PageArgs, filter: ActivityFilter): Promise<Page<Activity>> {
  const query = byStart('activities', false);
  const range = filter.range == null ? null : asked(timeRange(), filter.range);
  narrow(query, TAKES_PART, filterId('Organization', filter.organization));
  narrow(query, (value) => `t.position_id = ${value}`, filterId('Position', filter.position));
  narrow(query, (value) => `t.category = ${value}`, filter.category);
  narrow(query, STANDS, filter.status);
  narrow(query, (value) => `t.starts_at < ${value}`, range?.end);
  narrow(query, (value) => `t.ends_at > ${value}`, range?.start);
  await narrowByText(context, query, filterText(filter.text));
  return page(context.session, context.platform.cursors, query, args);
}

/** The activities that an organization holds or takes part in, as far as the actor may read them, the latest start first. */
export function activitiesOf(context: RequestContext, organizationId: string, args: ForwardArgs): Promise<Page<Activity>> {
  const query = byStart('activities of organization', true);
  query.from = 'activities t JOIN activity_participations p ON p.network_id = t.network_id AND p.activity_id = t.id AND p.status IN (\'ACCEPTED\',\'INVITED\')';
  return nestedPage(context, query, 'p.organization_id', organizationId, args);
}
