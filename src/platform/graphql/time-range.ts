import { Field, InputType, ObjectType } from 'type-graphql';
import { z } from 'zod';
import { fault } from './edge';

const DAY_MS = 86_400_000;
/** No range that something is done in is longer; what is mistyped is. */
export const LONGEST_RANGE_DAYS = 366;

@ObjectType({ description: 'A span of time: from its start up to, but not including, its end.', simpleResolvers: true })
export class TimeRange {
  @Field({ description: 'Its first instant.' })
  start!: Date;
  @Field({ description: 'The first instant after it.' })
  end!: Date;
}

@InputType({ description: 'A span of time: from its start up to, but not including, its end.' })
export class TimeRangeInput {
  @Field({ description: 'Its first instant.' })
  start!: Date;
  @Field({ description: 'The first instant after it, later than the start.' })
  end!: Date;
}

/** A span of time of at most so many days, which ends after it begins. */
export const timeRange = (mostDays = LONGEST_RANGE_DAYS) =>
  z.object({ start: z.date(), end: z.date() }).superRefine(({ start, end }, check) => {
    if (end <= start) fault(check, 'range.reversed', {}, ['end']);
    else if (end.getTime() - start.getTime() > mostDays * DAY_MS) fault(check, 'range.long', { days: mostDays }, ['end']);
  });
