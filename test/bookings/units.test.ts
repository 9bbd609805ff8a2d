import fc from 'fast-check';
import { chooseUnits, freeRuns, mostTaken, Places, type Taken } from '../../src/domain/bookings/units';

const size = (runs: readonly { from: number; to: number }[]) => runs.reduce((total, { from, to }) => total + to - from, 0);
const hour = (count: number) => new Date(count * 3_600_000);
const ids = (rows: readonly Taken[]) => rows.map(({ bookingId }) => bookingId);

test('free runs are what is not taken, lowest first', () => {
  expect(freeRuns(5, [])).toEqual([{ from: 1, to: 6 }]);
  expect(freeRuns(5, [{ from: 2, to: 3 }, { from: 5, to: 9 }])).toEqual([{ from: 1, to: 2 }, { from: 3, to: 5 }]);
  expect(freeRuns(2, [{ from: 1, to: 4 }])).toEqual([]);
  expect(freeRuns(2, [{ from: 2, to: 4 }, { from: 1, to: 3 }])).toEqual([]);
});

test('units are chosen lowest in one run, else in as few as possible', () => {
  const free = [{ from: 1, to: 2 }, { from: 3, to: 6 }, { from: 8, to: 20 }];
  expect(chooseUnits(free, 2)).toEqual([{ from: 3, to: 5 }]);
  expect(chooseUnits(free, 13)).toEqual([{ from: 8, to: 20 }, { from: 3, to: 4 }]);
  expect(chooseUnits(free, 17)).toBeNull();
});

test('what ends makes room for what begins at that instant', () => {
  const units = { from: 1, to: 2 };
  expect(mostTaken([{ units, start: hour(1), end: hour(2) }, { units, start: hour(2), end: hour(3) }])).toBe(1);
});

test('scattered units never stand in the way: there is a place exactly when no instant has too many', async () => {
  const step = fc.record({
    take: fc.boolean(),
    which: fc.nat(40),
    quantity: fc.integer({ min: 1, max: 5 }),
    start: fc.integer({ min: 1, max: 30 }),
    length: fc.integer({ min: 1, max: 12 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 7 }), fc.array(step, { maxLength: 60 }), fc.nat(10), async (quantity, steps, begun) => {
      // What begins before now is in use and stays where it is.
      const now = hour(0);
      const fixed: Taken[] = [];
      for (let unit = 1; unit <= Math.min(begun, quantity - 1); unit += 1) {
        fixed.push({ id: `f${unit}`, bookingId: `f${unit}`, units: { from: unit + 1, to: unit + 2 }, start: hour(-1), end: hour(unit * 3), isRequest: false });
      }
      const places = new Places('r', quantity, fixed, now, async () => []);
      const booked = new Map<string, { quantity: number; start: number; end: number }>();
      for (const row of fixed) booked.set(row.bookingId!, { quantity: 1, start: -1, end: row.end.getTime() / 3_600_000 });
      for (const [index, { take, which, quantity: wanted, start, length }] of steps.entries()) {
        const movable = [...booked.keys()].filter((id) => id.startsWith('b'));
        if (!take && movable.length) {
          const gone = movable[which % movable.length]!;
          places.give(gone);
          booked.delete(gone);
          continue;
        }
        const id = `b${index}`;
        const end = start + length;
        const peak = Math.max(0, ...Array.from({ length }, (_, offset) => start + offset).map((instant) =>
          [...booked.values()].filter((other) => other.start <= instant && other.end > instant).reduce((total, other) => total + other.quantity, 0)));
        const against = await places.take({ bookingId: id, quantity: wanted, start: hour(start), end: hour(end), isRequest: false });
        expect(against === null).toBe(peak + wanted <= quantity);
        if (against === null) booked.set(id, { quantity: wanted, start, end });
      }
      const rows = places.booked();
      expect(new Set(ids(rows))).toEqual(new Set(booked.keys()));
      for (const [id, { quantity: wanted }] of booked) expect(size(rows.filter(({ bookingId }) => bookingId === id).map(({ units }) => units))).toBe(wanted);
      for (const row of rows) {
        expect(row.units.from).toBeGreaterThanOrEqual(1);
        expect(row.units.to).toBeLessThanOrEqual(quantity + 1);
        for (const other of rows) {
          if (row === other) continue;
          const meet = row.start < other.end && other.start < row.end && row.units.from < other.units.to && other.units.from < row.units.to;
          expect(meet).toBe(false);
        }
      }
      for (const row of fixed) expect(rows).toContain(row);
    }),
    { numRuns: 300 },
  );
});

test('what was not known is read before anything is arranged anew, and only what changes is written', async () => {
  const taken = (id: string, unit: number, start: number, end: number): Taken => ({
    id, bookingId: id, units: { from: unit, to: unit + 1 }, start: hour(start), end: hour(end), isRequest: false,
  });
  // One unit free throughout only once y, outside the window, has moved.
  const x = taken('x', 1, 1, 3);
  const y = taken('y', 2, 3, 6);
  const z = taken('z', 2, 8, 9);
  const places = new Places('r', 2, [x, y], hour(0), async () => [x, y, z]);
  expect(await places.take({ bookingId: 'n', quantity: 1, start: hour(2), end: hour(4), isRequest: false })).toBeNull();
  const { gone, come } = places.changes();
  expect(gone.map(({ id }) => id).sort()).toEqual(['y', 'z']);
  expect(come.map(({ bookingId, units }) => [bookingId, units.from]).sort()).toEqual([['n', 2], ['y', 1], ['z', 1]]);
});
