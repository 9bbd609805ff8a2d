import { Field, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { readAs } from '../../platform/database/columns';
import { connectionOf } from '../../platform/graphql/connection';
import { enumOf } from '../../platform/graphql/enum';
import { NetworkNode, Node } from '../../platform/graphql/node';
import { UserErrorCode } from '../../platform/graphql/refusal';
import { TimeRange } from '../../platform/graphql/time-range';

export const BookingStatus = enumOf('BookingStatus', 'Where a booking stands now, by what was done and by the clock.', {
  WAITLISTED: 'Waits for a place; confirmed, or requested, the moment one frees and it comes first.',
  REQUESTED: 'Holds its place; the owner has not answered yet.',
  CONFIRMED: 'Holds its place.',
  REJECTED: 'The owner has turned it down.',
  CANCELLED: 'Called off.',
  IN_USE: 'Handed out.',
  COMPLETED: 'Handed back.',
  NO_SHOW: 'Its time has passed without its being handed out.',
  LAPSED: 'Its start has passed without an answer, or without a place.',
});
export type BookingStatus = keyof typeof BookingStatus;

@Entity('bookings')
@ObjectType({ implements: Node, description: 'A resource taken by an organization for a time 预约.', simpleResolvers: true })
export class Booking extends NetworkNode {
  @Column('uuid')
  resourceId!: string;
  /** What the resource was called when it was booked. */
  @Column('text')
  resourceName!: string;
  /** Whose the resource is. */
  @Column('uuid')
  ownerId!: string;
  /** Who books. */
  @Column('uuid')
  organizationId!: string;
  /** The person who booked. */
  @Column('uuid')
  bookerId!: string;
  /** The grant that it was booked by; null by ownership, or as it is shared with the network or the public. */
  @Column('uuid', { nullable: true })
  clauseId!: string | null;
  @Column('uuid', { nullable: true })
  contractId!: string | null;
  /** Whether its hours count against the quota of the clause. */
  @Column('boolean')
  isCounted!: boolean;
  @Column('uuid')
  requestId!: string;
  /** The booking of what requires it, and with which it moves. */
  @Column('uuid', { nullable: true })
  parentId!: string | null;
  @Column('uuid', { nullable: true })
  seriesId!: string | null;
  /** When its series has it, wherever it was moved to by itself. */
  @Column('timestamptz', { nullable: true })
  occursAt!: Date | null;
  @Column('uuid', { nullable: true })
  activityId!: string | null;
  @Field(() => Int, { description: 'How many units of the resource.' })
  @Column('integer')
  quantity!: number;
  @Column('timestamptz')
  startsAt!: Date;
  @Column('timestamptz')
  endsAt!: Date;
  /** The pause after it, as of the policy when it was booked. */
  @Column('interval')
  buffer!: string;
  @Field({ description: 'Until when your organization may cancel or reschedule it; the owner may cancel it until its end.' })
  @Column('timestamptz')
  cancelUntil!: Date;
  @Field(() => BookingStatus, { description: 'Where it stands now; what the clock moves is so from that very instant.' })
  @Column('text')
  status!: BookingStatus;
  /** The status last written down: the clock may have gone on since. */
  @Column({ type: 'text', name: 'status', insert: false, update: false })
  recordedStatus!: BookingStatus;
  @Field(() => Int, { description: 'Who waits for a place comes first by the higher one; from the clause that it was booked by.' })
  @Column('integer')
  priority!: number;
  /** While it waits: every resource that it needs a place of. */
  @Column('uuid', { array: true })
  awaits!: string[];
  @Field({
    description: 'Whether what it was made by is not in force any more, or not at present: the contract is suspended or has ended, or one of the two organizations is suspended. It is kept until releaseAt.',
  })
  @Column({ type: 'boolean', name: 'flagged_at', insert: false, update: false })
  flagged!: boolean;
  @Field(() => Date, { nullable: true, description: 'When it will be given up, unless what it was made by is in force again; null while nothing stands against it.' })
  @Column('timestamptz', { nullable: true })
  releaseAt!: Date | null;
  @Field(() => Date, { nullable: true, description: 'When it was handed out.' })
  @Column('timestamptz', { nullable: true })
  checkedOutAt!: Date | null;
  @Field(() => Date, { nullable: true, description: 'When it was handed back.' })
  @Column('timestamptz', { nullable: true })
  checkedInAt!: Date | null;
  @Field({ description: 'When it was booked.' })
  @Column('timestamptz')
  createdAt!: Date;
  @Field(() => Int, { description: 'Goes up with each change; updates name the version they were made from.' })
  @Column('integer', { default: 1 })
  version!: number;
}
readAs(Booking, 'status', (b) => `app.booking_status(${b}.status, ${b}.starts_at, ${b}.ends_at, app.now())`);

/** By the contract's own status where the actor may read it, so that it is exact; else as it was last written down. */
export const FLAGGED = (b: string): string =>
  `(${b}.status IN ('WAITLISTED','REQUESTED','CONFIRMED') AND ${b}.starts_at > app.now() AND (
    coalesce((SELECT app.contract_status(c.status, c.term_from, c.ends_on, app.today()) <> 'ACTIVE' FROM contracts c
      WHERE c.network_id = ${b}.network_id AND c.id = ${b}.contract_id), ${b}.flagged_at IS NOT NULL)
    OR EXISTS (SELECT FROM organizations o WHERE o.network_id = ${b}.network_id AND o.id IN (${b}.organization_id, ${b}.owner_id) AND o.status <> 'ACTIVE')))`;
readAs(Booking, 'flagged', FLAGGED);

/** What only the parties see of a booking. */
@Entity('booking_details')
export class BookingDetails {
  @PrimaryColumn('uuid')
  networkId!: string;
  @PrimaryColumn('uuid')
  bookingId!: string;
  @Column('uuid')
  organizationId!: string;
  @Column('text')
  bookerName!: string;
  @Column('text', { nullable: true })
  purpose!: string | null;
}

@Entity('resource_blocks')
@ObjectType({ implements: Node, description: 'A time at which a resource cannot be booked.', simpleResolvers: true })
export class ResourceBlock extends NetworkNode {
  @Column('uuid')
  resourceId!: string;
  @Column('uuid')
  ownerId!: string;
  @Column('timestamptz')
  startsAt!: Date;
  @Column('timestamptz')
  endsAt!: Date;
  @Field(() => String, { nullable: true, description: 'How it recurs, RRULE of RFC 5545; null for a single time.' })
  @Column('text', { nullable: true })
  recurrenceRule!: string | null;
  @Field(() => String, { nullable: true, description: 'Why.' })
  @Column('text', { nullable: true })
  reason!: string | null;
  @Column('text')
  createdByName!: string;
  @Field({ description: 'When it was blocked.' })
  @Column('timestamptz')
  createdAt!: Date;
}

@ObjectType({ description: 'One time at which a resource cannot be booked, of blocked time that may recur.', simpleResolvers: true })
export class BlockedTime {
  @Field(() => TimeRange, { description: 'From when to when.' })
  range!: TimeRange;
  blockId!: string;
}

@Entity('booking_series')
@ObjectType({ implements: Node, description: 'Bookings of one resource that recur, made by one request.', simpleResolvers: true })
export class BookingSeries extends NetworkNode {
  @Column('uuid')
  resourceId!: string;
  @Column('uuid')
  ownerId!: string;
  @Column('uuid')
  organizationId!: string;
  @Column('uuid')
  bookerId!: string;
  @Field({
    description: 'How it recurs from its range on, by the clock of the network: RRULE of RFC 5545. It is the rule of the whole; single bookings may have been moved or cancelled since.',
  })
  @Column('text')
  recurrenceRule!: string;
  @Column('timestamptz')
  startsAt!: Date;
  @Column('timestamptz')
  endsAt!: Date;
  @Column('jsonb')
  skipped!: { start: string; end: string; reason: UserErrorCode }[];
  @Column('boolean')
  isPrivate!: boolean;
  @Field({ description: 'When it was booked; of a series that was moved away from another, when that was.' })
  @Column('timestamptz')
  createdAt!: Date;
}

@ObjectType({ description: 'A time of a series that could not be booked.', simpleResolvers: true })
export class SkippedOccurrence {
  @Field(() => TimeRange, { description: 'From when to when.' })
  range!: TimeRange;
  @Field(() => UserErrorCode, { description: 'What stood against it then.' })
  reason!: UserErrorCode;
}

export const BookingConnection = connectionOf(() => Booking, 'Booking');
