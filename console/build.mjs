import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'console');
const target = join(root, 'dist', 'console');

const common = {
  absWorkingDir: root,
  outdir: target,
  bundle: true,
  minify: true,
  target: 'es2022',
  define: { 'process.env.NODE_ENV': '"production"' },
  logLevel: 'warning',
};

/** GraphiQL's style sheet holds all of Monaco's; what Monaco's modules import one by one would be there twice. */
const stylesOfMonacoOnce = {
  name: 'styles-of-monaco-once',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]monaco-editor[\\/].*\.css$/ }, () => ({ contents: '', loader: 'css' }));
  },
};

/**
 * Bundles the explorer page into dist/console under names that stay the same from build to build, each file also packed.
 * @returns {Promise<{ name: string, bytes: number, packed: number }[]>} what was written
 */
export async function buildConsole() {
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  await Promise.all([
    build({
      ...common,
      entryPoints: { main: join(source, 'src', 'main.tsx') },
      format: 'esm',
      jsx: 'automatic',
      loader: { '.ttf': 'dataurl', '.graphql': 'text' },
      plugins: [stylesOfMonacoOnce],
    }),
    // Classic scripts: a worker that is a module is the slower start and brings nothing here.
    build({
      ...common,
      entryPoints: {
        'editor.worker': 'monaco-editor/esm/vs/editor/editor.worker.js',
        'json.worker': 'monaco-editor/esm/vs/language/json/json.worker.js',
        'graphql.worker': 'monaco-graphql/esm/graphql.worker.js',
      },
      format: 'iife',
    }),
    copyFile(join(source, 'index.html'), join(target, 'index.html')),
  ]);
  const names = ['index.html', 'main.js', 'main.css', 'editor.worker.js', 'json.worker.js', 'graphql.worker.js'];
  return Promise.all(
    names.map(async (name) => {
      const content = await readFile(join(target, name));
      const packed = await promisify(gzip)(content);
      await writeFile(join(target, `${name}.gz`), packed);
      return { name, bytes: content.length, packed: packed.length };
    }),
  );
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const started = performance.now();
  const kilobytes = (bytes) => `${(bytes / 1024).toFixed(0).padStart(6)} kB`;
  for (const { name, bytes, packed } of await buildConsole()) console.log(`${name.padEnd(20)}${kilobytes(bytes)}${kilobytes(packed)} packed`);
  console.log(`built in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
