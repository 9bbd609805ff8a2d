import type { Config } from '../../config';
import { findEmbeddedPostgres, startEmbeddedPostgres } from './embedded';

/** A PostgreSQL server to work on, by the URLs of its two roles. */
export interface DatabaseServer {
  readonly applicationUrl: string;
  /** null: whoever runs the installation migrates by another process. */
  readonly ownerUrl: string | null;
  /** Ends the server when it is ours. */
  stop(): Promise<void>;
}

/**
 * The server that the configuration names, or else the embedded one of the data directory, started. Nothing of TypeORM is read for it: the
 * embedded server starts while that is.
 */
export async function openServer(config: Config, log: (line: string) => void): Promise<DatabaseServer> {
  const { url, migrationUrl } = config.database;
  if (url !== null) return { applicationUrl: url, ownerUrl: migrationUrl, stop: async () => undefined };
  return startEmbeddedPostgres({ directory: config.dataDirectory, log });
}

/** Like openServer, for a command: where another process runs the embedded server already, it works beside that one. */
export async function joinServer(config: Config, log: (line: string) => void): Promise<DatabaseServer> {
  const beside = config.database.url === null ? findEmbeddedPostgres(config.dataDirectory) : null;
  return beside ? { ...beside, stop: async () => undefined } : openServer(config, log);
}
