import fc from 'fast-check';
import { Desk, NOW, overruns } from '../bookings/desk';
import { TestApi } from '../support/api';
import { TICK_MS } from './plain';

/** What is free can be booked, and what is not cannot: by the verbs themselves, in random histories. */

const RUNS = Number(process.env.AVAILABILITY_RUNS ?? 6);
const DAY = 96;
/** Up to when it is asked what is free: later than anything that is tried. */
const ASKED = 12 * DAY;

let api: TestApi;
let desk: Desk;
let count = 0;

beforeAll(async () => {
  api = await TestApi.start();
  desk = await Desk.begin(api);
});
afterAll(() => api.stop());

const instant = (tick: number) => new Date(Date.parse(NOW) + tick * TICK_MS).toISOString();
const range = (from: number, to: number) => ({ start: instant(from), end: instant(to) });

interface Slot {
  range: { start: string; end: string };
  quantityFree: number;
}
const slotsFor = async (id: string, quantity: number): Promise<Slot[]> =>
  (await api.must('query ($id: ID!, $range: TimeRangeInput!, $quantity: Int) { node(id: $id) { ... on Resource { availability(range: $range, quantity: $quantity) { range { start end } quantityFree } } } }', {
    id, range: range(-DAY, ASKED), quantity,
  }, desk.bea)).node.availability;

/** Whether slots that touch contain all of a time. */
function covers(slots: readonly Slot[], { start, end }: { start: string; end: string }): boolean {
  let reached = start;
  for (const slot of slots) if (slot.range.start <= reached && reached < slot.range.end) reached = slot.range.end;
  return reached >= end;
}

const isListed = async (id: string, during: object, quantity: number): Promise<boolean> => {
  const { resources } = await api.must('query ($text: String, $during: TimeRangeInput, $quantity: Int) { resources(filter: { text: $text, freeDuring: $during, quantity: $quantity }) { nodes { id } } }', {
    text: `Agreed ${count}.`, during, quantity,
  }, desk.bea);
  return resources.nodes.some((node: { id: string }) => node.id === id);
};

const clock = (quarter: number) => `${String(Math.floor(quarter / 4)).padStart(2, '0')}:${String((quarter % 4) * 15).padStart(2, '0')}`;
const hours = fc.constantFrom<[opens: number, closes: number][]>([], [[0, DAY]], [[32, 48], [56, 88]], [[0, 20], [80, DAY]]);
const terms = fc.record({ quantity: fc.integer({ min: 1, max: 4 }), buffer: fc.constantFrom(0, 1, 4), hours, requiresApproval: fc.boolean() });
const step = fc.record({
  what: fc.constantFrom('book', 'book', 'book', 'book', 'bookFree', 'bookFree', 'bookFree', 'block', 'cancel', 'wait'),
  from: fc.integer({ min: -4, max: 4 * DAY }),
  length: fc.integer({ min: 1, max: 24 }),
  quantity: fc.integer({ min: 1, max: 3 }),
  pick: fc.nat({ max: 1000 }),
});

const put = ({ hours: spans, buffer, ...rest }: { quantity: number; buffer: number; hours: [number, number][]; requiresApproval: boolean }, name: string, requires: string[] = []) =>
  desk.resource(name, {
    ...rest, requires, buffer: `PT${buffer * 15}M`,
    openingHours: [1, 2, 3, 4, 5, 6, 7].flatMap((weekday) => spans.map(([opens, closes]) => ({ weekday, opens: clock(opens), closes: clock(closes) }))),
  });

test(`${RUNS} random histories`, async () => {
  const outcomes = { booked: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(terms, fc.option(terms), fc.array(step, { minLength: 15, maxLength: 30 }), async (own, needed, steps) => {
      api.clock.set(NOW);
      const requires = needed ? [await put(needed, `Needed ${(count += 1)}.`)] : [];
      const id = await put(own, `Agreed ${(count += 1)}.`, requires);
      const targets = [id, ...requires];
      const booked: { id: string; version: number }[] = [];
      let now = 0;
      for (const { what, from, length, quantity, pick } of steps) {
        const target = targets[pick % 5 === 0 ? targets.length - 1 : 0]!;
        if (what === 'block') {
          await api.mutate('blockTime', { resource: target, range: range(Math.max(from, now), Math.max(from, now) + length) }, desk.ada);
        } else if (what === 'cancel' && booked.length) {
          const one = booked.splice(pick % booked.length, 1)[0]!;
          await api.mutate('cancelBooking', { id: one.id, version: one.version, note: 'As drawn' }, desk.ada);
        } else if (what === 'wait') {
          // Time goes on: what was requested lapses, what is past cannot be booked any more.
          api.clock.set(instant((now += pick % 12)));
        } else {
          const slots = await slotsFor(target, quantity);
          const starts = slots.map((slot) => (Date.parse(slot.range.start) - Date.parse(NOW)) / TICK_MS).filter((tick) => tick < ASKED - DAY);
          const start = what === 'bookFree' && starts.length ? starts[pick % starts.length]! : from;
          const when = range(Math.ceil(start), Math.ceil(start) + length);
          const isFree = covers(slots, when);
          if (target === id) expect([what, when, await isListed(id, when, quantity)]).toEqual([what, when, isFree]);
          const { booking, userErrors } = await api.mutate('bookResource', { resource: target, range: when, quantity }, desk.bea, 'booking { id version }');
          expect([when, quantity, userErrors.map(({ code }: { code: string }) => code)]).toEqual([when, quantity, isFree ? [] : [expect.any(String)]]);
          if (booking) booked.push(booking);
          outcomes[booking ? 'booked' : 'refused'] += 1;
        }
      }
      expect(await overruns(api)).toEqual([]);
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
  expect(outcomes.booked).toBeGreaterThan(RUNS);
  expect(outcomes.refused).toBeGreaterThan(RUNS);
}, 20_000 + RUNS * 10_000);
