import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pino from 'pino';
import type { DataSource } from 'typeorm';
import { createApp, type App } from '../../src/app';
import { readConfig, type Config } from '../../src/config';
import { reactions } from '../../src/domain/tasks';
import type { Clock } from '../../src/platform/clock';
import { countJobs } from '../../src/platform/events/jobs';
import { startWorker, type Worker } from '../../src/platform/events/worker';
import { newSealingKeys } from '../../src/platform/identity/sealing';
import { newTokenKey } from '../../src/platform/identity/tokens';
import { applicationDataSource } from '../../src/setup';
import { createDatabase, type TestDatabase } from './cluster';
import { World, type Person } from './world';

/** An answer of the endpoint. */
export interface Answer<Data = Record<string, any>> {  
  status: number;
  headers: Headers;
  data: Data;
  errors?: { message: string; path?: (string | number)[]; extensions: { code: string; correlationId?: string } }[];
}

/** Who asks: a person who is signed in first, an access token, or nobody. */
export type As = Person | string | null;

/** A clock that tests move; null is the database's own. */
export class TestClock implements Clock {
  private at: Date | null = null;
  now(): Date | null {
    return this.at;
  }
  set(at: string | Date | null): void {
    this.at = at === null ? null : new Date(at);
  }
}

/** What the server logged, line by line. */
class Lines {
  readonly lines: string[] = [];
  write(line: string): void {
    this.lines.push(line);
  }
}

/** A real API on a real port over a database of its own. */
export class TestApi {
  private readonly tokens = new Map<string, string>();

  private constructor(
    readonly database: TestDatabase,
    readonly dataSource: DataSource,
    readonly app: App,
    readonly config: Config,
    readonly clock: TestClock,
    readonly url: string,
    readonly world: World,
    readonly log: readonly string[],
  ) {}

  /** @param settings environment variables of the server, over the standard ones; `SIGN_IN_TRIES…` are wide open unless given */
  static async start(settings: Record<string, string> = {}): Promise<TestApi> {
    const database = await createDatabase();
    const folder = await mkdtemp(join(tmpdir(), 'youth-network-'));
    const keys = JSON.stringify({ keys: [await newTokenKey()] });
    const config = readConfig({
      NODE_ENV: 'test',
      HOST: '127.0.0.1',
      PORT: '0',
      SECRET: 'a secret of the tests, of thirty-two characters and more',
      TOKEN_KEYS: keys,
      CERTIFICATE_KEYS: keys,
      PERSONAL_DATA_KEYS: JSON.stringify(newSealingKeys()),
      SIGN_IN_TRIES_PER_ACCOUNT: '10000',
      SIGN_IN_TRIES_PER_ADDRESS: '100000',
      DATA_DIR: folder,
      DATABASE_URL: database.applicationUrl,
      LOG_LEVEL: 'debug',
      ...settings,
    });
    const dataSource = await applicationDataSource(config, { ...database, stop: async () => undefined });
    const output = new Lines();
    const log = pino({ level: config.log.level }, output);
    const clock = new TestClock();
    const app = await createApp({ config, dataSource, log, clock });
    await app.server.listen({ host: config.host, port: config.port });
    const { port } = app.server.server.address() as AddressInfo;
    return new TestApi(database, dataSource, app, config, clock, `http://127.0.0.1:${port}`, new World(database), output.lines);
  }

  /** Sends one operation. */
  async ask<Data = Record<string, any>>(  
    query: string,
    variables: Record<string, unknown> = {},
    as: As = null,
    headers: Record<string, string> = {},
  ): Promise<Answer<Data>> {
    const token = as === null ? null : typeof as === 'string' ? as : await this.token(as);
    return this.post<Data>(JSON.stringify({ query, variables }), { ...(token && { authorization: `Bearer ${token}` }), ...headers });
  }

  /** Sends a body as it is. */
  async post<Data = Record<string, any>>(body: string, headers: Record<string, string> = {}): Promise<Answer<Data>> {  
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'accept-language': 'en', ...headers },
      body,
    });
    const text = await response.text();
    const answer = (text.startsWith('{') ? JSON.parse(text) : {}) as Answer<Data>;
    return { ...answer, status: response.status, headers: response.headers };
  }

  /** Asks, and fails unless there was no top-level error. @returns the data */
  async must<Data = Record<string, any>>(  
    query: string,
    variables: Record<string, unknown> = {},
    as: As = null,
    headers: Record<string, string> = {},
  ): Promise<Data> {
    const answer = await this.ask<Data>(query, variables, as, headers);
    if (answer.errors) throw new Error(this.explain(answer));
    return answer.data;
  }

  /** The errors of an answer, with what the log says of them. */
  explain({ errors = [] }: Pick<Answer, 'errors'>): string {
    const ids = errors.flatMap(({ extensions }) => extensions.correlationId ?? []);
    return [JSON.stringify(errors), ...this.log.filter((line) => ids.some((id) => line.includes(id)))].join('\n');
  }

  /**
   * Calls one mutation with its input. @param selection of the payload, beside userErrors
   * @returns the payload
   */
  async mutate(name: string, input: Record<string, unknown>, as: As, selection = '', headers: Record<string, string> = {}): Promise<Record<string, any>> {  
    const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input`;
    const declared = this.inputTypes.get(name) ?? type;
    const data = await this.must<Record<string, Record<string, unknown>>>(
      `mutation ($input: ${declared}!) { ${name}(input: $input) { ${selection} userErrors { code message path } } }`,
      { input },
      as,
      headers,
    );
    return data[name]!;
  }

  /** Like mutate, and fails when the change was refused. */
  async done(name: string, input: Record<string, unknown>, as: As, selection = ''): Promise<Record<string, any>> {  
    const payload = await this.mutate(name, input, as, selection);
    if (payload.userErrors.length) throw new Error(`${name}: ${JSON.stringify(payload.userErrors)}`);
    return payload;
  }

  /** The access token of a person, who signs in the first time. */
  async token(person: Person): Promise<string> {
    let token = this.tokens.get(person.identifier);
    if (!token) {
      token = (await this.signIn(person)).accessToken;
      this.tokens.set(person.identifier, token);
    }
    return token;
  }

  /** Signs in anew. */
  async signIn({ identifier, password }: Person): Promise<{ accessToken: string; refreshToken: string }> {
    const data = await this.must(
      'mutation ($input: SignInInput!) { signIn(input: $input) { session { accessToken refreshToken } userErrors { code message } } }',
      { input: { identifier, password } },
    );
    if (!data.signIn.session) throw new Error(JSON.stringify(data.signIn.userErrors));
    return data.signIn.session;
  }

  /** Starts to act on events, as an API process does, until the API is stopped. */
  work(reacting = reactions): Worker {
    const { dataSource, clock, config } = this;
    const worker = startWorker({
      dataSource, databaseUrl: this.database.applicationUrl, clock, log: this.app.platform.log, reactions: reacting, concurrency: config.worker.concurrency,
    });
    this.workers.add(worker);
    return { stop: () => (this.workers.delete(worker) ? worker.stop() : Promise.resolve()) };
  }
  private readonly workers = new Set<Worker>();

  /** Waits until something is so. */
  async until(what: () => boolean | Promise<boolean>): Promise<void> {
    for (const end = Date.now() + 30_000; !(await what()); await pause(20)) {
      if (Date.now() > end) throw new Error(`It did not come about: ${what.toString()}`);
    }
  }

  /** Waits until every event so far has been acted on, or parked. */
  settled(): Promise<void> {
    return this.until(async () => (await countJobs(this.dataSource).catch(() => ({ waiting: 1 }))).waiting === 0);
  }

  async stop(): Promise<void> {
    for (const worker of this.workers) await worker.stop();
    await this.app.close();
    await this.dataSource.destroy();
    await this.database.drop();
    await rm(this.config.dataDirectory, { recursive: true, force: true });
  }

  /** The input type of each mutation, as the schema has it. */
  private get inputTypes(): Map<string, string> {
    return (this.knownInputTypes ??= new Map(
      Object.values(this.app.schema.getMutationType()!.getFields()).map((field) => [field.name, String(field.args[0]?.type).replace('!', '')]),
    ));
  }
  private knownInputTypes: Map<string, string> | null = null;
}
