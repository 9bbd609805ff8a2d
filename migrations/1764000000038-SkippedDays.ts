import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A day that there was: a zone may skip one, whose noon then falls on another. */
const THERE_WAS = `(day + interval '12 hours') AT TIME ZONE time_zone AT TIME ZONE time_zone = day + interval '12 hours'`;

/** When something is open within a range, by opening hours as they are kept. @param skipping whether days that a time zone has skipped are left out */
const openHours = (skipping: boolean): string => `
  CREATE OR REPLACE FUNCTION app.open_hours(hours jsonb, time_zone text, during tstzrange) RETURNS tstzmultirange
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN hours IS NULL OR hours = '[]' THEN tstzmultirange(during) ELSE coalesce((
      SELECT range_agg(tstzrange(opens, closes)) * tstzmultirange(during) FROM (
        SELECT (day + (h->>'opens')::time) AT TIME ZONE time_zone AS opens, (day + (h->>'closes')::time) AT TIME ZONE time_zone AS closes
        FROM generate_series(date_trunc('day', lower(during) AT TIME ZONE time_zone), upper(during) AT TIME ZONE time_zone, interval '1 day') AS day
          JOIN jsonb_array_elements(hours) AS h ON (h->>'weekday')::integer = extract(isodow FROM day)
        ${skipping ? `WHERE ${THERE_WAS}` : ''}
      ) spans WHERE opens < closes), '{}') END $$`;

/** On a day that a time zone has skipped, such as 30 December 2011 in Apia, nothing is open. */
export class SkippedDays1764000000038 implements MigrationInterface {
  public async up(runner: QueryRunner): Promise<void> {
    await runner.query(openHours(true));
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query(openHours(false));
  }
}
