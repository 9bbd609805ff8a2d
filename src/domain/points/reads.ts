import { selectList } from '../../platform/database/columns';
import { narrow, nestedPage, page, READABLE, type ForwardArgs, type ListQuery, type Page } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { asked } from '../../platform/graphql/edge';
import { RequestError } from '../../platform/graphql/errors';
import { byId, grouped, type LoaderDefinition } from '../../platform/graphql/loaders';
import { period as checkedPeriod } from './inputs';
import { PointsEntry, PointsSettlement, PointsTransfer, type AccountKind, type ExpiringPoints, type PointsAccount } from './model';
import { policyOf } from './policy';
import { csvOf, type StatementLine } from './statement';

export const transferById = byId(PointsTransfer);
export const entryById = byId(PointsEntry);
export const settlementById = byId(PointsSettlement);

/** Days of the network, both included. */
export interface Period {
  from: string;
  to: string;
}

const COMMITTEE = `app.principal('committee', app.network_id()) = ANY(app.principals())`;
const OWN_KINDS: readonly AccountKind[] = ['ISSUANCE', 'EXPIRED'];
const isOwn = (kind: AccountKind): boolean => OWN_KINDS.includes(kind);

/** Accounts by their ids, as the rows add up; one that nothing has come to yet is there for whom it will be there. */
export const accountById: LoaderDefinition<string, PointsAccount | null> = {
  batch: async (session, ids) => {
    const rows = await session.read<PointsAccount>({
      name: 'points-accounts-by-id',
      text: `SELECT id, kind, sum(balance)::bigint AS balance, sum(held)::bigint AS held FROM (
          SELECT a.id, a.kind, a.balance, a.held FROM points_accounts a WHERE a.network_id = app.network_id() AND a.id = ANY($1::uuid[])
          UNION ALL SELECT p.account_id, p.kind, p.balance, 0 FROM points_parts p WHERE p.network_id = app.network_id() AND p.account_id = ANY($1::uuid[])
          UNION ALL SELECT v.id, 'VOLUNTEER', 0, 0 FROM volunteers v WHERE v.network_id = app.network_id() AND v.id = ANY($1::uuid[])
            AND (v.user_id = app.user_id() OR ${COMMITTEE})
          UNION ALL SELECT o.id, 'MERCHANT', 0, 0 FROM organizations o WHERE o.network_id = app.network_id() AND o.id = ANY($1::uuid[])
            AND (app.principal('administrator', o.id) = ANY(app.principals()) OR ${COMMITTEE})
          UNION ALL SELECT app.points_account(app.network_id(), kind, NULL), kind, 0, 0 FROM unnest(ARRAY['ISSUANCE','EXPIRED']) AS kind
            WHERE app.points_account(app.network_id(), kind, NULL) = ANY($1::uuid[]) AND ${COMMITTEE}
        ) a GROUP BY id, kind`,
      values: [ids],
    });
    const found = new Map(rows.map((row) => [row.id, row]));
    return ids.map((id) => found.get(id) ?? null);
  },
};

/** The network's own two accounts, for the committee; none for anybody else. */
export async function accountsOfNetwork(context: RequestContext): Promise<PointsAccount[]> {
  const own = await context.session.read<{ id: string }>({
    name: 'points-accounts-of-network',
    text: `SELECT app.points_account(app.network_id(), kind, NULL) AS id FROM unnest(ARRAY['ISSUANCE','EXPIRED']) AS kind`,
  });
  const accounts = await Promise.all(own.map(({ id }) => context.load(accountById, id)));
  return accounts.filter((account) => account !== null);
}

const dayStart = (value: string, zone: string): string => `${value}::timestamp AT TIME ZONE ${zone}`;

const entriesQuery = (account: PointsAccount): ListQuery<PointsEntry> => ({
  list: `points entries ${account.id}`, select: selectList(PointsEntry, 't'), from: 'points_entries t', where: [READABLE], values: [],
  order: [
    { sql: 't.at', type: 'timestamptz', of: ({ at }) => at },
    { sql: 't.part', type: 'smallint', of: ({ part }) => part },
    { sql: 't.seq', type: 'bigint', of: ({ seq }) => seq },
  ],
  descending: true,
});

function narrowByPeriod(query: ListQuery<PointsEntry>, period: Period | null | undefined, timeZone: string): void {
  if (period == null) return;
  const { from, to } = asked(checkedPeriod, period);
  query.values.push(timeZone);
  const zone = `$${query.values.length}`;
  narrow(query, (value) => `t.at >= ${dayStart(`${value}::date`, zone)}`, from);
  narrow(query, (value) => `t.at < ${dayStart(`(${value}::date + 1)`, zone)}`, to);
}

/** The lines of an account, the latest first. */
export async function entriesOf(context: RequestContext, account: PointsAccount, args: ForwardArgs, period: Period | null | undefined): Promise<Page<PointsEntry>> {
  const query = entriesQuery(account);
  narrowByPeriod(query, period, (await context.actor()).timeZone);
  if (!isOwn(account.kind)) return nestedPage(context, query, 't.account_id', account.id, args);
  narrow(query, (value) => `t.account_id = ${value}`, account.id);
  const entries = await page(context.session, context.platform.cursors, query, args);
  await addUp(context, account, entries.rows);
  return entries;
}

/** Of an account that is kept in parts: the balance of the whole after each of some lines that follow each other, the latest first. */
async function addUp(context: RequestContext, { id, balance }: PointsAccount, rows: PointsEntry[]): Promise<void> {
  const [latest] = rows;
  if (!latest) return;
  const [{ later }] = (await context.session.read<{ later: number }>({
    text: `SELECT coalesce(sum(e.delta), 0)::bigint AS later FROM points_entries e WHERE e.network_id = app.network_id() AND e.account_id = $1 AND (e.at, e.part, e.seq) > ($2, $3, $4)`,
    values: [id, latest.at, latest.part, latest.seq],
  })) as [{ later: number }];
  let after = balance - later;
  for (const row of rows) {
    row.balanceAfter = after;
    after -= row.delta;
  }
}

/** How many lines a statement may have. */
const MOST_LINES = 10_000;

/** What happened to an account in a period, with the balances before and after. @throws RequestError when it is too long */
export async function statementOf(context: RequestContext, { id, balance }: PointsAccount, period: Period): Promise<{ opening: number; closing: number; csv: string }> {
  const { from, to } = asked(checkedPeriod, period);
  const { timeZone } = await context.actor();
  const OF_ACCOUNT = 'e.network_id = app.network_id() AND e.account_id = $1';
  const [later, lines] = await Promise.all([
    context.session.read<{ later: number }>({
      text: `SELECT coalesce(sum(e.delta), 0)::bigint AS later FROM points_entries e WHERE ${OF_ACCOUNT} AND e.at >= ${dayStart('($2::date + 1)', '$3')}`,
      values: [id, to, timeZone],
    }),
    context.session.read<Omit<StatementLine, 'balanceAfter'>>({
      text: `SELECT to_char(e.at AT TIME ZONE $4, 'YYYY-MM-DD HH24:MI:SS') AS at, t.reason, t.memo, e.delta FROM points_entries e JOIN points_transfers t ON t.network_id = e.network_id AND t.id = e.transfer_id
        WHERE ${OF_ACCOUNT} AND e.at >= ${dayStart('$2::date', '$4')} AND e.at < ${dayStart('($3::date + 1)', '$4')} ORDER BY e.at, e.part, e.seq LIMIT ${MOST_LINES + 1}`,
      values: [id, from, to, timeZone],
    }),
  ]);
  if (lines.length > MOST_LINES) throw new RequestError('BAD_USER_INPUT', 'statement.long', { most: MOST_LINES });
  const closing = balance - later[0]!.later;
  const opening = closing - lines.reduce((sum, { delta }) => sum + delta, 0);
  let running = opening;
  return { opening, closing, csv: csvOf(context, lines.map((line) => ({ ...line, balanceAfter: (running += line.delta) }))) };
}

/** What of volunteers' points will not be good any more, by day; what is spent or held is the oldest. */
const expiringOfAccount: LoaderDefinition<string, { month: string; on: string; amount: number }[]> = {
  batch: async (session, ids) => {
    const rows = await session.read<{ id: string; month: string; on: string; amount: number }>({
      name: 'points-expiring',
      text: `SELECT id, month, day AS "on", least(amount, upto)::bigint AS amount FROM (
          SELECT a.id, m.month, (m.month + interval '1 month' + p.expires_after)::date AS day, m.credited AS amount,
            a.balance - a.held - coalesce(sum(m.credited) OVER (PARTITION BY a.id ORDER BY m.month DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS upto
          FROM points_accounts a JOIN points_months m ON m.network_id = a.network_id AND m.account_id = a.id AND m.credited > 0
            JOIN points_policies p ON p.network_id = a.network_id AND p.expires_after IS NOT NULL
          WHERE a.network_id = app.network_id() AND a.id = ANY($1::uuid[])) lots
        WHERE upto > 0 ORDER BY month`,
      values: [ids],
    });
    return grouped(ids, rows, ({ id }) => id);
  },
};

/** What of an account will not be good any more on which day, the soonest first. */
export const expiringOf = (context: RequestContext, { id }: PointsAccount): Promise<ExpiringPoints[]> => context.load(expiringOfAccount, id);

/** The settlements of a merchant, the latest period first. */
export const settlementsOf = (context: RequestContext, organizationId: string, args: ForwardArgs): Promise<Page<PointsSettlement>> =>
  nestedPage<PointsSettlement>(
    context,
    {
      list: 'points settlements', select: selectList(PointsSettlement, 't'), from: 'points_settlements t', where: [READABLE], values: [],
      order: [{ sql: 't.from_day', type: 'date', of: (row) => row.fromDay }, { sql: 't.id', type: 'uuid', of: (row) => row.id }], descending: true,
    },
    't.organization_id',
    organizationId,
    args,
  );

/** The policy of the network. */
export const readPolicy = async (context: RequestContext) => policyOf(context.session, (await context.actor()).networkId);
