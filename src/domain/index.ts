import { getMetadataArgsStorage } from 'typeorm';
import type { SchemaParts } from '../platform/graphql/schema';
import { SessionResolver, UserResolver, ViewerResolver } from './accounts/resolver';
import {
  ActivityCommitmentClause,
  GovernanceDutyClause,
  ResourceGrantClause,
  VolunteerCommitmentClause,
} from './contracts/model';
import { ActivityParticipationResolver, ActivityReportResolver, ActivityResolver, BookingActivityResolver, OrganizationActivitiesResolver } from './activities/resolver';
import { AuditEntryResolver } from './audit/resolver';
import { BlockedTimeResolver, ResourceAvailabilityResolver } from './bookings/availability-resolver';
import { ClauseFulfilmentResolver, ContractFulfilmentResolver } from './bookings/fulfilment';
import { BookingResolver, ResourceAccessQuotaResolver, ResourceBlockResolver, ResourceBookingsResolver } from './bookings/resolver';
import { BookingInSeriesResolver, BookingSeriesResolver } from './bookings/series-resolver';
import { ServiceCertificateResolver } from './certificates/resolver';
import { OrganizationCalendarResolver, ResourceCalendarResolver, ViewerCalendarResolver } from './calendars/resolver';
import {
  ContractClauseResolver,
  ContractPartyResolver,
  ContractResolver,
  OrganizationContractsResolver,
  ResourceGrantClauseResolver,
  SignatureResolver,
} from './contracts/resolver';
import { FileResolver } from './files/resolver';
import {
  ActorResolver,
  MembershipResolver,
  NetworkMapLinkResolver,
  NetworkMapNodeResolver,
  NetworkResolver,
  OrganizationResolver,
  PositionResolver,
  StateChangeResolver,
} from './network/resolver';
import {
  ActivityFeedbackResolver,
  AdjustmentResolver,
  FeedbackResolver,
  FeedbackSummaryResolver,
  ProjectFeedbackResolver,
} from './feedback/resolver';
import { NeedResolver, NetworkNeedPolicyResolver, SimilarNeedResolver } from './needs/resolver';
import { NodeResolver } from './nodes';
import { NotificationResolver, ViewerNotificationsResolver } from './notifications/resolver';
import { CorrectionRequestResolver, ServiceRecordResolver, VolunteerRecordsResolver } from './records/resolver';
import {
  NetworkPointsResolver,
  OrganizationPointsResolver,
  PointsAccountResolver,
  PointsEntryResolver,
  PointsSettlementResolver,
  PointsSideResolver,
  PointsTransferResolver,
  ViewerPointsResolver,
} from './points/resolver';
import {
  GrantClauseResourcesResolver,
  OrganizationResourcesResolver,
  PositionResourcesResolver,
  ResourceAccessResolver,
  ResourceResolver,
} from './resources/resolver';
import { ActivityProjectResolver, ExchangeResolver, NeedProjectResolver, ProjectResolver } from './projects/resolver';
import { LeaderboardEntryResolver, RecognitionObjectionResolver, RecognitionResolver, VolunteerRecognitionsResolver } from './recognitions/resolver';
import { OrganizationRewardsResolver, RedemptionResolver, RewardResolver } from './rewards/resolver';
import { NetworkStatisticsResolver, OrganizationStatisticsResolver } from './statistics/resolver';
import { SearchResolver } from './search/resolver';
import { DutyResolver } from './shifts/duty-resolver';
import { ActivityShiftsResolver, RegistrationResolver, ShiftQuotaResolver, ShiftResolver, VolunteerMatchResolver } from './shifts/resolver';
import { CourseResolver, CourseSessionResolver, TeamResolver, TrainingCompletionResolver, VolunteerTeamsResolver } from './teams/resolver';
import { SubscriptionResolver } from './subscriptions';
import { RecruitmentCampaignResolver } from './volunteers/campaigns-resolver';
import { ImportFaultResolver, ImportJobResolver } from './volunteers/roster/resolver';
import { GuardianResolver, ViewerVolunteerResolver, VolunteerPersonalResolver, VolunteerResolver } from './volunteers/resolver';
import { WishResolver } from './wishes/resolver';

/** The resolvers of every capability; a new one is added here, its nodes in nodes.ts and its access rules in src/access. */
export const resolvers: SchemaParts['resolvers'] = [
  NodeResolver,
  ViewerResolver,
  UserResolver,
  SessionResolver,
  NetworkResolver,
  NetworkMapNodeResolver,
  NetworkMapLinkResolver,
  OrganizationResolver,
  MembershipResolver,
  PositionResolver,
  StateChangeResolver,
  ActorResolver,
  ContractResolver,
  ContractPartyResolver,
  SignatureResolver,
  ContractClauseResolver,
  ResourceGrantClauseResolver,
  OrganizationContractsResolver,
  ResourceResolver,
  ResourceAccessResolver,
  OrganizationResourcesResolver,
  PositionResourcesResolver,
  GrantClauseResourcesResolver,
  BookingResolver,
  BookingSeriesResolver,
  BookingInSeriesResolver,
  ResourceBlockResolver,
  ResourceBookingsResolver,
  ResourceAccessQuotaResolver,
  ResourceAvailabilityResolver,
  BlockedTimeResolver,
  ContractFulfilmentResolver,
  ClauseFulfilmentResolver,
  ResourceCalendarResolver,
  OrganizationCalendarResolver,
  ViewerCalendarResolver,
  FileResolver,
  ServiceCertificateResolver,
  ServiceRecordResolver,
  CorrectionRequestResolver,
  VolunteerRecordsResolver,
  NetworkPointsResolver,
  ViewerPointsResolver,
  OrganizationPointsResolver,
  PointsAccountResolver,
  PointsEntryResolver,
  PointsTransferResolver,
  PointsSideResolver,
  PointsSettlementResolver,
  RewardResolver,
  OrganizationRewardsResolver,
  RedemptionResolver,
  WishResolver,
  ActivityResolver,
  ActivityParticipationResolver,
  ActivityReportResolver,
  BookingActivityResolver,
  OrganizationActivitiesResolver,
  TeamResolver,
  CourseResolver,
  CourseSessionResolver,
  TrainingCompletionResolver,
  VolunteerTeamsResolver,
  RecruitmentCampaignResolver,
  ImportJobResolver,
  ImportFaultResolver,
  VolunteerResolver,
  VolunteerPersonalResolver,
  GuardianResolver,
  ViewerVolunteerResolver,
  NeedResolver,
  SimilarNeedResolver,
  NetworkNeedPolicyResolver,
  NeedProjectResolver,
  ProjectResolver,
  ExchangeResolver,
  ActivityProjectResolver,
  FeedbackResolver,
  FeedbackSummaryResolver,
  AdjustmentResolver,
  ActivityFeedbackResolver,
  ProjectFeedbackResolver,
  RecognitionResolver,
  RecognitionObjectionResolver,
  VolunteerRecognitionsResolver,
  LeaderboardEntryResolver,
  ShiftResolver,
  ShiftQuotaResolver,
  VolunteerMatchResolver,
  RegistrationResolver,
  ActivityShiftsResolver,
  DutyResolver,
  NetworkStatisticsResolver,
  OrganizationStatisticsResolver,
  SearchResolver,
  AuditEntryResolver,
  ViewerNotificationsResolver,
  NotificationResolver,
  SubscriptionResolver,
];

/** The entities of every capability, as loading its resolvers registered them. */
export const entities = getMetadataArgsStorage().tables.map(({ target }) => target as Function); // eslint-disable-line @typescript-eslint/no-unsafe-function-type -- the type TypeORM takes

/** Object types that only an interface or union leads to. */
export const types: SchemaParts['types'] = [ResourceGrantClause, ActivityCommitmentClause, VolunteerCommitmentClause, GovernanceDutyClause];
