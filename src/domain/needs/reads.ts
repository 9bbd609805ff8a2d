import { selectList } from '../../platform/database/columns';
import { narrow, page, READABLE, type ListQuery, type OrderKey, type Page, type PageArgs } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { filterId, filterText } from '../../platform/graphql/edge';
import { RequestError } from '../../platform/graphql/errors';
import { byId, grouped, type LoaderDefinition } from '../../platform/graphql/loaders';
import type { NeedFilter, NeedOrder } from './inputs';
import { Need, NeedPolicy, NeedRaiser, OVERDUE, USUAL_POLICY, type SimilarNeed } from './model';

export const needById = byId(Need);

/** Who raised a need; null for whoever may not know. */
export const raiserOf: LoaderDefinition<string, NeedRaiser | null> = {
  batch: async (session, needIds) => {
    const rows = await session.read<NeedRaiser>({
      name: 'need-raisers',
      text: `SELECT ${selectList(NeedRaiser, 't')} FROM need_raisers t WHERE ${READABLE} AND t.need_id = ANY($1::uuid[])`,
      values: [needIds],
    });
    const found = new Map(rows.map((row) => [row.needId, row]));
    return needIds.map((id) => found.get(id) ?? null);
  },
};

/** Whether the actor supports a need. */
export const isSupportedByActor: LoaderDefinition<string, boolean> = {
  batch: async (session, needIds) => {
    const rows = await session.read<{ needId: string }>({
      name: 'need-supports-of-actor',
      text: `SELECT t.need_id AS "needId" FROM need_supports t WHERE ${READABLE} AND t.need_id = ANY($1::uuid[]) AND t.user_id = app.user_id()`,
      values: [needIds],
    });
    const supported = new Set(rows.map((row) => row.needId));
    return needIds.map((id) => supported.has(id));
  },
};

/** The needs that a project was proposed from and those planned into it, oldest first. */
export const needsOfProject: LoaderDefinition<string, Need[]> = {
  batch: async (session, projectIds) => {
    const rows = await session.read<Need & { nestedUnder: string }>({
      name: 'needs-of-project',
      text: `SELECT p.id AS "nestedUnder", ${selectList(Need, 't')} FROM projects p JOIN needs t ON t.network_id = p.network_id AND t.id = ANY (p.need_ids)
        WHERE p.network_id = app.network_id() AND p.id = ANY($1::uuid[]) AND ${READABLE} ORDER BY t.id`,
      values: [projectIds],
    });
    return grouped(projectIds, rows, (row) => row.nestedUnder);
  },
};

/** How many needs that are alike are shown at most. */
export const MOST_SIMILAR = 20;
export const USUAL_SIMILAR = 5;

/** The readable needs that a title is most like, of those that may still come to something. @param except the need that it is the title of */
export async function similarNeeds(context: RequestContext, title: string, except: string | null, first: number | null): Promise<SimilarNeed[]> {
  const size = first ?? USUAL_SIMILAR;
  if (size < 0 || size > MOST_SIMILAR) throw new RequestError('BAD_USER_INPUT', 'page.size', { most: MOST_SIMILAR });
  const rows = await context.session.read<SimilarNeed>({
    name: 'similar-needs',
    text: 'SELECT s.id AS "needId", s.similarity FROM app.similar_needs($1, $2, $3) s',
    values: [title, except, size],
  });
  return rows;
}

/** How long needs may wait in the network. */
export const policyOf: LoaderDefinition<string, Pick<NeedPolicy, 'waitingDays' | 'version'>> = {
  batch: async (session, networkIds) => {
    const rows = await session.read<NeedPolicy>({ name: 'need-policy', text: `SELECT ${selectList(NeedPolicy, 't')} FROM need_policies t WHERE ${READABLE}` });
    return networkIds.map((id) => rows.find(({ networkId }) => networkId === id) ?? USUAL_POLICY);
  },
};

const BY_ID: OrderKey<Need> = { sql: 't.id', type: 'uuid', of: (row) => row.id };
/** Each order is total. Ids are in the order in which needs were raised. */
const ORDERS: Readonly<Record<NeedOrder['field'], OrderKey<Need>[]>> = {
  RAISED_AT: [BY_ID],
  SUPPORTERS: [{ sql: 't.supporters', type: 'integer', of: (row) => row.supporters }, BY_ID],
};

/** How many ids a text may lead to before the list is searched in its own order instead. */
const MOST_BY_TEXT = 1000;

/** Only needs that contain a text: by their ids where they are few, so common that the list meets them soon otherwise. */
async function narrowByText(context: RequestContext, query: ListQuery<Need>, text: string | null): Promise<void> {
  if (text === null) return;
  const [found] = await context.session.read<{ ids: string[] | null }>({ text: 'SELECT app.needs_with($1, $2) AS ids', values: [text, MOST_BY_TEXT] });
  if (found!.ids) narrow(query, (value) => `t.id = ANY(${value}::uuid[])`, found!.ids);
  else narrow(query, (value) => `t.search_grams @> app.sought(app.folded(${value})) AND position(app.folded(${value}) IN t.search_text) > 0`, text);
}

/** The needs that the actor may read. */
export async function listNeeds(context: RequestContext, args: PageArgs, filter: NeedFilter, { field }: NeedOrder): Promise<Page<Need>> {
  const query: ListQuery<Need> = {
    list: `needs by ${field}`, select: selectList(Need, 't'), from: 'needs t', where: [READABLE], values: [], order: ORDERS[field], descending: true,
  };
  narrow(query, (value) => `t.status = ANY(${value}::text[])`, filter.statuses);
  narrow(query, (value) => `t.category = ${value}`, filter.category);
  narrow(query, (value) => `t.building = ${value}`, filter.building?.normalize('NFC').trim());
  narrow(query, (value) => `t.assignee_id = ${value}`, filterId('Organization', filter.assignee));
  narrow(query, (value) => `t.project_id = ${value}`, filterId('Project', filter.project));
  narrow(query, (value) => `(t.raised_by = app.user_id()) IS NOT DISTINCT FROM ${value}`, filter.mine);
  narrow(query, (value) => `${OVERDUE('t')} = ${value}`, filter.overdue);
  await narrowByText(context, query, filterText(filter.text));
  return page(context.session, context.platform.cursors, query, args);
}
