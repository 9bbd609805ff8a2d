import { Field, Float, Int, ObjectType } from 'type-graphql';
import { Column, Entity } from 'typeorm';
import { readAs } from '../../platform/database/columns';
import { connectionOf } from '../../platform/graphql/connection';
import { enumOf } from '../../platform/graphql/enum';
import { NetworkNode, Node } from '../../platform/graphql/node';
import { DateScalar } from '../../platform/graphql/scalars';
import type { Organization } from '../network/model';

export const CertificateStatus = enumOf('CertificateStatus', 'Whether a certificate counts.', {
  VALID: 'It counts: it says what was signed.',
  REVOKED: 'It was revoked, and does not count any more.',
  ALTERED: 'It does not count: it does not say what was signed.',
});
export type CertificateStatus = keyof typeof CertificateStatus;

@ObjectType({ description: 'Whose services are certified.', simpleResolvers: true })
export class CertificateHolder {
  @Field({ description: 'The name; masked for whoever has only the code.' })
  legalName!: string;
  @Field({ description: "The volunteer's number; masked for whoever has only the code." })
  volunteerNumber!: string;
  @Field({ description: 'The kind of identity document.' })
  identityDocument!: string;
  @Field({ description: 'Its number, masked for everybody.' })
  identityNumberMasked!: string;
}

@ObjectType({ description: 'A service as a certificate has it.', simpleResolvers: true })
export class CertifiedService {
  @Field({ description: 'What it was for.' })
  content!: string;
  @Field({ description: 'The duty that was done.' })
  duty!: string;
  @Field(() => DateScalar, { description: 'The day.' })
  serviceDate!: string;
  @Field(() => Float, { description: 'The hours.' })
  hours!: number;
}

@Entity('service_certificates')
@ObjectType({ implements: Node, description: 'A certificate of voluntary services in a period 志愿服务记录证明, which anybody can verify by its code.', simpleResolvers: true })
export class ServiceCertificate extends NetworkNode {
  @Column('uuid')
  volunteerId!: string;
  @Column('uuid', { nullable: true })
  userId!: string | null;
  /** The volunteer's own organization. */
  @Column('uuid', { nullable: true })
  organizationId!: string | null;
  @Column('uuid')
  issuerId!: string;
  @Column('text')
  code!: string;
  /** What it says, as CertificateContent; of what was found by its code, with the name and number masked. */
  @Column('text')
  content!: string;
  @Field({ description: 'SHA-256, in hexadecimal, of all that it says; printed on it, so that an altered paper is told from the certificate.' })
  @Column('text')
  contentHash!: string;
  @Column('text')
  keyId!: string;
  @Column('bytea')
  signature!: Buffer;
  @Field({ description: 'Its number, unique in the network, e.g. ERMA-ZM-2026-00001.' })
  @Column('text')
  number!: string;
  /** Whether it was revoked; whether it counts, its signature says too. */
  @Column('text', { name: 'status' })
  recordedStatus!: 'VALID' | 'REVOKED';
  /** Whether the text is the one whose hash was signed. */
  @Column({ type: 'boolean', insert: false, update: false })
  isIntact!: boolean;
  @Column('uuid', { name: 'issued_by' })
  issuedByUserId!: string;
  @Field({ description: 'When it was issued.' })
  @Column('timestamptz')
  issuedAt!: Date;
  @Field(() => Int, { description: 'Goes up with each change; updates name the version they were made from.' })
  @Column('integer', { default: 1 })
  version!: number;
  /** Of what was found by its code: who issued it, whatever network is asked. */
  issuer?: Organization;
}
readAs(ServiceCertificate, 'isIntact', (c) => `encode(sha256(convert_to(${c}.content, 'UTF8')), 'hex') = ${c}.content_hash`);

export const ServiceCertificateConnection = connectionOf(() => ServiceCertificate, 'ServiceCertificate');
