import { isObjectType, type GraphQLFieldResolver, type GraphQLSchema } from 'graphql';
import { getMetadataStorage } from 'type-graphql';

type FieldResolver = ReturnType<typeof getMetadataStorage>['fieldResolvers'][number];
type Method = (root: unknown, context: unknown, info: unknown) => unknown;

/** The order in which a method takes what it needs. */
const ORDER = ['root', 'context', 'info'];

const takesOnly = ({ params = [], middlewares = [] }: FieldResolver): boolean =>
  middlewares.length === 0 &&
  [...params]
    .sort((a, b) => a.index - b.index)
    .every((param, place) => param.kind === ORDER[place] && param.index === place && !('propertyName' in param && param.propertyName));

/**
 * Calls the methods of fields that take the row, the context and the info at once. type-graphql would gather their
 * parameters anew for each row, and copy the row into an instance of its class.
 */
export function resolveFieldsDirectly(schema: GraphQLSchema): GraphQLSchema {
  const { fieldResolvers, objectTypes, interfaceTypes } = getMetadataStorage();
  const names = new Map([...objectTypes, ...interfaceTypes].map(({ target, name }): [unknown, string] => [target, name]));
  const instances = new Map<unknown, Record<string, Method>>();
  const instanceOf = (target: unknown): Record<string, Method> => {
    let instance = instances.get(target);
    if (!instance) instances.set(target, (instance = new (target as new () => Record<string, Method>)()));
    return instance;
  };
  const known = new Map<string, FieldResolver>();
  for (const resolver of fieldResolvers) {
    const name = resolver.kind === 'external' ? names.get(resolver.getObjectType!()) : undefined;
    if (name !== undefined) known.set(`${name}.${resolver.schemaName}`, resolver);
  }
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const owner = [type, ...type.getInterfaces()].find(({ name }) => known.has(`${name}.${field.name}`));
      const resolver = owner && known.get(`${owner.name}.${field.name}`)!;
      if (!resolver || !takesOnly(resolver)) continue;
      const instance = instanceOf(resolver.target);
      const method = instance[resolver.methodName]!;
      field.resolve = ((root, _args, context, info) => method.call(instance, root, context, info)) satisfies GraphQLFieldResolver<unknown, unknown>;
    }
  }
  return schema;
}
