import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import Redis from 'ioredis';
import type { DataSource } from 'typeorm';
import type { MessageSource } from './bus';
import { ASK_MS, Heard, Listener, markOf, messageIn, toldSince, type ListenerParts } from './listen';
import { CHANNEL, type Message } from './publish';
import { periodically, type Periodic } from '../periodic';

/** Which process listens to PostgreSQL for all of them, for how long unless it says so again, and how often it does. */
const LEASE = `${CHANNEL}:relay`;
const LEASE_MS = 6_000;
const RENEW_MS = 2_000;
/** The longest wait before connecting to Redis again. */
const LONGEST_MS = 500;
/** How long until it is tried again to read what was missed. */
const AGAIN_MS = 1_000;
/** Takes the lease when nobody else holds it, or renews it. */
const TAKE = `local holder = redis.call('get', KEYS[1])
  if holder and holder ~= ARGV[1] then return 0 end
  redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return 1`;
/** Gives it back to whoever comes next. */
const GIVE_BACK = `if redis.call('get', KEYS[1]) == ARGV[1] then redis.call('del', KEYS[1]) end return 1`;

export interface RedisListenerParts extends ListenerParts {
  redisUrl: string;
  dataSource: DataSource;
}

/**
 * Hears what Redis tells. What PostgreSQL tells comes there by a relay: one of the processes, whichever holds the lease,
 * listens and publishes. So nobody who commits waits for Redis, and what was committed while Redis or the relay was away
 * is read from the events by whoever missed it. The worker could publish instead, but then what is told would wait in its
 * queue, and not at all be told without a worker.
 */
export class RedisListener implements MessageSource {
  private readonly id = randomUUID();
  private readonly publisher: Redis;
  private readonly subscriber: Redis;
  private readonly heard = new Heard();
  private relay: Listener | null = null;
  private jobs: Periodic[] = [];
  private stopped = false;
  private hear: (message: Message) => void = () => undefined;

  constructor(private readonly parts: RedisListenerParts) {
    const connect = (more: object) => {
      const redis = new Redis(parts.redisUrl, { lazyConnect: true, retryStrategy: (tries) => Math.min(tries * 50, LONGEST_MS), ...more });
      return redis.on('error', (error) => parts.log.debug({ err: error }, 'Redis does not answer'));
    };
    // What is asked of it while it is away is told by the events once more.
    this.publisher = connect({ enableOfflineQueue: false });
    this.subscriber = connect({ maxRetriesPerRequest: null });
  }

  async start(hear: (message: Message) => void): Promise<void> {
    this.hear = (message) => {
      if (this.heard.isNew(message)) hear(message);
    };
    this.subscriber.on('message', (_channel, text) => {
      const message = messageIn(text);
      if (message) this.hear(message);
    });
    void this.publisher.connect().catch(() => undefined);
    await new Promise<void>((ready) => {
      // Each time that it is connected, also after having been away.
      this.subscriber.on('ready', () => void this.catchUp().then(ready));
      void this.subscriber.connect().catch(() => undefined);
    });
    if (this.stopped) return;
    const { log } = this.parts;
    this.jobs = [
      periodically('events heard', ASK_MS, async () => this.subscriber.status === 'ready' && this.heard.note(await this.mark()), log),
      periodically('relay of events', RENEW_MS, () => this.lead(), log),
    ];
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.jobs.map((job) => job.stop()));
    await this.follow();
    await this.publisher.eval(GIVE_BACK, 1, LEASE, this.id).catch(() => undefined);
    this.publisher.disconnect();
    this.subscriber.disconnect();
  }

  private query = <Row extends object>(text: string, values: unknown[] = []) => this.parts.dataSource.query<Row[]>(text, values);
  private mark = () => markOf(this.query);

  /** Hears from Redis, and reads what was told before it did. */
  private async catchUp(): Promise<void> {
    try {
      await this.subscriber.subscribe(CHANNEL);
      const { since } = this.heard;
      const mark = await this.mark();
      if (since) for await (const message of toldSince(this.query, since)) this.hear(message);
      this.heard.note(mark);
    } catch (error) {
      if (this.subscriber.status !== 'ready') return new Promise(() => undefined);
      this.parts.log.warn({ err: error }, 'what was missed could not be read: trying again');
      await pause(AGAIN_MS, undefined, { ref: false });
      return this.catchUp();
    }
  }

  /** Takes the lease when nobody has it, and relays for as long as it is held. */
  private async lead(): Promise<void> {
    const { publisher, id } = this;
    const leads = await publisher.eval(TAKE, 1, LEASE, id, LEASE_MS).catch(() => 0);
    if (leads !== 1) return this.follow();
    if (this.relay) return;
    // From where this process has heard all: whoever led before may have missed what came after.
    this.relay = new Listener({ ...this.parts, since: this.heard.since });
    void this.relay.start((message) => {
      // What Redis did not take is published once more, by who leads next.
      publisher.publish(CHANNEL, JSON.stringify(message)).catch(() => void this.follow());
    });
  }

  private async follow(): Promise<void> {
    const { relay } = this;
    this.relay = null;
    await relay?.stop();
  }
}
