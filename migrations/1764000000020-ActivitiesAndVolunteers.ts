import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The categories that activities, needs, projects, teams and clauses have in common. */
const CATEGORIES = `'OUTREACH','PROPERTY_SERVICE','BUILDING_MANAGEMENT','PUBLIC_SAFETY','EPIDEMIC_PREVENTION','AFTER_SCHOOL_CLASS',
  'SMART_ELDER_CARE','YOUTH_SUPPORT','GREEN_LIVING','CULTURE','TRAINING','OTHER'`;

/** What staff writes the history of, and what only administrators do. */
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

/** Whom a row of a volunteer concerns: the person, and whoever acts for the own organization. */
const VOLUNTEER_PARTIES = `array_remove(ARRAY[user_id, organization_id], NULL)`;

/** Joint activities with their shifts, volunteers with their personal data apart, who is registered for what, and the record of it. */
export class ActivitiesAndVolunteers1764000000020 implements MigrationInterface {
  public async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE activities (
        network_id uuid NOT NULL REFERENCES networks,
        id uuid NOT NULL,
        title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
        category text NOT NULL CHECK (category IN (${CATEGORIES})),
        description text NOT NULL DEFAULT '',
        status text NOT NULL CHECK (status IN ('DRAFT','INVITING','OPEN','IN_PROGRESS','COMPLETED','CLOSED','CANCELLED')),
        -- Whom it is for once it is open: whoever belongs to the network, or everybody.
        visibility text NOT NULL CHECK (visibility IN ('NETWORK','PUBLIC')),
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        position_id uuid,
        address text,
        host_id uuid NOT NULL,
        -- Organizations invited to take part that have not declined or withdrawn: they read it before it is open.
        participant_ids uuid[] NOT NULL DEFAULT '{}',
        -- Of these the co-hosts that accepted: they see who is registered, as the host does.
        co_host_ids uuid[] NOT NULL DEFAULT '{}',
        project_id uuid,
        campaign_id uuid,
        -- Since when it is open to those it is for; it stays so when it is over or called off.
        opened_at timestamptz,
        created_by uuid NOT NULL,
        created_at timestamptz NOT NULL,
        version integer NOT NULL DEFAULT 1,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (
          ARRAY[host_id, app.principal('committee', network_id), app.door('activities'), app.door('shifts')] || participant_ids
          || CASE WHEN opened_at IS NULL THEN '{}'::uuid[]
             WHEN visibility = 'PUBLIC' THEN ARRAY[app.everybody(network_id)]
             ELSE ARRAY[network_id, app.principal('resident', network_id)] END) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (
          ARRAY[app.principal('work', host_id), app.principal('committee', network_id), app.door('activities')]) STORED,
        PRIMARY KEY (network_id, id),
        UNIQUE (network_id, id, host_id),
        FOREIGN KEY (network_id, host_id) REFERENCES organizations (network_id, id),
        FOREIGN KEY (network_id, position_id) REFERENCES positions (network_id, id),
        CHECK (ends_at > starts_at),
        CHECK (opened_at IS NOT NULL OR status IN ('DRAFT','INVITING','CANCELLED'))
      );
      CREATE INDEX activities_readers ON activities USING gin (readers);
      CREATE INDEX activities_by_start ON activities (network_id, starts_at, id);
      CREATE INDEX activities_by_host ON activities (network_id, host_id, starts_at, id);
      CREATE INDEX activities_by_position ON activities (network_id, position_id, starts_at) WHERE position_id IS NOT NULL;
      CREATE INDEX activities_by_project ON activities (network_id, project_id, starts_at) WHERE project_id IS NOT NULL;

      -- What an organization has to do with an activity. The audience of what belongs to an activity is that of the activity.
      CREATE TABLE activity_participations (
        network_id uuid NOT NULL,
        activity_id uuid NOT NULL,
        organization_id uuid NOT NULL,
        host_id uuid NOT NULL,
        role text NOT NULL CHECK (role IN ('HOST','CO_HOST','SUPPORTER')),
        status text NOT NULL CHECK (status IN ('INVITED','ACCEPTED','DECLINED','WITHDRAWN')),
        pledged_volunteers integer NOT NULL DEFAULT 0 CHECK (pledged_volunteers >= 0),
        audience uuid[] NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (audience || organization_id) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.principal('work', organization_id), app.principal('work', host_id),
          app.principal('committee', network_id), app.door('activities')]) STORED,
        PRIMARY KEY (network_id, activity_id, organization_id),
        FOREIGN KEY (network_id, activity_id, host_id) REFERENCES activities (network_id, id, host_id),
        FOREIGN KEY (network_id, organization_id) REFERENCES organizations (network_id, id),
        CHECK ((role = 'HOST') = (organization_id = host_id)),
        CHECK (role <> 'HOST' OR status = 'ACCEPTED')
      );
      CREATE INDEX activity_participations_by_organization ON activity_participations (network_id, organization_id, activity_id);

      -- A resource pledged for an activity is a booking of it.
      CREATE TABLE activity_pledges (
        network_id uuid NOT NULL,
        activity_id uuid NOT NULL,
        booking_id uuid NOT NULL,
        resource_id uuid NOT NULL,
        organization_id uuid NOT NULL,
        audience uuid[] NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (audience || organization_id) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.principal('work', organization_id), app.door('activities')]) STORED,
        PRIMARY KEY (network_id, activity_id, booking_id),
        FOREIGN KEY (network_id, activity_id, organization_id) REFERENCES activity_participations (network_id, activity_id, organization_id),
        FOREIGN KEY (network_id, booking_id) REFERENCES bookings (network_id, id),
        FOREIGN KEY (network_id, resource_id) REFERENCES resources (network_id, id)
      );

      CREATE TABLE activity_reports (
        network_id uuid NOT NULL,
        activity_id uuid NOT NULL,
        host_id uuid NOT NULL,
        summary text NOT NULL CHECK (char_length(summary) BETWEEN 1 AND 10000),
        beneficiaries integer NOT NULL CHECK (beneficiaries >= 0),
        -- The files of it, in their order.
        photo_ids uuid[] NOT NULL DEFAULT '{}',
        submitted_at timestamptz NOT NULL,
        submitted_by uuid NOT NULL,
        submitted_by_name text NOT NULL,
        submitted_by_organization_id uuid,
        audience uuid[] NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (audience) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.principal('work', host_id), app.principal('committee', network_id), app.door('activities')]) STORED,
        PRIMARY KEY (network_id, activity_id),
        FOREIGN KEY (network_id, activity_id, host_id) REFERENCES activities (network_id, id, host_id)
      );

      -- A duty at a time, with places. The counts are kept with the registrations, in their transaction.
      CREATE TABLE shifts (
        network_id uuid NOT NULL,
        id uuid NOT NULL,
        activity_id uuid NOT NULL,
        host_id uuid NOT NULL,
        duty text NOT NULL CHECK (char_length(duty) BETWEEN 1 AND 100),
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        capacity integer NOT NULL CHECK (capacity BETWEEN 1 AND 100000),
        required_skills text[] NOT NULL DEFAULT '{}',
        required_course_ids uuid[] NOT NULL DEFAULT '{}',
        -- Until when places are kept for organizations.
        reserved_until timestamptz,
        -- Confirmed registrations; of the places kept for organizations those that are not taken yet; those that wait.
        taken integer NOT NULL DEFAULT 0 CHECK (taken >= 0),
        kept integer NOT NULL DEFAULT 0 CHECK (kept >= 0),
        waitlisted integer NOT NULL DEFAULT 0 CHECK (waitlisted >= 0),
        -- How many have registered ever: the order of arrival.
        arrivals integer NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL,
        version integer NOT NULL DEFAULT 1,
        audience uuid[] NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (audience || ARRAY[app.door('shifts'), app.door('activities')]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.principal('work', host_id), app.principal('committee', network_id),
          app.door('shifts'), app.door('activities')]) STORED,
        PRIMARY KEY (network_id, id),
        UNIQUE (network_id, id, activity_id, host_id),
        FOREIGN KEY (network_id, activity_id, host_id) REFERENCES activities (network_id, id, host_id),
        CHECK (ends_at > starts_at),
        -- A shift never has more confirmed registrations than places, those kept for organizations included.
        CONSTRAINT shifts_within_capacity CHECK (taken + kept <= capacity)
      );
      CREATE INDEX shifts_by_activity ON shifts (network_id, activity_id, starts_at, id);

      CREATE TABLE shift_reservations (
        network_id uuid NOT NULL,
        shift_id uuid NOT NULL,
        organization_id uuid NOT NULL,
        activity_id uuid NOT NULL,
        host_id uuid NOT NULL,
        places integer NOT NULL CHECK (places > 0),
        -- Registrations that hold one of these places.
        taken integer NOT NULL DEFAULT 0 CHECK (taken BETWEEN 0 AND places),
        audience uuid[] NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (audience || ARRAY[app.door('shifts'), app.door('activities')]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.principal('work', host_id), app.principal('committee', network_id),
          app.door('shifts'), app.door('activities')]) STORED,
        PRIMARY KEY (network_id, shift_id, organization_id),
        FOREIGN KEY (network_id, shift_id, activity_id, host_id) REFERENCES shifts (network_id, id, activity_id, host_id),
        FOREIGN KEY (network_id, organization_id) REFERENCES organizations (network_id, id)
      );

      CREATE TABLE volunteers (
        network_id uuid NOT NULL REFERENCES networks,
        id uuid NOT NULL,
        -- The volunteer number: by the network's counter, never the identity number.
        number text NOT NULL CHECK (number ~ '^[0-9A-Z-]{4,32}$'),
        display_name text NOT NULL CHECK (char_length(display_name) BETWEEN 1 AND 100),
        status text NOT NULL CHECK (status IN ('APPLIED','ACTIVE','PAUSED','REJECTED','LEFT','ERASED')),
        occupation text NOT NULL CHECK (occupation IN ('STUDENT','TEACHER','MEDICAL','POLICE','CIVIL_SERVANT','ENGINEER','BUSINESS','LEGAL',
          'SOCIAL_WORKER','MILITARY_VETERAN','FREELANCE','RETIRED','OTHER')),
        skills text[] NOT NULL DEFAULT '{}',
        -- When usually free: [{ weekday, opens, closes }], as opening hours are kept; empty: nothing is known.
        availability jsonb NOT NULL DEFAULT '[]',
        organization_id uuid,
        -- The account, where there is one.
        user_id uuid REFERENCES users ON DELETE SET NULL,
        -- The day of the eighteenth birthday; not known of the erased.
        adult_on date,
        campaign_id uuid,
        channel text NOT NULL CHECK (channel IN ('ONLINE','VISIT')),
        -- Organizations on whose shifts the volunteer is or was: they see the name.
        seen_by uuid[] NOT NULL DEFAULT '{}',
        -- The seconds of all service records, corrections counted; with them the stars.
        service_seconds bigint NOT NULL DEFAULT 0 CHECK (service_seconds >= 0),
        -- Whether the name may stand on the leaderboard.
        is_listed boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL,
        version integer NOT NULL DEFAULT 1,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (${VOLUNTEER_PARTIES} || seen_by
          || ARRAY[app.principal('committee', network_id), app.door('volunteers'), app.door('shifts'), app.door('records'), app.door('points')]
          || CASE WHEN is_listed AND status <> 'ERASED' THEN ARRAY[network_id] ELSE '{}'::uuid[] END) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.principal('committee', network_id), app.door('volunteers'), app.door('shifts'), app.door('records')]
          || CASE WHEN organization_id IS NULL THEN '{}'::uuid[] ELSE ARRAY[app.principal('work', organization_id)] END) STORED,
        PRIMARY KEY (network_id, id),
        UNIQUE (network_id, number),
        UNIQUE (network_id, id, adult_on),
        FOREIGN KEY (network_id, organization_id) REFERENCES organizations (network_id, id),
        CHECK ((status = 'ERASED') = (adult_on IS NULL)),
        CHECK (status <> 'ERASED' OR user_id IS NULL)
      );
      CREATE UNIQUE INDEX volunteers_once_a_user ON volunteers (network_id, user_id) WHERE user_id IS NOT NULL AND status NOT IN ('REJECTED','LEFT','ERASED');
      CREATE INDEX volunteers_readers ON volunteers USING gin (readers);
      CREATE INDEX volunteers_by_organization ON volunteers (network_id, organization_id, id);
      CREATE INDEX volunteers_by_skill ON volunteers USING gin (skills);

      CREATE TABLE volunteer_counters (
        network_id uuid PRIMARY KEY REFERENCES networks,
        last_number bigint NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.door('volunteers')]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.door('volunteers')]) STORED
      );

      -- Personal data, apart: the volunteer, the staff of the own organization and the committee read it.
      CREATE TABLE volunteer_personal (
        network_id uuid NOT NULL,
        volunteer_id uuid NOT NULL,
        user_id uuid,
        organization_id uuid,
        legal_name text NOT NULL,
        gender text CHECK (gender IN ('FEMALE','MALE')),
        birth_date date,
        -- Which document: of a resident identity card the number is checked by GB 11643-1999.
        identity_document text CHECK (identity_document IN ('RESIDENT_IDENTITY_CARD','PASSPORT','HONG_KONG_MACAO_PERMIT','TAIWAN_PERMIT','OTHER')),
        -- The number by AES-256-GCM (nonce, tag and text), the key that it is encrypted by, its keyed hash, and how it is shown.
        identity_encrypted bytea,
        identity_key text,
        identity_hash bytea,
        identity_masked text,
        phone text CHECK (phone ~ '^\\+[1-9][0-9]{6,14}$'),
        email text,
        guardian_name text,
        guardian_phone text CHECK (guardian_phone ~ '^\\+[1-9][0-9]{6,14}$'),
        readers uuid[] NOT NULL GENERATED ALWAYS AS (${VOLUNTEER_PARTIES}
          || ARRAY[app.principal('committee', network_id), app.door('volunteers'), app.door('records')]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.principal('committee', network_id), app.door('volunteers')]
          || CASE WHEN organization_id IS NULL THEN '{}'::uuid[] ELSE ARRAY[app.principal('work', organization_id)] END) STORED,
        PRIMARY KEY (network_id, volunteer_id),
        FOREIGN KEY (network_id, volunteer_id) REFERENCES volunteers (network_id, id),
        CHECK (num_nulls(identity_encrypted, identity_key, identity_hash, identity_masked) IN (0, 4))
      );
      CREATE UNIQUE INDEX volunteer_personal_identity ON volunteer_personal (network_id, identity_hash) WHERE identity_hash IS NOT NULL;
      CREATE INDEX volunteer_personal_by_key ON volunteer_personal (identity_key) WHERE identity_key IS NOT NULL;

      -- What a volunteer agreed to, or a guardian for one: a consent is never changed but for being withdrawn.
      CREATE TABLE volunteer_consents (
        network_id uuid NOT NULL,
        id uuid NOT NULL,
        volunteer_id uuid NOT NULL,
        user_id uuid,
        organization_id uuid,
        purpose text NOT NULL CHECK (purpose IN ('PERSONAL_DATA','GUARDIAN','LEADERBOARD','PHOTOS','EXCHANGE')),
        granted_at timestamptz NOT NULL,
        withdrawn_at timestamptz,
        recorded_by uuid NOT NULL,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (${VOLUNTEER_PARTIES}
          || ARRAY[app.principal('committee', network_id), app.door('volunteers'), app.door('shifts')]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.principal('committee', network_id), app.door('volunteers')]
          || CASE WHEN organization_id IS NULL THEN '{}'::uuid[] ELSE ARRAY[app.principal('work', organization_id)] END) STORED,
        PRIMARY KEY (network_id, id),
        UNIQUE (network_id, id, volunteer_id, purpose),
        FOREIGN KEY (network_id, volunteer_id) REFERENCES volunteers (network_id, id)
      );
      CREATE UNIQUE INDEX volunteer_consents_once ON volunteer_consents (network_id, volunteer_id, purpose) WHERE withdrawn_at IS NULL;

      CREATE TABLE registrations (
        network_id uuid NOT NULL,
        id uuid NOT NULL,
        shift_id uuid NOT NULL,
        activity_id uuid NOT NULL,
        host_id uuid NOT NULL,
        co_host_ids uuid[] NOT NULL DEFAULT '{}',
        volunteer_id uuid NOT NULL,
        user_id uuid,
        organization_id uuid,
        status text NOT NULL CHECK (status IN ('WAITLISTED','CONFIRMED','CANCELLED','CHECKED_IN','ATTENDED','NO_SHOW')),
        -- The shift's time.
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        during tstzrange NOT NULL GENERATED ALWAYS AS (tstzrange(starts_at, ends_at)) STORED,
        -- Which arrival it was at its shift.
        arrival integer NOT NULL,
        -- The organization whose kept place it holds; null: one for all.
        kept_for uuid,
        -- Of age on this day, or by whose consent not.
        adult_on date,
        service_date date NOT NULL,
        consent_id uuid,
        consent_purpose text GENERATED ALWAYS AS (CASE WHEN consent_id IS NULL THEN NULL ELSE 'GUARDIAN' END) STORED,
        checked_in_at timestamptz,
        checked_out_at timestamptz,
        registered_at timestamptz NOT NULL,
        version integer NOT NULL DEFAULT 1,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (${VOLUNTEER_PARTIES} || host_id || co_host_ids
          || ARRAY[app.principal('committee', network_id), app.door('shifts'), app.door('activities'), app.door('volunteers'), app.door('records')]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.principal('work', host_id), app.principal('committee', network_id),
          app.door('shifts'), app.door('activities'), app.door('volunteers')]) STORED,
        PRIMARY KEY (network_id, id),
        UNIQUE (network_id, id, volunteer_id),
        UNIQUE (network_id, shift_id, arrival),
        FOREIGN KEY (network_id, shift_id, activity_id, host_id) REFERENCES shifts (network_id, id, activity_id, host_id),
        FOREIGN KEY (network_id, volunteer_id) REFERENCES volunteers (network_id, id),
        FOREIGN KEY (network_id, volunteer_id, adult_on) REFERENCES volunteers (network_id, id, adult_on) ON UPDATE CASCADE,
        FOREIGN KEY (network_id, consent_id, volunteer_id, consent_purpose) REFERENCES volunteer_consents (network_id, id, volunteer_id, purpose),
        CHECK (ends_at > starts_at),
        CHECK (checked_out_at >= checked_in_at),
        CHECK (checked_in_at IS NOT NULL OR status NOT IN ('CHECKED_IN','ATTENDED')),
        -- A minor holds a place only by a guardian's recorded consent.
        CONSTRAINT registrations_of_age CHECK (status NOT IN ('CONFIRMED','CHECKED_IN')
          OR (adult_on IS NOT NULL AND adult_on <= service_date) OR consent_id IS NOT NULL),
        -- A volunteer is never on two shifts at once.
        CONSTRAINT registrations_one_at_a_time EXCLUDE USING gist (network_id WITH =, volunteer_id WITH =, during WITH &&)
          WHERE (status IN ('CONFIRMED','CHECKED_IN','ATTENDED'))
      );
      CREATE UNIQUE INDEX registrations_once ON registrations (network_id, shift_id, volunteer_id) WHERE status <> 'CANCELLED';
      CREATE INDEX registrations_waiting ON registrations (network_id, shift_id, arrival) WHERE status = 'WAITLISTED';
      CREATE INDEX registrations_by_activity ON registrations (network_id, activity_id, id);
      CREATE INDEX registrations_by_volunteer ON registrations (network_id, volunteer_id, starts_at);
      CREATE INDEX registrations_readers ON registrations USING gin (readers);

      -- One confirmed service. Never changed or removed: what was wrong is corrected by a further record that names it.
      CREATE TABLE service_records (
        network_id uuid NOT NULL,
        id uuid NOT NULL,
        volunteer_id uuid NOT NULL,
        user_id uuid,
        organization_id uuid,
        -- null: taken over from another system.
        registration_id uuid,
        activity_id uuid,
        shift_id uuid,
        organizer_id uuid NOT NULL,
        co_host_ids uuid[] NOT NULL DEFAULT '{}',
        activity_title text NOT NULL,
        duty text NOT NULL,
        service_date date NOT NULL,
        place text,
        -- Seconds of service; of a correction, what it is now rather than the difference.
        seconds integer NOT NULL CHECK (seconds >= 0),
        checked_in_at timestamptz,
        checked_out_at timestamptz,
        evaluation integer CHECK (evaluation BETWEEN 1 AND 5),
        confirmed_by uuid NOT NULL,
        confirmed_by_name text NOT NULL,
        confirmed_by_organization_id uuid,
        confirmed_at timestamptz NOT NULL,
        corrects_id uuid,
        points integer NOT NULL DEFAULT 0 CHECK (points >= 0),
        -- Of a record from elsewhere: the system and its identifier there.
        origin text,
        origin_id text,
        readers uuid[] NOT NULL GENERATED ALWAYS AS (${VOLUNTEER_PARTIES} || organizer_id || co_host_ids
          || ARRAY[app.principal('committee', network_id), app.door('records'), app.door('points'), app.door('volunteers')]) STORED,
        writers uuid[] NOT NULL GENERATED ALWAYS AS (ARRAY[app.door('records')]) STORED,
        PRIMARY KEY (network_id, id),
        UNIQUE (network_id, id, volunteer_id),
        FOREIGN KEY (network_id, volunteer_id) REFERENCES volunteers (network_id, id),
        FOREIGN KEY (network_id, registration_id, volunteer_id) REFERENCES registrations (network_id, id, volunteer_id),
        FOREIGN KEY (network_id, activity_id) REFERENCES activities (network_id, id),
        FOREIGN KEY (network_id, organizer_id) REFERENCES organizations (network_id, id),
        FOREIGN KEY (network_id, corrects_id, volunteer_id) REFERENCES service_records (network_id, id, volunteer_id),
        CHECK ((origin IS NULL) = (origin_id IS NULL)),
        CHECK (num_nonnulls(registration_id, origin) = 1),
        -- Hours lie inside the check-in interval.
        CHECK (registration_id IS NULL OR seconds <= extract(epoch FROM checked_out_at - checked_in_at))
      );
      -- Once a registration, each corrected at most once, each from elsewhere once.
      CREATE UNIQUE INDEX service_records_once ON service_records (network_id, registration_id) WHERE corrects_id IS NULL AND registration_id IS NOT NULL;
      CREATE UNIQUE INDEX service_records_corrected_once ON service_records (network_id, corrects_id) WHERE corrects_id IS NOT NULL;
      CREATE UNIQUE INDEX service_records_taken_once ON service_records (network_id, origin, origin_id) WHERE origin IS NOT NULL AND corrects_id IS NULL;
      CREATE INDEX service_records_by_volunteer ON service_records (network_id, volunteer_id, service_date DESC, id);
      CREATE INDEX service_records_by_activity ON service_records (network_id, activity_id, id) WHERE activity_id IS NOT NULL;
      CREATE INDEX service_records_by_organizer ON service_records (network_id, organizer_id, service_date);
      CREATE INDEX service_records_by_day ON service_records (network_id, service_date, id);
      CREATE INDEX service_records_readers ON service_records USING gin (readers);

      CALL app.guard('activities', 'SELECT, INSERT, UPDATE');
      CALL app.guard('activity_participations', 'SELECT, INSERT, UPDATE');
      CALL app.guard('activity_pledges', 'SELECT, INSERT, UPDATE, DELETE');
      CALL app.guard('activity_reports', 'SELECT, INSERT, UPDATE');
      CALL app.guard('shifts', 'SELECT, INSERT, UPDATE');
      CALL app.guard('shift_reservations', 'SELECT, INSERT, UPDATE, DELETE');
      CALL app.guard('volunteers', 'SELECT, INSERT, UPDATE');
      CALL app.guard('volunteer_counters', 'SELECT, INSERT, UPDATE');
      CALL app.guard('volunteer_personal', 'SELECT, INSERT, UPDATE, DELETE');
      CALL app.guard('volunteer_consents', 'SELECT, INSERT, UPDATE');
      CALL app.guard('registrations', 'SELECT, INSERT, UPDATE');
      CALL app.guard('service_records', 'SELECT, INSERT');

      ${historyWriters(
        HISTORY_WRITERS(
          `'Resource','Booking','Activity','Registration','Volunteer','RecruitmentCampaign','ServiceCertificate','CorrectionRequest','Need','Project',
           'Reward','Redemption','Wish','Recognition'`,
          ['calendar', 'join', 'bookings', 'activities', 'shifts', 'volunteers', 'records', 'needs', 'projects', 'points', 'recognitions']
            .map((door) => `app.door('${door}')`)
            .join(', '),
        ),
      )}
    `);
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ${historyWriters(HISTORY_WRITERS(`'Resource','Booking'`, `app.door('calendar'), app.door('join'), app.door('bookings')`))}
      DROP TABLE service_records, registrations, volunteer_consents, volunteer_personal, volunteer_counters, volunteers, shift_reservations, shifts,
        activity_reports, activity_pledges, activity_participations, activities;
    `);
  }
}
