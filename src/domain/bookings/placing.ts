import type { Transaction } from '../../platform/database/session';
import { secondsOf } from '../../platform/graphql/edge';
import { newId } from '../../platform/ids';
import { alongFault, groundsOf, termsFault, termsOf, type Fault, type Ground, type Terms, type Wish } from './access';
import { countUse } from './quota';
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
  await holdResources(tx, [...held]);
  for (;;) {
    const terms = await termsOf(tx, asked, organizationId, { start, end });
    const further = terms.map(({ id }) => id).filter((id) => !held.has(id));
    if (!further.length) return terms;
    await holdResources(tx, further);
    for (const id of further) held.add(id);
  }
}

const NOT_THERE: Fault = { about: 'resource', code: 'NOT_ALLOWED', message: 'booking.access', parameters: {} };

/** What the terms say against a group, or by what it may be booked. */
function judged(group: Group | null, quantity: number, fault: NonNullable<Occasion['fault']>): { grounds: Ground[] } | { fault: Fault } {
  if (!group) return { fault: NOT_THERE };
  const against = fault(group.terms, quantity) ?? group.along.map(alongFault).find((found) => found !== null);
  return against ? { fault: against } : groundsOf(group.terms);
}

/**
 * Places everything that is asked for in one range, or nothing: terms, places, then grounds with their quotas. Called
 * through the door of bookings, after what the actor may do was checked.
 */
export async function place(tx: Transaction, asked: readonly Asked[], occasion: Occasion): Promise<Outcome | Overdue> {
  const all = await heldTerms(tx, asked, occasion);
  const groups = groupsOf(all, asked);
  const verdicts = groups.map((group, index) => judged(group, asked[index]!.quantity, occasion.fault ?? termsFault));
  const refused = verdicts.flatMap((verdict, index) => ('fault' in verdict ? [{ index, fault: verdict.fault }] : []));
  if (refused.length) return { refused };

  const places = await openPlaces(tx, all, occasion);
  const lapsed = [...places.values()].flatMap((one) => one.lapsed());
  if (lapsed.length) return { lapsed };
  const placements: Placement[] = [];
  for (const [index, wish] of asked.entries()) {
    const { terms, along } = groups[index]!;
    const beside = along.map((needed) => ({ bookingId: occasion.alongIds?.get(needed.id) ?? newId(tx.actor.now), terms: needed }));
    const fault = await takePlaces(places, { ...wish, terms, along: beside }, occasion);
    if (fault) refused.push({ index, fault });
    else placements.push({ ...wish, terms, along: beside, ground: null, status: 'CONFIRMED' });
  }
  if (refused.length) return { refused };

  for (const [index, placement] of placements.entries()) {
    const { grounds } = verdicts[index] as { grounds: Ground[] };
    const ground = await firstWithRoom(tx, grounds, placement, occasion);
    if (ground === undefined) return { refused: [{ index, fault: { about: 'quantity', code: 'QUOTA_EXCEEDED', message: 'booking.quota', parameters: {} } }] };
    placement.ground = ground;
    placement.status = asksApproval(placement) ? 'REQUESTED' : 'CONFIRMED';
    for (const { bookingId, terms } of [placement, ...placement.along]) places.get(terms.id)!.mark(bookingId, placement.status === 'REQUESTED');
  }
  return { placements, occupy: () => writePlaces(tx, places.values()) };
}

/** The owner needs no approval of its own. */
const asksApproval = ({ terms, ground, along }: Pick<Placement, 'terms' | 'ground' | 'along'>): boolean =>
  !terms.isOwn && (terms.requiresApproval || (ground?.requiresApproval ?? false) || along.some((needed) => needed.terms.requiresApproval));

const endWithBuffer = (end: Date, { buffer }: Pick<Terms, 'buffer'>): Date => new Date(end.getTime() + secondsOf(buffer)! * 1000);

/** The places of all resources in the range. */
async function openPlaces(tx: Transaction, terms: readonly Terms[], { start, end }: Occasion): Promise<Map<string, Places>> {
  const resources = [...new Map(terms.map((row) => [row.id, row])).values()];
  const latest = new Date(Math.max(...resources.map((row) => endWithBuffer(end, row).getTime())));
  return placesOf(tx, resources, { start, end: latest });
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

/** The best ground whose quota has room, counted against it; undefined when none has. */
async function firstWithRoom(tx: Transaction, grounds: readonly Ground[], { quantity }: Wish, { start, end }: Occasion): Promise<Ground | undefined> {
  for (const ground of grounds) {
    if (ground === null || ground.quotaSeconds === null) return ground;
    const { clauseId, contractId, quotaSeconds } = ground;
    if (await countUse(tx, { clauseId, start, end, quantity }, contractId, quotaSeconds)) return ground;
  }
  return undefined;
}
