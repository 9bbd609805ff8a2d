import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(__dirname, '../..');
const NOT_OURS = new Set(['node_modules', 'dist', '.git', '.data', 'coverage']);

/** Every page of the project, by its path from the root. */
export const pages = (folder = ''): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : pages(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });

export const readPage = (path: string): string => readFileSync(join(root, path), 'utf8');
export const isThere = (path: string): boolean => existsSync(join(root, path));

/** A fenced block of a page. */
export interface Block {
  language: string;
  text: string;
}

export const blocksOf = (page: string): Block[] =>
  [...page.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language, text]) => ({ language: language!, text: text! }));

/** The cells of every table row, but for head and rule. */
export const rowsOf = (page: string): string[][] =>
  page
    .split('\n')
    .filter((line) => /^\|.*\|$/.test(line))
    .map((line) => line.slice(1, -1).split(/(?<!\\)\|/).map((cell) => cell.trim()));

/** The anchors of the headings of a page, as GitHub makes them. */
export const anchorsOf = (page: string): Set<string> =>
  new Set(
    page
      .replaceAll(/^```.*?^```$/gms, '')
      .split('\n')
      .flatMap((line) => /^#{1,6} (.*)$/.exec(line)?.[1] ?? [])
      .map((heading) => heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').trim().replaceAll(/\s/g, '-')),
  );
