import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tables that are counted, and what each of their rows (x, in network n) adds: organization, the other one, day, measure, amount, audience. */
const COUNTED: Readonly<Record<string, string>> = {
  bookings: `
    SELECT x.organization_id, NULL::uuid, (x.starts_at AT TIME ZONE n.time_zone)::date, m.measure,
      extract(epoch FROM x.ends_at - x.starts_at)::bigint * x.quantity, CASE WHEN x.is_private THEN 'PRIVATE' ELSE 'OWN' END
    FROM (VALUES ('BOOKED'), ('USED')) AS m(measure)
    WHERE x.status IN ('CONFIRMED','IN_USE','COMPLETED','NO_SHOW') AND (m.measure = 'BOOKED' OR x.organization_id <> x.owner_id)
    UNION ALL
    SELECT x.owner_id, NULL::uuid, (x.starts_at AT TIME ZONE n.time_zone)::date, 'SHARED', extract(epoch FROM x.ends_at - x.starts_at)::bigint * x.quantity,
      CASE WHEN x.is_private THEN 'PRIVATE' ELSE 'OWN' END
    WHERE x.status IN ('CONFIRMED','IN_USE','COMPLETED','NO_SHOW') AND x.organization_id <> x.owner_id
    UNION ALL
    SELECT x.organization_id, x.owner_id, (x.starts_at AT TIME ZONE n.time_zone)::date, 'BOOKINGS', 1::bigint, CASE WHEN x.is_private THEN 'PRIVATE' ELSE 'OWN' END
    WHERE x.status IN ('CONFIRMED','IN_USE','COMPLETED','NO_SHOW') AND x.organization_id <> x.owner_id`,
  activities: `
    SELECT x.host_id, NULL::uuid, (x.starts_at AT TIME ZONE n.time_zone)::date, 'ACTIVITIES', 1::bigint, x.visibility
    WHERE x.status IN ('OPEN','IN_PROGRESS','COMPLETED','CLOSED')
    UNION ALL
    SELECT x.host_id, co_host, (x.starts_at AT TIME ZONE n.time_zone)::date, 'JOINT', 1::bigint, x.visibility FROM unnest(x.co_host_ids) AS co_host
    WHERE x.status IN ('OPEN','IN_PROGRESS','COMPLETED','CLOSED')`,
  service_records: `
    SELECT x.organizer_id, NULL::uuid, x.service_date, 'SERVICE', x.seconds::bigint, 'OWN'
    UNION ALL
    -- A correction takes the place of what it corrects.
    SELECT c.organizer_id, NULL::uuid, c.service_date, 'SERVICE', -c.seconds::bigint, 'OWN'
    FROM service_records c WHERE c.network_id = x.network_id AND c.id = x.corrects_id`,
  needs: `
    SELECT NULL::uuid, NULL::uuid, (x.raised_at AT TIME ZONE n.time_zone)::date, CASE x.status WHEN 'RESOLVED' THEN 'NEEDS_RESOLVED' ELSE 'NEEDS_OPEN' END, 1::bigint,
      CASE x.status WHEN 'SUBMITTED' THEN 'OWN' ELSE 'PUBLIC' END
    WHERE x.status IN ('SUBMITTED','ACCEPTED','PLANNED','REOPENED','RESOLVED')`,
  feedback: `
    SELECT NULL::uuid, NULL::uuid, (x.created_at AT TIME ZONE n.time_zone)::date, m.measure, CASE m.measure WHEN 'RATED' THEN x.rating ELSE 1 END::bigint, 'PUBLIC'
    FROM (VALUES ('RATINGS'), ('RATED')) AS m(measure)`,
  points_transfers: `
    SELECT NULL::uuid, NULL::uuid, (x.created_at AT TIME ZONE n.time_zone)::date, 'ISSUED', CASE WHEN x.debit_kind = 'ISSUANCE' THEN x.amount ELSE -x.amount END, 'OWN'
    WHERE x.status = 'POSTED' AND (x.debit_kind = 'ISSUANCE' AND x.credit_kind = 'VOLUNTEER' OR x.debit_kind = 'VOLUNTEER' AND x.credit_kind = 'ISSUANCE')
    UNION ALL
    SELECT CASE x.credit_kind WHEN 'MERCHANT' THEN x.credit_id END, NULL::uuid, (x.created_at AT TIME ZONE n.time_zone)::date, 'REDEEMED', x.amount, 'OWN'
    WHERE x.status = 'POSTED' AND x.reason IN ('REDEMPTION','WISH')`,
};

const counting = (table: string, select: string): string => `
  CREATE FUNCTION app.count_${table}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  BEGIN
    IF TG_OP = 'INSERT' THEN
      INSERT INTO statistics_entries (network_id, organization_id, other_id, day, measure, amount, audience)
        SELECT x.network_id, c.*
        FROM new_rows x JOIN networks n ON n.id = x.network_id CROSS JOIN LATERAL (${select}) AS c(organization_id, other_id, day, measure, amount, audience);
    ELSE
      INSERT INTO statistics_entries (network_id, organization_id, other_id, day, measure, amount, audience)
        SELECT network_id, organization_id, other_id, day, measure, sum(amount), audience FROM (
          SELECT x.network_id, c.organization_id, c.other_id, c.day, c.measure, -c.amount AS amount, c.audience
          FROM old_rows x JOIN networks n ON n.id = x.network_id CROSS JOIN LATERAL (${select}) AS c(organization_id, other_id, day, measure, amount, audience)
          UNION ALL
          SELECT x.network_id, c.organization_id, c.other_id, c.day, c.measure, c.amount, c.audience
          FROM new_rows x JOIN networks n ON n.id = x.network_id CROSS JOIN LATERAL (${select}) AS c(organization_id, other_id, day, measure, amount, audience)
        ) changed GROUP BY 1, 2, 3, 4, 5, 7 HAVING sum(amount) <> 0;
    END IF;
    RETURN NULL;
  END $$;
  REVOKE EXECUTE ON FUNCTION app.count_${table} FROM PUBLIC;
  DO $$ BEGIN EXECUTE format('GRANT EXECUTE ON FUNCTION app.count_${table} TO %I', current_setting('youth.application_role')); END $$;
  CREATE TRIGGER counting_new AFTER INSERT ON ${table} REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION app.count_${table}();
  CREATE TRIGGER counting_changed AFTER UPDATE ON ${table} REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION app.count_${table}();
  INSERT INTO statistics_entries (network_id, organization_id, other_id, day, measure, amount, audience, is_folded)
    SELECT x.network_id, c.organization_id, c.other_id, c.day, c.measure, sum(c.amount), c.audience, true
    FROM ${table} x JOIN networks n ON n.id = x.network_id CROSS JOIN LATERAL (${select}) AS c(organization_id, other_id, day, measure, amount, audience)
    GROUP BY 1, 2, 3, 4, 5, 7;`;

/**
 * What the network's figures are made of, kept as things change: a change adds an entry of its own, so that changes do not
 * wait for each other at a sum; entries are folded together from time to time.
 */
export class Statistics1764000000036 implements MigrationInterface {
  public async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE statistics_entries (
        network_id uuid NOT NULL REFERENCES networks,
        id uuid NOT NULL DEFAULT gen_random_uuid(),
        -- Whose figure it is; null: of the network alone.
        organization_id uuid,
        -- Of what two have in common, the other one.
        other_id uuid,
        day date NOT NULL,
        -- BOOKED, USED (of others' resources) and SHARED (own resources, by others) in seconds times quantity, SERVICE in seconds;
        -- of two organizations BOOKINGS (of the other's resources) and JOINT (activities that the other co-hosts); the others in numbers.
        measure text NOT NULL,
        amount bigint NOT NULL,
        -- Who sees it: the organization alone (PRIVATE), the committee too, the network, or everybody.
        audience text NOT NULL CHECK (audience IN ('PRIVATE','OWN','NETWORK','PUBLIC')),
        is_folded boolean NOT NULL DEFAULT false,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (array_remove(ARRAY[organization_id, other_id], NULL)
          || CASE audience WHEN 'PRIVATE' THEN '{}'::uuid[] WHEN 'OWN' THEN ARRAY[app.principal('committee', network_id)]
             WHEN 'NETWORK' THEN ARRAY[app.principal('committee', network_id), network_id, app.principal('resident', network_id)]
             ELSE ARRAY[app.everybody(network_id)] END) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS ('{}'::uuid[]) STORED,
        PRIMARY KEY (network_id, id)
      );
      CREATE UNIQUE INDEX statistics_entries_folded ON statistics_entries (network_id, measure, day, organization_id, other_id, audience) NULLS NOT DISTINCT WHERE is_folded;
      CREATE INDEX statistics_entries_new ON statistics_entries (network_id) WHERE NOT is_folded;
      CREATE INDEX statistics_entries_readers ON statistics_entries USING gin (readers);
      CALL app.guard('statistics_entries', 'SELECT');
      DO $$ BEGIN
        EXECUTE format('CREATE POLICY counting ON statistics_entries TO %I USING (true) WITH CHECK (true)', current_user);
      END $$;
      ${Object.entries(COUNTED).map(([table, select]) => counting(table, select)).join('')}

      -- Door: folds the entries of every network that have not been.
      CREATE FUNCTION app.fold_statistics() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        WITH taken AS (DELETE FROM statistics_entries e WHERE NOT e.is_folded RETURNING e.*)
        INSERT INTO statistics_entries AS s (network_id, organization_id, other_id, day, measure, amount, audience, is_folded)
          SELECT network_id, organization_id, other_id, day, measure, sum(amount), audience, true FROM taken GROUP BY 1, 2, 3, 4, 5, 7
          ORDER BY network_id, measure, day, organization_id, other_id, audience
          ON CONFLICT (network_id, measure, day, organization_id, other_id, audience) WHERE is_folded DO UPDATE SET amount = s.amount + excluded.amount $$;
      REVOKE EXECUTE ON FUNCTION app.fold_statistics FROM PUBLIC;
      DO $$ BEGIN EXECUTE format('GRANT EXECUTE ON FUNCTION app.fold_statistics TO %I', current_setting('youth.application_role')); END $$;
    `);
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ${Object.keys(COUNTED).map((table) => `DROP TRIGGER counting_new ON ${table}; DROP TRIGGER counting_changed ON ${table}; DROP FUNCTION app.count_${table};`).join('\n      ')}
      DROP FUNCTION app.fold_statistics;
      DROP TABLE statistics_entries;
    `);
  }
}
