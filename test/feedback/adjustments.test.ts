import fc from 'fast-check';
import { NOW, type ProjectView } from '../needs/community';
import { TestApi } from '../support/api';
import { differences, Opinions } from './opinions';

jest.setTimeout(120_000);

/** How many random steps; the whole is run by FEEDBACK_STEPS=10000. */
const STEPS = Number(process.env.FEEDBACK_STEPS ?? 150);

let api: TestApi;
let opinions: Opinions;
let project: ProjectView;

beforeAll(async () => {
  api = await TestApi.start();
  api.clock.set(NOW);
  opinions = await Opinions.begin(api);
}, 120_000);
beforeEach(async () => {
  api.clock.set(NOW);
  project = await opinions.community.running({ ratingThreshold: 3.5 });
});
afterEach(async () => expect(await differences(api)).toEqual([]));
afterAll(() => api.stop());

const rate = async (activity: string, ratings: readonly number[]): Promise<string[]> => {
  const given: string[] = [];
  for (const [index, code] of (await opinions.codes(activity, ratings.length)).entries()) given.push((await opinions.give({ code, rating: ratings[index] })).id);
  return given;
};

test('an adjustment shows the rating before it and after it, and because of which feedback', async () => {
  const { people } = opinions.community;
  const activity = await opinions.activity({ project: project.id });
  const [first] = await rate(activity, [2, 3, 3]);
  const adjust = (more: object) => api.mutate('adjustService', { project: project.id, what: 'Two tutors instead of one', because: 'Too few tutors', ...more }, people.leadAdmin, 'adjustment { id feedbackBefore feedbackAfter feedback { id } }');
  const { adjustment } = await adjust({ feedback: [first], idempotencyKey: 'a' });
  expect(adjustment).toMatchObject({ feedbackBefore: 8 / 3, feedbackAfter: null, feedback: [{ id: first }] });
  expect((await adjust({ feedback: [first], idempotencyKey: 'a' })).adjustment.id).toBe(adjustment.id);
  await rate(activity, [5, 4]);
  await adjust({ what: 'An hour longer' });
  await rate(activity, [5]);
  expect((await opinions.project(project.id)).adjustments).toMatchObject([{ feedbackBefore: 8 / 3, feedbackAfter: 4.5 }, { feedbackBefore: 4.5, feedbackAfter: 5, feedback: [] }]);
  // Everybody reads what was changed and whether it helped.
  expect((await opinions.community.project(project.id, null))!.adjustments).toMatchObject([{ feedbackBefore: 8 / 3, feedbackAfter: 4.5, feedback: [] }, {}]);
  const [foreign] = await rate(await opinions.activity(), [1]);
  expect((await adjust({ feedback: [foreign] })).userErrors).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'feedback', '0'] }]);
  for (const who of [people.partnerAdmin]) expect(await opinions.community.refused('adjustService', { project: project.id, what: 'x', because: 'x' }, who)).toBe('NOT_ALLOWED');
});

test('an activity that changes its project takes its feedback along', async () => {
  const { people, committee } = opinions.community;
  const other = await opinions.community.running({ title: 'Another' });
  const activity = await opinions.activity();
  await rate(activity, [1, 5]);
  expect(await opinions.summary('Project', project.id)).toMatchObject({ count: 0 });
  const assign = (to: string | null, by = people.leadStaff) => api.mutate('assignActivity', { activity, project: to }, by, 'activity { project { id } }');
  expect(await assign(project.id)).toMatchObject({ activity: { project: { id: project.id } }, userErrors: [] });
  expect(await opinions.project(project.id)).toMatchObject({ activities: { totalCount: 1, nodes: [{ id: activity }] }, feedback: { count: 2, average: 3 } });
  await api.done('adjustService', { project: project.id, what: 'x', because: 'y' }, people.leadAdmin);
  await rate(activity, [4]);
  expect(await assign(other.id)).toMatchObject({ activity: { project: { id: other.id } } });
  expect(await opinions.project(project.id)).toMatchObject({ feedback: { count: 0, trend: [] }, adjustments: [{ feedbackBefore: null, feedbackAfter: null }] });
  expect(await opinions.project(other.id)).toMatchObject({ feedback: { count: 3 } });
  expect((await assign(project.id, people.partnerStaff)).userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
  expect((await assign(null)).activity).toEqual({ project: null });
  const proposed = await opinions.community.propose();
  expect((await assign(proposed.id)).userErrors).toMatchObject([{ code: 'WRONG_STATE' }]);
  await opinions.community.move('stopProject', project, committee);
  expect((await assign(project.id)).userErrors).toMatchObject([{ code: 'WRONG_STATE' }]);
});

test('lead and committee are told when the rating falls below the threshold, once, and when it is above again', async () => {
  api.clock.set(null);
  api.work();
  const { people, committee } = opinions.community;
  await api.settled();
  const before = await Promise.all([people.leadAdmin, people.leadStaff, committee].map(async (who) => [who, (await opinions.community.told(who)).length] as const));
  const heard = async (who: typeof committee) => {
    await api.settled();
    return (await opinions.community.told(who)).slice(new Map(before).get(who) ?? 0).filter((title) => /rated/.test(title));
  };
  const activity = await opinions.activity({ project: project.id, endsAt: new Date(Date.now() - 60_000) });
  await rate(activity, [4, 4]);
  expect(await heard(people.leadAdmin)).toEqual([]);
  await rate(activity, [2]);
  const FALLEN = 'A project is rated below its threshold';
  for (const who of [people.leadAdmin, people.leadStaff, committee]) expect(await heard(who)).toEqual([FALLEN]);
  for (const who of [people.partnerAdmin, people.outsider, people.volunteer]) expect(await heard(who)).toEqual([]);
  expect(await opinions.project(project.id)).toMatchObject({ belowSince: expect.any(String) });
  await rate(activity, [1]);
  expect(await heard(committee)).toEqual([FALLEN]);
  await rate(activity, [5, 5, 5, 5]);
  expect(await heard(committee)).toEqual([FALLEN, 'A project is rated above its threshold again']);
  await opinions.community.move('updateProject', project, people.leadAdmin, { ratingThreshold: 4.5 });
  expect(await heard(people.leadStaff)).toEqual([FALLEN, 'A project is rated above its threshold again', FALLEN]);
  expect((await api.must('{ projects(filter: { belowThreshold: true }) { nodes { id } } }', {}, null)).projects.nodes).toEqual([{ id: project.id }]);
});

test(`summaries are what counting anew gives, after ${STEPS} random steps, some at the same instant`, async () => {
  const projects = [project.id, (await opinions.community.running({ ratingThreshold: 3 })).id];
  const activities = await Promise.all([0, 1, 2, 3].map(() => opinions.activity({ endsAt: new Date('2026-01-19T00:00:00Z') })));
  const { leadAdmin, leadStaff } = opinions.community.people;
  type Step = { kind: 'rate'; activity: number; rating: number; recommend: number | null } | { kind: 'assign'; activity: number; project: number | null } | { kind: 'adjust'; project: number } | { kind: 'month' };
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 20, arbitrary: fc.record({ kind: fc.constant('rate' as const), activity: fc.nat(3), rating: fc.integer({ min: 1, max: 5 }), recommend: fc.option(fc.nat(10)) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('assign' as const), activity: fc.nat(3), project: fc.option(fc.nat(1)) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('adjust' as const), project: fc.nat(1) }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'month' as const }) },
  );
  const steps = fc.sample(step, { numRuns: STEPS, seed: 20_260_304 });
  const codes = await Promise.all(activities.map(async (activity) => {
    const wanted = steps.filter((one) => one.kind === 'rate' && activities[one.activity] === activity).length;
    const issued: string[] = [];
    while (issued.length < wanted) issued.push(...(await opinions.codes(activity, Math.min(200, wanted - issued.length))));
    return issued;
  }));
  // Time goes on from one month into the next, for as long as the codes are good.
  const [from, days] = [Date.parse('2026-01-20T00:00:00Z'), 24];
  const turns = steps.filter(({ kind }) => kind === 'month').length;
  let turn = 0;
  api.clock.set(new Date(from));
  const act = async (one: Step): Promise<unknown> => {
    switch (one.kind) {
      case 'rate': return opinions.give({ code: codes[one.activity]!.pop(), rating: one.rating, recommend: one.recommend });
      case 'assign': return api.done('assignActivity', { activity: activities[one.activity], project: one.project === null ? null : projects[one.project] }, leadStaff);
      case 'adjust': return api.done('adjustService', { project: projects[one.project], what: 'x', because: 'y' }, leadAdmin);
      case 'month': return api.clock.set(new Date(from + (++turn / turns) * days * 86_400_000));
    }
  };
  for (let index = 0; index < steps.length; index += 4) {
    const together = steps.slice(index, index + 4);
    if (together.some(({ kind }) => kind === 'month')) for (const one of together) await act(one);
    else await Promise.all(together.map(act));
  }
  expect(await differences(api)).toEqual([]);
  expect((await opinions.project(projects[0]!)).adjustments.length).toBeGreaterThan(1);
}, 120_000 + STEPS * 200);
