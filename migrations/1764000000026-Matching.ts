import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who fits a shift. */
export class Matching1764000000026 implements MigrationInterface {
  public async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Kilometres between two points of the earth (haversine).
      CREATE FUNCTION app.kilometres(lat1 double precision, lon1 double precision, lat2 double precision, lon2 double precision) RETURNS double precision
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT 12742 * asin(sqrt(sind((lat2 - lat1) / 2) ^ 2 + cosd(lat1) * cosd(lat2) * sind((lon2 - lon1) / 2) ^ 2)) $$;

      -- Door: the volunteers whose row the session may read, who could be on a shift that it may read, the best first, with
      -- what speaks for them. Each may, on that day: active, with the skills and trainings asked for, of age or by consent, not
      -- registered for it, on no other shift then. The score, from 0 to 1:
      --   0.35 the occupation is one of those that suit
      --   0.25 free at that time by what was said; half of it when nothing was said
      --   0.25 * 8 / (8 + hours on duty in the 30 days before)
      --   0.15 * 2 / (2 + kilometres from the position to the nearest one of the own organization)
      -- What costs little is asked of all first, as the most that a score can become; the rest is asked of the best by that,
      -- of more of them only while somebody further down could still be better, and of so many at most. Among equals the
      -- order differs from shift to shift.
      CREATE FUNCTION app.match_volunteers(p_shift uuid, p_suited text[], p_most integer)
        RETURNS TABLE (volunteer_id uuid, is_suited boolean, kilometres double precision, availability text, load_seconds double precision, score double precision)
        LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan SET jit = off AS $$
      DECLARE
        here uuid := app.network_id();
        names uuid[] := app.principals();
        -- The committee reads every volunteer; its name need not be looked for in each row.
        reads_all boolean := app.principal('committee', app.network_id()) = ANY (app.principals());
        enough CONSTANT integer := 8000;
        looked integer := 400;
        duty shifts;
        span tstzrange;
        day date;
        zone text;
        lat double precision;
        lon double precision;
        trained uuid[];
        chosen jsonb;
        further double precision;
        size integer;
      BEGIN
        SELECT * INTO duty FROM shifts s WHERE s.network_id = here AND s.id = p_shift AND s.readers && names;
        IF NOT FOUND THEN RETURN; END IF;
        SELECT n.time_zone, p.latitude, p.longitude INTO zone, lat, lon
          FROM activities a JOIN networks n ON n.id = a.network_id LEFT JOIN positions p ON p.network_id = a.network_id AND p.id = a.position_id
          WHERE a.network_id = here AND a.id = duty.activity_id;
        span := tstzrange(duty.starts_at, duty.ends_at);
        day := (duty.starts_at AT TIME ZONE zone)::date;
        IF cardinality(duty.required_course_ids) > 0 THEN
          SELECT coalesce(array_agg(t.id), '{}') INTO trained FROM (
            SELECT c.volunteer_id AS id FROM training_completions c
            WHERE c.network_id = here AND c.course_id = ANY (duty.required_course_ids) AND c.completed_at <= duty.starts_at
              AND (c.expires_at IS NULL OR c.expires_at > duty.starts_at)
            GROUP BY 1 HAVING count(DISTINCT c.course_id) = cardinality(duty.required_course_ids)) t;
        END IF;
        LOOP
          WITH near AS MATERIALIZED (
            SELECT q.organization_id, min(app.kilometres(lat, lon, q.latitude, q.longitude)) AS km
            FROM positions q WHERE q.network_id = here AND lat IS NOT NULL AND q.latitude IS NOT NULL GROUP BY 1
          ), pool AS MATERIALIZED (
            SELECT v.id, v.occupation = ANY (p_suited) AS suits, n.km,
              CASE WHEN v.occupation = ANY (p_suited) THEN 0.35 ELSE 0 END + CASE WHEN v.availability = '[]' THEN 0.125 ELSE 0.25 END + 0.25
                + coalesce(0.15 * 2 / (2 + n.km), 0) AS most
            FROM volunteers v LEFT JOIN near n ON n.organization_id = v.organization_id
            WHERE v.network_id = here AND v.status = 'ACTIVE' AND (reads_all OR v.readers && names)
              AND (cardinality(duty.required_skills) = 0 OR v.skills @> duty.required_skills) AND (trained IS NULL OR v.id = ANY (trained))
            ORDER BY most DESC, uuid_hash_extended(v.id, hashtextextended(p_shift::text, 0)) LIMIT looked
          ), judged AS (
            SELECT p.id, p.suits, p.km, s.said, l.seconds,
              p.most - CASE s.said WHEN 'OTHERWISE' THEN 0.25 ELSE 0 END - 0.25 + 0.25 * 8 / (8 + l.seconds / 3600) AS score
            FROM pool p JOIN volunteers v ON v.network_id = here AND v.id = p.id
              CROSS JOIN LATERAL (SELECT CASE WHEN v.availability = '[]' THEN 'NOTHING'
                WHEN app.open_hours(v.availability, zone, span) @> span THEN 'FREE' ELSE 'OTHERWISE' END AS said OFFSET 0) s
              CROSS JOIN LATERAL (SELECT coalesce(sum(extract(epoch FROM r.ends_at - r.starts_at)), 0)::double precision AS seconds FROM registrations r
                WHERE r.network_id = here AND r.volunteer_id = p.id AND r.status IN ('CONFIRMED','CHECKED_IN','ATTENDED')
                  AND r.starts_at >= duty.starts_at - interval '30 days' AND r.starts_at < duty.starts_at) l
            WHERE NOT EXISTS (SELECT FROM registrations r WHERE r.network_id = here AND r.volunteer_id = p.id
                AND (r.shift_id = duty.id AND r.status <> 'CANCELLED' OR r.status IN ('CONFIRMED','CHECKED_IN','ATTENDED') AND r.during && span))
              AND (v.adult_on <= day OR EXISTS (SELECT FROM volunteer_consents c WHERE c.network_id = here AND c.volunteer_id = v.id
                AND c.purpose = 'GUARDIAN' AND c.withdrawn_at IS NULL))
          ), best AS (SELECT * FROM judged ORDER BY judged.score DESC, judged.id LIMIT p_most)
          SELECT (SELECT jsonb_agg(to_jsonb(b) ORDER BY b.score DESC, b.id) FROM best b), (SELECT min(most) FROM pool), (SELECT count(*) FROM pool)
            INTO chosen, further, size;
          EXIT WHEN size < looked OR looked >= enough
            OR jsonb_array_length(coalesce(chosen, '[]')) >= p_most AND (chosen->(p_most - 1)->>'score')::double precision >= further - 1e-9;
          looked := looked * 4;
        END LOOP;
        RETURN QUERY SELECT f.id, f.suits, f.km, f.said, f.seconds, f.score
          FROM jsonb_to_recordset(coalesce(chosen, '[]')) AS f(id uuid, suits boolean, km double precision, said text, seconds double precision, score double precision)
          ORDER BY f.score DESC, f.id;
      END $$;
      REVOKE EXECUTE ON FUNCTION app.match_volunteers FROM PUBLIC;
      DO $$ BEGIN
        EXECUTE format('GRANT EXECUTE ON FUNCTION app.match_volunteers TO %I', current_setting('youth.application_role'));
      END $$;
    `);
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION app.match_volunteers, app.kilometres;');
  }
}
