import { Field, ID, InputType, Int } from 'type-graphql';
import { z } from 'zod';
import { changedText, distinct, fault, idempotencyKey, optionalText, text, version, whole } from '../../platform/graphql/edge';
import { timeRange, TimeRangeInput } from '../../platform/graphql/time-range';
import { ActivityCategory } from '../contracts/model';
import { MOST_UNITS } from '../resources/inputs';
import { ActivityStatus, ActivityVisibility, ParticipationRole } from './model';

const MOST_OF_TITLE = 200;
const MOST_OF_DESCRIPTION = 5_000;
const MOST_OF_ADDRESS = 200;
const MOST_VOLUNTEERS = 100_000;
const MOST_BENEFICIARIES = 10_000_000;
const MOST_PHOTOS = 20;

const IDEMPOTENCY = 'Repeating a request with the same key and input does it once.';
const VERSION = 'The version that was read.';
const ACTIVITY = 'The activity.';

@InputType({ description: 'A new joint activity.' })
export class CreateActivityInput {
  @Field(() => ID, { nullable: true, description: 'The organization that holds it; your own when not given. The committee names any.' })
  host?: string | null;
  @Field({ description: `What it is called; up to ${MOST_OF_TITLE} characters.` })
  title!: string;
  @Field(() => ActivityCategory, { description: 'Of which field.' })
  category!: ActivityCategory;
  @Field(() => String, { nullable: true, description: `What it is about; up to ${MOST_OF_DESCRIPTION} characters.` })
  description?: string | null;
  @Field(() => ActivityVisibility, { defaultValue: ActivityVisibility.NETWORK, description: 'Whom it is for, once it is open.' })
  visibility!: ActivityVisibility;
  @Field(() => TimeRangeInput, { description: 'From when to when; not wholly past.' })
  range!: TimeRangeInput;
  @Field(() => ID, { nullable: true, description: 'The position where it is.' })
  position?: string | null;
  @Field(() => String, { nullable: true, description: `Where it is, for people; up to ${MOST_OF_ADDRESS} characters.` })
  address?: string | null;
  @Field(() => String, { nullable: true, description: IDEMPOTENCY })
  idempotencyKey?: string | null;
}
export const createActivity = z.object({
  host: z.string().nullish(),
  title: text(1, MOST_OF_TITLE),
  category: z.enum(ActivityCategory),
  description: optionalText(MOST_OF_DESCRIPTION),
  visibility: z.enum(ActivityVisibility),
  range: timeRange(),
  position: z.string().nullish(),
  address: optionalText(MOST_OF_ADDRESS),
  idempotencyKey,
});

@InputType({ description: 'Changes of an activity that is not over; what is not named stays.' })
export class UpdateActivityInput {
  @Field(() => ID, { description: ACTIVITY })
  id!: string;
  @Field(() => Int, { description: VERSION })
  version!: number;
  @Field(() => String, { nullable: true, description: `What it is called; up to ${MOST_OF_TITLE} characters.` })
  title?: string | null;
  @Field(() => ActivityCategory, { nullable: true, description: 'Of which field.' })
  category?: ActivityCategory | null;
  @Field(() => String, { nullable: true, description: `What it is about; up to ${MOST_OF_DESCRIPTION} characters, null says nothing any more.` })
  description?: string | null;
  @Field(() => ActivityVisibility, { nullable: true, description: 'Whom it is for, once it is open.' })
  visibility?: ActivityVisibility | null;
  @Field(() => TimeRangeInput, { nullable: true, description: 'From when to when, around all of its shifts; of one under way the start stays.' })
  range?: TimeRangeInput | null;
  @Field(() => ID, { nullable: true, description: 'The position where it is; null: at none.' })
  position?: string | null;
  @Field(() => String, { nullable: true, description: `Where it is, for people; up to ${MOST_OF_ADDRESS} characters, null says nothing any more.` })
  address?: string | null;
}
export const updateActivity = z.object({
  id: z.string(),
  version,
  title: text(1, MOST_OF_TITLE).nullish(),
  category: z.enum(ActivityCategory).nullish(),
  description: changedText(MOST_OF_DESCRIPTION),
  visibility: z.enum(ActivityVisibility).nullish(),
  range: timeRange().nullish(),
  position: z.string().nullish(),
  address: changedText(MOST_OF_ADDRESS),
});

@InputType({ description: 'An organization that is asked to take part in an activity.' })
export class InviteOrganizationInput {
  @Field(() => ID, { description: ACTIVITY })
  activity!: string;
  @Field(() => ID, { description: 'The organization, one in good standing other than the host.' })
  organization!: string;
  @Field(() => ParticipationRole, { description: 'In what capacity: CO_HOST or SUPPORTER.' })
  role!: ParticipationRole;
}
export const inviteOrganization = z.object({
  activity: z.string(),
  organization: z.string(),
  role: z.enum(ParticipationRole).superRefine((role, check) => {
    if (role === 'HOST') fault(check, 'activity.invite.host');
  }),
});

@InputType({ description: "The own organization's answer to an invitation." })
export class AnswerInvitationInput {
  @Field(() => ID, { description: ACTIVITY })
  activity!: string;
  @Field({ description: 'Whether it takes part; false after having accepted withdraws, and calls off what it has pledged.' })
  accept!: boolean;
}
export const answerInvitation = z.object({ activity: z.string(), accept: z.boolean() });

@InputType({ description: 'A resource that is pledged for an activity: it is booked by the rights of your organization.' })
export class PledgedResourceInput {
  @Field(() => ID, { description: 'The resource.' })
  resource!: string;
  @Field(() => Int, { defaultValue: 1, description: 'How many units, from 1.' })
  quantity!: number;
}

/** How many resources are pledged at once. */
const MOST_PLEDGED = 20;

@InputType({ description: 'What your organization pledges for an activity that it takes part in.' })
export class PledgeInput {
  @Field(() => ID, { description: ACTIVITY })
  activity!: string;
  @Field(() => Int, { nullable: true, description: `How many volunteers in all, 0 to ${MOST_VOLUNTEERS}; as before when not given.` })
  volunteers?: number | null;
  @Field(() => [PledgedResourceInput], { defaultValue: [], description: `Resources to be booked for it in addition, all of them or none; each once, up to ${MOST_PLEDGED}. A pledge ends with its booking: cancelBooking.` })
  resources!: PledgedResourceInput[];
  @Field(() => TimeRangeInput, { nullable: true, description: 'From when to when the resources are booked; all of the activity when not given.' })
  range?: TimeRangeInput | null;
  @Field(() => String, { nullable: true, description: IDEMPOTENCY })
  idempotencyKey?: string | null;
}
export const pledge = z.object({
  activity: z.string(),
  volunteers: whole(0, MOST_VOLUNTEERS).nullish(),
  resources: z.array(z.object({ resource: z.string(), quantity: whole(1, MOST_UNITS) })).superRefine((resources, check) => {
    if (resources.length > MOST_PLEDGED) fault(check, 'invalid.most', { most: MOST_PLEDGED });
    resources.forEach(({ resource }, index) => {
      if (resources.findIndex((other) => other.resource === resource) < index) fault(check, 'invalid.repeated', {}, [index, 'resource']);
    });
  }),
  range: timeRange().nullish(),
  idempotencyKey,
}).superRefine(({ volunteers, resources }, check) => {
  if (volunteers == null && resources.length === 0) fault(check, 'activity.pledge.nothing', {}, ['resources']);
});

@InputType({ description: 'An activity that goes on.' })
export class ActivityStepInput {
  @Field(() => ID, { description: ACTIVITY })
  id!: string;
  @Field(() => Int, { description: VERSION })
  version!: number;
}
export const step = z.object({ id: z.string(), version });

@InputType({ description: 'An activity to be called off, and why.' })
export class CancelActivityInput extends ActivityStepInput {
  @Field({ description: 'The reason, for its history and for those whom it concerns; up to 1000 characters.' })
  note!: string;
}
export const cancelActivity = step.extend({ note: text(1, 1000) });

@InputType({ description: 'What came of an activity.' })
export class SubmitActivityReportInput extends ActivityStepInput {
  @Field({ description: 'What was done, and what came of it; up to 10000 characters.' })
  summary!: string;
  @Field(() => Int, { description: `How many people it was of use to, 0 to ${MOST_BENEFICIARIES}.` })
  beneficiaries!: number;
  @Field(() => [ID], { defaultValue: [], description: `Photos of it, in their order: files of yours that were uploaded as ACTIVITY_PHOTO (createUpload), at most ${MOST_PHOTOS}. Whoever may read the activity may read them.` })
  photos!: string[];
}
export const submitActivityReport = step.extend({ summary: text(1, 10_000), beneficiaries: whole(0, MOST_BENEFICIARIES), photos: distinct(z.string(), MOST_PHOTOS) });

@InputType({ description: 'Which activities to list: those that fit all of it.' })
export class ActivityFilter {
  @Field(() => ID, { nullable: true, description: 'That this organization holds or takes part in.' })
  organization?: string | null;
  @Field(() => ID, { nullable: true, description: 'At this position.' })
  position?: string | null;
  @Field(() => ActivityCategory, { nullable: true, description: 'Of this field.' })
  category?: ActivityCategory | null;
  @Field(() => TimeRangeInput, { nullable: true, description: 'With some of their time in this span.' })
  range?: TimeRangeInput | null;
  @Field(() => ActivityStatus, { nullable: true, description: 'Standing like this now.' })
  status?: ActivityStatus | null;
  @Field(() => String, { nullable: true, description: 'With this text in the title, the description or the address.' })
  text?: string | null;
}
