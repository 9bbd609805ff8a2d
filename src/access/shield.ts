import { isObjectType, type GraphQLSchema } from 'graphql';
import { applyMiddlewareToDeclaredResolvers } from 'graphql-middleware';
import { allow, deny, rule, shield } from 'graphql-shield';
import type { ShieldRule } from 'graphql-shield/typings/types';
import { RequestError } from '../platform/graphql/errors';
import type { RequestContext } from '../platform/graphql/context';
import { objectTypes, openByName, rootFields, type FieldRule } from './fields';
import { askerOf, mayEver, type Capability } from './matrix';

const rules = new Map<Capability, ShieldRule>();

/** Why the caller's role may not do it at all; null when it may. To what, row security and the verb say. */
async function obstacle(capability: Capability, context: RequestContext): Promise<RequestError | null> {
  const role = await context.role();
  const asker = askerOf({ role, userId: context.caller.userId });
  if (mayEver(asker, capability)) return null;
  return asker === 'ANONYMOUS' ? new RequestError('UNAUTHENTICATED', 'auth.required') : new RequestError('FORBIDDEN', 'auth.forbidden');
}

/** The shield rule of a capability. */
function ruleOf(capability: Capability): ShieldRule {
  let known = rules.get(capability);
  if (!known) {
    // Nothing is hashed or kept: the check costs less than finding it again would.
    known = rule(capability, { cache: 'no_cache' })(async (_parent, _args, context: RequestContext) => (await obstacle(capability, context)) ?? true);
    rules.set(capability, known);
  }
  return known;
}

/** The schema has something that nobody gave a rule, or a rule that is for nothing. */
export class MissingRule extends Error {}

/** The rule of each field, by type. @throws MissingRule naming everything without one */
export function fieldRules(schema: GraphQLSchema): Map<string, Record<string, FieldRule>> {
  const missing: string[] = [];
  const all = new Map<string, Record<string, FieldRule>>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    const fields = Object.keys(type.getFields());
    const root = rootFields[type.name as keyof typeof rootFields];
    const named = root ?? objectTypes[type.name] ?? (openByName.test(type.name) ? {} : undefined);
    if (!named) {
      missing.push(type.name);
      continue;
    }
    const given: Record<string, FieldRule> = {};
    for (const field of fields) {
      const fieldRule = named[field] ?? (root ? undefined : 'open');
      if (fieldRule) given[field] = fieldRule;
      else missing.push(`${type.name}.${field}`);
    }
    missing.push(...Object.keys(named).filter((field) => !fields.includes(field)).map((field) => `${type.name}.${field} (a rule for no field)`));
    all.set(type.name, given);
  }
  if (missing.length) throw new MissingRule(`Without an access rule: ${missing.join(', ')}. Give each one in src/access/fields.ts.`);
  return all;
}

/**
 * Puts the matrix before the schema's resolvers by graphql-shield: what has no rule is denied. Open fields keep their
 * bare resolver, so that a rule costs only where there is something to check.
 */
export function guardSchema(schema: GraphQLSchema): GraphQLSchema {
  const given = fieldRules(schema);
  const tree = Object.fromEntries(
    [...given].map(([type, fields]) => [
      type,
      Object.fromEntries(Object.entries(fields).map(([field, needed]) => [field, needed === 'open' ? allow : ruleOf(needed)])),
    ]),
  );
  const guarded = applyMiddlewareToDeclaredResolvers(
    schema,
    // debug: what goes wrong within a rule is told as it is, rather than as a refusal.
    shield(tree, { fallbackRule: deny, allowExternalErrors: true, debug: true }),
  ) as GraphQLSchema;
  for (const [name, fields] of given) {
    const [before, after] = [schema, guarded].map((s) => s.getType(name)) as [unknown, unknown];
    if (!isObjectType(before) || !isObjectType(after)) continue;
    for (const [field, needed] of Object.entries(fields)) {
      if (needed === 'open') after.getFields()[field]!.resolve = before.getFields()[field]!.resolve;
    }
  }
  return guardSubscribing(guarded, given);
}

/** The shield checks each event of a subscription, but not who subscribes: the same rules, before the field's subscribe. */
function guardSubscribing(schema: GraphQLSchema, given: ReadonlyMap<string, Record<string, FieldRule>>): GraphQLSchema {
  for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) {
    const needed = given.get('Subscription')?.[field.name];
    const { subscribe } = field;
    if (needed === undefined || !subscribe) throw new MissingRule(`Subscription.${field.name} cannot be guarded`);
    if (needed === 'open') continue;
    field.subscribe = async (root, args, context: RequestContext, info): Promise<unknown> => {
      const refusal = await obstacle(needed, context);
      if (refusal) throw refusal;
      return subscribe(root, args, context, info);
    };
  }
  return schema;
}
