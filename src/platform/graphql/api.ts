import { ApolloServer, HeaderMap, type HTTPGraphQLRequest, type HTTPGraphQLResponse } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import { getOperationAST, GraphQLError, OperationTypeNode, type ExecutionResult, type GraphQLSchema } from 'graphql';
import type { Metrics } from '../http/metrics';
import type { Platform, RequestContext } from './context';
import { RequestError } from './errors';
import { Executor, type ExecutionRequest } from './executor';
import { CostLimit, isOfLimit, limitRules } from './limits';

/** The GraphQL endpoint without its transport: Apollo Server in front, our executor behind. */
export class Api {
  private constructor(
    private readonly apollo: ApolloServer<RequestContext>,
    /** What an operation may cost. */
    readonly cost: CostLimit,
    /** Executes an operation of a validated document, within what it may cost; its errors are as clients may see them. */
    readonly execute: (request: ExecutionRequest) => Promise<ExecutionResult>,
    /** An error as the client may see it, in its language. */
    readonly presentable: (error: GraphQLError, context: RequestContext) => GraphQLError,
  ) {}

  static async create(schema: GraphQLSchema, platform: Platform, metrics: Metrics): Promise<Api> {
    const { config, log } = platform;
    const executor = new Executor(schema, config.execution);
    const cost = new CostLimit(schema, config.limits.cost);

    const presentable = (error: GraphQLError, context: RequestContext): GraphQLError => {
      const cause = error instanceof RequestError ? error : error.originalError;
      // A compiled query knows the path alone, and so that is what both kinds of execution tell.
      const options = error.path ? { path: error.path } : { nodes: error.nodes, positions: error.positions, source: error.source };
      if (cause instanceof RequestError) {
        return new GraphQLError(context.t(cause.key, cause.parameters), { ...options, extensions: cause.extensions });
      }
      // Coercion of variables and the like: the developer's to mend, and nothing of ours is in it.
      if (!cause || (cause instanceof GraphQLError && !error.path)) return error.extensions?.code ? error : new GraphQLError(error.message, { ...options, extensions: { code: 'BAD_USER_INPUT' } });
      const { correlationId } = context;
      log.error({ err: cause, correlationId, path: error.path?.join('.') }, 'a resolver failed');
      return new GraphQLError(context.t('request.internal', { correlationId }), {
        ...options,
        extensions: { code: 'INTERNAL_SERVER_ERROR', correlationId },
      });
    };

    const execute = async (request: ExecutionRequest): Promise<ExecutionResult> => {
      const { context } = request;
      let result: ExecutionResult;
      try {
        if (!request.rootValue && getOperationAST(request.document, request.operationName)?.operation === OperationTypeNode.SUBSCRIPTION) {
          throw new RequestError('BAD_USER_INPUT', 'subscription.elsewhere');
        }
        cost.check(request.document, request.queryHash, request.operationName, request.variables);
        result = await executor.run(request);
      } catch (error) {
        result = { errors: [error instanceof GraphQLError ? error : new GraphQLError('internal', { originalError: error as Error })] };
      }
      if (result.errors) result = { ...result, errors: result.errors.map((error) => presentable(error, context)) };
      return result;
    };

    const apollo = new ApolloServer<RequestContext>({
      gateway: {
        load: async () => ({
          executor: async (request) =>
            (await execute({
              document: request.document,
              queryHash: request.queryHash,
              operationName: request.operationName ?? undefined,
              variables: request.request.variables ?? {},
              context: request.context as RequestContext,
            })) as never,
        }),
        onSchemaLoadOrUpdate: (tell) => {
          tell({ apiSchema: schema, coreSupergraphSdl: '' });
          return () => undefined;
        },
        stop: async () => undefined,
      },
      introspection: config.introspection,
      // Without introspection a misspelt field is not answered with the names of others.
      hideSchemaDetailsFromClientErrors: !config.introspection,
      includeStacktraceInErrorResponses: false,
      csrfPrevention: true,
      allowBatchedHttpRequests: false,
      persistedQueries: false,
      stopOnTerminationSignals: false,
      nodeEnv: config.production ? 'production' : 'development',
      parseOptions: { maxTokens: config.limits.tokens },
      validationRules: limitRules(config.limits),
      logger: { debug: () => undefined, info: () => undefined, warn: (m) => log.warn(m), error: (m) => log.error(m) },
      formatError: (formatted) => {
        const code = isOfLimit(formatted) ? 'COMPLEXITY_LIMIT' : formatted.extensions?.code;
        metrics.failed(typeof code === 'string' ? code : 'UNKNOWN');
        return { ...formatted, extensions: { ...formatted.extensions, code } };
      },
      // It would wrap every field to add up how long an answer may be kept: none may.
      plugins: [ApolloServerPluginCacheControlDisabled()],
    });
    await apollo.start();
    return new Api(apollo, cost, execute, presentable);
  }

  /** Answers one request whose caller is known. */
  async answer(request: HTTPGraphQLRequest, context: RequestContext): Promise<HTTPGraphQLResponse> {
    const { headers } = request;
    // Browsers say when another site asks (Fetch Metadata); only those may be forging, and no GET changes anything.
    if (request.method === 'GET' && headers.get('sec-fetch-site') !== 'cross-site') headers.set('apollo-require-preflight', 'true');
    const response = await this.apollo.executeHTTPGraphQLRequest({ httpGraphQLRequest: request, context: async () => context });
    return response.status === 400 ? asAccepted(response) : response;
  }

  stop(): Promise<void> {
    return this.apollo.stop();
  }
}

const OF_THE_DOCUMENT = /^(GRAPHQL_|BAD_USER_INPUT|COMPLEXITY_LIMIT)/;

// GraphQL over HTTP, 6.4.1: with application/json a request that was understood is answered by 200, also when its
// document cannot be executed.
function asAccepted(response: HTTPGraphQLResponse): HTTPGraphQLResponse {
  if (!response.headers.get('content-type')?.startsWith('application/json') || response.body.kind !== 'complete') return response;
  const { errors = [] } = JSON.parse(response.body.string) as { errors?: { extensions?: { code?: string } }[] };
  return errors.some(({ extensions }) => OF_THE_DOCUMENT.test(extensions?.code ?? '')) ? { ...response, status: 200 } : response;
}

export { HeaderMap };
