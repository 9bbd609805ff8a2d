import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** The explorer page and what it starts from. */
export interface ConsoleParts {
  /** The folder that the page was built into. */
  directory: string;
  /** What the page reads as config.json, each time that it is opened. */
  config: () => Promise<object>;
}

/** Only what is served here runs and is asked; Monaco writes its styles as elements of the page. */
const contentSecurityPolicy = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    workerSrc: ["'self'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:'],
    fontSrc: ['data:'],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
};

/** Names stay the same from build to build, so that a browser asks each time whether its copy is still the newest. */
const CACHE = 'no-cache';

/** Serves the explorer page at `/` and what it needs under `/console/`. */
export async function serveConsole(server: FastifyInstance, { directory, config }: ConsoleParts): Promise<void> {
  if (!existsSync(join(directory, 'index.html'))) {
    server.get('/', async (_request, reply) => reply.status(503).type('text/plain; charset=utf-8').send('The explorer page is not built: run npm run build, then start again.\n'));
    return;
  }
  await server.register(fastifyStatic, {
    root: directory,
    prefix: '/console/',
    index: false,
    redirect: false,
    cacheControl: false,
    preCompressed: true,
    setHeaders: (reply) => void reply.header('cache-control', CACHE),
  });
  server.get('/', { helmet: { contentSecurityPolicy } }, async (_request, reply) => reply.sendFile('index.html'));
  server.get('/console/config.json', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    return config();
  });
}
