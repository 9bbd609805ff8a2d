import type { Platform } from '../platform/graphql/context';
import { recordDueActivities } from './activities/service';
import { recordDueBookings } from './bookings/service';
import { recordDueContracts } from './contracts/service';
import { sweepFiles } from './files/service';
import { recordDuePoints } from './points/expiry';
import { recordDueShifts } from './shifts/service';
import { recordDueRedemptions } from './rewards/service';
import { foldStatistics } from './statistics/service';

/** What is done again and again without anybody asking, one after the other; a new capability's work is added here. */
const works: readonly ((platform: Platform) => Promise<unknown>)[] = [
  recordDueContracts,
  recordDueBookings,
  recordDueActivities,
  recordDueShifts,
  sweepFiles,
  recordDueRedemptions,
  recordDuePoints,
  foldStatistics,
];

/** Writes down, in every network, what the calendar has moved. Any number of processes may do it at once. */
export async function recordDue(platform: Platform): Promise<void> {
  for (const work of works) await work(platform);
}
