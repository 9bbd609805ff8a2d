import type { MessageKey } from '../i18n/messages';
import type { RequestErrorCode } from '../graphql/errors';

/** Why a subscription ended that its client did not end. */
export type Ending =
  /** The access token has expired. */
  | 'EXPIRED'
  /** The session, the membership or the role is not any more what the token says. */
  | 'ENDED'
  /** The client takes too slowly what it is told. */
  | 'SLOW'
  /** The server cannot keep up. */
  | 'BUSY'
  /** The process is about to end. */
  | 'STOPPING';

interface Told {
  /** How a WebSocket is closed; what the graphql-ws client makes of it stands in docs/clients.md. */
  close: readonly [code: number, reason: string];
  /** The error at the end of an event stream. */
  error: readonly [code: RequestErrorCode, message: MessageKey];
}

/** How a client is told of each. */
export const endings: Readonly<Record<Ending, Told>> = {
  EXPIRED: { close: [4401, 'Token expired'], error: ['UNAUTHENTICATED', 'auth.expired'] },
  ENDED: { close: [4403, 'Forbidden'], error: ['UNAUTHENTICATED', 'auth.ended'] },
  SLOW: { close: [1013, 'Too slow'], error: ['SERVICE_BUSY', 'subscription.slow'] },
  BUSY: { close: [1013, 'Try again later'], error: ['SERVICE_BUSY', 'request.busy'] },
  STOPPING: { close: [1001, 'Going away'], error: ['SERVICE_BUSY', 'subscription.stopping'] },
};
