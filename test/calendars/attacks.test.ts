import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver';
import { v7 } from 'uuid';
import type { Feed } from '../../src/domain/calendars/model';
import { feedOf, tokenOf } from '../../src/domain/calendars/token';
import { Desk, NOW, range } from '../bookings/desk';
import { uuidOf } from '../contracts/agreements';
import { TestApi } from '../support/api';
import { PUBLIC_URL, Reader } from './reader';

let api: TestApi;
let desk: Desk;
let other: Desk;
let reader: Reader;
let hall: string;
let url: string;

beforeAll(async () => {
  api = await TestApi.start({ PUBLIC_URL });
  api.clock.set(NOW);
  [desk, other] = [await Desk.begin(api), await Desk.begin(api)];
  reader = new Reader(api);
  hall = await desk.resource('Hall');
  await desk.book(hall, range(12, '09:00', '10:00'), desk.bea, { purpose: 'Confidential' });
  url = (await reader.of(hall, desk.bea))!;
});
afterAll(() => api.stop());

const secret = () => api.app.platform.secret;
const tokenIn = (of: string): string => /\/calendars\/(.*)\.ics$/.exec(of)![1]!;
const urlWith = (token: string): string => `${PUBLIC_URL}/calendars/${token}.ics`;
/** What an answer is, but for what differs between any two. */
async function answer(of: string): Promise<unknown> {
  const response = await reader.fetch(of, { 'x-correlation-id': 'an-attack-of-the-tests' });
  return [response.status, [...response.headers].filter(([name]) => name !== 'date'), await response.text()];
}

describe('a token that this platform has not made', () => {
  test('is answered like an address that there is not', async () => {
    const nowhere = await answer(`${PUBLIC_URL}/nowhere`);
    expect(await answer(urlWith(randomBytes(69).toString('base64url')))).toEqual(nowhere);
    for (const token of ['', 'x', '%00', '..%2f..%2fmetrics', 'a'.repeat(91), 'a'.repeat(93), tokenIn(url).slice(0, -1), `${tokenIn(url)}A`, `${tokenIn(url)}=`, `${tokenIn(url)}.ics`]) {
      const [status] = (await answer(urlWith(token))) as [number];
      expect([token.slice(0, 20), status]).toEqual([token.slice(0, 20), 404]);
    }
    expect((await reader.fetch(urlWith('a'.repeat(5000)))).status).toBe(414);
    expect((await reader.fetch(url.replace(/\.ics$/, ''))).status).toBe(404);
  });

  test('cannot be made of another by turning any one of its bits', () => {
    const bytes = Buffer.from(tokenIn(url), 'base64url');
    expect(feedOf(secret(), tokenIn(url))).toMatchObject({ kind: 'RESOURCE', membershipId: desk.bea.membershipId, subjectId: uuidOf(hall), generation: 0 });
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const turned = Buffer.from(bytes);
      turned[bit >> 3]! ^= 1 << (bit & 7);
      expect(feedOf(secret(), turned.toString('base64url'))).toBeNull();
    }
  });

  test('is none when it is the same bytes in other letters', () => {
    const token = tokenOf(secret(), { networkId: v7(), membershipId: v7(), kind: 'PERSON', subjectId: v7(), generation: 0 });
    const bytes = Buffer.from(token, 'base64url');
    expect(feedOf(secret(), token)).not.toBeNull();
    for (const spelt of [bytes.toString('base64'), `${token}=`, `${token}\n`, ` ${token}`]) if (spelt !== token) expect(feedOf(secret(), spelt)).toBeNull();
    expect(feedOf('another secret of thirty-two characters and more', token)).toBeNull();
  });

  test('asks nothing of the database', async () => {
    const asking = jest.spyOn(api.dataSource.driver as PostgresDriver, 'obtainMasterConnection');
    await Promise.all(Array.from({ length: 200 }, () => reader.status(urlWith(randomBytes(69).toString('base64url')))));
    expect(asking).not.toHaveBeenCalled();
    await reader.status(url);
    expect(asking).toHaveBeenCalledTimes(1);
    asking.mockRestore();
  });
});

test('even a token of the platform\'s own making opens no more than its membership may follow', async () => {
  const hidden = await desk.resource('Hidden', { sharing: 'PRIVATE' });
  const foreign = await other.resource('Elsewhere', { sharing: 'PUBLIC' });
  const own: Feed = { networkId: desk.a.network.id, membershipId: desk.bea.membershipId, kind: 'RESOURCE', subjectId: uuidOf(hall), generation: 0 };
  expect(await reader.status(urlWith(tokenOf(secret(), own)))).toBe(200);
  const crossed: Record<string, Partial<Feed>> = {
    'another network': { networkId: other.a.network.id },
    'another network\'s membership': { membershipId: other.bea.membershipId },
    'another network and its resource': { networkId: other.a.network.id, subjectId: uuidOf(foreign) },
    'a membership that never was': { membershipId: v7() },
    'a resource of another network': { subjectId: uuidOf(foreign) },
    'a resource that is not readable': { subjectId: uuidOf(hidden) },
    'a resource that never was': { subjectId: v7() },
    'another organization': { kind: 'ORGANIZATION', subjectId: desk.a.id },
    'a resource as an organization': { kind: 'ORGANIZATION' },
    'an organization as a resource': { subjectId: desk.b.id },
    'another person': { kind: 'PERSON', subjectId: desk.ada.userId },
    'a resource as a person': { kind: 'PERSON' },
    'a generation to come': { generation: 1 },
  };
  const nowhere = await answer(`${PUBLIC_URL}/nowhere`);
  for (const [what, change] of Object.entries(crossed)) {
    expect([what, await answer(urlWith(tokenOf(secret(), { ...own, ...change })))]).toEqual([what, nowhere]);
  }
});

test('the token stands in no line of the log and in no metric', async () => {
  const resources = [url, (await reader.own(desk.bea))!, (await reader.of(desk.b.globalId, desk.bea))!];
  for (const of of resources) {
    await reader.fetch(of);
    await reader.fetch(of, { 'if-none-match': '*' });
    await reader.fetch(urlWith(`${tokenIn(of).slice(0, -4)}AAAA`));
  }
  await api.database.sql('ALTER FUNCTION app.begin_feed RENAME TO begin_feed_away');
  expect((await reader.fetch(url)).status).toBe(500);
  await api.database.sql('ALTER FUNCTION app.begin_feed_away RENAME TO begin_feed');
  const metrics = await (await fetch(`${api.url}/metrics`)).text();
  expect(metrics).toContain('/calendars/:token.ics');
  expect(api.log.join('\n')).toContain('/calendars/:token.ics');
  expect(api.log.join('\n')).toContain('a request failed');
  for (const of of resources) {
    const token = tokenIn(of);
    for (const part of [token, token.slice(0, 40), token.slice(-30, -4)]) expect([metrics.includes(part), api.log.some((line) => line.includes(part))]).toEqual([false, false]);
  }
});

describe('the door', () => {
  let client: Client;
  beforeAll(async () => {
    client = new Client(api.database.applicationUrl);
    await client.connect();
  });
  afterAll(() => client.end());
  beforeEach(() => client.query('BEGIN READ ONLY'));
  afterEach(() => client.query('ROLLBACK'));

  const enter = (membership = desk.bea.membershipId, network = desk.a.network.id) => client.query('SELECT * FROM app.begin_feed($1, $2, $3, $4, 0, $5)', [network, membership, 'RESOURCE', uuidOf(hall), NOW]);
  const settings = async () => (await client.query(`SELECT app.network_id(), app.user_id(), app.principals(), current_setting('app.role') AS role, current_setting('app.organization_id') AS organization`)).rows[0] as { principals: string };

  test.each(['committee', 'ada', 'bea', 'otto'] as const)('opens to %s what being signed in does, to the name', async (name) => {
    const who = desk[name];
    const { rows: [feed] } = await enter(who.membershipId);
    const byFeed = await settings();
    await client.query('ROLLBACK; BEGIN READ ONLY');
    const session = v7();
    await api.database.sql('INSERT INTO sessions (id, user_id) VALUES ($1, $2)', [session, who.userId]);
    const role = { committee: 'COMMITTEE', ada: 'ADMIN', bea: 'STAFF', otto: 'ADMIN' }[name];
    const { rows: [signedIn] } = await client.query('SELECT * FROM app.begin_session($1, $2, NULL, $3, $4, $5)', [session, who.userId, who.membershipId, role, NOW]);
    const bySession = await settings();
    const sorted = ({ principals, ...others }: { principals: string }) => ({ ...others, principals: [...principals].sort() });
    expect(sorted(byFeed)).toEqual(sorted(bySession));
    expect({ ...feed, names: feed.names.sort() }).toEqual({ ...signedIn, names: signedIn.names.sort(), user_id: who.userId });
  });

  test('is for reading alone', async () => {
    await client.query('ROLLBACK; BEGIN');
    await expect(enter()).rejects.toThrow('a feed reads and changes nothing');
  });

  test('leads nowhere for what is not in force, and leaves nobody known', async () => {
    for (const [membership, network] of [[v7(), desk.a.network.id], [desk.bea.membershipId, other.a.network.id], [other.bea.membershipId, desk.a.network.id]] as const) {
      await expect(enter(membership, network)).rejects.toMatchObject({ code: 'YN401' });
      await client.query('ROLLBACK; BEGIN READ ONLY');
      expect((await client.query('SELECT app.network_id() AS id, app.principals() AS principals')).rows).toEqual([{ id: null, principals: null }]);
    }
  });

  test('nobody reads or changes which URLs of another\'s were revoked', async () => {
    await reader.revoke(desk.ada);
    await enter();
    expect((await client.query('SELECT * FROM calendar_feeds')).rows).toEqual([]);
    await client.query('ROLLBACK; BEGIN');
    const session = v7();
    await api.database.sql('INSERT INTO sessions (id, user_id) VALUES ($1, $2)', [session, desk.bea.userId]);
    await client.query('SELECT app.begin_session($1, $2, NULL, $3, $4, NULL)', [session, desk.bea.userId, desk.bea.membershipId, 'STAFF']);
    expect((await client.query('UPDATE calendar_feeds SET generation = 9')).rowCount).toBe(0);
    await expect(
      client.query(`INSERT INTO calendar_feeds (network_id, membership_id, kind, subject_id, user_id, generation, revoked_at) VALUES ($1, $2, 'PERSON', $3, $3, 7, now())`, [desk.a.network.id, desk.ada.membershipId, desk.ada.userId]),
    ).rejects.toThrow(/row-level security/);
  });
});
