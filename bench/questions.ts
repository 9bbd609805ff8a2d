import type { AskerName } from './database.ts';

/** What is asked of every server: the same question in the words of each. */
export interface Question {
  name: QuestionName;
  asker: AskerName;
  title: string;
  /** Of the API. */
  graphql: string;
  /** Of PostGraphile; aliases bring its answer to the same names. */
  postgraphile: string;
  /** Of PostgreSQL, answering as JSON. */
  sql: string;
}

export type QuestionName = 'list' | 'granted' | 'resource' | 'contracts';

// Who asks, looked up once, and the contract behind each key in the own hand.
const KEYS = `WITH me AS MATERIALIZED (SELECT app.network_id() AS network_id, app.principals() AS names,
      app.principal('committee', app.network_id()) AS committee, app.everybody(app.network_id()) AS everybody),
    key AS MATERIALIZED (
      SELECT clause.id, json_build_object('id', c.id, 'number', c.number, 'title', c.title) AS contract
      FROM me JOIN contract_clauses clause ON clause.network_id = me.network_id AND clause.id = ANY (me.names)
        JOIN contracts c ON c.network_id = clause.network_id AND c.id = clause.contract_id)`;

// Why a resource is seen, as one JSON array, in the order of its readers.
const ACCESS = `
  SELECT coalesce(json_agg(json_build_object('reason', CASE reader.name
        WHEN r.owner_id THEN 'OWNER'
        WHEN me.committee THEN 'COMMITTEE'
        WHEN r.network_id THEN 'NETWORK'
        WHEN me.everybody THEN 'PUBLIC'
        ELSE 'CONTRACT' END, 'contract', key.contract) ORDER BY reader.nth), '[]') AS list
  FROM unnest(r.readers) WITH ORDINALITY AS reader(name, nth) LEFT JOIN key ON key.id = reader.name
  WHERE reader.name = ANY (me.names)`;

const OWNER = `json_build_object('id', o.id, 'name', o.name, 'kind', o.kind)`;

const list: Question = {
  name: 'list',
  asker: 'partner',
  title: 'resource list of 20 with owner and accessibleThrough, by name',
  graphql: `query List {
    resources(first: 20) {
      nodes { id name kind sharing owner { id name kind } accessibleThrough { reason contract { id number title } } }
      pageInfo { hasNextPage }
    }
  }`,
  postgraphile: `query List {
    resources: allResources(first: 20, condition: { listed: true }, orderBy: [BY_NAME_ASC, ROW_ID_ASC]) {
      nodes {
        id: rowId name kind sharing
        owner: organizationByNetworkIdAndOwnerId { id: rowId name kind }
        accessibleThrough { nodes { reason contractId contractNumber contractTitle } }
      }
      pageInfo { hasNextPage }
    }
  }`,
  sql: `${KEYS}
    SELECT json_build_object('resources', json_build_object(
      'nodes', coalesce(json_agg(json_build_object('id', r.id, 'name', r.name, 'kind', r.kind, 'sharing', r.sharing,
        'owner', ${OWNER}, 'accessibleThrough', access.list) ORDER BY r.nth) FILTER (WHERE r.nth <= 20), '[]'),
      'pageInfo', json_build_object('hasNextPage', count(*) > 20)))::text AS data
    FROM (
      SELECT t.*, place.nth FROM ROWS FROM (app.resources_by_name(false, 21, NULL, NULL)) WITH ORDINALITY AS place(id, nth)
      JOIN resources t ON t.network_id = app.network_id() AND t.id = place.id
    ) r
    CROSS JOIN me
    JOIN organizations o ON o.network_id = r.network_id AND o.id = r.owner_id
    CROSS JOIN LATERAL (${ACCESS}) access`,
};

const resource: Question = {
  name: 'resource',
  asker: 'partner',
  title: 'one resource by id with owner and accessibleThrough',
  graphql: `query Resource($id: ID!) {
    resource: node(id: $id) {
      ... on Resource {
        id name kind description sharing status capacity quantity skills version
        owner { id name kind }
        accessibleThrough { reason contract { id number title } }
      }
    }
  }`,
  postgraphile: `query Resource($id: UUID!, $networkId: UUID!) {
    resource: resourceByNetworkIdAndRowId(rowId: $id, networkId: $networkId) {
      id: rowId name kind description sharing status capacity quantity skills version
      owner: organizationByNetworkIdAndOwnerId { id: rowId name kind }
      accessibleThrough { nodes { reason contractId contractNumber contractTitle } }
    }
  }`,
  sql: `${KEYS}
    SELECT json_build_object('resource', json_build_object('id', r.id, 'name', r.name, 'kind', r.kind, 'description', r.description,
      'sharing', r.sharing, 'status', r.status, 'capacity', r.capacity, 'quantity', r.quantity, 'skills', r.skills, 'version', r.version,
      'owner', ${OWNER}, 'accessibleThrough', access.list))::text AS data
    FROM resources r
    CROSS JOIN me
    JOIN organizations o ON o.network_id = r.network_id AND o.id = r.owner_id
    CROSS JOIN LATERAL (${ACCESS}) access
    WHERE r.network_id = app.network_id() AND r.id = $1`,
};

const ORGANIZATION_OF = (id: string) =>
  `(SELECT json_build_object('id', o.id, 'name', o.name) FROM organizations o WHERE o.network_id = c.network_id AND o.id = ${id})`;

const contracts: Question = {
  name: 'contracts',
  asker: 'partner',
  title: 'contract list of 20 with parties and clauses, newest first',
  graphql: `query Contracts {
    contracts(first: 20) {
      nodes {
        id number title status
        parties { role organization { id name } }
        clauses { kind: __typename id text obligor { id name } }
      }
      pageInfo { hasNextPage }
    }
  }`,
  postgraphile: `query Contracts {
    contracts: allContracts(first: 20, condition: { listed: true }, orderBy: ROW_ID_DESC) {
      nodes {
        id: rowId number title status: standing
        parties: contractPartiesByNetworkIdAndContractId(orderBy: ORDINAL_ASC) {
          nodes { role organization: organizationByNetworkIdAndOrganizationId { id: rowId name } }
        }
        clauses: contractClausesByNetworkIdAndContractId(orderBy: ORDINAL_ASC) {
          nodes { kind id: rowId text obligor: organizationByNetworkIdAndObligorId { id: rowId name } }
        }
      }
      pageInfo { hasNextPage }
    }
  }`,
  sql: `SELECT json_build_object('contracts', json_build_object(
      'nodes', coalesce(json_agg(json_build_object('id', c.id, 'number', c.number, 'title', c.title,
        'status', app.contract_status(c.status, c.term_from, c.ends_on, app.today()), 'parties', parties.list, 'clauses', clauses.list)
        ORDER BY c.id DESC) FILTER (WHERE c.nth <= 20), '[]'),
      'pageInfo', json_build_object('hasNextPage', count(*) > 20)))::text AS data
    FROM (
      SELECT t.*, row_number() OVER (ORDER BY t.id DESC) AS nth FROM contract_parties own
      JOIN contracts t ON t.network_id = own.network_id AND t.id = own.contract_id
      WHERE own.network_id = app.network_id() AND own.organization_id = nullif(current_setting('app.organization_id'), '')::uuid ORDER BY t.id DESC LIMIT 21
    ) c
    CROSS JOIN LATERAL (
      SELECT coalesce(json_agg(json_build_object('role', p.role, 'organization', ${ORGANIZATION_OF('p.organization_id')}) ORDER BY p.ordinal), '[]') AS list
      FROM contract_parties p WHERE p.network_id = c.network_id AND p.contract_id = c.id
    ) parties
    CROSS JOIN LATERAL (
      SELECT coalesce(json_agg(json_build_object('kind', x.kind, 'id', x.id, 'text', x.text, 'obligor', ${ORGANIZATION_OF('x.obligor_id')}) ORDER BY x.ordinal), '[]') AS list
      FROM contract_clauses x WHERE x.network_id = c.network_id AND x.contract_id = c.id
    ) clauses`,
};

/** The same list for somebody with many keys: each is a place where the next resource may be found. */
const granted: Question = { ...list, name: 'granted', asker: 'grantee', title: 'the same list, for whom the hub grants 0.2 % of all resources' };

export const questions: readonly Question[] = [list, granted, resource, contracts];
