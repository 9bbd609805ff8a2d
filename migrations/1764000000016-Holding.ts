import type { MigrationInterface, QueryRunner } from 'typeorm';

const OPEN = `('WAITLISTED','REQUESTED','CONFIRMED')`;

/** In which order bookings hold what they need, so that no two wait for each other; and flags found by what is not in force. */
export class Holding1764000000016 implements MigrationInterface {
  public async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX resources_requiring ON resources USING gin (requires_ids) WHERE requires_ids <> '{}';

      -- Resources and all that is bound to them over whatever steps, by requiring or being required: a place that frees of one
      -- of them may go to whoever waits for another.
      CREATE FUNCTION app.bound_together(p_network uuid, p_resources uuid[]) RETURNS uuid[] LANGUAGE plpgsql STABLE
        SET plan_cache_mode = force_generic_plan AS $$
      DECLARE
        known uuid[] := p_resources;
        further uuid[] := p_resources;
      BEGIN
        LOOP
          further := ARRAY(
            SELECT DISTINCT other FROM (
              SELECT unnest(r.requires_ids) AS other FROM resources r WHERE r.network_id = p_network AND r.id = ANY (further)
              UNION ALL
              SELECT r.id FROM resources r WHERE r.network_id = p_network AND r.requires_ids && further AND r.requires_ids <> '{}') bound
            WHERE other <> ALL (known));
          EXIT WHEN further = '{}';
          known := known || further;
        END LOOP;
        RETURN known;
      END $$;

      -- Door: holds resources with all that is bound to them until the commit, in one order everywhere, whether the session
      -- may read them or not.
      CREATE FUNCTION app.hold_resources(p_resources uuid[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
      BEGIN
        PERFORM pg_advisory_xact_lock(hashtextextended('bookings:' || held.id, 0)) FROM (
          SELECT DISTINCT id::text FROM unnest(app.bound_together(app.network_id(), p_resources)) AS id ORDER BY 1) held;
      END $$;

      -- Door: holds what is used of quotas until the commit, in one order everywhere and after the resources: of the clauses
      -- named, of the grants of these resources to organizations and to whoever waits for one of them, and of overdue requests.
      CREATE FUNCTION app.hold_quotas(p_resources uuid[], p_organizations uuid[], p_clauses uuid[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
      DECLARE
        here uuid := app.network_id();
        bound uuid[] := app.bound_together(here, p_resources);
        concerned uuid[] := p_organizations || ARRAY(
          SELECT b.organization_id FROM bookings b WHERE b.network_id = here AND b.status = 'WAITLISTED' AND b.awaits && bound AND b.starts_at > app.now());
      BEGIN
        PERFORM pg_advisory_xact_lock(hashtextextended('quota:' || held.id, 0)) FROM (
          SELECT DISTINCT clause::text AS id FROM (
            SELECT unnest(p_clauses) AS clause
            UNION ALL
            SELECT l.id FROM resources r JOIN contract_clauses l ON l.network_id = r.network_id AND l.id = ANY (r.granted_by)
              JOIN contract_clause_beneficiaries g ON g.network_id = l.network_id AND g.clause_id = l.id
              WHERE r.network_id = here AND r.id = ANY (bound) AND l.quota_per_month IS NOT NULL AND g.organization_id = ANY (concerned)
            UNION ALL
            SELECT b.clause_id FROM bookings b WHERE b.network_id = here AND b.status = 'REQUESTED'
              AND b.starts_at <= app.now() AND b.resource_id = ANY (bound) AND b.clause_id IS NOT NULL) used
          ORDER BY 1) held;
      END $$;

      -- The coming bookings of a network whose flag does not say whether what they were made by is in force; p_subject: only
      -- those that this contract or organization can have changed. Nothing but what is not in force, and what is flagged, is looked at.
      CREATE FUNCTION app.flags_due(p_network uuid, p_now timestamptz, p_today date, p_subject uuid) RETURNS TABLE (id uuid, in_force boolean)
        LANGUAGE sql STABLE AS $$
        SELECT b.id, false FROM contracts c JOIN bookings b ON b.network_id = c.network_id AND b.contract_id = c.id
          WHERE c.network_id = p_network AND (p_subject IS NULL OR c.id = p_subject)
            AND app.contract_status(c.status, c.term_from, c.ends_on, p_today) <> 'ACTIVE'
            AND b.status IN ${OPEN} AND b.starts_at > p_now AND b.flagged_at IS NULL
        UNION
        SELECT b.id, false FROM organizations o JOIN bookings b ON b.network_id = o.network_id AND b.readers && ARRAY[o.id]
          WHERE o.network_id = p_network AND (p_subject IS NULL OR o.id = p_subject) AND o.status <> 'ACTIVE'
            AND o.id IN (b.organization_id, b.owner_id) AND b.status IN ${OPEN} AND b.starts_at > p_now AND b.flagged_at IS NULL
        UNION
        SELECT b.id, true FROM bookings b
          WHERE b.network_id = p_network AND b.release_at IS NOT NULL AND (p_subject IS NULL OR p_subject IN (b.contract_id, b.organization_id, b.owner_id))
            AND b.status IN ${OPEN} AND b.starts_at > p_now AND b.flagged_at IS NOT NULL
            AND app.booking_in_force(b.network_id, b.contract_id, b.organization_id, b.owner_id, p_today) $$;

      DROP FUNCTION app.bookings_to_flag;
      -- Door: those of the session's network, with the term after which each is given up.
      CREATE FUNCTION app.bookings_to_flag(p_most integer, p_subject uuid) RETURNS TABLE (id uuid, resource_id uuid, organization_id uuid, clause_id uuid, in_force boolean, release interval)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
        SELECT b.id, b.resource_id, b.organization_id, b.clause_id, d.in_force, coalesce((SELECT c.booking_release FROM contracts c
            WHERE c.network_id = b.network_id AND c.id = b.contract_id), interval 'P7D')
        FROM app.flags_due(app.network_id(), app.now(), app.today(), p_subject) d
          JOIN bookings b ON b.network_id = app.network_id() AND b.id = d.id
        WHERE app.door('bookings') = ANY (app.principals())
        ORDER BY b.starts_at, b.id LIMIT p_most $$;

      -- As it was, but looking at each network by its own indexes.
      CREATE OR REPLACE FUNCTION app.networks_with_due_bookings(p_now timestamptz) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
        SELECT n.id FROM networks n CROSS JOIN LATERAL (SELECT coalesce(p_now, now()) AS instant) i
        WHERE EXISTS (SELECT FROM bookings b WHERE b.network_id = n.id AND b.status IN ${OPEN} AND b.starts_at <= i.instant
            AND app.booking_status(b.status, b.starts_at, b.ends_at, i.instant) <> b.status)
          OR EXISTS (SELECT FROM bookings b WHERE b.network_id = n.id AND b.status IN ${OPEN} AND b.release_at <= i.instant)
          OR EXISTS (SELECT FROM app.flags_due(n.id, i.instant, (i.instant AT TIME ZONE n.time_zone)::date, NULL)) $$;

      DO $$
      DECLARE f text;
      BEGIN
        FOREACH f IN ARRAY ARRAY['app.hold_resources', 'app.hold_quotas', 'app.bookings_to_flag'] LOOP
          EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
          EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', f, current_setting('youth.application_role'));
        END LOOP;
      END $$;

      -- Two transactions that are the first to use the same queues would wait for each other.
      INSERT INTO graphile_worker._private_tasks (identifier) VALUES ('event') ON CONFLICT DO NOTHING;
      INSERT INTO graphile_worker._private_job_queues (queue_name) SELECT 'events-' || n FROM generate_series(0, 31) AS n ON CONFLICT DO NOTHING;
    `);
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE OR REPLACE FUNCTION app.networks_with_due_bookings(p_now timestamptz) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
        SELECT DISTINCT b.network_id FROM bookings b JOIN networks n ON n.id = b.network_id
          CROSS JOIN LATERAL (SELECT coalesce(p_now, now()) AS instant) i
        WHERE b.status IN ${OPEN} AND (
          b.starts_at <= instant AND app.booking_status(b.status, b.starts_at, b.ends_at, instant) <> b.status
          OR b.release_at <= instant
          OR b.starts_at > instant AND app.booking_in_force(b.network_id, b.contract_id, b.organization_id, b.owner_id,
            (instant AT TIME ZONE n.time_zone)::date) = (b.flagged_at IS NOT NULL)) $$;
      DROP FUNCTION app.bookings_to_flag, app.flags_due, app.hold_quotas, app.hold_resources, app.bound_together;
      CREATE FUNCTION app.bookings_to_flag(p_most integer) RETURNS TABLE (id uuid, in_force boolean, release interval) LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
        SELECT b.id, b.flagged_at IS NOT NULL, coalesce((SELECT c.booking_release FROM contracts c
            WHERE c.network_id = b.network_id AND c.id = b.contract_id), interval 'P7D')
        FROM bookings b WHERE b.network_id = app.network_id() AND b.status IN ${OPEN} AND b.starts_at > app.now()
          AND app.booking_in_force(b.network_id, b.contract_id, b.organization_id, b.owner_id, app.today()) = (b.flagged_at IS NOT NULL)
          AND app.door('bookings') = ANY (app.principals())
        ORDER BY b.starts_at, b.id LIMIT p_most $$;
      REVOKE EXECUTE ON FUNCTION app.bookings_to_flag FROM PUBLIC;
      DO $$ BEGIN
        EXECUTE format('GRANT EXECUTE ON FUNCTION app.bookings_to_flag TO %I', current_setting('youth.application_role'));
      END $$;
      DROP INDEX resources_requiring;
    `);
  }
}
