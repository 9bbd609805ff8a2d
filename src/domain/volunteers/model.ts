import { Field, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { readAs } from '../../platform/database/columns';
import { connectionOf } from '../../platform/graphql/connection';
import { enumOf } from '../../platform/graphql/enum';
import { NetworkNode, Node } from '../../platform/graphql/node';
import { DateScalar, EmailAddressScalar, PhoneNumberScalar } from '../../platform/graphql/scalars';
import { OpeningHours } from '../network/model';

export const RecruitmentChannel = enumOf('RecruitmentChannel', 'How volunteers are won.', {
  ONLINE: 'By themselves, online.',
  VISIT: 'At the door, taken down by staff.',
});
export type RecruitmentChannel = keyof typeof RecruitmentChannel;

export const CampaignStatus = enumOf('CampaignStatus', 'Where a recruitment call stands.', {
  DRAFT: 'Being written; seen by its organization and the committee alone.',
  OPEN: 'Out: everybody sees it, and may apply during its period.',
  CLOSED: 'Closed, by hand or with the last day of its period.',
});
export type CampaignStatus = keyof typeof CampaignStatus;

export const VolunteerStatus = enumOf('VolunteerStatus', 'Where a volunteer stands.', {
  APPLIED: 'Has applied; the organization has not answered.',
  ACTIVE: 'Volunteers.',
  PAUSED: 'Pauses: takes no shifts for a while.',
  REJECTED: 'The application was rejected.',
  LEFT: 'Volunteers no more.',
  ERASED: 'The personal data is gone; the hours of service stay without a name.',
});
export type VolunteerStatus = keyof typeof VolunteerStatus;

export const Occupation = enumOf('Occupation', 'What somebody does for a living.', {
  STUDENT: 'Student 学生.',
  TEACHER: 'Teacher 教师.',
  MEDICAL: 'Doctor, nurse or other medical staff 医护.',
  POLICE: 'Police 公安.',
  CIVIL_SERVANT: 'Civil servant 公务员.',
  ENGINEER: 'Engineer or technician 工程技术.',
  BUSINESS: 'Business 商业.',
  LEGAL: 'Law 法律.',
  SOCIAL_WORKER: 'Social worker 社工.',
  MILITARY_VETERAN: 'Veteran 退役军人.',
  FREELANCE: 'Freelance 自由职业.',
  RETIRED: 'Retired 退休.',
  OTHER: 'Anything else.',
});
export type Occupation = keyof typeof Occupation;

export const Gender = enumOf('Gender', 'As the identity document has it.', { FEMALE: 'Female.', MALE: 'Male.' });
export type Gender = keyof typeof Gender;

export const IdentityDocument = enumOf('IdentityDocument', 'What somebody is identified by.', {
  RESIDENT_IDENTITY_CARD: 'Resident identity card 居民身份证; its number is checked by GB 11643-1999 and tells birth date and gender.',
  PASSPORT: 'Passport.',
  HONG_KONG_MACAO_PERMIT: 'Mainland travel permit for residents of Hong Kong and Macao.',
  TAIWAN_PERMIT: 'Mainland travel permit for residents of Taiwan.',
  OTHER: 'Another document.',
});
export type IdentityDocument = keyof typeof IdentityDocument;

export const ConsentPurpose = enumOf('ConsentPurpose', 'What somebody agrees to.', {
  PERSONAL_DATA: 'That the personal data is kept and used to organize volunteering; nobody volunteers without.',
  GUARDIAN: 'That a minor volunteers; given by the guardian, recorded by recordGuardianConsent.',
  LEADERBOARD: 'That everybody in the network sees the name, number, occupation and hours, such as on the leaderboard.',
  PHOTOS: 'That photos which show the person are published with reports.',
  EXCHANGE: 'That service records are passed on to other volunteering systems.',
});
export type ConsentPurpose = keyof typeof ConsentPurpose;

@Entity('recruitment_campaigns')
@ObjectType({ implements: Node, description: 'A recruitment call 招募令.', simpleResolvers: true })
export class RecruitmentCampaign extends NetworkNode {
  @Column('uuid')
  organizationId!: string;
  @Field({ description: 'Its title.' })
  @Column('text')
  title!: string;
  @Field({ description: 'What it says.' })
  @Column('text')
  call!: string;
  @Field(() => RecruitmentChannel, { description: 'How it goes out in the first place: online, or from door to door. People may apply through either.' })
  @Column('text')
  channel!: RecruitmentChannel;
  @Column('date')
  periodFrom!: string;
  @Column('date')
  periodTo!: string;
  @Field(() => Int, { description: 'How many volunteers it is to win.' })
  @Column('integer')
  target!: number;
  @Field(() => CampaignStatus, { description: 'Where it stands now.' })
  @Column('text')
  status!: CampaignStatus;
  @Column('integer', { default: 0 })
  appliedOnline!: number;
  @Column('integer', { default: 0 })
  appliedVisit!: number;
  @Field({ description: 'When it was written down.' })
  @Column('timestamptz')
  createdAt!: Date;
  @Field(() => Int, { description: 'Goes up with each change; updates name the version they were made from.' })
  @Column('integer', { default: 1 })
  version!: number;
}
readAs(RecruitmentCampaign, 'status', (c) => `CASE WHEN ${c}.status = 'OPEN' AND ${c}.period_to < app.today() THEN 'CLOSED' ELSE ${c}.status END`);

@ObjectType({ description: 'How many have applied through one channel.', simpleResolvers: true })
export class ChannelCount {
  @Field(() => RecruitmentChannel, { description: 'The channel.' })
  channel!: RecruitmentChannel;
  @Field(() => Int, { description: 'How many applications came through it.' })
  applications!: number;
}

@Entity('volunteers')
@ObjectType({
  implements: Node,
  description: 'A volunteer: for the person, the own organization, those on whose shifts the volunteer is or was, and the committee; with consent for the whole network.',
  simpleResolvers: true,
})
export class Volunteer extends NetworkNode {
  @Field({ description: 'The volunteer number, given by the network; not the identity number.' })
  @Column('text')
  number!: string;
  @Column('text')
  displayName!: string;
  @Field(() => VolunteerStatus, { description: 'Where the volunteer stands.' })
  @Column('text')
  status!: VolunteerStatus;
  @Field(() => Occupation, { description: 'What the volunteer does for a living.' })
  @Column('text')
  occupation!: Occupation;
  @Field(() => [String], { description: 'What the volunteer can do.' })
  @Column('text', { array: true })
  skills!: string[];
  @Field(() => [OpeningHours], { description: 'When the volunteer is usually free; empty when nothing is known.' })
  @Column('jsonb')
  availability!: OpeningHours[];
  @Column('uuid', { nullable: true })
  organizationId!: string | null;
  @Column('uuid', { nullable: true })
  userId!: string | null;
  /** The day of the eighteenth birthday. */
  @Column('date', { nullable: true })
  adultOn!: string | null;
  @Column('uuid', { nullable: true })
  campaignId!: string | null;
  @Field(() => RecruitmentChannel, { description: 'How the volunteer was won.' })
  @Column('text')
  channel!: RecruitmentChannel;
  @Column('uuid', { array: true, default: '{}' })
  seenBy!: string[];
  /** Of all service records, corrections counted; kept by what writes them. */
  @Column({ type: 'bigint', default: 0, update: false })
  serviceSeconds!: number;
  @Column('boolean', { default: false })
  isListed!: boolean;
  @Field({ description: 'When the volunteer applied, or was taken over from a roster.' })
  @Column('timestamptz')
  createdAt!: Date;
  @Field(() => Int, { description: 'Goes up with each change; updates name the version they were made from.' })
  @Column('integer', { default: 1 })
  version!: number;
}

@ObjectType({ description: 'The guardian of a minor.', simpleResolvers: true })
export class Guardian {
  @Field({ description: 'The name.' })
  name!: string;
  @Field(() => PhoneNumberScalar, { description: 'The phone.' })
  phone!: string;
  volunteerId!: string;
}

@Entity('volunteer_personal')
@ObjectType({
  description: 'Personal data: for the volunteer, the staff of the own organization and the committee. The identity number is encrypted where it is kept, and shown masked.',
  simpleResolvers: true,
})
export class VolunteerPersonal {
  @PrimaryColumn('uuid')
  networkId!: string;
  @PrimaryColumn('uuid')
  volunteerId!: string;
  @Column('uuid', { nullable: true })
  userId!: string | null;
  @Column('uuid', { nullable: true })
  organizationId!: string | null;
  @Field({ description: 'The name in the identity document.' })
  @Column('text')
  legalName!: string;
  @Field(() => String, { nullable: true, description: 'FEMALE or MALE, as the identity document has it; null when not known.' })
  @Column('text', { nullable: true })
  gender!: Gender | null;
  @Field(() => DateScalar, { nullable: true, description: 'The birth date, from the identity number where that tells it.' })
  @Column('date', { nullable: true })
  birthDate!: string | null;
  @Field(() => IdentityDocument, { nullable: true, description: 'What the volunteer is identified by; null when by nothing.' })
  @Column('text', { nullable: true })
  identityDocument!: IdentityDocument | null;
  @Column('bytea', { nullable: true })
  identityEncrypted!: Buffer | null;
  @Column('text', { nullable: true })
  identityKey!: string | null;
  @Column('bytea', { nullable: true })
  identityHash!: Buffer | null;
  @Column('text', { nullable: true })
  identityMasked!: string | null;
  /** Whether somebody who saw the document took the number for the volunteer's: of those there is one a network. */
  @Column('boolean', { default: false })
  identityCounts!: boolean;
  @Field(() => PhoneNumberScalar, { nullable: true, description: 'The phone, E.164.' })
  @Column('text', { nullable: true })
  phone!: string | null;
  @Field(() => EmailAddressScalar, { nullable: true, description: 'The e-mail.' })
  @Column('text', { nullable: true })
  email!: string | null;
  @Column('text', { nullable: true })
  guardianName!: string | null;
  @Column('text', { nullable: true })
  guardianPhone!: string | null;
}

@Entity('volunteer_consents')
@ObjectType({ description: 'What somebody agreed to; never changed but for being withdrawn.', simpleResolvers: true })
export class Consent {
  @PrimaryColumn('uuid')
  networkId!: string;
  @PrimaryColumn('uuid')
  id!: string;
  @Column('uuid')
  volunteerId!: string;
  @Column('uuid', { nullable: true })
  userId!: string | null;
  @Column('uuid', { nullable: true })
  organizationId!: string | null;
  @Field(() => String, { description: 'What for: a value of ConsentPurpose.' })
  @Column('text')
  purpose!: ConsentPurpose;
  @Field({ description: 'Since when.' })
  @Column('timestamptz')
  grantedAt!: Date;
  @Field(() => Date, { nullable: true, description: 'Until when; null while it stands.' })
  @Column('timestamptz', { nullable: true })
  withdrawnAt!: Date | null;
  /** Whose account wrote it down; the volunteer's own id, where that was the person without an account. */
  @Column('uuid')
  recordedBy!: string;
}

export const VolunteerConnection = connectionOf(() => Volunteer, 'Volunteer');
export const RecruitmentCampaignConnection = connectionOf(() => RecruitmentCampaign, 'RecruitmentCampaign');
