import { page, type ForwardArgs, type ListQuery, type Page } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { filterText, MOST_OF_SEARCH } from '../../platform/graphql/edge';
import { RequestError } from '../../platform/graphql/errors';
import type { LoaderDefinition } from '../../platform/graphql/loaders';
import { activityById } from '../activities/reads';
import { needById } from '../needs/reads';
import { organizationById, positionById } from '../network/reads';
import { projectById } from '../projects/reads';
import { resourceById } from '../resources/reads';
import type { Hit } from './model';

/** How many of each type are found at most: nobody pages further. */
export const MOST_FOUND = 500;

/** What is searched: each table with its type and how its rows are read through their policies. */
const SEARCHED: Readonly<Record<string, { type: string; loader: LoaderDefinition<string, object | null> }>> = {
  organizations: { type: 'Organization', loader: organizationById },
  positions: { type: 'Position', loader: positionById },
  resources: { type: 'Resource', loader: resourceById },
  activities: { type: 'Activity', loader: activityById },
  needs: { type: 'Need', loader: needById },
  projects: { type: 'Project', loader: projectById },
};

/** What the actor may read of what fits a text, the best first. */
export async function search(context: RequestContext, sought: string, args: ForwardArgs): Promise<Page<Hit>> {
  const text = filterText(sought);
  if (text === null) throw new RequestError('BAD_USER_INPUT', 'search.length', { most: MOST_OF_SEARCH });
  const query: ListQuery<Hit> = {
    list: 'search',
    select: 't.type AS "foundIn", t.rank, t.id',
    from: 'app.search($1, $2, $3) t',
    where: ['true'],
    values: [text, Object.keys(SEARCHED), MOST_FOUND],
    order: [
      { sql: 't.rank', type: 'real', of: (hit) => hit.rank },
      { sql: 't.type', type: 'text', of: (hit) => hit.foundIn },
      { sql: 't.id', type: 'uuid', of: (hit) => hit.id },
    ],
    descending: true,
  };
  const found = await page(context.session, context.platform.cursors, query, args);
  await Promise.all(
    found.rows.map(async (hit) => {
      const { type, loader } = SEARCHED[hit.foundIn]!;
      Object.assign(hit, await context.load(loader, hit.id), { __typename: type });
    }),
  );
  return found;
}
