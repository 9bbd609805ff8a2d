import { v7 } from 'uuid';
import { toGlobalId } from '../../src/platform/ids';
import { Community, NOW, PROJECT, type ProjectView } from '../needs/community';
import { TestApi } from '../support/api';
import type { Person } from '../support/world';

jest.setTimeout(60_000);

let api: TestApi;
let community: Community;

beforeAll(async () => {
  api = await TestApi.start();
  api.clock.set(NOW);
  community = await Community.begin(api);
}, 120_000);
beforeEach(() => api.clock.set(NOW));
afterAll(() => api.stop());

test('from a proposal over a pause to its end, each step in the history', async () => {
  const { people, committee, lead, partner } = community;
  const proposed = await community.propose();
  expect(proposed).toMatchObject({
    status: 'PROPOSED', period: { from: '2026-03-10', to: '2026-05-31' }, lead: { id: lead.globalId }, partners: [{ id: partner.globalId }], needs: [], milestones: [], ratingThreshold: null,
    belowSince: null, feedback: { count: 0 }, viewerCan: ['EDIT', 'ADD_MILESTONE'], version: 1,
  });
  expect((await community.project(proposed.id, committee))!.viewerCan).toEqual(['EDIT', 'APPROVE', 'ADD_MILESTONE']);
  await community.move('approveProject', proposed, committee, { note: 'Good' });
  expect((await community.move('startProject', proposed, people.leadAdmin)).viewerCan).toEqual(['EDIT', 'PAUSE', 'COMPLETE', 'STOP', 'ADD_MILESTONE', 'ADD_ACTIVITY', 'SCHEDULE_EXCHANGE', 'ADJUST']);
  await community.move('pauseProject', proposed, people.leadAdmin, { note: 'Holidays' });
  await community.move('startProject', proposed, committee);
  const completed = await community.move('completeProject', proposed, people.leadAdmin);
  expect(completed).toMatchObject({ status: 'COMPLETED', viewerCan: [] });
  expect(completed.history.map(({ from, to, note, by }) => [from, to, note, by?.displayName ? 'somebody' : null])).toEqual([
    [null, 'PROPOSED', null, 'somebody'], ['PROPOSED', 'APPROVED', 'Good', 'somebody'], ['APPROVED', 'RUNNING', null, 'somebody'], ['RUNNING', 'PAUSED', 'Holidays', 'somebody'],
    ['PAUSED', 'RUNNING', null, 'somebody'], ['RUNNING', 'COMPLETED', null, 'somebody'],
  ]);
});

test('every verb from every wrong state is refused, and nothing is changed', async () => {
  const { people, committee } = community;
  const verbs: Record<string, { from: string[]; by: Person }> = {
    approveProject: { from: ['PROPOSED'], by: committee },
    startProject: { from: ['APPROVED', 'PAUSED'], by: people.leadAdmin },
    pauseProject: { from: ['RUNNING'], by: people.leadAdmin },
    completeProject: { from: ['RUNNING', 'PAUSED'], by: people.leadAdmin },
    stopProject: { from: ['RUNNING', 'PAUSED'], by: people.leadAdmin },
  };
  const { id } = await community.propose();
  for (const status of ['PROPOSED', 'APPROVED', 'RUNNING', 'PAUSED', 'COMPLETED', 'STOPPED']) {
    await api.database.sql('UPDATE projects SET status = $2 WHERE id = $1', [Buffer.from(id, 'base64url').toString().split(':')[1], status]);
    const before = await api.database.sql('SELECT p::text FROM projects p ORDER BY 1');
    for (const [verb, { from, by }] of Object.entries(verbs)) {
      if (!from.includes(status)) expect([status, verb, await community.refused(verb, { id, version: 1 }, by)]).toEqual([status, verb, 'WRONG_STATE']);
    }
    expect(await api.database.sql('SELECT p::text FROM projects p ORDER BY 1')).toEqual(before);
  }
});

test('a proposal is seen by who would do it and the committee; what was approved by everybody, its history still not', async () => {
  const { people, committee } = community;
  const proposed = await community.propose(people.leadAdmin, { title: 'Not yet' });
  const seers = async () => {
    const named = { committee, ...people, nobody: null };
    const seen = await Promise.all(Object.entries(named).map(async ([name, who]) => ((await community.project(proposed.id, who)) ? [name] : [])));
    return seen.flat();
  };
  expect(await seers()).toEqual(['committee', 'leadAdmin', 'leadStaff', 'partnerAdmin', 'partnerStaff']);
  expect((await api.must('{ projects(first: 100) { nodes { title } } }', {}, people.outsider)).projects.nodes).not.toContainEqual({ title: 'Not yet' });
  await community.move('approveProject', proposed, committee);
  expect(await seers()).toEqual(['committee', ...Object.keys(people), 'nobody']);
  expect((await community.project(proposed.id, null))!.history).toEqual([]);
  expect((await community.project(proposed.id, people.partnerStaff))!.history).toHaveLength(2);
});

test('administrators propose what they lead; the committee what anybody leads; a partner changes nothing of it', async () => {
  const { people, committee, lead, partner, outside } = community;
  const input = { title: 'Theirs', category: 'OTHER', goal: 'A goal', period: { from: '2026-03-10' } };
  expect(await community.refused('proposeProject', { ...input, lead: partner.globalId }, people.leadAdmin)).toBe('NOT_ALLOWED');
  expect(await community.propose(committee, { lead: outside.globalId, partners: [] })).toMatchObject({ lead: { id: outside.globalId } });
  const { id } = await community.propose();
  for (const [verb, extra] of [['updateProject', { title: 'Mine' }], ['stopProject', {}]] as const) expect(await community.refused(verb, { id, version: 1, ...extra }, people.partnerAdmin)).toBe('NOT_ALLOWED');
  const suspended = await api.world.organization(community.founded.network, { status: 'SUSPENDED' });
  expect((await api.mutate('proposeProject', { ...input, partners: [lead.globalId] }, people.leadAdmin)).userErrors).toMatchObject([{ code: 'INVALID', path: ['input', 'partners', '0'] }]);
  expect((await api.mutate('proposeProject', { ...input, partners: [suspended.globalId] }, people.leadAdmin)).userErrors).toMatchObject([{ code: 'INVALID', path: ['input', 'partners', '0'] }]);
  expect((await api.mutate('proposeProject', { ...input, partners: [toGlobalId('Organization', v7())] }, people.leadAdmin)).userErrors).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'partners', '0'] }]);
});

describe('needs', () => {
  test('are planned once it is approved; whatever was planned elsewhere meanwhile stays there', async () => {
    const { people, committee } = community;
    const [a, b] = [await community.accepted(), await community.accepted()];
    const submitted = await community.submit(people.resident);
    const propose = (needs: string[]) => api.mutate('proposeProject', { title: 'P', category: 'OTHER', goal: 'G', period: { from: '2026-03-10' }, needs }, people.leadAdmin, `project { ${PROJECT} }`);
    expect((await propose([a.id, submitted.id])).userErrors).toMatchObject([{ code: 'WRONG_STATE', path: ['input', 'needs', '1'] }]);
    const [first, second] = [(await propose([a.id, b.id])).project as ProjectView, (await propose([b.id])).project as ProjectView];
    expect(first.needs.map(({ status }) => status)).toEqual(['ACCEPTED', 'ACCEPTED']);
    await community.move('approveProject', second, committee);
    await community.move('approveProject', first, committee);
    expect((await community.project(first.id, null))!.needs).toEqual([{ id: a.id, status: 'PLANNED' }]);
    expect((await community.project(second.id, null))!.needs).toEqual([{ id: b.id, status: 'PLANNED' }]);
  });

  test('wait again when it is stopped, and are planned into another', async () => {
    const { people, committee } = community;
    const need = await community.accepted();
    const project = await community.running();
    await community.step('planNeed', need, committee, { project: project.id });
    expect((await community.project(project.id, null))!.needs).toHaveLength(1);
    await community.move('stopProject', project, people.leadAdmin, { note: 'No money' });
    expect(await community.need(need.id, committee)).toMatchObject({ status: 'ACCEPTED', project: null });
    expect((await community.need(need.id, committee))!.history.at(-1)).toMatchObject({ from: 'PLANNED', to: 'ACCEPTED' });
    expect(await community.refused('planNeed', { id: need.id, version: (await community.need(need.id, committee))!.version, project: project.id }, committee)).toBe('WRONG_STATE');
    const other = await community.running({ needs: [need.id] });
    expect(other.needs).toEqual([{ id: need.id, status: 'PLANNED' }]);
  });
});

test('milestones: added and reached by who works on it, seen by whoever sees it', async () => {
  const { people, committee } = community;
  const project = await community.propose();
  const add = (by: Person, more = {}) => api.mutate('addMilestone', { project: project.id, title: 'First lamp', due: '2026-03-20', ...more }, by, `milestone { id title due doneAt } project { ${PROJECT} }`);
  const { milestone } = await add(people.partnerStaff, { idempotencyKey: 'm' });
  expect(milestone).toMatchObject({ title: 'First lamp', due: '2026-03-20', doneAt: null });
  expect((await add(people.partnerStaff, { idempotencyKey: 'm' })).milestone.id).toBe(milestone.id);
  expect((await add(people.outsider)).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
  for (const due of ['2026-02-30', '1999-01-01', 'tomorrow']) {
    const { data, errors } = await api.ask('mutation ($input: AddMilestoneInput!) { addMilestone(input: $input) { userErrors { code } } }', { input: { project: project.id, title: 'x', due } }, people.leadStaff);
    expect(errors?.[0]?.extensions.code ?? data.addMilestone.userErrors[0].code).toMatch(/INVALID|BAD_USER_INPUT/);
  }
  const seen = (who: Person | null) => api.must('query ($id: ID!) { node(id: $id) { ... on Milestone { title } } }', { id: milestone.id }, who).then(({ node }) => node);
  expect(await seen(null)).toBeNull();
  await community.move('approveProject', project, committee);
  expect(await seen(null)).toEqual({ title: 'First lamp' });
  const reach = (by: Person) => community.refused('completeMilestone', { id: milestone.id }, by);
  expect(await reach(people.outsider)).toBe('NOT_ALLOWED');
  expect((await Promise.all([reach(people.leadStaff), reach(people.partnerStaff)])).sort()).toEqual(['', 'WRONG_STATE']);
  expect((await community.project(project.id, null))!.milestones).toEqual([{ id: milestone.id, title: 'First lamp', due: '2026-03-20', doneAt: NOW }]);
});

test('exchanges: called by who works on it, written down once it has begun, read by members and residents', async () => {
  const { people, partner, outside, lead } = community;
  const project = await community.running();
  const range = { start: '2026-03-05T06:00:00.000Z', end: '2026-03-05T08:00:00.000Z' };
  const schedule = (by: Person, more = {}) => api.mutate('scheduleExchange', { project: project.id, range, attendees: [lead.globalId, partner.globalId], ...more }, by, 'exchange { id version }');
  expect((await schedule(people.outsider)).userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
  expect((await schedule(people.leadStaff, { attendees: [] })).userErrors).toMatchObject([{ code: 'INVALID' }]);
  expect((await schedule(people.leadStaff, { range: { start: range.end, end: range.start } })).userErrors).toMatchObject([{ code: 'INVALID', path: ['input', 'range', 'end'] }]);
  const { exchange } = await schedule(people.partnerStaff);
  const record = (by: Person, more = {}) =>
    api.mutate('recordExchange', { id: exchange.id, version: 1, minutes: 'We talked', decisions: ['Two tutors', 'An hour more'], ...more }, by, 'exchange { version minutes decisions recordedAt attendees { id } }');
  expect((await record(people.leadStaff)).userErrors).toMatchObject([{ code: 'TOO_EARLY' }]);
  api.clock.set('2026-03-05T09:00:00Z');
  expect((await record(people.outsider)).userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
  expect(await record(people.leadStaff, { attendees: [lead.globalId, outside.globalId] })).toMatchObject({
    exchange: { version: 2, minutes: 'We talked', decisions: ['Two tutors', 'An hour more'], recordedAt: '2026-03-05T09:00:00.000Z', attendees: [{ id: lead.globalId }, { id: outside.globalId }] },
  });
  expect(await record(people.leadStaff)).toMatchObject({ exchange: { version: 2 }, userErrors: [{ code: 'STALE_VERSION' }] });
  const seen = async (who: Person | null) => (await community.project(project.id, who))!.exchanges.map(({ minutes }) => minutes);
  for (const who of [people.outsider, people.volunteer, people.partnerAdmin]) expect(await seen(who)).toEqual(['We talked']);
  expect(await seen(null)).toEqual([]);
});

test('it is edited by its lead, with the version that was read', async () => {
  const { people, outside } = community;
  const project = await community.propose();
  const milestone = (await api.done('addMilestone', { project: project.id, title: 'x', due: '2026-04-01' }, people.leadAdmin, 'milestone { id }')).milestone.id as string;
  expect(await community.project(project.id, people.outsider)).toBeNull();
  const edited = await community.move('updateProject', project, people.leadAdmin, { partners: [outside.globalId], period: { from: '2026-04-01' }, ratingThreshold: 3.5 });
  expect(edited).toMatchObject({ partners: [{ id: outside.globalId }], period: { from: '2026-04-01', to: null }, ratingThreshold: 3.5, version: 2 });
  expect((await community.project(project.id, people.outsider))!.milestones).toMatchObject([{ id: milestone }]);
  expect(await community.project(project.id, people.partnerStaff)).toBeNull();
  expect(await api.mutate('updateProject', { id: project.id, version: 1, title: 'x' }, people.leadAdmin, 'project { version }')).toMatchObject({ project: { version: 2 }, userErrors: [{ code: 'STALE_VERSION' }] });
  for (const ratingThreshold of [0, 5.1, -1, 3.55]) expect(await community.refused('updateProject', { id: project.id, version: 2, ratingThreshold }, people.leadAdmin)).toBe('INVALID');
  expect(await community.refused('updateProject', { id: project.id, version: 2, period: { from: '2026-04-02', to: '2026-04-01' } }, people.leadAdmin)).toBe('INVALID');
  expect(await community.move('updateProject', project, people.leadAdmin, { ratingThreshold: null })).toMatchObject({ ratingThreshold: null });
});

test('the same key proposes nothing twice', async () => {
  const { people } = community;
  const input = { title: 'Once', category: 'OTHER', goal: 'G', period: { from: '2026-03-10' }, idempotencyKey: 'p' };
  const ids = await Promise.all([1, 2, 3].map(async () => (await api.done('proposeProject', input, people.leadAdmin, 'project { id }')).project.id as string));
  expect(new Set(ids).size).toBe(1);
  expect(await community.refused('proposeProject', { ...input, goal: 'Another' }, people.leadAdmin)).toBe('IDEMPOTENCY_MISMATCH');
});

test('lists by status, category, lead and who works on it', async () => {
  const { lead, partner } = community;
  const project = await community.running({ title: 'Listed', category: 'CULTURE' });
  const list = async (filter: object) => (await api.must('query ($filter: ProjectFilter) { projects(first: 100, filter: $filter) { nodes { id } } }', { filter }, null)).projects.nodes.map(({ id }: { id: string }) => id);
  for (const filter of [{ statuses: ['RUNNING'] }, { category: 'CULTURE' }, { lead: lead.globalId }, { organization: partner.globalId }]) expect(await list(filter)).toContain(project.id);
  for (const filter of [{ statuses: ['STOPPED'] }, { category: 'TRAINING' }, { lead: partner.globalId }]) expect(await list(filter)).not.toContain(project.id);
});
