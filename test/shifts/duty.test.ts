import { CompactSign, exportJWK, generateKeyPair } from 'jose';
import { v7 } from 'uuid';
import { TestApi } from '../support/api';
import { at, broken, NOW, range, Roster, uuidOf, type ShiftView, type TestVolunteer } from './roster';

let api: TestApi;
let roster: Roster;
let activity: string;

beforeAll(async () => {
  api = await TestApi.start();
  api.clock.set(NOW);
  roster = await Roster.begin(api);
  activity = await roster.activity();
});
beforeEach(() => api.clock.set(NOW));
afterEach(async () => expect(await broken(api)).toEqual([]));
afterAll(() => api.stop());

/** Moves the clock on the day of a shift, seconds and all. */
const clock = (day: number, time: string, seconds = 0) => api.clock.set(new Date(new Date(at(day, time)).getTime() + seconds * 1000));
const codeFor = async (shift: Pick<ShiftView, 'id'>, as = roster.hanna): Promise<string> => (await api.done('issueCheckInCode', { shift: shift.id }, as, 'code { code expiresAt }')).code.code as string;

/** A shift with somebody on it who has an account. */
async function onShift(day: number, more: Record<string, unknown> = {}): Promise<{ shift: ShiftView; volunteer: TestVolunteer; id: string }> {
  const shift = await roster.shift(activity, { range: range(day, '09:00', '12:00'), ...more });
  const volunteer = await roster.volunteer(roster.other, { account: true });
  const { id } = await roster.register(shift, volunteer.person!);
  return { shift, volunteer, id };
}

describe('by a code on the screen', () => {
  test('one comes and goes, within half a minute of its being shown', async () => {
    const { shift, volunteer, id } = await onShift(11);
    clock(11, '08:30');
    const code = await codeFor(shift);
    clock(11, '08:30', 29);
    expect(await roster.done('checkIn', { code }, volunteer.person!)).toMatchObject({ id, status: 'CHECKED_IN', checkedInAt: '2026-06-11T00:30:29.000Z', checkedOutAt: null, viewerCan: ['CHECK_OUT'] });
    clock(11, '12:05');
    const leaving = await codeFor(shift).catch(String);
    expect(leaving).toContain('TOO_LATE');
    clock(11, '11:59');
    expect(await roster.done('checkOut', { code: await codeFor(shift), registration: id }, volunteer.person!)).toMatchObject({ status: 'CHECKED_IN', checkedOutAt: at(11, '11:59'), viewerCan: [] });
    expect(await roster.codes('checkOut', { code: await codeFor(shift) }, volunteer.person!)).toBe('CONFLICT');
  });

  test('not before it opens, not after the end, not without a registration, nor by a code that does not count', async () => {
    const { shift, volunteer, id } = await onShift(12);
    const { shift: other } = await onShift(12, { range: range(12, '14:00', '16:00') });
    const stranger = await roster.volunteer(roster.host, { account: true });
    const second = await onShift(12);
    clock(12, '08:29', 59);
    expect(await roster.codes('checkIn', { code: await codeFor(shift) }, volunteer.person!)).toBe('TOO_EARLY');
    clock(12, '09:00');
    const code = await codeFor(shift);
    expect(await roster.codes('checkIn', { code }, stranger.person!)).toBe('NOT_FOUND code');
    expect(await roster.codes('checkIn', { code: await codeFor(other) }, volunteer.person!)).toBe('NOT_FOUND code');
    expect(await roster.codes('checkIn', { code: await codeFor(other), registration: id }, volunteer.person!)).toBe('INVALID code');
    // Somebody else's registration: another volunteer does not even see it; staff who do may not by a code.
    expect(await roster.codes('checkIn', { code, registration: id }, second.volunteer.person!)).toBe('NOT_FOUND registration');
    expect(await roster.codes('checkIn', { code, registration: id }, roster.otto)).toBe('NOT_ALLOWED registration');
    expect(await roster.codes('checkIn', { code, at: at(12, '09:00') }, volunteer.person!)).toBe('NOT_ALLOWED at');
    for (const forged of ['x', '', 'a.b.c', `${code.slice(0, -2)}AA`, code.split('.').slice(0, 2).join('.') + '.', `eyJhbGciOiJub25lIn0.${code.split('.')[1]}.`]) {
      expect([forged, await roster.codes('checkIn', { code: forged }, volunteer.person!)]).toEqual([forged, 'INVALID code']);
    }
    // A token of the session is no code, though this platform has signed it.
    expect(await roster.codes('checkIn', { code: await api.token(volunteer.person!) }, volunteer.person!)).toBe('INVALID code');
    clock(12, '09:00', 31);
    expect(await roster.codes('checkIn', { code }, volunteer.person!)).toBe('TOO_LATE code');
    expect(await roster.codes('checkIn', { registration: id }, volunteer.person!)).toBe('NOT_ALLOWED code');
    expect(await roster.codes('checkOut', { code: await codeFor(shift) }, volunteer.person!)).toBe('WRONG_STATE');
    expect(await roster.codes('checkIn', {}, volunteer.person!)).toBe('INVALID registration');
    const early = await codeFor(other);
    clock(12, '16:00');
    expect(await roster.codes('checkIn', { code: early }, volunteer.person!)).toBe('TOO_LATE code');
    expect((await roster.read(id))!.status).toBe('CONFIRMED');
  });

  test('codes are shown by who holds the activity and the committee alone', async () => {
    const { shift, volunteer } = await onShift(13);
    expect(await roster.codes('issueCheckInCode', { shift: shift.id }, roster.otto)).toBe('NOT_ALLOWED shift');
    expect((await api.ask('mutation ($input: IssueCheckInCodeInput!) { issueCheckInCode(input: $input) { userErrors { code } } }', { input: { shift: shift.id } }, volunteer.person)).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    expect(await codeFor(shift, roster.committee)).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    const draft = await roster.shift(await roster.activity({ open: false }));
    expect(await roster.codes('issueCheckInCode', { shift: draft.id }, roster.otto)).toBe('NOT_FOUND shift');
  });
});

describe('by staff of the host', () => {
  test('people come and go as noted, also later', async () => {
    const { id } = await onShift(14);
    const { id: absent } = await onShift(14, { range: range(14, '09:30', '12:00') });
    expect(await roster.codes('markNoShow', { id: absent, version: 1 }, roster.hanna)).toBe('TOO_EARLY');
    expect(await roster.codes('checkIn', { registration: id }, roster.otto)).toBe('NOT_ALLOWED code');
    clock(14, '13:00');
    expect(await roster.codes('checkIn', { registration: id }, roster.hanna)).toBe('TOO_LATE');
    expect(await roster.codes('checkIn', { registration: id, at: at(14, '08:00') }, roster.hanna)).toBe('TOO_EARLY');
    expect(await roster.codes('checkIn', { registration: id, at: at(14, '13:01') }, roster.hanna)).toBe('TOO_EARLY at');
    await roster.done('checkIn', { registration: id, at: at(14, '09:10') }, roster.hanna);
    expect(await roster.codes('checkOut', { registration: id, at: at(14, '09:09') }, roster.hanna)).toBe('TOO_EARLY');
    expect(await roster.done('checkOut', { registration: id, at: at(14, '11:40') }, roster.hanna)).toMatchObject({ checkedInAt: at(14, '09:10'), checkedOutAt: at(14, '11:40'), viewerCan: ['CONFIRM_HOURS'] });
    expect(await roster.codes('markNoShow', { id: absent, version: 2 }, roster.hanna)).toBe('STALE_VERSION version');
    expect(await roster.done('markNoShow', { id: absent, version: 1, note: 'Nobody came' }, roster.hanna)).toMatchObject({ status: 'NO_SHOW', viewerCan: [] });
    for (const verb of ['cancelRegistration', 'markNoShow']) expect(await roster.codes(verb, { id: absent, version: 2 }, roster.hanna)).toBe('WRONG_STATE');
    expect(await roster.codes('checkIn', { registration: absent, at: at(14, '09:30') }, roster.hanna)).toBe('WRONG_STATE');
  });

  test('who waits is checked in where somebody did not come, and not before', async () => {
    const shift = await roster.shift(activity, { range: range(15, '09:00', '12:00'), capacity: 1 });
    const [first, second] = [await roster.enrol(shift, await roster.volunteer(roster.host)), await roster.enrol(shift, await roster.volunteer(roster.host))];
    clock(15, '09:20');
    expect(await roster.codes('checkIn', { registration: second.id }, roster.hanna)).toBe('CAPACITY_EXCEEDED registration');
    await roster.done('markNoShow', { id: first.id, version: 1 }, roster.hanna);
    expect(await roster.done('checkIn', { registration: second.id }, roster.hanna)).toMatchObject({ status: 'CHECKED_IN' });
    expect(await roster.shiftNow(shift.id)).toMatchObject({ taken: 1, waitlisted: 0 });
  });
});

describe('without a network', () => {
  interface Entry { id: string; registration: string; action: string; at: string }
  const device = async (alg: 'EdDSA' | 'ES256' = 'EdDSA', as = roster.hanna) => {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    const { device: registered } = await api.done('registerCheckInDevice', { activity, name: 'Tablet', publicKey: JSON.stringify(await exportJWK(publicKey)) }, as, 'device { id registeredAt }');
    const sign = (entries: Partial<Entry>[], by = privateKey) => new CompactSign(Buffer.from(JSON.stringify({ entries }))).setProtectedHeader({ alg }).sign(by);
    return { id: registered.id as string, privateKey, sign };
  };
  const send = async (id: string, batch: string, as = roster.hanna) => {
    const { accepted, refused, userErrors } = await api.mutate('sendCheckIns', { device: id, batch }, as, 'accepted refused { entry code message }');
    if (userErrors.length) return (userErrors as { code: string; path: string[] }[]).map(({ code, path }) => [code, ...path.slice(1)].join(' ')).join();
    return { accepted: (accepted as string[]).length, refused: (refused as { code: string }[]).map(({ code }) => code) };
  };
  const entry = (registration: string, action: string, when: string): Entry => ({ id: v7(), registration, action, at: when });

  test.each(['EdDSA', 'ES256'] as const)('a device notes, signs by %s, and sends later: each entry once', async (alg) => {
    const { id: one } = await onShift(16);
    const { id: two } = await onShift(16);
    const tablet = await device(alg);
    const entries = [entry(one, 'CHECK_OUT', at(16, '12:00')), entry(one, 'CHECK_IN', at(16, '08:50')), entry(two, 'CHECK_IN', at(16, '09:10'))];
    clock(17, '20:00');
    const batch = await tablet.sign(entries);
    expect(await send(tablet.id, batch)).toEqual({ accepted: 3, refused: [] });
    expect(await roster.read(one)).toMatchObject({ status: 'CHECKED_IN', checkedInAt: at(16, '08:50'), checkedOutAt: at(16, '12:00') });
    expect(await send(tablet.id, batch)).toEqual({ accepted: 0, refused: ['DUPLICATE', 'DUPLICATE', 'DUPLICATE'] });
    // The same entry in another batch, or twice in one, is the same entry; one that says the same anew is a state that is over.
    const again = entry(two, 'CHECK_OUT', at(16, '11:00'));
    expect(await send(tablet.id, await tablet.sign([entries[2]!, again, again, entry(two, 'CHECK_IN', at(16, '09:20'))]))).toEqual({ accepted: 1, refused: ['DUPLICATE', 'WRONG_STATE', 'DUPLICATE'] });
  });

  test('what would not have counted then does not now, and the rest is taken all the same', async () => {
    const { id: good } = await onShift(17);
    const { id: waits } = await onShift(17);
    const elsewhere = await roster.activity({ title: 'Elsewhere' });
    const foreign = await roster.enrol(await roster.shift(elsewhere, { range: range(18, '09:00', '12:00') }), await roster.volunteer(roster.host));
    const tablet = await device();
    clock(17, '20:00');
    const outcome = await send(tablet.id, await tablet.sign([
      entry(waits, 'CHECK_IN', at(17, '08:29')), entry(waits, 'CHECK_IN', at(17, '12:00')), entry(waits, 'CHECK_OUT', at(17, '09:00')), entry(waits, 'CHECK_IN', at(17, '20:01')), entry(waits, 'CHECK_IN', at(9, '20:01')),
      entry(foreign.id, 'CHECK_IN', at(17, '09:00')), entry('nothing', 'CHECK_IN', at(17, '09:00')), entry(good, 'CHECK_IN', at(17, '09:05')),
    ]));
    expect(outcome).toEqual({ accepted: 1, refused: ['TOO_EARLY', 'TOO_EARLY', 'WRONG_STATE', 'NOT_FOUND', 'NOT_FOUND', 'TOO_LATE', 'TOO_EARLY'] });
    clock(25, '09:06');
    expect(await send(tablet.id, await tablet.sign([entry(good, 'CHECK_OUT', at(17, '12:00'))]))).toEqual({ accepted: 0, refused: ['TOO_LATE'] });
  });

  test('by another key, a revoked device or other people nothing is taken', async () => {
    const { id } = await onShift(18);
    const [tablet, other] = [await device(), await device()];
    clock(18, '10:00');
    const entries = [entry(id, 'CHECK_IN', at(18, '09:00'))];
    const batch = await tablet.sign(entries);
    expect(await send(tablet.id, await tablet.sign(entries, other.privateKey))).toBe('INVALID batch');
    expect(await send(other.id, batch)).toBe('INVALID batch');
    expect(await send(tablet.id, `${batch.slice(0, -4)}AAAA`)).toBe('INVALID batch');
    expect(await send(tablet.id, `${Buffer.from('{"alg":"none"}').toString('base64url')}.${batch.split('.')[1]}.`)).toBe('INVALID batch');
    for (const wrong of [[], [{}], [{ ...entries[0], id: 'x' }], [{ ...entries[0], action: 'LEAVE' }], [{ ...entries[0], at: 'noon' }], Array.from({ length: 501 }, () => entry(id, 'CHECK_IN', at(18, '09:00')))]) {
      expect(await send(tablet.id, await tablet.sign(wrong))).toBe('INVALID batch');
    }
    expect(await send(tablet.id, batch, roster.otto)).toBe('NOT_FOUND device');
    expect(await roster.codes('revokeCheckInDevice', { id: tablet.id }, roster.otto)).toBe('NOT_FOUND id');
    await api.done('revokeCheckInDevice', { id: tablet.id }, roster.committee);
    expect(await send(tablet.id, batch)).toBe('WRONG_STATE device');
    expect((await roster.read(id))!.status).toBe('CONFIRMED');
  });

  test('a key that is none is refused, and of a private one nothing is kept', async () => {
    const input = { activity, name: 'Tablet' };
    for (const publicKey of ['', 'x', '{}', '{"kty":"RSA","n":"x","e":"AQAB"}', '{"kty":"oct","k":"AAAA"}', JSON.stringify({ kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) })]) {
      expect([publicKey, await roster.codes('registerCheckInDevice', { ...input, publicKey }, roster.hanna)]).toEqual([publicKey, 'INVALID publicKey']);
    }
    const { privateKey } = await generateKeyPair('EdDSA', { extractable: true });
    const { device: kept } = await api.done('registerCheckInDevice', { ...input, publicKey: JSON.stringify(await exportJWK(privateKey)) }, roster.hanna, 'device { id activity { id } }');
    const [row] = await api.database.sql<{ key: object }>('SELECT public_key AS key FROM check_in_devices WHERE id = $1', [uuidOf(kept.id as string)]);
    expect(Object.keys(row!.key).sort()).toEqual(['crv', 'kty', 'x']);
    expect(await roster.codes('registerCheckInDevice', { ...input, publicKey: JSON.stringify(row!.key) }, roster.otto)).toBe('NOT_ALLOWED activity');
  });
});

describe('hours', () => {
  const CONFIRMED = 'confirmed hours leftOut activity { id }';
  const confirm = (of: string, more: Record<string, unknown> = {}, as = roster.hanna) => api.done('confirmHours', { activity: of, ...more }, as, CONFIRMED);

  /** An activity of one day, with people on its shift as they came and went. */
  async function served(day: number, people: readonly (readonly [string, string | null])[]) {
    const of = await roster.activity({ title: `Day ${day}` });
    const shift = await roster.shift(of, { range: range(day, '09:00', '12:00'), capacity: 20 });
    const ids: string[] = [];
    for (const _ of people) ids.push((await roster.enrol(shift, await roster.volunteer(roster.other))).id);
    clock(day, '18:00');
    for (const [index, [came, went]] of people.entries()) {
      await roster.done('checkIn', { registration: ids[index]!, at: at(day, came) }, roster.hanna);
      if (went) await roster.done('checkOut', { registration: ids[index]!, at: at(day, went) }, roster.hanna);
    }
    return { of, shift, ids };
  }
  const records = (ids: readonly string[]) =>
    api.database.sql<{ seconds: number; evaluation: number | null; place: string | null; duty: string; service_date: string }>(
      'SELECT seconds, evaluation, place, duty, service_date::text FROM service_records WHERE registration_id = ANY($1::uuid[]) ORDER BY array_position($1::uuid[], registration_id)', [ids.map(uuidOf)],
    );

  test('of all at once, from coming to going within the shift, but for exceptions', async () => {
    const { of, ids } = await served(11, [['08:30', '12:00'], ['09:15', '11:15'], ['09:00', null], ['08:45', '12:30'], ['10:00', '11:00']]);
    const answer = await confirm(of, { evaluation: 4, exceptions: [{ registration: ids[1], hours: 1.5, evaluation: 5 }, { registration: ids[4], leaveOut: true }], idempotencyKey: 'hours' });
    expect(answer).toMatchObject({ confirmed: 4, hours: 3 + 1.5 + 3 + 3, leftOut: 1, activity: { id: of } });
    expect(await records(ids)).toMatchObject([
      { seconds: 10_800, evaluation: 4, duty: '维护员', service_date: '2026-06-11' }, { seconds: 5_400, evaluation: 5 }, { seconds: 10_800, evaluation: 4 }, { seconds: 10_800, evaluation: 4 },
    ]);
    const { node } = await api.must('query ($id: ID!) { node(id: $id) { ... on Registration { status viewerCan volunteer { displayName } serviceRecord { hours evaluation } } } }', { id: ids[1] }, roster.hanna);
    expect(node).toEqual({ status: 'ATTENDED', viewerCan: [], volunteer: { displayName: expect.any(String) }, serviceRecord: { hours: 1.5, evaluation: 5 } });
    // The same request again is the same answer; another confirms what was left out.
    expect(await confirm(of, { evaluation: 4, exceptions: [{ registration: ids[1], hours: 1.5, evaluation: 5 }, { registration: ids[4], leaveOut: true }], idempotencyKey: 'hours' })).toMatchObject({ confirmed: 4 });
    expect(await confirm(of)).toMatchObject({ confirmed: 1, hours: 1, leftOut: 0 });
    expect(await confirm(of)).toMatchObject({ confirmed: 0, hours: 0, leftOut: 0 });
    expect(await roster.codes('confirmHours', { activity: of, exceptions: [{ registration: ids[0], hours: 1 }] }, roster.hanna)).toBe('WRONG_STATE exceptions 0 registration');
    // Confirmed in half an hour's early arrival: no more than the shift is long.
    expect((await records(ids)).every(({ seconds }) => seconds <= 10_800)).toBe(true);
  });

  test('more than from coming to going, or than the shift is long: nothing of it is confirmed', async () => {
    const { of, ids } = await served(12, [['08:30', '12:00'], ['10:00', '11:00']]);
    for (const [index, hours] of [[0, 3.01], [0, 3.5], [1, 1.01], [1, 48]] as const) {
      expect(await roster.codes('confirmHours', { activity: of, exceptions: [{ registration: ids[index], hours }] }, roster.hanna)).toBe('INVALID exceptions 0 hours');
    }
    for (const hours of [-1, 49, 1e300]) expect(await roster.codes('confirmHours', { activity: of, exceptions: [{ registration: ids[0], hours }] }, roster.hanna)).toBe('INVALID exceptions 0 hours');
    for (const evaluation of [0, 6]) expect(await roster.codes('confirmHours', { activity: of, evaluation }, roster.hanna)).toBe('INVALID evaluation');
    expect(await roster.codes('confirmHours', { activity: of, exceptions: [{ registration: ids[0] }, { registration: ids[0] }] }, roster.hanna)).toBe('INVALID exceptions 1 registration');
    expect(await roster.codes('confirmHours', { activity: of, exceptions: [{ registration: of }] }, roster.hanna)).toBe('NOT_FOUND exceptions 0 registration');
    expect(await records(ids)).toEqual([]);
    expect(await confirm(of, { exceptions: [{ registration: ids[0], hours: 3 }, { registration: ids[1], hours: 0 }] })).toMatchObject({ confirmed: 2, hours: 3 });
  });

  test('nobody confirms or evaluates the own service, nor another organization', async () => {
    const of = await roster.activity({ title: 'Own' });
    const shift = await roster.shift(of, { range: range(13, '09:00', '12:00') });
    const own = await roster.volunteer(roster.host, { account: true, role: 'STAFF' });
    const { id } = await roster.register(shift, own.person!);
    clock(13, '09:00');
    await roster.done('checkIn', { code: await codeFor(shift, own.person!) }, own.person!);
    expect(await confirm(of, {}, own.person!)).toMatchObject({ confirmed: 0, leftOut: 1 });
    clock(13, '12:00');
    expect(await confirm(of, { evaluation: 5 }, own.person!)).toMatchObject({ confirmed: 0, leftOut: 1 });
    expect(await roster.codes('confirmHours', { activity: of, exceptions: [{ registration: id, evaluation: 5 }] }, own.person!)).toBe('NOT_ALLOWED exceptions 0 registration');
    expect(await roster.codes('confirmHours', { activity: of }, roster.otto)).toBe('NOT_ALLOWED activity');
    expect(await confirm(of, { evaluation: 5, shift: shift.id }, roster.hanna)).toMatchObject({ confirmed: 1, hours: 3 });
    expect(await roster.codes('confirmHours', { activity: of, shift: (await roster.shift(activity, { range: range(29, '09:00', '10:00') })).id }, roster.hanna)).toBe('NOT_FOUND shift');
  });

  test('who is still on duty is left out, and asked for refused', async () => {
    const of = await roster.activity({ title: 'Still on' });
    const shift = await roster.shift(of, { range: range(14, '09:00', '12:00') });
    const { id } = await roster.enrol(shift, await roster.volunteer(roster.host));
    clock(14, '10:00');
    await roster.done('checkIn', { registration: id }, roster.hanna);
    expect(await confirm(of)).toMatchObject({ confirmed: 0, leftOut: 1 });
    expect(await roster.codes('confirmHours', { activity: of, exceptions: [{ registration: id, hours: 0.5 }] }, roster.hanna)).toBe('TOO_EARLY exceptions 0 registration');
  });

  test('asked for at the same instant they are confirmed once', async () => {
    const { of, ids } = await served(15, [['09:00', '12:00'], ['09:00', '12:00'], ['09:00', '12:00']]);
    const answers = await Promise.all(Array.from({ length: 6 }, () => api.mutate('confirmHours', { activity: of }, roster.hanna, CONFIRMED)));
    expect(answers.map(({ confirmed }) => confirmed as number).sort()).toEqual([0, 0, 0, 0, 0, 3]);
    expect(await records(ids)).toHaveLength(3);
  });
});
