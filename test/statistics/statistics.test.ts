import fc from 'fast-check';
import { v7 } from 'uuid';
import { foldStatistics } from '../../src/domain/statistics/service';
import { TestApi } from '../support/api';
import type { Person, TestNetwork, TestOrganization } from '../support/world';

/** The figures are kept as things change, and equal what a count over the tables says, whatever has happened in between. */

const RUNS = Number(process.env.STATISTICS_RUNS ?? 6);
const OPERATIONS = Number(process.env.STATISTICS_OPERATIONS ?? 60);

let api: TestApi;
let network: TestNetwork;
let committee: Person;
let staff: Person;
let outsider: Person;
let organizations: TestOrganization[];
let resources: string[];
let volunteer: string;

beforeAll(async () => {
  api = await TestApi.start();
});
afterAll(() => api.stop());

const sql = (text: string, values: unknown[] = []) => api.database.sql<Record<string, any>>(text, values);

async function begin(): Promise<void> {
  const founded = await api.world.found();
  ({ network, committee } = founded);
  organizations = [await api.world.organization(network), await api.world.organization(network), founded.hub];
  staff = await api.world.person(organizations[0]!, 'STAFF');
  outsider = await api.world.person(await api.world.organization(network), 'STAFF');
  resources = [];
  for (const { id } of organizations) {
    const resource = v7();
    await sql(
      `INSERT INTO resources (network_id, id, owner_id, owner_status, name, kind, sharing, status, quantity, booking_minimum, booking_maximum, booking_lead_time,
         booking_horizon, booking_buffer, booking_requires_approval, booking_cancellation_deadline, created_at)
       SELECT $1, $2, $3, 'ACTIVE', 'Hall', 'VENUE', 'NETWORK', 'AVAILABLE', 1, 'PT30M', 'PT4H', 'PT0S', 'P60D', 'PT0S', false, 'PT0S', now()`,
      [network.id, resource, id],
    );
    resources.push(resource);
  }
  volunteer = v7();
  await sql(
    `INSERT INTO volunteers (network_id, id, number, display_name, status, occupation, organization_id, adult_on, channel, created_at)
     VALUES ($1, $2, $3, 'Volunteer', 'ACTIVE', 'STUDENT', $4, '2020-01-01', 'ONLINE', now())`,
    [network.id, volunteer, `S-${volunteer.slice(-8).toUpperCase()}`, organizations[0]!.id],
  );
}

const pick = <Item>(items: readonly Item[], seed: number): Item => items[seed % items.length]!;
const day = (seed: number): string => `2026-0${1 + (seed % 6)}-1${seed % 10}`;
const BOOKED = ['WAITLISTED', 'REQUESTED', 'CONFIRMED', 'IN_USE', 'COMPLETED', 'NO_SHOW', 'CANCELLED'];
const HELD = ['DRAFT', 'INVITING', 'OPEN', 'IN_PROGRESS', 'COMPLETED', 'CLOSED', 'CANCELLED'];
const NEEDED = ['SUBMITTED', 'ACCEPTED', 'PLANNED', 'RESOLVED', 'DECLINED', 'REOPENED'];

/** What happens to the tables, each with a random number of its own. */
const operations: Readonly<Record<string, (seed: number) => Promise<unknown>>> = {
  book: (seed) => {
    const owner = seed % 3;
    return sql(
      `INSERT INTO bookings (network_id, id, resource_id, resource_name, owner_id, organization_id, booker_id, is_counted, request_id, quantity, starts_at, ends_at,
         buffer, cancel_until, status, priority, is_private, checked_out_at, created_at)
       VALUES ($1, $2, $3, 'Hall', $4, $5, $6, false, $2, $7, $8::timestamptz, $8::timestamptz + $9 * interval '1 hour', 'PT0S', now(), $10, 0, $11, now(), now())`,
      [network.id, v7(), resources[owner], organizations[owner]!.id, pick(organizations, seed >> 3).id, committee.userId, 1 + (seed % 3), `${day(seed)}T20:00:00Z`, 1 + (seed % 4), pick(BOOKED, seed >> 5), seed % 7 === 0],
    );
  },
  move: (seed) =>
    sql(
      `UPDATE bookings SET status = $3, starts_at = starts_at + $4 * interval '1 day', ends_at = ends_at + $4 * interval '1 day'
       WHERE network_id = $1 AND id IN (SELECT id FROM bookings WHERE network_id = $1 ORDER BY id OFFSET $2 LIMIT 3)`,
      [network.id, seed % 5, pick(BOOKED, seed >> 3), seed % 40],
    ),
  hold: (seed) =>
    sql(
      `INSERT INTO activities (network_id, id, title, category, status, visibility, starts_at, ends_at, host_id, participant_ids, co_host_ids, opened_at, created_by, created_at)
       VALUES ($1, $2, 'Activity', 'CULTURE', $3, $4, $5::timestamptz, $5::timestamptz + interval '1 hour', $6, $7, $7, now(), $8, now())`,
      [network.id, v7(), pick(HELD, seed), seed % 2 ? 'PUBLIC' : 'NETWORK', `${day(seed)}T16:30:00Z`, organizations[0]!.id, seed % 3 ? [organizations[1]!.id] : [], committee.userId],
    ),
  go: (seed) =>
    sql(`UPDATE activities SET status = $3, version = version + 1 WHERE network_id = $1 AND id IN (SELECT id FROM activities WHERE network_id = $1 ORDER BY id OFFSET $2 LIMIT 2)`, [
      network.id, seed % 4, pick(HELD, seed >> 2),
    ]),
  serve: async (seed) => {
    const id = v7();
    const record = (correcting: string | null, seconds: number) =>
      sql(
        `INSERT INTO service_records (network_id, id, volunteer_id, organizer_id, activity_title, duty, service_date, seconds, confirmed_by, confirmed_by_name, confirmed_at, corrects_id, origin, origin_id)
         VALUES ($1, $2, $3, $4, 'Service', 'Publicist', $5, $6, $7, 'Staff', now(), $8, 'elsewhere', gen_random_uuid()::text)`,
        [network.id, correcting ? v7() : id, volunteer, pick(organizations, seed).id, day(seed), seconds, committee.userId, correcting],
      );
    await record(null, 3600 + seed);
    if (seed % 3 === 0) await record(id, seed % 5000);
  },
  need: (seed) =>
    sql(`INSERT INTO needs (network_id, id, title, description, category, status, raised_by, raised_at, moved_at) VALUES ($1, $2, 'Need', '', 'CULTURE', $3, $4, $5, now())`, [
      network.id, v7(), pick(NEEDED, seed), committee.userId, `${day(seed)}T15:59:59Z`,
    ]).catch(ignoreIncomplete),
  settle: (seed) =>
    sql(`UPDATE needs SET status = $3 WHERE network_id = $1 AND id IN (SELECT id FROM needs WHERE network_id = $1 ORDER BY id OFFSET $2 LIMIT 2)`, [network.id, seed % 4, pick(NEEDED, seed >> 2)]).catch(ignoreIncomplete),
  fold: () => foldStatistics(api.app.platform),
};

/** A status may ask for more than these rows have; what is refused is not counted either. */
function ignoreIncomplete(error: unknown): void {
  if ((error as { code?: string }).code !== '23514') throw error;
}

const FIGURES = `query ($period: DateRangeInput) { network { statistics(period: $period) { bookedHours activities activeVolunteers serviceHours pointsIssued pointsRedeemed needsOpen needsResolved averageRating
  byOrganization { organization { id } sharedHours usedHours activities serviceHours } byMonth { month bookedHours activities serviceHours } } } }`;

/** The same from the tables, as the committee may see it: days are those of Shanghai. */
async function recomputed(from: string, to: string) {
  const HELDS = `('CONFIRMED','IN_USE','COMPLETED','NO_SHOW')`;
  const local = (column: string) => `(${column} AT TIME ZONE 'Asia/Shanghai')::date BETWEEN $2 AND $3`;
  const one = async (text: string) => Number((await sql(text, [network.id, from, to]))[0]!.n);
  const hub = organizations[2]!.id;
  // What is booked of a private resource, its two parties see alone: the committee as far as its own hub is one.
  const hours = (mine: string, more = 'true') =>
    one(`SELECT coalesce(sum(extract(epoch FROM ends_at - starts_at) / 3600 * quantity), 0) AS n FROM bookings
      WHERE network_id = $1 AND status IN ${HELDS} AND (NOT is_private OR ${mine} = '${hub}') AND ${more} AND ${local('starts_at')}`);
  return {
    bookedHours: await hours('organization_id'),
    used: await hours('organization_id', 'organization_id <> owner_id'),
    shared: await hours('owner_id', 'organization_id <> owner_id'),
    activities: await one(`SELECT count(*) AS n FROM activities WHERE network_id = $1 AND status IN ('OPEN','IN_PROGRESS','COMPLETED','CLOSED') AND ${local('starts_at')}`),
    serviceHours: await one(`SELECT coalesce(sum(r.seconds), 0) / 3600.0 AS n FROM service_records r WHERE network_id = $1 AND service_date BETWEEN $2 AND $3
      AND NOT EXISTS (SELECT FROM service_records c WHERE c.corrects_id = r.id)`),
    needsOpen: await one(`SELECT count(*) AS n FROM needs WHERE network_id = $1 AND status IN ('SUBMITTED','ACCEPTED','PLANNED','REOPENED') AND ${local('raised_at')}`),
    needsResolved: await one(`SELECT count(*) AS n FROM needs WHERE network_id = $1 AND status = 'RESOLVED' AND ${local('raised_at')}`),
  };
}

test('after any operations the figures equal a count over the tables', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom(...Object.keys(operations)), fc.nat(100_000)), { minLength: OPERATIONS / 2, maxLength: OPERATIONS }), async (steps) => {
      await begin();
      for (const [name, seed] of steps) await operations[name]!(seed);
      for (const period of [{ from: '2026-01-01', to: '2026-12-31' }, { from: '2026-02-12', to: '2026-04-15' }]) {
        const { statistics } = (await api.must(FIGURES, { period }, committee)).network;
        const { used, shared, ...plain } = await recomputed(period.from, period.to);
        for (const [name, value] of Object.entries(plain)) expect([name, statistics[name]]).toEqual([name, expect.closeTo(value, 6)]);
        const sum = (rows: Record<string, number>[], name: string) => rows.reduce((total, row) => total + row[name]!, 0);
        for (const name of ['bookedHours', 'activities', 'serviceHours'] as const) expect(sum(statistics.byMonth, name)).toBeCloseTo(plain[name], 6);
        expect(sum(statistics.byOrganization, 'serviceHours')).toBeCloseTo(plain.serviceHours, 6);
        expect(sum(statistics.byOrganization, 'usedHours')).toBeCloseTo(used, 6);
        expect(sum(statistics.byOrganization, 'sharedHours')).toBeCloseTo(shared, 6);
      }
    }),
    { numRuns: RUNS },
  );
});

test('others see their own figures and those of what is open to them', async () => {
  await begin();
  await operations.hold!(2);
  await operations.hold!(3);
  await operations.serve!(1);
  await operations.book!(0b100_000 * 2 + 14);
  const seenBy = async (person: Person | null) => (await api.must(FIGURES, { period: null }, person, person ? {} : { 'x-network': network.code })).network.statistics;
  expect(await seenBy(outsider)).toMatchObject({ bookedHours: 0, activities: 2, serviceHours: 0, activeVolunteers: 0 });
  expect(await seenBy(await api.world.person(organizations[1]!, 'RESIDENT'))).toMatchObject({ activities: 2, serviceHours: 0 });
  expect(await seenBy(null)).toMatchObject({ bookedHours: 0, activities: 1, serviceHours: 0, activeVolunteers: 0 });
  expect(await seenBy(staff)).toMatchObject({ activities: 2, activeVolunteers: 1 });
  expect(await seenBy(committee)).toMatchObject({ activities: 2, activeVolunteers: 1 });
});

test('the map counts what two have in common', async () => {
  await begin();
  const [first, second] = organizations as [TestOrganization, TestOrganization];
  // Opened, and co-hosted by the second.
  await operations.hold!(2);
  const { map } = (await api.must('{ network { map { links { source { id } target { id } contracts bookings jointActivities } } } }', {}, committee)).network;
  const ends = [first.globalId, second.globalId].sort();
  const link = map.links.find(({ source, target }: any) => JSON.stringify([source.id, target.id].sort()) === JSON.stringify(ends));
  expect(link).toMatchObject({ contracts: 0, bookings: 0, jointActivities: 1 });
});
