import { TestApi } from '../support/api';
import { at, broken, NOW, Roster, uuidOf, type ShiftView } from './roster';

const OPERATIONS = Number(process.env.DUTY_STORM_OPERATIONS ?? 300);
const CLIENTS = 12;

/** A generator of its own (mulberry32), so that a storm can be seen again by its seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const SEED = Number(process.env.DUTY_STORM_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** What may be answered; anything else is a fault. */
const EXPECTED = new Set(['DUPLICATE', 'CONFLICT', 'CONSENT_REQUIRED', 'CAPACITY_EXCEEDED', 'WRONG_STATE', 'STALE_VERSION', 'TOO_LATE', 'NOT_ALLOWED', 'INVALID']);

let api: TestApi;
let roster: Roster;

beforeAll(async () => {
  api = await TestApi.start({ DATABASE_POOL_SIZE: '12', DATABASE_WAIT_MS: '60000', LOCK_TIMEOUT_MS: '60000', STATEMENT_TIMEOUT_MS: '60000', REQUEST_TIMEOUT_MS: '120000' });
  api.clock.set(NOW);
  roster = await Roster.begin(api);
});
afterAll(() => api.stop());

test(`a storm of ${OPERATIONS} registrations, cancellations, promotions and moves leaves nothing that must never be`, async () => {
  const next = random(SEED);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(next() * items.length)]!;
  const activity = await roster.activity();
  const shifts: ShiftView[] = [];
  for (let index = 0; index < 12; index += 1) {
    const start = 8 + (index % 6);
    const reservedFor = index % 3 ? [] : [{ organization: roster.other.globalId, places: 2 }];
    shifts.push(await roster.shift(activity, { range: { start: at(12 + Math.floor(index / 6), `${String(start).padStart(2, '0')}:00`), end: at(12 + Math.floor(index / 6), `${start + 3}:00`) }, capacity: 2 + (index % 4), reservedFor, ...(reservedFor.length && { reservedUntil: at(11, '12:00') }) }));
  }
  const adults = [...(await roster.crowd(30, roster.host)), ...(await roster.crowd(30, roster.other))];
  const minors = [];
  for (let index = 0; index < 10; index += 1) minors.push(await roster.volunteer(roster.other, { adultOn: index % 2 ? '2026-06-13' : '2027-01-01', consent: index % 3 === 0 }));
  const volunteers = [...adults, ...minors.map(({ globalId }) => globalId)];
  const counts: Record<string, number> = {};

  const coming = async () => {
    const [row] = await api.database.sql<{ id: string; version: number }>(`SELECT id, version FROM registrations WHERE status IN ('CONFIRMED','WAITLISTED') OFFSET floor($1::float8 * (SELECT count(*) FROM registrations WHERE status IN ('CONFIRMED','WAITLISTED'))) LIMIT 1`, [next()]);
    return row && { id: Buffer.from(`Registration:${row.id}`).toString('base64url'), version: row.version };
  };
  const shiftNow = async () => {
    const shift = pick(shifts);
    const [row] = await api.database.sql<{ version: number }>('SELECT version FROM shifts WHERE id = $1', [uuidOf(shift.id)]);
    return { id: shift.id, version: row!.version };
  };
  const operations: readonly (readonly [weight: number, verb: string, input: () => Promise<Record<string, unknown> | undefined>])[] = [
    [50, 'registerForShift', async () => ({ shift: pick(shifts).id, volunteer: pick(volunteers), waitlist: next() < 0.8 })],
    [30, 'cancelRegistration', coming],
    [8, 'updateShift', async () => {
      const [day, start, length] = [12 + Math.floor(next() * 3), 8 + Math.floor(next() * 6), 1 + Math.floor(next() * 4)];
      return { ...(await shiftNow()), range: { start: at(day, `${String(start).padStart(2, '0')}:00`), end: at(day, `${String(start + length).padStart(2, '0')}:00`) }, cancelClashing: next() < 0.7 };
    }],
    [8, 'updateShift', async () => ({ ...(await shiftNow()), capacity: 1 + Math.floor(next() * 6) })],
    [4, 'updateShift', async () => ({ ...(await shiftNow()), reservedFor: next() < 0.5 ? [] : [{ organization: roster.other.globalId, places: 1 + Math.floor(next() * 2) }] })],
  ];
  const total = operations.reduce((sum, [weight]) => sum + weight, 0);
  const choose = () => {
    let left = next() * total;
    return operations.find(([weight]) => (left -= weight) < 0) ?? operations[0]!;
  };

  let done = 0;
  const client = async () => {
    while (done < OPERATIONS) {
      done += 1;
      const [, verb, make] = choose();
      const input = await make();
      if (!input) continue;
      const { userErrors } = await api.mutate(verb, input, roster.committee);
      const codes = (userErrors as { code: string; message: string }[]).map(({ code }) => code);
      for (const code of codes.length ? codes : ['DONE']) counts[`${verb} ${code}`] = (counts[`${verb} ${code}`] ?? 0) + 1;
      if (codes.some((code) => !EXPECTED.has(code))) throw new Error(`seed ${SEED}: ${verb} ${JSON.stringify(userErrors)}`);
      // Consents come and go meanwhile, as a guardian's withdrawal does: with what rests on it.
      if (done % 100 === 0) expect([SEED, await broken(api)]).toEqual([SEED, []]);
      // The moment until which places are kept passes in the middle of it.
      if (done === Math.floor(OPERATIONS / 2)) api.clock.set(at(11, '12:00'));
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  const { recordDueShifts } = await import('../../src/domain/shifts/service');
  await recordDueShifts(api.app.platform);

  expect([SEED, await broken(api)]).toEqual([SEED, []]);
  // Nobody waits for a place that is free and that nothing stands against.
  const idle = await api.database.sql(
    `SELECT r.id FROM registrations r JOIN shifts s ON s.id = r.shift_id JOIN volunteers v ON v.id = r.volunteer_id
     WHERE r.status = 'WAITLISTED' AND s.taken + s.kept < s.capacity AND v.status = 'ACTIVE'
       AND (v.adult_on <= (s.starts_at AT TIME ZONE 'Asia/Shanghai')::date OR EXISTS (SELECT FROM volunteer_consents c WHERE c.volunteer_id = v.id AND c.withdrawn_at IS NULL))
       AND NOT EXISTS (SELECT FROM registrations o WHERE o.volunteer_id = v.id AND o.status = 'CONFIRMED' AND o.starts_at < s.ends_at AND s.starts_at < o.ends_at)`,
  );
  expect([SEED, idle]).toEqual([SEED, []]);
  for (const verb of ['registerForShift', 'cancelRegistration', 'updateShift']) expect(counts[`${verb} DONE`]).toBeGreaterThan(0);
  const moves = await api.database.sql<{ action: string; count: number }>(`SELECT action, count(*)::integer AS count FROM audit_entries WHERE subject_type = 'Registration' GROUP BY 1 ORDER BY 1`);
  if (process.env.DUTY_STORM_OPERATIONS) process.stdout.write(`${JSON.stringify({ seed: SEED, counts, moves }, null, 1)}\n`);
}, 3_600_000);
