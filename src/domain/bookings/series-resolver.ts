import { Arg, Ctx, Extensions, Field, FieldResolver, Mutation, ObjectType, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../../platform/graphql/context';
import { checked } from '../../platform/graphql/edge';
import { Payload } from '../../platform/graphql/payload';
import { TimeRange } from '../../platform/graphql/time-range';
import * as inputs from './inputs';
import { BookSeriesInput, MOST_OCCURRENCES } from './inputs';
import { Booking, BookingSeries, SkippedOccurrence } from './model';
import * as reads from './reads';
import * as series from './series';

@ObjectType({ description: 'The answer of bookSeries.', simpleResolvers: true })
class BookSeriesPayload extends Payload {
  @Field(() => BookingSeries, { nullable: true, description: 'The series with its bookings; null when nothing was booked.' })
  series?: BookingSeries | null;
  @Field(() => [SkippedOccurrence], { nullable: true, description: 'When nothing was booked for them: the times that something stands against, each with its reason. Null otherwise.' })
  unavailable?: SkippedOccurrence[] | null;
}

const occurrenceOf = ({ start, end, reason }: BookingSeries['skipped'][number]): SkippedOccurrence => ({ range: { start: new Date(start), end: new Date(end) }, reason });

@Resolver(() => BookingSeries)
export class BookingSeriesResolver {
  @FieldResolver(() => TimeRange, { description: 'The first time that the rule begins from.' })
  range(@Root() { startsAt, endsAt }: BookingSeries): TimeRange {
    return { start: startsAt, end: endsAt };
  }

  @FieldResolver(() => [Booking], { description: `Its bookings by their start, up to ${MOST_OCCURRENCES}, whatever became of each.` })
  @Extensions({ most: MOST_OCCURRENCES })
  bookings(@Root() { id }: BookingSeries, @Ctx() context: RequestContext): Promise<Booking[]> {
    return context.load(reads.bookingsOfSeries, id);
  }

  @FieldResolver(() => [SkippedOccurrence], { description: 'The times that the rule gives and that could not be booked, earliest first.' })
  @Extensions({ most: MOST_OCCURRENCES })
  skipped(@Root() { skipped }: BookingSeries): SkippedOccurrence[] {
    return skipped.map(occurrenceOf);
  }

  @Mutation(() => BookSeriesPayload, {
    description: `Books a resource for your organization at every time of a rule, by the clock of the network, with what it requires: all of them or none, or with skipUnavailable as many as fit. Up to ${MOST_OCCURRENCES} times within two years. Staff, administrators and the committee. The same userErrors as bookResource, each once however many times it is about (unavailable names them), and INVALID (recurrenceRule: malformed, without an end, too often or too long, not giving the first time; range: its times overlap).`,
  })
  bookSeries(@Arg('input', () => BookSeriesInput, { description: 'What, and when.' }) input: BookSeriesInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.bookSeries, input);
    return context.write((tx) => series.bookSeries(tx, asked));
  }
}

/** What series add to a booking. */
@Resolver(() => Booking)
export class BookingInSeriesResolver {
  @FieldResolver(() => BookingSeries, { nullable: true, description: 'The series that it was booked in; null for a booking by itself.' })
  series(@Root() { seriesId }: Readonly<Booking>, @Ctx() context: RequestContext): Promise<BookingSeries | null> | null {
    return seriesId === null ? null : context.load(reads.bookingSeriesById, seriesId);
  }
}
