import { Arg, Ctx, FieldResolver, Float, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../../platform/graphql/context';
import { checked } from '../../platform/graphql/edge';
import { payloadOf } from '../../platform/graphql/payload';
import { UrlScalar } from '../../platform/graphql/scalars';
import { historyOf } from '../network/history';
import { DateRange, Organization, StateChange } from '../network/model';
import { organizationById } from '../network/reads';
import { shownCode } from './content';
import * as inputs from './inputs';
import { IssueCertificateInput, RevokeCertificateInput } from './inputs';
import { CertificateHolder, CertificateStatus, CertifiedService, ServiceCertificate } from './model';
import * as reads from './reads';
import * as service from './service';

const certificatePayload = (name: string) => payloadOf(name, 'certificate', () => ServiceCertificate, 'The certificate as it is now; null when it is not there.');
const IssueCertificatePayload = certificatePayload('IssueCertificatePayload');
const RevokeCertificatePayload = certificatePayload('RevokeCertificatePayload');

@Resolver(() => ServiceCertificate)
export class ServiceCertificateResolver {
  @Query(() => ServiceCertificate, {
    nullable: true,
    description: 'What the certificate with a code shows, of whatever network, names and numbers masked; null when there is none. Everybody may ask, as often as CERTIFICATE_LOOKS_PER_ADDRESS allows: RATE_LIMITED.',
  })
  verifyCertificate(
    @Arg('code', () => String, { description: 'The verification code, with or without its hyphens.' }) code: string,
    @Ctx() context: RequestContext,
  ): Promise<ServiceCertificate | null> {
    return reads.verify(context.platform, code, context.address);
  }

  @FieldResolver(() => CertificateHolder, { description: 'Whose services are certified.' })
  holder(@Root() certificate: ServiceCertificate): CertificateHolder {
    return reads.contentOf(certificate).holder;
  }

  @FieldResolver(() => DateRange, { description: 'The days whose services it certifies.' })
  period(@Root() certificate: ServiceCertificate): DateRange {
    return reads.contentOf(certificate).period;
  }

  @FieldResolver(() => [CertifiedService], { description: 'The services, earliest first.' })
  services(@Root() certificate: ServiceCertificate): CertifiedService[] {
    return reads.contentOf(certificate).services;
  }

  @FieldResolver(() => Float, { description: 'The hours of all of them.' })
  hours(@Root() certificate: ServiceCertificate): number {
    return reads.contentOf(certificate).hours;
  }

  @FieldResolver(() => Organization, { description: 'The organization that issued it.' })
  issuedBy(@Root() { issuer, issuerId }: ServiceCertificate, @Ctx() context: RequestContext): Organization | Promise<Organization | null> {
    return issuer ?? context.load(organizationById, issuerId);
  }

  @FieldResolver(() => String, { description: 'Who answers for it in the issuing organization.' })
  responsiblePerson(@Root() certificate: ServiceCertificate): string {
    return reads.contentOf(certificate).responsiblePerson;
  }

  @FieldResolver(() => String, { description: 'Who handled it.' })
  handledBy(@Root() certificate: ServiceCertificate): string {
    return reads.contentOf(certificate).handledBy;
  }

  @FieldResolver(() => String, { description: 'How to reach the issuing organization about it.' })
  contact(@Root() certificate: ServiceCertificate): string {
    return reads.contentOf(certificate).contact;
  }

  @FieldResolver(() => CertificateStatus, { description: 'Whether it counts.' })
  status(@Root() certificate: ServiceCertificate, @Ctx() context: RequestContext): CertificateStatus {
    return reads.statusOf(context.platform, certificate);
  }

  @FieldResolver(() => String, { description: 'Whoever has it may verify the certificate.' })
  verificationCode(@Root() { code }: ServiceCertificate): string {
    return shownCode(code);
  }

  @FieldResolver(() => UrlScalar, { description: 'The page that verifies it, for everybody who has the URL.' })
  verificationUrl(@Root() certificate: ServiceCertificate, @Ctx() context: RequestContext): string {
    return reads.verificationUrlOf(context.platform, certificate);
  }

  @FieldResolver(() => UrlScalar, { description: 'A page to print it from, open for the next minutes to whoever has the URL; for whoever verified it by its code, the page that verifies it.' })
  document(@Root() certificate: ServiceCertificate, @Ctx() context: RequestContext): Promise<string> {
    return reads.documentUrlOf(context, certificate);
  }

  @FieldResolver(() => [StateChange], { description: 'Its steps, oldest first; for whoever may read the certificate itself.' })
  history(@Root() certificate: ServiceCertificate, @Ctx() context: RequestContext): Promise<StateChange[]> | StateChange[] {
    return certificate.issuer ? [] : context.load(historyOf, certificate.id);
  }

  @Mutation(() => IssueCertificatePayload, {
    description: "Certifies what a volunteer has served in a period. Staff and administrators of the volunteer's own organization, and the committee. NOT_FOUND, NOT_ALLOWED, INVALID (nothing to certify, days to come, no identity document recorded), IDEMPOTENCY_MISMATCH.",
  })
  issueCertificate(@Arg('input', () => IssueCertificateInput, { description: 'Whose services, of which days.' }) input: IssueCertificateInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.issueCertificate, input);
    return context.write((tx) => service.issueCertificate(tx, context.platform.signatures, asked));
  }

  @Mutation(() => RevokeCertificatePayload, {
    description: "Makes a certificate count no longer; whoever verifies it is told so. Staff and administrators of the volunteer's own organization, and the committee. NOT_FOUND, NOT_ALLOWED, WRONG_STATE, STALE_VERSION.",
  })
  revokeCertificate(@Arg('input', () => RevokeCertificateInput, { description: 'Which one, and why.' }) input: RevokeCertificateInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.revokeCertificate, input);
    return context.write((tx) => service.revokeCertificate(tx, asked));
  }
}
