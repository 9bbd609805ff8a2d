import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Recognitions with the evidence they rest on and the objections to them, and who has served most. */
export class Recognitions1764000000035 implements MigrationInterface {
  public async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE recognitions (
        network_id uuid NOT NULL REFERENCES networks,
        id uuid NOT NULL,
        volunteer_id uuid NOT NULL,
        user_id uuid,
        organization_id uuid,
        -- The organization that nominated; null: it was proposed by itself, as the hours were reached.
        nominated_by uuid,
        kind text NOT NULL CHECK (kind IN ('LEAGUE_DELEGATE','PART_TIME_LEAGUE_CADRE','YOUTH_FEDERATION_MEMBER','PARTY_MEMBERSHIP_RECOMMENDATION','STAR_VOLUNTEER')),
        status text NOT NULL CHECK (status IN ('NOMINATED','UNDER_REVIEW','PUBLICIZED','AWARDED','REJECTED','REVOKED')),
        citation text NOT NULL CHECK (char_length(citation) BETWEEN 1 AND 2000),
        -- What the records said when it was nominated; never changed.
        service_seconds bigint NOT NULL CHECK (service_seconds >= 0),
        activities integer NOT NULL CHECK (activities >= 0),
        average_evaluation numeric(3,2) CHECK (average_evaluation BETWEEN 1 AND 5),
        stars integer NOT NULL CHECK (stars BETWEEN 0 AND 5),
        -- The last public notice: its first and its last day.
        publicized_on date,
        notice_ends_on date,
        objections integer NOT NULL DEFAULT 0 CHECK (objections >= 0),
        created_at timestamptz NOT NULL,
        version integer NOT NULL DEFAULT 1,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (array_remove(ARRAY[user_id, organization_id, nominated_by], NULL)
          || ARRAY[app.principal('committee', network_id), app.door('recognitions')]
          || CASE WHEN status IN ('PUBLICIZED','AWARDED') THEN ARRAY[app.everybody(network_id)] ELSE '{}'::uuid[] END) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.principal('committee', network_id), app.door('recognitions')]) STORED,
        PRIMARY KEY (network_id, id),
        FOREIGN KEY (network_id, volunteer_id) REFERENCES volunteers (network_id, id),
        FOREIGN KEY (network_id, organization_id) REFERENCES organizations (network_id, id),
        FOREIGN KEY (network_id, nominated_by) REFERENCES organizations (network_id, id),
        CHECK ((publicized_on IS NULL) = (notice_ends_on IS NULL)),
        CHECK (notice_ends_on > publicized_on),
        CHECK (status NOT IN ('PUBLICIZED','AWARDED','REVOKED') OR publicized_on IS NOT NULL)
      );
      -- One of a kind under way at a time; each star once.
      CREATE UNIQUE INDEX recognitions_open_once ON recognitions (network_id, volunteer_id, kind) WHERE status IN ('NOMINATED','UNDER_REVIEW','PUBLICIZED');
      CREATE UNIQUE INDEX recognitions_star_once ON recognitions (network_id, volunteer_id, stars) WHERE kind = 'STAR_VOLUNTEER' AND status = 'AWARDED';
      CREATE INDEX recognitions_by_time ON recognitions (network_id, id DESC);
      CREATE INDEX recognitions_by_volunteer ON recognitions (network_id, volunteer_id, id);
      CREATE INDEX recognitions_readers ON recognitions USING gin (readers);

      -- Who objected says so to the committee alone.
      CREATE TABLE recognition_objections (
        network_id uuid NOT NULL,
        id uuid NOT NULL,
        recognition_id uuid NOT NULL,
        user_id uuid NOT NULL,
        user_name text NOT NULL,
        organization_id uuid,
        reason text NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 2000),
        -- The notice that it was made to.
        publicized_on date NOT NULL,
        created_at timestamptz NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[user_id, app.principal('committee', network_id), app.door('recognitions')]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.door('recognitions')]) STORED,
        PRIMARY KEY (network_id, id),
        UNIQUE (network_id, recognition_id, user_id, publicized_on),
        FOREIGN KEY (network_id, recognition_id) REFERENCES recognitions (network_id, id)
      );

      CALL app.guard('recognitions', 'SELECT, INSERT, UPDATE');
      CALL app.guard('recognition_objections', 'SELECT, INSERT');

      -- Door: who has served most in a period, of those who agreed to be shown and whom the session may read. What a record
      -- says counts as it was corrected last.
      CREATE FUNCTION app.leaderboard(p_from date, p_to date, p_most integer)
        RETURNS TABLE (rank bigint, volunteer_id uuid, seconds bigint, points bigint) LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
        SELECT rank() OVER (ORDER BY sum(r.seconds) DESC), v.id, sum(r.seconds)::bigint, sum(r.points)::bigint
        FROM volunteers v JOIN service_records r ON r.network_id = v.network_id AND r.volunteer_id = v.id
        WHERE v.network_id = app.network_id() AND v.readers && app.principals() AND v.is_listed AND v.status = 'ACTIVE'
          AND r.service_date BETWEEN p_from AND p_to
          AND NOT EXISTS (SELECT FROM service_records c WHERE c.network_id = r.network_id AND c.corrects_id = r.id)
        GROUP BY v.id, v.number HAVING sum(r.seconds) > 0
        ORDER BY sum(r.seconds) DESC, v.number LIMIT p_most $$;
      REVOKE EXECUTE ON FUNCTION app.leaderboard FROM PUBLIC;
      DO $$ BEGIN EXECUTE format('GRANT EXECUTE ON FUNCTION app.leaderboard TO %I', current_setting('youth.application_role')); END $$;
    `);
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION app.leaderboard; DROP TABLE recognition_objections, recognitions');
  }
}
