import { permit } from '../../access/viewer-can';
import { once } from '../../platform/database/idempotency';
import type { Transaction } from '../../platform/database/session';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import type { TimeRange } from '../../platform/graphql/time-range';
import { newId } from '../../platform/ids';
import { activityLifecycle, concernOf as concernOfActivity } from '../activities/lifecycle';
import type { Activity } from '../activities/model';
import { activityForChange } from '../activities/service';
import { recordChange, type MoveWithChanges } from '../network/history';
import { requireVersion } from '../network/service';
import { fitnessOf, holdVolunteers, unfitness, type Fitness } from './fitness';
import type * as inputs from './inputs';
import { HOLDING } from './lifecycle';
import { Shift, type Registration } from './model';
import { holdShift, type Places } from './places';
import { giveUp, lockedRegistrations, recordSteps, stepOf, tellingOf, type Telling } from './rows';
import { promote } from './waitlist';

type Input<Name extends keyof typeof inputs> = InputOf<typeof inputs, Name>;
type Changed = Promise<{ shift: Shift }>;

const fresh = async (tx: Transaction, id: string): Changed => ({ shift: (await tx.find(Shift, id))! });

/** How many names of those who cannot move along a refusal gives. */
const MOST_NAMES = 10;

/** Refuses a time that does not lie within the activity's, or is over. @throws Refusal INVALID, TOO_LATE */
function requireWithin({ now }: { now: Date }, activity: Pick<Activity, 'startsAt' | 'endsAt'>, { start, end }: TimeRange): void {
  if (start < activity.startsAt || end > activity.endsAt) throw new Refusal('INVALID', 'shift.range', {}, ['range']);
  if (end <= now) throw new Refusal('TOO_LATE', 'range.past', {}, ['range']);
}

/** The uuids of courses that the actor may read. @throws Refusal NOT_FOUND */
async function courseIds(tx: Transaction, globalIds: readonly string[]): Promise<string[]> {
  const ids = globalIds.map((globalId, index) => tx.idOf('Course', globalId, ['requiredCourses', String(index)]));
  const known = await tx.query<{ id: string }>('SELECT id FROM courses WHERE network_id = app.network_id() AND id = ANY($1::uuid[])', [ids]);
  const unknown = ids.findIndex((id) => !known.some((course) => course.id === id));
  if (unknown >= 0) throw new Refusal('NOT_FOUND', 'notFound', {}, ['requiredCourses', String(unknown)]);
  return ids;
}

/** Places that are to be kept, with those taken of them so far. */
interface Kept {
  organizationId: string;
  places: number;
  taken: number;
}

/** @throws Refusal NOT_FOUND naming each organization that the actor may not see, or that is not active */
async function keptPlaces(tx: Transaction, quotas: Input<'addShift'>['reservedFor'], taken: ReadonlyMap<string, number>): Promise<Kept[]> {
  const ids = quotas.map(({ organization }, index) => tx.idOf('Organization', organization, ['reservedFor', String(index), 'organization']));
  const known = await tx.query<{ id: string }>(`SELECT id FROM organizations WHERE network_id = app.network_id() AND status = 'ACTIVE' AND id = ANY($1::uuid[])`, [ids]);
  return quotas.map(({ places }, index) => {
    const organizationId = ids[index]!;
    if (!known.some(({ id }) => id === organizationId)) throw new Refusal('NOT_FOUND', 'notFound', {}, ['reservedFor', String(index), 'organization']);
    if (places < (taken.get(organizationId) ?? 0)) throw new Refusal('CAPACITY_EXCEEDED', 'shift.kept.taken', {}, ['reservedFor', String(index), 'places']);
    return { organizationId, places, taken: taken.get(organizationId) ?? 0 };
  });
}

/** Keeps places as said, instead of those kept until now. Through the door of shifts. */
async function writeKept(tx: Transaction, { id, activityId, hostId }: Pick<Shift, 'id' | 'activityId' | 'hostId'>, kept: readonly Kept[]): Promise<void> {
  await tx.query(
    `WITH row AS (SELECT * FROM jsonb_to_recordset($4::jsonb) AS r("organizationId" uuid, places integer, taken integer)),
     dropped AS (DELETE FROM shift_reservations WHERE network_id = app.network_id() AND shift_id = $1 AND organization_id <> ALL(ARRAY(SELECT "organizationId" FROM row)))
     INSERT INTO shift_reservations (network_id, shift_id, organization_id, activity_id, host_id, places, taken, audience)
     SELECT app.network_id(), $1, "organizationId", $2, $3, places, taken, (SELECT readers FROM activities WHERE network_id = app.network_id() AND id = $2) FROM row
     ON CONFLICT (network_id, shift_id, organization_id) DO UPDATE SET places = excluded.places`,
    [id, activityId, hostId, JSON.stringify(kept)],
  );
}

/** Adds a shift to an activity. Staff of who holds it, and the committee. */
export async function addShift(tx: Transaction, input: Input<'addShift'>): Changed {
  const { id } = await once(tx, 'addShift', input, async () => {
    const activity = await activityForChange(tx, tx.idOf('Activity', input.activity, ['activity']));
    permit(activityLifecycle, 'EDIT', tx.actor, activity.status, concernOfActivity(activity));
    const { start, end } = input.range;
    requireWithin(tx.actor, activity, input.range);
    const kept = await keptPlaces(tx, input.reservedFor, new Map());
    const together = kept.reduce((sum, { places }) => sum + places, 0);
    if (together > input.capacity) throw new Refusal('CAPACITY_EXCEEDED', 'shift.kept.most', {}, ['reservedFor']);
    const reservedUntil = kept.length ? (input.reservedUntil ?? start) : null;
    if (reservedUntil !== null && (reservedUntil > start || reservedUntil <= tx.actor.now)) throw new Refusal('INVALID', 'shift.kept.until', {}, ['reservedUntil']);

    const requiredCourseIds = await courseIds(tx, input.requiredCourses);
    const shift = { id: newId(tx.actor.now), activityId: activity.id, hostId: activity.hostId };
    await tx.through('shifts', async () => {
      await tx.query(
        `INSERT INTO shifts (network_id, id, activity_id, host_id, duty, starts_at, ends_at, capacity, required_skills, required_course_ids, reserved_until, kept, created_at, audience)
         SELECT app.network_id(), $1, a.id, a.host_id, $3, $4, $5, $6, $7, $8, $9, $10, $11, a.readers FROM activities a WHERE a.network_id = app.network_id() AND a.id = $2`,
        [shift.id, activity.id, input.duty, start, end, input.capacity, input.requiredSkills, requiredCourseIds, reservedUntil, together, tx.actor.now],
      );
      await writeKept(tx, shift, kept);
    });
    recordShift(tx, 'shift.add', { ...shift, duty: input.duty, startsAt: start, endsAt: end, title: activity.title }, { capacity: [null, input.capacity], start: [null, start], end: [null, end] });
    return { id: shift.id };
  });
  return fresh(tx, id);
}

/** Writes a change of a shift down: its host is told. */
function recordShift(tx: Transaction, action: 'shift.add' | 'shift.update', shift: Pick<Shift, 'id' | 'activityId' | 'hostId'> & Telling, changes: Record<string, unknown>): void {
  recordChange(
    tx, action,
    {
      subjectType: 'Shift', subjectId: shift.id, audience: [shift.hostId], refs: { activity: shift.activityId },
      data: { activity: shift.title, duty: shift.duty, start: shift.startsAt.toISOString(), end: shift.endsAt.toISOString() },
    },
    changes,
  );
}

/**
 * Changes a shift. Moved to another time its registrations move along: whoever cannot is named and the change refused, or
 * is cancelled and told where that was asked for. Staff of who holds the activity, and the committee.
 */
export async function updateShift(tx: Transaction, input: Input<'updateShift'>): Changed {
  const found = await tx.find(Shift, tx.idOf('Shift', input.id, ['id']));
  if (!found) throw new Refusal('NOT_FOUND', 'notFound', {}, ['id']);
  const activity = await activityForChange(tx, found.activityId);
  permit(activityLifecycle, 'EDIT', tx.actor, activity.status, concernOfActivity(activity));
  const kept = input.reservedFor ?? null;
  const requiredCourseIds = input.requiredCourses && (await courseIds(tx, input.requiredCourses));
  await tx.through('shifts', async () => {
    const places = await holdShift(tx, found.id);
    const { shift } = places;
    requireVersion(shift, input.version, 'shift');
    const before = { ...shift };
    if (kept !== null || input.reservedUntil) await keep(tx, places, input, kept && (await keptPlaces(tx, kept, places.takenOf)));
    if (input.range) await move(tx, places, activity, input.range, input.cancelClashing);
    Object.assign(shift, requiredCourseIds && { requiredCourseIds }, { duty: input.duty ?? shift.duty, capacity: input.capacity ?? shift.capacity, requiredSkills: input.requiredSkills ?? shift.requiredSkills });
    if (!places.suffices) throw new Refusal('CAPACITY_EXCEEDED', 'shift.capacity', { taken: shift.taken, kept: shift.kept }, [input.capacity === undefined ? 'reservedFor' : 'capacity']);
    await tx.query(
      `UPDATE shifts SET duty = $2, starts_at = $3, ends_at = $4, capacity = $5, required_skills = $6, required_course_ids = $7, reserved_until = $8, kept = $9, version = version + 1
       WHERE network_id = app.network_id() AND id = $1`,
      [shift.id, shift.duty, shift.startsAt, shift.endsAt, shift.capacity, shift.requiredSkills, shift.requiredCourseIds, shift.reservedUntil, shift.kept],
    );
    await promote(tx, places, { tell: true });
    await places.write(tx);
    recordShift(tx, 'shift.update', { ...shift, title: activity.title }, {
      capacity: [before.capacity, shift.capacity], start: [before.startsAt, shift.startsAt], end: [before.endsAt, shift.endsAt],
    });
  });
  return fresh(tx, found.id);
}

async function keep(tx: Transaction, places: Places, { reservedUntil }: Input<'updateShift'>, kept: Kept[] | null): Promise<void> {
  const { shift } = places;
  const until = reservedUntil ?? shift.reservedUntil ?? shift.startsAt;
  if (until > shift.startsAt) throw new Refusal('INVALID', 'shift.kept.until', {}, ['reservedUntil']);
  places.keep(kept ?? places.reserved, kept?.length === 0 ? null : until);
  if (kept) await writeKept(tx, shift, kept);
}

/** Moves a shift that has not begun to another time, with all who are on it or wait. Through the door of shifts. */
async function move(tx: Transaction, places: Places, activity: Activity, range: TimeRange, cancelClashing: boolean): Promise<void> {
  const { shift } = places;
  if (shift.startsAt <= tx.actor.now) throw new Refusal('TOO_LATE', 'shift.begun', {}, ['range']);
  if (range.start <= tx.actor.now) throw new Refusal('TOO_LATE', 'range.past', {}, ['range']);
  requireWithin(tx.actor, activity, range);
  const registrations = await lockedRegistrations(tx, `t.shift_id = $1 AND t.status <> 'CANCELLED'`, [shift.id]);
  const volunteerIds = registrations.map(({ volunteerId }) => volunteerId);
  await holdVolunteers(tx, volunteerIds);
  const from = { startsAt: shift.startsAt, endsAt: shift.endsAt };
  Object.assign(shift, { startsAt: range.start, endsAt: range.end, reservedUntil: shift.reservedUntil && new Date(Math.min(shift.reservedUntil.getTime(), range.start.getTime())) });
  const known = await fitnessOf(tx, shift, volunteerIds);
  const clashing = registrations.filter(({ volunteerId, status }) => HOLDING.includes(status) && cannotMove(known.get(volunteerId)!));
  if (clashing.length && !cancelClashing) {
    const names = clashing.slice(0, MOST_NAMES).map(({ volunteerId }) => known.get(volunteerId)!.displayName);
    throw new Refusal('CONFLICT', 'shift.clash', { count: clashing.length, names: names.join('、') }, ['range']);
  }
  await giveUp(tx, places, clashing, 'registration.drop');
  const moving = registrations.filter((registration) => !clashing.includes(registration));
  await moveAlong(tx, shift, moving, known);
  const telling = tellingOf(places);
  const changes = { start: [from.startsAt, shift.startsAt], end: [from.endsAt, shift.endsAt] };
  await recordSteps(tx, 'registration.move', moving.map((registration): MoveWithChanges => [stepOf(registration, registration.status, registration.status, telling), changes]));
}

/** Whether a volunteer with a place cannot be there at the new time; what was required on registering is not asked anew. */
const cannotMove = (fitness: Fitness): boolean => unfitness({ ...fitness, status: 'ACTIVE', missingSkills: [], missingCourses: [] }) !== null;

async function moveAlong(tx: Transaction, { startsAt, endsAt }: Shift, registrations: readonly Registration[], known: ReadonlyMap<string, Fitness>): Promise<void> {
  const rows = registrations.map(({ id, volunteerId }) => {
    const { serviceDate, adultOn, isMinor, consentId } = known.get(volunteerId)!;
    return { id, serviceDate, adultOn, consentId: isMinor ? consentId : null };
  });
  await tx.query(
    `UPDATE registrations t SET starts_at = $2, ends_at = $3, service_date = r."serviceDate", adult_on = r."adultOn", consent_id = r."consentId", version = t.version + 1
     FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, "serviceDate" date, "adultOn" date, "consentId" uuid) WHERE t.network_id = app.network_id() AND t.id = r.id`,
    [JSON.stringify(rows), startsAt, endsAt],
  );
}
