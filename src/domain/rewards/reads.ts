import { selectList } from '../../platform/database/columns';
import { narrow, nestedPage, page, READABLE, type ForwardArgs, type ListQuery, type Page } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { byId } from '../../platform/graphql/loaders';
import { Redemption, Reward, type RedemptionStatus, type RewardKind } from './model';

export const rewardById = byId(Reward);
export const redemptionById = byId(Redemption);

const rewards = (list: string): ListQuery<Reward> => ({
  list, select: selectList(Reward, 't'), from: 'rewards t', where: [READABLE], values: [], order: [{ sql: 't.id', type: 'uuid', of: (row) => row.id }], descending: true,
});

/** Can be redeemed now, by an organization in good standing. */
const REDEEMABLE = `t.status = 'OFFERED' AND (t.valid_until IS NULL OR t.valid_until >= app.today())
  AND EXISTS (SELECT FROM organizations o WHERE o.network_id = t.network_id AND o.id = t.organization_id AND o.status = 'ACTIVE')`;

/** What can be redeemed now, the latest offer first. */
export function listRewards(context: RequestContext, args: ForwardArgs, kind: RewardKind | null | undefined): Promise<Page<Reward>> {
  const query = rewards('rewards');
  query.where.push(REDEEMABLE);
  narrow(query, (value) => `t.kind = ${value}`, kind);
  return page(context.session, context.platform.cursors, query, args);
}

/** What an organization offers or has offered, as far as the actor may read it, the latest first. */
export const rewardsOfOrganization = (context: RequestContext, organizationId: string, args: ForwardArgs): Promise<Page<Reward>> =>
  nestedPage(context, rewards('rewards of organization'), 't.organization_id', organizationId, args);

/** The redemptions that the actor may read, the latest first. */
export function listRedemptions(context: RequestContext, args: ForwardArgs, status: RedemptionStatus | null | undefined): Promise<Page<Redemption>> {
  const query: ListQuery<Redemption> = {
    list: 'redemptions', select: selectList(Redemption, 't'), from: 'redemptions t', where: [READABLE], values: [],
    order: [{ sql: 't.id', type: 'uuid', of: (row) => row.id }], descending: true,
  };
  narrow(query, (value) => `CASE WHEN t.status = 'RESERVED' AND t.lapses_at <= app.now() THEN 'LAPSED' ELSE t.status END = ${value}`, status);
  return page(context.session, context.platform.cursors, query, args);
}
