import { Field, Float, ID, InputType, Int } from 'type-graphql';
import { z } from 'zod';
import { date, distinct, fault, idempotencyKey, optionalText, text, version } from '../../platform/graphql/edge';
import { DateScalar } from '../../platform/graphql/scalars';
import { timeRange, TimeRangeInput } from '../../platform/graphql/time-range';
import { ActivityCategory } from '../contracts/model';
import { ProjectStatus } from './model';

/** How many partners, needs, attendees or decisions are named at most. */
const MOST = 50;

/** The days of a project; open-ended without a last one. */
const period = z.object({ from: date, to: date.nullish() }).superRefine(({ from, to }, check) => {
  if (to != null && to < from) fault(check, 'period.reversed', {}, ['to']);
});
/** A rating, to a tenth. */
const threshold = z.number().superRefine((value, check) => {
  if (!(value >= 1 && value <= 5) || !Number.isInteger(Math.round(value * 1e9) / 1e8)) fault(check, 'project.threshold');
});

@InputType({ description: 'Calendar days, both included.' })
export class ProjectPeriodInput {
  @Field(() => DateScalar, { description: 'The first day.' })
  from!: string;
  @Field(() => DateScalar, { nullable: true, description: 'The last day, not before the first; null: open-ended.' })
  to?: string | null;
}

@InputType({ description: 'A project to be proposed.' })
export class ProposeProjectInput {
  @Field({ description: 'What it is called; up to 200 characters.' })
  title!: string;
  @Field(() => ActivityCategory, { description: 'Of which field.' })
  category!: ActivityCategory;
  @Field({ description: 'What it is to reach; up to 2000 characters.' })
  goal!: string;
  @Field(() => ID, { nullable: true, description: 'The organization that leads it; your own when not given.' })
  lead?: string | null;
  @Field(() => [ID], { defaultValue: [], description: `Other organizations that work on it; up to ${MOST}, in good standing.` })
  partners!: string[];
  @Field(() => ProjectPeriodInput, { description: 'From when to when.' })
  period!: ProjectPeriodInput;
  @Field(() => [ID], { defaultValue: [], description: `The needs that it is about; up to ${MOST}, accepted and not planned yet. They are planned into it once it is approved.` })
  needs!: string[];
  @Field(() => Float, { nullable: true, description: 'The average rating, 1 to 5 to a tenth, below which lead and committee are told.' })
  ratingThreshold?: number | null;
  @Field(() => String, { nullable: true, description: 'Repeating a request with the same key and input proposes nothing twice.' })
  idempotencyKey?: string | null;
}
export const proposeProject = z.object({
  title: text(1, 200), category: z.enum(ActivityCategory), goal: text(1, 2000), lead: z.string().nullish(), partners: distinct(z.string(), MOST), period,
  needs: distinct(z.string(), MOST), ratingThreshold: threshold.nullish(), idempotencyKey,
});

@InputType({ description: 'Changes of a project; what is not named stays.' })
export class UpdateProjectInput {
  @Field(() => ID, { description: 'The project.' })
  id!: string;
  @Field(() => Int, { description: 'The version that was read.' })
  version!: number;
  @Field(() => String, { nullable: true, description: 'What it is called; up to 200 characters.' })
  title?: string | null;
  @Field(() => ActivityCategory, { nullable: true, description: 'Of which field.' })
  category?: ActivityCategory | null;
  @Field(() => String, { nullable: true, description: 'What it is to reach; up to 2000 characters.' })
  goal?: string | null;
  @Field(() => [ID], { nullable: true, description: 'The other organizations that work on it, as a whole.' })
  partners?: string[] | null;
  @Field(() => ProjectPeriodInput, { nullable: true, description: 'From when to when.' })
  period?: ProjectPeriodInput | null;
  @Field(() => Float, { nullable: true, description: 'The average rating, 1 to 5 to a tenth, below which lead and committee are told; null: they are not.' })
  ratingThreshold?: number | null;
}
export const updateProject = z.object({
  id: z.string(), version, title: text(1, 200).optional(), category: z.enum(ActivityCategory).optional(), goal: text(1, 2000).optional(),
  partners: distinct(z.string(), MOST).optional(), period: period.optional(), ratingThreshold: threshold.nullish(),
});

@InputType({ description: 'A project with what there is to say.' })
export class ProjectNoteInput {
  @Field(() => ID, { description: 'The project.' })
  id!: string;
  @Field(() => Int, { description: 'The version that was read.' })
  version!: number;
  @Field(() => String, { nullable: true, description: 'Why, for the history; up to 500 characters.' })
  note?: string | null;
}
export const withNote = z.object({ id: z.string(), version, note: optionalText(500) });

@InputType({ description: 'A milestone to be added.' })
export class AddMilestoneInput {
  @Field(() => ID, { description: 'The project.' })
  project!: string;
  @Field({ description: 'What is to be reached; up to 200 characters.' })
  title!: string;
  @Field(() => DateScalar, { description: 'By which day.' })
  due!: string;
  @Field(() => String, { nullable: true, description: 'Repeating a request with the same key and input adds nothing twice.' })
  idempotencyKey?: string | null;
}
export const addMilestone = z.object({ project: z.string(), title: text(1, 200), due: date, idempotencyKey });

@InputType({ description: 'A milestone that was reached.' })
export class CompleteMilestoneInput {
  @Field(() => ID, { description: 'The milestone.' })
  id!: string;
}
export const completeMilestone = z.object({ id: z.string() });

@InputType({ description: 'Which project an activity belongs to.' })
export class AssignActivityInput {
  @Field(() => ID, { description: 'The activity, which your organization hosts.' })
  activity!: string;
  @Field(() => ID, { nullable: true, description: 'The project: approved, running or paused; null: none.' })
  project?: string | null;
}
export const assignActivity = z.object({ activity: z.string(), project: z.string().nullish() });

@InputType({ description: 'An exchange to be held.' })
export class ScheduleExchangeInput {
  @Field(() => ID, { description: 'The project that it is about.' })
  project!: string;
  @Field(() => TimeRangeInput, { description: 'From when to when; a day at most.' })
  range!: TimeRangeInput;
  @Field(() => [ID], { description: `The organizations that come together: 1 to ${MOST}, in good standing.` })
  attendees!: string[];
  @Field(() => String, { nullable: true, description: 'Repeating a request with the same key and input schedules nothing twice.' })
  idempotencyKey?: string | null;
}
export const scheduleExchange = z.object({ project: z.string(), range: timeRange(1), attendees: distinct(z.string(), MOST).min(1), idempotencyKey });

@InputType({ description: 'What came of an exchange.' })
export class RecordExchangeInput {
  @Field(() => ID, { description: 'The exchange.' })
  id!: string;
  @Field(() => Int, { description: 'The version that was read.' })
  version!: number;
  @Field({ description: 'What was said; up to 20000 characters.' })
  minutes!: string;
  @Field(() => [String], { defaultValue: [], description: `What was decided; up to ${MOST} of up to 500 characters.` })
  decisions!: string[];
  @Field(() => [ID], { nullable: true, description: 'The organizations that came, where they are not those that were to.' })
  attendees?: string[] | null;
}
export const recordExchange = z.object({
  id: z.string(), version, minutes: text(1, 20_000), decisions: distinct(text(1, 500), MOST), attendees: distinct(z.string(), MOST).min(1).nullish(),
});

@InputType({ description: 'Which projects; all conditions hold together.' })
export class ProjectFilter {
  @Field(() => [ProjectStatus], { nullable: true, description: 'Standing at one of these.' })
  statuses?: ProjectStatus[] | null;
  @Field(() => ActivityCategory, { nullable: true, description: 'Of this field.' })
  category?: ActivityCategory | null;
  @Field(() => ID, { nullable: true, description: 'Led by this organization.' })
  lead?: string | null;
  @Field(() => ID, { nullable: true, description: 'Led by this organization, or worked on by it.' })
  organization?: string | null;
  @Field(() => Boolean, { nullable: true, description: 'Whether its average rating is below its threshold.' })
  belowThreshold?: boolean | null;
}
