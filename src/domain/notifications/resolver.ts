import { Arg, Args, Ctx, Field, FieldResolver, Mutation, ObjectType, Resolver, Root } from 'type-graphql';
import { ForwardArgs, type Page } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { checked } from '../../platform/graphql/edge';
import { Node } from '../../platform/graphql/node';
import { Payload } from '../../platform/graphql/payload';
import { Viewer } from '../accounts/model';
import { nodeOf } from '../nodes';
import * as inputs from './inputs';
import { MarkNotificationsReadInput } from './inputs';
import { Notification, NotificationConnection } from './model';
import { listNotifications, textOf } from './reads';
import * as service from './service';
import { bodyIn, titleIn } from './templates';

@ObjectType({ description: 'The answer of markNotificationsRead.', simpleResolvers: true })
class MarkNotificationsReadPayload extends Payload {
  @Field(() => [Notification], { nullable: true, description: 'Those that were named, as they are now; empty when all were meant, null when refused.' })
  notifications?: Notification[] | null;
  @Field(() => Viewer, { nullable: true, description: 'Whose they are, with the notifications as they are now; null when refused.' })
  viewer?: Viewer | null;
}

@Resolver(() => Viewer)
export class ViewerNotificationsResolver {
  @FieldResolver(() => NotificationConnection, { description: 'What happened in the network and concerns you, newest first; empty when not signed in.' })
  notifications(
    @Args(() => ForwardArgs) args: ForwardArgs,
    @Arg('unreadOnly', () => Boolean, { nullable: true, description: 'Only those that you have not read.' }) unreadOnly: boolean | null,
    @Ctx() context: RequestContext,
  ): Promise<Page<Notification>> {
    return listNotifications(context, args, unreadOnly ?? false);
  }
}

@Resolver(() => Notification)
export class NotificationResolver {
  @FieldResolver(() => String, { description: 'What happened, in a few words, in the language of Accept-Language.' })
  title(@Root() notification: Notification, @Ctx() context: RequestContext): Promise<string> {
    return textOf(context, notification, titleIn);
  }

  @FieldResolver(() => String, { description: 'What happened to what, by which organization, and what there is to do, in the language of Accept-Language.' })
  body(@Root() notification: Notification, @Ctx() context: RequestContext): Promise<string> {
    return textOf(context, notification, bodyIn);
  }

  @FieldResolver(() => Node, { nullable: true, description: 'What it happened to, as it is now; null when you may not see it, or not any more.' })
  subject(@Root() notification: Notification, @Ctx() context: RequestContext): Promise<Node | null> {
    return nodeOf(context, notification.subjectType, notification.subjectId);
  }

  @Mutation(() => MarkNotificationsReadPayload, {
    description: 'Notes that you have read notifications; read before is fine. NOT_FOUND when one is not yours. Signed in only, also while your organization is suspended.',
  })
  async markNotificationsRead(
    @Arg('input', () => MarkNotificationsReadInput, { description: 'Which ones.' }) input: MarkNotificationsReadInput,
    @Ctx() context: RequestContext,
  ): Promise<Omit<MarkNotificationsReadPayload, 'userErrors'>> {
    const asked = checked(inputs.markNotificationsRead, input);
    return { ...(await context.session.write((tx) => service.markNotificationsRead(tx, asked))), viewer: {} as Viewer };
  }
}
