import type { TestApi } from '../support/api';
import type { Person, TestOrganization } from '../support/world';

/** What tests read of an activity. */
export const ACTIVITY = `id title category description status visibility address version openedAt viewerCan range { start end } host { id } position { id }
  participations { role status pledgedVolunteers deliveredHours organization { id } pledgedResources { id } }
  bookings { id status purpose resource { id } organization { id } } report { summary beneficiaries submittedBy { displayName organization { id } } }
  history { from to note by { displayName } }`;

export interface ActivityView {
  id: string;
  title: string;
  category: string;
  description: string;
  status: string;
  visibility: string;
  address: string | null;
  version: number;
  openedAt: string | null;
  viewerCan: string[];
  range: { start: string; end: string };
  host: { id: string };
  position: { id: string } | null;
  participations: { role: string; status: string; pledgedVolunteers: number; deliveredHours: number; organization: { id: string }; pledgedResources: { id: string }[] }[];
  bookings: { id: string; status: string; purpose: string; resource: { id: string }; organization: { id: string } }[];
  report: { summary: string; beneficiaries: number; submittedBy: { displayName: string; organization: { id: string } } } | null;
  history: { from: string | null; to: string; note: string | null; by: { displayName: string } | null }[];
}

/** The instant that most tests begin at: a Wednesday, 10 in the morning in Shanghai. */
export const NOW = '2026-03-04T02:00:00Z';

/** An instant of the test's first day, by the clock of Shanghai. @param time e.g. `14:00` @param day days from then */
export function at(time: string, day = 0): string {
  const [hours, minutes] = time.split(':').map(Number) as [number, number];
  return new Date(Date.UTC(2026, 2, 4 + day, hours - 8, minutes)).toISOString();
}

/** Makes activities for tests, and does what their people do. */
export class Agenda {
  constructor(readonly api: TestApi) {}

  /** The afternoon of the next day, unless said otherwise. */
  async create(by: Person, more: Record<string, unknown> = {}): Promise<ActivityView> {
    const input = { title: 'Clean the river', category: 'GREEN_LIVING', range: { start: at('14:00', 1), end: at('17:00', 1) }, ...more };
    return (await this.api.done('createActivity', input, by, `activity { ${ACTIVITY} }`)).activity as ActivityView;
  }

  async invite(activity: ActivityView, whom: TestOrganization, by: Person, role = 'CO_HOST'): Promise<ActivityView> {
    return (await this.api.done('inviteOrganization', { activity: activity.id, organization: whom.globalId, role }, by, `activity { ${ACTIVITY} }`)).activity as ActivityView;
  }

  async answer(activity: ActivityView, by: Person, accept = true): Promise<ActivityView | null> {
    return (await this.api.done('answerInvitation', { activity: activity.id, accept }, by, `activity { ${ACTIVITY} }`)).activity as ActivityView | null;
  }

  /** A verb that takes the activity as it is now, and what else it needs. */
  async step(name: string, activity: { id: string }, by: Person, more: Record<string, unknown> = {}): Promise<ActivityView> {
    const { version } = (await this.read(activity.id, by))!;
    return (await this.api.done(name, { id: activity.id, version, ...more }, by, `activity { ${ACTIVITY} }`)).activity as ActivityView;
  }

  /** The code that the verb is refused with. */
  async refused(name: string, input: Record<string, unknown>, by: Person): Promise<string> {
    const { userErrors } = await this.api.mutate(name, input, by);
    return (userErrors as { code: string }[]).map(({ code }) => code).join(' ');
  }

  async read(id: string, as: Person | string | null): Promise<ActivityView | null> {
    return (await this.api.must(`query ($id: ID!) { node(id: $id) { ... on Activity { ${ACTIVITY} } } }`, { id }, as)).node as ActivityView | null;
  }

  async list(as: Person | null, filter: Record<string, unknown> = {}): Promise<string[]> {
    const { activities } = await this.api.must('query ($filter: ActivityFilter) { activities(first: 100, filter: $filter) { nodes { title } } }', { filter }, as);
    return (activities.nodes as { title: string }[]).map(({ title }) => title);
  }
}
