import { v7 } from 'uuid';
import { MOST_READS } from '../../src/domain/calendars/feed';
import { MOST_ENTRIES } from '../../src/domain/calendars/reads';
import { at, Desk, NOW, range, type BookingView } from '../bookings/desk';
import { uuidOf } from '../contracts/agreements';
import { TestApi } from '../support/api';
import { PUBLIC_URL, Reader } from './reader';

let api: TestApi;
let desk: Desk;
let reader: Reader;

beforeAll(async () => {
  api = await TestApi.start({ PUBLIC_URL });
  desk = await Desk.begin(api);
  reader = new Reader(api);
});
beforeEach(() => api.clock.set(NOW));
afterAll(() => api.stop());

const speak = (person: { userId: string }, locale: string) => api.database.sql('UPDATE users SET locale = $2 WHERE id = $1', [person.userId, locale]);
const uids = (bookings: readonly Pick<BookingView, 'id'>[]) => bookings.map(({ id }) => uuidOf(id)).sort();
const uidsAt = async (url: string | null) => (await reader.calendar(url)).events.map(({ uid }) => uid);

describe('what a calendar has', () => {
  test('a person\'s has what was booked in person, in the person\'s language', async () => {
    const hall = await desk.resource('多功能厅');
    const own = await desk.book(hall, range(12, '09:00', '10:30'), desk.bea, { purpose: '合唱排练, 带; 伴奏' });
    await desk.book(hall, range(12, '11:00', '12:00'), desk.ben, { purpose: 'Not hers' });
    await speak(desk.bea, 'zh-CN');
    const url = await reader.own(desk.bea);
    const calendar = await reader.calendar(url);
    expect(calendar.name).toMatch(/^我的日程 · Network /);
    expect(calendar.events).toEqual([
      {
        uid: uuidOf(own.id), start: at(12, '09:00'), end: at(12, '10:30'), stamp: NOW, sequence: 0, status: 'CONFIRMED', transparency: 'OPAQUE',
        summary: '多功能厅 · 合唱排练, 带; 伴奏', description: `状态：已确认\n预约单位：Beta\n预约人：${own.bookedBy!.displayName}`, location: null,
      },
    ]);
    await speak(desk.bea, 'en');
    expect(await reader.event(url, own.id)).toMatchObject({ description: `Status: confirmed\nOrganization: Beta\nBooked by: ${own.bookedBy!.displayName}` });
    await desk.move('cancelBooking', own, desk.bea);
  });

  test('an organization\'s has what it booked and what of its own is booked, with what was booked along', async () => {
    const world = await Desk.begin(api);
    await speak(world.ada, 'en');
    const projector = await world.resource('Projector', { sharing: 'CONTRACT' });
    const stage = await world.resource('Stage', { requires: [projector], quantity: 3 });
    const theirs = await world.resource('Court', {}, world.b);
    const lent = await world.book(stage, range(13, '09:00', '10:00'), world.bea, { quantity: 2, purpose: 'Play' });
    const borrowed = await world.book(theirs, range(13, '09:00', '10:00'), world.ada, { purpose: 'Match' });
    await world.book(theirs, range(13, '12:00', '13:00'), world.bea);
    const { name, events } = await reader.calendar(await reader.of(world.a.globalId, world.ada));
    expect(name).toBe('Alpha · calendar');
    expect(events.map(({ uid, summary, description }) => [uid, summary, description.split('\n').slice(3)]).sort()).toEqual(
      [[uuidOf(lent.id), 'Stage · Beta · Play', ['Quantity: 2', 'Booked along: Projector']], [uuidOf(borrowed.id), 'Court · Match', []]].sort(),
    );
    // Of the projector its own calendar tells.
    expect(await uidsAt(await reader.of(projector, world.ada))).toEqual(uids(lent.bookedAlong));
  });

  test('a resource\'s tells the parties what for and by whom, the committee only that it is taken, and others nothing', async () => {
    const hall = await desk.resource('Hall of parties', { position: await positionOf(desk) });
    const booking = await desk.book(hall, range(14, '09:00', '10:00'), desk.bea, { purpose: 'Confidential' });
    await Promise.all([desk.ada, desk.committee, desk.otto].map((person) => speak(person, 'zh-CN')));
    const told = async (who: typeof desk.ada) => reader.event(await reader.of(hall, who), booking.id);
    expect(await told(desk.ada)).toMatchObject({ summary: 'Beta · Confidential', location: '青年之家 · 永昌镇 1 号', description: expect.stringContaining('预约人') });
    const seen = await told(desk.committee);
    expect(seen).toMatchObject({ summary: 'Beta · 已预约', description: '状态：已确认\n预约单位：Beta' });
    expect(await told(desk.otto)).toBeNull();
    expect((await reader.calendar(await reader.of(hall, desk.otto))).name).toBe('Hall of parties');
    await speak(desk.committee, 'en');
    expect(await told(desk.committee)).toMatchObject({ summary: 'Beta · Booked' });
  });

  test('a change raises the sequence of the same event; what is called off stays as cancelled for 30 days', async () => {
    const hall = await desk.resource('Hall of changes', { requiresApproval: true });
    await speak(desk.bea, 'en');
    const url = await reader.own(desk.bea);
    const told = async (booking: BookingView) => {
      const event = await reader.event(url, booking.id);
      return event && [event.sequence, event.status, event.start, event.stamp, event.summary];
    };
    let booking = await desk.book(hall, range(20, '09:00', '10:00'), desk.bea);
    expect(await told(booking)).toEqual([0, 'TENTATIVE', at(20, '09:00'), NOW, '[requested] Hall of changes · Booked']);
    api.clock.set(at(10, '11:00'));
    booking = await desk.move('approveBooking', booking, desk.ada);
    expect(await told(booking)).toEqual([1, 'CONFIRMED', at(20, '09:00'), at(10, '11:00'), 'Hall of changes · Booked']);
    api.clock.set(at(10, '12:00'));
    booking = await desk.move('rescheduleBooking', booking, desk.bea, { range: range(21, '15:00', '16:00') });
    expect(await told(booking)).toEqual([2, 'TENTATIVE', at(21, '15:00'), at(10, '12:00'), '[requested] Hall of changes · Booked']);
    api.clock.set(at(11, '09:00'));
    booking = await desk.move('rejectBooking', booking, desk.ada, { note: 'Being painted' });
    expect(await told(booking)).toEqual([3, 'CANCELLED', at(21, '15:00'), at(11, '09:00'), '[rejected] Hall of changes · Booked']);
    api.clock.set('2026-07-11T00:59:59Z');
    expect(await told(booking)).not.toBeNull();
    api.clock.set('2026-07-11T01:00:00Z');
    expect(await told(booking)).toBeNull();
  });

  test('what is over stays for 30 days, and what the clock has done counts at once, and once', async () => {
    const hall = await desk.resource('Hall of the clock', { requiresApproval: true });
    await speak(desk.ben, 'en');
    const url = await reader.own(desk.ben);
    const [unanswered, unused] = [await desk.book(hall, range(20, '09:00', '10:00'), desk.ben), await desk.book(hall, range(20, '11:00', '12:00'), desk.ben)];
    await desk.move('approveBooking', unused, desk.ada);
    api.clock.set(at(20, '12:30'));
    const told = async () => [await reader.event(url, unanswered.id), await reader.event(url, unused.id)].map((event) => event && [event.sequence, event.status, event.stamp]);
    const after = [[1, 'CANCELLED', at(20, '09:00')], [2, 'CONFIRMED', at(20, '12:00')]];
    expect(await told()).toEqual(after);
    const { recordDueBookings } = await import('../../src/domain/bookings/calendar');
    await recordDueBookings({ dataSource: api.dataSource, clock: api.clock });
    expect(await told()).toEqual(after);
    api.clock.set('2026-07-20T03:59:59Z');
    expect((await told()).map((event) => event !== null)).toEqual([false, true]);
    api.clock.set('2026-07-20T04:00:00Z');
    expect(await told()).toEqual([null, null]);
  });

  test('a calendar has no more than its bound: those that are nearest', async () => {
    const world = await Desk.begin(api);
    const hall = await world.resource('Hall of crowds');
    const first = await world.book(hall, range(11, '00:00', '00:01'), world.bea);
    await api.database.sql(
      `INSERT INTO bookings (network_id, id, resource_id, resource_name, owner_id, organization_id, booker_id, is_counted, request_id, quantity, starts_at, ends_at, buffer, cancel_until, status, priority, is_private, created_at)
       SELECT b.network_id, gen_random_uuid(), resource_id, resource_name, owner_id, organization_id, booker_id, is_counted, request_id, quantity, starts_at + hours * interval '1 hour',
         ends_at + hours * interval '1 hour', buffer, cancel_until, status, priority, is_private, created_at FROM bookings b, generate_series(1, $2) AS hours WHERE b.id = $1`,
      [uuidOf(first.id), MOST_ENTRIES + 200],
    );
    const { events } = await reader.calendar(await reader.own(world.bea));
    expect(events).toHaveLength(MOST_ENTRIES);
    const starts = events.map(({ start }) => start).sort();
    expect([starts[0], starts.at(-1)]).toEqual([at(11, '00:00'), new Date(Date.parse(at(11, '00:00')) + (MOST_ENTRIES - 1) * 3_600_000).toISOString()]);
  });
});

describe('whose calendars there are', () => {
  test('by role: a person\'s and a resource\'s for who sees bookings, an organization\'s for its own staff', async () => {
    const hall = await desk.resource('Hall of roles', { sharing: 'PUBLIC' });
    const [staff, volunteer, resident] = [desk.bea, await api.world.person(desk.b, 'VOLUNTEER'), await api.world.person(desk.b, 'RESIDENT')];
    const there = async (who: typeof staff | null) =>
      [await reader.own(who), await reader.of(hall, who), await reader.of(desk.b.globalId, who), await reader.of(desk.a.globalId, who), await reader.of(desk.agreements.hub.globalId, who)].map((url) => url !== null);
    expect(await there(staff)).toEqual([true, true, true, false, false]);
    expect(await there(desk.ada)).toEqual([true, true, false, true, false]);
    expect(await there(desk.committee)).toEqual([true, true, false, false, true]);
    expect(await there(volunteer)).toEqual([true, true, false, false, false]);
    expect(await there(resident)).toEqual([false, false, false, false, false]);
    expect(await there(null)).toEqual([false, false, false, false, false]);
    const { resources } = await api.must('{ resources(first: 100) { nodes { id calendarFeed } } }', {}, staff);
    expect(resources.nodes.find(({ id }: { id: string }) => id === hall).calendarFeed).toBe(await reader.of(hall, staff));
  });

  test('a resource that is seen through a booking alone has none', async () => {
    const hall = await desk.resource('Granted hall', { sharing: 'CONTRACT' });
    const { contract } = await desk.grant([hall]);
    const booking = await desk.book(hall, range(15, '09:00', '10:00'));
    const ofBooking = async () => (await api.must('query ($id: ID!) { node(id: $id) { ... on Booking { resource { calendarFeed } } } }', { id: booking.id }, desk.bea)).node.resource.calendarFeed as string | null;
    expect(await ofBooking()).not.toBeNull();
    await suspendContract(contract);
    expect(await ofBooking()).toBeNull();
  });

  test('no two are the same, and each is the same every time', async () => {
    const hall = await desk.resource('Hall of URLs');
    const urls = async () => [await reader.own(desk.ada), await reader.own(desk.bea), await reader.of(hall, desk.ada), await reader.of(hall, desk.bea), await reader.of(desk.a.globalId, desk.ada)];
    const first = await urls();
    expect(new Set(first).size).toBe(5);
    expect(await urls()).toEqual(first);
    for (const url of first) expect(url).toMatch(/^https:\/\/youth\.example\.org\/api\/calendars\/[\w-]{92}\.ics$/);
  });
});

const positionOf = async (world: Desk): Promise<string> => {
  const id = v7();
  await api.database.sql(
    `INSERT INTO positions (network_id, id, organization_id, organization_is_hub, organization_status, name, kind, address, created_at) VALUES ($1, $2, $3, false, 'ACTIVE', '青年之家', 'MICRO', '永昌镇 1 号', now())`,
    [world.a.network.id, id, world.a.id],
  );
  return id;
};
const suspendContract = async (id: string) => {
  const { node } = await api.must('query ($id: ID!) { node(id: $id) { ... on Contract { version } } }', { id }, desk.committee);
  return (await api.done('suspendContract', { id, version: node.version, note: 'Checked' }, desk.committee, 'contract { version }')).contract.version as number;
};

describe('a calendar falls silent at once', () => {
  test('with the membership, and speaks again with it', async () => {
    const person = await api.world.person(desk.b, 'STAFF');
    const hall = await desk.resource('Hall of members');
    await desk.book(hall, range(16, '09:00', '10:00'), person);
    const urls = [await reader.own(person), await reader.of(hall, person), await reader.of(desk.b.globalId, person)] as string[];
    const statuses = () => Promise.all(urls.map((url) => reader.status(url)));
    expect(await statuses()).toEqual([200, 200, 200]);
    let { membership } = await api.done('suspendMembership', { id: person.membershipGlobalId, version: 1 }, desk.ben, 'membership { version }');
    expect(await statuses()).toEqual([404, 404, 404]);
    ({ membership } = await api.done('reinstateMembership', { id: person.membershipGlobalId, version: membership.version }, desk.ben, 'membership { version }'));
    expect(await statuses()).toEqual([200, 200, 200]);
    ({ membership } = await api.done('changeMemberRole', { id: person.membershipGlobalId, version: membership.version, role: 'VOLUNTEER' }, desk.ben, 'membership { version }'));
    expect(await statuses()).toEqual([200, 200, 404]);
    ({ membership } = await api.done('changeMemberRole', { id: person.membershipGlobalId, version: membership.version, role: 'RESIDENT' }, desk.ben, 'membership { version }'));
    expect(await statuses()).toEqual([404, 404, 404]);
    await api.done('endMembership', { id: person.membershipGlobalId, version: membership.version }, desk.ben);
    expect(await statuses()).toEqual([404, 404, 404]);
  });

  test('with the contract that opens the resource; the own bookings by it stay', async () => {
    const hall = await desk.resource('Hall by contract', { sharing: 'CONTRACT' });
    const { contract } = await desk.grant([hall]);
    const booking = await desk.book(hall, range(17, '09:00', '10:00'));
    const [url, own] = [await reader.of(hall, desk.bea), await reader.own(desk.bea)] as [string, string];
    expect(await uidsAt(url)).toEqual(uids([booking]));
    const version = await suspendContract(contract);
    expect(await reader.status(url)).toBe(404);
    expect(await uidsAt(own)).toContain(uuidOf(booking.id));
    await api.done('resumeContract', { id: contract, version, note: 'Fine' }, desk.committee);
    expect(await uidsAt(url)).toEqual(uids([booking]));
    // The term's last day is over.
    api.clock.set('2027-01-02T00:00:00Z');
    expect(await reader.status(url)).toBe(404);
  });

  test('with the organization, its own and what others follow of it', async () => {
    const world = await Desk.begin(api);
    const hall = await world.resource('Hall of the suspended');
    await world.book(hall, range(18, '09:00', '10:00'));
    const [own, staff, others] = [await reader.own(world.ada), await reader.of(world.a.globalId, world.ada), await reader.of(hall, world.bea)] as [string, string, string];
    const statuses = () => Promise.all([own, staff, others].map((url) => reader.status(url)));
    expect(await statuses()).toEqual([200, 200, 200]);
    const { organization } = await api.done('suspendOrganization', { id: world.a.globalId, version: 1, note: 'Checked' }, world.committee, 'organization { version }');
    expect(await statuses()).toEqual([404, 404, 404]);
    expect([await reader.own(world.ada), await reader.of(world.a.globalId, world.ada)]).toEqual([null, null]);
    await api.done('reinstateOrganization', { id: world.a.globalId, version: organization.version }, world.committee);
    expect(await statuses()).toEqual([200, 200, 200]);
  });

  test('but not with the session that it was found in', async () => {
    const person = await api.world.person(desk.b, 'STAFF');
    const { accessToken } = await api.signIn(person);
    const url = (await reader.own(accessToken))!;
    await api.must('mutation { signOut { userErrors { code } } }', {}, accessToken);
    expect((await api.ask('{ viewer { calendarFeed } }', {}, accessToken)).errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    expect(await reader.status(url)).toBe(200);
  });
});

test('a calendar never shows more than its reader may ask for', async () => {
  const world = await Desk.begin(api);
  const { agreements } = world;
  const organizations = [world.a, world.b, agreements.outsider, agreements.hub];
  const people = [world.committee];
  for (const organization of organizations.slice(0, 3)) for (const role of ['ADMIN', 'STAFF', 'VOLUNTEER'] as const) people.push(await api.world.person(organization, role));
  const halls: string[] = [];
  let slot = 0;
  for (const owner of organizations) {
    for (const sharing of ['PRIVATE', 'NETWORK']) {
      const hall = await world.resource(`${sharing} hall of ${owner.name}`, { sharing, quantity: 5 }, owner);
      halls.push(hall);
      for (const booker of [world.committee, people[1]!, people[5]!, people[7]!]) {
        if (sharing === 'PRIVATE' && booker.organization.id !== owner.id) continue;
        slot += 1;
        await world.book(hall, range(11 + (slot % 15), '09:00', '10:00'), booker, { purpose: `Purpose ${slot}.` });
      }
    }
  }
  let told = 0;
  for (const who of people) {
    await speak(who, 'en');
    const { bookings } = await api.must('{ bookings(first: 100) { nodes { id purpose bookedBy { displayName } resource { id } organization { id } } } }', {}, who);
    const seen = new Map((bookings.nodes as { id: string; purpose: string | null; bookedBy: { displayName: string } | null; resource: { id: string } }[]).map((node) => [uuidOf(node.id), node]));
    const urls = [await reader.own(who), ...(await Promise.all([...halls, ...organizations.map(({ globalId }) => globalId)].map((id) => reader.of(id, who))))];
    for (const url of urls) {
      if (url === null) continue;
      for (const { uid, summary, description } of (await reader.calendar(url)).events) {
        const node = seen.get(uid);
        expect(node).toBeDefined();
        expect(/Purpose \d+\./.exec(summary)?.[0] ?? null).toBe(node!.purpose);
        expect(/Booked by: (.*)/.exec(description)?.[1] ?? null).toBe(node!.bookedBy?.displayName ?? null);
        told += 1;
      }
    }
    // And the calendar of each resource has all that there is to be seen of it.
    for (const hall of halls) {
      const url = await reader.of(hall, who);
      if (url) expect((await uidsAt(url)).sort()).toEqual([...seen].filter(([, { resource }]) => resource.id === hall).map(([uid]) => uid).sort());
    }
  }
  expect(told).toBeGreaterThan(100);
}, 120_000);

describe('asking again', () => {
  test('by its tag a calendar that has not changed is not sent', async () => {
    const hall = await desk.resource('Hall of tags');
    const booking = await desk.book(hall, range(19, '09:00', '10:00'));
    const url = (await reader.of(hall, desk.ada))!;
    const first = await reader.fetch(url);
    const tag = first.headers.get('etag')!;
    expect(tag).toMatch(/^"[\w-]{43}"$/);
    expect([first.status, first.headers.get('content-type'), first.headers.get('cache-control')]).toEqual([200, 'text/calendar; charset=utf-8', 'private, no-cache']);
    api.clock.set(at(10, '11:00'));
    for (const header of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      const again = await reader.fetch(url, { 'if-none-match': header });
      expect([again.status, await again.text(), again.headers.get('etag'), again.headers.get('cache-control')]).toEqual([304, '', tag, 'private, no-cache']);
    }
    expect((await reader.fetch(url, { 'if-none-match': '"other"' })).status).toBe(200);
    const head = await reader.fetch(url, {}, 'HEAD');
    expect([head.status, head.headers.get('etag'), await head.text()]).toEqual([200, tag, '']);
    await desk.move('cancelBooking', booking, desk.bea);
    const changed = await reader.fetch(url, { 'if-none-match': tag });
    expect(changed.status).toBe(200);
    expect(changed.headers.get('etag')).not.toBe(tag);
  });

  test('too often is told when to come back, each calendar by itself', async () => {
    const person = await api.world.person(desk.b, 'STAFF');
    const [url, other] = [(await reader.own(person))!, (await reader.of(desk.b.globalId, person))!];
    for (let tries = 0; tries < MOST_READS; tries += 1) expect(await reader.status(url)).toBe(200);
    const refused = await reader.fetch(url);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await reader.status(other)).toBe(200);
  });
});

describe('revoking', () => {
  test('gives another URL, and the one until now finds nothing', async () => {
    const hall = await desk.resource('Hall of revocation');
    const person = await api.world.person(desk.b, 'STAFF');
    const subjects = [{}, { resource: hall }, { organization: desk.b.globalId }];
    const urls = async () => [await reader.own(person), await reader.of(hall, person), await reader.of(desk.b.globalId, person)] as string[];
    const known: string[] = [];
    for (const [index, input] of subjects.entries()) {
      for (let times = 0; times < 2; times += 1) {
        const before = await urls();
        known.push(before[index]!);
        const fresh = await reader.revoke(person, input);
        // The others stay as they were.
        expect(await urls()).toEqual(before.map((url, place) => (place === index ? fresh : url)));
        expect(await Promise.all([...known, ...(await urls())].map((url) => reader.status(url)))).toEqual([...known.map(() => 404), 200, 200, 200]);
      }
    }
    // Nobody else's is touched.
    expect(await reader.status((await reader.of(hall, desk.bea))!)).toBe(200);
    const entries = await api.database.sql<{ action: string; subject_type: string }>(`SELECT action, subject_type FROM audit_entries WHERE actor_user_id = $1 ORDER BY seq`, [person.userId]);
    expect(entries.map(({ action, subject_type }) => [action, subject_type])).toEqual(['User', 'User', 'Resource', 'Resource', 'Organization', 'Organization'].map((type) => ['calendar.revoke', type]));
  });

  test('is for what one may follow', async () => {
    const hidden = await desk.resource('Hidden hall', { sharing: 'PRIVATE' });
    const codes = async (input: object, who = desk.bea) => (await api.mutate('revokeCalendarFeed', input as Record<string, unknown>, who)).userErrors as unknown[];
    expect(await codes({ resource: hidden })).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'resource'] }]);
    expect(await codes({ resource: desk.a.globalId })).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'resource'] }]);
    expect(await codes({ organization: desk.a.globalId })).toMatchObject([{ code: 'NOT_ALLOWED', path: ['input', 'organization'] }]);
    expect(await codes({ organization: desk.b.globalId, resource: hidden })).toMatchObject([{ code: 'INVALID' }]);
    expect(await codes({ organization: desk.b.globalId }, await api.world.person(desk.b, 'VOLUNTEER'))).toMatchObject([{ code: 'NOT_ALLOWED' }]);
    const mutation = 'mutation { revokeCalendarFeed(input: {}) { calendarFeed } }';
    expect((await api.ask(mutation, {}, await api.world.person(desk.b, 'RESIDENT'))).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    expect((await api.ask(mutation)).errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });
});
