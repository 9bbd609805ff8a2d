import type { Readable } from 'node:stream';
import { TextDecoder } from 'node:util';
import { CsvError, parse } from 'csv-parse';
import { cellOf, MOST_COLUMNS, MOST_LINES, UnreadableRoster, type Cell, type Line } from './cells';

/** What a text is written in: UTF-8, or the Chinese standard GB 18030 that its tables are often saved in. */
export type Encoding = 'UTF-8' | 'GB18030';

const utf8 = new TextDecoder('utf-8', { fatal: true });
const gb18030 = new TextDecoder('gb18030', { fatal: true });
const decoders: Readonly<Record<Encoding, TextDecoder>> = { 'UTF-8': utf8, GB18030: gb18030 };

function decoded(bytes: Uint8Array, encoding: Encoding): string | null {
  try {
    return decoders[encoding].decode(bytes);
  } catch {
    return null;
  }
}

const isAscii = (bytes: Uint8Array): boolean => bytes.every((byte) => byte < 0x80);
/** What is Chinese as UTF-8 as a whole is hardly ever meant as GB 18030. */
const HAN = /^[\p{Script=Han}\p{ASCII}·]*$/u;

/** A cell of a text in an encoding; one in another is a fault rather than nonsense. */
function decodedCell(bytes: Uint8Array, encoding: Encoding): Cell {
  if (encoding === 'GB18030' && !isAscii(bytes)) {
    const other = decoded(bytes, 'UTF-8');
    if (other !== null && HAN.test(other)) return { fault: 'roster.encoding' };
  }
  const text = decoded(bytes, encoding);
  return text === null ? { fault: 'roster.encoding' } : cellOf(text.trim());
}

const MOST_LINE_BYTES = 64_000;
/** Separators and quotes are no part of another letter in either encoding, so that bytes can be parted before they are read. */
const OPTIONS = { encoding: null, bom: true, relax_column_count: true, skip_empty_lines: false, relax_quotes: true, info: true, max_record_size: MOST_LINE_BYTES } as const;

/**
 * The lines of a text whose values are parted by commas (RFC 4180). The first that is not plain ASCII tells the encoding.
 * @throws UnreadableRoster
 */
export async function* csvLines(source: Readable, onEncoding: (encoding: Encoding) => void): AsyncGenerator<Line> {
  let encoding: Encoding | null = null;
  let last = 1;
  const parser = source.pipe(parse(OPTIONS));
  source.once('error', (error) => parser.destroy(error));
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: Buffer[]; info: { lines: number } }>) {
      const number = last;
      last = info.lines + 1;
      if (number > MOST_LINES) throw new UnreadableRoster(number, 'roster.lines', { most: MOST_LINES });
      if (record.length > MOST_COLUMNS) throw new UnreadableRoster(number, 'roster.columns', { most: MOST_COLUMNS });
      if (encoding === null && !record.every(isAscii)) {
        encoding = decoded(Buffer.concat(record), 'UTF-8') === null ? 'GB18030' : 'UTF-8';
        onEncoding(encoding);
      }
      yield { number, cells: record.map((bytes) => decodedCell(bytes, encoding ?? 'UTF-8')) };
    }
  } catch (error) {
    if (error instanceof CsvError) throw new UnreadableRoster(last, 'roster.csv');
    throw error;
  }
}
