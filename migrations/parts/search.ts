/** A table that is searched: its name, and which of its rows, by the alias t. */
export type Searched = readonly [table: string, found: string];

/** What the search of migration 1764000000006 looks through. */
export const SEARCHED_AT_FIRST: readonly Searched[] = [['organizations', 'true'], ['positions', 'true'], ['resources', `t.status <> 'RETIRED'`]];

/** The function of the search, over these tables. */
export const search = (searched: readonly Searched[]): string => `
  CREATE OR REPLACE FUNCTION app.search(p_query text, p_types text[], p_most integer)
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
    ${searched
      .map(
        ([table, found]) => `
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
      )
      .join('')}
  END $$;`;
