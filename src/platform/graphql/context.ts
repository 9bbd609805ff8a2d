import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { Config } from '../../config';
import type { Clock } from '../clock';
import type { Bus } from '../events/bus';
import type { Storage } from '../files/storage';
import { Session, type Actor, type Caller, type Transaction } from '../database/session';
import { translate, type Locale } from '../i18n/translate';
import type { MessageKey, MessageParameters } from '../i18n/messages';
import type { Passwords } from '../identity/passwords';
import type { Sealing } from '../identity/sealing';
import type { Signatures } from '../identity/signatures';
import type { Throttle } from '../identity/throttle';
import type { Tokens } from '../identity/tokens';
import type { Cursors } from './connection';
import { Loaders, type Ahead, type LoaderDefinition } from './loaders';
import { Refusal } from './refusal';

/** What one process shares among its requests. */
export interface Platform {
  config: Config;
  dataSource: DataSource;
  clock: Clock;
  log: Logger;
  cursors: Cursors;
  tokens: Tokens;
  passwords: Passwords;
  /** Encrypts identity numbers. */
  sealing: Sealing;
  /** Signs certificates. */
  signatures: Signatures;
  throttle: Throttle;
  /** What is told of all that happens, in this process and in others. */
  bus: Bus;
  /** Where the content of files is kept. */
  files: Storage;
  /** Derives invitation codes; the same one as keys cursors and throttle counters. */
  secret: string;
}

/** One request: who asks, in which language, and the one session through which everything is asked. */
export class RequestContext {
  // In an object of its own, since Apollo hands the operation a shallow copy of the context.
  private readonly asking = {} as { caller: Caller; session: Session; loaders: Loaders };
  private readonly definitions = new Map<string, LoaderDefinition<never, unknown>>();

  constructor(
    readonly platform: Platform,
    caller: Caller,
    readonly locale: Locale,
    readonly correlationId: string,
    readonly address: string,
  ) {
    this.become(caller);
  }

  /** Goes on as somebody else, such as the person who has just signed in; nothing of the former session is kept. */
  become(caller: Caller): void {
    const { dataSource, clock, config } = this.platform;
    void this.asking.session?.close();
    const session = new Session(dataSource, caller, clock, Date.now() + config.limits.requestMs);
    Object.assign(this.asking, { caller, session, loaders: new Loaders(session) });
  }

  /** Goes on without what the own membership allowed, when a change has just ended or changed it. */
  reconsider(membership: { id: string; status: string }): void {
    const { caller } = this.asking;
    if (membership.id !== caller.membershipId) return;
    this.become({ ...caller, membershipId: membership.status === 'ACTIVE' ? caller.membershipId : null, role: null });
  }

  get caller(): Caller {
    return this.asking.caller;
  }

  get session(): Session {
    return this.asking.session;
  }

  /** The request has been answered. */
  close(): Promise<void> {
    return this.session.close();
  }

  /** The role asked with: at once from the token when it names it, since the database refuses the session if it lies. */
  role(): string | null | Promise<string | null> {
    const { membershipId, role, fault } = this.caller;
    if (fault) throw fault;
    return membershipId === null || role !== null ? role : this.session.actor().then((actor) => actor.role);
  }

  /** Who acts, as the database knows it. */
  actor(): Promise<Actor> {
    return this.session.actor();
  }

  /** One value by the request's own loader. */
  load<Key, Value>(definition: LoaderDefinition<Key, Value>, key: Key): Promise<Value> {
    return this.asking.loaders.load(definition, key);
  }

  /** Reads rows ahead of their being loaded, in one round trip with what else is read now. */
  ahead<Row extends { id: string }>(ahead: Ahead<Row>): Promise<void> {
    return this.asking.loaders.ahead(ahead);
  }

  /** A loader's definition that depends on arguments, one and the same for the same key. */
  definition<Key, Value>(key: string, make: () => LoaderDefinition<Key, Value>): LoaderDefinition<Key, Value> {
    let known = this.definitions.get(key) as LoaderDefinition<Key, Value> | undefined;
    if (!known) this.definitions.set(key, (known = make()));
    return known;
  }

  /** A change by a member: one transaction, refused as a whole when the own organization is not in good standing. */
  write<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    return this.session.write((tx) => {
      if (tx.actor.membershipId === null) throw new Refusal('NOT_ALLOWED', 'membership.none');
      if (tx.actor.organizationStatus !== 'ACTIVE') throw new Refusal('NOT_ALLOWED', 'organization.suspended');
      return work(tx);
    });
  }

  /** A message in the caller's language. */
  t(key: MessageKey, parameters?: MessageParameters): string {
    return translate(this.locale, key, parameters);
  }
}
