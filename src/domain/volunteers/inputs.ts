import { Field, ID, InputType, Int } from 'type-graphql';
import { z } from 'zod';
import { date, distinct, email, fault, idempotencyKey, openingHours, optionalText, phone, text, version, whole } from '../../platform/graphql/edge';
import { DateScalar } from '../../platform/graphql/scalars';
import { ApplicantInput, applicant, DateRangeInput, OpeningHoursInput } from '../network/inputs';
import { isDay, normalizedNumber, readIdentity } from './identity';
import { ConsentPurpose, Gender, IdentityDocument, Occupation, RecruitmentChannel, VolunteerStatus } from './model';

const birthDate = z.string().superRefine((value, check) => {
  if (!isDay(value) || value < '1900-01-01') fault(check, 'invalid.birthDate');
});
const OTHER_NUMBER = /^[0-9A-Z()/.]{4,30}$/;
const skills = distinct(text(1, 50), 30);
const consents = distinct(z.enum(ConsentPurpose), 10);

interface Described {
  gender?: Gender | null;
  birthDate?: string | null;
  identityDocument?: IdentityDocument | null;
  identityNumber?: string | null;
}

/** What an identity number of a resident says goes before what was written beside it. */
export function withIdentity<Person extends Described>(person: Person, check: Parameters<typeof fault>[0]): Person {
  const { identityNumber: number } = person;
  if (!number) return person;
  const identityDocument = person.identityDocument ?? 'RESIDENT_IDENTITY_CARD';
  if (identityDocument !== 'RESIDENT_IDENTITY_CARD') {
    if (!OTHER_NUMBER.test(number)) fault(check, 'identity.other', {}, ['identityNumber']);
    return { ...person, identityDocument };
  }
  const read = readIdentity(number);
  if (typeof read === 'string') {
    fault(check, read, {}, ['identityNumber']);
    return person;
  }
  if (person.birthDate && person.birthDate !== read.birthDate) fault(check, 'identity.differs', {}, ['birthDate']);
  if (person.gender && person.gender !== read.gender) fault(check, 'identity.differs', {}, ['gender']);
  return { ...person, identityDocument, ...read };
}

const identityNumber = z.string().max(100).transform(normalizedNumber);

@InputType({ description: 'Personal data of somebody who volunteers.' })
export class VolunteerPersonalInput {
  @Field({ description: 'The name in the identity document; up to 100 characters.' })
  legalName!: string;
  @Field(() => Gender, { nullable: true, description: 'As the identity document has it; not needed with a resident identity number.' })
  gender?: Gender | null;
  @Field(() => DateScalar, { nullable: true, description: 'The birth date; not needed with a resident identity number.' })
  birthDate?: string | null;
  @Field(() => IdentityDocument, { nullable: true, description: 'Which document the number is of; a resident identity card when not given.' })
  identityDocument?: IdentityDocument | null;
  @Field(() => String, { nullable: true, description: 'The number of the identity document. It is kept encrypted and never answered whole.' })
  identityNumber?: string | null;
  @Field(() => String, { nullable: true, description: 'The phone, E.164; this or an e-mail.' })
  phone?: string | null;
  @Field(() => String, { nullable: true, description: 'The e-mail; this or a phone.' })
  email?: string | null;
}
export const personal = z
  .object({
    legalName: text(1, 100),
    gender: z.enum(Gender).nullish(),
    birthDate: birthDate.nullish(),
    identityDocument: z.enum(IdentityDocument).nullish(),
    identityNumber: identityNumber.nullish(),
    phone: phone.nullish(),
    email: email.nullish(),
  })
  .transform(withIdentity)
  .superRefine((person, check) => {
    const isTold = Boolean(person.identityNumber) && (person.identityDocument ?? 'RESIDENT_IDENTITY_CARD') === 'RESIDENT_IDENTITY_CARD';
    if (!person.birthDate && !isTold) fault(check, 'volunteer.birthDate', {}, ['birthDate']);
    if (!person.phone && !person.email) fault(check, 'contact.needed', {}, ['phone']);
  });

@InputType({ description: 'An application to volunteer.' })
export class ApplyAsVolunteerInput {
  @Field(() => ID, { nullable: true, description: 'The recruitment call that is answered; it has to be open today.' })
  campaign?: string | null;
  @Field(() => ID, { nullable: true, description: 'To volunteer through which organization; that of the call when not given, else your own at the door, else the hub.' })
  organization?: string | null;
  @Field(() => RecruitmentChannel, { defaultValue: 'ONLINE', description: 'ONLINE for yourself; VISIT for somebody at the door, which staff takes down.' })
  channel!: RecruitmentChannel;
  @Field(() => String, { nullable: true, description: 'The name shown to others; the legal name when not given.' })
  displayName?: string | null;
  @Field(() => Occupation, { description: 'What you do for a living.' })
  occupation!: Occupation;
  @Field(() => [String], { defaultValue: [], description: 'What you can do; up to 30, of 50 characters each.' })
  skills!: string[];
  @Field(() => [OpeningHoursInput], { defaultValue: [], description: 'When you are usually free.' })
  availability!: OpeningHoursInput[];
  @Field(() => VolunteerPersonalInput, { description: 'Personal data; from 14 on.' })
  personal!: VolunteerPersonalInput;
  @Field(() => [ConsentPurpose], { description: 'What you agree to: PERSONAL_DATA at least.' })
  consents!: ConsentPurpose[];
  @Field(() => ApplicantInput, { nullable: true, description: 'An account to be made along with it; only for yourself, when not signed in.' })
  applicant?: ApplicantInput | null;
  @Field(() => String, { nullable: true, description: 'Repeating a request with the same key and input applies once; for who is signed in.' })
  idempotencyKey?: string | null;
}
export const applyAsVolunteer = z
  .object({
    campaign: z.string().nullish(),
    organization: z.string().nullish(),
    channel: z.enum(RecruitmentChannel),
    displayName: text(1, 100).nullish(),
    occupation: z.enum(Occupation),
    skills,
    availability: openingHours,
    personal,
    consents,
    applicant: applicant.nullish(),
    idempotencyKey,
  })
  .superRefine(({ channel, applicant: account, consents: agreed }, check) => {
    if (channel === 'VISIT' && account) fault(check, 'volunteer.visit.account', {}, ['applicant']);
    if (agreed.includes('GUARDIAN')) fault(check, 'volunteer.consent.guardian', {}, ['consents']);
  });

@InputType({ description: 'A volunteer, and why something is done.' })
export class VolunteerNoteInput {
  @Field(() => ID, { description: 'The volunteer.' })
  id!: string;
  @Field(() => Int, { description: 'The version that was read.' })
  version!: number;
  @Field(() => String, { nullable: true, description: 'The reason, for the history; up to 1000 characters.' })
  note?: string | null;
}
export const withNote = z.object({ id: z.string(), version, note: optionalText(1000) });

@InputType({ description: 'A volunteer whose application is rejected, and why.' })
export class RejectVolunteerInput {
  @Field(() => ID, { description: 'The volunteer.' })
  id!: string;
  @Field(() => Int, { description: 'The version that was read.' })
  version!: number;
  @Field({ description: 'The reason, for the history, which the person reads; up to 1000 characters.' })
  note!: string;
}
export const rejectVolunteer = z.object({ id: z.string(), version, note: text(1, 1000) });

@InputType({ description: 'Changes of personal data; what is not named stays. Of oneself phone and e-mail alone; the rest needs somebody who has seen the document.' })
export class ChangedPersonalInput {
  @Field(() => String, { nullable: true, description: 'The name in the identity document; up to 100 characters.' })
  legalName?: string | null;
  @Field(() => Gender, { nullable: true, description: 'As the identity document has it.' })
  gender?: Gender | null;
  @Field(() => DateScalar, { nullable: true, description: 'The birth date.' })
  birthDate?: string | null;
  @Field(() => IdentityDocument, { nullable: true, description: 'Which document the number is of.' })
  identityDocument?: IdentityDocument | null;
  @Field(() => String, { nullable: true, description: 'The number of the identity document.' })
  identityNumber?: string | null;
  @Field(() => String, { nullable: true, description: 'The phone, E.164; null takes it away.' })
  phone?: string | null;
  @Field(() => String, { nullable: true, description: 'The e-mail; null takes it away.' })
  email?: string | null;
}
const changedPersonal = z
  .object({
    legalName: text(1, 100).optional(),
    gender: z.enum(Gender).optional(),
    birthDate: birthDate.optional(),
    identityDocument: z.enum(IdentityDocument).optional(),
    identityNumber: identityNumber.optional(),
    phone: phone.nullable().optional(),
    email: email.nullable().optional(),
  })
  .transform(withIdentity)
  .superRefine(({ identityDocument, identityNumber: number }, check) => {
    if (identityDocument && !number) fault(check, 'invalid.required', {}, ['identityNumber']);
  });

@InputType({ description: 'Changes of a volunteer; what is not named stays.' })
export class UpdateVolunteerInput {
  @Field(() => ID, { description: 'The volunteer.' })
  id!: string;
  @Field(() => Int, { description: 'The version that was read.' })
  version!: number;
  @Field(() => String, { nullable: true, description: 'The name shown to others; up to 100 characters.' })
  displayName?: string | null;
  @Field(() => Occupation, { nullable: true, description: 'What the volunteer does for a living.' })
  occupation?: Occupation | null;
  @Field(() => [String], { nullable: true, description: 'What the volunteer can do, as a whole.' })
  skills?: string[] | null;
  @Field(() => [OpeningHoursInput], { nullable: true, description: 'When the volunteer is usually free, as a whole.' })
  availability?: OpeningHoursInput[] | null;
  @Field(() => ChangedPersonalInput, { nullable: true, description: 'Personal data that changes.' })
  personal?: ChangedPersonalInput | null;
  @Field(() => [ConsentPurpose], { nullable: true, description: 'What the volunteer agrees to from now on, beside what stands; withdrawConsent takes one back.' })
  consents?: ConsentPurpose[] | null;
  @Field(() => VolunteerStatus, { nullable: true, description: 'PAUSED to pause, ACTIVE to resume or to come back, LEFT to leave.' })
  status?: VolunteerStatus | null;
  @Field(() => String, { nullable: true, description: 'The reason of another status, for the history; up to 1000 characters.' })
  note?: string | null;
}
export const updateVolunteer = z
  .object({
    id: z.string(),
    version,
    displayName: text(1, 100).optional(),
    occupation: z.enum(Occupation).optional(),
    skills: skills.optional(),
    availability: openingHours.optional(),
    personal: changedPersonal.optional(),
    consents: consents.optional(),
    status: z.enum(VolunteerStatus).optional(),
    note: optionalText(1000),
  })
  .superRefine(({ status, consents: agreed }, check) => {
    if (status && !['ACTIVE', 'PAUSED', 'LEFT'].includes(status)) fault(check, 'volunteer.status', {}, ['status']);
    if (agreed?.includes('GUARDIAN')) fault(check, 'volunteer.consent.guardian', {}, ['consents']);
  });

@InputType({ description: 'The consent of the guardian of a minor.' })
export class RecordGuardianConsentInput {
  @Field(() => ID, { description: 'The volunteer, who is under 18.' })
  id!: string;
  @Field(() => Int, { description: 'The version that was read.' })
  version!: number;
  @Field({ description: "The guardian's name; up to 100 characters." })
  name!: string;
  @Field({ description: "The guardian's phone, E.164." })
  phone!: string;
}
export const recordGuardianConsent = z.object({ id: z.string(), version, name: text(1, 100), phone });

@InputType({ description: 'A consent that is taken back.' })
export class WithdrawConsentInput {
  @Field(() => ID, { description: 'The volunteer.' })
  id!: string;
  @Field(() => Int, { description: 'The version that was read.' })
  version!: number;
  @Field(() => ConsentPurpose, { description: 'What is no longer agreed to.' })
  purpose!: ConsentPurpose;
}
export const withdrawConsent = z.object({ id: z.string(), version, purpose: z.enum(ConsentPurpose) });

@InputType({ description: 'Whose personal data is exported.' })
export class ExportPersonalDataInput {
  @Field(() => ID, { description: 'The volunteer.' })
  id!: string;
}
export const exportPersonalData = z.object({ id: z.string() });

@InputType({ description: 'A roster of volunteers that is imported.' })
export class ImportVolunteersInput {
  @Field(() => ID, { description: 'The file, uploaded as VOLUNTEER_ROSTER. Its first line names the columns: 姓名, 性别, 出生日期, 身份证号, 手机, 邮箱, 职业, 特长, or in English.' })
  file!: string;
  @Field(() => ID, { nullable: true, description: 'The organization whose volunteers they are; your own when not given.' })
  organization?: string | null;
  @Field({ defaultValue: false, description: 'Whether only to say what is wrong, and how many would be added.' })
  dryRun!: boolean;
  @Field({ description: 'That the organization holds the consent of everybody listed to the use of their personal data.' })
  consentsHeld!: boolean;
  @Field(() => String, { nullable: true, description: 'Repeating a request with the same key and input imports once.' })
  idempotencyKey?: string | null;
}
export const importVolunteers = z.object({ file: z.string(), organization: z.string().nullish(), dryRun: z.boolean(), consentsHeld: z.boolean(), idempotencyKey });

const campaignFields = {
  organization: z.string().nullish(),
  title: text(1, 200),
  call: text(1, 10_000),
  channel: z.enum(RecruitmentChannel),
  period: z.object({ from: date, to: date }).superRefine(({ from, to }, check) => {
    if (from > to) fault(check, 'period.reversed', {}, ['to']);
  }),
  target: whole(1, 1_000_000),
  idempotencyKey,
};

@InputType({ description: 'A recruitment call as it is drafted.' })
export class DraftCampaignInput {
  @Field(() => ID, { nullable: true, description: 'The organization that recruits; your own when not given.' })
  organization?: string | null;
  @Field({ description: 'Its title; up to 200 characters.' })
  title!: string;
  @Field({ description: 'What it says; up to 10000 characters.' })
  call!: string;
  @Field(() => RecruitmentChannel, { description: 'How it goes out in the first place.' })
  channel!: RecruitmentChannel;
  @Field(() => DateRangeInput, { description: 'During which days people may apply.' })
  period!: DateRangeInput;
  @Field(() => Int, { description: 'How many volunteers it is to win; 1 to 1000000.' })
  target!: number;
  @Field(() => String, { nullable: true, description: 'Repeating a request with the same key and input makes nothing twice.' })
  idempotencyKey?: string | null;
}
export const draftCampaign = z.object(campaignFields);

@InputType({ description: 'A recruitment call as it goes out.' })
export class OpenCampaignInput extends DraftCampaignInput {
  @Field(() => ID, { nullable: true, description: 'The draft that goes out like this; none for a call that was not drafted before.' })
  draft?: string | null;
  @Field(() => Int, { nullable: true, description: 'The version of the draft that was read.' })
  version?: number | null;
}
export const openCampaign = z.object({ ...campaignFields, draft: z.string().nullish(), version: version.nullish() }).superRefine(({ draft, version: read }, check) => {
  if (draft && !read) fault(check, 'invalid.version', {}, ['version']);
});

@InputType({ description: 'A recruitment call that is closed, and why.' })
export class CloseCampaignInput {
  @Field(() => ID, { description: 'The call.' })
  id!: string;
  @Field(() => Int, { description: 'The version that was read.' })
  version!: number;
  @Field(() => String, { nullable: true, description: 'The reason, for its history; up to 1000 characters.' })
  note?: string | null;
}

@InputType({ description: 'Which volunteers to list.' })
export class VolunteerFilter {
  @Field(() => VolunteerStatus, { nullable: true, description: 'Standing like this.' })
  status?: VolunteerStatus | null;
  @Field(() => ID, { nullable: true, description: 'Of this organization.' })
  organization?: string | null;
  @Field(() => Occupation, { nullable: true, description: 'Doing this for a living.' })
  occupation?: Occupation | null;
  @Field(() => [String], { nullable: true, description: 'With all of these skills.' })
  skills?: string[] | null;
  @Field(() => ID, { nullable: true, description: 'Who answered this recruitment call.' })
  campaign?: string | null;
  @Field(() => RecruitmentChannel, { nullable: true, description: 'Won through this channel.' })
  channel?: RecruitmentChannel | null;
  @Field(() => Boolean, { nullable: true, description: 'Whether the volunteer is under 18 today.' })
  minor?: boolean | null;
  @Field(() => String, { nullable: true, description: 'With this text in the name shown, or with this number.' })
  text?: string | null;
}
