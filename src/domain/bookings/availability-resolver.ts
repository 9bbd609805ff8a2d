import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../../platform/graphql/context';
import { TimeRangeInput } from '../../platform/graphql/time-range';
import { Resource } from '../resources/model';
import { AvailabilitySlot, availabilityOf, blockedTimesOf, MOST_DAYS } from './availability';
import { BlockedTime, ResourceBlock } from './model';
import { resourceBlockById } from './reads';

/** When a resource is free. */
@Resolver(() => Resource)
export class ResourceAvailabilityResolver {
  @FieldResolver(() => [AvailabilitySlot], {
    description: 'When it can be booked, in order: while it is open (its hours, else those of its position), and neither blocked nor taken, nor something that it requires; what is past is left out. Whoever sees it may ask. Minimum, maximum, lead time and horizon, and for whom it is, are up to bookingPolicy and accessibleThrough.',
  })
  availability(
    @Root() resource: Readonly<Resource>,
    @Arg('range', () => TimeRangeInput, { description: `Between when and when; up to ${MOST_DAYS} days.` }) range: TimeRangeInput,
    @Arg('quantity', () => Int, { nullable: true, description: 'Only when so many units are free, from 1; 1 when not given.' }) quantity: number | null,
    @Ctx() context: RequestContext,
  ): Promise<AvailabilitySlot[]> {
    return availabilityOf(context, resource.id, range, quantity ?? 1);
  }

  @FieldResolver(() => [BlockedTime], {
    nullable: true,
    description: "The times in a range at which it cannot be booked, in order, each time of what recurs by itself; for its owner's staff, null for anybody else.",
  })
  blockedTimes(
    @Root() resource: Readonly<Resource>,
    @Arg('range', () => TimeRangeInput, { description: 'Between when and when; up to a year.' }) range: TimeRangeInput,
    @Ctx() context: RequestContext,
  ): Promise<BlockedTime[] | null> {
    return blockedTimesOf(context, resource, range);
  }
}

@Resolver(() => BlockedTime)
export class BlockedTimeResolver {
  @FieldResolver(() => ResourceBlock, { description: 'What it is a time of: why, by whom, and how it recurs.' })
  block(@Root() { blockId }: BlockedTime, @Ctx() context: RequestContext): Promise<ResourceBlock | null> {
    return context.load(resourceBlockById, blockId);
  }
}
