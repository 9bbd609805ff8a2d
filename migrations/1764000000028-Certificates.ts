import type { MigrationInterface, QueryRunner } from 'typeorm';

const VOLUNTEER_PARTIES = `array_remove(ARRAY[user_id, organization_id], NULL)`;

/** What volunteers ask to be corrected in their records, and the certificates that are made of them. */
export class Certificates1764000000028 implements MigrationInterface {
  public async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- In the order of the list, in which every key goes the same way.
      DROP INDEX service_records_by_volunteer;
      CREATE INDEX service_records_by_volunteer ON service_records (network_id, volunteer_id, service_date, id);
      -- Nobody evaluates the own service.
      ALTER TABLE service_records ADD CONSTRAINT service_records_of_others CHECK (evaluation IS NULL OR user_id IS DISTINCT FROM confirmed_by);

      CREATE TABLE correction_requests (
        network_id uuid NOT NULL,
        id uuid NOT NULL,
        volunteer_id uuid NOT NULL,
        user_id uuid,
        organization_id uuid,
        -- null: a service that is not on record.
        record_id uuid,
        -- Who answers.
        organizer_id uuid NOT NULL,
        reason text NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 1000),
        status text NOT NULL CHECK (status IN ('OPEN','CORRECTED','DECLINED')),
        answer text,
        requested_by uuid NOT NULL,
        requested_by_name text NOT NULL,
        requested_by_organization_id uuid,
        requested_at timestamptz NOT NULL,
        version integer NOT NULL DEFAULT 1,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (${VOLUNTEER_PARTIES} || organizer_id
          || ARRAY[app.principal('committee', network_id), app.door('records')]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.principal('work', organizer_id), app.principal('committee', network_id), app.door('records')]) STORED,
        PRIMARY KEY (network_id, id),
        FOREIGN KEY (network_id, record_id, volunteer_id) REFERENCES service_records (network_id, id, volunteer_id),
        FOREIGN KEY (network_id, volunteer_id) REFERENCES volunteers (network_id, id),
        FOREIGN KEY (network_id, organizer_id) REFERENCES organizations (network_id, id),
        CHECK ((status = 'OPEN') = (answer IS NULL))
      );
      CREATE UNIQUE INDEX correction_requests_open_once ON correction_requests (network_id, record_id) WHERE status = 'OPEN' AND record_id IS NOT NULL;
      CREATE INDEX correction_requests_by_volunteer ON correction_requests (network_id, volunteer_id, id);
      CREATE INDEX correction_requests_readers ON correction_requests USING gin (readers);

      CREATE TABLE certificate_counters (
        network_id uuid NOT NULL REFERENCES networks,
        year integer NOT NULL,
        last integer NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.door('records')]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.door('records')]) STORED,
        PRIMARY KEY (network_id, year)
      );

      CREATE TABLE service_certificates (
        network_id uuid NOT NULL,
        id uuid NOT NULL,
        volunteer_id uuid NOT NULL,
        user_id uuid,
        organization_id uuid,
        issuer_id uuid NOT NULL,
        -- 100 random bits; whoever has it may see what the certificate shows, names and numbers masked.
        code text NOT NULL CHECK (code ~ '^[0-9A-HJKMNP-TV-Z]{20}$'),
        -- What it says, as canonical JSON and kept to the letter, its SHA-256, and the signature under that.
        content text NOT NULL,
        content_hash text NOT NULL,
        key_id text NOT NULL,
        signature bytea NOT NULL,
        number text NOT NULL,
        status text NOT NULL CHECK (status IN ('VALID','REVOKED')),
        issued_by uuid NOT NULL,
        issued_at timestamptz NOT NULL,
        version integer NOT NULL DEFAULT 1,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (${VOLUNTEER_PARTIES} || ARRAY[app.principal('committee', network_id), app.door('records')]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.principal('committee', network_id), app.door('records')]
          || CASE WHEN organization_id IS NULL THEN '{}'::uuid[] ELSE ARRAY[app.principal('work', organization_id)] END) STORED,
        PRIMARY KEY (network_id, id),
        UNIQUE (network_id, number),
        UNIQUE (network_id, code),
        FOREIGN KEY (network_id, volunteer_id) REFERENCES volunteers (network_id, id),
        FOREIGN KEY (network_id, issuer_id) REFERENCES organizations (network_id, id)
      );
      CREATE INDEX service_certificates_by_code ON service_certificates (code);
      CREATE INDEX service_certificates_by_volunteer ON service_certificates (network_id, volunteer_id, id);

      CALL app.guard('correction_requests', 'SELECT, INSERT, UPDATE (status, answer, version)');
      CALL app.guard('certificate_counters', 'SELECT, INSERT, UPDATE');
      CALL app.guard('service_certificates', 'SELECT, INSERT, UPDATE (status, content, user_id, version)');

      CREATE FUNCTION app.masked_name(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN left(name, 1) || '**';
      CREATE FUNCTION app.masked_number(number text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        RETURN repeat('*', greatest(char_length(number) - 3, 1)) || right(number, 3);

      -- Door: what the certificate with a code shows, in whatever network it is, for whoever holds the code. The name and the
      -- volunteer's number are masked here; whether its text is the one that was signed is told rather than the text.
      CREATE FUNCTION app.verify_certificate(p_code text)
        RETURNS TABLE (network_id uuid, id uuid, issuer_id uuid, issuer jsonb, code text, content text, "contentHash" text, "keyId" text,
          signature bytea, "isIntact" boolean, "recordedStatus" text, number text, "issuedAt" timestamptz, version integer)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT c.network_id, c.id, c.issuer_id,
          jsonb_build_object('id', o.id, 'networkId', o.network_id, 'name', o.name, 'kind', o.kind, 'status', o.status, 'isHub', o.is_hub, 'version', o.version),
          c.code,
          (c.content::jsonb || jsonb_build_object('holder', c.content::jsonb->'holder' || jsonb_build_object(
            'legalName', app.masked_name(c.content::jsonb->'holder'->>'legalName'),
            'volunteerNumber', app.masked_number(c.content::jsonb->'holder'->>'volunteerNumber'))))::text,
          c.content_hash, c.key_id, c.signature, encode(sha256(convert_to(c.content, 'UTF8')), 'hex') = c.content_hash, c.status, c.number, c.issued_at, c.version
        FROM service_certificates c JOIN organizations o ON o.network_id = c.network_id AND o.id = c.issuer_id
        WHERE c.code = p_code $$;
      REVOKE EXECUTE ON FUNCTION app.verify_certificate FROM PUBLIC;
      DO $$ BEGIN
        EXECUTE format('GRANT EXECUTE ON FUNCTION app.verify_certificate TO %I', current_setting('youth.application_role'));
      END $$;
    `);
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION app.verify_certificate, app.masked_number, app.masked_name;
      DROP TABLE service_certificates, certificate_counters, correction_requests;
      ALTER TABLE service_records DROP CONSTRAINT service_records_of_others;
      DROP INDEX service_records_by_volunteer;
      CREATE INDEX service_records_by_volunteer ON service_records (network_id, volunteer_id, service_date DESC, id);
    `);
  }
}
