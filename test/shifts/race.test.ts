import { TestApi } from '../support/api';
import { broken, NOW, range, Roster, uuidOf } from './roster';

const ROUNDS = Number(process.env.PLACE_RACE_ROUNDS ?? 1);
const PEOPLE = Number(process.env.PLACE_RACE_PEOPLE ?? 100);
const PLACES = 20;

let api: TestApi;
let roster: Roster;
let activity: string;

beforeAll(async () => {
  api = await TestApi.start({ DATABASE_POOL_SIZE: '20', DATABASE_WAIT_MS: '60000', LOCK_TIMEOUT_MS: '60000', STATEMENT_TIMEOUT_MS: '60000', REQUEST_TIMEOUT_MS: '120000' });
  api.clock.set(NOW);
  roster = await Roster.begin(api);
  activity = await roster.activity();
});
afterEach(async () => expect(await broken(api)).toEqual([]));
afterAll(() => api.stop());

const register = (shift: { id: string }, volunteer: string, more: Record<string, unknown> = {}) =>
  api.mutate('registerForShift', { shift: shift.id, volunteer, ...more }, roster.committee, 'registration { id status waitlistPlace }');
const shuffled = <Item>(items: readonly Item[]): Item[] => items.map((item) => [Math.random(), item] as const).sort(([a], [b]) => a - b).map(([, item]) => item);

test(`${PEOPLE} people race for ${PLACES} places: as many get one, the others wait in order of arrival, nobody twice`, async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const shift = await roster.shift(activity, { range: range(11 + (round % 18), '09:00', '12:00'), capacity: PLACES });
    const crowd = await roster.crowd(PEOPLE, roster.other);
    // Every tenth asks twice at once, some of them by the same key.
    const asking = shuffled([...crowd.map((id, index) => [id, index % 20 ? undefined : id] as const), ...crowd.filter((_, index) => index % 10 === 0).map((id, index) => [id, index % 2 ? undefined : id] as const)]);
    const begun = performance.now();
    const answers = await Promise.all(asking.map(([id, key]) => register(shift, id, key ? { idempotencyKey: key } : {})));
    if (process.env.PLACE_RACE_ROUNDS) process.stdout.write(`round ${round + 1}: ${Math.round(performance.now() - begun)} ms for ${asking.length} requests\n`);
    const codes = answers.flatMap(({ userErrors }) => userErrors.map(({ code }: { code: string }) => code));
    expect(new Set(codes)).toEqual(new Set(['DUPLICATE']));
    const rows = await api.database.sql<{ status: string; volunteer: string }>('SELECT status, volunteer_id AS volunteer FROM registrations WHERE shift_id = $1 ORDER BY arrival', [uuidOf(shift.id)]);
    expect(rows.map(({ status }) => status)).toEqual([...Array(PLACES).fill('CONFIRMED'), ...Array(PEOPLE - PLACES).fill('WAITLISTED')]);
    expect(new Set(rows.map(({ volunteer }) => volunteer)).size).toBe(PEOPLE);
    const { node } = await api.must('query ($id: ID!) { node(id: $id) { ... on Shift { taken waitlisted registrations(first: 3, status: WAITLISTED) { nodes { waitlistPlace } } } } }', { id: shift.id }, roster.hanna);
    expect(node).toEqual({ taken: PLACES, waitlisted: PEOPLE - PLACES, registrations: { nodes: [{ waitlistPlace: 1 }, { waitlistPlace: 2 }, { waitlistPlace: 3 }] } });
  }
}, 3_600_000);

test('places that are given up while others ask go to those who waited, in their order', async () => {
  const shift = await roster.shift(activity, { range: range(29, '09:00', '12:00'), capacity: 5 });
  const crowd = await roster.crowd(30, roster.other);
  const held: string[] = [];
  for (const id of crowd.slice(0, 12)) held.push((await register(shift, id)).registration.id as string);
  await Promise.all([
    ...held.slice(0, 5).map((id) => api.mutate('cancelRegistration', { id, version: 1 }, roster.committee)),
    ...crowd.slice(12).map((id) => register(shift, id)),
  ]);
  const confirmed = await api.database.sql<{ id: string }>(`SELECT id FROM registrations WHERE shift_id = $1 AND status = 'CONFIRMED' ORDER BY arrival`, [uuidOf(shift.id)]);
  expect(confirmed.map(({ id }) => id)).toEqual(held.slice(5, 10).map(uuidOf));
});

test('of two shifts at one time a volunteer who asks for both at once gets one', async () => {
  const shifts = [await roster.shift(activity, { range: range(30, '09:00', '12:00'), capacity: 50 }), await roster.shift(activity, { range: range(30, '11:00', '13:00'), capacity: 50 })];
  const crowd = await roster.crowd(20, roster.other);
  const answers = await Promise.all(crowd.flatMap((id, index) => (index % 2 ? shifts : [...shifts].reverse()).map((shift) => register(shift, id))));
  const codes = answers.flatMap(({ userErrors }) => userErrors.map(({ code }: { code: string }) => code));
  expect(codes).toEqual(Array(20).fill('CONFLICT'));
});
