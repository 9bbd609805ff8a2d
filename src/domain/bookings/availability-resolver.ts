import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../../platform/graphql/context';
import { TimeRangeInput } from '../../platform/graphql/time-range';
import { Resource } from '../resources/model';
import { AvailabilitySlot, availabilityOf, MOST_DAYS } from './availability';

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
}
