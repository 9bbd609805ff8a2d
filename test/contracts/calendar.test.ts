import { recordDueContracts } from '../../src/domain/contracts/service';
import { TestApi } from '../support/api';
import { Agreements, uuidOf, type ContractView } from './agreements';

let api: TestApi;
let world: Agreements;

beforeAll(async () => {
  api = await TestApi.start();
});
beforeEach(async () => {
  api.clock.set('2026-06-10T02:00:00Z');
  world = await Agreements.begin(api);
});
afterAll(() => api.stop());

/** The first instant of a day in the network's time zone, Asia/Shanghai. */
const midnight = (day: string) => new Date(`${day}T00:00:00+08:00`);
const justBefore = (day: string) => new Date(midnight(day).getTime() - 1);

const statusAt = async (at: Date, { id }: ContractView) => {
  api.clock.set(at);
  return (await world.read(id, world.ada))!.status;
};

test('the status is right to the instant, with nothing written', async () => {
  const contract = await world.concluded({ term: { from: '2026-07-01', to: '2026-07-31' } });
  const before = await world.rows(contract.id);
  expect(await statusAt(justBefore('2026-07-01'), contract)).toBe('SIGNED');
  expect(await statusAt(midnight('2026-07-01'), contract)).toBe('ACTIVE');
  expect(await statusAt(justBefore('2026-08-01'), contract)).toBe('ACTIVE');
  expect(await statusAt(midnight('2026-08-01'), contract)).toBe('EXPIRED');
  expect(await world.rows(contract.id)).toEqual(before);
});

test('what the calendar has moved is written down once, dated by the calendar, by nobody', async () => {
  const contract = await world.concluded({ term: { from: '2026-07-01', to: '2026-07-31' } });
  const { version } = (await world.read(contract.id, world.ada))!;
  api.clock.set('2026-09-15T12:00:00Z');
  await Promise.all(Array.from({ length: 5 }, () => recordDueContracts(api.app.platform)));
  expect(await recordDueContracts(api.app.platform)).toBe(0);
  const history = await api.must('query ($id: ID!) { node(id: $id) { ... on Contract { version history { at from to by { displayName } } } } }', { id: contract.id }, world.ben);
  expect(history.node.version).toBe(version);
  expect(history.node.history.slice(3)).toEqual([
    { at: midnight('2026-07-01').toISOString(), from: 'SIGNED', to: 'ACTIVE', by: null },
    { at: midnight('2026-08-01').toISOString(), from: 'ACTIVE', to: 'EXPIRED', by: null },
  ]);
  const audit = await api.database.sql('SELECT action, actor_user_id FROM audit_entries WHERE subject_id = $1 ORDER BY seq DESC LIMIT 2', [uuidOf(contract.id)]);
  expect(audit).toEqual([{ action: 'contract.expire', actor_user_id: null }, { action: 'contract.activate', actor_user_id: null }]);
});

test('many contracts of many networks come due at once', async () => {
  const other = await Agreements.begin(api);
  const made: [Agreements, ContractView][] = [];
  for (let count = 0; count < 3; count += 1) {
    for (const each of [world, other]) made.push([each, await each.concluded({ term: { from: '2026-07-01', to: '2026-07-31' } })]);
  }
  api.clock.set('2026-07-15T12:00:00Z');
  expect(await recordDueContracts(api.app.platform)).toBeGreaterThanOrEqual(made.length);
  for (const [each, { id }] of made) expect((await each.read(id, each.ada))!.history.at(-1)).toMatchObject({ from: 'SIGNED', to: 'ACTIVE' });
});

test('a verb writes down first what the calendar has moved', async () => {
  const contract = await world.concluded({ term: { from: '2026-07-01', to: '2026-07-31' } });
  api.clock.set('2026-07-10T02:00:00Z');
  const { id, version } = (await world.read(contract.id, world.committee))!;
  const suspended = await world.done('suspendContract', { id, version, note: 'Dispute' }, world.committee);
  expect(suspended.history.slice(-2)).toMatchObject([{ from: 'SIGNED', to: 'ACTIVE', by: null }, { from: 'ACTIVE', to: 'SUSPENDED', note: 'Dispute' }]);
  api.clock.set('2026-08-02T02:00:00Z');
  await recordDueContracts(api.app.platform);
  expect((await world.read(id, world.ada))!.history.at(-1)).toMatchObject({ from: 'SUSPENDED', to: 'EXPIRED', by: null });
});

describe('an amendment', () => {
  const amended = (changes: Record<string, unknown> = {}) => world.concluded({ term: { from: '2026-01-01', to: '2026-12-31' }, ...changes });
  const amendment = async ({ id }: ContractView, changes: Record<string, unknown> = {}) => {
    const { version } = (await world.read(id, world.ada))!;
    return world.done('amendContract', { id, version, term: { from: '2026-09-01', to: '2027-08-31' }, clauses: [world.duty(world.b, 'Newly worded')], ...changes }, world.ada);
  };
  const signedByAll = async (draft: ContractView) => {
    const proposed = await world.done('proposeContract', { id: draft.id, version: draft.version }, world.ada);
    await world.sign(proposed, world.ada);
    return world.sign(proposed, world.ben);
  };

  test('takes over on its first day without a gap and without an overlap', async () => {
    const before = await amended();
    const after = await signedByAll(await amendment(before));
    expect(after).toMatchObject({ status: 'SIGNED', title: before.title, supersedes: { id: before.id }, parties: before.parties.map(({ organization }) => ({ organization })) });
    expect(await world.read(before.id, world.ben)).toMatchObject({ status: 'ACTIVE', supersededBy: { id: after.id }, term: { from: '2026-01-01', to: '2026-12-31' } });
    for (const [at, statuses] of [
      [justBefore('2026-09-01'), ['ACTIVE', 'SIGNED']],
      [midnight('2026-09-01'), ['EXPIRED', 'ACTIVE']],
      [justBefore('2027-09-01'), ['EXPIRED', 'ACTIVE']],
      [midnight('2027-09-01'), ['EXPIRED', 'EXPIRED']],
    ] as const) {
      expect([await statusAt(at, before), await statusAt(at, after)]).toEqual(statuses);
    }
    api.clock.set('2026-09-01T02:00:00Z');
    await recordDueContracts(api.app.platform);
    expect((await world.read(before.id, world.ada))!.history.at(-1)).toMatchObject({ to: 'EXPIRED', by: null });
    expect((await world.read(after.id, world.ada))!.history.at(-1)).toMatchObject({ to: 'ACTIVE', by: null });
  });

  test('may begin today, and then takes over with the last signature', async () => {
    const before = await amended();
    const after = await signedByAll(await amendment(before, { term: { from: '2026-06-10' } }));
    expect(after.status).toBe('ACTIVE');
    expect(await world.read(before.id, world.ada)).toMatchObject({ status: 'EXPIRED', viewerCan: [], history: expect.arrayContaining([expect.objectContaining({ to: 'EXPIRED' })]) });
  });

  test('may follow on the day after the end', async () => {
    const before = await amended();
    const after = await signedByAll(await amendment(before, { term: { from: '2027-01-01' } }));
    expect([await statusAt(justBefore('2027-01-01'), before), await statusAt(justBefore('2027-01-01'), after)]).toEqual(['ACTIVE', 'SIGNED']);
    expect([await statusAt(midnight('2027-01-01'), before), await statusAt(midnight('2027-01-01'), after)]).toEqual(['EXPIRED', 'ACTIVE']);
  });

  test.each([
    ['before today', '2026-06-09', '2026-06-10', '2027-01-01'],
    ['later than the day after the end', '2027-01-02', '2026-06-10', '2027-01-01'],
  ])('does not begin %s', async (_name, from, least, most) => {
    const { id, version } = await amended();
    const input = { id, version, term: { from } };
    expect(await world.refused('amendContract', input, world.ada, 'en')).toEqual([
      { code: 'INVALID', path: ['input', 'term', 'from'], message: `An amendment begins within the term of the contract it takes over, at the latest the day after its end (${least} to ${most}).` },
    ]);
    expect((await world.refused('amendContract', input, world.ada, 'zh-CN'))[0]!.message).toContain(`${least} 至 ${most}`);
  });

  test('does not begin on the first day of what it amends', async () => {
    const { id, version } = await amended({ term: { from: '2026-06-10', to: '2026-12-31' } });
    expect(await world.refused('amendContract', { id, version, term: { from: '2026-06-10' } }, world.ada)).toMatchObject([{ code: 'INVALID', path: ['input', 'term', 'from'] }]);
  });

  test('that is terminated before it has begun leaves the contract as it was', async () => {
    const before = await amended();
    const after = await signedByAll(await amendment(before));
    await world.done('terminateContract', { id: after.id, version: after.version, note: 'Not after all' }, world.ben);
    expect(await world.read(before.id, world.ada)).toMatchObject({ status: 'ACTIVE', supersededBy: null, viewerCan: ['TERMINATE', 'AMEND'] });
    expect(await statusAt(midnight('2026-12-31'), before)).toBe('ACTIVE');
    api.clock.set('2026-06-11T02:00:00Z');
    const again = await signedByAll(await amendment(before));
    expect(await world.read(before.id, world.ada)).toMatchObject({ supersededBy: { id: again.id } });
  });

  test('that is terminated after it has begun does not revive the contract', async () => {
    const before = await amended();
    const after = await signedByAll(await amendment(before));
    api.clock.set('2026-10-01T02:00:00Z');
    const { id, version } = (await world.read(after.id, world.ada))!;
    await world.done('terminateContract', { id, version }, world.ada);
    expect(await world.read(before.id, world.ada)).toMatchObject({ status: 'EXPIRED', supersededBy: { id: after.id } });
  });

  test('can itself be amended', async () => {
    const first = await amended();
    const second = await signedByAll(await amendment(first));
    api.clock.set('2026-10-01T02:00:00Z');
    const third = await signedByAll(await amendment(second, { term: { from: '2026-11-01' } }));
    const statuses = async (at: Date) => [await statusAt(at, first), await statusAt(at, second), await statusAt(at, third)];
    expect(await statuses(justBefore('2026-11-01'))).toEqual(['EXPIRED', 'ACTIVE', 'SIGNED']);
    expect(await statuses(midnight('2026-11-01'))).toEqual(['EXPIRED', 'EXPIRED', 'ACTIVE']);
  });

  test('is under way only once', async () => {
    const before = await amended();
    const draft = await amendment(before);
    const { id, version } = (await world.read(before.id, world.ada))!;
    const input = { id, version, term: { from: '2026-08-01' } };
    expect(await world.read(id, world.ada)).toMatchObject({ viewerCan: ['TERMINATE'] });
    expect(await world.refused('amendContract', input, world.ada)).toMatchObject([{ code: 'CONFLICT', message: `An amendment of this contract is under way: ${draft.number}.` }]);
    // A draft is its drafter's alone: the other party knows nothing of it and may draft one too, but not propose a second.
    const others = await world.done('amendContract', input, world.ben);
    await world.done('proposeContract', { id: draft.id, version: draft.version }, world.ada);
    expect(await world.read(others.id, world.ben)).toMatchObject({ viewerCan: ['EDIT'] });
    expect(await world.refused('proposeContract', { id: others.id, version: others.version }, world.ben)).toMatchObject([{ code: 'CONFLICT', message: expect.stringContaining(draft.number) }]);
  });

  test('does not come twice', async () => {
    const before = await amended();
    await signedByAll(await amendment(before));
    const { id, version } = (await world.read(before.id, world.ada))!;
    expect(await world.refused('amendContract', { id, version, term: { from: '2026-08-01' } }, world.ben)).toMatchObject([{ code: 'CONFLICT', message: 'An amendment takes this contract over already.' }]);
  });

  test('keeps the parties', async () => {
    const draft = await amendment(await amended());
    const parties = [world.a.globalId, world.b.globalId, world.outsider.globalId];
    expect(await world.refused('updateContract', { id: draft.id, version: draft.version, parties }, world.ada)).toMatchObject([
      { code: 'INVALID', message: 'An amendment has the same parties as the contract that it amends.', path: ['input', 'parties'] },
    ]);
    const edited = await world.done('updateContract', { id: draft.id, version: draft.version, term: { from: '2026-10-01' } }, world.ada);
    expect(edited.term).toEqual({ from: '2026-10-01', to: null });
    expect(await world.refused('updateContract', { id: draft.id, version: edited.version, term: { from: '2027-03-01' } }, world.ada)).toMatchObject([{ path: ['input', 'term', 'from'] }]);
  });

  test('does not lift a suspension of the committee', async () => {
    const before = await amended();
    const draft = await amendment(before);
    const proposed = await world.done('proposeContract', { id: draft.id, version: draft.version }, world.ada);
    await world.sign(proposed, world.ada);
    const { id, version } = (await world.read(before.id, world.committee))!;
    const suspended = await world.done('suspendContract', { id, version }, world.committee);
    expect(await world.read(id, world.ada)).toMatchObject({ viewerCan: ['TERMINATE'] });
    expect(await world.read(draft.id, world.ben)).toMatchObject({ viewerCan: ['EDIT', 'REJECT'] });
    const sign = { id: draft.id, contentHash: proposed.contentHash };
    expect(await world.refused('signContract', sign, world.ben)).toMatchObject([{ code: 'CONFLICT', message: expect.stringContaining(before.number) }]);
    await world.done('resumeContract', { id, version: suspended.version }, world.committee);
    expect(await world.done('signContract', sign, world.ben)).toMatchObject({ status: 'SIGNED' });
  });

  test('keeps the clauses when none are given', async () => {
    const before = await amended();
    const draft = await amendment(before, { clauses: null, title: 'Extended' });
    expect(draft).toMatchObject({ title: 'Extended', clauses: before.clauses.map(({ text }) => ({ text })) });
    expect(draft.clauses[0]!.id).not.toBe(before.clauses[0]!.id);
  });
});
