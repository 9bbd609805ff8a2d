import { dirname, join, normalize } from 'node:path';
import { anchorsOf, isThere, pages, readPage } from './markdown';

/** The links of a page to elsewhere in the project. */
const linksOf = (page: string): string[] =>
  [...page.replaceAll(/^```.*?^```$/gms, '').replaceAll(/`[^`\n]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^[a-z]+:/.test(target));

test.each(pages())('the links of %s lead somewhere', (path) => {
  const broken = linksOf(readPage(path)).filter((link) => {
    const [file = '', anchor] = link.split('#');
    const target = file ? normalize(join(dirname(path), file)) : path;
    if (!isThere(target)) return true;
    return anchor !== undefined && !anchorsOf(readPage(target)).has(decodeURIComponent(anchor));
  });
  expect(broken).toEqual([]);
});
