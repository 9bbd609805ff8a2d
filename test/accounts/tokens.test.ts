import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { exportJWK, importJWK, SignJWT, type JWK } from 'jose';
import { TestApi } from '../support/api';
import type { Founded, Person } from '../support/world';

let api: TestApi;
let founded: Founded;
let admin: Person;
let key: JWK & { kid: string };

beforeAll(async () => {
  api = await TestApi.start();
  founded = await api.world.found();
  admin = await api.world.person(await api.world.organization(founded.network), 'ADMIN');
  key = (JSON.parse(api.config.tokens.keys!) as { keys: (JWK & { kid: string })[] }).keys[0]!;
});
afterAll(() => api.stop());

const who = async (token: string) => {
  const answer = await api.ask('{ viewer { user { id } } }', {}, token);
  return { code: answer.errors?.[0]?.extensions.code, user: answer.data?.viewer?.user };
};
const claims = async () => JSON.parse(Buffer.from((await api.signIn(admin)).accessToken.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>;

async function signed(change: { header?: Record<string, unknown>; payload?: Record<string, unknown>; by?: KeyObject } = {}): Promise<string> {
  const payload = { ...(await claims()), ...change.payload };
  return new SignJWT(payload).setProtectedHeader({ alg: 'EdDSA', kid: key.kid, typ: 'at+jwt', ...change.header }).sign(change.by ?? (await importJWK(key, 'EdDSA')));
}
const segment = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('an access token', () => {
  test('as the server makes it counts', async () => {
    expect((await who(await signed())).user).not.toBeNull();
  });

  const past = Math.floor(Date.now() / 1000) - 60;
  const other = generateKeyPairSync('ed25519').privateKey;
  test.each<[string, () => Promise<string>]>([
    ['that is malformed', async () => 'not.a.token'],
    ['that is empty', async () => '..'],
    ['that has expired', () => signed({ payload: { exp: past } })],
    ['that is not yet valid', () => signed({ payload: { nbf: past + 3_600 } })],
    ['without an expiry', () => signed({ payload: { exp: undefined } })],
    ['of another issuer', () => signed({ payload: { iss: 'somebody' } })],
    ['for another audience', () => signed({ payload: { aud: 'something' } })],
    ['of another type', () => signed({ header: { typ: 'JWT' } })],
    ['without a signature (alg none)', async () => `${segment({ alg: 'none', kid: key.kid, typ: 'at+jwt' })}.${segment(await claims())}.`],
    [
      'signed by HS256 with the public key',
      async () => {
        const body = `${segment({ alg: 'HS256', kid: key.kid, typ: 'at+jwt' })}.${segment(await claims())}`;
        return `${body}.${createHmac('sha256', Buffer.from(key.x!, 'base64url')).update(body).digest('base64url')}`;
      },
    ],
    ['of an unknown kid', () => signed({ header: { kid: 'unknown' }, by: other })],
    ['with a path for a kid', () => signed({ header: { kid: '../../../../dev/null' }, by: other })],
    ['with SQL for a kid', () => signed({ header: { kid: "' UNION SELECT 'x" }, by: other })],
    ['that brings its own key', async () => signed({ header: { jwk: await exportJWK(generateKeyPairSync('ed25519').publicKey) }, by: other })],
    ['whose payload was changed', async () => (await signed()).replace(/\.[^.]+\./, `.${segment({ ...(await claims()), role: 'COMMITTEE' })}.`)],
    ['of 5,000 characters', async () => `${await signed()}${'x'.repeat(5_000)}`],
  ])('%s is refused', async (_what, make) => {
    expect(await who(await make())).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('of another scheme is refused', async () => {
    const answer = await api.ask('{ viewer { user { id } } }', {}, null, { authorization: 'Basic eDp5' });
    expect(answer.errors![0]!.extensions.code).toBe('UNAUTHENTICATED');
  });

  test('signed with a role the person does not have is refused by the database', async () => {
    expect(await who(await signed({ payload: { role: 'COMMITTEE' } }))).toEqual({ code: 'UNAUTHENTICATED', user: null });
  });

  test('does not count as a refresh token', async () => {
    const { accessToken } = await api.signIn(admin);
    const answer = await api.ask('mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) { session { accessToken } } }', {
      input: { refreshToken: accessToken },
    });
    expect(answer.errors![0]!.extensions.code).toBe('UNAUTHENTICATED');
  });
});

describe('a session', () => {
  const refresh = (refreshToken: string) =>
    api.ask('mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) { session { accessToken refreshToken } viewer { user { id } } userErrors { code } } }', {
      input: { refreshToken },
    });

  test('is refreshed by a token that is good once; used twice it ends the family', async () => {
    const first = await api.signIn(admin);
    const second = (await refresh(first.refreshToken)).data.refreshSession;
    expect(second.viewer.user).not.toBeNull();
    expect(await who(second.session.accessToken)).toMatchObject({ code: undefined });
    expect((await refresh(first.refreshToken)).errors![0]!.extensions.code).toBe('UNAUTHENTICATED');
    expect((await refresh(second.session.refreshToken)).errors![0]!.extensions.code).toBe('UNAUTHENTICATED');
    expect(await who(second.session.accessToken)).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('refreshed twice at the same instant goes on for nobody', async () => {
    const { refreshToken } = await api.signIn(admin);
    const answers = await Promise.all(Array.from({ length: 5 }, () => refresh(refreshToken)));
    const tokens = answers.flatMap(({ data }) => (data?.refreshSession?.session ? [data.refreshSession.session.accessToken as string] : []));
    expect(tokens).toHaveLength(1);
    expect(await who(tokens[0]!)).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('that was signed out stops at once, with either token', async () => {
    for (const by of ['access', 'refresh'] as const) {
      const { accessToken, refreshToken } = await api.signIn(admin);
      const [as, input] = by === 'access' ? [accessToken, {}] : [null, { refreshToken }];
      await api.done('signOut', input, as);
      expect(await who(accessToken)).toMatchObject({ code: 'UNAUTHENTICATED' });
      expect((await refresh(refreshToken)).errors![0]!.extensions.code).toBe('UNAUTHENTICATED');
    }
  });

  test('is not ended by a stranger who names only its user', async () => {
    const mine = await api.signIn(admin);
    await api.done('signOut', {}, await api.token(founded.committee));
    expect(await who(mine.accessToken)).toMatchObject({ code: undefined });
  });

  test('acts by another membership of the person, also after a refresh; not by that of another person', async () => {
    const hubStaff = await api.world.join(admin, founded.hub, 'STAFF');
    const { accessToken, refreshToken } = await api.signIn(admin);
    const acted = await api.done('actAs', { membership: hubStaff.membershipGlobalId }, accessToken, 'session { accessToken refreshToken } viewer { membership { role } organization { name } }');
    expect(acted.viewer).toEqual({ membership: { role: 'STAFF' }, organization: { name: founded.hub.name } });
    expect(acted.session.refreshToken).toBeNull();
    const again = (await refresh(refreshToken)).data.refreshSession.session;
    expect((await api.must('{ viewer { organization { name } } }', {}, again.accessToken)).viewer.organization.name).toBe(founded.hub.name);
    const foreign = await api.mutate('actAs', { membership: founded.committee.membershipGlobalId }, again.accessToken, 'session { accessToken }');
    expect(foreign).toMatchObject({ session: null, userErrors: [{ code: 'NOT_FOUND' }] });
    // The header does the same for one request.
    const headers = { 'x-membership': admin.membershipGlobalId };
    expect((await api.must('{ viewer { organization { name } } }', {}, again.accessToken, headers)).viewer.organization.name).toBe(admin.organization.name);
    const forged = await api.ask('{ viewer { organization { name } } }', {}, again.accessToken, { 'x-membership': founded.committee.membershipGlobalId });
    expect(forged.errors![0]!.extensions.code).toBe('UNAUTHENTICATED');
  });

  test('stops when the membership or the organization is suspended or ended, and comes back with it', async () => {
    const organization = await api.world.organization(founded.network);
    const boss = await api.world.person(organization, 'ADMIN');
    const member = await api.world.person(organization, 'STAFF');
    const token = (await api.signIn(member)).accessToken;
    const version = async () => (await api.must('query ($id: ID!) { node(id: $id) { ... on Membership { version } } }', { id: member.membershipGlobalId }, boss)).node.version as number;
    const asks = () => api.ask('{ viewer { organization { id } } }', {}, token);
    await api.done('suspendMembership', { id: member.membershipGlobalId, version: await version() }, boss);
    expect((await asks()).errors![0]!.extensions.code).toBe('UNAUTHENTICATED');
    await api.done('reinstateMembership', { id: member.membershipGlobalId, version: await version() }, boss);
    expect((await asks()).errors).toBeUndefined();
    await api.done('changeMemberRole', { id: member.membershipGlobalId, version: await version(), role: 'VOLUNTEER' }, boss);
    expect((await asks()).errors![0]!.extensions.code).toBe('UNAUTHENTICATED');
    await api.done('endMembership', { id: member.membershipGlobalId, version: await version() }, boss);
    expect((await asks()).errors![0]!.extensions.code).toBe('UNAUTHENTICATED');
  });
});

test('a changed password ends the other sessions and replaces the old one', async () => {
  const person = await api.world.person(founded.hub, 'VOLUNTEER');
  const [here, elsewhere] = [await api.signIn(person), await api.signIn(person)];
  const wrong = await api.mutate('changePassword', { currentPassword: 'nonsense nonsense', newPassword: 'a much better one' }, here.accessToken);
  expect(wrong.userErrors).toMatchObject([{ code: 'NOT_ALLOWED', path: ['input', 'currentPassword'] }]);
  const weak = await api.mutate('changePassword', { currentPassword: person.password, newPassword: 'password123' }, here.accessToken);
  expect(weak.userErrors).toMatchObject([{ code: 'INVALID', path: ['input', 'newPassword'] }]);
  await api.done('changePassword', { currentPassword: person.password, newPassword: 'a much better one' }, here.accessToken);
  expect(await who(here.accessToken)).toMatchObject({ code: undefined });
  expect(await who(elsewhere.accessToken)).toMatchObject({ code: 'UNAUTHENTICATED' });
  await expect(api.signIn(person)).rejects.toThrow('NOT_ALLOWED');
  await api.signIn({ ...person, password: 'a much better one' });
});
