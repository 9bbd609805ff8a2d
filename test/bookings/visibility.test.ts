import { uuidOf } from '../contracts/agreements';
import { TestApi } from '../support/api';
import type { Person, TestOrganization } from '../support/world';
import { Desk, NOW, range } from './desk';

let api: TestApi;
let desk: Desk;

beforeAll(async () => {
  api = await TestApi.start();
  desk = await Desk.begin(api);
});
beforeEach(() => api.clock.set(NOW));
afterAll(() => api.stop());

const LIST = `{ bookings(first: 100) { totalCount nodes { id purpose bookedBy { displayName } history { to } resource { id name } organization { id } bookedAlong { id } bookedWith { id } } } }`;

interface Seen {
  id: string;
  purpose: string | null;
  bookedBy: { displayName: string } | null;
  history: unknown[];
}

interface Viewer extends Person {
  role: string;
}

/** What the matrix says, worked out anew: who sees a booking, and who its purpose and booker. */
function expected(booking: { organization: TestOrganization; owner: TestOrganization; booker: Person; isPrivate: boolean }, who: Viewer): { seen: boolean; details: boolean; history: boolean } {
  const staff = who.role === 'ADMIN' || who.role === 'STAFF' || who.role === 'COMMITTEE';
  const party = staff && [booking.organization.id, booking.owner.id].includes(who.organization.id);
  const self = booking.booker.userId === who.userId;
  const committee = who.role === 'COMMITTEE' && !booking.isPrivate;
  return { seen: party || self || committee, details: party || self, history: party || committee };
}

test('who sees which bookings, their purpose and booker, in lists, by id and over the resource', async () => {
  const { agreements } = desk;
  const organizations = [desk.a, desk.b, agreements.outsider, agreements.hub];
  const people: Viewer[] = [{ ...desk.committee, role: 'COMMITTEE' }];
  for (const organization of [desk.a, desk.b, agreements.outsider]) {
    for (const role of ['ADMIN', 'STAFF', 'VOLUNTEER'] as const) people.push({ ...(await api.world.person(organization, role, `${role} of ${organization.name}`)), role });
  }
  // Somebody who books as staff of B and is a volunteer of the outsider besides.
  const both = people.find(({ role, organization }) => role === 'STAFF' && organization === desk.b)!;
  const elsewhere = { ...(await api.world.join(both, agreements.outsider, 'VOLUNTEER')), role: 'VOLUNTEER' };

  const bookings: { id: string; resource: string; organization: TestOrganization; owner: TestOrganization; booker: Person; isPrivate: boolean; purpose: string }[] = [];
  let day = 11;
  for (const owner of organizations) {
    for (const sharing of ['PRIVATE', 'NETWORK']) {
      const resource = await desk.resource(`${sharing} hall of ${owner.name}`, { sharing }, owner);
      for (const booker of people.filter(({ role }) => role !== 'VOLUNTEER')) {
        if (sharing === 'PRIVATE' && booker.organization.id !== owner.id) continue;
        const purpose = `Purpose ${bookings.length}`;
        const { id } = await desk.book(resource, range((day = day === 28 ? 11 : day + 1), `${String(8 + (bookings.length % 12)).padStart(2, '0')}:00`, `${String(9 + (bookings.length % 12)).padStart(2, '0')}:00`), booker, { purpose });
        bookings.push({ id, resource, organization: booker.organization, owner, booker, isPrivate: sharing === 'PRIVATE', purpose });
      }
    }
  }
  expect(bookings.length).toBeGreaterThan(30);

  for (const who of [...people, elsewhere]) {
    const headers: Record<string, string> = who === elsewhere ? { 'x-membership': elsewhere.membershipGlobalId } : {};
    const listed = (await api.must(LIST, {}, who, headers)).bookings as { totalCount: number; nodes: Seen[] };
    const due = bookings.filter((booking) => expected(booking, who).seen);
    expect([who.role, who.organization.name, listed.nodes.map(({ id }) => id).sort()]).toEqual([who.role, who.organization.name, due.map(({ id }) => id).sort()]);
    expect(listed.totalCount).toBe(due.length);
    for (const node of listed.nodes) {
      const booking = bookings.find(({ id }) => id === node.id)!;
      const { details, history } = expected(booking, who);
      expect([node.purpose, node.bookedBy !== null, node.history.length]).toEqual([details ? booking.purpose : null, details, history ? 1 : 0]);
    }
    // By id, and over the resource, the same.
    const ids = bookings.map(({ id }) => id);
    const { nodes } = await api.must('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids }, who, headers);
    expect(nodes.map((node: unknown) => node !== null)).toEqual(bookings.map((booking) => expected(booking, who).seen));
    const { resources } = await api.must('{ resources(first: 100) { nodes { id bookings(first: 100) { totalCount nodes { id } } } } }', {}, who, headers);
    for (const { id, bookings: own } of resources.nodes) {
      const there = due.filter(({ resource }) => resource === id).map((booking) => booking.id).sort();
      expect([own.nodes.map((node: { id: string }) => node.id).sort(), own.totalCount]).toEqual([there, there.length]);
    }
  }

  const nobody = await api.ask(LIST);
  expect(nobody.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  const resident = await api.world.person(desk.b, 'RESIDENT');
  expect((await api.ask(LIST, {}, resident)).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  const stranger = await Desk.begin(api);
  expect((await api.must(LIST, {}, stranger.committee)).bookings).toEqual({ totalCount: 0, nodes: [] });
}, 120_000);

test('what another has booked is told as taken, and no more: not by whom, not for what, not how many wait', async () => {
  const hall = await desk.resource('Hall of secrets');
  const when = range(20, '20:00', '21:00');
  await desk.book(hall, when, desk.bea, { purpose: 'Secret' });
  await desk.wait(hall, when, desk.ada, { purpose: 'Also secret' });
  const [refused] = await desk.refused('bookResource', { resource: hall, range: when }, desk.otto);
  expect(refused).toEqual({ code: 'CONFLICT', message: 'It is taken at that time; you may join the waitlist.', path: ['input', 'range'] });
  const { node } = await api.must('query ($id: ID!) { node(id: $id) { ... on Resource { bookings { totalCount pageInfo { hasNextPage } } } } }', { id: hall }, desk.otto);
  expect(node.bookings).toEqual({ totalCount: 0, pageInfo: { hasNextPage: false } });
});

test('lists page both ways by the start, and filter by what they say', async () => {
  const world = await Desk.begin(api);
  const [one, two] = [await world.resource('One', { quantity: 9 }), await world.resource('Two', { quantity: 9 }, world.b)];
  const ids: string[] = [];
  for (let day = 12; day < 19; day += 1) ids.unshift((await world.book(day % 2 ? one : two, range(day, '10:00', '11:00'), day % 3 ? world.bea : world.ada)).id);
  const list = async (args: string, as = world.ben, filter: object = {}) =>
    (await api.must(`query ($filter: BookingFilter) { bookings(${args} filter: $filter) { totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`, { filter }, as)).bookings;
  const idsOf = async (...args: Parameters<typeof list>) => (await list(...args)).nodes.map(({ id }: { id: string }) => id);
  const all = await idsOf('first: 100', world.committee);
  expect(all).toEqual(ids);
  const first = await list('first: 3', world.committee);
  expect(first.nodes.map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 3));
  const next = await list(`first: 3, after: "${first.pageInfo.endCursor}"`, world.committee);
  expect(next.nodes.map(({ id }: { id: string }) => id)).toEqual(ids.slice(3, 6));
  expect(await idsOf(`last: 2, before: "${next.pageInfo.startCursor}"`, world.committee)).toEqual(ids.slice(1, 3));

  const days = (...wanted: number[]) => ids.filter((_, index) => wanted.includes(18 - index));
  expect(await idsOf('', world.committee, { resource: one })).toEqual(days(13, 15, 17));
  expect(await idsOf('', world.committee, { owner: world.b.globalId })).toEqual(days(12, 14, 16, 18));
  expect(await idsOf('', world.committee, { organization: world.a.globalId })).toEqual(days(12, 15, 18));
  expect(await idsOf('', world.bea, { mine: true })).toEqual(days(13, 14, 16, 17));
  expect(await idsOf('', world.bea, { mine: false })).toEqual(days(12, 18));
  expect(await idsOf('', world.committee, { range: { start: range(14, '10:30', '').start, end: range(16, '10:00', '').start } })).toEqual(days(14, 15));
  expect(await idsOf('', world.committee, { status: 'CANCELLED' })).toEqual([]);
  expect(await idsOf('', world.committee, { flagged: true })).toEqual([]);
  for (const filter of [{ resource: world.a.globalId }, { owner: one }, { organization: 'x' }]) {
    const answer = await api.ask('query ($filter: BookingFilter) { bookings(filter: $filter) { totalCount } }', { filter }, world.bea);
    expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  }
  const forged = await api.ask('{ bookings(first: 1, after: "forged") { totalCount } }', {}, world.bea);
  expect(forged.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);

  const ofResource = await api.must('query ($id: ID!, $range: TimeRangeInput) { node(id: $id) { ... on Resource { bookings(range: $range) { nodes { id } } } } }', { id: one, range: null }, world.ada);
  expect(ofResource.node.bookings.nodes.map(({ id }: { id: string }) => id)).toEqual(days(13, 15, 17).reverse());
  api.clock.set(range(15, '10:30', '').start);
  const later = await api.must('query ($id: ID!) { node(id: $id) { ... on Resource { bookings(first: 1) { nodes { id } totalCount } } } }', { id: one }, world.ada);
  expect(later.node.bookings).toEqual({ nodes: [{ id: days(15)[0] }], totalCount: 2 });
});

test('nothing personal in the audit log or the server\'s log', async () => {
  const hall = await desk.resource('Hall of logs');
  const purpose = 'A purpose nobody else may read';
  const booking = await desk.book(hall, range(20, '08:00', '09:00'), desk.bea, { purpose });
  await desk.move('cancelBooking', booking, desk.bea, { note: 'A note of ours' });
  const entries = await api.database.sql<{ text: string }>('SELECT t::text AS text FROM audit_entries t WHERE subject_id = $1', [uuidOf(booking.id)]);
  const events = await api.database.sql<{ text: string }>('SELECT t::text AS text FROM events t WHERE subject_id = $1', [uuidOf(booking.id)]);
  expect([entries.length, events.length]).toEqual([2, 2]);
  const told = [...entries, ...events].map(({ text }) => text).join() + api.log.join();
  expect(told).not.toContain(purpose);
  expect(told).not.toContain('A note of ours');
});
