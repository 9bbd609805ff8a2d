import { Agreements } from '../contracts/agreements';
import { TestApi } from '../support/api';
import { subscribe, subscribeByEvents, type Reached } from './clients';
import { startBeside } from './second';

const CONTRACT = 'subscription ($id: ID) { contractChanged(id: $id) { id status version } }';

let api: TestApi;
let beside: Reached & { stop: () => Promise<void> };
let world: Agreements;

beforeAll(async () => {
  api = await TestApi.start();
  beside = await startBeside(api);
  world = await Agreements.begin(api);
});
afterAll(async () => {
  await beside.stop();
  await api.stop();
});

describe.each([
  ['WebSocket', subscribe],
  ['Server-Sent Events', subscribeByEvents],
])('over %s', (_name, subscribing) => {
  test('a party is told of each change of its contract, by whichever process', async () => {
    const contract = await world.concluded({ term: { from: '2020-01-01', to: null } });
    const here = await subscribing(api, CONTRACT, { id: contract.id }, world.ben);
    const there = await subscribing(api, CONTRACT, {}, world.bea, beside);
    await api.done('suspendContract', { id: contract.id, version: contract.version, note: 'why' }, world.committee);
    for (const told of [here, there]) {
      await told.count(1);
      expect(told.results).toEqual([{ data: { contractChanged: { id: contract.id, status: 'SUSPENDED', version: contract.version + 1 } } }]);
      told.stop();
    }
  });
});
