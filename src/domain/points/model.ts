import { Field, Float, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { enumOf } from '../../platform/graphql/enum';
import { DurationScalar } from '../../platform/graphql/scalars';

export const AccountKind = enumOf('AccountKind', 'Whose points an account keeps.', {
  ISSUANCE: "The network's own, out of which points come and into which they return; its balance is what is out, below zero.",
  VOLUNTEER: 'A volunteer’s.',
  MERCHANT: 'An organization’s, into which redemptions are paid.',
  EXPIRED: "The network's own, for points that have expired.",
});
export type AccountKind = keyof typeof AccountKind;

export const TransferReason = enumOf('TransferReason', 'Why points are moved.', {
  SERVICE: 'A confirmed service earned them.',
  BONUS: 'The committee granted them.',
  REDEMPTION: 'A reward is paid with them.',
  WISH: 'They are the bounty of a micro-wish.',
  EXPIRY: 'They were not used in time.',
  REVERSAL: 'A transfer is taken back.',
  SETTLEMENT: 'A merchant has been paid for them.',
});
export type TransferReason = keyof typeof TransferReason;

export const TransferStatus = enumOf('TransferStatus', 'Where a transfer stands.', {
  HELD: 'Kept back until it is posted or voided.',
  POSTED: 'Done; only a reversal takes it back.',
  VOIDED: 'Given up before it was done.',
});
export type TransferStatus = keyof typeof TransferStatus;

@Entity('points_policies')
@ObjectType({ description: 'By what points 积分 are earned, and how long they are good.', simpleResolvers: true })
export class PointsPolicy {
  @PrimaryColumn('uuid')
  networkId!: string;
  @Field(() => Int, { description: 'Points for an hour of confirmed service; each record is floored to whole points.' })
  @Column('integer')
  pointsPerHour!: number;
  @Field({ description: 'What the community calls its points, e.g. 泽古.' })
  @Column('text')
  currencyName!: string;
  @Field(() => Float, { description: 'How much of the currency a point is.' })
  @Column('double precision')
  exchangeRate!: number;
  @Field(() => Int, { nullable: true, description: 'What the services of one month earn a volunteer at most; null: there is no limit.' })
  @Column('integer', { nullable: true })
  monthlyCap!: number | null;
  @Field(() => DurationScalar, { nullable: true, description: 'How long points are good after the month that they came in; null: they do not expire.' })
  @Column('interval', { nullable: true })
  expiresAfter!: string | null;
  @Field(() => DurationScalar, { description: 'How long before points expire a volunteer is told.' })
  @Column('interval')
  expiryNotice!: string;
  @Field(() => Int, { nullable: true, description: 'What one person may grant as bonuses in a month; null: there is no limit.' })
  @Column('integer', { nullable: true })
  bonusLimit!: number | null;
  @Field(() => Int, { description: 'Goes up with each change; updates name the version they were made from.' })
  @Column('integer', { default: 1 })
  version!: number;
}
