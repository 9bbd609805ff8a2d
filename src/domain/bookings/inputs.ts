import { Field, ID, InputType, Int } from 'type-graphql';
import { z } from 'zod';
import { fault, idempotencyKey, optionalText, version, whole } from '../../platform/graphql/edge';
import { enumOf } from '../../platform/graphql/enum';
import { timeRange, TimeRangeInput } from '../../platform/graphql/time-range';
import { MOST_UNITS } from '../resources/inputs';
import { BookingStatus } from './model';
import { MOST_YEARS, recurrenceRule } from './recurrence';

const MOST_TOGETHER = 20;
const MOST_OF_PURPOSE = 500;
const LONGEST_BLOCK_DAYS = 731;
/** How often blocked time may recur. */
export const MOST_BLOCKED = 400;
/** How often a series may be booked. */
export const MOST_OCCURRENCES = 200;

const IDEMPOTENCY = 'Repeating a request with the same key and input does it once.';
const VERSION = 'The version that was read.';
const PURPOSE = `What it is for; seen by the parties alone; up to ${MOST_OF_PURPOSE} characters.`;

const quantity = whole(1, MOST_UNITS);
const purpose = optionalText(MOST_OF_PURPOSE);

@InputType({ description: 'A resource to be booked for your organization.' })
export class BookResourceInput {
  @Field(() => ID, { description: 'The resource.' })
  resource!: string;
  @Field(() => TimeRangeInput, { description: 'From when to when; within its opening hours and its booking policy.' })
  range!: TimeRangeInput;
  @Field(() => Int, { defaultValue: 1, description: 'How many units, from 1.' })
  quantity!: number;
  @Field(() => String, { nullable: true, description: PURPOSE })
  purpose?: string | null;
  @Field(() => String, { nullable: true, description: IDEMPOTENCY })
  idempotencyKey?: string | null;
}
export const bookResource = z.object({ resource: z.string(), range: timeRange(), quantity, purpose, idempotencyKey });

@InputType({ description: 'One of several resources to be booked together.' })
export class BookedItemInput {
  @Field(() => ID, { description: 'The resource.' })
  resource!: string;
  @Field(() => Int, { defaultValue: 1, description: 'How many units, from 1.' })
  quantity!: number;
}

@InputType({ description: 'Several resources to be booked together for your organization, of whatever owners: all of them or none.' })
export class BookResourcesInput {
  @Field(() => TimeRangeInput, { description: 'From when to when.' })
  range!: TimeRangeInput;
  @Field(() => [BookedItemInput], { description: `What, each resource once; 1 to ${MOST_TOGETHER}.` })
  items!: BookedItemInput[];
  @Field(() => String, { nullable: true, description: PURPOSE })
  purpose?: string | null;
  @Field(() => String, { nullable: true, description: IDEMPOTENCY })
  idempotencyKey?: string | null;
}
export const bookResources = z.object({
  range: timeRange(),
  items: z.array(z.object({ resource: z.string(), quantity })).superRefine((items, check) => {
    if (items.length === 0) fault(check, 'invalid.required');
    if (items.length > MOST_TOGETHER) fault(check, 'invalid.most', { most: MOST_TOGETHER });
    items.forEach(({ resource }, index) => {
      if (items.findIndex((item) => item.resource === resource) < index) fault(check, 'invalid.repeated', {}, [index, 'resource']);
    });
  }),
  purpose,
  idempotencyKey,
});

@InputType({ description: 'A resource to be booked for your organization at every time of a rule.' })
export class BookSeriesInput {
  @Field(() => ID, { description: 'The resource.' })
  resource!: string;
  @Field(() => TimeRangeInput, { description: 'The first time, which is one that the rule gives; the others begin and end at its times of day, by the clock of the network.' })
  range!: TimeRangeInput;
  @Field({
    description: `How it recurs: RRULE of RFC 5545 by days, weeks, months or years, ended by COUNT or UNTIL, e.g. FREQ=WEEKLY;BYDAY=MO,WE;COUNT=20; up to ${MOST_OCCURRENCES} times within ${MOST_YEARS} years.`,
  })
  recurrenceRule!: string;
  @Field(() => Int, { defaultValue: 1, description: 'How many units each time, from 1.' })
  quantity!: number;
  @Field(() => String, { nullable: true, description: PURPOSE })
  purpose?: string | null;
  @Field(() => Boolean, { defaultValue: false, description: 'Whether to leave out the times that something stands against, and to book the others; the series names those left out.' })
  skipUnavailable!: boolean;
  @Field(() => String, { nullable: true, description: IDEMPOTENCY })
  idempotencyKey?: string | null;
}
export const bookSeries = z.object({ resource: z.string(), range: timeRange(), recurrenceRule, quantity, purpose, skipUnavailable: z.boolean(), idempotencyKey });

export const BookingScope = enumOf('BookingScope', 'How much of a series is changed.', {
  THIS: 'The booking that is named.',
  THIS_AND_FOLLOWING: 'That one and all after it in its series, as far as they still can be.',
});
export type BookingScope = keyof typeof BookingScope;

@InputType({ description: 'A place to be waited for.' })
export class JoinWaitlistInput {
  @Field(() => ID, { description: 'The resource.' })
  resource!: string;
  @Field(() => TimeRangeInput, { description: 'From when to when.' })
  range!: TimeRangeInput;
  @Field(() => Int, { defaultValue: 1, description: 'How many units, from 1.' })
  quantity!: number;
  @Field(() => String, { nullable: true, description: PURPOSE })
  purpose?: string | null;
  @Field(() => String, { nullable: true, description: IDEMPOTENCY })
  idempotencyKey?: string | null;
}
export const joinWaitlist = bookResource;

@InputType({ description: 'A booking at another time, or of another quantity.' })
export class RescheduleBookingInput {
  @Field(() => ID, { description: 'The booking.' })
  id!: string;
  @Field(() => Int, { description: VERSION })
  version!: number;
  @Field(() => TimeRangeInput, { description: 'From when to when from now on; those that follow in a series are moved alike, by the clock of the network.' })
  range!: TimeRangeInput;
  @Field(() => Int, { nullable: true, description: 'How many units, from 1; as before when not given.' })
  quantity?: number | null;
  @Field(() => BookingScope, { defaultValue: BookingScope.THIS, description: 'How much of its series is moved.' })
  scope!: BookingScope;
  @Field(() => String, { nullable: true, description: IDEMPOTENCY })
  idempotencyKey?: string | null;
}
export const rescheduleBooking = z.object({ id: z.string(), version, range: timeRange(), quantity: quantity.nullish(), scope: z.enum(BookingScope), idempotencyKey });

@InputType({ description: 'A booking and why something is done to it.' })
export class BookingNoteInput {
  @Field(() => ID, { description: 'The booking.' })
  id!: string;
  @Field(() => Int, { description: VERSION })
  version!: number;
  @Field(() => String, { nullable: true, description: 'The reason, for its history; up to 1000 characters.' })
  note?: string | null;
}
export const withNote = z.object({ id: z.string(), version, note: optionalText(1000) });

@InputType({ description: 'A booking to be called off, and why.' })
export class CancelBookingInput extends BookingNoteInput {
  @Field(() => BookingScope, { defaultValue: BookingScope.THIS, description: 'How much of its series is called off.' })
  scope!: BookingScope;
}
export const cancelBooking = withNote.extend({ scope: z.enum(BookingScope) });

@InputType({ description: 'A time at which a resource cannot be booked.' })
export class BlockTimeInput {
  @Field(() => ID, { description: 'The resource.' })
  resource!: string;
  @Field(() => TimeRangeInput, { description: 'From when to when, not wholly past; the first time when it recurs.' })
  range!: TimeRangeInput;
  @Field(() => String, {
    nullable: true,
    description: `How it recurs, by the clock of the network: RRULE of RFC 5545 by days, ended by COUNT or UNTIL, e.g. FREQ=WEEKLY;BYDAY=MO;COUNT=20; up to ${MOST_BLOCKED} times within ${MOST_YEARS} years. Once when not given.`,
  })
  recurrenceRule?: string | null;
  @Field(() => String, { nullable: true, description: "Why, for the owner's staff; up to 500 characters." })
  reason?: string | null;
  @Field(() => String, { nullable: true, description: IDEMPOTENCY })
  idempotencyKey?: string | null;
}
export const blockTime = z.object({
  resource: z.string(),
  range: timeRange(LONGEST_BLOCK_DAYS),
  recurrenceRule: recurrenceRule.nullish().transform((rule) => rule ?? null),
  reason: optionalText(500),
  idempotencyKey,
});

@InputType({ description: 'A blocked time that is to be free again.' })
export class UnblockTimeInput {
  @Field(() => ID, { description: 'The blocked time.' })
  id!: string;
  @Field(() => Date, { nullable: true, description: 'The start of the one time to be free again, of blocked time that recurs; all of them when not given.' })
  occurrence?: Date | null;
}
export const unblockTime = z.object({ id: z.string(), occurrence: z.date().nullish().transform((start) => start ?? null) });

@InputType({ description: 'Which bookings to list: those that fit all of it.' })
export class BookingFilter {
  @Field(() => ID, { nullable: true, description: 'Of this resource.' })
  resource?: string | null;
  @Field(() => ID, { nullable: true, description: 'Made for this organization.' })
  organization?: string | null;
  @Field(() => ID, { nullable: true, description: "Of this organization's resources." })
  owner?: string | null;
  @Field(() => BookingStatus, { nullable: true, description: 'Standing like this now.' })
  status?: BookingStatus | null;
  @Field(() => TimeRangeInput, { nullable: true, description: 'With some of its time in this span.' })
  range?: TimeRangeInput | null;
  @Field(() => Boolean, { nullable: true, description: 'Whether you made it yourself.' })
  mine?: boolean | null;
  @Field(() => Boolean, { nullable: true, description: 'Whether what it was made by is not in force.' })
  flagged?: boolean | null;
}
