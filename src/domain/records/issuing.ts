import type { Transaction } from '../../platform/database/session';
import { selectList } from '../../platform/database/columns';
import { Refusal } from '../../platform/graphql/refusal';
import { newId } from '../../platform/ids';
import { recordChange } from '../network/history';
import { earnForService, type Earning } from '../points/earning';
import { proposeStars } from '../recognitions/service';
import { ServiceRecord } from './model';

/** A confirmed service that is to be put on record. */
export type NewServiceRecord = Pick<
  ServiceRecord,
  'volunteerId' | 'userId' | 'organizationId' | 'organizerId' | 'coHostIds' | 'activityTitle' | 'duty' | 'serviceDate' | 'place' | 'seconds' | 'evaluation'
> & { registrationId: string; activityId: string; shiftId: string; checkedInAt: Date; checkedOutAt: Date };

/** A record as it is written: of a service here, of one elsewhere, or of what another record should have said. */
export type WrittenRecord = Omit<ServiceRecord, 'networkId' | 'confirmedBy' | 'confirmedByName' | 'confirmedByOrganizationId' | 'confirmedAt'>;

const COLUMNS: Readonly<Record<keyof WrittenRecord, string>> = {
  id: 'uuid', volunteerId: 'uuid', userId: 'uuid', organizationId: 'uuid', registrationId: 'uuid', activityId: 'uuid', shiftId: 'uuid', organizerId: 'uuid',
  coHostIds: 'uuid[]', activityTitle: 'text', duty: 'text', serviceDate: 'date', place: 'text', seconds: 'integer', checkedInAt: 'timestamptz',
  checkedOutAt: 'timestamptz', evaluation: 'integer', correctsId: 'uuid', points: 'integer', origin: 'text', originId: 'text',
};
const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const NAMES = Object.keys(COLUMNS).map(snake).join(', ');
const VALUES = Object.keys(COLUMNS).map((name) => `r."${name}"`).join(', ');
const RECORDSET = Object.entries(COLUMNS).map(([name, type]) => `"${name}" ${type}`).join(', ');

/** Counts written records with their volunteers: their hours, and which organizations see whose they are. */
async function countServices(tx: Transaction, records: readonly ServiceRecord[], secondsBefore: number): Promise<void> {
  const counted = new Map<string, { id: string; seconds: number; organizations: Set<string> }>();
  for (const { volunteerId, seconds, organizerId, organizationId, coHostIds } of records) {
    const count = counted.get(volunteerId) ?? { id: volunteerId, seconds: -secondsBefore, organizations: new Set<string>() };
    count.seconds += seconds;
    for (const organization of [organizerId, organizationId, ...coHostIds]) if (organization !== null) count.organizations.add(organization);
    counted.set(volunteerId, count);
  }
  await tx.query(
    `UPDATE volunteers v SET service_seconds = v.service_seconds + c.seconds,
       seen_by = v.seen_by || ARRAY(SELECT unnest(c.organizations) EXCEPT SELECT unnest(v.seen_by))
     FROM jsonb_to_recordset($1::jsonb) AS c(id uuid, seconds bigint, organizations uuid[]) WHERE v.network_id = app.network_id() AND v.id = c.id`,
    // Always in one order, lest two wait for each other.
    [JSON.stringify([...counted.values()].sort((one, other) => (one.id < other.id ? -1 : 1)).map((count) => ({ ...count, organizations: [...count.organizations] })))],
  );
}

/**
 * Writes records, confirmed by the actor at this moment, and counts their hours with their volunteers'. Those that another
 * system has told of before are left out. Organizations that read a record see whose it is. Through the door of records.
 * @param secondsBefore those of the record that the only one corrects
 */
export async function writeRecords(tx: Transaction, records: readonly WrittenRecord[], secondsBefore = 0): Promise<ServiceRecord[]> {
  const { userId, userName, organizationId, now } = tx.actor;
  const written = await tx.query<ServiceRecord>(
    `INSERT INTO service_records AS t (network_id, ${NAMES}, confirmed_by, confirmed_by_name, confirmed_by_organization_id, confirmed_at)
     SELECT app.network_id(), ${VALUES}, $2, $3, $4, $5 FROM jsonb_to_recordset($1::jsonb) AS r(${RECORDSET})
     ON CONFLICT (network_id, origin, origin_id) WHERE origin IS NOT NULL AND corrects_id IS NULL DO NOTHING
     RETURNING ${selectList(ServiceRecord, 't')}`,
    [JSON.stringify(records), userId, userName ?? '', organizationId, now],
  );
  if (written.length > 0) await countServices(tx, written, secondsBefore);
  return written;
}

/** @throws Refusal INVALID when the actor would evaluate the own service */
export function refuseOwnEvaluation(tx: Transaction, records: readonly Pick<ServiceRecord, 'userId' | 'evaluation'>[]): void {
  if (records.some(({ userId, evaluation }) => evaluation !== null && userId === tx.actor.userId)) throw new Refusal('INVALID', 'record.evaluation.own', {}, ['evaluation']);
}

/**
 * Puts confirmed services of one activity on record, all of them or none, with their points, and tells the volunteers. A
 * registration has one record: a second is refused by the database. For the verb that confirms the hours.
 * @throws Refusal INVALID when the actor would evaluate the own service
 */
export async function issueServiceRecords(tx: Transaction, entries: readonly NewServiceRecord[]): Promise<ServiceRecord[]> {
  const [first] = entries;
  if (!first) return [];
  refuseOwnEvaluation(tx, entries);
  const earnings = entries.map((entry): Earning => ({ ...entry, recordId: newId(tx.actor.now) }));
  const points = await earnForService(tx, earnings);
  const records = entries.map((entry, index): WrittenRecord => ({
    ...entry, id: earnings[index]!.recordId, correctsId: null, points: points[index]!, origin: null, originId: null,
  }));
  const issued = await tx.through('records', () => writeRecords(tx, records));
  await proposeStars(tx, issued.map(({ volunteerId }) => volunteerId));
  recordChange(
    tx,
    'record.issue',
    {
      subjectType: 'Activity', subjectId: first.activityId, audience: [...new Set([first.organizerId, ...first.coHostIds])],
      people: issued.flatMap(({ userId }) => userId ?? []), data: { activity: first.activityTitle },
    },
    { records: issued.length, seconds: issued.reduce((sum, { seconds }) => sum + seconds, 0) },
  );
  return issued;
}
