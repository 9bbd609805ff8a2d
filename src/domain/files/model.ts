import { Field, Int, ObjectType } from 'type-graphql';
import { Column, Entity } from 'typeorm';
import { enumOf } from '../../platform/graphql/enum';
import { NetworkNode, Node } from '../../platform/graphql/node';

export const FilePurpose = enumOf('FilePurpose', 'What a file is for; it says which types are taken and how large it may be.', {
  ACTIVITY_PHOTO: 'A photo of an activity\'s report: JPEG, PNG or WebP, up to 10 MB.',
  CONTRACT_DOCUMENT: 'The scan of a contract: PDF, JPEG or PNG, up to 20 MB.',
  VOLUNTEER_ROSTER: 'A roster of volunteers to be imported: CSV or XLSX, up to 20 MB.',
  SERVICE_RECORDS: 'Service records of another system to be taken over: JSON or CSV, up to 20 MB.',
  EXPORT: 'Made by the platform for whoever asked for it; nobody uploads one.',
});
export type FilePurpose = keyof typeof FilePurpose;

export const FileStatus = enumOf('FileStatus', 'Where a file stands.', {
  AWAITED: 'Its upload address was given out; the content is not there yet.',
  STORED: 'The content is there and was checked; it goes after a day unless it is put to use.',
  ATTACHED: 'It belongs to something, and whoever may read that may read it.',
});
export type FileStatus = keyof typeof FileStatus;

@Entity('files')
@ObjectType('File', { implements: Node, description: 'An uploaded file. Before it belongs to something, only who uploads it sees it.', simpleResolvers: true })
export class StoredFile extends NetworkNode {
  @Field(() => FilePurpose, { description: 'What it is for.' })
  @Column('text')
  purpose!: FilePurpose;
  @Field({ description: 'Its name, without a path and with the ending of what it is.' })
  @Column('text')
  name!: string;
  @Field({ description: 'Its media type: as announced until it is there, then as its content says.' })
  @Column('text')
  mediaType!: string;
  @Field(() => Int, { description: 'Its size in bytes.' })
  @Column('integer')
  size!: number;
  @Field(() => FileStatus, { description: 'Where it stands.' })
  @Column('text')
  status!: FileStatus;
  @Column('bytea', { nullable: true })
  sha256!: Buffer | null;
  @Column('text', { nullable: true })
  subjectType!: string | null;
  @Column('uuid', { nullable: true })
  subjectId!: string | null;
  @Column('uuid')
  uploadedBy!: string;
  @Column('text')
  uploadedByName!: string;
  @Column('uuid', { nullable: true })
  uploadedByOrganizationId!: string | null;
  @Field({ description: 'When its upload was asked for.' })
  @Column('timestamptz')
  createdAt!: Date;
  @Field(() => Date, { nullable: true, description: 'When it goes unless it is put to use by then; null once it is.' })
  @Column('timestamptz', { nullable: true })
  expiresAt!: Date | null;
}

const SPREADSHEET = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const MEGABYTE = 1_000_000;

/** What files of a purpose may be. */
export const admitted: Readonly<Record<FilePurpose, { types: readonly string[]; mostBytes: number }>> = {
  ACTIVITY_PHOTO: { types: ['image/jpeg', 'image/png', 'image/webp'], mostBytes: 10 * MEGABYTE },
  CONTRACT_DOCUMENT: { types: ['application/pdf', 'image/jpeg', 'image/png'], mostBytes: 20 * MEGABYTE },
  VOLUNTEER_ROSTER: { types: ['text/csv', SPREADSHEET], mostBytes: 20 * MEGABYTE },
  SERVICE_RECORDS: { types: ['application/json', 'text/csv'], mostBytes: 20 * MEGABYTE },
  EXPORT: { types: [], mostBytes: 0 },
};

/** Where the content of a file is kept. */
export const keyOf = ({ networkId, id }: Pick<StoredFile, 'networkId' | 'id'>): string => `${networkId}/${id}`;
