// GB 32100-2015: the alphabet leaves out I, O, S, V and Z; weights are powers of three modulo 31.
const ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY';

/** The check character of the first 17 characters of a unified social credit code (GB 32100-2015). */
export function checkCharacter(first17: string): string {
  let sum = 0;
  let weight = 1;
  for (const character of first17) {
    sum += ALPHABET.indexOf(character) * weight;
    weight = (weight * 3) % 31;
  }
  return ALPHABET[(31 - (sum % 31)) % 31]!;
}

/** Whether a text is a unified social credit code: 18 characters of the alphabet, the last checking the others. */
export const isCreditCode = (code: string): boolean =>
  /^[0-9A-HJ-NPQRTUWXY]{18}$/.test(code) && checkCharacter(code.slice(0, 17)) === code[17];
