import { selectList } from '../../platform/database/columns';
import { anonymous, Session, type Transaction } from '../../platform/database/session';
import type { Platform } from '../../platform/graphql/context';
import { recordMove } from '../network/history';
import { Activity } from './model';
import { changeOf } from './rows';

/** How many activities are written down in one transaction. */
const BATCH = 200;

/** Writes down what the clock has moved: as history and audit that nobody did, and in the row. */
export async function settle(tx: Transaction, activity: Activity): Promise<void> {
  const { id, recordedStatus, status, startsAt } = activity;
  if (recordedStatus === status) return;
  await tx.query('UPDATE activities SET status = $2 WHERE network_id = app.network_id() AND id = $1', [id, status]);
  await recordMove(tx, 'activity.begin', { ...changeOf(activity), from: recordedStatus, to: status, since: startsAt });
}

/**
 * Writes down, in every network, what the clock has moved since it was last written down. What clients see is exact
 * without it. Any number of processes may do it at once. @returns how many activities were moved
 */
export async function recordDueActivities({ dataSource, clock }: Pick<Platform, 'dataSource' | 'clock'>): Promise<number> {
  const session = new Session(dataSource, anonymous, clock);
  const networks = await session.door<{ networkId: string }>({
    text: 'SELECT due AS "networkId" FROM app.networks_with_due_activities($1) AS due',
    values: [clock.now()],
  });
  let moved = 0;
  for (const { networkId } of networks) {
    let batch: number;
    do {
      batch = await session.through('activities', networkId, recordBatch);
      moved += batch;
    } while (batch === BATCH);
  }
  return moved;
}

async function recordBatch(tx: Transaction): Promise<number> {
  const due = await tx.query<Activity>(
    `SELECT ${selectList(Activity, 't')} FROM activities t
     WHERE t.network_id = app.network_id() AND t.status = 'OPEN' AND t.starts_at <= app.now() ORDER BY t.id LIMIT $1 FOR UPDATE SKIP LOCKED`,
    [BATCH],
  );
  for (const activity of due) await settle(tx, activity);
  return due.length;
}
