import { createHmac } from 'node:crypto';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import type { DataSource } from 'typeorm';
import { translated } from '../database/session';
import { RequestError } from '../graphql/errors';

const WINDOW_SECONDS = 15 * 60;

/** Counts tries to sign in, per account and per address, and looks for certificates, in the database, so that all processes count together. */
export class Throttle {
  private readonly perAccount: RateLimiterPostgres;
  private readonly perAddress: RateLimiterPostgres;
  private readonly certificates: RateLimiterPostgres;

  constructor(
    dataSource: DataSource,
    private readonly secret: string,
    tries: { triesPerAccount: number; triesPerAddress: number; certificatesPerAddress: number },
  ) {
    const shared = {
      storeClient: dataSource,
      storeType: 'typeorm' as const,
      tableName: 'throttles',
      tableCreated: true,
      duration: WINDOW_SECONDS,
    };
    this.perAccount = new RateLimiterPostgres({ ...shared, keyPrefix: 'account', points: tries.triesPerAccount });
    this.perAddress = new RateLimiterPostgres({ ...shared, keyPrefix: 'address', points: tries.triesPerAddress });
    this.certificates = new RateLimiterPostgres({ ...shared, keyPrefix: 'certificate', points: tries.certificatesPerAddress });
  }

  /** Counts one try. @throws RequestError RATE_LIMITED when there were too many in the last quarter of an hour */
  count(identifier: string, address: string): Promise<void> {
    return this.consume([this.perAccount, identifier], [this.perAddress, address]);
  }

  /** Counts one look for a certificate by its code. @throws RequestError RATE_LIMITED when there were too many in the last quarter of an hour */
  countCertificate(address: string): Promise<void> {
    return this.consume([this.certificates, address]);
  }

  private async consume(...tries: [limiter: RateLimiterPostgres, of: string][]): Promise<void> {
    try {
      await Promise.all(tries.map(([limiter, of]) => limiter.consume(this.key(of))));
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw translated(error);
      throw new RequestError('RATE_LIMITED', 'auth.throttled', { seconds: Math.ceil(error.msBeforeNext / 1000) });
    }
  }

  /** Forgets the tries for an account that has signed in. */
  async succeeded(identifier: string): Promise<void> {
    await this.perAccount.delete(this.key(identifier)).catch((error: unknown) => {
      throw translated(error);
    });
  }

  // Neither accounts nor addresses are kept in the clear.
  private key(value: string): string {
    return createHmac('sha256', this.secret).update(`throttle:${value.toLowerCase()}`).digest('base64url').slice(0, 24);
  }
}
