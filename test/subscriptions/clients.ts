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

/** Subscribes by a client, and notes what it is told. */
export function listen<Data extends Record<string, any> = Record<string, any>>(client: Client, query: string, variables: Record<string, unknown> = {}): Told<Data> {
  const told = new Told<Data>();
  told.stop = client.subscribe<Data>(
    { query, variables },
    {
      next: (result) => told.note(({ results }) => results.push(result as never)),
      error: (error) => told.note(() => (told.end = { with: error })),
      complete: () => told.note(() => (told.end ??= { with: null })),
    },
  );
  return told;
}

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

/** Subscribes over WebSocket, and waits until the server follows for it. */
export async function subscribe<Data extends Record<string, any> = Record<string, any>>(api: TestApi, query: string, variables: Record<string, unknown>, as: As, at: Reached = api): Promise<Told<Data>> {
  const before = await openOn(at);
  const told = listen<Data>(socketClient(at, await params(api, as)), query, variables);
  await under(at, before + 1, told);
  return told;
}

/** Subscribes by Server-Sent Events, and waits until the server follows for it. */
export async function subscribeByEvents<Data extends Record<string, any> = Record<string, any>>(api: TestApi, query: string, variables: Record<string, unknown>, as: As, at: Reached = api): Promise<Told<Data>> {
  const before = await openOn(at);
  const headers = (await params(api, as)) as Record<string, string>;
  const client = createSseClient({ url: `${at.url}/graphql/stream`, headers, retryAttempts: 0 });
  const told = new Told<Data>();
  told.stop = client.subscribe(
    { query, variables },
    {
      next: (result) => told.note(({ results }) => results.push(result as never)),
      error: (error) => told.note(() => (told.end = { with: error })),
      complete: () => told.note(() => (told.end ??= { with: null })),
    },
  );
  await under(at, before + 1, told);
  return told;
}

/** Waits until so many subscriptions are under way, or the one meant was refused. */
async function under(api: Reached, count: number, told: Told): Promise<void> {
  for (const late = Date.now() + 5_000; (await openOn(api)) < count && told.end === null && told.results.length === 0; ) {
    if (Date.now() > late) throw new Error('Not subscribed');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
