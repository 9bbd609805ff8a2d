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

/**
 * The columns of an entity as a select list whose rows have the entity's property names; no class is instantiated.
 * @param properties only these; all when not given
 */
export function selectList(entity: EntityTarget<unknown>, alias: string, properties?: ReadonlySet<string>): string {
  const key = [tableName(entity), alias, ...(properties ?? [])].join(' ');
  let list = lists.get(key);
  if (!list) {
    const ancestors = new Set<unknown>();
    for (let target: unknown = entity; typeof target === 'function'; target = Object.getPrototypeOf(target)) ancestors.add(target);
    const columns = getMetadataArgsStorage().columns.filter((column) => ancestors.has(column.target) && (properties?.has(column.propertyName) ?? true));
    list = columns
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
