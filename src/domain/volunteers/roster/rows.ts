import { z } from 'zod';
import { text } from '../../../platform/graphql/edge';
import type { MessageKey, MessageParameters } from '../../../platform/i18n/messages';
import { personal } from '../inputs';
import { isAged, YOUNGEST } from '../identity';
import { Occupation } from '../model';
import type { Cell, Line } from './cells';

/** What a roster says of each volunteer, by the names that its columns may have. */
const COLUMNS = {
  legalName: ['姓名', 'name', 'legal name'],
  gender: ['性别', 'gender'],
  birthDate: ['出生日期', 'birth date'],
  identityNumber: ['身份证号', '身份证号码', '证件号码', 'identity number'],
  phone: ['手机', '手机号', '电话', '联系电话', 'phone'],
  email: ['邮箱', '电子邮箱', 'email', 'e-mail'],
  occupation: ['职业', 'occupation'],
  skills: ['技能', '特长', 'skills'],
} as const satisfies Record<string, readonly string[]>;
type Column = keyof typeof COLUMNS;

const GENDERS: Readonly<Record<string, 'FEMALE' | 'MALE'>> = { 女: 'FEMALE', 男: 'MALE', female: 'FEMALE', male: 'MALE' };
const OCCUPATIONS: Readonly<Record<string, Occupation>> = {
  学生: 'STUDENT', 教师: 'TEACHER', 医护: 'MEDICAL', 公安: 'POLICE', 公务员: 'CIVIL_SERVANT', 工程技术: 'ENGINEER', 商业: 'BUSINESS', 法律: 'LEGAL', 社工: 'SOCIAL_WORKER',
  退役军人: 'MILITARY_VETERAN', 自由职业: 'FREELANCE', 退休: 'RETIRED', 其他: 'OTHER', ...Object.fromEntries(Object.keys(Occupation).map((name) => [name.toLowerCase(), name as Occupation])),
};

/** What is wrong with which cell; column 0: with the line as a whole. */
export interface Fault {
  line: number;
  column: number;
  columnName: string | null;
  reason: MessageKey;
  parameters?: MessageParameters;
}

/** Somebody as a roster has them, checked. */
export interface Listed {
  line: number;
  personal: z.infer<typeof personal> & { birthDate: string };
  occupation: Occupation;
  skills: string[];
}

/** Where which column stands. */
export type Header = ReadonlyMap<Column, number>;

const known = new Map(Object.entries(COLUMNS).flatMap(([column, names]) => names.map((name) => [name as string, column as Column])));
const named = (cell: Cell): string => (typeof cell === 'string' ? cell.normalize('NFKC').trim().toLowerCase() : '');

/** Reads the first line. What a column that is not known is called is not repeated: without a header it is somebody's data. */
export function headerOf({ number, cells }: Line): Header | Fault[] {
  const header = new Map<Column, number>();
  const faults: Fault[] = [];
  cells.forEach((cell, place) => {
    const fault = (reason: MessageKey) => faults.push({ line: number, column: place + 1, columnName: null, reason });
    if (cell === '') return;
    const column = known.get(named(cell));
    if (!column) fault('roster.column.unknown');
    else if (header.has(column)) fault('invalid.repeated');
    else header.set(column, place);
  });
  if (!header.has('legalName')) faults.push({ line: number, column: 0, columnName: COLUMNS.legalName[0], reason: 'roster.column.missing' });
  if (!header.has('identityNumber') && !header.has('birthDate')) faults.push({ line: number, column: 0, columnName: COLUMNS.identityNumber[0], reason: 'roster.column.missing' });
  if (!header.has('phone') && !header.has('email')) faults.push({ line: number, column: 0, columnName: COLUMNS.phone[0], reason: 'roster.column.missing' });
  return faults.length > 0 ? faults : header;
}

/** A mobile number of the mainland is often written without its country. */
const withCountry = (number: string): string => (/^1\d{10}$/.test(number) ? `+86${number}` : number);
const DAY_MS = 86_400_000;

/** A day as it is written, with dashes, dots or slashes, or as the number that a table keeps. */
function dayOf(value: string, from1904: boolean): string {
  const written = /^(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?$/.exec(value);
  if (written) return `${written[1]}-${written[2]!.padStart(2, '0')}-${written[3]!.padStart(2, '0')}`;
  if (!/^\d{1,5}$/.test(value)) return value;
  return new Date((from1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, 30)) + Number(value) * DAY_MS).toISOString().slice(0, 10);
}

const skillsOf = (value: string): string[] => [...new Set(value.split(/[;；、|]/).map((skill) => skill.normalize('NFC').trim()).filter(Boolean))];
const skills = z.array(text(1, 50)).max(30);

/** Whether there is nothing in a line. */
export const isEmpty = ({ cells }: Line): boolean => cells.every((cell) => cell === '');

/** Checks a line. @returns whom it lists, or all that is wrong with it */
export function readLine(line: Line, header: Header, today: string, from1904: boolean): Listed | Fault[] {
  const faults: Fault[] = [];
  const fault = (column: Column | null, reason: MessageKey, parameters: MessageParameters = {}) =>
    faults.push({ line: line.number, column: column ? header.get(column)! + 1 : 0, columnName: column && COLUMNS[column][0], reason, parameters });
  if (line.cells.some((cell, place) => cell !== '' && ![...header.values()].includes(place))) fault(null, 'roster.cells');
  const values = new Map<Column, string>();
  for (const [column, place] of header) {
    const cell = line.cells[place] ?? '';
    if (typeof cell === 'string') values.set(column, cell);
    else fault(column, cell.fault);
  }
  const of = (column: Column): string | undefined => values.get(column) || undefined;
  const [gender, occupation] = [of('gender'), of('occupation')].map((value) => value?.toLowerCase());
  if (gender && !GENDERS[gender]) fault('gender', 'roster.word');
  if (occupation && !OCCUPATIONS[occupation]) fault('occupation', 'roster.word');
  const listed = skills.safeParse(skillsOf(of('skills') ?? ''));
  if (!listed.success) fault('skills', 'invalid.length', { least: 1, most: 50 });
  if (faults.length > 0) return faults;
  const birthDate = of('birthDate');
  const number = of('phone');
  const read = personal.safeParse({
    legalName: of('legalName') ?? '', gender: gender && GENDERS[gender], birthDate: birthDate && dayOf(birthDate, from1904), identityNumber: of('identityNumber'),
    phone: number && withCountry(number.replaceAll(/[\s-]/g, '')), email: of('email'),
  });
  if (!read.success) {
    for (const issue of read.error.issues) {
      const own = issue.code === 'custom' ? (issue.params as { message: MessageKey; parameters: MessageParameters } | undefined) : undefined;
      const column = header.has(issue.path[0] as Column) ? (issue.path[0] as Column) : null;
      fault(column, own?.message ?? 'invalid.required', own?.parameters);
    }
    return faults;
  }
  const birth = read.data.birthDate!;
  if (!isAged(birth, YOUNGEST, today)) {
    fault(header.has('birthDate') ? 'birthDate' : 'identityNumber', 'volunteer.young', { least: YOUNGEST });
    return faults;
  }
  return { line: line.number, personal: { ...read.data, birthDate: birth }, occupation: (occupation && OCCUPATIONS[occupation]) || 'OTHER', skills: listed.data! };
}
