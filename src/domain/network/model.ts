import { Field, Float, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { NetworkNode, Node } from '../../platform/graphql/node';
import { connectionOf } from '../../platform/graphql/connection';
import { enumOf } from '../../platform/graphql/enum';
import { DateScalar, EmailAddressScalar, LocalTimeScalar, PhoneNumberScalar } from '../../platform/graphql/scalars';

export const Role = enumOf('Role', 'In what capacity somebody belongs to an organization.', {
  COMMITTEE: 'The league committee: coordinates the whole network; exists in the hub organization only.',
  ADMIN: 'Manages the organization and signs for it.',
  STAFF: 'Works for the organization: its resources, bookings and activities.',
  VOLUNTEER: 'Volunteers through the organization.',
  RESIDENT: 'Lives in the community.',
});
export type Role = keyof typeof Role;

export const MembershipStatus = enumOf('MembershipStatus', 'Where a membership stands.', {
  INVITED: 'Invited, not yet accepted.',
  ACTIVE: 'In force.',
  SUSPENDED: 'Suspended: nothing can be done by it.',
  ENDED: 'Ended for good.',
});
export type MembershipStatus = keyof typeof MembershipStatus;

export const OrganizationKind = enumOf('OrganizationKind', 'What sort of organization it is.', {
  LEAGUE_COMMITTEE: 'A committee of the Communist Youth League 团委.',
  YOUTH_CENTER: 'A youth centre 青年中心.',
  UNIVERSITY: 'A university or college 高校.',
  SCHOOL: 'A school 学校.',
  BUSINESS: 'A business 企业.',
  BUSINESS_DISTRICT: 'A business district with its shops 商圈.',
  SOCIAL_ORGANIZATION: 'A social organization 社会组织.',
  POLICE_OFFICE: 'A police office 公安.',
  GOVERNMENT_BODY: 'A government body 机关单位.',
  INDUSTRY_SYSTEM: 'An industry system 行业系统.',
  COMMUNITY: 'A community 社区.',
});
export type OrganizationKind = keyof typeof OrganizationKind;

export const OrganizationStatus = enumOf('OrganizationStatus', 'Where an organization stands in the network.', {
  APPLIED: 'Has applied to join; the committee has not answered.',
  ACTIVE: 'A member in good standing.',
  SUSPENDED: 'Suspended: its members read its own data and change nothing; what it shares vanishes for others.',
  LEFT: 'Has left the network.',
  REJECTED: 'Its application was rejected.',
});
export type OrganizationStatus = keyof typeof OrganizationStatus;

export const PositionKind = enumOf('PositionKind', 'The "1" or one of the "N".', {
  HUB: 'The Youth Home 青年之家, the "1"; one in a network.',
  MICRO: 'A micro-position 微阵地, one of the "N".',
});
export type PositionKind = keyof typeof PositionKind;

@ObjectType({ description: 'Calendar days, both included.', simpleResolvers: true })
export class DateRange {
  @Field(() => DateScalar, { description: 'The first day.' })
  from!: string;
  @Field(() => DateScalar, { nullable: true, description: 'The last day; null when open-ended.' })
  to?: string | null;
}

@ObjectType({ description: 'A span of a weekday during which something is open.', simpleResolvers: true })
export class OpeningHours {
  @Field(() => Int, { description: 'ISO 8601 weekday: 1 is Monday, 7 is Sunday.' })
  weekday!: number;
  @Field(() => LocalTimeScalar, { description: 'When it opens.' })
  opens!: string;
  @Field(() => LocalTimeScalar, { description: 'When it closes; 24:00 is midnight.' })
  closes!: string;
}

@ObjectType({ description: 'A place on the map, WGS 84.', simpleResolvers: true })
export class GeoPoint {
  @Field(() => Float, { description: 'Degrees north, -90 to 90.' })
  latitude!: number;
  @Field(() => Float, { description: 'Degrees east, -180 to 180.' })
  longitude!: number;
}

@Entity('networks')
@ObjectType({ implements: Node, description: 'A community\'s "1+N" youth network 青年阵地网络; networks share nothing.', simpleResolvers: true })
export class Network extends Node {
  @Field({ description: 'Its name.' })
  @Column('text')
  name!: string;
  @Field({ description: 'Its short code, as the X-Network header takes it.' })
  @Column('text')
  code!: string;
  @Field({ description: 'The administrative division it lies in, GB/T 2260, e.g. 510726 for Beichuan.' })
  @Column('text')
  administrativeDivision!: string;
  @Field({ description: 'IANA time zone in which its days, months and opening hours are counted, e.g. Asia/Shanghai.' })
  @Column('text')
  timeZone!: string;
}

@Entity('organizations')
@ObjectType({ implements: Node, description: 'An organization 单位 of the network.', simpleResolvers: true })
export class Organization extends NetworkNode {
  @Field({ description: 'Its name.' })
  @Column('text')
  name!: string;
  @Field(() => OrganizationKind, { description: 'What sort it is.' })
  @Column('text')
  kind!: OrganizationKind;
  @Field(() => OrganizationStatus, { description: 'Where it stands in the network.' })
  @Column('text')
  status!: OrganizationStatus;
  @Field({ description: 'Whether it is the hub 阵地主体 of the network, the league committee.' })
  @Column('boolean')
  isHub!: boolean;
  @Field(() => String, {
    nullable: true,
    description: 'Unified social credit code (GB 32100-2015, 18 characters); null for groups that are not registered.',
  })
  @Column('text', { nullable: true })
  unifiedSocialCreditCode!: string | null;
  @Field(() => String, { nullable: true, description: 'What it says of itself.' })
  @Column('text', { nullable: true })
  introduction!: string | null;
  @Column('uuid', { nullable: true })
  appliedBy!: string | null;
  @Column('timestamptz')
  createdAt!: Date;
  @Field(() => Int, { description: 'Goes up with each change; updates name the version they were made from.' })
  @Column('integer', { default: 1 })
  version!: number;
}

@Entity('organization_contacts')
@ObjectType({
  description: 'How to reach an organization: for its own staff, the committee, and partners by a contract in force.',
  simpleResolvers: true,
})
export class OrganizationContact {
  @PrimaryColumn('uuid')
  networkId!: string;
  @PrimaryColumn('uuid')
  organizationId!: string;
  @Field(() => String, { nullable: true, description: 'Whom to ask for.' })
  @Column('text', { nullable: true })
  person!: string | null;
  @Field(() => PhoneNumberScalar, { nullable: true, description: 'Phone.' })
  @Column('text', { nullable: true })
  phone!: string | null;
  @Field(() => EmailAddressScalar, { nullable: true, description: 'E-mail.' })
  @Column('text', { nullable: true })
  email!: string | null;
}

@Entity('memberships')
@ObjectType({ implements: Node, description: 'That somebody belongs to an organization, and in what capacity.', simpleResolvers: true })
export class Membership extends NetworkNode {
  @Column('uuid')
  userId!: string;
  @Column('uuid')
  organizationId!: string;
  @Column('boolean')
  organizationIsHub!: boolean;
  @Field(() => Role, { description: 'The capacity.' })
  @Column('text')
  role!: Role;
  @Field(() => MembershipStatus, { description: 'Where it stands.' })
  @Column('text')
  status!: MembershipStatus;
  @Column('timestamptz')
  createdAt!: Date;
  @Field(() => Int, { description: 'Goes up with each change; updates name the version they were made from.' })
  @Column('integer', { default: 1 })
  version!: number;
}

@Entity('positions')
@ObjectType({ implements: Node, description: 'A place of youth work 阵地: the hub\'s Youth Home or a micro-position.', simpleResolvers: true })
export class Position extends NetworkNode {
  @Column('uuid')
  organizationId!: string;
  @Column('boolean')
  organizationIsHub!: boolean;
  @Column('text')
  organizationStatus!: OrganizationStatus;
  @Field({ description: 'Its name.' })
  @Column('text')
  name!: string;
  @Field(() => PositionKind, { description: 'The "1" or one of the "N".' })
  @Column('text')
  kind!: PositionKind;
  @Field(() => String, { nullable: true, description: 'Where it is, for people.' })
  @Column('text', { nullable: true })
  address!: string | null;
  @Column('double precision', { nullable: true })
  latitude!: number | null;
  @Column('double precision', { nullable: true })
  longitude!: number | null;
  @Field(() => [OpeningHours], { description: 'When it is open; empty when not said.' })
  @Column('jsonb')
  openingHours!: OpeningHours[];
  @Column('timestamptz')
  createdAt!: Date;
  @Field(() => Int, { description: 'Goes up with each change; updates name the version they were made from.' })
  @Column('integer', { default: 1 })
  version!: number;
}

/** One line of the history of anything with a status. */
@Entity('state_changes')
@ObjectType({ description: 'One step in the history of anything with a status.', simpleResolvers: true })
export class StateChange {
  @PrimaryColumn('uuid')
  networkId!: string;
  @PrimaryColumn('uuid')
  id!: string;
  @Column('text')
  subjectType!: string;
  @Column('uuid')
  subjectId!: string;
  @Field({ description: 'When.' })
  @Column('timestamptz')
  at!: Date;
  @Field(() => String, { nullable: true, description: 'The status before; null at the beginning.' })
  @Column('text', { name: 'from_status', nullable: true })
  from!: string | null;
  @Field(() => String, { description: 'The status after.' })
  @Column('text', { name: 'to_status' })
  to!: string;
  @Column('uuid', { nullable: true })
  actorUserId!: string | null;
  @Column('text')
  actorName!: string;
  @Column('uuid', { nullable: true })
  actorOrganizationId!: string | null;
  @Field(() => String, { nullable: true, description: 'The reason given.' })
  @Column('text', { nullable: true })
  note!: string | null;
  @Column('uuid', { array: true })
  audience!: string[];
}

/** Who did something, as it was known then. */
@ObjectType({ description: 'Who did something.', simpleResolvers: true })
export class Actor {
  @Field({ description: 'The name, as it was then; the platform itself for what the calendar does.' })
  displayName!: string;
  organizationId?: string | null;
}

@ObjectType({ description: 'An organization on the map of the network.', simpleResolvers: true })
export class NetworkMapNode {
  organizationId!: string;
  @Field({ description: 'Whether it is the "1".' })
  isHub!: boolean;
}

@ObjectType({
  description: 'What ties two organizations, counted over what you may see; the hub, or else the older one, is the source.',
  simpleResolvers: true,
})
export class NetworkMapLink {
  sourceId!: string;
  targetId!: string;
  @Field(() => Int, { description: 'Contracts in force between the two.' })
  contracts!: number;
  @Field(() => Int, { description: 'Resources that one grants the other by a contract in force.' })
  sharedResources!: number;
  @Field(() => Int, { description: 'Bookings that the one made of resources of the other: confirmed, whether used or not.' })
  bookings!: number;
  @Field(() => Int, { description: 'Activities that the one hosted and the other co-hosted, opened and not called off.' })
  jointActivities!: number;
}

@ObjectType({ description: 'The picture of the 1+N network.', simpleResolvers: true })
export class NetworkMap {
  @Field(() => [NetworkMapNode], { description: 'The organizations, the hub first.' })
  nodes!: NetworkMapNode[];
  @Field(() => [NetworkMapLink], { description: 'What ties them.' })
  links!: NetworkMapLink[];
}

@ObjectType({ description: 'The network in numbers, counted over what you may see; the committee sees all but what only those concerned may.', simpleResolvers: true })
export class NetworkStatistics {
  /** The days looked at; null: no bound. */
  period!: { from: string; to: string } | null;
  @Field(() => Int, { description: 'Organizations in good standing now.' })
  organizations!: number;
  @Field(() => Int, { description: 'Contracts in force at some day of the period; now, when no period is given.' })
  contractsInForce!: number;
  @Field(() => Int, { description: 'Resources shared beyond their owner, by contract, with the network or the public, and not retired.' })
  sharedResources!: number;
}

export const OrganizationConnection = connectionOf(() => Organization, 'Organization');
export const PositionConnection = connectionOf(() => Position, 'Position');
export const MembershipConnection = connectionOf(() => Membership, 'Membership');
