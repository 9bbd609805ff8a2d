import type { MigrationInterface, QueryRunner } from 'typeorm';

const SEARCHED: [table: string, name: string, body: string, found: string][] = [
  ['organizations', 'name', `coalesce(introduction, '')`, 'true'],
  ['positions', 'name', `coalesce(address, '')`, 'true'],
  ['resources', `name || ' ' || app.joined(skills)`, `coalesce(description, '')`, `t.status <> 'RETIRED'`],
];

/**
 * Search by grams: pairs of neighbouring characters, and each Chinese character of a name by itself, so that Chinese
 * (which has no spaces to cut at) and English are found by any part of two characters and by most misspellings,
 * whatever the locale of the server.
 */
export class Search1764000000006 implements MigrationInterface {
  public async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION app.joined(words text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
        AS $$ SELECT array_to_string(words, ' ') $$;
      -- Letters and digits in lower case and usual width, whatever stands between them a space.
      CREATE FUNCTION app.folded(input text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT btrim(regexp_replace(translate(lower(normalize(input, NFKC)), '。、《》“”‘’·—…', '           '),
          '[\\x01-\\x2f\\x3a-\\x60\\x7b-\\x7f]+' COLLATE "C", ' ', 'g')) $$;
      -- What is looked through: the folded name, a line break, the folded rest.
      CREATE FUNCTION app.search_text(name text, body text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
        RETURN app.folded(name) || E'\\n' || app.folded(body);
      CREATE FUNCTION app.grams(name text, body text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
        RETURN (SELECT coalesce(array_agg(DISTINCT gram), '{}') FROM (
          SELECT substr(word, i, 2) AS gram
            FROM unnest(string_to_array(app.folded(name || ' ' || body), ' ')) AS word, generate_series(1, greatest(char_length(word) - 1, 1)) AS i
          UNION ALL
          SELECT c FROM regexp_split_to_table(app.folded(name), '') AS c WHERE c COLLATE "C" >= '⺀'
        ) g WHERE gram <> '');
      -- The grams of folded words that a row which contains them has for certain. A word of one letter may be the
      -- beginning of a longer one; it counts only when there is nothing else.
      CREATE FUNCTION app.sought(words text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        WITH gram AS (SELECT g, char_length(g) > 1 OR g COLLATE "C" >= '⺀' AS certain FROM unnest(app.grams('', words)) AS g)
        SELECT CASE WHEN bool_or(certain) THEN array_agg(g) FILTER (WHERE certain) ELSE coalesce(array_agg(g), '{}') END FROM gram $$;
      -- The gram sets of folded words with one mistake left out: a place of one character, or two neighbours where
      -- enough is left, or a word. What is left must say something: two grams, or a Chinese one.
      CREATE FUNCTION app.sought_roughly(words text) RETURNS SETOF text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT DISTINCT kept FROM (
          SELECT ARRAY(SELECT g FROM unnest(app.grams('', rest)) AS g WHERE char_length(g) = 2 ORDER BY g) AS kept FROM (
            SELECT words AS rest
            UNION SELECT left(words, place - 1) || ' ' || substr(words, place + CASE WHEN char_length(words) < 6 THEN 1 ELSE 2 END)
              FROM generate_series(1, char_length(words)) AS place
            UNION SELECT array_to_string(w[:i - 1] || w[i + 1:], ' ')
              FROM string_to_array(words, ' ') AS w, generate_subscripts(w, 1) AS i WHERE cardinality(w) > 1
          ) left_out
        ) sets WHERE cardinality(kept) > 1 OR kept[1] COLLATE "C" >= '⺀' $$;
    `);
    for (const [table, name, body] of SEARCHED) {
      await runner.query(`
        ALTER TABLE ${table}
          ADD COLUMN search_grams text[] NOT NULL GENERATED ALWAYS AS (app.grams(${name}, ${body})) STORED,
          ADD COLUMN search_text text NOT NULL GENERATED ALWAYS AS (app.search_text(${name}, ${body})) STORED;
        -- With the readers, so that what somebody may not read costs no visit of its row.
        CREATE INDEX ${table}_search ON ${table} USING gin (search_grams, readers);
      `);
    }
    await runner.query(`
      -- Door: candidates by their grams, only rows that the session may read. The operators on arrays are not leakproof,
      -- so behind a policy the planner may not look them up in the index; here it may, and the caller fetches the rows
      -- through their policies. Rank 2 and above: the words as they stand, best in the name; 1 and below: the share of
      -- the grams that agree. Bounded: of what fits equally well, the first so many.
      CREATE FUNCTION app.search(p_query text, p_types text[], p_most integer)
        RETURNS TABLE (type text, id uuid, rank real) LANGUAGE plpgsql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
      #variable_conflict use_column
      DECLARE
        here uuid := app.network_id();
        names uuid[] := app.principals();
        words text := app.folded(p_query);
        certain text[] := app.sought(words);
        grams text[] := app.grams(p_query, '');
        enough CONSTANT integer := 20;
        candidates CONSTANT integer := 2000;
        rough_candidates CONSTANT integer := 200;
        found integer;
        kept text[];
        rough uuid[];
      BEGIN
        IF cardinality(certain) = 0 THEN RETURN; END IF;
        ${SEARCHED.map(
          ([table, , , found]) => `
        IF '${table}' = ANY (p_types) THEN
          RETURN QUERY SELECT '${table}', c.id, c.rank FROM (
            SELECT t.id, CASE WHEN n = words THEN 5 WHEN starts_with(n, words) THEN 4 WHEN position(words IN n) > 0 THEN 3 ELSE 2 END::real AS rank
            FROM ${table} t, split_part(t.search_text, E'\\n', 1) AS n
            WHERE t.network_id = here AND t.readers && names AND t.search_grams @> certain AND position(words IN t.search_text) > 0 AND ${found}
            LIMIT candidates) c
          ORDER BY c.rank DESC, c.id LIMIT p_most;
          GET DIAGNOSTICS found = ROW_COUNT;
          IF found < enough AND char_length(words) BETWEEN 3 AND 40 THEN
            rough := '{}';
            FOR kept IN SELECT k FROM app.sought_roughly(words) AS k ORDER BY cardinality(k) DESC LOOP
              rough := ARRAY(SELECT unnest(rough) UNION (SELECT t.id FROM ${table} t
                WHERE t.network_id = here AND t.readers && names AND t.search_grams @> kept AND position(words IN t.search_text) = 0 AND ${found} LIMIT rough_candidates));
              EXIT WHEN cardinality(rough) >= rough_candidates;
            END LOOP;
            RETURN QUERY SELECT '${table}', c.id, c.share FROM (
              SELECT t.id, (SELECT count(*) FROM unnest(grams) g WHERE g = ANY (t.search_grams))::real / cardinality(grams)::real AS share
              FROM ${table} t WHERE t.network_id = here AND t.id = ANY (rough)) c
            WHERE c.share >= 0.5 ORDER BY c.share DESC, c.id LIMIT p_most;
          END IF;
        END IF;`,
        ).join('')}
      END $$;

      -- Door: the ids of readable resources that contain a text, for lists that are narrowed by it; null when they are
      -- more than so many, and then so common that the list finds them in its own order.
      CREATE FUNCTION app.resources_with(p_text text, p_most integer) RETURNS uuid[] LANGUAGE plpgsql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
      DECLARE
        here uuid := app.network_id();
        names uuid[] := app.principals();
        words text := app.folded(p_text);
        certain text[] := app.sought(words);
        ids uuid[] := ARRAY(SELECT t.id FROM resources t
          WHERE t.network_id = here AND t.readers && names AND t.search_grams @> certain AND position(words IN t.search_text) > 0 LIMIT p_most + 1);
      BEGIN
        -- Without a letter there is nothing that it could be contained in.
        RETURN CASE WHEN words = '' THEN '{}' WHEN cardinality(ids) <= p_most THEN ids END;
      END $$;

      DO $$
      DECLARE f text;
      BEGIN
        FOREACH f IN ARRAY ARRAY['app.search', 'app.resources_with'] LOOP
          EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
          EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', f, current_setting('youth.application_role'));
        END LOOP;
      END $$;
    `);
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP FUNCTION app.search, app.resources_with;`);
    for (const [table] of SEARCHED) await runner.query(`ALTER TABLE ${table} DROP COLUMN search_grams, DROP COLUMN search_text;`);
    await runner.query(`DROP FUNCTION app.sought_roughly, app.sought, app.grams, app.search_text, app.folded, app.joined;`);
  }
}
