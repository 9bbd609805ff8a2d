import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDataSource } from '../../src/platform/database/data-source';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/platform/database/embedded';
import { migrate, roleOf } from '../../src/platform/database/migrate';
import { CLUSTER_VARIABLE, type Cluster } from './cluster';

/** A cluster that tests work on. */
export interface ServedCluster {
  postgres: EmbeddedPostgres;
  /** Ends it and removes its folder. */
  stop: () => Promise<void>;
}

/** Starts a cluster with one migrated database, which createDatabase copies from then on. */
export async function serveCluster(settings: Record<string, string>): Promise<ServedCluster> {
  const directory = mkdtempSync(join(tmpdir(), 'youth-network-test-'));
  chmodSync(directory, 0o755);
  const postgres = await startEmbeddedPostgres({ directory, settings: { fsync: 'off', full_page_writes: 'off', ...settings } });
  const { superuserUrl, ownerUrl, applicationUrl } = postgres;
  const owner = await createDataSource({
    url: ownerUrl,
    poolSize: 2,
    waitMs: 5_000,
    name: 'youth-network-test-setup',
    settings: { 'youth.application_role': roleOf(applicationUrl) },
  }).initialize();
  await migrate(owner);
  await owner.destroy();
  const cluster: Cluster = { superuserUrl, ownerUrl, applicationUrl };
  const file = join(directory, 'cluster.json');
  writeFileSync(file, JSON.stringify(cluster), { mode: 0o600 });
  process.env[CLUSTER_VARIABLE] = file;
  const stop = async () => {
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  return { postgres, stop };
}
