import type { AddressInfo } from 'node:net';
import pino from 'pino';
import { createApp } from '../../src/app';
import { applicationDataSource } from '../../src/setup';
import type { TestApi } from '../support/api';
import type { Reached } from './clients';

/** One more API beside another, on the same database. */
export async function startBeside({ config, database, clock }: TestApi): Promise<Reached & { stop: () => Promise<void> }> {
  const dataSource = await applicationDataSource(config, { ...database, stop: async () => undefined });
  const app = await createApp({ config, dataSource, log: pino({ level: 'silent' }), clock });
  await app.server.listen({ host: config.host, port: 0 });
  const { port } = app.server.server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      await app.close();
      await dataSource.destroy();
    },
  };
}
