import 'reflect-metadata';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { personalDataKeysFile, sealingOf } from '../config';
import { newSealingKey, type SealingKeys } from '../platform/identity/sealing';
import { applicationDataSource } from '../setup';
import { command, run, withServer } from './command';

/** A set of keys with a new one first, or last where processes have to know it before it is used. */
const extended = ({ keys }: SealingKeys, place: 'first' | 'last'): SealingKeys => ({ keys: place === 'first' ? [newSealingKey(), ...keys] : [...keys, newSealingKey()] });

/** The key in use, the one before, and the one that hashes. */
const kept = ({ keys }: SealingKeys): SealingKeys => {
  const encrypting = keys.filter(({ alg }) => alg === 'A256GCM');
  return { keys: [...encrypting.slice(0, 2), ...keys.filter(({ alg }) => alg === 'HS256')] };
};

function replace(file: string, keys: SealingKeys): void {
  writeFileSync(`${file}.new`, JSON.stringify(keys), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

const program = command('personal-data:rotate', 'Encrypts every identity number by the first key of personal data; servers go on meanwhile.')
  .option('--new-key', 'prints PERSONAL_DATA_KEYS with a new key at its end, for every process to know before it is put first')
  .action(({ newKey }: { newKey?: boolean }) =>
    withServer(async (server, config) => {
      const configured = config.personalDataKeys;
      if (configured !== null && newKey) return console.log(JSON.stringify(extended(JSON.parse(configured) as SealingKeys, 'last')));
      const file = personalDataKeysFile(config);
      sealingOf(config);
      if (configured === null) replace(file, extended(JSON.parse(readFileSync(file, 'utf8')) as SealingKeys, 'first'));
      const source = await applicationDataSource(config, server);
      try {
        const { resealAll } = await import('../domain/volunteers/resealing');
        const sealing = sealingOf(config);
        console.log(`Encrypted ${await resealAll(source, sealing)} identity numbers by the key ${sealing.kid}.`);
      } finally {
        await source.destroy();
      }
      if (configured === null) replace(file, kept(JSON.parse(readFileSync(file, 'utf8')) as SealingKeys));
    }),
  );

void run(program);
