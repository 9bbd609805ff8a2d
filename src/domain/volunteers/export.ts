import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { z } from 'zod';
import { READABLE } from '../../platform/graphql/connection';
import { Session, type Caller, type Transaction } from '../../platform/database/session';
import type { Platform } from '../../platform/graphql/context';
import type { InputOf } from '../../platform/graphql/edge';
import { RequestError } from '../../platform/graphql/errors';
import { Refusal } from '../../platform/graphql/refusal';
import { publicUrlOf } from '../../platform/http/public-url';
import { recordChange } from '../network/history';
import { changeOf } from './acting';
import { openIdentity } from './identity';
import type * as inputs from './inputs';
import { permitOn } from './lifecycle';
import { Volunteer } from './model';

/** For how long the address of an export is good. */
const EXPORT_MINUTES = 5;
const MINUTE_MS = 60_000;
/** How often one export is fetched in its time. */
const MOST_READS = 10;

/** Whose data is fetched by whom until when. */
const grant = z.object({
  volunteerId: z.uuid(),
  sessionId: z.uuid(),
  userId: z.uuid(),
  membershipId: z.uuid().nullable(),
  role: z.string().nullable(),
  networkCode: z.string().nullable(),
  expires: z.number(),
});
type Grant = z.infer<typeof grant>;

const macOf = (secret: string, text: string): Buffer => createHmac('sha256', secret).update('personal data').update(text).digest();

/** The secret part of an export's address. It holds no personal data, and is good for its session alone, while that lasts. */
function tokenOf(secret: string, granted: Grant): string {
  const text = Buffer.from(JSON.stringify(granted)).toString('base64url');
  return `${text}.${macOf(secret, text).toString('base64url')}`;
}

/** What a token grants; null for one that this platform has not made, or whose time is over. */
function grantOf(secret: string, token: string, now: Date): Grant | null {
  const [text, mac] = token.slice(0, 2048).split('.', 2) as [string, string | undefined];
  const [own, theirs] = [macOf(secret, text), Buffer.from(mac ?? '', 'base64url')];
  if (own.length !== theirs.length || !timingSafeEqual(own, theirs)) return null;
  const granted = grant.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
  return granted.expires > now.getTime() ? granted : null;
}

/** Where an export is fetched, and until when. */
export interface Export {
  url: string;
  expiresAt: Date;
}

/** Gives out the address of a volunteer's personal data. The person, the organization's staff or the committee. */
export async function exportPersonalData(tx: Transaction, { config, secret }: Pick<Platform, 'config' | 'secret'>, caller: Caller, input: InputOf<typeof inputs, 'exportPersonalData'>): Promise<Export> {
  const volunteer = await tx.find(Volunteer, tx.idOf('Volunteer', input.id, ['id']));
  if (!volunteer) throw new Refusal('NOT_FOUND', 'notFound', {}, ['id']);
  permitOn('EXPORT_PERSONAL_DATA', tx.actor, volunteer);
  const expiresAt = new Date(tx.actor.now.getTime() + EXPORT_MINUTES * MINUTE_MS);
  const { sessionId, userId, membershipId, role, networkCode } = caller;
  recordChange(tx, 'volunteer.export', changeOf(volunteer), {});
  const token = tokenOf(secret, { volunteerId: volunteer.id, sessionId: sessionId!, userId: userId!, membershipId, role, networkCode, expires: expiresAt.getTime() });
  return { url: publicUrlOf(config, `personal-data/${token}`), expiresAt };
}

/** A part of what is kept: rows that the asker reads, of the volunteer or of the person with the account ($1). */
interface Part {
  of: 'volunteer' | 'person';
  text: string;
}

/** What there is of a volunteer, part by part; what other capabilities keep of a person stands here too. */
const PARTS: Readonly<Record<string, Part>> = {
  volunteer: {
    of: 'volunteer',
    text: `SELECT t.number, t.display_name, t.status, t.occupation, t.skills, t.availability, t.channel, t.service_seconds, t.is_listed, t.created_at,
        o.name AS organization, c.title AS campaign
      FROM volunteers t LEFT JOIN organizations o ON o.network_id = t.network_id AND o.id = t.organization_id
      LEFT JOIN recruitment_campaigns c ON c.network_id = t.network_id AND c.id = t.campaign_id WHERE ${READABLE} AND t.id = $1`,
  },
  consents: { of: 'volunteer', text: `SELECT t.purpose, t.granted_at, t.withdrawn_at FROM volunteer_consents t WHERE ${READABLE} AND t.volunteer_id = $1 ORDER BY t.granted_at, t.id` },
  history: { of: 'volunteer', text: `SELECT t.at, t.from_status, t.to_status, t.note FROM state_changes t WHERE ${READABLE} AND t.subject_id = $1 ORDER BY t.at, t.id` },
  registrations: {
    of: 'volunteer',
    text: `SELECT a.title AS activity, s.duty, t.starts_at, t.ends_at, t.status, t.registered_at, t.checked_in_at, t.checked_out_at
      FROM registrations t LEFT JOIN shifts s ON s.network_id = t.network_id AND s.id = t.shift_id
      LEFT JOIN activities a ON a.network_id = t.network_id AND a.id = t.activity_id WHERE ${READABLE} AND t.volunteer_id = $1 ORDER BY t.starts_at, t.id`,
  },
  serviceRecords: {
    of: 'volunteer',
    text: `SELECT t.activity_title AS activity, t.duty, t.service_date, t.place, t.seconds, t.evaluation, t.points, t.confirmed_at, t.corrects_id IS NOT NULL AS is_correction, t.origin
      FROM service_records t WHERE ${READABLE} AND t.volunteer_id = $1 ORDER BY t.service_date, t.id`,
  },
  account: { of: 'person', text: 'SELECT t.display_name, t.locale, t.email, t.phone, t.created_at FROM users t WHERE t.readers && app.principals() AND t.id = $1 AND t.id = app.user_id()' },
  memberships: {
    of: 'person',
    text: `SELECT o.name AS organization, t.role, t.status, t.created_at FROM memberships t
      JOIN organizations o ON o.network_id = t.network_id AND o.id = t.organization_id WHERE ${READABLE} AND t.user_id = $1 ORDER BY t.id`,
  },
  notifications: { of: 'person', text: `SELECT t.kind, t.notice, t.data, t.created_at, t.read_at FROM notifications t WHERE ${READABLE} AND t.user_id = $1 AND t.user_id = app.user_id() ORDER BY t.id` },
};

interface PersonalRow {
  networkId: string;
  userId: string | null;
  encrypted: Buffer | null;
  key: string | null;
  shown: Record<string, unknown>;
}

/** Everything that is kept of a volunteer, as the asker may read it; null when that is nothing. */
async function personalData(session: Session, { sealing }: Pick<Platform, 'sealing'>, volunteerId: string): Promise<Record<string, unknown> | null> {
  const [personal] = await session.read<PersonalRow>({
    text: `SELECT t.network_id AS "networkId", t.user_id AS "userId", t.identity_encrypted AS encrypted, t.identity_key AS key,
        jsonb_build_object('legal_name', t.legal_name, 'gender', t.gender, 'birth_date', t.birth_date, 'identity_document', t.identity_document, 'phone', t.phone,
          'email', t.email, 'guardian_name', t.guardian_name, 'guardian_phone', t.guardian_phone) AS shown
      FROM volunteer_personal t WHERE ${READABLE} AND t.volunteer_id = $1`,
    values: [volunteerId],
  });
  if (!personal) return null;
  const { networkId, userId, encrypted, key, shown } = personal;
  const identityNumber = encrypted && key ? openIdentity(sealing, networkId, volunteerId, encrypted, key) : null;
  const data: Record<string, unknown> = { personal: { ...shown, identity_number: identityNumber } };
  const ids = { volunteer: volunteerId, person: userId };
  for (const [part, { of, text }] of Object.entries(PARTS)) data[part] = await session.read<object>({ text, values: [ids[of]] });
  return data;
}

/**
 * Serves exports under `/personal-data/`, made at that moment by the rights of whoever asked for one: nothing of it is kept.
 * Whatever is wrong about an address, it finds nothing.
 */
export function servePersonalData(server: FastifyInstance, platform: Platform): void {
  const { dataSource, clock, secret, config } = platform;
  const reads = new RateLimiterMemory({ points: MOST_READS, duration: EXPORT_MINUTES * 60 });
  server.get<{ Params: { '*': string } }>('/personal-data/*', async (request, reply) => {
    const token = request.params['*'];
    const granted = grantOf(secret, token, clock.now() ?? new Date());
    if (!granted) return reply.callNotFound();
    const { volunteerId, expires: _, ...who } = granted;
    const session = new Session(dataSource, { ...who, fault: null }, clock, Date.now() + config.limits.requestMs);
    try {
      await reads.consume(token);
      const data = await personalData(session, platform, volunteerId);
      if (data === null) return reply.callNotFound();
      return reply
        .header('cache-control', 'no-store')
        .header('content-disposition', 'attachment; filename="personal-data.json"')
        .type('application/json; charset=utf-8')
        .send(JSON.stringify(data, null, 2));
    } catch (error) {
      if (error instanceof RateLimiterRes) return reply.status(429).header('retry-after', Math.ceil(error.msBeforeNext / 1000)).send();
      if (error instanceof RequestError && error.extensions.code === 'UNAUTHENTICATED') return reply.callNotFound();
      throw error;
    } finally {
      void session.close();
    }
  });
}
