import { createHash } from 'node:crypto';
import type { DataSource, QueryRunner } from 'typeorm';

/** How many entries are in memory at a time. */
const BATCH = 2_000;
/** How many faults of a network are told one by one. */
const MOST_FAULTS = 100;
/** How far around its place the former place of a moved entry is looked for. */
const NEIGHBOURHOOD = 2_000;

export type FaultKind = 'CHANGED' | 'REMOVED' | 'REORDERED' | 'DETACHED';

/** Something wrong with the chain of a network. */
export interface AuditFault {
  /** The place in the chain, from 1. */
  seq: number;
  kind: FaultKind;
  /** For the operator. */
  says: string;
}

/** What was found of one network. */
export interface AuditReport {
  network: string;
  entries: number;
  /** The newest place and hash; whoever keeps it elsewhere can later tell a log that was cut and mended as a whole. */
  head: { seq: number; hash: string } | null;
  /** The first faults, at most so many. */
  faults: AuditFault[];
  faultCount: number;
}

interface EntryRow {
  seq: string;
  /** What was hashed before the place, and after it. */
  before: string;
  after: string;
  previousHash: string | null;
  hash: string;
}

/** The hash of what an entry says, if it stands at a place. */
const hashAt = (row: EntryRow, seq: number): string =>
  createHash('sha256').update(`${row.before}\n${seq}\n${row.after}\n${row.previousHash ?? '-'}`).digest('hex');

// The text is put together here and hashed by Node, apart from the function of the database that wrote it.
const ENTRIES = `SELECT seq::text, network_id::text AS before,
    concat_ws(E'\\n', id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), coalesce(actor_user_id::text, '-'),
      coalesce(actor_organization_id::text, '-'), coalesce(actor_role, '-'), action, subject_type, subject_id,
      array_to_string(organization_ids, ','), changes) AS after,
    encode(previous_hash, 'hex') AS "previousHash", encode(hash, 'hex') AS hash
  FROM audit_entries WHERE network_id = $1 AND seq > $2 ORDER BY audit_entries.seq LIMIT ${BATCH}`;

/** Walks the chain of one network, a batch at a time. */
class Walk {
  readonly faults: AuditFault[] = [];
  faultCount = 0;
  entries = 0;
  private seq = 0;
  private hash: string | null = null;

  get end(): { seq: number; hash: string } | null {
    return this.hash === null ? null : { seq: this.seq, hash: this.hash };
  }

  step(row: EntryRow): void {
    const seq = Number(row.seq);
    this.entries += 1;
    if (seq === this.seq + 2) this.fault(seq - 1, 'REMOVED', 'the entry is missing');
    else if (seq > this.seq + 1) this.fault(this.seq + 1, 'REMOVED', `the entries ${this.seq + 1} to ${seq - 1} are missing`);
    if (hashAt(row, seq) !== row.hash) {
      const former = this.formerPlace(row, seq);
      if (former === null) this.fault(seq, 'CHANGED', 'what the entry says is not what its hash was made of');
      else this.fault(seq, 'REORDERED', `the entry belongs at ${former}`);
    } else if (seq === this.seq + 1 && row.previousHash !== this.hash) {
      this.fault(seq, 'DETACHED', 'the entry was not written after the one before it: that one, or this one, was put in another’s place');
    }
    this.seq = seq;
    this.hash = row.hash;
  }

  /** Compares where the chain ends with what the network's head says. */
  close(head: { seq: string; hash: string } | null): void {
    if (!head) {
      if (this.entries) this.fault(this.seq, 'REMOVED', 'the head of the chain is missing');
      return;
    }
    const last = Number(head.seq);
    if (last > this.seq) this.fault(this.seq + 1, 'REMOVED', last === this.seq + 1 ? 'the last entry is missing' : `the last entries, ${this.seq + 1} to ${last}, are missing`);
    else if (last < this.seq) this.fault(last + 1, 'DETACHED', `the chain goes on after its head at ${last}`);
    else if (this.entries && head.hash !== this.hash) this.fault(last, 'DETACHED', 'the last entry is not the one that the head of the chain names');
  }

  private formerPlace(row: EntryRow, seq: number): number | null {
    for (let distance = 1; distance <= NEIGHBOURHOOD; distance += 1) {
      if (hashAt(row, seq + distance) === row.hash) return seq + distance;
      if (seq > distance && hashAt(row, seq - distance) === row.hash) return seq - distance;
    }
    return null;
  }

  private fault(seq: number, kind: FaultKind, says: string): void {
    this.faultCount += 1;
    if (this.faults.length < MOST_FAULTS) this.faults.push({ seq, kind, says });
  }
}

async function verifyNetwork(runner: QueryRunner, { id, code }: { id: string; code: string }): Promise<AuditReport> {
  const walk = new Walk();
  for (let after = '0', rows: EntryRow[] = []; ; ) {
    rows = (await runner.query(ENTRIES, [id, after])) as EntryRow[];
    for (const row of rows) walk.step(row);
    if (rows.length < BATCH) break;
    after = rows[rows.length - 1]!.seq;
  }
  const [head] = (await runner.query(`SELECT seq::text, encode(hash, 'hex') AS hash FROM audit_heads WHERE network_id = $1`, [id])) as { seq: string; hash: string }[];
  walk.close(head ?? null);
  return { network: code, entries: walk.entries, head: walk.end, faults: walk.faults, faultCount: walk.faultCount };
}

/**
 * Checks the audit chain of every network as of one instant, network by network in bounded memory: each entry is what
 * its hash was made of, follows the one before it, and none is missing, not at the end either.
 * @param owner the database's owner, who reads across networks
 */
export async function* verifyAudit(owner: DataSource): AsyncGenerator<AuditReport> {
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
