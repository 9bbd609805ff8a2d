import { registerEnumType } from 'type-graphql';

/** A GraphQL enum from its values and what each means; the object maps each value to itself. */
export function enumOf<Value extends string>(name: string, description: string, values: Record<Value, string>): { readonly [V in Value]: V } {
  const object = Object.fromEntries(Object.keys(values).map((value) => [value, value])) as { [V in Value]: V };
  registerEnumType(object, {
    name,
    description,
    valuesConfig: Object.fromEntries(Object.entries<string>(values).map(([value, says]) => [value, { description: says }])) as never,
  });
  return object;
}
