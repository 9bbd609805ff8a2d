import type { TestDatabase } from '../support/cluster';

/**
 * Reads the system catalog and says where the gate has a gap: a list of faults, each naming the thing and the rule that
 * it breaks. What is allowed is stated here as data, independently of the migrations.
 */

/** Only the functions that work as the owner reach the rows. */
const doors = 'ALL TO OWNER USING true WITH CHECK true';

/** Tables outside every network, with their policies to the letter. */
const REFERENCE_TABLES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  networks: { doors, reading: 'SELECT TO PUBLIC USING (id = app.network_id())' },
  users: { doors, reading: 'SELECT TO PUBLIC USING (readers && app.principals())' },
  credentials: { doors },
  sessions: { doors },
  refresh_tokens: { doors },
  throttles: { doors, throttling: 'ALL TO APPLICATION USING true WITH CHECK true' },
};

/** The tables of the jobs' library, in a schema of their own: only the worker, which is part of the server, works on them. */
const JOBS_SCHEMA = 'graphile_worker';
const working = 'ALL TO APPLICATION USING true WITH CHECK true';
const JOB_TABLES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  _private_jobs: { working },
  _private_job_queues: { working },
  _private_tasks: { working },
  _private_known_crontabs: { working },
};

/** The migration tool's own table: no row security, and nobody but the owner reaches it. */
const TOOL_TABLES = ['migrations'];

const READ = '((network_id = app.network_id()) AND (readers && app.principals()))';
const WRITE = '((network_id = app.network_id()) AND (writers && app.principals()))';

/** The policies of every table of a network, to the letter. */
const TENANT_POLICIES: Readonly<Record<string, string>> = {
  reading: `SELECT TO PUBLIC USING ${READ}`,
  inserting: `INSERT TO PUBLIC WITH CHECK ${WRITE}`,
  updating: `UPDATE TO PUBLIC USING ${WRITE}`,
  deleting: `DELETE TO PUBLIC USING ${WRITE}`,
  doors: 'SELECT TO OWNER USING true',
};

/** What the application role may do to each table, columns in brackets; to any other, nothing. */
const PRIVILEGES: Readonly<Record<string, string>> = {
  networks: 'SELECT',
  users: 'SELECT',
  throttles: 'DELETE, INSERT, SELECT, UPDATE',
  organizations: 'INSERT, SELECT, UPDATE',
  organization_contacts: 'INSERT, SELECT, UPDATE',
  memberships: 'INSERT, SELECT, UPDATE',
  invitations: 'DELETE, INSERT, SELECT, UPDATE',
  positions: 'INSERT, SELECT, UPDATE',
  state_changes: 'INSERT, SELECT, UPDATE (audience)',
  idempotency_keys: 'INSERT, SELECT, UPDATE',
  resources: 'INSERT, SELECT, UPDATE',
  contracts: 'INSERT, SELECT, UPDATE',
  contract_counters: 'INSERT, SELECT, UPDATE',
  contract_parties: 'DELETE, INSERT, SELECT, UPDATE',
  contract_clauses: 'DELETE, INSERT, SELECT, UPDATE',
  contract_clause_resources: 'DELETE, INSERT, SELECT, UPDATE',
  contract_clause_beneficiaries: 'DELETE, INSERT, SELECT, UPDATE',
  contract_signatures: 'DELETE, INSERT, SELECT, UPDATE',
  audit_entries: 'SELECT',
  notifications: 'INSERT, SELECT, UPDATE (read_at)',
  booking_series: 'INSERT, SELECT, UPDATE',
  bookings: 'INSERT, SELECT, UPDATE',
  booking_details: 'INSERT, SELECT, UPDATE',
  occupations: 'DELETE, INSERT, SELECT, UPDATE',
  clause_usage: 'INSERT, SELECT, UPDATE',
  resource_blocks: 'DELETE, INSERT, SELECT, UPDATE',
  check_in_devices: 'INSERT, SELECT, UPDATE',
  check_in_entries: 'INSERT, SELECT',
  activities: 'INSERT, SELECT, UPDATE',
  activity_participations: 'INSERT, SELECT, UPDATE',
  activity_pledges: 'DELETE, INSERT, SELECT, UPDATE',
  activity_reports: 'INSERT, SELECT, UPDATE',
  teams: 'INSERT, SELECT, UPDATE',
  team_members: 'DELETE, INSERT, SELECT',
  courses: 'INSERT, SELECT',
  course_sessions: 'INSERT, SELECT, UPDATE',
  course_enrolments: 'DELETE, INSERT, SELECT',
  training_completions: 'INSERT, SELECT',
  shifts: 'INSERT, SELECT, UPDATE',
  shift_reservations: 'DELETE, INSERT, SELECT, UPDATE',
  recruitment_campaigns: 'INSERT, SELECT, UPDATE',
  roster_imports: 'INSERT, SELECT, UPDATE',
  roster_import_faults: 'INSERT, SELECT',
  volunteers: 'INSERT, SELECT, UPDATE',
  volunteer_counters: 'INSERT, SELECT, UPDATE',
  volunteer_personal: 'DELETE, INSERT, SELECT, UPDATE',
  volunteer_consents: 'INSERT, SELECT, UPDATE',
  registrations: 'INSERT, SELECT, UPDATE',
  service_records: 'INSERT, SELECT',
  files: 'DELETE, INSERT, SELECT, UPDATE',
  correction_requests: 'INSERT, SELECT, UPDATE (answer), UPDATE (reason), UPDATE (requested_by_name), UPDATE (status), UPDATE (user_id), UPDATE (version)',
  certificate_counters: 'INSERT, SELECT, UPDATE',
  service_certificates: 'INSERT, SELECT, UPDATE (content), UPDATE (status), UPDATE (user_id), UPDATE (version)',
  projects: 'INSERT, SELECT, UPDATE',
  project_milestones: 'INSERT, SELECT, UPDATE',
  needs: 'INSERT, SELECT, UPDATE',
  need_raisers: 'INSERT, SELECT, UPDATE',
  need_supports: 'DELETE, INSERT, SELECT',
  need_policies: 'INSERT, SELECT, UPDATE',
  feedback_codes: 'INSERT, SELECT',
  feedback: 'INSERT, SELECT, UPDATE (adjustments), UPDATE (project_id)',
  feedback_authors: 'INSERT, SELECT, UPDATE (display_name)',
  feedback_months: 'INSERT, SELECT, UPDATE',
  exchanges: 'INSERT, SELECT, UPDATE',
  adjustments: 'INSERT, SELECT, UPDATE',
  recognitions: 'INSERT, SELECT, UPDATE',
  recognition_objections: 'INSERT, SELECT, UPDATE (user_name)',
  statistics_entries: 'SELECT',
  calendar_feeds: 'INSERT, SELECT, UPDATE',
  points_policies: 'INSERT, SELECT, UPDATE',
  points_accounts: 'INSERT, SELECT, UPDATE (balance), UPDATE (entries), UPDATE (held), UPDATE (moved_at), UPDATE (user_id)',
  points_parts: 'INSERT, SELECT, UPDATE (balance), UPDATE (entries)',
  points_transfers: 'INSERT, SELECT, UPDATE (credit_user_id), UPDATE (debit_user_id), UPDATE (settled_at), UPDATE (status)',
  points_entries: 'INSERT, SELECT, UPDATE (user_id)',
  points_months: 'INSERT, SELECT, UPDATE (credited), UPDATE (earned), UPDATE (noticed_at), UPDATE (user_id)',
  points_granters: 'INSERT, SELECT, UPDATE (granted)',
  points_rounds: 'INSERT, SELECT, UPDATE',
  rewards: 'INSERT, SELECT, UPDATE',
  redemptions: 'INSERT, SELECT, UPDATE (status), UPDATE (user_id), UPDATE (version)',
  wishes: 'INSERT, SELECT, UPDATE',
  wish_claims: 'DELETE, INSERT, SELECT',
  points_settlements: 'DELETE, INSERT, SELECT, UPDATE (confirmed_at), UPDATE (confirmed_by), UPDATE (status), UPDATE (transfer_id)',
};

/**
 * Tables without a GIN index of their readers: never listed across a network, but reached by the key of something that
 * was found readable before, by the index named.
 */
const REACHED_BY: Readonly<Record<string, string>> = {
  organization_contacts: 'organization_contacts_pkey', // of an organization
  memberships: 'memberships_by_organization', // of an organization
  invitations: 'invitations_pkey', // of a membership
  state_changes: 'state_changes_by_subject', // of whatever has a history
  idempotency_keys: 'idempotency_keys_pkey', // by the caller's own key
  contract_counters: 'contract_counters_pkey', // by the year
  contract_parties: 'contract_parties_pkey', // of a contract
  contract_clauses: 'contract_clauses_by_contract', // of a contract
  contract_clause_resources: 'contract_clause_resources_pkey', // of a clause
  contract_clause_beneficiaries: 'contract_clause_beneficiaries_pkey', // of a clause
  contract_signatures: 'contract_signatures_pkey', // of a contract
  audit_heads: 'audit_heads_pkey', // by the network
  events: 'events_by_subject', // by a door
  event_reactions: 'event_reactions_pkey', // of an event
  notifications: 'notifications_by_user', // of the caller's own
  booking_series: 'booking_series_pkey', // of a booking
  booking_details: 'booking_details_pkey', // of a booking
  occupations: 'occupations_by_resource', // of a resource
  clause_usage: 'clause_usage_pkey', // of a clause
  resource_blocks: 'resource_blocks_by_resource', // of a resource
  activity_participations: 'activity_participations_pkey', // of an activity
  team_members: 'team_members_pkey', // of a team
  course_sessions: 'course_sessions_by_course', // of a course
  course_enrolments: 'course_enrolments_pkey', // of a session
  training_completions: 'training_completions_pkey', // of a volunteer
  check_in_devices: 'check_in_devices_by_activity', // of an activity
  check_in_entries: 'check_in_entries_pkey', // by its id
  activity_pledges: 'activity_pledges_pkey', // of an activity
  activity_reports: 'activity_reports_pkey', // of an activity
  shifts: 'shifts_by_activity', // of an activity
  shift_reservations: 'shift_reservations_pkey', // of a shift
  volunteer_counters: 'volunteer_counters_pkey', // one a network
  volunteer_personal: 'volunteer_personal_pkey', // of a volunteer
  volunteer_consents: 'volunteer_consents_pkey', // of a volunteer
  roster_imports: 'roster_imports_by_organization', // of an organization
  roster_import_faults: 'roster_import_faults_pkey', // of an import
  certificate_counters: 'certificate_counters_pkey', // by the year
  service_certificates: 'service_certificates_by_volunteer', // of a volunteer
  files: 'files_pkey', // of what they belong to, or by who uploaded them
  recognition_objections: 'recognition_objections_network_id_recognition_id_user_id_pu_key', // of a recognition
  resource_listings: 'resource_listings_pkey', // by a reader
  project_milestones: 'project_milestones_by_project', // of a project
  need_raisers: 'need_raisers_pkey', // of a need
  need_supports: 'need_supports_pkey', // of a need
  need_policies: 'need_policies_pkey', // one a network
  feedback_codes: 'feedback_codes_pkey', // by a door
  feedback: 'feedback_by_activity', // of an activity or a project
  feedback_authors: 'feedback_authors_pkey', // of feedback
  feedback_months: 'feedback_months_pkey', // of an activity or a project
  exchanges: 'exchanges_by_project', // of a project
  adjustments: 'adjustments_network_id_project_id_nth_key', // of a project
  calendar_feeds: 'calendar_feeds_pkey', // of a membership
  points_policies: 'points_policies_pkey', // one a network
  points_accounts: 'points_accounts_pkey', // of a volunteer or an organization
  points_parts: 'points_parts_pkey', // the network's own
  points_transfers: 'points_transfers_pkey', // of an entry, a redemption or a wish
  points_entries: 'points_entries_by_time', // of an account
  points_months: 'points_months_pkey', // of an account
  points_granters: 'points_granters_pkey', // of a person
  points_rounds: 'points_rounds_pkey', // one a network
  wish_claims: 'wish_claims_pkey', // of a wish
  points_settlements: 'points_settlements_by_organization', // of an organization
};

/** Triggers on tables of a network, `table.trigger`, with the reason why no constraint would do. */
const TRIGGERS: Readonly<Record<string, string>> = {
  'resources.listing_new': 'An index has the names that an array holds or the order of another column, never both.',
  'resources.listing_changed': 'The same.',
  'bookings.counting_new': 'Figures are kept by whoever changes what they count, which no policy lets a caller do; of many rows at once.',
  'bookings.counting_changed': 'The same.',
  'activities.counting_new': 'Figures are kept by whoever changes what they count, which no policy lets a caller do; of many rows at once.',
  'activities.counting_changed': 'The same.',
  'service_records.counting_new': 'Figures are kept by whoever changes what they count, which no policy lets a caller do; of many rows at once.',
  'service_records.counting_changed': 'The same.',
  'needs.counting_new': 'Figures are kept by whoever changes what they count, which no policy lets a caller do; of many rows at once.',
  'needs.counting_changed': 'The same.',
  'feedback.counting_new': 'Figures are kept by whoever changes what they count, which no policy lets a caller do; of many rows at once.',
  'feedback.counting_changed': 'The same.',
  'points_transfers.counting_new': 'Figures are kept by whoever changes what they count, which no policy lets a caller do; of many rows at once.',
  'points_transfers.counting_changed': 'The same.',
};

/** What docs/doors.md says there is. */
export interface Doors {
  /** Functions that work as the owner. */
  functions: string[];
  /** Policies of the owner beside the one named doors, `table.policy`. */
  policies: string[];
  /** Names that rows admit by `app.door(name)`. */
  names: string[];
}

const SECTIONS: Readonly<Record<keyof Doors, string>> = { functions: 'Functions', policies: 'Policies of the owner', names: 'Named doors' };

/** Reads the tables of docs/doors.md: the first cell of each row names the door. */
export function readDoors(text: string): Doors {
  const section = (title: string) => {
    const body = text.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? '';
    return [...body.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name!);
  };
  return { functions: section(SECTIONS.functions), policies: section(SECTIONS.policies), names: section(SECTIONS.names) };
}

/** What is looked at, and by which names its roles go. */
export interface Catalog {
  sql: TestDatabase['sql'];
  owner: string;
  application: string;
  doors: Doors;
}

type Rule = (catalog: Catalog) => Promise<string[]>;

const literal = (names: readonly string[]) => `ARRAY[${names.map((name) => `'${name}'`).join(', ')}]::text[]`;
const OUTSIDE = [...Object.keys(REFERENCE_TABLES), ...TOOL_TABLES];
const TENANT = `tenant AS (
  SELECT c.oid, c.relname AS name, a.attnum AS network FROM pg_class c
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'network_id'
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'f') AND c.relname <> ALL (${literal(OUTSIDE)}))`;
const OURS = `('public'::regnamespace, 'app'::regnamespace)`;
const NOT_OF_EXTENSION = (catalog: string, oid: string) =>
  `NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = '${catalog}'::regclass AND d.objid = ${oid} AND d.deptype = 'e')`;

/** A rule whose query answers with the faults themselves. */
const rule =
  (query: string, values: (catalog: Catalog) => unknown[] = () => []): Rule =>
  async (catalog) =>
    (await catalog.sql<{ fault: string }>(`WITH ${TENANT} ${query}`, values(catalog))).map(({ fault }) => fault);

/** What is there and not listed, and what is listed and not there. */
const differences = (what: string, found: readonly string[], listed: readonly string[]): string[] => [
  ...found.filter((name) => !listed.includes(name)).map((name) => `${name}: ${what} that is not listed`),
  ...listed.filter((name) => !found.includes(name)).map((name) => `${name}: ${what} that is listed but not there`),
];

const policies: Rule = async ({ sql, owner, application, doors }) => {
  const found = await sql<{ table: string; name: string; text: string; subquery: boolean; permissive: boolean }>(
    `WITH ${TENANT} SELECT c.relname AS "table", p.polname AS name, p.polpermissive AS permissive,
       coalesce(p.polqual::text, '') || coalesce(p.polwithcheck::text, '') LIKE '%{SUBLINK%' AS subquery,
       CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END
         || ' TO ' || (SELECT string_agg(CASE WHEN r = 0 THEN 'PUBLIC' WHEN r::regrole::text = $1 THEN 'OWNER' WHEN r::regrole::text = $2
              THEN 'APPLICATION' ELSE r::regrole::text END, ', ') FROM unnest(p.polroles) AS r)
         || coalesce(' USING ' || pg_get_expr(p.polqual, p.polrelid), '')
         || coalesce(' WITH CHECK ' || pg_get_expr(p.polwithcheck, p.polrelid), '') AS text
     FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid ORDER BY 1, 2`,
    [owner, application],
  );
  const tables = await sql<{ name: string }>(`WITH ${TENANT} SELECT name FROM tenant`);
  const expected: Record<string, Readonly<Record<string, string>>> = { ...REFERENCE_TABLES, ...JOB_TABLES };
  for (const { name } of tables) expected[name] = TENANT_POLICIES;
  const faults: string[] = [];
  const ownerPolicies: string[] = [];
  for (const policy of found) {
    const name = `${policy.table}.${policy.name}`;
    const wanted = expected[policy.table]?.[policy.name];
    if (policy.subquery) faults.push(`${name}: a policy with a subquery`);
    if (!policy.permissive) faults.push(`${name}: a restrictive policy`);
    if (!/ TO (PUBLIC|OWNER)( |$)/.test(policy.text) && policy.text !== wanted) faults.push(`${name}: a policy for others than everybody or the owner (${policy.text})`);
    if (wanted !== undefined) {
      if (policy.text !== wanted) faults.push(`${name}: the policy is ${policy.text} and not ${wanted}`);
    } else if (/ TO OWNER( |$)/.test(policy.text)) ownerPolicies.push(name);
    else faults.push(`${name}: a policy that is not listed (${policy.text})`);
  }
  for (const [table, wanted] of Object.entries(expected)) {
    for (const name of Object.keys(wanted)) {
      if (!found.some((policy) => policy.table === table && policy.name === name)) faults.push(`${table}.${name}: the policy is missing`);
    }
  }
  return [...faults, ...differences('a policy of the owner', ownerPolicies, doors.policies)];
};

const privileges: Rule = async ({ sql, owner, application }) => {
  const granted = await sql<{ table: string; grantee: string; privileges: string }>(
    `SELECT name AS "table", grantee, string_agg(privilege, ', ' ORDER BY privilege COLLATE "C") AS privileges FROM (
       SELECT c.oid::regclass::text AS name, CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE x.grantee::regrole::text END AS grantee,
         x.privilege_type || CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END AS privilege
         FROM pg_class c, aclexplode(c.relacl) x WHERE c.relnamespace IN ${OURS} AND c.relkind <> 'i'
       UNION ALL
       SELECT c.oid::regclass::text, CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE x.grantee::regrole::text END, x.privilege_type || ' (' || a.attname || ')'
         FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid, aclexplode(a.attacl) x WHERE c.relnamespace IN ${OURS}) g
     WHERE grantee <> $1 GROUP BY 1, 2`,
    [owner],
  );
  const faults = granted
    .filter(({ grantee, table, privileges: given }) => grantee !== application || PRIVILEGES[table] !== given)
    .map(({ grantee, table, privileges: given }) => `${table}: ${grantee} may ${given}, listed is ${grantee === application ? (PRIVILEGES[table] ?? 'nothing') : 'nothing'}`);
  const missing = Object.keys(PRIVILEGES).filter((table) => !granted.some((row) => row.table === table && row.grantee === application));
  return [...faults, ...missing.map((table) => `${table}: the application role may nothing, listed is ${PRIVILEGES[table]}`)];
};

/** The functions of ours that an expression calls, and those that their bodies call in turn, must not depend on anything but their arguments. */
const generated: Rule = async ({ sql }) => {
  const columns = await sql<{ name: string; fits: boolean; expression: string | null }>(
    `WITH ${TENANT} SELECT t.name || '.' || wanted AS name, pg_get_expr(d.adbin, d.adrelid) AS expression,
       coalesce(a.atttypid = 'uuid[]'::regtype AND a.attnotnull AND a.attgenerated = 's', false) AS fits
     FROM tenant t CROSS JOIN unnest(ARRAY['readers', 'writers']) AS wanted
     LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = wanted AND NOT a.attisdropped
     LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum`,
  );
  const functions = await sql<{ name: string; volatility: string; body: string }>(
    `SELECT 'app.' || proname AS name, provolatile AS volatility, coalesce(pg_get_function_sqlbody(oid), prosrc) AS body FROM pg_proc WHERE pronamespace = 'app'::regnamespace AND prokind = 'f'`,
  );
  const called = (text: string, seen = new Set<string>()): Set<string> => {
    for (const [name] of text.matchAll(/\bapp\.\w+/g)) {
      if (seen.has(name)) continue;
      seen.add(name);
      for (const { body } of functions.filter((candidate) => candidate.name === name)) called(body, seen);
    }
    return seen;
  };
  return columns.flatMap(({ name, fits, expression }) => [
    ...(fits ? [] : [`${name}: not a uuid[] that is NOT NULL and GENERATED ALWAYS`]),
    ...[...called(expression ?? '')].flatMap((call) =>
      functions.filter((candidate) => candidate.name === call && candidate.volatility !== 'i').map(() => `${name}: made by ${call}, which is not immutable`),
    ),
  ]);
};

const namedDoors: Rule = async ({ sql, doors }) => {
  const rows = await sql<{ name: string }>(
    `SELECT DISTINCT m[1] AS name FROM pg_attrdef d, regexp_matches(pg_get_expr(d.adbin, d.adrelid), 'app\\.door\\(''([^'']+)''', 'g') AS m ORDER BY 1`,
  );
  return differences('a named door', rows.map(({ name }) => name), doors.names);
};

const definers: Rule = async ({ sql, owner, application, doors }) => {
  const found = await sql<{ name: string; owner: string; settings: string[] | null; language: string; grantees: string[] | null }>(
    `SELECT n.nspname || '.' || p.proname AS name, p.proowner::regrole::text AS owner, p.proconfig AS settings, l.lanname AS language,
       (SELECT array_agg(CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE x.grantee::regrole::text END)
          FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x) AS grantees
     FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
     WHERE p.prosecdef AND n.nspname <> 'pg_catalog' AND ${NOT_OF_EXTENSION('pg_proc', 'p.oid')} ORDER BY 1`,
  );
  const names = found.map(({ name }) => name);
  return [
    ...differences('a function that works as the owner', names, doors.functions),
    ...names.filter((name, index) => names.indexOf(name) < index).map((name) => `${name}: a door under a name that another has`),
    ...found.flatMap((door) => [
      ...(door.settings?.includes('search_path=public, pg_temp') ? [] : [`${door.name}: without search_path = public, pg_temp`]),
      ...(door.owner === owner ? [] : [`${door.name}: owned by ${door.owner}`]),
      ...(door.grantees ?? []).filter((grantee) => grantee !== owner && grantee !== application).map((grantee) => `${door.name}: ${grantee} may call it`),
      ...(door.grantees?.includes(application) ? [] : [`${door.name}: the application role may not call it`]),
    ]),
  ];
};

const rules: Rule[] = [
  rule(`SELECT c.oid::regclass::text || ': a table outside the schema public' AS fault FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f') AND n.nspname <> ALL (ARRAY['public', 'pg_catalog', 'information_schema', 'pg_toast', '${JOBS_SCHEMA}']) AND n.nspname NOT LIKE 'pg_temp%'`),
  rule(`SELECT name || ': without a network_id uuid NOT NULL' AS fault FROM tenant t LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = t.network
    WHERE a.atttypid IS DISTINCT FROM 'uuid'::regtype OR a.attnotnull IS NOT TRUE OR a.attisdropped`),
  rule(`SELECT name || ': a table of another server, which has no row security' AS fault FROM tenant t JOIN pg_class c USING (oid) WHERE c.relkind = 'f'`),
  rule(`SELECT c.relname || ': row security is not ' || CASE WHEN c.relrowsecurity THEN 'forced' ELSE 'enabled' END AS fault FROM pg_class c
    WHERE (c.oid IN (SELECT oid FROM tenant) OR c.relname = ANY (${literal(Object.keys(REFERENCE_TABLES))}) AND c.relnamespace = 'public'::regnamespace)
      AND NOT (c.relrowsecurity AND c.relforcerowsecurity)`),
  policies,
  rule(`SELECT t.name || ': the primary key does not begin with network_id' AS fault FROM tenant t
    LEFT JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'p' WHERE k.conkey[1] IS DISTINCT FROM t.network`),
  rule(`SELECT i.indexrelid::regclass::text || ': a unique index without network_id' AS fault FROM tenant t JOIN pg_index i ON i.indrelid = t.oid
    WHERE i.indisunique AND t.network <> ALL ((i.indkey::int2[])[0:i.indnkeyatts - 1])`),
  rule(`SELECT k.conname || ': an exclusion constraint without network_id' AS fault FROM tenant t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'x'
    WHERE NOT EXISTS (SELECT FROM unnest(k.conkey, k.conexclop) AS part(number, operator) JOIN pg_operator o ON o.oid = part.operator
      WHERE part.number = t.network AND o.oprname = '=')`),
  rule(`SELECT t.name || '.' || k.conname || ': a foreign key without network_id' AS fault FROM tenant t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f'
    WHERE NOT EXISTS (SELECT FROM unnest(k.conkey, k.confkey) AS part(here, there) JOIN tenant target ON target.oid = k.confrelid
        WHERE part.here = t.network AND part.there = target.network)
      AND NOT (k.confrelid = 'networks'::regclass AND k.conkey = ARRAY[t.network])
      AND k.confrelid <> 'users'::regclass`),
  rule(`SELECT c.relname || '.' || k.conname || ': a reference table refers to a table of a network' AS fault FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    WHERE k.contype = 'f' AND k.confrelid IN (SELECT oid FROM tenant) AND k.conrelid NOT IN (SELECT oid FROM tenant)`),
  rule(`SELECT t.name || '.' || g.tgname || ': a trigger that is not listed' AS fault FROM tenant t JOIN pg_trigger g ON g.tgrelid = t.oid
    WHERE NOT g.tgisinternal AND t.name || '.' || g.tgname <> ALL (${literal(Object.keys(TRIGGERS))})`),
  rule(`SELECT r.ev_class::regclass::text || '.' || r.rulename || ': a rule that rewrites statements' AS fault FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
    WHERE c.relnamespace IN ${OURS} AND c.relkind IN ('r', 'p')`),
  rule(`SELECT c.oid::regclass::text || ': a view that reads as its owner' AS fault FROM pg_class c
    WHERE c.relnamespace IN ${OURS} AND (c.relkind = 'm' OR c.relkind = 'v' AND NOT coalesce(c.reloptions, '{}') && ARRAY['security_invoker=true', 'security_invoker=on'])
      AND ${NOT_OF_EXTENSION('pg_class', 'c.oid')}`),
  rule(
    `SELECT t.name || ': no index serves its reading policy' AS fault FROM tenant t
      WHERE NOT EXISTS (SELECT FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY (i.indkey::int2[])
        WHERE i.indrelid = t.oid AND i.indisvalid AND i.indpred IS NULL
          AND (m.amname = 'gin' AND a.attname = 'readers' OR x.relname = $1::jsonb->>t.name AND m.amname = 'btree' AND i.indkey[0] = t.network))`,
    () => [JSON.stringify(REACHED_BY)],
  ),
  generated,
  privileges,
  namedDoors,
  definers,
  rule(
    `SELECT n.nspname || ': ' || CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE x.grantee::regrole::text END || ' has ' || x.privilege_type || ' on the schema' AS fault
      FROM pg_namespace n, aclexplode(n.nspacl) x WHERE n.oid IN ${OURS} AND x.grantee::regrole::text <> ALL (ARRAY[$1, 'pg_database_owner'])
        AND x.grantee <> n.nspowner AND NOT (x.privilege_type = 'USAGE' AND (n.nspname = 'public' OR x.grantee::regrole::text = $2))`,
    ({ owner, application }) => [owner, application],
  ),
  rule(`SELECT coalesce(n.nspname, 'every schema') || ': privileges given by default to what is made later' AS fault FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace`),
  rule(
    `SELECT rolname || ': the role has ' || attribute AS fault FROM pg_roles r CROSS JOIN LATERAL (VALUES ('SUPERUSER', r.rolsuper), ('BYPASSRLS', r.rolbypassrls),
        ('CREATEROLE', r.rolcreaterole), ('CREATEDB', r.rolcreatedb), ('REPLICATION', r.rolreplication)) AS has(attribute, so)
      WHERE so AND rolname IN ($1, $2)
      UNION ALL SELECT member::regrole::text || ': the role is a member of ' || roleid::regrole::text FROM pg_auth_members
        WHERE member::regrole::text IN ($1, $2) AND NOT (member::regrole::text = $1 AND roleid::regrole::text = 'pg_database_owner')`,
    ({ owner, application }) => [owner, application],
  ),
  rule(
    `SELECT what || ': not owned by the owner but by ' || whose::regrole AS fault FROM (
        SELECT c.oid::regclass::text, c.relowner FROM pg_class c WHERE c.relnamespace IN ${OURS} AND c.relkind <> 'i' AND ${NOT_OF_EXTENSION('pg_class', 'c.oid')}
        UNION ALL SELECT p.oid::regprocedure::text, p.proowner FROM pg_proc p WHERE p.pronamespace IN ${OURS} AND ${NOT_OF_EXTENSION('pg_proc', 'p.oid')}
        UNION ALL SELECT n.nspname, n.nspowner FROM pg_namespace n WHERE n.nspname = 'app') AS thing(what, whose)
      WHERE whose::regrole::text <> $1`,
    ({ owner }) => [owner],
  ),
];

/** Every gap in the gate; none when it is whole. */
export async function faultsOf(catalog: Catalog): Promise<string[]> {
  const faults: string[] = [];
  for (const check of rules) faults.push(...(await check(catalog)));
  return faults;
}
