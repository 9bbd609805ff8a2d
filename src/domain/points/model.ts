import { createUnionType, Field, Float, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { connectionOf } from '../../platform/graphql/connection';
import { enumOf } from '../../platform/graphql/enum';
import { NetworkNode, Node } from '../../platform/graphql/node';
import { Network, Organization } from '../network/model';
import { Volunteer } from '../volunteers/model';
import { DateScalar, DurationScalar } from '../../platform/graphql/scalars';

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

export const AccountHolder = createUnionType({
  name: 'AccountHolder',
  description: 'Whose an account is.',
  types: () => [Volunteer, Organization, Network] as const,
});

@ObjectType({ implements: Node, description: 'An account of points: a volunteer’s, a merchant’s, or one of the two of the network itself.', simpleResolvers: true })
export class PointsAccount extends Node {
  @Field(() => AccountKind, { description: 'Whose points it keeps.' })
  kind!: AccountKind;
  @Field(() => Int, { description: 'The points in it; the sum of its entries.' })
  balance!: number;
  @Field(() => Int, { description: 'How many of them are kept back for what is reserved or published.' })
  held!: number;
}

@Entity('points_transfers')
@ObjectType({ implements: Node, description: 'Points moved from one account to another; what it moved is never changed.', simpleResolvers: true })
export class PointsTransfer extends NetworkNode {
  @Column('text')
  debitKind!: AccountKind;
  @Column('uuid')
  debitId!: string;
  @Column('text')
  creditKind!: AccountKind;
  @Column('uuid')
  creditId!: string;
  @Field(() => Int, { description: 'How many points.' })
  @Column('bigint')
  amount!: number;
  @Field(() => TransferReason, { description: 'Why.' })
  @Column('text')
  reason!: TransferReason;
  @Field(() => TransferStatus, { description: 'Where it stands.' })
  @Column('text')
  status!: TransferStatus;
  @Field(() => String, { nullable: true, description: 'What was said about it.' })
  @Column('text', { nullable: true })
  memo!: string | null;
  @Column('text', { nullable: true })
  sourceType!: string | null;
  @Column('uuid', { nullable: true })
  sourceId!: string | null;
  @Column('uuid', { nullable: true })
  reversesId!: string | null;
  @Column('date', { nullable: true })
  serviceMonth!: string | null;
  @Field({ description: 'When it was made.' })
  @Column('timestamptz')
  createdAt!: Date;
  @Field(() => Date, { nullable: true, description: 'When it was posted or voided; null while it is held.' })
  @Column('timestamptz', { nullable: true })
  settledAt!: Date | null;
}

@ObjectType({ description: 'A side of a transfer, as far as you may see it.', simpleResolvers: true })
export class PointsSide {
  @Field(() => AccountKind, { description: 'What sort of account.' })
  kind!: AccountKind;
  accountId!: string;
}

@Entity('points_entries')
@ObjectType({ implements: Node, description: 'A line of an account: what a posted transfer did to it.', simpleResolvers: true })
export class PointsEntry extends NetworkNode {
  @Column('uuid')
  accountId!: string;
  @Column('smallint')
  part!: number;
  @Column('bigint')
  seq!: number;
  @Column('uuid')
  transferId!: string;
  @Field(() => Int, { description: 'By how much the balance went up or down.' })
  @Column('bigint')
  delta!: number;
  @Field(() => Int, { description: 'The balance after it.' })
  @Column('bigint')
  balanceAfter!: number;
  @Field({ description: 'When.' })
  @Column('timestamptz')
  at!: Date;
}
export const PointsEntryConnection = connectionOf(() => PointsEntry, 'PointsEntry');

@ObjectType({ description: 'What happened to an account in a period.', simpleResolvers: true })
export class PointsStatement {
  @Field(() => Int, { description: 'The balance at the begin of the first day.' })
  opening!: number;
  @Field(() => Int, { description: 'The balance at the end of the last day.' })
  closing!: number;
  @Field({ description: 'Every line, oldest first, as a file (CSV of RFC 4180, UTF-8), with the running balance.' })
  csv!: string;
}

@ObjectType({ description: 'Points that will not be good any more on a day, if they are not used before.', simpleResolvers: true })
export class ExpiringPoints {
  @Field(() => DateScalar, { description: 'The first day on which they are gone.' })
  on!: string;
  @Field(() => Int, { description: 'How many, as it stands now.' })
  amount!: number;
}

export const SettlementStatus = enumOf('SettlementStatus', 'Where a settlement stands.', {
  PROPOSED: 'One side has stated the total, the other has not yet.',
  CONFIRMED: 'Both sides have stated the same total, and the points have gone back to the network.',
});
export type SettlementStatus = keyof typeof SettlementStatus;

export const SettlementSide = enumOf('SettlementSide', 'A side of a settlement.', {
  MERCHANT: 'The organization that has taken the points.',
  COMMITTEE: 'The committee of the network.',
});
export type SettlementSide = keyof typeof SettlementSide;

@Entity('points_settlements')
@ObjectType({ implements: Node, description: 'The points that a merchant has taken in a period, paid for once both sides state the same total.', simpleResolvers: true })
export class PointsSettlement extends NetworkNode {
  @Column('uuid')
  organizationId!: string;
  @Column('date')
  fromDay!: string;
  @Column('date')
  toDay!: string;
  @Field(() => Int, { description: 'The points taken in the period, less what was taken back in it.' })
  @Column('bigint')
  total!: number;
  @Field(() => SettlementStatus, { description: 'Where it stands.' })
  @Column('text')
  status!: SettlementStatus;
  @Field(() => SettlementSide, { description: 'Who stated the total first.' })
  @Column('text')
  proposedBySide!: SettlementSide;
  @Column('uuid')
  proposedBy!: string;
  @Field({ description: 'When it was stated first.' })
  @Column('timestamptz')
  proposedAt!: Date;
  @Field(() => Date, { nullable: true, description: 'When the other side stated the same; null until then.' })
  @Column('timestamptz', { nullable: true })
  confirmedAt!: Date | null;
  @Column('uuid', { nullable: true })
  transferId!: string | null;
}
export const PointsSettlementConnection = connectionOf(() => PointsSettlement, 'PointsSettlement');
