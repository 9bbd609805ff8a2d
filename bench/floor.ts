/** The floor: a bare HTTP server that answers each question by one statement written by hand. */
import { createServer, type IncomingMessage } from 'node:http';
import { Pool, type PoolConfig } from 'pg';
import { BEGIN_SESSION, sessionOf } from './gate.ts';
import { POOL_SIZE } from './pool.ts';
import { questions, type QuestionName } from './questions.ts';

interface Asked {
  question: QuestionName;
  id?: string;
}

// pipeline: statements are sent without waiting for the answers to those before.
const options: PoolConfig & { pipeline: boolean } = { connectionString: process.env.DATABASE_URL, max: POOL_SIZE, pipeline: true };
const pool = new Pool(options);
const texts = new Map(questions.map(({ name, sql }) => [name, sql]));

async function read(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString()) as Asked;
}

async function answer(request: IncomingMessage): Promise<string> {
  const [{ question, id }, session] = await Promise.all([read(request), sessionOf(request)]);
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
