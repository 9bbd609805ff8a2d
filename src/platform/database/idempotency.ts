import { Refusal } from '../graphql/refusal';
import { hashOf, type Transaction } from './session';

/**
 * Does a change once per key: the same key and input gives the kept result again, the same key with another input is
 * refused. A second request waits for the first to end. Without a key it is simply done.
 * @throws Refusal IDEMPOTENCY_MISMATCH
 */
export async function once<Result extends object>(
  tx: Transaction,
  mutation: string,
  input: { idempotencyKey?: string | null },
  work: () => Promise<Result>,
): Promise<Result> {
  const { idempotencyKey: key } = input;
  if (key == null) return work();
  const { networkId, userId, now } = tx.actor;
  const hash = hashOf([mutation, input]);
  const [taken] = await tx.query<object>(
    `INSERT INTO idempotency_keys (network_id, user_id, key, input_hash, created_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (network_id, user_id, key) DO NOTHING RETURNING key`,
    [networkId, userId, key, hash, now],
  );
  if (!taken) {
    const [kept] = await tx.query<{ inputHash: Buffer; result: Result }>(
      'SELECT input_hash AS "inputHash", result FROM idempotency_keys WHERE network_id = $1 AND user_id = $2 AND key = $3',
      [networkId, userId, key],
    );
    if (!kept || !kept.inputHash.equals(hash)) throw new Refusal('IDEMPOTENCY_MISMATCH', 'idempotency.mismatch', {}, ['idempotencyKey']);
    return kept.result;
  }
  const result = await work();
  await tx.query('UPDATE idempotency_keys SET result = $4 WHERE network_id = $1 AND user_id = $2 AND key = $3', [
    networkId,
    userId,
    key,
    JSON.stringify(result),
  ]);
  return result;
}
