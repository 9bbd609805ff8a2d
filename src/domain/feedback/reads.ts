import { selectList } from '../../platform/database/columns';
import { nestedPage, READABLE, type ListQuery } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { byId, grouped, type LoaderDefinition } from '../../platform/graphql/loaders';
import { Adjustment, Feedback, FeedbackAuthor, type FeedbackMonth, type FeedbackSummary } from './model';

export const feedbackById = byId(Feedback);
export const adjustmentById = byId(Adjustment);

/** Who gave feedback; null for whoever may not know, and when nobody does. */
export const authorOf: LoaderDefinition<string, FeedbackAuthor | null> = {
  batch: async (session, feedbackIds) => {
    const rows = await session.read<FeedbackAuthor>({
      name: 'feedback-authors',
      text: `SELECT ${selectList(FeedbackAuthor, 't')} FROM feedback_authors t WHERE ${READABLE} AND t.feedback_id = ANY($1::uuid[])`,
      values: [feedbackIds],
    });
    const found = new Map(rows.map((row) => [row.feedbackId, row]));
    return feedbackIds.map((id) => found.get(id) ?? null);
  },
};

/** What was said of activities and projects, month by month. */
const monthsOf: LoaderDefinition<string, FeedbackMonth[]> = {
  batch: async (session, subjectIds) => {
    const rows = await session.read<FeedbackMonth>({
      name: 'feedback-months',
      text: `SELECT t.subject_id AS "subjectId", t.month::text AS month, t.ones, t.twos, t.threes, t.fours, t.fives, t.promoters, t.detractors, t.recommended
        FROM feedback_months t WHERE ${READABLE} AND t.subject_id = ANY($1::uuid[]) ORDER BY t.month`,
      values: [subjectIds],
    });
    return grouped(subjectIds, rows, (row) => row.subjectId);
  },
};

/** How many gave each rating, 1 to 5. */
const ratingsOf = ({ ones, twos, threes, fours, fives }: FeedbackMonth): number[] => [ones, twos, threes, fours, fives];
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
const averageOf = (distribution: readonly number[]): number => sum(distribution.map((count, index) => count * (index + 1))) / sum(distribution);

/** The summary of what was said in some months. */
export function summaryOf(months: readonly FeedbackMonth[]): Omit<FeedbackSummary, 'subject' | 'subjectId'> {
  const distribution = [0, 1, 2, 3, 4].map((index) => sum(months.map((month) => ratingsOf(month)[index]!)));
  const [promoters, detractors, recommended] = (['promoters', 'detractors', 'recommended'] as const).map((name) => sum(months.map((month) => month[name]))) as [number, number, number];
  const count = sum(distribution);
  return {
    count,
    average: count === 0 ? null : averageOf(distribution),
    distribution,
    recommendScore: recommended === 0 ? null : Math.round((100 * (promoters - detractors)) / recommended),
    // A month may be empty when an activity was taken out of the project.
    trend: months.flatMap((month) => {
      const ratings = ratingsOf(month);
      return sum(ratings) === 0 ? [] : [{ month: month.month, average: averageOf(ratings), count: sum(ratings) }];
    }),
  };
}

/** The word of mouth of an activity or a project. */
export async function feedbackOf(context: RequestContext, subject: FeedbackSummary['subject'], subjectId: string): Promise<FeedbackSummary> {
  return { subject, subjectId, ...summaryOf(await context.load(monthsOf, subjectId)) };
}

/** The latest feedback on an activity or a project that the actor may read. */
export async function recentFeedback(context: RequestContext, { subject, subjectId }: FeedbackSummary, first: number | null): Promise<Feedback[]> {
  const query: ListQuery<Feedback> = {
    list: `feedback of ${subject}`, select: selectList(Feedback, 't'), from: 'feedback t', where: [READABLE], values: [],
    order: [{ sql: 't.id', type: 'uuid', of: (row) => row.id }], descending: true,
  };
  const { rows } = await nestedPage(context, query, subject === 'activity' ? 't.activity_id' : 't.project_id', subjectId, { first });
  return rows;
}

/** The adjustments of a project, oldest first. */
export const adjustmentsOf: LoaderDefinition<string, Adjustment[]> = {
  batch: async (session, projectIds) => {
    const rows = await session.read<Adjustment>({
      name: 'adjustments-of-project',
      text: `SELECT ${selectList(Adjustment, 't')} FROM adjustments t WHERE ${READABLE} AND t.project_id = ANY($1::uuid[]) ORDER BY t.nth`,
      values: [projectIds],
    });
    return grouped(projectIds, rows, (row) => row.projectId);
  },
};

/** The feedback that adjustments follow from, as far as the actor may read it. */
export const feedbackBehind: LoaderDefinition<string, Feedback[]> = {
  batch: async (session, adjustmentIds) => {
    const rows = await session.read<Feedback & { nestedUnder: string }>({
      name: 'feedback-behind-adjustments',
      text: `SELECT a.id AS "nestedUnder", ${selectList(Feedback, 't')} FROM adjustments a JOIN feedback t ON t.network_id = a.network_id AND t.id = ANY (a.feedback_ids)
        WHERE a.network_id = app.network_id() AND a.id = ANY($1::uuid[]) AND ${READABLE} ORDER BY t.id`,
      values: [adjustmentIds],
    });
    return grouped(adjustmentIds, rows, (row) => row.nestedUnder);
  },
};
