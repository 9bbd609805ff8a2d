/** The floor: a bare HTTP server that answers each question by one statement written by hand. */
import { createServer, type IncomingMessage } from 'node:http';
import { Pool, type PoolConfig } from 'pg';
import { statementsOf, type Booking, type Wish } from './booking.ts';
import { BEGIN_SESSION, sessionOf } from './gate.ts';
import { POOL_SIZE } from './pool.ts';
import { questions, type QuestionName } from './questions.ts';

type Asked = { question: QuestionName; id?: string } | { question: 'book'; wish: Wish; asker: Booking };

// pipeline: statements are sent without waiting for the answers to those before.
const options: PoolConfig & { pipeline: boolean } = { connectionString: process.env.DATABASE_URL, max: POOL_SIZE, pipeline: true };
const pool = new Pool(options);
const texts = new Map(questions.map(({ name, sql }) => [name, sql]));

async function read(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString()) as Asked;
}

/** Books by the statements that the API books by. */
async function book(wish: Wish, asker: Booking, session: (string | null)[]): Promise<string> {
  const client = await pool.connect();
  try {
    const statements = statementsOf(session, asker, wish);
    const [, begun, key, readable, , , bookable, taken] = (await Promise.all(statements.checks.map((statement) => client.query<Row>(statement)))).map(({ rows }) => rows);
    const [terms] = bookable!;
    if (!key!.length || !readable!.length || taken!.length || !terms!.is_open || !terms!.is_shared || terms!.is_late || terms!.is_early || terms!.is_short || terms!.is_long || terms!.status !== 'AVAILABLE') {
      throw new Error('It cannot be booked');
    }
    const { user_name: userName } = begun![0]! as Record<string, string>;
    const { name, owner_id: ownerId } = terms as Record<string, string>;
    const done = await Promise.all(statements.does({ userName: userName!, name: name!, ownerId: ownerId! }).map((statement) => client.query<Row>(statement)));
    return JSON.stringify({ data: { bookResource: { booking: done[5]!.rows[0], userErrors: [] } } });
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

type Row = Record<string, unknown>;

async function answer(request: IncomingMessage): Promise<string> {
  const [asked, session] = await Promise.all([read(request), sessionOf(request)]);
  if (asked.question === 'book') return book(asked.wish, asked.asker, session);
  const { question, id } = asked;
  const client = await pool.connect();
  try {
    const [, , { rows }] = await Promise.all([
      client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'),
      client.query({ ...BEGIN_SESSION, values: session }),
      client.query<{ data: string }>({ name: question, text: texts.get(question)!, values: id === undefined ? [] : [id] }),
      client.query('COMMIT'),
    ]);
    return `{"data":${rows[0]!.data}}`;
  } finally {
    client.release();
  }
}

createServer((request, response) => {
  answer(request).then(
    (body) => response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) }).end(body),
    (error: Error) => response.writeHead(500).end(error.message),
  );
}).listen(Number(process.env.PORT), '127.0.0.1');
