import { Arg, Ctx, Field, FieldResolver, Mutation, ObjectType, Query, Resolver, Root } from 'type-graphql';
import { askerOf, Permission, permissionsOf } from '../../access/matrix';
import type { RequestContext } from '../../platform/graphql/context';
import { checked } from '../../platform/graphql/edge';
import { Payload } from '../../platform/graphql/payload';
import { Membership, Network, Organization } from '../network/model';
import { membershipById, membershipsOfUser, networkById, organizationById } from '../network/reads';
import * as inputs from './inputs';
import { ActAsInput, ChangePasswordInput, RefreshSessionInput, SignInInput, SignOutInput } from './inputs';
import { PersonalContact, Session, User, Viewer } from './model';
import { userById } from './reads';
import * as service from './service';

@ObjectType({ description: 'The answer of signIn, refreshSession and actAs.', simpleResolvers: true })
class SessionPayload extends Payload {
  @Field(() => Session, { nullable: true, description: 'The tokens; null when refused.' })
  session?: Session | null;
  @Field(() => Viewer, { nullable: true, description: 'Who you are now; null when refused.' })
  viewer?: Viewer | null;
}

@ObjectType({ description: 'The answer of signOut.', simpleResolvers: true })
class SignOutPayload extends Payload {}

@ObjectType({ description: 'The answer of changePassword.', simpleResolvers: true })
class ChangePasswordPayload extends Payload {}

/** Everything about the viewer is known to the request; its object carries nothing. */
const viewer = {} as Viewer;

@Resolver(() => Viewer)
export class ViewerResolver {
  @Query(() => Viewer, { description: 'Who is asking, and by which membership. Everybody may ask; nobody known has a network and no user.' })
  viewer(): Viewer {
    return viewer;
  }

  @FieldResolver(() => User, { nullable: true, description: 'The person; null when not signed in.' })
  user(@Ctx() context: RequestContext): Promise<User | null> | null {
    if (context.caller.fault) throw context.caller.fault;
    return context.caller.userId === null ? null : context.load(userById, context.caller.userId);
  }

  @FieldResolver(() => Membership, { nullable: true, description: 'The membership acted by; null without one.' })
  async membership(@Ctx() context: RequestContext): Promise<Membership | null> {
    const { membershipId } = await context.actor();
    return membershipId === null ? null : context.load(membershipById, membershipId);
  }

  @FieldResolver(() => [Membership], { description: "The person's memberships in this network that have not ended; actAs takes one." })
  memberships(@Ctx() context: RequestContext): Promise<Membership[]> | Membership[] {
    return context.caller.userId === null ? [] : context.load(membershipsOfUser, context.caller.userId);
  }

  @FieldResolver(() => Network, { nullable: true, description: 'The network acted in: that of the membership, else the one named by X-Network.' })
  async network(@Ctx() context: RequestContext): Promise<Network | null> {
    return context.load(networkById, (await context.actor()).networkId);
  }

  @FieldResolver(() => Organization, { nullable: true, description: 'The organization acted for; null without a membership.' })
  async organization(@Ctx() context: RequestContext): Promise<Organization | null> {
    const { organizationId } = await context.actor();
    return organizationId === null ? null : context.load(organizationById, organizationId);
  }

  @FieldResolver(() => [Permission], { description: 'What the membership acted by may do somewhere; viewerCan says to which object.' })
  async permissions(@Ctx() context: RequestContext): Promise<Permission[]> {
    const actor = await context.actor();
    const permissions = permissionsOf(askerOf(actor));
    // Out of good standing an organization reads what concerns it and changes nothing.
    return actor.organizationStatus === 'ACTIVE' ? permissions : permissions.filter((permission) => permission === Permission.READ_AUDIT_LOG);
  }
}

@Resolver(() => User)
export class UserResolver {
  @FieldResolver(() => PersonalContact, {
    nullable: true,
    description: 'How to reach the person: for the person, the staff of the own organizations and the committee; null for anybody else.',
  })
  contact(@Root() user: User): PersonalContact {
    return user;
  }
}

@Resolver()
export class SessionResolver {
  @Mutation(() => SessionPayload, {
    description:
      'Signs in by e-mail or phone and password. NOT_ALLOWED alike for a wrong password and an unknown account; RATE_LIMITED after too many tries. With X-Network the session acts in that network if you belong to it.',
  })
  async signIn(
    @Arg('input', () => SignInInput, { description: 'Who signs in.' }) input: SignInInput,
    @Ctx() context: RequestContext,
  ): Promise<Omit<SessionPayload, 'userErrors'>> {
    return { ...(await service.signIn(context, checked(inputs.signIn, input))), viewer };
  }

  @Mutation(() => SessionPayload, {
    description:
      'Exchanges a refresh token for the next access and refresh token. UNAUTHENTICATED when it has expired or was exchanged before; the latter ends the session.',
  })
  async refreshSession(
    @Arg('input', () => RefreshSessionInput, { description: 'The refresh token.' }) input: RefreshSessionInput,
    @Ctx() context: RequestContext,
  ): Promise<Omit<SessionPayload, 'userErrors'>> {
    return { ...(await service.refreshSession(context, checked(inputs.refreshSession, input))), viewer };
  }

  @Mutation(() => SignOutPayload, { description: 'Ends the session: its access tokens stop with the next request. Works with either token; ended already is fine.' })
  signOut(
    @Arg('input', () => SignOutInput, { nullable: true, description: 'The session; the one of the access token when not given.' }) input: SignOutInput | null,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    return service.signOut(context, checked(inputs.signOut, input ?? {}));
  }

  @Mutation(() => SessionPayload, {
    description: 'Acts by another of your own memberships from now on, in this session. NOT_FOUND when it is not yours or not in force. Signed in only.',
  })
  async actAs(
    @Arg('input', () => ActAsInput, { description: 'The membership.' }) input: ActAsInput,
    @Ctx() context: RequestContext,
  ): Promise<Omit<SessionPayload, 'userErrors'>> {
    return { ...(await service.actAs(context, checked(inputs.actAs, input))), viewer };
  }

  @Mutation(() => ChangePasswordPayload, {
    description: 'Sets a new password and ends your other sessions. NOT_ALLOWED when the current one is not right, INVALID when the new one is too weak. Signed in only.',
  })
  changePassword(
    @Arg('input', () => ChangePasswordInput, { description: 'The password of now and the new one.' }) input: ChangePasswordInput,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    return service.changePassword(context, checked(inputs.changePassword, input));
  }
}
