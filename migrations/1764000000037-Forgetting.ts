import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What of requests and objections names a person, to be taken out when that person is erased. */
const NAMING = { correction_requests: 'requested_by_name, reason, user_id', recognition_objections: 'user_name' };

const each = (statement: (table: string, columns: string) => string): string =>
  `DO $$ BEGIN ${Object.entries(NAMING).map(([table, columns]) => `EXECUTE format('${statement(table, columns)}', current_setting('youth.application_role'));`).join(' ')} END $$`;

/** Lets the erasure of a person reach what others asked and objected in that name. */
export class Forgetting1764000000037 implements MigrationInterface {
  public async up(runner: QueryRunner): Promise<void> {
    await runner.query(each((table, columns) => `GRANT UPDATE (${columns}) ON ${table} TO %I`));
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query(each((table, columns) => `REVOKE UPDATE (${columns}) ON ${table} FROM %I`));
  }
}
