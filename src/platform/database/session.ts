import { createHash } from 'node:crypto';
import type { PoolClient, QueryResultRow } from 'pg';
import { QueryFailedError, type DataSource, type EntityManager, type EntityTarget, type QueryRunner } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver';
import type { Clock } from '../clock';
import { entriesOf, type EventRecord } from '../events/outbox';
import { RequestError } from '../graphql/errors';
import { Refusal } from '../graphql/refusal';
import type { AuditAction } from '../i18n/messages';
import { fromGlobalId, newId } from '../ids';
import { ask, commit, COMMIT, flush } from './batch';
import { selectList, tableName } from './columns';
import { named } from './prepared';

/** Who asks, as the token and the headers say; the database checks it when the session begins. */
export interface Caller {
  sessionId: string | null;
  userId: string | null;
  membershipId: string | null;
  /** As the access token claims; the session is refused when it is no longer so. */
  role: string | null;
  /** Which network is meant by somebody without a membership; null: the standard one of the installation. */
  networkCode: string | null;
  /** Why the token or header that came with the request does not count; raised by whatever needs to know who asks. */
  fault: RequestError | null;
}

/** Nobody in particular. */
export const anonymous: Caller = { sessionId: null, userId: null, membershipId: null, role: null, networkCode: null, fault: null };

/** Who acts in a session, as the database knows it at its begin. */
export interface Actor {
  networkId: string;
  timeZone: string;
  userId: string | null;
  userName: string | null;
  userLocale: string | null;
  membershipId: string | null;
  organizationId: string | null;
  organizationStatus: string | null;
  role: string | null;
  /** The instant the session began; what a verb writes is dated by it. */
  now: Date;
  /** The day it is in the network's time zone, YYYY-MM-DD. */
  today: string;
  /** The contracts in force that the actor's organization is party to. */
  contractIds: readonly string[];
  /** The keys in the actor's hand: grant clauses in force made to the own organization, with their contracts. */
  keys: ReadonlyMap<string, string>;
  /** The names the actor answers to by role, besides the contracts and keys; what readers and writers of rows are compared with. */
  names: ReadonlySet<string>;
}

/** One SQL statement with its values; with a name it is prepared once a connection. */
export interface Statement {
  name?: string;
  text: string;
  values?: unknown[];
  /** Rows by their keys, whoever asks and for however many: planned once a connection, by the indexes of the keys. */
  keyed?: boolean;
}

/** What the queries of reads.ts are asked through: a session, or the transaction of a verb. */
export interface Reader {
  read<Row extends object>(statement: Statement): Promise<Row[]>;
}

/** What a verb leaves in the audit log. */
export interface AuditRecord {
  /** The verb with its subject, e.g. `contract.sign`. */
  action: AuditAction;
  subjectType: string;
  subjectId: string;
  /** Organizations that it concerns besides the actor's own. */
  organizationIds?: readonly string[];
  /** Before and after, without personal data. */
  changes?: Record<string, unknown>;
}

interface SessionRow extends QueryResultRow {
  /** Who it is, where the caller does not say. */
  user_id?: string;
  network_id: string;
  time_zone: string;
  user_name: string | null;
  user_locale: string | null;
  membership_id: string | null;
  organization_id: string | null;
  organization_status: string | null;
  role: string | null;
  now: Date;
  today: string;
  contract_ids: string[];
  clause_ids: string[];
  clause_contract_ids: string[];
  names: string[];
}

const BEGIN_SESSION = 'SELECT * FROM app.begin_session($1, $2, $3, $4, $5, $6)';
const BEGIN_DOOR = 'SELECT * FROM app.begin_door($1, $2, $3, $4)';
const MOST_TRIES = 6;

/** A pooled connection, and the way to give it back: with the fault when it is not to be used again. */
async function borrow(dataSource: DataSource): Promise<[PoolClient, (error?: Error) => void]> {
  try {
    return (await (dataSource.driver as PostgresDriver).obtainMasterConnection()) as [PoolClient, (error?: Error) => void];
  } catch (error) {
    throw connectionFault(error) ?? error;
  }
}

/**
 * How what follows is planned. Lists by their values and by what the actor may read. Rows by their keys once a connection,
 * and then for every actor: so never by way of the readers, of which the first actor may have few and the next have many.
 */
const PLANNED = {
  byValues: [
    { name: 'plan-by-values', text: 'SET LOCAL plan_cache_mode TO DEFAULT' },
    { name: 'scan-by-values', text: 'SET LOCAL enable_bitmapscan TO DEFAULT' },
  ],
  once: [
    { name: 'plan-once', text: 'SET LOCAL plan_cache_mode = force_generic_plan' },
    { name: 'scan-once', text: 'SET LOCAL enable_bitmapscan = off' },
  ],
} as const satisfies Record<string, readonly Statement[]>;
type Planned = keyof typeof PLANNED;

const BEGIN_WRITING: Statement = { name: 'begin-writing', text: 'BEGIN ISOLATION LEVEL READ COMMITTED' };
const BEGIN: Statement = { name: 'begin-reading', text: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY' };

/** A reading transaction under way. */
interface Reading {
  client: Promise<PoolClient>;
  actor: Promise<Actor>;
  known: Actor | null;
  failed: unknown;
  planned: Planned;
  release: () => Promise<void>;
}

/** Runs statements of whose failing the next one tells. */
function unanswered(connection: PoolClient, statements: readonly Statement[]): void {
  for (const statement of statements) ask(connection, statement).catch(() => undefined);
}

/** Tells TypeORM's manager of a transaction, so that it begins none of its own. */
const tellActive = (runner: QueryRunner, isTransactionActive: boolean): void => void Object.assign(runner, { isTransactionActive });

/** A fault of the connection rather than of the statement: the caller may try again. */
export function connectionFault(error: unknown): RequestError | null {
  const { code, message } = error as { code?: string; message?: string };
  const lost =
    (code !== undefined && /^(08|57P0|53)|^E(CONN|PIPE|TIMEDOUT|HOST)/.test(code)) ||
    /timeout exceeded when trying to connect|Connection terminated|connection error|not queryable|Client was closed|Query runner already released/i.test(message ?? '');
  return lost ? new RequestError('SERVICE_BUSY', 'request.busy') : null;
}

/** Puts an error of the database into what a client may know. */
export function translated(error: unknown): unknown {
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : error;
  const code = (cause as { code?: string }).code;
  if (code === 'YN401') return new RequestError('UNAUTHENTICATED', 'auth.ended');
  if (code === 'YN404') return new RequestError('BAD_USER_INPUT', 'network.unknown');
  // 57014: the statement timeout; 55P03: the lock timeout; 25P03: idle in transaction.
  if (code === '57014') return new RequestError('REQUEST_TIMEOUT', 'request.timeout');
  if (code === '55P03' || code === '25P03') return new RequestError('SERVICE_BUSY', 'request.busy');
  // A NUL in a text of a filter: no text of ours has one.
  if (code === '22021') return new RequestError('BAD_USER_INPUT', 'invalid.characters');
  // The policies refuse what a verb overlooked.
  if (code === '42501' && /row-level security/.test(String((cause as Error).message))) return new Refusal('NOT_ALLOWED', 'notAllowed');
  return connectionFault(cause) ?? error;
}

const isRetryable = (error: unknown): boolean => {
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : error;
  return ['40001', '40P01'].includes((cause as { code?: string }).code ?? '');
};

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function actorOf(row: SessionRow, caller: Caller): Actor {
  return {
    networkId: row.network_id,
    timeZone: row.time_zone,
    userId: row.user_id ?? caller.userId,
    userName: row.user_name ?? null,
    userLocale: row.user_locale ?? null,
    membershipId: row.membership_id ?? null,
    organizationId: row.organization_id ?? null,
    organizationStatus: row.organization_status ?? null,
    role: row.role ?? null,
    now: row.now,
    today: row.today,
    contractIds: row.contract_ids ?? [],
    keys: new Map((row.clause_ids ?? []).map((clause, index) => [clause, row.clause_contract_ids[index]!])),
    names: new Set(row.names ?? []),
  };
}

/**
 * The gate of one request to the database: says who is asking at the begin of each transaction, so that row security
 * answers for everything after. Opened by the first statement; reads share one read-only snapshot, each change is a
 * transaction of its own and reads after it see a new snapshot with new principals.
 */
export class Session implements Reader {
  private open: Reading | null = null;
  private closed = false;
  /** Raised with each change, so that what was loaded before it is loaded anew. */
  epoch = 0;

  constructor(
    private readonly dataSource: DataSource,
    readonly caller: Caller,
    readonly clock: Clock,
    /** After this moment (as of Date.now) nothing more is asked of the database. */
    private readonly deadline: number = Number.POSITIVE_INFINITY,
    /** Begins to read by a door that answers like app.begin_session, and takes the instant after these values, instead. */
    private readonly entrance: Statement | null = null,
  ) {}

  /** Who acts, known once the session has begun. @throws RequestError UNAUTHENTICATED when it is not so any more */
  async actor(): Promise<Actor> {
    return this.opened().actor;
  }

  /** Does something with who acts: at once when that is known, so that a field of a row that was read costs no promise. */
  withActor<Result>(use: (actor: Actor) => Result): Result | Promise<Result> {
    const { known, actor } = this.opened();
    return known ? use(known) : actor.then(use);
  }

  /** Runs one reading statement behind the gate; begin and first statement travel together. */
  async read<Row extends object>(statement: Statement): Promise<Row[]> {
    const planned = statement.keyed ? 'once' : 'byValues';
    const opened = this.opened(planned);
    const { client, actor } = opened;
    try {
      const connection = await client;
      if (planned !== opened.planned) unanswered(connection, PLANNED[(opened.planned = planned)]);
      const rows = ask<Row>(connection, statement);
      // The begin's own error says more than that the transaction is aborted.
      rows.catch(() => undefined);
      await actor;
      return await rows;
    } catch (error) {
      // 25P02: the statements after one that failed say only that it did.
      if ((error as { code?: string }).code === '25P02' && opened.failed) throw opened.failed as Error;
      throw (opened.failed = translated(error));
    }
  }

  /** Runs a change as one transaction: its rows, its audit entries, its events and its commit, or nothing of it. */
  async write<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    this.refuse();
    const { caller, clock } = this;
    const values = [caller.sessionId, caller.userId, caller.networkCode, caller.membershipId, caller.role, clock.now()];
    return this.change({ name: 'begin-session', text: BEGIN_SESSION, values }, work);
  }

  /** Like write, but through a named door: with the platform's own narrow rights in one network. */
  async through<Result>(door: string, networkId: string, work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    return this.change({ name: 'begin-door', text: BEGIN_DOOR, values: [networkId, door, this.caller.userId, this.clock.now()] }, work);
  }

  /** Runs a definer function that stands outside every network, such as finding a credential. */
  async door<Row extends object>(statement: Statement): Promise<Row[]> {
    const [client, release] = await borrow(this.dataSource);
    try {
      const { rows } = await client.query<Row & QueryResultRow>(statement);
      release();
      return rows;
    } catch (error) {
      release(connectionFault(error) ? (error as Error) : undefined);
      throw translated(error);
    }
  }

  /** Ends the reading transaction; the next statement begins a new one. */
  async end(): Promise<void> {
    const ending = this.open;
    this.open = null;
    await ending?.release();
  }

  /** Ends for good: a resolver whose request has been answered already gets nothing more. */
  async close(): Promise<void> {
    this.closed = true;
    await this.end();
  }

  private opened(planned: Planned = 'byValues'): Reading {
    this.refuse();
    return (this.open ??= this.begin(planned));
  }

  private refuse(): void {
    if (this.caller.fault) throw this.caller.fault;
    if (this.closed || Date.now() > this.deadline) throw new RequestError('REQUEST_TIMEOUT', 'request.timeout');
  }

  private begin(planned: Planned): Reading {
    const { caller, clock, entrance } = this;
    let giveBack: () => void = () => undefined;
    const client = borrow(this.dataSource).then(([connection, release]) => {
      giveBack = release;
      return connection;
    });
    const actor = client.then(async (connection) => {
      unanswered(connection, planned === 'once' ? [BEGIN, ...PLANNED.once] : [BEGIN]);
      const { name, text, values } = entrance ?? {
        name: 'begin-session',
        text: BEGIN_SESSION,
        values: [caller.sessionId, caller.userId, caller.networkCode, caller.membershipId, caller.role],
      };
      try {
        const [row] = await ask<SessionRow>(connection, { name, text, values: [...(values ?? []), clock.now()] });
        return actorOf(row!, caller);
      } catch (error) {
        throw translated(error);
      }
    });
    const opened: Reading = { client, actor, known: null, failed: null, planned, release: async () => undefined };
    actor.then(
      (acting) => (opened.known = acting),
      () => undefined,
    );
    opened.release = async () => {
      const connection = await client.catch(() => null);
      if (!connection) return;
      commit(connection);
      // Whoever waits for the connection is served behind the end of this transaction, and need not wait for its answer.
      giveBack();
    };
    return opened;
  }

  private async change<Result>(begin: Statement, work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    await this.end();
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.attempt(begin, work);
      } catch (error) {
        if (!isRetryable(error)) throw translated(error);
        if (tries === MOST_TRIES) throw new RequestError('SERVICE_BUSY', 'request.busy');
        await pause(2 ** tries * 2 * (0.5 + Math.random()));
      } finally {
        this.epoch += 1;
      }
    }
  }

  private async attempt<Result>(begin: Statement, work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    const runner = this.dataSource.createQueryRunner();
    let client: PoolClient | undefined;
    let tx: Transaction | undefined;
    try {
      client = (await runner.connect()) as PoolClient;
      tellActive(runner, true);
      unanswered(client, [BEGIN_WRITING]);
      const [row] = await ask<SessionRow>(client, begin);
      tx = new Transaction(runner, client, actorOf(row!, this.caller), {
        // Both ways to begin take the instant last.
        enter: (door, as) => ({ name: 'begin-door', text: BEGIN_DOOR, values: [row!.network_id, door, as, begin.values!.at(-1)] }),
        leave: () => begin,
      });
      const result = await work(tx);
      await tx.commit();
      return result;
    } catch (error) {
      tx?.end();
      if (client) {
        flush(client);
        await client.query('ROLLBACK').catch(() => undefined);
      }
      throw error;
    } finally {
      tx?.end();
      tellActive(runner, false);
      await runner.release();
    }
  }
}

/** How a transaction comes into a named door, as somebody or nobody, and back to how it began. */
interface Doors {
  enter: (door: string, userId: string | null) => Statement;
  leave: () => Statement;
}

const noDoors = (): never => {
  throw new Error('This transaction has no doors');
};

/** What is to be written down at the end of a transaction. */
interface Noted {
  records: AuditRecord[];
  events: EventRecord[];
}

/** What a verb works with: one transaction behind the gate. */
export class Transaction implements Reader {
  private readonly byActor: Noted = { records: [], events: [] };
  private readonly byNobody: Noted = { records: [], events: [] };
  private noted = this.byActor;
  /** The named door that it works through at present. */
  private door: string | null = null;
  /** Steps through doors that nobody waits for: what is asked next goes along with them. */
  private readonly steps: Promise<unknown>[] = [];
  private isOver = false;

  constructor(
    private readonly runner: QueryRunner,
    private readonly client: PoolClient,
    readonly actor: Actor,
    private readonly doors: Doors = { enter: noDoors, leave: noDoors },
  ) {}

  /**
   * Works through a named door in the middle of a verb, after the verb's own checks: with the platform's narrow rights
   * there, and without the actor's or those of the door that it comes from, to which it goes back. What is audited stays
   * the actor's. What fails within ends the transaction.
   */
  async through<Result>(door: string, work: () => Promise<Result>): Promise<Result> {
    const { door: outer } = this;
    this.enter(door);
    const result = await work();
    this.enter(outer);
    return result;
  }

  private enter(door: string | null): void {
    this.door = door;
    this.step(door === null ? this.doors.leave() : this.doors.enter(door, this.actor.userId));
  }

  /** @internal The connection is another's from now on: whoever still wants something of it gets nothing. */
  end(): void {
    this.isOver = true;
  }

  private connection(): PoolClient {
    if (this.isOver) throw new RequestError('REQUEST_TIMEOUT', 'request.timeout');
    return this.client;
  }

  private step(through: Statement): void {
    const step = ask(this.connection(), through);
    step.catch(() => undefined);
    this.steps.push(step);
  }

  /**
   * Does something through a named door when all else has been written down, right before the commit: what ends the membership
   * or the session that the verb is done by.
   */
  atLast(door: string, work: () => Promise<void>): void {
    this.last.push({ door, work });
  }
  private readonly last: { door: string; work: () => Promise<void> }[] = [];

  /** Does what follows from a verb for others than its actor: it is audited and announced as nobody's doing. */
  async consequently<Result>(work: () => Promise<Result>): Promise<Result> {
    const { noted } = this;
    this.noted = this.byNobody;
    try {
      return await work();
    } finally {
      this.noted = noted;
    }
  }

  /** TypeORM's manager, bound to this transaction. */
  get manager(): EntityManager {
    flush(this.connection());
    return this.runner.manager;
  }

  /** Runs one statement. Those that are asked for together, without waiting, travel together. */
  async query<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
    try {
      return await ask<Row>(this.connection(), named(text, values));
    } catch (error) {
      // A statement after a step that failed says only that the transaction is aborted.
      if ((error as { code?: string }).code === '25P02') await Promise.all(this.steps);
      throw error;
    }
  }

  async read<Row extends object>({ text, values }: Statement): Promise<Row[]> {
    return this.query(text, values);
  }

  /** Notes what was done; written at the end of the transaction, since the chain of the network is held from then on. */
  audit(record: AuditRecord): void {
    this.noted.records.push(record);
  }

  /** Announces what was done; written with it, and acted on once it is committed. */
  emit(event: EventRecord): void {
    this.noted.events.push(event);
  }

  /** @internal Writes down what was noted, the audit log last. */
  async flush(): Promise<void> {
    const { byActor, byNobody } = this;
    const written = [this.write(byActor)];
    if (byNobody.records.length + byNobody.events.length > 0) {
      this.step(this.doors.enter('calendar', null));
      written.push(this.write(byNobody));
    }
    await Promise.all([...this.steps, ...written]);
  }

  /** @internal Writes down what was noted and commits in one piece, so that the chain of the network is held as short as can be. */
  async commit(): Promise<void> {
    const flushed = this.flush();
    if (this.last.length) {
      await flushed;
      for (const { door, work } of this.last) {
        this.step(this.doors.enter(door, this.actor.userId));
        await work();
      }
    }
    // What follows a failed statement is not done: it is committed when all before it has been.
    await Promise.all([flushed, ...this.steps, ask(this.connection(), { name: 'commit', text: COMMIT })]);
  }

  private async write({ records, events }: Noted): Promise<void> {
    const written: [call: string, entries: string][] = [];
    if (events.length > 0) written.push(['app.append_events', entriesOf(events, this.actor.now)]);
    if (records.length > 0) written.push(['app.append_audit', this.auditEntries(records)]);
    if (written.length === 0) return;
    await this.query(
      `SELECT ${written.map(([call], index) => `${call}($${index + 1})`).join(', ')}`,
      written.map(([, entries]) => entries),
    );
  }

  private auditEntries(records: readonly AuditRecord[]): string {
    return JSON.stringify(
      records.map((record) => ({
        id: newId(this.actor.now),
        action: record.action,
        subjectType: record.subjectType,
        subjectId: record.subjectId,
        organizationIds: record.organizationIds ?? [],
        changes: JSON.stringify(record.changes ?? {}),
      })),
    );
  }

  /** The row behind a uuid as the actor may read it, or null. */
  async find<Entity extends object>(entity: EntityTarget<Entity>, id: string): Promise<Entity | null> {
    const [row] = await this.query<Entity>(
      `SELECT ${selectList(entity, 't')} FROM ${tableName(entity)} t WHERE t.network_id = app.network_id() AND t.id = $1`,
      [id],
    );
    return row ?? null;
  }

  /** The uuid in a global id of one type. @throws Refusal NOT_FOUND for another type's or a malformed one, as for one that never was */
  idOf(type: string, globalId: string, path: readonly string[]): string {
    const id = fromGlobalId(globalId);
    if (id?.type !== type) throw new Refusal('NOT_FOUND', 'notFound', {}, path);
    return id.id;
  }

  /**
   * The row that a verb changes, locked for the rest of the transaction.
   * @throws Refusal NOT_FOUND when the actor may not read it or it never was, NOT_ALLOWED when it may be read but not written
   */
  async lock<Entity extends object>(entity: EntityTarget<Entity>, type: string, globalId: string, path: readonly string[] = ['id']): Promise<Entity> {
    const id = this.idOf(type, globalId, path);
    const select = `SELECT ${selectList(entity, 't')} FROM ${tableName(entity)} t WHERE t.network_id = app.network_id() AND t.id = $1`;
    const [locked] = await this.query<Entity>(`${select} FOR UPDATE`, [id]);
    if (locked) return locked;
    const [readable] = await this.query<Entity>(select, [id]);
    throw readable ? new Refusal('NOT_ALLOWED', 'notAllowed', {}, path) : new Refusal('NOT_FOUND', 'notFound', {}, path);
  }
}

/** The hash of an input that an idempotency key is bound to. */
export const hashOf = (value: unknown): Buffer => createHash('sha256').update(JSON.stringify(value)).digest();
