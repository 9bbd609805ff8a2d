import type { Capability } from '../../access/matrix';
import { enumOf } from '../../platform/graphql/enum';
import type { Lifecycle } from '../../platform/lifecycle';
import type { ResourceStatus } from './model';

export const ResourceAction = enumOf('ResourceAction', 'What can be done to a resource.', {
  EDIT: 'updateResource.',
  TAKE_OUT_OF_SERVICE: 'updateResource with the status OUT_OF_SERVICE.',
  RETURN_TO_SERVICE: 'updateResource with the status AVAILABLE.',
  SHARE: 'shareResource.',
  RETIRE: 'retireResource.',
  BOOK: 'bookResource, bookResources, bookSeries, joinWaitlist.',
  APPROVE_BOOKINGS: 'approveBooking, rejectBooking for what is requested of it.',
  BLOCK_TIME: 'blockTime, unblockTime.',
});
export type ResourceAction = keyof typeof ResourceAction;

/** AVAILABLE ⇄ OUT_OF_SERVICE → RETIRED; AVAILABLE → RETIRED. */
export const resourceLifecycle: Lifecycle<ResourceStatus, ResourceAction, Capability> = {
  subject: 'resource',
  actions: {
    EDIT: { from: ['AVAILABLE', 'OUT_OF_SERVICE'], to: null, capability: 'resource.manage' },
    TAKE_OUT_OF_SERVICE: { from: ['AVAILABLE'], to: 'OUT_OF_SERVICE', capability: 'resource.manage' },
    RETURN_TO_SERVICE: { from: ['OUT_OF_SERVICE'], to: 'AVAILABLE', capability: 'resource.manage' },
    SHARE: { from: ['AVAILABLE', 'OUT_OF_SERVICE'], to: null, capability: 'resource.manage' },
    RETIRE: { from: ['AVAILABLE', 'OUT_OF_SERVICE'], to: 'RETIRED', capability: 'resource.manage' },
    BOOK: { from: ['AVAILABLE'], to: null, capability: 'booking.book' },
    APPROVE_BOOKINGS: { from: ['AVAILABLE', 'OUT_OF_SERVICE', 'RETIRED'], to: null, capability: 'booking.decide' },
    BLOCK_TIME: { from: ['AVAILABLE', 'OUT_OF_SERVICE'], to: null, capability: 'resource.block' },
  },
  byCalendar: [],
};
