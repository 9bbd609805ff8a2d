import { Field, Int, ObjectType } from 'type-graphql';
import { may } from '../../access/matrix';
import { READABLE } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { asked, whole } from '../../platform/graphql/edge';
import { grouped, type LoaderDefinition } from '../../platform/graphql/loaders';
import { TimeRange, timeRange } from '../../platform/graphql/time-range';
import { MOST_UNITS } from '../resources/inputs';
import type { Resource } from '../resources/model';
import type { BlockedTime } from './model';
import { greatestAhead, lesserOf, mapped, spansWith, sumOf, type Steps } from './steps';

/** How long a time may be whose availability is asked for. */
export const MOST_DAYS = 62;

@ObjectType({ description: 'A time in which a resource can be booked, or a part of it: as much of it is free all along.', simpleResolvers: true })
export class AvailabilitySlot {
  @Field(() => TimeRange, { description: 'From when to when; the pause that is kept after a booking lies behind it.' })
  range!: TimeRange;
  @Field(() => Int, { description: 'How many units are free all along.' })
  quantityFree!: number;
}

/** What a resource, or one that it requires, has open and taken; instants in seconds of the epoch. */
interface Busy {
  rootId: string;
  id: string;
  quantity: number;
  pause: number;
  open: [from: number, to: number][] | null;
  taken: [from: number, to: number, units: number][] | null;
}

const msOf = (seconds: number): number => Math.round(seconds * 1000);

/** How much of one resource is free at each instant: a booking that takes it keeps the pause after it free of others too. */
function freeOf({ quantity, pause, open, taken }: Busy): Steps {
  const used = sumOf((taken ?? []).map(([from, to, value]) => ({ from: msOf(from), to: msOf(to), value })));
  const hours = sumOf((open ?? []).map(([from, to]) => ({ from: msOf(from), to: msOf(to), value: 1 })));
  return lesserOf(
    mapped(greatestAhead(used, msOf(pause)), (most) => quantity - most),
    mapped(hours, (isOpen) => (isOpen ? Number.POSITIVE_INFINITY : 0)),
  );
}

/** How much of a resource is free at each instant, together with one unit of each that it requires. */
const freeTogether = (rows: readonly Busy[]): Steps =>
  rows.map((row) => (row.id === row.rootId ? freeOf(row) : mapped(freeOf(row), (free) => (free >= 1 ? Number.POSITIVE_INFINITY : 0)))).reduce(lesserOf);

/** How much of resources is free in a time. */
const freeIn = ({ start, end }: TimeRange): LoaderDefinition<string, Steps> => ({
  batch: async (session, resourceIds) => {
    const rows = await session.read<Busy>({
      name: 'busy',
      text: 'SELECT root_id AS "rootId", id, quantity, pause, open, taken FROM app.busy($1, tstzrange($2, $3))',
      values: [resourceIds, start, end],
    });
    return grouped(resourceIds, rows, (row) => row.rootId).map((group) => (group.length ? freeTogether(group) : []));
  },
});

/** The times in a range in which so much of a resource can be booked; what is past cannot. @throws RequestError BAD_USER_INPUT */
export async function availabilityOf(context: RequestContext, resourceId: string, range: TimeRange, quantity: number): Promise<AvailabilitySlot[]> {
  const { start, end } = asked(timeRange(MOST_DAYS), range);
  asked(whole(1, MOST_UNITS), quantity);
  const { now } = await context.actor();
  const from = start < now ? now : start;
  if (from >= end) return [];
  const free = await context.load(context.definition(`free ${from.toISOString()} ${end.toISOString()}`, () => freeIn({ start: from, end })), resourceId);
  return spansWith(free, quantity, from.getTime(), end.getTime()).map((span) => ({
    range: { start: new Date(span.from), end: new Date(span.to) },
    quantityFree: span.value,
  }));
}

/** The blocked times of resources in a span of time. */
const blockedIn = ({ start, end }: TimeRange): LoaderDefinition<string, BlockedTime[]> => ({
  batch: async (session, resourceIds) => {
    const rows = await session.read<TimeRange & { resourceId: string; blockId: string }>({
      name: 'blocked-times',
      text: `SELECT t.resource_id AS "resourceId", t.id AS "blockId", lower(time) AS start, upper(time) AS "end" FROM resource_blocks t, unnest(t.times) AS time
        WHERE ${READABLE} AND t.resource_id = ANY($1::uuid[]) AND t.periods && tstzrange($2, $3) AND time && tstzrange($2, $3) ORDER BY lower(time), t.id`,
      values: [resourceIds, start, end],
    });
    return grouped(resourceIds, rows, (row) => row.resourceId).map((group) => group.map(({ blockId, start: from, end: to }) => ({ blockId, range: { start: from, end: to } })));
  },
});

/** The blocked times of a resource in a range, for its owner's staff; null for anybody else. @throws RequestError BAD_USER_INPUT */
export async function blockedTimesOf(context: RequestContext, { id, ownerId }: Pick<Resource, 'id' | 'ownerId'>, range: TimeRange): Promise<BlockedTime[] | null> {
  const { start, end } = asked(timeRange(), range);
  if (!may(await context.actor(), 'resource.block', { owner: ownerId })) return null;
  return context.load(context.definition(`blocked ${start.toISOString()} ${end.toISOString()}`, () => blockedIn({ start, end })), id);
}
