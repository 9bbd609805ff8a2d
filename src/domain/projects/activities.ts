import { may } from '../../access/matrix';
import type { Transaction } from '../../platform/database/session';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import { Activity } from '../activities/model';
import { placeInProject } from '../activities/service';
import { moveFeedback } from '../feedback/service';
import type * as inputs from './inputs';
import { DOOR, workingOn } from './service';

/**
 * Makes an activity part of a project, or of none: what people said of it counts there from then on. Staff of its host,
 * which has to work on the project, and the committee.
 */
export async function assignActivity(tx: Transaction, input: InputOf<typeof inputs, 'assignActivity'>): Promise<{ activity: Activity }> {
  const activity = await tx.lock(Activity, 'Activity', input.activity, ['activity']);
  if (!may(tx.actor, 'activity.host', { owner: activity.hostId })) throw new Refusal('NOT_ALLOWED', 'notAllowed', {}, ['activity']);
  const from = activity.projectId;
  const to = input.project == null ? null : (await workingOn(tx, 'ADD_ACTIVITY', input.project)).id;
  if (to !== from) {
    await placeInProject(tx, activity, to);
    await tx.through(DOOR, async () => {
      await tx.query('SELECT 1 FROM projects WHERE network_id = app.network_id() AND id = ANY($1::uuid[]) ORDER BY id FOR UPDATE', [[from, to].filter((id) => id !== null)]);
      await moveFeedback(tx, activity.id, from, to);
    });
  }
  return { activity: (await tx.find(Activity, activity.id))! };
}
