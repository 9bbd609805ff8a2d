import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDataSource } from '../../src/platform/database/data-source';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/platform/database/embedded';
import { migrate, roleOf } from '../../src/platform/database/migrate';
import { CLUSTER_VARIABLE, type Cluster } from './cluster';

let server: EmbeddedPostgres | null = null;
let directory: string | null = null;

/** One cluster for the run, with one migrated database that every test file copies. */
export default async function setUp(): Promise<void> {
  directory = mkdtempSync(join(tmpdir(), 'youth-network-test-'));
  chmodSync(directory, 0o755);
  server = await startEmbeddedPostgres({
    directory,
    settings: { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off', max_connections: '200', shared_buffers: '256MB' },
  });
  const owner = await createDataSource({
    url: server.ownerUrl,
    poolSize: 2,
    waitMs: 5_000,
    name: 'youth-network-test-setup',
    settings: { 'youth.application_role': roleOf(server.applicationUrl) },
  }).initialize();
  await migrate(owner);
  await owner.destroy();
  const { superuserUrl, ownerUrl, applicationUrl } = server;
  const cluster: Cluster = { superuserUrl, ownerUrl, applicationUrl };
  const file = join(directory, 'cluster.json');
  writeFileSync(file, JSON.stringify(cluster), { mode: 0o600 });
  process.env[CLUSTER_VARIABLE] = file;
}

export async function tearDown(): Promise<void> {
  await server?.stop();
  if (directory) rmSync(directory, { recursive: true, force: true });
}
