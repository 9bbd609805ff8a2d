import { Ctx, FieldResolver, Float, Int, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../../platform/graphql/context';
import { NetworkStatistics, Organization } from '../network/model';
import { organizationById } from '../network/reads';
import { MonthlyStatistics, OrganizationStatistics } from './model';
import * as reads from './reads';

/** What is counted as things change, beside what the network counts of itself. */
@Resolver(() => NetworkStatistics)
export class NetworkStatisticsResolver {
  @FieldResolver(() => Float, { description: 'Hours times quantity for which resources were booked, by the day a booking begins: confirmed, whether used or not.' })
  async bookedHours(@Root() root: NetworkStatistics, @Ctx() context: RequestContext): Promise<number> {
    return reads.hoursOf(await this.sums(root, context), 'BOOKED');
  }

  @FieldResolver(() => Int, { description: 'Activities opened and not called off, by their first day.' })
  async activities(@Root() root: NetworkStatistics, @Ctx() context: RequestContext): Promise<number> {
    return reads.countOf(await this.sums(root, context), 'ACTIVITIES');
  }

  @FieldResolver(() => Int, { description: 'Volunteers in service now.' })
  activeVolunteers(@Ctx() context: RequestContext): Promise<number> {
    return reads.activeVolunteers(context.session);
  }

  @FieldResolver(() => Float, { description: 'Hours of confirmed service, by the day of service; what was corrected counts as corrected.' })
  async serviceHours(@Root() root: NetworkStatistics, @Ctx() context: RequestContext): Promise<number> {
    return reads.hoursOf(await this.sums(root, context), 'SERVICE');
  }

  @FieldResolver(() => Int, { description: 'Points given to volunteers, less what was taken back, by the day.' })
  async pointsIssued(@Root() root: NetworkStatistics, @Ctx() context: RequestContext): Promise<number> {
    return reads.countOf(await this.sums(root, context), 'ISSUED');
  }

  @FieldResolver(() => Int, { description: 'Points that volunteers spent on rewards and wishes, by the day.' })
  async pointsRedeemed(@Root() root: NetworkStatistics, @Ctx() context: RequestContext): Promise<number> {
    return reads.countOf(await this.sums(root, context), 'REDEEMED');
  }

  @FieldResolver(() => Int, { description: 'Needs raised in the period that are not resolved, declined or merged into another.' })
  async needsOpen(@Root() root: NetworkStatistics, @Ctx() context: RequestContext): Promise<number> {
    return reads.countOf(await this.sums(root, context), 'NEEDS_OPEN');
  }

  @FieldResolver(() => Int, { description: 'Needs raised in the period that are resolved.' })
  async needsResolved(@Root() root: NetworkStatistics, @Ctx() context: RequestContext): Promise<number> {
    return reads.countOf(await this.sums(root, context), 'NEEDS_RESOLVED');
  }

  @FieldResolver(() => Float, { nullable: true, description: 'The average rating given in the period, 1 to 5; null while there is none.' })
  async averageRating(@Root() root: NetworkStatistics, @Ctx() context: RequestContext): Promise<number | null> {
    return reads.averageRating(await this.sums(root, context));
  }

  @FieldResolver(() => [OrganizationStatistics], { description: 'By organization, those that served most first; without those that have nothing in the period.' })
  async byOrganization(@Root() root: NetworkStatistics, @Ctx() context: RequestContext): Promise<OrganizationStatistics[]> {
    return reads.byOrganization(await this.sums(root, context));
  }

  @FieldResolver(() => [MonthlyStatistics], { description: 'By month, in their order; without those that have nothing.' })
  async byMonth(@Root() root: NetworkStatistics, @Ctx() context: RequestContext): Promise<MonthlyStatistics[]> {
    return reads.byMonth(await this.sums(root, context));
  }

  private sums({ period }: NetworkStatistics, context: RequestContext) {
    return context.load(reads.sumsOver, reads.periodKey(period));
  }
}

@Resolver(() => OrganizationStatistics)
export class OrganizationStatisticsResolver {
  @FieldResolver(() => Organization, { description: 'The organization.' })
  organization(@Root() { organizationId }: OrganizationStatistics, @Ctx() context: RequestContext): Promise<Organization | null> {
    return context.load(organizationById, organizationId);
  }
}
