import type { Logger } from 'pino';

/** How soon after the first signal a second one is the same key press, told twice (npm passes signals on). */
const SAME_SIGNAL_MS = 1_000;

/** Work was given up because the process is to end. */
export class Stopped extends Error {}

/** What a process has started, to be stopped in the opposite order when it is told to end. */
export class Running {
  private readonly steps: { what: string; stop: () => Promise<unknown> }[] = [];
  private stopping: Promise<void> | null = null;
  private asked = 0;

  /** Listens to the signals that end a process; a second one, later, ends it at once. @param stop what the first one does */
  listen(stop: () => void): void {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (this.asked === 0) {
          this.asked = Date.now();
          stop();
        } else if (Date.now() - this.asked > SAME_SIGNAL_MS) {
          process.exit(130);
        }
      });
    }
  }

  /** Whether the process was told to end. */
  get ending(): boolean {
    return this.asked !== 0;
  }

  /** Notes something that was started. @throws Stopped when the process was told to end meanwhile */
  add(what: string, stop: () => Promise<unknown>): void {
    this.steps.push({ what, stop });
    this.check();
  }

  /** @throws Stopped when the process was told to end */
  check(): void {
    if (this.ending) throw new Stopped();
  }

  /** Stops everything, last started first; what cannot be stopped is logged and does not keep the rest running. */
  stop(log?: Logger): Promise<void> {
    return (this.stopping ??= (async () => {
      for (const { what, stop } of this.steps.reverse()) {
        try {
          await stop();
        } catch (error) {
          log?.error({ err: error }, `${what} could not be stopped`);
        }
      }
    })());
  }
}
