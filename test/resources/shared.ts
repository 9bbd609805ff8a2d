import type { TestApi } from '../support/api';
import type { Founded, Person, TestOrganization } from '../support/world';

/** Everything that a resource tells, but for what needs a contract to be seen. */
export const RESOURCE = `resource { id name kind description sharing status capacity quantity skills version viewerCan
  owner { id } position { id } requires { id } openingHours { weekday opens closes }
  bookingPolicy { minimum maximum leadTime horizon buffer requiresApproval cancellationDeadline }
  accessibleThrough { reason } history { from to note by { displayName } } }`;

/** A refusal as clients get it. */
export interface Refused {
  code: string;
  message: string;
  path: string[];
}

/** An organization with resources, its people, and whoever else might look at them. */
export class Sharers {
  private constructor(
    readonly api: TestApi,
    readonly founded: Founded,
    readonly owner: TestOrganization,
    readonly other: TestOrganization,
    readonly admin: Person,
    readonly staff: Person,
    readonly volunteer: Person,
    readonly resident: Person,
    readonly outsider: Person,
  ) {}

  static async begin(api: TestApi): Promise<Sharers> {
    const founded = await api.world.found();
    const owner = await api.world.organization(founded.network, { name: 'Owner' });
    const other = await api.world.organization(founded.network, { name: 'Other' });
    const [admin, staff, volunteer, resident] = await Promise.all(
      (['ADMIN', 'STAFF', 'VOLUNTEER', 'RESIDENT'] as const).map((role) => api.world.person(owner, role, `The ${role.toLowerCase()}`)),
    );
    const outsider = await api.world.person(other, 'ADMIN', 'The outsider');
    return new Sharers(api, founded, owner, other, admin!, staff!, volunteer!, resident!, outsider);
  }

  get committee(): Person {
    return this.founded.committee;
  }

  /** Adds a resource, which must succeed. @returns what RESOURCE tells */
  async create(input: Record<string, unknown> = {}, as: Person = this.staff): Promise<Record<string, any>> {
    return (await this.api.done('createResource', { name: 'Hall', kind: 'VENUE', ...input }, as, RESOURCE)).resource as Record<string, any>;
  }

  /** Calls a verb, which must be refused. */
  async refused(verb: string, input: Record<string, unknown>, as: Person = this.staff, language = 'en'): Promise<Refused[]> {
    const payload = await this.api.mutate(verb, input, as, 'resource { id name version }', { 'accept-language': language });
    if (!payload.userErrors.length) throw new Error(`${verb} was not refused`);
    return payload.userErrors as Refused[];
  }

  /** What a verb is refused with, in short. */
  async code(verb: string, input: Record<string, unknown>, as: Person = this.staff): Promise<[code: string, path: string]> {
    const [{ code, path }] = (await this.refused(verb, input, as)) as [Refused];
    return [code, path.slice(1).join('.')];
  }
}
