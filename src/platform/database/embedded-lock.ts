import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { OperatorError } from '../operator-error';

/** A fault the operator can mend; its message is one line that says what to do. */
export class EmbeddedPostgresError extends OperatorError {
  override readonly name = 'EmbeddedPostgresError';
}

/** A lock file that this process holds. */
export interface FolderLock {
  /** Gives the lock back; harmless when it was given back before. */
  release(): void;
}

interface Owner {
  pid: number;
  /** Tells the process from a later one with the same number. */
  startedAt: string;
  /** Tells this holding of the lock from every other one. */
  token: string;
}

/** How long a lock file may stay without content before its writer counts as killed. */
const WRITE_MS = 2_000;

/**
 * Takes `server.lock` of a folder for this process; the lock of a process that is gone is taken over.
 * @throws EmbeddedPostgresError when a living process holds it
 */
export async function lockFolder(directory: string): Promise<FolderLock> {
  const path = join(directory, 'server.lock');
  const own: Owner = { pid: process.pid, startedAt: processStart(process.pid) ?? '', token: randomUUID() };
  const text = JSON.stringify(own);
  while (!createFile(path, text)) {
    const held = readOwner(path);
    if (held === 'being written') await sleep(20);
    else if (held && isLiving(held)) throw inUse(directory, held);
    else if (held && (await succeed(path, held, text))) break;
  }
  return {
    release() {
      const held = readOwner(path);
      if (held !== 'being written' && held?.token === own.token) rmSync(path, { force: true });
    },
  };
}

/** Whether a living process holds the lock of a folder. */
export function isHeld(directory: string): boolean {
  const held = readOwner(join(directory, 'server.lock'));
  return held !== null && held !== 'being written' && isLiving(held);
}

/**
 * Replaces the lock of a dead owner. Who may do so is settled by a second file, named after the dead owner's token, that
 * only one process can create: removing the dead lock instead could hit the lock of a quicker successor.
 */
async function succeed(path: string, dead: Owner, text: string): Promise<boolean> {
  const claim = `${path}.${dead.token}`;
  if (!createFile(claim, text)) {
    const claimant = readOwner(claim);
    if (claimant !== 'being written' && claimant && !isLiving(claimant)) rmSync(claim, { force: true });
    else await sleep(20);
    return false;
  }
  const held = readOwner(path);
  if (held === 'being written' || held?.token !== dead.token) {
    rmSync(claim, { force: true });
    return false;
  }
  renameSync(claim, path);
  return readFileSync(path, 'utf8') === text;
}

function createFile(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx', mode: 0o644 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** null: there is no such file (any more). A file that was never finished belongs to nobody. */
function readOwner(path: string): Owner | 'being written' | null {
  try {
    const text = readFileSync(path, 'utf8');
    try {
      const { pid, startedAt, token } = JSON.parse(text) as Owner;
      if (Number.isInteger(pid) && /^[\w-]+$/.test(token)) return { pid, startedAt: String(startedAt), token };
    } catch {
      // Cut short, or not ours.
    }
    return Date.now() - statSync(path).mtimeMs < WRITE_MS
      ? 'being written'
      : { pid: 0, startedAt: '', token: 'unfinished' };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function isLiving(owner: Owner): boolean {
  const start = owner.pid > 0 ? processStart(owner.pid) : null;
  return start !== null && (start === owner.startedAt || start === '' || owner.startedAt === '');
}

function inUse(directory: string, { pid }: Owner): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `The data folder ${directory} is in use by process ${pid}${pid === process.pid ? ' (this one)' : ''}: stop it, or set DATA_DIR to another folder.`,
  );
}

/**
 * When a process started, in whatever unit the system has; together with its number that names a process for good.
 * @returns null when there is no such process, or only its unreaped remains; '' when the system does not tell
 */
export function processStart(pid: number): string | null {
  if (!isPid(pid)) return null;
  if (process.platform === 'win32') return '';
  if (process.platform !== 'linux') {
    const [state = '', ...start] = ps(pid, 'stat=,lstart=').split(/\s+/);
    return state.startsWith('Z') ? null : start.join(' ');
  }
  try {
    // The program's name, in brackets, may itself hold blanks and brackets.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    // Linux counts from the boot, and the processes of one boot resemble those of the next.
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return fields[0] === 'Z' || fields[0] === 'X' ? null : `${boot} ${fields[19]}`;
  } catch {
    return isPid(pid) ? '' : null;
  }
}

function isPid(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** The command line of a process, its arguments parted by blanks; '' when it is gone or the system does not tell. */
export function commandLine(pid: number): string {
  if (process.platform !== 'linux') return process.platform === 'win32' ? '' : ps(pid, 'command=');
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

const ps = (pid: number, columns: string): string =>
  spawnSync('ps', ['-ww', '-o', columns, '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim() ?? '';
