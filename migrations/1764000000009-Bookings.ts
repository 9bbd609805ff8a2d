import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whom a row of bookings concerns: who books, whose the resource is, who booked in person. */
const PARTIES = 'organization_id, owner_id, booker_id';

/** The writers of the history so far, and what bookings add to them. */
const HISTORY_WRITERS = (staffed: string, doors: string) => `
  app.principals_of(CASE WHEN subject_type IN (${staffed}) THEN 'work' ELSE 'administration' END, audience)
  || ARRAY[app.principal('committee', network_id), ${doors}]`;

/** A generated column cannot be given another expression before PostgreSQL 17: it is made anew, with the policies that compare it. */
const historyWriters = (expression: string): string => `
  DROP POLICY inserting ON state_changes;
  DROP POLICY updating ON state_changes;
  DROP POLICY deleting ON state_changes;
  ALTER TABLE state_changes DROP COLUMN writers;
  ALTER TABLE state_changes ADD COLUMN writers uuid[] NOT NULL GENERATED ALWAYS AS (${expression}) STORED;
  CREATE POLICY inserting ON state_changes FOR INSERT WITH CHECK (network_id = app.network_id() AND writers && app.principals());
  CREATE POLICY updating ON state_changes FOR UPDATE USING (network_id = app.network_id() AND writers && app.principals());
  CREATE POLICY deleting ON state_changes FOR DELETE USING (network_id = app.network_id() AND writers && app.principals());`;

/** Bookings, what they occupy, what they use of a quota, and the times at which nothing can be booked. */
export class Bookings1764000000009 implements MigrationInterface {
  public async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- The instant that counts in the session.
      CREATE FUNCTION app.now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
        AS $$ SELECT coalesce(nullif(current_setting('app.now', true), '')::timestamptz, now()) $$;
      -- The status at an instant: what the calendar says needs no job to be exact.
      CREATE FUNCTION app.booking_status(status text, starts_at timestamptz, ends_at timestamptz, at timestamptz) RETURNS text
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT CASE
          WHEN status IN ('WAITLISTED','REQUESTED') AND starts_at <= at THEN 'LAPSED'
          WHEN status = 'CONFIRMED' AND ends_at <= at THEN 'NO_SHOW'
          ELSE status END $$;
      -- When something is open within a range, by opening hours as they are kept (weekday, opens, closes); without any it is always.
      CREATE FUNCTION app.open_hours(hours jsonb, time_zone text, during tstzrange) RETURNS tstzmultirange
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT CASE WHEN hours IS NULL OR hours = '[]' THEN tstzmultirange(during) ELSE coalesce((
          SELECT range_agg(tstzrange(opens, closes)) * tstzmultirange(during) FROM (
            SELECT (day + (h->>'opens')::time) AT TIME ZONE time_zone AS opens, (day + (h->>'closes')::time) AT TIME ZONE time_zone AS closes
            FROM generate_series(date_trunc('day', lower(during) AT TIME ZONE time_zone), upper(during) AT TIME ZONE time_zone, interval '1 day') AS day
              JOIN jsonb_array_elements(hours) AS h ON (h->>'weekday')::integer = extract(isodow FROM day)
          ) spans WHERE opens < closes), '{}') END $$;
      -- The months that a range lies in, by the days of a time zone, with the seconds of it in each.
      CREATE FUNCTION app.months_of(during tstzrange, time_zone text) RETURNS TABLE (month date, seconds bigint)
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT first::date, extract(epoch FROM upper(part) - lower(part))::bigint
        FROM generate_series(date_trunc('month', lower(during) AT TIME ZONE time_zone), upper(during) AT TIME ZONE time_zone, interval '1 month') AS first,
          LATERAL (SELECT during * tstzrange(first AT TIME ZONE time_zone, (first + interval '1 month') AT TIME ZONE time_zone) AS part) p
        WHERE NOT isempty(part) $$;

      -- How long bookings are kept once the contract is not in force any more; null: seven days.
      ALTER TABLE contracts ADD COLUMN booking_release interval CHECK (booking_release >= interval '0');

      CREATE TABLE booking_series (
        network_id uuid NOT NULL,
        id uuid NOT NULL,
        resource_id uuid NOT NULL,
        owner_id uuid NOT NULL,
        organization_id uuid NOT NULL,
        booker_id uuid NOT NULL,
        recurrence_rule text NOT NULL,
        -- The first occurrence.
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        -- The occurrences that did not fit: [{ start, end, reason }].
        skipped jsonb NOT NULL DEFAULT '[]',
        is_private boolean NOT NULL,
        created_at timestamptz NOT NULL,
        version integer NOT NULL DEFAULT 1,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[${PARTIES}, app.door('bookings')]
          || CASE WHEN is_private THEN '{}'::uuid[] ELSE ARRAY[app.principal('committee', network_id)] END) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (
          ARRAY[app.principal('work', organization_id), app.principal('work', owner_id), app.door('bookings')]) STORED,
        PRIMARY KEY (network_id, id),
        FOREIGN KEY (network_id, resource_id, owner_id) REFERENCES resources (network_id, id, owner_id),
        FOREIGN KEY (network_id, organization_id) REFERENCES organizations (network_id, id),
        CHECK (ends_at > starts_at)
      );

      CREATE TABLE bookings (
        network_id uuid NOT NULL,
        id uuid NOT NULL,
        resource_id uuid NOT NULL,
        -- What the resource was called when it was booked, and whose it is.
        resource_name text NOT NULL,
        owner_id uuid NOT NULL,
        -- Who books, and the person who did.
        organization_id uuid NOT NULL,
        booker_id uuid NOT NULL,
        -- The grant it was booked by; null by ownership, or as the resource is shared with the network or the public.
        clause_id uuid,
        contract_id uuid,
        -- Whether its hours count against the quota of the clause: those of what is booked along do not.
        is_counted boolean NOT NULL,
        -- What was booked by one request.
        request_id uuid NOT NULL,
        -- The booking of what requires it, and with which it moves.
        parent_id uuid,
        series_id uuid,
        activity_id uuid,
        quantity integer NOT NULL CHECK (quantity > 0),
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        during tstzrange NOT NULL GENERATED ALWAYS AS (tstzrange(starts_at, ends_at)) STORED,
        -- The terms as they were when it was booked.
        buffer interval NOT NULL CHECK (buffer >= interval '0'),
        cancel_until timestamptz NOT NULL,
        status text NOT NULL CHECK (status IN ('WAITLISTED','REQUESTED','CONFIRMED','REJECTED','CANCELLED','IN_USE','COMPLETED','NO_SHOW','LAPSED')),
        priority integer NOT NULL,
        -- While it waits: every resource that it needs a place of.
        awaits uuid[] NOT NULL DEFAULT '{}',
        -- Since when what it was booked by is not in force, and when it is given up for that.
        flagged_at timestamptz,
        release_at timestamptz,
        checked_out_at timestamptz,
        checked_in_at timestamptz,
        -- Of a resource that its owner shared with nobody, so that the committee did not see it.
        is_private boolean NOT NULL,
        created_at timestamptz NOT NULL,
        version integer NOT NULL DEFAULT 1,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[${PARTIES}, app.door('bookings')]
          || CASE WHEN is_private THEN '{}'::uuid[] ELSE ARRAY[app.principal('committee', network_id)] END) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (
          ARRAY[app.principal('work', organization_id), app.principal('work', owner_id), app.door('bookings')]) STORED,
        PRIMARY KEY (network_id, id),
        FOREIGN KEY (network_id, resource_id, owner_id) REFERENCES resources (network_id, id, owner_id),
        FOREIGN KEY (network_id, organization_id) REFERENCES organizations (network_id, id),
        -- A clause is of the contract named, and its obligor owns the resource.
        FOREIGN KEY (network_id, clause_id, contract_id, owner_id) REFERENCES contract_clauses (network_id, id, contract_id, obligor_id),
        FOREIGN KEY (network_id, parent_id) REFERENCES bookings (network_id, id),
        FOREIGN KEY (network_id, series_id) REFERENCES booking_series (network_id, id),
        CHECK (ends_at > starts_at),
        CHECK ((clause_id IS NULL) = (contract_id IS NULL)),
        CHECK ((flagged_at IS NULL) = (release_at IS NULL)),
        CHECK (checked_out_at IS NOT NULL OR status NOT IN ('IN_USE','COMPLETED'))
      );
      CREATE INDEX bookings_readers ON bookings USING gin (readers);
      CREATE INDEX bookings_by_start ON bookings (network_id, starts_at, id);
      CREATE INDEX bookings_by_resource ON bookings (network_id, resource_id, starts_at, id);
      CREATE INDEX bookings_by_parent ON bookings (network_id, parent_id) WHERE parent_id IS NOT NULL;
      CREATE INDEX bookings_by_series ON bookings (network_id, series_id, starts_at) WHERE series_id IS NOT NULL;
      CREATE INDEX bookings_by_activity ON bookings (network_id, activity_id) WHERE activity_id IS NOT NULL;
      CREATE INDEX bookings_open ON bookings (network_id, starts_at) WHERE status IN ('WAITLISTED','REQUESTED','CONFIRMED');
      CREATE INDEX bookings_by_contract ON bookings (network_id, contract_id) WHERE contract_id IS NOT NULL AND status IN ('WAITLISTED','REQUESTED','CONFIRMED');
      CREATE INDEX bookings_waiting ON bookings USING gin (awaits) WHERE status = 'WAITLISTED';
      CREATE INDEX bookings_due_release ON bookings (network_id, release_at) WHERE release_at IS NOT NULL;

      -- What only the parties see of a booking.
      CREATE TABLE booking_details (
        network_id uuid NOT NULL,
        booking_id uuid NOT NULL,
        owner_id uuid NOT NULL,
        organization_id uuid NOT NULL,
        booker_id uuid NOT NULL,
        booker_name text NOT NULL,
        purpose text,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[${PARTIES}, app.door('bookings')]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.principal('work', organization_id), app.door('bookings')]) STORED,
        PRIMARY KEY (network_id, booking_id),
        FOREIGN KEY (network_id, booking_id) REFERENCES bookings (network_id, id)
      );

      -- What is taken: by a booking, some units for its time and the buffer after it; by blocked time, all there can ever be.
      -- A unit of a resource is never in two bookings at once: this constraint holds it, whatever the server does.
      CREATE TABLE occupations (
        network_id uuid NOT NULL,
        id uuid NOT NULL DEFAULT gen_random_uuid(),
        resource_id uuid NOT NULL,
        -- null: blocked.
        booking_id uuid,
        units int4range NOT NULL CHECK (lower(units) >= 1),
        period tstzrange NOT NULL CHECK (NOT isempty(period) AND lower(period) IS NOT NULL AND upper(period) IS NOT NULL),
        -- Held by a request that nobody has answered: from its beginning on it holds nothing any more.
        is_request boolean NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.door('bookings')]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.door('bookings')]) STORED,
        PRIMARY KEY (network_id, id),
        FOREIGN KEY (network_id, booking_id) REFERENCES bookings (network_id, id),
        FOREIGN KEY (network_id, resource_id) REFERENCES resources (network_id, id),
        CHECK (booking_id IS NULL OR upper(units) IS NOT NULL),
        CONSTRAINT occupations_one_at_a_time EXCLUDE USING gist (network_id WITH =, resource_id WITH =, units WITH &&, period WITH &&)
      );
      CREATE INDEX occupations_by_booking ON occupations (network_id, booking_id) WHERE booking_id IS NOT NULL;
      CREATE INDEX occupations_by_resource ON occupations (network_id, resource_id);

      -- What is used of a clause's quota in a month: hours times quantity. The quota is held here.
      CREATE TABLE clause_usage (
        network_id uuid NOT NULL,
        clause_id uuid NOT NULL,
        contract_id uuid NOT NULL,
        month date NOT NULL CHECK (extract(day FROM month) = 1),
        used_seconds bigint NOT NULL CHECK (used_seconds >= 0),
        quota_seconds bigint NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[contract_id, app.principal('committee', network_id), app.door('bookings')]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.door('bookings')]) STORED,
        PRIMARY KEY (network_id, clause_id, month),
        FOREIGN KEY (network_id, clause_id) REFERENCES contract_clauses (network_id, id),
        CONSTRAINT clause_usage_within_quota CHECK (used_seconds <= quota_seconds)
      );

      CREATE TABLE resource_blocks (
        network_id uuid NOT NULL,
        id uuid NOT NULL,
        resource_id uuid NOT NULL,
        owner_id uuid NOT NULL,
        -- The first time; with a rule it recurs.
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        recurrence_rule text,
        -- Every time, worked out; what all blocks of a resource have together stands in occupations.
        periods tstzmultirange NOT NULL,
        reason text,
        created_by uuid NOT NULL,
        created_by_name text NOT NULL,
        created_at timestamptz NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[owner_id, app.door('bookings')]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.principal('work', owner_id), app.door('bookings')]) STORED,
        PRIMARY KEY (network_id, id),
        FOREIGN KEY (network_id, resource_id, owner_id) REFERENCES resources (network_id, id, owner_id),
        CHECK (ends_at > starts_at)
      );
      CREATE INDEX resource_blocks_by_resource ON resource_blocks (network_id, resource_id, starts_at);

      CALL app.guard('booking_series', 'SELECT, INSERT, UPDATE');
      CALL app.guard('bookings', 'SELECT, INSERT, UPDATE');
      CALL app.guard('booking_details', 'SELECT, INSERT, UPDATE');
      CALL app.guard('occupations', 'SELECT, INSERT, UPDATE, DELETE');
      CALL app.guard('clause_usage', 'SELECT, INSERT, UPDATE');
      CALL app.guard('resource_blocks', 'SELECT, INSERT, UPDATE, DELETE');

      -- Door: on what terms, and by which grants, an organization may book resources in a range; after each resource that
      -- is asked for (root) one unit of all that it requires over whatever steps. It answers within the door of bookings
      -- only, which is entered after the caller's own rights were checked: a place on the waitlist is promoted by whoever
      -- frees it, for an organization that is not the caller's.
      CREATE FUNCTION app.bookable(p_resources uuid[], p_quantities integer[], p_organization uuid, p_during tstzrange, p_time_zone text)
        RETURNS TABLE (root_id uuid, id uuid, name text, owner_id uuid, status text, sharing text, quantity integer, minimum interval, maximum interval,
          lead_time interval, horizon interval, buffer interval, requires_approval boolean, cancellation_deadline interval, is_short boolean,
          is_long boolean, is_late boolean, is_early boolean, is_open boolean, is_own boolean, is_shared boolean, grants jsonb)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        WITH RECURSIVE needed (root_id, id, quantity) AS (
          SELECT asked.id, asked.id, asked.quantity FROM unnest(p_resources, p_quantities) AS asked(id, quantity)
          UNION SELECT n.root_id, further, 1 FROM needed n
            JOIN resources r ON r.network_id = app.network_id() AND r.id = n.id, unnest(r.requires_ids) AS further
        )
        SELECT n.root_id, r.id, r.name, r.owner_id, r.status, r.sharing, r.quantity, r.booking_minimum, r.booking_maximum, r.booking_lead_time,
          r.booking_horizon, r.booking_buffer, r.booking_requires_approval, r.booking_cancellation_deadline,
          lower(p_during) + r.booking_minimum > upper(p_during), lower(p_during) + r.booking_maximum < upper(p_during),
          lower(p_during) < app.now() + r.booking_lead_time, lower(p_during) > app.now() + r.booking_horizon,
          app.open_hours(CASE WHEN r.opening_hours = '[]' THEN p.opening_hours ELSE r.opening_hours END, p_time_zone, p_during) @> p_during,
          r.owner_id = o.id, r.sharing IN ('NETWORK','PUBLIC') AND r.owner_status = 'ACTIVE',
          (SELECT coalesce(jsonb_agg(jsonb_build_object('clauseId', l.id, 'contractId', l.contract_id, 'priority', l.priority,
                'requiresApproval', l.requires_approval,
                'inTerm', (lower(p_during) AT TIME ZONE p_time_zone)::date >= c.term_from
                  AND coalesce(((upper(p_during) - interval '1 microsecond') AT TIME ZONE p_time_zone)::date <= c.ends_on, true),
                'inHours', app.open_hours(l.hours, p_time_zone, p_during) @> p_during,
                'quotaSeconds', extract(epoch FROM l.quota_per_month)::bigint,
                -- What would be left in the month where least is; null: there is no limit.
                'left', (SELECT min(extract(epoch FROM l.quota_per_month)::bigint - coalesce(u.used_seconds, 0) - m.seconds * n.quantity)
                  FROM app.months_of(p_during, p_time_zone) m
                    LEFT JOIN clause_usage u ON u.network_id = l.network_id AND u.clause_id = l.id AND u.month = m.month)
              )), '[]')
            FROM contract_clauses l
              JOIN contracts c ON c.network_id = l.network_id AND c.id = l.contract_id
                AND app.contract_status(c.status, c.term_from, c.ends_on, app.today()) = 'ACTIVE'
              JOIN contract_clause_beneficiaries b ON b.network_id = l.network_id AND b.clause_id = l.id AND b.organization_id = o.id
            WHERE n.id = n.root_id AND l.network_id = r.network_id AND l.id = ANY (r.granted_by) AND r.owner_status = 'ACTIVE' AND r.sharing <> 'PRIVATE')
        FROM needed n
          JOIN resources r ON r.network_id = app.network_id() AND r.id = n.id
          JOIN organizations o ON o.network_id = r.network_id AND o.id = p_organization AND o.status = 'ACTIVE'
          LEFT JOIN positions p ON p.network_id = r.network_id AND p.id = r.position_id
        WHERE app.door('bookings') = ANY (app.principals()) $$;

      -- Door: resources by their ids, only those of bookings that the session may read, so that who has booked something
      -- can say what, also when the contract that opened it is not in force any more.
      CREATE FUNCTION app.booked_resources(p_ids uuid[]) RETURNS SETOF resources LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
        SELECT r.* FROM resources r WHERE r.network_id = app.network_id() AND r.id = ANY (p_ids) AND EXISTS (
          SELECT FROM bookings b WHERE b.network_id = r.network_id AND b.resource_id = r.id AND b.readers && app.principals()) $$;

      -- Door: the place in the queue of bookings that the session may read and that wait, among all who wait for the resource at that time.
      CREATE FUNCTION app.waitlist_places(p_ids uuid[]) RETURNS TABLE (id uuid, place integer) LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
        SELECT t.id, (SELECT count(*)::integer FROM bookings w WHERE w.network_id = t.network_id AND w.awaits && ARRAY[t.resource_id]
            AND w.resource_id = t.resource_id AND w.status = 'WAITLISTED' AND w.starts_at > app.now() AND w.during && t.during
            AND (w.priority > t.priority OR w.priority = t.priority AND (w.created_at, w.id) <= (t.created_at, t.id)))
        FROM bookings t WHERE t.network_id = app.network_id() AND t.id = ANY (p_ids) AND t.readers && app.principals()
          AND t.status = 'WAITLISTED' AND t.starts_at > app.now() $$;

      -- Whether what a booking was made by is in force: the contract if there is one, and both organizations.
      CREATE FUNCTION app.booking_in_force(p_network uuid, p_contract uuid, p_organization uuid, p_owner uuid, p_today date) RETURNS boolean
        LANGUAGE sql STABLE AS $$
        SELECT (p_contract IS NULL OR EXISTS (SELECT FROM contracts c WHERE c.network_id = p_network AND c.id = p_contract
            AND app.contract_status(c.status, c.term_from, c.ends_on, p_today) = 'ACTIVE'))
          AND NOT EXISTS (SELECT FROM organizations o WHERE o.network_id = p_network AND o.id IN (p_organization, p_owner) AND o.status <> 'ACTIVE') $$;

      -- Door: the coming bookings of the session's network whose flag does not say whether what they were made by is in force.
      CREATE FUNCTION app.bookings_to_flag(p_most integer) RETURNS TABLE (id uuid, in_force boolean, release interval) LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
        SELECT b.id, b.flagged_at IS NOT NULL, coalesce((SELECT c.booking_release FROM contracts c
            WHERE c.network_id = b.network_id AND c.id = b.contract_id), interval 'P7D')
        FROM bookings b WHERE b.network_id = app.network_id() AND b.status IN ('WAITLISTED','REQUESTED','CONFIRMED') AND b.starts_at > app.now()
          AND app.booking_in_force(b.network_id, b.contract_id, b.organization_id, b.owner_id, app.today()) = (b.flagged_at IS NOT NULL)
          AND app.door('bookings') = ANY (app.principals())
        ORDER BY b.starts_at, b.id LIMIT p_most $$;

      -- Door: the networks in which the calendar has moved a booking, or a flag is to be set, taken off or acted on.
      CREATE FUNCTION app.networks_with_due_bookings(p_now timestamptz) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
        SELECT DISTINCT b.network_id FROM bookings b JOIN networks n ON n.id = b.network_id
          CROSS JOIN LATERAL (SELECT coalesce(p_now, now()) AS instant) i
        WHERE b.status IN ('WAITLISTED','REQUESTED','CONFIRMED') AND (
          b.starts_at <= instant AND app.booking_status(b.status, b.starts_at, b.ends_at, instant) <> b.status
          OR b.release_at <= instant
          OR b.starts_at > instant AND app.booking_in_force(b.network_id, b.contract_id, b.organization_id, b.owner_id,
            (instant AT TIME ZONE n.time_zone)::date) = (b.flagged_at IS NOT NULL)) $$;

      DO $$
      DECLARE f text;
      BEGIN
        FOREACH f IN ARRAY ARRAY['app.bookable', 'app.booked_resources', 'app.waitlist_places', 'app.bookings_to_flag', 'app.networks_with_due_bookings'] LOOP
          EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
          EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', f, current_setting('youth.application_role'));
        END LOOP;
      END $$;
      ${historyWriters(HISTORY_WRITERS(`'Resource','Booking'`, `app.door('calendar'), app.door('join'), app.door('bookings')`))}
    `);
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ${historyWriters(HISTORY_WRITERS(`'Resource'`, `app.door('calendar'), app.door('join')`))}
      DROP FUNCTION app.networks_with_due_bookings, app.bookings_to_flag, app.booking_in_force, app.waitlist_places, app.booked_resources, app.bookable;
      DROP TABLE resource_blocks, clause_usage, occupations, booking_details, bookings, booking_series;
      ALTER TABLE contracts DROP COLUMN booking_release;
      DROP FUNCTION app.months_of, app.open_hours, app.booking_status, app.now;
    `);
  }
}
