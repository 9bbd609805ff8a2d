/** PostGraphile 5 over the same tables, as the same role, with each transaction opened by the same function. */
import { createServer, type IncomingMessage } from 'node:http';
import { Pool } from 'pg';
import { postgraphile } from 'postgraphile';
import { makePgAdaptorWithPgClient, makePgService } from 'postgraphile/adaptors/pg';
import { grafserv } from 'postgraphile/grafserv/node';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';
import { sql, type SQL } from 'postgraphile/pg-sql2';
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

/** A condition by which a list is found as the API finds it, by what PostgreSQL has statistics and indexes for. */
const listed = (tableName: string, condition: (t: SQL) => SQL) =>
  addPgTableCondition({ schemaName: 'public', tableName }, 'listed', ({ graphql }) => ({
    type: graphql.GraphQLBoolean,
    apply: (target) => target.where(condition(target.alias)),
  }));

const listedResources = listed('resources', (t) => sql`${t}.network_id = app.network_id() AND ${t}.readers && app.principals() AND ${t}.status <> 'RETIRED'`);
const listedContracts = listed('contracts', (t) => sql`${t}.network_id = app.network_id() AND ${t}.id = ANY (ARRAY(
  SELECT p.contract_id FROM contract_parties p WHERE p.network_id = app.network_id() AND p.organization_id = nullif(current_setting('app.organization_id'), '')::uuid))`);

const byName = addPgTableOrderBy({ schemaName: 'public', tableName: 'resources' }, ({ dataplanPg }) =>
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
  plugins: [listedResources, listedContracts, byName, relations],
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
