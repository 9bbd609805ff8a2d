import { createDataSource } from './src/platform/database/data-source';
import { roleOf } from './src/platform/database/migrate';

const applicationUrl = process.env.DATABASE_URL ?? '';

/** The owner's data source for TypeORM's own command line; `npm run migrate` is the usual way. */
export default createDataSource({
  url: process.env.MIGRATION_DATABASE_URL ?? applicationUrl,
  poolSize: 2,
  waitMs: 5_000,
  name: 'youth-network-typeorm',
  settings: { 'youth.application_role': applicationUrl ? roleOf(applicationUrl) : '' },
});
