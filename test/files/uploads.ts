import type { TestApi } from '../support/api';
import type { Person } from '../support/world';

/** The address of this server for a URL that it gave out, whatever port that names. */
export const here = (api: TestApi, url: string): string => api.url + new URL(url).pathname;

export interface Announced {
  file: { id: string; status: string; name: string };
  upload: { url: string; method: string; expiresAt: string };
}

export const FILE = 'id name status purpose mediaType size url expiresAt uploadedBy { displayName organization { id } }';

/** Announces a file. */
export const announce = async (api: TestApi, as: Person, about: { purpose?: string; name?: string; size: number; mediaType: string }): Promise<Announced> =>
  (await api.done('createUpload', { purpose: 'ACTIVITY_PHOTO', name: 'photo.png', ...about }, as, `file { ${FILE} } upload { url method expiresAt }`)) as Announced;

/** Sends content to an upload address. */
export const send = (api: TestApi, url: string, content: Uint8Array | string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(here(api, url), { method: 'PUT', body: content as RequestInit['body'], headers: { 'content-type': 'application/octet-stream', 'accept-language': 'en', ...headers } });

/** Uploads a file. @returns its id */
export async function uploaded(api: TestApi, as: Person, content: Uint8Array | string, about: { purpose?: string; name?: string; mediaType: string }): Promise<string> {
  const { file, upload } = await announce(api, as, { ...about, size: Buffer.byteLength(content) });
  const response = await send(api, upload.url, content);
  if (response.status !== 204) throw new Error(`${response.status} ${await response.text()}`);
  return file.id;
}

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
/** A picture of one pixel. */
export const PNG = Buffer.from(PIXEL, 'base64');
export const PDF = Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n');
