import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a process has to know of the database before it serves: which version it is, and whether it holds sample accounts. */
export class Installation1764000000007 implements MigrationInterface {
  public async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Null for a real network. The sample seed marks what it makes, since everybody knows the passwords of its accounts:
      -- STARTED until all of it is there, then COMPLETE.
      ALTER TABLE networks ADD COLUMN sample text CHECK (sample IN ('STARTED','COMPLETE'));

      -- Door: the migrations that were run, and the sample's mark; asked at start, before any network is known.
      CREATE FUNCTION app.installation() RETURNS TABLE (migrations text[], sample text) LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
        SELECT (SELECT coalesce(array_agg(m.name ORDER BY m.id), '{}') FROM migrations m),
          (SELECT max(n.sample) FROM networks n) $$;
      REVOKE EXECUTE ON FUNCTION app.installation FROM PUBLIC;
      DO $$ BEGIN
        EXECUTE format('GRANT EXECUTE ON FUNCTION app.installation TO %I', current_setting('youth.application_role'));
      END $$;
    `);
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION app.installation;
      ALTER TABLE networks DROP COLUMN sample;
    `);
  }
}
