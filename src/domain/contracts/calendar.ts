import { selectList } from '../../platform/database/columns';
import { anonymous, Session, type Transaction } from '../../platform/database/session';
import type { Platform } from '../../platform/graphql/context';
import { recordMove } from '../network/history';
import { Contract, type ContractStatus } from './model';

/** How many contracts are written down in one transaction. */
const BATCH = 200;

/** What a contract is called where people are told of it. */
export const named = ({ number, title }: Pick<Contract, 'number' | 'title'>) => ({ number, title });

/** The steps by which the calendar led from the status written down to today's. */
function stepsSince(contract: Contract): ContractStatus[] {
  if (contract.recordedStatus === contract.status) return [];
  return contract.recordedStatus === 'SIGNED' && contract.status === 'EXPIRED' ? ['ACTIVE', 'EXPIRED'] : [contract.status];
}

/**
 * Writes down what the calendar has moved: as history and audit that nobody did, and in the row.
 * @param since when it came about; the midnight that did it when not given
 */
export async function settle(tx: Transaction, contract: Contract, since?: Date): Promise<void> {
  let from = contract.recordedStatus;
  for (const to of stepsSince(contract)) {
    await recordMove(tx, to === 'ACTIVE' ? 'contract.activate' : 'contract.expire', {
      subjectType: 'Contract', subjectId: contract.id, from, to, audience: contract.audience, data: named(contract),
      since: since ?? (await midnightOf(tx, contract, to)),
    });
    from = to;
  }
  if (from !== contract.recordedStatus) {
    await tx.query('UPDATE contracts SET status = $2 WHERE network_id = app.network_id() AND id = $1', [contract.id, from]);
  }
}

async function midnightOf(tx: Transaction, contract: Contract, to: ContractStatus): Promise<Date> {
  const [day, offset] = to === 'ACTIVE' ? [contract.termFrom, 0] : [contract.endsOn, 1];
  const [midnight] = await tx.query<{ at: Date }>('SELECT ($1::date + $2::integer)::timestamp AT TIME ZONE $3 AS at', [day, offset, tx.actor.timeZone]);
  return midnight!.at;
}

/**
 * Writes down, in every network, what the calendar has moved since it was last written down. What clients see is exact
 * without it; this keeps history and audit complete. Any number of processes may do it at once.
 * @returns how many contracts were moved
 */
export async function recordDueContracts({ dataSource, clock }: Pick<Platform, 'dataSource' | 'clock'>): Promise<number> {
  const session = new Session(dataSource, anonymous, clock);
  const networks = await session.door<{ networkId: string }>({
    text: 'SELECT due AS "networkId" FROM app.networks_with_due_contracts($1) AS due',
    values: [clock.now()],
  });
  let moved = 0;
  for (const { networkId } of networks) {
    let batch: number;
    do {
      batch = await session.through('calendar', networkId, recordBatch);
      moved += batch;
    } while (batch === BATCH);
  }
  return moved;
}

async function recordBatch(tx: Transaction): Promise<number> {
  const due = await tx.query<Contract>(
    `SELECT ${selectList(Contract, 't')} FROM contracts t
     WHERE t.network_id = app.network_id() AND t.status IN ('SIGNED','ACTIVE','SUSPENDED')
       AND t.status <> app.contract_status(t.status, t.term_from, t.ends_on, app.today())
     ORDER BY t.id LIMIT $1 FOR UPDATE SKIP LOCKED`,
    [BATCH],
  );
  for (const contract of due) await settle(tx, contract);
  return due.length;
}
