import fc from 'fast-check';
import { Desk } from '../bookings/desk';
import { TestApi } from '../support/api';
import { isFree, slotsOf, type PlainWorld } from './plain';
import { instant, put, TICKS, world } from './worlds';

/** Availability, and whether something is free, in random worlds against a plain reckoning. */

const RUNS = Number(process.env.AVAILABILITY_RUNS ?? 40);

let api: TestApi;
let desk: Desk;
let count = 0;

beforeAll(async () => {
  api = await TestApi.start();
  desk = await Desk.begin(api);
});
afterAll(() => api.stop());

const AVAILABILITY = `query ($id: ID!, $range: TimeRangeInput!, $quantity: Int) {
  node(id: $id) { ... on Resource { availability(range: $range, quantity: $quantity) { range { start end } quantityFree } } } }`;
const FREE = 'query ($text: String, $range: TimeRangeInput, $quantity: Int) { resources(first: 1, filter: { text: $text, freeDuring: $range, quantity: $quantity }) { totalCount nodes { id } } }';

const span = fc.record({ from: fc.integer({ min: -10, max: TICKS }), length: fc.integer({ min: 1, max: 120 }), quantity: fc.integer({ min: 1, max: 4 }) });
/** Mostly short ones, of which some are free. */
const shortSpans = fc.array(fc.record({ from: fc.integer({ min: -10, max: TICKS }), length: fc.integer({ min: 1, max: 12 }), quantity: fc.integer({ min: 1, max: 3 }) }), { minLength: 4, maxLength: 8 });

/** Open on Fridays from midnight on, and Apia had no 30 December 2011: the instant of its midnight is that of the Saturday. */
const SKIPPED_FRIDAY: PlainWorld = {
  timeZone: 'Pacific/Apia', origin: 1_325_030_400_000, now: 0, required: [],
  resource: { quantity: 1, buffer: 0, hours: [{ weekday: 5, opens: 0, closes: 1 }], inService: true, taken: [] },
};

test(`${RUNS} random worlds`, async () => {
  let [free, taken] = [0, 0];
  await fc.assert(
    fc.asyncProperty(world, span, shortSpans, async (of, wide, narrow) => {
      const name = `W${(count += 1)}.`;
      const id = await put(desk, of, name);
      const range = (from: number, to: number) => ({ start: instant(of, from), end: instant(of, to) });
      const answer = await api.must(AVAILABILITY, { id, range: range(wide.from, wide.from + wide.length * 4), quantity: wide.quantity });
      expect(answer.node.availability).toEqual(
        slotsOf(of, wide.from, wide.from + wide.length * 4, wide.quantity).map(({ from, to, quantityFree }) => ({ range: range(from, to), quantityFree })),
      );
      for (const { from, length, quantity } of narrow) {
        const expected = isFree(of, from, from + length, quantity);
        if (expected) free += 1;
        else taken += 1;
        const { resources } = await api.must(FREE, { text: name, range: range(from, from + length), quantity });
        const ids = resources.nodes.map((node: { id: string }) => node.id);
        expect([from, ids.includes(id)]).toEqual([from, expected]);
      }
    }),
    { numRuns: RUNS, examples: [[SKIPPED_FRIDAY, { from: 200, length: 20, quantity: 1 }, [{ from: 232, length: 1, quantity: 1 }]]] },
  );
  // The worlds are neither all full nor all empty.
  expect(free).toBeGreaterThan(RUNS / 4);
  expect(taken).toBeGreaterThan(RUNS / 4);
}, 20_000 + RUNS * 500);
