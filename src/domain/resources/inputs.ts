import { Field, ID, InputType, Int } from 'type-graphql';
import { z } from 'zod';
import { changedText, distinct, duration, fault, idempotencyKey, openingHours, optionalText, text, version, whole } from '../../platform/graphql/edge';
import { enumOf } from '../../platform/graphql/enum';
import { DurationScalar } from '../../platform/graphql/scalars';
import { timeRange, TimeRangeInput } from '../../platform/graphql/time-range';
import { OpeningHoursInput } from '../network/inputs';
import { AccessReason, ResourceKind, ResourceStatus, Sharing } from './model';

const [MINUTE, DAY] = [60, 86_400];
/** Bounds that no sensible policy meets: a mistyped unit does. */
const bookingPolicy = z.object({
  minimum: duration(MINUTE, 366 * DAY).nullish(),
  maximum: duration(MINUTE, 366 * DAY).nullish(),
  leadTime: duration(0, 366 * DAY).nullish(),
  horizon: duration(MINUTE, 1830 * DAY).nullish(),
  buffer: duration(0, 31 * DAY).nullish(),
  requiresApproval: z.boolean().nullish(),
  cancellationDeadline: duration(0, 366 * DAY).nullish(),
});
const capacity = whole(1, 1_000_000).nullish();
/** As many units as a resource can have. */
export const MOST_UNITS = 100_000;
/** How long a time may be in which a resource is to be free. */
const MOST_FREE_DAYS = 62;
const quantity = whole(1, MOST_UNITS);
const skills = distinct(text(1, 50), 50);
const requires = distinct(z.string(), 20);

@InputType({ description: 'On what terms a resource is booked; what is not named stays, or is as said when it is new.' })
export class BookingPolicyInput {
  @Field(() => DurationScalar, { nullable: true, description: 'The shortest booking; PT30M for a new resource.' })
  minimum?: string | null;
  @Field(() => DurationScalar, { nullable: true, description: 'The longest booking; PT4H for a new resource.' })
  maximum?: string | null;
  @Field(() => DurationScalar, { nullable: true, description: 'How long before its start a booking is made at the latest; PT0S for a new resource.' })
  leadTime?: string | null;
  @Field(() => DurationScalar, { nullable: true, description: 'How far ahead bookings are taken; P90D for a new resource.' })
  horizon?: string | null;
  @Field(() => DurationScalar, { nullable: true, description: 'The pause kept between two bookings; PT0S for a new resource.' })
  buffer?: string | null;
  @Field(() => Boolean, { nullable: true, description: 'Whether the owner approves each booking; not so for a new resource.' })
  requiresApproval?: boolean | null;
  @Field(() => DurationScalar, { nullable: true, description: 'How long before its start a booking is cancelled at the latest; PT0S for a new resource.' })
  cancellationDeadline?: string | null;
}

@InputType({ description: 'A new resource.' })
export class CreateResourceInput {
  @Field(() => ID, { nullable: true, description: 'The organization whose it is; your own when not given.' })
  owner?: string | null;
  @Field({ description: 'Its name; up to 200 characters.' })
  name!: string;
  @Field(() => ResourceKind, { description: 'What sort it is.' })
  kind!: ResourceKind;
  @Field(() => String, { nullable: true, description: 'What there is to know of it; up to 2000 characters.' })
  description?: string | null;
  @Field(() => ID, { nullable: true, description: "The owner's position where it is." })
  position?: string | null;
  @Field(() => Sharing, { defaultValue: 'PRIVATE', description: 'How far it is shared.' })
  sharing!: Sharing;
  @Field(() => Int, { nullable: true, description: 'How many people one unit is for, from 1.' })
  capacity?: number | null;
  @Field(() => Int, { defaultValue: 1, description: 'How many units there are, from 1.' })
  quantity!: number;
  @Field(() => [String], { defaultValue: [], description: 'What it can do or teach; up to 50 of up to 50 characters.' })
  skills!: string[];
  @Field(() => [ID], { defaultValue: [], description: "Other resources of the owner's that are booked along with it; up to 20, without a circle." })
  requires!: string[];
  @Field(() => BookingPolicyInput, { nullable: true, description: 'On what terms it is booked.' })
  bookingPolicy?: BookingPolicyInput | null;
  @Field(() => [OpeningHoursInput], { defaultValue: [], description: 'When it can be used; empty: whenever its position is open.' })
  openingHours!: OpeningHoursInput[];
  @Field(() => String, { nullable: true, description: 'Repeating a request with the same key and input makes nothing twice.' })
  idempotencyKey?: string | null;
}
export const createResource = z.object({
  owner: z.string().nullish(),
  name: text(1, 200),
  kind: z.enum(ResourceKind),
  description: optionalText(2000),
  position: z.string().nullish(),
  sharing: z.enum(Sharing),
  capacity,
  quantity,
  skills,
  requires,
  bookingPolicy: bookingPolicy.nullish(),
  openingHours,
  idempotencyKey,
});

@InputType({ description: 'Changes of a resource; what is not named stays.' })
export class UpdateResourceInput {
  @Field(() => ID, { description: 'The resource.' })
  id!: string;
  @Field(() => Int, { description: 'The version that was read.' })
  version!: number;
  @Field(() => String, { nullable: true, description: 'Its name; up to 200 characters.' })
  name?: string | null;
  @Field(() => ResourceKind, { nullable: true, description: 'What sort it is.' })
  kind?: ResourceKind | null;
  @Field(() => String, { nullable: true, description: 'What there is to know of it; null empties it.' })
  description?: string | null;
  @Field(() => ID, { nullable: true, description: "The owner's position where it is; null: none." })
  position?: string | null;
  @Field(() => ResourceStatus, { nullable: true, description: 'OUT_OF_SERVICE takes it out of service, AVAILABLE brings it back; retireResource retires.' })
  status?: ResourceStatus | null;
  @Field(() => Int, { nullable: true, description: 'How many people one unit is for, from 1; null: it does not matter.' })
  capacity?: number | null;
  @Field(() => Int, { nullable: true, description: 'How many units there are, from 1.' })
  quantity?: number | null;
  @Field(() => [String], { nullable: true, description: 'What it can do or teach, as a whole.' })
  skills?: string[] | null;
  @Field(() => [ID], { nullable: true, description: 'What is booked along with it, as a whole.' })
  requires?: string[] | null;
  @Field(() => BookingPolicyInput, { nullable: true, description: 'On what terms it is booked.' })
  bookingPolicy?: BookingPolicyInput | null;
  @Field(() => [OpeningHoursInput], { nullable: true, description: 'When it can be used, as a whole.' })
  openingHours?: OpeningHoursInput[] | null;
}
export const updateResource = z.object({
  id: z.string(),
  version,
  name: text(1, 200).optional(),
  kind: z.enum(ResourceKind).optional(),
  description: changedText(2000),
  position: z.string().nullish(),
  status: z
    .enum(ResourceStatus)
    .superRefine((value, check) => {
      if (value === 'RETIRED') fault(check, 'resource.status');
    })
    .optional(),
  capacity,
  quantity: quantity.optional(),
  skills: skills.optional(),
  requires: requires.optional(),
  bookingPolicy: bookingPolicy.optional(),
  openingHours: openingHours.optional(),
});

@InputType({ description: 'How far a resource is to be shared.' })
export class ShareResourceInput {
  @Field(() => ID, { description: 'The resource.' })
  id!: string;
  @Field(() => Int, { description: 'The version that was read.' })
  version!: number;
  @Field(() => Sharing, { description: 'How far from now on.' })
  sharing!: Sharing;
}
export const shareResource = z.object({ id: z.string(), version, sharing: z.enum(Sharing) });

@InputType({ description: 'A resource that is given up.' })
export class RetireResourceInput {
  @Field(() => ID, { description: 'The resource.' })
  id!: string;
  @Field(() => Int, { description: 'The version that was read.' })
  version!: number;
  @Field(() => String, { nullable: true, description: 'The reason, for its history; up to 1000 characters.' })
  note?: string | null;
}
export const retireResource = z.object({ id: z.string(), version, note: optionalText(1000) });

@InputType({ description: 'Which resources to list: those that fit all of it.' })
export class ResourceFilter {
  @Field(() => ResourceKind, { nullable: true, description: 'Of this sort.' })
  kind?: ResourceKind | null;
  @Field(() => ID, { nullable: true, description: 'Of this organization.' })
  owner?: string | null;
  @Field(() => ID, { nullable: true, description: 'At this position.' })
  position?: string | null;
  @Field(() => Sharing, { nullable: true, description: 'Shared exactly so far.' })
  sharing?: Sharing | null;
  @Field(() => ResourceStatus, { nullable: true, description: 'Standing like this; all but RETIRED when not given.' })
  status?: ResourceStatus | null;
  @Field(() => String, { nullable: true, description: 'With this text in the name, skills or description, to the letter but for case and width; up to 100 characters.' })
  text?: string | null;
  @Field(() => String, { nullable: true, description: 'With exactly this skill.' })
  skill?: string | null;
  @Field(() => AccessReason, { nullable: true, description: 'Those that you see for this reason, be it among others.' })
  through?: AccessReason | null;
  @Field(() => TimeRangeInput, {
    nullable: true,
    description: `That could be booked for all of this time, up to ${MOST_FREE_DAYS} days: open, and neither blocked nor taken, nor something that they require.`,
  })
  freeDuring?: TimeRangeInput | null;
  @Field(() => Int, { nullable: true, description: 'Of which so many units are free then; without freeDuring, of which there are so many; from 1.' })
  quantity?: number | null;
}
export const filterRange = timeRange(MOST_FREE_DAYS);
export const filterQuantity = quantity;

export const ResourceOrderField = enumOf('ResourceOrderField', 'What resources are ordered by.', {
  NAME: 'The name, as Chinese readers expect: by pinyin.',
  CREATED_AT: 'When it was created.',
});
export type ResourceOrderField = keyof typeof ResourceOrderField;

export const OrderDirection = enumOf('OrderDirection', 'Which way a list goes.', { ASC: 'From the least.', DESC: 'From the greatest.' });
export type OrderDirection = keyof typeof OrderDirection;

@InputType({ description: 'The order of a list of resources.' })
export class ResourceOrder {
  @Field(() => ResourceOrderField, { description: 'By what.' })
  field!: ResourceOrderField;
  @Field(() => OrderDirection, { defaultValue: 'ASC', description: 'Which way.' })
  direction!: OrderDirection;
}
