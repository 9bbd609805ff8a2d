import type { PoolClient } from 'pg';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { Transaction } from '../../platform/database/session';
import { email, phone, text } from '../../platform/graphql/edge';
import { newId, toGlobalId } from '../../platform/ids';
import { recordMove } from './history';
import { applyToJoin, createPosition, inviteMember as invited } from './inputs';
import { Organization, OrganizationContact } from './model';
import { createPosition as create, inviteMember } from './service';

const isTimeZone = (name: string): boolean => {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
};

/** A network to be made, its hub organization and position, and whom to invite as the first member of its committee. */
export const founding = z.object({
  network: z.object({
    code: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be up to 32 small letters, digits and hyphens'),
    name: z.string().trim().min(1).max(200),
    administrativeDivision: z.string().regex(/^\d{6}$/, 'must be the 6 digits of GB/T 2260'),
    timeZone: z.string().refine(isTimeZone, 'must be an IANA time zone'),
    isDefault: z.boolean(),
    /** Whether the sample seed makes it. */
    isSample: z.boolean(),
  }),
  hub: applyToJoin.shape.organization,
  /** The Youth Home, the "1". */
  position: createPosition.omit({ organization: true, kind: true, idempotencyKey: true }),
  member: z
    .object({ displayName: text(1, 100), email: email.nullish(), phone: phone.nullish() })
    .refine((person) => person.email || person.phone, 'needs an e-mail address or a phone number'),
});
export type Founding = z.infer<typeof founding>;

/** What was founded; the code is for the member to accept the invitation by. */
export interface Founded {
  networkId: string;
  hubId: string;
  positionId: string;
  invitationCode: string;
}

/**
 * Makes a network with its hub and Youth Home, and invites the first member of its committee, who admits everybody else. Only the owner
 * of the database can: no policy lets anybody in before there is a committee.
 */
export async function foundNetwork(owner: DataSource, secret: string, { network, hub, position, member }: Founding, now: Date): Promise<Founded> {
  const runner = owner.createQueryRunner();
  const [networkId, hubId] = [newId(now), newId(now)];
  try {
    await runner.startTransaction();
    const client = (await runner.connect()) as PoolClient;
    await runner.query(
      `INSERT INTO networks (id, code, name, administrative_division, time_zone, is_default, created_at, sample) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [networkId, network.code, network.name, network.administrativeDivision, network.timeZone, network.isDefault, now, network.isSample ? 'STARTED' : null],
    );
    // As the committee that is about to be, so that the policies check what is written as they check everybody.
    await runner.query(
      `SELECT app.enter($1, $2, NULL, $3, NULL, ARRAY[app.everybody($1), $1, $3, app.principal('committee', $1), app.principal('administration', $3)], $4)`,
      [networkId, network.timeZone, hubId, now],
    );
    const [{ today }] = (await runner.query('SELECT app.today() AS today')) as [{ today: string }];
    const tx = new Transaction(runner, client, {
      networkId, timeZone: network.timeZone, userId: null, userName: null, userLocale: null, membershipId: null,
      organizationId: hubId, organizationStatus: 'ACTIVE', role: 'COMMITTEE', now, today, contractIds: [], keys: new Map(), names: new Set(),
    });
    const { contact, ...described } = hub;
    await tx.manager.insert(Organization, {
      ...described, networkId, id: hubId, status: 'ACTIVE', isHub: true, appliedBy: null, createdAt: now,
      unifiedSocialCreditCode: hub.unifiedSocialCreditCode ?? null,
    });
    await tx.manager.insert(OrganizationContact, { networkId, organizationId: hubId, person: null, phone: null, email: null, ...contact });
    await recordMove(tx, 'network.found', { subjectType: 'Organization', subjectId: hubId, from: null, to: 'ACTIVE', audience: [hubId] }, { name: [null, hub.name] });
    const organization = toGlobalId('Organization', hubId);
    const home = await create(tx, { ...position, organization, kind: 'HUB' });
    const { invitationCode } = await inviteMember(tx, secret, invited.parse({ organization, ...member, role: 'COMMITTEE' }));
    await tx.flush();
    await runner.commitTransaction();
    return { networkId, hubId, positionId: home.position.id, invitationCode };
  } catch (error) {
    if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
    throw error;
  } finally {
    await runner.release();
  }
}
