import {
  getNamedType, getNullableType, isEnumType, isInputObjectType, isListType, isNonNullType, type GraphQLInputObjectType, type GraphQLInputType, type GraphQLSchema,
} from 'graphql';

/** Inputs of mutations, made from the schema: what is required, with the values that are given for it by name. */

/** Values by `Type.field`, by type, or by field; a function is given the mutation's name. */
export type Given = Readonly<Record<string, unknown>>;

/** What is right for a field of a name wherever it comes. */
const USUAL: Given = {
  version: 1, name: 'A name', text: 'A text', title: 'A title', displayName: 'Somebody', email: 'somebody@example.org', phone: '+8613800138000', identifier: 'somebody@example.org',
  password: 'correct horse battery', currentPassword: 'not the password', newPassword: 'another horse battery', refreshToken: 'no such token', code: 'no such code', recurrenceRule: 'FREQ=DAILY;COUNT=2',
  contentHash: '0'.repeat(64), from: '2026-01-01', to: '2199-01-01', weekday: 1, opens: '08:00', closes: '17:00', start: '2199-01-01T10:00:00Z', end: '2199-01-01T11:00:00Z', latitude: 31, longitude: 104,
  purpose: 'ACTIVITY_PHOTO', mediaType: 'image/png',
};
const BY_SCALAR: Given = { Int: 1, Float: 1, String: 'x', Boolean: false, Date: '2026-01-01', Duration: 'PT1H', LocalTime: '08:00', DateTime: '2026-01-01T00:00:00Z' };

/** The input type of each mutation that has one. */
export function mutations(schema: GraphQLSchema): { name: string; input: GraphQLInputObjectType }[] {
  return Object.values(schema.getMutationType()!.getFields()).map(({ name, args }) => {
    const input = args.find((arg) => arg.name === 'input');
    const type = input && getNullableType(input.type);
    if (!isInputObjectType(type) || args.length !== 1) throw new Error(`${name} does not take one input`);
    return { name, input: type };
  });
}

/** Where in an input an id is asked for, as a path of fields; lists count as what they hold. */
export function idPaths(type: GraphQLInputObjectType, depth = 5): string[][] {
  if (depth === 0) return [];
  return Object.values(type.getFields()).flatMap((field) => {
    const named = getNamedType(field.type);
    if (isInputObjectType(named)) return idPaths(named, depth - 1).map((path) => [field.name, ...path]);
    return named.name === 'ID' ? [[field.name]] : [];
  });
}

/**
 * An input with all that is required and what lies on the way to a path.
 * @param at where the last value goes instead of the one that is given for it
 */
export function inputOf(type: GraphQLInputObjectType, given: Given, at?: { path: string[]; value: unknown }): Record<string, unknown> {
  const [next, ...further] = at?.path ?? [];
  if (!next && given[type.name] !== undefined) return given[type.name] as Record<string, unknown>;
  const entries = Object.values(type.getFields()).flatMap((field): [string, unknown][] => {
    if (field.name === next) return [[field.name, valueOf(field.type, `${type.name}.${field.name}`, field.name, given, { path: further, value: at!.value })]];
    const isGiven = given[`${type.name}.${field.name}`] !== undefined;
    return isGiven || (isNonNullType(field.type) && field.defaultValue === undefined) ? [[field.name, valueOf(field.type, `${type.name}.${field.name}`, field.name, given)]] : [];
  });
  return Object.fromEntries(entries);
}

function valueOf(type: GraphQLInputType, key: string, name: string, given: Given, at?: { path: string[]; value: unknown }): unknown {
  const nullable = getNullableType(type);
  const named = getNamedType(nullable);
  if (at && at.path.length === 0) return isListType(nullable) ? [...listed(given[key] ?? given[name]).slice(0, -1), at.value] : at.value;
  if (!at && (given[key] ?? given[name]) !== undefined) return given[key] ?? given[name];
  if (isListType(nullable)) return [valueOf(nullable.ofType, key, name, given, at)];
  if (isInputObjectType(named)) return inputOf(named, given, at);
  if (USUAL[name] !== undefined) return USUAL[name];
  if (isEnumType(named)) return named.getValues()[0]!.name;
  if (BY_SCALAR[named.name] === undefined) throw new Error(`no value is known for ${key}: ${String(type)}`);
  return BY_SCALAR[named.name];
}

const listed = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
