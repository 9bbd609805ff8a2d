import type { Transaction } from '../../platform/database/session';
import { recordChange, type MoveWithChanges } from '../network/history';
import { fitnessOf, holdVolunteers, unfitness, type Fitness, type Unfit } from './fitness';
import type { Registration } from './model';
import type { Place, Places } from './places';
import { lockedRegistrations, recordSteps, stepOf, tellingOf } from './rows';

/** How many who wait are looked at beyond the places there are. */
const AHEAD = 10;

/** Somebody who moves up, and how. */
interface Promoted {
  registration: Registration;
  fitness: Fitness;
  place: Place;
}

/**
 * Gives places that are free to whoever waits for them, in order of arrival: to each the one kept for the own organization
 * before one for all. Whoever cannot take it now, by another shift at that time or without a consent, is passed by and goes on
 * waiting. Through the door of shifts, the shift held. @param tell whether those passed by are told
 */
export async function promote(tx: Transaction, places: Places, { tell }: { tell: boolean }): Promise<void> {
  const { shift } = places;
  const promoted: Promoted[] = [];
  const passed: [Registration, Unfit][] = [];
  for (let after = 0; places.isComing && places.open > 0 && shift.waitlisted > 0; ) {
    const most = places.open + AHEAD;
    const waiting = await lockedRegistrations(
      tx,
      `t.id = ANY(ARRAY(SELECT w.id FROM registrations w WHERE w.network_id = app.network_id() AND w.shift_id = $1 AND w.status = 'WAITLISTED' AND w.arrival > $2
        ORDER BY w.arrival LIMIT $3))`,
      [shift.id, after, most],
    );
    const ids = waiting.map(({ volunteerId }) => volunteerId);
    await holdVolunteers(tx, ids);
    const known = await fitnessOf(tx, shift, ids);
    for (const registration of waiting) {
      if (!places.has(registration.organizationId)) continue;
      const fitness = known.get(registration.volunteerId)!;
      const against = unfitness(fitness);
      if (against) passed.push([registration, against]);
      else promoted.push({ registration, fitness, place: places.take(registration.organizationId)! });
    }
    if (waiting.length < most) break;
    after = waiting.at(-1)!.arrival;
  }
  if (promoted.length) await confirm(tx, places, promoted);
  if (tell) await passBy(tx, places, passed);
}

/** Says that a place was free which people who wait could not take. */
async function passBy(tx: Transaction, places: Places, passed: readonly [Registration, Unfit][]): Promise<void> {
  const telling = tellingOf(places);
  await tx.consequently(async () => {
    for (const [registration, { code }] of passed) {
      const { organizationId } = registration;
      const { from: _from, to: _to, ...change } = stepOf(registration, 'WAITLISTED', 'WAITLISTED', telling, { audience: organizationId === null ? [] : [organizationId] });
      recordChange(tx, 'registration.pass', change, { because: code });
    }
  });
}

async function confirm(tx: Transaction, places: Places, promoted: readonly Promoted[]): Promise<void> {
  places.shift.waitlisted -= promoted.length;
  await tx.query(
    `UPDATE registrations t SET status = 'CONFIRMED', kept_for = r."keptFor", adult_on = r."adultOn", consent_id = r."consentId", version = t.version + 1
     FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, "keptFor" uuid, "adultOn" date, "consentId" uuid) WHERE t.network_id = app.network_id() AND t.id = r.id`,
    [JSON.stringify(promoted.map(({ registration: { id }, fitness: { adultOn, isMinor, consentId }, place: { keptFor } }) => ({ id, keptFor, adultOn, consentId: isMinor ? consentId : null })))],
  );
  const telling = tellingOf(places);
  const steps = promoted.map(({ registration }): MoveWithChanges => [stepOf(registration, 'WAITLISTED', 'CONFIRMED', telling, { since: tx.actor.now })]);
  await tx.consequently(() => recordSteps(tx, 'registration.promote', steps));
}
