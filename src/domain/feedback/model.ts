import { Field, Float, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { readAs } from '../../platform/database/columns';
import { NetworkNode, Node } from '../../platform/graphql/node';
import { DateScalar } from '../../platform/graphql/scalars';

@Entity('feedback')
@ObjectType({
  implements: Node,
  description: 'What somebody who was at an activity says of it, once; for members of the network and residents.',
  simpleResolvers: true,
})
export class Feedback extends NetworkNode {
  @Column('uuid')
  activityId!: string;
  @Column('uuid')
  hostId!: string;
  @Column('uuid', { nullable: true })
  projectId!: string | null;
  @Column('uuid', { nullable: true })
  userId!: string | null;
  @Column('uuid', { nullable: true })
  codeId!: string | null;
  @Field(() => Int, { description: '1, the worst, to 5, the best.' })
  @Column('integer')
  rating!: number;
  @Field(() => String, { nullable: true, description: 'In words.' })
  @Column('text', { nullable: true })
  comment!: string | null;
  @Field(() => Int, { nullable: true, description: 'How likely they would recommend it, 0 to 10.' })
  @Column('integer', { nullable: true })
  recommend!: number | null;
  @Field({ description: 'When it was given.' })
  @Column('timestamptz')
  createdAt!: Date;
}

/** Who gave feedback, for those who may know. */
@Entity('feedback_authors')
export class FeedbackAuthor {
  @PrimaryColumn('uuid')
  networkId!: string;
  @PrimaryColumn('uuid')
  feedbackId!: string;
  @Column('uuid')
  userId!: string;
  @Column('text')
  displayName!: string;
  @Column('uuid', { nullable: true })
  organizationId!: string | null;
  @Column('uuid', { nullable: true })
  shownTo!: string | null;
}

/** What was said of an activity or a project in a month, as numbers. */
export interface FeedbackMonth {
  subjectId: string;
  month: string;
  ones: number;
  twos: number;
  threes: number;
  fours: number;
  fives: number;
  promoters: number;
  detractors: number;
  recommended: number;
}

@ObjectType({ description: 'Word of mouth 口碑 in a month.', simpleResolvers: true })
export class RatingPoint {
  @Field(() => DateScalar, { description: 'The first day of the month.' })
  month!: string;
  @Field(() => Float, { description: 'The average rating, 1 to 5.' })
  average!: number;
  @Field(() => Int, { description: 'How many rated.' })
  count!: number;
}

@ObjectType({ description: 'Word of mouth 口碑: what people say of an activity, or of all activities of a project.', simpleResolvers: true })
export class FeedbackSummary {
  subject!: 'activity' | 'project';
  subjectId!: string;
  @Field(() => Int, { description: 'How many rated.' })
  count!: number;
  @Field(() => Float, { nullable: true, description: 'The average rating, 1 to 5; null when nobody has rated.' })
  average!: number | null;
  @Field(() => [Int], { description: 'How many gave 1, 2, 3, 4 and 5.' })
  distribution!: number[];
  @Field(() => Int, { nullable: true, description: 'Net promoter score, -100 to 100: the share of those who would recommend it (9, 10) less that of those who would not (0 to 6); null when nobody has said.' })
  recommendScore!: number | null;
  @Field(() => [RatingPoint], { description: 'Month by month, where somebody rated.' })
  trend!: RatingPoint[];
}

const average = (count: string, sum: string) => (a: string): string => `(${a}.${sum}::float8 / nullif(${a}.${count}, 0))`;

@Entity('adjustments')
@ObjectType({ implements: Node, description: 'A change of the service, and whether the word of mouth improved.', simpleResolvers: true })
export class Adjustment extends NetworkNode {
  @Column('uuid')
  projectId!: string;
  /** Which one of its project, from 1. */
  @Column('integer')
  nth!: number;
  @Field({ description: 'When.' })
  @Column('timestamptz')
  at!: Date;
  @Field({ description: 'What was changed.' })
  @Column('text')
  what!: string;
  @Field({ description: 'Because of what.' })
  @Column('text')
  because!: string;
  @Column('uuid', { array: true })
  feedbackIds!: string[];
  @Column('integer')
  countBefore!: number;
  @Column('integer')
  sumBefore!: number;
  @Column('integer')
  countAfter!: number;
  @Column('integer')
  sumAfter!: number;
  @Field(() => Float, { nullable: true, description: 'The average rating from the adjustment before, or from the beginning, up to this one; null when there was none.' })
  @Column({ type: 'float8', insert: false, update: false })
  feedbackBefore!: number | null;
  @Field(() => Float, { nullable: true, description: 'The average rating from this adjustment on, up to the next; null when there is none.' })
  @Column({ type: 'float8', insert: false, update: false })
  feedbackAfter!: number | null;
}
readAs(Adjustment, 'feedbackBefore', average('count_before', 'sum_before'));
readAs(Adjustment, 'feedbackAfter', average('count_after', 'sum_after'));

