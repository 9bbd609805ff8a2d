import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Calls for volunteers, and what recruiting them needs of the tables that are there. */
export class Recruitment1764000000023 implements MigrationInterface {
  public async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE recruitment_campaigns (
        network_id uuid NOT NULL REFERENCES networks,
        id uuid NOT NULL,
        organization_id uuid NOT NULL,
        title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
        call text NOT NULL CHECK (char_length(call) BETWEEN 1 AND 10000),
        channel text NOT NULL CHECK (channel IN ('ONLINE','VISIT')),
        period_from date NOT NULL,
        period_to date NOT NULL,
        target integer NOT NULL CHECK (target BETWEEN 1 AND 1000000),
        status text NOT NULL CHECK (status IN ('DRAFT','OPEN','CLOSED')),
        -- How many have applied through which channel; kept with the applications, in their transaction.
        applied_online integer NOT NULL DEFAULT 0 CHECK (applied_online >= 0),
        applied_visit integer NOT NULL DEFAULT 0 CHECK (applied_visit >= 0),
        created_at timestamptz NOT NULL,
        version integer NOT NULL DEFAULT 1,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (
          ARRAY[organization_id, app.principal('committee', network_id), app.door('volunteers')]
          || CASE WHEN status = 'DRAFT' THEN '{}'::uuid[] ELSE ARRAY[app.everybody(network_id)] END) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (
          ARRAY[app.principal('work', organization_id), app.principal('committee', network_id), app.door('volunteers')]) STORED,
        PRIMARY KEY (network_id, id),
        FOREIGN KEY (network_id, organization_id) REFERENCES organizations (network_id, id),
        CHECK (period_to >= period_from)
      );
      CREATE INDEX recruitment_campaigns_readers ON recruitment_campaigns USING gin (readers);
      CREATE INDEX recruitment_campaigns_by_organization ON recruitment_campaigns (network_id, organization_id, id);
      CALL app.guard('recruitment_campaigns', 'SELECT, INSERT, UPDATE');

      ALTER TABLE volunteers ADD CONSTRAINT volunteers_campaign FOREIGN KEY (network_id, campaign_id) REFERENCES recruitment_campaigns (network_id, id);
      CREATE INDEX volunteers_by_campaign ON volunteers (network_id, campaign_id, id) WHERE campaign_id IS NOT NULL;
      -- Lists within an organization by status.
      CREATE INDEX volunteers_by_status ON volunteers (network_id, status, id);

      -- Who applies online proves nothing by an identity number, and learns nothing from it: it counts as the volunteer's
      -- once somebody who has seen the document says so. Of those to whom it counts there is one a network.
      ALTER TABLE volunteer_personal ADD COLUMN identity_counts boolean NOT NULL DEFAULT false;
      DROP INDEX volunteer_personal_identity;
      CREATE UNIQUE INDEX volunteer_personal_identity ON volunteer_personal (network_id, identity_hash) WHERE identity_counts;
      ALTER TABLE volunteer_personal ADD CONSTRAINT volunteer_personal_counts CHECK (identity_hash IS NOT NULL OR NOT identity_counts);
      -- Who is already there without an identity number is found by phone.
      CREATE INDEX volunteer_personal_by_phone ON volunteer_personal (network_id, phone) WHERE phone IS NOT NULL;
    `);
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX volunteer_personal_by_phone, volunteer_personal_identity;
      ALTER TABLE volunteer_personal DROP COLUMN identity_counts;
      CREATE UNIQUE INDEX volunteer_personal_identity ON volunteer_personal (network_id, identity_hash) WHERE identity_hash IS NOT NULL;
      DROP INDEX volunteers_by_status, volunteers_by_campaign;
      ALTER TABLE volunteers DROP CONSTRAINT volunteers_campaign;
      DROP TABLE recruitment_campaigns;
    `);
  }
}
