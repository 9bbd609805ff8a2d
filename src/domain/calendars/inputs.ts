import { Field, ID, InputType } from 'type-graphql';
import { z } from 'zod';
import { fault } from '../../platform/graphql/edge';

@InputType({ description: 'Whose calendar gets another URL: a resource\'s, your organization\'s, or your own when neither is named.' })
export class RevokeCalendarFeedInput {
  @Field(() => ID, { nullable: true, description: 'The resource whose calendar it is.' })
  resource?: string | null;
  @Field(() => ID, { nullable: true, description: 'Your organization.' })
  organization?: string | null;
}
export const revokeCalendarFeed = z.object({ resource: z.string().nullish(), organization: z.string().nullish() }).superRefine(({ resource, organization }, check) => {
  if (resource != null && organization != null) fault(check, 'calendar.one');
});
