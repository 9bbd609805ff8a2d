import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What being on duty needs beyond shifts and registrations: the devices that note it without a network, and what they have sent. */
export class Shifts1764000000025 implements MigrationInterface {
  public async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Shifts on which the clock, or a place that stayed free, may move somebody up.
      CREATE INDEX shifts_to_free ON shifts (network_id, reserved_until) WHERE kept > 0;
      CREATE INDEX shifts_with_waiting ON shifts (network_id, starts_at) WHERE waitlisted > 0;

      -- A device of an organizer that notes who comes and goes where there is no network; what it sends is signed by its key.
      CREATE TABLE check_in_devices (
        network_id uuid NOT NULL,
        id uuid NOT NULL,
        activity_id uuid NOT NULL,
        host_id uuid NOT NULL,
        name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
        -- The public half, as a JWK (RFC 7517).
        public_key jsonb NOT NULL,
        registered_by uuid NOT NULL,
        registered_at timestamptz NOT NULL,
        revoked_at timestamptz,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[host_id, app.principal('committee', network_id), app.door('shifts')]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.principal('work', host_id), app.principal('committee', network_id), app.door('shifts')]) STORED,
        PRIMARY KEY (network_id, id),
        FOREIGN KEY (network_id, activity_id, host_id) REFERENCES activities (network_id, id, host_id)
      );
      CREATE INDEX check_in_devices_by_activity ON check_in_devices (network_id, activity_id, id);

      -- What a device has noted and was accepted: each entry once.
      CREATE TABLE check_in_entries (
        network_id uuid NOT NULL,
        id uuid NOT NULL,
        device_id uuid NOT NULL,
        registration_id uuid NOT NULL,
        action text NOT NULL CHECK (action IN ('CHECK_IN','CHECK_OUT')),
        at timestamptz NOT NULL,
        accepted_at timestamptz NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.door('shifts')]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.door('shifts')]) STORED,
        PRIMARY KEY (network_id, id),
        FOREIGN KEY (network_id, device_id) REFERENCES check_in_devices (network_id, id),
        FOREIGN KEY (network_id, registration_id) REFERENCES registrations (network_id, id)
      );

      CALL app.guard('check_in_devices', 'SELECT, INSERT, UPDATE');
      CALL app.guard('check_in_entries', 'SELECT, INSERT');

      -- Door: the place in the queue of registrations that the session may read and that wait, among all who wait for the shift.
      CREATE FUNCTION app.registration_places(p_ids uuid[]) RETURNS TABLE (id uuid, place integer) LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
        SELECT t.id, (SELECT count(*)::integer FROM registrations w WHERE w.network_id = t.network_id AND w.shift_id = t.shift_id
            AND w.status = 'WAITLISTED' AND w.arrival <= t.arrival)
        FROM registrations t WHERE t.network_id = app.network_id() AND t.id = ANY (p_ids) AND t.readers && app.principals() AND t.status = 'WAITLISTED' $$;

      -- Door: the networks in which kept places have become free for all, or a place is free while somebody waits.
      CREATE FUNCTION app.networks_with_due_shifts(p_now timestamptz) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
        SELECT network_id FROM shifts WHERE kept > 0 AND reserved_until <= coalesce(p_now, now())
        UNION
        SELECT network_id FROM shifts WHERE waitlisted > 0 AND starts_at > coalesce(p_now, now()) AND taken + kept < capacity $$;

      DO $$
      DECLARE f text;
      BEGIN
        FOREACH f IN ARRAY ARRAY['app.registration_places', 'app.networks_with_due_shifts'] LOOP
          EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
          EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', f, current_setting('youth.application_role'));
        END LOOP;
      END $$;
    `);
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION app.networks_with_due_shifts, app.registration_places;
      DROP TABLE check_in_entries, check_in_devices;
      DROP INDEX shifts_with_waiting, shifts_to_free;
    `);
  }
}
