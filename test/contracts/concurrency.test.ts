import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { TestApi } from '../support/api';
import type { Person } from '../support/world';
import { Agreements, uuidOf, type ContractView } from './agreements';

let api: TestApi;
let world: Agreements;
let parties: { globalIds: string[]; signers: Person[] };

beforeAll(async () => {
  api = await TestApi.start({ DATABASE_POOL_SIZE: '20' });
  world = await Agreements.begin(api);
  const signers = [world.ada, world.ben, world.otto, world.committee];
  for (let count = 0; count < 4; count += 1) signers.push(await api.world.person(await api.world.organization(world.founded.network), 'ADMIN'));
  for (const signer of signers) await api.token(signer);
  parties = { globalIds: signers.map(({ organization }) => organization.globalId), signers };
});
beforeEach(() => api.clock.set('2026-06-10T02:00:00Z'));
afterAll(() => api.stop());

test('all parties sign at the same instant, 20 times: each contract is concluded once', async () => {
  for (let round = 0; round < 20; round += 1) {
    const proposed = await world.proposed({ parties: parties.globalIds });
    const input = { id: proposed.id, contentHash: proposed.contentHash };
    await Promise.all(parties.signers.map((signer) => world.done('signContract', input, signer)));
    const signed = (await world.read(proposed.id, world.ada))!;
    expect(signed.status).toBe('ACTIVE');
    expect(signed.signatures).toHaveLength(parties.signers.length);
    expect(signed.history.map(({ to }) => to)).toEqual(['DRAFT', 'PROPOSED', 'SIGNED', 'ACTIVE']);
    expect(signed.version).toBe(proposed.version + parties.signers.length);
  }
}, 60_000);

test('one party signs many times at once: one signature', async () => {
  const proposed = await world.proposed();
  const input = { id: proposed.id, contentHash: proposed.contentHash };
  const payloads = await Promise.all(Array.from({ length: 10 }, () => api.mutate('signContract', input, world.ada)));
  expect(payloads.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1);
  expect(payloads.flatMap(({ userErrors }) => userErrors.map(({ code }: { code: string }) => code))).toEqual(Array(9).fill('DUPLICATE'));
});

test('the same request delivered many times at once is done once', async () => {
  const proposed = await world.proposed();
  const input = { id: proposed.id, contentHash: proposed.contentHash, idempotencyKey: 'delivered-often' };
  const answers = await Promise.all(Array.from({ length: 10 }, () => world.done('signContract', input, world.ada)));
  expect(new Set(answers.map(({ version }) => version))).toEqual(new Set([proposed.version + 1]));
});

test('an edit and a signature at the same instant: what is signed is what is read', async () => {
  for (let round = 0; round < 10; round += 1) {
    const proposed = await world.proposed();
    await world.sign(proposed, world.ada);
    const version = proposed.version + 1;
    const [signing, editing] = await Promise.all([
      api.mutate('signContract', { id: proposed.id, contentHash: proposed.contentHash }, world.ben),
      api.mutate('updateContract', { id: proposed.id, version, title: 'Changed' }, world.ada),
    ]);
    const after = (await world.read(proposed.id, world.ada))!;
    expect(signing.userErrors.length + editing.userErrors.length).toBe(1);
    if (signing.userErrors.length) expect(after).toMatchObject({ title: 'Changed', status: 'PROPOSED', signatures: [] });
    else expect(after).toMatchObject({ title: proposed.title, status: 'ACTIVE', contentHash: proposed.contentHash });
  }
});

test('numbers are unique and without a gap under parallel drafts, in each network and year', async () => {
  const other = await Agreements.begin(api);
  const drafts = await Promise.all(
    Array.from({ length: 20 }, (_, index) => (index % 2 ? world.draft({}, world.ada) : world.draft({ parties: [world.a.globalId, world.b.globalId] }, world.ben))),
  );
  const numbers = drafts.map(({ number }) => Number(/^NET-1-2026-(\d{4})$/.exec(number)![1])).sort((x, y) => x - y);
  expect(numbers).toEqual(Array.from({ length: 20 }, (_, index) => numbers[0]! + index));
  expect((await other.draft()).number).toBe(`${other.founded.network.code.toUpperCase()}-2026-0001`);
  await other.refused('draftContract', other.input({ clauses: [other.duty(other.outsider)] }), other.ada);
  expect((await other.draft()).number).toMatch(/-2026-0002$/);
  // The year is the network's: in Shanghai it begins eight hours earlier than in Greenwich.
  api.clock.set('2026-12-31T16:00:00Z');
  expect((await other.draft({ term: { from: '2027-01-01' } })).number).toMatch(/-2027-0001$/);
});

test('of two amendments at once one is drafted', async () => {
  const { id, version } = await world.concluded();
  const input = { id, version, term: { from: '2026-09-01' } };
  const payloads = await Promise.all(Array.from({ length: 5 }, () => api.mutate('amendContract', input, world.ada, 'contract { id }')));
  expect(payloads.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1);
  expect(payloads.flatMap(({ userErrors }) => userErrors.map(({ code }: { code: string }) => code))).toEqual(Array(4).fill('CONFLICT'));
});

test('of two amendments proposed at once one is', async () => {
  for (let round = 0; round < 5; round += 1) {
    const { id, version } = await world.concluded();
    const drafts: [ContractView, Person][] = [];
    for (const as of [world.ada, world.ben]) drafts.push([await world.done('amendContract', { id, version, term: { from: '2026-09-01' } }, as), as]);
    const payloads = await Promise.all(drafts.map(([draft, as]) => api.mutate('proposeContract', { id: draft.id, version: draft.version }, as)));
    expect(payloads.flatMap(({ userErrors }) => userErrors.map(({ code }: { code: string }) => code))).toEqual(['CONFLICT']);
  }
});

test('the last signature under an amendment and a suspension at once leave one version in force, or none', async () => {
  for (let round = 0; round < 10; round += 1) {
    const before = await world.concluded();
    const draft = await world.done('amendContract', { id: before.id, version: before.version, term: { from: '2026-06-10' } }, world.ada);
    const proposed = await world.done('proposeContract', { id: draft.id, version: draft.version }, world.ada);
    await world.sign(proposed, world.ada);
    const [signing, suspending] = await Promise.all([
      api.mutate('signContract', { id: draft.id, contentHash: draft.contentHash }, world.ben),
      api.mutate('suspendContract', { id: before.id, version: before.version }, world.committee),
    ]);
    const statuses = [(await world.read(before.id, world.ada))!.status, (await world.read(draft.id, world.ada))!.status];
    expect(signing.userErrors.length + suspending.userErrors.length).toBe(1);
    expect(statuses).toEqual(signing.userErrors.length ? ['SUSPENDED', 'PROPOSED'] : ['EXPIRED', 'ACTIVE']);
  }
});

test('the last signature and a party that leaves at once: it is bound, or gone', async () => {
  // Both come as far as they can before either is committed: what is written last is held.
  const holder = new Client(api.database.superuserUrl);
  await holder.connect();
  for (let round = 0; round < 4; round += 1) {
    const leaver = await api.world.person(await api.world.organization(world.founded.network), 'ADMIN');
    await api.token(leaver);
    const proposed = await world.proposed({ parties: [world.a.globalId, leaver.organization.globalId] });
    await world.sign(proposed, leaver);
    const sign = () => api.mutate('signContract', { id: proposed.id, contentHash: proposed.contentHash }, world.ada);
    const leave = () => api.mutate('leaveNetwork', { id: leaver.organization.globalId, version: 1 }, leaver);
    await holder.query('BEGIN');
    await holder.query('SELECT FROM audit_heads WHERE network_id = $1 FOR UPDATE', [world.founded.network.id]);
    const asked = Promise.all(round % 2 ? [sign(), leave()] : [leave(), sign()].reverse());
    await pause(200);
    await holder.query('COMMIT');
    const [signing, leaving] = (await asked).map((payload) => (payload.userErrors as { code: string }[])[0]?.code ?? 'done');
    expect([signing, leaving]).toEqual(signing === 'done' ? ['done', 'CONFLICT'] : ['CONFLICT', 'done']);
    const standing = await api.database.sql<{ status: string }>('SELECT status FROM organizations WHERE id = $1', [leaver.organization.id]);
    expect([(await world.read(proposed.id, world.ada))!.status, standing[0]!.status]).toEqual(signing === 'done' ? ['ACTIVE', 'ACTIVE'] : ['PROPOSED', 'LEFT']);
  }
  await holder.end();
});

test('every contract has the numbers of its own history in the audit log, and the chain holds', async () => {
  const { id } = await world.concluded();
  const actions = await api.database.sql<{ action: string }>('SELECT action FROM audit_entries WHERE subject_id = $1 ORDER BY seq', [uuidOf(id)]);
  expect(actions.map(({ action }) => action)).toEqual(['contract.draft', 'contract.propose', 'contract.sign', 'contract.sign', 'contract.activate']);
});
