import type { TestDatabase } from '../support/cluster';

/**
 * What each actor may see, computed plainly from the base tables by the rules of the field, one row after the other. It
 * shares no code with the server and looks at nothing that the server derived: no readers, writers, audiences or keys,
 * none of the gate's functions.
 */

export interface NetworkRow { id: string; code: string; today: string; now: Date }
export interface OrganizationRow { id: string; network: string; name: string; kind: string; status: string; hub: boolean; introduction: string | null; applicant: string | null; rank: number }
export interface ContactRow { organization: string; person: string | null }
export interface MembershipRow { id: string; network: string; user: string; organization: string; role: string; status: string }
export interface UserRow { id: string; name: string; email: string | null }
export interface PositionRow { id: string; network: string; organization: string; name: string; kind: string; address: string | null; rank: number }
export interface ResourceRow {
  id: string; network: string; owner: string; position: string | null; name: string; kind: string; sharing: string; status: string;
  description: string | null; skills: string[]; rank: number; created: string;
}
export interface ContractRow {
  id: string; network: string; number: string; title: string; status: string; from: string; to: string | null; supersededFrom: string | null;
  supersedes: string | null; drafter: string; hash: string;
}
export interface PartyRow { contract: string; organization: string; ordinal: number }
export interface ClauseRow { id: string; contract: string; kind: string; obligor: string; ordinal: number }
export interface GrantRow { clause: string; resource: string; name: string; ordinal: number }
export interface BeneficiaryRow { clause: string; organization: string }
export interface SignatureRow { contract: string; organization: string; hash: string }
export interface ChangeRow { id: string; network: string; type: string; subject: string; to: string; at: string }
export interface AuditRow { id: string; network: string; seq: number; action: string; type: string; subject: string; organizations: string[]; changes: string }

export interface BookingRow {
  id: string; network: string; resource: string; owner: string; organization: string; booker: string; clause: string | null; contract: string | null; parent: string | null;
  quantity: number; starts: Date; ends: Date; status: string; flagged: boolean; private: boolean; bookerName: string; purpose: string | null;
}
export interface NotificationRow { id: string; network: string; user: string; kind: string; type: string; subject: string; read: Date | null }

/** The base tables of all networks, as the superuser reads them. */
export interface Base {
  networks: NetworkRow[]; organizations: OrganizationRow[]; contacts: ContactRow[]; memberships: MembershipRow[]; users: UserRow[];
  positions: PositionRow[]; resources: ResourceRow[]; contracts: ContractRow[]; parties: PartyRow[]; clauses: ClauseRow[]; grants: GrantRow[];
  beneficiaries: BeneficiaryRow[]; signatures: SignatureRow[]; changes: ChangeRow[]; audit: AuditRow[]; bookings: BookingRow[]; notifications: NotificationRow[];
}

const BY_PINYIN = 'row_number() OVER (ORDER BY name COLLATE "zh-Hans-x-icu", id)::int AS rank';

const statements: Readonly<Record<keyof Base, string>> = {
  networks: `SELECT id, code, ($1::timestamptz AT TIME ZONE time_zone)::date::text AS today, $1::timestamptz AS now FROM networks ORDER BY id`,
  organizations: `SELECT id, network_id AS network, name, kind, status, is_hub AS hub, introduction, applied_by AS applicant, ${BY_PINYIN} FROM organizations ORDER BY rank`,
  contacts: 'SELECT organization_id AS organization, person FROM organization_contacts',
  memberships: 'SELECT id, network_id AS network, user_id AS "user", organization_id AS organization, role, status FROM memberships ORDER BY id',
  users: 'SELECT id, display_name AS name, email::text AS email FROM users ORDER BY id',
  positions: `SELECT id, network_id AS network, organization_id AS organization, name, kind, address, ${BY_PINYIN} FROM positions ORDER BY rank`,
  resources: `SELECT id, network_id AS network, owner_id AS owner, position_id AS position, name, kind, sharing, status, description, skills,
    to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') AS created, ${BY_PINYIN} FROM resources ORDER BY rank`,
  contracts: `SELECT id, network_id AS network, number, title, status, term_from::text AS "from", term_to::text AS "to", superseded_from::text AS "supersededFrom",
    supersedes_id AS supersedes, drafted_by AS drafter, content_hash AS hash FROM contracts ORDER BY id DESC`,
  parties: 'SELECT contract_id AS contract, organization_id AS organization, ordinal FROM contract_parties ORDER BY ordinal',
  clauses: 'SELECT id, contract_id AS contract, kind, obligor_id AS obligor, ordinal FROM contract_clauses ORDER BY ordinal',
  grants: 'SELECT clause_id AS clause, resource_id AS resource, name, ordinal FROM contract_clause_resources ORDER BY ordinal',
  beneficiaries: 'SELECT clause_id AS clause, organization_id AS organization FROM contract_clause_beneficiaries',
  signatures: 'SELECT contract_id AS contract, organization_id AS organization, content_hash AS hash FROM contract_signatures',
  changes: `SELECT id, network_id AS network, subject_type AS type, subject_id AS subject, to_status AS "to", at::text AS at FROM state_changes ORDER BY at, id`,
  audit: 'SELECT id, network_id AS network, seq::int AS seq, action, subject_type AS type, subject_id AS subject, organization_ids AS organizations, changes FROM audit_entries ORDER BY seq DESC',
  bookings: `SELECT b.id, b.network_id AS network, b.resource_id AS resource, b.owner_id AS owner, b.organization_id AS organization, b.booker_id AS booker, b.clause_id AS clause,
    b.contract_id AS contract, b.parent_id AS parent, b.quantity, b.starts_at AS starts, b.ends_at AS ends, b.status, b.flagged_at IS NOT NULL AS flagged, b.is_private AS private,
    d.booker_name AS "bookerName", d.purpose FROM bookings b JOIN booking_details d ON d.booking_id = b.id ORDER BY b.starts_at, b.id`,
  notifications: 'SELECT id, network_id AS network, user_id AS "user", kind, subject_type AS type, subject_id AS subject, read_at AS read FROM notifications ORDER BY id DESC',
};

/** Reads the base tables as they are. @param now what the server's clock says */
export async function readBase(sql: TestDatabase['sql'], now: Date): Promise<Base> {
  const base: Partial<Record<keyof Base, unknown>> = {};
  for (const [table, statement] of Object.entries(statements)) base[table as keyof Base] = await sql(statement, table === 'networks' ? [now.toISOString()] : []);
  return base as Base;
}

/** Who asks: in which network, as whom, by which membership. */
export interface Asker {
  network: string;
  user: string | null;
  membership: string | null;
}

const grouped = <Row>(rows: readonly Row[], key: (row: Row) => string): Map<string, Row[]> => {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) ?? []), row]);
  return groups;
};
const dayBefore = (day: string) => new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);

/** What follows from the base tables for everybody alike. */
export class Facts {
  readonly organization: ReadonlyMap<string, OrganizationRow>;
  readonly network: ReadonlyMap<string, NetworkRow>;
  readonly resource: ReadonlyMap<string, ResourceRow>;
  readonly contract: ReadonlyMap<string, ContractRow>;
  readonly membership: ReadonlyMap<string, MembershipRow>;
  private readonly parties: Map<string, PartyRow[]>;
  private readonly clauses: Map<string, ClauseRow[]>;
  private readonly signatures: Map<string, SignatureRow[]>;
  private readonly granting: Map<string, GrantRow[]>;
  private readonly granted: Map<string, GrantRow[]>;
  private readonly beneficiaries: Map<string, BeneficiaryRow[]>;
  private readonly clause: ReadonlyMap<string, ClauseRow>;

  constructor(readonly base: Base) {
    const byId = <Row extends { id: string }>(rows: readonly Row[]) => new Map(rows.map((row) => [row.id, row]));
    this.organization = byId(base.organizations);
    this.network = byId(base.networks);
    this.resource = byId(base.resources);
    this.contract = byId(base.contracts);
    this.membership = byId(base.memberships);
    this.clause = byId(base.clauses);
    this.parties = grouped(base.parties, (row) => row.contract);
    this.clauses = grouped(base.clauses, (row) => row.contract);
    this.signatures = grouped(base.signatures, (row) => row.contract);
    this.granting = grouped(base.grants, (row) => row.resource);
    this.granted = grouped(base.grants, (row) => row.clause);
    this.beneficiaries = grouped(base.beneficiaries, (row) => row.clause);
  }

  partiesOf = (contract: ContractRow): string[] => (this.parties.get(contract.id) ?? []).map(({ organization }) => organization);
  clausesOf = (contract: ContractRow): ClauseRow[] => this.clauses.get(contract.id) ?? [];
  grantsOf = (clause: ClauseRow): GrantRow[] => this.granted.get(clause.id) ?? [];

  /** Whether a party has signed what the contract says now. */
  signed = (contract: ContractRow, organization: string): boolean =>
    (this.signatures.get(contract.id) ?? []).some((signature) => signature.organization === organization && signature.hash === contract.hash);

  /** The last day of a contract: of its term, or the one before its amendment begins. */
  private lastDay({ to, supersededFrom }: ContractRow): string {
    const days = [to, supersededFrom === null ? null : dayBefore(supersededFrom)].filter((day) => day !== null);
    return days.sort()[0] ?? '9999-12-31';
  }

  /** Where a contract stands today. */
  status(contract: ContractRow): string {
    const { today } = this.network.get(contract.network)!;
    const concluded = ['SIGNED', 'ACTIVE', 'SUSPENDED'].includes(contract.status);
    if (concluded && this.lastDay(contract) < today) return 'EXPIRED';
    if (contract.status === 'SIGNED' && contract.from <= today) return 'ACTIVE';
    return contract.status;
  }

  /** In force: begun, not over, neither suspended nor ended, and signed by every party as it is. */
  inForce = (contract: ContractRow): boolean =>
    this.status(contract) === 'ACTIVE' &&
    contract.from <= this.network.get(contract.network)!.today &&
    this.partiesOf(contract).length > 1 &&
    this.partiesOf(contract).every((party) => this.signed(contract, party));

  /** Where a booking stands now: what nobody has answered or handed out in time is over. */
  bookingStatus({ network, status, starts, ends }: BookingRow): string {
    const { now } = this.network.get(network)!;
    if (['WAITLISTED', 'REQUESTED'].includes(status) && starts <= now) return 'LAPSED';
    return status === 'CONFIRMED' && ends <= now ? 'NO_SHOW' : status;
  }

  /** The grants of contracts in force that open a resource to an organization. */
  keys(resource: ResourceRow, organization: string): { clause: string; contract: string }[] {
    return (this.granting.get(resource.id) ?? []).flatMap(({ clause: id }) => {
      const clause = this.clause.get(id)!;
      const contract = this.contract.get(clause.contract)!;
      const opens =
        clause.obligor === resource.owner &&
        this.signed(contract, resource.owner) &&
        this.inForce(contract) &&
        (this.beneficiaries.get(id) ?? []).some((beneficiary) => beneficiary.organization === organization);
      return opens ? [{ clause: id, contract: contract.id }] : [];
    });
  }
}

/** Why somebody sees a resource; by a contract, by which clause. */
export interface Reason {
  reason: 'OWNER' | 'COMMITTEE' | 'CONTRACT' | 'NETWORK' | 'PUBLIC';
  clause: string | null;
  contract: string | null;
}

/** What one asker may see. */
export class View {
  readonly network: string;
  readonly user: string | null;
  readonly role: string | null;
  readonly organization: OrganizationRow | null;
  /** Works for the organization, as staff, administrator or committee. */
  readonly works: boolean;
  readonly isCommittee: boolean;
  /** The organization is a member in good standing. */
  readonly inGoodStanding: boolean;

  private constructor(readonly facts: Facts, { network, user }: Asker, membership: MembershipRow | null) {
    this.network = network;
    this.user = user;
    this.role = membership?.role ?? null;
    this.organization = membership ? facts.organization.get(membership.organization)! : null;
    this.works = ['STAFF', 'ADMIN', 'COMMITTEE'].includes(this.role ?? '');
    this.inGoodStanding = this.organization?.status === 'ACTIVE';
    this.isCommittee = this.role === 'COMMITTEE' && this.organization!.hub && this.inGoodStanding;
  }

  /** null: who asks is turned away, since the membership is not theirs or not in force. */
  static of(facts: Facts, asker: Asker): View | null {
    if (asker.membership === null) return new View(facts, asker, null);
    const membership = facts.membership.get(asker.membership);
    return membership && membership.user === asker.user && membership.status === 'ACTIVE' ? new View(facts, { ...asker, network: membership.network }, membership) : null;
  }

  private worksFor = (organization: string) => this.works && this.organization!.id === organization;
  private here = (row: { network: string }) => row.network === this.network;

  /** Applications are seen by the committee and by who applied. */
  seesOrganization = (row: OrganizationRow): boolean =>
    this.here(row) &&
    (['ACTIVE', 'SUSPENDED', 'LEFT'].includes(row.status) || this.isCommittee || this.worksFor(row.id) || (this.user !== null && row.applicant === this.user));

  /** The own one; the committee all; the staff of an organization in good standing those of its partners. */
  seesContact = (row: OrganizationRow): boolean =>
    this.seesOrganization(row) &&
    (this.isCommittee ||
      this.worksFor(row.id) ||
      (this.works &&
        this.inGoodStanding &&
        this.facts.base.contracts.some(
          (contract) => this.here(contract) && [row.id, this.organization!.id].every((party) => this.facts.partiesOf(contract).includes(party)) && this.facts.inForce(contract),
        )));

  seesMembership = (row: MembershipRow): boolean => this.here(row) && (row.user === this.user || this.isCommittee || this.worksFor(row.organization));

  /** The person; the staff of the organizations that the person belongs to, and their committees. */
  seesUser = (id: string): boolean =>
    id === this.user ||
    this.facts.base.memberships.some((row) => row.user === id && row.status !== 'ENDED' && (this.worksFor(row.organization) || (this.isCommittee && this.here(row))));

  seesPosition = (row: PositionRow): boolean =>
    this.here(row) &&
    (['ACTIVE', 'SUSPENDED'].includes(this.facts.organization.get(row.organization)!.status) || this.isCommittee || this.worksFor(row.organization));

  /** The committee all; the staff of who drafts it, and from the proposal on of the parties. */
  seesContract = (row: ContractRow): boolean =>
    this.here(row) && (this.isCommittee || (row.status === 'DRAFT' ? [row.drafter] : this.facts.partiesOf(row)).some(this.worksFor));

  reasons(row: ResourceRow): Reason[] {
    if (!this.here(row)) return [];
    const because = (reason: Reason['reason'], so: boolean): Reason[] => (so ? [{ reason, clause: null, contract: null }] : []);
    const shared = row.sharing !== 'PRIVATE';
    const ownerInGoodStanding = this.facts.organization.get(row.owner)!.status === 'ACTIVE';
    const member = this.inGoodStanding && this.role !== 'RESIDENT';
    const keys = shared && ownerInGoodStanding && this.works && this.inGoodStanding ? this.facts.keys(row, this.organization!.id) : [];
    return [
      ...because('OWNER', this.worksFor(row.owner)),
      ...because('COMMITTEE', shared && this.isCommittee),
      ...keys.map((key): Reason => ({ reason: 'CONTRACT', ...key })),
      ...because('NETWORK', ['NETWORK', 'PUBLIC'].includes(row.sharing) && ownerInGoodStanding && member),
      ...because('PUBLIC', row.sharing === 'PUBLIC' && ownerInGoodStanding),
    ];
  }

  /** Who works for one of the two organizations: these read the history too. */
  worksOn = (row: BookingRow): boolean => this.here(row) && [row.organization, row.owner].some(this.worksFor);

  /** They, and who booked in person. */
  isPartyTo = (row: BookingRow): boolean => this.worksOn(row) || (this.here(row) && row.booker === this.user);

  /** The parties; the committee all but of what was shared with nobody. */
  seesBooking = (row: BookingRow): boolean => this.isPartyTo(row) || (this.here(row) && this.isCommittee && !row.private);

  /** How often two have booked of each other, whoever works for one of them sees; the committee too, but for private resources. */
  countsBooking = (row: BookingRow): boolean =>
    this.worksOn(row) || (this.here(row) && this.isCommittee && !row.private);

  /** What people are told is theirs alone. */
  seesNotification = (row: NotificationRow): boolean => this.here(row) && row.user === this.user;

  /** What it was booked by is not in force; of a contract that one does not see, as it was noted. */
  flagged(row: BookingRow): boolean {
    const { facts } = this;
    if (!['WAITLISTED', 'REQUESTED', 'CONFIRMED'].includes(row.status) || row.starts <= facts.network.get(row.network)!.now) return false;
    const contract = row.contract === null ? undefined : facts.contract.get(row.contract)!;
    const outOfForce = contract && this.seesContract(contract) ? facts.status(contract) !== 'ACTIVE' : row.flagged;
    return outOfForce || [row.organization, row.owner].some((id) => facts.organization.get(id)!.status !== 'ACTIVE');
  }

  seesResource = (row: ResourceRow): boolean => this.reasons(row).length > 0;

  /** The history of an organization or contract, for whoever works with it. */
  seesChange(row: ChangeRow): boolean {
    if (!this.here(row)) return false;
    if (this.isCommittee) return true;
    const contract = this.facts.contract.get(row.subject);
    return contract ? this.seesContract(contract) : this.worksFor(row.subject);
  }

  /** The committee all; administrators what concerns their organization. */
  seesAudit = (row: AuditRow): boolean =>
    this.here(row) && (this.isCommittee || (['ADMIN', 'COMMITTEE'].includes(this.role ?? '') && row.organizations.includes(this.organization!.id)));

  organizations = () => this.facts.base.organizations.filter(this.seesOrganization);
  positions = () => this.facts.base.positions.filter(this.seesPosition);
  resources = () => this.facts.base.resources.filter(this.seesResource);
  contracts = () => this.facts.base.contracts.filter(this.seesContract);
  audit = () => this.facts.base.audit.filter(this.seesAudit);
  bookings = () => this.facts.base.bookings.filter(this.seesBooking);
  notifications = () => this.facts.base.notifications.filter(this.seesNotification);
}
