import { Kind, type FieldNode, type GraphQLResolveInfo, type SelectionSetNode } from 'graphql';

/** Documents are kept parsed, so that each field of one is looked through once. */
const known = new WeakMap<FieldNode, ReadonlySet<string>>();

function collect(info: GraphQLResolveInfo, set: SelectionSetNode | undefined, visit: (field: FieldNode) => void): void {
  for (const selection of set?.selections ?? []) {
    if (selection.kind === Kind.FIELD) visit(selection);
    else collect(info, selection.kind === Kind.INLINE_FRAGMENT ? selection.selectionSet : info.fragments[selection.name.value]?.selectionSet, visit);
  }
}

/** The names of the fields that a query asks of the nodes of a connection, also those that a directive may skip. */
export function fieldsOfNodes(info: GraphQLResolveInfo): ReadonlySet<string> {
  const [first] = info.fieldNodes as [FieldNode];
  let fields = info.fieldNodes.length === 1 ? known.get(first) : undefined;
  if (!fields) {
    const names = new Set<string>();
    const ofNode = (field: FieldNode) => collect(info, field.selectionSet, (asked) => names.add(asked.name.value));
    for (const connection of info.fieldNodes) {
      collect(info, connection.selectionSet, (part) => {
        if (part.name.value === 'nodes') ofNode(part);
        if (part.name.value === 'edges') collect(info, part.selectionSet, (edge) => edge.name.value === 'node' && ofNode(edge));
      });
    }
    fields = names;
    if (info.fieldNodes.length === 1) known.set(first, fields);
  }
  return fields;
}
