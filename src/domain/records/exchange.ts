import { buffer } from 'node:stream/consumers';
import { may } from '../../access/matrix';
import type { Transaction } from '../../platform/database/session';
import type { Platform } from '../../platform/graphql/context';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import { newId } from '../../platform/ids';
import { keyOf, type StoredFile } from '../files/model';
import { discardFiles, keepExport, uploadedFiles } from '../files/service';
import { csvOf, jsonOf, readRecords, UnknownForm, type ExchangedRecord, type Problem, type ReadRecord } from './format';
import type * as inputs from './inputs';
import { writeRecords, type WrittenRecord } from './issuing';
import { STANDS } from './reads';

type Input<Name extends keyof typeof inputs> = InputOf<typeof inputs, Name>;
type Files = Pick<Platform, 'config' | 'files'>;

/** How many records a file has at most. */
export const MOST_EXCHANGED = 20_000;
/** How many rows a report tells of one by one. */
const MOST_PROBLEMS = 200;
const SECONDS_PER_HOUR = 3600;

/** Whose records the actor exchanges: null for everybody's. @throws Refusal NOT_ALLOWED */
function ownOnly({ actor }: Transaction): string | null {
  if (may(actor, 'record.exchange', { owner: null })) return null;
  if (!may(actor, 'record.exchange', { owner: actor.organizationId })) throw new Refusal('NOT_ALLOWED', 'notAllowed');
  return actor.organizationId;
}

/** Passes records on as a file: those that stand, of volunteers who agreed to it. The committee; administrators for the own organization's volunteers. */
export async function exportServiceRecords(tx: Transaction, files: Files, { period, format }: Input<'exportServiceRecords'>): Promise<{ file: StoredFile }> {
  const organizationId = ownOnly(tx);
  const records = await tx.query<ExchangedRecord & { network: string }>(
    `SELECT coalesce((SELECT r.id FROM service_records r WHERE r.network_id = t.network_id AND r.volunteer_id = t.volunteer_id AND r.corrects_id IS NULL
         AND t.corrects_id IS NOT NULL AND (r.registration_id = t.registration_id OR r.origin = t.origin AND r.origin_id = t.origin_id)), t.id) AS "recordId",
       v.number AS "volunteerNumber", t.activity_title AS "activityTitle", t.duty, o.name AS organizer, o.unified_social_credit_code AS "organizerCode",
       t.service_date AS "serviceDate", t.place, round(t.seconds / 3600.0, 4)::float8 AS hours, t.evaluation, to_char(t.confirmed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "confirmedAt"
     FROM service_records t JOIN volunteers v ON v.network_id = t.network_id AND v.id = t.volunteer_id
       JOIN organizations o ON o.network_id = t.network_id AND o.id = t.organizer_id
     WHERE t.network_id = app.network_id() AND t.service_date BETWEEN $1 AND $2 AND t.seconds > 0 AND ($3::uuid IS NULL OR v.organization_id = $3) AND ${STANDS}
       AND EXISTS (SELECT FROM volunteer_consents c WHERE c.network_id = t.network_id AND c.volunteer_id = t.volunteer_id AND c.purpose = 'EXCHANGE' AND c.withdrawn_at IS NULL)
     ORDER BY t.service_date, t.id LIMIT $4`,
    [period.from, period.to, organizationId, MOST_EXCHANGED + 1],
  );
  if (records.length === 0) throw new Refusal('INVALID', 'exchange.none', {}, ['period']);
  if (records.length > MOST_EXCHANGED) throw new Refusal('INVALID', 'exchange.many', { most: MOST_EXCHANGED }, ['period']);
  const [network] = await tx.query<{ code: string }>('SELECT code FROM networks WHERE id = app.network_id()');
  const content = format === 'CSV' ? csvOf(records) : jsonOf(network!.code, tx.actor.now, records);
  const file = await keepExport(files, tx, {
    name: `service-records-${network!.code}-${period.from}-${period.to}`, mediaType: format === 'CSV' ? 'text/csv' : 'application/json', content: Buffer.from(content),
  });
  tx.audit({ action: 'record.export', subjectType: 'File', subjectId: file.id, changes: { period: [null, period], records: [null, records.length] } });
  return { file };
}

/** What came of a file of records. */
export interface ImportReport {
  rows: number;
  taken: number;
  known: number;
  refused: number;
  problems: Problem[];
}

/** The records of an uploaded file. @throws Refusal INVALID */
async function recordsIn(tx: Transaction, { files }: Files, file: StoredFile): Promise<ReturnType<typeof readRecords>> {
  try {
    const read = readRecords(await buffer(await files.read(keyOf(file))), file.mediaType, tx.actor.today);
    if (read.records.length + read.problems.length > MOST_EXCHANGED) throw new UnknownForm('exchange.many', { most: String(MOST_EXCHANGED) });
    return read;
  } catch (error) {
    if (error instanceof UnknownForm) throw new Refusal('INVALID', error.key, error.parameters, ['file']);
    throw error;
  }
}

interface Served {
  id: string;
  number: string;
  userId: string | null;
  organizationId: string | null;
}

/** Puts a record of another system next to the volunteer that it is of. */
const written = (tx: Transaction, origin: string, volunteer: Served, { hours, recordId, ...record }: ReadRecord): WrittenRecord => ({
  ...record, id: newId(tx.actor.now), volunteerId: volunteer.id, userId: volunteer.userId, organizationId: volunteer.organizationId, registrationId: null, activityId: null,
  shiftId: null, organizerId: tx.actor.organizationId!, coHostIds: [], seconds: Math.round(hours * SECONDS_PER_HOUR), checkedInAt: null, checkedOutAt: null, correctsId: null, points: 0,
  origin, originId: recordId, evaluation: volunteer.userId === tx.actor.userId ? null : record.evaluation,
});

/** How many of these another record of the same origin has told of before. */
async function knownAmong(tx: Transaction, origin: string, records: readonly WrittenRecord[]): Promise<number> {
  const ids = new Set(records.map(({ originId }) => originId));
  const [known] = await tx.query<{ count: number }>(
    'SELECT count(*) AS count FROM service_records WHERE network_id = app.network_id() AND origin = $1 AND origin_id = ANY($2::text[]) AND corrects_id IS NULL',
    [origin, [...ids]],
  );
  return known!.count + records.length - ids.size;
}

/**
 * Takes over the records of another system, each at most once by its origin and identifier there; a dry run only says what
 * would come of it. They count for hours and stars, not for points. The committee; administrators for the own organization's volunteers.
 */
export async function importServiceRecords(tx: Transaction, files: Files, input: Input<'importServiceRecords'>): Promise<{ report: ImportReport }> {
  const organizationId = ownOnly(tx);
  const { origin, dryRun } = input;
  const [file] = (await uploadedFiles(tx, [input.file], 'SERVICE_RECORDS', () => ['file'])) as [StoredFile];
  const { records, problems } = await recordsIn(tx, files, file);
  const rows = records.length + problems.length;
  const volunteers = await tx.query<Served>(
    `SELECT id, number, user_id AS "userId", organization_id AS "organizationId" FROM volunteers
     WHERE network_id = app.network_id() AND number = ANY($1::text[]) AND status <> 'ERASED' AND ($2::uuid IS NULL OR organization_id = $2)`,
    [records.map(({ volunteerNumber }) => volunteerNumber), organizationId],
  );
  const byNumber = new Map(volunteers.map((volunteer) => [volunteer.number, volunteer]));
  const fit = records.flatMap((record) => {
    const volunteer = byNumber.get(record.volunteerNumber);
    if (!volunteer) problems.push({ line: record.line, element: 'volunteerNumber', message: 'exchange.volunteer', parameters: {} });
    return volunteer ? [written(tx, origin, volunteer, record)] : [];
  });
  const report = (taken: number): { report: ImportReport } => ({
    report: { rows, taken, known: fit.length - taken, refused: problems.length, problems: problems.sort((a, b) => a.line - b.line).slice(0, MOST_PROBLEMS) },
  });
  if (dryRun || fit.length === 0) return tx.through('records', async () => report(fit.length - (await knownAmong(tx, origin, fit))));
  const taken = await tx.through('records', () => writeRecords(tx, fit));
  const people = [...new Set(taken.flatMap(({ userId }) => userId ?? []))];
  const changes = { origin: [null, origin], taken: [null, taken.length], refused: [null, problems.length] };
  tx.audit({ action: 'record.import', subjectType: 'File', subjectId: file.id, changes });
  if (people.length) tx.emit({ kind: 'SYSTEM', action: 'record.import', subjectType: 'Organization', subjectId: tx.actor.organizationId!, audience: [], people });
  await discardFiles(tx, [file.id]);
  return report(taken.length);
}
