import type { Actor as SessionActor, Session } from '../../platform/database/session';
import { selectList } from '../../platform/database/columns';
import { narrow, nestedPage, page, READABLE, type ForwardArgs, type ListQuery, type Page, type PageArgs } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { byId, grouped, type LoaderDefinition } from '../../platform/graphql/loaders';
import { may } from '../../access/matrix';
import {
  Membership,
  Network,
  type NetworkStatistics,
  Organization,
  OrganizationContact,
  Position,
  type NetworkMapLink,
  type OrganizationKind,
  type OrganizationStatus,
  type PositionKind,
  type Role,
} from './model';

/** Names are ordered as Chinese readers expect: by pinyin. */
const BY_NAME = 't.name COLLATE "zh-Hans-x-icu"';

export const organizationById = byId(Organization);
export const positionById = byId(Position);
export const membershipById = byId(Membership);

/** The network itself; the actor's own is the only one there is. */
export const networkById: LoaderDefinition<string, Network | null> = {
  batch: async (session, ids) => {
    const rows = await session.read<Network>({
      name: 'network',
      text: `SELECT ${selectList(Network, 't')} FROM networks t WHERE t.id = app.network_id()`,
    });
    return ids.map((id) => rows.find((row) => row.id === id) ?? null);
  },
};

/** Rows of a table by the id in one of its columns, in an order. */
function manyBy<Row extends object>(name: string, select: string, table: string, column: string, order: string, keyOf: (row: Row) => string): LoaderDefinition<string, Row[]> {
  return {
    batch: async (session, ids) => {
      const rows = await session.read<Row>({
        name,
        text: `SELECT ${select} FROM ${table} t WHERE ${READABLE} AND t.${column} = ANY($1::uuid[]) ORDER BY ${order}`,
        values: [ids],
      });
      return grouped(ids, rows, keyOf);
    },
  };
}

/** The positions of an organization, the hub first. */
export const positionsOfOrganization = manyBy<Position>(
  'positions-by-organization', selectList(Position, 't'), 'positions', 'organization_id', `t.kind, ${BY_NAME}, t.id`, (row) => row.organizationId,
);

/** A person's memberships in the network that have not ended. */
export const membershipsOfUser: LoaderDefinition<string, Membership[]> = {
  batch: async (session, ids) => {
    const rows = await session.read<Membership>({
      name: 'memberships-by-user',
      text: `SELECT ${selectList(Membership, 't')} FROM memberships t WHERE ${READABLE} AND t.user_id = ANY($1::uuid[]) AND t.status <> 'ENDED' ORDER BY t.id`,
      values: [ids],
    });
    return grouped(ids, rows, (row) => row.userId);
  },
};

/** How to reach an organization; null when the actor may not read it. */
export const contactOfOrganization: LoaderDefinition<string, OrganizationContact | null> = {
  batch: async (session, ids) => {
    const rows = await session.read<OrganizationContact>({
      name: 'contacts-by-organization',
      text: `SELECT ${selectList(OrganizationContact, 't')} FROM organization_contacts t WHERE ${READABLE} AND t.organization_id = ANY($1::uuid[])`,
      values: [ids],
    });
    const found = new Map(rows.map((row) => [row.organizationId, row]));
    return ids.map((id) => found.get(id) ?? null);
  },
};

const byNameOrder = <Row extends { id: string; name: string }>(): ListQuery<Row>['order'] => [
  { sql: BY_NAME, type: 'text', of: (row) => row.name },
  { sql: 't.id', type: 'uuid', of: (row) => row.id },
];

export interface OrganizationNarrowing {
  kind?: OrganizationKind | null;
  status?: OrganizationStatus | null;
  text?: string | null;
}

/** The organizations that the actor may read, by name. */
export function listOrganizations(context: RequestContext, args: PageArgs, filter: OrganizationNarrowing): Promise<Page<Organization>> {
  const query: ListQuery<Organization> = {
    list: 'organizations', select: selectList(Organization, 't'), from: 'organizations t', where: [READABLE], values: [],
    order: byNameOrder<Organization>(), descending: false,
  };
  narrow(query, (value) => `t.kind = ${value}`, filter.kind);
  narrow(query, (value) => `t.status = ${value}`, filter.status);
  narrow(query, (value) => `position(lower(${value}) IN lower(t.name || ' ' || coalesce(t.introduction, ''))) > 0`, filter.text?.trim() || null);
  return page(context.session, context.platform.cursors, query, args);
}

/** The positions of the network that the actor may read, by name. */
export function listPositions(context: RequestContext, args: ForwardArgs, kind: PositionKind | null): Promise<Page<Position>> {
  const query: ListQuery<Position> = {
    list: 'positions', select: selectList(Position, 't'), from: 'positions t', where: [READABLE], values: [], order: byNameOrder<Position>(), descending: false,
  };
  narrow(query, (value) => `t.kind = ${value}`, kind);
  return page(context.session, context.platform.cursors, query, args);
}

/** The hub's own position, the "1". */
export async function hubOf(session: Session): Promise<Position | null> {
  const [hub] = await session.read<Position>({
    name: 'hub-position',
    text: `SELECT ${selectList(Position, 't')} FROM positions t WHERE ${READABLE} AND t.kind = 'HUB'`,
  });
  return hub ?? null;
}

/** The members of an organization, first come first; null for whoever may not read them. */
export async function membersOf(context: RequestContext, organizationId: string, args: ForwardArgs, role: Role | null): Promise<Page<Membership> | null> {
  if (!may(await context.actor(), 'member.read', { owner: organizationId })) return null;
  const query: ListQuery<Membership> = {
    list: 'members', select: selectList(Membership, 't'), from: 'memberships t', where: [READABLE, `t.status <> 'ENDED'`], values: [],
    order: [{ sql: 't.id', type: 'uuid', of: (row) => row.id }], descending: false,
  };
  narrow(query, (value) => `t.role = ${value}`, role);
  return nestedPage(context, query, 't.organization_id', organizationId, args);
}

/** The organizations on the map: those in good standing, the hub first. */
export const organizationsOnMap = (session: Session): Promise<Organization[]> =>
  session.read<Organization>({
    name: 'map-nodes',
    text: `SELECT ${selectList(Organization, 't')} FROM organizations t WHERE ${READABLE} AND t.status = 'ACTIVE' ORDER BY t.is_hub DESC, ${BY_NAME}, t.id`,
  });

/** What ties two organizations: contracts in force, bookings of each other's resources, activities hosted together; over what the actor may read. The hub, or else the older one, is the source. */
export const linksOnMap = (session: Session): Promise<NetworkMapLink[]> =>
  session.read<NetworkMapLink>({
    name: 'map-links',
    text: `WITH in_force AS (
        SELECT t.id FROM contracts t WHERE ${READABLE} AND app.contract_status(t.status, t.term_from, t.ends_on, app.today()) = 'ACTIVE'
      ), party AS (
        SELECT p.contract_id, p.organization_id, o.is_hub FROM contract_parties p
          JOIN in_force f ON f.id = p.contract_id
          JOIN organizations o ON o.network_id = p.network_id AND o.id = p.organization_id AND o.status = 'ACTIVE'
        WHERE p.network_id = app.network_id()
      ), granted AS (
        SELECT LEAST(b.obligor_id, b.organization_id) AS low, GREATEST(b.obligor_id, b.organization_id) AS high, count(DISTINCT r.resource_id) AS resources
          FROM contract_clause_beneficiaries b JOIN in_force f ON f.id = b.contract_id
          JOIN contract_clause_resources r ON r.network_id = b.network_id AND r.clause_id = b.clause_id
        WHERE b.network_id = app.network_id() GROUP BY 1, 2
      )
      , allied AS (
        SELECT one.organization_id AS low, other.organization_id AS high, count(*)::int AS contracts
          FROM party one JOIN party other ON other.contract_id = one.contract_id AND other.organization_id > one.organization_id GROUP BY 1, 2
      ), had AS (
        SELECT LEAST(t.organization_id, t.other_id) AS low, GREATEST(t.organization_id, t.other_id) AS high,
            coalesce(sum(t.amount) FILTER (WHERE t.measure = 'BOOKINGS'), 0)::int AS bookings, coalesce(sum(t.amount) FILTER (WHERE t.measure = 'JOINT'), 0)::int AS activities
          FROM statistics_entries t WHERE ${READABLE} AND t.other_id IS NOT NULL GROUP BY 1, 2
      )
      SELECT source.id AS "sourceId", target.id AS "targetId", coalesce(a.contracts, 0) AS contracts, coalesce(g.resources, 0)::int AS "sharedResources",
          coalesce(h.bookings, 0) AS bookings, coalesce(h.activities, 0) AS "jointActivities"
        FROM allied a FULL JOIN had h USING (low, high) LEFT JOIN granted g USING (low, high)
          JOIN organizations source ON source.network_id = app.network_id() AND source.id IN (low, high) AND source.status = 'ACTIVE'
          JOIN organizations target ON target.network_id = app.network_id() AND target.id IN (low, high) AND target.status = 'ACTIVE'
            AND (source.is_hub, target.id) > (target.is_hub, source.id)
        WHERE a.contracts > 0 OR h.bookings > 0 OR h.activities > 0
      ORDER BY 3 DESC, 1, 2`,
  });

/**
 * The network in numbers, over what the actor may read. A contract was in force on the days on which its history has it
 * signed or active, within its term; a suspension or an end cuts them short.
 */
export async function statisticsOf(session: Session, actor: SessionActor, period: { from: string; to: string } | null): Promise<NetworkStatistics> {
  const [counted] = await session.read<Omit<NetworkStatistics, 'period'>>({
    name: period ? 'statistics-of-period' : 'statistics-of-now',
    text: `SELECT
      (SELECT count(*)::int FROM organizations t WHERE ${READABLE} AND t.status = 'ACTIVE') AS organizations,
      (SELECT count(*)::int FROM resources t WHERE ${READABLE} AND t.sharing <> 'PRIVATE' AND t.status <> 'RETIRED') AS "sharedResources",
      ${
        period
          ? `(SELECT count(DISTINCT step.id)::int FROM (
              SELECT t.id, t.term_from, t.ends_on, s.to_status, (s.at AT TIME ZONE $3)::date AS since,
                (lead(s.at) OVER (PARTITION BY t.id ORDER BY s.at, s.id) AT TIME ZONE $3)::date AS until
              FROM contracts t JOIN state_changes s ON s.network_id = t.network_id AND s.subject_id = t.id
              WHERE ${READABLE}) step
            WHERE step.to_status IN ('SIGNED','ACTIVE')
              AND GREATEST(step.since, step.term_from) <= LEAST(step.until, step.ends_on, app.today(), $2::date)
              AND LEAST(step.until, step.ends_on, app.today()) >= $1::date)`
          : `(SELECT count(*)::int FROM contracts t WHERE ${READABLE} AND app.contract_status(t.status, t.term_from, t.ends_on, app.today()) = 'ACTIVE')`
      } AS "contractsInForce"`,
    values: period ? [period.from, period.to, actor.timeZone] : [],
  });
  return { ...counted!, period };
}
