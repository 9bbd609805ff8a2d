import { createDatabase, type TestDatabase } from '../support/cluster';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

/**
 * The functions that stored expressions call and whose own calls PostgreSQL does not know of, because their body is a
 * text: a dump restores what it knows to be needed first, and fails at a table whose expression calls what is not there yet.
 */
const untold = () =>
  database.sql<{ name: string }>(`
    WITH RECURSIVE used AS (
      SELECT d.refobjid AS oid FROM pg_depend d
        WHERE d.refclassid = 'pg_proc'::regclass AND d.classid IN ('pg_attrdef'::regclass, 'pg_constraint'::regclass, 'pg_class'::regclass)
      UNION
      SELECT d.refobjid FROM used u JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = u.oid AND d.refclassid = 'pg_proc'::regclass
    )
    SELECT p.proname AS name FROM used u JOIN pg_proc p ON p.oid = u.oid
    WHERE p.pronamespace = 'app'::regnamespace AND p.prosqlbody IS NULL AND p.prosrc ~ '\\mapp\\.' ORDER BY 1`);

test('what stored expressions call is restored before them', async () => {
  expect(await untold()).toEqual([]);
  await database.sql(`
    CREATE FUNCTION app.hidden(id uuid) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT app.principal('hidden', id) $$;
    CREATE TABLE with_hidden (id uuid, name uuid GENERATED ALWAYS AS (app.hidden(id)) STORED);`);
  expect(await untold()).toEqual([{ name: 'hidden' }]);
});
