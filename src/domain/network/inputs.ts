import { Field, Float, ID, InputType, Int } from 'type-graphql';
import { z } from 'zod';
import { changedText, email, fault, idempotencyKey, openingHours, optionalText, phone, text, version } from '../../platform/graphql/edge';
import { DateScalar, LocalTimeScalar } from '../../platform/graphql/scalars';
import { isAcceptablePassword, PASSWORD_LENGTH } from '../../platform/identity/passwords';
import { isCreditCode } from './credit-code';
import { OrganizationKind, OrganizationStatus, PositionKind, Role } from './model';

export const password = z.string().superRefine((value, check) => {
  if (!isAcceptablePassword(value)) fault(check, 'invalid.password', PASSWORD_LENGTH);
});
const creditCode = z
  .string()
  .transform((value) => value.trim().toUpperCase())
  .superRefine((value, check) => {
    if (!isCreditCode(value)) fault(check, 'invalid.code');
  });
const contact = z.object({ person: optionalText(100), phone: phone.nullish(), email: email.nullish() });
const location = z.object({ latitude: z.number(), longitude: z.number() }).superRefine((point, check) => {
  if (Math.abs(point.latitude) > 90 || Math.abs(point.longitude) > 180) fault(check, 'invalid.location');
});
const reachable = (person: { email?: string | null; phone?: string | null }, check: Parameters<typeof fault>[0]) => {
  if (!person.email && !person.phone) fault(check, 'contact.needed', {}, ['email']);
};

@InputType({ description: 'A span of a weekday during which something is open.' })
export class OpeningHoursInput {
  @Field(() => Int, { description: 'ISO 8601 weekday: 1 is Monday, 7 is Sunday.' })
  weekday!: number;
  @Field(() => LocalTimeScalar, { description: 'When it opens.' })
  opens!: string;
  @Field(() => LocalTimeScalar, { description: 'When it closes, after it opens; 24:00 is midnight.' })
  closes!: string;
}

@InputType({ description: 'A place on the map, WGS 84.' })
export class GeoPointInput {
  @Field(() => Float, { description: 'Degrees north, -90 to 90.' })
  latitude!: number;
  @Field(() => Float, { description: 'Degrees east, -180 to 180.' })
  longitude!: number;
}

@InputType({ description: 'Calendar days, both included.' })
export class DateRangeInput {
  @Field(() => DateScalar, { description: 'The first day.' })
  from!: string;
  @Field(() => DateScalar, { description: 'The last day, not before the first.' })
  to!: string;
}

@InputType({ description: 'How to reach an organization.' })
export class OrganizationContactInput {
  @Field(() => String, { nullable: true, description: 'Whom to ask for; up to 100 characters.' })
  person?: string | null;
  @Field(() => String, { nullable: true, description: 'Phone, E.164.' })
  phone?: string | null;
  @Field(() => String, { nullable: true, description: 'E-mail.' })
  email?: string | null;
}

@InputType({ description: 'The person who applies for an organization and has no account yet.' })
export class ApplicantInput {
  @Field({ description: 'The name shown; up to 100 characters.' })
  displayName!: string;
  @Field(() => String, { nullable: true, description: 'E-mail to sign in with; this or a phone.' })
  email?: string | null;
  @Field(() => String, { nullable: true, description: 'Phone to sign in with, E.164; this or an e-mail.' })
  phone?: string | null;
  @Field({ description: 'Password of 10 to 128 characters, not a common one.' })
  password!: string;
}
export const applicant = z
  .object({ displayName: text(1, 100), email: email.nullish(), phone: phone.nullish(), password })
  .superRefine(reachable);

@InputType({ description: 'The organization that applies to join.' })
export class ApplyingOrganizationInput {
  @Field({ description: 'Its name; up to 200 characters.' })
  name!: string;
  @Field(() => OrganizationKind, { description: 'What sort it is.' })
  kind!: OrganizationKind;
  @Field(() => String, { nullable: true, description: 'Unified social credit code, GB 32100-2015; none for groups that are not registered.' })
  unifiedSocialCreditCode?: string | null;
  @Field(() => String, { nullable: true, description: 'What it says of itself; up to 2000 characters.' })
  introduction?: string | null;
  @Field(() => OrganizationContactInput, { nullable: true, description: 'How to reach it.' })
  contact?: OrganizationContactInput | null;
}

@InputType({ description: 'An application to join the network.' })
export class ApplyToJoinInput {
  @Field(() => ApplyingOrganizationInput, { description: 'The organization.' })
  organization!: ApplyingOrganizationInput;
  @Field(() => ApplicantInput, { nullable: true, description: 'The person who applies; none when signed in.' })
  applicant?: ApplicantInput | null;
}
export const applyToJoin = z.object({
  organization: z.object({
    name: text(1, 200),
    kind: z.enum(OrganizationKind),
    unifiedSocialCreditCode: creditCode.nullish(),
    introduction: optionalText(2000),
    contact: contact.nullish(),
  }),
  applicant: applicant.nullish(),
});

@InputType({ description: 'An organization and why something is done to it.' })
export class OrganizationNoteInput {
  @Field(() => ID, { description: 'The organization.' })
  id!: string;
  @Field(() => Int, { description: 'The version that was read.' })
  version!: number;
  @Field(() => String, { nullable: true, description: 'The reason, for its history; up to 1000 characters.' })
  note?: string | null;
}
export const withNote = z.object({ id: z.string(), version, note: optionalText(1000) });

@InputType({ description: 'Changes of an organization; what is not named stays.' })
export class UpdateOrganizationInput {
  @Field(() => ID, { description: 'The organization.' })
  id!: string;
  @Field(() => Int, { description: 'The version that was read.' })
  version!: number;
  @Field(() => String, { nullable: true, description: 'Its name; up to 200 characters.' })
  name?: string | null;
  @Field(() => String, { nullable: true, description: 'What it says of itself; null empties it.' })
  introduction?: string | null;
  @Field(() => String, { nullable: true, description: 'Unified social credit code, GB 32100-2015; null when it has none.' })
  unifiedSocialCreditCode?: string | null;
  @Field(() => OrganizationContactInput, { nullable: true, description: 'How to reach it, as a whole.' })
  contact?: OrganizationContactInput | null;
}
export const updateOrganization = z.object({
  id: z.string(),
  version,
  name: text(1, 200).optional(),
  introduction: changedText(2000),
  unifiedSocialCreditCode: creditCode.nullish(),
  contact: contact.nullish(),
});

@InputType({ description: 'An invitation to become a member.' })
export class InviteMemberInput {
  @Field(() => ID, { description: 'The organization.' })
  organization!: string;
  @Field({ description: 'The name shown until the person answers; up to 100 characters.' })
  displayName!: string;
  @Field(() => String, { nullable: true, description: 'E-mail; this or a phone.' })
  email?: string | null;
  @Field(() => String, { nullable: true, description: 'Phone, E.164; this or an e-mail.' })
  phone?: string | null;
  @Field(() => Role, { description: 'The capacity; COMMITTEE in the hub only, given by the committee only.' })
  role!: Role;
  @Field(() => String, { nullable: true, description: 'Repeating a request with the same key and input invites nobody twice.' })
  idempotencyKey?: string | null;
}
export const inviteMember = z
  .object({
    organization: z.string(),
    displayName: text(1, 100),
    email: email.nullish(),
    phone: phone.nullish(),
    role: z.enum(Role),
    idempotencyKey,
  })
  .superRefine(reachable);

@InputType({ description: 'The answer to an invitation.' })
export class AcceptInvitationInput {
  @Field({ description: 'The code that the inviting organization passed on.' })
  code!: string;
  @Field(() => String, { nullable: true, description: 'The name to be shown; not needed when signed in.' })
  displayName?: string | null;
  @Field(() => String, { nullable: true, description: 'A password of 10 to 128 characters for the new account; not needed when signed in.' })
  password?: string | null;
}
export const acceptInvitation = z.object({ code: text(1, 100), displayName: text(1, 100).nullish(), password: password.nullish() });

@InputType({ description: 'A change of the capacity in which somebody belongs to an organization.' })
export class ChangeMemberRoleInput {
  @Field(() => ID, { description: 'The membership.' })
  id!: string;
  @Field(() => Int, { description: 'The version that was read.' })
  version!: number;
  @Field(() => Role, { description: 'The new capacity.' })
  role!: Role;
}
export const changeMemberRole = z.object({ id: z.string(), version, role: z.enum(Role) });

@InputType({ description: 'A membership that is suspended, reinstated or ended.' })
export class MembershipNoteInput {
  @Field(() => ID, { description: 'The membership.' })
  id!: string;
  @Field(() => Int, { description: 'The version that was read.' })
  version!: number;
  @Field(() => String, { nullable: true, description: 'The reason; up to 1000 characters.' })
  note?: string | null;
}

@InputType({ description: 'A new position.' })
export class CreatePositionInput {
  @Field(() => ID, { description: 'The organization whose place it is.' })
  organization!: string;
  @Field({ description: 'Its name; up to 200 characters.' })
  name!: string;
  @Field(() => PositionKind, { defaultValue: 'MICRO', description: 'HUB for the Youth Home alone.' })
  kind!: PositionKind;
  @Field(() => String, { nullable: true, description: 'Where it is, for people; up to 300 characters.' })
  address?: string | null;
  @Field(() => GeoPointInput, { nullable: true, description: 'Where it is on the map.' })
  location?: GeoPointInput | null;
  @Field(() => [OpeningHoursInput], { defaultValue: [], description: 'When it is open.' })
  openingHours!: OpeningHoursInput[];
  @Field(() => String, { nullable: true, description: 'Repeating a request with the same key and input makes nothing twice.' })
  idempotencyKey?: string | null;
}
export const createPosition = z.object({
  organization: z.string(),
  name: text(1, 200),
  kind: z.enum(PositionKind),
  address: optionalText(300),
  location: location.nullish(),
  openingHours,
  idempotencyKey,
});

@InputType({ description: 'Changes of a position; what is not named stays.' })
export class UpdatePositionInput {
  @Field(() => ID, { description: 'The position.' })
  id!: string;
  @Field(() => Int, { description: 'The version that was read.' })
  version!: number;
  @Field(() => String, { nullable: true, description: 'Its name; up to 200 characters.' })
  name?: string | null;
  @Field(() => String, { nullable: true, description: 'Where it is, for people; null empties it.' })
  address?: string | null;
  @Field(() => GeoPointInput, { nullable: true, description: 'Where it is on the map; null takes it off.' })
  location?: GeoPointInput | null;
  @Field(() => [OpeningHoursInput], { nullable: true, description: 'When it is open, as a whole.' })
  openingHours?: OpeningHoursInput[] | null;
}
export const updatePosition = z.object({
  id: z.string(),
  version,
  name: text(1, 200).optional(),
  address: changedText(300),
  location: location.nullish(),
  openingHours: openingHours.optional(),
});

@InputType({ description: 'Which organizations to list.' })
export class OrganizationFilter {
  @Field(() => OrganizationKind, { nullable: true, description: 'Of this sort.' })
  kind?: OrganizationKind | null;
  @Field(() => OrganizationStatus, { nullable: true, description: 'Standing like this.' })
  status?: OrganizationStatus | null;
  @Field(() => String, { nullable: true, description: 'With this text in the name or introduction.' })
  text?: string | null;
}
