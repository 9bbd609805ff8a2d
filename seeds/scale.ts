import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { contentHash, type ClauseContent } from '../src/domain/contracts/content';
import { Passwords } from '../src/platform/identity/passwords';
import { OperatorError } from '../src/platform/operator-error';
import { secondsOf } from '../src/platform/graphql/edge';
import { newId } from '../src/platform/ids';
import { Calendar } from './calendar';
import { openingHours, SAMPLE_PASSWORD, sampleNetworks, type ContractData, type NetworkData, type PersonData, type SignIn } from './data';
import { draftDay } from './story';

/** How much to make: so many copies of the Er'ma network, or so many resources altogether. */
export type Amount = { copies: number } | { resources: number };

export interface Scaling {
  ownerUrl: string;
  amount: Amount;
  now?: Date;
  log: (line: string) => void;
}

/** A network for measurements, and whom to measure it as. */
export interface Scaled {
  code: string;
  signIns: SignIn[];
}

/** Of which copies the resources stay shared with network and public; in the others they are shared by contract. */
const OPEN_COPIES = 200;
/** The share of all resources that the hub grants to the partner. */
const GRANTED = 0.003;
const MOST_GRANTED_BY_A_CLAUSE = 100;
/** The parts of a copy are told apart by their kind in their ids. */
const KINDS = { user: 1, organization: 2, membership: 3, position: 4, resource: 5, contract: 6, clause: 7 } as const;
type Kind = keyof typeof KINDS;

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
const array = (values: readonly string[]): string => `{${values.join(',')}}`;

const SPECIAL = /[\\\t\n\r]/;
const SPECIALS = new RegExp(SPECIAL, 'g');

/** A value as COPY reads it. */
function field(value: Cell): string {
  if (value === null || value === undefined) return '\\N';
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'string') return SPECIAL.test(value) ? value.replaceAll(SPECIALS, '\\$&') : value;
  if (typeof value === 'object') return field(JSON.stringify(value));
  return String(value);
}

type Cell = string | number | boolean | Date | readonly object[] | null | undefined;
type Row = readonly Cell[];
interface Table {
  name: string;
  columns: string;
  /** The rows of the hub and what belongs to it. */
  own: () => Iterable<Row>;
  /** The rows of one copy. */
  copied: (copy: number) => Iterable<Row>;
}

/**
 * A network that holds the Er'ma network many times over, for measurements: the same organizations, people, positions,
 * resources and contracts, each with the number of its copy. The hub is of its own; the copies of Er'ma's hub are
 * ordinary members, since no organization is party to hundreds of thousands of contracts. Everything follows from the
 * day and the amount.
 */
class Plan {
  readonly code: string;
  readonly copies: number;
  readonly networkId: string;
  private readonly template: NetworkData;
  private readonly calendar: Calendar;
  private readonly salt: number;
  private readonly base: number;
  private readonly hubResources: number;
  private readonly people: { person: PersonData; at: number }[];
  private readonly resources: { data: NetworkData['organizations'][number]['resources'][number]; at: number; grants: number[] }[];
  private readonly positions: { data: NetworkData['organizations'][number]['positions'][number]; at: number }[];
  private readonly contracts: PlannedContract[];
  private readonly organizationAt: Map<string, number>;
  private readonly resourceAt: Map<string, number>;
  private readonly contractAt: Map<string, number>;

  constructor(
    amount: Amount,
    now: Date,
    private readonly passwordHash: string,
    private readonly committee: string,
  ) {
    this.template = sampleNetworks()[0]!;
    const { organizations, contracts, network } = this.template;
    this.calendar = new Calendar(now, network.timeZone);
    this.organizationAt = new Map(organizations.map(({ key }, at) => [key, at]));
    this.people = organizations.flatMap(({ people }, at) => people.map((person) => ({ person, at })));
    this.positions = organizations.flatMap(({ positions }, at) => positions.map((data) => ({ data, at })));
    this.resources = organizations.flatMap(({ resources }, at) => resources.map((data) => ({ data, at, grants: [] as number[] })));
    this.resourceAt = new Map(this.resources.map(({ data }, at) => [data.key, at]));
    this.contractAt = new Map(contracts.map(({ key }, at) => [key, at]));
    const each = this.resources.length;
    this.copies = 'copies' in amount ? amount.copies : Math.floor((amount.resources * (1 - GRANTED)) / each);
    if (this.copies < 1) throw new OperatorError(`A network for measurements has at least ${Math.ceil(each / (1 - GRANTED))} resources.`);
    this.hubResources = 'copies' in amount ? Math.ceil(amount.copies * each * GRANTED) : amount.resources - this.copies * each;
    this.code = 'copies' in amount ? `scale-${amount.copies}` : `resources-${amount.resources}`;
    this.salt = createHash('sha256').update(this.code).digest().readUIntBE(0, 3);
    this.base = this.calendar.instant({ day: -500, minute: 0 }).getTime();
    this.contracts = this.planContracts(contracts);
    this.networkId = this.id('organization', 0, 255);
  }

  private planContracts(contracts: readonly ContractData[]): PlannedContract[] {
    let clause = 0;
    return contracts.map((data, index) => {
      const first = clause;
      clause += data.clauses.length;
      const signers = data.signedBy.map((key) => this.people.findIndex(({ person }) => person.key === key));
      const signed = new Set(signers.map((signer) => this.people[signer]!.at));
      data.clauses.forEach((said, ordinal) => {
        if (said.kind !== 'RESOURCE_GRANT' || !signed.has(this.organizationAt.get(said.obligor)!)) return;
        for (const key of said.resources) this.resources[this.resourceAt.get(key)!]!.grants.push(first + ordinal);
      });
      const drafter = this.people.find(({ person }) => person.key === data.draftedBy)!.at;
      const day = draftDay(data);
      return { data, index, firstClause: first, signers, drafter, day, draftedAt: this.calendar.instant({ day, minute: 0 }), signedAt: this.calendar.instant({ day: day + 2, minute: 0 }) };
    });
  }

  /** The id of a part of a copy: a UUIDv7 whose random bits count instead. Copy 0 belongs to the hub. */
  private id(kind: Kind, copy: number, index: number): string {
    const time = hex(this.base + copy * 1000, 12);
    return `${time.slice(0, 8)}-${time.slice(8)}-7${KINDS[kind]}${hex(index & 255, 2)}-8${hex(index >> 8, 3)}-${hex(copy, 6)}${hex(this.salt, 6)}`;
  }

  private at(copy: number): Date {
    return new Date(this.base + copy * 1000);
  }

  get total(): { resources: number; organizations: number; contracts: number } {
    return {
      resources: this.copies * this.resources.length + this.hubResources,
      organizations: this.copies * this.template.organizations.length + 1,
      contracts: this.copies * this.contracts.length + 1,
    };
  }

  /** Whom to sign in as: what each reads differs most. */
  get signIns(): SignIn[] {
    const partner = this.template.organizations[PARTNER]!;
    const admin = partner.people.find(({ role }) => role === 'ADMIN')!;
    const person = (identifier: string, displayName: string, role: PersonData['role'], organization: string, note: string): SignIn => ({
      identifier, password: SAMPLE_PASSWORD, displayName, role, organization, note,
    });
    return [
      person(this.hubEmail('committee'), '示例·committee', 'COMMITTEE', this.hubName, 'reads all but what is private'),
      person(this.email(admin, 1), `${admin.displayName} 1`, 'ADMIN', this.name(partner.name, 1), 'reads about 0.5 % of the resources'),
      person(this.hubEmail('resident'), '示例·resident', 'RESIDENT', this.hubName, 'reads what is public'),
    ];
  }

  private get hubName(): string {
    return `${this.code} 大团委（示例）`;
  }

  private hubEmail(who: string): string {
    return `${who}@${this.code}.example`;
  }

  private email({ key }: PersonData, copy: number): string {
    return `${key}.${copy}@${this.code}.example`;
  }

  private name(name: string, copy: number): string {
    return `${name.replace('（示例）', '')} ${copy}（示例）`;
  }

  get tables(): Table[] {
    const { networkId } = this;
    const { organizations } = this.template;
    const hub = this.id('organization', 0, 0);
    const organization = (copy: number, at: number) => this.id('organization', copy, at);
    const hubPeople = [
      { who: 'committee', role: 'COMMITTEE' },
      { who: 'resident', role: 'RESIDENT' },
    ];
    const hubResources = Array.from({ length: this.hubResources }, (_, index) => index);
    const grant = this.partnerContract(hub, hubResources);
    const user = (copy: number, index: number) => this.id('user', copy, index);
    return [
      {
        name: 'users',
        columns: 'id, display_name, locale, email, created_at, readers',
        own: () => hubPeople.map(({ who }, i) => [user(0, i), `示例·${who}`, 'zh-CN', this.hubEmail(who), this.at(0), array([user(0, i), hub, this.committee])]),
        copied: (copy) =>
          this.people.map(({ person, at }, i) => [
            user(copy, i), `${person.displayName} ${copy}`, person.locale, person.status === 'INVITED' ? null : this.email(person, copy), this.at(copy),
            array(person.status === 'ENDED' ? [user(copy, i)] : [user(copy, i), organization(copy, at), this.committee]),
          ]),
      },
      {
        name: 'credentials',
        columns: 'user_id, password_hash, changed_at',
        own: () => hubPeople.map((_, i) => [user(0, i), this.passwordHash, this.at(0)]),
        copied: (copy) => this.people.flatMap(({ person }, i) => (person.status === 'INVITED' ? [] : [[user(copy, i), this.passwordHash, this.at(copy)]])),
      },
      {
        name: 'organizations',
        columns: 'network_id, id, name, kind, status, is_hub, introduction, created_at',
        own: () => [[networkId, hub, this.hubName, 'LEAGUE_COMMITTEE', 'ACTIVE', true, null, this.at(0)]],
        copied: (copy) =>
          organizations.map(({ name, kind, status, introduction }, at) => [
            networkId, organization(copy, at), this.name(name, copy), kind, status, false, introduction, this.at(copy),
          ]),
      },
      {
        name: 'organization_contacts',
        columns: 'network_id, organization_id, person, phone, email, contract_ids',
        own: () => [[networkId, hub, null, null, null, array([grant.id])]],
        copied: (copy) =>
          organizations.map(({ contact }, at) => {
            const signed = this.contracts.flatMap(({ signers }, index) => (signers.some((signer) => this.people[signer]!.at === at) ? [this.id('contract', copy, index)] : []));
            if (copy === 1 && at === PARTNER) signed.push(grant.id);
            return [networkId, organization(copy, at), contact.person, null, null, array(signed)];
          }),
      },
      {
        name: 'memberships',
        columns: 'network_id, id, user_id, organization_id, organization_is_hub, role, status, created_at',
        own: () => hubPeople.map(({ role }, i) => [networkId, this.id('membership', 0, i), user(0, i), hub, true, role, 'ACTIVE', this.at(0)]),
        copied: (copy) =>
          this.people.map(({ person, at }, i) => [
            networkId, this.id('membership', copy, i), user(copy, i), organization(copy, at), false,
            person.role === 'COMMITTEE' ? 'ADMIN' : person.role, person.status, this.at(copy),
          ]),
      },
      {
        name: 'positions',
        columns: 'network_id, id, organization_id, organization_is_hub, organization_status, name, kind, address, latitude, longitude, opening_hours, created_at',
        own: () => [[networkId, this.id('position', 0, 0), hub, true, 'ACTIVE', `${this.code} 青年之家（示例）`, 'HUB', null, null, null, [], this.at(0)]],
        copied: (copy) =>
          this.positions.map(({ data, at }, i) => [
            networkId, this.id('position', copy, i), organization(copy, at), false, organizations[at]!.status, this.name(data.name, copy), 'MICRO',
            data.address, data.location.latitude, data.location.longitude, openingHours(data.openingHours), this.at(copy),
          ]),
      },
      {
        name: 'resources',
        columns: `network_id, id, owner_id, owner_status, position_id, name, kind, description, sharing, status, capacity, quantity, skills,
          requires_ids, booking_minimum, booking_maximum, booking_lead_time, booking_horizon, booking_buffer, booking_requires_approval,
          booking_cancellation_deadline, opening_hours, granted_by, created_at`,
        own: () =>
          hubResources.map((index) =>
            this.resourceRow(0, index, hub, 'ACTIVE', this.resources[index % this.resources.length]!.data, {
              position: null, sharing: 'CONTRACT', status: 'AVAILABLE', requires: [], name: `大团委资源 ${index + 1}（示例）`,
              grantedBy: [grant.clauseOf(index)],
            }),
          ),
        copied: (copy) =>
          this.resources.map(({ data, at, grants }, index) => {
            const open = copy % OPEN_COPIES === 1;
            const { sharing } = data;
            return this.resourceRow(copy, index, organization(copy, at), organizations[at]!.status, data, {
              position: data.position === null ? null : this.id('position', copy, this.positions.findIndex(({ data: { key } }) => key === data.position)),
              sharing: open || sharing === 'PRIVATE' ? sharing : 'CONTRACT',
              status: data.status,
              requires: data.requires.map((key) => this.id('resource', copy, this.resourceAt.get(key)!)),
              name: this.name(data.name, copy),
              grantedBy: grants.map((clause) => this.id('clause', copy, clause)),
            });
          }),
      },
      ...this.contractTables(grant),
    ];
  }

  private resourceRow(
    copy: number,
    index: number,
    owner: string,
    ownerStatus: string,
    data: NetworkData['organizations'][number]['resources'][number],
    own: { position: string | null; sharing: string; status: string; requires: string[]; name: string; grantedBy: string[] },
  ): Row {
    const { kind, description, capacity, quantity, skills, bookingPolicy: policy } = data;
    return [
      this.networkId, this.id('resource', copy, index), owner, ownerStatus, own.position, own.name, kind, description, own.sharing, own.status,
      capacity, quantity, array(skills), array(own.requires), policy.minimum, policy.maximum, policy.leadTime, policy.horizon, policy.buffer,
      policy.requiresApproval, policy.cancellationDeadline, openingHours(data.openingHours), array(own.grantedBy), this.at(copy),
    ];
  }

  /** The contract by which the hub grants its resources to the partner. */
  private partnerContract(hub: string, resources: readonly number[]) {
    const id = this.id('contract', 0, 0);
    const clauses = Array.from({ length: Math.ceil(resources.length / MOST_GRANTED_BY_A_CLAUSE) }, (_, index) => ({
      id: this.id('clause', 0, index),
      resources: resources.slice(index * MOST_GRANTED_BY_A_CLAUSE, (index + 1) * MOST_GRANTED_BY_A_CLAUSE),
    }));
    const partner = this.id('organization', 1, PARTNER);
    const term = { from: this.calendar.date(-100), to: null };
    const title = '大团委资源共享契约（示例）';
    const content: ClauseContent[] = clauses.map(({ resources: granted }) => ({
      ...nothing, kind: 'RESOURCE_GRANT', obligorId: hub, text: '大团委向伙伴单位开放资源。', beneficiaryIds: [partner],
      resources: granted.map((index) => ({ id: this.id('resource', 0, index), name: `大团委资源 ${index + 1}（示例）` })),
    }));
    const parties = [hub, partner];
    return {
      id, clauses, partner, hub, term, title, content, parties,
      hash: contentHash({ title, partyIds: parties, term, clauses: content }),
      clauseOf: (index: number) => clauses[Math.floor(index / MOST_GRANTED_BY_A_CLAUSE)]!.id,
    };
  }

  private contractTables(grant: ReturnType<Plan['partnerContract']>): Table[] {
    const { networkId } = this;
    const draftedAt = this.calendar.instant({ day: -114, minute: 0 });
    const clauseColumns = `network_id, id, contract_id, ordinal, kind, obligor_id, text, quota_per_month, hours, requires_approval, priority,
      category, activities_per_quarter, service_hours_per_quarter, audience`;
    const clauseRow = (id: string, contractId: string, ordinal: number, content: ClauseContent, audience: string): Row => [
      networkId, id, contractId, ordinal, content.kind, content.obligorId, content.text,
      content.quotaSeconds === null ? null : `PT${content.quotaSeconds / 3600}H`, content.hours, content.requiresApproval, content.priority,
      content.category, content.activitiesPerQuarter, content.serviceHoursPerQuarter, audience,
    ];
    const both = array(grant.parties);
    const partnerAdmin = this.people.findIndex(({ person, at }) => at === PARTNER && person.role === 'ADMIN');
    return [
      {
        name: 'contracts',
        columns: 'network_id, id, number, title, status, term_from, term_to, drafted_by, supersedes_id, superseded_from, lineage_id, content_hash, audience, created_at, version',
        own: () => [
          [networkId, grant.id, this.number(0, 0, draftedAt), grant.title, 'ACTIVE', grant.term.from, grant.term.to, grant.hub, null, null, grant.id, grant.hash, both, draftedAt, 5],
        ],
        copied: (copy) =>
          this.contracts.map((contract, index) => {
            const { data, drafter, draftedAt: createdAt } = contract;
            const { title, term } = this.content(copy, contract);
            const later = this.contracts.find(({ data: { supersedes, state: its } }) => supersedes === data.key && ['SIGNED', 'ACTIVE'].includes(its));
            const earlier = data.supersedes === null ? null : this.id('contract', copy, this.contractAt.get(data.supersedes)!);
            return [
              networkId, this.id('contract', copy, index), this.number(copy, index, createdAt), title, data.state, term.from, term.to,
              this.id('organization', copy, drafter), earlier, later ? this.calendar.date(later.data.term.fromDay) : null, earlier ?? this.id('contract', copy, index),
              this.hash(copy, contract), array(this.audience(copy, contract)), createdAt, 1 + contract.signers.length,
            ];
          }),
      },
      {
        name: 'contract_parties',
        columns: 'network_id, contract_id, organization_id, role, ordinal, audience',
        own: () => [
          [networkId, grant.id, grant.hub, 'HUB', 1, both],
          [networkId, grant.id, grant.partner, 'PARTNER', 2, both],
        ],
        copied: (copy) =>
          this.contracts.flatMap((contract, index) => {
            const audience = array(this.audience(copy, contract));
            return this.parties(copy, contract).map((party, ordinal) => [networkId, this.id('contract', copy, index), party, 'PARTNER', ordinal + 1, audience]);
          }),
      },
      {
        name: 'contract_clauses',
        columns: clauseColumns,
        own: () => grant.content.map((content, ordinal) => clauseRow(grant.clauses[ordinal]!.id, grant.id, ordinal, content, both)),
        copied: (copy) =>
          this.eachClause(copy, (contractId, id, ordinal, content, audience) => [clauseRow(id, contractId, ordinal, content, audience)]),
      },
      {
        name: 'contract_clause_resources',
        columns: 'network_id, clause_id, contract_id, obligor_id, resource_id, ordinal, name, audience',
        own: () =>
          grant.content.flatMap(({ resources }, index) =>
            resources.map(({ id, name }, ordinal) => [networkId, grant.clauses[index]!.id, grant.id, grant.hub, id, ordinal, name, both]),
          ),
        copied: (copy) =>
          this.eachClause(copy, (contractId, id, _, { obligorId, resources }, audience) =>
            resources.map((resource, ordinal) => [networkId, id, contractId, obligorId, resource.id, ordinal, resource.name, audience]),
          ),
      },
      {
        name: 'contract_clause_beneficiaries',
        columns: 'network_id, clause_id, contract_id, obligor_id, organization_id, audience',
        own: () => grant.clauses.map(({ id }) => [networkId, id, grant.id, grant.hub, grant.partner, both]),
        copied: (copy) =>
          this.eachClause(copy, (contractId, id, _, { obligorId, beneficiaryIds }, audience) =>
            beneficiaryIds.map((beneficiary) => [networkId, id, contractId, obligorId, beneficiary, audience]),
          ),
      },
      {
        name: 'contract_signatures',
        columns: 'network_id, contract_id, organization_id, content_hash, signed_at, signed_by, signed_by_name, audience',
        own: () => [
          [networkId, grant.id, grant.hub, grant.hash, draftedAt, this.id('user', 0, 0), '示例·committee', both],
          [networkId, grant.id, grant.partner, grant.hash, draftedAt, this.id('user', 1, partnerAdmin), this.people[partnerAdmin]!.person.displayName, both],
        ],
        copied: (copy) =>
          this.contracts.flatMap((contract, index) => {
            if (!contract.signers.length) return [];
            const [hash, audience] = [this.hashes[copy * this.contracts.length + index], array(this.audience(copy, contract))];
            return contract.signers.map((signer) => {
              const { person, at } = this.people[signer]!;
              return [
                networkId, this.id('contract', copy, index), this.id('organization', copy, at), hash, contract.signedAt,
                this.id('user', copy, signer), `${person.displayName} ${copy}`, audience,
              ];
            });
          }),
      },
      {
        name: 'contract_counters',
        columns: 'network_id, year, last',
        own: () => [...new Set([draftedAt, ...this.contracts.map((contract) => contract.draftedAt)].map((at) => at.getUTCFullYear()))].map((year) => [
          networkId, year, this.copies * this.contracts.length + this.contracts.length,
        ]),
        copied: () => [],
      },
    ];
  }

  /** The numbers of one year need not be all used. */
  private number(copy: number, index: number, at: Date): string {
    return `${this.code.toUpperCase()}-${at.getUTCFullYear()}-${String(copy * this.contracts.length + index + 1).padStart(4, '0')}`;
  }

  /** The hashes of the copied contracts, which their signatures repeat. */
  private readonly hashes: string[] = [];

  private hash(copy: number, contract: PlannedContract): string {
    const { title, term, clauses } = this.content(copy, contract);
    const hash = contentHash({ title, partyIds: this.parties(copy, contract), term, clauses });
    this.hashes[copy * this.contracts.length + contract.index] = hash;
    return hash;
  }

  private parties(copy: number, { data }: PlannedContract): string[] {
    return data.parties.map((key) => this.id('organization', copy, this.organizationAt.get(key)!));
  }

  /** What the parties of a copied contract sign. */
  private content(copy: number, { data }: PlannedContract) {
    const organization = (key: string) => this.id('organization', copy, this.organizationAt.get(key)!);
    return {
      title: this.name(data.title, copy),
      term: { from: this.calendar.date(data.term.fromDay), to: data.term.toDay === null ? null : this.calendar.date(data.term.toDay) },
      clauses: data.clauses.map((clause): ClauseContent => {
        const bound = { ...nothing, kind: clause.kind, obligorId: organization(clause.obligor), text: clause.text };
        if (clause.kind !== 'RESOURCE_GRANT') {
          const { kind: _, obligor: __, text: ___, ...rest } = clause;
          return { ...bound, ...(rest as Partial<ClauseContent>) };
        }
        return {
          ...bound,
          resources: clause.resources.map((key) => {
            const at = this.resourceAt.get(key)!;
            return { id: this.id('resource', copy, at), name: this.name(this.resources[at]!.data.name, copy) };
          }),
          beneficiaryIds: clause.beneficiaries.map(organization),
          quotaSeconds: clause.quotaPerMonth === null ? null : secondsOf(clause.quotaPerMonth),
          hours: openingHours(clause.hours),
          requiresApproval: clause.requiresApproval,
          priority: clause.priority,
        };
      }),
    };
  }

  private audience(copy: number, contract: PlannedContract): string[] {
    return contract.data.state === 'DRAFT' ? [this.id('organization', copy, contract.drafter)] : this.parties(copy, contract);
  }

  private eachClause(copy: number, rows: (contractId: string, id: string, ordinal: number, content: ClauseContent, audience: string) => Row[]): Row[] {
    return this.contracts.flatMap((contract, index) => {
      const { clauses } = this.content(copy, contract);
      const audience = array(this.audience(copy, contract));
      return clauses.flatMap((content, ordinal) =>
        rows(this.id('contract', copy, index), this.id('clause', copy, contract.firstClause + ordinal), ordinal, content, audience),
      );
    });
  }
}

interface PlannedContract {
  data: ContractData;
  /** Its place in the file. */
  index: number;
  firstClause: number;
  /** Whose signatures it has, as places among the people. */
  signers: number[];
  /** The place of the organization that drafts it. */
  drafter: number;
  day: number;
  draftedAt: Date;
  signedAt: Date;
}

/** Which organization of the first copy is the partner: a university. */
const PARTNER = 3;

const nothing: Omit<ClauseContent, 'kind' | 'obligorId' | 'text'> = {
  resources: [], beneficiaryIds: [], quotaSeconds: null, hours: [], requiresApproval: false, priority: 0,
  category: null, activitiesPerQuarter: null, serviceHoursPerQuarter: null,
};

/** Makes a network for measurements by COPY, in one transaction; the tables are locked for as long. */
export async function seedScale({ ownerUrl, amount, now = new Date(), log }: Scaling): Promise<Scaled> {
  const client = new Client({ connectionString: ownerUrl, application_name: 'youth-network-seed' });
  await client.connect();
  try {
    const password = await (await Passwords.create()).hash(SAMPLE_PASSWORD);
    const named = new Plan(amount, now, password, '');
    const { rows: taken } = await client.query('SELECT FROM networks WHERE code = $1', [named.code]);
    if (taken.length) throw new OperatorError(`The network ${named.code} is there already.`);
    const { rows } = await client.query<{ committee: string }>(`SELECT app.principal('committee', $1) AS committee`, [named.networkId]);
    const plan = new Plan(amount, now, password, rows[0]!.committee);
    await fill(client, plan, log);
    return { code: plan.code, signIns: plan.signIns };
  } finally {
    await client.end();
  }
}

async function fill(client: Client, plan: Plan, log: (line: string) => void): Promise<void> {
  const { tables, networkId, code } = plan;
  const names = tables.map(({ name }) => name).join(', ');
  await client.query('BEGIN');
  // COPY FROM is refused under row security, so the owner, whom it binds only while it is forced, lifts that for as long.
  for (const { name } of tables) await client.query(`ALTER TABLE ${name} NO FORCE ROW LEVEL SECURITY`);
  await client.query(
    `INSERT INTO networks (id, code, name, administrative_division, time_zone, sample) VALUES ($1, $2, $3, '510726', 'Asia/Shanghai', 'COMPLETE')`,
    [networkId, code, `${code} 青年阵地网络（示例）`],
  );
  const indexes = await takeIndexesOff(client, tables);
  for (const table of tables) {
    const started = Date.now();
    const target = client.query(copyFrom(`COPY ${table.name} (${table.columns}) FROM STDIN`));
    await pipeline(Readable.from(lines(table, plan.copies), { objectMode: true }), target);
    log(`${table.name}: ${target.rowCount} rows in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  }
  const indexing = Date.now();
  for (const definition of indexes) await client.query(definition);
  log(`${indexes.length} indexes in ${((Date.now() - indexing) / 1000).toFixed(1)} s`);
  for (const { name } of tables) await client.query(`ALTER TABLE ${name} FORCE ROW LEVEL SECURITY`);
  await client.query(`SELECT app.enter($1, 'Asia/Shanghai', NULL, NULL, NULL, '{}', NULL)`, [networkId]);
  const entry = { id: newId(new Date()), action: 'network.scale', subjectType: 'Network', subjectId: networkId, organizationIds: [], changes: JSON.stringify(plan.total) };
  await client.query('SELECT app.append_audit($1)', [JSON.stringify([entry])]);
  await client.query('COMMIT');
  const started = Date.now();
  await client.query(`VACUUM (ANALYZE) ${names}, resource_listings`);
  log(`vacuumed in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

/**
 * Drops the indexes that hold no rule, to be built again at once when the rows are there: far faster than row by row.
 * @returns how to make them
 */
async function takeIndexesOff(client: Client, tables: readonly Table[]): Promise<string[]> {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `SELECT indexrelid::regclass AS name, pg_get_indexdef(indexrelid) AS definition FROM pg_index
     WHERE indrelid = ANY($1::regclass[]) AND NOT indisunique AND NOT indisexclusion ORDER BY 1`,
    [tables.map(({ name }) => name)],
  );
  for (const { name } of rows) await client.query(`DROP INDEX ${name}`);
  await client.query(`SET LOCAL maintenance_work_mem = '512MB'`);
  return rows.map(({ definition }) => definition);
}

const CHUNK = 256 * 1024;

/** The rows of a table as COPY reads them, some hundred at a time. */
function* lines({ own, copied }: Table, copies: number): Generator<string> {
  let chunk = '';
  for (let copy = 0; copy <= copies; copy += 1) {
    for (const row of copy === 0 ? own() : copied(copy)) chunk += `${row.map(field).join('\t')}\n`;
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk) yield chunk;
}
