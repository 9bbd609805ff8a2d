import { Arg, Args, Ctx, Field, FieldResolver, Mutation, ObjectType, Query, Resolver, Root } from 'type-graphql';
import { ForwardArgs, PageArgs, type Page } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { checked } from '../../platform/graphql/edge';
import { Payload, payloadOf } from '../../platform/graphql/payload';
import { TimeRange } from '../../platform/graphql/time-range';
import { Activity, ActivityConnection } from '../activities/model';
import * as needInputs from '../needs/inputs';
import { PlanNeedInput } from '../needs/inputs';
import { Need } from '../needs/model';
import { needsOfProject } from '../needs/reads';
import { historyOf } from '../network/history';
import { DateRange, Organization, StateChange } from '../network/model';
import { organizationById } from '../network/reads';
import { assignActivity } from './activities';
import * as exchanges from './exchanges';
import * as inputs from './inputs';
import {
  AddMilestoneInput,
  AssignActivityInput,
  CompleteMilestoneInput,
  ProjectFilter,
  ProjectNoteInput,
  ProposeProjectInput,
  RecordExchangeInput,
  ScheduleExchangeInput,
  UpdateProjectInput,
} from './inputs';
import { ProjectAction, projectActions } from './lifecycle';
import { Exchange, Milestone, Project, ProjectConnection } from './model';
import * as reads from './reads';
import * as service from './service';

const projectPayload = (name: string) => payloadOf(name, 'project', () => Project, 'The project as it is now; null when it is not there.');
const ProposeProjectPayload = projectPayload('ProposeProjectPayload');
const UpdateProjectPayload = projectPayload('UpdateProjectPayload');
const ApproveProjectPayload = projectPayload('ApproveProjectPayload');
const StartProjectPayload = projectPayload('StartProjectPayload');
const PauseProjectPayload = projectPayload('PauseProjectPayload');
const CompleteProjectPayload = projectPayload('CompleteProjectPayload');
const StopProjectPayload = projectPayload('StopProjectPayload');
const PlanNeedPayload = payloadOf('PlanNeedPayload', 'need', () => Need, 'The need as it is now; null when it is not there.');
const AssignActivityPayload = payloadOf('AssignActivityPayload', 'activity', () => Activity, 'The activity as it is now; null when it is not there.');

@ObjectType()
abstract class OfProjectPayload extends Payload {
  @Field(() => Project, { nullable: true, description: 'The project that it belongs to.' })
  project?: Project | null;
}

@ObjectType({ description: 'The answer of addMilestone.', simpleResolvers: true })
class AddMilestonePayload extends OfProjectPayload {
  @Field(() => Milestone, { nullable: true, description: 'The milestone; null when none was added.' })
  milestone?: Milestone | null;
}

@ObjectType({ description: 'The answer of completeMilestone.', simpleResolvers: true })
class CompleteMilestonePayload extends OfProjectPayload {
  @Field(() => Milestone, { nullable: true, description: 'The milestone as it is now; null when it is not there.' })
  milestone?: Milestone | null;
}

@ObjectType({ description: 'The answer of scheduleExchange.', simpleResolvers: true })
class ScheduleExchangePayload extends OfProjectPayload {
  @Field(() => Exchange, { nullable: true, description: 'The exchange; null when none was scheduled.' })
  exchange?: Exchange | null;
}

@ObjectType({ description: 'The answer of recordExchange.', simpleResolvers: true })
class RecordExchangePayload extends OfProjectPayload {
  @Field(() => Exchange, { nullable: true, description: 'The exchange as it is now; null when it is not there.' })
  exchange?: Exchange | null;
}

const organizationsOf = async (context: RequestContext, ids: readonly string[]): Promise<Organization[]> =>
  (await Promise.all(ids.map((id) => context.load(organizationById, id)))).filter((organization) => organization !== null);

@Resolver(() => Project)
export class ProjectResolver {
  @Query(() => ProjectConnection, {
    description: 'The projects that you may see, the latest first: those that were approved, to everybody; proposals, to the organizations that would work on them and to the committee.',
  })
  projects(
    @Args(() => PageArgs) args: PageArgs,
    @Arg('filter', () => ProjectFilter, { nullable: true, description: 'Only those that fit all of it.' }) filter: ProjectFilter | null,
    @Ctx() context: RequestContext,
  ): Promise<Page<Project>> {
    return reads.listProjects(context, args, filter ?? {});
  }

  @FieldResolver(() => Organization, { description: 'The organization that leads it.' })
  lead(@Root() { leadId }: Project, @Ctx() context: RequestContext): Promise<Organization | null> {
    return context.load(organizationById, leadId);
  }

  @FieldResolver(() => [Organization], { description: 'The other organizations that work on it.' })
  partners(@Root() { partnerIds }: Project, @Ctx() context: RequestContext): Promise<Organization[]> {
    return organizationsOf(context, partnerIds);
  }

  @FieldResolver(() => DateRange, { description: 'From when to when.' })
  period(@Root() { startsOn, endsOn }: Project): DateRange {
    return { from: startsOn, to: endsOn };
  }

  @FieldResolver(() => [Need], { description: 'The needs that it is about, as far as you may see them; of a proposal, those that it would be.' })
  needs(@Root() { id }: Project, @Ctx() context: RequestContext): Promise<Need[]> {
    return context.load(needsOfProject, id);
  }

  @FieldResolver(() => [Milestone], { description: 'What it is to reach by when, the first first.' })
  milestones(@Root() { id }: Project, @Ctx() context: RequestContext): Promise<Milestone[]> {
    return context.load(reads.milestonesOf, id);
  }

  @FieldResolver(() => ActivityConnection, { description: 'Its activities that you may see, the latest start first.' })
  activities(@Root() { id }: Project, @Args(() => ForwardArgs) args: ForwardArgs, @Ctx() context: RequestContext): Promise<Page<Activity>> {
    return reads.activitiesOfProject(context, id, args);
  }

  @FieldResolver(() => [Exchange], { description: 'The exchanges about it, the earliest first; for members of the network and residents, empty for anybody else.' })
  exchanges(@Root() { id }: Project, @Ctx() context: RequestContext): Promise<Exchange[]> {
    return context.load(reads.exchangesOf, id);
  }

  @FieldResolver(() => [StateChange], { description: 'Its steps, oldest first; for the organizations that work on it and the committee, empty for anybody else.' })
  history(@Root() { id }: Project, @Ctx() context: RequestContext): Promise<StateChange[]> {
    return context.load(historyOf, id);
  }

  @FieldResolver(() => [ProjectAction], { description: 'What you may do to it now.' })
  viewerCan(@Root() project: Project, @Ctx() context: RequestContext): ProjectAction[] | Promise<ProjectAction[]> {
    return context.session.withActor((actor) => projectActions(actor, project));
  }

  @Mutation(() => ProposeProjectPayload, {
    description: 'Proposes a project from needs. Administrators for their own organization as lead, the committee for any. NOT_FOUND, NOT_ALLOWED, WRONG_STATE (a need that is not accepted, or planned already), INVALID, IDEMPOTENCY_MISMATCH.',
  })
  proposeProject(@Arg('input', () => ProposeProjectInput, { description: 'What is to be done.' }) input: ProposeProjectInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.proposeProject, input);
    return context.write((tx) => service.proposeProject(tx, asked));
  }

  @Mutation(() => UpdateProjectPayload, { description: 'Edits a project that is not over. Administrators of its lead, and the committee. NOT_FOUND, NOT_ALLOWED, STALE_VERSION, WRONG_STATE, INVALID.' })
  updateProject(@Arg('input', () => UpdateProjectInput, { description: 'Which one, and what changes.' }) input: UpdateProjectInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.updateProject, input);
    return context.write((tx) => service.updateProject(tx, asked));
  }

  @Mutation(() => ApproveProjectPayload, {
    description: 'Approves a project: everybody sees it from then on, and those of its needs that still wait are planned into it. The committee. NOT_FOUND, STALE_VERSION, WRONG_STATE.',
  })
  approveProject(@Arg('input', () => ProjectNoteInput, { description: 'Which one.' }) input: ProjectNoteInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withNote, input);
    return context.write((tx) => service.approveProject(tx, asked));
  }

  @Mutation(() => StartProjectPayload, { description: 'Starts a project, or goes on with one that rests. Administrators of its lead, and the committee. NOT_FOUND, NOT_ALLOWED, STALE_VERSION, WRONG_STATE.' })
  startProject(@Arg('input', () => ProjectNoteInput, { description: 'Which one.' }) input: ProjectNoteInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withNote, input);
    return context.write((tx) => service.startProject(tx, asked));
  }

  @Mutation(() => PauseProjectPayload, { description: 'Lets a project rest. Administrators of its lead, and the committee. NOT_FOUND, NOT_ALLOWED, STALE_VERSION, WRONG_STATE.' })
  pauseProject(@Arg('input', () => ProjectNoteInput, { description: 'Which one.' }) input: ProjectNoteInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withNote, input);
    return context.write((tx) => service.pauseProject(tx, asked));
  }

  @Mutation(() => CompleteProjectPayload, { description: 'Ends a project that has done what it was to do. Administrators of its lead, and the committee. NOT_FOUND, NOT_ALLOWED, STALE_VERSION, WRONG_STATE.' })
  completeProject(@Arg('input', () => ProjectNoteInput, { description: 'Which one.' }) input: ProjectNoteInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withNote, input);
    return context.write((tx) => service.completeProject(tx, asked));
  }

  @Mutation(() => StopProjectPayload, { description: 'Gives a project up: its needs wait again. Administrators of its lead, and the committee. NOT_FOUND, NOT_ALLOWED, STALE_VERSION, WRONG_STATE.' })
  stopProject(@Arg('input', () => ProjectNoteInput, { description: 'Which one, and why.' }) input: ProjectNoteInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withNote, input);
    return context.write((tx) => service.stopProject(tx, asked));
  }

  @Mutation(() => PlanNeedPayload, {
    description: 'Plans an accepted need into a project; its lead sees to it unless somebody else has taken it on. The committee. NOT_FOUND, STALE_VERSION, WRONG_STATE (the need, or the project).',
  })
  planNeed(@Arg('input', () => PlanNeedInput, { description: 'Which one, and where.' }) input: PlanNeedInput, @Ctx() context: RequestContext) {
    const asked = checked(needInputs.planNeed, input);
    return context.write((tx) => service.planNeed(tx, asked));
  }

  @Mutation(() => AddMilestonePayload, { description: 'Adds a milestone. Staff of the organizations that work on the project, and the committee. NOT_FOUND, NOT_ALLOWED, WRONG_STATE, INVALID, IDEMPOTENCY_MISMATCH.' })
  addMilestone(@Arg('input', () => AddMilestoneInput, { description: 'To which project, and what.' }) input: AddMilestoneInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.addMilestone, input);
    return context.write((tx) => service.addMilestone(tx, asked));
  }

  @Mutation(() => CompleteMilestonePayload, { description: 'Says that a milestone was reached. Staff of the organizations that work on the project, and the committee. NOT_FOUND, NOT_ALLOWED, WRONG_STATE.' })
  completeMilestone(@Arg('input', () => CompleteMilestoneInput, { description: 'Which one.' }) input: CompleteMilestoneInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.completeMilestone, input);
    return context.write((tx) => service.completeMilestone(tx, asked));
  }

  @Mutation(() => AssignActivityPayload, {
    description: 'Makes an activity part of a project, or of none; what people say of it counts there. Staff of its host, which has to work on the project, and the committee. NOT_FOUND, NOT_ALLOWED, WRONG_STATE.',
  })
  assignActivity(@Arg('input', () => AssignActivityInput, { description: 'Which one, and where.' }) input: AssignActivityInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.assignActivity, input);
    return context.write((tx) => assignActivity(tx, asked));
  }

  @Mutation(() => ScheduleExchangePayload, {
    description: 'Calls organizations together about a project. Staff of the organizations that work on it, and the committee. NOT_FOUND, NOT_ALLOWED, WRONG_STATE, INVALID, IDEMPOTENCY_MISMATCH.',
  })
  scheduleExchange(@Arg('input', () => ScheduleExchangeInput, { description: 'When, and who.' }) input: ScheduleExchangeInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.scheduleExchange, input);
    return context.write((tx) => exchanges.scheduleExchange(tx, asked));
  }

  @Mutation(() => RecordExchangePayload, {
    description: 'Writes down what came of an exchange, or mends that. Staff of the organizations that work on the project, and the committee. NOT_FOUND, NOT_ALLOWED, STALE_VERSION, WRONG_STATE, TOO_EARLY.',
  })
  recordExchange(@Arg('input', () => RecordExchangeInput, { description: 'Which one, and what came of it.' }) input: RecordExchangeInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.recordExchange, input);
    return context.write((tx) => exchanges.recordExchange(tx, asked));
  }
}

@Resolver(() => Exchange)
export class ExchangeResolver {
  @FieldResolver(() => TimeRange, { description: 'From when to when.' })
  range(@Root() { startsAt, endsAt }: Exchange): TimeRange {
    return { start: startsAt, end: endsAt };
  }

  @FieldResolver(() => [Organization], { description: 'The organizations that come together, or came.' })
  attendees(@Root() { attendeeIds }: Exchange, @Ctx() context: RequestContext): Promise<Organization[]> {
    return organizationsOf(context, attendeeIds);
  }
}

@Resolver(() => Activity)
export class ActivityProjectResolver {
  @FieldResolver(() => Project, { nullable: true, description: 'The project that it is part of; null when of none, or none that you may see.' })
  project(@Root() { projectId }: Activity, @Ctx() context: RequestContext): Promise<Project | null> | null {
    return projectId === null ? null : context.load(reads.projectById, projectId);
  }
}

@Resolver(() => Need)
export class NeedProjectResolver {
  @FieldResolver(() => Project, { nullable: true, description: 'The project that it is planned into; null when into none, or none that you may see.' })
  project(@Root() { projectId }: Need, @Ctx() context: RequestContext): Promise<Project | null> | null {
    return projectId === null ? null : context.load(reads.projectById, projectId);
  }
}
