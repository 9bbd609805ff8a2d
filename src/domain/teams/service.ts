import { may } from '../../access/matrix';
import { once } from '../../platform/database/idempotency';
import type { Transaction } from '../../platform/database/session';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import { newId } from '../../platform/ids';
import { recordChange, type Change } from '../network/history';
import { difference, requireVersion } from '../network/service';
import type { Volunteer } from '../volunteers/model';
import { ownerIn, peopleOf, volunteersIn } from './acting';
import type * as inputs from './inputs';
import { Team } from './model';

export { createCourse, enroll, recordTraining, scheduleCourseSession } from './courses';

type Input<Name extends keyof typeof inputs> = InputOf<typeof inputs, Name>;

const changeOf = ({ id, organizationId, name }: Pick<Team, 'id' | 'organizationId' | 'name'>): Omit<Change, 'people'> => ({
  subjectType: 'Team', subjectId: id, audience: [organizationId], refs: { organization: organizationId }, data: { team: name },
});

/** Forms a team. Staff and administrators for their own organization, the committee for any. */
export async function createTeam(tx: Transaction, input: Input<'createTeam'>): Promise<{ team: Team }> {
  const { networkId, now } = tx.actor;
  const { id: organizationId } = await ownerIn(tx, input.organization);
  const { name, focus } = input;
  const { id } = await once(tx, 'createTeam', input, async () => {
    const [taken] = await tx.query<object>('SELECT id FROM teams WHERE network_id = app.network_id() AND organization_id = $1 AND name = $2', [organizationId, name]);
    if (taken) throw new Refusal('DUPLICATE', 'team.name', {}, ['name']);
    const created = newId(now);
    await tx.manager.insert(Team, { networkId, id: created, organizationId, name, focus, leaderId: null, createdAt: now, version: 1 });
    recordChange(tx, 'team.create', changeOf({ id: created, organizationId, name }), { name: [null, name], focus: [null, focus] });
    return { id: created };
  });
  return { team: (await tx.find(Team, id))! };
}

/** Says who is in a team and who leads it. Staff and administrators of its organization, and the committee. */
export async function assignToTeam(tx: Transaction, input: Input<'assignToTeam'>): Promise<{ team: Team }> {
  const team = await tx.lock(Team, 'Team', input.team, ['team']);
  if (!may(tx.actor, 'team.manage', { owner: team.organizationId })) throw new Refusal('NOT_ALLOWED', 'notAllowed', {}, ['team']);
  requireVersion(team, input.version, 'team');
  const added = await volunteersIn(tx, input.add, (index) => ['add', String(index)]);
  added.forEach((volunteer, index) => refuseAsMember(tx, team, volunteer, ['add', String(index)]));
  const removed = await volunteersIn(tx, input.remove, (index) => ['remove', String(index)]);
  const [leader] = input.leader == null ? [] : await volunteersIn(tx, [input.leader], () => ['leader']);
  const gone = new Set(removed.map(({ id }) => id));
  // Who leaves leads no more, unless somebody else is named.
  const leaderId = leader?.id ?? (input.leader === null || gone.has(team.leaderId ?? '') ? null : team.leaderId);

  await tx.query('UPDATE teams SET leader_id = NULL, version = version + 1 WHERE network_id = app.network_id() AND id = $1', [team.id]);
  await tx.query('DELETE FROM team_members WHERE network_id = app.network_id() AND team_id = $1 AND volunteer_id = ANY($2::uuid[])', [team.id, [...gone]]);
  await tx.query(
    `INSERT INTO team_members (network_id, team_id, volunteer_id, organization_id, joined_at)
     SELECT app.network_id(), $1, id, $3, $4 FROM unnest($2::uuid[]) AS id ON CONFLICT (network_id, team_id, volunteer_id) DO NOTHING`,
    [team.id, added.map(({ id }) => id), team.organizationId, tx.actor.now],
  );
  if (leaderId !== null) await lead(tx, team.id, leaderId);
  recordChange(tx, 'team.assign', { ...changeOf(team), people: peopleOf([...added, ...removed, ...(leader ? [leader] : [])]) }, {
    ...(added.length && { added: [null, added.map(({ id }) => id)] }),
    ...(removed.length && { removed: [removed.map(({ id }) => id), null] }),
    ...difference(team, { leaderId }),
  });
  return { team: (await tx.find(Team, team.id))! };
}

/** @throws Refusal WRONG_STATE, NOT_ALLOWED for one of another organization */
function refuseAsMember({ actor }: Transaction, team: Team, { status, organizationId }: Volunteer, path: readonly string[]): void {
  if (status !== 'ACTIVE') throw new Refusal('WRONG_STATE', 'state.wrong', { action: 'ASSIGN_TEAM', state: status, subject: 'volunteer' }, path);
  if (actor.role !== 'COMMITTEE' && organizationId !== team.organizationId) throw new Refusal('NOT_ALLOWED', 'team.foreign', {}, path);
}

/** @throws Refusal CONFLICT for who is not in the team */
async function lead(tx: Transaction, teamId: string, volunteerId: string): Promise<void> {
  const [led] = await tx.query<object>(
    `UPDATE teams SET leader_id = $2 WHERE network_id = app.network_id() AND id = $1
       AND EXISTS (SELECT FROM team_members m WHERE m.network_id = app.network_id() AND m.team_id = $1 AND m.volunteer_id = $2) RETURNING id`,
    [teamId, volunteerId],
  );
  if (!led) throw new Refusal('CONFLICT', 'team.leader', {}, ['leader']);
}
