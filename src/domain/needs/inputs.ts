import { Field, ID, InputType, Int } from 'type-graphql';
import { z } from 'zod';
import { changedText, distinct, idempotencyKey, optionalText, text, version, whole } from '../../platform/graphql/edge';
import { enumOf } from '../../platform/graphql/enum';
import { ActivityCategory } from '../contracts/model';
import { NeedStatus } from './model';

/** How many duplicates are merged at once at most, and how many needs a project is proposed from. */
export const MOST_AT_ONCE = 50;

@InputType({ description: 'A need to be raised.' })
export class SubmitNeedInput {
  @Field({ description: 'In a few words; up to 100 characters.' })
  title!: string;
  @Field({ description: 'In full; up to 2000 characters. Everybody reads it once it is accepted: name nobody.' })
  description!: string;
  @Field(() => ActivityCategory, { description: 'Of which field.' })
  category!: ActivityCategory;
  @Field(() => String, { nullable: true, description: 'The building or place that it is about; up to 100 characters.' })
  building?: string | null;
  @Field(() => String, { nullable: true, description: 'Repeating a request with the same key and input raises nothing twice.' })
  idempotencyKey?: string | null;
}
export const submitNeed = z.object({
  title: text(1, 100), description: text(1, 2000), category: z.enum(ActivityCategory), building: optionalText(100), idempotencyKey,
});

@InputType({ description: 'Changes of a need; what is not named stays.' })
export class UpdateNeedInput {
  @Field(() => ID, { description: 'The need.' })
  id!: string;
  @Field(() => Int, { description: 'The version that was read.' })
  version!: number;
  @Field(() => String, { nullable: true, description: 'In a few words; up to 100 characters.' })
  title?: string | null;
  @Field(() => String, { nullable: true, description: 'In full; up to 2000 characters.' })
  description?: string | null;
  @Field(() => ActivityCategory, { nullable: true, description: 'Of which field.' })
  category?: ActivityCategory | null;
  @Field(() => String, { nullable: true, description: 'The building or place; null: the community as a whole.' })
  building?: string | null;
}
export const updateNeed = z.object({
  id: z.string(), version, title: text(1, 100).optional(), description: text(1, 2000).optional(), category: z.enum(ActivityCategory).optional(), building: changedText(100),
});

@InputType({ description: 'A need to be supported.' })
export class SupportNeedInput {
  @Field(() => ID, { description: 'The need.' })
  id!: string;
}
export const supportNeed = z.object({ id: z.string() });

@InputType({ description: 'A need with what there is to say.' })
export class NeedNoteInput {
  @Field(() => ID, { description: 'The need.' })
  id!: string;
  @Field(() => Int, { description: 'The version that was read.' })
  version!: number;
  @Field(() => String, { nullable: true, description: 'Why, for the history; up to 500 characters.' })
  note?: string | null;
}
export const withNote = z.object({ id: z.string(), version, note: optionalText(500) });

@InputType({ description: 'Who is to see to a need.' })
export class AssignNeedInput {
  @Field(() => ID, { description: 'The need.' })
  id!: string;
  @Field(() => Int, { description: 'The version that was read.' })
  version!: number;
  @Field(() => ID, { nullable: true, description: 'The organization that takes it on, in good standing; null gives it back.' })
  organization?: string | null;
  @Field(() => String, { nullable: true, description: 'What there is to say, for the history; up to 500 characters.' })
  note?: string | null;
}
export const assignNeed = z.object({ id: z.string(), version, organization: z.string().nullish(), note: optionalText(500) });

@InputType({ description: 'Needs that are the same.' })
export class MergeNeedsInput {
  @Field(() => ID, { description: 'The one that goes on; it may stand anywhere but where nothing comes of it any more.' })
  id!: string;
  @Field(() => Int, { description: 'The version of it that was read.' })
  version!: number;
  @Field(() => [ID], { description: `Those that become duplicates of it: 1 to ${MOST_AT_ONCE}, submitted and not accepted yet.` })
  duplicates!: string[];
  @Field(() => String, { nullable: true, description: 'What there is to say, for their history; up to 500 characters.' })
  note?: string | null;
}
export const mergeNeeds = z.object({ id: z.string(), version, duplicates: distinct(z.string(), MOST_AT_ONCE).min(1), note: optionalText(500) });

@InputType({ description: 'A need to be declined.' })
export class DeclineNeedInput {
  @Field(() => ID, { description: 'The need.' })
  id!: string;
  @Field(() => Int, { description: 'The version that was read.' })
  version!: number;
  @Field({ description: 'Why; up to 500 characters. Who raised it reads it.' })
  reason!: string;
}
export const declineNeed = z.object({ id: z.string(), version, reason: text(1, 500) });

@InputType({ description: 'A need to be planned into a project.' })
export class PlanNeedInput {
  @Field(() => ID, { description: 'The need.' })
  id!: string;
  @Field(() => Int, { description: 'The version that was read.' })
  version!: number;
  @Field(() => ID, { description: 'The project: approved, running or paused.' })
  project!: string;
}
export const planNeed = z.object({ id: z.string(), version, project: z.string() });

@InputType({ description: 'How a need was met.' })
export class ResolveNeedInput {
  @Field(() => ID, { description: 'The need.' })
  id!: string;
  @Field(() => Int, { description: 'The version that was read.' })
  version!: number;
  @Field({ description: 'How it was met; up to 2000 characters. Everybody reads it.' })
  resolution!: string;
}
export const resolveNeed = z.object({ id: z.string(), version, resolution: text(1, 2000) });

@InputType({ description: 'A need that was not met after all.' })
export class ReopenNeedInput {
  @Field(() => ID, { description: 'The need.' })
  id!: string;
  @Field(() => Int, { description: 'The version that was read.' })
  version!: number;
  @Field({ description: 'What is missing; up to 500 characters.' })
  reason!: string;
}
export const reopenNeed = declineNeed;

@InputType({ description: 'How long needs may wait.' })
export class UpdateNeedPolicyInput {
  @Field(() => Int, { description: 'After how many days without a step a need is shown as overdue, 1 to 366.' })
  waitingDays!: number;
  @Field(() => Int, { description: 'The version that was read.' })
  version!: number;
}
export const updateNeedPolicy = z.object({ waitingDays: whole(1, 366), version });

export const NeedOrderField = enumOf('NeedOrderField', 'By what needs are ordered.', {
  RAISED_AT: 'When they were raised.',
  SUPPORTERS: 'How many people support them.',
});

@InputType({ description: 'In which order needs are listed.' })
export class NeedOrder {
  @Field(() => NeedOrderField, { defaultValue: 'RAISED_AT', description: 'By what; the most, or the latest, first.' })
  field!: keyof typeof NeedOrderField;
}

@InputType({ description: 'Which needs; all conditions hold together.' })
export class NeedFilter {
  @Field(() => [NeedStatus], { nullable: true, description: 'Standing at one of these.' })
  statuses?: NeedStatus[] | null;
  @Field(() => ActivityCategory, { nullable: true, description: 'Of this field.' })
  category?: ActivityCategory | null;
  @Field(() => String, { nullable: true, description: 'About this building or place, as it was written.' })
  building?: string | null;
  @Field(() => ID, { nullable: true, description: 'Taken on by this organization.' })
  assignee?: string | null;
  @Field(() => ID, { nullable: true, description: 'Planned into this project.' })
  project?: string | null;
  @Field(() => Boolean, { nullable: true, description: 'Raised by you, or not.' })
  mine?: boolean | null;
  @Field(() => Boolean, { nullable: true, description: "Whether it has waited longer than the network's policy allows." })
  overdue?: boolean | null;
  @Field(() => String, { nullable: true, description: 'Contains this text; up to 100 characters.' })
  text?: string | null;
}
