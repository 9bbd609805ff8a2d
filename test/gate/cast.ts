import { v7 } from 'uuid';
import { fromGlobalId, toGlobalId } from '../../src/platform/ids';
import type { TestApi } from '../support/api';
import type { Founded, Person, TestOrganization } from '../support/world';
import { volunteerOf } from '../points/people';
import { newToken, uuidOf } from './worlds';

/**
 * The people and things that the gate is attacked with. In the first network: the hub, Alpha (everybody of whom attacks),
 * Beta (with whom Alpha has a contract in force), Omega (with whom it has none), Sigma (suspended) and Chi (whose
 * application waits). In the second network: its hub and Gamma.
 */
export class Cast {
  readonly people = new Map<string, Person>();
  /** Global ids by name. */
  readonly ids = new Map<string, string>();

  private constructor(
    readonly api: TestApi,
    readonly first: Founded,
    readonly second: Founded,
    readonly organizations: Readonly<Record<'alpha' | 'beta' | 'omega' | 'sigma' | 'chi' | 'gamma', TestOrganization>>,
    /** A token of somebody signed in who belongs to nothing. */
    readonly stranger: string,
  ) {}

  static async of(api: TestApi): Promise<Cast> {
    const { world } = api;
    const [first, second] = [await world.found(), await world.found()];
    const organizations = {
      alpha: await world.organization(first.network, { name: 'Alpha' }),
      beta: await world.organization(first.network, { name: 'Beta' }),
      omega: await world.organization(first.network, { name: 'Omega' }),
      sigma: await world.organization(first.network, { name: 'Sigma' }),
      chi: await world.organization(first.network, { name: 'Chi', status: 'APPLIED' }),
      gamma: await world.organization(second.network, { name: 'Gamma' }),
    };
    const nobody = v7();
    await api.database.sql(`INSERT INTO users (id, display_name, email, readers) VALUES ($1, 'Nobody', $2, ARRAY[$1::uuid])`, [nobody, `${nobody}@example.org`]);
    const cast = new Cast(api, first, second, organizations, await newToken(api, nobody, null, null));
    await cast.enter();
    return cast;
  }

  /** Somebody by organization and role, e.g. `alpha ADMIN`. */
  person(name: string): Person {
    return this.people.get(name)!;
  }

  /** The global id of something by its name. */
  id(name: string): string {
    const id = this.ids.get(name);
    if (!id) throw new Error(`nothing is called ${name}`);
    return id;
  }

  /** Rewards of Alpha, Beta and the hub, and somebody who has reserved one of each. */
  private async reward(): Promise<void> {
    const { api, first, organizations } = this;
    const redeemer = await volunteerOf(api, organizations.alpha);
    await api.done('grantBonus', { volunteer: redeemer.globalId, amount: 30, reason: 'Thanks' }, first.committee);
    for (const [name, who] of [['alpha', 'alpha STAFF'], ['beta', 'beta STAFF'], ['hub', 'hub STAFF']] as const) {
      const { reward } = await api.done('offerReward', { title: `Reward of ${name}`, kind: 'GOODS', price: 10 }, this.person(who), 'reward { id }');
      const { redemption } = await api.done('redeem', { reward: reward.id, price: 10 }, redeemer.person, 'redemption { id }');
      this.ids.set(`reward of ${name}`, reward.id as string).set(`redemption at ${name}`, redemption.id as string);
    }
  }

  private async enter(): Promise<void> {
    const { api, first, second, organizations, people } = this;
    people.set('hub COMMITTEE', first.committee).set('hub2 COMMITTEE', second.committee);
    people.set('hub STAFF', await api.world.person(first.hub, 'STAFF'));
    for (const [name, organization] of Object.entries(organizations)) {
      for (const role of name === 'alpha' ? (['ADMIN', 'STAFF', 'VOLUNTEER', 'RESIDENT'] as const) : (['ADMIN', 'STAFF'] as const)) {
        people.set(`${name} ${role}`, await api.world.person(organization, role, `${name} ${role}`));
      }
      this.ids.set(name, organization.globalId);
    }
    for (const [name, { membershipGlobalId, userId }] of people) {
      this.ids.set(`membership of ${name}`, membershipGlobalId).set(`user ${name}`, toGlobalId('User', userId));
    }
    this.ids.set('hub', first.hub.globalId).set('hub2', second.hub.globalId).set('network', first.network.globalId).set('network2', second.network.globalId);
    for (const name of ['alpha', 'beta', 'omega', 'sigma', 'gamma'] as const) {
      const made = await api.done('createPosition', { organization: this.id(name), name: `Position of ${name}` }, this.person(`${name} ADMIN`), 'position { id }');
      this.ids.set(`position of ${name}`, made.position.id as string);
      for (const sharing of ['PRIVATE', 'CONTRACT', 'NETWORK', 'PUBLIC']) {
        const resource = { name: `${sharing} of ${name}`, kind: 'VENUE', sharing };
        const { resource: created } = await api.done('createResource', resource, this.person(`${name} STAFF`), 'resource { id }');
        this.ids.set(resource.name, created.id as string);
      }
    }
    await this.reward();
    const invited = await api.done(
      'inviteMember', { organization: this.id('alpha'), displayName: 'Guest', email: 'guest@example.org', role: 'STAFF' }, this.person('alpha ADMIN'), 'membership { id }',
    );
    this.ids.set('membership of the guest', invited.membership.id as string);
    await this.contract('alpha and beta', 'alpha', 'beta', { signed: true });
    await this.contract('alpha and sigma', 'alpha', 'sigma', { signed: true });
    await this.contract('alpha alone', 'alpha', 'beta', {});
    await this.contract('alpha proposes', 'alpha', 'beta', { proposed: true });
    await this.contract('alpha to the hub', 'alpha', 'hub', { proposed: true, isDuty: true });
    await this.contract('beta and alpha', 'beta', 'alpha', { signed: true, isDuty: true });
    await this.contract('beta proposes', 'beta', 'alpha', { proposed: true, isDuty: true });
    await this.contract('beta alone', 'beta', 'alpha', {});
    await this.contract('beta and omega', 'beta', 'omega', { signed: true });
    await this.contract('sigma alone', 'sigma', 'beta', {});
    await this.contract('sigma proposes', 'sigma', 'beta', { proposed: true });
    await this.contract('gamma and hub2', 'gamma', 'hub2', { signed: true });
    await this.booking('booking at alpha', 'beta', 'CONTRACT of alpha');
    await this.booking('booking at beta', 'alpha', 'PUBLIC of beta');
    await this.booking('booking at omega', 'omega', 'NETWORK of omega');
    await this.booking('booking at sigma', 'sigma', 'NETWORK of sigma');
    await this.booking('booking at gamma', 'gamma', 'PUBLIC of gamma');
    const hers = await api.done('createResource', { name: 'PUBLIC of the hub', kind: 'VENUE', sharing: 'PUBLIC' }, this.person('hub STAFF'), 'resource { id }');
    this.ids.set('PUBLIC of the hub', hers.resource.id as string);
    await this.booking('booking at the hub', 'hub', 'PUBLIC of the hub');
    await this.booking('booking of the hub', 'hub', 'NETWORK of beta');
    for (const name of ['alpha', 'beta', 'omega', 'sigma', 'hub', 'gamma']) await this.training(name);
    await this.activity('activity of alpha', 'alpha', ['beta'], {});
    await this.activity('activity of beta', 'beta', ['alpha', 'hub'], { accepted: true });
    await this.activity('activity of omega', 'omega', [], { open: true });
    await this.activity('activity of sigma', 'sigma', ['alpha'], {});
    await this.activity('activity of the hub', 'hub', ['omega'], {});
    await this.activity('activity of gamma', 'gamma', [], { open: true });
    for (const name of ['alpha', 'beta', 'sigma', 'gamma', 'the hub']) await this.recruit(name);
    await this.project('alpha', []);
    await this.project('beta', ['alpha']);
    await this.project('omega', []);
    await this.project('gamma', [], 'hub2');
    await this.need('need unseen', 'beta STAFF');
    await this.propose('project proposed', 'beta', [], []);
    await this.recognition('volunteer of beta');
    await this.api.database.sql('UPDATE volunteers SET user_id = $1 WHERE display_name = $2', [this.person('alpha VOLUNTEER').userId, 'Listed by alpha']);
    for (const name of ['alpha', 'omega', 'gamma']) await this.shift(`shift of ${name}`, name);
    await this.registration('registration at alpha', 'shift of alpha', 'volunteer of alpha');
    await this.registration('registration of alpha', 'shift of omega', 'listed volunteer of alpha');
    await this.registration('registration of omega', 'shift of omega', 'listed volunteer of beta');
    await this.registration('registration of gamma', 'shift of gamma', 'volunteer of gamma');
    await api.done('suspendOrganization', { id: this.id('sigma'), version: 1 }, this.person('hub COMMITTEE'));
  }

  /** A need; accepted when it is said by whom. */
  private async need(name: string, by: string, acceptedBy?: string): Promise<void> {
    const { need } = await this.api.done('submitNeed', { title: name, description: 'It is needed', category: 'CULTURE' }, this.person(by), 'need { id }');
    this.ids.set(name, need.id as string);
    if (acceptedBy) await this.api.done('acceptNeed', { id: need.id, version: 1 }, this.person(acceptedBy));
  }

  private async propose(name: string, by: string, partners: string[], needs: string[]): Promise<void> {
    const input = { title: name, category: 'CULTURE', goal: 'A goal', period: { from: '2026-01-01' }, partners: partners.map((partner) => this.id(partner)), needs };
    const { project } = await this.api.done('proposeProject', input, this.person(`${by} ADMIN`), 'project { id }');
    this.ids.set(name, project.id as string);
  }

  /** An approved project of an organization, with a need that is planned into it. */
  private async project(by: string, partners: string[], hub = 'hub'): Promise<void> {
    await this.need(`need of ${by}`, `${by} STAFF`, `${hub} COMMITTEE`);
    await this.propose(`project of ${by}`, by, partners, [this.id(`need of ${by}`)]);
    await this.api.done('approveProject', { id: this.id(`project of ${by}`), version: 1 }, this.person(`${hub} COMMITTEE`));
  }

  /** A shift of an organization's activity, with places enough. */
  private async shift(name: string, by: string): Promise<void> {
    const range = { start: '2199-01-01T10:00:00Z', end: '2199-01-01T11:00:00Z' };
    const input = { activity: this.id(`activity of ${by}`), duty: name, range, capacity: 10 };
    const { shift } = await this.api.done('addShift', input, this.person(`${by} STAFF`), 'shift { id }');
    this.ids.set(name, shift.id as string);
  }

  /** A volunteer's place on a shift, put in behind the API's back. */
  private async registration(name: string, shift: string, volunteer: string): Promise<void> {
    const id = v7();
    await this.api.database.sql(
      `WITH shift AS (UPDATE shifts SET taken = taken + 1, arrivals = arrivals + 1 WHERE id = $2 RETURNING *)
       INSERT INTO registrations (network_id, id, shift_id, activity_id, host_id, volunteer_id, user_id, organization_id, status, starts_at, ends_at, arrival, adult_on, service_date, registered_at)
       SELECT s.network_id, $1, s.id, s.activity_id, s.host_id, v.id, v.user_id, v.organization_id, 'CONFIRMED', s.starts_at, s.ends_at, s.arrivals, v.adult_on, s.starts_at::date, now()
       FROM shift s JOIN volunteers v ON v.id = $3`,
      [id, uuidOf(this.id(shift)), uuidOf(this.id(volunteer))],
    );
    this.ids.set(name, toGlobalId('Registration', id));
  }

  /** A team, and a course with a date. */
  private async training(of: string): Promise<void> {
    const { api } = this;
    const staff = this.person(`${of} STAFF`);
    const { team } = await api.done('createTeam', { name: `Team of ${of}`, focus: ['CULTURE'] }, staff, 'team { id }');
    const { course } = await api.done('createCourse', { title: `Course of ${of}` }, staff, 'course { id }');
    const date = { course: course.id, range: { start: '2199-01-01T10:00:00Z', end: '2199-01-01T12:00:00Z' }, capacity: 10 };
    const { session } = await api.done('scheduleCourseSession', date, staff, 'session { id }');
    this.ids.set(`team of ${of}`, team.id as string).set(`course of ${of}`, course.id as string).set(`date of ${of}`, session.id as string);
  }

  /** A public activity in the far future; until it is open, only who takes part sees it. */
  private async activity(name: string, by: string, invited: string[], { accepted = false, open = false }: { accepted?: boolean; open?: boolean }): Promise<void> {
    const { api } = this;
    const range = { start: '2199-01-01T10:00:00Z', end: '2199-01-01T12:00:00Z' };
    const staff = this.person(`${by} STAFF`);
    const { activity } = await api.done('createActivity', { title: name, category: 'CULTURE', visibility: 'PUBLIC', range }, staff, 'activity { id }');
    this.ids.set(name, activity.id as string);
    for (const organization of invited) {
      await api.done('inviteOrganization', { activity: activity.id, organization: this.id(organization), role: 'SUPPORTER' }, staff);
      if (accepted) await api.done('answerInvitation', { activity: activity.id, accept: true }, this.person(`${organization} STAFF`));
    }
    if (open) await api.done('openRegistration', { id: activity.id, version: 1 }, staff);
  }

  /** A recruitment call of an organization's, and two whom its staff has taken down at the door, one seen by the whole network. */
  private async recruit(name: string): Promise<void> {
    const staff = this.person(`${name === 'the hub' ? 'hub' : name} STAFF`);
    const call = { title: `Call of ${name}`, call: 'Come and help', channel: 'ONLINE', period: { from: '2020-01-01', to: '2199-01-01' }, target: 10 };
    const { campaign } = await this.api.done('openCampaign', call, staff, 'campaign { id }');
    const personal = { legalName: `Visited by ${name}`, birthDate: '1999-05-04', phone: '+8613800138000' };
    const visited = await this.api.done('applyAsVolunteer', { channel: 'VISIT', occupation: 'STUDENT', personal, consents: ['PERSONAL_DATA'] }, staff, 'volunteer { id }');
    const listed = { channel: 'VISIT', occupation: 'STUDENT', personal: { ...personal, legalName: `Listed by ${name}` }, consents: ['PERSONAL_DATA', 'LEADERBOARD'] };
    const seen = await this.api.done('applyAsVolunteer', listed, staff, 'volunteer { id }');
    this.ids.set(`listed volunteer of ${name}`, seen.volunteer.id as string);
    this.ids.set(`call of ${name}`, campaign.id as string).set(`volunteer of ${name}`, visited.volunteer.id as string);
  }

  /** A recognition on notice, which everybody sees. */
  private async recognition(volunteer: string): Promise<void> {
    const id = v7();
    await this.api.database.sql(
      `INSERT INTO recognitions (network_id, id, volunteer_id, kind, status, citation, service_seconds, activities, stars, publicized_on, notice_ends_on, created_at)
       SELECT v.network_id, $1, v.id, 'LEAGUE_DELEGATE', 'PUBLICIZED', 'Years of service', 0, 0, 0, '2020-01-01', '2199-01-01', now() FROM volunteers v WHERE v.id = $2`,
      [id, fromGlobalId(this.id(volunteer))!.id],
    );
    this.ids.set('recognition', toGlobalId('Recognition', id));
  }

  /** An hour of tomorrow, booked by an organization's staff. */
  private async booking(name: string, by: string, resource: string): Promise<void> {
    const start = new Date(Math.ceil(Date.now() / 3_600_000) * 3_600_000 + 86_400_000);
    const range = { start, end: new Date(start.getTime() + 3_600_000) };
    const { booking } = await this.api.done('bookResource', { resource: this.id(resource), range, purpose: name }, this.person(`${by} STAFF`), 'booking { id }');
    this.ids.set(name, booking.id as string);
  }

  /** A contract by which one opens its CONTRACT resource to another, or else takes on a duty alone. */
  private async contract(name: string, by: string, other: string, { proposed = false, signed = false, isDuty = false }): Promise<void> {
    const { api } = this;
    const chief = (organization: string) => this.person(`${organization} ${organization.startsWith('hub') ? 'COMMITTEE' : 'ADMIN'}`);
    const clauses = [
      ...(isDuty ? [] : [{ resourceGrant: { obligor: this.id(by), text: 'Opens it', resources: [this.id(`CONTRACT of ${by}`)], beneficiaries: [this.id(other)] } }]),
      { governanceDuty: { obligor: this.id(by), text: 'Keeps the peace', category: 'PUBLIC_SAFETY' } },
    ];
    const drafted = await api.done(
      'draftContract', { title: name, term: { from: '2020-01-01' }, parties: [this.id(by), this.id(other)], clauses }, chief(by), 'contract { id contentHash clauses { id } }',
    );
    const { id, contentHash } = drafted.contract as { id: string; contentHash: string };
    this.ids.set(name, id).set(`grant of ${name}`, drafted.contract.clauses[0].id as string);
    if (proposed || signed) await api.done('proposeContract', { id, version: 1 }, chief(by));
    if (signed) for (const party of [by, other]) await api.done('signContract', { id, contentHash }, chief(party));
  }
}

/** A digest of every row of every table but the throttle's counters. */
export async function digest(api: TestApi): Promise<Record<string, string>> {
  const tables = await api.database.sql<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'throttles' ORDER BY 1`,
  );
  const digests: Record<string, string> = {};
  for (const { name } of tables) {
    const [row] = await api.database.sql<{ digest: string }>(`SELECT count(*) || ' ' || coalesce(md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))), '') AS digest FROM ${name} t`);
    digests[name] = row!.digest;
  }
  return digests;
}

/** An answer to the byte, without what differs between any two: the date, the correlation id, the length of the echoed id. */
export interface RawAnswer { status: number; headers: string; text: string }

export async function raw(api: TestApi, query: string, variables: Record<string, unknown>, token: string | null, headers: Record<string, string> = {}): Promise<RawAnswer> {
  const response = await fetch(`${api.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'accept-language': 'en', 'x-correlation-id': 'an-attack-of-the-tests', ...(token && { authorization: `Bearer ${token}` }), ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const text = await response.text();
  const kept = [...response.headers].filter(([name]) => name !== 'date').sort().map((header) => header.join(': ')).join('\n');
  return { status: response.status, headers: kept, text };
}
