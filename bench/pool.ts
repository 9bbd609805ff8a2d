/** Connections to PostgreSQL that each server has. */
export const POOL_SIZE = 10;
