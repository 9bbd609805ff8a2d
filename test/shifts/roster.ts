import { v7 } from 'uuid';
import { toGlobalId } from '../../src/platform/ids';
import type { TestApi } from '../support/api';
import type { Founded, Person, TestOrganization } from '../support/world';

/** What tests read of a shift, and of a registration. */
export const SHIFT = `id duty range { start end } capacity taken waitlisted free requiredSkills reservedUntil reservedFor { places taken organization { id } } version activity { id }`;
export const REGISTRATION = `id status waitlistPlace checkedInAt checkedOutAt version viewerCan shift { id } history { from to note }`;

export interface ShiftView {
  id: string;
  duty: string;
  range: { start: string; end: string };
  capacity: number;
  taken: number;
  waitlisted: number;
  free: number;
  requiredSkills: string[];
  reservedUntil: string | null;
  reservedFor: { places: number; taken: number; organization: { id: string } }[];
  version: number;
  activity: { id: string };
}

export interface RegistrationView {
  id: string;
  status: string;
  waitlistPlace: number | null;
  checkedInAt: string | null;
  checkedOutAt: string | null;
  version: number;
  viewerCan: string[];
  shift: { id: string } | null;
  history: { from: string | null; to: string; note: string | null }[];
}

/** A volunteer, and the account where there is one. */
export interface TestVolunteer {
  id: string;
  globalId: string;
  name: string;
  person: Person | null;
}

/** The instant that most tests begin at: a Wednesday, 10 in the morning in Shanghai. */
export const NOW = '2026-06-10T02:00:00.000Z';
/** A time on a day of June 2026, by the clock of Shanghai. */
export const at = (day: number, time: string): string => new Date(Date.UTC(2026, 5, day, Number(time.slice(0, 2)) - 8, Number(time.slice(3, 5)))).toISOString();
export const range = (day: number, from: string, to: string) => ({ start: at(day, from), end: at(day, to) });

export const uuidOf = (globalId: string): string => Buffer.from(globalId, 'base64url').toString().split(':')[1]!;

let numbers = 0;

/** An organization that holds activities, others that send volunteers, and what they do. */
export class Roster {
  private constructor(
    readonly api: TestApi,
    readonly founded: Founded,
    readonly host: TestOrganization,
    readonly other: TestOrganization,
    /** Staff of the host. */
    readonly hanna: Person,
    /** Staff of the other organization. */
    readonly otto: Person,
  ) {}

  static async begin(api: TestApi): Promise<Roster> {
    const founded = await api.world.found();
    const [host, other] = [await api.world.organization(founded.network, { name: 'Host' }), await api.world.organization(founded.network, { name: 'Other' })];
    return new Roster(api, founded, host, other, await api.world.person(host, 'STAFF'), await api.world.person(other, 'STAFF'));
  }

  get committee(): Person {
    return this.founded.committee;
  }

  /** A volunteer behind the API's back. @param adultOn the day of the eighteenth birthday */
  async volunteer(
    organization: TestOrganization | null,
    { account = false, skills = [], adultOn = '2010-01-01', status = 'ACTIVE', consent = false, role = 'VOLUNTEER' }: { account?: boolean; skills?: string[]; adultOn?: string; status?: string; consent?: boolean; role?: 'VOLUNTEER' | 'STAFF' } = {},
  ): Promise<TestVolunteer> {
    const id = v7();
    const name = `Volunteer ${(numbers += 1)}`;
    const person = account ? await this.api.world.person(organization ?? this.host, role, name) : null;
    await this.api.database.sql(
      `INSERT INTO volunteers (network_id, id, number, display_name, status, occupation, skills, organization_id, user_id, adult_on, channel, created_at)
       VALUES ($1, $2, $3, $4, $5, 'STUDENT', $6, $7, $8, $9, 'ONLINE', now())`,
      [this.founded.network.id, id, `V-${String(numbers).padStart(8, '0')}`, name, status, skills, organization?.id ?? null, person?.userId ?? null, adultOn],
    );
    const volunteer = { id, globalId: toGlobalId('Volunteer', id), name, person };
    if (consent) await this.consent(volunteer);
    return volunteer;
  }

  /** Many without accounts at once. @returns their ids */
  async crowd(count: number, organization: TestOrganization): Promise<string[]> {
    const ids = Array.from({ length: count }, () => v7());
    await this.api.database.sql(
      `INSERT INTO volunteers (network_id, id, number, display_name, status, occupation, organization_id, adult_on, channel, created_at)
       SELECT $1, id, 'C-' || lpad(($4::integer + place)::text, 8, '0'), 'One of many ' || place, 'ACTIVE', 'STUDENT', $3, '2010-01-01', 'VISIT', now() FROM unnest($2::uuid[]) WITH ORDINALITY AS u(id, place)`,
      [this.founded.network.id, ids, organization.id, numbers],
    );
    numbers += count;
    return ids.map((id) => toGlobalId('Volunteer', id));
  }

  /** A guardian's consent behind the API's back. @returns its id */
  async consent({ id }: Pick<TestVolunteer, 'id'>): Promise<string> {
    const consent = v7();
    await this.api.database.sql(
      `INSERT INTO volunteer_consents (network_id, id, volunteer_id, purpose, granted_at, recorded_by) VALUES ($1, $2, $3, 'GUARDIAN', now(), $2)`,
      [this.founded.network.id, consent, id],
    );
    return consent;
  }

  /** An activity of June 2026, open unless said otherwise. @returns its id */
  async activity({ open = true, title = 'Clean the river', ...more }: { open?: boolean; title?: string; [field: string]: unknown } = {}, by: Person = this.hanna): Promise<string> {
    const input = { title, category: 'GREEN_LIVING', range: { start: at(10, '08:00'), end: at(30, '20:00') }, ...more };
    const { activity } = await this.api.done('createActivity', input, by, 'activity { id version }');
    if (open) await this.api.done('openRegistration', { id: activity.id, version: activity.version }, by);
    return activity.id as string;
  }

  async shift(activity: string, more: Record<string, unknown> = {}, by: Person = this.hanna): Promise<ShiftView> {
    const input = { activity, duty: '维护员', range: range(12, '09:00', '12:00'), capacity: 2, ...more };
    return (await this.api.done('addShift', input, by, `shift { ${SHIFT} }`)).shift as ShiftView;
  }

  async register(shift: { id: string }, as: Person, more: Record<string, unknown> = {}): Promise<RegistrationView> {
    return this.done('registerForShift', { shift: shift.id, ...more }, as);
  }

  /** By the committee, who sees all volunteers. */
  enrol(shift: { id: string }, volunteer: Pick<TestVolunteer, 'globalId'>): Promise<RegistrationView> {
    return this.register(shift, this.committee, { volunteer: volunteer.globalId });
  }

  /** Calls a verb that must succeed. */
  async done(verb: string, input: Record<string, unknown>, as: Person): Promise<RegistrationView> {
    return (await this.api.done(verb, input, as, `registration { ${REGISTRATION} }`)).registration as RegistrationView;
  }

  /** The codes with which a verb is refused, with the paths; empty when it is not. */
  async codes(verb: string, input: Record<string, unknown>, as: Person): Promise<string> {
    const { userErrors } = await this.api.mutate(verb, input, as);
    return (userErrors as { code: string; path: string[] }[]).map(({ code, path }) => [code, ...path.slice(1)].join(' ')).join(', ');
  }

  async read(id: string, as: Person = this.hanna): Promise<RegistrationView | null> {
    return (await this.api.must(`query ($id: ID!) { node(id: $id) { ... on Registration { ${REGISTRATION} } } }`, { id }, as)).node as RegistrationView | null;
  }

  async shiftNow(id: string, as: Person = this.hanna): Promise<ShiftView> {
    return (await this.api.must(`query ($id: ID!) { node(id: $id) { ... on Shift { ${SHIFT} } } }`, { id }, as)).node as ShiftView;
  }
}

/** Everything that must never be, read from the tables alone: nothing of it when all is well. */
export const broken = ({ database }: TestApi): Promise<unknown[]> =>
  database.sql(`
    WITH held AS (SELECT * FROM registrations WHERE status IN ('CONFIRMED','CHECKED_IN','ATTENDED')),
    kept AS (SELECT s.id, s.capacity, coalesce(sum(r.places - (SELECT count(*) FROM held h WHERE h.shift_id = s.id AND h.kept_for = r.organization_id)), 0) AS untaken
      FROM shifts s LEFT JOIN shift_reservations r ON r.shift_id = s.id AND s.reserved_until IS NOT NULL AND s.kept > 0 GROUP BY s.id, s.capacity)
    SELECT 'more on it than places' AS fault, s.id::text AS what FROM shifts s WHERE (SELECT count(*) FROM held h WHERE h.shift_id = s.id) > s.capacity
    UNION ALL SELECT 'kept places given away', k.id::text FROM kept k WHERE k.untaken + (SELECT count(*) FROM held h WHERE h.shift_id = k.id) > k.capacity
    UNION ALL SELECT 'on two shifts at once', a.id::text FROM held a JOIN held b ON b.volunteer_id = a.volunteer_id AND b.id > a.id AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
    UNION ALL SELECT 'a minor without consent', h.id::text FROM held h JOIN volunteers v ON v.id = h.volunteer_id
      WHERE h.status <> 'ATTENDED' AND v.adult_on > (h.starts_at AT TIME ZONE 'Asia/Shanghai')::date
        AND NOT EXISTS (SELECT FROM volunteer_consents c WHERE c.volunteer_id = v.id AND c.purpose = 'GUARDIAN' AND c.withdrawn_at IS NULL)
    UNION ALL SELECT 'taken counted wrongly', s.id::text FROM shifts s WHERE s.taken <> (SELECT count(*) FROM held h WHERE h.shift_id = s.id)
    UNION ALL SELECT 'waiting counted wrongly', s.id::text FROM shifts s WHERE s.waitlisted <> (SELECT count(*) FROM registrations r WHERE r.shift_id = s.id AND r.status = 'WAITLISTED')
    UNION ALL SELECT 'kept counted wrongly', r.shift_id::text FROM shift_reservations r
      WHERE r.taken <> (SELECT count(*) FROM held h WHERE h.shift_id = r.shift_id AND h.kept_for = r.organization_id)
    UNION ALL SELECT 'registered twice', min(r.id::text) FROM registrations r WHERE r.status <> 'CANCELLED' GROUP BY r.shift_id, r.volunteer_id HAVING count(*) > 1
    UNION ALL SELECT 'at another time than its shift', r.id::text FROM registrations r JOIN shifts s ON s.id = r.shift_id
      WHERE r.status IN ('CONFIRMED','WAITLISTED') AND (r.starts_at, r.ends_at) <> (s.starts_at, s.ends_at)
    UNION ALL SELECT 'more hours than there', x.id::text FROM service_records x JOIN registrations r ON r.id = x.registration_id
      WHERE x.seconds > extract(epoch FROM r.checked_out_at - r.checked_in_at) OR x.seconds > extract(epoch FROM r.ends_at - r.starts_at)
    UNION ALL SELECT 'attended without one record', r.id::text FROM registrations r
      WHERE (r.status = 'ATTENDED') <> ((SELECT count(*) FROM service_records x WHERE x.registration_id = r.id AND x.corrects_id IS NULL) = 1)`);
