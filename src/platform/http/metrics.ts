import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver';

/** What an operator watches, in Prometheus' format; no label ever carries a value from outside. */
export class Metrics {
  readonly registry = new Registry();
  private readonly requests: Histogram<'route' | 'status'>;
  private readonly errors: Counter<'code'>;

  constructor(dataSource: DataSource) {
    collectDefaultMetrics({ register: this.registry });
    this.requests = new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time from the request to its answer.',
      labelNames: ['route', 'status'],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers: [this.registry],
    });
    this.errors = new Counter({
      name: 'graphql_errors_total',
      help: 'Top-level errors in answers, by code.',
      labelNames: ['code'],
      registers: [this.registry],
    });
    const pool = () => (dataSource.driver as PostgresDriver).master as { totalCount: number; idleCount: number; waitingCount: number };
    new Gauge({
      name: 'database_pool_connections',
      help: 'Connections to PostgreSQL: all, idle ones, and requests waiting for one.',
      labelNames: ['state'],
      registers: [this.registry],
      collect() {
        const { totalCount, idleCount, waitingCount } = pool();
        this.set({ state: 'total' }, totalCount);
        this.set({ state: 'idle' }, idleCount);
        this.set({ state: 'waiting' }, waitingCount);
      },
    });
  }

  /** Notes one answered request. */
  answered(route: string, status: number, seconds: number): void {
    this.requests.observe({ route, status: `${Math.floor(status / 100)}xx` }, seconds);
  }

  /** Notes a top-level error. */
  failed(code: string): void {
    this.errors.inc({ code });
  }
}
