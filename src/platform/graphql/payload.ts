import { isNonNullType, type GraphQLFieldResolver, type GraphQLSchema } from 'graphql';
import { Field, ObjectType, type ClassType } from 'type-graphql';
import type { RequestContext } from './context';
import { Refusal, UserError } from './refusal';

/** Every mutation's result: what was changed, and why not when it was not. */
@ObjectType()
export abstract class Payload {
  @Field(() => [UserError], { description: 'Why nothing was changed; empty when it was done.' })
  userErrors!: UserError[];
}

/** A payload type with one changed object. */
export function payloadOf<T extends object, Name extends string>(
  name: string,
  field: Name,
  type: () => ClassType<T>,
  description: string,
): ClassType<Partial<Record<Name, T | null>>> {
  @ObjectType(name, { description: `The answer of ${name.replace(/Payload$/, '').replace(/^./, (c) => c.toLowerCase())}.`, simpleResolvers: true })
  class ChangePayload extends Payload {}
  Field(() => type(), { nullable: true, description })(ChangePayload.prototype, field);
  return ChangePayload as unknown as ClassType<Partial<Record<Name, T | null>>>;
}

/** Makes a refused change data: each mutation answers with its payload, whose userErrors say why in the caller's language. */
export function refusalsAsData(schema: GraphQLSchema): GraphQLSchema {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const resolve = field.resolve as GraphQLFieldResolver<unknown, RequestContext>;
    if (!isNonNullType(field.type)) throw new Error(`Mutation.${field.name} must answer with a payload that is never null`);
    field.resolve = async (source, args, context: RequestContext, info) => {
      try {
        const payload = (await resolve(source, args, context, info)) as object;
        return { userErrors: [], ...payload };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return {
          ...error.payload,
          userErrors: error.reasons.map(({ code, message, parameters, path }) => ({
            code,
            path,
            message: context.t(message, parameters),
          })),
        };
      }
    };
  }
  return schema;
}
