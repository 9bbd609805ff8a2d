import { environment } from '../../src/config';
import { readPage, rowsOf } from './markdown';

/** What the page says of each variable: its default, or null when it tells one in words. */
const documented = new Map(
  rowsOf(readPage('docs/configuration.md')).flatMap(([variable, standard]): [string, string | null][] => {
    const name = /^`([A-Z_]+)`$/.exec(variable!)?.[1];
    return name ? [[name, /^`([^`]+)`/.exec(standard!)?.[1] ?? null]] : [];
  }),
);

test('the page has every setting, and none that is not there', () => {
  expect([...documented.keys()].sort()).toEqual(Object.keys(environment.shape).sort());
});

test.each(Object.entries(environment.shape))('the default of %s is the one that the page tells', (name, setting) => {
  const { data } = setting.safeParse(undefined);
  expect(documented.get(name)).toBe(data === undefined || data === '' ? null : String(data));
});
