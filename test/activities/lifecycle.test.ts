import { recordDueActivities } from '../../src/domain/activities/service';
import { TestApi } from '../support/api';
import type { Founded, Person, TestOrganization } from '../support/world';
import { Agenda, at, NOW } from './agenda';

jest.setTimeout(60_000);

let api: TestApi;
let agenda: Agenda;
let founded: Founded;
let host: TestOrganization;
let guest: TestOrganization;
let stranger: TestOrganization;
let staff: Person;
let admin: Person;
let guestStaff: Person;
let strangerStaff: Person;

beforeAll(async () => {
  api = await TestApi.start();
  agenda = new Agenda(api);
  api.clock.set(NOW);
  founded = await api.world.found();
  host = await api.world.organization(founded.network, { name: 'Host' });
  guest = await api.world.organization(founded.network, { name: 'Guest' });
  stranger = await api.world.organization(founded.network, { name: 'Stranger' });
  [staff, admin] = [await api.world.person(host, 'STAFF', 'Sun'), await api.world.person(host, 'ADMIN', 'Ai')];
  [guestStaff, strangerStaff] = [await api.world.person(guest, 'STAFF', 'Gu'), await api.world.person(stranger, 'STAFF', 'Shi')];
}, 120_000);
beforeEach(() => api.clock.set(NOW));
afterAll(() => api.stop());

test('from a draft to its report, each step in the history', async () => {
  const draft = await agenda.create(staff, { description: 'Along the bank', address: 'By the bridge' });
  expect(draft).toMatchObject({
    status: 'DRAFT', visibility: 'NETWORK', description: 'Along the bank', address: 'By the bridge', openedAt: null, host: { id: host.globalId },
    participations: [{ role: 'HOST', status: 'ACCEPTED', pledgedVolunteers: 0, deliveredHours: 0, organization: { id: host.globalId }, pledgedResources: [] }],
    viewerCan: ['EDIT', 'INVITE', 'PLEDGE', 'OPEN_REGISTRATION', 'CANCEL'],
  });
  expect((await agenda.invite(draft, guest, staff)).status).toBe('INVITING');
  expect(await agenda.answer(draft, guestStaff)).toMatchObject({ status: 'INVITING', viewerCan: ['ANSWER_INVITATION', 'PLEDGE'] });
  expect(await agenda.step('openRegistration', draft, staff)).toMatchObject({ status: 'OPEN', openedAt: NOW.replace('Z', '.000Z') });
  api.clock.set(at('12:30', 1));
  expect((await agenda.step('startActivity', draft, staff)).status).toBe('IN_PROGRESS');
  api.clock.set(at('17:10', 1));
  expect((await agenda.step('completeActivity', draft, admin)).viewerCan).toEqual(['CHECK_IN', 'REPORT']);
  const closed = await agenda.step('submitActivityReport', draft, staff, { summary: 'Forty sacks', beneficiaries: 300 });
  expect(closed).toMatchObject({
    status: 'CLOSED', viewerCan: [], report: { summary: 'Forty sacks', beneficiaries: 300, submittedBy: { displayName: 'Sun', organization: { id: host.globalId } } },
  });
  expect(closed.history.map(({ from, to }) => [from, to])).toEqual([
    [null, 'DRAFT'], ['DRAFT', 'INVITING'], ['INVITING', 'OPEN'], ['OPEN', 'IN_PROGRESS'], ['IN_PROGRESS', 'COMPLETED'], ['COMPLETED', 'CLOSED'],
  ]);
});

test('it begins by the clock, which is written down as nobody\'s doing', async () => {
  const activity = await agenda.create(staff);
  await agenda.step('openRegistration', activity, staff);
  api.clock.set(at('14:00', 1));
  expect(await agenda.read(activity.id, strangerStaff)).toMatchObject({ status: 'IN_PROGRESS' });
  expect(await agenda.list(staff, { status: 'IN_PROGRESS' })).toContain('Clean the river');
  expect((await agenda.read(activity.id, staff))!.history).toHaveLength(2);
  expect(await recordDueActivities(api.app.platform)).toBeGreaterThan(0);
  expect(await recordDueActivities(api.app.platform)).toBe(0);
  const { history } = (await agenda.read(activity.id, staff))!;
  expect(history.at(-1)).toMatchObject({ from: 'OPEN', to: 'IN_PROGRESS', by: null });
});
