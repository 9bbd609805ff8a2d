import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What everybody who sees a resource may know of its bookings: when it is free, and how much of it. */
export class Availability1764000000010 implements MigrationInterface {
  public async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Blocked time that recurs: each time by itself, so that one can be given back where two touch; and all of them together.
      CREATE FUNCTION app.times_of(periods tstzmultirange) RETURNS tstzrange[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
        RETURN ARRAY(SELECT unnest(periods));
      ALTER TABLE resource_blocks ALTER COLUMN periods TYPE tstzrange[] USING app.times_of(periods);
      ALTER TABLE resource_blocks RENAME COLUMN periods TO times;
      ALTER TABLE resource_blocks ADD COLUMN periods tstzmultirange NOT NULL GENERATED ALWAYS AS (tstzmultirange(VARIADIC times)) STORED;
      DROP FUNCTION app.times_of;

      -- The hours that count for a resource: its own, else those of its position.
      CREATE FUNCTION app.hours_of(r resources) RETURNS jsonb LANGUAGE sql STABLE AS $$
        SELECT CASE WHEN r.opening_hours <> '[]' THEN r.opening_hours
          ELSE (SELECT p.opening_hours FROM positions p WHERE p.network_id = r.network_id AND p.id = r.position_id) END $$;

      -- Resources and, over whatever steps, what each requires.
      CREATE FUNCTION app.needed_for(p_network uuid, p_resources uuid[]) RETURNS TABLE (root_id uuid, id uuid) LANGUAGE sql STABLE AS $$
        WITH RECURSIVE needed (root_id, id) AS (
          SELECT asked, asked FROM unnest(p_resources) AS asked
          UNION SELECT n.root_id, further FROM needed n
            JOIN resources r ON r.network_id = p_network AND r.id = n.id, unnest(r.requires_ids) AS further
        ) SELECT root_id, id FROM needed $$;

      -- Whether so many units of a resource could be booked for a time, by its state, its hours and what is taken of it.
      CREATE FUNCTION app.has_room(r resources, p_during tstzrange, p_quantity integer) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
      DECLARE
        held tstzrange := tstzrange(lower(p_during), upper(p_during) + r.booking_buffer);
        hours jsonb;
      BEGIN
        IF r.status <> 'AVAILABLE' OR r.quantity < p_quantity OR lower(p_during) < app.now() THEN RETURN false; END IF;
        PERFORM FROM occupations o WHERE o.network_id = r.network_id AND o.resource_id = r.id AND o.period && held
          AND NOT (o.is_request AND lower(o.period) <= app.now());
        IF FOUND AND (r.quantity = p_quantity OR p_quantity > r.quantity - (
          SELECT max(taken) FROM (
            SELECT sum(by) OVER (ORDER BY at, by) AS taken
            FROM occupations o, LATERAL (SELECT coalesce(upper(o.units) - lower(o.units), r.quantity)) AS u(size),
              LATERAL (VALUES (greatest(lower(o.period), lower(held)), size), (upper(o.period), -size)) AS step(at, by)
            WHERE o.network_id = r.network_id AND o.resource_id = r.id AND o.period && held AND NOT (o.is_request AND lower(o.period) <= app.now())
          ) steps)) THEN RETURN false;
        END IF;
        hours := app.hours_of(r);
        RETURN hours IS NULL OR hours = '[]'
          OR app.open_hours(hours, (SELECT n.time_zone FROM networks n WHERE n.id = r.network_id), p_during) @> p_during;
      END $$;

      -- Door: whether so many units of a resource that the session may read could be booked for a time, with what is booked along.
      -- It is dear, and to be asked of one row after the other: hence not to be run in parallel.
      CREATE FUNCTION app.is_free(p_resource uuid, p_during tstzrange, p_quantity integer) RETURNS boolean
        LANGUAGE plpgsql STABLE PARALLEL UNSAFE COST 2000 SECURITY DEFINER SET search_path = public, pg_temp AS $$
      DECLARE r resources;
      BEGIN
        SELECT t.* INTO r FROM resources t WHERE t.network_id = app.network_id() AND t.id = p_resource AND t.readers && app.principals();
        IF NOT FOUND OR NOT app.has_room(r, p_during, p_quantity) THEN RETURN false; END IF;
        RETURN r.requires_ids = '{}' OR NOT EXISTS (
          SELECT FROM app.needed_for(r.network_id, r.requires_ids) n JOIN resources t ON t.network_id = r.network_id AND t.id = n.id
          WHERE NOT app.has_room(t, p_during, 1));
      END $$;

      -- Door: what resources that the session may read, and what each requires, have open and taken in a time and the pause
      -- after it: how many units from when to when, in seconds of the epoch; and nothing of who took them.
      CREATE FUNCTION app.busy(p_resources uuid[], p_during tstzrange)
        RETURNS TABLE (root_id uuid, id uuid, quantity integer, pause double precision, open json, taken json)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT n.root_id, r.id, CASE WHEN r.status = 'AVAILABLE' THEN r.quantity ELSE 0 END, date_part('epoch', r.booking_buffer),
          (SELECT array_to_json(array_agg(ARRAY[date_part('epoch', lower(span)), date_part('epoch', upper(span))]))
            FROM unnest(app.open_hours(app.hours_of(r), (SELECT w.time_zone FROM networks w WHERE w.id = r.network_id), p_during)) AS span),
          (SELECT array_to_json(array_agg(ARRAY[date_part('epoch', lower(o.period)), date_part('epoch', upper(o.period)),
              coalesce(upper(o.units) - lower(o.units), r.quantity)]))
            FROM occupations o WHERE o.network_id = r.network_id AND o.resource_id = r.id
              AND o.period && tstzrange(lower(p_during), upper(p_during) + r.booking_buffer) AND NOT (o.is_request AND lower(o.period) <= app.now()))
        FROM app.needed_for(app.network_id(), ARRAY(SELECT t.id FROM resources t
            WHERE t.network_id = app.network_id() AND t.id = ANY (p_resources) AND t.readers && app.principals())) n
          JOIN resources r ON r.network_id = app.network_id() AND r.id = n.id $$;

      DO $$
      DECLARE f text;
      BEGIN
        FOREACH f IN ARRAY ARRAY['app.is_free', 'app.busy'] LOOP
          EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
          EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', f, current_setting('youth.application_role'));
        END LOOP;
      END $$;
    `);
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION app.busy, app.is_free, app.has_room, app.needed_for, app.hours_of;
      ALTER TABLE resource_blocks DROP COLUMN periods;
      ALTER TABLE resource_blocks ALTER COLUMN times TYPE tstzmultirange USING tstzmultirange(VARIADIC times);
      ALTER TABLE resource_blocks RENAME COLUMN times TO periods;
    `);
  }
}
