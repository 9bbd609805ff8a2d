import { selectList } from '../../platform/database/columns';
import { narrow, nestedPage, page, READABLE, type ForwardArgs, type ListQuery, type Page, type PageArgs } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { filterId } from '../../platform/graphql/edge';
import { byId, grouped, type LoaderDefinition } from '../../platform/graphql/loaders';
import type { RegistrationFilter } from './inputs';
import { CheckInDevice, Registration, Shift, ShiftReservation, type RegistrationStatus } from './model';

export const shiftById = byId(Shift);
export const registrationById = byId(Registration);
export const deviceById = byId(CheckInDevice);

/** The shifts of an activity, by their start. */
export const shiftsOfActivity: LoaderDefinition<string, Shift[]> = {
  batch: async (session, activityIds) => {
    const rows = await session.read<Shift>({
      name: 'shifts-of-activity',
      text: `SELECT ${selectList(Shift, 't')} FROM shifts t WHERE ${READABLE} AND t.activity_id = ANY($1::uuid[]) ORDER BY t.starts_at, t.id`,
      values: [activityIds],
    });
    return grouped(activityIds, rows, (row) => row.activityId);
  },
};

/** The places of a shift that are kept at present, the most first. */
export const reservationsOf: LoaderDefinition<string, ShiftReservation[]> = {
  batch: async (session, shiftIds) => {
    const rows = await session.read<ShiftReservation>({
      name: 'shift-reservations',
      text: `SELECT ${selectList(ShiftReservation, 't')} FROM shift_reservations t JOIN shifts s ON s.network_id = t.network_id AND s.id = t.shift_id
        WHERE ${READABLE} AND t.shift_id = ANY($1::uuid[]) AND s.reserved_until > app.now() ORDER BY t.places DESC, t.organization_id`,
      values: [shiftIds],
    });
    return grouped(shiftIds, rows, (row) => row.shiftId);
  },
};

/** The place of a waiting registration in the queue of its shift; null for one that does not wait. */
export const waitlistPlaceOf: LoaderDefinition<string, number | null> = {
  batch: async (session, ids) => {
    const rows = await session.read<{ id: string; place: number }>({ name: 'registration-places', text: 'SELECT id, place FROM app.registration_places($1)', values: [ids] });
    const found = new Map(rows.map((row) => [row.id, row.place]));
    return ids.map((id) => found.get(id) ?? null);
  },
};

/** The devices of an activity, for its host. */
export const devicesOfActivity: LoaderDefinition<string, CheckInDevice[]> = {
  batch: async (session, activityIds) => {
    const rows = await session.read<CheckInDevice>({
      name: 'devices-of-activity',
      text: `SELECT ${selectList(CheckInDevice, 't')} FROM check_in_devices t WHERE ${READABLE} AND t.activity_id = ANY($1::uuid[]) ORDER BY t.id`,
      values: [activityIds],
    });
    return grouped(activityIds, rows, (row) => row.activityId);
  },
};

const registrations = (list: string, descending: boolean): ListQuery<Registration> => ({
  list,
  select: selectList(Registration, 't'),
  from: 'registrations t',
  where: [READABLE],
  values: [],
  order: [
    { sql: 't.starts_at', type: 'timestamptz', of: (row) => row.startsAt },
    { sql: 't.id', type: 'uuid', of: (row) => row.id },
  ],
  descending,
});

const STANDS = (value: string) => `t.status = ${value}`;

/** The registrations for an activity that the actor may read, by the start of their shifts, in the order in which they were made. */
export function registrationsOfActivity(context: RequestContext, activityId: string, args: ForwardArgs, status: RegistrationStatus | null): Promise<Page<Registration>> {
  const query = registrations('registrations of activity', false);
  narrow(query, STANDS, status);
  return nestedPage(context, query, 't.activity_id', activityId, args);
}

/** Those for a shift, in the order in which they were made. */
export function registrationsOfShift(context: RequestContext, shiftId: string, args: ForwardArgs, status: RegistrationStatus | null): Promise<Page<Registration>> {
  const query = registrations('registrations of shift', false);
  query.order = [{ sql: 't.arrival', type: 'integer', of: (row) => row.arrival }];
  narrow(query, STANDS, status);
  return nestedPage(context, query, 't.shift_id', shiftId, args);
}

/** The registrations that the actor may read, the latest shift first. */
export async function listRegistrations(context: RequestContext, args: PageArgs, filter: RegistrationFilter): Promise<Page<Registration>> {
  const query = registrations('registrations', true);
  narrow(query, (value) => `t.activity_id = ${value}`, filterId('Activity', filter.activity));
  narrow(query, (value) => `t.shift_id = ${value}`, filterId('Shift', filter.shift));
  narrow(query, (value) => `t.volunteer_id = ${value}`, filterId('Volunteer', filter.volunteer));
  narrow(query, STANDS, filter.status);
  narrow(query, (value) => `coalesce(t.user_id = app.user_id(), false) = ${value}`, filter.mine);
  narrow(query, (value) => `t.starts_at < ${value}`, filter.range?.end);
  narrow(query, (value) => `t.ends_at > ${value}`, filter.range?.start);
  return page(context.session, context.platform.cursors, query, args);
}
