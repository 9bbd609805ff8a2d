import { may } from '../../access/matrix';
import { permit } from '../../access/viewer-can';
import { selectList } from '../../platform/database/columns';
import { once } from '../../platform/database/idempotency';
import type { Transaction } from '../../platform/database/session';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import type { AuditAction } from '../../platform/i18n/messages';
import { newId } from '../../platform/ids';
import { recordMove, type Move } from '../network/history';
import { requireVersion } from '../network/service';
import { holdGood } from '../points/expiry';
import { holdAccounts, ISSUANCE, merchant, settle, transfer, volunteer } from '../points/ledger';
import { countGrant } from '../points/service';
import type * as inputs from './inputs';
import { refuseOthers, wishLifecycle, type WishAction } from './lifecycle';
import { Wish, WishClaim } from './model';

type Input<Name extends keyof typeof inputs> = InputOf<typeof inputs, Name>;
type Changed = Promise<{ wish: Wish }>;

const WISH = `SELECT ${selectList(Wish, 't')} FROM wishes t WHERE t.network_id = app.network_id() AND t.id = $1`;

/** The volunteer that the actor is; null when none at present. */
async function ownVolunteerId(tx: Transaction): Promise<string | null> {
  const [own] = await tx.query<{ id: string }>(
    `SELECT id FROM volunteers WHERE network_id = app.network_id() AND user_id = $1 AND status IN ('ACTIVE','PAUSED')`,
    [tx.actor.userId],
  );
  return own?.id ?? null;
}

/** A wish's step: whoever wishes hears of it, whoever has taken it on, and the committee. */
const stepOf = ({ id, title, submittedBy, claimedBy }: Pick<Wish, 'id' | 'title' | 'submittedBy' | 'claimedBy'>, from: Wish['status'] | null, to: Wish['status'], note?: string | null): Move => ({
  subjectType: 'Wish', subjectId: id, from, to, note, audience: [], committee: true, people: [submittedBy, ...(claimedBy === null ? [] : [claimedBy])], refs: { wish: id }, data: { wish: title },
});

/** Submits a wish, for the committee to look at. Volunteers and residents. */
export async function submitWish(tx: Transaction, input: Input<'submitWish'>): Changed {
  if (!may(tx.actor, 'wish.submit', {})) throw new Refusal('NOT_ALLOWED', 'notAllowed');
  const { networkId, userId, now } = tx.actor;
  const { id } = await once(tx, 'submitWish', input, async () => {
    const { title, description, bounty } = input;
    const payerId = bounty === 0 ? null : await ownVolunteerId(tx);
    if (bounty > 0 && payerId === null) throw new Refusal('INSUFFICIENT_POINTS', 'wish.volunteer', {}, ['bounty']);
    const created = newId(now);
    await tx.through('points', async () => {
      const wish = { id: created, title, submittedBy: userId!, claimedBy: null };
      await tx.query(
        `INSERT INTO wishes (network_id, id, title, description, status, bounty, submitted_by, payer_id, created_at) VALUES ($1, $2, $3, $4, 'SUBMITTED', $5, $6, $7, $8)`,
        [networkId, created, title, description, bounty, userId, payerId, now],
      );
      await recordMove(tx, 'wish.submit', stepOf(wish, null, 'SUBMITTED'), { bounty: [null, bounty] });
    });
    return { id: created };
  });
  return { wish: (await tx.find(Wish, id))! };
}

/** What a step of a wish does besides, through the door of points; what it answers with is written too. */
type Doing = (wish: Wish) => Promise<Partial<Wish> | void>;

/** Takes a wish a step further. @throws Refusal */
async function step(tx: Transaction, action: WishAction, verb: AuditAction, input: { id: string; version: number; note?: string | null }, doing: Doing = async () => undefined): Changed {
  if (!may(tx.actor, wishLifecycle.actions[action].capability, {})) throw new Refusal('NOT_ALLOWED', 'notAllowed');
  const seen = await tx.find(Wish, tx.idOf('Wish', input.id, ['id']));
  if (!seen) throw new Refusal('NOT_FOUND', 'notFound', {}, ['id']);
  await tx.through('points', async () => {
    const [wish] = (await tx.query<Wish>(`${WISH} FOR NO KEY UPDATE`, [seen.id])) as [Wish];
    const to = permit(wishLifecycle, action, tx.actor, wish.status, {});
    refuseOthers(action, wish, tx.actor);
    requireVersion(wish, input.version, 'wish');
    const more = (await doing(wish)) ?? {};
    const after = { ...wish, ...more };
    await tx.query(
      'UPDATE wishes SET status = $2, bounty = $3, hold_id = $4, claimed_by = $5, version = version + 1 WHERE network_id = app.network_id() AND id = $1',
      [wish.id, to, after.bounty, after.holdId, after.claimedBy],
    );
    await recordMove(tx, verb, stepOf({ ...after, claimedBy: after.claimedBy ?? wish.claimedBy }, wish.status, to, input.note));
  });
  const wish = await tx.find(Wish, seen.id);
  return { wish: wish! };
}

/** Publishes a wish; the bounty that was promised is kept back from then on. The committee. */
export const publishWish = (tx: Transaction, input: Input<'publishWish'>): Changed =>
  step(tx, 'PUBLISH', 'wish.publish', input, async ({ id, title, bounty, payerId }) => {
    if (payerId === null) {
      if (input.bounty != null) await countGrant(tx, input.bounty, ['bounty']);
      return { bounty: input.bounty ?? 0 };
    }
    if (input.bounty != null) throw new Refusal('CONFLICT', 'wish.promised', {}, ['bounty']);
    const accounts = await holdGood(tx, [payerId]);
    const [holdId] = await transfer(tx, accounts, [{
      debit: volunteer(payerId), credit: ISSUANCE, amount: bounty, reason: 'WISH', status: 'HELD', memo: title, source: { type: 'Wish', id },
    }]);
    return { holdId: holdId! };
  });

/** Turns a wish down, with a reason. The committee. */
export const declineWish = (tx: Transaction, input: Input<'declineWish'>): Changed => step(tx, 'DECLINE', 'wish.decline', input);

/** Takes a wish on: as a volunteer, or for the own organization. Volunteers, staff and administrators, but not for who wished. */
export const claimWish = (tx: Transaction, input: Input<'withNote'>): Changed =>
  step(tx, 'CLAIM', 'wish.claim', input, async ({ id, submittedBy }) => {
    const { networkId, userId, userName, organizationId, role, now } = tx.actor;
    const volunteerId = role === 'VOLUNTEER' ? await ownVolunteerId(tx) : null;
    if (role === 'VOLUNTEER' && volunteerId === null) throw new Refusal('NOT_ALLOWED', 'reward.volunteer');
    await tx.manager.insert(WishClaim, {
      networkId, wishId: id, submittedBy, userId: userId!, userName: userName ?? '', volunteerId, organizationId: volunteerId === null ? organizationId : null, claimedAt: now,
    });
    return { claimedBy: userId };
  });

const dropClaim = (tx: Transaction, wishId: string): Promise<unknown> => tx.query('DELETE FROM wish_claims WHERE network_id = app.network_id() AND wish_id = $1', [wishId]);

/** Gives a wish free again. Who has taken it on; the committee. */
export const releaseWish = (tx: Transaction, input: Input<'withNote'>): Changed =>
  step(tx, 'RELEASE', 'wish.release', input, async ({ id }) => {
    await dropClaim(tx, id);
    return { claimedBy: null };
  });

/** Says that a wish is granted. Who has taken it on. */
export const fulfilWish = (tx: Transaction, input: Input<'withNote'>): Changed => step(tx, 'FULFIL', 'wish.fulfil', input);

/** Gives back what is kept of the payer's points. Through the door of points. */
async function letGo(tx: Transaction, { holdId, payerId, bounty }: Wish): Promise<void> {
  if (holdId !== null) await settle(tx, [{ id: holdId, debit: volunteer(payerId!), credit: ISSUANCE, amount: bounty }], 'VOIDED');
}

/** Confirms that a wish was granted: the bounty goes to who granted it. Who wished. */
export const confirmWish = (tx: Transaction, input: Input<'withNote'>): Changed =>
  step(tx, 'CONFIRM', 'wish.confirm', input, async (wish) => {
    const { id, title, bounty, payerId } = wish;
    if (bounty === 0) return;
    const [claim] = (await tx.query<WishClaim>(`SELECT ${selectList(WishClaim, 't')} FROM wish_claims t WHERE t.network_id = app.network_id() AND t.wish_id = $1`, [id])) as [WishClaim];
    const granter = claim.volunteerId === null ? merchant(claim.organizationId!) : volunteer(claim.volunteerId);
    const payer = payerId === null ? ISSUANCE : volunteer(payerId);
    await holdAccounts(tx, [payer, granter]);
    await letGo(tx, wish);
    const accounts = await holdAccounts(tx, [payer, granter]);
    await transfer(tx, accounts, [{ debit: payer, credit: granter, amount: bounty, reason: 'WISH', status: 'POSTED', memo: title, source: { type: 'Wish', id } }]);
    return { holdId: null };
  });

/** Withdraws a wish that nobody has taken on; the bounty is given back. Who wished. */
export const withdrawWish = (tx: Transaction, input: Input<'withNote'>): Changed =>
  step(tx, 'WITHDRAW', 'wish.withdraw', input, async (wish) => {
    if (wish.payerId !== null) await holdAccounts(tx, [volunteer(wish.payerId)]);
    await letGo(tx, wish);
    return { holdId: null };
  });
