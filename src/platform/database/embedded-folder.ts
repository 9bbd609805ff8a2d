import { createHash, randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { isReachable, ownFolder, serverUser, type SystemUser, userOf } from './embedded-binaries';
import { commandLine, EmbeddedPostgresError, processStart } from './embedded-lock';

/** The file of generated passwords, in the requested folder. */
export const SECRETS = 'postgres-secrets.json';
/** Says where the cluster is when it is not in the requested folder. */
const LOCATION = 'postgres-location.txt';
/** Beside such a cluster: which folder it is for. */
const REQUESTED = 'requested-by.txt';
/** Parts the name of a cluster that is being made from the name it gets. */
export const FRESH = '.new-';

/** The generated passwords of the three roles. */
export interface Secrets {
  superuser: string;
  owner: string;
  application: string;
  /** Whether they are new: neither in the file nor known to a cluster. */
  generated: boolean;
  /** Writes new ones to the file. */
  keep(): void;
}

/** Reads the passwords of a folder, or generates them. @throws EmbeddedPostgresError when their file is damaged */
export function readSecrets(directory: string): Secrets {
  const path = join(directory, SECRETS);
  const password = () => randomBytes(24).toString('base64url');
  if (!existsSync(path)) {
    const fresh = { superuser: password(), owner: password(), application: password() };
    return {
      ...fresh,
      generated: true,
      keep() {
        if (!this.generated) return;
        writeWhole(path, `${JSON.stringify(fresh, null, 2)}\n`);
        this.generated = false;
      },
    };
  }
  try {
    const { superuser, owner, application } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
    // In this alphabet they can stand in a URL as they are.
    const isPassword = (text: unknown): text is string => typeof text === 'string' && /^[\w-]{16,}$/.test(text);
    if (isPassword(superuser) && isPassword(owner) && isPassword(application)) {
      return { superuser, owner, application, generated: false, keep() {} };
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new EmbeddedPostgresError(
    `The file of passwords ${path} is damaged: put the right file back, or delete it to have new ones set.`,
  );
}

/** Writes a file so that it is whole or absent, whenever the power fails. */
function writeWhole(path: string, text: string): void {
  const draft = `${path}.new`;
  rmSync(draft, { force: true });
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
}

/** Makes a folder where there is none. @returns its real path @throws EmbeddedPostgresError when it cannot be written */
export function writableFolder(requested: string): string {
  const directory = resolve(requested);
  try {
    mkdirSync(directory, { recursive: true });
    accessSync(directory, constants.W_OK | constants.X_OK);
    return realpathSync(directory);
  } catch (error) {
    throw explained(error, directory);
  }
}

/** The folder whose `postgres` is the cluster, and who runs it. */
export interface Place {
  folder: string;
  /** null: the user of this process */
  user: SystemUser | null;
}

/**
 * Finds or chooses the folder of the cluster: the requested one, unless PostgreSQL's user cannot reach that.
 * @throws EmbeddedPostgresError when an existing cluster cannot be used by this process
 */
export function placeOfCluster(directory: string, log: (line: string) => void): Place {
  const user = serverUser();
  const folder = rememberedPlace(directory, log) ?? directory;
  const cluster = join(folder, 'postgres');
  if (existsSync(cluster)) return { folder, user: ownerOf(cluster, user) };
  if (!user || isReachable(folder, user)) return { folder, user };

  const elsewhere = ownFolder(createHash('sha256').update(directory).digest('hex').slice(0, 12), user);
  if (!existsSync(join(directory, SECRETS))) setAside(elsewhere, log);
  writeWhole(join(elsewhere, REQUESTED), `${directory}\n`);
  writeWhole(join(directory, LOCATION), `${elsewhere}\n`);
  log(
    `put the cluster in ${elsewhere}: ${directory} is not reachable for the user ${user.name}, whom PostgreSQL runs as`,
  );
  return { folder: elsewhere, user };
}

/** Where the cluster of a folder is, if there is one. */
export function existingCluster(directory: string): string | null {
  const cluster = join(rememberedPlace(directory, () => undefined) ?? directory, 'postgres');
  return existsSync(cluster) ? cluster : null;
}

/** A cluster is run by the user it belongs to; root gives away one that came to belong to root. */
function ownerOf(cluster: string, user: SystemUser | null): SystemUser | null {
  const { uid, gid } = statSync(cluster);
  if (!user) {
    if (process.getuid === undefined || uid === process.getuid()) return null;
    throw new EmbeddedPostgresError(
      `The cluster ${cluster} belongs to the user ${userOf(uid, gid).name}: start as that user or as root, or set DATA_DIR to another folder.`,
    );
  }
  const owner = uid === 0 ? user : userOf(uid, gid);
  if (uid === 0) giveAll(cluster, owner);
  if (isReachable(join(cluster, '..'), owner)) return owner;
  throw new EmbeddedPostgresError(
    `The cluster ${cluster} is not reachable for the user ${owner.name}, whom it belongs to: allow that with chmod o+x on the folders above it, or set DATA_DIR to another folder.`,
  );
}

function giveAll(path: string, user: SystemUser): void {
  lchownSync(path, user.uid, user.gid);
  if (!lstatSync(path).isDirectory()) return;
  for (const name of readdirSync(path)) giveAll(join(path, name), user);
}

/** Where an earlier start put the cluster, when not in the requested folder. */
function rememberedPlace(directory: string, log: (line: string) => void): string | null {
  const file = join(directory, LOCATION);
  if (!existsSync(file)) return null;
  const folder = readFileSync(file, 'utf8').trim();
  const requested = join(folder, REQUESTED);
  if (!existsSync(requested)) {
    log(`the cluster of ${directory} was in ${folder} and is gone from there: a new one is made`);
    return null;
  }
  const original = readFileSync(requested, 'utf8').trim();
  if (original !== directory) {
    if (existsSync(join(original, LOCATION))) {
      log(`${directory} is a copy of ${original}, whose cluster is in ${folder}: the copy gets a cluster of its own`);
      return null;
    }
    writeWhole(requested, `${directory}\n`);
  }
  return folder;
}

/** The requested folder was deleted, to start anew; what its cluster held may still be wanted. */
function setAside(folder: string, log: (line: string) => void): void {
  const cluster = join(folder, 'postgres');
  if (!existsSync(cluster)) return;
  const left = readPidFile(cluster);
  if (left && isPostmasterOf(left.pid, cluster)) process.kill(left.pid, 'SIGINT');
  const aside = `${cluster}.old-${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
  renameSync(cluster, aside);
  log(`kept the cluster of a deleted data folder as ${aside}`);
}

/** Removes what a killed first start left half done. */
export function sweep(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(`postgres${FRESH}`)) continue;
    try {
      rmSync(join(folder, name), { recursive: true, force: true });
    } catch {
      // An initdb that outlived its parent may still write there; the next start finds it again.
    }
  }
}

/** What a postmaster tells in its data folder. */
export interface PidFile {
  pid: number;
  port: number;
  /** Whether it takes connections. */
  ready: boolean;
}

/** null: there is none, or it is not written yet. */
export function readPidFile(cluster: string): PidFile | null {
  const path = join(cluster, 'postmaster.pid');
  if (!existsSync(path)) return null;
  const lines = readFileSync(path, 'utf8').split('\n');
  // In single-user mode the number is negative.
  const pid = Math.abs(Number(lines[0]));
  return pid > 0 ? { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' } : null;
}

/** Whether a process is the living postmaster of a cluster. */
export function isPostmasterOf(pid: number, cluster: string): boolean {
  if (processStart(pid) === null) return false;
  // Windows does not tell the command line; there a postmaster has to prove itself by its answer.
  return process.platform === 'win32' || `${commandLine(pid)} `.includes(` -D ${cluster} `);
}

/** The code of an error of the system or of PostgreSQL; '' when it has none. */
export const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException | null)?.code ?? '');

/** Turns the faults of a file system into advice; anything else stays what it is. */
export function explained(error: unknown, directory: string): Error {
  const code = codeOf(error);
  if (['ENOSPC', 'EDQUOT'].includes(code)) {
    return new EmbeddedPostgresError(
      `The disk of the data folder ${directory} is full: make room, or set DATA_DIR to another folder.`,
    );
  }
  if (['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'EBUSY', 'ENOENT'].includes(code)) {
    return new EmbeddedPostgresError(
      `The data folder ${directory} cannot be used (${(error as Error).message}): make it a folder that this user can write, or set DATA_DIR to another one.`,
    );
  }
  return error instanceof Error ? error : new Error(String(error));
}
