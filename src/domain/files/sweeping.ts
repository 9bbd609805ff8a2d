import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { anonymous, Session, type Transaction } from '../../platform/database/session';
import type { Platform } from '../../platform/graphql/context';
import { incomingFolder } from './incoming';
import { keyOf } from './model';

/** How many files are removed in one transaction. */
const BATCH = 100;
/** No upload takes so long. */
const LEFT_OVER_MS = 3_600_000;

/** Removes, in every network, files that nobody has put to use in time. Any number of processes may do it at once. @returns how many */
export async function sweepFiles({ dataSource, clock, files, config }: Pick<Platform, 'dataSource' | 'clock' | 'files' | 'config'>): Promise<number> {
  const session = new Session(dataSource, anonymous, clock);
  const networks = await session.door<{ networkId: string }>({
    text: 'SELECT due AS "networkId" FROM app.networks_with_unused_files($1) AS due',
    values: [clock.now()],
  });
  // Content goes before its row: what fails in between is done again, and nothing is left that no row knows of.
  const removeBatch = async (tx: Transaction): Promise<number> => {
    const due = await tx.query<{ networkId: string; id: string }>(
      `SELECT network_id AS "networkId", id FROM files WHERE network_id = app.network_id() AND expires_at <= app.now() ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED`,
      [BATCH],
    );
    for (const file of due) await files.remove(keyOf(file));
    await tx.query('DELETE FROM files WHERE network_id = app.network_id() AND id = ANY($1::uuid[])', [due.map(({ id }) => id)]);
    return due.length;
  };
  let removed = 0;
  for (const { networkId } of networks) {
    let batch: number;
    do {
      batch = await session.through('files', networkId, removeBatch);
      removed += batch;
    } while (batch === BATCH);
  }
  await removeLeftOver(incomingFolder(config));
  return removed;
}

/** Removes what uploads left behind whose process died. */
async function removeLeftOver(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > LEFT_OVER_MS) await rm(path, { force: true });
  }
}
