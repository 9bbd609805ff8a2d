import { may } from '../../access/matrix';
import { permit } from '../../access/viewer-can';
import type { Transaction } from '../../platform/database/session';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import { newId } from '../../platform/ids';
import { recordMove, type Change, type Move } from '../network/history';
import { Organization } from '../network/model';
import { difference, requireVersion } from '../network/service';
import { earnForService } from '../points/earning';
import { policyOf } from '../points/policy';
import { showNames } from '../volunteers/names';
import { volunteerOfUser } from '../volunteers/reads';
import type * as inputs from './inputs';
import { refuseOwnEvaluation, writeRecords } from './issuing';
import { correctionLifecycle } from './lifecycle';
import { CorrectionRequest, ServiceRecord } from './model';

type Input<Name extends keyof typeof inputs> = InputOf<typeof inputs, Name>;
type Requested = Promise<{ request: CorrectionRequest }>;

const SECONDS_PER_HOUR = 3600;

/** Of whom and by whom a service was. */
type Parties = Pick<CorrectionRequest, 'volunteerId' | 'userId' | 'organizationId' | 'organizerId'> & { recordId: string | null };

/** @throws Refusal NOT_FOUND, as for one that never was */
async function readableRecord(tx: Transaction, globalId: string, path: readonly string[]): Promise<ServiceRecord> {
  const record = await tx.find(ServiceRecord, tx.idOf('ServiceRecord', globalId, path));
  if (!record) throw new Refusal('NOT_FOUND', 'notFound', {}, path);
  return record;
}

/** The service that is missing at an organization, of the actor. @throws Refusal NOT_FOUND, NOT_ALLOWED */
async function missingAt(tx: Transaction, globalId: string): Promise<Parties> {
  const organizer = await tx.find(Organization, tx.idOf('Organization', globalId, ['organizer']));
  if (!organizer) throw new Refusal('NOT_FOUND', 'notFound', {}, ['organizer']);
  const volunteer = await volunteerOfUser(tx);
  if (!volunteer) throw new Refusal('NOT_ALLOWED', 'correction.volunteer');
  return { volunteerId: volunteer.id, userId: volunteer.userId, organizationId: volunteer.organizationId, organizerId: organizer.id, recordId: null };
}

/** Whether the actor speaks for a volunteer: the person, or who acts for the person's organization. */
const speaksFor = ({ actor }: Transaction, { userId, organizationId }: Pick<Parties, 'userId' | 'organizationId'>): boolean =>
  may(actor, 'correction.request', { owner: organizationId }) && (actor.role !== 'VOLUNTEER' || userId === actor.userId);

const changeOf = ({ id, organizerId, organizationId, userId }: Pick<CorrectionRequest, 'id' | 'organizerId' | 'organizationId' | 'userId'>): Change => ({
  subjectType: 'CorrectionRequest', subjectId: id, audience: [...new Set([organizerId, organizationId])].filter((organization) => organization !== null),
  people: userId === null ? [] : [userId],
});

/** Asks the organizer to look into a record, or into a service that is not on record. The volunteer, or staff of the volunteer's own organization. */
export async function requestCorrection(tx: Transaction, { record, organizer, reason }: Input<'requestCorrection'>): Requested {
  const { now, networkId, userId, userName, organizationId } = tx.actor;
  const found = record == null ? null : await readableRecord(tx, record, ['record']);
  const parties: Parties = found ? { ...found, recordId: found.id } : await missingAt(tx, organizer!);
  if (parties.userId !== userId && !speaksFor(tx, parties)) throw new Refusal('NOT_ALLOWED', 'notAllowed', {}, ['record']);
  const { volunteerId, organizerId, recordId } = parties;
  const request = { id: newId(now), networkId, volunteerId, userId: parties.userId, organizationId: parties.organizationId, organizerId, recordId };
  const [asked] = await tx.through('records', async () => {
    // Who is to answer sees whose services it is about.
    await showNames(tx, [volunteerId], [organizerId]);
    return tx.query<object>(
      `INSERT INTO correction_requests (network_id, id, volunteer_id, user_id, organization_id, record_id, organizer_id, reason, status, requested_by, requested_by_name,
         requested_by_organization_id, requested_at)
       VALUES (app.network_id(), $1, $2, $3, $4, $5, $6, $7, 'OPEN', $8, $9, $10, $11)
       ON CONFLICT (network_id, record_id) WHERE status = 'OPEN' AND record_id IS NOT NULL DO NOTHING RETURNING id`,
      [request.id, volunteerId, request.userId, request.organizationId, recordId, organizerId, reason, userId, userName ?? '', organizationId, now],
    );
  });
  if (!asked) throw new Refusal('DUPLICATE', 'correction.open', {}, ['record']);
  await tx.through('records', () => recordMove(tx, 'correction.request', { ...changeOf(request), from: null, to: 'OPEN' }));
  return { request: (await tx.find(CorrectionRequest, request.id))! };
}

/** Notes what became of a request, which is locked. */
async function answer(tx: Transaction, request: CorrectionRequest, to: CorrectionRequest['status'], text: string): Promise<void> {
  await tx.query('UPDATE correction_requests SET status = $2, answer = $3, version = version + 1 WHERE network_id = app.network_id() AND id = $1', [request.id, to, text]);
  await recordMove(tx, 'correction.answer', { ...changeOf(request), from: request.status, to });
}

/** Says whether what was asked for was mended. Staff of the organizer, and the committee. */
export async function answerCorrection(tx: Transaction, input: Input<'answerCorrection'>): Requested {
  const request = await tx.lock(CorrectionRequest, 'CorrectionRequest', input.id);
  const to = permit(correctionLifecycle, input.corrected ? 'CORRECT' : 'DECLINE', tx.actor, request.status, { owner: request.organizerId });
  requireVersion(request, input.version, 'request');
  if (input.corrected && request.recordId !== null) {
    const corrections = await tx.query<object>('SELECT id FROM service_records WHERE network_id = app.network_id() AND corrects_id = $1', [request.recordId]);
    if (corrections.length === 0) throw new Refusal('WRONG_STATE', 'correction.none', {}, ['corrected']);
  }
  await answer(tx, request, to, input.answer);
  return { request: (await tx.find(CorrectionRequest, request.id))! };
}

/** What is earned by more hours: as much as the points of all of them exceed those of the hours before. */
async function earnFurther(tx: Transaction, before: ServiceRecord, after: { id: string; seconds: number }): Promise<number> {
  if (after.seconds <= before.seconds || before.origin !== null) return 0;
  const { pointsPerHour } = await policyOf(tx, tx.actor.networkId);
  const paid = Math.floor((before.seconds * pointsPerHour) / SECONDS_PER_HOUR);
  // A millionth of a second more than what remains, lest a whole point be missed by the last digit.
  const seconds = pointsPerHour === 0 ? 0 : after.seconds - (paid * SECONDS_PER_HOUR) / pointsPerHour + 1e-6;
  const [points] = await earnForService(tx, [{ volunteerId: before.volunteerId, recordId: after.id, seconds, serviceDate: before.serviceDate }]);
  return points!;
}

/** Another correction of the same record was written at the same time. */
function refuseCorrected(error: unknown): never {
  const { code, constraint } = ((error as { driverError?: object }).driverError ?? error) as { code?: string; constraint?: string };
  if (code === '23505' && constraint === 'service_records_corrected_once') throw new Refusal('CONFLICT', 'record.corrected', {}, ['record']);
  throw error;
}

/** The request that a correction answers, locked. @throws Refusal NOT_FOUND, INVALID, WRONG_STATE, NOT_ALLOWED */
async function answeredRequest(tx: Transaction, globalId: string, record: ServiceRecord): Promise<CorrectionRequest> {
  const request = await tx.lock(CorrectionRequest, 'CorrectionRequest', globalId, ['request']);
  if (request.recordId !== record.id) throw new Refusal('INVALID', 'correction.other', {}, ['request']);
  permit(correctionLifecycle, 'CORRECT', tx.actor, request.status, { owner: request.organizerId });
  return request;
}

/** Corrects a record by a further one that names it; the totals of the volunteer follow. Staff of the organizer, and the committee; nobody the own. */
export async function correctServiceRecord(tx: Transaction, input: Input<'correctServiceRecord'>): Promise<{ record: ServiceRecord }> {
  const before = await readableRecord(tx, input.record, ['record']);
  if (!may(tx.actor, 'record.correct', { owner: before.organizerId })) throw new Refusal('NOT_ALLOWED', 'notAllowed', {}, ['record']);
  if (before.userId === tx.actor.userId) throw new Refusal('NOT_ALLOWED', 'record.own', {}, ['record']);
  const request = input.request == null ? null : await answeredRequest(tx, input.request, before);
  const after = {
    ...before,
    id: newId(tx.actor.now),
    correctsId: before.id,
    seconds: input.hours == null ? before.seconds : Math.round(input.hours * SECONDS_PER_HOUR),
    duty: input.duty ?? before.duty,
    place: input.place ?? before.place,
    evaluation: input.evaluation ?? before.evaluation,
  };
  const present = before.checkedInAt && before.checkedOutAt ? (before.checkedOutAt.getTime() - before.checkedInAt.getTime()) / 1000 : Number.POSITIVE_INFINITY;
  if (after.seconds > present) throw new Refusal('INVALID', 'record.hours', { hours: (present / SECONDS_PER_HOUR).toFixed(2) }, ['hours']);
  refuseOwnEvaluation(tx, [after]);
  const [taken] = await tx.query<object>('SELECT id FROM service_records WHERE network_id = app.network_id() AND corrects_id = $1', [before.id]);
  if (taken) throw new Refusal('CONFLICT', 'record.corrected', {}, ['record']);
  const points = await earnFurther(tx, before, after);
  await tx.through('records', () => writeRecords(tx, [{ ...after, points }], before.seconds)).catch(refuseCorrected);
  const changed = { seconds: after.seconds, duty: after.duty, place: after.place, evaluation: after.evaluation };
  const move: Move = {
    subjectType: 'ServiceRecord', subjectId: before.id, from: 'STANDING', to: 'CORRECTED', note: input.reason, data: { activity: before.activityTitle },
    audience: [...new Set([before.organizerId, ...before.coHostIds, before.organizationId])].filter((id) => id !== null),
    people: before.userId === null ? [] : [before.userId],
  };
  await tx.through('records', () => recordMove(tx, 'record.correct', move, { correction: after.id, ...difference(before, changed) }));
  if (request) await answer(tx, request, 'CORRECTED', input.reason);
  return { record: (await tx.find(ServiceRecord, after.id))! };
}

/** Takes the person out of what a volunteer who is erased asked to have corrected. */
export const eraseCorrections = (tx: Transaction, volunteerId: string): Promise<void> =>
  tx.through('records', async () => {
    await tx.query(
      `UPDATE correction_requests SET requested_by_name = '', reason = '—', user_id = NULL, version = version + 1 WHERE network_id = app.network_id() AND volunteer_id = $1`,
      [volunteerId],
    );
  });
