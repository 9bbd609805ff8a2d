import { Socket } from 'node:net';
import { join } from 'node:path';
import { types, type Client } from 'pg';
import { DataSource, DefaultNamingStrategy } from 'typeorm';
import { snakeCase } from 'typeorm/util/StringUtils';

// Calendar days and durations stay the text they are (a Date would put them into the process's time zone); 64-bit
// numbers that fit are numbers.
types.setTypeParser(types.builtins.DATE, (text) => text);
types.setTypeParser(types.builtins.INTERVAL, (text) => text);
types.setTypeParser(types.builtins.INT8, (text) => {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
});

// Every row carries an array of uuids. None of them is written with a comma or quotes, as the usual parser has to expect.
const UUID_ARRAY: number = 2951;
const usualArray = types.getTypeParser(UUID_ARRAY, 'text') as (text: string) => unknown;
types.setTypeParser(UUID_ARRAY, (text) => (text === '{}' ? [] : text.includes('NULL') ? usualArray(text) : text.slice(1, -1).split(',')));

/** A socket that joins what was corked before it sends it: a statement is five short messages, and several travel together. */
class JoiningSocket extends Socket {
  override _writev(chunks: { chunk: unknown }[], callback: (error?: Error | null) => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer)), 'buffer' as BufferEncoding, callback);
  }
}

class SnakeNaming extends DefaultNamingStrategy {
  override columnName(propertyName: string, customName: string | undefined, prefixes: string[]): string {
    return customName ?? snakeCase([...prefixes, propertyName].join('_'));
  }
}

export interface DataSourceOptions {
  url: string;
  poolSize: number;
  /** How long a request waits for a connection before it is told that the service is busy. */
  waitMs: number;
  /** Shown in pg_stat_activity. */
  name: string;
  entities?: Function[]; // eslint-disable-line @typescript-eslint/no-unsafe-function-type -- the type TypeORM takes
  /** Settings of each connection, as of `SET`. */
  settings?: Record<string, string>;
}

/** A TypeORM data source with this project's conventions: snake_case columns, UTC, ISO 8601 intervals, pipelining. */
export function createDataSource(options: DataSourceOptions): DataSource {
  const settings = { IntervalStyle: 'iso_8601', TimeZone: 'UTC', ...options.settings };
  return new DataSource({
    type: 'postgres',
    url: options.url,
    entities: options.entities ?? [],
    // Read when migrations are run; both the compiled tree and the sources have it two folders up.
    migrations: [join(__dirname, '../../../migrations/*.{ts,js}')],
    migrationsTransactionMode: 'each',
    namingStrategy: new SnakeNaming(),
    installExtensions: false,
    applicationName: options.name,
    poolErrorHandler: () => undefined,
    extra: {
      max: options.poolSize,
      connectionTimeoutMillis: options.waitMs,
      idleTimeoutMillis: 60_000,
      keepAlive: true,
      pipeline: true,
      stream: () => new JoiningSocket(),
      // A connection that is cut tells its statements, and once more whoever listens; with nobody listening Node would end.
      onConnect: (client: Client) => void client.on('error', () => undefined),
      options: Object.entries(settings)
        .map(([name, value]) => `-c ${name}=${value.replaceAll(/[\\ ]/g, '\\$&')}`)
        .join(' '),
    },
  });
}
