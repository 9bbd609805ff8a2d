import type { GraphQLResolveInfo } from 'graphql';
import { along, selectList, type Along } from '../../platform/database/columns';
import { narrow, nestedPage, page, READABLE, type ForwardArgs, type ListQuery, type OrderKey, type Page, type PageArgs } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { asked, filterId, filterText } from '../../platform/graphql/edge';
import { byId } from '../../platform/graphql/loaders';
import { askedOf, askedOfNodes, propertiesFor, type Asked } from '../../platform/graphql/selection';
import { contractsOfKeys } from '../contracts/reads';
import { Organization } from '../network/model';
import { namesOf } from './access';
import { filterQuantity, filterRange, type ResourceFilter, type ResourceOrder } from './inputs';
import { Resource, type ResourceRow } from './model';

const LISTED = `t.status <> 'RETIRED'`;

const AND_OWNER = 'LEFT JOIN organizations o ON o.network_id = t.network_id AND o.id = t.owner_id';

/** One resource, with its owner. */
export const resourceById = byId(Resource, { join: AND_OWNER, along: along('owner', Organization, 'o') });

/** The columns that a field is made of, where it is not the one of its own name. */
const COLUMNS_OF: Readonly<Record<string, readonly (keyof Resource)[]>> = {
  owner: ['ownerId'],
  position: ['positionId'],
  requires: ['requiresIds'],
  bookingPolicy: [
    'bookingMinimum', 'bookingMaximum', 'bookingLeadTime', 'bookingHorizon', 'bookingBuffer', 'bookingRequiresApproval', 'bookingCancellationDeadline',
  ],
  accessibleThrough: ['readers'],
  viewerCan: ['ownerId', 'status', 'readers'],
  blockedTimes: ['ownerId'],
  calendarFeed: ['readers'],
};

/** How a list is read for what is asked of its nodes. */
interface Selection {
  list: string;
  /** The owner comes along where nothing is asked of it that its row does not say. */
  owner: Along | null;
  /** Whether contracts that open the resources are asked for. */
  contracts: boolean;
}

const selections = new WeakMap<Asked, Selection>();

function selectionOf(info: GraphQLResolveInfo): Selection {
  const asked = askedOfNodes(info);
  let selection = selections.get(asked);
  if (!selection) {
    const columns = [...asked.keys()].flatMap((field): readonly string[] => COLUMNS_OF[field] ?? [field]).sort();
    const ofOwner = asked.has('owner') ? propertiesFor(info, 'Organization', askedOf(info, asked.get('owner')!)) : null;
    const owner = ofOwner && along('owner', Organization, 'o', ofOwner);
    selection = {
      list: [selectList(Resource, 't', new Set(['id', 'name', ...columns])), ...(owner ? [owner.list] : [])].join(', '),
      owner,
      contracts: askedOf(info, asked.get('accessibleThrough') ?? []).has('contract'),
    };
    selections.set(asked, selection);
  }
  return selection;
}

const BY_ID: OrderKey<ResourceRow> = { sql: 't.id', type: 'uuid', of: (row) => row.id };
/** Each order is total. Ids are in the order of creation. */
const ORDERS: Readonly<Record<ResourceOrder['field'], OrderKey<ResourceRow>[]>> = {
  NAME: [{ sql: 't.name COLLATE "zh-Hans-x-icu"', type: 'text', of: (row) => row.name }, BY_ID],
  CREATED_AT: [BY_ID],
};
const BY_NAME: ResourceOrder = { field: 'NAME', direction: 'ASC' };

/** How many ids a text may lead to before the list is searched in its own order instead. */
const MOST_BY_TEXT = 1000;

/** Only resources that contain a text: by their ids where they are few, so common that the list meets them soon otherwise. */
async function narrowByText(context: RequestContext, query: ListQuery<ResourceRow>, text: string | null): Promise<void> {
  if (text === null) return;
  const [found] = await context.session.read<{ ids: string[] | null }>({ text: 'SELECT app.resources_with($1, $2) AS ids', values: [text, MOST_BY_TEXT] });
  if (found!.ids) narrow(query, (value) => `t.id = ANY(${value}::uuid[])`, found!.ids);
  else narrow(query, (value) => `t.search_grams @> app.sought(app.folded(${value})) AND position(app.folded(${value}) IN t.search_text) > 0`, text);
}

/** Only resources of which so many units are free in a time, or of which there are so many. */
function narrowByUse(query: ListQuery<ResourceRow>, { freeDuring, quantity }: ResourceFilter): void {
  if (quantity != null) narrow(query, (value) => `t.quantity >= ${value}`, asked(filterQuantity, quantity));
  if (freeDuring == null) return;
  const { start, end } = asked(filterRange, freeDuring);
  query.values.push(start, end, quantity ?? 1);
  const [from, to, units] = [-2, -1, 0].map((place) => `$${query.values.length + place}`);
  query.dear = [`app.is_free(t.id, tstzrange(${from}, ${to}), ${units})`];
}

/** Whether a filter leaves nothing out. */
const isEmpty = (filter: ResourceFilter): boolean => Object.values(filter).every((value) => value == null);

/** The resources that the actor may read. */
export async function listResources(
  context: RequestContext,
  args: PageArgs,
  filter: ResourceFilter,
  orderBy: ResourceOrder | null,
  info: GraphQLResolveInfo,
): Promise<Page<ResourceRow>> {
  const { field, direction } = orderBy ?? BY_NAME;
  const { list, owner, contracts } = selectionOf(info);
  const query: ListQuery<ResourceRow> = {
    list: `resources ${field}`,
    select: list,
    from: owner ? `resources t ${AND_OWNER}` : 'resources t',
    where: [READABLE],
    values: [],
    order: ORDERS[field],
    descending: direction === 'DESC',
    ...(field === 'NAME' && isEmpty(filter) && { pager: 'app.resources_by_name' }),
  };
  narrow(query, (value) => `t.kind = ${value}`, filter.kind);
  narrow(query, (value) => `t.owner_id = ${value}`, filterId('Organization', filter.owner));
  narrow(query, (value) => `t.position_id = ${value}`, filterId('Position', filter.position));
  narrow(query, (value) => `t.sharing = ${value}`, filter.sharing);
  if (filter.status == null) query.where.push(LISTED);
  narrow(query, (value) => `t.status = ${value}`, filter.status);
  narrow(query, (value) => `${value} = ANY(t.skills)`, filterText(filter.skill));
  if (filter.through != null) narrow(query, (value) => `t.readers && ${value}::uuid[]`, namesOf(await context.actor(), filter.through));
  await narrowByText(context, query, filterText(filter.text));
  narrowByUse(query, filter);
  const [found] = await Promise.all([page(context.session, context.platform.cursors, query, args), contracts && context.ahead(contractsOfKeys)]);
  owner?.gather(found.rows);
  return found;
}

const nested = (list: string): ListQuery<ResourceRow> => ({
  list, select: selectList(Resource, 't'), from: 'resources t', where: [READABLE, LISTED], values: [], order: ORDERS.NAME, descending: false,
});

/** The resources of an organization that the actor may read, by name. */
export const resourcesOfOrganization = (context: RequestContext, organizationId: string, args: ForwardArgs): Promise<Page<ResourceRow>> =>
  nestedPage(context, nested('resources of organization'), 't.owner_id', organizationId, args);

/** The resources at a position that the actor may read, by name. */
export const resourcesOfPosition = (context: RequestContext, positionId: string, args: ForwardArgs): Promise<Page<ResourceRow>> =>
  nestedPage(context, nested('resources of position'), 't.position_id', positionId, args);
