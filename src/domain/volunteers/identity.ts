import type { MessageKey } from '../../platform/i18n/messages';
import type { Sealed, Sealing } from '../../platform/identity/sealing';
import type { IdentityDocument } from './model';

/** What a resident identity number (GB 11643-1999) says of its holder. */
export interface Identified {
  birthDate: string;
  gender: 'FEMALE' | 'MALE';
}

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS = '10X98765432';
/** The first two digits of the divisions that numbers are given in; 81 to 83 on residence permits for Hong Kong, Macao and Taiwan. */
const PROVINCES = new Set('11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83'.split(' '));
const EARLIEST = '1900-01-01';

/** A number as it is kept: half width, upper case, without spaces. */
export const normalizedNumber = (text: string): string => text.normalize('NFKC').replaceAll(/[\s-]/g, '').toUpperCase();

/** Whether a text is a calendar day, YYYY-MM-DD. */
export function isDay(text: string): boolean {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** Reads a resident identity number. @returns what it says, or why it is none */
export function readIdentity(number: string): Identified | MessageKey {
  if (!/^\d{17}[\dX]$/.test(number)) return 'identity.form';
  if (!PROVINCES.has(number.slice(0, 2))) return 'identity.division';
  const birthDate = `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`;
  if (!isDay(birthDate) || birthDate < EARLIEST) return 'identity.date';
  const sum = WEIGHTS.reduce((total, weight, place) => total + weight * Number(number[place]), 0);
  if (CHECKS[sum % 11] !== number[17]) return 'identity.check';
  return { birthDate, gender: Number(number[16]) % 2 === 1 ? 'MALE' : 'FEMALE' };
}

/** The day on which somebody turns so old; who was born on a leap day does on 1 March. */
export function birthday(birthDate: string, age: number): string {
  const day = `${String(Number(birthDate.slice(0, 4)) + age).padStart(4, '0')}${birthDate.slice(4)}`;
  return isDay(day) ? day : `${day.slice(0, 4)}-03-01`;
}

/** Whether somebody is so old on a day. */
export const isAged = (birthDate: string, age: number, day: string): boolean => birthday(birthDate, age) <= day;

/** From which age on somebody volunteers, and from which without a guardian. */
export const YOUNGEST = 14;
export const OF_AGE = 18;

/** A number as it is shown: its first and last character, since with the birth date beside it more would be enough to guess the rest. */
export const masked = (number: string): string => (number.length < 6 ? '*'.repeat(number.length) : `${number[0]}${'*'.repeat(number.length - 2)}${number.at(-1)}`);

/** The columns that a number is kept in. */
export interface KeptIdentity {
  identityDocument: IdentityDocument;
  identityEncrypted: Buffer;
  identityKey: string;
  identityHash: Buffer;
  identityMasked: string;
}

/** Whose number it is: what is encrypted for one volunteer opens for no other. */
const boundTo = (networkId: string, volunteerId: string): string => `identity:${networkId}:${volunteerId}`;

/** The hash by which a number is found in its network. */
export const hashIdentity = (sealing: Sealing, networkId: string, document: IdentityDocument, number: string): Buffer =>
  sealing.hash(number, `identity:${networkId}:${document}`);

/** A number that opens for one volunteer alone. */
export const sealNumber = (sealing: Sealing, networkId: string, volunteerId: string, number: string): Sealed => sealing.seal(number, boundTo(networkId, volunteerId));

/** What is kept of an identity number. */
export function sealIdentity(sealing: Sealing, networkId: string, volunteerId: string, document: IdentityDocument, number: string): KeptIdentity {
  const { bytes, kid } = sealNumber(sealing, networkId, volunteerId, number);
  return {
    identityDocument: document,
    identityEncrypted: bytes,
    identityKey: kid,
    identityHash: hashIdentity(sealing, networkId, document, number),
    identityMasked: masked(number),
  };
}

/** The whole number again, for an export that was asked for or another key. */
export const openIdentity = (sealing: Sealing, networkId: string, volunteerId: string, bytes: Buffer, kid: string): string =>
  sealing.open({ bytes, kid }, boundTo(networkId, volunteerId));
