import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a grant promised and what came of it, by month, for whoever may read the contract. */
export class Fulfilment1764000000013 implements MigrationInterface {
  public async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX bookings_by_clause ON bookings (network_id, clause_id, starts_at) WHERE clause_id IS NOT NULL;

      -- Door: the hours of the grants of contracts that the session may read, by month of a period. A party to a contract
      -- of several reads what came of each of its grants, though not the bookings of the others.
      CREATE FUNCTION app.fulfilment_of(p_contracts uuid[], p_from date, p_to date)
        RETURNS TABLE (contract_id uuid, clause_id uuid, first_day date, last_day date, promised double precision, delivered double precision, used double precision)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        WITH contract AS (
          SELECT t.id, t.network_id, n.time_zone, t.term_from,
            LEAST(t.ends_on, (SELECT (max(s.at) AT TIME ZONE n.time_zone)::date FROM state_changes s
              WHERE s.network_id = t.network_id AND s.subject_id = t.id AND s.to_status = 'TERMINATED')) AS last_day
          FROM contracts t JOIN networks n ON n.id = t.network_id
          WHERE t.network_id = app.network_id() AND t.id = ANY (p_contracts) AND t.readers && app.principals()
        ), part AS (
          SELECT c.*, l.id AS clause_id, l.ordinal, l.quota_per_month, month::date AS month,
            GREATEST(month::date, p_from, c.term_from) AS first,
            LEAST((month + interval '1 month')::date - 1, p_to, c.last_day) AS last
          FROM contract c
            JOIN contract_clauses l ON l.network_id = c.network_id AND l.contract_id = c.id AND l.kind = 'RESOURCE_GRANT'
            CROSS JOIN generate_series(date_trunc('month', p_from::timestamp), p_to::timestamp, interval '1 month') AS month
        )
        SELECT p.id, p.clause_id, p.first, p.last,
          -- A month that is in the period or the term in part is promised in that part.
          extract(epoch FROM p.quota_per_month) / 3600.0 * (p.last - p.first + 1) / extract(day FROM p.month + interval '1 month' - interval '1 day'),
          coalesce(h.delivered, 0) / 3600.0, coalesce(h.used, 0) / 3600.0
        FROM part p
          CROSS JOIN LATERAL (SELECT tstzrange(p.first::timestamp AT TIME ZONE p.time_zone, (p.last + 1)::timestamp AT TIME ZONE p.time_zone) AS days) d
          LEFT JOIN LATERAL (
            SELECT sum(seconds) AS delivered, sum(seconds) FILTER (WHERE status IN ('IN_USE','COMPLETED')) AS used FROM (
              SELECT app.booking_status(b.status, b.starts_at, b.ends_at, app.now()) AS status,
                b.quantity * extract(epoch FROM LEAST(b.ends_at, upper(d.days)) - GREATEST(b.starts_at, lower(d.days))) AS seconds
              FROM bookings b
              WHERE b.network_id = p.network_id AND b.clause_id = p.clause_id AND b.is_counted
                AND b.starts_at < upper(d.days) AND b.ends_at > lower(d.days)
            ) booked WHERE status IN ('CONFIRMED','IN_USE','COMPLETED','NO_SHOW')
          ) h ON true
        WHERE p.first <= p.last
        ORDER BY p.id, p.ordinal, p.month $$;
      REVOKE EXECUTE ON FUNCTION app.fulfilment_of FROM PUBLIC;
      DO $$ BEGIN
        EXECUTE format('GRANT EXECUTE ON FUNCTION app.fulfilment_of TO %I', current_setting('youth.application_role'));
      END $$;
    `);
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION app.fulfilment_of;
      DROP INDEX bookings_by_clause;
    `);
  }
}
