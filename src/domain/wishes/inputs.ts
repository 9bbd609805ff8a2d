import { Field, ID, InputType, Int } from 'type-graphql';
import { z } from 'zod';
import { idempotencyKey, optionalText, text, version, whole } from '../../platform/graphql/edge';

const MOST_BOUNTY = 100_000;

@InputType({ description: 'A micro-wish.' })
export class SubmitWishInput {
  @Field({ description: 'What is wished for; up to 200 characters. Everybody reads it once it is published: leave out names and addresses.' })
  title!: string;
  @Field({ description: 'What there is to know of it; up to 2000 characters.' })
  description!: string;
  @Field(() => Int, { defaultValue: 0, description: `The points of your own that whoever grants it gets, 0 to ${MOST_BOUNTY}; they are kept back once it is published.` })
  bounty!: number;
  @Field(() => String, { nullable: true, description: 'Repeating a request with the same key and input submits nothing twice.' })
  idempotencyKey?: string | null;
}
export const submitWish = z.object({ title: text(1, 200), description: text(1, 2000), bounty: whole(0, MOST_BOUNTY), idempotencyKey });

@InputType({ description: 'A micro-wish that is published.' })
export class PublishWishInput {
  @Field(() => ID, { description: 'The wish.' })
  id!: string;
  @Field(() => Int, { description: 'The version that was read.' })
  version!: number;
  @Field(() => Int, { nullable: true, description: `A bounty that the community pays, from 1 to ${MOST_BOUNTY}, where who wishes has promised none; it counts as a bonus that you grant.` })
  bounty?: number | null;
}
export const publishWish = z.object({ id: z.string(), version, bounty: whole(1, MOST_BOUNTY).nullish() });

@InputType({ description: 'A micro-wish that is declined.' })
export class DeclineWishInput {
  @Field(() => ID, { description: 'The wish.' })
  id!: string;
  @Field(() => Int, { description: 'The version that was read.' })
  version!: number;
  @Field({ description: 'Why; up to 1000 characters.' })
  note!: string;
}
export const declineWish = z.object({ id: z.string(), version, note: text(1, 1000) });

@InputType({ description: 'A micro-wish that goes a step further.' })
export class WishNoteInput {
  @Field(() => ID, { description: 'The wish.' })
  id!: string;
  @Field(() => Int, { description: 'The version that was read.' })
  version!: number;
  @Field(() => String, { nullable: true, description: 'What to say of it, for its history; up to 1000 characters.' })
  note?: string | null;
}
export const withNote = z.object({ id: z.string(), version, note: optionalText(1000) });
