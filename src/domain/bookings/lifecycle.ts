import type { Capability } from '../../access/matrix';
import { viewerCan, type Standing } from '../../access/viewer-can';
import { enumOf } from '../../platform/graphql/enum';
import { Refusal } from '../../platform/graphql/refusal';
import type { Lifecycle } from '../../platform/lifecycle';
import type { Booking, BookingStatus } from './model';

export const BookingAction = enumOf('BookingAction', 'What can be done to a booking.', {
  RESCHEDULE: 'rescheduleBooking.',
  CANCEL: 'cancelBooking.',
  APPROVE: 'approveBooking.',
  REJECT: 'rejectBooking.',
  CHECK_OUT: 'checkOutBooking.',
  CHECK_IN: 'checkInBooking.',
});
export type BookingAction = keyof typeof BookingAction;

/** WAITLISTED → REQUESTED → CONFIRMED → IN_USE → COMPLETED; → REJECTED, CANCELLED, NO_SHOW, LAPSED. */
export const bookingLifecycle: Lifecycle<BookingStatus, BookingAction, Capability> = {
  subject: 'booking',
  actions: {
    // To REQUESTED where the new time needs an approval, else to CONFIRMED.
    RESCHEDULE: { from: ['REQUESTED', 'CONFIRMED'], to: null, capability: 'booking.use' },
    CANCEL: { from: ['WAITLISTED', 'REQUESTED', 'CONFIRMED'], to: 'CANCELLED', capability: 'booking.use' },
    APPROVE: { from: ['REQUESTED'], to: 'CONFIRMED', capability: 'booking.decide' },
    REJECT: { from: ['REQUESTED'], to: 'REJECTED', capability: 'booking.decide' },
    CHECK_OUT: { from: ['CONFIRMED'], to: 'IN_USE', capability: 'booking.use' },
    CHECK_IN: { from: ['IN_USE'], to: 'COMPLETED', capability: 'booking.use' },
  },
  byCalendar: [
    { from: 'WAITLISTED', to: 'CONFIRMED', when: 'a place frees and it comes first, or to REQUESTED where the owner approves each booking' },
    { from: 'WAITLISTED', to: 'LAPSED', when: 'its start comes' },
    { from: 'REQUESTED', to: 'LAPSED', when: 'its start comes' },
    { from: 'CONFIRMED', to: 'NO_SHOW', when: 'its end comes' },
    { from: 'CONFIRMED', to: 'CANCELLED', when: 'what it was made by has not been in force for the term of release; the same of WAITLISTED and REQUESTED' },
  ],
};

/** What may be handed out so long before its start. */
export const CHECK_OUT_MINUTES = 30;
const MINUTE_MS = 60_000;

/** The statuses that hold a place. */
export const holdsPlace = (status: BookingStatus): boolean => status === 'REQUESTED' || status === 'CONFIRMED' || status === 'IN_USE';

type Obstacle = (booking: Booking, actor: Standing, now: Date) => Refusal | null;

const bookedAlong: Obstacle = ({ parentId }) => (parentId === null ? null : new Refusal('CONFLICT', 'booking.along'));

const notBooker: Obstacle = ({ organizationId }, actor) =>
  actor.organizationId === organizationId ? null : new Refusal('NOT_ALLOWED', 'booking.reschedule.booker');

const pastDeadline: Obstacle = ({ cancelUntil, status }, _actor, now) =>
  status !== 'WAITLISTED' && now > cancelUntil ? new Refusal('TOO_LATE', 'booking.deadline') : null;

const pastDeadlineForBooker: Obstacle = (booking, actor, now) => (actor.organizationId === booking.ownerId ? null : pastDeadline(booking, actor, now));

const notInForce: Obstacle = ({ flagged }) => (flagged ? new Refusal('CONFLICT', 'booking.flagged') : null);

const beforeHandingOut: Obstacle = ({ startsAt }, _actor, now) =>
  startsAt.getTime() - now.getTime() > CHECK_OUT_MINUTES * MINUTE_MS ? new Refusal('TOO_EARLY', 'booking.checkOut.early', { minutes: CHECK_OUT_MINUTES }) : null;

const obstacles: Record<BookingAction, readonly Obstacle[]> = {
  RESCHEDULE: [bookedAlong, notBooker, pastDeadline],
  CANCEL: [bookedAlong, pastDeadlineForBooker],
  APPROVE: [bookedAlong, notInForce],
  REJECT: [bookedAlong],
  CHECK_OUT: [bookedAlong, beforeHandingOut],
  CHECK_IN: [bookedAlong],
};

/** What stands in the way of an action that role and status allow; null when nothing does. */
export function obstacleTo(action: BookingAction, booking: Booking, actor: Standing, now: Date): Refusal | null {
  for (const obstacle of obstacles[action]) {
    const refusal = obstacle(booking, actor, now);
    if (refusal) return refusal;
  }
  return null;
}

/** Whose the booked resource is, and who is party to the booking, for the matrix. */
export const concernOf = ({ ownerId, organizationId }: Pick<Booking, 'ownerId' | 'organizationId'>) => ({ owner: ownerId, parties: [organizationId, ownerId] });

/** What the actor may do to a booking now: by the very checks that guard the verbs. */
export const bookingActions = (actor: Standing, booking: Booking, now: Date): BookingAction[] =>
  viewerCan(bookingLifecycle, actor, booking.status, concernOf(booking)).filter((action) => obstacleTo(action, booking, actor, now) === null);
