import { selectList } from '../../platform/database/columns';
import type { Reader } from '../../platform/database/session';
import { narrow, nestedPage, page, READABLE, type ForwardArgs, type ListQuery, type Page, type PageArgs } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { asked, filterId } from '../../platform/graphql/edge';
import { byId, type LoaderDefinition } from '../../platform/graphql/loaders';
import { days, type ServiceRecordFilter } from './inputs';
import { CorrectionRequest, ServiceRecord, type CorrectionStatus } from './model';

export const serviceRecordById = byId(ServiceRecord);

/** A record by what one of its columns names, of the first that fits in an order; null when there is none that the actor may read. */
const recordBy = (column: string, property: 'correctsId' | 'registrationId', condition: string): LoaderDefinition<string, ServiceRecord | null> => ({
  batch: async (session, ids) => {
    const rows = await session.read<ServiceRecord>({
      name: `service-records-by-${column}`,
      text: `SELECT ${selectList(ServiceRecord, 't')} FROM service_records t WHERE t.network_id = app.network_id() AND t.${column} = ANY($1::uuid[]) AND ${condition}`,
      values: [ids],
    });
    const found = new Map(rows.map((row) => [row[property], row]));
    return ids.map((id) => found.get(id) ?? null);
  },
});

/** No further record says otherwise. */
export const STANDS = 'NOT EXISTS (SELECT FROM service_records c WHERE c.network_id = t.network_id AND c.corrects_id = t.id)';

/** The record that corrects another. */
export const correctionOf = recordBy('corrects_id', 'correctsId', 'true');

/** The record of a registration that stands. */
export const recordOfRegistration = recordBy('registration_id', 'registrationId', STANDS);

const LATEST_FIRST: Pick<ListQuery<ServiceRecord>, 'order' | 'descending'> = {
  order: [
    { sql: 't.service_date', type: 'date', of: ({ serviceDate }) => serviceDate },
    { sql: 't.id', type: 'uuid', of: ({ id }) => id },
  ],
  descending: true,
};

/** The service records that the actor may read, latest service first. */
export function listServiceRecords(context: RequestContext, args: PageArgs, filter: ServiceRecordFilter): Promise<Page<ServiceRecord>> {
  const query: ListQuery<ServiceRecord> = { list: 'service records', select: selectList(ServiceRecord, 't'), from: 'service_records t', where: [READABLE], values: [], ...LATEST_FIRST };
  narrow(query, (value) => `t.volunteer_id = ${value}`, filterId('Volunteer', filter.volunteer));
  narrow(query, (value) => `t.activity_id = ${value}`, filterId('Activity', filter.activity));
  narrow(query, (value) => `t.organizer_id = ${value}`, filterId('Organization', filter.organizer));
  narrow(query, (value) => `t.organization_id = ${value}`, filterId('Organization', filter.organization));
  if (filter.period != null) {
    const { from, to } = asked(days, filter.period);
    narrow(query, (value) => `t.service_date >= ${value}`, from);
    narrow(query, (value) => `t.service_date <= ${value}`, to);
  }
  if (filter.standing != null) query.where.push(filter.standing ? STANDS : `NOT ${STANDS}`);
  return page(context.session, context.platform.cursors, query, args);
}

/** The services of a volunteer in a period that stand, earliest first. */
export const standingServices = (reader: Reader, volunteerId: string, { from, to }: { from: string; to: string }, most: number): Promise<ServiceRecord[]> =>
  reader.read<ServiceRecord>({
    text: `SELECT ${selectList(ServiceRecord, 't')} FROM service_records t
      WHERE ${READABLE} AND t.volunteer_id = $1 AND t.service_date BETWEEN $2 AND $3 AND t.seconds > 0 AND ${STANDS} ORDER BY t.service_date, t.id LIMIT $4`,
    values: [volunteerId, from, to, most],
  });

/** The service records of a volunteer that the actor may read, latest service first. */
export const recordsOfVolunteer = (context: RequestContext, volunteerId: string, args: ForwardArgs): Promise<Page<ServiceRecord>> =>
  nestedPage(
    context,
    { list: 'service records of volunteer', select: selectList(ServiceRecord, 't'), from: 'service_records t', where: [READABLE], values: [], ...LATEST_FIRST },
    't.volunteer_id', volunteerId, args,
  );

export const correctionRequestById = byId(CorrectionRequest);

/** The requests for corrections that the actor may read, newest first. */
export function listCorrectionRequests(context: RequestContext, args: ForwardArgs, status: CorrectionStatus | null): Promise<Page<CorrectionRequest>> {
  const query: ListQuery<CorrectionRequest> = {
    list: 'correction requests', select: selectList(CorrectionRequest, 't'), from: 'correction_requests t', where: [READABLE], values: [],
    order: [{ sql: 't.id', type: 'uuid', of: ({ id }) => id }], descending: true,
  };
  narrow(query, (value) => `t.status = ${value}`, status);
  return page(context.session, context.platform.cursors, query, args);
}
