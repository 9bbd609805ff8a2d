import type { MigrationInterface, QueryRunner } from 'typeorm';

const SEARCHED: [table: string, name: string, body: string][] = [
  ['organizations', 'name', `coalesce(introduction, '')`],
  ['positions', 'name', `coalesce(address, '')`],
  ['resources', `name || ' ' || app.joined(skills)`, `coalesce(description, '')`],
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
      CREATE FUNCTION app.folded(input text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT btrim(regexp_replace(translate(lower(normalize(input, NFKC)), '。、《》“”‘’·—…', '           '),
          '[\\x01-\\x2f\\x3a-\\x60\\x7b-\\x7f]+' COLLATE "C", ' ', 'g')) $$;
      CREATE FUNCTION app.grams(name text, body text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT coalesce(array_agg(DISTINCT gram), '{}') FROM (
          SELECT substr(word, i, 2) AS gram
            FROM unnest(string_to_array(app.folded(name || ' ' || body), ' ')) AS word, generate_series(1, greatest(char_length(word) - 1, 1)) AS i
          UNION ALL
          SELECT c FROM regexp_split_to_table(app.folded(name), '') AS c WHERE c COLLATE "C" >= '⺀'
        ) g WHERE gram <> '' $$;
    `);
    for (const [table, name, body] of SEARCHED) {
      await runner.query(`
        ALTER TABLE ${table} ADD COLUMN search_grams text[] NOT NULL GENERATED ALWAYS AS (app.grams(${name}, ${body})) STORED;
        CREATE INDEX ${table}_search ON ${table} USING gin (search_grams);
      `);
    }
    await runner.query(`
      -- Door: candidate ids by their grams, only of rows that the session may read. The operator on arrays is not
      -- leakproof, so behind a policy the planner may not look it up in the index; here it may, and the caller fetches
      -- the rows through their policies. Rank 2: the words as they stand; below 1: the share of the grams that agree.
      CREATE FUNCTION app.search(p_query text, p_types text[], p_most integer)
        RETURNS TABLE (type text, id uuid, rank real) LANGUAGE plpgsql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
      DECLARE
        words text := app.folded(p_query);
        grams text[] := app.grams(p_query, '');
        found integer := 0;
      BEGIN
        IF cardinality(grams) = 0 THEN RETURN; END IF;
        ${SEARCHED.map(
          ([table, name, body]) => `
        IF '${table}' = ANY (p_types) THEN
          RETURN QUERY SELECT '${table}', t.id, CASE WHEN position(words IN app.folded(${name.replaceAll(/\bname\b|\bskills\b/g, 't.$&')})) > 0 THEN 2::real ELSE 1.5::real END
            FROM ${table} t WHERE t.network_id = app.network_id() AND t.readers && app.principals()
              AND t.search_grams @> app.grams('', p_query)
              AND position(words IN app.folded(${name.replaceAll(/\bname\b|\bskills\b/g, 't.$&')} || ' ' || ${body.replaceAll(/\bintroduction\b|\baddress\b|\bdescription\b/g, 't.$&')})) > 0
            LIMIT p_most;
          GET DIAGNOSTICS found = ROW_COUNT;
          IF found < 20 AND cardinality(grams) > 2 THEN
            RETURN QUERY SELECT '${table}', c.id, c.share FROM (
              SELECT t.id, (SELECT count(*) FROM unnest(grams) g WHERE g = ANY (t.search_grams))::real / cardinality(grams) AS share,
                position(words IN app.folded(${name.replaceAll(/\bname\b|\bskills\b/g, 't.$&')} || ' ' || ${body.replaceAll(/\bintroduction\b|\baddress\b|\bdescription\b/g, 't.$&')})) AS whole
              FROM ${table} t WHERE t.network_id = app.network_id() AND t.readers && app.principals() AND t.search_grams && grams
              LIMIT 20000) c
            WHERE c.share >= 0.4 AND c.whole = 0 ORDER BY c.share DESC, c.id LIMIT p_most;
          END IF;
        END IF;`,
        ).join('')}
      END $$;
      REVOKE EXECUTE ON FUNCTION app.search FROM PUBLIC;
      DO $$ BEGIN
        EXECUTE format('GRANT EXECUTE ON FUNCTION app.search TO %I', current_setting('youth.application_role'));
      END $$;
    `);
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP FUNCTION app.search;`);
    for (const [table] of SEARCHED) await runner.query(`ALTER TABLE ${table} DROP COLUMN search_grams;`);
    await runner.query(`DROP FUNCTION app.grams, app.folded, app.joined;`);
  }
}
