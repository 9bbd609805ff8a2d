import { v7 } from 'uuid';
import { toGlobalId } from '../../src/platform/ids';
import type { TestApi } from '../support/api';
import type { Person, TestOrganization } from '../support/world';

/** A volunteer whom a test put into the database. */
export interface TestVolunteer {
  id: string;
  globalId: string;
  number: string;
  name: string;
}

let count = 0;

/** A grown volunteer of an organization, put in behind the API's back, with the personal data that a certificate names. */
export async function volunteer(
  api: TestApi,
  organization: TestOrganization,
  { person = null, name = `志愿者${++count}`, seenBy = [], isKnown = true }: { person?: Person | null; name?: string; seenBy?: TestOrganization[]; isKnown?: boolean } = {},
): Promise<TestVolunteer> {
  const id = v7();
  const number = `V-${String(++count).padStart(6, '0')}`;
  await api.database.sql(
    `INSERT INTO volunteers (network_id, id, number, display_name, status, occupation, organization_id, user_id, adult_on, channel, seen_by, created_at)
     VALUES ($1, $2, $3, $4, 'ACTIVE', 'STUDENT', $5, $6, '2010-01-01', 'ONLINE', $7, now())`,
    [organization.network.id, id, number, name, organization.id, person?.userId ?? null, seenBy.map((other) => other.id)],
  );
  if (isKnown) {
    await api.database.sql(
      `INSERT INTO volunteer_personal (network_id, volunteer_id, user_id, organization_id, legal_name, identity_document, identity_encrypted, identity_key, identity_hash, identity_masked)
       VALUES ($1, $2, $3, $4, $5, 'RESIDENT_IDENTITY_CARD', 'x', 'test', sha256($6::bytea), '510***********123X')`,
      [organization.network.id, id, person?.userId ?? null, organization.id, name, number],
    );
  }
  return { id, globalId: toGlobalId('Volunteer', id), number, name };
}

/** A service as the verb that confirms hours would put it on record, written behind the API's back. @returns its global id */
export async function record(
  api: TestApi,
  of: Pick<TestVolunteer, 'id'>,
  organization: TestOrganization,
  { day, hours, title = '社区清洁', duty = '维护员', organizer = organization, person = null, coHosts = [] }: { day: string; hours: number; title?: string; duty?: string; organizer?: TestOrganization; person?: Person | null; coHosts?: TestOrganization[] },
): Promise<string> {
  const id = v7();
  await api.database.sql(
    `WITH written AS (
       INSERT INTO service_records (network_id, id, volunteer_id, user_id, organization_id, organizer_id, activity_title, duty, service_date, seconds, confirmed_by, confirmed_by_name,
         confirmed_at, origin, origin_id, co_host_ids)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', now(), 'test', $12, $13))
     UPDATE volunteers SET service_seconds = service_seconds + $10, seen_by = seen_by || $6::uuid WHERE network_id = $1 AND id = $3`,
    [organization.network.id, id, of.id, person?.userId ?? null, organization.id, organizer.id, title, duty, day, Math.round(hours * 3600), v7(), id, coHosts.map((other) => other.id)],
  );
  return toGlobalId('ServiceRecord', id);
}
