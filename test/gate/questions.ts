import fc from 'fast-check';
import { v7 } from 'uuid';
import { toGlobalId } from '../../src/platform/ids';
import type { AuditRow, BookingRow, ChangeRow, ClauseRow, ContractRow, MembershipRow, NotificationRow, OrganizationRow, PositionRow, ResourceRow, View } from './plain';
import { WORDS } from './worlds';

/** Random questions, each with the answer that the plain reading of the base tables gives. */

/** One field of a document's root. */
export interface Question {
  field: string;
  /** The code of the error it has to be refused with, or null. */
  refused: string | null;
  expected: unknown;
  /** Puts an answer into the form in which it is compared, where the order means nothing. */
  normal?: (answer: never) => unknown;
  /** How many answers it is worth: for a list of nodes, each of them. */
  answers: number;
}

/** Draws a value; the same seed draws the same. */
export type Draw = <Value>(arbitrary: fc.Arbitrary<Value>) => Value;

const gid = toGlobalId;
const ref = (type: string, id: string | null | undefined) => (id ? { id: gid(type, id) } : null);
const maybe = <Value>(draw: Draw, arbitrary: fc.Arbitrary<Value>): Value | null => draw(fc.option(arbitrary, { nil: null }));
/** An argument list without what is not given. */
const given = (values: Record<string, string | number | null>, brackets = '()') => {
  const parts = Object.entries(values).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]));
  return parts.length ? `${brackets[0]}${parts.join(', ')}${brackets[1]}` : '';
};
const quoted = (text: string | null) => (text === null ? null : JSON.stringify(text));

// ---------------------------------------------------------------- what is selected of each type, and what it has to be

type Node = Record<string, unknown>;
const PAGE = (fields: string) => `{ totalCount pageInfo { hasNextPage hasPreviousPage } nodes { ${fields} } }`;

/** A page of a whole list. */
function pageOf<Row>(rows: readonly Row[], size: number, backward: boolean, node: (row: Row) => Node): Node {
  const cut = backward ? rows.slice(Math.max(rows.length - size, 0)) : rows.slice(0, size);
  const more = rows.length > size;
  return { totalCount: rows.length, pageInfo: { hasNextPage: !backward && more, hasPreviousPage: backward && more }, nodes: cut.map(node) };
}
const first = <Row>(rows: readonly Row[], size: number, node: (row: Row) => Node) => pageOf(rows, size, false, node);

const historyOf = (view: View, subject: string, may: (row: ChangeRow) => boolean) =>
  view.facts.base.changes.filter((row) => row.subject === subject && may(row)).map(({ to }) => ({ to }));

const RESOURCE = 'id name sharing resourceStatus: status owner { id } position { id } accessibleThrough { reason clause { id } contract { id } } history { to } bookings(first: 3) { totalCount pageInfo { hasNextPage hasPreviousPage } nodes { id } }';
function resourceNode(view: View, row: ResourceRow): Node {
  const position = view.facts.base.positions.find(({ id }) => id === row.position);
  const worksHere = view.isCommittee || (view.works && view.organization!.id === row.owner);
  return {
    id: gid('Resource', row.id), name: row.name, sharing: row.sharing, resourceStatus: row.status, owner: ref('Organization', row.owner),
    position: position && view.seesPosition(position) ? ref('Position', position.id) : null,
    accessibleThrough: view.reasons(row).map(({ reason, clause, contract }) => ({ reason, clause: ref('ResourceGrantClause', clause), contract: ref('Contract', contract) })),
    history: historyOf(view, row.id, () => worksHere),
    bookings: first(view.bookings().filter(({ resource, ends }) => resource === row.id && ends > view.facts.network.get(row.network)!.now), 3, idOf('Booking')),
  };
}

const listed = (rows: readonly ResourceRow[]) => rows.filter(({ status }) => status !== 'RETIRED');
const idOf = (type: string) => (row: { id: string }) => ({ id: gid(type, row.id) });

const ORGANIZATION = `id organizationStatus: status contact { person } history { to } positions { id } members(first: 4) ${PAGE('id')} contracts(first: 3) ${PAGE('id')} resources(first: 3) ${PAGE('id')}`;
function organizationNode(view: View, row: OrganizationRow): Node {
  const { base } = view.facts;
  const contact = base.contacts.find(({ organization }) => organization === row.id);
  const positions = base.positions.filter((position) => position.organization === row.id && view.seesPosition(position));
  const isStaff = view.works && view.organization!.id === row.id;
  const members = base.memberships.filter((member) => member.organization === row.id && member.status !== 'ENDED' && view.seesMembership(member));
  const contracts = view.contracts().filter((contract) => view.facts.partiesOf(contract).includes(row.id));
  const resources = listed(view.resources()).filter(({ owner }) => owner === row.id);
  return {
    id: gid('Organization', row.id), organizationStatus: row.status, contact: view.seesContact(row) ? { person: contact!.person } : null,
    history: historyOf(view, row.id, (change) => view.seesChange(change)),
    positions: [...positions.filter(({ kind }) => kind === 'HUB'), ...positions.filter(({ kind }) => kind !== 'HUB')].map(idOf('Position')),
    members: view.isCommittee || isStaff ? first(members, 4, idOf('Membership')) : null,
    contracts: view.works ? first(contracts, 3, idOf('Contract')) : null,
    resources: first(resources, 3, idOf('Resource')),
  };
}

const POSITION = `id organization { id } resources(first: 3) ${PAGE('id')}`;
const positionNode = (view: View, row: PositionRow): Node => ({
  id: gid('Position', row.id), organization: ref('Organization', row.organization),
  resources: first(listed(view.resources()).filter(({ position }) => position === row.id), 3, idOf('Resource')),
});

const CLAUSE = 'id obligor { id } ... on ResourceGrantClause { granted { name } opens: resources { id } beneficiaries { id } }';
function clauseNode(view: View, row: ClauseRow): Node {
  const { facts } = view;
  const isGrant = row.kind === 'RESOURCE_GRANT';
  const grants = facts.grantsOf(row);
  return {
    id: gid(isGrant ? 'ResourceGrantClause' : 'GovernanceDutyClause', row.id), obligor: ref('Organization', row.obligor),
    ...(isGrant && {
      granted: grants.map(({ name }) => ({ name })),
      opens: grants.map(({ resource }) => facts.resource.get(resource)!).filter(view.seesResource).map(idOf('Resource')),
      beneficiaries: facts.base.beneficiaries.filter(({ clause }) => clause === row.id).map(({ organization }) => organization).sort().map((id) => ref('Organization', id)),
    }),
  };
}

const CONTRACT = `id number title contractStatus: status contentHash supersedes { id } parties { organization { id } } signatures { organization { id } } clauses { ${CLAUSE} } history { to }`;
function contractNode(view: View, row: ContractRow): Node {
  const { facts } = view;
  const amended = row.supersedes === null ? undefined : facts.contract.get(row.supersedes);
  const parties = facts.partiesOf(row);
  return {
    id: gid('Contract', row.id), number: row.number, title: row.title, contractStatus: facts.status(row), contentHash: row.hash,
    supersedes: amended && view.seesContract(amended) ? ref('Contract', amended.id) : null,
    parties: parties.map((id) => ({ organization: ref('Organization', id) })),
    signatures: parties.filter((id) => facts.signed(row, id)).sort().map((id) => ({ organization: ref('Organization', id) })),
    clauses: facts.clausesOf(row).map((clause) => clauseNode(view, clause)),
    history: historyOf(view, row.id, (change) => view.seesChange(change)),
  };
}

const BOOKING = `id bookingStatus: status quantity flagged purpose bookedBy { displayName } resource { id } organization { id } contract { id } clause { id }
  bookedAlong { id } bookedWith { id } history { to }`;
function bookingNode(view: View, row: BookingRow): Node {
  const { facts } = view;
  const contract = row.contract === null ? undefined : facts.contract.get(row.contract)!;
  const seesContract = contract !== undefined && view.seesContract(contract);
  const isParty = view.isPartyTo(row);
  const sees = (other: BookingRow | undefined) => other !== undefined && view.seesBooking(other);
  const along = facts.base.bookings.filter((other) => other.parent === row.id && view.seesBooking(other)).sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    id: gid('Booking', row.id), bookingStatus: facts.bookingStatus(row), quantity: row.quantity, flagged: view.flagged(row),
    purpose: isParty ? row.purpose : null, bookedBy: isParty ? { displayName: row.bookerName } : null,
    resource: ref('Resource', row.resource), organization: ref('Organization', row.organization),
    contract: seesContract ? ref('Contract', row.contract) : null, clause: seesContract ? ref('ResourceGrantClause', row.clause) : null,
    bookedAlong: along.map(idOf('Booking')), bookedWith: row.parent !== null && sees(facts.base.bookings.find(({ id }) => id === row.parent)) ? ref('Booking', row.parent) : null,
    history: historyOf(view, row.id, () => view.worksOn(row) || view.isCommittee),
  };
}

const NOTIFICATION = 'id notificationKind: kind readAt subject { __typename id }';
const notificationNode = (view: View, { id, kind, read, type, subject }: NotificationRow): Node => ({
  id: gid('Notification', id), notificationKind: kind, readAt: read?.toISOString() ?? null,
  subject: seesSubject(view, type, subject) ? { __typename: type, id: gid(type, subject) } : null,
});

/** A person; somebody whom one does not see any more is left without a name. */
function userNode(view: View, id: string): Node {
  const user = view.seesUser(id) ? view.facts.base.users.find((row) => row.id === id)! : { name: 'a former member', email: null };
  return { id: gid('User', id), displayName: user.name, contact: { email: user.email } };
}

const MEMBERSHIP = 'id role membershipStatus: status organization { id } user { id displayName contact { email } }';
const membershipNode = (view: View, row: MembershipRow): Node => {
  const organization = view.facts.organization.get(row.organization)!;
  return {
    id: gid('Membership', row.id), role: row.role, membershipStatus: row.status, organization: view.seesOrganization(organization) ? ref('Organization', row.organization) : null,
    user: userNode(view, row.user),
  };
};

/** Puts what has no order of its own into one. */
function normal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normal);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const unordered = name === 'accessibleThrough' || name === 'signatures';
      return [name, unordered && Array.isArray(member) ? member.map((item) => JSON.stringify(item)).sort() : normal(member)];
    }),
  );
}

// ---------------------------------------------------------------- the questions

type Asked = Omit<Question, 'answers' | 'refused'> & Partial<Pick<Question, 'answers' | 'refused'>>;
type Kind = (view: View, draw: Draw) => Asked;

const STATUSES = ['APPLIED', 'ACTIVE', 'SUSPENDED', 'LEFT', 'REJECTED'];
const size = fc.integer({ min: 0, max: 12 });
const contains = (text: string | null, ...within: (string | null)[]) => text === null || within.some((value) => (value ?? '').toLowerCase().includes(text.toLowerCase()));

/** How a page is asked for. */
function cut(draw: Draw): { asked: { first: number | null; last: number | null }; count: number; backward: boolean } {
  const [count, backward] = [draw(size), draw(fc.boolean())];
  return { asked: backward ? { first: null, last: count } : { first: count, last: null }, count, backward };
}

/** What the seeing of is refused to a role altogether. */
const refusedTo = (view: View, roles: readonly string[]): string | null =>
  view.role !== null && roles.includes(view.role) ? null : view.user === null ? 'UNAUTHENTICATED' : 'FORBIDDEN';

const resources: Kind = (view, draw) => {
  const { asked, count, backward } = cut(draw);
  const { facts } = view;
  const filter = {
    kind: maybe(draw, fc.constantFrom('VENUE', 'EQUIPMENT', 'EXPERT')),
    owner: draw(fc.option(fc.constantFrom(...facts.base.organizations.map(({ id }) => id)), { nil: null, freq: 2 })),
    position: draw(fc.option(fc.constantFrom(...facts.base.positions.map(({ id }) => id)), { nil: null, freq: 1 })),
    sharing: draw(fc.option(fc.constantFrom('PRIVATE', 'CONTRACT', 'NETWORK', 'PUBLIC'), { nil: null, freq: 2 })),
    status: draw(fc.option(fc.constantFrom('AVAILABLE', 'OUT_OF_SERVICE', 'RETIRED'), { nil: null, freq: 2 })),
    text: draw(fc.option(fc.constantFrom(...WORDS), { nil: null, freq: 2 })),
    skill: draw(fc.option(fc.constantFrom(...WORDS), { nil: null, freq: 1 })),
    through: draw(fc.option(fc.constantFrom('OWNER', 'COMMITTEE', 'CONTRACT', 'NETWORK', 'PUBLIC'), { nil: null, freq: 2 })),
  };
  // Few questions narrow by everything at once: what is not drawn is not asked.
  const kept = draw(fc.subarray(Object.keys(filter) as (keyof typeof filter)[], { maxLength: 2 }));
  for (const name of Object.keys(filter) as (keyof typeof filter)[]) if (!kept.includes(name)) filter[name] = null;
  const order = maybe(draw, fc.record({ field: fc.constantFrom('NAME', 'CREATED_AT'), direction: fc.constantFrom('ASC', 'DESC') }));
  let rows = view
    .resources()
    .filter((row) => filter.kind === null || row.kind === filter.kind)
    .filter((row) => filter.owner === null || row.owner === filter.owner)
    .filter((row) => filter.position === null || row.position === filter.position)
    .filter((row) => filter.sharing === null || row.sharing === filter.sharing)
    .filter((row) => (filter.status === null ? row.status !== 'RETIRED' : row.status === filter.status))
    .filter((row) => contains(filter.text, row.name, row.description, ...row.skills))
    .filter((row) => filter.skill === null || row.skills.includes(filter.skill))
    .filter((row) => filter.through === null || view.reasons(row).some(({ reason }) => reason === filter.through));
  // Ids are in the order of creation.
  if (order?.field === 'CREATED_AT') rows = rows.slice().sort((a, b) => (a.id < b.id ? -1 : 1));
  if (order?.direction === 'DESC') rows = rows.slice().reverse();
  const filters = given(
    {
      ...filter, text: quoted(filter.text), skill: quoted(filter.skill), owner: filter.owner && quoted(gid('Organization', filter.owner)),
      position: filter.position && quoted(gid('Position', filter.position)),
    },
    '{}',
  );
  return {
    field: `resources${given({ ...asked, filter: filters || null, orderBy: order && given(order, '{}') })} ${PAGE(RESOURCE)}`,
    expected: pageOf(rows, count, backward, (row) => resourceNode(view, row)),
  };
};

const organizations: Kind = (view, draw) => {
  const { asked, count, backward } = cut(draw);
  const filter = { status: maybe(draw, fc.constantFrom(...STATUSES)), text: draw(fc.option(fc.constantFrom('Organization', 'Hub', 'nothing'), { nil: null, freq: 1 })) };
  const rows = view.organizations().filter((row) => (filter.status === null || row.status === filter.status) && contains(filter.text, row.name, row.introduction));
  const filters = given({ ...filter, text: quoted(filter.text) }, '{}');
  return { field: `organizations${given({ ...asked, filter: filters || null })} ${PAGE(ORGANIZATION)}`, expected: pageOf(rows, count, backward, (row) => organizationNode(view, row)) };
};

const contracts: Kind = (view, draw) => {
  const { asked, count, backward } = cut(draw);
  const { facts } = view;
  const filter = {
    status: maybe(draw, fc.constantFrom('DRAFT', 'PROPOSED', 'SIGNED', 'ACTIVE', 'SUSPENDED', 'EXPIRED', 'TERMINATED', 'REJECTED', 'WITHDRAWN')),
    party: draw(fc.option(fc.constantFrom(...facts.base.organizations.map(({ id }) => id)), { nil: null, freq: 1 })),
    clauseKind: draw(fc.option(fc.constantFrom('RESOURCE_GRANT', 'GOVERNANCE_DUTY', 'VOLUNTEER_COMMITMENT'), { nil: null, freq: 1 })),
  };
  const rows = view
    .contracts()
    .filter((row) => filter.status === null || facts.status(row) === filter.status)
    .filter((row) => filter.party === null || facts.partiesOf(row).includes(filter.party))
    .filter((row) => filter.clauseKind === null || facts.clausesOf(row).some(({ kind }) => kind === filter.clauseKind));
  const filters = given({ ...filter, party: filter.party && quoted(gid('Organization', filter.party)) }, '{}');
  return {
    field: `contracts${given({ ...asked, filter: filters || null })} ${PAGE(CONTRACT)}`,
    refused: refusedTo(view, ['COMMITTEE', 'ADMIN', 'STAFF']),
    expected: pageOf(rows, count, backward, (row) => contractNode(view, row)),
  };
};

const network: Kind = (view, draw) => {
  const { facts } = view;
  const [kind, status, many] = [maybe(draw, fc.constantFrom('HUB', 'MICRO')), maybe(draw, fc.constantFrom(...STATUSES)), draw(size)];
  const positions = view.positions().filter((row) => kind === null || row.kind === kind);
  const members = view.organizations().filter((row) => status === null || row.status === status);
  const active = view.organizations().filter((row) => row.status === 'ACTIVE');
  const seen = view.contracts().filter(facts.inForce);
  return {
    field: `network { id positions${given({ first: many, kind })} ${PAGE(POSITION)} organizations${given({ first: many, status })} ${PAGE('id')}
      statistics { organizations contractsInForce sharedResources } map { nodes { organization { id } isHub } links { contracts bookings source { id } target { id } } } }`,
    normal: ({ map, ...others }: { map: { nodes: object[]; links: object[] } }) => ({ ...others, map: { nodes: map.nodes.map((node) => JSON.stringify(node)).sort(), links: map.links.map((link) => JSON.stringify(link)).sort() } }),
    expected: {
      id: gid('Network', view.network),
      positions: first(positions, many, (row) => positionNode(view, row)),
      organizations: first(members, many, idOf('Organization')),
      statistics: {
        organizations: active.length, contractsInForce: seen.length,
        sharedResources: view.resources().filter((row) => row.sharing !== 'PRIVATE' && row.status !== 'RETIRED').length,
      },
      map: {
        nodes: active.map((row) => ({ organization: ref('Organization', row.id), isHub: row.hub })),
        links: active.flatMap((source) =>
          active.flatMap((target) => {
            const between = seen.filter((contract) => [source.id, target.id].every((id) => facts.partiesOf(contract).includes(id))).length;
            const booked = facts.base.bookings.filter(
              (row) => ['CONFIRMED', 'IN_USE', 'COMPLETED', 'NO_SHOW'].includes(row.status) && row.owner !== row.organization
                && [source.id, target.id].every((id) => [row.owner, row.organization].includes(id)) && view.countsBooking(row),
            ).length;
            const isSource = source.hub || (!target.hub && source.id < target.id);
            return source !== target && isSource && between + booked ? [{ contracts: between, bookings: booked, source: ref('Organization', source.id), target: ref('Organization', target.id) }] : [];
          }),
        ),
      },
    },
  };
};

const bookings: Kind = (view, draw) => {
  const { asked, count, backward } = cut(draw);
  const { facts } = view;
  const { base } = facts;
  const filter = {
    resource: draw(fc.option(fc.constantFrom(...base.resources.map(({ id }) => id)), { nil: null, freq: 1 })),
    organization: draw(fc.option(fc.constantFrom(...base.organizations.map(({ id }) => id)), { nil: null, freq: 1 })),
    owner: draw(fc.option(fc.constantFrom(...base.organizations.map(({ id }) => id)), { nil: null, freq: 1 })),
    status: draw(fc.option(fc.constantFrom('WAITLISTED', 'REQUESTED', 'CONFIRMED', 'REJECTED', 'CANCELLED', 'IN_USE', 'NO_SHOW', 'LAPSED'), { nil: null, freq: 1 })),
    mine: draw(fc.option(fc.boolean(), { nil: null, freq: 1 })),
    flagged: draw(fc.option(fc.boolean(), { nil: null, freq: 1 })),
  };
  const kept = draw(fc.subarray(Object.keys(filter) as (keyof typeof filter)[], { maxLength: 2 }));
  for (const name of Object.keys(filter) as (keyof typeof filter)[]) if (!kept.includes(name)) filter[name] = null;
  const rows = view
    .bookings()
    .filter((row) => filter.resource === null || row.resource === filter.resource)
    .filter((row) => filter.organization === null || row.organization === filter.organization)
    .filter((row) => filter.owner === null || row.owner === filter.owner)
    .filter((row) => filter.status === null || facts.bookingStatus(row) === filter.status)
    .filter((row) => filter.mine === null || (row.booker === view.user) === filter.mine)
    .filter((row) => filter.flagged === null || view.flagged(row) === filter.flagged)
    .reverse();
  const filters = given(
    {
      resource: filter.resource && quoted(gid('Resource', filter.resource)), organization: filter.organization && quoted(gid('Organization', filter.organization)),
      owner: filter.owner && quoted(gid('Organization', filter.owner)), status: filter.status, mine: filter.mine === null ? null : String(filter.mine),
      flagged: filter.flagged === null ? null : String(filter.flagged),
    },
    '{}',
  );
  return {
    field: `bookings${given({ ...asked, filter: filters || null })} ${PAGE(BOOKING)}`,
    refused: refusedTo(view, ['COMMITTEE', 'ADMIN', 'STAFF', 'VOLUNTEER']),
    expected: pageOf(rows, count, backward, (row) => bookingNode(view, row)),
  };
};

const notifications: Kind = (view, draw) => {
  const [many, unreadOnly] = [draw(size), draw(fc.boolean())];
  const rows = view.notifications().filter(({ read }) => !unreadOnly || read === null);
  return { field: `viewer { notifications(first: ${many}, unreadOnly: ${unreadOnly}) ${PAGE(NOTIFICATION)} }`, expected: { notifications: first(rows, many, (row) => notificationNode(view, row)) } };
};

const viewer: Kind = (view) => {
  const mine = view.facts.base.memberships.filter((row) => row.user === view.user && row.network === view.network && row.status !== 'ENDED');
  return {
    field: 'viewer { user { id } network { id } organization { id } memberships { id } }',
    expected: { user: ref('User', view.user), network: ref('Network', view.network), organization: ref('Organization', view.organization?.id), memberships: mine.map(idOf('Membership')) },
  };
};

/** Whether the subject of an entry is there to be seen. */
function seesSubject(view: View, type: string, id: string): boolean {
  const { facts } = view;
  const position = facts.base.positions.find((row) => row.id === id);
  const [organization, resource, contract, membership] = [facts.organization.get(id), facts.resource.get(id), facts.contract.get(id), facts.membership.get(id)];
  switch (type) {
    case 'Organization': return organization !== undefined && view.seesOrganization(organization);
    case 'Resource': return resource !== undefined && view.seesResource(resource);
    case 'Contract': return contract !== undefined && view.seesContract(contract);
    case 'Membership': return membership !== undefined && view.seesMembership(membership);
    case 'Booking': return facts.base.bookings.some((row) => row.id === id && view.seesBooking(row));
    case 'Position': return position !== undefined && view.seesPosition(position);
    default: return type === 'User' && view.seesUser(id);
  }
}

const ENTRY = 'id action subject { __typename id } changes { field before after }';
/** An entry of the log; of what one does not see it tells that it was changed, and not how. */
function entryNode(view: View, { id, action, type, subject, changes }: AuditRow): Node {
  const sees = seesSubject(view, type, subject);
  const told = (value: unknown) => (sees && value !== null && value !== undefined ? JSON.stringify(value) : null);
  return {
    id: gid('AuditEntry', id), action, subject: sees ? { __typename: type, id: gid(type, subject) } : null,
    changes: Object.entries(JSON.parse(changes) as Record<string, unknown>).map(([field, change]) => {
      const [before, after] = Array.isArray(change) && change.length === 2 ? (change as unknown[]) : [null, null];
      return { field, before: told(before), after: told(after) };
    }),
  };
}

const auditLog: Kind = (view, draw) => {
  const { base } = view.facts;
  const filter = {
    action: draw(fc.option(fc.constantFrom('contract.sign', 'resource.create', 'organization.suspend', 'contract.draft'), { nil: null, freq: 1 })),
    organization: draw(fc.option(fc.constantFrom(...base.organizations.map(({ id }) => id)), { nil: null, freq: 1 })),
    subject: draw(fc.option(fc.constantFrom(...base.resources.map(({ id }) => ['Resource', id]), ...base.contracts.map(({ id }) => ['Contract', id])), { nil: null, freq: 1 })),
  };
  const many = draw(size);
  const rows = view
    .audit()
    .filter((row) => filter.action === null || row.action === filter.action)
    .filter((row) => filter.organization === null || row.organizations.includes(filter.organization))
    .filter((row) => filter.subject === null || (row.type === filter.subject[0] && row.subject === filter.subject[1]));
  const filters = given({ action: quoted(filter.action), organization: filter.organization && quoted(gid('Organization', filter.organization)), subject: filter.subject && quoted(gid(filter.subject[0]!, filter.subject[1]!)) }, '{}');
  return {
    field: `auditLog${given({ first: many, filter: filters || null })} ${PAGE(ENTRY)}`,
    refused: refusedTo(view, ['COMMITTEE', 'ADMIN']),
    expected: first(rows, many, (row) => entryNode(view, row)),
  };
};

/** A search finds everything readable that has the words in it; what else it finds, for a misspelling, is readable too. */
const search: Kind = (view, draw) => {
  const words = draw(fc.constantFrom(...WORDS, 'Organization', 'Youth Home', 'Hub of'));
  const has = (...texts: (string | null)[]) => contains(words, ...texts);
  const [organizations, positions, resources] = [view.organizations(), view.positions(), listed(view.resources())];
  const hits = [
    ...organizations.filter((row) => has(row.name, row.introduction)).map(({ id }) => gid('Organization', id)),
    ...positions.filter((row) => has(row.name, row.address)).map(({ id }) => gid('Position', id)),
    ...resources.filter((row) => has(row.name, row.skills.join(' '), row.description)).map(({ id }) => gid('Resource', id)),
  ];
  const readable = new Set([...organizations.map(({ id }) => gid('Organization', id)), ...positions.map(({ id }) => gid('Position', id)), ...resources.map(({ id }) => gid('Resource', id))]);
  return {
    field: `search(query: ${quoted(words)}, first: 100) { totalCount nodes { ... on Organization { id } ... on Position { id } ... on Resource { id } } }`,
    normal: ({ totalCount, nodes: found }: { totalCount: number; nodes: { id: string }[] }) => ({
      missed: hits.filter((id) => !found.some((node) => node.id === id)), hidden: found.filter(({ id }) => !readable.has(id)), counted: totalCount - found.length,
    }),
    expected: { totalCount: hits.length, nodes: hits.map((id) => ({ id })) },
  };
};

/** Things by their ids: of this network and of others, hidden ones, made-up ones, and ids that belong to another type. */
const nodes: Kind = (view, draw) => {
  const { base } = view.facts;
  const all = <Row>(rows: readonly Row[], type: string, sees: (row: Row) => boolean, node: (row: Row) => Node, at: (row: Row) => { id: string; network?: string }) =>
    rows.map((row) => ({ id: gid(type, at(row).id), isHere: (at(row).network ?? view.network) === view.network, node: (): Node | null => (sees(row) ? { __typename: type, ...node(row) } : null) }));
  const itself = <Row>(row: Row) => row;
  const contractOf = (row: ClauseRow) => view.facts.contract.get(row.contract)!;
  const pool = [
    ...all(base.resources, 'Resource', view.seesResource, (row) => resourceNode(view, row), itself),
    ...all(base.organizations, 'Organization', view.seesOrganization, (row) => organizationNode(view, row), itself),
    ...all(base.positions, 'Position', view.seesPosition, (row) => positionNode(view, row), itself),
    ...all(base.contracts, 'Contract', view.seesContract, (row) => contractNode(view, row), itself),
    ...all(base.memberships, 'Membership', view.seesMembership, (row) => membershipNode(view, row), itself),
    ...all(base.clauses, 'ResourceGrantClause', (row) => row.kind === 'RESOURCE_GRANT' && view.seesContract(contractOf(row)), (row) => clauseNode(view, row), (row) => ({ id: row.id, network: contractOf(row).network })),
    ...all(base.audit.filter((_, at) => at % 12 === 0), 'AuditEntry', view.seesAudit, (row) => entryNode(view, row), itself),
    ...all(base.bookings, 'Booking', view.seesBooking, (row) => bookingNode(view, row), itself),
    ...all(base.notifications.filter(({ user }, at) => user === view.user || at % 8 === 0), 'Notification', view.seesNotification, (row) => notificationNode(view, row), itself),
    ...all(base.users, 'User', ({ id }) => view.seesUser(id), ({ id }) => userNode(view, id), itself),
    ...all(base.networks, 'Network', ({ id }) => id === view.network, ({ id }) => ({ id: gid('Network', id) }), ({ id }) => ({ id, network: id })),
    ...all(base.resources, 'Contract', () => false, () => ({}), itself),
    ...all([{ id: v7() }], 'Resource', () => false, () => ({}), itself),
  ];
  const some = (of: typeof pool, most: number) => draw(fc.shuffledSubarray(of, { minLength: Math.min(most, of.length), maxLength: Math.min(most, of.length) }));
  const chosen = [...some(pool.filter(({ isHere }) => isHere), 30), ...some(pool.filter(({ isHere }) => !isHere), 8)];
  return {
    field: `nodes(ids: ${JSON.stringify(chosen.map(({ id }) => id))}) { __typename ... on Resource { ${RESOURCE} } ... on Organization { ${ORGANIZATION} } ... on Position { ${POSITION} }
      ... on Contract { ${CONTRACT} } ... on Membership { ${MEMBERSHIP} } ... on ResourceGrantClause { ${CLAUSE.replaceAll('... on ResourceGrantClause', '...')} } ... on User { id displayName contact { email } } ... on Network { id } ... on AuditEntry { ${ENTRY} }
      ... on Booking { ${BOOKING} } ... on Notification { ${NOTIFICATION} } }`,
    expected: chosen.map(({ node }) => node()),
    answers: chosen.length,
  };
};

const kinds: Readonly<Record<string, Kind>> = { resources, organizations, contracts, bookings, notifications, network, viewer, auditLog, search, nodes };

/** A random document's questions: a node sweep and some of the others. */
export function questionsFor(view: View, draw: Draw): Question[] {
  const chosen = draw(fc.array(fc.constantFrom(...Object.keys(kinds)), { minLength: 3, maxLength: 6 }));
  return ['nodes', ...chosen].map((kind) => {
    const asked = kinds[kind]!(view, draw);
    const order = (value: unknown) => normal(asked.normal ? asked.normal(value as never) : value);
    return { refused: null, answers: 1, ...asked, expected: order(asked.expected), normal: order };
  });
}

/** A list that is paged through to its end, one way or the other, with all that has to come. */
export interface Walk {
  list: string;
  size: number;
  backward: boolean;
  ids: string[];
}

export function walkFor(view: View, draw: Draw): Walk {
  const all: Readonly<Record<string, string[]>> = {
    resources: listed(view.resources()).map(({ id }) => gid('Resource', id)),
    organizations: view.organizations().map(({ id }) => gid('Organization', id)),
    ...(view.works && { contracts: view.contracts().map(({ id }) => gid('Contract', id)), bookings: view.bookings().map(({ id }) => gid('Booking', id)).reverse() }),
  };
  const list = draw(fc.constantFrom(...Object.keys(all)));
  return { list, size: draw(fc.integer({ min: 1, max: 5 })), backward: draw(fc.boolean()), ids: all[list]! };
}
