import { selectList } from '../../platform/database/columns';
import type { Reader } from '../../platform/database/session';
import { narrow, page, READABLE, type ForwardArgs, type ListQuery, type Page, type PageArgs } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { asked, filterId, filterText, text as textOf } from '../../platform/graphql/edge';
import { byId, grouped, type LoaderDefinition } from '../../platform/graphql/loaders';
import { z } from 'zod';
import type { VolunteerFilter } from './inputs';
import { Consent, RecruitmentCampaign, Volunteer, VolunteerPersonal, type CampaignStatus } from './model';

export const volunteerById = byId(Volunteer);
export const campaignById = byId(RecruitmentCampaign);

/** What is shown of personal data: never the number of an identity document in any form but the masked one. */
const SHOWN = new Set<keyof VolunteerPersonal>([
  'volunteerId', 'legalName', 'gender', 'birthDate', 'identityDocument', 'identityMasked', 'phone', 'email', 'guardianName', 'guardianPhone',
]);

/** The personal data of a volunteer; null when the actor may not read it. */
export const personalOf: LoaderDefinition<string, VolunteerPersonal | null> = {
  batch: async (session, volunteerIds) => {
    const rows = await session.read<VolunteerPersonal>({
      name: 'volunteer-personal',
      text: `SELECT ${selectList(VolunteerPersonal, 't', SHOWN)} FROM volunteer_personal t WHERE ${READABLE} AND t.volunteer_id = ANY($1::uuid[])`,
      values: [volunteerIds],
    });
    const found = new Map(rows.map((row) => [row.volunteerId, row]));
    return volunteerIds.map((id) => found.get(id) ?? null);
  },
};

/** What a volunteer agreed to, oldest first, what was withdrawn too. */
export const consentsOf: LoaderDefinition<string, Consent[]> = {
  batch: async (session, volunteerIds) => {
    const rows = await session.read<Consent>({
      name: 'volunteer-consents',
      text: `SELECT ${selectList(Consent, 't')} FROM volunteer_consents t WHERE ${READABLE} AND t.volunteer_id = ANY($1::uuid[]) ORDER BY t.granted_at, t.id`,
      values: [volunteerIds],
    });
    return grouped(volunteerIds, rows, (row) => row.volunteerId);
  },
};

/** What a person is as a volunteer of the network: what stands, else the last that did; null when nothing. */
export async function volunteerOfUser(session: Reader): Promise<Volunteer | null> {
  const [own] = await session.read<Volunteer>({
    name: 'volunteer-of-user',
    text: `SELECT ${selectList(Volunteer, 't')} FROM volunteers t WHERE ${READABLE} AND t.user_id = app.user_id()
      ORDER BY t.status IN ('REJECTED','LEFT'), t.id DESC LIMIT 1`,
  });
  return own ?? null;
}

// Whom one sees for no other reason than their consent to be seen by all is on the leaderboard rather than in the list.
const CONCERNED = `(NOT t.is_listed OR array_remove(t.readers, t.network_id) && app.principals())`;

const filterSkills = z.array(textOf(1, 50)).max(30);

/** The volunteers that the actor may read, the newest first. */
export async function listVolunteers(context: RequestContext, args: PageArgs, filter: VolunteerFilter): Promise<Page<Volunteer>> {
  const query: ListQuery<Volunteer> = {
    list: 'volunteers', select: selectList(Volunteer, 't'), from: 'volunteers t', where: [READABLE, CONCERNED], values: [],
    order: [{ sql: 't.id', type: 'uuid', of: (row) => row.id }], descending: true,
  };
  narrow(query, (value) => `t.status = ${value}`, filter.status);
  narrow(query, (value) => `t.organization_id = ${value}`, filterId('Organization', filter.organization));
  narrow(query, (value) => `t.campaign_id = ${value}`, filterId('RecruitmentCampaign', filter.campaign));
  narrow(query, (value) => `t.occupation = ${value}`, filter.occupation);
  narrow(query, (value) => `t.channel = ${value}`, filter.channel);
  narrow(query, (value) => `t.skills @> ${value}`, filter.skills?.length ? asked(filterSkills, filter.skills) : null);
  narrow(query, (value) => `(t.adult_on > app.today()) = ${value}`, filter.minor);
  narrow(query, (value) => `(position(lower(${value}) IN lower(t.display_name)) > 0 OR t.number = ${value})`, filterText(filter.text));
  return page(context.session, context.platform.cursors, query, args);
}

/** The recruitment calls that the actor may read, the newest first. */
export function listCampaigns(context: RequestContext, args: ForwardArgs, status: CampaignStatus | null): Promise<Page<RecruitmentCampaign>> {
  const query: ListQuery<RecruitmentCampaign> = {
    list: 'campaigns', select: selectList(RecruitmentCampaign, 't'), from: 'recruitment_campaigns t', where: [READABLE], values: [],
    order: [{ sql: 't.id', type: 'uuid', of: (row) => row.id }], descending: true,
  };
  narrow(query, (value) => `(CASE WHEN t.status = 'OPEN' AND t.period_to < app.today() THEN 'CLOSED' ELSE t.status END) = ${value}`, status);
  return page(context.session, context.platform.cursors, query, args);
}
