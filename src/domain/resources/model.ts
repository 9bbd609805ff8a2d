import { Field, Int, ObjectType } from 'type-graphql';
import { Column, Entity } from 'typeorm';
import { connectionOf } from '../../platform/graphql/connection';
import { enumOf } from '../../platform/graphql/enum';
import { NetworkNode, Node } from '../../platform/graphql/node';
import { DurationScalar } from '../../platform/graphql/scalars';
import { OpeningHours, type Organization } from '../network/model';

export const ResourceKind = enumOf('ResourceKind', 'What sort of thing is shared.', {
  VENUE: 'A room or ground 场地.',
  EQUIPMENT: 'A device 设备.',
  EXPERT: 'A person with a skill 专家.',
  SERVICE: 'A service that somebody renders 服务.',
  MATERIAL: 'Goods that are lent 物资.',
});
export type ResourceKind = keyof typeof ResourceKind;

export const Sharing = enumOf('Sharing', 'How far a resource is shared. Its owner sees it always.', {
  PRIVATE: 'With nobody, not even the committee.',
  CONTRACT: 'With those to whom a contract in force grants it, and the committee.',
  NETWORK: 'With every member of the network.',
  PUBLIC: 'With everybody.',
});
export type Sharing = keyof typeof Sharing;

export const ResourceStatus = enumOf('ResourceStatus', 'Where a resource stands.', {
  AVAILABLE: 'In service.',
  OUT_OF_SERVICE: 'Out of service for a while.',
  RETIRED: 'Given up for good.',
});
export type ResourceStatus = keyof typeof ResourceStatus;

export const AccessReason = enumOf('AccessReason', 'Why somebody sees a resource.', {
  OWNER: 'The own organization owns it.',
  COMMITTEE: 'The committee sees every resource that is not private.',
  CONTRACT: 'A contract in force grants it to the own organization.',
  NETWORK: 'Its owner shares it with the network.',
  PUBLIC: 'Its owner shares it with everybody.',
});
export type AccessReason = keyof typeof AccessReason;

@ObjectType({ description: 'On what terms a resource is booked.', simpleResolvers: true })
export class BookingPolicy {
  @Field(() => DurationScalar, { description: 'The shortest booking.' })
  minimum!: string;
  @Field(() => DurationScalar, { description: 'The longest booking.' })
  maximum!: string;
  @Field(() => DurationScalar, { description: 'How long before its start a booking is made at the latest.' })
  leadTime!: string;
  @Field(() => DurationScalar, { description: 'How far ahead bookings are taken.' })
  horizon!: string;
  @Field(() => DurationScalar, { description: 'The pause kept between two bookings.' })
  buffer!: string;
  @Field({ description: 'Whether the owner approves each booking.' })
  requiresApproval!: boolean;
  @Field(() => DurationScalar, { description: 'How long before its start a booking is cancelled at the latest.' })
  cancellationDeadline!: string;
}

@Entity('resources')
@ObjectType({ implements: Node, description: 'Something that an organization shares 共享资源.', simpleResolvers: true })
export class Resource extends NetworkNode {
  @Column('uuid')
  ownerId!: string;
  @Column('text')
  ownerStatus!: string;
  @Column('uuid', { nullable: true })
  positionId!: string | null;
  @Field({ description: 'Its name.' })
  @Column('text')
  name!: string;
  @Field(() => ResourceKind, { description: 'What sort it is.' })
  @Column('text')
  kind!: ResourceKind;
  @Field(() => String, { nullable: true, description: 'What there is to know of it.' })
  @Column('text', { nullable: true })
  description!: string | null;
  @Field(() => Sharing, { description: 'How far its owner shares it.' })
  @Column('text')
  sharing!: Sharing;
  @Field(() => ResourceStatus, { description: 'Where it stands.' })
  @Column('text')
  status!: ResourceStatus;
  @Field(() => Int, { nullable: true, description: 'How many people one unit is for; null when that does not matter.' })
  @Column('integer', { nullable: true })
  capacity!: number | null;
  @Field(() => Int, { description: 'How many units there are of it.' })
  @Column('integer')
  quantity!: number;
  @Field(() => [String], { description: 'What it can do or teach, for finding it.' })
  @Column('text', { array: true })
  skills!: string[];
  @Column('uuid', { array: true })
  requiresIds!: string[];
  @Column('interval')
  bookingMinimum!: string;
  @Column('interval')
  bookingMaximum!: string;
  @Column('interval')
  bookingLeadTime!: string;
  @Column('interval')
  bookingHorizon!: string;
  @Column('interval')
  bookingBuffer!: string;
  @Column('boolean')
  bookingRequiresApproval!: boolean;
  @Column('interval')
  bookingCancellationDeadline!: string;
  @Field(() => [OpeningHours], { description: 'When it can be used; empty: whenever its position is open.' })
  @Column('jsonb')
  openingHours!: OpeningHours[];
  /** Who reads it; computed by the database from the columns above and the grants its owner has signed. */
  @Column({ type: 'uuid', array: true, insert: false, update: false })
  readers!: string[];
  @Column('timestamptz')
  createdAt!: Date;
  @Field(() => Int, { description: 'Goes up with each change; updates name the version they were made from.' })
  @Column('integer', { default: 1 })
  version!: number;
}

/** A row of a list: the columns that were asked for, and those that every list reads. */
export type ResourceRow = Readonly<Pick<Resource, 'id' | 'name'>> & Readonly<Partial<Omit<Resource, 'id' | 'name'>>> & { readonly owner?: Organization | null };

@ObjectType({ description: 'One reason why you see a resource.', simpleResolvers: true })
export class ResourceAccess {
  @Field(() => AccessReason, { description: 'The reason.' })
  reason!: AccessReason;
  contractId?: string;
  clauseId?: string;
}

export const ResourceConnection = connectionOf(() => Resource, 'Resource');
