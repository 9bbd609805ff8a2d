import { Kind, type FieldNode, type GraphQLObjectType, type GraphQLResolveInfo, type SelectionSetNode } from 'graphql';

/** What a query asks of an object: its fields by name, also those that a directive may skip, with where each is asked for. */
export type Asked = ReadonlyMap<string, readonly FieldNode[]>;

/** Documents are kept parsed, so that each field of one is looked through once. */
const known = new WeakMap<FieldNode, Asked>();

function collect(info: GraphQLResolveInfo, set: SelectionSetNode | undefined, visit: (field: FieldNode) => void): void {
  for (const selection of set?.selections ?? []) {
    if (selection.kind === Kind.FIELD) visit(selection);
    else collect(info, selection.kind === Kind.INLINE_FRAGMENT ? selection.selectionSet : info.fragments[selection.name.value]?.selectionSet, visit);
  }
}

/** What is asked of the object that some fields lead to. */
export function askedOf(info: GraphQLResolveInfo, fields: readonly FieldNode[]): Asked {
  const asked = new Map<string, FieldNode[]>();
  for (const field of fields) {
    collect(info, field.selectionSet, (below) => {
      const { value } = below.name;
      const same = asked.get(value);
      if (same) same.push(below);
      else asked.set(value, [below]);
    });
  }
  return asked;
}

/** What a query asks of the nodes of a connection. */
export function askedOfNodes(info: GraphQLResolveInfo): Asked {
  const [first] = info.fieldNodes as [FieldNode];
  let asked = info.fieldNodes.length === 1 ? known.get(first) : undefined;
  if (!asked) {
    const connection = askedOf(info, info.fieldNodes);
    const edges = askedOf(info, connection.get('edges') ?? []);
    asked = askedOf(info, [...(connection.get('nodes') ?? []), ...(edges.get('node') ?? [])]);
    if (info.fieldNodes.length === 1) known.set(first, asked);
  }
  return asked;
}

/**
 * The properties of a row that make an object of a type as it is asked for; null when a resolver is asked for of which
 * nothing is said, and which therefore may need any of them.
 * @param made what fields with a resolver are made of
 */
export function propertiesFor(
  info: GraphQLResolveInfo,
  typeName: string,
  asked: Asked,
  made: Readonly<Record<string, readonly string[]>> = { id: [] },
): ReadonlySet<string> | null {
  const fields = (info.schema.getType(typeName) as GraphQLObjectType).getFields();
  const properties = new Set(['id']);
  for (const name of asked.keys()) {
    const field = fields[name];
    const parts = Object.hasOwn(made, name) ? made[name]! : field?.resolve ? null : field ? [name] : [];
    if (!parts) return null;
    for (const part of parts) properties.add(part);
  }
  return properties;
}
