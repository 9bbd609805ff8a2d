import { uuidOf } from '../contracts/agreements';
import { TestApi } from '../support/api';
import type { Person } from '../support/world';
import { Desk, NOW, overruns, range, type BookingView } from './desk';

const CLIENTS = 200;
const ROUNDS = Number(process.env.RACE_ROUNDS ?? 3);

let api: TestApi;
let desk: Desk;
let clients: Person[];
let count = 0;

beforeAll(async () => {
  api = await TestApi.start({ DATABASE_POOL_SIZE: '20' });
  desk = await Desk.begin(api);
  clients = [desk.ada, desk.bea, desk.ben, desk.otto];
  for (const client of clients) await api.token(client);
});
beforeEach(() => api.clock.set(NOW));
afterEach(async () => expect(await overruns(api)).toEqual([]));
afterAll(() => api.stop());

const hall = (terms = {}) => desk.resource(`Hall ${(count += 1)}`, terms);
const WHEN = range(12, '10:00', '12:00');
const each = <Result>(work: (client: Person, index: number) => Promise<Result>, times = CLIENTS): Promise<Result[]> =>
  Promise.all(Array.from({ length: times }, (_, index) => work(clients[index % clients.length]!, index)));
const codesOf = (payloads: readonly Record<string, any>[]): string[] => payloads.flatMap(({ userErrors }) => userErrors.map(({ code }: { code: string }) => code));

test(`${CLIENTS} clients race for one slot: one gets it, the others are told of a conflict`, async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const resource = await hall();
    const payloads = await each((client, index) => api.mutate('bookResource', { resource, range: index % 3 ? WHEN : range(12, '11:00', '13:00') }, client));
    expect(payloads.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1);
    expect(codesOf(payloads)).toEqual(Array(CLIENTS - 1).fill('CONFLICT'));
  }
}, 60_000 + ROUNDS * 20_000);

test('as many of them get a unit as there are units', async () => {
  const resource = await hall({ quantity: 7 });
  const payloads = await each((client, index) => api.mutate('bookResource', { resource, range: WHEN, quantity: 1 + (index % 2) }, client), 60);
  const [row] = await api.database.sql<{ taken: number }>('SELECT sum(quantity)::integer AS taken FROM bookings WHERE resource_id = $1', [uuidOf(resource)]);
  expect(row!.taken).toBe(7);
  expect(new Set(codesOf(payloads))).toEqual(new Set(['CONFLICT']));
}, 60_000);

test('who waits gets what is given up, one after the other, however many give up at once', async () => {
  const resource = await hall({ quantity: 3 });
  const held: BookingView[] = [];
  for (let index = 0; index < 3; index += 1) held.push(await desk.book(resource, WHEN, desk.ada));
  const waiting = [await desk.wait(resource, WHEN, desk.bea), await desk.wait(resource, WHEN, desk.otto)];
  const others = each((client) => api.mutate('bookResource', { resource, range: WHEN }, client), 20);
  await Promise.all(held.map((booking) => desk.move('cancelBooking', booking, desk.ada)));
  const payloads = await others;
  for (const { id } of waiting) expect((await desk.read(id, desk.ada))!.status).toBe('CONFIRMED');
  // Nobody slips in between who frees a place and who waits for it: of three places two go to them.
  expect(payloads.filter(({ userErrors }) => userErrors.length === 0).length).toBeLessThanOrEqual(1);
});

test('a booking is moved on once, however often that is asked at the same instant', async () => {
  const resource = await hall({ requiresApproval: true });
  const requested = await desk.book(resource, WHEN);
  const payloads = await Promise.all([
    ...Array.from({ length: 5 }, () => api.mutate('approveBooking', { id: requested.id, version: 1 }, desk.ada)),
    ...Array.from({ length: 5 }, () => api.mutate('rejectBooking', { id: requested.id, version: 1 }, desk.ada)),
    ...Array.from({ length: 5 }, () => api.mutate('cancelBooking', { id: requested.id, version: 1 }, desk.bea)),
    ...Array.from({ length: 5 }, () => api.mutate('rescheduleBooking', { id: requested.id, version: 1, range: range(13, '10:00', '12:00') }, desk.bea)),
  ]);
  expect(payloads.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1);
  expect(new Set(codesOf(payloads).filter((code) => code !== 'STALE_VERSION'))).toEqual(new Set(codesOf(payloads).includes('WRONG_STATE') ? ['WRONG_STATE'] : []));
});

test('halls that require the same projector, and the projector itself, are raced for without end of any request', async () => {
  const projector = await hall({ quantity: 2 });
  const halls = [await hall({ requires: [projector] }), await hall({ requires: [projector] }), await hall({ requires: [projector] }), projector];
  const payloads = await each((client, index) => api.mutate('bookResource', { resource: halls[index % 4]!, range: WHEN }, client), 40);
  const [row] = await api.database.sql<{ taken: number }>("SELECT count(*)::integer AS taken FROM bookings WHERE resource_id = $1 AND status = 'CONFIRMED'", [uuidOf(projector)]);
  expect(row!.taken).toBe(2);
  expect(payloads.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(2);
}, 60_000);

test('the quantity is changed while it is booked: never more than there is', async () => {
  const resource = await hall({ quantity: 6 });
  let version = 1;
  for (let round = 0; round < 4; round += 1) {
    const [changed] = await Promise.all([
      api.mutate('updateResource', { id: resource, version, quantity: round % 2 ? 6 : 3 }, desk.ada, 'resource { version }'),
      ...Array.from({ length: 6 }, () => api.mutate('bookResource', { resource, range: range(12 + round, '10:00', '12:00') }, desk.bea)),
    ]);
    if (changed.userErrors.length === 0) version = changed.resource.version as number;
    expect(await overruns(api)).toEqual([]);
  }
});
