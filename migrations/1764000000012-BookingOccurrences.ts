import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which time of its series a booking is, wherever it is moved to by itself. */
export class BookingOccurrences1764000000012 implements MigrationInterface {
  public async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE bookings ADD COLUMN occurs_at timestamptz, ADD CONSTRAINT bookings_occur_in_series CHECK ((series_id IS NULL) = (occurs_at IS NULL));
      DROP INDEX bookings_by_series;
      CREATE INDEX bookings_by_series ON bookings (network_id, series_id, occurs_at) WHERE series_id IS NOT NULL;
      -- It is asked for each time of a series, and by every booking: planning it costs more than running it.
      ALTER FUNCTION app.bookable(uuid[], integer[], uuid, tstzrange, text) SET plan_cache_mode = force_generic_plan;
    `);
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER FUNCTION app.bookable(uuid[], integer[], uuid, tstzrange, text) RESET plan_cache_mode;
      DROP INDEX bookings_by_series;
      CREATE INDEX bookings_by_series ON bookings (network_id, series_id, starts_at) WHERE series_id IS NOT NULL;
      ALTER TABLE bookings DROP COLUMN occurs_at;
    `);
  }
}
