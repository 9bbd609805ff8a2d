import { Client } from 'pg';
import { contractLifecycle, type ContractAction } from '../../src/domain/contracts/lifecycle';
import type { ContractStatus } from '../../src/domain/contracts/model';
import { TestApi } from '../support/api';
import type { Person } from '../support/world';
import { Agreements, type ContractView } from './agreements';

let api: TestApi;
let world: Agreements;

beforeAll(async () => {
  api = await TestApi.start();
  world = await Agreements.begin(api);
});
beforeEach(() => api.clock.set('2026-06-10T02:00:00Z'));
afterAll(() => api.stop());

test('a contract is drafted, proposed, signed by each party and in force at once when its first day has come', async () => {
  const hall = await world.resource(world.a, 'Hall');
  const drafted = await world.draft({
    clauses: [
      world.grant(world.a, [hall], [world.b], { quotaPerMonth: 'P1DT30M', hours: [{ weekday: 6, opens: '09:00', closes: '17:00' }], priority: 7, requiresApproval: true }),
      { volunteerCommitment: { obligor: world.b.globalId, text: 'Serves', serviceHoursPerQuarter: 40 } },
    ],
  });
  expect(drafted).toMatchObject({
    status: 'DRAFT',
    version: 1,
    viewerCan: ['EDIT', 'PROPOSE'],
    term: { from: '2026-01-01', to: '2026-12-31' },
    parties: [
      { organization: { id: world.a.globalId }, role: 'PARTNER', signedAt: null },
      { organization: { id: world.b.globalId }, role: 'PARTNER', signedAt: null },
    ],
    clauses: [
      {
        obligor: { id: world.a.globalId }, granted: [{ name: 'Hall' }], beneficiaries: [{ id: world.b.globalId }], quotaPerMonth: 'PT24H30M',
        priority: 7, requiresApproval: true, hours: [{ weekday: 6, opens: '09:00', closes: '17:00' }],
      },
      { obligor: { id: world.b.globalId }, text: 'Serves' },
    ],
  });
  expect(await world.read(drafted.id, world.ben)).toBeNull();

  const proposed = await world.done('proposeContract', { id: drafted.id, version: 1 }, world.ada);
  expect(proposed).toMatchObject({ status: 'PROPOSED', contentHash: drafted.contentHash, viewerCan: ['EDIT', 'WITHDRAW', 'SIGN', 'REJECT'] });
  expect(await world.read(drafted.id, world.ben)).toMatchObject({ viewerCan: ['EDIT', 'SIGN', 'REJECT'], history: [{ to: 'DRAFT' }, { to: 'PROPOSED' }] });
  expect(await world.read(drafted.id, world.bea)).toMatchObject({ viewerCan: [] });
  expect(await world.read(drafted.id, world.otto)).toBeNull();

  const half = await world.sign(proposed, world.ada);
  expect(half).toMatchObject({ status: 'PROPOSED', viewerCan: ['EDIT', 'WITHDRAW', 'REJECT'], signatures: [{ organization: { id: world.a.globalId }, contentHash: drafted.contentHash }] });
  const signed = await world.sign(proposed, world.ben);
  expect(signed).toMatchObject({ status: 'ACTIVE', viewerCan: ['TERMINATE', 'AMEND'] });
  expect(signed.history.map(({ from, to }) => [from, to])).toEqual([[null, 'DRAFT'], ['DRAFT', 'PROPOSED'], ['PROPOSED', 'SIGNED'], ['SIGNED', 'ACTIVE']]);
  expect(signed.signatures).toHaveLength(2);
});

describe('every action from every state', () => {
  const verbs: Record<ContractAction, string> = {
    EDIT: 'updateContract', PROPOSE: 'proposeContract', WITHDRAW: 'withdrawContract', SIGN: 'signContract', REJECT: 'rejectContract',
    SUSPEND: 'suspendContract', RESUME: 'resumeContract', TERMINATE: 'terminateContract', AMEND: 'amendContract',
  };
  const term = { from: '2026-01-01', to: '2026-12-31' };
  const moved = (verb: string) => async ({ id, version }: ContractView) => world.done(verb, { id, version, note: 'Because' }, world.committee);
  // The hub is party, so that the committee may do everything that anybody may.
  const proposed = async (changes = {}) => world.proposed({ parties: [world.hub.globalId, world.b.globalId], clauses: [world.duty(world.b)], term, ...changes }, world.committee);
  const concluded = async (changes = {}) => {
    const contract = await proposed(changes);
    await world.sign(contract, world.ben);
    return world.sign(contract, world.committee);
  };
  const reach: Record<ContractStatus, () => Promise<ContractView>> = {
    DRAFT: () => world.draft({ parties: [world.hub.globalId, world.b.globalId], clauses: [world.duty(world.b)], term }, world.committee),
    PROPOSED: () => proposed(),
    SIGNED: () => concluded({ term: { from: '2026-07-01', to: '2026-12-31' } }),
    ACTIVE: () => concluded(),
    SUSPENDED: async () => moved('suspendContract')(await concluded()),
    EXPIRED: async () => {
      const { id } = await concluded({ term: { from: '2026-06-01', to: '2026-06-20' } });
      api.clock.set('2026-06-20T16:00:00Z');
      return (await world.read(id, world.committee))!;
    },
    TERMINATED: async () => moved('terminateContract')(await concluded()),
    REJECTED: async () => moved('rejectContract')(await proposed()),
    WITHDRAWN: async () => moved('withdrawContract')(await proposed()),
  };
  const inputOf = (action: ContractAction, { id, version, contentHash }: ContractView): Record<string, unknown> =>
    action === 'SIGN' ? { id, contentHash } : action === 'AMEND' ? { id, version, term: { from: '2026-08-01' } } : { id, version };
  const actions = Object.keys(verbs) as ContractAction[];
  const states = Object.keys(reach) as ContractStatus[];

  test.each(states)('from %s', async (state) => {
    for (const action of actions) {
      api.clock.set('2026-06-10T02:00:00Z');
      const contract = await reach[state]();
      expect(contract.status).toBe(state);
      const { from, to } = contractLifecycle.actions[action];
      const before = await world.rows(contract.id);
      if (from.includes(state)) {
        expect(contract.viewerCan).toContain(action);
        const after = await world.done(verbs[action], inputOf(action, contract), world.committee);
        // The first signature leaves it where it is; an amendment is a contract of its own.
        if (action === 'AMEND') expect(after).toMatchObject({ status: 'DRAFT', supersedes: { id: contract.id } });
        else expect(after.status).toBe(action === 'SIGN' ? state : (to ?? state));
      } else {
        expect(contract.viewerCan).not.toContain(action);
        expect(await world.refused(verbs[action], inputOf(action, contract), world.committee)).toEqual([
          { code: 'WRONG_STATE', message: expect.stringContaining('contract is'), path: [] },
        ]);
        expect(await world.rows(contract.id)).toEqual(before);
      }
    }
  }, 60_000);
});

describe('who may', () => {
  const verbs = ['updateContract', 'proposeContract', 'withdrawContract', 'rejectContract', 'suspendContract', 'resumeContract', 'terminateContract'];
  const committeeOnly = ['suspendContract', 'resumeContract'];

  test('whom it does not concern cannot tell a contract from one that never was', async () => {
    const contract = await world.concluded();
    const never = { id: contract.id.replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A')), version: 1, contentHash: contract.contentHash };
    const before = await world.rows(contract.id);
    for (const verb of [...verbs.filter((name) => !committeeOnly.includes(name)), 'signContract', 'amendContract']) {
      const more = verb === 'signContract' ? { contentHash: contract.contentHash } : { version: contract.version };
      const input = { ...more, ...(verb === 'amendContract' && { term: { from: '2026-08-01' } }) };
      const refused = await world.refused(verb, { id: contract.id, ...input }, world.otto);
      expect(refused).toEqual(await world.refused(verb, { id: never.id, ...input }, world.otto));
      expect(refused).toMatchObject([{ code: 'NOT_FOUND' }]);
    }
    expect(await world.rows(contract.id)).toEqual(before);
  });

  test('suspending and resuming is for the committee, and staff change no contract', async () => {
    const { id, version } = await world.concluded();
    const forbidden = async (verb: string, as: Person) =>
      (await api.ask(`mutation ($id: ID!, $version: Int!) { ${verb}(input: { id: $id, version: $version }) { userErrors { code } } }`, { id, version }, as)).errors?.[0]?.extensions.code;
    for (const verb of committeeOnly) expect(await forbidden(verb, world.ada)).toBe('FORBIDDEN');
    for (const verb of verbs) expect(await forbidden(verb, world.bea)).toBe('FORBIDDEN');
    for (const verb of verbs) expect(await forbidden(verb, await api.world.person(world.b, 'VOLUNTEER'))).toBe('FORBIDDEN');
  });

  test('the committee signs for the hub alone', async () => {
    const contract = await world.proposed();
    expect(await world.read(contract.id, world.committee)).toMatchObject({ viewerCan: ['EDIT', 'WITHDRAW'] });
    expect(await world.refused('signContract', { id: contract.id, contentHash: contract.contentHash }, world.committee)).toMatchObject([
      { code: 'NOT_ALLOWED', message: 'Your organization is not a party.' },
    ]);
  });

  test('who did not draft a proposal rejects it and does not withdraw it', async () => {
    const { id, version } = await world.proposed();
    expect(await world.refused('withdrawContract', { id, version }, world.ben)).toMatchObject([{ code: 'NOT_ALLOWED' }]);
    expect(await world.done('rejectContract', { id, version, note: 'Too much' }, world.ben)).toMatchObject({ status: 'REJECTED' });
    expect((await world.read(id, world.ada))!.history.at(-1)).toMatchObject({ from: 'PROPOSED', to: 'REJECTED', note: 'Too much' });
  });

  test('a suspended organization reads its contracts and changes none', async () => {
    const contract = await world.proposed();
    await api.database.sql(`UPDATE organizations SET status = 'SUSPENDED' WHERE id = $1`, [world.b.id]);
    try {
      expect(await world.read(contract.id, world.ben)).toMatchObject({ status: 'PROPOSED', viewerCan: [] });
      const sign = { id: contract.id, contentHash: contract.contentHash };
      expect(await world.refused('signContract', sign, world.ben)).toMatchObject([{ code: 'NOT_ALLOWED' }]);
      // Nor is it signed without them.
      expect(await world.read(contract.id, world.ada)).toMatchObject({ viewerCan: ['EDIT', 'WITHDRAW', 'REJECT'] });
      expect(await world.refused('signContract', sign, world.ada)).toMatchObject([{ code: 'CONFLICT' }]);
    } finally {
      await api.database.sql(`UPDATE organizations SET status = 'ACTIVE' WHERE id = $1`, [world.b.id]);
    }
  });
});

describe('an edit', () => {
  test('clears all signatures and gives the clauses new ids', async () => {
    const hall = await world.resource(world.a, 'Reading room');
    const proposed = await world.proposed({ clauses: [world.grant(world.a, [hall], [world.b]), world.duty(world.b)] });
    await world.sign(proposed, world.ada);
    const edited = await world.done('updateContract', { id: proposed.id, version: 3, title: 'Renamed' }, world.ben);
    expect(edited).toMatchObject({ status: 'PROPOSED', title: 'Renamed', version: 4, signatures: [], parties: [{ signedAt: null }, { signedAt: null }] });
    expect(edited.clauses.map(({ text, granted }) => [text, granted])).toEqual(proposed.clauses.map(({ text, granted }) => [text, granted]));
    expect(edited.clauses.map(({ id }) => id).filter((id) => proposed.clauses.some((clause) => clause.id === id))).toEqual([]);
    expect(edited.contentHash).not.toBe(proposed.contentHash);
    const payload = await api.mutate('signContract', { id: proposed.id, contentHash: proposed.contentHash }, world.ada, 'contract { contentHash version }');
    expect(payload).toMatchObject({
      contract: { contentHash: edited.contentHash, version: 4 },
      userErrors: [{ code: 'STALE_VERSION', path: ['input', 'contentHash'], message: 'The content was changed since you read it: read it again before signing.' }],
    });
  });

  test('keeps clauses whose resources the editor may not see', async () => {
    const cellar = await world.resource(world.a, 'Cellar');
    const proposed = await world.proposed({ clauses: [world.grant(world.a, [cellar], [world.b])] });
    const clauses = [world.duty(world.b, 'Sweeps'), { keep: proposed.clauses[0]!.id }];
    const edited = await world.done('updateContract', { id: proposed.id, version: proposed.version, clauses }, world.ben);
    expect(edited.clauses).toMatchObject([{ text: 'Sweeps' }, { granted: [{ name: 'Cellar' }] }]);
    const elsewhere = await world.proposed();
    expect(await world.refused('updateContract', { id: elsewhere.id, version: elsewhere.version, clauses }, world.ben)).toMatchObject([
      { code: 'NOT_FOUND', path: ['input', 'clauses', '1', 'keep'] },
    ]);
  });

  test('of what was changed meanwhile is refused with the fresh contract', async () => {
    const { id } = await world.draft();
    await world.done('updateContract', { id, version: 1, title: 'First' }, world.ada);
    const payload = await api.mutate('updateContract', { id, version: 1, title: 'Second' }, world.ada, 'contract { title version clauses { text } }');
    expect(payload).toMatchObject({ contract: { title: 'First', version: 2, clauses: [{ text: 'Keeps the peace' }] }, userErrors: [{ code: 'STALE_VERSION', path: ['input', 'version'] }] });
  });

  test('changes the parties of a draft, and of nothing else', async () => {
    const draft = await world.draft();
    const parties = [world.a.globalId, world.outsider.globalId, world.b.globalId];
    const edited = await world.done('updateContract', { id: draft.id, version: 1, parties }, world.ada);
    expect(edited.parties.map(({ organization }) => organization.id)).toEqual(parties);
    expect(await world.read(draft.id, world.otto)).toBeNull();
    const proposed = await world.done('proposeContract', { id: draft.id, version: 2 }, world.ada);
    expect(await world.read(draft.id, world.otto)).not.toBeNull();
    const without = [world.a.globalId, world.b.globalId];
    expect(await world.refused('updateContract', { id: draft.id, version: proposed.version, parties: without }, world.otto)).toMatchObject([{ code: 'INVALID', path: ['input', 'parties'] }]);
  });

  test('of a draft keeps who drafts it among the parties', async () => {
    const { id } = await world.draft();
    const parties = [world.outsider.globalId, world.b.globalId];
    const refused = await world.refused('updateContract', { id, version: 1, parties, clauses: [world.duty(world.b)] }, world.committee);
    expect(refused).toMatchObject([{ code: 'INVALID', path: ['input', 'parties'] }]);
  });
});

describe('the list', () => {
  test('is newest first, filtered, and paged both ways', async () => {
    const other = await Agreements.begin(api);
    const made: string[] = [];
    for (const title of ['One', 'Two', 'Three', '100% sure', 'Five']) made.unshift((await other.concluded({ title })).id);
    const hidden = await other.draft({ title: 'Six' });
    const list = async (as: Person, args: string, filter = '{}') =>
      (await api.must(`{ contracts(${args}, filter: ${filter}) { totalCount nodes { id title } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`, {}, as)).contracts;
    expect((await list(other.ben, 'first: 100')).nodes.map(({ id }: { id: string }) => id)).toEqual(made);
    expect((await list(other.ada, 'first: 100')).nodes.map(({ id }: { id: string }) => id)).toEqual([hidden.id, ...made]);
    expect(await list(other.otto, 'first: 100')).toMatchObject({ totalCount: 0, nodes: [] });

    const page = await list(other.ben, 'first: 2');
    expect(page).toMatchObject({ totalCount: 5, nodes: [{ title: 'Five' }, { title: '100% sure' }], pageInfo: { hasNextPage: true, hasPreviousPage: false } });
    const next = await list(other.ben, `first: 2, after: "${page.pageInfo.endCursor}"`);
    expect(next.nodes).toMatchObject([{ title: 'Three' }, { title: 'Two' }]);
    expect((await list(other.ben, `last: 2, before: "${next.pageInfo.startCursor}"`)).nodes).toEqual(page.nodes);

    const titles = async (filter: string, as = other.committee) => (await list(as, 'first: 100', filter)).nodes.map(({ title }: { title: string }) => title);
    expect(await titles('{ text: "0% S" }')).toEqual(['100% sure']);
    expect(await titles('{ status: DRAFT }')).toEqual(['Six']);
    expect(await titles(`{ party: "${other.outsider.globalId}" }`)).toEqual([]);
    expect(await titles(`{ party: "${other.b.globalId}", status: ACTIVE, clauseKind: GOVERNANCE_DUTY, text: "o" }`)).toEqual(['Two', 'One']);
    expect(await titles('{ clauseKind: RESOURCE_GRANT }')).toEqual([]);
    expect((await api.ask(`{ contracts(filter: { party: "${hidden.id}" }) { totalCount } }`, {}, other.ben)).errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);

    for (const text of ['a\u0000b', 'x'.repeat(201)]) {
      const answer = await api.ask('query ($text: String) { contracts(filter: { text: $text }) { totalCount } }', { text }, other.ben);
      expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    }

    const ofOrganization = async (as: Person) =>
      (await api.must(`query ($id: ID!) { node(id: $id) { ... on Organization { contracts(first: 2, status: ACTIVE) { totalCount nodes { title } } } } }`, { id: other.a.globalId }, as)).node.contracts;
    expect(await ofOrganization(other.ben)).toMatchObject({ totalCount: 5, nodes: [{ title: 'Five' }, { title: '100% sure' }] });
    expect(await ofOrganization(other.otto)).toMatchObject({ totalCount: 0 });
    expect(await ofOrganization(await api.world.person(other.b, 'VOLUNTEER'))).toBeNull();
  });

  test('stays within the network', async () => {
    const elsewhere = await Agreements.begin(api);
    const contract = await elsewhere.concluded();
    expect(await world.read(contract.id, world.committee)).toBeNull();
    expect(await world.refused('terminateContract', { id: contract.id, version: contract.version }, world.committee)).toMatchObject([{ code: 'NOT_FOUND' }]);
    expect(await world.read(contract.clauses[0]!.id, world.committee)).toBeNull();
  });

  test('costs one statement a level, however many contracts', async () => {
    const other = await Agreements.begin(api);
    const hall = await other.resource(other.a, 'Hall');
    for (let made = 0; made < 6; made += 1) await other.concluded({ clauses: [other.grant(other.a, [hall], [other.b]), other.duty(other.b)] });
    const statements = async (first: number): Promise<number> => {
      const query = jest.spyOn(Client.prototype, 'query');
      await api.must(
        `{ contracts(first: ${first}) { nodes { parties { organization { name } } signatures { contentHash } viewerCan history { to } supersededBy { id }
          clauses { text obligor { name } ... on ResourceGrantClause { granted { name } beneficiaries { name } } } } } }`,
        {},
        other.committee,
      );
      const { length } = query.mock.calls;
      query.mockRestore();
      return length;
    };
    await statements(1);
    expect(await statements(6)).toBe(await statements(1));
  });
});
