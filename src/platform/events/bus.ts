import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver';
import { Listener } from './listen';
import type { Message } from './publish';

/** Where messages come from, each once. */
export interface MessageSource {
  /** Hears from now on. @returns once it does for the first time; it goes on trying by itself */
  start(hear: (message: Message) => void): Promise<void>;
  stop(): Promise<void>;
}

/** What is told everywhere, handed on to those in this process who follow a network. */
export class Bus {
  private readonly followers = new Map<string, Set<(message: Message) => void>>();
  private started: Promise<void> | null = null;

  constructor(private readonly source: MessageSource) {}

  /** Begins to hear; resolves once it does. */
  start(): Promise<void> {
    return (this.started ??= this.source.start((message) => {
      for (const hear of this.followers.get(message.networkId) ?? []) hear(message);
    }));
  }

  /** Hears what happens in a network from now on. @returns what ends it */
  follow(networkId: string, hear: (message: Message) => void): () => void {
    const following = this.followers.get(networkId) ?? new Set();
    this.followers.set(networkId, following.add(hear));
    return () => {
      following.delete(hear);
      if (following.size === 0 && this.followers.get(networkId) === following) this.followers.delete(networkId);
    };
  }

  async stop(): Promise<void> {
    if (this.started) await this.source.stop();
  }
}

/** What the configuration has messages come by: PostgreSQL, or Redis for installations of many processes. */
export async function createBus(redisUrl: string | null, dataSource: DataSource, log: Logger): Promise<Bus> {
  const { url } = (dataSource.driver as PostgresDriver).options;
  const listener = { databaseUrl: url!, log };
  if (redisUrl === null) return new Bus(new Listener(listener));
  const { RedisListener } = await import('./listen-redis');
  return new Bus(new RedisListener({ ...listener, redisUrl, dataSource }));
}
