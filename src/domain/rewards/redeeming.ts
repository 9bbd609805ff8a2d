import { may } from '../../access/matrix';
import { permit } from '../../access/viewer-can';
import { selectList } from '../../platform/database/columns';
import { once } from '../../platform/database/idempotency';
import { anonymous, Session, type Transaction } from '../../platform/database/session';
import type { Platform } from '../../platform/graphql/context';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import { newId } from '../../platform/ids';
import { recordMove, recordMoves, type Move } from '../network/history';
import { holdGood } from '../points/expiry';
import { holdAccounts, merchant, openAccounts, settle, transfer, volunteer } from '../points/ledger';
import type * as inputs from './inputs';
import { redemptionLifecycle, refuseForeign, rewardLifecycle, type RedemptionAction } from './lifecycle';
import { Redemption, Reward, type RedemptionStatus } from './model';
import { isPickupCode } from './pickup';

/** Locks are taken in one order: redemptions, rewards, accounts, each by their ids. */

type Input<Name extends keyof typeof inputs> = InputOf<typeof inputs, Name>;

const OWN = 't.network_id = app.network_id()';
const REWARD = `SELECT ${selectList(Reward, 't')} FROM rewards t WHERE ${OWN}`;
const REDEMPTION = `SELECT ${selectList(Redemption, 't')} FROM redemptions t WHERE ${OWN}`;

/** A redemption's step, as history, audit log and events take it. */
const stepOf = ({ id, rewardId, organizationId, userId, quantity }: Pick<Redemption, 'id' | 'rewardId' | 'organizationId' | 'userId' | 'quantity'>, title: string, from: RedemptionStatus | null, to: RedemptionStatus, more: Pick<Move, 'note' | 'since'> = {}): Move => ({
  subjectType: 'Redemption', subjectId: id, from, to, audience: [organizationId], people: userId === null ? [] : [userId],
  refs: { reward: rewardId, organization: organizationId }, data: { reward: title, quantity }, ...more,
});

/** The volunteer that the actor is. @throws Refusal NOT_ALLOWED */
async function ownVolunteer(tx: Transaction): Promise<{ id: string }> {
  const [own] = await tx.query<{ id: string }>(
    `SELECT id FROM volunteers WHERE network_id = app.network_id() AND user_id = $1 AND status IN ('ACTIVE','PAUSED')`,
    [tx.actor.userId],
  );
  if (!own) throw new Refusal('NOT_ALLOWED', 'reward.volunteer');
  return own;
}

/** @throws Refusal when a reward cannot be taken as it is asked for */
async function refuseUnavailable(tx: Transaction, reward: Reward, { quantity, price }: Input<'redeem'>): Promise<void> {
  permit(rewardLifecycle, 'REDEEM', tx.actor, reward.status, { owner: reward.organizationId });
  const [offering] = await tx.query<{ status: string }>('SELECT status FROM organizations WHERE network_id = app.network_id() AND id = $1', [reward.organizationId]);
  if (offering?.status !== 'ACTIVE') throw new Refusal('WRONG_STATE', 'reward.organization', {}, ['reward']);
  if (price !== reward.price) throw new Refusal('STALE_VERSION', 'reward.price', { price: reward.price }, ['price'], { reward });
  if (reward.stock !== null && reward.stock < quantity) throw new Refusal('OUT_OF_STOCK', 'reward.stock', { stock: reward.stock }, ['quantity'], { reward });
}

/** @throws Refusal QUOTA_EXCEEDED beyond what one person may have; the reward is held */
async function refuseBeyondLimit(tx: Transaction, { id, limitPerPerson }: Reward, volunteerId: string, quantity: number): Promise<void> {
  if (limitPerPerson === null) return;
  const [taken] = await tx.query<{ quantity: number }>(
    `SELECT coalesce(sum(quantity), 0)::integer AS quantity FROM redemptions t WHERE ${OWN} AND t.reward_id = $1 AND t.volunteer_id = $2
       AND (t.status = 'FULFILLED' OR t.status = 'RESERVED' AND t.lapses_at > app.now())`,
    [id, volunteerId],
  );
  if (taken!.quantity + quantity > limitPerPerson) throw new Refusal('QUOTA_EXCEEDED', 'reward.limit', { limit: limitPerPerson, taken: taken!.quantity }, ['quantity']);
}

/** Puts things of rewards back, or takes them. */
const changeStock = (tx: Transaction, changes: readonly { rewardId: string; quantity: number }[]): Promise<unknown> =>
  tx.query(
    `UPDATE rewards t SET stock = t.stock + c.quantity FROM (SELECT id, sum(quantity) AS quantity FROM unnest($1::uuid[], $2::integer[]) AS c(id, quantity) GROUP BY id) c
     WHERE ${OWN} AND t.id = c.id AND t.stock IS NOT NULL`,
    [changes.map(({ rewardId }) => rewardId), changes.map(({ quantity }) => quantity)],
  );

/** Takes a reward for points: both are kept until it is handed out, called off or not fetched in time. Volunteers. */
export async function redeem(tx: Transaction, input: Input<'redeem'>): Promise<{ redemption: Redemption; reward: Reward }> {
  if (!may(tx.actor, 'reward.redeem', {})) throw new Refusal('NOT_ALLOWED', 'notAllowed');
  const rewardId = tx.idOf('Reward', input.reward, ['reward']);
  const { id } = await once(tx, 'redeem', input, async () => {
    const seen = await tx.find(Reward, rewardId);
    if (!seen) throw new Refusal('NOT_FOUND', 'notFound', {}, ['reward']);
    const own = await ownVolunteer(tx);
    // What is gone is told without waiting for those who take the last of it.
    await refuseUnavailable(tx, seen, input);
    return tx.through('points', async () => {
      const [reward] = (await tx.query<Reward>(`${REWARD} AND t.id = $1 FOR NO KEY UPDATE`, [rewardId])) as [Reward];
      await refuseUnavailable(tx, reward, input);
      await refuseBeyondLimit(tx, reward, own.id, input.quantity);
      return { id: await reserve(tx, reward, own.id, input.quantity) };
    });
  });
  return { redemption: (await tx.find(Redemption, id))!, reward: (await tx.find(Reward, rewardId))! };
}

async function reserve(tx: Transaction, reward: Reward, volunteerId: string, quantity: number): Promise<string> {
  const { networkId, userId, now } = tx.actor;
  const { organizationId, price, title } = reward;
  const id = newId(now);
  const seller = merchant(organizationId);
  const accounts = await holdGood(tx, [volunteerId]);
  await openAccounts(tx, [seller]);
  const [transferId] = await transfer(tx, accounts, [{
    debit: volunteer(volunteerId), credit: seller, amount: price * quantity, reason: 'REDEMPTION', status: 'HELD', memo: title, source: { type: 'Redemption', id },
  }], ['quantity']);
  await changeStock(tx, [{ rewardId: reward.id, quantity: -quantity }]);
  await tx.query(
    `INSERT INTO redemptions (network_id, id, reward_id, organization_id, volunteer_id, user_id, quantity, price, transfer_id, status, lapses_at, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'RESERVED', $10::timestamptz + $11::interval, $10)`,
    [networkId, id, reward.id, organizationId, volunteerId, userId, quantity, price, transferId, now, reward.pickupWithin],
  );
  await recordMove(tx, 'reward.redeem', stepOf({ id, rewardId: reward.id, organizationId, userId, quantity }, title, null, 'RESERVED'), { quantity: [null, quantity], price: [null, price] });
  return id;
}

/** A redemption that the actor may do something to. @throws Refusal */
async function permitted(tx: Transaction, action: RedemptionAction, globalId: string): Promise<Redemption> {
  const redemption = await tx.find(Redemption, tx.idOf('Redemption', globalId, ['id']));
  if (!redemption) throw new Refusal('NOT_FOUND', 'notFound', {}, ['id']);
  refuseForeign(tx.actor, redemption);
  permit(redemptionLifecycle, action, tx.actor, redemption.status, { owner: redemption.organizationId });
  return redemption;
}

/** Settles redemptions that are still reserved, with the points and the things of all of them. Through the door of points. */
async function settleAll(tx: Transaction, ids: readonly string[], to: Exclude<RedemptionStatus, 'RESERVED'>, from: readonly RedemptionStatus[] = ['RESERVED']): Promise<(Redemption & { title: string })[]> {
  const locked = await tx.query<Redemption>(`${REDEMPTION} AND t.id = ANY($1::uuid[]) AND t.status = 'RESERVED' ORDER BY t.id FOR NO KEY UPDATE`, [ids]);
  const redemptions = locked.filter(({ status }) => from.includes(status));
  if (redemptions.length === 0) return [];
  const titles = await tx.query<{ id: string; title: string }>(`SELECT t.id, t.title FROM rewards t WHERE ${OWN} AND t.id = ANY($1::uuid[]) ORDER BY t.id FOR NO KEY UPDATE`, [
    redemptions.map(({ rewardId }) => rewardId),
  ]);
  await holdAccounts(tx, redemptions.flatMap(({ volunteerId, organizationId }) => (to === 'FULFILLED' ? [volunteer(volunteerId), merchant(organizationId)] : [volunteer(volunteerId)])));
  await settle(
    tx,
    redemptions.map(({ transferId, volunteerId, organizationId, price, quantity }) => ({ id: transferId, debit: volunteer(volunteerId), credit: merchant(organizationId), amount: price * quantity })),
    to === 'FULFILLED' ? 'POSTED' : 'VOIDED',
  );
  if (to !== 'FULFILLED') await changeStock(tx, redemptions);
  await tx.query('UPDATE redemptions SET status = $2, version = version + 1 WHERE network_id = app.network_id() AND id = ANY($1::uuid[])', [redemptions.map(({ id }) => id), to]);
  const titleOf = new Map(titles.map(({ id, title }) => [id, title]));
  return redemptions.map((redemption) => ({ ...redemption, title: titleOf.get(redemption.rewardId)! }));
}

/** Settles one that was reserved when it was looked at. @throws Refusal WRONG_STATE when it is not any more */
async function settleOne(tx: Transaction, { id }: Redemption, to: 'FULFILLED' | 'CANCELLED', action: 'reward.fulfil' | 'reward.cancel', note: string | null): Promise<void> {
  const [settled] = await settleAll(tx, [id], to);
  if (!settled) throw new Refusal('WRONG_STATE', 'redemption.settled');
  await recordMove(tx, action, stepOf(settled, settled.title, 'RESERVED', to, { note }));
}

const fresh = async (tx: Transaction, id: string): Promise<{ redemption: Redemption }> => ({ redemption: (await tx.find(Redemption, id))! });

/** Hands out what was reserved, by the code that the volunteer shows: the points go to who offers it. Its staff. */
export async function fulfilRedemption(tx: Transaction, secret: string, input: Input<'fulfilRedemption'>): Promise<{ redemption: Redemption }> {
  const { id } = await once(tx, 'fulfilRedemption', input, async () => {
    const redemption = await permitted(tx, 'FULFIL', input.id);
    if (!isPickupCode(secret, redemption.id, input.pickupCode)) throw new Refusal('INVALID', 'redemption.code', {}, ['pickupCode']);
    await tx.through('points', () => settleOne(tx, redemption, 'FULFILLED', 'reward.fulfil', null));
    return { id: redemption.id };
  });
  return fresh(tx, id);
}

/** Calls a redemption off: points and things go back. Who reserved it, or staff of who offers it, with a reason. */
export async function cancelRedemption(tx: Transaction, input: Input<'cancelRedemption'>): Promise<{ redemption: Redemption }> {
  const { id } = await once(tx, 'cancelRedemption', input, async () => {
    const redemption = await permitted(tx, 'CANCEL', input.id);
    if (redemption.userId !== tx.actor.userId && input.note === null) throw new Refusal('INVALID', 'redemption.note', {}, ['note']);
    await tx.through('points', () => settleOne(tx, redemption, 'CANCELLED', 'reward.cancel', input.note));
    return { id: redemption.id };
  });
  return fresh(tx, id);
}

/** How many redemptions are written down in one transaction. */
const BATCH = 100;

/** Gives back, in every network, what was not fetched in time. Any number of processes may do it at once. @returns how many */
export async function recordDueRedemptions({ dataSource, clock }: Pick<Platform, 'dataSource' | 'clock'>): Promise<number> {
  const session = new Session(dataSource, anonymous, clock);
  const networks = await session.door<{ networkId: string }>({ text: 'SELECT due AS "networkId" FROM app.networks_with_due_redemptions($1) AS due', values: [clock.now()] });
  let lapsed = 0;
  for (const { networkId } of networks) {
    let batch: number;
    do lapsed += batch = await session.through('points', networkId, lapseBatch);
    while (batch === BATCH);
  }
  return lapsed;
}

async function lapseBatch(tx: Transaction): Promise<number> {
  const due = await tx.query<{ id: string }>(`SELECT t.id FROM redemptions t WHERE ${OWN} AND t.status = 'RESERVED' AND t.lapses_at <= app.now() ORDER BY t.lapses_at LIMIT ${BATCH}`);
  const lapsed = await settleAll(tx, due.map(({ id }) => id), 'LAPSED', ['LAPSED']);
  await recordMoves(tx, 'reward.lapse', lapsed.map((redemption) => [stepOf(redemption, redemption.title, 'RESERVED', 'LAPSED', { since: redemption.lapsesAt })]));
  return due.length;
}
