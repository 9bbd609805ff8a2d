import { randomBytes } from 'node:crypto';
import type { DataSource } from 'typeorm';
import * as bookingInputs from '../src/domain/bookings/inputs';
import type { Booking } from '../src/domain/bookings/model';
import { bookSeries } from '../src/domain/bookings/series';
import * as bookings from '../src/domain/bookings/service';
import * as contractInputs from '../src/domain/contracts/inputs';
import type { Contract } from '../src/domain/contracts/model';
import * as contracts from '../src/domain/contracts/service';
import { founding, foundNetwork } from '../src/domain/network/founding';
import * as networkInputs from '../src/domain/network/inputs';
import { Membership, type Organization } from '../src/domain/network/model';
import * as network from '../src/domain/network/service';
import * as resourceInputs from '../src/domain/resources/inputs';
import type { Resource } from '../src/domain/resources/model';
import * as resources from '../src/domain/resources/service';
import type { Clock } from '../src/platform/clock';
import { anonymous, Session, type Caller, type Transaction } from '../src/platform/database/session';
import { newId, toGlobalId } from '../src/platform/ids';
import { activitySteps, type Scene } from './activities';
import { minuteAt } from './calendar';
import { Programmes, type Players } from './programmes';
import { openingHours, SAMPLE_PASSWORD, type BlockData, type BookingData, type ContractData, type NetworkData, type OrganizationData, type PersonData } from './data';

/** One step of a story: on which day, counted from the day of seeding, at which minute of it, something is done. */
export interface Step {
  day: number;
  minute: number;
  act: () => Promise<unknown>;
  /** Whether it may be done at once with the others of its day that may. */
  free?: boolean;
}

/** Shows the time of the step that is being played. */
export interface StoryClock extends Clock {
  now(): Date;
}

/** What a story is played on. */
export interface Stage {
  owner: DataSource;
  application: DataSource;
  secret: string;
  hasher: network.Hasher;
  clock: StoryClock;
  /** The day of seeding and others, in the network's time zone, as YYYY-MM-DD. */
  date: (day: number) => string;
  /** The instant of a step's day and minute. */
  instant: (step: Pick<Step, 'day' | 'minute'>) => Date;
}

/** How many days pass between the founding of a network and its first contract. */
const YOUTH = 30;

/** The day by which bookings are flagged that were made by a contract which is suspended by then. */
const FLAGGED_BY = -5;

/** The day on which a contract is drafted: two weeks before its term, but early enough for what happens until today. */
export const draftDay = ({ term }: ContractData): number => Math.min(term.fromDay - 14, -4);

const idOf = (type: string, row: { id: string }): string => toGlobalId(type, row.id);

/**
 * Plays what happened in one network until it stands as its file says. Everything is done by the verbs, as the people who
 * would do it, so that each rule, history and audit entry holds as it does for what comes after.
 */
export class Story {
  private networkId = '';
  private readonly organizations = new Map<string, Organization>();
  private readonly positions = new Map<string, string>();
  private readonly resources = new Map<string, Resource>();
  private readonly contracts = new Map<string, Contract>();
  private readonly bookings = new Map<BookingData, Booking>();
  private readonly invitations = new Map<PersonData, string>();
  private readonly callers = new Map<string, Promise<Caller>>();
  private readonly people: Map<string, { person: PersonData; organization: OrganizationData }>;
  private readonly hub: OrganizationData;
  /** The committee member whom the founding invites and who admits the others. */
  private readonly secretary: PersonData;

  constructor(
    private readonly data: NetworkData,
    private readonly stage: Stage,
  ) {
    this.hub = data.organizations.find(({ hub }) => hub)!;
    this.secretary = this.hub.people.find(({ role }) => role === 'COMMITTEE')!;
    this.people = new Map(
      data.organizations.flatMap((organization) => organization.people.map((person) => [person.key, { person, organization }] as const)),
    );
  }

  /** The sessions that were begun for it. */
  async sessionIds(): Promise<string[]> {
    return (await Promise.all(this.callers.values())).map(({ sessionId }) => sessionId!);
  }

  *steps(): Generator<Step> {
    const founded = Math.min(...this.data.contracts.map(draftDay)) - YOUTH;
    yield { day: founded, minute: 0, act: () => this.found() };
    yield { day: founded, minute: 30, act: () => this.accept(this.secretary) };
    let minute = 0;
    for (const organization of this.data.organizations) {
      minute += 5;
      if (!organization.hub) {
        const applies = { APPLIED: -2, REJECTED: -25 }[organization.status as string] ?? founded + 2;
        yield { day: applies, minute, act: () => this.apply(organization), free: true };
        if (organization.status === 'APPLIED') continue;
        yield { day: applies + 2, minute, act: () => this.review(organization), free: true };
        if (organization.status === 'REJECTED') continue;
      }
      yield* this.settlingIn(organization, founded, minute);
    }
    for (const contract of this.data.contracts) yield* this.contractSteps(contract, (minute += 5));
    for (const booking of this.data.bookings) yield* this.bookingSteps(booking, (minute += 1));
    for (const activity of this.data.activities) yield* activitySteps(this.scene, activity, (minute += 2));
    for (const block of this.data.blocks) yield { day: block.blockedDay, minute: (minute += 1), act: () => this.block(block) };
    yield* new Programmes(this.data, this.players()).steps();
    const turns = this.data.contracts.flatMap(({ term }) => [term.fromDay, (term.toDay ?? 0) + 1]);
    // The calendar's own jobs, just after midnight.
    const { application: dataSource, clock } = this.stage;
    for (const day of new Set(turns)) if (day <= 0) yield { day, minute: -540, act: () => contracts.recordDueContracts({ dataSource, clock }) };
    if (this.data.bookings.length) for (const day of [FLAGGED_BY, 0]) yield { day, minute: -540, act: () => bookings.recordDueBookings({ dataSource, clock }) };
  }

  private *settlingIn(organization: OrganizationData, founded: number, minute: number): Generator<Step> {
    const others = organization.people.filter((person) => person !== this.chief(organization));
    const late = others.filter(({ status }) => status === 'INVITED');
    const members = others.filter((person) => !late.includes(person));
    yield { day: founded + 5, minute, act: () => this.invite(organization, members), free: true };
    for (const person of members) yield { day: founded + 6, minute, act: () => this.accept(person), free: true };
    if (late.length) yield { day: -2, minute, act: () => this.invite(organization, late) };
    yield { day: founded + 7, minute, act: () => this.settle(organization), free: true };
    for (const person of organization.people) {
      for (const further of person.alsoIn) yield { day: founded + 9, minute, act: () => this.joinToo(person, further) };
      if (person.status === 'SUSPENDED') yield { day: -9, minute, act: () => this.suspendMember(organization, person) };
    }
    if (organization.resources.some(({ status }) => status !== 'AVAILABLE')) yield { day: -16, minute, act: () => this.takeOut(organization) };
    if (organization.status === 'LEFT') yield { day: -15, minute, act: () => this.leave(organization) };
    if (organization.status === 'SUSPENDED') yield { day: -5, minute, act: () => this.suspend(organization) };
  }

  private *contractSteps(contract: ContractData, minute: number): Generator<Step> {
    const { state, note, draftedBy, signedBy, parties } = contract;
    const day = draftDay(contract);
    yield { day, minute, act: () => this.draft(contract) };
    if (state === 'DRAFT') return;
    const move = (verb: typeof contracts.rejectContract, by: string, why: string | null) => async () =>
      this.keep(contract, await this.as(by, (tx) => verb(tx, { ...this.read(contract), note: why })));
    yield { day: day + 1, minute, act: move(contracts.proposeContract, draftedBy, null) };
    for (const [index, by] of signedBy.entries()) yield { day: day + 2, minute: minute + index, act: () => this.sign(contract, by) };
    const signers = new Set(signedBy.map((key) => this.people.get(key)!.organization.key));
    const missing = parties.find((party) => !signers.has(party));
    if (state === 'REJECTED') yield { day: day + 3, minute, act: move(contracts.rejectContract, this.chief(this.organization(missing!)).key, note) };
    if (state === 'WITHDRAWN') yield { day: day + 3, minute, act: move(contracts.withdrawContract, draftedBy, note) };
    if (state === 'SUSPENDED') yield { day: -6, minute, act: move(contracts.suspendContract, this.secretary.key, note) };
    if (state === 'TERMINATED') yield { day: -18, minute, act: move(contracts.terminateContract, this.secretary.key, note) };
  }

  private *bookingSteps(booking: BookingData, minute: number): Generator<Step> {
    const { bookedDay: day, by, state, note } = booking;
    yield { day, minute, act: () => this.book(booking), free: true };
    const owner = this.chief(this.data.organizations.find(({ resources }) => resources.some(({ key }) => key === booking.resource))!).key;
    const move = (verb: typeof bookings.approveBooking, as: string) => () => this.moveBooking(booking, verb, as, note);
    if (state === 'REJECTED') yield { day, minute: minute + 60, act: move(bookings.rejectBooking, owner) };
    else if (state !== 'REQUESTED' && state !== 'LAPSED') {
      const approve = move(bookings.approveBooking, owner);
      yield { day, minute: minute + 60, act: async () => this.bookings.get(booking)?.status === 'REQUESTED' && approve() };
    }
    if (state === 'CANCELLED') yield { day: day + 1, minute, act: move(bookings.cancelBooking, by) };
    const { start, end } = this.timesOf(booking);
    if (state === 'IN_USE' || state === 'COMPLETED') yield { ...start, act: move(bookings.checkOutBooking, by) };
    if (state === 'COMPLETED') yield { ...end, minute: end.minute - 10, act: move(bookings.checkInBooking, by) };
  }

  // --- the network -------------------------------------------------------------------------------------------------

  private async found(): Promise<void> {
    const { network: described } = this.data;
    const { displayName, email, phone } = this.secretary;
    const home = this.hub.positions.find(({ kind }) => kind === 'HUB')!;
    const plan = founding.parse({
      network: { ...described, isDefault: described.default, isSample: true },
      hub: this.described(this.hub),
      position: { ...home, openingHours: openingHours(home.openingHours) },
      member: { displayName, email, phone },
    });
    const { networkId, hubId, positionId, invitationCode } = await foundNetwork(this.stage.owner, this.stage.secret, plan, this.stage.clock.now());
    this.networkId = networkId;
    this.organizations.set(this.hub.key, { id: hubId } as Organization);
    this.positions.set(home.key, positionId);
    this.invitations.set(this.secretary, invitationCode);
  }

  private async apply(organization: OrganizationData): Promise<void> {
    const { displayName, email, phone, locale } = this.chief(organization);
    const applied = await network.applyToJoin(
      this.session({ ...anonymous, networkCode: this.data.network.code }),
      this.stage.hasher,
      networkInputs.applyToJoin.parse({
        organization: this.described(organization),
        applicant: { displayName, email, phone, password: SAMPLE_PASSWORD },
      }),
      locale,
    );
    this.organizations.set(organization.key, applied.organization);
  }

  private async review(organization: OrganizationData): Promise<void> {
    const rejected = organization.status === 'REJECTED';
    const verb = rejected ? network.rejectOrganization : network.approveOrganization;
    await this.move(organization, verb, this.secretary, rejected ? '经营场所不适合青少年活动。' : null);
  }

  private suspend(organization: OrganizationData): Promise<void> {
    return this.move(organization, network.suspendOrganization, this.secretary, '消防整改期间暂停成员资格。');
  }

  private leave(organization: OrganizationData): Promise<void> {
    return this.move(organization, network.leaveNetwork, this.chief(organization), '停业后退出网络。');
  }

  private async move(organization: OrganizationData, verb: typeof network.approveOrganization, by: PersonData, note: string | null): Promise<void> {
    const { id, version } = this.organizations.get(organization.key)!;
    const moved = await this.as(by.key, (tx) => verb(tx, { id: toGlobalId('Organization', id), version, note }));
    this.organizations.set(organization.key, moved.organization);
  }

  // --- people ------------------------------------------------------------------------------------------------------

  private async invite(organization: OrganizationData, people: readonly PersonData[]): Promise<void> {
    await this.as(this.chief(organization).key, async (tx) => {
      for (const { displayName, email, phone, role } of people) await this.inviteOne(tx, organization, { displayName, email, phone, role });
    });
  }

  private async inviteOne(tx: Transaction, organization: OrganizationData, whom: Pick<PersonData, 'displayName' | 'email' | 'phone' | 'role'>): Promise<void> {
    const input = networkInputs.inviteMember.parse({ organization: this.globalId(organization), ...whom });
    const { invitationCode } = await network.inviteMember(tx, this.stage.secret, input);
    const { person } = [...this.people.values()].find(({ person: { email } }) => email === whom.email)!;
    this.invitations.set(person, invitationCode);
  }

  private async accept(person: PersonData): Promise<void> {
    const code = this.invitations.get(person)!;
    const input = networkInputs.acceptInvitation.parse({ code, displayName: person.displayName, password: SAMPLE_PASSWORD });
    await network.acceptInvitation(this.session(anonymous), this.stage.hasher, input, person.locale);
  }

  /** Somebody with a membership joins another organization too. */
  private async joinToo(person: PersonData, further: PersonData['alsoIn'][number]): Promise<void> {
    const other = this.organization(further.organization);
    const { displayName, email, phone } = person;
    await this.as(this.chief(other).key, (tx) => this.inviteOne(tx, other, { displayName, email, phone, role: further.role }));
    const input = networkInputs.acceptInvitation.parse({ code: this.invitations.get(person)! });
    await network.acceptInvitation(this.session(await this.caller(person.key)), this.stage.hasher, input, person.locale);
  }

  private async suspendMember(organization: OrganizationData, person: PersonData): Promise<void> {
    const { membershipId } = await this.membershipOf(organization, person);
    await this.as(this.chief(organization).key, async (tx) => {
      const { version } = (await tx.find(Membership, membershipId))!;
      await network.moveMembership(tx, 'suspend', { id: toGlobalId('Membership', membershipId), version, note: '多次无故缺岗。' });
    });
  }

  // --- positions and resources -------------------------------------------------------------------------------------

  private async settle(organization: OrganizationData): Promise<void> {
    await this.as(this.chief(organization).key, async (tx) => {
      for (const { key, openingHours: hours, ...described } of organization.positions.filter(({ kind }) => kind !== 'HUB')) {
        const input = networkInputs.createPosition.parse({ ...described, organization: this.globalId(organization), openingHours: openingHours(hours) });
        this.positions.set(key, (await network.createPosition(tx, input)).position.id);
      }
      for (const { key, position, requires, openingHours: hours, status: _, ...described } of organization.resources) {
        const input = resourceInputs.createResource.parse({
          ...described,
          owner: this.globalId(organization),
          position: position && toGlobalId('Position', this.positions.get(position)!),
          requires: requires.map((required) => idOf('Resource', this.resources.get(required)!)),
          openingHours: openingHours(hours),
        });
        this.resources.set(key, (await resources.createResource(tx, input)).resource);
      }
    });
  }

  private async takeOut(organization: OrganizationData): Promise<void> {
    await this.as(this.chief(organization).key, async (tx) => {
      for (const { key, status } of organization.resources) {
        const { id, version } = this.resources.get(key)!;
        const read = { id: toGlobalId('Resource', id), version };
        if (status === 'RETIRED') await resources.retireResource(tx, resourceInputs.retireResource.parse({ ...read, note: null }));
        if (status === 'OUT_OF_SERVICE') await resources.updateResource(tx, resourceInputs.updateResource.parse({ ...read, status }));
      }
    });
  }

  // --- contracts ---------------------------------------------------------------------------------------------------

  private async draft(contract: ContractData): Promise<void> {
    const { title, term, parties, clauses, supersedes, draftedBy, bookingRelease } = contract;
    const said = {
      title,
      bookingRelease,
      term: { from: this.stage.date(term.fromDay), to: term.toDay === null ? null : this.stage.date(term.toDay) },
      clauses: clauses.map((clause) => this.clause(clause)),
    };
    const amended = supersedes === null ? null : this.data.contracts.find(({ key }) => key === supersedes)!;
    const drafted = await this.as(draftedBy, (tx) =>
      amended
        ? contracts.amendContract(tx, contractInputs.amendContract.parse({ ...this.read(amended), ...said }))
        : contracts.draftContract(tx, contractInputs.draftContract.parse({ ...said, parties: parties.map((party) => this.globalId(this.organization(party))) })),
    );
    this.keep(contract, drafted);
  }

  private clause(clause: ContractData['clauses'][number]): object {
    const { kind, obligor, ...rest } = clause;
    const bound = { ...rest, obligor: this.globalId(this.organization(obligor)) };
    switch (clause.kind) {
      case 'RESOURCE_GRANT':
        return {
          resourceGrant: {
            ...bound,
            resources: clause.resources.map((key) => idOf('Resource', this.resources.get(key)!)),
            beneficiaries: clause.beneficiaries.map((key) => this.globalId(this.organization(key))),
            hours: openingHours(clause.hours),
          },
        };
      case 'ACTIVITY_COMMITMENT':
        return { activityCommitment: bound };
      case 'VOLUNTEER_COMMITMENT':
        return { volunteerCommitment: bound };
      case 'GOVERNANCE_DUTY':
        return { governanceDuty: bound };
      default:
        throw new Error(`no clause is of the kind ${String(kind)}`);
    }
  }

  private async sign(contract: ContractData, by: string): Promise<void> {
    const { id, contentHash } = this.contracts.get(contract.key)!;
    const input = contractInputs.signContract.parse({ id: toGlobalId('Contract', id), contentHash });
    this.keep(contract, await this.as(by, (tx) => contracts.signContract(tx, input)));
  }

  private keep({ key }: ContractData, { contract }: { contract: Contract }): void {
    this.contracts.set(key, contract);
  }

  /** The contract as it was read last. */
  private read({ key }: ContractData): { id: string; version: number } {
    const { id, version } = this.contracts.get(key)!;
    return { id: toGlobalId('Contract', id), version };
  }

  // --- bookings ----------------------------------------------------------------------------------------------------

  /** When something begins and ends. */
  private timesOf({ when: { fromDay, weekdays, start, end, endsAfterDays } }: Pick<BookingData, 'when'>): Record<'start' | 'end', { day: number; minute: number }> {
    let day = fromDay;
    const weekday = () => new Date(`${this.stage.date(day)}T00:00:00Z`).getUTCDay() || 7;
    while (weekdays.length && !weekdays.includes(weekday())) day += 1;
    return { start: { day, minute: minuteAt(start) }, end: { day: day + endsAfterDays, minute: minuteAt(end) } };
  }

  private rangeOf(what: Pick<BookingData, 'when'>): { start: Date; end: Date } {
    const { start, end } = this.timesOf(what);
    return { start: this.stage.instant(start), end: this.stage.instant(end) };
  }

  private readonly scene: Scene = {
    as: (key, work) => this.as(key, work),
    timesOf: (what) => this.timesOf(what),
    rangeOf: (what) => this.rangeOf(what),
    organization: (key) => idOf('Organization', this.organizations.get(key)!),
    position: (key) => toGlobalId('Position', this.positions.get(key)!),
  };

  private async book(booking: BookingData): Promise<void> {
    const { resource, by, quantity, purpose, recurrence, state } = booking;
    const asked = { resource: idOf('Resource', this.resources.get(resource)!), range: this.rangeOf(booking), quantity, purpose };
    await this.as(by, async (tx) => {
      if (recurrence) return bookSeries(tx, bookingInputs.bookSeries.parse({ ...asked, recurrenceRule: recurrence, skipUnavailable: false }));
      const verb = state === 'WAITLISTED' ? bookings.joinWaitlist : bookings.bookResource;
      this.bookings.set(booking, (await verb(tx, bookingInputs.bookResource.parse(asked))).booking);
      return null;
    });
  }

  private async moveBooking(booking: BookingData, verb: typeof bookings.approveBooking, by: string, note: string | null): Promise<void> {
    const { id, version } = this.bookings.get(booking)!;
    const moved = await this.as(by, (tx) => verb(tx, bookingInputs.withNote.parse({ id: toGlobalId('Booking', id), version, note })));
    this.bookings.set(booking, moved.booking);
  }

  private async block(block: BlockData): Promise<void> {
    const { resource, by, recurrence: recurrenceRule, reason } = block;
    const input = { resource: idOf('Resource', this.resources.get(resource)!), range: this.rangeOf(block), recurrenceRule, reason };
    await this.as(by, (tx) => bookings.blockTime(tx, bookingInputs.blockTime.parse(input)));
  }

  // --- who acts ----------------------------------------------------------------------------------------------------

  /** Who acts for an organization: at the hub the secretary, else the first administrator. */
  private chief(organization: OrganizationData): PersonData {
    return organization.hub ? this.secretary : organization.people.find(({ role }) => role === 'ADMIN')!;
  }

  private organization(key: string): OrganizationData {
    return this.data.organizations.find((organization) => organization.key === key)!;
  }

  private globalId({ key }: OrganizationData): string {
    return idOf('Organization', this.organizations.get(key)!);
  }

  private described({ name, kind, unifiedSocialCreditCode, introduction, contact }: OrganizationData) {
    return { name, kind, unifiedSocialCreditCode, introduction, contact };
  }

  /** Whom the programmes need. */
  private players(): Players {
    const { secret, date, instant } = this.stage;
    return {
      secret, date, instant, secretary: this.secretary.key,
      as: (key, work) => this.as(key, work),
      asNobody: (work) => this.session({ ...anonymous, networkCode: this.data.network.code }).write(work),
      chiefOf: (key) => this.chief(this.organization(key)).key,
      organizationId: (key) => this.globalId(this.organization(key)),
    };
  }

  private session(caller: Caller): Session {
    return new Session(this.stage.application, caller, this.stage.clock);
  }

  private async as<Result>(key: string, work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    return this.session(await this.caller(key)).write(work);
  }

  /** Somebody who is signed in, for as long as the story lasts. */
  private caller(key: string): Promise<Caller> {
    let known = this.callers.get(key);
    if (!known) this.callers.set(key, (known = this.signIn(key)));
    return known;
  }

  private async signIn(key: string): Promise<Caller> {
    const { person, organization } = this.people.get(key)!;
    const { userId, membershipId } = await this.membershipOf(organization, person);
    const sessionId = newId(this.stage.clock.now());
    const expires = new Date(Date.now() + 60_000);
    await this.stage.application.query('SELECT app.start_session($1, $2, $3, $4, $5)', [
      sessionId, userId, this.data.network.code, randomBytes(32), expires,
    ]);
    return { sessionId, userId, membershipId, role: person.role, networkCode: null, fault: null };
  }

  private async membershipOf(organization: OrganizationData, person: PersonData): Promise<{ userId: string; membershipId: string }> {
    const rows = await this.stage.owner.query<{ userId: string; membershipId: string }[]>(
      `SELECT m.user_id AS "userId", m.id AS "membershipId" FROM memberships m JOIN users u ON u.id = m.user_id
       WHERE m.network_id = $1 AND m.organization_id = $2 AND u.email = $3`,
      [this.networkId, this.organizations.get(organization.key)!.id, person.email],
    );
    return rows[0]!;
  }
}
