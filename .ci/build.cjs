/**
 * Brings dist/ up to date with the sources: TypeScript by swc, data files as they are, the explorer page by esbuild.
 * Runs by itself (`npm run build`, and at install) and before every command (`node -r ./.ci/build.cjs dist/...`), so
 * that an edited source is never answered with old code. What is unchanged costs only a hash.
 */
const { spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { dirname, join, relative } = require('node:path');

const root = join(__dirname, '..');
const output = join(root, 'dist');
const manifestFile = join(output, 'manifest.json');

const hashOf = (...texts) => texts.reduce((hash, text) => hash.update(text), createHash('sha256')).digest('base64url');
const read = (file) => readFileSync(join(root, file));

function filesIn(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

function build() {
  const before = existsSync(manifestFile) ? JSON.parse(readFileSync(manifestFile, 'utf8')) : {};
  const after = {};
  const settings = hashOf(read('.swcrc'), read('.ci/build.cjs'));
  const sources = [...filesIn('src'), ...filesIn('migrations'), ...filesIn('seeds'), 'ormconfig.ts'];
  const stale = [];
  for (const file of sources.filter((name) => /\.(ts|yaml)$/.test(name))) {
    after[file] = hashOf(settings, read(file));
    if (before[file] !== after[file]) stale.push(file);
  }
  // The commands have no page to show.
  const isCommand = (process.argv[1] ?? '').startsWith(join(output, 'src', 'cli'));
  after.console = isCommand ? before.console : hashOf(read('package-lock.json'), ...[...filesIn('console'), ...filesIn('schema/operations')].flatMap((file) => [file, read(file)]));
  const gone = Object.keys(before).filter((file) => !(file in after));
  const staleConsole = before.console !== after.console;
  if (!stale.length && !gone.length && !staleConsole) return;

  const written = (file) => join(output, file.replace(/\.ts$/, '.js'));
  for (const file of gone) for (const ending of ['', '.map']) rmSync(`${written(file)}${ending}`, { force: true });
  for (const file of stale) {
    mkdirSync(dirname(written(file)), { recursive: true });
    if (!file.endsWith('.ts')) {
      writeFileSync(written(file), read(file));
      continue;
    }
    const { code, map } = require('@swc/core').transformFileSync(join(root, file), { cwd: root });
    writeFileSync(`${written(file)}.map`, map);
    writeFileSync(written(file), code);
  }
  if (staleConsole) {
    const { status } = spawnSync(process.execPath, [join(root, 'console/build.mjs')], { stdio: ['ignore', 'ignore', 'inherit'] });
    if (status !== 0) throw new Error('the explorer page could not be built');
  }
  writeFileSync(`${manifestFile}.new`, JSON.stringify(after, null, 1));
  renameSync(`${manifestFile}.new`, manifestFile);
}

try {
  build();
} catch (error) {
  const missing = error.code === 'MODULE_NOT_FOUND';
  const reason = missing ? 'the compiler is not installed; run npm ci, development dependencies included' : error.message;
  console.error(`dist/ could not be brought up to date with the sources: ${reason}`);
  process.exit(1);
}
