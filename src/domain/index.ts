import type { SchemaParts } from '../platform/graphql/schema';
import { SessionResolver, UserResolver, ViewerResolver } from './accounts/resolver';
import {
  ActorResolver,
  MembershipResolver,
  NetworkMapLinkResolver,
  NetworkMapNodeResolver,
  NetworkResolver,
  OrganizationResolver,
  PositionResolver,
  StateChangeResolver,
} from './network/resolver';
import { NodeResolver } from './nodes';

/** The resolvers of every capability; a new one is added here, its nodes in nodes.ts and its access rules in src/access. */
export const resolvers: SchemaParts['resolvers'] = [
  NodeResolver,
  ViewerResolver,
  UserResolver,
  SessionResolver,
  NetworkResolver,
  NetworkMapNodeResolver,
  NetworkMapLinkResolver,
  OrganizationResolver,
  MembershipResolver,
  PositionResolver,
  StateChangeResolver,
  ActorResolver,
];

/** Object types that only an interface or union leads to. */
export const types: SchemaParts['types'] = [];
