import { v7 } from 'uuid';
import { earnForService } from '../../src/domain/points/earning';
import { recordDuePoints } from '../../src/domain/points/expiry';
import { holdAccounts, merchant, transfer, volunteer as holder } from '../../src/domain/points/ledger';
import { anonymous, Session } from '../../src/platform/database/session';
import { toGlobalId } from '../../src/platform/ids';
import { TestApi } from '../support/api';
import type { Founded, Person, TestOrganization } from '../support/world';
import { audit, volunteerOf, type TestVolunteer } from './people';

let api: TestApi;
let founded: Founded;
let committee: Person;
let organization: TestOrganization;
beforeAll(async () => {
  api = await TestApi.start();
});
afterAll(() => api.stop());
beforeEach(async () => {
  api.clock.set('2026-11-24T02:00:00Z');
  founded = await api.world.found();
  ({ committee } = founded);
  organization = await api.world.organization(founded.network);
});
// Whatever was done, the ledger is whole.
afterEach(async () => expect(await audit(api, founded.network)).toMatchObject({ sum: 0, differing: 0, unbalanced: 0 }));

const code = (payload: Record<string, any>) => payload.userErrors[0]?.code ?? 'DONE';
const grant = async ({ globalId }: TestVolunteer, amount: number, as: Person = committee): Promise<string> =>
  (await api.done('grantBonus', { volunteer: globalId, amount, reason: 'Thanks' }, as, 'transfer { id }')).transfer.id;
const policy = async (changes: Record<string, unknown>) => {
  const { network } = await api.must('{ network { pointsPolicy { version } } }', {}, committee);
  await api.done('updatePointsPolicy', { version: network.pointsPolicy.version, ...changes }, committee);
};
const ACCOUNT = 'pointsAccount { id kind balance held available }';
const own = async ({ person }: TestVolunteer, fields = ACCOUNT) => (await api.must(`{ viewer { ${fields} } }`, {}, person)).viewer.pointsAccount;
/** Points that a merchant has taken, as a redemption leaves them. */
async function taken(volunteer: TestVolunteer, by: TestOrganization, amount: number): Promise<string> {
  await grant(volunteer, amount);
  return new Session(api.dataSource, anonymous, api.clock).through('points', founded.network.id, async (tx) => {
    const accounts = await holdAccounts(tx, [holder(volunteer.id), merchant(by.id)]);
    const [id] = await transfer(tx, accounts, [{ debit: holder(volunteer.id), credit: merchant(by.id), amount, reason: 'REDEMPTION', status: 'POSTED' }]);
    return toGlobalId('PointsTransfer', id!);
  });
}

describe('a bonus', () => {
  test('comes out of the issuance account, and both see it', async () => {
    const volunteer = await volunteerOf(api, organization);
    expect(await own(volunteer)).toEqual({ id: toGlobalId('PointsAccount', volunteer.id), kind: 'VOLUNTEER', balance: 0, held: 0, available: 0 });
    await grant(volunteer, 40);
    await grant(volunteer, 2);
    const account = await own(volunteer, `pointsAccount { balance available holder { __typename } entries { totalCount nodes { delta balanceAfter transfer { amount reason status memo debit { id } credit { id } from { kind holder { ... on Network { id } } } to { kind } } } } }`);
    expect(account).toMatchObject({ balance: 42, available: 42 });
    expect(account.entries.nodes.map(({ delta, balanceAfter }: { delta: number; balanceAfter: number }) => [delta, balanceAfter])).toEqual([[2, 42], [40, 40]]);
    expect(account.entries.nodes[0].transfer).toEqual({
      amount: 2, reason: 'BONUS', status: 'POSTED', memo: 'Thanks', debit: null, credit: { id: toGlobalId('PointsAccount', volunteer.id) },
      from: { kind: 'ISSUANCE', holder: { id: founded.network.globalId } }, to: { kind: 'VOLUNTEER' },
    });
    const { network } = await api.must('{ network { pointsAccounts { kind balance available entries { nodes { delta balanceAfter } } } } }', {}, committee);
    expect(network.pointsAccounts).toEqual([
      { kind: 'ISSUANCE', balance: -42, available: -42, entries: { nodes: [{ delta: -2, balanceAfter: -42 }, { delta: -40, balanceAfter: -40 }] } },
      { kind: 'EXPIRED', balance: 0, available: 0, entries: { nodes: [] } },
    ]);
  });

  test.each([[0, 'INVALID'], [-1, 'INVALID'], [1_000_001, 'INVALID'], [2 ** 31, 'BAD_USER_INPUT'], [2 ** 53, 'BAD_USER_INPUT'], [1.5, 'BAD_USER_INPUT'], ['7', 'BAD_USER_INPUT']])('of %s is refused', async (amount, expected) => {
    const volunteer = await volunteerOf(api, organization);
    const answer = await api.ask('mutation ($input: GrantBonusInput!) { grantBonus(input: $input) { userErrors { code path } } }', { input: { volunteer: volunteer.globalId, amount, reason: 'x' } }, committee);
    expect(answer.errors?.[0]?.extensions.code ?? answer.data.grantBonus.userErrors[0].code).toBe(expected);
    expect(await audit(api, founded.network)).toMatchObject({ entries: 0 });
  });

  test('needs a reason, and somebody who is a volunteer', async () => {
    const volunteer = await volunteerOf(api, organization);
    expect((await api.mutate('grantBonus', { volunteer: volunteer.globalId, amount: 1, reason: ' ' }, committee)).userErrors).toMatchObject([{ code: 'INVALID', path: ['input', 'reason'] }]);
    expect(code(await api.mutate('grantBonus', { volunteer: organization.globalId, amount: 1, reason: 'x' }, committee))).toBe('NOT_FOUND');
    await api.database.sql(`UPDATE volunteers SET status = 'LEFT' WHERE id = $1`, [volunteer.id]);
    expect(code(await api.mutate('grantBonus', { volunteer: volunteer.globalId, amount: 1, reason: 'x' }, committee))).toBe('WRONG_STATE');
    const elsewhere = await api.world.found();
    expect(code(await api.mutate('grantBonus', { volunteer: volunteer.globalId, amount: 1, reason: 'x' }, elsewhere.committee))).toBe('NOT_FOUND');
  });

  test('stays within the limit of who grants it in a month, also at the same instant', async () => {
    await policy({ bonusLimit: 100 });
    const volunteer = await volunteerOf(api, organization);
    const give = (amount: number, as = committee) => api.mutate('grantBonus', { volunteer: volunteer.globalId, amount, reason: 'x' }, as);
    expect(code(await give(101))).toBe('QUOTA_EXCEEDED');
    const outcomes = await Promise.all(Array.from({ length: 12 }, () => give(10)));
    expect(outcomes.filter((payload) => code(payload) === 'DONE')).toHaveLength(10);
    expect(outcomes.filter((payload) => code(payload) === 'QUOTA_EXCEEDED')).toHaveLength(2);
    expect(code(await give(100, await api.world.person(founded.hub, 'COMMITTEE')))).toBe('DONE');
    api.clock.set('2026-12-01T00:00:00+08:00');
    expect(code(await give(100))).toBe('DONE');
  });

  test('is granted once a key', async () => {
    const volunteer = await volunteerOf(api, organization);
    const input = { volunteer: volunteer.globalId, amount: 5, reason: 'x', idempotencyKey: 'once' };
    const answers = await Promise.all(Array.from({ length: 6 }, () => api.mutate('grantBonus', input, committee, 'transfer { id }')));
    expect(new Set(answers.map(({ transfer }) => transfer.id)).size).toBe(1);
    expect(code(await api.mutate('grantBonus', { ...input, amount: 6 }, committee))).toBe('IDEMPOTENCY_MISMATCH');
    expect(await own(volunteer)).toMatchObject({ balance: 5 });
  });
});

describe('a reversal', () => {
  const reverse = (transfer: string, as: Person = committee) => api.mutate('reverseTransfer', { transfer, reason: 'Mistaken' }, as, 'transfer { id amount reason reverses { id } }');

  test('takes a grant back, once, and is not taken back itself', async () => {
    const volunteer = await volunteerOf(api, organization);
    const granted = await grant(volunteer, 30);
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => reverse(granted)));
    expect(outcomes.map(code).sort()).toEqual(['CONFLICT', 'CONFLICT', 'CONFLICT', 'CONFLICT', 'CONFLICT', 'DONE']);
    const { transfer } = outcomes.find((payload) => code(payload) === 'DONE')!;
    expect(transfer).toMatchObject({ amount: 30, reason: 'REVERSAL', reverses: { id: granted } });
    expect(await own(volunteer)).toMatchObject({ balance: 0 });
    expect(code(await reverse(transfer.id))).toBe('NOT_ALLOWED');
  });

  test('is refused clearly when the points have been spent', async () => {
    const volunteer = await volunteerOf(api, organization);
    const granted = await grant(volunteer, 30);
    await api.database.sql(`UPDATE points_accounts SET held = 1 WHERE id = $1`, [volunteer.id]);
    expect((await reverse(granted)).userErrors).toMatchObject([{ code: 'INSUFFICIENT_POINTS', path: ['input', 'transfer'], message: expect.stringContaining('29 available, 30 needed') }]);
    await api.database.sql(`UPDATE points_accounts SET held = 0 WHERE id = $1`, [volunteer.id]);
    expect(code(await reverse(granted))).toBe('DONE');
  });

  test('is for the committee, of transfers that it may see', async () => {
    const volunteer = await volunteerOf(api, organization);
    const granted = await grant(volunteer, 30);
    for (const who of [volunteer.person, await api.world.person(organization, 'ADMIN')]) {
      const { errors } = await api.ask('mutation ($input: ReverseTransferInput!) { reverseTransfer(input: $input) { userErrors { code } } }', { input: { transfer: granted } }, who);
      expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    }
    expect(code(await reverse(granted, (await api.world.found()).committee))).toBe('NOT_FOUND');
    expect(code(await reverse(toGlobalId('PointsTransfer', volunteer.id)))).toBe('NOT_FOUND');
  });

  test('gives what a merchant took back to the volunteer, out of what the merchant has', async () => {
    const volunteer = await volunteerOf(api, organization);
    const redeemed = await taken(volunteer, organization, 25);
    expect(await own(volunteer)).toMatchObject({ balance: 0 });
    expect(code(await reverse(redeemed))).toBe('DONE');
    expect(await own(volunteer)).toMatchObject({ balance: 25 });
  });
});

describe('a settlement', () => {
  const state = (total: number, as: Person, period = { from: '2026-10-01', to: '2026-10-31' }, of = organization) =>
    api.mutate('settleMerchant', { organization: of.globalId, period, total }, as, 'settlement { id status total proposedBySide period { from to } transfer { amount reason } }');

  test('needs the same total from both sides', async () => {
    const volunteer = await volunteerOf(api, organization);
    const admin = await api.world.person(organization, 'ADMIN');
    api.clock.set('2026-10-10T02:00:00Z');
    await taken(volunteer, organization, 25);
    api.clock.set('2026-10-31T15:59:59Z');
    await taken(volunteer, organization, 5);
    api.clock.set('2026-10-31T16:00:00Z');
    await taken(volunteer, organization, 7);
    expect(code(await state(30, admin, { from: '2026-10-01', to: '2026-11-01' }))).toBe('TOO_EARLY');
    api.clock.set('2026-11-24T02:00:00Z');
    expect((await state(31, admin)).userErrors).toMatchObject([{ code: 'CONFLICT', path: ['input', 'total'], message: expect.stringContaining('30') }]);
    expect((await state(30, admin)).settlement).toMatchObject({ status: 'PROPOSED', total: 30, proposedBySide: 'MERCHANT', period: { from: '2026-10-01', to: '2026-10-31' }, transfer: null });
    expect(code(await state(30, admin))).toBe('WRONG_STATE');
    expect(code(await state(29, committee))).toBe('CONFLICT');
    expect((await state(30, committee)).settlement).toMatchObject({ status: 'CONFIRMED', transfer: { amount: 30, reason: 'SETTLEMENT' } });
    expect(code(await state(30, committee))).toBe('CONFLICT');
    expect(code(await state(37, admin, { from: '2026-10-31', to: '2026-11-23' }))).toBe('CONFLICT');
    expect(code(await state(7, admin, { from: '2026-11-01', to: '2026-11-23' }))).toBe('DONE');
    const read = 'query ($id: ID!) { node(id: $id) { ... on Organization { pointsAccount { balance } pointsSettlements { totalCount nodes { status } } } } }';
    for (const who of [admin, committee]) expect((await api.must(read, { id: organization.globalId }, who)).node).toEqual({ pointsAccount: { balance: 7 }, pointsSettlements: { totalCount: 2, nodes: [{ status: 'PROPOSED' }, { status: 'CONFIRMED' }] } });
    for (const who of [volunteer.person, await api.world.person(organization, 'STAFF'), await api.world.person(await api.world.organization(founded.network), 'ADMIN')]) {
      expect((await api.must(read, { id: organization.globalId }, who)).node).toEqual({ pointsAccount: null, pointsSettlements: { totalCount: 0, nodes: [] } });
    }
  });

  test('is confirmed once, whoever does so at the same instant', async () => {
    const volunteer = await volunteerOf(api, organization);
    api.clock.set('2026-10-10T02:00:00Z');
    await taken(volunteer, organization, 12);
    api.clock.set('2026-11-24T02:00:00Z');
    await state(12, committee);
    const admins = await Promise.all(Array.from({ length: 5 }, () => api.world.person(organization, 'ADMIN')));
    const outcomes = await Promise.all(admins.map((admin) => state(12, admin)));
    expect(outcomes.map(code).sort()).toEqual(['CONFLICT', 'CONFLICT', 'CONFLICT', 'CONFLICT', 'DONE']);
  });

  test("is nobody else's, and of nothing not at all", async () => {
    const other = await api.world.organization(founded.network);
    const volunteer = await volunteerOf(api, organization);
    api.clock.set('2026-10-10T02:00:00Z');
    await taken(volunteer, organization, 12);
    api.clock.set('2026-11-24T02:00:00Z');
    expect(code(await state(12, await api.world.person(other, 'ADMIN')))).toBe('NOT_ALLOWED');
    expect(code(await state(12, await api.world.person(other, 'ADMIN'), undefined, other))).toBe('INVALID');
    expect(code(await state(12, committee, { from: '2026-09-01', to: '2026-09-30' }))).toBe('INVALID');
    expect(code(await state(12, committee, { from: '2026-10-31', to: '2026-10-01' }))).toBe('INVALID');
    expect(code(await state(12, committee, { from: '2020-10-31', to: '2026-10-01' }))).toBe('INVALID');
    expect(code(await state(12, committee, undefined, (await api.world.found()).hub))).toBe('NOT_FOUND');
  });

  test('of the hub is confirmed by another member of the committee', async () => {
    const volunteer = await volunteerOf(api, organization);
    api.clock.set('2026-10-10T02:00:00Z');
    await taken(volunteer, founded.hub, 12);
    api.clock.set('2026-11-24T02:00:00Z');
    expect(code(await state(12, committee, undefined, founded.hub))).toBe('DONE');
    expect(code(await state(12, committee, undefined, founded.hub))).toBe('WRONG_STATE');
    expect((await state(12, await api.world.person(founded.hub, 'COMMITTEE'), undefined, founded.hub)).settlement).toMatchObject({ status: 'CONFIRMED' });
  });
});

describe('points expire', () => {
  const round = () => recordDuePoints(api.app.platform);
  const at = (instant: string) => api.clock.set(instant);

  test('oldest first, so long after the month that they came in', async () => {
    await policy({ expiresAfter: 'P60D' });
    const volunteer = await volunteerOf(api, organization);
    at('2026-01-10T02:00:00Z');
    await grant(volunteer, 30);
    at('2026-02-10T02:00:00Z');
    await grant(volunteer, 20);
    // Five more come in, and five are spent: of January's.
    await taken(volunteer, organization, 5);
    expect(await own(volunteer, 'pointsAccount { balance expiring { on amount } }')).toEqual({ balance: 50, expiring: [{ on: '2026-04-02', amount: 25 }, { on: '2026-04-30', amount: 25 }] });
    at('2026-04-01T15:59:00Z');
    await round();
    expect(await own(volunteer)).toMatchObject({ balance: 50 });
    at('2026-04-01T16:00:00Z');
    await round();
    expect(await own(volunteer)).toMatchObject({ balance: 25 });
    await round();
    expect(await own(volunteer)).toMatchObject({ balance: 25 });
    at('2026-05-01T02:00:00Z');
    await round();
    expect(await own(volunteer, 'pointsAccount { balance expiring { amount } entries(first: 1) { nodes { delta transfer { reason to { kind } } } } }')).toEqual({
      balance: 0, expiring: [], entries: { nodes: [{ delta: -25, transfer: { reason: 'EXPIRY', to: { kind: 'EXPIRED' } } }] },
    });
    const { network } = await api.must('{ network { pointsAccounts { kind balance entries { nodes { balanceAfter } } } } }', {}, committee);
    expect(network.pointsAccounts[1]).toEqual({ kind: 'EXPIRED', balance: 50, entries: { nodes: [{ balanceAfter: 50 }, { balanceAfter: 25 }] } });
  });

  test('with a notice beforehand, once', async () => {
    await policy({ expiresAfter: 'P60D', expiryNotice: 'P10D' });
    const volunteer = await volunteerOf(api, organization);
    at('2026-01-10T02:00:00Z');
    await grant(volunteer, 30);
    const notices = async () => (await api.database.sql<{ data: { points: number; on: string } }>(`SELECT data FROM events WHERE subject_id = $1 AND action = 'points.expiring'`, [volunteer.id])).map(({ data }) => data);
    at('2026-03-22T02:00:00Z');
    await round();
    expect(await notices()).toEqual([]);
    at('2026-03-23T02:00:00Z');
    await round();
    at('2026-03-24T02:00:00Z');
    await round();
    expect(await notices()).toEqual([{ points: 30, on: '2026-04-02' }]);
  });

  test('not where the policy does not say so, and what a reversal gave back is new', async () => {
    const volunteer = await volunteerOf(api, organization);
    at('2020-01-10T02:00:00Z');
    const redeemed = await taken(volunteer, organization, 30);
    at('2026-11-24T02:00:00Z');
    await round();
    await api.done('reverseTransfer', { transfer: redeemed }, committee);
    await policy({ expiresAfter: 'P365D' });
    await round();
    expect(await own(volunteer, 'pointsAccount { balance expiring { on amount } }')).toEqual({ balance: 30, expiring: [{ on: '2027-12-01', amount: 30 }] });
  });

  test('of two hundred and more at once, by whichever process comes first', async () => {
    await policy({ expiresAfter: 'P30D' });
    const volunteers = await Promise.all(Array.from({ length: 230 }, () => volunteerOf(api, organization, false)));
    at('2026-01-10T02:00:00Z');
    await new Session(api.dataSource, anonymous, api.clock).through('records', founded.network.id, (tx) =>
      earnForService(tx, volunteers.map(({ id }) => ({ volunteerId: id, recordId: v7(), seconds: 3600, serviceDate: '2026-01-09' }))),
    );
    at('2026-06-01T02:00:00Z');
    await Promise.all([round(), round(), round()]);
    const { network } = await api.must('{ network { pointsAccounts { balance } } }', {}, committee);
    expect(network.pointsAccounts).toEqual([{ balance: -2300 }, { balance: 2300 }]);
  });
});

describe('a statement', () => {
  test('of a period has the running balance, as a page and as a file', async () => {
    const volunteer = await volunteerOf(api, organization);
    for (const [day, amount] of [['2026-09-30', 1], ['2026-10-01', 2], ['2026-10-31', 4], ['2026-11-01', 8]] as const) {
      api.clock.set(`${day}T12:00:00+08:00`);
      await api.done('grantBonus', { volunteer: volunteer.globalId, amount, reason: `=SUM(${amount}),"x"` }, committee);
    }
    const period = { from: '2026-10-01', to: '2026-10-31' };
    const read = '{ balance entries(period: { from: "2026-10-01", to: "2026-10-31" }) { nodes { delta balanceAfter } } statement(period: { from: "2026-10-01", to: "2026-10-31" }) { opening closing csv } }';
    const mine = await own(volunteer, `pointsAccount ${read}`);
    expect(mine.entries.nodes).toEqual([{ delta: 4, balanceAfter: 7 }, { delta: 2, balanceAfter: 3 }]);
    expect(mine.statement).toEqual({
      opening: 1, closing: 7,
      csv: '\ufefftime,reason,note,change,balance\r\n2026-10-01 12:00:00,bonus,"\'=SUM(2),""x""",2,3\r\n2026-10-31 12:00:00,bonus,"\'=SUM(4),""x""",4,7\r\n',
    });
    const { network } = await api.must(`{ network { pointsAccounts ${read} } }`, {}, committee);
    expect(network.pointsAccounts[0]).toMatchObject({ balance: -15, entries: { nodes: [{ delta: -4, balanceAfter: -7 }, { delta: -2, balanceAfter: -3 }] }, statement: { opening: -1, closing: -7 } });
    const { errors } = await api.ask('query ($period: DateRangeInput!) { viewer { pointsAccount { statement(period: $period) { opening } } } }', { period: { from: period.to, to: period.from } }, volunteer.person);
    expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });

  test('is cut into pages that neither skip nor repeat', async () => {
    const volunteer = await volunteerOf(api, organization);
    for (let amount = 1; amount <= 7; amount += 1) await grant(volunteer, amount);
    const seen: number[] = [];
    let after: string | undefined;
    do {
      const read = 'query ($after: String) { viewer { pointsAccount { entries(first: 3, after: $after) { totalCount nodes { delta balanceAfter } pageInfo { hasNextPage endCursor } } } } }';
      const page: Record<string, any> = (await api.must(read, { after }, volunteer.person)).viewer.pointsAccount.entries;
      expect(page.totalCount).toBe(7);
      seen.push(...page.nodes.map(({ delta }: { delta: number }) => delta));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : undefined;
    } while (after !== undefined);
    expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1]);
  });
});

test('an account is for its holder and the committee, whoever else asks by id', async () => {
  const [volunteer, other] = [await volunteerOf(api, organization), await volunteerOf(api, organization)];
  const granted = await grant(volunteer, 5);
  const { network } = await api.must('{ network { pointsAccounts { id } } }', {}, committee);
  const ids = [toGlobalId('PointsAccount', volunteer.id), granted, ...network.pointsAccounts.map(({ id }: { id: string }) => id)];
  const entry = (await own(volunteer, 'pointsAccount { entries { nodes { id } } }')).entries.nodes[0].id;
  const seen = async (who: Person | null) => (await api.must('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: [...ids, entry] }, who)).nodes.map((node: object | null) => node !== null);
  expect(await seen(volunteer.person)).toEqual([true, true, false, false, true]);
  expect(await seen(committee)).toEqual([true, true, true, true, true]);
  for (const who of [other.person, await api.world.person(organization, 'ADMIN'), await api.world.person(organization, 'STAFF'), await api.world.person(organization, 'RESIDENT'), (await api.world.found()).committee, null]) {
    expect(await seen(who)).toEqual([false, false, false, false, false]);
  }
});

test('a person who gets an account of the platform later reads what was before', async () => {
  const volunteer = await volunteerOf(api, organization, false);
  await grant(volunteer, 5);
  const person = await api.world.person(organization, 'VOLUNTEER');
  await api.database.sql('UPDATE volunteers SET user_id = $2 WHERE id = $1', [volunteer.id, person.userId]);
  await grant(volunteer, 6);
  expect((await api.must('{ viewer { pointsAccount { balance entries { nodes { delta transfer { amount } } } } } }', {}, person)).viewer.pointsAccount).toEqual({
    balance: 11, entries: { nodes: [{ delta: 6, transfer: { amount: 6 } }, { delta: 5, transfer: { amount: 5 } }] },
  });
});
