import { Field, Float, InputType, Int } from 'type-graphql';
import { z } from 'zod';
import { duration, fault, text, version, whole } from '../../platform/graphql/edge';
import { DurationScalar } from '../../platform/graphql/scalars';

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
