import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { may } from '../../../access/matrix';
import { anonymous, Session, type Transaction } from '../../../platform/database/session';
import { once } from '../../../platform/database/idempotency';
import type { Platform } from '../../../platform/graphql/context';
import type { InputOf } from '../../../platform/graphql/edge';
import { Refusal } from '../../../platform/graphql/refusal';
import type { Sealing } from '../../../platform/identity/sealing';
import { newId } from '../../../platform/ids';
import { incoming } from '../../files/incoming';
import { keyOf, StoredFile } from '../../files/model';
import { attachFiles } from '../../files/service';
import { recordChange } from '../../network/history';
import { Organization } from '../../network/model';
import { birthday, OF_AGE } from '../identity';
import type * as inputs from '../inputs';
import { identityOf, nextNumbers } from '../service';
import { UnreadableRoster, type Line } from './cells';
import { csvLines } from './csv';
import { RosterImport, type ImportStatus } from './model';
import { headerOf, isEmpty, readLine, type Fault, type Header, type Listed } from './rows';
import { xlsxLines } from './xlsx';

/** Lines of one transaction: other requests go in between. */
const BATCH = 250;
/** After so many lines others have their turn. */
const TURN = 20;
/** How many faults are kept; all are counted. */
const MOST_FAULTS = 10_000;

/** Asks for the import of a roster. The organization's staff or the committee may. */
export async function importVolunteers(tx: Transaction, input: InputOf<typeof inputs, 'importVolunteers'>): Promise<{ job: RosterImport }> {
  const { networkId, now, userId } = tx.actor;
  const organizationId = input.organization == null ? tx.actor.organizationId! : tx.idOf('Organization', input.organization, ['organization']);
  const organization = await tx.find(Organization, organizationId);
  if (!organization) throw new Refusal('NOT_FOUND', 'notFound', {}, ['organization']);
  if (!may(tx.actor, 'volunteer.manage', { owner: organizationId })) throw new Refusal('NOT_ALLOWED', 'notAllowed', {}, ['organization']);
  if (organization.status !== 'ACTIVE') throw new Refusal('CONFLICT', 'volunteer.organization', {}, ['organization']);
  if (!input.consentsHeld) throw new Refusal('CONSENT_REQUIRED', 'roster.consents', {}, ['consentsHeld']);
  const { id } = await once(tx, 'importVolunteers', input, async () => {
    const made = newId(now);
    const [fileId] = await attachFiles(tx, [input.file], { purpose: 'VOLUNTEER_ROSTER', subjectType: 'ImportJob', subjectId: made, audience: [organizationId] }, () => ['file']);
    await tx.manager.insert(RosterImport, {
      networkId, id: made, organizationId, campaignId: null, fileId: fileId!, dryRun: input.dryRun, status: 'WAITING', createdBy: userId!, createdAt: now,
    });
    recordChange(tx, 'volunteer.import', { subjectType: 'ImportJob', subjectId: made, audience: [organizationId], data: {}, notice: input.dryRun ? null : undefined }, { dryRun: [null, input.dryRun] });
    return { id: made };
  });
  return { job: (await tx.find(RosterImport, id))! };
}

/** What is counted of a batch. */
interface Counts {
  rows: number;
  added: number;
  known: number;
  refused: number;
}

interface Entered {
  id: string;
  number: string;
  listed: Listed;
}

const columnsOf = (names: readonly string[]) => names.map((name) => `r."${name}"`).join(', ');
const VOLUNTEER = ['id', 'number', 'displayName', 'occupation', 'skills', 'adultOn'] as const;

/** Adds volunteers, all of them by a few statements. Whose identity number counts already is left out. Within the door of volunteers. */
async function addAll(tx: Transaction, sealing: Sealing, job: RosterImport, people: readonly Listed[]): Promise<void> {
  const { networkId, now } = tx.actor;
  const numbers = await nextNumbers(tx, people.length);
  const entered = people.map((listed, place): Entered => ({ id: newId(now), number: numbers(place), listed }));
  const volunteers = entered.map(({ id, number, listed: { personal, occupation, skills } }) => ({
    id, number, displayName: personal.legalName, occupation, skills, adultOn: birthday(personal.birthDate, OF_AGE),
  }));
  const personal = entered.map(({ id, listed }) => {
    const identity = identityOf(sealing, networkId, id, listed.personal);
    const hex = (bytes: Buffer | null) => bytes?.toString('hex') ?? null;
    const { legalName, gender = null, birthDate, phone = null, email = null } = listed.personal;
    return {
      id, legalName, gender, birthDate, phone, email, document: identity.identityDocument, encrypted: hex(identity.identityEncrypted), key: identity.identityKey,
      hash: hex(identity.identityHash), masked: identity.identityMasked,
    };
  });
  await tx.query(
    `INSERT INTO volunteers (network_id, id, number, display_name, occupation, skills, adult_on, status, organization_id, campaign_id, channel, created_at)
     SELECT app.network_id(), ${columnsOf(VOLUNTEER)}, 'ACTIVE', $2, $3, 'VISIT', $4
     FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, number text, "displayName" text, occupation text, skills text[], "adultOn" date)`,
    [JSON.stringify(volunteers), job.organizationId, job.campaignId, now],
  );
  await tx.query(
    `INSERT INTO volunteer_personal (network_id, volunteer_id, organization_id, legal_name, gender, birth_date, phone, email, identity_document, identity_encrypted,
       identity_key, identity_hash, identity_masked, identity_counts)
     SELECT app.network_id(), r.id, $2, r."legalName", r.gender, r."birthDate", r.phone, r.email, r.document, decode(r.encrypted, 'hex'), r.key, decode(r.hash, 'hex'),
       r.masked, r.hash IS NOT NULL
     FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, "legalName" text, gender text, "birthDate" date, phone text, email text, document text, encrypted text, key text,
       hash text, masked text)`,
    [JSON.stringify(personal), job.organizationId],
  );
  const steps = entered.map(({ id }) => ({ id, consent: newId(now), step: newId(now) }));
  await tx.query(
    `INSERT INTO volunteer_consents (network_id, id, volunteer_id, organization_id, purpose, granted_at, recorded_by)
     SELECT app.network_id(), r.consent, r.id, $2, 'PERSONAL_DATA', $3, $4 FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, consent uuid)`,
    [JSON.stringify(steps), job.organizationId, now, job.createdBy],
  );
  await tx.query(
    `INSERT INTO state_changes (network_id, id, subject_type, subject_id, at, to_status, actor_name, actor_organization_id, audience)
     SELECT app.network_id(), r.step, 'Volunteer', r.id, $3, 'ACTIVE', '', $2, ARRAY[$2::uuid] FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, step uuid)`,
    [JSON.stringify(steps), job.organizationId, now],
  );
}

/** By what somebody is known again: the identity number, else name and way to reach them. */
function keyOfPerson({ personal: { identityNumber, legalName, phone, email } }: Listed): string {
  return identityNumber ? `number ${identityNumber}` : `name ${legalName} ${phone ?? email}`;
}

/** Of whom is listed those who are not there yet. Within the door of volunteers. */
async function unknownOf(tx: Transaction, sealing: Sealing, people: readonly Listed[]): Promise<Listed[]> {
  const { networkId } = tx.actor;
  const asked = people.map(({ personal: { identityNumber, legalName, phone, email } }, place) => ({
    place, hash: identityNumber ? sealing.hash(identityNumber, `identity:${networkId}:RESIDENT_IDENTITY_CARD`).toString('hex') : null, name: legalName, phone: phone ?? null, email: email ?? null,
  }));
  const known = await tx.query<{ place: number }>(
    `SELECT r.place FROM jsonb_to_recordset($1::jsonb) AS r(place integer, hash text, name text, phone text, email text)
     WHERE CASE WHEN r.hash IS NOT NULL
       THEN EXISTS (SELECT FROM volunteer_personal p WHERE p.network_id = app.network_id() AND p.identity_hash = decode(r.hash, 'hex') AND p.identity_counts)
       ELSE EXISTS (SELECT FROM volunteer_personal p WHERE p.network_id = app.network_id() AND p.legal_name = r.name AND (p.phone = r.phone OR p.phone IS NULL AND p.email = r.email)) END`,
    [JSON.stringify(asked)],
  );
  const places = new Set(known.map(({ place }) => place));
  return people.filter((_, place) => !places.has(place));
}

/** Writes down how far an import has come. */
async function note(tx: Transaction, job: RosterImport, counts: Counts, faults: readonly Fault[], ended: ImportStatus | null): Promise<void> {
  await tx.query(
    `UPDATE roster_imports SET row_count = row_count + $2, added_count = added_count + $3, known_count = known_count + $4, refused_count = refused_count + $5,
       encoding = coalesce(encoding, $6), status = coalesce($7, 'RUNNING'), started_at = coalesce(started_at, $8), finished_at = CASE WHEN $7::text IS NULL THEN NULL ELSE $8::timestamptz END
     WHERE network_id = app.network_id() AND id = $1`,
    [job.id, counts.rows, counts.added, counts.known, counts.refused, job.encoding, ended, tx.actor.now],
  );
  if (faults.length === 0) return;
  await tx.query(
    `INSERT INTO roster_import_faults (network_id, import_id, organization_id, line, column_number, column_name, reason, parameters)
     SELECT app.network_id(), $1, $2, r.line, r."column", r."columnName", r.reason, coalesce(r.parameters, '{}')
     FROM jsonb_to_recordset($3::jsonb) AS r(line integer, "column" integer, "columnName" text, reason text, parameters jsonb) ON CONFLICT DO NOTHING`,
    [job.id, job.organizationId, JSON.stringify(faults)],
  );
}

/** Reads the lines of a roster and adds whom they list, batch by batch. */
class Import {
  private readonly seen = new Set<string>();
  private header: Header | null = null;
  private from1904 = false;
  private people: Listed[] = [];
  private faults: Fault[] = [];
  private kept = 0;
  private counts: Counts = { rows: 0, added: 0, known: 0, refused: 0 };
  private readonly session: Session;

  constructor(
    private readonly platform: Platform,
    private readonly job: RosterImport,
  ) {
    this.session = new Session(platform.dataSource, anonymous, platform.clock);
  }

  async run(): Promise<void> {
    const path = await incoming(this.platform.config);
    try {
      const file = await this.through((tx) => fileOf(tx, this.job));
      await pipeline(await this.platform.files.read(keyOf(file)), createWriteStream(path, { mode: 0o600 }));
      const today = await this.through(async (tx) => {
        await note(tx, this.job, this.counts, [], null);
        return tx.actor.today;
      });
      await this.readAll(path, file.mediaType, today);
    } finally {
      await rm(path, { force: true });
      await this.session.close();
    }
  }

  private through<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    return this.session.through('volunteers', this.job.networkId, work);
  }

  private async readAll(path: string, mediaType: string, today: string): Promise<void> {
    const lines = mediaType === 'text/csv'
      ? csvLines(createReadStream(path), (encoding) => (this.job.encoding = encoding))
      : xlsxLines(path, (book) => (this.from1904 = book.from1904));
    let ended: ImportStatus = 'DONE';
    try {
      let read = 0;
      for await (const line of lines) {
        if (++read % TURN === 0) await turn();
        if (!this.take(line, today)) {
          ended = 'REFUSED';
          break;
        }
        if (this.people.length + this.faults.length >= BATCH) await this.settle(null);
      }
      if (this.header === null && ended === 'DONE') ended = this.refuse({ line: 1, column: 0, columnName: null, reason: 'roster.empty' });
    } catch (error) {
      if (!(error instanceof UnreadableRoster)) throw error;
      ended = this.refuse({ line: error.line, column: 0, columnName: null, reason: error.reason, parameters: error.parameters });
    }
    await this.settle(ended);
  }

  private refuse(fault: Fault): ImportStatus {
    this.faults.push(fault);
    return 'REFUSED';
  }

  /** @returns whether to go on */
  private take(line: Line, today: string): boolean {
    if (isEmpty(line)) return true;
    if (this.header === null) {
      const header = headerOf(line);
      if (!(header instanceof Map)) {
        this.faults.push(...(header as Fault[]));
        return false;
      }
      this.header = header;
      return true;
    }
    const read = readLine(line, this.header, today, this.from1904);
    this.counts.rows += 1;
    if (Array.isArray(read)) {
      this.counts.refused += 1;
      this.faults.push(...read);
      return true;
    }
    const key = keyOfPerson(read);
    if (this.seen.has(key)) this.counts.known += 1;
    else this.people.push(read);
    this.seen.add(key);
    return true;
  }

  /** Writes a batch and how far it has come, together. */
  private async settle(ended: ImportStatus | null): Promise<void> {
    const { people, counts, job, platform } = this;
    const faults = this.faults.slice(0, MOST_FAULTS - this.kept);
    await this.through(async (tx) => {
      const fresh = people.length > 0 ? await unknownOf(tx, platform.sealing, people) : [];
      if (fresh.length > 0 && !job.dryRun) await addAll(tx, platform.sealing, job, fresh);
      await note(tx, job, { ...counts, added: fresh.length, known: counts.known + people.length - fresh.length }, faults, ended);
    });
    this.kept += faults.length;
    [this.people, this.faults, this.counts] = [[], [], { rows: 0, added: 0, known: 0, refused: 0 }];
  }
}

const fileOf = async (tx: Transaction, { fileId }: RosterImport): Promise<StoredFile> => (await tx.through('files', () => tx.find(StoredFile, fileId)))!;

/** Runs an import in this process, beside what else it does; what goes wrong is logged, and the import ends as refused. */
export function runImport(platform: Platform, job: RosterImport): void {
  new Import(platform, job).run().catch(async (error: unknown) => {
    platform.log.error({ err: error, import: job.id }, 'an import failed');
    const session = new Session(platform.dataSource, anonymous, platform.clock);
    const failed: Fault = { line: 1, column: 0, columnName: null, reason: 'roster.failed' };
    await session
      .through('volunteers', job.networkId, (tx) => note(tx, job, { rows: 0, added: 0, known: 0, refused: 0 }, [failed], 'REFUSED'))
      .catch((fault: unknown) => platform.log.error({ err: fault, import: job.id }, 'an import could not be ended'));
  });
}
