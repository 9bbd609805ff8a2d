import type { RequestContext } from '../../platform/graphql/context';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import { RequestError } from '../../platform/graphql/errors';
import { fromGlobalId, newId } from '../../platform/ids';
import { hashToken, type AccessClaims } from '../../platform/identity/tokens';
import type * as inputs from './inputs';
import type { Session } from './model';

type Input<Name extends keyof typeof inputs> = InputOf<typeof inputs, Name>;

interface MembershipRow {
  network_id: string | null;
  membership_id: string | null;
  role: string | null;
}

/** Goes on as the person whose session it is, with a new access token. */
async function enter(context: RequestContext, userId: string, sessionId: string, row: MembershipRow): Promise<Session> {
  const claims: AccessClaims = { userId, sessionId, membershipId: row.membership_id, role: row.role };
  const { token, expiresAt } = await context.platform.tokens.issue(claims);
  context.become({ ...claims, networkCode: context.caller.networkCode, fault: null });
  return { accessToken: token, accessTokenExpiresAt: expiresAt };
}

/**
 * Signs in by e-mail or phone and password. Tries are counted per account and per address; an unknown account is
 * answered like a wrong password, after the same work.
 * @throws RequestError RATE_LIMITED @throws Refusal NOT_ALLOWED
 */
export async function signIn(context: RequestContext, { identifier, password }: Input<'signIn'>): Promise<{ session: Session }> {
  const { passwords, throttle, tokens } = context.platform;
  await throttle.count(identifier, context.address);
  const [credential] = await context.session.door<{ user_id: string; password_hash: string }>({
    text: 'SELECT * FROM app.find_credential($1)',
    values: [identifier],
  });
  if (!(await passwords.matches(password, credential?.password_hash ?? null))) throw new Refusal('NOT_ALLOWED', 'auth.credentials');
  await throttle.succeeded(identifier);
  const userId = credential!.user_id;
  const sessionId = newId(new Date());
  const refresh = tokens.newRefreshToken();
  const [row] = await context.session.door<MembershipRow>({
    text: 'SELECT * FROM app.start_session($1, $2, $3, $4, $5)',
    values: [sessionId, userId, context.caller.networkCode, refresh.hash, refresh.expiresAt],
  });
  const session = await enter(context, userId, sessionId, row!);
  return { session: { ...session, refreshToken: refresh.token, refreshTokenExpiresAt: refresh.expiresAt } };
}

/**
 * Exchanges a refresh token for the next tokens. One that was exchanged before ends the whole session, since one of its
 * two holders has stolen it.
 * @throws RequestError UNAUTHENTICATED
 */
export async function refreshSession(context: RequestContext, { refreshToken }: Input<'refreshSession'>): Promise<{ session: Session }> {
  const refresh = context.platform.tokens.newRefreshToken();
  const [row] = await context.session.door<MembershipRow & { outcome: string; user_id: string; session_id: string }>({
    text: 'SELECT * FROM app.rotate_refresh_token($1, $2, $3)',
    values: [hashToken(refreshToken), refresh.hash, refresh.expiresAt],
  });
  if (row!.outcome !== 'ROTATED') throw new RequestError('UNAUTHENTICATED', 'auth.refresh');
  const session = await enter(context, row!.user_id, row!.session_id, row!);
  return { session: { ...session, refreshToken: refresh.token, refreshTokenExpiresAt: refresh.expiresAt } };
}

/** Ends the session, named by its access token or by a refresh token; one that has ended already stays so. */
export async function signOut(context: RequestContext, { refreshToken }: Input<'signOut'>): Promise<object> {
  const { userId, sessionId, networkCode } = context.caller;
  await context.session.door({
    text: 'SELECT app.end_session($1, $2, $3)',
    values: [userId, sessionId, refreshToken ? hashToken(refreshToken) : null],
  });
  context.become({ userId: null, sessionId: null, membershipId: null, role: null, networkCode, fault: null });
  return {};
}

/** Acts by another of one's own memberships from now on, also when the session is refreshed. @throws Refusal NOT_FOUND */
export async function actAs(context: RequestContext, { membership }: Input<'actAs'>): Promise<{ session: Session }> {
  await context.actor();
  const { userId, sessionId } = context.caller;
  const id = fromGlobalId(membership);
  const [row] = id?.type === 'Membership'
    ? await context.session.door<MembershipRow>({ text: 'SELECT * FROM app.act_as($1, $2, $3)', values: [userId, sessionId, id.id] })
    : [];
  if (!row) throw new Refusal('NOT_FOUND', 'notFound', {}, ['membership']);
  return { session: await enter(context, userId!, sessionId!, row) };
}

/** Sets a new password and ends every other session of the person. @throws Refusal NOT_ALLOWED when the current one is not right */
export async function changePassword(context: RequestContext, input: Input<'changePassword'>): Promise<object> {
  const { passwords, throttle } = context.platform;
  const { userId, sessionId } = context.caller;
  await context.actor();
  await throttle.count(userId!, context.address);
  const [credential] = await context.session.door<{ hash: string | null }>({ text: 'SELECT app.password_hash_of($1) AS hash', values: [userId] });
  if (!(await passwords.matches(input.currentPassword, credential!.hash))) {
    throw new Refusal('NOT_ALLOWED', 'auth.password.current', {}, ['currentPassword']);
  }
  await throttle.succeeded(userId!);
  const hash = await passwords.hash(input.newPassword);
  await context.session.write(async (tx) => {
    await tx.query('SELECT app.change_password($1, $2, $3)', [userId, sessionId, hash]);
    tx.audit({ action: 'account.password', subjectType: 'User', subjectId: userId! });
  });
  return {};
}
