import { Field, ObjectType } from 'type-graphql';
import { Column, Entity } from 'typeorm';
import { readAs } from '../../platform/database/columns';
import { connectionOf } from '../../platform/graphql/connection';
import { NetworkNode, Node } from '../../platform/graphql/node';
import type { AuditAction } from '../../platform/i18n/messages';

@ObjectType({ description: 'One thing that a change changed.', simpleResolvers: true })
export class AuditChange {
  @Field({ description: 'What of the subject, e.g. sharing.' })
  field!: string;
  @Field(() => String, { nullable: true, description: 'Its value before, as JSON; null when there was none or it is not told.' })
  before!: string | null;
  @Field(() => String, { nullable: true, description: 'Its value after, as JSON; null when there is none or it is not told.' })
  after!: string | null;
}

@Entity('audit_entries')
@ObjectType({
  implements: Node,
  description: 'A line of the audit log: written once, never changed, each chained to the one before it.',
  simpleResolvers: true,
})
export class AuditEntry extends NetworkNode {
  @Column('bigint')
  seq!: number;
  @Field({ description: 'When.' })
  @Column('timestamptz')
  at!: Date;
  @Column('uuid', { nullable: true })
  actorUserId!: string | null;
  @Column('uuid', { nullable: true })
  actorOrganizationId!: string | null;
  @Field(() => String, { description: 'What was done, for programs: the verb with its subject, e.g. contract.sign.' })
  @Column('text')
  action!: AuditAction;
  @Column('text')
  subjectType!: string;
  @Column('uuid')
  subjectId!: string;
  /** The text that was hashed: JSON of before and after. */
  @Column('text')
  changes!: string;
  @Field(() => String, { nullable: true, description: 'The hash of the entry before it in the network, SHA-256 in hex; null for the first.' })
  @Column('bytea', { nullable: true })
  previousHash!: string | null;
  @Field({ description: 'The hash of this entry over all it says and the hash before it, SHA-256 in hex.' })
  @Column('bytea')
  hash!: string;
}
readAs(AuditEntry, 'hash', (alias) => `encode(${alias}.hash, 'hex')`);
readAs(AuditEntry, 'previousHash', (alias) => `encode(${alias}.previous_hash, 'hex')`);

export const AuditEntryConnection = connectionOf(() => AuditEntry, 'AuditEntry');
