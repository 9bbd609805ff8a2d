import type { IncomingHttpHeaders } from 'node:http';
import { anonymous, type Caller } from '../database/session';
import { RequestError } from '../graphql/errors';
import { fromGlobalId } from '../ids';
import type { Tokens } from '../identity/tokens';

/** Who a request says it is, and until when. */
export interface Authenticated extends Caller {
  /** When its access token expires, in milliseconds since the epoch; null without one. */
  expiresAt: number | null;
}

/**
 * Who a request says it is. `Authorization: Bearer` carries the access token; `X-Membership` (a membership's id) acts by
 * another of one's own memberships than the token's; `X-Network` (a network's code) says which network is meant by
 * somebody without a membership. A token that does not count is noted, not thrown: refreshing and signing in need none.
 */
export async function authenticate(headers: IncomingHttpHeaders, tokens: Tokens): Promise<Authenticated> {
  const network = headers['x-network'];
  const networkCode = typeof network === 'string' && network !== '' ? network.slice(0, 64) : null;
  const { authorization } = headers;
  if (authorization === undefined) return { ...anonymous, networkCode, expiresAt: null };
  try {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization)?.[1];
    if (!token || token.length > 4096) throw new RequestError('UNAUTHENTICATED', 'auth.invalid');
    const { expires, notBefore: _, ...claims } = await tokens.verify(token);
    const caller = { ...claims, networkCode, fault: null, expiresAt: expires * 1000 };
    const wanted = headers['x-membership'];
    if (typeof wanted !== 'string' || wanted === '') return caller;
    const membership = fromGlobalId(wanted);
    if (membership?.type !== 'Membership') throw new RequestError('BAD_USER_INPUT', 'request.membership');
    return membership.id === claims.membershipId ? caller : { ...caller, membershipId: membership.id, role: null };
  } catch (error) {
    if (error instanceof RequestError) return { ...anonymous, networkCode, fault: error, expiresAt: null };
    throw error;
  }
}
