import { TestApi } from '../support/api';
import type { Founded, Person, TestOrganization } from '../support/world';
import { audit, volunteerOf, type TestVolunteer } from '../points/people';

let api: TestApi;
let founded: Founded;
let committee: Person;
let organization: TestOrganization;
beforeAll(async () => {
  api = await TestApi.start();
});
afterAll(() => api.stop());
beforeEach(async () => {
  founded = await api.world.found();
  ({ committee } = founded);
  organization = await api.world.organization(founded.network);
});
afterEach(async () => expect(await audit(api, founded.network)).toMatchObject({ sum: 0, differing: 0, unbalanced: 0 }));

const code = (payload: Record<string, any>) => payload.userErrors[0]?.code ?? 'DONE';
const FIELDS = 'wish { id version status bounty claimedBy { displayName organization { id } } viewerCan }';
async function rich(points = 100): Promise<TestVolunteer & { person: Person }> {
  const volunteer = await volunteerOf(api, organization);
  if (points) await api.done('grantBonus', { volunteer: volunteer.globalId, amount: points, reason: 'Thanks' }, committee);
  return volunteer as TestVolunteer & { person: Person };
}
const submit = async (as: Person, bounty = 0) => (await api.done('submitWish', { title: 'A reading lamp', description: 'For the evening', bounty }, as, FIELDS)).wish;
/** Takes a wish a step further, from the version it has. */
async function step(verb: string, { id }: { id: string }, as: Person, more: Record<string, unknown> = {}) {
  const { wish } = await api.must('query ($id: ID!) { wish: node(id: $id) { ... on Wish { version } } }', { id }, committee);
  return api.mutate(verb, { id, version: wish.version, ...more }, as, FIELDS);
}
const points = async ({ person }: { person: Person }) => {
  const { balance, held } = (await api.must('{ viewer { pointsAccount { balance held } } }', {}, person)).viewer.pointsAccount;
  return [balance, held];
};
const listed = async (who: Person | null) =>
  (await api.must('{ wishes { nodes { title status claimedBy { displayName } } } }', {}, who, who === null ? { 'x-network': founded.network.code } : {})).wishes.nodes;

test('is granted by another volunteer, who gets the bounty once it is confirmed', async () => {
  const [wisher, granter] = [await rich(), await rich(0)];
  const wish = await submit(wisher.person, 30);
  expect(wish).toMatchObject({ status: 'SUBMITTED', bounty: 30, claimedBy: null, viewerCan: [] });
  expect([await listed(null), await listed(granter.person)]).toEqual([[], []]);
  expect(await points(wisher)).toEqual([100, 0]);
  expect((await step('publishWish', wish, committee)).wish).toMatchObject({ status: 'PUBLISHED', viewerCan: [] });
  expect(await points(wisher)).toEqual([100, 30]);
  expect(await listed(null)).toEqual([{ title: 'A reading lamp', status: 'PUBLISHED', claimedBy: null }]);
  expect(code(await step('claimWish', wish, wisher.person))).toBe('NOT_ALLOWED');
  const claims = await Promise.all([granter, await rich(0), await rich(0)].map(({ person }) => step('claimWish', wish, person)));
  expect(claims.map(code).filter((outcome) => outcome === 'DONE')).toHaveLength(1);
  const won = claims.findIndex((payload) => code(payload) === 'DONE');
  expect(claims[won]!.wish).toMatchObject({ status: 'CLAIMED', viewerCan: ['RELEASE', 'FULFIL'], claimedBy: { organization: null } });
  expect((await step('releaseWish', wish, committee)).wish).toMatchObject({ status: 'PUBLISHED', claimedBy: null, viewerCan: [] });
  expect(code(await step('claimWish', wish, granter.person))).toBe('DONE');
  expect(code(await step('fulfilWish', wish, wisher.person))).toBe('NOT_ALLOWED');
  expect(code(await step('confirmWish', wish, wisher.person))).toBe('WRONG_STATE');
  expect((await step('fulfilWish', wish, granter.person)).wish).toMatchObject({ status: 'FULFILLED', viewerCan: [] });
  expect(code(await step('confirmWish', wish, granter.person))).toBe('NOT_ALLOWED');
  const confirmed = await Promise.all([1, 2, 3].map(() => step('confirmWish', wish, wisher.person)));
  expect(confirmed.map(code).filter((outcome) => outcome === 'DONE')).toHaveLength(1);
  expect([await points(wisher), await points(granter)]).toEqual([[70, 0], [30, 0]]);
  // Who granted it is for those whom it concerns.
  expect((await listed(null))[0]).toEqual({ title: 'A reading lamp', status: 'CONFIRMED', claimedBy: null });
  expect((await listed(wisher.person))[0].claimedBy).not.toBeNull();
  const { nodes } = (await api.must('{ viewer { pointsAccount { entries { nodes { delta transfer { reason memo source { ... on Wish { title } } } } } } } }', {}, granter.person)).viewer.pointsAccount.entries;
  expect(nodes).toEqual([{ delta: 30, transfer: { reason: 'WISH', memo: 'A reading lamp', source: { title: 'A reading lamp' } } }]);
});

test('of a resident is paid by the community, to the organization that grants it', async () => {
  const resident = await api.world.person(organization, 'RESIDENT');
  const admin = await api.world.person(organization, 'ADMIN');
  expect(code(await api.mutate('submitWish', { title: 'x', description: 'x', bounty: 1 }, resident))).toBe('INSUFFICIENT_POINTS');
  await api.done('updatePointsPolicy', { version: 1, bonusLimit: 50 }, committee);
  const wish = await submit(resident);
  expect(code(await step('publishWish', wish, committee, { bounty: 51 }))).toBe('QUOTA_EXCEEDED');
  expect((await step('publishWish', wish, committee, { bounty: 50 })).wish).toMatchObject({ bounty: 50 });
  expect((await step('claimWish', wish, admin)).wish).toMatchObject({ claimedBy: { organization: { id: organization.globalId } } });
  await step('fulfilWish', wish, admin);
  expect(code(await step('confirmWish', wish, resident))).toBe('DONE');
  const { node } = await api.must('query ($id: ID!) { node(id: $id) { ... on Organization { pointsAccount { balance } } } }', { id: organization.globalId }, admin);
  expect(node.pointsAccount.balance).toBe(50);
});

test('is declined with a reason, or withdrawn, and what was promised goes back', async () => {
  const wisher = await rich();
  const declined = await submit(wisher.person, 30);
  expect(code(await step('declineWish', declined, committee, { note: ' ' }))).toBe('INVALID');
  expect(code(await step('declineWish', declined, committee, { note: 'It names somebody' }))).toBe('DONE');
  expect(code(await step('publishWish', declined, committee))).toBe('WRONG_STATE');
  const withdrawn = await submit(wisher.person, 30);
  expect(code(await step('withdrawWish', withdrawn, wisher.person))).toBe('WRONG_STATE');
  expect(code(await step('publishWish', withdrawn, committee, { bounty: 5 }))).toBe('CONFLICT');
  await step('publishWish', withdrawn, committee);
  expect(await points(wisher)).toEqual([100, 30]);
  expect(code(await step('withdrawWish', withdrawn, (await rich(0)).person))).toBe('NOT_ALLOWED');
  expect((await step('withdrawWish', withdrawn, wisher.person)).wish).toMatchObject({ status: 'WITHDRAWN' });
  expect(await points(wisher)).toEqual([100, 0]);
  expect(await listed(null)).toEqual([]);
  expect(await listed(wisher.person)).toHaveLength(2);
});

test('is not published for points that are not there', async () => {
  const wisher = await rich(10);
  const wish = await submit(wisher.person, 30);
  expect(code(await step('publishWish', wish, committee))).toBe('INSUFFICIENT_POINTS');
  expect(code(await api.mutate('publishWish', { id: wish.id, version: 9 }, committee))).toBe('STALE_VERSION');
});

test.each([[-1, 'INVALID'], [100_001, 'INVALID'], [2 ** 53, 'BAD_USER_INPUT'], [0.5, 'BAD_USER_INPUT']])('with a bounty of %s is refused', async (bounty, expected) => {
  const { data, errors } = await api.ask('mutation ($input: SubmitWishInput!) { submitWish(input: $input) { userErrors { code } } }', { input: { title: 'x', description: 'x', bounty } }, await api.world.person(organization, 'RESIDENT'));
  expect(errors?.[0]?.extensions.code ?? data.submitWish.userErrors[0].code).toBe(expected);
});

test('is for those whose it is: no role does what another may', async () => {
  const wisher = await rich();
  const wish = await submit(wisher.person);
  const tries: [string, Person][] = [
    ['publishWish', wisher.person], ['declineWish', await api.world.person(organization, 'ADMIN')], ['claimWish', await api.world.person(organization, 'RESIDENT')], ['claimWish', committee],
    ['submitWish', committee], ['confirmWish', await api.world.person(organization, 'STAFF')],
  ];
  for (const [verb, who] of tries) {
    const type = `${verb[0]!.toUpperCase()}${verb.slice(1)}Input`;
    const declared = ['publishWish', 'declineWish', 'submitWish'].includes(verb) ? type : 'WishNoteInput';
    const input = verb === 'submitWish' ? { title: 'x', description: 'x' } : { id: wish.id, version: 1, ...(verb === 'declineWish' && { note: 'x' }) };
    const { errors } = await api.ask(`mutation ($input: ${declared}!) { ${verb}(input: $input) { userErrors { code } } }`, { input }, who);
    expect([verb, errors?.[0]?.extensions.code]).toEqual([verb, 'FORBIDDEN']);
  }
});
