import fc from 'fast-check';
import { v7 } from 'uuid';
import { toGlobalId } from '../../src/platform/ids';
import type { TestApi } from '../support/api';
import type { Founded, TestOrganization, TestRole } from '../support/world';
import type { Asker } from './plain';

/**
 * Random worlds: plans that fast-check draws, and how they are carried out through the API, so that what the database
 * holds is what the server's own verbs made of it. A step that the server refuses is no fault: the plan goes on.
 */

const SHARINGS = ['PRIVATE', 'CONTRACT', 'NETWORK', 'PUBLIC'] as const;
const KINDS = ['VENUE', 'EQUIPMENT', 'EXPERT', 'SERVICE', 'MATERIAL'] as const;
const ROLES = ['ADMIN', 'STAFF', 'VOLUNTEER', 'RESIDENT'] as const;
/** Words that names are made of, and that are searched for. */
export const WORDS = ['会议室', '投影仪', '青年讲师', 'Gym', 'Library', 'Tent'] as const;
const FATES = [
  'DRAFT', 'DRAFT', 'PROPOSED', 'PART_SIGNED', 'REJECTED', 'WITHDRAWN', 'SIGNED', 'SIGNED', 'SIGNED', 'SIGNED', 'EDITED', 'RESIGNED', 'RESIGNED', 'SUSPENDED', 'SUSPENDED', 'RESUMED', 'TERMINATED',
  'AMENDED', 'AMENDED', 'AMENDED', 'AMENDMENT_DRAFTED',
] as const;
const CLAUSES = ['GRANT', 'GRANT', 'GRANT', 'DUTY'] as const;

const index = fc.nat(1_000);
const day = fc.integer({ min: -20, max: 8 });

const organizationPlan = fc.record({
  standing: fc.constantFrom('ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE', 'SUSPENDED', 'APPLIED', 'REJECTED', 'LEFT'),
  roles: fc.subarray(['STAFF', 'VOLUNTEER', 'RESIDENT'] as const, { minLength: 1 }),
  positions: fc.nat(2),
});
const resourcePlan = fc.record({
  owner: index, sharing: fc.constantFrom(...SHARINGS, 'CONTRACT', 'CONTRACT'), kind: fc.constantFrom(...KINDS), word: index, positioned: fc.boolean(),
  requires: fc.option(index, { nil: null, freq: 3 }), requiresApproval: fc.boolean(),
});
/** Hours so few that bookings meet. */
const bookingPlan = fc.record({ by: index, resource: index, inDays: fc.integer({ min: 0, max: 4 }), hour: fc.integer({ min: 1, max: 3 }), verb: fc.constantFrom('bookResource', 'bookResource', 'joinWaitlist') });
const clausePlan = fc.record({ kind: fc.constantFrom(...CLAUSES), obligor: index, resources: fc.array(index, { minLength: 1, maxLength: 3 }), beneficiaries: fc.array(index, { minLength: 1, maxLength: 2 }) });
const contractPlan = fc.record({
  byCommittee: fc.boolean(),
  drafter: index,
  parties: fc.array(index, { minLength: 1, maxLength: 3 }),
  clauses: fc.array(clausePlan, { minLength: 1, maxLength: 3 }),
  begins: day,
  days: fc.option(fc.nat(14), { nil: null, freq: 4 }),
  amendmentIn: fc.integer({ min: 0, max: 12 }),
});

const event = fc.oneof(
  fc.record({ what: fc.constantFrom('suspendContract', 'resumeContract', 'terminateContract', 'signContract', 'updateContract', 'proposeContract'), at: index }),
  fc.record({ what: fc.constant('shareResource'), at: index, sharing: fc.constantFrom(...SHARINGS) }),
  fc.record({ what: fc.constantFrom('retireResource', 'outOfService'), at: index }),
  fc.record({ what: fc.constantFrom('suspendOrganization', 'reinstateOrganization', 'approveOrganization'), at: index }),
  fc.record({ what: fc.constantFrom('suspendMembership', 'reinstateMembership', 'endMembership', 'endMembership', 'leaveNetwork'), at: index }),
  fc.record({ what: fc.constant('changeMemberRole'), at: index, role: fc.constantFrom(...ROLES) }),
  fc.record({ what: fc.constant('book'), at: index, booking: bookingPlan }),
  fc.record({ what: fc.constantFrom('cancelBooking', 'cancelBooking', 'approveBooking', 'rejectBooking', 'checkOutBooking', 'markNotificationsRead'), at: index }),
  fc.record({ what: fc.constantFrom('joinAnother', 'draftContract'), at: index, plan: contractPlan, fate: fc.constantFrom(...FATES) }),
);
export type Event = typeof event extends fc.Arbitrary<infer Value> ? Value : never;

const networkPlan = fc.record({
  organizations: fc.array(organizationPlan, { minLength: 4, maxLength: 6 }),
  resources: fc.array(resourcePlan, { minLength: 10, maxLength: 16 }),
  contracts: fc.array(contractPlan, { minLength: 16, maxLength: 16 }),
  /** What becomes of the first so many of them. */
  fates: fc.shuffledSubarray([...FATES], { minLength: 10, maxLength: 16 }),
  bookings: fc.array(bookingPlan, { minLength: 20, maxLength: 30 }),
  /** What becomes of some of them. */
  moves: fc.shuffledSubarray(['cancelBooking', 'cancelBooking', 'rejectBooking', 'rejectBooking', 'approveBooking'] as const, { minLength: 4 }),
  /** Members who are suspended from the beginning. */
  suspended: fc.array(index, { minLength: 1, maxLength: 3 }),
  /** What happens later: between two rounds of questions some days pass. */
  later: fc.array(fc.record({ days: fc.integer({ min: 0, max: 9 }), events: fc.array(event, { minLength: 5, maxLength: 12 }) }), { minLength: 2, maxLength: 2 }),
});
export type NetworkPlan = typeof networkPlan extends fc.Arbitrary<infer Value> ? Value : never;
type ContractPlan = NetworkPlan['contracts'][number];
type BookingPlan = NetworkPlan['bookings'][number];
type Fate = (typeof FATES)[number];

/** Two networks, since most of what must never happen is between them. */
export const worldPlan = fc.tuple(networkPlan, networkPlan);

interface Drafted { id: string; version: number; contentHash: string; parties: TestOrganization[] }

/** One network as it is carried out. */
export class LivingNetwork {
  private readonly organizations: TestOrganization[] = [];
  /** Those that contracts are made with: all but who is about to leave. */
  private readonly partners: TestOrganization[] = [];
  private readonly resources: { id: string; owner: TestOrganization }[] = [];
  private readonly contracts: Drafted[] = [];
  private readonly tokens = new Map<string, string>();
  private names = 0;

  private constructor(private readonly api: TestApi, private readonly founded: Founded) {}

  static async build(api: TestApi, plan: NetworkPlan): Promise<LivingNetwork> {
    const living = new LivingNetwork(api, await api.world.found());
    await living.settle(plan);
    return living;
  }

  get id(): string {
    return this.founded.network.id;
  }

  get code(): string {
    return this.founded.network.code;
  }

  private at<Item>(items: readonly Item[], place: number): Item {
    return items[place % items.length]!;
  }

  private async settle(plan: NetworkPlan): Promise<void> {
    const { api, founded } = this;
    const { network, hub } = founded;
    for (const role of ['STAFF', 'VOLUNTEER'] as const) await api.world.person(hub, role);
    this.organizations.push(hub);
    this.partners.push(hub);
    for (const { roles, positions, standing } of plan.organizations) {
      if (standing === 'APPLIED' || standing === 'REJECTED') {
        await this.apply(positions);
        continue;
      }
      const organization = await api.world.organization(network);
      const admin = await api.world.person(organization, 'ADMIN');
      // Somebody with two memberships: works here, volunteers at the hub.
      if (positions === 2) await api.world.join(admin, hub, 'VOLUNTEER');
      for (const role of roles) await api.world.person(organization, role);
      this.organizations.push(organization);
      if (standing !== 'LEFT') this.partners.push(organization);
      for (let n = 0; n < positions; n++) await this.as(organization, 'createPosition', { organization: organization.globalId, name: this.name(n) });
    }
    for (const resource of plan.resources) await this.createResource(resource);
    for (const [place, fate] of plan.fates.entries()) await this.contract(plan.contracts[place]!, fate);
    for (const booking of plan.bookings) await this.book(booking);
    for (const [place, verb] of plan.moves.entries()) await this.moveBooking(verb, place);
    const applicants = await this.rows<{ id: string }>(`SELECT id FROM organizations WHERE network_id = $1 AND status = 'APPLIED' ORDER BY id`);
    const rejected = plan.organizations.filter(({ standing }) => standing === 'REJECTED').length;
    for (const { id } of applicants.slice(0, rejected)) await this.organization('rejectOrganization', id);
    const members = plan.organizations.filter(({ standing }) => standing !== 'APPLIED' && standing !== 'REJECTED');
    for (const [place, { standing }] of members.entries()) {
      const organization = this.organizations[place + 1]!;
      if (standing === 'SUSPENDED') await this.organization('suspendOrganization', organization.id);
      if (standing === 'LEFT') await this.leave(organization);
    }
    for (const at of plan.suspended) await this.happen({ what: 'suspendMembership', at });
  }

  private async leave(organization: TestOrganization): Promise<void> {
    if (organization.isHub) return;
    await this.as(organization, 'leaveNetwork', { id: organization.globalId, version: await this.version('organizations', organization.id) });
  }

  /** An application, by somebody who belongs to something already or by somebody new. */
  private async apply(place: number): Promise<void> {
    const kind = { name: this.name(place), kind: 'BUSINESS' };
    if (place === 0) {
      const applicant = { displayName: `Applicant ${++this.names}`, email: `applicant-${v7()}@example.org`, password: 'correct horse battery' };
      await this.api.mutate('applyToJoin', { organization: kind, applicant }, null, '', { 'x-network': this.code });
      return;
    }
    const members = await this.rows<{ user: string; id: string; role: string }>(`SELECT user_id AS "user", id, role FROM memberships WHERE network_id = $1 AND status = 'ACTIVE' ORDER BY id`);
    const { user, id, role } = this.at(members, place);
    await this.api.mutate('applyToJoin', { organization: kind }, await this.token(user, id, role));
  }

  private rows<Row extends object>(statement: string): Promise<Row[]> {
    return this.api.database.sql<Row>(statement, [this.id]);
  }

  private async version(table: string, id: string): Promise<number> {
    const [row] = await this.api.database.sql<{ version: number }>(`SELECT version FROM ${table} WHERE network_id = $1 AND id = $2`, [this.id, id]);
    return row?.version ?? 1;
  }

  private name(word: number): string {
    return `${this.at(WORDS, word)} ${++this.names}`;
  }

  /** A verb by whoever is in charge of an organization. @returns the payload, or null when it was refused */
  private async as(organization: TestOrganization, verb: string, input: Record<string, unknown>, selection = ''): Promise<Record<string, any> | null> {
    const [chief] = await this.api.database.sql<{ user: string; membership: string; role: TestRole }>(
      `SELECT user_id AS "user", id AS membership, role FROM memberships WHERE network_id = $1 AND organization_id = $2 AND status = 'ACTIVE' AND role = $3 ORDER BY id LIMIT 1`,
      [this.id, organization.id, organization.isHub ? 'COMMITTEE' : 'ADMIN'],
    );
    if (!chief) return null;
    const payload = await this.api.mutate(verb, input, await this.token(chief.user, chief.membership, chief.role), selection);
    return payload.userErrors.length ? null : payload;
  }

  /** An access token for a membership, in a session of its own. */
  private async token(user: string, membership: string | null, role: string | null): Promise<string> {
    const key = `${user} ${membership} ${role}`;
    let token = this.tokens.get(key);
    if (!token) this.tokens.set(key, (token = await newToken(this.api, user, membership, role)));
    return token;
  }

  /** The first of the resources, from a place on, that an organization may book, or one that it may not. */
  private async book({ by, resource, inDays, hour, verb }: BookingPlan): Promise<void> {
    const organization = this.at(this.organizations, by);
    const start = this.api.clock.now()!.getTime() + inDays * 86_400_000 + hour * 3_600_000;
    const range = { start: new Date(start).toISOString(), end: new Date(start + 7_200_000).toISOString() };
    for (let tries = 0; tries < 4; tries += 1) {
      if (await this.as(organization, verb, { resource: this.at(this.resources, resource + tries).id, range, purpose: `Meeting ${++this.names}` })) return;
    }
  }

  private async moveBooking(verb: 'cancelBooking' | 'approveBooking' | 'rejectBooking' | 'checkOutBooking', at: number): Promise<void> {
    const from = { cancelBooking: ['WAITLISTED', 'REQUESTED', 'CONFIRMED'], approveBooking: ['REQUESTED'], rejectBooking: ['REQUESTED'], checkOutBooking: ['CONFIRMED'] }[verb];
    const rows = await this.api.database.sql<{ id: string; version: number; owner: string }>(
      'SELECT id, version, owner_id AS owner FROM bookings WHERE network_id = $1 AND status = ANY ($2) AND parent_id IS NULL ORDER BY starts_at, id',
      [this.id, from],
    );
    if (!rows.length) return;
    const { id, version, owner } = this.at(rows, at);
    await this.as(this.organizations.find((organization) => organization.id === owner)!, verb, { id: toGlobalId('Booking', id), version, note: 'So it is' });
  }

  private async createResource({ owner, sharing, kind, word, positioned, requires, requiresApproval }: NetworkPlan['resources'][number]): Promise<void> {
    const organization = this.at(this.organizations, owner);
    const own = this.resources.filter((resource) => resource.owner === organization);
    const [position] = await this.api.database.sql<{ id: string }>('SELECT id FROM positions WHERE network_id = $1 AND organization_id = $2 ORDER BY id LIMIT 1', [this.id, organization.id]);
    const made = await this.as(
      organization, 'createResource',
      { name: this.name(word), kind, sharing, skills: [this.at(WORDS, word + 1)], ...(positioned && position && { position: toGlobalId('Position', position.id) }),
        ...(requires !== null && own.length && { requires: [this.at(own, requires).id] }), bookingPolicy: { leadTime: 'PT0S', requiresApproval, cancellationDeadline: 'PT0S' },
      },
      'resource { id }',
    );
    if (made) this.resources.push({ id: made.resource.id as string, owner: organization });
  }

  /** A contract from its draft to its fate. */
  private async contract(plan: ContractPlan, fate: Fate): Promise<void> {
    const contract = await this.draft(plan);
    if (!contract || fate === 'DRAFT') return;
    const [drafter] = contract.parties;
    const by = plan.byCommittee ? this.founded.hub : drafter!;
    if (!(await this.verb(by, 'proposeContract', contract)) || fate === 'PROPOSED') return;
    if (fate === 'WITHDRAWN') return void (await this.verb(by, 'withdrawContract', contract));
    if (fate === 'REJECTED') return void (await this.verb(contract.parties[1]!, 'rejectContract', contract));
    const [first, ...others] = contract.parties;
    await this.sign(first!, contract);
    if (fate === 'PART_SIGNED') return;
    if (fate === 'EDITED' || fate === 'RESIGNED') {
      await this.verb(first!, 'updateContract', contract, { title: `Edited ${++this.names}` });
      if (fate === 'EDITED') return;
      await this.sign(first!, contract);
    }
    for (const party of others) await this.sign(party, contract);
    if (fate === 'SUSPENDED' || fate === 'RESUMED') await this.verb(this.founded.hub, 'suspendContract', contract);
    if (fate === 'RESUMED') await this.verb(this.founded.hub, 'resumeContract', contract);
    if (fate === 'TERMINATED') await this.verb(this.at(contract.parties, plan.drafter), 'terminateContract', contract);
    if (fate === 'AMENDED' || fate === 'AMENDMENT_DRAFTED') await this.amend(plan, fate, contract);
  }

  private async amend(plan: ContractPlan, fate: Fate, contract: Drafted): Promise<void> {
    const [first] = contract.parties;
    const clauses = this.clausesOf(plan, contract.parties.slice().reverse(), this.founded.hub);
    const made = await this.as(
      this.founded.hub, 'amendContract',
      { id: contract.id, version: await this.version('contracts', uuidOf(contract.id)), term: this.term(plan.amendmentIn, plan.days), ...(clauses.length && { clauses }) },
      'contract { id version contentHash }',
    );
    if (!made) return;
    const amendment: Drafted = { ...made.contract, parties: contract.parties };
    this.contracts.push(amendment);
    if (fate === 'AMENDMENT_DRAFTED') return;
    await this.verb(this.founded.hub, 'proposeContract', amendment);
    for (const party of [first!, ...contract.parties.slice(1)]) await this.sign(party, amendment);
  }

  private term(begins: number, days: number | null): { from: string; to: string | null } {
    const today = this.api.clock.now()!.getTime();
    const on = (offset: number) => new Date(today + offset * 86_400_000).toISOString().slice(0, 10);
    return { from: on(begins), to: days === null ? null : on(Math.max(begins, 0) + days) };
  }

  private clausesOf(plan: ContractPlan, parties: readonly TestOrganization[], drafter: TestOrganization): object[] {
    return plan.clauses.flatMap(({ kind, obligor: place, resources, beneficiaries }): object[] => {
      // Whoever is no committee grants the own resources only, since it may not see those of others.
      const obligor = drafter.isHub ? this.at(parties, place) : drafter;
      const own = this.resources.filter(({ owner }) => owner === obligor);
      const others = parties.filter((party) => party !== obligor);
      if (kind === 'DUTY' || own.length === 0) return [{ governanceDuty: { obligor: obligor.globalId, text: 'Keeps the peace', category: 'PUBLIC_SAFETY' } }];
      const chosen = <Item>(items: readonly Item[], places: number[]) => [...new Set(places.map((at) => this.at(items, at)))];
      return [{
        resourceGrant: {
          obligor: obligor.globalId, text: 'Opens what it has', resources: chosen(own, resources).map(({ id }) => id),
          beneficiaries: chosen(others, beneficiaries).map(({ globalId }) => globalId),
        },
      }];
    });
  }

  private async draft(plan: ContractPlan): Promise<Drafted | null> {
    const drafter = this.at(this.partners, plan.drafter);
    const parties = [...new Set([drafter, ...plan.parties.map((place) => this.at(this.partners, place))])];
    if (parties.length < 2) return null;
    const by = plan.byCommittee ? this.founded.hub : drafter;
    // A grant of what is private is refused as a whole: then what the parties promise instead is a duty.
    for (const clauses of [this.clausesOf(plan, parties, by), this.clausesOf({ ...plan, clauses: plan.clauses.map((clause) => ({ ...clause, kind: 'DUTY' as const })) }, parties, by)]) {
      const made = await this.as(
        by, 'draftContract',
        { title: `Agreement ${++this.names}`, term: this.term(plan.begins, plan.days), parties: parties.map(({ globalId }) => globalId), clauses },
        'contract { id version contentHash }',
      );
      if (!made) continue;
      const contract: Drafted = { ...made.contract, parties };
      this.contracts.push(contract);
      return contract;
    }
    return null;
  }

  private async verb(by: TestOrganization, verb: string, contract: Drafted, more: Record<string, unknown> = {}): Promise<boolean> {
    const made = await this.as(by, verb, { id: contract.id, version: await this.version('contracts', uuidOf(contract.id)), ...more }, 'contract { contentHash }');
    if (made) contract.contentHash = made.contract.contentHash as string;
    return made !== null;
  }

  private sign = (by: TestOrganization, { id, contentHash }: Drafted) => this.as(by, 'signContract', { id, contentHash });

  private async organization(verb: string, id: string): Promise<void> {
    await this.as(this.founded.hub, verb, { id: toGlobalId('Organization', id), version: await this.version('organizations', id) });
  }

  /** One of the things that happen later. */
  async happen(happening: Event): Promise<void> {
    const { what, at } = happening;
    const { hub } = this.founded;
    const contract = this.contracts.length ? this.at(this.contracts, at) : null;
    const resource = this.resources.length ? this.at(this.resources, at) : null;
    switch (what) {
      case 'suspendContract':
      case 'resumeContract':
      case 'terminateContract':
      case 'proposeContract':
        if (contract) await this.verb(hub, what, contract);
        return;
      case 'updateContract':
        if (contract) await this.verb(hub, what, contract, { title: `Edited ${++this.names}` });
        return;
      case 'signContract':
        for (const party of contract?.parties ?? []) await this.sign(party, contract!);
        return;
      case 'shareResource':
      case 'retireResource':
      case 'outOfService': {
        if (!resource) return;
        const input = { id: resource.id, version: await this.version('resources', uuidOf(resource.id)) };
        if ('sharing' in happening) await this.as(resource.owner, 'shareResource', { ...input, sharing: happening.sharing });
        else await this.as(resource.owner, what === 'retireResource' ? what : 'updateResource', { ...input, ...(what === 'outOfService' && { status: 'OUT_OF_SERVICE' }) });
        return;
      }
      case 'suspendOrganization':
      case 'reinstateOrganization':
      case 'approveOrganization': {
        const wanted = { suspendOrganization: 'ACTIVE', reinstateOrganization: 'SUSPENDED', approveOrganization: 'APPLIED' }[what];
        const rows = await this.rows<{ id: string }>(`SELECT id FROM organizations WHERE network_id = $1 AND NOT is_hub AND status = '${wanted}' ORDER BY id`);
        if (rows.length) await this.organization(what, this.at(rows, at).id);
        return;
      }
      case 'book':
        if ('booking' in happening) await this.book(happening.booking);
        return;
      case 'cancelBooking':
      case 'approveBooking':
      case 'rejectBooking':
      case 'checkOutBooking':
        await this.moveBooking(what, at);
        return;
      case 'markNotificationsRead':
        await this.as(this.at(this.organizations, at), what, {});
        return;
      case 'leaveNetwork':
        await this.leave(this.at(this.organizations, at));
        return;
      case 'suspendMembership':
      case 'reinstateMembership':
      case 'endMembership':
      case 'changeMemberRole': {
        const wanted = what === 'reinstateMembership' ? 'SUSPENDED' : 'ACTIVE';
        const rows = await this.rows<{ id: string }>(`SELECT id FROM memberships WHERE network_id = $1 AND NOT organization_is_hub AND status = '${wanted}' ORDER BY id`);
        if (!rows.length) return;
        const { id } = this.at(rows, at);
        await this.as(hub, what, { id: toGlobalId('Membership', id), version: await this.version('memberships', id), ...('role' in happening && { role: happening.role }) });
        return;
      }
      case 'joinAnother': {
        const rows = await this.rows<{ user: string }>('SELECT DISTINCT user_id AS "user" FROM memberships WHERE network_id = $1 ORDER BY 1');
        const person = { identifier: '', password: '', userId: this.at(rows, at).user };
        const organization = this.at(this.organizations, at + 1);
        const [member] = await this.api.database.sql(`SELECT FROM memberships WHERE organization_id = $1 AND user_id = $2 AND status <> 'ENDED'`, [organization.id, person.userId]);
        if (!member) await this.api.world.join(person, organization, this.at(ROLES, at));
        return;
      }
      default:
        if ('plan' in happening) await this.contract(happening.plan, happening.fate);
    }
  }

  /** Everybody who can ask: by each membership in whatever state, without one, and nobody known. */
  async askers(): Promise<(Asker & { token: string | null; headers: Record<string, string> })[]> {
    const memberships = await this.rows<{ user: string; membership: string; role: string; status: string }>(
      `SELECT user_id AS "user", id AS membership, role, status FROM memberships WHERE network_id = $1 ORDER BY id`,
    );
    const headers = { 'x-network': this.code };
    const askers: Awaited<ReturnType<LivingNetwork['askers']>> = [{ network: this.id, user: null, membership: null, token: null, headers }];
    for (const [place, { user, membership, role }] of memberships.entries()) {
      // By the token's own membership, or by another than the token's.
      const named = place % 2 === 0;
      askers.push({
        network: this.id, user, membership,
        token: await this.token(user, named ? membership : null, named ? role : null),
        headers: named ? {} : { 'x-membership': toGlobalId('Membership', membership) },
      });
    }
    const someone = memberships[0]!;
    askers.push({ network: this.id, user: someone.user, membership: null, token: await this.token(someone.user, null, null), headers });
    return askers;
  }
}

/** An access token in a session of its own. */
export async function newToken(api: TestApi, user: string, membership: string | null, role: string | null): Promise<string> {
  const session = v7();
  await api.database.sql('INSERT INTO sessions (id, user_id) VALUES ($1, $2)', [session, user]);
  return (await api.app.platform.tokens.issue({ userId: user, sessionId: session, membershipId: membership, role })).token;
}

/** The uuid in a global id. */
export const uuidOf = (globalId: string): string => Buffer.from(globalId, 'base64url').toString().split(':')[1]!;
