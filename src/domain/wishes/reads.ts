import { selectList } from '../../platform/database/columns';
import { narrow, page, READABLE, type ForwardArgs, type ListQuery, type Page } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { byId, type LoaderDefinition } from '../../platform/graphql/loaders';
import { Wish, WishClaim, type WishStatus } from './model';

export const wishById = byId(Wish);

/** The wishes that the actor may read, the latest first. */
export function listWishes(context: RequestContext, args: ForwardArgs, status: WishStatus | null | undefined): Promise<Page<Wish>> {
  const query: ListQuery<Wish> = {
    list: 'wishes', select: selectList(Wish, 't'), from: 'wishes t', where: [READABLE], values: [], order: [{ sql: 't.id', type: 'uuid', of: (row) => row.id }], descending: true,
  };
  narrow(query, (value) => `t.status = ${value}`, status);
  return page(context.session, context.platform.cursors, query, args);
}

/** Who has taken wishes on, as far as the actor may read it. */
export const claimOf: LoaderDefinition<string, WishClaim | null> = {
  batch: async (session, wishIds) => {
    const rows = await session.read<WishClaim>({
      name: 'wish-claims',
      text: `SELECT ${selectList(WishClaim, 't')} FROM wish_claims t WHERE t.network_id = app.network_id() AND t.wish_id = ANY($1::uuid[])`,
      values: [wishIds],
    });
    const found = new Map(rows.map((row) => [row.wishId, row]));
    return wishIds.map((id) => found.get(id) ?? null);
  },
};
