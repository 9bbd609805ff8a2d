import type { GraphQLSchema } from 'graphql';
import { buildSchemaSync, type NonEmptyArray, type PubSub } from 'type-graphql';
import { resolveFieldsDirectly } from './field-resolvers';
import { refusalsAsData } from './payload';
import { resolvePlatformFields } from './platform-fields';
import { DateTimeScalar } from './scalars';

export interface SchemaParts {
  resolvers: NonEmptyArray<Function>; // eslint-disable-line @typescript-eslint/no-unsafe-function-type -- the type type-graphql takes
  /** Object types that only an interface or union leads to. */
  types: Function[]; // eslint-disable-line @typescript-eslint/no-unsafe-function-type -- the type type-graphql takes
  /** Puts the access rules before the resolvers. */
  guard: (schema: GraphQLSchema) => GraphQLSchema;
}

/** What type-graphql wants for subscriptions by topics, of which there are none. */
const noTopics: PubSub = {
  publish: () => undefined,
  subscribe: (topic) => {
    throw new Error(`A subscription by the topic ${topic}: give it a subscribe function`);
  },
};

/** The executable schema: type-graphql's, guarded, with refusals as data and the fields that are alike resolved. */
export function assembleSchema({ resolvers, types, guard }: SchemaParts): GraphQLSchema {
  const schema = buildSchemaSync({
    resolvers,
    orphanedTypes: types,
    scalarsMap: [{ type: Date, scalar: DateTimeScalar }],
    // Inputs are checked by the verbs, which answer with userErrors in the caller's language.
    validate: false,
    // Subscriptions follow what the bus brings: src/platform/events/follow.ts.
    pubSub: noTopics,
    dateScalarMode: 'isoDate',
  } as Parameters<typeof buildSchemaSync>[0]);
  return describeRoots(resolvePlatformFields(guard(refusalsAsData(resolveFieldsDirectly(schema)))));
}

/** type-graphql builds the root types by itself and leaves them without a word. */
function describeRoots(schema: GraphQLSchema): GraphQLSchema {
  schema.getQueryType()!.description = 'What can be asked. What you may not see is absent: not in lists, null by id.';
  schema.getMutationType()!.description = 'What can be done: one verb each. The answer carries what changed, or userErrors when it was refused and nothing was done.';
  schema.getSubscriptionType()!.description =
    'What is told of as it happens, over WebSocket (graphql-transport-ws, at /graphql) or Server-Sent Events (at /graphql/stream), to whoever is signed in. Each thing comes as you may see it at that moment, or not at all.';
  return schema;
}
