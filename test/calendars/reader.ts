import type { TestApi } from '../support/api';
import type { As } from '../support/api';
import { parsed, type Told, type ToldCalendar } from './parsers';

/** Where the tests' API says that it is; a calendar's URL begins with it. */
export const PUBLIC_URL = 'https://youth.example.org/api';

/** Programs that subscribe to the calendars of one API. */
export class Reader {
  constructor(private readonly api: TestApi) {}

  /** Whose calendar there is for somebody; null when there is none. */
  async own(as: As, headers: Record<string, string> = {}): Promise<string | null> {
    return (await this.api.must('{ viewer { calendarFeed } }', {}, as, headers)).viewer.calendarFeed as string | null;
  }

  async of(id: string, as: As): Promise<string | null> {
    const query = 'query ($id: ID!) { node(id: $id) { ... on Resource { calendarFeed } ... on Organization { calendarFeed } } }';
    return ((await this.api.must(query, { id }, as)).node?.calendarFeed ?? null) as string | null;
  }

  async revoke(as: As, input: Record<string, unknown> = {}): Promise<string> {
    return (await this.api.done('revokeCalendarFeed', input, as, 'calendarFeed')).calendarFeed as string;
  }

  /** Asks for what is at a URL, with no more than the URL. */
  fetch(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> {
    if (!url.startsWith(`${PUBLIC_URL}/`)) throw new Error(`not a URL of the API: ${url}`);
    return fetch(url.replace(PUBLIC_URL, this.api.url), { headers, method });
  }

  async status(url: string): Promise<number> {
    return (await this.fetch(url)).status;
  }

  async calendar(url: string | null): Promise<ToldCalendar> {
    const response = await this.fetch(url!);
    if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
    return parsed(await response.text());
  }

  /** What a calendar tells of a booking, by its global id; null when nothing. */
  async event(url: string | null, bookingId: string): Promise<Told | null> {
    const uid = Buffer.from(bookingId, 'base64url').toString().split(':')[1]!;
    return (await this.calendar(url)).events.find((event) => event.uid === uid) ?? null;
  }
}
