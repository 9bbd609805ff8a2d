import { selectList } from '../../platform/database/columns';
import { narrow, page, READABLE, type ForwardArgs, type ListQuery, type Page } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { filterId, filterText } from '../../platform/graphql/edge';
import { RequestError } from '../../platform/graphql/errors';
import { byId } from '../../platform/graphql/loaders';
import { fromGlobalId } from '../../platform/ids';
import { userById } from '../accounts/reads';
import type { Actor } from '../network/model';
import type { AuditFilter } from './inputs';
import { AuditEntry, type AuditChange } from './model';

export const auditEntryById = byId(AuditEntry);

/** The entries that the actor may read, newest first: all for the committee, those that concern the own organization for its administrators. */
export function listEntries(context: RequestContext, args: ForwardArgs, filter: AuditFilter): Promise<Page<AuditEntry>> {
  const query: ListQuery<AuditEntry> = {
    list: 'audit', select: selectList(AuditEntry, 't'), from: 'audit_entries t', where: [READABLE], values: [],
    order: [{ sql: 't.seq', type: 'bigint', of: (row) => row.seq }], descending: true,
  };
  if (filter.subject != null) {
    const subject = fromGlobalId(filter.subject);
    if (!subject) throw new RequestError('BAD_USER_INPUT', 'filter.id');
    narrow(query, (value) => `t.subject_id = ${value}`, subject.id);
    narrow(query, (value) => `t.subject_type = ${value}`, subject.type);
  }
  narrow(query, (value) => `${value} = ANY(t.organization_ids)`, filterId('Organization', filter.organization));
  narrow(query, (value) => `t.action = ${value}`, filterText(filter.action));
  narrow(query, (value) => `t.at >= ${value}`, filter.from);
  narrow(query, (value) => `t.at < ${value}`, filter.to);
  return page(context.session, context.platform.cursors, query, args);
}

/** Who did it, by the name of now: a person whom the actor may not see is not named, and what nobody did the platform did. */
export async function actorOfEntry(context: RequestContext, { actorUserId, actorOrganizationId }: AuditEntry): Promise<Actor> {
  const user = actorUserId === null ? null : await context.load(userById, actorUserId);
  const displayName = user?.displayName ?? context.t(actorUserId === null ? 'actor.platform' : 'actor.hidden');
  return { displayName, organizationId: actorOrganizationId };
}

const told = (value: unknown): string | null => (value == null ? null : JSON.stringify(value));

/** Before and after, field by field; without the values for whoever may not see what was changed. */
export const changesOf = ({ changes }: AuditEntry, seesSubject: boolean): AuditChange[] =>
  Object.entries(JSON.parse(changes) as Record<string, unknown>).map(([field, change]) => {
    const [before, after] = seesSubject && Array.isArray(change) && change.length === 2 ? (change as [unknown, unknown]) : [null, null];
    return { field, before: told(before), after: told(after) };
  });
