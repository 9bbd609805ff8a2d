import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The outbox: each change writes its event, and the job that will act on it, in its own transaction. The jobs' schema
 * (graphile_worker) is there already: src/platform/events/jobs-schema.ts makes it before the migrations run.
 */
export class Events1764000000008 implements MigrationInterface {
  public async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE events (
        network_id uuid NOT NULL REFERENCES networks,
        id uuid NOT NULL,
        -- Taken when it is written: of one subject, whose row the verb holds, the order is that of the commits.
        place bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
        kind text NOT NULL CHECK (kind IN ('CONTRACT_CHANGED','RESOURCE_CHANGED','BOOKING_CHANGED','ACTIVITY_CHANGED','REGISTRATION_CHANGED',
          'NEED_CHANGED','PROJECT_CHANGED','POINTS_TRANSFERRED','RECOGNITION_CHANGED','SYSTEM')),
        action text NOT NULL,
        subject_type text NOT NULL,
        subject_id uuid NOT NULL,
        -- The one before it of the same subject: what is done about it is done first.
        previous_id uuid,
        at timestamptz NOT NULL,
        actor_user_id uuid,
        actor_organization_id uuid,
        -- The organizations whose people are told, and further people.
        audience uuid[] NOT NULL,
        people uuid[] NOT NULL,
        -- What else it touches, by what it is to the event.
        refs jsonb NOT NULL,
        -- Which text tells it; null: nobody is told.
        notice text,
        -- What the text is made with; no personal data.
        data jsonb NOT NULL,
        -- Only the doors below reach it.
        readers uuid[] NOT NULL GENERATED ALWAYS AS ('{}'::uuid[]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS ('{}'::uuid[]) STORED,
        PRIMARY KEY (network_id, id)
      );
      CREATE INDEX events_by_subject ON events (network_id, subject_id, place);
      CREATE INDEX events_by_place ON events (place);

      -- What has been done about an event, written in the transaction that did it: done once, or not at all.
      CREATE TABLE event_reactions (
        network_id uuid NOT NULL,
        event_id uuid NOT NULL,
        reaction text NOT NULL,
        done_at timestamptz NOT NULL DEFAULT now(),
        readers uuid[] NOT NULL GENERATED ALWAYS AS ('{}'::uuid[]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS ('{}'::uuid[]) STORED,
        PRIMARY KEY (network_id, event_id, reaction),
        FOREIGN KEY (network_id, event_id) REFERENCES events (network_id, id)
      );

      CREATE TABLE notifications (
        network_id uuid NOT NULL,
        id uuid NOT NULL,
        event_id uuid NOT NULL,
        user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
        kind text NOT NULL CHECK (kind IN ('CONTRACT','BOOKING','ACTIVITY','REGISTRATION','NEED','PROJECT','POINTS','RECOGNITION','SYSTEM')),
        notice text NOT NULL,
        data jsonb NOT NULL,
        refs jsonb NOT NULL,
        subject_type text NOT NULL,
        subject_id uuid NOT NULL,
        actor_organization_id uuid,
        created_at timestamptz NOT NULL,
        read_at timestamptz,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[user_id, app.door('events')]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[user_id, app.door('events')]) STORED,
        PRIMARY KEY (network_id, id),
        UNIQUE (network_id, event_id, user_id),
        FOREIGN KEY (network_id, event_id) REFERENCES events (network_id, id)
      );
      CREATE INDEX notifications_by_user ON notifications (network_id, user_id, id);
      CREATE INDEX notifications_unread ON notifications (network_id, user_id, id) WHERE read_at IS NULL;

      CALL app.guard('events', '');
      CALL app.guard('event_reactions', '');
      CALL app.guard('notifications', 'SELECT, INSERT, UPDATE (read_at)');
      DO $$ BEGIN
        EXECUTE format('CREATE POLICY appending ON events FOR INSERT TO %I WITH CHECK (true)', current_user);
        EXECUTE format('CREATE POLICY noting ON event_reactions FOR INSERT TO %I WITH CHECK (true)', current_user);
      END $$;

      -- What goes out on the channel youth_events: ids alone, since whoever listens looks for itself what its viewers may see.
      CREATE FUNCTION app.event_message(e events) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
        SELECT jsonb_build_object('type', 'event', 'id', e.id, 'place', e.place, 'networkId', e.network_id, 'kind', e.kind,
          'action', e.action, 'subjectType', e.subject_type, 'subjectId', e.subject_id, 'refs', e.refs) $$;

      -- Door: writes events of the session's network, the job for each, and tells who listens once it is committed. Who
      -- acts comes from the session, but for somebody who has just got an account.
      CREATE FUNCTION app.append_events(entries jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
      DECLARE
        e jsonb; event events; jobs graphile_worker.job_spec[] := '{}';
      BEGIN
        FOR e IN SELECT * FROM jsonb_array_elements(entries) LOOP
          event.network_id := app.network_id();
          event.id := (e->>'id')::uuid;
          event.kind := e->>'kind';
          event.action := e->>'action';
          event.subject_type := e->>'subjectType';
          event.subject_id := (e->>'subjectId')::uuid;
          event.at := coalesce(nullif(current_setting('app.now', true), '')::timestamptz, now());
          event.actor_user_id := coalesce(app.user_id(), (e->>'by')::uuid);
          event.actor_organization_id := nullif(current_setting('app.organization_id', true), '')::uuid;
          SELECT coalesce(array_agg(DISTINCT o), '{}') INTO event.audience FROM (
            SELECT value::uuid AS o FROM jsonb_array_elements_text(e->'audience')
            UNION SELECT h.id FROM organizations h WHERE (e->>'committee')::boolean AND h.network_id = event.network_id AND h.is_hub) told;
          event.people := ARRAY(SELECT DISTINCT value::uuid FROM jsonb_array_elements_text(e->'people'));
          event.refs := e->'refs';
          event.notice := e->>'notice';
          event.data := e->'data';
          SELECT p.id INTO event.previous_id FROM events p
            WHERE p.network_id = event.network_id AND p.subject_id = event.subject_id ORDER BY p.place DESC LIMIT 1;
          INSERT INTO events (network_id, id, kind, action, subject_type, subject_id, previous_id, at, actor_user_id, actor_organization_id,
              audience, people, refs, notice, data)
            VALUES (event.network_id, event.id, event.kind, event.action, event.subject_type, event.subject_id, event.previous_id, event.at,
              event.actor_user_id, event.actor_organization_id, event.audience, event.people, event.refs, event.notice, event.data)
            RETURNING place INTO event.place;
          -- A bounded number of queues: the worker looks through every free one each time it fetches a job.
          jobs := jobs || ROW('event',
            json_build_object('networkId', event.network_id, 'eventId', event.id, 'previousId', event.previous_id,
              'kind', event.kind, 'action', event.action, 'subjectType', event.subject_type, 'subjectId', event.subject_id),
            'events-' || (hashtext(event.subject_id::text) & 31), clock_timestamp(), 12, event.id::text, NULL, NULL)::graphile_worker.job_spec;
          PERFORM pg_notify('youth_events', app.event_message(event)::text);
        END LOOP;
        PERFORM graphile_worker.add_jobs(jobs);
      END $$;

      -- Door: hands an event of the session's network to a reaction, noting that it has been done; nothing if it had been.
      CREATE FUNCTION app.react_to(p_event uuid, p_reaction text) RETURNS SETOF events LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
      BEGIN
        INSERT INTO event_reactions (network_id, event_id, reaction) VALUES (app.network_id(), p_event, p_reaction) ON CONFLICT DO NOTHING;
        IF FOUND THEN
          RETURN QUERY SELECT * FROM events e WHERE e.network_id = app.network_id() AND e.id = p_event;
        END IF;
      END $$;

      -- Door: whom an event of the session's network concerns: those who act for the organizations of its audience, and
      -- the people it names, but for who did it.
      CREATE FUNCTION app.recipients_of(p_event uuid) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
        SELECT u.id FROM events e CROSS JOIN LATERAL (
            SELECT m.user_id FROM memberships m WHERE m.network_id = e.network_id AND m.organization_id = ANY (e.audience)
              AND m.status = 'ACTIVE' AND m.role IN ('STAFF','ADMIN','COMMITTEE')
            UNION SELECT unnest(e.people)) told
          JOIN users u ON u.id = told.user_id
        WHERE e.network_id = app.network_id() AND e.id = p_event AND u.id IS DISTINCT FROM e.actor_user_id $$;

      -- Door: the messages from a place on, for who has not listened for a while.
      CREATE FUNCTION app.events_after(p_place bigint, p_most integer) RETURNS SETOF jsonb LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
        SELECT app.event_message(e) FROM events e WHERE e.place > p_place ORDER BY e.place LIMIT p_most $$;

      -- Door: where an invitation is answered, so that it is answered, written down and announced in one transaction there.
      CREATE FUNCTION app.network_of_invitation(p_code_hash bytea) RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp AS $$ SELECT i.network_id FROM invitations i WHERE i.code_hash = p_code_hash $$;

      DO $$
      DECLARE f text;
      BEGIN
        FOREACH f IN ARRAY ARRAY['append_events', 'react_to', 'recipients_of', 'events_after', 'network_of_invitation'] LOOP
          EXECUTE format('REVOKE EXECUTE ON FUNCTION app.%I FROM PUBLIC', f);
          EXECUTE format('GRANT EXECUTE ON FUNCTION app.%I TO %I', f, current_setting('youth.application_role'));
        END LOOP;
      END $$;
    `);
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION app.network_of_invitation, app.events_after, app.recipients_of, app.react_to, app.append_events, app.event_message;
      DROP TABLE notifications, event_reactions, events;
      DROP SCHEMA graphile_worker CASCADE;
    `);
  }
}
