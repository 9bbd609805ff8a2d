import DataLoader from 'dataloader';
import type { EntityTarget } from 'typeorm';
import { selectList, tableName } from '../database/columns';
import type { Reader, Session } from '../database/session';

/** How the rows behind keys of one kind are fetched: one statement for all keys of a level of the query. */
export interface LoaderDefinition<Key, Value> {
  batch: (session: Reader, keys: readonly Key[]) => Promise<Value[]>;
}

/** Loads one row by its id, null when there is none that the actor may read. */
export function byId<Row extends { id: string }>(entity: EntityTarget<Row>): LoaderDefinition<string, Row | null> {
  return {
    batch: async (session, ids) => {
      const table = tableName(entity);
      const rows = await session.read<Row>({
        name: `${table}-by-id`,
        text: `SELECT ${selectList(entity, 't')} FROM ${table} t WHERE t.network_id = app.network_id() AND t.id = ANY($1::uuid[])`,
        values: [ids],
      });
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
    if (this.epoch !== this.session.epoch) {
      this.loaders = new Map();
      this.epoch = this.session.epoch;
    }
    let loader = this.loaders.get(definition);
    if (!loader) {
      loader = new DataLoader<unknown, unknown>((keys) => definition.batch(this.reader, keys as Key[]), {
        maxBatchSize: 1000,
      });
      this.loaders.set(definition, loader);
    }
    return loader.load(key) as Promise<Value>;
  }
}
