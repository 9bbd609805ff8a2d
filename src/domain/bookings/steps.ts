/**
 * How much there is of something over time: each value counts from its instant (milliseconds of the epoch) up to the next one's,
 * the last one for good. No two that follow each other are equal.
 */
export type Steps = readonly Step[];

export interface Step {
  at: number;
  value: number;
}

/** So much from one instant up to, but not including, another. */
export interface Span {
  from: number;
  to: number;
  value: number;
}

const BEGINNING = Number.NEGATIVE_INFINITY;

/** Adds a step, unless nothing changes by it; of two at one instant the later counts. */
function step(steps: Step[], at: number, value: number): void {
  if (steps.at(-1)?.at === at) steps.pop();
  if (steps.at(-1)?.value !== value) steps.push({ at, value });
}

/** What spans have together at each instant. */
export function sumOf(spans: readonly Span[]): Steps {
  const changes = spans.flatMap(({ from, to, value }): Step[] => [{ at: from, value }, { at: to, value: -value }]).sort((a, b) => a.at - b.at);
  const steps: Step[] = [{ at: BEGINNING, value: 0 }];
  let sum = 0;
  for (const { at, value } of changes) step(steps, at, (sum += value));
  return steps;
}

/** The greatest value from each instant up to and including the one so many milliseconds later. */
export function greatestAhead(steps: Steps, ahead: number): Steps {
  if (ahead === 0) return steps;
  // What is in sight, each less than the one before it; the first is the greatest. Each comes in sight early and leaves on time.
  const inSight: { value: number; until: number }[] = [];
  const greatest: Step[] = [];
  const leave = (before: number) => {
    while (inSight.length > 1 && inSight[0]!.until <= before) {
      const { until } = inSight.shift()!;
      step(greatest, until, inSight[0]!.value);
    }
  };
  steps.forEach(({ at, value }, index) => {
    leave(at - ahead);
    while (inSight.length > 0 && inSight.at(-1)!.value <= value) inSight.pop();
    inSight.push({ value, until: steps[index + 1]?.at ?? Number.POSITIVE_INFINITY });
    step(greatest, at - ahead, inSight[0]!.value);
  });
  leave(Number.POSITIVE_INFINITY);
  return greatest;
}

/** The lesser of two values at each instant. */
export function lesserOf(a: Steps, b: Steps): Steps {
  const lesser: Step[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const at = Math.min(a[i]?.at ?? Number.POSITIVE_INFINITY, b[j]?.at ?? Number.POSITIVE_INFINITY);
    if (a[i]?.at === at) i += 1;
    if (b[j]?.at === at) j += 1;
    step(lesser, at, Math.min(a[i - 1]!.value, b[j - 1]!.value));
  }
  return lesser;
}

/** Other values at the same instants. */
export function mapped(steps: Steps, of: (value: number) => number): Steps {
  const other: Step[] = [];
  for (const { at, value } of steps) step(other, at, of(value));
  return other;
}

/** The spans between two instants in which there is at least so much. */
export function spansWith(steps: Steps, least: number, from: number, to: number): Span[] {
  return steps.flatMap(({ at, value }, index): Span[] => {
    const span = { from: Math.max(at, from), to: Math.min(steps[index + 1]?.at ?? Number.POSITIVE_INFINITY, to), value };
    return value >= least && span.from < span.to ? [span] : [];
  });
}
