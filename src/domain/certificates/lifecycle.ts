import type { Capability } from '../../access/matrix';
import type { Lifecycle } from '../../platform/lifecycle';

/** VALID → REVOKED. */
export const certificateLifecycle: Lifecycle<'VALID' | 'REVOKED', 'REVOKE', Capability> = {
  subject: 'certificate',
  actions: { REVOKE: { from: ['VALID'], to: 'REVOKED', capability: 'certificate.issue' } },
  byCalendar: [],
};
