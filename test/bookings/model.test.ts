import fc from 'fast-check';
import { TestApi } from '../support/api';
import type { Person } from '../support/world';
import { at, Desk, NOW, overruns, type BookingView } from './desk';

/**
 * Generated histories of one resource, asked through the API and of a plain model: a list of bookings over hours, which
 * takes what fits and lets who waits move up. The model knows nothing of units, rows or transactions.
 */

interface Entry {
  id: string;
  version: number;
  by: 'bea' | 'otto' | 'ada';
  start: number;
  end: number;
  quantity: number;
  status: 'WAITLISTED' | 'CONFIRMED' | 'CANCELLED';
  asked: number;
}

class Model {
  entries: Entry[] = [];
  constructor(
    readonly quantity: number,
    /** Hours of use that the grant of bea's organization leaves in the month. */
    readonly quota: number,
    readonly buffer: number,
  ) {}

  private held = () => this.entries.filter(({ status }) => status === 'CONFIRMED');

  fits({ start, end, quantity }: Pick<Entry, 'start' | 'end' | 'quantity'>): boolean {
    for (let hour = start; hour < end + this.buffer; hour += 1) {
      const taken = this.held().filter((entry) => entry.start <= hour && hour < entry.end + this.buffer).reduce((total, entry) => total + entry.quantity, 0);
      if (taken + quantity > this.quantity) return false;
    }
    return true;
  }

  used = () => this.held().filter(({ by }) => by === 'bea').reduce((total, { start, end, quantity }) => total + (end - start) * quantity, 0);
  withinQuota = ({ by, start, end, quantity }: Pick<Entry, 'by' | 'start' | 'end' | 'quantity'>) => by !== 'bea' || this.used() + (end - start) * quantity <= this.quota;

  refusal(entry: Pick<Entry, 'by' | 'start' | 'end' | 'quantity'>): string | null {
    if (entry.quantity > this.quantity) return 'CAPACITY_EXCEEDED';
    if (!this.withinQuota(entry)) return 'QUOTA_EXCEEDED';
    return this.fits(entry) ? null : 'CONFLICT';
  }

  /** Grants of otto's organization come first, then whoever asked first. */
  promote(): void {
    const priority = { otto: 2, bea: 1, ada: 0 };
    for (const entry of this.entries.filter(({ status }) => status === 'WAITLISTED').sort((a, b) => priority[b.by] - priority[a.by] || a.asked - b.asked)) {
      if (this.fits(entry) && this.withinQuota(entry)) entry.status = 'CONFIRMED';
    }
  }
}

let api: TestApi;
let desk: Desk;
let count = 0;
beforeAll(async () => {
  api = await TestApi.start();
  desk = await Desk.begin(api);
});
beforeEach(() => api.clock.set(NOW));
afterAll(() => api.stop());

const who = fc.constantFrom('bea' as const, 'otto' as const, 'ada' as const);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ verb: fc.constant('book' as const), by: who, start: fc.nat(20), length: fc.integer({ min: 1, max: 8 }), quantity: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('wait' as const), by: who, start: fc.nat(20), length: fc.integer({ min: 1, max: 8 }), quantity: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 3, arbitrary: fc.record({ verb: fc.constant('cancel' as const), which: fc.nat(50) }) },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('move' as const), which: fc.nat(50), start: fc.nat(20), length: fc.integer({ min: 1, max: 8 }) }) },
);
const hours = (start: number, end: number) => ({ start: new Date(Date.parse(at(12, '08:00')) + start * 3_600_000).toISOString(), end: new Date(Date.parse(at(12, '08:00')) + end * 3_600_000).toISOString() });

test('generated histories of bookings go as the plain model says', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({ quantity: fc.integer({ min: 1, max: 4 }), quota: fc.integer({ min: 5, max: 60 }), buffer: fc.constantFrom(0, 1) }),
      fc.array(step, { minLength: 5, maxLength: 25 }),
      async ({ quantity, quota, buffer }, steps) => {
        const resource = await desk.resource(`Thing ${(count += 1)}`, { sharing: 'CONTRACT', quantity, buffer: `PT${buffer}H` });
        await desk.grant([resource], [{ priority: 1, quotaPerMonth: `PT${quota}H` }]);
        await desk.grant([resource], [{ priority: 2 }], [desk.agreements.outsider]);
        const model = new Model(quantity, quota, buffer);
        const person = (by: Entry['by']): Person => desk[by];
        for (const [asked, taken] of steps.entries()) {
          if (taken.verb === 'book' || taken.verb === 'wait') {
            const { by, start, length, verb } = taken;
            const entry: Entry = { id: '', version: 1, by, start, end: start + length, quantity: taken.quantity, status: verb === 'book' ? 'CONFIRMED' : 'WAITLISTED', asked };
            const payload = await api.mutate(verb === 'book' ? 'bookResource' : 'joinWaitlist', { resource, range: hours(entry.start, entry.end), quantity: taken.quantity }, person(by), 'booking { id version status }');
            const refusal = model.refusal(entry);
            const twice = model.entries.some((other) => other.status === 'WAITLISTED' && other.by === by && other.start < entry.end && entry.start < other.end);
            const expected = verb === 'book' ? refusal : refusal === 'CONFLICT' || refusal === null ? (twice ? 'DUPLICATE' : null) : refusal;
            const [error] = payload.userErrors as { code: string }[];
            // Between a quota and a place that are both lacking, either may be told.
            if (expected === 'QUOTA_EXCEEDED' && verb === 'book' && !model.fits(entry)) expect(['QUOTA_EXCEEDED', 'CONFLICT']).toContain(error?.code);
            else expect(error?.code ?? null).toBe(expected);
            if (error) continue;
            entry.id = payload.booking.id as string;
            model.entries.push(entry);
            if (verb === 'wait') model.promote();
          } else {
            const entry = model.entries[taken.which % Math.max(1, model.entries.length)];
            if (!entry || entry.status === 'CANCELLED') continue;
            const { version } = (await desk.read(entry.id, person(entry.by)))!;
            if (taken.verb === 'cancel') {
              await desk.done('cancelBooking', { id: entry.id, version }, person(entry.by));
              entry.status = 'CANCELLED';
              model.promote();
            } else {
              const end = taken.start + taken.length;
              const payload = await api.mutate('rescheduleBooking', { id: entry.id, version, range: hours(taken.start, end) }, person(entry.by));
              const [error] = payload.userErrors as { code: string }[];
              if (entry.status === 'WAITLISTED') {
                expect(error?.code).toBe('WRONG_STATE');
                continue;
              }
              entry.status = 'CANCELLED';
              const refusal = model.refusal({ ...entry, start: taken.start, end });
              entry.status = 'CONFIRMED';
              expect(error === undefined).toBe(refusal === null);
              if (error) continue;
              Object.assign(entry, { start: taken.start, end });
              model.promote();
            }
          }
        }
        const seen = new Map<string, BookingView>();
        for (const { id, by } of model.entries) seen.set(id, (await desk.read(id, person(by)))!);
        expect([...seen.values()].map(({ id, status, range }) => [id, status, range])).toEqual(
          model.entries.map(({ id, status, start, end }) => [id, status, hours(start, end)]),
        );
        expect(await overruns(api)).toEqual([]);
      },
    ),
    { numRuns: Number(process.env.MODEL_RUNS ?? 12) },
  );
}, 240_000);
