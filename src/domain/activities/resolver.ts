import { Arg, Args, Ctx, FieldResolver, Float, Mutation, Query, Resolver, Root } from 'type-graphql';
import { ForwardArgs, PageArgs, type Page } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { checked } from '../../platform/graphql/edge';
import { payloadOf } from '../../platform/graphql/payload';
import { UrlScalar } from '../../platform/graphql/scalars';
import { TimeRange } from '../../platform/graphql/time-range';
import { Booking } from '../bookings/model';
import { fileUrl } from '../files/reads';
import { historyOf } from '../network/history';
import { Actor, Organization, Position, StateChange } from '../network/model';
import { organizationById, positionById } from '../network/reads';
import { Resource } from '../resources/model';
import { resourceById } from '../resources/reads';
import * as inputs from './inputs';
import {
  ActivityFilter,
  ActivityStepInput,
  AnswerInvitationInput,
  CancelActivityInput,
  CreateActivityInput,
  InviteOrganizationInput,
  PledgeInput,
  SubmitActivityReportInput,
  UpdateActivityInput,
} from './inputs';
import { ActivityAction } from './lifecycle';
import { Activity, ActivityConnection, ActivityParticipation, ActivityReport } from './model';
import * as reads from './reads';
import * as service from './service';

const activityPayload = (name: string) => payloadOf(name, 'activity', () => Activity, 'The activity as it is now; null when it is not there, or not for you to see any more.');
const CreateActivityPayload = activityPayload('CreateActivityPayload');
const UpdateActivityPayload = activityPayload('UpdateActivityPayload');
const InviteOrganizationPayload = activityPayload('InviteOrganizationPayload');
const AnswerInvitationPayload = activityPayload('AnswerInvitationPayload');
const PledgePayload = activityPayload('PledgePayload');
const OpenRegistrationPayload = activityPayload('OpenRegistrationPayload');
const StartActivityPayload = activityPayload('StartActivityPayload');
const CompleteActivityPayload = activityPayload('CompleteActivityPayload');
const SubmitActivityReportPayload = activityPayload('SubmitActivityReportPayload');
const CancelActivityPayload = activityPayload('CancelActivityPayload');

@Resolver(() => Activity)
export class ActivityResolver {
  @Query(() => ActivityConnection, {
    description: 'The joint activities that you may see, as a calendar has them: the earliest start first. Open ones of the network, or public ones for whoever does not belong to it; your organization\'s own and those that it is asked to take part in; the committee sees all.',
  })
  activities(
    @Args(() => PageArgs) args: PageArgs,
    @Arg('filter', () => ActivityFilter, { nullable: true, description: 'Only those that fit all of it.' }) filter: ActivityFilter | null,
    @Ctx() context: RequestContext,
  ): Promise<Page<Activity>> {
    return reads.listActivities(context, args, filter ?? {});
  }

  @FieldResolver(() => TimeRange, { description: 'From when to when.' })
  range(@Root() { startsAt, endsAt }: Activity): TimeRange {
    return { start: startsAt, end: endsAt };
  }

  @FieldResolver(() => Position, { nullable: true, description: 'The position where it is; null when it is at none, or at one that you may not see.' })
  position(@Root() { positionId }: Activity, @Ctx() context: RequestContext): Promise<Position | null> | null {
    return positionId === null ? null : context.load(positionById, positionId);
  }

  @FieldResolver(() => Organization, { description: 'The organization that holds it.' })
  host(@Root() { hostId }: Activity, @Ctx() context: RequestContext): Promise<Organization | null> {
    return context.load(organizationById, hostId);
  }

  @FieldResolver(() => [ActivityParticipation], { description: 'Who takes part, the host first; whoever has not accepted is shown to the two organizations and the committee alone.' })
  participations(@Root() activity: Activity, @Ctx() context: RequestContext): Promise<ActivityParticipation[]> {
    return context.load(reads.participationsOf, activity.id);
  }

  @FieldResolver(() => [Booking], { description: 'What is booked for it, by its start, as far as you may see the bookings.' })
  bookings(@Root() activity: Activity, @Ctx() context: RequestContext): Promise<Booking[]> {
    return context.load(reads.bookingsFor, activity.id);
  }

  @FieldResolver(() => ActivityReport, { nullable: true, description: 'What came of it; null until it is reported.' })
  report(@Root() activity: Activity, @Ctx() context: RequestContext): Promise<ActivityReport | null> {
    return context.load(reads.reportOf, activity.id);
  }

  @FieldResolver(() => [StateChange], { description: 'Its steps through the lifecycle, oldest first; for whoever takes part and the committee, empty for anybody else.' })
  history(@Root() activity: Activity, @Ctx() context: RequestContext): Promise<StateChange[]> {
    return context.load(historyOf, activity.id);
  }

  @FieldResolver(() => [ActivityAction], { description: 'What you may do to it now.' })
  viewerCan(@Root() activity: Activity, @Ctx() context: RequestContext): Promise<ActivityAction[]> {
    return reads.activityActions(context, activity);
  }

  @Mutation(() => CreateActivityPayload, {
    description: 'Makes an activity that its host prepares. Staff and administrators for their own organization, the committee for any. NOT_FOUND (the host, or the position), NOT_ALLOWED (another organization), CONFLICT (the host is not in good standing), INVALID (the range is past), IDEMPOTENCY_MISMATCH.',
  })
  createActivity(@Arg('input', () => CreateActivityInput, { description: 'The activity.' }) input: CreateActivityInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.createActivity, input);
    return context.write((tx) => service.createActivity(tx, asked));
  }

  @Mutation(() => UpdateActivityPayload, {
    description: 'Edits an activity that is not over; whoever is registered is told. Staff and administrators of its host, and the committee. NOT_FOUND, NOT_ALLOWED, STALE_VERSION, WRONG_STATE, INVALID, TOO_LATE (another start, of what has begun), CONFLICT (shifts would lie outside).',
  })
  updateActivity(@Arg('input', () => UpdateActivityInput, { description: 'What changes.' }) input: UpdateActivityInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.updateActivity, input);
    return context.write((tx) => service.updateActivity(tx, asked));
  }

  @Mutation(() => InviteOrganizationPayload, {
    description: 'Asks an organization to take part in an activity, also one that has declined or withdrawn. Staff and administrators of its host, and the committee. NOT_FOUND (the activity, or the organization), NOT_ALLOWED, WRONG_STATE, DUPLICATE (asked already, or the host), CONFLICT (not in good standing).',
  })
  inviteOrganization(@Arg('input', () => InviteOrganizationInput, { description: 'Whom, to what.' }) input: InviteOrganizationInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.inviteOrganization, input);
    return context.write((tx) => service.inviteOrganization(tx, asked));
  }

  @Mutation(() => AnswerInvitationPayload, {
    description: 'Answers an invitation for your organization; declining after having accepted withdraws, and calls off what was booked for it. Its staff and administrators. NOT_FOUND, NOT_ALLOWED, WRONG_STATE, CONFLICT (not invited, or the host).',
  })
  answerInvitation(@Arg('input', () => AnswerInvitationInput, { description: 'Which one, and the answer.' }) input: AnswerInvitationInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.answerInvitation, input);
    return context.write((tx) => service.answerInvitation(tx, asked));
  }

  @Mutation(() => PledgePayload, {
    description: 'Pledges volunteers and resources of your organization for an activity that it takes part in; each resource is booked for it, all of them or none. Staff and administrators. NOT_FOUND (the activity, or a resource), NOT_ALLOWED, WRONG_STATE, CONFLICT (your organization does not take part), the userErrors of bookResource by the resource that each is about, IDEMPOTENCY_MISMATCH.',
  })
  pledge(@Arg('input', () => PledgeInput, { description: 'What, for which one.' }) input: PledgeInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.pledge, input);
    return context.write((tx) => service.pledge(tx, asked));
  }

  @Mutation(() => OpenRegistrationPayload, {
    description: 'Opens an activity to those whom it is for; whoever was invited may answer still. Staff and administrators of its host, and the committee. NOT_FOUND, NOT_ALLOWED, STALE_VERSION, WRONG_STATE, TOO_LATE (its time is past).',
  })
  openRegistration(@Arg('input', () => ActivityStepInput, { description: 'Which one.' }) input: ActivityStepInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.step, input);
    return context.write((tx) => service.openRegistration(tx, asked));
  }

  @Mutation(() => StartActivityPayload, {
    description: 'Begins an activity up to two hours before its start; at its start it begins by itself. Staff and administrators of its host, and the committee. NOT_FOUND, NOT_ALLOWED, STALE_VERSION, WRONG_STATE, TOO_EARLY.',
  })
  startActivity(@Arg('input', () => ActivityStepInput, { description: 'Which one.' }) input: ActivityStepInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.step, input);
    return context.write((tx) => service.startActivity(tx, asked));
  }

  @Mutation(() => CompleteActivityPayload, {
    description: 'Ends an activity; its report is due. Staff and administrators of its host, and the committee. NOT_FOUND, NOT_ALLOWED, STALE_VERSION, WRONG_STATE.',
  })
  completeActivity(@Arg('input', () => ActivityStepInput, { description: 'Which one.' }) input: ActivityStepInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.step, input);
    return context.write((tx) => service.completeActivity(tx, asked));
  }

  @Mutation(() => SubmitActivityReportPayload, {
    description: 'Reports what came of an activity, which closes it. Staff and administrators of its host, and the committee. NOT_FOUND, NOT_ALLOWED, STALE_VERSION, WRONG_STATE, INVALID (also a photo that is not there yet, or was uploaded for something else).',
  })
  submitActivityReport(@Arg('input', () => SubmitActivityReportInput, { description: 'The report.' }) input: SubmitActivityReportInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.submitActivityReport, input);
    return context.write((tx) => service.submitActivityReport(tx, asked));
  }

  @Mutation(() => CancelActivityPayload, {
    description: 'Calls an activity off: what was booked for it is free, and everybody concerned is told. Staff and administrators of its host, and the committee. NOT_FOUND, NOT_ALLOWED, STALE_VERSION, WRONG_STATE, INVALID (without a reason).',
  })
  cancelActivity(@Arg('input', () => CancelActivityInput, { description: 'Which one, and why.' }) input: CancelActivityInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.cancelActivity, input);
    return context.write((tx) => service.cancelActivity(tx, asked));
  }
}

const present = <Row>(rows: readonly (Row | null)[]): Row[] => rows.filter((row) => row !== null);

@Resolver(() => ActivityParticipation)
export class ActivityParticipationResolver {
  @FieldResolver(() => Organization, { description: 'The organization.' })
  organization(@Root() { organizationId }: ActivityParticipation, @Ctx() context: RequestContext): Promise<Organization | null> {
    return context.load(organizationById, organizationId);
  }

  @FieldResolver(() => [Resource], { description: 'The resources that it has pledged and whose booking stands, as far as you may see them.' })
  async pledgedResources(@Root() { activityId, organizationId }: ActivityParticipation, @Ctx() context: RequestContext): Promise<Resource[]> {
    const pledges = await context.load(reads.pledgesOf, activityId);
    return present(await Promise.all(pledges.filter((one) => one.organizationId === organizationId).map(({ resourceId }) => context.load(resourceById, resourceId))));
  }

  @FieldResolver(() => Float, { description: 'How many hours its volunteers have served, by the service records as they stand.' })
  async deliveredHours(@Root() { activityId, organizationId }: ActivityParticipation, @Ctx() context: RequestContext): Promise<number> {
    const deliveries = await context.load(reads.deliveriesTo, activityId);
    return (deliveries.find((one) => one.organizationId === organizationId)?.seconds ?? 0) / 3600;
  }
}

@Resolver(() => ActivityReport)
export class ActivityReportResolver {
  @FieldResolver(() => [UrlScalar], { description: 'Where its photos can be read for the next minutes, in their order.' })
  async photos(@Root() { photoIds }: ActivityReport, @Ctx() context: RequestContext): Promise<string[]> {
    return present(await Promise.all(photoIds.map((id) => fileUrl(context, id))));
  }

  @FieldResolver(() => Actor, { description: 'Who submitted it.' })
  submittedBy(@Root() { submittedByName, submittedByOrganizationId }: ActivityReport): Actor {
    return { displayName: submittedByName, organizationId: submittedByOrganizationId };
  }
}

/** What activities add to a booking. */
@Resolver(() => Booking)
export class BookingActivityResolver {
  @FieldResolver(() => Activity, { nullable: true, description: 'The activity that it was pledged for; null for any other, or when you may not see the activity.' })
  activity(@Root() { activityId }: Booking, @Ctx() context: RequestContext): Promise<Activity | null> | null {
    return activityId === null ? null : context.load(reads.activityById, activityId);
  }
}

/** What activities add to an organization. */
@Resolver(() => Organization)
export class OrganizationActivitiesResolver {
  @FieldResolver(() => ActivityConnection, { description: 'The activities that it holds or takes part in, as far as you may see them, the latest start first.' })
  activities(@Root() organization: Organization, @Args(() => ForwardArgs) args: ForwardArgs, @Ctx() context: RequestContext): Promise<Page<Activity>> {
    return reads.activitiesOf(context, organization.id, args);
  }
}
