import { Field, ID, InputType } from 'type-graphql';
import { z } from 'zod';
import { distinct } from '../../platform/graphql/edge';

/** How many are marked one by one at a time. */
export const MOST_MARKED = 100;

@InputType({ description: 'Which of your notifications you have read.' })
export class MarkNotificationsReadInput {
  @Field(() => [ID], { nullable: true, description: `These, at most ${MOST_MARKED}; all of yours in the network when not given.` })
  notifications?: string[] | null;
}
export const markNotificationsRead = z.object({ notifications: distinct(z.string(), MOST_MARKED).nullish() });
