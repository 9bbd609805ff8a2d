import { readConfig } from '../../src/config';
import { MOST_PER_PAGE } from '../../src/platform/graphql/connection';
import { UserErrorCode } from '../../src/platform/graphql/refusal';
import { readPage, rowsOf } from './markdown';

const rows = rowsOf(readPage('docs/clients.md'));
const codes = rows.flatMap(([cell]) => [...cell!.matchAll(/`([A-Z_]{4,})`/g)].map(([, code]) => code!));

test('clients are told of every code of userErrors and of top-level errors', () => {
  const topLevel = [...readPage('src/platform/graphql/errors.ts').matchAll(/^ {2}\| '([A-Z_]+)'/gm)].map(([, code]) => code!);
  expect(topLevel.length).toBeGreaterThan(5);
  expect(codes).toEqual(expect.arrayContaining([...topLevel, ...Object.keys(UserErrorCode)]));
});

test('the limits that clients are told of are those of the server', () => {
  const { limits, tokens } = readConfig({});
  const told = (what: string) => rows.find(([cell]) => cell === what)?.[1];
  const grouped = (value: number) => value.toLocaleString('en-US');
  expect(told('body')).toBe(`${grouped(limits.bodyBytes)} bytes`);
  expect(told('depth, aliases, directives, tokens of a document')).toBe([limits.depth, limits.aliases, limits.directives, limits.tokens].join(', '));
  expect(told('cost of an operation')).toMatch(new RegExp(`^${grouped(limits.cost)}:`));
  expect(told('page')).toBe(`${MOST_PER_PAGE} rows`);
  expect(told('time')).toBe(`${limits.requestMs / 1000} s`);
  expect(told('`accessToken`')).toBe(`${tokens.accessSeconds / 60} minutes`);
  expect(told('`refreshToken`')).toBe(`${tokens.refreshDays} days`);
});
