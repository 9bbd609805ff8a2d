import { createHmac, timingSafeEqual } from 'node:crypto';

/** Without letters that are read as others. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 8;

/** The code by which a volunteer fetches what was reserved, derived so that nobody else can read it anywhere. */
export function pickupCodeOf(secret: string, redemptionId: string): string {
  const digest = createHmac('sha256', secret).update(`pickup:${redemptionId}`).digest();
  return [...digest.subarray(0, LENGTH)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

/** Whether a code that somebody says is the one, whatever its case and spaces. */
export function isPickupCode(secret: string, redemptionId: string, said: string): boolean {
  const [right, given] = [pickupCodeOf(secret, redemptionId), said.toUpperCase().replaceAll(/[\s-]/g, '')].map((code) => createHmac('sha256', secret).update(code).digest());
  return timingSafeEqual(right!, given!);
}
