import { Field, Float, Int, ObjectType } from 'type-graphql';
import { Column, Entity } from 'typeorm';
import { readAs } from '../../platform/database/columns';
import { connectionOf } from '../../platform/graphql/connection';
import { enumOf } from '../../platform/graphql/enum';
import { NetworkNode, Node } from '../../platform/graphql/node';
import { DateScalar } from '../../platform/graphql/scalars';
import { ActivityCategory } from '../contracts/model';

export const ProjectStatus = enumOf('ProjectStatus', 'Where a project stands.', {
  PROPOSED: 'Proposed; the committee has not approved it. Its organizations and the committee see it.',
  APPROVED: 'Approved, and public from then on; not begun.',
  RUNNING: 'Under way.',
  PAUSED: 'Resting for a while.',
  COMPLETED: 'Done.',
  STOPPED: 'Given up before it was done; its needs wait again.',
});
export type ProjectStatus = keyof typeof ProjectStatus;

@Entity('projects')
@ObjectType({ implements: Node, description: 'What several organizations do about needs of the community 项目.', simpleResolvers: true })
export class Project extends NetworkNode {
  @Field({ description: 'What it is called.' })
  @Column('text')
  title!: string;
  @Field(() => ActivityCategory, { description: 'Of which field.' })
  @Column('text')
  category!: ActivityCategory;
  @Field({ description: 'What it is to reach.' })
  @Column('text')
  goal!: string;
  @Field(() => ProjectStatus, { description: 'Where it stands.' })
  @Column('text')
  status!: ProjectStatus;
  @Column('uuid')
  leadId!: string;
  @Column('uuid', { array: true })
  partnerIds!: string[];
  @Column('uuid', { array: true })
  needIds!: string[];
  @Column('date')
  startsOn!: string;
  @Column('date', { nullable: true })
  endsOn!: string | null;
  @Field(() => Float, { nullable: true, description: 'The average rating below which lead and committee are told; null: they are not.' })
  @Column('numeric', { nullable: true })
  ratingThreshold!: number | null;
  @Field(() => Date, { nullable: true, description: 'Since when its average rating has been below the threshold; null while it is not.' })
  @Column('timestamptz', { nullable: true })
  belowSince!: Date | null;
  @Column('uuid')
  createdBy!: string;
  @Field({ description: 'When it was proposed.' })
  @Column('timestamptz')
  createdAt!: Date;
  @Field(() => Int, { description: 'Goes up with each change; updates name the version they were made from. Feedback does not count as one.' })
  @Column('integer', { default: 1 })
  version!: number;
}
readAs(Project, 'startsOn', (p) => `${p}.starts_on::text`);
readAs(Project, 'endsOn', (p) => `${p}.ends_on::text`);
readAs(Project, 'ratingThreshold', (p) => `${p}.rating_threshold::float8`);

@Entity('project_milestones')
@ObjectType({ implements: Node, description: 'Something that a project is to have reached by a day.', simpleResolvers: true })
export class Milestone extends NetworkNode {
  @Column('uuid')
  projectId!: string;
  @Field({ description: 'What is to be reached.' })
  @Column('text')
  title!: string;
  @Field(() => DateScalar, { description: 'By which day.' })
  @Column('date')
  due!: string;
  @Field(() => Date, { nullable: true, description: 'When it was reached; null as long as it is not.' })
  @Column('timestamptz', { nullable: true })
  doneAt!: Date | null;
  @Column('uuid', { array: true })
  audience!: string[];
}
readAs(Milestone, 'due', (m) => `${m}.due::text`);

@Entity('exchanges')
@ObjectType({ implements: Node, description: 'A regular exchange 定期交流 between the organizations of a project about how it goes.', simpleResolvers: true })
export class Exchange extends NetworkNode {
  @Column('uuid')
  projectId!: string;
  @Column('timestamptz')
  startsAt!: Date;
  @Column('timestamptz')
  endsAt!: Date;
  @Column('uuid', { array: true })
  attendeeIds!: string[];
  @Field(() => String, { nullable: true, description: 'What was said; null as long as it is not recorded. For members of the network and residents.' })
  @Column('text', { nullable: true })
  minutes!: string | null;
  @Field(() => [String], { description: 'What was decided.' })
  @Column('text', { array: true })
  decisions!: string[];
  @Field(() => Date, { nullable: true, description: 'When it was recorded; null as long as it is not.' })
  @Column('timestamptz', { nullable: true })
  recordedAt!: Date | null;
  @Column('timestamptz')
  createdAt!: Date;
  @Field(() => Int, { description: 'Goes up with each change; updates name the version they were made from.' })
  @Column('integer', { default: 1 })
  version!: number;
}

export const ProjectConnection = connectionOf(() => Project, 'Project');
