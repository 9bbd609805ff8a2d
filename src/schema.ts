import 'reflect-metadata';
import type { GraphQLSchema } from 'graphql';
import { guardSchema } from './access/shield';
import { resolvers, types } from './domain';
import { assembleSchema } from './platform/graphql/schema';

/** The schema of the API, executable and guarded. @throws MissingRule when a type or root field has no access rule */
export const buildApiSchema = (): GraphQLSchema => assembleSchema({ resolvers, types, guard: guardSchema });
