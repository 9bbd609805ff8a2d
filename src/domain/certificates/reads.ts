import { selectList } from '../../platform/database/columns';
import { anonymous, Session } from '../../platform/database/session';
import { nestedPage, READABLE, type ForwardArgs, type Page } from '../../platform/graphql/connection';
import type { Platform, RequestContext } from '../../platform/graphql/context';
import { byId } from '../../platform/graphql/loaders';
import { publicUrlOf } from '../../platform/http/public-url';
import { addressToken } from '../../platform/files/address';
import { codeOf, signedText, shownCode, type CertificateContent } from './content';
import { ServiceCertificate, type CertificateStatus } from './model';

export const certificateById = byId(ServiceCertificate);

/** The certificates of a volunteer that the actor may read, newest first. */
export const certificatesOfVolunteer = (context: RequestContext, volunteerId: string, args: ForwardArgs): Promise<Page<ServiceCertificate>> =>
  nestedPage<ServiceCertificate>(
    context,
    {
      list: 'certificates of volunteer', select: selectList(ServiceCertificate, 't'), from: 'service_certificates t', where: [READABLE], values: [],
      order: [{ sql: 't.id', type: 'uuid', of: ({ id }) => id }], descending: true,
    },
    't.volunteer_id', volunteerId, args,
  );

/** What the certificate with a code shows to whoever has it; null when there is none. Each look is counted. @throws RequestError RATE_LIMITED */
export async function verify(platform: Pick<Platform, 'dataSource' | 'clock' | 'throttle'>, typed: string, address: string): Promise<ServiceCertificate | null> {
  await platform.throttle.countCertificate(address);
  const code = codeOf(typed);
  if (code === null) return null;
  const session = new Session(platform.dataSource, anonymous, platform.clock);
  const [found] = await session.door<ServiceCertificate & { network_id: string; issuer_id: string }>({ text: 'SELECT * FROM app.verify_certificate($1)', values: [code] });
  return found ? { ...found, networkId: found.network_id, issuerId: found.issuer_id } : null;
}

const parsed = new WeakMap<ServiceCertificate, CertificateContent>();

/** What a certificate says. */
export function contentOf(certificate: ServiceCertificate): CertificateContent {
  let content = parsed.get(certificate);
  if (!content) parsed.set(certificate, (content = JSON.parse(certificate.content) as CertificateContent));
  return content;
}

/** Whether a certificate counts. */
export function statusOf({ signatures }: Pick<Platform, 'signatures'>, certificate: ServiceCertificate): CertificateStatus {
  if (certificate.recordedStatus === 'REVOKED') return 'REVOKED';
  return certificate.isIntact && signatures.isSigned(signedText(certificate), certificate) ? 'VALID' : 'ALTERED';
}

/** Where anybody verifies a certificate. */
export const verificationUrlOf = ({ config }: Pick<Platform, 'config'>, { code }: ServiceCertificate): string => publicUrlOf(config, `certificates/${shownCode(code)}`);

/** How long the address of a document can be opened. */
const DOCUMENT_MINUTES = 10;

/** Where a certificate is printed from: for the next minutes by whoever may read it, and otherwise the page that verifies it. */
export async function documentUrlOf(context: RequestContext, certificate: ServiceCertificate): Promise<string> {
  if (certificate.issuer) return verificationUrlOf(context.platform, certificate);
  const { now } = await context.actor();
  const { networkId, id } = certificate;
  const expiresAt = new Date(now.getTime() + DOCUMENT_MINUTES * 60_000);
  return publicUrlOf(context.platform.config, `certificates/documents/${addressToken(context.platform.secret, { use: 'CERTIFICATE', networkId, fileId: id, expiresAt })}`);
}
