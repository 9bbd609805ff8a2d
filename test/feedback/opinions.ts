import { v7 } from 'uuid';
import { uuidOf } from '../contracts/agreements';
import { Community, NOW, PROJECT, type ProjectView } from '../needs/community';
import type { TestApi } from '../support/api';
import type { Person } from '../support/world';

/** What tests read of word of mouth. */
export const SUMMARY = 'feedback { count average distribution recommendScore trend { month average count } }';
export type Summary = ProjectView['feedback'];

const HOUR = 3_600_000;

/** A community whose people say what they think of its activities. */
export class Opinions {
  private held = 0;

  private constructor(
    readonly api: TestApi,
    readonly community: Community,
  ) {}

  static async begin(api: TestApi): Promise<Opinions> {
    return new Opinions(api, await Community.begin(api));
  }

  /** An activity of the lead that was over some hours ago, each at another time, put in behind the API's back. @returns its global id */
  async activity({ project = null, status = 'COMPLETED', visibility = 'NETWORK', endsAt = new Date(Date.parse(NOW) - HOUR - 3 * HOUR * this.held++) }: { project?: string | null; status?: string; visibility?: string; endsAt?: Date } = {}): Promise<string> {
    const { lead } = this.community;
    const id = v7();
    await this.api.database.sql(
      `INSERT INTO activities (network_id, id, title, category, status, visibility, starts_at, ends_at, host_id, project_id, opened_at, created_by, created_at)
       VALUES ($1, $2, 'Class', 'AFTER_SCHOOL_CLASS', $3, $4, $5, $6, $7, $8, CASE WHEN $3 IN ('DRAFT', 'INVITING') THEN NULL ELSE $5::timestamptz END, $9, $5)`,
      [lead.network.id, id, status, visibility, new Date(endsAt.getTime() - 2 * HOUR), endsAt, lead.id, project === null ? null : uuidOf(project), v7()],
    );
    return Buffer.from(`Activity:${id}`).toString('base64url');
  }

  /** Has somebody been on a shift of an activity. @param adultOn the day of the eighteenth birthday */
  async attend(activity: string, person: Person, { status = 'ATTENDED', adultOn = '2000-01-01' } = {}): Promise<void> {
    const { lead } = this.community;
    const [network, activityId, shift, volunteer, consent] = [lead.network.id, uuidOf(activity), v7(), v7(), v7()];
    const { database } = this.api;
    await database.sql(
      `INSERT INTO shifts (network_id, id, activity_id, host_id, duty, starts_at, ends_at, capacity, taken, created_at, audience)
       SELECT a.network_id, $2, a.id, a.host_id, 'Helper', a.starts_at, a.ends_at, 1, 1, now(), a.readers FROM activities a WHERE a.network_id = $1 AND a.id = $3`,
      [network, shift, activityId],
    );
    await database.sql(
      `INSERT INTO volunteers (network_id, id, number, display_name, status, occupation, user_id, adult_on, channel, created_at)
       VALUES ($1, $2, 'V-' || (SELECT count(*) + 1000 FROM volunteers), 'A volunteer', 'ACTIVE', 'STUDENT', $3, $4, 'ONLINE', now()) ON CONFLICT DO NOTHING`,
      [network, volunteer, person.userId, adultOn],
    );
    const [known] = await database.sql<{ id: string }>('SELECT id FROM volunteers WHERE network_id = $1 AND user_id = $2', [network, person.userId]);
    await database.sql(`INSERT INTO volunteer_consents (network_id, id, volunteer_id, purpose, granted_at, recorded_by) VALUES ($1, $2, $3, 'GUARDIAN', now(), $4) ON CONFLICT DO NOTHING`, [network, consent, known!.id, v7()]);
    await database.sql(
      `INSERT INTO registrations (network_id, id, shift_id, activity_id, host_id, volunteer_id, user_id, status, starts_at, ends_at, arrival, adult_on, service_date, consent_id, checked_in_at, checked_out_at, registered_at)
       SELECT s.network_id, $2, s.id, s.activity_id, s.host_id, $4, $5, $6, s.starts_at, s.ends_at, 1, $7, s.starts_at::date,
         (SELECT c.id FROM volunteer_consents c WHERE c.volunteer_id = $4 LIMIT 1), s.starts_at, s.ends_at, now() FROM shifts s WHERE s.network_id = $1 AND s.id = $3`,
      [network, v7(), shift, known!.id, person.userId, status, adultOn],
    );
  }

  /** Codes of an activity. */
  async codes(activity: string, count: number, by: Person = this.community.people.leadStaff): Promise<string[]> {
    return (await this.api.done('issueFeedbackCodes', { activity, count }, by, 'codes')).codes as string[];
  }

  /** Rates, and must not be refused. */
  async give(input: Record<string, unknown>, by: Person | null = null): Promise<{ id: string; rating: number; author: { displayName: string } | null }> {
    return (await this.api.done('giveFeedback', input, by, 'feedback { id rating comment recommend author { displayName } }')).feedback;
  }

  refused(input: Record<string, unknown>, by: Person | null = null): Promise<string> {
    return this.community.refused('giveFeedback', input, by);
  }

  async summary(type: 'Activity' | 'Project', id: string, as: Person | null = this.community.committee): Promise<Summary> {
    const { node } = await this.api.must(`query ($id: ID!) { node(id: $id) { ... on ${type} { ${SUMMARY} } } }`, { id }, as);
    return node.feedback as Summary;
  }

  /** What was said last of an activity or project, as somebody sees it. */
  async recent(type: 'Activity' | 'Project', id: string, as: Person | null, first = 100): Promise<{ id: string; rating: number; comment: string | null; author: { displayName: string } | null }[]> {
    const { node } = await this.api.must(
      `query ($id: ID!, $first: Int) { node(id: $id) { ... on ${type} { feedback { recent(first: $first) { id rating comment author { displayName } } } } } }`, { id, first }, as,
    );
    return node.feedback.recent;
  }

  /** A project as the committee sees it. */
  async project(id: string): Promise<ProjectView> {
    const { node } = await this.api.must(`query ($id: ID!) { node(id: $id) { ... on Project { ${PROJECT} } } }`, { id }, this.community.committee);
    return node as ProjectView;
  }
}

/**
 * Summaries and adjustments counted anew from what was said, by SQL that shares nothing with the server's: nothing of it
 * when they are as they were kept.
 */
export const differences = ({ database }: TestApi): Promise<unknown[]> =>
  database.sql(`
    WITH said AS (
      SELECT f.*, (date_trunc('month', f.created_at AT TIME ZONE n.time_zone))::date AS month FROM feedback f JOIN networks n ON n.id = f.network_id
    ), subjects AS (
      SELECT s.*, a.id AS subject FROM said s JOIN activities a ON a.id = s.activity_id
      UNION ALL SELECT s.*, a.project_id FROM said s JOIN activities a ON a.id = s.activity_id WHERE a.project_id IS NOT NULL
    ), anew AS (
      SELECT subject, month, count(*) FILTER (WHERE rating = 1) AS ones, count(*) FILTER (WHERE rating = 2) AS twos, count(*) FILTER (WHERE rating = 3) AS threes,
        count(*) FILTER (WHERE rating = 4) AS fours, count(*) FILTER (WHERE rating = 5) AS fives, count(*) FILTER (WHERE recommend > 8) AS promoters,
        count(*) FILTER (WHERE recommend < 7) AS detractors, count(recommend) AS recommended FROM subjects GROUP BY 1, 2
    ), kept AS (
      SELECT subject_id AS subject, month, ones::bigint, twos::bigint, threes::bigint, fours::bigint, fives::bigint, promoters::bigint, detractors::bigint, recommended::bigint
      FROM feedback_months WHERE ones + twos + threes + fours + fives > 0
    ), parts AS (
      SELECT a.*, f.rating, f.adjustments = a.nth AS later FROM adjustments a LEFT JOIN feedback f ON f.project_id = a.project_id AND f.adjustments IN (a.nth - 1, a.nth)
    )
    SELECT 'kept and not so' AS fault, subject::text AS what FROM (TABLE kept EXCEPT TABLE anew) x
    UNION ALL SELECT 'so and not kept', subject::text FROM (TABLE anew EXCEPT TABLE kept) x
    UNION ALL SELECT 'in another project', f.id::text FROM feedback f JOIN activities a ON a.id = f.activity_id WHERE f.project_id IS DISTINCT FROM a.project_id
    UNION ALL SELECT 'an adjustment', id::text FROM parts GROUP BY id, count_before, sum_before, count_after, sum_after
      HAVING (count_before, sum_before, count_after, sum_after) IS DISTINCT FROM (count(rating) FILTER (WHERE NOT later), coalesce(sum(rating) FILTER (WHERE NOT later), 0),
        count(rating) FILTER (WHERE later), coalesce(sum(rating) FILTER (WHERE later), 0))
    UNION ALL SELECT 'after an adjustment before it', f.id::text FROM feedback f JOIN adjustments a ON a.project_id = f.project_id AND f.created_at <> a.at AND (f.created_at > a.at) <> (f.adjustments >= a.nth)
    UNION ALL SELECT 'a threshold', p.id::text FROM projects p WHERE (p.below_since IS NOT NULL) <>
      coalesce((SELECT avg(s.rating) FROM subjects s WHERE s.subject = p.id) < p.rating_threshold, false)`);
