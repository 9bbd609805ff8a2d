import { Arg, Args, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { PageArgs, type Page } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { asked as askedFor, checked, text } from '../../platform/graphql/edge';
import { payloadOf } from '../../platform/graphql/payload';
import { historyOf } from '../network/history';
import { Actor, Network, Organization, StateChange } from '../network/model';
import { organizationById } from '../network/reads';
import * as inputs from './inputs';
import {
  AssignNeedInput,
  DeclineNeedInput,
  MergeNeedsInput,
  NeedFilter,
  NeedNoteInput,
  NeedOrder,
  ReopenNeedInput,
  ResolveNeedInput,
  SubmitNeedInput,
  SupportNeedInput,
  UpdateNeedInput,
  UpdateNeedPolicyInput,
} from './inputs';
import { NeedAction, needActions } from './lifecycle';
import { Need, NeedConnection, NeedPolicy, SimilarNeed } from './model';
import * as reads from './reads';
import * as service from './service';

export const needPayload = (name: string) => payloadOf(name, 'need', () => Need, 'The need as it is now; null when it is not there.');
const SubmitNeedPayload = needPayload('SubmitNeedPayload');
const UpdateNeedPayload = needPayload('UpdateNeedPayload');
const SupportNeedPayload = needPayload('SupportNeedPayload');
const AcceptNeedPayload = needPayload('AcceptNeedPayload');
const AssignNeedPayload = needPayload('AssignNeedPayload');
const MergeNeedsPayload = payloadOf('MergeNeedsPayload', 'need', () => Need, 'The need that goes on, as it is now; null when it is not there.');
const DeclineNeedPayload = needPayload('DeclineNeedPayload');
const ResolveNeedPayload = needPayload('ResolveNeedPayload');
const ReopenNeedPayload = needPayload('ReopenNeedPayload');
const UpdateNeedPolicyPayload = payloadOf('UpdateNeedPolicyPayload', 'needPolicy', () => NeedPolicy, 'How long needs may wait now; null when nothing was changed.');

const NEWEST = new NeedOrder();
NEWEST.field = 'RAISED_AT';
const TITLE = text(1, 100);

@Resolver(() => Need)
export class NeedResolver {
  @Query(() => NeedConnection, {
    description: 'The needs that you may see, the latest first: those that were accepted, to everybody; those that were not, or came to nothing, to members of the network and to who raised them.',
  })
  needs(
    @Args(() => PageArgs) args: PageArgs,
    @Arg('filter', () => NeedFilter, { nullable: true, description: 'Only those that fit all of it.' }) filter: NeedFilter | null,
    @Arg('orderBy', () => NeedOrder, { nullable: true, description: 'In which order.' }) order: NeedOrder | null,
    @Ctx() context: RequestContext,
  ): Promise<Page<Need>> {
    return reads.listNeeds(context, args, filter ?? {}, order ?? NEWEST);
  }

  @Query(() => [SimilarNeed], {
    description: `Needs that may be the same as one to be raised, the most alike first; ${reads.USUAL_SIMILAR} when not said otherwise. Only those that you may see and that may still come to something. Everybody may ask.`,
  })
  similarNeeds(
    @Arg('title', () => String, { description: 'The title it would have; 1 to 100 characters.' }) title: string,
    @Arg('first', () => Int, { nullable: true, description: `How many, up to ${reads.MOST_SIMILAR}.` }) first: number | null,
    @Ctx() context: RequestContext,
  ): Promise<SimilarNeed[]> {
    return reads.similarNeeds(context, askedFor(TITLE, title), null, first);
  }

  @FieldResolver(() => Actor, { nullable: true, description: 'Who raised it: for that person, the committee and who has taken it on; null for anybody else.' })
  async raisedBy(@Root() { id }: Need, @Ctx() context: RequestContext): Promise<Actor | null> {
    const raiser = await context.load(reads.raiserOf, id);
    return raiser && { displayName: raiser.displayName, organizationId: raiser.organizationId };
  }

  @FieldResolver(() => Boolean, { description: 'Whether you support it.' })
  viewerSupports(@Root() { id }: Need, @Ctx() context: RequestContext): Promise<boolean> {
    return context.load(reads.isSupportedByActor, id);
  }

  @FieldResolver(() => Organization, { nullable: true, description: 'The organization that has taken it on.' })
  assignee(@Root() { assigneeId }: Need, @Ctx() context: RequestContext): Promise<Organization | null> | null {
    return assigneeId === null ? null : context.load(organizationById, assigneeId);
  }

  @FieldResolver(() => Need, { nullable: true, description: 'The need that was raised before and is the same; null when it is none, or none that you may see.' })
  duplicateOf(@Root() { duplicateOfId }: Need, @Ctx() context: RequestContext): Promise<Need | null> | null {
    return duplicateOfId === null ? null : context.load(reads.needById, duplicateOfId);
  }

  @FieldResolver(() => [SimilarNeed], { description: 'Needs that may be the same, the most alike first, of those that you may see and that may still come to something.' })
  similar(
    @Root() { id, title }: Need,
    @Arg('first', () => Int, { nullable: true, description: `How many, up to ${reads.MOST_SIMILAR}; ${reads.USUAL_SIMILAR} when not given.` }) first: number | null,
    @Ctx() context: RequestContext,
  ): Promise<SimilarNeed[]> {
    return reads.similarNeeds(context, title, id, first);
  }

  @FieldResolver(() => [StateChange], { description: 'Its steps, oldest first: for members of the network and who raised it, empty for anybody else. Who raised it is not named there.' })
  history(@Root() { id }: Need, @Ctx() context: RequestContext): Promise<StateChange[]> {
    return context.load(historyOf, id);
  }

  @FieldResolver(() => [NeedAction], { description: 'What you may do to it now.' })
  viewerCan(@Root() need: Need, @Ctx() context: RequestContext): NeedAction[] | Promise<NeedAction[]> {
    return context.session.withActor((actor) => needActions(actor, need));
  }

  @Mutation(() => SubmitNeedPayload, {
    description: 'Raises a need. Every member of the network, residents too; `similar` of the answer shows what may be the same. INVALID, IDEMPOTENCY_MISMATCH.',
  })
  submitNeed(@Arg('input', () => SubmitNeedInput, { description: 'What is needed.' }) input: SubmitNeedInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.submitNeed, input);
    return context.write((tx) => service.submitNeed(tx, asked));
  }

  @Mutation(() => UpdateNeedPayload, {
    description: 'Edits a need: who raised it while nobody has looked at it, the committee as long as it is open. NOT_FOUND, NOT_ALLOWED, STALE_VERSION, WRONG_STATE, INVALID.',
  })
  updateNeed(@Arg('input', () => UpdateNeedInput, { description: 'Which one, and what changes.' }) input: UpdateNeedInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.updateNeed, input);
    return context.write((tx) => service.updateNeed(tx, asked));
  }

  @Mutation(() => SupportNeedPayload, {
    description: "Supports somebody else's need, once. Every member of the network, residents too. NOT_FOUND, NOT_ALLOWED (your own), DUPLICATE (you support it already), WRONG_STATE.",
  })
  supportNeed(@Arg('input', () => SupportNeedInput, { description: 'Which one.' }) input: SupportNeedInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.supportNeed, input);
    return context.write((tx) => service.supportNeed(tx, asked));
  }

  @Mutation(() => AcceptNeedPayload, { description: 'Accepts a need: everybody sees it from then on. The committee. NOT_FOUND, STALE_VERSION, WRONG_STATE.' })
  acceptNeed(@Arg('input', () => NeedNoteInput, { description: 'Which one.' }) input: NeedNoteInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withNote, input);
    return context.write((tx) => service.acceptNeed(tx, asked));
  }

  @Mutation(() => AssignNeedPayload, {
    description: 'Gives a need to an organization to see to: the committee to any, staff and administrators of others to their own, as long as nobody else has it. Without an organization it is given back. NOT_FOUND, NOT_ALLOWED, STALE_VERSION, WRONG_STATE, INVALID (not in good standing).',
  })
  assignNeed(@Arg('input', () => AssignNeedInput, { description: 'Which one, and to whom.' }) input: AssignNeedInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.assignNeed, input);
    return context.write((tx) => service.assignNeed(tx, asked));
  }

  @Mutation(() => MergeNeedsPayload, {
    description: 'Makes needs duplicates of another: whoever supports or raised them supports that one from then on, each once. The committee. NOT_FOUND, STALE_VERSION, WRONG_STATE (a duplicate that was accepted already, or nothing comes of the other), INVALID (itself).',
  })
  mergeNeeds(@Arg('input', () => MergeNeedsInput, { description: 'Which ones.' }) input: MergeNeedsInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.mergeNeeds, input);
    return context.write((tx) => service.mergeNeeds(tx, asked));
  }

  @Mutation(() => DeclineNeedPayload, { description: 'Declines a need, with a reason. The committee. NOT_FOUND, STALE_VERSION, WRONG_STATE, INVALID (no reason).' })
  declineNeed(@Arg('input', () => DeclineNeedInput, { description: 'Which one, and why.' }) input: DeclineNeedInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.declineNeed, input);
    return context.write((tx) => service.declineNeed(tx, asked));
  }

  @Mutation(() => ResolveNeedPayload, {
    description: 'Says how a need was met. The committee, staff and administrators of who has taken it on. NOT_FOUND, NOT_ALLOWED, STALE_VERSION, WRONG_STATE.',
  })
  resolveNeed(@Arg('input', () => ResolveNeedInput, { description: 'Which one, and how.' }) input: ResolveNeedInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.resolveNeed, input);
    return context.write((tx) => service.resolveNeed(tx, asked));
  }

  @Mutation(() => ReopenNeedPayload, { description: 'Says that a need was not met after all. Who raised it. NOT_FOUND, NOT_ALLOWED, STALE_VERSION, WRONG_STATE.' })
  reopenNeed(@Arg('input', () => ReopenNeedInput, { description: 'Which one, and what is missing.' }) input: ReopenNeedInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.reopenNeed, input);
    return context.write((tx) => service.reopenNeed(tx, asked));
  }

  @Mutation(() => UpdateNeedPolicyPayload, { description: 'Says how long needs may wait. The committee. STALE_VERSION, INVALID.' })
  updateNeedPolicy(@Arg('input', () => UpdateNeedPolicyInput, { description: 'For how long.' }) input: UpdateNeedPolicyInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.updateNeedPolicy, input);
    return context.write((tx) => service.updateNeedPolicy(tx, asked));
  }
}

@Resolver(() => SimilarNeed)
export class SimilarNeedResolver {
  @FieldResolver(() => Need, { description: 'The need.' })
  need(@Root() { needId }: SimilarNeed, @Ctx() context: RequestContext): Promise<Need | null> {
    return context.load(reads.needById, needId);
  }
}

@Resolver(() => Network)
export class NetworkNeedPolicyResolver {
  @FieldResolver(() => NeedPolicy, { description: 'How long needs may wait.' })
  needPolicy(@Root() { id }: Network, @Ctx() context: RequestContext) {
    return context.load(reads.policyOf, id);
  }
}
