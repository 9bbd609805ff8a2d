import { Field, Int, ObjectType } from 'type-graphql';
import { Column, Entity } from 'typeorm';
import { connectionOf } from '../../platform/graphql/connection';
import { enumOf } from '../../platform/graphql/enum';
import { NetworkNode, Node } from '../../platform/graphql/node';
import { DateScalar } from '../../platform/graphql/scalars';

@Entity('service_records')
@ObjectType({
  implements: Node,
  description: 'One confirmed service 志愿服务记录. Never edited: what was wrong is corrected by a further record that names it.',
  simpleResolvers: true,
})
export class ServiceRecord extends NetworkNode {
  @Column('uuid')
  volunteerId!: string;
  /** The volunteer's account, where there is one. */
  @Column('uuid', { nullable: true })
  userId!: string | null;
  /** The volunteer's own organization. */
  @Column('uuid', { nullable: true })
  organizationId!: string | null;
  /** null: taken over from another system. */
  @Column('uuid', { nullable: true })
  registrationId!: string | null;
  @Column('uuid', { nullable: true })
  activityId!: string | null;
  @Column('uuid', { nullable: true })
  shiftId!: string | null;
  @Column('uuid')
  organizerId!: string;
  @Column('uuid', { array: true })
  coHostIds!: string[];
  @Field({ description: 'What the activity was called then.' })
  @Column('text')
  activityTitle!: string;
  @Field({ description: 'The duty that was done, e.g. 维护员.' })
  @Column('text')
  duty!: string;
  @Field(() => DateScalar, { description: 'The day of the service.' })
  @Column('date')
  serviceDate!: string;
  @Field(() => String, { nullable: true, description: 'Where.' })
  @Column('text', { nullable: true })
  place!: string | null;
  /** Of a correction, what it is now rather than the difference. */
  @Column('integer')
  seconds!: number;
  @Column('timestamptz', { nullable: true })
  checkedInAt!: Date | null;
  @Column('timestamptz', { nullable: true })
  checkedOutAt!: Date | null;
  @Field(() => Int, { nullable: true, description: 'How the organizer found the service, 1 to 5; null when it did not say.' })
  @Column('integer', { nullable: true })
  evaluation!: number | null;
  @Column('uuid')
  confirmedBy!: string;
  @Column('text')
  confirmedByName!: string;
  @Column('uuid', { nullable: true })
  confirmedByOrganizationId!: string | null;
  @Field({ description: 'When it was confirmed, or taken over from another system.' })
  @Column('timestamptz')
  confirmedAt!: Date;
  @Column('uuid', { nullable: true })
  correctsId!: string | null;
  @Field(() => Int, { description: 'The points earned by it; of a correction, those that it added.' })
  @Column('integer')
  points!: number;
  @Field(() => String, { nullable: true, description: 'The system that it was taken over from; null for a service of this network.' })
  @Column('text', { nullable: true })
  origin!: string | null;
  @Field(() => String, { nullable: true, description: 'Its identifier in that system.' })
  @Column('text', { nullable: true })
  originId!: string | null;
}

export const CorrectionStatus = enumOf('CorrectionStatus', 'Where a request for a correction stands.', {
  OPEN: 'The organizer has not answered.',
  CORRECTED: 'What was wrong or missing was mended.',
  DECLINED: 'The records stay as they are.',
});
export type CorrectionStatus = keyof typeof CorrectionStatus;

@Entity('correction_requests')
@ObjectType({ implements: Node, description: 'What a volunteer finds wrong or missing in the own service records.', simpleResolvers: true })
export class CorrectionRequest extends NetworkNode {
  @Column('uuid')
  volunteerId!: string;
  @Column('uuid', { nullable: true })
  userId!: string | null;
  /** The volunteer's own organization. */
  @Column('uuid', { nullable: true })
  organizationId!: string | null;
  /** null: a service that is not on record. */
  @Column('uuid', { nullable: true })
  recordId!: string | null;
  @Column('uuid')
  organizerId!: string;
  @Field({ description: 'What is wrong or missing.' })
  @Column('text')
  reason!: string;
  @Field(() => CorrectionStatus, { description: 'Where it stands.' })
  @Column('text')
  status!: CorrectionStatus;
  @Field(() => String, { nullable: true, description: 'What the organizer says; null while it has not answered.' })
  @Column('text', { nullable: true })
  answer!: string | null;
  @Column('uuid', { name: 'requested_by' })
  requestedByUserId!: string;
  @Column('text')
  requestedByName!: string;
  @Column('uuid', { nullable: true })
  requestedByOrganizationId!: string | null;
  @Field({ description: 'When it was asked for.' })
  @Column('timestamptz')
  requestedAt!: Date;
  @Field(() => Int, { description: 'Goes up with each change; updates name the version they were made from.' })
  @Column('integer', { default: 1 })
  version!: number;
}

export const ServiceRecordConnection = connectionOf(() => ServiceRecord, 'ServiceRecord');

export const CorrectionRequestConnection = connectionOf(() => CorrectionRequest, 'CorrectionRequest');

const SECONDS_PER_HOUR = 3600;
export const hoursOf = (seconds: number): number => seconds / SECONDS_PER_HOUR;

/** The hours from which on a volunteer has each star. */
const STAR_HOURS = [100, 300, 600, 1000, 1500];

/** The stars of a volunteer by the hours of all services. */
export const starsOf = (hours: number): number => STAR_HOURS.filter((least) => hours >= least).length;
