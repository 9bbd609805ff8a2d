import type { Transaction } from '../../platform/database/session';
import type { Ground } from './access';

/** What counts against the quota of a clause: a range, in each month it lies in, times the quantity. */
export interface Use {
  clauseId: string;
  start: Date;
  end: Date;
  quantity: number;
}

const MONTHS = 'app.months_of(tstzrange($2, $3), $5) AS m';
const valuesOf = (tx: Transaction, { clauseId, start, end, quantity }: Use): unknown[] => [clauseId, start, end, quantity, tx.actor.timeZone];

/**
 * Counts a use, in all of its months or not at all; whoever counts against the same month at the same time waits.
 * Through the door of bookings. @returns whether the quota has room for it
 */
export async function countUse(tx: Transaction, use: Use, contractId: string, quotaSeconds: number): Promise<boolean> {
  const [counted] = await tx.query<{ asked: number; months: string[] }>(
    `WITH needed AS (SELECT m.month, m.seconds * $4::integer AS seconds FROM ${MONTHS}), counted AS (
       INSERT INTO clause_usage AS u (network_id, clause_id, contract_id, month, used_seconds, quota_seconds)
       SELECT app.network_id(), $1, $6, month, seconds, $7 FROM needed WHERE seconds <= $7 ORDER BY month
       ON CONFLICT (network_id, clause_id, month) DO UPDATE SET used_seconds = u.used_seconds + excluded.used_seconds
         WHERE u.used_seconds + excluded.used_seconds <= u.quota_seconds
       RETURNING month)
     SELECT (SELECT count(*) FROM needed)::integer AS asked, ARRAY(SELECT month FROM counted)::text[] AS months`,
    [...valuesOf(tx, use), contractId, quotaSeconds],
  );
  const { asked, months } = counted!;
  if (months.length < asked) await give(tx, use, months);
  return months.length === asked;
}

/** For whom quotas are held besides those who wait. */
interface Concerned {
  organizationIds?: readonly string[];
  clauseIds?: readonly (string | null)[];
}

/**
 * Holds what is used of quotas until the commit, after the resources and in one order everywhere, so that whoever uses
 * several waits rather than crosses: of some clauses, and of all by which some organizations, or who waits, may be given one
 * of these resources. To be called before the first of them is changed, unless it is the only one.
 */
export async function holdQuotas(tx: Transaction, resourceIds: readonly string[], { organizationIds = [], clauseIds = [] }: Concerned = {}): Promise<void> {
  await tx.query('SELECT app.hold_quotas($1, $2, $3)', [resourceIds, organizationIds, clauseIds.filter((id) => id !== null)]);
}

/** The same for what may be counted against several grounds. */
export async function holdGrounds(tx: Transaction, grounds: readonly Ground[]): Promise<void> {
  const clauseIds = new Set(grounds.flatMap((ground) => (ground !== null && ground.quotaSeconds !== null ? [ground.clauseId] : [])));
  if (clauseIds.size > 1) await holdQuotas(tx, [], { clauseIds: [...clauseIds] });
}

/** The best ground whose quota has room, the use counted against it; undefined when none has. Through the door of bookings, the grounds held. */
export async function countOnFirst(tx: Transaction, grounds: readonly Ground[], { start, end, quantity }: Omit<Use, 'clauseId'>): Promise<Ground | undefined> {
  for (const ground of grounds) {
    if (ground === null || ground.quotaSeconds === null) return ground;
    const { clauseId, contractId, quotaSeconds } = ground;
    if (await countUse(tx, { clauseId, start, end, quantity }, contractId, quotaSeconds)) return ground;
  }
  return undefined;
}

/** Gives back what was counted. Through the door of bookings. */
export const giveBack = (tx: Transaction, use: Use): Promise<void> => give(tx, use, null);

async function give(tx: Transaction, use: Use, months: readonly string[] | null): Promise<void> {
  await tx.query(
    `WITH held AS (
       SELECT u.month, m.seconds FROM clause_usage u JOIN ${MONTHS} ON m.month = u.month
       WHERE u.network_id = app.network_id() AND u.clause_id = $1 AND ($6::date[] IS NULL OR u.month = ANY($6::date[])) ORDER BY u.month FOR UPDATE OF u)
     UPDATE clause_usage u SET used_seconds = u.used_seconds - held.seconds * $4::integer FROM held
     WHERE u.network_id = app.network_id() AND u.clause_id = $1 AND u.month = held.month`,
    [...valuesOf(tx, use), months],
  );
}
