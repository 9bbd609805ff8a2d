import { hash, verify } from '@node-rs/argon2';

// RFC 9106 and OWASP's least for argon2id: 19 MiB, two passes, one lane.
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** The shortest and the longest password (NIST SP 800-63B). */
export const PASSWORD_LENGTH = { least: 10, most: 128 };
const COMMON = /^(?:(.)\1*|0?1234567890?|password\d*|qwerty(?:uiop)?\d*|admin(?:istrator)?\d*|iloveyou\d*|a?1234567890a?)$/i;

/** Whether a password may be chosen: long enough, and not one of those tried first. */
export const isAcceptablePassword = (password: string): boolean =>
  password.length >= PASSWORD_LENGTH.least && password.length <= PASSWORD_LENGTH.most && !COMMON.test(password);

/** Hashes and checks passwords by argon2id. */
export class Passwords {
  private constructor(private readonly decoy: string) {}

  /** @returns passwords with a decoy, against which an unknown account is checked so that it takes the same time */
  static async create(): Promise<Passwords> {
    return new Passwords(await hash('no account has this password', parameters));
  }

  /** The hash of a new password, with its parameters and salt inside. */
  hash(password: string): Promise<string> {
    return hash(password.normalize('NFKC'), parameters);
  }

  /** Whether it is the password behind the hash; no hash takes as long and is never right. */
  async matches(password: string, storedHash: string | null): Promise<boolean> {
    const right = await verify(storedHash ?? this.decoy, password.normalize('NFKC'));
    return right && storedHash !== null;
  }
}
