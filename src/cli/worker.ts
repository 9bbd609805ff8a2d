import 'reflect-metadata';
import { readConfig } from '../config';
import { inspect } from '../platform/database/installation';
import { openServer } from '../platform/database/server';
import { createLog } from '../platform/log';
import { OperatorError } from '../platform/operator-error';
import { Running, Stopped } from '../platform/running';
import { applicationDataSource } from '../setup';
import { command, run } from './command';

const program = command('worker', 'Acts on events in a process of its own, until it is told to end; the API has WORKER=none then.').action(async () => {
  const config = readConfig();
  if (config.database.url === null) {
    throw new OperatorError('A worker in a process of its own needs a PostgreSQL of your own: set DATABASE_URL. With the embedded one the API has it inside.');
  }
  const log = await createLog(config.log);
  const running = new Running();
  const told = new Promise<void>((resolve) => running.listen(resolve));
  try {
    const server = await openServer(config, (line) => log.info(line));
    const dataSource = await applicationDataSource(config, server);
    running.add('the connections', () => dataSource.destroy());
    await inspect(dataSource);
    const { startReacting } = await import('../worker');
    const worker = startReacting(config, server, dataSource, log);
    running.add('the worker', () => worker.stop());
    log.info('working');
    await told;
    log.info('stopping');
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
  } finally {
    await running.stop(log);
  }
});

void run(program);
