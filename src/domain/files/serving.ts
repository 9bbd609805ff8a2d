import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { anonymous, Session, type Transaction } from '../../platform/database/session';
import { selectList } from '../../platform/database/columns';
import { addressed, type Addressed } from '../../platform/files/address';
import { safeName, typeByContent } from '../../platform/files/content';
import type { Platform } from '../../platform/graphql/context';
import type { MessageKey, MessageParameters } from '../../platform/i18n/messages';
import { localeOf, translate } from '../../platform/i18n/translate';
import { incoming } from './incoming';
import { admitted, keyOf, StoredFile } from './model';
import { storedEnds } from './service';

/** The largest that any purpose takes. */
const MOST_BYTES = Math.max(...Object.values(admitted).map(({ mostBytes }) => mostBytes));
/** What browsers show by themselves; anything else they put into a folder. */
const SHOWN = /^(image\/|application\/pdf$)/;

type Request = FastifyRequest<{ Params: { token: string } }>;

/** Why an upload was not taken. */
class Rejected extends Error {
  constructor(
    readonly status: number,
    readonly key: MessageKey,
    readonly parameters: MessageParameters = {},
  ) {
    super(key);
  }
}

const FILE = `SELECT ${selectList(StoredFile, 't')} FROM files t WHERE t.network_id = app.network_id() AND t.id = $1`;

/** A header that gives a file its name (RFC 6266), whatever letters that has. */
const dispositionOf = ({ name, mediaType }: StoredFile): string => {
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  return `${SHOWN.test(mediaType) ? 'inline' : 'attachment'}; filename*=UTF-8''${encoded}`;
};

/** Takes and gives files under `/files/`, each at an address that says what may be done with which one until when. */
export async function serveFiles(server: FastifyInstance, platform: Platform): Promise<void> {
  const { dataSource, clock, secret, config, files } = platform;
  const through = <Result>(networkId: string, work: (tx: Transaction) => Promise<Result>) =>
    new Session(dataSource, anonymous, clock, Date.now() + config.limits.requestMs).through('files', networkId, work);
  const find = ({ networkId, fileId }: Addressed) => through(networkId, async (tx) => (await tx.query<StoredFile>(FILE, [fileId]))[0] ?? null);
  const named = (token: string, use: Addressed['use']) => addressed(secret, token, use, clock.now() ?? new Date());

  /** Writes what arrives beside, counting it. @returns its hash */
  async function receive(body: Readable, path: string, size: number): Promise<Buffer> {
    const hash = createHash('sha256');
    let arrived = 0;
    const measure = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        arrived += chunk.length;
        hash.update(chunk);
        done(arrived > size ? new Rejected(413, 'file.length', { size }) : null, chunk);
      },
    });
    await pipeline(body, measure, createWriteStream(path, { mode: 0o600 }));
    if (arrived !== size) throw new Rejected(400, 'file.length', { size });
    return hash.digest();
  }

  /** Keeps content that was checked; only the first of several uploads to one address does. */
  async function keep(file: StoredFile, path: string, mediaType: string, sha256: Buffer): Promise<void> {
    await through(file.networkId, async (tx) => {
      const [awaited] = await tx.query<object>(
        `UPDATE files SET status = 'STORED', media_type = $2, name = $3, sha256 = $4, expires_at = $5
         WHERE network_id = app.network_id() AND id = $1 AND status = 'AWAITED' RETURNING id`,
        [file.id, mediaType, safeName(file.name, mediaType), sha256, storedEnds(tx.actor.now)],
      );
      if (!awaited) throw new Rejected(409, 'file.there');
      await files.keep(keyOf(file), path, file.size);
    });
  }

  async function upload(request: Request): Promise<void> {
    const address = named(request.params.token, 'UPLOAD');
    const file = address && (await find(address));
    if (!file) throw new Rejected(404, 'file.address');
    if (file.status !== 'AWAITED') throw new Rejected(409, 'file.there');
    if (Number(request.headers['content-length']) !== file.size) throw new Rejected(400, 'file.length', { size: file.size });
    const path = await incoming(config);
    try {
      const sha256 = await receive(request.body as Readable, path, file.size);
      const { types } = admitted[file.purpose];
      const mediaType = await typeByContent(path, types, file.mediaType);
      if (mediaType === null) throw new Rejected(415, 'file.content', { types: types.join(', ') });
      await keep(file, path, mediaType, sha256);
    } finally {
      await rm(path, { force: true });
    }
  }

  await server.register(async (scope) => {
    // Here, and only here, a body is taken as it comes.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));

    scope.put<{ Params: { token: string } }>('/files/:token', { bodyLimit: MOST_BYTES }, async (request, reply) => {
      try {
        await upload(request);
        return reply.status(204).send();
      } catch (error) {
        if (!(error instanceof Rejected)) throw error;
        const message = translate(localeOf(request.headers['accept-language']), error.key, error.parameters);
        // What is still on its way is of no use.
        return reply.status(error.status).header('connection', 'close').send({ errors: [{ message, extensions: { code: 'UPLOAD_REFUSED' } }] });
      }
    });

    scope.get<{ Params: { token: string } }>('/files/:token', async (request, reply) => {
      const address = named(request.params.token, 'READ');
      const file = address && (await find(address));
      if (!file || file.status === 'AWAITED') return reply.callNotFound();
      const tag = `"${file.sha256!.toString('base64url')}"`;
      const seconds = Math.max(Math.floor((address.expiresAt.getTime() - (clock.now() ?? new Date()).getTime()) / 1000), 0);
      reply.header('etag', tag).header('cache-control', `private, max-age=${seconds}`).header('x-content-type-options', 'nosniff');
      // Pages of other origins that may ask may also show it; nothing in it may do anything.
      reply.header('cross-origin-resource-policy', 'cross-origin').header('content-security-policy', "default-src 'none'; sandbox");
      if (request.headers['if-none-match']?.includes(tag)) return reply.status(304).send();
      return reply.type(file.mediaType).header('content-disposition', dispositionOf(file)).header('content-length', file.size).send(await files.read(keyOf(file)));
    });
  });
}
