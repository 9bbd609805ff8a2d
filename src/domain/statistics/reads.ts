import { READABLE } from '../../platform/graphql/connection';
import type { LoaderDefinition } from '../../platform/graphql/loaders';
import type { Session } from '../../platform/database/session';
import type { Measure, MonthlyStatistics, OrganizationStatistics } from './model';

/** The sum of a measure over a month, of one organization or of the network alone. */
interface Sum {
  organizationId: string | null;
  month: string;
  measure: Measure;
  amount: number;
}

/** The days to look at, as a loader's key. */
export type PeriodKey = `${string}/${string}`;
const EVER: PeriodKey = '0001-01-01/9999-12-31';
export const periodKey = (period: { from: string; to: string } | null): PeriodKey => (period ? `${period.from}/${period.to}` : EVER);

/** What the actor may read of the figures over a period, summed by organization and month. */
export const sumsOver: LoaderDefinition<PeriodKey, Sum[]> = {
  batch: (session, periods) =>
    Promise.all(
      periods.map((period) =>
        session.read<Sum>({
          text: `SELECT t.organization_id AS "organizationId", date_trunc('month', t.day)::date::text AS month, t.measure, sum(t.amount)::bigint AS amount
            FROM statistics_entries t WHERE ${READABLE} AND t.day BETWEEN $1 AND $2 GROUP BY 1, 2, 3`,
          values: period.split('/'),
        }),
      ),
    ),
};

/** Volunteers in service whom the actor may read. */
export async function activeVolunteers(session: Session): Promise<number> {
  const [counted] = await session.read<{ count: number }>({
    name: 'active-volunteers',
    text: `SELECT count(*)::integer AS count FROM volunteers t WHERE ${READABLE} AND t.status = 'ACTIVE'`,
  });
  return counted!.count;
}

const total = (sums: readonly Sum[], ...measures: Measure[]): number =>
  sums.reduce((sum, { measure, amount }) => (measures.includes(measure) ? sum + amount : sum), 0);

/** A measure kept in seconds, in hours. */
export const hoursOf = (sums: readonly Sum[], measure: Measure): number => total(sums, measure) / 3600;
export const countOf = total;

/** The average of the ratings given; null while there is none. */
export const averageRating = (sums: readonly Sum[]): number | null => {
  const count = total(sums, 'RATINGS');
  return count === 0 ? null : total(sums, 'RATED') / count;
};

function groupedBy<Key>(sums: readonly Sum[], keyOf: (sum: Sum) => Key): Map<Key, Sum[]> {
  const groups = new Map<Key, Sum[]>();
  for (const sum of sums) {
    const group = groups.get(keyOf(sum));
    if (group) group.push(sum);
    else groups.set(keyOf(sum), [sum]);
  }
  return groups;
}

/** The figures by organization, those that served most first. */
export const byOrganization = (sums: readonly Sum[]): OrganizationStatistics[] =>
  [...groupedBy(sums.filter(({ organizationId }) => organizationId !== null), ({ organizationId }) => organizationId!)]
    .map(([organizationId, own]) => ({
      organizationId,
      sharedHours: hoursOf(own, 'SHARED'),
      usedHours: hoursOf(own, 'USED'),
      activities: total(own, 'ACTIVITIES'),
      serviceHours: hoursOf(own, 'SERVICE'),
    }))
    .filter(({ sharedHours, usedHours, activities, serviceHours }) => sharedHours + usedHours + activities + serviceHours > 0)
    .sort((one, other) => other.serviceHours - one.serviceHours || (one.organizationId < other.organizationId ? -1 : 1));

/** The figures by month, in their order. */
export const byMonth = (sums: readonly Sum[]): MonthlyStatistics[] =>
  [...groupedBy(sums, ({ month }) => month)]
    .map(([month, own]) => ({
      month,
      bookedHours: hoursOf(own, 'BOOKED'),
      activities: total(own, 'ACTIVITIES'),
      serviceHours: hoursOf(own, 'SERVICE'),
      pointsIssued: total(own, 'ISSUED'),
    }))
    .filter(({ bookedHours, activities, serviceHours, pointsIssued }) => bookedHours !== 0 || activities !== 0 || serviceHours !== 0 || pointsIssued !== 0)
    .sort((one, other) => (one.month < other.month ? -1 : 1));
