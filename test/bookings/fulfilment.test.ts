import { TestApi } from '../support/api';
import { Desk, NOW, at, range } from './desk';

let api: TestApi;
let desk: Desk;

beforeAll(async () => {
  api = await TestApi.start();
  api.clock.set(NOW);
  desk = await Desk.begin(api);
});
beforeEach(() => api.clock.set(NOW));
afterAll(() => api.stop());

interface Measured {
  period: { from: string; to: string };
  promised: number | null;
  delivered: number;
  used: number;
  ratio: number | null;
  unit: string;
}

const FULFILMENT = `query ($id: ID!, $period: DateRangeInput) { node(id: $id) { ... on Contract {
  fulfilment(period: $period) { clause { id } period { from to } promised delivered used ratio unit } } } }`;
const measured = async (id: string, as = desk.ben, period?: { from: string; to: string }): Promise<Measured[]> =>
  (await api.must(FULFILMENT, { id, period }, as)).node?.fulfilment ?? null;

test('compares what a grant promised with what was delivered and used, month by month', async () => {
  const hall = await desk.resource('Hall', { sharing: 'CONTRACT', quantity: 2 });
  const { contract } = await desk.grant([hall], [{ quotaPerMonth: 'PT30H' }], [desk.b], { term: { from: '2026-06-01', to: '2027-06-15' } });
  expect(await measured(contract)).toMatchObject([{ period: { from: '2026-06-01', to: '2026-06-30' }, promised: 30, delivered: 0, used: 0, ratio: 0, unit: 'hours' }]);

  const used = await desk.book(hall, range(11, '09:00', '12:00'), desk.bea, { quantity: 2 });
  await desk.book(hall, range(12, '09:00', '11:00'));
  const cancelled = await desk.book(hall, range(13, '09:00', '11:00'));
  await desk.move('cancelBooking', cancelled, desk.bea);
  // Over the end of the month: an hour in each.
  await desk.book(hall, { start: at(30, '23:00'), end: at(31, '01:00') });
  api.clock.set(at(11, '09:00'));
  await desk.move('checkOutBooking', used, desk.bea);
  api.clock.set(at(20, '09:00'));

  const months = await measured(contract, desk.ben, { from: '2026-06-01', to: '2026-07-31' });
  expect(months).toMatchObject([
    { period: { from: '2026-06-01', to: '2026-06-30' }, promised: 30, delivered: 9, used: 6 },
    { period: { from: '2026-07-01', to: '2026-07-31' }, promised: 30, delivered: 1, used: 0 },
  ]);
  expect(months[0]!.ratio).toBeCloseTo(0.3);
  // The obligor and the committee read the same; who is not party reads nothing.
  expect(await measured(contract, desk.ada, { from: '2026-06-01', to: '2026-07-31' })).toEqual(months);
  expect(await measured(contract, desk.committee, { from: '2026-06-01', to: '2026-07-31' })).toEqual(months);
  expect(await measured(contract, desk.otto)).toBeNull();
  // Half a month is promised by half, in the period and in the term.
  expect(await measured(contract, desk.ben, { from: '2026-06-16', to: '2026-06-30' })).toMatchObject([{ promised: 15, delivered: 1 }]);
  expect(await measured(contract, desk.ben, { from: '2027-06-01', to: '2027-07-31' })).toMatchObject([{ period: { from: '2027-06-01', to: '2027-06-15' }, promised: 15 }]);
});

test('a party of several reads what came of the grants to the others, though not their bookings', async () => {
  const room = await desk.resource('Room', { sharing: 'CONTRACT' });
  const { contract } = await desk.grant([room], [{ quotaPerMonth: 'PT10H' }], [desk.b, desk.agreements.outsider]);
  const booking = await desk.book(room, range(15, '09:00', '12:00'));
  expect(await desk.read(booking.id, desk.otto)).toBeNull();
  expect(await measured(contract, desk.otto)).toMatchObject([{ delivered: 3 }]);
});

test('without a quota nothing is promised by the hour', async () => {
  const yard = await desk.resource('Yard', { sharing: 'CONTRACT' });
  const { contract } = await desk.grant([yard]);
  await desk.book(yard, range(16, '09:00', '10:00'));
  expect(await measured(contract)).toMatchObject([{ promised: null, ratio: null, delivered: 1 }]);
});

test('a period that is reversed or endless is refused', async () => {
  const yard = await desk.resource('Garden', { sharing: 'CONTRACT' });
  const { contract } = await desk.grant([yard]);
  for (const period of [{ from: '2026-07-01', to: '2026-06-01' }, { from: '2000-01-01', to: '2199-01-01' }]) {
    expect((await api.ask(FULFILMENT, { id: contract, period }, desk.ben)).errors![0]!.extensions.code).toBe('BAD_USER_INPUT');
  }
});
