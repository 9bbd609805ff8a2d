import type { FastifyInstance, FastifyReply } from 'fastify';
import { anonymous, Session } from '../../platform/database/session';
import { addressed } from '../../platform/files/address';
import type { Platform } from '../../platform/graphql/context';
import { RequestError } from '../../platform/graphql/errors';
import { localeOf } from '../../platform/i18n/translate';
import { certificatePage, noticePage, PAGE_POLICY } from './page';
import { ServiceCertificate } from './model';
import { contentOf, statusOf, verificationUrlOf, verify } from './reads';

/**
 * Serves the page that verifies a certificate under `/certificates/`, for whoever has its code; and the certificate itself
 * at an address that whoever may read it was given.
 */
export function serveCertificates(server: FastifyInstance, platform: Platform): void {
  const { dataSource, clock, secret } = platform;
  const answer = (reply: FastifyReply, status: number, text: string) =>
    reply.status(status).header('content-security-policy', PAGE_POLICY).header('cache-control', 'no-store').type('text/html; charset=utf-8').send(text);

  server.get<{ Params: { code: string } }>('/certificates/:code', async (request, reply) => {
    const locale = localeOf(request.headers['accept-language']);
    try {
      const certificate = await verify(platform, request.params.code, request.ip);
      if (!certificate) return await answer(reply, 404, noticePage(locale, 'unknown'));
      const { contentHash, code } = certificate;
      const url = verificationUrlOf(platform, certificate);
      return await answer(reply, 200, certificatePage(locale, { content: contentOf(certificate), contentHash, code, url, status: statusOf(platform, certificate) }));
    } catch (error) {
      if (error instanceof RequestError && error.extensions.code === 'RATE_LIMITED') {
        return answer(reply.header('retry-after', String(error.parameters.seconds)), 429, noticePage(locale, 'throttled'));
      }
      throw error;
    }
  });

  server.get<{ Params: { token: string } }>('/certificates/documents/:token', async (request, reply) => {
    const address = addressed(secret, request.params.token, 'CERTIFICATE', clock.now() ?? new Date());
    const session = new Session(dataSource, anonymous, clock);
    const certificate = address && (await session.through('records', address.networkId, (tx) => tx.find(ServiceCertificate, address.fileId)));
    if (!certificate) return reply.callNotFound();
    const { contentHash, code } = certificate;
    const status = statusOf(platform, certificate);
    const url = verificationUrlOf(platform, certificate);
    const view = { content: contentOf(certificate), contentHash, code, url, status: status === 'VALID' ? null : status };
    return answer(reply, 200, certificatePage(localeOf(request.headers['accept-language']), view));
  });
}
