import fc from 'fast-check';
import { occurrencesOf, recurrenceRule } from '../../src/domain/bookings/recurrence';
import { Refusal } from '../../src/platform/graphql/refusal';
import { Desk, NOW, overruns, range } from '../bookings/desk';
import { TestApi } from '../support/api';
import { Calendar, startsOf } from './calendar';

const MOST = 200;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
const timeZone = 'Asia/Shanghai';

/** A rule of the family that is worked out here by walking over the days, in a time zone that is 8 hours ahead all year. */
interface Plain {
  freq: 'DAILY' | 'WEEKLY' | 'MONTHLY';
  interval: number;
  weekdays: string[];
  monthDays: number[];
  count: number | null;
  untilDays: number | null;
}

const textOf = ({ freq, interval, weekdays, monthDays, count, untilDays }: Plain, start: number): string =>
  [
    `FREQ=${freq}`, ...(interval > 1 ? [`INTERVAL=${interval}`] : []), ...(weekdays.length ? [`BYDAY=${weekdays.join()}`] : []),
    ...(monthDays.length ? [`BYMONTHDAY=${monthDays.join()}`] : []), ...(count !== null ? [`COUNT=${count}`] : []),
    ...(untilDays !== null ? [`UNTIL=${new Date(start + untilDays * DAY).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`] : []),
  ].join(';');

/** Its beginnings within two years, the first 250 of them. */
function plainly({ freq, interval, weekdays, monthDays, count, untilDays }: Plain, start: number): number[] {
  const local = (at: number) => new Date(at + 8 * HOUR);
  const first = local(start);
  const monday = Math.floor(first.getTime() / DAY) - ((first.getUTCDay() + 6) % 7);
  const twoYears = Date.UTC(first.getUTCFullYear() + 2, first.getUTCMonth(), first.getUTCDate(), first.getUTCHours(), first.getUTCMinutes()) - 8 * HOUR;
  const last = untilDays === null ? twoYears : start + untilDays * DAY;
  const found: number[] = [];
  for (let at = start; at <= last && found.length < 250; at += DAY) {
    const day = local(at);
    const weekday = WEEKDAYS[(day.getUTCDay() + 6) % 7]!;
    const lastOfMonth = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
    const onDay = monthDays.length === 0 || monthDays.some((n) => (n > 0 ? n : lastOfMonth + 1 + n) === day.getUTCDate());
    const onWeekday = weekdays.length === 0 || weekdays.includes(weekday);
    const inPeriod = {
      DAILY: () => ((at - start) / DAY) % interval === 0,
      WEEKLY: () => (Math.floor(day.getTime() / DAY) - monday - ((day.getUTCDay() + 6) % 7)) / 7 % interval === 0 && (weekdays.length > 0 || day.getUTCDay() === first.getUTCDay()),
      MONTHLY: () =>
        ((day.getUTCFullYear() - first.getUTCFullYear()) * 12 + day.getUTCMonth() - first.getUTCMonth()) % interval === 0 &&
        (monthDays.length > 0 || weekdays.length > 0 || day.getUTCDate() === first.getUTCDate()),
    }[freq]();
    if (onDay && onWeekday && inPeriod) found.push(at);
  }
  return count === null ? found : found.slice(0, count);
}

const someOf = <T>(items: readonly T[], most: number) => fc.subarray([...items], { minLength: 1, maxLength: most });
const none = fc.constant<never[]>([]);
const ending = fc.oneof(fc.record({ count: fc.integer({ min: 1, max: 210 }), untilDays: fc.constant(null) }), fc.record({ count: fc.constant(null), untilDays: fc.integer({ min: 0, max: 700 }) }));
const monthDay = fc.oneof(fc.integer({ min: 1, max: 31 }), fc.integer({ min: -5, max: -1 }));
const shape = fc.oneof(
  fc.record({ freq: fc.constant('DAILY' as const), interval: fc.integer({ min: 1, max: 40 }), weekdays: fc.oneof(none, someOf(WEEKDAYS, 6)), monthDays: none }),
  fc.record({ freq: fc.constant('WEEKLY' as const), interval: fc.integer({ min: 1, max: 6 }), weekdays: fc.oneof(none, someOf(WEEKDAYS, 6)), monthDays: none }),
  fc.record({ freq: fc.constant('MONTHLY' as const), interval: fc.integer({ min: 1, max: 5 }), weekdays: none, monthDays: fc.oneof(none, fc.uniqueArray(monthDay, { minLength: 1, maxLength: 4 })) }),
);
const plainRule: fc.Arbitrary<Plain> = fc.tuple(shape, ending).map(([one, end]) => ({ ...one, ...end }));
const beginning = fc.integer({ min: 0, max: 900 * 48 }).map((half) => Date.parse('2026-06-11T00:00:00+08:00') + half * (HOUR / 2));

const messageOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof Refusal) return error.reasons[0]!.message;
    throw error;
  }
  return 'done';
};

/** What the module makes of a rule that begins at an instant and takes an hour: beginnings, or why not. */
function expanded(rule: string, start: number): number[] | string {
  let starts: number[] = [];
  const message = messageOf(() => (starts = occurrencesOf({ first: { start: new Date(start), end: new Date(start + HOUR) }, rule, timeZone, most: MOST }).map((one) => one.start.getTime())));
  return message === 'done' ? starts : message;
}

/** What is to be made of it, by the walk. */
function expected(rule: Plain, start: number): number[] | string {
  const starts = plainly(rule, start);
  if (rule.count !== null && rule.count > MOST) return 'recurrence.most';
  if (starts[0] !== start) return 'recurrence.first';
  if (starts.length > MOST) return 'recurrence.most';
  if (rule.count !== null && starts.length < rule.count) return 'recurrence.far';
  return starts;
}

test('its times are those found by walking over the days', () => {
  fc.assert(
    fc.property(plainRule, beginning, (rule, from) => {
      // Most of what begins anywhere does not begin with a time of the rule: begin with the first that is one.
      const start = plainly({ ...rule, count: null, untilDays: null }, from).find((at) => plainly(rule, at)[0] === at) ?? from;
      for (const at of [start, from]) expect(expanded(textOf(rule, at), at)).toEqual(expected(rule, at));
    }),
    { numRuns: 150 },
  );
}, 120_000);

describe('a rule that is not taken', () => {
  const start = Date.parse('2026-06-15T10:00:00+08:00');
  const refusalOf = (rule: string): string => {
    const parsed = recurrenceRule.safeParse(rule);
    if (!parsed.success) return String((parsed.error.issues[0] as { params?: { message: string } }).params?.message);
    const made = expanded(parsed.data, start);
    return typeof made === 'string' ? made : 'done';
  };

  test.each([
    ['never ends', 'FREQ=DAILY', 'recurrence.endless'],
    ['ends twice', 'FREQ=DAILY;COUNT=3;UNTIL=20260701', 'recurrence.part'],
    ['explodes by seconds', 'FREQ=SECONDLY;COUNT=5', 'recurrence.frequency'],
    ['explodes by minutes', 'FREQ=MINUTELY;COUNT=5', 'recurrence.frequency'],
    ['goes by hours', 'FREQ=HOURLY;COUNT=5', 'recurrence.frequency'],
    ['has times of the day', 'FREQ=DAILY;BYHOUR=1,2,3;COUNT=5', 'recurrence.part'],
    ['has seconds', 'FREQ=DAILY;BYSECOND=1,2,3;COUNT=5', 'recurrence.part'],
    ['has no frequency', 'COUNT=5', 'recurrence.frequency'],
    ['is empty', '', 'recurrence.part'],
    ['is no rule', 'every Monday', 'recurrence.part'],
    ['brings its own beginning', 'DTSTART:20260615T020000Z\nRRULE:FREQ=DAILY;COUNT=3', 'recurrence.part'],
    ['brings exceptions', 'FREQ=DAILY;COUNT=3\nEXDATE:20260616T020000Z', 'recurrence.part'],
    ['brings them as a part', 'FREQ=DAILY;COUNT=3;EXDATE=20260616T020000Z', 'recurrence.part'],
    ['says a part twice', 'FREQ=DAILY;COUNT=3;COUNT=4', 'recurrence.part'],
    ['says a part of every object', 'FREQ=DAILY;COUNT=3;CONSTRUCTOR=1', 'recurrence.part'],
    ['ends with a separator', 'FREQ=DAILY;COUNT=3;', 'recurrence.part'],
    ['is of ten thousand characters', `FREQ=DAILY;COUNT=3;BYMONTH=${'1,'.repeat(5_000)}1`, 'invalid.length'],
    ['counts to none', 'FREQ=DAILY;COUNT=0', 'recurrence.part'],
    ['counts to many', 'FREQ=DAILY;COUNT=201', 'recurrence.most'],
    ['counts to a billion', 'FREQ=DAILY;COUNT=1000000000', 'recurrence.part'],
    ['counts beyond two years', 'FREQ=YEARLY;COUNT=4', 'recurrence.far'],
    ['goes on for more than two years', 'FREQ=YEARLY;UNTIL=20290615', 'recurrence.far'],
    ['gives more than 200 times by its end', 'FREQ=DAILY;UNTIL=20270615', 'recurrence.most'],
    ['ends before it begins', 'FREQ=DAILY;UNTIL=20260614', 'recurrence.until'],
    ['ends on a day that there is not', 'FREQ=DAILY;UNTIL=20260631', 'recurrence.part'],
    ['ends by a clock that is not named', 'FREQ=DAILY;UNTIL=20260701T100000', 'recurrence.part'],
    ['yields nothing', 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=2', 'recurrence.first'],
    ['yields nothing by days', 'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=2', 'recurrence.first'],
    ['does not give the first time', 'FREQ=WEEKLY;BYDAY=TU;COUNT=3', 'recurrence.first'],
    ['has an interval of none', 'FREQ=DAILY;INTERVAL=0;COUNT=3', 'recurrence.part'],
    ['has a vast interval', 'FREQ=DAILY;INTERVAL=99999999999999999999;COUNT=3', 'recurrence.part'],
    ['has a weekday that there is not', 'FREQ=WEEKLY;BYDAY=XX;COUNT=3', 'recurrence.part'],
    ['numbers weekdays of a week', 'FREQ=WEEKLY;BYDAY=2MO;COUNT=3', 'recurrence.part'],
    ['has a thirteenth month', 'FREQ=YEARLY;BYMONTH=13;COUNT=2', 'recurrence.part'],
    ['picks from nothing', 'FREQ=MONTHLY;BYSETPOS=1;COUNT=2', 'recurrence.part'],
    ['has a number that is none', 'FREQ=MONTHLY;BYMONTHDAY=1e1;COUNT=2', 'recurrence.part'],
  ])('%s', (_, rule, message) => expect(refusalOf(rule)).toBe(message));

  test('overlaps itself', () => {
    const first = { start: new Date(start), end: new Date(start + 25 * HOUR) };
    expect(messageOf(() => occurrencesOf({ first, rule: 'FREQ=DAILY;COUNT=2', timeZone, most: MOST }))).toBe('recurrence.overlap');
  });

  const value = fc.oneof(
    fc.array(fc.integer({ min: -400, max: 400 }), { minLength: 1, maxLength: 60 }).map((numbers) => numbers.join()),
    fc.array(fc.tuple(fc.integer({ min: -6, max: 6 }), fc.constantFrom(...WEEKDAYS)).map(([n, day]) => `${n || ''}${day}`), { minLength: 1, maxLength: 10 }).map((days) => days.join()),
    fc.constantFrom('MO', '20280101', '20271231T235959Z', '1', '5'),
  );
  const anyRule = fc
    .tuple(
      fc.constantFrom('DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'),
      fc.dictionary(fc.constantFrom('INTERVAL', 'BYDAY', 'BYMONTH', 'BYMONTHDAY', 'BYYEARDAY', 'BYWEEKNO', 'BYSETPOS', 'WKST'), value, { maxKeys: 4 }),
      fc.constantFrom('COUNT=5', 'COUNT=200', 'UNTIL=20280101'),
    )
    .map(([freq, rest, end]) => [`FREQ=${freq}`, ...Object.entries(rest).map(([name, text]) => `${name}=${text}`), end].join(';'));

  test('whatever the rule is, it gives its times or a reason, soon', () => {
    let taken = 0;
    fc.assert(
      fc.property(anyRule, (rule) => {
        const elapsed: number[] = [];
        for (let turn = 0; turn < 3 && (elapsed.at(-1) ?? 50) >= 50; turn += 1) {
          const began = process.cpuUsage();
          if (!refusalOf(rule).startsWith('recurrence.part')) taken += 1;
          elapsed.push(process.cpuUsage(began).user / 1000);
        }
        expect([rule, Math.min(...elapsed) < 250]).toEqual([rule, true]);
      }),
      { numRuns: 300 },
    );
    expect(taken).toBeGreaterThan(30);
  }, 120_000);
});

describe('through the API', () => {
  let api: TestApi;
  let desk: Desk;
  let calendar: Calendar;
  let count = 0;
  beforeAll(async () => {
    api = await TestApi.start();
    desk = await Desk.begin(api);
    calendar = new Calendar(desk);
  });
  beforeEach(() => api.clock.set(NOW));
  afterEach(async () => expect(await overruns(api)).toEqual([]));
  afterAll(() => api.stop());

  test('what is booked is what the walk over the days gives', async () => {
    await fc.assert(
      fc.asyncProperty(plainRule, beginning, async (rule, from) => {
        const start = plainly({ ...rule, count: null, untilDays: null }, from).find((at) => plainly(rule, at)[0] === at) ?? from;
        const hall = await desk.resource(`Hall ${(count += 1)}`, { horizon: 'P2000D' });
        const input = { resource: hall, range: { start: new Date(start).toISOString(), end: new Date(start + HOUR).toISOString() }, recurrenceRule: textOf(rule, start) };
        const { series, userErrors } = await api.mutate('bookSeries', input, desk.bea, 'series { bookings { range { start } } }');
        const wanted = expected(rule, start);
        if (typeof wanted === 'string') expect([series, userErrors]).toMatchObject([null, [{ code: 'INVALID', path: ['input', 'recurrenceRule'] }]]);
        else expect(series.bookings.map((one: { range: { start: string } }) => Date.parse(one.range.start))).toEqual(wanted);
      }),
      { numRuns: 20 },
    );
  }, 120_000);

  test('a rule or range that is not taken is named, in both languages, and nothing is booked', async () => {
    const hall = await desk.resource('Room', {});
    const monday = range(15, '10:00', '12:00');
    const before = await desk.rows();
    for (const rule of ['FREQ=DAILY', 'FREQ=SECONDLY;COUNT=2', 'FREQ=DAILY;COUNT=3;DTSTART=20260101', `FREQ=DAILY;${'BYMONTH=1;'.repeat(1_000)}`, 'FREQ=WEEKLY;BYDAY=TU;COUNT=2', '\u0000']) {
      expect(await calendar.tried(hall, monday, rule)).toMatchObject({ series: null, unavailable: null, userErrors: [{ code: 'INVALID', path: ['input', 'recurrenceRule'] }] });
    }
    expect(await calendar.tried(hall, { start: monday.start, end: range(17, '10:00', '12:00').end }, 'FREQ=DAILY;COUNT=2')).toMatchObject({ userErrors: [{ code: 'INVALID', path: ['input', 'range'] }] });
    expect(await calendar.tried(hall, { start: monday.end, end: monday.start }, 'FREQ=DAILY;COUNT=2')).toMatchObject({ userErrors: [{ code: 'INVALID', path: ['input', 'range', 'end'] }] });
    for (const quantity of [0, -1, 1_000_000_000]) {
      expect(await calendar.tried(hall, monday, 'FREQ=DAILY;COUNT=2', { quantity })).toMatchObject({ userErrors: [{ code: 'INVALID', path: ['input', 'quantity'] }] });
    }
    expect(await calendar.tried(hall, range(8, '10:00', '12:00'), 'FREQ=DAILY;COUNT=5')).toMatchObject({ userErrors: [{ code: 'TOO_LATE', path: ['input', 'range'] }] });
    expect(await desk.rows()).toEqual(before);
    const [endless] = await desk.refused('bookSeries', { resource: hall, range: monday, recurrenceRule: 'FREQ=DAILY' }, desk.bea, 'zh-CN');
    expect(endless!.message).toBe('重复规则须以 COUNT 或 UNTIL 写明何时结束。');
  });

  test('rules that people write', async () => {
    const times = async (rule: string, day = 15) => startsOf((await calendar.book(await desk.resource(`Hall ${(count += 1)}`, { horizon: 'P1000D' }), range(day, '10:00', '12:00'), rule)).bookings);
    expect(await times('FREQ=MONTHLY;BYDAY=3MO;COUNT=3')).toEqual(['06-15 10:00', '07-20 10:00', '08-17 10:00']);
    expect(await times('FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=3', 30)).toEqual(['06-30 10:00', '07-31 10:00', '08-31 10:00']);
    expect(await times('FREQ=MONTHLY;BYMONTHDAY=31;COUNT=3', 61)).toEqual(['07-31 10:00', '08-31 10:00', '10-31 10:00']);
    expect(await times('FREQ=YEARLY;COUNT=3')).toEqual(['06-15 10:00', '06-15 10:00', '06-15 10:00']);
    // The end of a day of the network, though it is another day elsewhere.
    expect(await times('FREQ=DAILY;UNTIL=20260617')).toEqual(['06-15 10:00', '06-16 10:00', '06-17 10:00']);
    expect(await times('FREQ=DAILY;UNTIL=20260617T015959Z')).toEqual(['06-15 10:00', '06-16 10:00']);
    expect(await times('FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU;COUNT=3')).toEqual(['06-15 10:00', '06-28 10:00', '06-29 10:00']);
  });
});
