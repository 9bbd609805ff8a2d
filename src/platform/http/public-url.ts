import type { Config } from '../../config';

/** Where clients find a path of this server. */
export function publicUrlOf({ publicUrl, host, port }: Pick<Config, 'publicUrl' | 'host' | 'port'>, path: string): string {
  const base = publicUrl ?? `http://${host === '0.0.0.0' || host === '::' ? 'localhost' : host}:${port}`;
  return `${base.replace(/\/$/, '')}/${path}`;
}
