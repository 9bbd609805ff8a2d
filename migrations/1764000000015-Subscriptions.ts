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

      DO $$
      DECLARE f text;
      BEGIN
        FOREACH f IN ARRAY ARRAY['event_mark', 'notifications_after'] LOOP
          EXECUTE format('REVOKE EXECUTE ON FUNCTION app.%I FROM PUBLIC', f);
          EXECUTE format('GRANT EXECUTE ON FUNCTION app.%I TO %I', f, current_setting('youth.application_role'));
        END LOOP;
      END $$;
    `);
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION app.notifications_after, app.event_mark;
      DROP INDEX event_reactions_by_time;
    `);
  }
}
