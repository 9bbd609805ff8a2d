import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Rosters that are imported, and the way to forget a person. */
export class Rosters1764000000024 implements MigrationInterface {
  public async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE roster_imports (
        network_id uuid NOT NULL REFERENCES networks,
        id uuid NOT NULL,
        organization_id uuid NOT NULL,
        campaign_id uuid,
        file_id uuid NOT NULL,
        is_dry_run boolean NOT NULL,
        status text NOT NULL CHECK (status IN ('WAITING','RUNNING','DONE','REFUSED')),
        -- UTF-8 or GB18030; null for a spreadsheet, and until it is known.
        encoding text,
        -- How far it has come: rows that were read, of these added, known already and refused.
        row_count integer NOT NULL DEFAULT 0,
        added_count integer NOT NULL DEFAULT 0,
        known_count integer NOT NULL DEFAULT 0,
        refused_count integer NOT NULL DEFAULT 0,
        created_by uuid NOT NULL,
        created_at timestamptz NOT NULL,
        started_at timestamptz,
        finished_at timestamptz,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[organization_id, app.principal('committee', network_id), app.door('volunteers')]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (
          ARRAY[app.principal('work', organization_id), app.principal('committee', network_id), app.door('volunteers')]) STORED,
        PRIMARY KEY (network_id, id),
        UNIQUE (network_id, id, organization_id),
        FOREIGN KEY (network_id, organization_id) REFERENCES organizations (network_id, id),
        FOREIGN KEY (network_id, campaign_id) REFERENCES recruitment_campaigns (network_id, id),
        CHECK (row_count >= added_count + known_count + refused_count)
      );
      CREATE INDEX roster_imports_by_organization ON roster_imports (network_id, organization_id, id);

      -- What is wrong with which cell, without what stands in it. Column 0: the row as a whole.
      CREATE TABLE roster_import_faults (
        network_id uuid NOT NULL,
        import_id uuid NOT NULL,
        organization_id uuid NOT NULL,
        line integer NOT NULL CHECK (line > 0),
        column_number integer NOT NULL CHECK (column_number >= 0),
        column_name text,
        reason text NOT NULL,
        parameters jsonb NOT NULL DEFAULT '{}',
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[organization_id, app.principal('committee', network_id), app.door('volunteers')]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (
          ARRAY[app.principal('work', organization_id), app.principal('committee', network_id), app.door('volunteers')]) STORED,
        PRIMARY KEY (network_id, import_id, line, column_number),
        FOREIGN KEY (network_id, import_id, organization_id) REFERENCES roster_imports (network_id, id, organization_id)
      );
      CALL app.guard('roster_imports', 'SELECT, INSERT, UPDATE');
      CALL app.guard('roster_import_faults', 'SELECT, INSERT');

      -- Door: takes the names and reasons out of the history of an erased volunteer and of what the person did; with them the
      -- account, when it is good for nothing else. Says whether it was.
      CREATE FUNCTION app.forget_person(p_volunteer uuid, p_user uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
      BEGIN
        IF NOT EXISTS (SELECT FROM volunteers v WHERE v.network_id = app.network_id() AND v.id = p_volunteer AND v.status = 'ERASED'
            AND v.writers && app.principals()) THEN
          RAISE EXCEPTION 'not an erased volunteer of the session''s';
        END IF;
        UPDATE state_changes s SET note = NULL WHERE s.network_id = app.network_id() AND s.note IS NOT NULL AND s.subject_id IN (
          SELECT p_volunteer UNION ALL SELECT r.id FROM registrations r WHERE r.network_id = app.network_id() AND r.volunteer_id = p_volunteer);
        IF p_user IS NULL THEN RETURN false; END IF;
        -- What somebody did for an organization stays under their name as long as they act for one.
        UPDATE state_changes s SET actor_name = '' WHERE s.network_id = app.network_id() AND s.actor_user_id = p_user AND s.actor_name <> ''
          AND (s.subject_id = p_volunteer OR NOT EXISTS (SELECT FROM memberships m WHERE m.network_id = s.network_id AND m.user_id = p_user
            AND m.role IN ('STAFF','ADMIN','COMMITTEE')));
        IF EXISTS (SELECT FROM memberships m WHERE m.user_id = p_user AND m.status <> 'ENDED')
            OR EXISTS (SELECT FROM volunteers v WHERE v.user_id = p_user AND v.status <> 'ERASED') THEN
          RETURN false;
        END IF;
        UPDATE users SET display_name = '', email = NULL, phone = NULL, readers = ARRAY[p_user] WHERE id = p_user;
        DELETE FROM credentials WHERE user_id = p_user;
        UPDATE sessions SET revoked_at = now(), revoked_because = 'SIGNED_OUT' WHERE user_id = p_user AND revoked_at IS NULL;
        DELETE FROM refresh_tokens r USING sessions s WHERE s.id = r.session_id AND s.user_id = p_user;
        RETURN true;
      END $$;
      REVOKE EXECUTE ON FUNCTION app.forget_person FROM PUBLIC;
      DO $$ BEGIN
        EXECUTE format('GRANT EXECUTE ON FUNCTION app.forget_person TO %I', current_setting('youth.application_role'));
        EXECUTE format('CREATE POLICY forgetting ON state_changes FOR UPDATE TO %I USING (true) WITH CHECK (true)', current_user);
      END $$;
    `);
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP POLICY forgetting ON state_changes;
      DROP FUNCTION app.forget_person;
      DROP TABLE roster_import_faults, roster_imports;
    `);
  }
}
