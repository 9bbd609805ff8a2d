import { DataSource } from 'typeorm';
import { verifyPoints, type PointsReport } from '../../src/domain/points/verify';
import { TestApi } from '../support/api';
import type { Founded } from '../support/world';
import { volunteerOf, type TestVolunteer } from './people';

let api: TestApi;
let owner: DataSource;
let founded: Founded;
let volunteer: TestVolunteer;
beforeAll(async () => {
  api = await TestApi.start();
  owner = await new DataSource({ type: 'postgres', url: api.database.ownerUrl, installExtensions: false }).initialize();
  founded = await api.world.found();
  await api.world.found();
  const organization = await api.world.organization(founded.network);
  volunteer = await volunteerOf(api, organization);
  for (const amount of [5, 7, 30]) await api.done('grantBonus', { volunteer: volunteer.globalId, amount, reason: 'Thanks' }, founded.committee);
  const { reward } = await api.done('offerReward', { title: 'A cup', kind: 'GOODS', price: 10 }, await api.world.person(organization, 'STAFF'), 'reward { id }');
  for (let times = 0; times < 2; times += 1) await api.done('redeem', { reward: reward.id, price: 10 }, volunteer.person);
});
afterAll(async () => {
  await owner.destroy();
  await api.stop();
});

async function verify(): Promise<PointsReport[]> {
  const reports: PointsReport[] = [];
  for await (const report of verifyPoints(owner)) reports.push(report);
  return reports;
}

const TABLES = ['points_entries', 'points_transfers', 'points_accounts', 'points_parts'];

/** The kinds of faults after somebody with all rights did something behind everybody's back, which is undone then. */
async function faultsAfter(tampering: string): Promise<string[]> {
  const columns = async (table: string) =>
    (await api.database.sql<{ name: string }>(`SELECT string_agg(attname, ', ') AS name FROM pg_attribute WHERE attrelid = '${table}'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`))[0]!.name;
  for (const table of TABLES) await api.database.sql(`CREATE TABLE kept_${table} AS SELECT ${await columns(table)} FROM ${table}`);
  try {
    await api.database.sql(`SET session_replication_role = replica; ${tampering}; SET session_replication_role = DEFAULT`);
    const [report, other] = (await verify()) as [PointsReport, PointsReport];
    expect(other.faults).toEqual([]);
    expect(report.faultCount).toBe(report.faults.length);
    return [...new Set(report.faults.map(({ kind }) => kind))].sort();
  } finally {
    await api.database.sql(`SET session_replication_role = replica; ${TABLES.map((table) => `DELETE FROM ${table}`).join('; ')}`);
    for (const table of TABLES) {
      const list = await columns(table);
      await api.database.sql(`INSERT INTO ${table} (${list}) SELECT ${list} FROM kept_${table}; DROP TABLE kept_${table}`);
    }
    await api.database.sql('SET session_replication_role = DEFAULT');
  }
}

test('an untouched ledger is whole', async () => {
  const [report, other] = (await verify()) as [PointsReport, PointsReport];
  expect(report).toMatchObject({ network: founded.network.code, transfers: 5, entries: 6, faults: [], faultCount: 0 });
  expect(other).toMatchObject({ accounts: 0, entries: 0, faults: [] });
});

test.each([
  ['a balance', 'UPDATE points_accounts SET balance = balance + 1 WHERE balance > 0', ['BALANCE', 'SUM']],
  ['the balance of the issuance account', 'UPDATE points_parts SET balance = balance + 1 WHERE part = (SELECT min(part) FROM points_parts)', ['BALANCE', 'SUM']],
  ['what is held', 'UPDATE points_accounts SET held = held - 5 WHERE held > 0', ['HELD']],
  ['an entry', 'UPDATE points_entries SET delta = 6 WHERE delta = 5', ['BALANCE', 'CHAIN', 'TRANSFER']],
  ['an entry with its balances', 'UPDATE points_entries SET delta = 6, balance_after = 6 WHERE delta = 5', ['BALANCE', 'CHAIN', 'TRANSFER']],
  ['a missing entry', 'DELETE FROM points_entries WHERE delta = 7', ['BALANCE', 'CHAIN', 'SUM', 'TRANSFER']],
  ['a missing transfer', `DELETE FROM points_transfers WHERE amount = 7`, ['SUM']],
  ['an amount', 'UPDATE points_transfers SET amount = 8 WHERE amount = 7', ['TRANSFER']],
  ['a hold that was posted by hand', `UPDATE points_transfers SET status = 'POSTED', settled_at = now() WHERE status = 'HELD'`, ['HELD', 'SUM', 'TRANSFER']],
  ['a hold that was voided by hand', `UPDATE points_transfers SET status = 'VOIDED', settled_at = now() WHERE status = 'HELD'`, ['HELD']],
  ['an account that is gone', 'DELETE FROM points_accounts WHERE balance > 0', ['BALANCE', 'CHAIN', 'SUM']],
])('%s that was changed by hand is found', async (_what, tampering, kinds) => {
  expect(await faultsAfter(tampering)).toEqual(kinds);
  expect((await verify())[0]!.faults).toEqual([]);
});
