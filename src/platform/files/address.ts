import { createHmac, timingSafeEqual } from 'node:crypto';
import { parse, stringify } from 'uuid';

/** What an address is for: taking a file, giving it, or giving the document of a certificate. */
export type AddressUse = 'UPLOAD' | 'READ' | 'CERTIFICATE';

/** A file, or what is given like one, as its address names it. */
export interface Addressed {
  use: AddressUse;
  networkId: string;
  fileId: string;
  expiresAt: Date;
}

const USES: readonly AddressUse[] = ['UPLOAD', 'READ', 'CERTIFICATE'];
const UUID_BYTES = 16;
const MAC_BYTES = 16;
const NAMED_BYTES = 1 + 2 * UUID_BYTES + 4;

const macOf = (secret: string, named: Buffer): Buffer => createHmac('sha256', secret).update('file').update(named).digest().subarray(0, MAC_BYTES);

/** The secret part of a file's address: what may be done with which file until when, and the proof that this platform says so. */
export function addressToken(secret: string, { use, networkId, fileId, expiresAt }: Addressed): string {
  const named = Buffer.concat([Buffer.of(USES.indexOf(use)), parse(networkId), parse(fileId), Buffer.alloc(4)]);
  named.writeUInt32BE(Math.floor(expiresAt.getTime() / 1000), NAMED_BYTES - 4);
  return Buffer.concat([named, macOf(secret, named)]).toString('base64url');
}

/** What an address says; null for one that this platform has not made, to the letter, or whose time is over. */
export function addressed(secret: string, token: string, use: AddressUse, now: Date): Addressed | null {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length !== NAMED_BYTES + MAC_BYTES || bytes.toString('base64url') !== token) return null;
  const named = bytes.subarray(0, NAMED_BYTES);
  if (!timingSafeEqual(macOf(secret, named), bytes.subarray(NAMED_BYTES))) return null;
  const expiresAt = new Date(named.readUInt32BE(NAMED_BYTES - 4) * 1000);
  if (USES[named[0]!] !== use || expiresAt <= now) return null;
  const idAt = (place: number) => stringify(named, 1 + place * UUID_BYTES);
  return { use, networkId: idAt(0), fileId: idAt(1), expiresAt };
}
