import { v7 } from 'uuid';
import { Passwords } from '../../src/platform/identity/passwords';
import { toGlobalId } from '../../src/platform/ids';
import type { TestDatabase } from './cluster';

export const PASSWORD = 'correct horse battery';

export interface TestNetwork {
  id: string;
  globalId: string;
  code: string;
}

export interface TestOrganization {
  id: string;
  globalId: string;
  name: string;
  network: TestNetwork;
  isHub: boolean;
}

/** Somebody who can sign in. */
export interface Person {
  identifier: string;
  password: string;
  userId: string;
  membershipId: string;
  membershipGlobalId: string;
  organization: TestOrganization;
}

export type TestRole = 'COMMITTEE' | 'ADMIN' | 'STAFF' | 'VOLUNTEER' | 'RESIDENT';

/** A network with its hub and committee. */
export interface Founded {
  network: TestNetwork;
  hub: TestOrganization;
  committee: Person;
}

let hashing: Promise<string> | null = null;
const passwordHash = () => (hashing ??= Passwords.create().then((passwords) => passwords.hash(PASSWORD)));

/**
 * Puts networks, organizations and people into a database behind the API's back, as the superuser; everything after that
 * goes through the API.
 */
export class World {
  private count = 0;

  constructor(private readonly database: TestDatabase) {}

  /** A network with its hub organization, the Youth Home and one committee member. */
  async found(code = `net-${++this.count}`, isDefault = code === 'net-1'): Promise<Founded> {
    const id = v7();
    await this.database.sql(
      `INSERT INTO networks (id, code, name, administrative_division, time_zone, is_default) VALUES ($1, $2, $3, '510726', 'Asia/Shanghai', $4)`,
      [id, code, `Network ${code}`, isDefault],
    );
    const network = { id, globalId: toGlobalId('Network', id), code };
    const hub = await this.organization(network, { name: `Hub of ${code}`, kind: 'LEAGUE_COMMITTEE', isHub: true });
    await this.database.sql(
      `INSERT INTO positions (network_id, id, organization_id, organization_is_hub, organization_status, name, kind, created_at)
       VALUES ($1, $2, $3, true, 'ACTIVE', $4, 'HUB', now())`,
      [id, v7(), hub.id, `Youth Home of ${code}`],
    );
    return { network, hub, committee: await this.person(hub, 'COMMITTEE') };
  }

  async organization(
    network: TestNetwork,
    { name = `Organization ${++this.count}`, kind = 'UNIVERSITY', status = 'ACTIVE', isHub = false }: { name?: string; kind?: string; status?: string; isHub?: boolean } = {},
  ): Promise<TestOrganization> {
    const id = v7();
    await this.database.sql(
      'INSERT INTO organizations (network_id, id, name, kind, status, is_hub, created_at) VALUES ($1, $2, $3, $4, $5, $6, now())',
      [network.id, id, name, kind, status, isHub],
    );
    await this.database.sql('INSERT INTO organization_contacts (network_id, organization_id, person, email) VALUES ($1, $2, $3, $4)', [
      network.id, id, `Contact of ${name}`, 'contact@example.org',
    ]);
    return { id, globalId: toGlobalId('Organization', id), name, network, isHub };
  }

  /** A member with an account of the standard password. */
  async person(organization: TestOrganization, role: TestRole, displayName = `Person ${++this.count}`): Promise<Person> {
    const userId = v7();
    const identifier = `person-${userId}@example.org`;
    await this.database.sql('INSERT INTO users (id, display_name, email, readers) VALUES ($1, $2, $3, ARRAY[$1::uuid])', [userId, displayName, identifier]);
    await this.database.sql('INSERT INTO credentials (user_id, password_hash) VALUES ($1, $2)', [userId, await passwordHash()]);
    return { ...(await this.join({ identifier, password: PASSWORD, userId }, organization, role)) };
  }

  /** Makes a person a member of an organization too. */
  async join(person: Pick<Person, 'identifier' | 'password' | 'userId'>, organization: TestOrganization, role: TestRole): Promise<Person> {
    const membershipId = v7();
    await this.database.sql(
      `INSERT INTO memberships (network_id, id, user_id, organization_id, organization_is_hub, role, status, created_at) VALUES ($1, $2, $3, $4, $5, $6, 'ACTIVE', now())`,
      [organization.network.id, membershipId, person.userId, organization.id, organization.isHub, role],
    );
    await this.database.sql('SELECT app.refresh_user_readers($1)', [person.userId]);
    return { ...person, membershipId, membershipGlobalId: toGlobalId('Membership', membershipId), organization };
  }
}
