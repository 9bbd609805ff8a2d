import { Arg, Args, Ctx, Field, FieldResolver, Int, Mutation, ObjectType, Query, Resolver, Root } from 'type-graphql';
import { ForwardArgs, PageArgs, type Page } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { checked } from '../../platform/graphql/edge';
import { Payload, payloadOf } from '../../platform/graphql/payload';
import { DurationScalar } from '../../platform/graphql/scalars';
import { TimeRange, TimeRangeInput } from '../../platform/graphql/time-range';
import { Contract, ResourceGrantClause } from '../contracts/model';
import { contractById, grantClauseById } from '../contracts/reads';
import { historyOf } from '../network/history';
import { Actor, Organization, StateChange } from '../network/model';
import { organizationById } from '../network/reads';
import { Resource, ResourceAccess } from '../resources/model';
import { resourceById } from '../resources/reads';
import * as inputs from './inputs';
import {
  BlockTimeInput,
  BookingFilter,
  BookingNoteInput,
  BookResourceInput,
  BookResourcesInput,
  CancelBookingInput,
  JoinWaitlistInput,
  RescheduleBookingInput,
  UnblockTimeInput,
} from './inputs';
import { BookingAction, bookingActions } from './lifecycle';
import { Booking, BookingConnection, ResourceBlock } from './model';
import * as reads from './reads';
import * as series from './series';
import * as service from './service';

const bookingPayload = (name: string) => payloadOf(name, 'booking', () => Booking, 'The booking as it is now; null when it is not there.');
const BookResourcePayload = bookingPayload('BookResourcePayload');
const JoinWaitlistPayload = bookingPayload('JoinWaitlistPayload');
const RescheduleBookingPayload = bookingPayload('RescheduleBookingPayload');
const CancelBookingPayload = bookingPayload('CancelBookingPayload');
const ApproveBookingPayload = bookingPayload('ApproveBookingPayload');
const RejectBookingPayload = bookingPayload('RejectBookingPayload');
const CheckOutBookingPayload = bookingPayload('CheckOutBookingPayload');
const CheckInBookingPayload = bookingPayload('CheckInBookingPayload');
const BlockTimePayload = payloadOf('BlockTimePayload', 'block', () => ResourceBlock, 'The blocked time; null when nothing was blocked.');
const UnblockTimePayload = payloadOf('UnblockTimePayload', 'resource', () => Resource, 'The resource as it is now; null when the blocked time is not there.');

@ObjectType({ description: 'The answer of bookResources.', simpleResolvers: true })
class BookResourcesPayload extends Payload {
  @Field(() => [Booking], { nullable: true, description: 'The bookings, in the order of what was asked for; null when nothing was booked.' })
  bookings?: Booking[] | null;
}

/** A resource that the actor reads, by itself or as something booked. */
const resourceOf = async (context: RequestContext, id: string): Promise<Resource | null> =>
  (await context.load(resourceById, id)) ?? context.load(reads.bookedResourceById, id);

@Resolver(() => Booking)
export class BookingResolver {
  @Query(() => BookingConnection, {
    description: 'The bookings that you may see, the latest start first: made for your organization, or of its resources; the committee sees all, a volunteer those made in person.',
  })
  bookings(
    @Args(() => PageArgs) args: PageArgs,
    @Arg('filter', () => BookingFilter, { nullable: true, description: 'Only those that fit all of it.' }) filter: BookingFilter | null,
    @Ctx() context: RequestContext,
  ): Promise<Page<Booking>> {
    return reads.listBookings(context, args, filter ?? {});
  }

  @FieldResolver(() => Resource, { description: 'What is booked; you see it through your booking also when the contract that opened it is not in force any more.' })
  resource(@Root() booking: Booking, @Ctx() context: RequestContext): Promise<Resource | null> {
    return resourceOf(context, booking.resourceId);
  }

  @FieldResolver(() => Organization, { description: 'Who books.' })
  organization(@Root() booking: Booking, @Ctx() context: RequestContext): Promise<Organization | null> {
    return context.load(organizationById, booking.organizationId);
  }

  @FieldResolver(() => Actor, { nullable: true, description: 'The person who booked; for the parties alone.' })
  async bookedBy(@Root() booking: Booking, @Ctx() context: RequestContext): Promise<Actor | null> {
    const details = await context.load(reads.detailsOf, booking.id);
    return details && { displayName: details.bookerName, organizationId: details.organizationId };
  }

  @FieldResolver(() => String, { nullable: true, description: 'What it is for; for the parties alone.' })
  async purpose(@Root() booking: Booking, @Ctx() context: RequestContext): Promise<string | null> {
    return (await context.load(reads.detailsOf, booking.id))?.purpose ?? null;
  }

  @FieldResolver(() => TimeRange, { description: 'From when to when.' })
  range(@Root() { startsAt, endsAt }: Booking): TimeRange {
    return { start: startsAt, end: endsAt };
  }

  @FieldResolver(() => Contract, { nullable: true, description: 'The contract that it was booked by; null by ownership, as the resource is shared, or when you may not see the contract.' })
  contract(@Root() { contractId }: Booking, @Ctx() context: RequestContext): Promise<Contract | null> | null {
    return contractId === null ? null : context.load(contractById, contractId);
  }

  @FieldResolver(() => ResourceGrantClause, { nullable: true, description: 'The clause of that contract, whose quota its hours count against.' })
  clause(@Root() { clauseId }: Booking, @Ctx() context: RequestContext): Promise<object | null> | null {
    return clauseId === null ? null : context.load(grantClauseById, clauseId);
  }

  @FieldResolver(() => [Booking], { description: 'What the resource requires, booked along with it; it moves with this booking and not by itself.' })
  bookedAlong(@Root() booking: Booking, @Ctx() context: RequestContext): Promise<Booking[]> {
    return context.load(reads.bookedAlong, booking.id);
  }

  @FieldResolver(() => Booking, { nullable: true, description: 'The booking with which this one was booked along; null for any other.' })
  bookedWith(@Root() { parentId }: Booking, @Ctx() context: RequestContext): Promise<Booking | null> | null {
    return parentId === null ? null : context.load(reads.bookingById, parentId);
  }

  @FieldResolver(() => Int, { nullable: true, description: 'Its place among all who wait for the resource at that time, from 1; null when it does not wait.' })
  waitlistPlace(@Root() { id, status }: Booking, @Ctx() context: RequestContext): Promise<number | null> | null {
    return status === 'WAITLISTED' ? context.load(reads.waitlistPlaceOf, id) : null;
  }

  @FieldResolver(() => [StateChange], { description: 'Its steps through the lifecycle, oldest first; for the parties and the committee, empty for anybody else.' })
  history(@Root() booking: Booking, @Ctx() context: RequestContext): Promise<StateChange[]> {
    return context.load(historyOf, booking.id);
  }

  @FieldResolver(() => [BookingAction], { description: 'What you may do to it now.' })
  viewerCan(@Root() booking: Booking, @Ctx() context: RequestContext): BookingAction[] | Promise<BookingAction[]> {
    return context.session.withActor((actor) => bookingActions(actor, booking, actor.now));
  }

  @Mutation(() => BookResourcePayload, {
    description: 'Books a resource for your organization, with what it requires: confirmed at once, or requested where the owner approves each booking. The grant that it counts against is the one of the highest priority with the most left of its quota. Staff, administrators and the committee. NOT_FOUND, WRONG_STATE (out of service or retired), INVALID (the range), TOO_LATE (past, or within the lead time), TOO_EARLY (beyond the horizon), OUTSIDE_OPENING_HOURS (of the resource, or of the clause), CAPACITY_EXCEEDED (more than there is of it), NOT_ALLOWED (nothing lets you book it then), CONFLICT (taken or blocked; joinWaitlist waits for a place), QUOTA_EXCEEDED, IDEMPOTENCY_MISMATCH.',
  })
  bookResource(@Arg('input', () => BookResourceInput, { description: 'What, and when.' }) input: BookResourceInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.bookResource, input);
    return context.write((tx) => service.bookResource(tx, asked));
  }

  @Mutation(() => BookResourcesPayload, {
    description: 'Books several resources for your organization in one range, all of them or none; each userError names the item that it is about. Staff, administrators and the committee. The same userErrors as bookResource.',
  })
  bookResources(@Arg('input', () => BookResourcesInput, { description: 'What, and when.' }) input: BookResourcesInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.bookResources, input);
    return context.write((tx) => service.bookResources(tx, asked));
  }

  @Mutation(() => JoinWaitlistPayload, {
    description: 'Waits for a place: the moment one frees, whoever comes first by priority of the clause, then by time, gets it, if the own contracts and quota still allow it; at once, when it is free. What still waits at its start lapses. Staff, administrators and the committee. The same userErrors as bookResource but for CONFLICT, and DUPLICATE (your organization waits for it already).',
  })
  joinWaitlist(@Arg('input', () => JoinWaitlistInput, { description: 'For what, and when.' }) input: JoinWaitlistInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.joinWaitlist, input);
    return context.write((tx) => service.joinWaitlist(tx, asked));
  }

  @Mutation(() => RescheduleBookingPayload, {
    description: 'Moves a booking to another time or quantity, under the checks of a new one; it is requested anew where the owner approves each booking. When it is refused, the booking stays as it is. With scope THIS_AND_FOLLOWING all after it in its series are moved alike, or none; they are a series of their own from then on, and the old one ends before. Staff of who booked it, until cancelUntil. The same userErrors as bookResource, and STALE_VERSION, WRONG_STATE, TOO_LATE (the deadline of one has passed), CONFLICT (booked along with another), INVALID (scope: of no series; range: the rule of the series cannot be moved so, or its times would overlap).',
  })
  rescheduleBooking(@Arg('input', () => RescheduleBookingInput, { description: 'Which one, and to when.' }) input: RescheduleBookingInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.rescheduleBooking, input);
    return context.write((tx) => (asked.scope === 'THIS' ? service.rescheduleBooking : series.rescheduleOnwards)(tx, asked));
  }

  @Mutation(() => CancelBookingPayload, {
    description: "Calls a booking off, or with scope THIS_AND_FOLLOWING all after it in its series too; its place goes to who waits first. Staff of who booked it, until cancelUntil; staff of the resource's owner until its end, with a note. NOT_FOUND, NOT_ALLOWED, STALE_VERSION, WRONG_STATE, TOO_LATE, INVALID (the note is missing, or it is of no series), CONFLICT (booked along with another).",
  })
  cancelBooking(@Arg('input', () => CancelBookingInput, { description: 'Which one, and why.' }) input: CancelBookingInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.cancelBooking, input);
    return context.write((tx) => (asked.scope === 'THIS' ? service.cancelBooking : series.cancelOnwards)(tx, asked));
  }

  @Mutation(() => ApproveBookingPayload, {
    description: "Grants a request. Staff of the resource's owner. NOT_FOUND, NOT_ALLOWED, STALE_VERSION, WRONG_STATE, CONFLICT (what it was made by is not in force, or booked along with another).",
  })
  approveBooking(@Arg('input', () => BookingNoteInput, { description: 'Which one.' }) input: BookingNoteInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withNote, input);
    return context.write((tx) => service.approveBooking(tx, asked));
  }

  @Mutation(() => RejectBookingPayload, {
    description: "Turns a request down; its place goes to who waits first. Staff of the resource's owner. NOT_FOUND, NOT_ALLOWED, STALE_VERSION, WRONG_STATE, CONFLICT (booked along with another).",
  })
  rejectBooking(@Arg('input', () => BookingNoteInput, { description: 'Which one, and why.' }) input: BookingNoteInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withNote, input);
    return context.write((tx) => service.rejectBooking(tx, asked));
  }

  @Mutation(() => CheckOutBookingPayload, {
    description: 'Hands out what is booked, from half an hour before its start. Staff of either party. NOT_FOUND, NOT_ALLOWED, STALE_VERSION, WRONG_STATE, TOO_EARLY, CONFLICT (before its start: others still have it; or booked along with another).',
  })
  checkOutBooking(@Arg('input', () => BookingNoteInput, { description: 'Which one.' }) input: BookingNoteInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withNote, input);
    return context.write((tx) => service.checkOutBooking(tx, asked));
  }

  @Mutation(() => CheckInBookingPayload, {
    description: 'Takes back what was handed out; what is left of its time goes to who waits first. Staff of either party. NOT_FOUND, NOT_ALLOWED, STALE_VERSION, WRONG_STATE, CONFLICT (booked along with another).',
  })
  checkInBooking(@Arg('input', () => BookingNoteInput, { description: 'Which one.' }) input: BookingNoteInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withNote, input);
    return context.write((tx) => service.checkInBooking(tx, asked));
  }

  @Mutation(() => BlockTimePayload, {
    description: "Keeps a resource from being booked for a time, or for each time of a rule. Its owner's staff and administrators. NOT_FOUND, NOT_ALLOWED, WRONG_STATE (retired), INVALID (the range, or the rule), CONFLICT (something is booked then), IDEMPOTENCY_MISMATCH.",
  })
  blockTime(@Arg('input', () => BlockTimeInput, { description: 'Which one, and when.' }) input: BlockTimeInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.blockTime, input);
    return context.write((tx) => service.blockTime(tx, asked));
  }

  @Mutation(() => UnblockTimePayload, { description: "Lets blocked time be booked again, or one time of it; who waits for it comes first. The owner's staff and administrators. NOT_FOUND (the blocked time, or that time of it), NOT_ALLOWED, WRONG_STATE (retired)." })
  unblockTime(@Arg('input', () => UnblockTimeInput, { description: 'Which one.' }) input: UnblockTimeInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.unblockTime, input);
    return context.write((tx) => service.unblockTime(tx, asked));
  }
}

@Resolver(() => ResourceBlock)
export class ResourceBlockResolver {
  @FieldResolver(() => TimeRange, { description: 'From when to when; the first time, when it recurs.' })
  range(@Root() { startsAt, endsAt }: ResourceBlock): TimeRange {
    return { start: startsAt, end: endsAt };
  }

  @FieldResolver(() => Resource, { description: 'What cannot be booked.' })
  resource(@Root() block: ResourceBlock, @Ctx() context: RequestContext): Promise<Resource | null> {
    return context.load(resourceById, block.resourceId);
  }

  @FieldResolver(() => Actor, { description: 'Who blocked it.' })
  blockedBy(@Root() { createdByName, ownerId }: ResourceBlock): Actor {
    return { displayName: createdByName, organizationId: ownerId };
  }
}

/** What bookings add to a resource. */
@Resolver(() => Resource)
export class ResourceBookingsResolver {
  @FieldResolver(() => BookingConnection, {
    description: 'Its bookings that you may see, the earliest start first: those with some of their time in the range, or without one those that are not over. Whether it is free, availability tells everybody who sees it.',
  })
  bookings(
    @Root() resource: Readonly<Resource>,
    @Args(() => ForwardArgs) args: ForwardArgs,
    @Arg('range', () => TimeRangeInput, { nullable: true, description: 'Only those with some of their time in this span.' }) range: TimeRangeInput | null,
    @Ctx() context: RequestContext,
  ): Promise<Page<Booking>> {
    return reads.bookingsOfResource(context, resource.id, args, range);
  }

  @FieldResolver(() => [ResourceBlock], { description: "The times at which it cannot be booked and that are not over, by their start; for its owner's staff, empty for anybody else." })
  blocks(@Root() resource: Readonly<Resource>, @Ctx() context: RequestContext): Promise<ResourceBlock[]> {
    return context.load(reads.blocksOf, resource.id);
  }
}

/** What bookings add to a reason why somebody sees a resource. */
@Resolver(() => ResourceAccess)
export class ResourceAccessQuotaResolver {
  @FieldResolver(() => DurationScalar, { nullable: true, description: "For CONTRACT: what is left of the clause's quota this month, hours times quantity; null without a quota." })
  quotaLeftThisMonth(@Root() { clauseId }: Readonly<ResourceAccess>, @Ctx() context: RequestContext): Promise<string | null> | null {
    return clauseId === undefined ? null : context.load(reads.quotaLeftOf, clauseId);
  }
}
