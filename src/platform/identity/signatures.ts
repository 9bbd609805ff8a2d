import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import type { TokenKeys } from './tokens';

/** A signature, and which key it was made by. */
export interface SignatureByKey {
  keyId: string;
  signature: Buffer;
}

/** Signs what has to be told from what was altered for as long as its keys are kept (Ed25519, RFC 8032): the first signs, all verify. */
export class Signatures {
  private readonly publicKeys: ReadonlyMap<string, KeyObject>;
  private readonly own: { id: string; key: KeyObject };

  constructor({ keys }: TokenKeys) {
    const [first] = keys;
    this.own = { id: first!.kid!, key: createPrivateKey({ key: { ...first }, format: 'jwk' }) };
    this.publicKeys = new Map(keys.map(({ kty, crv, x, kid }) => [kid!, createPublicKey({ key: { kty, crv, x }, format: 'jwk' })]));
  }

  sign(text: string): SignatureByKey {
    return { keyId: this.own.id, signature: sign(null, Buffer.from(text), this.own.key) };
  }

  /** Whether a text was signed by one of the keys. */
  isSigned(text: string, { keyId, signature }: SignatureByKey): boolean {
    const key = this.publicKeys.get(keyId);
    return key !== undefined && verify(null, Buffer.from(text), key, signature);
  }
}
