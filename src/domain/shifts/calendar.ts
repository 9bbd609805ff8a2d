import { anonymous, Session, type Transaction } from '../../platform/database/session';
import type { Platform } from '../../platform/graphql/context';
import { holdShifts } from './places';
import { promote } from './waitlist';

/** How many shifts are looked through in one transaction. */
const BATCH = 50;

/**
 * Gives, in every network, places that are free to whoever waits: those that were kept until now, and those that nobody who
 * waited could take before. Whoever registers does so too, so that nobody slips in between.
 * @returns how many shifts were looked through
 */
export async function recordDueShifts({ dataSource, clock }: Pick<Platform, 'dataSource' | 'clock'>): Promise<number> {
  const session = new Session(dataSource, anonymous, clock);
  const networks = await session.door<{ networkId: string }>({ text: 'SELECT due AS "networkId" FROM app.networks_with_due_shifts($1) AS due', values: [clock.now()] });
  let looked = 0;
  for (const { networkId } of networks) {
    let after: string | null = null;
    do {
      const [count, last]: [number, string | null] = await session.through('shifts', networkId, (tx) => freeDue(tx, after));
      looked += count;
      after = count === BATCH ? last : null;
    } while (after !== null);
  }
  return looked;
}

async function freeDue(tx: Transaction, after: string | null): Promise<[number, string | null]> {
  const due = await tx.query<{ id: string }>(
    `SELECT id FROM shifts WHERE network_id = app.network_id() AND ($1::uuid IS NULL OR id > $1)
       AND (kept > 0 AND reserved_until <= app.now() OR waitlisted > 0 AND starts_at > app.now() AND taken + kept < capacity) ORDER BY id LIMIT ${BATCH}`,
    [after],
  );
  for (const places of await holdShifts(tx, due.map(({ id }) => id))) {
    await promote(tx, places, { tell: false });
    await places.write(tx);
  }
  return [due.length, due.at(-1)?.id ?? null];
}
