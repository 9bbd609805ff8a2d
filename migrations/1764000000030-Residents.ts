import type { MigrationInterface, QueryRunner } from 'typeorm';

const RESIDENTS_NAME = {
  given: "IF organization_status = 'ACTIVE' AND role = 'RESIDENT' THEN names := names || app.principal('resident', network_id); END IF;",
  kept: '',
};

/** How a session begins. @param residents whether residents answer to a name of their network's */
const beginSession = (residents: boolean): string => `
  CREATE OR REPLACE FUNCTION app.begin_session(p_session uuid, p_user uuid, p_network text, p_membership uuid, p_role text, p_now timestamptz)
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
    ${RESIDENTS_NAME[residents ? 'given' : 'kept']}
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
  END $$;`;

/** Residents of a network read what is for those who belong to it, such as activities that are open to the network. */
export class Residents1764000000030 implements MigrationInterface {
  public async up(runner: QueryRunner): Promise<void> {
    await runner.query(beginSession(true));
  }

  public async down(runner: QueryRunner): Promise<void> {
    await runner.query(beginSession(false));
  }
}
