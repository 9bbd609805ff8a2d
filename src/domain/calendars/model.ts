import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Whose bookings a calendar has: of a resource, of an organization and its resources, or made in person. */
export type FeedKind = 'RESOURCE' | 'ORGANIZATION' | 'PERSON';

/** A calendar as its URL names it: by whose rights it is read, and whose bookings it has. */
export interface Feed {
  networkId: string;
  membershipId: string;
  kind: FeedKind;
  /** The resource, organization or person. */
  subjectId: string;
  /** How often its URL was revoked. */
  generation: number;
}

/** A calendar whose URL was revoked at least once; of others nothing is kept. */
@Entity('calendar_feeds')
export class RevokedFeed implements Feed {
  @PrimaryColumn('uuid')
  networkId!: string;
  @PrimaryColumn('uuid')
  membershipId!: string;
  @PrimaryColumn('text')
  kind!: FeedKind;
  @PrimaryColumn('uuid')
  subjectId!: string;
  @Column('uuid')
  userId!: string;
  @Column('integer')
  generation!: number;
  @Column('timestamptz')
  revokedAt!: Date;
}
