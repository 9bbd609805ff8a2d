import { Field, Float, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { connectionOf } from '../../platform/graphql/connection';
import { NetworkNode, Node } from '../../platform/graphql/node';
import { DurationScalar } from '../../platform/graphql/scalars';
import { ActivityCategory } from '../contracts/model';

@Entity('teams')
@ObjectType({ implements: Node, description: 'A team 服务队 of volunteers, formed by what it does.', simpleResolvers: true })
export class Team extends NetworkNode {
  @Column('uuid')
  organizationId!: string;
  @Field({ description: 'Its name.' })
  @Column('text')
  name!: string;
  @Field(() => [ActivityCategory], { description: 'The fields that it works in.' })
  @Column('text', { array: true })
  focus!: ActivityCategory[];
  @Column('uuid', { nullable: true })
  leaderId!: string | null;
  @Field({ description: 'When it was formed.' })
  @Column('timestamptz')
  createdAt!: Date;
  @Field(() => Int, { description: 'Goes up with each change; updates name the version they were made from.' })
  @Column('integer', { default: 1 })
  version!: number;
}

@Entity('courses')
@ObjectType({ implements: Node, description: 'A course that volunteers complete; shifts may ask for it.', simpleResolvers: true })
export class Course extends NetworkNode {
  @Column('uuid')
  organizationId!: string;
  @Field({ description: 'Its title.' })
  @Column('text')
  title!: string;
  @Field(() => String, { nullable: true, description: 'What it is about.' })
  @Column('text', { nullable: true })
  description!: string | null;
  @Field(() => DurationScalar, { nullable: true, description: 'How long a completion is good; null: for ever.' })
  @Column('interval', { nullable: true })
  validFor!: string | null;
  @Field({ description: 'When it was set up.' })
  @Column('timestamptz')
  createdAt!: Date;
}

@Entity('course_sessions')
@ObjectType({ implements: Node, description: 'A date of a course, with places.', simpleResolvers: true })
export class CourseSession extends NetworkNode {
  @Column('uuid')
  courseId!: string;
  @Column('uuid')
  organizationId!: string;
  @Column('timestamptz')
  startsAt!: Date;
  @Column('timestamptz')
  endsAt!: Date;
  @Field(() => String, { nullable: true, description: 'Where it is, for people.' })
  @Column('text', { nullable: true })
  place!: string | null;
  @Field(() => Int, { description: 'How many places there are.' })
  @Column('integer')
  capacity!: number;
  @Field(() => Int, { description: 'How many of them are taken.' })
  @Column('integer', { default: 0 })
  enrolled!: number;
  @Field({ description: 'When it was scheduled.' })
  @Column('timestamptz')
  createdAt!: Date;
}

@Entity('training_completions')
@ObjectType({ description: 'That a volunteer has completed a course.', simpleResolvers: true })
export class TrainingCompletion {
  @PrimaryColumn('uuid')
  networkId!: string;
  @PrimaryColumn('uuid')
  volunteerId!: string;
  @PrimaryColumn('uuid')
  courseId!: string;
  @Column('uuid')
  organizationId!: string;
  @Field({ description: 'When it was completed.' })
  @PrimaryColumn('timestamptz')
  completedAt!: Date;
  @Field(() => Date, { nullable: true, description: 'From when on it is not good any more; null: never.' })
  @Column('timestamptz', { nullable: true })
  expiresAt!: Date | null;
  @Field(() => Float, { nullable: true, description: 'The score, 0 to 100; null when there was none.' })
  @Column('double precision', { nullable: true })
  score!: number | null;
}

export const TeamConnection = connectionOf(() => Team, 'Team');
export const CourseConnection = connectionOf(() => Course, 'Course');
