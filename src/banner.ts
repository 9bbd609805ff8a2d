import type { SignIn } from '../seeds/data';

/** The columns that a text takes in a terminal, where Chinese characters are two wide. */
const widthOf = (text: string): number => [...text].reduce((width, character) => width + (character >= '\u1100' ? 2 : 1), 0);

/** Rows under each other, each column as wide as its widest text. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => widthOf(row[column]!))));
  return rows.map((row) => `  ${row.map((text, column) => text + ' '.repeat(widths[column]! - widthOf(text))).join('  ').trimEnd()}`).join('\n');
}

/** Whom to sign in as, a line each. */
export const signInTable = (signIns: readonly SignIn[]): string =>
  table([
    ['identifier', 'password', 'role', 'organization', ''],
    ...signIns.map(({ identifier, password, role, organization, note }) => [identifier, password, role, organization, note]),
  ]);

/** What is printed for whoever has just started the server. */
export function banner(endpoint: string, explorer: boolean, samples: readonly SignIn[]): string {
  const lines = ['', `  GraphQL   ${endpoint}`];
  if (explorer) lines.push(`  explorer  ${new URL('.', endpoint).href}`);
  if (samples.length > 0) lines.push('', '  Sample sign-ins:', signInTable(samples));
  return `${lines.join('\n')}\n`;
}
