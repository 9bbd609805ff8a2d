import 'reflect-metadata';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tokenKeysFile } from '../app';
import { keptIn, readConfig } from '../config';
import { newTokenKey, type TokenKeys } from '../platform/identity/tokens';
import { command, run } from './command';

const told = (keys: TokenKeys['keys'], says: string): void => {
  console.error(says);
  console.log(JSON.stringify({ keys }));
};

const program = command('keys:rotate', 'Puts a new key first among those that sign access tokens, or makes the first one; the one before stays, so that its tokens count until they expire.')
  .action(async () => {
    const fresh = await newTokenKey();
    const { NODE_ENV, DATABASE_URL, TOKEN_KEYS } = process.env;
    // Where the keys have to be given, there is no server yet that could make them.
    if (NODE_ENV === 'production' && DATABASE_URL && !TOKEN_KEYS) return told([fresh], 'There are no keys yet: set TOKEN_KEYS to what follows, the same for every process.');
    const config = readConfig();
    if (config.tokens.keys !== null) {
      const [before] = (JSON.parse(config.tokens.keys) as TokenKeys).keys;
      return told([fresh, before!], 'The keys are given by TOKEN_KEYS: set it to what follows, and restart every process.');
    }
    const file = tokenKeysFile(config);
    if (!existsSync(file)) {
      keptIn(file, () => JSON.stringify({ keys: [fresh] }));
      console.log(`Made the first key ${fresh.kid} in ${file}.`);
      return;
    }
    const [before] = (JSON.parse(readFileSync(file, 'utf8')) as TokenKeys).keys;
    writeFileSync(`${file}.new`, JSON.stringify({ keys: [fresh, before] }), { mode: 0o600 });
    renameSync(`${file}.new`, file);
    console.log(`Put the key ${fresh.kid} first in ${file}: restart the server to sign by it. The keys before ${before!.kid} are gone.`);
  });

void run(program);
