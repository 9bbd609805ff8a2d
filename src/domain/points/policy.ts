import { may } from '../../access/matrix';
import { selectList } from '../../platform/database/columns';
import type { Reader, Transaction } from '../../platform/database/session';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import { recordChange } from '../network/history';
import { difference, requireVersion } from '../network/service';
import type * as inputs from './inputs';
import { PointsPolicy } from './model';

/** The policy of a network that has not chosen its own. */
const usual = (networkId: string): PointsPolicy => ({
  networkId, pointsPerHour: 10, currencyName: '泽古', exchangeRate: 1, monthlyCap: null, expiresAfter: null, expiryNotice: 'P30D', bonusLimit: 1000, version: 1,
});

const SELECT = `SELECT ${selectList(PointsPolicy, 't')} FROM points_policies t WHERE t.network_id = app.network_id()`;

/** The policy of the session's network. */
export async function policyOf(reader: Reader, networkId: string): Promise<PointsPolicy> {
  const [own] = await reader.read<PointsPolicy>({ name: 'points-policy', text: SELECT });
  return own ?? usual(networkId);
}

/** Changes the policy, for what is earned from now on. The committee. */
export async function updatePointsPolicy(tx: Transaction, input: InputOf<typeof inputs, 'updatePointsPolicy'>): Promise<{ policy: PointsPolicy }> {
  const { networkId } = tx.actor;
  if (!may(tx.actor, 'points.policy', {})) throw new Refusal('NOT_ALLOWED', 'notAllowed');
  // The first change writes down what has held so far.
  const { pointsPerHour, currencyName, exchangeRate, monthlyCap, expiresAfter, expiryNotice, bonusLimit } = usual(networkId);
  await tx.query(
    `INSERT INTO points_policies (network_id, points_per_hour, currency_name, exchange_rate, monthly_cap, expires_after, expiry_notice, bonus_limit)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (network_id) DO NOTHING`,
    [networkId, pointsPerHour, currencyName, exchangeRate, monthlyCap, expiresAfter, expiryNotice, bonusLimit],
  );
  const [before] = await tx.query<PointsPolicy>(`${SELECT} FOR UPDATE`);
  const { version, ...changes } = input;
  requireVersion(before!, version, 'policy');
  const named = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as Partial<PointsPolicy>;
  await tx.manager.update(PointsPolicy, { networkId }, { ...named, version: version + 1 });
  recordChange(tx, 'points.policy', { subjectType: 'Network', subjectId: networkId, audience: [], committee: true }, difference(before!, named));
  return { policy: await policyOf(tx, networkId) };
}
