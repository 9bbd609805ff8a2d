import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Organizations, their contacts, members and positions, and the history of everything that has a status. */
export class Network1764000000002 implements MigrationInterface {
  public async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE organizations (
        network_id uuid NOT NULL REFERENCES networks,
        id uuid NOT NULL,
        name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
        kind text NOT NULL CHECK (kind IN ('LEAGUE_COMMITTEE','YOUTH_CENTER','UNIVERSITY','SCHOOL','BUSINESS','BUSINESS_DISTRICT',
          'SOCIAL_ORGANIZATION','POLICE_OFFICE','GOVERNMENT_BODY','INDUSTRY_SYSTEM','COMMUNITY')),
        status text NOT NULL CHECK (status IN ('APPLIED','ACTIVE','SUSPENDED','LEFT','REJECTED')),
        is_hub boolean NOT NULL DEFAULT false,
        unified_social_credit_code text CHECK (unified_social_credit_code ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'),
        introduction text,
        applied_by uuid REFERENCES users ON DELETE SET NULL,
        created_at timestamptz NOT NULL,
        version integer NOT NULL DEFAULT 1,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (
          ARRAY[id, app.principal('committee', network_id), app.door('join')]
          -- Who applied sees the application by whatever membership.
          || CASE WHEN applied_by IS NULL THEN '{}'::uuid[] ELSE ARRAY[applied_by] END
          || CASE WHEN status IN ('ACTIVE','SUSPENDED','LEFT') THEN ARRAY[app.everybody(network_id)] ELSE '{}'::uuid[] END) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (
          ARRAY[app.principal('committee', network_id), app.principal('administration', id)]
          || CASE WHEN status = 'APPLIED' THEN ARRAY[app.door('join')] ELSE '{}'::uuid[] END) STORED,
        PRIMARY KEY (network_id, id),
        UNIQUE (network_id, id, is_hub),
        CHECK (NOT is_hub OR status = 'ACTIVE')
      );
      CREATE UNIQUE INDEX organizations_one_hub ON organizations (network_id) WHERE is_hub;
      -- Only among those that everybody may see, so that a conflict tells nothing of a pending application.
      CREATE UNIQUE INDEX organizations_code ON organizations (network_id, unified_social_credit_code)
        WHERE status IN ('ACTIVE','SUSPENDED');
      CREATE INDEX organizations_by_name ON organizations (network_id, name COLLATE "zh-Hans-x-icu", id);
      CREATE INDEX organizations_readers ON organizations USING gin (readers);

      CREATE TABLE organization_contacts (
        network_id uuid NOT NULL,
        organization_id uuid NOT NULL,
        person text,
        phone text,
        email text,
        -- The contracts that the organization is party to; while one is in force, its other parties read the contact.
        contract_ids uuid[] NOT NULL DEFAULT '{}',
        readers uuid[] NOT NULL GENERATED ALWAYS AS (
          ARRAY[organization_id, app.principal('committee', network_id), app.door('join')] || contract_ids) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (
          ARRAY[app.principal('committee', network_id), app.principal('administration', organization_id), app.door('join')]) STORED,
        PRIMARY KEY (network_id, organization_id),
        FOREIGN KEY (network_id, organization_id) REFERENCES organizations (network_id, id)
      );

      CREATE TABLE memberships (
        network_id uuid NOT NULL,
        id uuid NOT NULL,
        user_id uuid NOT NULL REFERENCES users,
        organization_id uuid NOT NULL,
        organization_is_hub boolean NOT NULL,
        role text NOT NULL CHECK (role IN ('COMMITTEE','ADMIN','STAFF','VOLUNTEER','RESIDENT')),
        status text NOT NULL CHECK (status IN ('INVITED','ACTIVE','SUSPENDED','ENDED')),
        created_at timestamptz NOT NULL,
        version integer NOT NULL DEFAULT 1,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (
          ARRAY[user_id, organization_id, app.principal('committee', network_id), app.door('join')]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (
          ARRAY[app.principal('committee', network_id), app.principal('administration', organization_id), app.door('join')]) STORED,
        PRIMARY KEY (network_id, id),
        FOREIGN KEY (network_id, organization_id, organization_is_hub) REFERENCES organizations (network_id, id, is_hub),
        CHECK (role <> 'COMMITTEE' OR organization_is_hub)
      );
      CREATE UNIQUE INDEX memberships_once ON memberships (network_id, organization_id, user_id) WHERE status <> 'ENDED';
      CREATE INDEX memberships_by_user ON memberships (user_id);
      CREATE INDEX memberships_by_organization ON memberships (network_id, organization_id, id);

      -- An invitation that nobody has answered; the code itself is known to the invited person alone.
      CREATE TABLE invitations (
        network_id uuid NOT NULL,
        membership_id uuid NOT NULL,
        code_hash bytea NOT NULL,
        email citext,
        phone text,
        expires_at timestamptz NOT NULL,
        organization_id uuid NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (
          ARRAY[organization_id, app.principal('committee', network_id)]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (
          ARRAY[app.principal('committee', network_id), app.principal('administration', organization_id)]) STORED,
        PRIMARY KEY (network_id, membership_id),
        FOREIGN KEY (network_id, membership_id) REFERENCES memberships (network_id, id)
      );
      CREATE UNIQUE INDEX invitations_code ON invitations (network_id, code_hash);

      CREATE TABLE positions (
        network_id uuid NOT NULL,
        id uuid NOT NULL,
        organization_id uuid NOT NULL,
        organization_is_hub boolean NOT NULL,
        -- Copied when the organization changes its state: a position is on the map while its organization is in the network.
        organization_status text NOT NULL,
        name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
        kind text NOT NULL CHECK (kind IN ('HUB','MICRO')),
        address text,
        latitude double precision CHECK (latitude BETWEEN -90 AND 90),
        longitude double precision CHECK (longitude BETWEEN -180 AND 180),
        opening_hours jsonb NOT NULL DEFAULT '[]',
        created_at timestamptz NOT NULL,
        version integer NOT NULL DEFAULT 1,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (
          ARRAY[organization_id, app.principal('committee', network_id)]
          || CASE WHEN organization_status IN ('ACTIVE','SUSPENDED') THEN ARRAY[app.everybody(network_id)] ELSE '{}'::uuid[] END) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (
          ARRAY[app.principal('committee', network_id), app.principal('administration', organization_id)]) STORED,
        PRIMARY KEY (network_id, id),
        UNIQUE (network_id, id, organization_id),
        FOREIGN KEY (network_id, organization_id, organization_is_hub) REFERENCES organizations (network_id, id, is_hub),
        CHECK (kind <> 'HUB' OR organization_is_hub),
        CHECK ((latitude IS NULL) = (longitude IS NULL))
      );
      CREATE UNIQUE INDEX positions_one_hub ON positions (network_id) WHERE kind = 'HUB';
      CREATE INDEX positions_by_name ON positions (network_id, name COLLATE "zh-Hans-x-icu", id);
      CREATE INDEX positions_by_organization ON positions (network_id, organization_id, id);
      CREATE INDEX positions_readers ON positions USING gin (readers);

      -- The history of whatever has a status; audience is copied from the subject by the verb that moves it.
      CREATE TABLE state_changes (
        network_id uuid NOT NULL REFERENCES networks,
        id uuid NOT NULL,
        subject_type text NOT NULL,
        subject_id uuid NOT NULL,
        at timestamptz NOT NULL,
        from_status text,
        to_status text NOT NULL,
        actor_user_id uuid,
        actor_name text NOT NULL,
        actor_organization_id uuid,
        note text,
        audience uuid[] NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (audience || app.principal('committee', network_id)) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (
          -- Resources are what staff manages too.
          app.principals_of(CASE subject_type WHEN 'Resource' THEN 'work' ELSE 'administration' END, audience)
          || ARRAY[app.principal('committee', network_id), app.door('calendar'), app.door('join')]) STORED,
        PRIMARY KEY (network_id, id)
      );
      CREATE INDEX state_changes_by_subject ON state_changes (network_id, subject_id, at, id);

      -- What was done under an idempotency key, so that a repeated request gives the same answer and does nothing twice.
      CREATE TABLE idempotency_keys (
        network_id uuid NOT NULL REFERENCES networks,
        user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
        key text NOT NULL CHECK (char_length(key) BETWEEN 1 AND 128),
        input_hash bytea NOT NULL,
        result jsonb,
        created_at timestamptz NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[user_id]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[user_id]) STORED,
        PRIMARY KEY (network_id, user_id, key)
      );

      CALL app.guard('organizations', 'SELECT, INSERT, UPDATE');
      CALL app.guard('organization_contacts', 'SELECT, INSERT, UPDATE');
      CALL app.guard('memberships', 'SELECT, INSERT, UPDATE');
      CALL app.guard('invitations', 'SELECT, INSERT, UPDATE, DELETE');
      CALL app.guard('positions', 'SELECT, INSERT, UPDATE');
      CALL app.guard('state_changes', 'SELECT, INSERT, UPDATE (audience)');
      CALL app.guard('idempotency_keys', 'SELECT, INSERT, UPDATE');
    `);
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE idempotency_keys, state_changes, positions, invitations, memberships, organization_contacts, organizations;
    `);
  }
}
