import { setTimeout as pause } from 'node:timers/promises';
import { newTokenKey } from '../../src/platform/identity/tokens';
import { cleanUp, Server, temporaryFolder } from '../start/server';
import { TestApi } from '../support/api';
import type { Person } from '../support/world';
import { deadlocks, Desk, lost, NOW, overruns } from './desk';

const OPERATIONS = Number(process.env.STORM_OPERATIONS ?? 500);
const KILLS = Number(process.env.STORM_KILLS ?? 2);
const CLIENTS = 16;

let api: TestApi;
let desk: Desk;
let people: Person[];
let resources: string[];

beforeAll(async () => {
  api = await TestApi.start({ DATABASE_POOL_SIZE: '20' });
  desk = await Desk.begin(api);
  people = [desk.ada, desk.bea, desk.ben, desk.otto];
  for (const person of people) await api.token(person);
  const [hall, chairs, rooms, projector] = [
    await desk.resource('Hall', { buffer: 'PT15M' }),
    await desk.resource('Chairs', { sharing: 'CONTRACT', quantity: 5 }),
    await desk.resource('Rooms', { sharing: 'CONTRACT', quantity: 3, requiresApproval: true }),
    await desk.resource('Projector', { quantity: 2 }),
  ];
  resources = [hall, chairs, rooms, projector, await desk.resource('Cinema', { requires: [projector] })];
  await desk.grant([chairs, rooms], [{ quotaPerMonth: 'PT40H', priority: 1 }, { quotaPerMonth: 'PT25H', priority: 9 }], [desk.b, desk.agreements.outsider]);
});
afterAll(async () => {
  await cleanUp();
  await api.stop();
});

const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(Math.random() * items.length)]!;

/** An hour or more of the days after an instant, so few that clients meet. */
function when(after: Date): { start: string; end: string } {
  const start = after.getTime() + (1 + Math.floor(Math.random() * 6)) * 86_400_000 + Math.floor(Math.random() * 12) * 3_600_000;
  return { start: new Date(start).toISOString(), end: new Date(start + (1 + Math.floor(Math.random() * 3)) * 3_600_000).toISOString() };
}

test(`${OPERATIONS} random operations of ${CLIENTS} clients at once leave nothing overlapping, over a quota or over a quantity`, async () => {
  api.clock.set(NOW);
  const known: { id: string; by: Person }[] = [];
  const outcomes: Record<string, number> = {};
  let left = OPERATIONS;
  const client = async (): Promise<void> => {
    while ((left -= 1) >= 0) {
      const by = pick(people);
      const verb = pick(['bookResource', 'bookResource', 'bookResource', 'joinWaitlist', 'cancelBooking', 'rescheduleBooking', 'approveBooking', 'rejectBooking']);
      const isNew = verb === 'bookResource' || verb === 'joinWaitlist';
      const target = isNew ? null : pick(known);
      if (!isNew && !target) continue;
      const as = verb === 'approveBooking' || verb === 'rejectBooking' ? desk.ada : (target?.by ?? by);
      const version = target && (await desk.read(target.id, as))?.version;
      const input = isNew
        ? { resource: pick(resources), range: when(new Date(NOW)), quantity: 1 + Math.floor(Math.random() * 2) }
        : { id: target!.id, version, ...(verb === 'rescheduleBooking' && { range: when(new Date(NOW)) }) };
      const payload = await api.mutate(verb, input, as, 'booking { id }').catch((error: Error) => {
        // Who waits too long for others is told to try again, and nothing was done.
        if (!error.message.includes('SERVICE_BUSY')) throw error;
        return { booking: null, userErrors: [{ code: 'SERVICE_BUSY' }] } as Record<string, any>;
      });
      const [error] = payload.userErrors as { code: string }[];
      const outcome = `${verb} ${error?.code ?? 'done'}`;
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      if (!error && isNew) known.push({ id: payload.booking.id as string, by });
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  if (process.env.STORM_OPERATIONS) process.stdout.write(`${JSON.stringify(outcomes, null, 1)}\n`);
  expect(await overruns(api)).toEqual([]);
  // Everything holds what it needs in one order: nobody had to be cut off from waiting in a circle.
  expect(await deadlocks(api)).toBe(0);
  // It was a storm: things were booked, refused, given up and promoted.
  for (const outcome of ['bookResource done', 'bookResource CONFLICT', 'cancelBooking done', 'joinWaitlist done']) expect(outcomes[outcome]).toBeGreaterThan(0);
  expect(await api.database.sql(`SELECT 1 FROM state_changes WHERE subject_type = 'Booking' AND from_status = 'WAITLISTED' AND to_status = 'CONFIRMED' LIMIT 1`)).toHaveLength(1);
}, 60_000 + OPERATIONS * 200);

test(`API processes killed ${KILLS} times under that load lose no booking that was acknowledged, and make none twice`, async () => {
  api.clock.set(null);
  const env = {
    DATABASE_URL: api.database.applicationUrl,
    DATA_DIR: temporaryFolder(),
    SECRET: api.config.secret!,
    TOKEN_KEYS: JSON.stringify({ keys: [await newTokenKey()] }),
    LOG_LEVEL: 'silent',
  };
  const acknowledged: string[] = [];
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const server = await Server.start(env);
    const token = await server.signIn(desk.bea.identifier, desk.bea.password);
    const client = async (name: string): Promise<void> => {
      for (let nth = 1; ; nth += 1) {
        const { start, end } = when(new Date());
        const purpose = `${name} ${nth}`;
        const input = `{ resource: "${pick(resources)}", range: { start: "${start}", end: "${end}" }, quantity: 1, purpose: "${purpose}", idempotencyKey: "${purpose.replaceAll(' ', '-')}" }`;
        // The same twice at once: one booking.
        const twice = [1, 2].map(() => server.ask(`mutation { bookResource(input: ${input}) { booking { id purpose } userErrors { code } } }`, token).catch(() => null));
        const answers = await Promise.all(twice);
        for (const answer of answers) if (answer?.bookResource.booking) acknowledged.push(answer.bookResource.booking.purpose as string);
        if (answers.includes(null)) return;
      }
    };
    const clients = Array.from({ length: 4 }, (_, nth) => client(`kill ${kill} client ${nth}`));
    for (const before = acknowledged.length; acknowledged.length < before + 3; ) await pause(20);
    await pause(Math.random() * 500);
    await server.end('SIGKILL');
    await Promise.all(clients);
  }
  expect(acknowledged.length).toBeGreaterThan(KILLS);
  expect(await lost(api, acknowledged)).toEqual([]);
  expect(await overruns(api)).toEqual([]);
}, 60_000 + KILLS * 15_000);
