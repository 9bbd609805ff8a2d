import type { Statement } from './session';

/** A connection keeps what it has prepared until it ends, so that a text needs a place among the first so many. */
const MOST_PREPARED = 64;
const names = new Map<string, string>();

/** A statement whose text depends on what was asked for but whose plan does not depend on the values: planned once a connection. */
export function prepared(text: string, values: unknown[]): Statement {
  let name = names.get(text);
  if (name === undefined && names.size < MOST_PREPARED) names.set(text, (name = `prepared-${names.size}`));
  return { ...(name !== undefined && { name }), text, values, keyed: true };
}
