import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity } from 'typeorm';
import { Permission } from '../../access/matrix';
import { Node } from '../../platform/graphql/node';
import { EmailAddressScalar, PhoneNumberScalar } from '../../platform/graphql/scalars';

registerEnumType(Permission, {
  name: 'Permission',
  description: 'What a membership may do somewhere; viewerCan says to which object.',
  valuesConfig: {
    MANAGE_NETWORK: { description: 'Approve, suspend and reinstate organizations.' },
    MANAGE_ORGANIZATION: { description: 'Edit the organization, its positions and members.' },
    SIGN_CONTRACTS: { description: 'Draft, propose, sign and end contracts.' },
    MANAGE_RESOURCES: { description: 'Create, edit, share and retire resources.' },
    BOOK_RESOURCES: { description: 'Book shared resources.' },
    COORDINATE_ACTIVITIES: { description: 'Coordinate joint activities.' },
    MANAGE_VOLUNTEERS: { description: 'Approve and manage volunteers.' },
    MANAGE_PROJECTS: { description: 'Lead projects.' },
    ISSUE_POINTS: { description: 'Grant points.' },
    MANAGE_REWARDS: { description: 'Offer and fulfil rewards.' },
    REVIEW_RECOGNITIONS: { description: 'Review and award recognitions.' },
    READ_AUDIT_LOG: { description: 'Read the audit log.' },
    MANAGE_API_KEYS: { description: 'Manage keys for machines.' },
  },
});

/** Also the source of User.contact: a row is readable only by those who may see its contact. */
@Entity('users')
@ObjectType({ implements: Node, description: 'A person with an account.', simpleResolvers: true })
export class User extends Node {
  @Field({ description: 'The name shown.' })
  @Column('text')
  displayName!: string;
  @Field({ description: 'The preferred language: zh-CN or en.' })
  @Column('text')
  locale!: string;
  @Column('citext', { nullable: true })
  email!: string | null;
  @Column('text', { nullable: true })
  phone!: string | null;
}

@ObjectType({ description: 'How to reach a person: for the person, the staff of the own organization and the committee.', simpleResolvers: true })
export class PersonalContact {
  @Field(() => EmailAddressScalar, { nullable: true, description: 'E-mail.' })
  email!: string | null;
  @Field(() => PhoneNumberScalar, { nullable: true, description: 'Phone.' })
  phone!: string | null;
}

@ObjectType({ description: 'The tokens of a signed-in session.', simpleResolvers: true })
export class Session {
  @Field({ description: 'Goes into `Authorization: Bearer`; a JWT that lives for minutes.' })
  accessToken!: string;
  @Field({ description: 'When the access token stops working.' })
  accessTokenExpiresAt!: Date;
  @Field(() => String, {
    nullable: true,
    description: 'Good once, for the next tokens; used twice it ends the whole session. Null for actAs, which keeps the one you have.',
  })
  refreshToken?: string | null;
  @Field(() => Date, { nullable: true, description: 'When the refresh token stops working.' })
  refreshTokenExpiresAt?: Date | null;
}

@ObjectType({ description: 'Who is asking.', simpleResolvers: true })
export class Viewer {
  @Field(() => [Permission], { description: 'What the membership acted by may do somewhere.' })
  permissions!: Permission[];
}
