import type { Transaction } from '../../platform/database/session';
import { selectList } from '../../platform/database/columns';
import type { EventKind, EventRecord } from '../../platform/events/outbox';
import { grouped, type LoaderDefinition } from '../../platform/graphql/loaders';
import type { AuditAction } from '../../platform/i18n/messages';
import { newId } from '../../platform/ids';
import { StateChange, type Actor } from './model';

/** What a verb changed, and whom it concerns. */
export interface Change extends Pick<EventRecord, 'subjectType' | 'subjectId' | 'committee' | 'people' | 'refs' | 'notice' | 'data'> {
  /** The organizations that may read of it, and whose people are told; the committee reads anyway, and so do the `people`. */
  audience: readonly string[];
  /** Organizations whose people are told too. */
  concerned?: readonly string[];
  /** People who are told too, and read nothing of its history. */
  told?: readonly string[];
  /** Who did it, when the session does not know yet: somebody who has just got an account. */
  by?: { userId: string; name: string };
}

/** What a verb moved from one status to another. */
export interface Move extends Change {
  from: string | null;
  to: string;
  note?: string | null;
  /** Since when it has been so by itself, such as by the calendar: nobody did it. */
  since?: Date;
  /** Who reads of the step in the history beside the audience, by the names that rows are read by. */
  readers?: readonly string[];
  /** Whether the history keeps to itself who did it. */
  unnamed?: boolean;
}

/** What the change of a thing is announced as; of anything else people are told, but programs cannot subscribe to it. */
const eventKinds: Readonly<Record<string, EventKind>> = {
  Contract: 'CONTRACT_CHANGED',
  Resource: 'RESOURCE_CHANGED',
  Booking: 'BOOKING_CHANGED',
  Activity: 'ACTIVITY_CHANGED',
  Registration: 'REGISTRATION_CHANGED',
  Need: 'NEED_CHANGED',
  Project: 'PROJECT_CHANGED',
  PointsTransfer: 'POINTS_TRANSFERRED',
  PointsSettlement: 'POINTS_TRANSFERRED',
  Redemption: 'POINTS_TRANSFERRED',
  Wish: 'POINTS_TRANSFERRED',
  Recognition: 'RECOGNITION_CHANGED',
};

/** Writes a change into the audit log under the verb's name, and announces it. */
export function recordChange(tx: Transaction, action: AuditAction, change: Change, changes: Record<string, unknown>): void {
  const { subjectType, subjectId, audience, concerned = [], committee, people = [], told = [], refs, notice, data, by } = change;
  tx.audit({ action, subjectType, subjectId, organizationIds: audience, changes });
  tx.emit({
    kind: eventKinds[subjectType] ?? 'SYSTEM', action, subjectType, subjectId, audience: [...audience, ...concerned], committee, people: [...people, ...told], refs, notice, data,
    by: by?.userId,
  });
}

/** A step as the history has it. */
const stateChangeOf = ({ actor }: Transaction, move: Move) => {
  const { since } = move;
  const nobody = since !== undefined || move.unnamed;
  return {
    id: newId(since ?? actor.now),
    subjectType: move.subjectType,
    subjectId: move.subjectId,
    at: since ?? actor.now,
    from: move.from,
    to: move.to,
    actorUserId: nobody ? null : (move.by?.userId ?? actor.userId),
    actorName: nobody ? '' : (move.by?.name ?? actor.userName ?? ''),
    actorOrganizationId: nobody ? null : actor.organizationId,
    note: move.note ?? null,
    audience: [...move.audience, ...(move.people ?? []), ...(move.readers ?? [])],
  };
};

/** A step with what else it changed. */
export type MoveWithChanges = readonly [move: Move, changes?: Record<string, unknown>];

/** Writes steps into the histories of their subjects and into the audit log, under the verb's name, and announces them. */
export async function recordMoves(tx: Transaction, action: AuditAction, moves: readonly MoveWithChanges[]): Promise<void> {
  if (moves.length === 0) return;
  await tx.query(
    `INSERT INTO state_changes (network_id, id, subject_type, subject_id, at, from_status, to_status, actor_user_id, actor_name, actor_organization_id, note, audience)
     SELECT app.network_id(), id, "subjectType", "subjectId", at, "from", "to", "actorUserId", "actorName", "actorOrganizationId", note, audience
     FROM jsonb_to_recordset($1::jsonb) AS step(id uuid, "subjectType" text, "subjectId" uuid, at timestamptz, "from" text, "to" text, "actorUserId" uuid,
       "actorName" text, "actorOrganizationId" uuid, note text, audience uuid[])`,
    [JSON.stringify(moves.map(([move]) => stateChangeOf(tx, move)))],
  );
  for (const [move, changes] of moves) recordChange(tx, action, move, { status: [move.from, move.to], ...changes });
}

/** Writes one step. */
export const recordMove = (tx: Transaction, action: AuditAction, move: Move, changes?: Record<string, unknown>): Promise<void> =>
  recordMoves(tx, action, [[move, changes]]);

/** Lets more organizations read the history of a subject so far. */
export async function openHistory(tx: Transaction, subjectId: string, audience: readonly string[]): Promise<void> {
  await tx.query('UPDATE state_changes SET audience = $2 WHERE network_id = app.network_id() AND subject_id = $1', [subjectId, audience]);
}

/** The history of a subject, oldest first. */
export const historyOf: LoaderDefinition<string, StateChange[]> = {
  batch: async (session, subjectIds) => {
    const rows = await session.read<StateChange>({
      name: 'state-changes-by-subject',
      text: `SELECT ${selectList(StateChange, 's')} FROM state_changes s
        WHERE s.network_id = app.network_id() AND s.subject_id = ANY($1::uuid[]) ORDER BY s.at, s.id`,
      values: [subjectIds],
    });
    return grouped(subjectIds, rows, (row) => row.subjectId);
  },
};

/** Who made a step, for people. */
export const actorOfChange = (change: StateChange): Actor | null =>
  change.actorName || change.actorOrganizationId ? { displayName: change.actorName, organizationId: change.actorOrganizationId } : null;
