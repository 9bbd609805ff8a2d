import type { MessageKey } from '../../../platform/i18n/messages';

/** A cell as it stands in a roster: its text, or why it has none that can be taken. */
export type Cell = string | { fault: MessageKey };

/** A line of a roster. */
export interface Line {
  /** As programs for tables count them, from 1. */
  number: number;
  cells: readonly Cell[];
}

/** A roster that cannot be read at all; what it has before that place counts. */
export class UnreadableRoster extends Error {
  constructor(
    readonly line: number,
    readonly reason: MessageKey,
    readonly parameters: Record<string, number> = {},
  ) {
    super(reason);
  }
}

/** How much of a roster is read at most. */
export const MOST_LINES = 200_000;
export const MOST_COLUMNS = 100;
export const MOST_CELL = 2_000;

/** What a program for tables would reckon rather than show; a phone number begins with a plus too. */
export const isFormula = (text: string): boolean => /^[=@\t\r]/.test(text) || /^[+-](?![\d\s()-]*$)/.test(text);

/** A cell by its text. */
export function cellOf(text: string): Cell {
  if (text.length > MOST_CELL) return { fault: 'roster.cell.long' };
  return isFormula(text) ? { fault: 'roster.formula' } : text;
}
