import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Calendars that programs subscribe to by a secret URL: what is kept of them is only which URLs were made void. */
export class Calendars1764000000014 implements MigrationInterface {
  public async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- The URL of a feed is derived from the platform's secret and its generation, which is 0 until it is first revoked.
      CREATE TABLE calendar_feeds (
        network_id uuid NOT NULL,
        -- By whose rights it is read.
        membership_id uuid NOT NULL,
        kind text NOT NULL CHECK (kind IN ('RESOURCE','ORGANIZATION','PERSON')),
        -- The resource, organization or person whose bookings it has.
        subject_id uuid NOT NULL,
        user_id uuid NOT NULL,
        generation integer NOT NULL CHECK (generation > 0),
        revoked_at timestamptz NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[user_id]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[user_id]) STORED,
        PRIMARY KEY (network_id, membership_id, kind, subject_id),
        FOREIGN KEY (network_id, membership_id) REFERENCES memberships (network_id, id)
      );
      CALL app.guard('calendar_feeds', 'SELECT, INSERT, UPDATE');

      -- Door: a reading session by a membership in force, without its person having signed in: the server calls it for whoever
      -- holds the URL of a feed that was not revoked. What it opens is what app.begin_session opens, and never for a change.
      CREATE FUNCTION app.begin_feed(p_network uuid, p_membership uuid, p_kind text, p_subject uuid, p_generation integer, p_now timestamptz)
        RETURNS TABLE (user_id uuid, network_id uuid, time_zone text, user_name text, user_locale text, membership_id uuid, organization_id uuid,
          organization_status text, role text, now timestamptz, today date, contract_ids uuid[], clause_ids uuid[],
          clause_contract_ids uuid[], names uuid[])
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
      #variable_conflict use_column
      DECLARE
        holder record;
      BEGIN
        IF current_setting('transaction_read_only') <> 'on' THEN RAISE EXCEPTION 'a feed reads and changes nothing'; END IF;
        SELECT m.user_id, m.role, u.display_name, u.locale INTO holder
          FROM memberships m JOIN users u ON u.id = m.user_id
          JOIN organizations o ON o.network_id = m.network_id AND o.id = m.organization_id AND o.status = 'ACTIVE'
          WHERE m.network_id = p_network AND m.id = p_membership AND m.status = 'ACTIVE'
            AND p_generation = coalesce((SELECT f.generation FROM calendar_feeds f WHERE f.network_id = m.network_id
              AND f.membership_id = m.id AND f.kind = p_kind AND f.subject_id = p_subject), 0);
        IF NOT FOUND THEN RAISE EXCEPTION 'no such feed' USING ERRCODE = 'YN401'; END IF;
        RETURN QUERY SELECT holder.user_id, s.network_id, s.time_zone, holder.display_name, holder.locale, s.membership_id, s.organization_id,
          s.organization_status, s.role, s.now, s.today, s.contract_ids, s.clause_ids, s.clause_contract_ids, s.names || holder.user_id
          FROM app.begin_session(NULL, holder.user_id, NULL, p_membership, holder.role, p_now) s;
        -- Begun without having signed in, it does not answer to the person yet.
        EXECUTE format('SET LOCAL app.principals = %L', app.principals() || holder.user_id);
      END $$;

      DO $$ BEGIN
        REVOKE EXECUTE ON FUNCTION app.begin_feed FROM PUBLIC;
        EXECUTE format('GRANT EXECUTE ON FUNCTION app.begin_feed TO %I', current_setting('youth.application_role'));
      END $$;
    `);
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION app.begin_feed; DROP TABLE calendar_feeds');
  }
}
