import { may } from '../../access/matrix';
import { once } from '../../platform/database/idempotency';
import type { Transaction } from '../../platform/database/session';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import type { AuditAction } from '../../platform/i18n/messages';
import { recordChange, type Change } from '../network/history';
import type * as inputs from './inputs';
import { holdAccounts, ISSUANCE, monthOf, transfer, volunteer, type HeldAccount, type Holder } from './ledger';
import { PointsTransfer, type AccountKind } from './model';
import { policyOf } from './policy';

export { updatePointsPolicy } from './policy';

type Input<Name extends keyof typeof inputs> = InputOf<typeof inputs, Name>;
type Moved = Promise<{ transfer: PointsTransfer }>;

const fresh = async (tx: Transaction, id: string): Moved => ({ transfer: (await tx.find(PointsTransfer, id))! });

/** Notes that points were moved, for whoever they concern. */
export function recordTransfer(
  tx: Transaction,
  action: AuditAction,
  accounts: ReadonlyMap<string, HeldAccount>,
  moved: { id: string; amount: number; debit: Holder; credit: Holder },
  more: Partial<Pick<Change, 'notice' | 'data' | 'committee' | 'people'>> = {},
): void {
  const sides = [moved.debit, moved.credit].flatMap(({ id }) => (id === null ? [] : [accounts.get(id)!]));
  recordChange(
    tx,
    action,
    {
      subjectType: 'PointsTransfer', subjectId: moved.id, ...more,
      audience: sides.filter(({ kind }) => kind === 'MERCHANT').map(({ id }) => id),
      people: [...sides.flatMap(({ userId }) => userId ?? []), ...(more.people ?? [])],
      refs: Object.fromEntries(sides.map(({ kind, id }) => [kind === 'MERCHANT' ? 'organization' : 'volunteer', id])),
      data: { points: moved.amount, ...more.data },
    },
    { amount: [null, moved.amount] },
  );
}

/** Counts what a person grants in a month. Through the door of points. @throws Refusal QUOTA_EXCEEDED */
export async function countGrant(tx: Transaction, amount: number, path: readonly string[]): Promise<void> {
  const { networkId, userId, today } = tx.actor;
  const { bonusLimit } = await policyOf(tx, networkId);
  const counted = await tx.query<object>(
    `INSERT INTO points_granters AS g (network_id, user_id, month, granted) SELECT app.network_id(), $1, $2, $3 WHERE $3::bigint <= coalesce($4::bigint, $3::bigint)
     ON CONFLICT (network_id, user_id, month) DO UPDATE SET granted = g.granted + excluded.granted WHERE g.granted + excluded.granted <= coalesce($4::bigint, g.granted + excluded.granted)
     RETURNING user_id`,
    [userId, monthOf(today), amount, bonusLimit],
  );
  if (counted.length === 0) throw new Refusal('QUOTA_EXCEEDED', 'points.bonusLimit', { limit: bonusLimit! }, path);
}

/** Grants a volunteer points beside what services earn, within the granter's limit of the month. The committee. */
export async function grantBonus(tx: Transaction, input: Input<'grantBonus'>): Moved {
  if (!may(tx.actor, 'points.issue', {})) throw new Refusal('NOT_ALLOWED', 'notAllowed');
  const { amount, reason } = input;
  const volunteerId = tx.idOf('Volunteer', input.volunteer, ['volunteer']);
  const { id } = await once(tx, 'grantBonus', input, async () => {
    const [granted] = await tx.query<{ status: string }>('SELECT status FROM volunteers WHERE network_id = app.network_id() AND id = $1', [volunteerId]);
    if (!granted) throw new Refusal('NOT_FOUND', 'notFound', {}, ['volunteer']);
    if (!['ACTIVE', 'PAUSED'].includes(granted.status)) throw new Refusal('WRONG_STATE', 'points.volunteer', {}, ['volunteer']);
    return tx.through('points', async () => {
      await countGrant(tx, amount, ['amount']);
      const bonus = { debit: ISSUANCE, credit: volunteer(volunteerId), amount };
      const accounts = await holdAccounts(tx, [bonus.credit]);
      const [made] = await transfer(tx, accounts, [{ ...bonus, reason: 'BONUS', status: 'POSTED', memo: reason }]);
      recordTransfer(tx, 'points.grant', accounts, { ...bonus, id: made! });
      return { id: made! };
    });
  });
  return fresh(tx, id);
}

const holderOf = (kind: AccountKind, id: string): Holder => ({ kind, id: kind === 'VOLUNTEER' || kind === 'MERCHANT' ? id : null });

/** @throws Refusal when a transfer is not one that can be taken back */
function refuseIrreversible({ status, reason }: PointsTransfer): void {
  if (status !== 'POSTED') throw new Refusal('WRONG_STATE', 'points.reverse.status', {}, ['transfer']);
  if (reason === 'REVERSAL') throw new Refusal('NOT_ALLOWED', 'points.reverse.reversal', {}, ['transfer']);
  if (reason === 'SETTLEMENT') throw new Refusal('NOT_ALLOWED', 'points.reverse.settlement', {}, ['transfer']);
}

/** What was earned in a month is as if it had never been. */
async function uncredit(tx: Transaction, { creditKind, creditId, amount, serviceMonth, settledAt }: PointsTransfer): Promise<void> {
  if (creditKind !== 'VOLUNTEER') return;
  const set = 'UPDATE points_months SET';
  const where = 'WHERE network_id = app.network_id() AND account_id = $1';
  await tx.query(`${set} credited = credited - $2 ${where} AND month = date_trunc('month', $3::timestamptz AT TIME ZONE $4)::date`, [creditId, amount, settledAt, tx.actor.timeZone]);
  if (serviceMonth !== null) await tx.query(`${set} earned = earned - $2 ${where} AND month = $3::date`, [creditId, amount, serviceMonth]);
}

/** Takes a posted transfer back, whose points are still there. Through the door of points. @throws Refusal */
async function reverse(tx: Transaction, original: PointsTransfer, memo: string | null): Promise<string> {
  refuseIrreversible(original);
  const back = { debit: holderOf(original.creditKind, original.creditId), credit: holderOf(original.debitKind, original.debitId), amount: original.amount };
  const accounts = await holdAccounts(tx, [back.debit, back.credit]);
  const [twice] = await tx.query<object>('SELECT id FROM points_transfers WHERE network_id = app.network_id() AND reverses_id = $1', [original.id]);
  if (twice) throw new Refusal('CONFLICT', 'points.reverse.twice', {}, ['transfer']);
  const [id] = await transfer(tx, accounts, [{ ...back, reason: 'REVERSAL', status: 'POSTED', memo, reversesId: original.id }], ['transfer']);
  await uncredit(tx, original);
  recordTransfer(tx, 'points.reverse', accounts, { ...back, id: id! });
  return id!;
}

/** Takes a posted transfer back by another one, once. The committee. */
export async function reverseTransfer(tx: Transaction, input: Input<'reverseTransfer'>): Moved {
  if (!may(tx.actor, 'points.issue', {})) throw new Refusal('NOT_ALLOWED', 'notAllowed');
  const { id } = await once(tx, 'reverseTransfer', input, async () => {
    const original = await tx.find(PointsTransfer, tx.idOf('PointsTransfer', input.transfer, ['transfer']));
    if (!original) throw new Refusal('NOT_FOUND', 'notFound', {}, ['transfer']);
    return { id: await tx.through('points', () => reverse(tx, original, input.reason)) };
  });
  return fresh(tx, id);
}
