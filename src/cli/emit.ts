import { readFileSync, writeFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { OperatorError } from '../platform/operator-error';

/** Writes a generated file, or checks that it is what would be written. @throws OperatorError when it is not */
export function emit(file: string, text: string, script: string, check: boolean): void {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : null;
  if (before === text) {
    console.log(`${file} is fresh.`);
    return;
  }
  if (check) throw new OperatorError(`${file} is stale: run npm run ${script} and commit it.`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  console.log(`Wrote ${file}.`);
}
