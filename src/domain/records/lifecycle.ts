import type { Capability } from '../../access/matrix';
import type { Lifecycle } from '../../platform/lifecycle';
import type { CorrectionStatus } from './model';

/** OPEN → CORRECTED or DECLINED. */
export const correctionLifecycle: Lifecycle<CorrectionStatus, 'CORRECT' | 'DECLINE', Capability> = {
  subject: 'correction',
  actions: {
    CORRECT: { from: ['OPEN'], to: 'CORRECTED', capability: 'record.correct' },
    DECLINE: { from: ['OPEN'], to: 'DECLINED', capability: 'record.correct' },
  },
  byCalendar: [],
};
