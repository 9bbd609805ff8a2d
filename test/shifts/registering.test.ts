import { TestApi } from '../support/api';
import { at, broken, NOW, range, Roster, uuidOf } from './roster';

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

test('volunteers register themselves, wait when it is full, and move up in order of arrival', async () => {
  const shift = await roster.shift(activity, { capacity: 1 });
  const [ann, ben, cem] = [await roster.volunteer(roster.host, { account: true }), await roster.volunteer(roster.other, { account: true }), await roster.volunteer(null, { account: true })];
  const first = await roster.register(shift, ann.person!);
  expect(first).toMatchObject({ status: 'CONFIRMED', waitlistPlace: null, viewerCan: ['CANCEL'], shift: { id: shift.id }, history: [{ from: null, to: 'CONFIRMED' }] });
  const second = await roster.register(shift, ben.person!);
  const third = await roster.register(shift, cem.person!);
  expect([second.status, second.waitlistPlace, third.status, third.waitlistPlace]).toEqual(['WAITLISTED', 1, 'WAITLISTED', 2]);
  expect(await roster.shiftNow(shift.id)).toMatchObject({ taken: 1, waitlisted: 2, free: 0 });

  await roster.done('cancelRegistration', { id: first.id, version: 1, note: 'Ill' }, ann.person!);
  expect(await roster.read(second.id, ben.person!)).toMatchObject({ status: 'CONFIRMED', version: 2, history: [{ to: 'WAITLISTED' }, { from: 'WAITLISTED', to: 'CONFIRMED' }] });
  expect(await roster.read(third.id, cem.person!)).toMatchObject({ status: 'WAITLISTED', waitlistPlace: 1 });
  expect(await roster.shiftNow(shift.id)).toMatchObject({ taken: 1, waitlisted: 1 });
});

test('the same request is done once, another registration of the same volunteer is refused', async () => {
  const shift = await roster.shift(activity);
  const { person } = await roster.volunteer(roster.host, { account: true });
  const input = { idempotencyKey: 'once', shift: shift.id };
  const [first, again] = [await roster.done('registerForShift', input, person!), await roster.done('registerForShift', input, person!)];
  expect(again.id).toBe(first.id);
  expect(await roster.codes('registerForShift', { shift: shift.id }, person!)).toBe('DUPLICATE volunteer');
  expect(await roster.codes('registerForShift', { ...input, waitlist: false }, person!)).toBe('IDEMPOTENCY_MISMATCH idempotencyKey');
});

test('two shifts at one time: the second is refused, next to each other they are not', async () => {
  const [morning, overlapping, next] = [
    await roster.shift(activity, { range: range(13, '09:00', '12:00') }), await roster.shift(activity, { range: range(13, '11:59', '13:00') }), await roster.shift(activity, { range: range(13, '12:00', '13:00') }),
  ];
  const ann = await roster.volunteer(roster.host);
  await roster.enrol(morning, ann);
  expect(await roster.codes('registerForShift', { shift: overlapping.id, volunteer: ann.globalId }, roster.hanna)).toBe('CONFLICT volunteer');
  await roster.enrol(next, ann);
});

test('whoever waits and has a place elsewhere by then is passed by, and told', async () => {
  const worker = api.work();
  const [wanted, elsewhere] = [await roster.shift(activity, { capacity: 1, range: range(14, '09:00', '12:00') }), await roster.shift(activity, { range: range(14, '10:00', '11:00') })];
  const [ann, ben, cem] = [await roster.volunteer(roster.host), await roster.volunteer(roster.other, { account: true }), await roster.volunteer(roster.other)];
  const first = await roster.enrol(wanted, ann);
  const passed = await roster.register(wanted, ben.person!);
  const last = await roster.enrol(wanted, cem);
  await roster.register(elsewhere, ben.person!);
  await roster.done('cancelRegistration', { id: first.id, version: 1 }, roster.hanna);
  expect([(await roster.read(passed.id))!.status, (await roster.read(last.id))!.status]).toEqual(['WAITLISTED', 'CONFIRMED']);
  await api.settled();
  const { viewer } = await api.must('{ viewer { notifications { nodes { kind title subject { id } } } } }', {}, ben.person);
  expect(viewer.notifications.nodes).toContainEqual({ kind: 'REGISTRATION', title: 'A place could not be taken', subject: { id: passed.id } });
  await worker.stop();
});

describe('places kept for organizations', () => {
  const until = at(11, '18:00');

  test('go to their volunteers first, and to all from the very moment on, with no job run', async () => {
    const shift = await roster.shift(activity, { capacity: 3, range: range(15, '09:00', '12:00'), reservedFor: [{ organization: roster.other.globalId, places: 2 }], reservedUntil: until });
    expect(shift).toMatchObject({ free: 1, reservedFor: [{ places: 2, taken: 0, organization: { id: roster.other.globalId } }], reservedUntil: until });
    const hosts = [await roster.volunteer(roster.host), await roster.volunteer(roster.host), await roster.volunteer(roster.host)];
    const theirs = [await roster.volunteer(roster.other), await roster.volunteer(roster.other)];
    const places = [await roster.enrol(shift, hosts[0]!), await roster.enrol(shift, hosts[1]!), await roster.enrol(shift, theirs[0]!)];
    expect(places.map(({ status }) => status)).toEqual(['CONFIRMED', 'WAITLISTED', 'CONFIRMED']);
    expect(await roster.codes('registerForShift', { shift: shift.id, volunteer: hosts[2]!.globalId, waitlist: false }, roster.hanna)).toBe('CAPACITY_EXCEEDED shift');
    // A millisecond before.
    api.clock.set(new Date(new Date(until).getTime() - 1));
    const late = await roster.enrol(shift, hosts[2]!);
    expect([late.status, (await roster.shiftNow(shift.id)).reservedFor.length]).toEqual(['WAITLISTED', 1]);
    // At it whoever waited first comes first, before the one who registers now.
    api.clock.set(until);
    expect(await roster.shiftNow(shift.id)).toMatchObject({ free: 1, reservedFor: [] });
    const now = await roster.enrol(shift, theirs[1]!);
    expect([now.status, (await roster.read(places[1]!.id))!.status, (await roster.read(late.id))!.status]).toEqual(['WAITLISTED', 'CONFIRMED', 'WAITLISTED']);
  });

  test('given up before the moment a kept place goes to the next of the same organization, else it stays kept', async () => {
    const shift = await roster.shift(activity, { capacity: 2, range: range(16, '09:00', '12:00'), reservedFor: [{ organization: roster.other.globalId, places: 1 }], reservedUntil: until });
    const [a, b, c, d] = [await roster.volunteer(roster.host), await roster.volunteer(roster.host), await roster.volunteer(roster.other), await roster.volunteer(roster.other)];
    const [, waiting, kept, next] = [await roster.enrol(shift, a), await roster.enrol(shift, b), await roster.enrol(shift, c), await roster.enrol(shift, d)];
    expect([waiting.status, kept.status, next.status]).toEqual(['WAITLISTED', 'CONFIRMED', 'WAITLISTED']);
    await roster.done('cancelRegistration', { id: kept.id, version: 1 }, roster.hanna);
    expect([(await roster.read(waiting.id))!.status, (await roster.read(next.id))!.status]).toEqual(['WAITLISTED', 'CONFIRMED']);
    await roster.done('cancelRegistration', { id: next.id, version: 2 }, roster.otto);
    expect([(await roster.read(waiting.id))!.status, await roster.shiftNow(shift.id)]).toEqual(['WAITLISTED', expect.objectContaining({ taken: 1, free: 0 })]);
  });
});

describe('minors', () => {
  test('need the consent of a guardian, until the day of the birthday', async () => {
    const [before, on] = [await roster.shift(activity, { range: range(17, '09:00', '12:00') }), await roster.shift(activity, { range: range(18, '00:00', '02:00') })];
    const minor = await roster.volunteer(roster.host, { adultOn: '2026-06-18' });
    expect(await roster.codes('registerForShift', { shift: before.id, volunteer: minor.globalId }, roster.hanna)).toBe('CONSENT_REQUIRED volunteer');
    expect((await roster.enrol(on, minor)).status).toBe('CONFIRMED');
    await roster.consent(minor);
    expect((await roster.enrol(before, minor)).status).toBe('CONFIRMED');
  });

  test('whose consent is withdrawn while they wait are passed by', async () => {
    const shift = await roster.shift(activity, { capacity: 1, range: range(17, '14:00', '16:00') });
    const [adult, minor, next] = [await roster.volunteer(roster.host), await roster.volunteer(roster.host, { adultOn: '2027-01-01', consent: true }), await roster.volunteer(roster.host)];
    const [first, waiting, last] = [await roster.enrol(shift, adult), await roster.enrol(shift, minor), await roster.enrol(shift, next)];
    await api.database.sql('UPDATE volunteer_consents SET withdrawn_at = now() WHERE volunteer_id = $1', [minor.id]);
    await roster.done('cancelRegistration', { id: first.id, version: 1 }, roster.hanna);
    expect([(await roster.read(waiting.id))!.status, (await roster.read(last.id))!.status]).toEqual(['WAITLISTED', 'CONFIRMED']);
  });
});

test('a shift asks for skills, and for volunteers who are active', async () => {
  const shift = await roster.shift(activity, { range: range(19, '09:00', '12:00'), requiredSkills: ['first aid', 'Qiang'] });
  const [knows, half, paused] = [await roster.volunteer(roster.host, { skills: ['Qiang', 'first aid', 'more'] }), await roster.volunteer(roster.host, { skills: ['Qiang'] }), await roster.volunteer(roster.host, { status: 'PAUSED' })];
  await roster.enrol(shift, knows);
  const refused = await api.mutate('registerForShift', { shift: shift.id, volunteer: half.globalId }, roster.hanna);
  expect(refused.userErrors).toEqual([{ code: 'NOT_ALLOWED', path: ['input', 'volunteer'], message: expect.stringContaining('first aid') }]);
  expect(await roster.codes('registerForShift', { shift: shift.id, volunteer: paused.globalId }, roster.hanna)).toBe('WRONG_STATE volunteer');
});

describe('who may', () => {
  test('volunteers for themselves alone; staff for their own and for what they hold', async () => {
    const shift = await roster.shift(activity, { range: range(20, '09:00', '12:00'), capacity: 10 });
    const [own, others] = [await roster.volunteer(roster.other, { account: true }), await roster.volunteer(roster.host)];
    const third = await api.world.organization(roster.founded.network);
    const stranger = await api.world.person(third, 'STAFF');
    expect(await roster.codes('registerForShift', { shift: shift.id, volunteer: others.globalId }, own.person!)).toBe('NOT_FOUND volunteer');
    expect(await roster.codes('registerForShift', { shift: shift.id, volunteer: others.globalId }, roster.otto)).toBe('NOT_FOUND volunteer');
    expect(await roster.codes('registerForShift', { shift: shift.id }, roster.otto)).toBe('NOT_ALLOWED volunteer');
    expect(await roster.codes('registerForShift', { shift: shift.id, volunteer: own.globalId }, stranger)).toBe('NOT_FOUND volunteer');
    const mine = await roster.register(shift, roster.otto, { volunteer: own.globalId });
    // The host sees who is on its shift; others do not, nor do they see the registration.
    expect(await roster.read(mine.id, roster.hanna)).toMatchObject({ viewerCan: ['CANCEL'] });
    expect(await roster.read(mine.id, own.person!)).toMatchObject({ viewerCan: ['CANCEL'] });
    expect(await roster.read(mine.id, stranger)).toBeNull();
    expect(await roster.codes('cancelRegistration', { id: mine.id, version: 1 }, stranger)).toBe('NOT_FOUND id');
    const [{ seen_by }] = (await api.database.sql<{ seen_by: string[] }>('SELECT seen_by FROM volunteers WHERE id = $1', [own.id])) as [{ seen_by: string[] }];
    expect(seen_by).toContain(roster.host.id);
    const by = await roster.register(shift, roster.committee, { volunteer: others.globalId });
    await roster.done('cancelRegistration', { id: by.id, version: 1 }, roster.committee);
    await roster.done('cancelRegistration', { id: mine.id, version: 1 }, own.person!);
  });

  test('staff who are volunteers themselves register like everybody', async () => {
    const shift = await roster.shift(activity, { range: range(20, '14:00', '16:00') });
    const staff = await roster.volunteer(roster.other, { account: true, role: 'STAFF' });
    const registered = await roster.register(shift, staff.person!);
    expect(registered.viewerCan).toEqual(['CANCEL']);
  });

  test('shifts are added and changed by staff of the host and the committee', async () => {
    const input = { activity, duty: 'x', range: range(21, '09:00', '10:00'), capacity: 1 };
    const { person } = await roster.volunteer(roster.host, { account: true });
    expect(await roster.codes('addShift', input, roster.otto)).toBe('NOT_ALLOWED activity');
    expect((await api.ask('mutation ($input: AddShiftInput!) { addShift(input: $input) { userErrors { code } } }', { input }, person)).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    const shift = await roster.shift(activity, { range: range(21, '09:00', '10:00') }, roster.committee);
    expect(await roster.codes('updateShift', { id: shift.id, version: 1, duty: 'y' }, roster.otto)).toBe('NOT_ALLOWED activity');
  });

  test('what is not open is not there', async () => {
    const draft = await roster.activity({ open: false });
    const shift = await roster.shift(draft);
    const [own, theirs] = [await roster.volunteer(roster.host), await roster.volunteer(roster.other, { account: true })];
    expect(await roster.codes('registerForShift', { shift: shift.id }, theirs.person!)).toBe('NOT_FOUND shift');
    expect(await roster.codes('registerForShift', { shift: shift.id, volunteer: own.globalId }, roster.hanna)).toBe('WRONG_STATE shift');
  });
});

describe('time', () => {
  test('registering ends when the shift begins, for the host when it ends; calling off when it begins', async () => {
    const shift = await roster.shift(activity, { range: range(22, '09:00', '12:00'), capacity: 5 });
    const [ann, late] = [await roster.volunteer(roster.host, { account: true }), await roster.volunteer(roster.host, { account: true })];
    const registered = await roster.register(shift, ann.person!);
    api.clock.set(at(22, '09:00'));
    expect(await roster.codes('registerForShift', { shift: shift.id }, late.person!)).toBe('TOO_LATE shift');
    expect(await roster.codes('cancelRegistration', { id: registered.id, version: 1 }, ann.person!)).toBe('TOO_LATE');
    await roster.enrol(shift, late);
    api.clock.set(at(22, '12:00'));
    expect(await roster.codes('registerForShift', { shift: shift.id, volunteer: (await roster.volunteer(roster.host)).globalId }, roster.hanna)).toBe('TOO_LATE shift');
  });

  test('a place that was freed without anybody asking goes to who waits, once the calendar looks', async () => {
    const [one, two] = [await roster.shift(activity, { capacity: 1, range: range(23, '09:00', '12:00') }), await roster.shift(activity, { range: range(23, '10:00', '11:00') })];
    const [ann, ben] = [await roster.volunteer(roster.host), await roster.volunteer(roster.host)];
    const first = await roster.enrol(one, ann);
    const waits = await roster.enrol(one, ben);
    const elsewhere = await roster.enrol(two, ben);
    await roster.done('cancelRegistration', { id: first.id, version: 1 }, roster.hanna);
    await roster.done('cancelRegistration', { id: elsewhere.id, version: 1 }, roster.hanna);
    expect((await roster.read(waits.id))!.status).toBe('WAITLISTED');
    const { recordDueShifts } = await import('../../src/domain/shifts/service');
    expect(await recordDueShifts(api.app.platform)).toBe(1);
    expect((await roster.read(waits.id))!.status).toBe('CONFIRMED');
    expect(await recordDueShifts(api.app.platform)).toBe(0);
  });
});

describe('a shift that is changed', () => {
  test('takes its registrations along to another time, and tells who cannot', async () => {
    const [moved, other] = [await roster.shift(activity, { range: range(24, '09:00', '12:00'), capacity: 3 }), await roster.shift(activity, { range: range(25, '10:00', '11:00') })];
    const [ann, ben, cem] = [await roster.volunteer(roster.host), await roster.volunteer(roster.host), await roster.volunteer(roster.host)];
    const [first, clashing] = [await roster.enrol(moved, ann), await roster.enrol(moved, ben)];
    await roster.enrol(other, ben);
    const to = range(25, '09:00', '12:00');
    const { userErrors } = await api.mutate('updateShift', { id: moved.id, version: 1, range: to }, roster.hanna);
    expect(userErrors).toEqual([{ code: 'CONFLICT', path: ['input', 'range'], message: expect.stringContaining(ben.name) }]);
    expect((await roster.shiftNow(moved.id)).range.start).toBe(at(24, '09:00'));
    await api.done('updateShift', { id: moved.id, version: 1, range: to, cancelClashing: true }, roster.hanna);
    expect(await roster.shiftNow(moved.id)).toMatchObject({ range: to, version: 2, taken: 1 });
    expect([(await roster.read(first.id))!.status, (await roster.read(clashing.id))!.status]).toEqual(['CONFIRMED', 'CANCELLED']);
    expect(await roster.codes('updateShift', { id: moved.id, version: 1, duty: 'x' }, roster.hanna)).toBe('STALE_VERSION version');
    // At the old time everybody is free again, at the new one nobody is.
    expect((await roster.enrol(await roster.shift(activity, { range: range(24, '09:00', '12:00') }), ann)).status).toBe('CONFIRMED');
    expect(await roster.codes('registerForShift', { shift: (await roster.shift(activity, { range: to })).id, volunteer: ann.globalId }, roster.hanna)).toBe('CONFLICT volunteer');
    expect((await roster.enrol(moved, cem)).status).toBe('CONFIRMED');
  });

  test('of a minor who would be one at the new time, the consent is asked', async () => {
    const shift = await roster.shift(activity, { range: range(24, '14:00', '16:00') });
    const soon = await roster.volunteer(roster.host, { adultOn: '2026-06-24' });
    await roster.enrol(shift, soon);
    expect(await roster.codes('updateShift', { id: shift.id, version: 1, range: range(23, '14:00', '16:00') }, roster.hanna)).toBe('CONFLICT range');
    await roster.consent(soon);
    await api.done('updateShift', { id: shift.id, version: 1, range: range(23, '14:00', '16:00') }, roster.hanna);
  });

  test('with more places has who waits on it, with fewer than taken and kept is refused', async () => {
    const shift = await roster.shift(activity, { capacity: 1, range: range(26, '09:00', '12:00') });
    await roster.enrol(shift, await roster.volunteer(roster.host));
    const waits = await roster.enrol(shift, await roster.volunteer(roster.host));
    await api.done('updateShift', { id: shift.id, version: 1, capacity: 2 }, roster.hanna);
    expect((await roster.read(waits.id))!.status).toBe('CONFIRMED');
    expect(await roster.codes('updateShift', { id: shift.id, version: 2, capacity: 1 }, roster.hanna)).toBe('CAPACITY_EXCEEDED capacity');
    expect(await roster.codes('updateShift', { id: shift.id, version: 2, reservedFor: [{ organization: roster.other.globalId, places: 1 }] }, roster.hanna)).toBe('CAPACITY_EXCEEDED reservedFor');
    await api.done('updateShift', { id: shift.id, version: 2, capacity: 3, reservedFor: [{ organization: roster.other.globalId, places: 1 }] }, roster.hanna);
    expect(await roster.shiftNow(shift.id)).toMatchObject({ capacity: 3, free: 0, reservedFor: [{ places: 1 }] });
    await roster.enrol(shift, await roster.volunteer(roster.other));
    expect(await roster.codes('updateShift', { id: shift.id, version: 3, reservedFor: [] }, roster.hanna)).toBe('');
    expect(await roster.shiftNow(shift.id)).toMatchObject({ capacity: 3, taken: 3, free: 0, reservedFor: [] });
  });
});

test('an activity that is called off calls off its registrations', async () => {
  const { cancelRegistrationsOf, cancelComingRegistrationsOf } = await import('../../src/domain/shifts/service');
  const { Session, anonymous } = await import('../../src/platform/database/session');
  const off = await roster.activity({ title: 'Called off' });
  const shift = await roster.shift(off, { capacity: 1 });
  const [one, two] = [await roster.volunteer(roster.host), await roster.volunteer(roster.host)];
  const both = [await roster.enrol(shift, one), await roster.enrol(shift, two)];
  const session = new Session(api.dataSource, anonymous, api.clock);
  await session.through('activities', roster.founded.network.id, (tx) => cancelRegistrationsOf(tx, uuidOf(off), 'Rain'));
  for (const { id } of both) expect(await roster.read(id)).toMatchObject({ status: 'CANCELLED', history: expect.arrayContaining([expect.objectContaining({ to: 'CANCELLED', note: 'Rain' })]) });
  expect(await roster.shiftNow(shift.id)).toMatchObject({ taken: 0, waitlisted: 0 });

  const [a, b] = [await roster.shift(activity, { capacity: 1, range: range(27, '09:00', '12:00') }), await roster.shift(activity, { capacity: 1, range: range(27, '14:00', '16:00') })];
  const [leaving, waiting] = [await roster.volunteer(roster.host), await roster.volunteer(roster.host)];
  const gone = [await roster.enrol(a, leaving), await roster.enrol(b, leaving)];
  const up = await roster.enrol(a, waiting);
  await session.through('volunteers', roster.founded.network.id, (tx) => cancelComingRegistrationsOf(tx, leaving.id, null));
  expect([(await roster.read(gone[0]!.id))!.status, (await roster.read(gone[1]!.id))!.status, (await roster.read(up.id))!.status]).toEqual(['CANCELLED', 'CANCELLED', 'CONFIRMED']);
});

test('bad input is refused, and nothing is written', async () => {
  const shift = await roster.shift(activity, { range: range(28, '09:00', '12:00') });
  const good = { activity, duty: 'x', range: range(28, '09:00', '12:00'), capacity: 1 };
  const before = await api.database.sql('SELECT t::text FROM shifts t ORDER BY 1');
  const other = roster.other.globalId;
  const bad: [Record<string, unknown>, string][] = [
    [{ capacity: 0 }, 'INVALID capacity'], [{ capacity: 100_001 }, 'INVALID capacity'], [{ duty: ' ' }, 'INVALID duty'], [{ duty: 'x'.repeat(101) }, 'INVALID duty'], [{ duty: 'a\u202eb' }, 'INVALID duty'],
    [{ range: { start: at(28, '12:00'), end: at(28, '09:00') } }, 'INVALID range end'], [{ range: { start: at(28, '12:00'), end: at(28, '12:00') } }, 'INVALID range end'],
    [{ range: { start: at(12, '12:00'), end: at(15, '12:00') } }, 'INVALID range end'], [{ range: { start: at(9, '12:00'), end: at(10, '12:00') } }, 'INVALID range'],
    [{ range: { start: at(30, '19:00'), end: at(30, '21:00') } }, 'INVALID range'], [{ range: range(10, '08:00', '09:00') }, 'TOO_LATE range'],
    [{ requiredSkills: ['a', 'a'] }, 'INVALID requiredSkills 1'], [{ activity: shift.id }, 'NOT_FOUND activity'], [{ activity: 'x' }, 'NOT_FOUND activity'],
    [{ reservedFor: [{ organization: other, places: 2 }] }, 'CAPACITY_EXCEEDED reservedFor'], [{ reservedFor: [{ organization: other, places: 0 }] }, 'INVALID reservedFor 0 places'],
    [{ reservedFor: [{ organization: other, places: 1 }, { organization: other, places: 1 }], capacity: 5 }, 'INVALID reservedFor 1 organization'],
    [{ reservedFor: [{ organization: activity, places: 1 }] }, 'NOT_FOUND reservedFor 0 organization'],
    [{ reservedFor: [{ organization: other, places: 1 }], reservedUntil: at(9, '09:00') }, 'INVALID reservedUntil'], [{ reservedFor: [{ organization: other, places: 1 }], reservedUntil: at(28, '09:01') }, 'INVALID reservedUntil'],
  ];
  for (const [more, code] of bad) expect([more, await roster.codes('addShift', { ...good, ...more }, roster.hanna)]).toEqual([more, code]);
  expect(await api.database.sql('SELECT t::text FROM shifts t ORDER BY 1')).toEqual(before);
  expect(await roster.codes('registerForShift', { shift: activity }, roster.hanna)).toBe('NOT_FOUND shift');
  expect(await roster.codes('registerForShift', { shift: shift.id, volunteer: shift.id }, roster.hanna)).toBe('NOT_FOUND volunteer');
});

test('what changes is in the audit log, without anybody\'s name', async () => {
  const rows = await api.database.sql<{ action: string; changes: string }>(`SELECT DISTINCT action, changes FROM audit_entries WHERE subject_type IN ('Registration', 'Shift')`);
  expect(new Set(rows.map(({ action }) => action))).toEqual(new Set(['shift.add', 'shift.update', 'registration.register', 'registration.promote', 'registration.pass', 'registration.move', 'registration.cancel', 'registration.drop']));
  expect(rows.filter(({ changes }) => /Volunteer|example\.org/.test(changes))).toEqual([]);
});

test('lists show what each may see', async () => {
  const query = 'query ($filter: RegistrationFilter) { registrations(first: 100, filter: $filter) { totalCount nodes { id } } }';
  const total = async (as: Parameters<typeof api.must>[2], filter = {}) => (await api.must(query, { filter }, as)).registrations.totalCount as number;
  const [{ count }] = (await api.database.sql<{ count: number }>('SELECT count(*)::integer AS count FROM registrations')) as [{ count: number }];
  expect(await total(roster.committee)).toBe(count);
  expect(await total(roster.hanna)).toBe(count);
  expect(await total(roster.otto)).toBeLessThan(count);
  expect(await total(roster.hanna, { status: 'CANCELLED' })).toBeGreaterThan(0);
  const nested = await api.must('query ($id: ID!) { node(id: $id) { ... on Activity { shifts { id registrations(first: 2) { nodes { status } } } registrations(first: 1, status: CONFIRMED) { totalCount nodes { status } } } } }', { id: activity }, roster.hanna);
  expect(nested.node.registrations.nodes).toEqual([{ status: 'CONFIRMED' }]);
  const resident = await api.world.person(roster.host, 'RESIDENT');
  expect((await api.ask(query, {}, resident)).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
});
