import { Arg, Args, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { ForwardArgs, PageArgs, type Page } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { RequestError } from '../../platform/graphql/errors';
import { checked, filterId } from '../../platform/graphql/edge';
import { payloadOf } from '../../platform/graphql/payload';
import { TimeRange } from '../../platform/graphql/time-range';
import { Activity } from '../activities/model';
import { activityById } from '../activities/reads';
import { historyOf } from '../network/history';
import { Organization, StateChange } from '../network/model';
import { organizationById } from '../network/reads';
import { ServiceRecord } from '../records/model';
import { recordOfRegistration } from '../records/reads';
import { Course } from '../teams/model';
import { courseById } from '../teams/reads';
import { Volunteer } from '../volunteers/model';
import { volunteerById } from '../volunteers/reads';
import * as inputs from './inputs';
import { AddShiftInput, RegisterForShiftInput, RegistrationFilter, RegistrationNoteInput, UpdateShiftInput } from './inputs';
import { RegistrationAction, registrationActions } from './lifecycle';
import { CheckInDevice, Registration, RegistrationConnection, RegistrationStatus, Shift, ShiftReservation, VolunteerMatch } from './model';
import { MATCHES, matchVolunteers, MOST_MATCHES } from './matching';
import * as reads from './reads';
import * as service from './service';
import * as shifts from './shifts';

const shiftPayload = (name: string) => payloadOf(name, 'shift', () => Shift, 'The shift as it is now; null when it is not there.');
const AddShiftPayload = shiftPayload('AddShiftPayload');
const UpdateShiftPayload = shiftPayload('UpdateShiftPayload');
const registrationPayload = (name: string) => payloadOf(name, 'registration', () => Registration, 'The registration as it is now; null when it is not there.');
const RegisterForShiftPayload = registrationPayload('RegisterForShiftPayload');
const CancelRegistrationPayload = registrationPayload('CancelRegistrationPayload');

@Resolver(() => Shift)
export class ShiftResolver {
  @FieldResolver(() => Activity, { description: 'What it is a shift of.' })
  activity(@Root() { activityId }: Shift, @Ctx() context: RequestContext): Promise<Activity | null> {
    return context.load(activityById, activityId);
  }

  @FieldResolver(() => TimeRange, { description: 'From when to when.' })
  range(@Root() { startsAt, endsAt }: Shift): TimeRange {
    return { start: startsAt, end: endsAt };
  }

  @FieldResolver(() => [Course], { description: 'The courses that whoever serves on it must have completed, good at its start.' })
  async requiredCourses(@Root() { requiredCourseIds }: Shift, @Ctx() context: RequestContext): Promise<Course[]> {
    const courses = await Promise.all(requiredCourseIds.map((id) => context.load(courseById, id)));
    return courses.filter((course) => course !== null);
  }

  @FieldResolver(() => Int, { description: 'How many places are free for all now.' })
  free(@Root() { capacity, taken, kept, reservedUntil }: Shift, @Ctx() context: RequestContext): number | Promise<number> {
    return context.session.withActor(({ now }) => capacity - taken - (reservedUntil !== null && reservedUntil > now ? kept : 0));
  }

  @FieldResolver(() => [ShiftReservation], { description: 'The places that are kept for organizations now; empty from the moment on at which they are free for all.' })
  reservedFor(@Root() shift: Shift, @Ctx() context: RequestContext): Promise<ShiftReservation[]> {
    return context.load(reads.reservationsOf, shift.id);
  }

  @FieldResolver(() => RegistrationConnection, { description: 'Its registrations that you may see, in the order in which they were made.' })
  registrations(
    @Root() shift: Readonly<Shift>,
    @Args(() => ForwardArgs) args: ForwardArgs,
    @Arg('status', () => RegistrationStatus, { nullable: true, description: 'Only those standing like this.' }) status: RegistrationStatus | null,
    @Ctx() context: RequestContext,
  ): Promise<Page<Registration>> {
    return reads.registrationsOfShift(context, shift.id, args, status);
  }

  @Mutation(() => AddShiftPayload, {
    description: 'Adds a shift to an activity that is not over. Staff and administrators of its host, and the committee. NOT_FOUND, NOT_ALLOWED, WRONG_STATE, INVALID (the range lies outside the activity\'s, or the moment until which places are kept), TOO_LATE (past), CAPACITY_EXCEEDED (more are kept than there are), IDEMPOTENCY_MISMATCH.',
  })
  addShift(@Arg('input', () => AddShiftInput, { description: 'What, and when.' }) input: AddShiftInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.addShift, input);
    return context.write((tx) => shifts.addShift(tx, asked));
  }

  @Mutation(() => UpdateShiftPayload, {
    description: 'Changes a shift; moved to another time, those who are registered move along and are told. Staff and administrators of the host, and the committee. NOT_FOUND, NOT_ALLOWED, STALE_VERSION, WRONG_STATE, INVALID, TOO_LATE (moved once it has begun, or into the past), CONFLICT (somebody cannot move along, by another shift at that time or a missing consent: named in the message), CAPACITY_EXCEEDED (fewer places than are taken and kept).',
  })
  updateShift(@Arg('input', () => UpdateShiftInput, { description: 'Which one, and what of it.' }) input: UpdateShiftInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.updateShift, input);
    return context.write((tx) => shifts.updateShift(tx, asked));
  }
}

@Resolver(() => VolunteerMatch)
export class VolunteerMatchResolver {
  @Query(() => [VolunteerMatch], {
    description: 'The volunteers that you may see who could be on a shift, the best first: active, with the skills and the training asked for, of age or by consent, on no other shift then, and not registered for it. None for a shift that you may not see.',
  })
  matchVolunteers(
    @Arg('shift', () => ID, { description: 'The shift.' }) shift: string,
    @Arg('first', () => Int, { nullable: true, description: `How many, 1 to ${MOST_MATCHES}; ${MATCHES} when not given.` }) first: number | null,
    @Ctx() context: RequestContext,
  ): Promise<VolunteerMatch[]> {
    const most = first ?? MATCHES;
    if (most < 1 || most > MOST_MATCHES) throw new RequestError('BAD_USER_INPUT', 'invalid.range', { least: 1, most: MOST_MATCHES });
    return matchVolunteers(context, filterId('Shift', shift)!, most);
  }

  @FieldResolver(() => Volunteer, { description: 'Who.' })
  volunteer(@Root() { volunteerId }: VolunteerMatch, @Ctx() context: RequestContext): Promise<Volunteer | null> {
    return context.load(volunteerById, volunteerId);
  }
}

@Resolver(() => ShiftReservation)
export class ShiftQuotaResolver {
  @FieldResolver(() => Organization, { description: 'For whose volunteers.' })
  organization(@Root() { organizationId }: ShiftReservation, @Ctx() context: RequestContext): Promise<Organization | null> {
    return context.load(organizationById, organizationId);
  }
}

@Resolver(() => Registration)
export class RegistrationResolver {
  @Query(() => RegistrationConnection, {
    description: "The registrations that you may see, the latest shift first: your own; those of your organization's volunteers, and for what it holds; the committee all.",
  })
  registrations(
    @Args(() => PageArgs) args: PageArgs,
    @Arg('filter', () => RegistrationFilter, { nullable: true, description: 'Only those that fit all of it.' }) filter: RegistrationFilter | null,
    @Ctx() context: RequestContext,
  ): Promise<Page<Registration>> {
    return reads.listRegistrations(context, args, filter ?? {});
  }

  @FieldResolver(() => Shift, { nullable: true, description: 'What it is for; null when you may not see the activity any more.' })
  shift(@Root() { shiftId }: Registration, @Ctx() context: RequestContext): Promise<Shift | null> {
    return context.load(reads.shiftById, shiftId);
  }

  @FieldResolver(() => Volunteer, { nullable: true, description: 'Who is registered; null for one whose name you may not see any more.' })
  volunteer(@Root() { volunteerId }: Registration, @Ctx() context: RequestContext): Promise<Volunteer | null> {
    return context.load(volunteerById, volunteerId);
  }

  @FieldResolver(() => ServiceRecord, { nullable: true, description: 'The record of the service, as it stands after corrections; null until the hours are confirmed.' })
  serviceRecord(@Root() { id, status }: Registration, @Ctx() context: RequestContext): Promise<ServiceRecord | null> | null {
    return status === 'ATTENDED' ? context.load(recordOfRegistration, id) : null;
  }

  @FieldResolver(() => Int, { nullable: true, description: 'Its place among all who wait for the shift, from 1; null when it does not wait.' })
  waitlistPlace(@Root() { id, status }: Registration, @Ctx() context: RequestContext): Promise<number | null> | null {
    return status === 'WAITLISTED' ? context.load(reads.waitlistPlaceOf, id) : null;
  }

  @FieldResolver(() => [StateChange], { description: 'Its steps through the lifecycle, oldest first.' })
  history(@Root() registration: Registration, @Ctx() context: RequestContext): Promise<StateChange[]> {
    return context.load(historyOf, registration.id);
  }

  @FieldResolver(() => [RegistrationAction], { description: 'What you may do to it now.' })
  viewerCan(@Root() registration: Registration, @Ctx() context: RequestContext): RegistrationAction[] | Promise<RegistrationAction[]> {
    return context.session.withActor((actor) => registrationActions(actor, registration, actor.now));
  }

  @Mutation(() => RegisterForShiftPayload, {
    description: 'Registers a volunteer for a shift of an open activity: CONFIRMED with a place, of those kept for the own organization first, or WAITLISTED for the next one by order of arrival. Volunteers themselves, until it begins; staff of their organization; staff of the host, until it ends; the committee. NOT_FOUND, NOT_ALLOWED (also: a skill is missing, or you are no volunteer), WRONG_STATE (the activity is not open, or the volunteer not active), TOO_LATE, DUPLICATE, TRAINING_REQUIRED, CONSENT_REQUIRED, CONFLICT (another shift at that time), CAPACITY_EXCEEDED (full, and not to wait), IDEMPOTENCY_MISMATCH.',
  })
  registerForShift(@Arg('input', () => RegisterForShiftInput, { description: 'Who, and for what.' }) input: RegisterForShiftInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.registerForShift, input);
    return context.write((tx) => service.registerForShift(tx, asked));
  }

  @Mutation(() => CancelRegistrationPayload, {
    description: 'Calls a registration off before its shift begins; whoever waits first and can come gets the place in the same moment. The volunteer, staff of the own organization or of the host, the committee. NOT_FOUND, NOT_ALLOWED, STALE_VERSION, WRONG_STATE, TOO_LATE.',
  })
  cancelRegistration(@Arg('input', () => RegistrationNoteInput, { description: 'Which one, and why.' }) input: RegistrationNoteInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withNote, input);
    return context.write((tx) => service.cancelRegistration(tx, asked));
  }
}

/** What shifts add to an activity. */
@Resolver(() => Activity)
export class ActivityShiftsResolver {
  @FieldResolver(() => [Shift], { description: 'Its shifts, by their start.' })
  shifts(@Root() activity: Readonly<Activity>, @Ctx() context: RequestContext): Promise<Shift[]> {
    return context.load(reads.shiftsOfActivity, activity.id);
  }

  @FieldResolver(() => RegistrationConnection, { nullable: true, description: 'The registrations for its shifts that you may see, by the start of the shift.' })
  registrations(
    @Root() activity: Readonly<Activity>,
    @Args(() => ForwardArgs) args: ForwardArgs,
    @Arg('status', () => RegistrationStatus, { nullable: true, description: 'Only those standing like this.' }) status: RegistrationStatus | null,
    @Ctx() context: RequestContext,
  ): Promise<Page<Registration>> {
    return reads.registrationsOfActivity(context, activity.id, args, status);
  }

  @FieldResolver(() => [CheckInDevice], { description: 'The devices that note who comes and goes where there is no network; for its host and the committee, empty for anybody else.' })
  checkInDevices(@Root() activity: Readonly<Activity>, @Ctx() context: RequestContext): Promise<CheckInDevice[]> {
    return context.load(reads.devicesOfActivity, activity.id);
  }
}
