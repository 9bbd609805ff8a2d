import { Arg, Args, Ctx, Field, FieldResolver, Mutation, ObjectType, Query, Resolver, Root } from 'type-graphql';
import { ForwardArgs, PageArgs, type Page } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { checked } from '../../platform/graphql/edge';
import { Payload, payloadOf } from '../../platform/graphql/payload';
import { TimeRange } from '../../platform/graphql/time-range';
import { Organization } from '../network/model';
import { organizationById } from '../network/reads';
import { Volunteer, VolunteerConnection } from '../volunteers/model';
import { volunteerById } from '../volunteers/reads';
import * as inputs from './inputs';
import { AssignToTeamInput, CreateCourseInput, CreateTeamInput, EnrollInput, RecordTrainingInput, ScheduleCourseSessionInput } from './inputs';
import { Course, CourseConnection, CourseSession, Team, TeamConnection, TrainingCompletion } from './model';
import * as reads from './reads';
import * as service from './service';

const CreateTeamPayload = payloadOf('CreateTeamPayload', 'team', () => Team, 'The team; null when refused.');
const AssignToTeamPayload = payloadOf('AssignToTeamPayload', 'team', () => Team, 'The team as it is now; null when it is not there.');
const CreateCoursePayload = payloadOf('CreateCoursePayload', 'course', () => Course, 'The course; null when refused.');
const ScheduleCourseSessionPayload = payloadOf('ScheduleCourseSessionPayload', 'session', () => CourseSession, 'The date; null when refused.');
const EnrollPayload = payloadOf('EnrollPayload', 'session', () => CourseSession, 'The date as it is now; null when refused.');

@ObjectType({ description: 'The answer of recordTraining.', simpleResolvers: true })
class RecordTrainingPayload extends Payload {
  @Field(() => Course, { nullable: true, description: 'The course; null when refused.' })
  course?: Course | null;
  @Field(() => [TrainingCompletion], { nullable: true, description: 'What was put on record, in the order of what was asked for; null when refused.' })
  completions?: TrainingCompletion[] | null;
}

@Resolver(() => Team)
export class TeamResolver {
  @Query(() => TeamConnection, { description: 'The teams of the network, by name; for whoever belongs to it.' })
  teams(@Args(() => PageArgs) args: PageArgs, @Ctx() context: RequestContext): Promise<Page<Team>> {
    return reads.listTeams(context, args);
  }

  @FieldResolver(() => Organization, { description: 'The organization whose it is.' })
  organization(@Root() { organizationId }: Team, @Ctx() context: RequestContext): Promise<Organization | null> {
    return context.load(organizationById, organizationId);
  }

  @FieldResolver(() => Volunteer, { nullable: true, description: 'Who leads it; null when nobody does, or somebody whom you may not see.' })
  leader(@Root() { leaderId }: Team, @Ctx() context: RequestContext): Promise<Volunteer | null> | null {
    return leaderId === null ? null : context.load(volunteerById, leaderId);
  }

  @FieldResolver(() => VolunteerConnection, { description: 'Who is in it, as far as you may see them.' })
  members(@Root() team: Team, @Args(() => ForwardArgs) args: ForwardArgs, @Ctx() context: RequestContext): Promise<Page<Volunteer>> {
    return reads.membersOf(context, team.id, args);
  }

  @Mutation(() => CreateTeamPayload, {
    description: 'Forms a team. Staff and administrators for their own organization, the committee for any. NOT_FOUND, NOT_ALLOWED, CONFLICT (the organization is not in good standing), DUPLICATE (the name), INVALID, IDEMPOTENCY_MISMATCH.',
  })
  createTeam(@Arg('input', () => CreateTeamInput, { description: 'The team.' }) input: CreateTeamInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.createTeam, input);
    return context.write((tx) => service.createTeam(tx, asked));
  }

  @Mutation(() => AssignToTeamPayload, {
    description: 'Says who is in a team and who leads it; they are told. Staff and administrators of its organization, and the committee. NOT_FOUND, NOT_ALLOWED (a volunteer of another organization), WRONG_STATE (a volunteer who is not active), CONFLICT (who is to lead is not in it), STALE_VERSION.',
  })
  assignToTeam(@Arg('input', () => AssignToTeamInput, { description: 'Who, to which one.' }) input: AssignToTeamInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.assignToTeam, input);
    return context.write((tx) => service.assignToTeam(tx, asked));
  }
}

@Resolver(() => Course)
export class CourseResolver {
  @Query(() => CourseConnection, { description: 'The courses of the network, the newest first. Everybody may ask.' })
  courses(@Args(() => PageArgs) args: PageArgs, @Ctx() context: RequestContext): Promise<Page<Course>> {
    return reads.listCourses(context, args);
  }

  @FieldResolver(() => Organization, { description: 'The organization that holds it.' })
  organization(@Root() { organizationId }: Course, @Ctx() context: RequestContext): Promise<Organization | null> {
    return context.load(organizationById, organizationId);
  }

  @FieldResolver(() => [CourseSession], { description: 'Its dates, the earliest first.' })
  sessions(@Root() course: Course, @Ctx() context: RequestContext): Promise<CourseSession[]> {
    return context.load(reads.sessionsOf, course.id);
  }

  @Mutation(() => CreateCoursePayload, {
    description: 'Sets a course up. Staff and administrators for their own organization, the committee for any. NOT_FOUND, NOT_ALLOWED, CONFLICT (the organization is not in good standing), INVALID, IDEMPOTENCY_MISMATCH.',
  })
  createCourse(@Arg('input', () => CreateCourseInput, { description: 'The course.' }) input: CreateCourseInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.createCourse, input);
    return context.write((tx) => service.createCourse(tx, asked));
  }

  @Mutation(() => ScheduleCourseSessionPayload, {
    description: 'Schedules a date of a course. Staff and administrators of its organization, and the committee. NOT_FOUND, NOT_ALLOWED, INVALID (the range is past), IDEMPOTENCY_MISMATCH.',
  })
  scheduleCourseSession(@Arg('input', () => ScheduleCourseSessionInput, { description: 'The date.' }) input: ScheduleCourseSessionInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.scheduleCourseSession, input);
    return context.write((tx) => service.scheduleCourseSession(tx, asked));
  }

  @Mutation(() => EnrollPayload, {
    description: 'Takes a place on a date of a course: in person, or for a volunteer of your organization, whose name the organization that holds it sees from then on. NOT_FOUND (also when you are no volunteer yourself), NOT_ALLOWED, WRONG_STATE (a volunteer who is not active), TOO_LATE (it has begun), CAPACITY_EXCEEDED, DUPLICATE, IDEMPOTENCY_MISMATCH.',
  })
  enroll(@Arg('input', () => EnrollInput, { description: 'Who, for which one.' }) input: EnrollInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.enroll, input);
    return context.write((tx) => service.enroll(tx, asked));
  }

  @Mutation(() => RecordTrainingPayload, {
    description: 'Puts on record who has completed a course; they are told. Staff and administrators of its organization, and the committee. NOT_FOUND (the course, or a volunteer), NOT_ALLOWED, INVALID (in the future), DUPLICATE (the same moment is on record), IDEMPOTENCY_MISMATCH.',
  })
  recordTraining(@Arg('input', () => RecordTrainingInput, { description: 'Who, which one.' }) input: RecordTrainingInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.recordTraining, input);
    return context.write((tx) => service.recordTraining(tx, asked));
  }
}

@Resolver(() => CourseSession)
export class CourseSessionResolver {
  @FieldResolver(() => Course, { description: 'The course.' })
  course(@Root() { courseId }: CourseSession, @Ctx() context: RequestContext): Promise<Course | null> {
    return context.load(reads.courseById, courseId);
  }

  @FieldResolver(() => TimeRange, { description: 'From when to when.' })
  range(@Root() { startsAt, endsAt }: CourseSession): TimeRange {
    return { start: startsAt, end: endsAt };
  }

  @FieldResolver(() => VolunteerConnection, { description: 'Who has a place; for the organization that holds it and the committee, and oneself.' })
  volunteers(@Root() session: CourseSession, @Args(() => ForwardArgs) args: ForwardArgs, @Ctx() context: RequestContext): Promise<Page<Volunteer>> {
    return reads.enrolledIn(context, session.id, args);
  }
}

@Resolver(() => TrainingCompletion)
export class TrainingCompletionResolver {
  @FieldResolver(() => Course, { description: 'The course.' })
  course(@Root() { courseId }: TrainingCompletion, @Ctx() context: RequestContext): Promise<Course | null> {
    return context.load(reads.courseById, courseId);
  }
}

/** What teams and courses add to a volunteer. */
@Resolver(() => Volunteer)
export class VolunteerTeamsResolver {
  @FieldResolver(() => [Team], { description: 'The teams that the volunteer is in, by name.' })
  teams(@Root() volunteer: Volunteer, @Ctx() context: RequestContext): Promise<Team[]> {
    return context.load(reads.teamsOf, volunteer.id);
  }

  @FieldResolver(() => [TrainingCompletion], {
    description: 'The courses that the volunteer has completed, the newest first, also those that are not good any more; for the volunteer, the own organization, the one that held the course, and the committee.',
  })
  trainings(@Root() volunteer: Volunteer, @Ctx() context: RequestContext): Promise<TrainingCompletion[]> {
    return context.load(reads.trainingsOf, volunteer.id);
  }
}
