import type { IncomingMessage } from 'node:http';
import { authenticate, Tokens } from './built.ts';

/** The statement that opens each transaction, in every server the same. */
export const BEGIN_SESSION = { name: 'begin-session', text: 'SELECT * FROM app.begin_session($1, $2, $3, $4, $5, $6)' };

const tokens = await Tokens.create(JSON.parse(process.env.TOKEN_KEYS!), { access: 0, refresh: 0 });

/** The values of BEGIN_SESSION for whoever a request's token names; the verification and its cache are the API's. */
export async function sessionOf(request: IncomingMessage): Promise<(string | null)[]> {
  const caller = await authenticate(request.headers, tokens);
  if (caller.fault) throw caller.fault;
  return [caller.sessionId, caller.userId, caller.networkCode, caller.membershipId, caller.role, null];
}
