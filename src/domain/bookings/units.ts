import type { Transaction } from '../../platform/database/session';

/** Some units of a resource that follow each other: from the first up to, but not including, the last. */
export interface Units {
  from: number;
  to: number;
}

/** What takes units of a resource for a period. */
export interface Taken {
  /** Where it is written down; null while it is not. */
  id: string | null;
  /** null: blocked, whatever there is of it. */
  bookingId: string | null;
  units: Units;
  start: Date;
  end: Date;
  /** Held by a request that nobody has answered. */
  isRequest: boolean;
}

/** Why there is no place. */
export type NoPlace = 'BLOCKED' | 'TAKEN';

const size = ({ from, to }: Units): number => to - from;
const sum = (units: readonly Units[]): number => units.reduce((total, run) => total + size(run), 0);

/** The runs of units 1 to quantity that none of these takes, lowest first. */
export function freeRuns(quantity: number, taken: readonly Units[]): Units[] {
  const runs: Units[] = [];
  let next = 1;
  for (const { from, to } of [...taken].sort((a, b) => a.from - b.from)) {
    if (from > next) runs.push({ from: next, to: Math.min(from, quantity + 1) });
    next = Math.max(next, to);
    if (next > quantity) break;
  }
  if (next <= quantity) runs.push({ from: next, to: quantity + 1 });
  return runs.filter((run) => size(run) > 0);
}

/** So many units out of free runs, in as few runs as possible: the lowest that holds them all, else the longest ones. Null when there are not enough. */
export function chooseUnits(free: readonly Units[], wanted: number): Units[] | null {
  if (sum(free) < wanted) return null;
  const whole = free.find((run) => size(run) >= wanted);
  if (whole) return [{ from: whole.from, to: whole.from + wanted }];
  const chosen: Units[] = [];
  let missing = wanted;
  for (const { from, to } of [...free].sort((a, b) => b.to - b.from - (a.to - a.from))) {
    const part = Math.min(missing, to - from);
    chosen.push({ from, to: from + part });
    missing -= part;
    if (missing === 0) break;
  }
  return chosen;
}

/** How many units are taken at most at one instant of what overlaps. */
export function mostTaken(taken: readonly Pick<Taken, 'units' | 'start' | 'end'>[]): number {
  const steps = taken.flatMap(({ units, start, end }) => [
    { at: start.getTime(), by: size(units) },
    { at: end.getTime(), by: -size(units) },
  ]);
  // What ends makes room for what begins at the same instant.
  steps.sort((a, b) => a.at - b.at || a.by - b.by);
  let [now, most] = [0, 0];
  for (const { by } of steps) most = Math.max(most, (now += by));
  return most;
}

/** What is placed as a whole, by whichever units. */
interface Party {
  bookingId: string;
  quantity: number;
  start: Date;
  end: Date;
  isRequest: boolean;
}

const takenBy = ({ bookingId, start, end, isRequest }: Party, units: Units): Taken => ({ id: null, bookingId, units, start, end, isRequest });

/**
 * Gives every party units of its own, from the earliest to the latest. What is fixed has begun, so each later one needs no
 * more than what is free at its own start; there are always enough when no instant needs more than there are.
 * @returns null when there are not
 */
function arrange(quantity: number, fixed: readonly Taken[], parties: readonly Party[]): Taken[] | null {
  let running: Taken[] = [...fixed];
  const arranged: Taken[] = [];
  for (const party of [...parties].sort((a, b) => a.start.getTime() - b.start.getTime() || (a.bookingId < b.bookingId ? -1 : 1))) {
    running = running.filter(({ end }) => end > party.start);
    const chosen = chooseUnits(freeRuns(quantity, running.map(({ units }) => units)), party.quantity);
    if (!chosen) return null;
    const rows = chosen.map((units) => takenBy(party, units));
    running.push(...rows);
    arranged.push(...rows);
  }
  return arranged;
}

/** Whether two rows say the same. */
const same = (a: Taken, b: Taken): boolean =>
  a.bookingId === b.bookingId && a.units.from === b.units.from && a.units.to === b.units.to && a.start.getTime() === b.start.getTime() &&
  a.end.getTime() === b.end.getTime() && a.isRequest === b.isRequest;

/** The places of one resource, in a transaction that holds it: what takes them in a window of time, and what changes of it. */
export class Places {
  /** What is written down, as far as it is known. */
  private written: Taken[];
  private taken: Taken[];
  /** Whether all that has not ended is known, not only what overlaps the window. */
  private isWhole = false;

  constructor(
    readonly resourceId: string,
    readonly quantity: number,
    written: readonly Taken[],
    private readonly now: Date,
    private readonly readAll: () => Promise<Taken[]>,
  ) {
    this.written = [...written];
    this.taken = [...written];
  }

  /** Gives up what a booking takes. */
  give(bookingId: string): void {
    this.taken = this.taken.filter((row) => row.bookingId !== bookingId);
  }

  /** The requests whose time has begun unanswered. */
  lapsed(): string[] {
    return this.taken.flatMap(({ bookingId, isRequest, start }) => (bookingId !== null && isRequest && start <= this.now ? [bookingId] : []));
  }

  /** What bookings take, as far as it is known. */
  booked(): readonly Taken[] {
    return this.taken.filter(({ bookingId }) => bookingId !== null);
  }

  /** Says whether what a booking takes is held by a request. */
  mark(bookingId: string, isRequest: boolean): void {
    this.taken = this.taken.map((row) => (row.bookingId === bookingId && row.isRequest !== isRequest ? { ...row, id: null, isRequest } : row));
  }

  /**
   * Takes units for a booking over a period within the window. When only scattered units stand against it, what has not
   * begun is arranged anew. @returns why it cannot be; null when it is done
   */
  async take(party: Party): Promise<NoPlace | null> {
    const meeting = this.taken.filter(({ start, end }) => start < party.end && party.start < end);
    if (meeting.some(({ bookingId }) => bookingId === null)) return 'BLOCKED';
    if (mostTaken(meeting.map((row) => clipped(row, party))) + party.quantity > this.quantity) return 'TAKEN';
    const chosen = chooseUnits(freeRuns(this.quantity, meeting.map(({ units }) => units)), party.quantity);
    if (chosen) this.taken.push(...chosen.map((units) => takenBy(party, units)));
    else if (!(await this.rearrange([party]))) return 'TAKEN';
    return null;
  }

  /** Gives all that has not begun, and these besides, units from 1 on. @returns whether there are enough; if not nothing has changed */
  async rearrange(besides: readonly Party[] = []): Promise<boolean> {
    await this.readWhole();
    const fixed: Taken[] = [];
    const movable = new Map<string, Party>();
    for (const row of this.taken) {
      const { bookingId, units, start, end, isRequest } = row;
      if (bookingId === null || start <= this.now) fixed.push(row);
      else movable.set(bookingId, { bookingId, start, end, isRequest, quantity: size(units) + (movable.get(bookingId)?.quantity ?? 0) });
    }
    const arranged = arrange(this.quantity, fixed.filter(({ bookingId }) => bookingId !== null), [...movable.values(), ...besides]);
    if (!arranged) return false;
    this.taken = [...fixed, ...arranged.map((row) => this.written.find((old) => same(old, row)) ?? row)];
    return true;
  }

  private async readWhole(): Promise<void> {
    if (this.isWhole) return;
    const known = new Set(this.written.map(({ id }) => id));
    const further = (await this.readAll()).filter(({ id }) => !known.has(id));
    this.written.push(...further);
    this.taken.push(...further);
    this.isWhole = true;
  }

  /** What is written down and not so any more, and what is so and not written down. */
  changes(): { gone: Taken[]; come: Taken[] } {
    const kept = new Set(this.taken);
    return { gone: this.written.filter((row) => !kept.has(row)), come: this.taken.filter(({ id }) => id === null) };
  }
}

const clipped = ({ units, start, end }: Taken, to: Pick<Taken, 'start' | 'end'>): Pick<Taken, 'units' | 'start' | 'end'> => ({
  units, start: start < to.start ? to.start : start, end: end > to.end ? to.end : end,
});

/**
 * Holds resources until the commit, with all that requires them or that they require, in one order everywhere: what takes
 * their places is changed by one transaction at a time, and whatever follows from it finds all it needs held already.
 */
export async function holdResources(tx: Transaction, resourceIds: readonly string[]): Promise<void> {
  await tx.query('SELECT app.hold_resources($1)', [resourceIds]);
}

interface TakenRow {
  id: string;
  resourceId: string;
  bookingId: string | null;
  from: number;
  to: number | null;
  start: Date;
  end: Date;
  isRequest: boolean;
}

const readTaken = (tx: Transaction, condition: string, values: unknown[]) =>
  tx.query<TakenRow>(
    `SELECT id, resource_id AS "resourceId", booking_id AS "bookingId", lower(units) AS "from", upper(units) AS "to", lower(period) AS start,
       upper(period) AS "end", is_request AS "isRequest" FROM occupations WHERE network_id = app.network_id() AND ${condition}`,
    values,
  );

const takenOf = ({ id, bookingId, from, to, start, end, isRequest }: TakenRow): Taken => ({
  id, bookingId, units: { from, to: to ?? Number.POSITIVE_INFINITY }, start, end, isRequest,
});

/** The places of held resources in some windows of time, by resource. Through the door of bookings. */
export async function placesOf(
  tx: Transaction,
  resources: readonly { id: string; quantity: number }[],
  ...windows: { start: Date; end: Date }[]
): Promise<Map<string, Places>> {
  const times = `{${windows.map(({ start, end }) => `[${start.toISOString()},${end.toISOString()})`).join()}}`;
  const rows = await readTaken(tx, 'resource_id = ANY($1::uuid[]) AND period && $2::tstzmultirange', [resources.map(({ id }) => id), times]);
  return new Map(
    resources.map(({ id, quantity }) => {
      const readAll = async () => (await readTaken(tx, 'resource_id = $1 AND upper(period) > app.now() AND booking_id IS NOT NULL', [id])).map(takenOf);
      return [id, new Places(id, quantity, rows.filter(({ resourceId }) => resourceId === id).map(takenOf), tx.actor.now, readAll)];
    }),
  );
}

/** Writes down what has changed of places: what is given up first. Through the door of bookings. */
export async function writePlaces(tx: Transaction, places: Iterable<Places>): Promise<void> {
  const gone: (string | null)[] = [];
  const come: object[] = [];
  for (const place of places) {
    const changes = place.changes();
    gone.push(...changes.gone.map(({ id }) => id));
    come.push(...changes.come.map((row) => ({ ...row, ...row.units, resourceId: place.resourceId })));
  }
  if (gone.length) await tx.query('DELETE FROM occupations WHERE network_id = app.network_id() AND id = ANY($1::uuid[])', [gone]);
  if (come.length) {
    await tx.query(
      `INSERT INTO occupations (network_id, resource_id, booking_id, units, period, is_request)
       SELECT app.network_id(), "resourceId", "bookingId", int4range("from", "to"), tstzrange(start, "end"), "isRequest"
       FROM jsonb_to_recordset($1::jsonb) AS c("resourceId" uuid, "bookingId" uuid, "from" integer, "to" integer, start timestamptz, "end" timestamptz, "isRequest" boolean)`,
      [JSON.stringify(come)],
    );
  }
}

/** Gives up all that bookings take. Through the door of bookings. */
export async function vacate(tx: Transaction, bookingIds: readonly string[]): Promise<void> {
  await tx.query('DELETE FROM occupations WHERE network_id = app.network_id() AND booking_id = ANY($1::uuid[])', [bookingIds]);
}
