import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One page by name, this way or that, from the start or from a place on. */
function pageOf(direction: 'ASC' | 'DESC', after: boolean): string {
  const from = (name: string, id: string) => (after ? ` AND (${name}, ${id}) ${direction === 'ASC' ? '>' : '<'} (p_name, p_id)` : '');
  const order = (name: string, id: string) => `ORDER BY ${name} ${direction}, ${id} ${direction} LIMIT p_most`;
  const all = 't.name COLLATE "zh-Hans-x-icu"';
  return `
          IF app.principal('committee', here) = ANY (names) THEN
            RETURN QUERY SELECT t.id FROM resources t
              WHERE t.network_id = here AND t.readers && names AND t.status <> 'RETIRED'${from(all, 't.id')} ${order(all, 't.id')};
          ELSE
            RETURN QUERY SELECT found.resource_id FROM (
              SELECT DISTINCT l.name, l.resource_id FROM unnest(names) AS own(reader) CROSS JOIN LATERAL (
                SELECT r.name, r.resource_id FROM resource_listings r
                WHERE r.network_id = here AND r.reader = own.reader${from('r.name', 'r.resource_id')} ${order('r.name', 'r.resource_id')}) AS l) AS found
              ${order('found.name', 'found.resource_id')};
          END IF;`;
}

/**
 * The list of resources by name, at the same cost however many there are: for each name that reads it, a resource is
 * entered in the order of the names. An index of the readers alone finds all that somebody may read before it sorts them,
 * and an index of the names passes by all that somebody may not.
 */
export class Listings1764000000011 implements MigrationInterface {
  public async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE resource_listings (
        network_id uuid NOT NULL,
        reader uuid NOT NULL,
        name text COLLATE "zh-Hans-x-icu" NOT NULL,
        resource_id uuid NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[reader]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS ('{}'::uuid[]) STORED,
        PRIMARY KEY (network_id, reader, name, resource_id)
      );
      CALL app.guard('resource_listings', '');
      -- What the trigger enters as the owner.
      CREATE POLICY entering ON resource_listings TO CURRENT_USER USING (true) WITH CHECK (true);

      -- The committee reads nearly all, and the index of the names serves it; a retired resource is in no list.
      CREATE FUNCTION app.listing_readers(network_id uuid, status text, readers uuid[]) RETURNS uuid[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
        AS $$ SELECT CASE WHEN status = 'RETIRED' THEN '{}' ELSE array_remove(readers, app.principal('committee', network_id)) END $$;

      CREATE FUNCTION app.enter_listings() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
      BEGIN
        IF TG_OP = 'UPDATE' THEN
          DELETE FROM resource_listings l USING old_rows o JOIN new_rows n ON n.network_id = o.network_id AND n.id = o.id
            WHERE (o.name, o.status, o.readers) IS DISTINCT FROM (n.name, n.status, n.readers)
              AND l.network_id = o.network_id AND l.reader = ANY (o.readers) AND l.name = o.name AND l.resource_id = o.id;
        END IF;
        INSERT INTO resource_listings (network_id, reader, name, resource_id)
          SELECT n.network_id, reader, n.name, n.id FROM new_rows n, unnest(app.listing_readers(n.network_id, n.status, n.readers)) AS reader
          ON CONFLICT DO NOTHING;
        RETURN NULL;
      END $$;
      CREATE TRIGGER listing_new AFTER INSERT ON resources REFERENCING NEW TABLE AS new_rows
        FOR EACH STATEMENT EXECUTE FUNCTION app.enter_listings();
      CREATE TRIGGER listing_changed AFTER UPDATE ON resources REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
        FOR EACH STATEMENT EXECUTE FUNCTION app.enter_listings();
      INSERT INTO resource_listings (network_id, reader, name, resource_id)
        SELECT t.network_id, reader, t.name, t.id FROM resources t, unnest(app.listing_readers(t.network_id, t.status, t.readers)) AS reader
        ON CONFLICT DO NOTHING;

      -- Door: one page of the readable resources that are listed, by name, from a place on. The caller fetches the rows
      -- through their policies.
      CREATE FUNCTION app.resources_by_name(p_descending boolean, p_most integer, p_name text, p_id uuid) RETURNS SETOF uuid ROWS 20
        LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan
        SET enable_bitmapscan = off AS $$
      DECLARE
        here uuid := app.network_id();
        names uuid[] := app.principals();
      BEGIN
        IF p_descending THEN
          IF p_name IS NULL THEN${pageOf('DESC', false)}
          ELSE${pageOf('DESC', true)}
          END IF;
        ELSE
          IF p_name IS NULL THEN${pageOf('ASC', false)}
          ELSE${pageOf('ASC', true)}
          END IF;
        END IF;
      END $$;

      -- What an organization drafts for others, beside what it is party to: its contracts without looking at all readers.
      CREATE INDEX contracts_drafts ON contracts (network_id, drafted_by, id) WHERE status = 'DRAFT';

      DO $$
      DECLARE f text;
      BEGIN
        FOREACH f IN ARRAY ARRAY['app.enter_listings', 'app.resources_by_name'] LOOP
          EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
          EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', f, current_setting('youth.application_role'));
        END LOOP;
      END $$;
    `);
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX contracts_drafts;
      DROP TRIGGER listing_new ON resources;
      DROP TRIGGER listing_changed ON resources;
      DROP FUNCTION app.resources_by_name, app.enter_listings, app.listing_readers;
      DROP TABLE resource_listings;
    `);
  }
}
