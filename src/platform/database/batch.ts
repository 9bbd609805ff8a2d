import pg, { type PoolClient } from 'pg';
import type { Statement } from './session';

/** What of pg's connection a batch speaks through. */
interface Wire {
  stream: { cork: () => void; uncork: () => void };
  /** Texts of named statements: those that PostgreSQL has parsed, and those on their way there. */
  parsedStatements: Record<string, string>;
  submittedNamedStatements: Record<string, string>;
  parse: (statement: { name: string; text: string }) => void;
  bind: (portal: { statement: string; values: unknown[] }) => void;
  describe: (what: { type: 'P'; name: string }) => void;
  execute: (portal: object) => void;
  sync: () => void;
}

/** What the rows of a statement look like. */
interface Shape {
  names: string[];
  parsers: ((text: string) => unknown)[];
  /** A row with every column, copied for each. */
  blank: Record<string, unknown>;
}

/** A statement of a batch, its values as they travel, and whoever waits for its rows. */
interface Part {
  name: string;
  text: string;
  values: unknown[];
  shape: Shape | undefined;
  resolve: (rows: object[]) => void;
  reject: (error: unknown) => void;
}

const { prepareValue } = (pg as unknown as { utils: { prepareValue: (value: unknown) => unknown } }).utils;

/** Of each connection, by the statement's name: what was described once is not described again. */
const shapes = new WeakMap<Wire, Map<string, Shape>>();

function shapeOf(fields: readonly { name: string; dataTypeID: number }[]): Shape {
  const names = fields.map(({ name }) => name);
  return {
    names,
    parsers: fields.map(({ dataTypeID }) => pg.types.getTypeParser(dataTypeID, 'text') as (text: string) => unknown),
    blank: Object.fromEntries(names.map((name) => [name, null])),
  };
}

export const COMMIT = 'COMMIT';

/** pg pipelines queries of its own class alone; of what that class does, nothing is kept but the name. */
const Query = pg.Query as unknown as new (text: string) => object;

/**
 * Statements that go to PostgreSQL in one message each way: one Sync for all of them, so that they are answered in one
 * piece. When one fails, so do those after it; within a transaction they would anyway.
 */
class Batch extends Query {
  /** Of the statement that is being answered; pg notes by them what was parsed. */
  name = '';
  text = '';
  callback = (): void => undefined;
  private readonly parts: Part[] = [];
  private at = 0;
  private answer: object[] = [];
  private fault: unknown = null;

  constructor() {
    super('');
  }

  add<Row extends object>({ name = '', text, values = [] }: Statement): Promise<Row[]> {
    return new Promise((resolve, reject) => {
      this.parts.push({ name, text, values: values.map(prepareValue), shape: undefined, resolve: resolve as (rows: object[]) => void, reject });
    });
  }

  submit(wire: Wire): null {
    const described = shapes.get(wire) ?? new Map<string, Shape>();
    shapes.set(wire, described);
    wire.stream.cork();
    for (const part of this.parts) {
      const { name, text, values } = part;
      if (name === '' || (wire.parsedStatements[name] ?? wire.submittedNamedStatements[name]) === undefined) {
        wire.parse({ name, text });
        if (name !== '') wire.submittedNamedStatements[name] = text;
      }
      wire.bind({ statement: name, values });
      part.shape = name === '' ? undefined : described.get(name);
      if (!part.shape) wire.describe({ type: 'P', name: '' });
      wire.execute({});
    }
    wire.sync();
    wire.stream.uncork();
    this.turnTo(0);
    return null;
  }

  handleRowDescription({ fields }: { fields: { name: string; dataTypeID: number }[] }): void {
    this.parts[this.at]!.shape = shapeOf(fields);
  }

  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    const { names, parsers, blank } = this.parts[this.at]!.shape!;
    const row = { ...blank };
    try {
      for (let column = 0; column < fields.length; column += 1) {
        const value = fields[column]!;
        if (value !== null) row[names[column]!] = parsers[column]!(value);
      }
    } catch (error) {
      this.fault = error;
    }
    this.answer.push(row);
  }

  handleCommandComplete(done: { text: string }, wire: Wire): void {
    const { name, text, shape, resolve, reject } = this.parts[this.at]!;
    if (name !== '' && shape) shapes.get(wire)!.set(name, shape);
    // A transaction in which something has failed is not committed, and PostgreSQL says so by this word alone.
    if (text === COMMIT && done.text === 'ROLLBACK') this.fault = new Error('The transaction was rolled back');
    if (this.fault === null) resolve(this.answer);
    else reject(this.fault);
    this.turnTo(this.at + 1);
  }

  handleEmptyQuery(): void {
    this.parts[this.at]!.resolve([]);
    this.turnTo(this.at + 1);
  }

  handleError(error: unknown, wire: Wire): void {
    for (const { name, reject } of this.parts.slice(this.at)) {
      delete wire.submittedNamedStatements[name];
      reject(error);
    }
    this.turnTo(this.parts.length);
  }

  /** Each statement was answered by itself. */
  handleReadyForQuery(): void {}

  private turnTo(at: number): void {
    this.at = at;
    this.answer = [];
    this.fault = null;
    const part = this.parts[at];
    this.name = part?.name ?? '';
    this.text = part?.text ?? '';
  }
}

const send = (client: PoolClient, batch: Batch): void => void client.query(batch as unknown as pg.Query);

const gathered = new WeakMap<PoolClient, Batch>();

/** Sends what has been gathered for a connection, before something else is asked of it. */
export function flush(client: PoolClient): void {
  const batch = gathered.get(client);
  if (!batch) return;
  gathered.delete(client);
  send(client, batch);
}

/** Runs a statement on a connection; those that are asked for in one turn of the event loop travel as one batch. */
export function ask<Row extends object>(client: PoolClient, statement: Statement): Promise<Row[]> {
  let batch = gathered.get(client);
  if (!batch) {
    gathered.set(client, (batch = new Batch()));
    process.nextTick(flush, client);
  }
  return batch.add<Row>(statement);
}

/** Ends the transaction of a connection that is given back now; what its next user asks for at once goes out together with it. */
export function commit(client: PoolClient): void {
  flush(client);
  const { stream } = (client as unknown as { connection: Wire }).connection;
  stream.cork();
  // One turn further, so that the next user's batch is in.
  process.nextTick(() => process.nextTick(() => stream.uncork()));
  const batch = new Batch();
  batch.add({ name: 'commit', text: COMMIT }).catch(() => undefined);
  send(client, batch);
}
