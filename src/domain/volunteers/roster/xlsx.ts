import type { Readable } from 'node:stream';
import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { open, type Entry, type ZipFile } from 'yauzl';
import { cellOf, MOST_COLUMNS, MOST_LINES, UnreadableRoster, type Cell, type Line } from './cells';

/** How large the parts of a workbook may be once they are unpacked, whatever they say of themselves. */
const MOST_STRINGS_BYTES = 64_000_000;
const MOST_SHEET_BYTES = 128_000_000;
const MOST_SMALL_BYTES = 1_000_000;
const MOST_PARTS = 1_000;
/** What may be put off until lines are taken. */
const MOST_WAITING = 500;

const unreadable = (line = 1) => new UnreadableRoster(line, 'roster.xlsx');

/** The parts of a workbook by their names. @throws UnreadableRoster */
async function partsOf(path: string): Promise<{ zip: ZipFile; parts: Map<string, Entry> }> {
  const zip = await new Promise<ZipFile>((opened, failed) =>
    open(path, { lazyEntries: true, autoClose: false, validateEntrySizes: true }, (error, file) => (error ? failed(unreadable()) : opened(file))),
  );
  const parts = new Map<string, Entry>();
  return new Promise((read, failed) => {
    const fail = () => {
      zip.close();
      failed(unreadable());
    };
    zip.on('error', fail);
    zip.on('entry', (entry: Entry) => {
      if (zip.entryCount > MOST_PARTS || entry.isEncrypted()) return fail();
      parts.set(entry.fileName, entry);
      zip.readEntry();
    });
    zip.on('end', () => read({ zip, parts }));
    zip.readEntry();
  });
}

/** The text of a part, piece by piece, no longer than it may be. @throws UnreadableRoster */
async function* textOf(zip: ZipFile, entry: Entry, most: number): AsyncGenerator<string> {
  const stream = await new Promise<Readable>((opened, failed) => zip.openReadStream(entry, (error, readable) => (error ? failed(unreadable()) : opened(readable))));
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > most) throw new UnreadableRoster(1, 'roster.large');
      yield decoder.decode(chunk, { stream: true });
    }
  } catch (error) {
    throw error instanceof UnreadableRoster ? error : unreadable();
  } finally {
    stream.destroy();
  }
}

/** A parser that takes no document type: what a workbook needs has none, and entities are declared in one. */
function parser(line: () => number): SaxesParser {
  const sax = new SaxesParser({ xmlns: false });
  sax.on('error', () => {
    throw unreadable(line());
  });
  sax.on('doctype', () => {
    throw unreadable(line());
  });
  return sax;
}

const bare = (name: string): string => name.slice(name.indexOf(':') + 1);
const attributeOf = ({ attributes }: SaxesTagPlain, name: string): string | undefined => attributes[name];

/** Where the first sheet stands in the package, and whether its days count from 1904. */
async function firstSheet(zip: ZipFile, parts: Map<string, Entry>): Promise<{ entry: Entry; from1904: boolean }> {
  const [workbook, relations] = [parts.get('xl/workbook.xml'), parts.get('xl/_rels/workbook.xml.rels')];
  if (!workbook || !relations) throw unreadable();
  const found: { from1904: boolean; id?: string; target?: string } = { from1904: false };
  const book = parser(() => 1);
  book.on('opentag', (tag) => {
    if (bare(tag.name) === 'workbookPr') found.from1904 = /^(1|true)$/.test(attributeOf(tag, 'date1904') ?? '');
    if (bare(tag.name) === 'sheet') found.id ??= attributeOf(tag, 'r:id');
  });
  for await (const text of textOf(zip, workbook, MOST_SMALL_BYTES)) book.write(text);
  book.close();
  const rels = parser(() => 1);
  rels.on('opentag', (tag) => {
    if (bare(tag.name) === 'Relationship' && attributeOf(tag, 'Id') === found.id) found.target = attributeOf(tag, 'Target');
  });
  for await (const text of textOf(zip, relations, MOST_SMALL_BYTES)) rels.write(text);
  rels.close();
  const { target, from1904 } = found;
  const entry = target === undefined ? undefined : parts.get(target.startsWith('/') ? target.slice(1) : `xl/${target}`);
  if (!entry) throw unreadable();
  return { entry, from1904 };
}

/** The texts that cells share. */
async function sharedStrings(zip: ZipFile, entry: Entry | undefined): Promise<string[]> {
  if (!entry) return [];
  const strings: string[] = [];
  let [text, within, phonetic] = ['', false, false];
  const sax = parser(() => 1);
  sax.on('opentag', ({ name }) => {
    if (bare(name) === 'si') text = '';
    if (bare(name) === 'rPh') phonetic = true;
    within = bare(name) === 't' && !phonetic;
  });
  sax.on('text', (piece) => {
    if (within) text += piece;
  });
  sax.on('closetag', ({ name }) => {
    within = false;
    if (bare(name) === 'rPh') phonetic = false;
    if (bare(name) === 'si') strings.push(text);
  });
  for await (const piece of textOf(zip, entry, MOST_STRINGS_BYTES)) sax.write(piece);
  sax.close();
  return strings;
}

/** The place of a column by its letters: A is 0. */
const placeOf = (reference: string): number => [.../^[A-Z]{1,3}/.exec(reference)![0]].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;

/** Digits beyond the fifteenth of a number are lost in a table. */
const EXACT_DIGITS = 15;
const numberCell = (text: string): Cell => (text.replaceAll(/\D/g, '').length > EXACT_DIGITS || /[eE]/.test(text) ? { fault: 'roster.number' } : text);

/** What a day is as a number in a table. */
export interface Serial {
  from1904: boolean;
}

/** The lines of the first sheet of a workbook (Office Open XML). @throws UnreadableRoster */
export async function* xlsxLines(path: string, onBook: (book: Serial) => void): AsyncGenerator<Line> {
  const { zip, parts } = await partsOf(path);
  try {
    const { entry, from1904 } = await firstSheet(zip, parts);
    onBook({ from1904 });
    const strings = await sharedStrings(zip, parts.get('xl/sharedStrings.xml'));
    let number = 0;
    let cells: Cell[] = [];
    let [place, type, value, hasFormula, within] = [0, 'n', '', false, false];
    const waiting: Line[] = [];
    const sax = parser(() => Math.max(number, 1));
    sax.on('opentag', (tag) => {
      const name = bare(tag.name);
      if (name === 'row') {
        number = Number(attributeOf(tag, 'r') ?? number + 1);
        cells = [];
        if (!Number.isSafeInteger(number) || number < 1 || number > MOST_LINES) throw new UnreadableRoster(1, 'roster.lines', { most: MOST_LINES });
      } else if (name === 'c') {
        const reference = attributeOf(tag, 'r');
        if (reference !== undefined && !/^[A-Z]{1,3}\d+$/.test(reference)) throw unreadable(number);
        place = reference === undefined ? cells.length : placeOf(reference);
        if (place >= MOST_COLUMNS) throw new UnreadableRoster(number, 'roster.columns', { most: MOST_COLUMNS });
        [type, value, hasFormula] = [attributeOf(tag, 't') ?? 'n', '', false];
      } else if (name === 'f') hasFormula = true;
      within = name === 'v' || name === 't';
    });
    sax.on('text', (piece) => {
      if (within) value += piece;
    });
    sax.on('closetag', (tag) => {
      within = false;
      const name = bare(tag.name);
      if (name === 'c') {
        while (cells.length < place) cells.push('');
        cells[place] = hasFormula ? { fault: 'roster.formula' } : type === 's' ? cellOf((strings[Number(value)] ?? '').trim()) : type === 'n' && value ? numberCell(value) : cellOf(value.trim());
      }
      if (name === 'row') waiting.push({ number, cells });
    });
    for await (const piece of textOf(zip, entry, MOST_SHEET_BYTES)) {
      sax.write(piece);
      if (waiting.length >= MOST_WAITING) yield* waiting.splice(0);
    }
    sax.close();
    yield* waiting;
  } finally {
    zip.close();
  }
}
