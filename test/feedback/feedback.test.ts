import { v7 } from 'uuid';
import { toGlobalId } from '../../src/platform/ids';
import { uuidOf } from '../contracts/agreements';
import { NOW } from '../needs/community';
import { TestApi } from '../support/api';
import { differences, Opinions } from './opinions';

jest.setTimeout(60_000);

let api: TestApi;
let opinions: Opinions;

beforeAll(async () => {
  api = await TestApi.start();
  api.clock.set(NOW);
  opinions = await Opinions.begin(api);
}, 120_000);
beforeEach(() => api.clock.set(NOW));
afterEach(async () => expect(await differences(api)).toEqual([]));
afterAll(() => api.stop());

test('who attended rates once; what comes of it is the average, the distribution, the score and the months', async () => {
  const { people } = opinions.community;
  const activity = await opinions.activity();
  expect(await opinions.summary('Activity', activity)).toEqual({ count: 0, average: null, distribution: [0, 0, 0, 0, 0], recommendScore: null, trend: [] });
  await opinions.attend(activity, people.volunteer);
  const given = await opinions.give({ activity, rating: 4, comment: ' Good ', recommend: 9 }, people.volunteer);
  expect(given).toMatchObject({ rating: 4, comment: 'Good', recommend: 9, author: { displayName: 'Vivian' } });
  expect(await opinions.refused({ activity, rating: 5 }, people.volunteer)).toBe('DUPLICATE');
  api.clock.set('2026-04-01T00:00:00+08:00');
  const codes = await opinions.codes(activity, 3);
  for (const [index, code] of codes.entries()) await opinions.give({ code, rating: [5, 2, 2][index], recommend: [10, 6, null][index] });
  expect(await opinions.summary('Activity', activity)).toEqual({
    count: 4, average: 3.25, distribution: [0, 2, 0, 1, 1], recommendScore: 33, trend: [{ month: '2026-03-01', average: 4, count: 1 }, { month: '2026-04-01', average: 3, count: 3 }],
  });
});

describe('who may', () => {
  test('nobody who was not there, or not confirmed to have been', async () => {
    const { people } = opinions.community;
    const activity = await opinions.activity();
    for (const who of [people.volunteer, people.outsider, people.partnerStaff]) expect(await opinions.refused({ activity, rating: 5 }, who)).toBe('NOT_ALLOWED');
    for (const status of ['CONFIRMED', 'CHECKED_IN', 'NO_SHOW', 'CANCELLED', 'WAITLISTED']) {
      const person = await api.world.person(opinions.community.lead, 'VOLUNTEER');
      await opinions.attend(activity, person, { status });
      expect([status, await opinions.refused({ activity, rating: 5 }, person)]).toEqual([status, 'NOT_ALLOWED']);
    }
    // Attending one is not attending another.
    await opinions.attend(await opinions.activity(), people.volunteer);
    expect(await opinions.refused({ activity, rating: 5 }, people.volunteer)).toBe('NOT_ALLOWED');
  });

  test('nobody of the host, not even by a code', async () => {
    const { people } = opinions.community;
    const activity = await opinions.activity();
    const [code] = await opinions.codes(activity, 1);
    for (const who of [people.leadStaff, people.leadAdmin]) expect(await opinions.refused({ code, rating: 5 }, who)).toBe('NOT_ALLOWED');
    expect(await opinions.give({ code, rating: 1 }, people.outsider)).toMatchObject({ rating: 1 });
  });

  test('before it is over nobody, nor when it was called off', async () => {
    const { people } = opinions.community;
    const coming = await opinions.activity({ status: 'IN_PROGRESS', endsAt: new Date(Date.parse(NOW) + 7_200_000) });
    await opinions.attend(coming, people.volunteer);
    const [code] = await opinions.codes(coming, 1);
    expect(await opinions.refused({ activity: coming, rating: 5 }, people.volunteer)).toBe('TOO_EARLY');
    expect(await opinions.refused({ code, rating: 5 })).toBe('TOO_EARLY');
    await api.database.sql(`UPDATE activities SET status = 'CANCELLED' WHERE id = $1`, [uuidOf(coming)]);
    expect(await opinions.refused({ code, rating: 5 })).toBe('WRONG_STATE');
    const cancelled = await opinions.activity({ status: 'CANCELLED' });
    await opinions.attend(cancelled, people.volunteer);
    expect(await opinions.refused({ activity: cancelled, rating: 5 }, people.volunteer)).toBe('WRONG_STATE');
  });

  test('one that may not be seen is answered like one that never was', async () => {
    const { people } = opinions.community;
    const draft = await opinions.activity({ status: 'DRAFT' });
    const asked = (activity: string) => api.mutate('giveFeedback', { activity, rating: 3 }, people.outsider);
    const never = await asked(toGlobalId('Activity', v7()));
    expect(never).toMatchObject({ userErrors: [{ code: 'NOT_FOUND', path: ['input', 'activity'] }] });
    expect(await asked(draft)).toEqual(never);
    expect(await api.mutate('giveFeedback', { activity: await opinions.activity(), rating: 3 }, null)).toEqual(never);
  });
});

describe('codes', () => {
  test('are good once, for whoever has one, be it at the same instant', async () => {
    const { people } = opinions.community;
    const activity = await opinions.activity();
    const [first, second] = (await opinions.codes(activity, 2)) as [string, string];
    expect(first).toMatch(/^[2-9A-HJ-NP-Z]{10}$/);
    const spelled = `${first.slice(0, 5).toLowerCase()} - ${first.slice(5)}`;
    expect(await opinions.give({ code: spelled, rating: 5 })).toMatchObject({ author: null });
    expect(await opinions.refused({ code: first, rating: 5 })).toBe('CONFLICT');
    const answers = await Promise.all(Array.from({ length: 8 }, () => opinions.refused({ code: second, rating: 3 })));
    expect(answers.sort()).toEqual(['', ...Array<string>(7).fill('CONFLICT')]);
    // A resident with an account, once, be it with many codes.
    const more = await opinions.codes(activity, 2);
    expect(await opinions.give({ activity, code: more[0], rating: 4 }, people.resident)).toMatchObject({ author: { displayName: 'Grandma Wang' } });
    expect(await opinions.refused({ code: more[1], rating: 4 }, people.resident)).toBe('DUPLICATE');
  });

  test('a made-up one, one of another activity or network, and an expired one are not', async () => {
    const activity = await opinions.activity();
    const [code] = await opinions.codes(activity, 1);
    expect(await opinions.refused({ code: 'ABCDEFGHJK', rating: 5 })).toBe('NOT_FOUND');
    expect(await opinions.refused({ code, activity: await opinions.activity(), rating: 5 })).toBe('NOT_FOUND');
    const { network } = await api.world.found();
    const { giveFeedback } = await api.must('mutation ($input: GiveFeedbackInput!) { giveFeedback(input: $input) { userErrors { code } } }', { input: { code, rating: 5 } }, null, { 'x-network': network.code });
    expect(giveFeedback.userErrors).toEqual([{ code: 'NOT_FOUND' }]);
    api.clock.set('2026-04-03T02:00:00Z');
    expect(await opinions.refused({ code, rating: 5 })).toBe('TOO_LATE');
  });

  test('are issued by host and co-hosts, and the same again for the same key', async () => {
    const { people, committee, partner } = opinions.community;
    const activity = await opinions.activity({ endsAt: new Date('2026-03-04T01:00:00Z') });
    const issue = (input: Record<string, unknown>, by: typeof committee) => api.mutate('issueFeedbackCodes', { activity, ...input }, by, 'codes expiresAt');
    for (const who of [people.partnerStaff, people.outsider]) expect((await issue({}, who)).userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
    await api.database.sql('UPDATE activities SET participant_ids = ARRAY[$2::uuid], co_host_ids = ARRAY[$2::uuid] WHERE id = $1', [uuidOf(activity), partner.id]);
    const once = await issue({ count: 3, idempotencyKey: 'k' }, people.partnerStaff);
    expect(once).toMatchObject({ expiresAt: '2026-04-03T01:00:00.000Z' });
    expect(new Set(once.codes).size).toBe(3);
    expect((await issue({ count: 3, idempotencyKey: 'k' }, people.partnerStaff)).codes).toEqual(once.codes);
    for (const count of [0, -1, 201]) expect((await issue({ count }, committee)).userErrors).toMatchObject([{ code: 'INVALID', path: ['input', 'count'] }]);
    const draft = await opinions.activity({ status: 'DRAFT' });
    expect(await opinions.community.refused('issueFeedbackCodes', { activity: draft }, people.leadStaff)).toBe('WRONG_STATE');
    const kept = await api.database.sql<{ row: string }>('SELECT c::text AS row FROM feedback_codes c');
    expect(kept.map(({ row }) => row).join()).not.toContain(once.codes[0]);
  });
});

describe('who gave it', () => {
  test('is seen by the committee and that person; of an adult volunteer by the host too; never of a resident or a minor', async () => {
    const { people, committee, lead } = opinions.community;
    const activity = await opinions.activity({ visibility: 'PUBLIC' });
    const [adult, minor] = [await api.world.person(lead, 'VOLUNTEER', 'Adult Ada'), await api.world.person(lead, 'VOLUNTEER', 'Young Yu')];
    await opinions.attend(activity, adult);
    await opinions.attend(activity, minor, { adultOn: '2026-03-05' });
    await opinions.give({ activity, rating: 5, comment: 'a' }, adult);
    await opinions.give({ activity, rating: 4, comment: 'm' }, minor);
    const [code] = await opinions.codes(activity, 1);
    await opinions.give({ code, rating: 3, comment: 'r' }, people.resident);
    const seen = async (as: typeof committee | null) => (await opinions.recent('Activity', activity, as)).map(({ comment, author }) => [comment, author?.displayName ?? null]);
    expect(await seen(committee)).toEqual([['r', 'Grandma Wang'], ['m', 'Young Yu'], ['a', 'Adult Ada']]);
    for (const host of [people.leadAdmin, people.leadStaff]) expect(await seen(host)).toEqual([['r', null], ['m', null], ['a', 'Adult Ada']]);
    for (const other of [people.outsider, people.partnerAdmin, people.volunteer]) expect(await seen(other)).toEqual([['r', null], ['m', null], ['a', null]]);
    expect(await seen(minor)).toEqual([['r', null], ['m', 'Young Yu'], ['a', null]]);
    // Who does not belong to the network reads the summary alone.
    expect(await seen(null)).toEqual([]);
    expect(await opinions.summary('Activity', activity, null)).toMatchObject({ count: 3, average: 4 });
  });

  test('no name is in the audit log\'s changes, in events or in notifications', async () => {
    const rows = await api.database.sql<{ row: string }>(
      `SELECT e.changes::text AS row FROM audit_entries e UNION ALL SELECT concat(e.refs, e.data) FROM events e UNION ALL SELECT concat(n.refs, n.data) FROM notifications n`,
    );
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.map(({ row }) => row).join()).not.toMatch(/Grandma|Young Yu|Adult Ada/);
  });
});

test.each<[string, Record<string, unknown>, string | null]>([
  ['a rating of 0', { rating: 0 }, 'rating'],
  ['a rating of 6', { rating: 6 }, 'rating'],
  ['a negative rating', { rating: -1 }, 'rating'],
  ['a fraction', { rating: 4.5 }, null],
  ['a recommendation of 11', { recommend: 11 }, 'recommend'],
  ['a recommendation below 0', { recommend: -1 }, 'recommend'],
  ['2^53', { rating: 2 ** 53 }, null],
  ['a comment without end', { comment: 'x'.repeat(2001) }, 'comment'],
  ['a comment that turns the text round', { comment: 'a‮b' }, 'comment'],
  ['neither activity nor code', { activity: undefined }, 'activity'],
])('bad input: %s', async (_what, bad, field) => {
  const activity = await opinions.activity();
  await opinions.attend(activity, opinions.community.people.volunteer);
  const { data, errors } = await api.ask(
    'mutation ($input: GiveFeedbackInput!) { giveFeedback(input: $input) { userErrors { code path } } }', { input: { activity, rating: 4, ...bad } }, opinions.community.people.volunteer,
  );
  if (field === null) expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  else expect(data.giveFeedback.userErrors).toEqual([{ code: 'INVALID', path: ['input', field] }]);
  expect(await opinions.summary('Activity', activity)).toMatchObject({ count: 0 });
});

test('one person at the same instant twenty times counts once', async () => {
  const { people } = opinions.community;
  const project = await opinions.community.running();
  const activity = await opinions.activity({ project: project.id });
  await opinions.attend(activity, people.volunteer);
  const codes = await Promise.all(Array.from({ length: 20 }, () => opinions.refused({ activity, rating: 3 }, people.volunteer)));
  expect(codes.filter((code) => code === '')).toHaveLength(1);
  expect(codes.filter((code) => code === 'DUPLICATE')).toHaveLength(19);
  expect(await opinions.summary('Project', project.id)).toMatchObject({ count: 1 });
});
