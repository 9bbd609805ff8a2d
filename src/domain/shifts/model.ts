import { Field, Float, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { connectionOf } from '../../platform/graphql/connection';
import { enumOf } from '../../platform/graphql/enum';
import { NetworkNode, Node } from '../../platform/graphql/node';

export const RegistrationStatus = enumOf('RegistrationStatus', 'Where a registration stands.', {
  WAITLISTED: 'Waits for a place; confirmed the moment one frees and it comes first.',
  CONFIRMED: 'Holds a place.',
  CANCELLED: 'Called off.',
  CHECKED_IN: 'Has come, and is or was on duty; the hours are not confirmed yet.',
  ATTENDED: 'Served: the hours are confirmed and on record.',
  NO_SHOW: 'Did not come.',
});
export type RegistrationStatus = keyof typeof RegistrationStatus;

@Entity('shifts')
@ObjectType({ implements: Node, description: 'A duty at a time 岗位/班次, with places for volunteers.', simpleResolvers: true })
export class Shift extends NetworkNode {
  @Column('uuid')
  activityId!: string;
  /** Who holds the activity. */
  @Column('uuid')
  hostId!: string;
  @Field({ description: 'What is to be done, e.g. 维护员.' })
  @Column('text')
  duty!: string;
  @Column('timestamptz')
  startsAt!: Date;
  @Column('timestamptz')
  endsAt!: Date;
  @Field(() => Int, { description: 'How many places it has.' })
  @Column('integer')
  capacity!: number;
  @Field(() => [String], { description: 'What whoever serves on it must be able to do.' })
  @Column('text', { array: true })
  requiredSkills!: string[];
  @Column('uuid', { array: true })
  requiredCourseIds!: string[];
  @Field(() => Date, { nullable: true, description: 'Until when places are kept for organizations; free for all from that moment on. Null when none are.' })
  @Column('timestamptz', { nullable: true })
  reservedUntil!: Date | null;
  @Field(() => Int, { description: 'How many of the places are taken.' })
  @Column('integer')
  taken!: number;
  /** Of the places kept for organizations those that are not taken, as last written down: they are free once the moment has come. */
  @Column('integer')
  kept!: number;
  @Field(() => Int, { description: 'How many wait for a place.' })
  @Column('integer')
  waitlisted!: number;
  @Column('integer')
  arrivals!: number;
  @Field({ description: 'When it was added.' })
  @Column('timestamptz')
  createdAt!: Date;
  @Field(() => Int, { description: 'Goes up with each edit; updates name the version they were made from.' })
  @Column('integer', { default: 1 })
  version!: number;
}

@Entity('shift_reservations')
@ObjectType('ShiftQuota', { description: 'Places of a shift that are kept for the volunteers of an organization.', simpleResolvers: true })
export class ShiftReservation {
  @PrimaryColumn('uuid')
  networkId!: string;
  @PrimaryColumn('uuid')
  shiftId!: string;
  @PrimaryColumn('uuid')
  organizationId!: string;
  @Field(() => Int, { description: 'How many are kept.' })
  @Column('integer')
  places!: number;
  @Field(() => Int, { description: 'How many of these are taken.' })
  @Column('integer')
  taken!: number;
}

@Entity('registrations')
@ObjectType({ implements: Node, description: 'A volunteer on a shift, or waiting for a place on it 报名.', simpleResolvers: true })
export class Registration extends NetworkNode {
  @Column('uuid')
  shiftId!: string;
  @Column('uuid')
  activityId!: string;
  /** Who holds the activity. */
  @Column('uuid')
  hostId!: string;
  @Column('uuid', { array: true })
  coHostIds!: string[];
  @Column('uuid')
  volunteerId!: string;
  /** The volunteer's account, where there is one. */
  @Column('uuid', { nullable: true })
  userId!: string | null;
  /** The volunteer's own organization. */
  @Column('uuid', { nullable: true })
  organizationId!: string | null;
  @Field(() => RegistrationStatus, { description: 'Where it stands.' })
  @Column('text')
  status!: RegistrationStatus;
  /** The shift's time. */
  @Column('timestamptz')
  startsAt!: Date;
  @Column('timestamptz')
  endsAt!: Date;
  /** Which arrival it was at its shift. */
  @Column('integer')
  arrival!: number;
  /** The organization whose kept place it holds. */
  @Column('uuid', { nullable: true })
  keptFor!: string | null;
  @Column('date')
  serviceDate!: string;
  @Field(() => Date, { nullable: true, description: 'When the volunteer came.' })
  @Column('timestamptz', { nullable: true })
  checkedInAt!: Date | null;
  @Field(() => Date, { nullable: true, description: 'When the volunteer went.' })
  @Column('timestamptz', { nullable: true })
  checkedOutAt!: Date | null;
  @Field({ description: 'When it was made.' })
  @Column('timestamptz')
  registeredAt!: Date;
  @Field(() => Int, { description: 'Goes up with each change; verbs name the version they were made from.' })
  @Column('integer', { default: 1 })
  version!: number;
}

@Entity('check_in_devices')
@ObjectType({
  implements: Node,
  description: 'A device of an organizer that notes who comes and goes where there is no network, and sends it later, signed.',
  simpleResolvers: true,
})
export class CheckInDevice extends NetworkNode {
  @Column('uuid')
  activityId!: string;
  @Column('uuid')
  hostId!: string;
  @Field({ description: 'What it is called.' })
  @Column('text')
  name!: string;
  @Column('jsonb')
  publicKey!: object;
  @Column('uuid')
  registeredBy!: string;
  @Field({ description: 'From when on what it notes counts.' })
  @Column('timestamptz')
  registeredAt!: Date;
  @Field(() => Date, { nullable: true, description: 'From when on nothing that it sends counts any more; null while it does.' })
  @Column('timestamptz', { nullable: true })
  revokedAt!: Date | null;
}

@ObjectType({ description: 'A code by which whoever is there checks in or out; shown as a QR code, and renewed before it expires.', simpleResolvers: true })
export class CheckInCode {
  @Field({ description: 'The text of the QR code.' })
  code!: string;
  @Field({ description: 'Until when it counts: 30 seconds.' })
  expiresAt!: Date;
}

@ObjectType({ description: 'A volunteer who could be on a shift.', simpleResolvers: true })
export class VolunteerMatch {
  volunteerId!: string;
  @Field(() => Float, {
    description: 'How well it fits, 0 to 1: 0.35 for an occupation that suits the field; 0.25 for being free then by what was said, half of it where nothing was said; 0.25 × 8 / (8 + hours on duty in the 30 days before); 0.15 × 2 / (2 + kilometres from the position to the nearest one of the own organization).',
  })
  score!: number;
  @Field(() => [String], { description: 'What speaks for it, in the language of Accept-Language.' })
  reasons!: string[];
}

export const RegistrationConnection = connectionOf(() => Registration, 'Registration');
