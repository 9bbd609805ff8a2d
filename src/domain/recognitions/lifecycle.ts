import type { Capability } from '../../access/matrix';
import { viewerCan, type Standing } from '../../access/viewer-can';
import { enumOf } from '../../platform/graphql/enum';
import { Refusal } from '../../platform/graphql/refusal';
import type { Lifecycle } from '../../platform/lifecycle';
import type { Recognition, RecognitionStatus } from './model';

export const RecognitionAction = enumOf('RecognitionAction', 'What can be done to a recognition.', {
  REVIEW: 'reviewRecognition.',
  PUBLICIZE: 'publicizeRecognition.',
  OBJECT: 'objectToRecognition.',
  AWARD: 'awardRecognition.',
  REJECT: 'rejectRecognition.',
  REVOKE: 'revokeRecognition.',
});
export type RecognitionAction = keyof typeof RecognitionAction;

/** NOMINATED → UNDER_REVIEW → PUBLICIZED → AWARDED → REVOKED; an objection leads back to UNDER_REVIEW; → REJECTED. */
export const recognitionLifecycle: Lifecycle<RecognitionStatus, RecognitionAction, Capability> = {
  subject: 'recognition',
  actions: {
    REVIEW: { from: ['NOMINATED'], to: 'UNDER_REVIEW', capability: 'recognition.review' },
    PUBLICIZE: { from: ['UNDER_REVIEW'], to: 'PUBLICIZED', capability: 'recognition.review' },
    OBJECT: { from: ['PUBLICIZED'], to: 'UNDER_REVIEW', capability: 'recognition.object' },
    AWARD: { from: ['PUBLICIZED'], to: 'AWARDED', capability: 'recognition.review' },
    REJECT: { from: ['NOMINATED', 'UNDER_REVIEW', 'PUBLICIZED'], to: 'REJECTED', capability: 'recognition.review' },
    REVOKE: { from: ['AWARDED'], to: 'REVOKED', capability: 'recognition.review' },
  },
  byCalendar: [],
};

type Obstacle = (recognition: Recognition, actor: Standing, today: string) => Refusal | null;

const ownReview: Obstacle = (recognition, actor) =>
  recognition.userId !== null && recognition.userId === actor.userId ? new Refusal('NOT_ALLOWED', 'recognition.own') : null;
const noticeOver: Obstacle = ({ noticeEndsOn }, _, today) => (today > noticeEndsOn! ? new Refusal('TOO_LATE', 'recognition.notice.over', { day: noticeEndsOn! }) : null);
const noticeRuns: Obstacle = ({ noticeEndsOn }, _, today) => (today <= noticeEndsOn! ? new Refusal('TOO_EARLY', 'recognition.notice.runs', { day: noticeEndsOn! }) : null);

const obstacles: Partial<Record<RecognitionAction, readonly Obstacle[]>> = {
  REVIEW: [ownReview],
  PUBLICIZE: [ownReview],
  OBJECT: [ownReview, noticeOver],
  AWARD: [ownReview, noticeRuns],
  REJECT: [],
  REVOKE: [],
};

/** What stands in the way of an action that role and status allow; null when nothing does. */
export function obstacleTo(action: RecognitionAction, recognition: Recognition, actor: Standing, today: string): Refusal | null {
  for (const obstacle of obstacles[action] ?? []) {
    const refusal = obstacle(recognition, actor, today);
    if (refusal) return refusal;
  }
  return null;
}

/** What the actor may do to it now. */
export const recognitionActions = (recognition: Recognition, actor: Standing & { today: string }): RecognitionAction[] =>
  viewerCan(recognitionLifecycle, actor, recognition.status, {}).filter((action) => obstacleTo(action, recognition, actor, actor.today) === null);
