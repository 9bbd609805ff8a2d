import type { Reaction } from '../platform/events/reactions';
import { flagging } from './bookings/flags';
import { notify } from './notifications/service';

/** What the worker does about events, in this order; a new capability's reaction is added here. */
export const reactions: readonly Reaction[] = [notify, flagging];
