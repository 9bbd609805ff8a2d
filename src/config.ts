import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { Bucket } from './platform/files/storage';
import { isSealingKeys, newSealingKeys, Sealing } from './platform/identity/sealing';
import { OperatorError } from './platform/operator-error';

const flag = z
  .enum(['true', 'false', '1', '0'])
  .transform((value) => value === 'true' || value === '1')
  .optional();
const integer = (least: number, most: number, standard: number) => {
  const error = `must be a whole number from ${least} to ${most}`;
  return z.coerce.number({ error }).refine((value) => Number.isInteger(value) && value >= least && value <= most, { error }).default(standard);
};
/** Whether a text is what platform/identity/tokens.ts signs by. */
function isTokenKeys(text: string): boolean {
  try {
    const [first] = (JSON.parse(text) as { keys: { kty?: string; crv?: string; kid?: string; d?: string }[] }).keys;
    return first?.kty === 'OKP' && first.crv === 'Ed25519' && Boolean(first.kid && first.d);
  } catch {
    return false;
  }
}
const redisUrl = z.url({ protocol: /^rediss?$/, error: 'must be a redis:// or rediss:// URL' });
const databaseUrl = z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' });

/** Every setting, by its environment variable. What each means stands in docs/configuration.md. */
export const environment = z.object({
  NODE_ENV: z.enum(['development', 'production', 'test']).default('development'),
  HOST: z.string().min(1).default('0.0.0.0'),
  PORT: integer(0, 65535, 4000),
  PUBLIC_URL: z.url().optional(),
  TRUST_PROXY: flag,
  DATA_DIR: z.string().min(1).default('.data'),
  DATABASE_URL: databaseUrl.optional(),
  MIGRATION_DATABASE_URL: databaseUrl.optional(),
  DATABASE_POOL_SIZE: integer(1, 500, 10),
  DATABASE_WAIT_MS: integer(10, 60_000, 5_000),
  STATEMENT_TIMEOUT_MS: integer(100, 600_000, 10_000),
  LOCK_TIMEOUT_MS: integer(50, 600_000, 3_000),
  SEED: z.enum(['sample', 'none']).optional(),
  WORKER: z.enum(['inside', 'none']).default('inside'),
  WORKER_CONCURRENCY: integer(1, 100, 4),
  EVENTS_URL: redisUrl.optional(),
  MAX_SUBSCRIPTIONS: integer(0, 1_000_000, 10_000),
  MAX_SUBSCRIPTIONS_PER_VIEWER: integer(1, 10_000, 50),
  SUBSCRIPTION_PING_MS: integer(100, 600_000, 15_000),
  SECRET: z.string().min(32, 'needs at least 32 characters').optional(),
  TOKEN_KEYS: z.string().refine(isTokenKeys, 'must be a JWK set whose first key is a private Ed25519 key with a kid').optional(),
  CERTIFICATE_KEYS: z.string().refine(isTokenKeys, 'must be a JWK set whose first key is a private Ed25519 key with a kid').optional(),
  PERSONAL_DATA_KEYS: z.string().refine(isSealingKeys, 'must be a JWK set with keys for A256GCM and one for HS256, of 32 bytes each').optional(),
  ACCESS_TOKEN_SECONDS: integer(30, 86_400, 900),
  REFRESH_TOKEN_DAYS: integer(1, 365, 30),
  SIGN_IN_TRIES_PER_ACCOUNT: integer(1, 10_000, 10),
  SIGN_IN_TRIES_PER_ADDRESS: integer(1, 100_000, 100),
  CERTIFICATE_LOOKS_PER_ADDRESS: integer(1, 100_000, 100),
  CORS_ORIGINS: z.string().default(''),
  INTROSPECTION: flag,
  EXPLORER: flag,
  EXECUTION: z.enum(['compiled', 'interpreted']).default('compiled'),
  COMPILE_AFTER: integer(0, 1_000, 1),
  MAX_BODY_BYTES: integer(1_000, 50_000_000, 256_000),
  MAX_DEPTH: integer(3, 100, 14),
  MAX_ALIASES: integer(1, 1_000, 30),
  MAX_DIRECTIVES: integer(1, 1_000, 50),
  MAX_TOKENS: integer(100, 100_000, 4_000),
  MAX_COST: integer(100, 10_000_000, 25_000),
  REQUEST_TIMEOUT_MS: integer(100, 600_000, 30_000),
  FILES_BUCKET: z.string().min(1).optional(),
  FILES_ENDPOINT: z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' }).optional(),
  FILES_REGION: z.string().min(1).default('us-east-1'),
  FILES_ACCESS_KEY: z.string().min(1).optional(),
  FILES_SECRET_KEY: z.string().min(1).optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  LOG_PRETTY: flag,
});

/** The faults of settings that do not go together; asked of what was given, so that they are named beside all others. */
function contradictions(env: NodeJS.ProcessEnv): string[] {
  const production = env.NODE_ENV === 'production';
  const faults: [boolean, string][] = [
    [Boolean(env.MIGRATION_DATABASE_URL && !env.DATABASE_URL), 'DATABASE_URL: is needed beside MIGRATION_DATABASE_URL'],
    [Boolean((env.FILES_ENDPOINT || env.FILES_ACCESS_KEY || env.FILES_SECRET_KEY) && !env.FILES_BUCKET), 'FILES_BUCKET: is needed beside the other settings of its storage'],
    [Boolean(env.FILES_ACCESS_KEY) !== Boolean(env.FILES_SECRET_KEY), 'FILES_ACCESS_KEY and FILES_SECRET_KEY: go together'],
    [production && env.SEED === 'sample', 'SEED: sample accounts are not for production: set SEED=none'],
    [production && Boolean(env.DATABASE_URL && !env.SECRET), 'SECRET: is needed in production, the same for every process'],
    [production && Boolean(env.DATABASE_URL && !env.TOKEN_KEYS), 'TOKEN_KEYS: is needed in production, the same for every process'],
    [production && Boolean(env.DATABASE_URL && !env.CERTIFICATE_KEYS), 'CERTIFICATE_KEYS: is needed in production, the same for every process'],
    [production && Boolean(env.DATABASE_URL && !env.PERSONAL_DATA_KEYS), 'PERSONAL_DATA_KEYS: is needed in production, the same for every process'],
  ];
  return faults.flatMap(([found, says]) => (found ? [says] : []));
}

/** The settings of one process, validated, with what follows from others filled in. */
export interface Config {
  production: boolean;
  host: string;
  port: number;
  publicUrl: string | null;
  trustProxy: boolean;
  /** Absolute; the embedded server, the secret and the token keys live here. */
  dataDirectory: string;
  database: {
    /** null: start the embedded server. */
    url: string | null;
    migrationUrl: string | null;
    poolSize: number;
    waitMs: number;
    statementTimeoutMs: number;
    lockTimeoutMs: number;
  };
  sampleSeed: boolean;
  /** Whether the API process acts on events too, and how many at a time whoever does. */
  worker: { inside: boolean; concurrency: number };
  subscriptions: {
    /** Which Redis tells the processes of events; null: PostgreSQL does. */
    redisUrl: string | null;
    perProcess: number;
    perViewer: number;
    /** How often a client is asked whether it is still there. */
    pingMs: number;
  };
  /** What signs certificates; null: kept in the data directory. */
  certificateKeys: string | null;
  /** Keys cursors and throttle counters; null: kept in the data directory. */
  secret: string | null;
  /** Encrypt identity numbers, and make the hashes that they are found by; null: kept in the data directory. */
  personalDataKeys: string | null;
  tokens: { keys: string | null; accessSeconds: number; refreshDays: number };
  /** How much one account or client address may try in a quarter of an hour. */
  tries: { triesPerAccount: number; triesPerAddress: number; certificatesPerAddress: number };
  corsOrigins: string[];
  introspection: boolean;
  explorer: boolean;
  execution: { compiled: boolean; compileAfter: number };
  limits: {
    bodyBytes: number;
    depth: number;
    aliases: number;
    directives: number;
    tokens: number;
    cost: number;
    requestMs: number;
  };
  /** The S3-compatible storage that files are kept in; null: a folder of the data directory. */
  filesBucket: Bucket | null;
  log: { level: string; pretty: boolean };
}

/** A configuration that cannot be used; the message names every fault, a line each. */
export class ConfigError extends OperatorError {}

/** Reads and validates the environment. @throws ConfigError naming all faults at once. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  // What is set to nothing is not set.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = environment.safeParse(given);
  const faults = [...(parsed.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? []), ...contradictions(given)];
  if (!parsed.success || faults.length > 0) {
    throw new ConfigError(`The configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
  }
  const e = parsed.data;
  const production = e.NODE_ENV === 'production';
  return {
    production,
    host: e.HOST,
    port: e.PORT,
    publicUrl: e.PUBLIC_URL ?? null,
    trustProxy: e.TRUST_PROXY ?? false,
    dataDirectory: resolve(e.DATA_DIR),
    database: {
      url: e.DATABASE_URL ?? null,
      migrationUrl: e.MIGRATION_DATABASE_URL ?? null,
      poolSize: e.DATABASE_POOL_SIZE,
      waitMs: e.DATABASE_WAIT_MS,
      statementTimeoutMs: e.STATEMENT_TIMEOUT_MS,
      lockTimeoutMs: e.LOCK_TIMEOUT_MS,
    },
    sampleSeed: e.SEED ? e.SEED === 'sample' : !production && !e.DATABASE_URL,
    worker: { inside: e.WORKER === 'inside', concurrency: e.WORKER_CONCURRENCY },
    subscriptions: {
      redisUrl: e.EVENTS_URL ?? null,
      perProcess: e.MAX_SUBSCRIPTIONS,
      perViewer: e.MAX_SUBSCRIPTIONS_PER_VIEWER,
      pingMs: e.SUBSCRIPTION_PING_MS,
    },
    certificateKeys: e.CERTIFICATE_KEYS ?? null,
    secret: e.SECRET ?? null,
    personalDataKeys: e.PERSONAL_DATA_KEYS ?? null,
    tokens: { keys: e.TOKEN_KEYS ?? null, accessSeconds: e.ACCESS_TOKEN_SECONDS, refreshDays: e.REFRESH_TOKEN_DAYS },
    tries: {
      triesPerAccount: e.SIGN_IN_TRIES_PER_ACCOUNT, triesPerAddress: e.SIGN_IN_TRIES_PER_ADDRESS, certificatesPerAddress: e.CERTIFICATE_LOOKS_PER_ADDRESS,
    },
    corsOrigins: e.CORS_ORIGINS.split(',').map((origin) => origin.trim()).filter(Boolean),
    introspection: e.INTROSPECTION ?? !production,
    explorer: e.EXPLORER ?? !production,
    execution: { compiled: e.EXECUTION === 'compiled', compileAfter: e.COMPILE_AFTER },
    limits: {
      bodyBytes: e.MAX_BODY_BYTES,
      depth: e.MAX_DEPTH,
      aliases: e.MAX_ALIASES,
      directives: e.MAX_DIRECTIVES,
      tokens: e.MAX_TOKENS,
      cost: e.MAX_COST,
      requestMs: e.REQUEST_TIMEOUT_MS,
    },
    filesBucket: e.FILES_BUCKET
      ? {
          name: e.FILES_BUCKET,
          endpoint: e.FILES_ENDPOINT ?? null,
          region: e.FILES_REGION,
          credentials: e.FILES_ACCESS_KEY && e.FILES_SECRET_KEY ? { accessKeyId: e.FILES_ACCESS_KEY, secretAccessKey: e.FILES_SECRET_KEY } : null,
        }
      : null,
    log: { level: e.LOG_LEVEL, pretty: e.LOG_PRETTY ?? (!production && Boolean(process.stdout.isTTY)) },
  };
}

/** A text that is made once and kept in a file of the data directory that only its owner reads. */
export function keptIn(file: string, make: () => string): string {
  if (existsSync(file)) return readFileSync(file, 'utf8');
  mkdirSync(dirname(file), { recursive: true });
  const text = make();
  writeFileSync(file, text, { mode: 0o600 });
  return text;
}

/** The file in the data directory that keeps the keys of personal data when none are configured. */
export const personalDataKeysFile = (config: Config): string => join(config.dataDirectory, 'personal-data-keys.json');

/** What encrypts personal data. */
export function sealingOf(config: Config): Sealing {
  if (config.personalDataKeys !== null) return Sealing.by(config.personalDataKeys);
  const file = personalDataKeysFile(config);
  keptIn(file, () => JSON.stringify(newSealingKeys()));
  return Sealing.keptIn(file);
}

/** The secret that keys cursors and throttle counters. */
export const secretOf = (config: Config): string =>
  config.secret ?? keptIn(join(config.dataDirectory, 'secret'), () => randomBytes(32).toString('base64url'));
