import { createHash } from 'node:crypto';
import { maxAliasesRule } from '@escape.tech/graphql-armor-max-aliases';
import { maxDepthRule } from '@escape.tech/graphql-armor-max-depth';
import { maxDirectivesRule } from '@escape.tech/graphql-armor-max-directives';
import { GraphQLError, type DocumentNode, type GraphQLFormattedError, type GraphQLSchema, type ValidationContext, type ValidationRule } from 'graphql';
import { getComplexity, type ComplexityEstimator } from 'graphql-query-complexity';
import { LRUCache } from 'lru-cache';
import type { Config } from '../../config';
import { MOST_PER_PAGE, PAGE_SIZE } from './connection';
import { RequestError } from './errors';

type Limits = Config['limits'];

/** Validation rules that bound a document's shape; validated documents are cached, so they cost once. */
export function limitRules(limits: Limits): ValidationRule[] {
  const reporting = (limit: keyof Limits) => ({
    n: limits[limit],
    propagateOnRejection: false,
    onReject: [
      (context: ValidationContext | null) =>
        context?.reportError(new GraphQLError(`The document has more ${limit} than the ${limits[limit]} allowed.`, { extensions: { limit } })),
    ],
  });
  return [
    maxDepthRule({ ...reporting('depth'), flattenFragments: true, ignoreIntrospection: true }),
    maxAliasesRule({ ...reporting('aliases'), allowList: [] }),
    maxDirectivesRule(reporting('directives')),
  ] as ValidationRule[];
}

/** Whether an error of parsing or validating is that of a limit: Apollo gives all of them a code of its own. */
export const isOfLimit = ({ message, extensions }: GraphQLFormattedError): boolean =>
  extensions?.limit !== undefined || /^Syntax Error: Document contains more that \d+ tokens/.test(message);

/** What a list of unknown length is taken to hold, unless the field's extension `most` says how many it can. */
const USUAL_LIST = 5;

// A field costs one, and what is below it as often as it may come: a page's size for connections, the ids for nodes.
const estimator: ComplexityEstimator = ({ args, childComplexity, field, type }) => {
  const named = String(field.type).replaceAll(/[[\]!]/g, '');
  if (named.endsWith('Connection')) {
    const size = Math.min(Math.max(Number(args.first ?? args.last ?? PAGE_SIZE) || 0, 1), MOST_PER_PAGE);
    return 1 + size * Math.max(childComplexity, 1);
  }
  if (field.name === 'nodes' && Array.isArray(args.ids)) return 1 + args.ids.length * Math.max(childComplexity, 1);
  // Within a page the size is counted already.
  if (/(Connection|Edge)$/.test(type.name)) return childComplexity;
  const isList = String(field.type).includes('[');
  const length = Number(field.extensions.most ?? USUAL_LIST);
  return 1 + (isList && childComplexity > 0 ? length * childComplexity : childComplexity);
};

/** Refuses operations that would cost too much; what was reckoned is kept by document and variables. */
export class CostLimit {
  private readonly known = new LRUCache<string, number>({ max: 5_000 });

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly most: number,
  ) {}

  /** @throws RequestError COMPLEXITY_LIMIT */
  check(document: DocumentNode, queryHash: string, operationName: string | undefined, variables: Record<string, unknown>): void {
    const key = createHash('sha1').update(JSON.stringify([queryHash, operationName, variables])).digest('base64');
    let cost = this.known.get(key);
    if (cost === undefined) {
      cost = getComplexity({ schema: this.schema, query: document, operationName, variables, estimators: [estimator] });
      this.known.set(key, cost);
    }
    if (cost > this.most) throw new RequestError('COMPLEXITY_LIMIT', 'request.cost', { cost, limit: this.most });
  }
}
