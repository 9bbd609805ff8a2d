import { selectList } from '../../platform/database/columns';
import { READABLE } from '../../platform/graphql/connection';
import type { Platform, RequestContext } from '../../platform/graphql/context';
import { byId, grouped, type LoaderDefinition } from '../../platform/graphql/loaders';
import { publicUrlOf } from '../../platform/http/public-url';
import { addressToken, type AddressUse } from '../../platform/files/address';
import { StoredFile } from './model';

export const fileById = byId(StoredFile);

/** The files that belong to something, oldest first. */
export const filesOfSubject: LoaderDefinition<string, StoredFile[]> = {
  batch: async (session, subjectIds) => {
    const rows = await session.read<StoredFile>({
      name: 'files-by-subject',
      text: `SELECT ${selectList(StoredFile, 't')} FROM files t WHERE ${READABLE} AND t.subject_id = ANY($1::uuid[]) ORDER BY t.id`,
      values: [subjectIds],
    });
    return grouped(subjectIds, rows, ({ subjectId }) => subjectId!);
  },
};

/** How long an upload may begin after its address was given out. */
const UPLOAD_MINUTES = 15;
/** For how long at least, and for how long at most, the address of a file can be read: within a window it stays the same, so that it can be kept by browsers. */
const READ_WINDOW_MINUTES = 5;
const MINUTE_MS = 60_000;

/** When the address of an upload asked for now ends. */
export const uploadEnds = (now: Date): Date => new Date(now.getTime() + UPLOAD_MINUTES * MINUTE_MS);

function readEnds(now: Date): Date {
  const window = READ_WINDOW_MINUTES * MINUTE_MS;
  return new Date((Math.floor(now.getTime() / window) + 2) * window);
}

/** An address of a file: whoever has it may use it until then. */
export function addressOf({ config, secret }: Pick<Platform, 'config' | 'secret'>, { networkId, id }: Pick<StoredFile, 'networkId' | 'id'>, use: AddressUse, expiresAt: Date): string {
  return publicUrlOf(config, `files/${addressToken(secret, { use, networkId, fileId: id, expiresAt })}`);
}

/** Where a file that the actor may read can be read for the next minutes; null for one that is not there yet. */
export async function urlOfFile(context: RequestContext, file: StoredFile): Promise<string | null> {
  if (file.status === 'AWAITED') return null;
  const { now } = await context.actor();
  return addressOf(context.platform, file, 'READ', readEnds(now));
}

/** Where a file can be read for the next minutes; null for one that the actor may not read, or that is not there. */
export async function fileUrl(context: RequestContext, fileId: string): Promise<string | null> {
  const file = await context.load(fileById, fileId);
  return file && urlOfFile(context, file);
}
