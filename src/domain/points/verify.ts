import type { DataSource, QueryRunner } from 'typeorm';

/** How many accounts are in memory at a time. */
const BATCH = 5_000;
/** How many faults of a network are told one by one. */
const MOST_FAULTS = 100;

export type PointsFaultKind = 'CHAIN' | 'BALANCE' | 'HELD' | 'TRANSFER' | 'SUM';

/** Something wrong with the ledger of a network. */
export interface PointsFault {
  kind: PointsFaultKind;
  /** The account, or the transfer. */
  id: string;
  /** For the operator. */
  says: string;
}

/** What was found of one network. */
export interface PointsReport {
  network: string;
  accounts: number;
  entries: number;
  transfers: number;
  /** The first faults, at most so many. */
  faults: PointsFault[];
  faultCount: number;
}

interface AccountRow {
  id: string;
  part: number;
  balance: string | null;
  held: string | null;
  entries: string | null;
  summed: string | null;
  counted: string | null;
  /** The first number at which an entry does not follow the one before it. */
  broken: string | null;
  kept: string | null;
}

/**
 * Each account, and each part of the network's own, beside what its entries come to; read in the order of the entries' key,
 * so that neither the database nor the process holds more than an account at a time.
 */
const ACCOUNTS = `WITH summed AS (
    SELECT account_id AS id, part, sum(delta) AS summed, count(*) AS counted, min(seq) FILTER (WHERE NOT follows) AS broken FROM (
      SELECT account_id, part, seq, delta, seq = row_number() OVER chain AND balance_after = delta + coalesce(lag(balance_after) OVER chain, 0) AS follows
      FROM points_entries WHERE network_id = $1 WINDOW chain AS (PARTITION BY account_id, part ORDER BY seq)) e GROUP BY account_id, part
  ), balances AS (
    SELECT id, 0::smallint AS part, balance, held, entries FROM points_accounts WHERE network_id = $1
    UNION ALL SELECT account_id, part, balance, NULL, entries FROM points_parts WHERE network_id = $1
  ), kept AS (SELECT debit_id AS id, sum(amount) AS kept FROM points_transfers WHERE network_id = $1 AND status = 'HELD' GROUP BY debit_id)
  SELECT coalesce(b.id, s.id) AS id, coalesce(b.part, s.part) AS part, b.balance::text, b.held::text, b.entries::text, s.summed::text, s.counted::text, s.broken::text, k.kept::text
  FROM balances b FULL JOIN summed s ON s.id = b.id AND s.part = b.part LEFT JOIN kept k ON k.id = b.id`;

/** Posted transfers without exactly their two sides, others with any. */
const TRANSFERS = `SELECT t.id, t.status, t.amount::text, d.delta::text AS debited, c.delta::text AS credited FROM points_transfers t
    LEFT JOIN points_entries d ON d.network_id = t.network_id AND d.id = app.points_entry(t.id, t.debit_id)
    LEFT JOIN points_entries c ON c.network_id = t.network_id AND c.id = app.points_entry(t.id, t.credit_id)
  WHERE t.network_id = $1 AND CASE t.status WHEN 'POSTED' THEN d.delta IS DISTINCT FROM -t.amount OR c.delta IS DISTINCT FROM t.amount ELSE num_nonnulls(d.delta, c.delta) > 0 END`;

const COUNTS = `SELECT (SELECT count(*) FROM points_transfers WHERE network_id = $1)::text AS transfers,
  (SELECT count(*) FROM points_transfers WHERE network_id = $1 AND status = 'POSTED')::text AS posted`;

/** Goes through the accounts and transfers of one network. */
class Ledger {
  readonly faults: PointsFault[] = [];
  faultCount = 0;
  accounts = 0;
  entries = 0n;
  private sum = 0n;

  account({ id, part, balance, held, entries, summed, counted, broken, kept }: AccountRow): void {
    this.accounts += part === 0 ? 1 : 0;
    this.entries += BigInt(counted ?? 0);
    this.sum += BigInt(balance ?? 0);
    if (broken !== null) this.fault('CHAIN', id, `the entry ${broken} does not follow the one before it`);
    if (BigInt(balance ?? 0) !== BigInt(summed ?? 0)) this.fault('BALANCE', id, `the balance is ${balance ?? 'missing'}, its entries come to ${summed ?? 0}`);
    if (BigInt(entries ?? 0) !== BigInt(counted ?? 0)) this.fault('CHAIN', id, `${counted ?? 0} entries of ${entries ?? 0}`);
    if (held !== null && BigInt(held) !== BigInt(kept ?? 0)) this.fault('HELD', id, `${held} are held, the transfers that hold come to ${kept ?? 0}`);
  }

  transfer({ id, status, amount, debited, credited }: { id: string; status: string; amount: string; debited: string | null; credited: string | null }): void {
    this.fault('TRANSFER', id, `${status} ${amount}, debited ${debited ?? 'nothing'}, credited ${credited ?? 'nothing'}`);
  }

  close(networkId: string, posted: string): void {
    if (this.sum !== 0n) this.fault('SUM', networkId, `all balances come to ${this.sum} and not to 0`);
    if (this.entries !== 2n * BigInt(posted)) this.fault('SUM', networkId, `${this.entries} entries of ${posted} posted transfers`);
  }

  private fault(kind: PointsFaultKind, id: string, says: string): void {
    this.faultCount += 1;
    if (this.faults.length < MOST_FAULTS) this.faults.push({ kind, id, says });
  }
}

/** Reads a statement's rows a batch at a time. */
async function* streamed<Row>(runner: QueryRunner, text: string, values: unknown[]): AsyncGenerator<Row> {
  await runner.query(`DECLARE streamed NO SCROLL CURSOR FOR ${text}`, values);
  for (let rows: Row[] | null = null; rows === null || rows.length === BATCH; ) {
    rows = (await runner.query(`FETCH ${BATCH} FROM streamed`)) as Row[];
    yield* rows;
  }
  await runner.query('CLOSE streamed');
}

async function verifyNetwork(runner: QueryRunner, { id, code }: { id: string; code: string }): Promise<PointsReport> {
  const ledger = new Ledger();
  for await (const row of streamed<AccountRow>(runner, ACCOUNTS, [id])) ledger.account(row);
  for await (const row of streamed<Parameters<Ledger['transfer']>[0]>(runner, TRANSFERS, [id])) ledger.transfer(row);
  const [{ transfers, posted }] = (await runner.query(COUNTS, [id])) as [{ transfers: string; posted: string }];
  ledger.close(id, posted);
  return { network: code, accounts: ledger.accounts, entries: Number(ledger.entries), transfers: Number(transfers), faults: ledger.faults, faultCount: ledger.faultCount };
}

/**
 * Proves every balance from its entries as of one instant, network by network in bounded memory: the entries of each account
 * follow each other, each posted transfer has its two sides and there are no others, what is held is held by transfers, and
 * all balances of a network come to nothing.
 * @param owner the database's owner, who reads across networks
 */
export async function* verifyPoints(owner: DataSource): AsyncGenerator<PointsReport> {
  const runner = owner.createQueryRunner();
  try {
    await runner.startTransaction('REPEATABLE READ');
    const networks = (await runner.query('SELECT id, code FROM networks ORDER BY code')) as { id: string; code: string }[];
    for (const network of networks) yield await verifyNetwork(runner, network);
  } finally {
    if (runner.isTransactionActive) await runner.rollbackTransaction();
    await runner.release();
  }
}
