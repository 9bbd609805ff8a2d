import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import type { RequestContext } from '../platform/graphql/context';
import { RequestError } from '../platform/graphql/errors';
import type { LoaderDefinition } from '../platform/graphql/loaders';
import { Node } from '../platform/graphql/node';
import { fromGlobalId } from '../platform/ids';
import { userById } from './accounts/reads';
import { activityById } from './activities/reads';
import { auditEntryById } from './audit/reads';
import { bookingById, bookingSeriesById, resourceBlockById } from './bookings/reads';
import { activityCommitmentById, contractById, governanceDutyById, grantClauseById, volunteerCommitmentById } from './contracts/reads';
import { certificateById } from './certificates/reads';
import { fileById } from './files/reads';
import { adjustmentById, feedbackById } from './feedback/reads';
import { needById } from './needs/reads';
import { membershipById, networkById, organizationById, positionById } from './network/reads';
import { notificationById } from './notifications/reads';
import { correctionRequestById, serviceRecordById } from './records/reads';
import { accountById, entryById, settlementById, transferById } from './points/reads';
import { exchangeById, milestoneById, projectById } from './projects/reads';
import { recognitionById } from './recognitions/reads';
import { redemptionById, rewardById } from './rewards/reads';
import { courseById, courseSessionById, teamById } from './teams/reads';
import { resourceById } from './resources/reads';
import { campaignById, volunteerById } from './volunteers/reads';
import { importById } from './volunteers/roster/reads';
import { deviceById, registrationById, shiftById } from './shifts/reads';
import { wishById } from './wishes/reads';

/** How every type of node is loaded by its id; null for one that the actor may not read, as for one that never was. */
const loaders: Readonly<Record<string, LoaderDefinition<string, object | null>>> = {
  User: userById,
  Network: networkById,
  Organization: organizationById,
  Membership: membershipById,
  Position: positionById,
  Contract: contractById,
  ResourceGrantClause: grantClauseById,
  ActivityCommitmentClause: activityCommitmentById,
  VolunteerCommitmentClause: volunteerCommitmentById,
  GovernanceDutyClause: governanceDutyById,
  Resource: resourceById,
  Booking: bookingById,
  BookingSeries: bookingSeriesById,
  ResourceBlock: resourceBlockById,
  File: fileById,
  ServiceCertificate: certificateById,
  ServiceRecord: serviceRecordById,
  CorrectionRequest: correctionRequestById,
  Activity: activityById,
  Reward: rewardById,
  Redemption: redemptionById,
  Wish: wishById,
  Team: teamById,
  Course: courseById,
  CourseSession: courseSessionById,
  PointsAccount: accountById,
  PointsEntry: entryById,
  PointsTransfer: transferById,
  PointsSettlement: settlementById,
  RecruitmentCampaign: campaignById,
  ImportJob: importById,
  Volunteer: volunteerById,
  Need: needById,
  Project: projectById,
  Milestone: milestoneById,
  Exchange: exchangeById,
  Feedback: feedbackById,
  Adjustment: adjustmentById,
  Recognition: recognitionById,
  Shift: shiftById,
  Registration: registrationById,
  CheckInDevice: deviceById,
  AuditEntry: auditEntryById,
  Notification: notificationById,
};

/** How many nodes may be asked for at once. */
const MOST_NODES = 100;

/** A node by its type and uuid, with its type's name, so that the interface knows what it is. */
export async function nodeOf(context: RequestContext, type: string, id: string): Promise<Node | null> {
  const loader = Object.hasOwn(loaders, type) ? loaders[type] : undefined;
  const row = loader ? await context.load(loader, id) : null;
  return row ? ({ ...row, __typename: type } as unknown as Node) : null;
}

@Resolver()
export class NodeResolver {
  @Query(() => Node, { nullable: true, description: 'Anything by its id; null when there is no such thing, or none that you may see.' })
  node(@Arg('id', () => ID, { description: 'Its id.' }) id: string, @Ctx() context: RequestContext): Promise<Node | null> {
    const global = fromGlobalId(id);
    return global ? nodeOf(context, global.type, global.id) : Promise.resolve(null);
  }

  @Query(() => [Node], { nullable: 'items', description: `Several things by their ids, in that order, at most ${MOST_NODES}; null in the place of one that you may not see.` })
  nodes(@Arg('ids', () => [ID], { description: 'Their ids.' }) ids: string[], @Ctx() context: RequestContext): Promise<(Node | null)[]> {
    if (ids.length > MOST_NODES) throw new RequestError('BAD_USER_INPUT', 'nodes.most', { most: MOST_NODES });
    return Promise.all(ids.map((id) => this.node(id, context)));
  }
}
