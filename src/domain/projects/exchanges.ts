import { permit } from '../../access/viewer-can';
import { once } from '../../platform/database/idempotency';
import { selectList } from '../../platform/database/columns';
import type { Transaction } from '../../platform/database/session';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import { newId } from '../../platform/ids';
import { recordChange } from '../network/history';
import { requireVersion } from '../network/service';
import type * as inputs from './inputs';
import { concernOf, projectLifecycle } from './lifecycle';
import { Exchange, type Project } from './model';
import { changeOf, DOOR, organizationsIn, parentOf, workingOn } from './service';

type Input<Name extends keyof typeof inputs> = InputOf<typeof inputs, Name>;
type Changed = Promise<{ exchange: Exchange; project: Project }>;

const inAttendees = (index: number) => ['attendees', String(index)];

/** What is told of an exchange: whoever comes together, beside whoever works on the project. */
const exchangeOf = (project: Project, { startsAt, endsAt, attendeeIds }: Pick<Exchange, 'startsAt' | 'endsAt' | 'attendeeIds'>) => ({
  ...changeOf(project), concerned: attendeeIds, data: { project: project.title, start: startsAt.toISOString(), end: endsAt.toISOString() },
});

/** Calls organizations together about a project. Staff of those that work on it, and the committee. */
export async function scheduleExchange(tx: Transaction, input: Input<'scheduleExchange'>): Changed {
  const project = await workingOn(tx, 'SCHEDULE_EXCHANGE', input.project);
  const { id } = await once(tx, 'scheduleExchange', input, async () => {
    const { networkId, now } = tx.actor;
    const attendeeIds = await organizationsIn(tx, input.attendees, inAttendees);
    const exchange = { id: newId(now), startsAt: input.range.start, endsAt: input.range.end, attendeeIds };
    await tx.through(DOOR, () => tx.manager.insert(Exchange, { ...exchange, networkId, projectId: project.id, decisions: [], createdAt: now }));
    recordChange(tx, 'project.exchange', exchangeOf(project, exchange), { exchange: [null, exchange] });
    return { id: exchange.id };
  });
  return { exchange: (await tx.find(Exchange, id))!, project };
}

/** Writes down what came of an exchange, or mends it. Staff of those that work on the project, and the committee. */
export async function recordExchange(tx: Transaction, input: Input<'recordExchange'>): Changed {
  const id = tx.idOf('Exchange', input.id, ['id']);
  const known = await tx.find(Exchange, id);
  if (!known) throw new Refusal('NOT_FOUND', 'notFound', {}, ['id']);
  const project = await parentOf(tx, known.projectId);
  permit(projectLifecycle, 'SCHEDULE_EXCHANGE', tx.actor, project.status, concernOf(project));
  const attendeeIds = input.attendees ? await organizationsIn(tx, input.attendees, inAttendees) : known.attendeeIds;
  const { networkId, now } = tx.actor;
  await tx.through(DOOR, async () => {
    const [exchange] = await tx.query<Exchange>(`SELECT ${selectList(Exchange, 't')} FROM exchanges t WHERE t.network_id = app.network_id() AND t.id = $1 FOR UPDATE`, [id]);
    requireVersion(exchange!, input.version, 'exchange');
    if (exchange!.startsAt > now) throw new Refusal('TOO_EARLY', 'project.exchange.early');
    const after = { minutes: input.minutes, decisions: input.decisions, attendeeIds, recordedAt: exchange!.recordedAt ?? now };
    await tx.manager.update(Exchange, { networkId, id }, { ...after, version: exchange!.version + 1 });
    recordChange(tx, 'project.minutes', exchangeOf(project, { ...exchange!, attendeeIds }), { exchange: id, decisions: input.decisions.length });
  });
  return { exchange: (await tx.find(Exchange, id))!, project };
}
