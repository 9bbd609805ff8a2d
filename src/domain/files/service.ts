import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { may } from '../../access/matrix';
import { selectList } from '../../platform/database/columns';
import type { Transaction } from '../../platform/database/session';
import { safeName } from '../../platform/files/content';
import type { Platform } from '../../platform/graphql/context';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import { newId } from '../../platform/ids';
import { incoming } from './incoming';
import type * as inputs from './inputs';
import { keyOf, StoredFile, type FilePurpose } from './model';
import { uploadEnds } from './reads';

export { sweepFiles } from './sweeping';

/** How many files a person may have that belong to nothing yet. */
export const MOST_UNUSED = 50;
const DAY_MS = 86_400_000;
/** How long what was uploaded waits to be put to use, and what was made for somebody to be fetched. */
export const storedEnds = (now: Date): Date => new Date(now.getTime() + DAY_MS);

/** Announces a file, whose content is sent to its address. Staff, administrators and the committee. */
export async function createUpload(tx: Transaction, { purpose, name, size, mediaType }: InputOf<typeof inputs, 'createUpload'>): Promise<{ file: StoredFile }> {
  const { networkId, userId, userName, organizationId, now } = tx.actor;
  if (!may(tx.actor, 'file.upload', { owner: organizationId })) throw new Refusal('NOT_ALLOWED', 'notAllowed');
  const [unused] = await tx.query<{ count: number }>(
    'SELECT count(*) AS count FROM files WHERE network_id = app.network_id() AND uploaded_by = $1 AND expires_at > app.now()',
    [userId],
  );
  if (unused!.count >= MOST_UNUSED) throw new Refusal('CAPACITY_EXCEEDED', 'file.many', { most: MOST_UNUSED });
  const id = newId(now);
  await tx.manager.insert(StoredFile, {
    id, networkId, purpose, name: safeName(name, mediaType), mediaType, size, status: 'AWAITED', sha256: null, subjectType: null, subjectId: null,
    uploadedBy: userId!, uploadedByName: userName ?? '', uploadedByOrganizationId: organizationId, createdAt: now, expiresAt: uploadEnds(now),
  });
  tx.audit({ action: 'file.announce', subjectType: 'File', subjectId: id, changes: { purpose: [null, purpose], size: [null, size] } });
  return { file: (await tx.find(StoredFile, id))! };
}

/** What uploaded files are put to use for. */
export interface Attaching {
  purpose: FilePurpose;
  subjectType: string;
  subjectId: string;
  /** The readers of what they belong to from now on. */
  audience: readonly string[];
}

/** The actor's own uploaded files, locked. @throws Refusal NOT_FOUND, INVALID (not there yet, or for another purpose) */
export async function uploadedFiles(tx: Transaction, globalIds: readonly string[], purpose: FilePurpose, path: (index: number) => readonly string[]): Promise<StoredFile[]> {
  const ids = globalIds.map((globalId, index) => tx.idOf('File', globalId, path(index)));
  const rows = await tx.query<StoredFile>(
    `SELECT ${selectList(StoredFile, 't')} FROM files t WHERE t.network_id = app.network_id() AND t.id = ANY($1::uuid[]) AND t.uploaded_by = app.user_id()
     AND (t.expires_at IS NULL OR t.expires_at > app.now()) ORDER BY t.id FOR UPDATE`,
    [ids],
  );
  const found = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id, index) => {
    const file = found.get(id);
    if (!file) throw new Refusal('NOT_FOUND', 'notFound', {}, path(index));
    if (file.status !== 'STORED' || file.purpose !== purpose) throw new Refusal('INVALID', file.status === 'AWAITED' ? 'file.awaited' : 'file.purpose', {}, path(index));
    return file;
  });
}

/**
 * Puts uploaded files of the actor to use: from now on whoever may read what they belong to reads them. @returns their uuids
 * @param path where in the input the file of an index stands
 * @throws Refusal NOT_FOUND, INVALID (not there yet, or for another purpose)
 */
export async function attachFiles(tx: Transaction, globalIds: readonly string[], to: Attaching, path: (index: number) => readonly string[]): Promise<string[]> {
  const files = await uploadedFiles(tx, globalIds, to.purpose, path);
  const ids = files.map(({ id }) => id);
  await tx.query(
    `UPDATE files SET status = 'ATTACHED', expires_at = NULL, subject_type = $2, subject_id = $3, audience = $4
     WHERE network_id = app.network_id() AND id = ANY($1::uuid[])`,
    [ids, to.subjectType, to.subjectId, to.audience],
  );
  return ids;
}

/** Lets others read the files of something, when its own readers are others. */
export async function shareFilesOf(tx: Transaction, subjectId: string, audience: readonly string[]): Promise<void> {
  await tx.through('files', () => tx.query('UPDATE files SET audience = $2 WHERE network_id = app.network_id() AND subject_id = $1', [subjectId, audience]));
}

/** Gives files up: nobody reads them any more, and their content goes with the next sweep. For uuids of files that the verb knows. */
export async function discardFiles(tx: Transaction, ids: readonly string[]): Promise<void> {
  await tx.through('files', () =>
    tx.query(
      `UPDATE files SET status = 'STORED', subject_type = NULL, subject_id = NULL, audience = '{}', expires_at = app.now()
       WHERE network_id = app.network_id() AND id = ANY($1::uuid[]) AND status <> 'AWAITED'`,
      [ids],
    ),
  );
}

/** Keeps what the platform has made for the actor, such as an export: a file that nobody else reads, for a day. */
export async function keepExport(platform: Pick<Platform, 'config' | 'files'>, tx: Transaction, made: { name: string; mediaType: string; content: Buffer }): Promise<StoredFile> {
  const { networkId, userId, userName, organizationId, now } = tx.actor;
  const { content, mediaType } = made;
  const id = newId(now);
  const path = await incoming(platform.config);
  await writeFile(path, content, { mode: 0o600 });
  await platform.files.keep(keyOf({ networkId, id }), path, content.length);
  await tx.manager.insert(StoredFile, {
    id, networkId, purpose: 'EXPORT', name: safeName(made.name, mediaType), mediaType, size: content.length, status: 'STORED',
    sha256: createHash('sha256').update(content).digest(), subjectType: null, subjectId: null,
    uploadedBy: userId!, uploadedByName: userName ?? '', uploadedByOrganizationId: organizationId, createdAt: now, expiresAt: storedEnds(now),
  });
  return (await tx.find(StoredFile, id))!;
}
