import { execute, getOperationAST, getVariableValues, type DocumentNode, type ExecutionResult, type GraphQLSchema } from 'graphql';
import { compileQuery, isCompiledQuery, type CompiledQuery } from 'graphql-jit';
import { LRUCache } from 'lru-cache';
import type { RequestContext } from './context';

export interface ExecutionRequest {
  document: DocumentNode;
  queryHash: string;
  operationName: string | undefined;
  variables: Record<string, unknown>;
  context: RequestContext;
  /** What the root fields are of: the thing that a subscription tells of. */
  rootValue?: object;
}

/** Runs validated operations: compiled once a document has come again, interpreted until then. */
export class Executor {
  private readonly compiled = new LRUCache<string, { seen: number; query: CompiledQuery<unknown, unknown> | null }>({ max: 1_000 });

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly options: { compiled: boolean; compileAfter: number },
  ) {}

  async run({ document, queryHash, operationName, variables, context, rootValue }: ExecutionRequest): Promise<ExecutionResult> {
    const query = this.options.compiled ? this.compiledQuery(document, queryHash, operationName) : null;
    if (!query) return execute({ schema: this.schema, document, operationName, variableValues: variables, contextValue: context, rootValue });
    // The compiled query's own coercion knows no defaults inside of inputs and tells the whole input when a part is wrong.
    const { errors, coerced } = getVariableValues(this.schema, getOperationAST(document, operationName)?.variableDefinitions ?? [], variables, { maxErrors: 50 });
    return errors ? { errors } : ((await query.query(rootValue, context, coerced)) as ExecutionResult);
  }

  private compiledQuery(document: DocumentNode, queryHash: string, operationName: string | undefined): CompiledQuery<unknown, unknown> | null {
    const key = `${queryHash} ${operationName ?? ''}`;
    const known = this.compiled.get(key);
    if (known && (known.query || known.seen < 0)) return known.query;
    const seen = (known?.seen ?? 0) + 1;
    if (seen <= this.options.compileAfter) {
      this.compiled.set(key, { seen, query: null });
      return null;
    }
    const query = compileQuery(this.schema, document, operationName, { useExperimentalPathBasedSkipInclude: true });
    // What cannot be compiled is interpreted for good.
    this.compiled.set(key, isCompiledQuery(query) ? { seen, query: query as CompiledQuery<unknown, unknown> } : { seen: -1, query: null });
    return isCompiledQuery(query) ? (query as CompiledQuery<unknown, unknown>) : null;
  }
}
