import { Field, ID, InputType, Int } from 'type-graphql';
import { z } from 'zod';
import { idempotencyKey, optionalText, text, version, whole } from '../../platform/graphql/edge';
import { RecognitionKind } from './model';
import { LEAST_NOTICE, MOST_NOTICE } from './working-days';

const VERSION = 'The version that was read.';
const WHICH = 'The recognition.';

@InputType({ description: 'A nomination of a volunteer.' })
export class NominateInput {
  @Field(() => ID, { description: 'The volunteer, in service.' })
  volunteer!: string;
  @Field(() => RecognitionKind, { description: 'As what.' })
  kind!: RecognitionKind;
  @Field({ description: 'What it is to be given for, as it will be made public; up to 2000 characters.' })
  citation!: string;
  @Field(() => String, { nullable: true, description: 'Repeating a request with the same key and input does it once.' })
  idempotencyKey?: string | null;
}
export const nominate = z.object({ volunteer: z.string(), kind: z.enum(RecognitionKind), citation: text(1, 2000), idempotencyKey });

@InputType({ description: 'A recognition, with a note on the step.' })
export class RecognitionNoteInput {
  @Field(() => ID, { description: WHICH })
  id!: string;
  @Field(() => Int, { description: VERSION })
  version!: number;
  @Field(() => String, { nullable: true, description: 'For its history; up to 1000 characters.' })
  note?: string | null;
}
export const withNote = z.object({ id: z.string(), version, note: optionalText(1000) });

@InputType({ description: 'A recognition and why it is not given or is taken back.' })
export class RecognitionReasonInput {
  @Field(() => ID, { description: WHICH })
  id!: string;
  @Field(() => Int, { description: VERSION })
  version!: number;
  @Field({ description: 'Why, for its history; up to 1000 characters.' })
  reason!: string;
}
export const withReason = z.object({ id: z.string(), version, reason: text(1, 1000) }).transform(({ reason, ...input }) => ({ ...input, note: reason }));

@InputType({ description: 'A recognition that goes on public notice.' })
export class PublicizeRecognitionInput {
  @Field(() => ID, { description: WHICH })
  id!: string;
  @Field(() => Int, { description: VERSION })
  version!: number;
  @Field(() => Int, { defaultValue: LEAST_NOTICE, description: `For how many working days after today, ${LEAST_NOTICE} to ${MOST_NOTICE}, by China's calendar with its moved working days.` })
  workingDays!: number;
}
export const publicizeRecognition = z.object({ id: z.string(), version, workingDays: whole(LEAST_NOTICE, MOST_NOTICE).default(LEAST_NOTICE) });

@InputType({ description: 'An objection to a recognition on notice.' })
export class ObjectToRecognitionInput {
  @Field(() => ID, { description: WHICH })
  id!: string;
  @Field({ description: 'What is wrong with it; up to 2000 characters. The committee alone reads it and who you are.' })
  reason!: string;
}
export const objectToRecognition = z.object({ id: z.string(), reason: text(1, 2000) });
