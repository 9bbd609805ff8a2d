/** PostGraphile 5 over the same tables, as the same role, with each transaction opened by the same function. */
import { createServer, type IncomingMessage } from 'node:http';
import { Pool } from 'pg';
import { postgraphile } from 'postgraphile';
import { makePgAdaptorWithPgClient, makePgService } from 'postgraphile/adaptors/pg';
import { grafserv } from 'postgraphile/grafserv/node';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';
import { addPgTableCondition, addPgTableOrderBy, jsonPgSmartTags, orderByAscDesc } from 'postgraphile/utils';
import { BEGIN_SESSION, sessionOf } from './gate.ts';
import { POOL_SIZE } from './pool.ts';

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: POOL_SIZE });

/** As PostGraphile's own adaptor does with set_config, awaiting each: begin, the session, what is asked, commit. */
function withSession(): WithPgClient {
  const plain = makePgAdaptorWithPgClient(pool);
  const inSession: WithPgClient = (settings, callback) => {
    const session: unknown = settings?.session;
    if (typeof session !== 'string') return plain(null, callback);
    return plain(null, (client) =>
      client.withTransaction(async (transaction) => {
        await transaction.query({ ...BEGIN_SESSION, values: JSON.parse(session) as (string | null)[] });
        return callback(transaction);
      }),
    );
  };
  return Object.assign(inSession, { release: plain.release });
}
type WithPgClient = ReturnType<typeof makePgAdaptorWithPgClient>;

/** The policy's predicate repeated, as the API repeats it, so that the planner may use its statistics. */
const listed = (tableName: string, without: readonly string[]) =>
  addPgTableCondition({ schemaName: 'public', tableName }, 'listed', ({ graphql, sql }) => ({
    type: graphql.GraphQLBoolean,
    apply: (condition) =>
      condition.where(sql`${condition.alias}.network_id = app.network_id() AND ${condition.alias}.readers && app.principals() AND ${condition.alias}.status <> ALL (${sql.value(without)}::text[])`),
  }));

const byName = addPgTableOrderBy({ schemaName: 'public', tableName: 'resources' }, ({ sql, dataplanPg }) =>
  orderByAscDesc('BY_NAME', ({ alias }) => ({ fragment: sql`${alias}.name COLLATE "zh-Hans-x-icu"`, codec: dataplanPg.TYPES.text })),
);

const relations = jsonPgSmartTags({
  version: 1,
  config: {
    class: {
      'public.contract_parties': { attribute: { ordinal: { tags: { behavior: '+orderBy' } } } },
      'public.contract_clauses': {
        tags: {
          foreignKey: [
            '(network_id, contract_id) references public.contracts (network_id, id)',
            '(network_id, obligor_id) references public.organizations (network_id, id)',
          ],
        },
        attribute: { ordinal: { tags: { behavior: '+orderBy' } } },
      },
    },
  },
});

const service = makePgService({ pool, schemas: ['public', 'bench'] });
const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  plugins: [listed('resources', ['RETIRED']), listed('contracts', []), byName, relations],
  pgServices: [{ ...service, adaptor: { ...service.adaptor, createWithPgClient: withSession } }],
  grafserv: { graphiql: false, watch: false },
  grafast: {
    explain: false,
    context: async ({ node }) => ({ pgSettings: { session: JSON.stringify(await sessionOf((node as { req: IncomingMessage }).req)) } }),
  },
});

const server = createServer();
await instance.createServ(grafserv).addTo(server);
server.listen(Number(process.env.PORT), '127.0.0.1');
