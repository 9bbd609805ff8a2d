import { Field, Float, ID, InputType, Int } from 'type-graphql';
import { z } from 'zod';
import { date, fault, optionalText, text, version, whole } from '../../platform/graphql/edge';
import { enumOf } from '../../platform/graphql/enum';
import { DateRangeInput } from '../network/inputs';

/** Calendar days, both included. */
export const days = z.object({ from: date, to: date }).superRefine(({ from, to }, check) => {
  if (to < from) fault(check, 'period.reversed', {}, ['to']);
});

@InputType({ description: 'Which service records to list: those that fit all of it.' })
export class ServiceRecordFilter {
  @Field(() => ID, { nullable: true, description: 'Of this volunteer.' })
  volunteer?: string | null;
  @Field(() => ID, { nullable: true, description: 'Of this activity.' })
  activity?: string | null;
  @Field(() => ID, { nullable: true, description: 'Organized by this organization.' })
  organizer?: string | null;
  @Field(() => ID, { nullable: true, description: 'Of volunteers who belong to this organization.' })
  organization?: string | null;
  @Field(() => DateRangeInput, { nullable: true, description: 'Served on these days.' })
  period?: DateRangeInput | null;
  @Field(() => Boolean, { nullable: true, description: 'true: only those that stand; false: only those that a further record has corrected.' })
  standing?: boolean | null;
}

const VERSION = 'The version that you read.';

@InputType({ description: 'What is wrong in a service record, or which organization has a service of yours not on record.' })
export class RequestCorrectionInput {
  @Field(() => ID, { nullable: true, description: 'The record that is wrong.' })
  record?: string | null;
  @Field(() => ID, { nullable: true, description: 'The organization that a service of yours was for which is not on record.' })
  organizer?: string | null;
  @Field({ description: 'What is wrong or missing; up to 1000 characters.' })
  reason!: string;
}
export const requestCorrection = z.object({ record: z.string().nullish(), organizer: z.string().nullish(), reason: text(1, 1000) }).superRefine(({ record, organizer }, check) => {
  if ((record == null) === (organizer == null)) fault(check, 'correction.one');
});

@InputType({ description: 'What the organizer says to a request for a correction.' })
export class AnswerCorrectionInput {
  @Field(() => ID, { description: 'The request.' })
  id!: string;
  @Field(() => Int, { description: VERSION })
  version!: number;
  @Field({ description: 'Whether it was mended; of a record, by correctServiceRecord before.' })
  corrected!: boolean;
  @Field({ description: 'What you say to it; up to 1000 characters.' })
  answer!: string;
}
export const answerCorrection = z.object({ id: z.string(), version, corrected: z.boolean(), answer: text(1, 1000) });

const LONGEST_HOURS = 24;
const hours = z.number().superRefine((value, check) => {
  if (!(value >= 0 && value <= LONGEST_HOURS)) fault(check, 'invalid.range', { least: 0, most: LONGEST_HOURS });
});

@InputType({ description: 'What a service record should have said. A further record says so; what is not named is as in the record that it corrects.' })
export class CorrectServiceRecordInput {
  @Field(() => ID, { description: 'The record, one that no other corrects yet.' })
  record!: string;
  @Field(() => Float, { nullable: true, description: 'The hours, within the time from check-in to check-out; 0 when the service was not done.' })
  hours?: number | null;
  @Field(() => String, { nullable: true, description: 'The duty; up to 100 characters.' })
  duty?: string | null;
  @Field(() => String, { nullable: true, description: 'Where it was; up to 200 characters.' })
  place?: string | null;
  @Field(() => Int, { nullable: true, description: 'How you find the service, 1 to 5.' })
  evaluation?: number | null;
  @Field({ description: 'Why, for whoever asks later; up to 1000 characters.' })
  reason!: string;
  @Field(() => ID, { nullable: true, description: 'The request that it answers, which is CORRECTED with it.' })
  request?: string | null;
}
export const correctServiceRecord = z.object({
  record: z.string(), hours: hours.nullish(), duty: text(1, 100).nullish(), place: optionalText(200), evaluation: whole(1, 5).nullish(), reason: text(1, 1000), request: z.string().nullish(),
});

export const ExchangeFormat = enumOf('ExchangeFormat', 'How a file of service records is written.', {
  JSON: 'JSON, for programs.',
  CSV: 'A table in UTF-8, for people and programs.',
});
export type ExchangeFormat = keyof typeof ExchangeFormat;

@InputType({ description: 'Which service records are passed on to another system.' })
export class ExportServiceRecordsInput {
  @Field(() => DateRangeInput, { description: 'Served on these days.' })
  period!: DateRangeInput;
  @Field(() => ExchangeFormat, { defaultValue: 'JSON', description: 'How the file is written.' })
  format!: ExchangeFormat;
}
export const exportServiceRecords = z.object({ period: days, format: z.enum(ExchangeFormat) });

@InputType({ description: 'Service records of another system that are to be taken over.' })
export class ImportServiceRecordsInput {
  @Field(() => ID, { description: 'The uploaded file, of the form of docs/exchange.md.' })
  file!: string;
  @Field({ description: 'Which system they are from, e.g. zyz.example.org: the same for all its files, since each of its records is taken once.' })
  origin!: string;
  @Field(() => Boolean, { defaultValue: false, description: 'Whether only to say what would come of it.' })
  dryRun!: boolean;
}
export const importServiceRecords = z.object({
  file: z.string(),
  origin: z.string().superRefine((value, check) => {
    if (!/^[a-z0-9][a-z0-9.-]{0,63}$/.test(value)) fault(check, 'exchange.origin');
  }),
  dryRun: z.boolean(),
});
