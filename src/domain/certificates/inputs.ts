import { Field, ID, InputType, Int } from 'type-graphql';
import { z } from 'zod';
import { idempotencyKey, optionalText, text, version } from '../../platform/graphql/edge';
import { DateRangeInput } from '../network/inputs';
import { days } from '../records/inputs';

@InputType({ description: 'A certificate of what a volunteer has served.' })
export class IssueCertificateInput {
  @Field(() => ID, { description: 'The volunteer.' })
  volunteer!: string;
  @Field(() => DateRangeInput, { description: 'The days whose services it certifies, none of them to come.' })
  period!: DateRangeInput;
  @Field({ description: 'Who answers for it in the issuing organization; up to 100 characters.' })
  responsiblePerson!: string;
  @Field(() => String, { nullable: true, description: 'Who handled it; you when not given. Up to 100 characters.' })
  handledBy?: string | null;
  @Field({ description: 'How to reach the issuing organization about it; up to 200 characters.' })
  contact!: string;
  @Field(() => String, { nullable: true, description: 'A key of your choice: the same key and input give the same answer again, without issuing another.' })
  idempotencyKey?: string | null;
}
export const issueCertificate = z.object({
  volunteer: z.string(), period: days, responsiblePerson: text(1, 100), handledBy: optionalText(100), contact: text(1, 200), idempotencyKey,
});

@InputType({ description: 'A certificate that is to count no longer.' })
export class RevokeCertificateInput {
  @Field(() => ID, { description: 'The certificate.' })
  id!: string;
  @Field(() => Int, { description: 'The version that you read.' })
  version!: number;
  @Field({ description: 'Why, for its history; up to 1000 characters.' })
  reason!: string;
}
export const revokeCertificate = z.object({ id: z.string(), version, reason: text(1, 1000) });
