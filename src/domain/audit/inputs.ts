import { Field, ID, InputType } from 'type-graphql';

@InputType({ description: 'Which entries of the audit log to list: those that fit all of it.' })
export class AuditFilter {
  @Field(() => ID, { nullable: true, description: 'About this; anything with an id.' })
  subject?: string | null;
  @Field(() => ID, { nullable: true, description: 'That concern this organization.' })
  organization?: string | null;
  @Field(() => String, { nullable: true, description: 'Of this verb, e.g. contract.sign.' })
  action?: string | null;
  @Field(() => Date, { nullable: true, description: 'At this instant or later.' })
  from?: Date | null;
  @Field(() => Date, { nullable: true, description: 'Before this instant.' })
  to?: Date | null;
}
