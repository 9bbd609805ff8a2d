import { isWorkday } from 'chinese-days';

/** How many working days a public notice runs at least, and how many the committee may give it. */
export const LEAST_NOTICE = 5;
export const MOST_NOTICE = 30;

const DAY = 86_400_000;

/**
 * The last day of a notice that begins on a day and runs for so many whole working days after it, by China's calendar with its
 * moved working days. A year whose holidays the State Council has not announced counts by its weekdays.
 */
export function lastDayOfNotice(from: string, workingDays: number): string {
  let day = from;
  for (let left = workingDays; left > 0; ) {
    day = new Date(Date.parse(`${day}T00:00:00Z`) + DAY).toISOString().slice(0, 10);
    if (isWorkday(day)) left -= 1;
  }
  return day;
}
