import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { z } from 'zod';
import { date, fault, text } from '../../platform/graphql/edge';
import type { MessageKey, MessageParameters } from '../../platform/i18n/messages';

/** A service record as systems pass it on, by the data elements of MZ/T 061-2015; docs/exchange.md says what each is. */
export interface ExchangedRecord {
  /** The record in the system that it is from. */
  recordId: string;
  volunteerNumber: string;
  activityTitle: string;
  duty: string;
  organizer: string;
  organizerCode: string | null;
  serviceDate: string;
  place: string | null;
  hours: number;
  evaluation: number | null;
  confirmedAt: string;
}

/** The elements in their order, with the heads of their columns. */
const ELEMENTS: Readonly<Record<keyof ExchangedRecord, string>> = {
  recordId: '服务记录编号', volunteerNumber: '志愿者编号', activityTitle: '志愿服务活动名称', duty: '服务岗位', organizer: '组织单位', organizerCode: '组织单位统一社会信用代码',
  serviceDate: '服务日期', place: '服务地点', hours: '服务时长', evaluation: '服务评价', confirmedAt: '记录日期',
};
const NAMES = Object.keys(ELEMENTS) as (keyof ExchangedRecord)[];
/** What a record that is taken over has to say. */
const NEEDED: readonly (keyof ExchangedRecord)[] = ['recordId', 'volunteerNumber', 'activityTitle', 'duty', 'serviceDate', 'hours'];

/** How a file of records names its form. */
export const FORM = 'youth-network/service-records/1';

export const jsonOf = (network: string, exportedAt: Date, records: readonly ExchangedRecord[]): string =>
  JSON.stringify({ form: FORM, network, exportedAt: exportedAt.toISOString(), records }, null, 1);

/** As a table for people and programs, in UTF-8 with its mark; what somebody wrote is never a formula there. */
export const csvOf = (records: readonly ExchangedRecord[]): string =>
  stringify(records as ExchangedRecord[], { bom: true, header: true, columns: NAMES.map((key) => ({ key, header: ELEMENTS[key] })), escape_formulas: true, record_delimiter: '\r\n' });

/** Something that stands against a record of a file. */
export interface Problem {
  /** The line of a table, or the place in a list, from 1 on. */
  line: number;
  element: string | null;
  message: MessageKey;
  parameters: MessageParameters;
}

/** A record that was read, and where it stood. */
export interface ReadRecord extends Omit<ExchangedRecord, 'organizer' | 'organizerCode' | 'confirmedAt'> {
  line: number;
}

/** The file is of no form that is known. */
export class UnknownForm extends Error {
  constructor(
    readonly key: MessageKey,
    readonly parameters: Record<string, string> = {},
  ) {
    super(key);
  }
}

const LONGEST_HOURS = 24;
const blank = (value: unknown): unknown => (value === '' ? null : value);
const short = (most: number) => z.preprocess((value) => (typeof value === 'number' ? String(value) : (value ?? '')), text(1, most));
const numeric = (message: MessageKey, holds: (value: number) => boolean) =>
  z.preprocess((value) => (typeof value === 'string' && value.trim() !== '' ? Number(value) : value), z.unknown()).transform((value, check) => {
    if (typeof value !== 'number' || !holds(value)) fault(check, message);
    return value as number;
  });

const recordForm = z.object({
  recordId: short(128),
  volunteerNumber: short(32),
  activityTitle: short(200),
  duty: short(100),
  serviceDate: z.preprocess((value) => (typeof value === 'string' ? value.trim() : ''), date),
  place: z.preprocess(blank, text(1, 200).nullish()).transform((value) => value ?? null),
  hours: numeric('exchange.hours', (value) => value > 0 && value <= LONGEST_HOURS),
  evaluation: z.preprocess(blank, z.union([z.null(), z.undefined(), numeric('exchange.evaluation', (value) => Number.isInteger(value) && value >= 1 && value <= 5)])).transform((value) => value ?? null),
});

/** The text of a file: UTF-8, or else GB18030. */
function decoded(content: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return new TextDecoder('gb18030').decode(content);
  }
}

/** What the cells of a file say, by the names of the elements. @throws UnknownForm */
function rowsOf(content: string, mediaType: string): { line: number; row: unknown }[] {
  if (mediaType === 'application/json') {
    let document: unknown;
    try {
      document = JSON.parse(content);
    } catch {
      throw new UnknownForm('exchange.form');
    }
    const records = (document as { records?: unknown } | null)?.records;
    if (!Array.isArray(records) || (document as { form?: unknown }).form !== FORM) throw new UnknownForm('exchange.form');
    return records.map((row: unknown, index) => ({ line: index + 1, row }));
  }
  let table: { record: string[]; info: { lines: number } }[];
  try {
    table = parse(content, { info: true, relax_column_count: true, skip_empty_lines: true, bom: true }) as unknown as typeof table;
  } catch {
    throw new UnknownForm('exchange.form');
  }
  const heads = (table[0]?.record ?? []).map((head) => NAMES.find((name) => name === head.trim() || ELEMENTS[name] === head.trim()) ?? null);
  const missing = NEEDED.filter((name) => !heads.includes(name));
  if (missing.length) throw new UnknownForm('exchange.columns', { columns: missing.map((name) => ELEMENTS[name]).join('、') });
  return table.slice(1).map(({ record, info }) => ({
    line: info.lines,
    row: Object.fromEntries(heads.flatMap((name, index) => (name === null ? [] : [[name, unescaped(record[index] ?? '')]]))),
  }));
}

/** A cell without what keeps it from being a formula. */
const unescaped = (cell: string): string => (/^'[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/.test(cell) ? cell.slice(1) : cell);

/** The records of a file, and what stands against those that are not taken. @throws UnknownForm */
export function readRecords(content: Buffer, mediaType: string, today: string): { records: ReadRecord[]; problems: Problem[] } {
  const records: ReadRecord[] = [];
  const problems: Problem[] = [];
  for (const { line, row } of rowsOf(decoded(content), mediaType)) {
    const read = recordForm.safeParse(row);
    if (!read.success) {
      const [issue] = read.error.issues;
      const own = issue!.code === 'custom' ? (issue.params as { message: MessageKey; parameters: MessageParameters } | undefined) : undefined;
      problems.push({ line, element: issue!.path.length ? String(issue!.path[0]) : null, message: own?.message ?? 'exchange.form', parameters: own?.parameters ?? {} });
    } else if (read.data.serviceDate > today) problems.push({ line, element: 'serviceDate', message: 'exchange.future', parameters: {} });
    else records.push({ line, ...read.data });
  }
  return { records, problems };
}
