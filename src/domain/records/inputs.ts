import { Field, ID, InputType } from 'type-graphql';
import { z } from 'zod';
import { date, fault } from '../../platform/graphql/edge';
import { DateRangeInput } from '../network/inputs';

/** Calendar days, both included. */
export const days = z.object({ from: date, to: date }).superRefine(({ from, to }, check) => {
  if (to < from) fault(check, 'period.reversed', {}, ['to']);
});

@InputType({ description: 'Which service records to list: those that fit all of it.' })
export class ServiceRecordFilter {
  @Field(() => ID, { nullable: true, description: 'Of this volunteer.' })
  volunteer?: string | null;
  @Field(() => ID, { nullable: true, description: 'Of this activity.' })
  activity?: string | null;
  @Field(() => ID, { nullable: true, description: 'Organized by this organization.' })
  organizer?: string | null;
  @Field(() => ID, { nullable: true, description: 'Of volunteers who belong to this organization.' })
  organization?: string | null;
  @Field(() => DateRangeInput, { nullable: true, description: 'Served on these days.' })
  period?: DateRangeInput | null;
  @Field(() => Boolean, { nullable: true, description: 'true: only those that stand; false: only those that a further record has corrected.' })
  standing?: boolean | null;
}
