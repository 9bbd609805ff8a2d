import { Arg, Ctx, Field, FieldResolver, Float, ID, Int, Mutation, ObjectType, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../../platform/graphql/context';
import { checked } from '../../platform/graphql/edge';
import { Payload, payloadOf } from '../../platform/graphql/payload';
import { UserErrorCode } from '../../platform/graphql/refusal';
import { Activity } from '../activities/model';
import { activityById } from '../activities/reads';
import { hoursOf } from '../records/model';
import * as devices from './devices';
import * as duty from './duty';
import { confirmHours } from './hours';
import * as inputs from './inputs';
import {
  CheckInInput,
  ConfirmHoursInput,
  IssueCheckInCodeInput,
  RegisterCheckInDeviceInput,
  RegistrationNoteInput,
  RevokeCheckInDeviceInput,
  SendCheckInsInput,
} from './inputs';
import { CheckInCode, CheckInDevice, Registration } from './model';

const registrationPayload = (name: string) => payloadOf(name, 'registration', () => Registration, 'The registration as it is now; null when it is not there.');
const CheckInPayload = registrationPayload('CheckInPayload');
const CheckOutPayload = registrationPayload('CheckOutPayload');
const MarkNoShowPayload = registrationPayload('MarkNoShowPayload');
const IssueCheckInCodePayload = payloadOf('IssueCheckInCodePayload', 'code', () => CheckInCode, 'The code; null when none was issued.');
const devicePayload = (name: string) => payloadOf(name, 'device', () => CheckInDevice, 'The device as it is now; null when it is not there.');
const RegisterCheckInDevicePayload = devicePayload('RegisterCheckInDevicePayload');
const RevokeCheckInDevicePayload = devicePayload('RevokeCheckInDevicePayload');

@ObjectType({ description: 'The answer of confirmHours.', simpleResolvers: true })
class ConfirmHoursPayload extends Payload {
  @Field(() => Activity, { nullable: true, description: 'The activity; null when nothing was confirmed.' })
  activity?: Activity | null;
  @Field(() => Int, { nullable: true, description: 'Of how many registrations the hours were confirmed.' })
  confirmed?: number | null;
  @Field(() => Float, { nullable: true, description: 'The hours confirmed, together.' })
  hours?: number | null;
  @Field(() => Int, { nullable: true, description: 'How many that are checked in were left out: as exceptions, still on duty, or your own.' })
  leftOut?: number | null;
}

@ObjectType({ description: 'An entry of a device that was not taken.', simpleResolvers: true })
class RefusedEntry {
  @Field({ description: 'Its id, as the device gave it.' })
  entry!: string;
  @Field(() => UserErrorCode, { description: 'What stood against it, for programs.' })
  code!: UserErrorCode;
  @Field({ description: 'The same for people.' })
  message!: string;
}

@ObjectType({ description: 'The answer of sendCheckIns.', simpleResolvers: true })
class SendCheckInsPayload extends Payload {
  @Field(() => [ID], { nullable: true, description: 'The ids of the entries that were taken.' })
  accepted?: string[] | null;
  @Field(() => [RefusedEntry], { nullable: true, description: 'Those that were not, and why; DUPLICATE for one that was taken before.' })
  refused?: RefusedEntry[] | null;
}

@Resolver(() => CheckInDevice)
export class DutyResolver {
  @FieldResolver(() => Activity, { description: 'What it notes for.' })
  activity(@Root() { activityId }: CheckInDevice, @Ctx() context: RequestContext): Promise<Activity | null> {
    return context.load(activityById, activityId);
  }

  @Mutation(() => IssueCheckInCodePayload, {
    description: 'A code of a shift, to be shown as a QR code: whoever is registered checks in or out by it within 30 seconds. Ask for the next one before it expires. Staff and administrators of the host, and the committee. NOT_FOUND, NOT_ALLOWED, TOO_LATE (the shift is over).',
  })
  issueCheckInCode(@Arg('input', () => IssueCheckInCodeInput, { description: 'For which shift.' }) input: IssueCheckInCodeInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.issueCheckInCode, input);
    return context.write((tx) => duty.issueCheckInCode(tx, asked, context.platform.secret));
  }

  @Mutation(() => CheckInPayload, {
    description: 'Notes that a volunteer has come: oneself by a code of the shift, or whoever staff of the host names; whoever waits, where a place is free. It opens 30 minutes before the shift begins, and closes when it ends. NOT_FOUND (also: not registered for the shift of the code), NOT_ALLOWED (somebody else by a code; without one), WRONG_STATE, TOO_EARLY, TOO_LATE (also: the code has expired), INVALID (the code is not one, or of another shift), CAPACITY_EXCEEDED.',
  })
  checkIn(@Arg('input', () => CheckInInput, { description: 'Who.' }) input: CheckInInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.checkIn, input);
    return context.write((tx) => duty.checkIn(tx, asked, context.platform.secret));
  }

  @Mutation(() => CheckOutPayload, {
    description: 'Notes that a volunteer has gone, likewise. NOT_FOUND, NOT_ALLOWED, WRONG_STATE (not checked in), CONFLICT (checked out already), TOO_EARLY (before having come), TOO_LATE and INVALID (the code).',
  })
  checkOut(@Arg('input', () => CheckInInput, { description: 'Who.' }) input: CheckInInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.checkIn, input);
    return context.write((tx) => duty.checkOut(tx, asked, context.platform.secret));
  }

  @Mutation(() => MarkNoShowPayload, {
    description: 'Notes that a volunteer did not come, once the shift has begun. Staff and administrators of the host, and the committee, but for oneself. NOT_FOUND, NOT_ALLOWED, STALE_VERSION, WRONG_STATE, TOO_EARLY.',
  })
  markNoShow(@Arg('input', () => RegistrationNoteInput, { description: 'Who, and why.' }) input: RegistrationNoteInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withNote, input);
    return context.write((tx) => duty.markNoShow(tx, asked));
  }

  @Mutation(() => ConfirmHoursPayload, {
    description: 'Confirms the hours of all who are checked in, but for exceptions, and puts them on record with their points: all of them or none. Counted is from check-in to check-out within the shift, in whole minutes; who did not check out counts as having gone at its end. Left out are who is still on duty, and yourself. Staff and administrators of the host, and the committee. NOT_FOUND, NOT_ALLOWED (also: an exception for oneself), WRONG_STATE, TOO_EARLY (an exception for somebody who is still on duty), INVALID (more hours than from check-in to check-out, or than the shift is long), IDEMPOTENCY_MISMATCH.',
  })
  async confirmHours(@Arg('input', () => ConfirmHoursInput, { description: 'Of what, with which exceptions.' }) input: ConfirmHoursInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.confirmHours, input);
    const { activityId, seconds, ...counted } = await context.write((tx) => confirmHours(tx, asked));
    return { ...counted, hours: hoursOf(seconds), activity: await context.load(activityById, activityId) };
  }

  @Mutation(() => RegisterCheckInDevicePayload, {
    description: 'Lets a device of the host note who comes and goes where there is no network, by a key of its own. Staff and administrators of the host, and the committee. NOT_FOUND, NOT_ALLOWED, INVALID (the key).',
  })
  registerCheckInDevice(@Arg('input', () => RegisterCheckInDeviceInput, { description: 'Which one, and for what.' }) input: RegisterCheckInDeviceInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.registerCheckInDevice, input);
    return context.write((tx) => devices.registerCheckInDevice(tx, asked));
  }

  @Mutation(() => RevokeCheckInDevicePayload, { description: 'Takes nothing from a device any more. The same people. NOT_FOUND, NOT_ALLOWED, WRONG_STATE (revoked already).' })
  revokeCheckInDevice(@Arg('input', () => RevokeCheckInDeviceInput, { description: 'Which one.' }) input: RevokeCheckInDeviceInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.revokeCheckInDevice, input);
    return context.write((tx) => devices.revokeCheckInDevice(tx, asked));
  }

  @Mutation(() => SendCheckInsPayload, {
    description: 'Takes what a device has noted, up to 7 days later: each entry once, under the checks of checkIn and checkOut as of the time that it names. What is refused is listed, the rest is taken. The same people. NOT_FOUND, NOT_ALLOWED, WRONG_STATE (revoked), INVALID (the signature, or the batch).',
  })
  async sendCheckIns(@Arg('input', () => SendCheckInsInput, { description: 'From which device, and what.' }) input: SendCheckInsInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.sendCheckIns, input);
    const { accepted, refused } = await context.write((tx) => devices.sendCheckIns(tx, asked));
    return { accepted, refused: refused.map(({ entry, reason }) => ({ entry, code: reason.code, message: context.t(reason.message, reason.parameters) })) };
  }
}
