/**
 * Who may do what, as data: the one place that the shield rules, viewerCan, the verbs' own checks and
 * docs/permissions.md come from. A cell says of which things a role may do it:
 *
 * - `all`   of every one in the network (row security still decides which are there to be seen)
 * - `own`   of those of the own organization
 * - `party` of those that the own organization is party to
 * - `self`  of the own person
 *
 * A role that is not named may not. Row security holds the same limits once more in the database.
 */
export type Role = 'COMMITTEE' | 'ADMIN' | 'STAFF' | 'VOLUNTEER' | 'RESIDENT';
/** A role, or what somebody without a membership is: signed in, or nobody known. */
export type Asker = Role | 'SIGNED_IN' | 'ANONYMOUS';
export type Scope = 'all' | 'own' | 'party' | 'self';

export const askers: readonly Asker[] = ['COMMITTEE', 'ADMIN', 'STAFF', 'VOLUNTEER', 'RESIDENT', 'SIGNED_IN', 'ANONYMOUS'];

/** What a client may build its menus from; part of the promised API. */
export enum Permission {
  MANAGE_NETWORK = 'MANAGE_NETWORK',
  MANAGE_ORGANIZATION = 'MANAGE_ORGANIZATION',
  SIGN_CONTRACTS = 'SIGN_CONTRACTS',
  MANAGE_RESOURCES = 'MANAGE_RESOURCES',
  BOOK_RESOURCES = 'BOOK_RESOURCES',
  COORDINATE_ACTIVITIES = 'COORDINATE_ACTIVITIES',
  MANAGE_VOLUNTEERS = 'MANAGE_VOLUNTEERS',
  MANAGE_PROJECTS = 'MANAGE_PROJECTS',
  ISSUE_POINTS = 'ISSUE_POINTS',
  MANAGE_REWARDS = 'MANAGE_REWARDS',
  REVIEW_RECOGNITIONS = 'REVIEW_RECOGNITIONS',
  READ_AUDIT_LOG = 'READ_AUDIT_LOG',
  MANAGE_API_KEYS = 'MANAGE_API_KEYS',
}

interface CapabilityRow {
  /** What it is, for docs/permissions.md. */
  says: string;
  permission?: Permission;
  cells: Partial<Record<Asker, Scope>>;
}

const everybody = (scope: Scope) => Object.fromEntries(askers.map((asker) => [asker, scope])) as Record<Asker, Scope>;
const everybodyKnown = (scope: Scope): CapabilityRow['cells'] => {
  const { ANONYMOUS: _, ...known } = everybody(scope);
  return known;
};
const table = <Name extends string>(rows: Record<Name, CapabilityRow>): Readonly<Record<Name, CapabilityRow>> => rows;

export const capabilities = table({
  'public.read': {
    says: 'Read what is public: the network, its positions and organizations’ names, shared resources as far as they are shared, open activities as far as they are for the reader',
    cells: everybody('all'),
  },
  'account.use': { says: 'Sign out, change the password, act by another own membership', cells: everybodyKnown('self') },
  'invitation.answer': { says: 'Accept an invitation by its code', cells: everybody('self') },
  'organization.apply': { says: 'Apply for an organization to join the network', cells: everybody('self') },
  'organization.review': {
    says: 'Approve or reject an application; suspend or reinstate an organization',
    permission: Permission.MANAGE_NETWORK,
    cells: { COMMITTEE: 'all' },
  },
  'organization.leave': { says: 'Leave the network with the organization', cells: { ADMIN: 'own' } },
  'organization.edit': {
    says: 'Edit an organization, its contact and its positions',
    permission: Permission.MANAGE_ORGANIZATION,
    cells: { COMMITTEE: 'all', ADMIN: 'own' },
  },
  'organization.contact': {
    says: 'Read an organization’s contact: the own one, and that of partners by a contract in force',
    cells: { COMMITTEE: 'all', ADMIN: 'party', STAFF: 'party' },
  },
  'member.read': {
    says: 'Read the members of an organization and their contact',
    cells: { COMMITTEE: 'all', ADMIN: 'own', STAFF: 'own' },
  },
  'member.manage': {
    says: 'Invite members, change their role, end their membership',
    permission: Permission.MANAGE_ORGANIZATION,
    cells: { COMMITTEE: 'all', ADMIN: 'own' },
  },
  'contract.read': { says: 'Read contracts', cells: { COMMITTEE: 'all', ADMIN: 'party', STAFF: 'party' } },
  'contract.draft': {
    says: 'Draft, edit, propose, withdraw or amend a contract, or put its scan with it',
    permission: Permission.SIGN_CONTRACTS,
    cells: { COMMITTEE: 'all', ADMIN: 'party' },
  },
  'contract.sign': {
    says: 'Sign or reject a contract for the own organization',
    permission: Permission.SIGN_CONTRACTS,
    cells: { COMMITTEE: 'party', ADMIN: 'party' },
  },
  'contract.suspend': { says: 'Suspend or resume a contract', permission: Permission.SIGN_CONTRACTS, cells: { COMMITTEE: 'all' } },
  'contract.terminate': {
    says: 'Terminate a contract',
    permission: Permission.SIGN_CONTRACTS,
    cells: { COMMITTEE: 'all', ADMIN: 'party' },
  },
  'resource.manage': {
    says: 'Create, edit, share or retire the own organization’s resources',
    permission: Permission.MANAGE_RESOURCES,
    cells: { COMMITTEE: 'own', ADMIN: 'own', STAFF: 'own' },
  },
  'booking.read': {
    says: 'Read bookings: of the own organization, of its resources, or made in person',
    cells: { COMMITTEE: 'all', ADMIN: 'party', STAFF: 'party', VOLUNTEER: 'self' },
  },
  'booking.book': {
    says: 'Book resources for the own organization, or wait for them',
    permission: Permission.BOOK_RESOURCES,
    cells: { COMMITTEE: 'own', ADMIN: 'own', STAFF: 'own' },
  },
  'booking.decide': {
    says: 'Approve or reject requests for the own organization’s resources',
    permission: Permission.MANAGE_RESOURCES,
    cells: { COMMITTEE: 'own', ADMIN: 'own', STAFF: 'own' },
  },
  'booking.use': {
    says: 'Reschedule, cancel, hand out or take back what is booked, as who booked it or whose it is',
    permission: Permission.BOOK_RESOURCES,
    cells: { COMMITTEE: 'party', ADMIN: 'party', STAFF: 'party' },
  },
  'resource.block': {
    says: 'Keep the own organization’s resources from being booked for a time',
    permission: Permission.MANAGE_RESOURCES,
    cells: { COMMITTEE: 'own', ADMIN: 'own', STAFF: 'own' },
  },
  'file.upload': { says: 'Upload files, for what another permission allows', cells: { COMMITTEE: 'own', ADMIN: 'own', STAFF: 'own' } },
  'record.read': {
    says: 'Read service records: of the own organization’s volunteers, of its activities, or the own ones',
    cells: { COMMITTEE: 'all', ADMIN: 'party', STAFF: 'party', VOLUNTEER: 'self' },
  },
  'recognition.nominate': {
    says: 'Nominate a volunteer that one may see, not oneself, for a recognition',
    cells: { COMMITTEE: 'all', ADMIN: 'all', STAFF: 'all' },
  },
  'recognition.review': {
    says: 'Review, publicize, award, reject or revoke a recognition, not one’s own',
    permission: Permission.REVIEW_RECOGNITIONS,
    cells: { COMMITTEE: 'all' },
  },
  'recognition.object': {
    says: 'Object to a recognition on public notice, not one’s own',
    cells: { COMMITTEE: 'all', ADMIN: 'all', STAFF: 'all', VOLUNTEER: 'all', RESIDENT: 'all' },
  },
  'points.policy': {
    says: 'Change by what points are earned and how long they are good',
    permission: Permission.ISSUE_POINTS,
    cells: { COMMITTEE: 'all' },
  },
  'reward.read': { says: 'Read what is offered for points', cells: { COMMITTEE: 'all', ADMIN: 'all', STAFF: 'all', VOLUNTEER: 'all' } },
  'reward.manage': {
    says: 'Offer, edit, pause and end rewards of the own organization',
    permission: Permission.MANAGE_REWARDS,
    cells: { COMMITTEE: 'own', ADMIN: 'own', STAFF: 'own' },
  },
  'reward.redeem': { says: 'Take a reward for own points', cells: { VOLUNTEER: 'self' } },
  'redemption.read': {
    says: 'Read redemptions: of what the own organization offers, or the own ones',
    cells: { COMMITTEE: 'all', ADMIN: 'own', STAFF: 'own', VOLUNTEER: 'self' },
  },
  'redemption.fulfil': {
    says: 'Hand out what was redeemed of the own organization’s rewards',
    permission: Permission.MANAGE_REWARDS,
    cells: { COMMITTEE: 'own', ADMIN: 'own', STAFF: 'own' },
  },
  'redemption.cancel': {
    says: 'Call a redemption off: of the own organization’s rewards, or the own one',
    cells: { COMMITTEE: 'own', ADMIN: 'own', STAFF: 'own', VOLUNTEER: 'self' },
  },
  'wish.submit': { says: 'Submit micro-wishes, withdraw the own ones, confirm that they were granted', cells: { VOLUNTEER: 'self', RESIDENT: 'self' } },
  'wish.moderate': { says: 'Publish or decline micro-wishes', permission: Permission.MANAGE_REWARDS, cells: { COMMITTEE: 'all' } },
  'wish.claim': { says: 'Take on a micro-wish of somebody else, say that it is granted', cells: { ADMIN: 'all', STAFF: 'all', VOLUNTEER: 'all' } },
  'wish.release': {
    says: 'Give a micro-wish free again: who has taken it on, or the committee',
    cells: { COMMITTEE: 'all', ADMIN: 'all', STAFF: 'all', VOLUNTEER: 'all' },
  },
  'points.issue': { says: 'Grant points, take a transfer back', permission: Permission.ISSUE_POINTS, cells: { COMMITTEE: 'all' } },
  'points.settle': {
    says: 'State the total of points that an organization has taken, to settle it',
    permission: Permission.MANAGE_REWARDS,
    cells: { COMMITTEE: 'all', ADMIN: 'own' },
  },
  'activity.host': {
    says: 'Hold a joint activity: prepare it, invite to it, open it, run it, report on it, call it off',
    permission: Permission.COORDINATE_ACTIVITIES,
    cells: { COMMITTEE: 'all', ADMIN: 'own', STAFF: 'own' },
  },
  'activity.takePart': {
    says: 'Answer an invitation to an activity, and pledge volunteers and resources for it',
    permission: Permission.COORDINATE_ACTIVITIES,
    cells: { COMMITTEE: 'party', ADMIN: 'party', STAFF: 'party' },
  },
  'team.manage': {
    says: 'Form teams of the own organization’s volunteers, hold courses, put on record who has completed them',
    permission: Permission.MANAGE_VOLUNTEERS,
    cells: { COMMITTEE: 'all', ADMIN: 'own', STAFF: 'own' },
  },
  'course.enroll': {
    says: 'Take a place on a date of a course: in person, or for a volunteer of the own organization',
    cells: { COMMITTEE: 'all', ADMIN: 'own', STAFF: 'own', VOLUNTEER: 'self' },
  },
  'activity.register': {
    says: 'Register in person for a shift of an open activity',
    cells: { COMMITTEE: 'self', ADMIN: 'self', STAFF: 'self', VOLUNTEER: 'self' },
  },
  'volunteer.apply': { says: 'Apply to volunteer, also without an account or membership', cells: everybody('self') },
  'volunteer.read': {
    says: 'Read volunteers: of the own organization, those on its shifts by name, or oneself',
    cells: { ...everybodyKnown('self'), COMMITTEE: 'all', ADMIN: 'own', STAFF: 'own' },
  },
  'volunteer.manage': {
    says: 'Approve or reject those who apply to volunteer, take them down at the door or from a roster, record guardians’ consents, edit, export and erase volunteers',
    permission: Permission.MANAGE_VOLUNTEERS,
    cells: { COMMITTEE: 'all', ADMIN: 'own', STAFF: 'own' },
  },
  'volunteer.self': {
    says: 'Edit oneself as a volunteer, pause, leave, withdraw a consent, take the own personal data along, have it erased; of others as far as they may be managed',
    cells: { ...everybodyKnown('self'), COMMITTEE: 'all', ADMIN: 'own', STAFF: 'own' },
  },
  'campaign.manage': {
    says: 'Draft, open and close recruitment calls',
    permission: Permission.MANAGE_VOLUNTEERS,
    cells: { COMMITTEE: 'all', ADMIN: 'own', STAFF: 'own' },
  },
  'need.raise': {
    says: 'Raise and support needs; edit and reopen the own ones',
    cells: { COMMITTEE: 'self', ADMIN: 'self', STAFF: 'self', VOLUNTEER: 'self', RESIDENT: 'self' },
  },
  'need.triage': {
    says: 'Accept, merge, decline and plan needs, edit them, and say how long they may wait',
    permission: Permission.MANAGE_PROJECTS,
    cells: { COMMITTEE: 'all' },
  },
  'need.takeOn': {
    says: 'Give needs to an organization to see to, and say how they were met; others than the committee for the own organization',
    permission: Permission.MANAGE_PROJECTS,
    cells: { COMMITTEE: 'all', ADMIN: 'own', STAFF: 'own' },
  },
  'project.propose': {
    says: 'Propose projects that the own organization leads',
    permission: Permission.MANAGE_PROJECTS,
    cells: { COMMITTEE: 'all', ADMIN: 'own' },
  },
  'project.approve': { says: 'Approve projects', permission: Permission.MANAGE_PROJECTS, cells: { COMMITTEE: 'all' } },
  'project.lead': {
    says: 'Edit, start, pause, complete or stop a project, and adjust its service, as who leads it',
    permission: Permission.MANAGE_PROJECTS,
    cells: { COMMITTEE: 'all', ADMIN: 'own' },
  },
  'project.work': {
    says: 'Add milestones and activities to a project and hold exchanges about it, as who works on it',
    permission: Permission.MANAGE_PROJECTS,
    cells: { COMMITTEE: 'all', ADMIN: 'party', STAFF: 'party' },
  },
  'feedback.give': { says: 'Rate an activity that one attended, or by a code', cells: everybody('self') },
  'feedback.collect': {
    says: 'Issue codes by which those who were at an activity rate it, as its host or co-host',
    permission: Permission.COORDINATE_ACTIVITIES,
    cells: { COMMITTEE: 'all', ADMIN: 'party', STAFF: 'party' },
  },
  'registration.read': {
    says: 'Read who is registered for shifts: of the own organization’s volunteers, for its activities, or the own ones',
    cells: { COMMITTEE: 'all', ADMIN: 'party', STAFF: 'party', VOLUNTEER: 'self' },
  },
  'registration.register': {
    says: 'Register for a shift: oneself; a volunteer of the own organization, or for its activity',
    cells: { COMMITTEE: 'all', ADMIN: 'party', STAFF: 'party', VOLUNTEER: 'self' },
  },
  'registration.cancel': {
    says: 'Call a registration off: the own one; of a volunteer of the own organization, or for its activity',
    cells: { COMMITTEE: 'all', ADMIN: 'party', STAFF: 'party', VOLUNTEER: 'self' },
  },
  'registration.attend': {
    says: 'Check in and out: oneself by a code; whoever is registered for the own organization’s activity',
    cells: { COMMITTEE: 'all', ADMIN: 'own', STAFF: 'own', VOLUNTEER: 'self' },
  },
  'registration.confirm': {
    says: 'Find who fits a shift; show codes, note who did not come, confirm hours, for the own organization’s activities; nobody confirms the own hours',
    permission: Permission.COORDINATE_ACTIVITIES,
    cells: { COMMITTEE: 'all', ADMIN: 'own', STAFF: 'own' },
  },
  'record.correct': {
    says: 'Correct service records of the own organization’s activities, and answer requests for it',
    permission: Permission.MANAGE_VOLUNTEERS,
    cells: { COMMITTEE: 'all', ADMIN: 'own', STAFF: 'own' },
  },
  'correction.request': {
    says: 'Ask for a correction of service records: of the own ones, or for the own organization’s volunteers',
    cells: { COMMITTEE: 'all', ADMIN: 'own', STAFF: 'own', VOLUNTEER: 'self' },
  },
  'record.exchange': {
    says: 'Exchange service records with other systems: of all volunteers, or of the own organization’s',
    permission: Permission.MANAGE_VOLUNTEERS,
    cells: { COMMITTEE: 'all', ADMIN: 'own' },
  },
  'certificate.issue': {
    says: 'Issue or revoke certificates of service of the own organization’s volunteers',
    permission: Permission.MANAGE_VOLUNTEERS,
    cells: { COMMITTEE: 'all', ADMIN: 'own', STAFF: 'own' },
  },
  'audit.read': {
    says: 'Read the audit log: all of the network, or what concerns the own organization',
    permission: Permission.READ_AUDIT_LOG,
    cells: { COMMITTEE: 'all', ADMIN: 'own' },
  },
});

export type Capability = keyof typeof capabilities;

/** What a thing is to the actor: whose it is, who is party to it, and which person it is of. */
export interface Concern {
  owner?: string | null;
  parties?: readonly string[];
  /** Given, the thing is somebody's own, and whatever the role may do to things of its organization it may do to its own. */
  person?: string | null;
}

/** Who asks, as far as the matrix cares. */
export interface Asking {
  role: string | null;
  userId: string | null;
  organizationId: string | null;
}

export const askerOf = ({ role, userId }: Pick<Asking, 'role' | 'userId'>): Asker =>
  (role as Role | null) ?? (userId === null ? 'ANONYMOUS' : 'SIGNED_IN');

/** Whether a role may do it at all, to something. */
export const mayEver = (asker: Asker, capability: Capability): boolean => capabilities[capability].cells[asker] !== undefined;

/** Whether this actor may do it to this thing. */
export function may(actor: Asking, capability: Capability, concern: Concern): boolean {
  const isOwn = concern.person != null && concern.person === actor.userId;
  switch (capabilities[capability].cells[askerOf(actor)]) {
    case 'all':
      return true;
    case 'self':
      return concern.person === undefined || isOwn;
    case 'own':
      return isOwn || (actor.organizationId !== null && concern.owner === actor.organizationId);
    case 'party':
      return isOwn || (actor.organizationId !== null && (concern.parties ?? []).includes(actor.organizationId));
    default:
      return false;
  }
}

/** The permissions a role has somewhere. */
export const permissionsOf = (asker: Asker): Permission[] => [
  ...new Set(
    Object.values<CapabilityRow>(capabilities)
      .filter((row) => row.permission && row.cells[asker])
      .map((row) => row.permission!),
  ),
];
