import { v7, validate } from 'uuid';

let sequence = 0;

/**
 * A new row id: UUIDv7 (RFC 9562), so that the order of ids is the order of creation, also of what one process makes
 * within the same millisecond. @param at when the row came to be
 */
export function newId(at: Date): string {
  sequence = (sequence + 1) >>> 0;
  return v7({ msecs: at.getTime(), seq: sequence });
}

/** Whether a text is a UUID, whatever its version. */
export const isUuid = (text: string): boolean => validate(text);

/** The global id of a node: opaque to clients, stable (Relay Global Object Identification). */
export const toGlobalId = (type: string, id: string): string => Buffer.from(`${type}:${id}`).toString('base64url');

/** Reads a global id; null for anything that is not one. */
export function fromGlobalId(globalId: string): { type: string; id: string } | null {
  if (globalId.length > 128) return null;
  const text = Buffer.from(globalId, 'base64url').toString();
  const colon = text.indexOf(':');
  const [type, id] = [text.slice(0, colon), text.slice(colon + 1)];
  // Exactly one spelling of an id is an id: whatever decodes to the same bytes by leniency is not.
  return colon > 0 && isUuid(id) && id === id.toLowerCase() && toGlobalId(type, id) === globalId ? { type, id } : null;
}
