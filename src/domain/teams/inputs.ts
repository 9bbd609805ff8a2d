import { Field, Float, ID, InputType, Int } from 'type-graphql';
import { z } from 'zod';
import { distinct, duration, fault, idempotencyKey, optionalText, text, version, whole } from '../../platform/graphql/edge';
import { DurationScalar } from '../../platform/graphql/scalars';
import { timeRange, TimeRangeInput } from '../../platform/graphql/time-range';
import { ActivityCategory } from '../contracts/model';

const MOST_OF_NAME = 100;
const MOST_OF_TITLE = 200;
const MOST_OF_DESCRIPTION = 5_000;
const MOST_OF_PLACE = 200;
const MOST_AT_ONCE = 100;
const MOST_PLACES = 100_000;
const DAY = 86_400;

const IDEMPOTENCY = 'Repeating a request with the same key and input does it once.';
const OF = 'The organization whose it is; your own when not given. The committee names any.';

@InputType({ description: 'A new team.' })
export class CreateTeamInput {
  @Field(() => ID, { nullable: true, description: OF })
  organization?: string | null;
  @Field({ description: `Its name, one of its kind in the organization; up to ${MOST_OF_NAME} characters.` })
  name!: string;
  @Field(() => [ActivityCategory], { description: 'The fields that it works in, at least one.' })
  focus!: ActivityCategory[];
  @Field(() => String, { nullable: true, description: IDEMPOTENCY })
  idempotencyKey?: string | null;
}
export const createTeam = z.object({
  organization: z.string().nullish(),
  name: text(1, MOST_OF_NAME),
  focus: distinct(z.enum(ActivityCategory), Object.keys(ActivityCategory).length).superRefine((focus, check) => {
    if (focus.length === 0) fault(check, 'invalid.required');
  }),
  idempotencyKey,
});

@InputType({ description: 'Who joins a team, who leaves it, and who leads it.' })
export class AssignToTeamInput {
  @Field(() => ID, { description: 'The team.' })
  team!: string;
  @Field(() => Int, { description: 'The version that was read.' })
  version!: number;
  @Field(() => [ID], { defaultValue: [], description: `Volunteers who join it, active ones of its organization, or for the committee of any; up to ${MOST_AT_ONCE}.` })
  add!: string[];
  @Field(() => [ID], { defaultValue: [], description: `Members who leave it; up to ${MOST_AT_ONCE}.` })
  remove!: string[];
  @Field(() => ID, { nullable: true, description: 'The member who leads it from now on; null: nobody. As before when not given.' })
  leader?: string | null;
}
export const assignToTeam = z.object({
  team: z.string(),
  version,
  add: distinct(z.string(), MOST_AT_ONCE),
  remove: distinct(z.string(), MOST_AT_ONCE),
  leader: z.string().nullable().optional(),
});

@InputType({ description: 'A new course.' })
export class CreateCourseInput {
  @Field(() => ID, { nullable: true, description: OF })
  organization?: string | null;
  @Field({ description: `Its title; up to ${MOST_OF_TITLE} characters.` })
  title!: string;
  @Field(() => String, { nullable: true, description: `What it is about; up to ${MOST_OF_DESCRIPTION} characters.` })
  description?: string | null;
  @Field(() => DurationScalar, { nullable: true, description: 'How long a completion is good, P1D to P3660D; null: for ever.' })
  validFor?: string | null;
  @Field(() => String, { nullable: true, description: IDEMPOTENCY })
  idempotencyKey?: string | null;
}
export const createCourse = z.object({
  organization: z.string().nullish(),
  title: text(1, MOST_OF_TITLE),
  description: optionalText(MOST_OF_DESCRIPTION),
  validFor: duration(DAY, 3_660 * DAY).nullish().transform((valid) => valid ?? null),
  idempotencyKey,
});

@InputType({ description: 'A date of a course.' })
export class ScheduleCourseSessionInput {
  @Field(() => ID, { description: 'The course.' })
  course!: string;
  @Field(() => TimeRangeInput, { description: 'From when to when; not past.' })
  range!: TimeRangeInput;
  @Field(() => Int, { description: `How many places there are, 1 to ${MOST_PLACES}.` })
  capacity!: number;
  @Field(() => String, { nullable: true, description: `Where it is, for people; up to ${MOST_OF_PLACE} characters.` })
  place?: string | null;
  @Field(() => String, { nullable: true, description: IDEMPOTENCY })
  idempotencyKey?: string | null;
}
export const scheduleCourseSession = z.object({ course: z.string(), range: timeRange(), capacity: whole(1, MOST_PLACES), place: optionalText(MOST_OF_PLACE), idempotencyKey });

@InputType({ description: 'A place on a date of a course.' })
export class EnrollInput {
  @Field(() => ID, { description: 'The date.' })
  session!: string;
  @Field(() => ID, { nullable: true, description: 'The volunteer; yourself when not given.' })
  volunteer?: string | null;
  @Field(() => String, { nullable: true, description: IDEMPOTENCY })
  idempotencyKey?: string | null;
}
export const enroll = z.object({ session: z.string(), volunteer: z.string().nullish(), idempotencyKey });

@InputType({ description: 'A volunteer who has completed a course.' })
export class CompletedTrainingInput {
  @Field(() => ID, { description: 'The volunteer, one that you may see.' })
  volunteer!: string;
  @Field(() => Float, { nullable: true, description: 'The score, 0 to 100.' })
  score?: number | null;
}

@InputType({ description: 'Who has completed a course.' })
export class RecordTrainingInput {
  @Field(() => ID, { description: 'The course.' })
  course!: string;
  @Field(() => [CompletedTrainingInput], { description: `Who, each once; 1 to ${MOST_AT_ONCE}.` })
  completed!: CompletedTrainingInput[];
  @Field(() => Date, { nullable: true, description: 'When, not in the future; now when not given. How long it is good counts from then.' })
  completedAt?: Date | null;
  @Field(() => String, { nullable: true, description: IDEMPOTENCY })
  idempotencyKey?: string | null;
}
const score = z
  .number()
  .superRefine((value, check) => {
    if (!(value >= 0 && value <= 100)) fault(check, 'invalid.range', { least: 0, most: 100 });
  })
  .nullish();
export const recordTraining = z.object({
  course: z.string(),
  completed: z.array(z.object({ volunteer: z.string(), score })).superRefine((completed, check) => {
    if (completed.length === 0) fault(check, 'invalid.required');
    if (completed.length > MOST_AT_ONCE) fault(check, 'invalid.most', { most: MOST_AT_ONCE });
    completed.forEach(({ volunteer }, index) => {
      if (completed.findIndex((other) => other.volunteer === volunteer) < index) fault(check, 'invalid.repeated', {}, [index, 'volunteer']);
    });
  }),
  completedAt: z.date().nullish(),
  idempotencyKey,
});
