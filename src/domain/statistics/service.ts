import { anonymous, Session } from '../../platform/database/session';
import type { Platform } from '../../platform/graphql/context';

/** Folds what was counted since the last time, in every network, so that a reader sums little. The calendar's work. */
export async function foldStatistics({ dataSource, clock }: Pick<Platform, 'dataSource' | 'clock'>): Promise<void> {
  await new Session(dataSource, anonymous, clock).door({ text: 'SELECT app.fold_statistics()' });
}
