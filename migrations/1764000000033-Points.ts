import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who reads what a holder's account is: the volunteer, or the administrators of the merchant; the committee reads all. */
const HOLDER_READERS = (organization: string) => `array_remove(ARRAY[user_id, app.principal('administrator', ${organization})], NULL)
          || ARRAY[app.principal('committee', network_id), app.door('points')]`;
const ONLY_DOOR = `ARRAY[app.door('points')]`;
const OWN_KINDS = `'ISSUANCE','EXPIRED'`;

/** A side of a transfer: the accounts of the network itself go by fixed ids, any other is a row of points_accounts. */
const side = (name: 'debit' | 'credit') => `
        ${name}_kind text NOT NULL CHECK (${name}_kind IN ('ISSUANCE','VOLUNTEER','MERCHANT','EXPIRED')),
        ${name}_id uuid NOT NULL CHECK (${name}_id = app.points_account(network_id, ${name}_kind, ${name}_id)),
        -- The network's own accounts are not referred to: every transfer would share a lock on one row.
        ${name}_holder uuid GENERATED ALWAYS AS (CASE WHEN ${name}_kind IN (${OWN_KINDS}) THEN NULL ELSE ${name}_id END) STORED,
        ${name}_user_id uuid,
        FOREIGN KEY (network_id, ${name}_holder, ${name}_kind) REFERENCES points_accounts (network_id, id, kind),`;

/** Points 积分 by double entry: what they are earned by, accounts, transfers, entries, what expires when, what is settled. */
export class Points1764000000033 implements MigrationInterface {
  public async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE points_policies (
        network_id uuid PRIMARY KEY REFERENCES networks,
        points_per_hour integer NOT NULL CHECK (points_per_hour BETWEEN 0 AND 10000),
        currency_name text NOT NULL CHECK (char_length(currency_name) BETWEEN 1 AND 20),
        exchange_rate double precision NOT NULL CHECK (exchange_rate > 0 AND exchange_rate <= 1000000),
        monthly_cap integer CHECK (monthly_cap > 0),
        expires_after interval CHECK (expires_after >= interval '1 day'),
        expiry_notice interval NOT NULL CHECK (expiry_notice >= interval '1 day'),
        -- What one granter gives as a bonus in a month at most; null: there is no limit.
        bonus_limit integer CHECK (bonus_limit > 0),
        version integer NOT NULL DEFAULT 1,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.everybody(network_id)]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.principal('committee', network_id)]) STORED
      );

      -- The id of an account: of the network's own ones it follows from the network, of any other it is that of its holder.
      CREATE FUNCTION app.points_account(network_id uuid, kind text, holder uuid) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE
        RETURN CASE kind WHEN 'ISSUANCE' THEN network_id WHEN 'EXPIRED' THEN app.principal('expired', network_id) ELSE holder END;

      -- Accounts of volunteers and merchants; the id is that of the volunteer or the organization.
      CREATE TABLE points_accounts (
        network_id uuid NOT NULL REFERENCES networks,
        id uuid NOT NULL,
        kind text NOT NULL CHECK (kind IN ('VOLUNTEER','MERCHANT')),
        volunteer_id uuid GENERATED ALWAYS AS (CASE kind WHEN 'VOLUNTEER' THEN id END) STORED,
        organization_id uuid GENERATED ALWAYS AS (CASE kind WHEN 'MERCHANT' THEN id END) STORED,
        -- The volunteer's account of the platform, as it was when the points last moved.
        user_id uuid,
        balance bigint NOT NULL DEFAULT 0,
        held bigint NOT NULL DEFAULT 0 CHECK (held >= 0),
        entries bigint NOT NULL DEFAULT 0 CHECK (entries >= 0),
        -- Entries are dated by it too, so that their order in time is the order of their numbers.
        moved_at timestamptz NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (array_remove(ARRAY[user_id, CASE kind WHEN 'MERCHANT' THEN app.principal('administrator', id) END], NULL)
          || ARRAY[app.principal('committee', network_id), app.door('points')]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (${ONLY_DOOR}) STORED,
        PRIMARY KEY (network_id, id),
        UNIQUE (network_id, id, kind),
        FOREIGN KEY (network_id, volunteer_id) REFERENCES volunteers (network_id, id),
        FOREIGN KEY (network_id, organization_id) REFERENCES organizations (network_id, id),
        CONSTRAINT points_accounts_available CHECK (balance >= held)
      ) WITH (fillfactor = 70);

      -- The network's own accounts, in parts: nearly every transfer has one of them on a side, and a single row would make
      -- all transfers of a network wait for each other. Each connection changes a part of its own; the balance is the sum.
      CREATE TABLE points_parts (
        network_id uuid NOT NULL REFERENCES networks,
        account_id uuid NOT NULL CHECK (account_id = app.points_account(network_id, kind, account_id)),
        part smallint NOT NULL CHECK (part BETWEEN 0 AND 63),
        kind text NOT NULL CHECK (kind IN (${OWN_KINDS})),
        balance bigint NOT NULL,
        entries bigint NOT NULL CHECK (entries >= 0),
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.principal('committee', network_id), app.door('points')]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (${ONLY_DOOR}) STORED,
        PRIMARY KEY (network_id, account_id, part)
      ) WITH (fillfactor = 30);

      -- One row a transfer. What it moves is never changed: only its status, and by whom it is read.
      CREATE TABLE points_transfers (
        network_id uuid NOT NULL,
        id uuid NOT NULL,
        ${side('debit')}
        ${side('credit')}
        amount bigint NOT NULL CHECK (amount BETWEEN 1 AND 1000000000),
        reason text NOT NULL CHECK (reason IN ('SERVICE','BONUS','REDEMPTION','WISH','EXPIRY','REVERSAL','SETTLEMENT')),
        status text NOT NULL CHECK (status IN ('HELD','POSTED','VOIDED')),
        memo text CHECK (char_length(memo) <= 1000),
        -- What it was made for: a node of this type and id.
        source_type text,
        source_id uuid,
        reverses_id uuid,
        -- Of points earned by a service: the month of the service, by which the cap counts.
        service_month date CHECK (extract(day FROM service_month) = 1),
        created_by uuid,
        created_at timestamptz NOT NULL,
        -- When it was posted or voided.
        settled_at timestamptz,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (array_remove(ARRAY[debit_user_id, credit_user_id,
            CASE debit_kind WHEN 'MERCHANT' THEN debit_id END, CASE credit_kind WHEN 'MERCHANT' THEN credit_id END], NULL)
          || ARRAY[app.principal('committee', network_id), app.door('points')]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (${ONLY_DOOR}) STORED,
        PRIMARY KEY (network_id, id),
        FOREIGN KEY (network_id, reverses_id) REFERENCES points_transfers (network_id, id),
        CHECK (debit_id <> credit_id),
        CHECK ((status = 'HELD') = (settled_at IS NULL)),
        CHECK (status <> 'HELD' OR debit_kind = 'VOLUNTEER'),
        CHECK ((reason = 'REVERSAL') = (reverses_id IS NOT NULL)),
        CHECK ((source_type IS NULL) = (source_id IS NULL))
      );
      -- A transfer is reversed once, a record of service earns once.
      CREATE UNIQUE INDEX points_transfers_reversed_once ON points_transfers (network_id, reverses_id) WHERE reverses_id IS NOT NULL;
      CREATE UNIQUE INDEX points_transfers_earned_once ON points_transfers (network_id, source_id) WHERE reason = 'SERVICE';
      CREATE INDEX points_transfers_by_source ON points_transfers (network_id, source_id) WHERE source_id IS NOT NULL;

      -- What a posted transfer did to an account, numbered in each account (of the network's own ones, in each part).
      CREATE TABLE points_entries (
        network_id uuid NOT NULL,
        account_id uuid NOT NULL,
        part smallint NOT NULL,
        seq bigint NOT NULL CHECK (seq > 0),
        transfer_id uuid NOT NULL,
        user_id uuid,
        organization_id uuid,
        delta bigint NOT NULL CHECK (delta <> 0),
        balance_after bigint NOT NULL,
        at timestamptz NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (${HOLDER_READERS('organization_id')}) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (${ONLY_DOOR}) STORED,
        PRIMARY KEY (network_id, account_id, part, seq),
        UNIQUE (network_id, transfer_id, account_id),
        FOREIGN KEY (network_id, transfer_id) REFERENCES points_transfers (network_id, id)
      );
      CREATE INDEX points_entries_by_time ON points_entries (network_id, account_id, at, part, seq) INCLUDE (delta);

      -- What came to a volunteer in a month, by which points expire oldest first, and what the services of that month earned.
      CREATE TABLE points_months (
        network_id uuid NOT NULL,
        account_id uuid NOT NULL,
        month date NOT NULL CHECK (extract(day FROM month) = 1),
        user_id uuid,
        credited bigint NOT NULL DEFAULT 0 CHECK (credited >= 0),
        earned bigint NOT NULL DEFAULT 0 CHECK (earned >= 0),
        -- When the volunteer was told that they will expire.
        noticed_at timestamptz,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (array_remove(ARRAY[user_id], NULL) || ARRAY[app.principal('committee', network_id), app.door('points')]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (${ONLY_DOOR}) STORED,
        PRIMARY KEY (network_id, account_id, month),
        FOREIGN KEY (network_id, account_id) REFERENCES points_accounts (network_id, id)
      ) WITH (fillfactor = 80);

      -- What a person has granted as a bonus in a month.
      CREATE TABLE points_granters (
        network_id uuid NOT NULL REFERENCES networks,
        user_id uuid NOT NULL,
        month date NOT NULL,
        granted bigint NOT NULL CHECK (granted > 0),
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[user_id, app.principal('committee', network_id), app.door('points')]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (${ONLY_DOOR}) STORED,
        PRIMARY KEY (network_id, user_id, month)
      );

      -- The points that a merchant has taken in a period, agreed on by the merchant and the committee.
      CREATE TABLE points_settlements (
        network_id uuid NOT NULL,
        id uuid NOT NULL,
        organization_id uuid NOT NULL,
        from_day date NOT NULL,
        to_day date NOT NULL,
        total bigint NOT NULL CHECK (total > 0),
        status text NOT NULL CHECK (status IN ('PROPOSED','CONFIRMED')),
        proposed_by_side text NOT NULL CHECK (proposed_by_side IN ('MERCHANT','COMMITTEE')),
        proposed_by uuid NOT NULL,
        proposed_at timestamptz NOT NULL,
        confirmed_by uuid,
        confirmed_at timestamptz,
        transfer_id uuid,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.principal('administrator', organization_id), app.principal('committee', network_id), app.door('points')]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (${ONLY_DOOR}) STORED,
        PRIMARY KEY (network_id, id),
        FOREIGN KEY (network_id, organization_id) REFERENCES organizations (network_id, id),
        FOREIGN KEY (network_id, transfer_id) REFERENCES points_transfers (network_id, id),
        CHECK (to_day >= from_day),
        CHECK ((status = 'CONFIRMED') = (transfer_id IS NOT NULL)),
        CHECK (num_nulls(transfer_id, confirmed_by, confirmed_at) IN (0, 3)),
        -- No day is settled twice.
        CONSTRAINT points_settlements_apart EXCLUDE USING gist (network_id WITH =, organization_id WITH =, daterange(from_day, to_day, '[]') WITH &&)
      );
      CREATE INDEX points_settlements_by_organization ON points_settlements (network_id, organization_id, from_day DESC);

      CALL app.guard('points_policies', 'SELECT, INSERT, UPDATE');
      CALL app.guard('points_accounts', 'SELECT, INSERT, UPDATE (user_id, balance, held, entries, moved_at)');
      CALL app.guard('points_parts', 'SELECT, INSERT, UPDATE (balance, entries)');
      CALL app.guard('points_transfers', 'SELECT, INSERT, UPDATE (status, settled_at, debit_user_id, credit_user_id)');
      CALL app.guard('points_entries', 'SELECT, INSERT, UPDATE (user_id)');
      CALL app.guard('points_months', 'SELECT, INSERT, UPDATE (user_id, credited, earned, noticed_at)');
      CALL app.guard('points_granters', 'SELECT, INSERT, UPDATE (granted)');
      CALL app.guard('points_settlements', 'SELECT, INSERT, DELETE, UPDATE (status, confirmed_by, confirmed_at, transfer_id)');

      -- Door: the calendar's work starts from no network.
      CREATE FUNCTION app.networks_with_points() RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp AS $$ SELECT network_id FROM points_policies WHERE expires_after IS NOT NULL $$;
      REVOKE EXECUTE ON FUNCTION app.networks_with_points FROM PUBLIC;
      DO $$ BEGIN
        EXECUTE format('GRANT EXECUTE ON FUNCTION app.networks_with_points TO %I', current_setting('youth.application_role'));
      END $$;
    `);
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION app.networks_with_points;
      DROP TABLE points_settlements, points_granters, points_months, points_entries, points_transfers, points_parts, points_accounts, points_policies;
      DROP FUNCTION app.points_account;
    `);
  }
}
