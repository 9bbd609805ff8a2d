import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { keptIn, sealingOf, secretOf, type Config } from './config';
import { serveCalendars } from './domain/calendars/feed';
import { serveCertificates } from './domain/certificates/serving';
import { servePersonalData } from './domain/volunteers/export';
import { serveFiles } from './domain/files/serving';
import { explorer, type SampleSignIn } from './explorer';
import { databaseClock, type Clock } from './platform/clock';
import { createBus } from './platform/events/bus';
import { watchJobs } from './platform/events/metrics';
import { Subscriptions } from './platform/events/subscriptions';
import { BucketStorage, FolderStorage } from './platform/files/storage';
import { Api } from './platform/graphql/api';
import { Cursors } from './platform/graphql/connection';
import type { Platform } from './platform/graphql/context';
import { serveConsole } from './platform/http/console';
import { Metrics } from './platform/http/metrics';
import { createServer } from './platform/http/server';
import { serveEventStream } from './platform/http/sse';
import { serveWebSocket } from './platform/http/websocket';
import { Passwords } from './platform/identity/passwords';
import { Signatures } from './platform/identity/signatures';
import { Throttle } from './platform/identity/throttle';
import { newTokenKey, Tokens, type TokenKeys } from './platform/identity/tokens';
import { buildApiSchema } from './schema';

/** What an API process is made of, once its database is there. */
export interface AppParts {
  config: Config;
  /** Connected as the application role. */
  dataSource: DataSource;
  log: Logger;
  clock?: Clock;
  /** Accounts that the explorer page signs in at a click. */
  sampleSignIns?: readonly SampleSignIn[];
}

/** An API that can be listened with. */
export interface App {
  server: FastifyInstance;
  schema: GraphQLSchema;
  platform: Platform;
  /** Ends what is under way and stops; the data source stays open. */
  close: () => Promise<void>;
}

/** The file in the data directory that keeps the token keys when none are configured. */
export const tokenKeysFile = (config: Config): string => join(config.dataDirectory, 'token-keys.json');

/** The keys that were configured, or else are kept in a file, made at the first start. */
async function keysOf(configured: string | null, file: string): Promise<TokenKeys> {
  if (configured !== null) return JSON.parse(configured) as TokenKeys;
  const fresh = await newTokenKey();
  return JSON.parse(keptIn(file, () => JSON.stringify({ keys: [fresh] }))) as TokenKeys;
}

/** Puts the API together; nothing listens yet. */
export async function createApp({ config, dataSource, log, clock = databaseClock, sampleSignIns = [] }: AppParts): Promise<App> {
  const secret = secretOf(config);
  const { accessSeconds, refreshDays } = config.tokens;
  const platform: Platform = {
    config,
    dataSource,
    clock,
    log,
    secret,
    cursors: new Cursors(secret),
    tokens: await Tokens.create(await keysOf(config.tokens.keys, tokenKeysFile(config)), { access: accessSeconds, refresh: refreshDays * 86_400 }),
    passwords: await Passwords.create(),
    sealing: sealingOf(config),
    signatures: new Signatures(await keysOf(config.certificateKeys, join(config.dataDirectory, 'certificate-keys.json'))),
    throttle: new Throttle(dataSource, secret, config.tries),
    files: config.filesBucket ? new BucketStorage(config.filesBucket) : new FolderStorage(join(config.dataDirectory, 'files')),
    bus: await createBus(config.subscriptions.redisUrl, dataSource, log),
  };
  const metrics = new Metrics(dataSource);
  watchJobs(metrics.registry, dataSource);
  const schema = buildApiSchema();
  const api = await Api.create(schema, platform, metrics);
  const server = await createServer(platform, api, metrics);
  const subscriptions = new Subscriptions(schema, platform, api, metrics.registry);
  server.addHook('preClose', async () => subscriptions.stop());
  serveWebSocket(server, platform, subscriptions);
  serveEventStream(server, platform, subscriptions);
  // Nobody's request waits until it hears; who subscribes before does.
  server.addHook('onListen', () => void platform.bus.start());
  serveCalendars(server, platform);
  servePersonalData(server, platform);
  await serveFiles(server, platform);
  serveCertificates(server, platform);
  if (config.explorer) await serveConsole(server, explorer(config, dataSource, sampleSignIns));
  return {
    server,
    schema,
    platform,
    close: async () => {
      await Promise.all([server.close(), platform.bus.stop()]);
      await api.stop();
    },
  };
}
