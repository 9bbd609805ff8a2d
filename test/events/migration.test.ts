import { migrate, migrateDown, ownerDataSource, roleOf } from '../../src/platform/database/migrate';
import { createDatabase } from '../support/cluster';

test('the outbox and the schema of the jobs are taken back, and made again', async () => {
  const database = await createDatabase();
  const owner = await ownerDataSource(database.ownerUrl, roleOf(database.applicationUrl));
  const there = async () =>
    (await database.sql<{ there: boolean }>(`SELECT to_regclass('events') IS NOT NULL AND to_regclass('graphile_worker._private_jobs') IS NOT NULL AS there`))[0]!.there;
  expect(await there()).toBe(true);
  const undone: string[] = [];
  do undone.push((await migrateDown(owner))!);
  while (undone.at(-1) !== 'Events1764000000008');
  expect(await there()).toBe(false);
  expect(await migrate(owner)).toEqual(undone.reverse());
  expect(await there()).toBe(true);
  // Nothing to do is nothing done.
  expect(await migrate(owner)).toEqual([]);
  await owner.destroy();
  await database.drop();
});
