import { Field, Float, Int, ObjectType } from 'type-graphql';
import { DateScalar } from '../../platform/graphql/scalars';

/** What is counted as things change; hours are kept in seconds. */
export type Measure = 'BOOKED' | 'USED' | 'SHARED' | 'ACTIVITIES' | 'SERVICE' | 'ISSUED' | 'REDEEMED' | 'NEEDS_OPEN' | 'NEEDS_RESOLVED' | 'RATINGS' | 'RATED';

@ObjectType({ description: 'The figures of one organization over a period.', simpleResolvers: true })
export class OrganizationStatistics {
  organizationId!: string;
  @Field(() => Float, { description: 'Hours times quantity for which others booked its resources, by the day a booking begins.' })
  sharedHours!: number;
  @Field(() => Float, { description: 'Hours times quantity for which it booked resources of others.' })
  usedHours!: number;
  @Field(() => Int, { description: 'Activities that it hosted, opened and not called off, by their first day.' })
  activities!: number;
  @Field(() => Float, { description: 'Hours of service that it confirmed as the organizer, by the day of service.' })
  serviceHours!: number;
}

@ObjectType({ description: 'The figures of one month.', simpleResolvers: true })
export class MonthlyStatistics {
  @Field(() => DateScalar, { description: 'Its first day.' })
  month!: string;
  @Field(() => Float, { description: 'Hours times quantity for which resources were booked, by the day a booking begins.' })
  bookedHours!: number;
  @Field(() => Int, { description: 'Activities opened and not called off, by their first day.' })
  activities!: number;
  @Field(() => Float, { description: 'Hours of confirmed service, by the day of service.' })
  serviceHours!: number;
  @Field(() => Int, { description: 'Points given to volunteers, less what was taken back.' })
  pointsIssued!: number;
}
