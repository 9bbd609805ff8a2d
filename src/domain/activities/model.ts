import { Field, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { readAs } from '../../platform/database/columns';
import { connectionOf } from '../../platform/graphql/connection';
import { enumOf } from '../../platform/graphql/enum';
import { NetworkNode, Node } from '../../platform/graphql/node';
import { ActivityCategory } from '../contracts/model';

export const ActivityStatus = enumOf('ActivityStatus', 'Where a joint activity stands now, by what was done and by the clock.', {
  DRAFT: 'Being prepared by its host alone.',
  INVITING: 'Other organizations are invited; each answers for itself.',
  OPEN: 'Open to those whom it is for, who may register.',
  IN_PROGRESS: 'Under way: its start has come, or its host has begun early.',
  COMPLETED: 'Over; its report is due.',
  CLOSED: 'Over, and its report is in.',
  CANCELLED: 'Called off: what was booked for it is free, and whoever was registered has been told.',
});
export type ActivityStatus = keyof typeof ActivityStatus;

export const ActivityVisibility = enumOf('ActivityVisibility', 'Whom an activity is for, once it is open.', {
  NETWORK: 'Whoever belongs to the network.',
  PUBLIC: 'Everybody.',
});
export type ActivityVisibility = keyof typeof ActivityVisibility;

export const ParticipationRole = enumOf('ParticipationRole', 'In what capacity an organization takes part in an activity.', {
  HOST: 'Holds it.',
  CO_HOST: 'Holds it together with the host: once it has accepted, it sees who is registered.',
  SUPPORTER: 'Supports it by volunteers or resources.',
});
export type ParticipationRole = keyof typeof ParticipationRole;

export const ParticipationStatus = enumOf('ParticipationStatus', 'What an organization has answered to an invitation.', {
  INVITED: 'Nothing yet.',
  ACCEPTED: 'Takes part.',
  DECLINED: 'Does not take part.',
  WITHDRAWN: 'Had accepted, and does not take part any more.',
});
export type ParticipationStatus = keyof typeof ParticipationStatus;

@Entity('activities')
@ObjectType({ implements: Node, description: 'A joint activity 联动活动: held by one organization, together with others, at a time.', simpleResolvers: true })
export class Activity extends NetworkNode {
  @Field({ description: 'What it is called.' })
  @Column('text')
  title!: string;
  @Field(() => ActivityCategory, { description: 'Of which field.' })
  @Column('text')
  category!: ActivityCategory;
  @Field({ description: 'What it is about; empty when nothing was said.' })
  @Column('text')
  description!: string;
  @Field(() => ActivityStatus, { description: 'Where it stands now; what the clock moves is so from that very instant.' })
  @Column('text')
  status!: ActivityStatus;
  /** The status last written down: the clock may have gone on since. */
  @Column({ type: 'text', name: 'status', insert: false, update: false })
  recordedStatus!: ActivityStatus;
  @Field(() => ActivityVisibility, { description: 'Whom it is for, once it is open; until then its host, the organizations invited and the committee see it.' })
  @Column('text')
  visibility!: ActivityVisibility;
  @Column('timestamptz')
  startsAt!: Date;
  @Column('timestamptz')
  endsAt!: Date;
  @Column('uuid', { nullable: true })
  positionId!: string | null;
  @Field(() => String, { nullable: true, description: 'Where it is, for people, when it is at no position or at a certain place of it.' })
  @Column('text', { nullable: true })
  address!: string | null;
  @Column('uuid')
  hostId!: string;
  /** Organizations invited that have not declined or withdrawn. */
  @Column('uuid', { array: true })
  participantIds!: string[];
  /** Of these the co-hosts that accepted. */
  @Column('uuid', { array: true })
  coHostIds!: string[];
  @Column('uuid', { nullable: true })
  projectId!: string | null;
  @Column('uuid', { nullable: true })
  campaignId!: string | null;
  @Field(() => Date, { nullable: true, description: 'Since when it has been open to those whom it is for; null while it is not.' })
  @Column('timestamptz', { nullable: true })
  openedAt!: Date | null;
  @Column('uuid')
  createdBy!: string;
  @Field({ description: 'When it was made.' })
  @Column('timestamptz')
  createdAt!: Date;
  @Field(() => Int, { description: 'Goes up with each change; updates name the version they were made from.' })
  @Column('integer', { default: 1 })
  version!: number;
}
readAs(Activity, 'status', (a) => `app.activity_status(${a}.status, ${a}.starts_at, app.now())`);

@Entity('activity_participations')
@ObjectType({ description: 'What an organization has to do with an activity.', simpleResolvers: true })
export class ActivityParticipation {
  @PrimaryColumn('uuid')
  networkId!: string;
  @PrimaryColumn('uuid')
  activityId!: string;
  @PrimaryColumn('uuid')
  organizationId!: string;
  @Column('uuid')
  hostId!: string;
  @Field(() => ParticipationRole, { description: 'In what capacity.' })
  @Column('text')
  role!: ParticipationRole;
  @Field(() => ParticipationStatus, { description: 'What it has answered; the host takes part anyway.' })
  @Column('text')
  status!: ParticipationStatus;
  @Field(() => Int, { description: 'How many volunteers it has pledged.' })
  @Column('integer')
  pledgedVolunteers!: number;
}

@Entity('activity_reports')
@ObjectType({ description: 'What came of an activity.', simpleResolvers: true })
export class ActivityReport {
  @PrimaryColumn('uuid')
  networkId!: string;
  @PrimaryColumn('uuid')
  activityId!: string;
  @Column('uuid')
  hostId!: string;
  @Field({ description: 'What was done, and what came of it.' })
  @Column('text')
  summary!: string;
  @Field(() => Int, { description: 'How many people it was of use to.' })
  @Column('integer')
  beneficiaries!: number;
  @Column('uuid', { array: true })
  photoIds!: string[];
  @Field({ description: 'When it was submitted.' })
  @Column('timestamptz')
  submittedAt!: Date;
  @Column('uuid')
  submittedBy!: string;
  @Column('text')
  submittedByName!: string;
  @Column('uuid', { nullable: true })
  submittedByOrganizationId!: string | null;
}

/** How much each organization delivered to an activity. */
export interface Delivery {
  activityId: string;
  organizationId: string;
  seconds: number;
}

/** A resource pledged for an activity. */
export interface Pledge {
  activityId: string;
  organizationId: string;
  resourceId: string;
}

export const ActivityConnection = connectionOf(() => Activity, 'Activity');
