/** What of an example says how its variables come to be. */
interface Fillable {
  variables: Record<string, unknown>;
  /** Where in the variables to put what of what was found. */
  take: Record<string, string>;
}

const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | null | undefined)?.[key], value);

/** The variables of an example, with what its lookup has found; what was not found stays as it is. */
export function fill({ variables, take }: Fillable, found: unknown): Record<string, unknown> {
  const filled = structuredClone(variables);
  for (const [place, source] of Object.entries(take)) {
    const value = at(found, source.split('.'));
    const path = place.split('.');
    const last = path.pop()!;
    if (value !== undefined && value !== null) (at(filled, path) as Record<string, unknown>)[last] = value;
  }
  return filled;
}
