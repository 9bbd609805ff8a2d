import { v7 } from 'uuid';
import { toGlobalId } from '../../src/platform/ids';
import { uuidOf } from '../contracts/agreements';
import { TestApi } from '../support/api';
import { Community, NEED, NOW, type NeedView } from './community';

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

test('from a submission over a project to the end, and back, each step in the history', async () => {
  const { people, committee, lead } = community;
  const need = await community.submit(people.resident);
  expect(need).toMatchObject({
    status: 'SUBMITTED', supporters: 0, viewerSupports: false, overdue: false, building: 'No. 3', version: 1, assignee: null, project: null, resolution: null,
    raisedBy: { displayName: 'Grandma Wang', organization: { id: community.founded.hub.globalId } }, viewerCan: ['EDIT'], history: [{ from: null, to: 'SUBMITTED', by: null }],
  });
  expect(await community.step('acceptNeed', need, committee, { note: 'Seen' })).toMatchObject({ status: 'ACCEPTED', viewerCan: ['EDIT', 'SUPPORT', 'ASSIGN', 'PLAN'] });
  const project = await community.propose(people.leadAdmin, { needs: [need.id] });
  expect(await community.need(need.id, committee)).toMatchObject({ status: 'ACCEPTED', project: null });
  await community.move('approveProject', project, committee);
  expect(await community.need(need.id, people.leadStaff)).toMatchObject({
    status: 'PLANNED', project: { id: project.id }, assignee: { id: lead.globalId }, raisedBy: { displayName: 'Grandma Wang' }, viewerCan: ['SUPPORT', 'ASSIGN', 'RESOLVE'],
  });
  expect(await community.step('resolveNeed', need, people.leadStaff, { resolution: 'A new lamp' })).toMatchObject({ status: 'RESOLVED', resolution: 'A new lamp', viewerCan: [] });
  expect((await community.need(need.id, people.resident))!.viewerCan).toEqual(['REOPEN']);
  expect(await community.step('reopenNeed', need, people.resident, { reason: 'Dark again' })).toMatchObject({ status: 'REOPENED' });
  const again = await community.step('resolveNeed', need, committee, { resolution: 'Another lamp' });
  expect(again.history.map(({ from, to, note, by }) => [from, to, note, by?.displayName ?? null])).toEqual([
    [null, 'SUBMITTED', null, null],
    ['SUBMITTED', 'ACCEPTED', 'Seen', expect.any(String)],
    ['ACCEPTED', 'PLANNED', null, expect.any(String)],
    ['PLANNED', 'RESOLVED', null, 'Lu'],
    ['RESOLVED', 'REOPENED', 'Dark again', null],
    ['REOPENED', 'RESOLVED', null, expect.any(String)],
  ]);
});

describe('who sees what', () => {
  test('a need that nobody has accepted: members, and who raised it; then everybody, but not by whom', async () => {
    const { people, committee } = community;
    const need = await community.submit(people.resident, { title: 'Unseen yet' });
    for (const who of [people.resident, committee, people.outsider, people.volunteer]) expect(await community.need(need.id, who)).toMatchObject({ title: 'Unseen yet' });
    for (const who of [people.neighbour, null]) {
      expect(await community.need(need.id, who)).toBeNull();
      expect(await community.needs(who)).not.toContain('Unseen yet');
    }
    await community.step('acceptNeed', need, committee);
    for (const who of [people.neighbour, null]) {
      expect(await community.need(need.id, who)).toMatchObject({ title: 'Unseen yet', raisedBy: null, history: [] });
      expect(await community.needs(who)).toContain('Unseen yet');
    }
    const named = async () => Promise.all([people.resident, committee, people.outsider, people.volunteer, people.neighbour, null].map(async (who) => (await community.need(need.id, who))!.raisedBy?.displayName ?? null));
    expect(await named()).toEqual(['Grandma Wang', 'Grandma Wang', null, null, null, null]);
    expect((await community.need(need.id, people.outsider))!.history).toHaveLength(2);
    await community.step('assignNeed', need, people.outsider, { organization: community.outside.globalId });
    expect(await named()).toEqual(['Grandma Wang', 'Grandma Wang', 'Grandma Wang', null, null, null]);
    await community.step('assignNeed', need, people.outsider, { organization: null });
    expect(await named()).toEqual(['Grandma Wang', 'Grandma Wang', null, null, null, null]);
  });

  test('what was declined goes back out of sight, with its reason for who raised it', async () => {
    const { people, committee } = community;
    const need = await community.submit(people.resident, { title: 'A private swimming pool' });
    const declined = await community.step('declineNeed', need, committee, { reason: 'Out of reach' });
    expect(declined).toMatchObject({ status: 'DECLINED', resolution: 'Out of reach', viewerCan: [] });
    expect(await community.need(need.id, people.resident)).toMatchObject({ resolution: 'Out of reach' });
    for (const who of [people.neighbour, null]) expect(await community.need(need.id, who)).toBeNull();
  });

  test('another network sees nothing of it, and answers as if it never was', async () => {
    const { network, committee: other } = await api.world.found();
    const need = await community.accepted();
    expect(await community.need(need.id, other)).toBeNull();
    expect((await api.must('{ needs { totalCount } }', {}, null, { 'x-network': network.code })).needs.totalCount).toBe(0);
    for (const id of [need.id, toGlobalId('Need', v7()), 'nonsense', community.lead.globalId]) {
      expect(await api.mutate('acceptNeed', { id, version: 1 }, other)).toMatchObject({ userErrors: [{ code: 'NOT_FOUND', path: ['input', 'id'] }] });
      expect(await community.refused('supportNeed', { id }, other)).toBe('NOT_FOUND');
    }
  });
});

describe('who does what', () => {
  test('triage is the committee\'s alone', async () => {
    const { people } = community;
    const need = await community.submit(people.volunteer);
    for (const who of [people.leadAdmin, people.outsider, people.volunteer, people.resident]) {
      for (const [verb, input] of [['acceptNeed', { id: need.id, version: 1 }], ['declineNeed', { id: need.id, version: 1, reason: 'No' }]] as const) {
        const type = `${verb === 'acceptNeed' ? 'NeedNote' : 'DeclineNeed'}Input`;
        const { errors } = await api.ask(`mutation ($input: ${type}!) { ${verb}(input: $input) { userErrors { code } } }`, { input }, who);
        expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
      }
    }
  });

  test('staff takes on for the own organization, what nobody else has', async () => {
    const { people, committee } = community;
    const need = await community.accepted();
    const assign = (by: typeof committee, organization: string | null) =>
      community.need(need.id, committee).then((now) => community.refused('assignNeed', { id: need.id, version: now!.version, organization }, by));
    expect(await assign(people.outsider, community.lead.globalId)).toBe('NOT_ALLOWED');
    expect(await assign(people.outsider, community.outside.globalId)).toBe('');
    expect(await assign(people.leadStaff, community.lead.globalId)).toBe('NOT_ALLOWED');
    expect(await assign(people.leadStaff, null)).toBe('NOT_ALLOWED');
    expect(await assign(committee, community.lead.globalId)).toBe('');
    expect(await assign(committee, (await api.world.organization(community.founded.network, { status: 'SUSPENDED' })).globalId)).toBe('INVALID');
    expect(await community.refused('resolveNeed', { id: need.id, version: (await community.need(need.id, committee))!.version, resolution: 'x' }, people.outsider)).toBe('NOT_ALLOWED');
  });

  test('who raised it edits it until it is accepted, the committee after that too', async () => {
    const { people, committee } = community;
    const need = await community.submit(people.resident);
    expect(await community.step('updateNeed', need, people.resident, { title: 'Two lamps are broken', building: null })).toMatchObject({ title: 'Two lamps are broken', building: null, version: 2 });
    expect(await community.refused('updateNeed', { id: need.id, version: 2, title: 'x' }, people.volunteer)).toBe('NOT_ALLOWED');
    expect(await api.mutate('updateNeed', { id: need.id, version: 1, title: 'x' }, people.resident, 'need { version }')).toMatchObject({ need: { version: 2 }, userErrors: [{ code: 'STALE_VERSION' }] });
    await community.step('acceptNeed', need, committee);
    expect(await community.refused('updateNeed', { id: need.id, version: 3, title: 'x' }, people.resident)).toBe('NOT_ALLOWED');
    expect(await community.step('updateNeed', need, committee, { category: 'PUBLIC_SAFETY' })).toMatchObject({ category: 'PUBLIC_SAFETY' });
  });

  test('only who raised it reopens it', async () => {
    const { people, committee } = community;
    const need = await community.accepted();
    const project = await community.running();
    await community.step('planNeed', need, committee, { project: project.id });
    const { version } = await community.step('resolveNeed', need, committee, { resolution: 'Done' });
    for (const who of [committee, people.leadAdmin, people.volunteer, people.neighbour]) expect(await community.refused('reopenNeed', { id: need.id, version, reason: 'No' }, who)).toBe('NOT_ALLOWED');
    expect(await community.step('reopenNeed', need, people.resident, { reason: 'No' })).toMatchObject({ status: 'REOPENED', project: { id: project.id } });
  });
});

describe('support', () => {
  test('once each, not one\'s own, be it tried again and again', async () => {
    const { people } = community;
    const need = await community.accepted();
    expect(await community.support(need, people.neighbour)).toMatchObject({ supporters: 1, viewerSupports: true, version: need.version });
    expect(await community.support(need, people.volunteer)).toMatchObject({ supporters: 2 });
    expect(await community.refused('supportNeed', { id: need.id }, people.neighbour)).toBe('DUPLICATE');
    for (let tries = 0; tries < 4; tries += 1) {
      const codes = await Promise.all(Array.from({ length: 50 }, () => community.refused('supportNeed', { id: need.id }, people.resident)));
      expect(new Set(codes)).toEqual(new Set(['NOT_ALLOWED']));
    }
    expect(await community.need(need.id, people.resident)).toMatchObject({ supporters: 2, viewerSupports: false });
    expect(await community.need(need.id, null)).toMatchObject({ supporters: 2, viewerSupports: false });
  });

  test('counted exactly when many do it at the same instant, each several times', async () => {
    const need = await community.accepted();
    const crowd = await Promise.all(Array.from({ length: 12 }, (_, index) => api.world.person(community.founded.hub, 'RESIDENT', `Resident ${index}`)));
    for (const person of crowd) await api.token(person);
    const codes = await Promise.all(crowd.flatMap((person) => [1, 2, 3].map(() => community.refused('supportNeed', { id: need.id }, person))));
    expect(codes.filter((code) => code === '')).toHaveLength(12);
    expect(codes.filter((code) => code === 'DUPLICATE')).toHaveLength(24);
    expect(await community.need(need.id, null)).toMatchObject({ supporters: 12 });
    expect(await counted()).toEqual([]);
  });
});

/** Needs whose supporters are counted wrongly, by the tables alone. */
const counted = () =>
  api.database.sql(`SELECT n.id, n.supporters FROM needs n WHERE n.supporters <> (SELECT count(*) FROM need_supports s WHERE s.need_id = n.id)
    OR EXISTS (SELECT FROM need_supports s WHERE s.need_id = n.id AND s.user_id = n.raised_by)`);

describe('duplicates', () => {
  test('their supporters move along, each once, with whoever raised them', async () => {
    const { people, committee } = community;
    const original = await community.accepted(people.resident, { title: 'The lift is stuck' });
    await community.support(original, people.volunteer);
    const [first, second] = [await community.submit(people.neighbour, { title: 'The lift is stuck again' }), await community.submit(people.resident, { title: 'Lift stuck' })];
    for (const who of [people.volunteer, people.outsider]) await community.support(first, who);
    await community.support(second, people.leadAdmin);
    const merged = (await api.done('mergeNeeds', { id: original.id, version: original.version, duplicates: [first.id, second.id], note: 'Same' }, committee, `need { ${NEED} }`)).need as NeedView;
    // The volunteer, the outsider, the administrator, and the neighbour who raised one of them; not who raised the original.
    expect(merged).toMatchObject({ supporters: 4, version: original.version + 1 });
    expect(await community.need(first.id, people.neighbour)).toMatchObject({ status: 'DUPLICATE', duplicateOf: { id: original.id }, supporters: 0 });
    expect(await community.need(original.id, people.neighbour)).toMatchObject({ viewerSupports: true });
    expect(await counted()).toEqual([]);
    expect(await community.refused('supportNeed', { id: first.id }, people.partnerStaff)).toBe('WRONG_STATE');
  });

  test('a duplicate of a duplicate is one of the original', async () => {
    const { people, committee } = community;
    const [a, b, c] = [await community.submit(people.volunteer), await community.submit(people.resident), await community.submit(people.neighbour)];
    await api.done('mergeNeeds', { id: b.id, version: 1, duplicates: [a.id] }, committee);
    await api.done('mergeNeeds', { id: c.id, version: 1, duplicates: [b.id] }, committee);
    for (const id of [a.id, b.id]) expect(await community.need(id, committee)).toMatchObject({ duplicateOf: { id: c.id } });
    expect(await community.need(c.id, committee)).toMatchObject({ supporters: 2 });
  });

  test('refused: itself, another\'s state, what was never, twice at the same instant', async () => {
    const { people, committee } = community;
    const original = await community.accepted();
    const other = await community.accepted();
    const merge = (duplicates: string[], id = original.id, version = original.version) => api.mutate('mergeNeeds', { id, version, duplicates }, committee).then(({ userErrors }) => userErrors);
    expect(await merge([original.id])).toMatchObject([{ code: 'INVALID', path: ['input', 'duplicates', '0'] }]);
    expect(await merge([other.id])).toMatchObject([{ code: 'WRONG_STATE' }]);
    expect(await merge([toGlobalId('Need', v7())])).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'duplicates', '0'] }]);
    expect(await merge([])).toMatchObject([{ code: 'INVALID', path: ['input', 'duplicates'] }]);
    const [x, y] = [await community.submit(people.volunteer), await community.submit(people.resident)];
    const answers = await Promise.all([merge([y.id], x.id, 1), merge([x.id], y.id, 1)]);
    expect(answers.map((errors) => errors.map(({ code }: { code: string }) => code).join()).sort()).toEqual(['', 'WRONG_STATE']);
  });

  test('what is alike is proposed, of what one may see', async () => {
    const { people, committee } = community;
    await community.accepted(people.resident, { title: '三单元楼道灯坏了' });
    await community.submit(people.volunteer, { title: '二单元楼道灯坏了' });
    await community.step('declineNeed', await community.submit(people.volunteer, { title: '一单元楼道灯坏了' }), committee, { reason: 'x' });
    await community.accepted(people.resident, { title: '希望开设书法班' });
    const SIMILAR = 'similar { similarity need { title } }';
    const { need } = await api.done('submitNeed', { title: '四单元楼道灯坏了', description: '很黑', category: 'OTHER' }, people.volunteer, `need { id ${SIMILAR} }`);
    expect(need.similar.map(({ need: { title } }: { need: { title: string } }) => title).sort()).toEqual(['三单元楼道灯坏了', '二单元楼道灯坏了'].sort());
    for (const { similarity } of need.similar) expect(similarity).toBeCloseTo(0.5, 1);
    const asked = async (as: typeof committee | null, title: string) =>
      (await api.must('query ($title: String!) { similarNeeds(title: $title) { similarity need { title } } }', { title }, as)).similarNeeds.map((row: { need: { title: string } }) => row.need.title);
    expect(await asked(null, '三单元楼道灯坏了！')).toEqual(['三单元楼道灯坏了']);
    expect(await asked(people.volunteer, 'Something else altogether')).toEqual([]);
    expect((await api.ask('{ similarNeeds(title: "") { similarity } }')).errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect((await api.ask('{ similarNeeds(title: "lamp", first: 21) { similarity } }')).errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });
});

test('what waits longer than the policy\'s days is shown', async () => {
  const { people, committee } = community;
  const policy = async () => (await api.must('{ network { needPolicy { waitingDays version } } }', {}, null)).network.needPolicy as { waitingDays: number; version: number };
  expect(await policy()).toEqual({ waitingDays: 14, version: 1 });
  const need = await community.submit(people.volunteer, { title: 'It takes long' });
  api.clock.set('2026-03-18T01:59:00Z');
  expect(await community.need(need.id, committee)).toMatchObject({ overdue: false });
  api.clock.set('2026-03-18T02:01:00Z');
  expect(await community.need(need.id, committee)).toMatchObject({ overdue: true });
  expect(await community.needs(committee, { overdue: true })).toContain('It takes long');
  await community.step('acceptNeed', need, committee);
  expect(await community.needs(committee, { overdue: true })).not.toContain('It takes long');
  const update = (input: object) => api.mutate('updateNeedPolicy', input as Record<string, unknown>, committee, 'needPolicy { waitingDays version }');
  expect(await update({ waitingDays: 3, version: 1 })).toMatchObject({ needPolicy: { waitingDays: 3, version: 2 }, userErrors: [] });
  expect(await update({ waitingDays: 4, version: 1 })).toMatchObject({ needPolicy: { waitingDays: 3, version: 2 }, userErrors: [{ code: 'STALE_VERSION' }] });
  for (const waitingDays of [0, -1, 367, 2 ** 31 - 1]) expect(await update({ waitingDays, version: 2 })).toMatchObject({ userErrors: [{ code: 'INVALID' }] });
  api.clock.set('2026-03-21T02:02:00Z');
  expect(await community.needs(committee, { overdue: true })).toContain('It takes long');
});

test('lists by building, category, assignee, who raised it, text and support', async () => {
  const { people, committee } = community;
  const need = await community.accepted(people.resident, { title: 'A bench by the pond', building: 'Pond', category: 'CULTURE' });
  await community.step('assignNeed', need, committee, { organization: community.partner.globalId });
  for (const who of [people.neighbour, people.volunteer, people.outsider, people.leadAdmin, people.leadStaff]) await community.support(need, who);
  for (const filter of [{ building: 'Pond' }, { category: 'CULTURE' }, { assignee: community.partner.globalId }, { text: 'bench' }, { text: 'the pond' }]) {
    expect(await community.needs(null, filter)).toEqual(['A bench by the pond']);
  }
  expect(await community.needs(people.resident, { mine: true })).toContain('A bench by the pond');
  expect(await community.needs(people.neighbour, { mine: true })).not.toContain('A bench by the pond');
  expect(await community.needs(null, { mine: true })).toEqual([]);
  expect(await community.needs(null, { statuses: ['RESOLVED'], building: 'Pond' })).toEqual([]);
  const { needs } = await api.must('{ needs(first: 100, orderBy: { field: SUPPORTERS }) { nodes { supporters } } }', {}, null);
  const supporters = needs.nodes.map((row: { supporters: number }) => row.supporters);
  expect(supporters).toEqual([...supporters].sort((a: number, b: number) => b - a));
});

test('the search finds needs and projects that one may see', async () => {
  const { people, committee } = community;
  await community.submit(people.resident, { title: 'Xylophone lessons' });
  await community.accepted(people.resident, { title: 'Xylophone for the school' });
  await community.step('declineNeed', await community.submit(people.resident, { title: 'Xylophone of gold' }), committee, { reason: 'x' });
  await community.propose(people.leadAdmin, { title: 'Xylophone orchestra' });
  const found = async (as: typeof committee | null) => {
    const { search } = await api.must('{ search(query: "xylophone") { nodes { __typename ... on Need { title } ... on Project { title } } } }', {}, as);
    return search.nodes.map((node: { __typename: string; title: string }) => `${node.__typename}: ${node.title}`).sort();
  };
  expect(await found(null)).toEqual(['Need: Xylophone for the school']);
  expect(await found(people.outsider)).toEqual(['Need: Xylophone for the school', 'Need: Xylophone lessons']);
  expect(await found(people.leadStaff)).toEqual(['Need: Xylophone for the school', 'Need: Xylophone lessons', 'Project: Xylophone orchestra']);
});

test('every verb from every wrong state is refused, and nothing is changed', async () => {
  const { committee, people } = community;
  const project = await community.running();
  const verbs: Record<string, { from: string[]; by: typeof committee; more?: object }> = {
    acceptNeed: { from: ['SUBMITTED'], by: committee },
    declineNeed: { from: ['SUBMITTED'], by: committee, more: { reason: 'x' } },
    planNeed: { from: ['ACCEPTED'], by: committee, more: { project: project.id } },
    assignNeed: { from: ['ACCEPTED', 'PLANNED', 'REOPENED'], by: committee, more: { organization: null } },
    resolveNeed: { from: ['PLANNED', 'REOPENED'], by: committee, more: { resolution: 'x' } },
    reopenNeed: { from: ['RESOLVED'], by: people.resident, more: { reason: 'x' } },
    updateNeed: { from: ['SUBMITTED', 'ACCEPTED', 'PLANNED', 'REOPENED'], by: committee, more: { title: 'x' } },
  };
  const [{ id }, other] = [await community.submit(people.resident), await community.accepted()];
  for (const status of ['SUBMITTED', 'ACCEPTED', 'PLANNED', 'RESOLVED', 'DECLINED', 'DUPLICATE', 'REOPENED']) {
    await api.database.sql(
      `UPDATE needs SET status = $2, resolution = 'x', project_id = $3, duplicate_of_id = CASE WHEN $2 = 'DUPLICATE' THEN $4::uuid END WHERE id = $1`,
      [uuidOf(id), status, uuidOf(project.id), uuidOf(other.id)],
    );
    const before = await api.database.sql('SELECT n::text FROM needs n ORDER BY 1');
    for (const [verb, { from, by, more }] of Object.entries(verbs)) {
      if (!from.includes(status)) expect([status, verb, await community.refused(verb, { id, version: 1, ...more }, by)]).toEqual([status, verb, 'WRONG_STATE']);
    }
    if (status !== 'SUBMITTED') expect([status, await community.refused('mergeNeeds', { id: other.id, version: other.version, duplicates: [id] }, committee)]).toEqual([status, 'WRONG_STATE']);
    expect(await api.database.sql('SELECT n::text FROM needs n ORDER BY 1')).toEqual(before);
  }
});

test('the same key raises nothing twice', async () => {
  const { people } = community;
  const input = { title: 'Once', description: 'Only once', category: 'OTHER', idempotencyKey: 'once' };
  const answers = await Promise.all(Array.from({ length: 5 }, () => api.done('submitNeed', input, people.resident, 'need { id }')));
  expect(new Set(answers.map(({ need }) => need.id)).size).toBe(1);
  expect(await community.refused('submitNeed', { ...input, title: 'Twice' }, people.resident)).toBe('IDEMPOTENCY_MISMATCH');
});

test.each<[string, Record<string, unknown>, string]>([
  ['no title', { title: ' ' }, 'title'],
  ['a title without end', { title: 'x'.repeat(101) }, 'title'],
  ['no description', { description: '' }, 'description'],
  ['a description that turns the text round', { description: 'a‮b' }, 'description'],
  ['a building without end', { building: 'x'.repeat(101) }, 'building'],
  ['an empty key', { idempotencyKey: '' }, 'idempotencyKey'],
])('bad input: %s', async (_what, bad, field) => {
  const before = await api.database.sql('SELECT count(*) FROM needs');
  const { userErrors } = await api.mutate('submitNeed', { title: 'A need', description: 'Of something', category: 'OTHER', ...bad }, community.people.resident);
  expect(userErrors).toMatchObject([{ code: 'INVALID', path: ['input', field] }]);
  expect(await api.database.sql('SELECT count(*) FROM needs')).toEqual(before);
});

test('everyone concerned hears of each step, who did it does not, and a supporter does too', async () => {
  api.clock.set(null);
  const { people, committee } = community;
  api.work();
  await api.settled();
  const before = new Map(await Promise.all(Object.entries({ ...people, committee }).map(async ([name, person]) => [name, (await community.told(person)).length] as const)));
  const need = await community.accepted(people.resident, { title: 'Told of' });
  await community.support(need, people.neighbour);
  await community.step('assignNeed', need, people.partnerStaff, { organization: community.partner.globalId });
  const project = await community.running();
  await community.step('planNeed', need, committee, { project: project.id });
  await community.step('resolveNeed', need, people.partnerAdmin, { resolution: 'Done' });
  await community.step('reopenNeed', need, people.resident, { reason: 'Not done' });
  await api.settled();
  const heard = async (name: string, person: typeof committee) => (await community.told(person)).slice(before.get(name)).filter((title) => /need/.test(title));
  expect(await heard('resident', people.resident)).toEqual(['A need was accepted', 'A need was taken on', 'A need was planned', 'A need was met']);
  expect(await heard('neighbour', people.neighbour)).toEqual(['A need was planned', 'A need was met', 'A need was not met after all']);
  expect(await heard('committee', committee)).toEqual(['A need was raised', 'A need was taken on', 'A need was met', 'A need was not met after all']);
  expect(await heard('partnerAdmin', people.partnerAdmin)).toEqual(['A need was taken on', 'A need was planned', 'A need was not met after all']);
  expect(await heard('outsider', people.outsider)).toEqual([]);
  const [{ log }] = (await api.database.sql<{ log: string }>(`SELECT string_agg(e.changes::text, '') AS log FROM audit_entries e WHERE e.subject_id = $1`, [uuidOf(need.id)])) as [{ log: string }];
  expect(log).not.toMatch(/Grandma|Wang|Told of/);
});
