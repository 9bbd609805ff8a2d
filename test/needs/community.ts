import type { TestApi } from '../support/api';
import type { Founded, Person, TestOrganization } from '../support/world';

/** What tests read of a need. */
export const NEED = `id title description category status building supporters viewerSupports overdue resolution version viewerCan raisedAt movedAt
  raisedBy { displayName organization { id } } assignee { id } project { id } duplicateOf { id } history { from to note by { displayName } }`;

export interface NeedView {
  id: string;
  title: string;
  description: string;
  category: string;
  status: string;
  building: string | null;
  supporters: number;
  viewerSupports: boolean;
  overdue: boolean;
  resolution: string | null;
  version: number;
  viewerCan: string[];
  raisedBy: { displayName: string; organization: { id: string } | null } | null;
  assignee: { id: string } | null;
  project: { id: string } | null;
  duplicateOf: { id: string } | null;
  history: { from: string | null; to: string; note: string | null; by: { displayName: string } | null }[];
}

/** What tests read of a project. */
export const PROJECT = `id title category goal status ratingThreshold belowSince version viewerCan period { from to } lead { id } partners { id } needs { id status }
  milestones { id title due doneAt } exchanges { id minutes decisions recordedAt version range { start end } attendees { id } }
  adjustments { id at what because feedbackBefore feedbackAfter feedback { id } } activities { totalCount nodes { id } }
  feedback { count average distribution recommendScore trend { month average count } } history { from to note by { displayName } }`;

export interface ProjectView {
  id: string;
  title: string;
  status: string;
  ratingThreshold: number | null;
  belowSince: string | null;
  version: number;
  viewerCan: string[];
  period: { from: string; to: string | null };
  lead: { id: string };
  partners: { id: string }[];
  needs: { id: string; status: string }[];
  milestones: { id: string; title: string; due: string; doneAt: string | null }[];
  exchanges: { id: string; minutes: string | null; decisions: string[]; version: number; attendees: { id: string }[] }[];
  adjustments: { id: string; feedbackBefore: number | null; feedbackAfter: number | null; feedback: { id: string }[] }[];
  activities: { totalCount: number; nodes: { id: string }[] };
  feedback: { count: number; average: number | null; distribution: number[]; recommendScore: number | null; trend: { month: string; average: number; count: number }[] };
  history: { from: string | null; to: string; note: string | null; by: { displayName: string } | null }[];
}

export interface Refused {
  code: string;
  path: string[];
  message: string;
}

/** The instant that most tests begin at: a Wednesday, 10 in the morning in Shanghai. */
export const NOW = '2026-03-04T02:00:00.000Z';

/** A community whose people need things, and the organizations that see to them. */
export class Community {
  private constructor(
    readonly api: TestApi,
    readonly founded: Founded,
    readonly lead: TestOrganization,
    readonly partner: TestOrganization,
    readonly outside: TestOrganization,
    readonly people: Readonly<Record<'leadAdmin' | 'leadStaff' | 'partnerAdmin' | 'partnerStaff' | 'outsider' | 'volunteer' | 'resident' | 'neighbour', Person>>,
  ) {}

  static async begin(api: TestApi): Promise<Community> {
    const { world } = api;
    const founded = await world.found();
    const [lead, partner, outside] = [
      await world.organization(founded.network, { name: 'Lead' }), await world.organization(founded.network, { name: 'Partner' }), await world.organization(founded.network, { name: 'Outside' }),
    ];
    return new Community(api, founded, lead, partner, outside, {
      leadAdmin: await world.person(lead, 'ADMIN', 'Lin'),
      leadStaff: await world.person(lead, 'STAFF', 'Lu'),
      partnerAdmin: await world.person(partner, 'ADMIN', 'Pan'),
      partnerStaff: await world.person(partner, 'STAFF', 'Peng'),
      outsider: await world.person(outside, 'STAFF', 'Ou'),
      volunteer: await world.person(lead, 'VOLUNTEER', 'Vivian'),
      resident: await world.person(founded.hub, 'RESIDENT', 'Grandma Wang'),
      neighbour: await world.person(founded.hub, 'RESIDENT', 'Neighbour Li'),
    });
  }

  get committee(): Person {
    return this.founded.committee;
  }

  async submit(by: Person, more: Record<string, unknown> = {}): Promise<NeedView> {
    const input = { title: 'The lamp in the staircase is broken', description: 'It has been dark for a week.', category: 'PROPERTY_SERVICE', building: 'No. 3', ...more };
    return (await this.api.done('submitNeed', input, by, `need { ${NEED} }`)).need as NeedView;
  }

  /** A need that the committee has accepted. */
  async accepted(by: Person = this.people.resident, more: Record<string, unknown> = {}): Promise<NeedView> {
    return this.step('acceptNeed', await this.submit(by, more), this.committee);
  }

  /** A verb on a need as it is now. */
  async step(verb: string, { id }: { id: string }, by: Person, more: Record<string, unknown> = {}): Promise<NeedView> {
    const { version } = (await this.need(id, this.committee))!;
    return (await this.api.done(verb, { id, version, ...more }, by, `need { ${NEED} }`)).need as NeedView;
  }

  async support({ id }: { id: string }, by: Person): Promise<NeedView> {
    return (await this.api.done('supportNeed', { id }, by, `need { ${NEED} }`)).need as NeedView;
  }

  async need(id: string, as: Person | null): Promise<NeedView | null> {
    return (await this.api.must(`query ($id: ID!) { node(id: $id) { ... on Need { ${NEED} } } }`, { id }, as)).node as NeedView | null;
  }

  async needs(as: Person | null, filter: Record<string, unknown> = {}): Promise<string[]> {
    const { needs } = await this.api.must('query ($filter: NeedFilter) { needs(first: 100, filter: $filter) { nodes { title } } }', { filter }, as);
    return (needs.nodes as { title: string }[]).map(({ title }) => title);
  }

  async propose(by: Person = this.people.leadAdmin, more: Record<string, unknown> = {}): Promise<ProjectView> {
    const input = { title: 'Light in every staircase', category: 'PROPERTY_SERVICE', goal: 'No dark staircase by May', partners: [this.partner.globalId], period: { from: '2026-03-10', to: '2026-05-31' }, ...more };
    return (await this.api.done('proposeProject', input, by, `project { ${PROJECT} }`)).project as ProjectView;
  }

  /** A verb on a project as it is now. */
  async move(verb: string, { id }: { id: string }, by: Person, more: Record<string, unknown> = {}): Promise<ProjectView> {
    const { version } = (await this.project(id, this.committee))!;
    return (await this.api.done(verb, { id, version, ...more }, by, `project { ${PROJECT} }`)).project as ProjectView;
  }

  /** A project under way. */
  async running(more: Record<string, unknown> = {}): Promise<ProjectView> {
    const proposed = await this.propose(this.people.leadAdmin, more);
    await this.move('approveProject', proposed, this.committee);
    return this.move('startProject', proposed, this.people.leadAdmin);
  }

  async project(id: string, as: Person | null): Promise<ProjectView | null> {
    return (await this.api.must(`query ($id: ID!) { node(id: $id) { ... on Project { ${PROJECT} } } }`, { id }, as)).node as ProjectView | null;
  }

  /** The code that a verb is refused with. */
  async refused(verb: string, input: Record<string, unknown>, by: Person | null): Promise<string> {
    const { userErrors } = await this.api.mutate(verb, input, by);
    return (userErrors as Refused[]).map(({ code }) => code).join(' ');
  }

  /** The titles of what somebody was told, oldest first. */
  async told(as: Person): Promise<string[]> {
    const { viewer } = await this.api.must('{ viewer { notifications(first: 100) { nodes { title } } } }', {}, as);
    return (viewer.notifications.nodes as { title: string }[]).map(({ title }) => title).reverse();
  }
}
