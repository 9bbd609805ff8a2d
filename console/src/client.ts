import type { Fetcher, FetcherOpts, FetcherParams } from '@graphiql/toolkit';
import { getOperationAST, type ExecutionResult } from 'graphql';
import { createClient } from 'graphql-ws';
import ACT_AS from '../../schema/operations/ActAs.graphql';
import REFRESH from '../../schema/operations/RefreshSession.graphql';
import SIGN_IN from '../../schema/operations/SignIn.graphql';
import SIGN_OUT from '../../schema/operations/SignOut.graphql';
import type { ConsoleConfig } from './config';
import { recall, remember } from './memory';
import { preferredLanguage, textIn, type Language, type TextKey } from './texts';

export interface Membership {
  id: string;
  role: string;
  organization: { name: string };
}

/** A session and whose it is. */
export interface SignedIn {
  /** What was typed or chosen to sign in. */
  identifier: string;
  accessToken: string;
  refreshToken: string;
  /** By this browser's clock, a while before the access token expires. */
  renewAt: number;
  displayName: string;
  membership: Membership | null;
  memberships: Membership[];
}

export interface ClientState {
  signedIn: SignedIn | null;
  language: Language;
  /** The code that stands in X-Network while nobody is signed in. */
  network: string | null;
  /** Something to tell: a text of ours, or words of the server. */
  notice: { key: TextKey } | { words: string } | null;
  /** Signing in or out, or changing membership. */
  busy: boolean;
}

interface Answer {
  data?: Record<string, unknown> | null;
  errors?: { message: string; extensions?: { code?: string } }[];
}

interface SessionPayload {
  session: { accessToken: string; accessTokenExpiresAt: string; refreshToken: string | null } | null;
  viewer: { user: { displayName: string } | null; membership: Membership | null; memberships: Membership[] } | null;
  userErrors: { message: string }[];
}

/** The server understood and said no; anything else that goes wrong may go better the next time. */
class Refused extends Error {}

/** Renewing at this share of a token's life leaves time for a slow request. */
const RENEW_AFTER = 0.9;

const saysUnauthenticated = ({ errors }: Answer): boolean =>
  errors?.some((error) => error.extensions?.code === 'UNAUTHENTICATED') ?? false;

/** Everything the page asks of the server, and the session it asks with. React reads it by subscribe and snapshot. */
export class Client {
  private state: ClientState;
  private readonly listeners = new Set<() => void>();
  private readonly endpoint: string;
  /** One renewal at a time: a refresh token is good once. */
  private renewal: Promise<void> | null = null;

  constructor({ endpoint, networks }: ConsoleConfig) {
    this.endpoint = endpoint;
    const language = recall('localStorage', 'language');
    const network = recall('localStorage', 'network');
    this.state = {
      signedIn: storedSession(),
      language: language === 'zh-CN' || language === 'en' ? language : preferredLanguage(),
      network: networks.find(({ code }) => code === network)?.code ?? networks[0]?.code ?? null,
      notice: null,
      busy: false,
    };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): ClientState => this.state;

  chooseLanguage(language: Language): void {
    remember('localStorage', 'language', language);
    this.change({ language });
  }

  chooseNetwork(network: string): void {
    remember('localStorage', 'network', network);
    this.change({ network });
  }

  dismissNotice(): void {
    this.change({ notice: null });
  }

  /** Signs in; who was signed in before is signed out once that has worked. */
  signIn(identifier: string, password: string): Promise<void> {
    return this.busily(async () => {
      const { payload, clock } = await this.sessionMutation('signIn', SIGN_IN, { identifier, password }, null);
      const before = this.state.signedIn;
      this.keep(signedInBy(payload, clock, identifier, null));
      if (before) void this.endSession(before);
    });
  }

  /** Signs out here at once and ends the session on the server. */
  signOut(): Promise<void> {
    return this.busily(async () => {
      const { signedIn } = this.state;
      if (!signedIn) return;
      this.keep(null);
      await this.endSession(signedIn);
    });
  }

  /** Acts by another of the person's memberships from now on. */
  actAs(membership: string): Promise<void> {
    return this.busily(async () => {
      await this.renewIfDue();
      const { signedIn } = this.state;
      if (signedIn) await this.takeMembership(signedIn, membership);
    });
  }

  /** GraphiQL's way to the endpoint. One and the same for all time: another one would make it read the schema again. */
  readonly fetcher: Fetcher = async (params, options) =>
    operationOf(params.operationName, options) === 'subscription'
      ? this.follow(params, options)
      : ((await this.ask(params, options)) as ExecutionResult);

  /** Data for the page itself, as whoever is signed in; null when there is none to be had. */
  async find(query: string): Promise<unknown> {
    try {
      return (await this.ask({ query })).data ?? null;
    } catch {
      return null;
    }
  }

  /** What a subscription is told, as whoever is signed in; it goes on by a renewed session when the token expires. */
  private async *follow(
    { query, variables, operationName }: FetcherParams,
    options?: FetcherOpts,
  ): AsyncGenerator<ExecutionResult> {
    const url = new URL(this.endpoint, location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    const connectionParams = async () => {
      await this.renewIfDue();
      const { signedIn, language } = this.state;
      return {
        'accept-language': language,
        ...Object.fromEntries(authorized(new Headers(options?.headers), signedIn)),
      };
    };
    for (;;) {
      const client = createClient({ url: url.href, connectionParams, retryAttempts: 3 });
      try {
        yield* client.iterate({
          query,
          variables: variables as Record<string, unknown>,
          operationName,
        }) as AsyncIterable<ExecutionResult>;
        return;
      } catch (error) {
        if (!saysExpired(error) || !this.state.signedIn) throw error;
        await this.renew();
      } finally {
        void client.dispose();
      }
    }
  }

  private async ask(params: FetcherParams, options?: FetcherOpts): Promise<Answer> {
    const headers = new Headers(options?.headers);
    // A token in GraphiQL's headers editor is the user's own affair.
    if (headers.has('authorization')) return (await this.post(params, headers)).answer;
    await this.renewIfDue();
    const { signedIn } = this.state;
    const { answer } = await this.post(params, authorized(headers, signedIn));
    if (!signedIn || !saysUnauthenticated(answer) || partlyDone(answer, params, options)) return answer;
    if (this.state.signedIn?.accessToken === signedIn.accessToken) await this.renew();
    const renewed = this.state.signedIn;
    if (!renewed || renewed.accessToken === signedIn.accessToken) return answer;
    return (await this.post(params, authorized(headers, renewed))).answer;
  }

  private change(part: Partial<ClientState>): void {
    this.state = { ...this.state, ...part };
    for (const listener of this.listeners) listener();
  }

  private keep(signedIn: SignedIn | null, notice: ClientState['notice'] = null): void {
    remember('sessionStorage', 'session', signedIn && JSON.stringify(signedIn));
    this.change({ signedIn, notice });
  }

  /** Runs something the user asked for in the bar; what goes wrong becomes the notice. */
  private async busily(work: () => Promise<void>): Promise<void> {
    if (this.state.busy) return;
    this.change({ busy: true, notice: null });
    try {
      await work();
    } catch (error) {
      // fetch throws a TypeError when there is no answer at all.
      this.change({
        notice: error instanceof TypeError ? { key: 'unreachable' } : { words: (error as Error).message },
      });
    } finally {
      this.change({ busy: false });
    }
  }

  /** @throws when the session turns out to have ended: going on would ask as nobody without the user meaning to. */
  private async renewIfDue(): Promise<void> {
    const { signedIn } = this.state;
    if (!signedIn || Date.now() < signedIn.renewAt) return;
    await this.renew();
    if (!this.state.signedIn) throw new Error(textIn(this.state.language, 'sessionEnded'));
  }

  private renew(): Promise<void> {
    return (this.renewal ??= this.renewNow().finally(() => {
      this.renewal = null;
    }));
  }

  private async renewNow(): Promise<void> {
    const before = this.state.signedIn;
    if (!before) return;
    const superseded = () => this.state.signedIn?.refreshToken !== before.refreshToken;
    try {
      const { payload, clock } = await this.sessionMutation(
        'refreshSession',
        REFRESH,
        { refreshToken: before.refreshToken },
        null,
      );
      if (superseded()) return;
      this.keep(signedInBy(payload, clock, before.identifier, null), this.state.notice);
    } catch (error) {
      // Without a clear no, the token at hand is still the best there is.
      if (error instanceof Refused && !superseded()) this.keep(null, { key: 'sessionEnded' });
    }
  }

  private async takeMembership(signedIn: SignedIn, membership: string): Promise<void> {
    const { payload, clock } = await this.sessionMutation('actAs', ACT_AS, { membership }, signedIn);
    const now = this.state.signedIn;
    if (now?.identifier !== signedIn.identifier) return;
    this.keep(signedInBy(payload, clock, now.identifier, now.refreshToken));
  }

  private async endSession(signedIn: SignedIn): Promise<void> {
    try {
      await this.post(
        { query: SIGN_OUT, variables: { input: { refreshToken: signedIn.refreshToken } } },
        authorized(new Headers(), signedIn),
      );
    } catch {
      // Signed out here in any case; the session ends by itself on the server.
    }
  }

  private async sessionMutation(
    field: string,
    query: string,
    input: Record<string, string>,
    signedIn: SignedIn | null,
  ): Promise<{ payload: SessionPayload; clock: number }> {
    const { answer, clock } = await this.post({ query, variables: { input } }, authorized(new Headers(), signedIn));
    const payload = answer.data?.[field] as SessionPayload | null | undefined;
    if (payload?.session) return { payload, clock };
    const words = [...(payload?.userErrors ?? []), ...(answer.errors ?? [])].map(({ message }) => message).join(' ');
    if (payload?.userErrors.length || saysUnauthenticated(answer)) throw new Refused(words);
    throw new Error(words || `${field}: no session`);
  }

  /** One request. `clock` is how far this browser's clock is ahead of the server's. */
  private async post(params: FetcherParams, headers: Headers): Promise<{ answer: Answer; clock: number }> {
    const { signedIn, network, language } = this.state;
    const standard: Record<string, string> = {
      accept: 'application/graphql-response+json, application/json',
      'accept-language': language,
      'apollo-require-preflight': 'true',
      'content-type': 'application/json',
      ...(!signedIn && network && !headers.has('authorization') && { 'x-network': network }),
    };
    for (const [name, value] of Object.entries(standard)) if (!headers.has(name)) headers.set(name, value);
    const response = await fetch(this.endpoint, {
      method: 'POST',
      headers,
      body: JSON.stringify(params),
      cache: 'no-store',
    });
    const answer = (await response.json().catch(() => null)) as Answer | null;
    if (answer === null || typeof answer !== 'object')
      throw new Error(`HTTP ${response.status} ${response.statusText}`.trim());
    const date = Date.parse(response.headers.get('date') ?? '');
    return { answer, clock: Number.isNaN(date) ? 0 : Date.now() - date };
  }
}

function authorized(headers: Headers, signedIn: SignedIn | null): Headers {
  const with_ = new Headers(headers);
  if (signedIn) with_.set('authorization', `Bearer ${signedIn.accessToken}`);
  return with_;
}

/** Whether a socket was closed because the access token has expired. */
const saysExpired = (error: unknown): boolean =>
  error instanceof CloseEvent && error.code === 4401 && error.reason === 'Token expired';

/** What sort of operation is meant. */
const operationOf = (operationName: FetcherParams['operationName'], options?: FetcherOpts): string | undefined =>
  options?.documentAST && getOperationAST(options.documentAST, operationName)?.operation;

/** Whether a mutation has changed something all the same, so that it must not be sent a second time. */
function partlyDone({ data }: Answer, { operationName }: FetcherParams, options?: FetcherOpts): boolean {
  return (
    operationOf(operationName, options) === 'mutation' && Object.values(data ?? {}).some((value) => value !== null)
  );
}

function signedInBy(
  { session, viewer }: SessionPayload,
  clock: number,
  identifier: string,
  refreshToken: string | null,
): SignedIn {
  const now = Date.now();
  const expires = Date.parse(session!.accessTokenExpiresAt) + clock;
  return {
    identifier,
    accessToken: session!.accessToken,
    // Acting as another leaves the refresh token as it is.
    refreshToken: session!.refreshToken ?? refreshToken ?? '',
    renewAt: now + (expires - now) * RENEW_AFTER,
    displayName: viewer?.user?.displayName ?? identifier,
    membership: viewer?.membership ?? null,
    memberships: viewer?.memberships ?? [],
  };
}

function storedSession(): SignedIn | null {
  try {
    const stored = JSON.parse(recall('sessionStorage', 'session') ?? 'null') as SignedIn | null;
    return stored && typeof stored.accessToken === 'string' && Array.isArray(stored.memberships) ? stored : null;
  } catch {
    return null;
  }
}
