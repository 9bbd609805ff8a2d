import type { MigrationInterface, QueryRunner } from 'typeorm';
import { search, SEARCHED_AT_FIRST, type Searched } from './parts/search';

const ACTIVITIES: Searched = ['activities', `t.status <> 'CANCELLED'`];

/** What is read of a contract and of its clauses, and over what part of a term; the rest differs by what is measured. */
const CONTRACT = `
  contract AS (
    SELECT t.id, t.network_id, n.time_zone, t.term_from,
      LEAST(t.ends_on, (SELECT (max(s.at) AT TIME ZONE n.time_zone)::date FROM state_changes s
        WHERE s.network_id = t.network_id AND s.subject_id = t.id AND s.to_status = 'TERMINATED')) AS last_day
    FROM contracts t JOIN networks n ON n.id = t.network_id
    WHERE t.network_id = app.network_id() AND t.id = ANY (p_contracts) AND t.readers && app.principals()
  )`;

/** The hours that were booked by a grant on the days of a part. */
const BOOKED = `
  SELECT sum(seconds) / 3600.0 AS delivered, coalesce(sum(seconds) FILTER (WHERE status IN ('IN_USE','COMPLETED')), 0) / 3600.0 AS used FROM (
    SELECT app.booking_status(b.status, b.starts_at, b.ends_at, app.now()) AS status,
      b.quantity * extract(epoch FROM LEAST(b.ends_at, upper(d.days)) - GREATEST(b.starts_at, lower(d.days))) AS seconds
    FROM bookings b
    WHERE b.network_id = p.network_id AND b.clause_id = p.clause_id AND b.is_counted
      AND b.starts_at < upper(d.days) AND b.ends_at > lower(d.days)
  ) booked WHERE status IN ('CONFIRMED','IN_USE','COMPLETED','NO_SHOW')`;

const DAYS = `tstzrange(p.first::timestamp AT TIME ZONE p.time_zone, (p.last + 1)::timestamp AT TIME ZONE p.time_zone)`;

/** Fulfilment of grants alone, as migration 1764000000013 has it. */
const FULFILMENT_OF_GRANTS = `
  CREATE FUNCTION app.fulfilment_of(p_contracts uuid[], p_from date, p_to date)
    RETURNS TABLE (contract_id uuid, clause_id uuid, first_day date, last_day date, promised double precision, delivered double precision, used double precision)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH ${CONTRACT}, part AS (
      SELECT c.*, l.id AS clause_id, l.ordinal, l.quota_per_month, month::date AS month,
        GREATEST(month::date, p_from, c.term_from) AS first,
        LEAST((month + interval '1 month')::date - 1, p_to, c.last_day) AS last
      FROM contract c
        JOIN contract_clauses l ON l.network_id = c.network_id AND l.contract_id = c.id AND l.kind = 'RESOURCE_GRANT'
        CROSS JOIN generate_series(date_trunc('month', p_from::timestamp), p_to::timestamp, interval '1 month') AS month
    )
    SELECT p.id, p.clause_id, p.first, p.last,
      extract(epoch FROM p.quota_per_month) / 3600.0 * (p.last - p.first + 1) / extract(day FROM p.month + interval '1 month' - interval '1 day'),
      coalesce(h.delivered, 0), coalesce(h.used, 0)
    FROM part p CROSS JOIN LATERAL (SELECT ${DAYS} AS days) d LEFT JOIN LATERAL (${BOOKED}) h ON true
    WHERE p.first <= p.last ORDER BY p.id, p.ordinal, p.month $$;`;

const FULFILMENT = `
  -- Door: what the clauses of contracts that the session may read promised and what came of it: grants by month, the others
  -- by quarter. A party to a contract reads the sums, though not the bookings, activities and records of the others.
  CREATE FUNCTION app.fulfilment_of(p_contracts uuid[], p_from date, p_to date)
    RETURNS TABLE (contract_id uuid, clause_id uuid, first_day date, last_day date, promised double precision, delivered double precision,
      used double precision, unit text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH ${CONTRACT}, part AS (
      SELECT c.*, l.id AS clause_id, l.ordinal, l.kind, l.obligor_id, l.category, span::date AS span, (span + s.length)::date AS next,
        coalesce(extract(epoch FROM l.quota_per_month) / 3600.0, l.activities_per_quarter, l.service_hours_per_quarter) AS each,
        GREATEST(span::date, p_from, c.term_from) AS first,
        LEAST((span + s.length)::date - 1, p_to, c.last_day) AS last
      FROM contract c
        JOIN contract_clauses l ON l.network_id = c.network_id AND l.contract_id = c.id
        CROSS JOIN LATERAL (SELECT CASE l.kind WHEN 'RESOURCE_GRANT' THEN interval '1 month' ELSE interval '3 months' END AS length) s
        CROSS JOIN LATERAL generate_series(date_trunc(CASE l.kind WHEN 'RESOURCE_GRANT' THEN 'month' ELSE 'quarter' END, p_from::timestamp),
          p_to::timestamp, s.length) AS span
    )
    SELECT p.id, p.clause_id, p.first, p.last,
      -- A month or quarter that is in the period or the term in part is promised in that part.
      p.each * (p.last - p.first + 1) / (p.next - p.span), coalesce(h.delivered, 0), coalesce(h.used, 0),
      CASE WHEN p.kind IN ('ACTIVITY_COMMITMENT','GOVERNANCE_DUTY') THEN 'activities' ELSE 'hours' END
    FROM part p CROSS JOIN LATERAL (SELECT ${DAYS} AS days) d
      LEFT JOIN LATERAL (
        SELECT delivered, used FROM (${BOOKED}) booked WHERE p.kind = 'RESOURCE_GRANT'
        UNION ALL
        SELECT n, n FROM (
          SELECT count(*)::numeric AS n FROM activity_participations o JOIN activities a ON a.network_id = o.network_id AND a.id = o.activity_id
          WHERE o.network_id = p.network_id AND o.organization_id = p.obligor_id AND o.status = 'ACCEPTED' AND o.role IN ('HOST','CO_HOST')
            AND a.category = p.category AND a.status IN ('COMPLETED','CLOSED') AND a.starts_at <@ d.days
        ) held WHERE p.kind IN ('ACTIVITY_COMMITMENT','GOVERNANCE_DUTY')
        UNION ALL
        SELECT n, n FROM (
          SELECT sum(r.seconds) / 3600.0 AS n FROM service_records r
          WHERE r.network_id = p.network_id AND r.organization_id = p.obligor_id AND r.service_date BETWEEN p.first AND p.last AND r.registration_id IS NOT NULL
            AND NOT EXISTS (SELECT FROM service_records c WHERE c.network_id = r.network_id AND c.corrects_id = r.id)
        ) served WHERE p.kind = 'VOLUNTEER_COMMITMENT'
      ) h ON true
    WHERE p.first <= p.last
    ORDER BY p.id, p.ordinal, p.span $$;`;

const opened = (...functions: string[]): string => `
  DO $$
  DECLARE f text;
  BEGIN
    FOREACH f IN ARRAY ARRAY[${functions.map((name) => `'app.${name}'`).join(', ')}] LOOP
      EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
      EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', f, current_setting('youth.application_role'));
    END LOOP;
  END $$;`;

/** Teams and courses of volunteers; activities in the search; what every kind of clause promised and what came of it. */
export class TeamsAndFulfilment1764000000022 implements MigrationInterface {
  public async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE teams (
        network_id uuid NOT NULL,
        id uuid NOT NULL,
        organization_id uuid NOT NULL,
        name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
        focus text[] NOT NULL CHECK (cardinality(focus) BETWEEN 1 AND 12 AND focus <@ ARRAY['OUTREACH','PROPERTY_SERVICE','BUILDING_MANAGEMENT',
          'PUBLIC_SAFETY','EPIDEMIC_PREVENTION','AFTER_SCHOOL_CLASS','SMART_ELDER_CARE','YOUTH_SUPPORT','GREEN_LIVING','CULTURE','TRAINING','OTHER']),
        leader_id uuid,
        created_at timestamptz NOT NULL,
        version integer NOT NULL DEFAULT 1,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[network_id, organization_id, app.principal('committee', network_id), app.door('volunteers')]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.principal('work', organization_id), app.principal('committee', network_id), app.door('volunteers')]) STORED,
        PRIMARY KEY (network_id, id),
        UNIQUE (network_id, id, organization_id),
        UNIQUE (network_id, organization_id, name),
        FOREIGN KEY (network_id, organization_id) REFERENCES organizations (network_id, id)
      );
      CREATE INDEX teams_readers ON teams USING gin (readers);

      -- Who is in a team, by ids alone: whose names one sees, the volunteers' own rows say.
      CREATE TABLE team_members (
        network_id uuid NOT NULL,
        team_id uuid NOT NULL,
        volunteer_id uuid NOT NULL,
        organization_id uuid NOT NULL,
        joined_at timestamptz NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[network_id, organization_id, app.principal('committee', network_id), app.door('volunteers')]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.principal('work', organization_id), app.principal('committee', network_id), app.door('volunteers')]) STORED,
        PRIMARY KEY (network_id, team_id, volunteer_id),
        FOREIGN KEY (network_id, team_id, organization_id) REFERENCES teams (network_id, id, organization_id),
        FOREIGN KEY (network_id, volunteer_id) REFERENCES volunteers (network_id, id)
      );
      CREATE INDEX team_members_by_volunteer ON team_members (network_id, volunteer_id, team_id);
      -- Who leads a team is in it.
      ALTER TABLE teams ADD FOREIGN KEY (network_id, id, leader_id) REFERENCES team_members (network_id, team_id, volunteer_id);

      -- What shifts may ask for, so whoever reads a public activity reads of it.
      CREATE TABLE courses (
        network_id uuid NOT NULL,
        id uuid NOT NULL,
        organization_id uuid NOT NULL,
        title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
        description text,
        -- How long a completion is good; null: for ever.
        valid_for interval CHECK (valid_for > interval '0'),
        created_at timestamptz NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.everybody(network_id)]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.principal('work', organization_id), app.principal('committee', network_id)]) STORED,
        PRIMARY KEY (network_id, id),
        UNIQUE (network_id, id, organization_id),
        FOREIGN KEY (network_id, organization_id) REFERENCES organizations (network_id, id)
      );
      CREATE INDEX courses_readers ON courses USING gin (readers);

      -- A date of a course, with places. The count is kept with the enrolments, in their transaction.
      CREATE TABLE course_sessions (
        network_id uuid NOT NULL,
        id uuid NOT NULL,
        course_id uuid NOT NULL,
        organization_id uuid NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
        place text,
        capacity integer NOT NULL CHECK (capacity BETWEEN 1 AND 100000),
        enrolled integer NOT NULL DEFAULT 0 CHECK (enrolled >= 0),
        created_at timestamptz NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.everybody(network_id)]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.principal('work', organization_id), app.principal('committee', network_id), app.door('activities')]) STORED,
        PRIMARY KEY (network_id, id),
        UNIQUE (network_id, id, course_id, organization_id),
        FOREIGN KEY (network_id, course_id, organization_id) REFERENCES courses (network_id, id, organization_id),
        CONSTRAINT course_sessions_within_capacity CHECK (enrolled <= capacity)
      );
      CREATE INDEX course_sessions_by_course ON course_sessions (network_id, course_id, starts_at, id);

      CREATE TABLE course_enrolments (
        network_id uuid NOT NULL,
        session_id uuid NOT NULL,
        volunteer_id uuid NOT NULL,
        course_id uuid NOT NULL,
        organization_id uuid NOT NULL,
        user_id uuid,
        enrolled_at timestamptz NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (array_remove(ARRAY[user_id], NULL)
          || ARRAY[organization_id, app.principal('committee', network_id), app.door('activities'), app.door('volunteers')]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.principal('work', organization_id), app.principal('committee', network_id),
          app.door('activities'), app.door('volunteers')]) STORED,
        PRIMARY KEY (network_id, session_id, volunteer_id),
        FOREIGN KEY (network_id, session_id, course_id, organization_id) REFERENCES course_sessions (network_id, id, course_id, organization_id),
        FOREIGN KEY (network_id, volunteer_id) REFERENCES volunteers (network_id, id)
      );
      CREATE INDEX course_enrolments_by_volunteer ON course_enrolments (network_id, volunteer_id);

      -- That a volunteer has completed a course. Never changed: what was completed again is another row.
      CREATE TABLE training_completions (
        network_id uuid NOT NULL,
        volunteer_id uuid NOT NULL,
        course_id uuid NOT NULL,
        organization_id uuid NOT NULL,
        user_id uuid,
        volunteer_organization_id uuid,
        completed_at timestamptz NOT NULL,
        expires_at timestamptz CHECK (expires_at > completed_at),
        score double precision CHECK (score BETWEEN 0 AND 100),
        recorded_by uuid NOT NULL,
        recorded_at timestamptz NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (array_remove(ARRAY[user_id, volunteer_organization_id], NULL)
          || ARRAY[organization_id, app.principal('committee', network_id), app.door('shifts'), app.door('volunteers'), app.door('records')]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.principal('work', organization_id), app.principal('committee', network_id)]) STORED,
        PRIMARY KEY (network_id, volunteer_id, course_id, completed_at),
        FOREIGN KEY (network_id, course_id, organization_id) REFERENCES courses (network_id, id, organization_id),
        FOREIGN KEY (network_id, volunteer_id) REFERENCES volunteers (network_id, id)
      );
      CREATE INDEX training_completions_by_course ON training_completions (network_id, course_id, volunteer_id);

      CALL app.guard('teams', 'SELECT, INSERT, UPDATE');
      CALL app.guard('team_members', 'SELECT, INSERT, DELETE');
      CALL app.guard('courses', 'SELECT, INSERT');
      CALL app.guard('course_sessions', 'SELECT, INSERT, UPDATE');
      CALL app.guard('course_enrolments', 'SELECT, INSERT, DELETE');
      CALL app.guard('training_completions', 'SELECT, INSERT');

      ALTER TABLE activities
        ADD COLUMN search_grams text[] NOT NULL GENERATED ALWAYS AS (app.grams(title, description || ' ' || coalesce(address, ''))) STORED,
        ADD COLUMN search_text text NOT NULL GENERATED ALWAYS AS (app.search_text(title, description || ' ' || coalesce(address, ''))) STORED;
      CREATE INDEX activities_search ON activities USING gin (search_grams, readers);
      ${search([...SEARCHED_AT_FIRST, ACTIVITIES])}

      -- Door: the ids of readable activities that contain a text, for lists that are narrowed by it; null when they are more
      -- than so many, and then so common that the list finds them in its own order.
      CREATE FUNCTION app.activities_with(p_text text, p_most integer) RETURNS uuid[] LANGUAGE plpgsql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
      DECLARE
        here uuid := app.network_id();
        names uuid[] := app.principals();
        words text := app.folded(p_text);
        certain text[] := app.sought(words);
        ids uuid[] := ARRAY(SELECT t.id FROM activities t
          WHERE t.network_id = here AND t.readers && names AND t.search_grams @> certain AND position(words IN t.search_text) > 0 LIMIT p_most + 1);
      BEGIN
        -- Without a letter there is nothing that it could be contained in.
        RETURN CASE WHEN words = '' THEN '{}' WHEN cardinality(ids) <= p_most THEN ids END;
      END $$;

      CREATE INDEX service_records_of_organization ON service_records (network_id, organization_id, service_date) WHERE organization_id IS NOT NULL;
      DROP FUNCTION app.fulfilment_of;
      ${FULFILMENT}
      ${opened('activities_with', 'fulfilment_of')}
    `);
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION app.fulfilment_of;
      ${FULFILMENT_OF_GRANTS}
      ${opened('fulfilment_of')}
      DROP INDEX service_records_of_organization;
      DROP FUNCTION app.activities_with;
      ${search(SEARCHED_AT_FIRST)}
      ALTER TABLE activities DROP COLUMN search_grams, DROP COLUMN search_text;
      ALTER TABLE teams DROP CONSTRAINT teams_network_id_id_leader_id_fkey;
      DROP TABLE training_completions, course_enrolments, course_sessions, courses, team_members, teams;
    `);
  }
}
