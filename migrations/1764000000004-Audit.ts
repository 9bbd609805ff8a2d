import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The audit log: append-only, one hash chain a network, written by a door that knows by itself who is acting. */
export class Audit1764000000004 implements MigrationInterface {
  public async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE audit_entries (
        network_id uuid NOT NULL REFERENCES networks,
        seq bigint NOT NULL,
        id uuid NOT NULL,
        at timestamptz NOT NULL,
        actor_user_id uuid,
        actor_organization_id uuid,
        actor_role text,
        action text NOT NULL,
        subject_type text NOT NULL,
        subject_id uuid NOT NULL,
        -- The organizations it concerns, the actor's own among them; their administrators read it.
        organization_ids uuid[] NOT NULL,
        -- The text that was hashed, kept to the letter: before and after, without personal data.
        changes text NOT NULL,
        previous_hash bytea,
        hash bytea NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (app.principals_of('administrator', organization_ids)
          || app.principal('committee', network_id)) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS ('{}'::uuid[]) STORED,
        PRIMARY KEY (network_id, seq),
        UNIQUE (network_id, id)
      );
      CREATE INDEX audit_entries_readers ON audit_entries USING gin (readers);
      CREATE INDEX audit_entries_by_subject ON audit_entries (network_id, subject_id, seq DESC);

      CREATE TABLE audit_heads (
        network_id uuid PRIMARY KEY REFERENCES networks,
        seq bigint NOT NULL,
        hash bytea NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS ('{}'::uuid[]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS ('{}'::uuid[]) STORED
      );

      CALL app.guard('audit_entries', 'SELECT');
      CALL app.guard('audit_heads', '');
      DO $$ BEGIN
        EXECUTE format('CREATE POLICY appending ON audit_entries FOR INSERT TO %I WITH CHECK (true)', current_user);
        EXECUTE format('CREATE POLICY heading ON audit_heads TO %I USING (true) WITH CHECK (true)', current_user);
      END $$;

      -- The text whose SHA-256 an entry carries; audit:verify builds the same text by itself.
      CREATE FUNCTION app.audit_text(e audit_entries) RETURNS text LANGUAGE sql STABLE AS $$
        SELECT concat_ws(E'\\n', e.network_id, e.seq, e.id, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
          coalesce(e.actor_user_id::text, '-'), coalesce(e.actor_organization_id::text, '-'), coalesce(e.actor_role, '-'),
          e.action, e.subject_type, e.subject_id, array_to_string(e.organization_ids, ','), e.changes,
          coalesce(encode(e.previous_hash, 'hex'), '-')) $$;

      -- Door: appends entries to the chain of the session's network. The actor comes from the session, not from the
      -- caller. Called last in a transaction, since it holds the network's head until the commit.
      CREATE FUNCTION app.append_audit(entries jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
      DECLARE
        head audit_heads; entry audit_entries; e jsonb;
        acting uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
      BEGIN
        INSERT INTO audit_heads (network_id, seq, hash) VALUES (app.network_id(), 0, ''::bytea) ON CONFLICT DO NOTHING;
        SELECT * INTO STRICT head FROM audit_heads h WHERE h.network_id = app.network_id() FOR UPDATE;
        FOR e IN SELECT * FROM jsonb_array_elements(entries) LOOP
          entry.network_id := head.network_id;
          entry.seq := head.seq + 1;
          entry.id := (e->>'id')::uuid;
          entry.at := coalesce(nullif(current_setting('app.now', true), '')::timestamptz, now());
          entry.actor_user_id := app.user_id();
          entry.actor_organization_id := acting;
          entry.actor_role := nullif(current_setting('app.role', true), '');
          entry.action := e->>'action';
          entry.subject_type := e->>'subjectType';
          entry.subject_id := (e->>'subjectId')::uuid;
          SELECT coalesce(array_agg(DISTINCT o ORDER BY o), '{}') INTO entry.organization_ids
            FROM (SELECT value::uuid AS o FROM jsonb_array_elements_text(e->'organizationIds') UNION SELECT acting) c
            WHERE o IS NOT NULL;
          entry.changes := e->>'changes';
          entry.previous_hash := nullif(head.hash, ''::bytea);
          entry.hash := sha256(convert_to(app.audit_text(entry), 'UTF8'));
          INSERT INTO audit_entries (network_id, seq, id, at, actor_user_id, actor_organization_id, actor_role, action,
              subject_type, subject_id, organization_ids, changes, previous_hash, hash)
            VALUES (entry.network_id, entry.seq, entry.id, entry.at, entry.actor_user_id, entry.actor_organization_id,
              entry.actor_role, entry.action, entry.subject_type, entry.subject_id, entry.organization_ids, entry.changes,
              entry.previous_hash, entry.hash);
          head.seq := entry.seq;
          head.hash := entry.hash;
        END LOOP;
        UPDATE audit_heads h SET seq = head.seq, hash = head.hash WHERE h.network_id = head.network_id;
      END $$;
      REVOKE EXECUTE ON FUNCTION app.append_audit FROM PUBLIC;
      DO $$ BEGIN
        EXECUTE format('GRANT EXECUTE ON FUNCTION app.append_audit TO %I', current_setting('youth.application_role'));
      END $$;
    `);
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION app.append_audit, app.audit_text;
      DROP TABLE audit_heads, audit_entries;
    `);
  }
}
