import { createHmac, timingSafeEqual } from 'node:crypto';
import { parse, stringify } from 'uuid';
import type { Feed, FeedKind } from './model';

const KINDS: readonly FeedKind[] = ['RESOURCE', 'ORGANIZATION', 'PERSON'];
const UUID_BYTES = 16;
const MAC_BYTES = 16;
const NAMED_BYTES = 1 + 3 * UUID_BYTES + 4;

const macOf = (secret: string, named: Buffer): Buffer => createHmac('sha256', secret).update('calendar').update(named).digest().subarray(0, MAC_BYTES);

/** The secret part of a calendar's URL: what names the calendar, and the proof that this platform has named it so. */
export function tokenOf(secret: string, { networkId, membershipId, kind, subjectId, generation }: Feed): string {
  const named = Buffer.concat([Buffer.of(KINDS.indexOf(kind)), ...[networkId, membershipId, subjectId].map((id) => parse(id)), Buffer.alloc(4)]);
  named.writeUInt32BE(generation, NAMED_BYTES - 4);
  return Buffer.concat([named, macOf(secret, named)]).toString('base64url');
}

/** The calendar that a token names; null for one that this platform has not made, to the letter. */
export function feedOf(secret: string, token: string): Feed | null {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length !== NAMED_BYTES + MAC_BYTES || bytes.toString('base64url') !== token) return null;
  const named = bytes.subarray(0, NAMED_BYTES);
  if (!timingSafeEqual(macOf(secret, named), bytes.subarray(NAMED_BYTES))) return null;
  const idAt = (place: number) => stringify(named, 1 + place * UUID_BYTES);
  return { kind: KINDS[named[0]!]!, networkId: idAt(0), membershipId: idAt(1), subjectId: idAt(2), generation: named.readUInt32BE(NAMED_BYTES - 4) };
}
