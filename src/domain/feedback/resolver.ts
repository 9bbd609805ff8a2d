import { Arg, Ctx, Field, FieldResolver, Int, Mutation, ObjectType, Resolver, Root } from 'type-graphql';
import { MOST_PER_PAGE, PAGE_SIZE } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { checked } from '../../platform/graphql/edge';
import { Payload, payloadOf } from '../../platform/graphql/payload';
import { Activity } from '../activities/model';
import { Actor } from '../network/model';
import { Project } from '../projects/model';
import * as inputs from './inputs';
import { AdjustServiceInput, GiveFeedbackInput, IssueFeedbackCodesInput } from './inputs';
import { Adjustment, Feedback, FeedbackSummary } from './model';
import * as reads from './reads';
import * as service from './service';

const GiveFeedbackPayload = payloadOf('GiveFeedbackPayload', 'feedback', () => Feedback, 'What was said; null when nothing was taken.');
const AdjustServicePayload = payloadOf('AdjustServicePayload', 'adjustment', () => Adjustment, 'The change of the service; null when nothing was noted.');

@ObjectType({ description: 'The answer of issueFeedbackCodes.', simpleResolvers: true })
class IssueFeedbackCodesPayload extends Payload {
  @Field(() => [String], { nullable: true, description: 'The codes, good once each; they are shown here alone. null when none were issued.' })
  codes?: string[] | null;
  @Field(() => Date, { nullable: true, description: 'Until when they are good.' })
  expiresAt?: Date | null;
}

@Resolver(() => Feedback)
export class FeedbackResolver {
  @FieldResolver(() => Actor, {
    nullable: true,
    description: 'Who gave it: for that person and the committee, and for the host when it is neither a resident nor a minor; null for anybody else, and when it was given without an account.',
  })
  async author(@Root() { id }: Feedback, @Ctx() context: RequestContext): Promise<Actor | null> {
    const author = await context.load(reads.authorOf, id);
    return author && { displayName: author.displayName, organizationId: author.organizationId };
  }

  @Mutation(() => GiveFeedbackPayload, {
    description: 'Rates an activity once it is over, once a person: whoever attended it, as is confirmed; and whoever has a code of it, with or without an account. INVALID, NOT_FOUND (the activity, or the code), TOO_EARLY, TOO_LATE (the code has expired), WRONG_STATE (called off), NOT_ALLOWED (not attended, or of your own organization), DUPLICATE (rated already), CONFLICT (the code was used).',
  })
  giveFeedback(@Arg('input', () => GiveFeedbackInput, { description: 'What there is to say.' }) input: GiveFeedbackInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.giveFeedback, input);
    // Whoever has a code needs no membership.
    const write = context.caller.membershipId === null ? context.session.write.bind(context.session) : context.write.bind(context);
    return write((tx) => service.giveFeedback(tx, asked));
  }

  @Mutation(() => IssueFeedbackCodesPayload, {
    description: 'Issues codes for the organizer\'s screen, by which those who were at an activity rate it, once each. Staff of the host and of co-hosts, and the committee. NOT_FOUND, NOT_ALLOWED, WRONG_STATE (not open, or called off), CAPACITY_EXCEEDED, IDEMPOTENCY_MISMATCH.',
  })
  issueFeedbackCodes(@Arg('input', () => IssueFeedbackCodesInput, { description: 'For what, and how many.' }) input: IssueFeedbackCodesInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.issueFeedbackCodes, input);
    return context.write((tx) => service.issueFeedbackCodes(tx, context.platform.secret, asked));
  }

  @Mutation(() => AdjustServicePayload, {
    description: "Notes what was changed of a project's service, and because of what; from then on its ratings are counted apart. Administrators of its lead, and the committee. NOT_FOUND, NOT_ALLOWED, WRONG_STATE, IDEMPOTENCY_MISMATCH.",
  })
  adjustService(@Arg('input', () => AdjustServiceInput, { description: 'What was changed.' }) input: AdjustServiceInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.adjustService, input);
    return context.write((tx) => service.adjustService(tx, asked));
  }
}

@Resolver(() => FeedbackSummary)
export class FeedbackSummaryResolver {
  @FieldResolver(() => [Feedback], { description: 'What was said last, the latest first; for members of the network and residents, empty for anybody else.' })
  recent(
    @Root() summary: FeedbackSummary,
    @Arg('first', () => Int, { nullable: true, description: `How many, 0 to ${MOST_PER_PAGE}; ${PAGE_SIZE} when not given.` }) first: number | null,
    @Ctx() context: RequestContext,
  ): Promise<Feedback[]> {
    return reads.recentFeedback(context, summary, first);
  }
}

@Resolver(() => Adjustment)
export class AdjustmentResolver {
  @FieldResolver(() => [Feedback], { description: 'The feedback that it follows from, as far as you may see it.' })
  feedback(@Root() { id }: Adjustment, @Ctx() context: RequestContext): Promise<Feedback[]> {
    return context.load(reads.feedbackBehind, id);
  }
}

@Resolver(() => Activity)
export class ActivityFeedbackResolver {
  @FieldResolver(() => FeedbackSummary, { description: 'What people say of it.' })
  feedback(@Root() { id }: Activity, @Ctx() context: RequestContext): Promise<FeedbackSummary> {
    return reads.feedbackOf(context, 'activity', id);
  }
}

@Resolver(() => Project)
export class ProjectFeedbackResolver {
  @FieldResolver(() => FeedbackSummary, { description: 'What people say of all its activities.' })
  feedback(@Root() { id }: Project, @Ctx() context: RequestContext): Promise<FeedbackSummary> {
    return reads.feedbackOf(context, 'project', id);
  }

  @FieldResolver(() => [Adjustment], { description: 'What was changed of its service, oldest first.' })
  adjustments(@Root() { id }: Project, @Ctx() context: RequestContext): Promise<Adjustment[]> {
    return context.load(reads.adjustmentsOf, id);
  }
}
