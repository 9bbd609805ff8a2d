import { createHmac, randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { v7 } from 'uuid';
import { toGlobalId } from '../../src/platform/ids';
import { TestApi } from '../support/api';
import { Cast, digest, raw } from './cast';
import { idPaths, inputOf, mutations, type Given } from './inputs';
import { newToken, uuidOf } from './worlds';

jest.setTimeout(120_000);

/** Attacks on the access to rows: two networks, several organizations, each role, no token. */

let api: TestApi;
let cast: Cast;
beforeAll(async () => {
  api = await TestApi.start({ MAX_COST: '10000000', MAX_ALIASES: '1000' });
  cast = await Cast.of(api);
}, 180_000);
afterAll(() => api.stop());

const ROLES = ['hub COMMITTEE', 'hub STAFF', 'alpha ADMIN', 'alpha STAFF', 'alpha VOLUNTEER', 'alpha RESIDENT'] as const;

/** A token of somebody by name; `nobody` has none, `stranger` belongs to nothing. */
const tokenOf = async (who: string): Promise<string | null> => (who === 'nobody' ? null : who === 'stranger' ? cast.stranger : api.token(cast.person(who)));

/** What each may not see, by the names of the cast. */
const HIDDEN_FROM: Readonly<Record<string, string[]>> = {
  'hub COMMITTEE': ['PRIVATE of alpha', 'PRIVATE of sigma'],
  'hub STAFF': ['project proposed', 'PRIVATE of beta', 'CONTRACT of alpha', 'chi', 'membership of beta ADMIN', 'user beta ADMIN', 'alpha and beta', 'grant of alpha and beta', 'beta alone', 'activity of alpha'],
  'alpha ADMIN': [
    'project proposed', 'PRIVATE of beta', 'CONTRACT of beta', 'PRIVATE of omega', 'NETWORK of sigma', 'PUBLIC of sigma', 'chi', 'membership of beta ADMIN', 'membership of chi ADMIN', 'user beta ADMIN', 'beta alone',
    'beta and omega', 'grant of beta and omega', 'sigma alone', 'booking at omega', 'activity of the hub', 'volunteer of beta', 'volunteer of sigma',
  ],
  'alpha STAFF': ['project proposed', 'PRIVATE of beta', 'chi', 'membership of hub COMMITTEE', 'beta alone', 'grant of beta and omega', 'booking at omega', 'activity of the hub', 'volunteer of the hub', 'registration of omega'],
  'alpha VOLUNTEER': ['project proposed', 'PRIVATE of alpha', 'CONTRACT of alpha', 'chi', 'membership of alpha ADMIN', 'user alpha ADMIN', 'alpha and beta', 'alpha alone', 'grant of alpha and beta', 'booking at alpha', 'booking at beta', 'activity of alpha', 'activity of beta', 'volunteer of alpha', 'shift of alpha', 'registration at alpha', 'registration of omega'],
  'alpha RESIDENT': ['project proposed', 'need unseen', 'NETWORK of alpha', 'CONTRACT of alpha', 'chi', 'membership of alpha VOLUNTEER', 'alpha and beta', 'activity of alpha'],
  'beta ADMIN': ['PRIVATE of alpha', 'alpha alone', 'alpha and sigma', 'grant of alpha and sigma', 'membership of alpha STAFF', 'activity of the hub'],
  'sigma ADMIN': ['project proposed', 'need unseen', 'NETWORK of alpha', 'CONTRACT of alpha', 'alpha and beta', 'membership of alpha STAFF', 'activity of alpha'],
  'chi ADMIN': ['project proposed', 'need unseen', 'NETWORK of alpha', 'alpha and beta', 'membership of alpha ADMIN', 'CONTRACT of alpha', 'activity of alpha'],
  stranger: ['project proposed', 'need unseen', 'NETWORK of alpha', 'CONTRACT of alpha', 'chi', 'user alpha ADMIN', 'alpha and beta', 'membership of alpha ADMIN', 'activity of alpha'],
  nobody: ['project proposed', 'need unseen', 'NETWORK of alpha', 'CONTRACT of alpha', 'PRIVATE of alpha', 'chi', 'user alpha ADMIN', 'alpha and beta', 'grant of alpha and beta', 'membership of alpha ADMIN', 'booking at alpha', 'booking at the hub', 'activity of alpha', 'activity of the hub', 'volunteer of alpha', 'shift of alpha', 'registration of alpha'],
};
/** Of the other network nobody sees anything, be it public there. */
const ELSEWHERE = ['need of gamma', 'project of gamma', 'gamma', 'hub2', 'network2', 'PUBLIC of gamma', 'PRIVATE of gamma', 'position of gamma', 'membership of gamma ADMIN', 'user gamma ADMIN', 'gamma and hub2', 'grant of gamma and hub2', 'booking at gamma', 'activity of gamma', 'call of gamma', 'volunteer of gamma', 'shift of gamma', 'registration of gamma', 'team of gamma', 'course of gamma', 'date of gamma'];

const typeOf = (globalId: string) => Buffer.from(globalId, 'base64url').toString().split(':')[0]!;
const madeUp = (type: string) => toGlobalId(type, v7());

/** What an id is answered with, the id itself taken out. */
async function answerTo(id: string, query: string, variables: Record<string, unknown>, token: string | null): Promise<string> {
  const { status, headers, text } = await raw(api, query, variables, token);
  return [status, headers, text.replaceAll(id, 'ID').replaceAll(uuidOf(id), 'UUID')].join('\n');
}

describe('what is hidden is answered to the byte like what never was (1, 2, 3)', () => {
  const READS = [
    'query ($id: ID!) { node(id: $id) { __typename id } }',
    'query ($id: ID!) { nodes(ids: [$id, $id]) { __typename id } }',
    'query ($id: ID!) { resources(filter: { owner: $id }) { totalCount nodes { id } } }',
    'query ($id: ID!) { resources(filter: { position: $id }) { totalCount nodes { id } } }',
    'query ($id: ID!) { contracts(filter: { party: $id }) { totalCount nodes { id } } }',
    'query ($id: ID!) { activities(filter: { organization: $id }) { totalCount nodes { id } } }',
    'query ($id: ID!) { activities(filter: { position: $id }) { totalCount nodes { id } } }',
    'query ($id: ID!) { volunteers(filter: { organization: $id }) { totalCount nodes { id } } }',
    'query ($id: ID!) { volunteers(filter: { campaign: $id }) { totalCount nodes { id } } }',
  ];

  test.each(Object.keys(HIDDEN_FROM))('read by %s', async (who) => {
    const token = await tokenOf(who);
    for (const name of [...HIDDEN_FROM[who]!, ...ELSEWHERE]) {
      const id = cast.id(name);
      const never = madeUp(typeOf(id));
      for (const query of READS) {
        // An organization or position that is on nobody's list all the same tells nothing of what is its own.
        if (query.includes('filter') && !['Organization', 'Position'].includes(typeOf(id))) continue;
        expect([who, name, await answerTo(id, query, { id }, token)]).toEqual([who, name, await answerTo(never, query, { id: never }, token)]);
      }
      const { data } = await api.ask(READS[0]!, { id }, token);
      expect([name, data.node]).toEqual([name, null]);
    }
  });

  test.each(['hub COMMITTEE', 'alpha ADMIN', 'alpha STAFF', 'beta ADMIN', 'sigma ADMIN'])('wherever a mutation takes an id, from %s', async (who) => {
    const token = await tokenOf(who);
    const before = await digest(api);
    let tried = 0;
    // Two try everything; the others every third of it, each mutation with other ids.
    const step = who === 'hub COMMITTEE' || who === 'alpha ADMIN' ? 1 : 3;
    for (const { name, input } of mutations(api.app.schema)) {
      if (name === 'actAs' || name === 'applyToJoin') continue;
      for (const path of idPaths(input)) {
        for (const hidden of [...HIDDEN_FROM[who]!, ...ELSEWHERE].filter((_, at) => (at + tried) % step === 0)) {
          const id = cast.id(hidden);
          const never = madeUp(typeOf(id));
          const answers = [];
          for (const value of [id, never]) {
            const query = `mutation ($input: ${input.name}!) { ${name}(input: $input) { __typename userErrors { code message path } } }`;
            answers.push(await answerTo(value, query, { input: inputOf(input, givenTo(who, name), { path, value }) }, token));
          }
          expect([name, path, hidden, answers[0]]).toEqual([name, path, hidden, answers[1]]);
          expect([name, path, hidden, answers[0]]).not.toEqual([name, path, hidden, expect.stringContaining('"userErrors":[]')]);
          tried++;
        }
      }
    }
    expect(tried).toBeGreaterThan(300 / step);
    expect(await digest(api)).toEqual(before);
  }, 240_000);

  test('an id of another type, a malformed one and a misspelt one are nothing', async () => {
    const token = await tokenOf('alpha ADMIN');
    const uuid = uuidOf(cast.id('PUBLIC of alpha'));
    const id = cast.id('PUBLIC of alpha');
    const wrong = [
      toGlobalId('Contract', uuid), toGlobalId('Nothing', uuid), toGlobalId('__proto__', uuid), toGlobalId('Resource', uuid.toUpperCase()), `${id}=`, `${id} `, uuid, '', 'Resource', '\u0000',
      Buffer.from(`Resource:${uuid}' OR true`).toString('base64url'), Buffer.from(`Resource:${uuid}`).toString('base64').replace(/=*$/, '=='),
    ];
    for (const value of wrong) {
      const { data, errors } = await api.ask('query ($id: ID!) { node(id: $id) { id } }', { id: value }, token);
      expect([value, data, errors]).toEqual([value, { node: null }, undefined]);
      const refused = await api.mutate('updateResource', { id: value, version: 1, name: 'Mine' }, token);
      expect([value, refused.userErrors[0].code]).toEqual([value, 'NOT_FOUND']);
    }
  });

  test('takes as long', async () => {
    const token = await tokenOf('alpha ADMIN');
    const [hidden, times] = [cast.id('PRIVATE of beta'), { hidden: [] as number[], never: [] as number[] }];
    for (let turn = 0; turn < 240; turn++) {
      const kind = turn % 2 ? 'hidden' : 'never';
      const started = process.hrtime.bigint();
      await raw(api, 'query ($id: ID!) { node(id: $id) { id } }', { id: kind === 'hidden' ? hidden : madeUp('Resource') }, token);
      times[kind].push(Number(process.hrtime.bigint() - started) / 1e6);
    }
    const median = (values: number[]) => values.sort((a, b) => a - b)[values.length / 2]!;
    const [one, other] = [median(times.hidden), median(times.never)];
    expect(Math.abs(one - other)).toBeLessThan(Math.max(one, other) * 0.35 + 0.5);
  });
});

/** Things of one's own to put into an input, so that nothing but the id that is tried stands against it. */
function givenTo(who: string, mutation: string): Given {
  const own = who.split(' ')[0]!;
  const [home, partner] = own === 'hub' ? ['alpha', 'beta'] : [own, own === 'beta' ? 'omega' : 'beta'];
  const id = (name: string) => cast.ids.get(name) ?? madeUp(/^reward/.test(name) ? 'Reward' : /^redemption/.test(name) ? 'Redemption' : /wish/.test(name) ? 'Wish' : /^team/.test(name) ? 'Team' : /^course/.test(name) ? 'Course' : /^date/.test(name) ? 'CourseSession' : /^shift/.test(name) ? 'Shift' : /^registration/.test(name) ? 'Registration' : /milestone/.test(name) ? 'Milestone' : /exchange/.test(name) ? 'Exchange' : /need/.test(name) ? 'Need' : /project/.test(name) ? 'Project' : /volunteer/.test(name) ? 'Volunteer' : /call/.test(name) ? 'RecruitmentCampaign' : /activity/.test(name) ? 'Activity' : /booking/.test(name) ? 'Booking' : /position/.test(name) ? 'Position' : /membership/.test(name) ? 'Membership' : /of/.test(name) ? 'Resource' : 'Contract');
  const duty = { governanceDuty: { obligor: id(home), text: 'A duty', category: 'OTHER' } };
  const subject = /Reward/.test(mutation) ? `reward of ${home}` : /Redemption/.test(mutation) ? `redemption at ${home}` : /Wish/.test(mutation) ? 'no wish' : /Shift$/.test(mutation) ? `shift of ${home}` : /cancelRegistration|NoShow/.test(mutation) ? `registration at ${home}` : /Milestone/.test(mutation) ? 'no milestone' : /Exchange/.test(mutation) ? 'no exchange' : /Need/.test(mutation) ? `need of ${home}` : /Project/.test(mutation) ? `project of ${home}` : /Campaign/.test(mutation) ? `call of ${home}` : /Volunteer|Consent|PersonalData/.test(mutation) ? `volunteer of ${home}` : /Activity|openRegistration/.test(mutation) ? `activity of ${home}` : /Booking$/.test(mutation) ? `booking at ${home}` : /Organization|leaveNetwork/.test(mutation) ? home : /Member/.test(mutation) ? `membership of ${home} STAFF` : /Position/.test(mutation) ? `position of ${home}` : /Resource/.test(mutation) ? `NETWORK of ${home}` : `${home} alone`;
  return {
    id: id(subject), project: id(`project of ${home}`), lead: id(own === 'hub' ? 'hub' : home), duplicates: [madeUp('Need')], attendees: [id(home)], 'GiveFeedbackInput.activity': id(`activity of ${home}`), activity: id(`activity of ${home}`), host: id(own === 'hub' ? 'hub' : home), organization: id(home), owner: id(own === 'hub' ? 'hub' : home), resource: id(`NETWORK of ${home}`), position: id(`position of ${home}`), parties: [id(home), id(partner)], obligor: id(home),
    shift: id(`shift of ${home}`), registration: id(`registration at ${home}`), 'CheckInInput.registration': id(`registration at ${home}`), device: madeUp('CheckInDevice'), batch: 'no batch',
    volunteer: id(`volunteer of ${home}`), transfer: madeUp('PointsTransfer'), reward: id(`reward of ${home}`), 'SettleMerchantInput.period': { from: '2026-01-01', to: '2026-01-31' },
    publicKey: JSON.stringify({ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }), capacity: 1,
    team: id(`team of ${home}`), course: id(`course of ${home}`), session: id(`date of ${home}`),
    resources: [id(`CONTRACT of ${home}`)], beneficiaries: [id(partner)], requires: [id(`PUBLIC of ${home}`)], membership: id(`membership of ${who}`),
    ContractClauseInput: duty, ChangedClauseInput: duty, role: 'STAFF', sharing: 'NETWORK', ApplyingOrganizationInput: { name: 'New', kind: 'BUSINESS' }, 'UpdateOrganizationInput.name': 'Renamed', 'InviteOrganizationInput.role': 'SUPPORTER', 'SubmitActivityReportInput.beneficiaries': 1, 'PledgeInput.volunteers': 1, CompletedTrainingInput: { volunteer: id(`volunteer of ${home}`) }, 'InviteMemberInput.email': 'invited@example.org',
    record: madeUp('ServiceRecord'), 'RequestCorrectionInput.record': madeUp('ServiceRecord'), 'WithdrawConsentInput.purpose': 'PERSONAL_DATA', contract: id(`${home} alone`), 'AttachContractDocumentInput.contract': id(`${home} alone`), file: madeUp('File'),
    VolunteerPersonalInput: { legalName: 'Somebody', birthDate: '1999-05-04', email: 'somebody@example.org' }, draft: id(`call of ${home}`), campaign: id(`call of ${home}`),
  };
}

describe('nothing is learned by counting (4)', () => {
  test('totals, pages and search agree with what is seen', async () => {
    for (const who of [...ROLES, 'beta ADMIN', 'sigma ADMIN', 'chi ADMIN', 'stranger', 'nobody']) {
      const token = await tokenOf(who);
      for (const list of ['resources', 'organizations']) {
        const all = (await api.must(`{ ${list}(first: 100) { totalCount nodes { id } pageInfo { hasNextPage } } }`, {}, token))[list];
        expect(all.totalCount).toBe(all.nodes.length);
        expect(all.pageInfo.hasNextPage).toBe(false);
        const last = (await api.must(`{ ${list}(first: ${all.nodes.length}) { pageInfo { hasNextPage } } }`, {}, token))[list];
        expect(last.pageInfo.hasNextPage).toBe(false);
        for (const name of [...(HIDDEN_FROM[who] ?? []), ...ELSEWHERE]) expect(all.nodes.map(({ id }: { id: string }) => id)).not.toContain(cast.id(name));
      }
      const found = (await api.must('{ search(query: "PRIVATE of", first: 50) { totalCount nodes { __typename ... on Resource { name } } } }', {}, token)).search;
      const names = found.nodes.flatMap(({ name }: { name?: string }) => (name?.startsWith('PRIVATE') ? [name] : []));
      const owner = /^(alpha|beta|sigma) (ADMIN|STAFF)$/.exec(who)?.[1];
      expect([who, names]).toEqual([who, owner ? [`PRIVATE of ${owner}`] : []]);
      expect(found.totalCount).toBe(found.nodes.length);
    }
  });

  test('a code that only a waiting application or another network has is free', async () => {
    const code = '91510726MA6G0000XT';
    await api.database.sql('UPDATE organizations SET unified_social_credit_code = $1 WHERE id = ANY($2::uuid[])', [code, [uuidOf(cast.id('chi')), uuidOf(cast.id('gamma'))]]);
    const before = await api.mutate('updateOrganization', { id: cast.id('omega'), version: 1, unifiedSocialCreditCode: code }, cast.person('omega ADMIN'), 'organization { version }');
    // Either it is taken as any other, or the check character is wrong: never a conflict with what is hidden.
    expect(before.userErrors.map((error: { code: string }) => error.code)).not.toContain('DUPLICATE');
    expect(before.userErrors.map((error: { code: string }) => error.code)).not.toContain('CONFLICT');
  });

  test('an invitation does not tell whether the address has an account', async () => {
    const known = cast.person('gamma ADMIN').identifier;
    const invite = (email: string) => api.mutate('inviteMember', { organization: cast.id('beta'), displayName: 'Guest', email, role: 'STAFF' }, cast.person('beta ADMIN'), 'membership { status user { displayName contact { email } } }');
    const [one, other] = [await invite(known), await invite('unknown@example.org')];
    expect(one).toEqual(other);
    expect(one.userErrors).toEqual([]);
  });

  test("another party's secret draft of an amendment stands against nothing", async () => {
    const secret = await api.mutate('amendContract', { id: cast.id('alpha and beta'), version: 4, term: { from: '2199-01-01' } }, cast.person('beta ADMIN'), 'contract { id }');
    expect(secret.userErrors).toEqual([]);
    const { contract } = (await api.must('query ($id: ID!) { contract: node(id: $id) { ... on Contract { version viewerCan supersededBy { id } } } }', { id: cast.id('alpha and beta') }, cast.person('alpha ADMIN')));
    expect(contract.supersededBy).toBeNull();
    expect(contract.viewerCan).toContain('AMEND');
    expect(await api.mutate('amendContract', { id: cast.id('alpha and beta'), version: contract.version, term: { from: '2199-02-01' } }, cast.person('alpha ADMIN'))).toMatchObject({ userErrors: [] });
  });
});

describe('the audit log does not tell the committee what a private resource is', () => {
  test('only that there is one', async () => {
    const { auditLog } = await api.must(
      'query ($id: ID!) { auditLog(first: 100, filter: { subject: $id }) { nodes { action subject { id } changes { field before after } } } }', { id: cast.id('PRIVATE of alpha') }, cast.person('hub COMMITTEE'),
    );
    expect(auditLog.nodes).toHaveLength(1);
    expect(auditLog.nodes[0]).toMatchObject({ action: 'resource.create', subject: null });
    for (const change of auditLog.nodes[0].changes) expect(change).toMatchObject({ before: null, after: null });
  });
});

describe('what is readable is not yet writable (6, 7)', () => {
  const NOT_ALLOWED = [{ code: 'NOT_ALLOWED' }];

  test('a verb on what another only shows', async () => {
    const before = await digest(api);
    const admin = cast.person('beta ADMIN');
    const tries: [string, Record<string, unknown>][] = [
      ['updateResource', { id: cast.id('PUBLIC of alpha'), version: 1, name: 'Mine' }],
      ['shareResource', { id: cast.id('CONTRACT of alpha'), version: 1, sharing: 'PUBLIC' }],
      ['retireResource', { id: cast.id('NETWORK of alpha'), version: 1 }],
      ['updateOrganization', { id: cast.id('alpha'), version: 1, name: 'Mine' }],
      ['updatePosition', { id: cast.id('position of alpha'), version: 1, name: 'Mine' }],
      ['createPosition', { organization: cast.id('alpha'), name: 'Mine' }],
      ['createResource', { owner: cast.id('alpha'), name: 'Mine', kind: 'VENUE' }],
      ['createActivity', { host: cast.id('alpha'), title: 'Mine', category: 'OTHER', range: { start: '2199-01-01T10:00:00Z', end: '2199-01-01T11:00:00Z' } }],
      ['updateActivity', { id: cast.id('activity of omega'), version: 2, title: 'Mine' }],
      ['cancelActivity', { id: cast.id('activity of alpha'), version: 1, note: 'Mine' }],
      ['inviteOrganization', { activity: cast.id('activity of omega'), organization: cast.id('beta'), role: 'CO_HOST' }],
      ['inviteMember', { organization: cast.id('alpha'), displayName: 'Mine', email: 'mine@example.org', role: 'ADMIN' }],
      ['leaveNetwork', { id: cast.id('alpha'), version: 1 }],
      ['withdrawContract', { id: cast.id('alpha proposes'), version: 2 }],
    ];
    for (const [verb, input] of tries) expect([verb, (await api.mutate(verb, input, admin)).userErrors]).toEqual([verb, [expect.objectContaining(NOT_ALLOWED[0]!)]]);
    expect(await digest(api)).toEqual(before);
  });

  test('nothing takes a new owner, organization or network for what is there', () => {
    const moving = mutations(api.app.schema)
      .filter(({ input }) => 'id' in input.getFields())
      .flatMap(({ name, input }) => Object.keys(input.getFields()).filter((field) => /owner|organization$|network|user/i.test(field)).map((field) => `${name}.${field}`));
    // Who takes a need on is not whose it is.
    expect(moving).toEqual(['assignNeed.organization']);
  });

  test('a resource goes to no position, and requires nothing, of another', async () => {
    const admin = cast.person('beta ADMIN');
    const input = { id: cast.id('PUBLIC of beta'), version: 1 };
    expect((await api.mutate('updateResource', { ...input, position: cast.id('position of alpha') }, admin)).userErrors).toMatchObject([{ code: 'INVALID' }]);
    expect((await api.mutate('updateResource', { ...input, requires: [cast.id('PUBLIC of alpha')] }, admin)).userErrors).toMatchObject([{ code: 'INVALID' }]);
  });

  test('not even by SQL within the session of an administrator', async () => {
    const client = new Client(api.database.applicationUrl);
    await client.connect();
    const admin = cast.person('beta ADMIN');
    const session = v7();
    await api.database.sql('INSERT INTO sessions (id, user_id) VALUES ($1, $2)', [session, admin.userId]);
    const [alpha, beta, hers, his] = [cast.id('alpha'), cast.id('beta'), cast.id('PUBLIC of beta'), cast.id('PUBLIC of alpha')].map(uuidOf);
    const attempt = async (statement: string, values: unknown[]): Promise<number | string> => {
      await client.query('BEGIN');
      await client.query('SELECT app.begin_session($1, $2, NULL, $3, NULL, NULL)', [session, admin.userId, admin.membershipId]);
      const outcome = await client.query(statement, values).then(({ rowCount }) => rowCount ?? 0, (error: { code: string }) => error.code);
      await client.query('ROLLBACK');
      return outcome;
    };
    // She may what is hers, so that what follows is not refused for nothing.
    expect(await attempt('UPDATE resources SET name = name WHERE id = $1', [hers])).toBe(1);
    const NETWORK2 = cast.second.network.id;
    const refused: [string, unknown[], number | string][] = [
      ['UPDATE resources SET owner_id = $2 WHERE id = $1', [hers, alpha], '42501'],
      ['UPDATE resources SET network_id = $2 WHERE id = $1', [hers, NETWORK2], '42501'],
      ['UPDATE resources SET granted_by = granted_by || $2::uuid WHERE id = $1', [his, uuidOf(cast.id('grant of beta and omega'))], 0],
      [`UPDATE resources SET sharing = 'PUBLIC' WHERE owner_id = $1`, [alpha], 0],
      ['UPDATE organizations SET name = name WHERE id = $1', [alpha], 0],
      ['UPDATE organization_contacts SET contract_ids = contract_ids || $2::uuid WHERE organization_id = $1', [alpha, uuidOf(cast.id('beta and omega'))], 0],
      [`UPDATE memberships SET role = 'ADMIN' WHERE organization_id = $1`, [alpha], 0],
      ['UPDATE memberships SET organization_id = $2 WHERE organization_id = $1', [beta, alpha], '42501'],
      ['UPDATE memberships SET network_id = $2 WHERE organization_id = $1', [beta, NETWORK2], '42501'],
      ['UPDATE positions SET organization_id = $2 WHERE organization_id = $1', [beta, alpha], '42501'],
      [`UPDATE contracts SET status = 'ACTIVE' WHERE id = $1`, [uuidOf(cast.id('alpha alone'))], 0],
      [`INSERT INTO memberships (network_id, id, user_id, organization_id, organization_is_hub, role, status, created_at) VALUES ($1, gen_random_uuid(), $2, $3, false, 'ADMIN', 'ACTIVE', now())`, [admin.organization.network.id, admin.userId, alpha], '42501'],
      [`INSERT INTO organizations (network_id, id, name, kind, status, created_at) VALUES ($1, gen_random_uuid(), 'New', 'BUSINESS', 'ACTIVE', now())`, [admin.organization.network.id], '42501'],
      [`INSERT INTO idempotency_keys (network_id, user_id, key, input_hash, created_at) VALUES ($1, $2, 'k', '', now())`, [admin.organization.network.id, cast.person('alpha ADMIN').userId], '42501'],
    ];
    for (const [statement, values, outcome] of refused) expect([statement, await attempt(statement, values)]).toEqual([statement, outcome]);
    await client.end();
  });
});

describe('nobody acts for an organization without a membership in force (8)', () => {
  const WHO = '{ viewer { membership { id } organization { id } } contracts { totalCount } }';

  test('by a forged, foreign, ended, suspended or invited membership', async () => {
    const { world, database } = api;
    const person = await world.person(cast.organizations.omega, 'STAFF');
    const [ended, suspended, invited] = [
      await world.join(person, cast.organizations.beta, 'ADMIN'), await world.join(person, cast.organizations.alpha, 'ADMIN'), await world.join(person, cast.organizations.gamma, 'ADMIN'),
    ];
    await database.sql(`UPDATE memberships SET status = CASE id WHEN $1 THEN 'ENDED' WHEN $2 THEN 'SUSPENDED' ELSE 'INVITED' END WHERE id IN ($1, $2, $3)`, [ended.membershipId, suspended.membershipId, invited.membershipId]);
    const token = await newToken(api, person.userId, person.membershipId, 'STAFF');
    expect((await api.must(WHO, {}, token)).viewer.organization.id).toBe(cast.id('omega'));
    const refusal = async (membership: string) => answerTo(membership, WHO, {}, token).then(() => raw(api, WHO, {}, token, { 'x-membership': membership }));
    const never = await refusal(madeUp('Membership'));
    expect(never.text).toContain('UNAUTHENTICATED');
    for (const membership of [cast.id('membership of alpha ADMIN'), cast.id('membership of hub COMMITTEE'), cast.id('membership of gamma ADMIN'), ended.membershipGlobalId, suspended.membershipGlobalId, invited.membershipGlobalId]) {
      expect(await refusal(membership)).toEqual(never);
    }
    for (const membership of [cast.id('alpha'), uuidOf(cast.id('membership of alpha ADMIN')), 'nonsense', `${person.membershipGlobalId} `.repeat(50)]) {
      expect((await refusal(membership)).text).toMatch(/BAD_USER_INPUT|UNAUTHENTICATED/);
    }
    // The same by actAs, which would move the session.
    for (const membership of [cast.id('membership of alpha ADMIN'), ended.membershipGlobalId, suspended.membershipGlobalId, invited.membershipGlobalId, madeUp('Membership'), cast.id('alpha')]) {
      const { userErrors } = await api.mutate('actAs', { membership }, token, 'session { accessToken }');
      expect(userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    }
    // A membership is of no use without its person.
    expect((await raw(api, WHO, {}, null, { 'x-membership': person.membershipGlobalId })).text).toContain('UNAUTHENTICATED');
  });

  test('by a token that names another membership or role than there is', async () => {
    const { userId, membershipId } = cast.person('alpha STAFF');
    for (const [membership, role] of [[membershipId, 'ADMIN'], [membershipId, 'COMMITTEE'], [cast.person('alpha ADMIN').membershipId, 'ADMIN'], [cast.person('hub COMMITTEE').membershipId, 'COMMITTEE'], [v7(), 'ADMIN']] as const) {
      const { errors, data } = await api.ask(WHO, {}, await newToken(api, userId, membership, role));
      expect([role, errors?.[0]?.extensions.code, data]).toEqual([role, 'UNAUTHENTICATED', null]);
    }
  });

  test('with the role of another membership: who volunteers at the hub does not work there', async () => {
    const { world } = api;
    const person = await world.person(cast.organizations.omega, 'ADMIN');
    const volunteering = await world.join(person, cast.first.hub, 'VOLUNTEER');
    const token = await newToken(api, person.userId, person.membershipId, 'ADMIN');
    const headers = { 'x-membership': volunteering.membershipGlobalId };
    const verbs: [string, Record<string, unknown>][] = [
      ['createResource', { name: 'Mine', kind: 'VENUE' }], ['updateOrganization', { id: cast.id('omega'), version: 1, name: 'Mine' }], ['updateOrganization', { id: cast.id('hub'), version: 1, name: 'Mine' }],
      ['suspendOrganization', { id: cast.id('alpha'), version: 1 }],
    ];
    for (const [verb, input] of verbs) {
      const type = api.app.schema.getMutationType()!.getFields()[verb]!.args[0]!.type;
      const { errors } = await api.ask(`mutation ($input: ${String(type)}) { ${verb}(input: $input) { userErrors { code } } }`, { input }, token, headers);
      expect([verb, errors?.[0]?.extensions.code]).toEqual([verb, 'FORBIDDEN']);
    }
    expect((await api.must('{ viewer { permissions } }', {}, token, headers)).viewer.permissions).toEqual([]);
  });

  test('by a token of another key, another session, or none', async () => {
    const token = (await tokenOf('alpha ADMIN'))!;
    const [head, body, signature] = token.split('.') as [string, string, string];
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
    const other = Buffer.from(JSON.stringify({ ...claims, mid: cast.person('hub COMMITTEE').membershipId, role: 'COMMITTEE', sub: cast.person('hub COMMITTEE').userId })).toString('base64url');
    const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt' })).toString('base64url');
    const symmetric = Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'at+jwt' })).toString('base64url');
    const forged = [
      `${head}.${other}.${signature}`, `${none}.${body}.`, `${none}.${body}.x`, `${symmetric}.${body}.${createHmac('sha256', 'secret').update(`${symmetric}.${body}`).digest('base64url')}`,
      `${head}.${body}.${randomBytes(64).toString('base64url')}`,
    ];
    for (const value of forged) {
      const { errors, data } = await api.ask(WHO, {}, value);
      expect([errors?.[0]?.extensions.code, data?.viewer?.membership]).toEqual(['UNAUTHENTICATED', undefined]);
    }
  });
});

describe('nothing is carried over on a pooled connection (10, 11)', () => {
  let lone: TestApi;
  let few: Cast;
  beforeAll(async () => {
    lone = await TestApi.start({ DATABASE_POOL_SIZE: '1', MAX_COST: '10000000' });
    few = await Cast.of(lone);
    // New connections of the pool give up early.
    await lone.database.sql(`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET lock_timeout = 150', current_database()); END $$`);
    await lone.database.sql('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()');
    await lone.ask('{ network { id } }');
  }, 180_000);
  afterAll(() => lone.stop());

  const ALL = '{ viewer { user { id } membership { id } } organizations(first: 100) { nodes { id contact { person } } } resources(first: 100) { nodes { id name } } }';

  /** What nobody known sees must be the same before and after. */
  async function undisturbed(disturb: () => Promise<unknown>): Promise<void> {
    const before = await lone.must(ALL);
    await disturb();
    expect(await lone.must(ALL)).toEqual(before);
    expect(before.viewer).toEqual({ user: null, membership: null });
    expect(before.resources.nodes.every(({ name }: { name: string }) => name.startsWith('PUBLIC'))).toBe(true);
  }
  const committee = () => few.person('hub COMMITTEE');

  test('after an error of the begin', () => undisturbed(async () => {
    expect((await lone.ask(ALL, {}, committee(), { 'x-membership': madeUp('Membership') })).errors![0]!.extensions.code).toBe('UNAUTHENTICATED');
  }));
  test('after an error in the middle of reading', () => undisturbed(async () => {
    expect((await lone.ask('{ resources { nodes { id } } contracts(after: "forged") { totalCount } }', {}, committee())).errors).toHaveLength(1);
  }));
  test('after an error of a statement', () => undisturbed(async () => {
    const { errors } = await lone.ask('query ($text: String!) { organizations(filter: { text: $text }) { totalCount } viewer { user { id } } }', { text: 'a\u0000b' }, committee());
    // The rest of the transaction fails for the same reason, and not for one of its own.
    expect(errors!.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT', 'BAD_USER_INPUT']);
  }));
  test('after a refused change', () => undisturbed(async () => {
    expect((await lone.mutate('updateResource', { id: few.id('PUBLIC of alpha'), version: 99, name: 'Mine' }, few.person('alpha ADMIN'))).userErrors).toMatchObject([{ code: 'STALE_VERSION' }]);
  }));
  test('after a change that waited in vain for a lock', () => undisturbed(async () => {
    await lone.database.sql('BEGIN');
    await lone.database.sql('SELECT FROM resources FOR UPDATE');
    const { errors } = await lone.ask('mutation ($input: UpdateResourceInput!) { updateResource(input: $input) { userErrors { code } } }', { input: { id: few.id('PUBLIC of alpha'), version: 1, name: 'Mine' } }, few.person('alpha ADMIN'));
    await lone.database.sql('ROLLBACK');
    expect(errors![0]!.extensions.code).toBe('SERVICE_BUSY');
  }));
  test('after a request that the client gave up', () => undisturbed(async () => {
    const token = await lone.token(committee());
    for (let turn = 0; turn < 20; turn++) {
      const hangUp = new AbortController();
      const request = fetch(`${lone.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` }, body: JSON.stringify({ query: ALL }), signal: hangUp.signal }).catch(() => undefined);
      setTimeout(() => hangUp.abort(), turn % 6);
      await request;
    }
  }));
  test('after the connection was cut', () => undisturbed(async () => {
    const asking = lone.ask(ALL, {}, committee());
    await lone.database.sql('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()');
    await asking;
    await lone.ask('{ network { id } }');
  }));

  test('nor between requests that ask for the same at the same time', async () => {
    const people = [...few.people.values()].filter(({ organization }) => organization.network.id === few.first.network.id);
    const alone = new Map<string, string>();
    for (const person of people) alone.set(person.membershipId, JSON.stringify(await lone.must(ALL, {}, person)));
    const rounds = Array.from({ length: 10 }, () => people).flat();
    const together = await Promise.all(rounds.map(async (person) => JSON.stringify(await lone.must(ALL, {}, person)) === alone.get(person.membershipId)));
    expect(together.filter((same) => !same)).toEqual([]);
  });
});

/** Who may call each mutation at all, as the table of the field has it; the committee acts for the hub. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = (() => {
  const everybody = [...ROLES, 'stranger', 'nobody'];
  const known = [...ROLES, 'stranger'];
  const [committee, chiefs, staff] = [['hub COMMITTEE'], ['hub COMMITTEE', 'alpha ADMIN'], ['hub COMMITTEE', 'hub STAFF', 'alpha ADMIN', 'alpha STAFF']];
  const by = (who: readonly string[], ...names: string[]) => Object.fromEntries(names.map((name) => [name, who]));
  return {
    ...by(everybody, 'signIn', 'refreshSession', 'signOut', 'acceptInvitation', 'applyToJoin'),
    ...by(known, 'actAs', 'changePassword', 'markNotificationsRead'),
    ...by(everybody, 'giveFeedback'),
    ...by(ROLES, 'submitNeed', 'updateNeed', 'supportNeed', 'reopenNeed'),
    ...by(committee, 'acceptNeed', 'mergeNeeds', 'declineNeed', 'planNeed', 'updateNeedPolicy', 'approveProject'),
    ...by(staff, 'assignNeed', 'resolveNeed', 'addMilestone', 'completeMilestone', 'assignActivity', 'scheduleExchange', 'recordExchange', 'issueFeedbackCodes'),
    ...by(chiefs, 'proposeProject', 'updateProject', 'startProject', 'pauseProject', 'completeProject', 'stopProject', 'adjustService'),
    ...by(committee, 'approveOrganization', 'rejectOrganization', 'suspendOrganization', 'reinstateOrganization', 'suspendContract', 'resumeContract', 'updatePointsPolicy'),
    ...by(committee, 'grantBonus', 'reverseTransfer', 'publishWish', 'declineWish'),
    ...by(chiefs, 'settleMerchant'),
    ...by(staff, 'offerReward', 'updateReward', 'fulfilRedemption'),
    ...by([...staff, 'alpha VOLUNTEER'], 'cancelRedemption'),
    ...by(['alpha VOLUNTEER'], 'redeem'),
    ...by(['alpha VOLUNTEER', 'alpha RESIDENT'], 'submitWish', 'confirmWish', 'withdrawWish'),
    ...by(['hub STAFF', 'alpha ADMIN', 'alpha STAFF', 'alpha VOLUNTEER'], 'claimWish', 'fulfilWish'),
    ...by([...staff, 'alpha VOLUNTEER'], 'releaseWish'),
    ...by(['alpha ADMIN'], 'leaveNetwork'),
    ...by(chiefs, 'updateOrganization', 'createPosition', 'updatePosition', 'inviteMember', 'changeMemberRole', 'suspendMembership', 'reinstateMembership', 'endMembership'),
    ...by(chiefs, 'draftContract', 'updateContract', 'proposeContract', 'withdrawContract', 'amendContract', 'signContract', 'rejectContract', 'terminateContract'),
    ...by(staff, 'createResource', 'updateResource', 'shareResource', 'retireResource', 'blockTime', 'unblockTime'),
    ...by(staff, 'bookResource', 'bookResources', 'bookSeries', 'joinWaitlist', 'rescheduleBooking', 'cancelBooking', 'approveBooking', 'rejectBooking', 'checkOutBooking', 'checkInBooking'),
    ...by(staff, 'createTeam', 'assignToTeam', 'createCourse', 'scheduleCourseSession', 'recordTraining'),
    ...by([...staff, 'alpha VOLUNTEER'], 'enroll'),
    ...by(staff, 'createActivity', 'updateActivity', 'inviteOrganization', 'answerInvitation', 'pledge', 'openRegistration', 'startActivity', 'completeActivity', 'submitActivityReport', 'cancelActivity'),
    ...by(staff, 'addShift', 'updateShift', 'issueCheckInCode', 'markNoShow', 'confirmHours', 'registerCheckInDevice', 'revokeCheckInDevice', 'sendCheckIns'),
    ...by([...staff, 'alpha VOLUNTEER'], 'revokeCalendarFeed', 'registerForShift', 'cancelRegistration', 'checkIn', 'checkOut'),
    ...by(staff, 'issueCertificate', 'revokeCertificate', 'correctServiceRecord', 'answerCorrection'),
    ...by([...staff, 'alpha VOLUNTEER'], 'requestCorrection'),
    ...by(chiefs, 'exportServiceRecords', 'importServiceRecords', 'attachContractDocument'),
    ...by(staff, 'createUpload'),
    ...by(everybody, 'applyAsVolunteer'),
    ...by(committee, 'reviewRecognition', 'publicizeRecognition', 'awardRecognition', 'rejectRecognition', 'revokeRecognition'),
    ...by(staff, 'nominate'),
    ...by(ROLES, 'objectToRecognition'),
    ...by(staff, 'draftCampaign', 'openCampaign', 'closeCampaign', 'approveVolunteer', 'rejectVolunteer', 'recordGuardianConsent', 'importVolunteers'),
    ...by(known, 'updateVolunteer', 'withdrawConsent', 'exportPersonalData', 'eraseVolunteer'),
  };
})();
/** What a person does for the own account, whatever the organization's standing. */
const PERSONAL = ['signIn', 'refreshSession', 'signOut', 'acceptInvitation', 'applyToJoin', 'applyAsVolunteer', 'updateVolunteer', 'withdrawConsent', 'exportPersonalData', 'eraseVolunteer', 'actAs', 'changePassword', 'markNotificationsRead'];

describe('every mutation of the schema', () => {
  const codesOf = async (name: string, type: string, input: object, token: string | null): Promise<string[]> => {
    const { data, errors } = await api.ask(`mutation ($input: ${type}!) { ${name}(input: $input) { userErrors { code } } }`, { input }, token);
    return errors ? errors.map(({ extensions }) => extensions.code) : data[name].userErrors.map(({ code }: { code: string }) => code);
  };

  test('is in the table of who may', () => {
    expect(mutations(api.app.schema).map(({ name }) => name).sort()).toEqual(Object.keys(ALLOWED).sort());
  });

  test.each([...ROLES, 'stranger', 'nobody'])('that %s may not is refused, and nothing is changed', async (who) => {
    const token = await tokenOf(who);
    const before = await digest(api);
    for (const { name, input } of mutations(api.app.schema)) {
      if (ALLOWED[name]!.includes(who)) continue;
      const codes = await codesOf(name, input.name, inputOf(input, givenTo('alpha ADMIN', name)), token);
      expect([name, codes]).toEqual([name, [who === 'nobody' ? 'UNAUTHENTICATED' : 'FORBIDDEN']]);
    }
    expect(await digest(api)).toEqual(before);
  }, 180_000);

  test.each(['sigma ADMIN', 'sigma STAFF', 'chi ADMIN', 'chi STAFF'])('is refused to %s, whose organization is not in good standing (14)', async (who) => {
    const token = await tokenOf(who);
    const before = await digest(api);
    for (const { name, input } of mutations(api.app.schema)) {
      if (PERSONAL.includes(name)) continue;
      const codes = await codesOf(name, input.name, inputOf(input, givenTo(who, name)), token);
      expect([name, codes.length, codes.filter((code) => !['NOT_ALLOWED', 'FORBIDDEN', 'INVALID'].includes(code))]).toEqual([name, 1, []]);
      expect([name, codes]).not.toEqual([name, ['INVALID']]);
    }
    expect(await digest(api)).toEqual(before);
  }, 180_000);
});

describe('a suspended organization (14)', () => {
  test('reads its own, and of others what everybody reads', async () => {
    const admin = cast.person('sigma ADMIN');
    const data = await api.must(
      `{ resources(first: 100) { nodes { name } } contracts(first: 100) { nodes { title viewerCan } } viewer { permissions organization { status contact { person } viewerCan members { totalCount } } } auditLog(first: 50) { totalCount } }`,
      {}, admin,
    );
    expect(data.resources.nodes.map(({ name }: { name: string }) => name).sort()).toEqual([
      'CONTRACT of sigma', 'NETWORK of sigma', 'PRIVATE of sigma', 'PUBLIC of alpha', 'PUBLIC of beta', 'PUBLIC of omega', 'PUBLIC of sigma', 'PUBLIC of the hub',
    ]);
    expect(data.contracts.nodes.map(({ title }: { title: string }) => title).sort()).toEqual(['alpha and sigma', 'sigma alone', 'sigma proposes']);
    expect(data.contracts.nodes.flatMap(({ viewerCan }: { viewerCan: string[] }) => viewerCan)).toEqual([]);
    expect(data.viewer.organization).toMatchObject({ status: 'SUSPENDED', contact: { person: expect.any(String) }, viewerCan: [], members: { totalCount: 2 } });
    expect(data.viewer.permissions).toEqual(['READ_AUDIT_LOG']);
    expect(data.auditLog.totalCount).toBeGreaterThan(0);
  });

  test('shows nothing of what it shares', async () => {
    for (const who of ['alpha ADMIN', 'beta STAFF', 'alpha VOLUNTEER', 'nobody']) {
      const data = await api.must('{ resources(first: 100) { nodes { name } } }', {}, await tokenOf(who));
      expect(data.resources.nodes.filter(({ name }: { name: string }) => name.endsWith('of sigma'))).toEqual([]);
    }
  });
});

describe('nobody known (15)', () => {
  test('sees what is public, field by field', async () => {
    const data = await api.must(`{
      viewer { user { id } membership { id } memberships { id } organization { id } permissions }
      organizations(first: 100) { nodes { name status contact { person } history { to } members { totalCount } contracts { totalCount } viewerCan resources { nodes { name } } positions { name } } }
      resources(first: 100) { nodes { name sharing viewerCan accessibleThrough { reason } history { to } } }
      network { positions(first: 100) { totalCount } map { links { contracts } } statistics { contractsInForce } } }`);
    expect(data.viewer).toEqual({ user: null, membership: null, memberships: [], organization: null, permissions: [] });
    expect(data.organizations.nodes.map(({ name }: { name: string }) => name).sort()).toEqual(['Alpha', 'Beta', `Hub of ${cast.first.network.code}`, 'Omega', 'Sigma']);
    for (const organization of data.organizations.nodes) {
      expect(organization).toMatchObject({ contact: null, history: [], members: null, contracts: null, viewerCan: [] });
      for (const { name } of organization.resources.nodes) expect(name).toMatch(/^PUBLIC of (alpha|beta|omega|the hub)$/);
    }
    expect(data.resources.nodes).toHaveLength(4);
    for (const resource of data.resources.nodes) expect(resource).toMatchObject({ sharing: 'PUBLIC', viewerCan: [], accessibleThrough: [{ reason: 'PUBLIC' }], history: [] });
    expect(data.network).toMatchObject({ map: { links: [] }, statistics: { contractsInForce: 0 } });
  });

  test('reaches of everything there is by id only what is public', async () => {
    const names = [...cast.ids.keys()];
    const seen: string[] = [];
    for (let at = 0; at < names.length; at += 100) {
      const some = names.slice(at, at + 100);
      const { nodes } = await api.must('query ($ids: [ID!]!) { nodes(ids: $ids) { __typename } }', { ids: some.map((name) => cast.id(name)) });
      seen.push(...some.filter((_, place) => nodes[place] !== null));
    }
    expect(seen.sort()).toEqual([...['alpha', 'beta', 'omega', 'sigma', 'hub'].flatMap((name) => [`course of ${name}`, `date of ${name}`]), ...['alpha', 'beta', 'omega'].flatMap((name) => [`need of ${name}`, `project of ${name}`]), 'activity of omega', 'shift of omega', 'recognition', ...['alpha', 'beta', 'sigma', 'the hub'].map((name) => `call of ${name}`), 'alpha', 'beta', 'omega', 'sigma', 'hub', 'network', 'PUBLIC of alpha', 'PUBLIC of beta', 'PUBLIC of omega', 'PUBLIC of the hub', ...['alpha', 'beta', 'omega', 'sigma'].map((name) => `position of ${name}`)].sort());
  });

  test('is told to sign in where more is asked', async () => {
    for (const field of ['contracts { totalCount }', 'auditLog { totalCount }', 'bookings { totalCount }']) {
      expect((await api.ask(`{ ${field} }`)).errors![0]!.extensions.code).toBe('UNAUTHENTICATED');
    }
  });
});
