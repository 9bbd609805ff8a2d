import fc from 'fast-check';
import { isCreditCode } from '../../src/domain/network/credit-code';

const ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY';

/** GB 32100-2015: weights are powers of 3 modulo 31. */
function checkCharacter(body: string): string {
  const sum = [...body].reduce((total, character, index) => total + ALPHABET.indexOf(character) * Number(3n ** BigInt(index) % 31n), 0);
  return ALPHABET[(31 - (sum % 31)) % 31]!;
}
const body = fc.array(fc.constantFrom(...ALPHABET), { minLength: 17, maxLength: 17 }).map((characters) => characters.join(''));

test('codes that bodies in China bear are accepted', () => {
  for (const code of ['91350100M000100Y43', '911101080000000007'.replace(/.$/, checkCharacter('91110108000000000'))]) expect(isCreditCode(code)).toBe(true);
});

test('a code with its check character is accepted, with any other it is not', () => {
  fc.assert(
    fc.property(body, fc.constantFrom(...ALPHABET), (digits, other) => {
      const right = checkCharacter(digits);
      expect(isCreditCode(digits + right)).toBe(true);
      expect(isCreditCode(digits + other)).toBe(other === right);
    }),
  );
});

test('one changed character, or two neighbours that changed places, are found', () => {
  fc.assert(
    fc.property(body, fc.nat(16), fc.constantFrom(...ALPHABET), (digits, at, other) => {
      const code = digits + checkCharacter(digits);
      const changed = code.slice(0, at) + other + code.slice(at + 1);
      expect(isCreditCode(changed)).toBe(changed === code);
      const swapped = code.slice(0, at) + code[at + 1]! + code[at]! + code.slice(at + 2);
      expect(isCreditCode(swapped)).toBe(swapped === code);
    }),
  );
});

test.each(['', '91350100M000100Y4', '91350100M000100Y433', '91350100I000100Y43', '91350100m000100Y43 ', '９１350100M000100Y43'])('%j is none', (text) => {
  expect(isCreditCode(text)).toBe(false);
});
