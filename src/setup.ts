import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { secretOf, type Config } from './config';
import { entities } from './domain';
import { createDataSource } from './platform/database/data-source';
import { connected } from './platform/database/installation';
import { migrate, ownerDataSource, roleOf } from './platform/database/migrate';
import type { DatabaseServer } from './platform/database/server';
import { OperatorError } from './platform/operator-error';

/** Works as the owner of the database. @throws OperatorError when the owner's URL is not known */
export async function asOwner<Result>(server: DatabaseServer, work: (owner: DataSource) => Promise<Result>): Promise<Result> {
  const { ownerUrl, applicationUrl } = server;
  if (ownerUrl === null) throw new OperatorError('This needs the owner of the database: set MIGRATION_DATABASE_URL beside DATABASE_URL.');
  const owner = await connected(ownerDataSource(ownerUrl, roleOf(applicationUrl), entities), ownerUrl);
  try {
    return await work(owner);
  } finally {
    await owner.destroy();
  }
}

/** The connections of an API process, as the application role. */
export function applicationDataSource(config: Config, server: DatabaseServer): Promise<DataSource> {
  const { poolSize, waitMs, statementTimeoutMs, lockTimeoutMs } = config.database;
  const opening = createDataSource({
    url: server.applicationUrl,
    poolSize,
    waitMs,
    name: 'youth-network',
    entities: entities,
    settings: {
      statement_timeout: `${statementTimeoutMs}`,
      lock_timeout: `${lockTimeoutMs}`,
      idle_in_transaction_session_timeout: `${config.limits.requestMs}`,
    },
  }).initialize();
  return connected(opening, server.applicationUrl);
}

/** Brings the database to this version and, where the configuration asks for it and nothing is there yet, seeds it. */
export async function setUp(config: Config, server: DatabaseServer, log: Logger): Promise<void> {
  await asOwner(server, async (owner) => {
    const done = await migrate(owner);
    if (done.length > 0) log.info({ migrations: done }, 'migrated the database');
    if (!config.sampleSeed) return;
    const { seedSample } = await import('../seeds/sample');
    if ((await seedSample({ owner, applicationUrl: server.applicationUrl, secret: secretOf(config) })) === 'SEEDED') {
      log.info('seeded the sample networks');
    }
  });
}
