import { serveCluster, type ServedCluster } from './serve-cluster';

let cluster: ServedCluster | null = null;

/** One cluster for the run, with one migrated database that every test file copies. */
export default async function setUp(): Promise<void> {
  cluster = await serveCluster({ synchronous_commit: 'off', max_connections: '200', shared_buffers: '256MB' });
}

export async function tearDown(): Promise<void> {
  await cluster?.stop();
}
