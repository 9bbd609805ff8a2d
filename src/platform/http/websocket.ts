import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { CloseCode, handleProtocols, makeServer } from 'graphql-ws';
import { WebSocketServer, type WebSocket } from 'ws';
import { endings, type Ending } from '../events/endings';
import { isRefused, type Stream, type Subscriptions } from '../events/subscriptions';
import { RequestContext, type Platform } from '../graphql/context';
import { RequestError } from '../graphql/errors';
import { localeOf } from '../i18n/translate';
import { authenticate, type Authenticated } from './authenticate';

/** Where a WebSocket is opened. */
const PATH = '/graphql';
/** How long a client may take to say who it is. */
const INTRODUCTION_MS = 3_000;
/** How many bytes wait at most for a client that takes them slowly. */
const MOST_UNSENT = 1_000_000;
/** How long a client may take to answer that it is being closed, and how long when the process is about to end. */
const FAREWELL_MS = 5_000;
const LAST_FAREWELL_MS = 1_000;

/** The connection of one client. */
interface Connection {
  socket: WebSocket;
  address: string;
  /** Who it is; null until it has said so. */
  caller: Authenticated | null;
  headers: IncomingHttpHeaders;
  /** Undone when the socket is closed. */
  release: (() => void)[];
}

/** Serves subscriptions over WebSocket by the protocol graphql-transport-ws; who asks stands in the payload of connection_init. */
export function serveWebSocket(server: FastifyInstance, platform: Platform, subscriptions: Subscriptions): void {
  const { config, log, tokens } = platform;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: config.limits.bodyBytes, handleProtocols: (offered) => handleProtocols(offered) });
  const perViewer = new Map<string, number>();

  const close = (socket: WebSocket, code: number, reason: string): false => {
    socket.close(code, reason);
    setTimeout(() => socket.terminate(), FAREWELL_MS).unref();
    return false;
  };
  const end = (socket: WebSocket, ending: Ending) => close(socket, ...endings[ending].close);

  /** Lets a client in, or closes its socket: 4401 when its token does not count, 4403 when what it stands for does not any more. */
  async function admit({ extra: connection, connectionParams = {} }: { extra: Connection; connectionParams?: Record<string, unknown> }): Promise<boolean> {
    const { socket } = connection;
    connection.headers = headersOf(connectionParams);
    const caller = await authenticate(connection.headers, tokens);
    const { fault, userId, expiresAt } = caller;
    if (fault?.key === 'auth.expired') return end(socket, 'EXPIRED');
    if (userId === null || expiresAt === null) return fault?.extensions.code === 'BAD_USER_INPUT' ? false : close(socket, CloseCode.Unauthorized, 'Unauthorized');
    const refused = await refusal(connection, caller);
    if (refused) return refused.extensions.code === 'SERVICE_BUSY' ? end(socket, 'BUSY') : false;
    if (socket.readyState !== socket.OPEN) return false;
    const own = perViewer.get(userId) ?? 0;
    if (own >= config.subscriptions.perViewer) return close(socket, CloseCode.TooManyInitialisationRequests, 'Too many connections');
    perViewer.set(userId, own + 1);
    const expiry = setTimeout(() => end(socket, 'EXPIRED'), expiresAt - Date.now()).unref();
    connection.caller = caller;
    connection.release.push(() => {
      clearTimeout(expiry);
      const left = perViewer.get(userId)! - 1;
      if (left > 0) perViewer.set(userId, left);
      else perViewer.delete(userId);
    });
    return true;
  }

  /** Why the database does not know the caller as who the token says. */
  async function refusal({ headers, address }: Connection, caller: Authenticated): Promise<RequestError | null> {
    const context = new RequestContext(platform, caller, localeOf(headers['accept-language']), randomUUID(), address);
    try {
      await context.actor();
      return null;
    } catch (error) {
      if (error instanceof RequestError) return error;
      log.error({ err: error }, 'a client could not be let in');
      return new RequestError('SERVICE_BUSY', 'request.busy');
    } finally {
      void context.close();
    }
  }

  const protocol = makeServer<Record<string, unknown>, Connection>({
    connectionInitWaitTimeout: INTRODUCTION_MS,
    onConnect: (connection) => admit(connection),
    async onSubscribe({ extra: { socket, caller, headers, address } }, _id, { query, operationName, variables }) {
      const answer = await subscriptions.subscribe(
        {
          query,
          operationName: operationName ?? undefined,
          variables: variables ?? {},
          caller: caller!,
          locale: localeOf(headers['accept-language']),
          correlationId: randomUUID(),
          address,
        },
        (ending) => end(socket, ending),
      );
      if (isRefused(answer)) return answer;
      // The library looks at the operation again, and takes what subscribing gives: the stream that is there.
      const { schema, documents } = subscriptions;
      return { schema, document: documents.subscription(query, operationName ?? undefined).document, operationName, contextValue: answer };
    },
    subscribe: ({ contextValue }) => contextValue as Stream,
    onClose: ({ extra }) => {
      for (const undo of extra.release.splice(0)) undo();
    },
  });

  sockets.on('connection', (socket: WebSocket, request: IncomingMessage) => {
    socket.on('error', (error) => log.debug({ err: error }, 'a WebSocket failed'));
    const connection: Connection = { socket, address: request.socket.remoteAddress ?? '', caller: null, headers: {}, release: [] };
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (data) =>
          new Promise((sent, failed) => {
            if (socket.readyState !== socket.OPEN) return sent();
            if (socket.bufferedAmount > MOST_UNSENT) {
              end(socket, 'SLOW');
              return sent();
            }
            socket.send(data, (error) => (error ? failed(error) : sent()));
          }),
        close: (code, reason) => void close(socket, code ?? CloseCode.InternalServerError, reason ?? ''),
        onMessage: (hear) =>
          socket.on('message', (data: Buffer) => {
            hear(data.toString()).catch((error: unknown) => {
              if (socket.readyState !== socket.OPEN) return;
              log.error({ err: error }, 'a message of a WebSocket could not be answered');
              close(socket, CloseCode.InternalServerError, 'Internal server error');
            });
          }),
      },
      connection,
    );
    connection.release.push(watch(socket, config.subscriptions.pingMs));
    socket.once('close', (code, reason) => void closed(code, reason.toString()));
  });

  server.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => undefined);
    if (request.url?.split('?')[0] !== PATH) return void socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
    sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit('connection', opened, request));
  });

  server.addHook('preClose', async () => {
    const left = [...sockets.clients].map((socket) => new Promise((gone) => socket.once('close', gone)));
    for (const socket of sockets.clients) end(socket, 'STOPPING');
    const cut = setTimeout(() => {
      for (const socket of sockets.clients) socket.terminate();
    }, LAST_FAREWELL_MS);
    await Promise.all(left);
    clearTimeout(cut);
  });
}

/** The payload of connection_init as headers, whose names any client may spell as it likes. */
function headersOf(payload: Record<string, unknown>): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(payload).flatMap(([name, value]) => (typeof value === 'string' ? [[name.toLowerCase(), value]] : [])));
}

/** Drops a client of whom nothing was heard from one time to the next. @returns what ends it */
function watch(socket: WebSocket, everyMs: number): () => void {
  let answered = true;
  for (const sign of ['pong', 'message']) socket.on(sign, () => (answered = true));
  const asking = setInterval(() => {
    if (!answered) return socket.terminate();
    answered = false;
    if (socket.readyState === socket.OPEN) socket.ping();
  }, everyMs).unref();
  return () => clearInterval(asking);
}
