import { createHash, randomBytes } from 'node:crypto';
import { canonicalJson } from '../contracts/content';

/** What a certificate says, by the four groups that 民发〔2015〕149号 asks for: who, which services, who issues, number and date. */
export interface CertificateContent {
  holder: {
    legalName: string;
    volunteerNumber: string;
    identityDocument: string;
    identityNumberMasked: string;
  };
  period: { from: string; to: string };
  services: { content: string; duty: string; serviceDate: string; hours: number }[];
  hours: number;
  issuedBy: string;
  responsiblePerson: string;
  handledBy: string;
  contact: string;
  number: string;
  /** The day, in the network's time zone. */
  issuedOn: string;
}

/** The text that is kept and signed. */
export const contentText = (content: CertificateContent): string => canonicalJson(content);

/** The SHA-256, in hexadecimal, of the text that is signed. */
export const hashOfText = (text: string): string => createHash('sha256').update(text).digest('hex');

/** What is signed: the text by its hash, and that it is of this certificate with this code. */
export const signedText = ({ networkId, id, code, contentHash }: { networkId: string; id: string; code: string; contentHash: string }): string =>
  ['service certificate', networkId, id, code, contentHash].join('\n');

// Crockford's: without I, L, O and U, which are mistaken for others.
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CODE_LENGTH = 20;

/** A new code: 20 signs of 5 random bits each, so that nobody meets one by guessing. */
export const newCode = (): string => [...randomBytes(CODE_LENGTH)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');

/** A code as people type it: in groups, in small letters, with signs that look like others; null for what cannot be one. */
export function codeOf(typed: string): string | null {
  if (typed.length > 64) return null;
  const code = typed.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  return code.length === CODE_LENGTH && [...code].every((sign) => ALPHABET.includes(sign)) ? code : null;
}

/** A code as people read it. */
export const shownCode = (code: string): string => code.match(/.{5}/g)!.join('-');
