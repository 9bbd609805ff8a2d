import { Client } from 'pg';
import { notices, untold } from '../../src/domain/notifications/templates';
import { JOBS_SCHEMA_VERSION } from '../../src/platform/events/jobs-schema';
import { CHANNEL, type EventMessage } from '../../src/platform/events/publish';
import { messages } from '../../src/platform/i18n/messages';
import { Agreements, uuidOf } from '../contracts/agreements';
import { TestApi } from '../support/api';

let api: TestApi;
let world: Agreements;

beforeAll(async () => {
  api = await TestApi.start();
  world = await Agreements.begin(api);
});
afterAll(() => api.stop());

const events = (subject: string) =>
  api.database.sql<{ id: string; action: string; place: string; previous: string | null }>(
    'SELECT id, action, place, previous_id AS previous FROM events WHERE subject_id = $1 ORDER BY place', [uuidOf(subject)],
  );

describe('an event', () => {
  test('is written with its change, in the order of its subject, and with a job', async () => {
    const { id } = await world.concluded({ term: { from: '2020-01-01', to: null } });
    const written = await events(id);
    expect(written.map(({ action }) => action)).toEqual(['contract.draft', 'contract.propose', 'contract.sign', 'contract.sign', 'contract.activate']);
    expect(written.map(({ previous }) => previous)).toEqual([null, ...written.slice(0, -1).map((event) => event.id)]);
    const jobs = await api.database.sql('SELECT key FROM graphile_worker.jobs WHERE key = ANY ($1)', [written.map((event) => event.id)]);
    expect(jobs).toHaveLength(written.length);
  });

  test('is not, when its change is refused', async () => {
    const { id, version } = await world.draft();
    const before = await api.database.sql('SELECT count(*) FROM events');
    await world.refused('proposeContract', { id, version: version + 5 }, world.ada);
    await world.refused('proposeContract', { id, version }, world.ben);
    expect(await api.database.sql('SELECT count(*) FROM events')).toEqual(before);
  });

  test('comes with every entry of the audit log that people are to be told of', async () => {
    const missing = await api.database.sql(
      `SELECT a.action, a.subject_id FROM audit_entries a WHERE a.action <> ALL ($1)
         AND NOT EXISTS (SELECT FROM events e WHERE e.network_id = a.network_id AND e.subject_id = a.subject_id AND e.action = a.action)`,
      [untold],
    );
    expect(missing).toEqual([]);
  });

  test('goes over the channel with ids alone, once it is committed, and can be read again from a place on', async () => {
    const listening = new Client(api.database.applicationUrl);
    await listening.connect();
    const heard: EventMessage[] = [];
    listening.on('notification', ({ payload }) => heard.push(JSON.parse(payload!) as EventMessage));
    await listening.query(`LISTEN ${CHANNEL}`);
    const { id, version } = await world.draft({ title: 'Confidential' });
    await world.refused('proposeContract', { id, version: version + 5 }, world.ada);
    await listening.query('SELECT 1');
    const [event] = await events(id);
    expect(heard).toEqual([
      { type: 'event', id: event!.id, place: Number(event!.place), networkId: world.founded.network.id, kind: 'CONTRACT_CHANGED', action: 'contract.draft', subjectType: 'Contract', subjectId: uuidOf(id), refs: {} },
    ]);
    const { rows } = await listening.query<{ message: unknown }>('SELECT app.events_after($1, 10) AS message', [Number(event!.place) - 1]);
    expect(rows.map(({ message }) => message)).toEqual(heard);
    await listening.end();
  });

  test('cannot be read, changed, removed or made up by the application role', async () => {
    const client = new Client(api.database.applicationUrl);
    await client.connect();
    const refused = async (statement: string) =>
      client.query(statement).then(
        () => 'done',
        ({ code }: { code: string }) => code,
      );
    for (const statement of [
      'SELECT * FROM events', `UPDATE events SET action = 'x'`, 'DELETE FROM events', 'INSERT INTO events DEFAULT VALUES', 'SELECT * FROM event_reactions',
      'DELETE FROM event_reactions', 'DELETE FROM notifications', `UPDATE notifications SET notice = 'x'`,
    ]) {
      expect([statement, await refused(statement)]).toEqual([statement, '42501']);
    }
    // Before a session has begun there is no network to write in.
    expect(await refused(`SELECT app.append_events('[{"id":"01a20f81-8eb2-7000-8000-12840ebdf4ec","kind":"SYSTEM","audience":[],"people":[]}]')`)).toBe('23502');
    expect((await client.query(`SELECT * FROM app.recipients_of((SELECT max(key)::uuid FROM graphile_worker.jobs))`)).rows).toEqual([]);
    await client.end();
  });
});

test('the schema of the jobs is of the version that the code knows', async () => {
  const [{ version }] = (await api.database.sql('SELECT max(id) AS version FROM graphile_worker.migrations')) as [{ version: number }];
  expect(version).toBe(JOBS_SCHEMA_VERSION);
});

describe('the texts', () => {
  const actions = Object.keys(messages).flatMap((key) => (key.startsWith('audit.') ? [key.slice('audit.'.length)] : []));

  test('are there for every verb, or it is said that nobody is told', () => {
    expect(actions.filter((action) => !(action in notices) && !(untold as readonly string[]).includes(action))).toEqual([]);
    expect(untold.filter((action) => action in notices)).toEqual([]);
  });

  test('say in both languages the same things', () => {
    const parameters = (texts: readonly string[]) => [...new Set(texts.join(' ').match(/\{\{\w+\}\}/g))].sort();
    for (const [name, [zh, en]] of Object.entries(notices)) {
      expect([name, parameters(zh)]).toEqual([name, parameters(en)]);
      expect(zh[0]).toMatch(/\p{Script=Han}/u);
      expect(en.join('')).not.toMatch(/\p{Script=Han}/u);
    }
  });
});
