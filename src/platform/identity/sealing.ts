import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A symmetric key as a JWK (RFC 7518): `A256GCM` encrypts, `HS256` makes the hashes that things are found by. */
export interface SealingKey {
  kty: 'oct';
  kid: string;
  alg: 'A256GCM' | 'HS256';
  k: string;
}

/** The keys as kept in a file or setting (a JWK set): the first that encrypts is the one in use, the others still decrypt. */
export interface SealingKeys {
  keys: SealingKey[];
}

/** A text that only holders of the keys can read. */
export interface Sealed {
  /** Nonce, tag and text. */
  bytes: Buffer;
  kid: string;
}

const newKey = (alg: SealingKey['alg']): SealingKey => ({ kty: 'oct', kid: randomBytes(9).toString('base64url'), alg, k: randomBytes(KEY_BYTES).toString('base64url') });

/** A new key that encrypts, to be put first. */
export const newSealingKey = (): SealingKey => newKey('A256GCM');
/** The keys of a new installation. The one that hashes stays: what was found by it would not be any more. */
export const newSealingKeys = (): SealingKeys => ({ keys: [newKey('A256GCM'), newKey('HS256')] });

/** Whether a text is a set of such keys: at least one that encrypts and exactly one that hashes, none by the id of another. */
export function isSealingKeys(text: string): boolean {
  try {
    const { keys } = JSON.parse(text) as SealingKeys;
    const sound = keys.every(({ kty, kid, k, alg }) => kty === 'oct' && Boolean(kid) && ['A256GCM', 'HS256'].includes(alg) && Buffer.from(k, 'base64url').length === KEY_BYTES);
    const hashing = keys.filter(({ alg }) => alg === 'HS256').length;
    return sound && hashing === 1 && keys.length > 1 && new Set(keys.map(({ kid }) => kid)).size === keys.length;
  } catch {
    return false;
  }
}

interface Loaded {
  current: SealingKey;
  encrypting: ReadonlyMap<string, Buffer>;
  hashing: Buffer;
}

function loaded(text: string): Loaded {
  if (!isSealingKeys(text)) throw new Error('The keys of personal data are not a JWK set with keys for A256GCM and one for HS256');
  const { keys } = JSON.parse(text) as SealingKeys;
  const encrypting = keys.filter(({ alg }) => alg === 'A256GCM');
  const bytes = ({ k }: SealingKey) => Buffer.from(k, 'base64url');
  return {
    current: encrypting[0]!,
    encrypting: new Map(encrypting.map((key) => [key.kid, bytes(key)])),
    hashing: bytes(keys.find(({ alg }) => alg === 'HS256')!),
  };
}

/** Encrypts (AES-256-GCM) what may not be read in the database, and makes the keyed hashes (HMAC-SHA-256) that it is found by. */
export class Sealing {
  private constructor(
    private keys: Loaded,
    /** Where keys are kept that another process may put a new one before. */
    private readonly file: string | null,
    private changedAt: number,
  ) {}

  /** By keys that stay as long as the process. */
  static by(keys: string): Sealing {
    return new Sealing(loaded(keys), null, 0);
  }

  /** By the keys in a file, read again whenever it has changed. */
  static keptIn(file: string): Sealing {
    return new Sealing(loaded(readFileSync(file, 'utf8')), file, statSync(file).mtimeMs);
  }

  /** The key that is in use. */
  get kid(): string {
    return this.now().current.kid;
  }

  /** @param bound what the text belongs to: it opens in no other place */
  seal(text: string, bound: string): Sealed {
    const { current, encrypting } = this.now();
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, encrypting.get(current.kid)!, nonce).setAAD(Buffer.from(bound));
    const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return { bytes: Buffer.concat([nonce, cipher.getAuthTag(), encrypted]), kid: current.kid };
  }

  /** @throws Error when the key is not there, or the bytes are not what was sealed in this place */
  open({ bytes, kid }: Sealed, bound: string): string {
    const key = this.now().encrypting.get(kid);
    if (!key) throw new Error(`The key ${kid} of personal data is not among those configured`);
    const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES }).setAAD(Buffer.from(bound));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
  }

  /** The hash that a text is found by, within one scope. */
  hash(text: string, scope: string): Buffer {
    return createHmac('sha256', this.now().hashing).update(`${scope}:${text}`).digest();
  }

  private now(): Loaded {
    if (this.file !== null) {
      const { mtimeMs } = statSync(this.file);
      if (mtimeMs !== this.changedAt) {
        this.keys = loaded(readFileSync(this.file, 'utf8'));
        this.changedAt = mtimeMs;
      }
    }
    return this.keys;
  }
}
