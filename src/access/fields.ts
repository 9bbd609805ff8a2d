import type { Capability } from './matrix';

/**
 * The rule of every type and field of the schema. `open`: what the field shows was decided by the row it belongs to
 * (row security), so there is nothing to check per field. Otherwise the capability that its caller needs. A type or a
 * root field that is not named here fails the build of the schema.
 */
export type FieldRule = Capability | 'open';

export const rootFields: Record<'Query' | 'Mutation', Record<string, FieldRule>> = {
  Query: {
    node: 'open',
    nodes: 'open',
    viewer: 'public.read',
    network: 'public.read',
    organizations: 'public.read',
    resources: 'public.read',
    search: 'public.read',
    contracts: 'contract.read',
    auditLog: 'audit.read',
  },
  Mutation: {
    // Open also to those whose access token has expired.
    signIn: 'open',
    refreshSession: 'open',
    signOut: 'open',
    actAs: 'account.use',
    changePassword: 'account.use',
    applyToJoin: 'organization.apply',
    approveOrganization: 'organization.review',
    rejectOrganization: 'organization.review',
    suspendOrganization: 'organization.review',
    reinstateOrganization: 'organization.review',
    leaveNetwork: 'organization.leave',
    updateOrganization: 'organization.edit',
    inviteMember: 'member.manage',
    acceptInvitation: 'invitation.answer',
    changeMemberRole: 'member.manage',
    suspendMembership: 'member.manage',
    reinstateMembership: 'member.manage',
    endMembership: 'member.manage',
    createPosition: 'organization.edit',
    updatePosition: 'organization.edit',
    draftContract: 'contract.draft',
    updateContract: 'contract.draft',
    proposeContract: 'contract.draft',
    withdrawContract: 'contract.draft',
    signContract: 'contract.sign',
    rejectContract: 'contract.sign',
    suspendContract: 'contract.suspend',
    resumeContract: 'contract.suspend',
    terminateContract: 'contract.terminate',
    amendContract: 'contract.draft',
    createResource: 'resource.manage',
    updateResource: 'resource.manage',
    shareResource: 'resource.manage',
    retireResource: 'resource.manage',
  },
};

/** Object types whose fields are all open but for those named. */
export const objectTypes: Record<string, Record<string, FieldRule>> = {
  Viewer: {},
  User: {},
  PersonalContact: {},
  Membership: {},
  Session: {},
  Network: {},
  NetworkMap: {},
  NetworkMapNode: {},
  NetworkMapLink: {},
  NetworkStatistics: {},
  OrganizationStatistics: {},
  MonthlyStatistics: {},
  Organization: {},
  OrganizationContact: {},
  Position: {},
  GeoPoint: {},
  OpeningHours: {},
  StateChange: {},
  Actor: {},
  DateRange: {},
  Contract: {},
  ContractParty: {},
  Signature: {},
  ResourceGrantClause: {},
  GrantedResource: {},
  ActivityCommitmentClause: {},
  VolunteerCommitmentClause: {},
  GovernanceDutyClause: {},
  Resource: {},
  ResourceAccess: {},
  BookingPolicy: {},
  AuditEntry: {},
  AuditChange: {},
  UserError: {},
  PageInfo: {},
};

/** Types that are made by rule: payloads, connections and edges show what the field that returned them decided. */
export const openByName = /(Payload|Connection|Edge)$/;
