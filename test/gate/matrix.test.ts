import { capabilities, type Asker, type Capability, type Scope } from '../../src/access/matrix';
import { v7 } from 'uuid';
import { toGlobalId } from '../../src/platform/ids';
import { record } from '../records/people';
import { TestApi } from '../support/api';
import { Cast } from './cast';
import { uuidOf } from './worlds';

jest.setTimeout(120_000);

/** Who may do what, by how the server behaves: each cell of the table is asked for over HTTP, and each cell turned is noticed. */

const ASKERS: readonly Asker[] = ['COMMITTEE', 'ADMIN', 'STAFF', 'VOLUNTEER', 'RESIDENT', 'SIGNED_IN', 'ANONYMOUS'];

/** The table of the field, restated: nothing of it is read from the server's own. A dash: may not. */
const TABLE: Readonly<Record<Capability, string>> = {
  //                       COMMITTEE ADMIN STAFF VOLUNTEER RESIDENT SIGNED_IN ANONYMOUS
  'public.read':          'all       all   all   all       all      all       all',
  'account.use':          'self      self  self  self      self     self      -',
  'invitation.answer':    'self      self  self  self      self     self      self',
  'organization.apply':   'self      self  self  self      self     self      self',
  'organization.review':  'all       -     -     -         -        -         -',
  'organization.leave':   '-         own   -     -         -        -         -',
  'organization.edit':    'all       own   -     -         -        -         -',
  'organization.contact': 'all       party party -         -        -         -',
  'member.read':          'all       own   own   -         -        -         -',
  'member.manage':        'all       own   -     -         -        -         -',
  'contract.read':        'all       party party -         -        -         -',
  'contract.draft':       'all       party -     -         -        -         -',
  'contract.sign':        'party     party -     -         -        -         -',
  'contract.suspend':     'all       -     -     -         -        -         -',
  'contract.terminate':   'all       party -     -         -        -         -',
  'resource.manage':      'own       own   own   -         -        -         -',
  'resource.block':       'own       own   own   -         -        -         -',
  'booking.read':         'all       party party self      -        -         -',
  'booking.book':         'own       own   own   -         -        -         -',
  'booking.decide':       'own       own   own   -         -        -         -',
  'booking.use':          'party     party party -         -        -         -',
  'record.correct':       'all       own   own   -         -        -         -',
  'correction.request':   'all       own   own   self      -        -         -',
  'record.exchange':      'all       own   -     -         -        -         -',
  'certificate.issue':    'all       own   own   -         -        -         -',
  'file.upload':          'own       own   own   -         -        -         -',
  'record.read':          'all       party party self      -        -         -',
  'points.policy':        'all       -     -     -         -        -         -',
  'reward.read':          'all       all   all   all       -        -         -',
  'reward.manage':        'own       own   own   -         -        -         -',
  'reward.redeem':        '-         -     -     self      -        -         -',
  'redemption.read':      'all       own   own   self      -        -         -',
  'redemption.fulfil':    'own       own   own   -         -        -         -',
  'redemption.cancel':    'own       own   own   self      -        -         -',
  'wish.submit':          '-         -     -     self      self     -         -',
  'wish.moderate':        'all       -     -     -         -        -         -',
  'wish.claim':           '-         all   all   all       -        -         -',
  'wish.release':         'all       all   all   all       -        -         -',
  'points.issue':         'all       -     -     -         -        -         -',
  'points.settle':        'all       own   -     -         -        -         -',
  'activity.host':        'all       own   own   -         -        -         -',
  'activity.takePart':    'party     party party -         -        -         -',
  'team.manage':          'all       own   own   -         -        -         -',
  'course.enroll':        'all       own   own   self      -        -         -',
  'activity.register':    'self      self  self  self      -        -         -',
  'volunteer.apply':      'self      self  self  self      self     self      self',
  'volunteer.read':       'all       own   own   self      self     self      -',
  'volunteer.manage':     'all       own   own   -         -        -         -',
  'volunteer.self':       'all       own   own   self      self     self      -',
  'campaign.manage':      'all       own   own   -         -        -         -',
  'need.raise':           'self      self  self  self      self     -         -',
  'need.triage':          'all       -     -     -         -        -         -',
  'need.takeOn':          'all       own   own   -         -        -         -',
  'project.propose':      'all       own   -     -         -        -         -',
  'project.approve':      'all       -     -     -         -        -         -',
  'project.lead':         'all       own   -     -         -        -         -',
  'project.work':         'all       party party -         -        -         -',
  'feedback.give':        'self      self  self  self      self     self      self',
  'feedback.collect':     'all       party party -         -        -         -',
  'recognition.nominate': 'all       all   all   -         -        -         -',
  'recognition.review':   'all       -     -     -         -        -         -',
  'recognition.object':   'all       all   all   all       all      -         -',
  'registration.read':    'all       party party self      -        -         -',
  'registration.register': 'all      party party self      -        -         -',
  'registration.cancel':  'all       party party self      -        -         -',
  'registration.attend':  'all       own   own   self      -        -         -',
  'registration.confirm': 'all       own   own   -         -        -         -',
  'audit.read':           'all       own   -     -         -        -         -',
};

const PERMISSIONS: Readonly<Record<Asker, string>> = {
  COMMITTEE: 'MANAGE_NETWORK MANAGE_ORGANIZATION SIGN_CONTRACTS MANAGE_RESOURCES BOOK_RESOURCES REVIEW_RECOGNITIONS ISSUE_POINTS MANAGE_REWARDS COORDINATE_ACTIVITIES MANAGE_VOLUNTEERS MANAGE_PROJECTS READ_AUDIT_LOG',
  ADMIN: 'MANAGE_ORGANIZATION SIGN_CONTRACTS MANAGE_RESOURCES BOOK_RESOURCES MANAGE_REWARDS COORDINATE_ACTIVITIES MANAGE_VOLUNTEERS MANAGE_PROJECTS READ_AUDIT_LOG',
  STAFF: 'MANAGE_RESOURCES BOOK_RESOURCES MANAGE_REWARDS COORDINATE_ACTIVITIES MANAGE_VOLUNTEERS MANAGE_PROJECTS',
  VOLUNTEER: '', RESIDENT: '', SIGNED_IN: '', ANONYMOUS: '',
};

type Cell = Scope | undefined;
const names = Object.keys(TABLE) as Capability[];
const cellOf = (capability: Capability, asker: Asker): Cell => {
  const word = TABLE[capability].trim().split(/\s+/)[ASKERS.indexOf(asker)]!;
  return word === '-' ? undefined : (word as Scope);
};

let api: TestApi;
let cast: Cast;
/** The volunteer of each, whom Alpha sees too. */
const volunteerOf = (name: string): string => cast.id(name === 'beta' ? 'listed volunteer of beta' : `volunteer of ${name === 'hub' ? 'the hub' : name}`);
/** A record of each, and others on which a request waits. */
const records = new Map<string, string>();
const madeUpRequest = toGlobalId('CorrectionRequest', v7());
beforeAll(async () => {
  api = await TestApi.start({ MAX_COST: '1000000' });
  cast = await Cast.of(api);
  const { alpha, beta } = cast.organizations;
  for (const [name, organization] of Object.entries({ hub: cast.first.hub, alpha, beta })) {
    const own = { id: uuidOf(volunteerOf(name)) };
    // Alpha helped with all of it.
    records.set(name, await record(api, own, organization, { day: '2026-01-01', hours: 1, coHosts: [alpha] }));
    for (const [other, coHosts] of [[`waiting ${name}`, []], [`${name} for alpha`, [alpha]]] as const) {
      records.set(other, await record(api, own, organization, { day: '2026-01-02', hours: 1, coHosts: [...coHosts] }));
      await api.done('requestCorrection', { record: records.get(other)!, reason: 'Wrong' }, cast.person('hub COMMITTEE'));
    }
  }
}, 180_000);
afterAll(() => api.stop());

const tokenOf = async (asker: Asker): Promise<string | null> => {
  if (asker === 'ANONYMOUS') return null;
  if (asker === 'SIGNED_IN') return cast.stranger;
  return api.token(cast.person(asker === 'COMMITTEE' ? 'hub COMMITTEE' : `alpha ${asker}`));
};

/** Calls a verb. @returns the first code it is refused with, or DONE */
async function call(asker: Asker, verb: string, input: Record<string, unknown>): Promise<string> {
  const type = String(api.app.schema.getMutationType()!.getFields()[verb]!.args[0]!.type);
  const { data, errors } = await api.ask(`mutation ($input: ${type}) { ${verb}(input: $input) { userErrors { code } } }`, { input }, await tokenOf(asker));
  return errors ? errors[0]!.extensions.code : (data[verb].userErrors[0]?.code ?? 'DONE');
}

/** Reads fields. @returns the data, or the code of the error */
async function read(asker: Asker, query: string, variables: Record<string, unknown> = {}): Promise<any> {
  const { data, errors } = await api.ask(query, variables, await tokenOf(asker));
  return errors ? errors[0]!.extensions.code : data;
}

/** Whether somebody is shown an action on a thing. */
async function can(asker: Asker, thing: string, action: string): Promise<boolean> {
  const query = `query ($id: ID!) { node(id: $id) {
    ... on Organization { can: viewerCan }
    ... on Contract { does: viewerCan }
    ... on Resource { may: viewerCan }
    ... on Booking { books: viewerCan }
    ... on Activity { joins: viewerCan }
    ... on Need { meets: viewerCan }
    ... on Project { drives: viewerCan }
    ... on Registration { comes: viewerCan }
    ... on Volunteer { serves: viewerCan }
    ... on RecruitmentCampaign { calls: viewerCan }
    ... on Recognition { honours: viewerCan }
    ... on Reward { offers: viewerCan }
  } }`;
  const { node } = await read(asker, query, { id: cast.id(thing) });
  return Object.values((node ?? {}) as Record<string, string[]>).some((actions) => actions.includes(action));
}

const outright = (asker: Asker) => (asker === 'ANONYMOUS' ? 'UNAUTHENTICATED' : 'FORBIDDEN');

interface Probe {
  /** What is observed of an asker; it changes nothing, be it allowed or not. */
  seen: (asker: Asker) => Promise<unknown>;
  /** What a cell of the table means for it. */
  means: (cell: Cell, asker: Asker) => unknown;
}

/** A version that nothing has: who may is told that it is stale, and nothing is changed. */
const STALE = 99;

/** A verb that is tried on what is the asker's own and on another's, and the action that viewerCan shows for it. */
const verb = (
  name: string,
  things: { own: (asker: Asker) => string; foreign: string; input?: (id: string) => Record<string, unknown> },
  shown: { action: string; on: (thing: string) => string },
  allowed = 'STALE_VERSION',
  elsewhere = 'NOT_ALLOWED',
): Probe => ({
  seen: async (asker) => {
    const on = things.input ?? ((id: string) => ({ id, version: STALE }));
    return {
      own: await call(asker, name, on(cast.id(things.own(asker)))), foreign: await call(asker, name, on(cast.id(things.foreign))),
      shownOnOwn: await can(asker, shown.on(things.own(asker)), shown.action), shownOnForeign: await can(asker, shown.on(things.foreign), shown.action),
    };
  },
  means: (cell, asker) => {
    if (cell === undefined) return { own: outright(asker), foreign: outright(asker), shownOnOwn: false, shownOnForeign: false };
    return { own: allowed, foreign: cell === 'all' ? allowed : elsewhere, shownOnOwn: true, shownOnForeign: cell === 'all' };
  },
});

const home = (asker: Asker) => (asker === 'COMMITTEE' ? 'hub' : 'alpha');
const always = (thing: string) => () => thing;
const itself = (thing: string) => thing;
const emptied = (data: unknown, field: (data: any) => unknown) => (typeof data === 'string' ? data : field(data));

/** A verb on a wish that is not there, which only who may do it at all is told. */
const wish = (name: string): Probe => ({
  seen: (asker) => call(asker, name, { id: cast.id('alpha'), version: STALE }),
  means: (cell, asker) => (cell === undefined ? outright(asker) : 'NOT_FOUND'),
});

const probes: Readonly<Record<Capability, Probe>> = {
  'public.read': {
    seen: async (asker) => emptied(await read(asker, '{ viewer { permissions } network { code } organizations(first: 1) { totalCount } resources(first: 1) { totalCount } }'), () => 'READ'),
    means: (cell, asker) => (cell ? 'READ' : outright(asker)),
  },
  'account.use': {
    seen: async (asker) => [await call(asker, 'changePassword', { currentPassword: 'not the password', newPassword: 'another horse battery' }), await call(asker, 'actAs', { membership: cast.id('membership of gamma ADMIN') })],
    means: (cell, asker) => (cell ? ['NOT_ALLOWED', 'NOT_FOUND'] : [outright(asker), outright(asker)]),
  },
  'invitation.answer': {
    seen: (asker) => call(asker, 'acceptInvitation', { code: 'no such code', displayName: 'Somebody', password: 'correct horse battery' }),
    means: (cell, asker) => (cell ? 'NOT_FOUND' : outright(asker)),
  },
  'organization.apply': {
    seen: (asker) => call(asker, 'applyToJoin', { organization: { name: '', kind: 'BUSINESS' } }),
    means: (cell, asker) => (cell ? 'INVALID' : outright(asker)),
  },
  'organization.review': verb('suspendOrganization', { own: always('alpha'), foreign: 'beta' }, { action: 'SUSPEND', on: itself }),
  'organization.leave': {
    seen: async (asker) => ({ own: await call(asker, 'leaveNetwork', { id: cast.id('alpha'), version: STALE }), foreign: await call(asker, 'leaveNetwork', { id: cast.id('omega'), version: STALE }), shownOnOwn: await can(asker, 'alpha', 'LEAVE'), shownOnForeign: await can(asker, 'omega', 'LEAVE') }),
    means: (cell, asker) =>
      cell === undefined ? { own: outright(asker), foreign: outright(asker), shownOnOwn: false, shownOnForeign: false } : { own: 'STALE_VERSION', foreign: 'NOT_ALLOWED', shownOnOwn: true, shownOnForeign: false },
  },
  'organization.edit': verb('updateOrganization', { own: home, foreign: 'beta' }, { action: 'EDIT', on: itself }),
  'organization.contact': {
    seen: async (asker) => {
      const { own, partner, other } = await read(asker, 'query ($own: ID!, $partner: ID!, $other: ID!) { own: node(id: $own) { ...C } partner: node(id: $partner) { ...C } other: node(id: $other) { ...C } } fragment C on Organization { contact { person } }', {
        own: cast.id(home(asker)), partner: cast.id('beta'), other: cast.id('omega'),
      });
      return [own, partner, other].map(({ contact }) => contact !== null);
    },
    means: (cell) => (cell === undefined ? [false, false, false] : [true, true, cell === 'all']),
  },
  'member.read': {
    seen: async (asker) => {
      const { own, foreign } = await read(asker, 'query ($own: ID!, $foreign: ID!) { own: node(id: $own) { ...M } foreign: node(id: $foreign) { ...M } } fragment M on Organization { members { totalCount } }', { own: cast.id(home(asker)), foreign: cast.id('beta') });
      return [own.members?.totalCount > 0, foreign.members === null ? 'hidden' : foreign.members.totalCount];
    },
    means: (cell) => (cell === undefined ? [false, 'hidden'] : [true, cell === 'all' ? 2 : 'hidden']),
  },
  'member.manage': verb(
    'endMembership', { own: (asker) => `membership of ${asker === 'COMMITTEE' ? 'hub' : 'alpha'} STAFF`, foreign: 'membership of beta STAFF' },
    { action: 'INVITE_MEMBER', on: (thing) => thing.split(' ')[2]! }, 'STALE_VERSION', 'NOT_FOUND',
  ),
  'contract.read': {
    seen: async (asker) => {
      const listed = emptied(await read(asker, '{ contracts(first: 100) { nodes { title } } }'), ({ contracts }) => contracts.nodes.map(({ title }: { title: string }) => title).sort());
      const { node } = await read(asker, 'query ($id: ID!) { node(id: $id) { ... on Organization { contracts { totalCount } } } }', { id: cast.id('alpha') });
      return { listed, nested: node.contracts !== null };
    },
    means: (cell, asker) => {
      if (cell === undefined) return { listed: outright(asker), nested: false };
      const own = ['alpha alone', 'alpha and beta', 'alpha and sigma', 'alpha proposes', 'alpha to the hub', 'beta and alpha', 'beta proposes'];
      return { listed: cell === 'all' ? [...own, 'beta alone', 'beta and omega', 'sigma alone', 'sigma proposes'].sort() : own, nested: true };
    },
  },
  'contract.draft': {
    seen: async (asker) => ({
      drafts: await call(asker, 'draftContract', { title: 'New', term: { from: '2026-01-01' }, parties: [cast.id('alpha'), cast.id('hub2')], clauses: [{ governanceDuty: { obligor: cast.id('alpha'), text: 'A duty', category: 'OTHER' } }] }),
      edits: await call(asker, 'updateContract', { id: cast.id('alpha alone'), version: STALE, title: 'Changed' }),
      shown: [await can(asker, 'alpha alone', 'EDIT'), await can(asker, 'alpha alone', 'PROPOSE'), await can(asker, 'beta and omega', 'AMEND'), await can(asker, 'beta', 'PROPOSE_CONTRACT')],
    }),
    means: (cell, asker) =>
      cell === undefined
        ? { drafts: outright(asker), edits: outright(asker), shown: [false, false, false, false] }
        : { drafts: 'NOT_FOUND', edits: 'STALE_VERSION', shown: [true, true, cell === 'all', true] },
  },
  // Both on what another party drafted, since it is being party that counts.
  'contract.sign': {
    seen: async (asker) => {
      const [own, foreign] = asker === 'COMMITTEE' ? ['alpha to the hub', 'beta proposes'] : ['beta proposes', 'alpha to the hub'];
      const sign = (name: string) => call(asker, 'signContract', { id: cast.id(name), contentHash: '0'.repeat(64) });
      return {
        signs: await sign(own), rejects: await call(asker, 'rejectContract', { id: cast.id(own), version: STALE }), shown: await can(asker, own, 'SIGN'),
        // Of the hub's Alpha is party too.
        foreign: asker === 'COMMITTEE' ? [await sign(foreign), await can(asker, foreign, 'SIGN')] : [],
      };
    },
    means: (cell, asker) => {
      if (cell === undefined) return { signs: outright(asker), rejects: outright(asker), shown: false, foreign: asker === 'COMMITTEE' ? [outright(asker), false] : [] };
      return { signs: 'STALE_VERSION', rejects: 'STALE_VERSION', shown: true, foreign: asker === 'COMMITTEE' ? ['NOT_ALLOWED', false] : [] };
    },
  },
  'contract.suspend': {
    seen: async (asker) => ({ suspends: await call(asker, 'suspendContract', { id: cast.id('alpha and beta'), version: STALE }), shown: await can(asker, 'alpha and beta', 'SUSPEND') }),
    means: (cell, asker) => (cell === undefined ? { suspends: outright(asker), shown: false } : { suspends: 'STALE_VERSION', shown: true }),
  },
  'contract.terminate': {
    seen: async (asker) => ({ ends: await call(asker, 'terminateContract', { id: cast.id('beta and alpha'), version: STALE }), shown: await can(asker, 'beta and alpha', 'TERMINATE') }),
    means: (cell, asker) => (cell === undefined ? { ends: outright(asker), shown: false } : { ends: 'STALE_VERSION', shown: true }),
  },
  'resource.manage': verb('updateResource', { own: (asker) => (asker === 'COMMITTEE' ? 'PUBLIC of the hub' : 'PUBLIC of alpha'), foreign: 'PUBLIC of beta' }, { action: 'EDIT', on: itself }),
  'resource.block': {
    seen: async (asker) => {
      const past = { start: '2020-01-01T10:00:00Z', end: '2020-01-01T11:00:00Z' };
      const block = (name: string) => call(asker, 'blockTime', { resource: cast.id(name), range: past });
      return [await block(asker === 'COMMITTEE' ? 'PUBLIC of the hub' : 'PUBLIC of alpha'), await block('PUBLIC of beta')];
    },
    means: (cell, asker) => (cell === undefined ? [outright(asker), outright(asker)] : ['INVALID', cell === 'all' ? 'INVALID' : 'NOT_ALLOWED']),
  },
  'booking.read': {
    seen: async (asker) => emptied(await read(asker, '{ bookings(first: 100) { nodes { id } } }'), ({ bookings }) => bookings.nodes.map(({ id }: { id: string }) => id).sort()),
    means: (cell, asker) => {
      if (cell === undefined) return outright(asker);
      const seen = cell === 'self' ? [] : ['booking at alpha', 'booking at beta', ...(cell === 'all' ? ['booking at omega', 'booking at sigma', 'booking at the hub', 'booking of the hub'] : [])];
      return seen.map((name) => cast.id(name)).sort();
    },
  },
  'booking.book': {
    seen: (asker) => call(asker, 'bookResource', { resource: cast.id('PUBLIC of gamma'), range: { start: '2199-01-01T10:00:00Z', end: '2199-01-01T11:00:00Z' } }),
    means: (cell, asker) => (cell === undefined ? outright(asker) : 'NOT_FOUND'),
  },
  // None of them waits for an approval: who may decide is told so.
  'booking.decide': {
    seen: async (asker) => {
      const decide = (name: string) => call(asker, 'approveBooking', { id: cast.id(name), version: STALE });
      return [await decide(asker === 'COMMITTEE' ? 'booking at the hub' : 'booking at alpha'), await decide(asker === 'COMMITTEE' ? 'booking of the hub' : 'booking at beta')];
    },
    means: (cell, asker) => (cell === undefined ? [outright(asker), outright(asker)] : ['WRONG_STATE', cell === 'all' ? 'WRONG_STATE' : 'NOT_ALLOWED']),
  },
  'booking.use': {
    seen: async (asker) => {
      const [own, foreign] = asker === 'COMMITTEE' ? ['booking of the hub', 'booking at beta'] : ['booking at beta', 'booking at omega'];
      const cancel = (name: string) => call(asker, 'cancelBooking', { id: cast.id(name), version: STALE });
      return { own: await cancel(own), foreign: await cancel(foreign), shown: await can(asker, own, 'CANCEL') };
    },
    means: (cell, asker) => {
      if (cell === undefined) return { own: outright(asker), foreign: outright(asker), shown: false };
      return { own: 'STALE_VERSION', foreign: asker === 'COMMITTEE' ? 'NOT_ALLOWED' : 'NOT_FOUND', shown: true };
    },
  },
  'record.correct': {
    // By a request that there is not: who may is told so.
    seen: async (asker) => {
      const correct = async (of: string) => call(asker, 'correctServiceRecord', { record: records.get(of)!, place: 'Elsewhere', reason: 'Wrong', request: madeUpRequest });
      return [await correct(home(asker)), await correct('beta')];
    },
    means: (cell, asker) => (cell === undefined ? [outright(asker), outright(asker)] : ['NOT_FOUND', cell === 'all' ? 'NOT_FOUND' : 'NOT_ALLOWED']),
  },
  'correction.request': {
    // Of the volunteers of another none is asked for, nor by a volunteer for anybody else.
    seen: async (asker) => {
      const ask = (of: string) => call(asker, 'requestCorrection', { record: records.get(of)!, reason: 'Wrong' });
      return [await ask(asker === 'COMMITTEE' ? 'waiting beta' : 'waiting alpha'), await ask('beta for alpha')];
    },
    means: (cell, asker) => {
      if (cell === undefined) return [outright(asker), outright(asker)];
      return asker === 'VOLUNTEER' ? ['NOT_FOUND', 'NOT_FOUND'] : ['DUPLICATE', cell === 'all' ? 'DUPLICATE' : 'NOT_ALLOWED'];
    },
  },
  'record.exchange': {
    seen: async (asker) => call(asker, 'exportServiceRecords', { period: { from: '2020-01-01', to: '2020-01-02' } }),
    means: (cell, asker) => (cell === undefined ? outright(asker) : 'INVALID'),
  },
  'certificate.issue': {
    // Of what is not recorded no certificate is made: who may is told so.
    seen: async (asker) => {
      const issue = (of: string) =>
        call(asker, 'issueCertificate', { volunteer: volunteerOf(of), period: { from: '2026-01-01', to: '2026-01-31' }, responsiblePerson: 'Somebody', contact: 'Somewhere' });
      return [await issue(home(asker)), await issue('beta')];
    },
    means: (cell, asker) => (cell === undefined ? [outright(asker), outright(asker)] : ['INVALID', cell === 'all' ? 'INVALID' : 'NOT_ALLOWED']),
  },
  'file.upload': {
    seen: (asker) => call(asker, 'createUpload', { purpose: 'ACTIVITY_PHOTO', name: 'photo.svg', size: 1, mediaType: 'image/svg+xml' }),
    means: (cell, asker) => (cell === undefined ? outright(asker) : 'INVALID'),
  },
  'record.read': {
    seen: async (asker) => emptied(await read(asker, '{ serviceRecords(first: 1) { totalCount } }'), () => 'READ'),
    means: (cell, asker) => (cell === undefined ? outright(asker) : 'READ'),
  },
  'points.policy': {
    seen: (asker) => call(asker, 'updatePointsPolicy', { version: STALE }),
    means: (cell, asker) => (cell === undefined ? outright(asker) : 'STALE_VERSION'),
  },
  // Alpha and the hub take part in what Beta holds, and in nothing of Omega's.
  'activity.host': {
    seen: async (asker) => {
      const things = [asker === 'COMMITTEE' ? 'activity of the hub' : 'activity of alpha', 'activity of beta', 'activity of omega'];
      const seen = [];
      for (const thing of things) seen.push(await call(asker, 'updateActivity', { id: cast.id(thing), version: STALE, title: 'Changed' }), await can(asker, thing, 'EDIT'));
      return seen;
    },
    means: (cell, asker) => {
      if (cell === undefined) return [1, 2, 3].flatMap(() => [outright(asker), false]);
      return ['STALE_VERSION', true, ...(cell === 'all' ? ['STALE_VERSION', true, 'STALE_VERSION', true] : ['NOT_ALLOWED', false, 'NOT_ALLOWED', false])];
    },
  },
  'activity.takePart': {
    seen: async (asker) => {
      const pledge = (thing: string) => call(asker, 'pledge', { activity: cast.id(thing), resources: [{ resource: cast.id('PUBLIC of gamma') }] });
      return [await pledge('activity of beta'), await can(asker, 'activity of beta', 'PLEDGE'), await pledge('activity of omega'), await call(asker, 'answerInvitation', { activity: cast.id('activity of omega'), accept: true })];
    },
    means: (cell, asker) => (cell === undefined ? [outright(asker), false, outright(asker), outright(asker)] : ['NOT_FOUND', true, 'NOT_ALLOWED', 'NOT_ALLOWED']),
  },
  // The dates are past: who may schedule them is told so.
  'team.manage': {
    seen: async (asker) => {
      const schedule = (thing: string) => call(asker, 'scheduleCourseSession', { course: cast.id(thing), range: { start: '2020-01-01T10:00:00Z', end: '2020-01-01T11:00:00Z' }, capacity: 1 });
      return [await schedule(`course of ${home(asker)}`), await schedule('course of omega')];
    },
    means: (cell, asker) => (cell === undefined ? [outright(asker), outright(asker)] : ['INVALID', cell === 'all' ? 'INVALID' : 'NOT_ALLOWED']),
  },
  'course.enroll': {
    seen: (asker) => call(asker, 'enroll', { session: cast.id('date of gamma') }),
    means: (cell, asker) => (cell === undefined ? outright(asker) : 'NOT_FOUND'),
  },
  'activity.register': {
    seen: (asker) => can(asker, 'activity of omega', 'REGISTER'),
    means: (cell) => cell !== undefined,
  },
  'reward.read': {
    seen: async (asker) => emptied(await read(asker, '{ rewards(first: 1) { totalCount } }'), ({ rewards }) => rewards.totalCount),
    means: (cell, asker) => (cell === undefined ? outright(asker) : 3),
  },
  'reward.manage': verb('updateReward', { own: (asker) => `reward of ${home(asker)}`, foreign: 'reward of beta' }, { action: 'EDIT', on: itself }),
  'reward.redeem': {
    seen: (asker) => call(asker, 'redeem', { reward: cast.id('alpha'), price: 1 }),
    means: (cell, asker) => (cell === undefined ? outright(asker) : 'NOT_FOUND'),
  },
  'redemption.read': {
    seen: async (asker) => emptied(await read(asker, '{ redemptions(first: 100) { nodes { id } } }'), ({ redemptions }) => redemptions.nodes.map(({ id }: { id: string }) => id).sort()),
    means: (cell, asker) => {
      if (cell === undefined) return outright(asker);
      const seen = cell === 'self' ? [] : cell === 'all' ? ['alpha', 'beta', 'hub'] : [home(asker)];
      return seen.map((name) => cast.id(`redemption at ${name}`)).sort();
    },
  },
  'redemption.fulfil': {
    seen: async (asker) => {
      const fulfil = (name: string) => call(asker, 'fulfilRedemption', { id: cast.id(name), pickupCode: 'no such code' });
      return [await fulfil(`redemption at ${home(asker)}`), await fulfil('redemption at beta')];
    },
    means: (cell, asker) => (cell === undefined ? [outright(asker), outright(asker)] : ['INVALID', asker === 'COMMITTEE' ? 'NOT_ALLOWED' : 'NOT_FOUND']),
  },
  // Without the reason that staff has to give; a volunteer sees no redemption but the own.
  'redemption.cancel': {
    seen: async (asker) => {
      const cancel = (name: string) => call(asker, 'cancelRedemption', { id: cast.id(name) });
      return [await cancel(`redemption at ${home(asker)}`), await cancel('redemption at beta')];
    },
    means: (cell, asker) => {
      if (cell === undefined) return [outright(asker), outright(asker)];
      return cell === 'self' ? ['NOT_FOUND', 'NOT_FOUND'] : ['INVALID', asker === 'COMMITTEE' ? 'NOT_ALLOWED' : 'NOT_FOUND'];
    },
  },
  'wish.submit': wish('confirmWish'),
  'wish.moderate': wish('publishWish'),
  'wish.claim': wish('claimWish'),
  'wish.release': wish('releaseWish'),
  'points.issue': {
    seen: async (asker) => [await call(asker, 'grantBonus', { volunteer: cast.id('alpha'), amount: 1, reason: 'x' }), await call(asker, 'reverseTransfer', { transfer: cast.id('alpha') })],
    means: (cell, asker) => (cell === undefined ? [outright(asker), outright(asker)] : ['NOT_FOUND', 'NOT_FOUND']),
  },
  // Neither has taken any points.
  'points.settle': {
    seen: async (asker) => {
      const state = (name: string) => call(asker, 'settleMerchant', { organization: cast.id(name), period: { from: '2020-01-01', to: '2020-01-31' }, total: 1 });
      return [await state(home(asker)), await state('beta')];
    },
    means: (cell, asker) => (cell === undefined ? [outright(asker), outright(asker)] : ['INVALID', cell === 'all' ? 'INVALID' : 'NOT_ALLOWED']),
  },
  'volunteer.apply': {
    seen: (asker) => call(asker, 'applyAsVolunteer', { occupation: 'STUDENT', personal: { legalName: '' }, consents: ['PERSONAL_DATA'] }),
    means: (cell, asker) => (cell ? 'INVALID' : outright(asker)),
  },
  'volunteer.read': {
    seen: async (asker) => emptied(await read(asker, '{ volunteers(first: 100) { nodes { displayName } } }'), ({ volunteers }) => volunteers.nodes.map(({ displayName }: { displayName: string }) => displayName).filter((name: string) => / by /.test(name)).sort()),
    means: (cell, asker) => {
      if (cell === undefined) return outright(asker);
      return cell === 'all' ? ['Listed', 'Visited'].flatMap((how) => ['alpha', 'beta', 'sigma', 'the hub'].map((where) => `${how} by ${where}`)) : cell === 'own' ? ['Listed by alpha', 'Visited by alpha'] : asker === 'VOLUNTEER' ? ['Listed by alpha'] : [];
    },
  },
  'volunteer.manage': verb('approveVolunteer', { own: (asker) => `volunteer of ${asker === 'COMMITTEE' ? 'the hub' : 'alpha'}`, foreign: 'listed volunteer of beta' }, { action: 'APPROVE', on: itself }),
  'recognition.nominate': {
    seen: (asker) => call(asker, 'nominate', { volunteer: cast.id('alpha'), kind: 'STAR_VOLUNTEER', citation: 'x' }),
    means: (cell, asker) => (cell === undefined ? outright(asker) : 'NOT_FOUND'),
  },
  'recognition.review': {
    seen: async (asker) => ({ rejects: await call(asker, 'rejectRecognition', { id: cast.id('recognition'), version: STALE, reason: 'x' }), shown: await can(asker, 'recognition', 'REJECT') }),
    means: (cell, asker) => (cell === undefined ? { rejects: outright(asker), shown: false } : { rejects: 'STALE_VERSION', shown: true }),
  },
  'recognition.object': {
    seen: async (asker) => ({ objects: await call(asker, 'objectToRecognition', { id: cast.id('recognition'), reason: '' }), shown: await can(asker, 'recognition', 'OBJECT') }),
    means: (cell, asker) => (cell === undefined ? { objects: outright(asker), shown: false } : { objects: 'INVALID', shown: true }),
  },
  'volunteer.self': {
    seen: async (asker) => {
      const update = (name: string) => call(asker, 'updateVolunteer', { id: cast.id(name), version: STALE });
      return [await update(`volunteer of ${asker === 'COMMITTEE' ? 'the hub' : 'alpha'}`), await update('listed volunteer of beta')];
    },
    means: (cell, asker) => {
      if (cell === undefined) return [outright(asker), outright(asker)];
      // Whoever does it to the own person alone sees nobody else, but for members who see who is on the list of all.
      if (cell === 'self') return ['NOT_FOUND', asker === 'VOLUNTEER' ? 'NOT_ALLOWED' : 'NOT_FOUND'];
      return ['STALE_VERSION', cell === 'all' ? 'STALE_VERSION' : 'NOT_ALLOWED'];
    },
  },
  'campaign.manage': verb('closeCampaign', { own: (asker) => `call of ${asker === 'COMMITTEE' ? 'the hub' : 'alpha'}`, foreign: 'call of beta' }, { action: 'CLOSE', on: itself }),
  'need.raise': {
    seen: async (asker) => [await call(asker, 'submitNeed', { title: '', description: 'It is needed', category: 'OTHER' }), await can(asker, 'need of omega', 'SUPPORT')],
    means: (cell, asker) => (cell === undefined ? [outright(asker), false] : ['INVALID', true]),
  },
  'need.triage': {
    seen: async (asker) => ({ accepts: await call(asker, 'acceptNeed', { id: cast.id('need unseen'), version: STALE }), shown: await can(asker, 'need unseen', 'ACCEPT') }),
    means: (cell, asker) => (cell === undefined ? { accepts: outright(asker), shown: false } : { accepts: 'STALE_VERSION', shown: true }),
  },
  'need.takeOn': verb(
    'resolveNeed', { own: always('need of alpha'), foreign: 'need of beta', input: (id) => ({ id, version: STALE, resolution: 'Met' }) }, { action: 'RESOLVE', on: itself },
  ),
  // A need of another network ends it in either case.
  'project.propose': {
    seen: async (asker) => {
      const propose = (lead: string) =>
        call(asker, 'proposeProject', { title: 'New', category: 'OTHER', goal: 'A goal', period: { from: '2026-01-01' }, lead: cast.id(lead), needs: [cast.id('need of gamma')] });
      return [await propose(home(asker)), await propose('beta')];
    },
    means: (cell, asker) => (cell === undefined ? [outright(asker), outright(asker)] : ['NOT_FOUND', cell === 'all' ? 'NOT_FOUND' : 'NOT_ALLOWED']),
  },
  'project.approve': {
    seen: async (asker) => ({ approves: await call(asker, 'approveProject', { id: cast.id('project proposed'), version: STALE }), shown: await can(asker, 'project proposed', 'APPROVE') }),
    means: (cell, asker) => (cell === undefined ? { approves: outright(asker), shown: false } : { approves: 'STALE_VERSION', shown: true }),
  },
  // Of what Beta leads Alpha is a partner.
  'project.lead': verb('startProject', { own: always('project of alpha'), foreign: 'project of beta' }, { action: 'START', on: itself }),
  'project.work': {
    seen: async (asker) => {
      const schedule = (name: string) =>
        call(asker, 'scheduleExchange', { project: cast.id(name), range: { start: '2199-01-01T10:00:00Z', end: '2199-01-01T11:00:00Z' }, attendees: [cast.id('gamma')] });
      return [await schedule('project of beta'), await can(asker, 'project of beta', 'SCHEDULE_EXCHANGE'), await schedule('project of omega'), await can(asker, 'project of omega', 'SCHEDULE_EXCHANGE')];
    },
    means: (cell, asker) => {
      if (cell === undefined) return [outright(asker), false, outright(asker), false];
      return ['NOT_FOUND', true, ...(cell === 'all' ? ['NOT_FOUND', true] : ['NOT_ALLOWED', false])];
    },
  },
  'feedback.give': {
    seen: (asker) => call(asker, 'giveFeedback', { code: 'no such code', rating: 3 }),
    means: (cell, asker) => (cell === undefined ? outright(asker) : 'NOT_FOUND'),
  },
  // Of what Beta holds Alpha is a supporter, and no co-host; neither is open.
  'feedback.collect': {
    seen: async (asker) => [await call(asker, 'issueFeedbackCodes', { activity: cast.id('activity of alpha') }), await call(asker, 'issueFeedbackCodes', { activity: cast.id('activity of beta') })],
    means: (cell, asker) => (cell === undefined ? [outright(asker), outright(asker)] : ['WRONG_STATE', cell === 'all' ? 'WRONG_STATE' : 'NOT_ALLOWED']),
  },
  'registration.read': {
    seen: async (asker) => emptied(await read(asker, '{ registrations(first: 100) { nodes { id } } }'), ({ registrations }) => registrations.nodes.map(({ id }: { id: string }) => id).sort()),
    means: (cell, asker) => {
      if (cell === undefined) return outright(asker);
      const seen = ['registration of alpha', ...(cell === 'self' ? [] : ['registration at alpha']), ...(cell === 'all' ? ['registration of omega'] : [])];
      return seen.map((name) => cast.id(name)).sort();
    },
  },
  // Each is registered already: who may is told so. The whole network sees the names of both.
  'registration.register': {
    seen: async (asker) => {
      const register = (volunteer: string) => call(asker, 'registerForShift', { shift: cast.id('shift of omega'), volunteer: cast.id(volunteer) });
      return [await register('listed volunteer of alpha'), await register('listed volunteer of beta')];
    },
    means: (cell, asker) => (cell === undefined ? [outright(asker), outright(asker)] : ['DUPLICATE', cell === 'all' ? 'DUPLICATE' : 'NOT_ALLOWED']),
  },
  'registration.cancel': verb(
    'cancelRegistration', { own: always('registration of alpha'), foreign: 'registration of omega' }, { action: 'CANCEL', on: itself }, 'STALE_VERSION', 'NOT_FOUND',
  ),
  // It is too early for anybody who may; a volunteer needs a code.
  'registration.attend': {
    seen: async (asker) => {
      const checkIn = (name: string) => call(asker, 'checkIn', { registration: cast.id(name) });
      return [await checkIn('registration at alpha'), await checkIn('registration of alpha')];
    },
    means: (cell, asker) => {
      if (cell === undefined) return [outright(asker), outright(asker)];
      return cell === 'self' ? ['NOT_FOUND', 'NOT_ALLOWED'] : ['TOO_EARLY', cell === 'all' ? 'TOO_EARLY' : 'NOT_ALLOWED'];
    },
  },
  'registration.confirm': {
    seen: async (asker) => {
      const miss = (name: string) => call(asker, 'markNoShow', { id: cast.id(name), version: STALE });
      return [await miss('registration at alpha'), await miss('registration of alpha')];
    },
    means: (cell, asker) => (cell === undefined ? [outright(asker), outright(asker)] : ['TOO_EARLY', cell === 'all' ? 'TOO_EARLY' : 'NOT_ALLOWED']),
  },
  'audit.read': {
    seen: async (asker) => emptied(await read(asker, '{ auditLog(first: 100) { totalCount } }'), ({ auditLog }) => (auditLog.totalCount > 0 ? 'READ' : 'EMPTY')),
    means: (cell, asker) => (cell === undefined ? outright(asker) : 'READ'),
  },
};

test('the table of the server is the one of the field', () => {
  const theirs = Object.fromEntries(Object.entries(capabilities).map(([name, { cells }]) => [name, ASKERS.map((asker) => cells[asker] ?? '-')]));
  expect(theirs).toEqual(Object.fromEntries(names.map((name) => [name, TABLE[name].trim().split(/\s+/)])));
});

test.each(names)('%s is as the table says, whoever asks', async (name) => {
  for (const asker of ASKERS) expect([asker, await probes[name].seen(asker)]).toEqual([asker, probes[name].means(cellOf(name, asker), asker)]);
});

test.each(ASKERS)('the permissions of %s are as the table says', async (asker) => {
  expect((await read(asker, '{ viewer { permissions } }')).viewer.permissions.sort()).toEqual(PERMISSIONS[asker].split(' ').filter(Boolean).sort());
});

describe('each cell turned is noticed', () => {
  /** Only whether a role may at all is the table's; of what, the readers of the rows say, and the oracle asks them. */
  const SCOPE_IS_OF_THE_ROWS: readonly Capability[] = [
    'public.read',
    'account.use',
    'invitation.answer',
    'organization.apply',
    'contract.read',
    'booking.read',
    'record.read',
    'registration.read',
    'volunteer.apply',
    'feedback.give',
    'volunteer.read',
    'volunteer.self',
    'audit.read',
    'recognition.nominate',
    'reward.read',
    'redemption.read',
    'course.enroll',
  ];
  /** Turns that nobody outside can notice; the comparison of the two tables above does. */
  const HELD_OTHERWISE: readonly RegExp[] = [
    // A contact is a row of its own, whose readers decide alone.
    /^organization\.contact /,
    // An administrator sees no contract but those that the own organization is party to.
    /^contract\.(draft|sign|terminate) ADMIN party to all$/,
    // Whether the hub is party to what the committee signs, the lifecycle of contracts asks as well.
    /^contract\.sign COMMITTEE party to all$/,
    // Who books, books for the own organization.
    /^booking\.book \w+ own to all$/,
    // Whether a record is the volunteer's own, the verb asks by itself.
    /^correction\.request VOLUNTEER self to (own|party)$/,
    // Of days without any nothing is exchanged; whose they are, the query says.
    /^record\.exchange \w+ own to (all|party)$/, /^record\.exchange COMMITTEE all to (own|party)$/,
    // Who uploads a file, uploads it for the own organization.
    /^file\.upload \w+ own to (all|party)$/,
    // What is booked is written by its two parties alone.
    /^booking\.(use|decide) \w+ \w+ to all$/, /^resource\.block \w+ own to all$/,
    // Only a member registers, whatever the table says of others; a resident belongs to no activity's host.
    /^activity\.register (SIGNED_IN|ANONYMOUS) /, /^activity\.register RESIDENT - to (own|party)$/,
    // Of the registrations of others a volunteer sees nothing, and other organizations nothing of those that do not concern them.
    /^registration\.(register|cancel|attend) VOLUNTEER self to (own|party)$/, /^registration\.cancel (ADMIN|STAFF) party to all$/,
    // What others offer is redeemed out of sight, but for the committee; a volunteer sees the own redemptions alone.
    /^redemption\.(fulfil|cancel) (ADMIN|STAFF) own to all$/, /^redemption\.cancel VOLUNTEER self to (own|party)$/,
    // A membership has an owner and no parties; who belongs to nothing has nothing of the own.
    /^member\.read \w+ \S+ to party$/, /^member\.read (SIGNED_IN|ANONYMOUS) - to own$/,
  ];

  /** All that a cell may hold; to the server `self` and `all` are one. */
  const alternatives = (cell: Cell): Cell[] => ([undefined, 'all', 'own', 'party'] as const).filter((other) => other !== cell && !(cell === 'self' && other === 'all'));

  test.each(names)('of %s', async (name) => {
    const cells = capabilities[name].cells;
    const unnoticed: string[] = [];
    for (const asker of ASKERS) {
      const right = cells[asker];
      for (const other of alternatives(right)) {
        if (right !== undefined && other !== undefined && SCOPE_IS_OF_THE_ROWS.includes(name)) continue;
        if (other === undefined) delete cells[asker];
        else cells[asker] = other;
        const seen = await probes[name].seen(asker);
        if (JSON.stringify(seen) === JSON.stringify(probes[name].means(right, asker))) unnoticed.push(`${asker} ${right ?? '-'} to ${other ?? '-'}`);
        if (right === undefined) delete cells[asker];
        else cells[asker] = right;
      }
    }
    expect(unnoticed.filter((turn) => !HELD_OTHERWISE.some((known) => known.test(`${name} ${turn}`)))).toEqual([]);
  }, 120_000);
});
