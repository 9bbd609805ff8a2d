import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What processes that tell subscribers need of the events: where they stand, what was missed, and who may be told. */
export class Subscriptions1764000000015 implements MigrationInterface {
  public async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX event_reactions_by_time ON event_reactions (done_at);

      -- Door: where the events of all networks stand now.
      CREATE FUNCTION app.event_mark() RETURNS TABLE (place bigint, at timestamptz) LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp AS $$ SELECT coalesce((SELECT max(e.place) FROM events e), 0), clock_timestamp() $$;

      -- Door: the messages of notifications written since a moment, for who has not listened for a while.
      CREATE FUNCTION app.notifications_after(p_since timestamptz) RETURNS SETOF jsonb LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
        SELECT jsonb_build_object('type', 'notification', 'id', n.id, 'networkId', n.network_id, 'userId', n.user_id)
          FROM event_reactions r JOIN notifications n ON n.network_id = r.network_id AND n.event_id = r.event_id
          WHERE r.done_at > p_since AND r.reaction = 'notify' ORDER BY r.done_at, n.id $$;

      -- Door: which of several sessions may read one row of a network now, in their order: READS, READS NOT, or ENDED where
      -- the session or the membership is not what is claimed any more. Each begins as it would by itself. Nothing may be
      -- read as any of them afterwards, and it is not for within a session.
      CREATE FUNCTION app.readers_among(p_table text, p_network uuid, p_id uuid, p_sessions jsonb, p_now timestamptz)
        RETURNS TABLE (outcome text) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
      DECLARE
        s jsonb; row_readers uuid[];
      BEGIN
        IF app.principals() IS NOT NULL THEN RAISE EXCEPTION 'within a session'; END IF;
        EXECUTE format('SELECT t.readers FROM public.%I t WHERE t.network_id = $1 AND t.id = $2', p_table) INTO row_readers USING p_network, p_id;
        FOR s IN SELECT value FROM jsonb_array_elements(p_sessions) LOOP
          BEGIN
            PERFORM app.begin_session((s->>0)::uuid, (s->>1)::uuid, s->>2, (s->>3)::uuid, s->>4, p_now);
            outcome := CASE WHEN p_network = app.network_id() AND row_readers && app.principals() THEN 'READS' ELSE 'READS NOT' END;
          EXCEPTION WHEN SQLSTATE 'YN401' OR SQLSTATE 'YN404' THEN outcome := 'ENDED';
          END;
          RETURN NEXT;
        END LOOP;
        SET LOCAL app.principals = '';
      END $$;

      DO $$
      DECLARE f text;
      BEGIN
        FOREACH f IN ARRAY ARRAY['event_mark', 'notifications_after', 'readers_among'] LOOP
          EXECUTE format('REVOKE EXECUTE ON FUNCTION app.%I FROM PUBLIC', f);
          EXECUTE format('GRANT EXECUTE ON FUNCTION app.%I TO %I', f, current_setting('youth.application_role'));
        END LOOP;
      END $$;
    `);
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION app.readers_among, app.notifications_after, app.event_mark;
      DROP INDEX event_reactions_by_time;
    `);
  }
}
