import { anonymous, Session, type Transaction } from '../../platform/database/session';
import type { Platform } from '../../platform/graphql/context';
import { EXPIRED, holdAccounts, transfer, volunteer, type HeldAccount } from './ledger';
import { policyOf } from './policy';
import { recordTransfer } from './service';

/**
 * Points expire oldest first: what is spent or held is the oldest of what came in. So of an account that part is still good
 * which came in after a month, and the rest of what is available has come in until then.
 */

/** How many accounts are gone through in one transaction. */
const BATCH = 200;

/** The last month whose points are not good any more on a day. $1: the day, $2: how long they are good. */
const LAST_MONTH = `date_trunc('month', $1::date - $2::interval)::date - interval '1 month'`;

/** The first day on which the points of a month are gone. */
const expiryDay = (month: string, expiresAfter: string): string => `(${month}::date + interval '1 month' + ${expiresAfter}::interval)::date`;

/** What of each account is not good any more on a day: available and come in by the last such month. */
const DUE = `SELECT a.id, (a.balance - a.held - coalesce(sum(m.credited) FILTER (WHERE m.month > ${LAST_MONTH}), 0))::bigint AS amount
  FROM points_accounts a JOIN points_months m ON m.network_id = a.network_id AND m.account_id = a.id
  WHERE a.network_id = app.network_id() AND a.kind = 'VOLUNTEER' AND a.balance > a.held`;
const LEFT_OVER = `HAVING a.balance - a.held > coalesce(sum(m.credited) FILTER (WHERE m.month > ${LAST_MONTH}), 0)`;

interface Due {
  id: string;
  amount: number;
}

/** Expires what is due of accounts that are held. Through the door of points. @returns how many accounts had something */
async function expire(tx: Transaction, accounts: ReadonlyMap<string, HeldAccount>, expiresAfter: string): Promise<number> {
  const due = await tx.query<Due>(`${DUE} AND a.id = ANY($3::uuid[]) GROUP BY a.id, a.balance, a.held ${LEFT_OVER} ORDER BY a.id`, [
    tx.actor.today, expiresAfter, [...accounts.keys()],
  ]);
  if (due.length === 0) return 0;
  const transfers = due.map(({ id, amount }) => ({ debit: volunteer(id), credit: EXPIRED, amount }));
  const ids = await transfer(tx, accounts, transfers.map((row) => ({ ...row, reason: 'EXPIRY', status: 'POSTED' })));
  ids.forEach((id, index) => recordTransfer(tx, 'points.expire', accounts, { ...transfers[index]!, id }));
  return due.length;
}

/** Holds a volunteer's account with what is still good today, before points are taken from it. Through the door of points. */
export async function holdGood(tx: Transaction, accountIds: readonly string[]): Promise<Map<string, HeldAccount>> {
  const holders = accountIds.map(volunteer);
  const accounts = await holdAccounts(tx, holders);
  const { expiresAfter } = await policyOf(tx, tx.actor.networkId);
  if (expiresAfter === null) return accounts;
  return (await tx.consequently(() => expire(tx, accounts, expiresAfter))) === 0 ? accounts : holdAccounts(tx, holders);
}

/**
 * Writes down, in every network and once a day, the points that are not good any more, and tells volunteers of those that
 * soon will not be. What is taken from an account is only what is good, whether or not the round has been made. Any number
 * of processes may do it at once.
 * @returns how many accounts had something
 */
export async function recordDuePoints({ dataSource, clock }: Pick<Platform, 'dataSource' | 'clock'>): Promise<number> {
  const session = new Session(dataSource, anonymous, clock);
  const networks = await session.door<{ networkId: string }>({ text: 'SELECT due AS "networkId" FROM app.networks_with_points_due($1) AS due', values: [clock.now()] });
  let changed = 0;
  for (const { networkId } of networks) {
    for (const work of [expireBatch, noticeBatch]) {
      let last: string | null = '00000000-0000-0000-0000-000000000000';
      while (last !== null) {
        const batch = await session.through('points', networkId, (tx) => work(tx, last!));
        changed += batch.changed;
        last = batch.last;
      }
    }
    await session.through('points', networkId, (tx) =>
      tx.query('INSERT INTO points_rounds (network_id, done_on) VALUES (app.network_id(), $1) ON CONFLICT (network_id) DO UPDATE SET done_on = excluded.done_on', [tx.actor.today]),
    );
  }
  return changed;
}

/** What was done of a batch, and the account after which the next one begins; null at the end. */
interface Batch {
  changed: number;
  last: string | null;
}

const batchOf = (rows: readonly { id: string }[], changed: number): Batch => ({ changed, last: rows.length === BATCH ? rows.at(-1)!.id : null });

async function expireBatch(tx: Transaction, after: string): Promise<Batch> {
  const { expiresAfter } = await policyOf(tx, tx.actor.networkId);
  if (expiresAfter === null) return batchOf([], 0);
  const due = await tx.query<Due>(`${DUE} AND a.id > $3 GROUP BY a.id, a.balance, a.held ${LEFT_OVER} ORDER BY a.id LIMIT ${BATCH}`, [tx.actor.today, expiresAfter, after]);
  if (due.length === 0) return batchOf(due, 0);
  return batchOf(due, await expire(tx, await holdAccounts(tx, due.map(({ id }) => volunteer(id))), expiresAfter));
}

/** Tells of what will not be good any more within the notice, once for what came in by a month. */
async function noticeBatch(tx: Transaction, after: string): Promise<Batch> {
  const { expiresAfter, expiryNotice } = await policyOf(tx, tx.actor.networkId);
  if (expiresAfter === null) return batchOf([], 0);
  const [{ day }] = (await tx.query<{ day: string }>('SELECT ($1::date + $2::interval)::date AS day', [tx.actor.today, expiryNotice])) as [{ day: string }];
  const due = await tx.query<Due & { userId: string | null; month: string; isNew: boolean; on: string }>(
    `SELECT d.id, d.amount, a.user_id AS "userId", m.month, m.noticed_at IS NULL AS "isNew", ${expiryDay('m.month', '$2')} AS "on"
     FROM (${DUE} AND a.id > $3 GROUP BY a.id, a.balance, a.held ${LEFT_OVER}) d
       JOIN points_accounts a ON a.network_id = app.network_id() AND a.id = d.id
       CROSS JOIN LATERAL (SELECT month, noticed_at FROM points_months m WHERE m.network_id = a.network_id AND m.account_id = a.id AND m.credited > 0 AND m.month <= ${LAST_MONTH}
         ORDER BY month DESC LIMIT 1) m
     ORDER BY d.id LIMIT ${BATCH}`,
    [day, expiresAfter, after],
  );
  const telling = due.filter(({ isNew }) => isNew);
  if (telling.length) {
    await tx.query(
      `UPDATE points_months m SET noticed_at = $3 FROM unnest($1::uuid[], $2::date[]) AS n(account_id, month) WHERE m.network_id = app.network_id() AND m.account_id = n.account_id AND m.month = n.month`,
      [telling.map(({ id }) => id), telling.map(({ month }) => month), tx.actor.now],
    );
  }
  for (const { id, amount, userId, on } of telling) {
    tx.emit({
      kind: 'POINTS_TRANSFERRED', action: 'points.expiring', subjectType: 'PointsAccount', subjectId: id, audience: [], people: userId === null ? [] : [userId],
      refs: { volunteer: id }, data: { points: amount, on },
    });
  }
  return batchOf(due, telling.length);
}
