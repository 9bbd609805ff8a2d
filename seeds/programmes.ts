import * as activityInputs from '../src/domain/activities/inputs';
import * as activities from '../src/domain/activities/service';
import * as feedbackInputs from '../src/domain/feedback/inputs';
import * as feedback from '../src/domain/feedback/service';
import * as needInputs from '../src/domain/needs/inputs';
import type { Need } from '../src/domain/needs/model';
import * as needs from '../src/domain/needs/service';
import { assignActivity } from '../src/domain/projects/activities';
import * as exchanges from '../src/domain/projects/exchanges';
import * as projectInputs from '../src/domain/projects/inputs';
import type { Project } from '../src/domain/projects/model';
import * as projects from '../src/domain/projects/service';
import type { Transaction } from '../src/platform/database/session';
import { toGlobalId } from '../src/platform/ids';
import { minuteAt } from './calendar';
import type { NeedData, NetworkData, ProgrammeData } from './data';
import type { Step } from './story';

/** Who plays, and when. */
export interface Players {
  secret: string;
  /** Does something as a person by key. */
  as: <Result>(key: string, work: (tx: Transaction) => Promise<Result>) => Promise<Result>;
  /** Does something as somebody without an account. */
  asNobody: <Result>(work: (tx: Transaction) => Promise<Result>) => Promise<Result>;
  /** The committee member who decides. */
  secretary: string;
  /** Who acts for an organization by key. */
  chiefOf: (organization: string) => string;
  organizationId: (key: string) => string;
  date: (day: number) => string;
  instant: (step: Pick<Step, 'day' | 'minute'>) => Date;
}

/** How long after it was proposed a project is approved, and then started. */
const [APPROVED_AFTER, STARTED_AFTER] = [2, 3];
/** How long before it an activity is announced. */
const ANNOUNCED_BEFORE = 5;

/** What a network's people need, and the programmes that came of it. */
export class Programmes {
  private readonly needs = new Map<string, Need>();
  private readonly projects = new Map<string, Project>();

  constructor(
    private readonly data: Pick<NetworkData, 'needs' | 'programmes'>,
    private readonly players: Players,
  ) {}

  *steps(): Generator<Step> {
    for (const need of this.data.needs) {
      yield { day: need.raisedDay, minute: 10, act: () => this.raise(need), free: true };
      for (const supporter of need.supporters) yield { day: need.raisedDay + 3, minute: 20, act: () => this.support(need, supporter) };
      if (need.state === 'ACCEPTED') yield { day: need.raisedDay + 1, minute: 30, act: () => this.accept(need), free: true };
    }
    for (const programme of this.data.programmes) yield* this.programmeSteps(programme);
  }

  private *programmeSteps(programme: ProgrammeData): Generator<Step> {
    const { proposedDay: day, activity, exchange, adjustment } = programme;
    yield { day, minute: 40, act: () => this.propose(programme), free: true };
    yield { day: day + APPROVED_AFTER, minute: 40, act: () => this.move(programme, this.players.secretary, projects.approveProject), free: true };
    yield { day: day + STARTED_AFTER, minute: 40, act: () => this.move(programme, this.players.chiefOf(programme.lead), projects.startProject), free: true };
    for (const time of activity.times) {
      const held: { id?: string; codes?: string[] } = {};
      yield { day: time.day - ANNOUNCED_BEFORE, minute: 50, act: async () => void (held.id = await this.announce(programme, time.day)), free: true };
      yield { day: time.day, minute: minuteAt(activity.end), act: async () => void (held.codes = await this.hold(programme, held.id!, time.said.length)), free: true };
      yield { day: time.day + 1, minute: 60, act: () => this.say(held.codes!, time.said), free: true };
    }
    if (exchange) yield { day: exchange.day, minute: minuteAt('16:00'), act: () => this.exchange(programme, exchange) };
    if (adjustment) yield { day: adjustment.day, minute: minuteAt('17:00'), act: () => this.adjust(programme, adjustment) };
  }

  // --- needs -------------------------------------------------------------------------------------------------------

  private async raise({ key, title, description, category, building, by }: NeedData): Promise<void> {
    const input = needInputs.submitNeed.parse({ title, description, category, building });
    this.needs.set(key, (await this.players.as(by, (tx) => needs.submitNeed(tx, input))).need);
  }

  private async accept({ key }: NeedData): Promise<void> {
    this.needs.set(key, (await this.players.as(this.players.secretary, (tx) => needs.acceptNeed(tx, { ...this.read(key), note: null }))).need);
  }

  private async support({ key }: NeedData, by: string): Promise<void> {
    await this.players.as(by, (tx) => needs.supportNeed(tx, { id: this.read(key).id }));
  }

  private read(key: string): { id: string; version: number } {
    const { id, version } = this.needs.get(key)!;
    return { id: toGlobalId('Need', id), version };
  }

  // --- projects ----------------------------------------------------------------------------------------------------

  private async propose(programme: ProgrammeData): Promise<void> {
    const { key, title, category, goal, partners, proposedDay, toDay, ratingThreshold, milestones, lead } = programme;
    const { date, organizationId } = this.players;
    const input = projectInputs.proposeProject.parse({
      title, category, goal, partners: partners.map(organizationId), period: { from: date(proposedDay), to: toDay === null ? null : date(toDay) },
      needs: programme.needs.map((need) => this.read(need).id), ratingThreshold,
    });
    await this.players.as(this.players.chiefOf(lead), async (tx) => {
      const { project } = await projects.proposeProject(tx, input);
      this.projects.set(key, project);
      for (const { title: what, dueDay, done } of milestones) {
        const { milestone } = await projects.addMilestone(tx, projectInputs.addMilestone.parse({ project: toGlobalId('Project', project.id), title: what, due: date(dueDay) }));
        if (done) await projects.completeMilestone(tx, { id: toGlobalId('Milestone', milestone.id) });
      }
    });
  }

  private async move({ key }: ProgrammeData, by: string, verb: typeof projects.approveProject): Promise<void> {
    const { id, version } = this.projects.get(key)!;
    this.projects.set(key, (await this.players.as(by, (tx) => verb(tx, { id: toGlobalId('Project', id), version, note: null }))).project);
  }

  private projectId({ key }: ProgrammeData): string {
    return toGlobalId('Project', this.projects.get(key)!.id);
  }

  private async exchange(programme: ProgrammeData, { day, minutes, decisions }: NonNullable<ProgrammeData['exchange']>): Promise<void> {
    const { chiefOf, organizationId, instant } = this.players;
    const range = { start: instant({ day, minute: minuteAt('14:30') }), end: instant({ day, minute: minuteAt('15:30') }) };
    const attendees = [programme.lead, ...programme.partners].map(organizationId);
    await this.players.as(chiefOf(programme.lead), async (tx) => {
      const { exchange } = await exchanges.scheduleExchange(tx, projectInputs.scheduleExchange.parse({ project: this.projectId(programme), range, attendees }));
      await exchanges.recordExchange(tx, projectInputs.recordExchange.parse({ id: toGlobalId('Exchange', exchange.id), version: exchange.version, minutes, decisions }));
    });
  }

  private async adjust(programme: ProgrammeData, { what, because }: NonNullable<ProgrammeData['adjustment']>): Promise<void> {
    const input = feedbackInputs.adjustService.parse({ project: this.projectId(programme), what, because, feedback: [] });
    await this.players.as(this.players.chiefOf(programme.lead), (tx) => feedback.adjustService(tx, input));
  }

  // --- activities --------------------------------------------------------------------------------------------------

  private announce(programme: ProgrammeData, day: number): Promise<string> {
    const { title, description, start, end } = programme.activity;
    const { chiefOf, instant } = this.players;
    const input = activityInputs.createActivity.parse({
      title, description, category: programme.category, visibility: 'PUBLIC', range: { start: instant({ day, minute: minuteAt(start) }), end: instant({ day, minute: minuteAt(end) }) },
    });
    return this.players.as(chiefOf(programme.lead), async (tx) => {
      const { activity } = await activities.createActivity(tx, input);
      const placed = await assignActivity(tx, { activity: toGlobalId('Activity', activity.id), project: this.projectId(programme) });
      await activities.openRegistration(tx, { id: toGlobalId('Activity', activity.id), version: placed.activity.version });
      return activity.id;
    });
  }

  /** Ends an activity, and shows codes to those who were there. */
  private hold({ lead }: ProgrammeData, activityId: string, count: number): Promise<string[]> {
    const id = toGlobalId('Activity', activityId);
    return this.players.as(this.players.chiefOf(lead), async (tx) => {
      const { version } = await activities.activityForChange(tx, activityId);
      await activities.completeActivity(tx, { id, version });
      return (await feedback.issueFeedbackCodes(tx, this.players.secret, { activity: id, count })).codes;
    });
  }

  private async say(codes: readonly string[], said: ProgrammeData['activity']['times'][number]['said']): Promise<void> {
    await this.players.asNobody(async (tx) => {
      for (const [index, what] of said.entries()) await feedback.giveFeedback(tx, feedbackInputs.giveFeedback.parse({ code: codes[index], ...what }));
    });
  }
}
