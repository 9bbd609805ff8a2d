import { createHash, createHmac } from 'node:crypto';
import { may } from '../../access/matrix';
import { once } from '../../platform/database/idempotency';
import type { Transaction } from '../../platform/database/session';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import { newId } from '../../platform/ids';
import { Activity } from '../activities/model';
import { recordChange } from '../network/history';
import { changeOf, DOOR, watchRating, workingOn } from '../projects/service';
import { CODE_DAYS, MOST_CODES } from './inputs';
import type * as inputs from './inputs';
import { Adjustment, FeedbackAuthor, type Feedback } from './model';

type Input<Name extends keyof typeof inputs> = InputOf<typeof inputs, Name>;

const DAY_MS = 86_400_000;
const RATINGS = ['ones', 'twos', 'threes', 'fours', 'fives'] as const;
const COUNTS = [...RATINGS, 'promoters', 'detractors', 'recommended'] as const;

// --- codes -----------------------------------------------------------------------------------------------------------

/** Without letters and digits that are taken for each other. */
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';
const CODE_LENGTH = 10;

/** A code, derived so that it need not be kept: 50 bits. */
const codeOf = (secret: string, id: string): string =>
  [...createHmac('sha256', secret).update(`feedback:${id}`).digest().subarray(0, CODE_LENGTH)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
const hashOfCode = (code: string): Buffer => createHash('sha256').update(code).digest();

/** Issues codes that are good once each. Staff of the host and of co-hosts, and the committee. */
export async function issueFeedbackCodes(tx: Transaction, secret: string, input: Input<'issueFeedbackCodes'>): Promise<{ codes: string[]; expiresAt: Date }> {
  const activity = await tx.find(Activity, tx.idOf('Activity', input.activity, ['activity']));
  if (!activity) throw new Refusal('NOT_FOUND', 'notFound', {}, ['activity']);
  if (!may(tx.actor, 'feedback.collect', { parties: [activity.hostId, ...activity.coHostIds] })) throw new Refusal('NOT_ALLOWED', 'notAllowed', {}, ['activity']);
  if (activity.openedAt === null || activity.status === 'CANCELLED') {
    throw new Refusal('WRONG_STATE', 'state.wrong', { action: 'GIVE_FEEDBACK', state: activity.status, subject: 'activity' }, ['activity']);
  }
  const expiresAt = new Date(activity.endsAt.getTime() + CODE_DAYS * DAY_MS);
  const { ids } = await once(tx, 'issueFeedbackCodes', input, async () => {
    const { networkId, userId, now } = tx.actor;
    const issued = Array.from({ length: input.count }, () => newId(now));
    await tx.through(DOOR, async () => {
      await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`feedback_codes:${activity.id}`]);
      const [before] = await tx.query<{ count: number }>('SELECT count(*)::int AS count FROM feedback_codes WHERE network_id = $1 AND activity_id = $2', [networkId, activity.id]);
      if (before!.count + input.count > MOST_CODES) throw new Refusal('CAPACITY_EXCEEDED', 'feedback.codes.most', { most: MOST_CODES }, ['count']);
      await tx.query(
        `INSERT INTO feedback_codes (network_id, id, activity_id, hash, expires_at, created_by)
         SELECT $1, id, $2, hash, $3, $4 FROM unnest($5::uuid[], $6::bytea[]) AS c(id, hash)`,
        [networkId, activity.id, expiresAt, userId, issued, issued.map((id) => hashOfCode(codeOf(secret, id)))],
      );
    });
    tx.audit({ action: 'feedback.codes', subjectType: 'Activity', subjectId: activity.id, organizationIds: [activity.hostId], changes: { issued: [null, input.count] } });
    return { ids: issued };
  });
  return { codes: ids.map((id) => codeOf(secret, id)), expiresAt };
}

/** The activity that a code is for, and the code. Through the door of projects. */
async function codeIn(tx: Transaction, code: string, activityId: string | null): Promise<{ id: string; activityId: string }> {
  const [found] = await tx.query<{ id: string; activityId: string; expired: boolean }>(
    'SELECT id, activity_id AS "activityId", expires_at <= app.now() AS expired FROM feedback_codes WHERE network_id = app.network_id() AND hash = $1',
    [hashOfCode(code)],
  );
  if (!found || (activityId !== null && found.activityId !== activityId)) throw new Refusal('NOT_FOUND', 'feedback.code', {}, ['code']);
  if (found.expired) throw new Refusal('TOO_LATE', 'feedback.code.expired', {}, ['code']);
  return found;
}

// --- feedback --------------------------------------------------------------------------------------------------------

/** Whether the actor was on a shift of an activity, as is confirmed. */
async function attended(tx: Transaction, activityId: string): Promise<boolean> {
  const rows = await tx.query<object>(
    `SELECT 1 FROM registrations WHERE network_id = app.network_id() AND activity_id = $1 AND user_id = app.user_id() AND status = 'ATTENDED' LIMIT 1`,
    [activityId],
  );
  return rows.length > 0;
}

/** Whether the host may read the actor's name: of staff, and of volunteers who are known to be of age; never of a resident. */
async function isNamed(tx: Transaction): Promise<boolean> {
  const { role } = tx.actor;
  if (role !== 'VOLUNTEER') return role !== null && role !== 'RESIDENT';
  const rows = await tx.query<object>('SELECT 1 FROM volunteers WHERE network_id = app.network_id() AND user_id = app.user_id() AND adult_on <= app.today() LIMIT 1');
  return rows.length > 0;
}

/** The activity as it is, held so that it stays in its project for the rest of the transaction. */
const held = (tx: Transaction, activityId: string): Promise<Activity> =>
  tx.through('activities', async () => {
    await tx.query('SELECT 1 FROM activities WHERE network_id = app.network_id() AND id = $1 FOR SHARE', [activityId]);
    return (await tx.find(Activity, activityId))!;
  });

/** @throws Refusal when feedback cannot be given on an activity, or not by somebody of its host */
function refuseEarlyOrOwn(tx: Transaction, { hostId, status, endsAt }: Activity): void {
  const { role, organizationId, now } = tx.actor;
  if (status === 'CANCELLED' || status === 'DRAFT' || status === 'INVITING') throw new Refusal('WRONG_STATE', 'state.wrong', { action: 'GIVE_FEEDBACK', state: status, subject: 'activity' });
  if (status !== 'COMPLETED' && status !== 'CLOSED' && endsAt > now) throw new Refusal('TOO_EARLY', 'feedback.early');
  if (organizationId === hostId && (role === 'COMMITTEE' || role === 'ADMIN' || role === 'STAFF')) throw new Refusal('NOT_ALLOWED', 'feedback.own');
}

/** Of which activity, and by which code if by one. */
async function grounds(tx: Transaction, input: Input<'giveFeedback'>): Promise<{ activityId: string; codeId: string | null }> {
  const activityId = input.activity == null ? null : tx.idOf('Activity', input.activity, ['activity']);
  if (input.code != null) {
    const code = await tx.through(DOOR, () => codeIn(tx, input.code!, activityId));
    return { activityId: code.activityId, codeId: code.id };
  }
  if (!(await tx.find(Activity, activityId!))) throw new Refusal('NOT_FOUND', 'notFound', {}, ['activity']);
  return { activityId: activityId!, codeId: null };
}

/** Rates an activity, once a person. Whoever attended it, and whoever has a code of it, with or without an account. */
export async function giveFeedback(tx: Transaction, input: Input<'giveFeedback'>): Promise<{ feedback: Feedback }> {
  const { networkId, userId, userName, organizationId, now } = tx.actor;
  const { activityId, codeId } = await grounds(tx, input);
  const activity = await held(tx, activityId);
  refuseEarlyOrOwn(tx, activity);
  if (codeId === null && !(await attended(tx, activityId))) throw new Refusal('NOT_ALLOWED', 'feedback.attended', {}, ['activity']);
  const shownTo = (await isNamed(tx)) ? activity.hostId : null;
  const { hostId, projectId } = activity;
  const { rating, comment, recommend = null } = input;
  const feedback = { networkId, id: newId(now), activityId, hostId, projectId, userId, codeId, rating, comment, recommend, createdAt: now };
  await tx.through(DOOR, async () => {
    // The project first, so that its rating and adjustments are counted one after the other.
    if (projectId !== null) await tx.query('SELECT 1 FROM projects WHERE network_id = app.network_id() AND id = $1 FOR UPDATE', [projectId]);
    await insertFeedback(tx, feedback);
    if (userId !== null) await tx.manager.insert(FeedbackAuthor, { networkId, feedbackId: feedback.id, userId, displayName: userName!, organizationId, shownTo });
    await count(tx, feedback);
    if (projectId !== null) await watchRating(tx, projectId);
  });
  recordChange(
    tx, 'feedback.give',
    { subjectType: 'Feedback', subjectId: feedback.id, audience: [], notice: null, refs: { activity: activityId, ...(projectId !== null && { project: projectId }) } },
    { activity: activityId },
  );
  return { feedback };
}

/** @throws Refusal DUPLICATE, CONFLICT when the person has rated the activity, or the code was used */
async function insertFeedback(tx: Transaction, feedback: Feedback): Promise<void> {
  const { networkId, id, activityId, hostId, projectId, userId, codeId, rating, comment, recommend, createdAt } = feedback;
  const given = await tx.query<object>(
    `INSERT INTO feedback (network_id, id, activity_id, host_id, project_id, user_id, code_id, rating, comment, recommend, created_at, adjustments)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, (SELECT count(*) FROM adjustments a WHERE a.network_id = $1 AND a.project_id = $5)) ON CONFLICT DO NOTHING RETURNING id`,
    [networkId, id, activityId, hostId, projectId, userId, codeId, rating, comment, recommend, createdAt],
  );
  if (given.length) return;
  const twice = await tx.query<object>('SELECT 1 FROM feedback WHERE network_id = $1 AND activity_id = $2 AND user_id = $3', [networkId, activityId, userId]);
  throw twice.length ? new Refusal('DUPLICATE', 'feedback.twice', {}, ['activity']) : new Refusal('CONFLICT', 'feedback.code.used', {}, ['code']);
}

/** Counts feedback for its activity and its project, and for the last adjustment of that. Through the door of projects. */
async function count(tx: Transaction, { activityId, projectId, rating, recommend }: Feedback): Promise<void> {
  const counts: Record<(typeof COUNTS)[number], number> = {
    ones: 0, twos: 0, threes: 0, fours: 0, fives: 0,
    promoters: Number(recommend !== null && recommend >= 9), detractors: Number(recommend !== null && recommend <= 6), recommended: Number(recommend !== null),
  };
  counts[RATINGS[rating - 1]!] = 1;
  await tx.query(
    `INSERT INTO feedback_months AS m (network_id, subject_id, month, ${COUNTS.join(', ')})
     SELECT app.network_id(), subject, date_trunc('month', app.today())::date, ${COUNTS.map((_, index) => `$${index + 2}::integer`).join(', ')} FROM unnest($1::uuid[]) AS subject
     ON CONFLICT (network_id, subject_id, month) DO UPDATE SET ${COUNTS.map((name) => `${name} = m.${name} + excluded.${name}`).join(', ')}`,
    [[activityId, ...(projectId === null ? [] : [projectId])], ...COUNTS.map((name) => counts[name])],
  );
  if (projectId === null) return;
  await tx.query(
    `UPDATE adjustments SET count_after = count_after + 1, sum_after = sum_after + $2
     WHERE network_id = app.network_id() AND project_id = $1 AND nth = (SELECT max(a.nth) FROM adjustments a WHERE a.network_id = app.network_id() AND a.project_id = $1)`,
    [projectId, rating],
  );
}

/** Takes an activity's feedback from one project to another, with what was counted of it. Through the door of projects, the projects held. */
export async function moveFeedback(tx: Transaction, activityId: string, from: string | null, to: string | null): Promise<void> {
  await tx.query(
    `UPDATE feedback f SET project_id = $2,
       adjustments = (SELECT count(*) FROM adjustments a WHERE a.network_id = f.network_id AND a.project_id = $2 AND a.at <= f.created_at)
     WHERE f.network_id = app.network_id() AND f.activity_id = $1`,
    [activityId, to],
  );
  if (from !== null) {
    await tx.query(
      `UPDATE feedback_months p SET ${COUNTS.map((name) => `${name} = p.${name} - a.${name}`).join(', ')} FROM feedback_months a
       WHERE a.network_id = app.network_id() AND a.subject_id = $1 AND p.network_id = a.network_id AND p.subject_id = $2 AND p.month = a.month`,
      [activityId, from],
    );
  }
  if (to !== null) {
    await tx.query(
      `INSERT INTO feedback_months AS m (network_id, subject_id, month, ${COUNTS.join(', ')})
       SELECT a.network_id, $2, a.month, ${COUNTS.map((name) => `a.${name}`).join(', ')} FROM feedback_months a WHERE a.network_id = app.network_id() AND a.subject_id = $1
       ON CONFLICT (network_id, subject_id, month) DO UPDATE SET ${COUNTS.map((name) => `${name} = m.${name} + excluded.${name}`).join(', ')}`,
      [activityId, to],
    );
  }
  for (const project of [from, to]) {
    if (project === null) continue;
    await recount(tx, project);
    await watchRating(tx, project);
  }
}

/** Counts anew what was rated before and after each adjustment of a project. */
const recount = (tx: Transaction, projectId: string): Promise<unknown> =>
  tx.query(
    `WITH rated AS (SELECT f.adjustments AS nth, count(*)::integer AS count, sum(f.rating)::integer AS sum FROM feedback f
       WHERE f.network_id = app.network_id() AND f.project_id = $1 GROUP BY 1)
     UPDATE adjustments t SET count_before = coalesce(b.count, 0), sum_before = coalesce(b.sum, 0), count_after = coalesce(a.count, 0), sum_after = coalesce(a.sum, 0)
     FROM adjustments s LEFT JOIN rated b ON b.nth = s.nth - 1 LEFT JOIN rated a ON a.nth = s.nth
     WHERE s.network_id = app.network_id() AND s.project_id = $1 AND t.network_id = s.network_id AND t.id = s.id`,
    [projectId],
  );

// --- adjustments -----------------------------------------------------------------------------------------------------

/** What was rated in a project since its last adjustment, or ever. */
const RATED_SINCE = `SELECT last.count_after AS count, last.sum_after AS sum FROM last
  UNION ALL SELECT coalesce(sum(m.ones + m.twos + m.threes + m.fours + m.fives), 0)::integer, coalesce(sum(m.ones + 2 * m.twos + 3 * m.threes + 4 * m.fours + 5 * m.fives), 0)::integer
    FROM feedback_months m WHERE m.network_id = app.network_id() AND m.subject_id = $1 HAVING NOT EXISTS (SELECT FROM last)`;

/** Notes what was changed of a project's service, and because of what. Its lead's administrators, and the committee. */
export async function adjustService(tx: Transaction, input: Input<'adjustService'>): Promise<{ adjustment: Adjustment }> {
  const project = await workingOn(tx, 'ADJUST', input.project);
  const { id } = await once(tx, 'adjustService', input, async () => {
    const { networkId, now } = tx.actor;
    const { what, because } = input;
    const feedbackIds = await feedbackIn(tx, project.id, input.feedback);
    const adjustment = { id: newId(now), at: now, what, because, feedbackIds };
    await tx.through(DOOR, () =>
      tx.query(
        `WITH last AS (SELECT a.nth, a.count_after, a.sum_after FROM adjustments a WHERE a.network_id = app.network_id() AND a.project_id = $1 ORDER BY a.nth DESC LIMIT 1),
           rated AS (${RATED_SINCE})
         INSERT INTO adjustments (network_id, id, project_id, nth, at, what, because, feedback_ids, count_before, sum_before)
         SELECT $2, $3, $1, coalesce((SELECT nth FROM last), 0) + 1, $4, $5, $6, $7, r.count, r.sum FROM rated r`,
        [project.id, networkId, adjustment.id, now, what, because, feedbackIds],
      ),
    );
    recordChange(tx, 'project.adjust', { ...changeOf(project), data: { project: project.title, what } }, { adjustment: [null, adjustment] });
    return { id: adjustment.id };
  });
  return { adjustment: (await tx.find(Adjustment, id))! };
}

/** The uuids of feedback on activities of a project. @throws Refusal NOT_FOUND with the place of one that is not */
async function feedbackIn(tx: Transaction, projectId: string, globalIds: readonly string[]): Promise<string[]> {
  const pathOf = (index: number) => ['feedback', String(index)];
  const ids = globalIds.map((globalId, index) => tx.idOf('Feedback', globalId, pathOf(index)));
  const known = await tx.query<{ id: string }>('SELECT id FROM feedback WHERE network_id = app.network_id() AND project_id = $1 AND id = ANY($2::uuid[])', [projectId, ids]);
  const missing = ids.findIndex((id) => !known.some((row) => row.id === id));
  if (missing >= 0) throw new Refusal('NOT_FOUND', 'notFound', {}, pathOf(missing));
  return ids;
}

/** Takes the name of somebody who is forgotten from what they said, and keeps what they said. */
export const forgetAuthor = (tx: Transaction, userId: string): Promise<void> =>
  tx.through(DOOR, async () => {
    await tx.query(`UPDATE feedback_authors SET display_name = '' WHERE network_id = app.network_id() AND user_id = $1`, [userId]);
  });
