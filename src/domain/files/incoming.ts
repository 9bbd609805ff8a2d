import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../config';

/** The folder for content that is not checked yet. */
export const incomingFolder = ({ dataDirectory }: Pick<Config, 'dataDirectory'>): string => join(dataDirectory, 'files', 'incoming');

/** Where content that is not checked yet is put. */
export async function incoming(config: Pick<Config, 'dataDirectory'>): Promise<string> {
  const folder = incomingFolder(config);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return join(folder, randomUUID());
}
