import type { MigrationInterface, QueryRunner } from 'typeorm';

const COMMITTEE = `app.principal('committee', network_id)`;
const DOOR = `app.door('points')`;

/** What points are good for: rewards, their redemptions, micro-wishes 微心愿; and the daily round of what expires. */
export class Rewards1764000000034 implements MigrationInterface {
  public async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- An id that follows from a name, as UUIDv8 (RFC 9562), so that it can stand in a global id.
      CREATE FUNCTION app.derived_id(name text) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        RETURN overlay(overlay(md5(name) PLACING '8' FROM 13) PLACING 'a' FROM 17)::uuid;
      CREATE OR REPLACE FUNCTION app.points_account(network_id uuid, kind text, holder uuid) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE
        RETURN CASE kind WHEN 'ISSUANCE' THEN network_id WHEN 'EXPIRED' THEN app.derived_id('expired:' || network_id::text) ELSE holder END;
      -- An entry is one side of a transfer: its id says which, so that no transfer is entered twice on a side.
      CREATE FUNCTION app.points_entry(transfer uuid, account uuid) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        RETURN app.derived_id(transfer::text || ':' || account::text);
      ALTER TABLE points_entries DROP CONSTRAINT points_entries_network_id_transfer_id_account_id_key;
      ALTER TABLE points_entries ADD COLUMN id uuid NOT NULL GENERATED ALWAYS AS (app.points_entry(transfer_id, account_id)) STORED;
      ALTER TABLE points_entries ADD UNIQUE (network_id, id);

      -- Up to which day what expires has been written down.
      CREATE TABLE points_rounds (
        network_id uuid PRIMARY KEY REFERENCES networks,
        done_on date NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[${DOOR}]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[${DOOR}]) STORED
      );

      CREATE TABLE rewards (
        network_id uuid NOT NULL REFERENCES networks,
        id uuid NOT NULL,
        organization_id uuid NOT NULL,
        title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
        description text,
        kind text NOT NULL CHECK (kind IN ('SERVICE','GOODS','WISH')),
        price integer NOT NULL CHECK (price BETWEEN 1 AND 1000000),
        -- How many are left that nobody has reserved; null: there is no end of them.
        stock integer CHECK (stock >= 0),
        limit_per_person integer CHECK (limit_per_person > 0),
        status text NOT NULL CHECK (status IN ('DRAFT','OFFERED','PAUSED','ENDED')),
        valid_until date,
        -- How long what is reserved is kept for who reserved it.
        pickup_within interval NOT NULL CHECK (pickup_within > interval '0'),
        created_at timestamptz NOT NULL,
        version integer NOT NULL DEFAULT 1,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[organization_id, ${COMMITTEE}, ${DOOR}]
          || CASE WHEN status = 'DRAFT' THEN '{}'::uuid[] ELSE ARRAY[network_id] END) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.principal('work', organization_id), ${DOOR}]) STORED,
        PRIMARY KEY (network_id, id),
        UNIQUE (network_id, id, organization_id),
        FOREIGN KEY (network_id, organization_id) REFERENCES organizations (network_id, id)
      ) WITH (fillfactor = 80);
      CREATE INDEX rewards_readers ON rewards USING gin (readers);
      CREATE INDEX rewards_by_organization ON rewards (network_id, organization_id, id);

      CREATE TABLE redemptions (
        network_id uuid NOT NULL,
        id uuid NOT NULL,
        reward_id uuid NOT NULL,
        organization_id uuid NOT NULL,
        volunteer_id uuid NOT NULL,
        user_id uuid,
        quantity integer NOT NULL CHECK (quantity > 0),
        -- What one cost when it was reserved.
        price integer NOT NULL CHECK (price > 0),
        transfer_id uuid NOT NULL,
        status text NOT NULL CHECK (status IN ('RESERVED','FULFILLED','CANCELLED','LAPSED')),
        lapses_at timestamptz NOT NULL,
        created_at timestamptz NOT NULL,
        version integer NOT NULL DEFAULT 1,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (array_remove(ARRAY[user_id, organization_id], NULL) || ARRAY[${COMMITTEE}, ${DOOR}]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[${DOOR}]) STORED,
        PRIMARY KEY (network_id, id),
        UNIQUE (network_id, transfer_id),
        FOREIGN KEY (network_id, reward_id, organization_id) REFERENCES rewards (network_id, id, organization_id),
        FOREIGN KEY (network_id, volunteer_id) REFERENCES volunteers (network_id, id),
        FOREIGN KEY (network_id, transfer_id) REFERENCES points_transfers (network_id, id)
      );
      CREATE INDEX redemptions_readers ON redemptions USING gin (readers);
      CREATE INDEX redemptions_by_person ON redemptions (network_id, volunteer_id, id);
      CREATE INDEX redemptions_by_reward ON redemptions (network_id, reward_id, volunteer_id);
      CREATE INDEX redemptions_due ON redemptions (network_id, lapses_at) WHERE status = 'RESERVED';

      CREATE TABLE wishes (
        network_id uuid NOT NULL REFERENCES networks,
        id uuid NOT NULL,
        title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
        description text NOT NULL,
        status text NOT NULL CHECK (status IN ('SUBMITTED','PUBLISHED','CLAIMED','FULFILLED','CONFIRMED','DECLINED','WITHDRAWN')),
        bounty integer NOT NULL CHECK (bounty >= 0),
        submitted_by uuid NOT NULL,
        -- Who pays the bounty: the volunteer whose wish it is; null: the community.
        payer_id uuid,
        -- What is held of the payer's points while it is published.
        hold_id uuid,
        claimed_by uuid,
        created_at timestamptz NOT NULL,
        version integer NOT NULL DEFAULT 1,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[submitted_by, ${COMMITTEE}, ${DOOR}]
          || CASE WHEN status IN ('PUBLISHED','CLAIMED','FULFILLED','CONFIRMED') THEN ARRAY[app.everybody(network_id)] ELSE '{}'::uuid[] END) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[${COMMITTEE}, ${DOOR}]) STORED,
        PRIMARY KEY (network_id, id),
        FOREIGN KEY (network_id, payer_id) REFERENCES volunteers (network_id, id),
        FOREIGN KEY (network_id, hold_id) REFERENCES points_transfers (network_id, id),
        CHECK ((claimed_by IS NOT NULL) = (status IN ('CLAIMED','FULFILLED','CONFIRMED')))
      );
      CREATE INDEX wishes_readers ON wishes USING gin (readers);

      -- Who has taken a wish on, apart: a name is for those whom it concerns.
      CREATE TABLE wish_claims (
        network_id uuid NOT NULL,
        wish_id uuid NOT NULL,
        submitted_by uuid NOT NULL,
        user_id uuid NOT NULL,
        user_name text NOT NULL,
        -- As a volunteer, or for an organization.
        volunteer_id uuid,
        organization_id uuid,
        claimed_at timestamptz NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (array_remove(ARRAY[submitted_by, user_id, organization_id], NULL) || ARRAY[${COMMITTEE}, ${DOOR}]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[${DOOR}]) STORED,
        PRIMARY KEY (network_id, wish_id),
        FOREIGN KEY (network_id, wish_id) REFERENCES wishes (network_id, id),
        FOREIGN KEY (network_id, volunteer_id) REFERENCES volunteers (network_id, id),
        FOREIGN KEY (network_id, organization_id) REFERENCES organizations (network_id, id),
        CHECK (num_nonnulls(volunteer_id, organization_id) = 1)
      );

      CALL app.guard('points_rounds', 'SELECT, INSERT, UPDATE');
      CALL app.guard('rewards', 'SELECT, INSERT, UPDATE');
      CALL app.guard('redemptions', 'SELECT, INSERT, UPDATE (status, user_id, version)');
      CALL app.guard('wishes', 'SELECT, INSERT, UPDATE');
      CALL app.guard('wish_claims', 'SELECT, INSERT, DELETE');

      -- Doors: the calendar's work starts from no network.
      DROP FUNCTION app.networks_with_points;
      CREATE FUNCTION app.networks_with_points_due(p_now timestamptz) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
        SELECT p.network_id FROM points_policies p JOIN networks n ON n.id = p.network_id LEFT JOIN points_rounds r ON r.network_id = p.network_id
        WHERE p.expires_after IS NOT NULL AND coalesce(r.done_on < (coalesce(p_now, now()) AT TIME ZONE n.time_zone)::date, true) $$;
      CREATE FUNCTION app.networks_with_due_redemptions(p_now timestamptz) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
        SELECT DISTINCT network_id FROM redemptions WHERE status = 'RESERVED' AND lapses_at <= coalesce(p_now, now()) $$;
      REVOKE EXECUTE ON FUNCTION app.networks_with_points_due, app.networks_with_due_redemptions FROM PUBLIC;
      DO $$ BEGIN
        EXECUTE format('GRANT EXECUTE ON FUNCTION app.networks_with_points_due, app.networks_with_due_redemptions TO %I', current_setting('youth.application_role'));
      END $$;
    `);
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION app.networks_with_due_redemptions, app.networks_with_points_due;
      CREATE FUNCTION app.networks_with_points() RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp AS $$ SELECT network_id FROM points_policies WHERE expires_after IS NOT NULL $$;
      REVOKE EXECUTE ON FUNCTION app.networks_with_points FROM PUBLIC;
      DO $$ BEGIN
        EXECUTE format('GRANT EXECUTE ON FUNCTION app.networks_with_points TO %I', current_setting('youth.application_role'));
      END $$;
      DROP TABLE wish_claims, wishes, redemptions, rewards, points_rounds;
      ALTER TABLE points_entries DROP COLUMN id;
      ALTER TABLE points_entries ADD UNIQUE (network_id, transfer_id, account_id);
      CREATE OR REPLACE FUNCTION app.points_account(network_id uuid, kind text, holder uuid) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE
        RETURN CASE kind WHEN 'ISSUANCE' THEN network_id WHEN 'EXPIRED' THEN app.principal('expired', network_id) ELSE holder END;
      DROP FUNCTION app.points_entry, app.derived_id;
    `);
  }
}
