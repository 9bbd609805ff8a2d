import { permit } from '../../access/viewer-can';
import { may } from '../../access/matrix';
import { once } from '../../platform/database/idempotency';
import type { Transaction } from '../../platform/database/session';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import type { Signatures } from '../../platform/identity/signatures';
import { newId } from '../../platform/ids';
import { recordMove, type Change } from '../network/history';
import { requireVersion } from '../network/service';
import { hoursOf } from '../records/model';
import { standingServices } from '../records/reads';
import { contentText, hashOfText, newCode, signedText, type CertificateContent } from './content';
import type * as inputs from './inputs';
import { certificateLifecycle } from './lifecycle';
import { ServiceCertificate } from './model';

type Changed = Promise<{ certificate: ServiceCertificate }>;

/** How many services a certificate has at most: a page of it has some thirty. */
export const MOST_SERVICES = 1000;

interface Certified {
  id: string;
  number: string;
  status: string;
  userId: string | null;
  organizationId: string | null;
  legalName: string | null;
  identityDocument: string | null;
  identityMasked: string | null;
}

/** A volunteer with what a certificate says of the person. @throws Refusal NOT_FOUND, NOT_ALLOWED, INVALID */
async function certified(tx: Transaction, globalId: string): Promise<Certified> {
  const id = tx.idOf('Volunteer', globalId, ['volunteer']);
  const [volunteer] = await tx.query<Certified>(
    `SELECT v.id, v.number, v.status, v.user_id AS "userId", v.organization_id AS "organizationId", p.legal_name AS "legalName",
       p.identity_document AS "identityDocument", p.identity_masked AS "identityMasked"
     FROM volunteers v LEFT JOIN volunteer_personal p ON p.network_id = v.network_id AND p.volunteer_id = v.id
     WHERE v.network_id = app.network_id() AND v.id = $1`,
    [id],
  );
  if (!volunteer) throw new Refusal('NOT_FOUND', 'notFound', {}, ['volunteer']);
  if (!may(tx.actor, 'certificate.issue', { owner: volunteer.organizationId })) throw new Refusal('NOT_ALLOWED', 'notAllowed', {}, ['volunteer']);
  if (volunteer.legalName === null || volunteer.identityDocument === null || volunteer.identityMasked === null) {
    throw new Refusal('INVALID', 'certificate.identity', {}, ['volunteer']);
  }
  return volunteer;
}

/** The next number of the year. Through the door of records. */
async function nextNumber(tx: Transaction): Promise<string> {
  const year = Number(tx.actor.today.slice(0, 4));
  const [next] = await tx.query<{ code: string; last: number }>(
    `INSERT INTO certificate_counters AS c (network_id, year, last) VALUES (app.network_id(), $1, 1)
     ON CONFLICT (network_id, year) DO UPDATE SET last = c.last + 1
     RETURNING last, (SELECT code FROM networks WHERE id = app.network_id()) AS code`,
    [year],
  );
  return `${next!.code.toUpperCase()}-ZM-${year}-${String(next!.last).padStart(5, '0')}`;
}

const changeOf = ({ id, number, userId, organizationId }: Pick<ServiceCertificate, 'id' | 'number' | 'userId' | 'organizationId'>): Omit<Change, 'notice'> => ({
  subjectType: 'ServiceCertificate', subjectId: id, audience: organizationId === null ? [] : [organizationId], people: userId === null ? [] : [userId], data: { number },
});

const fresh = async (tx: Transaction, id: string): Changed => ({ certificate: (await tx.find(ServiceCertificate, id))! });

/** Certifies what a volunteer has served in a period. Staff of the volunteer's own organization, and the committee. */
export async function issueCertificate(tx: Transaction, signatures: Signatures, input: InputOf<typeof inputs, 'issueCertificate'>): Changed {
  const { networkId, now, today, userId, userName, organizationId } = tx.actor;
  const { period, responsiblePerson, contact } = input;
  const volunteer = await certified(tx, input.volunteer);
  const { id } = await once(tx, 'issueCertificate', input, async () => {
    if (period.to > today) throw new Refusal('INVALID', 'certificate.period', {}, ['period', 'to']);
    const records = await standingServices(tx, volunteer.id, period, MOST_SERVICES + 1);
    if (records.length === 0) throw new Refusal('INVALID', 'certificate.empty', {}, ['period']);
    if (records.length > MOST_SERVICES) throw new Refusal('INVALID', 'certificate.services', { most: MOST_SERVICES }, ['period']);
    const [issuer] = await tx.query<{ name: string }>('SELECT name FROM organizations WHERE network_id = app.network_id() AND id = $1', [organizationId]);
    const created = { id: newId(now), code: newCode(), number: await tx.through('records', () => nextNumber(tx)) };
    const text = contentText({
      holder: {
        legalName: volunteer.legalName!, volunteerNumber: volunteer.number, identityDocument: volunteer.identityDocument!, identityNumberMasked: volunteer.identityMasked!,
      },
      period,
      services: records.map(({ activityTitle, duty, serviceDate, seconds }) => ({ content: activityTitle, duty, serviceDate, hours: hoursOf(seconds) })),
      hours: hoursOf(records.reduce((sum, { seconds }) => sum + seconds, 0)),
      issuedBy: issuer!.name, responsiblePerson, handledBy: input.handledBy ?? userName ?? '', contact, number: created.number, issuedOn: today,
    } satisfies CertificateContent);
    const contentHash = hashOfText(text);
    await tx.manager.insert(ServiceCertificate, {
      ...created, networkId, volunteerId: volunteer.id, userId: volunteer.userId, organizationId: volunteer.organizationId, issuerId: organizationId!,
      content: text, contentHash, ...signatures.sign(signedText({ ...created, networkId, contentHash })), recordedStatus: 'VALID', issuedByUserId: userId!, issuedAt: now,
    });
    await recordMove(tx, 'certificate.issue', { ...changeOf({ ...created, ...volunteer, id: created.id, number: created.number }), from: null, to: 'VALID' }, {
      period: [null, period], contentHash: [null, contentHash],
    });
    return { id: created.id };
  });
  return fresh(tx, id);
}

/** Makes a certificate count no longer. Staff of the volunteer's own organization, and the committee. */
export async function revokeCertificate(tx: Transaction, input: InputOf<typeof inputs, 'revokeCertificate'>): Changed {
  const certificate = await tx.lock(ServiceCertificate, 'ServiceCertificate', input.id);
  const to = permit(certificateLifecycle, 'REVOKE', tx.actor, certificate.recordedStatus, { owner: certificate.organizationId });
  requireVersion(certificate, input.version, 'certificate');
  await tx.query('UPDATE service_certificates SET status = $2, version = version + 1 WHERE network_id = app.network_id() AND id = $1', [certificate.id, to]);
  await recordMove(tx, 'certificate.revoke', { ...changeOf(certificate), from: certificate.recordedStatus, to, note: input.reason });
  return fresh(tx, certificate.id);
}

/** Takes the person out of the certificates of somebody who is erased, and makes them count no longer. */
export async function eraseCertificates(tx: Transaction, volunteerId: string): Promise<void> {
  await tx.through('records', () =>
    tx.query(
      `UPDATE service_certificates SET status = 'REVOKED', user_id = NULL, version = version + 1, content = (content::jsonb || jsonb_build_object('holder',
         jsonb_build_object('legalName', '*', 'volunteerNumber', '*', 'identityDocument', '*', 'identityNumberMasked', '*')))::text
       WHERE network_id = app.network_id() AND volunteer_id = $1`,
      [volunteerId],
    ),
  );
}
