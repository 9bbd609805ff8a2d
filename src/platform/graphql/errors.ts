import { GraphQLError } from 'graphql';
import type { MessageKey, MessageParameters } from '../i18n/messages';

/** What the caller cannot mend in the form; the codes of top-level errors. */
export type RequestErrorCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'BAD_USER_INPUT'
  | 'COMPLEXITY_LIMIT'
  | 'RATE_LIMITED'
  | 'SERVICE_BUSY'
  | 'REQUEST_TIMEOUT'
  | 'INTERNAL_SERVER_ERROR';

/** A top-level error; its message is put into the caller's language on the way out. */
export class RequestError extends GraphQLError {
  readonly key: MessageKey;
  readonly parameters: MessageParameters;

  constructor(code: RequestErrorCode, key: MessageKey, parameters: MessageParameters = {}) {
    super(key, { extensions: { code } });
    this.key = key;
    this.parameters = parameters;
  }
}
