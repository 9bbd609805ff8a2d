import { recordDueRedemptions } from '../../src/domain/rewards/service';
import { TestApi } from '../support/api';
import type { Founded, Person, TestOrganization } from '../support/world';
import { audit, volunteerOf, type TestVolunteer } from '../points/people';

let api: TestApi;
let founded: Founded;
let shop: TestOrganization;
let staff: Person;
beforeAll(async () => {
  api = await TestApi.start();
});
afterAll(() => api.stop());
beforeEach(async () => {
  api.clock.set('2026-11-24T02:00:00Z');
  founded = await api.world.found();
  shop = await api.world.organization(founded.network);
  staff = await api.world.person(shop, 'STAFF');
});
afterEach(async () => expect(await audit(api, founded.network)).toMatchObject({ sum: 0, differing: 0, unbalanced: 0 }));

const code = (payload: Record<string, any>) => payload.userErrors[0]?.code ?? 'DONE';
/** A volunteer with points. */
async function rich(points = 100, of = shop): Promise<TestVolunteer & { person: Person }> {
  const volunteer = await volunteerOf(api, of);
  if (points) await api.done('grantBonus', { volunteer: volunteer.globalId, amount: points, reason: 'Thanks' }, founded.committee);
  return volunteer as TestVolunteer & { person: Person };
}
const offer = async (more: Record<string, unknown> = {}, as = staff): Promise<{ id: string; version: number }> =>
  (await api.done('offerReward', { title: 'A cup', kind: 'GOODS', price: 10, ...more }, as, 'reward { id version }')).reward;
const REDEMPTION = 'redemption { id status quantity price pickupCode viewerCan transfer { amount status reason } }';
const redeem = (reward: string, who: { person: Person }, more: Record<string, unknown> = {}) => api.mutate('redeem', { reward, price: 10, ...more }, who.person, `${REDEMPTION} reward { price stock }`);
const points = async ({ person }: { person: Person }) => {
  const { balance, held } = (await api.must('{ viewer { pointsAccount { balance held } } }', {}, person)).viewer.pointsAccount;
  return [balance, held];
};
const earned = async () =>
  (await api.must('query ($id: ID!) { node(id: $id) { ... on Organization { pointsAccount { balance } } } }', { id: shop.globalId }, await api.world.person(shop, 'ADMIN'))).node.pointsAccount.balance;
const stockOf = async (id: string) => (await api.must('query ($id: ID!) { node(id: $id) { ... on Reward { stock } } }', { id }, staff)).node.stock;

describe('a reward', () => {
  const listed = async (who: Person) => (await api.must('{ rewards { nodes { title price stock kind status validUntil offeredBy { id } viewerCan } } }', {}, who)).rewards.nodes;

  test('is listed for members once it is offered, until it is paused, ended or past its day', async () => {
    const volunteer = await rich(0);
    const draft = await offer({ isDraft: true, stock: 3, validUntil: '2026-11-24' });
    expect(await listed(volunteer.person)).toEqual([]);
    const update = async (changes: Record<string, unknown>, expected = 'DONE') => {
      const { reward } = await api.must('query ($id: ID!) { reward: node(id: $id) { ... on Reward { version } } }', { id: draft.id }, staff);
      expect(code(await api.mutate('updateReward', { id: draft.id, version: reward.version, ...changes }, staff))).toBe(expected);
    };
    await update({ status: 'DRAFT' }, 'INVALID');
    await update({ status: 'PAUSED' }, 'WRONG_STATE');
    await update({ status: 'OFFERED' });
    expect(await listed(volunteer.person)).toEqual([{ title: 'A cup', price: 10, stock: 3, kind: 'GOODS', status: 'OFFERED', validUntil: '2026-11-24', offeredBy: { id: shop.globalId }, viewerCan: ['REDEEM'] }]);
    expect((await listed(staff))[0].viewerCan).toEqual(['EDIT', 'PAUSE', 'END']);
    await update({ status: 'PAUSED', title: 'A mug' });
    expect(await listed(staff)).toEqual([]);
    await update({ status: 'OFFERED', price: 12 });
    expect(await listed(volunteer.person)).toMatchObject([{ title: 'A mug', price: 12 }]);
    api.clock.set('2026-11-24T16:00:00Z');
    expect(await listed(volunteer.person)).toEqual([]);
    expect((await api.must('query ($id: ID!) { node(id: $id) { ... on Reward { status } } }', { id: draft.id }, volunteer.person)).node.status).toBe('ENDED');
    await update({ price: 13 }, 'WRONG_STATE');
  });

  test('of a suspended organization is not offered', async () => {
    const volunteer = await rich(100, await api.world.organization(founded.network));
    const { id } = await offer();
    await api.database.sql(`UPDATE organizations SET status = 'SUSPENDED' WHERE id = $1`, [shop.id]);
    expect(await listed(volunteer.person)).toEqual([]);
    expect(code(await redeem(id, volunteer))).toBe('WRONG_STATE');
  });

  test('is edited by its own staff alone, from the version that was read', async () => {
    const { id } = await offer();
    const other = await api.world.person(await api.world.organization(founded.network), 'ADMIN');
    expect(code(await api.mutate('updateReward', { id, version: 1, price: 1 }, other))).toBe('NOT_ALLOWED');
    expect(code(await api.mutate('updateReward', { id, version: 1, price: 1 }, founded.committee))).toBe('NOT_ALLOWED');
    expect(code(await api.mutate('updateReward', { id, version: 9, price: 1 }, staff))).toBe('STALE_VERSION');
    expect(code(await api.mutate('offerReward', { organization: shop.globalId, title: 'x', kind: 'GOODS', price: 1 }, other))).toBe('NOT_ALLOWED');
    expect(code(await api.mutate('offerReward', { title: 'For the community', kind: 'SERVICE', price: 1 }, founded.committee))).toBe('DONE');
  });

  test.each([
    [{ price: 0 }, 'price'], [{ price: -1 }, 'price'], [{ price: 1_000_001 }, 'price'], [{ stock: -1 }, 'stock'], [{ limitPerPerson: 0 }, 'limitPerPerson'], [{ title: ' ' }, 'title'],
    [{ validUntil: '2026-11-23' }, 'validUntil'], [{ pickupWithin: 'PT1M' }, 'pickupWithin'],
  ])('of %j is refused', async (wrong, path) => {
    const { userErrors } = await api.mutate('offerReward', { title: 'x', kind: 'GOODS', price: 1, ...wrong }, staff);
    expect(userErrors).toMatchObject([{ code: 'INVALID', path: ['input', path] }]);
  });
});

describe('redeeming', () => {
  test('reserves points and stock together, and the code fulfils it', async () => {
    const volunteer = await rich();
    const { id } = await offer({ stock: 5 });
    const { redemption, reward, userErrors } = await redeem(id, volunteer, { quantity: 2 });
    expect(userErrors).toEqual([]);
    expect(redemption).toMatchObject({ status: 'RESERVED', quantity: 2, price: 10, pickupCode: expect.stringMatching(/^[0-9A-Z]{8}$/), viewerCan: ['CANCEL'], transfer: { amount: 20, status: 'HELD', reason: 'REDEMPTION' } });
    expect(reward).toEqual({ price: 10, stock: 3 });
    expect(await points(volunteer)).toEqual([100, 20]);
    const seen = (await api.must('{ redemptions { nodes { id pickupCode viewerCan transfer { amount } } } }', {}, staff)).redemptions.nodes;
    expect(seen).toEqual([{ id: redemption.id, pickupCode: null, viewerCan: ['FULFIL', 'CANCEL'], transfer: { amount: 20 } }]);
    const fulfil = (pickupCode: string, as = staff) => api.mutate('fulfilRedemption', { id: redemption.id, pickupCode }, as, 'redemption { status pickupCode transfer { status } }');
    expect((await fulfil('00000000')).userErrors).toMatchObject([{ code: 'INVALID', path: ['input', 'pickupCode'] }]);
    const outcomes = await Promise.all([1, 2, 3].map(() => fulfil(` ${redemption.pickupCode.toLowerCase()} `)));
    expect(outcomes.map(code).sort()).toEqual(['DONE', 'WRONG_STATE', 'WRONG_STATE']);
    expect(outcomes.find((payload) => code(payload) === 'DONE')!.redemption).toEqual({ status: 'FULFILLED', pickupCode: null, transfer: { status: 'POSTED' } });
    expect(await points(volunteer)).toEqual([80, 0]);
    expect(await earned()).toBe(20);
    expect(await stockOf(id)).toBe(3);
  });

  test('at a price that has changed is refused with the fresh one', async () => {
    const volunteer = await rich();
    const { id, version } = await offer();
    await api.done('updateReward', { id, version, price: 11 }, staff);
    const stale = await redeem(id, volunteer);
    expect(stale).toMatchObject({ redemption: null, reward: { price: 11 }, userErrors: [{ code: 'STALE_VERSION', path: ['input', 'price'] }] });
    expect(code(await redeem(id, volunteer, { price: 11 }))).toBe('DONE');
  });

  test('needs the points, the stock, and is within the limit of a person', async () => {
    const volunteer = await rich(35);
    const { id } = await offer({ stock: 4, limitPerPerson: 2 });
    expect((await redeem(id, volunteer, { quantity: 5 })).userErrors).toMatchObject([{ code: 'OUT_OF_STOCK' }]);
    expect(code(await redeem(id, volunteer, { quantity: 3 }))).toBe('QUOTA_EXCEEDED');
    const first = await redeem(id, volunteer);
    expect(code(await redeem(id, volunteer))).toBe('DONE');
    expect(code(await redeem(id, volunteer))).toBe('QUOTA_EXCEEDED');
    await api.done('cancelRedemption', { id: first.redemption.id }, volunteer.person);
    expect(code(await redeem(id, volunteer))).toBe('DONE');
    const dear = await offer({ price: 20 });
    expect((await redeem(dear.id, volunteer, { price: 20 })).userErrors).toMatchObject([{ code: 'INSUFFICIENT_POINTS', message: expect.stringContaining('15 available, 20 needed') }]);
    expect(await points(volunteer)).toEqual([35, 20]);
  });

  test('is once a key, and for volunteers', async () => {
    const volunteer = await rich();
    const { id } = await offer();
    const answers = await Promise.all([1, 2, 3, 4].map(() => redeem(id, volunteer, { idempotencyKey: 'once' })));
    expect(new Set(answers.map(({ redemption }) => redemption.id)).size).toBe(1);
    expect(code(await redeem(id, volunteer, { idempotencyKey: 'once', quantity: 2 }))).toBe('IDEMPOTENCY_MISMATCH');
    expect(await points(volunteer)).toEqual([100, 10]);
    expect(code(await redeem(id, { person: await api.world.person(shop, 'VOLUNTEER') }))).toBe('NOT_ALLOWED');
    const { errors } = await api.ask('mutation ($input: RedeemInput!) { redeem(input: $input) { userErrors { code } } }', { input: { reward: id, price: 10 } }, staff);
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });

  test('called off gives both back: by who reserved it, or by the shop with a reason', async () => {
    const [volunteer, other] = [await rich(), await rich()];
    const { id } = await offer({ stock: 2 });
    const [mine, theirs] = [(await redeem(id, volunteer)).redemption, (await redeem(id, other)).redemption];
    const cancel = (redemption: { id: string }, as: Person, more = {}) => api.mutate('cancelRedemption', { id: redemption.id, ...more }, as, 'redemption { status transfer { status } history { from to note } }');
    expect(code(await cancel(mine, other.person))).toBe('NOT_FOUND');
    expect(code(await cancel(mine, await api.world.person(await api.world.organization(founded.network), 'ADMIN')))).toBe('NOT_FOUND');
    expect(code(await cancel(mine, founded.committee, { note: 'x' }))).toBe('NOT_ALLOWED');
    expect((await cancel(mine, volunteer.person)).redemption).toMatchObject({ status: 'CANCELLED', transfer: { status: 'VOIDED' } });
    expect(code(await cancel(mine, volunteer.person))).toBe('WRONG_STATE');
    expect(code(await cancel(theirs, staff))).toBe('INVALID');
    expect((await cancel(theirs, staff, { note: 'Sold out' })).redemption).toMatchObject({ status: 'CANCELLED', history: [{ from: null, to: 'RESERVED' }, { from: 'RESERVED', to: 'CANCELLED', note: 'Sold out' }] });
    expect([await points(volunteer), await points(other), await stockOf(id)]).toEqual([[100, 0], [100, 0], 2]);
  });

  test('lapses when it is not fetched in time', async () => {
    const volunteer = await rich();
    const { id } = await offer({ stock: 1, pickupWithin: 'P2D', limitPerPerson: 1 });
    const { redemption } = await redeem(id, volunteer);
    api.clock.set('2026-11-26T02:00:00Z');
    expect(code(await api.mutate('fulfilRedemption', { id: redemption.id, pickupCode: redemption.pickupCode }, staff))).toBe('WRONG_STATE');
    expect((await api.must('{ redemptions(status: LAPSED) { nodes { status } } }', {}, staff)).redemptions.nodes).toEqual([{ status: 'LAPSED' }]);
    expect(await Promise.all([1, 2, 3].map(() => recordDueRedemptions(api.app.platform)))).toContain(1);
    expect(await recordDueRedemptions(api.app.platform)).toBe(0);
    expect([await points(volunteer), await stockOf(id)]).toEqual([[100, 0], 1]);
    expect(code(await redeem(id, volunteer))).toBe('DONE');
  });

  test('takes only points that are still good, whether or not the round was made', async () => {
    await api.done('updatePointsPolicy', { version: 1, expiresAfter: 'P30D' }, founded.committee);
    const volunteer = await rich(10);
    const { id } = await offer();
    api.clock.set('2027-01-01T02:00:00Z');
    expect(code(await redeem(id, volunteer))).toBe('INSUFFICIENT_POINTS');
    await api.done('grantBonus', { volunteer: volunteer.globalId, amount: 15, reason: 'x' }, founded.committee);
    expect(code(await redeem(id, volunteer))).toBe('DONE');
    expect(await points(volunteer)).toEqual([15, 10]);
  });

  test('by many of the last few gives exactly as many as there are', async () => {
    const people = await Promise.all(Array.from({ length: Number(process.env.STOCK_RACE ?? 30) }, () => rich(0)));
    await api.done('updatePointsPolicy', { version: 1, bonusLimit: null }, founded.committee);
    await Promise.all(people.map(({ globalId }) => api.done('grantBonus', { volunteer: globalId, amount: 10, reason: 'x' }, founded.committee)));
    const { id } = await offer({ stock: 10 });
    const outcomes = await Promise.all(people.map((person) => redeem(id, person)));
    expect(outcomes.filter((payload) => code(payload) === 'DONE')).toHaveLength(10);
    expect(outcomes.filter((payload) => code(payload) === 'OUT_OF_STOCK')).toHaveLength(people.length - 10);
    expect(await stockOf(id)).toBe(0);
    expect(await audit(api, founded.network)).toMatchObject({ held: 100, lowest: 0 });
  }, 300_000);
});
