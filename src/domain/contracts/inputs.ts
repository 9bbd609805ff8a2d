import { Field, ID, InputType, Int } from 'type-graphql';
import { z } from 'zod';
import { date, distinct, duration, fault, idempotencyKey, openingHours, optionalText, text, version, whole } from '../../platform/graphql/edge';
import { DateScalar, DurationScalar } from '../../platform/graphql/scalars';
import { OpeningHoursInput } from '../network/inputs';
import { ActivityCategory, ClauseKind, ContractStatus } from './model';

const MOST_PARTIES = 30;
const MOST_CLAUSES = 50;
const MOST_RESOURCES = 100;
const MINUTE = 60;
const LONGEST_MONTH = 31 * 24 * 3600;

const IDEMPOTENCY = 'Repeating a request with the same key and input does it once.';
const VERSION = 'The version that was read.';
const RELEASE = 'For how long bookings made by it are kept when it is suspended or has ended, PT0S to P366D; seven days when nothing is said.';
const bookingRelease = duration(0, 366 * 86_400).nullish();

@InputType({ description: 'The days a contract is for, both included.' })
export class ContractTermInput {
  @Field(() => DateScalar, { description: 'The first day.' })
  from!: string;
  @Field(() => DateScalar, { nullable: true, description: 'The last day, not before the first; null: until further notice.' })
  to?: string | null;
}
const term = z.object({ from: date, to: date.nullish().transform((to) => to ?? null) }).superRefine(({ from, to }, check) => {
  if (to !== null && to < from) fault(check, 'contract.term.reversed', {}, ['to']);
});

const OBLIGOR = 'The party that takes it on.';
const WORDING = 'Its wording; up to 2000 characters.';
const duty = { obligor: z.string(), text: text(1, 2000) };

@InputType({ description: 'A clause that opens resources.' })
export class ResourceGrantInput {
  @Field(() => ID, { description: 'The party whose resources they are.' })
  obligor!: string;
  @Field({ description: WORDING })
  text!: string;
  @Field(() => [ID], { description: "Resources of the obligor's own that you may see, not private ones; 1 to 100." })
  resources!: string[];
  @Field(() => [ID], { description: 'The parties that may use them, other than the obligor.' })
  beneficiaries!: string[];
  @Field(() => DurationScalar, { nullable: true, description: 'For how long a month all beneficiaries together may use them, PT1M to P31D; null: without limit.' })
  quotaPerMonth?: string | null;
  @Field(() => [OpeningHoursInput], { defaultValue: [], description: 'When the beneficiaries may use them; empty: whenever they are open.' })
  hours!: OpeningHoursInput[];
  @Field({ defaultValue: false, description: 'Whether the obligor approves each booking.' })
  requiresApproval!: boolean;
  @Field(() => Int, { defaultValue: 0, description: 'Who waits for a place comes first by the higher one; 0 to 100.' })
  priority!: number;
}
const resourceGrant = z.object({
  ...duty,
  resources: distinct(z.string(), MOST_RESOURCES).superRefine((resources, check) => {
    if (resources.length === 0) fault(check, 'invalid.required');
  }),
  beneficiaries: z.array(z.string()).superRefine((beneficiaries, check) => {
    if (beneficiaries.length === 0 || new Set(beneficiaries).size < beneficiaries.length) fault(check, 'contract.clause.beneficiaries');
  }),
  quotaPerMonth: duration(MINUTE, LONGEST_MONTH).nullish(),
  hours: openingHours.default([]),
  requiresApproval: z.boolean().default(false),
  priority: whole(0, 100).default(0),
});

@InputType({ description: 'A clause that promises activities.' })
export class ActivityCommitmentInput {
  @Field(() => ID, { description: OBLIGOR })
  obligor!: string;
  @Field({ description: WORDING })
  text!: string;
  @Field(() => ActivityCategory, { description: 'Of which field.' })
  category!: ActivityCategory;
  @Field(() => Int, { description: 'How many in each quarter, 1 to 1000.' })
  activitiesPerQuarter!: number;
}
const activityCommitment = z.object({ ...duty, category: z.enum(ActivityCategory), activitiesPerQuarter: whole(1, 1000) });

@InputType({ description: 'A clause that promises voluntary service.' })
export class VolunteerCommitmentInput {
  @Field(() => ID, { description: OBLIGOR })
  obligor!: string;
  @Field({ description: WORDING })
  text!: string;
  @Field(() => Int, { description: 'How many hours in each quarter, 1 to 1000000.' })
  serviceHoursPerQuarter!: number;
}
const volunteerCommitment = z.object({ ...duty, serviceHoursPerQuarter: whole(1, 1_000_000) });

@InputType({ description: 'A clause that takes on a duty of governance.' })
export class GovernanceDutyInput {
  @Field(() => ID, { description: OBLIGOR })
  obligor!: string;
  @Field({ description: WORDING })
  text!: string;
  @Field(() => ActivityCategory, { description: 'In which field.' })
  category!: ActivityCategory;
}
const governanceDuty = z.object({ ...duty, category: z.enum(ActivityCategory) });

@InputType({ description: 'A clause: exactly one of its fields is given.' })
export class ContractClauseInput {
  @Field(() => ResourceGrantInput, { nullable: true, description: 'Opens resources.' })
  resourceGrant?: ResourceGrantInput | null;
  @Field(() => ActivityCommitmentInput, { nullable: true, description: 'Promises activities.' })
  activityCommitment?: ActivityCommitmentInput | null;
  @Field(() => VolunteerCommitmentInput, { nullable: true, description: 'Promises voluntary service.' })
  volunteerCommitment?: VolunteerCommitmentInput | null;
  @Field(() => GovernanceDutyInput, { nullable: true, description: 'Takes on a duty of governance.' })
  governanceDuty?: GovernanceDutyInput | null;
}

@InputType({ description: 'A clause of a changed contract, new or kept: exactly one of its fields is given.' })
export class ChangedClauseInput extends ContractClauseInput {
  @Field(() => ID, { nullable: true, description: 'A clause of the contract that is changed, taken over as it stands, even if you may not see what it grants.' })
  keep?: string | null;
}

const kinds = {
  resourceGrant: resourceGrant.nullish(),
  activityCommitment: activityCommitment.nullish(),
  volunteerCommitment: volunteerCommitment.nullish(),
  governanceDuty: governanceDuty.nullish(),
};
const ofOneKind = (clause: object, check: Parameters<typeof fault>[0]) => {
  if (Object.values(clause).filter((value) => value != null).length !== 1) fault(check, 'contract.clause.kind');
};
const clauses = <Clause extends z.ZodType>(clause: Clause) =>
  z.array(clause).superRefine((all, check) => {
    if (all.length === 0) fault(check, 'contract.clauses.none');
    if (all.length > MOST_CLAUSES) fault(check, 'invalid.most', { most: MOST_CLAUSES });
  });
const newClauses = clauses(z.object(kinds).superRefine(ofOneKind));
const changedClauses = clauses(z.object({ ...kinds, keep: z.string().nullish() }).superRefine(ofOneKind));
export type ChangedClause = z.infer<typeof changedClauses>[number];

const parties = z.array(z.string()).superRefine((ids, check) => {
  if (ids.length < 2) fault(check, 'contract.parties.few');
  if (ids.length > MOST_PARTIES) fault(check, 'invalid.most', { most: MOST_PARTIES });
  ids.forEach((id, index) => {
    if (ids.indexOf(id) < index) fault(check, 'contract.parties.twice', {}, [index]);
  });
});

@InputType({ description: 'A new contract.' })
export class DraftContractInput {
  @Field({ description: 'What it is called; up to 200 characters.' })
  title!: string;
  @Field(() => ContractTermInput, { description: 'The days it is for, not wholly past.' })
  term!: ContractTermInput;
  @Field(() => [ID], { description: 'The organizations that are party to it, 2 to 30, each once; your own among them unless the committee drafts.' })
  parties!: string[];
  @Field(() => [ContractClauseInput], { description: 'What it says, 1 to 50 clauses in their order.' })
  clauses!: ContractClauseInput[];
  @Field(() => DurationScalar, { nullable: true, description: RELEASE })
  bookingRelease?: string | null;
  @Field(() => String, { nullable: true, description: IDEMPOTENCY })
  idempotencyKey?: string | null;
}
export const draftContract = z.object({ title: text(1, 200), term, parties, clauses: newClauses, bookingRelease, idempotencyKey });

@InputType({ description: 'Changes of a contract that not every party has signed; what is not named stays. All signatures are cleared and the clauses get new ids.' })
export class UpdateContractInput {
  @Field(() => ID, { description: 'The contract.' })
  id!: string;
  @Field(() => Int, { description: VERSION })
  version!: number;
  @Field(() => String, { nullable: true, description: 'What it is called; up to 200 characters.' })
  title?: string | null;
  @Field(() => ContractTermInput, { nullable: true, description: 'The days it is for.' })
  term?: ContractTermInput | null;
  @Field(() => [ID], { nullable: true, description: 'The parties, as a whole; fixed once it is proposed, and in an amendment.' })
  parties?: string[] | null;
  @Field(() => [ChangedClauseInput], { nullable: true, description: 'What it says, as a whole.' })
  clauses?: ChangedClauseInput[] | null;
  @Field(() => DurationScalar, { nullable: true, description: `${RELEASE} Null says nothing any more.` })
  bookingRelease?: string | null;
}
export const updateContract = z.object({
  id: z.string(),
  version,
  title: text(1, 200).nullish(),
  term: term.nullish(),
  parties: parties.nullish(),
  clauses: changedClauses.nullish(),
  bookingRelease,
});

@InputType({ description: 'A draft that is laid before its parties.' })
export class ProposeContractInput {
  @Field(() => ID, { description: 'The contract.' })
  id!: string;
  @Field(() => Int, { description: VERSION })
  version!: number;
}
export const proposeContract = z.object({ id: z.string(), version });

@InputType({ description: 'A signature for the own organization.' })
export class SignContractInput {
  @Field(() => ID, { description: 'The contract.' })
  id!: string;
  @Field({ description: 'The contentHash of what was read; another content is not signed.' })
  contentHash!: string;
  @Field(() => String, { nullable: true, description: IDEMPOTENCY })
  idempotencyKey?: string | null;
}
export const signContract = z.object({ id: z.string(), contentHash: z.string(), idempotencyKey });

@InputType({ description: 'A contract and why something is done to it.' })
export class ContractNoteInput {
  @Field(() => ID, { description: 'The contract.' })
  id!: string;
  @Field(() => Int, { description: VERSION })
  version!: number;
  @Field(() => String, { nullable: true, description: 'The reason, for its history; up to 1000 characters.' })
  note?: string | null;
}
export const withNote = z.object({ id: z.string(), version, note: optionalText(1000) });

@InputType({ description: 'A new version of a contract in force, between the same parties; it takes over on its first day once every party has signed.' })
export class AmendContractInput {
  @Field(() => ID, { description: 'The contract that is amended.' })
  id!: string;
  @Field(() => Int, { description: VERSION })
  version!: number;
  @Field(() => String, { nullable: true, description: 'What the new version is called; as before when not given.' })
  title?: string | null;
  @Field(() => ContractTermInput, { description: "Its days: from a day within the rest of the amended contract's term, at the latest the day after its end." })
  term!: ContractTermInput;
  @Field(() => [ChangedClauseInput], { nullable: true, description: 'What it says, as a whole; as before when not given.' })
  clauses?: ChangedClauseInput[] | null;
  @Field(() => DurationScalar, { nullable: true, description: `${RELEASE} As before when not given, null says nothing any more.` })
  bookingRelease?: string | null;
  @Field(() => String, { nullable: true, description: IDEMPOTENCY })
  idempotencyKey?: string | null;
}
export const amendContract = z.object({
  id: z.string(),
  version,
  title: text(1, 200).nullish(),
  term,
  clauses: changedClauses.nullish(),
  bookingRelease,
  idempotencyKey,
});

@InputType({ description: 'The scan of a contract.' })
export class AttachContractDocumentInput {
  @Field(() => ID, { description: 'The contract, which is proposed at least.' })
  contract!: string;
  @Field(() => ID, { description: 'The uploaded file, of the purpose CONTRACT_DOCUMENT.' })
  file!: string;
}
export const attachContractDocument = z.object({ contract: z.string(), file: z.string() });

@InputType({ description: 'Which contracts to list: those that fit all of it.' })
export class ContractFilter {
  @Field(() => ContractStatus, { nullable: true, description: 'Standing like this today.' })
  status?: ContractStatus | null;
  @Field(() => ID, { nullable: true, description: 'With this organization as a party.' })
  party?: string | null;
  @Field(() => ClauseKind, { nullable: true, description: 'With a clause of this kind.' })
  clauseKind?: ClauseKind | null;
  @Field(() => String, { nullable: true, description: 'With this text in the title or number.' })
  text?: string | null;
}
