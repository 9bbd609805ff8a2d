import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The doors: the few functions that work as the owner, each for one need of the platform that no policy can answer,
 * because it comes before a network or an actor is known. docs/doors.md says why each exists.
 */
export class Doors1764000000005 implements MigrationInterface {
  public async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Refusals of the gate carry SQLSTATE YN401 (who asks is not, or no longer, who they say) or YN404 (no such network).
      CREATE FUNCTION app.enter(p_network uuid, p_time_zone text, p_user uuid, p_organization uuid, p_role text,
          p_principals uuid[], p_now timestamptz) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
      BEGIN
        -- SET LOCAL rather than set_config: it reaches the workers of a distributed cluster too.
        EXECUTE format('SET LOCAL app.network_id = %L', p_network);
        EXECUTE format('SET LOCAL app.user_id = %L', coalesce(p_user::text, ''));
        EXECUTE format('SET LOCAL app.organization_id = %L', coalesce(p_organization::text, ''));
        EXECUTE format('SET LOCAL app.role = %L', coalesce(p_role, ''));
        EXECUTE format('SET LOCAL app.principals = %L', p_principals::text);
        EXECUTE format('SET LOCAL app.today = %L', (coalesce(p_now, now()) AT TIME ZONE p_time_zone)::date);
        EXECUTE format('SET LOCAL app.now = %L', coalesce(p_now, now()));
      END $$;

      CREATE FUNCTION app.begin_session(p_session uuid, p_user uuid, p_network text, p_membership uuid, p_role text, p_now timestamptz)
        RETURNS TABLE (network_id uuid, time_zone text, user_name text, user_locale text, membership_id uuid, organization_id uuid,
          organization_status text, role text, now timestamptz, today date, contract_ids uuid[], clause_ids uuid[],
          clause_contract_ids uuid[], names uuid[])
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
      #variable_conflict use_column
      DECLARE
        instant timestamptz := coalesce(p_now, pg_catalog.now());
      BEGIN
        names := '{}'; contract_ids := '{}'; clause_ids := '{}'; clause_contract_ids := '{}';
        IF p_session IS NOT NULL THEN
          SELECT u.display_name, u.locale INTO user_name, user_locale
            FROM sessions s JOIN users u ON u.id = s.user_id
            WHERE s.id = p_session AND s.user_id = p_user AND s.revoked_at IS NULL;
          IF NOT FOUND THEN RAISE EXCEPTION 'session ended' USING ERRCODE = 'YN401'; END IF;
          names := names || p_user;
        END IF;
        IF p_membership IS NOT NULL THEN
          SELECT n.id, n.time_zone, m.id, m.organization_id, o.status, m.role
            INTO network_id, time_zone, membership_id, organization_id, organization_status, role
            FROM memberships m JOIN networks n ON n.id = m.network_id
            JOIN organizations o ON o.network_id = m.network_id AND o.id = m.organization_id
            WHERE m.user_id = p_user AND m.id = p_membership AND m.status = 'ACTIVE';
          IF NOT FOUND OR role <> p_role THEN RAISE EXCEPTION 'membership ended or changed' USING ERRCODE = 'YN401'; END IF;
        ELSE
          SELECT n.id, n.time_zone INTO network_id, time_zone FROM networks n
            WHERE CASE WHEN p_network IS NULL THEN n.is_default ELSE n.code = p_network END;
          IF NOT FOUND THEN RAISE EXCEPTION 'no such network' USING ERRCODE = 'YN404'; END IF;
        END IF;
        now := instant;
        today := (instant AT TIME ZONE time_zone)::date;

        names := names || app.everybody(network_id);
        IF role IN ('STAFF','ADMIN','COMMITTEE') THEN
          names := names || organization_id;
          IF role <> 'STAFF' THEN names := names || app.principal('administrator', organization_id); END IF;
        END IF;
        IF organization_status = 'ACTIVE' AND role <> 'RESIDENT' THEN
          names := names || network_id;
          IF role IN ('STAFF','ADMIN','COMMITTEE') THEN
            names := names || app.principal('work', organization_id);
            IF role <> 'STAFF' THEN
              names := names || app.principal('administration', organization_id) || app.principal('contracting', network_id);
            END IF;
            IF role = 'COMMITTEE' THEN names := names || app.principal('committee', network_id); END IF;
            -- The keys: every contract in force that the organization is party to, and of these every grant made to it.
            SELECT coalesce(array_agg(DISTINCT c.id), '{}'), coalesce(array_agg(b.clause_id) FILTER (WHERE b.clause_id IS NOT NULL), '{}'),
                coalesce(array_agg(c.id) FILTER (WHERE b.clause_id IS NOT NULL), '{}')
              INTO contract_ids, clause_ids, clause_contract_ids
              FROM contract_parties p
              JOIN contracts c ON c.network_id = p.network_id AND c.id = p.contract_id
                AND app.contract_status(c.status, c.term_from, c.ends_on, today) = 'ACTIVE'
              LEFT JOIN contract_clause_beneficiaries b ON b.network_id = c.network_id AND b.contract_id = c.id
                AND b.organization_id = p.organization_id
              WHERE p.network_id = begin_session.network_id AND p.organization_id = begin_session.organization_id;
          END IF;
        END IF;
        -- The committee's name opens whatever a key would; its hub is party to most contracts, and each row is compared
        -- with every name.
        PERFORM app.enter(network_id, time_zone, p_user, organization_id, role,
          names || CASE WHEN role = 'COMMITTEE' THEN '{}' ELSE contract_ids || clause_ids END, p_now);
        RETURN NEXT;
      END $$;

      CREATE FUNCTION app.begin_door(p_network uuid, p_door text, p_user uuid, p_now timestamptz)
        RETURNS TABLE (network_id uuid, time_zone text, now timestamptz, today date)
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
      #variable_conflict use_column
      BEGIN
        SELECT n.id, n.time_zone INTO STRICT network_id, time_zone FROM networks n WHERE n.id = p_network;
        now := coalesce(p_now, pg_catalog.now());
        today := (now AT TIME ZONE time_zone)::date;
        PERFORM app.enter(network_id, time_zone, p_user, NULL, NULL, ARRAY[app.everybody(p_network), app.door(p_door)], p_now);
        RETURN NEXT;
      END $$;

      CREATE FUNCTION app.find_network(p_code text) RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
        SELECT id FROM networks WHERE CASE WHEN p_code IS NULL THEN is_default ELSE code = p_code END $$;

      CREATE FUNCTION app.list_networks() RETURNS TABLE (code text, name text) LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp AS $$ SELECT code, name FROM networks ORDER BY is_default DESC, code $$;

      CREATE FUNCTION app.find_credential(p_identifier text) RETURNS TABLE (user_id uuid, password_hash text)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT c.user_id, c.password_hash FROM credentials c JOIN users u ON u.id = c.user_id
        WHERE u.email = p_identifier::citext OR u.phone = p_identifier $$;

      CREATE FUNCTION app.password_hash_of(p_user uuid) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp AS $$ SELECT password_hash FROM credentials WHERE user_id = p_user $$;

      -- The membership a session acts by: the one asked for, else the first of the network asked for, else of any.
      CREATE FUNCTION app.choose_membership(p_user uuid, p_network text, p_membership uuid)
        RETURNS TABLE (network_id uuid, membership_id uuid, role text) LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
        SELECT m.network_id, m.id, m.role FROM memberships m
          JOIN networks n ON n.id = m.network_id
          JOIN organizations o ON o.network_id = m.network_id AND o.id = m.organization_id
        WHERE m.user_id = p_user AND m.status = 'ACTIVE'
        ORDER BY (m.id = p_membership) DESC NULLS LAST, (n.code = p_network) DESC NULLS LAST, n.is_default DESC, (o.status = 'ACTIVE') DESC,
          array_position(ARRAY['COMMITTEE','ADMIN','STAFF','VOLUNTEER','RESIDENT'], m.role), m.created_at, m.id
        LIMIT 1 $$;

      CREATE FUNCTION app.start_session(p_session uuid, p_user uuid, p_network text, p_refresh_hash bytea, p_expires timestamptz)
        RETURNS TABLE (network_id uuid, membership_id uuid, role text) LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
      #variable_conflict use_column
      BEGIN
        SELECT c.network_id, c.membership_id, c.role INTO network_id, membership_id, role
          FROM app.choose_membership(p_user, p_network, NULL) c;
        INSERT INTO sessions (id, user_id, network_id, membership_id) VALUES (p_session, p_user, network_id, membership_id);
        INSERT INTO refresh_tokens (hash, session_id, expires_at) VALUES (p_refresh_hash, p_session, p_expires);
        RETURN NEXT;
      END $$;

      CREATE FUNCTION app.rotate_refresh_token(p_hash bytea, p_new_hash bytea, p_expires timestamptz)
        RETURNS TABLE (outcome text, session_id uuid, user_id uuid, network_id uuid, membership_id uuid, role text)
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
      #variable_conflict use_column
      DECLARE token refresh_tokens; family sessions;
      BEGIN
        SELECT * INTO token FROM refresh_tokens WHERE hash = p_hash FOR UPDATE;
        IF NOT FOUND THEN outcome := 'UNKNOWN'; RETURN NEXT; RETURN; END IF;
        SELECT * INTO family FROM sessions WHERE id = token.session_id FOR UPDATE;
        IF family.revoked_at IS NOT NULL THEN outcome := 'ENDED';
        ELSIF token.used_at IS NOT NULL THEN
          UPDATE sessions SET revoked_at = now(), revoked_because = 'REUSED' WHERE id = family.id;
          outcome := 'REUSED';
        ELSIF token.expires_at < now() THEN outcome := 'EXPIRED';
        ELSE
          outcome := 'ROTATED'; session_id := family.id; user_id := family.user_id;
          SELECT c.network_id, c.membership_id, c.role INTO network_id, membership_id, role
            FROM app.choose_membership(family.user_id, NULL, family.membership_id) c;
          UPDATE refresh_tokens SET used_at = now() WHERE hash = p_hash;
          INSERT INTO refresh_tokens (hash, session_id, expires_at) VALUES (p_new_hash, family.id, p_expires);
          UPDATE sessions s SET network_id = rotate_refresh_token.network_id, membership_id = rotate_refresh_token.membership_id WHERE s.id = family.id;
          -- Used tokens stay as long as they could be replayed.
          DELETE FROM refresh_tokens r WHERE r.session_id = family.id AND r.expires_at < now();
        END IF;
        RETURN NEXT;
      END $$;

      CREATE FUNCTION app.end_session(p_user uuid, p_session uuid, p_refresh_hash bytea) RETURNS boolean
        LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        UPDATE sessions SET revoked_at = now(), revoked_because = 'SIGNED_OUT'
        WHERE revoked_at IS NULL AND ((id = p_session AND user_id = p_user)
          OR id = (SELECT session_id FROM refresh_tokens WHERE hash = p_refresh_hash))
        RETURNING true $$;

      CREATE FUNCTION app.act_as(p_user uuid, p_session uuid, p_membership uuid)
        RETURNS TABLE (network_id uuid, membership_id uuid, role text) LANGUAGE sql SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
        UPDATE sessions s SET network_id = m.network_id, membership_id = m.id FROM memberships m
        WHERE s.id = p_session AND s.user_id = p_user AND s.revoked_at IS NULL
          AND m.id = p_membership AND m.user_id = p_user AND m.status = 'ACTIVE'
        RETURNING m.network_id, m.id, m.role $$;

      -- A changed password ends every other session of the person.
      CREATE FUNCTION app.change_password(p_user uuid, p_session uuid, p_password_hash text) RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
      BEGIN
        UPDATE credentials SET password_hash = p_password_hash, changed_at = now() WHERE user_id = p_user;
        UPDATE sessions SET revoked_at = now(), revoked_because = 'PASSWORD_CHANGED'
          WHERE user_id = p_user AND id <> p_session AND revoked_at IS NULL;
      END $$;

      -- Who reads a person's row: the person, the staff of the own organizations, the committees of their networks.
      CREATE FUNCTION app.refresh_user_readers(p_user uuid) RETURNS void LANGUAGE sql SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
        UPDATE users SET readers = ARRAY[p_user] || (
          SELECT coalesce(array_agg(DISTINCT r), '{}') FROM memberships m,
            unnest(ARRAY[m.organization_id, app.principal('committee', m.network_id)]) AS r
          WHERE m.user_id = p_user AND m.status <> 'ENDED')
        WHERE id = p_user $$;

      -- A person without a password yet: invited, or applying for an organization. False when e-mail or phone is taken.
      CREATE FUNCTION app.create_user(p_user uuid, p_display_name text, p_locale text, p_email text, p_phone text,
          p_password_hash text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
      BEGIN
        INSERT INTO users (id, display_name, locale, email, phone, readers)
          VALUES (p_user, p_display_name, p_locale, p_email::citext, p_phone, ARRAY[p_user]);
        IF p_password_hash IS NOT NULL THEN
          INSERT INTO credentials (user_id, password_hash) VALUES (p_user, p_password_hash);
        END IF;
        RETURN true;
      EXCEPTION WHEN unique_violation THEN RETURN false;
      END $$;

      -- Answers an invitation by its code: as the signed-in person, or as a new one with a password. Outcomes: ACCEPTED,
      -- UNKNOWN (no such code, or used), EXPIRED, TAKEN (an account has the address: sign in first), MEMBER (is one already).
      CREATE FUNCTION app.accept_invitation(p_code_hash bytea, p_user uuid, p_display_name text, p_locale text, p_password_hash text,
          p_now timestamptz)
        RETURNS TABLE (outcome text, network_id uuid, membership_id uuid, user_id uuid, organization_id uuid)
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
      #variable_conflict use_column
      DECLARE invited invitations; invitee memberships;
      BEGIN
        SELECT * INTO invited FROM invitations WHERE code_hash = p_code_hash FOR UPDATE;
        IF NOT FOUND THEN outcome := 'UNKNOWN'; RETURN NEXT; RETURN; END IF;
        IF invited.expires_at < coalesce(p_now, now()) THEN outcome := 'EXPIRED'; RETURN NEXT; RETURN; END IF;
        SELECT * INTO STRICT invitee FROM memberships m
          WHERE m.network_id = invited.network_id AND m.id = invited.membership_id FOR UPDATE;
        IF invitee.status <> 'INVITED' THEN outcome := 'UNKNOWN'; RETURN NEXT; RETURN; END IF;
        network_id := invited.network_id; membership_id := invited.membership_id; organization_id := invited.organization_id;
        IF p_user IS NULL THEN
          user_id := invitee.user_id;
          BEGIN
            UPDATE users u SET display_name = coalesce(p_display_name, u.display_name), locale = p_locale,
              email = invited.email, phone = invited.phone WHERE u.id = invitee.user_id;
            INSERT INTO credentials (user_id, password_hash) VALUES (invitee.user_id, p_password_hash);
          EXCEPTION WHEN unique_violation THEN outcome := 'TAKEN'; RETURN NEXT; RETURN;
          END;
        ELSE
          user_id := p_user;
          IF EXISTS (SELECT FROM memberships m WHERE m.network_id = invited.network_id
              AND m.organization_id = invited.organization_id AND m.user_id = p_user AND m.status <> 'ENDED') THEN
            outcome := 'MEMBER'; RETURN NEXT; RETURN;
          END IF;
        END IF;
        UPDATE memberships m SET status = 'ACTIVE', user_id = accept_invitation.user_id, version = m.version + 1
          WHERE m.network_id = invited.network_id AND m.id = invited.membership_id;
        DELETE FROM invitations i WHERE i.network_id = invited.network_id AND i.membership_id = invited.membership_id;
        IF p_user IS NOT NULL THEN DELETE FROM users u WHERE u.id = invitee.user_id; END IF;
        PERFORM app.refresh_user_readers(user_id);
        outcome := 'ACCEPTED';
        RETURN NEXT;
      END $$;

      -- The networks where the calendar has moved a contract since it was last written down.
      CREATE FUNCTION app.networks_with_due_contracts(p_now timestamptz) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
        SELECT DISTINCT c.network_id FROM contracts c JOIN networks n ON n.id = c.network_id
        WHERE c.status IN ('SIGNED','ACTIVE','SUSPENDED') AND c.status <> app.contract_status(c.status, c.term_from, c.ends_on,
          (coalesce(p_now, now()) AT TIME ZONE n.time_zone)::date) $$;

      -- What acceptance and the calendar write as the owner.
      DO $$ DECLARE t text; BEGIN
        FOREACH t IN ARRAY ARRAY['memberships', 'invitations'] LOOP
          EXECUTE format('CREATE POLICY answering ON %I FOR UPDATE TO %I USING (true) WITH CHECK (true)', t, current_user);
        END LOOP;
        EXECUTE format('CREATE POLICY answered ON invitations FOR DELETE TO %I USING (true)', current_user);
      END $$;

      DO $$
      DECLARE f regprocedure;
      BEGIN
        FOR f IN SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE n.nspname = 'app' AND p.prosecdef LOOP
          EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
          EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', f, current_setting('youth.application_role'));
        END LOOP;
      END $$;
    `);
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP POLICY answering ON memberships;
      DROP POLICY answering ON invitations;
      DROP POLICY answered ON invitations;
      DROP FUNCTION app.networks_with_due_contracts, app.accept_invitation, app.create_user, app.refresh_user_readers,
        app.change_password, app.act_as, app.end_session, app.rotate_refresh_token, app.start_session, app.choose_membership,
        app.password_hash_of, app.find_credential, app.list_networks, app.find_network, app.begin_door, app.begin_session, app.enter;
    `);
  }
}
