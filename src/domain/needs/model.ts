import { Field, Float, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { readAs } from '../../platform/database/columns';
import { connectionOf } from '../../platform/graphql/connection';
import { enumOf } from '../../platform/graphql/enum';
import { NetworkNode, Node } from '../../platform/graphql/node';
import { ActivityCategory } from '../contracts/model';

export const NeedStatus = enumOf('NeedStatus', 'Where a need stands.', {
  SUBMITTED: 'Raised; the committee has not looked at it. Members see it, the public does not.',
  ACCEPTED: 'Accepted by the committee, and public from then on.',
  PLANNED: 'Part of a project.',
  RESOLVED: 'Met.',
  DECLINED: 'Declined, with a reason.',
  DUPLICATE: 'Raised before by somebody else; its supporters count for that one.',
  REOPENED: 'Was said to be met, and is not, as who raised it says.',
});
export type NeedStatus = keyof typeof NeedStatus;

/** What waits for somebody's next step. */
export const WAITING: readonly NeedStatus[] = ['SUBMITTED', 'ACCEPTED', 'REOPENED'];
const waiting = WAITING.map((status) => `'${status}'`).join(',');

/** On a row of needs: whether it has waited longer than the network's policy allows. */
export const OVERDUE = (n: string): string => `(${n}.status IN (${waiting}) AND ${n}.moved_at < app.now() - make_interval(hours => 24 * app.need_waiting_days()))`;

@Entity('needs')
@ObjectType({ implements: Node, description: 'Something that people of the community need 需求.', simpleResolvers: true })
export class Need extends NetworkNode {
  @Field({ description: 'In a few words.' })
  @Column('text')
  title!: string;
  @Field({ description: 'In full.' })
  @Column('text')
  description!: string;
  @Field(() => ActivityCategory, { description: 'Of which field.' })
  @Column('text')
  category!: ActivityCategory;
  @Field(() => String, { nullable: true, description: 'The building or place that it is about; null: the community as a whole.' })
  @Column('text', { nullable: true })
  building!: string | null;
  @Field(() => NeedStatus, { description: 'Where it stands.' })
  @Column('text')
  status!: NeedStatus;
  @Column('uuid')
  raisedBy!: string;
  @Field({ description: 'When it was raised.' })
  @Column('timestamptz')
  raisedAt!: Date;
  @Field({ description: 'Since when it has stood where it stands.' })
  @Column('timestamptz')
  movedAt!: Date;
  @Field({ description: "Whether it has waited for somebody's next step longer than the network's policy allows." })
  @Column({ type: 'boolean', insert: false, update: false })
  overdue!: boolean;
  @Field(() => Int, { description: 'How many people support it, each once; without who raised it.' })
  @Column('integer')
  supporters!: number;
  @Column('uuid', { nullable: true })
  assigneeId!: string | null;
  @Column('uuid', { nullable: true })
  projectId!: string | null;
  @Column('uuid', { nullable: true })
  duplicateOfId!: string | null;
  @Field(() => String, { nullable: true, description: 'How it was met, or why it was declined.' })
  @Column('text', { nullable: true })
  resolution!: string | null;
  @Field(() => Int, { description: 'Goes up with each change; updates name the version they were made from. Support does not count as one.' })
  @Column('integer', { default: 1 })
  version!: number;
}
readAs(Need, 'overdue', OVERDUE);

/** Who raised a need, for those who may know. */
@Entity('need_raisers')
export class NeedRaiser {
  @PrimaryColumn('uuid')
  networkId!: string;
  @PrimaryColumn('uuid')
  needId!: string;
  @Column('uuid')
  userId!: string;
  @Column('text')
  displayName!: string;
  @Column('uuid', { nullable: true })
  organizationId!: string | null;
  @Column('uuid', { nullable: true })
  assigneeId!: string | null;
}

@ObjectType({ description: 'A need that may be the same as another.', simpleResolvers: true })
export class SimilarNeed {
  needId!: string;
  @Field(() => Float, { description: 'How much the two titles have in common, 0 to 1: the share of three neighbouring characters that both have.' })
  similarity!: number;
}

@Entity('need_policies')
@ObjectType({ description: 'How long needs may wait.', simpleResolvers: true })
export class NeedPolicy {
  @PrimaryColumn('uuid')
  networkId!: string;
  @Field(() => Int, { description: 'After how many days without a step a need that waits for one is shown as overdue.' })
  @Column('integer')
  waitingDays!: number;
  @Field(() => Int, { description: 'Goes up with each change; updates name the version they were made from.' })
  @Column('integer', { default: 1 })
  version!: number;
}

/** What counts where the committee has not said. */
export const USUAL_POLICY: Pick<NeedPolicy, 'waitingDays' | 'version'> = { waitingDays: 14, version: 1 };

export const NeedConnection = connectionOf(() => Need, 'Need');
