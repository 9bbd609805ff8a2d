import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { ForwardArgs, type Page } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { checked } from '../../platform/graphql/edge';
import { payloadOf } from '../../platform/graphql/payload';
import { historyOf } from '../network/history';
import { Actor, StateChange } from '../network/model';
import * as inputs from './inputs';
import { DeclineWishInput, PublishWishInput, SubmitWishInput, WishNoteInput } from './inputs';
import { WishAction, wishActions } from './lifecycle';
import { Wish, WishConnection, WishStatus } from './model';
import * as reads from './reads';
import * as service from './service';

const wishPayload = (name: string) => payloadOf(name, 'wish', () => Wish, 'The wish as it is now; null when it is not there.');
const SubmitWishPayload = wishPayload('SubmitWishPayload');
const PublishWishPayload = wishPayload('PublishWishPayload');
const DeclineWishPayload = wishPayload('DeclineWishPayload');
const ClaimWishPayload = wishPayload('ClaimWishPayload');
const ReleaseWishPayload = wishPayload('ReleaseWishPayload');
const FulfilWishPayload = wishPayload('FulfilWishPayload');
const ConfirmWishPayload = wishPayload('ConfirmWishPayload');
const WithdrawWishPayload = wishPayload('WithdrawWishPayload');
const WHICH = { description: 'Which one, of which version, and what to say of it.' };

@Resolver(() => Wish)
export class WishResolver {
  @Query(() => WishConnection, { description: 'The micro-wishes that you may see, the latest first: everybody those that were published, the committee all, and your own. Everybody may ask.' })
  wishes(
    @Args(() => ForwardArgs) args: ForwardArgs,
    @Arg('status', () => WishStatus, { nullable: true, description: 'Only those standing like this.' }) status: WishStatus | null,
    @Ctx() context: RequestContext,
  ): Promise<Page<Wish>> {
    return reads.listWishes(context, args, status);
  }

  @FieldResolver(() => Actor, { nullable: true, description: 'Who has taken it on; for who wished, who took it on and the committee, null for anybody else and while nobody has.' })
  async claimedBy(@Root() { id, claimedBy }: Wish, @Ctx() context: RequestContext): Promise<Actor | null> {
    const claim = claimedBy === null ? null : await context.load(reads.claimOf, id);
    return claim && { displayName: claim.userName, organizationId: claim.organizationId };
  }

  @FieldResolver(() => [StateChange], { description: 'Its steps through the lifecycle, oldest first; for those whom it concerns, empty for anybody else.' })
  history(@Root() { id }: Wish, @Ctx() context: RequestContext): Promise<StateChange[]> {
    return context.load(historyOf, id);
  }

  @FieldResolver(() => [WishAction], { description: 'What you may do to it now.' })
  viewerCan(@Root() wish: Wish, @Ctx() context: RequestContext): WishAction[] | Promise<WishAction[]> {
    return context.session.withActor((actor) => wishActions(actor, wish));
  }

  @Mutation(() => SubmitWishPayload, {
    description: 'Submits a micro-wish for the committee to publish. Volunteers and residents. INVALID, INSUFFICIENT_POINTS (a bounty of somebody without points), IDEMPOTENCY_MISMATCH.',
  })
  submitWish(@Arg('input', () => SubmitWishInput, { description: 'What is wished for.' }) input: SubmitWishInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.submitWish, input);
    return context.write((tx) => service.submitWish(tx, asked));
  }

  @Mutation(() => PublishWishPayload, {
    description: 'Publishes a micro-wish, for somebody to take on; the bounty is kept back from then on. The committee. NOT_FOUND, WRONG_STATE, STALE_VERSION, INSUFFICIENT_POINTS (the bounty that was promised is not there), CONFLICT (a bounty was promised already), QUOTA_EXCEEDED (your limit of the month).',
  })
  publishWish(@Arg('input', () => PublishWishInput, { description: 'Which one, and a bounty of the community.' }) input: PublishWishInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.publishWish, input);
    return context.write((tx) => service.publishWish(tx, asked));
  }

  @Mutation(() => DeclineWishPayload, { description: 'Turns a micro-wish down, with a reason. The committee. INVALID, NOT_FOUND, WRONG_STATE, STALE_VERSION.' })
  declineWish(@Arg('input', () => DeclineWishInput, { description: 'Which one, and why.' }) input: DeclineWishInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.declineWish, input);
    return context.write((tx) => service.declineWish(tx, asked));
  }

  @Mutation(() => ClaimWishPayload, {
    description: 'Takes a micro-wish on: as a volunteer, or for your organization. Volunteers, staff and administrators. NOT_FOUND, NOT_ALLOWED (it is your own), WRONG_STATE, STALE_VERSION.',
  })
  claimWish(@Arg('input', () => WishNoteInput, WHICH) input: WishNoteInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withNote, input);
    return context.write((tx) => service.claimWish(tx, asked));
  }

  @Mutation(() => ReleaseWishPayload, { description: 'Gives a micro-wish free again, for somebody else. Who has taken it on; the committee. NOT_FOUND, NOT_ALLOWED, WRONG_STATE, STALE_VERSION.' })
  releaseWish(@Arg('input', () => WishNoteInput, WHICH) input: WishNoteInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withNote, input);
    return context.write((tx) => service.releaseWish(tx, asked));
  }

  @Mutation(() => FulfilWishPayload, { description: 'Says that a micro-wish is granted. Who has taken it on. NOT_FOUND, NOT_ALLOWED, WRONG_STATE, STALE_VERSION.' })
  fulfilWish(@Arg('input', () => WishNoteInput, WHICH) input: WishNoteInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withNote, input);
    return context.write((tx) => service.fulfilWish(tx, asked));
  }

  @Mutation(() => ConfirmWishPayload, {
    description: 'Confirms that a micro-wish was granted; the bounty goes to who granted it: to the volunteer, or to the organization. Who wished. NOT_FOUND, NOT_ALLOWED, WRONG_STATE, STALE_VERSION.',
  })
  confirmWish(@Arg('input', () => WishNoteInput, WHICH) input: WishNoteInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withNote, input);
    return context.write((tx) => service.confirmWish(tx, asked));
  }

  @Mutation(() => WithdrawWishPayload, { description: 'Withdraws a micro-wish that nobody has taken on; the bounty is given back. Who wished. NOT_FOUND, NOT_ALLOWED, WRONG_STATE, STALE_VERSION.' })
  withdrawWish(@Arg('input', () => WishNoteInput, WHICH) input: WishNoteInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withNote, input);
    return context.write((tx) => service.withdrawWish(tx, asked));
  }
}
