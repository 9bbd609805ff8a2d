import { selectList } from '../../platform/database/columns';
import type { Transaction } from '../../platform/database/session';
import type { AuditAction } from '../../platform/i18n/messages';
import { newId } from '../../platform/ids';
import { recordMoves, type Move, type MoveWithChanges } from '../network/history';
import { showNames } from '../volunteers/names';
import type { Fitness } from './fitness';
import { Registration, type RegistrationStatus, type Shift } from './model';
import type { ActivityOfShift, Place, Places } from './places';

/** How many steps of histories are written in one statement. */
const BATCH = 1000;

type Stepping = Pick<Registration, 'id' | 'shiftId' | 'activityId' | 'hostId' | 'userId' | 'organizationId'>;
/** What people are told of besides the registration. */
export type Telling = Pick<Shift, 'duty' | 'startsAt' | 'endsAt'> & Pick<ActivityOfShift, 'title'>;

/** What people are told of a shift. */
export const tellingOf = ({ shift: { duty, startsAt, endsAt }, activity: { title } }: Places): Telling => ({ duty, startsAt, endsAt, title });

/** A registration's step, as history, audit log and events take it: for the host, the volunteer's own organization, and the volunteer. */
export function stepOf(registration: Stepping, from: RegistrationStatus | null, to: RegistrationStatus, telling: Telling, more: Partial<Move> = {}): Move {
  const { id, shiftId, activityId, hostId, userId, organizationId } = registration;
  return {
    subjectType: 'Registration', subjectId: id, from, to,
    audience: [...new Set(organizationId === null ? [hostId] : [hostId, organizationId])], people: userId === null ? [] : [userId],
    refs: { activity: activityId, shift: shiftId, organization: hostId },
    data: { activity: telling.title, duty: telling.duty, start: telling.startsAt.toISOString(), end: telling.endsAt.toISOString() },
    ...more,
  };
}

/** Writes steps down, however many. Through the door of shifts. */
export async function recordSteps(tx: Transaction, action: AuditAction, steps: readonly MoveWithChanges[]): Promise<void> {
  for (let from = 0; from < steps.length; from += BATCH) await recordMoves(tx, action, steps.slice(from, from + BATCH));
}

/** A volunteer who registers. */
type Registering = Pick<Fitness, 'volunteerId' | 'userId' | 'organizationId' | 'adultOn' | 'serviceDate' | 'isMinor' | 'consentId'>;

/** Writes a registration down: with a place, or to wait for one. Through the door of shifts. @returns its id */
export async function insertRegistration(tx: Transaction, { shift, activity }: Places, who: Registering, place: Place | null): Promise<string> {
  const id = newId(tx.actor.now);
  shift.arrivals += 1;
  if (place === null) shift.waitlisted += 1;
  await tx.query(
    `INSERT INTO registrations (network_id, id, shift_id, activity_id, host_id, co_host_ids, volunteer_id, user_id, organization_id, status, starts_at, ends_at,
       arrival, kept_for, adult_on, service_date, consent_id, registered_at)
     VALUES (app.network_id(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
    [
      id, shift.id, shift.activityId, shift.hostId, activity.coHostIds, who.volunteerId, who.userId, who.organizationId, place === null ? 'WAITLISTED' : 'CONFIRMED',
      shift.startsAt, shift.endsAt, shift.arrivals, place?.keptFor ?? null, who.adultOn, who.serviceDate, who.isMinor ? who.consentId : null, tx.actor.now,
    ],
  );
  await showNames(tx, [who.volunteerId], [shift.hostId, ...activity.coHostIds]);
  return id;
}

/** Registrations, all locked, by their arrival. Through the door of shifts, their shifts held. */
export const lockedRegistrations = (tx: Transaction, condition: string, values: unknown[]): Promise<Registration[]> =>
  tx.query<Registration>(
    `SELECT ${selectList(Registration, 't')} FROM registrations t WHERE t.network_id = app.network_id() AND ${condition} ORDER BY t.shift_id, t.arrival FOR NO KEY UPDATE`,
    values,
  );

/** Calls registrations off, with the places that they held counted as given back. Through the door of shifts. */
export async function giveUp(tx: Transaction, places: Places, registrations: readonly Registration[], action: AuditAction, more: Partial<Move> = {}): Promise<void> {
  if (!registrations.length) return;
  await tx.query(`UPDATE registrations SET status = 'CANCELLED', kept_for = NULL, version = version + 1 WHERE network_id = app.network_id() AND id = ANY($1::uuid[])`, [
    registrations.map(({ id }) => id),
  ]);
  for (const registration of registrations) {
    if (registration.status === 'WAITLISTED') places.shift.waitlisted -= 1;
    else places.giveBack(registration);
  }
  const telling = tellingOf(places);
  await recordSteps(tx, action, registrations.map((registration): MoveWithChanges => [stepOf(registration, registration.status, 'CANCELLED', telling, more)]));
}
