import { TestApi } from '../support/api';
import type { Person } from '../support/world';

let api: TestApi;
let people: Person[];

beforeAll(async () => {
  api = await TestApi.start({ SIGN_IN_TRIES_PER_ACCOUNT: '5', SIGN_IN_TRIES_PER_ADDRESS: '40' });
  const { hub } = await api.world.found();
  people = [await api.world.person(hub, 'STAFF'), await api.world.person(hub, 'STAFF')];
});
afterAll(() => api.stop());

const SIGN_IN = 'mutation ($input: SignInInput!) { signIn(input: $input) { session { accessToken } userErrors { code } } }';
const sign = async (identifier: string, password: string) => {
  const answer = await api.ask(SIGN_IN, { input: { identifier, password } });
  return answer.errors?.[0]?.extensions.code ?? (answer.data.signIn.session ? 'in' : answer.data.signIn.userErrors[0].code);
};

test('guessing is stopped per account, alike for one that exists and one that does not', async () => {
  const [person] = people;
  for (const identifier of [person!.identifier, 'nobody@example.org']) {
    const answers: string[] = [];
    for (let i = 0; i < 7; i += 1) answers.push(await sign(identifier, `guess number ${i}`));
    expect(answers).toEqual([...Array<string>(5).fill('NOT_ALLOWED'), 'RATE_LIMITED', 'RATE_LIMITED']);
  }
  expect(await sign(person!.identifier, person!.password)).toBe('RATE_LIMITED');
});

test('one mutation under many aliases counts as many tries', async () => {
  const aliases = Array.from({ length: 20 }, (_, i) => `a${i}: signIn(input: { identifier: "other@example.org", password: "guess ${i} of many" }) { userErrors { code } }`);
  const answer = await api.ask(`mutation { ${aliases.join(' ')} }`);
  expect(answer.errors?.[0]?.extensions.code).toBe('RATE_LIMITED');
});

test('guessing is stopped per address too, over all accounts, and signing in rightly does not reset that', async () => {
  const [, person] = people;
  let last = '';
  for (let i = 0; i < 40 && last !== 'RATE_LIMITED'; i += 1) last = await sign(`person-${i}@example.org`, 'the same guess');
  expect(last).toBe('RATE_LIMITED');
  expect(await sign(person!.identifier, person!.password)).toBe('RATE_LIMITED');
});

test('neither accounts nor addresses nor passwords are kept or logged in the clear', async () => {
  const kept = JSON.stringify(await api.database.sql('SELECT * FROM throttles'));
  const logged = api.log.join('\n');
  expect(kept).not.toContain('127.0.0.1');
  for (const secret of [...people.map(({ identifier }) => identifier), 'nobody@example.org', 'guess number']) {
    expect(kept).not.toContain(secret);
    expect(logged).not.toContain(secret);
  }
});
