import { compactVerify, errors, importJWK } from 'jose';
import { z } from 'zod';
import { may } from '../../access/matrix';
import { selectList } from '../../platform/database/columns';
import type { Transaction } from '../../platform/database/session';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal, type RefusalReason } from '../../platform/graphql/refusal';
import { fromGlobalId, newId } from '../../platform/ids';
import { recordChange } from '../network/history';
import { noteIn, noteOut } from './duty';
import type * as inputs from './inputs';
import type { PublicKey } from './inputs';
import { CheckInDevice, Registration } from './model';
import { holdShifts } from './places';
import { isHost } from './service';

type Input<Name extends keyof typeof inputs> = InputOf<typeof inputs, Name>;

const MOST_ENTRIES = 500;
/** How long after it was noted an entry may arrive. */
const LATEST_DAYS = 7;
const DAY_MS = 86_400_000;

const algorithmOf = ({ kty }: PublicKey): 'EdDSA' | 'ES256' => (kty === 'OKP' ? 'EdDSA' : 'ES256');

const batchSchema = z.object({
  entries: z
    .array(z.object({ id: z.uuid().toLowerCase(), registration: z.string(), action: z.enum(['CHECK_IN', 'CHECK_OUT']), at: z.iso.datetime({ offset: true }).transform((at) => new Date(at)) }))
    .min(1)
    .max(MOST_ENTRIES),
});
type Entry = z.infer<typeof batchSchema>['entries'][number];

/** What a device has to do with: its activity. */
const changeOf = ({ id, activityId, hostId }: CheckInDevice) => ({ subjectType: 'CheckInDevice', subjectId: id, audience: [hostId], refs: { activity: activityId } });

/** Lets a device note who comes and goes at an activity. Staff of who holds it, and the committee. */
export async function registerCheckInDevice(tx: Transaction, input: Input<'registerCheckInDevice'>): Promise<{ device: CheckInDevice }> {
  const [activity] = await tx.query<{ id: string; hostId: string }>(
    'SELECT id, host_id AS "hostId" FROM activities WHERE network_id = app.network_id() AND id = $1',
    [tx.idOf('Activity', input.activity, ['activity'])],
  );
  if (!activity) throw new Refusal('NOT_FOUND', 'notFound', {}, ['activity']);
  if (!isHost(tx, activity)) throw new Refusal('NOT_ALLOWED', 'notAllowed', {}, ['activity']);
  await importJWK(input.publicKey, algorithmOf(input.publicKey)).catch(() => {
    throw new Refusal('INVALID', 'device.key', {}, ['publicKey']);
  });
  const id = newId(tx.actor.now);
  await tx.query(
    `INSERT INTO check_in_devices (network_id, id, activity_id, host_id, name, public_key, registered_by, registered_at) VALUES (app.network_id(), $1, $2, $3, $4, $5, $6, $7)`,
    [id, activity.id, activity.hostId, input.name, input.publicKey, tx.actor.userId, tx.actor.now],
  );
  const device = (await tx.find(CheckInDevice, id))!;
  recordChange(tx, 'device.register', { ...changeOf(device), data: { device: device.name } }, {});
  return { device };
}

/** Lets a device note nothing any more. The same. */
export async function revokeCheckInDevice(tx: Transaction, input: Input<'revokeCheckInDevice'>): Promise<{ device: CheckInDevice }> {
  const device = await lockedDevice(tx, input.id, ['id']);
  await tx.query('UPDATE check_in_devices SET revoked_at = $2 WHERE network_id = app.network_id() AND id = $1', [device.id, tx.actor.now]);
  recordChange(tx, 'device.revoke', { ...changeOf(device), data: { device: device.name } }, {});
  return { device: { ...device, revokedAt: tx.actor.now } };
}

/** A device that counts, held: what it sends is taken one batch after the other. @throws Refusal NOT_FOUND, NOT_ALLOWED, WRONG_STATE */
async function lockedDevice(tx: Transaction, globalId: string, path: readonly string[]): Promise<CheckInDevice> {
  const device = await tx.lock(CheckInDevice, 'CheckInDevice', globalId, path);
  if (!may(tx.actor, 'registration.confirm', { owner: device.hostId })) throw new Refusal('NOT_ALLOWED', 'notAllowed', {}, path);
  if (device.revokedAt !== null) throw new Refusal('WRONG_STATE', 'device.revoked', {}, path);
  return device;
}

/** The entries of a batch that the device has signed. @throws Refusal INVALID */
async function entriesOf({ publicKey }: CheckInDevice, batch: string): Promise<Entry[]> {
  const key = publicKey as PublicKey;
  const algorithm = algorithmOf(key);
  try {
    const { payload } = await compactVerify(batch, await importJWK(key, algorithm), { algorithms: [algorithm] });
    return batchSchema.parse(JSON.parse(Buffer.from(payload).toString())).entries;
  } catch (error) {
    if (!(error instanceof errors.JOSEError || error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
    throw new Refusal('INVALID', error instanceof errors.JOSEError ? 'device.signature' : 'device.batch', { most: MOST_ENTRIES }, ['batch']);
  }
}

/** An entry that was not accepted, and why. */
export interface RefusedEntry {
  entry: string;
  reason: RefusalReason;
}

/**
 * Takes what a device has noted, in the order of its clock: each entry once, under the checks that would have counted then.
 * Staff of who holds the activity, and the committee.
 */
export async function sendCheckIns(tx: Transaction, input: Input<'sendCheckIns'>): Promise<{ accepted: string[]; refused: RefusedEntry[] }> {
  const device = await lockedDevice(tx, input.device, ['device']);
  const entries = (await entriesOf(device, input.batch)).sort((a, b) => a.at.getTime() - b.at.getTime());
  return tx.through('shifts', async () => {
    const registrations = await registrationsOf(tx, device, entries);
    await holdShifts(tx, [...registrations.values()].map(({ shiftId }) => shiftId));
    const taken = new Set(
      (await tx.query<{ id: string }>('SELECT id FROM check_in_entries WHERE network_id = app.network_id() AND id = ANY($1::uuid[])', [entries.map(({ id }) => id)])).map(({ id }) => id),
    );
    const accepted: string[] = [];
    const refused: RefusedEntry[] = [];
    for (const entry of entries) {
      try {
        if (taken.has(entry.id)) throw new Refusal('DUPLICATE', 'device.entry.twice');
        await take(tx, device, entry, registrations.get(entry.registration));
        taken.add(entry.id);
        accepted.push(entry.id);
      } catch (error) {
        // Whatever is refused is so before anything of it is written.
        if (!(error instanceof Refusal)) throw error;
        refused.push({ entry: entry.id, reason: error.reasons[0]! });
      }
    }
    return { accepted, refused };
  });
}

/** The registrations that entries name, of the device's own activity, by their global ids. Through the door of shifts. */
async function registrationsOf(tx: Transaction, { activityId }: CheckInDevice, entries: readonly Entry[]): Promise<Map<string, Registration>> {
  const ids = new Map(entries.flatMap(({ registration }): [string, string][] => {
    const id = fromGlobalId(registration);
    return id?.type === 'Registration' ? [[registration, id.id]] : [];
  }));
  const rows = await tx.query<Registration>(
    `SELECT ${selectList(Registration, 't')} FROM registrations t WHERE t.network_id = app.network_id() AND t.activity_id = $1 AND t.id = ANY($2::uuid[])`,
    [activityId, [...ids.values()]],
  );
  const found = new Map(rows.map((row) => [row.id, row]));
  return new Map([...ids].flatMap(([globalId, id]) => (found.has(id) ? [[globalId, found.get(id)!]] : [])));
}

/** Takes one entry. @throws Refusal before anything of it is written */
async function take(tx: Transaction, device: CheckInDevice, { id, action, at }: Entry, registration: Registration | undefined): Promise<void> {
  const { now } = tx.actor;
  if (!registration) throw new Refusal('NOT_FOUND', 'notFound');
  if (at > now) throw new Refusal('TOO_EARLY', 'registration.ahead');
  if (at < device.registeredAt) throw new Refusal('TOO_EARLY', 'device.entry.early');
  if (now.getTime() - at.getTime() > LATEST_DAYS * DAY_MS) throw new Refusal('TOO_LATE', 'device.entry.late', { days: LATEST_DAYS });
  await (action === 'CHECK_IN' ? noteIn : noteOut)(tx, registration, at);
  await tx.query(
    `INSERT INTO check_in_entries (network_id, id, device_id, registration_id, action, at, accepted_at) VALUES (app.network_id(), $1, $2, $3, $4, $5, $6)`,
    [id, device.id, registration.id, action, at, now],
  );
}
