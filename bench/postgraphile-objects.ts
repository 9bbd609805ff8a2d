/**
 * What PostGraphile needs in the measured database to answer as the API does: why a resource is seen, and where a contract
 * stands today. SQL functions that PostgreSQL inlines.
 */
export const postgraphileObjects = (applicationRole: string): string => `
  DROP SCHEMA IF EXISTS bench CASCADE;
  CREATE SCHEMA bench;
  GRANT USAGE ON SCHEMA bench TO ${applicationRole};

  CREATE FUNCTION bench.contracts_standing(contract public.contracts) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT app.contract_status(contract.status, contract.term_from, contract.ends_on, app.today()) $$;

  CREATE TYPE bench.resource_access AS (reason text, contract_id uuid, contract_number text, contract_title text);
  CREATE FUNCTION bench.resources_accessible_through(resource public.resources) RETURNS SETOF bench.resource_access ROWS 2 LANGUAGE sql STABLE AS $$
    SELECT CASE reader.name
        WHEN resource.owner_id THEN 'OWNER'
        WHEN app.principal('committee', resource.network_id) THEN 'COMMITTEE'
        WHEN resource.network_id THEN 'NETWORK'
        WHEN app.everybody(resource.network_id) THEN 'PUBLIC'
        ELSE 'CONTRACT' END,
      contract.id, contract.number, contract.title
    FROM unnest(resource.readers) WITH ORDINALITY AS reader(name, nth)
      LEFT JOIN public.contract_clauses clause ON clause.network_id = resource.network_id AND clause.id = reader.name
      LEFT JOIN public.contracts contract ON contract.network_id = resource.network_id AND contract.id = clause.contract_id
    WHERE reader.name = ANY (app.principals()) ORDER BY reader.nth $$;`;
