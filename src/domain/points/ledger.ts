import type { Transaction } from '../../platform/database/session';
import { Refusal } from '../../platform/graphql/refusal';
import { newId } from '../../platform/ids';
import type { AccountKind, TransferReason, TransferStatus } from './model';

/**
 * The ledger: what moves points, and nothing else does. All of it works through the door of points. Whoever calls it first
 * locks what else is concerned (a redemption, its reward), then the accounts, in one call and with all that will be moved.
 */

/** Whose account it is. */
export interface Holder {
  kind: AccountKind;
  /** The volunteer or the organization; null of the network's own accounts. */
  id: string | null;
}
export const ISSUANCE: Holder = { kind: 'ISSUANCE', id: null };
export const EXPIRED: Holder = { kind: 'EXPIRED', id: null };
export const volunteer = (id: string): Holder & { id: string } => ({ kind: 'VOLUNTEER', id });
export const merchant = (id: string): Holder & { id: string } => ({ kind: 'MERCHANT', id });

/** An account that is held for the rest of the transaction. */
export interface HeldAccount {
  id: string;
  kind: AccountKind;
  balance: number;
  held: number;
  userId: string | null;
}

/** A transfer about to be made. */
export interface NewTransfer {
  debit: Holder;
  credit: Holder;
  amount: number;
  reason: TransferReason;
  /** HELD: it is kept back on the debit side until it is posted or voided; the credit side need only be open. */
  status: Exclude<TransferStatus, 'VOIDED'>;
  memo?: string | null;
  source?: { type: string; id: string };
  reversesId?: string;
  /** Of what a service earned: the first day of its month. */
  serviceMonth?: string;
}

/** What of a kept transfer counts when it is settled. */
export interface KeptTransfer {
  id: string;
  debit: Holder;
  credit: Holder;
  amount: number;
}

/** The first day of a day's month. */
export const monthOf = (day: string): string => `${day.slice(0, 7)}-01`;

const LOCK = `SELECT a.id, a.kind, a.balance, a.held, v.user_id AS "userId", a.user_id IS DISTINCT FROM v.user_id AS moved
  FROM points_accounts a LEFT JOIN volunteers v ON v.network_id = a.network_id AND v.id = a.volunteer_id
  WHERE a.network_id = app.network_id() AND a.id = ANY($1::uuid[]) ORDER BY a.id FOR NO KEY UPDATE OF a`;

/** Opens accounts for holders that have none yet. */
const OPEN = `INSERT INTO points_accounts (network_id, id, kind, user_id, moved_at)
  SELECT app.network_id(), h.id, h.kind, v.user_id, $3 FROM unnest($1::uuid[], $2::text[]) AS h(id, kind)
    LEFT JOIN volunteers v ON h.kind = 'VOLUNTEER' AND v.network_id = app.network_id() AND v.id = h.id
  ORDER BY h.id ON CONFLICT (network_id, id) DO NOTHING`;

/** Opens accounts that are only to be paid into later, without holding them. */
export const openAccounts = (tx: Transaction, holders: readonly (Holder & { id: string })[]): Promise<unknown> =>
  tx.query(OPEN, [holders.map(({ id }) => id), holders.map(({ kind }) => kind), tx.actor.now]);

/** Holds the accounts of volunteers and merchants, in the order that everybody holds them in; the network's own need none. */
export async function holdAccounts(tx: Transaction, holders: readonly Holder[]): Promise<Map<string, HeldAccount>> {
  const kinds = new Map(holders.flatMap(({ id, kind }) => (id === null ? [] : [[id, kind] as const])));
  const ids = [...kinds.keys()];
  let held = await tx.query<HeldAccount & { moved: boolean }>(LOCK, [ids]);
  if (held.length < ids.length) {
    await tx.query(OPEN, [ids, [...kinds.values()], tx.actor.now]);
    held = await tx.query(LOCK, [ids]);
  }
  await follow(tx, held.filter(({ moved }) => moved));
  return new Map(held.map((account) => [account.id, account]));
}

/** Lets a person who has got or lost the account of the platform read, or not read any more, what a volunteer's points did. */
async function follow(tx: Transaction, accounts: readonly { id: string; userId: string | null }[]): Promise<void> {
  if (accounts.length === 0) return;
  const values = [accounts.map(({ id }) => id), accounts.map(({ userId }) => userId)];
  const set = (table: string, column: string, key: string) =>
    `UPDATE ${table} t SET ${column} = n.user_id FROM unnest($1::uuid[], $2::uuid[]) AS n(id, user_id) WHERE t.network_id = app.network_id() AND t.${key} = n.id`;
  await tx.query(set('points_accounts', 'user_id', 'id'), values);
  await tx.query(set('points_entries', 'user_id', 'account_id'), values);
  await tx.query(set('points_months', 'user_id', 'account_id'), values);
  await tx.query(set('points_transfers', 'debit_user_id', 'debit_holder'), values);
  await tx.query(set('points_transfers', 'credit_user_id', 'credit_holder'), values);
}

/** Lets the reading of volunteers' points follow their accounts of the platform, which have just changed. */
export const followVolunteers = (tx: Transaction, ids: readonly string[]): Promise<unknown> =>
  tx.through('points', async () => {
    await follow(tx, (await tx.query<HeldAccount & { moved: boolean }>(LOCK, [ids])).filter(({ moved }) => moved));
  });

const INSERT = `INSERT INTO points_transfers (network_id, id, debit_kind, debit_id, debit_user_id, credit_kind, credit_id, credit_user_id, amount, reason,
    status, memo, source_type, source_id, reverses_id, service_month, created_by, created_at, settled_at)
  SELECT app.network_id(), t.id, t.debit_kind, app.points_account(app.network_id(), t.debit_kind, t.debit_id), t.debit_user_id,
    t.credit_kind, app.points_account(app.network_id(), t.credit_kind, t.credit_id), t.credit_user_id, t.amount, t.reason,
    t.status, t.memo, t.source_type, t.source_id, t.reverses_id, t.service_month, app.user_id(), $2::timestamptz, CASE t.status WHEN 'HELD' THEN NULL ELSE $2::timestamptz END
  FROM jsonb_to_recordset($1) AS t(id uuid, debit_kind text, debit_id uuid, debit_user_id uuid, credit_kind text, credit_id uuid, credit_user_id uuid,
    amount bigint, reason text, status text, memo text, source_type text, source_id uuid, reverses_id uuid, service_month date)`;

/** One side of what is moved: an account, by how much its balance goes up or down, and what it holds. */
interface Side {
  transferId: string;
  holder: Holder;
  delta: number;
  held: number;
}

const BOOK = `WITH sides AS (
    SELECT s.n, s.transfer_id, app.points_account(app.network_id(), s.kind, s.holder) AS account_id, s.kind, s.delta, s.held
    FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[], $5::bigint[]) WITH ORDINALITY AS s(transfer_id, kind, holder, delta, held, n)
  ), sums AS (
    SELECT account_id, kind, sum(delta)::bigint AS delta, sum(held)::bigint AS held, count(*) FILTER (WHERE delta <> 0) AS entries FROM sides GROUP BY 1, 2
  ), moved AS (
    UPDATE points_accounts a SET balance = a.balance + s.delta, held = a.held + s.held, entries = a.entries + s.entries, moved_at = greatest(a.moved_at, $6::timestamptz)
    FROM sums s WHERE a.network_id = app.network_id() AND a.id = s.account_id AND a.kind = s.kind
    RETURNING a.id AS account_id, 0::smallint AS part, a.balance, a.entries, a.user_id, a.organization_id, a.moved_at AS at
  ), parts AS (
    INSERT INTO points_parts AS p (network_id, account_id, part, kind, balance, entries)
    SELECT app.network_id(), account_id, pg_backend_pid() % 64, kind, delta, entries FROM sums WHERE kind IN ('ISSUANCE','EXPIRED') AND entries > 0 ORDER BY account_id
    ON CONFLICT (network_id, account_id, part) DO UPDATE SET balance = p.balance + excluded.balance, entries = p.entries + excluded.entries
    RETURNING p.account_id, p.part, p.balance, p.entries, NULL::uuid AS user_id, NULL::uuid AS organization_id, $6::timestamptz AS at
  ), after AS (SELECT * FROM moved UNION ALL SELECT * FROM parts)
  INSERT INTO points_entries (network_id, account_id, part, seq, transfer_id, user_id, organization_id, delta, balance_after, at)
  SELECT app.network_id(), s.account_id, after.part, after.entries - t.entries + row_number() OVER own, s.transfer_id, after.user_id, after.organization_id,
    s.delta, after.balance - t.delta + sum(s.delta) OVER own, after.at
  FROM sides s JOIN sums t USING (account_id) JOIN after USING (account_id) WHERE s.delta <> 0
  WINDOW own AS (PARTITION BY s.account_id ORDER BY s.n)`;

/** Changes the balances of both sides and writes their entries. */
async function book(tx: Transaction, sides: readonly Side[]): Promise<void> {
  await tx.query(BOOK, [
    sides.map(({ transferId }) => transferId), sides.map(({ holder }) => holder.kind), sides.map(({ holder }) => holder.id),
    sides.map(({ delta }) => delta), sides.map(({ held }) => held), tx.actor.now,
  ]);
}

const CREDIT_MONTHS = `INSERT INTO points_months AS m (network_id, account_id, month, user_id, credited, earned)
  SELECT app.network_id(), c.account_id, c.month, a.user_id, c.credited, c.earned
  FROM (SELECT account_id, month, sum(credited) AS credited, sum(earned) AS earned FROM jsonb_to_recordset($1) AS r(account_id uuid, month date, credited bigint, earned bigint)
      GROUP BY 1, 2) c
    JOIN points_accounts a ON a.network_id = app.network_id() AND a.id = c.account_id AND a.kind = 'VOLUNTEER'
  ORDER BY 2, 3 ON CONFLICT (network_id, account_id, month) DO UPDATE SET credited = m.credited + excluded.credited, earned = m.earned + excluded.earned`;

/** What came to volunteers, by the month it came in and the month of the service that earned it. */
async function creditMonths(tx: Transaction, credits: readonly Pick<NewTransfer, 'credit' | 'amount' | 'serviceMonth'>[]): Promise<void> {
  const rows = credits.filter(({ credit }) => credit.kind === 'VOLUNTEER').flatMap(({ credit, amount, serviceMonth }) => [
    { account_id: credit.id, month: monthOf(tx.actor.today), credited: amount, earned: 0 },
    ...(serviceMonth === undefined ? [] : [{ account_id: credit.id, month: serviceMonth, credited: 0, earned: amount }]),
  ]);
  if (rows.length) await tx.query(CREDIT_MONTHS, [JSON.stringify(rows)]);
}

/** @throws Refusal INSUFFICIENT_POINTS when an account would have less than nothing available */
function requirePoints(accounts: ReadonlyMap<string, HeldAccount>, taken: ReadonlyMap<string, number>, path: readonly string[]): void {
  for (const [id, points] of taken) {
    const { balance, held } = accounts.get(id)!;
    if (points > balance - held) throw new Refusal('INSUFFICIENT_POINTS', 'points.insufficient', { available: balance - held, needed: points }, path);
  }
}

/**
 * Makes transfers, in this order, between accounts that are held.
 * @param path where in the input it was asked for, for a refusal
 * @returns their ids @throws Refusal INSUFFICIENT_POINTS
 */
export async function transfer(tx: Transaction, accounts: ReadonlyMap<string, HeldAccount>, transfers: readonly NewTransfer[], path: readonly string[] = []): Promise<string[]> {
  const taken = new Map<string, number>();
  for (const { debit, credit, amount, status } of transfers) {
    if (debit.id !== null) taken.set(debit.id, (taken.get(debit.id) ?? 0) + amount);
    if (credit.id !== null && status === 'POSTED') taken.set(credit.id, (taken.get(credit.id) ?? 0) - amount);
  }
  requirePoints(accounts, taken, path);
  const made = transfers.map((row) => ({ ...row, id: newId(tx.actor.now) }));
  const userOf = ({ id }: Holder) => (id === null ? null : (accounts.get(id)?.userId ?? null));
  await tx.query(INSERT, [
    JSON.stringify(
      made.map(({ id, debit, credit, amount, reason, status, memo, source, reversesId, serviceMonth }) => ({
        id, debit_kind: debit.kind, debit_id: debit.id, debit_user_id: userOf(debit), credit_kind: credit.kind, credit_id: credit.id, credit_user_id: userOf(credit),
        amount, reason, status, memo, source_type: source?.type, source_id: source?.id, reverses_id: reversesId, service_month: serviceMonth,
      })),
    ),
    tx.actor.now,
  ]);
  await book(tx, made.flatMap((row) => (row.status === 'HELD' ? [{ transferId: row.id, holder: row.debit, delta: 0, held: row.amount }] : sidesOf(row))));
  await creditMonths(tx, made.filter(({ status }) => status === 'POSTED'));
  return made.map(({ id }) => id);
}

/** Both sides of what is posted. @param kept how much of it the debit side held until now */
const sidesOf = ({ id, debit, credit, amount }: KeptTransfer, kept = 0): Side[] => [
  { transferId: id, holder: debit, delta: -amount, held: -kept },
  { transferId: id, holder: credit, delta: amount, held: 0 },
];

/** Posts or voids transfers that are held, between accounts that are held; none that was settled already. */
export async function settle(tx: Transaction, kept: readonly KeptTransfer[], status: Exclude<TransferStatus, 'HELD'>): Promise<void> {
  const settled = await tx.query<object>(
    `UPDATE points_transfers SET status = $2, settled_at = $3 WHERE network_id = app.network_id() AND id = ANY($1::uuid[]) AND status = 'HELD' RETURNING id`,
    [kept.map(({ id }) => id), status, tx.actor.now],
  );
  if (settled.length !== kept.length) throw new Refusal('WRONG_STATE', 'points.settled');
  await book(tx, kept.flatMap((row) => (status === 'VOIDED' ? [{ transferId: row.id, holder: row.debit, delta: 0, held: -row.amount }] : sidesOf(row, row.amount))));
  if (status === 'POSTED') await creditMonths(tx, kept);
}
