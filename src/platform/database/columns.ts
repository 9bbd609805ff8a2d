import { getMetadataArgsStorage, type EntityTarget } from 'typeorm';
import { snakeCase } from 'typeorm/util/StringUtils';

const tables = new Map<unknown, string>();
const lists = new Map<string, string>();
const computed = new Map<unknown, Record<string, (alias: string) => string>>();

/** Says how a property of an entity is read when it is more than its column. */
export function readAs<Entity>(entity: EntityTarget<Entity>, property: keyof Entity & string, expression: (alias: string) => string): void {
  computed.set(entity, { ...computed.get(entity), [property]: expression });
}

/** The table of an entity. */
export function tableName(entity: EntityTarget<unknown>): string {
  let name = tables.get(entity);
  if (!name) {
    name = getMetadataArgsStorage().tables.find((table) => table.target === entity)!.name!;
    tables.set(entity, name);
  }
  return name;
}

/** The columns of an entity with those that it inherits. */
function columnsOf(entity: EntityTarget<unknown>) {
  const ancestors = new Set<unknown>();
  for (let target: unknown = entity; typeof target === 'function'; target = Object.getPrototypeOf(target)) ancestors.add(target);
  return getMetadataArgsStorage().columns.filter((column) => ancestors.has(column.target));
}

/** The properties of an entity that its row has. */
export const propertiesOf = (entity: EntityTarget<unknown>): ReadonlySet<string> => new Set(columnsOf(entity).map(({ propertyName }) => propertyName));

/**
 * The columns of an entity as a select list whose rows have the entity's property names; no class is instantiated.
 * @param properties only these; all when not given
 */
export function selectList(entity: EntityTarget<unknown>, alias: string, properties?: ReadonlySet<string>): string {
  const key = [tableName(entity), alias, ...(properties ?? [])].join(' ');
  let list = lists.get(key);
  if (!list) {
    list = columnsOf(entity)
      .filter(({ propertyName }) => properties?.has(propertyName) ?? true)
      .map((column) => {
        const expression =
          computed.get(entity)?.[column.propertyName]?.(alias) ?? `${alias}.${column.options.name ?? snakeCase(column.propertyName)}`;
        return `${expression} AS "${column.propertyName}"`;
      })
      .join(', ');
    lists.set(key, list);
  }
  return list;
}

/** A row of another table that comes along with one: its columns under a name of their own, and what makes an object of them. */
export interface Along {
  list: string;
  /** Puts the object, null when there was no such row, into each row in the place of its columns. */
  gather: (rows: readonly object[]) => void;
}

/** Brings a joined row along as a property of another. @param properties of the joined row, `id` among them; all when not given */
export function along(property: string, entity: EntityTarget<unknown>, alias: string, properties = propertiesOf(entity)): Along {
  const names = [...properties];
  const list = names.map((name) => selectList(entity, alias, new Set([name])).replace(/ AS "(.+)"$/, ` AS "${property}.$1"`)).join(', ');
  const columns = names.map((name) => [name, `${property}.${name}`] as const);
  const id = `${property}.id`;
  return {
    list,
    gather: (rows) => {
      for (const row of rows as Record<string, unknown>[]) {
        if (row[id] === null) row[property] = null;
        else {
          const object: Record<string, unknown> = {};
          for (const [name, column] of columns) object[name] = row[column];
          row[property] = object;
        }
      }
    },
  };
}
