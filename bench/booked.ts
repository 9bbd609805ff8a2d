import type { Client } from 'pg';
import type { Booked } from './database.ts';

/** How many resources there are in a database of bookings. */
export const BOOKED_RESOURCES = 10_000;
/** How many of them are booked while it is measured; one after the other, so that no two requests meet. */
const BOOKABLE = 50;
/** The others. */
const EVEN = BOOKED_RESOURCES - BOOKABLE - 2;

export type BusyName = 'few' | 'many';
/** In the month that availability is asked for. */
const BUSY: Readonly<Record<BusyName, number>> = { few: 10, many: 1_000 };
/** When that month begins: what availability and free time are asked of lies ahead. */
export const BUSY_FROM_DAYS = 10;
export const BUSY_DAYS = 31;

const BOOKER = `SELECT m.network_id, m.organization_id, m.user_id FROM memberships m JOIN users u ON u.id = m.user_id
  WHERE u.email = 'zheng-university-a.2@resources-${BOOKED_RESOURCES}.example'`;
/** Resources that can be made alike but for their bookings, told apart by their place. */
const SHARED = `SELECT id, owner_id, name, row_number() OVER (ORDER BY id) AS nth FROM resources
  WHERE sharing <> 'PRIVATE' AND status = 'AVAILABLE' AND owner_status = 'ACTIVE' AND requires_ids = '{}' AND owner_id <> (SELECT organization_id FROM booker)`;

/** Bookings of one hour, given by resource and start, with what belongs to them. */
const insert = (booked: string): string => `
  WITH booker AS (${BOOKER}),
    booked AS MATERIALIZED (SELECT gen_random_uuid() AS id, of.resource_id, of.starts_at, of.starts_at + of.lasts AS ends_at FROM (${booked}) of),
    row AS (
      INSERT INTO bookings (network_id, id, resource_id, resource_name, owner_id, organization_id, booker_id, is_counted, request_id, quantity, starts_at, ends_at,
        buffer, cancel_until, status, priority, checked_out_at, is_private, created_at)
      SELECT booker.network_id, b.id, r.id, r.name, r.owner_id, booker.organization_id, booker.user_id, false, b.id, 1, b.starts_at, b.ends_at,
        interval '0', b.starts_at, CASE WHEN b.starts_at < now() THEN 'COMPLETED' ELSE 'CONFIRMED' END, 0, CASE WHEN b.starts_at < now() THEN b.starts_at END, false, now() - interval '1 year'
      FROM booker CROSS JOIN booked b JOIN resources r ON r.network_id = booker.network_id AND r.id = b.resource_id
      RETURNING network_id, id, owner_id, organization_id, booker_id, resource_id, during),
    details AS (
      INSERT INTO booking_details (network_id, booking_id, owner_id, organization_id, booker_id, booker_name, purpose)
      SELECT network_id, id, owner_id, organization_id, booker_id, '示例', '示例' FROM row)
  INSERT INTO occupations (network_id, resource_id, booking_id, units, period, is_request)
  SELECT network_id, resource_id, id, int4range(1, 2), during, false FROM row`;

/** Books hours evenly over a year, half of it past, of all resources; and the busy ones besides. */
export async function fillBookings(client: Client, bookings: number, log: (line: string) => void): Promise<void> {
  const started = performance.now();
  await client.query(`CREATE TABLE bench_resources AS WITH booker AS (${BOOKER}) ${SHARED}`);
  await client.query(`
    UPDATE resources SET sharing = 'NETWORK', opening_hours = '[]', position_id = NULL, booking_minimum = 'PT15M', booking_maximum = 'P1D', booking_lead_time = 'PT0S', booking_horizon = 'P9999D',
      booking_buffer = 'PT0S', booking_requires_approval = false, quantity = 1
    WHERE id IN (SELECT id FROM bench_resources WHERE nth <= ${BOOKABLE + 2})`);
  // What is booked here fits together; checking each row would take as long as making it.
  await client.query('SET session_replication_role = replica');
  for (const [place, [, count]] of Object.entries(BUSY).entries()) {
    await client.query(
      insert(`SELECT r.id AS resource_id, date_trunc('day', now()) + interval '${BUSY_FROM_DAYS} days' + n * interval '${BUSY_DAYS} days' / ${count} AS starts_at, interval '30 minutes' AS lasts
        FROM bench_resources r, generate_series(0, ${count - 1}) AS n WHERE r.nth = ${BOOKABLE + 1 + place}`),
    );
  }
  await client.query(
    insert(`SELECT r.id AS resource_id, date_trunc('day', now()) - interval '180 days' + r.nth % 24 * interval '1 hour' + r.nth % 7 * interval '1 day'
          + (n / ${EVEN}) * interval '350 days' / (1 + ${bookings} / ${EVEN}) AS starts_at, interval '1 hour' AS lasts
      FROM generate_series(0, ${bookings - 1}) AS n
        JOIN (SELECT id, row_number() OVER (ORDER BY id) AS nth FROM resources WHERE id NOT IN (SELECT id FROM bench_resources WHERE nth <= ${BOOKABLE + 2})) r
          ON r.nth = 1 + n % ${EVEN}`),
  );
  await client.query('SET session_replication_role = origin');
  await client.query('ANALYZE');
  log(`${bookings} bookings made in ${((performance.now() - started) / 1000).toFixed(0)} s`);
}

/** What of a database of bookings is asked for. */
export async function bookedIn(client: Client): Promise<Pick<Booked, 'bookable' | 'free' | 'busy'>> {
  const { rows } = await client.query<{ id: string; nth: string }>(`SELECT id, nth FROM bench_resources WHERE nth <= ${BOOKABLE + 2} ORDER BY nth`);
  const ids = rows.map(({ id }) => id);
  const bookable = ids.slice(0, BOOKABLE);
  const { rows: [last] } = await client.query<{ free: Date }>(
    `SELECT date_trunc('day', greatest(now() + interval '400 days', max(upper(period)))) + interval '1 day' AS free FROM occupations WHERE resource_id = ANY($1)`,
    [bookable],
  );
  const [few, many] = ids.slice(BOOKABLE) as [string, string];
  return { bookable, free: last!.free, busy: { few: { id: few, bookings: BUSY.few }, many: { id: many, bookings: BUSY.many } } };
}
