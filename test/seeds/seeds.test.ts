import type { DataSource } from 'typeorm';
import { sampleNetworks, type NetworkData } from '../../seeds/data';
import { seedSample } from '../../seeds/sample';
import { seedScale } from '../../seeds/scale';
import { entities } from '../../src/domain';
import { BookingStatus } from '../../src/domain/bookings/model';
import { verifyAudit } from '../../src/domain/audit/verify';
import { contentHash, type ClauseContent, type ContractContent } from '../../src/domain/contracts/content';
import { migrate, migrateDown, ownerDataSource, roleOf } from '../../src/platform/database/migrate';
import { secondsOf } from '../../src/platform/graphql/edge';
import { createDatabase, type TestDatabase } from '../support/cluster';

jest.setTimeout(60_000);

const NOW = new Date('2026-03-02T04:00:00Z');
let database: TestDatabase;
let owner: DataSource;
const seeding = () => ({ owner, applicationUrl: database.applicationUrl, secret: 'a secret of the tests, long enough', now: NOW });

beforeAll(async () => {
  database = await createDatabase();
  owner = await ownerDataSource(database.ownerUrl, roleOf(database.applicationUrl), entities);
});

afterAll(async () => {
  await owner.destroy();
  await database.drop();
});

const today = `'2026-03-02'::date`;
const now = `'${NOW.toISOString()}'::timestamptz`;

/** What is in the database, by the names of the files. */
const standing = (code: string) =>
  database.sql<{ what: string; name: string; status: string }>(
    `WITH n AS (SELECT id FROM networks WHERE code = $1)
     SELECT 'organization' AS what, name, status FROM organizations WHERE network_id = (SELECT id FROM n)
     UNION ALL SELECT 'membership', u.display_name || '@' || o.name || ':' || m.role, m.status
       FROM memberships m JOIN users u ON u.id = m.user_id JOIN organizations o ON o.network_id = m.network_id AND o.id = m.organization_id
       WHERE m.network_id = (SELECT id FROM n)
     UNION ALL SELECT 'position', name, kind FROM positions WHERE network_id = (SELECT id FROM n)
     UNION ALL SELECT 'resource', name || ':' || sharing, status FROM resources WHERE network_id = (SELECT id FROM n)
     UNION ALL SELECT 'contract', title || ' ' || term_from || ' ' || coalesce(term_to::text, '') || ' ' || (supersedes_id IS NOT NULL),
       app.contract_status(status, term_from, ends_on, ${today}) FROM contracts WHERE network_id = (SELECT id FROM n)
     UNION ALL SELECT 'signature', c.title || ' ' || s.signed_by_name, 'SIGNED' FROM contract_signatures s
       JOIN contracts c ON c.network_id = s.network_id AND c.id = s.contract_id WHERE s.network_id = (SELECT id FROM n)
     UNION ALL SELECT 'booking', r.name || ' for ' || o.name || ': ' || d.purpose || CASE WHEN b.series_id IS NULL THEN '' ELSE ' (series)' END,
         app.booking_status(b.status, b.starts_at, b.ends_at, ${now})
       FROM bookings b JOIN booking_details d ON d.network_id = b.network_id AND d.booking_id = b.id
         JOIN resources r ON r.network_id = b.network_id AND r.id = b.resource_id JOIN organizations o ON o.network_id = b.network_id AND o.id = b.organization_id
       WHERE b.network_id = (SELECT id FROM n) AND b.parent_id IS NULL
     UNION ALL SELECT 'block', r.name || ': ' || b.reason, coalesce(b.recurrence_rule, '') FROM resource_blocks b
       JOIN resources r ON r.network_id = b.network_id AND r.id = b.resource_id WHERE b.network_id = (SELECT id FROM n)
     ORDER BY 1, 2, 3`,
    [code],
  );

const day = (days: number) => new Date(Date.parse('2026-03-02') + days * 86_400_000).toISOString().slice(0, 10);

/** What the file says should be there. */
function described({ organizations, contracts, bookings, blocks }: NetworkData): string[] {
  const nameOf = (key: string) => organizations.find((organization) => organization.key === key)!.name;
  const resourceName = (key: string) => organizations.flatMap(({ resources }) => resources).find((resource) => resource.key === key)!.name;
  const people = organizations.flatMap((organization) => organization.people.map((person) => ({ ...person, organization })));
  return [
    ...organizations.flatMap(({ name, status, positions, resources }) => [
      `organization ${name} ${status}`,
      ...positions.map((position) => `position ${position.name} ${position.kind}`),
      ...resources.map((resource) => `resource ${resource.name}:${resource.sharing} ${resource.status}`),
    ]),
    ...people.flatMap(({ displayName, role, status, organization, alsoIn }) => [
      `membership ${displayName}@${organization.name}:${role} ${status}`,
      ...alsoIn.map((further) => `membership ${displayName}@${nameOf(further.organization)}:${further.role} ACTIVE`),
    ]),
    ...contracts.flatMap(({ title, term, state, supersedes, signedBy }) => [
      `contract ${title} ${day(term.fromDay)} ${term.toDay === null ? '' : day(term.toDay)} ${supersedes !== null} ${state}`,
      ...signedBy.map((key) => `signature ${title} ${people.find((person) => person.key === key)!.displayName} SIGNED`),
    ]),
    ...bookings.flatMap(({ resource, by, purpose, recurrence, state }) => {
      const { organization } = people.find(({ key }) => key === by)!;
      const times = recurrence ? Number(/COUNT=(\d+)/.exec(recurrence)![1]) : 1;
      return Array.from({ length: times }, () => `booking ${resourceName(resource)} for ${organization.name}: ${purpose}${recurrence ? ' (series)' : ''} ${state}`);
    }),
    ...blocks.map(({ resource, reason, recurrence }) => `block ${resourceName(resource)}: ${reason} ${recurrence ?? ''}`),
  ].sort();
}

/** A fingerprint of every table, as the superuser sees it. */
async function fingerprints(): Promise<Record<string, string>> {
  const tables = await database.sql<{ name: string }>(`SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`);
  const found: Record<string, string> = {};
  for (const { name } of tables) {
    // What generated columns hold, and what is added to a table later, depends on the version; the rest may not.
    const [row] = await database.sql<{ hash: string }>(
      `SELECT md5(coalesce(string_agg(md5((to_jsonb(t) - added.columns)::text), '' ORDER BY (to_jsonb(t) - added.columns)::text), '')) AS hash
       FROM ${name} t, (SELECT ARRAY['sample', 'booking_release'] AS columns) added`,
    );
    found[name] = row!.hash;
  }
  return found;
}

const isWhole = async () => {
  for await (const { faultCount, entries } of verifyAudit(owner)) expect({ faultCount, some: entries > 0 }).toEqual({ faultCount: 0, some: true });
};

describe('the sample networks', () => {
  test('stand as their files say, whole in history and audit', async () => {
    expect(await seedSample(seeding())).toBe('SEEDED');
    for (const data of sampleNetworks()) {
      const found = (await standing(data.network.code)).map(({ what, name, status }) => `${what} ${name} ${status}`);
      expect(found.sort()).toEqual(described(data));
    }
    await isWhole();
    // Nobody stays signed in, and what happened is dated before now.
    const [row] = await database.sql(
      `SELECT (SELECT count(*)::int FROM sessions) AS sessions, (SELECT count(*)::int FROM invitations) AS invitations,
         (SELECT count(*)::int FROM state_changes WHERE at > $1) AS ahead, (SELECT count(*)::int FROM audit_entries WHERE at > $1) AS audited`,
      [NOW],
    );
    expect(row).toEqual({ sessions: 0, invitations: 1, ahead: 0, audited: 0 });
    // The calendar's steps are written down too.
    const steps = await database.sql<{ steps: string[] }>(
      `SELECT array_agg(s.to_status ORDER BY s.at, s.id) AS steps FROM state_changes s JOIN contracts c ON c.network_id = s.network_id AND c.id = s.subject_id
       WHERE c.title = '青年政务服务进社区契约（示例）'`,
    );
    expect(steps[0]!.steps).toEqual(['DRAFT', 'PROPOSED', 'SIGNED', 'ACTIVE', 'EXPIRED']);
  });

  test('are booked: by every state, with part of a quota used, and by a contract that is suspended', async () => {
    const states = await database.sql<{ status: string }>(`SELECT DISTINCT app.booking_status(status, starts_at, ends_at, ${now}) AS status FROM bookings ORDER BY 1`);
    expect(states.map(({ status }) => status)).toEqual(Object.keys(BookingStatus).sort());
    const flagged = await database.sql(
      `SELECT c.status, b.status AS booking, b.release_at > b.starts_at AS kept FROM bookings b JOIN contracts c ON c.network_id = b.network_id AND c.id = b.contract_id WHERE b.flagged_at IS NOT NULL`,
    );
    expect(flagged).toEqual([{ status: 'SUSPENDED', booking: 'CONFIRMED', kept: true }]);
    const [usage] = await database.sql<{ partly: number }>('SELECT count(*)::int AS partly FROM clause_usage WHERE used_seconds > 0 AND used_seconds < quota_seconds');
    expect(usage!.partly).toBeGreaterThan(3);
  });

  test('have the programmes of the pilot under way, with word of mouth of several months and an adjustment that improved it', async () => {
    const rows = await database.sql<{ title: string; months: number; before: string | null; after: string | null }>(
      `SELECT p.title, (SELECT count(*)::int FROM feedback_months m WHERE m.subject_id = p.id) AS months, round(a.sum_before::numeric / a.count_before, 1) AS before, round(a.sum_after::numeric / a.count_after, 1) AS after
       FROM projects p LEFT JOIN adjustments a ON a.project_id = p.id WHERE p.status = 'RUNNING' ORDER BY p.id`,
    );
    expect(rows.map(({ title }) => title)).toEqual(['四点半课堂', '智慧助老', '困境青少年帮扶', '绿色生活习惯']);
    for (const { months } of rows) expect(months).toBeGreaterThan(1);
    expect(rows[0]).toMatchObject({ before: '3.0', after: '4.7' });
  });

  test('can be played on any day', async () => {
    for (const days of [1, 5, 27]) {
      await database.sql(`UPDATE networks SET sample = 'STARTED'`);
      expect(await seedSample({ ...seeding(), now: new Date(NOW.getTime() + days * 86_400_000 - days * 3_600_000) })).toBe('SEEDED');
      const wrong = await database.sql(`SELECT 1 FROM bookings WHERE flagged_at IS NOT NULL HAVING count(*) <> 1`);
      expect(wrong).toEqual([]);
    }
    await database.sql(`UPDATE networks SET sample = 'STARTED'`);
    expect(await seedSample(seeding())).toBe('SEEDED');
  });

  test('are made once', async () => {
    const before = await fingerprints();
    expect(await seedSample(seeding())).toBe('THERE');
    expect(await fingerprints()).toEqual(before);
  });

  test('are made anew when their making was interrupted, and are the same on the same day', async () => {
    const before = await Promise.all(sampleNetworks().map(({ network }) => standing(network.code)));
    await database.sql(`UPDATE networks SET sample = 'STARTED'`);
    await database.sql(`DELETE FROM contract_signatures`);
    expect(await seedSample(seeding())).toBe('SEEDED');
    expect(await Promise.all(sampleNetworks().map(({ network }) => standing(network.code)))).toEqual(before);
    await isWhole();
  });

  test('two processes that start together make them once', async () => {
    await database.sql(`UPDATE networks SET sample = 'STARTED'`);
    const outcomes = await Promise.all([seedSample(seeding()), seedSample(seeding())]);
    expect(outcomes.sort()).toEqual(['SEEDED', 'THERE']);
  });

  test('an unfinished sample beside another network is left alone', async () => {
    await database.sql(`UPDATE networks SET sample = CASE code WHEN 'erma' THEN 'STARTED' END`);
    await expect(seedSample(seeding())).rejects.toThrow(/unfinished, and the database holds others/);
    await database.sql(`UPDATE networks SET sample = NULL`);
    expect(await seedSample(seeding())).toBe('OTHERS');
    await database.sql(`UPDATE networks SET sample = 'COMPLETE'`);
  });
});

test('migrations taken back one by one and run again leave the data as it was, or an empty database', async () => {
  const schema = () =>
    database.sql<{ table: string }>(`SELECT table_name AS table, column_name, data_type, is_nullable, generation_expression FROM information_schema.columns
      WHERE table_schema = 'public' ORDER BY table_name, column_name`);
  const columns = await schema();
  const before = await fingerprints();
  // Down to the search, which adds to tables that were there before.
  while ((await migrateDown(owner)) !== 'Search1764000000006');
  const kept = Object.keys(await fingerprints()).filter((table) => table !== 'migrations');
  expect(kept).toEqual(expect.arrayContaining(['organizations', 'resources', 'contracts', 'audit_entries']));
  await migrate(owner);
  const after = await fingerprints();
  for (const table of kept) expect([table, after[table]]).toEqual([table, before[table]]);
  expect(await schema()).toEqual(columns);

  while (await migrateDown(owner));
  expect(new Set((await schema()).map(({ table }) => table))).toEqual(new Set(['migrations']));
  await migrate(owner);
  expect(await schema()).toEqual(columns);
});

describe('a network for measurements', () => {
  const COPIES = 3;
  let networkId: string;

  beforeAll(async () => {
    const { code, signIns } = await seedScale({ ownerUrl: database.ownerUrl, amount: { copies: COPIES }, now: NOW, log: () => undefined });
    expect(signIns.map(({ role }) => role)).toEqual(['COMMITTEE', 'ADMIN', 'RESIDENT']);
    [{ id: networkId }] = (await database.sql<{ id: string }>('SELECT id FROM networks WHERE code = $1', [code])) as [{ id: string }];
  });

  test('holds so many of everything, in every state', async () => {
    const [{ organizations, contracts }] = sampleNetworks() as [NetworkData];
    const [counted] = await database.sql(
      `SELECT (SELECT count(*)::int FROM resources WHERE network_id = $1 AND owner_id <> h.id) AS resources,
         (SELECT count(*)::int FROM organizations WHERE network_id = $1 AND NOT is_hub) AS organizations,
         (SELECT count(DISTINCT status)::int FROM contracts WHERE network_id = $1) AS states
       FROM organizations h WHERE h.network_id = $1 AND h.is_hub`,
      [networkId],
    );
    expect(counted).toEqual({
      resources: COPIES * organizations.flatMap(({ resources }) => resources).length,
      organizations: COPIES * organizations.length,
      states: new Set(contracts.map(({ state }) => state)).size,
    });
    const { code } = await seedScale({ ownerUrl: database.ownerUrl, amount: { resources: 500 }, now: NOW, log: () => undefined });
    const [exact] = await database.sql('SELECT count(*)::int AS resources FROM resources r JOIN networks n ON n.id = r.network_id WHERE n.code = $1', [code]);
    expect(exact).toEqual({ resources: 500 });
  });

  test('is what the verbs would have made: content hashes, keys, copied states', async () => {
    const rows = await database.sql<Omit<ContractContent, 'clauses'> & { stored: string; clauses: (ClauseContent & { quota: string | null })[] }>(
      `SELECT c.content_hash AS stored, c.title, jsonb_build_object('from', c.term_from, 'to', c.term_to) AS term,
         (SELECT array_agg(p.organization_id::text) FROM contract_parties p WHERE p.network_id = c.network_id AND p.contract_id = c.id) AS "partyIds",
         (SELECT jsonb_agg(jsonb_build_object('kind', l.kind, 'obligorId', l.obligor_id, 'text', l.text, 'hours', l.hours, 'requiresApproval', l.requires_approval,
            'priority', l.priority, 'category', l.category, 'activitiesPerQuarter', l.activities_per_quarter, 'serviceHoursPerQuarter', l.service_hours_per_quarter,
            'quota', 'PT' || (extract(epoch FROM l.quota_per_month) / 3600)::int || 'H',
            'resources', coalesce((SELECT jsonb_agg(jsonb_build_object('id', r.resource_id, 'name', r.name)) FROM contract_clause_resources r WHERE r.network_id = l.network_id AND r.clause_id = l.id), '[]'),
            'beneficiaryIds', coalesce((SELECT jsonb_agg(b.organization_id) FROM contract_clause_beneficiaries b WHERE b.network_id = l.network_id AND b.clause_id = l.id), '[]')) ORDER BY l.ordinal)
          FROM contract_clauses l WHERE l.network_id = c.network_id AND l.contract_id = c.id) AS clauses
       FROM contracts c WHERE c.network_id = $1`,
      [networkId],
    );
    for (const { stored, clauses, ...content } of rows) {
      expect(contentHash({ ...content, clauses: clauses.map((clause) => ({ ...clause, quotaSeconds: clause.quota === null ? null : secondsOf(clause.quota) })) })).toBe(stored);
    }
    expect(rows.length).toBeGreaterThan(50);

    const wrong = await database.sql(
      `SELECT 'key of an unsigned clause' AS what FROM resources r, unnest(r.granted_by) AS key
         WHERE r.network_id = $1 AND NOT EXISTS (SELECT FROM contract_clauses l
           JOIN contract_clause_resources g ON g.network_id = l.network_id AND g.clause_id = l.id AND g.resource_id = r.id
           JOIN contract_signatures s ON s.network_id = l.network_id AND s.contract_id = l.contract_id AND s.organization_id = r.owner_id
           WHERE l.network_id = r.network_id AND l.id = key)
       UNION ALL SELECT 'a signed clause without its key' FROM contract_clause_resources g
         JOIN contract_signatures s ON s.network_id = g.network_id AND s.contract_id = g.contract_id AND s.organization_id = g.obligor_id
         JOIN resources r ON r.network_id = g.network_id AND r.id = g.resource_id
         WHERE g.network_id = $1 AND NOT g.clause_id = ANY (r.granted_by)
       UNION ALL SELECT 'a signature of other content' FROM contract_signatures s JOIN contracts c ON c.network_id = s.network_id AND c.id = s.contract_id
         WHERE s.network_id = $1 AND s.content_hash <> c.content_hash
       UNION ALL SELECT 'concluded without every signature' FROM contracts c JOIN contract_parties p ON p.network_id = c.network_id AND p.contract_id = c.id
         LEFT JOIN contract_signatures s ON s.network_id = p.network_id AND s.contract_id = p.contract_id AND s.organization_id = p.organization_id
         WHERE c.network_id = $1 AND c.status IN ('SIGNED','ACTIVE','SUSPENDED','EXPIRED','TERMINATED') AND s.contract_id IS NULL
       UNION ALL SELECT 'a status that the calendar has passed' FROM contracts c
         WHERE c.network_id = $1 AND c.status <> app.contract_status(c.status, c.term_from, c.ends_on, ${today})
       UNION ALL SELECT 'a copied status that is not its owner''s' FROM resources r JOIN organizations o ON o.network_id = r.network_id AND o.id = r.owner_id
         WHERE r.network_id = $1 AND r.owner_status <> o.status
       UNION ALL SELECT 'a contact without its contract' FROM contract_signatures s JOIN organization_contacts k ON k.network_id = s.network_id AND k.organization_id = s.organization_id
         WHERE s.network_id = $1 AND NOT s.contract_id = ANY (k.contract_ids)
       UNION ALL SELECT 'a person''s readers' FROM users u JOIN memberships m ON m.user_id = u.id
         WHERE m.network_id = $1 AND m.status <> 'ENDED' AND NOT ARRAY[m.organization_id, app.principal('committee', m.network_id)] <@ u.readers`,
      [networkId],
    );
    expect(wrong).toEqual([]);
  });

  test('leaves row security forced, the indexes in place and the audit log whole', async () => {
    const open = await database.sql(`SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'migrations' AND NOT relforcerowsecurity`);
    expect(open).toEqual([]);
    const indexes = await database.sql<{ n: number }>(`SELECT count(*)::int AS n FROM pg_indexes WHERE indexname IN ('resources_readers', 'resources_by_name', 'resources_search', 'contracts_readers')`);
    expect(indexes[0]!.n).toBe(4);
    await isWhole();
    await expect(seedScale({ ownerUrl: database.ownerUrl, amount: { copies: COPIES }, now: NOW, log: () => undefined })).rejects.toThrow('is there already');
  });
});
