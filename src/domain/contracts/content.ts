import { createHash } from 'node:crypto';
import { secondsOf } from '../../platform/graphql/edge';
import type { OpeningHours } from '../network/model';
import type { ActivityCategory, ClauseKind } from './model';

/** One clause as it is signed: without an id, so that the same words have the same hash. */
export interface ClauseContent {
  kind: ClauseKind;
  obligorId: string;
  text: string;
  resources: { id: string; name: string }[];
  beneficiaryIds: string[];
  quotaSeconds: number | null;
  hours: OpeningHours[];
  requiresApproval: boolean;
  priority: number;
  category: ActivityCategory | null;
  activitiesPerQuarter: number | null;
  serviceHoursPerQuarter: number | null;
}

/** What the parties sign. */
export interface ContractContent {
  title: string;
  partyIds: string[];
  term: { from: string; to: string | null };
  clauses: ClauseContent[];
  /** For how long bookings are kept once it is not in force; null: as nothing is said of it. */
  bookingRelease?: string | null;
}

/** JSON in its one canonical form (RFC 8785): members by their UTF-16 code units, primitives as ECMAScript writes them. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(',')}}`;
}

const by = <Item>(keyOf: (item: Item) => string) => (a: Item, b: Item) => (keyOf(a) < keyOf(b) ? -1 : 1);

/** The SHA-256, in hexadecimal, of what is signed. Sets are sorted; the order of clauses is part of the content. */
export function contentHash({ title, partyIds, term, clauses, bookingRelease = null }: ContractContent): string {
  const content = {
    title,
    parties: [...partyIds].sort(),
    term: { from: term.from, to: term.to },
    ...(bookingRelease !== null && { bookingRelease: secondsOf(bookingRelease) }),
    clauses: clauses.map((clause) => ({
      kind: clause.kind,
      obligor: clause.obligorId,
      text: clause.text,
      resources: clause.resources.map(({ id, name }) => ({ id, name })).sort(by(({ id }) => id)),
      beneficiaries: [...clause.beneficiaryIds].sort(),
      quotaPerMonth: clause.quotaSeconds,
      hours: clause.hours.map(({ weekday, opens, closes }) => ({ weekday, opens, closes })).sort(by((span) => `${span.weekday} ${span.opens}`)),
      requiresApproval: clause.requiresApproval,
      priority: clause.priority,
      category: clause.category,
      activitiesPerQuarter: clause.activitiesPerQuarter,
      serviceHoursPerQuarter: clause.serviceHoursPerQuarter,
    })),
  };
  return createHash('sha256').update(canonicalJson(content)).digest('hex');
}
