import { selectList } from '../../platform/database/columns';
import { narrow, page, READABLE, type ListQuery, type Page, type PageArgs } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { RequestError } from '../../platform/graphql/errors';
import { byId, grouped, type LoaderDefinition } from '../../platform/graphql/loaders';
import { type LeaderboardEntry, Recognition, RecognitionObjection, type RecognitionStatus } from './model';

export const recognitionById = byId(Recognition);

/** The recognitions that the actor may read, newest first. */
export function listRecognitions(context: RequestContext, args: PageArgs, status: RecognitionStatus | null): Promise<Page<Recognition>> {
  const query: ListQuery<Recognition> = {
    list: 'recognitions', select: selectList(Recognition, 't'), from: 'recognitions t', where: [READABLE], values: [],
    order: [{ sql: 't.id', type: 'uuid', of: (row) => row.id }], descending: true,
  };
  narrow(query, (value) => `t.status = ${value}`, status);
  return page(context.session, context.platform.cursors, query, args);
}

/** The recognitions of a volunteer that the actor may read, oldest first. */
export const recognitionsOf: LoaderDefinition<string, Recognition[]> = {
  batch: async (session, volunteerIds) => {
    const rows = await session.read<Recognition>({
      name: 'recognitions-by-volunteer',
      text: `SELECT ${selectList(Recognition, 't')} FROM recognitions t WHERE ${READABLE} AND t.volunteer_id = ANY($1::uuid[]) ORDER BY t.id`,
      values: [volunteerIds],
    });
    return grouped(volunteerIds, rows, (row) => row.volunteerId);
  },
};

/** The objections to a recognition that the actor may read, oldest first. */
export const objectionsTo: LoaderDefinition<string, RecognitionObjection[]> = {
  batch: async (session, recognitionIds) => {
    const rows = await session.read<RecognitionObjection>({
      name: 'objections-by-recognition',
      text: `SELECT ${selectList(RecognitionObjection, 't')} FROM recognition_objections t WHERE ${READABLE} AND t.recognition_id = ANY($1::uuid[]) ORDER BY t.id`,
      values: [recognitionIds],
    });
    return grouped(recognitionIds, rows, (row) => row.recognitionId);
  },
};

/** How long a period a leaderboard may span, and how many places it has when nobody says and at most. */
const MOST_DAYS = 3660;
const PLACES = 20;
const MOST_PLACES = 100;

/** Who has served most in a period, of those who agreed to be shown. @throws RequestError BAD_USER_INPUT */
export async function leaderboardOf(context: RequestContext, period: { from: string; to: string }, first: number | null): Promise<LeaderboardEntry[]> {
  const most = first ?? PLACES;
  if (most < 0 || most > MOST_PLACES) throw new RequestError('BAD_USER_INPUT', 'page.size', { most: MOST_PLACES });
  const days = (Date.parse(period.to) - Date.parse(period.from)) / 86_400_000;
  if (days < 0) throw new RequestError('BAD_USER_INPUT', 'period.reversed');
  if (days >= MOST_DAYS) throw new RequestError('BAD_USER_INPUT', 'period.long', { most: MOST_DAYS });
  return context.session.read<LeaderboardEntry>({
    text: `SELECT l.rank::integer AS rank, l.volunteer_id AS "volunteerId", l.seconds / 3600.0::double precision AS hours, l.points::integer AS points
      FROM app.leaderboard($1, $2, $3) l`,
    values: [period.from, period.to, most],
  });
}
