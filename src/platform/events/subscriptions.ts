import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { createSourceEventStream, GraphQLError, type ExecutionResult, type GraphQLSchema } from 'graphql';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Caller } from '../database/session';
import type { Api } from '../graphql/api';
import { RequestContext, type Platform } from '../graphql/context';
import { Documents, RefusedDocument, type KnownDocument } from '../graphql/documents';
import { RequestError } from '../graphql/errors';
import type { Locale } from '../i18n/translate';
import type { Ending } from './endings';
import type { Change } from './follow';
import { Queue } from './queue';
import { Sight } from './sight';
import { Turns } from './turns';

/** How many results wait at most for a client that takes them slowly. */
const MOST_UNSENT = 64;
/** How long after each failed try to tell of a change the next one is; after the last the stream ends. */
const TRY_AGAIN_MS = [100, 400, 1_600];
/** How long somebody who subscribes waits for the process to hear. */
const HEARING_MS = 5_000;

/** Who subscribes to what. */
export interface Asked {
  query: string;
  operationName: string | undefined;
  variables: Record<string, unknown>;
  caller: Caller;
  locale: Locale;
  correlationId: string;
  address: string;
}

/** What one client is told: results, until it or the server ends it. */
export type Stream = Queue<ExecutionResult>;

/** Why a subscription is refused, as the client may see it. */
export type Refusal = readonly GraphQLError[];

export const isRefused = (answer: Stream | Refusal): answer is Refusal => Array.isArray(answer);

/** The subscriptions of one process. */
export class Subscriptions {
  readonly documents: Documents;
  private readonly audiences = new Map<string, Audience>();
  private readonly perViewer = new Map<string, number>();
  private readonly turns: Turns;
  private readonly sight: Sight;
  private readonly told: Counter;
  private readonly ended: Counter<'because'>;
  private open = 0;
  private stopped = false;

  constructor(
    readonly schema: GraphQLSchema,
    private readonly platform: Platform,
    private readonly api: Api,
    registry: Registry,
  ) {
    const { config } = platform;
    this.documents = new Documents(schema, config);
    // The other half of the connections is for requests.
    this.turns = new Turns(Math.ceil(config.database.poolSize / 2));
    this.sight = new Sight(platform, this.turns);
    // Those who are still being let in count for what a viewer may have, but are not told of anything yet.
    const count = () => [...this.audiences.values()].reduce((sum, { size }) => sum + size, 0);
    new Gauge({ name: 'subscriptions_open', help: 'Subscriptions under way.', registers: [registry], collect() { this.set(count()); } });
    this.told = new Counter({ name: 'subscription_results_total', help: 'Results sent to subscribers.', registers: [registry] });
    this.ended = new Counter({ name: 'subscriptions_ended_total', help: 'Subscriptions ended by the server, by why.', labelNames: ['because'], registers: [registry] });
  }

  /**
   * Subscribes.
   * @param ends told when the stream ends other than by its client
   * @returns the stream, or why it is refused, as the client may see it
   */
  async subscribe(asked: Asked, ends: (because: Ending) => void): Promise<Stream | Refusal> {
    const { caller, locale, correlationId, address } = asked;
    const context = new RequestContext(this.platform, caller, locale, correlationId, address);
    try {
      const release = this.admit(caller);
      try {
        return await this.join(asked, context, release, ends);
      } catch (error) {
        release();
        throw error;
      }
    } catch (error) {
      if (error instanceof RefusedDocument) return error.errors;
      const refused = error instanceof Refused ? error.errors : [error instanceof GraphQLError ? error : new GraphQLError('internal', { originalError: error as Error })];
      return refused.map((one) => this.api.presentable(one, context));
    } finally {
      void context.close();
    }
  }

  /** Ends every stream; nobody subscribes any more. */
  stop(): void {
    this.stopped = true;
    for (const audience of this.audiences.values()) audience.end('STOPPING');
  }

  /** Counts a subscription. @returns what takes it off again @throws RequestError when there are too many, or nobody is signed in */
  private admit({ userId, fault }: Caller): () => void {
    if (fault) throw fault;
    if (userId === null) throw new RequestError('UNAUTHENTICATED', 'auth.required');
    const { perViewer: most, perProcess } = this.platform.config.subscriptions;
    const own = this.perViewer.get(userId) ?? 0;
    if (own >= most) throw new RequestError('RATE_LIMITED', 'subscription.most', { most });
    if (this.stopped || this.open >= perProcess) throw new RequestError('SERVICE_BUSY', 'request.busy');
    this.perViewer.set(userId, own + 1);
    this.open += 1;
    let counted = true;
    return () => {
      if (!counted) return;
      counted = false;
      this.open -= 1;
      const left = this.perViewer.get(userId)! - 1;
      if (left > 0) this.perViewer.set(userId, left);
      else this.perViewer.delete(userId);
    };
  }

  /** Those who ask alike are told together, each only once it was checked that they may ask. */
  private async join(asked: Asked, context: RequestContext, release: () => void, ends: (because: Ending) => void): Promise<Stream> {
    const known = this.documents.subscription(asked.query, asked.operationName);
    this.api.cost.check(known.document, known.hash, asked.operationName, asked.variables);
    await hearing(this.platform);
    const changes = await this.changes(asked, known, context);
    const key = keyOf(asked, known);
    let audience = this.audiences.get(key);
    if (audience) changes.end();
    else {
      audience = new Audience(changes, (change) => this.result(asked, known, change), {
        told: (count) => this.told.inc(count),
        ended: (because) => this.ended.inc({ because }),
        left: () => this.audiences.delete(key),
      });
      this.audiences.set(key, audience);
      void audience.listen();
    }
    return audience.join(release, ends);
  }

  /** What the field follows, once its rule and its arguments were checked. */
  private async changes({ operationName, variables }: Asked, { document }: KnownDocument, context: RequestContext): Promise<Queue<Change>> {
    const source = await createSourceEventStream({ schema: this.schema, document, operationName, variableValues: variables, contextValue: context });
    if (source instanceof Queue) return source as Queue<Change>;
    throw new Refused('errors' in source ? (source.errors ?? []) : []);
  }

  /** How a change looks to whoever asks, by the rights they have now; null when they may not see it. */
  private async result(asked: Asked, { document, hash }: KnownDocument, change: Change): Promise<ExecutionResult | null> {
    const { caller, operationName, variables } = asked;
    const load = () => this.as(asked, (context) => context.load(change.load, change.id));
    const seen = await this.sight.see({ change, caller, load });
    if (seen === null) return null;
    return this.turns.take(() =>
      this.as(asked, async (context) => {
        const thing = seen.thing ?? (await context.load(change.load, change.id));
        return thing && this.api.execute({ document, queryHash: hash, operationName, variables, context, rootValue: thing });
      }),
    );
  }

  /** Does something in a session of whoever asks, which begins with what is asked of the database first. */
  private async as<Result>({ caller, locale, correlationId, address }: Asked, work: (context: RequestContext) => Promise<Result>): Promise<Result> {
    const context = new RequestContext(this.platform, caller, locale, correlationId, address);
    try {
      return await work(context);
    } finally {
      await context.close();
    }
  }
}

/** A subscription that its field refused. */
class Refused extends Error {
  constructor(readonly errors: readonly GraphQLError[]) {
    super('The subscription was refused');
  }
}

/** Until the process hears, nobody is promised that they miss nothing. */
async function hearing({ bus }: Platform): Promise<void> {
  const late = new AbortController();
  const heard = await Promise.race([
    bus.start().then(() => true),
    pause(HEARING_MS, false, { signal: late.signal, ref: false }).catch(() => false),
  ]);
  late.abort();
  if (!heard) throw new RequestError('SERVICE_BUSY', 'request.busy');
}

/** What makes two subscriptions the same: who asks, by what session, in which language, and what for. */
const keyOf = ({ caller, locale, operationName, variables }: Asked, { hash }: KnownDocument): string => {
  const { sessionId, userId, membershipId, role, networkCode } = caller;
  return createHash('sha256').update(JSON.stringify([sessionId, userId, membershipId, role, networkCode, locale, hash, operationName, variables])).digest('base64');
};

/** What an error says of who asks: that they are not, or not any more, who may. */
const endsStream = (error: unknown): boolean => {
  const code = error instanceof GraphQLError ? error.extensions.code : undefined;
  return code === 'UNAUTHENTICATED' || code === 'FORBIDDEN';
};

/** The streams of one viewer that ask the same: each change is looked up once for all of them. */
class Audience {
  private readonly members = new Map<Stream, (because: Ending) => void>();

  constructor(
    private readonly changes: Queue<Change>,
    private readonly result: (change: Change) => Promise<ExecutionResult | null>,
    private readonly tells: { told: (count: number) => void; ended: (because: Ending) => void; left: () => void },
  ) {}

  join(release: () => void, ends: (because: Ending) => void): Stream {
    const stream: Stream = new Queue<ExecutionResult>(MOST_UNSENT, () => {
      release();
      this.members.delete(stream);
      if (this.members.size === 0) this.leave();
    });
    this.members.set(stream, ends);
    return stream;
  }

  get size(): number {
    return this.members.size;
  }

  /** Ends every stream. */
  end(because: Ending): void {
    for (const stream of this.members.keys()) this.cut(stream, because);
  }

  /** Tells of each change in turn, until nobody is left. */
  async listen(): Promise<void> {
    for await (const change of this.changes) {
      try {
        await this.tell(change);
      } catch (error) {
        this.end(endsStream(error) ? 'ENDED' : 'BUSY');
      }
    }
    // Too much waited.
    this.end('BUSY');
  }

  private async tell(change: Change): Promise<void> {
    const result = await this.look(change);
    if (result === null) return;
    if (!result.data) {
      const refusal = result.errors?.find(endsStream);
      if (refusal) throw refusal;
    }
    this.tells.told(this.members.size);
    for (const stream of this.members.keys()) if (!stream.push(result)) this.cut(stream, 'SLOW');
  }

  /** The result, also when the database does not answer for a moment. */
  private async look(change: Change): Promise<ExecutionResult | null> {
    for (const wait of TRY_AGAIN_MS) {
      try {
        return await this.result(change);
      } catch (error) {
        if (endsStream(error)) throw error;
        await pause(wait, undefined, { ref: false });
      }
    }
    return this.result(change);
  }

  private cut(stream: Stream, because: Ending): void {
    const ends = this.members.get(stream);
    stream.end();
    this.tells.ended(because);
    ends?.(because);
  }

  private leave(): void {
    this.tells.left();
    this.changes.end();
  }
}
