import { v7 } from 'uuid';
import { newToken } from '../gate/worlds';
import type { TestApi } from '../support/api';
import type { Founded, Person, TestOrganization } from '../support/world';

/** What tests read of a volunteer. */
export const VOLUNTEER = `id number displayName status occupation skills channel version viewerCan organization { id } campaign { id }
  availability { weekday opens closes } personal { legalName gender birthDate identityDocument identityNumberMasked phone email
  guardian { name phone consentedAt } consents { purpose grantedAt withdrawnAt } } history { from to note by { displayName } }`;

export interface VolunteerView {
  id: string;
  number: string;
  displayName: string;
  status: string;
  version: number;
  viewerCan: string[];
  personal: Record<string, any> | null;
  history: { from: string | null; to: string; note: string | null; by: { displayName: string } | null }[];
  [field: string]: any;
}

/** A resident identity number by the rule of ISO 7064 (MOD 11-2), reckoned from its end rather than by a table of weights. */
export function identityNumber(birthDate: string, sequence: number, division = '510726'): string {
  const digits = `${division}${birthDate.replaceAll('-', '')}${String(sequence).padStart(3, '0')}`;
  let rest = 0;
  for (const digit of digits) rest = ((rest + Number(digit)) * 2) % 11;
  const check = (12 - rest) % 11;
  return digits + (check === 10 ? 'X' : String(check));
}

type Given = { personal?: object } & Record<string, unknown>;

/** A network whose hub and two organizations recruit volunteers. */
export class Desk {
  private constructor(
    readonly api: TestApi,
    readonly founded: Founded,
    readonly school: TestOrganization,
    readonly shop: TestOrganization,
    readonly people: Readonly<Record<'committee' | 'schoolAdmin' | 'schoolStaff' | 'schoolVolunteer' | 'schoolResident' | 'shopStaff', Person>>,
  ) {}

  static async open(api: TestApi): Promise<Desk> {
    const { world } = api;
    const founded = await world.found();
    const school = await world.organization(founded.network, { name: 'School' });
    const shop = await world.organization(founded.network, { name: 'Shop', kind: 'BUSINESS' });
    return new Desk(api, founded, school, shop, {
      committee: founded.committee,
      schoolAdmin: await world.person(school, 'ADMIN'),
      schoolStaff: await world.person(school, 'STAFF'),
      schoolVolunteer: await world.person(school, 'VOLUNTEER'),
      schoolResident: await world.person(school, 'RESIDENT'),
      shopStaff: await world.person(shop, 'STAFF'),
    });
  }

  /** The input of an application; what is not given is right. */
  static application(given: Given = {}): Record<string, unknown> {
    return {
      occupation: 'STUDENT', skills: ['first aid'], availability: [{ weekday: 6, opens: '09:00', closes: '17:00' }], consents: ['PERSONAL_DATA'], ...given,
      personal: { legalName: '张三', birthDate: '1999-05-04', phone: '+8613800138000', ...given.personal },
    };
  }

  /** Somebody signed in who belongs to nothing. */
  async stranger(name = 'A stranger'): Promise<{ userId: string; token: string }> {
    const userId = v7();
    await this.api.database.sql('INSERT INTO users (id, display_name, email, readers) VALUES ($1, $2, $3, ARRAY[$1::uuid])', [userId, name, `${userId}@example.org`]);
    return { userId, token: await newToken(this.api, userId, null, null) };
  }

  /** Applies online; the payload. */
  apply(given: Given, as: Person | string | null): Promise<Record<string, any>> {
    return this.api.mutate('applyAsVolunteer', Desk.application(given), as, `volunteer { ${VOLUNTEER} }`);
  }

  /** Somebody taken down at the door of the school. */
  async visit(given: Given = {}, by = this.people.schoolStaff): Promise<VolunteerView> {
    return (await this.api.done('applyAsVolunteer', { ...Desk.application(given), channel: 'VISIT' }, by, `volunteer { ${VOLUNTEER} }`)).volunteer as VolunteerView;
  }

  /** An active volunteer of the school without an account. */
  async active(given: Given = {}): Promise<VolunteerView> {
    return this.approved(await this.visit(given));
  }

  /** An active volunteer of the school with an account, and a token by which the person acts, without a membership. */
  async activePerson(given: Given = {}): Promise<{ volunteer: VolunteerView; userId: string; token: string }> {
    const person = await this.stranger();
    const { volunteer } = await this.apply({ organization: this.school.globalId, ...given }, person.token);
    return { volunteer: await this.approved(volunteer as VolunteerView), ...person };
  }

  private async approved({ id, version }: VolunteerView): Promise<VolunteerView> {
    return (await this.api.done('approveVolunteer', { id, version }, this.people.schoolStaff, `volunteer { ${VOLUNTEER} }`)).volunteer as VolunteerView;
  }

  /** A volunteer as somebody sees it; null when not at all. */
  async seen(id: string, by: Person | string | null): Promise<VolunteerView | null> {
    return (await this.api.must(`query ($id: ID!) { node(id: $id) { ... on Volunteer { ${VOLUNTEER} } } }`, { id }, by)).node as VolunteerView | null;
  }
}

/** The codes that a payload was refused with. */
export const codes = (payload: Record<string, any>): string[] => payload.userErrors.map(({ code }: { code: string }) => code);
