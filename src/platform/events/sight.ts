import DataLoader from 'dataloader';
import { tableName } from '../database/columns';
import { anonymous, Session, type Caller } from '../database/session';
import { RequestError } from '../graphql/errors';
import type { Change } from './follow';
import type { Turns } from './turns';
import type { Platform } from '../graphql/context';

/** Who is to be told of a change, and what its thing looks like to them. */
interface Look {
  change: Change;
  caller: Caller;
  /** Loads the thing by the caller's own rights. */
  load: () => Promise<object | null>;
}

/** What somebody may see: the thing, or null for the leave to load it. */
type Seen = { thing: object | null } | null;

type Outcome = 'READS' | 'READS NOT' | 'ENDED';

/**
 * Who may see what has changed, by the rights that each has at that moment. All who are to be told of the same change are
 * asked for in one statement, before anything is loaded for anybody.
 */
export class Sight {
  private readonly looks: DataLoader<Look, Seen>;
  private readonly session: Session;

  constructor(
    { dataSource, clock }: Platform,
    private readonly turns: Turns,
  ) {
    this.session = new Session(dataSource, anonymous, clock);
    this.looks = new DataLoader((looks) => this.batch(looks), { cache: false, batchScheduleFn: (look) => void setImmediate(look) });
  }

  /** Whether somebody may see it; null: no. @throws RequestError UNAUTHENTICATED when their session or membership has ended or changed */
  see(look: Look): Promise<Seen> {
    return this.looks.load(look);
  }

  private async batch(looks: readonly Look[]): Promise<(Seen | Error)[]> {
    const seen = new Map<Look, Seen | Error>();
    const groups = new Map<string, Look[]>();
    for (const look of looks) {
      const key = `${tableName(look.change.entity)} ${look.change.id}`;
      groups.set(key, [...(groups.get(key) ?? []), look]);
    }
    await Promise.all(
      [...groups.values()].map(async (group) => {
        const found = await this.group(group).catch((error: unknown) => group.map(() => error as Error));
        group.forEach((look, index) => seen.set(look, found[index]!));
      }),
    );
    return looks.map((look) => seen.get(look)!);
  }

  /** What those see who are to be told of one change. */
  private async group(looks: readonly Look[]): Promise<(Seen | Error)[]> {
    // Somebody alone finds out by loading it.
    if (looks.length === 1) return [{ thing: null }];
    const { change } = looks[0]!;
    const outcomes = await this.turns.take(() => this.outcomes(change, looks));
    const reader = looks[outcomes.indexOf('READS')];
    const thing = reader && change.alike ? await this.turns.take(reader.load) : null;
    return outcomes.map((outcome) => {
      if (outcome === 'ENDED') return new RequestError('UNAUTHENTICATED', 'auth.ended');
      return outcome === 'READS' ? { thing } : null;
    });
  }

  private async outcomes({ entity, networkId, id }: Change, looks: readonly Look[]): Promise<Outcome[]> {
    const sessions = looks.map(({ caller: { sessionId, userId, networkCode, membershipId, role } }) => [sessionId, userId, networkCode, membershipId, role]);
    const rows = await this.session.door<{ outcome: Outcome }>({
      name: 'readers-among',
      text: 'SELECT outcome FROM app.readers_among($1, $2, $3, $4, $5)',
      values: [tableName(entity), networkId, id, JSON.stringify(sessions), this.session.clock.now()],
    });
    return rows.map(({ outcome }) => outcome);
  }
}
