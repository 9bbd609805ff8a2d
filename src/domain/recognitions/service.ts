import { permit } from '../../access/viewer-can';
import { once } from '../../platform/database/idempotency';
import type { Transaction } from '../../platform/database/session';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import { newId } from '../../platform/ids';
import { recordMove } from '../network/history';
import { requireVersion } from '../network/service';
import { Volunteer } from '../volunteers/model';
import { hoursOf, starsOf } from '../records/model';
import type * as inputs from './inputs';
import { obstacleTo, recognitionLifecycle, type RecognitionAction } from './lifecycle';
import { Recognition, RecognitionObjection } from './model';
import { lastDayOfNotice } from './working-days';

type Input<Name extends keyof typeof inputs> = InputOf<typeof inputs, Name>;
type Changed = Promise<{ recognition: Recognition }>;
/** What the audit log calls a verb. */
type Verb = Parameters<typeof recordMove>[1];

const fresh = async (tx: Transaction, id: string): Changed => ({ recognition: (await tx.find(Recognition, id))! });

/** Whom every step concerns: the volunteer, the own and the nominating organization, and the committee. */
const concerned = ({ id, userId, organizationId, nominatedBy, kind }: Pick<Recognition, 'id' | 'userId' | 'organizationId' | 'nominatedBy' | 'kind'>) => ({
  subjectType: 'Recognition', subjectId: id, committee: true, data: { recognition: kind },
  audience: [...new Set([organizationId, nominatedBy])].filter((organization) => organization !== null),
  people: userId === null ? [] : [userId],
});

interface Evidence {
  activities: number;
  averageEvaluation: string | null;
}

/** What the records say of a volunteer now; of a corrected one, as it was corrected last. */
async function evidenceOf(tx: Transaction, volunteerId: string): Promise<Evidence> {
  const [evidence] = await tx.query<Evidence>(
    `SELECT count(DISTINCT r.activity_id)::integer AS activities, round(avg(r.evaluation), 2) AS "averageEvaluation" FROM service_records r
     WHERE r.network_id = app.network_id() AND r.volunteer_id = $1
       AND NOT EXISTS (SELECT FROM service_records c WHERE c.network_id = r.network_id AND c.corrects_id = r.id)`,
    [volunteerId],
  );
  return evidence!;
}

type Nominated = Pick<Volunteer, 'id' | 'userId' | 'organizationId' | 'serviceSeconds'>;

/** Writes a nomination down, within its door; null when one of the kind is under way. */
async function add(tx: Transaction, volunteer: Nominated, evidence: Evidence, { kind, citation, nominatedBy }: Pick<Recognition, 'kind' | 'citation' | 'nominatedBy'>): Promise<string | null> {
  const { now } = tx.actor;
  const recognition = { id: newId(now), userId: volunteer.userId, organizationId: volunteer.organizationId, nominatedBy, kind };
  const [added] = await tx.query<object>(
    `INSERT INTO recognitions (network_id, id, volunteer_id, user_id, organization_id, nominated_by, kind, status, citation, service_seconds,
       activities, average_evaluation, stars, created_at)
     VALUES (app.network_id(), $1, $2, $3, $4, $5, $6, 'NOMINATED', $7, $8, $9, $10, $11, $12)
     ON CONFLICT (network_id, volunteer_id, kind) WHERE status IN ('NOMINATED','UNDER_REVIEW','PUBLICIZED') DO NOTHING RETURNING id`,
    [
      recognition.id, volunteer.id, volunteer.userId, volunteer.organizationId, nominatedBy, kind, citation, volunteer.serviceSeconds,
      evidence.activities, evidence.averageEvaluation, starsOf(hoursOf(volunteer.serviceSeconds)), now,
    ],
  );
  if (!added) return null;
  await recordMove(tx, 'recognition.nominate', { ...concerned(recognition), from: null, to: 'NOMINATED' }, { kind: [null, kind] });
  return recognition.id;
}

/** Nominates a volunteer, with the evidence of this moment. Staff of an organization in good standing, nobody for oneself. */
export const nominate = (tx: Transaction, input: Input<'nominate'>): Changed =>
  once(tx, 'nominate', input, async () => {
    const volunteer = await tx.find(Volunteer, tx.idOf('Volunteer', input.volunteer, ['volunteer']));
    if (!volunteer) throw new Refusal('NOT_FOUND', 'notFound', {}, ['volunteer']);
    if (volunteer.userId !== null && volunteer.userId === tx.actor.userId) throw new Refusal('NOT_ALLOWED', 'recognition.own', {}, ['volunteer']);
    if (volunteer.status !== 'ACTIVE') throw new Refusal('CONFLICT', 'recognition.volunteer.inactive', {}, ['volunteer']);
    const evidence = await tx.through('records', () => evidenceOf(tx, volunteer.id));
    const id = await tx.through('recognitions', () => add(tx, volunteer, evidence, { ...input, nominatedBy: tx.actor.organizationId }));
    if (id === null) throw new Refusal('DUPLICATE', 'recognition.open', {}, ['kind']);
    return fresh(tx, id);
  });

/**
 * Proposes by itself whoever has reached the hours of a further star. Called with what was counted, after the records are
 * written; each star is proposed once.
 */
export async function proposeStars(tx: Transaction, volunteerIds: readonly string[]): Promise<void> {
  const reached = await tx.through('recognitions', async () =>
    tx.query<{ id: string; stars: number }>(
      `SELECT DISTINCT ON (t.volunteer_id) t.volunteer_id AS id, t.stars FROM recognitions t
       WHERE t.network_id = app.network_id() AND t.volunteer_id = ANY($1::uuid[]) AND t.kind = 'STAR_VOLUNTEER' ORDER BY t.volunteer_id, t.stars DESC`,
      [volunteerIds],
    ),
  );
  const proposed = new Map(reached.map(({ id, stars }) => [id, stars]));
  const found = await tx.through('records', async () => {
    const volunteers = await tx.query<Nominated>(
      `SELECT t.id, t.user_id AS "userId", t.organization_id AS "organizationId", t.service_seconds AS "serviceSeconds" FROM volunteers t
       WHERE t.network_id = app.network_id() AND t.id = ANY($1::uuid[]) AND t.status = 'ACTIVE' ORDER BY t.id`,
      [volunteerIds],
    );
    const further = volunteers.filter(({ id, serviceSeconds }) => starsOf(hoursOf(serviceSeconds)) > (proposed.get(id) ?? 0));
    return Promise.all(further.map(async (volunteer) => ({ volunteer, evidence: await evidenceOf(tx, volunteer.id) })));
  });
  if (found.length === 0) return;
  await tx.through('recognitions', () =>
    tx.consequently(async () => {
      for (const { volunteer, evidence } of found) {
        const stars = starsOf(hoursOf(volunteer.serviceSeconds));
        await add(tx, volunteer, evidence, { kind: 'STAR_VOLUNTEER', citation: `${'★'.repeat(stars)} ${Math.floor(volunteer.serviceSeconds / 3600)} h`, nominatedBy: null });
      }
    }),
  );
}

/** A recognition about to be changed: locked, and the action permitted by role, status and situation. */
async function changing(tx: Transaction, action: RecognitionAction, input: { id: string; version?: number }) {
  const recognition = await tx.lock(Recognition, 'Recognition', input.id);
  const to = permit(recognitionLifecycle, action, tx.actor, recognition.status, {});
  if (input.version !== undefined) requireVersion(recognition, input.version, 'recognition');
  const obstacle = obstacleTo(action, recognition, tx.actor, tx.actor.today);
  if (obstacle) throw obstacle;
  return { recognition, to };
}

/** Whom a volunteer's row is open to: everybody while a recognition is public. */
const showVolunteer = (tx: Transaction, volunteerId: string): Promise<object[]> =>
  tx.query(
    `UPDATE volunteers v SET seen_by = array_remove(v.seen_by, app.everybody(v.network_id)) || CASE WHEN EXISTS (
       SELECT FROM recognitions r WHERE r.network_id = v.network_id AND r.volunteer_id = v.id AND r.status IN ('PUBLICIZED','AWARDED'))
       THEN ARRAY[app.everybody(v.network_id)] ELSE '{}'::uuid[] END
     WHERE v.network_id = app.network_id() AND v.id = $1`,
    [volunteerId],
  );

/** Moves a recognition along its lifecycle. */
async function move(tx: Transaction, recognition: Recognition, to: Recognition['status'], verb: Verb, { note = null, since }: { note?: string | null; since?: Date } = {}): Promise<void> {
  await tx.query('UPDATE recognitions SET status = $2, version = version + 1 WHERE network_id = app.network_id() AND id = $1', [recognition.id, to]);
  await recordMove(tx, verb, { ...concerned(recognition), from: recognition.status, to, note, since });
}

async function moveByVerb(tx: Transaction, action: RecognitionAction, verb: Verb, input: { id: string; version: number; note?: string | null }): Changed {
  const { recognition, to } = await changing(tx, action, input);
  await move(tx, recognition, to, verb, input);
  await showVolunteer(tx, recognition.volunteerId);
  return fresh(tx, recognition.id);
}

/** Begins the review of a nomination. The committee, nobody of one's own. */
export const reviewRecognition = (tx: Transaction, input: Input<'withNote'>): Changed => moveByVerb(tx, 'REVIEW', 'recognition.review', input);
/** Awards what has been on notice without an objection. The committee, once the notice is over. */
export const awardRecognition = (tx: Transaction, input: Input<'withNote'>): Changed => moveByVerb(tx, 'AWARD', 'recognition.award', input);
/** Does not give it. The committee. */
export const rejectRecognition = (tx: Transaction, input: Input<'withReason'>): Changed => moveByVerb(tx, 'REJECT', 'recognition.reject', input);
/** Takes it back. The committee. */
export const revokeRecognition = (tx: Transaction, input: Input<'withReason'>): Changed => moveByVerb(tx, 'REVOKE', 'recognition.revoke', input);

/** Puts it on public notice from today. The committee. */
export async function publicizeRecognition(tx: Transaction, input: Input<'publicizeRecognition'>): Changed {
  const { recognition, to } = await changing(tx, 'PUBLICIZE', input);
  const { today } = tx.actor;
  await tx.query('UPDATE recognitions SET publicized_on = $2, notice_ends_on = $3 WHERE network_id = app.network_id() AND id = $1', [
    recognition.id, today, lastDayOfNotice(today, input.workingDays),
  ]);
  await move(tx, recognition, to, 'recognition.publicize');
  await showVolunteer(tx, recognition.volunteerId);
  return fresh(tx, recognition.id);
}

/** Objects to a recognition on notice, which goes back to the committee's review. Anybody known, until the last day of the notice. */
export async function objectToRecognition(tx: Transaction, input: Input<'objectToRecognition'>): Changed {
  const { actor } = tx;
  const readable = await tx.find(Recognition, tx.idOf('Recognition', input.id, ['id']));
  if (!readable) throw new Refusal('NOT_FOUND', 'notFound', {}, ['id']);
  await tx.through('recognitions', async () => {
    const { recognition, to } = await changing(tx, 'OBJECT', input);
    const id = newId(actor.now);
    await tx.manager.insert(RecognitionObjection, {
      networkId: actor.networkId, id, recognitionId: recognition.id, userId: actor.userId!, userName: actor.userName!,
      organizationId: actor.organizationId, reason: input.reason, publicizedOn: recognition.publicizedOn!, createdAt: actor.now,
    });
    await tx.query('UPDATE recognitions SET objections = objections + 1 WHERE network_id = app.network_id() AND id = $1', [recognition.id]);
    // Who objects is for the committee alone: the step, which others read, is written down as nobody's.
    tx.audit({ action: 'recognition.objection', subjectType: 'RecognitionObjection', subjectId: id });
    await tx.consequently(() => move(tx, recognition, to, 'recognition.object', { since: actor.now }));
  });
  await tx.through('volunteers', () => showVolunteer(tx, readable.volunteerId));
  return fresh(tx, readable.id);
}

/** Takes a volunteer who is erased out of the recognitions: what is under way ends, what was awarded stays without a name. */
export const forgetRecognized = (tx: Transaction, volunteerId: string): Promise<void> =>
  tx.through('recognitions', async () => {
    await tx.query(
      `UPDATE recognitions SET user_id = NULL, citation = '—', status = CASE WHEN status IN ('AWARDED','REVOKED') THEN status ELSE 'REJECTED' END, version = version + 1
       WHERE network_id = app.network_id() AND volunteer_id = $1`,
      [volunteerId],
    );
  });

/** Takes the name of somebody who is forgotten from what they objected to, and keeps what they said. */
export const forgetObjector = (tx: Transaction, userId: string): Promise<void> =>
  tx.through('recognitions', async () => {
    await tx.query(`UPDATE recognition_objections SET user_name = '' WHERE network_id = app.network_id() AND user_id = $1`, [userId]);
  });
