import { may } from '../../access/matrix';
import { once } from '../../platform/database/idempotency';
import type { Session, Transaction } from '../../platform/database/session';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import type { AuditAction } from '../../platform/i18n/messages';
import type { Sealing } from '../../platform/identity/sealing';
import { newId } from '../../platform/ids';
import { recordChange, recordMove } from '../network/history';
import { Organization } from '../network/model';
import { admitVolunteer, dismissVolunteer, type Hasher } from '../network/service';
import { cancelComingRegistrationsOf } from '../shifts/service';
import { acting, change, changeOf, refuseBroken } from './acting';
import { campaignToAnswer, countApplication } from './campaigns';
import { grantConsents, requireConsent } from './consents';
import { birthday, isAged, OF_AGE, sealIdentity, YOUNGEST, type KeptIdentity } from './identity';
import type * as inputs from './inputs';
import { permitOn, type VolunteerAction } from './lifecycle';
import { Volunteer, VolunteerPersonal, type VolunteerStatus } from './model';

type Input<Name extends keyof typeof inputs> = InputOf<typeof inputs, Name>;

/** What hashes the password of a new account and encrypts identity numbers. */
export interface Means {
  passwords: Hasher;
  sealing: Sealing;
}

/** The next numbers of a network's volunteers: its division and a count. @returns the first of so many */
export async function nextNumbers(tx: Transaction, many: number): Promise<(place: number) => string> {
  const [counted] = await tx.query<{ last: number; division: string }>(
    `INSERT INTO volunteer_counters AS c (network_id, last_number) VALUES (app.network_id(), $1)
     ON CONFLICT (network_id) DO UPDATE SET last_number = c.last_number + $1
     RETURNING last_number AS last, (SELECT administrative_division FROM networks n WHERE n.id = c.network_id) AS division`,
    [many],
  );
  const { last, division } = counted!;
  return (place) => `${division}${String(last - many + place + 1).padStart(8, '0')}`;
}

const hubId = async (tx: Transaction): Promise<string> =>
  (await tx.query<{ id: string }>('SELECT id FROM organizations WHERE network_id = app.network_id() AND is_hub'))[0]!.id;

/** Through which organization somebody will volunteer, and the call that is answered. @throws Refusal NOT_FOUND, INVALID, CONFLICT, NOT_ALLOWED */
async function destination(tx: Transaction, { campaign, organization, channel }: Input<'applyAsVolunteer'>) {
  const answered = campaign == null ? null : await campaignToAnswer(tx, campaign);
  const named = organization == null ? null : tx.idOf('Organization', organization, ['organization']);
  const isVisit = channel === 'VISIT';
  const id = answered?.organizationId ?? named ?? (isVisit ? tx.actor.organizationId : null) ?? (await hubId(tx));
  const found = await tx.find(Organization, named ?? id);
  if (!found) throw new Refusal('NOT_FOUND', 'notFound', {}, ['organization']);
  if (found.id !== id) throw new Refusal('INVALID', 'campaign.organization', {}, ['organization']);
  const inGoodStanding = tx.actor.organizationStatus === 'ACTIVE';
  if (isVisit && !(inGoodStanding && may(tx.actor, 'volunteer.manage', { owner: id }))) throw new Refusal('NOT_ALLOWED', 'volunteer.visit', {}, ['channel']);
  if (found.status !== 'ACTIVE') throw new Refusal('CONFLICT', 'volunteer.organization', {}, ['organization']);
  return { organizationId: id, campaignId: answered?.id ?? null };
}

const NO_IDENTITY = { identityDocument: null, identityEncrypted: null, identityKey: null, identityHash: null, identityMasked: null };

/** What is kept of an identity number, where there is one. */
export const identityOf = (
  sealing: Sealing, networkId: string, volunteerId: string, { identityDocument, identityNumber }: Pick<Input<'personal'>, 'identityDocument' | 'identityNumber'>,
): KeptIdentity | typeof NO_IDENTITY =>
  identityNumber && identityDocument ? sealIdentity(sealing, networkId, volunteerId, identityDocument, identityNumber) : NO_IDENTITY;

/** Makes an account for who applies. @throws Refusal DUPLICATE when the e-mail or phone has one */
async function openAccount(tx: Transaction, { displayName, email, phone }: NonNullable<Input<'applyAsVolunteer'>['applicant']>, passwordHash: string, locale: string): Promise<string> {
  const userId = newId(tx.actor.now);
  const [created] = await tx.query<{ done: boolean }>('SELECT app.create_user($1, $2, $3, $4, $5, $6) AS done', [
    userId, displayName, locale, email ?? null, phone ?? null, passwordHash,
  ]);
  if (!created!.done) throw new Refusal('DUPLICATE', 'account.taken', {}, ['applicant', email ? 'email' : 'phone']);
  return userId;
}

/** Takes an application down, within the door of volunteers. @returns the id of the volunteer */
async function enter(
  tx: Transaction, sealing: Sealing, input: Input<'applyAsVolunteer'>,
  place: { organizationId: string; campaignId: string | null }, account: { userId: string | null; opened: boolean },
): Promise<{ id: string }> {
  const { networkId, now } = tx.actor;
  const { personal, channel, occupation, skills, availability, consents } = input;
  const { organizationId, campaignId } = place;
  const { userId } = account;
  const id = newId(now);
  const isVisit = channel === 'VISIT';
  const birthDate = personal.birthDate!;
  if (campaignId !== null) await countApplication(tx, campaignId, channel);
  const number = (await nextNumbers(tx, 1))(0);
  await tx.manager
    .insert(Volunteer, {
      networkId, id, number, displayName: input.displayName ?? personal.legalName, status: 'APPLIED', occupation, skills, availability, organizationId, userId,
      adultOn: birthday(birthDate, OF_AGE), campaignId, channel, isListed: consents.includes('LEADERBOARD'), createdAt: now,
    })
    .catch(refuseBroken);
  await tx.manager
    .insert(VolunteerPersonal, {
      networkId, volunteerId: id, userId, organizationId, legalName: personal.legalName, gender: personal.gender ?? null, birthDate,
      phone: personal.phone ?? null, email: personal.email ?? null, ...identityOf(sealing, networkId, id, personal),
      // Staff has seen the document; of who applies online the approval says so.
      identityCounts: isVisit && Boolean(personal.identityNumber),
    })
    .catch(refuseBroken);
  await grantConsents(tx, { id, userId, organizationId }, consents);
  await recordMove(
    tx,
    'volunteer.apply',
    { ...changeOf({ id, number, organizationId, userId }), from: null, to: 'APPLIED', ...(account.opened && { by: { userId: userId!, name: input.applicant!.displayName } }) },
    { channel: [null, channel] },
  );
  return { id };
}

/**
 * Applies to volunteer: online for oneself, signed in or not, with a new account if one is wanted; at the door as staff takes
 * it down. Online an identity number that is somebody's already tells nothing.
 */
export async function applyAsVolunteer(session: Session, { passwords, sealing }: Means, input: Input<'applyAsVolunteer'>, locale: string): Promise<{ volunteer: Volunteer }> {
  const isVisit = input.channel === 'VISIT';
  const signedIn = session.caller.userId;
  if (isVisit && !signedIn) throw new Refusal('NOT_ALLOWED', 'volunteer.visit', {}, ['channel']);
  if (signedIn && input.applicant) throw new Refusal('INVALID', 'volunteer.account', {}, ['applicant']);
  const { networkId, today } = await session.actor();
  if (!input.consents.includes('PERSONAL_DATA')) throw new Refusal('CONSENT_REQUIRED', 'volunteer.consent', {}, ['consents']);
  if (!isAged(input.personal.birthDate!, YOUNGEST, today)) throw new Refusal('INVALID', 'volunteer.young', { least: YOUNGEST }, ['personal', 'birthDate']);
  const passwordHash = input.applicant ? await passwords.hash(input.applicant.password) : null;
  const apply = async (tx: Transaction): Promise<{ volunteer: Volunteer }> => {
    const place = await destination(tx, input);
    const opened = passwordHash === null ? null : await openAccount(tx, input.applicant!, passwordHash, locale);
    const account = { userId: isVisit ? null : (opened ?? signedIn), opened: opened !== null };
    const entered = () => tx.through('volunteers', () => enter(tx, sealing, input, place, account));
    const { id } = await (signedIn ? once(tx, 'applyAsVolunteer', input, entered) : entered());
    return { volunteer: (await tx.through('volunteers', () => tx.find(Volunteer, id)))! };
  };
  return signedIn ? session.write(apply) : session.through('volunteers', networkId, apply);
}

/** Says whether the identity number counts as the volunteer's. @throws Refusal DUPLICATE when it counts as another's */
async function countIdentity(tx: Transaction, { id }: Volunteer, counts: boolean): Promise<void> {
  await tx
    .query(
      `UPDATE volunteer_personal SET identity_counts = $2 AND identity_hash IS NOT NULL
       WHERE network_id = app.network_id() AND volunteer_id = $1 AND identity_counts <> ($2 AND identity_hash IS NOT NULL)`,
      [id, counts],
    )
    .catch(refuseBroken);
}

/** Makes who has an account a member of the organization. */
async function admit(tx: Transaction, { userId, organizationId }: Volunteer): Promise<void> {
  if (userId !== null && organizationId !== null) await admitVolunteer(tx, organizationId, userId);
}

/** Ends what membership there was for volunteering. @returns its id; null when there was none */
export const dismiss = ({ userId, organizationId }: Volunteer, tx: Transaction): Promise<string | null> =>
  userId === null || organizationId === null ? Promise.resolve(null) : dismissVolunteer(tx, organizationId, userId);

/** A step that changes nothing but the status. */
async function step(tx: Transaction, verb: AuditAction, volunteer: Volunteer, to: VolunteerStatus, note: string | null | undefined): Promise<void> {
  await recordMove(tx, verb, { ...changeOf(volunteer), from: volunteer.status, to, note });
}

/** Accepts an application; who has an account becomes a member of the organization. Its staff or the committee may. */
export const approveVolunteer = (tx: Transaction, input: Input<'withNote'>) =>
  acting(tx, 'APPROVE', input, async (volunteer, to) => {
    await requireConsent(tx, volunteer);
    await countIdentity(tx, volunteer, true);
    await change(tx, volunteer, { status: to });
    await admit(tx, volunteer);
    await step(tx, 'volunteer.approve', volunteer, to, input.note);
  });

/** Turns an application down. The organization's staff or the committee may. */
export const rejectVolunteer = (tx: Transaction, input: Input<'rejectVolunteer'>) =>
  acting(tx, 'REJECT', input, async (volunteer, to) => {
    await countIdentity(tx, volunteer, false);
    await change(tx, volunteer, { status: to });
    await step(tx, 'volunteer.reject', volunteer, to, input.note);
  });

const VERBS = { PAUSE: 'volunteer.pause', RESUME: 'volunteer.resume', LEAVE: 'volunteer.leave', REJOIN: 'volunteer.rejoin' } as const satisfies Partial<Record<VolunteerAction, AuditAction>>;
type StatusAction = keyof typeof VERBS;

const statusAction = (asked: Input<'updateVolunteer'>['status'], { status }: Volunteer): StatusAction | null => {
  if (asked === undefined) return null;
  return asked === 'PAUSED' ? 'PAUSE' : asked === 'LEFT' ? 'LEAVE' : status === 'LEFT' ? 'REJOIN' : 'RESUME';
};

/** What of personal data the person changes alone. */
const OWN_PERSONAL: readonly string[] = ['phone', 'email'];

/** Changes personal data. @returns what follows for the volunteer @throws Refusal NOT_ALLOWED for what needs somebody who has seen the document */
async function changePersonal(tx: Transaction, sealing: Sealing, volunteer: Volunteer, personal: NonNullable<Input<'updateVolunteer'>['personal']>): Promise<Partial<Volunteer>> {
  const { networkId, id } = volunteer;
  const { identityDocument, identityNumber, ...named } = personal;
  const manages = tx.actor.organizationStatus === 'ACTIVE' && may(tx.actor, 'volunteer.manage', { owner: volunteer.organizationId });
  const proven = Object.entries(personal).find(([name, value]) => value !== undefined && !OWN_PERSONAL.includes(name));
  if (proven && !manages) throw new Refusal('NOT_ALLOWED', 'volunteer.proven', {}, ['personal', proven[0]]);
  const { birthDate } = named;
  if (birthDate && !isAged(birthDate, YOUNGEST, tx.actor.today)) throw new Refusal('INVALID', 'volunteer.young', { least: YOUNGEST }, ['personal', 'birthDate']);
  const after: Partial<VolunteerPersonal> = {
    ...named,
    ...(identityNumber && { ...identityOf(sealing, networkId, id, { identityDocument, identityNumber }), identityCounts: true }),
  };
  await tx.manager.update(VolunteerPersonal, { networkId, volunteerId: id }, after).catch(refuseBroken);
  const [reachable] = await tx.query<object>(
    'SELECT FROM volunteer_personal WHERE network_id = app.network_id() AND volunteer_id = $1 AND coalesce(phone, email) IS NOT NULL',
    [id],
  );
  if (!reachable) throw new Refusal('INVALID', 'contact.needed', {}, ['personal', 'phone']);
  return birthDate ? { adultOn: birthday(birthDate, OF_AGE) } : {};
}

/** What becomes of a volunteer by another status. @returns the membership that ends with it */
async function follow(tx: Transaction, action: StatusAction, volunteer: Volunteer): Promise<string | null> {
  if (action === 'LEAVE') {
    await countIdentity(tx, volunteer, false);
    return dismiss(volunteer, tx);
  }
  if (action === 'REJOIN') {
    await countIdentity(tx, volunteer, true);
    await admit(tx, volunteer);
  }
  if (action !== 'PAUSE') await requireConsent(tx, volunteer, ['consents']);
  return null;
}

/**
 * Changes a volunteer, who may pause, resume, leave and come back by it. The person, the organization's staff or the committee;
 * who has left is taken back by the latter two.
 */
export async function updateVolunteer(tx: Transaction, { sealing }: Pick<Means, 'sealing'>, input: Input<'updateVolunteer'>): Promise<{ volunteer: Volunteer; endedMembership: string | null }> {
  const { displayName, occupation, skills, availability, personal, consents, status, note } = input;
  const described = Object.fromEntries(Object.entries({ displayName, occupation, skills, availability }).filter(([, value]) => value !== undefined)) as Partial<Volunteer>;
  const edits = personal !== undefined || Object.keys(described).length > 0 || status === undefined;
  let endedMembership: string | null = null;
  const changed = await acting(
    tx,
    (seen) => statusAction(status, seen) ?? 'EDIT',
    input,
    async (volunteer, to) => {
      const action = statusAction(status, volunteer);
      if (edits && action !== null) permitOn('EDIT', tx.actor, volunteer);
      const granted = await grantConsents(tx, volunteer, consents ?? []);
      const follows = personal ? await changePersonal(tx, sealing, volunteer, personal) : {};
      await change(tx, volunteer, { ...described, ...follows, ...(granted.includes('LEADERBOARD') && { isListed: true }), status: to });
      if (action !== null) {
        endedMembership = await follow(tx, action, volunteer);
        await step(tx, VERBS[action], volunteer, to, note);
      }
      const fields = [...Object.keys(described), ...(personal ? ['personal'] : []), ...(granted.length ? ['consents'] : [])];
      if (action === null || fields.length > 0) recordChange(tx, 'volunteer.update', { ...changeOf(volunteer), ...(action !== null && { notice: null }) }, { fields: [null, fields] });
    },
    ({ id }) => (status === 'LEFT' ? cancelComingRegistrationsOf(tx, id, null) : Promise.resolve()),
  );
  return { ...changed, endedMembership };
}
