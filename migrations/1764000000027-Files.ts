import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What people upload: photos, scans, rosters. The table has what is known of a file, the storage its content. */
export class Files1764000000027 implements MigrationInterface {
  public async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE files (
        network_id uuid NOT NULL REFERENCES networks,
        id uuid NOT NULL,
        purpose text NOT NULL CHECK (purpose IN ('ACTIVITY_PHOTO','CONTRACT_DOCUMENT','VOLUNTEER_ROSTER','SERVICE_RECORDS','EXPORT')),
        name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
        -- As announced until it is there, then as its content says.
        media_type text NOT NULL,
        size integer NOT NULL CHECK (size > 0),
        sha256 bytea,
        status text NOT NULL CHECK (status IN ('AWAITED','STORED','ATTACHED')),
        -- What it belongs to.
        subject_type text,
        subject_id uuid,
        uploaded_by uuid NOT NULL,
        uploaded_by_name text NOT NULL,
        uploaded_by_organization_id uuid,
        created_at timestamptz NOT NULL,
        -- When it goes unless it belongs to something by then.
        expires_at timestamptz,
        -- The readers of what it belongs to.
        audience uuid[] NOT NULL DEFAULT '{}',
        readers uuid[] NOT NULL GENERATED ALWAYS AS (audience || app.door('files')
          || CASE WHEN status = 'ATTACHED' THEN '{}'::uuid[] ELSE ARRAY[uploaded_by] END) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[uploaded_by, app.door('files')]) STORED,
        PRIMARY KEY (network_id, id),
        CHECK ((sha256 IS NULL) = (status = 'AWAITED')),
        CHECK ((status = 'ATTACHED') = (subject_id IS NOT NULL) AND (subject_id IS NULL) = (subject_type IS NULL)),
        CHECK ((status = 'ATTACHED') = (expires_at IS NULL)),
        CHECK (status = 'ATTACHED' OR audience = '{}')
      );
      CREATE INDEX files_by_subject ON files (network_id, subject_id) WHERE subject_id IS NOT NULL;
      CREATE INDEX files_unused ON files (expires_at) WHERE expires_at IS NOT NULL;
      CREATE INDEX files_unused_of ON files (network_id, uploaded_by) WHERE expires_at IS NOT NULL;
      CALL app.guard('files', 'SELECT, INSERT, UPDATE, DELETE');

      -- Door: where the periodic work finds files that nobody has put to use.
      CREATE FUNCTION app.networks_with_unused_files(p_now timestamptz) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
        SELECT DISTINCT f.network_id FROM files f WHERE f.expires_at <= coalesce(p_now, now()) $$;
      REVOKE EXECUTE ON FUNCTION app.networks_with_unused_files FROM PUBLIC;
      DO $$ BEGIN
        EXECUTE format('GRANT EXECUTE ON FUNCTION app.networks_with_unused_files TO %I', current_setting('youth.application_role'));
      END $$;
    `);
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION app.networks_with_unused_files; DROP TABLE files');
  }
}
