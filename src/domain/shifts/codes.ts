import { createHmac } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import { Refusal } from '../../platform/graphql/refusal';
import { isUuid } from '../../platform/ids';
import type { CheckInCode } from './model';

/** How long a code counts. */
export const CODE_SECONDS = 30;
const AUDIENCE = 'check-in';
const ALGORITHM = 'HS256';

const keyOf = (secret: string): Uint8Array => createHmac('sha256', secret).update('check-in codes').digest();

/** A code of a shift as of now: whoever has it was where it was shown, at most so many seconds ago (JWT, RFC 7519). */
export async function codeOf(secret: string, shiftId: string, now: Date): Promise<CheckInCode> {
  const issued = Math.floor(now.getTime() / 1000);
  const expires = issued + CODE_SECONDS;
  const code = await new SignJWT().setProtectedHeader({ alg: ALGORITHM }).setSubject(shiftId).setAudience(AUDIENCE).setIssuedAt(issued).setExpirationTime(expires).sign(keyOf(secret));
  return { code, expiresAt: new Date(expires * 1000) };
}

/** The shift that a code is for. @throws Refusal TOO_LATE when its time is over, INVALID for one that was not issued */
export async function shiftOfCode(secret: string, code: string, now: Date): Promise<string> {
  try {
    const { payload } = await jwtVerify(code, keyOf(secret), { algorithms: [ALGORITHM], audience: AUDIENCE, currentDate: now, requiredClaims: ['exp', 'sub'] });
    if (isUuid(payload.sub!)) return payload.sub!;
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw new Refusal('TOO_LATE', 'registration.code.expired', {}, ['code']);
    if (!(error instanceof errors.JOSEError)) throw error;
  }
  throw new Refusal('INVALID', 'registration.code', {}, ['code']);
}
