import { Arg, Args, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { ForwardArgs, type Page } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { checked } from '../../platform/graphql/edge';
import { payloadOf } from '../../platform/graphql/payload';
import { DateRangeInput } from '../network/inputs';
import { historyOf } from '../network/history';
import { Actor, StateChange } from '../network/model';
import { Volunteer } from '../volunteers/model';
import { volunteerById } from '../volunteers/reads';
import * as inputs from './inputs';
import { NominateInput, ObjectToRecognitionInput, PublicizeRecognitionInput, RecognitionNoteInput, RecognitionReasonInput } from './inputs';
import { RecognitionAction, recognitionActions } from './lifecycle';
import { LeaderboardEntry, Recognition, RecognitionConnection, RecognitionEvidence, RecognitionObjection, RecognitionStatus } from './model';
import * as reads from './reads';
import * as service from './service';

const recognitionPayload = (name: string) => payloadOf(name, 'recognition', () => Recognition, 'The recognition as it is now; null when it is not there, or not for you to see any more.');
const NominatePayload = recognitionPayload('NominatePayload');
const ReviewRecognitionPayload = recognitionPayload('ReviewRecognitionPayload');
const PublicizeRecognitionPayload = recognitionPayload('PublicizeRecognitionPayload');
const ObjectToRecognitionPayload = recognitionPayload('ObjectToRecognitionPayload');
const AwardRecognitionPayload = recognitionPayload('AwardRecognitionPayload');
const RejectRecognitionPayload = recognitionPayload('RejectRecognitionPayload');
const RevokeRecognitionPayload = recognitionPayload('RevokeRecognitionPayload');

@Resolver(() => Recognition)
export class RecognitionResolver {
  @Query(() => RecognitionConnection, {
    description: 'The recognitions that you may see, newest first: those on notice or awarded; those of your own, of your organization’s volunteers and by its nomination; the committee sees all. Anybody.',
  })
  recognitions(
    @Args(() => ForwardArgs) args: ForwardArgs,
    @Arg('status', () => RecognitionStatus, { nullable: true, description: 'Only those that stand there.' }) status: RecognitionStatus | null,
    @Ctx() context: RequestContext,
  ): Promise<Page<Recognition>> {
    return reads.listRecognitions(context, args, status);
  }

  @Query(() => [LeaderboardEntry], {
    description: 'Who has served most in a period, of the volunteers that agreed to be shown; those with more hours first. Members of the network. BAD_USER_INPUT for a period that ends before it begins or spans more than ten years.',
  })
  leaderboard(
    @Arg('period', () => DateRangeInput, { description: 'The days of service that count, both included.' }) period: DateRangeInput,
    @Arg('first', () => Int, { nullable: true, description: 'How many places, 0 to 100; 20 when not given.' }) first: number | null,
    @Ctx() context: RequestContext,
  ): Promise<LeaderboardEntry[]> {
    return reads.leaderboardOf(context, period, first);
  }

  @FieldResolver(() => Volunteer, { description: 'Who is recognized.' })
  volunteer(@Root() recognition: Recognition, @Ctx() context: RequestContext): Promise<Volunteer | null> {
    return context.load(volunteerById, recognition.volunteerId);
  }

  @FieldResolver(() => RecognitionEvidence, { description: 'What the records said when it was nominated.' })
  evidence(@Root() { serviceSeconds, activities, averageEvaluation, stars }: Recognition): RecognitionEvidence {
    return { serviceHours: serviceSeconds / 3600, activities, averageEvaluation: averageEvaluation === null ? null : Number(averageEvaluation), stars };
  }

  @FieldResolver(() => [RecognitionObjection], { description: 'What was objected, oldest first: all of it for the committee, your own for you.' })
  objectionsMade(@Root() recognition: Recognition, @Ctx() context: RequestContext): Promise<RecognitionObjection[]> {
    return context.load(reads.objectionsTo, recognition.id);
  }

  @FieldResolver(() => [StateChange], { description: 'Its steps through the lifecycle, oldest first; for those whom it concerns.' })
  history(@Root() recognition: Recognition, @Ctx() context: RequestContext): Promise<StateChange[]> {
    return context.load(historyOf, recognition.id);
  }

  @FieldResolver(() => [RecognitionAction], { description: 'What you may do to it now.' })
  async viewerCan(@Root() recognition: Recognition, @Ctx() context: RequestContext): Promise<RecognitionAction[]> {
    return recognitionActions(recognition, await context.actor());
  }

  @Mutation(() => NominatePayload, {
    description: 'Nominates a volunteer, with the evidence of this moment. Staff, administrators and the committee, nobody oneself. INVALID, NOT_FOUND, NOT_ALLOWED, CONFLICT (not in service), DUPLICATE (one of this kind is under way), IDEMPOTENCY_MISMATCH.',
  })
  nominate(@Arg('input', () => NominateInput, { description: 'Whom, as what and for what.' }) input: NominateInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.nominate, input);
    return context.write((tx) => service.nominate(tx, asked));
  }

  @Mutation(() => ReviewRecognitionPayload, { description: 'Begins the review of a nomination. The committee, nobody of one’s own. NOT_FOUND, NOT_ALLOWED, STALE_VERSION, WRONG_STATE.' })
  reviewRecognition(@Arg('input', () => RecognitionNoteInput, { description: 'Which one.' }) input: RecognitionNoteInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withNote, input);
    return context.write((tx) => service.reviewRecognition(tx, asked));
  }

  @Mutation(() => PublicizeRecognitionPayload, {
    description: 'Puts it on public notice 公示 from today, for at least five whole working days after it: everybody sees it with the volunteer’s display name. The committee. INVALID, NOT_FOUND, NOT_ALLOWED, STALE_VERSION, WRONG_STATE.',
  })
  publicizeRecognition(@Arg('input', () => PublicizeRecognitionInput, { description: 'Which one, and for how long.' }) input: PublicizeRecognitionInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.publicizeRecognition, input);
    return context.write((tx) => service.publicizeRecognition(tx, asked));
  }

  @Mutation(() => ObjectToRecognitionPayload, {
    description: 'Objects to a recognition on notice: it goes back to review, and on notice again if the committee holds to it. Every member of the network, until the last day of the notice. INVALID, NOT_FOUND, NOT_ALLOWED (one’s own), WRONG_STATE, TOO_LATE.',
  })
  objectToRecognition(@Arg('input', () => ObjectToRecognitionInput, { description: 'Which one, and why.' }) input: ObjectToRecognitionInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.objectToRecognition, input);
    return context.write((tx) => service.objectToRecognition(tx, asked));
  }

  @Mutation(() => AwardRecognitionPayload, { description: 'Gives it, once its notice is over. The committee, nobody oneself. NOT_FOUND, NOT_ALLOWED, STALE_VERSION, WRONG_STATE, TOO_EARLY (the notice runs).' })
  awardRecognition(@Arg('input', () => RecognitionNoteInput, { description: 'Which one.' }) input: RecognitionNoteInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withNote, input);
    return context.write((tx) => service.awardRecognition(tx, asked));
  }

  @Mutation(() => RejectRecognitionPayload, { description: 'Does not give it. The committee. INVALID, NOT_FOUND, STALE_VERSION, WRONG_STATE.' })
  rejectRecognition(@Arg('input', () => RecognitionReasonInput, { description: 'Which one, and why.' }) input: RecognitionReasonInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withReason, input);
    return context.write((tx) => service.rejectRecognition(tx, asked));
  }

  @Mutation(() => RevokeRecognitionPayload, { description: 'Takes back what was awarded. The committee. INVALID, NOT_FOUND, STALE_VERSION, WRONG_STATE.' })
  revokeRecognition(@Arg('input', () => RecognitionReasonInput, { description: 'Which one, and why.' }) input: RecognitionReasonInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withReason, input);
    return context.write((tx) => service.revokeRecognition(tx, asked));
  }
}

@Resolver(() => RecognitionObjection)
export class RecognitionObjectionResolver {
  @FieldResolver(() => Actor, { description: 'Who made it.' })
  by(@Root() { userName, organizationId }: RecognitionObjection): Actor {
    return { displayName: userName, organizationId };
  }
}

@Resolver(() => LeaderboardEntry)
export class LeaderboardEntryResolver {
  @FieldResolver(() => Volunteer, { description: 'Who.' })
  volunteer(@Root() entry: LeaderboardEntry, @Ctx() context: RequestContext): Promise<Volunteer | null> {
    return context.load(volunteerById, entry.volunteerId);
  }
}

@Resolver(() => Volunteer)
export class VolunteerRecognitionsResolver {
  @FieldResolver(() => [Recognition], { description: 'Recognitions that you may see, oldest first.' })
  recognitions(@Root() volunteer: Volunteer, @Ctx() context: RequestContext): Promise<Recognition[]> {
    return context.load(reads.recognitionsOf, volunteer.id);
  }
}
