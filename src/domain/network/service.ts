import { createHmac } from 'node:crypto';
import { may } from '../../access/matrix';
import { permit } from '../../access/viewer-can';
import { once } from '../../platform/database/idempotency';
import type { Session, Transaction } from '../../platform/database/session';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import type { AuditAction } from '../../platform/i18n/messages';
import { newId } from '../../platform/ids';
import type { Passwords } from '../../platform/identity/passwords';
import { hashToken } from '../../platform/identity/tokens';
import { recordChange, recordMove, type Change } from './history';
import type * as inputs from './inputs';
import { organizationLifecycle, type OrganizationAction } from './lifecycle';
import { Membership, Organization, OrganizationContact, Position, type MembershipStatus } from './model';

type Input<Name extends keyof typeof inputs> = InputOf<typeof inputs, Name>;

/** What makes the hash of a new account's password. */
export type Hasher = Pick<Passwords, 'hash'>;

const INVITATION_DAYS = 14;

/** @throws Refusal STALE_VERSION, with the fresh object, when it was changed since it was read */
export function requireVersion(row: { version: number }, version: number, field: string): void {
  if (row.version !== version) throw new Refusal('STALE_VERSION', 'version.stale', {}, ['version'], { [field]: row });
}

const concernOf = (organization: Organization) => ({ owner: organization.id, parties: [organization.id] });

/** An organization about to be changed: locked, of the version read, and the verb permitted. */
async function changing(tx: Transaction, action: OrganizationAction, input: { id: string; version: number }) {
  const organization = await tx.lock(Organization, 'Organization', input.id);
  const to = permit(organizationLifecycle, action, tx.actor, organization.status, concernOf(organization));
  requireVersion(organization, input.version, 'organization');
  return { organization, to };
}

/**
 * Holds until the commit that organizations stay in the network, or, alone, that nothing keeps them there: to be called
 * before their rows are locked, in one order everywhere.
 */
export async function holdStanding(tx: Transaction, organizationIds: readonly string[], { alone = false } = {}): Promise<void> {
  await tx.query(
    `SELECT pg_advisory_xact_lock${alone ? '' : '_shared'}(hashtextextended('standing:' || id, 0)) FROM (SELECT DISTINCT id::text FROM unnest($1::uuid[]) AS id ORDER BY 1) AS held`,
    [organizationIds],
  );
}

/** An organization whose parts are changed, such as its members or positions. */
async function within(tx: Transaction, action: OrganizationAction, globalId: string): Promise<Organization> {
  const organization = await tx.find(Organization, tx.idOf('Organization', globalId, ['organization']));
  if (!organization) throw new Refusal('NOT_FOUND', 'notFound', {}, ['organization']);
  permit(organizationLifecycle, action, tx.actor, organization.status, concernOf(organization));
  return organization;
}

/** The codes of an organization are unique among those in good standing or suspended. */
function refuseTakenCode(error: unknown): never {
  const { code, constraint } = ((error as { driverError?: object }).driverError ?? error) as { code?: string; constraint?: string };
  if (code === '23505' && constraint === 'organizations_code') {
    throw new Refusal('DUPLICATE', 'organization.code.taken', {}, ['unifiedSocialCreditCode']);
  }
  throw error;
}

/** Applies for an organization: it and its first administrator wait for the committee's answer. Anybody may. */
export async function applyToJoin(session: Session, passwords: Hasher, input: Input<'applyToJoin'>, locale: string): Promise<{ organization: Organization }> {
  const { organization: applying, applicant } = input;
  const signedIn = session.caller.userId;
  if (!signedIn && !applicant) throw new Refusal('INVALID', 'account.needed', {}, ['applicant']);
  const actor = await session.actor();
  const passwordHash = signedIn ? null : await passwords.hash(applicant!.password);
  return session.through('join', actor.networkId, async (tx) => {
    const { networkId, now } = tx.actor;
    const userId = signedIn ?? newId(now);
    const name = signedIn ? actor.userName! : applicant!.displayName;
    if (!signedIn) {
      const [created] = await tx.query<{ done: boolean }>('SELECT app.create_user($1, $2, $3, $4, $5, $6) AS done', [
        userId, name, locale, applicant!.email ?? null, applicant!.phone ?? null, passwordHash,
      ]);
      if (!created!.done) throw new Refusal('DUPLICATE', 'account.taken', {}, ['applicant', applicant!.email ? 'email' : 'phone']);
    }
    const code = applying.unifiedSocialCreditCode ?? null;
    const [taken] = await tx.query<object>(
      `SELECT id FROM organizations WHERE network_id = app.network_id() AND unified_social_credit_code = $1 AND status IN ('ACTIVE','SUSPENDED')`,
      [code],
    );
    if (taken) throw new Refusal('DUPLICATE', 'organization.code.taken', {}, ['organization', 'unifiedSocialCreditCode']);
    const id = newId(now);
    await tx.manager.insert(Organization, {
      networkId, id, name: applying.name, kind: applying.kind, status: 'APPLIED', isHub: false,
      unifiedSocialCreditCode: code, introduction: applying.introduction, appliedBy: userId, createdAt: now,
    });
    await tx.manager.insert(OrganizationContact, { networkId, organizationId: id, ...emptyContact, ...applying.contact });
    await tx.manager.insert(Membership, {
      networkId, id: newId(now), userId, organizationId: id, organizationIsHub: false, role: 'ADMIN', status: 'ACTIVE', createdAt: now,
    });
    await tx.query('SELECT app.refresh_user_readers($1)', [userId]);
    await recordMove(
      tx,
      'organization.apply',
      { ...changeOf({ id, name: applying.name }), from: null, to: 'APPLIED', committee: true, by: { userId, name } },
      { name: [null, applying.name] },
    );
    return { organization: (await tx.find(Organization, id))! };
  });
}

const emptyContact = { person: null, phone: null, email: null };

/** What of an organization's change is the same whatever was done. */
const changeOf = ({ id, name }: Pick<Organization, 'id' | 'name'>) => ({
  subjectType: 'Organization', subjectId: id, audience: [id], data: { organization: name },
});

/** The organizations that contracts in force tie to one. */
async function partnersOf(tx: Transaction, id: string): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `SELECT DISTINCT other.organization_id AS id FROM contract_parties own
       JOIN contracts c ON c.network_id = own.network_id AND c.id = own.contract_id
       JOIN contract_parties other ON other.network_id = c.network_id AND other.contract_id = c.id AND other.organization_id <> own.organization_id
     WHERE own.network_id = app.network_id() AND own.organization_id = $1
       AND app.contract_status(c.status, c.term_from, c.ends_on, app.today()) IN ('SIGNED','ACTIVE','SUSPENDED')`,
    [id],
  );
  return rows.map((row) => row.id);
}

/** Moves an organization along its lifecycle, and with it what is copied from its status. */
async function move(
  tx: Transaction,
  action: OrganizationAction,
  verb: AuditAction,
  input: Input<'withNote'>,
  telling: Pick<Change, 'people'> = {},
): Promise<{ organization: Organization }> {
  const { organization, to } = await changing(tx, action, input);
  if (organization.isHub) throw new Refusal('NOT_ALLOWED', 'organization.hub');
  await tx.query('UPDATE organizations SET status = $2, version = version + 1 WHERE network_id = app.network_id() AND id = $1', [organization.id, to]).catch(refuseTakenCode);
  await tx.query('UPDATE positions SET organization_status = $2 WHERE network_id = app.network_id() AND organization_id = $1', [organization.id, to]);
  await tx.query('UPDATE resources SET owner_status = $2 WHERE network_id = app.network_id() AND owner_id = $1', [organization.id, to]);
  await recordMove(tx, verb, {
    ...changeOf(organization), ...telling, from: organization.status, to, note: input.note, committee: true, concerned: await partnersOf(tx, organization.id),
  });
  return { organization: (await tx.find(Organization, organization.id))! };
}

/** Admits an organization that has applied. The committee may. */
export const approveOrganization = (tx: Transaction, input: Input<'withNote'>) => move(tx, 'APPROVE', 'organization.approve', input);
/** Turns an application down. The committee may. */
export const rejectOrganization = (tx: Transaction, input: Input<'withNote'>) => move(tx, 'REJECT', 'organization.reject', input);
/** Suspends an organization: from the next request on it changes nothing, and what it shares vanishes for others. The committee may. */
export const suspendOrganization = (tx: Transaction, input: Input<'withNote'>) => move(tx, 'SUSPEND', 'organization.suspend', input);
/** Ends a suspension. The committee may. */
export const reinstateOrganization = (tx: Transaction, input: Input<'withNote'>) => move(tx, 'REINSTATE', 'organization.reinstate', input);

/** Takes the own organization out of the network, once no contract of it is in force; its memberships end. Administrators may. */
export async function leaveNetwork(tx: Transaction, input: Input<'withNote'>): Promise<{ organization: Organization }> {
  await holdStanding(tx, [tx.idOf('Organization', input.id, ['id'])], { alone: true });
  const { organization } = await changing(tx, 'LEAVE', input);
  const inForce = await tx.query<{ number: string }>(
    `SELECT c.number FROM contracts c JOIN contract_parties p ON p.network_id = c.network_id AND p.contract_id = c.id
     WHERE p.network_id = app.network_id() AND p.organization_id = $1
       AND app.contract_status(c.status, c.term_from, c.ends_on, app.today()) IN ('SIGNED','ACTIVE','SUSPENDED') ORDER BY c.number`,
    [organization.id],
  );
  if (inForce.length) throw new Refusal('CONFLICT', 'organization.contracts', { numbers: inForce.map(({ number }) => number).join(', ') });
  // Those who act for it are told of the end of their memberships, which leaves nobody who acts for it.
  const members = await tx.query<{ userId: string; acting: boolean }>(
    `SELECT user_id AS "userId", status = 'ACTIVE' AND role IN ('STAFF','ADMIN') AS acting FROM memberships
     WHERE network_id = app.network_id() AND organization_id = $1 AND status <> 'ENDED'`,
    [organization.id],
  );
  const left = await move(tx, 'LEAVE', 'organization.leave', input, { people: members.flatMap(({ userId, acting }) => (acting ? [userId] : [])) });
  await tx.query(
    `UPDATE memberships SET status = 'ENDED', version = version + 1
     WHERE network_id = app.network_id() AND organization_id = $1 AND status <> 'ENDED'`,
    [organization.id],
  );
  for (const { userId } of members) await tx.query('SELECT app.refresh_user_readers($1)', [userId]);
  return left;
}

/** Edits an organization. The committee and its own administrators may. */
export async function updateOrganization(tx: Transaction, input: Input<'updateOrganization'>): Promise<{ organization: Organization }> {
  const { organization } = await changing(tx, 'EDIT', input);
  const { name = organization.name, introduction = organization.introduction, unifiedSocialCreditCode = organization.unifiedSocialCreditCode } = input;
  const after = { name, introduction, unifiedSocialCreditCode };
  await tx.manager
    .update(Organization, { networkId: organization.networkId, id: organization.id }, { ...after, version: organization.version + 1 })
    .catch(refuseTakenCode);
  if (input.contact) {
    await tx.manager.update(OrganizationContact, { networkId: organization.networkId, organizationId: organization.id }, { ...emptyContact, ...input.contact });
  }
  recordChange(tx, 'organization.update', changeOf({ id: organization.id, name }), {
    ...difference(organization, after), ...(input.contact && { contact: 'changed' }),
  });
  return { organization: (await tx.find(Organization, organization.id))! };
}

/** What differs, before and after, for the audit log. */
export function difference<Row extends object>(before: Row, after: Partial<Row>): Record<string, [unknown, unknown]> {
  return Object.fromEntries(
    Object.entries(after)
      .filter(([key, value]) => JSON.stringify(before[key as keyof Row]) !== JSON.stringify(value))
      .map(([key, value]) => [key, [before[key as keyof Row], value]]),
  );
}

/** The code of an invitation, derived so that it need not be kept. */
const invitationCode = (secret: string, membershipId: string) =>
  createHmac('sha256', secret).update(`invitation:${membershipId}`).digest('base64url').slice(0, 24);

/** What of a member's change is the same whatever was done: the person's name is looked up when it is read. */
const memberChange = (
  { id, userId, organizationId }: Pick<Membership, 'id' | 'userId' | 'organizationId'>,
  { name }: Pick<Organization, 'name'>,
  data: Change['data'] = {},
) => ({
  subjectType: 'Membership', subjectId: id, audience: [organizationId], refs: { person: userId, organization: organizationId }, data: { organization: name, ...data },
});

/** Invites somebody; the code in the answer is to be passed on to the person. The committee and the organization's administrators may. */
export async function inviteMember(tx: Transaction, secret: string, input: Input<'inviteMember'>) {
  const organization = await within(tx, 'INVITE_MEMBER', input.organization);
  refuseRole(tx, organization.isHub, input.role);
  const { networkId, now } = tx.actor;
  const invited = await once(tx, 'inviteMember', input, async () => {
    const [known] = await tx.query<object>(
      `SELECT m.id FROM memberships m JOIN users u ON u.id = m.user_id
         WHERE m.network_id = app.network_id() AND m.organization_id = $1 AND m.status <> 'ENDED' AND (u.email = $2::citext OR u.phone = $3)
       UNION ALL SELECT membership_id FROM invitations
         WHERE network_id = app.network_id() AND organization_id = $1 AND (email = $2::citext OR phone = $3) LIMIT 1`,
      [organization.id, input.email ?? null, input.phone ?? null],
    );
    if (known) throw new Refusal('DUPLICATE', 'membership.duplicate', {}, [input.email ? 'email' : 'phone']);
    const [userId, id] = [newId(now), newId(now)];
    // The address stays with the invitation until it is answered: whose it is elsewhere is nobody's business here.
    await tx.query('SELECT app.create_user($1, $2, $3, NULL, NULL, NULL)', [userId, input.displayName, tx.actor.userLocale ?? 'zh-CN']);
    await tx.manager.insert(Membership, {
      networkId, id, userId, organizationId: organization.id, organizationIsHub: organization.isHub, role: input.role, status: 'INVITED', createdAt: now,
    });
    await tx.query('SELECT app.refresh_user_readers($1)', [userId]);
    await tx.query(
      `INSERT INTO invitations (network_id, membership_id, organization_id, code_hash, email, phone, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7::timestamptz + make_interval(days => $8))`,
      [networkId, id, organization.id, hashToken(invitationCode(secret, id)), input.email ?? null, input.phone ?? null, now, INVITATION_DAYS],
    );
    recordChange(tx, 'member.invite', memberChange({ id, userId, organizationId: organization.id }, organization, { role: input.role }), { role: [null, input.role] });
    return { id };
  });
  return { membership: (await tx.find(Membership, invited.id))!, invitationCode: invitationCode(secret, invited.id) };
}

function refuseRole(tx: Transaction, isHub: boolean, role: string): void {
  if (role === 'COMMITTEE' && !(isHub && tx.actor.role === 'COMMITTEE')) throw new Refusal('NOT_ALLOWED', 'membership.role', {}, ['role']);
}

/** Answers an invitation, as the signed-in person or with a new account. */
export async function acceptInvitation(session: Session, passwords: Hasher, input: Input<'acceptInvitation'>, locale: string): Promise<{ userId: string; membershipId: string }> {
  const { userId } = session.caller;
  if (userId) await session.actor();
  if (!userId && !input.password) throw new Refusal('INVALID', 'invitation.account', {}, ['password']);
  const passwordHash = userId ? null : await passwords.hash(input.password!);
  const codeHash = hashToken(input.code);
  const [invited] = await session.door<{ networkId: string | null }>({ text: 'SELECT app.network_of_invitation($1) AS "networkId"', values: [codeHash] });
  if (!invited!.networkId) throw new Refusal('NOT_FOUND', 'invitation.unknown', {}, ['code']);
  return session.through('join', invited!.networkId, async (tx) => {
    const [answer] = await tx.query<Answered>(
      `SELECT outcome, membership_id AS "membershipId" FROM app.accept_invitation($1, $2, $3, $4, $5, $6)`,
      [codeHash, userId, input.displayName ?? null, locale, passwordHash, session.clock.now()],
    );
    if (answer!.outcome !== 'ACCEPTED') throw unanswered(answer!.outcome);
    const membership = (await tx.find(Membership, answer!.membershipId))!;
    const organization = (await tx.find(Organization, membership.organizationId))!;
    recordChange(
      tx,
      'member.accept',
      { ...memberChange(membership, organization), by: { userId: membership.userId, name: '' } },
      { status: ['INVITED', 'ACTIVE'] },
    );
    return { userId: membership.userId, membershipId: membership.id };
  });
}

/** What app.accept_invitation answers with. */
interface Answered {
  outcome: 'ACCEPTED' | 'EXPIRED' | 'TAKEN' | 'MEMBER' | 'UNKNOWN';
  membershipId: string;
}

/** Why an invitation was not accepted. */
function unanswered(outcome: Answered['outcome']): Refusal {
  switch (outcome) {
    case 'EXPIRED':
      return new Refusal('TOO_LATE', 'invitation.expired', {}, ['code']);
    case 'TAKEN':
      return new Refusal('DUPLICATE', 'account.taken');
    case 'MEMBER':
      return new Refusal('DUPLICATE', 'invitation.member');
    default:
      return new Refusal('NOT_FOUND', 'invitation.unknown', {}, ['code']);
  }
}

/** A membership about to be changed, its organization locked so that two changes cannot remove the last administrator together. */
async function changingMember(tx: Transaction, input: { id: string; version: number }) {
  const membership = await tx.lock(Membership, 'Membership', input.id);
  await tx.query('SELECT id FROM organizations WHERE network_id = app.network_id() AND id = $1 FOR UPDATE', [membership.organizationId]);
  if (!may(tx.actor, 'member.manage', { owner: membership.organizationId })) throw new Refusal('NOT_ALLOWED', 'notAllowed');
  requireVersion(membership, input.version, 'membership');
  return membership;
}

async function keepOneInCharge(tx: Transaction, membership: Membership): Promise<void> {
  const inCharge = membership.organizationIsHub ? 'COMMITTEE' : 'ADMIN';
  if (membership.role !== inCharge || membership.status !== 'ACTIVE') return;
  const [other] = await tx.query<object>(
    `SELECT id FROM memberships WHERE network_id = app.network_id() AND organization_id = $1 AND role = $2 AND status = 'ACTIVE' AND id <> $3 LIMIT 1`,
    [membership.organizationId, inCharge, membership.id],
  );
  if (!other) throw new Refusal('CONFLICT', 'membership.last');
}

/** Changes the capacity of a member. The committee and the organization's administrators may. */
export async function changeMemberRole(tx: Transaction, input: Input<'changeMemberRole'>): Promise<{ membership: Membership }> {
  const membership = await changingMember(tx, input);
  if (membership.role === 'COMMITTEE') refuseRole(tx, membership.organizationIsHub, 'COMMITTEE');
  refuseRole(tx, membership.organizationIsHub, input.role);
  if (membership.status === 'ENDED') throw new Refusal('WRONG_STATE', 'state.wrong', { subject: 'membership', state: 'ENDED', action: 'CHANGE_ROLE' });
  if (input.role !== membership.role) await keepOneInCharge(tx, membership);
  await tx.manager.update(Membership, { networkId: membership.networkId, id: membership.id }, { role: input.role, version: membership.version + 1 });
  const organization = (await tx.find(Organization, membership.organizationId))!;
  recordChange(
    tx,
    'member.role',
    { ...memberChange(membership, organization, { role: input.role }), people: [membership.userId] },
    difference(membership, { role: input.role }),
  );
  return { membership: (await tx.find(Membership, membership.id))! };
}

const membershipMoves = {
  suspend: { from: ['ACTIVE'], to: 'SUSPENDED', action: 'SUSPEND' },
  reinstate: { from: ['SUSPENDED'], to: 'ACTIVE', action: 'REINSTATE' },
  end: { from: ['INVITED', 'ACTIVE', 'SUSPENDED'], to: 'ENDED', action: 'END' },
} as const satisfies Record<string, { from: MembershipStatus[]; to: MembershipStatus; action: string }>;

/** Suspends, reinstates or ends a membership; it counts from the person's next request on. The committee and the organization's administrators may. */
export async function moveMembership(tx: Transaction, verb: keyof typeof membershipMoves, input: Input<'withNote'>): Promise<{ membership: Membership }> {
  const membership = await changingMember(tx, input);
  const { from, to, action } = membershipMoves[verb];
  if (membership.role === 'COMMITTEE') refuseRole(tx, membership.organizationIsHub, 'COMMITTEE');
  if (!(from as readonly string[]).includes(membership.status)) {
    throw new Refusal('WRONG_STATE', 'state.wrong', { subject: 'membership', state: membership.status, action });
  }
  if (to !== 'ACTIVE') await keepOneInCharge(tx, membership);
  await tx.manager.update(Membership, { networkId: membership.networkId, id: membership.id }, { status: to, version: membership.version + 1 });
  if (to === 'ENDED') {
    await tx.query('DELETE FROM invitations WHERE network_id = app.network_id() AND membership_id = $1', [membership.id]);
    await tx.query('SELECT app.refresh_user_readers($1)', [membership.userId]);
  }
  const organization = (await tx.find(Organization, membership.organizationId))!;
  await recordMove(tx, `member.${verb}`, {
    ...memberChange(membership, organization), people: [membership.userId], from: membership.status, to, note: input.note,
  });
  // Read before the commit: the row is the answer even if the actor has just ended the own membership.
  return { membership: (await tx.find(Membership, membership.id))! };
}

/** Makes somebody a volunteer of an organization, unless they are a member of it in whatever capacity. */
export const admitVolunteer = (tx: Transaction, organizationId: string, userId: string): Promise<void> =>
  tx.through('join', async () => {
    const { networkId, now } = tx.actor;
    const organization = (await tx.find(Organization, organizationId))!;
    const [admitted] = await tx.query<{ id: string }>(
      `INSERT INTO memberships (network_id, id, user_id, organization_id, organization_is_hub, role, status, created_at)
       VALUES ($1, $2, $3, $4, $5, 'VOLUNTEER', 'ACTIVE', $6)
       ON CONFLICT (network_id, organization_id, user_id) WHERE status <> 'ENDED' DO NOTHING RETURNING id`,
      [networkId, newId(now), userId, organizationId, organization.isHub, now],
    );
    if (!admitted) return;
    await tx.query('SELECT app.refresh_user_readers($1)', [userId]);
    recordChange(tx, 'member.admit', { ...memberChange({ id: admitted.id, userId, organizationId }, organization), notice: null }, { role: [null, 'VOLUNTEER'] });
  });

/**
 * Ends the membership of who is no more than a volunteer of an organization, at the end of the transaction: it may be the one
 * that is acted by. @returns its id; null when there is none
 */
export const dismissVolunteer = (tx: Transaction, organizationId: string, userId: string): Promise<string | null> =>
  tx.through('join', async () => {
    const [held] = await tx.query<{ id: string }>(
      `SELECT id FROM memberships
       WHERE network_id = app.network_id() AND organization_id = $1 AND user_id = $2 AND role = 'VOLUNTEER' AND status <> 'ENDED' FOR UPDATE`,
      [organizationId, userId],
    );
    if (!held) return null;
    const organization = (await tx.find(Organization, organizationId))!;
    recordChange(tx, 'member.end', { ...memberChange({ id: held.id, userId, organizationId }, organization), notice: null }, { role: ['VOLUNTEER', null] });
    tx.atLast('join', async () => {
      await tx.query(`UPDATE memberships SET status = 'ENDED', version = version + 1 WHERE network_id = app.network_id() AND id = $1`, [held.id]);
      await tx.query('SELECT app.refresh_user_readers($1)', [userId]);
    });
    return held.id;
  });

function refuseSecondHub(error: unknown): never {
  const { constraint } = ((error as { driverError?: object }).driverError ?? error) as { constraint?: string };
  if (constraint === 'positions_one_hub') throw new Refusal('CONFLICT', 'position.hub', {}, ['kind']);
  throw error;
}

/** What of a position's change is the same whatever was done. */
const positionChange = ({ id, name, organizationId }: Pick<Position, 'id' | 'name' | 'organizationId'>) => ({
  subjectType: 'Position', subjectId: id, audience: [organizationId], data: { position: name },
});

/** Adds a position to an organization. The committee and the organization's administrators may. */
export async function createPosition(tx: Transaction, input: Input<'createPosition'>): Promise<{ position: Position }> {
  const organization = await within(tx, 'EDIT', input.organization);
  if (input.kind === 'HUB' && !organization.isHub) throw new Refusal('CONFLICT', 'position.hub', {}, ['kind']);
  const { networkId, now } = tx.actor;
  const { id } = await once(tx, 'createPosition', input, async () => {
    const created = newId(now);
    await tx.manager
      .insert(Position, {
        networkId, id: created, organizationId: organization.id, organizationIsHub: organization.isHub, organizationStatus: organization.status,
        name: input.name, kind: input.kind, address: input.address, latitude: input.location?.latitude ?? null,
        longitude: input.location?.longitude ?? null, openingHours: input.openingHours, createdAt: now,
      })
      .catch(refuseSecondHub);
    recordChange(
      tx,
      'position.create',
      { ...positionChange({ id: created, name: input.name, organizationId: organization.id }), committee: true },
      difference({} as Position, { name: input.name, kind: input.kind, address: input.address, openingHours: input.openingHours }),
    );
    return { id: created };
  });
  return { position: (await tx.find(Position, id))! };
}

/** Edits a position. The committee and its organization's administrators may. */
export async function updatePosition(tx: Transaction, input: Input<'updatePosition'>): Promise<{ position: Position }> {
  const position = await tx.lock(Position, 'Position', input.id);
  if (!may(tx.actor, 'organization.edit', { owner: position.organizationId })) throw new Refusal('NOT_ALLOWED', 'notAllowed');
  requireVersion(position, input.version, 'position');
  const { name = position.name, address = position.address, openingHours = position.openingHours } = input;
  const place = input.location === undefined ? position : (input.location ?? { latitude: null, longitude: null });
  const after = { name, address, openingHours, latitude: place.latitude, longitude: place.longitude };
  await tx.manager.update(Position, { networkId: position.networkId, id: position.id }, { ...after, version: position.version + 1 });
  recordChange(tx, 'position.update', positionChange({ ...position, name }), difference(position, after));
  return { position: (await tx.find(Position, position.id))! };
}

