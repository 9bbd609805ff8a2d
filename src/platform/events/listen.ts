import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import type { Logger } from 'pino';
import type { MessageSource } from './bus';
import { CHANNEL, type Message } from './publish';

/** How often it is asked whether the connection still lives, and where the events stand. */
export const ASK_MS = 10_000;
/** How long it may take to answer. */
const ANSWER_MS = 5_000;
/** The first and the longest wait before connecting again. */
const AGAIN_MS = [50, 5_000] as const;
/** How far before a known moment is looked for what was missed: transactions commit in another order than they write. */
const OVERLAP_MS = 60_000;
/** How many missed messages are read at a time. */
const PAGE = 1_000;

/** Where the events stood at a moment, by the database. */
export interface Mark {
  place: number;
  at: Date;
  /** When it was asked for, by this process's clock: what was heard before is older. */
  asked: number;
}

/** The message in what was told; null when it is none of ours. */
export function messageIn(text: string): Message | null {
  try {
    return JSON.parse(text) as Message;
  } catch {
    return null;
  }
}

/** Runs a statement and gives its rows. */
type Query = <Row extends object>(text: string, values?: unknown[]) => Promise<Row[]>;

/** Where the events stand now. */
export async function markOf(query: Query): Promise<Mark> {
  const asked = performance.now();
  const [mark] = await query<Pick<Mark, 'place' | 'at'>>('SELECT place, at FROM app.event_mark()');
  return { ...mark!, asked };
}

/** What was told since a moment, events first. */
export async function* toldSince(query: Query, since: Mark): AsyncGenerator<Message> {
  for (let { place } = since, full = true; full; ) {
    const rows = await query<{ message: Message & { place: number } }>('SELECT app.events_after($1, $2) AS message', [place, PAGE]);
    for (const { message } of rows) yield message;
    place = rows.at(-1)?.message.place ?? place;
    full = rows.length === PAGE;
  }
  const rows = await query<{ message: Message }>('SELECT app.notifications_after($1) AS message', [since.at]);
  for (const { message } of rows) yield message;
}

/** What a process has heard lately, so that it hears nothing twice, and from where it looks for what it missed. */
export class Heard {
  private readonly marks: Mark[] = [];
  private readonly ids = new Map<string, number>();

  /** @param since from where to look the first time */
  constructor(since: Mark | null = null) {
    if (since) this.note(since);
  }

  /** Whether a message is heard for the first time; it has been then. */
  isNew({ id }: Message): boolean {
    if (this.ids.has(id)) return false;
    this.ids.set(id, performance.now());
    return true;
  }

  /** Notes that what was told up to a moment has been heard. */
  note(mark: Mark): void {
    this.marks.push(mark);
    while (this.marks.length > 1 && this.marks[1]!.asked <= mark.asked - OVERLAP_MS) this.marks.shift();
    // What was heard before the first of them is not read again.
    for (const [id, heard] of this.ids) {
      if (heard >= this.marks[0]!.asked) return;
      this.ids.delete(id);
    }
  }

  /** From where to look for what was missed; null when nothing was heard yet. */
  get since(): Mark | null {
    return this.marks[0] ?? null;
  }
}

export interface ListenerParts {
  /** As the application role, past any pooler that shares connections among transactions. */
  databaseUrl: string;
  log: Logger;
  /** From where to begin; from now on when not given. */
  since?: Mark | null;
}

/**
 * Hears what PostgreSQL tells, by one connection of its own. When that breaks it connects again and reads what it has
 * missed meanwhile: nothing is lost, and nothing heard twice.
 */
export class Listener implements MessageSource {
  private readonly stopping = new AbortController();
  private readonly heard: Heard;
  private running: Promise<void> | null = null;

  constructor(private readonly parts: ListenerParts) {
    this.heard = new Heard(parts.since);
  }

  start(hear: (message: Message) => void): Promise<void> {
    return new Promise((ready) => {
      this.running = this.run(hear, ready);
    });
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(hear: (message: Message) => void, ready: () => void): Promise<void> {
    const { signal } = this.stopping;
    const { log } = this.parts;
    let wait: number = AGAIN_MS[0];
    while (!signal.aborted) {
      try {
        await this.listen(hear, () => {
          wait = AGAIN_MS[0];
          ready();
        });
      } catch (error) {
        if (!signal.aborted) log.warn({ err: error }, 'the connection that listens was lost: connecting again');
      }
      await pause(wait, undefined, { signal, ref: false }).catch(() => undefined);
      wait = Math.min(wait * 2, AGAIN_MS[1]);
    }
  }

  /** Listens by one connection until it breaks or is not needed any more. */
  private async listen(hear: (message: Message) => void, listening: () => void): Promise<void> {
    const client = new Client({
      connectionString: this.parts.databaseUrl,
      application_name: 'youth-network-listener',
      keepAlive: true,
      connectionTimeoutMillis: ANSWER_MS,
      query_timeout: ANSWER_MS,
    });
    const { signal } = this.stopping;
    const broken = new AbortController();
    client.on('error', () => undefined);
    client.once('end', () => broken.abort());
    // What comes while it is read what was missed waits for its turn.
    let held: Message[] | null = [];
    const take = (message: Message) => {
      if (this.heard.isNew(message)) hear(message);
    };
    client.on('notification', ({ payload }) => {
      const message = messageIn(payload ?? '');
      if (message && held) held.push(message);
      else if (message) take(message);
    });
    const query: Query = async <Row extends object>(text: string, values?: unknown[]) => (await client.query(text, values)).rows as Row[];
    try {
      await client.connect();
      await query(`LISTEN ${CHANNEL}`);
      const { since } = this.heard;
      const mark = await markOf(query);
      if (since) for await (const message of toldSince(query, since)) take(message);
      for (const message of held) take(message);
      held = null;
      this.heard.note(mark);
      listening();
      while (!signal.aborted) {
        await pause(ASK_MS, undefined, { signal: AbortSignal.any([signal, broken.signal]), ref: false }).catch(() => undefined);
        if (broken.signal.aborted) throw new Error('Connection terminated');
        if (!signal.aborted) this.heard.note(await markOf(query));
      }
    } finally {
      // A connection that does not answer does not keep anybody waiting.
      await Promise.race([client.end().catch(() => undefined), pause(500, undefined, { ref: false })]);
    }
  }
}
