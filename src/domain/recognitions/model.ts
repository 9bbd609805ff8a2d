import { Field, Float, Int, ObjectType } from 'type-graphql';
import { Column, Entity } from 'typeorm';
import { connectionOf } from '../../platform/graphql/connection';
import { enumOf } from '../../platform/graphql/enum';
import { NetworkNode, Node } from '../../platform/graphql/node';
import { DateScalar } from '../../platform/graphql/scalars';

export const RecognitionKind = enumOf('RecognitionKind', 'What a volunteer is recognized as.', {
  LEAGUE_DELEGATE: 'Delegate to a league congress 团代表.',
  PART_TIME_LEAGUE_CADRE: 'Part-time league cadre 挂兼职团干部.',
  YOUTH_FEDERATION_MEMBER: 'Member of the Youth Federation 青联委员.',
  PARTY_MEMBERSHIP_RECOMMENDATION: 'Recommended for party membership 推优入党.',
  STAR_VOLUNTEER: 'Star volunteer 星级志愿者; proposed by itself when the hours of a star are reached.',
});
export type RecognitionKind = keyof typeof RecognitionKind;

export const RecognitionStatus = enumOf('RecognitionStatus', 'Where a recognition stands.', {
  NOMINATED: 'Proposed; the committee has not begun its review.',
  UNDER_REVIEW: 'The committee reviews it, for the first time or after an objection.',
  PUBLICIZED: 'On public notice 公示: everybody sees it and may object until the last day of the notice.',
  AWARDED: 'Given.',
  REJECTED: 'Not given.',
  REVOKED: 'Taken back.',
});
export type RecognitionStatus = keyof typeof RecognitionStatus;

@ObjectType({ description: 'What the service records said of a volunteer at the moment of the nomination; kept as it was then.', simpleResolvers: true })
export class RecognitionEvidence {
  @Field(() => Float, { description: 'Hours of confirmed service.' })
  serviceHours!: number;
  @Field(() => Int, { description: 'In how many activities.' })
  activities!: number;
  @Field(() => Float, { nullable: true, description: 'The average evaluation of the services, 1 to 5; null while none was evaluated.' })
  averageEvaluation!: number | null;
  @Field(() => Int, { description: 'Stars by accumulated hours, 0 to 5.' })
  stars!: number;
}

@Entity('recognitions')
@ObjectType({
  implements: Node,
  description: 'A recognition 激励 of a volunteer: nominated, reviewed, put on public notice, and awarded. The volunteer, the own and the nominating organization and the committee see it at any time; everybody while it is on notice and once it is awarded.',
  simpleResolvers: true,
})
export class Recognition extends NetworkNode {
  @Column('uuid')
  volunteerId!: string;
  /** The volunteer's account and organization. */
  @Column('uuid', { nullable: true })
  userId!: string | null;
  @Column('uuid', { nullable: true })
  organizationId!: string | null;
  /** The organization that nominated; null: it was proposed by itself. */
  @Column('uuid', { nullable: true })
  nominatedBy!: string | null;
  @Field(() => RecognitionKind, { description: 'As what.' })
  @Column('text')
  kind!: RecognitionKind;
  @Field(() => RecognitionStatus, { description: 'Where it stands.' })
  @Column('text')
  status!: RecognitionStatus;
  @Field({ description: 'What it is given for, as it is made public.' })
  @Column('text')
  citation!: string;
  @Column('bigint')
  serviceSeconds!: number;
  @Column('integer')
  activities!: number;
  @Column('numeric', { nullable: true })
  averageEvaluation!: string | null;
  @Column('integer')
  stars!: number;
  @Field(() => DateScalar, { nullable: true, description: 'The first day of its last public notice; null before there was one.' })
  @Column('date', { nullable: true })
  publicizedOn!: string | null;
  @Field(() => DateScalar, { nullable: true, description: 'The last day of that notice, on which it can still be objected to.' })
  @Column('date', { nullable: true })
  noticeEndsOn!: string | null;
  @Field(() => Int, { description: 'How many objections were made, over all its notices.' })
  @Column('integer')
  objections!: number;
  @Column('timestamptz')
  createdAt!: Date;
  @Field(() => Int, { description: 'Raised by every change.' })
  @Column({ type: 'integer', default: 1 })
  version!: number;
}

/** An objection to a recognition on notice. */
@Entity('recognition_objections')
@ObjectType({ description: 'An objection to a recognition while it was on notice. Whoever made it and the committee see it.', simpleResolvers: true })
export class RecognitionObjection extends NetworkNode {
  @Column('uuid')
  recognitionId!: string;
  @Column('uuid')
  userId!: string;
  @Column('text')
  userName!: string;
  @Column('uuid', { nullable: true })
  organizationId!: string | null;
  @Field({ description: 'What is wrong with it.' })
  @Column('text')
  reason!: string;
  /** The notice that it was made to. */
  @Column('date')
  publicizedOn!: string;
  @Field({ description: 'When it was made.' })
  @Column('timestamptz')
  createdAt!: Date;
}

@ObjectType({ description: 'A place on the leaderboard of a period.', simpleResolvers: true })
export class LeaderboardEntry {
  @Field(() => Int, { description: 'The place; those with the same hours share it.' })
  rank!: number;
  volunteerId!: string;
  @Field(() => Float, { description: 'Hours of confirmed service in the period.' })
  hours!: number;
  @Field(() => Int, { description: 'Points earned by these.' })
  points!: number;
}

export const RecognitionConnection = connectionOf(() => Recognition, 'Recognition');
