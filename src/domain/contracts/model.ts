import { Field, ID, Int, InterfaceType, ObjectType } from 'type-graphql';
import { Column, Entity } from 'typeorm';
import { readAs } from '../../platform/database/columns';
import { connectionOf } from '../../platform/graphql/connection';
import { enumOf } from '../../platform/graphql/enum';
import { NetworkNode, Node } from '../../platform/graphql/node';
import { DurationScalar } from '../../platform/graphql/scalars';
import { OpeningHours, type Organization } from '../network/model';

export const ContractStatus = enumOf('ContractStatus', 'Where a contract stands today, by its signatures and the calendar.', {
  DRAFT: 'Being written; only who drafts it and the committee see it.',
  PROPOSED: 'Open for signing; every party sees it.',
  SIGNED: 'Signed by every party; its term has not begun.',
  ACTIVE: 'In force: what it grants is open.',
  SUSPENDED: 'Suspended by the committee: what it grants is closed until it is resumed.',
  EXPIRED: 'Its last day has passed.',
  TERMINATED: 'Ended before its last day.',
  REJECTED: 'A party has rejected it.',
  WITHDRAWN: 'Taken back before every party had signed.',
});
export type ContractStatus = keyof typeof ContractStatus;

export const PartyRole = enumOf('PartyRole', 'In what capacity an organization is party to a contract.', {
  HUB: 'The league committee, the "1".',
  PARTNER: 'One of the organizations around it, the "N".',
});
export type PartyRole = keyof typeof PartyRole;

export const ActivityCategory = enumOf('ActivityCategory', 'A field of work.', {
  OUTREACH: 'Outreach and publicity 宣传.',
  PROPERTY_SERVICE: 'Property services 物业服务.',
  BUILDING_MANAGEMENT: 'Building management 楼栋管理.',
  PUBLIC_SAFETY: 'Public safety 治安.',
  EPIDEMIC_PREVENTION: 'Epidemic prevention 防疫.',
  AFTER_SCHOOL_CLASS: 'After-school class 四点半课堂.',
  SMART_ELDER_CARE: 'Smart elder care 智慧助老.',
  YOUTH_SUPPORT: 'Support of disadvantaged youth 困境青少年帮扶.',
  GREEN_LIVING: 'Green habits 绿色生活.',
  CULTURE: 'Culture and sports 文体.',
  TRAINING: 'Training 培训.',
  OTHER: 'Anything else.',
});
export type ActivityCategory = keyof typeof ActivityCategory;

@Entity('contracts')
@ObjectType({
  implements: Node,
  description: 'A contract 契约 between organizations. While it is in force, what its clauses grant is open to their beneficiaries.',
  simpleResolvers: true,
})
export class Contract extends NetworkNode {
  @Field({ description: 'Its number, unique in the network, e.g. ERMA-2026-0001.' })
  @Column('text')
  number!: string;
  @Field({ description: 'What it is called.' })
  @Column('text')
  title!: string;
  @Field(() => ContractStatus, { description: 'Where it stands today; what the calendar moves is so from the first instant of the day.' })
  @Column('text')
  status!: ContractStatus;
  /** The status last written down: the calendar may have gone on since. */
  @Column({ type: 'text', name: 'status', insert: false, update: false })
  recordedStatus!: ContractStatus;
  @Column('date')
  termFrom!: string;
  @Column('date', { nullable: true })
  termTo!: string | null;
  /** The organization that drafted it. */
  @Column('uuid')
  draftedBy!: string;
  @Column('uuid', { nullable: true })
  supersedesId!: string | null;
  @Column('date', { nullable: true })
  supersededFrom!: string | null;
  /** The last day in force: of the term, or the one before its amendment begins. */
  @Column({ type: 'date', nullable: true, insert: false, update: false })
  endsOn!: string | null;
  /** The first of the agreement's versions. */
  @Column('uuid')
  lineageId!: string;
  @Field({ description: 'SHA-256, in hexadecimal, of what is signed: title, parties, term, clauses with the names of what they grant, and bookingRelease where it is given, as canonical JSON (RFC 8785). signContract takes the one that was read.' })
  @Column('text')
  contentHash!: string;
  @Field(() => DurationScalar, {
    nullable: true,
    description: 'For how long the bookings made by it are kept when it is suspended or has ended, before their places are given up; null: seven days.',
  })
  @Column('interval', { nullable: true })
  bookingRelease!: string | null;
  /** The organizations that may know of it. */
  @Column('uuid', { array: true })
  audience!: string[];
  @Field({ description: 'When it was drafted.' })
  @Column('timestamptz')
  createdAt!: Date;
  @Field(() => Int, { description: 'Goes up with each change; updates name the version they were made from.' })
  @Column('integer', { default: 1 })
  version!: number;
}
readAs(Contract, 'status', (c) => `app.contract_status(${c}.status, ${c}.term_from, ${c}.ends_on, app.today())`);

@ObjectType({ description: 'An organization that is party to a contract.', simpleResolvers: true })
export class ContractParty {
  contractId!: string;
  organizationId!: string;
  organization!: Organization;
  @Field(() => PartyRole, { description: 'In what capacity.' })
  role!: PartyRole;
  @Field(() => Date, { nullable: true, description: 'When it signed the content as it stands; null while it has not.' })
  signedAt!: Date | null;
}

@ObjectType({ description: "A party's signature under the content of a contract. An edit clears it.", simpleResolvers: true })
export class Signature {
  contractId!: string;
  organizationId!: string;
  signedByName!: string;
  @Field({ description: 'When.' })
  signedAt!: Date;
  @Field({ description: 'The content that was signed: the contentHash of the contract at that moment.' })
  contentHash!: string;
}

export const ClauseKind = enumOf('ContractClauseKind', 'What sort of thing a clause is.', {
  RESOURCE_GRANT: 'Opens resources: ResourceGrantClause.',
  ACTIVITY_COMMITMENT: 'Promises activities: ActivityCommitmentClause.',
  VOLUNTEER_COMMITMENT: 'Promises voluntary service: VolunteerCommitmentClause.',
  GOVERNANCE_DUTY: 'Takes on a duty of governance: GovernanceDutyClause.',
});
export type ClauseKind = keyof typeof ClauseKind;

/** The object type of each kind of clause. */
export const clauseTypes: Readonly<Record<ClauseKind, string>> = {
  RESOURCE_GRANT: 'ResourceGrantClause',
  ACTIVITY_COMMITMENT: 'ActivityCommitmentClause',
  VOLUNTEER_COMMITMENT: 'VolunteerCommitmentClause',
  GOVERNANCE_DUTY: 'GovernanceDutyClause',
};

@InterfaceType({ description: 'One thing that a party takes on in a contract.', resolveType: (clause: ContractClause) => clause.__typename })
export abstract class ContractClause {
  __typename!: string;
  kind!: ClauseKind;
  contractId!: string;
  obligorId!: string;
  @Field(() => ID, { description: 'Its id; an edited contract has clauses with new ones.' })
  id!: string;
  @Field({ description: 'Its wording.' })
  text!: string;
}

@ObjectType({ description: 'A resource as a clause names it.', simpleResolvers: true })
export class GrantedResource {
  clauseId!: string;
  resourceId!: string;
  @Field({ description: 'Its name as the parties sign it.' })
  name!: string;
}

@ObjectType({
  implements: [ContractClause, Node],
  description: 'Opens resources of the obligor to the beneficiaries while the contract is in force 资源授权.',
  simpleResolvers: true,
})
export class ResourceGrantClause extends ContractClause {
  @Field(() => DurationScalar, { nullable: true, description: 'For how long a month all beneficiaries together may use it; null: without limit.' })
  quotaPerMonth!: string | null;
  @Field(() => [OpeningHours], { description: 'When the beneficiaries may use it; empty: whenever it is open.' })
  hours!: OpeningHours[];
  @Field({ description: 'Whether the obligor approves each booking.' })
  requiresApproval!: boolean;
  @Field(() => Int, { description: 'Who waits for a place comes first by the higher one.' })
  priority!: number;
}

@ObjectType({ implements: [ContractClause, Node], description: 'Promises activities 活动承诺.', simpleResolvers: true })
export class ActivityCommitmentClause extends ContractClause {
  @Field(() => ActivityCategory, { description: 'Of which field.' })
  category!: ActivityCategory;
  @Field(() => Int, { description: 'How many in each quarter.' })
  activitiesPerQuarter!: number;
}

@ObjectType({ implements: [ContractClause, Node], description: 'Promises voluntary service 志愿服务承诺.', simpleResolvers: true })
export class VolunteerCommitmentClause extends ContractClause {
  @Field(() => Int, { description: 'How many hours in each quarter.' })
  serviceHoursPerQuarter!: number;
}

@ObjectType({ implements: [ContractClause, Node], description: 'Takes on a duty of governance 治理职责.', simpleResolvers: true })
export class GovernanceDutyClause extends ContractClause {
  @Field(() => ActivityCategory, { description: 'In which field.' })
  category!: ActivityCategory;
}

export const ContractConnection = connectionOf(() => Contract, 'Contract');
