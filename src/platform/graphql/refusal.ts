import { Field, ObjectType, registerEnumType } from 'type-graphql';
import type { MessageKey, MessageParameters } from '../i18n/messages';

/** Why a change was refused; part of the promised API. */
export enum UserErrorCode {
  INVALID = 'INVALID',
  NOT_FOUND = 'NOT_FOUND',
  NOT_ALLOWED = 'NOT_ALLOWED',
  STALE_VERSION = 'STALE_VERSION',
  WRONG_STATE = 'WRONG_STATE',
  CONFLICT = 'CONFLICT',
  CAPACITY_EXCEEDED = 'CAPACITY_EXCEEDED',
  QUOTA_EXCEEDED = 'QUOTA_EXCEEDED',
  OUTSIDE_OPENING_HOURS = 'OUTSIDE_OPENING_HOURS',
  TOO_EARLY = 'TOO_EARLY',
  TOO_LATE = 'TOO_LATE',
  INSUFFICIENT_POINTS = 'INSUFFICIENT_POINTS',
  OUT_OF_STOCK = 'OUT_OF_STOCK',
  IDEMPOTENCY_MISMATCH = 'IDEMPOTENCY_MISMATCH',
  TRAINING_REQUIRED = 'TRAINING_REQUIRED',
  CONSENT_REQUIRED = 'CONSENT_REQUIRED',
  DUPLICATE = 'DUPLICATE',
}

registerEnumType(UserErrorCode, {
  name: 'UserErrorCode',
  description: 'Why a change was refused. Nothing was changed when a payload carries one.',
  valuesConfig: {
    INVALID: { description: 'A value is not acceptable as it stands; path says which.' },
    NOT_FOUND: { description: 'There is no such thing, or none that you may see.' },
    NOT_ALLOWED: { description: 'You may see it but not do this to it.' },
    STALE_VERSION: { description: 'It was changed since you read it; the payload carries the fresh object.' },
    WRONG_STATE: { description: 'Its status does not allow this; viewerCan says what it allows.' },
    CONFLICT: { description: 'Something else stands against it.' },
    CAPACITY_EXCEEDED: { description: 'There are not enough places.' },
    QUOTA_EXCEEDED: { description: 'A quota or limit is used up, such as that of a clause.' },
    OUTSIDE_OPENING_HOURS: { description: 'It is not open, or not open to you, at that time.' },
    TOO_EARLY: { description: 'It may not be done yet.' },
    TOO_LATE: { description: 'It may not be done any more.' },
    INSUFFICIENT_POINTS: { description: 'The account does not have that many points available.' },
    OUT_OF_STOCK: { description: 'There are not enough left.' },
    IDEMPOTENCY_MISMATCH: { description: 'The idempotency key was used with another input.' },
    TRAINING_REQUIRED: { description: 'A valid training is missing.' },
    CONSENT_REQUIRED: { description: "The guardian's consent is missing." },
    DUPLICATE: { description: 'The same exists already.' },
  },
});

/** One reason of a refused change, as clients get it. */
@ObjectType({ description: 'One reason why a change was refused.', simpleResolvers: true })
export class UserError {
  @Field(() => UserErrorCode, { description: 'What to do about it, for programs.' })
  code!: UserErrorCode;
  @Field({ description: 'The reason for people, in the language of Accept-Language.' })
  message!: string;
  @Field(() => [String], { description: 'Where in the input, e.g. ["input", "clauses", "0", "resources"]; empty when it is about the whole.' })
  path!: string[];
}

/** One reason before it is put into somebody's language. */
export interface RefusalReason {
  code: keyof typeof UserErrorCode;
  message: MessageKey;
  parameters: MessageParameters;
  path: readonly string[];
}

/** Thrown by a verb to refuse a change: the transaction is rolled back and the reasons become the payload's userErrors. */
export class Refusal extends Error {
  readonly reasons: readonly RefusalReason[];
  /** What the payload carries all the same, such as the fresh object of a stale version. */
  readonly payload: Record<string, unknown>;

  constructor(
    code: RefusalReason['code'],
    message: MessageKey,
    parameters: MessageParameters = {},
    path: readonly string[] = [],
    payload: Record<string, unknown> = {},
  ) {
    super(`${code}: ${message}`);
    this.reasons = [{ code, message, parameters, path: path.length ? ['input', ...path] : [] }];
    this.payload = payload;
  }

  /** Several reasons at once, such as all faults of one form. */
  static of(reasons: readonly RefusalReason[], payload: Record<string, unknown> = {}): Refusal {
    const [first] = reasons;
    const refusal = new Refusal(first!.code, first!.message, first!.parameters, [], payload);
    return Object.assign(refusal, { reasons });
  }
}
