import { Agreements } from '../contracts/agreements';
import { cleanUp, command, Running } from '../start/server';
import { TestApi } from '../support/api';

let api: TestApi;
let world: Agreements;
let env: Record<string, string>;

beforeAll(async () => {
  api = await TestApi.start();
  world = await Agreements.begin(api);
  env = { DATABASE_URL: api.database.applicationUrl, LOG_LEVEL: 'info' };
});
afterAll(async () => {
  await cleanUp();
  await api.stop();
});

describe('a worker in a process of its own', () => {
  test('acts on what API processes announce, until it is told to end', async () => {
    await world.proposed();
    const worker = new Running('cli/worker', env);
    await api.settled();
    await world.proposed();
    await api.settled();
    expect((await api.must('{ viewer { notifications { totalCount } } }', {}, world.bea)).viewer.notifications.totalCount).toBe(2);
    expect(await worker.end('SIGTERM')).toBe(0);
    expect(worker.output.trim().split('\n').map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['working', 'stopping']);
    expect(worker.errors).toBe('');
  });

  test('needs a database of one’s own, and of this version', async () => {
    expect(await command('cli/worker', {})).toMatchObject({ code: 1, output: '', errors: expect.stringMatching(/^A worker .* set DATABASE_URL.*\n$/) });
    const unreachable = await command('cli/worker', { ...env, DATABASE_URL: env.DATABASE_URL!.replace(/:\d+\//, ':1/') });
    expect(unreachable).toMatchObject({ code: 1, errors: expect.stringMatching(/^PostgreSQL at .* does not answer/) });
  });
});
