import 'reflect-metadata';
import { renameSync, writeFileSync, readFileSync, existsSync } from 'node:fs';
import { tokenKeysFile } from '../app';
import { readConfig } from '../config';
import { newTokenKey, type TokenKeys } from '../platform/identity/tokens';
import { OperatorError } from '../platform/operator-error';
import { command, run } from './command';

const program = command('keys:rotate', 'Puts a new key first among those that sign access tokens; the one before stays, so that its tokens count until they expire.')
  .action(async () => {
    const config = readConfig();
    const fresh = await newTokenKey();
    if (config.tokens.keys !== null) {
      const { keys } = JSON.parse(config.tokens.keys) as TokenKeys;
      console.error('The keys are given by TOKEN_KEYS: set it to what follows, and restart every process.');
      console.log(JSON.stringify({ keys: [fresh, keys[0]] }));
      return;
    }
    const file = tokenKeysFile(config);
    if (!existsSync(file)) throw new OperatorError(`There are no keys yet: the first start makes ${file}.`);
    const { keys } = JSON.parse(readFileSync(file, 'utf8')) as TokenKeys;
    writeFileSync(`${file}.new`, JSON.stringify({ keys: [fresh, keys[0]] }), { mode: 0o600 });
    renameSync(`${file}.new`, file);
    console.log(`Put the key ${fresh.kid} first in ${file}: restart the server to sign by it. The keys before ${keys[0]!.kid} are gone.`);
  });

void run(program);
