import pino, { type Logger } from 'pino';

/**
 * What may be said about an error in a log: what it is, where it came from and its code. An error of the database also
 * carries statements, values and details, in which there is what people entered.
 */
function presentable(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, code, cause } = error as Error & { code?: unknown };
  return {
    type: name,
    message,
    stack,
    ...(code !== undefined && { code }),
    ...(cause instanceof Error && { cause: presentable(cause) }),
  };
}

/** The process's log on standard output: JSON lines, or for people at a terminal. */
export async function createLog(options: { level: string; pretty: boolean }): Promise<Logger> {
  const settings = {
    level: options.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: presentable },
    redact: ['authorization', 'cookie', 'password', 'token', '*.authorization', '*.cookie', '*.password', '*.token'],
  };
  if (!options.pretty) return pino(settings);
  const { default: pretty } = await import('pino-pretty');
  return pino(settings, pretty({ translateTime: 'SYS:HH:MM:ss', sync: true }));
}
