import { setTimeout as pause } from 'node:timers/promises';
import { Pool, type PoolClient } from 'pg';
import { connectionFault } from '../database/session';

/** How long until a connection is asked for again. */
const AGAIN_MS = 200;
/** How often it is looked whether all connections have been given back. */
const LOOK_MS = 10;

/** As the library of the jobs knows what is worth another try, which it makes soon. */
const worthAnother = (error: unknown): Error => (connectionFault(error) ? Object.assign(new Error((error as Error).message, { cause: error }), { code: '40001' }) : (error as Error));

/**
 * The connections of the worker, which outlives the loss of any of them. The library does not wait for the statements
 * that end a job, and one that fails for want of a connection would end the process: so a connection is waited for until
 * there is one, and a statement whose connection was lost is tried again.
 */
export class LastingPool extends Pool {
  private stopped = false;

  override connect(): Promise<PoolClient>;
  override connect(callback: (error: Error | undefined, client: PoolClient | undefined, done: (release?: unknown) => void) => void): void;
  override connect(callback?: (error: Error | undefined, client: PoolClient | undefined, done: (release?: unknown) => void) => void): Promise<PoolClient> | void {
    // The one that listens is renewed by the library itself.
    if (callback) return super.connect(callback);
    return this.lasting();
  }

  private async lasting(): Promise<PoolClient> {
    for (;;) {
      // Whoever still asks is not heard any more.
      if (this.stopped) await new Promise<never>(() => undefined);
      try {
        const client = await super.connect();
        return this.sturdy(client);
      } catch (error) {
        if (!this.stopped && !connectionFault(error)) throw error;
        await pause(AGAIN_MS, undefined, { ref: false });
      }
    }
  }

  /** A client of the pool as one user has it: it tells a lost connection as what is worth another try, and does not come back to the pool then. */
  private sturdy(client: PoolClient): PoolClient {
    let lost: Error | undefined;
    return Object.create(client, {
      query: {
        value: (...asked: [never]) =>
          (client.query(...asked) as unknown as Promise<unknown>).catch((error: unknown) => {
            if (connectionFault(error)) lost = error as Error;
            throw worthAnother(error);
          }),
      },
      release: { value: () => client.release(lost) },
    }) as PoolClient;
  }

  /** Closes all once they have been given back, or when that takes too long. */
  async close(mostMs: number): Promise<void> {
    for (const until = Date.now() + mostMs; Date.now() < until && (this.waitingCount > 0 || this.idleCount < this.totalCount); ) await pause(LOOK_MS);
    this.stopped = true;
    await Promise.race([this.end(), pause(mostMs, undefined, { ref: false })]);
  }
}
