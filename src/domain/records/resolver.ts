import { Arg, Args, Ctx, FieldResolver, Float, Query, Resolver, Root } from 'type-graphql';
import { PageArgs, type Page } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { Actor, Organization } from '../network/model';
import { organizationById } from '../network/reads';
import { ServiceRecordFilter } from './inputs';
import { hoursOf, ServiceRecord, ServiceRecordConnection } from './model';
import * as reads from './reads';

@Resolver(() => ServiceRecord)
export class ServiceRecordResolver {
  @Query(() => ServiceRecordConnection, {
    description: 'The service records that you may see, latest service first: your own, those of your organization\'s volunteers and activities; the committee all.',
  })
  serviceRecords(
    @Args(() => PageArgs) args: PageArgs,
    @Arg('filter', () => ServiceRecordFilter, { nullable: true, description: 'Only those that fit all of it.' }) filter: ServiceRecordFilter | null,
    @Ctx() context: RequestContext,
  ): Promise<Page<ServiceRecord>> {
    return reads.listServiceRecords(context, args, filter ?? {});
  }

  @FieldResolver(() => Float, { description: 'The hours served; of a correction, what they are now.' })
  hours(@Root() { seconds }: ServiceRecord): number {
    return hoursOf(seconds);
  }

  @FieldResolver(() => Organization, { description: 'The organization that the service was done for.' })
  organizer(@Root() { organizerId }: ServiceRecord, @Ctx() context: RequestContext): Promise<Organization | null> {
    return context.load(organizationById, organizerId);
  }

  @FieldResolver(() => Actor, { description: 'Who confirmed it, or took it over from another system.' })
  confirmedBy(@Root() { confirmedByName, confirmedByOrganizationId }: ServiceRecord): Actor {
    return { displayName: confirmedByName, organizationId: confirmedByOrganizationId };
  }

  @FieldResolver(() => ServiceRecord, { nullable: true, description: 'The record that this one corrects; null for the first of a service.' })
  corrects(@Root() { correctsId }: ServiceRecord, @Ctx() context: RequestContext): Promise<ServiceRecord | null> | null {
    return correctsId === null ? null : context.load(reads.serviceRecordById, correctsId);
  }

  @FieldResolver(() => ServiceRecord, { nullable: true, description: 'The record that corrects this one; null while this one stands.' })
  correctedBy(@Root() { id }: ServiceRecord, @Ctx() context: RequestContext): Promise<ServiceRecord | null> {
    return context.load(reads.correctionOf, id);
  }
}
