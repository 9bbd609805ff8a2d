import type { EntityTarget } from 'typeorm';
import type { RequestContext } from '../graphql/context';
import { RequestError } from '../graphql/errors';
import type { LoaderDefinition } from '../graphql/loaders';
import { fromGlobalId } from '../ids';
import type { Message } from './publish';
import { Queue } from './queue';

/** How many changes wait at most until it is their turn to be told of. */
const MOST_WAITING = 100;

/** Something has changed: whoever is told of it looks for itself how it stands, and whether it may be seen. */
export interface Change {
  entity: EntityTarget<object>;
  load: LoaderDefinition<string, object | null>;
  alike: boolean;
  networkId: string;
  id: string;
}

/** Which things a subscription follows. */
export interface Followed<Row extends object> {
  entity: EntityTarget<Row>;
  /** Loads one by its id; null for one that the viewer may not read. */
  load: LoaderDefinition<string, Row | null>;
  /** Whether its row reads the same to whoever may read it, so that it is loaded once for all of them; not unless said so. */
  alike?: boolean;
  /** The id of the thing that a message tells of, or null when it is about something else. */
  thing: (message: Message) => string | null;
}

/** The changes in the caller's network that a subscription follows, as they are told. */
export async function follow<Row extends object>(context: RequestContext, { entity, load, alike = false, thing }: Followed<Row>): Promise<Queue<Change>> {
  const { networkId } = await context.actor();
  const waiting = new Queue<Change>(MOST_WAITING, () => leave());
  const leave = context.platform.bus.follow(networkId, (message) => {
    const id = thing(message);
    if (id === null || waiting.push({ entity, load, alike, networkId, id })) return;
    // It falls behind: of a thing that waits already its turn will show the newest state; for others there is no room.
    if (!waiting.some((change) => change.id === id)) waiting.end();
  });
  return waiting;
}

/**
 * The uuid of what a subscription is to be about. @returns null when it is about no one in particular
 * @throws RequestError when the caller may not read it, as when it never was
 */
export async function readable(
  context: RequestContext,
  type: string,
  load: LoaderDefinition<string, object | null>,
  globalId: string | null | undefined,
): Promise<string | null> {
  if (globalId == null) return null;
  const id = fromGlobalId(globalId);
  if (id?.type !== type || (await context.load(load, id.id)) === null) throw new RequestError('BAD_USER_INPUT', 'notFound');
  return id.id;
}
