import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is shared, and the contracts that open it. */
export class ResourcesAndContracts1764000000003 implements MigrationInterface {
  public async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE EXTENSION IF NOT EXISTS btree_gist;

      -- Who reads a resource. Its owner always; unless private the committee and, while the owner is in good standing,
      -- whoever holds a key (the grant clauses its owner signed); the network and everybody as it is shared.
      CREATE FUNCTION app.resource_readers(network_id uuid, owner_id uuid, owner_status text, sharing text, granted_by uuid[])
        RETURNS uuid[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
        RETURN ARRAY[owner_id]
          || CASE WHEN sharing <> 'PRIVATE' THEN ARRAY[app.principal('committee', network_id)] ELSE '{}' END
          || CASE WHEN sharing <> 'PRIVATE' AND owner_status = 'ACTIVE' THEN granted_by ELSE '{}' END
          || CASE WHEN sharing IN ('NETWORK','PUBLIC') AND owner_status = 'ACTIVE' THEN ARRAY[network_id] ELSE '{}' END
          || CASE WHEN sharing = 'PUBLIC' AND owner_status = 'ACTIVE' THEN ARRAY[app.everybody(network_id)] ELSE '{}' END;

      CREATE TABLE resources (
        network_id uuid NOT NULL,
        id uuid NOT NULL,
        owner_id uuid NOT NULL,
        -- Copied when the owner changes its state: what a suspended organization shares vanishes for others.
        owner_status text NOT NULL,
        position_id uuid,
        name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
        kind text NOT NULL CHECK (kind IN ('VENUE','EQUIPMENT','EXPERT','SERVICE','MATERIAL')),
        description text,
        sharing text NOT NULL CHECK (sharing IN ('PRIVATE','CONTRACT','NETWORK','PUBLIC')),
        status text NOT NULL CHECK (status IN ('AVAILABLE','OUT_OF_SERVICE','RETIRED')),
        capacity integer CHECK (capacity > 0),
        quantity integer NOT NULL CHECK (quantity > 0),
        skills text[] NOT NULL DEFAULT '{}',
        requires_ids uuid[] NOT NULL DEFAULT '{}',
        booking_minimum interval NOT NULL,
        booking_maximum interval NOT NULL,
        booking_lead_time interval NOT NULL,
        booking_horizon interval NOT NULL,
        booking_buffer interval NOT NULL,
        booking_requires_approval boolean NOT NULL,
        booking_cancellation_deadline interval NOT NULL,
        opening_hours jsonb NOT NULL DEFAULT '[]',
        -- The grant clauses that its owner has signed. An edited contract gets new clause ids, so an old one opens nothing.
        granted_by uuid[] NOT NULL DEFAULT '{}',
        created_at timestamptz NOT NULL,
        version integer NOT NULL DEFAULT 1,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (
          app.resource_readers(network_id, owner_id, owner_status, sharing, granted_by)) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.principal('work', owner_id)]
          || CASE WHEN sharing <> 'PRIVATE' THEN ARRAY[app.principal('committee', network_id)] ELSE '{}' END) STORED,
        PRIMARY KEY (network_id, id),
        UNIQUE (network_id, id, owner_id),
        FOREIGN KEY (network_id, owner_id) REFERENCES organizations (network_id, id),
        FOREIGN KEY (network_id, position_id, owner_id) REFERENCES positions (network_id, id, organization_id),
        CHECK (booking_minimum > interval '0' AND booking_maximum >= booking_minimum AND booking_lead_time >= interval '0'
          AND booking_horizon > interval '0' AND booking_buffer >= interval '0' AND booking_cancellation_deadline >= interval '0')
      );
      CREATE INDEX resources_by_name ON resources (network_id, name COLLATE "zh-Hans-x-icu", id);
      CREATE INDEX resources_by_owner ON resources (network_id, owner_id, id);
      CREATE INDEX resources_by_position ON resources (network_id, position_id, id);
      CREATE INDEX resources_readers ON resources USING gin (readers);
      -- Enough of the commonest readers to tell a name that opens thousands of rows from one that opens a handful.
      ALTER TABLE resources ALTER COLUMN readers SET STATISTICS 300;

      CREATE TABLE contracts (
        network_id uuid NOT NULL REFERENCES networks,
        id uuid NOT NULL,
        number text NOT NULL,
        title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
        status text NOT NULL CHECK (status IN ('DRAFT','PROPOSED','SIGNED','ACTIVE','SUSPENDED','EXPIRED','TERMINATED','REJECTED','WITHDRAWN')),
        term_from date NOT NULL,
        term_to date,
        drafted_by uuid NOT NULL,
        supersedes_id uuid,
        -- The first day of the amendment that takes this contract's place.
        superseded_from date CHECK (superseded_from > term_from),
        -- All versions of one agreement, from the first contract over its amendments.
        lineage_id uuid NOT NULL,
        ends_on date GENERATED ALWAYS AS (LEAST(term_to, superseded_from - 1)) STORED,
        content_hash text NOT NULL CHECK (content_hash ~ '^[0-9a-f]{64}$'),
        -- The organizations that may know of it: who drafts until it is proposed, then every party.
        audience uuid[] NOT NULL,
        created_at timestamptz NOT NULL,
        version integer NOT NULL DEFAULT 1,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (
          audience || ARRAY[app.principal('committee', network_id), app.door('calendar')]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (app.principals_of('administration', audience)
          || ARRAY[app.principal('committee', network_id), app.door('calendar')]) STORED,
        PRIMARY KEY (network_id, id),
        UNIQUE (network_id, number),
        FOREIGN KEY (network_id, drafted_by) REFERENCES organizations (network_id, id),
        FOREIGN KEY (network_id, supersedes_id) REFERENCES contracts (network_id, id),
        FOREIGN KEY (network_id, lineage_id) REFERENCES contracts (network_id, id),
        CHECK (term_to >= term_from),
        -- An amendment takes over without an overlap.
        CONSTRAINT contracts_one_version_at_a_time EXCLUDE USING gist (network_id WITH =, lineage_id WITH =,
          daterange(term_from, LEAST(term_to, superseded_from - 1), '[]') WITH &&) WHERE (status IN ('SIGNED','ACTIVE','SUSPENDED'))
      );
      -- Drafts do not count: one party's must not tell another that it exists.
      CREATE UNIQUE INDEX contracts_one_amendment ON contracts (network_id, supersedes_id)
        WHERE supersedes_id IS NOT NULL AND status NOT IN ('DRAFT','REJECTED','WITHDRAWN','TERMINATED');
      CREATE INDEX contracts_readers ON contracts USING gin (readers);
      CREATE INDEX contracts_by_calendar ON contracts (network_id, term_from) WHERE status IN ('SIGNED','ACTIVE','SUSPENDED');

      -- The status on a day: what the calendar says needs no job to be exact.
      CREATE FUNCTION app.contract_status(status text, term_from date, ends_on date, today date) RETURNS text
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT CASE
          WHEN status IN ('SIGNED','ACTIVE','SUSPENDED') AND ends_on < today THEN 'EXPIRED'
          WHEN status = 'SIGNED' AND term_from <= today THEN 'ACTIVE'
          ELSE status END $$;
      CREATE FUNCTION app.today() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE
        AS $$ SELECT nullif(current_setting('app.today', true), '')::date $$;

      CREATE TABLE contract_counters (
        network_id uuid NOT NULL REFERENCES networks,
        year integer NOT NULL,
        last integer NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.principal('contracting', network_id)]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.principal('contracting', network_id)]) STORED,
        PRIMARY KEY (network_id, year)
      );

      CREATE TABLE contract_parties (
        network_id uuid NOT NULL,
        contract_id uuid NOT NULL,
        organization_id uuid NOT NULL,
        role text NOT NULL CHECK (role IN ('HUB','PARTNER')),
        ordinal integer NOT NULL,
        audience uuid[] NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (audience || app.principal('committee', network_id)) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (app.principals_of('administration', audience)
          || app.principal('committee', network_id)) STORED,
        PRIMARY KEY (network_id, contract_id, organization_id),
        FOREIGN KEY (network_id, contract_id) REFERENCES contracts (network_id, id),
        FOREIGN KEY (network_id, organization_id) REFERENCES organizations (network_id, id)
      );
      CREATE INDEX contract_parties_by_organization ON contract_parties (network_id, organization_id, contract_id);

      CREATE TABLE contract_clauses (
        network_id uuid NOT NULL,
        id uuid NOT NULL,
        contract_id uuid NOT NULL,
        ordinal integer NOT NULL,
        kind text NOT NULL CHECK (kind IN ('RESOURCE_GRANT','ACTIVITY_COMMITMENT','VOLUNTEER_COMMITMENT','GOVERNANCE_DUTY')),
        obligor_id uuid NOT NULL,
        text text NOT NULL,
        quota_per_month interval CHECK (quota_per_month > interval '0'),
        hours jsonb NOT NULL DEFAULT '[]',
        requires_approval boolean NOT NULL DEFAULT false,
        priority integer NOT NULL DEFAULT 0,
        category text,
        activities_per_quarter integer CHECK (activities_per_quarter > 0),
        service_hours_per_quarter integer CHECK (service_hours_per_quarter > 0),
        audience uuid[] NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (audience || app.principal('committee', network_id)) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (app.principals_of('administration', audience)
          || app.principal('committee', network_id)) STORED,
        PRIMARY KEY (network_id, id),
        UNIQUE (network_id, id, contract_id, obligor_id),
        FOREIGN KEY (network_id, contract_id, obligor_id) REFERENCES contract_parties (network_id, contract_id, organization_id),
        CHECK ((kind IN ('ACTIVITY_COMMITMENT','GOVERNANCE_DUTY')) = (category IS NOT NULL)),
        CHECK ((kind = 'ACTIVITY_COMMITMENT') = (activities_per_quarter IS NOT NULL)),
        CHECK ((kind = 'VOLUNTEER_COMMITMENT') = (service_hours_per_quarter IS NOT NULL)),
        CHECK (kind = 'RESOURCE_GRANT' OR quota_per_month IS NULL)
      );
      CREATE INDEX contract_clauses_by_contract ON contract_clauses (network_id, contract_id, ordinal);

      -- What a clause grants, with the name the parties signed; the foreign key holds that it is the obligor's own.
      CREATE TABLE contract_clause_resources (
        network_id uuid NOT NULL,
        clause_id uuid NOT NULL,
        contract_id uuid NOT NULL,
        obligor_id uuid NOT NULL,
        resource_id uuid NOT NULL,
        ordinal integer NOT NULL,
        name text NOT NULL,
        audience uuid[] NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (audience || app.principal('committee', network_id)) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (app.principals_of('administration', audience)
          || app.principal('committee', network_id)) STORED,
        PRIMARY KEY (network_id, clause_id, resource_id),
        FOREIGN KEY (network_id, clause_id, contract_id, obligor_id)
          REFERENCES contract_clauses (network_id, id, contract_id, obligor_id) ON DELETE CASCADE,
        FOREIGN KEY (network_id, resource_id, obligor_id) REFERENCES resources (network_id, id, owner_id)
      );
      CREATE INDEX contract_clause_resources_by_resource ON contract_clause_resources (network_id, resource_id);

      CREATE TABLE contract_clause_beneficiaries (
        network_id uuid NOT NULL,
        clause_id uuid NOT NULL,
        contract_id uuid NOT NULL,
        obligor_id uuid NOT NULL,
        organization_id uuid NOT NULL,
        audience uuid[] NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (audience || app.principal('committee', network_id)) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (app.principals_of('administration', audience)
          || app.principal('committee', network_id)) STORED,
        PRIMARY KEY (network_id, clause_id, organization_id),
        FOREIGN KEY (network_id, clause_id, contract_id, obligor_id)
          REFERENCES contract_clauses (network_id, id, contract_id, obligor_id) ON DELETE CASCADE,
        FOREIGN KEY (network_id, contract_id, organization_id) REFERENCES contract_parties (network_id, contract_id, organization_id),
        CHECK (organization_id <> obligor_id)
      );
      CREATE INDEX contract_clause_beneficiaries_by_contract
        ON contract_clause_beneficiaries (network_id, contract_id, organization_id, clause_id);

      CREATE TABLE contract_signatures (
        network_id uuid NOT NULL,
        contract_id uuid NOT NULL,
        organization_id uuid NOT NULL,
        content_hash text NOT NULL CHECK (content_hash ~ '^[0-9a-f]{64}$'),
        signed_at timestamptz NOT NULL,
        signed_by uuid NOT NULL,
        signed_by_name text NOT NULL,
        audience uuid[] NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (audience || app.principal('committee', network_id)) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (app.principals_of('administration', audience)
          || app.principal('committee', network_id)) STORED,
        PRIMARY KEY (network_id, contract_id, organization_id),
        FOREIGN KEY (network_id, contract_id, organization_id) REFERENCES contract_parties (network_id, contract_id, organization_id)
      );

      CALL app.guard('resources', 'SELECT, INSERT, UPDATE');
      CALL app.guard('contracts', 'SELECT, INSERT, UPDATE');
      CALL app.guard('contract_counters', 'SELECT, INSERT, UPDATE');
      CALL app.guard('contract_parties', 'SELECT, INSERT, UPDATE, DELETE');
      CALL app.guard('contract_clauses', 'SELECT, INSERT, UPDATE, DELETE');
      CALL app.guard('contract_clause_resources', 'SELECT, INSERT, UPDATE, DELETE');
      CALL app.guard('contract_clause_beneficiaries', 'SELECT, INSERT, UPDATE, DELETE');
      CALL app.guard('contract_signatures', 'SELECT, INSERT, UPDATE, DELETE');
    `);
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE contract_signatures, contract_clause_beneficiaries, contract_clause_resources, contract_clauses,
        contract_parties, contract_counters, contracts, resources;
      DROP FUNCTION app.contract_status, app.today, app.resource_readers;
    `);
  }
}
