import { may } from '../../access/matrix';
import { once } from '../../platform/database/idempotency';
import { selectList } from '../../platform/database/columns';
import type { Transaction } from '../../platform/database/session';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import { newId } from '../../platform/ids';
import { recordChange } from '../network/history';
import { Organization } from '../network/model';
import type * as inputs from './inputs';
import { holdAccounts, ISSUANCE, merchant, transfer } from './ledger';
import { PointsSettlement, type SettlementSide } from './model';

type Stated = InputOf<typeof inputs, 'settleMerchant'>;

/** For which side the actor speaks; the committee speaks for the hub on both. @throws Refusal NOT_ALLOWED */
function sideOf({ actor }: Transaction, organizationId: string): SettlementSide {
  if (!may(actor, 'points.settle', { owner: organizationId })) throw new Refusal('NOT_ALLOWED', 'notAllowed');
  return actor.role === 'COMMITTEE' ? 'COMMITTEE' : 'MERCHANT';
}

/** The points that a merchant has taken in a period, less what was taken back in it; the account is held. */
async function totalOf(tx: Transaction, organizationId: string, { from, to }: Stated['period']): Promise<number> {
  const [counted] = await tx.query<{ total: number }>(
    `SELECT coalesce(sum(e.delta), 0)::bigint AS total FROM points_entries e JOIN points_transfers t ON t.network_id = e.network_id AND t.id = e.transfer_id
     WHERE e.network_id = app.network_id() AND e.account_id = $1 AND e.at >= $2::timestamp AT TIME ZONE $4 AND e.at < ($3::date + 1)::timestamp AT TIME ZONE $4
       AND t.reason <> 'SETTLEMENT'`,
    [organizationId, from, to, tx.actor.timeZone],
  );
  return counted!.total;
}

/**
 * States the total of a period for one side of a settlement. The first to do so proposes it; once the other side states the
 * same, the points go back to the network. Administrators of the organization, and the committee.
 */
export async function settleMerchant(tx: Transaction, input: Stated): Promise<{ settlement: PointsSettlement }> {
  const organizationId = tx.idOf('Organization', input.organization, ['organization']);
  const organization = await tx.find(Organization, organizationId);
  if (!organization) throw new Refusal('NOT_FOUND', 'notFound', {}, ['organization']);
  const side = sideOf(tx, organizationId);
  const { id } = await once(tx, 'settleMerchant', input, () => tx.through('points', async () => ({ id: await state(tx, organization, side, input) })));
  return { settlement: (await tx.find(PointsSettlement, id))! };
}

async function state(tx: Transaction, organization: Organization, side: SettlementSide, { period, total }: Stated): Promise<string> {
  if (period.to >= tx.actor.today) throw new Refusal('TOO_EARLY', 'settlement.early', {}, ['period', 'to']);
  const accounts = await holdAccounts(tx, [merchant(organization.id)]);
  const overlapping = await tx.query<PointsSettlement>(
    `SELECT ${selectList(PointsSettlement, 't')} FROM points_settlements t WHERE t.network_id = app.network_id() AND t.organization_id = $1
       AND daterange(t.from_day, t.to_day, '[]') && daterange($2, $3, '[]') ORDER BY t.from_day`,
    [organization.id, period.from, period.to],
  );
  const settled = overlapping.find(({ status }) => status === 'CONFIRMED');
  if (settled) throw new Refusal('CONFLICT', 'settlement.done', { from: settled.fromDay, to: settled.toDay }, ['period']);
  const actual = await totalOf(tx, organization.id, period);
  if (actual <= 0) throw new Refusal('INVALID', 'settlement.empty', {}, ['period']);
  if (total !== actual) throw new Refusal('CONFLICT', 'settlement.total', { total: actual }, ['total']);

  const proposed = overlapping.find(({ fromDay, toDay }) => fromDay === period.from && toDay === period.to);
  if (proposed && proposed.total === total) {
    refuseSameSide(tx, proposed, side, organization.isHub);
    const [id] = await transfer(tx, accounts, [{
      debit: merchant(organization.id), credit: ISSUANCE, amount: total, reason: 'SETTLEMENT', status: 'POSTED', source: { type: 'PointsSettlement', id: proposed.id },
    }], ['total']);
    await tx.query(
      `UPDATE points_settlements SET status = 'CONFIRMED', confirmed_by = $2, confirmed_at = $3, transfer_id = $4 WHERE network_id = app.network_id() AND id = $1`,
      [proposed.id, tx.actor.userId, tx.actor.now, id],
    );
    record(tx, 'points.settle', organization, proposed.id, total, period);
    return proposed.id;
  }
  // A proposal that nobody has confirmed gives way to another one.
  await tx.query('DELETE FROM points_settlements WHERE network_id = app.network_id() AND id = ANY($1::uuid[])', [overlapping.map(({ id }) => id)]);
  const id = newId(tx.actor.now);
  await tx.manager.insert(PointsSettlement, {
    networkId: tx.actor.networkId, id, organizationId: organization.id, fromDay: period.from, toDay: period.to, total, status: 'PROPOSED',
    proposedBySide: side, proposedBy: tx.actor.userId!, proposedAt: tx.actor.now,
  });
  record(tx, 'points.propose', organization, id, total, period);
  return id;
}

/** The other side confirms; of the hub itself, another member of the committee. @throws Refusal WRONG_STATE */
function refuseSameSide({ actor }: Transaction, proposed: PointsSettlement, side: SettlementSide, isHub: boolean): void {
  const isOther = isHub ? proposed.proposedBy !== actor.userId : proposed.proposedBySide !== side;
  if (!isOther) throw new Refusal('WRONG_STATE', 'settlement.waiting');
}

function record(tx: Transaction, action: 'points.propose' | 'points.settle', { id, name }: Organization, settlementId: string, total: number, { from, to }: Stated['period']): void {
  recordChange(
    tx,
    action,
    { subjectType: 'PointsSettlement', subjectId: settlementId, audience: [id], committee: true, refs: { organization: id }, data: { organization: name, points: total, from, to } },
    { total: [null, total], from: [null, from], to: [null, to] },
  );
}
