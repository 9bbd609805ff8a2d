import 'reflect-metadata';
import { migrate, migrateDown } from '../platform/database/migrate';
import { asOwner } from '../setup';
import { command, run, withServer } from './command';

const program = command('migrate', 'Brings the database to this version of the code.')
  .option('--down', 'takes the last migration back instead')
  .action(async ({ down }: { down?: boolean }) => {
    await withServer(async (server) => {
      await asOwner(server, async (owner) => {
        if (down) {
          const undone = await migrateDown(owner);
          console.log(undone === null ? 'There is no migration to take back.' : `Took ${undone} back.`);
          return;
        }
        const done = await migrate(owner);
        console.log(done.length ? `Ran ${done.join(', ')}.` : 'The database is at this version already.');
      });
    });
  });

void run(program);
