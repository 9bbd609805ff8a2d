import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resealAll } from '../../src/domain/volunteers/resealing';
import { isSealingKeys, newSealingKey, newSealingKeys, Sealing, type SealingKeys } from '../../src/platform/identity/sealing';
import { TestApi } from '../support/api';
import { Desk, identityNumber } from './desk';

/** The keys of personal data: what they encrypt, and that they change under running servers. */

const folder = mkdtempSync(join(tmpdir(), 'keys-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a text opens by its key, in its place, unchanged, and nowhere else', () => {
  const [own, other] = [Sealing.by(JSON.stringify(newSealingKeys())), Sealing.by(JSON.stringify(newSealingKeys()))];
  const sealed = own.seal('510726199505050000', 'here');
  expect(own.open(sealed, 'here')).toBe('510726199505050000');
  expect(sealed.bytes.toString('latin1')).not.toContain('5107');
  expect(own.seal('510726199505050000', 'here').bytes.equals(sealed.bytes)).toBe(false);
  expect(() => own.open(sealed, 'there')).toThrow();
  for (let at = 0; at < sealed.bytes.length; at++) {
    const changed = Buffer.from(sealed.bytes);
    changed[at]! ^= 1;
    expect(() => own.open({ ...sealed, bytes: changed }, 'here')).toThrow();
  }
  expect(() => other.open(sealed, 'here')).toThrow(/not among those configured/);
  expect(own.hash('a', 'x').equals(own.hash('a', 'x'))).toBe(true);
  expect(own.hash('a', 'x').equals(own.hash('a', 'y')) || own.hash('a', 'x').equals(other.hash('a', 'x'))).toBe(false);
});

test.each([['nothing', '{}'], ['no hash', JSON.stringify({ keys: [newSealingKey()] })], ['a short key', JSON.stringify({ keys: newSealingKeys().keys.map((key) => ({ ...key, k: 'short' })) })], ['text', 'x']])('a set with %s is none', (_, text) => {
  expect(isSealingKeys(text)).toBe(false);
});

test('a new key put first is taken up by a running server, the numbers are encrypted by it, and found as before', async () => {
  const file = join(folder, 'personal-data-keys.json');
  const keys = newSealingKeys();
  writeFileSync(file, JSON.stringify(keys));
  const api = await TestApi.start({ PERSONAL_DATA_KEYS: '', DATA_DIR: folder });
  const desk = await Desk.open(api);
  const number = identityNumber('1990-01-01', 5);
  const volunteer = await desk.active({ personal: { identityNumber: number, birthDate: undefined } });
  const kids = async () => (await api.database.sql<{ kid: string }>('SELECT DISTINCT identity_key AS kid FROM volunteer_personal WHERE identity_key IS NOT NULL')).map(({ kid }) => kid);
  expect(await kids()).toEqual([keys.keys[0]!.kid]);
  const fresh = newSealingKey();
  writeFileSync(file, JSON.stringify({ keys: [fresh, ...keys.keys] } satisfies SealingKeys));
  await desk.active({ personal: { identityNumber: identityNumber('1990-01-01', 6), birthDate: undefined } });
  expect((await kids()).sort()).toEqual([keys.keys[0]!.kid, fresh.kid].sort());
  const sealing = Sealing.keptIn(file);
  expect(await resealAll(api.dataSource, sealing)).toBe(1);
  expect(await resealAll(api.dataSource, sealing)).toBe(0);
  expect(await kids()).toEqual([fresh.kid]);
  const { url } = await api.done('exportPersonalData', { id: volunteer.id }, desk.people.schoolStaff, 'url');
  expect(await (await fetch(new URL(new URL(url).pathname, api.url))).json()).toMatchObject({ personal: { identity_number: number } });
  const again = await api.mutate('applyAsVolunteer', { ...Desk.application({ personal: { identityNumber: number, birthDate: undefined } }), channel: 'VISIT' }, desk.people.schoolStaff);
  expect(again.userErrors).toMatchObject([{ code: 'DUPLICATE' }]);
  await api.stop();
});
