import type { AuditAction } from '../i18n/messages';
import { newId } from '../ids';

/** What sort of thing has changed; part of the promised API. */
export type EventKind =
  | 'CONTRACT_CHANGED'
  | 'RESOURCE_CHANGED'
  | 'BOOKING_CHANGED'
  | 'ACTIVITY_CHANGED'
  | 'REGISTRATION_CHANGED'
  | 'NEED_CHANGED'
  | 'PROJECT_CHANGED'
  | 'POINTS_TRANSFERRED'
  | 'RECOGNITION_CHANGED';

/** What a verb announces; written with its change, acted on once that is committed. */
export interface EventRecord {
  /** SYSTEM: of organizations and their members, which nobody subscribes to. */
  kind: EventKind | 'SYSTEM';
  /** The verb with its subject, as in the audit log. */
  action: AuditAction;
  subjectType: string;
  subjectId: string;
  /** The organizations it concerns: whoever acts for one of them is told, but for who did it. */
  audience: readonly string[];
  /** Whether it concerns the committee too. */
  committee?: boolean;
  /** People it concerns beside. */
  people?: readonly string[];
  /** The uuids of what else it touches, by what each is to the event, e.g. `{ resource, organization }`; subscriptions filter by them. */
  refs?: Readonly<Record<string, string>>;
  /** Which text tells it; the action's own when not given, null: nobody is told. */
  notice?: string | null;
  /** What the text is made with, such as a number or a title; no personal data. */
  data?: Readonly<Record<string, string | number | null>>;
  /** Who did it, when the session does not know yet: somebody who has just got an account. */
  by?: string;
}

/** An event as it was written. */
export interface StoredEvent {
  networkId: string;
  id: string;
  kind: EventRecord['kind'];
  action: string;
  subjectType: string;
  subjectId: string;
  at: Date;
  actorUserId: string | null;
  actorOrganizationId: string | null;
  audience: string[];
  people: string[];
  refs: Record<string, string>;
  notice: string | null;
  data: Record<string, string | number | null>;
}

/** What app.append_events takes. */
export const entriesOf = (records: readonly EventRecord[], now: Date): string =>
  JSON.stringify(
    records.map(({ committee = false, people = [], refs = {}, data = {}, notice, by, ...record }) => ({
      ...record,
      id: newId(now),
      committee,
      people,
      refs,
      data,
      notice: notice === undefined ? record.action : notice,
      by: by ?? null,
    })),
  );
