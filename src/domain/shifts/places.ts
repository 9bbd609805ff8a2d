import { selectList } from '../../platform/database/columns';
import type { Transaction } from '../../platform/database/session';
import { Shift, type ShiftReservation } from './model';

/** What a shift has to know of its activity. */
export interface ActivityOfShift {
  title: string;
  category: string;
  status: string;
  startsAt: Date;
  endsAt: Date;
  coHostIds: string[];
}

type Reservation = Pick<ShiftReservation, 'organizationId' | 'places' | 'taken'>;

/** The place that somebody got: one kept for an organization, or one for all. */
export interface Place {
  keptFor: string | null;
}

/**
 * The places of a shift that is held for the rest of the transaction: counted here, and written down at once. Places are
 * kept for organizations up to the very moment that was said; from then on they are for all, whether a job has run or not.
 */
export class Places {
  private readonly changed = new Set<Reservation>();

  constructor(
    readonly shift: Shift,
    readonly activity: ActivityOfShift,
    private reservations: readonly Reservation[],
    private readonly now: Date,
  ) {
    this.count();
  }

  private get keeps(): boolean {
    return this.shift.reservedUntil !== null && this.shift.reservedUntil > this.now;
  }

  /** Says anew how many places are kept. */
  private count(): void {
    this.shift.kept = this.keeps ? this.reservations.reduce((sum, { places, taken }) => sum + places - taken, 0) : 0;
  }

  private get free(): number {
    return this.shift.capacity - this.shift.taken - this.shift.kept;
  }

  /** How many places there are that somebody could take, kept ones included. */
  get open(): number {
    return this.shift.capacity - this.shift.taken;
  }

  /** Whether there is room for what is taken and kept. */
  get suffices(): boolean {
    return this.free >= 0;
  }

  /** Whether the shift is one to move up to: its activity is on, and it has not begun. */
  get isComing(): boolean {
    return this.shift.startsAt > this.now && (this.activity.status === 'OPEN' || this.activity.status === 'IN_PROGRESS');
  }

  private keptFor(organizationId: string | null): Reservation | undefined {
    return this.keeps ? this.reservations.find((kept) => kept.organizationId === organizationId && kept.taken < kept.places) : undefined;
  }

  /** Whether there is a place for the volunteers of an organization, or those of none. */
  has = (organizationId: string | null): boolean => this.free > 0 || this.keptFor(organizationId) !== undefined;

  /** Takes a place: one kept for the organization before one for all. @returns null when there is none */
  take(organizationId: string | null): Place | null {
    const reservation = this.keptFor(organizationId);
    if (!reservation && this.free <= 0) return null;
    this.shift.taken += 1;
    if (reservation) this.note(reservation, 1);
    return { keptFor: reservation?.organizationId ?? null };
  }

  /** Gives a place back, to whom it was kept for while it is. */
  giveBack({ keptFor }: Place): void {
    this.shift.taken -= 1;
    const reservation = this.reservations.find(({ organizationId }) => organizationId === keptFor);
    if (reservation) this.note(reservation, -1);
  }

  private note(reservation: Reservation, by: 1 | -1): void {
    reservation.taken += by;
    this.changed.add(reservation);
    this.count();
  }

  /** The places kept for organizations. */
  get reserved(): readonly Reservation[] {
    return this.reservations;
  }

  /** How many of the places kept for each organization are taken. */
  get takenOf(): ReadonlyMap<string, number> {
    return new Map(this.reservations.map(({ organizationId, taken }) => [organizationId, taken]));
  }

  /** Keeps other places than before. */
  keep(reservations: readonly Reservation[], until: Date | null): void {
    this.reservations = reservations;
    this.changed.clear();
    this.shift.reservedUntil = until;
    this.count();
  }

  /** Writes down what has been counted. Through the door of shifts. */
  async write(tx: Transaction): Promise<void> {
    const { id, taken, kept, waitlisted, arrivals } = this.shift;
    const reservations = [...this.changed];
    this.changed.clear();
    await tx.query(
      `WITH kept AS (
         UPDATE shift_reservations s SET taken = r.taken FROM unnest($6::uuid[], $7::integer[]) AS r(id, taken)
         WHERE s.network_id = app.network_id() AND s.shift_id = $1 AND s.organization_id = r.id)
       UPDATE shifts SET taken = $2, kept = $3, waitlisted = $4, arrivals = $5 WHERE network_id = app.network_id() AND id = $1`,
      [id, taken, kept, waitlisted, arrivals, reservations.map(({ organizationId }) => organizationId), reservations.map((one) => one.taken)],
    );
  }
}

interface HeldRow extends Shift {
  activity: ActivityOfShift;
  reservations: Reservation[];
}

const ACTIVITY = `json_build_object('title', a.title, 'category', a.category, 'status', a.status,
  'startsAt', a.starts_at, 'endsAt', a.ends_at, 'coHostIds', a.co_host_ids)`;

/**
 * Holds shifts for the rest of the transaction, in one order everywhere: whoever registers, gives up or moves one waits for
 * the other. Through the door of shifts. @returns those there are, in that order
 */
export async function holdShifts(tx: Transaction, ids: readonly string[]): Promise<Places[]> {
  await tx.query('SELECT id FROM shifts WHERE network_id = app.network_id() AND id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE', [ids]);
  const rows = await tx.query<HeldRow>(
    `SELECT ${selectList(Shift, 't')}, ${ACTIVITY} AS activity,
       (SELECT coalesce(json_agg(json_build_object('organizationId', r.organization_id, 'places', r.places, 'taken', r.taken) ORDER BY r.organization_id), '[]')
         FROM shift_reservations r WHERE r.network_id = t.network_id AND r.shift_id = t.id) AS reservations
     FROM shifts t JOIN activities a ON a.network_id = t.network_id AND a.id = t.activity_id
     WHERE t.network_id = app.network_id() AND t.id = ANY($1::uuid[]) ORDER BY t.id`,
    [ids],
  );
  return rows.map(({ activity: { startsAt, endsAt, ...activity }, reservations, ...shift }) =>
    new Places(shift, { ...activity, startsAt: new Date(startsAt), endsAt: new Date(endsAt) }, reservations, tx.actor.now));
}

/** Holds one. */
export const holdShift = async (tx: Transaction, id: string): Promise<Places> => (await holdShifts(tx, [id]))[0]!;
