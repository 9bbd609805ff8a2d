import 'reflect-metadata';
import { InvalidArgumentError } from 'commander';
import { sampleSignIns, type SignIn } from '../../seeds/data';
import { seedSample } from '../../seeds/sample';
import { seedScale, type Amount } from '../../seeds/scale';
import { secretOf } from '../config';
import { migrate } from '../platform/database/migrate';
import { OperatorError } from '../platform/operator-error';
import { asOwner } from '../setup';
import { signInTable } from '../banner';
import { command, run, withServer } from './command';

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It has to be a whole number above 0.');
  return value;
}

const shown = (signIns: readonly SignIn[]): void => console.log(`\n${signInTable(signIns)}\n`);

const program = command('seed', 'Makes the sample networks in a database without any, and with an option one for measurements.')
  .option('--scale <times>', 'a further network that holds the Er’ma network so many times', count)
  .option('--resources <number>', 'a further network with so many resources', count)
  .action(async ({ scale, resources }: { scale?: number; resources?: number }) => {
    await withServer(async (server, config) => {
      if (config.production) throw new OperatorError('Everybody knows the passwords of sample accounts: they are not for production (NODE_ENV).');
      await asOwner(server, async (owner) => {
        await migrate(owner);
        const outcome = await seedSample({ owner, applicationUrl: server.applicationUrl, secret: secretOf(config) });
        if (outcome === 'OTHERS') throw new OperatorError('The database holds other networks: the sample networks go only into an empty one.');
        console.log(outcome === 'SEEDED' ? 'Made the sample networks.' : 'The sample networks are there already.');
      });
      shown(sampleSignIns());
      const amounts: Amount[] = [...(scale ? [{ copies: scale }] : []), ...(resources ? [{ resources }] : [])];
      for (const amount of amounts) {
        const { code, signIns } = await seedScale({ ownerUrl: server.ownerUrl!, amount, log: console.log });
        console.log(`Made the network ${code}.`);
        shown(signIns);
      }
    });
  });

void run(program);
