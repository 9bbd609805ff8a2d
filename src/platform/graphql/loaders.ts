import DataLoader from 'dataloader';
import type { EntityTarget } from 'typeorm';
import { selectList, tableName, type Along } from '../database/columns';
import type { Reader, Session, Statement } from '../database/session';

/** How the rows behind keys of one kind are fetched: one statement for all keys of a level of the query. */
export interface LoaderDefinition<Key, Value> {
  /** @param prime notes what was read along with it, so that it need not be loaded any more; not given within a verb */
  batch: (session: Reader, keys: readonly Key[], prime?: Prime) => Promise<Value[]>;
}

/** Notes rows under their ids. */
export type Prime = <Row extends { id: string }>(definition: LoaderDefinition<string, Row | null>, rows: readonly (Row | null | undefined)[]) => void;

/** What a row loaded by its id brings along. */
interface Joined {
  join: string;
  along: Along;
}

/** Rows that are about to be asked for one by one, read before in one round trip with others. What they leave out is loaded as ever. */
export interface Ahead<Row extends { id: string }> {
  definition: LoaderDefinition<string, Row | null>;
  statement: Statement & { name: string };
}

/** How many rows are read ahead at most. */
export const MOST_AHEAD = 100;

/** Loads one row by its id, null when there is none that the actor may read. */
export function byId<Row extends { id: string }>(entity: EntityTarget<Row>, joined?: Joined): LoaderDefinition<string, Row | null> {
  return {
    batch: async (session, ids) => {
      const table = tableName(entity);
      const rows = await session.read<Row>({
        name: `${table}-by-id`,
        text: `SELECT ${[selectList(entity, 't'), ...(joined ? [joined.along.list] : [])].join(', ')} FROM ${table} t ${joined?.join ?? ''} WHERE t.network_id = app.network_id() AND t.id = ANY($1::uuid[])`,
        values: [ids],
      });
      joined?.along.gather(rows);
      const found = new Map(rows.map((row) => [row.id, row]));
      return ids.map((id) => found.get(id) ?? null);
    },
  };
}

/** Groups rows under the key they belong to, in the order of the rows. */
export function grouped<Key, Row>(keys: readonly Key[], rows: readonly Row[], keyOf: (row: Row) => Key): Row[][] {
  const groups = new Map<Key, Row[]>(keys.map((key) => [key, []]));
  for (const row of rows) groups.get(keyOf(row))?.push(row);
  return keys.map((key) => groups.get(key)!);
}

/** The loaders of one request; emptied by each change, never shared between viewers. */
export class Loaders {
  private loaders = new Map<unknown, DataLoader<unknown, unknown>>();
  private epoch = 0;
  private readonly reader: Reader;

  constructor(private readonly session: Session) {
    // What a loader has a name for is always the same statement: rows by their keys.
    this.reader = { read: (statement) => session.read(statement.name === undefined ? statement : { ...statement, keyed: true }) };
  }

  /** Loads one value; all loads of a tick travel in one statement. */
  load<Key, Value>(definition: LoaderDefinition<Key, Value>, key: Key): Promise<Value> {
    return this.loader(definition).load(key) as Promise<Value>;
  }

  /** Reads rows ahead of their being loaded. */
  async ahead<Row extends { id: string }>({ definition, statement }: Ahead<Row>): Promise<void> {
    this.prime(definition, await this.reader.read<Row>(statement));
  }

  private readonly prime: Prime = (definition, rows) => {
    const loader = this.loader(definition);
    for (const row of rows) if (row) loader.prime(row.id, row);
  };

  private loader<Key, Value>(definition: LoaderDefinition<Key, Value>): DataLoader<unknown, unknown> {
    if (this.epoch !== this.session.epoch) {
      this.loaders = new Map();
      this.epoch = this.session.epoch;
    }
    let loader = this.loaders.get(definition);
    if (!loader) {
      loader = new DataLoader<unknown, unknown>((keys) => definition.batch(this.reader, keys as Key[], this.prime), {
        maxBatchSize: 1000,
      });
      this.loaders.set(definition, loader);
    }
    return loader;
  }
}
