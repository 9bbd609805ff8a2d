import { createHash } from 'node:crypto';
import { GraphQLError, getOperationAST, NoSchemaIntrospectionCustomRule, OperationTypeNode, parse, specifiedRules, validate, type DocumentNode, type GraphQLSchema, type ValidationRule } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Config } from '../../config';
import { RequestError } from './errors';
import { isOfLimit, limitRules } from './limits';

/** How much of the texts of valid documents is kept, in characters. */
const KEPT = 4_000_000;

/** A document that may be executed. */
export interface KnownDocument {
  document: DocumentNode;
  hash: string;
}

/** A document that may not be; for the client's developer to mend. */
export class RefusedDocument extends Error {
  constructor(readonly errors: readonly GraphQLError[]) {
    super('The document was refused');
  }
}

/**
 * The documents of subscriptions, which come by no HTTP request of Apollo's: parsed and validated by the same rules and
 * limits, and kept.
 */
export class Documents {
  private readonly known = new LRUCache<string, KnownDocument>({ maxSize: KEPT, sizeCalculation: (_, query) => query.length + 1 });
  private readonly rules: readonly ValidationRule[];

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly config: Pick<Config, 'limits' | 'introspection'>,
  ) {
    this.rules = [...specifiedRules, ...limitRules(config.limits), ...(config.introspection ? [] : [NoSchemaIntrospectionCustomRule])];
  }

  /** The document of a subscription. @throws RefusedDocument, or RequestError when the operation is none */
  subscription(query: string, operationName: string | undefined): KnownDocument {
    const known = this.known.get(query) ?? this.read(query);
    const operation = getOperationAST(known.document, operationName);
    if (!operation) throw new RequestError('BAD_USER_INPUT', 'request.operation');
    if (operation.operation !== OperationTypeNode.SUBSCRIPTION) throw new RequestError('BAD_USER_INPUT', 'subscription.only');
    return known;
  }

  private read(query: string): KnownDocument {
    const { schema, config, rules } = this;
    let document: DocumentNode;
    try {
      document = parse(query, { maxTokens: config.limits.tokens });
    } catch (error) {
      throw new RefusedDocument([this.refusal(error as GraphQLError, 'GRAPHQL_PARSE_FAILED')]);
    }
    const errors = validate(schema, document, rules);
    if (errors.length > 0) throw new RefusedDocument(errors.map((error) => this.refusal(error, 'GRAPHQL_VALIDATION_FAILED')));
    const known = { document, hash: createHash('sha256').update(query).digest('base64') };
    this.known.set(query, known);
    return known;
  }

  private refusal(error: GraphQLError, code: string): GraphQLError {
    // Without introspection a misspelt field is not answered with the names of others.
    const message = this.config.introspection ? error.message : error.message.replace(/ ?Did you mean(.+?)\?$/, '');
    return new GraphQLError(message, {
      nodes: error.nodes,
      positions: error.positions,
      source: error.source,
      extensions: { ...error.extensions, code: isOfLimit(error.toJSON()) ? 'COMPLEXITY_LIMIT' : code },
    });
  }
}
