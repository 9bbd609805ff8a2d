import type { Statement } from './session';

/** A connection keeps what it has prepared until it ends, so that a text needs a place among the first so many. */
const MOST_PREPARED = 64;
const MOST_OF_VERBS = 256;
const names = new Map<string, string>();
const namesOfVerbs = new Map<string, string>();

function nameIn(known: Map<string, string>, prefix: string, most: number, text: string): string | undefined {
  let name = known.get(text);
  if (name === undefined && known.size < most) known.set(text, (name = `${prefix}-${known.size}`));
  return name;
}

/** A statement whose text depends on what was asked for but whose plan does not depend on the values: planned once a connection. */
export function prepared(text: string, values: unknown[]): Statement {
  return { name: nameIn(names, 'prepared', MOST_PREPARED, text), text, values, keyed: true };
}

/** A statement of a verb: parsed once a connection, and planned by its values as long as that is worth it. */
export const named = (text: string, values: unknown[]): Statement => ({ name: nameIn(namesOfVerbs, 'verb', MOST_OF_VERBS, text), text, values });
