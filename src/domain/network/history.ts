import type { Transaction } from '../../platform/database/session';
import { selectList } from '../../platform/database/columns';
import { grouped, type LoaderDefinition } from '../../platform/graphql/loaders';
import { newId } from '../../platform/ids';
import { StateChange, type Actor } from './model';

/** What a verb moved from one status to another. */
export interface Move {
  subjectType: string;
  subjectId: string;
  from: string | null;
  to: string;
  note?: string | null;
  /** The organizations that may read it; the committee does anyway. */
  audience: readonly string[];
}

/** Writes one step into the history of its subject and into the audit log, under the verb's name. */
export async function recordMove(tx: Transaction, action: string, move: Move, changes: Record<string, unknown> = {}): Promise<void> {
  const { actor } = tx;
  await tx.manager.insert(StateChange, {
    networkId: actor.networkId,
    id: newId(actor.now),
    subjectType: move.subjectType,
    subjectId: move.subjectId,
    at: actor.now,
    from: move.from,
    to: move.to,
    actorUserId: actor.userId,
    actorName: actor.userName ?? '',
    actorOrganizationId: actor.organizationId,
    note: move.note ?? null,
    audience: [...move.audience],
  });
  tx.audit({
    action,
    subjectType: move.subjectType,
    subjectId: move.subjectId,
    organizationIds: move.audience,
    changes: { status: [move.from, move.to], ...changes },
  });
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
