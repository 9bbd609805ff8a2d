import { selectList } from '../../platform/database/columns';
import { narrow, Page, page, READABLE, type ForwardArgs, type ListQuery } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { byId } from '../../platform/graphql/loaders';
import { userById } from '../accounts/reads';
import { organizationById } from '../network/reads';
import { Notification } from './model';
import { isNotice, wordIn, type bodyIn } from './templates';

export const notificationById = byId(Notification);

/** The viewer's own notifications, newest first; none for nobody known. */
export async function listNotifications(context: RequestContext, args: ForwardArgs, unreadOnly: boolean): Promise<Page<Notification>> {
  const { userId } = context.caller;
  if (userId === null) return new Page<Notification>([], false, false, () => '', async () => 0);
  const query: ListQuery<Notification> = {
    list: 'notifications', select: selectList(Notification, 't'), from: 'notifications t', where: [READABLE], values: [],
    // Ids go by the time of what happened.
    order: [{ sql: 't.id', type: 'uuid', of: (row) => row.id }], descending: true,
  };
  narrow(query, (value) => `t.user_id = ${value}`, userId);
  if (unreadOnly) query.where.push('t.read_at IS NULL');
  return page(context.session, context.platform.cursors, query, args);
}

/** Values that are words of ours, and instants, rather than names that somebody gave. */
const WORDS = new Set(['sharing', 'role', 'recognition']);
const INSTANTS = new Set(['start', 'end']);

/** An instant as people of both languages read it, in the network's time zone. */
const instantIn = (timeZone: string, at: string): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(new Date(at));

/**
 * A text of a notification in the viewer's language. What things were called is as it was then; organizations and
 * people are called as they are now, and not at all where the viewer may not see them.
 */
export async function textOf(context: RequestContext, notification: Notification, textIn: typeof bodyIn): Promise<string> {
  const { notice, data, refs, actorOrganizationId } = notification;
  if (!isNotice(notice)) return notice;
  const { locale } = context;
  const [by, person] = await Promise.all([
    actorOrganizationId === null ? null : context.load(organizationById, actorOrganizationId),
    refs.person === undefined ? null : context.load(userById, refs.person),
  ]);
  const { timeZone } = await context.actor();
  const said = Object.entries(data).map(([name, value]): [string, string | number] => {
    if (WORDS.has(name)) return [name, wordIn(locale, value as never)];
    return [name, INSTANTS.has(name) ? instantIn(timeZone, value as string) : (value ?? '')];
  });
  return textIn(locale, notice, {
    ...Object.fromEntries(said),
    by: by?.name ?? context.t(actorOrganizationId === null ? 'actor.platform' : 'actor.hidden'),
    person: person?.displayName ?? context.t('actor.hidden'),
  });
}
