import { v7 } from 'uuid';
import { earnForService, type Earning } from '../../src/domain/points/earning';
import { anonymous, Session } from '../../src/platform/database/session';
import { TestApi } from '../support/api';
import type { Founded, TestOrganization } from '../support/world';
import { audit, volunteerOf, type TestVolunteer } from './people';

let api: TestApi;
let founded: Founded;
let organization: TestOrganization;
beforeAll(async () => {
  api = await TestApi.start();
});
afterAll(() => api.stop());
beforeEach(async () => {
  founded = await api.world.found();
  organization = await api.world.organization(founded.network);
});

const HOUR = 3600;
const earn = (earnings: readonly Earning[]) =>
  new Session(api.dataSource, anonymous, api.clock).through('records', founded.network.id, (tx) => earnForService(tx, earnings));
const served = (volunteer: TestVolunteer, seconds: number, serviceDate = '2026-11-20'): Earning => ({ volunteerId: volunteer.id, recordId: v7(), seconds, serviceDate });

const policy = async (changes: Record<string, unknown>) => {
  const { network } = await api.must('{ network { pointsPolicy { version } } }', {}, founded.committee);
  return api.done('updatePointsPolicy', { version: network.pointsPolicy.version, ...changes }, founded.committee, 'policy { pointsPerHour monthlyCap expiresAfter version }');
};
const balanceOf = async ({ id }: TestVolunteer) =>
  Number((await api.database.sql<{ balance: string }>('SELECT balance FROM points_accounts WHERE id = $1', [id]))[0]?.balance ?? 0);

describe('the policy', () => {
  test('is the usual one until the committee chooses its own', async () => {
    const read = '{ network { pointsPolicy { pointsPerHour currencyName exchangeRate monthlyCap expiresAfter expiryNotice bonusLimit version } } }';
    const usual = { pointsPerHour: 10, currencyName: '泽古', exchangeRate: 1, monthlyCap: null, expiresAfter: null, expiryNotice: 'P30D', bonusLimit: 1000, version: 1 };
    expect((await api.must(read, {}, null, { 'x-network': founded.network.code })).network.pointsPolicy).toEqual(usual);
    await policy({ pointsPerHour: 7, monthlyCap: 100, expiresAfter: 'P365D' });
    expect((await api.must(read, {}, founded.committee)).network.pointsPolicy).toEqual({ ...usual, pointsPerHour: 7, monthlyCap: 100, expiresAfter: 'P365D', version: 2 });
    await policy({ monthlyCap: null });
    expect((await api.must(read, {}, founded.committee)).network.pointsPolicy).toMatchObject({ pointsPerHour: 7, monthlyCap: null, version: 3 });
  });

  test('is changed by the committee alone, from the version it read', async () => {
    const admin = await api.world.person(organization, 'ADMIN');
    const { errors } = await api.ask('mutation { updatePointsPolicy(input: { version: 1, pointsPerHour: 1 }) { userErrors { code } } }', {}, admin);
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    const both = await Promise.all([1, 2].map((pointsPerHour) => api.mutate('updatePointsPolicy', { version: 1, pointsPerHour }, founded.committee, 'policy { version }')));
    expect(both.map(({ userErrors }) => userErrors[0]?.code ?? null).sort()).toEqual(['STALE_VERSION', null].sort());
    expect(both.map(({ policy }) => policy.version)).toEqual([2, 2]);
  });

  test.each([
    ['pointsPerHour', -1], ['pointsPerHour', 10_001], ['monthlyCap', 0], ['monthlyCap', -5], ['bonusLimit', 0], ['exchangeRate', 0], ['exchangeRate', -1],
    ['expiresAfter', 'P1D'], ['expiresAfter', 'PT720H'], ['expiryNotice', 'P0D'], ['currencyName', ''], ['currencyName', 'a name that is much too long for a currency'],
  ])('refuses %s of %s', async (field, value) => {
    const { userErrors } = await api.mutate('updatePointsPolicy', { version: 1, [field]: value }, founded.committee);
    expect(userErrors).toMatchObject([{ code: 'INVALID', path: ['input', field] }]);
  });
});

describe('a service earns', () => {
  test('whole points an hour, floored record by record', async () => {
    const [one, other] = [await volunteerOf(api, organization), await volunteerOf(api, organization, false)];
    await policy({ pointsPerHour: 3 });
    expect(await earn([served(one, 2 * HOUR), served(one, HOUR / 2), served(other, HOUR + 1199), served(other, 0), served(one, HOUR / 3 - 1)])).toEqual([6, 1, 3, 0, 0]);
    expect([await balanceOf(one), await balanceOf(other)]).toEqual([7, 3]);
    expect(await audit(api, founded.network)).toMatchObject({ sum: 0, differing: 0, unbalanced: 0, lowest: 3, entries: 6 });
  });

  test('nothing where an hour earns nothing', async () => {
    await policy({ pointsPerHour: 0 });
    expect(await earn([served(await volunteerOf(api, organization), HOUR)])).toEqual([0]);
    expect(await audit(api, founded.network)).toMatchObject({ entries: 0 });
  });

  test('no more than the cap in the month of the service, first come first', async () => {
    const volunteer = await volunteerOf(api, organization);
    await policy({ pointsPerHour: 10, monthlyCap: 35 });
    expect(await earn([served(volunteer, 2 * HOUR), served(volunteer, 2 * HOUR), served(volunteer, 2 * HOUR, '2026-10-31')])).toEqual([20, 15, 20]);
    expect(await earn([served(volunteer, HOUR), served(volunteer, 2 * HOUR, '2026-10-01'), served(volunteer, HOUR, '2026-12-01')])).toEqual([0, 15, 10]);
    expect(await balanceOf(volunteer)).toBe(80);
  });

  test('no more than the cap at the same instant', async () => {
    const volunteer = await volunteerOf(api, organization);
    await policy({ pointsPerHour: 10, monthlyCap: 35 });
    const earned = await Promise.all(Array.from({ length: 12 }, () => earn([served(volunteer, HOUR)])));
    expect(earned.flat().reduce((sum, points) => sum + points, 0)).toBe(35);
    expect(await balanceOf(volunteer)).toBe(35);
    expect(await audit(api, founded.network)).toMatchObject({ sum: 0, differing: 0, unbalanced: 0 });
  });

  test('once a record', async () => {
    const volunteer = await volunteerOf(api, organization);
    const service = served(volunteer, HOUR);
    await earn([service]);
    await expect(earn([service])).rejects.toMatchObject({ code: '23505' });
    expect(await balanceOf(volunteer)).toBe(10);
  });

  test('for two thousand at once, all or nothing', async () => {
    const volunteers = await Promise.all(Array.from({ length: 40 }, () => volunteerOf(api, organization, false)));
    const services = Array.from({ length: 2000 }, (_, index) => served(volunteers[index % volunteers.length]!, HOUR));
    const started = Date.now();
    expect(await earn(services)).toEqual(services.map(() => 10));
    expect(Date.now() - started).toBeLessThan(4000);
    expect(await audit(api, founded.network)).toMatchObject({ sum: 0, differing: 0, unbalanced: 0, entries: 4000 });
    await expect(earn([served(volunteers[0]!, HOUR), services[0]!])).rejects.toThrow();
    expect(await audit(api, founded.network)).toMatchObject({ entries: 4000 });
  });
});

test('a transfer cannot be changed, nor an entry, not even through the door', async () => {
  await earn([served(await volunteerOf(api, organization), HOUR)]);
  const session = new Session(api.dataSource, anonymous, api.clock);
  for (const change of ['UPDATE points_transfers SET amount = 1', 'UPDATE points_entries SET delta = 1', 'DELETE FROM points_entries', 'DELETE FROM points_transfers', 'DELETE FROM points_accounts']) {
    await expect(session.through('points', founded.network.id, (tx) => tx.query(change))).rejects.toMatchObject({ code: '42501' });
  }
  await expect(session.through('points', founded.network.id, (tx) => tx.query('UPDATE points_accounts SET held = balance + 1'))).rejects.toMatchObject({ constraint: 'points_accounts_available' });
});
