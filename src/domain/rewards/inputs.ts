import { Field, ID, InputType, Int } from 'type-graphql';
import { z } from 'zod';
import { changedText, date, duration, fault, idempotencyKey, optionalText, text, version, whole } from '../../platform/graphql/edge';
import { DateScalar, DurationScalar } from '../../platform/graphql/scalars';
import { RewardKind, RewardStatus } from './model';

const [HOUR, DAY] = [3600, 86_400];
const price = whole(1, 1_000_000);
const stock = whole(0, 1_000_000);
const limitPerPerson = whole(1, 1_000_000);
const pickupWithin = duration(HOUR, 366 * DAY);
/** The most of one reward that is taken at once. */
const MOST_AT_ONCE = 100;

@InputType({ description: 'Something that is offered for points.' })
export class OfferRewardInput {
  @Field(() => ID, { nullable: true, description: 'Who offers it; your own organization when not given.' })
  organization?: string | null;
  @Field({ description: 'What it is; up to 200 characters.' })
  title!: string;
  @Field(() => String, { nullable: true, description: 'What there is to know of it; up to 2000 characters.' })
  description?: string | null;
  @Field(() => RewardKind, { description: 'What sort it is.' })
  kind!: RewardKind;
  @Field(() => Int, { description: 'How many points one costs, from 1 to 1000000.' })
  price!: number;
  @Field(() => Int, { nullable: true, description: 'How many there are, from 0; null: there is no end of them.' })
  stock?: number | null;
  @Field(() => Int, { nullable: true, description: 'How many one person may have, from 1; null: there is no limit.' })
  limitPerPerson?: number | null;
  @Field(() => DateScalar, { nullable: true, description: 'The last day on which it can be redeemed; null: until it is ended.' })
  validUntil?: string | null;
  @Field(() => DurationScalar, { defaultValue: 'P30D', description: 'How long what is reserved is kept for who reserved it, from PT1H to P366D.' })
  pickupWithin!: string;
  @Field({ defaultValue: false, description: 'Whether it is only prepared, and offered later by updateReward.' })
  isDraft!: boolean;
  @Field(() => String, { nullable: true, description: 'Repeating a request with the same key and input makes nothing twice.' })
  idempotencyKey?: string | null;
}
export const offerReward = z.object({
  organization: z.string().nullish(),
  title: text(1, 200),
  description: optionalText(2000),
  kind: z.enum(RewardKind),
  price,
  stock: stock.nullish(),
  limitPerPerson: limitPerPerson.nullish(),
  validUntil: date.nullish(),
  pickupWithin,
  isDraft: z.boolean(),
  idempotencyKey,
});

@InputType({ description: 'Changes of a reward; what is not named stays.' })
export class UpdateRewardInput {
  @Field(() => ID, { description: 'The reward.' })
  id!: string;
  @Field(() => Int, { description: 'The version that was read.' })
  version!: number;
  @Field(() => String, { nullable: true, description: 'What it is; up to 200 characters.' })
  title?: string | null;
  @Field(() => String, { nullable: true, description: 'What there is to know of it; null empties it.' })
  description?: string | null;
  @Field(() => Int, { nullable: true, description: 'How many points one costs from now on, from 1 to 1000000; what is reserved keeps its price.' })
  price?: number | null;
  @Field(() => Int, { nullable: true, description: 'How many are left from now on, beside what is reserved; null: there is no end of them.' })
  stock?: number | null;
  @Field(() => Int, { nullable: true, description: 'How many one person may have, from 1; null: there is no limit.' })
  limitPerPerson?: number | null;
  @Field(() => DateScalar, { nullable: true, description: 'The last day on which it can be redeemed; null: until it is ended.' })
  validUntil?: string | null;
  @Field(() => DurationScalar, { nullable: true, description: 'How long what is reserved from now on is kept, from PT1H to P366D.' })
  pickupWithin?: string | null;
  @Field(() => RewardStatus, { nullable: true, description: 'OFFERED offers or resumes it, PAUSED pauses it, ENDED ends it for good; what is reserved is kept.' })
  status?: RewardStatus | null;
}
export const updateReward = z.object({
  id: z.string(),
  version,
  title: text(1, 200).optional(),
  description: changedText(2000),
  price: price.optional(),
  stock: stock.nullish(),
  limitPerPerson: limitPerPerson.nullish(),
  validUntil: date.nullish(),
  pickupWithin: pickupWithin.optional(),
  status: z
    .enum(RewardStatus)
    .superRefine((value, check) => {
      if (value === 'DRAFT') fault(check, 'reward.status');
    })
    .optional(),
});

@InputType({ description: 'A reward that you take for points.' })
export class RedeemInput {
  @Field(() => ID, { description: 'The reward.' })
  reward!: string;
  @Field(() => Int, { defaultValue: 1, description: `How many, from 1 to ${MOST_AT_ONCE}.` })
  quantity!: number;
  @Field(() => Int, { description: 'The price of one as you read it; when it has changed meanwhile, nothing is taken.' })
  price!: number;
  @Field(() => String, { nullable: true, description: 'Repeating a request with the same key and input takes nothing twice.' })
  idempotencyKey?: string | null;
}
export const redeem = z.object({ reward: z.string(), quantity: whole(1, MOST_AT_ONCE), price, idempotencyKey });

@InputType({ description: 'A redemption that is handed out.' })
export class FulfilRedemptionInput {
  @Field(() => ID, { description: 'The redemption.' })
  id!: string;
  @Field({ description: 'The code that the volunteer shows.' })
  pickupCode!: string;
  @Field(() => String, { nullable: true, description: 'Repeating a request with the same key and input pays nothing twice.' })
  idempotencyKey?: string | null;
}
export const fulfilRedemption = z.object({ id: z.string(), pickupCode: text(1, 20), idempotencyKey });

@InputType({ description: 'A redemption that is called off.' })
export class CancelRedemptionInput {
  @Field(() => ID, { description: 'The redemption.' })
  id!: string;
  @Field(() => String, { nullable: true, description: 'Why; needed when it is not your own. Up to 1000 characters.' })
  note?: string | null;
  @Field(() => String, { nullable: true, description: 'Repeating a request with the same key and input gives nothing back twice.' })
  idempotencyKey?: string | null;
}
export const cancelRedemption = z.object({ id: z.string(), note: optionalText(1000), idempotencyKey });
