import { may, type Capability, type Concern } from '../../access/matrix';
import { viewerCan, type Standing } from '../../access/viewer-can';
import { enumOf } from '../../platform/graphql/enum';
import { Refusal } from '../../platform/graphql/refusal';
import type { Lifecycle } from '../../platform/lifecycle';
import type { Registration, RegistrationStatus } from './model';

export const RegistrationAction = enumOf('RegistrationAction', 'What can be done to a registration.', {
  CANCEL: 'cancelRegistration.',
  CHECK_IN: 'checkIn; for oneself by a code.',
  CHECK_OUT: 'checkOut; for oneself by a code.',
  CONFIRM_HOURS: 'confirmHours.',
  MARK_NO_SHOW: 'markNoShow.',
});
export type RegistrationAction = keyof typeof RegistrationAction;

/** CONFIRMED or WAITLISTED → CHECKED_IN → ATTENDED; CONFIRMED → CANCELLED or NO_SHOW. */
export const registrationLifecycle: Lifecycle<RegistrationStatus, RegistrationAction, Capability> = {
  subject: 'registration',
  actions: {
    CANCEL: { from: ['WAITLISTED', 'CONFIRMED'], to: 'CANCELLED', capability: 'registration.cancel' },
    // Who waits is checked in where a place is free.
    CHECK_IN: { from: ['CONFIRMED', 'WAITLISTED'], to: 'CHECKED_IN', capability: 'registration.attend' },
    CHECK_OUT: { from: ['CHECKED_IN'], to: null, capability: 'registration.attend' },
    CONFIRM_HOURS: { from: ['CHECKED_IN'], to: 'ATTENDED', capability: 'registration.confirm' },
    MARK_NO_SHOW: { from: ['CONFIRMED'], to: 'NO_SHOW', capability: 'registration.confirm' },
  },
  byCalendar: [{ from: 'WAITLISTED', to: 'CONFIRMED', when: 'a place frees and it comes first' }],
};

/** Checking in opens so long before the start of a shift. */
export const CHECK_IN_MINUTES = 30;
const MINUTE_MS = 60_000;

/** The statuses that hold a place. */
export const HOLDING: readonly RegistrationStatus[] = ['CONFIRMED', 'CHECKED_IN', 'ATTENDED'];

/** When checking in opens. */
export const opensAt = ({ startsAt }: Pick<Registration, 'startsAt'>): Date => new Date(startsAt.getTime() - CHECK_IN_MINUTES * MINUTE_MS);

type Obstacle = (registration: Registration, actor: Standing, now: Date) => Refusal | null;

const begun: Obstacle = ({ startsAt }, _actor, now) => (startsAt <= now ? new Refusal('TOO_LATE', 'shift.begun') : null);

const beforeOpening: Obstacle = (registration, _actor, now) =>
  opensAt(registration) > now ? new Refusal('TOO_EARLY', 'registration.checkIn.early', { minutes: CHECK_IN_MINUTES }) : null;

// Who holds the activity may note it later.
const over: Obstacle = ({ endsAt, hostId }, actor, now) =>
  endsAt <= now && !may(actor, 'registration.confirm', { owner: hostId }) ? new Refusal('TOO_LATE', 'registration.checkIn.late') : null;

const beforeStart: Obstacle = ({ startsAt }, _actor, now) => (startsAt > now ? new Refusal('TOO_EARLY', 'registration.noShow.early') : null);

const gone: Obstacle = ({ checkedOutAt }) => (checkedOutAt === null ? null : new Refusal('CONFLICT', 'registration.gone'));

const own: Obstacle = ({ userId }, actor) => (userId !== null && userId === actor.userId ? new Refusal('NOT_ALLOWED', 'registration.own') : null);

const obstacles: Record<RegistrationAction, readonly Obstacle[]> = {
  CANCEL: [begun],
  CHECK_IN: [beforeOpening, over],
  CHECK_OUT: [gone],
  CONFIRM_HOURS: [own],
  MARK_NO_SHOW: [own, beforeStart],
};

/** What stands in the way of an action that role and status allow; null when nothing does. */
export function obstacleTo(action: RegistrationAction, registration: Registration, actor: Standing, now: Date): Refusal | null {
  for (const obstacle of obstacles[action]) {
    const refusal = obstacle(registration, actor, now);
    if (refusal) return refusal;
  }
  return null;
}

/** Who holds the activity, whose volunteer it is, and who that is, for the matrix. */
export const concernOf = ({ hostId, organizationId, userId }: Pick<Registration, 'hostId' | 'organizationId' | 'userId'>): Concern => ({
  owner: hostId, parties: organizationId === null ? [hostId] : [hostId, organizationId], person: userId,
});

/** What the actor may do to a registration now: by the very checks that guard the verbs. */
export const registrationActions = (actor: Standing, registration: Registration, now: Date): RegistrationAction[] =>
  viewerCan(registrationLifecycle, actor, registration.status, concernOf(registration)).filter((action) => obstacleTo(action, registration, actor, now) === null);
