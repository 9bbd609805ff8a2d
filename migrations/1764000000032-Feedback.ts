import type { MigrationInterface, QueryRunner } from 'typeorm';
import { search, SEARCHED_AT_FIRST, type Searched } from './parts/search';

const SEARCHED: readonly Searched[] = [...SEARCHED_AT_FIRST, ['activities', `t.status <> 'CANCELLED'`]];
const NEEDS_AND_PROJECTS: readonly Searched[] = [['needs', `t.status NOT IN ('DECLINED','DUPLICATE')`], ['projects', 'true']];

const BY_DOOR = `writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.door('projects')]) STORED`;

/** Whoever belongs to the network, residents too: what was said in it is not for those outside. */
const WITHIN = `ARRAY[network_id, app.principal('resident', network_id), app.principal('committee', network_id), app.door('projects')]`;

/** Word of mouth: what people say after activities, its summary, and what came of it in exchanges and adjustments; needs and projects in the search. */
export class Feedback1764000000032 implements MigrationInterface {
  public async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE activities ADD CONSTRAINT activities_project FOREIGN KEY (network_id, project_id) REFERENCES projects (network_id, id);

      -- Good once each, for whoever was there and has no account or no registration. The code itself is derived and not kept.
      CREATE TABLE feedback_codes (
        network_id uuid NOT NULL,
        id uuid NOT NULL,
        activity_id uuid NOT NULL,
        hash bytea NOT NULL,
        expires_at timestamptz NOT NULL,
        created_by uuid NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.door('projects')]) STORED,
        ${BY_DOOR},
        PRIMARY KEY (network_id, id),
        UNIQUE (network_id, hash),
        UNIQUE (network_id, id, activity_id),
        FOREIGN KEY (network_id, activity_id) REFERENCES activities (network_id, id)
      );
      CREATE INDEX feedback_codes_by_activity ON feedback_codes (network_id, activity_id);

      CREATE TABLE feedback (
        network_id uuid NOT NULL,
        id uuid NOT NULL,
        activity_id uuid NOT NULL,
        host_id uuid NOT NULL,
        -- The activity's project, copied whenever that changes.
        project_id uuid,
        -- How many adjustments of it there had been.
        adjustments integer NOT NULL DEFAULT 0 CHECK (adjustments >= 0),
        -- The account of who gave it, or the code that it was given by; a person with an account may have both.
        user_id uuid,
        code_id uuid,
        rating integer NOT NULL CHECK (rating BETWEEN 1 AND 5),
        comment text CHECK (char_length(comment) BETWEEN 1 AND 2000),
        recommend integer CHECK (recommend BETWEEN 0 AND 10),
        created_at timestamptz NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (${WITHIN} || host_id || array_remove(ARRAY[user_id], NULL)) STORED,
        ${BY_DOOR},
        PRIMARY KEY (network_id, id),
        FOREIGN KEY (network_id, activity_id, host_id) REFERENCES activities (network_id, id, host_id),
        FOREIGN KEY (network_id, code_id, activity_id) REFERENCES feedback_codes (network_id, id, activity_id),
        FOREIGN KEY (network_id, project_id) REFERENCES projects (network_id, id),
        CHECK (num_nonnulls(user_id, code_id) > 0)
      );
      -- Each person once an activity, each code once.
      CREATE UNIQUE INDEX feedback_once_a_person ON feedback (network_id, activity_id, user_id) WHERE user_id IS NOT NULL;
      CREATE UNIQUE INDEX feedback_once_a_code ON feedback (network_id, code_id) WHERE code_id IS NOT NULL;
      CREATE INDEX feedback_by_activity ON feedback (network_id, activity_id, id);
      CREATE INDEX feedback_by_project ON feedback (network_id, project_id, id) WHERE project_id IS NOT NULL;

      -- The name of who gave feedback, apart: for that person and the committee, and for the host when it is neither a
      -- resident nor a minor.
      CREATE TABLE feedback_authors (
        network_id uuid NOT NULL,
        feedback_id uuid NOT NULL,
        user_id uuid NOT NULL,
        display_name text NOT NULL,
        organization_id uuid,
        shown_to uuid,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (
          ARRAY[user_id, app.principal('committee', network_id), app.door('projects')] || array_remove(ARRAY[shown_to], NULL)) STORED,
        ${BY_DOOR},
        PRIMARY KEY (network_id, feedback_id),
        FOREIGN KEY (network_id, feedback_id) REFERENCES feedback (network_id, id)
      );
      CREATE INDEX feedback_authors_by_user ON feedback_authors (network_id, user_id);

      -- The summary of an activity's or a project's feedback by month, kept with each that is given. Counts alone: whoever
      -- reads the activity or project reads them.
      CREATE TABLE feedback_months (
        network_id uuid NOT NULL REFERENCES networks,
        subject_id uuid NOT NULL,
        month date NOT NULL,
        -- How often each rating was given, 1 to 5.
        ones integer NOT NULL DEFAULT 0 CHECK (ones >= 0),
        twos integer NOT NULL DEFAULT 0 CHECK (twos >= 0),
        threes integer NOT NULL DEFAULT 0 CHECK (threes >= 0),
        fours integer NOT NULL DEFAULT 0 CHECK (fours >= 0),
        fives integer NOT NULL DEFAULT 0 CHECK (fives >= 0),
        -- Would recommend it: 9 and 10, 0 to 6, all that said so.
        promoters integer NOT NULL DEFAULT 0 CHECK (promoters >= 0),
        detractors integer NOT NULL DEFAULT 0 CHECK (detractors >= 0),
        recommended integer NOT NULL DEFAULT 0 CHECK (recommended >= promoters + detractors),
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.everybody(network_id), app.door('projects')]) STORED,
        ${BY_DOOR},
        PRIMARY KEY (network_id, subject_id, month)
      );

      CREATE TABLE exchanges (
        network_id uuid NOT NULL,
        id uuid NOT NULL,
        project_id uuid NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        attendee_ids uuid[] NOT NULL,
        minutes text CHECK (char_length(minutes) BETWEEN 1 AND 20000),
        decisions text[] NOT NULL DEFAULT '{}',
        recorded_at timestamptz,
        created_at timestamptz NOT NULL,
        version integer NOT NULL DEFAULT 1,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (${WITHIN} || attendee_ids) STORED,
        ${BY_DOOR},
        PRIMARY KEY (network_id, id),
        FOREIGN KEY (network_id, project_id) REFERENCES projects (network_id, id),
        CHECK (ends_at > starts_at),
        CHECK ((minutes IS NULL) = (recorded_at IS NULL))
      );
      CREATE INDEX exchanges_by_project ON exchanges (network_id, project_id, starts_at, id);

      -- What was changed of a service, and the ratings of its project since the change before and since this one.
      CREATE TABLE adjustments (
        network_id uuid NOT NULL,
        id uuid NOT NULL,
        project_id uuid NOT NULL,
        -- Which one of its project, from 1.
        nth integer NOT NULL CHECK (nth > 0),
        at timestamptz NOT NULL,
        what text NOT NULL CHECK (char_length(what) BETWEEN 1 AND 2000),
        because text NOT NULL CHECK (char_length(because) BETWEEN 1 AND 2000),
        feedback_ids uuid[] NOT NULL DEFAULT '{}',
        count_before integer NOT NULL CHECK (count_before >= 0),
        sum_before integer NOT NULL CHECK (sum_before >= 0),
        count_after integer NOT NULL DEFAULT 0 CHECK (count_after >= 0),
        sum_after integer NOT NULL DEFAULT 0 CHECK (sum_after >= 0),
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.everybody(network_id), app.door('projects')]) STORED,
        ${BY_DOOR},
        PRIMARY KEY (network_id, id),
        UNIQUE (network_id, project_id, nth),
        FOREIGN KEY (network_id, project_id) REFERENCES projects (network_id, id)
      );

      CALL app.guard('feedback_codes', 'SELECT, INSERT');
      CALL app.guard('feedback', 'SELECT, INSERT, UPDATE (project_id, adjustments)');
      CALL app.guard('feedback_authors', 'SELECT, INSERT, UPDATE (display_name)');
      CALL app.guard('feedback_months', 'SELECT, INSERT, UPDATE');
      CALL app.guard('exchanges', 'SELECT, INSERT, UPDATE');
      CALL app.guard('adjustments', 'SELECT, INSERT, UPDATE');

      ${search([...SEARCHED, ...NEEDS_AND_PROJECTS])}
    `);
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ${search(SEARCHED)}
      DROP TABLE adjustments, exchanges, feedback_months, feedback_authors, feedback, feedback_codes;
      ALTER TABLE activities DROP CONSTRAINT activities_project;
    `);
  }
}
