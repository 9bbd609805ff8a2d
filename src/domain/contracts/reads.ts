import { askerOf, mayEver } from '../../access/matrix';
import type { GraphQLResolveInfo } from 'graphql';
import { along, selectList } from '../../platform/database/columns';
import type { Reader } from '../../platform/database/session';
import { narrow, nestedPage, page, READABLE, type ForwardArgs, type ListQuery, type Page, type PageArgs } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { RequestError } from '../../platform/graphql/errors';
import { byId, grouped, MOST_AHEAD, type Ahead, type LoaderDefinition } from '../../platform/graphql/loaders';
import { askedOfNodes, propertiesFor, type Asked } from '../../platform/graphql/selection';
import { fromGlobalId } from '../../platform/ids';
import { Organization } from '../network/model';
import { organizationById } from '../network/reads';
import type { ContractFilter } from './inputs';
import { allowedActions, dependsOnSituation, obstacleTo, type ContractAction, type ContractSituation } from './lifecycle';
import { clauseTypes, Contract, type ClauseKind, type ContractClause, type ContractParty, type ContractStatus, type GrantedResource, type ResourceGrantClause, type Signature } from './model';

const MOST_OF_TEXT = 200;


export const contractById = byId(Contract);

/** The contracts behind the keys in the actor's hand, to be read along with what they open. */
export const contractsOfKeys: Ahead<Contract> = {
  definition: contractById,
  statement: {
    name: 'contracts-of-keys',
    text: `SELECT ${selectList(Contract, 't')} FROM contracts t WHERE t.network_id = app.network_id() AND t.id IN (
      SELECT c.contract_id FROM contract_clauses c WHERE c.network_id = app.network_id() AND c.id = ANY(app.principals()) LIMIT ${MOST_AHEAD})`,
  },
};

const ITS_ORGANIZATION = along('organization', Organization, 'o');

/** The parties of a contract in their order, each with its organization and the time of its signature. */
export const partiesOf: LoaderDefinition<string, ContractParty[]> = {
  batch: async (session, contractIds, prime) => {
    const rows = await session.read<ContractParty>({
      name: 'contract-parties',
      text: `SELECT t.contract_id AS "contractId", t.organization_id AS "organizationId", t.role, s.signed_at AS "signedAt", ${ITS_ORGANIZATION.list}
        FROM contract_parties t
          JOIN organizations o ON o.network_id = t.network_id AND o.id = t.organization_id
          LEFT JOIN contract_signatures s ON s.network_id = t.network_id AND s.contract_id = t.contract_id AND s.organization_id = t.organization_id
        WHERE ${READABLE} AND t.contract_id = ANY($1::uuid[]) ORDER BY t.contract_id, t.ordinal`,
      values: [contractIds],
    });
    ITS_ORGANIZATION.gather(rows);
    // Clauses and signatures are theirs.
    prime?.(organizationById, rows.map(({ organization }) => organization));
    return grouped(contractIds, rows, (row) => row.contractId);
  },
};

/** The signatures under a contract as it stands, oldest first. */
export const signaturesOf: LoaderDefinition<string, Signature[]> = {
  batch: async (session, contractIds) => {
    const rows = await session.read<Signature>({
      name: 'contract-signatures',
      text: `SELECT t.contract_id AS "contractId", t.organization_id AS "organizationId", t.signed_at AS "signedAt",
          t.signed_by_name AS "signedByName", t.content_hash AS "contentHash"
        FROM contract_signatures t WHERE ${READABLE} AND t.contract_id = ANY($1::uuid[]) ORDER BY t.signed_at, t.organization_id`,
      values: [contractIds],
    });
    return grouped(contractIds, rows, (row) => row.contractId);
  },
};

/** A clause of any kind; what its kind does not have is null or empty. */
export type ClauseRow = ContractClause &
  Omit<ResourceGrantClause, keyof ContractClause> & {
    category: string | null;
    activitiesPerQuarter: number | null;
    serviceHoursPerQuarter: number | null;
  };

const TYPE_NAME = `CASE t.kind ${Object.entries(clauseTypes).map(([kind, type]) => `WHEN '${kind}' THEN '${type}'`).join(' ')} END AS "__typename"`;
const CLAUSE = `${TYPE_NAME}, t.id, t.kind, t.contract_id AS "contractId", t.obligor_id AS "obligorId", t.text, t.quota_per_month AS "quotaPerMonth", t.hours,
  t.requires_approval AS "requiresApproval", t.priority, t.category, t.activities_per_quarter AS "activitiesPerQuarter",
  t.service_hours_per_quarter AS "serviceHoursPerQuarter"`;

/** The clauses of a contract in their order. */
export const clausesOf: LoaderDefinition<string, ClauseRow[]> = {
  batch: async (session, contractIds) => {
    const rows = await session.read<ClauseRow>({
      name: 'contract-clauses',
      text: `SELECT ${CLAUSE} FROM contract_clauses t WHERE ${READABLE} AND t.contract_id = ANY($1::uuid[]) ORDER BY t.contract_id, t.ordinal`,
      values: [contractIds],
    });
    return grouped(contractIds, rows, (row) => row.contractId);
  },
};

/** A clause with all that is written in it, for verbs that compose its contract anew. */
export type WrittenClause = ClauseRow & { granted: GrantedResource[]; beneficiaryIds: string[] };

const WRITTEN = `${CLAUSE},
  (SELECT coalesce(json_agg(json_build_object('clauseId', r.clause_id, 'resourceId', r.resource_id, 'name', r.name) ORDER BY r.ordinal), '[]')
    FROM contract_clause_resources r WHERE r.network_id = t.network_id AND r.clause_id = t.id) AS granted,
  ARRAY(SELECT b.organization_id FROM contract_clause_beneficiaries b
    WHERE b.network_id = t.network_id AND b.clause_id = t.id ORDER BY b.organization_id) AS "beneficiaryIds"`;

/** The clauses of a contract in their order, each with what it grants to whom. */
export const writtenClausesOf: LoaderDefinition<string, WrittenClause[]> = {
  batch: async (session, contractIds) => {
    const rows = await session.read<WrittenClause>({
      name: 'written-clauses',
      text: `SELECT ${WRITTEN} FROM contract_clauses t WHERE ${READABLE} AND t.contract_id = ANY($1::uuid[]) ORDER BY t.contract_id, t.ordinal`,
      values: [contractIds],
    });
    return grouped(contractIds, rows, (row) => row.contractId);
  },
};

/** What a clause grants, in its order. */
export const grantedBy: LoaderDefinition<string, GrantedResource[]> = {
  batch: async (session, clauseIds) => {
    const rows = await session.read<GrantedResource>({
      name: 'clause-resources',
      text: `SELECT t.clause_id AS "clauseId", t.resource_id AS "resourceId", t.name FROM contract_clause_resources t
        WHERE ${READABLE} AND t.clause_id = ANY($1::uuid[]) ORDER BY t.clause_id, t.ordinal`,
      values: [clauseIds],
    });
    return grouped(clauseIds, rows, (row) => row.clauseId);
  },
};

/** To which organizations a clause grants it, by their ids. */
export const beneficiariesOf: LoaderDefinition<string, string[]> = {
  batch: async (session, clauseIds) => {
    const rows = await session.read<{ clauseId: string; organizationId: string }>({
      name: 'clause-beneficiaries',
      text: `SELECT t.clause_id AS "clauseId", t.organization_id AS "organizationId" FROM contract_clause_beneficiaries t
        WHERE ${READABLE} AND t.clause_id = ANY($1::uuid[]) ORDER BY t.clause_id, t.organization_id`,
      values: [clauseIds],
    });
    return grouped(clauseIds, rows, (row) => row.clauseId).map((group) => group.map(({ organizationId }) => organizationId));
  },
};

const clauseById = (kind: ClauseKind): LoaderDefinition<string, ClauseRow | null> => ({
  batch: async (session, ids) => {
    const rows = await session.read<ClauseRow>({
      name: 'contract-clauses-by-id',
      text: `SELECT ${CLAUSE} FROM contract_clauses t WHERE ${READABLE} AND t.id = ANY($1::uuid[]) AND t.kind = $2`,
      values: [ids, kind],
    });
    const found = new Map(rows.map((row) => [row.id, row]));
    return ids.map((id) => found.get(id) ?? null);
  },
});

/** A clause of whatever kind. */
export const anyClauseById: LoaderDefinition<string, ClauseRow | null> = {
  batch: async (session, ids) => {
    const rows = await session.read<ClauseRow>({
      name: 'any-contract-clauses-by-id',
      text: `SELECT ${CLAUSE} FROM contract_clauses t WHERE ${READABLE} AND t.id = ANY($1::uuid[])`,
      values: [ids],
    });
    const found = new Map(rows.map((row) => [row.id, row]));
    return ids.map((id) => found.get(id) ?? null);
  },
};

export const grantClauseById = clauseById('RESOURCE_GRANT');
export const activityCommitmentById = clauseById('ACTIVITY_COMMITMENT');
export const volunteerCommitmentById = clauseById('VOLUNTEER_COMMITMENT');
export const governanceDutyById = clauseById('GOVERNANCE_DUTY');

/** The amendments of a contract that are drafted, proposed, signed or beyond, as far as the actor may know of them. */
export const amendmentsOf: LoaderDefinition<string, Contract[]> = {
  batch: async (session, contractIds) => {
    const rows = await session.read<Contract>({
      name: 'contract-amendments',
      text: `SELECT ${selectList(Contract, 't')} FROM contracts t WHERE ${READABLE} AND t.supersedes_id = ANY($1::uuid[])
        AND t.status NOT IN ('REJECTED','WITHDRAWN','TERMINATED') ORDER BY t.id`,
      values: [contractIds],
    });
    return grouped(contractIds, rows, (row) => row.supersedesId!);
  },
};

/** The contract that has taken over, or will on its first day. */
export const supersededBy: LoaderDefinition<string, Contract | null> = {
  batch: async (session, contractIds) => {
    const rows = await session.read<Contract>({
      name: 'contract-superseded-by',
      // Of several that were to begin on that day, all but the last were terminated before it.
      text: `SELECT DISTINCT ON (t.supersedes_id) ${selectList(Contract, 't')}
        FROM contracts t JOIN contracts o ON o.network_id = t.network_id AND o.id = t.supersedes_id AND o.superseded_from = t.term_from
        WHERE ${READABLE} AND t.supersedes_id = ANY($1::uuid[]) AND t.status IN ('SIGNED','ACTIVE','SUSPENDED','EXPIRED','TERMINATED')
        ORDER BY t.supersedes_id, t.id DESC`,
      values: [contractIds],
    });
    const found = new Map(rows.map((row) => [row.supersedesId, row]));
    return contractIds.map((id) => found.get(id) ?? null);
  },
};

/** How one thing is loaded: by a request's loaders, or within a verb's transaction. */
type Load = <Value>(definition: LoaderDefinition<string, Value>, key: string) => Promise<Value>;

/** Loads by a definition within a transaction. */
export const loadingBy =
  (reader: Reader): Load =>
  async (definition, key) =>
    (await definition.batch(reader, [key]))[0]!;

/** What an action on a contract depends on besides role and status. */
export async function situationOf(load: Load, contract: Contract, today: string): Promise<ContractSituation> {
  const [parties, amended, amendments] = await Promise.all([
    load(partiesOf, contract.id),
    contract.supersedesId === null ? null : load(contractById, contract.supersedesId),
    // What is in force can be amended; what is not yet may itself be an amendment beside others.
    contract.status === 'ACTIVE' ? load(amendmentsOf, contract.id) : contract.supersedesId === null ? [] : load(amendmentsOf, contract.supersedesId),
  ]);
  return { contract, parties, amended, amendments, today };
}

/** What the actor may do to a contract now: by the very checks that guard the verbs. */
export async function contractActions(context: RequestContext, contract: Contract): Promise<ContractAction[]> {
  const actor = await context.actor();
  const allowed = allowedActions(actor, contract);
  if (!dependsOnSituation(allowed)) return allowed;
  const situation = await situationOf((definition, key) => context.load(definition, key), contract, actor.today);
  return allowed.filter((action) => obstacleTo(action, situation, actor) === null);
}

const newestFirst = (from: string, where: string[] = [READABLE], select = selectList(Contract, 't')): ListQuery<Contract> => ({
  list: 'contracts',
  select,
  from,
  where,
  values: [],
  // Ids are in the order of their making.
  order: [{ sql: 't.id', type: 'uuid', of: (row) => row.id }],
  descending: true,
});

/** The columns that a field with a resolver is made of. Any other resolver is given the whole row. */
const COLUMNS_OF: Readonly<Record<string, readonly (keyof Contract)[]>> = {
  id: [],
  term: ['termFrom', 'termTo'],
  parties: [],
  clauses: [],
  signatures: [],
  supersedes: ['supersedesId'],
  supersededBy: ['supersededFrom'],
  history: [],
};

const selections = new WeakMap<Asked, string>();

/** The select list for what is asked of the nodes of a list. */
function selectionOf(info: GraphQLResolveInfo): string {
  const asked = askedOfNodes(info);
  let list = selections.get(asked);
  if (list === undefined) {
    const columns = propertiesFor(info, 'Contract', asked, COLUMNS_OF);
    selections.set(asked, (list = selectList(Contract, 't', columns ?? undefined)));
  }
  return list;
}

const STANDS = (value: string) => `app.contract_status(t.status, t.term_from, t.ends_on, app.today()) = ${value}`;
const HAS_PARTY = (value: string) =>
  `EXISTS (SELECT FROM contract_parties p WHERE p.network_id = t.network_id AND p.contract_id = t.id AND p.organization_id = ${value})`;
const HAS_CLAUSE = (value: string) =>
  `EXISTS (SELECT FROM contract_clauses c WHERE c.network_id = t.network_id AND c.contract_id = t.id AND c.kind = ${value})`;
const HAS_TEXT = (value: string) => `position(lower(${value}) IN lower(t.number || ' ' || t.title)) > 0`;

function organizationIn(globalId: string): string {
  const id = fromGlobalId(globalId);
  if (id?.type !== 'Organization') throw new RequestError('BAD_USER_INPUT', 'filter.id');
  return id.id;
}

/** The text of a filter; null when there is none. @throws RequestError BAD_USER_INPUT when it is too long */
function textIn(text: string | null | undefined): string | null {
  const trimmed = text?.normalize('NFC').trim() || null;
  if (trimmed !== null && [...trimmed].length > MOST_OF_TEXT) throw new RequestError('BAD_USER_INPUT', 'search.length', { most: MOST_OF_TEXT });
  return trimmed;
}

const OWN_ORGANIZATION = `nullif(current_setting('app.organization_id', true), '')::uuid`;

/**
 * What anybody but the committee may read at all: what the own organization is party to or drafts. Each has few of them,
 * of which the statistics of the readers say nothing; the parties have an index in the order of the list.
 */
const OF_OWN_ORGANIZATION = `(
    SELECT p.contract_id AS id FROM contract_parties p WHERE p.network_id = app.network_id() AND p.organization_id = ${OWN_ORGANIZATION}
    UNION ALL
    SELECT c.id FROM contracts c WHERE c.network_id = app.network_id() AND c.drafted_by = ${OWN_ORGANIZATION} AND c.status = 'DRAFT' AND NOT EXISTS (
      SELECT FROM contract_parties p WHERE p.network_id = c.network_id AND p.contract_id = c.id AND p.organization_id = c.drafted_by)
  ) own JOIN contracts t ON t.network_id = app.network_id() AND t.id = own.id`;

/** The contracts that the actor may read, newest first. */
export async function listContracts(context: RequestContext, args: PageArgs, filter: ContractFilter, info: GraphQLResolveInfo): Promise<Page<Contract>> {
  const select = selectionOf(info);
  const query =
    (await context.role()) === 'COMMITTEE' ? newestFirst('contracts t', [READABLE], select) : { ...newestFirst(OF_OWN_ORGANIZATION, [], select), keyed: true };
  narrow(query, STANDS, filter.status);
  narrow(query, HAS_PARTY, filter.party == null ? null : organizationIn(filter.party));
  narrow(query, HAS_CLAUSE, filter.clauseKind);
  narrow(query, HAS_TEXT, textIn(filter.text));
  return page(context.session, context.platform.cursors, query, args);
}

/** The contracts of an organization that the actor may read, newest first; null for whoever may read no contracts at all. */
export async function contractsOf(context: RequestContext, organizationId: string, args: ForwardArgs, status: ContractStatus | null): Promise<Page<Contract> | null> {
  if (!mayEver(askerOf(await context.actor()), 'contract.read')) return null;
  const query = newestFirst('contracts t JOIN contract_parties p ON p.network_id = t.network_id AND p.contract_id = t.id');
  narrow(query, STANDS, status);
  return nestedPage(context, query, 'p.organization_id', organizationId, args);
}
