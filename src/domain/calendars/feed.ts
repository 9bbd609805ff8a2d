import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { anonymous, Session } from '../../platform/database/session';
import type { Platform } from '../../platform/graphql/context';
import { RequestError } from '../../platform/graphql/errors';
import type { Locale } from '../../platform/i18n/translate';
import { calendarText } from './ical';
import type { Feed } from './model';
import { BEGIN_FEED, readFeed } from './reads';
import { feedOf } from './token';

/** How often one calendar is read in a while, by each process: programs do so every few minutes, people a few times in a row. */
export const MOST_READS = 60;
const WINDOW_SECONDS = 600;
/** When a program is to come back after a fault of ours. */
const RETRY_SECONDS = 30;

/** A calendar as its text; null when its URL was revoked, or who it belongs to may not read it now. */
async function textOf({ dataSource, clock, config }: Platform, feed: Feed): Promise<string | null> {
  const session = new Session(dataSource, anonymous, clock, Date.now() + config.limits.requestMs, BEGIN_FEED(feed));
  try {
    const read = await readFeed(session, feed);
    if (read === null) return null;
    const { timeZone, organizationId, userLocale, now } = read.actor;
    return calendarText({ kind: feed.kind, name: read.name, organizationId, timeZone, locale: userLocale as Locale, entries: read.entries, activities: read.activities, now });
  } catch (error) {
    if (error instanceof RequestError && error.extensions.code === 'UNAUTHENTICATED') return null;
    throw error;
  } finally {
    void session.close();
  }
}

const isBusy = (error: unknown): boolean =>
  error instanceof RequestError && ['SERVICE_BUSY', 'REQUEST_TIMEOUT'].includes(error.extensions.code as string);

/** Whether an If-None-Match header (RFC 9110) has the tag. */
const hasTag = (header: string | undefined, tag: string): boolean =>
  header !== undefined && (header.trim() === '*' || [...header.matchAll(/"[^"]*"/g)].some(([candidate]) => candidate === tag));

/** Serves calendars under `/calendars/`. A URL that was revoked, or is of nobody who may read it now, finds nothing, like one that never was. */
export function serveCalendars(server: FastifyInstance, platform: Platform): void {
  const reads = new RateLimiterMemory({ points: MOST_READS, duration: WINDOW_SECONDS });
  server.get<{ Params: { token: string } }>('/calendars/:token.ics', async (request, reply) => {
    const { token } = request.params;
    const feed = feedOf(platform.secret, token);
    if (!feed) return reply.callNotFound();
    try {
      await reads.consume(token);
      const text = await textOf(platform, feed);
      if (text === null) return reply.callNotFound();
      const tag = `"${createHash('sha256').update(text).digest('base64url')}"`;
      reply.header('etag', tag).header('cache-control', 'private, no-cache');
      if (hasTag(request.headers['if-none-match'], tag)) return reply.status(304).send();
      return reply.type('text/calendar; charset=utf-8').header('content-disposition', 'inline; filename="calendar.ics"').send(text);
    } catch (error) {
      if (error instanceof RateLimiterRes) return reply.status(429).header('retry-after', Math.ceil(error.msBeforeNext / 1000)).send();
      if (isBusy(error)) return reply.status(503).header('retry-after', RETRY_SECONDS).send();
      throw error;
    }
  });
}
