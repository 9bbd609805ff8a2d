import { may } from '../../access/matrix';
import type { Transaction } from '../../platform/database/session';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import { recordChange, recordMove } from '../network/history';
import { codeOf, shiftOfCode } from './codes';
import { fitnessOf, holdVolunteers, unfitness } from './fitness';
import type * as inputs from './inputs';
import type { RegistrationAction } from './lifecycle';
import { Registration, type CheckInCode } from './model';
import type { Places } from './places';
import { stepOf, tellingOf } from './rows';
import { changing, fresh, isHost, readable, readableShift, requireFresh } from './service';

type Input<Name extends keyof typeof inputs> = InputOf<typeof inputs, Name>;
type Changed = Promise<{ registration: Registration }>;

/** The activities on which people come and go, and who did not come is noted. */
const ON_DUTY: readonly string[] = ['OPEN', 'IN_PROGRESS', 'COMPLETED'];

/** @throws Refusal WRONG_STATE when the activity is not on, nor just over */
function requireOn({ activity: { status } }: Places, action: RegistrationAction): void {
  if (!ON_DUTY.includes(status)) throw new Refusal('WRONG_STATE', 'state.wrong', { action, state: status, subject: 'activity' });
}

/** A code for the screen of who holds the activity. Staff of who holds it, and the committee. */
export async function issueCheckInCode(tx: Transaction, input: Input<'issueCheckInCode'>, secret: string): Promise<{ code: CheckInCode }> {
  const shift = await readableShift(tx, input.shift);
  if (!isHost(tx, shift)) throw new Refusal('NOT_ALLOWED', 'notAllowed', {}, ['shift']);
  if (shift.endsAt <= tx.actor.now) throw new Refusal('TOO_LATE', 'registration.checkIn.late', {}, ['shift']);
  return { code: await codeOf(secret, shift.id, tx.actor.now) };
}

/** Who comes or goes, and when. */
interface Coming {
  registration: Registration;
  at: Date;
}

/**
 * Of whom it is to be noted: by a code one's own registration on its shift; without, whoever staff of the host names.
 * @throws Refusal NOT_FOUND without a registration, NOT_ALLOWED for somebody else's, TOO_LATE or INVALID for a code that does not count
 */
async function coming(tx: Transaction, { registration: globalId, code, at }: Input<'checkIn'>, secret: string): Promise<Coming> {
  const { now, userId } = tx.actor;
  if (code == null) {
    const registration = await readable(tx, globalId!, ['registration']);
    if (!may(tx.actor, 'registration.attend', { owner: registration.hostId, person: null })) throw new Refusal('NOT_ALLOWED', 'registration.code.needed', {}, ['code']);
    if (at && at > now) throw new Refusal('TOO_EARLY', 'registration.ahead', {}, ['at']);
    return { registration, at: at ?? now };
  }
  const shiftId = await shiftOfCode(secret, code, now);
  if (at) throw new Refusal('NOT_ALLOWED', 'registration.at', {}, ['at']);
  const registration = globalId == null ? await ownOn(tx, shiftId) : await readable(tx, globalId, ['registration']);
  if (registration.userId !== userId) throw new Refusal('NOT_ALLOWED', 'registration.code.other', {}, ['registration']);
  if (registration.shiftId !== shiftId) throw new Refusal('INVALID', 'registration.code.shift', {}, ['code']);
  return { registration, at: now };
}

/** The actor's registration on a shift. @throws Refusal NOT_FOUND */
async function ownOn(tx: Transaction, shiftId: string): Promise<Registration> {
  const [own] = await tx.query<{ id: string }>(
    `SELECT t.id FROM registrations t WHERE t.network_id = app.network_id() AND t.shift_id = $1 AND t.user_id = $2 ORDER BY t.status = 'CANCELLED', t.arrival LIMIT 1`,
    [shiftId, tx.actor.userId],
  );
  const registration = own && (await tx.find(Registration, own.id));
  if (!registration) throw new Refusal('NOT_FOUND', 'registration.none', {}, ['code']);
  return registration;
}

/** Notes that somebody has come. The volunteer by a code; staff of who holds the activity, and the committee. */
export async function checkIn(tx: Transaction, input: Input<'checkIn'>, secret: string): Changed {
  const { registration, at } = await coming(tx, input, secret);
  await tx.through('shifts', () => noteIn(tx, registration, at));
  return fresh(tx, registration.id);
}

/** Notes that somebody has gone. The same. */
export async function checkOut(tx: Transaction, input: Input<'checkIn'>, secret: string): Changed {
  const { registration, at } = await coming(tx, input, secret);
  await tx.through('shifts', () => noteOut(tx, registration, at));
  return fresh(tx, registration.id);
}

/** Whoever waits gets a place that is free. @throws Refusal CAPACITY_EXCEEDED, or what stands against it */
async function seat(tx: Transaction, places: Places, { id, volunteerId, organizationId }: Registration): Promise<void> {
  await holdVolunteers(tx, [volunteerId]);
  const fitness = (await fitnessOf(tx, places.shift, [volunteerId])).get(volunteerId)!;
  const against = unfitness(fitness);
  if (against) throw new Refusal(against.code, against.message, against.parameters, ['registration']);
  const place = places.take(organizationId);
  if (!place) throw new Refusal('CAPACITY_EXCEEDED', 'shift.full', {}, ['registration']);
  places.shift.waitlisted -= 1;
  await tx.query('UPDATE registrations SET kept_for = $2, adult_on = $3, consent_id = $4 WHERE network_id = app.network_id() AND id = $1', [
    id, place.keptFor, fitness.adultOn, fitness.isMinor ? fitness.consentId : null,
  ]);
  await places.write(tx);
}

/** Notes that somebody has come, under all checks. Through the door of shifts. */
export async function noteIn(tx: Transaction, found: Registration, at: Date): Promise<void> {
  const { places, registration, to } = await changing(tx, 'CHECK_IN', found, at);
  requireOn(places, 'CHECK_IN');
  if (at >= registration.endsAt) throw new Refusal('TOO_LATE', 'registration.checkIn.late');
  if (registration.status === 'WAITLISTED') await seat(tx, places, registration);
  await tx.query('UPDATE registrations SET status = $2, checked_in_at = $3, version = version + 1 WHERE network_id = app.network_id() AND id = $1', [registration.id, to, at]);
  await recordMove(tx, 'registration.checkIn', stepOf(registration, registration.status, to, tellingOf(places)), { at: [null, at] });
}

/** Notes that somebody has gone, under all checks. Through the door of shifts. */
export async function noteOut(tx: Transaction, found: Registration, at: Date): Promise<void> {
  const { places, registration } = await changing(tx, 'CHECK_OUT', found, at);
  requireOn(places, 'CHECK_OUT');
  if (at < registration.checkedInAt!) throw new Refusal('TOO_EARLY', 'registration.checkOut.early');
  await tx.query('UPDATE registrations SET checked_out_at = $2, version = version + 1 WHERE network_id = app.network_id() AND id = $1', [registration.id, at]);
  const { from: _from, to: _to, ...change } = stepOf(registration, registration.status, registration.status, tellingOf(places));
  recordChange(tx, 'registration.checkOut', change, { at: [null, at] });
}

/** Notes that somebody did not come; from the start of the shift on. Staff of who holds the activity, and the committee. */
export async function markNoShow(tx: Transaction, input: Input<'withNote'>): Changed {
  const found = await readable(tx, input.id);
  await tx.through('shifts', async () => {
    const { places, registration, to } = await changing(tx, 'MARK_NO_SHOW', found);
    requireFresh(registration, input.version);
    requireOn(places, 'MARK_NO_SHOW');
    await tx.query('UPDATE registrations SET status = $2, kept_for = NULL, version = version + 1 WHERE network_id = app.network_id() AND id = $1', [registration.id, to]);
    places.giveBack(registration);
    await places.write(tx);
    await recordMove(tx, 'registration.noShow', stepOf(registration, registration.status, to, tellingOf(places), { note: input.note }));
  });
  return fresh(tx, found.id);
}

