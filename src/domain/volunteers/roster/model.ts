import { Field, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { connectionOf } from '../../../platform/graphql/connection';
import { enumOf } from '../../../platform/graphql/enum';
import { NetworkNode, Node } from '../../../platform/graphql/node';

export const ImportStatus = enumOf('ImportStatus', 'How far an import has come.', {
  WAITING: 'It has not begun.',
  RUNNING: 'It is under way; the counts go up.',
  DONE: 'Every line was looked at.',
  REFUSED: 'The file could not be read to its end, or has the wrong columns; the faults say where and why.',
});
export type ImportStatus = keyof typeof ImportStatus;

@Entity('roster_imports')
@ObjectType('ImportJob', { implements: Node, description: 'The import of a roster of volunteers; ask for it again to see how far it has come.', simpleResolvers: true })
export class RosterImport extends NetworkNode {
  @Column('uuid')
  organizationId!: string;
  @Column('uuid', { nullable: true })
  campaignId!: string | null;
  @Column('uuid')
  fileId!: string;
  @Field({ description: 'Whether nothing is written: the counts say what would be.' })
  @Column('boolean', { name: 'is_dry_run' })
  dryRun!: boolean;
  @Field(() => ImportStatus, { description: 'How far it has come.' })
  @Column('text')
  status!: ImportStatus;
  @Field(() => String, { nullable: true, description: 'What a text is written in: UTF-8 or GB18030; null for a spreadsheet, and until it is known.' })
  @Column('text', { nullable: true })
  encoding!: string | null;
  @Field(() => Int, { description: 'Lines looked at so far, without the header and empty ones.' })
  @Column('integer', { name: 'row_count', default: 0 })
  rows!: number;
  @Field(() => Int, { description: 'Volunteers added.' })
  @Column('integer', { name: 'added_count', default: 0 })
  added!: number;
  @Field(() => Int, { description: 'Lines of who is there already, in the network or further up in the file: they change nothing.' })
  @Column('integer', { name: 'known_count', default: 0 })
  known!: number;
  @Field(() => Int, { description: 'Lines with a fault.' })
  @Column('integer', { name: 'refused_count', default: 0 })
  refused!: number;
  @Column('uuid')
  createdBy!: string;
  @Field({ description: 'When it was asked for.' })
  @Column('timestamptz')
  createdAt!: Date;
  @Field(() => Date, { nullable: true, description: 'When it began.' })
  @Column('timestamptz', { nullable: true })
  startedAt!: Date | null;
  @Field(() => Date, { nullable: true, description: 'When it ended.' })
  @Column('timestamptz', { nullable: true })
  finishedAt!: Date | null;
}

@Entity('roster_import_faults')
@ObjectType('ImportFault', { description: 'What is wrong with a cell of a roster, without what stands in it.', simpleResolvers: true })
export class RosterFault {
  @PrimaryColumn('uuid')
  networkId!: string;
  @PrimaryColumn('uuid')
  importId!: string;
  @Column('uuid')
  organizationId!: string;
  @Field(() => Int, { description: 'The line in the file, from 1.' })
  @PrimaryColumn('integer')
  line!: number;
  @Field(() => Int, { description: 'The column, from 1; 0 when it is about the line as a whole.' })
  @PrimaryColumn('integer', { name: 'column_number' })
  column!: number;
  @Field(() => String, { nullable: true, description: 'What the column is called; null when that is not known.' })
  @Column('text', { nullable: true })
  columnName!: string | null;
  @Column('text')
  reason!: string;
  @Column('jsonb')
  parameters!: Record<string, string | number>;
}

export const RosterFaultConnection = connectionOf(() => RosterFault, 'ImportFault');
