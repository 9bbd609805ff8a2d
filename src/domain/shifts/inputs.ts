import { Field, Float, ID, InputType, Int } from 'type-graphql';
import { z } from 'zod';
import { distinct, fault, idempotencyKey, optionalText, text, version, whole } from '../../platform/graphql/edge';
import { timeRange, TimeRangeInput } from '../../platform/graphql/time-range';
import { RegistrationStatus } from './model';

const MOST_PLACES = 100_000;
const MOST_OF_DUTY = 100;
const MOST_SKILLS = 20;
const MOST_RESERVATIONS = 100;
/** No shift is longer; what is mistyped is. */
const LONGEST_SHIFT_DAYS = 2;
const MOST_EXCEPTIONS = 500;
const MOST_OF_NOTE = 1000;

const IDEMPOTENCY = 'Repeating a request with the same key and input does it once.';
const VERSION = 'The version that was read.';

const duty = text(1, MOST_OF_DUTY);
const capacity = whole(1, MOST_PLACES);
const requiredSkills = distinct(text(1, 50), MOST_SKILLS);
const requiredCourses = distinct(z.string(), MOST_SKILLS);
const note = optionalText(MOST_OF_NOTE);
const reservedFor = z.array(z.object({ organization: z.string(), places: whole(1, MOST_PLACES) })).superRefine((quotas, check) => {
  if (quotas.length > MOST_RESERVATIONS) fault(check, 'invalid.most', { most: MOST_RESERVATIONS });
  quotas.forEach(({ organization }, index) => {
    if (quotas.findIndex((quota) => quota.organization === organization) < index) fault(check, 'invalid.repeated', {}, [index, 'organization']);
  });
});

@InputType({ description: 'Places that are kept for the volunteers of an organization.' })
export class ShiftQuotaInput {
  @Field(() => ID, { description: 'The organization.' })
  organization!: string;
  @Field(() => Int, { description: 'How many, from 1.' })
  places!: number;
}

@InputType({ description: 'A new shift of an activity.' })
export class AddShiftInput {
  @Field(() => ID, { description: 'The activity.' })
  activity!: string;
  @Field({ description: `What is to be done, e.g. 维护员; up to ${MOST_OF_DUTY} characters.` })
  duty!: string;
  @Field(() => TimeRangeInput, { description: "From when to when, within the activity's range." })
  range!: TimeRangeInput;
  @Field(() => Int, { description: `How many places, 1 to ${MOST_PLACES}.` })
  capacity!: number;
  @Field(() => [String], { defaultValue: [], description: `What whoever serves on it must be able to do; up to ${MOST_SKILLS}.` })
  requiredSkills!: string[];
  @Field(() => [ID], { defaultValue: [], description: `The courses that whoever serves on it must have completed, good at its start; up to ${MOST_SKILLS}.` })
  requiredCourses!: string[];
  @Field(() => [ShiftQuotaInput], { defaultValue: [], description: 'Of the places those kept for organizations, together no more than there are.' })
  reservedFor!: ShiftQuotaInput[];
  @Field(() => Date, { nullable: true, description: 'Until when they are kept; until the start of the shift when not given.' })
  reservedUntil?: Date | null;
  @Field(() => String, { nullable: true, description: IDEMPOTENCY })
  idempotencyKey?: string | null;
}
export const addShift = z.object({
  activity: z.string(), duty, range: timeRange(LONGEST_SHIFT_DAYS), capacity, requiredSkills, requiredCourses, reservedFor, reservedUntil: z.date().nullish(), idempotencyKey,
});

@InputType({ description: 'What of a shift is changed; what is not named stays.' })
export class UpdateShiftInput {
  @Field(() => ID, { description: 'The shift.' })
  id!: string;
  @Field(() => Int, { description: VERSION })
  version!: number;
  @Field(() => String, { nullable: true, description: `What is to be done; up to ${MOST_OF_DUTY} characters.` })
  duty?: string;
  @Field(() => TimeRangeInput, { nullable: true, description: "From when to when from now on, within the activity's range; the registrations move along. Not once it has begun." })
  range?: TimeRangeInput;
  @Field(() => Boolean, { defaultValue: false, description: 'Whether those who cannot move along are cancelled and told; the change is refused otherwise, and says who they are.' })
  cancelClashing!: boolean;
  @Field(() => Int, { nullable: true, description: 'How many places; not fewer than are taken and kept. Whoever waits moves up to new ones.' })
  capacity?: number;
  @Field(() => [String], { nullable: true, description: 'What whoever registers from now on must be able to do.' })
  requiredSkills?: string[];
  @Field(() => [ID], { nullable: true, description: 'The courses that whoever registers from now on must have completed.' })
  requiredCourses?: string[];
  @Field(() => [ShiftQuotaInput], { nullable: true, description: 'The places kept for organizations, instead of those until now; not fewer than are taken of them.' })
  reservedFor?: ShiftQuotaInput[];
  @Field(() => Date, { nullable: true, description: 'Until when they are kept.' })
  reservedUntil?: Date;
}
export const updateShift = z.object({
  id: z.string(), version, duty: duty.optional(), range: timeRange(LONGEST_SHIFT_DAYS).optional(), cancelClashing: z.boolean(), capacity: capacity.optional(),
  requiredSkills: requiredSkills.optional(), requiredCourses: requiredCourses.optional(), reservedFor: reservedFor.optional(), reservedUntil: z.date().optional(),
});

@InputType({ description: 'A volunteer for a shift.' })
export class RegisterForShiftInput {
  @Field(() => ID, { description: 'The shift.' })
  shift!: string;
  @Field(() => ID, { nullable: true, description: 'The volunteer; yourself when not given.' })
  volunteer?: string | null;
  @Field(() => Boolean, { defaultValue: true, description: 'Whether to wait for a place when none is free; refused otherwise.' })
  waitlist!: boolean;
  @Field(() => String, { nullable: true, description: IDEMPOTENCY })
  idempotencyKey?: string | null;
}
export const registerForShift = z.object({ shift: z.string(), volunteer: z.string().nullish(), waitlist: z.boolean(), idempotencyKey });

@InputType({ description: 'A registration and why something is done to it.' })
export class RegistrationNoteInput {
  @Field(() => ID, { description: 'The registration.' })
  id!: string;
  @Field(() => Int, { description: VERSION })
  version!: number;
  @Field(() => String, { nullable: true, description: `The reason, for its history; up to ${MOST_OF_NOTE} characters.` })
  note?: string | null;
}
export const withNote = z.object({ id: z.string(), version, note });

@InputType({ description: 'The shift that a code is for.' })
export class IssueCheckInCodeInput {
  @Field(() => ID, { description: 'The shift.' })
  shift!: string;
}
export const issueCheckInCode = z.object({ shift: z.string() });

@InputType({ description: 'Who comes or goes: oneself by a code, or somebody else as noted by the organizer.' })
export class CheckInInput {
  @Field(() => ID, { nullable: true, description: "The registration; with a code it may be left out: it is your own on the code's shift." })
  registration?: string | null;
  @Field(() => String, { nullable: true, description: "The text of the QR code on the organizer's screen; staff of the host need none." })
  code?: string | null;
  @Field(() => Date, { nullable: true, description: 'For staff of the host: when it was, if not now.' })
  at?: Date | null;
}
export const checkIn = z.object({ registration: z.string().nullish(), code: z.string().nullish(), at: z.date().nullish() }).superRefine(({ registration, code }, check) => {
  if (registration == null && code == null) fault(check, 'invalid.required', {}, ['registration']);
});

@InputType({ description: 'A device that is to note who comes and goes where there is no network.' })
export class RegisterCheckInDeviceInput {
  @Field(() => ID, { description: 'The activity that it notes for.' })
  activity!: string;
  @Field({ description: 'What it is called; up to 100 characters.' })
  name!: string;
  @Field({ description: 'The public half of the key that it signs by, a JWK (RFC 7517) as JSON: Ed25519, or P-256.' })
  publicKey!: string;
}
const coordinate = z.string().regex(/^[\w-]{43}$/);
const publicKey = z.union([
  z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: coordinate }),
  z.object({ kty: z.literal('EC'), crv: z.literal('P-256'), x: coordinate, y: coordinate }),
]);
export type PublicKey = z.infer<typeof publicKey>;
const jsonOf = (value: string): unknown => {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
};
export const registerCheckInDevice = z.object({
  activity: z.string(),
  name: text(1, 100),
  // Nothing of a private half is kept, should it have come along.
  publicKey: z.string().max(2000).transform((value, check): PublicKey => {
    const parsed = publicKey.safeParse(jsonOf(value));
    if (parsed.success) return parsed.data;
    fault({ addIssue: (issue) => check.addIssue({ ...issue, input: value }) }, 'device.key');
    return z.NEVER;
  }),
});

@InputType({ description: 'A device whose entries are to count no more.' })
export class RevokeCheckInDeviceInput {
  @Field(() => ID, { description: 'The device.' })
  id!: string;
}
export const revokeCheckInDevice = z.object({ id: z.string() });

@InputType({ description: 'What a device has noted.' })
export class SendCheckInsInput {
  @Field(() => ID, { description: 'The device.' })
  device!: string;
  @Field({ description: 'A compact JWS (RFC 7515) by its key, of alg EdDSA or ES256, over {"entries": [{"id": a UUID of its own, "registration": its id, "action": "CHECK_IN" or "CHECK_OUT", "at": RFC 3339}]}; up to 500 entries.' })
  batch!: string;
}
export const sendCheckIns = z.object({ device: z.string(), batch: z.string() });

@InputType({ description: 'What of one registration is other than of the rest.' })
export class HoursExceptionInput {
  @Field(() => ID, { description: 'The registration.' })
  registration!: string;
  @Field(() => Float, { nullable: true, description: 'The hours to confirm: no more than from check-in to check-out, and no more than the shift is long.' })
  hours?: number | null;
  @Field(() => Int, { nullable: true, description: 'How well it was done, 1 to 5.' })
  evaluation?: number | null;
  @Field(() => Boolean, { defaultValue: false, description: 'Whether to leave it out this time.' })
  leaveOut!: boolean;
}

@InputType({ description: 'The hours of an activity that are to be confirmed, all at once.' })
export class ConfirmHoursInput {
  @Field(() => ID, { description: 'The activity.' })
  activity!: string;
  @Field(() => ID, { nullable: true, description: 'Only those of this shift.' })
  shift?: string | null;
  @Field(() => Int, { nullable: true, description: 'How well it was done, 1 to 5, but for exceptions.' })
  evaluation?: number | null;
  @Field(() => [HoursExceptionInput], { defaultValue: [], description: `What is other than from check-in to check-out within the shift; up to ${MOST_EXCEPTIONS}.` })
  exceptions!: HoursExceptionInput[];
  @Field(() => String, { nullable: true, description: IDEMPOTENCY })
  idempotencyKey?: string | null;
}
const evaluation = whole(1, 5).nullish().transform((value) => value ?? null);
export const confirmHours = z.object({
  activity: z.string(),
  shift: z.string().nullish(),
  evaluation,
  exceptions: z
    .array(z.object({
      registration: z.string(),
      hours: z.number().superRefine((value, check) => {
        if (!(value >= 0 && value <= LONGEST_SHIFT_DAYS * 24)) fault(check, 'invalid.range', { least: 0, most: LONGEST_SHIFT_DAYS * 24 });
      }).nullish(),
      evaluation,
      leaveOut: z.boolean(),
    }))
    .superRefine((exceptions, check) => {
      if (exceptions.length > MOST_EXCEPTIONS) fault(check, 'invalid.most', { most: MOST_EXCEPTIONS });
      exceptions.forEach(({ registration }, index) => {
        if (exceptions.findIndex((other) => other.registration === registration) < index) fault(check, 'invalid.repeated', {}, [index, 'registration']);
      });
    }),
  idempotencyKey,
});

@InputType({ description: 'Which registrations to list: those that fit all of it.' })
export class RegistrationFilter {
  @Field(() => ID, { nullable: true, description: 'For this activity.' })
  activity?: string | null;
  @Field(() => ID, { nullable: true, description: 'For this shift.' })
  shift?: string | null;
  @Field(() => ID, { nullable: true, description: 'Of this volunteer.' })
  volunteer?: string | null;
  @Field(() => RegistrationStatus, { nullable: true, description: 'Standing like this.' })
  status?: RegistrationStatus | null;
  @Field(() => TimeRangeInput, { nullable: true, description: 'With some of its time in this span.' })
  range?: TimeRangeInput | null;
  @Field(() => Boolean, { nullable: true, description: 'Whether it is your own.' })
  mine?: boolean | null;
}
