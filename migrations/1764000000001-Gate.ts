import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The gate that every later table stands behind: who is asking (settings of the transaction), the names a row lists
 * (principals), the helper that puts a table behind the policies, and the reference tables outside every network.
 */
export class Gate1764000000001 implements MigrationInterface {
  public async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE EXTENSION IF NOT EXISTS citext;
      CREATE EXTENSION IF NOT EXISTS pgcrypto;
      CREATE SCHEMA app;

      -- Who is asking: settings of the transaction, written only by app.begin_session and app.begin_door.
      CREATE FUNCTION app.network_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
        AS $$ SELECT nullif(current_setting('app.network_id', true), '')::uuid $$;
      CREATE FUNCTION app.user_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
        AS $$ SELECT nullif(current_setting('app.user_id', true), '')::uuid $$;
      CREATE FUNCTION app.principals() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE
        AS $$ SELECT nullif(current_setting('app.principals', true), '')::uuid[] $$;

      -- Functions that generated columns are made of say what they call by RETURN rather than in a text, so that a dump knows
      -- to restore that first.
      -- The name of a capacity somebody acts in, derived from the id of what it is a capacity of. An organization's own
      -- id is the name its members read by; the names they write by are others, so that a suspended organization can
      -- lose the second and keep the first.
      CREATE FUNCTION app.principal(kind text, id uuid) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        AS $$ SELECT md5(kind || ':' || id::text)::uuid $$;
      -- Everybody is one name a network, so that the statistics of readers tell a network that shares with the public from one that does not.
      CREATE FUNCTION app.everybody(network_id uuid) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        RETURN app.principal('everybody', network_id);
      -- A door is a narrow way in for the platform itself; rows that it may touch name it.
      CREATE FUNCTION app.door(name text) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        AS $$ SELECT md5('door:' || name)::uuid $$;
      CREATE FUNCTION app.principals_of(kind text, ids uuid[]) RETURNS uuid[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
        RETURN (SELECT coalesce(array_agg(app.principal(kind, id)), '{}') FROM unnest(ids) AS id);

      -- Puts a tenant table behind the gate: forced row security, one policy a command, privileges of the application
      -- role, and reading for the owner, whom only the definer functions and the verifiers work as.
      CREATE PROCEDURE app.guard(target regclass, privileges text) LANGUAGE plpgsql AS $$
      BEGIN
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
        EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
        EXECUTE format('CREATE POLICY reading ON %s FOR SELECT USING (network_id = app.network_id() AND readers && app.principals())', target);
        EXECUTE format('CREATE POLICY inserting ON %s FOR INSERT WITH CHECK (network_id = app.network_id() AND writers && app.principals())', target);
        EXECUTE format('CREATE POLICY updating ON %s FOR UPDATE USING (network_id = app.network_id() AND writers && app.principals())', target);
        EXECUTE format('CREATE POLICY deleting ON %s FOR DELETE USING (network_id = app.network_id() AND writers && app.principals())', target);
        EXECUTE format('CREATE POLICY doors ON %s FOR SELECT TO %I USING (true)', target, current_user);
        IF privileges <> '' THEN
          EXECUTE format('GRANT %s ON %s TO %I', privileges, target, current_setting('youth.application_role'));
        END IF;
      END $$;

      -- Outside every network: reference tables. The application role reaches networks and users by policy, the
      -- others by doors only.
      CREATE TABLE networks (
        id uuid PRIMARY KEY,
        code text NOT NULL UNIQUE CHECK (code ~ '^[a-z0-9][a-z0-9-]{0,31}$'),
        name text NOT NULL,
        administrative_division text NOT NULL CHECK (administrative_division ~ '^[0-9]{6}$'),
        time_zone text NOT NULL,
        is_default boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE UNIQUE INDEX networks_one_default ON networks (is_default) WHERE is_default;

      CREATE TABLE users (
        id uuid PRIMARY KEY,
        display_name text NOT NULL,
        locale text NOT NULL DEFAULT 'zh-CN' CHECK (locale IN ('zh-CN', 'en')),
        email citext UNIQUE,
        phone text UNIQUE CHECK (phone ~ '^\\+[1-9][0-9]{6,14}$'),
        created_at timestamptz NOT NULL DEFAULT now(),
        readers uuid[] NOT NULL
      );
      CREATE TABLE credentials (
        user_id uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
        password_hash text NOT NULL,
        changed_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE sessions (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
        network_id uuid REFERENCES networks,
        membership_id uuid,
        created_at timestamptz NOT NULL DEFAULT now(),
        revoked_at timestamptz,
        revoked_because text CHECK (revoked_because IN ('SIGNED_OUT', 'REUSED', 'PASSWORD_CHANGED'))
      );
      CREATE INDEX sessions_by_user ON sessions (user_id) WHERE revoked_at IS NULL;
      CREATE TABLE refresh_tokens (
        hash bytea PRIMARY KEY,
        session_id uuid NOT NULL REFERENCES sessions ON DELETE CASCADE,
        expires_at timestamptz NOT NULL,
        used_at timestamptz
      );
      CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);
      -- Counters of the sign-in throttle; the key is a keyed hash of an account or address, never either in the clear.
      CREATE UNLOGGED TABLE throttles (key varchar(255) PRIMARY KEY, points integer NOT NULL DEFAULT 0, expire bigint);

      DO $$
      DECLARE t text; role text := current_setting('youth.application_role');
      BEGIN
        FOREACH t IN ARRAY ARRAY['networks', 'users', 'credentials', 'sessions', 'refresh_tokens', 'throttles'] LOOP
          EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
          EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
          EXECUTE format('CREATE POLICY doors ON %I TO %I USING (true) WITH CHECK (true)', t, current_user);
        END LOOP;
        EXECUTE format('GRANT USAGE ON SCHEMA app TO %I', role);
        EXECUTE format('GRANT SELECT ON networks, users TO %I', role);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON throttles TO %I', role);
        EXECUTE format('CREATE POLICY throttling ON throttles TO %I USING (true) WITH CHECK (true)', role);
      END $$;
      CREATE POLICY reading ON networks FOR SELECT USING (id = app.network_id());
      CREATE POLICY reading ON users FOR SELECT USING (readers && app.principals());
    `);
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE throttles, refresh_tokens, sessions, credentials, users, networks;
      DROP SCHEMA app CASCADE;
    `);
  }
}
