import { Field, Float, ID, InputType, Int } from 'type-graphql';
import { z } from 'zod';
import { date, duration, fault, idempotencyKey, optionalText, text, version, whole } from '../../platform/graphql/edge';
import { DurationScalar } from '../../platform/graphql/scalars';
import { DateRangeInput } from '../network/inputs';

const DAY = 86_400;
/** As many points as one verb may move: more is a mistyped number. */
export const MOST_POINTS = 1_000_000;
/** Whole days, so that what expires does so with a day. */
const days = (least: number, most: number) =>
  duration(least * DAY, most * DAY).superRefine((value, check) => {
    if (!/^P\d+[DW]$/.test(value)) fault(check, 'invalid.days');
  });

@InputType({ description: 'Changes of the points policy; what is not named stays.' })
export class UpdatePointsPolicyInput {
  @Field(() => Int, { description: 'The version that was read.' })
  version!: number;
  @Field(() => Int, { nullable: true, description: 'Points for an hour of confirmed service, 0 to 10000.' })
  pointsPerHour?: number | null;
  @Field(() => String, { nullable: true, description: 'What the community calls its points; up to 20 characters.' })
  currencyName?: string | null;
  @Field(() => Float, { nullable: true, description: 'How much of the currency a point is; more than 0, up to 1000000.' })
  exchangeRate?: number | null;
  @Field(() => Int, { nullable: true, description: 'What the services of one month earn a volunteer at most, from 1; null: there is no limit.' })
  monthlyCap?: number | null;
  @Field(() => DurationScalar, { nullable: true, description: 'How long points are good after the month that they came in, in whole days from P30D to P3660D; null: they do not expire.' })
  expiresAfter?: string | null;
  @Field(() => DurationScalar, { nullable: true, description: 'How long before points expire a volunteer is told, in whole days from P1D to P180D.' })
  expiryNotice?: string | null;
  @Field(() => Int, { nullable: true, description: 'What one person may grant as bonuses in a month, from 1; null: there is no limit.' })
  bonusLimit?: number | null;
}
export const updatePointsPolicy = z.object({
  version,
  pointsPerHour: whole(0, 10_000).optional(),
  currencyName: text(1, 20).optional(),
  exchangeRate: z
    .number()
    .superRefine((value, check) => {
      if (!(value > 0 && value <= 1_000_000)) fault(check, 'invalid.rate');
    })
    .optional(),
  monthlyCap: whole(1, MOST_POINTS).nullish(),
  expiresAfter: days(30, 3660).nullish(),
  expiryNotice: days(1, 180).optional(),
  bonusLimit: whole(1, MOST_POINTS).nullish(),
});

@InputType({ description: 'Points granted beside what services earn.' })
export class GrantBonusInput {
  @Field(() => ID, { description: 'The volunteer.' })
  volunteer!: string;
  @Field(() => Int, { description: 'How many points, from 1 to 1000000.' })
  amount!: number;
  @Field({ description: 'What for; the volunteer reads it. Up to 1000 characters.' })
  reason!: string;
  @Field(() => String, { nullable: true, description: 'Repeating a request with the same key and input moves nothing twice.' })
  idempotencyKey?: string | null;
}
export const grantBonus = z.object({ volunteer: z.string(), amount: whole(1, MOST_POINTS), reason: text(1, 1000), idempotencyKey });

@InputType({ description: 'A transfer that is taken back.' })
export class ReverseTransferInput {
  @Field(() => ID, { description: 'The transfer.' })
  transfer!: string;
  @Field(() => String, { nullable: true, description: 'Why; both sides read it. Up to 1000 characters.' })
  reason?: string | null;
  @Field(() => String, { nullable: true, description: 'Repeating a request with the same key and input moves nothing twice.' })
  idempotencyKey?: string | null;
}
export const reverseTransfer = z.object({ transfer: z.string(), reason: optionalText(1000), idempotencyKey });

/** Calendar days, both included, the last not before the first. */
const MOST_PERIOD_DAYS = 400;
const DAY_MS = DAY * 1000;
export const period = z.object({ from: date, to: date }).superRefine(({ from, to }, check) => {
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
  if (days < 1) fault(check, 'period.reversed', {}, ['to']);
  else if (days > MOST_PERIOD_DAYS) fault(check, 'period.long', { most: MOST_PERIOD_DAYS }, ['to']);
});

@InputType({ description: 'The total of a period, as one side of a settlement states it.' })
export class SettleMerchantInput {
  @Field(() => ID, { description: 'The organization that has taken the points.' })
  organization!: string;
  @Field(() => DateRangeInput, { description: 'The days, all of them over; up to 400.' })
  period!: DateRangeInput;
  @Field(() => Int, { description: 'The points taken in it, less what was taken back in it, as your books have it.' })
  total!: number;
  @Field(() => String, { nullable: true, description: 'Repeating a request with the same key and input moves nothing twice.' })
  idempotencyKey?: string | null;
}
export const settleMerchant = z.object({ organization: z.string(), period, total: whole(1, 1_000_000_000), idempotencyKey });
