import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type Api, HeaderMap } from '../graphql/api';
import { RequestContext, type Platform } from '../graphql/context';
import { localeOf, translate } from '../i18n/translate';
import { authenticate } from './authenticate';
import type { Metrics } from './metrics';

const CORRELATION_ID = /^[\w.-]{8,64}$/;

/** The HTTP server: the GraphQL endpoint, health and metrics. What else there is to serve registers itself on it. */
export async function createServer(platform: Platform, api: Api, metrics: Metrics): Promise<FastifyInstance> {
  const { config, log } = platform;
  const loggerInstance: FastifyBaseLogger = log;
  const server = Fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: config.limits.bodyBytes,
    trustProxy: config.trustProxy,
    requestTimeout: config.limits.requestMs,
    connectionTimeout: config.limits.requestMs * 2,
    // How often Node looks for requests that take too long to arrive.
    http: { connectionsCheckingInterval: Math.min(config.limits.requestMs, 5_000) },
    forceCloseConnections: 'idle',
    genReqId: (request) => {
      const given = request.headers['x-correlation-id'];
      return typeof given === 'string' && CORRELATION_ID.test(given) ? given : randomUUID();
    },
  });

  // Clients hold connections ready that they have not used yet; closing the server would wait for them.
  const sockets = new Set<Socket>();
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.addHook('preClose', async () => {
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  });

  // JSON alone is taken, so that no form of another site is.
  server.removeContentTypeParser('text/plain');
  server.addHook('onRequest', async (request, reply) => {
    reply.header('x-correlation-id', request.id);
  });
  server.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    metrics.answered(route, reply.statusCode, reply.elapsedTime / 1000);
    log.debug({ correlationId: request.id, method: request.method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) }, 'answered');
  });
  server.setErrorHandler(async (error: Error & { statusCode?: number; code?: string }, request, reply) => {
    const status = error.statusCode && error.statusCode >= 400 && error.statusCode < 500 ? error.statusCode : 500;
    if (status === 500) log.error({ err: error, correlationId: request.id }, 'a request failed');
    const message =
      status === 500 ? translate(localeOf(request.headers['accept-language']), 'request.internal', { correlationId: request.id }) : error.message;
    const code = status === 500 ? 'INTERNAL_SERVER_ERROR' : status === 413 ? 'PAYLOAD_TOO_LARGE' : 'BAD_REQUEST';
    return reply.status(status).send({ errors: [{ message, extensions: { code, correlationId: request.id } }] });
  });

  server.setNotFoundHandler(async (request, reply) => {
    const message = translate(localeOf(request.headers['accept-language']), 'request.notFound');
    return reply.status(404).send({ errors: [{ message, extensions: { code: 'NOT_FOUND', correlationId: request.id } }] });
  });

  await server.register(helmet, {
    // HSTS is for whoever ends TLS in front.
    hsts: false,
    // Nothing here is a page; the explorer's says what it needs.
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"], frameAncestors: ["'none'"] },
    },
  });
  await server.register(cors, {
    origin: config.corsOrigins.length ? config.corsOrigins : false,
    methods: ['GET', 'POST', 'PUT'],
    allowedHeaders: ['authorization', 'content-type', 'accept-language', 'x-network', 'x-membership', 'x-correlation-id', 'apollo-require-preflight'],
    exposedHeaders: ['x-correlation-id'],
    maxAge: 86_400,
  });

  const graphql = async (request: FastifyRequest, reply: FastifyReply) => {
    const caller = await authenticate(request.headers, platform.tokens);
    const context = new RequestContext(platform, caller, localeOf(request.headers['accept-language']), request.id, request.ip);
    try {
      const headers = new HeaderMap();
      for (const [name, value] of Object.entries(request.headers)) {
        if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
      }
      const query = request.url.indexOf('?');
      const response = await api.answer(
        { method: request.method, headers, body: request.body ?? null, search: query < 0 ? '' : request.url.slice(query) },
        context,
      );
      for (const [name, value] of response.headers) reply.header(name, value);
      reply.header('cache-control', 'no-store');
      reply.status(response.status ?? 200);
      if (response.body.kind !== 'complete') throw new Error('incremental delivery is not offered');
      return reply.send(response.body.string);
    } finally {
      // The answer does not wait for the end of a transaction that only read.
      void context.close();
    }
  };
  server.route({ method: ['GET', 'POST'], url: '/graphql', handler: graphql });

  server.get('/healthz', async () => ({ status: 'ok' }));
  server.get('/readyz', async (_request, reply) => {
    try {
      await platform.dataSource.query('SELECT 1');
      return { status: 'ready' };
    } catch {
      return reply.status(503).send({ status: 'waiting for the database' });
    }
  });
  server.get('/metrics', async (_request, reply) => {
    reply.header('content-type', metrics.registry.contentType);
    return metrics.registry.metrics();
  });
  return server;
}
