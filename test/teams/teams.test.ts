import { validCoursesOf } from '../../src/domain/teams/reads';
import { volunteer, type TestVolunteer } from '../records/people';
import { TestApi } from '../support/api';
import type { Founded, Person, TestOrganization } from '../support/world';

jest.setTimeout(60_000);

const NOW = '2026-03-04T02:00:00Z';
const TEAM = 'team { id version name focus organization { id } leader { id } members { totalCount nodes { id } } }';

let api: TestApi;
let founded: Founded;
let alpha: TestOrganization;
let beta: TestOrganization;
let staff: Person;
let other: Person;
let vera: Person;
let [anna, bo, foreigner]: [TestVolunteer, TestVolunteer, TestVolunteer] = [] as never;

beforeAll(async () => {
  api = await TestApi.start();
  api.clock.set(NOW);
  founded = await api.world.found();
  alpha = await api.world.organization(founded.network, { name: 'Alpha' });
  beta = await api.world.organization(founded.network, { name: 'Beta' });
  [staff, other, vera] = [await api.world.person(alpha, 'STAFF'), await api.world.person(beta, 'STAFF'), await api.world.person(alpha, 'VOLUNTEER')];
  anna = await volunteer(api, alpha, { person: vera });
  bo = await volunteer(api, alpha);
  foreigner = await volunteer(api, beta);
}, 120_000);
beforeEach(() => api.clock.set(NOW));
afterAll(() => api.stop());

const codes = async (verb: string, input: Record<string, unknown>, as: Person): Promise<string[]> =>
  ((await api.mutate(verb, input, as)).userErrors as { code: string }[]).map(({ code }) => code);

describe('a team', () => {
  test('is formed by focus, with members and a leader from among them', async () => {
    const { team } = await api.done('createTeam', { name: 'Patrol', focus: ['PUBLIC_SAFETY', 'OUTREACH'] }, staff, TEAM);
    expect(team).toMatchObject({ name: 'Patrol', focus: ['PUBLIC_SAFETY', 'OUTREACH'], organization: { id: alpha.globalId }, leader: null, members: { totalCount: 0 } });
    const filled = await api.done('assignToTeam', { team: team.id, version: 1, add: [anna.globalId, bo.globalId], leader: anna.globalId }, staff, TEAM);
    expect(filled.team).toMatchObject({ version: 2, leader: { id: anna.globalId }, members: { totalCount: 2, nodes: [{ id: anna.globalId }, { id: bo.globalId }] } });
    const { node } = await api.must('query ($id: ID!) { node(id: $id) { ... on Volunteer { teams { name } } } }', { id: anna.globalId }, vera);
    expect(node.teams).toEqual([{ name: 'Patrol' }]);
    // Whoever may not see the volunteers sees the team without them.
    const { teams } = await api.must('{ teams { nodes { name leader { id } members { totalCount } } } }', {}, other);
    expect(teams.nodes).toContainEqual({ name: 'Patrol', leader: null, members: { totalCount: 0 } });
    expect((await api.must('{ teams { totalCount } }')).teams.totalCount).toBe(0);
    const left = await api.done('assignToTeam', { team: team.id, version: 2, remove: [anna.globalId] }, staff, TEAM);
    expect(left.team).toMatchObject({ leader: null, members: { totalCount: 1 } });
  });

  test('takes nobody whom it must not, and has one name', async () => {
    const { team } = await api.done('createTeam', { name: 'Choir', focus: ['CULTURE'] }, staff, TEAM);
    expect(await codes('createTeam', { name: 'Choir', focus: ['CULTURE'] }, staff)).toEqual(['DUPLICATE']);
    expect(await codes('createTeam', { name: 'Nothing', focus: [] }, staff)).toEqual(['INVALID']);
    expect(await codes('createTeam', { name: 'Theirs', focus: ['CULTURE'], organization: beta.globalId }, staff)).toEqual(['NOT_ALLOWED']);
    const seen = await volunteer(api, beta, { seenBy: [alpha] });
    expect(await codes('assignToTeam', { team: team.id, version: 1, add: [seen.globalId] }, staff)).toEqual(['NOT_ALLOWED']);
    expect(await codes('assignToTeam', { team: team.id, version: 1, add: [foreigner.globalId] }, staff)).toEqual(['NOT_FOUND']);
    expect(await codes('assignToTeam', { team: team.id, version: 1, leader: bo.globalId }, staff)).toEqual(['CONFLICT']);
    expect(await codes('assignToTeam', { team: team.id, version: 1, add: [anna.globalId] }, other)).toEqual(['NOT_ALLOWED']);
    expect(await codes('assignToTeam', { team: team.id, version: 7, add: [anna.globalId] }, staff)).toEqual(['STALE_VERSION']);
    await api.database.sql(`UPDATE volunteers SET status = 'PAUSED' WHERE id = $1`, [bo.id]);
    expect(await codes('assignToTeam', { team: team.id, version: 1, add: [bo.globalId] }, staff)).toEqual(['WRONG_STATE']);
    await api.database.sql(`UPDATE volunteers SET status = 'ACTIVE' WHERE id = $1`, [bo.id]);
    // The committee puts together people of several organizations.
    expect(await codes('assignToTeam', { team: team.id, version: 1, add: [foreigner.globalId] }, founded.committee)).toEqual([]);
  });
});

describe('a course', () => {
  const course = async (more: Record<string, unknown> = {}, by = staff): Promise<string> => (await api.done('createCourse', { title: 'First aid', ...more }, by, 'course { id }')).course.id as string;
  const date = async (of: string, capacity: number, by = staff): Promise<string> =>
    (await api.done('scheduleCourseSession', { course: of, range: { start: '2026-03-10T01:00:00Z', end: '2026-03-10T04:00:00Z' }, capacity }, by, 'session { id }')).session.id as string;
  const enrolled = async (id: string, as: Person | null = null) =>
    (await api.must('query ($id: ID!) { node(id: $id) { ... on CourseSession { enrolled capacity volunteers { nodes { id } } } } }', { id }, as)).node;

  test('has dates with places, which volunteers take in person or by their organization', async () => {
    const id = await date(await course(), 2);
    const input = { session: id, idempotencyKey: 'once' };
    await api.done('enroll', input, vera, 'session { enrolled }');
    expect((await api.done('enroll', input, vera, 'session { enrolled }')).session.enrolled).toBe(1);
    expect(await codes('enroll', { session: id }, vera)).toEqual(['DUPLICATE']);
    expect(await codes('enroll', { session: id, volunteer: bo.globalId }, vera)).toEqual(['NOT_FOUND']);
    expect(await codes('enroll', { session: id }, other)).toEqual(['NOT_FOUND']);
    await api.done('enroll', { session: id, volunteer: foreigner.globalId }, other);
    expect(await codes('enroll', { session: id, volunteer: bo.globalId }, staff)).toEqual(['CAPACITY_EXCEEDED']);
    expect(await enrolled(id, staff)).toMatchObject({ enrolled: 2, volunteers: { nodes: [{ id: anna.globalId }, { id: foreigner.globalId }] } });
    // The name is shown to who holds the course; who is nobody there reads counts alone.
    expect((await enrolled(id)).volunteers.nodes).toEqual([]);
    api.clock.set('2026-03-10T01:00:00Z');
    expect(await codes('enroll', { session: id, volunteer: bo.globalId }, staff)).toEqual(['TOO_LATE']);
  });

  test('never has more in it than places, whoever comes at once', async () => {
    const id = await date(await course(), 5);
    const many = await Promise.all(Array.from({ length: 20 }, () => volunteer(api, alpha)));
    const outcomes = await Promise.all(many.map(({ globalId }) => codes('enroll', { session: id, volunteer: globalId }, staff)));
    expect(outcomes.filter((refused) => refused.length === 0)).toHaveLength(5);
    expect(outcomes.filter((refused) => refused.length > 0)).toEqual(Array.from({ length: 15 }, () => ['CAPACITY_EXCEEDED']));
    const same = await volunteer(api, alpha);
    const wide = await date(await course(), 5);
    const twice = await Promise.all([1, 2, 3].map(() => codes('enroll', { session: wide, volunteer: same.globalId }, staff)));
    expect(twice.flat()).toEqual(['DUPLICATE', 'DUPLICATE']);
    const [counted] = await api.database.sql<{ wrong: number }>(
      `SELECT count(*)::integer AS wrong FROM course_sessions s WHERE s.enrolled > s.capacity
         OR s.enrolled <> (SELECT count(*) FROM course_enrolments e WHERE e.network_id = s.network_id AND e.session_id = s.id)`,
    );
    expect(counted!.wrong).toBe(0);
  });

  test('is completed for as long as it is good', async () => {
    const id = await course({ validFor: 'P365D' });
    const input = { course: id, completed: [{ volunteer: anna.globalId, score: 88.5 }, { volunteer: bo.globalId }] };
    const { completions } = await api.done('recordTraining', { ...input, completedAt: '2026-03-01T00:00:00Z' }, staff, 'completions { completedAt expiresAt score course { id } }');
    expect(completions).toEqual([
      { completedAt: '2026-03-01T00:00:00.000Z', expiresAt: '2027-03-01T00:00:00.000Z', score: 88.5, course: { id } },
      { completedAt: '2026-03-01T00:00:00.000Z', expiresAt: '2027-03-01T00:00:00.000Z', score: null, course: { id } },
    ]);
    expect(await codes('recordTraining', { ...input, completedAt: '2026-03-01T00:00:00Z' }, staff)).toEqual(['DUPLICATE']);
    expect(await codes('recordTraining', { ...input, completedAt: '2026-03-05T00:00:00Z' }, staff)).toEqual(['INVALID']);
    expect(await codes('recordTraining', { ...input, completed: [{ volunteer: anna.globalId, score: 101 }] }, staff)).toEqual(['INVALID']);
    expect(await codes('recordTraining', input, other)).toEqual(['NOT_ALLOWED']);
    const trainings = async (as: Person) =>
      (await api.must('query ($id: ID!) { node(id: $id) { ... on Volunteer { trainings { course { title } } } } }', { id: anna.globalId }, as)).node?.trainings ?? null;
    expect(await trainings(vera)).toEqual([{ course: { title: 'First aid' } }]);
    expect(await trainings(founded.committee)).toEqual([{ course: { title: 'First aid' } }]);
    expect(await trainings(other)).toBeNull();
    const reader = { read: <Row extends object>({ text, values }: { text: string; values?: unknown[] }) =>
      api.database.sql<Row>(text.replaceAll('app.network_id()', `'${founded.network.id}'`).replaceAll('app.principals()', `ARRAY['${alpha.id}'::uuid]`), values) };
    const uuid = Buffer.from(id, 'base64url').toString().split(':')[1]!;
    const good = async (at: string) => (await validCoursesOf(reader, [anna.id, foreigner.id], new Date(at))).get(anna.id)!.has(uuid);
    expect([await good('2026-02-28T00:00:00Z'), await good('2026-03-01T00:00:00Z'), await good('2027-02-28T23:59:59Z'), await good('2027-03-01T00:00:00Z')]).toEqual([false, true, true, false]);
  });
});
