import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Kind, parse, validate, type DocumentNode, type OperationDefinitionNode } from 'graphql';
import { fill } from '../../console/src/fill';
import { sampleSignIns } from '../../seeds/data';
import { seedSample } from '../../seeds/sample';
import { entities } from '../../src/domain';
import { operationsFolder, readExamples, type Example } from '../../src/explorer';
import { ownerDataSource, roleOf } from '../../src/platform/database/migrate';
import { buildApiSchema } from '../../src/schema';
import { TestApi } from '../support/api';

const names = readdirSync(operationsFolder)
  .filter((file) => file.endsWith('.graphql'))
  .map((file) => basename(file, '.graphql'));
const textOf = (name: string): string => readFileSync(join(operationsFolder, `${name}.graphql`), 'utf8');
const operationsIn = ({ definitions }: DocumentNode) => definitions.filter((definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION);
const examples = readExamples();
const exampleOf = (operation: string): Example => examples.find((example) => example.operation === operation)!;

describe('each document', () => {
  const schema = buildApiSchema();

  test.each(names)('%s says in both languages what it is for, holds the operation of its name, and suits the schema', (name) => {
    const text = textOf(name);
    const comment = /^(?:#.*\n)+/.exec(text)?.[0] ?? '';
    expect(comment).toMatch(/[a-z]{3}/);
    expect(comment).toMatch(/[\u4e00-\u9fff]/);
    const document = parse(text);
    expect(operationsIn(document).map((operation) => operation.name?.value)).toEqual([name]);
    expect(validate(schema, document)).toEqual([]);
  });

  test('is an example once, in both languages, and what the example looks up suits the schema', () => {
    expect(examples.map(({ operation }) => operation).sort()).toEqual([...names].sort());
    for (const { lookup, title, titleZh } of examples) {
      expect(titleZh).toMatch(/[\u4e00-\u9fff]/);
      expect(title).not.toMatch(/[\u4e00-\u9fff]/);
      if (lookup !== null) expect(validate(schema, parse(lookup))).toEqual([]);
    }
  });
});

describe('on the sample networks', () => {
  const committee = 'liu@hub.erma.example';
  const university = 'wu@university-a.erma.example';
  const bookshop = 'qin@bookshop.erma.example';
  const cadre = 'zheng@university-a.erma.example';
  const samples = new Map(sampleSignIns().map((sample) => [sample.identifier, sample]));

  let api: TestApi;
  const sessions = new Map<string, { accessToken: string; refreshToken: string }>();

  /** Runs a document as somebody, or as nobody. @returns its one root field's answer */
  async function run(operation: string, as: string | null, variables: Record<string, unknown>) {
    const data = await api.must(textOf(operation), variables, as === null ? null : (await sessionOf(as)).accessToken);
    const [answer] = Object.values(data);
    expect([operation, answer?.userErrors ?? []]).toEqual([operation, []]);
    return answer;
  }

  /** Runs an example with what it looks up. */
  async function runExample(operation: string, as: string | null, more: Record<string, unknown> = {}) {
    const example = exampleOf(operation);
    const found = example.lookup === null ? null : await api.must(example.lookup, {}, as === null ? null : (await sessionOf(as)).accessToken);
    return run(operation, as, { ...fill(example, found), ...more });
  }

  async function sessionOf(identifier: string) {
    let session = sessions.get(identifier);
    if (!session) {
      const { password } = samples.get(identifier)!;
      session = (await run('SignIn', null, { input: { identifier, password } })).session as NonNullable<typeof session>;
      sessions.set(identifier, session);
    }
    return session;
  }

  beforeAll(async () => {
    api = await TestApi.start();
    const { ownerUrl, applicationUrl } = api.database;
    const owner = await ownerDataSource(ownerUrl, roleOf(applicationUrl), entities);
    await seedSample({ owner, applicationUrl, secret: api.app.platform.secret });
    await owner.destroy();
  });
  afterAll(() => api.stop());

  test('every example runs as it is opened, by somebody who may', async () => {
    const by: Record<string, string | null> = {
      NetworkMap: null,
      Search: null,
      Statistics: null,
      Node: null,
      ApplyToJoin: null,
      Organizations: committee,
      AuditLog: committee,
      SuspendContract: committee,
      ResumeContract: committee,
      SignContract: bookshop,
      ActAs: cadre,
      SignOut: cadre,
    };
    const { password } = samples.get(university)!;
    const { refreshToken } = await sessionOf(university);
    const given: Record<string, Record<string, unknown>> = {
      SignIn: { input: { identifier: university, password } },
      RefreshSession: { input: { refreshToken } },
    };
    for (const { operation } of examples) {
      const answer = await runExample(operation, operation in by ? by[operation]! : university, given[operation]);
      expect([operation, answer]).not.toEqual([operation, null]);
    }
  });

  test('what a contract opens for a partner closes with the next request once the committee suspends it, and opens again', async () => {
    const through = async (): Promise<string[]> => {
      const { nodes } = await run('PartnerResources', university, { first: 100, filter: { through: 'CONTRACT' } });
      return nodes.flatMap((node: any) => node.accessibleThrough.flatMap((access: any) => access.contract?.id ?? []));
    };
    const [contract] = await through();
    const versionNow = async (): Promise<number> => {
      const { nodes } = await run('Contracts', committee, { first: 100 });
      return nodes.find(({ id }: { id: string }) => id === contract).version;
    };
    expect(contract).toBeDefined();
    await run('SuspendContract', committee, { input: { id: contract, version: await versionNow() } });
    expect(await through()).not.toContain(contract);
    await run('ResumeContract', committee, { input: { id: contract, version: await versionNow() } });
    expect(await through()).toContain(contract);
  });
});
