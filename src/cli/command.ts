import { Command } from 'commander';
import { readConfig, type Config } from '../config';
import { joinServer, type DatabaseServer } from '../platform/database/server';
import { OperatorError } from '../platform/operator-error';

/** One command of the project, called by its npm script. */
export const command = (name: string, description: string): Command =>
  new Command(`npm run ${name} --`).description(description).allowExcessArguments(false);

/** Runs a command; a fault that the operator can mend ends it in one line. */
export async function run(program: Command): Promise<void> {
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof OperatorError) console.error(error.message);
    else console.error(error);
    process.exitCode = 1;
  }
}

/** Works on the database that the configuration names; the embedded server is started for as long, unless it runs already. */
export async function withServer<Result>(work: (server: DatabaseServer, config: Config) => Promise<Result>): Promise<Result> {
  const config = readConfig();
  const server = await joinServer(config, (line) => console.error(line));
  try {
    return await work(server, config);
  } finally {
    await server.stop();
  }
}
