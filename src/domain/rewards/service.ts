import { permit } from '../../access/viewer-can';
import { may } from '../../access/matrix';
import { once } from '../../platform/database/idempotency';
import type { Transaction } from '../../platform/database/session';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import { newId } from '../../platform/ids';
import { recordChange, recordMove } from '../network/history';
import { Organization } from '../network/model';
import { difference, requireVersion } from '../network/service';
import type * as inputs from './inputs';
import { actionTo, rewardLifecycle } from './lifecycle';
import { Reward } from './model';

export { cancelRedemption, fulfilRedemption, recordDueRedemptions, redeem } from './redeeming';

type Input<Name extends keyof typeof inputs> = InputOf<typeof inputs, Name>;
type Changed = Promise<{ reward: Reward }>;

/** What of a reward's change is the same whatever was done. */
const changeOf = ({ id, title, organizationId }: Pick<Reward, 'id' | 'title' | 'organizationId'>) => ({
  subjectType: 'Reward', subjectId: id, audience: [organizationId], committee: true, refs: { reward: id, organization: organizationId }, data: { reward: title },
});

/** @throws Refusal INVALID for a day that has passed */
function requireComing({ actor }: Transaction, validUntil: string | null | undefined): void {
  if (validUntil != null && validUntil < actor.today) throw new Refusal('INVALID', 'reward.past', {}, ['validUntil']);
}

/** Offers something for points, for the own organization. Its staff and administrators, the committee for the community. */
export async function offerReward(tx: Transaction, input: Input<'offerReward'>): Changed {
  const { networkId, organizationId, now } = tx.actor;
  const offering = input.organization == null ? organizationId! : tx.idOf('Organization', input.organization, ['organization']);
  if (!(await tx.find(Organization, offering))) throw new Refusal('NOT_FOUND', 'notFound', {}, ['organization']);
  if (!may(tx.actor, 'reward.manage', { owner: offering })) throw new Refusal('NOT_ALLOWED', 'notAllowed');
  requireComing(tx, input.validUntil);
  const { id } = await once(tx, 'offerReward', input, async () => {
    const { title, description, kind, price, stock = null, limitPerPerson = null, validUntil = null, pickupWithin } = input;
    const described = { title, description, kind, price, stock, limitPerPerson, validUntil, pickupWithin };
    const created = newId(now);
    const status = input.isDraft ? 'DRAFT' : 'OFFERED';
    await tx.manager.insert(Reward, { networkId, id: created, organizationId: offering, status, createdAt: now, ...described });
    await recordMove(tx, 'reward.offer', { ...changeOf({ id: created, title, organizationId: offering }), from: null, to: status }, difference<Partial<Reward>>({}, described));
    return { id: created };
  });
  return { reward: (await tx.find(Reward, id))! };
}

/** Edits a reward, and offers, pauses, resumes or ends it. Staff and administrators of who offers it. */
export async function updateReward(tx: Transaction, input: Input<'updateReward'>): Changed {
  const reward = await tx.lock(Reward, 'Reward', input.id);
  const { networkId, id, organizationId } = reward;
  permit(rewardLifecycle, 'EDIT', tx.actor, reward.status, { owner: organizationId });
  requireVersion(reward, input.version, 'reward');
  requireComing(tx, input.validUntil);
  const { id: _, version: __, status = reward.status, ...described } = input;
  const named = Object.fromEntries(Object.entries(described).filter(([, value]) => value !== undefined)) as Partial<Reward>;
  if (status !== reward.status) permit(rewardLifecycle, actionTo(status, reward.status), tx.actor, reward.status, { owner: organizationId });
  await tx.manager.update(Reward, { networkId, id }, { ...named, status, version: reward.version + 1 });
  const updated = (await tx.find(Reward, id))!;
  const changes = difference<Partial<Reward>>(reward, named);
  if (status === reward.status) recordChange(tx, 'reward.update', changeOf(updated), changes);
  else await recordMove(tx, 'reward.update', { ...changeOf(updated), from: reward.status, to: status }, changes);
  return { reward: updated };
}
