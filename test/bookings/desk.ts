import { v7 } from 'uuid';
import { toGlobalId } from '../../src/platform/ids';
import { Agreements, uuidOf, type Refused } from '../contracts/agreements';
import type { TestApi } from '../support/api';
import type { Person, TestOrganization } from '../support/world';

/** What tests read of a booking. */
export const BOOKING = `id status version quantity priority flagged releaseAt cancelUntil checkedOutAt checkedInAt purpose waitlistPlace viewerCan
  bookedBy { displayName organization { id } } resource { id name } organization { id } range { start end } contract { id } clause { id }
  bookedAlong { id status resource { name } quantity } bookedWith { id } history { from to note by { displayName } }`;

export interface BookingView {
  id: string;
  status: string;
  version: number;
  quantity: number;
  priority: number;
  flagged: boolean;
  releaseAt: string | null;
  cancelUntil: string;
  checkedOutAt: string | null;
  checkedInAt: string | null;
  purpose: string | null;
  waitlistPlace: number | null;
  viewerCan: string[];
  bookedBy: { displayName: string; organization: { id: string } } | null;
  resource: { id: string; name: string };
  organization: { id: string };
  range: { start: string; end: string };
  contract: { id: string } | null;
  clause: { id: string } | null;
  bookedAlong: { id: string; status: string; resource: { name: string }; quantity: number }[];
  bookedWith: { id: string } | null;
  history: { from: string | null; to: string; note: string | null; by: { displayName: string } | null }[];
}

/** The terms of a resource that a test makes; what is not named is as good as no terms. */
export interface Terms {
  sharing?: string;
  status?: string;
  quantity?: number;
  minimum?: string;
  maximum?: string;
  leadTime?: string;
  horizon?: string;
  buffer?: string;
  requiresApproval?: boolean;
  cancellationDeadline?: string;
  openingHours?: object[];
  requires?: string[];
  position?: string;
}

/** The instant that most tests begin at: a Wednesday, 10 in the morning in Shanghai. */
export const NOW = '2026-06-10T02:00:00.000Z';

/** A time on a day of June 2026, by the clock of Shanghai. */
export const at = (day: number, time: string): string =>
  new Date(Date.UTC(2026, 5, day, Number(time.slice(0, 2)) - 8, Number(time.slice(3, 5)))).toISOString();
export const range = (day: number, from: string, to: string) => ({ start: at(day, from), end: at(day, to) });

/** The members of a network who book each other's resources. */
export class Desk {
  private constructor(
    readonly api: TestApi,
    readonly agreements: Agreements,
  ) {}

  static async begin(api: TestApi, code?: string): Promise<Desk> {
    return new Desk(api, await Agreements.begin(api, code));
  }

  get a(): TestOrganization {
    return this.agreements.a;
  }
  get b(): TestOrganization {
    return this.agreements.b;
  }
  get ada(): Person {
    return this.agreements.ada;
  }
  /** Staff of B. */
  get bea(): Person {
    return this.agreements.bea;
  }
  get ben(): Person {
    return this.agreements.ben;
  }
  get otto(): Person {
    return this.agreements.otto;
  }
  get committee(): Person {
    return this.agreements.committee;
  }

  /** A resource put in behind the API's back. @returns its global id */
  async resource(name: string, terms: Terms = {}, owner = this.a): Promise<string> {
    const id = v7();
    await this.api.database.sql(
      `INSERT INTO resources (network_id, id, owner_id, owner_status, name, kind, sharing, status, quantity, requires_ids, position_id, booking_minimum, booking_maximum,
         booking_lead_time, booking_horizon, booking_buffer, booking_requires_approval, booking_cancellation_deadline, opening_hours, created_at)
       VALUES ($1, $2, $3, 'ACTIVE', $4, 'VENUE', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, now())`,
      [
        owner.network.id, id, owner.id, name, terms.sharing ?? 'NETWORK', terms.status ?? 'AVAILABLE', terms.quantity ?? 1,
        (terms.requires ?? []).map(uuidOf), terms.position ?? null, terms.minimum ?? 'PT1M', terms.maximum ?? 'P366D', terms.leadTime ?? 'PT0S', terms.horizon ?? 'P400D',
        terms.buffer ?? 'PT0S', terms.requiresApproval ?? false, terms.cancellationDeadline ?? 'PT0S', JSON.stringify(terms.openingHours ?? []),
      ],
    );
    return toGlobalId('Resource', id);
  }

  /** A contract in force by which A grants resources to B, or to others. @returns the ids of contract and clauses */
  async grant(resources: string[], clauses: object[] = [{}], to: TestOrganization[] = [this.b], more: Record<string, unknown> = {}) {
    const { agreements } = this;
    const people = new Map([[agreements.b.id, agreements.ben], [agreements.outsider.id, agreements.otto], [agreements.hub.id, agreements.committee]]);
    const proposed = await agreements.proposed({
      parties: [this.a.globalId, ...to.map(({ globalId }) => globalId)],
      clauses: clauses.map((clause) => agreements.grant(this.a, resources, to, clause)),
      ...more,
    });
    await agreements.sign(proposed, this.ada);
    for (const { id } of to) await agreements.sign(proposed, people.get(id)!);
    return { contract: proposed.id, clauses: proposed.clauses.map(({ id }) => id) as [string, ...string[]] };
  }

  /** Calls a verb that must succeed. */
  async done(verb: string, input: Record<string, unknown>, as: Person): Promise<BookingView> {
    return (await this.api.done(verb, input, as, `booking { ${BOOKING} }`)).booking as BookingView;
  }

  /** Calls a verb that must be refused. */
  async refused(verb: string, input: Record<string, unknown>, as: Person, language = 'en'): Promise<Refused[]> {
    const payload = await this.api.mutate(verb, input, as, '', { 'accept-language': language });
    if (!payload.userErrors.length) throw new Error(`${verb} was not refused`);
    return payload.userErrors as Refused[];
  }

  book(resource: string, when: { start: string; end: string }, as: Person = this.bea, more: Record<string, unknown> = {}): Promise<BookingView> {
    return this.done('bookResource', { resource, range: when, ...more }, as);
  }

  wait(resource: string, when: { start: string; end: string }, as: Person = this.bea, more: Record<string, unknown> = {}): Promise<BookingView> {
    return this.done('joinWaitlist', { resource, range: when, ...more }, as);
  }

  /** The codes with which a booking is refused; none when it is not. */
  async codes(resource: string, when: { start: string; end: string }, as: Person = this.bea, more: Record<string, unknown> = {}): Promise<string[]> {
    const { userErrors } = await this.api.mutate('bookResource', { resource, range: when, ...more }, as);
    return (userErrors as Refused[]).map(({ code }) => code);
  }

  move(verb: string, { id, version }: Pick<BookingView, 'id' | 'version'>, as: Person, more: Record<string, unknown> = {}): Promise<BookingView> {
    return this.done(verb, { id, version, ...more }, as);
  }

  /** A booking as somebody sees it; null when not at all. */
  async read(id: string, as: Person): Promise<BookingView | null> {
    return (await this.api.must(`query ($id: ID!) { node(id: $id) { ... on Booking { ${BOOKING} } } }`, { id }, as)).node as BookingView | null;
  }

  /** Everything that is written down of bookings and their history, as the database has it. */
  async rows(): Promise<unknown> {
    const rows: unknown[] = [];
    for (const table of ['bookings', 'booking_details', 'occupations', 'clause_usage', 'resource_blocks', 'state_changes', 'audit_entries']) {
      rows.push(await this.api.database.sql(`SELECT t::text FROM ${table} t WHERE network_id = $1 ORDER BY 1`, [this.a.network.id]));
    }
    return rows;
  }

  /** What the quota of a clause has been used by month, in hours. */
  async used(clause: string): Promise<Record<string, number>> {
    const rows = await this.api.database.sql<{ month: string; hours: number }>(
      'SELECT month::text, used_seconds / 3600.0 AS hours FROM clause_usage WHERE clause_id = $1 AND used_seconds > 0 ORDER BY month',
      [uuidOf(clause)],
    );
    return Object.fromEntries(rows.map(({ month, hours }) => [month, Number(hours)]));
  }
}

/** Everything that must never be, read from the tables alone: nothing of it when all is well. */
export async function overruns({ database }: TestApi): Promise<unknown[]> {
  return database.sql(`
    WITH held AS (
      SELECT b.*, b.starts_at AS s, b.ends_at + b.buffer AS e FROM bookings b WHERE b.status IN ('REQUESTED','CONFIRMED','IN_USE')
    ), months AS (
      SELECT h.clause_id, h.id, h.quantity, m AS month,
        GREATEST(h.starts_at, m AT TIME ZONE n.time_zone) AS s, LEAST(h.ends_at, (m + interval '1 month') AT TIME ZONE n.time_zone) AS e
      FROM bookings h JOIN networks n ON n.id = h.network_id
        CROSS JOIN LATERAL generate_series(date_trunc('month', h.starts_at AT TIME ZONE n.time_zone), h.ends_at AT TIME ZONE n.time_zone, interval '1 month') AS m
      WHERE h.clause_id IS NOT NULL AND h.parent_id IS NULL AND h.status IN ('REQUESTED','CONFIRMED','IN_USE','COMPLETED','NO_SHOW')
    )
    SELECT 'more than there is' AS fault, p.id::text AS what FROM held p JOIN resources r ON r.id = p.resource_id
      WHERE (SELECT sum(h.quantity) FROM held h WHERE h.resource_id = p.resource_id AND h.s <= p.s AND h.e > p.s) > r.quantity
    UNION ALL
    SELECT 'a unit twice', a.id::text FROM occupations a JOIN occupations b ON b.resource_id = a.resource_id AND b.id > a.id AND a.units && b.units AND a.period && b.period
    UNION ALL
    SELECT 'not as many units as booked', h.id::text FROM held h
      WHERE h.quantity IS DISTINCT FROM (SELECT sum(upper(o.units) - lower(o.units)) FROM occupations o WHERE o.booking_id = h.id)
    UNION ALL
    SELECT 'a unit that there is not', o.id::text FROM occupations o JOIN resources r ON r.id = o.resource_id WHERE o.booking_id IS NOT NULL AND upper(o.units) > r.quantity + 1
    UNION ALL
    SELECT 'held without a reason', o.id::text FROM occupations o JOIN bookings b ON b.id = o.booking_id
      WHERE b.status NOT IN ('REQUESTED','CONFIRMED','IN_USE','COMPLETED','NO_SHOW')
    UNION ALL
    SELECT 'over the quota', u.clause_id::text FROM clause_usage u WHERE u.used_seconds > u.quota_seconds
    UNION ALL
    SELECT 'a quota counted wrongly', l.id::text || ' ' || m.month FROM contract_clauses l JOIN months m ON m.clause_id = l.id
      WHERE l.quota_per_month IS NOT NULL AND m.s < m.e GROUP BY l.id, m.month
      HAVING sum(extract(epoch FROM m.e - m.s) * m.quantity) IS DISTINCT FROM (SELECT u.used_seconds FROM clause_usage u WHERE u.clause_id = l.id AND u.month = m.month)`);
}

/** The bookings that were acknowledged, by what they are for, and are not there, or not once. */
export const lost = ({ database }: TestApi, purposes: readonly string[]): Promise<unknown[]> =>
  database.sql(
    `SELECT purpose FROM unnest($1::text[]) AS purpose WHERE 1 <> (
       SELECT count(*) FROM booking_details d JOIN bookings b ON b.id = d.booking_id WHERE d.purpose = purpose.purpose AND b.parent_id IS NULL)`,
    [[...new Set(purposes)]],
  );

/** How often PostgreSQL has ended a transaction that waited in a circle. */
export async function deadlocks({ database }: TestApi): Promise<number> {
  await database.sql('SELECT pg_stat_force_next_flush()');
  const [row] = await database.sql<{ deadlocks: string }>('SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()');
  return Number(row!.deadlocks);
}
