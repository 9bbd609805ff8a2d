import { TestApi } from '../support/api';
import { at, NOW, range, Roster, uuidOf, type ShiftView } from './roster';

/** How many there are to choose from; the figure is of 100,000. */
const VOLUNTEERS = Number(process.env.MATCH_VOLUNTEERS ?? 3000);
const ASKED = 20;

let api: TestApi;
let roster: Roster;
let activity: string;

beforeAll(async () => {
  api = await TestApi.start();
  api.clock.set(NOW);
  roster = await Roster.begin(api);
  const { id: network } = roster.founded.network;
  const { position } = await api.done('createPosition', { organization: roster.host.globalId, name: 'Station', location: { latitude: 31.83, longitude: 104.46 } }, roster.committee, 'position { id }');
  await api.done('createPosition', { organization: roster.other.globalId, name: 'Far', location: { latitude: 31.93, longitude: 104.46 } }, roster.committee);
  activity = await roster.activity({ category: 'AFTER_SCHOOL_CLASS', position: position.id });
  await api.database.sql(
    `INSERT INTO volunteers (network_id, id, number, display_name, status, occupation, skills, availability, organization_id, adult_on, channel, created_at)
     SELECT $1, gen_random_uuid(), 'M-' || lpad(n::text, 8, '0'), 'Match ' || n, CASE WHEN n % 11 = 0 THEN 'PAUSED' ELSE 'ACTIVE' END,
       (ARRAY['STUDENT','TEACHER','MEDICAL','POLICE','ENGINEER','RETIRED','OTHER'])[1 + n % 7],
       CASE WHEN n % 5 = 0 THEN ARRAY['drawing','Qiang'] WHEN n % 2 = 0 THEN ARRAY['drawing'] ELSE '{}' END,
       CASE n % 3 WHEN 0 THEN '[]' WHEN 1 THEN '[{"weekday":5,"opens":"08:00","closes":"18:00"}]' ELSE '[{"weekday":1,"opens":"08:00","closes":"18:00"}]' END::jsonb,
       CASE WHEN n % 4 = 0 THEN $2::uuid WHEN n % 4 = 1 THEN $3::uuid END, CASE WHEN n % 13 = 0 THEN date '2027-01-01' ELSE date '2010-01-01' END, 'VISIT', now()
     FROM generate_series(1, $4::integer) AS n`,
    [network, roster.host.id, roster.other.id, VOLUNTEERS],
  );
  // What a quarter of them has done or will do: on a shift of long ago, of this month, or at the very time.
  const shifts = [];
  for (const [day, from, to] of [[11, '08:00', '12:00'], [12, '10:00', '11:00'], [12, '14:00', '16:00']] as const) shifts.push(await roster.shift(activity, { range: range(day, from, to), capacity: 100_000 }));
  for (const [index, shift] of shifts.entries()) {
    await api.database.sql(
      `INSERT INTO registrations (network_id, id, shift_id, activity_id, host_id, volunteer_id, organization_id, status, starts_at, ends_at, arrival, adult_on, service_date, registered_at)
       SELECT s.network_id, gen_random_uuid(), s.id, s.activity_id, s.host_id, v.id, v.organization_id, 'CONFIRMED', s.starts_at, s.ends_at, row_number() OVER (), v.adult_on, s.starts_at::date, now()
       FROM shifts s JOIN volunteers v ON v.network_id = s.network_id AND right(v.number, 8)::integer % 12 = $2 AND v.adult_on < date '2020-01-01' WHERE s.id = $1`,
      [uuidOf(shift.id), index],
    );
  }
  await api.database.sql('ANALYZE volunteers, registrations');
}, 600_000);
afterAll(() => api.stop());

interface Match { score: number; reasons: string[]; volunteer: { id: string; displayName: string; occupation: string; skills: string[]; organization: { id: string } | null } }
const match = async (shift: Pick<ShiftView, 'id'>, as = roster.committee, first = ASKED): Promise<Match[]> =>
  (await api.must('query ($shift: ID!, $first: Int) { matchVolunteers(shift: $shift, first: $first) { score reasons volunteer { id displayName occupation skills organization { id } } } }', { shift: shift.id, first }, as)).matchVolunteers as Match[];

/** The scores of the best by SQL of its own. */
const bestScores = async (shift: Pick<ShiftView, 'id'>): Promise<number[]> =>
  (await api.database.sql<{ score: number }>(
    `SELECT (CASE WHEN v.occupation IN ('TEACHER','STUDENT','RETIRED') THEN 0.35 ELSE 0 END
         + CASE WHEN v.availability = '[]' THEN 0.125 WHEN EXISTS (SELECT FROM jsonb_array_elements(v.availability) h WHERE (h->>'weekday')::integer = extract(isodow FROM s.starts_at AT TIME ZONE 'Asia/Shanghai')
             AND (h->>'opens')::time <= (s.starts_at AT TIME ZONE 'Asia/Shanghai')::time AND (h->>'closes')::time >= (s.ends_at AT TIME ZONE 'Asia/Shanghai')::time) THEN 0.25 ELSE 0 END
         + 0.25 * 8 / (8 + coalesce((SELECT sum(extract(epoch FROM r.ends_at - r.starts_at)) / 3600 FROM registrations r WHERE r.volunteer_id = v.id AND r.status IN ('CONFIRMED','CHECKED_IN','ATTENDED')
             AND r.starts_at >= s.starts_at - interval '30 days' AND r.starts_at < s.starts_at), 0))
         + CASE v.organization_id WHEN $2::uuid THEN 0.15 WHEN $3::uuid THEN 0.3 / (2 + 6371 * radians(0.1)) ELSE 0 END)::double precision AS score
     FROM volunteers v, shifts s WHERE s.id = $1 AND v.status = 'ACTIVE' AND v.skills @> s.required_skills AND v.adult_on <= '2026-06-12'
       AND NOT EXISTS (SELECT FROM registrations r WHERE r.volunteer_id = v.id AND (r.shift_id = s.id OR r.status = 'CONFIRMED' AND r.starts_at < s.ends_at AND s.starts_at < r.ends_at))
     ORDER BY 1 DESC LIMIT ${ASKED}`,
    [uuidOf(shift.id), roster.host.id, roster.other.id],
  )).map(({ score }) => score);

test.each([['nothing', []], ['a skill of half of them', ['drawing']], ['two skills', ['Qiang', 'drawing']]] as const)('proposes the best for a shift that asks for %s, each for reasons that are true', async (_, requiredSkills) => {
  const shift = await roster.shift(activity, { range: range(12, '09:00', '12:00'), requiredSkills });
  const matches = await match(shift);
  const times: number[] = [];
  for (let round = 0; round < (process.env.MATCH_VOLUNTEERS ? 21 : 1); round += 1) {
    const begun = performance.now();
    await match(shift);
    times.push(performance.now() - begun);
  }
  times.sort((a, b) => a - b);
  if (process.env.MATCH_VOLUNTEERS) process.stdout.write(`${requiredSkills.length} skills of ${VOLUNTEERS}: p50 ${Math.round(times[10]!)} ms, p95 ${Math.round(times[19]!)} ms\n`);
  expect(matches).toHaveLength(ASKED);
  const best = await bestScores(shift);
  for (const [index, { score }] of matches.entries()) expect([index, score]).toEqual([index, expect.closeTo(best[index]!, 6)]);
  for (const { volunteer, reasons } of matches) {
    const [facts] = await api.database.sql<{ free: boolean; hours: number; clashes: number }>(
      `SELECT v.availability @> '[{"weekday":5}]' AS free, (SELECT count(*)::integer FROM registrations r WHERE r.volunteer_id = v.id AND r.status = 'CONFIRMED' AND r.starts_at < $3 AND $2 < r.ends_at) AS clashes,
         (SELECT coalesce(sum(extract(epoch FROM r.ends_at - r.starts_at)), 0)::float / 3600 FROM registrations r WHERE r.volunteer_id = v.id AND r.status = 'CONFIRMED' AND r.starts_at < $2) AS hours FROM volunteers v WHERE v.id = $1`,
      [uuidOf(volunteer.id), at(12, '09:00'), at(12, '12:00')],
    );
    const told = [
      ...(requiredSkills.length ? [`Can do what is asked for: ${requiredSkills.join(', ')}.`] : []),
      ...(['TEACHER', 'STUDENT', 'RETIRED'].includes(volunteer.occupation) ? [`Has an occupation that suits: ${volunteer.occupation.toLowerCase()}.`] : []),
      facts!.free ? 'Is free then by what was said, and on no other shift.' : 'Is on no other shift then.',
      `Is on duty for ${facts!.hours} hours in the 30 days before.`,
      ...(volunteer.organization ? [`Belongs to an organization ${volunteer.organization.id === roster.host.globalId ? 0 : 11.1} km from the position.`] : []),
    ];
    expect(reasons).toEqual(told);
    expect(facts!.clashes).toBe(0);
    for (const skill of requiredSkills) expect(volunteer.skills).toContain(skill);
    await roster.register(shift, roster.committee, { volunteer: volunteer.id }).then(({ status }) => expect(['CONFIRMED', 'WAITLISTED']).toContain(status));
  }
  const registered = new Set(matches.map(({ volunteer }) => volunteer.id));
  expect((await match(shift)).filter(({ volunteer }) => registered.has(volunteer.id))).toEqual([]);
});

test('staff are proposed whom they may see, and nobody for a shift that they may not', async () => {
  const shift = await roster.shift(activity, { range: range(12, '09:00', '12:00') });
  const own = await match(shift, roster.otto);
  expect(own.length).toBe(ASKED);
  expect(new Set(own.map(({ volunteer }) => volunteer.organization?.id))).toEqual(new Set([roster.other.globalId]));
  const draft = await roster.shift(await roster.activity({ open: false }), { range: range(12, '09:00', '12:00') });
  expect(await match(draft, roster.otto)).toEqual([]);
  const { person } = await roster.volunteer(roster.host, { account: true });
  const query = 'query ($shift: ID!, $first: Int) { matchVolunteers(shift: $shift, first: $first) { score } }';
  expect((await api.ask(query, { shift: shift.id }, person)).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  for (const first of [0, 51]) expect((await api.ask(query, { shift: shift.id, first }, roster.hanna)).errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  expect((await api.ask(query, { shift: activity }, roster.hanna)).errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
});
