import { Field, Int, ObjectType } from 'type-graphql';
import { Column, Entity } from 'typeorm';
import { readAs } from '../../platform/database/columns';
import { connectionOf } from '../../platform/graphql/connection';
import { enumOf } from '../../platform/graphql/enum';
import { NetworkNode, Node } from '../../platform/graphql/node';
import { DateScalar, DurationScalar } from '../../platform/graphql/scalars';

export const RewardKind = enumOf('RewardKind', 'What sort of thing points are good for.', {
  SERVICE: 'A service that is rendered 服务.',
  GOODS: 'Something to take along 商品.',
  WISH: 'A wish that is granted 心愿.',
});
export type RewardKind = keyof typeof RewardKind;

export const RewardStatus = enumOf('RewardStatus', 'Where a reward stands.', {
  DRAFT: 'Being prepared; only who offers it and the committee see it.',
  OFFERED: 'It can be redeemed.',
  PAUSED: 'It cannot be redeemed for a while.',
  ENDED: 'It is not offered any more.',
});
export type RewardStatus = keyof typeof RewardStatus;

@Entity('rewards')
@ObjectType({ implements: Node, description: 'What points are good for: something that an organization or the community offers.', simpleResolvers: true })
export class Reward extends NetworkNode {
  @Column('uuid')
  organizationId!: string;
  @Field({ description: 'What it is.' })
  @Column('text')
  title!: string;
  @Field(() => String, { nullable: true, description: 'What there is to know of it.' })
  @Column('text', { nullable: true })
  description!: string | null;
  @Field(() => RewardKind, { description: 'What sort it is.' })
  @Column('text')
  kind!: RewardKind;
  @Field(() => Int, { description: 'How many points one costs.' })
  @Column('integer')
  price!: number;
  @Field(() => Int, { nullable: true, description: 'How many are left; null when there is no end of them.' })
  @Column('integer', { nullable: true })
  stock!: number | null;
  @Field(() => Int, { nullable: true, description: 'How many one person may have; null: there is no limit.' })
  @Column('integer', { nullable: true })
  limitPerPerson!: number | null;
  @Field(() => RewardStatus, { description: 'Where it stands.' })
  @Column('text')
  status!: RewardStatus;
  @Field(() => DateScalar, { nullable: true, description: 'The last day on which it can be redeemed; null: until it is ended.' })
  @Column('date', { nullable: true })
  validUntil!: string | null;
  @Field(() => DurationScalar, { description: 'How long what is reserved is kept for who reserved it.' })
  @Column('interval')
  pickupWithin!: string;
  @Column('timestamptz')
  createdAt!: Date;
  @Field(() => Int, { description: 'Goes up with each change; updates name the version they were made from.' })
  @Column('integer', { default: 1 })
  version!: number;
}
// What the calendar says needs no job to be exact.
readAs(Reward, 'status', (t) => `CASE WHEN ${t}.status IN ('OFFERED','PAUSED') AND ${t}.valid_until < app.today() THEN 'ENDED' ELSE ${t}.status END`);

export const RedemptionStatus = enumOf('RedemptionStatus', 'Where a redemption stands.', {
  RESERVED: 'The points and the thing are kept for it.',
  FULFILLED: 'It was handed out, and paid.',
  CANCELLED: 'It was called off; the points and the thing went back.',
  LAPSED: 'It was not fetched in time; the points and the thing went back.',
});
export type RedemptionStatus = keyof typeof RedemptionStatus;

@Entity('redemptions')
@ObjectType({ implements: Node, description: 'That a volunteer takes a reward for points.', simpleResolvers: true })
export class Redemption extends NetworkNode {
  @Column('uuid')
  rewardId!: string;
  @Column('uuid')
  organizationId!: string;
  @Column('uuid')
  volunteerId!: string;
  @Column('uuid', { nullable: true })
  userId!: string | null;
  @Field(() => Int, { description: 'How many.' })
  @Column('integer')
  quantity!: number;
  @Field(() => Int, { description: 'What one cost when it was reserved.' })
  @Column('integer')
  price!: number;
  @Column('uuid')
  transferId!: string;
  @Field(() => RedemptionStatus, { description: 'Where it stands.' })
  @Column('text')
  status!: RedemptionStatus;
  @Field({ description: 'Until when it is kept.' })
  @Column('timestamptz')
  lapsesAt!: Date;
  @Field({ description: 'When it was reserved.' })
  @Column('timestamptz')
  createdAt!: Date;
  @Field(() => Int, { description: 'Goes up with each change.' })
  @Column('integer', { default: 1 })
  version!: number;
}
readAs(Redemption, 'status', (t) => `CASE WHEN ${t}.status = 'RESERVED' AND ${t}.lapses_at <= app.now() THEN 'LAPSED' ELSE ${t}.status END`);

export const RewardConnection = connectionOf(() => Reward, 'Reward');
export const RedemptionConnection = connectionOf(() => Redemption, 'Redemption');
