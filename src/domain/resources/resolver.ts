import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, FieldResolver, Info, Mutation, Query, Resolver, Root } from 'type-graphql';
import { ForwardArgs, PageArgs, type Page } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { checked } from '../../platform/graphql/edge';
import { payloadOf } from '../../platform/graphql/payload';
import { Contract, ResourceGrantClause } from '../contracts/model';
import { contractById, grantClauseById, grantedBy } from '../contracts/reads';
import { historyOf } from '../network/history';
import { Organization, Position, StateChange } from '../network/model';
import { organizationById, positionById } from '../network/reads';
import { accessThrough, resourceActions } from './access';
import * as inputs from './inputs';
import { CreateResourceInput, ResourceFilter, ResourceOrder, RetireResourceInput, ShareResourceInput, UpdateResourceInput } from './inputs';
import { ResourceAction } from './lifecycle';
import { BookingPolicy, Resource, ResourceAccess, ResourceConnection, type ResourceRow } from './model';
import * as reads from './reads';
import * as service from './service';

const resourcePayload = (name: string) => payloadOf(name, 'resource', () => Resource, 'The resource as it is now; null when it is not there.');
const CreateResourcePayload = resourcePayload('CreateResourcePayload');
const UpdateResourcePayload = resourcePayload('UpdateResourcePayload');
const ShareResourcePayload = resourcePayload('ShareResourcePayload');
const RetireResourcePayload = resourcePayload('RetireResourcePayload');

/** What is there of what was asked for, in that order. */
const present = <Row>(rows: readonly (Row | null)[]): Row[] => rows.filter((row) => row !== null);

@Resolver(() => Resource)
export class ResourceResolver {
  @Query(() => ResourceConnection, {
    description: 'The resources that you may see, by name unless another order is asked for: your organization\'s own, those that a contract in force opens, those shared with the network or everybody. Everybody may ask.',
  })
  resources(
    @Args(() => PageArgs) args: PageArgs,
    @Arg('filter', () => ResourceFilter, { nullable: true, description: 'Only those that fit all of it.' }) filter: ResourceFilter | null,
    @Arg('orderBy', () => ResourceOrder, { nullable: true, description: 'The order; by name when not given.' }) orderBy: ResourceOrder | null,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Page<ResourceRow>> {
    return reads.listResources(context, args, filter ?? {}, orderBy, info);
  }

  @FieldResolver(() => Organization, { description: 'The organization whose it is.' })
  owner(@Root() resource: Readonly<ResourceRow>, @Ctx() context: RequestContext): Organization | Promise<Organization | null> {
    return resource.owner ?? context.load(organizationById, resource.ownerId!);
  }

  @FieldResolver(() => Position, { nullable: true, description: "The owner's position where it is; null when it is at none, or at one that you may not see." })
  position(@Root() resource: Readonly<Resource>, @Ctx() context: RequestContext): Promise<Position | null> | null {
    return resource.positionId === null ? null : context.load(positionById, resource.positionId);
  }

  @FieldResolver(() => [Resource], { description: 'What is booked along with it, as far as you may see it.' })
  requires(@Root() resource: Readonly<Resource>, @Ctx() context: RequestContext): Promise<Resource[]> | Resource[] {
    const { requiresIds } = resource;
    return requiresIds.length ? Promise.all(requiresIds.map((id) => context.load(reads.resourceById, id))).then(present) : [];
  }

  @FieldResolver(() => BookingPolicy, { description: 'On what terms it is booked.' })
  bookingPolicy(@Root() resource: Readonly<Resource>): BookingPolicy {
    return {
      minimum: resource.bookingMinimum,
      maximum: resource.bookingMaximum,
      leadTime: resource.bookingLeadTime,
      horizon: resource.bookingHorizon,
      buffer: resource.bookingBuffer,
      requiresApproval: resource.bookingRequiresApproval,
      cancellationDeadline: resource.bookingCancellationDeadline,
    };
  }

  @FieldResolver(() => [ResourceAccess], { description: 'Why you see it: each reason, and for a contract which clause of which; empty only for what you see through a booking alone.' })
  accessibleThrough(@Root() resource: Readonly<Resource>, @Ctx() context: RequestContext): ResourceAccess[] | Promise<ResourceAccess[]> {
    return context.session.withActor((actor) => accessThrough(actor, resource));
  }

  @FieldResolver(() => [StateChange], { description: "Its steps through the lifecycle, oldest first; for its owner's staff and the committee, empty for anybody else." })
  history(@Root() resource: Readonly<Resource>, @Ctx() context: RequestContext): Promise<StateChange[]> {
    return context.load(historyOf, resource.id);
  }

  @FieldResolver(() => [ResourceAction], { description: 'What you may do to it now.' })
  viewerCan(@Root() resource: Readonly<Resource>, @Ctx() context: RequestContext): ResourceAction[] | Promise<ResourceAction[]> {
    return context.session.withActor((actor) => resourceActions(actor, resource));
  }

  @Mutation(() => CreateResourcePayload, {
    description: "Adds a resource to your organization. Its staff and administrators, the committee for the hub. NOT_FOUND (the position, or what it requires), INVALID, NOT_ALLOWED (another's), IDEMPOTENCY_MISMATCH.",
  })
  createResource(@Arg('input', () => CreateResourceInput, { description: 'The resource.' }) input: CreateResourceInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.createResource, input);
    return context.write((tx) => service.createResource(tx, asked));
  }

  @Mutation(() => UpdateResourcePayload, {
    description: 'Edits a resource, takes it out of service or brings it back. Its owner\'s staff and administrators. NOT_FOUND, NOT_ALLOWED, STALE_VERSION, WRONG_STATE, INVALID.',
  })
  updateResource(@Arg('input', () => UpdateResourceInput, { description: 'What changes.' }) input: UpdateResourceInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.updateResource, input);
    return context.write((tx) => service.updateResource(tx, asked));
  }

  @Mutation(() => ShareResourcePayload, {
    description: "Shares a resource further or less far; it counts from everybody's next request on. Its owner's staff and administrators. CONFLICT (to PRIVATE while a contract grants it), NOT_FOUND, NOT_ALLOWED, STALE_VERSION, WRONG_STATE.",
  })
  shareResource(@Arg('input', () => ShareResourceInput, { description: 'Which one, and how far.' }) input: ShareResourceInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.shareResource, input);
    return context.write((tx) => service.shareResource(tx, asked));
  }

  @Mutation(() => RetireResourcePayload, {
    description: "Gives a resource up for good; lists leave it out. Its owner's staff and administrators. CONFLICT (while a contract grants it), NOT_FOUND, NOT_ALLOWED, STALE_VERSION, WRONG_STATE.",
  })
  retireResource(@Arg('input', () => RetireResourceInput, { description: 'Which one, and why.' }) input: RetireResourceInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.retireResource, input);
    return context.write((tx) => service.retireResource(tx, asked));
  }
}

@Resolver(() => ResourceAccess)
export class ResourceAccessResolver {
  @FieldResolver(() => Contract, { nullable: true, description: 'For CONTRACT: the contract; null for any other reason.' })
  contract(@Root() access: Readonly<ResourceAccess>, @Ctx() context: RequestContext): Promise<Contract | null> | null {
    return access.contractId === undefined ? null : context.load(contractById, access.contractId);
  }

  @FieldResolver(() => ResourceGrantClause, { nullable: true, description: 'For CONTRACT: the clause that grants it; null for any other reason.' })
  clause(@Root() access: Readonly<ResourceAccess>, @Ctx() context: RequestContext): Promise<object | null> | null {
    return access.clauseId === undefined ? null : context.load(grantClauseById, access.clauseId);
  }
}

/** What resources add to an organization. */
@Resolver(() => Organization)
export class OrganizationResourcesResolver {
  @FieldResolver(() => ResourceConnection, { description: 'Its resources that you may see, by name; retired ones are left out.' })
  resources(
    @Root() organization: Organization,
    @Args(() => ForwardArgs) args: ForwardArgs,
    @Ctx() context: RequestContext,
  ): Promise<Page<ResourceRow>> {
    return reads.resourcesOfOrganization(context, organization.id, args);
  }
}

/** What resources add to a position. */
@Resolver(() => Position)
export class PositionResourcesResolver {
  @FieldResolver(() => ResourceConnection, { description: 'The resources there that you may see, by name; retired ones are left out.' })
  resources(@Root() position: Position, @Args(() => ForwardArgs) args: ForwardArgs, @Ctx() context: RequestContext): Promise<Page<ResourceRow>> {
    return reads.resourcesOfPosition(context, position.id, args);
  }
}

/** What resources add to a clause that grants them. */
@Resolver(() => ResourceGrantClause)
export class GrantClauseResourcesResolver {
  @FieldResolver(() => [Resource], { description: 'What it grants, as far as you may see it now.' })
  async resources(@Root() clause: ResourceGrantClause, @Ctx() context: RequestContext): Promise<Resource[]> {
    const granted = await context.load(grantedBy, clause.id);
    return present(await Promise.all(granted.map(({ resourceId }) => context.load(reads.resourceById, resourceId))));
  }
}
