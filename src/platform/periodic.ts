import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';

/** A job that runs again and again until it is stopped. */
export interface Periodic {
  /** Starts no further run; resolves when the one under way has ended. */
  stop(): Promise<void>;
}

/** Runs a job at once and then so many milliseconds after each end, so never twice at a time; its errors are logged. */
export function periodically(name: string, everyMs: number, job: () => Promise<unknown>, log: Logger): Periodic {
  const stopped = new AbortController();
  const ended = (async () => {
    while (!stopped.signal.aborted) {
      try {
        await job();
      } catch (error) {
        log.error({ err: error, job: name }, 'a periodic job failed');
      }
      await pause(everyMs, undefined, { signal: stopped.signal, ref: false }).catch(() => undefined);
    }
  })();
  return {
    stop() {
      stopped.abort();
      return ended;
    },
  };
}
