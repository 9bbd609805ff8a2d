import { Arg, ID, Resolver, Root, Subscription } from 'type-graphql';
import { follow, readable, type Change } from '../platform/events/follow';
import type { EventMessage, Message } from '../platform/events/publish';
import type { EventKind } from '../platform/events/outbox';
import type { Queue } from '../platform/events/queue';
import type { RequestContext } from '../platform/graphql/context';
import { Activity } from './activities/model';
import { activityById } from './activities/reads';
import { Booking } from './bookings/model';
import { bookingById } from './bookings/reads';
import { Contract } from './contracts/model';
import { contractById } from './contracts/reads';
import { organizationById } from './network/reads';
import { Notification } from './notifications/model';
import { notificationById } from './notifications/reads';
import { Resource } from './resources/model';
import { resourceById } from './resources/reads';

/** A subscription with its arguments, and who asks. */
interface Asked<Args> {
  args: Args;
  context: RequestContext;
}

const isOf = (message: Message, kind: EventKind): message is EventMessage => message.type === 'event' && message.kind === kind;
/** Whether a thing is the one meant, when one is. */
const fits = (wanted: string | null, id: string | undefined): boolean => wanted === null || wanted === id;

/**
 * What is told of as it happens. Each field names the things that it follows; whoever may subscribe is checked before by
 * its rule in src/access, and what is told is loaded by the subscriber's own rights at that moment, or not at all.
 */
@Resolver()
export class SubscriptionResolver {
  @Subscription(() => Contract, {
    description: 'A contract after each change to it: the one named, or any that you may see. Staff, administrators and the committee. BAD_USER_INPUT when there is no such contract, or none that you may see.',
    subscribe: async ({ args, context }: Asked<{ id?: string | null }>): Promise<Queue<Change>> => {
      const id = await readable(context, 'Contract', contractById, args.id);
      return follow(context, {
        entity: Contract,
        load: contractById,
        alike: true,
        thing: (message) => (isOf(message, 'CONTRACT_CHANGED') && fits(id, message.subjectId) ? message.subjectId : null),
      });
    },
  })
  contractChanged(@Root() contract: Contract, @Arg('id', () => ID, { nullable: true, description: 'Only this one.' }) _id: string | null): Contract {
    return contract;
  }

  @Subscription(() => Resource, {
    description: 'A resource each time that it may be free or taken at other times than before: it was booked, a booking of it was moved or called off, time was blocked, or its own terms were changed. Everybody who may see it. BAD_USER_INPUT when there is no such resource, or none that you may see.',
    subscribe: async ({ args, context }: Asked<{ resource: string }>): Promise<Queue<Change>> => {
      const id = (await readable(context, 'Resource', resourceById, args.resource))!;
      return follow(context, {
        entity: Resource,
        load: resourceById,
        alike: true,
        thing: (message) =>
          (isOf(message, 'BOOKING_CHANGED') && message.refs.resource === id) || (isOf(message, 'RESOURCE_CHANGED') && message.subjectId === id) ? id : null,
      });
    },
  })
  resourceAvailabilityChanged(@Root() resource: Resource, @Arg('resource', () => ID, { description: 'Which one.' }) _resource: string): Resource {
    return resource;
  }

  @Subscription(() => Booking, {
    description: 'A booking after it is made and after each change to it, of those that you may see. BAD_USER_INPUT when there is no such organization or resource, or none that you may see.',
    subscribe: async ({ args, context }: Asked<{ organization?: string | null; resource?: string | null }>): Promise<Queue<Change>> => {
      const organization = await readable(context, 'Organization', organizationById, args.organization);
      const resource = await readable(context, 'Resource', resourceById, args.resource);
      return follow(context, {
        entity: Booking,
        load: bookingById,
        thing: (message) =>
          isOf(message, 'BOOKING_CHANGED') && fits(organization, message.refs.organization) && fits(resource, message.refs.resource) ? message.subjectId : null,
      });
    },
  })
  bookingChanged(
    @Root() booking: Booking,
    @Arg('organization', () => ID, { nullable: true, description: 'Only those made for this organization.' }) _organization: string | null,
    @Arg('resource', () => ID, { nullable: true, description: 'Only those of this resource.' }) _resource: string | null,
  ): Booking {
    return booking;
  }

  @Subscription(() => Activity, {
    description: 'An activity after it is made and after each change to it: the one named, or any that you may see. Everybody. BAD_USER_INPUT when there is no such activity, or none that you may see.',
    subscribe: async ({ args, context }: Asked<{ id?: string | null }>): Promise<Queue<Change>> => {
      const id = await readable(context, 'Activity', activityById, args.id);
      return follow(context, {
        entity: Activity,
        load: activityById,
        alike: true,
        thing: (message) => (isOf(message, 'ACTIVITY_CHANGED') && fits(id, message.subjectId) ? message.subjectId : null),
      });
    },
  })
  activityChanged(@Root() activity: Activity, @Arg('id', () => ID, { nullable: true, description: 'Only this one.' }) _id: string | null): Activity {
    return activity;
  }

  @Subscription(() => Notification, {
    description: 'Each new notification of yours in the network. Signed in only.',
    subscribe: ({ context }: Asked<object>): Promise<Queue<Change>> => {
      const { userId } = context.caller;
      return follow(context, {
        entity: Notification,
        load: notificationById,
        thing: (message) => (message.type === 'notification' && message.userId === userId ? message.id : null),
      });
    },
  })
  notificationReceived(@Root() notification: Notification): Notification {
    return notification;
  }
}
