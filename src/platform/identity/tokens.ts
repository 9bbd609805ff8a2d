import { randomBytes, createHash } from 'node:crypto';
import { createLocalJWKSet, errors, exportJWK, generateKeyPair, importJWK, jwtVerify, SignJWT, type JWK } from 'jose';
import { LRUCache } from 'lru-cache';
import { isUuid } from '../ids';
import { RequestError } from '../graphql/errors';

const ISSUER = 'youth-network';
const AUDIENCE = 'youth-network-api';
const ALGORITHM = 'EdDSA';

/** What an access token says: the person, the session it belongs to, and the membership it acts by. */
export interface AccessClaims {
  userId: string;
  sessionId: string;
  membershipId: string | null;
  role: string | null;
}

/** What a token says that was verified. */
export interface VerifiedClaims extends AccessClaims {
  /** When it expires, and from when on it counts, in seconds since the epoch. */
  expires: number;
  notBefore: number;
}

/** The private keys as kept in a file or setting (a JWK set); the first signs, all verify, so that keys can rotate. */
export interface TokenKeys {
  keys: JWK[];
}

/** A new Ed25519 key, to be put first. */
export async function newTokenKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true });
  return { ...(await exportJWK(privateKey)), kid: randomBytes(9).toString('base64url'), alg: ALGORITHM, use: 'sig' };
}

/** The public half of a key, for those who only verify. */
const publicKey = ({ kty, crv, x, kid, alg, use }: JWK): JWK => ({ kty, crv, x, kid, alg, use });

/** Issues and reads access tokens (JWT, RFC 7519; EdDSA, RFC 8037) and makes refresh tokens. */
export class Tokens {
  // A token that was verified once stays so until it expires; the key is a hash, so that no token lies about in memory.
  private readonly verified = new LRUCache<string, VerifiedClaims>({ max: 10_000 });

  private constructor(
    private readonly signingKey: Awaited<ReturnType<typeof importJWK>>,
    private readonly kid: string,
    private readonly keySet: ReturnType<typeof createLocalJWKSet>,
    private readonly seconds: { access: number; refresh: number },
  ) {}

  static async create(kept: TokenKeys, seconds: { access: number; refresh: number }): Promise<Tokens> {
    const [first] = kept.keys;
    if (!first?.kid || !first.d) throw new Error('TOKEN_KEYS needs a JWK set whose first key is a private one with a kid');
    const set = createLocalJWKSet({ keys: kept.keys.map(publicKey) });
    return new Tokens(await importJWK(first, ALGORITHM), first.kid, set, seconds);
  }

  /** A new access token and when it expires. */
  async issue(claims: AccessClaims, now = new Date()): Promise<{ token: string; expiresAt: Date }> {
    const issuedAt = Math.floor(now.getTime() / 1000);
    const expires = issuedAt + this.seconds.access;
    const token = await new SignJWT({ sid: claims.sessionId, mid: claims.membershipId, role: claims.role })
      .setProtectedHeader({ alg: ALGORITHM, kid: this.kid, typ: 'at+jwt' })
      .setSubject(claims.userId)
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setIssuedAt(issuedAt)
      .setExpirationTime(expires)
      .sign(this.signingKey);
    return { token, expiresAt: new Date(expires * 1000) };
  }

  /** What a token says. @throws RequestError UNAUTHENTICATED for any token that is not ours, or not now */
  async verify(token: string): Promise<VerifiedClaims> {
    const key = createHash('sha256').update(token).digest('base64');
    const now = Date.now() / 1000;
    const known = this.verified.get(key);
    if (known && known.expires > now && known.notBefore <= now) return known;
    try {
      const { payload } = await jwtVerify(token, this.keySet, {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience: AUDIENCE,
        typ: 'at+jwt',
        requiredClaims: ['sub', 'sid', 'exp', 'iat'],
      });
      const { sub, sid, mid, role, exp, nbf } = payload;
      const named = (id: unknown): id is string => typeof id === 'string' && isUuid(id);
      if (!named(sub) || !named(sid) || (mid !== null && !named(mid))) throw new errors.JWTInvalid();
      const claims = {
        userId: sub,
        sessionId: sid,
        membershipId: mid,
        role: typeof role === 'string' ? role : null,
        expires: exp!,
        notBefore: nbf ?? 0,
      };
      this.verified.set(key, claims);
      return claims;
    } catch (error) {
      throw new RequestError('UNAUTHENTICATED', error instanceof errors.JWTExpired ? 'auth.expired' : 'auth.invalid');
    }
  }

  /** A new refresh token: opaque, kept only as its hash. */
  newRefreshToken(now = new Date()): { token: string; hash: Buffer; expiresAt: Date } {
    const token = randomBytes(32).toString('base64url');
    return { token, hash: hashToken(token), expiresAt: new Date(now.getTime() + this.seconds.refresh * 1000) };
  }
}

/** The hash under which an opaque token or code is kept. */
export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest();
