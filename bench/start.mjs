/**
 * `npm run bench`: installs what the bench needs where it is missing or old, then measures. PostGraphile 5 wants Node 22 or
 * later, so everything that is measured runs on the Node that is installed here, whichever one the project itself runs on.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const node = `${here}node_modules/node/bin/node`;
const installed = `${here}node_modules/.package-lock.json`;

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', cwd: here, shell: process.platform === 'win32' && command === 'npm' });
  if (error) console.error(error.message);
  if (status !== 0) process.exit(status ?? 1);
}

const current = existsSync(installed) && statSync(installed).mtimeMs >= statSync(`${here}package-lock.json`).mtimeMs;
if (!current) run('npm', ['ci', '--prefix', here]);
if (!existsSync(node)) {
  console.error('The Node of the bench is not there: its package (node) fetches it by an install script. Allow that and run npm ci --prefix bench.');
  process.exit(1);
}
run(node, [`${here}run.ts`, ...process.argv.slice(2)]);
