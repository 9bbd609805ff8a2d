import { toGlobalId } from '../../src/platform/ids';
import { v7 } from 'uuid';
import { TestApi } from '../support/api';
import type { Person } from '../support/world';
import { Desk, NOW, range } from '../bookings/desk';
import { Calendar } from './calendar';

let api: TestApi;
let desk: Desk;
let calendar: Calendar;

beforeAll(async () => {
  api = await TestApi.start();
  desk = await Desk.begin(api);
  calendar = new Calendar(desk);
});
beforeEach(() => api.clock.set(NOW));
afterAll(() => api.stop());

const MONDAY = range(15, '10:00', '12:00');

test('a series is seen by those who see its bookings, and its purpose by the parties alone', async () => {
  const hall = await desk.resource('Hall', {});
  const own = await desk.resource('Back room', { sharing: 'PRIVATE' });
  const shared = await calendar.book(hall, MONDAY, 'FREQ=DAILY;COUNT=3', { purpose: 'Choir' });
  const privately = await calendar.book(own, MONDAY, 'FREQ=DAILY;COUNT=2', { purpose: 'Meeting' }, desk.ada);
  const elsewhere = await Desk.begin(api, 'elsewhere');
  const [volunteer, stranger, resident] = [await api.world.person(desk.b, 'VOLUNTEER'), await api.world.person(desk.agreements.outsider, 'STAFF'), await api.world.person(desk.b, 'RESIDENT')];

  const views: [who: Person | null, shared: string | false, privately: string | false][] = [
    [desk.bea, 'Choir', false], [desk.ben, 'Choir', false], [desk.ada, 'Choir', 'Meeting'], [desk.committee, 'null', false],
    [volunteer, false, false], [resident, false, false], [stranger, false, false], [elsewhere.ada, false, false], [elsewhere.committee, false, false], [null, false, false],
  ];
  for (const [who, ...expected] of views) {
    const seen = await Promise.all([shared, privately].map(({ id }) => calendar.read(id, who)));
    expect([who?.identifier, ...seen.map((series) => series !== null && String(series.bookings[0]!.purpose))]).toEqual([who?.identifier, ...expected]);
    expect(seen.map((series) => series?.bookings.length ?? 0)).toEqual([expected[0] ? 3 : 0, expected[1] ? 2 : 0]);
  }
});

test('is a node that is refetched by its id; one that may not be seen answers as one that never was', async () => {
  const { id } = await calendar.book(await desk.resource('Room', {}), MONDAY, 'FREQ=DAILY;COUNT=2');
  const ask = (which: string, as: Person) => api.ask('query ($id: ID!) { node(id: $id) { __typename id ... on BookingSeries { recurrenceRule } } }', { id: which }, as);
  expect((await ask(id, desk.bea)).data.node).toEqual({ __typename: 'BookingSeries', id, recurrenceRule: 'FREQ=DAILY;COUNT=2' });
  const { data } = await ask(id, desk.otto);
  expect(data).toEqual((await ask(toGlobalId('BookingSeries', v7()), desk.otto)).data);
});

test('who books is not told what a hidden resource or another network has', async () => {
  const elsewhere = await Desk.begin(api, 'further');
  const hidden = await desk.resource('Hidden', { sharing: 'PRIVATE' });
  const [never, foreign, own] = await Promise.all(
    [toGlobalId('Resource', v7()), hidden, await elsewhere.resource('Foreign', {})].map((id) => calendar.tried(id, MONDAY, 'FREQ=DAILY;COUNT=2', { skipUnavailable: true })),
  );
  expect(foreign).toEqual(never);
  expect(own).toEqual(never);
});

test('many bookings cost as many as they are: a list of lists of them is refused', async () => {
  const deep = '{ bookings(first: 1) { nodes { series { bookings { series { bookings { series { bookings { id } } } } } } } } }';
  expect((await api.ask(deep, {}, desk.bea)).errors).toMatchObject([{ extensions: { code: 'COMPLEXITY_LIMIT' } }]);
  expect((await api.ask('{ bookings(first: 10) { nodes { series { bookings { id range { start } } } } } }', {}, desk.bea)).errors).toBeUndefined();
});

test('people are told of a series once, and of every change of many at once', async () => {
  const hall = await desk.resource('Stage', {});
  const worker = api.work();
  const told = async (who: Person): Promise<[string, string][]> => {
    await api.settled();
    const { viewer } = await api.must('{ viewer { notifications(first: 50) { nodes { kind title body subject { id } } } } }', {}, who, { 'accept-language': 'en' });
    return viewer.notifications.nodes.filter(({ kind, body }: { kind: string; body: string }) => kind === 'BOOKING' && body.includes('Stage')).map(({ title, body }: Record<string, string>) => [title, body]);
  };
  const { bookings } = await calendar.book(hall, MONDAY, 'FREQ=DAILY;COUNT=4');
  const first = await told(desk.ada);
  expect(first.map(([title]) => title)).toEqual(['A resource was booked many times']);
  expect(first[0]![1]).toContain('4 times');
  await desk.move('rescheduleBooking', bookings[1]!, desk.bea, { range: range(16, '14:00', '16:00'), scope: 'THIS_AND_FOLLOWING' });
  await desk.move('cancelBooking', { id: bookings[2]!.id, version: 2 }, desk.bea, { scope: 'THIS_AND_FOLLOWING' });
  expect((await told(desk.ada)).map(([title]) => title)).toEqual(['Bookings were cancelled', 'Bookings were rescheduled', 'A resource was booked many times']);
  expect(await told(desk.bea)).toEqual([]);
  const audited = await api.database.sql<{ action: string; count: number }>(
    `SELECT action, count(*)::integer AS count FROM audit_entries e JOIN bookings b ON b.id = e.subject_id WHERE b.resource_name = 'Stage' GROUP BY action ORDER BY action`,
  );
  expect(audited).toEqual([{ action: 'booking.book', count: 4 }, { action: 'booking.cancel', count: 2 }, { action: 'booking.reschedule', count: 3 }]);
  await worker.stop();
});
