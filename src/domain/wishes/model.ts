import { Field, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { connectionOf } from '../../platform/graphql/connection';
import { enumOf } from '../../platform/graphql/enum';
import { NetworkNode, Node } from '../../platform/graphql/node';

export const WishStatus = enumOf('WishStatus', 'Where a micro-wish stands.', {
  SUBMITTED: 'It waits for the committee; only who wishes and the committee see it.',
  PUBLISHED: 'Everybody sees it, and somebody may take it on.',
  CLAIMED: 'Somebody has taken it on.',
  FULFILLED: 'Who has taken it on says that it is done.',
  CONFIRMED: 'Who wished says so too; the bounty is paid.',
  DECLINED: 'The committee has declined it.',
  WITHDRAWN: 'Who wished has withdrawn it.',
});
export type WishStatus = keyof typeof WishStatus;

@Entity('wishes')
@ObjectType({ implements: Node, description: 'A small wish 微心愿 of a resident or volunteer, for somebody to grant.', simpleResolvers: true })
export class Wish extends NetworkNode {
  @Field({ description: 'What is wished for.' })
  @Column('text')
  title!: string;
  @Field({ description: 'What there is to know of it.' })
  @Column('text')
  description!: string;
  @Field(() => WishStatus, { description: 'Where it stands.' })
  @Column('text')
  status!: WishStatus;
  @Field(() => Int, { description: 'The points that whoever grants it gets; 0 for none.' })
  @Column('integer')
  bounty!: number;
  @Column('uuid')
  submittedBy!: string;
  /** The volunteer who pays the bounty; null: the community. */
  @Column('uuid', { nullable: true })
  payerId!: string | null;
  @Column('uuid', { nullable: true })
  holdId!: string | null;
  @Column('uuid', { nullable: true })
  claimedBy!: string | null;
  @Field({ description: 'When it was submitted.' })
  @Column('timestamptz')
  createdAt!: Date;
  @Field(() => Int, { description: 'Goes up with each change; verbs name the version they were made from.' })
  @Column('integer', { default: 1 })
  version!: number;
}
export const WishConnection = connectionOf(() => Wish, 'Wish');

/** Who has taken a wish on; read by those whom it concerns. */
@Entity('wish_claims')
export class WishClaim {
  @PrimaryColumn('uuid')
  networkId!: string;
  @PrimaryColumn('uuid')
  wishId!: string;
  @Column('uuid')
  submittedBy!: string;
  @Column('uuid')
  userId!: string;
  @Column('text')
  userName!: string;
  @Column('uuid', { nullable: true })
  volunteerId!: string | null;
  @Column('uuid', { nullable: true })
  organizationId!: string | null;
  @Column('timestamptz')
  claimedAt!: Date;
}
