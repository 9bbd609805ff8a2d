import { selectList } from '../../platform/database/columns';
import type { Reader, Session } from '../../platform/database/session';
import { READABLE } from '../../platform/graphql/connection';
import type { Platform, RequestContext } from '../../platform/graphql/context';
import type { LoaderDefinition } from '../../platform/graphql/loaders';
import { publicUrlOf } from '../../platform/http/public-url';
import type { Activity } from '../activities/model';
import { Booking } from '../bookings/model';
import { mayFollow } from './access';
import { RevokedFeed, type Feed, type FeedKind } from './model';
import { tokenOf } from './token';

/** How many bookings a calendar has at most, and how many activities: those whose start is nearest. */
export const MOST_ENTRIES = 1000;
/** How long what is over, or was called off, stays in a calendar. */
const DAYS_KEPT = 30;
/** No resource can be booked for longer. */
const LONGEST_DAYS = 366;

/** The calendars of memberships whose URL was revoked before. */
const revokedOf: LoaderDefinition<string, RevokedFeed[]> = {
  batch: async (session, membershipIds) => {
    const rows = await session.read<RevokedFeed>({
      name: 'revoked-feeds',
      text: `SELECT ${selectList(RevokedFeed, 't')} FROM calendar_feeds t WHERE t.network_id = app.network_id() AND t.membership_id = ANY($1::uuid[])`,
      values: [membershipIds],
    });
    return membershipIds.map((id) => rows.filter(({ membershipId }) => membershipId === id));
  },
};

/** Where a calendar is read. */
export function urlOf({ config, secret }: Pick<Platform, 'config' | 'secret'>, feed: Feed): string {
  return publicUrlOf(config, `calendars/${tokenOf(secret, feed)}.ics`);
}

/** The URL of a calendar for the actor; null for who may not follow it. */
export async function feedUrl(context: RequestContext, kind: FeedKind, subjectId: string): Promise<string | null> {
  const actor = await context.actor();
  if (!mayFollow(actor, kind, subjectId)) return null;
  const { networkId, membershipId } = actor;
  const revoked = await context.load(revokedOf, membershipId!);
  const generation = revoked.find((feed) => feed.kind === kind && feed.subjectId === subjectId)?.generation ?? 0;
  return urlOf(context.platform, { networkId, membershipId: membershipId!, kind, subjectId, generation });
}

/** A session by the membership that a calendar is read by. Its begin is refused once the URL was revoked, or the membership or its organization is not in force. */
export const BEGIN_FEED = (feed: Feed) => ({
  name: 'begin-feed',
  text: 'SELECT * FROM app.begin_feed($1, $2, $3, $4, $5, $6)',
  values: [feed.networkId, feed.membershipId, feed.kind, feed.subjectId, feed.generation],
});

const NAMES: Readonly<Record<FeedKind, string>> = {
  RESOURCE: `SELECT t.name FROM resources t WHERE ${READABLE} AND t.id = $1`,
  ORGANIZATION: `SELECT t.name FROM organizations t WHERE ${READABLE} AND t.id = $1`,
  PERSON: 'SELECT t.name FROM networks t WHERE t.id = app.network_id() AND app.user_id() = $1',
};

/** What a calendar is of, by its name, and a person's by that of the network; null when it is not there to be read. */
async function nameOf(reader: Reader, { kind, subjectId }: Feed): Promise<string | null> {
  const [row] = await reader.read<{ name: string }>({ text: NAMES[kind], values: [subjectId] });
  return row?.name ?? null;
}

/** A booking as a calendar tells it. */
export interface BookingEntry extends Pick<Booking, 'id' | 'resourceName' | 'organizationId' | 'quantity' | 'startsAt' | 'endsAt' | 'status' | 'recordedStatus' | 'createdAt' | 'version'> {
  /** Since when it has been as it is. */
  revisedAt: Date;
  organization: string | null;
  /** Who booked, and what for: for the parties alone. */
  booker: string | null;
  purpose: string | null;
  /** Where the resource is. */
  position: string | null;
  address: string | null;
  /** What was booked along with it. */
  along: string[];
}

const ENTRY = new Set(['id', 'resourceName', 'organizationId', 'quantity', 'startsAt', 'endsAt', 'status', 'recordedStatus', 'createdAt', 'version']);

/** Which bookings belong in a calendar. What is booked along with another is told with it where that one is told. */
const BELONGS: Readonly<Record<FeedKind, string>> = {
  RESOURCE: 't.resource_id = $1',
  ORGANIZATION: `t.readers && ARRAY[$1::uuid] AND (t.organization_id = $1 AND t.parent_id IS NULL OR t.organization_id <> $1 AND t.owner_id = $1
    AND NOT EXISTS (SELECT FROM bookings p WHERE p.network_id = t.network_id AND p.id = t.parent_id AND p.owner_id = $1))`,
  PERSON: 't.readers && ARRAY[$1::uuid] AND t.booker_id = $1 AND t.parent_id IS NULL',
};

const STATUS = 'app.booking_status(t.status, t.starts_at, t.ends_at, app.now())';
/** Worked out once, rather than for each row. */
const daysAgo = (days: number): string => `(SELECT app.now() - interval 'P${days}D')`;
const KEPT_SINCE = daysAgo(DAYS_KEPT);
/** The last step that was written down where the actor may read that, and what the clock has done since. */
const REVISED = `greatest(t.created_at, (SELECT max(s.at) FROM state_changes s WHERE s.network_id = t.network_id AND s.subject_id = t.id),
  CASE ${STATUS} WHEN 'LAPSED' THEN t.starts_at WHEN 'NO_SHOW' THEN t.ends_at END)`;

const entriesBy = (belongs: string): string => `
  WITH near AS (
    SELECT t.* FROM bookings t
    WHERE ${READABLE} AND ${belongs} AND t.ends_at > ${KEPT_SINCE} AND t.starts_at > ${daysAgo(DAYS_KEPT + LONGEST_DAYS)}
      AND (${STATUS} NOT IN ('REJECTED','CANCELLED','LAPSED') OR ${REVISED} > ${KEPT_SINCE})
    ORDER BY abs(extract(epoch FROM t.starts_at - (SELECT app.now()))), t.id LIMIT ${MOST_ENTRIES})
  SELECT ${selectList(Booking, 't', ENTRY)}, ${REVISED} AS "revisedAt", o.name AS organization, d.booker_name AS booker, d.purpose, p.name AS position, p.address,
    ARRAY(SELECT a.resource_name FROM bookings a
      WHERE a.network_id = t.network_id AND a.parent_id = t.id AND a.readers && app.principals() ORDER BY a.id) AS along
  FROM near t
    LEFT JOIN organizations o ON o.network_id = t.network_id AND o.id = t.organization_id
    LEFT JOIN booking_details d ON d.network_id = t.network_id AND d.booking_id = t.id
    LEFT JOIN resources r ON r.network_id = t.network_id AND r.id = t.resource_id
    LEFT JOIN positions p ON p.network_id = r.network_id AND p.id = r.position_id
  ORDER BY t.starts_at, t.id`;

/** The bookings of a calendar that its reader may read now, by their start. */
const ENTRIES: Readonly<Record<FeedKind, string>> = {
  RESOURCE: entriesBy(BELONGS.RESOURCE),
  ORGANIZATION: entriesBy(BELONGS.ORGANIZATION),
  PERSON: entriesBy(BELONGS.PERSON),
};

/** An activity as a calendar tells it: of an organization the whole of it, of a person the shift that the person is registered for. */
export interface ActivityEntry extends Pick<Activity, 'title' | 'startsAt' | 'endsAt' | 'createdAt' | 'version' | 'hostId' | 'address'> {
  /** Of the activity, or of the registration. */
  id: string;
  /** Where it stands by now, and as it was last written down. */
  status: string;
  recordedStatus: string;
  revisedAt: Date;
  host: string | null;
  duty: string | null;
  position: string | null;
}

const ACTIVITY_STATUS = 'app.activity_status(a.status, a.starts_at, app.now())';
const lastStepOf = (id: string): string => `(SELECT max(s.at) FROM state_changes s WHERE s.network_id = app.network_id() AND s.subject_id = ${id})`;

const HELD = `
  SELECT a.id, a.title, a.starts_at AS "startsAt", a.ends_at AS "endsAt", a.created_at AS "createdAt", a.version, a.host_id AS "hostId", a.address,
    ${ACTIVITY_STATUS} AS status, a.status AS "recordedStatus", NULL AS duty,
    greatest(a.created_at, ${lastStepOf('a.id')}, CASE WHEN ${ACTIVITY_STATUS} = 'IN_PROGRESS' THEN a.starts_at END) AS "revisedAt",
    o.name AS host, p.name AS position
  FROM activities a
    JOIN activity_participations t ON t.network_id = a.network_id AND t.activity_id = a.id AND t.organization_id = $1 AND t.status IN ('ACCEPTED','INVITED')
    LEFT JOIN organizations o ON o.network_id = a.network_id AND o.id = a.host_id
    LEFT JOIN positions p ON p.network_id = a.network_id AND p.id = a.position_id
  WHERE ${READABLE} AND a.ends_at > ${KEPT_SINCE} AND (a.status <> 'CANCELLED' OR ${lastStepOf('a.id')} > ${KEPT_SINCE})`;

const SERVED = `
  SELECT t.id, a.title, t.starts_at AS "startsAt", t.ends_at AS "endsAt", t.registered_at AS "createdAt", t.version, a.host_id AS "hostId", a.address,
    t.status, t.status AS "recordedStatus", f.duty, greatest(t.registered_at, ${lastStepOf('t.id')}) AS "revisedAt", o.name AS host, p.name AS position
  FROM registrations t
    JOIN activities a ON a.network_id = t.network_id AND a.id = t.activity_id
    JOIN shifts f ON f.network_id = t.network_id AND f.id = t.shift_id
    LEFT JOIN organizations o ON o.network_id = a.network_id AND o.id = a.host_id
    LEFT JOIN positions p ON p.network_id = a.network_id AND p.id = a.position_id
  WHERE ${READABLE} AND t.readers && ARRAY[$1::uuid] AND t.user_id = $1 AND t.ends_at > ${KEPT_SINCE}
    AND (t.status <> 'CANCELLED' OR ${lastStepOf('t.id')} > ${KEPT_SINCE})`;

const nearest = (entries: string): string => `
  SELECT * FROM (SELECT * FROM (${entries}) e ORDER BY abs(extract(epoch FROM e."startsAt" - (SELECT app.now()))), e.id LIMIT ${MOST_ENTRIES}) n
  ORDER BY n."startsAt", n.id`;

/** The activities of a calendar that its reader may read now, by their start; a resource's has none. */
const ACTIVITIES: Readonly<Record<FeedKind, string | null>> = { RESOURCE: null, ORGANIZATION: nearest(HELD), PERSON: nearest(SERVED) };

/** What a calendar has to tell, as its reader may read it at this moment; null when there is nothing to be followed any more. */
export async function readFeed(session: Session, feed: Feed) {
  const values = [feed.subjectId];
  const activitiesOf = ACTIVITIES[feed.kind];
  const [actor, name, entries, activities] = await Promise.all([
    session.actor(),
    nameOf(session, feed),
    session.read<BookingEntry>({ text: ENTRIES[feed.kind], values }),
    activitiesOf === null ? [] : session.read<ActivityEntry>({ text: activitiesOf, values }),
  ]);
  return name !== null && mayFollow(actor, feed.kind, feed.subjectId) ? { actor, name, entries, activities } : null;
}
