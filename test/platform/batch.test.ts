import pg, { type PoolClient } from 'pg';
import { ask, COMMIT, commit, flush } from '../../src/platform/database/batch';
import { TestApi } from '../support/api';

let api: TestApi;
let client: PoolClient;

beforeAll(async () => {
  api = await TestApi.start();
  const runner = api.dataSource.createQueryRunner();
  client = (await runner.connect()) as PoolClient;
});
afterAll(() => api.stop());

const number = (value: number, name?: string) => ask<{ n: number }>(client, { name, text: 'SELECT $1::integer AS n', values: [value] });
const sent = () => jest.spyOn(pg.Client.prototype, 'query');
const codeOf = (work: Promise<unknown>) => work.then(() => 'done', (error: { code?: string; message: string }) => error.code ?? error.message);

test('what is asked in one turn is one query, answered in its order with the values of its types', async () => {
  const query = sent();
  const answers = await Promise.all([
    number(1),
    number(2, 'number'),
    number(3, 'number'),
    ask(client, { text: `SELECT now() AS at, NULL AS nothing, '{a,b}'::text[] AS many, true AS yes, 'é'::text AS text, 9007199254740993 AS big` }),
    ask(client, { text: 'SELECT 1 WHERE false' }),
  ]);
  expect(query).toHaveBeenCalledTimes(1);
  query.mockRestore();
  expect(answers.slice(0, 3)).toEqual([[{ n: 1 }], [{ n: 2 }], [{ n: 3 }]]);
  expect(answers[3]).toEqual([{ at: expect.any(Date), nothing: null, many: ['a', 'b'], yes: true, text: 'é', big: 9007199254740993n }]);
  expect(answers[4]).toEqual([]);
});

test('a statement that is known is neither parsed nor described again', async () => {
  const { connection } = client as unknown as { connection: Record<'parse' | 'describe', (message: object) => void> };
  await number(1, 'known');
  const [parse, describe] = [jest.spyOn(connection, 'parse'), jest.spyOn(connection, 'describe')];
  expect(await Promise.all([number(4, 'known'), number(5, 'known')])).toEqual([[{ n: 4 }], [{ n: 5 }]]);
  expect([parse.mock.calls, describe.mock.calls]).toEqual([[], []]);
  parse.mockRestore();
  describe.mockRestore();
});

test('what follows a failed statement fails with it, what comes before and after the batch does not', async () => {
  const answers = [number(1, 'first'), ask(client, { name: 'broken', text: 'SELECT 1 / $1::integer', values: [0] }), number(2, 'never'), ask(client, { text: 'SELEC' })];
  expect(await Promise.all(answers.map(codeOf))).toEqual(['done', '22012', '22012', '22012']);
  expect(await Promise.all([number(3, 'never'), number(4, 'broken-no-more')])).toEqual([[{ n: 3 }], [{ n: 4 }]]);
  expect(await codeOf(ask(client, { name: 'broken', text: 'SELECT 1 / $1::integer', values: [1] }))).toBe('done');
});

test('a COMMIT that nothing was committed by is an error', async () => {
  await Promise.all([ask(client, { text: 'BEGIN' }), number(1)]);
  expect(await codeOf(ask(client, { text: 'SELECT 1 / 0' }))).toBe('22012');
  expect(await codeOf(ask(client, { name: 'commit', text: COMMIT }))).toMatch(/rolled back/);
  expect(await codeOf(number(1))).toBe('done');
});

test('a statement that is not awaited goes out before what is asked in another way, and before the connection is another\'s', async () => {
  await ask(client, { text: 'BEGIN' });
  const first = ask(client, { text: `SET LOCAL application_name = 'first'` });
  flush(client);
  const { rows } = await client.query<{ name: string }>(`SELECT current_setting('application_name') AS name`);
  expect(rows).toEqual([{ name: 'first' }]);
  const last = ask<{ name: string }>(client, { text: `SELECT current_setting('application_name') AS name` });
  commit(client);
  const next = ask<{ name: string }>(client, { text: `SELECT current_setting('application_name') AS name` });
  expect([await first, await last, (await next)[0]!.name]).toEqual([[], [{ name: 'first' }], expect.not.stringMatching('first')]);
});

test('a batch on its way when the connection is cut fails, every statement of it', async () => {
  const runner = api.dataSource.createQueryRunner();
  const other = (await runner.connect()) as PoolClient;
  const waiting = [ask(other, { text: 'SELECT pg_sleep(10)' }), ask(other, { text: 'SELECT 1' })];
  await api.database.sql(`SELECT pg_terminate_backend($1)`, [(other as unknown as { processID: number }).processID]);
  expect(await Promise.all(waiting.map((one) => one.then(() => 'done', () => 'failed')))).toEqual(['failed', 'failed']);
  await runner.release();
});
