import type { Step } from './story';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** The hour of a step's minute 0. */
const MORNING = 9;

/** The minute of a step at a time of day. */
export function minuteAt(time: string): number {
  const [hours, minutes] = time.split(':').map(Number) as [number, number];
  return (hours - MORNING) * 60 + minutes;
}

/** Days counted from the day of seeding in a time zone. */
export class Calendar {
  private readonly today: number;
  private readonly format: Intl.DateTimeFormat;

  constructor(now: Date, timeZone: string) {
    this.format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
    this.today = Date.parse(`${this.local(now).slice(0, 10)}T00:00:00Z`);
  }

  /** A day as YYYY-MM-DD. */
  date(day: number): string {
    return new Date(this.today + day * DAY_MS).toISOString().slice(0, 10);
  }

  /** The instant at which it is the step's minute in the time zone. */
  instant({ day, minute }: Pick<Step, 'day' | 'minute'>): Date {
    const wall = this.today + day * DAY_MS + MORNING * 3_600_000 + minute * MINUTE_MS;
    const shown = Date.parse(`${this.local(new Date(wall)).replace(' ', 'T')}Z`);
    return new Date(wall - (shown - wall));
  }

  private local(instant: Date): string {
    return this.format.format(instant);
  }
}
