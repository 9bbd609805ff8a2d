/** What time it is. null: the database's own clock, the one every process shares; tests and the seed set another. */
export interface Clock {
  now(): Date | null;
}

/** The clock of a running server: the database's. */
export const databaseClock: Clock = { now: () => null };
