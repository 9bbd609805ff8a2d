import * as inputs from '../src/domain/activities/inputs';
import type { Activity } from '../src/domain/activities/model';
import * as activities from '../src/domain/activities/service';
import type { Transaction } from '../src/platform/database/session';
import { toGlobalId } from '../src/platform/ids';
import type { ActivityData } from './data';
import type { Step } from './story';

/** What the story of activities needs of the whole. */
export interface Scene {
  as: <Result>(key: string, work: (tx: Transaction) => Promise<Result>) => Promise<Result>;
  timesOf: (what: Pick<ActivityData, 'when'>) => Record<'start' | 'end', { day: number; minute: number }>;
  rangeOf: (what: Pick<ActivityData, 'when'>) => { start: Date; end: Date };
  /** The global id of an organization or position by its key. */
  organization: (key: string) => string;
  position: (key: string) => string;
}

const isOpened = ({ state }: ActivityData): boolean => state === 'OPEN' || state === 'CLOSED' || state === 'CANCELLED';

/** What happens to an activity until it stands as its file says: prepared, answered the day after, opened the day after that. */
export function* activitySteps(scene: Scene, activity: ActivityData, minute: number): Generator<Step> {
  const { madeDay, by, invited, note, report, state } = activity;
  let made: Activity | null = null;
  const id = () => toGlobalId('Activity', made!.id);
  const step = async (verb: (tx: Transaction, asked: { id: string; version: number }) => Promise<{ activity: Activity }>): Promise<void> => {
    made = (await scene.as(by, (tx) => verb(tx, { id: id(), version: made!.version }))).activity;
  };
  const prepare = async (): Promise<void> => {
    const { title, category, description, visibility, position } = activity;
    const asked = { title, category, description, visibility, range: scene.rangeOf(activity), position: position && scene.position(position) };
    made = (await scene.as(by, (tx) => activities.createActivity(tx, inputs.createActivity.parse(asked)))).activity;
    for (const { organization, role } of invited) {
      await scene.as(by, (tx) => activities.inviteOrganization(tx, { activity: id(), organization: scene.organization(organization), role }));
    }
  };
  yield { day: madeDay, minute, act: prepare };
  for (const { answeredBy, accepts, volunteers } of invited) {
    if (answeredBy === null) continue;
    const answer = async () => {
      await scene.as(answeredBy, (tx) => activities.answerInvitation(tx, { activity: id(), accept: accepts }));
      if (volunteers > 0) await scene.as(answeredBy, (tx) => activities.pledge(tx, { activity: id(), volunteers, resources: [] }));
    };
    yield { day: madeDay + 1, minute, act: answer };
  }
  if (isOpened(activity)) yield { day: madeDay + 2, minute, act: () => step(activities.openRegistration) };
  if (state === 'CANCELLED') yield { day: madeDay + 3, minute, act: () => step((tx, asked) => activities.cancelActivity(tx, { ...asked, note: note! })) };
  if (report === null) return;
  const { end } = scene.timesOf(activity);
  yield { ...end, act: () => step(activities.completeActivity) };
  yield { day: end.day + 1, minute, act: () => step((tx, asked) => activities.submitActivityReport(tx, { ...asked, ...report, photos: [] })) };
}
