import { v7 } from 'uuid';
import { toGlobalId } from '../../src/platform/ids';
import type { TestApi } from '../support/api';
import type { Founded, Person, TestOrganization } from '../support/world';

/** What tests read of a contract. */
export const CONTRACT = `contract { id number title status version contentHash viewerCan term { from to }
  parties { organization { id } role signedAt } signatures { organization { id } contentHash }
  clauses { id text obligor { id } ... on ResourceGrantClause { granted { name } beneficiaries { id } quotaPerMonth priority requiresApproval hours { weekday opens closes } } }
  supersedes { id } supersededBy { id } history { from to note by { displayName } } }`;

export interface ContractView {
  id: string;
  number: string;
  title: string;
  status: string;
  version: number;
  contentHash: string;
  viewerCan: string[];
  term: { from: string; to: string | null };
  parties: { organization: { id: string }; role: string; signedAt: string | null }[];
  signatures: { organization: { id: string }; contentHash: string }[];
  clauses: { id: string; text: string; obligor: { id: string }; granted?: { name: string }[]; quotaPerMonth?: string | null }[];
  supersedes: { id: string } | null;
  supersededBy: { id: string } | null;
  history: { from: string | null; to: string; note: string | null; by: { displayName: string } | null }[];
}

export interface Refused {
  code: string;
  message: string;
  path: string[];
}

/** The uuid in a global id. */
export const uuidOf = (globalId: string): string => Buffer.from(globalId, 'base64url').toString().split(':')[1]!;

/** Two members of a network beside the hub, the people who act for them, and contracts between them. */
export class Agreements {
  private constructor(
    readonly api: TestApi,
    readonly founded: Founded,
    readonly a: TestOrganization,
    readonly b: TestOrganization,
    readonly outsider: TestOrganization,
    readonly ada: Person,
    readonly ben: Person,
    readonly bea: Person,
    readonly otto: Person,
  ) {}

  static async begin(api: TestApi, code?: string): Promise<Agreements> {
    const founded = await api.world.found(code);
    const a = await api.world.organization(founded.network, { name: 'Alpha' });
    const b = await api.world.organization(founded.network, { name: 'Beta' });
    const outsider = await api.world.organization(founded.network, { name: 'Outside' });
    const ada = await api.world.person(a, 'ADMIN');
    const ben = await api.world.person(b, 'ADMIN');
    const bea = await api.world.person(b, 'STAFF');
    const otto = await api.world.person(outsider, 'ADMIN');
    return new Agreements(api, founded, a, b, outsider, ada, ben, bea, otto);
  }

  get hub(): TestOrganization {
    return this.founded.hub;
  }
  get committee(): Person {
    return this.founded.committee;
  }

  /** A resource put in behind the API's back. @returns its global id */
  async resource(owner: TestOrganization, name: string, sharing = 'CONTRACT', status = 'AVAILABLE'): Promise<string> {
    const id = v7();
    await this.api.database.sql(
      `INSERT INTO resources (network_id, id, owner_id, owner_status, name, kind, sharing, status, quantity, booking_minimum, booking_maximum,
         booking_lead_time, booking_horizon, booking_buffer, booking_requires_approval, booking_cancellation_deadline, created_at)
       VALUES ($1, $2, $3, 'ACTIVE', $4, 'VENUE', $5, $6, 1, 'PT30M', 'PT4H', 'PT0S', 'P60D', 'PT0S', false, 'PT0S', now())`,
      [owner.network.id, id, owner.id, name, sharing, status],
    );
    return toGlobalId('Resource', id);
  }

  duty(obligor: TestOrganization, text = 'Keeps the peace'): object {
    return { governanceDuty: { obligor: obligor.globalId, text, category: 'PUBLIC_SAFETY' } };
  }

  grant(obligor: TestOrganization, resources: string[], beneficiaries: TestOrganization[], more: object = {}): object {
    return {
      resourceGrant: { obligor: obligor.globalId, text: 'Opens its hall', resources, beneficiaries: beneficiaries.map(({ globalId }) => globalId), ...more },
    };
  }

  /** The input of a contract between A and B about a duty of A. */
  input(changes: Record<string, unknown> = {}): Record<string, unknown> {
    return {
      title: 'Agreement',
      term: { from: '2026-01-01', to: '2026-12-31' },
      parties: [this.a.globalId, this.b.globalId],
      clauses: [this.duty(this.a)],
      ...changes,
    };
  }

  /** Calls a verb, which must succeed. */
  async done(verb: string, input: Record<string, unknown>, as: Person): Promise<ContractView> {
    return (await this.api.done(verb, input, as, CONTRACT)).contract as ContractView;
  }

  /** Calls a verb, which must be refused. */
  async refused(verb: string, input: Record<string, unknown>, as: Person, language = 'en'): Promise<Refused[]> {
    const payload = await this.api.mutate(verb, input, as, 'contract { id version }', { 'accept-language': language });
    if (!payload.userErrors.length) throw new Error(`${verb} was not refused`);
    return payload.userErrors as Refused[];
  }

  draft(changes: Record<string, unknown> = {}, as = this.ada): Promise<ContractView> {
    return this.done('draftContract', this.input(changes), as);
  }

  async proposed(changes: Record<string, unknown> = {}, as = this.ada): Promise<ContractView> {
    const { id, version } = await this.draft(changes, as);
    return this.done('proposeContract', { id, version }, as);
  }

  sign({ id, contentHash }: Pick<ContractView, 'id' | 'contentHash'>, as: Person): Promise<ContractView> {
    return this.done('signContract', { id, contentHash }, as);
  }

  /** A contract of A and B, signed by both. */
  async concluded(changes: Record<string, unknown> = {}): Promise<ContractView> {
    const proposed = await this.proposed(changes);
    await this.sign(proposed, this.ada);
    return this.sign(proposed, this.ben);
  }

  /** A contract as somebody sees it; null when not at all. */
  async read(id: string, as: Person): Promise<ContractView | null> {
    const data = await this.api.must(`query ($id: ID!) { node(id: $id) { ... on Contract { ${CONTRACT.replace(/^contract \{|\}$/g, '')} } } }`, { id }, as);
    return data.node as ContractView | null;
  }

  /** The names of the resources that somebody sees. */
  async resourcesOf(as: Person): Promise<string[]> {
    const data = await this.api.must('{ resources(first: 100) { nodes { name } } }', {}, as);
    return data.resources.nodes.map(({ name }: { name: string }) => name).sort();
  }

  /** Every row that a contract consists of, as the database has it. */
  async rows(id: string): Promise<unknown> {
    const uuid = uuidOf(id);
    const parts = ['contract_parties', 'contract_clauses', 'contract_clause_resources', 'contract_clause_beneficiaries', 'contract_signatures'];
    const sources = [
      'contracts t WHERE id = $1',
      'state_changes t WHERE subject_id = $1',
      'audit_entries t WHERE subject_id = $1',
      ...parts.map((table) => `${table} t WHERE contract_id = $1`),
    ];
    const rows: unknown[] = [];
    for (const source of sources) rows.push(await this.api.database.sql(`SELECT * FROM ${source} ORDER BY t::text`, [uuid]));
    return rows;
  }
}
