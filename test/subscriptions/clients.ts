import { createClient as createSseClient } from 'graphql-sse';
import { createClient, type Client, type ClientOptions } from 'graphql-ws';
import WebSocket from 'ws';
import type { As, TestApi } from '../support/api';

/** What a subscription has been told so far, in order, and how it ended. */
export class Told<Data extends Record<string, any> = Record<string, any>> {
  readonly results: { data?: Data | null; errors?: readonly { message: string; extensions?: Record<string, unknown> }[] }[] = [];
  /** What it ended with: nothing when the server completed it; a close event, or the errors that it was refused with. */
  end: { with: unknown } | null = null;
  stop: () => void = () => undefined;
  private heard: (() => void)[] = [];

  note(change: (told: this) => void): void {
    change(this);
    for (const look of this.heard.splice(0)) look();
  }

  /** Waits until something is so. */
  async until(is: (told: this) => boolean, ms = 5_000): Promise<this> {
    const late = Date.now() + ms;
    while (!is(this)) {
      const left = late - Date.now();
      if (left <= 0) throw new Error(`Not so in ${ms} ms: ${JSON.stringify(this.results)} ${String(this.end?.with)}`);
      await new Promise<void>((look) => {
        const timer = setTimeout(look, left);
        this.heard.push(() => {
          clearTimeout(timer);
          look();
        });
      });
    }
    return this;
  }

  /** Waits for so many results. */
  count(count: number): Promise<this> {
    return this.until(({ results }) => results.length >= count);
  }

  /** Waits for the end. */
  async ended(): Promise<unknown> {
    await this.until(({ end }) => end !== null);
    return this.end!.with;
  }
}

/** A WebSocket client that connects once, and does not come again by itself. */
export const socketClient = (api: Reached, connectionParams: Record<string, unknown>, more: Partial<ClientOptions> = {}): Client =>
  createClient({ url: `${api.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket, connectionParams, retryAttempts: 0, lazyCloseTimeout: 0, onNonLazyError: () => undefined, ...more });

/** Notes what a subscription is told. */
function attend<Data extends Record<string, any>>(begin: (sink: { next: (result: unknown) => void; error: (error: unknown) => void; complete: () => void }) => () => void): Told<Data> {
  const told = new Told<Data>();
  const stop = begin({
    next: (result) => told.note(({ results }) => results.push(result as never)),
    error: (error) => told.note(() => (told.end ??= { with: error })),
    complete: () => told.note(() => (told.end ??= { with: null })),
  });
  told.stop = () => {
    stop();
    told.note(() => (told.end ??= { with: null }));
  };
  return told;
}

/** Subscribes by a WebSocket client. */
export const listen = <Data extends Record<string, any> = Record<string, any>>(client: Client, query: string, variables: Record<string, unknown> = {}): Told<Data> =>
  attend((sink) => client.subscribe({ query, variables }, sink));

/** What a client says of itself when it connects. */
export const params = async (api: TestApi, as: As): Promise<Record<string, unknown>> => {
  const token = as === null ? null : typeof as === 'string' ? as : await api.token(as);
  return { ...(token && { authorization: `Bearer ${token}` }), 'accept-language': 'en' };
};

/** An API that can be reached. */
export interface Reached {
  url: string;
}

/** How many subscriptions a process says it has under way. */
export const openOn = async ({ url }: Reached): Promise<number> => Number(/^subscriptions_open (\d+)$/m.exec(await (await fetch(`${url}/metrics`)).text())![1]);

/** Waits until something is so. */
export async function until(is: () => boolean | Promise<boolean>, ms = 15_000): Promise<void> {
  for (const late = Date.now() + ms; !(await is()); await new Promise((resolve) => setTimeout(resolve, 5))) {
    if (Date.now() > late) throw new Error(`Not so in ${ms} ms: ${String(is)}`);
  }
}

/** How many subscriptions there should be under way, by process. */
const open = new Map<string, number>();

type Subscribing = <Data extends Record<string, any> = Record<string, any>>(api: TestApi, query: string, variables: Record<string, unknown>, as: As, at?: Reached) => Promise<Told<Data>>;

/** Subscribes, and waits until the server follows or has refused to. */
const subscribing =
  (begin: (at: Reached, says: Record<string, unknown>, query: string, variables: Record<string, unknown>) => Told): Subscribing =>
  async <Data extends Record<string, any>>(api: TestApi, query: string, variables: Record<string, unknown>, as: As, at: Reached = api) => {
    const { url } = at;
    const count = (by: 1 | -1) => open.set(url, (open.get(url) ?? 0) + by);
    const told = begin(at, await params(api, as), query, variables) as Told<Data>;
    count(1);
    void told.until(({ end }) => end !== null, 300_000).then(() => count(-1), () => undefined);
    await until(async () => told.end !== null || (await openOn(at)) === open.get(url));
    return told;
  };

/** By WebSocket. */
export const subscribe = subscribing((at, says, query, variables) => listen(socketClient(at, says), query, variables));

/** By Server-Sent Events. */
export const subscribeByEvents = subscribing(({ url }, says, query, variables) => {
  const client = createSseClient({ url: `${url}/graphql/stream`, headers: says as Record<string, string>, retryAttempts: 0 });
  return attend((sink) => client.subscribe({ query, variables }, sink));
});
