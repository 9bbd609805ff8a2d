import { DataSource } from 'typeorm';
import { verifyAudit, type AuditReport } from '../../src/domain/audit/verify';
import { TestApi } from '../support/api';
import { Sharers } from '../resources/shared';

let api: TestApi;
let owner: DataSource;
let world: Sharers;
let elsewhere: Sharers;

beforeAll(async () => {
  api = await TestApi.start();
  owner = await new DataSource({ type: 'postgres', url: api.database.ownerUrl, installExtensions: false }).initialize();
  world = await Sharers.begin(api);
  elsewhere = await Sharers.begin(api);
  for (let i = 0; i < 8; i += 1) await world.create({ name: `Hall ${i}` });
  await elsewhere.create();
}, 60_000);
afterAll(async () => {
  await owner.destroy();
  await api.stop();
});

async function verify(): Promise<AuditReport[]> {
  const reports: AuditReport[] = [];
  for await (const report of verifyAudit(owner)) reports.push(report);
  return reports;
}

const TABLES = [
  ['audit_entries', 'network_id, seq, id, at, actor_user_id, actor_organization_id, actor_role, action, subject_type, subject_id, organization_ids, changes, previous_hash, hash'],
  ['audit_heads', 'network_id, seq, hash'],
] as const;

/** What is found after somebody with all rights did something behind everybody's back, which is undone then. */
async function faultsAfter(...tampering: string[]): Promise<[seq: number, kind: string][]> {
  for (const [table, columns] of TABLES) await api.database.sql(`CREATE TABLE kept_${table} AS SELECT ${columns} FROM ${table}`);
  try {
    for (const sql of tampering) await api.database.sql(sql.replaceAll('OURS', `network_id = '${world.founded.network.id}'`));
    const [report, other] = (await verify()) as [AuditReport, AuditReport];
    expect(other.faults).toEqual([]);
    expect(report.faultCount).toBe(report.faults.length);
    return report.faults.map(({ seq, kind }) => [seq, kind]);
  } finally {
    for (const [table, columns] of TABLES) {
      await api.database.sql(`DELETE FROM ${table}; INSERT INTO ${table} (${columns}) SELECT * FROM kept_${table}; DROP TABLE kept_${table}`);
    }
  }
}

test('an untouched log is unbroken, and told where it ends', async () => {
  const [report, other] = (await verify()) as [AuditReport, AuditReport];
  const [head] = await api.database.sql<{ hash: string }>(`SELECT encode(hash, 'hex') AS hash FROM audit_heads WHERE network_id = $1`, [world.founded.network.id]);
  expect(report).toEqual({ network: world.founded.network.code, entries: 8, head: { seq: 8, hash: head!.hash }, faults: [], faultCount: 0 });
  expect(other).toMatchObject({ network: elsewhere.founded.network.code, entries: 1, faults: [] });
});

test.each([
  ['what was done', `action = 'resource.retire'`],
  ['before and after', `changes = replace(changes, 'Hall', 'Hell')`],
  ['who', 'actor_user_id = gen_random_uuid()'],
  ['that nobody did it', 'actor_user_id = NULL'],
  ['for whom', 'actor_organization_id = NULL'],
  ['in what role', `actor_role = 'ADMIN'`],
  ['when, by a millionth of a second', `at = at + interval '1 microsecond'`],
  ['what it was done to', 'subject_id = gen_random_uuid()'],
  ['of what type that was', `subject_type = 'Position'`],
  ['whom it concerns', `organization_ids = '{}'`],
  ['its id', 'id = gen_random_uuid()'],
  ['its hash', `hash = sha256('x')`],
])('a change of %s is found', async (_, change) => {
  const faults = await faultsAfter(`UPDATE audit_entries SET ${change} WHERE OURS AND seq = 4`);
  expect(faults[0]).toEqual([4, 'CHANGED']);
});

test('a change of the first and of the last entry is found', async () => {
  for (const seq of [1, 8]) expect(await faultsAfter(`UPDATE audit_entries SET changes = '{}' WHERE OURS AND seq = ${seq}`)).toEqual([[seq, 'CHANGED']]);
});

test('a change that was given a hash of its own is found by the entry after it', async () => {
  const rehash = 'UPDATE audit_entries e SET hash = sha256(convert_to(app.audit_text(e), \'UTF8\')) WHERE OURS AND seq =';
  expect(await faultsAfter(`UPDATE audit_entries SET action = 'resource.retire' WHERE OURS AND seq = 4`, `${rehash} 4`)).toEqual([[5, 'DETACHED']]);
  expect(await faultsAfter(`UPDATE audit_entries SET action = 'resource.retire' WHERE OURS AND seq = 8`, `${rehash} 8`)).toEqual([[8, 'DETACHED']]);
});

test('removed entries are found: in the middle, at the beginning, at the end, all', async () => {
  const remove = (which: string) => `DELETE FROM audit_entries WHERE OURS AND ${which}`;
  expect(await faultsAfter(remove('seq = 5'))).toEqual([[5, 'REMOVED']]);
  expect(await faultsAfter(remove('seq IN (3, 4, 5)'))).toEqual([[3, 'REMOVED']]);
  expect(await faultsAfter(remove('seq = 1'))).toEqual([[1, 'REMOVED']]);
  expect(await faultsAfter(remove('seq = 8'))).toEqual([[8, 'REMOVED']]);
  expect(await faultsAfter(remove('seq > 5'))).toEqual([[6, 'REMOVED']]);
  expect(await faultsAfter(remove('true'))).toEqual([[1, 'REMOVED']]);
  expect(await faultsAfter(`DELETE FROM audit_heads WHERE OURS`)).toEqual([[8, 'REMOVED']]);
});

test('a removed entry is found also when the others close ranks', async () => {
  const faults = await faultsAfter(
    'DELETE FROM audit_entries WHERE OURS AND seq = 4',
    'UPDATE audit_entries SET seq = -(seq - 1) WHERE OURS AND seq > 4',
    'UPDATE audit_entries SET seq = -seq WHERE OURS AND seq < 0',
  );
  expect(faults).toEqual([[4, 'REORDERED'], [5, 'REORDERED'], [6, 'REORDERED'], [7, 'REORDERED'], [8, 'REMOVED']]);
});

test('entries that changed places are found', async () => {
  const swap = (a: number, b: number) => [
    `UPDATE audit_entries SET seq = -1 WHERE OURS AND seq = ${a}`,
    `UPDATE audit_entries SET seq = ${a} WHERE OURS AND seq = ${b}`,
    `UPDATE audit_entries SET seq = ${b} WHERE OURS AND seq = -1`,
  ];
  expect(await faultsAfter(...swap(3, 4))).toEqual([[3, 'REORDERED'], [4, 'REORDERED'], [5, 'DETACHED']]);
  expect(await faultsAfter(...swap(1, 8))).toEqual([[1, 'REORDERED'], [2, 'DETACHED'], [8, 'REORDERED'], [8, 'DETACHED']]);
});

test('an entry that was added behind everybody’s back is found', async () => {
  expect(
    await faultsAfter(
      `INSERT INTO audit_entries (network_id, seq, id, at, action, subject_type, subject_id, organization_ids, changes, previous_hash, hash)
       SELECT network_id, 9, gen_random_uuid(), at, action, subject_type, subject_id, organization_ids, changes, hash, hash FROM audit_entries WHERE OURS AND seq = 8`,
      `UPDATE audit_entries e SET hash = sha256(convert_to(app.audit_text(e), 'UTF8')) WHERE OURS AND seq = 9`,
    ),
  ).toEqual([[9, 'DETACHED']]);
});

test('what is said of a fault names the place', async () => {
  await api.database.sql(`UPDATE audit_entries SET changes = '{}' WHERE network_id = $1 AND seq = 1`, [elsewhere.founded.network.id]);
  const [, other] = (await verify()) as [AuditReport, AuditReport];
  expect(other.faults).toEqual([{ seq: 1, kind: 'CHANGED', says: 'what the entry says is not what its hash was made of' }]);
});

test('a long log is gone through in batches, while it is written', async () => {
  await api.database.sql(
    `SELECT set_config('app.network_id', '${world.founded.network.id}', true);
     SELECT app.append_audit((SELECT jsonb_agg(jsonb_build_object('id', gen_random_uuid(), 'action', 'resource.update', 'subjectType', 'Resource', 'subjectId', gen_random_uuid(),
       'organizationIds', '[]'::jsonb, 'changes', '{}')) FROM generate_series(1, 5000)))`,
  );
  const [[report]] = (await Promise.all([verify(), world.create(), world.create()])) as unknown as [[AuditReport]];
  expect(report.faults).toEqual([]);
  expect(report.entries).toBeGreaterThanOrEqual(5008);
  await api.database.sql('DELETE FROM audit_entries WHERE seq = 4001');
  expect((await verify())[0]).toMatchObject({ faultCount: 1, faults: [{ seq: 4001, kind: 'REMOVED' }] });
});
