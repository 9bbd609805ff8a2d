import type { MigrationInterface, QueryRunner } from 'typeorm';

const CATEGORIES = `'OUTREACH','PROPERTY_SERVICE','BUILDING_MANAGEMENT','PUBLIC_SAFETY','EPIDEMIC_PREVENTION','AFTER_SCHOOL_CLASS',
  'SMART_ELDER_CARE','YOUTH_SUPPORT','GREEN_LIVING','CULTURE','TRAINING','OTHER'`;

/** Needs that may still come to something: who raises the same again is pointed to them. */
const OPEN = `'SUBMITTED','ACCEPTED','PLANNED','REOPENED'`;

/**
 * Who raises a need is shown what is alike: the share of three neighbouring characters that two titles have in common, as
 * pg_trgm reckons it, but of letters as every server knows them. Titles that are alike have runs of characters in common:
 * the longest are looked up first, which few titles have, and shorter ones as long as little is found.
 */
const SIMILAR = `
  -- Three neighbouring characters of each word in their order, with two spaces before it and one behind; hashed together
  -- with the network, so that an index of them leads to no other network's.
  CREATE FUNCTION app.trigram_run(network_id uuid, input text) RETURNS bigint[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (SELECT coalesce(array_agg(('x' || left(md5(network_id::text || substr('  ' || word || ' ', i, 3)), 16))::bit(64)::bigint ORDER BY nth, i), '{}')
      FROM unnest(string_to_array(app.folded(input), ' ')) WITH ORDINALITY AS w(word, nth), generate_series(1, char_length(word) + 1) AS i);
  CREATE FUNCTION app.trigrams(network_id uuid, input text) RETURNS bigint[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (SELECT coalesce(array_agg(DISTINCT g), '{}') FROM unnest(app.trigram_run(network_id, input)) AS g);
  ALTER TABLE needs ADD COLUMN trigrams bigint[] NOT NULL GENERATED ALWAYS AS (app.trigrams(network_id, title)) STORED;
  CREATE INDEX needs_similar ON needs USING gin (trigrams) WITH (fastupdate = off) WHERE status IN (${OPEN});

  -- Door: the readable needs whose titles are most alike, of those that may still come to something. The operators on
  -- arrays are not leakproof, so behind a policy the planner may not look them up in the index; here it may, and the
  -- caller fetches the rows through their policies. Bounded: of what fits equally well, the first so many.
  CREATE FUNCTION app.similar_needs(p_title text, p_except uuid, p_most integer) RETURNS TABLE (id uuid, similarity real)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
  #variable_conflict use_column
  DECLARE
    here uuid := app.network_id();
    names uuid[] := app.principals();
    run bigint[] := (app.trigram_run(here, p_title))[1:60];
    own bigint[] := app.trigrams(here, p_title);
    -- How much two titles have in common at least, to be shown.
    lowest CONSTANT real := 0.2;
    candidates CONSTANT integer := 100;
    enough CONSTANT integer := 150;
    size integer := cardinality(run);
    long integer := size;
    place integer;
    found uuid[] := '{}';
  BEGIN
    <<lengths>>
    WHILE long > 0 LOOP
      place := 1;
      LOOP
        -- OFFSET 0: by no other index than that of the trigrams.
        found := ARRAY(SELECT unnest(found) UNION (SELECT t.id FROM (
          SELECT n.network_id, n.id, n.readers FROM needs n WHERE n.trigrams @> run[place:place + long - 1] AND n.status IN (${OPEN}) OFFSET 0) t
          WHERE t.network_id = here AND t.readers && names AND t.id IS DISTINCT FROM p_except LIMIT candidates));
        EXIT lengths WHEN cardinality(found) >= enough;
        EXIT WHEN place + long > size;
        place := least(place + greatest(long / 3, 1), size - long + 1);
      END LOOP;
      -- Two thirds of a run, down to three characters more than a trigram has; a short title by each of its trigrams.
      long := CASE WHEN long <= 3 AND size > 6 THEN 0 ELSE long * 2 / 3 END;
    END LOOP;
    RETURN QUERY SELECT c.id, c.similarity FROM (
      SELECT t.id, t.supporters, (s.common / (cardinality(own) + cardinality(t.trigrams) - s.common))::real AS similarity
      FROM needs t, LATERAL (SELECT count(*)::float8 AS common FROM unnest(t.trigrams) AS g WHERE g = ANY (own)) s
      WHERE t.network_id = here AND t.id = ANY (found)) c
    WHERE c.similarity >= lowest ORDER BY c.similarity DESC, c.supporters DESC, c.id LIMIT p_most;
  END $$;`;

const ONLY_BY_DOOR = (door: string) => `writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.door('${door}')]) STORED`;

/** What residents need, who supports it, and the projects that come of it. */
export class NeedsAndProjects1764000000031 implements MigrationInterface {
  public async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE projects (
        network_id uuid NOT NULL REFERENCES networks,
        id uuid NOT NULL,
        title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
        category text NOT NULL CHECK (category IN (${CATEGORIES})),
        goal text NOT NULL CHECK (char_length(goal) BETWEEN 1 AND 2000),
        status text NOT NULL CHECK (status IN ('PROPOSED','APPROVED','RUNNING','PAUSED','COMPLETED','STOPPED')),
        lead_id uuid NOT NULL,
        partner_ids uuid[] NOT NULL DEFAULT '{}',
        -- The needs that it was proposed from and those that were planned into it since.
        need_ids uuid[] NOT NULL DEFAULT '{}',
        starts_on date NOT NULL,
        ends_on date,
        -- The average rating below which lead and committee are told, and since when it has been below.
        rating_threshold numeric(2, 1) CHECK (rating_threshold BETWEEN 1 AND 5),
        below_since timestamptz,
        created_by uuid NOT NULL,
        created_at timestamptz NOT NULL,
        version integer NOT NULL DEFAULT 1,
        -- A proposal is read by those who would do it and by the committee; what was approved, by everybody.
        readers uuid[] NOT NULL GENERATED ALWAYS AS (
          ARRAY[lead_id, app.principal('committee', network_id), app.door('projects'), app.door('needs')] || partner_ids
          || CASE WHEN status = 'PROPOSED' THEN '{}'::uuid[] ELSE ARRAY[app.everybody(network_id)] END) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (
          ARRAY[app.principal('work', lead_id), app.principal('committee', network_id), app.door('projects')]) STORED,
        search_grams text[] NOT NULL GENERATED ALWAYS AS (app.grams(title, goal)) STORED,
        search_text text NOT NULL GENERATED ALWAYS AS (app.search_text(title, goal)) STORED,
        PRIMARY KEY (network_id, id),
        FOREIGN KEY (network_id, lead_id) REFERENCES organizations (network_id, id),
        CHECK (ends_on >= starts_on),
        CHECK (lead_id <> ALL (partner_ids))
      );
      CREATE INDEX projects_search ON projects USING gin (search_grams, readers);
      CREATE INDEX projects_by_lead ON projects (network_id, lead_id, id);

      CREATE TABLE project_milestones (
        network_id uuid NOT NULL,
        id uuid NOT NULL,
        project_id uuid NOT NULL,
        title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
        due date NOT NULL,
        done_at timestamptz,
        -- The readers of the project, copied whenever they change.
        audience uuid[] NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (audience || app.door('projects')) STORED,
        ${ONLY_BY_DOOR('projects')},
        PRIMARY KEY (network_id, id),
        FOREIGN KEY (network_id, project_id) REFERENCES projects (network_id, id)
      );
      CREATE INDEX project_milestones_by_project ON project_milestones (network_id, project_id, due, id);

      CREATE TABLE needs (
        network_id uuid NOT NULL REFERENCES networks,
        id uuid NOT NULL,
        title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
        description text NOT NULL CHECK (char_length(description) <= 2000),
        category text NOT NULL CHECK (category IN (${CATEGORIES})),
        building text CHECK (char_length(building) BETWEEN 1 AND 100),
        status text NOT NULL CHECK (status IN ('SUBMITTED','ACCEPTED','PLANNED','RESOLVED','DECLINED','DUPLICATE','REOPENED')),
        raised_by uuid NOT NULL,
        raised_at timestamptz NOT NULL,
        -- Since when it has stood where it stands.
        moved_at timestamptz NOT NULL,
        -- How many people support it, counted with need_supports; who raised it is not among them.
        supporters integer NOT NULL DEFAULT 0 CHECK (supporters >= 0),
        assignee_id uuid,
        project_id uuid,
        duplicate_of_id uuid,
        resolution text CHECK (char_length(resolution) BETWEEN 1 AND 2000),
        version integer NOT NULL DEFAULT 1,
        -- Published once the committee has accepted it; before, and when it comes to nothing, read by whoever raised it and by members.
        readers uuid[] NOT NULL GENERATED ALWAYS AS (
          ARRAY[app.principal('committee', network_id), app.door('needs'), app.door('projects')]
          || CASE WHEN status IN ('ACCEPTED','PLANNED','RESOLVED','REOPENED') THEN ARRAY[app.everybody(network_id)] ELSE ARRAY[raised_by, network_id] END) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.principal('committee', network_id), app.door('needs'), app.door('projects')]
          || CASE WHEN assignee_id IS NULL THEN '{}'::uuid[] ELSE ARRAY[app.principal('work', assignee_id)] END) STORED,
        search_grams text[] NOT NULL GENERATED ALWAYS AS (app.grams(title, description)) STORED,
        search_text text NOT NULL GENERATED ALWAYS AS (app.search_text(title, description)) STORED,
        PRIMARY KEY (network_id, id),
        FOREIGN KEY (network_id, assignee_id) REFERENCES organizations (network_id, id),
        FOREIGN KEY (network_id, project_id) REFERENCES projects (network_id, id),
        FOREIGN KEY (network_id, duplicate_of_id) REFERENCES needs (network_id, id),
        CHECK ((status = 'DUPLICATE') = (duplicate_of_id IS NOT NULL)),
        CHECK (duplicate_of_id <> id),
        CHECK (status <> 'PLANNED' OR project_id IS NOT NULL),
        CHECK (status <> 'RESOLVED' OR resolution IS NOT NULL)
      );
      -- Entered at once: what is raised now may be raised again in a minute, and a list of what is yet to be entered would be read each time.
      CREATE INDEX needs_search ON needs USING gin (search_grams, readers) WITH (fastupdate = off);
      CREATE INDEX needs_by_supporters ON needs (network_id, supporters, id);
      CREATE INDEX needs_by_status ON needs (network_id, status, id);
      CREATE INDEX needs_waiting ON needs (network_id, moved_at, id) WHERE status IN ('SUBMITTED','ACCEPTED','REOPENED');
      CREATE INDEX needs_by_building ON needs (network_id, building, id) WHERE building IS NOT NULL;
      CREATE INDEX needs_by_assignee ON needs (network_id, assignee_id, id) WHERE assignee_id IS NOT NULL;
      CREATE INDEX needs_by_project ON needs (network_id, project_id, id) WHERE project_id IS NOT NULL;
      CREATE INDEX needs_duplicates ON needs (network_id, duplicate_of_id) WHERE duplicate_of_id IS NOT NULL;
      CREATE INDEX needs_by_raiser ON needs (network_id, raised_by, id);

      -- The name of whoever raised a need, apart: for that person, the committee and who takes the need on.
      CREATE TABLE need_raisers (
        network_id uuid NOT NULL,
        need_id uuid NOT NULL,
        user_id uuid NOT NULL,
        display_name text NOT NULL,
        organization_id uuid,
        assignee_id uuid,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[user_id, app.principal('committee', network_id), app.door('needs')]
          || CASE WHEN assignee_id IS NULL THEN '{}'::uuid[] ELSE ARRAY[app.principal('work', assignee_id)] END) STORED,
        ${ONLY_BY_DOOR('needs')},
        PRIMARY KEY (network_id, need_id),
        FOREIGN KEY (network_id, need_id) REFERENCES needs (network_id, id)
      );
      CREATE INDEX need_raisers_by_user ON need_raisers (network_id, user_id);

      -- Each person supports a need once.
      CREATE TABLE need_supports (
        network_id uuid NOT NULL,
        need_id uuid NOT NULL,
        user_id uuid NOT NULL,
        supported_at timestamptz NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[user_id, app.door('needs')]) STORED,
        ${ONLY_BY_DOOR('needs')},
        PRIMARY KEY (network_id, need_id, user_id),
        FOREIGN KEY (network_id, need_id) REFERENCES needs (network_id, id)
      );

      -- For how many days a need may wait before it is shown as overdue; two weeks where the committee has not said.
      CREATE TABLE need_policies (
        network_id uuid PRIMARY KEY REFERENCES networks,
        waiting_days integer NOT NULL CHECK (waiting_days BETWEEN 1 AND 366),
        version integer NOT NULL DEFAULT 1,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.everybody(network_id), app.door('needs'), app.door('projects')]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.principal('committee', network_id)]) STORED
      );
      CREATE FUNCTION app.need_waiting_days() RETURNS integer LANGUAGE sql STABLE PARALLEL SAFE
        AS $$ SELECT coalesce((SELECT p.waiting_days FROM need_policies p WHERE p.network_id = app.network_id()), 14) $$;

      CALL app.guard('projects', 'SELECT, INSERT, UPDATE');
      CALL app.guard('project_milestones', 'SELECT, INSERT, UPDATE');
      CALL app.guard('needs', 'SELECT, INSERT, UPDATE');
      CALL app.guard('need_raisers', 'SELECT, INSERT, UPDATE');
      CALL app.guard('need_supports', 'SELECT, INSERT, DELETE');
      CALL app.guard('need_policies', 'SELECT, INSERT, UPDATE');
    `);
    await runner.query(SIMILAR);
    await runner.query(`
      -- Door: the ids of readable needs that contain a text, as app.resources_with for resources.
      CREATE FUNCTION app.needs_with(p_text text, p_most integer) RETURNS uuid[] LANGUAGE plpgsql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
      DECLARE
        here uuid := app.network_id();
        names uuid[] := app.principals();
        words text := app.folded(p_text);
        certain text[] := app.sought(words);
        ids uuid[] := ARRAY(SELECT t.id FROM needs t
          WHERE t.network_id = here AND t.readers && names AND t.search_grams @> certain AND position(words IN t.search_text) > 0 LIMIT p_most + 1);
      BEGIN
        RETURN CASE WHEN words = '' THEN '{}' WHEN cardinality(ids) <= p_most THEN ids END;
      END $$;

      DO $$
      DECLARE f text;
      BEGIN
        FOREACH f IN ARRAY ARRAY['app.similar_needs', 'app.needs_with'] LOOP
          EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
          EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', f, current_setting('youth.application_role'));
        END LOOP;
      END $$;
    `);
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION app.needs_with, app.similar_needs, app.need_waiting_days;
      DROP TABLE need_policies, need_supports, need_raisers, needs, project_milestones, projects;
      DROP FUNCTION app.trigrams, app.trigram_run;
    `);
  }
}
