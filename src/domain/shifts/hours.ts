import { once } from '../../platform/database/idempotency';
import { selectList } from '../../platform/database/columns';
import type { Transaction } from '../../platform/database/session';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import type { MoveWithChanges } from '../network/history';
import { issueServiceRecords, type NewServiceRecord } from '../records/service';
import type * as inputs from './inputs';
import { Registration } from './model';
import { holdShifts, type Places } from './places';
import { recordSteps, stepOf, tellingOf } from './rows';
import { isHost } from './service';

type Input = InputOf<typeof inputs, 'confirmHours'>;
type Exception = Input['exceptions'][number];

/** What came of confirming hours. */
export interface Confirmed {
  activityId: string;
  confirmed: number;
  leftOut: number;
  seconds: number;
}

const SECOND_MS = 1000;
const HOUR_SECONDS = 3600;
const MINUTE_SECONDS = 60;
/** The activities that have been held, or are. */
const HELD: readonly string[] = ['OPEN', 'IN_PROGRESS', 'COMPLETED', 'CLOSED'];

const secondsBetween = (from: Date, to: Date): number => Math.max(0, Math.floor((to.getTime() - from.getTime()) / SECOND_MS));
const later = (a: Date, b: Date): Date => (a > b ? a : b);
const earlier = (a: Date, b: Date): Date => (a < b ? a : b);

/** When somebody went: who did not check out counts as having gone at the end of the shift; null while that is to come. */
const wentAt = ({ checkedOutAt, endsAt }: Registration, now: Date): Date | null => checkedOutAt ?? (endsAt <= now ? endsAt : null);

/** The time on duty: from coming to going within the shift, in whole minutes. */
const onDuty = ({ checkedInAt, startsAt, endsAt }: Registration, wentAt: Date): number => {
  const seconds = secondsBetween(later(checkedInAt!, startsAt), earlier(wentAt, endsAt));
  return seconds - (seconds % MINUTE_SECONDS);
};

/** The most that can be confirmed: no more than from check-in to check-out, and no more than the shift is long. */
const most = ({ checkedInAt, startsAt, endsAt }: Registration, wentAt: Date): number =>
  Math.min(secondsBetween(checkedInAt!, wentAt), secondsBetween(startsAt, endsAt));

/** Those who are checked in, and who else is named, all locked. Through the door of shifts, their shifts held. */
const toConfirm = (tx: Transaction, activityId: string, shiftId: string | null, named: readonly string[]): Promise<Registration[]> =>
  tx.query<Registration>(
    `SELECT ${selectList(Registration, 't')} FROM registrations t WHERE t.network_id = app.network_id() AND t.activity_id = $1
       AND ($2::uuid IS NULL OR t.shift_id = $2) AND (t.status = 'CHECKED_IN' OR t.id = ANY($3::uuid[])) ORDER BY t.id FOR NO KEY UPDATE`,
    [activityId, shiftId, named],
  );

/** One that is to be put on record. */
interface Served {
  registration: Registration;
  wentAt: Date;
  seconds: number;
  evaluation: number | null;
}

/** What is to be confirmed of a registration; null: it is left out. @throws Refusal when what is asked for it cannot be */
function servedBy(tx: Transaction, registration: Registration, input: Input, exception: Exception | undefined, path: readonly string[]): Served | null {
  const { now, userId } = tx.actor;
  const isOwn = registration.userId !== null && registration.userId === userId;
  if (exception?.leaveOut) return null;
  if (exception && isOwn) throw new Refusal('NOT_ALLOWED', 'registration.own', {}, [...path, 'registration']);
  if (exception && registration.status !== 'CHECKED_IN') {
    throw new Refusal('WRONG_STATE', 'state.wrong', { action: 'CONFIRM_HOURS', state: registration.status, subject: 'registration' }, [...path, 'registration']);
  }
  const went = wentAt(registration, now);
  if (exception && went === null) throw new Refusal('TOO_EARLY', 'registration.hours.early', {}, [...path, 'registration']);
  if (isOwn || went === null) return null;
  const seconds = exception?.hours == null ? onDuty(registration, went) : Math.round(exception.hours * HOUR_SECONDS);
  if (seconds > most(registration, went)) throw new Refusal('INVALID', 'registration.hours.most', { hours: (most(registration, went) / HOUR_SECONDS).toFixed(2) }, [...path, 'hours']);
  return { registration, wentAt: went, seconds, evaluation: exception?.evaluation ?? input.evaluation };
}

/**
 * Confirms the hours of an activity, or of one of its shifts, and puts them on record with their points: all of them or none.
 * Left out are the actor's own, and who is still on duty. Staff of who holds it, and the committee.
 */
export async function confirmHours(tx: Transaction, input: Input): Promise<Confirmed> {
  return once(tx, 'confirmHours', input, async () => {
    const activity = await heldActivity(tx, tx.idOf('Activity', input.activity, ['activity']));
    const shiftId = input.shift == null ? null : tx.idOf('Shift', input.shift, ['shift']);
    const exceptionIds = input.exceptions.map(({ registration }, index) => tx.idOf('Registration', registration, ['exceptions', String(index), 'registration']));
    return tx.through('shifts', async () => {
      const shifts = await holdShifts(tx, await shiftIdsOf(tx, activity.id, shiftId));
      const registrations = await toConfirm(tx, activity.id, shiftId, exceptionIds);
      const known = new Set(registrations.map(({ id }) => id));
      const unknown = exceptionIds.findIndex((id) => !known.has(id));
      if (unknown >= 0) throw new Refusal('NOT_FOUND', 'notFound', {}, ['exceptions', String(unknown), 'registration']);
      const places = new Map(exceptionIds.map((id, index) => [id, index]));
      const served = registrations.flatMap((registration) => {
        const at = places.get(registration.id);
        const one = servedBy(tx, registration, input, at === undefined ? undefined : input.exceptions[at], ['exceptions', String(at)]);
        return one ?? [];
      });
      await confirm(tx, activity, new Map(shifts.map((one) => [one.shift.id, one])), served);
      return {
        activityId: activity.id, confirmed: served.length, seconds: served.reduce((sum, { seconds }) => sum + seconds, 0),
        leftOut: registrations.filter(({ status }) => status === 'CHECKED_IN').length - served.length,
      };
    });
  });
}

interface HeldActivity {
  id: string;
  hostId: string;
  title: string;
  status: string;
  place: string | null;
}

/** The activity as the actor may read it. @throws Refusal NOT_FOUND, NOT_ALLOWED, WRONG_STATE */
async function heldActivity(tx: Transaction, id: string): Promise<HeldActivity> {
  const [activity] = await tx.query<HeldActivity>(
    `SELECT a.id, a.host_id AS "hostId", a.title, a.status, nullif(concat_ws(' ', p.name, a.address), '') AS place
     FROM activities a LEFT JOIN positions p ON p.network_id = a.network_id AND p.id = a.position_id WHERE a.network_id = app.network_id() AND a.id = $1`,
    [id],
  );
  if (!activity) throw new Refusal('NOT_FOUND', 'notFound', {}, ['activity']);
  if (!isHost(tx, activity)) throw new Refusal('NOT_ALLOWED', 'notAllowed', {}, ['activity']);
  if (!HELD.includes(activity.status)) throw new Refusal('WRONG_STATE', 'state.wrong', { action: 'CONFIRM_HOURS', state: activity.status, subject: 'activity' }, ['activity']);
  return activity;
}

/** @throws Refusal NOT_FOUND for a shift of another activity */
async function shiftIdsOf(tx: Transaction, activityId: string, shiftId: string | null): Promise<string[]> {
  const shifts = await tx.query<{ id: string }>(
    'SELECT id FROM shifts WHERE network_id = app.network_id() AND activity_id = $1 AND ($2::uuid IS NULL OR id = $2)',
    [activityId, shiftId],
  );
  if (shiftId !== null && !shifts.length) throw new Refusal('NOT_FOUND', 'notFound', {}, ['shift']);
  return shifts.map(({ id }) => id);
}

/** Writes it down: the registrations, the records with their points, and the steps. Through the door of shifts. */
async function confirm(tx: Transaction, { title, place }: HeldActivity, shifts: ReadonlyMap<string, Places>, served: readonly Served[]): Promise<void> {
  if (!served.length) return;
  await tx.query(
    `UPDATE registrations t SET status = 'ATTENDED', checked_out_at = r."wentAt", version = t.version + 1
     FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, "wentAt" timestamptz) WHERE t.network_id = app.network_id() AND t.id = r.id`,
    [JSON.stringify(served.map(({ registration: { id }, wentAt }) => ({ id, wentAt })))],
  );
  await issueServiceRecords(
    tx,
    served.map(({ registration, wentAt, seconds, evaluation }): NewServiceRecord => {
      const { id, shiftId, activityId, hostId, coHostIds, volunteerId, userId, organizationId, serviceDate, checkedInAt } = registration;
      return {
        registrationId: id, shiftId, activityId, organizerId: hostId, coHostIds, volunteerId, userId, organizationId, serviceDate, place, seconds, evaluation,
        activityTitle: title, duty: shifts.get(shiftId)!.shift.duty, checkedInAt: checkedInAt!, checkedOutAt: wentAt,
      };
    }),
  );
  // People are told of the record.
  const steps = served.map(({ registration, seconds }): MoveWithChanges => [
    stepOf(registration, 'CHECKED_IN', 'ATTENDED', tellingOf(shifts.get(registration.shiftId)!), { notice: null }), { seconds: [null, seconds] },
  ]);
  await recordSteps(tx, 'registration.confirm', steps);
}
