import { permit } from '../../access/viewer-can';
import { once } from '../../platform/database/idempotency';
import { selectList } from '../../platform/database/columns';
import type { Transaction } from '../../platform/database/session';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import type { AuditAction } from '../../platform/i18n/messages';
import { newId } from '../../platform/ids';
import { recordChange, recordMove, recordMoves } from '../network/history';
import { Organization } from '../network/model';
import { difference, requireVersion } from '../network/service';
import type * as inputs from './inputs';
import { concernOf, isOpen, needLifecycle, obstacleTo, type NeedAction } from './lifecycle';
import { Need, NeedPolicy, NeedRaiser, USUAL_POLICY } from './model';

type Input<Name extends keyof typeof inputs> = InputOf<typeof inputs, Name>;
type Changed = Promise<{ need: Need }>;

/** The door that needs are written through by those whose hand is in no organization of theirs. */
const DOOR = 'needs';
/** What is done through it: who raised or supports a need does not write it, nor does who has not taken it on yet. */
const BY_DOOR: readonly NeedAction[] = ['EDIT', 'SUPPORT', 'ASSIGN', 'REOPEN'];

/** What of a need's change is the same whatever was done: the committee, who raised it and who has taken it on hear of it. */
const changeOf = ({ id, title, raisedBy, assigneeId }: Pick<Need, 'id' | 'title' | 'raisedBy' | 'assigneeId'>) => ({
  subjectType: 'Need', subjectId: id, audience: assigneeId === null ? [] : [assigneeId], people: [raisedBy], committee: true, refs: { need: id }, data: { need: title },
});
/** A step as the history has it: every member reads it, and it does not name who raised the need. */
const stepOf = ({ networkId, userId }: Transaction['actor'], need: Parameters<typeof changeOf>[0]) => ({
  ...changeOf(need), readers: [networkId], unnamed: userId === need.raisedBy,
});

const fresh = async (tx: Transaction, id: string): Changed => ({ need: (await tx.find(Need, id))! });

/** Writes what changes of a need. */
const change = (tx: Transaction, { networkId, id, version }: Need, after: Partial<Need>): Promise<unknown> =>
  tx.manager.update(Need, { networkId, id }, { ...after, version: version + 1 });

/** Who supports needs, by need. Through the door. */
async function supportersOf(tx: Transaction, needIds: readonly string[]): Promise<Map<string, string[]>> {
  const rows = await tx.query<{ needId: string; people: string[] }>(
    'SELECT need_id AS "needId", array_agg(user_id) AS people FROM need_supports WHERE network_id = app.network_id() AND need_id = ANY($1::uuid[]) GROUP BY 1',
    [needIds],
  );
  return new Map(rows.map(({ needId, people }) => [needId, people]));
}

/** Writes a step of needs down, and tells everybody whom it concerns. */
async function moveAll(tx: Transaction, action: AuditAction, needs: readonly Need[], to: Need['status'], after: Partial<Need>, note: string | null = null): Promise<void> {
  const supporters = await tx.through(DOOR, () => supportersOf(tx, needs.map(({ id }) => id)));
  for (const need of needs) await change(tx, need, { ...after, status: to, movedAt: tx.actor.now });
  await recordMoves(
    tx, action,
    needs.map((need) => [{ ...stepOf(tx.actor, { ...need, ...after }), told: supporters.get(need.id), from: need.status, to, note }]),
  );
}

/** The step of one need by a verb: read by the actor, locked, permitted, of the version read. @returns the need as it is then */
async function step(tx: Transaction, action: NeedAction, input: { id: string; version?: number }, work: (need: Need, to: Need['status']) => Promise<void>): Changed {
  const id = tx.idOf('Need', input.id, ['id']);
  if (!(await tx.find(Need, id))) throw new Refusal('NOT_FOUND', 'notFound', {}, ['id']);
  const verb = async () => {
    const need = await tx.lock(Need, 'Need', input.id);
    const to = permit(needLifecycle, action, tx.actor, need.status, concernOf(action, need, tx.actor));
    if (input.version !== undefined) requireVersion(need, input.version, 'need');
    const obstacle = obstacleTo(action, need, tx.actor);
    if (obstacle) throw obstacle;
    await work(need, to);
  };
  await (BY_DOOR.includes(action) ? tx.through(DOOR, verb) : verb());
  return fresh(tx, id);
}

/** Raises a need. Every member of the network, residents too. */
export async function submitNeed(tx: Transaction, input: Input<'submitNeed'>): Changed {
  const { networkId, userId, userName, organizationId, now } = tx.actor;
  const { id } = await once(tx, 'submitNeed', input, async () => {
    const { title, description, category, building } = input;
    const need = { id: newId(now), title, raisedBy: userId!, assigneeId: null };
    await tx.through(DOOR, async () => {
      await tx.manager.insert(Need, { ...need, networkId, description, category, building, status: 'SUBMITTED', raisedAt: now, movedAt: now, supporters: 0 });
      await tx.manager.insert(NeedRaiser, { networkId, needId: need.id, userId: userId!, displayName: userName!, organizationId });
      await recordMove(tx, 'need.submit', { ...stepOf(tx.actor, need), from: null, to: 'SUBMITTED' }, { category: [null, category] });
    });
    return { id: need.id };
  });
  return fresh(tx, id);
}

/** Edits a need: who raised it while nobody has looked at it, the committee at any time. */
export const updateNeed = (tx: Transaction, input: Input<'updateNeed'>): Changed =>
  step(tx, 'EDIT', input, async (need) => {
    const { title, description, category, building } = input;
    const after = Object.fromEntries(Object.entries({ title, description, category, building }).filter(([, value]) => value !== undefined)) as Partial<Need>;
    await change(tx, need, after);
    recordChange(tx, 'need.update', changeOf({ ...need, ...after }), { fields: Object.keys(difference(need, after)) });
  });

/** Supports somebody else's need, once. Every member of the network, residents too. */
export const supportNeed = (tx: Transaction, input: Input<'supportNeed'>): Changed =>
  step(tx, 'SUPPORT', input, async (need) => {
    const { userId, now } = tx.actor;
    const added = await tx.query<object>(
      `INSERT INTO need_supports (network_id, need_id, user_id, supported_at) VALUES (app.network_id(), $1, $2, $3) ON CONFLICT DO NOTHING RETURNING need_id`,
      [need.id, userId, now],
    );
    if (!added.length) throw new Refusal('DUPLICATE', 'need.support.twice', {}, ['id']);
    await tx.query('UPDATE needs SET supporters = supporters + 1 WHERE network_id = app.network_id() AND id = $1', [need.id]);
    recordChange(tx, 'need.support', { ...changeOf(need), notice: null }, { supporters: [need.supporters, need.supporters + 1] });
  });

/** Accepts a need: it is public from then on. The committee. */
export const acceptNeed = (tx: Transaction, input: Input<'withNote'>): Changed =>
  step(tx, 'ACCEPT', input, (need, to) => moveAll(tx, 'need.accept', [need], to, {}, input.note));

/** Declines a need, with a reason. The committee. */
export const declineNeed = (tx: Transaction, input: Input<'declineNeed'>): Changed =>
  step(tx, 'DECLINE', input, (need, to) => moveAll(tx, 'need.decline', [need], to, { resolution: input.reason }, input.reason));

/** Says how a need was met. The committee, and who has taken it on. */
export const resolveNeed = (tx: Transaction, input: Input<'resolveNeed'>): Changed =>
  step(tx, 'RESOLVE', input, (need, to) => moveAll(tx, 'need.resolve', [need], to, { resolution: input.resolution }));

/** Says that a need was not met after all. Who raised it. */
export const reopenNeed = (tx: Transaction, input: Input<'reopenNeed'>): Changed =>
  step(tx, 'REOPEN', input, (need, to) => moveAll(tx, 'need.reopen', [need], to, {}, input.reason));

/** The uuid of an organization in good standing; null when none is named. */
async function assigneeIn(tx: Transaction, globalId: string | null | undefined): Promise<string | null> {
  if (globalId == null) return null;
  const organization = await tx.find(Organization, tx.idOf('Organization', globalId, ['organization']));
  if (!organization) throw new Refusal('NOT_FOUND', 'notFound', {}, ['organization']);
  if (organization.status !== 'ACTIVE') throw new Refusal('INVALID', 'need.assignee.inactive', {}, ['organization']);
  return organization.id;
}

/** Gives a need to an organization to see to, or takes it back. The committee to any; staff and administrators to the own one. */
export async function assignNeed(tx: Transaction, input: Input<'assignNeed'>): Changed {
  const assigneeId = await assigneeIn(tx, input.organization);
  return step(tx, 'ASSIGN', input, async (need) => {
    const { role, organizationId } = tx.actor;
    if (role !== 'COMMITTEE' && assigneeId !== null && assigneeId !== organizationId) throw new Refusal('NOT_ALLOWED', 'need.assign.own', {}, ['organization']);
    await change(tx, need, { assigneeId, movedAt: tx.actor.now });
    await entrust(tx, [need], assigneeId);
    const concerned = need.assigneeId !== null && need.assigneeId !== assigneeId ? [need.assigneeId] : [];
    const moved = { ...stepOf(tx.actor, { ...need, assigneeId }), concerned, from: need.status, to: need.status, note: input.note };
    await recordMove(tx, assigneeId === null ? 'need.release' : 'need.assign', moved, { assignee: [need.assigneeId, assigneeId] });
  });
}

/** Lets who has taken needs on read who raised them. Through the door. */
async function entrust(tx: Transaction, needs: readonly Need[], assigneeId: string | null): Promise<void> {
  await tx.query('UPDATE need_raisers SET assignee_id = $2 WHERE network_id = app.network_id() AND need_id = ANY($1::uuid[])', [needs.map(({ id }) => id), assigneeId]);
}

/** Needs locked in one order, as they are named. @throws Refusal NOT_FOUND with the place of one that the actor may not read */
async function lockAll(tx: Transaction, globalIds: readonly string[], pathOf: (index: number) => string[]): Promise<Need[]> {
  const ids = globalIds.map((globalId, index) => tx.idOf('Need', globalId, pathOf(index)));
  const rows = await tx.query<Need>(
    `SELECT ${selectList(Need, 't')} FROM needs t WHERE t.network_id = app.network_id() AND t.id = ANY($1::uuid[]) ORDER BY t.id FOR UPDATE`,
    [ids],
  );
  const found = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id, index) => {
    const need = found.get(id);
    if (!need) throw new Refusal('NOT_FOUND', 'notFound', {}, pathOf(index));
    return need;
  });
}

/** Makes needs duplicates of another: who supports or raised them supports that one, each once. The committee. */
export async function mergeNeeds(tx: Transaction, input: Input<'mergeNeeds'>): Changed {
  const pathOf = (index: number) => (index === 0 ? ['id'] : ['duplicates', String(index - 1)]);
  const repeated = input.duplicates.indexOf(input.id);
  if (repeated >= 0) throw new Refusal('INVALID', 'need.merge.itself', {}, pathOf(repeated + 1));
  const [original, ...duplicates] = (await lockAll(tx, [input.id, ...input.duplicates], pathOf)) as [Need, ...Need[]];
  for (const need of duplicates) permit(needLifecycle, 'MERGE', tx.actor, need.status, concernOf('MERGE', need, tx.actor));
  if (!isOpen(original.status)) throw new Refusal('WRONG_STATE', 'state.wrong', { action: 'MERGE', state: original.status, subject: 'need' }, ['id']);
  requireVersion(original, input.version, 'need');

  await moveAll(tx, 'need.merge', duplicates, 'DUPLICATE', { duplicateOfId: original.id, supporters: 0 }, input.note);
  const supporters = await tx.through(DOOR, () => gather(tx, original, duplicates));
  await change(tx, original, { supporters });
  recordChange(tx, 'need.gather', changeOf(original), { supporters: [original.supporters, supporters], duplicates: duplicates.map(({ id }) => id) });
  return fresh(tx, original.id);
}

/** Moves the supporters of duplicates to the original, with whoever raised them. @returns how many it has then */
async function gather(tx: Transaction, original: Need, duplicates: readonly Need[]): Promise<number> {
  const ids = duplicates.map(({ id }) => id);
  await tx.query('UPDATE needs SET duplicate_of_id = $1 WHERE network_id = app.network_id() AND duplicate_of_id = ANY($2::uuid[])', [original.id, ids]);
  await tx.query(
    `WITH moved AS (DELETE FROM need_supports WHERE network_id = app.network_id() AND need_id = ANY($2::uuid[]) RETURNING user_id, supported_at)
     INSERT INTO need_supports (network_id, need_id, user_id, supported_at)
     SELECT app.network_id(), $1, user_id, min(supported_at) FROM (
       SELECT * FROM moved UNION ALL SELECT n.raised_by, n.raised_at FROM needs n WHERE n.network_id = app.network_id() AND n.id = ANY($2::uuid[])) backing
     WHERE user_id <> $3 GROUP BY user_id ON CONFLICT DO NOTHING`,
    [original.id, ids, original.raisedBy],
  );
  const [counted] = await tx.query<{ count: number }>('SELECT count(*)::int AS count FROM need_supports WHERE network_id = app.network_id() AND need_id = $1', [original.id]);
  return counted!.count;
}

/** Where needs are planned into. */
interface Plan {
  id: string;
  title: string;
  leadId: string;
}

/**
 * Plans needs into a project: all that are still accepted, or only those named when each has to be. Who leads the project
 * sees to what nobody has taken on. Through the door of needs. @returns the ids of those that were
 */
export async function planInto(tx: Transaction, project: Plan, needIds: readonly string[]): Promise<string[]> {
  return tx.through(DOOR, async () => {
    const needs = await tx.query<Need>(
      `SELECT ${selectList(Need, 't')} FROM needs t WHERE t.network_id = app.network_id() AND t.id = ANY($1::uuid[]) AND t.status = 'ACCEPTED' ORDER BY t.id FOR UPDATE`,
      [needIds],
    );
    const free = needs.filter(({ assigneeId }) => assigneeId === null);
    await entrust(tx, free, project.leadId);
    for (const need of needs) await moveAll(tx, 'need.plan', [need], 'PLANNED', { projectId: project.id, assigneeId: need.assigneeId ?? project.leadId });
    return needs.map(({ id }) => id);
  });
}

/** Plans one need into a project. The committee. @throws Refusal when it may not, or has been planned already */
export const planOne = (tx: Transaction, project: Plan, input: { id: string; version: number }): Changed =>
  step(tx, 'PLAN', input, async (need) => {
    await planInto(tx, project, [need.id]);
  });

/** Lets the needs of a project that is stopped wait again. */
export async function releaseFrom(tx: Transaction, projectId: string): Promise<void> {
  await tx.consequently(() =>
    tx.through(DOOR, async () => {
      const needs = await tx.query<Need>(
        `SELECT ${selectList(Need, 't')} FROM needs t WHERE t.network_id = app.network_id() AND t.project_id = $1 AND t.status = 'PLANNED' ORDER BY t.id FOR UPDATE`,
        [projectId],
      );
      if (needs.length) await moveAll(tx, 'need.unplan', needs, 'ACCEPTED', { projectId: null });
    }),
  );
}

/** Says how long needs may wait. The committee. */
export async function updateNeedPolicy(tx: Transaction, input: Input<'updateNeedPolicy'>): Promise<{ needPolicy: NeedPolicy }> {
  const { networkId } = tx.actor;
  await tx.query('INSERT INTO need_policies (network_id, waiting_days) VALUES ($1, $2) ON CONFLICT DO NOTHING', [networkId, USUAL_POLICY.waitingDays]);
  const [policy] = await tx.query<NeedPolicy>(`SELECT ${selectList(NeedPolicy, 't')} FROM need_policies t WHERE t.network_id = app.network_id() FOR UPDATE`);
  requireVersion(policy!, input.version, 'needPolicy');
  const after = { waitingDays: input.waitingDays, version: policy!.version + 1 };
  await tx.manager.update(NeedPolicy, { networkId }, after);
  tx.audit({ action: 'need.policy', subjectType: 'Network', subjectId: networkId, changes: { waitingDays: [policy!.waitingDays, input.waitingDays] } });
  return { needPolicy: { networkId, ...after } };
}

/** Takes the name of somebody who is forgotten from what they raised, and keeps what they raised. */
export const forgetRaiser = (tx: Transaction, userId: string): Promise<void> =>
  tx.through(DOOR, async () => {
    await tx.query(`UPDATE need_raisers SET display_name = '' WHERE network_id = app.network_id() AND user_id = $1`, [userId]);
  });
