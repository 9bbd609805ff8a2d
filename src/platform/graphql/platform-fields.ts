import { isAbstractType, isObjectType, type GraphQLInterfaceType, type GraphQLFieldResolver, type GraphQLSchema } from 'graphql';
import { toGlobalId } from '../ids';
import type { Page } from './connection';

type AnyPage = Page<object>;
const resolve = (fields: Record<string, GraphQLFieldResolver<never, unknown>>) => fields;

const connectionFields = resolve({
  edges: (page: AnyPage) => page.rows.map((node) => ({ node, page })),
  nodes: (page: AnyPage) => page.rows,
  pageInfo: (page: AnyPage) => page,
  totalCount: (page: AnyPage) => page.count(),
});
const edgeFields = resolve({ cursor: ({ node, page }: { node: object; page: AnyPage }) => page.cursorOf(node) });
const pageInfoFields = resolve({
  startCursor: (page: AnyPage) => (page.rows.length ? page.cursorOf(page.rows[0]!) : null),
  endCursor: (page: AnyPage) => (page.rows.length ? page.cursorOf(page.rows[page.rows.length - 1]!) : null),
});

/**
 * Gives the fields that are alike on every type their resolver: a node's global id, a connection's parts. Plain
 * functions, set after the access rules, since what they show was decided by the field that returned the page.
 */
export function resolvePlatformFields(schema: GraphQLSchema): GraphQLSchema {
  const node = schema.getType('Node') as GraphQLInterfaceType;
  for (const type of Object.values(schema.getTypeMap())) {
    // Said by the row, at once: compiled execution does not wait for a type.
    if (isAbstractType(type)) type.resolveType = (row: { __typename?: string }) => row.__typename;
    if (!isObjectType(type)) continue;
    const fields = type.getFields();
    if (type.getInterfaces().includes(node)) fields.id!.resolve = (row: { id: string }) => toGlobalId(type.name, row.id);
    const alike = type.name.endsWith('Connection')
      ? connectionFields
      : type.name.endsWith('Edge')
        ? edgeFields
        : type.name === 'PageInfo'
          ? pageInfoFields
          : {};
    for (const [name, resolver] of Object.entries(alike)) fields[name]!.resolve = resolver as GraphQLFieldResolver<unknown, unknown>;
  }
  return schema;
}
