import { createHmac, timingSafeEqual } from 'node:crypto';
import { ArgsType, Field, Int, ObjectType, type ClassType } from 'type-graphql';
import { prepared } from '../database/prepared';
import type { Session, Statement } from '../database/session';
import type { RequestContext } from './context';
import { RequestError } from './errors';
import { grouped, type LoaderDefinition } from './loaders';

/** How many rows a page has when nobody says, and at most. */
export const PAGE_SIZE = 20;
export const MOST_PER_PAGE = 100;

/** Arguments of a list that is paged forward. */
@ArgsType()
export class ForwardArgs {
  @Field(() => Int, { nullable: true, description: `How many from the start, 0 to ${MOST_PER_PAGE}; ${PAGE_SIZE} when not given.` })
  first?: number | null;
  @Field(() => String, { nullable: true, description: 'Only what comes after this cursor.' })
  after?: string | null;
}

/** Arguments of a list that is paged both ways. */
@ArgsType()
export class PageArgs extends ForwardArgs {
  @Field(() => Int, { nullable: true, description: `How many from the end, 0 to ${MOST_PER_PAGE}; not together with first.` })
  last?: number | null;
  @Field(() => String, { nullable: true, description: 'Only what comes before this cursor.' })
  before?: string | null;
}

/** A key of a total order, read from the row and compared in SQL. */
export interface OrderKey<Row> {
  /** SQL expression, with its collation when it has one. */
  sql: string;
  /** SQL type of the value in a cursor. */
  type: string;
  of: (row: Row) => unknown;
}

/** What a page is cut from. */
export interface ListQuery<Row> {
  /** The name of the list and its order; a cursor of another is refused. */
  list: string;
  /** Select list, whose rows are the nodes. */
  select: string;
  /** FROM with joins. */
  from: string;
  /** Conditions with $1.. in `values`. */
  where: string[];
  values: unknown[];
  /** Conditions that cost too much to be asked of more rows than a page needs: asked last, row by row in the list's order. */
  dear?: string[];
  /** A total order: the last key is unique. All keys go the same way. */
  order: OrderKey<Row>[];
  descending: boolean;
  /**
   * A function of the database that answers with the ids of a page in its order: given whether that goes down, how many,
   * and the keys of the row to go on from, null from the start. The rows, by the alias t, are read through their policies.
   */
  pager?: string;
  /** Its rows are reached by keys, whoever asks: planned once a connection. */
  keyed?: boolean;
}

/** What the policy of a table says, repeated, so that the planner may use its statistics. The table goes by the alias t. */
export const READABLE = 't.network_id = app.network_id() AND t.readers && app.principals()';

/** Adds a condition with its value where one is given. */
export function narrow(query: ListQuery<never>, condition: (placeholder: string) => string, value: unknown): void {
  if (value == null) return;
  query.values.push(value);
  query.where.push(condition(`$${query.values.length}`));
}

/** One page of rows; edges, cursors and counts are made of it when they are asked for. */
export class Page<Row extends object> {
  constructor(
    readonly rows: Row[],
    readonly hasNextPage: boolean,
    readonly hasPreviousPage: boolean,
    readonly cursorOf: (row: Row) => string,
    readonly count: () => Promise<number>,
  ) {}
}

/** Signs and reads cursors, so that a forged or foreign one is told from an own one. */
export class Cursors {
  constructor(private readonly secret: string) {}

  private mac(text: string): Buffer {
    return createHmac('sha256', this.secret).update(text).digest().subarray(0, 9);
  }

  private signed(list: string, text: string): string {
    return `${Buffer.from(text).toString('base64url')}.${this.mac(list + text).toString('base64url')}`;
  }

  write(list: string, keys: unknown[]): string {
    return this.signed(list, JSON.stringify(keys));
  }

  /** @throws RequestError BAD_USER_INPUT when it is not a cursor of the list, to the letter */
  read(list: string, cursor: string): unknown[] {
    const given = cursor.slice(0, 2048);
    const text = Buffer.from(given.split('.', 1)[0]!, 'base64url').toString();
    const [own, theirs] = [Buffer.from(this.signed(list, text)), Buffer.from(given)];
    if (own.length !== theirs.length || !timingSafeEqual(own, theirs)) throw new RequestError('BAD_USER_INPUT', 'page.cursor');
    return JSON.parse(text) as unknown[];
  }
}

/** A page as it is asked for, checked: how many, from where, and which way the rows are to be read. */
interface Cut {
  size: number;
  backward: boolean;
  downward: boolean;
  /** The keys of the row to go on from; null from the start. */
  keys: unknown[] | null;
  where: string[];
  values: unknown[];
  orderBy: string;
}

/** @throws RequestError BAD_USER_INPUT when the arguments contradict each other or the cursor is of another list */
function cut<Row>(cursors: Cursors, query: ListQuery<Row>, args: PageArgs): Cut {
  const backward = args.last != null || args.before != null;
  if ((backward && (args.first != null || args.after != null)) || (args.before != null && args.last == null)) {
    throw new RequestError('BAD_USER_INPUT', 'page.both');
  }
  const size = (backward ? args.last : args.first) ?? PAGE_SIZE;
  if (size < 0 || size > MOST_PER_PAGE) throw new RequestError('BAD_USER_INPUT', 'page.size', { most: MOST_PER_PAGE });
  const cursor = backward ? args.before : args.after;
  const where = [...query.where];
  const values = [...query.values];
  const downward = query.descending !== backward;
  const keys = cursor == null ? null : cursors.read(query.list, cursor);
  if (keys) {
    const placeholders = query.order.map((key, index) => `$${values.length + index + 1}::${key.type}`);
    where.push(`(${query.order.map((key) => key.sql).join(', ')}) ${downward ? '<' : '>'} (${placeholders.join(', ')})`);
    values.push(...keys);
  }
  const direction = downward ? 'DESC' : 'ASC';
  return { size, backward, downward, keys, where, values, orderBy: query.order.map((key) => `${key.sql} ${direction}`).join(', ') };
}

/** Makes a page of rows that were read one further than its size. */
function paged<Row extends object>(
  cursors: Cursors,
  query: ListQuery<Row>,
  args: PageArgs,
  { size, backward }: Cut,
  rows: Row[],
  count: () => Promise<number>,
): Page<Row> {
  const more = rows.length > size;
  if (more) rows.pop();
  if (backward) rows.reverse();
  return new Page(
    rows,
    backward ? args.before != null : more,
    backward ? more : args.after != null,
    (row) => cursors.write(query.list, query.order.map((key) => key.of(row))),
    count,
  );
}

const filtered = (conditions: readonly string[]): string => (conditions.length ? `WHERE ${conditions.join(' AND ')}` : '');

/** The statement that reads a page and one row further. */
function statementOf<Row>(query: ListQuery<Row>, { size, downward, keys, where, values, orderBy }: Cut): Statement {
  if (query.pager !== undefined) {
    const from = query.order.map((_, index) => `$${index + 3}`).join(', ');
    return prepared(
      `SELECT ${query.select} FROM ROWS FROM (${query.pager}($1, $2, ${from})) WITH ORDINALITY AS place(id, nth)
        JOIN ${query.from} ON t.network_id = app.network_id() AND t.id = place.id ORDER BY place.nth`,
      [downward, size + 1, ...(keys ?? query.order.map(() => null))],
    );
  }
  const ordered = `SELECT ${query.select} FROM ${query.from} ${filtered(where)} ORDER BY ${orderBy}`;
  // OFFSET 0 keeps the planner from asking what is dear before the order; without another ORDER BY it knows that only a page is wanted.
  const listed = query.dear ? `SELECT * FROM (${ordered} OFFSET 0) t WHERE ${query.dear.join(' AND ')}` : ordered;
  const text = `${listed} LIMIT ${size + 1}`;
  return query.keyed ? prepared(text, values) : { text, values };
}

/** Cuts one page by key (no OFFSET, so nothing is skipped or repeated while others insert) and looks one row further. */
export async function page<Row extends object>(session: Session, cursors: Cursors, query: ListQuery<Row>, args: PageArgs): Promise<Page<Row>> {
  const asked = cut(cursors, query, args);
  const rows = await session.read<Row>(statementOf(query, asked));
  return paged(cursors, query, args, asked, rows, async () => {
    const [counted] = await session.read<{ count: number }>({
      text: `SELECT count(*) AS count FROM ${query.from} ${filtered([...query.where, ...(query.dear ?? [])])}`,
      values: query.values,
    });
    return counted!.count;
  });
}

/**
 * One page of the rows that belong to a parent. The same page of all parents of a level travels in one statement, each
 * parent's rows limited in SQL.
 * @param parent SQL expression of the parent's id in a row
 */
export function nestedPage<Row extends object>(
  context: RequestContext,
  query: ListQuery<Row>,
  parent: string,
  parentId: string,
  args: PageArgs,
): Promise<Page<Row>> {
  const { cursors } = context.platform;
  const asked = cut(cursors, query, args);
  const key = JSON.stringify([query.list, asked.where, asked.values, asked.size, asked.orderBy]);
  const counts = context.definition(`${key} count`, (): LoaderDefinition<string, number> => ({
    batch: async (session, parentIds) => {
      const counted = await session.read<{ parentId: string; count: number }>({
        text: `SELECT ${parent} AS "parentId", count(*) AS count FROM ${query.from}
          WHERE ${[...query.where, `${parent} = ANY($${query.values.length + 1}::uuid[])`].join(' AND ')} GROUP BY 1`,
        values: [...query.values, parentIds],
      });
      const byParent = new Map(counted.map((row) => [row.parentId, row.count]));
      return parentIds.map((id) => byParent.get(id) ?? 0);
    },
  }));
  const pages = context.definition(key, (): LoaderDefinition<string, Row[]> => ({
    batch: async (session, parentIds) => {
      // Under a name that no row has itself.
      const rows = await session.read<Row & { nestedUnder: string }>({
        text: `SELECT asked.id AS "nestedUnder", child.* FROM unnest($${asked.values.length + 1}::uuid[]) WITH ORDINALITY AS asked(id, place)
          CROSS JOIN LATERAL (SELECT ${query.select}, row_number() OVER (ORDER BY ${asked.orderBy}) AS nth FROM ${query.from}
            WHERE ${[...asked.where, `${parent} = asked.id`].join(' AND ')} ORDER BY ${asked.orderBy} LIMIT ${asked.size + 1}) AS child
          ORDER BY asked.place, child.nth`,
        values: [...asked.values, parentIds],
      });
      return grouped(parentIds, rows, (row) => row.nestedUnder);
    },
  }));
  return context.load(pages, parentId).then((rows) => paged(cursors, query, args, asked, [...rows], () => context.load(counts, parentId)));
}

/** Where a page stands in its list. */
@ObjectType('PageInfo', { description: 'Where a page stands in its list (Relay Cursor Connections).', simpleResolvers: true })
export class PageInfo {
  @Field({ description: 'Whether more follows after the page.' })
  hasNextPage!: boolean;
  @Field({ description: 'Whether something comes before the page.' })
  hasPreviousPage!: boolean;
  @Field(() => String, { nullable: true, description: 'Cursor of the first edge; null on an empty page.' })
  startCursor?: string | null;
  @Field(() => String, { nullable: true, description: 'Cursor of the last edge; null on an empty page.' })
  endCursor?: string | null;
}

/**
 * The connection and edge types of a node type (Relay Cursor Connections). Resolvers return a Page; what its fields
 * are made of it stands in platform-fields.ts.
 */
export function connectionOf<T extends object>(node: () => ClassType<T> | object, name: string): ClassType<Page<T>> {
  @ObjectType(`${name}Edge`, { description: `A ${name} in a list, with its place.`, simpleResolvers: true })
  class Edge {
    @Field(() => String, { description: 'The place in the list, to page from.' })
    cursor!: string;
    @Field(() => node() as ClassType<T>, { description: 'What stands there.' })
    node!: T;
  }
  @ObjectType(`${name}Connection`, { description: `A page of a list of ${name}.`, simpleResolvers: true })
  class Connection {
    @Field(() => [Edge], { description: 'The rows of the page with their cursors.' })
    edges!: Edge[];
    @Field(() => [node() as ClassType<T>], { description: 'The rows of the page alone.' })
    nodes!: T[];
    @Field(() => PageInfo, { description: 'Where the page stands in the list.' })
    pageInfo!: PageInfo;
    @Field(() => Int, { description: 'How many the whole list has that you may see; computed only when asked for.' })
    totalCount!: number;
  }
  return Connection as unknown as ClassType<Page<T>>;
}
