import { execFile } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cleanUp, Server, temporaryFolder } from '../start/server';
import { blocksOf, isThere, readPage, rowsOf } from './markdown';

jest.setTimeout(60_000);

/** What the pages use of curl, for machines without it. */
const CURL = `#!${process.execPath}
const headers = {}, form = new URLSearchParams();
let url, body, get = false;
const args = process.argv.slice(2);
for (let arg; (arg = args.shift()) !== undefined; ) {
  if (arg === '-H') { const [name, value] = args.shift().split(/: (.*)/s); headers[name] = value; }
  else if (arg === '-d') body = args.shift();
  else if (arg === '--data-urlencode') { const [name, value] = args.shift().split(/=(.*)/s); form.append(name, value); }
  else if (arg === '-sG') get = true;
  else if (arg !== '-s') url = arg;
}
const asking = get ? fetch(url + '?' + form, { headers }) : fetch(url, { method: 'POST', headers, body });
asking.then((answer) => answer.text()).then((text) => process.stdout.write(text));
`;

/** A step of a page: what is typed, and the answers shown below it. */
interface Step {
  script: string;
  answers: unknown[];
}

/** The blocks of bash with the blocks of JSON that follow each. */
function storyOf(page: string): Step[] {
  const steps: Step[] = [];
  for (const { language, text } of blocksOf(page)) {
    if (language === 'bash') steps.push({ script: text, answers: [] });
    if (language === 'json') steps.at(-1)!.answers.push(JSON.parse(text));
  }
  return steps;
}

/** What an answer is to be, where a text that ends with … stands for all that begin like it. */
function shown(answer: unknown): unknown {
  if (typeof answer === 'string') return answer.endsWith('…') ? expect.stringMatching(new RegExp(`^${answer.slice(0, -1)}`)) : answer;
  if (Array.isArray(answer)) return answer.map(shown);
  if (answer === null || typeof answer !== 'object') return answer;
  return Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, shown(value)]));
}

let server: Server;
const tools = temporaryFolder();

beforeAll(async () => {
  writeFileSync(join(tools, 'curl'), CURL);
  chmodSync(join(tools, 'curl'), 0o755);
  server = await Server.start({ DATA_DIR: join(temporaryFolder(), 'data') });
});
afterAll(cleanUp);

/** Types the steps one after the other into one shell. @returns the lines that each step prints */
async function typed(steps: readonly Step[], path: string): Promise<string[][]> {
  const script = steps.map(({ script: text }) => `${text}\nprintf '\\n\\f\\n'\n`).join('');
  const { stdout, stderr } = await promisify(execFile)('sh', ['-euc', script.replaceAll('http://localhost:4000', `http://127.0.0.1:${server.port}`)], {
    env: { ...process.env, PATH: path },
  });
  expect(stderr).toBe('');
  return stdout.split('\f').slice(0, -1).map((output) => output.split('\n').filter(Boolean));
}

const { PATH = '' } = process.env;
// The system's curl comes first where there is one; the other page is told by the one of the test.
const tellings: [page: string, path: string][] = [
  ['README.md', `${PATH}:${tools}`],
  ['README.zh-CN.md', `${tools}:${PATH}`],
];

test.each(tellings)('what %s tells to type gives the answers that it shows', async (page, path) => {
  const steps = storyOf(readPage(page));
  expect(steps.length).toBeGreaterThan(3);
  const answers = (await typed(steps, path)).map((lines) => lines.map((line) => JSON.parse(line) as unknown));
  expect(answers).toEqual(steps.map((step) => step.answers.map(shown)));
});

test.each(tellings)('%s shows what the start prints', (page) => {
  const banner = blocksOf(readPage(page)).find(({ language }) => language === 'text')!.text;
  const lines = banner.replaceAll('localhost:4000', `127.0.0.1:${server.port}`).split('\n').filter((line) => line.trim() !== '…');
  for (const line of lines) expect(server.output.split('\n')).toContain(line);
});

test.each(tellings)('%s names every command, and none that is not there', (page) => {
  const { scripts } = JSON.parse(readPage('package.json')) as { scripts: Record<string, string> };
  const named = rowsOf(readPage(page)).flatMap(([cell]) => /^`npm (?:run )?([\w:-]+)`$/.exec(cell!)?.[1] ?? []);
  expect(named.sort()).toEqual(Object.keys(scripts).filter((name) => name !== 'prepare').sort());
});

test.each(tellings)('%s has the folders that there are', (page) => {
  const folders = rowsOf(readPage(page)).flatMap(([cell]) => /^`([\w./-]+)`$/.exec(cell!)?.[1] ?? []);
  expect(folders.length).toBeGreaterThan(8);
  for (const folder of folders) expect([folder, isThere(folder)]).toEqual([folder, true]);
});
