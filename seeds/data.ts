import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { z } from 'zod';
import { ActivityVisibility, ParticipationRole } from '../src/domain/activities/model';
import { BookingStatus } from '../src/domain/bookings/model';
import { ActivityCategory } from '../src/domain/contracts/model';
import { MembershipStatus, OrganizationKind, OrganizationStatus, PositionKind, Role } from '../src/domain/network/model';

const hours = z.array(z.strictObject({ weekdays: z.array(z.int().min(1).max(7)), opens: z.string(), closes: z.string() }));
const key = z.string().regex(/^[a-z][a-z0-9-]*$/);
const duration = z.string().regex(/^P/);

const person = z.strictObject({
  key,
  displayName: z.string(),
  email: z.email(),
  phone: z.string(),
  role: z.enum(Role),
  locale: z.enum(['zh-CN', 'en']),
  status: z.enum(MembershipStatus),
  alsoIn: z.array(z.strictObject({ organization: key, role: z.enum(Role) })).default([]),
  sample: z.string().optional(),
});

const position = z.strictObject({
  key,
  name: z.string(),
  kind: z.enum(PositionKind),
  address: z.string(),
  location: z.strictObject({ latitude: z.number(), longitude: z.number() }),
  openingHours: hours,
});

const resource = z.strictObject({
  key,
  name: z.string(),
  kind: z.enum(['VENUE', 'EQUIPMENT', 'EXPERT', 'SERVICE', 'MATERIAL']),
  description: z.string(),
  position: key.nullable(),
  sharing: z.enum(['PRIVATE', 'CONTRACT', 'NETWORK', 'PUBLIC']),
  status: z.enum(['AVAILABLE', 'OUT_OF_SERVICE', 'RETIRED']),
  capacity: z.int().nullable(),
  quantity: z.int(),
  skills: z.array(z.string()),
  requires: z.array(key),
  bookingPolicy: z.strictObject({
    minimum: duration,
    maximum: duration,
    leadTime: duration,
    horizon: duration,
    buffer: duration,
    requiresApproval: z.boolean(),
    cancellationDeadline: duration,
  }),
  openingHours: hours,
});

const organization = z.strictObject({
  key,
  name: z.string(),
  hub: z.boolean(),
  kind: z.enum(OrganizationKind),
  unifiedSocialCreditCode: z.string().nullable(),
  introduction: z.string(),
  status: z.enum(OrganizationStatus),
  contact: z.strictObject({ person: z.string(), phone: z.string(), email: z.email() }),
  positions: z.array(position),
  people: z.array(person).min(1),
  resources: z.array(resource),
});

const clauseBase = { obligor: key, text: z.string() };
const clause = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('RESOURCE_GRANT'),
    ...clauseBase,
    resources: z.array(key).min(1),
    beneficiaries: z.array(key).min(1),
    quotaPerMonth: duration.nullable(),
    hours,
    requiresApproval: z.boolean(),
    priority: z.int(),
  }),
  z.strictObject({ kind: z.literal('ACTIVITY_COMMITMENT'), ...clauseBase, category: z.string(), activitiesPerQuarter: z.int() }),
  z.strictObject({ kind: z.literal('VOLUNTEER_COMMITMENT'), ...clauseBase, serviceHoursPerQuarter: z.int() }),
  z.strictObject({ kind: z.literal('GOVERNANCE_DUTY'), ...clauseBase, category: z.string() }),
]);

const contract = z.strictObject({
  key,
  title: z.string(),
  parties: z.array(key).min(2),
  draftedBy: key,
  term: z.strictObject({ fromDay: z.int(), toDay: z.int().nullable() }),
  state: z.enum(['DRAFT', 'PROPOSED', 'SIGNED', 'ACTIVE', 'SUSPENDED', 'EXPIRED', 'TERMINATED', 'REJECTED', 'WITHDRAWN']),
  signedBy: z.array(key),
  note: z.string().nullable(),
  supersedes: key.nullable(),
  bookingRelease: duration.optional(),
  clauses: z.array(clause).min(1),
});

const time = z.string().regex(/^\d\d:\d\d$/);
/** On the first day from one on that is one of these weekdays; any day when there are none. */
const when = z.strictObject({ fromDay: z.int(), weekdays: z.array(z.int().min(1).max(7)), start: time, end: time, endsAfterDays: z.int().min(0).default(0) });

const booking = z.strictObject({
  resource: key,
  by: key,
  bookedDay: z.int().max(-1),
  when,
  quantity: z.int().min(1).default(1),
  recurrence: z.string().optional(),
  purpose: z.string(),
  state: z.enum(BookingStatus),
  note: z.string().nullable().default(null),
});

const block = z.strictObject({ resource: key, by: key, blockedDay: z.int().max(-1), when, recurrence: z.string().nullable(), reason: z.string() });

/** A need that is accepted, unless it is still to be looked at. */
const need = z.strictObject({
  key,
  title: z.string(),
  description: z.string(),
  category: z.string(),
  building: z.string().nullable(),
  by: key,
  raisedDay: z.int().max(-1),
  supporters: z.array(key),
  state: z.enum(['SUBMITTED', 'ACCEPTED']),
});

/** A project that is under way, with an activity that recurs and what people said of it each time. */
const programme = z.strictObject({
  key,
  title: z.string(),
  category: z.string(),
  goal: z.string(),
  lead: key,
  partners: z.array(key),
  needs: z.array(key),
  proposedDay: z.int().max(-1),
  toDay: z.int().nullable(),
  ratingThreshold: z.number().nullable(),
  milestones: z.array(z.strictObject({ title: z.string(), dueDay: z.int(), done: z.boolean() })),
  activity: z.strictObject({
    title: z.string(),
    description: z.string(),
    start: time,
    end: time,
    times: z.array(z.strictObject({ day: z.int().max(-3), said: z.array(z.strictObject({ rating: z.int(), recommend: z.int().optional(), comment: z.string().optional() })) })),
  }),
  exchange: z.strictObject({ day: z.int().max(-2), minutes: z.string(), decisions: z.array(z.string()) }).optional(),
  adjustment: z.strictObject({ day: z.int().max(-2), what: z.string(), because: z.string() }).optional(),
});

const activity = z.strictObject({
  title: z.string(),
  category: z.enum(ActivityCategory),
  description: z.string(),
  visibility: z.enum(ActivityVisibility),
  by: key,
  position: key.nullable().default(null),
  madeDay: z.int().max(-4),
  when,
  invited: z
    .array(z.strictObject({ organization: key, role: z.enum(ParticipationRole), answeredBy: key.nullable(), accepts: z.boolean().default(true), volunteers: z.int().min(0).default(0) }))
    .default([]),
  state: z.enum(['DRAFT', 'INVITING', 'OPEN', 'CLOSED', 'CANCELLED']),
  note: z.string().nullable().default(null),
  report: z.strictObject({ summary: z.string(), beneficiaries: z.int().min(0) }).nullable().default(null),
});

const file = z.strictObject({
  network: z.strictObject({
    code: z.string(),
    name: z.string(),
    administrativeDivision: z.string(),
    timeZone: z.string(),
    default: z.boolean(),
  }),
  organizations: z.array(organization),
  contracts: z.array(contract),
  bookings: z.array(booking).default([]),
  blocks: z.array(block).default([]),
  needs: z.array(need).default([]),
  programmes: z.array(programme).default([]),
  activities: z.array(activity).default([]),
});

/** A network as its file describes it; README.md says what each part is. */
export type NetworkData = z.infer<typeof file>;
export type OrganizationData = NetworkData['organizations'][number];
export type PersonData = OrganizationData['people'][number];
export type ResourceData = OrganizationData['resources'][number];
export type ContractData = NetworkData['contracts'][number];
export type ActivityData = NetworkData['activities'][number];
export type BookingData = NetworkData['bookings'][number];
export type NeedData = NetworkData['needs'][number];
export type ProgrammeData = NetworkData['programmes'][number];
export type BlockData = NetworkData['blocks'][number];

/** The password of every sample account; they exist only where the sample networks are. */
export const SAMPLE_PASSWORD = 'erma-sample-2021';

/** The files of the sample networks, the default one first. */
const FILES = ['erma.yaml', 'second.yaml'];

function read(name: string): NetworkData {
  const parsed = file.safeParse(load(readFileSync(join(__dirname, name), 'utf8')));
  if (!parsed.success) throw new Error(`seeds/${name}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

let known: NetworkData[] | null = null;

/** The sample networks, read once. @throws Error naming the place when a file is not of the format */
export const sampleNetworks = (): readonly NetworkData[] => (known ??= FILES.map(read));

/** Spans of several weekdays as spans of one each. */
export const openingHours = (spans: z.infer<typeof hours>) =>
  spans.flatMap(({ weekdays, opens, closes }) => weekdays.map((weekday) => ({ weekday, opens, closes })));

/** Somebody to try the API as. */
export interface SignIn {
  identifier: string;
  password: string;
  displayName: string;
  role: Role;
  organization: string;
  note: string;
}

/** The people whom the start prints and the explorer offers, with what each is a sample of. */
export const sampleSignIns = (): SignIn[] =>
  sampleNetworks().flatMap(({ organizations }) =>
    organizations.flatMap(({ name, people }) =>
      people.flatMap(({ email, displayName, role, sample }) =>
        sample ? [{ identifier: email, password: SAMPLE_PASSWORD, displayName, role, organization: name, note: sample }] : [],
      ),
    ),
  );
