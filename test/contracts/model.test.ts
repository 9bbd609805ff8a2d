import fc from 'fast-check';
import type { ContractAction } from '../../src/domain/contracts/lifecycle';
import { recordDueContracts } from '../../src/domain/contracts/service';
import { TestApi } from '../support/api';
import type { Person } from '../support/world';
import { Agreements, type ContractView } from './agreements';

/** Generated histories of contracts between two parties under a committee, against a model that shares no code with the server. */

type Actor = 'A' | 'B' | 'committee';
type Status = 'DRAFT' | 'PROPOSED' | 'SIGNED' | 'ACTIVE' | 'SUSPENDED' | 'EXPIRED' | 'TERMINATED' | 'REJECTED' | 'WITHDRAWN';

interface Modelled {
  id: string;
  drafter: Actor;
  /** As the last verb left it. */
  left: Status;
  from: number;
  to: number;
  signedBy: Set<Actor>;
  amends: Modelled | null;
  supersededFrom: number | null;
}

const dayOf = (day: number) => new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10);

class Model {
  today = 100;
  readonly contracts: Modelled[] = [];

  lastDay = ({ to, supersededFrom }: Modelled) => (supersededFrom === null ? to : Math.min(to, supersededFrom - 1));

  status(contract: Modelled): Status {
    const concluded = ['SIGNED', 'ACTIVE', 'SUSPENDED'].includes(contract.left);
    if (concluded && this.today > this.lastDay(contract)) return 'EXPIRED';
    return contract.left === 'SIGNED' && this.today >= contract.from ? 'ACTIVE' : contract.left;
  }

  sees = (actor: Actor, contract: Modelled) => actor === 'committee' || contract.left !== 'DRAFT' || contract.drafter === actor;

  /** Amendments that stand against another of the same contract. */
  rivals = (contract: Modelled | null, except: Modelled | null, actor: Actor) =>
    this.contracts.filter(
      (other) => other.amends === contract && other !== except && !['REJECTED', 'WITHDRAWN', 'TERMINATED'].includes(other.left) && this.sees(actor, other),
    );

  can(actor: Actor, action: ContractAction, contract: Modelled): boolean {
    const status = this.status(contract);
    const goesOn = contract.to >= this.today && (contract.amends === null || ['ACTIVE', 'EXPIRED'].includes(this.status(contract.amends)));
    switch (action) {
      case 'EDIT':
        return ['DRAFT', 'PROPOSED'].includes(status);
      case 'PROPOSE':
        return status === 'DRAFT' && goesOn && (contract.amends === null || this.rivals(contract.amends, contract, actor).every(({ left }) => left === 'DRAFT'));
      case 'WITHDRAW':
        return status === 'PROPOSED' && (actor === 'committee' || actor === contract.drafter);
      case 'SIGN':
        return status === 'PROPOSED' && actor !== 'committee' && !contract.signedBy.has(actor) && goesOn;
      case 'REJECT':
        return status === 'PROPOSED' && actor !== 'committee';
      case 'SUSPEND':
        return status === 'ACTIVE' && actor === 'committee';
      case 'RESUME':
        return status === 'SUSPENDED' && actor === 'committee';
      case 'TERMINATE':
        return ['SIGNED', 'ACTIVE', 'SUSPENDED'].includes(status);
      case 'AMEND':
        return status === 'ACTIVE' && contract.supersededFrom === null && this.rivals(contract, null, actor).length === 0;
    }
  }

  do(actor: Actor, action: ContractAction, contract: Modelled): void {
    const goTo = (status: Status) => {
      contract.left = status;
    };
    switch (action) {
      case 'EDIT':
        return contract.signedBy.clear();
      case 'PROPOSE':
        return goTo('PROPOSED');
      case 'WITHDRAW':
        return goTo('WITHDRAWN');
      case 'SIGN':
        contract.signedBy.add(actor);
        if (contract.signedBy.size === 2) {
          goTo('SIGNED');
          if (contract.amends) contract.amends.supersededFrom = contract.from;
        }
        return;
      case 'REJECT':
        return goTo('REJECTED');
      case 'SUSPEND':
        return goTo('SUSPENDED');
      case 'RESUME':
        return goTo('ACTIVE');
      case 'TERMINATE':
        if (this.today < contract.from && contract.amends) contract.amends.supersededFrom = null;
        return goTo('TERMINATED');
      case 'AMEND':
        throw new Error('an amendment is a contract of its own');
    }
  }
}

class Real {
  constructor(
    readonly api: TestApi,
    readonly world: Agreements,
  ) {}
  person = (actor: Actor): Person => ({ A: this.world.ada, B: this.world.ben, committee: this.world.committee })[actor];
}

const verbs: Record<ContractAction, string> = {
  EDIT: 'updateContract', PROPOSE: 'proposeContract', WITHDRAW: 'withdrawContract', SIGN: 'signContract', REJECT: 'rejectContract',
  SUSPEND: 'suspendContract', RESUME: 'resumeContract', TERMINATE: 'terminateContract', AMEND: 'amendContract',
};

/** Everything that can be seen of every contract by everybody is as the model has it. */
async function compare(model: Model, { world, person }: Real): Promise<void> {
  for (const actor of ['A', 'B', 'committee'] as const) {
    const seen = new Map<string, ContractView>();
    const data = await world.api.must(
      '{ contracts(first: 100) { nodes { id status viewerCan signatures { organization { id } } supersededBy { id } } } }', {}, person(actor),
    );
    for (const view of data.contracts.nodes as ContractView[]) seen.set(view.id, view);
    const expected = model.contracts.filter((contract) => model.sees(actor, contract));
    expect([...seen.keys()].sort()).toEqual(expected.map(({ id }) => id).sort());
    for (const contract of expected) {
      const view = seen.get(contract.id)!;
      expect({ status: view.status, can: [...view.viewerCan].sort(), signatures: view.signatures.length, superseded: view.supersededBy !== null }).toEqual({
        status: model.status(contract),
        can: (Object.keys(verbs) as ContractAction[]).filter((action) => model.can(actor, action, contract)).sort(),
        signatures: contract.signedBy.size,
        superseded: contract.supersededFrom !== null,
      });
    }
  }
}

class Draft implements fc.AsyncCommand<Model, Real> {
  constructor(
    private readonly actor: Actor,
    private readonly starts: number,
    private readonly days: number,
  ) {}
  check = () => true;
  async run(model: Model, real: Real): Promise<void> {
    const { actor } = this;
    const [from, to] = [model.today + this.starts, model.today + this.starts + this.days];
    const input = real.world.input({ term: { from: dayOf(from), to: dayOf(to) } });
    const payload = await real.api.mutate('draftContract', input, real.person(actor), 'contract { id }');
    expect(payload.userErrors.map(({ path }: { path: string[] }) => path.join('.'))).toEqual(to < model.today ? ['input.term.to'] : []);
    if (to >= model.today) {
      model.contracts.push({ id: payload.contract.id, drafter: actor, left: 'DRAFT', from, to, signedBy: new Set(), amends: null, supersededFrom: null });
    }
    await compare(model, real);
  }
  toString = () => `${this.actor} drafts ${this.starts} days from now for ${this.days}`;
}

class Act implements fc.AsyncCommand<Model, Real> {
  constructor(
    private readonly actor: Actor,
    private readonly action: ContractAction,
    private readonly which: number,
    private readonly starts: number,
  ) {}
  check = (model: Readonly<Model>) => model.contracts.length > 0;
  run = (model: Model, real: Real) => act(model, real, { actor: this.actor, action: this.action, contract: model.contracts[this.which % model.contracts.length]! }, this.starts);
  toString = () => `${this.actor} tries to ${this.action} contract ${this.which}, ${this.starts} days from now`;
}

/** Does one of the things that can be done now. */
class GoOn implements fc.AsyncCommand<Model, Real> {
  constructor(
    private readonly choice: number,
    private readonly starts: number,
  ) {}
  check = (model: Readonly<Model>) => this.moves(model).length > 0;
  private moves(model: Readonly<Model>): Move[] {
    const moves = model.contracts.flatMap((contract) =>
      (['A', 'B', 'committee'] as const).flatMap((actor) =>
        (Object.keys(verbs) as ContractAction[]).filter((action) => model.sees(actor, contract) && model.can(actor, action, contract)).map((action) => ({ actor, action, contract })),
      ),
    );
    // What leads on is chosen more often, so that histories get far.
    return moves.flatMap((move) => Array<Move>(['PROPOSE', 'SIGN', 'AMEND'].includes(move.action) ? 20 : 1).fill(move));
  }
  run(model: Model, real: Real): Promise<void> {
    const moves = this.moves(model);
    return act(model, real, moves[this.choice % moves.length]!, this.starts);
  }
  toString = () => `goes on by ${this.choice}, ${this.starts} days from now`;
}

interface Move {
  actor: Actor;
  action: ContractAction;
  contract: Modelled;
}

async function act(model: Model, real: Real, { actor, action, contract }: Move, starts: number): Promise<void> {
  const current = (await real.world.read(contract.id, real.world.committee))!;
  const from = model.today + starts;
  const input = {
    id: contract.id,
    ...(action === 'SIGN' ? { contentHash: current.contentHash } : { version: current.version }),
    ...(action === 'EDIT' && { title: `Edited on day ${model.today} after version ${current.version}` }),
    ...(action === 'AMEND' && { term: { from: dayOf(from), to: dayOf(from + 50) } }),
  };
  const type = action === 'EDIT' ? 'UpdateContractInput' : action === 'PROPOSE' ? 'ProposeContractInput' : action === 'SIGN' ? 'SignContractInput' : action === 'AMEND' ? 'AmendContractInput' : 'ContractNoteInput';
  const answer = await real.api.ask(`mutation ($input: ${type}!) { ${verbs[action]}(input: $input) { contract { id } userErrors { code } } }`, { input }, real.person(actor));
  const done = !answer.errors && answer.data[verbs[action]].userErrors.length === 0;
  const fits = action !== 'AMEND' || (from > contract.from && from >= model.today && from <= contract.to + 1);
  expect(done).toBe(model.sees(actor, contract) && model.can(actor, action, contract) && fits);
  if (done && action === 'AMEND') {
    const { id } = answer.data.amendContract.contract;
    model.contracts.push({ id, drafter: actor, left: 'DRAFT', from, to: from + 50, signedBy: new Set(), amends: contract, supersededFrom: null });
  } else if (done) model.do(actor, action, contract);
  await compare(model, real);
}

class Wait implements fc.AsyncCommand<Model, Real> {
  constructor(
    private readonly days: number,
    private readonly written: boolean,
  ) {}
  check = () => true;
  async run(model: Model, real: Real): Promise<void> {
    model.today += this.days;
    real.api.clock.set(`${dayOf(model.today)}T04:00:00Z`);
    if (this.written) await recordDueContracts(real.api.app.platform);
    await compare(model, real);
  }
  toString = () => `${this.days} days pass${this.written ? ', written down' : ''}`;
}

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start();
});
afterAll(() => api.stop());

test('every generated history is as the model has it', async () => {
  const actor = fc.constantFrom<Actor>('A', 'B', 'committee');
  const action = fc.constantFrom(...(Object.keys(verbs) as ContractAction[]));
  const starts = fc.integer({ min: -2, max: 40 });
  const commands = fc.commands(
    [
      fc.tuple(fc.constantFrom<Actor>('A', 'B'), fc.integer({ min: -20, max: 10 }), fc.integer({ min: 0, max: 60 })).map((made) => new Draft(...made)),
      ...Array.from({ length: 6 }, () => fc.tuple(fc.nat(), starts).map((made) => new GoOn(...made))),
      fc.tuple(actor, action, fc.nat(5), starts).map((made) => new Act(...made)),
      fc.tuple(fc.integer({ min: 1, max: 15 }), fc.boolean()).map((made) => new Wait(...made)),
    ],
    { maxCommands: 60, size: 'max' },
  );
  const runs = Number(process.env.FAST_CHECK_RUNS ?? 10);
  await fc.assert(
    fc.asyncProperty(commands, async (generated) => {
      const world = await Agreements.begin(api);
      const model = new Model();
      api.clock.set(`${dayOf(model.today)}T04:00:00Z`);
      await fc.asyncModelRun(async () => ({ model, real: new Real(api, world) }), generated);
    }),
    { numRuns: runs, endOnFailure: true },
  );
}, 600_000);
