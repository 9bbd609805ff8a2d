import { newId, toGlobalId } from './built.ts';
import type { Asker } from './database.ts';

/** Who books. */
export type Booking = Pick<Asker, 'userId' | 'networkId' | 'organizationId'>;

/** A booking that is asked for, in the words of the floor. */
export interface Wish {
  resource: string;
  start: string;
  end: string;
  key: string;
}

export const BOOK = `mutation Book($input: BookResourceInput!) {
  bookResource(input: $input) { booking { id status quantity cancelUntil version } userErrors { code path message } }
}`;

/** The same booking in the words of the API. */
export const inputOf = ({ resource, start, end, key }: Wish): object => ({ resource: toGlobalId('Resource', resource), range: { start, end }, quantity: 1, purpose: 'bench', idempotencyKey: key });

/** The time zone of the network that is measured. */
const TIME_ZONE = 'Asia/Shanghai';

/** A statement by hand: prepared once a connection. */
interface Prepared {
  name: string;
  text: string;
  values: unknown[];
}

/**
 * What the API's own bookResource asks of the database, sent by hand in as few goes as can be: the first finds out whether
 * it may be, the second does it.
 */
export function statementsOf(session: (string | null)[], { userId, networkId, organizationId }: Booking, { resource, start, end, key }: Wish): { checks: Prepared[]; does: (found: Found) => Prepared[]; id: string } {
  const now = new Date();
  const id = newId(now);
  const begin = { name: 'begin-session', text: 'SELECT * FROM app.begin_session($1, $2, $3, $4, $5, $6)', values: session };
  return {
    id,
    checks: [
      { name: 'begin', text: 'BEGIN', values: [] },
      begin,
      {
        name: 'key',
        text: `INSERT INTO idempotency_keys (network_id, user_id, key, input_hash, created_at) VALUES ($1, $2, $3, sha256(convert_to($4, 'UTF8')), $5)
          ON CONFLICT (network_id, user_id, key) DO NOTHING RETURNING key`,
        values: [networkId, userId, key, `${resource} ${start} ${end}`, now],
      },
      { name: 'readable', text: 'SELECT id FROM resources WHERE network_id = app.network_id() AND id = $1', values: [resource] },
      { name: 'door', text: 'SELECT * FROM app.begin_door($1, $2, $3, $4)', values: [networkId, 'bookings', userId, null] },
      { name: 'hold', text: 'SELECT app.hold_resources($1)', values: [[resource]] },
      { name: 'bookable', text: 'SELECT * FROM app.bookable($1, $2, $3, tstzrange($4, $5), $6)', values: [[resource], [1], organizationId, start, end, TIME_ZONE] },
      {
        name: 'taken',
        text: 'SELECT id, booking_id, units, period, is_request FROM occupations WHERE network_id = app.network_id() AND resource_id = $1 AND period && tstzrange($2, $3)',
        values: [resource, start, end],
      },
    ],
    does: ({ userName, name, ownerId }) => [
      {
        name: 'book',
        text: `WITH booked AS (
            INSERT INTO bookings (network_id, id, resource_id, resource_name, owner_id, organization_id, booker_id, is_counted, request_id, quantity, starts_at, ends_at,
              buffer, cancel_until, status, priority, is_private, created_at)
            VALUES (app.network_id(), $1, $2, $3, $4, $5, $6, true, $1, 1, $7, $8, interval '0', $7, 'CONFIRMED', 0, false, $9))
          INSERT INTO booking_details (network_id, booking_id, owner_id, organization_id, booker_id, booker_name, purpose)
          VALUES (app.network_id(), $1, $4, $5, $6, $10, 'bench')`,
        values: [id, resource, name, ownerId, organizationId, userId, start, end, now, userName],
      },
      {
        name: 'occupy',
        text: 'INSERT INTO occupations (network_id, resource_id, booking_id, units, period, is_request) VALUES (app.network_id(), $1, $2, int4range(1, 2), tstzrange($3, $4), false)',
        values: [resource, id, start, end],
      },
      {
        name: 'step',
        text: `INSERT INTO state_changes (network_id, id, subject_type, subject_id, at, from_status, to_status, actor_user_id, actor_name, actor_organization_id, note, audience)
          VALUES (app.network_id(), $1, 'Booking', $2, $3, NULL, 'CONFIRMED', $4, $5, $6, NULL, $7)`,
        values: [newId(now), id, now, userId, userName, organizationId, [organizationId, ownerId, userId]],
      },
      begin,
      { name: 'result', text: 'UPDATE idempotency_keys SET result = $4 WHERE network_id = $1 AND user_id = $2 AND key = $3', values: [networkId, userId, key, JSON.stringify({ id })] },
      { name: 'booking', text: 'SELECT id, status, quantity, cancel_until, version FROM bookings WHERE network_id = app.network_id() AND id = $1', values: [id] },
      {
        name: 'note',
        text: 'SELECT app.append_events($1), app.append_audit($2)',
        values: [
          JSON.stringify([{
            kind: 'BOOKING_CHANGED', action: 'booking.book', subjectType: 'Booking', subjectId: id, audience: [organizationId, ownerId], id: newId(now), committee: false,
            people: [userId], refs: { resource, organization: organizationId, owner: ownerId }, data: { resource: name, start, end }, notice: 'booking.book', by: null,
          }]),
          JSON.stringify([{
            id: newId(now), action: 'booking.book', subjectType: 'Booking', subjectId: id, organizationIds: [organizationId, ownerId],
            changes: JSON.stringify({ status: [null, 'CONFIRMED'], start: [null, start], end: [null, end], quantity: [null, 1] }),
          }]),
        ],
      },
      { name: 'commit', text: 'COMMIT', values: [] },
    ],
  };
}

/** What the checks have found. */
export interface Found {
  userName: string;
  name: string;
  ownerId: string;
}
