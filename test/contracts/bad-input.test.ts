import { TestApi } from '../support/api';
import { Agreements, type Refused } from './agreements';

let api: TestApi;
let world: Agreements;
let elsewhere: Agreements;

beforeAll(async () => {
  api = await TestApi.start();
  world = await Agreements.begin(api);
  elsewhere = await Agreements.begin(api);
});
beforeEach(() => api.clock.set('2026-06-10T02:00:00Z'));
afterAll(() => api.stop());

const contracts = async () => (await api.database.sql<{ count: string }>('SELECT count(*) FROM contracts'))[0]!.count;

/** Drafts what is refused, in both languages, and nothing is there afterwards. */
async function refusedDraft(changes: Record<string, unknown>): Promise<{ en: Refused[]; zh: Refused[] }> {
  const before = await contracts();
  const en = await world.refused('draftContract', world.input(changes), world.ada, 'en');
  const zh = await world.refused('draftContract', world.input(changes), world.ada, 'zh-CN');
  expect(await contracts()).toBe(before);
  expect(zh.map(({ code, path }) => ({ code, path }))).toEqual(en.map(({ code, path }) => ({ code, path })));
  return { en, zh };
}

const cases: [name: string, changes: () => Record<string, unknown> | Promise<Record<string, unknown>>, code: string, path: string[], en: string, zh: string][] = [
  ['a term that ends before it begins', () => ({ term: { from: '2026-07-02', to: '2026-07-01' } }), 'INVALID', ['term', 'to'], 'The term ends before it begins.', '契约期限的结束日早于开始日。'],
  ['a term wholly past', () => ({ term: { from: '2026-01-01', to: '2026-06-09' } }), 'INVALID', ['term', 'to'], 'The term lies wholly in the past.', '契约期限已全部过去。'],
  ['a year beyond 2199', () => ({ term: { from: '2200-01-01' } }), 'INVALID', ['term', 'from'], 'It is not a calendar date of the years 2000 to 2199.', '不是有效日期（2000 至 2199 年）。'],
  ['one party', () => ({ parties: [world.a.globalId] }), 'INVALID', ['parties'], 'A contract needs at least two parties.', '契约至少需要两方。'],
  ['a party twice', () => ({ parties: [world.a.globalId, world.b.globalId, world.a.globalId] }), 'INVALID', ['parties', '2'], 'An organization can be a party only once.', '同一单位不能重复为当事方。'],
  ['others only', () => ({ parties: [world.outsider.globalId, world.b.globalId], clauses: [world.duty(world.b)] }), 'INVALID', ['parties'], 'Your own organization must be a party.', '贵单位须为契约当事方。'],
  ['a party of another network', () => ({ parties: [world.a.globalId, elsewhere.b.globalId] }), 'NOT_FOUND', ['parties', '1'], 'There is no such object, or none that you may see.', '找不到该对象，或您无权查看。'],
  ['a party of another type', () => ({ parties: [world.a.globalId, world.founded.network.globalId] }), 'NOT_FOUND', ['parties', '1'], 'There is no such object, or none that you may see.', '找不到该对象，或您无权查看。'],
  ['a party that is no id', () => ({ parties: [world.a.globalId, "'; DROP TABLE contracts; --"] }), 'NOT_FOUND', ['parties', '1'], 'There is no such object, or none that you may see.', '找不到该对象，或您无权查看。'],
  [
    'a party that has only applied',
    async () => ({ parties: [world.a.globalId, (await api.world.organization(world.founded.network, { status: 'APPLIED' })).globalId] }),
    'NOT_FOUND', ['parties', '1'], 'There is no such object, or none that you may see.', '找不到该对象，或您无权查看。',
  ],
  [
    'a suspended party',
    async () => ({ parties: [world.a.globalId, (await api.world.organization(world.founded.network, { status: 'SUSPENDED' })).globalId] }),
    'INVALID', ['parties', '1'], 'A party must be an organization in good standing.', '当事方须为网络中的正常单位。',
  ],
  ['no clause', () => ({ clauses: [] }), 'INVALID', ['clauses'], 'A contract needs at least one clause.', '契约至少需要一条条款。'],
  ['a clause of no kind', () => ({ clauses: [{}] }), 'INVALID', ['clauses', '0'], 'A clause is of exactly one kind.', '每条条款须且只能填写一种类型。'],
  [
    'a clause of two kinds',
    () => ({ clauses: [{ ...world.duty(world.a), volunteerCommitment: { obligor: world.a.globalId, text: 'Serves', serviceHoursPerQuarter: 1 } }] }),
    'INVALID', ['clauses', '0'], 'A clause is of exactly one kind.', '每条条款须且只能填写一种类型。',
  ],
  ['an obligor that is no party', () => ({ clauses: [world.duty(world.outsider)] }), 'INVALID', ['clauses', '0', 'governanceDuty', 'obligor'], 'The obligor must be a party.', '义务方须为契约当事方。'],
  ['no wording', () => ({ clauses: [world.duty(world.a, ' ')] }), 'INVALID', ['clauses', '0', 'governanceDuty', 'text'], 'It needs 1 to 2000 characters.', '长度须为 1 到 2000 个字符。'],
  ['a wording that turns the direction of what follows', () => ({ clauses: [world.duty(world.a, 'Pays \u202e001')] }), 'INVALID', ['clauses', '0', 'governanceDuty', 'text'], 'It contains control characters or direction overrides.', '含有不允许的控制字符或方向控制符。'],
  [
    'the obligor as beneficiary',
    async () => ({ clauses: [world.grant(world.a, [await world.resource(world.a, 'Hall')], [world.b, world.a])] }),
    'INVALID', ['clauses', '0', 'resourceGrant', 'beneficiaries', '1'], 'Beneficiaries must be parties other than the obligor, each once.', '受益方须为义务方以外的当事方，且不重复。',
  ],
  [
    'no beneficiary',
    async () => ({ clauses: [world.grant(world.a, [await world.resource(world.a, 'Hall')], [])] }),
    'INVALID', ['clauses', '0', 'resourceGrant', 'beneficiaries'], 'Beneficiaries must be parties other than the obligor, each once.', '受益方须为义务方以外的当事方，且不重复。',
  ],
  [
    "a grant of another's resource",
    async () => ({ clauses: [world.grant(world.a, [await world.resource(world.b, 'Open hall', 'NETWORK')], [world.b])] }),
    'INVALID', ['clauses', '0', 'resourceGrant', 'resources', '0'], "A grant names the obligor's own resources that you may see.", '授权的资源须为义务方自有且您可见的资源。',
  ],
  [
    'a grant of a resource that one may not see',
    async () => ({ clauses: [world.grant(world.b, [await world.resource(world.b, 'Secret hall', 'PRIVATE')], [world.a])] }),
    'INVALID', ['clauses', '0', 'resourceGrant', 'resources', '0'], "A grant names the obligor's own resources that you may see.", '授权的资源须为义务方自有且您可见的资源。',
  ],
  [
    'a grant of a private resource',
    async () => ({ clauses: [world.grant(world.a, [await world.resource(world.a, 'Vault', 'PRIVATE')], [world.b])] }),
    'INVALID', ['clauses', '0', 'resourceGrant', 'resources', '0'], 'The resource “Vault” is private or retired: share it by contract first.', '资源“Vault”为私有或已停用，须先改为按契约共享。',
  ],
  [
    'a grant of a retired resource',
    async () => ({ clauses: [world.grant(world.a, [await world.resource(world.a, 'Barn', 'CONTRACT', 'RETIRED')], [world.b])] }),
    'INVALID', ['clauses', '0', 'resourceGrant', 'resources', '0'], 'The resource “Barn” is private or retired: share it by contract first.', '资源“Barn”为私有或已停用，须先改为按契约共享。',
  ],
  [
    'a quota of nothing',
    async () => ({ clauses: [world.grant(world.a, [await world.resource(world.a, 'Hall')], [world.b], { quotaPerMonth: 'PT0S' })] }),
    'INVALID', ['clauses', '0', 'resourceGrant', 'quotaPerMonth'], 'It is not a duration of ISO 8601 (such as PT2H), or out of range.', '不是有效时长（ISO 8601，如 PT2H），或超出范围。',
  ],
  [
    'hours that close before they open',
    async () => ({ clauses: [world.grant(world.a, [await world.resource(world.a, 'Hall')], [world.b], { hours: [{ weekday: 8, opens: '17:00', closes: '09:00' }] })] }),
    'INVALID', ['clauses', '0', 'resourceGrant', 'hours', '0'], 'Opening hours need a weekday from 1 to 7, a close after the opening, and no overlap within a day.', '营业时间须为星期 1–7，结束晚于开始，同一天不得重叠。',
  ],
  [
    'a promise of no hours',
    () => ({ clauses: [{ volunteerCommitment: { obligor: world.a.globalId, text: 'Serves', serviceHoursPerQuarter: 0 } }] }),
    'INVALID', ['clauses', '0', 'volunteerCommitment', 'serviceHoursPerQuarter'], 'It must lie between 1 and 1000000.', '须在 1 到 1000000 之间。',
  ],
];

test.each(cases)('%s is refused', async (_name, changes, code, path, en, zh) => {
  const refused = await refusedDraft(await changes());
  expect(refused.en).toEqual([{ code, message: en, path: ['input', ...path] }]);
  expect(refused.zh[0]!.message).toBe(zh);
});

test('all faults are told at once', async () => {
  const secret = await world.resource(world.b, 'Secret', 'PRIVATE');
  const made = secret.replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A'));
  const clauses = [world.duty(world.outsider), world.grant(world.b, [secret, made], [world.a])];
  const { en } = await refusedDraft({ term: { from: '2020-01-01', to: '2020-12-31' }, clauses });
  expect(en.map(({ path }) => path.slice(1).join('.'))).toEqual([
    'term.to', 'clauses.0.governanceDuty.obligor', 'clauses.1.resourceGrant.resources.0', 'clauses.1.resourceGrant.resources.1',
  ]);
  // What is hidden and what never was are answered alike.
  expect(en[2]).toEqual({ ...en[3], path: en[2]!.path });
});

test('a day that the calendar does not have never reaches a verb', async () => {
  const answer = await api.ask('mutation ($input: DraftContractInput!) { draftContract(input: $input) { userErrors { code } } }', { input: world.input({ term: { from: '2026-02-30' } }) }, world.ada);
  expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
});

test('a term may begin on a leap day and be open-ended', async () => {
  expect(await world.draft({ term: { from: '2028-02-29' } })).toMatchObject({ term: { from: '2028-02-29', to: null } });
});

describe('signing', () => {
  const languages = ['en', 'zh-CN'] as const;

  test('what has changed since it was read is refused', async () => {
    const proposed = await world.proposed();
    await world.done('updateContract', { id: proposed.id, version: proposed.version, clauses: [world.duty(world.b)] }, world.ada);
    const before = await world.rows(proposed.id);
    const messages = { en: 'The content was changed since you read it: read it again before signing.', 'zh-CN': '契约内容在您阅读后已更改，请重新阅读后签署。' };
    for (const language of languages) {
      expect(await world.refused('signContract', { id: proposed.id, contentHash: proposed.contentHash }, world.ben, language)).toEqual([
        { code: 'STALE_VERSION', message: messages[language], path: ['input', 'contentHash'] },
      ]);
    }
    expect(await world.rows(proposed.id)).toEqual(before);
  });

  test('twice is refused, unless it is the same request again', async () => {
    const proposed = await world.proposed();
    const input = { id: proposed.id, contentHash: proposed.contentHash, idempotencyKey: `sign ${proposed.number}`.replace(/ /g, '-') };
    const first = await world.done('signContract', input, world.ada);
    const before = await world.rows(proposed.id);
    expect(await world.done('signContract', input, world.ada)).toEqual(first);
    const messages = { en: 'Your organization has signed already.', 'zh-CN': '贵单位已签署。' };
    for (const language of languages) {
      expect(await world.refused('signContract', { id: proposed.id, contentHash: proposed.contentHash }, world.ada, language)).toEqual([
        { code: 'DUPLICATE', message: messages[language], path: [] },
      ]);
    }
    expect(await world.refused('signContract', { ...input, contentHash: 'another' }, world.ada)).toMatchObject([{ code: 'IDEMPOTENCY_MISMATCH' }]);
    expect(await world.rows(proposed.id)).toEqual(before);
    // Also when it has gone on meanwhile.
    await world.sign(proposed, world.ben);
    expect(await world.done('signContract', input, world.ada)).toMatchObject({ id: proposed.id, status: 'ACTIVE' });
  });

  test('a grant of what has been made private meanwhile is refused', async () => {
    const hall = await world.resource(world.a, 'Studio');
    const proposed = await world.proposed({ clauses: [world.grant(world.a, [hall], [world.b])] });
    await api.database.sql(`UPDATE resources SET sharing = 'PRIVATE' WHERE name = 'Studio'`);
    expect(await world.refused('signContract', { id: proposed.id, contentHash: proposed.contentHash }, world.ada)).toMatchObject([
      { code: 'CONFLICT', message: 'The resource “Studio” is private or retired: share it by contract first.' },
    ]);
    expect(await world.read(proposed.id, world.ada)).toMatchObject({ signatures: [] });
  });

  test('what lies wholly in the past by now is refused', async () => {
    const proposed = await world.proposed({ term: { from: '2026-06-01', to: '2026-06-30' } });
    api.clock.set('2026-06-30T16:00:00Z');
    expect(await world.read(proposed.id, world.ada)).toMatchObject({ viewerCan: ['EDIT', 'WITHDRAW', 'REJECT'] });
    expect(await world.refused('signContract', { id: proposed.id, contentHash: proposed.contentHash }, world.ada)).toMatchObject([{ code: 'TOO_LATE' }]);
  });
});

test('the same draft under one key is made once', async () => {
  const input = world.input({ idempotencyKey: 'draft-1' });
  const first = await world.done('draftContract', input, world.ada);
  const before = await contracts();
  expect(await world.done('draftContract', input, world.ada)).toEqual(first);
  expect(await world.refused('draftContract', { ...input, title: 'Another' }, world.ada)).toMatchObject([{ code: 'IDEMPOTENCY_MISMATCH', path: ['input', 'idempotencyKey'] }]);
  // Keys are a person's own.
  expect((await world.done('draftContract', input, world.ben)).id).not.toBe(first.id);
  expect(Number(await contracts())).toBe(Number(before) + 1);
});
