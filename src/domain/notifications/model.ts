import { Field, ObjectType } from 'type-graphql';
import { Column, Entity } from 'typeorm';
import { connectionOf } from '../../platform/graphql/connection';
import { enumOf } from '../../platform/graphql/enum';
import { NetworkNode, Node } from '../../platform/graphql/node';

export const NotificationKind = enumOf('NotificationKind', 'What a notification is about.', {
  CONTRACT: 'A contract that your organization is party to.',
  BOOKING: 'A booking that your organization made, or of a resource of its own.',
  ACTIVITY: 'A joint activity.',
  REGISTRATION: 'A registration for a shift.',
  NEED: 'A need.',
  PROJECT: 'A project.',
  POINTS: 'Points.',
  RECOGNITION: 'A recognition.',
  SYSTEM: 'The network itself: organizations, members, positions, resources.',
});
export type NotificationKind = keyof typeof NotificationKind;

@Entity('notifications')
@ObjectType({ implements: Node, description: 'Something that happened and concerns you, and that you did not do yourself.', simpleResolvers: true })
export class Notification extends NetworkNode {
  @Column('uuid')
  eventId!: string;
  @Column('uuid')
  userId!: string;
  @Field(() => NotificationKind, { description: 'What it is about.' })
  @Column('text')
  kind!: NotificationKind;
  /** Which text tells it. */
  @Column('text')
  notice!: string;
  /** What the text is made with, as it was then. */
  @Column('jsonb')
  data!: Record<string, string | number | null>;
  /** What else it touches, whose names are those of now. */
  @Column('jsonb')
  refs!: Record<string, string>;
  @Column('text')
  subjectType!: string;
  @Column('uuid')
  subjectId!: string;
  @Column('uuid', { nullable: true })
  actorOrganizationId!: string | null;
  @Field({ description: 'When it happened.' })
  @Column('timestamptz')
  createdAt!: Date;
  @Field(() => Date, { nullable: true, description: 'When you read it; null while you have not: markNotificationsRead.' })
  @Column('timestamptz', { nullable: true })
  readAt!: Date | null;
}

export const NotificationConnection = connectionOf(() => Notification, 'Notification');
