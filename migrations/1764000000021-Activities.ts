import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the clock does to activities, what was pledged for them, and what was delivered. */
export class Activities1764000000021 implements MigrationInterface {
  public async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- The status at an instant: what the clock says needs no job to be exact.
      CREATE FUNCTION app.activity_status(status text, starts_at timestamptz, at timestamptz) RETURNS text
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT CASE WHEN status = 'OPEN' AND starts_at <= at THEN 'IN_PROGRESS' ELSE status END $$;
      CREATE INDEX activities_to_start ON activities (network_id, starts_at) WHERE status = 'OPEN';

      ALTER TABLE bookings ADD FOREIGN KEY (network_id, activity_id) REFERENCES activities (network_id, id);

      -- Door: which pledges stand, of activities that the session may read: that follows from bookings that it may not.
      CREATE FUNCTION app.standing_pledges(p_activities uuid[]) RETURNS TABLE (activity_id uuid, organization_id uuid, resource_id uuid)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT DISTINCT t.activity_id, t.organization_id, t.resource_id FROM activity_pledges t
          JOIN bookings b ON b.network_id = t.network_id AND b.id = t.booking_id
        WHERE t.network_id = app.network_id() AND t.activity_id = ANY (p_activities) AND t.readers && app.principals()
          AND app.booking_status(b.status, b.starts_at, b.ends_at, app.now()) IN ('REQUESTED','CONFIRMED','IN_USE','COMPLETED') $$;

      -- Door: how long the volunteers of each organization served, of activities that the session may read, as the records
      -- have it that were not corrected since. Whoever reads an activity reads the sums, though not the records.
      CREATE FUNCTION app.delivered_to(p_activities uuid[]) RETURNS TABLE (activity_id uuid, organization_id uuid, seconds bigint)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT t.id, r.organization_id, sum(r.seconds)::bigint FROM activities t
          JOIN service_records r ON r.network_id = t.network_id AND r.activity_id = t.id
        WHERE t.network_id = app.network_id() AND t.id = ANY (p_activities) AND t.readers && app.principals() AND r.organization_id IS NOT NULL
          AND NOT EXISTS (SELECT FROM service_records c WHERE c.network_id = r.network_id AND c.corrects_id = r.id)
        GROUP BY t.id, r.organization_id $$;

      -- Door: the networks in which the clock has moved an activity.
      CREATE FUNCTION app.networks_with_due_activities(p_now timestamptz) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
        SELECT DISTINCT network_id FROM activities WHERE status = 'OPEN' AND starts_at <= coalesce(p_now, now()) $$;

      DO $$
      DECLARE f text;
      BEGIN
        FOREACH f IN ARRAY ARRAY['app.standing_pledges', 'app.delivered_to', 'app.networks_with_due_activities'] LOOP
          EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
          EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', f, current_setting('youth.application_role'));
        END LOOP;
      END $$;
    `);
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION app.networks_with_due_activities, app.delivered_to, app.standing_pledges;
      ALTER TABLE bookings DROP CONSTRAINT bookings_network_id_activity_id_fkey;
      DROP INDEX activities_to_start;
      DROP FUNCTION app.activity_status;
    `);
  }
}
