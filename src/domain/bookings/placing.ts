import type { Transaction } from '../../platform/database/session';
import { secondsOf } from '../../platform/graphql/edge';
import { newId } from '../../platform/ids';
import { alongFault, groundsOf, termsAt, termsFault, termsOf, type Fault, type Ground, type Terms, type Wish } from './access';
import { countOnFirst, holdGrounds } from './quota';
import { holdResources, placesOf, writePlaces, type Places } from './units';

/** A resource that is to be booked. */
export interface Asked extends Wish {
  bookingId: string;
}

/** What is booked along with another. */
export interface Along {
  bookingId: string;
  terms: Terms;
}

/** A booking that has its place, its ground and its part of the quota, all but the row itself. */
export interface Placement extends Asked {
  terms: Terms;
  ground: Ground;
  along: Along[];
  status: 'REQUESTED' | 'CONFIRMED';
}

/** What it is placed for. */
export interface Occasion {
  organizationId: string;
  start: Date;
  end: Date;
  /** What the terms say against it; of a new booking when not given. */
  fault?: (terms: Terms, quantity: number) => Fault | null;
  /** The bookings that what is booked along has already, by its resource. */
  alongIds?: ReadonlyMap<string, string>;
}

/** Why something of what was asked for cannot be, by its place in the list. */
export interface Refused {
  index: number;
  fault: Fault;
}

/** Everything placed, with the places to be written after the rows; or why not. */
export type Outcome = { placements: Placement[]; occupy: () => Promise<void>; refused?: undefined } | { refused: Refused[] };
/** Requests whose time has begun unanswered are to be written down as lapsed first. */
export interface Overdue {
  lapsed: string[];
}

/** A resource with what it requires. */
interface Group {
  terms: Terms;
  along: Terms[];
}

const groupsOf = (all: readonly Terms[], asked: readonly Asked[]): (Group | null)[] => {
  const askedIds = new Set(asked.map(({ resourceId }) => resourceId));
  return asked.map(({ resourceId }) => {
    const terms = all.find(({ rootId, id }) => rootId === resourceId && id === resourceId);
    // What is asked for itself need not be booked along besides.
    return terms ? { terms, along: all.filter(({ rootId, id }) => rootId === resourceId && !askedIds.has(id)) } : null;
  });
};

/** The terms of what is asked for and of all that it requires, each of these resources held. */
async function heldTerms(tx: Transaction, asked: readonly Asked[], { organizationId, start, end }: Occasion): Promise<Terms[]> {
  const held = new Set(asked.map(({ resourceId }) => resourceId));
  let further = [...held];
  for (;;) {
    // Sent together: the server reads the terms once it holds the resources. If it cannot hold them, that is the reason to tell.
    const holding = holdResources(tx, further);
    const reading = termsOf(tx, asked, organizationId, { start, end });
    reading.catch(() => undefined);
    await holding;
    const terms = await reading;
    further = terms.map(({ id }) => id).filter((id) => !held.has(id));
    if (!further.length) return terms;
    for (const id of further) held.add(id);
  }
}

const NOT_THERE: Fault = { about: 'resource', code: 'NOT_ALLOWED', message: 'booking.access', parameters: {} };

/** What may be booked as far as the terms go, and by what. */
interface Bookable extends Group {
  grounds: Ground[];
}

/** What the terms say against a group, or by what it may be booked. */
function judged(group: Group | null, quantity: number, fault: NonNullable<Occasion['fault']>): Bookable | { fault: Fault } {
  if (!group) return { fault: NOT_THERE };
  const against = fault(group.terms, quantity) ?? group.along.map(alongFault).find((found) => found !== null);
  const verdict = against ? { fault: against } : groundsOf(group.terms);
  return 'fault' in verdict ? verdict : { ...group, ...verdict };
}

const groundsIn = (verdicts: readonly (Bookable | { fault: Fault })[]): Ground[] => verdicts.flatMap((verdict) => ('fault' in verdict ? [] : verdict.grounds));

/**
 * Places everything that is asked for in one range, or nothing: terms, places, then grounds with their quotas. Called
 * through the door of bookings, after what the actor may do was checked.
 */
export async function place(tx: Transaction, asked: readonly Asked[], occasion: Occasion): Promise<Outcome | Overdue> {
  const all = await heldTerms(tx, asked, occasion);
  const verdicts = groupsOf(all, asked).map((group, index) => judged(group, asked[index]!.quantity, occasion.fault ?? termsFault));
  const refused = verdicts.flatMap((verdict, index) => ('fault' in verdict ? [{ index, fault: verdict.fault }] : []));
  if (refused.length) return { refused };

  const places = await openPlaces(tx, all, [occasion]);
  const lapsed = [...places.values()].flatMap((one) => one.lapsed());
  if (lapsed.length) return { lapsed };
  await holdGrounds(tx, groundsIn(verdicts));
  const placements: Placement[] = [];
  for (const [index, wish] of asked.entries()) {
    const settled = await settle(tx, places, wish, verdicts[index] as Bookable, occasion);
    if ('fault' in settled) refused.push({ index, fault: settled.fault });
    else placements.push(settled);
  }
  return refused.length ? { refused } : { placements, occupy: () => writePlaces(tx, places.values()) };
}

/** One of several times of the same resource, each placed by itself. */
export interface Time extends Omit<Asked, 'resourceId'>, Pick<Occasion, 'start' | 'end' | 'alongIds'> {}

/** What came of each time, in their order, with the places to be written after the rows. */
export interface Outcomes {
  outcomes: (Placement | { fault: Fault })[];
  occupy: () => Promise<void>;
}

/**
 * Places a resource at each of several times, as far as it can be, under the checks of place but with what is read read
 * once: a clause is preferred by what was left of its quota before the first of them.
 */
export async function placeEach(tx: Transaction, resourceId: string, organizationId: string, times: readonly Time[]): Promise<Outcomes | Overdue> {
  const [first] = times as [Time];
  await heldTerms(tx, [{ ...first, resourceId }], { ...first, organizationId });
  const terms = await termsAt(tx, resourceId, organizationId, times);
  const places = await openPlaces(tx, terms.flat(), times);
  const lapsed = [...places.values()].flatMap((one) => one.lapsed());
  if (lapsed.length) return { lapsed };
  const wishes = times.map((time) => ({ ...time, resourceId }));
  const verdicts = wishes.map((wish, index) => judged(groupsOf(terms[index]!, [wish])[0]!, wish.quantity, termsFault));
  await holdGrounds(tx, groundsIn(verdicts));
  const outcomes: Outcomes['outcomes'] = [];
  for (const [index, wish] of wishes.entries()) {
    const verdict = verdicts[index]!;
    outcomes.push('fault' in verdict ? verdict : await settle(tx, places, wish, verdict, { ...wish, organizationId }));
  }
  return { outcomes, occupy: () => writePlaces(tx, places.values()) };
}

const NO_QUOTA: Fault = { about: 'quantity', code: 'QUOTA_EXCEEDED', message: 'booking.quota', parameters: {} };

/** Takes the places of what is asked for and counts it against the best ground; when that cannot be, nothing of it is taken. */
async function settle(
  tx: Transaction,
  places: ReadonlyMap<string, Places>,
  { bookingId, resourceId, quantity }: Asked,
  { terms, along, grounds }: Bookable,
  occasion: Occasion,
): Promise<Placement | { fault: Fault }> {
  const beside = along.map((needed) => ({ bookingId: occasion.alongIds?.get(needed.id) ?? newId(tx.actor.now), terms: needed }));
  const wish = { bookingId, resourceId, quantity, terms, along: beside };
  const taken = [wish, ...beside].map((one) => ({ bookingId: one.bookingId, place: places.get(one.terms.id)! }));
  const fault = await takePlaces(places, wish, occasion);
  const ground = fault ? undefined : await countOnFirst(tx, grounds, { ...occasion, quantity });
  if (ground === undefined) {
    for (const one of taken) one.place.give(one.bookingId);
    return { fault: fault ?? NO_QUOTA };
  }
  const status = asksApproval({ terms, ground, along: beside }) ? 'REQUESTED' : 'CONFIRMED';
  for (const one of taken) one.place.mark(one.bookingId, status === 'REQUESTED');
  return { ...wish, ground, status };
}

/** The owner needs no approval of its own. */
const asksApproval = ({ terms, ground, along }: Pick<Placement, 'terms' | 'ground' | 'along'>): boolean =>
  !terms.isOwn && (terms.requiresApproval || (ground?.requiresApproval ?? false) || along.some((needed) => needed.terms.requiresApproval));

const endWithBuffer = (end: Date, { buffer }: Pick<Terms, 'buffer'>): Date => new Date(end.getTime() + secondsOf(buffer)! * 1000);

/** The places of all resources in some ranges. */
function openPlaces(tx: Transaction, terms: readonly Terms[], ranges: readonly Pick<Occasion, 'start' | 'end'>[]): Promise<Map<string, Places>> {
  const resources = [...new Map(terms.map((row) => [row.id, row])).values()];
  const latest = (end: Date) => new Date(Math.max(...resources.map((row) => endWithBuffer(end, row).getTime())));
  return placesOf(tx, resources, ...ranges.map(({ start, end }) => ({ start, end: latest(end) })));
}

async function takePlaces(places: ReadonlyMap<string, Places>, wish: Asked & { terms: Terms; along: Along[] }, { start, end }: Occasion): Promise<Fault | null> {
  for (const { bookingId, terms, quantity } of [wish, ...wish.along.map((needed) => ({ ...needed, quantity: 1 }))]) {
    const party = { bookingId, quantity, start, end: endWithBuffer(end, terms), isRequest: false };
    const against = await places.get(terms.id)!.take(party);
    if (against) {
      const message = terms !== wish.terms ? 'booking.required.taken' : against === 'BLOCKED' ? 'booking.blocked' : 'booking.taken';
      return { about: 'range', code: 'CONFLICT', message, parameters: {} };
    }
  }
  return null;
}
