import { Arg, Args, Ctx, Field, FieldResolver, Mutation, ObjectType, Query, Resolver, Root } from 'type-graphql';
import { ForwardArgs, type Page } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { checked } from '../../platform/graphql/edge';
import { Payload, payloadOf } from '../../platform/graphql/payload';
import { historyOf } from '../network/history';
import { Organization, StateChange } from '../network/model';
import { organizationById } from '../network/reads';
import { PointsTransfer } from '../points/model';
import { transferById } from '../points/reads';
import { Volunteer } from '../volunteers/model';
import { volunteerById } from '../volunteers/reads';
import * as inputs from './inputs';
import { CancelRedemptionInput, FulfilRedemptionInput, OfferRewardInput, RedeemInput, UpdateRewardInput } from './inputs';
import { redemptionActions, RedemptionAction, rewardActions, RewardAction } from './lifecycle';
import { Redemption, RedemptionConnection, RedemptionStatus, Reward, RewardConnection, RewardKind } from './model';
import { pickupCodeOf } from './pickup';
import * as reads from './reads';
import * as service from './service';

const OfferRewardPayload = payloadOf('OfferRewardPayload', 'reward', () => Reward, 'The reward; null when it is not offered.');
const UpdateRewardPayload = payloadOf('UpdateRewardPayload', 'reward', () => Reward, 'The reward as it is now; null when it is not there.');
const FulfilRedemptionPayload = payloadOf('FulfilRedemptionPayload', 'redemption', () => Redemption, 'The redemption as it is now; null when nothing was handed out.');
const CancelRedemptionPayload = payloadOf('CancelRedemptionPayload', 'redemption', () => Redemption, 'The redemption as it is now; null when nothing was called off.');

@ObjectType({ description: 'The answer of redeem.', simpleResolvers: true })
class RedeemPayload extends Payload {
  @Field(() => Redemption, { nullable: true, description: 'The redemption with its pickup code; null when nothing was taken.' })
  redemption?: Redemption | null;
  @Field(() => Reward, { nullable: true, description: 'The reward as it is now, with the fresh price and what is left.' })
  reward?: Reward | null;
}

@Resolver(() => Reward)
export class RewardResolver {
  @Query(() => RewardConnection, { description: 'What points are good for now, the latest offer first. Members of the network but residents.' })
  rewards(
    @Args(() => ForwardArgs) args: ForwardArgs,
    @Arg('kind', () => RewardKind, { nullable: true, description: 'Only of this sort.' }) kind: RewardKind | null,
    @Ctx() context: RequestContext,
  ): Promise<Page<Reward>> {
    return reads.listRewards(context, args, kind);
  }

  @FieldResolver(() => Organization, { description: 'Who offers it; the hub, for the community.' })
  offeredBy(@Root() { organizationId }: Reward, @Ctx() context: RequestContext): Promise<Organization | null> {
    return context.load(organizationById, organizationId);
  }

  @FieldResolver(() => [StateChange], { description: 'Its steps through the lifecycle, oldest first; for who offers it and the committee, empty for anybody else.' })
  history(@Root() { id }: Reward, @Ctx() context: RequestContext): Promise<StateChange[]> {
    return context.load(historyOf, id);
  }

  @FieldResolver(() => [RewardAction], { description: 'What you may do to it now.' })
  viewerCan(@Root() reward: Reward, @Ctx() context: RequestContext): RewardAction[] | Promise<RewardAction[]> {
    return context.session.withActor((actor) => rewardActions(actor, reward));
  }

  @Mutation(() => OfferRewardPayload, {
    description: 'Offers a service, goods or a wish for points. Staff and administrators of who offers it; the committee for the community. INVALID, NOT_FOUND, NOT_ALLOWED, IDEMPOTENCY_MISMATCH.',
  })
  offerReward(@Arg('input', () => OfferRewardInput, { description: 'What, and on which terms.' }) input: OfferRewardInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.offerReward, input);
    return context.write((tx) => service.offerReward(tx, asked));
  }

  @Mutation(() => UpdateRewardPayload, {
    description: 'Edits a reward, and offers, pauses, resumes or ends it; what is reserved stays as it is. Staff and administrators of who offers it. INVALID, NOT_FOUND, NOT_ALLOWED, STALE_VERSION, WRONG_STATE.',
  })
  updateReward(@Arg('input', () => UpdateRewardInput, { description: 'Which one, and what changes.' }) input: UpdateRewardInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.updateReward, input);
    return context.write((tx) => service.updateReward(tx, asked));
  }

  @Mutation(() => RedeemPayload, {
    description: 'Takes a reward for points: the points and the thing are kept until it is handed out by the pickup code, called off, or not fetched in time. Volunteers. NOT_FOUND, NOT_ALLOWED (not a volunteer at present), WRONG_STATE (not offered), STALE_VERSION (another price now; the payload carries it), OUT_OF_STOCK, QUOTA_EXCEEDED (the limit per person), INSUFFICIENT_POINTS, IDEMPOTENCY_MISMATCH.',
  })
  redeem(@Arg('input', () => RedeemInput, { description: 'What, how many, and for which price.' }) input: RedeemInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.redeem, input);
    return context.write((tx) => service.redeem(tx, asked));
  }
}

@Resolver(() => Redemption)
export class RedemptionResolver {
  @Query(() => RedemptionConnection, {
    description: 'The redemptions that you may see, the latest first: your own as a volunteer, those of what your organization offers as its staff; the committee sees all.',
  })
  redemptions(
    @Args(() => ForwardArgs) args: ForwardArgs,
    @Arg('status', () => RedemptionStatus, { nullable: true, description: 'Only those standing like this.' }) status: RedemptionStatus | null,
    @Ctx() context: RequestContext,
  ): Promise<Page<Redemption>> {
    return reads.listRedemptions(context, args, status);
  }

  @FieldResolver(() => Reward, { description: 'What is taken.' })
  reward(@Root() { rewardId }: Redemption, @Ctx() context: RequestContext): Promise<Reward | null> {
    return context.load(reads.rewardById, rewardId);
  }

  @FieldResolver(() => Volunteer, { nullable: true, description: 'Who takes it; null when you may not see the person.' })
  volunteer(@Root() { volunteerId }: Redemption, @Ctx() context: RequestContext): Promise<Volunteer | null> {
    return context.load(volunteerById, volunteerId);
  }

  @FieldResolver(() => PointsTransfer, { description: 'The points for it: held, then posted or voided.' })
  transfer(@Root() { transferId }: Redemption, @Ctx() context: RequestContext): Promise<PointsTransfer | null> {
    return context.load(transferById, transferId);
  }

  @FieldResolver(() => String, { nullable: true, description: 'The code to show when it is fetched; for who reserved it, while it is reserved, null otherwise.' })
  pickupCode(@Root() { id, userId, status }: Redemption, @Ctx() context: RequestContext): string | null {
    return userId !== null && userId === context.caller.userId && status === 'RESERVED' ? pickupCodeOf(context.platform.secret, id) : null;
  }

  @FieldResolver(() => [StateChange], { description: 'Its steps through the lifecycle, oldest first.' })
  history(@Root() { id }: Redemption, @Ctx() context: RequestContext): Promise<StateChange[]> {
    return context.load(historyOf, id);
  }

  @FieldResolver(() => [RedemptionAction], { description: 'What you may do to it now.' })
  viewerCan(@Root() redemption: Redemption, @Ctx() context: RequestContext): RedemptionAction[] | Promise<RedemptionAction[]> {
    return context.session.withActor((actor) => redemptionActions(actor, redemption));
  }

  @Mutation(() => FulfilRedemptionPayload, {
    description: 'Hands out what was reserved, by the code that the volunteer shows; the points go to who offers it. Staff and administrators of who offers it. NOT_FOUND, NOT_ALLOWED, WRONG_STATE, INVALID (another code), IDEMPOTENCY_MISMATCH.',
  })
  fulfilRedemption(@Arg('input', () => FulfilRedemptionInput, { description: 'Which one, and the code.' }) input: FulfilRedemptionInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.fulfilRedemption, input);
    return context.write((tx) => service.fulfilRedemption(tx, context.platform.secret, asked));
  }

  @Mutation(() => CancelRedemptionPayload, {
    description: 'Calls a redemption off; the points and the thing go back. Who reserved it, or staff of who offers it with a reason. NOT_FOUND, NOT_ALLOWED, WRONG_STATE, INVALID (no reason), IDEMPOTENCY_MISMATCH.',
  })
  cancelRedemption(@Arg('input', () => CancelRedemptionInput, { description: 'Which one, and why.' }) input: CancelRedemptionInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.cancelRedemption, input);
    return context.write((tx) => service.cancelRedemption(tx, asked));
  }
}

/** What rewards add to an organization. */
@Resolver(() => Organization)
export class OrganizationRewardsResolver {
  @FieldResolver(() => RewardConnection, { description: 'What it offers or has offered for points, as far as you may see it, the latest first.' })
  rewards(@Root() { id }: Organization, @Args(() => ForwardArgs) args: ForwardArgs, @Ctx() context: RequestContext): Promise<Page<Reward>> {
    return reads.rewardsOfOrganization(context, id, args);
  }
}
