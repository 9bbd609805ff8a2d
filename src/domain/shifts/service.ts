import { may } from '../../access/matrix';
import { permit } from '../../access/viewer-can';
import { once } from '../../platform/database/idempotency';
import type { Transaction } from '../../platform/database/session';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import { recordMove } from '../network/history';
import { requireVersion } from '../network/service';
import { fitnessOf, holdVolunteers, unfitness } from './fitness';
import type * as inputs from './inputs';
import { concernOf, obstacleTo, registrationLifecycle, type RegistrationAction } from './lifecycle';
import { Registration, Shift, type RegistrationStatus } from './model';
import { holdShift, holdShifts, type Places } from './places';
import { giveUp, insertRegistration, lockedRegistrations, stepOf, tellingOf } from './rows';
import { promote } from './waitlist';

export { recordDueShifts } from './calendar';

type Input<Name extends keyof typeof inputs> = InputOf<typeof inputs, Name>;
type Changed = Promise<{ registration: Registration }>;

export const fresh = async (tx: Transaction, id: string): Changed => ({ registration: (await tx.find(Registration, id))! });

/** Who is to serve. */
interface Candidate {
  id: string;
  userId: string | null;
  organizationId: string | null;
}

const CANDIDATE = `SELECT t.id, t.user_id AS "userId", t.organization_id AS "organizationId" FROM volunteers t WHERE t.network_id = app.network_id()`;

/** The volunteer that is named, or the actor. @throws Refusal NOT_FOUND, or NOT_ALLOWED when the actor is no volunteer */
async function candidateOf(tx: Transaction, globalId: string | null | undefined): Promise<Candidate> {
  if (globalId != null) {
    const [named] = await tx.query<Candidate>(`${CANDIDATE} AND t.id = $1`, [tx.idOf('Volunteer', globalId, ['volunteer'])]);
    if (!named) throw new Refusal('NOT_FOUND', 'notFound', {}, ['volunteer']);
    return named;
  }
  const [own] = await tx.query<Candidate>(`${CANDIDATE} AND t.user_id = $1 AND t.status NOT IN ('REJECTED','LEFT','ERASED')`, [tx.actor.userId]);
  if (!own) throw new Refusal('NOT_ALLOWED', 'registration.volunteer.none', {}, ['volunteer']);
  return own;
}

/** The shift that is named as the actor may read it. @throws Refusal NOT_FOUND */
export async function readableShift(tx: Transaction, globalId: string): Promise<Shift> {
  const shift = await tx.find(Shift, tx.idOf('Shift', globalId, ['shift']));
  if (!shift) throw new Refusal('NOT_FOUND', 'notFound', {}, ['shift']);
  return shift;
}

/** Whether the actor acts for who holds the activity, or is the committee. */
export const isHost = (tx: Transaction, { hostId }: Pick<Shift, 'hostId'>): boolean => may(tx.actor, 'registration.confirm', { owner: hostId });

/** Until when registering is open: for oneself until the start, for whoever holds it until the end. @throws Refusal TOO_LATE, WRONG_STATE */
function requireOpen(tx: Transaction, { shift, activity }: Places): void {
  if (activity.status !== 'OPEN' && activity.status !== 'IN_PROGRESS') {
    throw new Refusal('WRONG_STATE', 'state.wrong', { action: 'REGISTER', state: activity.status, subject: 'activity' }, ['shift']);
  }
  const until = isHost(tx, shift) ? shift.endsAt : shift.startsAt;
  if (until <= tx.actor.now) throw new Refusal('TOO_LATE', 'shift.begun', {}, ['shift']);
}

/**
 * Registers a volunteer for a shift: with a place, or to wait for one. Volunteers for themselves; staff for the volunteers of
 * their organization, or for the shifts of what it holds.
 */
export async function registerForShift(tx: Transaction, input: Input<'registerForShift'>): Changed {
  const { id } = await once(tx, 'registerForShift', input, async () => {
    const shift = await readableShift(tx, input.shift);
    const candidate = await candidateOf(tx, input.volunteer);
    if (!may(tx.actor, 'registration.register', concernOf({ hostId: shift.hostId, ...candidate }))) throw new Refusal('NOT_ALLOWED', 'notAllowed', {}, ['volunteer']);
    return tx.through('shifts', async () => ({ id: await register(tx, shift.id, candidate.id, input) }));
  });
  return fresh(tx, id);
}

async function register(tx: Transaction, shiftId: string, volunteerId: string, { waitlist }: Pick<Input<'registerForShift'>, 'waitlist'>): Promise<string> {
  const places = await holdShift(tx, shiftId);
  const { shift } = places;
  requireOpen(tx, places);
  await promote(tx, places, { tell: false });
  await holdVolunteers(tx, [volunteerId]);
  const fitness = (await fitnessOf(tx, shift, [volunteerId])).get(volunteerId)!;
  if (fitness.isRegistered) throw new Refusal('DUPLICATE', 'registration.twice', {}, ['volunteer']);
  const against = unfitness(fitness);
  if (against) throw new Refusal(against.code, against.message, against.parameters, ['volunteer']);

  const place = places.take(fitness.organizationId);
  if (!place && !waitlist) throw new Refusal('CAPACITY_EXCEEDED', 'shift.full', {}, ['shift']);
  const id = await insertRegistration(tx, places, fitness, place);
  await places.write(tx);
  const status: RegistrationStatus = place ? 'CONFIRMED' : 'WAITLISTED';
  const registered = { id, shiftId, activityId: shift.activityId, hostId: shift.hostId, userId: fitness.userId, organizationId: fitness.organizationId };
  await recordMove(tx, 'registration.register', stepOf(registered, null, status, tellingOf(places), status === 'WAITLISTED' ? { notice: 'registration.wait' } : {}));
  return id;
}

/** A registration about to be changed, and its shift, both held; the action permitted by role, status and time. Inside the door of shifts. */
export async function changing(tx: Transaction, action: RegistrationAction, found: Registration, at = tx.actor.now): Promise<{ places: Places; registration: Registration; to: RegistrationStatus }> {
  const places = await holdShift(tx, found.shiftId);
  const [registration] = (await lockedRegistrations(tx, 't.id = $1', [found.id])) as [Registration];
  const to = permit(registrationLifecycle, action, tx.actor, registration.status, concernOf(registration));
  const obstacle = obstacleTo(action, registration, tx.actor, at);
  if (obstacle) throw obstacle;
  return { places, registration, to };
}

/** The registration that is named as the actor may read it. @throws Refusal NOT_FOUND */
export async function readable(tx: Transaction, globalId: string, path = ['id']): Promise<Registration> {
  const registration = await tx.find(Registration, tx.idOf('Registration', globalId, path));
  if (!registration) throw new Refusal('NOT_FOUND', 'notFound', {}, path);
  return registration;
}

/** @throws Refusal STALE_VERSION with the fresh registration */
export const requireFresh = (registration: Registration, version: number): void => requireVersion(registration, version, 'registration');

/** Calls a registration off before the shift begins; who waits moves up. The volunteer, staff of the own organization, or of who holds it. */
export async function cancelRegistration(tx: Transaction, input: Input<'withNote'>): Changed {
  const found = await readable(tx, input.id);
  await tx.through('shifts', async () => {
    const { places, registration } = await changing(tx, 'CANCEL', found);
    requireFresh(registration, input.version);
    await giveUp(tx, places, [registration], 'registration.cancel', { note: input.note });
    await promote(tx, places, { tell: true });
    await places.write(tx);
  });
  return fresh(tx, found.id);
}

const COMING = `t.status IN ('WAITLISTED','CONFIRMED')`;

/** Calls off all who are registered for an activity that is called off; that tells them. */
export async function cancelRegistrationsOf(tx: Transaction, activityId: string, note: string | null): Promise<void> {
  await tx.through('shifts', async () => {
    const shifts = await tx.query<{ id: string }>('SELECT id FROM shifts WHERE network_id = app.network_id() AND activity_id = $1', [activityId]);
    for (const places of await holdShifts(tx, shifts.map(({ id }) => id))) {
      await giveUp(tx, places, await lockedRegistrations(tx, `${COMING} AND t.shift_id = $1`, [places.shift.id]), 'registration.drop', { note, notice: null });
      await places.write(tx);
    }
  });
}

/** Calls off what a volunteer is registered for and has not begun; who waits moves up. */
export async function cancelComingRegistrationsOf(tx: Transaction, volunteerId: string, note: string | null): Promise<void> {
  const coming = `${COMING} AND t.volunteer_id = $1 AND t.starts_at > app.now()`;
  await tx.through('shifts', async () => {
    const shifts = await tx.query<{ id: string }>(`SELECT t.shift_id AS id FROM registrations t WHERE t.network_id = app.network_id() AND ${coming}`, [volunteerId]);
    const held = await holdShifts(tx, shifts.map(({ id }) => id));
    await holdVolunteers(tx, [volunteerId]);
    const known = new Map(held.map((places) => [places.shift.id, places]));
    for (const registration of await lockedRegistrations(tx, coming, [volunteerId])) {
      // One that was made meanwhile, before the volunteer was held.
      const places = known.get(registration.shiftId) ?? (await holdShift(tx, registration.shiftId));
      await giveUp(tx, places, [registration], 'registration.drop', { note });
      await promote(tx, places, { tell: true });
      await places.write(tx);
    }
  });
}
