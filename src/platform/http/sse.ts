import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GraphQLError, type ExecutionResult } from 'graphql';
import { endings, type Ending } from '../events/endings';
import { isRefused, type Subscriptions } from '../events/subscriptions';
import type { Platform } from '../graphql/context';
import { RequestError } from '../graphql/errors';
import { localeOf, translate, type Locale } from '../i18n/translate';
import { authenticate } from './authenticate';

/** What a client asks for, by the body or the query of its request. */
interface Operation {
  query: string;
  operationName: string | undefined;
  variables: Record<string, unknown>;
}

/** Something to keep a connection alive that says nothing. */
const NOTHING = ':\n\n';
const next = (result: ExecutionResult) => `event: next\ndata: ${JSON.stringify(result)}\n\n`;
/** How long a client may take to read the end. */
const FAREWELL_MS = 5_000;
const COMPLETE = 'event: complete\ndata:\n\n';

/**
 * Serves subscriptions as Server-Sent Events, by the GraphQL over SSE protocol with a connection for each operation; who
 * asks stands in the headers.
 */
export function serveEventStream(server: FastifyInstance, platform: Platform, subscriptions: Subscriptions): void {
  const { config, tokens } = platform;
  const serve = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const locale = localeOf(request.headers['accept-language']);
    const operation = operationIn(request);
    if (!/text\/event-stream|\*\/\*/.test(request.headers.accept ?? '*/*')) return refuse(reply, 406, locale);
    if (!operation) return refuse(reply, 400, locale);
    const { expiresAt, ...caller } = await authenticate(request.headers, tokens);
    const write = streamOf(reply);
    const { raw } = reply;
    let finished = false;
    const finish = (last = '') => {
      if (finished) return;
      finished = true;
      raw.end(last + COMPLETE);
      setTimeout(() => raw.destroy(), FAREWELL_MS).unref();
    };
    const ends = (ending: Ending) => {
      const [code, key] = endings[ending].error;
      finish(next({ errors: [new GraphQLError(translate(locale, key), { extensions: { code } })] }));
    };
    const asked = { ...operation, caller, locale, correlationId: request.id, address: request.ip };
    const stream = await subscriptions.subscribe(asked, ends);
    if (isRefused(stream)) {
      finish(next({ errors: stream }));
      return reply;
    }
    const expiry = expiresAt === null ? undefined : setTimeout(() => { ends('EXPIRED'); stream.end(); }, expiresAt - Date.now()).unref();
    const alive = setInterval(() => void write(NOTHING), config.subscriptions.pingMs).unref();
    raw.once('close', () => stream.end());
    if (raw.destroyed) stream.end();
    void (async () => {
      for await (const result of stream) await write(next(result));
      clearTimeout(expiry);
      clearInterval(alive);
      finish();
    })();
    return reply;
  };
  server.route({ method: ['GET', 'POST'], url: '/graphql/stream', handler: serve });
}

/** What is asked for; null when it cannot be made out. */
function operationIn({ method, body, query }: FastifyRequest): Operation | null {
  const given = (method === 'POST' ? body : query) as { query?: unknown; operationName?: unknown; variables?: unknown } | null;
  const variables = typeof given?.variables === 'string' ? parsed(given.variables) : (given?.variables ?? {});
  if (typeof given?.query !== 'string' || typeof variables !== 'object' || variables === null || Array.isArray(variables)) return null;
  return {
    query: given.query,
    operationName: typeof given.operationName === 'string' ? given.operationName : undefined,
    variables: variables as Record<string, unknown>,
  };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

function refuse(reply: FastifyReply, status: 400 | 406, locale: Locale): FastifyReply {
  const { key, extensions } = new RequestError('BAD_USER_INPUT', status === 400 ? 'request.body' : 'subscription.accept');
  return reply.status(status).send({ errors: [{ message: translate(locale, key), extensions }] });
}

/** Begins an answer that goes on. @returns what writes a part of it, and waits until the client has taken it */
function streamOf(reply: FastifyReply): (part: string) => Promise<void> {
  reply.hijack();
  const { raw } = reply;
  raw.on('error', () => undefined);
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // A proxy that collects answers would keep it to itself.
    'x-accel-buffering': 'no',
  });
  raw.write(NOTHING);
  return (part) =>
    new Promise((taken) => {
      if (raw.writableEnded || raw.destroyed) taken();
      else raw.write(part, () => taken());
    });
}
