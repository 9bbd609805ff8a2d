import { Arg, Args, Ctx, FieldResolver, Mutation, ObjectType, Query, Resolver, Root, Field } from 'type-graphql';
import type { Transaction } from '../../platform/database/session';
import { ForwardArgs, PageArgs, type Page } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { checked } from '../../platform/graphql/edge';
import { RequestError } from '../../platform/graphql/errors';
import { Payload, payloadOf } from '../../platform/graphql/payload';
import { User } from '../accounts/model';
import { userById } from '../accounts/reads';
import { actorOfChange, historyOf } from './history';
import * as inputs from './inputs';
import {
  AcceptInvitationInput,
  ApplyToJoinInput,
  ChangeMemberRoleInput,
  CreatePositionInput,
  DateRangeInput,
  InviteMemberInput,
  MembershipNoteInput,
  OrganizationFilter,
  OrganizationNoteInput,
  UpdateOrganizationInput,
  UpdatePositionInput,
} from './inputs';
import { OrganizationAction, organizationActions } from './lifecycle';
import {
  Actor,
  GeoPoint,
  Membership,
  MembershipConnection,
  Network,
  NetworkMap,
  NetworkMapLink,
  NetworkMapNode,
  NetworkStatistics,
  Organization,
  OrganizationConnection,
  OrganizationContact,
  OrganizationKind,
  OrganizationStatus,
  Position,
  PositionConnection,
  PositionKind,
  Role,
  StateChange,
} from './model';
import * as reads from './reads';
import * as service from './service';

const organizationPayload = (name: string) => payloadOf(name, 'organization', () => Organization, 'The organization as it is now; null when it is not there.');
const ApplyToJoinPayload = organizationPayload('ApplyToJoinPayload');
const ApproveOrganizationPayload = organizationPayload('ApproveOrganizationPayload');
const RejectOrganizationPayload = organizationPayload('RejectOrganizationPayload');
const SuspendOrganizationPayload = organizationPayload('SuspendOrganizationPayload');
const ReinstateOrganizationPayload = organizationPayload('ReinstateOrganizationPayload');
const LeaveNetworkPayload = organizationPayload('LeaveNetworkPayload');
const UpdateOrganizationPayload = organizationPayload('UpdateOrganizationPayload');

const membershipPayload = (name: string) => payloadOf(name, 'membership', () => Membership, 'The membership as it is now; null when it is not there.');
const AcceptInvitationPayload = membershipPayload('AcceptInvitationPayload');
const ChangeMemberRolePayload = membershipPayload('ChangeMemberRolePayload');
const SuspendMembershipPayload = membershipPayload('SuspendMembershipPayload');
const ReinstateMembershipPayload = membershipPayload('ReinstateMembershipPayload');
const EndMembershipPayload = membershipPayload('EndMembershipPayload');

const positionPayload = (name: string) => payloadOf(name, 'position', () => Position, 'The position as it is now; null when it is not there.');
const CreatePositionPayload = positionPayload('CreatePositionPayload');
const UpdatePositionPayload = positionPayload('UpdatePositionPayload');

@ObjectType({ description: 'The answer of inviteMember.', simpleResolvers: true })
class InviteMemberPayload extends Payload {
  @Field(() => Membership, { nullable: true, description: 'The membership, INVITED until it is accepted.' })
  membership?: Membership | null;
  @Field(() => String, { nullable: true, description: 'The code that acceptInvitation takes; pass it on to the person. Good for 14 days and once.' })
  invitationCode?: string | null;
}

@Resolver(() => Network)
export class NetworkResolver {
  @Query(() => Network, { description: 'The network acted in: that of the membership, else the one named by X-Network, else the standard one. Everybody may read it.' })
  async network(@Ctx() context: RequestContext): Promise<Network> {
    return (await context.load(reads.networkById, (await context.actor()).networkId))!;
  }

  @FieldResolver(() => Position, { description: 'The Youth Home 青年之家, the "1".' })
  async hub(@Ctx() context: RequestContext): Promise<Position> {
    const hub = await reads.hubOf(context.session);
    if (!hub) throw new RequestError('BAD_USER_INPUT', 'network.unfinished');
    return hub;
  }

  @FieldResolver(() => PositionConnection, { description: 'Its positions, by name.' })
  positions(
    @Args(() => ForwardArgs) args: ForwardArgs,
    @Arg('kind', () => PositionKind, { nullable: true, description: 'Only these.' }) kind: PositionKind | null,
    @Ctx() context: RequestContext,
  ): Promise<Page<Position>> {
    return reads.listPositions(context, args, kind);
  }

  @FieldResolver(() => OrganizationConnection, { description: 'Its organizations, by name. Applications are seen by the committee and the applicant only.' })
  organizations(
    @Args(() => ForwardArgs) args: ForwardArgs,
    @Arg('kind', () => OrganizationKind, { nullable: true, description: 'Only of this sort.' }) kind: OrganizationKind | null,
    @Arg('status', () => OrganizationStatus, { nullable: true, description: 'Only those standing like this.' }) status: OrganizationStatus | null,
    @Ctx() context: RequestContext,
  ): Promise<Page<Organization>> {
    return reads.listOrganizations(context, args, { kind, status });
  }

  @FieldResolver(() => NetworkMap, { description: 'The picture of the 1+N network, as far as you may see it.' })
  async map(@Ctx() context: RequestContext): Promise<NetworkMap> {
    const [organizations, links] = await Promise.all([reads.organizationsOnMap(context.session), reads.linksOnMap(context.session)]);
    return { nodes: organizations.map(({ id, isHub }) => ({ organizationId: id, isHub })), links };
  }

  @FieldResolver(() => NetworkStatistics, { description: 'The network in numbers, as far as you may see it; now, or over a period.' })
  async statistics(
    @Arg('period', () => DateRangeInput, { nullable: true, description: 'The days to look at; now when not given.' }) period: DateRangeInput | null,
    @Ctx() context: RequestContext,
  ): Promise<NetworkStatistics> {
    if (period && period.from > period.to) throw new RequestError('BAD_USER_INPUT', 'period.reversed');
    return reads.statisticsOf(context.session, await context.actor(), period);
  }
}

@Resolver(() => NetworkMapNode)
export class NetworkMapNodeResolver {
  @FieldResolver(() => Organization, { description: 'The organization.' })
  organization(@Root() node: NetworkMapNode, @Ctx() context: RequestContext): Promise<Organization | null> {
    return context.load(reads.organizationById, node.organizationId);
  }

  @FieldResolver(() => [Position], { description: 'Its positions.' })
  positions(@Root() node: NetworkMapNode, @Ctx() context: RequestContext): Promise<Position[]> {
    return context.load(reads.positionsOfOrganization, node.organizationId);
  }
}

@Resolver(() => NetworkMapLink)
export class NetworkMapLinkResolver {
  @FieldResolver(() => Organization, { description: 'The hub, or else the organization that joined first.' })
  source(@Root() link: NetworkMapLink, @Ctx() context: RequestContext): Promise<Organization | null> {
    return context.load(reads.organizationById, link.sourceId);
  }

  @FieldResolver(() => Organization, { description: 'The other one.' })
  target(@Root() link: NetworkMapLink, @Ctx() context: RequestContext): Promise<Organization | null> {
    return context.load(reads.organizationById, link.targetId);
  }
}

@Resolver(() => Organization)
export class OrganizationResolver {
  @Query(() => OrganizationConnection, {
    description: 'The organizations of the network, by name. Everybody reads those in good standing, suspended or gone; applications are seen by the committee and the applicant only.',
  })
  organizations(
    @Args(() => PageArgs) args: PageArgs,
    @Arg('filter', () => OrganizationFilter, { nullable: true, description: 'Only those that fit all of it.' }) filter: OrganizationFilter | null,
    @Ctx() context: RequestContext,
  ): Promise<Page<Organization>> {
    return reads.listOrganizations(context, args, filter ?? {});
  }

  @FieldResolver(() => OrganizationContact, {
    nullable: true,
    description: 'How to reach it: for its own staff, the committee, and the staff of partners by a contract in force; null for anybody else.',
  })
  contact(@Root() organization: Organization, @Ctx() context: RequestContext): Promise<OrganizationContact | null> {
    return context.load(reads.contactOfOrganization, organization.id);
  }

  @FieldResolver(() => [StateChange], { description: 'Its steps through the lifecycle, oldest first; for its own members and the committee, empty for anybody else.' })
  history(@Root() organization: Organization, @Ctx() context: RequestContext): Promise<StateChange[]> {
    return context.load(historyOf, organization.id);
  }

  @FieldResolver(() => [Position], { description: 'Its positions, the hub first.' })
  positions(@Root() organization: Organization, @Ctx() context: RequestContext): Promise<Position[]> {
    return context.load(reads.positionsOfOrganization, organization.id);
  }

  @FieldResolver(() => MembershipConnection, { nullable: true, description: 'Its members, first come first; for its own staff and the committee, null for anybody else.' })
  members(
    @Root() organization: Organization,
    @Args(() => ForwardArgs) args: ForwardArgs,
    @Arg('role', () => Role, { nullable: true, description: 'Only those in this capacity.' }) role: Role | null,
    @Ctx() context: RequestContext,
  ): Promise<Page<Membership> | null> {
    return reads.membersOf(context, organization.id, args, role);
  }

  @FieldResolver(() => [OrganizationAction], { description: 'What you may do to it now.' })
  async viewerCan(@Root() organization: Organization, @Ctx() context: RequestContext): Promise<OrganizationAction[]> {
    return organizationActions(await context.actor(), organization);
  }

  @Mutation(() => ApplyToJoinPayload, {
    description:
      'Applies for an organization to join the network; it waits for the committee. Anybody may: signed in, or with a new account for the applicant, who becomes its administrator. INVALID, DUPLICATE (its code is in the network, or the account exists); RATE_LIMITED after too many.',
  })
  async applyToJoin(
    @Arg('input', () => ApplyToJoinInput, { description: 'The organization and who applies for it.' }) input: ApplyToJoinInput,
    @Ctx() context: RequestContext,
  ): Promise<{ organization: Organization }> {
    const asked = checked(inputs.applyToJoin, input);
    // Anybody may, so an address does not do so without end.
    await context.platform.throttle.count(`applicant ${asked.applicant?.email ?? asked.applicant?.phone ?? context.caller.userId}`, context.address);
    return service.applyToJoin(context.session, context.platform.passwords, asked, context.locale);
  }

  @Mutation(() => ApproveOrganizationPayload, { description: 'Admits an organization that has applied. The committee may. STALE_VERSION, WRONG_STATE, DUPLICATE (its code is in the network).' })
  approveOrganization(@Arg('input', () => OrganizationNoteInput, { description: 'Which one, and why.' }) input: OrganizationNoteInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withNote, input);
    return context.write((tx) => service.approveOrganization(tx, asked));
  }

  @Mutation(() => RejectOrganizationPayload, { description: 'Turns an application down. The committee may. STALE_VERSION, WRONG_STATE.' })
  rejectOrganization(@Arg('input', () => OrganizationNoteInput, { description: 'Which one, and why.' }) input: OrganizationNoteInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withNote, input);
    return context.write((tx) => service.rejectOrganization(tx, asked));
  }

  @Mutation(() => SuspendOrganizationPayload, {
    description: 'Suspends an organization: from the next request on its members change nothing, and what it shares vanishes for others. The committee may, but not the hub. STALE_VERSION, WRONG_STATE.',
  })
  suspendOrganization(@Arg('input', () => OrganizationNoteInput, { description: 'Which one, and why.' }) input: OrganizationNoteInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withNote, input);
    return context.write((tx) => service.suspendOrganization(tx, asked));
  }

  @Mutation(() => ReinstateOrganizationPayload, { description: 'Ends a suspension. The committee may. STALE_VERSION, WRONG_STATE, DUPLICATE (its code was taken meanwhile).' })
  reinstateOrganization(@Arg('input', () => OrganizationNoteInput, { description: 'Which one, and why.' }) input: OrganizationNoteInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withNote, input);
    return context.write((tx) => service.reinstateOrganization(tx, asked));
  }

  @Mutation(() => LeaveNetworkPayload, {
    description: 'Takes your organization out of the network for good; its memberships end. Its administrators may. CONFLICT while a contract of it is signed, in force or suspended.',
  })
  async leaveNetwork(@Arg('input', () => OrganizationNoteInput, { description: 'Your organization, and why.' }) input: OrganizationNoteInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withNote, input);
    const left = await context.write((tx) => service.leaveNetwork(tx, asked));
    context.reconsider({ id: context.caller.membershipId!, status: 'ENDED' });
    return left;
  }

  @Mutation(() => UpdateOrganizationPayload, { description: 'Edits an organization. The committee and its administrators may. INVALID, STALE_VERSION, WRONG_STATE, DUPLICATE (its code is in the network).' })
  updateOrganization(@Arg('input', () => UpdateOrganizationInput, { description: 'What changes.' }) input: UpdateOrganizationInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.updateOrganization, input);
    return context.write((tx) => service.updateOrganization(tx, asked));
  }
}

/** Changes a membership, which may be the one acted by. */
async function movedMember(context: RequestContext, change: (tx: Transaction) => Promise<{ membership: Membership }>): Promise<{ membership: Membership }> {
  const changed = await context.write(change);
  context.reconsider(changed.membership);
  return changed;
}

@Resolver(() => Membership)
export class MembershipResolver {
  @FieldResolver(() => User, { description: 'The person; of one whose membership has ended, and whom you may not see otherwise, without name and contact.' })
  async user(@Root() membership: Membership, @Ctx() context: RequestContext): Promise<User> {
    const user = await context.load(userById, membership.userId);
    return user ?? { id: membership.userId, displayName: context.t('member.former'), locale: context.locale, email: null, phone: null };
  }

  @FieldResolver(() => Organization, { description: 'The organization.' })
  organization(@Root() membership: Membership, @Ctx() context: RequestContext): Promise<Organization | null> {
    return context.load(reads.organizationById, membership.organizationId);
  }

  @Mutation(() => InviteMemberPayload, {
    description: "Invites somebody to an organization; pass the code in the answer on to the person. The committee and the organization's administrators may; COMMITTEE is given in the hub by the committee alone. DUPLICATE, NOT_ALLOWED, INVALID.",
  })
  inviteMember(@Arg('input', () => InviteMemberInput, { description: 'Whom, to what.' }) input: InviteMemberInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.inviteMember, input);
    return context.write((tx) => service.inviteMember(tx, context.platform.secret, asked));
  }

  @Mutation(() => AcceptInvitationPayload, {
    description: 'Accepts an invitation by its code, as the signed-in person or with a new account; sign in afterwards to act by it. Anybody with the code may. NOT_FOUND, TOO_LATE, DUPLICATE.',
  })
  async acceptInvitation(
    @Arg('input', () => AcceptInvitationInput, { description: 'The code, and the new account if there is none.' }) input: AcceptInvitationInput,
    @Ctx() context: RequestContext,
  ): Promise<{ membership: Membership | null }> {
    await context.platform.throttle.count(`invitation ${input.code.slice(0, 100)}`, context.address);
    const { membershipId } = await service.acceptInvitation(context.session, context.platform.passwords, checked(inputs.acceptInvitation, input), context.locale);
    // Who has just made an account is not signed in yet and reads the membership after signing in.
    return { membership: await context.load(reads.membershipById, membershipId) };
  }

  @Mutation(() => ChangeMemberRolePayload, {
    description: "Changes the capacity of a member; it counts from the person's next request on. The committee and the organization's administrators may. CONFLICT for the last one in charge, NOT_ALLOWED, STALE_VERSION, WRONG_STATE.",
  })
  changeMemberRole(@Arg('input', () => ChangeMemberRoleInput, { description: 'Which member, to what.' }) input: ChangeMemberRoleInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.changeMemberRole, input);
    return movedMember(context, (tx) => service.changeMemberRole(tx, asked));
  }

  @Mutation(() => SuspendMembershipPayload, {
    description: "Suspends a membership: nothing can be done by it from the next request on. The committee and the organization's administrators may. CONFLICT for the last one in charge, STALE_VERSION, WRONG_STATE.",
  })
  suspendMembership(@Arg('input', () => MembershipNoteInput, { description: 'Which one, and why.' }) input: MembershipNoteInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withNote, input);
    return movedMember(context, (tx) => service.moveMembership(tx, 'suspend', asked));
  }

  @Mutation(() => ReinstateMembershipPayload, { description: "Ends the suspension of a membership. The committee and the organization's administrators may. STALE_VERSION, WRONG_STATE." })
  reinstateMembership(@Arg('input', () => MembershipNoteInput, { description: 'Which one, and why.' }) input: MembershipNoteInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withNote, input);
    return context.write((tx) => service.moveMembership(tx, 'reinstate', asked));
  }

  @Mutation(() => EndMembershipPayload, {
    description: "Ends a membership or takes an invitation back, for good. The committee and the organization's administrators may. CONFLICT for the last one in charge, STALE_VERSION, WRONG_STATE.",
  })
  endMembership(@Arg('input', () => MembershipNoteInput, { description: 'Which one, and why.' }) input: MembershipNoteInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withNote, input);
    return movedMember(context, (tx) => service.moveMembership(tx, 'end', asked));
  }
}

@Resolver(() => Position)
export class PositionResolver {
  @FieldResolver(() => Organization, { description: 'Whose place it is.' })
  organization(@Root() position: Position, @Ctx() context: RequestContext): Promise<Organization | null> {
    return context.load(reads.organizationById, position.organizationId);
  }

  @FieldResolver(() => GeoPoint, { nullable: true, description: 'Where it is on the map; null when not said.' })
  location(@Root() { latitude, longitude }: Position): GeoPoint | null {
    return latitude === null || longitude === null ? null : { latitude, longitude };
  }

  @Mutation(() => CreatePositionPayload, { description: "Adds a position to an organization. The committee and the organization's administrators may. CONFLICT for a second hub, INVALID, WRONG_STATE." })
  createPosition(@Arg('input', () => CreatePositionInput, { description: 'The position.' }) input: CreatePositionInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.createPosition, input);
    return context.write((tx) => service.createPosition(tx, asked));
  }

  @Mutation(() => UpdatePositionPayload, { description: "Edits a position. The committee and its organization's administrators may. INVALID, STALE_VERSION." })
  updatePosition(@Arg('input', () => UpdatePositionInput, { description: 'What changes.' }) input: UpdatePositionInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.updatePosition, input);
    return context.write((tx) => service.updatePosition(tx, asked));
  }
}

@Resolver(() => StateChange)
export class StateChangeResolver {
  @FieldResolver(() => Actor, { nullable: true, description: 'Who did it; null for what the calendar does, and where a resident is not named.' })
  by(@Root() change: StateChange): Actor | null {
    return actorOfChange(change);
  }
}

@Resolver(() => Actor)
export class ActorResolver {
  @FieldResolver(() => Organization, { nullable: true, description: 'Acting for which organization; null when for none, or none that you may see.' })
  organization(@Root() actor: Actor, @Ctx() context: RequestContext): Promise<Organization | null> | null {
    return actor.organizationId ? context.load(reads.organizationById, actor.organizationId) : null;
  }
}
