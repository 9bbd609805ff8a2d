import { Arg, Ctx, Field, FieldResolver, Mutation, ObjectType, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../../platform/graphql/context';
import { checked } from '../../platform/graphql/edge';
import { Payload } from '../../platform/graphql/payload';
import { UrlScalar } from '../../platform/graphql/scalars';
import { Viewer } from '../accounts/model';
import { Organization } from '../network/model';
import { accessThrough } from '../resources/access';
import { Resource } from '../resources/model';
import * as inputs from './inputs';
import { RevokeCalendarFeedInput } from './inputs';
import { feedUrl, urlOf } from './reads';
import * as service from './service';

const SECRET = 'A calendar (iCalendar, RFC 5545) that programs subscribe to without signing in: whoever has the URL reads it as you may at that moment, so keep it to yourself; revokeCalendarFeed makes it void.';

@ObjectType({ description: 'The answer of revokeCalendarFeed.', simpleResolvers: true })
class RevokeCalendarFeedPayload extends Payload {
  @Field(() => UrlScalar, { nullable: true, description: 'Where the calendar is from now on; null when refused.' })
  calendarFeed?: string | null;
}

/** What calendars add to a resource. */
@Resolver(() => Resource)
export class ResourceCalendarResolver {
  @FieldResolver(() => UrlScalar, { nullable: true, description: `Its bookings that you may see. ${SECRET} Null for who may see no bookings.` })
  async calendarFeed(@Root() resource: Readonly<Resource>, @Ctx() context: RequestContext): Promise<string | null> {
    // What is seen through a booking alone is not there for a calendar.
    if (accessThrough(await context.actor(), resource).length === 0) return null;
    return feedUrl(context, 'RESOURCE', resource.id);
  }
}

/** What calendars add to an organization. */
@Resolver(() => Organization)
export class OrganizationCalendarResolver {
  @FieldResolver(() => UrlScalar, { nullable: true, description: `What it has booked, what of its resources is booked, and the activities that it holds or takes part in. ${SECRET} For its own staff; null for anybody else.` })
  calendarFeed(@Root() organization: Organization, @Ctx() context: RequestContext): Promise<string | null> {
    return feedUrl(context, 'ORGANIZATION', organization.id);
  }
}

/** What calendars add to the viewer. */
@Resolver(() => Viewer)
export class ViewerCalendarResolver {
  @FieldResolver(() => UrlScalar, { nullable: true, description: `What you have booked in person, and the shifts that you are registered for, in this network. ${SECRET} Null for who may see no bookings.` })
  async calendarFeed(@Ctx() context: RequestContext): Promise<string | null> {
    const { userId } = await context.actor();
    return userId === null ? null : feedUrl(context, 'PERSON', userId);
  }

  @Mutation(() => RevokeCalendarFeedPayload, {
    description: 'Gives a calendar of yours another URL: the one until now finds nothing from then on. Whoever may follow it, for the own URL. NOT_FOUND, NOT_ALLOWED (another organization\'s), INVALID (both named).',
  })
  async revokeCalendarFeed(
    @Arg('input', () => RevokeCalendarFeedInput, { description: 'Which calendar.' }) input: RevokeCalendarFeedInput,
    @Ctx() context: RequestContext,
  ): Promise<Omit<RevokeCalendarFeedPayload, 'userErrors'>> {
    const asked = checked(inputs.revokeCalendarFeed, input);
    const feed = await context.write((tx) => service.revokeCalendarFeed(tx, asked));
    return { calendarFeed: urlOf(context.platform, feed) };
  }
}
