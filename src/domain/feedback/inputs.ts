import { Field, ID, InputType, Int } from 'type-graphql';
import { z } from 'zod';
import { distinct, fault, idempotencyKey, optionalText, text, whole } from '../../platform/graphql/edge';

/** How many pieces of feedback an adjustment names at most. */
const MOST = 50;
/** How many codes are issued at once, and for one activity in all. */
export const MOST_CODES_AT_ONCE = 200;
export const MOST_CODES = 5000;
/** How long a code is good after the end of its activity. */
export const CODE_DAYS = 30;

@InputType({ description: 'What somebody says of an activity.' })
export class GiveFeedbackInput {
  @Field(() => ID, { nullable: true, description: 'The activity; a code stands for it.' })
  activity?: string | null;
  @Field(() => String, { nullable: true, description: "The code from the organizer's screen, of whoever has no account, or was served and is on no shift; good once." })
  code?: string | null;
  @Field(() => Int, { description: '1, the worst, to 5, the best.' })
  rating!: number;
  @Field(() => String, { nullable: true, description: 'In words; up to 2000 characters. Members of the network and residents read it: name nobody.' })
  comment?: string | null;
  @Field(() => Int, { nullable: true, description: 'How likely you would recommend it, 0 to 10.' })
  recommend?: number | null;
}
export const giveFeedback = z
  .object({
    activity: z.string().nullish(),
    code: z.string().max(100).transform((code) => code.toUpperCase().replaceAll(/[\s-]/g, '')).nullish(),
    rating: whole(1, 5),
    comment: optionalText(2000),
    recommend: whole(0, 10).nullish(),
  })
  .superRefine(({ activity, code }, check) => {
    if (activity == null && code == null) fault(check, 'feedback.about', {}, ['activity']);
  });

@InputType({ description: 'Codes for those who were at an activity.' })
export class IssueFeedbackCodesInput {
  @Field(() => ID, { description: 'The activity.' })
  activity!: string;
  @Field(() => Int, { defaultValue: 1, description: `How many, 1 to ${MOST_CODES_AT_ONCE}.` })
  count!: number;
  @Field(() => String, { nullable: true, description: 'Repeating a request with the same key and input gives the same codes again.' })
  idempotencyKey?: string | null;
}
export const issueFeedbackCodes = z.object({ activity: z.string(), count: whole(1, MOST_CODES_AT_ONCE), idempotencyKey });

@InputType({ description: 'A change of the service.' })
export class AdjustServiceInput {
  @Field(() => ID, { description: 'The project whose service it is.' })
  project!: string;
  @Field({ description: 'What was changed; up to 2000 characters.' })
  what!: string;
  @Field({ description: 'Because of what; up to 2000 characters.' })
  because!: string;
  @Field(() => [ID], { defaultValue: [], description: `The feedback that it follows from, of the project's activities; up to ${MOST}.` })
  feedback!: string[];
  @Field(() => String, { nullable: true, description: 'Repeating a request with the same key and input notes nothing twice.' })
  idempotencyKey?: string | null;
}
export const adjustService = z.object({ project: z.string(), what: text(1, 2000), because: text(1, 2000), feedback: distinct(z.string(), MOST), idempotencyKey });

