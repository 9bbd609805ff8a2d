import { setTimeout as pause } from 'node:timers/promises';
import { v7 } from 'uuid';
import { toGlobalId } from '../../src/platform/ids';
import { Desk, NOW, range } from '../bookings/desk';
import { uuidOf } from '../contracts/agreements';
import { TestApi } from '../support/api';
import type { Person } from '../support/world';
import { listen, openOn, params, socketClient, subscribe, subscribeByEvents, until, type Told } from './clients';

const CONTRACT = 'subscription ($id: ID) { contractChanged(id: $id) { id status } }';
const RESOURCE = 'subscription ($resource: ID!) { resourceAvailabilityChanged(resource: $resource) { name } }';
const BOOKING = 'subscription ($organization: ID, $resource: ID) { bookingChanged(organization: $organization, resource: $resource) { id status purpose viewerCan } }';
const NOTIFICATION = 'subscription { notificationReceived { title subject { id } } }';

let api: TestApi;
let desk: Desk;
let carl: Person;
let vera: Person;

beforeAll(async () => {
  api = await TestApi.start();
  desk = await Desk.begin(api);
  carl = await api.world.person(desk.a, 'STAFF');
  vera = await api.world.person(desk.a, 'VOLUNTEER');
  api.clock.set(NOW);
  api.work();
});
afterAll(() => api.stop());

const day = (() => {
  let count = 11;
  return () => count++;
})();

/** Waits until those who are to be told have been, and whoever is not could have been. */
async function after(control: Told, count: number): Promise<void> {
  await control.count(count);
  await pause(100);
}
const codeOf = (told: Told) => told.results[0]?.errors?.[0]?.extensions?.code ?? (told.end?.with as { extensions?: { code?: string } }[] | undefined)?.[0]?.extensions?.code;

describe.each([
  ['WebSocket', subscribe],
  ['Server-Sent Events', subscribeByEvents],
])('over %s', (_name, subscribing) => {
  test('what a contract opens is told of while it is in force, and not from its suspension on', async () => {
    const hall = await desk.resource('Hall', { sharing: 'CONTRACT' });
    const { contract } = await desk.grant([hall]);
    const owner = await subscribing(api, RESOURCE, { resource: hall }, desk.ada);
    const partner = await subscribing(api, RESOURCE, { resource: hall }, desk.bea);
    await desk.book(hall, range(day(), '10:00', '11:00'), desk.ada);
    await after(owner, 1);
    expect(partner.results).toEqual([{ data: { resourceAvailabilityChanged: { name: 'Hall' } } }]);

    const { version } = (await desk.agreements.read(contract, desk.ada))!;
    await api.done('suspendContract', { id: contract, version, note: 'why' }, desk.committee);
    await desk.book(hall, range(day(), '10:00', '11:00'), desk.ada);
    await after(owner, 2);
    expect(partner.results).toHaveLength(1);
    expect(partner.end).toBeNull();

    await api.done('resumeContract', { id: contract, version: version + 1, note: 'why' }, desk.committee);
    await desk.book(hall, range(day(), '10:00', '11:00'), desk.ada);
    await after(owner, 3);
    expect(partner.results).toHaveLength(2);
    for (const told of [owner, partner]) told.stop();
  });

  test('what is not readable is refused as what never was', async () => {
    const resource = await desk.resource('Secret', { sharing: 'PRIVATE' });
    const draft = await desk.agreements.draft();
    const never = { Resource: toGlobalId('Resource', v7()), Contract: toGlobalId('Contract', v7()), Organization: toGlobalId('Organization', v7()) };
    const other = await api.world.organization((await api.world.found()).network);
    const refusal = async (query: string, variables: Record<string, unknown>) => {
      const told = await subscribing(api, query, variables, desk.ben);
      await told.ended();
      told.stop();
      return JSON.stringify([told.results, told.end]);
    };
    const expected = await refusal(RESOURCE, { resource: never.Resource });
    expect(expected).toContain('BAD_USER_INPUT');
    for (const [query, variables] of [
      [RESOURCE, { resource }],
      [RESOURCE, { resource: draft.id }],
      [RESOURCE, { resource: 'nonsense' }],
      [BOOKING, { resource }],
      [BOOKING, { organization: other.globalId }],
      [BOOKING, { organization: never.Organization }],
      [CONTRACT, { id: never.Contract }],
      [CONTRACT, { id: draft.id }],
    ] as const) {
      expect((await refusal(query, variables)).replaceAll(/"path":\["\w+"\]/g, '')).toBe(expected.replaceAll(/"path":\["\w+"\]/g, ''));
    }
  });

  test('whose role may not is refused at once', async () => {
    for (const [query, code] of [[CONTRACT, 'FORBIDDEN'], [BOOKING, undefined], [NOTIFICATION, undefined]] as const) {
      const told = await subscribing(api, query, {}, vera);
      if (code) await told.ended();
      expect(codeOf(told)).toBe(code);
      told.stop();
    }
  });

  test('nobody hears what another is told', async () => {
    const hall = await desk.resource('Room');
    const query = 'subscription { bookingChanged { id purpose viewerCan } }';
    const [party, owner, committee, outsider] = await Promise.all([desk.bea, desk.ada, desk.committee, desk.otto].map((person) => subscribing(api, query, {}, person)));
    const booking = await desk.book(hall, range(day(), '12:00', '13:00'), desk.bea, { purpose: 'A secret meeting' });
    await after(owner!, 1);
    await Promise.all([party!.count(1), committee!.count(1)]);
    const seen = (told?: Told) => told!.results.map(({ data }) => data!.bookingChanged);
    expect(seen(party)).toEqual([{ id: booking.id, purpose: 'A secret meeting', viewerCan: expect.arrayContaining(['RESCHEDULE']) }]);
    expect(seen(owner)).toEqual([{ id: booking.id, purpose: 'A secret meeting', viewerCan: expect.not.arrayContaining(['RESCHEDULE']) }]);
    expect(seen(committee)).toEqual([{ id: booking.id, purpose: null, viewerCan: [] }]);
    expect(outsider!.results).toEqual([]);
    for (const told of [party, owner, committee, outsider]) told!.stop();
  });

  test('each hears of the own notifications', async () => {
    const [ben, bea, ada] = await Promise.all([desk.ben, desk.bea, desk.ada].map((person) => subscribing(api, NOTIFICATION, {}, person)));
    const proposed = await desk.agreements.proposed();
    await Promise.all([ben!.count(1), bea!.count(1)]);
    await pause(100);
    for (const told of [ben, bea]) {
      expect(told!.results).toEqual([{ data: { notificationReceived: { title: 'A contract waits for your signature', subject: { id: proposed.id } } } }]);
    }
    expect(ada!.results).toEqual([]);
    for (const told of [ben, bea, ada]) told!.stop();
  });

  test('only what was asked for is told', async () => {
    const [one, two] = [await desk.resource('One'), await desk.resource('Two')];
    const told = await subscribing(api, BOOKING, { resource: one, organization: desk.b.globalId }, desk.bea);
    const all = await subscribing(api, BOOKING, {}, desk.committee);
    const when = range(day(), '10:00', '11:00');
    await desk.book(two, when, desk.bea);
    await desk.book(one, when, desk.otto);
    const booking = await desk.book(one, range(day(), '14:00', '15:00'), desk.bea);
    await after(all, 3);
    expect(told.results.map(({ data }) => data!.bookingChanged.id)).toEqual([booking.id]);
    for (const one of [told, all]) one.stop();
  });

  test.each<[string, (person: Person) => Promise<unknown>]>([
    ['signed out', (person) => api.must('mutation { signOut { userErrors { code } } }', {}, person)],
    ['with a suspended membership', async ({ membershipId }) => api.database.sql(`UPDATE memberships SET status = 'SUSPENDED' WHERE id = $1`, [membershipId])],
    ['with another role', async ({ membershipId }) => api.database.sql(`UPDATE memberships SET role = 'VOLUNTEER' WHERE id = $1`, [membershipId])],
  ])('somebody %s hears nothing more', async (_how, change) => {
    const person = await api.world.person(desk.b, 'STAFF');
    const control = await subscribing(api, CONTRACT, {}, desk.bea);
    const told = await subscribing(api, CONTRACT, {}, person);
    await change(person);
    await desk.agreements.proposed();
    await after(control, 1);
    await told.ended();
    expect(told.results.filter(({ data }) => data)).toEqual([]);
    if (subscribing === subscribe) expect(told.end!.with).toMatchObject({ code: 4403 });
    else expect(codeOf(told)).toBe('UNAUTHENTICATED');
    control.stop();
  });

  test('the stream ends when the access token expires', async () => {
    const { app } = api;
    const claims = await app.platform.tokens.verify(await api.token(carl));
    // As if it had been issued so long ago that it expires in two seconds.
    const { token } = await app.platform.tokens.issue(claims, new Date(Date.now() - (app.platform.config.tokens.accessSeconds - 2) * 1000));
    const told = await subscribing(api, CONTRACT, {}, token);
    expect(told.end).toBeNull();
    await told.ended();
    if (subscribing === subscribe) expect(told.end!.with).toMatchObject({ code: 4401, reason: 'Token expired' });
    else expect(told.results).toEqual([{ errors: [expect.objectContaining({ message: expect.stringContaining('expired'), extensions: { code: 'UNAUTHENTICATED' } })] }]);
    await desk.agreements.proposed();
    await pause(100);
    expect(await openOn(api)).toBe(0);
  });
});

describe('a WebSocket', () => {
  const closed = async (connectionParams: Record<string, unknown>) => {
    const told = listen(socketClient(api, connectionParams), CONTRACT);
    return (await told.ended()) as { code: number; reason: string };
  };

  test('is closed for who says nothing or nonsense of themselves', async () => {
    expect(await closed({})).toMatchObject({ code: 4401, reason: 'Unauthorized' });
    expect(await closed({ authorization: 'Bearer x.y.z' })).toMatchObject({ code: 4401 });
    expect(await closed({ authorization: { is: 'no text' } })).toMatchObject({ code: 4401 });
  });

  test('is closed for an expired token by a code of its own', async () => {
    const claims = await api.app.platform.tokens.verify(await api.token(carl));
    const { token } = await api.app.platform.tokens.issue(claims, new Date(Date.now() - 86_400_000));
    expect(await closed({ authorization: `Bearer ${token}` })).toMatchObject({ code: 4401, reason: 'Token expired' });
  });

  test('is closed for who is not any more who the token says', async () => {
    const person = await api.world.person(desk.a, 'STAFF');
    const { authorization } = (await params(api, person)) as { authorization: string };
    expect(await closed({ authorization, 'X-Membership': carl.membershipGlobalId })).toMatchObject({ code: 4403 });
    expect(await closed({ authorization, 'X-Membership': 'nonsense' })).toMatchObject({ code: 4403 });
    await api.must('mutation { signOut { userErrors { code } } }', {}, person);
    expect(await closed({ authorization })).toMatchObject({ code: 4403 });
  });

  test('acts by the membership that is said', async () => {
    const both = await api.world.join(carl, desk.b, 'STAFF');
    const client = socketClient(api, { ...(await params(api, carl)), 'x-membership': both.membershipGlobalId });
    const told = listen(client, BOOKING, { organization: desk.b.globalId });
    await until(async () => (await openOn(api)) === 1);
    const booking = await desk.book(await desk.resource('Court', {}, desk.agreements.hub), range(day(), '10:00', '11:00'), desk.bea);
    await told.count(1);
    expect(told.results[0]!.data!.bookingChanged.id).toBe(booking.id);
    told.stop();
  });
});

test('an event stream without a token is refused', async () => {
  const told = await subscribeByEvents(api, RESOURCE, { resource: await desk.resource('Public', { sharing: 'PUBLIC' }) }, null);
  await told.ended();
  expect(codeOf(told)).toBe('UNAUTHENTICATED');
});

test('a suspended organization hears of its own, and of nothing that contracts open', async () => {
  const [hall, own] = [await desk.resource('Studio', { sharing: 'CONTRACT' }), await desk.resource('Own', { sharing: 'PRIVATE' }, desk.b)];
  await desk.grant([hall]);
  const [toHall, toOwn, control] = await Promise.all([subscribe(api, RESOURCE, { resource: hall }, desk.bea), subscribe(api, RESOURCE, { resource: own }, desk.bea), subscribe(api, RESOURCE, { resource: hall }, desk.ada)]);
  await api.database.sql(`UPDATE organizations SET status = 'SUSPENDED' WHERE id = $1`, [desk.b.id]);
  await desk.book(hall, range(day(), '10:00', '11:00'), desk.ada);
  await api.database.sql(`SELECT pg_notify('youth_events', $1)`, [
    JSON.stringify({ type: 'event', id: v7(), place: 0, networkId: desk.b.network.id, kind: 'RESOURCE_CHANGED', action: 'resource.update', subjectType: 'Resource', subjectId: uuidOf(own), refs: {} }),
  ]);
  await after(control, 1);
  await toOwn.count(1);
  expect(toHall.results).toEqual([]);
  await api.database.sql(`UPDATE organizations SET status = 'ACTIVE' WHERE id = $1`, [desk.b.id]);
  for (const told of [toHall, toOwn, control]) told.stop();
});
