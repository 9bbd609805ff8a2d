import { isValidPhoneNumber } from 'libphonenumber-js/max';
import { z } from 'zod';
import type { MessageKey, MessageParameters } from '../i18n/messages';
import { fromGlobalId } from '../ids';
import { RequestError } from './errors';
import { Refusal, type RefusalReason } from './refusal';

/** Adds a fault with a message of ours to a zod check. */
export function fault(
  check: { addIssue: (issue: { code: 'custom'; path?: PropertyKey[]; params: Record<string, unknown> }) => void },
  message: MessageKey,
  parameters: MessageParameters = {},
  path?: PropertyKey[],
): void {
  check.addIssue({ code: 'custom', ...(path && { path }), params: { message, parameters } });
}

/** What a check of an inputs module makes of an input: what its verb is given. */
export type InputOf<Inputs, Name extends keyof Inputs> = Inputs[Name] extends z.ZodType<infer Output> ? Output : never;

/** Checks an input at the edge and returns it normalised. @throws Refusal INVALID with every fault and its path */
export function checked<Output>(schema: z.ZodType<Output>, input: unknown): Output {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const reasons = result.error.issues.map((issue): RefusalReason => {
    const own = issue.code === 'custom' ? (issue.params as { message: MessageKey; parameters: MessageParameters } | undefined) : undefined;
    return {
      code: 'INVALID',
      message: own?.message ?? 'invalid.required',
      parameters: own?.parameters ?? {},
      path: ['input', ...issue.path.map(String)],
    };
  });
  throw Refusal.of(reasons);
}

// Control characters but for tab and line breaks; marks that turn the direction of the text around them (Unicode bidi).
const UNWANTED = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Text for people: normalised (NFC), trimmed, of a length, without what could deceive or break a terminal. */
export const text = (least: number, most: number) =>
  z
    .string()
    .transform((value) => value.normalize('NFC').trim())
    .superRefine((value, check) => {
      if (UNWANTED.test(value) || LONE_SURROGATE.test(value)) fault(check, 'invalid.characters');
      else if ([...value].length < least || [...value].length > most) fault(check, 'invalid.length', { least, most });
    });

/** Text that may be absent; an empty one is none. */
export const optionalText = (most: number) => text(0, most).nullish().transform((value) => value || null);

/** Text of an update: absent leaves it as it is, null or an empty one empties it. */
export const changedText = (most: number) => text(0, most).nullable().transform((value) => value || null).optional();

/** A whole number in a range. */
export const whole = (least: number, most: number) =>
  z.number().superRefine((value, check) => {
    if (!Number.isSafeInteger(value) || value < least || value > most) fault(check, 'invalid.range', { least, most });
  });

/** The version that the caller read. */
export const version = z.number().superRefine((value, check) => {
  if (!Number.isSafeInteger(value) || value < 1) fault(check, 'invalid.version');
});

const EMAIL = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$/;
/** An e-mail address, in lower case. */
export const email = z
  .string()
  .transform((value) => value.trim().toLowerCase())
  .superRefine((value, check) => {
    if (value.length > 254 || !EMAIL.test(value)) fault(check, 'invalid.email');
  });

/** A phone number in E.164. */
export const phone = z
  .string()
  .transform((value) => value.replaceAll(/[\s-]/g, ''))
  .superRefine((value, check) => {
    if (!/^\+[1-9]\d{6,14}$/.test(value) || !isValidPhoneNumber(value)) fault(check, 'invalid.phone');
  });

/** A key under which a request may be repeated without being done twice. */
export const idempotencyKey = z
  .string()
  .superRefine((value, check) => {
    if (!/^[\x21-\x7e]{1,128}$/.test(value)) fault(check, 'invalid.key');
  })
  .nullish();

const DATE = /^(2[01]\d\d)-(\d\d)-(\d\d)$/;
/** A calendar day of the years 2000 to 2199. */
export const date = z.string().superRefine((value, check) => {
  const valid = DATE.test(value) && new Date(`${value}T00:00:00Z`).toISOString().startsWith(value);
  if (!valid) fault(check, 'invalid.date');
});

/** The seconds of an ISO 8601 duration in days, hours, minutes and seconds; null for any other. */
export function secondsOf(duration: string): number | null {
  const match = /^P(?!$)(?:(\d{1,5})W)?(?:(\d{1,5})D)?(?:T(?!$)(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9})S)?)?$/.exec(duration);
  if (!match) return null;
  const [weeks, days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0)) as [number, number, number, number, number];
  return ((weeks * 7 + days) * 24 + hours) * 3600 + minutes * 60 + seconds;
}

/** An ISO 8601 duration between two numbers of seconds. */
export const duration = (leastSeconds: number, mostSeconds: number) =>
  z.string().superRefine((value, check) => {
    const seconds = secondsOf(value);
    if (seconds === null || seconds < leastSeconds || seconds > mostSeconds) fault(check, 'invalid.duration');
  });

const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d(?::00)?$|^24:00$/;
/** Opening hours: spans within a day, none overlapping another; 24:00 closes at midnight. */
export const openingHours = z
  .array(z.object({ weekday: z.number(), opens: z.string(), closes: z.string() }))
  .max(42)
  .transform((spans) => spans.map((span) => ({ weekday: span.weekday, opens: span.opens.slice(0, 5), closes: span.closes.slice(0, 5) })))
  .superRefine((spans, check) => {
    spans.forEach((span, index) => {
      const wellFormed =
        Number.isInteger(span.weekday) && span.weekday >= 1 && span.weekday <= 7 && TIME.test(span.opens) && TIME.test(span.closes);
      const clashes = spans.some(
        (other, at) => at !== index && other.weekday === span.weekday && other.opens < span.closes && span.opens < other.closes,
      );
      if (!wellFormed || span.opens >= span.closes || clashes) fault(check, 'invalid.hours', {}, [index]);
    });
  });

/** A list without repetitions, of at most so many. */
export const distinct = <Item extends z.ZodType>(item: Item, most: number) =>
  z.array(item).superRefine((items, check) => {
    if (items.length > most) fault(check, 'invalid.most', { most });
    const seen = new Set<unknown>();
    items.forEach((value, index) => {
      if (seen.has(value)) fault(check, 'invalid.repeated', {}, [index]);
      seen.add(value);
    });
  });

/** Checks an argument or a filter of a query. @throws RequestError BAD_USER_INPUT with its first fault */
export function asked<Output>(schema: z.ZodType<Output>, value: unknown): Output {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const { message, parameters } = (issue as { params?: { message: MessageKey; parameters: MessageParameters } }).params ?? { message: 'invalid.required', parameters: {} };
  throw new RequestError('BAD_USER_INPUT', message, parameters);
}

/** How long the text of a filter or search may be. */
export const MOST_OF_SEARCH = 100;

/** The text of a filter, normalised; null when there is none. @throws RequestError BAD_USER_INPUT when it is too long */
export function filterText(text: string | null | undefined): string | null {
  const normalised = text?.normalize('NFC').trim();
  if (!normalised) return null;
  if ([...normalised].length > MOST_OF_SEARCH) throw new RequestError('BAD_USER_INPUT', 'search.length', { most: MOST_OF_SEARCH });
  return normalised;
}

/** The uuid in the global id of a filter; null when there is none. @throws RequestError BAD_USER_INPUT when it is not one of the type */
export function filterId(type: string, globalId: string | null | undefined): string | null {
  if (globalId == null) return null;
  const id = fromGlobalId(globalId);
  if (id?.type !== type) throw new RequestError('BAD_USER_INPUT', 'filter.id');
  return id.id;
}
