/** What of an example says how its variables come to be. */
interface Fillable {
  variables: Record<string, unknown>;
  /** Where in the variables to put what of what was found. */
  take: Record<string, string>;
}

const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | null | undefined)?.[key], value);

/** A day so many days ahead, such as {day+7}: what an example does in the future has to stay there. */
const DAY_AHEAD = /\{day\+(\d{1,3})\}/g;
const DAY_MS = 86_400_000;

function dated(value: unknown, now: number): unknown {
  if (typeof value === 'string') return value.replaceAll(DAY_AHEAD, (_, days: string) => new Date(now + Number(days) * DAY_MS).toISOString().slice(0, 10));
  if (Array.isArray(value)) return value.map((item) => dated(item, now));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, dated(inner, now)]));
}

/** The variables of an example, with what its lookup has found and the days that it names; what was not found stays as it is. */
export function fill({ variables, take }: Fillable, found: unknown): Record<string, unknown> {
  const filled = dated(variables, Date.now()) as Record<string, unknown>;
  for (const [place, source] of Object.entries(take)) {
    const value = at(found, source.split('.'));
    const path = place.split('.');
    const last = path.pop()!;
    if (value !== undefined && value !== null) (at(filled, path) as Record<string, unknown>)[last] = value;
  }
  return filled;
}
