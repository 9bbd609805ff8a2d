import { v7 } from 'uuid';
import { toGlobalId } from '../../src/platform/ids';
import type { TestApi } from '../support/api';
import type { Person, TestNetwork, TestOrganization } from '../support/world';

/** A volunteer behind the API's back. */
export interface TestVolunteer {
  id: string;
  globalId: string;
  /** The volunteer's account of the platform; null for one that was taken on at the door. */
  person: Person | null;
}

let numbers = 0;

/** A volunteer of an organization, with an account unless said otherwise. */
export async function volunteerOf(api: TestApi, organization: TestOrganization, hasAccount = true): Promise<TestVolunteer> {
  const person = hasAccount ? await api.world.person(organization, 'VOLUNTEER') : null;
  const id = v7();
  await api.database.sql(
    `INSERT INTO volunteers (network_id, id, number, display_name, status, occupation, organization_id, user_id, adult_on, channel, created_at)
     VALUES ($1, $2, $3, $4, 'ACTIVE', 'STUDENT', $5, $6, '2020-01-01', $7, now())`,
    [organization.network.id, id, `V-${String((numbers += 1)).padStart(8, '0')}`, `Volunteer ${numbers}`, organization.id, person?.userId ?? null, hasAccount ? 'ONLINE' : 'VISIT'],
  );
  return { id, globalId: toGlobalId('Volunteer', id), person };
}

/** Every balance of a network by SQL of its own, and what does not agree with its entries. */
export async function audit(api: TestApi, { id }: Pick<TestNetwork, 'id'>): Promise<{ sum: number; entries: number; differing: number; lowest: number; held: number; unbalanced: number }> {
  const [row] = await api.database.sql<Record<'sum' | 'entries' | 'differing' | 'lowest' | 'held' | 'unbalanced', string>>(
    `WITH balances AS (
       SELECT id AS account, 0 AS part, balance, held, entries FROM points_accounts WHERE network_id = $1
       UNION ALL SELECT account_id, part, balance, 0, entries FROM points_parts WHERE network_id = $1
     ), counted AS (
       SELECT account_id AS account, part, sum(delta) AS balance, count(*) AS entries, max(seq) AS last FROM points_entries WHERE network_id = $1 GROUP BY 1, 2
     ), kept AS (SELECT debit_id AS account, sum(amount) AS held FROM points_transfers WHERE network_id = $1 AND status = 'HELD' GROUP BY 1)
     SELECT coalesce((SELECT sum(balance) FROM balances), 0) AS sum, (SELECT count(*) FROM points_entries WHERE network_id = $1) AS entries,
       (SELECT count(*) FROM balances b FULL JOIN counted c USING (account, part) LEFT JOIN kept k USING (account)
          WHERE coalesce(b.balance, 0) <> coalesce(c.balance, 0) OR coalesce(b.entries, 0) <> coalesce(c.entries, 0) OR coalesce(c.last, 0) <> coalesce(c.entries, 0)
            OR part = 0 AND b.held <> coalesce(k.held, 0)) AS differing,
       coalesce((SELECT min(balance - held) FROM points_accounts WHERE network_id = $1), 0) AS lowest,
       coalesce((SELECT sum(held) FROM points_accounts WHERE network_id = $1), 0) AS held,
       (SELECT count(*) FROM points_transfers t LEFT JOIN (SELECT transfer_id, count(*) AS sides, sum(delta) AS moved, max(delta) AS amount FROM points_entries WHERE network_id = $1 GROUP BY 1) e
          ON e.transfer_id = t.id WHERE t.network_id = $1 AND (t.status = 'POSTED') IS DISTINCT FROM (e.sides = 2 AND e.moved = 0 AND e.amount = t.amount)
            AND NOT (t.status <> 'POSTED' AND e.sides IS NULL)) AS unbalanced`,
    [id],
  );
  return Object.fromEntries(Object.entries(row!).map(([key, value]) => [key, Number(value)])) as Awaited<ReturnType<typeof audit>>;
}
